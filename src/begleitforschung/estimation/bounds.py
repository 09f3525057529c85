"""Intervals of estimates: exact counts of a full population, else from the variance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, get_args

import numpy as np

from begleitforschung.estimation.figures import Figures
from begleitforschung.stats import sampling
from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.stats.sampling.proportions import Method
from begleitforschung.surveys import Design

Interval = Literal[
    "auto", "hypergeometric", "mean", "logit", "xlogit", "asin", "likelihood", "beta",
    "korn_graubard", "wilson", "wilson_kish",
]  # fmt: skip
INTERVALS: tuple[Interval, ...] = get_args(Interval)
EXACT, COMPLETE, T, KISH = "hypergeometric", "complete", "t", "wilson_kish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What exact counts need; arrays of shape (d, k), or (d, 1).

    Parameters
    ----------
    hits : numpy.ndarray of int
        Cases with the property, unweighted.
    population : numpy.ndarray
        Units of each domain; NaN where unknown.
    exact : numpy.ndarray of bool
        Whether those who answered are a random part of the domain's units, without weights.
    """

    hits: Ints
    population: Floats
    exact: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Intervals; arrays of shape (d, k).

    Parameters
    ----------
    low, high : numpy.ndarray
        Bounds.
    method : numpy.ndarray of str
        How they were found: ``hypergeometric``, ``complete`` (all answered), ``t``, or a method of
        `proportion_interval`.
    count_low, count_high : numpy.ndarray
        Bounds in units of the population; NaN where they are not exact.
    """

    low: Floats
    high: Floats
    method: np.ndarray
    count_low: Floats
    count_high: Floats


def symmetric(figures: Figures, level: float) -> Bounds:
    """Return intervals from the t distribution, or those that the figures bring along.

    Parameters
    ----------
    figures : Figures
        Means, totals, ratios or quantiles.
    level : float
        Level of confidence.

    Returns
    -------
    Bounds
        The intervals.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.
    """
    low, high, name = figures.low, figures.high, "woodruff"
    if low is None or high is None:
        half = sampling.critical(level, figures.df) * np.sqrt(np.maximum(figures.variances, 0))
        low, high, name = figures.values - half, figures.values + half, T
    nothing = np.full(low.shape, np.nan)
    return Bounds(
        low=low,
        high=high,
        method=np.full(low.shape, name, dtype=object),
        count_low=nothing,
        count_high=nothing,
    )


def of_shares(
    figures: Figures, counted: Counted, design: Design, interval: Interval, level: float
) -> Bounds:
    """Return intervals of shares.

    ``auto`` is the exact hypergeometric interval where those who answered are a random part of a
    domain of known size, else ``wilson_kish``: Wilson's with t and the effective sample size, but
    at most the one that the weights leave, (sum w)² / sum w² / (1 - f) (Kish 1992, Journal of
    Official Statistics 8, 183-200). Korn & Graubard (1998, Survey Methodology 24, 193-201) cut it
    off at n for the same reason: with few hits its estimate is far too large now and then. The
    evidence is in `benchmarks/README.md`.

    Parameters
    ----------
    figures : Figures
        Shares.
    counted : Counted
        Counts behind them.
    design : Design
        How the cases came about.
    interval : str
        One of `INTERVALS`.
    level : float
        Level of confidence.

    Returns
    -------
    Bounds
        The intervals.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.
    """
    method: Method = "wilson"
    bounded = interval in ("auto", EXACT, KISH)
    if interval != "auto" and interval != "hypergeometric" and interval != "wilson_kish":
        method = interval
    low, high = _from_variance(figures, design, method, level, bounded=bounded)
    nothing = np.full(low.shape, np.nan)
    names = np.full(low.shape, KISH if bounded else method, dtype=object)
    bounds = Bounds(low=low, high=high, method=names, count_low=nothing, count_high=nothing.copy())
    return with_exact(bounds, figures, counted, level) if interval in ("auto", EXACT) else bounds


def with_exact(
    bounds: Bounds, figures: Figures, counted: Counted, level: float, *, totals: bool = False
) -> Bounds:
    """Return the exact intervals where they hold, the given ones elsewhere.

    Parameters
    ----------
    bounds : Bounds
        Intervals.
    figures : Figures
        Shares, or numbers of units.
    counted : Counted
        Counts behind them.
    level : float
        Level of confidence.
    totals : bool
        Whether the bounds are numbers of units instead of shares.

    Returns
    -------
    Bounds
        The intervals.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.
    """
    shape = bounds.low.shape
    low, high, names = bounds.low.copy(), bounds.high.copy(), bounds.method.copy()
    count_low, count_high = np.full(shape, np.nan), np.full(shape, np.nan)
    population = np.broadcast_to(counted.population, shape)
    exact = np.broadcast_to(counted.exact, shape) & (figures.n > 0) & np.isfinite(population)
    for at in zip(*np.nonzero(exact), strict=True):
        hits, n, size = int(counted.hits[at]), int(figures.n[at]), round(population[at])
        count_low[at], count_high[at] = _exact(hits, n, size, level)
        base = 1 if totals else size
        low[at], high[at] = count_low[at] / base, count_high[at] / base
        names[at] = COMPLETE if n == size else EXACT
    return Bounds(low=low, high=high, method=names, count_low=count_low, count_high=count_high)


def where_complete(bounds: Bounds, figures: Figures, whole: Mask) -> Bounds:
    """Return bounds without uncertainty where all units of a domain answered.

    Parameters
    ----------
    bounds : Bounds
        Intervals.
    figures : Figures
        Estimates.
    whole : numpy.ndarray of bool, shape (d, k)
        Where all answered.

    Returns
    -------
    Bounds
        There the estimate itself, with the method ``complete``.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    return replace(
        bounds,
        low=np.where(whole, figures.values, bounds.low),
        high=np.where(whole, figures.values, bounds.high),
        method=np.where(whole, COMPLETE, bounds.method),
    )


