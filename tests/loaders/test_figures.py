"""Numbers and signs: every sign of official tables becomes a status, nothing else is guessed."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.loaders.figures import as_status, parse_figures, quality_status


def read(text, decimal=",", thousands=False):
    found = parse_figures(pd.Categorical([text]), decimal=decimal, thousands=thousands)
    status = None if found.bad[0] else as_status(found.status)[0]
    return float(found.value[0]), status


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("12,5", 12.5, "normal"),
        ("0", 0.0, "normal"),
        ("-3", -3.0, "normal"),
        ("\u22123", -3.0, "normal"),
        ("-", 0.0, "zero"),
        ("–", 0.0, "zero"),
        (".", math.nan, "unknown"),
        ("·", math.nan, "unknown"),
        ("/", math.nan, "unreliable"),
        ("x", math.nan, "not_meaningful"),
        ("...", math.nan, "later"),
        ("…", math.nan, "later"),
        ("", math.nan, "missing"),
        ("(12,5)", 12.5, "limited"),
        ("12,5 p", 12.5, "preliminary"),
        ("12,5r", 12.5, "revised"),
        ("12,5e", 12.5, "estimated"),
        ("12,5s", 12.5, "estimated"),
    ],
)
def test_every_sign_has_its_status(text, value, status):
    found = read(text)
    assert found[1] == status
    assert found[0] == value or (math.isnan(value) and math.isnan(found[0]))


@pytest.mark.parametrize(
    "text", ["abc", "1,2,3", "1.5", "(3", "3)", "p", "()", "12,5 q", "--", "1,"]
)
def test_anything_else_is_unreadable(text):
    assert read(text)[1] is None


def test_points_between_thousands_only_in_groups_of_three():
    assert read("1.234.567,8", thousands=True) == (1234567.8, "normal")
    assert read("1.23", thousands=True)[1] is None
    assert read("1.234", thousands=False)[1] is None


def test_a_number_beyond_the_range_of_floats_is_unreadable():
    assert read("1e999", decimal=".")[1] is None


def test_decimal_places_are_those_written():
    cells = pd.Categorical(["1,50", "2", "3,125", "-"])
    assert parse_figures(cells, decimal=",").decimals.tolist() == [2, 0, 3, 0]


def test_signs_of_quality():
    status, bad = quality_status(pd.Categorical(["", "e", "()", "p", "r", "s", "?"]))
    assert bad.tolist() == [False] * 6 + [True]
    known = as_status(status[:6])
    assert known.tolist() == [
        "normal", "estimated", "limited", "preliminary", "revised", "estimated"
    ]  # fmt: skip


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_exactly(number):
    text = repr(number)
    assert read(text, decimal=".") == (number, "normal")
    assert read(text.replace(".", ","))[0] == number
