"""One respondent's own answer as the profile words it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from begleitforschung.disclosure.own import own_answer
from begleitforschung.surveys import STATUSES

from .answers import codebook, survey_of


def book():
    made = codebook().model_dump(mode="json", exclude_unset=True)
    said = {"confidentiality": "confidential"}
    made["items"] += [
        {"id": "wort", "kind": "text", "text": {"de": "Womit?"}, **said},
        {"id": "seit", "kind": "date", "text": {"de": "Seit wann?"}, **said},
        {"id": "wer", "kind": "single", "text": {"de": "Wer?"}, **said,
         "codes": [{"code": "x", "label": {"de": "Stadt", "en": "city"}}]},
    ]  # fmt: skip
    return codebook(items=made["items"])


@pytest.fixture(scope="module")
def survey():
    columns = {
        "q1": ["1", "2", None],
        "q3": [1234567.0, 0.25, -3.0],
        "q4_a": ["1", "0", "1"],
        "q4_b": ["1", "0", "0"],
        "wort": ["Wörtlich; so", None, ""],
        "seit": pd.to_datetime(["2021-03-01", "2020-12-24", None]),
        "wer": ["x", "x", "x"],
    }
    return survey_of(columns, book=book())


def own(survey, name, case, lang="de"):
    item = survey.codebook.item(name)
    return own_answer(survey, item, survey.columns_of(name), case, lang)


@pytest.mark.parametrize(
    ("name", "case", "de", "en"),
    [
        ("q1", 0, "Ja", "Ja"),  # no English wording: the German one
        ("wer", 0, "Stadt", "city"),
        ("q3", 0, "1.234.567\N{NO-BREAK SPACE}EUR", "1,234,567\N{NO-BREAK SPACE}EUR"),
        ("q3", 1, "0,25\N{NO-BREAK SPACE}EUR", "0.25\N{NO-BREAK SPACE}EUR"),
        ("q3", 2, "\N{MINUS SIGN}3\N{NO-BREAK SPACE}EUR", "\N{MINUS SIGN}3\N{NO-BREAK SPACE}EUR"),
        ("q4", 0, "Mobilität, Energie", "Mobilität, Energie"),
        ("q4", 1, "nichts davon", "none of these"),
        ("q4", 2, "Mobilität", "Mobilität"),
        ("seit", 1, "24.\N{NO-BREAK SPACE}Dezember 2020", "24 December 2020"),
        ("wort", 0, "Wörtlich; so", "Wörtlich; so"),
    ],
)
def test_answers_of_each_kind_in_both_languages(survey, name, case, de, en):
    assert own(survey, name, case).text == de
    assert own(survey, name, case, "en").text == en


def test_the_codes_that_were_chosen_are_marked_and_numbers_mark_none(survey):
    assert own(survey, "q1", 1).codes == {("q1", "2")}
    assert own(survey, "q4", 0).codes == {("q4_a", "a"), ("q4_b", "b")}
    assert own(survey, "q4", 1).codes == frozenset()
    assert own(survey, "q3", 0).codes == frozenset()
    assert own(survey, "q1", 2).codes == frozenset()


@pytest.mark.parametrize(
    ("status", "de", "en"),
    [
        ("not_asked", "nicht gefragt", "not asked"),
        ("no_answer", "keine Antwort", "no answer"),
        ("dont_know", "weiß nicht", "don't know"),
        ("refused", "keine Angabe", "refused"),
    ],
)
def test_each_kind_of_missing_answer_is_named(survey, status, de, en):
    marks = survey.status.copy()
    marks.loc[2, "q1"] = STATUSES.index(status)
    made = replace(survey, status=marks)
    assert own(made, "q1", 2).text == de
    assert own(made, "q1", 2, "en").text == en


def test_an_estimated_number_is_said_to_be_one(survey):
    marks = survey.status.copy()
    marks.loc[1, "q3"] = STATUSES.index("estimated")
    made = replace(survey, status=marks)
    assert own(made, "q3", 1).text == "0,25\N{NO-BREAK SPACE}EUR (Schätzwert)"
    assert own(made, "q3", 1, "en").text == "0.25\N{NO-BREAK SPACE}EUR (estimated)"


def test_the_answer_is_not_seen_where_the_value_is_printed_by_python(survey):
    assert "Wörtlich" not in repr(own(survey, "wort", 0))
    assert "1.234" not in repr(own(survey, "q3", 0))
    assert "'1'" not in repr(own(survey, "q1", 0))
