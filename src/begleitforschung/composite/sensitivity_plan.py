"""Which runs a sensitivity analysis makes: all combinations, or a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from begleitforschung.composite.sensitivity_choices import Range
from begleitforschung.composite.sensitivity_parsing import Choice
from begleitforschung.composite.state import Floats, Ints
from begleitforschung.errors import CompositeError
from begleitforschung.stats.indices.enumeration import factorial_design, factorial_weights
from begleitforschung.stats.indices.sobol import sobol_design

MOST_OUTCOMES = 1_000_000
MOST_CELLS = 200_000_000  # ranks kept: outcomes times units


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunPlan:
    """All runs of an analysis.

    Parameters
    ----------
    choices : tuple of Choice
        What varies.
    exact : bool
        Whether the runs are all combinations.
    n : int
        Base points of a sampled design; runs of an exact one.
    levels : numpy.ndarray of int64, shape (runs, choices)
        Alternative of each choice; -1 for continuous ones.
    points : tuple of numpy.ndarray, each of shape (runs, width)
        Coordinates of each choice; without columns where runs are all combinations.
    odds : numpy.ndarray, shape (runs,), optional
        Probabilities of the combinations, where they are not alike.
    """

    choices: tuple[Choice, ...]
    exact: bool
    n: int
    levels: Ints
    points: tuple[Floats, ...]
    odds: Floats | None = None

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.levels)

    @property
    def sample(self) -> int:
        """Number of the first runs that are a sample of their own: A and B, or all."""
        return self.runs if self.exact else 2 * self.n

    def number(self, choice: int, run: int) -> float:
        """Return what a range, or an alternative by its position, is in a run.

        Parameters
        ----------
        choice, run : int
            Positions.

        Returns
        -------
        float
            Number of the range; the first coordinate of other continuous choices.
        """
        spread = self.choices[choice].spread
        if isinstance(spread, Range):
            return spread.at(float(self.points[choice][run, 0]))
        if self.choices[choice].discrete:
            return float(self.levels[run, choice])
        return float(self.points[choice][run, 0])


def plan_runs(
    choices: Sequence[Choice], n: int, seed: int, units: int, exact: bool | None = None
) -> RunPlan:
    """Plan all combinations of the alternatives where they are few, else scrambled Sobol points.

    Parameters
    ----------
    choices : sequence of Choice
        What varies.
    n : int
        Base points of a sampled design, which has n (d + 2) runs.
    seed : int
        Seed of the points.
    units : int
        Number of units.
    exact : bool, optional
        Ask for one or the other; decided by the number of combinations (at most 1,000,000, and at
        most 200 million ranks) if not given.

    Returns
    -------
    RunPlan
        The runs.

    Raises
    ------
    CompositeError
        If all combinations are asked for and there are too many, or something is continuous.
    """
    discrete = all(choice.discrete for choice in choices)
    outcomes = prod(len(choice.levels) for choice in choices) if discrete else 0
    if exact and not discrete:
        names = ", ".join(f"'{choice.name}'" for choice in choices if not choice.discrete)
        raise CompositeError(f"not all combinations can be run: {names} has no alternatives")
    if exact and outcomes > MOST_OUTCOMES:
        raise CompositeError(f"{outcomes} combinations are too many; at most {MOST_OUTCOMES}")
    if exact is None:
        exact = discrete and outcomes <= MOST_OUTCOMES and outcomes * units <= MOST_CELLS
    return _combinations(choices) if exact else _sampled(choices, n, seed)


def _combinations(choices: Sequence[Choice]) -> RunPlan:
    sizes = [len(choice.levels) for choice in choices]
    levels = factorial_design(sizes)
    odds = [choice.odds for choice in choices]
    uneven = any(item is not None and len(set(item)) > 1 for item in odds)
    return RunPlan(
        choices=tuple(choices),
        exact=True,
        n=len(levels),
        levels=levels,
        points=tuple(np.empty((len(levels), 0)) for _ in choices),
        odds=factorial_weights(sizes, odds) if uneven else None,
    )


def _sampled(choices: Sequence[Choice], n: int, seed: int) -> RunPlan:
    widths = [choice.width for choice in choices]
    if n < 2:
        raise CompositeError(f"a sample needs at least 2 base points, not {n}")
    drawn = sobol_design(n, widths, seed=seed)
    points = np.split(drawn, np.cumsum(widths)[:-1], axis=1)
    levels = np.full((len(drawn), len(choices)), -1, np.int64)
    for column, choice in enumerate(choices):
        if choice.discrete:
            k = len(choice.levels)
            odds = np.full(k, 1 / k) if choice.odds is None else np.asarray(choice.odds)
            edges = np.cumsum(odds)[:-1]
            levels[:, column] = np.searchsorted(edges, points[column][:, 0], side="right")
    return RunPlan(choices=tuple(choices), exact=False, n=n, levels=levels, points=tuple(points))
