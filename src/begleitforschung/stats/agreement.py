"""Agreement of observers who judge the same units: Krippendorff's alpha, and percent agreement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Agreement of observers.

    Parameters
    ----------
    alpha : float
        Krippendorff's alpha.
    low, high : float
        Bounds of its bootstrap interval.
    percent : float
        Share of pairs of judgements of the same unit that are equal.
    units : int
        Units judged at least twice, which are all that count.
    pairable : int
        Their judgements.
    """

    alpha: float
    low: float
    high: float
    percent: float
    units: int
    pairable: int


def krippendorff_alpha(values: ArrayLike, level: Level = "nominal") -> float:
    r"""Return Krippendorff's alpha, :math:`1 - D_o / D_e`.

    Observed and expected disagreement are made of the coincidences of values within units and of
    all pairable values (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability). Units that
    fewer than two observers judged don't count.

    Parameters
    ----------
    values : array_like, shape (units, observers)
        Judgements as numbers, NaN where there is none.
    level : {"nominal", "ordinal", "interval", "ratio"}
        How much two values differ.

    Returns
    -------
    float
        1 for perfect agreement, 0 for agreement by chance; NaN where all values are the same or
        no unit was judged twice.

    Raises
    ------
    ValueError
        If `values` is not a matrix or the level is unknown.

    Examples
    --------
    >>> round(krippendorff_alpha([[1, 1], [2, 2], [1, 2], [1, 1]]), 4)
    0.5333
    """
    coincidences, domain = _coincidences(values)
    return _alpha(coincidences.sum(axis=0), _metric(level), domain)


def agreement(
    values: ArrayLike,
    level: Level = "nominal",
    *,
    confidence: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Return agreement with a bootstrap interval: units are drawn with replacement.

    Parameters
    ----------
    values : array_like, shape (units, observers)
        Judgements as numbers, NaN where there is none.
    level : {"nominal", "ordinal", "interval", "ratio"}
        How much two values differ.
    confidence : float
        Level of confidence.
    draws : int
        Bootstrap samples; those in which all values are the same are left out.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    Agreement
        Alpha with percentiles of its bootstrap distribution, and percent agreement.

    Raises
    ------
    ValueError
        If `values` is not a matrix or the level is unknown.
    """
    coincidences, domain = _coincidences(values)
    metric, total = _metric(level), coincidences.sum(axis=0)
    units, size = len(coincidences), float(total.sum())
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(draws if units > 1 else 0):
        times = np.bincount(random.integers(0, units, units), minlength=units)
        drawn.append(_alpha(np.tensordot(times, coincidences, axes=1), metric, domain))
    known = np.array([value for value in drawn if not np.isnan(value)])
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(known, tails) if known.size else (np.nan, np.nan)
    same = _pair_shares(np.asarray(values, np.float64))
    return Agreement(
        alpha=_alpha(total, metric, domain),
        low=float(low),
        high=float(high),
        percent=same,
        units=units,
        pairable=round(size),
    )


def _coincidences(values: ArrayLike) -> tuple[Floats, Floats]:
    """Return the coincidences of values in each unit judged twice, and the values."""
    given = np.asarray(values, np.float64)
    if given.ndim != 2:
        raise ValueError("judgements are a matrix of units by observers")
    domain = np.unique(given[~np.isnan(given)])
    counts = (given[:, :, None] == domain).sum(axis=1).astype(np.float64)
    m = counts.sum(axis=1)
    counts, m = counts[m > 1], m[m > 1]
    pairs = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(len(domain))
    pairs[:, diagonal, diagonal] -= counts
    return pairs / (m - 1)[:, None, None], domain


def _alpha(coincidences: Floats, metric: Callable[[Floats, Floats], Floats], v: Floats) -> float:
    margin = coincidences.sum(axis=0)
    n = float(margin.sum())
    if n < 2:
        return float("nan")
    distance = metric(v, margin)
    expected = float((np.outer(margin, margin) * distance).sum()) / (n - 1)
    if expected <= 0:
        return float("nan")
    return 1.0 - float((coincidences * distance).sum()) / expected


def _metric(level: Level) -> Callable[[Floats, Floats], Floats]:
    known = {"nominal": _nominal, "ordinal": _ordinal, "interval": _interval, "ratio": _ratio}
    if level not in known:
        raise ValueError(f"level is one of {', '.join(LEVELS)}")
    return known[level]


def _nominal(v: Floats, _margin: Floats) -> Floats:
    unequal: Floats = np.not_equal.outer(v, v).astype(np.float64)
    return unequal


def _interval(v: Floats, _margin: Floats) -> Floats:
    square: Floats = (v[:, None] - v) ** 2
    return square


def _ordinal(_v: Floats, margin: Floats) -> Floats:
    middle = np.cumsum(margin) - margin / 2
    return _interval(middle, margin)


def _ratio(v: Floats, margin: Floats) -> Floats:
    total = v[:, None] + v
    below = np.where(total == 0, 1.0, total)
    relative: Floats = _interval(v, margin) / below**2
    return relative


def _pair_shares(values: Floats) -> float:
    """Return the share of equal ones among all pairs of judgements of the same unit."""
    equal = pairs = 0
    for first in range(values.shape[1]):
        for second in range(first + 1, values.shape[1]):
            both = ~np.isnan(values[:, first]) & ~np.isnan(values[:, second])
            pairs += int(both.sum())
            equal += int((values[both, first] == values[both, second]).sum())
    return equal / pairs if pairs else float("nan")
