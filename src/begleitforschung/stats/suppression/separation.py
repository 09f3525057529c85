"""Cuts: inequalities that every safe pattern fulfils and the pattern at hand does not.

By duality the reach of an attacker is at most ``sum(coefficient * suppressed)`` for factors of the
equations that the attacker's linear program yields; a need makes that sum a cut. See M. Fischetti
and J. J. Salazar-González, Journal of the American Statistical Association 95 (2000), 916-928.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.suppression.flows import Deviations, lacking
from begleitforschung.stats.suppression.problem import Need, Problem

Floats = NDArray[np.float64]

_COLUMNS = 12_000  # of the programs that are solved in one go


class Cut(NamedTuple):
    """``coefficients @ suppressed >= least``.

    Parameters
    ----------
    coefficients : numpy.ndarray, shape (cells,)
        Not negative.
    least : float
        What is needed.
    """

    coefficients: Floats
    least: float


def cuts(
    given: Problem, shares: Floats, needs: Sequence[Need], proofs: Deviations | None = None
) -> list[Cut]:
    """Find cuts that a pattern, or a fraction of one, breaks.

    Parameters
    ----------
    given : Problem
        The table to protect.
    shares : numpy.ndarray, shape (cells,)
        How far each cell is suppressed, from 0 to 1.
    needs : sequence of Need
        Needs to look at.
    proofs : Deviations, optional
        Where the deviations that the attacker finds are kept; for whole patterns only.

    Returns
    -------
    list of Cut
        None if all needs are met.

    Raises
    ------
    ValueError
        If a linear program fails.
    """
    used = np.flatnonzero(shares > 1e-9)
    size, found = max(1, _COLUMNS // (2 * max(1, len(used)))), []
    for start in range(0, len(needs), size):
        some = needs[start : start + size]
        reach, factors, deviations = _attack(given, shares, used, some)
        if proofs is not None:
            proofs.add(deviations)
        for row, need in enumerate(some):
            up, down = reach[2 * row], reach[2 * row + 1]
            if lacking(need, up, down):
                found += _broken(given, need, (up, down), factors[2 * row : 2 * row + 2])
    return found


def tighten(cut: Cut, shares: Floats) -> Cut | None:
    """Turn a cut of a whole pattern into: at least one more cell that it weighs.

    Parameters
    ----------
    cut : Cut
        A cut.
    shares : numpy.ndarray
        The pattern, 0 or 1, that breaks it.

    Returns
    -------
    Cut or None
        The cut; None if it weighs no further cell.
    """
    further = (cut.coefficients > 1e-9 * cut.least) & (shares < 0.5)
    return Cut(further.astype(np.float64), 1.0) if further.any() else None


def _broken(given: Problem, need: Need, reach: tuple[float, float], factors: Floats) -> list[Cut]:
    """Return the cuts of one need."""
    sides = [_coefficients(given, need, factor, sign)
             for factor, sign in zip(factors, (1.0, -1.0), strict=True)]  # fmt: skip
    asked = (need.up, need.down)
    broken = [
        Cut(side, least)
        for side, least, got in zip(sides, asked, reach, strict=True)
        if got < least - 1e-7 * max(1.0, least)
    ]
    if need.width > 0 and sum(reach) < need.width:
        broken.append(Cut(sides[0] + sides[1], need.width))
    return [Cut(_trimmed(cut.coefficients, cut.least), cut.least) for cut in broken]


def _trimmed(coefficients: Floats, least: float) -> Floats:
    """Cut what is more than needed, which sharpens the cut, and what is only rounding."""
    return np.where(coefficients > 1e-9 * least, np.minimum(coefficients, least), 0.0)


def _coefficients(given: Problem, need: Need, factors: Floats, sign: float) -> Floats:
    """Weigh what each cell can contribute at most to moving the cell of a need."""
    reduced = -(given.relations.T @ factors)
    reduced[need.cell] -= sign
    weighed = np.where(reduced < 0, -reduced * given.above, reduced * given.below)
    weighed[list(need.known)] = 0.0
    return np.asarray(weighed, np.float64)


def _attack(
    given: Problem, shares: Floats, used: NDArray[np.int64], needs: Sequence[Need]
) -> tuple[Floats, Floats, Floats]:
    """Solve both attacks on each need: reaches, factors of the equations, deviations."""
    from scipy import sparse
    from scipy.optimize import linprog

    part = given.relations[:, used]
    rows = np.flatnonzero(np.diff(part.indptr) > 0)
    blocks, n = 2 * len(needs), len(used)
    low = np.tile(-(given.below * shares)[used], (blocks, 1))
    high = np.tile((given.above * shares)[used], (blocks, 1))
    costs = np.zeros((blocks, n))
    for row, need in enumerate(needs):
        costs[2 * row : 2 * row + 2, np.searchsorted(used, need.cell)] = (-1.0, 1.0)
        known = np.flatnonzero(np.isin(used, need.known))
        low[2 * row : 2 * row + 2, known] = high[2 * row : 2 * row + 2, known] = 0.0
    found = linprog(
        costs.ravel(),
        A_eq=sparse.block_diag([part[rows]] * blocks, format="csc"),
        b_eq=np.zeros(blocks * len(rows)),
        bounds=np.stack([low.ravel(), high.ravel()], axis=1),
        method="highs-ds",
    )
    if found.x is None:
        raise ValueError(f"the attacker's linear program failed: {found.message}")
    points = found.x.reshape(blocks, n)
    deviations, factors = (
        np.zeros((blocks, len(shares))),
        np.zeros((blocks, given.relations.shape[0])),
    )
    deviations[:, used] = points
    factors[:, rows] = found.eqlin.marginals.reshape(blocks, len(rows))
    return -(costs * points).sum(axis=1), factors, deviations
