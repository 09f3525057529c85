"""Numbers, shares and dates case by case: what stands in a German and in an English report."""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.display.numbers import (
    MINUS,
    count_words,
    format_date,
    format_number,
    format_share,
    is_missing,
)
from begleitforschung.errors import ReportError

NBSP = "\u00a0"
FINITE = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "decimals", "unit", "expected"),
    [
        (1234567.891, 2, "", "1,234,567.89"),
        (0.5, 0, "", "1"),
        (-1234.5, 1, "", f"{MINUS}1,234.5"),
        (2.5, 1, "%", "2.5%"),
        (2.5, 1, "km", f"2.5{NBSP}km"),
        (12, 0, "€", "€12"),
        (-12, 0, "£", f"{MINUS}£12"),
        (1500, 0, "$", "$1,500"),
        (1500, 0, "€/m²", f"1,500{NBSP}€/m²"),
    ],
)
def test_english_numbers(value: float, decimals: int, unit: str, expected: str) -> None:
    assert format_number(value, decimals, "en", unit=unit) == expected


@pytest.mark.parametrize("unit", ["€", "$", "%", "Pkw je 1.000 Einwohner"])
def test_german_units_follow_the_number_and_never_leave_its_line(unit: str) -> None:
    assert format_number(12, 0, "de", unit=unit) == f"12{NBSP}{unit}"


@pytest.mark.parametrize(
    ("value", "sign", "expected"),
    [
        (math.inf, False, "∞"),
        (math.inf, True, "+∞"),
        (-math.inf, False, f"{MINUS}∞"),
        (-math.inf, True, f"{MINUS}∞"),
    ],
)
def test_infinite_numbers(value: float, sign: bool, expected: str) -> None:
    assert format_number(value, 2, sign=sign) == expected
    assert format_number(value, None, sign=sign) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1 + 0.2, "0,30000000000000004"),
        (Decimal("1.10"), "1,10"),
        (1_000_000, "1.000.000"),
        (1e-7, "0,0000001"),
        (np.float64(-2.5), f"{MINUS}2,5"),
    ],
)
def test_without_decimals_the_digits_stay_as_they_are(value: object, expected: str) -> None:
    assert format_number(value, None) == expected


@given(FINITE, st.integers(0, 5))
def test_english_digits_are_those_of_python(value: float, decimals: int) -> None:
    wanted = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert format_number(value, decimals, "en") == f"{wanted + 0:,f}".replace("-", MINUS)


@given(FINITE, st.integers(0, 5))
def test_the_opposite_number_differs_by_its_sign_only(value: float, decimals: int) -> None:
    body = format_number(abs(value), decimals)
    lead = MINUS if set(body) - set("0,.") else ""
    assert format_number(-abs(value), decimals) == lead + body
    assert format_number(abs(value), decimals, sign=True) == ("+" if lead else "") + body


@given(FINITE)
def test_german_and_english_differ_by_their_separators_only(value: float) -> None:
    swapped = str.maketrans(".,", ",.")
    assert format_number(value, 3, "de").translate(swapped) == format_number(value, 3, "en")


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_no_digit_is_lost_where_no_decimals_are_asked_for(value: float) -> None:
    assert float(format_number(value, None, "en").replace(",", "").replace(MINUS, "-")) == value


@pytest.mark.parametrize(
    ("share", "decimals", "lang", "sign", "expected"),
    [
        (0.1234, 1, "de", False, f"12,3{NBSP}%"),
        (0.1234, 1, "en", False, "12.3%"),
        (1, 0, "de", False, f"100{NBSP}%"),
        (12.345, 1, "de", False, f"1.234,5{NBSP}%"),
        (-0.0305, 1, "de", False, f"{MINUS}3,1{NBSP}%"),
        (0.0305, 1, "de", True, f"+3,1{NBSP}%"),
        (0, 1, "en", True, "0.0%"),
        (None, 1, "en", True, "–"),
    ],
)
def test_shares(share: float, decimals: int, lang: str, sign: bool, expected: str) -> None:
    assert format_share(share, decimals, lang, sign=sign) == expected


@pytest.mark.parametrize(
    ("given_date", "german", "english"),
    [
        ("2021", "2021", "2021"),
        ("2021-01", "Januar 2021", "January 2021"),
        ("2021-12", "Dezember 2021", "December 2021"),
        ("2021-05-01", f"1.{NBSP}Mai 2021", "1 May 2021"),
        ("2024-02-29", f"29.{NBSP}Februar 2024", "29 February 2024"),
        (" 2021-03-31 ", f"31.{NBSP}März 2021", "31 March 2021"),
        (dt.date(1990, 10, 3), f"3.{NBSP}Oktober 1990", "3 October 1990"),
        (dt.datetime(2022, 9, 30, 23, 59), f"30.{NBSP}September 2022", "30 September 2022"),
    ],
)
def test_dates_are_as_exact_as_they_were_given(
    given_date: str | dt.date, german: str, english: str
) -> None:
    assert format_date(given_date, "de") == german
    assert format_date(given_date, "en") == english


@pytest.mark.parametrize(
    "text", ["", "gestern", "2023-02-29", "2021-13", "21.11.2026", "2021-01-02-03", "2021-01-02T10"]
)
def test_what_is_no_date_is_refused_with_a_pattern(text: str) -> None:
    with pytest.raises(ReportError) as caught:
        format_date(text)
    assert repr(text) in str(caught.value)
    assert "write it as 2026-11-21" in str(caught.value)


def test_counts_up_to_twelve_are_words() -> None:
    german = "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf 13"
    english = "zero one two three four five six seven eight nine ten eleven twelve 13"
    assert " ".join(map(count_words, range(14))) == german
    assert " ".join(count_words(n, "en") for n in range(14)) == english
    assert [count_words(n, "en") for n in (-1, 1250)] == [f"{MINUS}1", "1,250"]


@pytest.mark.parametrize("value", ["", "nan", "None", 0, False, math.inf, dt.date.min, Decimal(0)])
def test_what_is_not_missing(value: object) -> None:
    assert not is_missing(value)
