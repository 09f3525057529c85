r"""Totals by ratio estimators, say money per inhabitant times the known inhabitants.

Combined :math:`\hat T = X \frac{\sum w y}{\sum w x}`, separate
:math:`\hat T = \sum_h X_h \frac{\sum_h w y}{\sum_h w x}` over classes h (Cochran 1977, Sampling
Techniques, sections 6.10-6.11; Särndal, Swensson & Wretman 1992, section 7.3). The separate one is
the more precise the more the ratios differ, but biased where a class has few rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.stats.sampling.estimates import AnyDesign, Estimates, columns, estimate


def ratio_total(
    y: ArrayLike,
    x: ArrayLike,
    known: ArrayLike,
    design: AnyDesign,
    *,
    classes: ArrayLike | None = None,
) -> Estimates:
    """Estimate a total by a ratio to a variable whose total is known.

    Parameters
    ----------
    y, x : array_like, shape (n,)
        Values and what they are related to, NaN where missing; a row needs both.
    known : array_like, shape () or (c,)
        Total of x in the population, or in each class of it.
    design : Design or Replicates
        How the rows were drawn.
    classes : array_like of int, shape (n,), optional
        Class of each row, 0 … c - 1, for the separate estimator.

    Returns
    -------
    Estimates
        The total.

    Raises
    ------
    ValueError
        If lengths differ, a code has no known total, or a class with a known total above 0 has no
        row with weight: its part of the total cannot be estimated.

    Examples
    --------
    >>> from begleitforschung.stats.sampling import sampling_design
    >>> ratio_total([2.0, 6.0], [1.0, 3.0], 10.0, sampling_design([1, 1])).values.tolist()
    [20.0]
    """
    above, below, used, codes, sizes = _checked(y, x, known, design.n, classes)

    def slopes(weights: Floats) -> tuple[Floats, Floats]:
        base = _sums(codes, below, weights, sizes.size)
        with np.errstate(divide="ignore", invalid="ignore"):
            grow = np.where(sizes > 0, sizes / base, 0.0)
            return grow, _sums(codes, above, weights, sizes.size) / base

    grow, ratio = slopes(design.weights[:, None])
    if not np.isfinite(grow).all():
        empty = np.flatnonzero(~np.isfinite(grow[0])).tolist()
        raise ValueError(f"classes {empty} have a known total but no row with weight")
    ratio = np.where(sizes > 0, ratio, 0.0)

    def influence() -> Floats:
        return (np.where(used, grow[0, codes] * (above - ratio[0, codes] * below), 0.0))[:, None]

    def replicate(block: Floats) -> Floats:
        _, slope = slopes(block)
        parts = np.where(sizes > 0, slope * sizes, 0.0)
        return np.asarray(parts.sum(axis=1)[:, None], dtype=np.float64)

    total = np.array([float((ratio[0] * sizes).sum())])
    return estimate(total, influence, replicate, design, used)


def leave_one_out(
    y: ArrayLike,
    x: ArrayLike,
    known: ArrayLike,
    weights: ArrayLike,
    *,
    classes: ArrayLike | None = None,
) -> Floats:
    """Return by how much a ratio total would change without each row.

    Parameters
    ----------
    y, x : array_like, shape (n,)
        As in `ratio_total`.
    known : array_like, shape () or (c,)
        Known total of x, or of each class.
    weights : array_like, shape (n,)
        Weights.
    classes : array_like of int, shape (n,), optional
        Class of each row.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Total with all rows less total without the row: large for the few that carry the result.
        0 for a row that is not used; NaN for the only row of its class.

    Raises
    ------
    ValueError
        If lengths differ or a code has no known total.

    Examples
    --------
    >>> leave_one_out([1.0, 1.0, 9.0], [1.0, 1.0, 1.0], 3.0, [1, 1, 1]).tolist()
    [-4.0, -4.0, 8.0]
    """
    w = np.asarray(weights, dtype=np.float64)
    above, below, used, codes, sizes = _checked(y, x, known, w.size, classes)
    top = _sums(codes, above, w[:, None], sizes.size)[0, codes]
    base = _sums(codes, below, w[:, None], sizes.size)[0, codes]
    with np.errstate(divide="ignore", invalid="ignore"):
        without = np.where(base - w * below > 0, (top - w * above) / (base - w * below), np.nan)
        change = sizes[codes] * (top / base - without)
    return np.where(used & (w != 0), change, 0.0)


def _checked(
    y: ArrayLike,
    x: ArrayLike,
    known: ArrayLike,
    n: int,
    classes: ArrayLike | None,
) -> tuple[Floats, Floats, Mask, Ints, Floats]:
    """Return both variables, the rows used, their classes and the known totals."""
    both, used = columns(np.column_stack([y, x]), None, n, listwise=True)
    sizes = np.atleast_1d(np.asarray(known, dtype=np.float64))
    codes = np.zeros(n, dtype=np.int64)
    if classes is not None:
        codes = np.asarray(classes, dtype=np.int64)
    if codes.shape != (n,) or codes.min(initial=0) < 0 or codes.max(initial=0) >= sizes.size:
        raise ValueError("each row needs a class that has a known total")
    return both[:, 0], both[:, 1], used[:, 0], codes, sizes


def _sums(codes: Ints, values: Floats, weights: Floats, classes: int) -> Floats:
    """Return the weighted sum of each class for each column of weights, shape (b, c)."""
    member = (codes[:, None] == np.arange(classes)) * values[:, None]
    result: Floats = weights.T @ member
    return result
