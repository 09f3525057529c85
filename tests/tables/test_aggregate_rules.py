"""Aggregation against the plain definition, worked out cell by cell, and all that it remarks."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import AggregationError
from begleitforschung.tables import Indicator, indicators, statuses
from begleitforschung.tables.aggregate import member_cells, rule_problems

POP = Indicator(id="pop", title="Bevölkerung", aggregation="sum")
RATE = Indicator(id="rate", title="Quote", aggregation="mean", weight="pop")
UNITS = ("01058001", "01059001", "01059002", "01059003")
YEARS = (2020, 2021)


def make(rows, meanings=(POP, RATE)):
    """Rows of (unit, year, indicator, value, status)."""
    frame = pd.DataFrame(rows, columns=["unit", "year", "indicator", "value", "status"])
    frame["value"] = frame["value"].astype("float64")
    return indicators(frame, indicators=meanings, gebietsstand="2021-12-31")


def cells(table):
    keys = zip(table.data["unit"], table.data["year"], table.data["indicator"], strict=True)
    return dict(zip(keys, zip(table.data["value"], table.data["status"], strict=True), strict=True))


# The definition in plain Python ---------------------------------------------------------------


def expected(rows, county, year, name, coverage):
    """Value of a cell by the words of the documentation, in exact fractions; None is missing."""
    held = {(u, i): (v, s) for u, y, i, v, s in rows if y == year}
    inside = [u for u in sorted({u for u, *_ in rows}) if u.startswith(county)]
    lived = [u for u in inside if held.get((u, name), (0, ""))[1] != "not_existing"]
    given_ = {u: held[u, name][0] for u in lived if (u, name) in held}
    known = {u: Fraction(v) for u, v in given_.items() if not math.isnan(v)}
    if name == "pop":
        share = Fraction(len(known), len(lived)) if lived else None
        value = sum(known.values()) if known else None
    else:
        weights = {u: held.get((u, "pop"), (math.nan, ""))[0] for u in inside}
        known = {u: v for u, v in known.items() if not math.isnan(weights[u])}
        total = sum(Fraction(w) for w in weights.values() if not math.isnan(w))
        used = sum(Fraction(weights[u]) for u in known)
        there = all(
            not math.isnan(weights[u])
            for u in inside
            if held.get((u, "pop"), (0, ""))[1] != "not_existing"
        )
        share = used / total if there and total else Fraction(0)
        value = sum(v * Fraction(weights[u]) for u, v in known.items()) / used if used else None
    reached = share is not None and float(share) >= coverage - 1e-12
    return float(value) if value is not None and reached else None


figure = st.one_of(
    st.tuples(st.integers(0, 1000).map(float), st.just("normal")),
    st.just((math.nan, "missing")),
    st.just((math.nan, "not_existing")),
)


@settings(max_examples=40)
@given(
    st.fixed_dictionaries(
        {}, optional={(u, y, i): figure for u in UNITS for y in YEARS for i in ("pop", "rate")}
    ).filter(bool),
    st.sampled_from([0.0, 0.3, 0.5, 2 / 3, 1.0]),
)
def test_every_cell_is_what_the_definition_says(drawn, coverage):
    rows = [(*key, *value) for key, value in drawn.items()]
    names = {i for _, _, i in drawn}
    if "pop" not in names:
        rows.append((UNITS[0], 2020, "pop", 1.0, "normal"))
    table = make(rows)
    found = cells(table.aggregate("kreis", coverage=coverage))
    present = {(y, i) for _, y, i, *_ in rows}
    counties = {u[:5] for u, *_ in rows}
    assert set(found) == {(c, y, i) for c in counties for y, i in present}
    for (county, year, name), (value, status) in found.items():
        wanted = expected(rows, county, year, name, coverage)
        assert (status in ("missing", "not_existing")) == math.isnan(value) == (wanted is None)
        if wanted is not None:
            assert value == pytest.approx(wanted, rel=1e-12, abs=1e-12)


# Statuses -------------------------------------------------------------------------------------

ORDER = ("preliminary", "limited", "rebased", "estimated", "imputed", "partial")


@pytest.mark.parametrize(("weaker", "stronger"), list(zip(ORDER[1:], ORDER[:-1], strict=True)))
def test_the_weaker_of_two_statuses_is_handed_on_wherever_it_stands(weaker, stronger):
    for pair in ((weaker, stronger), (stronger, weaker)):
        rows = [(UNITS[at], 2020, "pop", 1.0, status) for at, status in enumerate(pair, start=1)]
        assert cells(make(rows, [POP]).aggregate("kreis"))["01059", 2020, "pop"][1] == weaker


@pytest.mark.parametrize("code", list(statuses()))
def test_what_each_status_of_one_member_makes_of_the_sum(code):
    value = {"required": 2.0, "zero": 0.0, "absent": math.nan}[statuses()[code].value]
    rows = [(UNITS[1], 2020, "pop", 1.0, "normal"), (UNITS[2], 2020, "pop", value, code)]
    found = cells(make(rows, [POP]).aggregate("kreis", coverage=0.5))["01059", 2020, "pop"]
    if code in ORDER:
        assert found == (3.0, code)
    elif code == "not_existing":
        assert found == (1.0, "normal")  # who did not exist is not lacking
    elif statuses()[code].value == "absent":
        assert found == (1.0, "partial")
    else:
        assert found == (1.0 + value, "normal")


def test_a_status_stays_in_its_group_year_and_indicator():
    rows = [
        (UNITS[0], 2020, "pop", 1.0, "normal"),
        (UNITS[1], 2020, "pop", 1.0, "estimated"),
        (UNITS[1], 2021, "pop", 1.0, "normal"),
        (UNITS[1], 2020, "rate", 1.0, "normal"),
    ]
    found = {key: status for key, (_, status) in cells(make(rows).aggregate("kreis")).items()}
    assert found["01059", 2020, "pop"] == "estimated"
    assert found["01058", 2020, "pop"] == found["01059", 2021, "pop"] == "normal"
    assert found["01059", 2020, "rate"] == "normal"


# Coverage -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coverage", "status"),
    [(0, "partial"), (0.3, "partial"), (1 / 3, "partial"), (0.34, "missing"), (1, "missing")],
)
def test_a_share_that_is_just_reached_is_reached(coverage, status):
    rows = [(UNITS[at], 2020, "pop", math.nan, None) for at in (1, 2)]
    rows.append((UNITS[3], 2020, "pop", 5.0, None))
    found = cells(make(rows, [POP]).aggregate("kreis", coverage=coverage))
    assert found["01059", 2020, "pop"][1] == status


@pytest.mark.parametrize("coverage", [-0.01, 1.01, math.nan, math.inf])
def test_a_coverage_that_is_no_share_is_refused(coverage):
    table = make([(UNITS[0], 2020, "pop", 1.0, None)], [POP])
    with pytest.raises(AggregationError, match="coverage is a share between 0 and 1"):
        table.aggregate("kreis", coverage=coverage)


def test_nothing_is_missing_even_if_no_share_is_asked_for():
    rows = [(UNITS[1], 2020, "pop", math.nan, None), (UNITS[0], 2020, "pop", 1.0, None)]
    found = cells(make(rows, [POP]).aggregate("kreis", coverage=0))
    assert math.isnan(found["01059", 2020, "pop"][0])
    assert found["01059", 2020, "pop"][1] == "missing"


# Rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "de", "en"),
    [
        ({"aggregation": "none"}, "darf nicht zusammengefasst werden", "must not be aggregated"),
        ({}, "hat keine Regel zum Zusammenfassen", "has no rule of aggregation"),
        ({"aggregation": "mean", "weight": "area"},
         "braucht das Gewicht 'area', das nicht in der Tabelle ist",
         "needs the weight 'area', which is not in the table"),
        ({"aggregation": "mean", "weight": "pop"},
         "hat ein negatives Gewicht (01059001)", "has a negative weight (01059001)"),
    ],
)  # fmt: skip
def test_why_an_indicator_cannot_be_aggregated(entries, de, en):
    item = Indicator(id="x", title="X", **entries)
    table = make(
        [("01059001", 2020, "x", 1.0, None), ("01059001", 2020, "pop", -1.0, None)], [POP, item]
    )
    (found,) = rule_problems(table, item)
    assert (found.rule, found.key, found.column) == ("aggregate.rule", "x", "indicator")
    assert found.text.de == f"Indikator 'x' {de}"
    assert found.text.en == f"indicator 'x' {en}"
    assert "table.join(…)" in found.hint.de
    assert "table.select(indicators=…)" in found.hint.en


def test_all_indicators_without_rule_are_named_at_once():
    table = make(
        [("01059001", 2020, name, 1.0, None) for name in "abc"],
        [Indicator(id="b", title="B", aggregation="sum")],
    )
    with pytest.raises(AggregationError, match="can't be aggregated") as error:
        table.aggregate("kreis")
    assert [f.key for f in error.value.findings] == ["a", "c"]


def test_an_indicator_with_a_rule_has_no_problem():
    table = make([(UNITS[0], 2020, "pop", 0.0, None), (UNITS[0], 2020, "rate", -1.0, None)])
    assert rule_problems(table, POP) == rule_problems(table, RATE) == []


# Remarks, provenance, cells -------------------------------------------------------------------


def test_results_that_lack_members_are_listed_in_both_languages():
    rows = [(f"{land:02d}001{n:03d}", 2020, "pop", value, None)
            for land in range(1, 8) for n, value in ((1, 1.0), (2, math.nan))]  # fmt: skip
    partial = make(rows, [POP]).aggregate("kreis", coverage=0.5)
    _, found = partial.findings
    assert (found.rule, found.severity, found.n) == ("aggregate.partial", "warning", 7)
    assert found.key == "01001, 02001, 03001, 04001, 05001, …"
    assert found.text.de == "Ergebnisse enthalten nicht alle Mitglieder"
    assert found.text.en == "results don't include all members"
    _, lost = make(rows[:4], [POP]).aggregate("kreis").findings
    assert (lost.rule, lost.key, lost.n) == ("aggregate.missing", "01001, 02001", 2)
    assert lost.text.de.startswith("Ergebnisse fehlen, weil zu wenige Mitglieder")
    assert lost.text.en.startswith("results are missing because too few members")


def test_remarks_on_the_members_stay_with_the_result():
    rows = [("07000999", 2020, "pop", 1.0, None), (UNITS[0], 2020, "pop", math.nan, None)]
    counties = make(rows, [POP]).aggregate("kreis")
    rules = [f.rule for f in counties.findings]
    assert rules == ["aggregate.left_out", "aggregate.completeness_unknown", "aggregate.missing"]
    assert [f.rule for f in counties.aggregate("land").findings] == [*rules, "aggregate.missing"]


def test_results_stand_in_no_file_and_know_how_they_were_made():
    rows = [(unit, 2020, "pop", 1.0, None) for unit in UNITS]
    table = make(rows, [POP])
    found = table.aggregate("kreis", coverage=0.25)
    assert found.data["file"].isna().all()
    assert set(found.data["row"]) == {0}
    assert dict(found.provenance.parameters) == {"coverage": 0.25, "to": "kreis"}
    assert found.provenance.inputs == (table.provenance,)
    assert (found.gebietsstand, dict(found.indicators)) == ("2021-12-31", {"pop": POP})
    exact = table.aggregate("kreis").provenance.fingerprint
    assert found.provenance.fingerprint != exact == table.aggregate("kreis").provenance.fingerprint


def test_weights_are_those_of_the_same_year():
    rows = [
        (unit, year, name, value, None)
        for unit, weights, rates in ((UNITS[1], (1, 3), (10, 10)), (UNITS[2], (3, 1), (20, 20)))
        for year, pop, rate in zip(YEARS, weights, rates, strict=True)
        for name, value in (("pop", pop), ("rate", rate))
    ]
    found = cells(make(rows).aggregate("kreis"))
    assert found["01059", 2020, "rate"][0] == 17.5
    assert found["01059", 2021, "rate"][0] == 12.5


def test_a_mean_may_itself_be_a_weight():
    """Chains are allowed: the weight of x is rate, the weight of rate is pop."""
    item = Indicator(id="x", title="X", aggregation="mean", weight="rate")
    rows = [(UNITS[at], 2020, name, value, None)
            for at, values in ((1, (1, 2, 3)), (2, (3, 6, 7)))
            for name, value in zip(("pop", "rate", "x"), values, strict=True)]  # fmt: skip
    found = cells(make(rows, [POP, RATE, item]).aggregate("kreis", coverage=0))
    assert found["01059", 2020, "rate"][0] == (1 * 2 + 3 * 6) / 4
    assert found["01059", 2020, "x"][0] == (2 * 3 + 6 * 7) / 8


def test_the_figures_behind_a_result_stand_once_per_group_with_their_place():
    rows = [(unit, 2020, "pop", float(at), None) for at, unit in enumerate(UNITS)]
    frame = make(rows, [POP]).to_frame().astype({"unit": "str", "indicator": "str"})
    frame = frame.assign(file="g.csv", row=[5, 6, 7, 8])
    table = indicators(frame.astype({"status": "str"}), indicators=[POP])
    groups = pd.DataFrame(
        {"group": ["S1-02", "S1-01", "S1-01"], "unit": [UNITS[1], UNITS[1], UNITS[3]]}
    )
    found = member_cells(table, groups)
    assert list(found.columns) == [
        "group", "unit", "year", "indicator", "value", "status", "file", "row"
    ]  # fmt: skip
    assert sorted(zip(found["group"], found["unit"], found["row"], strict=True)) == [
        ("S1-01", UNITS[1], 6),
        ("S1-01", UNITS[3], 8),
        ("S1-02", UNITS[1], 6),
    ]
    summed = found.groupby("group", observed=True)["value"].sum().to_dict()
    result = table.aggregate(groups)
    assert summed == {u: v for (u, *_), (v, _) in cells(result).items()}


@settings(max_examples=25)
@given(st.lists(st.integers(0, 3), min_size=len(UNITS), max_size=len(UNITS)), st.data())
def test_sums_over_disjoint_groups_add_up_to_the_whole(groups, data):
    values = data.draw(st.lists(st.integers(0, 10**9), min_size=4, max_size=4))
    rows = [(u, 2020, "pop", v, None) for u, v in zip(UNITS, values, strict=True)]
    table = make(rows, [POP])
    named = {unit: f"S1-0{group + 1}" for unit, group in zip(UNITS, groups, strict=True)}
    parts = table.aggregate(named).data["value"]
    whole = table.aggregate("germany").data["value"]
    assert np.isclose(parts.sum(), whole.item(), rtol=0, atol=0)


def test_a_table_without_rows_has_no_larger_units():
    table = make([(UNITS[0], 2020, "pop", 1.0, None)], [POP]).select(units=[])
    for target in ("kreis", "land", "germany"):
        assert len(table.aggregate(target)) == 0
