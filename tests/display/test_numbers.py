from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.display.numbers import (
    MISSING,
    count_words,
    format_date,
    format_number,
    format_share,
    is_missing,
    round_half_up,
)
from begleitforschung.errors import ReportError


def back(text: str) -> Decimal:
    """Read a German number as printed."""
    return Decimal(text.replace(".", "").replace(",", ".").replace("\u2212", "-"))


@pytest.mark.parametrize(
    ("value", "decimals", "unit", "expected"),
    [
        (2.4, 1, "%", "2,4\u00a0%"),
        (3014.9, 2, "€", "3.014,90\u00a0€"),
        (83_237_124, 0, "", "83.237.124"),
        (-1234.5, 0, "", "\u22121.235"),
        (0.125, 2, "", "0,13"),
        (2.675, 2, "", "2,68"),
        (1.005, 2, "", "1,01"),
        (-0.04, 1, "", "0,0"),
        (1234.5678, None, "", "1.234,5678"),
        (np.float32(2.45), 1, "", "2,5"),
        (np.int64(1000), 0, "", "1.000"),
        (1e30, 1, "", "1.000.000.000.000.000.000.000.000.000.000,0"),
        (float("inf"), 1, "", "∞"),
    ],
)
def test_german_numbers(value: object, decimals: int | None, unit: str, expected: str) -> None:
    assert format_number(value, decimals, unit=unit) == expected


@pytest.mark.parametrize("value", [None, float("nan"), np.nan, pd.NA, pd.NaT, Decimal("NaN")])
def test_missing_is_a_dash_without_unit(value: object) -> None:
    assert is_missing(value)
    assert format_number(value, 1, unit="%") == MISSING
    assert format_share(value) == MISSING


def test_english() -> None:
    assert format_number(3014.9, 2, "en", unit="€") == "€3,014.90"
    assert format_share(0.5, 0, "en") == "50%"
    assert format_date("2026-11-21", "en") == "21 November 2026"


def test_signs_of_differences() -> None:
    shown = [format_number(value, 1, sign=True) for value in (2.44, -2.45, 0.0, 0.04)]
    assert shown == ["+2,4", "\u22122,5", "0,0", "0,0"]


@given(
    st.floats(min_value=-1e12, max_value=1e12, allow_nan=False),
    st.integers(min_value=0, max_value=6),
)
def test_half_up_against_decimal_digits(value: float, decimals: int) -> None:
    """Adding half a unit of the last place and cutting off is rounding half up, by definition."""
    exact = Decimal(repr(value))
    step = Decimal(1).scaleb(-decimals)
    cut = ((abs(exact) + step / 2) // step) * step
    expected = cut.copy_sign(exact) if cut else cut
    assert round_half_up(value, decimals) == expected
    assert back(format_number(value, decimals)) == expected


@given(st.integers(min_value=0, max_value=10**6), st.integers(min_value=1, max_value=4))
def test_exact_halves_go_away_from_zero(whole: int, decimals: int) -> None:
    half = Decimal(whole).scaleb(-decimals) + Decimal(5).scaleb(-decimals - 1)
    up = Decimal(whole + 1).scaleb(-decimals)
    assert round_half_up(half, decimals) == up
    assert round_half_up(-half, decimals) == -up


def test_shares_do_not_pass_through_binary_fractions() -> None:
    assert format_share(0.0245) == "2,5\u00a0%"
    assert format_share(0.285, 0) == "29\u00a0%"


def test_dates() -> None:
    assert format_date(dt.date(2026, 11, 21)) == "21.\u00a0November 2026"
    assert format_date("2021-03") == "März 2021"
    assert format_date("2021") == "2021"
    with pytest.raises(ReportError, match="2026-11-21"):
        format_date("21.11.2026")


def test_counts_in_running_text() -> None:
    assert [count_words(n) for n in (1, 12, 13, 1250)] == ["eins", "zwölf", "13", "1.250"]
    assert count_words(2, "en") == "two"
