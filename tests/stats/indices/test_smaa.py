"""Statistics of many rankings, against NumPy and against their definitions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.indices.ranking import competition_ranks
from begleitforschung.stats.indices.smaa import dominance, rank_acceptability, rank_statistics


@pytest.fixture(scope="module")
def ranks() -> np.ndarray:
    scores = np.round(np.random.default_rng(1).normal(size=(700, 40)), 1)
    return competition_ranks(scores + np.arange(40) / 20)


def test_statistics_are_those_of_numpy(ranks):
    found = rank_statistics(ranks, probs=(0.05, 0.5, 0.95, 1.0), top=(1, 10))
    expected = np.quantile(ranks, (0.05, 0.5, 0.95, 1.0), axis=0).T
    np.testing.assert_allclose(found.quantiles, expected, rtol=1e-12)
    np.testing.assert_allclose(found.mean, ranks.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.top[:, 1], (ranks <= 10).mean(axis=0), rtol=1e-12)
    assert (found.n == 700).all()


def test_threads_change_nothing(ranks):
    wide = np.tile(ranks, (4, 50))
    with ThreadPoolExecutor(2) as executor:
        found = rank_statistics(wide, top=(3,), executor=executor)
        wins = dominance(ranks, executor=executor)
    alone = rank_statistics(wide, top=(3,))
    for name in ("n", "mean", "quantiles", "top"):
        np.testing.assert_array_equal(getattr(found, name), getattr(alone, name))
    np.testing.assert_array_equal(wins, dominance(ranks))


def test_missing_ranks_are_left_out(ranks):
    gappy = ranks.copy()
    gappy[:300, 3] = 0
    gappy[:, 4] = 0
    found = rank_statistics(gappy, top=(10,))
    alone = rank_statistics(ranks[300:], top=(10,))
    np.testing.assert_allclose(found.quantiles[3], alone.quantiles[3], rtol=1e-12)
    assert (found.n[3], found.n[4]) == (400, 0)
    assert found.top[3, 0] == pytest.approx(alone.top[3, 0])
    assert np.isnan([found.mean[4], *found.quantiles[4], found.top[4, 0]]).all()


def test_weights_count_like_repeated_rankings(ranks):
    few = ranks[:5]
    repeated = np.repeat(few, [1, 4, 2, 0, 3], axis=0)
    weighted = rank_statistics(few, probs=(0.3, 0.5), top=(10,), weights=[1, 4, 2, 0, 3])
    expected = np.quantile(repeated, (0.3, 0.5), axis=0, method="inverted_cdf").T
    np.testing.assert_allclose(weighted.quantiles, expected)
    np.testing.assert_allclose(weighted.mean, repeated.mean(axis=0))
    np.testing.assert_allclose(weighted.top[:, 0], (repeated <= 10).mean(axis=0))
    np.testing.assert_allclose(
        dominance(few, weights=[1, 4, 2, 0, 3]), dominance(repeated), rtol=1e-12
    )
    np.testing.assert_allclose(
        rank_acceptability(few, weights=[1, 4, 2, 0, 3]), rank_acceptability(repeated)
    )


def test_acceptability_holds_mean_and_top(ranks):
    shares = rank_acceptability(ranks)
    found = rank_statistics(ranks, top=(7,))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares @ np.arange(1, 41), found.mean, rtol=1e-12)
    np.testing.assert_allclose(shares[:, :7].sum(axis=1), found.top[:, 0], rtol=1e-12)


def test_pairwise_wins_follow_their_definition(ranks):
    wins = dominance(ranks)
    expected = (ranks[:, :, None] < ranks[:, None, :]).mean(axis=0)
    off = ~np.eye(40, dtype=bool)
    np.testing.assert_allclose(wins[off], expected[off], rtol=1e-12)
    assert np.isnan(np.diag(wins)).all()


def test_a_pair_counts_only_where_both_are_ranked():
    ranks = np.array([[1, 2, 0], [2, 1, 3], [1, 0, 2]], np.int16)
    wins = dominance(ranks)
    assert wins[0, 1] == wins[1, 0] == 0.5
    assert (wins[0, 2], wins[1, 2], wins[2, 1]) == (1.0, 1.0, 0.0)
    np.testing.assert_array_equal(wins, dominance(ranks, weights=[1, 1, 1]))


@settings(max_examples=20)
@given(st.integers(0, 500), st.integers(2, 12))
def test_wins_and_ties_of_a_pair_sum_to_one(seed, n):
    ranks = competition_ranks(np.random.default_rng(seed).integers(0, 4, (30, n)).astype(float))
    wins = dominance(ranks)
    ties = (ranks[:, :, None] == ranks[:, None, :]).mean(axis=0)
    off = ~np.eye(n, dtype=bool)
    np.testing.assert_allclose((wins + wins.T + ties)[off], 1, rtol=1e-12)


@pytest.mark.parametrize("function", [rank_statistics, dominance])
def test_as_many_weights_as_rankings(ranks, function):
    with pytest.raises(ValueError, match="700 rankings need as many weights"):
        function(ranks, weights=[1.0, 2.0])
