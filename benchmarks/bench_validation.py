"""How long it takes to check 2.2 million figures by the standard rules and to correct some."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.regions import gazetteer
from begleitforschung.tables import Indicator, IndicatorTable, indicators
from begleitforschung.validation import Correction, Corrections, apply_corrections, validate

YEARS, INDICATORS = 20, 10


def _table(*, broken: float) -> IndicatorTable:
    listed = gazetteer()
    units = sorted(listed.loc[listed["level"] == "gemeinde", "key"])
    generator = np.random.default_rng(1)
    n = len(units) * YEARS * INDICATORS
    value = generator.normal(100, 5, n)
    value[generator.random(n) < broken] *= -1
    names = [f"i{number}" for number in range(INDICATORS)]
    unit = np.repeat(np.arange(len(units)), YEARS * INDICATORS)
    frame = pd.DataFrame(
        {
            "unit": pd.Categorical.from_codes(unit, units),
            "year": np.tile(np.repeat(np.arange(2005, 2005 + YEARS), INDICATORS), len(units)),
            "indicator": pd.Categorical.from_codes(np.arange(n) % INDICATORS, names),
            "value": value,
        }
    )
    meanings = [
        Indicator(id=name, title={"de": name}, aggregation="sum", valid_min=0) for name in names
    ]
    return indicators(frame, indicators=meanings, gebietsstand="2024-12-31")


@pytest.fixture(scope="module")
def sound() -> IndicatorTable:
    return _table(broken=0)


def test_standard_rules_on_figures_in_order(benchmark, sound: IndicatorTable) -> None:
    report = benchmark.pedantic(validate, (sound,), rounds=3)
    assert len(sound) > 2_100_000
    assert report.ok


def test_standard_rules_on_a_file_with_one_percent_broken(benchmark) -> None:
    table = _table(broken=0.01)
    report = benchmark.pedantic(validate, (table,), rounds=3)
    assert report.counts["error"] > 20_000


def test_a_hundred_corrections(benchmark, sound: IndicatorTable) -> None:
    rows = sound.data.iloc[:: len(sound) // 100]
    entries = tuple(
        Correction(
            unit=row.unit,
            year=row.year,
            indicator=row.indicator,
            field="value",
            old=repr(row.value),
            new="1",
            reason="made up",
            author="benchmark",
            date="2026-11-20",
        )
        for row in rows.itertuples()
    )
    corrections = Corrections(
        entries=entries, file="made_up.csv", sha256="0" * 64, rows=tuple(range(2, 2 + len(entries)))
    )
    _, findings = benchmark.pedantic(apply_corrections, (sound, corrections), rounds=3)
    assert {item.rule for item in findings} == {"correction.applied"}
