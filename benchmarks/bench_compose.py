"""How long an index takes: the ASEM chain, 11,000 units, 25 years; beside plain NumPy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.composite.chain import run_steps
from begleitforschung.composite.reading import read_figures
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step

FOLDER = Path(__file__).resolve().parents[2] / "shared/reference/composite/ref/asem"
UNITS, INDICATORS = 11_000, 60
STEPS = (
    Step("impute", Method("group_mean", group="Grp")),
    Step("treat", Method("winsorise", winmax=5)),
    Step("normalise", "minmax"),
    Step("aggregate", "arithmetic"),
)


def _figures(units: int, year: int, seed: int = 20240600) -> pd.DataFrame:
    """Return made-up figures: each fourth indicator skewed, each sixth better if low, 4 % gaps."""
    rng = np.random.default_rng(seed)
    common, group = rng.normal(size=(units, 4)), rng.integers(0, 8, units)
    values = np.empty((units, INDICATORS))
    for j in range(INDICATORS):
        sign = -1 if j % 6 == 5 else 1
        z = 0.6 * common[:, j // 15] * sign + 0.8 * rng.normal(size=units)
        values[:, j] = np.exp(1.1 * z) * 10 if j % 4 == 3 else 50 + 10 * z
    values[rng.random(values.shape) < 0.04] = np.nan
    frame = pd.DataFrame(values, columns=[f"I{j + 1:02d}" for j in range(INDICATORS)])
    frame["unit"] = [f"U{i:05d}" for i in range(units)]
    return frame.assign(Grp=[f"G{g}" for g in group], year=year)


@pytest.fixture(scope="module")
def spec() -> IndexSpec:
    indicators = tuple(
        IndicatorSpec(
            id=f"I{j + 1:02d}",
            parent=f"P{j // 5 + 1:02d}",
            direction="lower" if j % 6 == 5 else "higher",
        )
        for j in range(INDICATORS)
    )
    pillars = tuple(NodeSpec(id=f"P{k + 1:02d}", parent=f"S{k // 3 + 1}") for k in range(12))
    upper = tuple(NodeSpec(id=f"S{k + 1}", parent="Index") for k in range(4))
    return IndexSpec(
        id="sim", indicators=indicators, nodes=(*pillars, *upper, NodeSpec(id="Index")), steps=STEPS
    )


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return _figures(UNITS, 2020)


def test_numbers_alone(benchmark, figures, spec):
    start = read_figures(figures, spec).state
    states = benchmark(run_steps, start, spec)
    assert states[-1].scores.shape == (UNITS, INDICATORS + 17)


def test_with_tables_and_provenance(benchmark, figures, spec):
    result = benchmark(compose, figures, spec)
    assert len(result.table) == 17 * UNITS


def test_25_years_each_for_itself(benchmark, spec):
    years = pd.concat([_figures(UNITS, year, seed=year) for year in range(2000, 2025)])
    result = benchmark.pedantic(compose, (years, spec), rounds=2)
    assert len(result.years) == 25


def test_25_years_pooled(benchmark, spec):
    years = pd.concat([_figures(UNITS, year, seed=year) for year in range(2000, 2025)])
    result = benchmark.pedantic(compose, (years, spec.replace(years="pooled")), rounds=2)
    assert len(result.years) == 25


def test_normalise_and_aggregate_in_plain_numpy(benchmark, figures, spec):
    """The least that any program must do: min-max and one product, without gaps and outliers."""
    x = figures.iloc[:, :INDICATORS].to_numpy()
    x = np.where(np.isnan(x), np.nanmean(x, axis=0), x)
    weights = spec.tree.effective()[:INDICATORS]

    def least() -> np.ndarray:
        low = x.min(axis=0)
        return ((x - low) / (x.max(axis=0) - low)) @ weights

    assert benchmark(least).shape == (UNITS,)


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder '../shared' is not there")
def test_asem_example(benchmark):
    meta = pd.read_csv(FOLDER / "00_meta_ind_sorted.csv")
    leaves, inner = (meta[meta["Type"] == kind] for kind in ("Indicator", "Aggregate"))
    indicators = tuple(
        IndicatorSpec(
            id=row.iCode,
            parent=row.Parent,
            direction="higher" if row.Direction > 0 else "lower",
            denominator=row.Denominator if isinstance(row.Denominator, str) else None,
        )
        for row in leaves.itertuples()
    )
    nodes = tuple(
        NodeSpec(id=row.iCode, parent=row.Parent if isinstance(row.Parent, str) else "")
        for row in inner.itertuples()
    )
    steps = (
        Step("denominate", "ratio"),
        Step("impute", Method("group_mean", group="EurAsia_group")),
        Step("screen", Method("coverage", min_share=0.9)),
        *STEPS[1:],
    )
    spec = IndexSpec(id="asem", indicators=indicators, nodes=nodes, steps=steps)
    data = pd.read_csv(FOLDER / "input_iData.csv").rename(columns={"uCode": "unit", "Time": "year"})
    assert len(benchmark(compose, data, spec).units) == 51
