"""What everybody may know about a table goes along with its parts."""

from __future__ import annotations

import numpy as np

import begleitforschung as bf

from ..disclosure.drawn import random_survey


def test_a_part_of_a_table_keeps_what_its_own_rows_add_up():
    survey = random_survey(3, 60)
    safe = bf.protect(bf.estimate(survey, ["q1", "q2"], by="staffel"), seconds=0.3)
    part = safe.part("q2")
    (about,) = part.published
    assert about.column == "q2"
    assert [row.at for row in about.rows] == part.table.index.tolist()
    whole = next(rows for rows in safe.published if rows.column == "q2")
    at = safe.table.index[safe.table["column"] == "q2"]
    for row, old in zip(about.rows, at, strict=True):
        (same,) = [r for r in whole.rows if r.at == old]
        assert (row.scores, row.group, row.part) == (same.scores, same.group, same.part)


def test_rows_that_a_part_lacks_are_left_out_and_the_others_moved():
    survey = random_survey(5, 40)
    (about,) = bf.protect(bf.estimate(survey, "q1", by="staffel"), seconds=0.3).published
    first, last = about.rows[0], about.rows[-1]
    moved = about.moved({last.at: 0, first.at: 1})
    assert [(row.at, row.group, row.scores) for row in moved.rows] == [
        (1, first.group, first.scores),
        (0, last.group, last.scores),
    ]
    assert moved.groups is about.groups
    assert about.moved({}).rows == ()


def test_groups_of_the_published_rows_are_those_of_the_register():
    survey = random_survey(7, 50, silent=0.2)
    (about,) = bf.protect(bf.estimate(survey, "q1", by="staffel"), seconds=0.3).published
    table = bf.estimate(survey, "q1", by="staffel").table
    staffel = survey.responses["staffel"].astype(str).to_numpy()
    for row in about.rows:
        domain = table.at[row.at, "domain"]
        expected = np.ones(50, bool) if domain == "" else staffel == domain
        assert (about.groups[row.group] == expected).all()
    assert (about.answered == survey.answered("q1")).all()
