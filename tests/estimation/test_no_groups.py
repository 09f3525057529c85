"""Breakdowns by what nobody answered: all cases together are left, or it is said."""

from __future__ import annotations

import pytest

import begleitforschung as bf

from ..disclosure.drawn import codebook, survey_of

SILENT = {"q1": [0, 1] * 10, "q2": [None] * 20, "staffel": [0] * 20, "land": [0] * 20}


@pytest.fixture(scope="module")
def survey():
    return survey_of(codebook(2), SILENT | {"q3": [float(at) for at in range(20)]})


@pytest.mark.parametrize(
    ("column", "statistic", "value"),
    [("q1", "share", 0.5), ("q1", "mean", 0.5), ("q3", "mean", 9.5)],
)
def test_the_total_is_left_and_the_note_tells_who_stands_in_no_group(
    survey, column, statistic, value
):
    made = bf.estimate(survey, column, by="q2", statistic=statistic, allow_unprotected=True)
    assert set(made.table["domain"]) == {""}
    assert made.table["estimate"].iloc[0] == pytest.approx(value)
    assert "20 Fälle ohne Angabe zu q2 stehen in keiner Gruppe." in made.display().notes
    assert "20 cases without q2 stand in no group." in made.display("en").notes


def test_other_breakdowns_of_a_banner_are_not_concerned(survey):
    table = bf.tabulate(survey, banner=["staffel", "q2"]).table
    assert set(table["by"]) == {"", "staffel"}


def test_without_the_total_nothing_is_left_and_it_is_said_what_to_do(survey):
    with pytest.raises(bf.ValidationError) as caught:
        bf.estimate(survey, "q1", by=["staffel", "q2"], total=False)
    assert str(caught.value) == (
        "there is no group by staffel, q2, as no case has a value; leave by= out, or show all "
        "cases together beside it (total=True)"
    )
