"""Winsorisation by the rule on skewness and kurtosis, one column at a time, step by step.

A column is an outlier case if the absolute skewness and the kurtosis both reach their limits (2
and 3.5 by default; OECD/JRC 2008, Handbook on constructing composite indicators; JRC COIN Tool
2019). A step sets all values at the longer tail's end to the next value inwards. The sums that the
rule needs come from sums that grow outwards from the median, so that a step costs the same however
long the column is, and a far outlier leaves no rounding error behind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.moments import column_moments

Floats = NDArray[np.float64]

SKEWNESS_LIMIT = 2.0
KURTOSIS_LIMIT = 3.5
_TINY = 1e-100


@dataclass(frozen=True, slots=True)
class Check:
    """Skewness and kurtosis of a column, and whether it passes the outlier rule.

    Parameters
    ----------
    skewness, kurtosis : float
        G1 and G2; NaN where the column has too few values or is constant.
    passes : bool
        True as well where the rule cannot be judged.
    """

    skewness: float
    kurtosis: float
    passes: bool

    @property
    def judged(self) -> bool:
        """Return whether there were enough different values to judge.

        Returns
        -------
        bool
            False if the skewness or the kurtosis is not defined.

        Raises
        ------
        ValueError
            Never of itself.
        """
        return not (math.isnan(self.skewness) or math.isnan(self.kurtosis))


@dataclass(frozen=True, slots=True)
class Step:
    """State of a column after some winsorisation.

    Parameters
    ----------
    lower, upper : float
        Bounds that values are cut to; infinite where nothing is cut.
    low, high : int
        Values cut at either end.
    check : Check
        Rule applied to the cut column.
    """

    lower: float
    upper: float
    low: int
    high: int
    check: Check

    @property
    def points(self) -> int:
        """Return how many values are cut.

        Returns
        -------
        int
            At both ends together.

        Raises
        ------
        ValueError
            Never of itself.
        """
        return self.low + self.high


def passes(
    skewness: float,
    kurtosis: float,
    skewness_limit: float = SKEWNESS_LIMIT,
    kurtosis_limit: float = KURTOSIS_LIMIT,
) -> bool:
    """Say whether a column passes the outlier rule: one of the two stays below its limit.

    Parameters
    ----------
    skewness, kurtosis : float
        G1 and G2 of the column; a NaN cannot be judged, so the column passes.
    skewness_limit, kurtosis_limit : float
        Limits of the absolute skewness and of the kurtosis.

    Returns
    -------
    bool
        False only if both limits are reached.

    Raises
    ------
    ValueError
        Never of itself.

    Examples
    --------
    >>> passes(2.5, 3.0), passes(-2.5, 4.0)
    (True, False)
    """
    return not (abs(skewness) >= skewness_limit and kurtosis >= kurtosis_limit)


def winsorise_path(
    column: Floats,
    *,
    winmax: int | None = 5,
    skewness_limit: float = SKEWNESS_LIMIT,
    kurtosis_limit: float = KURTOSIS_LIMIT,
    force: bool = False,
) -> tuple[tuple[Step, ...], bool]:
    """Winsorise a column step by step until it passes the outlier rule.

    The path does not depend on `winmax`, which only ends it: the result for a smaller limit is the
    last step with at most so many points. Tied values are cut together or not at all, so that the
    limit is never exceeded. A bound never crosses the median and never meets the other bound: a
    column does not become constant.

    Parameters
    ----------
    column : numpy.ndarray, shape (n,)
        Values; NaN are left out.
    winmax : int, optional
        Most values that may be cut; None sets no limit.
    skewness_limit, kurtosis_limit : float
        Limits of the outlier rule.
    force : bool
        Go on to `winmax` whether the column passes or not.

    Returns
    -------
    path : tuple of Step
        The column as it is first, then one element per step.
    exhausted : bool
        Whether the path ends because no further step is possible.

    Raises
    ------
    ValueError
        If it is to be forced without a limit.
    """
    if force and winmax is None:
        raise ValueError("forced winsorisation needs a limit of the number of points")
    walk = _Walk(np.sort(column[~np.isnan(column)]), (skewness_limit, kurtosis_limit), winmax)
    steps = [walk.step(0, 0)]
    while force or not steps[-1].check.passes:
        onward = walk.onward(steps[-1])
        if onward is None:
            return tuple(steps), True
        if winmax is not None and sum(onward) > winmax:
            break
        steps.append(walk.step(*onward))
    return tuple(steps), False


class _Walk:
    """Sorted values of a column with their power sums from the median outwards."""

    def __init__(self, ordered: Floats, limits: tuple[float, float], winmax: int | None) -> None:
        self.ordered, self.limits = ordered, limits
        n = self.n = ordered.size
        self.half = n // 2
        span = float(ordered[-1] - ordered[0]) if n else 0.0
        self.scale = 1.0 / span if span > 0 else math.nan
        self.centre = float(ordered[self.half]) if n else math.nan
        d = (ordered - self.centre) * self.scale
        most = n if winmax is None else winmax
        self.upwards = _outward(d[self.half :], most)
        self.downwards = _outward(d[: self.half][::-1], most)

    def step(self, low: int, high: int) -> Step:
        """Return the state in which so many values are cut at either end."""
        lower = float(self.ordered[low]) if low else -math.inf
        upper = float(self.ordered[self.n - high - 1]) if high else math.inf
        skewness, kurtosis = self._moments(low, high)
        return Step(
            lower,
            upper,
            low,
            high,
            Check(skewness, kurtosis, passes(skewness, kurtosis, *self.limits)),
        )

    def onward(self, at: Step) -> tuple[int, int] | None:
        """Return the numbers cut after the next step, None if there is no further step."""
        if math.isnan(at.check.skewness):
            return None
        low, high = at.low, at.high
        if at.check.skewness >= 0:
            top = self.ordered[self.n - high - 1]
            high = self.n - int(np.searchsorted(self.ordered, top, side="left"))
        else:
            bottom = self.ordered[low]
            low = int(np.searchsorted(self.ordered, bottom, side="right"))
        if self.n - high - 1 < self.half or low > self.half:
            return None
        return None if self.ordered[low] >= self.ordered[self.n - high - 1] else (low, high)

    def _moments(self, low: int, high: int) -> tuple[float, float]:
        """Return skewness and kurtosis as `begleitforschung.stats.moments` defines them."""
        n = self.n
        if n < 3 or not self.scale > 0:
            return math.nan, math.nan
        top = float(self.ordered[n - high - 1] - self.centre) * self.scale
        bottom = float(self.ordered[low] - self.centre) * self.scale
        up, down = self.upwards[-1 - high].tolist(), self.downwards[-1 - low].tolist()
        a, b, c, e = (
            (up[k] + down[k] + high * top ** (k + 1) + low * bottom ** (k + 1)) / n
            for k in range(4)
        )
        m2 = b - a * a
        if not m2 > _TINY:  # beside an outlier so far away, powers of the others vanish
            return column_moments(
                np.clip(self.ordered, self.ordered[low], self.ordered[n - high - 1])
            )
        m3 = c - 3 * a * b + 2 * a**3
        m4 = e - 4 * a * c + 6 * a * a * b - 3 * a**4
        skewness = math.sqrt(n * (n - 1)) / (n - 2) * m3 / m2**1.5
        if n < 4:
            return skewness, math.nan
        return skewness, (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m4 / m2**2 - 3) + 6)


def _outward(d: Floats, most: int) -> Floats:
    """Return the sums of the first j values to the powers 1 … 4, for the last `most` j and all."""
    inner, outer = d[: max(d.size - most, 0)], d[max(d.size - most, 0) :]
    square, ends = inner * inner, outer * outer
    sums = np.empty((outer.size + 1, 4))
    sums[0, 2:] = np.einsum("i,i->", inner, square), np.einsum("i,i->", square, square)
    sums[0, :2] = inner.sum(), square.sum()
    sums[1:] = np.column_stack([outer, ends, ends * outer, ends * ends])
    return np.cumsum(sums, axis=0)
