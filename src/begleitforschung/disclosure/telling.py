"""Counts and spreads that tell what members of a group answered."""

from __future__ import annotations

import numpy as np

from begleitforschung.disclosure.structure import Ints

_EXCHANGE = np.array([1, -3, 3, -1])


def telling_count(base: int, spare: int) -> int:
    """Return from how many equal answers on a group tells what its members answered.

    Parameters
    ----------
    base : int
        Members.
    spare : int
        How many may differ.

    Returns
    -------
    int
        All but those who may differ; both of two, and the only one.
    """
    return max(base - spare, min(base, 2))


def spread_tells(counts: Ints, least: int) -> bool:
    """Say whether mean and spread of coded answers tell a small count.

    Mean and variance give the sum and the sum of squares of the scores. Counts of four answers one
    beside the other can differ by (1, -3, 3, -1) without changing the two; where no such exchange
    is possible, a small count is taken as told. With two or three answers it always is.

    Parameters
    ----------
    counts : numpy.ndarray of int, shape (answers,)
        Cases by answer, in order.
    least : int
        Smallest count that may be known.

    Returns
    -------
    bool
        True if so.
    """
    few = np.flatnonzero((counts > 0) & (counts < least))
    open_ = np.zeros(len(counts), np.bool_)
    for at in range(len(counts) - len(_EXCHANGE) + 1):
        part = slice(at, at + len(_EXCHANGE))
        for step in (_EXCHANGE, -_EXCHANGE):
            open_[part] |= bool((counts[part] + step >= 0).all())
    return bool((~open_[few]).any())
