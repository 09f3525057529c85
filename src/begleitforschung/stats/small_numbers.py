"""Rates of small units: funnel limits, means over years, empirical-Bayes shrinkage.

Half of all German municipalities have fewer than 2,000 inhabitants; their rates lie at both ends of
every ranking by chance alone. Rates are events per exposure, e.g. cases per inhabitant.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
CountModel = Literal["poisson", "binomial"]


class Shrunk(NamedTuple):
    """Rates drawn towards the mean of all.

    Parameters
    ----------
    rates : numpy.ndarray, shape (n,)
        Shrunk rates.
    weight : numpy.ndarray, shape (n,)
        Share of the unit's own rate in it, 0 to 1.
    mean : float
        Rate of all units together.
    variance : float
        Variance of the true rates between units.
    """

    rates: Floats
    weight: Floats
    mean: float
    variance: float


def funnel_limits(
    exposure: ArrayLike,
    target: float,
    *,
    level: float = 0.95,
    model: CountModel = "poisson",
) -> tuple[Floats, Floats]:
    """Return between which limits rates lie by chance if all units have the same true rate.

    Parameters
    ----------
    exposure : array_like, shape (n,)
        Exposure of each unit, e.g. its inhabitants; NaN or 0 gives NaN.
    target : float
        The common rate: events per unit of exposure, for ``"binomial"`` a share.
    level : float
        Probability of lying between the limits.
    model : {"poisson", "binomial"}
        Distribution of the events.

    Returns
    -------
    low, high : numpy.ndarray, shape (n,)
        Limits of the rate.

    Raises
    ------
    ValueError
        If the target is negative, above 1 for a binomial, or the level not between 0 and 1.

    Notes
    -----
    Quantiles interpolated between the discrete counts: with ``r`` the smallest count whose
    cumulative probability ``P(r)`` reaches ``p``, the limit is
    ``(r - (P(r) - p) / (P(r) - P(r - 1))) / exposure``; Spiegelhalter (2005), Statistics in
    Medicine 24, appendix A.1.
    """
    from scipy import stats

    ceiling = 1.0 if model == "binomial" else np.inf
    if not 0 <= target <= ceiling or not 0 < level < 1:
        raise ValueError("funnel limits need a rate that can occur and a level between 0 and 1")
    size = np.asarray(exposure, dtype=np.float64)
    known = size > 0
    size = np.where(known, size, 1.0)
    counts = stats.poisson(size * target) if model == "poisson" else stats.binom(size, target)
    ends = []
    for probability in ((1 - level) / 2, (1 + level) / 2):
        count = counts.ppf(probability)
        reached, mass = counts.cdf(count), counts.pmf(count)
        share = np.divide(reached - probability, mass, out=np.zeros_like(mass), where=mass > 0)
        limit = np.maximum(count - share, 0.0) / size
        ends.append(np.where(known, limit, np.nan))
    return ends[0], ends[1]


def pooled_rates(events: ArrayLike, exposure: ArrayLike) -> tuple[Floats, Floats]:
    """Return rates over several years: all events over all exposure.

    Parameters
    ----------
    events : array_like, shape (n, years)
        Events; a year with NaN in events or exposure is left out for that unit.
    exposure : array_like, shape (n, years)
        Exposure in the same years.

    Returns
    -------
    rates : numpy.ndarray, shape (n,)
        ``sum(events) / sum(exposure)``; NaN where there is no exposure.
    exposure : numpy.ndarray, shape (n,)
        Exposure that counts.
    """
    cases, size = np.asarray(events, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    both = np.isfinite(cases) & np.isfinite(size)
    total = np.where(both, size, 0.0).sum(axis=1)
    sums = np.where(both, cases, 0.0).sum(axis=1)
    rates = np.divide(sums, total, out=np.full(len(total), np.nan), where=total > 0)
    return rates, total


def shrink_rates(rates: ArrayLike, exposure: ArrayLike) -> Shrunk:
    """Draw rates towards the mean of all, the more the smaller the unit.

    Parameters
    ----------
    rates : array_like, shape (n,)
        Events per unit of exposure, not negative; NaN stays NaN.
    exposure : array_like, shape (n,)
        Exposure, positive where there is a rate.

    Returns
    -------
    Shrunk
        Shrunk rates and what made them.

    Raises
    ------
    ValueError
        If a rate is negative or its exposure not positive, or there is no rate at all.

    Notes
    -----
    Moment estimator of Marshall (1991), Applied Statistics 40, eq. 2 and 3: with the common rate
    ``m``, the variance of the true rates is ``A = max(s^2 - m / mean(exposure), 0)``, where
    ``s^2`` is the exposure-weighted variance of the rates, and the own rate counts with
    ``A / (A + m / exposure)``.
    """
    own, size = np.asarray(rates, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    known = np.isfinite(own)
    if not known.any() or (own[known] < 0).any() or not (size[known] > 0).all():
        raise ValueError("shrinkage needs rates that are not negative, with their exposure")
    rate, n = own[known], size[known]
    mean = float((rate * n).sum() / n.sum())
    spread = float((n * (rate - mean) ** 2).sum() / n.sum())
    variance = max(spread - mean / float(n.mean()), 0.0)
    noise = mean / n
    whole = variance + noise
    weight = np.full(own.shape, np.nan)
    weight[known] = np.divide(variance, whole, out=np.zeros_like(whole), where=whole > 0)
    return Shrunk(mean + weight * (own - mean), weight, mean, variance)
