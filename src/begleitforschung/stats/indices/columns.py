"""What all normalisations share: fitting columns, one linear formula, and what is lost by it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.moments import highest, lowest

Floats = NDArray[np.float64]


def constant_columns(x: ArrayLike) -> NDArray[np.bool_]:
    """Say which columns have values, all of them equal.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, NaN where missing.

    Returns
    -------
    numpy.ndarray of bool, shape (p,)
        False as well for a column without values.

    Raises
    ------
    ValueError
        If `x` does not have two dimensions.

    Examples
    --------
    >>> constant_columns([[1.0, 1.0], [1.0, 2.0]]).tolist()
    [True, False]
    """
    values, _ = matrices(x, None)
    return np.asarray(lowest(values) == highest(values))


def lost_columns(x: ArrayLike, normalised: ArrayLike) -> NDArray[np.bool_]:
    """Say which columns lost values in normalisation: the method is not defined for them.

    Parameters
    ----------
    x, normalised : array_like, shape (n, p)
        Values before and after normalisation, NaN where missing.

    Returns
    -------
    numpy.ndarray of bool, shape (p,)
        Whether a value was there before and is not afterwards.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    before, after = np.asarray(x, np.float64), np.asarray(normalised, np.float64)
    return np.asarray((np.isnan(after) & ~np.isnan(before)).any(axis=0))


def matrices(x: ArrayLike, reference: ArrayLike | None) -> tuple[Floats, Floats]:
    """Return values and reference as matrices of the same columns.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values.
    reference : array_like, shape (m, p), optional
        By default the values themselves.

    Returns
    -------
    values, reference : numpy.ndarray of float64
        Not copied where this can be avoided.

    Raises
    ------
    ValueError
        If either does not have two dimensions, or the numbers of columns differ.
    """
    values = np.asarray(x, np.float64)
    base = values if reference is None else np.asarray(reference, np.float64)
    if values.ndim != 2 or base.ndim != 2 or values.shape[1] != base.shape[1]:
        raise ValueError(f"shapes {values.shape} and {base.shape} do not fit: same columns, 2-d")
    return values, base


def rescale(
    x: Floats, origin: ArrayLike, span: ArrayLike, scale: ArrayLike = 1.0, offset: ArrayLike = 0.0
) -> Floats:
    r"""Return :math:`s\,\frac{x - o}{d} + t`.

    Parameters
    ----------
    x : numpy.ndarray, shape (n, p)
        Values.
    origin, span, scale, offset : array_like
        *o*, *d*, *s* and *t*, of all columns or of each.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        NaN in columns whose span is 0 or missing.

    Raises
    ------
    ValueError
        If the shapes do not fit each other.
    """
    width = np.asarray(span, np.float64)
    found: Floats = x - np.asarray(origin, np.float64)
    found /= np.where(width == 0, np.nan, width)
    if np.any(np.asarray(scale) != 1):
        found *= np.asarray(scale, np.float64)
    if np.any(np.asarray(offset) != 0):
        found += np.asarray(offset, np.float64)
    return found
