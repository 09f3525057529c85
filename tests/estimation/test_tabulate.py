"""All questions against one head are the estimates of each question and variable."""

from __future__ import annotations

import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import UnknownCodeError, ValidationError

from .inputs import kommunen, projects


@pytest.fixture(scope="module")
def band():
    return bf.tabulate(kommunen(), banner=["gk", "land"], questions=["invest", "lik2", "mr"])


def test_figures_are_those_of_each_question_and_variable(band):
    for question in ("invest", "lik2", "mr"):
        for by in ("gk", "land"):
            alone = bf.estimate(kommunen(), question, by=by, total=False).table
            rows = (band.table["question"] == question) & (band.table["by"] == by)
            mine = band.table[rows].reset_index(drop=True)
            pd.testing.assert_frame_equal(mine, alone)


def test_all_questions_are_taken_but_those_of_the_head():
    survey = kommunen()
    found = bf.tabulate(survey, banner=["gk"])
    asked = [i.id for i in survey.codebook.items if i.id != "gk"]
    assert found.table["question"].unique().tolist() == asked
    assert found.table["by"].unique().tolist() == ["", "gk"]


def test_the_table_has_one_column_for_each_class_of_the_head(band):
    shown = band.display()
    domains = band.table[["by", "domain"]].drop_duplicates()
    assert len(shown.columns) == 2 + len(domains)
    answers = [row[1] for row in shown.rows]
    assert "Frage invest? (Mittelwert)" in answers
    assert answers.count("n") >= 3


def test_a_part_is_a_question_of_its_own(band):
    part = band.part("mr")
    assert part.table["column"].unique().tolist() == [f"mr_{i}" for i in range(1, 7)]
    assert len(part.display().rows) == 7
    assert band.part("mr_1").figure() is not None
    with pytest.raises(UnknownCodeError):
        band.part("strategie")


def test_variables_of_the_frame_make_a_head():
    survey, frame = projects()
    census = survey.with_design(bf.design(survey, kind="population", frame=frame, strata="staffel"))
    found = bf.tabulate(census, banner=["staffel", "typ"])
    sizes = found.table.drop_duplicates(["by", "domain"]).groupby("by")["N"].sum()
    assert sizes.to_dict() == {"": 73, "staffel": 73, "typ": 73}


def test_what_is_no_head_is_refused():
    with pytest.raises(ValidationError, match=r"banner=\['gk'\]"):
        bf.tabulate(kommunen(), banner="gk")
    with pytest.raises(ValidationError, match="questions= names nothing"):
        bf.tabulate(kommunen(), banner=["gk"], questions=[])
