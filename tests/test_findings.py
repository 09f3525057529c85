"""Findings as values, as lines and as tables; each error class answers one question."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung import errors
from begleitforschung.errors import (
    BegleitforschungError,
    Finding,
    UnknownCodeError,
    findings_frame,
    rows_concerned,
)
from begleitforschung.language import Text

BARE = {"rule": "r", "severity": "warning", "text": Text("leer", "empty")}
HINT = Text("Zelle füllen.", "Fill the cell.")


@pytest.mark.parametrize(
    ("place", "german", "english"),
    [
        ({}, "leer", "empty"),
        ({"file": "a.csv"}, "a.csv: leer", "a.csv: empty"),
        ({"row": 2}, "Zeile 2: leer", "row 2: empty"),
        ({"row": 0}, "Zeile 0: leer", "row 0: empty"),
        ({"column": "wert"}, "Spalte 'wert': leer", "column 'wert': empty"),
        ({"key": "05315 / 2021"}, "05315 / 2021: leer", "05315 / 2021: empty"),
        ({"value": ""}, "leer, ''", "empty, ''"),
        ({"n": 1}, "leer", "empty"),
        ({"n": 2}, "leer [2 Fälle]", "empty [2 cases]"),
        ({"file": "a", "row": 3, "value": "x"}, "a, Zeile 3: leer, 'x'", "a, row 3: empty, 'x'"),
    ],
)
def test_a_line_tells_exactly_what_is_known(place, german, english):
    finding = Finding(**BARE, **place)
    assert (finding.line("de"), finding.line("en")) == (german, english)
    assert finding.line() == english


def test_a_line_without_english_text_is_german():
    assert Finding(**BARE | {"text": Text("leer")}).line("en") == "leer"


def test_a_finding_can_not_be_changed():
    with pytest.raises(FrozenInstanceError):
        Finding(**BARE).severity = "info"


def test_the_table_of_findings_keeps_kinds_and_gaps():
    found = [Finding(**BARE, row=7, n=3, hint=HINT), Finding(**BARE, column="wert")]
    frame = findings_frame(found)
    columns = ["severity", "rule", "file", "row", "column", "key", "value", "n", "text", "hint"]
    assert frame.columns.tolist() == columns
    assert (str(frame["row"].dtype), str(frame["n"].dtype)) == ("Int64", "int64")
    assert frame["row"].isna().tolist() == [False, True]
    assert frame["hint"].isna().tolist() == [False, True]
    assert frame["n"].sum() == 4


@pytest.mark.parametrize(
    ("lang", "text", "hint"), [("de", "leer", "Zelle füllen."), ("en", "empty", "Fill the cell.")]
)
def test_the_table_of_findings_speaks_one_language(lang, text, hint):
    row = findings_frame([Finding(**BARE, hint=HINT)], lang).iloc[0]
    assert (row["text"], row["hint"]) == (text, hint)


def test_failures_of_an_error_are_english_like_its_message():
    error = errors.ValidationError("wrong:", findings=[Finding(**BARE, hint=HINT)])
    assert error.failures["text"].tolist() == ["empty"]
    assert str(error) == "wrong:\n  - empty\n      Fill the cell."
    assert BegleitforschungError("wrong").failures.empty


@pytest.mark.parametrize(("n", "more"), [(19, 0), (20, 0), (21, 1), (200, 180)])
def test_twenty_findings_are_shown(n, more):
    error = BegleitforschungError("wrong:", findings=[Finding(**BARE, row=i) for i in range(n)])
    lines = str(error).splitlines()
    assert sum("empty" in line for line in lines) == n - more
    assert ("more" in lines[-1]) == bool(more)
    assert f"… and {more} more" in lines[-1] or not more


@given(st.lists(st.integers(1, 10**6)))
def test_rows_to_keep_are_the_first_hundred_in_order(rows):
    kept = rows_concerned(rows)
    assert list(kept) == sorted(rows)[:100]
    assert all(type(row) is int for row in rows_concerned(pd.array(rows, dtype="int64")))


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("SourceFileError", "BegleitforschungError"),
        ("ValidationError", "BegleitforschungError"),
        ("CatalogueError", "BegleitforschungError"),
        ("FrameworkError", "BegleitforschungError"),
        ("FormulaError", "FrameworkError"),
        ("AggregationError", "BegleitforschungError"),
        ("TerritoryError", "BegleitforschungError"),
        ("ComparisonError", "BegleitforschungError"),
        ("DisclosureError", "BegleitforschungError"),
        ("CorrectionError", "BegleitforschungError"),
        ("ReportError", "BegleitforschungError"),
        ("FetchError", "BegleitforschungError"),
        ("ProjectError", "BegleitforschungError"),
        ("MissingDependencyError", "BegleitforschungError"),
        ("UnknownCodeError", "BegleitforschungError"),
    ],
)
def test_one_except_clause_catches_all_and_each_class_asks_one_question(name, base):
    kind = getattr(errors, name)
    assert kind.__mro__[1].__name__ == base
    assert issubclass(kind, BegleitforschungError)
    assert "?" in kind.__doc__.splitlines()[0]


@pytest.mark.parametrize(
    ("code", "known", "message"),
    [
        ("pkv", ["pkw", "kfz"], "'pkv' is not a code of x (2 codes). Did you mean 'pkw'?"),
        ("aab", ["aaa", "aac"], "'aab' is not a code of x (2 codes). Did you mean 'aac' or 'aaa'?"),
        ("q", ["b", "a"], "'q' is not a code of x (2 codes). Known are: b, a."),
        ("q", [], "'q' is not a code of x (0 codes). Known are: none."),
        (16011, ["16012"], "'16011' is not a code of x (1 codes). Did you mean '16012'?"),
        ("ä", [str(n) for n in range(21)], "'ä' is not a code of x (21 codes)."),
    ],
)
def test_unknown_codes_are_answered_with_what_helps(code, known, message):
    assert str(UnknownCodeError(code, known, "x")) == message


def test_at_most_three_near_codes_are_offered():
    known = [f"indikator_{n}" for n in range(10)]
    assert str(UnknownCodeError("indikator_x", known, "x")).count("'indikator_") == 4
