r"""Confidence intervals of an estimated proportion, from its variance under the design.

Most start from the effective sample size :math:`n^* = \hat p (1 - \hat p) / \hat V(\hat p)`, the
size of the simple random sample with replacement that would be as precise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.estimates import critical

Method = Literal["mean", "logit", "xlogit", "asin", "likelihood", "beta", "korn_graubard", "wilson"]
METHODS: tuple[Method, ...] = get_args(Method)


def proportion_interval(
    p: ArrayLike,
    variance: ArrayLike,
    *,
    method: Method = "wilson",
    df: ArrayLike = np.inf,
    n: ArrayLike | None = None,
    level: float = 0.95,
    effective_n: ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    r"""Return confidence intervals of proportions.

    ``mean`` is the Wald interval :math:`\hat p \pm t\,se`; ``logit`` and ``xlogit`` are symmetric
    on the log-odds scale, ``asin`` on :math:`\arcsin\sqrt p`; ``likelihood`` holds all p with
    :math:`2 n^* [\hat p \ln(\hat p/p) + (1-\hat p)\ln((1-\hat p)/(1-p))] \le t^2` (Rao & Scott
    1984, Annals of Statistics 12, 46-60); ``wilson`` is Wilson's (1927) score interval with
    :math:`n^*` and t (Franco, Little, Louis & Slud 2019, Journal of Survey Statistics and
    Methodology 7, 334-364); ``beta`` is Clopper & Pearson's with :math:`n^*
    (t_{n-1}/t_{df})^2` (Korn & Graubard 1998, Survey Methodology 24, 193-201) as R survey has it;
    ``korn_graubard`` is the same with at most n, as the authors and the NCHS have it.

    Parameters
    ----------
    p : array_like, shape (k,)
        Proportions, between 0 and 1.
    variance : array_like, shape (k,)
        Their variances.
    method : str
        One of the above.
    df : array_like, shape (k,)
        Degrees of freedom; ``inf`` for the normal distribution.
    n : array_like, shape (k,), optional
        Rows, needed by ``beta`` and ``korn_graubard``.
    level : float
        Level of confidence.
    effective_n : array_like, shape (k,), optional
        Effective sample size instead of :math:`n^*`, say where p is 0 or 1 and the variance says
        nothing: n / (1 - f).

    Returns
    -------
    lower, upper : numpy.ndarray, shape (k,)
        Bounds, of ``mean`` possibly outside of 0 … 1. A variance of 0 with 0 < p < 1 (the strata
        determine p) gives p itself; p = 0 or 1 without ``effective_n`` gives NaN but for ``mean``.

    Raises
    ------
    ValueError
        If the method is unknown, n is missing or the level is not between 0 and 1.

    Examples
    --------
    >>> lower, upper = proportion_interval([0.5], [0.0025])
    >>> lower.round(4).tolist(), upper.round(4).tolist()
    ([0.4038], [0.5962])
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, not {method!r}")
    share, v, freedom = (np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (p, variance, df))
    share, v, freedom = np.broadcast_arrays(share, v, freedom)
    t = critical(level, freedom)
    if method == "mean":
        return share - t * np.sqrt(v), share + t * np.sqrt(v)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = (
            share * (1 - share) / v
            if effective_n is None
            else np.broadcast_to(np.asarray(effective_n, dtype=np.float64), share.shape)
        )
        if method in ("beta", "korn_graubard"):
            if n is None:
                raise ValueError(f"the method {method!r} needs n")
            rows = np.broadcast_to(np.asarray(n, dtype=np.float64), share.shape)
            size = size * (critical(level, rows - 1) / t) ** 2
            size = np.minimum(size, rows) if method == "korn_graubard" else size
            lower, upper = beta_bounds(share, size, level)
        else:
            lower, upper = _METHODS[method](share, size, t)
    known = np.isposinf(size) & (share > 0) & (share < 1)
    return np.where(known, share, lower), np.where(known, share, upper)


def beta_bounds(p: Floats, size: Floats, level: float) -> tuple[Floats, Floats]:
    """Return Clopper & Pearson's bounds for a size that need not be whole.

    Parameters
    ----------
    p : numpy.ndarray, shape (k,)
        Proportions.
    size : numpy.ndarray, shape (k,)
        Sample sizes.
    level : float
        Level of confidence.

    Returns
    -------
    lower, upper : numpy.ndarray, shape (k,)
        Quantiles of beta distributions; 0 at p = 0 and 1 at p = 1.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    hits, misses = size * p, size * (1 - p)
    lower = np.where(hits == 0, 0.0, betaincinv(hits, misses + 1, tail))
    upper = np.where(misses == 0, 1.0, betaincinv(hits + 1, misses, 1 - tail))
    return lower, upper


def _logit(p: Floats, size: Floats, t: Floats) -> tuple[Floats, Floats]:
    centre, half = np.log(p / (1 - p)), t / np.sqrt(size * p * (1 - p))
    return 1 / (1 + np.exp(half - centre)), 1 / (1 + np.exp(-half - centre))


def _asin(p: Floats, size: Floats, t: Floats) -> tuple[Floats, Floats]:
    centre, half = np.arcsin(np.sqrt(p)), t / (2 * np.sqrt(size))
    return np.sin(centre - half) ** 2, np.sin(centre + half) ** 2


def _wilson(p: Floats, size: Floats, t: Floats) -> tuple[Floats, Floats]:
    q = t**2 / size
    centre, half = p + q / 2, np.sqrt(q * p * (1 - p) + q**2 / 4)
    return (centre - half) / (1 + q), (centre + half) / (1 + q)


def _likelihood(p: Floats, size: Floats, t: Floats) -> tuple[Floats, Floats]:
    """Solve for the two proportions whose scaled log-likelihood ratio is t²."""
    from scipy.optimize import brentq
    from scipy.special import xlogy

    def excess(x: float, share: float, n: float, bound: float) -> float:
        ratio = xlogy(share, share / x) + xlogy(1 - share, (1 - share) / (1 - x))
        return float(2 * n * ratio - bound**2)

    lower, upper = np.full(p.shape, np.nan), np.full(p.shape, np.nan)
    tiny, top = 1e-300, 1 - np.finfo(np.float64).epsneg
    for i in zip(*np.nonzero(np.isfinite(size) & (size > 0) & np.isfinite(t)), strict=True):
        arguments = (p[i], size[i], t[i])
        inner = min(max(p[i], tiny), top)
        lower[i] = brentq(excess, tiny, inner, arguments, xtol=1e-14) if p[i] > 0 else 0.0
        upper[i] = brentq(excess, inner, top, arguments, xtol=1e-14) if p[i] < 1 else 1.0
    return lower, upper


_METHODS: dict[str, Callable[[Floats, Floats, Floats], tuple[Floats, Floats]]] = {
    "logit": _logit,
    "xlogit": _logit,
    "asin": _asin,
    "wilson": _wilson,
    "likelihood": _likelihood,
}
