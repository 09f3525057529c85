"""Scores of a tree of indicators for many sets of weights at once.

A tree whose nodes all take power means of the same order is one power mean of its indicators, each
with the product of the shares along its path as weight. Thousands of sets of weights are then one
matrix product. Where orders differ or values are missing, the same runs go node by node.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.groups import Floats, Ints

Scores = Callable[[slice], Floats]

_CELLS = 60_000  # scores of a node worked on at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightTree:
    """A tree of p indicators and q nodes.

    Elements 0 … p - 1 are the indicators; the nodes follow, each after its parts, so that the root
    is last.
    """

    n_leaves: int
    """Number p of indicators."""
    children: tuple[Ints, ...]
    """Elements below each of the q nodes."""

    @property
    def n_elements(self) -> int:
        """Number p + q of elements."""
        return self.n_leaves + len(self.children)


def tree_of_parents(parent: Sequence[int] | Ints, n_leaves: int) -> WeightTree:
    """Make a tree from the element above each element.

    Parameters
    ----------
    parent : sequence of int, length p + q
        Element above each element, -1 for the root, which is last.
    n_leaves : int
        Number p of indicators, which come first.

    Returns
    -------
    WeightTree
        The tree.

    Raises
    ------
    ValueError
        If a node does not stand after its parts, or there is more than one root.
    """
    above = np.asarray(parent, np.int64)
    places = np.arange(len(above))
    if (above[:-1] <= places[:-1]).any() or above[-1] != -1 or (above[:-1] < n_leaves).any():
        raise ValueError("each node stands after its parts, and only the last is a root")
    nodes = range(n_leaves, len(above))
    children = tuple(np.flatnonzero(above == node) for node in nodes)
    return WeightTree(n_leaves=n_leaves, children=children)


def effective_weights(tree: WeightTree, weights: Floats) -> Floats:
    """Return the weight of each indicator in the whole: the product of the shares on its path.

    Parameters
    ----------
    tree : WeightTree
        Tree with p indicators and q nodes.
    weights : numpy.ndarray, shape (p + q, runs)
        Weight of each element among those with the same parent, not negative.

    Returns
    -------
    numpy.ndarray, shape (p, runs)
        Effective weights, which sum to 1 in each run; NaN below a node whose elements all weigh 0,
        unless that node weighs nothing itself.

    Raises
    ------
    ValueError
        If there is not one row of weights for each element.
    """
    if len(weights) != tree.n_elements:
        raise ValueError(f"{tree.n_elements} elements need as many weights, not {len(weights)}")
    effective = np.ones(weights.shape)
    for q, below in reversed(list(enumerate(tree.children))):
        above, own = effective[tree.n_leaves + q], weights[below]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = own / own.sum(axis=0)
        effective[below] = np.where(above > 0, share * above, above)
    return effective[: tree.n_leaves]


def power_scores(x: Floats, effective: Floats, order: float) -> Scores:
    r"""Return a function that gives the scores of runs whose nodes take power means of one order.

    .. math:: \Big(\sum_j w_j x_j^r\Big)^{1/r}, \qquad \prod_j x_j^{w_j} \text{ for } r = 0

    Parameters
    ----------
    x : numpy.ndarray, shape (n, p)
        Normalised values, none missing.
    effective : numpy.ndarray, shape (p, runs)
        Effective weights.
    order : float
        Order r: 1 arithmetic, 0 geometric, -1 harmonic mean.

    Returns
    -------
    callable
        Takes a slice of the runs and returns their scores, shape (runs of the slice, n). All
        scores of a run in which a value that weighs something is not defined for the mean are NaN.
    """
    wrong = undefined(x, order)
    failed = np.asarray((effective[wrong.any(axis=0)] > 0).any(axis=0))
    filled = np.where(wrong, 1.0, x) if wrong.any() else x
    raised = np.ascontiguousarray(raise_to(filled, order).T)
    rows = np.ascontiguousarray(effective.T)

    def scores(part: slice) -> Floats:
        if failed[part].all():
            return np.full((len(failed[part]), len(x)), np.nan)
        found = lower_from(rows[part] @ raised, order)
        found[failed[part]] = np.nan
        return found

    return scores


def node_scores(
    x: Floats,
    tree: WeightTree,
    weights: Floats,
    orders: Floats,
    *,
    coverage: Floats | None = None,
) -> Scores:
    """Return a function that gives the scores of runs, node by node.

    Missing values are left out of each node and the weights of what is there are taken to sum to
    one; where nothing (of positive weight) is there, the node is missing.

    Parameters
    ----------
    x : numpy.ndarray, shape (n, p)
        Normalised values, NaN where missing.
    tree : WeightTree
        Tree with p indicators and q nodes.
    weights : numpy.ndarray, shape (p + q, runs)
        Weight of each element among those with the same parent.
    orders : numpy.ndarray, shape (q,)
        Order of the power mean of each node.
    coverage : numpy.ndarray, shape (q,), optional
        Least share of the elements of a node that must be there; below it the node is missing.
        Elements count whatever they weigh, as in COINr.

    Returns
    -------
    callable
        Takes a slice of the runs and returns their scores, shape (runs of the slice, n). All
        scores of a run in which a mean is not defined for a value are NaN.
    """
    needed = np.zeros(len(tree.children)) if coverage is None else coverage

    def scores(part: slice) -> Floats:
        runs = range(weights.shape[1])[part]
        step = max(1, _CELLS // max(len(x), 1))
        blocks = [slice(start, min(start + step, runs.stop)) for start in runs[::step]]
        return np.concatenate([block_scores(weights[:, block]) for block in blocks])

    def block_scores(own: Floats) -> Floats:
        values = [x[None, :, j] for j in range(tree.n_leaves)]
        failed = np.zeros(own.shape[1], bool)
        for q, below in enumerate(tree.children):
            parts = np.stack(np.broadcast_arrays(*(values[j] for j in below)))
            mean, bad = _mean(parts, own[below], float(orders[q]), float(needed[q]))
            values.append(mean)
            failed |= bad
        found = values[-1]
        found[failed] = np.nan
        return found

    return scores


def _mean(
    values: Floats, weights: Floats, order: float, needed: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the mean of elements (k, runs or 1, n) by weights (k, runs), and which runs fail."""
    known, wrong = ~np.isnan(values), undefined(values, order)
    bad = np.zeros(weights.shape[1], bool)
    if wrong.any():
        bad = np.asarray((wrong.any(axis=2) & (weights > 0)).any(axis=0))
        values = np.where(wrong, 1.0, values)
    if known.all():
        total = _summed(weights, raise_to(values, order))
        mass: Floats = weights.sum(axis=0)[:, None]
    else:
        total = _summed(weights, np.where(known, raise_to(values, order), 0.0))
        mass = _summed(weights, known.astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        total /= mass
        total[np.broadcast_to(mass, total.shape) <= 0] = np.nan
        mean = lower_from(total, order)
    if needed > 0:
        too_few = known.mean(axis=0) < needed
        mean[np.broadcast_to(too_few, mean.shape)] = np.nan
    return mean, bad


def _summed(weights: Floats, values: Floats) -> Floats:
    """Return the weighted sums, shape (runs, n), of elements (k, runs or 1, n)."""
    if values.shape[1] == 1:
        found: Floats = weights.T @ values[:, 0]
        return found
    found = weights[0][:, None] * values[0]
    for weight, value in zip(weights[1:], values[1:], strict=True):
        found += weight[:, None] * value
    return found


def undefined(x: Floats, order: float) -> NDArray[np.bool_]:
    """Return where a power mean is not defined: below zero, and at zero for orders up to 0.

    Parameters
    ----------
    x : numpy.ndarray
        Values, NaN where missing.
    order : float
        Order of the mean; 1 is defined everywhere.

    Returns
    -------
    numpy.ndarray of bool, same shape
        False where missing.
    """
    if order == 1:
        return np.zeros(x.shape, bool)
    found: NDArray[np.bool_] = x < 0 if order > 0 else x <= 0
    return found


def raise_to(x: Floats, order: float) -> Floats:
    """Return what a power mean of this order averages: x, its logarithm, or its power.

    Parameters
    ----------
    x : numpy.ndarray
        Values.
    order : float
        Order of the mean.

    Returns
    -------
    numpy.ndarray, same shape
        Transformed values.
    """
    if order == 1:
        return x
    found: Floats = np.log(x) if order == 0 else x**order
    return found


def lower_from(mean: Floats, order: float) -> Floats:
    """Return the power mean from the mean of what `raise_to` gave, in the same memory.

    Parameters
    ----------
    mean : numpy.ndarray
        Means of transformed values; they are written over.
    order : float
        Order of the mean.

    Returns
    -------
    numpy.ndarray, same shape
        Power means.
    """
    if order == 1:
        return mean
    found: Floats = np.exp(mean, out=mean) if order == 0 else np.power(mean, 1.0 / order, out=mean)
    return found
