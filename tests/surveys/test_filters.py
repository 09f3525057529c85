"""Filters let the right people through; they know nothing but comparisons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.errors import FormulaError
from begleitforschung.surveys import parse_filter

DATA = pd.DataFrame(
    {
        "q1": pd.Categorical(["1", "2", None, "1", "A1"]),
        "n": [5.0, 0.0, np.nan, 20.0, -1.0],
        "t": pd.Series(["x", None, "y", "x", "z"], dtype="str"),
    }
)


def passed(text):
    return parse_filter(text).mask(DATA.__getitem__, len(DATA)).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("q1 == 1", [1, 0, 0, 1, 0]),
        ("q1 == '1'", [1, 0, 0, 1, 0]),
        ("q1 == 'A1'", [0, 0, 0, 0, 1]),
        ("q1 != 1", [0, 1, 0, 0, 1]),
        ("q1 in (1, 2)", [1, 1, 0, 1, 0]),
        ("q1 not in [1]", [0, 1, 0, 0, 1]),
        ("n > 4.5", [1, 0, 0, 1, 0]),
        ("n <= -1", [0, 0, 0, 0, 1]),
        ("n in (0, 20)", [0, 1, 0, 1, 0]),
        ("answered(n)", [1, 1, 0, 1, 1]),
        ("not answered(q1) or n == 20", [0, 0, 1, 1, 0]),
        ("t == 'x' and (q1 == 2 or n > 10)", [0, 0, 0, 1, 0]),
        ("q1 > 1", [0, 1, 0, 0, 0]),
    ],
)
def test_a_comparison_with_a_missing_answer_is_false(text, expected):
    assert passed(text) == [bool(one) for one in expected]


@pytest.mark.parametrize(
    "text",
    [
        *("", "q1", "q1 ==", "1 == q1", "q1 == q2", "__import__('os')", "q1.x == 1", "q1 == True"),
        *("answered(1)", "answered(q1, n)", "len(q1) == 1", "q1 == 1 == 2", "lambda: 1", "q1 in 3"),
    ],
)
def test_everything_else_is_refused(text):
    with pytest.raises(FormulaError):
        parse_filter(text)


def test_unknown_columns_are_named():
    with pytest.raises(FormulaError, match="'zz'"):
        parse_filter("q1 == 1 and zz == 2", DATA.columns)


@given(st.lists(st.sampled_from(["1", "2", "3", None]), min_size=1, max_size=20))
def test_a_filter_and_its_negation_part_the_cases(codes):
    data = {"q": pd.Series(pd.Categorical(codes, categories=["1", "2", "3"]))}
    masks = [
        parse_filter(text).mask(data.__getitem__, len(codes))
        for text in ("q == 1", "q != 1", "not answered(q)")
    ]
    assert (np.sum(masks, axis=0) == 1).all()


def test_a_filter_tells_what_it_compares_from_what_it_asks_an_answer_of():
    found = parse_filter("answered(q2) and (q1 == 2 or not answered(q1)) and n > 3")
    assert set(found.columns) == {"q1", "q2", "n"}
    assert set(found.compared) == {"q1", "n"}
    assert parse_filter("answered(q2)").compared == ()
