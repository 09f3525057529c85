r"""Weighted quantiles by every rule that R survey knows.

With the values in order, :math:`C_k` the sum of the first k weights and :math:`C_n` of all, the
continuous rules interpolate the points :math:`(p_k, x_k)`:

=======  ==============================================
rule     :math:`p_k`
=======  ==============================================
hf4      :math:`C_k / C_n`
hf5      :math:`(C_k - w_k/2) / C_n`
hf6      :math:`C_k / (C_n + w_n)`
hf7      :math:`C_{k-1} / C_{n-1}`
hf8      :math:`(C_k - w_k/3) / (C_n + w_n/3)`
hf9      :math:`(C_k - 3 w_k/8) / (C_n + w_n/4)`
=======  ==============================================

References: Hyndman & Fan 1996, The American Statistician 50, 361-365, for equal weights; Shah &
Vaish 2006, Proceedings of the Survey Research Methods Section, ASA, for the rule of SUDAAN.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats

Rule = Literal[
    "math", "school", "shahvaish", "shahvaish_scaled",
    "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9",
]  # fmt: skip
RULES: tuple[Rule, ...] = get_args(Rule)
# Cumulated weights carry rounding errors: a share of 0.5 - 8e-16 is a half.
TIE = 1e-12


def weighted_quantiles(
    x: ArrayLike,
    weights: ArrayLike,
    probs: ArrayLike,
    *,
    rule: Rule = "math",
    tie: float = TIE,
) -> Floats:
    """Return quantiles of weighted values.

    ``math`` (= ``hf1``) is the smallest value with a cumulated share of at least p; ``school``
    (= ``hf2``) the mean of it and the next one where the share is p exactly; ``hf3`` the nearest
    even-numbered value; the others interpolate. ``shahvaish`` is what R survey 4.5 calculates,
    which depends on the scale of the weights; ``shahvaish_scaled`` is the published rule, with
    weights of mean 1.

    Parameters
    ----------
    x : array_like, shape (n,)
        Values without NaN.
    weights : array_like, shape (n,)
        Weights, at least 0; values without weight are left out.
    probs : array_like, shape (k,)
        Probabilities; NaN gives NaN.
    rule : {"math", "school", "shahvaish", "shahvaish_scaled", "hf1", …, "hf9"}
        The rule.
    tie : float
        Difference up to which a cumulated share is p. R asks for 0, so that a rounding error
        decides: of 200 equal weights it takes the 21st value for p = 0.1, the 100th for 0.5.

    Returns
    -------
    numpy.ndarray, shape (k,)
        Quantiles; NaN if no value has a weight.

    Raises
    ------
    ValueError
        If the lengths differ or the rule is unknown.

    Examples
    --------
    >>> weighted_quantiles([1, 2, 3, 4], [1, 1, 1, 1], [0.5], rule="math").tolist()
    [2.0]
    >>> weighted_quantiles([1, 2, 3, 4], [1, 1, 1, 1], [0.5], rule="school").tolist()
    [2.5]
    """
    values, w = np.asarray(x, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    p = np.atleast_1d(np.asarray(probs, dtype=np.float64))
    if values.shape != w.shape or values.ndim != 1:
        raise ValueError("values and weights must have the same length")
    if rule not in RULES:
        raise ValueError(f"rule must be one of {RULES}, not {rule!r}")
    kept = w > 0
    values, w = values[kept], w[kept]
    if values.size < 2:
        return np.where(np.isnan(p), np.nan, values[0] if values.size else np.nan)
    order = np.argsort(values, kind="stable")
    values, w = values[order], w[order]
    asked = np.where(np.isnan(p), 0.5, p)
    if rule in ("math", "school", "hf1", "hf2", "hf3"):
        result = _discrete(values, w, asked, rule, tie)
    elif rule in ("shahvaish", "shahvaish_scaled"):
        result = _shah_vaish(values, w, asked, scaled=rule == "shahvaish_scaled")
    else:
        result = np.interp(asked, _positions(w, rule), values)
    return np.where(np.isnan(p), np.nan, result)


def _discrete(x: Floats, w: Floats, p: Floats, rule: str, tie: float) -> Floats:
    """Take one of the values, or the mean of two neighbours."""
    if rule == "hf3":
        x, codes = np.unique(x, return_inverse=True)
        w = np.bincount(codes, w).astype(np.float64)
    total = np.cumsum(w, dtype=np.longdouble).astype(np.float64)
    whole = total[-1]
    reached = np.searchsorted(total, p * whole + tie * whole, side="right") - 1
    low = np.maximum(reached, 0)
    high = np.minimum(reached + 1, x.size - 1)
    exact = (reached >= 0) & (np.abs(p - total[low] / whole) <= tie)
    if rule == "hf3":
        exact &= low % 2 == 1  # counted from 1 the value has an even number
    between = (x[low] + x[high]) / 2 if rule in ("school", "hf2") else x[low]
    result: Floats = np.where(exact, between, x[high])
    return result


def _shah_vaish(x: Floats, w: Floats, p: Floats, *, scaled: bool) -> Floats:
    """Take the value with the largest plotting position that is at most p."""
    relative = w / w.mean()
    position = (np.cumsum(relative) + 0.5 - (relative if scaled else w) / 2) / (w.size + 1)
    order = np.argsort(position, kind="stable")
    found = np.searchsorted(position[order], p, side="right") - 1
    values: Floats = x[order][np.maximum(found, 0)]
    return values


def _positions(w: Floats, rule: str) -> Floats:
    """Return the plotting positions of a continuous rule."""
    total = np.cumsum(w)
    before, whole, last = total - w, total[-1], w[-1]
    if rule == "hf7":
        seven: Floats = before / total[-2]
        return seven
    part, extra = {
        "hf4": (0.0, 0.0),
        "hf5": (1 / 2, 0.0),
        "hf6": (0.0, 1.0),
        "hf8": (1 / 3, 1 / 3),
        "hf9": (3 / 8, 1 / 4),
    }[rule]
    positions: Floats = (total - part * w) / (whole + extra * last)
    return positions
