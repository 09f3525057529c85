"""How long the steps of an index take: 11,000 units and 60 indicators, half of them skewed."""

from __future__ import annotations

import numpy as np
import pytest

from begleitforschung.stats.indices.impute import impute_columns, impute_groups, impute_rows
from begleitforschung.stats.indices.normalise import minmax, rank, zscore
from begleitforschung.stats.indices.panel import impute_panel
from begleitforschung.stats.indices.treat import apply_treatment, plan_treatment, plan_treatments


@pytest.fixture(scope="module")
def units() -> np.ndarray:
    generator = np.random.default_rng(1)
    x = generator.normal(size=(11_000, 60))
    x[:, ::2] = np.exp(x[:, ::2])
    x[generator.random(x.shape) < 0.02] = np.nan
    return x


@pytest.mark.parametrize("method", [minmax, zscore, rank])
def test_normalise(benchmark, units, method):
    found = benchmark(method, units)
    assert found.shape == units.shape


def test_treat(benchmark, units):
    found = benchmark(lambda: apply_treatment(units, plan_treatment(units)))
    assert found.shape == units.shape


def test_treatments_for_five_limits(benchmark, units):
    plans = benchmark(plan_treatments, units, [1, 2, 3, 4, 5])
    assert len(plans) == 5


@pytest.mark.parametrize("method", [impute_columns, impute_rows])
def test_impute(benchmark, units, method):
    assert not np.isnan(benchmark(method, units)).any()


def test_impute_by_group(benchmark, units):
    codes = np.arange(len(units)) % 16
    assert not np.isnan(benchmark(impute_groups, units, codes)).any()


def test_impute_25_years_of_400_units(benchmark, units):
    rows = units[:10_000]
    found = benchmark(impute_panel, rows, np.arange(10_000) // 25, np.arange(10_000) % 25, "linear")
    assert not np.isnan(found.values).any()
