"""How uneven weights are, what that costs, and how they are cut off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightDiagnostics:
    """How uneven weights are, and what that costs.

    Parameters
    ----------
    n : int
        Rows with a weight above 0.
    total : float
        Sum of the weights.
    smallest, largest : float
        Extremes of the weights above 0.
    ratio : float
        Largest by smallest.
    cv : float
        Coefficient of variation (with 1/n).
    deff : float
        1 + cv², the loss by weights that are unrelated to the answers (Kish 1992, Journal of
        Official Statistics 8, 183-200).
    effective_n : float
        n / deff, which is (sum w)² / sum w².
    extreme : int
        Rows with more than ``limit`` times the median weight.
    """

    n: int
    total: float
    smallest: float
    largest: float
    ratio: float
    cv: float
    deff: float
    effective_n: float
    extreme: int


def weight_diagnostics(weights: ArrayLike, *, limit: float = 5.0) -> WeightDiagnostics:
    """Describe weights.

    Parameters
    ----------
    weights : array_like, shape (n,)
        Weights, at least 0.
    limit : float
        Times the median above which a weight counts as extreme.

    Returns
    -------
    WeightDiagnostics
        Size, spread and effective sample size of the weights above 0.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or none is above 0.

    Examples
    --------
    >>> weight_diagnostics([1.0, 1.0, 2.0]).effective_n.__round__(3)
    2.667
    """
    w = np.asarray(weights, dtype=np.float64)
    if not (np.isfinite(w).all() and (w >= 0).all() and (w > 0).any()):
        raise ValueError("weights must be finite and at least 0, one of them above 0")
    w = w[w > 0]
    effective = float(w.sum() ** 2 / (w**2).sum())
    deff = w.size / effective
    return WeightDiagnostics(
        n=int(w.size),
        total=float(w.sum()),
        smallest=float(w.min()),
        largest=float(w.max()),
        ratio=float(w.max() / w.min()),
        cv=float(np.sqrt(max(deff - 1, 0))),
        deff=deff,
        effective_n=effective,
        extreme=int((w > limit * np.median(w)).sum()),
    )


def trim_weights(
    weights: ArrayLike, *, lower: float = -np.inf, upper: float = np.inf, strict: bool = True
) -> Floats:
    """Cut weights off at bounds and spread what is cut equally over the others.

    Parameters
    ----------
    weights : array_like, shape (n,)
        Weights; those that are 0 stay 0.
    lower, upper : float
        Bounds.
    strict : bool
        Whether this is repeated until no weight lies outside.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Weights with the same sum (Potter 1990, Proceedings of the Survey Research Methods
        Section, ASA, 225-230).

    Raises
    ------
    ValueError
        If no weight is left to take up what was cut.

    Examples
    --------
    >>> trim_weights([1.0, 1.0, 4.0], upper=3.0).tolist()
    [1.5, 1.5, 3.0]
    """
    w = np.array(weights, dtype=np.float64)
    counted = w != 0
    n, total = int(counted.sum()), float(w.sum())
    if not lower * n <= total * (1 + 1e-12) or not total <= upper * n * (1 + 1e-12):
        raise ValueError("no weights between the bounds have the same sum")
    for _ in range(10 * n + 1 if strict else 1):
        outside = counted & ((w < lower) | (w > upper))
        if not outside.any():
            break
        free = counted & ~outside
        if not free.any():
            raise ValueError("no weight is left to take up what was cut")
        kept = np.where(outside, np.clip(w, lower, upper), w)
        kept[free] += (w - kept).sum() / free.sum()
        w = kept
    return w
