"""Rates of small units against exact probabilities, a hand calculation and identities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from begleitforschung.stats.small_numbers import funnel_limits, pooled_rates, shrink_rates


def test_poisson_limits_interpolate_between_exact_counts() -> None:
    low, high = funnel_limits([100.0], 0.1)
    # Poisson(10): P(X <= 3) = 0.010336, P(X <= 4) = 0.029253; P(16) = 0.972958, P(17) = 0.985722
    assert low[0] * 100 == pytest.approx(4 - (0.0292527 - 0.025) / 0.0189167, rel=1e-5)
    assert high[0] * 100 == pytest.approx(17 - (0.9857224 - 0.975) / 0.0127640, rel=1e-5)


def test_binomial_limits_stay_within_zero_and_one() -> None:
    low, high = funnel_limits([1, 5, 50, 5000], 0.97, model="binomial", level=0.998)
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert (np.diff(low) > 0).all()


def test_limits_of_large_units_are_those_of_the_normal_distribution() -> None:
    low, high = funnel_limits([1e7], 0.2)
    half = stats.norm.ppf(0.975) * np.sqrt(0.2 / 1e7)
    assert [low[0], high[0]] == pytest.approx([0.2 - half, 0.2 + half], rel=1e-5)


def test_a_unit_without_exposure_has_no_limits() -> None:
    low, high = funnel_limits([0.0, np.nan, 10.0], 0.5)
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, True, False]


def test_no_events_expected_means_limits_of_zero() -> None:
    assert [end.tolist() for end in funnel_limits([5.0], 0.0)] == [[0.0], [0.0]]


@pytest.mark.parametrize(("target", "options"), [(-1, {}), (2, {"model": "binomial"})])
def test_impossible_rates_are_refused(target: float, options: dict) -> None:
    with pytest.raises(ValueError, match="rate that can occur"):
        funnel_limits([10.0], target, **options)


def test_years_are_pooled_by_their_exposure() -> None:
    rates, exposure = pooled_rates([[1, 3], [np.nan, 4], [0, 0]], [[10, 30], [5, 20], [0, 0]])
    assert rates[:2].tolist() == [0.1, 0.2]
    assert np.isnan(rates[2])
    assert exposure.tolist() == [40, 20, 0]


def test_shrinkage_as_calculated_by_hand() -> None:
    shrunk = shrink_rates([0.0, 0.1, 0.3], [10, 100, 40])
    mean = 22 / 150
    spread = (10 * mean**2 + 100 * (0.1 - mean) ** 2 + 40 * (0.3 - mean) ** 2) / 150
    between = max(spread - mean / 50, 0)
    own = between / (between + mean / np.array([10, 100, 40]))
    assert shrunk.mean == pytest.approx(mean)
    assert shrunk.variance == pytest.approx(between)
    assert shrunk.weight == pytest.approx(own)
    assert shrunk.rates == pytest.approx(mean + own * (np.array([0, 0.1, 0.3]) - mean))


def test_rates_no_wider_than_chance_all_become_the_mean() -> None:
    shrunk = shrink_rates([0.1, 0.11, np.nan], [10, 10, 10])
    assert shrunk.variance == 0
    assert shrunk.rates[:2] == pytest.approx([0.105, 0.105])
    assert np.isnan(shrunk.rates[2])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 10**6)), min_size=2, max_size=20))
def test_shrunk_rates_lie_between_own_rate_and_mean(cases: list[tuple[int, int]]) -> None:
    events, exposure = np.array(cases, dtype=float).T
    rates = events / exposure
    shrunk = shrink_rates(rates, exposure)
    low, high = np.minimum(rates, shrunk.mean), np.maximum(rates, shrunk.mean)
    assert (shrunk.rates >= low - 1e-15).all()
    assert (shrunk.rates <= high + 1e-15).all()
    order = np.argsort(exposure)
    assert (np.diff(shrunk.weight[order]) >= -1e-12).all()


@pytest.mark.parametrize(("rates", "exposure"), [([-0.1], [5]), ([0.1], [0]), ([np.nan], [5])])
def test_rates_without_meaning_are_refused(rates: list[float], exposure: list[float]) -> None:
    with pytest.raises(ValueError, match="shrinkage needs"):
        shrink_rates(rates, exposure)
