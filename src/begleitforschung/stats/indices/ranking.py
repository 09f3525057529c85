"""Competition ranks of many score vectors at once: the hot loop of sensitivity analysis.

The order of 64-bit floats is that of their bit patterns read as integers. Each score becomes such
an integer whose lowest bits are replaced by the position of its unit, so that one plain sort of
integers orders scores and positions together. Scores that agree in all bits kept are few; they are
put right with the full scores afterwards.

Scores are first rounded to 37 significant bits (11 decimal digits). Their last bits are noise of
adding up: means of the same ranks in another order, or the same mean as a matrix product, differ
there, and without rounding units with equal scores would get ranks that depend on the machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.groups import Floats, Ints

Ranks = NDArray[np.signedinteger[Any]]

_CELLS = 40_000  # one block of keys stays in the second-level cache of a core
_LARGEST = np.int64(np.iinfo(np.int64).max)
_SMALLEST = np.int64(np.iinfo(np.int64).min)
_NOISE = np.int64(2**16)  # rounding unit of a score read as an integer: 16 of its 53 bits
_MOST_UNITS = 2**21  # a place, the bits cut off and a position share 63 bits


def rank_type(n_units: int) -> np.dtype[np.signedinteger[Any]]:
    """Return the smallest signed integer type that holds the ranks of so many units.

    Parameters
    ----------
    n_units : int
        Number of units.

    Returns
    -------
    numpy.dtype
        int16 up to 32,767 units, else int32.
    """
    return np.dtype(np.int16 if n_units <= np.iinfo(np.int16).max else np.int32)


def competition_ranks(scores: ArrayLike, *, out: Ranks | None = None, exact: bool = False) -> Ranks:
    """Rank the units of each row: 1 is the largest score, equal scores share the best rank.

    Ranks are 1, 2, 2, 4: each is one more than the number of larger scores. Scores are equal if
    they agree after rounding to 37 significant bits, a relative step of at most 1.5e-11, which is
    far above the noise of adding up.

    Parameters
    ----------
    scores : array_like, shape (runs, n) or (n,)
        Scores; NaN is unranked.
    out : numpy.ndarray, shape of `scores`, optional
        Where the ranks are written.
    exact : bool
        Whether all bits count, as for figures that nobody has added up.

    Returns
    -------
    numpy.ndarray, shape of `scores`
        Ranks as integers of `rank_type`; 0 where the score is missing.

    Raises
    ------
    ValueError
        If there are more than 2,097,152 units or `out` has another shape.

    Examples
    --------
    >>> competition_ranks([3.0, 7.0, 7.0, float("nan"), 9.0]).tolist()
    [4, 2, 2, 0, 1]
    >>> competition_ranks([0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1]).tolist()
    [1, 1]
    """
    given = np.asarray(scores, np.float64)
    rows = np.ascontiguousarray(np.atleast_2d(given))
    runs, n = rows.shape
    if n > _MOST_UNITS:
        raise ValueError(f"at most {_MOST_UNITS} units are ranked, not {n}")
    ranks = np.empty(rows.shape, rank_type(n)) if out is None else out.reshape(rows.shape)
    step = max(1, min(runs, _CELLS // max(n, 1)))
    work = _Work(step, n)
    for start in range(0, runs if n else 0, step):
        part = slice(start, start + step)
        ranks[part] = _rank_block(rows[part], work, exact)
    return ranks.reshape(given.shape)


class _Work:
    """Arrays that all blocks of `step` runs and `n` units share."""

    __slots__ = (
        "even",
        "in_order",
        "keys",
        "low",
        "offsets",
        "positions",
        "ranks",
        "steps",
        "width",
    )

    def __init__(self, step: int, n: int) -> None:
        self.width = max(1, int(n - 1).bit_length())
        self.low = np.int64((1 << self.width) - 1)
        self.positions = ~np.arange(n, dtype=np.int64)
        self.offsets = np.arange(step, dtype=np.int64)[:, None] * n
        self.in_order = np.tile(np.arange(1, n + 1, dtype=rank_type(n)), (step, 1))
        self.even = np.empty((step, n), np.float64)
        self.keys = np.empty((step, n), np.int64)
        self.steps = np.empty((step, max(n - 1, 0)), np.int64)
        self.ranks = np.empty((step, n), rank_type(n))


def _rank_block(scores: Floats, work: _Work, exact: bool) -> Ranks:
    """Return the ranks of a block; the array is used again for the next."""
    m = len(scores)
    order, steps, low = work.keys[:m], work.steps[:m], work.low
    if not exact:
        scores = _evened(scores, work.even[:m])
    missing = _pack(scores, order, work)
    order.sort(axis=1)
    np.bitwise_xor(order[:, 1:], order[:, :-1], out=steps)
    same = steps.view(np.uint64) <= np.uint64(low)
    np.bitwise_and(order, low, out=order)
    order += work.offsets[:m]
    in_order = work.in_order[:m]
    if same.any():
        in_order = _settled(scores, order, same, work)
    ranks = work.ranks[:m]
    ranks.reshape(-1)[order.reshape(-1)] = in_order.reshape(-1)
    if missing is not None:
        ranks[missing] = 0
    return ranks


def _evened(scores: Floats, even: Floats) -> Floats:
    """Round to 37 significant bits, halves away from zero; the carry moves on to the exponent."""
    bits = even.view(np.int64)
    np.add(scores.view(np.int64), _NOISE >> 1, out=bits)
    np.bitwise_and(bits, -_NOISE, out=bits)
    if np.isnan(scores.min()):
        even[np.isnan(scores)] = np.nan  # whatever its bits were
    return even


def _pack(scores: Floats, keys: Ints, work: _Work) -> NDArray[np.bool_] | None:
    """Write keys that ascend as scores descend and end in the position; say what is missing."""
    if scores.min() > 0:  # false if any is NaN
        np.bitwise_or(scores.view(np.int64), work.low, out=keys)
        np.bitwise_xor(keys, work.positions, out=keys)
        return None
    keys[...] = _ascending(scores)
    missing = np.isnan(scores)
    keys[missing] = _SMALLEST
    np.bitwise_or(keys, work.low, out=keys)
    np.bitwise_xor(keys, work.positions, out=keys)
    return missing if missing.any() else None


def _ascending(scores: Floats) -> Ints:
    """Return integers in the order of the scores; 0.0 and -0.0 are the same one."""
    bits = (scores + 0.0).view(np.int64)
    np.bitwise_xor(bits, (bits >> 63) & _LARGEST, out=bits)
    return bits


def _settled(scores: Floats, order: Ints, same: NDArray[np.bool_], work: _Work) -> Ranks:
    """Bring units whose keys agree into their true order; return the ranks from best to worst.

    `order` (m, n), changed in place, holds flat positions in `scores` from best to worst, and
    `same` (m, n - 1) whether a key agrees with the one before in all bits but the position.
    """
    touched = np.flatnonzero(same.any(axis=1))
    order_of, flat = order[touched], scores.reshape(-1)
    in_order = flat[order_of]
    wrong = np.flatnonzero((in_order[:, 1:] > in_order[:, :-1]).any(axis=1))
    if wrong.size:
        rows = touched[wrong]
        order_of[wrong] = _sorted_again(in_order[wrong], order_of[wrong], same[rows], rows, work)
        order[rows] = order_of[wrong]
        in_order[wrong] = flat[order_of[wrong]]
    ranks = work.in_order[: len(order)].copy()
    best = work.in_order[: len(touched)].copy()
    best[:, 1:][in_order[:, 1:] == in_order[:, :-1]] = 0
    ranks[touched] = np.maximum.accumulate(best, axis=1)
    return ranks


def _sorted_again(
    scores: Floats, order: Ints, same: NDArray[np.bool_], rows: Ints, work: _Work
) -> Ints:
    """Sort by place of the group, then by the bits that the first keys had cut off."""
    keys = np.zeros(scores.shape, np.int64)
    np.cumsum(~same, axis=1, out=keys[:, 1:])
    keys = (keys << work.width) | (~_ascending(scores) & work.low)
    keys = (keys << work.width) | (order - work.offsets[rows])
    keys.sort(axis=1)
    return (keys & work.low) + work.offsets[rows]
