"""Importance: the correlation ratio sees what a straight line does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.stats.indices.importance import correlation_ratio, linear_importance


@pytest.fixture(scope="module")
def sample():
    generator = np.random.default_rng(5)
    return generator.normal(size=(2000, 4)), generator


def test_a_straight_line_gives_the_squared_correlation(sample):
    x, generator = sample
    y = x[:, 0] + 0.5 * generator.normal(size=len(x))
    expected = np.corrcoef(x[:, 0], y)[0, 1] ** 2
    assert linear_importance(x, y)[0] == pytest.approx(expected, rel=1e-12)
    assert correlation_ratio(x, y)[0] == pytest.approx(expected, abs=0.01)


def test_a_parabola_is_seen_by_the_ratio_only(sample):
    x, _ = sample
    y = x[:, 0] ** 2
    assert linear_importance(x, y)[0] < 0.05
    assert correlation_ratio(x, y)[0] > 0.98


def test_known_variance_shares_of_independent_parts(sample):
    """Var(sin-like part) and Var(normal part) are known; the ratios are their shares."""
    generator = np.random.default_rng(2)
    u = generator.uniform(-np.pi, np.pi, 20_000)
    v = generator.normal(size=20_000)
    found = correlation_ratio(np.column_stack([u, v, generator.normal(size=20_000)]), np.sin(u) + v)
    np.testing.assert_allclose(found, [0.5 / 1.5, 1 / 1.5, 0.0], atol=0.015)


def test_few_values_give_the_ratio_of_group_means():
    x = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2], float)
    y = np.array([1, 2, 3, 8, 9, 10, 1, 2, 3], float)
    means = np.repeat([2.0, 9.0, 2.0], 3)
    assert correlation_ratio(x[:, None], y)[0] == pytest.approx(means.var() / y.var(), rel=1e-12)


def test_missing_pairs_are_left_out(sample):
    x, _ = sample
    y = x.sum(axis=1)
    gappy, short = x.copy(), y.copy()
    gappy[:700, 1] = np.nan
    short[1800:] = np.nan
    kept = slice(700, 1800)
    for measure in (correlation_ratio, linear_importance):
        found = measure(gappy, short)[1]
        assert found == pytest.approx(measure(x[kept, 1:2], y[kept])[0], rel=1e-10)


def test_nothing_to_explain_or_to_explain_with_is_nan():
    x = np.column_stack([np.ones(9), np.arange(9.0), np.r_[1.0, 2.0, np.full(7, np.nan)]])
    for measure in (correlation_ratio, linear_importance):
        np.testing.assert_array_equal(np.isnan(measure(x, np.arange(9.0))), [True, False, True])
        assert np.isnan(measure(x, np.full(9, 3.0))).all()


def test_lengths_must_fit():
    with pytest.raises(ValueError, match="do not fit"):
        correlation_ratio([[1.0], [2.0]], [1.0])


@given(st.integers(0, 1000), st.floats(0.1, 100), st.floats(-50, 50))
def test_scale_and_direction_do_not_matter(seed, factor, shift):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(60, 2))
    y = x[:, 0] + x[:, 1] ** 2
    for measure in (correlation_ratio, linear_importance):
        found = measure(x, y)
        assert ((found >= 0) & (found <= 1)).all()
        np.testing.assert_allclose(measure(-factor * x + shift, factor * y), found, atol=1e-6)


def test_an_outlier_far_off_does_not_break_the_spline(sample):
    x, _ = sample
    far = x[:, :1].copy()
    far[0] = 1e6
    assert 0 <= correlation_ratio(far, x[:, 0])[0] <= 1
