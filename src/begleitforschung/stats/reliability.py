"""Internal consistency of a set of indicators."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.correlations import covariances


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
    matrix = covariances(x)
    k, total = len(matrix), float(matrix.sum())
    if k < 2 or np.isnan(total) or total == 0:
        return float("nan")
    between = (total - float(np.trace(matrix))) / (k * (k - 1))
    return k**2 * between / total
