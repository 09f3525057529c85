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

_TOGETHER = 64  # needs that are attacked in one go


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


def cuts(given: Problem, shares: Floats, needs: Sequence[Need], proofs: Deviations) -> list[Cut]:
    """Find cuts that a pattern, or a fraction of one, breaks.

    Parameters
    ----------
    given : Problem
        The table to protect.
    shares : numpy.ndarray, shape (cells,)
        How far each cell is suppressed, from 0 to 1.
    needs : sequence of Need
        Needs to look at.
    proofs : Deviations
        What solves the attacks; it keeps those on a whole pattern.

    Returns
    -------
    list of Cut
        None if all needs are met.

    Raises
    ------
    ValueError
        If a linear program fails.
    """
    whole, found = bool((shares % 1 == 0).all()), []
    doubtful = proofs.unproven(shares, needs)
    for start in range(0, len(doubtful), _TOGETHER):
        some = doubtful[start : start + _TOGETHER]
        reach, factors, deviations = proofs.attacks(shares, some)
        if whole:
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
