"""Which of several answers of one municipality counts: by hand, and whatever their order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import UnknownCodeError
from begleitforschung.surveys.repeated import RULES, one_per_unit, repeated_units
from begleitforschung.surveys.survey import CASES

from ..estimation.inputs import item, survey_of


def answered(rows):
    """A survey of (unit, day handed in, day begun, complete, number of answers of three)."""
    n = len(rows)
    data = pd.DataFrame(
        {name: [1.0 if at < row[4] else np.nan for row in rows] for at, name in enumerate("abc")}
    )
    survey = survey_of(data, [item(name, data[name], "number") for name in "abc"])
    cases = survey.cases.assign(
        unit=pd.Series([row[0] for row in rows], dtype="object"),
        submitted=pd.to_datetime([day(row[1]) for row in rows]),
        started=pd.to_datetime([day(row[2]) for row in rows]),
        complete=[row[3] for row in rows],
        file="antworten.csv",
        row=np.arange(n) + 2,
    )
    return replace(survey, cases=cases.astype(CASES))


def day(number):
    return None if number is None else f"2025-03-{number:02}"


ROWS = [
    ("u", 5, 1, True, 1),
    ("u", None, 9, False, 3),
    ("u", 7, 2, False, 2),
    ("u", None, None, False, 3),
    (None, 1, 1, True, 1),
    (None, 1, 1, True, 1),
    ("v", 3, 3, True, 3),
]


@pytest.mark.parametrize(
    ("rule", "row"),
    [
        ("latest", 3),  # begun on the 9th and never handed in: the start counts
        ("first", 2),  # an answer without any time loses against the 5th
        ("complete", 2),
        ("most_answers", 3),  # of two with three answers the one whose time is known
    ],
)
def test_the_answer_that_counts_is_the_one_of_the_rule(rule, row):
    kept = one_per_unit(answered(ROWS), rule)
    assert kept.cases["row"].tolist() == [row, 6, 7, 8]
    assert dict(kept.history.parameters) == {
        "reason": f"one answer per unit: {rule}",
        "kept": 4,
        "of": 7,
    }
    assert kept.findings[-1].rows == tuple(sorted({2, 3, 4, 5} - {row}))


@pytest.mark.parametrize(
    ("rule", "de", "en"),
    [
        ("latest", "die zuletzt abgegebene", "the one handed in last"),
        ("first", "die zuerst abgegebene", "the one handed in first"),
        ("complete", "die vollständige, sonst die letzte", "the complete one, else the last"),
        ("most_answers", "die mit den meisten Antworten", "the one with the most answers"),
    ],
)
def test_what_was_left_out_is_told_with_the_rule_in_both_languages(rule, de, en):
    found = one_per_unit(answered(ROWS), rule).findings[-1]
    assert (found.rule, found.severity, found.n) == ("survey.unit_left_out", "info", 3)
    assert found.file == "antworten.csv"
    start = "weitere Antworten derselben Kommune weggelassen; es zählt "
    assert found.text.de == start + de
    assert found.text.get("en") == (
        f"further answers of the same unit are left out; what counts is {en}"
    )


def test_several_answers_are_told_with_their_rows_and_what_to_do():
    (found,) = repeated_units(answered([*ROWS, ("v", 1, 1, True, 1)]))
    assert (found.rule, found.severity, found.row) == ("survey.unit_twice", "warning", 2)
    assert (found.n, found.rows) == (6, (2, 3, 4, 5, 8, 9))
    assert found.text.de == "2 Kommunen haben mehrfach geantwortet"
    assert found.text.get("en") == "2 units answered more than once"
    assert all(rule in found.hint.get("en") for rule in RULES)


def test_who_answered_once_is_left_alone():
    once = answered([("u", 1, 1, True, 1), (None, 1, 1, True, 1), (None, 1, 1, True, 1)])
    assert repeated_units(once) == ()
    assert all(one_per_unit(once, rule) is once for rule in RULES)
    with pytest.raises(UnknownCodeError, match="latest"):
        one_per_unit(once, "lastest")


def test_of_equal_times_the_earlier_or_later_row_decides():
    same = answered([("u", 4, 4, True, 1)] * 3)
    kept = {rule: one_per_unit(same, rule).cases["row"].tolist() for rule in RULES}
    assert kept == {"latest": [4], "first": [2], "complete": [4], "most_answers": [4]}


CASE = st.tuples(
    st.sampled_from(["u", "v", None]),
    st.one_of(st.none(), st.integers(1, 28)),
    st.one_of(st.none(), st.integers(1, 28)),
    st.booleans(),
    st.integers(0, 3),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(CASE, min_size=1, max_size=9), st.sampled_from(sorted(RULES)))
def test_each_municipality_is_left_once_and_cases_without_one_are_all_left(rows, rule):
    survey = answered(rows)
    kept = one_per_unit(survey, rule)
    units = [row[0] for row in rows]
    left = kept.cases["unit"]
    assert sorted(left.dropna()) == sorted({unit for unit in units if unit})
    assert int(left.isna().sum()) == units.count(None)
    assert repeated_units(kept) == ()
    assert kept.cases["row"].is_monotonic_increasing
    if rule in ("complete", "most_answers"):
        best = {"complete": lambda row: row[3], "most_answers": lambda row: row[4]}[rule]
        for unit, row in zip(left, kept.cases["row"], strict=True):
            if isinstance(unit, str):
                assert best(rows[row - 2]) == max(best(r) for r in rows if r[0] == unit)
