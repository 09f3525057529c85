"""Principal components of standardised indicators, and their rotation by varimax.

Rows with a missing value are left out. The sign of a component, which is arbitrary, is fixed: its
loadings add up to more than zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.elements import BadCells, Floats

_EQUAL = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Principal components of k indicators, c = min(rows, k) of them.

    Parameters
    ----------
    directions : numpy.ndarray, shape (k, c)
        Unit vectors (eigenvectors of the correlation matrix; R's ``rotation``).
    eigenvalues : numpy.ndarray, shape (c,)
        Variances of the components, descending.
    shares : numpy.ndarray, shape (c,)
        Shares of the variance that they explain.
    rows : numpy.ndarray of bool, shape (n,)
        Rows that were used.
    """

    directions: Floats
    eigenvalues: Floats
    shares: Floats
    rows: NDArray[np.bool_]

    @property
    def loadings(self) -> Floats:
        """Correlations of indicators and components, directions times √eigenvalues."""
        return self.directions * np.sqrt(self.eigenvalues)


def principal_components(x: ArrayLike) -> Components:
    """Take apart the correlations of indicators.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values of the indicators, NaN where missing.

    Returns
    -------
    Components
        Directions, eigenvalues and shares of variance.

    Raises
    ------
    ValueError
        If `x` is not a matrix, or fewer than two rows are complete.
    BadCells
        If an indicator does not vary in the complete rows, or a value is infinite.

    Examples
    --------
    >>> found = principal_components([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    >>> found.shares.round(3).tolist(), found.directions[:, 0].round(3).tolist()
    ([1.0, 0.0], [0.707, 0.707])
    """
    z, rows = standardise(x)
    _, singular, right = np.linalg.svd(z, full_matrices=False)
    eigenvalues = singular**2 / (len(z) - 1)
    return Components(
        directions=with_sign(right.T),
        eigenvalues=eigenvalues,
        shares=eigenvalues / eigenvalues.sum(),
        rows=rows,
    )


def standardise(x: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the complete rows, centred and divided by the standard deviation (n - 1).

    Parameters
    ----------
    x : array_like, shape (n, k)
        Values, NaN where missing.

    Returns
    -------
    z : numpy.ndarray, shape (complete rows, k)
        Standardised values.
    rows : numpy.ndarray of bool, shape (n,)
        Rows that are complete.

    Raises
    ------
    ValueError
        If `x` is not a matrix, or fewer than two rows are complete.
    BadCells
        If a column does not vary, or a value is infinite.
    """
    values = np.asarray(x, np.float64)
    if values.ndim != 2 or not values.shape[1]:
        raise ValueError("components need a matrix of units by indicators")
    if np.isinf(values).any():
        raise BadCells("an infinite value cannot be standardised", *np.nonzero(np.isinf(values)))
    rows = np.asarray(~np.isnan(values).any(axis=1))
    complete = values[rows]
    if len(complete) < 2:
        raise ValueError("components need two rows without a missing value")
    flat = np.flatnonzero(complete.min(axis=0) == complete.max(axis=0))
    if flat.size:
        raise BadCells("an indicator that does not vary has no correlation", (), flat)
    centred = complete - complete.mean(axis=0)
    z: Floats = centred / centred.std(axis=0, ddof=1)
    return z, rows


def with_sign(directions: Floats) -> Floats:
    """Turn each column so that it adds up to more than zero.

    Parameters
    ----------
    directions : numpy.ndarray, shape (k, c)
        Columns of arbitrary sign.

    Returns
    -------
    numpy.ndarray, shape (k, c)
        The same columns or their negatives. Where a column adds up to nothing, its largest entry
        (the first of equal ones) becomes positive.

    Raises
    ------
    ValueError
        Never for a matrix.
    """
    sums = directions.sum(axis=0)
    size = np.abs(directions)
    largest = np.argmax(size >= size.max(axis=0) - _EQUAL, axis=0)
    leading = directions[largest, np.arange(directions.shape[1])]
    decisive = np.where(np.abs(sums) > _EQUAL * size.sum(axis=0), sums, leading)
    return directions * np.where(decisive < 0, -1.0, 1.0)


def varimax(loadings: ArrayLike, *, tolerance: float = 1e-5, turns: int = 1000) -> Floats:
    """Rotate loadings so that each indicator loads on few factors.

    Kaiser's criterion with rows of length one while rotating (Kaiser 1958, Psychometrika 23), by
    singular value decompositions as in R's ``varimax``, whose tolerance is the default.

    Parameters
    ----------
    loadings : array_like, shape (k, c)
        Loadings of k indicators on c factors.
    tolerance : float
        Relative gain below which rotation ends.
    turns : int
        Largest number of rotations.

    Returns
    -------
    numpy.ndarray, shape (k, c)
        Rotated loadings; each column adds up to more than zero.

    Raises
    ------
    ValueError
        If `loadings` is not a matrix.

    Examples
    --------
    >>> varimax([[0.9, 0.4], [0.8, 0.5], [0.6, -0.7]]).round(2).tolist()
    [[0.97, 0.17], [0.94, 0.03], [0.11, 0.92]]
    """
    given = np.asarray(loadings, np.float64)
    if given.ndim != 2:
        raise ValueError("loadings are a matrix of indicators by factors")
    length = np.sqrt((given**2).sum(axis=1, keepdims=True))
    unit = np.divide(given, length, out=np.zeros_like(given), where=length > 0)
    rotation, gain = np.eye(given.shape[1]), 0.0
    for _ in range(turns):
        turned = unit @ rotation
        slope = unit.T @ (turned**3 - turned * (turned**2).mean(axis=0))
        left, singular, right = np.linalg.svd(slope)
        rotation, before, gain = left @ right, gain, float(singular.sum())
        if gain < before * (1 + tolerance):
            break
    return with_sign(unit @ rotation * length)
