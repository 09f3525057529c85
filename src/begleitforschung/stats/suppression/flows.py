"""Tables that an attacker could believe in as well: deviations that keep all equations.

A deviation z fulfils ``relations @ z == 0``, stays within what anybody believes, and is zero at
every published cell. One that moves a cell by as much as it needs proves that the cell is safe.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.suppression.problem import Need, Problem

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_TINY = 1e-9
_RESIDUE = 1e-7


class Deviations:
    """Deviations found so far: proofs that needs are met, whatever else is suppressed.

    Parameters
    ----------
    given : Problem
        The table to protect.
    """

    def __init__(self, given: Problem) -> None:
        self._problem = given
        self._found = np.zeros((0, len(given.values)))
        self._moves = np.zeros((0, len(given.values)), bool)

    def add(self, deviations: Floats) -> None:
        """Keep deviations, each stretched as far as it goes to both sides.

        Parameters
        ----------
        deviations : numpy.ndarray, shape (m, cells)
            Feasible deviations.
        """
        largest = np.abs(deviations).max(axis=1, keepdims=True, initial=0.0)
        clean = np.where(np.abs(deviations) <= _TINY * np.maximum(1.0, largest), 0.0, deviations)
        clean = clean[clean.any(axis=1)]
        both = np.concatenate([clean, -clean])
        room = np.where(both > 0, self._problem.above, self._problem.below)
        with np.errstate(divide="ignore", invalid="ignore"):
            stretch = np.where(both != 0, room / np.abs(both), np.inf).min(axis=1)
            # What a solver leaves of an equation grows along: it must stay below its tolerance.
            left = np.abs(self._problem.relations @ both.T).max(axis=0, initial=0.0)
            stretch = np.minimum(stretch, np.maximum(1.0, _RESIDUE / left))
        both = (both * stretch[:, None])[stretch > 0]
        self._found = np.concatenate([self._found, both])
        self._moves = np.concatenate([self._moves, both != 0])

    def reach(self, pattern: Bools, known: Sequence[int] = ()) -> tuple[Floats, Floats]:
        """Tell how far the deviations move each cell if a pattern is suppressed.

        Parameters
        ----------
        pattern : numpy.ndarray of bool
            Suppressed cells.
        known : sequence of int
            Cells that the attacker knows.

        Returns
        -------
        tuple of numpy.ndarray
            Reach above and below the value of each cell.
        """
        hidden = pattern.copy()
        hidden[list(known)] = False
        usable = self._found[~(self._moves & ~hidden).any(axis=1)]
        return usable.max(axis=0, initial=0.0), -usable.min(axis=0, initial=0.0)

    def unmet(self, pattern: Bools, needs: Sequence[Need]) -> list[Need]:
        """Name the needs that no deviation proves to be met.

        Parameters
        ----------
        pattern : numpy.ndarray of bool
            Suppressed cells.
        needs : sequence of Need
            Needs to look at.

        Returns
        -------
        list of Need
            Those without proof.
        """
        reaches = {known: self.reach(pattern, known) for known in {need.known for need in needs}}
        return [
            need
            for need in needs
            if lacking(need, *(float(side[need.cell]) for side in reaches[need.known]))
        ]


def lacking(need: Need, up: float, down: float) -> bool:
    """Tell whether a reach is too short for a need.

    Parameters
    ----------
    need : Need
        What the cell needs.
    up, down : float
        How far it can be moved.

    Returns
    -------
    bool
        Whether anything lacks.
    """
    slack = 1e-7 * max(1.0, need.up, need.down, need.width)
    return up < need.up - slack or down < need.down - slack or up + down < need.width - slack


def cheapest(
    given: Problem, need: Need, amount: float, pattern: Bools, allowed: Bools
) -> Floats | None:
    """Move a cell by an amount with as little newly suppressed weight as a linear program sees.

    Parameters
    ----------
    given : Problem
        The table to protect.
    need : Need
        Whose cell is moved, and what its attacker knows.
    amount : float
        By how much, with sign.
    pattern, allowed : numpy.ndarray of bool
        Cells suppressed already, which cost nothing, and those that may be.

    Returns
    -------
    numpy.ndarray or None
        The deviation, None if there is none.
    """
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    usable = allowed.copy()
    usable[list(need.known)] = False
    cells = np.flatnonzero(usable)
    part = given.relations[:, cells]
    part = part[np.diff(part.indptr) > 0]
    rooms = np.concatenate([given.above[cells], given.below[cells]])
    free = np.tile(pattern[cells], 2)
    weights = np.tile(given.weights[cells], 2)
    costs = np.where(free, 0.0, (weights + 1e-6) / np.clip(rooms, _TINY, abs(amount)))
    at = int(np.searchsorted(cells, need.cell))
    low, high = np.zeros(len(rooms)), rooms.copy()
    ways = (at, at + len(cells)) if amount > 0 else (at + len(cells), at)
    if high[ways[0]] < abs(amount) - _TINY:
        return None
    low[ways[0]] = high[ways[0]] = min(abs(amount), high[ways[0]])
    high[ways[1]] = 0.0
    found = milp(costs, constraints=LinearConstraint(sparse.hstack([part, -part]), 0.0, 0.0),
                 bounds=Bounds(low, high), options={"presolve": False})  # fmt: skip
    if found.x is None:
        return None
    deviation = np.zeros(len(given.values))
    moves = found.x[: len(cells)] - found.x[len(cells) :]
    deviation[cells] = np.where(np.abs(moves) > _TINY * max(1.0, abs(amount)), moves, 0.0)
    return deviation