@lru_cache(maxsize=10_000)
def _exact(hits: int, n: int, population: int, level: float) -> tuple[int, int]:
    """Return the exact interval of a count; tables ask for the same ones again and again."""
    return sampling.population_count_interval(hits, n, population, level=level)


def _from_variance(
    figures: Figures, design: Design, method: Method, level: float, *, bounded: bool
) -> tuple[Floats, Floats]:
    """Return the intervals by effective n; at 0 and 1 it is n / (1 - f)."""
    p, n = figures.values, figures.n.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = np.where(design.finite, np.minimum(n / figures.sizes, 1), 0.0)
        edge = (p <= 0) | (p >= 1)
        size = np.where(edge, n / (1 - fraction), p * (1 - p) / figures.variances)
        if bounded:  # a share without variance is known
            most = np.where(edge | (figures.variances > 0), figures.kish / (1 - fraction), np.inf)
            size = np.fmin(size, most)
        low, high = sampling.proportion_interval(
            np.clip(p, 0, 1),
            figures.variances,
            method=method,
            df=np.where(figures.df > 0, figures.df, np.nan),
            n=n,
            level=level,
            effective_n=size,
        )
    return np.array(low), np.array(high)


def extremes(counted: Counted, n: Ints, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return the shares if all who did not answer lacked the property, or all had it.

    Parameters
    ----------
    counted : Counted
        Counts; the population where it is known.
    n : numpy.ndarray of int, shape (d, k)
        Cases used.
    shape : (int, int)
        Shape of the result.

    Returns
    -------
    lower, upper : numpy.ndarray, shape (d, k)
        Bounds (Manski 1989); NaN where the population is unknown.

    Raises
    ------
    ValueError
        If more cases than units of the population answered.
    """
    size = np.broadcast_to(counted.population, shape)
    low, high = np.full(shape, np.nan), np.full(shape, np.nan)
    known = np.isfinite(size) & (size >= n) & (size > 0)
    total = size[known].round().astype(np.int64)
    lower, upper = sampling.nonresponse_bounds(counted.hits[known], n[known], total)
    low[known], high[known] = lower / total, upper / total
    return low, high
