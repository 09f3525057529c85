"""Change of short series: growth from first to last value, and the slope of a straight line."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Trend(NamedTuple):
    """Change of each series.

    Parameters
    ----------
    n : numpy.ndarray of int64
        Values that are there.
    first_time, last_time : numpy.ndarray
        Times of the first and last value; NaN below two values.
    first, last : numpy.ndarray
        The two values.
    percent : numpy.ndarray
        Change from first to last in percent of the first; NaN unless the first is above zero.
    cagr : numpy.ndarray
        Compound growth per unit of time, ``(last / first) ** (1 / span) - 1``; NaN unless the first
        is above zero and the last not below.
    slope : numpy.ndarray
        Least-squares slope per unit of time.
    slope_percent : numpy.ndarray
        Slope in percent of the fitted first value; NaN unless that is above zero.
    """

    n: NDArray[np.int64]
    first_time: Floats
    last_time: Floats
    first: Floats
    last: Floats
    percent: Floats
    cagr: Floats
    slope: Floats
    slope_percent: Floats


def trend(times: ArrayLike, series: ArrayLike) -> Trend:
    """Describe the change of many series at the same times.

    Parameters
    ----------
    times : array_like, shape (t,)
        Times, ascending.
    series : array_like, shape (t, ...)
        Values, NaN where missing; each series counts from its first to its last value.

    Returns
    -------
    Trend
        Arrays of the shape of one row of `series`.

    Raises
    ------
    ValueError
        If the times do not ascend or do not fit the series.

    Examples
    --------
    >>> found = trend([2020, 2021, 2022], [[100.0], [110.0], [121.0]])
    >>> round(float(found.cagr[0]), 6), round(float(found.percent[0]), 6)
    (0.1, 21.0)
    """
    when, y = np.asarray(times, np.float64), np.asarray(series, np.float64)
    if when.ndim != 1 or len(y) != len(when) or not (np.diff(when) > 0).all() or not len(when):
        raise ValueError("a trend needs ascending times, one for each row of the series")
    there = ~np.isnan(y)
    n = there.sum(axis=0)
    enough = n >= 2
    start, end = there.argmax(axis=0), len(when) - 1 - there[::-1].argmax(axis=0)
    first, last = (np.where(enough, _at(y, place), np.nan) for place in (start, end))
    times_of = [np.where(enough, when[place], np.nan) for place in (start, end)]
    span = times_of[1] - times_of[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(first > 0, last / first, np.nan)
        cagr = np.where(ratio >= 0, ratio ** (1 / span) - 1, np.nan)
        column = when.reshape(-1, *[1] * (y.ndim - 1))
        away = np.where(there, column - np.where(there, column, 0).sum(axis=0) / n, 0.0)
        held = np.where(there, y, 0.0)
        slope = np.where(enough, (away * held).sum(axis=0) / (away**2).sum(axis=0), np.nan)
        centre = times_of[0] - np.where(there, column, 0).sum(axis=0) / n
        fitted = held.sum(axis=0) / n + slope * centre
        slope_percent = np.where(fitted > 0, 100 * slope / fitted, np.nan)
    percent = 100 * (ratio - 1)
    start_time, end_time = times_of
    return Trend(n, start_time, end_time, first, last, percent, cagr, slope, slope_percent)


def _at(y: Floats, place: NDArray[np.int64]) -> Floats:
    return np.asarray(np.take_along_axis(y, place[None], axis=0)[0])
