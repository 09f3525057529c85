"""Response propensities: who answers, by what is known of all who were asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import sampling_design
from begleitforschung.stats.sampling.regression import regression


@dataclass(frozen=True, slots=True, kw_only=True)
class Propensity:
    """A logistic model of response.

    Parameters
    ----------
    values : numpy.ndarray, shape (p,)
        Coefficients.
    covariance : numpy.ndarray, shape (p, p)
        Inverse of the Fisher information.
    fitted : numpy.ndarray, shape (n,)
        Propensities.
    pseudo_r2 : float
        1 less the log-likelihood by that of the intercept alone (McFadden 1974, in: Frontiers in
        Econometrics, 105-142).
    auc : float
        Probability that one who answered has a higher propensity than one who did not, ties half
        (Hanley & McNeil 1982, Radiology 143, 29-36); 0.5 if the model tells nothing.
    """

    values: Floats
    covariance: Floats
    fitted: Floats
    pseudo_r2: float
    auc: float


def response_propensity(answered: ArrayLike, x: ArrayLike) -> Propensity:
    """Fit a logistic model of response by maximum likelihood.

    Parameters
    ----------
    answered : array_like of bool, shape (n,)
        Who answered of those asked.
    x : array_like, shape (n, p)
        What is known of all, a column of 1 for the intercept among it; complete.

    Returns
    -------
    Propensity
        The model.

    Raises
    ------
    RegressionError
        If regressors depend on each other, or tell response exactly.
    ValueError
        If lengths differ, a value is missing, or all or none answered.

    Examples
    --------
    >>> x = [[1, 0], [1, 0], [1, 0], [1, 0], [1, 1], [1, 1], [1, 1], [1, 1]]
    >>> response_propensity([1, 0, 0, 0, 1, 1, 1, 0], x).fitted[[0, -1]].round(6).tolist()
    [0.25, 0.75]
    """
    y, matrix = np.asarray(answered, dtype=np.float64), np.asarray(x, dtype=np.float64)
    if not np.isfinite(matrix).all():
        raise ValueError("what is known must be known of all who were asked")
    if not 0 < y.mean() < 1:
        raise ValueError("a model of response needs some who answered and some who did not")
    beta = regression(y, matrix, sampling_design(np.ones(y.size)), family="logistic").values
    fitted = 1 / (1 + np.exp(-(matrix @ beta)))
    norm = np.maximum(np.abs(matrix).max(axis=0), 1e-300)  # units must not matter for precision
    scaled = matrix / norm
    information = (scaled * (fitted * (1 - fitted))[:, None]).T @ scaled
    rate = y.mean()
    alone = y.size * (rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    likelihood = float(np.log(np.where(y == 1, fitted, 1 - fitted)).sum())
    return Propensity(
        values=beta,
        covariance=np.linalg.inv(information) / np.outer(norm, norm),
        fitted=fitted,
        pseudo_r2=1 - likelihood / float(alone),
        auc=_auc(y == 1, fitted),
    )


def propensity_classes(fitted: ArrayLike, classes: int) -> Ints:
    """Put propensities into classes of about equal size, from the lowest.

    Parameters
    ----------
    fitted : array_like, shape (n,)
        Propensities of all who were asked.
    classes : int
        Number of classes, at least 2; 5 remove most of the bias (Rosenbaum & Rubin 1984, Journal of
        the American Statistical Association 79, 516-524).

    Returns
    -------
    numpy.ndarray of int64, shape (n,)
        Class of each; equal propensities are in one class, so that there may be fewer.

    Raises
    ------
    ValueError
        If there are fewer than two classes.

    Examples
    --------
    >>> propensity_classes([0.2, 0.9, 0.3, 0.8], 2).tolist()
    [0, 1, 0, 1]
    """
    if classes < 2:
        raise ValueError("propensities need two classes at least")
    p = np.round(np.asarray(fitted, dtype=np.float64), 12)
    cuts = np.quantile(p, np.arange(1, classes) / classes, method="lower")
    return np.unique(np.searchsorted(cuts, p, side="left"), return_inverse=True)[1].astype(np.int64)


def _auc(answered: np.ndarray, fitted: Floats) -> float:
    """Return the area under the ROC curve from the ranks (Mann & Whitney)."""
    from scipy.stats import rankdata

    ranks = rankdata(np.round(fitted, 12))
    ones = int(answered.sum())
    above = ranks[answered].sum() - ones * (ones + 1) / 2
    return float(above / (ones * (answered.size - ones)))
