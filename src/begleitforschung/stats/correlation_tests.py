"""P values of correlations, and their correction for the number of tests.

References: Best, D. J. & Roberts, D. E. (1975): Algorithm AS 89, Applied Statistics 24(3), 377-379;
Kendall, M. G. (1970): Rank Correlation Methods, ch. 4-5; Holm, S. (1979), Scandinavian Journal of
Statistics 6, 65-70; Benjamini, Y. & Hochberg, Y. (1995), J. R. Statist. Soc. B 57, 289-300.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.rank_pairs import TieSums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_EXACT_RHO, _EDGEWORTH, _EXACT_TAU = 9, 1290, 50


def adjust(p: ArrayLike, *, method: Literal["holm", "bh"] = "holm") -> Floats:
    """Correct p values for the number of tests.

    Parameters
    ----------
    p : array_like
        P values of one family of tests, NaN where there is none; of a symmetric matrix give one
        triangle.
    method : {"holm", "bh"}
        Holm: the probability of one false finding or more; Benjamini-Hochberg: the expected share
        of false findings.

    Returns
    -------
    numpy.ndarray
        Adjusted p values in the same shape, at most 1; NaN stay and do not count.

    Raises
    ------
    ValueError
        If a p value is not between 0 and 1 or the method is unknown.

    Examples
    --------
    >>> adjust([0.01, 0.04, 0.03]).tolist(), adjust([0.01, 0.04, 0.03], method="bh").tolist()
    ([0.03, 0.06, 0.06], [0.03, 0.04, 0.04])
    """
    values = np.asarray(p, np.float64)
    there = ~np.isnan(values)
    given = values[there]
    if ((given < 0) | (given > 1)).any():
        raise ValueError("p values are between 0 and 1")
    order = np.argsort(given, kind="stable")
    m, place = len(given), np.arange(1, len(given) + 1)
    if method == "holm":
        stepped = np.maximum.accumulate(given[order] * (m + 1 - place))
    elif method == "bh":
        stepped = np.minimum.accumulate((given[order] * m / place)[::-1])[::-1]
    else:
        raise ValueError("method is 'holm' or 'bh'")
    given[order] = np.minimum(stepped, 1.0)
    adjusted = np.full(values.shape, np.nan)
    adjusted[there] = given
    return adjusted


def pearson_p_values(r: Floats, n: Ints) -> Floats:
    r"""Test correlations with :math:`t = r \sqrt{(n - 2) / (1 - r^2)}`, n - 2 degrees of freedom.

    Parameters
    ----------
    r : numpy.ndarray
        Correlations.
    n : numpy.ndarray of int64
        Rows of each.

    Returns
    -------
    numpy.ndarray
        Two-sided p values; NaN below three rows.

    Raises
    ------
    ValueError
        Never for correlations between -1 and 1.
    """
    from scipy.special import betainc

    freedom = np.maximum(n - 2, 1)
    p: Floats = betainc(freedom / 2, 0.5, (1 - r) * (1 + r))
    return np.where(n > 2, p, np.nan)


def spearman_p_values(r: Floats, n: Ints, tied: NDArray[np.bool_]) -> Floats:
    """Test rank correlations: exactly, by the Edgeworth series of AS 89 or by t.

    Parameters
    ----------
    r : numpy.ndarray
        Rank correlations.
    n : numpy.ndarray of int64
        Rows of each.
    tied : numpy.ndarray of bool
        Where there are ties, which only the t approximation allows.

    Returns
    -------
    numpy.ndarray
        Two-sided p values; 0 where the series ends below it.

    Raises
    ------
    ValueError
        Never for correlations between -1 and 1.
    """
    p = pearson_p_values(r, n)
    for cell in np.argwhere(~tied & (n > 2) & (n <= _EDGEWORTH) & ~np.isnan(r)):
        i, rows = tuple(cell), int(n[tuple(cell)])
        # Sum of squared differences of ranks; its distribution is symmetric about the middle.
        middle = (rows**3 - rows) / 6
        distance = float(np.round(middle * (1 - r[i])))
        tail = _rho_tail(rows, max(distance, 2 * middle - distance))
        p[i] = min(2 * tail, 1.0)
    return p


def kendall_p_values(r: Floats, n: Ints, ties: TieSums) -> Floats:
    """Test tau-b: exactly below 50 rows without ties, else by the normal approximation.

    Parameters
    ----------
    r : numpy.ndarray, shape (k, k)
        Coefficients.
    n : numpy.ndarray of int64, shape (k, k)
        Rows of each.
    ties : TieSums
        Sums over groups of equal values.

    Returns
    -------
    numpy.ndarray, shape (k, k)
        Two-sided p values; NaN where there is no coefficient.

    Raises
    ------
    ValueError
        Never for coefficients between -1 and 1.
    """
    from scipy.special import ndtr

    pairs = n * (n - 1.0)
    untied = (pairs - ties.pairs) / 2
    balance = r * np.sqrt(untied) * np.sqrt(untied.T)
    rows = np.maximum(n, 3)
    variance = (pairs * (2 * n + 5) - ties.variances - ties.variances.T) / 18
    variance += ties.pairs * ties.pairs.T / (2.0 * rows * (rows - 1))
    variance += ties.triples * ties.triples.T / (9.0 * rows * (rows - 1) * (rows - 2))
    z = np.full(r.shape, np.nan)
    np.divide(np.abs(balance), np.sqrt(np.maximum(variance, 0.0)), out=z, where=variance > 0)
    p: Floats = 2 * ndtr(-z)
    exact = (n < _EXACT_TAU) & (n > 1) & (ties.pairs == 0) & (ties.pairs.T == 0) & ~np.isnan(r)
    for cell in np.argwhere(exact):
        i = tuple(cell)
        concordant = round((float(r[i]) + 1) * float(pairs[i]) / 4)
        tails = _tau_distribution(int(n[i]))
        p[i] = min(1.0, 2 * float(tails[min(concordant, len(tails) - 1 - concordant)]))
    return np.where(n > 1, p, np.nan)


@lru_cache(maxsize=64)
def _tau_distribution(n: int) -> Floats:
    """Return P(concordant pairs <= q) for q = 0, 1, … n (n - 1) / 2 if all orders are alike."""
    density = np.ones(1)
    for m in range(2, n + 1):
        density = np.convolve(density, np.full(m, 1 / m))
    return np.cumsum(density)


def _rho_tail(n: int, distance: float) -> float:
    """Return P(sum of squared differences of ranks >= distance)."""
    if distance <= 0:
        return 1.0
    if distance > (n**3 - n) / 3:
        return 0.0
    if n <= _EXACT_RHO:
        return float(_rho_distribution(n)[int(distance) :].sum())
    return _edgeworth_tail(n, distance)


@lru_cache(maxsize=16)
def _rho_distribution(n: int) -> Floats:
    """Return the probability of each sum of squared differences of two orders of n ranks."""
    largest = (n**3 - n) // 3
    # By set of the partners that the first ranks have taken.
    counts = {0: np.eye(1, largest + 1)[0]}
    for rank in range(n):
        following: dict[int, Floats] = {}
        for taken, ways in counts.items():
            for partner in range(n):
                if taken >> partner & 1:
                    continue
                moved = np.zeros(largest + 1)
                step = (rank - partner) ** 2
                moved[step:] = ways[: largest + 1 - step]
                key = taken | 1 << partner
                following[key] = following.get(key, 0.0) + moved
        counts = following
    ways = counts[(1 << n) - 1]
    density: Floats = ways / ways.sum()
    return density


def _edgeworth_tail(n: int, distance: float) -> float:
    """Approximate the tail by the Edgeworth series of AS 89, kept between 0 and 1."""
    from scipy.special import ndtr

    b = 1 / n
    x = (6 * (distance - 1) * b / (n * n - 1) - 1) * np.sqrt(n - 1)
    y = x * x
    inner = 0.0879 + 0.0151 * b - y * (0.0072 - 0.0831 * b + y * b * (0.0131 - 4.6e-4 * y))
    outer = -0.0758 + b * (0.1033 + 0.3932 * b) - y * b * inner
    series = x * b * (0.2274 + b * (0.2531 + 0.1745 * b) + y * outer)
    return float(np.clip(series / np.exp(y / 2) + ndtr(-x), 0.0, 1.0))
