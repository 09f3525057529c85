"""Copeland in blocks equals counting pair by pair, whatever the weights, ties and gaps."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from begleitforschung.stats.indices import outranking as module
from begleitforschung.stats.indices.outranking import borda, copeland, dominance, outranking
from begleitforschung.stats.indices.pairs import pair_balances, plan_pairs

seeds = st.integers(0, 2**32 - 1)


def counted(x, w):
    """Copeland's score with exact fractions of the decimal weights."""
    exact = [Fraction(str(weight)) for weight in w]
    score = np.zeros(len(x))
    for i in range(len(x)):
        for j in range(len(x)):
            pairs = zip(x[i], x[j], exact, strict=True)
            balance = sum(weight * (int(a > b) - int(a < b)) for a, b, weight in pairs)
            score[i] += (balance > 0) - (balance < 0)
    return np.where(np.isnan(x).all(axis=1), np.nan, score)


def sample(seed, n=14, k=5, gaps=0.2):
    generator = np.random.default_rng(seed)
    x = generator.integers(0, 5, (n, k)).astype(float)
    x[:, 0] = generator.permutation(n)  # one indicator without ties or gaps
    x[:, 1:][generator.random((n, k - 1)) < gaps] = np.nan
    return x, generator.integers(1, 9, k) / 10


@given(seed=seeds)
@settings(max_examples=40)
def test_score_is_the_exact_count(seed):
    x, w = sample(seed)
    assert_array_equal(copeland(x, w), counted(x, w))
    assert_array_equal(copeland(x[:, 1:], w[1:]), counted(x[:, 1:], w[1:]))


@given(seed=seeds)
@settings(max_examples=20)
def test_score_follows_from_the_matrix_and_turns_with_the_values(seed):
    x, w = sample(seed)
    shares = outranking(x, w)
    known = ~np.isnan(shares) & ~np.eye(len(x), dtype=bool)
    assert_allclose((shares + shares.T)[known], 1)
    signs = np.where(known, np.sign(np.round(shares - 0.5, 12)), 0)
    assert_array_equal(copeland(x, w), signs.sum(axis=1))
    assert_array_equal(copeland(-x, w), -copeland(x, w))
    assert copeland(x, w).sum() == 0


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 4), (5, 100)])
def test_blocks_and_threads_have_no_influence(monkeypatch, rows, columns):
    x, w = sample(1, n=23)
    expected = copeland(x, w)
    monkeypatch.setattr(module, "_ROWS", rows)
    monkeypatch.setattr(module, "_COLUMNS", columns)
    for threads in (1, 2, 7):
        assert_array_equal(copeland(x, w, threads=threads), expected)


@pytest.mark.parametrize("kinds", [1, 3, 600])
def test_many_indicators_of_few_and_of_many_weights(kinds):
    generator = np.random.default_rng(kinds)
    x = generator.normal(size=(12, 600)).round(1)
    w = np.resize(generator.uniform(0.5, 2, kinds), 600)
    signs = np.sign(x[:, None] - x[None])
    balance = np.einsum("k,ijk->ij", w, signs)
    plan = plan_pairs(x, w)
    found = pair_balances(plan, slice(0, 5), slice(5, 12))
    assert_allclose(found, balance[:5, 5:], atol=1e-9)
    assert_array_equal(copeland(x, w), np.sign(np.round(balance, 9)).sum(axis=1))


def test_values_that_differ_in_the_last_digit_are_told_apart():
    x = np.array([[1.0], [np.nextafter(1.0, 2.0)], [1e300], [-1e300]])
    assert copeland(x, [1.0]).tolist() == [-1.0, 1.0, 3.0, -3.0]


def test_units_without_a_common_element_do_not_outrank_each_other():
    x = np.array([[1.0, np.nan], [np.nan, 1.0], [0.0, 0.0]])
    shares = outranking(x, [1.0, 1.0])
    assert np.isnan(shares[0, 1])
    assert copeland(x, [1.0, 1.0]).tolist() == [1.0, 1.0, -2.0]


def test_borda_scales_to_all_units_where_values_are_missing():
    x = np.array([[1.0, np.nan], [2.0, 5.0], [3.0, np.nan], [4.0, 7.0]])
    # Among the two units of the second indicator the better has all 3 points, the other none.
    assert borda(x, [1.0, 1.0]).tolist() == [0.0, 0.5, 2.0, 3.0]
    assert borda(x[:, 1:], [1.0])[[1, 3]].tolist() == [0.0, 3.0]
    lone = np.array([[1.0], [np.nan], [np.nan]])
    assert borda(lone, [1.0])[0] == 1.0


@given(seed=seeds)
@settings(max_examples=20)
def test_borda_is_the_mean_share_of_units_beaten(seed):
    x, w = sample(seed, gaps=0.0)
    signs = np.sign(x[:, None] - x[None]) / 2 + 0.5
    points = signs.sum(axis=1) - 0.5
    assert_allclose(borda(x, w), points @ w / w.sum())


def test_dominance_of_one_unit_is_unknown():
    pairs, share = dominance([[1.0]], [1.0])
    assert pairs == 0
    assert np.isnan(share)
