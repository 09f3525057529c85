"""Sobol indices by sampling and by enumeration, against functions whose indices are known."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.indices.enumeration import (
    exact_indices,
    factorial_design,
    factorial_weights,
)
from begleitforschung.stats.indices.sobol import (
    bootstrap_counts,
    sobol_design,
    sobol_indices,
    sobol_points,
)

A = np.array([0.0, 1.0, 4.5, 9.0])


def _g_function(x: np.ndarray) -> np.ndarray:
    """Saltelli & Sobol' (1995), with the coefficients of the reference."""
    return ((np.abs(4 * x - 2) + A) / (1 + A)).prod(axis=1)


@pytest.fixture(scope="module")
def analytic(shared) -> tuple[np.ndarray, np.ndarray]:
    path = shared / "reference" / "composite" / "ref" / "sensitivity" / "gfun_analytic.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return np.array([[float(r["Si"]) for r in rows], [float(r["STi"]) for r in rows]])


def test_g_function(analytic):
    y = _g_function(sobol_design(4096, 4, seed=1))
    found = sobol_indices(y, 4)
    np.testing.assert_allclose(found.first[:, 0], analytic[0], atol=0.005)
    np.testing.assert_allclose(found.total[:, 0], analytic[1], atol=0.005)


def test_analytic_values_follow_their_formula(analytic):
    part = 1 / (3 * (1 + A) ** 2)
    variance = (1 + part).prod() - 1
    np.testing.assert_allclose(analytic[0], part / variance, rtol=1e-12)
    total = part * (1 + part).prod() / (1 + part) / variance
    np.testing.assert_allclose(analytic[1], total, rtol=1e-12)


def test_g_function_of_coinr(shared, analytic):
    """Its 12,000 points are not stored; its plain estimator is off by up to 0.05, ours is not."""
    path = shared / "reference" / "composite" / "ref" / "sensitivity" / "gfun_indices.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        theirs = np.array([float(row["Si"]) for row in csv.DictReader(handle)])
    ours = sobol_indices(_g_function(sobol_design(2048, 4, seed=7)), 4).first[:, 0]
    assert np.abs(ours - analytic[0]).max() < np.abs(theirs - analytic[0]).max() / 4


def test_a_sum_has_the_shares_of_its_parts():
    weights = np.array([3.0, 2.0, 1.0])
    found = sobol_indices(sobol_design(1024, 3, seed=2) @ weights, 3)
    expected = weights**2 / (weights**2).sum()
    np.testing.assert_allclose(found.first[:, 0], expected, atol=0.01)
    np.testing.assert_allclose(found.total[:, 0], expected, atol=0.01)


def test_a_large_mean_does_no_harm():
    x = sobol_design(256, 3, seed=4)
    plain = sobol_indices(x.prod(axis=1), 3)
    raised = sobol_indices(x.prod(axis=1) + 1e6, 3)
    np.testing.assert_allclose(raised.first, plain.first, atol=1e-8)
    np.testing.assert_allclose(raised.total, plain.total, atol=1e-8)


def test_many_outputs_at_once_are_each_as_if_alone():
    x = sobol_design(128, 3, seed=3)
    outputs = np.stack([x @ [1, 2, 3], x.prod(axis=1), np.ones(len(x))], axis=1)
    options = {"n_bootstrap": 30, "seed": 5}
    together = sobol_indices(outputs, 3, **options)
    for column in range(2):
        alone = sobol_indices(outputs[:, column], 3, **options)
        for name in ("first", "total", "first_interval", "total_interval"):
            found = getattr(together, name)[..., column]
            np.testing.assert_allclose(found, getattr(alone, name)[..., 0], rtol=1e-10)
    for name in ("first", "total", "first_interval"):
        assert np.isnan(getattr(together, name)[..., 2]).all()


def test_failed_runs_take_only_their_base_point_along():
    x = sobol_design(512, 2, seed=6)
    y = x @ [2.0, 1.0]
    whole = y.reshape(4, 512)
    kept = np.ones(512, bool)
    kept[[3, 77]] = False
    y[3] = y[512 + 77] = np.nan
    found = sobol_indices(y, 2, n_bootstrap=20)
    expected = sobol_indices(whole[:, kept].ravel(), 2)
    np.testing.assert_allclose(found.first, expected.first, rtol=1e-10)
    np.testing.assert_allclose(found.total, expected.total, rtol=1e-10)
    y[2 * 512 + 5] = np.nan  # a run of the first input: the second keeps its estimate
    again = sobol_indices(y, 2)
    assert again.total[1, 0] == pytest.approx(found.total[1, 0], rel=1e-10)
    assert again.total[0, 0] != pytest.approx(found.total[0, 0], rel=1e-10)
    assert np.isfinite(found.first_interval).all()


def test_unranked_is_missing_in_arrays_of_ranks():
    x = sobol_design(64, 2, seed=6)
    ranks = (x @ [10, 5]).astype(np.int16) + 1
    ranks[9] = 0
    numbers = ranks.astype(float)
    numbers[9] = np.nan
    np.testing.assert_array_equal(sobol_indices(ranks, 2).total, sobol_indices(numbers, 2).total)


def test_bootstrap_intervals_cover():
    """90 % intervals of 100 random designs hold the true value about 90 times."""
    expected = np.array([9, 4, 1]) / 14
    covered = []
    for seed in range(100):
        generator = np.random.default_rng(seed)
        a, b = generator.random((2, 200, 3))
        mixed = [np.where(np.arange(3) == i, b, a) for i in range(3)]
        y = np.concatenate([a, b, *mixed]) @ [3, 2, 1]
        low, high = sobol_indices(y, 3, n_bootstrap=100, seed=seed).total_interval[:, :, 0]
        covered.append((low <= expected) & (expected <= high))
    assert 0.8 < np.mean(covered) < 0.97


