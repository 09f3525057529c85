"""Tables that an attacker could believe in as well: deviations that keep all equations.

A deviation z fulfils ``relations @ z == 0``, stays within what anybody believes, and is zero at
every published cell. One that moves a cell by as much as it needs proves that the cell is safe.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.suppression.problem import Need, Problem
from begleitforschung.stats.suppression.solver import OPTIMAL, Solved, program

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_TINY = 1e-9
_RESIDUE = 1e-7
_ROOM = 64  # deviations at first
_PROBES = 6  # deviations in one round that looks for proofs of many needs
_WORTH = 2  # needs that each must prove for another round


class Deviations:
    """Deviations found so far, proofs that needs are met whatever else is suppressed; finds more.

    Parameters
    ----------
    given : Problem
        The table to protect.
    """

    def __init__(self, given: Problem) -> None:
        from scipy import sparse

        self._problem = given
        self._count, room = 0, (_ROOM, len(given.values))
        self._found, self._moves = np.zeros(room), np.zeros(room, bool)
        zero = np.zeros(given.relations.shape[0])
        self._program = program(given.relations, zero, zero)
        self._random = np.random.default_rng(1)
        parted = sparse.hstack([given.relations, -given.relations], format="csr")
        self._parted = program(parted, zero, zero, "bounds")  # ways up, ways down

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
        end = self._count + len(both)
        while end > len(self._found):  # twice the room, so that little is copied
            self._found = np.concatenate([self._found, np.zeros_like(self._found)])
            self._moves = np.concatenate([self._moves, np.zeros_like(self._moves)])
        self._found[self._count : end], self._moves[self._count : end] = both, both != 0
        self._count = end

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
        moves = self._moves[: self._count]
        usable = self._found[: self._count][~(moves & ~hidden).any(axis=1)]
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

    def unproven(self, shares: Floats, needs: Sequence[Need]) -> list[Need]:
        """Look for deviations that prove many needs at once, as long as that pays.

        Parameters
        ----------
        shares : numpy.ndarray, shape (cells,)
            How far each cell is suppressed, from 0 to 1; what is found for a whole pattern is kept.
        needs : sequence of Need
            Needs to look at.

        Returns
        -------
        list of Need
            Those without proof, met or not, in their order.
        """
        groups: dict[tuple[int, ...], list[Need]] = {}
        for need in needs:
            groups.setdefault(need.known, []).append(need)
        left = {id(need) for group in groups.values() for need in self._probed(shares, group)}
        return [need for need in needs if id(need) in left]

    def _probed(self, shares: Floats, needs: list[Need]) -> list[Need]:
        """Narrow the needs of one attacker down to those that no probe proves."""
        ends = -self._problem.below * shares, self._problem.above * shares
        for end in ends:
            end[list(needs[0].known)] = 0.0
        up, down = np.zeros(len(shares)), np.zeros(len(shares))
        whole, worth, before = bool((shares % 1 == 0).all()), _WORTH * _PROBES, len(needs) + 99
        while len(needs) >= worth and before - len(needs) >= worth:
            costs = np.zeros((_PROBES, len(shares)))
            for need in needs:
                upward, downward = up[need.cell] < need.up, down[need.cell] < need.down
                both = self._random.choice([-1.0, 1.0], _PROBES)
                ways = both if upward == downward else np.full(_PROBES, -1.0 if upward else 1.0)
                costs[:, need.cell] = ways * self._random.uniform(0.5, 1.5, _PROBES)
            points = self._solved(costs, *ends).points
            if whole:
                self.add(points)
            up = np.maximum(up, points.max(axis=0))
            down = np.maximum(down, -points.min(axis=0))
            before = len(needs)
            needs = [need for need in needs if lacking(need, up[need.cell], down[need.cell])]
        return needs

    def attacks(self, shares: Floats, needs: Sequence[Need]) -> tuple[Floats, Floats, Floats]:
        """Solve both attacks on each need: as far up and as far down as it goes.

        Parameters
        ----------
        shares : numpy.ndarray, shape (cells,)
            How far each cell is suppressed, from 0 to 1.
        needs : sequence of Need
            The needs.

        Returns
        -------
        tuple of numpy.ndarray
            Reach, factors of the equations and deviations; for each need up first, then down.

        Raises
        ------
        ValueError
            If a linear program fails.
        """
        count, n = 2 * len(needs), len(shares)
        low = np.tile(-self._problem.below * shares, (count, 1))
        high = np.tile(self._problem.above * shares, (count, 1))
        costs = np.zeros((count, n))
        for row, need in enumerate(needs):
            both = slice(2 * row, 2 * row + 2)
            costs[both, need.cell] = -1.0, 1.0
            low[both, list(need.known)] = high[both, list(need.known)] = 0.0
        found = self._solved(costs, low, high)
        return -(costs * found.points).sum(axis=1), found.factors, found.points

    def cheapest(
        self, need: Need, amount: float, pattern: Bools, allowed: Bools, weights: Floats
    ) -> Floats | None:
        """Move a cell by an amount with as little newly suppressed weight as a program sees.

        Parameters
        ----------
        need : Need
            Whose cell is moved, and what its attacker knows.
        amount : float
            By how much, with sign.
        pattern, allowed : numpy.ndarray of bool
            Cells suppressed already, which cost nothing, and those that may be.
        weights : numpy.ndarray, shape (cells,)
            Cost of suppressing each cell.

        Returns
        -------
        numpy.ndarray or None
            The deviation, None if there is none.
        """
        given, n = self._problem, len(pattern)
        high = np.where(np.tile(allowed, 2), np.concatenate([given.above, given.below]), 0.0)
        high[[at + side for at in need.known for side in (0, n)]] = 0.0
        ways = (need.cell, need.cell + n) if amount > 0 else (need.cell + n, need.cell)
        if high[ways[0]] < abs(amount) - _TINY:
            return None
        dear = np.tile(np.where(pattern, 0.0, weights + 1e-6), 2)
        costs = dear / np.clip(high, _TINY, abs(amount))
        low = np.zeros(2 * n)
        low[ways[0]] = high[ways[0]] = min(abs(amount), high[ways[0]])
        high[ways[1]] = 0.0
        found = self._parted.each(np.where(high > 0, costs, 0.0)[None], low, high)
        if found.status[0] != OPTIMAL:
            return None
        moves = found.points[0, :n] - found.points[0, n:]
        return np.where(np.abs(moves) > _TINY * max(1.0, abs(amount)), moves, 0.0)

    def _solved(self, costs: Floats, low: Floats, high: Floats) -> Solved:
        found = self._program.each(costs, low, high)
        if (found.status != OPTIMAL).any():
            raise ValueError("the attacker's linear program failed")
        return found


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
