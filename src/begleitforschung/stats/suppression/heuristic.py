"""A safe pattern quickly: needs are met one after the other, then spare cells shown again.

After J. P. Kelly, B. L. Golden and A. A. Assad, Networks 22 (1992), 397-417: each need is met by
the cheapest deviation that a linear program finds; cells suppressed for earlier needs cost nothing.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.suppression.flows import Deviations, lacking
from begleitforschung.stats.suppression.problem import Need, Problem, UnprotectableError

Bools = NDArray[np.bool_]

_PARTS = (1.0, 0.5, 0.25)  # of a width that is asked of one side, if the whole cannot be had


def first_pattern(
    given: Problem,
    start: Bools | None = None,
    seconds: float = 0.5,
    proofs: Deviations | None = None,
) -> Bools:
    """Find a safe pattern.

    Parameters
    ----------
    given : Problem
        The table to protect.
    start : numpy.ndarray of bool, optional
        Cells to suppress besides those with needs, e.g. a pattern that is nearly safe.
    seconds : float
        How long to look for cells that can be shown again; safety comes first.
    proofs : Deviations, optional
        Deviations known already; new ones are added.

    Returns
    -------
    numpy.ndarray of bool
        Suppressed cells.

    Raises
    ------
    UnprotectableError
        If the cells that may be suppressed do not suffice.

    Examples
    --------
    >>> from begleitforschung.stats.suppression.problem import problem
    >>> from begleitforschung.stats.suppression.tables import cell_table
    >>> table = cell_table([[1, 8, 7], [7, 9, 9]])
    >>> found = first_pattern(problem(table, [Need(cell=0, up=1, down=1)]))
    >>> found.nonzero()[0].tolist()
    [0, 2, 4, 6]
    """
    known = proofs or Deviations(given)
    pattern = given.primary.copy() if start is None else given.primary | start
    hard = []
    doubtful = known.unproven(pattern.astype(np.float64), known.unmet(pattern, given.needs))
    for need in sorted(doubtful, key=_size, reverse=True):
        if not _meet(given, need, pattern, known):
            hard.append(need.cell)
    if hard:
        raise UnprotectableError(hard)
    return spare(given, pattern, known, seconds)


def spare(given: Problem, pattern: Bools, proofs: Deviations, seconds: float) -> Bools:
    """Show cells again, dearest first, as long as all needs stay met.

    Parameters
    ----------
    given : Problem
        The table to protect.
    pattern : numpy.ndarray of bool
        A safe pattern.
    proofs : Deviations
        Deviations that prove it; new ones are added.
    seconds : float
        When to stop.

    Returns
    -------
    numpy.ndarray of bool
        A safe pattern of the same cells or fewer.
    """
    end, kept = time.perf_counter() + seconds, pattern.copy()
    extra = np.flatnonzero(pattern & ~given.primary)
    for cell in extra[np.argsort(-given.weights[extra], kind="stable")]:
        if time.perf_counter() > end:
            break
        fewer = kept.copy()
        fewer[cell] = False
        if all(_meet(given, need, fewer, proofs, fewer)
               for need in proofs.unmet(fewer, given.needs)):  # fmt: skip
            kept = fewer
    return kept


def _size(need: Need) -> float:
    return max(need.up, need.down, need.width)


def _meet(
    given: Problem, need: Need, pattern: Bools, proofs: Deviations, allowed: Bools | None = None
) -> bool:
    """Meet one need; the cells that it takes join the pattern in place."""
    may = given.allowed if allowed is None else allowed
    for part in _PARTS:
        for sign in (1.0, -1.0):
            up, down = (float(side[need.cell]) for side in proofs.reach(pattern, need.known))
            if not lacking(need, up, down):
                return True
            amount, other = (need.up, down) if sign > 0 else (need.down, up)
            have = up if sign > 0 else down
            if need.width > 0:
                amount = max(amount, (need.width - other) * part)
            if amount <= have:
                continue
            moved = proofs.cheapest(need, sign * amount, pattern, may, given.weights)
            if moved is not None:
                pattern |= moved != 0
                proofs.add(moved[None])
        if need.width == 0:
            break
    up, down = (float(side[need.cell]) for side in proofs.reach(pattern, need.known))
    return not lacking(need, up, down)
