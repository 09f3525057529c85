"""What all results of answers share: notes on the design, the heads of intervals, remarks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.results.regression import Regression, regression_table
from begleitforschung.results.survey_result import interval_head, range_text
from begleitforschung.results.weights import VERBS

from .made import HISTORY


def result(design: Any = None, **more: Any) -> Regression:
    rows = [{"predictor": "", "category": "", "role": "intercept", "n": 5}]
    return Regression(
        table=regression_table(rows),
        provenance=HISTORY,
        outcome=Text("y"),
        wording={},
        categories={},
        tests=pd.DataFrame(),
        cases=5,
        dropped=pd.DataFrame(),
        design=design,
        **more,
    )


def design(kind: str, inference: str = "descriptive", *verbs: str) -> Any:
    return SimpleNamespace(
        kind=kind,
        inference=inference,
        weighting=tuple(SimpleNamespace(verb=verb) for verb in verbs),
        diagnostics=lambda: SimpleNamespace(effective_n=1043.5),
    )


@pytest.mark.parametrize(
    ("made", "beginnings"),
    [
        (None, []),
        (design("sample"), []),
        (design("population"), ["Vollerhebung mit Antwortausfall:"]),
        (design("invitation"), ["Alle waren eingeladen und entschieden selbst"]),
        (design("sample", "analytic"), ["Analytische Auswertung:"]),
        (design("population", "analytic"), ["Analytische Auswertung:", "Vollerhebung mit"]),
    ],
)
def test_the_design_is_told_by_its_kind(made: Any, beginnings: list[str]) -> None:
    notes = result(made).design_notes("de")
    assert len(notes) == len(beginnings)
    assert all(note.startswith(begin) for note, begin in zip(notes, beginnings, strict=True))


def test_steps_of_weighting_are_named_in_the_readers_language() -> None:
    made = design("sample", "descriptive", "rake", "trim")
    assert result(made).design_notes("de") == [
        "Gewichtet (Raking auf Randsummen, Stutzung); effektive Fallzahl 1.044."
    ]
    (english,) = result(made).design_notes("en")
    assert english == f"Weighted ({VERBS['rake'].en}, Trimming); effective n 1,044."


@pytest.mark.parametrize(
    ("level", "german", "english"),
    [
        (0.95, "95-%-Intervall", "95 % interval"),
        (0.9, "90-%-Intervall", "90 % interval"),
        (0.995, "99,5-%-Intervall", "99.5 % interval"),
        (0.9999, "99,99-%-Intervall", "99.99 % interval"),
    ],
)
def test_levels_have_no_empty_digits(level: float, german: str, english: str) -> None:
    assert (interval_head(level, "de"), interval_head(level, "en")) == (german, english)


def test_ranges_are_joined_by_words() -> None:
    assert range_text("−0,2", "0,4", "de") == "−0,2 bis 0,4"
    assert range_text("−0.2", "0.4", "en") == "−0.2 to 0.4"


def test_remarks_are_printed_by_the_beginning_of_their_rule() -> None:
    remarks = [
        Finding(rule="regression.few", severity="warning", text=Text("wenige", "few"), n=2),
        Finding(rule="estimate.x", severity="info", text=Text("anderes", "else")),
    ]
    found = result(findings=tuple(remarks))
    assert found.closing_notes("de", "regression.") == ["wenige [2 Fälle]."]
    assert found.closing_notes("en", "") == ["few [2 cases].", "else."]
    assert found.closing_notes("en", "none.") == []


def test_rows_keep_order_and_types() -> None:
    (row,) = result().rows()
    assert list(row) == list(result().table.columns)
    assert (row["role"], row["n"]) == ("intercept", 5)
