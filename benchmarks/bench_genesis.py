"""Older GENESIS tables, beside plain `pandas.read_csv` of the same rows without any check."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from begleitforschung.loaders import read_indicators

FOLDER = Path(__file__).resolve().parents[2] / "shared/data/genesis"
CLASSIC = FOLDER / "classic/71517-03-02-4_00.csv"
FLAT = FOLDER / "ffcsv_old/AI-N-01-2-5_0_flat_old.csv"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="'../shared' is not there")


@pytest.mark.parametrize(("path", "rows"), [(CLASSIC, 73_220), (FLAT, 27_820)])
def test_read(benchmark, path, rows):
    table = benchmark.pedantic(read_indicators, args=(path,), rounds=5, warmup_rounds=1)
    assert len(table) == rows


def _classic() -> pd.DataFrame:
    frame = pd.read_csv(CLASSIC, sep=";", skiprows=8, nrows=10_520, header=None, dtype=str)
    long = frame.melt(id_vars=[0, 1, 2])
    return long.assign(value=pd.to_numeric(long["value"].str.replace(",", "."), errors="coerce"))


def _flat() -> pd.DataFrame:
    frame = pd.read_csv(FLAT, sep=";", dtype=str)
    long = frame.melt(id_vars=list(frame.columns[:9]))
    return long.assign(value=pd.to_numeric(long["value"].str.replace(",", "."), errors="coerce"))


@pytest.mark.parametrize("read", [_classic, _flat])
def test_pandas_alone(benchmark, read):
    assert len(benchmark.pedantic(read, rounds=5, warmup_rounds=1)) > 20_000
