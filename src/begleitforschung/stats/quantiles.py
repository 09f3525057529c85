"""Sample quantiles of the nine types of Hyndman & Fan (1996), of one sample or of many groups.

Reference: Hyndman, R. J. & Fan, Y. (1996): Sample quantiles in statistical packages. The American
Statistician 50(4), 361-365. Type 7 is the default here, as in R, NumPy and spreadsheets; SPSS uses
type 6, SAS type 2, Stata type 2.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints, checked, kept

QuantileType = Literal[1, 2, 3, 4, 5, 6, 7, 8, 9]

# Plotting positions p_k = (k - alpha) / (n + 1 - alpha - beta) of the continuous types.
_POSITIONS = {
    4: (0.0, 1.0),
    5: (0.5, 0.5),
    6: (0.0, 0.0),
    7: (1.0, 1.0),
    8: (1 / 3, 1 / 3),
    9: (3 / 8, 3 / 8),
}
_TOLERANCE = 4 * float(np.finfo(np.float64).eps)


def quantiles(values: ArrayLike, probs: ArrayLike, *, kind: QuantileType = 7) -> Floats:
    r"""Return sample quantiles.

    With the values in order, :math:`Q(p) = x_{(j)} + \gamma\,(x_{(j+1)} - x_{(j)})`, where
    :math:`j = \lfloor np + m \rfloor`; :math:`m` and :math:`\gamma` depend on the type, for type 7
    :math:`m = 1 - p` and :math:`\gamma = np + m - j`.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values; NaN are left out.
    probs : array_like, shape (k,)
        Probabilities between 0 and 1.
    kind : {1, 2, …, 9}
        Type of Hyndman & Fan (1996).

    Returns
    -------
    numpy.ndarray, shape (k,)
        Quantiles; NaN if there is no value.

    Raises
    ------
    ValueError
        If a probability is not between 0 and 1, the type is unknown or a value is infinite.

    Examples
    --------
    >>> quantiles([1, 2, 3, 4], [0.25, 0.5, 0.75]).tolist()
    [1.75, 2.5, 3.25]
    >>> quantiles([1, 2, 3, 4], [0.25, 0.5, 0.75], kind=6).tolist()
    [1.25, 2.5, 3.75]
    """
    x = np.asarray(values, np.float64)
    found: Floats = group_quantiles(x, np.zeros(x.shape, np.int64), 1, probs, kind=kind)[0]
    return found


def group_quantiles(
    values: ArrayLike,
    codes: ArrayLike,
    groups: int,
    probs: ArrayLike,
    *,
    kind: QuantileType = 7,
) -> Floats:
    """Return sample quantiles of each group; formula as in `quantiles`.

    Parameters
    ----------
    values : array_like, shape (n,)
        Values; NaN are left out.
    codes : array_like of int, shape (n,)
        Group of each value, 0 … groups - 1; negative belongs to no group.
    groups : int
        Number of groups.
    probs : array_like, shape (k,)
        Probabilities between 0 and 1.
    kind : {1, 2, …, 9}
        Type of Hyndman & Fan (1996).

    Returns
    -------
    numpy.ndarray, shape (groups, k)
        Quantiles; NaN where a group has no value.

    Raises
    ------
    ValueError
        If a probability is not between 0 and 1, the type is unknown, lengths differ, a code is
        too large or a value is infinite.
    """
    p = np.atleast_1d(np.asarray(probs, np.float64))
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError("probabilities must lie between 0 and 1")
    if kind not in range(1, 10):
        raise ValueError(f"quantile types are 1 to 9, not {kind!r}")
    x, code = kept(*checked(values, codes, groups))
    found = np.full((groups, p.size), np.nan)
    if not x.size:
        return found
    ordered = x[np.lexsort((x, code))]
    n = np.bincount(code, minlength=groups)
    first = np.cumsum(n) - n
    filled = n > 0
    below, share = _positions(n[filled, None], p[None, :], kind)
    last = n[filled, None] - 1
    low = ordered[first[filled, None] + np.clip(below - 1, 0, last)]
    high = ordered[first[filled, None] + np.clip(below, 0, last)]
    found[filled] = np.where(share == 1.0, high, low + share * (high - low))
    return found


def _positions(n: Ints, p: Floats, kind: int) -> tuple[Ints, Floats]:
    """Return j (counted from 1) and gamma; nearly whole positions count as whole, as in R."""
    if kind in _POSITIONS:
        alpha, beta = _POSITIONS[kind]
        position = alpha + p * (n + 1 - alpha - beta)
    else:
        position = n * p - (0.5 if kind == 3 else 0.0)
    below = np.floor(position + _TOLERANCE)
    rest = np.where(np.abs(position - below) < _TOLERANCE, 0.0, position - below)
    beyond = rest > 0
    share = {
        1: beyond.astype(np.float64),
        2: (1.0 + beyond) / 2,
        3: (beyond | (below % 2 != 0)).astype(np.float64),
    }
    return below.astype(np.int64), share.get(kind, rest)
