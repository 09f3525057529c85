"""Exact intervals: counts of a full population with non-response, and binomial proportions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.proportions import beta_bounds


def clopper_pearson(hits: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the exact interval of a binomial proportion.

    Parameters
    ----------
    hits, n : array_like of int, shape (k,)
        Answers counted, and answers in all.
    level : float
        Level of confidence, reached at least.

    Returns
    -------
    lower, upper : numpy.ndarray, shape (k,)
        Bounds of the proportion (Clopper & Pearson 1934, Biometrika 26, 404-413).

    Raises
    ------
    ValueError
        If a count is outside of 0 … n or n is not positive.

    Examples
    --------
    >>> lower, upper = clopper_pearson([0], [10])
    >>> lower.tolist(), upper.round(4).tolist()
    ([0.0], [0.3085])
    """
    k, size = (np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (hits, n))
    if not ((k >= 0) & (k <= size) & (size > 0)).all():
        raise ValueError("counts must lie between 0 and n, and n must be positive")
    return beta_bounds(k / size, np.broadcast_to(size, (k / size).shape), level)


def population_count_interval(
    hits: int, n: int, population: int, *, level: float = 0.95
) -> tuple[int, int]:
    """Return the exact interval of a count in a population that answered in part.

    If the n units that answered are a simple random sample of the N, the number of hits among them
    has the hypergeometric distribution. The interval holds every count K that neither of the two
    one-sided tests rejects at (1 - level) / 2 (Wright 1991, Exact Confidence Bounds when Sampling
    from Small Finite Universes; Buonaccorsi 1987, The American Statistician 41, 215-218). Units
    that did not answer the question count as part of N, not of n.

    Parameters
    ----------
    hits : int
        Units that answered and have the property.
    n : int
        Units that answered.
    population : int
        Units of the population, N.
    level : float
        Level of confidence, reached at least.

    Returns
    -------
    lower, upper : int
        Bounds of the number of units with the property; both ``hits`` where all answered.

    Raises
    ------
    ValueError
        If 0 <= hits <= n <= population does not hold or the level is not between 0 and 1.

    Examples
    --------
    >>> population_count_interval(24, 47, 73)
    (31, 44)
    """
    if not 0 <= hits <= n <= population:
        raise ValueError("hits, n and population must be in that order, and not negative")
    if not 0 < level < 1:
        raise ValueError("level must be between 0 and 1")
    tail = (1 - level) / 2
    least, most = hits, population - (n - hits)

    def too_small(count: int) -> bool:
        return _chance(range(hits, n + 1), count, n, population) <= tail

    def too_large(count: int) -> bool:
        return _chance(range(hits + 1), count, n, population) <= tail

    low, high = least, most  # the first count that is not too small
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if too_small(middle) else (low, middle)
    lower, low, high = low, least, most  # the last count that is not too large
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (low, middle - 1) if too_large(middle) else (middle, high)
    return lower, low


def _chance(hits: range, count: int, n: int, population: int) -> float:
    """Return the hypergeometric probability of a range of hits."""
    from scipy.special import gammaln

    k = np.arange(max(hits.start, n - population + count), min(hits.stop - 1, count) + 1)
    if k.size == 0:
        return 0.0
    chosen = gammaln(count + 1) - gammaln(k + 1) - gammaln(count - k + 1)
    others = population - count
    chosen += gammaln(others + 1) - gammaln(n - k + 1) - gammaln(others - n + k + 1)
    every = gammaln(population + 1) - gammaln(n + 1) - gammaln(population - n + 1)
    return float(np.exp(chosen - every).sum())


def nonresponse_bounds(hits: ArrayLike, n: ArrayLike, population: ArrayLike) -> tuple[Ints, Ints]:
    """Return the counts if all who did not answer lacked the property, or all had it.

    Parameters
    ----------
    hits, n, population : array_like of int, shape (k,)
        Units with the property among the answers, answers, and units of the population.

    Returns
    -------
    lower, upper : numpy.ndarray of int, shape (k,)
        ``hits`` and ``hits + population - n`` (Manski 1989, Journal of Human Resources 24,
        343-360): no assumption about who does not answer can lead outside of them.

    Raises
    ------
    ValueError
        If 0 <= hits <= n <= population does not hold.

    Examples
    --------
    >>> [bound.tolist() for bound in nonresponse_bounds([30], [60], [73])]
    [[30], [43]]
    """
    k, size, total = (np.atleast_1d(np.asarray(a, dtype=np.int64)) for a in (hits, n, population))
    if not ((k >= 0) & (k <= size) & (size <= total)).all():
        raise ValueError("hits, n and population must be in that order, and not negative")
    return np.broadcast_to(k, (k + total).shape).copy(), k + total - size
