"""Bounds of a quantile: the values that a test of the share above them does not reject.

R survey maps the bound through the weighted quantile at the *unweighted* share of values up to it,
which is the bound itself only for equal weights. ``score`` does the same, ``score_weighted`` takes
the bound.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.stats.sampling.estimates import AnyDesign, critical
from begleitforschung.stats.sampling.means import means

_BLOCK = 64


def score_interval(
    x: Floats,
    probs: Floats,
    design: AnyDesign,
    used: Mask,
    df: float,
    level: float,
    *,
    as_r: Callable[[Floats, Floats], Floats] | None = None,
) -> tuple[Floats, Floats]:
    """Return score intervals of quantiles.

    Parameters
    ----------
    x : numpy.ndarray, shape (n,)
        Values, 0 where not used.
    probs : numpy.ndarray, shape (k,)
        Probabilities.
    design : Design or Replicates
        How the rows were drawn.
    used : numpy.ndarray of bool, shape (n,)
        Rows used.
    df : float
        Degrees of freedom.
    level : float
        Level of confidence.
    as_r : callable, optional
        Reads quantiles from weights and shares; with it the bounds are those that R returns.

    Returns
    -------
    lower, upper : numpy.ndarray, shape (k,)
        Bounds (Francisco & Fuller 1991); NaN where the test rejects nowhere.

    Raises
    ------
    ValueError
        If lengths differ.
    """
    levels = np.unique(x[used & (design.weights > 0)])
    estimates, errors = _shares_above(x, levels, design, used)
    w = np.where(used, design.weights, 0.0)
    bounds = np.full((2, probs.size), np.nan)
    for column, p in enumerate(probs):
        for row, limit in enumerate((critical(level, df), -critical(level, df))):
            with np.errstate(divide="ignore", invalid="ignore"):
                test = (estimates - (1 - p)) / errors - limit
            around = _crossing(test)
            if around is None:
                continue
            if as_r is None:
                bounds[row, column] = levels[around[1]]
            else:  # R's root lies on the side of the jump where the test is closer to 0
                nearer = min(around, key=lambda i: abs(test[i]))
                share = float((x[used] <= levels[nearer]).mean())
                bounds[row, column] = as_r(w, np.array([share]))[0]
    return bounds[0], bounds[1]


def _shares_above(
    x: Floats, levels: Floats, design: AnyDesign, used: Mask
) -> tuple[Floats, Floats]:
    """Return share and standard error of the values above each level, in blocks of columns."""
    parts = []
    for start in range(0, levels.size, _BLOCK):
        above = x[:, None] > levels[start : start + _BLOCK]
        result = means(np.where(used[:, None], above, np.nan), design)
        parts.append((result.values, result.se))
    return np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts])


def _crossing(test: Floats) -> tuple[int, int] | None:
    """Return the last level at which the falling test is above 0, and the one after it."""
    finite = np.flatnonzero(np.isfinite(test))
    signs = np.flatnonzero((test[finite][:-1] > 0) & (test[finite][1:] <= 0))
    return (int(finite[signs[0]]), int(finite[signs[0] + 1])) if signs.size else None
