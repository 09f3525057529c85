"""The cheapest safe pattern by integer programming, with a proof or the gap that is left.

M. Fischetti and J. J. Salazar-González, Management Science 47 (2001), 1008-1027: one 0-1 variable
for each cell; the attacker's linear programs add cuts until the cheapest pattern is safe.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.suppression.flows import Deviations
from begleitforschung.stats.suppression.heuristic import first_pattern
from begleitforschung.stats.suppression.master import Master
from begleitforschung.stats.suppression.problem import Problem, UnprotectableError
from begleitforschung.stats.suppression.separation import cuts, tighten

Bools = NDArray[np.bool_]

_FRACTIONAL = 12  # rounds of cuts for fractions of a pattern
_PROGRESS = 1e-4  # growth of the bound below which such rounds end
_CHEAPER = 0.8  # part of the cost that a cell loses which the relaxed program suppresses
_SHAKEN = 0.4  # how much costs are changed at random to find other patterns
_SHOWN = 0.4  # part of the cells that are shown again before
_NODES, _MOST = 50, 20  # nodes of an integer program for each such trial, and trials at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A safe pattern and what is known of its cost.

    Parameters
    ----------
    suppressed : numpy.ndarray of bool, shape (cells,)
        The pattern.
    cost, bound : float
        Its cost, and what no safe pattern can cost less than.
    optimal : bool
        Whether both agree, so that the pattern is proven to be the cheapest.
    seconds : float
        How long the search took.
    """

    suppressed: Bools
    cost: float
    bound: float
    optimal: bool
    seconds: float

    @property
    def gap(self) -> float:
        """Part of the cost that is not proven to be needed."""
        return max(0.0, self.cost - self.bound) / self.cost if self.cost > 0 else 0.0


def optimal_pattern(given: Problem, seconds: float = 60.0, gap: float = 0.0) -> Pattern:
    """Find the cheapest safe pattern, or the best that the time allows; it is safe in any case.

    Parameters
    ----------
    given : Problem
        The table to protect.
    seconds : float
        Time after which the best pattern so far is returned. The first safe pattern may take
        longer.
    gap : float
        Part of the cost that may stay unproven.

    Returns
    -------
    Pattern
        The pattern with its cost and bound.

    Raises
    ------
    UnprotectableError
        If the cells that may be suppressed do not suffice.

    Examples
    --------
    >>> from begleitforschung.stats.suppression.problem import Need, problem
    >>> from begleitforschung.stats.suppression.tables import cell_table
    >>> table = cell_table([[1, 8, 7], [7, 9, 9]])
    >>> found = optimal_pattern(problem(table, [Need(cell=0, up=1, down=1)]))
    >>> found.suppressed.nonzero()[0].tolist(), found.cost, found.optimal
    ([0, 2, 4, 6], 24.0, True)
    """
    return _Search(given, seconds, gap).run()


class _Search:
    """State of one search: the best pattern, the bound, and the proofs gathered."""

    def __init__(self, given: Problem, seconds: float, gap: float) -> None:
        self._given, self._gap = given, gap
        self._start = time.perf_counter()
        self._seconds = seconds
        self._proofs, self._random = Deviations(given), np.random.default_rng(1)
        self._shares = np.zeros(len(given.values))
        self._best = first_pattern(given, proofs=self._proofs, seconds=seconds / 10)
        self._cost, self._bound = given.cost(self._best), given.cost(given.primary)

    def run(self) -> Pattern:
        """Add cuts for fractions first, where they are cheap to find, then for whole patterns."""
        if not self._proven():
            self._master = Master(self._given)
            self._fractions()
            self._guided()
        for number in count(1):
            if self._proven() or self._left() <= 0:
                break
            shares, bound = self._master.solve(self._left(), whole=True)
            self._bound = max(self._bound, bound)
            if shares is None or not self._whole(shares, repair=number & (number - 1) == 0):
                break
            self._nearby(min(_MOST, self._master.nodes // _NODES))
        return Pattern(suppressed=self._best, cost=self._cost, bound=min(self._bound, self._cost),
                       optimal=self._proven(0.0),
                       seconds=time.perf_counter() - self._start)  # fmt: skip

    def _left(self) -> float:
        return self._seconds - (time.perf_counter() - self._start)

    def _proven(self, gap: float | None = None) -> bool:
        part = self._gap if gap is None else gap
        return self._bound >= self._cost * (1 - part) - 1e-7 * max(1.0, self._cost)

    def _fractions(self) -> None:
        """Solve the relaxed master with cuts until its bound hardly grows."""
        for _ in range(_FRACTIONAL):
            if self._proven() or self._left() <= 0:
                return
            shares, bound = self._master.solve(self._left(), whole=False)
            grown = bound > self._bound * (1 + _PROGRESS)
            self._bound = max(self._bound, bound)
            if shares is None:
                return
            self._shares = shares
            found = cuts(self._given, shares, self._given.needs, self._proofs)
            self._master.add(found)
            if not found or not grown:
                return

    def _whole(self, shares: NDArray[np.float64], repair: bool) -> bool:
        """Take a safe pattern or forbid an unsafe one; tell whether the search goes on."""
        pattern = shares > 0.5
        unmet = self._proofs.unmet(pattern, self._given.needs)
        found = cuts(self._given, pattern.astype(np.float64), unmet, self._proofs) if unmet else []
        if not found:
            self._take(pattern)
            return not self._proven()
        further = [tighten(cut, shares) for cut in found]
        self._master.add([*found, *(cut for cut in further if cut is not None)])
        if repair:
            self._try(self._given, pattern)
        return True

    def _guided(self) -> None:
        """Look for a pattern near the relaxed program's: what it suppresses costs less."""
        self._try(replace(self._given, weights=self._given.weights * self._nearer()), None)

    def _nearby(self, trials: int) -> None:
        """Show some cells of the best pattern again and protect what that leaves.

        Costs are shaken so that other patterns are found; every other time as in `_guided`.
        """
        n = len(self._shares)
        for trial in range(trials):
            shaken = self._random.uniform(1 - _SHAKEN, 1 + _SHAKEN, n)
            weights = self._given.weights * shaken * (self._nearer() if trial % 2 else 1.0)
            start = self._best & (self._random.random(n) > _SHOWN)
            self._try(replace(self._given, weights=weights), start)

    def _try(self, trial: Problem, start: Bools | None) -> None:
        """Make a pattern safe while there is time; how long it takes changes nothing else."""
        if not self._proven() and self._left() > 0:
            rest = self._left() / 4
            with suppress(UnprotectableError):  # by rounding only: there is a safe pattern
                self._take(first_pattern(trial, start, seconds=rest, proofs=self._proofs))

    def _nearer(self) -> NDArray[np.float64]:
        return 1 - _CHEAPER * self._shares

    def _take(self, pattern: Bools) -> None:
        """Keep a safe pattern if it is the cheapest so far."""
        cost = self._given.cost(pattern)
        if cost < self._cost:
            self._best, self._cost = pattern, cost
