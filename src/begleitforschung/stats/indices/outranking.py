"""Outranking of units by units: the outranking matrix, Copeland's rule and Borda's count.

Signature and rule for missing values are those of `means`; a pair of units is compared on what both
have, so that the order of the rows has no influence (in COINr 1.1.14 it has).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.elements import Elements, Floats, Ints, elements
from begleitforschung.stats.indices.pairs import Plan, pair_balances, plan_pairs

# Shares of weight that differ by less are equal: sums of decimal weights carry rounding errors.
TOLERANCE = 1e-12
_ROWS, _COLUMNS = 32, 4096


def outranking(x: ArrayLike, w: ArrayLike) -> Floats:
    r"""Return which share of weight speaks for each unit against each other unit.

    :math:`o_{ij} = \sum_k w_k (1[x_{ik} > x_{jk}] + \tfrac12 1[x_{ik} = x_{jk}]) / \sum_k w_k` over
    the elements that both units have (Munda & Nardo 2009, Applied Economics 41).

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, more is better, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.

    Returns
    -------
    numpy.ndarray, shape (n, n)
        Shares between 0 and 1, :math:`o_{ij} + o_{ji} = 1`; 0 on the diagonal, NaN for units that
        have no element in common.

    Raises
    ------
    ValueError
        If shapes do not fit, a weight is not >= 0 or (`BadCells`) a value is infinite.

    Examples
    --------
    >>> outranking([[1.0, 2.0], [0.0, 2.0]], [1, 1]).tolist()
    [[0.0, 0.75], [0.25, 0.0]]
    """
    part = elements(x, w)
    weights = _weights(w, part)
    there = part.there.astype(np.float64)
    common = (there * weights) @ there.T
    values = np.where(part.there, part.values, np.nan)
    balance = np.zeros_like(common)
    for column, weight in zip(values.T, weights, strict=True):
        balance += weight * (np.greater.outer(column, column) * 1.0)
        balance -= weight * (np.less.outer(column, column) * 1.0)
    shares = np.full_like(common, np.nan)
    np.divide(balance, 2 * common, out=shares, where=common > 0)
    shares += 0.5
    np.fill_diagonal(shares, 0.0)
    return shares


def dominance(x: ArrayLike, w: ArrayLike) -> tuple[int, float]:
    """Count the pairs in which one unit is at least as good in all and better in one element.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, more is better, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.

    Returns
    -------
    pairs : int
        Pairs whose outranking share is 1.
    share : float
        Their share in all n (n - 1) / 2 pairs; NaN for fewer than two units.

    Raises
    ------
    ValueError
        As `outranking`.

    Examples
    --------
    >>> dominance([[1.0, 2.0], [0.0, 1.0], [2.0, 0.0]], [1, 1])
    (1, 0.3333333333333333)
    """
    shares = outranking(x, w)
    pairs = int((shares >= 1 - TOLERANCE).sum())
    total = len(shares) * (len(shares) - 1) / 2
    return pairs, pairs / total if total else float("nan")


def copeland(x: ArrayLike, w: ArrayLike, *, threads: int = 2) -> Floats:
    r"""Return Copeland's score: the units that a unit outranks minus those that outrank it.

    Unit i outranks j if more weight speaks for it than against it, among the elements that both
    have. Blocks of pairs are compared at a time, so that memory does not grow with n².

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, more is better, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0.
    threads : int
        Blocks that are compared at the same time; without influence on the result.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Scores between -(n - 1) and n - 1; NaN where nothing is there.

    Raises
    ------
    ValueError
        If shapes do not fit, a weight is not >= 0 or (`BadCells`) a value is infinite.

    Examples
    --------
    >>> copeland([[1.0], [2.0], [2.0]], [1]).tolist()
    [-2.0, 1.0, 1.0]
    """
    part = elements(x, w)
    values = np.where(part.there, part.values, np.nan)
    plan = plan_pairs(values, _weights(w, part))
    starts = range(0, len(values), _ROWS)
    parts = max(1, min(threads, len(starts)))

    def some(first: int) -> Ints:
        score = np.zeros(len(values), np.int64)
        for start in starts[first::parts]:
            _compare_block(plan, start, score)
        return score

    with ThreadPoolExecutor(parts) as pool:
        total = sum(pool.map(some, range(parts)), np.zeros(len(values), np.int64))
    return part.finish(total.astype(np.float64))


def borda(x: ArrayLike, w: ArrayLike) -> Floats:
    """Return Borda's count: how many other units a unit beats on average over the elements.

    In each element a unit gets a point for each unit below and half a point for each equal one; the
    points are scaled to n - 1 units where an element is missing for some (Borda 1784, with
    mid-ranks for ties).

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, more is better, NaN where missing.
    w : array_like, shape (k,)
        Weights >= 0, re-normalised over the values that are there.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Points between 0 and n - 1; NaN where nothing is there.

    Raises
    ------
    ValueError
        If shapes do not fit, a weight is not >= 0 or (`BadCells`) a value is infinite.

    Examples
    --------
    >>> borda([[1.0, 5.0], [2.0, 4.0], [3.0, 4.0]], [1, 1]).tolist()
    [1.0, 0.75, 1.25]
    """
    part = elements(x, w)
    beaten = np.zeros(part.values.shape)
    for k, there in enumerate(part.there.T):
        values = part.values[there, k]
        ordered = np.sort(values)
        below = np.searchsorted(ordered, values, side="left")
        not_above = np.searchsorted(ordered, values, side="right")
        others = len(values) - 1
        beaten[there, k] = (below + not_above - 1) / (2 * others) if others else 0.5
    points = beaten * (len(beaten) - 1)
    return part.finish(np.einsum("ij,ij->i", part.shares, points))


def _weights(w: ArrayLike, part: Elements) -> Floats:
    """Return the positive weights, normalised to sum 1."""
    weights = np.asarray(w, np.float64)[part.columns]
    weights = weights / weights.max(initial=np.finfo(np.float64).tiny)
    shares: Floats = weights / max(weights.sum(), 1.0)
    return shares


def _compare_block(plan: Plan, start: int, score: Ints) -> None:
    """Compare a block of units with itself and with all units after it."""
    stop = min(start + _ROWS, len(score))
    inside = _signs(pair_balances(plan, slice(start, stop), slice(start, stop)))
    np.fill_diagonal(inside, 0)
    score[start:stop] += inside.sum(axis=1, dtype=np.int64)
    for first in range(stop, len(score), _COLUMNS):
        last = min(first + _COLUMNS, len(score))
        signs = _signs(pair_balances(plan, slice(start, stop), slice(first, last)))
        score[start:stop] += signs.sum(axis=1, dtype=np.int64)
        score[first:last] -= signs.sum(axis=0, dtype=np.int64)


def _signs(balance: Floats) -> NDArray[np.int8]:
    """Return 1, 0 or -1 for each pair."""
    return (balance > TOLERANCE).view(np.int8) - (balance < -TOLERANCE).view(np.int8)
