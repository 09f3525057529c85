r"""Weights under which the index correlates with its elements as wanted.

With C the covariances of the elements, s their standard deviations and e their weights in the
index, the correlation of element i with the index is :math:`r_i = (Ce)_i / (s_i \sqrt{e'Ce})`.
Scaled such that :math:`\sum_i (Ce)_i / s_i = 1`, both aims are convex quadratic problems, whose
optimum is unique where C has full rank; a search by trial, which ends wherever its tolerance says,
is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.components import standardise
from begleitforschung.stats.indices.elements import Floats, Ints

_ZERO = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Balanced:
    """Weights and what they achieve.

    Parameters
    ----------
    weights : numpy.ndarray, shape (k,)
        Weights of sum 1; with groups, of the sum of its group's weight.
    correlations : numpy.ndarray, shape (k,)
        Correlation of each element with the index under these weights.
    shares : numpy.ndarray, shape (k,)
        Correlations divided by their sum, to be compared with the target.
    objective : float
        Mean squared distance of the shares from the target; of `most_informative`, the sum of the
        correlations.
    """

    weights: Floats
    correlations: Floats
    shares: Floats
    objective: float


def correlation_balanced(
    x: ArrayLike,
    target: ArrayLike | None = None,
    *,
    groups: ArrayLike | None = None,
    group_weights: ArrayLike | None = None,
    constrained: bool = True,
) -> Balanced:
    r"""Find weights whose correlations with the index are in the proportions of a target.

    Minimises :math:`\sum_i (t_i - r_i / \sum_j r_j)^2 / k` (the linear version of Becker et al.
    2017, Ecological Indicators 80, that COINr optimises by trial).

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, NaN where missing (such rows are left out).
    target : array_like, shape (k,), optional
        Wanted importance >= 0, normalised to sum 1; equal by default.
    groups : array_like of int, shape (k,), optional
        Node 0, 1, … between elements and index to which each belongs; without, the elements are
        the children of the index.
    group_weights : array_like, shape (groups,), optional
        Weight of each such node; equal by default.
    constrained : bool
        Only weights >= 0; without, they can be negative, as COINr's can.

    Returns
    -------
    Balanced
        Weights and the correlations under them.

    Raises
    ------
    ValueError
        If shapes do not fit, the target is not >= 0, an element follows from the others, or no
        weights give correlations of positive sum.

    Examples
    --------
    >>> x = [[1.0, 2.0], [2.0, 1.0], [3.0, 4.0], [5.0, 3.0]]
    >>> correlation_balanced(x).shares.round(6).tolist()
    [0.5, 0.5]
    """
    problem = _problem(x, groups, group_weights)
    k = len(problem.sd)
    wanted = np.ones(k) if target is None else np.asarray(target, np.float64)
    if wanted.shape != (k,) or not ((wanted >= 0).all() and 0 < wanted.sum() < np.inf):
        raise ValueError("the target has one importance >= 0 for each element")
    wanted = wanted / wanted.sum()
    to_correlation = problem.covariance / problem.sd[:, None]
    total = to_correlation.sum(axis=0)
    distance = np.outer(wanted, total) - to_correlation
    weights = _solve(distance, total, problem.ties, constrained)
    r = problem.correlations(weights)
    shares = r / r.sum()
    objective = float(((wanted - shares) ** 2).mean())
    return Balanced(
        weights=problem.scaled(weights), correlations=r, shares=shares, objective=objective
    )


def most_informative(
    x: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    group_weights: ArrayLike | None = None,
    constrained: bool = True,
) -> Balanced:
    """Find weights under which the sum of the correlations with the index is largest.

    Without groups they are one over the standard deviations: the index is the sum of z-scores.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the elements, NaN where missing (such rows are left out).
    groups : array_like of int, shape (k,), optional
        Node 0, 1, … between elements and index to which each belongs.
    group_weights : array_like, shape (groups,), optional
        Weight of each such node; equal by default.
    constrained : bool
        Only weights >= 0.

    Returns
    -------
    Balanced
        Weights and the correlations under them.

    Raises
    ------
    ValueError
        As `correlation_balanced`.

    Examples
    --------
    >>> most_informative([[1.0, 20.0], [2.0, 10.0], [3.0, 40.0], [4.0, 30.0]]).weights.round(3)
    array([0.909, 0.091])
    """
    problem = _problem(x, groups, group_weights)
    total = (problem.covariance / problem.sd[:, None]).sum(axis=0)
    root = np.asarray(np.linalg.cholesky(problem.covariance).T, np.float64)
    weights = _solve(root, total, problem.ties, constrained)
    r = problem.correlations(weights)
    return Balanced(
        weights=problem.scaled(weights),
        correlations=r,
        shares=r / r.sum(),
        objective=float(r.sum()),
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """Second moments of the elements and the equations that groups put on their weights."""

    covariance: Floats
    sd: Floats
    ties: Floats
    groups: Ints
    group_weights: Floats

    def correlations(self, weights: Floats) -> Floats:
        """Return the correlation of each element with the index."""
        with_index = self.covariance @ weights
        r: Floats = with_index / (self.sd * np.sqrt(weights @ with_index))
        return r

    def scaled(self, weights: Floats) -> Floats:
        """Return weights of sum 1."""
        normalised: Floats = weights / weights.sum()
        return normalised


def _problem(x: ArrayLike, groups: ArrayLike | None, group_weights: ArrayLike | None) -> _Problem:
    """Return second moments over complete rows; weights of a group are in proportion to others."""
    z, rows = standardise(x)
    sd = np.asarray(x, np.float64)[rows].std(axis=0, ddof=1)
    correlation = z.T @ z / (len(z) - 1)
    if np.linalg.eigvalsh(correlation)[0] < _ZERO * len(sd):
        raise ValueError("an element follows from the others, so that weights are not determined")
    code = np.zeros(len(sd), np.int64) if groups is None else np.asarray(groups, np.int64)
    if code.shape != sd.shape or (code < 0).any():
        raise ValueError("groups have one number from 0 for each element")
    count = int(code.max()) + 1
    of_group = np.ones(count) if group_weights is None else np.asarray(group_weights, np.float64)
    if of_group.shape != (count,) or not (of_group > 0).all():
        raise ValueError("each group has one weight above zero")
    member = (code == np.arange(count)[:, None]).astype(np.float64)
    ties = member[1:] / of_group[1:, None] - member[0] / of_group[0]
    return _Problem(correlation * np.outer(sd, sd), sd, ties, code, of_group)


def _solve(square: Floats, total: Floats, ties: Floats, constrained: bool) -> Floats:
    """Minimise |square @ e|² with total @ e = 1, ties @ e = 0 and, if constrained, e >= 0."""
    free = np.ones(len(total), np.bool_)
    if constrained:
        from scipy.optimize import nnls

        # Scaling: as both sides are homogeneous, a soft `total` row leaves the direction exact.
        scale = 1e4 * np.linalg.norm(square)
        rows = [square / np.linalg.norm(total), total / np.linalg.norm(total)]
        stacked = np.vstack([*rows, ties * scale])
        goal = np.zeros(len(stacked))
        goal[len(square)] = 1.0
        start, _ = nnls(stacked, goal)
        free = start > _ZERO * start.max()
    weights = _equality(square, total, ties, free)
    while constrained and (weights < 0).any():
        free &= weights > 0
        weights = _equality(square, total, ties, free)
    return weights


def _equality(square: Floats, total: Floats, ties: Floats, free: NDArray[np.bool_]) -> Floats:
    """Solve for the free weights by Lagrange's equations, the others being zero."""
    a = np.vstack([total, ties])[:, free]
    g = square[:, free]
    # On the null space of the equations, starting from their shortest solution.
    start, *_ = np.linalg.lstsq(a, np.eye(1, len(a))[0], rcond=None)
    _, singular, right = np.linalg.svd(a)
    space = right[(singular > _ZERO * singular[0]).sum() :].T
    step, *_ = np.linalg.lstsq(g @ space, -(g @ start), rcond=None)
    weights = np.zeros(len(total))
    weights[free] = start + space @ step
    return weights
