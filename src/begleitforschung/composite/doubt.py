"""Aggregation by Benefit of the Doubt: each unit gets the weights that favour it most."""

from __future__ import annotations

import numpy as np

from begleitforschung.composite.state import Floats
from begleitforschung.stats.indices.elements import BadCells
from begleitforschung.stats.indices.envelopment import benefit_of_the_doubt


def doubt_scores(
    x: Floats, w: Floats, *, low: float | None = None, high: float | None = None
) -> tuple[Floats, Floats]:
    """Return scores and the weights of each unit.

    Parameters
    ----------
    x : numpy.ndarray, shape (n, k)
        Values >= 0 of the parts, NaN where missing.
    w : numpy.ndarray, shape (k,)
        Weights of the specification; parts of weight zero don't count.
    low, high : float, optional
        Bounds on the share of a part in the unit's own score.

    Returns
    -------
    scores : numpy.ndarray, shape (n,)
        Between 0 and 1.
    weights : numpy.ndarray, shape (n, k)
        Score = sum of weight times value.

    Raises
    ------
    BadCells
        If a value is negative.
    ValueError
        If no shares can keep the bounds.
    """
    used = np.flatnonzero(w > 0)
    bounds = {"lower": low or 0.0, "upper": 1.0 if high is None else high}
    try:
        found = benefit_of_the_doubt(x[:, used], **bounds)
    except BadCells as error:
        raise BadCells(str(error), error.rows, used[error.columns]) from None
    weights = np.zeros_like(x)
    weights[:, used] = found.weights
    return found.scores, weights
