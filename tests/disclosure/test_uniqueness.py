"""Numbers of records that could be recognised, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import begleitforschung as bf

from .drawn import random_survey

FRAME = pd.DataFrame({
    "land": ["BY", "BY", "BY", "NW", "NW", "NW", "NW", None],
    "art": ["a", "a", "b", "a", "a", "b", "b", "a"],
    "ja": ["1", "2", "1", "1", "1", "2", "1", "2"],
})  # fmt: skip


def test_records_are_counted_by_each_combination_of_keys():
    found = bf.uniqueness(FRAME, ["land", "art"], "ja", k=3, l=2)
    rows = found.table.set_index("keys")
    assert rows.loc["land"].tolist() == [3, 1, 1, 1, 1, 1]  # the one without a Land
    assert rows.loc["art"].tolist() == [2, 3, 0, 0, 2, 0]
    # BY a 2 (1, 2), BY b 1 (1), NW a 2 (1, 1), NW b 2 (2, 1), none a 1 (2)
    assert rows.loc["land × art"].tolist() == [5, 1, 2, 8, 1, 4]
    assert not found.ok


def test_it_holds_numbers_and_no_values():
    found = bf.uniqueness(FRAME, ["land", "art"], "ja")
    text = found.display().to_text() + found.alt_text()
    assert "BY" not in text
    assert "NW" not in text
    assert "k-Anonymität" in text
    assert found.figure().axes
    plain = bf.uniqueness(FRAME, "art").display("en")
    assert [column.key for column in plain.columns][-1] == "below_k"
    assert bf.uniqueness(FRAME, "art").ok


def test_answers_of_a_survey_may_be_asked_about():
    survey = random_survey(1, 40)
    found = bf.uniqueness(survey, ["staffel", "land"], "q1")
    assert found.confidentiality == "confidential"
    sizes = survey.responses.groupby(["staffel", "land"], observed=True).size()
    assert found.table["unique"].iloc[-1] == (sizes == 1).sum()
    assert found.table["below_k"].iloc[-1] == sizes[sizes < 3].sum()
    assert bf.uniqueness(survey, "staffel", "q3").table["below_l"].iloc[0] == 0
    assert found.display().rows


@pytest.mark.parametrize(
    "arguments", [{"keys": []}, {"keys": ["art", "art"]}, {"keys": "art", "sensitive": "art"},
                  {"keys": "art", "k": 0}]
)  # fmt: skip
def test_what_makes_no_sense_is_refused(arguments):
    with pytest.raises(bf.ValidationError):
        bf.uniqueness(FRAME, **arguments)
    with pytest.raises(bf.UnknownCodeError):
        bf.uniqueness(FRAME, "kreis")
