"""How long KPIs of all municipalities take: 43 KPIs, 11,000 units, 20 years."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from begleitforschung.frameworks import Framework, load_framework
from begleitforschung.kpis import compute_kpis
from begleitforschung.tables import IndicatorTable, indicators

UNITS, YEARS = 11_000, 20


def _table(names: list[str]) -> IndicatorTable:
    units = [f"{land:02d}{place:06d}" for land in range(1, 12) for place in range(1000)]
    generator = np.random.default_rng(1)
    codes = np.tile(np.repeat(np.arange(UNITS), YEARS), len(names))
    frame = pd.DataFrame(
        {
            "unit": pd.Categorical.from_codes(codes, units),
            "year": np.tile(np.arange(2004, 2004 + YEARS), UNITS * len(names)),
            "indicator": pd.Categorical.from_codes(
                np.repeat(np.arange(len(names)), UNITS * YEARS), names
            ),
            "value": generator.uniform(1, 100, len(codes)),
        }
    )
    return indicators(frame)


@pytest.fixture(scope="module")
def sdg() -> Framework:
    return load_framework("sdg_kommunen")


def test_published_values(benchmark, sdg: Framework) -> None:
    table = _table([kpi.code for kpi in sdg])
    result = benchmark.pedantic(compute_kpis, (table, sdg), rounds=3, warmup_rounds=1)
    assert result.table["value"].notna().sum() == 43 * UNITS * YEARS


def test_formulas(benchmark, sdg: Framework) -> None:
    formulas = replace(sdg, mappings=())
    table = _table([item.variable for item in sdg.variables])
    result = benchmark.pedantic(compute_kpis, (table, formulas), rounds=3, warmup_rounds=1)
    assert len(result.fed) == 38
