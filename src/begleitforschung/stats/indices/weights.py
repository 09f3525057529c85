"""Weights that are given: equal, by experts, disturbed at random, and effective along a tree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.elements import Floats


def equal_weights(k: int) -> Floats:
    """Return equal weights.

    Parameters
    ----------
    k : int
        Number of elements.

    Returns
    -------
    numpy.ndarray, shape (k,)
        1 / k each.

    Raises
    ------
    ValueError
        If there is no element.

    Examples
    --------
    >>> equal_weights(4).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    if k < 1:
        raise ValueError("weights need one element or more")
    return np.full(k, 1.0 / k)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Weights that experts gave, and how far they agree.

    Parameters
    ----------
    weights : numpy.ndarray, shape (k,)
        Mean share of points, sum 1.
    sd : numpy.ndarray, shape (k,)
        Standard deviation (n - 1) of the shares; NaN for one expert.
    lowest, highest : numpy.ndarray, shape (k,)
        Range of the shares.
    experts : numpy.ndarray of bool, shape (experts,)
        Who is counted: experts with a blank or without any point are not.
    """

    weights: Floats
    sd: Floats
    lowest: Floats
    highest: Floats
    experts: NDArray[np.bool_]


def budget_allocation(points: ArrayLike) -> Budget:
    """Average the points that experts distributed over the elements.

    Parameters
    ----------
    points : array_like, shape (experts, k)
        Points >= 0; each expert's are brought to sum 1. NaN where an expert left a blank.

    Returns
    -------
    Budget
        Mean shares with their spread.

    Raises
    ------
    ValueError
        If points are negative or infinite, or no expert gave a full answer.

    Examples
    --------
    >>> found = budget_allocation([[50, 50], [70, 30]])
    >>> found.weights.tolist(), found.sd.round(3).tolist()
    ([0.6, 0.4], [0.141, 0.141])
    """
    given = np.asarray(points, np.float64)
    if given.ndim != 2 or (given < 0).any() or np.isinf(given).any():
        raise ValueError("points must be (experts, elements), finite and not negative")
    full = np.asarray(~np.isnan(given).any(axis=1))
    full[full] = given[full].sum(axis=1) > 0
    if not full.any():
        raise ValueError("no expert distributed points over all elements")
    shares = given[full] / given[full].sum(axis=1, keepdims=True)
    one = len(shares) < 2
    return Budget(
        weights=shares.mean(axis=0),
        sd=np.full(shares.shape[1], np.nan) if one else shares.std(axis=0, ddof=1),
        lowest=shares.min(axis=0),
        highest=shares.max(axis=0),
        experts=full,
    )


def noisy_weights(w: ArrayLike, u: ArrayLike, *, noise: ArrayLike) -> Floats:
    """Disturb weights evenly around their value: ``w * (1 + noise * (2 u - 1))``.

    Parameters
    ----------
    w : array_like, shape (k,)
        Weights >= 0.
    u : array_like, shape (replicates, k)
        Numbers between 0 and 1, random or quasi-random.
    noise : array_like, shape () or (k,)
        Largest relative change, 0 to 1; 0 where an element is left alone.

    Returns
    -------
    numpy.ndarray, shape (replicates, k)
        Weights >= 0, not re-normalised.

    Raises
    ------
    ValueError
        If shapes do not fit or a number is out of its bounds.

    Examples
    --------
    >>> noisy_weights([1.0, 2.0], [[0.0, 1.0]], noise=[0.25, 0.5]).tolist()
    [[0.75, 3.0]]
    """
    weights, draws, factors = _draws(w, u), np.asarray(u, np.float64), np.asarray(noise, np.float64)
    if not ((factors >= 0) & (factors <= 1)).all():
        raise ValueError("noise is a share between 0 and 1")
    disturbed: Floats = weights * (1 + factors * (2 * draws - 1))
    return disturbed


def dirichlet_weights(w: ArrayLike, u: ArrayLike, *, concentration: float) -> Floats:
    """Return Dirichlet distributed weights of sum 1 with mean ``w / sum(w)``.

    Made from independent gamma quantiles, so that quasi-random numbers serve as well as random
    ones. The variance of a weight of mean m is m (1 - m) / (concentration + 1); equal weights and a
    concentration of k are the uniform distribution over all weights.

    Parameters
    ----------
    w : array_like, shape (k,)
        Weights >= 0, not all zero; an element of weight zero keeps it.
    u : array_like, shape (replicates, k)
        Numbers between 0 and 1, random or quasi-random.
    concentration : float
        How close the weights stay to their mean, > 0.

    Returns
    -------
    numpy.ndarray, shape (replicates, k)
        Weights >= 0, sum 1 in each replicate.

    Raises
    ------
    ValueError
        If shapes do not fit or a number is out of its bounds.

    Examples
    --------
    >>> dirichlet_weights([1.0, 1.0], [[0.5, 0.5]], concentration=2).tolist()
    [[0.5, 0.5]]
    """
    from scipy.special import gammaincinv

    weights, draws = _draws(w, u), np.asarray(u, np.float64)
    if not (weights.any() and 0 < concentration < np.inf):
        raise ValueError("Dirichlet weights need a positive weight and a positive concentration")
    means = weights / weights.sum()
    gammas = np.zeros(draws.shape)
    inside = np.clip(draws, np.finfo(np.float64).tiny, 1 - np.finfo(np.float64).epsneg)
    used = means > 0
    gammas[:, used] = gammaincinv(concentration * means[used], inside[:, used])
    total = gammas.sum(axis=1, keepdims=True)
    return np.where(total > 0, gammas / np.where(total > 0, total, 1.0), means)


def effective_weights(w: ArrayLike, parents: ArrayLike) -> Floats:
    """Return what each node of a tree counts in the root: the product of shares along the path.

    A share is the weight of a node in the sum of the weights of its siblings and its own. It is the
    node's part in the index where all aggregations are arithmetic and nothing is missing.

    Parameters
    ----------
    w : array_like, shape (nodes,)
        Weights >= 0; those of roots do not matter.
    parents : array_like of int, shape (nodes,)
        Position of the parent of each node, negative for a root.

    Returns
    -------
    numpy.ndarray, shape (nodes,)
        Effective weights, 1 for a root; NaN below a node whose children all weigh nothing.

    Raises
    ------
    ValueError
        If shapes do not fit, a weight is not >= 0, a parent does not exist or nodes are their own
        ancestors.

    Examples
    --------
    >>> effective_weights([1, 1, 3, 1, 1], [-1, 0, 0, 1, 1]).tolist()
    [1.0, 0.25, 0.75, 0.125, 0.125]
    """
    weights, parent = np.asarray(w, np.float64), np.asarray(parents, np.int64)
    nodes = len(weights)
    if weights.ndim != 1 or parent.shape != weights.shape or (parent >= nodes).any():
        raise ValueError("weights and parents must be (nodes,), parents positions of nodes")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("weights must be finite and not negative")
    child = parent >= 0
    sums = np.bincount(parent[child], weights[child], minlength=nodes)
    effective = np.ones(nodes)
    total = sums[parent[child]]
    effective[child] = weights[child] / np.where(total > 0, total, np.nan)
    shares, ancestor = effective.copy(), parent.copy()
    for _ in range(nodes):
        below = ancestor >= 0
        if not below.any():
            return effective
        effective[below] *= shares[ancestor[below]]
        ancestor[below] = parent[ancestor[below]]
    raise ValueError("a node of the tree is its own ancestor")


def _draws(w: ArrayLike, u: ArrayLike) -> Floats:
    """Check that weights and numbers between 0 and 1 fit and return the weights."""
    weights, draws = np.asarray(w, np.float64), np.asarray(u, np.float64)
    if weights.ndim != 1 or draws.ndim != 2 or draws.shape[1:] != weights.shape:
        raise ValueError("weights must be (elements,) and numbers (replicates, elements)")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("weights must be finite and not negative")
    if not ((draws >= 0) & (draws <= 1)).all():
        raise ValueError("numbers must be between 0 and 1")
    return weights
