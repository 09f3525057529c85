"""Internal consistency of a set of indicators or items: alpha, omega, item by item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats as distributions

from begleitforschung.stats.correlations import covariances
from begleitforschung.stats.factors import one_factor

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStatistics:
    """How each item of a scale hangs together with the others; arrays of length k.

    Parameters
    ----------
    item_total : numpy.ndarray
        Correlation with the sum of the other items (corrected item-total correlation).
    without : numpy.ndarray
        Alpha of the other items.
    """

    item_total: Floats
    without: Floats


def cronbach_alpha(x: ArrayLike) -> float:
    r"""Return Cronbach's alpha, :math:`k^2 \bar c / \sum_{ij} c_{ij}`.

    :math:`\bar c` is the mean covariance of two different indicators; covariances are those of the
    rows that both have (Cronbach 1951, Psychometrika 16). Alpha depends on the scales: give
    normalised values, turned so that more is better.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the indicators, NaN where missing.

    Returns
    -------
    float
        Alpha, at most 1, negative where indicators work against each other; NaN for fewer than two
        indicators or where a covariance is not known.

    Raises
    ------
    ValueError
        If `x` is not a matrix or holds an infinite value.

    Examples
    --------
    >>> round(cronbach_alpha([[1.0, 2.0], [2.0, 2.0], [3.0, 4.0]]), 4)
    0.9231
    """
    return alpha_of(covariances(x))


def alpha_of(matrix: ArrayLike) -> float:
    """Return alpha of a covariance matrix; of a correlation matrix it is standardised alpha.

    Parameters
    ----------
    matrix : array_like, shape (k, k)
        Covariances or correlations.

    Returns
    -------
    float
        Alpha as in `cronbach_alpha`; NaN for fewer than two indicators, or where a covariance is
        not known.

    Raises
    ------
    ValueError
        If `matrix` is not square.

    Examples
    --------
    >>> round(alpha_of([[1.0, 0.5], [0.5, 1.0]]), 4)
    0.6667
    """
    given = _square(matrix)
    k, total = len(given), float(given.sum())
    if k < 2 or np.isnan(total) or total == 0:
        return float("nan")
    between = (total - float(np.trace(given))) / (k * (k - 1))
    return k**2 * between / total


def alpha_interval(alpha: float, n: float, k: int, *, level: float = 0.95) -> tuple[float, float]:
    r"""Return the interval of alpha by Feldt (1965, Psychometrika 30, 357-370).

    :math:`(1-\alpha)/(1-\hat\alpha)` follows F with n - 1 and (n - 1)(k - 1) degrees of freedom, if
    cases are a simple random sample and items normal with equal covariances.

    Parameters
    ----------
    alpha : float
        Estimate of alpha.
    n : float
        Cases; with weights the effective number.
    k : int
        Items.
    level : float
        Level of confidence.

    Returns
    -------
    low, high : float
        The bounds; NaN for fewer than two cases or items.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError("a level of confidence lies between 0 and 1")
    if n < 2 or k < 2 or np.isnan(alpha):
        return float("nan"), float("nan")
    tails = np.array([(1 + level) / 2, (1 - level) / 2])
    low, high = 1 - (1 - alpha) * distributions.f.ppf(tails, n - 1, (n - 1) * (k - 1))
    return float(low), float(high)


def omega(matrix: ArrayLike) -> float:
    r"""Return McDonald's omega, :math:`(\sum\lambda)^2 / ((\sum\lambda)^2 + \sum\psi)`.

    Loadings :math:`\lambda` and unique variances :math:`\psi` are those of the model of one factor
    by maximum likelihood (McDonald 1999, Test Theory, ch. 6), on the scale of the items: the
    reliability of their plain sum.

    Parameters
    ----------
    matrix : array_like, shape (k, k)
        Covariances.

    Returns
    -------
    float
        Omega between 0 and 1; NaN for fewer than three items, which do not identify the model, or
        a matrix that is not positive definite.

    Raises
    ------
    ValueError
        If `matrix` is not square.
    """
    given = _square(matrix)
    spread = np.sqrt(np.diag(given))
    model = one_factor(given / np.outer(spread, spread))
    if model is None:
        return float("nan")
    common = float((spread * model.loadings[:, 0]).sum() ** 2)
    return common / (common + float((spread**2 * model.uniquenesses).sum()))


def item_statistics(matrix: ArrayLike) -> ItemStatistics:
    """Return how each item hangs together with the sum of the others.

    Parameters
    ----------
    matrix : array_like, shape (k, k)
        Covariances of the items.

    Returns
    -------
    ItemStatistics
        Corrected item-total correlations, and alpha without each item (NaN for two items).

    Raises
    ------
    ValueError
        If `matrix` is not square or has fewer than two items.

    Examples
    --------
    >>> item_statistics([[1.0, 0.5], [0.5, 1.0]]).item_total.tolist()
    [0.5, 0.5]
    """
    given = _square(matrix)
    if len(given) < 2:
        raise ValueError("a scale has at least two items")
    own = np.diag(given)
    shared = given.sum(axis=1) - own
    rest = given.sum() - 2 * given.sum(axis=1) + own
    with np.errstate(divide="ignore", invalid="ignore"):
        item_total = shared / np.sqrt(own * rest)
    kept = [np.delete(np.arange(len(given)), at) for at in range(len(given))]
    without = np.array([alpha_of(given[np.ix_(rows, rows)]) for rows in kept])
    return ItemStatistics(item_total=item_total, without=without)


def _square(matrix: ArrayLike) -> Floats:
    given = np.asarray(matrix, np.float64)
    if given.ndim != 2 or given.shape[0] != given.shape[1]:
        raise ValueError("covariances are a square matrix")
    return given
