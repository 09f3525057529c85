"""Factor models by maximum likelihood, their rotation, and the number of factors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from begleitforschung.stats.indices.components import with_sign

Floats = NDArray[np.float64]
# Smallest unique variance of a standardised item, as in R's factanal.
LEAST_UNIQUE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorModel:
    """A factor model of k items with m factors, not rotated.

    Parameters
    ----------
    loadings : numpy.ndarray, shape (k, m)
        Correlations of items and factors; each column adds up to more than zero.
    uniquenesses : numpy.ndarray, shape (k,)
        Share of each item's variance that the factors don't explain.
    df : int
        Degrees of freedom.
    bounded : numpy.ndarray of bool, shape (k,)
        Items whose uniqueness is at its lower bound (Heywood cases): the model does not fit them.
    """

    loadings: Floats
    uniquenesses: Floats
    df: int
    bounded: NDArray[np.bool_]


def degrees_of_freedom(items: int, factors: int) -> int:
    """Return the degrees of freedom of a factor model; below 0 it is not identified.

    Parameters
    ----------
    items, factors : int
        Their numbers.

    Returns
    -------
    int
        ((k - m)² - (k + m)) / 2.
    """
    return ((items - factors) ** 2 - (items + factors)) // 2


def factor_model(correlations: ArrayLike, factors: int) -> FactorModel:
    """Fit a factor model by maximum likelihood.

    The likelihood is maximised over the unique variances only (Jöreskog 1967, Psychometrika 32;
    Lawley & Maxwell 1971, Factor Analysis as a Statistical Method), as R's ``factanal`` does.

    Parameters
    ----------
    correlations : array_like, shape (k, k)
        Correlations of the items.
    factors : int
        Number of factors.

    Returns
    -------
    FactorModel
        Loadings and unique variances.

    Raises
    ------
    ValueError
        If the matrix is not positive definite, or has too few items for the factors.

    Examples
    --------
    >>> made = factor_model([[1, 0.56, 0.48], [0.56, 1, 0.42], [0.48, 0.42, 1]], 1)
    >>> made.loadings[:, 0].round(3).tolist()
    [0.8, 0.7, 0.6]
    """
    r = np.asarray(correlations, np.float64)
    k = len(r)
    df = degrees_of_freedom(k, factors)
    if factors < 1 or df < 0:
        raise ValueError(f"{k} items do not identify {factors} factors")
    if not np.isfinite(r).all() or np.linalg.eigvalsh(r)[0] <= 1e-10:
        raise ValueError("an item follows from the others, or does not vary")
    start = (1 - 0.5 * factors / k) / np.diag(np.linalg.inv(r))
    found = minimize(
        partial(_lack_of_fit, r=r, factors=factors),
        np.clip(start, LEAST_UNIQUE, 1.0),
        jac=True,
        method="L-BFGS-B",
        bounds=[(LEAST_UNIQUE, 1.0)] * k,
        options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 2000},
    )
    unique: Floats = np.asarray(found.x, np.float64)
    return FactorModel(
        loadings=with_sign(_loadings(r, unique, factors)),
        uniquenesses=unique,
        df=df,
        bounded=unique <= LEAST_UNIQUE * (1 + 1e-6),
    )


def one_factor(correlations: ArrayLike) -> FactorModel | None:
    """Fit the model of one factor where it can be fitted.

    Parameters
    ----------
    correlations : array_like, shape (k, k)
        Correlations of the items.

    Returns
    -------
    FactorModel, optional
        Nothing for fewer than three items, or where one follows from the others.

    Raises
    ------
    ValueError
        Never for a square matrix.
    """
    try:
        return factor_model(correlations, 1)
    except ValueError:
        return None


def oblimin(
    loadings: ArrayLike, *, tolerance: float = 1e-8, turns: int = 2000
) -> tuple[Floats, Floats]:
    r"""Rotate loadings to factors that may correlate: direct oblimin with gamma 0 (quartimin).

    Minimises :math:`\sum_i \sum_{p<q} \lambda_{ip}^2 \lambda_{iq}^2 / 2` (Jennrich & Sampson 1966,
    Psychometrika 31) by projected gradients (Bernaards & Jennrich 2005, Educational and
    Psychological Measurement 65).

    Parameters
    ----------
    loadings : array_like, shape (k, m)
        Loadings of k items on m uncorrelated factors.
    tolerance : float
        Length of the gradient at which rotation ends.
    turns : int
        Largest number of steps.

    Returns
    -------
    pattern : numpy.ndarray, shape (k, m)
        Rotated loadings; each column adds up to more than zero.
    correlations : numpy.ndarray, shape (m, m)
        Correlations of the factors.

    Raises
    ------
    ValueError
        If `loadings` is not a matrix.
    """
    given = np.asarray(loadings, np.float64)
    if given.ndim != 2:
        raise ValueError("loadings are a matrix of items by factors")
    turn, step = np.eye(given.shape[1]), 1.0
    pattern, value, slope = _quartimin(given, turn)
    for _ in range(turns):
        gradient = -(pattern.T @ slope @ np.linalg.inv(turn)).T
        direction = gradient - turn * (turn * gradient).sum(axis=0)
        length = float(np.linalg.norm(direction))
        if length < tolerance:
            break
        step *= 2
        for _ in range(20):
            moved = turn - step * direction
            moved = moved / np.sqrt((moved**2).sum(axis=0))
            tried = _quartimin(given, moved)
            if tried[1] < value - 0.5 * length**2 * step:
                break
            step /= 2
        turn, (pattern, value, slope) = moved, tried
    signed = with_sign(pattern)
    same = np.sign((signed * pattern).sum(axis=0))
    return signed, (turn.T @ turn) * np.outer(same, same)


def parallel_eigenvalues(
    n: int, k: int, *, draws: int = 200, quantile: float = 0.95, seed: int = 0
) -> Floats:
    """Return the eigenvalues that correlations of unrelated items have by chance.

    Parallel analysis (Horn 1965, Psychometrika 30; the 95th percentile by Glorfeld 1995): factors
    are those whose eigenvalue is larger.

    Parameters
    ----------
    n, k : int
        Cases and items.
    draws : int
        Numbers of normal samples drawn.
    quantile : float
        Quantile of their eigenvalues.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    numpy.ndarray, shape (k,)
        Descending.

    Raises
    ------
    ValueError
        If there are fewer than two cases.
    """
    if n < 2:
        raise ValueError("parallel analysis needs two cases")
    random = np.random.default_rng(seed)
    found = np.empty((draws, k))
    for draw in range(draws):
        sample = random.standard_normal((n, k))
        found[draw] = np.linalg.eigvalsh(np.corrcoef(sample, rowvar=False).reshape(k, k))[::-1]
    quantiles: Floats = np.quantile(found, quantile, axis=0)
    return quantiles


def _lack_of_fit(unique: Floats, *, r: Floats, factors: int) -> tuple[float, Floats]:
    """Return minus the concentrated log-likelihood (without constants) and its gradient."""
    scale = 1 / np.sqrt(unique)
    left_out = np.linalg.eigvalsh(r * np.outer(scale, scale))[: len(r) - factors]
    value = float((left_out - np.log(left_out)).sum()) - (len(r) - factors)
    loadings = _loadings(r, unique, factors)
    residual = loadings @ loadings.T + np.diag(unique) - r
    return value, np.diag(residual) / unique**2


def _loadings(r: Floats, unique: Floats, factors: int) -> Floats:
    scale = 1 / np.sqrt(unique)
    values, vectors = np.linalg.eigh(r * np.outer(scale, scale))
    size = np.sqrt(np.maximum(values[::-1][:factors] - 1, 0))
    loadings: Floats = vectors[:, ::-1][:, :factors] * size / scale[:, None]
    return loadings


def _quartimin(loadings: Floats, turn: Floats) -> tuple[Floats, float, Floats]:
    pattern = loadings @ np.linalg.inv(turn).T
    square = pattern**2
    others = square.sum(axis=1, keepdims=True) - square
    return pattern, float((square * others).sum() / 4), pattern * others
