"""What the columns of a table of indicators look like: location, spread, shape, gaps, ties."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats
from begleitforschung.stats.moments import highest, lowest, mean_sd, skewness_kurtosis


def column_overview(x: ArrayLike) -> dict[str, Floats]:
    """Describe each column.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values; NaN are missing.

    Returns
    -------
    dict of str to numpy.ndarray, shape (p,)
        ``minimum, maximum, mean, median, sd`` (n - 1), ``skewness`` (G1), ``kurtosis`` (G2,
        excess), ``n`` values, ``nonzero``, ``unique`` different ones, ``same``: how often the most
        frequent one occurs.

    Raises
    ------
    ValueError
        If `x` does not have two dimensions.

    Examples
    --------
    >>> found = column_overview([[1.0], [1.0], [4.0]])
    >>> [float(found[name][0]) for name in ("mean", "median", "unique", "same")]
    [2.0, 1.0, 2.0, 2.0]
    """
    values = np.asarray(x, np.float64)
    mean, sd = mean_sd(values)
    skew, kurt = skewness_kurtosis(values)
    there = ~np.isnan(values)
    order = np.sort(values, axis=0)  # NaN last
    n = there.sum(axis=0)
    return {
        "minimum": lowest(values),
        "maximum": highest(values),
        "mean": mean,
        "median": _middle(order, n),
        "sd": sd,
        "skewness": skew,
        "kurtosis": kurt,
        "n": n.astype(np.float64),
        "nonzero": (there & (values != 0)).sum(axis=0).astype(np.float64),
        **_ties(order, n),
    }


def _middle(order: Floats, n: np.ndarray) -> Floats:
    """Return the medians of sorted columns."""
    columns = np.arange(order.shape[1])
    if not len(order):
        return np.full(order.shape[1], np.nan)
    low, high = np.maximum((n - 1) // 2, 0), np.maximum(n // 2, 0)
    high = np.minimum(high, len(order) - 1)
    found: Floats = (order[low, columns] + order[high, columns]) / 2
    return found


def _ties(order: Floats, n: np.ndarray) -> dict[str, Floats]:
    """Return the number of different values, and of the most frequent one, of sorted columns."""
    unique, same = np.zeros(order.shape[1]), np.zeros(order.shape[1])
    for column, values in enumerate(order.T):
        held = values[: n[column]]
        starts = np.flatnonzero(np.concatenate([[True], held[1:] != held[:-1]])[: len(held)])
        unique[column] = len(starts)
        same[column] = np.diff(np.append(starts, len(held))).max(initial=0)
    return {"unique": unique, "same": same}
