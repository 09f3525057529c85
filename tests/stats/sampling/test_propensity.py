"""Response propensities: what maximum likelihood promises, and classes that keep ties together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.sampling import (
    RegressionError,
    collapse,
    propensity_classes,
    response_propensity,
    sampling_design,
)


def cases(seed, n=60):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.integers(0, 2, n)])
    return rng.random(n) < 1 / (1 + np.exp(-(0.3 + 0.5 * x[:, 1]))), x


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_scores_are_zero_and_the_area_counts_pairs(seed):
    answered, x = cases(seed)
    found = response_propensity(answered, x)
    np.testing.assert_allclose(x.T @ (answered - found.fitted), 0, atol=1e-8)
    yes, no = found.fitted[answered], found.fitted[~answered]
    pairs = np.sign(np.round(yes[:, None] - no, 11))
    assert found.auc == pytest.approx((pairs + 1).mean() / 2)
    assert 0 <= found.pseudo_r2 < 1


@given(st.integers(0, 10_000), st.floats(1e-3, 1e6))
@settings(max_examples=15, deadline=None)
def test_units_of_measure_do_not_matter(seed, factor):
    answered, x = cases(seed)
    scaled = x * np.array([1, factor, 1])
    one, other = response_propensity(answered, x), response_propensity(answered, scaled)
    np.testing.assert_allclose(one.fitted, other.fitted, rtol=1e-8)
    np.testing.assert_allclose(one.covariance[1, 1], other.covariance[1, 1] * factor**2, rtol=1e-6)


def test_an_intercept_alone_tells_nothing():
    answered = np.array([True, True, False, True])
    found = response_propensity(answered, np.ones((4, 1)))
    assert found.fitted == pytest.approx(0.75)
    assert found.pseudo_r2 == pytest.approx(0, abs=1e-12)
    assert found.auc == 0.5
    assert found.covariance[0, 0] == pytest.approx(1 / (4 * 0.75 * 0.25))


@given(st.lists(st.floats(0.01, 0.99), min_size=5, max_size=80), st.integers(2, 6))
@settings(max_examples=50, deadline=None)
def test_classes_are_ordered_and_keep_equal_ones_together(fitted, classes):
    codes = propensity_classes(fitted, classes)
    order = np.argsort(fitted, kind="stable")
    assert (np.diff(codes[order]) >= 0).all()
    assert set(codes) == set(range(codes.max() + 1))
    assert codes.max() < classes
    rounded = np.round(fitted, 12)
    assert all(np.unique(codes[rounded == value]).size == 1 for value in rounded)


def test_classes_are_of_about_equal_size():
    codes = propensity_classes(np.linspace(0.1, 0.9, 100), 5)
    assert np.bincount(codes).tolist() == [20] * 5


def test_what_cannot_be_fitted_is_refused():
    x = np.column_stack([np.ones(4), [0, 0, 1, 1]])
    with pytest.raises(RegressionError):
        response_propensity([0, 0, 1, 1], x)
    with pytest.raises(ValueError, match="some who did not"):
        response_propensity([1, 1, 1, 1], x)
    with pytest.raises(ValueError, match="known of all"):
        response_propensity([1, 0, 1, 0], np.where(x == 1, np.nan, x))
    with pytest.raises(ValueError, match="two classes"):
        propensity_classes([0.5, 0.6], 1)


def test_a_stratum_without_a_neighbour_in_its_group_may_look_beyond():
    design = sampling_design([1] * 5, strata=[["a", "b", "b", "c", "c"]])
    with pytest.raises(ValueError, match="no neighbour"):
        collapse(design, group=["x", "y", "y"])
    joined = collapse(design, group=["x", "y", "y"], rank=[2, 0, 2], beyond=True)[1]
    assert joined.tolist() == [1, 0, 1]
