"""Tests of independence in tables of plain counts, for a population that is known in full."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import exp, lgamma

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Ints
from begleitforschung.stats.sampling.testing import TestResult

_SAME = 1e-7  # probabilities that differ by less are equal, as in R
_NODES = 300_000


def pearson_test(counts: ArrayLike, *, yates: bool = False) -> TestResult:
    """Test independence by Pearson's chi-square (1900), with Yates' correction (1934) if asked.

    Parameters
    ----------
    counts : array_like of int, shape (r, c)
        Counts; rows and columns without any are left out.
    yates : bool
        Whether half a unit is taken off each deviation; only for two by two.

    Returns
    -------
    TestResult
        ``df`` is (r - 1)(c - 1).

    Raises
    ------
    ValueError
        If a count is negative or no table with two rows and two columns is left.

    Examples
    --------
    >>> pearson_test([[10, 20], [20, 10]]).statistic.__round__(4)
    6.6667
    """
    from scipy.special import chdtrc

    n = _counts(counts).astype(np.float64)
    expected = np.outer(n.sum(axis=1), n.sum(axis=0)) / n.sum()
    deviation = np.abs(n - expected)
    if yates and n.shape == (2, 2):
        deviation = deviation - min(0.5, float(deviation.min()))
    value = float((deviation**2 / expected).sum())
    df = float((n.shape[0] - 1) * (n.shape[1] - 1))
    name = "Yates" if yates else "Pearson"
    return TestResult(name=name, statistic=value, p=float(chdtrc(df, value)), df=df)


def cmh_test(counts: ArrayLike, *, correct: bool = True) -> TestResult:
    """Test conditional independence in several two by two tables (Cochran, Mantel & Haenszel).

    Parameters
    ----------
    counts : array_like of int, shape (k, 2, 2)
        Counts of each stratum; strata with fewer than two units are left out.
    correct : bool
        Whether half a unit is taken off the deviation.

    Returns
    -------
    TestResult
        Chi-square with one degree of freedom; ``estimate`` is the common odds ratio (Mantel &
        Haenszel 1959, Journal of the National Cancer Institute 22, 719-748).

    Raises
    ------
    ValueError
        If the shape does not fit or no stratum has both rows and both columns.
    """
    from scipy.special import chdtrc

    n = np.asarray(counts, dtype=np.float64)
    if n.ndim != 3 or n.shape[1:] != (2, 2):
        raise ValueError("the test needs tables of two rows and two columns")
    size = n.sum(axis=(1, 2))
    n, size = n[size > 1], size[size > 1]
    row, column = n.sum(axis=2), n.sum(axis=1)
    gap = abs(float((n[:, 0, 0] - row[:, 0] * column[:, 0] / size).sum()))
    spread = float((row.prod(axis=1) * column.prod(axis=1) / (size**2 * (size - 1))).sum())
    if not spread > 0:
        raise ValueError("no stratum has both rows and both columns")
    value = (gap - (min(0.5, gap) if correct else 0.0)) ** 2 / spread
    with np.errstate(divide="ignore"):
        odds = (n[:, 0, 0] * n[:, 1, 1] / size).sum() / (n[:, 0, 1] * n[:, 1, 0] / size).sum()
    return TestResult(
        name="CMH", statistic=value, p=float(chdtrc(1, value)), df=1.0, estimate=float(odds)
    )


def fisher_test(counts: ArrayLike) -> TestResult:
    """Test independence exactly, given the margins (Fisher 1935; Freeman & Halton 1951).

    The tables with the same margins are built up column by column; those that leave the same rows
    to fill and are equally likely so far are kept together (after Mehta & Patel 1983, Journal of
    the American Statistical Association 78, 427-434).

    Parameters
    ----------
    counts : array_like of int, shape (r, c)
        Counts; rows and columns without any are left out.

    Returns
    -------
    TestResult
        ``p`` is the probability of all tables that are not more likely than this one.

    Raises
    ------
    ValueError
        If a count is negative, no table with two rows and two columns is left, or the table is too
        large to enumerate.

    Examples
    --------
    >>> fisher_test([[3, 1], [1, 3]]).p.__round__(6)
    0.485714
    """
    table = _counts(counts)
    table = table.T if table.shape[0] > table.shape[1] else table
    columns = np.sort(table.sum(axis=0))[::-1]
    factorials = [lgamma(k + 1) for k in range(int(table.sum()) + 1)]
    margins = [*table.sum(axis=0).tolist(), *table.sum(axis=1).tolist()]
    constant = sum(factorials[k] for k in margins) - factorials[-1]
    limit = constant - sum(factorials[k] for k in table.ravel().tolist()) + _SAME
    states: dict[tuple[int, ...], dict[float, float]] = {
        tuple(sorted(table.sum(axis=1).tolist())): {0.0: 1.0}
    }
    for column in columns:
        states = _fill(states, int(column), factorials)
    found = states[(0,) * table.shape[0]]
    total = sum(
        ways * exp(constant + path) for path, ways in found.items() if constant + path <= limit
    )
    return TestResult(name="Fisher", statistic=float("nan"), p=min(total, 1.0))


def _fill(
    states: dict[tuple[int, ...], dict[float, float]], column: int, factorials: list[float]
) -> dict[tuple[int, ...], dict[float, float]]:
    """Put one column into the rows that are left, in all ways."""
    after: dict[tuple[int, ...], dict[float, float]] = defaultdict(lambda: defaultdict(float))
    nodes = 0
    for left, paths in states.items():
        for cells in _ways(left, column):
            rest = tuple(sorted(a - b for a, b in zip(left, cells, strict=True)))
            step = -sum(factorials[k] for k in cells)
            known = after[rest]
            for path, ways in paths.items():
                key = round(path + step, 9)  # what rounding takes off is kept in the ways
                known[key] += ways * exp(path + step - key)
            nodes += len(paths)
            if nodes > _NODES:
                raise ValueError("the table is too large for the exact test: take pearson_test")
    return after


def _ways(left: tuple[int, ...], column: int) -> Iterator[tuple[int, ...]]:
    """Yield how the units of a column can lie in the rows."""
    if len(left) == 1:
        yield (column,)
        return
    for first in range(max(0, column - sum(left[1:])), min(left[0], column) + 1):
        for others in _ways(left[1:], column - first):
            yield (first, *others)


def _counts(counts: ArrayLike) -> Ints:
    n = np.asarray(counts)
    if n.ndim != 2 or not (n >= 0).all() or not (n == np.round(n)).all():
        raise ValueError("a table of counts has two dimensions and whole numbers of at least 0")
    n = n[n.sum(axis=1) > 0][:, n.sum(axis=0) > 0]
    if min(n.shape) < 2:
        raise ValueError("the table needs two rows and two columns with counts")
    return np.asarray(n, dtype=np.int64)
