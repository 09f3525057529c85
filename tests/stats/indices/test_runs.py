"""Trees of power means for many sets of weights, and runs in blocks over threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.indices.means import power
from begleitforschung.stats.indices.ranking import competition_ranks
from begleitforschung.stats.indices.runs import Batch, mean_shift, ranked_runs
from begleitforschung.stats.indices.tree import (
    effective_weights,
    node_scores,
    power_scores,
    tree_of_parents,
)

# Indicators 0-2 below node 5, 3 below node 6, which lies below 5; 4 hangs at the root 7.
PARENT = [5, 5, 5, 6, 7, 7, 5, -1]
PARENT_IN_ORDER = [6, 6, 6, 5, 7, 6, 7, -1]


@pytest.fixture(scope="module")
def tree():
    return tree_of_parents(PARENT_IN_ORDER, 5)


@pytest.fixture(scope="module")
def data():
    generator = np.random.default_rng(4)
    return generator.uniform(1, 100, (30, 5)), generator.uniform(0.5, 2, (8, 6))


def _by_hand(x, weights, orders, run):
    """Node by node with the means of single indices."""
    w = weights[:, run]
    five = power(x[:, [3]], w[[3]], p=orders[0])
    six = power(np.column_stack([x[:, :3], five]), w[[0, 1, 2, 5]], p=orders[1])
    return power(np.column_stack([x[:, 4], six]), w[[4, 6]], p=orders[2])


@pytest.mark.parametrize("order", [1.0, 0.0, -1.0, 2.0])
def test_one_product_equals_nested_means(tree, data, order):
    x, weights = data
    product = power_scores(x, effective_weights(tree, weights), order)(slice(1, 5))
    nested = node_scores(x, tree, weights, np.full(3, order))(slice(1, 5))
    for row, run in enumerate(range(1, 5)):
        expected = _by_hand(x, weights, [order] * 3, run)
        np.testing.assert_allclose(product[row], expected, rtol=1e-12)
        np.testing.assert_allclose(nested[row], expected, rtol=1e-12)


def test_mixed_means_and_missing_values(tree, data):
    x, weights = data
    gappy = x.copy()
    gappy[np.random.default_rng(1).random(x.shape) < 0.3] = np.nan
    gappy[0] = np.nan
    orders = np.array([1.0, 0.0, -1.0])
    found = node_scores(gappy, tree, weights, orders)(slice(0, 6))
    for run in range(6):
        np.testing.assert_allclose(found[run], _by_hand(gappy, weights, orders, run), rtol=1e-12)
    assert np.isnan(found[:, 0]).all()


def test_coverage_counts_elements_whatever_they_weigh(tree):
    x = np.array([[1.0, np.nan, np.nan, 5.0, 2.0], [1.0, 2.0, np.nan, 5.0, 2.0]])
    weights = np.ones((8, 2))
    weights[2, 1] = 0
    found = node_scores(x, tree, weights, np.ones(3), coverage=np.array([0.0, 0.75, 1.0]))
    np.testing.assert_array_equal(np.isnan(found(slice(0, 2))), [[True, False], [True, False]])
    assert found(slice(0, 2))[1, 1] == pytest.approx((2 + (1 + 2 + 5) / 3) / 2)


def test_a_run_whose_mean_is_not_defined_fails_alone(tree, data):
    x = data[0].copy()
    x[3, 0] = -2.0
    weights = data[1].copy()
    weights[0, 2] = 0.0  # what weighs nothing cannot spoil the mean
    found = node_scores(x, tree, weights, np.array([1.0, 0.0, 1.0]))(slice(0, 6))
    np.testing.assert_array_equal(np.isnan(found).all(axis=1), np.arange(6) != 2)
    product = power_scores(x, effective_weights(tree, weights), 0.0)(slice(0, 6))
    np.testing.assert_array_equal(np.isnan(product).all(axis=1), np.arange(6) != 2)
    kept = power_scores(x[:, 1:], effective_weights(tree, weights)[1:, 2:3], 0.0)(slice(0, 1))
    np.testing.assert_allclose(product[2], kept[0], rtol=1e-12)


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_effective_weights_sum_to_one(seed):
    generator = np.random.default_rng(seed)
    tree = tree_of_parents(PARENT_IN_ORDER, 5)
    weights = generator.uniform(0.1, 3, (8, 4))
    weights[5] = 0
    effective = effective_weights(tree, weights)
    np.testing.assert_allclose(effective.sum(axis=0), 1, rtol=1e-12)
    np.testing.assert_array_equal(effective[3], 0)
    np.testing.assert_allclose(effective, effective_weights(tree, 7 * weights), rtol=1e-12)


def test_trees_that_are_none_are_refused():
    with pytest.raises(ValueError, match="after its parts"):
        tree_of_parents(PARENT, 5)
    tree = tree_of_parents(PARENT_IN_ORDER, 5)
    with pytest.raises(ValueError, match="8 elements"):
        effective_weights(tree, np.ones((7, 2)))


def _batches(n: int, runs: int, seed: int = 0) -> tuple[list[Batch], np.ndarray]:
    scores = np.random.default_rng(seed).random((runs, n))
    parts = np.array_split(np.random.default_rng(9).permutation(runs), 3)
    return [Batch(runs=p, prepare=lambda p=p: lambda s: scores[p[s]]) for p in parts], scores


def test_runs_come_back_in_their_order():
    batches, scores = _batches(70, 1000)
    nominal = competition_ranks(scores[0])
    told = []
    found = ranked_runs(batches, nominal, keep_scores=True, progress=told.append)
    np.testing.assert_array_equal(found.scores, scores)
    np.testing.assert_array_equal(found.ranks, competition_ranks(scores))
    np.testing.assert_allclose(found.shift, np.abs(found.ranks - nominal).mean(axis=1))
    assert sum(told) == 1000
    assert ranked_runs(batches, nominal).scores is None


def test_any_number_of_threads_gives_the_same_bits():
    generator = np.random.default_rng(3)
    x, weights = generator.random((5000, 8)), generator.random((8, 600))
    x[4999] = x[17]

    def run(threads):
        batch = Batch(runs=np.arange(600), prepare=lambda: power_scores(x, weights, 1.0))
        return ranked_runs([batch], competition_ranks(x[:, 0]), keep_scores=True, threads=threads)

    one, three = run(1), run(3)
    np.testing.assert_array_equal(one.scores, three.scores)
    np.testing.assert_array_equal(one.ranks, three.ranks)
    np.testing.assert_array_equal(one.shift, three.shift)
    np.testing.assert_array_equal(one.ranks[:, 17], one.ranks[:, 4999])  # alike, so tied


def test_a_failed_run_has_no_ranks_and_no_shift():
    batches, scores = _batches(20, 30)
    scores[4] = np.nan
    found = ranked_runs(batches, competition_ranks(scores[0]))
    np.testing.assert_array_equal(np.isnan(found.shift), np.arange(30) == 4)
    assert not found.ranks[4].any()


def test_shift_counts_units_that_are_ranked_in_both():
    ranks = np.array([[1, 2, 0, 3]], np.int16)
    assert mean_shift(ranks, np.array([3, 2, 1, 0], np.int16)).tolist() == [1.0]
