"""Rows of several estimates about one column: each distinct sum once, cells and equations."""

from __future__ import annotations

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.cells import cells_of, finest
from begleitforschung.disclosure.linking import Sum, link, whole
from begleitforschung.disclosure.structure import structure_of

from .drawn import codebook, random_survey, survey_of


@pytest.fixture(scope="module")
def survey():
    return random_survey(13, 50, silent=0.1)


def linked(survey, *results):
    return link([(number, structure_of(r, survey)[0]) for number, r in enumerate(results)])


def test_a_total_that_stands_in_two_tables_is_one_sum_in_two_places(survey):
    made = linked(survey, *(bf.estimate(survey, "q1", by=n) for n in ("staffel", "land")))
    assert len(made.sums) == len(set(made.sums))
    twice = [places for places in made.places if len(places) == 2]
    assert len(twice) == 3  # three answers
    assert all({number for number, _ in places} == {0, 1} for places in twice)
    rows = [place for places in made.places for place in places]
    assert len(rows) == len(set(rows)) == 3 * (1 + 3) + 3 * (1 + 4)


def test_equal_groups_are_one_group_whatever_they_are_called():
    columns = {"q1": [0, 1] * 10, "staffel": [0] * 8 + [1] * 12, "land": [5] * 8 + [7] * 12}
    survey = survey_of(codebook(2), columns)
    made = linked(survey, *(bf.estimate(survey, "q1", by=n) for n in ("staffel", "land")))
    assert len(made.groups) == 3  # all, and two
    assert {len(places) for places in made.places} == {2}


def test_a_sum_counts_as_crossed_only_where_it_always_is():
    columns = {
        "q1": [0, 1] * 15,
        "staffel": [0] * 20 + [1] * 10,
        "land": [0] * 8 + [1] * 12 + [2] * 10,  # Land 2 is Staffel 1
    }
    survey = survey_of(codebook(2), columns)
    plain = bf.estimate(survey, "q1", by="staffel", total=False)
    crossed = bf.estimate(survey, "q1", by=["staffel", "land"], total=False)
    for results in ((plain, crossed), (crossed, plain)):
        made = linked(survey, *results)
        flags = {int(made.groups[s.group].sum()): s.crossed for s in made.sums}
        assert flags == {20: False, 10: False, 8: True, 12: True}
        assert len(made.sums) == 8


def test_a_count_is_a_sum_of_zeros_and_ones():
    assert Sum(0, "", -1, (0.0, 1.0, 1.0), crossed=False, column="q1").counts
    assert not Sum(0, "", -1, (0.0, 0.5, 1.0), crossed=False, column="q1").counts
    assert not Sum(0, "", -1, (), crossed=False, column="q1").counts
    assert whole(Sum(0, "", -1, (1.0,), crossed=False, column="q1"))
    assert not whole(Sum(0, "q2", 0, (1.0,), crossed=False, column="q1"))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "about",
    [
        [("q1", "staffel")],
        [("q1", "staffel"), ("q1", "land")],
        [("q1", "q2"), ("q1", ["staffel", "land"])],
        [("q3", "staffel"), ("q3", "land")],
        [("q3", "q2")],
    ],
    ids=str,
)
def test_all_equations_hold_for_the_true_answers_and_bounds_too(survey, about, weighted):
    results = [
        bf.estimate(survey, c, by=by, statistic="mean" if c == "q3" else None) for c, by in about
    ]
    made = linked(survey, *results)
    cells = cells_of(made, {}, weighted=weighted)
    assert cells.table.relations @ cells.table.values == pytest.approx(0, abs=1e-6)
    assert (cells.table.values >= cells.lower - 1e-9).all()
    assert (cells.table.values <= cells.upper + 1e-9).all()
    assert cells.shown == len([s for s in made.sums if s.scores])
    for value, places in zip(cells.table.values, made.places, strict=False):
        row = results[places[0][0]].table.loc[places[0][1]]
        true = row["count"] if about[0][0] == "q1" else row["estimate"] * row["n"]
        assert value == pytest.approx(0.0 if row["n"] == 0 else true)


def test_bases_are_known_to_everybody(survey):
    made = linked(survey, bf.estimate(survey, "q1", by="staffel"))
    cells = cells_of(made, {})
    answered = survey.answered("q1")
    staffel = survey.responses["staffel"].astype(str).to_numpy()
    sizes = [(answered & (staffel == key)).sum() for key in "012"]
    assert sorted(cells.table.values[cells.fixed]) == sorted(sizes)


def test_classes_that_all_gave_one_answer_are_found():
    columns = {
        "q1": [1, 1, 1, 0, 1, 0, 2, 2],
        "staffel": [0, 0, 0, 1, 1, 1, 2, 2],
        "land": [0] * 8,
    }
    survey = survey_of(codebook(3), columns)
    made = linked(survey, bf.estimate(survey, "q1", by="staffel"))
    cells = cells_of(made, {}, single=True)
    assert sorted(cells.table.values[list(cells.alike)]) == [2, 3]
    numbers = survey_of(codebook(3), columns | {"q3": [1.0] * 8})
    mean = bf.estimate(numbers, "q3", by="staffel", statistic="mean")
    assert not cells_of(linked(numbers, mean), {}, single=True).alike


def test_finest_groups_part_who_a_table_or_a_release_tells_apart():
    groups = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]], bool)
    answered = np.array([1, 1, 1, 1, 0], bool)
    released = np.array([0, 1, 0, 0, 0], bool)
    members, cell = finest(groups, answered, [released])
    assert cell[4] == -1
    assert len({cell[0], cell[1], cell[2]}) == 3
    assert cell[2] == cell[3]
    for at in range(4):
        assert (members[:, cell[at]] == groups[:, at]).all()
    _, weighted = finest(groups, answered, [np.array([1, 1, 1, 2, 9.0])])
    assert weighted[0] == weighted[1]
    assert weighted[2] != weighted[3]
