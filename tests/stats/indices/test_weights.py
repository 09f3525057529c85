"""Given weights: experts, noise, Dirichlet, trees."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from begleitforschung.stats.indices.weights import (
    budget_allocation,
    dirichlet_weights,
    effective_weights,
    equal_weights,
    noisy_weights,
)


def test_equal_weights_need_an_element():
    assert equal_weights(1).tolist() == [1.0]
    with pytest.raises(ValueError, match="one element"):
        equal_weights(0)


def test_each_expert_counts_the_same_and_blanks_are_told():
    found = budget_allocation([[50, 50], [2, 0], [np.nan, 100], [0, 0]])
    assert found.weights.tolist() == [0.75, 0.25]
    assert found.experts.tolist() == [True, True, False, False]
    assert (found.lowest.tolist(), found.highest.tolist()) == ([0.5, 0.0], [1.0, 0.5])
    assert_allclose(found.sd, np.std([0.5, 1.0], ddof=1))
    assert np.isnan(budget_allocation([[1, 1]]).sd).all()


@pytest.mark.parametrize("points", [[[np.nan, 1]], [[-1, 2]], [[np.inf, 2]], [1, 2]])
def test_points_that_cannot_be_used_are_refused(points):
    with pytest.raises(ValueError, match=r"points|experts"):
        budget_allocation(points)


def test_noise_is_even_around_the_weight_and_spares_what_is_left_out(ref):
    table = ref("sensitivity/noisy_weights_seed11")
    w = np.array([1.0, 2.0, 3.0])
    u = np.array([[0.0, 0.5, 1.0], [1.0, 1.0, 0.25]])
    assert_allclose(noisy_weights(w, u, noise=0.25), [[0.75, 2, 3.75], [1.25, 2.5, 2.625]])
    assert (noisy_weights(w, u, noise=[0, 1, 0])[:, [0, 2]] == w[[0, 2]]).all()
    # COINr's table: only levels 2 and 3 are disturbed, within a quarter.
    levels, columns = table.numbers("Level"), [c for c in table.columns if c.startswith("w")]
    theirs = table.values(columns)
    noisy = np.isin(levels, [2, 3])
    assert (theirs[~noisy] == 1).all()
    again = noisy_weights(np.ones(noisy.sum()), ((theirs[noisy] - 1) / 0.25 + 1).T / 2, noise=0.25)
    assert_allclose(again.T, theirs[noisy], rtol=1e-12)


def test_dirichlet_weights_have_their_mean_and_spread():
    u = np.random.default_rng(2).random((20_000, 3))
    found = dirichlet_weights([1.0, 2.0, 1.0], u, concentration=8)
    assert_allclose(found.sum(axis=1), 1)
    mean = np.array([0.25, 0.5, 0.25])
    assert_allclose(found.mean(axis=0), mean, atol=0.005)
    assert_allclose(found.var(axis=0), mean * (1 - mean) / 9, rtol=0.05)
    assert (dirichlet_weights([1.0, 0.0, 1.0], u[:9], concentration=2)[:, 1] == 0).all()
    assert np.isfinite(dirichlet_weights([1.0, 1.0], [[0, 0], [1, 1]], concentration=0.01)).all()


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: noisy_weights([1.0], [[0.5]], noise=1.5), "noise"),
        (lambda: noisy_weights([1.0], [[1.5]], noise=0.5), "between"),
        (lambda: noisy_weights([-1.0], [[0.5]], noise=0.5), "negative"),
        (lambda: noisy_weights([1.0], [[0.5, 0.5]], noise=0.5), "replicates"),
        (lambda: dirichlet_weights([0.0], [[0.5]], concentration=1), "positive"),
        (lambda: dirichlet_weights([1.0], [[0.5]], concentration=0), "positive"),
        (lambda: effective_weights([1.0, 1.0], [1, 0]), "ancestor"),
        (lambda: effective_weights([1.0, 1.0], [-1, 5]), "positions"),
        (lambda: effective_weights([1.0, -1.0], [-1, 0]), "negative"),
    ],
)
def test_numbers_out_of_bounds_are_refused(call, match):
    with pytest.raises(ValueError, match=match):
        call()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_effective_weights_of_leaves_add_up_to_one(seed):
    generator = np.random.default_rng(seed)
    nodes = 30
    parents = np.array([-1, *(generator.integers(0, i) for i in range(1, nodes))])
    order = generator.permutation(nodes)
    place = np.argsort(order)
    shuffled = np.where(parents[order] < 0, -1, place[parents[order]])
    w = generator.uniform(0.1, 2, nodes)
    found = effective_weights(w[order], shuffled)
    leaves = ~np.isin(np.arange(nodes), shuffled)
    assert found[leaves].sum() == pytest.approx(1)
    assert_allclose(found, effective_weights(w, parents)[order])


def test_children_that_weigh_nothing_have_no_effective_weight():
    found = effective_weights([1.0, 1.0, 0.0, 0.0], [-1, 0, 1, 1])
    assert found[:2].tolist() == [1.0, 1.0]
    assert np.isnan(found[2:]).all()
