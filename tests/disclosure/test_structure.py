"""What rows add up: added up again from the answers, it is what the table says."""

from __future__ import annotations

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.splitting import secret_variable
from begleitforschung.disclosure.structure import structure_of
from begleitforschung.results.published import EVERYBODY

from .answers import survey_of as offices
from .drawn import random_survey


@pytest.fixture(scope="module")
def survey():
    return random_survey(11, 60, silent=0.15)


def added_up(secret, row):
    """Number of answers and their sum, from the answers themselves."""
    rows = secret.rows
    inside = rows.groups[row.group] & rows.answered
    if row.part != EVERYBODY:
        inside = inside & (secret.parts[row.partition] == row.part)
    if not rows.answers:
        return inside.sum(), secret.values[inside].sum()
    return inside.sum(), np.asarray(row.scores)[secret.codes[inside]].sum()


@pytest.mark.parametrize(
    ("column", "statistic"),
    [
        ("q1", "share"),
        ("q1", "top2"),
        ("q1", "bottom2"),
        ("q1", "mean"),
        ("q3", "mean"),
        ("q3", "total"),
    ],
)
@pytest.mark.parametrize(
    "about",
    [
        {},
        {"by": "staffel"},
        {"by": ["staffel", "land"]},
        {"by": "q2"},
        {"by": ["land", "q2"]},
        {"where": "land == '0'"},
        {"by": "staffel", "where": "q2 == '1'"},
    ],
    ids=str,
)
def test_every_row_is_the_sum_that_the_table_shows(survey, column, statistic, about):
    result = bf.estimate(survey, column, statistic=statistic, **about)
    (secret,) = structure_of(result, survey)
    assert [row.at for row in secret.rows.rows] == result.table.index.tolist()
    for row in secret.rows.rows:
        told = result.table.loc[row.at]
        n, value = added_up(secret, row)
        assert n == told["n"]
        if n == 0:
            continue
        if statistic in ("share", "top2", "bottom2"):
            assert value == told["count"]
        else:
            assert (value if statistic == "total" else value / n) == pytest.approx(told["estimate"])


def test_options_of_a_multiple_choice_count_mentions():
    survey = offices({"q4_a": ["1", "0"] * 10, "q4_b": ["1"] * 5 + ["0"] * 15})
    result = bf.estimate(survey, "q4")
    made = {secret.rows.column: secret for secret in structure_of(result, survey)}
    counts = {c: added_up(s, s.rows.rows[0])[1] for c, s in made.items()}
    assert counts == {"q4_a": 10, "q4_b": 5}
    assert made["q4_a"].rows.answers == ("0", "1")


def test_a_median_is_no_sum(survey):
    (secret,) = structure_of(bf.estimate(survey, "q3", statistic="median"), survey)
    assert [row.scores for row in secret.rows.rows] == [()]


@pytest.mark.parametrize(
    ("about", "crossed"),
    [
        ({}, False),
        ({"by": "staffel"}, False),
        ({"by": ["staffel", "land"]}, True),
        ({"by": "q2"}, True),
        ({"where": "land == '0'"}, False),
        ({"by": "staffel", "where": "land == '0'"}, True),
        ({"by": "land", "where": "land == '0'"}, False),
        ({"where": "q2 == '1'"}, True),
    ],
    ids=str,
)
def test_what_counts_as_crossed(survey, about, crossed):
    (secret,) = structure_of(bf.estimate(survey, "q1", total=False, **about), survey)
    assert {row.crossed for row in secret.rows.rows} == {crossed}


def test_groups_are_told_by_the_register_and_parts_by_the_answers_alone(survey):
    (secret,) = structure_of(bf.estimate(survey, "q1", by=["land", "q2"], total=False), survey)
    land = survey.responses["land"].astype(str).to_numpy()
    seen = {group.tobytes() for group in secret.rows.groups}
    assert seen <= {(land == key).tobytes() for key in set(land)}
    assert secret.rows.splits["q2"].parts == 4  # three answers, and none
    silent = ~survey.answered("q2")
    assert (secret.parts["q2"][silent] == 3).all()
    assert (secret.parts["q2"][~silent] < 3).all()


def test_cases_chosen_by_hand_are_refused_with_what_to_write(survey):
    made = bf.estimate(survey, "q1", where=np.arange(60) < 40)
    with pytest.raises(bf.DisclosureError, match='write where= as a filter, "q1 == 2"'):
        structure_of(made, survey)


def test_only_answers_are_secret(survey):
    assert [secret_variable(survey, n) for n in ("q1", "q3", "staffel", "land")] == [
        True, True, False, False,
    ]  # fmt: skip
    frame = survey.cases[["unit"]].assign(schicht=["a", "b"] * 30, q1="1")
    planned = survey.with_design(bf.design(survey, frame=frame))
    assert not secret_variable(planned, "schicht")
    assert secret_variable(planned, "q1")  # a column of the frame doesn't make answers public


def test_some_rows_only_are_kept_with_the_same_answers(survey):
    (secret,) = structure_of(bf.estimate(survey, "q1", by="staffel"), survey)
    kept = secret.only(frozenset({0, 5}))
    assert [row.at for row in kept.rows.rows] == [0, 5]
    assert kept.codes is secret.codes
