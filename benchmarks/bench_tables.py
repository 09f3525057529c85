"""2.2 million figures: memory of an `IndicatorTable`, its construction and its validation."""

import numpy as np
import pandas as pd
import pytest

from begleitforschung.tables import indicators
from begleitforschung.tables.schema import check_table

UNITS, YEARS, INDICATORS = 10_978, 20, 10


@pytest.fixture(scope="module")
def frame():
    units = [f"{land:02d}{i:06d}" for land in range(1, 17) for i in range(1, 690)][:UNITS]
    size = UNITS * YEARS * INDICATORS
    return pd.DataFrame(
        {
            "unit": np.repeat(units, YEARS * INDICATORS),
            "year": np.tile(np.repeat(np.arange(2004, 2004 + YEARS), INDICATORS), UNITS),
            "indicator": np.tile([f"i{k}" for k in range(INDICATORS)], UNITS * YEARS),
            "value": np.random.default_rng(0).normal(size=size),
        }
    )


@pytest.fixture(scope="module")
def table(frame):
    return indicators(frame, gebietsstand="2021-12-31")


def test_memory(table):
    size = table.data.memory_usage(deep=True).sum() / 1e6
    print(f"\n{len(table):,} figures: {size:.1f} MB")
    assert size <= 60


def test_validate(benchmark, table):
    benchmark.pedantic(check_table, args=(table.data, table.indicators), rounds=5, warmup_rounds=1)


def test_construct(benchmark, frame):
    benchmark.pedantic(indicators, args=(frame,), rounds=3)


def test_select(benchmark, table):
    benchmark.pedantic(table.select, kwargs={"years": range(2015, 2020)}, rounds=3)
