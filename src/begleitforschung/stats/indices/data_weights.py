"""Weights that the data themselves suggest: PCA, factors, entropy, CRITIC.

They follow spread and correlation, not what matters to anybody: OECD/JRC (2008), Handbook on
Constructing Composite Indicators, step 6, says when they are sound.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.correlations import correlate
from begleitforschung.stats.indices.components import (
    principal_components,
    standardise,
    varimax,
)
from begleitforschung.stats.indices.elements import BadCells, Floats


def pca_weights(x: ArrayLike, *, squared: bool = True) -> Floats:
    """Return weights by the first principal component.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the indicators, more is better, NaN where missing (such rows are left out).
    squared : bool
        Squared loadings, which are not negative and add up to 1; else the loadings as they come
        (unit vector, sign fixed so that they add up to more than zero), which can be negative, as
        COINr's can.

    Returns
    -------
    numpy.ndarray, shape (k,)
        Weights.

    Raises
    ------
    ValueError
        As `principal_components`.

    Examples
    --------
    >>> pca_weights([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]).round(3).tolist()
    [0.5, 0.5]
    """
    first = principal_components(x).directions[:, 0]
    return first**2 if squared else first


def oecd_weights(x: ArrayLike) -> Floats:
    """Return weights by rotated factors: the squared loadings of the OECD handbook.

    Factors with an eigenvalue above 1 that explain more than a tenth of the variance are kept (the
    first always) and rotated by varimax. Each indicator belongs to the factor on which it loads
    most; its weight is its squared loading, as share of the factor's, times the share of the factor
    in the variance that all kept ones explain; normalised to sum 1 (Nicoletti, Scarpetta & Boylaud
    2000, OECD Economics Department Working Paper 226; OECD/JRC 2008, p. 89).

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the indicators, NaN where missing (such rows are left out).

    Returns
    -------
    numpy.ndarray, shape (k,)
        Weights >= 0, sum 1.

    Raises
    ------
    ValueError
        As `principal_components`.

    Examples
    --------
    >>> oecd_weights([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]).round(3).tolist()
    [0.5, 0.5]
    """
    found = principal_components(x)
    keep = (found.eigenvalues > 1) & (found.shares > 0.1)
    keep[0] = True
    loadings = found.loadings[:, keep]
    squares = (varimax(loadings) if loadings.shape[1] > 1 else loadings) ** 2
    # The share in the factor times the share of the factor: the factor's own variance cancels.
    return _normalised(squares.max(axis=1))


def factor_weights(x: ArrayLike, *, factors: Literal["one", "all"] = "one") -> Floats:
    r"""Return what each standardised indicator counts in a factor score.

    The score is ``standardise(x)[0] @ weights``. With one factor, weights are the loadings on the
    first component divided by its eigenvalue. With all, components are rotated by varimax, and
    their regression scores are added up with their shares of explained variance (``ci_factor`` of
    Compind, ``principal`` of R's psych). They are neither positive by rule nor 1 in sum.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the indicators, NaN where missing (such rows are left out).
    factors : {"one", "all"}
        First component, or all.

    Returns
    -------
    numpy.ndarray, shape (k,)
        Weights of the standardised indicators.

    Raises
    ------
    ValueError
        As `principal_components`; if `factors` is unknown, or with all factors if there are fewer
        independent rows than indicators.

    Examples
    --------
    >>> factor_weights([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]).round(3).tolist()
    [0.5, 0.5]
    """
    found = principal_components(x)
    if factors == "one":
        weights: Floats = found.loadings[:, 0] / found.eigenvalues[0]
        return weights
    if factors != "all":
        raise ValueError("factors is 'one' or 'all'")
    k = len(found.directions)
    if len(found.eigenvalues) < k or found.eigenvalues[-1] <= 1e-12 * found.eigenvalues[0]:
        raise ValueError("all factors need indicators of which none follows from the others")
    rotated = varimax(found.loadings)
    z, _ = standardise(x)
    scoring = np.linalg.solve(z.T @ z / (len(z) - 1), rotated)
    combined: Floats = scoring @ ((rotated**2).sum(axis=0) / k)
    return combined


def entropy_weights(x: ArrayLike) -> Floats:
    r"""Return weights by Shannon's entropy: what is spread unevenly over the units counts more.

    :math:`w_k \propto 1 + \sum_i p_{ik} \ln p_{ik} / \ln n_k` with :math:`p_{ik}` the share of unit
    i in the sum of indicator k (Hwang & Yoon 1981). It needs a true zero: shifting a scale changes
    the weights.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values >= 0 of the indicators, NaN where missing.

    Returns
    -------
    numpy.ndarray, shape (k,)
        Weights >= 0, sum 1; equal if no indicator varies.

    Raises
    ------
    BadCells
        If a value is negative or infinite, or an indicator has fewer than two values or only
        zeros (`rows` is empty).
    ValueError
        If `x` is not a matrix.

    Examples
    --------
    >>> entropy_weights([[1.0, 1.0], [1.0, 3.0]]).tolist()
    [0.0, 1.0]
    """
    values = np.asarray(x, np.float64)
    if values.ndim != 2:
        raise ValueError("values must be (units, indicators)")
    bad = (values < 0) | np.isinf(values)
    if bad.any():
        raise BadCells("entropy needs finite values that are not negative", *np.nonzero(bad))
    filled = np.nan_to_num(values)
    n, totals = (~np.isnan(values)).sum(axis=0), filled.sum(axis=0)
    empty = np.flatnonzero((n < 2) | (totals == 0))
    if empty.size:
        raise BadCells("entropy needs two values that are not all zero", (), empty)
    shares = filled / totals
    logarithms = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    diversity = np.maximum(1 + (shares * logarithms).sum(axis=0) / np.log(n), 0.0)
    # Of equal shares rounding leaves a trace that must not become a weight.
    return _normalised(np.where(diversity < 1e-14, 0.0, diversity))


def critic_weights(x: ArrayLike) -> Floats:
    r"""Return weights by CRITIC: contrast within an indicator and conflict with the others.

    :math:`w_k \propto s_k \sum_j (1 - r_{kj})` with s the standard deviation after min-max
    normalisation (Diakoulaki, Mavrotas & Papayannakis 1995, Computers & Operations Research 22).

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the indicators, more is better, NaN where missing (correlations are pairwise).

    Returns
    -------
    numpy.ndarray, shape (k,)
        Weights >= 0, sum 1; an indicator that does not vary has weight 0; equal ones if there is
        neither contrast nor conflict.

    Raises
    ------
    ValueError
        If `x` is not a matrix or holds an infinite value.

    Examples
    --------
    >>> critic_weights([[1.0, 5.0, 5.0], [2.0, 3.0, 3.0], [3.0, 4.0, 4.0]]).round(3).tolist()
    [0.5, 0.25, 0.25]
    """
    values = np.asarray(x, np.float64)
    r = correlate(values).r
    varies = ~np.isnan(np.diagonal(r))
    there = ~np.isnan(values[:, varies])
    columns = np.where(there, values[:, varies], 0.0)
    low = np.where(there, columns, np.inf).min(axis=0, initial=np.inf)
    high = np.where(there, columns, -np.inf).max(axis=0, initial=-np.inf)
    scaled = np.where(there, (columns - low) / (high - low), 0.0)
    n = there.sum(axis=0)
    away = np.where(there, scaled - scaled.sum(axis=0) / n, 0.0)
    contrast = np.sqrt((away**2).sum(axis=0) / (n - 1))
    conflict = np.nansum(1 - r[np.ix_(varies, varies)], axis=1)
    information = np.zeros(values.shape[1])
    information[varies] = contrast * np.maximum(conflict, 0.0)
    return _normalised(information)


def _normalised(weights: Floats) -> Floats:
    """Return weights of sum 1, equal ones if all are zero."""
    total = weights.sum()
    if total == 0:
        return np.full(len(weights), 1.0 / len(weights))
    normalised: Floats = weights / total
    return normalised
