"""Filters that name an answer which a question does not have are refused."""

from __future__ import annotations

import pandas as pd
import pytest

import begleitforschung as bf

from .inputs import item, survey_of


@pytest.fixture(scope="module")
def survey():
    frame = pd.DataFrame({"q1": [1.0, 2.0, 3.0] * 5, "betrag": range(15)})
    return survey_of(frame, [item("q1", frame["q1"], "single"), item("betrag", [], "number")])


@pytest.mark.parametrize("where", ["q1 == 7", "q1 == 'Ja'", "q1 in (1, 9)", "not q1 == 8"])
def test_an_unknown_answer_is_named_with_those_there_are(survey, where):
    with pytest.raises(bf.UnknownCodeError, match="answers of 'q1'") as error:
        bf.estimate(survey, "betrag", where=where)
    assert "1, 2, 3" in str(error.value)


def test_known_answers_and_numbers_pass(survey):
    assert bf.estimate(survey, "betrag", where="q1 == 2").table["n"].tolist() == [5]
    assert bf.estimate(survey, "q1", where="betrag > 9").table["n"].tolist() == [5, 5, 5]
