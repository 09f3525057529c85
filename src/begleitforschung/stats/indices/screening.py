"""Screening: leave out units with too few values or too many zeros."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
ScreenBy = Literal["coverage", "nonzero", "coverage_nonzero"]

SCREEN_BY: Final = ("coverage", "nonzero", "coverage_nonzero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """Which units are kept, and the counts that decide.

    Parameters
    ----------
    missing, zeros : numpy.ndarray of int64, shape (n,)
        Missing values and zeros of each unit.
    available : numpy.ndarray, shape (n,)
        Share of the values that are there.
    nonzero : numpy.ndarray, shape (n,)
        Share of the values that are there and not 0 in those that are there; NaN without values.
    low_available, low_nonzero : numpy.ndarray of bool, shape (n,)
        Whether each share is below its limit.
    kept : numpy.ndarray of bool, shape (n,)
        Result, after what is forced.
    forced : numpy.ndarray of bool, shape (n,)
        Whether a unit is kept or left out against the rule.
    """

    missing: Ints
    zeros: Ints
    available: Floats
    nonzero: Floats
    low_available: Mask
    low_nonzero: Mask
    kept: Mask
    forced: Mask


def screen(
    x: ArrayLike,
    *,
    by: ScreenBy = "coverage",
    min_share: float = 2 / 3,
    min_nonzero: float = 0.05,
    include: ArrayLike | None = None,
    exclude: ArrayLike | None = None,
) -> Screening:
    """Decide which units have enough values.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, NaN where missing.
    by : {"coverage", "nonzero", "coverage_nonzero"}
        What leads to a unit being left out: too few values, too many zeros, or either.
    min_share : float
        Smallest share of values that must be there.
    min_nonzero : float
        Smallest share of values other than 0 in those that are there. A unit without values is
        left out by either rule.
    include, exclude : array_like of bool, shape (n,), optional
        Units that are kept or left out whatever their values.

    Returns
    -------
    Screening
        Units in the order of `x`.

    Raises
    ------
    ValueError
        If the shapes do not fit each other, `by` is unknown, or a unit is to be both kept and left
        out.

    Examples
    --------
    >>> screen([[1.0, 2.0], [1.0, float("nan")]]).kept.tolist()
    [True, False]
    """
    values = np.asarray(x, np.float64)
    if by not in SCREEN_BY:
        raise ValueError(f"units are screened by {', '.join(SCREEN_BY)}, not {by!r}")
    if values.ndim != 2 or not values.shape[1]:
        raise ValueError("units are screened over the columns of a matrix")
    keeping, dropping = _forced(include, values.shape[0]), _forced(exclude, values.shape[0])
    if (keeping & dropping).any():
        raise ValueError("a unit cannot be both kept and left out")
    missing = np.count_nonzero(np.isnan(values), axis=1)
    zeros = np.count_nonzero(values == 0, axis=1)
    there = values.shape[1] - missing
    share = there / values.shape[1]
    filled = (there - zeros) / np.where(there > 0, there, np.nan)
    low_available, low_nonzero = share < min_share, ~(filled >= min_nonzero)
    rules = {
        "coverage": low_available,
        "nonzero": low_nonzero,
        "coverage_nonzero": low_available | low_nonzero,
    }
    by_rule = ~rules[by]
    kept = (by_rule | keeping) & ~dropping
    return Screening(
        missing=missing,
        zeros=zeros,
        available=share,
        nonzero=filled,
        low_available=low_available,
        low_nonzero=low_nonzero,
        kept=kept,
        forced=kept != by_rule,
    )


def _forced(units: ArrayLike | None, n: int) -> Mask:
    mask = np.zeros(n, np.bool_) if units is None else np.asarray(units, np.bool_)
    if mask.shape != (n,):
        raise ValueError("there must be one mark for each unit")
    return mask
