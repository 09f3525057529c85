"""Rank statistics of all pairs of columns over the rows that both have.

Entry (i, j) of a matrix of one column's figures is that of column i over the rows common with j.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Up to so many rows all pairs of rows fit into one matrix product for all columns.
_PRODUCTS = 1_000
_BLOCK = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TieSums:
    """Sums over the groups of t equal values of each column.

    Parameters
    ----------
    pairs : numpy.ndarray, shape (k, k)
        Sum of t (t - 1).
    triples : numpy.ndarray, shape (k, k)
        Sum of t (t - 1) (t - 2).
    variances : numpy.ndarray, shape (k, k)
        Sum of t (t - 1) (2 t + 5).
    """

    pairs: Floats
    triples: Floats
    variances: Floats


def rank_pairs(values: Floats) -> tuple[Floats, Floats, Ints, TieSums]:
    """Return sums of products and squares of mid-ranks, taken anew in the common rows.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, k)
        Values, NaN where missing.

    Returns
    -------
    products, squares : numpy.ndarray, shape (k, k)
        Sums about the mean rank.
    n : numpy.ndarray of int64, shape (k, k)
        Common rows.
    ties : TieSums
        Sums over groups of equal values.

    Raises
    ------
    ValueError
        Never for finite values.
    """
    k = values.shape[1]
    products, squares = np.zeros((k, k)), np.zeros((k, k))
    n, ties = np.zeros((k, k), np.int64), _no_ties(k)
    whole = np.flatnonzero(~np.isnan(values).any(axis=0))
    codes = [_codes(column) for column in values.T]
    full = [_midranks(codes[i], ties, int(i), whole) for i in whole]
    if len(whole):
        ranks = np.column_stack(full)
        cross = ranks.T @ ranks
        products[np.ix_(whole, whole)] = cross
        squares[np.ix_(whole, whole)] = np.diagonal(cross)[:, None]
        n[np.ix_(whole, whole)] = len(values)
    for i, j, common in _incomplete_pairs(values):
        a = _midranks(codes[i][common], ties, i, j)
        b = a if i == j else _midranks(codes[j][common], ties, j, i)
        products[i, j] = products[j, i] = a @ b
        squares[i, j], squares[j, i] = a @ a, b @ b
        n[i, j] = n[j, i] = common.sum()
    return products, squares, n, ties


def kendall_pairs(values: Floats) -> tuple[Floats, Floats, Ints, TieSums]:
    """Return concordant minus discordant pairs of rows and the pairs without ties.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, k)
        Values, NaN where missing.

    Returns
    -------
    balance : numpy.ndarray, shape (k, k)
        Concordant minus discordant pairs of common rows.
    untied : numpy.ndarray, shape (k, k)
        Pairs of common rows that column i tells apart.
    n : numpy.ndarray of int64, shape (k, k)
        Common rows.
    ties : TieSums
        Sums over groups of equal values.

    Raises
    ------
    ValueError
        Never for finite values.
    """
    _, _, n, ties = rank_pairs(values)
    untied = n * (n - 1) / 2 - ties.pairs / 2
    if len(values) <= _PRODUCTS:
        return _concordance(values), untied, n, ties
    from scipy.stats import kendalltau

    balance = np.zeros(n.shape)
    there = ~np.isnan(values)
    for i, j in np.argwhere(np.triu(np.ones(n.shape, np.bool_))):
        common = there[:, i] & there[:, j]
        scale = np.sqrt(untied[i, j]) * np.sqrt(untied[j, i])
        if scale > 0:
            tau = kendalltau(values[common, i], values[common, j]).statistic
            balance[i, j] = balance[j, i] = np.round(tau * scale)
    return balance, untied, n, ties


def _concordance(values: Floats) -> Floats:
    """Return concordant minus discordant pairs by products of the signs of differences."""
    first, second = np.triu_indices(len(values), 1)
    balance = np.zeros((values.shape[1], values.shape[1]))
    for start in range(0, len(first), _BLOCK):
        part = slice(start, start + _BLOCK)
        signs = np.sign(values[first[part]] - values[second[part]])
        signs[np.isnan(signs)] = 0.0
        balance += signs.T @ signs
    return balance


def _incomplete_pairs(values: Floats) -> Iterator[tuple[int, int, NDArray[np.bool_]]]:
    """Yield pairs i <= j in which a value is missing, with their common rows."""
    there = ~np.isnan(values)
    whole = np.asarray(there.all(axis=0))
    for i in range(len(whole)):
        for j in range(i, len(whole)):
            if not (whole[i] and whole[j]):
                yield i, j, there[:, i] & there[:, j]


def _codes(column: Floats) -> Ints:
    """Return dense ranks from 0; NaN get the highest, which no common row has."""
    return np.unique(column, return_inverse=True)[1].astype(np.int64)


def _midranks(codes: Ints, ties: TieSums, i: int, j: int | Ints) -> Floats:
    """Return mid-ranks about their mean and note the ties of column i over rows common with j."""
    counts = np.bincount(codes)
    tied = counts[counts > 1].astype(np.float64)
    ties.pairs[i, j] = (tied * (tied - 1)).sum()
    ties.triples[i, j] = (tied * (tied - 1) * (tied - 2)).sum()
    ties.variances[i, j] = (tied * (tied - 1) * (2 * tied + 5)).sum()
    middles = np.cumsum(counts) - (counts - 1) / 2
    centred: Floats = (middles - (len(codes) + 1) / 2)[codes]
    return centred


def _no_ties(k: int) -> TieSums:
    """Return sums that are still zero."""
    zeros = (np.zeros((k, k)) for _ in range(3))
    return TieSums(pairs=next(zeros), triples=next(zeros), variances=next(zeros))
