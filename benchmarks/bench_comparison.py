"""How long comparisons take: all counties, 30 indicators, 28 years, and all municipalities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.comparison import compare
from begleitforschung.regions import gazetteer
from begleitforschung.tables import Indicator, IndicatorTable, indicators


def _table(level: str, n_indicators: int, years: range) -> IndicatorTable:
    listed = gazetteer()
    units = listed.loc[listed["level"] == level, "key"]
    index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    generator = np.random.default_rng(1)
    names = [f"i{number:02d}" for number in range(n_indicators)]
    values = generator.uniform(1, 100, (len(index), n_indicators))
    frame = pd.DataFrame(values, index=index, columns=names)
    frame["population"] = generator.integers(100, 100_000, len(index))
    meanings = [Indicator(id=n, title=n, aggregation="mean", weight="population") for n in names]
    meanings.append(Indicator(id="population", title="Bevölkerung", aggregation="sum"))
    return indicators(frame.reset_index(), indicators=meanings, gebietsstand="2024-12-31")


@pytest.fixture(scope="module")
def counties() -> IndicatorTable:
    return _table("kreis", 30, range(1995, 2023))


@pytest.fixture(scope="module")
def municipalities() -> IndicatorTable:
    return _table("gemeinde", 3, range(2015, 2025))


@pytest.mark.parametrize("by", ["mpsc", "kreistyp", "staffel"])
def test_all_counties_30_indicators_28_years(benchmark, counties, by):
    result = benchmark.pedantic(compare, (counties,), {"by": by}, rounds=3)
    assert len(result.table) == len(result.labels) * 31 * 28


@pytest.mark.parametrize("to", ["kreis", "project"])
def test_aggregate_all_municipalities_10_years(benchmark, municipalities, to):
    result = benchmark.pedantic(municipalities.aggregate, (to,), rounds=3)
    assert len(result.years) == 10
