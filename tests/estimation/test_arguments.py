"""What is checked of a call: names, numbers, levels; each refusal says what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import begleitforschung as bf
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.estimation.arguments import names_of, number_of, require_level, require_valid
from begleitforschung.estimation.bounds import INTERVALS
from begleitforschung.estimation.rows import Request
from begleitforschung.surveys import Item

from .inputs import item, survey_of

ANSWERS = pd.DataFrame(
    {
        "y": [1.0, 2.0, np.nan, 4.0],
        "minus": [1.0, -2.0, -3.0, 0.0],
        "leer": [np.nan] * 4,
        "s": [1, 2, 3, 2],
        "q": list("abab"),
        "b_x": [1.0, 2.0, 3.0, 4.0],
        "b_z": [1.0, 1.0, 1.0, 1.0],
        "seit": pd.to_datetime(["2024-01-01", "2025-01-01", None, "2023-05-05"]),
    }
)


@pytest.fixture(scope="module")
def survey():
    rows = [{"id": name, "text": {"de": name}} for name in "xz"]
    battery = {"id": "b", "kind": "array", "cells": "number", "text": {"de": "b"}, "rows": rows}
    items = [item(name, ANSWERS[name], "number") for name in ("y", "minus", "leer")]
    items += [item("s", ANSWERS["s"], "scale"), item("q", ANSWERS["q"], "single")]
    items += [Item.model_validate(battery | {"confidentiality": "public"})]
    items += [item("seit", None, "date")]
    made = survey_of(ANSWERS, items, units=list("uvwx"))
    frame = pd.DataFrame(
        {
            "unit": list("uvwxz"),
            "einwohner": pd.array([10, 20, None, 40, 50], dtype="Float64").astype("float64"),
            "zahl": [1, 2, 3, 4, 5],
            "land": list("AABBB"),
            "alle": [np.inf, 1.0, 1.0, 1.0, 1.0],
        }
    )
    return made.with_design(bf.design(made, frame=frame))


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("y", [1, 2, np.nan, 4]),
        ("s", [1, 2, 3, 2]),
        ("b_x", [1, 2, 3, 4]),
        ("einwohner", [10, 20, np.nan, 40]),
        ("zahl", [1, 2, 3, 4]),
    ],
)
def test_a_number_comes_from_the_answers_or_from_the_frame(survey, name, numbers):
    np.testing.assert_array_equal(number_of(survey, name, "denominator"), numbers)


@pytest.mark.parametrize(
    ("name", "argument", "message"),
    [
        ("land", "denominator", "denominator='land': the variable has no numbers"),
        ("alle", "denominator", "denominator='alle' has no numbers"),
        ("leer", "weight_by", "weight_by='leer' has no numbers"),
        ("q", "weight_by", "weight_by='q' has no numbers"),
        ("seit", "denominator", "denominator='seit' has no numbers"),
        ("b", "denominator", "denominator='b' has several columns; name one of them"),
        ("minus", "weight_by", "weight_by='minus' is negative in 2 cases"),
    ],
)
def test_what_is_no_number_is_refused_by_its_name(survey, name, argument, message):
    with pytest.raises(ValidationError, match=message):
        number_of(survey, name, argument)


def test_a_denominator_may_be_negative_and_an_unknown_one_is_near_another(survey):
    assert number_of(survey, "minus", "denominator").tolist() == [1, -2, -3, 0]
    with pytest.raises(UnknownCodeError, match="minus"):
        number_of(survey, "minos", "denominator")


def test_figures_use_the_numbers_of_the_frame(survey):
    row = bf.estimate(survey, "y", weight_by="einwohner").table.iloc[0]
    assert row["estimate"] == pytest.approx((10 * 1 + 20 * 2 + 40 * 4) / 70)
    ratio = bf.estimate(survey, "y", statistic="ratio", denominator="zahl").table.iloc[0]
    assert ratio["estimate"] == pytest.approx((1 + 2 + 4) / (1 + 2 + 4))
    assert (row["n"], ratio["n"]) == (3, 3)


@given(st.lists(st.sampled_from(["q1", "q2", "q3"]), max_size=4))
def test_names_are_kept_in_their_order_or_refused(names):
    if names and len(set(names)) == len(names):
        assert names_of(names, "by") == tuple(names)
        return
    with pytest.raises(ValidationError, match=r"by= names (nothing: give|.* more than once)"):
        names_of(names, "by")


def test_all_that_stands_twice_is_named_and_a_single_name_is_one():
    assert names_of("q1", "by") == ("q1",)
    with pytest.raises(ValidationError, match="question= names a, b more than once"):
        names_of(["b", "a", "c", "a", "b"], "question")


@pytest.mark.parametrize("level", [0.5, 0.95, 1e-9, 1 - 1e-9])
def test_levels_between_nought_and_one_pass(level):
    require_level(level)
    require_valid(Request(statistic="mean", level=level), 0)


@pytest.mark.parametrize("interval", INTERVALS)
def test_intervals_are_known_and_go_with_shares(interval):
    require_valid(Request(statistic="share", interval=interval), 10)
    if interval != "auto":
        with pytest.raises(ValidationError, match="interval= goes with shares, not with"):
            require_valid(Request(statistic="mean", interval=interval), 10)


def test_all_that_is_wrong_with_the_numbers_of_a_call_comes_at_once():
    with pytest.raises(ValidationError) as caught:
        require_valid(Request(statistic="mean", level=95, prob=2, interval="wilson"), -1)
    assert str(caught.value) == (
        "level= lies between 0 and 1 (0.95 for 95 %), not 95; min_n= is a whole number of cases, "
        "not -1; prob= lies between 0 and 1, not 2; interval= goes with shares, not with "
        "statistic='mean'"
    )
    with pytest.raises(UnknownCodeError, match="wilson"):
        require_valid(Request(statistic="share", interval="wilsson"), 10)


@pytest.mark.parametrize("min_n", [True, 2.0, "3", None, -1])
def test_a_smallest_base_is_a_whole_number(min_n):
    with pytest.raises(ValidationError, match="min_n= is a whole number of cases, not"):
        require_valid(Request(statistic="share"), min_n)
    require_valid(Request(statistic="share"), np.int64(3))
