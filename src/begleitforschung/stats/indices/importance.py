"""How much an indicator really counts: the share of the index's variance that it explains.

Weights are not importance: what an indicator counts also depends on its spread and on what it
shares with the others. The correlation ratio measures it without asking for a straight line.

References: Paruolo, P., Saisana, M. & Saltelli, A. (2013): Ratings and rankings: voodoo or science?
Journal of the Royal Statistical Society A 176(3), 609-634. Becker, W., Saisana, M., Paruolo, P. &
Vandecasteele, I. (2017): Weights and importance in composite indicators: closing the gap.
Ecological Indicators 80, 12-22 (penalised splines). Eilers, P. H. C. & Marx, B. D. (1996): Flexible
smoothing with B-splines and penalties. Statistical Science 11(2), 89-121.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.groups import Floats

_KNOTS = 10  # intervals of the spline; the penalty, not their number, decides how smooth it is
_PENALTIES = 10.0 ** np.linspace(-5, 5, 61)
_LEAST = 5  # values below which nothing is estimated


def correlation_ratio(x: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the correlation ratio of each column, the nonlinear main effect on the index.

    .. math:: S_j = \frac{\mathrm{Var}(E[y \mid x_j])}{\mathrm{Var}(y)}

    The conditional mean is a cubic spline with a penalty on its second differences, chosen by
    generalised cross-validation; where a column has few distinct values (ten at most) it is their
    means. It is 1 if the index is a function of the column and 0 if it does not depend on it, and
    (but for smoothing) not below the squared correlation.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values of indicators, NaN where missing.
    y : array_like, shape (n,)
        Scores, NaN where missing.

    Returns
    -------
    numpy.ndarray, shape (p,)
        Correlation ratios between 0 and 1; NaN with fewer than five pairs or without variance.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> x = [[-2.0], [-1.0], [0.0], [1.0], [2.0]]
    >>> correlation_ratio(x, [4.0, 1.0, 0.0, 1.0, 4.0]).round(6).tolist()
    [1.0]
    """
    values, score = _pairs(x, y)
    return np.array([_ratio(column, score) for column in values.T])


def linear_importance(x: ArrayLike, y: ArrayLike) -> Floats:
    r"""Return the squared correlation of each column with the index, its linear main effect.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values of indicators, NaN where missing.
    y : array_like, shape (n,)
        Scores, NaN where missing.

    Returns
    -------
    numpy.ndarray, shape (p,)
        Squared Pearson correlations over the pairs that are complete; NaN with fewer than five
        pairs or without variance.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    values, score = _pairs(x, y)
    both = ~np.isnan(values) & ~np.isnan(score)[:, None]
    n = both.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        dx = np.where(both, values - np.where(both, values, 0).sum(axis=0) / n, 0.0)
        wide = np.where(both, score[:, None], 0.0)
        dy = np.where(both, wide - wide.sum(axis=0) / n, 0.0)
        found = (dx * dy).sum(axis=0) ** 2 / ((dx**2).sum(axis=0) * (dy**2).sum(axis=0))
    found[(n < _LEAST) | _flat(dx) | _flat(dy)] = np.nan
    ratios: Floats = np.minimum(found, 1.0)
    return ratios


def _pairs(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    values, score = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if values.ndim != 2 or score.shape != values.shape[:1]:
        raise ValueError(f"values {values.shape} and scores {score.shape} do not fit")
    return values, score


def _flat(differences: Floats) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = ~(np.abs(differences).max(axis=0, initial=0.0) > 0)
    return found


def _ratio(x: Floats, y: Floats) -> float:
    """Return the correlation ratio of one column."""
    both = ~np.isnan(x) & ~np.isnan(y)
    x, y = x[both], y[both]
    if len(x) < _LEAST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    y = y - y.mean()
    distinct, group = np.unique(x, return_inverse=True)
    if len(distinct) <= _KNOTS:
        n = np.bincount(group)
        explained = (np.bincount(group, y) ** 2 / n).sum()
    else:
        explained = _explained((x - x.min()) / np.ptp(x), y)
    return float(min(1.0, explained / (y**2).sum()))


def _explained(t: Floats, y: Floats) -> float:
    """Return the sum of squares of the fit of a penalised cubic spline; y has mean zero."""
    basis = _basis(t)
    gram = basis.T @ basis
    second = np.diff(np.eye(len(gram)), 2, axis=0)
    rough = second.T @ second
    rough *= np.trace(gram) / np.trace(rough)
    # In the basis that makes both matrices diagonal, each penalty costs a vector product. Their
    # sum has an inverse even where an interval holds no value.
    inverse = np.linalg.inv(np.linalg.cholesky(gram + rough))
    size, vectors = np.linalg.eigh(inverse @ rough @ inverse.T)
    size = np.clip(size, 0.0, 1.0)
    loading = vectors.T @ (inverse @ (basis.T @ y))
    scale = 1.0 - size + np.multiply.outer(_PENALTIES, size)
    squares = ((1.0 - size) * (loading / scale) ** 2).sum(axis=1)
    left = (y**2).sum() - 2 * (loading**2 / scale).sum(axis=1) + squares
    freedom = len(y) - ((1.0 - size) / scale).sum(axis=1)
    return float(squares[np.argmin(left / np.maximum(freedom, 1.0) ** 2)])


def _basis(t: Floats) -> Floats:
    """Return the cubic B-splines on equal knots at t in [0, 1], shape (n, knots + 3)."""
    scaled = t * _KNOTS
    left = np.minimum(scaled.astype(np.int64), _KNOTS - 1)
    u = scaled - left
    pieces = np.stack(
        [
            (1 - u) ** 3,
            3 * u**3 - 6 * u**2 + 4,
            -3 * u**3 + 3 * u**2 + 3 * u + 1,
            u**3,
        ],
        axis=1,
    )
    basis = np.zeros((len(t), _KNOTS + 3))
    np.put_along_axis(basis, left[:, None] + np.arange(4), pieces / 6, axis=1)
    return basis
