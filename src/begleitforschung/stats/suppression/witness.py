"""Other answers that agree with all that is published, so that nobody knows which are true."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_STEPS = 12  # moves before the search starts again from the true answers


def witnessed(
    codes: Ints,
    shown: tuple[Bools, Floats],
    hidden: tuple[Bools, Floats],
    agrees: Callable[[Ints], bool],
    *,
    seed: int = 0,
    moves: int = 4000,
    looks: int = 300,
) -> tuple[Bools, Bools]:
    """Search other answers under which hidden sums differ and all that is shown stays.

    At random, one case gets another answer or two cases exchange theirs, as in the 2 × 2 moves of
    Diaconis & Sturmfels (1998, Annals of Statistics 26, 363-397); a move that changes a shown sum
    is not made. Answers that agree with the figures shown are witnesses for the hidden sums that
    they change. A sum without one may be told or not: the search is no proof of that.

    Parameters
    ----------
    codes : numpy.ndarray of int, shape (n,)
        Answer of each case, counted from 0.
    shown, hidden : (numpy.ndarray of bool, shape (sums, n), numpy.ndarray, shape (sums, answers))
        Cases of each sum, and what each answer counts in it.
    agrees : callable
        Whether answers give the figures that are shown and are no sums.
    seed : int
        Seed of the moves.
    moves : int
        Moves to try.
    looks : int
        How often `agrees` is asked at most.

    Returns
    -------
    lower, higher : numpy.ndarray of bool, shape (hidden sums,)
        Whether other answers were found under which the sum is so.
    """
    draw = np.random.default_rng(seed)
    found = np.zeros((2, len(hidden[0])), np.bool_)
    true = _sums(codes, hidden)
    now, steps = codes.copy(), 0
    for one, other in draw.integers(0, max(len(codes), 1), (moves if len(codes) else 0, 2)):
        if found.all() or not looks:
            break
        alone = bool(draw.integers(2))
        if now[one] == now[other] or _changes(now, one, other, shown, alone=alone):
            continue
        now[one], now[other] = now[other], now[other] if alone else now[one]
        steps += 1
        sums = _sums(now, hidden)
        differs = np.array([sums < true, sums > true])
        if (differs & ~found).any():
            looks -= 1
            if agrees(now):
                found |= differs
        if steps == _STEPS:
            now, steps = codes.copy(), 0
    return found[0], found[1]


def _sums(codes: Ints, of: tuple[Bools, Floats]) -> Floats:
    masks, scores = of
    return np.asarray((masks * scores[:, codes]).sum(axis=1))


def _changes(
    codes: Ints, one: int, other: int, shown: tuple[Bools, Floats], *, alone: bool
) -> bool:
    """Say whether a sum changes if two cases exchange answers, or one gives that of the other."""
    masks, scores = shown
    apart = masks[:, one] if alone else masks[:, one] != masks[:, other]
    return bool((scores[apart, codes[one]] != scores[apart, codes[other]]).any())
