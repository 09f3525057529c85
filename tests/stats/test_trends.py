"""Growth and slopes of short series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.stats.trends import trend

YEARS = [2018, 2019, 2020, 2022]


def test_slope_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(4)
    series = rng.normal(50, 5, (4, 6))
    found = trend(YEARS, series)
    slope, level = np.polyfit(YEARS, series, 1)
    np.testing.assert_allclose(found.slope, slope, rtol=1e-9)
    np.testing.assert_allclose(
        found.slope_percent, 100 * slope / (level + slope * YEARS[0]), rtol=1e-9
    )


@given(st.floats(0.1, 1e6), st.floats(-0.5, 1.0))
def test_constant_growth_is_found_again(first: float, rate: float) -> None:
    series = first * (1 + rate) ** (np.array(YEARS) - YEARS[0])
    found = trend(YEARS, series)
    assert found.cagr == pytest.approx(rate, abs=1e-9)
    assert found.percent == pytest.approx(100 * ((1 + rate) ** 4 - 1), abs=1e-6)


def test_a_series_counts_from_its_first_to_its_last_value() -> None:
    found = trend(YEARS, [[np.nan, 1.0, np.nan], [4.0, 2.0, np.nan], [9.0, np.nan, 5.0],
                          [np.nan, 8.0, np.nan]])  # fmt: skip
    assert found.n.tolist() == [2, 3, 1]
    assert found.first_time[:2].tolist() == [2019, 2018]
    assert found.last_time[:2].tolist() == [2020, 2022]
    assert found.cagr[0] == pytest.approx(1.25)
    assert found.cagr[1] == pytest.approx(8 ** (1 / 4) - 1)
    assert np.isnan([found.cagr[2], found.slope[2], found.first[2], found.first_time[2]]).all()


def test_growth_has_no_meaning_from_zero_or_below() -> None:
    found = trend([1, 2], [[0.0, -2.0, 2.0, 4.0], [1.0, 1.0, -1.0, 0.0]])
    assert np.isnan(found.cagr).tolist() == [True, True, True, False]
    assert found.cagr[3] == -1
    assert np.isnan(found.percent).tolist() == [True, True, False, False]
    assert found.slope.tolist() == [1, 3, -3, -4]


@pytest.mark.parametrize("times", [[2, 1], [1, 1], [1, 2, 3], []])
def test_times_must_ascend_and_fit(times: list[int]) -> None:
    with pytest.raises(ValueError, match="ascending"):
        trend(times, np.ones((2, 3)))
