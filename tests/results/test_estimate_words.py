"""Single figures as they are written, case by case, and what holds for all of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.display.numbers import round_half_up
from begleitforschung.language import Text
from begleitforschung.results.estimate_words import (
    counts_text,
    interval_text,
    is_secret,
    level_text,
    number_decimals,
    number_text,
    share_decimals,
    share_text,
    total_places,
    unit_noun,
)
from begleitforschung.results.variable_words import variable_words

from .made import MINUS, NBSP

COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def share(count: Any, n: int, **more: Any) -> dict[str, Any]:
    given = {"statistic": "share", "estimate": np.nan if count is None else count / max(n, 1)}
    return given | {"count": pd.NA if count is None else count, "n": n} | more


def mean(value: float, se: float, n: int = 100, **more: Any) -> dict[str, Any]:
    given = {"statistic": "mean", "category": "", "estimate": value, "se": se, "n": n}
    return given | {"low": np.nan, "high": np.nan, "method": "t"} | more


@given(COUNTS, st.integers(1, 50))
def test_a_share_is_a_count_below_the_minimum_and_a_rounded_percentage_above(
    cases: tuple[int, int], least: int
) -> None:
    count, n = cases
    text = share_text(share(count, n), least, "en")
    if n < least:
        assert text == f"{count} of {n}"
        return
    percent = f"{round_half_up(100 * (count / n), 0 if n < 1000 else 1)}%"
    assert text == (f"{count} of {n} ({percent})" if n < 30 else percent)


@given(COUNTS)
def test_german_and_english_shares_differ_in_words_and_signs_only(cases: tuple[int, int]) -> None:
    german, english = (share_text(share(*cases), 10, lang) for lang in ("de", "en"))
    turned = german.replace("von", "of").replace(f"{NBSP}%", "%").replace(",", ".")
    assert turned == english


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (share(4, 19, estimate=np.nan), "4 von 19"),
        (share(None, 19, estimate=0.21), f"21{NBSP}%"),
        (share(None, 9, estimate=0.21), "."),
        (share(None, 40), "–"),
        (share(4, 9, suppressed="primary"), "."),
        (share(4, 400, suppressed="secondary"), "."),
        (share(4, 9, suppressed=""), "4 von 9"),
        (share(0, 0), "–"),
        (share(None, 0), "–"),
        (share(40, 40), f"100{NBSP}%"),
        (share(0, 40), f"0{NBSP}%"),
    ],
)
def test_of_count_and_share_the_one_that_is_known_is_written(
    row: dict[str, Any], text: str
) -> None:
    assert share_text(row, 10, "de") == text
    assert is_secret(row, 10) is (text == ".")


def test_numbers_are_secret_only_if_suppressed() -> None:
    row = mean(3.0, 0.5, n=2, count=pd.NA)
    assert not is_secret(row, 10)
    assert is_secret(row | {"suppressed": "primary"}, 10)


@pytest.mark.parametrize(("n", "places"), [(0, 0), (999, 0), (1000, 1), (10**6, 1)])
def test_a_decimal_stands_where_a_case_is_no_more_than_a_tenth_of_a_point(
    n: int, places: int
) -> None:
    assert share_decimals(n) == places


@given(st.floats(0.001, 1e9))
def test_totals_are_rounded_to_a_hundredth_of_the_group_at_least(size: float) -> None:
    step = 10.0 ** -total_places(size)
    assert step >= min(1.0, size / 100)
    assert step >= size / 100 * (1 - 1e-12)
    assert step == 1 or step < size / 10


@pytest.mark.parametrize(("size", "places"), [(0, 0), (100, 0), (101, -1), (1000, -1), (10754, -3)])
def test_totals_of_known_groups(size: float, places: int) -> None:
    assert total_places(size) == places


@pytest.mark.parametrize(
    ("row", "decimals"),
    [
        (mean(5, 0.0004), 2),
        (mean(5, 0.095), 2),
        (mean(5, 0.1), 2),
        (mean(5, 1.0), 1),
        (mean(5, 9.99), 1),
        (mean(5, 10.0), 0),
        (mean(5, 1e7), 0),
        (mean(5, 0.1, n=29), 1),
        (mean(5, 1.0, n=29), 0),
        (mean(5, np.nan, n=100), 2),  # as if the error were 5 / 10
        (mean(500, 0.0, n=100), 0),
        (mean(0.0, np.nan), 0),
        (mean(5, 0.1, statistic="total", category="1"), 0),
        (mean(5, 0.1, statistic="total"), 2),
        (mean(5e6, 12345.0, statistic="total"), -3),
        (mean(5e6, 12345.0, statistic="total", n=29), -4),
        (mean(5e6, np.nan, statistic="total", low=4.9e6, high=5.1e6), -3),  # error about 50,000
        (mean(5e6, np.nan, statistic="total", n=100), 0),
        (mean(5e6, 0.0, statistic="total", n=100), 0),
    ],
)
def test_digits_follow_the_error(row: dict[str, Any], decimals: int) -> None:
    assert number_decimals(row) == decimals


@given(st.floats(1e-3, 1e6), st.floats(1e-3, 1e6))
def test_the_sign_of_a_number_changes_no_digit(value: float, se: float) -> None:
    plus, minus = (number_text(mean(v, se), "estimate", "de") for v in (value, -value))
    assert minus.removeprefix(MINUS) == plus


def test_numbers_without_base_or_value_are_dashes() -> None:
    assert number_text(mean(3.0, 0.1, n=0), "estimate", "en") == "–"
    assert number_text(mean(np.nan, np.nan), "estimate", "en") == "–"
    assert number_text(mean(1234.56, 20.0), "estimate", "en") == "1,235"


@pytest.mark.parametrize(
    ("row", "german", "english"),
    [
        (share(9, 30, low=0.155, high=0.4449, method="wilson"), f"16–44{NBSP}%", "16–44%"),
        (share(9, 1000, low=0.0, high=0.0044, method="x"), f"0,0–0,4{NBSP}%", "0.0–0.4%"),
        (share(9, 30, low=np.nan, high=0.4, method="x"), "", ""),
        (share(9, 30, low=0.1, high=np.nan, method="x"), "", ""),
        (share(9, 30, low=0.3, high=0.3, method="complete"), "", ""),
        (share(4, 9, low=0.1, high=0.8, method="wilson"), "", ""),
        (mean(-1, 1.0, low=-3.04, high=1.04), f"{MINUS}3,0 bis 1,0", f"{MINUS}3.0 to 1.0"),
        (mean(-1, 1.0, n=4, low=-3.04, high=1.04), f"{MINUS}3 bis 1", f"{MINUS}3 to 1"),
    ],
)
def test_intervals(row: dict[str, Any], german: str, english: str) -> None:
    assert (interval_text(row, 10, "de"), interval_text(row, 10, "en")) == (german, english)


def test_bounds_in_units_have_separators_in_the_size_of_the_population() -> None:
    row = {"count_low": 12.0, "count_high": 40.0, "N": 10754.0}
    assert counts_text(row, "de") == "12 bis 40 der 10.754"
    assert counts_text(row | {"count_high": 12.0}, "en") == "12 of the 10,754"


@pytest.mark.parametrize(
    ("level", "german", "english"),
    [(0.95, "95", "95"), (0.995, "99,5", "99.5"), (0.9, "90", "90"), (0.9999, "99,99", "99.99")],
)
def test_levels(level: float, german: str, english: str) -> None:
    result: Any = SimpleNamespace(level=level)
    assert (level_text(result, "de"), level_text(result, "en")) == (german, english)


def asked(units: list[Any], respondent: str = "office", frame: Any = None, **spec: Any) -> Any:
    return SimpleNamespace(
        specification=spec,
        design=None if frame is None else SimpleNamespace(frame=pd.DataFrame({"unit": frame})),
        survey=SimpleNamespace(
            cases=pd.DataFrame({"unit": pd.Series(units, dtype="object")}),
            codebook=SimpleNamespace(instrument=SimpleNamespace(respondent=respondent)),
        ),
    )


@pytest.mark.parametrize(
    ("result", "noun"),
    [
        (asked(["08421000"]), Text("Kommunen", "municipalities")),
        (asked([None, None]), Text("Kommunen", "municipalities")),
        (asked(["x"], "person"), Text("Befragten", "respondents")),
        (asked(["S1-01", "S2-13", None]), Text("Projekte", "projects")),
        (asked(["S1-01"], frame=["08421000"]), Text("Kommunen", "municipalities")),
        (asked(["S1-01", "08421000"]), Text("Kommunen", "municipalities")),
        (asked(["08421000"], base="answers"), Text("Antworten", "answers")),
        (
            asked(["08421000"], weight_by="Einwohner"),
            Text("Einwohner (der Kommunen)", "residents (of the municipalities)"),
        ),
        (
            asked(["x"], "person", weight_by="haushalte"),
            Text("haushalte (der Befragten)", "haushalte (of the respondents)"),
        ),
    ],
)
def test_what_shares_are_shares_of(result: Any, noun: Text) -> None:
    assert unit_noun(result) == noun


def test_variables_of_other_frames_keep_their_name() -> None:
    assert variable_words("bundesland").de == "Land"
    assert variable_words("staffel") == Text("Staffel", "Round")
    assert variable_words("Größe x") == Text("Größe x", "Größe x")
    assert variable_words("") == Text("", "")
