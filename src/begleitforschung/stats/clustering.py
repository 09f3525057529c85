"""Types of cases: k-means and average linkage, how well they are apart, how stable they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Cases in types.

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (n,)
        Type of each case, 0 for the largest; types of equal size in the order of their first case.
    silhouette : float
        Mean silhouette width (Rousseeuw 1987, Journal of Computational and Applied Mathematics
        20): how much nearer cases are to their own type than to the next, between -1 and 1.
    """

    labels: Ints
    silhouette: float


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
    total = np.zeros((len(x), len(x)))
    for column in x.T:
        span = float(np.ptp(column))
        total += np.abs(column[:, None] - column) / (span if span > 0 else 1.0)
    for column in c.T:
        total += column[:, None] != column
    return total / count


def k_means(x: ArrayLike, k: int, *, seed: int = 0) -> Partition:
    """Part cases so that they are near the mean of their type (Lloyd 1982, 20 starts).

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values on a common scale, none missing.
    k : int
        Number of types.
    seed : int
        Seed of the starts.

    Returns
    -------
    Partition
        The best of the starts.

    Raises
    ------
    ValueError
        If there are not more different cases than types.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    values = np.asarray(x, np.float64)
    _require(len(np.unique(values, axis=0)), k)
    labels = by_size(KMeans(n_clusters=k, n_init=20, random_state=seed).fit_predict(values))
    return Partition(labels=labels, silhouette=float(silhouette_score(values, labels)))


def average_linkage(distances: ArrayLike, k: int) -> Partition:
    """Join cases to types by the mean distance of their members (Sokal & Michener 1958).

    Parameters
    ----------
    distances : array_like, shape (n, n)
        Distances.
    k : int
        Number of types.

    Returns
    -------
    Partition
        The types.

    Raises
    ------
    ValueError
        If there are not more different cases than types.
    """
    from scipy.cluster.hierarchy import cut_tree, linkage
    from scipy.spatial.distance import squareform
    from sklearn.metrics import silhouette_score

    given = np.asarray(distances, np.float64)
    _require(len(np.unique(given, axis=0)), k)
    tree = linkage(squareform(given, checks=False), method="average")
    labels = by_size(cut_tree(tree, k)[:, 0])
    score = silhouette_score(given, labels, metric="precomputed")
    return Partition(labels=labels, silhouette=float(score))


def by_size(labels: ArrayLike) -> Ints:
    """Number types by their size, the largest 0; of equal ones the one of the first case first.

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


def _require(different: int, k: int) -> None:
    if not 2 <= k < different:
        raise ValueError(f"{k} types need more than {k} different cases, and at least 2 types")
