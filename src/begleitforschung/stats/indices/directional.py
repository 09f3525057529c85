"""Relatives of the Benefit of the Doubt: undesired outputs, robust order-m, geometric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.indices.elements import BadCells, Floats
from begleitforschung.stats.indices.envelopment import outputs
from begleitforschung.stats.indices.means import power


@dataclass(frozen=True, slots=True, kw_only=True)
class Directional:
    """Scores of units with desired and undesired outputs.

    Parameters
    ----------
    scores : numpy.ndarray, shape (n,)
        1 / (1 + distance), 1 on the frontier; NaN for rows with a missing value.
    distances : numpy.ndarray, shape (n,)
        Part of the direction by which a unit falls short.
    weights : numpy.ndarray, shape (n, k)
        Most favourable weights. They need not be unique, as scores are.
    targets : numpy.ndarray, shape (n, k)
        Values on the frontier: more of what is desired, less of what is not.
    """

    scores: Floats
    distances: Floats
    weights: Floats
    targets: Floats


def directional_doubt(
    y: ArrayLike,
    undesired: ArrayLike,
    *,
    lower: float = 0.0,
    direction: Literal["own", "mean"] = "own",
) -> Directional:
    r"""Score units where some indicators should be small, in the direction of more good, less bad.

    :math:`\min_w \; b_i w_b - g_i w_g` under :math:`g_j w_g \le b_j w_b` for all units j,
    :math:`d \cdot w = 1` and, at the mean unit, :math:`w_k \bar y_k \ge l \sum_m w_m \bar y_m`
    (Zanella, Camanho & Dias 2015, European Journal of Operational Research 245).

    Parameters
    ----------
    y : array_like, shape (n, k)
        Values >= 0, NaN where missing; such units have no score and are no reference.
    undesired : array_like of bool, shape (k,)
        Indicators of which less is better.
    lower : float
        Least share of each indicator in the virtual value of the mean unit, 0 to 1 / k.
    direction : {"own", "mean"}
        Direction d: the unit's own values (as Compind scores) or the means of all (as Compind,
        which mixes both, sets its targets). Here targets lie in the direction that was scored.

    Returns
    -------
    Directional
        Scores, distances, weights and targets.

    Raises
    ------
    BadCells
        If a value is negative or infinite.
    ValueError
        If shapes do not fit, there is no desired or no undesired indicator, or an option is out of
        bounds.

    Examples
    --------
    >>> found = directional_doubt([[2.0, 1.0], [1.0, 1.0]], [False, True])
    >>> found.scores.round(3).tolist(), found.targets[1].round(3).tolist()
    ([1.0, 0.75], [1.333, 0.667])
    """
    from scipy.optimize import linprog

    values, bad = np.asarray(y, np.float64), np.asarray(undesired, np.bool_)
    outputs(values)
    k = values.shape[1]
    if bad.shape != (k,) or bad.all() or not bad.any():
        raise ValueError("at least one indicator is desired and one undesired")
    if not 0 <= lower <= 1 / k or direction not in ("own", "mean"):
        raise ValueError("lower is a share up to 1 / k, direction 'own' or 'mean'")
    rows = ~np.isnan(values).any(axis=1)
    scale = values[rows].mean(axis=0) if rows.any() else np.ones(k)
    if (scale == 0).any():
        raise BadCells("an indicator of zeros has no direction", (), np.flatnonzero(scale == 0))
    scaled, sign = values / scale, np.where(bad, -1.0, 1.0)
    limits = np.vstack([scaled[rows] * sign, lower * np.ones((k, k)) - np.eye(k)])
    distances, weights = np.full(len(values), np.nan), np.full(values.shape, np.nan)
    for i in np.flatnonzero(rows):
        along = scaled[i] if direction == "own" else np.ones(k)
        found = linprog(
            -sign * scaled[i],
            A_ub=limits,
            b_ub=np.zeros(len(limits)),
            A_eq=along[None, :],
            b_eq=[1.0],
            bounds=(0, None),
            method="highs",
        )
        if found.status == 0:
            distances[i], weights[i] = max(found.fun, 0.0), found.x / scale
    along = values if direction == "own" else np.broadcast_to(scale, values.shape)
    return Directional(
        scores=1 / (1 + distances),
        distances=distances,
        weights=weights,
        targets=values + sign * distances[:, None] * along,
    )


def order_m(y: ArrayLike, *, m: int) -> Floats:
    r"""Return robust scores: a unit against the best of m units drawn at random, on average.

    Unit j reaches :math:`q_{ij} = \min_k y_{jk} / y_{ik}` times the values of unit i (free disposal
    hull). The score is one over the expected maximum of q over m draws with replacement. It is
    exact, :math:`E = \sum_r q_{(r)} ((r/n)^m - ((r-1)/n)^m)` over the ascending q, without any
    drawing (Cazals, Florens & Simar 2002, Journal of Econometrics 106).

    Parameters
    ----------
    y : array_like, shape (n, k)
        Values >= 0 of the indicators, more is better, NaN where missing: it does not count for the
        unit, and as reference the unit offers nothing there.
    m : int
        Number of units drawn, >= 1. The larger, the nearer to the frontier.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Scores; above 1 for units that beat most draws. NaN where nothing above 0 is there.

    Raises
    ------
    BadCells
        If a value is negative or infinite.
    ValueError
        If `y` is not a matrix or `m` is not positive.

    Examples
    --------
    >>> order_m([[1.0], [2.0]], m=1).round(3).tolist()
    [0.667, 1.333]
    """
    values = outputs(y)
    if m < 1:
        raise ValueError("order-m draws one unit or more")
    n = len(values)
    steps = np.diff((np.arange(n + 1) / max(n, 1)) ** m)
    scores = np.full(n, np.nan)
    for i, own in enumerate(values):
        used = own > 0
        if used.any():
            reached = (values[:, used] / own[used]).min(axis=1)
            scores[i] = 1 / (np.sort(reached) @ steps)
    return scores


def geometric_doubt(y: ArrayLike, shares: ArrayLike, *, benchmark: int) -> Floats:
    r"""Return the geometric index against a benchmark, :math:`\prod_k (y_{ik}/y_{Bk})^{s_{ik}}`.

    With the shares of the Benefit of the Doubt, each unit is compared under its own weights (Van
    Puyenbroeck & Rogge 2017, European Journal of Operational Research 256).

    Parameters
    ----------
    y : array_like, shape (n, k)
        Values > 0 of the indicators.
    shares : array_like, shape (n, k)
        Weights of each unit, normalised to sum 1 (`Envelopment.shares`).
    benchmark : int
        Row of the unit that has index 1.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Index; NaN for units without shares.

    Raises
    ------
    BadCells
        If a value is not above zero.
    ValueError
        If shapes do not fit or the benchmark misses a value.

    Examples
    --------
    >>> geometric_doubt([[1.0, 1.0], [4.0, 1.0]], [[0.5, 0.5], [0.5, 0.5]], benchmark=0).tolist()
    [1.0, 2.0]
    """
    values, parts = np.asarray(y, np.float64), np.asarray(shares, np.float64)
    if values.ndim != 2 or parts.shape != values.shape:
        raise ValueError("values and shares must be (units, indicators)")
    if (values <= 0).any():
        raise BadCells("a geometric index needs values above zero", *np.nonzero(values <= 0))
    if not np.isfinite(values[benchmark]).all():
        raise ValueError("the benchmark needs a value of each indicator")
    ratios = values / values[benchmark]
    index = np.full(len(values), np.nan)
    known = np.asarray(~np.isnan(parts).any(axis=1))
    for i in np.flatnonzero(known):
        index[i] = power(ratios[i][None], parts[i], p=0.0)[0]
    return index
