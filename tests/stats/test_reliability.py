"""Alpha, its interval, omega and item statistics against published values and identities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.stats.correlations import covariances, weighted_covariances
from begleitforschung.stats.reliability import (
    alpha_interval,
    alpha_of,
    cronbach_alpha,
    item_statistics,
    omega,
)

# Shrout & Fleiss (1979, Psychological Bulletin 86), table 2: six targets, four judges.
JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_alpha_is_the_published_reliability_of_the_mean_of_judges():
    """ICC(3,4) of the paper is .91, which is alpha; F = 11.03 on 5 and 15 degrees of freedom."""
    alpha = cronbach_alpha(JUDGES)
    assert alpha == pytest.approx(0.91, abs=0.005)
    assert 1 / (1 - alpha) == pytest.approx(11.03, abs=0.005)
    low, high = alpha_interval(alpha, 6, 4)
    assert (low, high) == pytest.approx((0.68, 0.99), abs=0.005)  # psych::ICC, ICC3k


def test_the_interval_covers_the_truth_as_often_as_it_says():
    random = np.random.default_rng(3)
    k, n, between = 5, 40, 0.5
    truth = k * between / (k * between + 1)
    hits = 0
    for _ in range(400):
        x = np.sqrt(between) * random.standard_normal((n, 1)) + random.standard_normal((n, k))
        low, high = alpha_interval(cronbach_alpha(x), n, k, level=0.9)
        hits += low <= truth <= high
    assert hits / 400 == pytest.approx(0.9, abs=0.045)


def test_omega_of_a_scale_made_by_one_factor_is_its_reliability():
    """With loadings l and unique variances u the covariances are l l' + u."""
    loadings, unique = np.array([0.9, 1.2, 0.5, 2.0]), np.array([0.4, 0.8, 0.3, 1.5])
    made = np.outer(loadings, loadings) + np.diag(unique)
    expected = loadings.sum() ** 2 / made.sum()
    assert omega(made) == pytest.approx(expected, abs=1e-6)
    assert alpha_of(made) < omega(made)  # alpha is a lower bound
    equal = np.full((4, 4), 0.6) + np.diag([0.4] * 4)
    assert omega(equal) == pytest.approx(alpha_of(equal), abs=1e-6)


def test_items_are_correlated_with_the_sum_of_the_others():
    x = np.array(JUDGES, dtype=float)
    found = item_statistics(covariances(x))
    for at in range(4):
        others = np.delete(x, at, axis=1)
        expected = np.corrcoef(x[:, at], others.sum(axis=1))[0, 1]
        assert found.item_total[at] == pytest.approx(expected, rel=1e-12)
        assert found.without[at] == pytest.approx(cronbach_alpha(others), rel=1e-12)


@given(st.integers(0, 10_000))
def test_whole_weights_are_repeated_rows(seed):
    random = np.random.default_rng(seed)
    x, times = random.standard_normal((8, 3)), random.integers(1, 4, 8)
    repeated = np.repeat(x, times, axis=0)
    ours = alpha_of(weighted_covariances(x, times))
    assert ours == pytest.approx(cronbach_alpha(repeated), rel=1e-9)
    assert alpha_of(weighted_covariances(x, np.full(8, 3.7))) == pytest.approx(cronbach_alpha(x))


def test_what_can_not_be_said_is_missing():
    assert np.isnan(omega([[1.0, 0.5], [0.5, 1.0]]))
    assert np.isnan(omega([[1.0, 1.0, 0.2], [1.0, 1.0, 0.2], [0.2, 0.2, 1.0]]))
    assert np.isnan(alpha_interval(0.5, 1, 3)).all()
    assert np.isnan(alpha_interval(float("nan"), 10, 3)).all()
    for call in (
        lambda: alpha_of([[1.0, 2.0]]),
        lambda: item_statistics([[1.0]]),
        lambda: alpha_interval(0.5, 10, 3, level=95),
        lambda: weighted_covariances([[1.0, np.nan], [1.0, 2.0]], [1, 1]),
    ):
        with pytest.raises(ValueError, match=r"square|two items|between 0 and 1|missing"):
            call()
