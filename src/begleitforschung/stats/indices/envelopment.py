"""Benefit of the Doubt: each unit is scored with the weights that suit it best.

Linear programs of data envelopment analysis with one input, solved by HiGHS (Melyn & Moesen 1991;
Cherchye, Moesen, Rogge & Van Puyenbroeck 2007, Social Indicators Research 82). Missing values: an
indicator that a unit lacks does not count for it, and as reference the unit offers nothing there
(Kuosmanen 2002). What a bound on shares asks of a missing indicator is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.elements import BadCells, Floats, Ints

_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelopment:
    """Scores of units with the weights and the peers behind them.

    Parameters
    ----------
    scores : numpy.ndarray, shape (n,)
        Scores between 0 and 1; NaN where nothing is there or no weights keep the bounds.
    weights : numpy.ndarray, shape (n, k)
        Most favourable weights of each unit. They need not be unique, as scores are.
    shares : numpy.ndarray, shape (n, k)
        Parts of the indicators in the score; NaN where the score is 0 or NaN.
    peers : numpy.ndarray of int64, shape (links, 2)
        Unit and the unit that it is measured against (a binding constraint).
    duals : numpy.ndarray, shape (links,)
        Shadow price of each link; without bounds those of a unit add up to its score.
    """

    scores: Floats
    weights: Floats
    shares: Floats
    peers: Ints
    duals: Floats


def benefit_of_the_doubt(
    y: ArrayLike, *, lower: ArrayLike = 0.0, upper: ArrayLike = 1.0
) -> Envelopment:
    r"""Score units with free or bounded weights.

    :math:`\max_w \sum_k w_k y_{ik}` under :math:`\sum_k w_k y_{jk} \le 1` for all units j,
    :math:`w \ge 0` and :math:`l_k \le w_k y_{ik} / \sum_m w_m y_{im} \le u_k`.

    Parameters
    ----------
    y : array_like, shape (n, k)
        Values >= 0 of the indicators, more is better, NaN where missing.
    lower, upper : array_like, shape () or (k,)
        Bounds on the share of an indicator in the unit's own score, 0 to 1.

    Returns
    -------
    Envelopment
        Scores, weights, shares and peers.

    Raises
    ------
    BadCells
        If a value is negative or infinite.
    ValueError
        If `y` is not a matrix or no shares can keep the bounds.

    Examples
    --------
    >>> benefit_of_the_doubt([[1.0, 4.0], [2.0, 2.0], [1.0, 1.0]]).scores.round(3).tolist()
    [1.0, 1.0, 0.5]
    """
    values = outputs(y)
    k = values.shape[1]
    low, high = (np.broadcast_to(np.asarray(bound, np.float64), k) for bound in (lower, upper))
    if not ((low >= 0) & (low <= high) & (high <= 1)).all():
        raise ValueError("bounds on shares must keep 0 <= lower <= upper <= 1")
    if low.sum() > 1 + _NOTHING or high.sum() < 1 - _NOTHING:
        raise ValueError("no shares of sum 1 keep these bounds")
    scale = np.where(values.max(axis=0, initial=0.0) > 0, values.max(axis=0, initial=0.0), 1.0)
    scaled = values / scale
    there = ~np.isnan(np.asarray(y, np.float64))
    rivals = frontier(scaled)
    solved = [_best_weights(scaled, i, rivals, there[i], low, high) for i in range(len(values))]
    return _collected(values, scale, rivals, solved)


def frontier(y: Floats) -> Ints:
    """Return the units that no other unit beats or equals in all indicators.

    The others can be left out of the constraints: with weights >= 0 theirs follow.

    Parameters
    ----------
    y : numpy.ndarray, shape (n, k)
        Values >= 0, more is better.

    Returns
    -------
    numpy.ndarray of int64, shape (units,)
        Their positions, ascending; of equal units the first.

    Raises
    ------
    ValueError
        If `y` is not a matrix.

    Examples
    --------
    >>> frontier(np.array([[1.0, 4.0], [2.0, 2.0], [1.0, 1.0]])).tolist()
    [0, 1]
    """
    if y.ndim != 2:
        raise ValueError("values must be (units, indicators)")
    kept: list[int] = []
    for i in np.argsort(-y.sum(axis=1), kind="stable"):
        if not kept or not (y[kept] >= y[i]).all(axis=1).any():
            kept.append(int(i))
    return np.sort(np.asarray(kept, np.int64))


def outputs(y: ArrayLike) -> Floats:
    """Check values for envelopment and set missing ones to 0.

    Parameters
    ----------
    y : array_like, shape (n, k)
        Values >= 0, NaN where missing.

    Returns
    -------
    numpy.ndarray, shape (n, k)
        The same, 0 where missing.

    Raises
    ------
    BadCells
        If a value is negative or infinite.
    ValueError
        If `y` is not a matrix.
    """
    values = np.asarray(y, np.float64)
    if values.ndim != 2:
        raise ValueError("values must be (units, indicators)")
    bad = (values < 0) | np.isinf(values)
    if bad.any():
        raise BadCells(
            "Benefit of the Doubt needs finite values that are not negative", *np.nonzero(bad)
        )
    return np.where(np.isnan(values), 0.0, values)


def _best_weights(
    y: Floats, i: int, rivals: Ints, there: NDArray[np.bool_], low: Floats, high: Floats
) -> tuple[Floats, Floats] | None:
    """Solve the program of one unit; None if nothing is there or no weights keep the bounds."""
    from scipy.optimize import linprog

    if not there.any():
        return None
    own = y[i]
    above = np.eye(len(own)) * own - high[:, None] * own
    below = low[:, None] * own - np.eye(len(own)) * own
    rows = [y[rivals], above[there & (high < 1)], below[there & (low > 0)]]
    limits = np.zeros(sum(len(part) for part in rows))
    limits[: len(rivals)] = 1.0
    # A weight that no rival limits (all zeros) and that earns nothing stays at zero.
    bounds = [(0.0, None if used else 0.0) for used in there & (y.max(axis=0) > 0)]
    found = linprog(-own, A_ub=np.vstack(rows), b_ub=limits, bounds=bounds, method="highs")
    if found.status != 0:
        return None
    if own[there].any() and -found.fun <= _NOTHING:
        return None  # only zero weights keep the bounds
    return found.x, -found.ineqlin.marginals[: len(rivals)]


def _collected(
    values: Floats, scale: Floats, rivals: Ints, solved: list[tuple[Floats, Floats] | None]
) -> Envelopment:
    """Put the solutions of all units together, in the units of the data."""
    weights = np.full(values.shape, np.nan)
    peers: list[tuple[int, int]] = []
    duals: list[float] = []
    for i, solution in enumerate(solved):
        if solution is None:
            continue
        weights[i] = solution[0] / scale
        for place in np.flatnonzero(solution[1] > _NOTHING):
            peers.append((i, int(rivals[place])))
            duals.append(float(solution[1][place]))
    parts = weights * values
    scores = parts.sum(axis=1)
    shares = np.full(values.shape, np.nan)
    np.divide(parts, scores[:, None], out=shares, where=(scores > 0)[:, None])
    return Envelopment(
        scores=scores,
        weights=weights,
        shares=shares,
        peers=np.asarray(peers, np.int64).reshape(-1, 2),
        duals=np.asarray(duals, np.float64),
    )
