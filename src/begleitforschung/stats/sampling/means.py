"""Totals, means, ratios and variances with their linearised or replicated covariance.

Influence functions (Deville 1999, Survey Methodology 25, 193-203): total y, mean (y - m) / W,
ratio (y - R x) / X, variance ((y - m)² n / (n - 1) - v) / W. A value that is missing counts as
outside of the domain of its own column.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.estimates import AnyDesign, Estimates, columns, estimate


def totals(
    y: ArrayLike, design: AnyDesign, *, where: ArrayLike | None = None, listwise: bool = False
) -> Estimates:
    """Estimate totals, the weighted sum of each column.

    Parameters
    ----------
    y : array_like, shape (n,) or (n, k)
        Values, NaN where missing.
    design : Design or Replicates
        How the rows were drawn.
    where : array_like of bool, shape (n,) or (n, k), optional
        Rows of the domain, of each column where it has two dimensions.
    listwise : bool
        Whether a row with any missing value is left out of all columns (as R does).

    Returns
    -------
    Estimates
        One estimate per column.

    Raises
    ------
    ValueError
        If lengths differ, or a stratum has a single unit and the rule is to fail.

    Examples
    --------
    >>> from begleitforschung.stats.sampling import sampling_design
    >>> design = sampling_design(population=[[8, 8, 8, 8]])
    >>> result = totals([1.0, 2.0, 3.0, 4.0], design)
    >>> result.values.tolist(), result.se.round(6).tolist()
    ([20.0], [3.651484])
    """
    values, used = columns(y, where, design.n, listwise=listwise)
    return estimate(
        design.weights @ values, lambda: values, lambda block: block.T @ values, design, used
    )


def means(
    y: ArrayLike, design: AnyDesign, *, where: ArrayLike | None = None, listwise: bool = False
) -> Estimates:
    """Estimate means; of a column of 0 and 1 its share.

    Parameters
    ----------
    y : array_like, shape (n,) or (n, k)
        Values, NaN where missing.
    design : Design or Replicates
        How the rows were drawn.
    where : array_like of bool, shape (n,) or (n, k), optional
        Rows of the domain, of each column where it has two dimensions.
    listwise : bool
        Whether a row with any missing value is left out of all columns (as R does).

    Returns
    -------
    Estimates
        One estimate per column; NaN where no row with weight is left.

    Raises
    ------
    ValueError
        If lengths differ, or a stratum has a single unit and the rule is to fail.
    """
    values, used = columns(y, where, design.n, listwise=listwise)
    if (used == used[:, :1]).all():
        used = used[:, :1]  # what all columns share is counted once
    present = used.astype(np.float64)
    sizes = design.weights @ present
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (design.weights @ values) / sizes

    def influence() -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(used, values - centre, 0.0) / sizes

    def replicate(block: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (block.T @ values) / (block.T @ present)

    return estimate(centre, influence, replicate, design, used)


def ratios(
    numerator: ArrayLike,
    denominator: ArrayLike,
    design: AnyDesign,
    *,
    where: ArrayLike | None = None,
    listwise: bool = False,
) -> Estimates:
    """Estimate ratios of totals, column by column (the combined ratio estimator).

    Parameters
    ----------
    numerator, denominator : array_like, shape (n,) or (n, k)
        Values, NaN where missing; a row needs both.
    design : Design or Replicates
        How the rows were drawn.
    where : array_like of bool, shape (n,) or (n, k), optional
        Rows of the domain.
    listwise : bool
        Whether a row with any missing value is left out of all columns (as R does).

    Returns
    -------
    Estimates
        One estimate per column; NaN where the denominator's total is 0.

    Raises
    ------
    ValueError
        If lengths differ, or a stratum has a single unit and the rule is to fail.
    """
    above, in_above = columns(numerator, where, design.n, listwise=listwise)
    below, in_below = columns(denominator, where, design.n, listwise=listwise)
    used = in_above & in_below
    if listwise:
        used = np.broadcast_to(used.all(axis=1, keepdims=True), used.shape)
    above, below = np.where(used, above, 0.0), np.where(used, below, 0.0)
    base = design.weights @ below
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (design.weights @ above) / base

    def influence() -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(used, (above - ratio * below) / base, 0.0)

    def replicate(block: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (block.T @ above) / (block.T @ below)

    return estimate(ratio, influence, replicate, design, used)


def variances_of(y: ArrayLike, design: AnyDesign, *, where: ArrayLike | None = None) -> Estimates:
    """Estimate the population variance of each column, the weighted mean square x n / (n - 1).

    Parameters
    ----------
    y : array_like, shape (n,) or (n, k)
        Values, NaN where missing.
    design : Design or Replicates
        How the rows were drawn.
    where : array_like of bool, shape (n,) or (n, k), optional
        Rows of the domain.

    Returns
    -------
    Estimates
        One estimate per column; NaN where fewer than two rows are left.

    Raises
    ------
    ValueError
        If lengths differ, or a stratum has a single unit and the rule is to fail.
    """
    values, used = columns(y, where, design.n)
    factor, present = _bessel(used, design.weights), used.astype(np.float64)

    def moments(weights: Floats) -> tuple[Floats, Floats]:
        sizes = weights.T @ present
        centre = (weights.T @ values) / sizes
        return centre, factor * ((weights.T @ values**2) / sizes - centre**2)

    with np.errstate(divide="ignore", invalid="ignore"):
        size = design.weights @ present
        centre = (design.weights @ values) / size
        square = np.where(used, (values - centre) ** 2, 0.0) * factor
        result = (design.weights @ square) / size
        return estimate(
            result,
            lambda: np.where(used, square - result, 0.0) / size,
            lambda block: moments(block)[1],
            design,
            used,
        )


def covariance_of(
    x: ArrayLike, y: ArrayLike, design: AnyDesign, *, where: ArrayLike | None = None
) -> float:
    """Estimate the population covariance of two variables, without its standard error.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Values, NaN where missing; a row needs both.
    design : Design or Replicates
        How the rows were drawn.
    where : array_like of bool, shape (n,), optional
        Rows of the domain.

    Returns
    -------
    float
        Weighted mean product of the deviations x n / (n - 1); NaN for fewer than two rows.

    Raises
    ------
    ValueError
        If lengths differ.
    """
    both, used = columns(np.column_stack([x, y]), where, design.n, listwise=True)
    factor = _bessel(used, design.weights)[0]
    w = np.where(used[:, 0], design.weights, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = both - (w @ both) / w.sum()
        return float(factor * (w @ (deviation[:, 0] * deviation[:, 1])) / w.sum())


def _bessel(used: np.ndarray, weights: Floats) -> Floats:
    """Return n / (n - 1) of the rows with weight, NaN for fewer than two."""
    n = (used & (weights != 0)[:, None]).sum(axis=0).astype(np.float64)
    return np.where(n > 1, n / np.maximum(n - 1, 1), np.nan)