def test_bootstrap_is_reproducible_and_holds_the_estimate():
    y = _g_function(sobol_design(256, 4, seed=1))
    one, two = (sobol_indices(y, 4, n_bootstrap=50, seed=9) for _ in range(2))
    np.testing.assert_array_equal(one.first_interval, two.first_interval)
    low, high = one.total_interval
    assert ((low <= one.total) & (one.total <= high)).all()
    np.testing.assert_array_equal(bootstrap_counts(7, 3, seed=1).sum(axis=1), [7, 7, 7])


@settings(max_examples=20)
@given(st.integers(1, 70), st.integers(1, 6), st.integers(0, 99))
def test_designs_swap_one_column_at_a_time(n, d, seed):
    runs = sobol_design(n, d, seed=seed).reshape(d + 2, n, d)
    assert ((runs >= 0) & (runs < 1)).all()
    for i in range(d):
        np.testing.assert_array_equal(runs[2 + i, :, i], runs[1, :, i])
        others = np.arange(d) != i
        np.testing.assert_array_equal(runs[2 + i][:, others], runs[0][:, others])


def test_an_input_of_several_coordinates_moves_as_one():
    runs = sobol_design(8, [1, 3], seed=2).reshape(4, 8, 4)
    np.testing.assert_array_equal(runs[3, :, 1:], runs[1, :, 1:])
    np.testing.assert_array_equal(runs[3, :, 0], runs[0, :, 0])
    y = sobol_design(1024, [1, 3], seed=2) @ [2.0, 1.0, 1.0, 1.0]
    np.testing.assert_allclose(sobol_indices(y, 2).first[:, 0], [4 / 7, 3 / 7], atol=0.01)


def test_points_spread_evenly():
    points = sobol_points(256, 3, seed=0)
    for column in (points * 256).astype(int).T:
        assert sorted(column) == list(range(256))


def test_wrong_sizes_are_refused():
    with pytest.raises(ValueError, match="no design"):
        sobol_indices(np.ones(11), 2)
    with pytest.raises(ValueError, match="at least one"):
        sobol_points(0, 2, seed=1)
    with pytest.raises(ValueError, match="all combinations"):
        exact_indices(np.ones(5), [2, 3])
    with pytest.raises(ValueError, match="at least one level"):
        factorial_design([2, 0])
    with pytest.raises(ValueError, match="2 levels need 2 weights"):
        factorial_weights([2, 3], [[1, -1], None])


def test_enumeration_follows_the_definition():
    levels = (3, 4, 2)
    y = np.random.default_rng(1).normal(size=levels)
    found = exact_indices(y.ravel(), levels)
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        assert found.first[axis, 0] == pytest.approx(y.mean(axis=others).var() / y.var())
        assert found.total[axis, 0] == pytest.approx(y.var(axis=axis).mean() / y.var())


def test_weights_of_levels_count_like_repeated_levels():
    y = np.random.default_rng(2).normal(size=(2, 3))
    weighted = exact_indices(y.ravel(), (2, 3), weights=factorial_weights((2, 3), [[1, 2], None]))
    repeated = exact_indices(y[[0, 1, 1]].ravel(), (3, 3))
    np.testing.assert_allclose(weighted.first, repeated.first, rtol=1e-12)
    np.testing.assert_allclose(weighted.total, repeated.total, rtol=1e-12)


def test_a_level_without_weight_does_not_count():
    y = np.random.default_rng(2).normal(size=(3, 3))
    weights = factorial_weights((3, 3), [[1, 1, 0], None])
    found = exact_indices(y.ravel(), (3, 3), weights=weights)
    expected = exact_indices(y[:2].ravel(), (2, 3))
    np.testing.assert_allclose(found.first, expected.first, rtol=1e-12)
    np.testing.assert_allclose(found.total, expected.total, rtol=1e-12)


def test_failed_combinations_are_left_out():
    y = np.random.default_rng(3).normal(size=(4, 3))
    y[3] = np.nan
    found = exact_indices(y.ravel(), (4, 3))
    expected = exact_indices(y[:3].ravel(), (3, 3))
    np.testing.assert_allclose(found.first, expected.first, rtol=1e-12)
    np.testing.assert_allclose(found.total, expected.total, rtol=1e-12)
    assert np.isnan(exact_indices(np.full(12, np.nan), (4, 3)).total).all()


def test_first_order_indices_and_interactions_add_up():
    """Without interaction they sum to one; a product of centred inputs is interaction only."""
    x = factorial_design((3, 5))
    centred = x - x.mean(axis=0)
    added = exact_indices(centred @ [1.0, 2.0], (3, 5))
    assert added.first.sum() == pytest.approx(1)
    np.testing.assert_allclose(added.first, added.total, rtol=1e-10)
    multiplied = exact_indices(centred.prod(axis=1), (3, 5))
    np.testing.assert_allclose(multiplied.first, 0, atol=1e-12)
    np.testing.assert_allclose(multiplied.total, 1, rtol=1e-12)


@settings(max_examples=15)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=4), st.integers(0, 99))
def test_first_is_never_above_total_order(levels, seed):
    generator = np.random.default_rng(seed)
    y = generator.normal(size=(int(np.prod(levels)), 2))
    weights = factorial_weights(levels, [generator.random(k) + 0.1 for k in levels])
    found = exact_indices(y, levels, weights=weights)
    known = ~np.isnan(found.first)
    assert (found.first[known] <= found.total[known] + 1e-9).all()
    assert (found.first[known] >= 0).all()
    assert (found.first.sum(axis=0)[known.all(axis=0)] <= 1 + 1e-9).all()
