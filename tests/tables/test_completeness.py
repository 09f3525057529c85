"""Aggregation by key: members that the table does not hold are missed, where a list is valid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from begleitforschung import read_indicators
from begleitforschung.regions import gazetteer
from begleitforschung.tables import Indicator, indicators

RAW = Path(__file__).parents[2] / "data" / "raw" / "destatis_gv"
POP = Indicator(id="pop", title="Bevölkerung", aggregation="sum")


def summed(units, to, state="2024-12-31", coverage=1.0, values=1.0):
    frame = pd.DataFrame({"unit": list(units), "year": 2024, "pop": values})
    table = indicators(frame, indicators=[POP], gebietsstand=state)
    result = table.aggregate(to, coverage=coverage)
    cells = result.data.set_index("unit")
    return cells["value"], cells["status"].astype(str), [f.rule for f in result.findings]


def listed(level, start=""):
    units = gazetteer()
    return units[(units["level"] == level) & units["key"].str.startswith(start)]


@pytest.mark.parametrize("to", ["land", "germany"])
@pytest.mark.parametrize("state", ["2021-07-01", "2022-12-31", "2024-12-31"])
def test_two_of_fifteen_counties_are_no_land(to, state):
    value, status, rules = summed(["01001", "01002"], to, state)
    assert status.tolist() == ["missing"]
    assert value.isna().all()
    assert rules == ["aggregate.missing"]


def test_part_of_the_counties_is_partial_on_request():
    value, status, rules = summed(["01001", "01002"], "land", coverage=2 / 15)
    assert (value["01"], status["01"], rules) == (2.0, "partial", ["aggregate.partial"])
    assert summed(["01001", "01002"], "land", coverage=0.14)[1]["01"] == "missing"


@pytest.mark.parametrize("state", ["unknown", "2021-06-30", "2025-12-31"])
def test_where_no_list_is_valid_that_is_said_once(state):
    value, status, rules = summed(["01001", "01002"], "land", state)
    assert (value["01"], status["01"]) == (2.0, "normal")
    assert rules == ["aggregate.completeness_unknown"]


def test_municipalities_are_known_at_one_state_only():
    some = listed("gemeinde", "01051")["key"].tolist()[1:]
    assert summed(some, "kreis")[1]["01051"] == "missing"
    assert summed(some, "kreis", "2023-12-31")[1]["01051"] == "normal"


def test_regional_keys_meet_the_same_list():
    units = listed("gemeinde", "01051")
    ars = (units["key"].str[:5] + units["verband"] + units["key"].str[5:]).tolist()
    assert summed(ars, "kreis")[1:][0]["01051"] == "normal"
    assert summed(ars[1:], "kreis")[1]["01051"] == "missing"


@pytest.mark.parametrize("empty", ["left out", "without figures", "zero"])
def test_uninhabited_areas_need_no_figures(empty):
    units = listed("gemeinde", "09")
    nobody = (units["kind"] == "66").to_numpy()
    assert nobody.any()
    values = np.where(nobody, 0.0 if empty == "zero" else np.nan, 1.0)
    if empty == "left out":
        units, values = units[~nobody], values[~nobody]
    value, status, rules = summed(units["key"], "kreis", values=values)
    assert set(status) == {"normal"}
    assert value.sum() == (values == 1).sum()
    assert rules == []


@pytest.mark.parametrize("state", ["2021-12-31", "2024-12-31"])
def test_shipped_tables_are_complete(state):
    table = read_indicators(RAW / state / "gemeinden.csv")
    allowed = [name for name, item in table.indicators.items() if item.aggregation == "sum"]
    table = table.select(indicators=allowed, level="gemeinde")
    counties = table.aggregate("kreis")
    assert len(counties.units) == 400
    whole = (table.aggregate("germany"), counties.aggregate("germany"))
    assert all(set(item.data["status"]) == {"normal"} for item in (counties, *whole))
    rules = {finding.rule for finding in counties.findings}
    assert ("aggregate.completeness_unknown" in rules) == (state == "2021-12-31")
