"""Quantiles of a sample with intervals by inversion, or over replicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.estimates import AnyDesign, columns, critical
from begleitforschung.stats.sampling.means import means
from begleitforschung.stats.sampling.proportions import Method, proportion_interval
from begleitforschung.stats.sampling.quantile_rules import TIE, Rule, weighted_quantiles
from begleitforschung.stats.sampling.replicates import Replicates, replicate_covariance
from begleitforschung.stats.sampling.scores import score_interval

Interval = Literal["mean", "beta", "xlogit", "asin", "score", "score_weighted", "quantile"]
_AS_PROPORTION: dict[str, Method] = {
    "mean": "mean",
    "beta": "beta",
    "xlogit": "xlogit",
    "asin": "asin",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileEstimates:
    """Quantiles of one variable.

    Parameters
    ----------
    probs, values : numpy.ndarray, shape (k,)
        Probabilities and quantiles.
    lower, upper : numpy.ndarray, shape (k,)
        Bounds; NaN where the interval of the share leaves 0 … 1.
    se : numpy.ndarray, shape (k,)
        Width of the interval divided by twice the critical value.
    df : float
        Degrees of freedom.
    n : int
        Rows used.
    """

    probs: Floats
    values: Floats
    lower: Floats
    upper: Floats
    se: Floats
    df: float
    n: int


def quantiles(
    y: ArrayLike,
    probs: ArrayLike,
    design: AnyDesign,
    *,
    rule: Rule = "math",
    interval: Interval = "mean",
    where: ArrayLike | None = None,
    level: float = 0.95,
    df: float | None = None,
    tie: float = TIE,
) -> QuantileEstimates:
    """Estimate quantiles of one variable.

    The interval is that of the share of values up to the quantile, read back through the same
    rule (Woodruff 1952, Journal of the American Statistical Association 47, 635-646): ``mean``
    takes a symmetric interval of the share, ``beta``, ``xlogit`` and ``asin`` those of
    `proportion_interval`; ``score`` holds the values that the test of the share does not reject
    (Francisco & Fuller 1991, Annals of Statistics 19, 454-469), ``quantile`` takes the standard
    error of the quantile itself over the replicates.

    Parameters
    ----------
    y : array_like, shape (n,)
        Values, NaN where missing.
    probs : array_like, shape (k,)
        Probabilities.
    design : Design or Replicates
        How the rows were drawn.
    rule : str
        Rule of `weighted_quantiles`.
    interval : str
        One of the above; ``score_weighted`` is ``score`` with a weighted share, see `scores`.
    where : array_like of bool, shape (n,), optional
        Rows of the domain.
    level : float
        Level of confidence.
    df : float, optional
        Degrees of freedom instead of the design's.
    tie : float
        Difference up to which a cumulated share is p, see `weighted_quantiles`; 0 as in R.

    Returns
    -------
    QuantileEstimates
        Quantiles, bounds and standard errors.

    Raises
    ------
    ValueError
        If lengths differ, the interval does not fit the design or a rule is unknown.
    """
    p = np.atleast_1d(np.asarray(probs, dtype=np.float64))
    values, used = columns(y, where, design.n)
    x, w = values[:, 0], np.where(used[:, 0], design.weights, 0.0)
    freedom = design.degrees(used[:, 0]) if df is None else df

    def read(weights: Floats, shares: Floats) -> Floats:
        return weighted_quantiles(x, weights, shares, rule=rule, tie=tie)

    found = read(w, p)
    if interval == "quantile":
        lower, upper = _over_replicates(p, found, design, read, freedom, level, used[:, 0])
    elif interval in ("score", "score_weighted"):
        lower, upper = score_interval(
            x, p, design, used[:, 0], freedom, level, as_r=read if interval == "score" else None
        )
    else:
        low, high = _share_bounds(x, found, design, used, interval, freedom, level)
        lower, upper = (read(w, bound) for bound in (low, high))
    return QuantileEstimates(
        probs=p,
        values=found,
        lower=lower,
        upper=upper,
        se=(upper - lower) / (2 * critical(level, freedom)),
        df=freedom,
        n=int((w != 0).sum()),
    )


def _share_bounds(
    x: Floats,
    found: Floats,
    design: AnyDesign,
    used: np.ndarray,
    interval: str,
    df: float,
    level: float,
) -> tuple[Floats, Floats]:
    """Return the interval of the share of values up to each quantile, NaN outside of 0 … 1."""
    if interval not in _AS_PROPORTION:
        raise ValueError(f"unknown interval {interval!r} for quantiles")
    below = np.where(used, x[:, None] <= found, np.nan)
    share = means(below, design)
    low, high = proportion_interval(
        share.values,
        np.diag(share.covariance),
        method=_AS_PROPORTION[interval],
        df=df,
        n=share.n,
        level=level,
    )
    return np.where(low < 0, np.nan, low), np.where(high > 1, np.nan, high)


def _over_replicates(
    p: Floats,
    found: Floats,
    design: AnyDesign,
    read: Callable[[Floats, Floats], Floats],
    df: float,
    level: float,
    used: np.ndarray,
) -> tuple[Floats, Floats]:
    """Return quantile ± t x standard error over the replicates."""
    if not isinstance(design, Replicates):
        raise ValueError("the interval 'quantile' needs replicate weights")  # noqa: TRY004
    rows = [
        read(np.where(used, block[:, column], 0.0), p)
        for block in design.blocks()
        for column in range(block.shape[1])
    ]
    matrix = replicate_covariance(np.array(rows), found, design)
    half = critical(level, df) * np.sqrt(np.diag(matrix))
    return found - half, found + half
