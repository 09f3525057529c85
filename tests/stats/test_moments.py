"""Skewness and kurtosis against SciPy, by hand, and where they are not defined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats as scipy_stats

from begleitforschung.stats.moments import (
    adjusted,
    column_moments,
    highest,
    kurtosis,
    lowest,
    mean_sd,
    skewness,
    skewness_kurtosis,
)

NAN = np.nan


@pytest.fixture
def holes():
    rng = np.random.default_rng(1)
    x = rng.lognormal(size=(2_000, 7))
    x[rng.random(x.shape) < 0.1] = NAN
    return x


def test_as_scipy(holes):
    given_skewness, given_kurtosis = skewness_kurtosis(holes)
    options = {"bias": False, "nan_policy": "omit"}
    np.testing.assert_allclose(given_skewness, scipy_stats.skew(holes, **options), rtol=1e-12)
    np.testing.assert_allclose(given_kurtosis, scipy_stats.kurtosis(holes, **options), rtol=1e-12)
    np.testing.assert_array_equal(skewness(holes), given_skewness)
    np.testing.assert_array_equal(kurtosis(holes), given_kurtosis)


def test_mean_and_standard_deviation(holes):
    mean, sd = mean_sd(holes)
    np.testing.assert_allclose(mean, np.nanmean(holes, axis=0), rtol=1e-13)
    np.testing.assert_allclose(sd, np.nanstd(holes, axis=0, ddof=1), rtol=1e-12)


@pytest.mark.parametrize(
    ("values", "skew", "kurt"),
    [
        ([], NAN, NAN),
        ([NAN, NAN], NAN, NAN),
        ([1.0, 2.0], NAN, NAN),
        ([0.1] * 9, NAN, NAN),  # 0.1 nine times has a mean that is not 0.1
        ([1.0, 2.0, 3.0], 0.0, NAN),
        ([1.0, 2.0, 3.0, NAN, 4.0], 0.0, -1.2),
        ([0.0, 0.0, 0.0, 1.0], 2.0, 4.0),
        ([0.0, 0.0, 0.0, 1e-200], 2.0, 4.0),  # fourth powers below the range of floats
        ([0.0, 0.0, 0.0, -1e200], -2.0, 4.0),
    ],
)
def test_by_hand(values, skew, kurt):
    column = np.array(values, float)[:, None]
    alone = column_moments(column[:, 0])
    assert alone == pytest.approx((skew, kurt), rel=1e-14, abs=1e-14, nan_ok=True)
    assert skewness(column)[0] == pytest.approx(skew, rel=1e-14, abs=1e-14, nan_ok=True)
    assert kurtosis(column)[0] == pytest.approx(kurt, rel=1e-14, nan_ok=True)


def test_values_without_spread_have_exactly_none():
    mean, sd = mean_sd(np.array([[0.1, 5.0, NAN]] + [[0.1, NAN, NAN]] * 8))
    np.testing.assert_array_equal(mean, [0.1, 5.0, NAN])
    np.testing.assert_array_equal(sd, [0.0, NAN, NAN])


def test_lowest_and_highest_leave_missing_values_out():
    x = np.array([[NAN, 2.0, NAN], [1.0, 3.0, NAN]])
    np.testing.assert_array_equal(lowest(x), [1.0, 2.0, NAN])
    np.testing.assert_array_equal(highest(x), [1.0, 3.0, NAN])
    np.testing.assert_array_equal(lowest(np.empty((0, 1))), [NAN])


def test_a_vector_is_refused():
    with pytest.raises(ValueError, match="two dimensions"):
        skewness([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="one dimension"):
        column_moments(np.ones((3, 1)))


def test_moments_of_a_sample_of_two_values():
    assert adjusted(3, 1.0, 0.0, 1.0)[0] == 0.0
    assert np.isnan(adjusted([2, 9], [1.0, 0.0], [0.0, 0.0], [1.0, 0.0])).all()


@settings(max_examples=50)
@given(
    arrays(float, st.tuples(st.integers(4, 20), st.just(2)), elements=st.integers(-50, 50)),
    st.sampled_from([0.25, 3.0, 1e6]),
    st.integers(-100, 100),
    st.randoms(use_true_random=False),
)
def test_scale_origin_and_order_do_not_matter(x, scale, origin, random):
    order = random.sample(range(len(x)), len(x))
    for a, b in zip(
        skewness_kurtosis(x), skewness_kurtosis((scale * x + origin)[order]), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(skewness(-x), -skewness(x), rtol=1e-9, atol=1e-9)
