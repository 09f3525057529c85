"""Types of cases: k-means and average linkage, how well they are apart, how stable they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import squareform

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_TURNS = 300


def gower_distances(numbers: ArrayLike, categories: ArrayLike) -> Floats:
    """Return distances of cases with numbers and categories (Gower 1971, Biometrics 27).

    The mean over all columns of |difference| / range for numbers, and of 0 or 1 for categories. A
    column that does not vary counts with 0.

    Parameters
    ----------
    numbers : array_like, shape (n, k)
        Numbers, none missing.
    categories : array_like of int, shape (n, c)
        Categories, none missing.

    Returns
    -------
    numpy.ndarray, shape (n, n)
        Distances between 0 and 1.

    Raises
    ------
    ValueError
        If there is no column at all.

    Examples
    --------
    >>> gower_distances([[1.0], [5.0]], [[0], [0]]).tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    x, c = np.asarray(numbers, np.float64), np.asarray(categories, np.int64)
    count = x.shape[1] + c.shape[1]
    if not count:
        raise ValueError("distances need a column")
    total: Floats = np.zeros((len(x), len(x)))
    for column in x.T:
        span = float(np.ptp(column))
        total += np.abs(column[:, None] - column) / (span if span > 0 else 1.0)
    for column in c.T:
        total += column[:, None] != column
    total /= count
    return total


def k_means(x: ArrayLike, k: int, *, seed: int = 0, starts: int = 20) -> Ints:
    """Part cases so that they are near the mean of their type.

    Lloyd's algorithm (1982, IEEE Transactions on Information Theory 28) from starts that are spread
    out (k-means++, Arthur & Vassilvitskii 2007).

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values on a common scale, none missing.
    k : int
        Number of types.
    seed : int
        Seed of the starts.
    starts : int
        Number of starts, of which the best is taken.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        Type of each case, numbered by `by_size`.

    Raises
    ------
    ValueError
        If there are not more different cases than types.
    """
    values = np.asarray(x, np.float64)
    _require(len(np.unique(values, axis=0)), k)
    random = np.random.default_rng(seed)
    found = [_lloyd(values, _spread_out(values, k, random)) for _ in range(starts)]
    return by_size(min(found, key=lambda part: part[1])[0])


def average_linkage(distances: ArrayLike, k: int) -> Ints:
    """Join cases to types by the mean distance of their members (Sokal & Michener 1958).

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Distances.
    k : int
        Number of types.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        Type of each case, numbered by `by_size`.

    Raises
    ------
    ValueError
        If there are not more different cases than types.
    """
    given = np.asarray(distances, np.float64)
    _require(len(np.unique(given, axis=0)), k)
    tree = linkage(squareform(given, checks=False), method="average")
    return by_size(cut_tree(tree, k)[:, 0])


def silhouette(distances: ArrayLike, labels: ArrayLike) -> float:
    """Return how much nearer cases are to their own type than to the next.

    The mean silhouette width (Rousseeuw 1987, Journal of Computational and Applied Mathematics
    20).

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Distances of the cases.
    labels : array_like of int, shape (n,)
        Their types, at least two.

    Returns
    -------
    float
        Between -1 and 1; 0.25 and less is no structure (Kaufman & Rousseeuw 1990).

    Raises
    ------
    ValueError
        If there is one type only, or one for each case.
    """
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(np.asarray(distances), np.asarray(labels), metric="precomputed"))


def by_size(labels: ArrayLike) -> Ints:
    """Give types numbers by size, 0 to the largest; of equal ones the first case's comes first.

    Parameters
    ----------
    labels : array_like of int, shape (n,)
        Types in any numbering.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        The same types, numbered.

    Raises
    ------
    ValueError
        Never for an array.

    Examples
    --------
    >>> by_size([7, 3, 3]).tolist()
    [1, 0, 0]
    """
    _, first, codes, sizes = np.unique(
        np.asarray(labels), return_index=True, return_inverse=True, return_counts=True
    )
    place = np.empty(len(sizes), dtype=np.int64)
    place[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    numbered: Ints = place[codes]
    return numbered


def same_partition(first: ArrayLike, second: ArrayLike) -> float:
    """Return the adjusted Rand index of two partitions (Hubert & Arabie 1985, J. Classification 2).

    Parameters
    ----------
    first, second : array_like of int, shape (n,)
        Types of the same cases.

    Returns
    -------
    float
        1 if they are the same, 0 if they agree as by chance.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(np.asarray(first), np.asarray(second)))


def _lloyd(x: Floats, centres: Floats) -> tuple[Ints, float]:
    """Move centres to the mean of the cases next to them; return types and sum of squares."""
    labels: Ints = np.full(len(x), -1)
    for _ in range(_TURNS):
        squares = _squares(x, centres)
        nearest: Ints = squares.argmin(axis=1)
        if (nearest == labels).all():
            break
        labels = nearest
        n = np.bincount(labels, minlength=len(centres))
        for empty in np.flatnonzero(n == 0):  # a type that lost its cases takes the farthest one
            labels[squares.min(axis=1).argmax()] = empty
            n = np.bincount(labels, minlength=len(centres))
        sums = [np.bincount(labels, column, len(centres)) for column in x.T]
        centres = np.column_stack(sums) / np.maximum(n, 1)[:, None]
    own = centres[labels]
    return labels, float(((x - own) ** 2).sum())


def _spread_out(x: Floats, k: int, random: np.random.Generator) -> Floats:
    """Draw k cases as centres, each with a chance by its squared distance from those drawn."""
    centres = x[[random.integers(len(x))]]
    while len(centres) < k:
        squares = np.maximum(_squares(x, centres).min(axis=1), 0)
        chosen = random.choice(len(x), p=squares / squares.sum())
        centres = np.vstack([centres, x[chosen]])
    return centres


def _squares(x: Floats, centres: Floats) -> Floats:
    length = (x**2).sum(axis=1)
    squares: Floats = length[:, None] + (centres**2).sum(axis=1) - 2 * x @ centres.T
    return squares


def _require(different: int, k: int) -> None:
    if not 2 <= k < different:
        raise ValueError(f"{k} types need more than {k} different cases, and at least 2 types")
