"""Copeland's rule and correlations of 11,000 municipalities by 60 indicators.

The lower bound compares all pairs with plain NumPy, for equal weights only.
"""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from begleitforschung.stats.correlations import correlate
from begleitforschung.stats.indices.outranking import copeland

UNITS, INDICATORS = 11_000, 60


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(UNITS, INDICATORS))


@pytest.fixture(scope="module")
def gaps(values) -> np.ndarray:
    """Half a million values with ties and every twentieth missing."""
    lost = np.random.default_rng(1).random(values.shape) < 0.05
    return np.where(lost, np.nan, values.round(2))


@pytest.fixture(scope="module")
def weights() -> np.ndarray:
    return np.random.default_rng(2).uniform(0.5, 2, INDICATORS)


def plain(x: np.ndarray, rows: int = 32) -> np.ndarray:
    ranks = x.argsort(axis=0).argsort(axis=0).astype(np.int16).T.copy()
    score = np.zeros(len(x), np.int64)
    for start in range(0, len(x), rows):
        wins = np.zeros((min(rows, len(x) - start), len(x)), np.int8)
        for rank in ranks:
            wins += rank[start : start + rows, None] > rank
        score[start : start + rows] = (wins > len(ranks) / 2).sum(axis=1)
        score[start : start + rows] -= (wins < len(ranks) / 2).sum(axis=1) - 1
    return score


def test_copeland_equal_weights(benchmark, values):
    score = benchmark.pedantic(copeland, (values, np.ones(INDICATORS)), rounds=3)
    assert score.sum() == 0


def test_copeland_different_weights(benchmark, values, weights):
    score = benchmark.pedantic(copeland, (values, weights), rounds=3)
    assert score.sum() == 0


def test_copeland_ties_and_missing_values(benchmark, gaps, weights):
    score = benchmark.pedantic(copeland, (gaps, weights), rounds=3)
    assert score.sum() == 0


def test_plain_numpy_equal_weights(benchmark, values):
    score = benchmark.pedantic(plain, (values,), rounds=1)
    assert np.array_equal(score, copeland(values, np.ones(INDICATORS)))


def test_memory_of_copeland(gaps, weights):
    tracemalloc.start()
    copeland(gaps, weights)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6


@pytest.mark.parametrize("missing", [False, True])
def test_pearson_with_p_values(benchmark, values, gaps, missing):
    found = benchmark(correlate, gaps if missing else values)
    assert found.p.shape == (INDICATORS, INDICATORS)
