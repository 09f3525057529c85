"""Post-stratification and raking: weights that meet the counts of one or several margins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.calibration import Calibrated, CalibrationError


def poststratify_weights(codes: ArrayLike, totals: ArrayLike, weights: ArrayLike) -> Calibrated:
    """Scale the weights of each cell to its known total.

    Parameters
    ----------
    codes : array_like of int, shape (n,)
        Cell of each row, 0 … c - 1.
    totals : array_like, shape (c,)
        Known total of each cell.
    weights : array_like, shape (n,)
        Weights before.

    Returns
    -------
    Calibrated
        Weights ``d N_c / sum(d)`` (Holt & Smith 1979, Journal of the Royal Statistical Society A
        142, 33-46).

    Raises
    ------
    CalibrationError
        If a cell has a total but no row with weight.
    ValueError
        If lengths differ, a code is out of range or a total is negative or not finite.

    Examples
    --------
    >>> poststratify_weights([0, 0, 1], [10, 3], [1, 1, 1]).weights.tolist()
    [5.0, 5.0, 3.0]
    """
    cells, target, d = _margin(codes, totals, weights)
    sums = _sums(cells, d, target.size)
    _no_empty(sums, target)
    g = (target / np.where(sums > 0, sums, 1.0))[cells]
    return Calibrated(weights=d * g, g=g, iterations=1, error=0.0, at_bounds=0)


def rake_weights(
    margins: Sequence[ArrayLike],
    totals: Sequence[ArrayLike],
    weights: ArrayLike,
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 2000,
) -> Calibrated:
    """Scale the weights to each margin in turn until all are met.

    Rows that agree in all margins move together, so that the iteration runs over the cells that
    occur (Deming & Stephan 1940, Annals of Mathematical Statistics 11, 427-444).

    Parameters
    ----------
    margins : sequence of array_like of int, each of shape (n,)
        Class of each row in each margin, 0 … c - 1.
    totals : sequence of array_like, each of shape (c,)
        Known totals of the classes; all margins must have the same sum.
    weights : array_like, shape (n,)
        Weights before.
    tolerance : float
        Largest relative distance from a total.
    max_iterations : int
        Rounds through all margins before the attempt is given up.

    Returns
    -------
    Calibrated
        Weights and diagnostics.

    Raises
    ------
    CalibrationError
        If the sums of two margins differ, a class is empty or the totals are not met.
    ValueError
        If lengths differ, a code is out of range or a total is negative or not finite.
    """
    checked = [_margin(m, t, weights) for m, t in zip(margins, totals, strict=True)]
    if not checked:
        raise ValueError("raking needs at least one margin")
    targets, d = [target for _, target, _ in checked], checked[0][2]
    _same_sum(targets)
    cells, first = _cells([codes for codes, _, _ in checked])
    base = _sums(cells, d, first.size)
    classes = [codes[first] for codes, _, _ in checked]
    for codes, target in zip(classes, targets, strict=True):
        _no_empty(_sums(codes, base, target.size), target)
    mass, error, rounds = base.copy(), np.inf, 0
    while error > tolerance and rounds < max_iterations:
        rounds += 1
        for codes, target in zip(classes, targets, strict=True):
            sums = _sums(codes, mass, target.size)
            mass *= (target / np.where(sums > 0, sums, 1.0))[codes]
        error = float(np.max(_misses(classes, targets, mass)))
    if not error <= tolerance:
        message = f"raking did not converge in {rounds} rounds (largest relative error {error:.2g})"
        raise CalibrationError(message, _misses(classes, targets, mass))
    g = (mass / np.where(base > 0, base, 1.0))[cells]
    return Calibrated(weights=d * g, g=g, iterations=rounds, error=error, at_bounds=0)


def _margin(codes: ArrayLike, totals: ArrayLike, weights: ArrayLike) -> tuple[Ints, Floats, Floats]:
    cells = np.asarray(codes, dtype=np.int64)
    target, d = np.asarray(totals, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if cells.shape != d.shape or cells.ndim != 1:
        raise ValueError("codes and weights must have the same length")
    if cells.size and not (cells.min() >= 0 and cells.max() < target.size):
        raise ValueError("a code has no total")
    if not (np.isfinite(target).all() and (target >= 0).all()):
        raise ValueError("totals must be finite and at least 0")
    return cells, target, d


def _sums(codes: Ints, values: Floats, size: int) -> Floats:
    """Add up the values of each class."""
    return np.bincount(codes, values, size).astype(np.float64, copy=False)


def _cells(margins: list[Ints]) -> tuple[Ints, Ints]:
    """Give each combination of classes a code; return the codes and one row of each."""
    joint = margins[0]
    for codes in margins[1:]:
        joint = joint * (int(codes.max(initial=0)) + 1) + codes
        joint = np.unique(joint, return_inverse=True)[1].reshape(-1)
    _, first, inverse = np.unique(joint, return_index=True, return_inverse=True)
    return inverse.reshape(-1), first


def _no_empty(sums: Floats, target: Floats) -> None:
    empty = (sums <= 0) & (target > 0)
    if empty.any():
        which = ", ".join(str(code) for code in np.flatnonzero(empty)[:10])
        message = f"no row with weight in class {which}, whose total is above 0"
        raise CalibrationError(message, empty.astype(np.float64))


def _same_sum(targets: list[Floats]) -> None:
    sums = np.array([target.sum() for target in targets])
    misses = np.abs(sums / sums[0] - 1)
    if (misses > 1e-9).any():
        raise CalibrationError("the totals of the margins have different sums", misses)


def _misses(classes: list[Ints], targets: list[Floats], mass: Floats) -> Floats:
    """Return the relative distance of every class from its total."""
    parts = [
        np.abs(_sums(codes, mass, target.size) - target) / np.maximum(target, 1e-300)
        for codes, target in zip(classes, targets, strict=True)
    ]
    return np.concatenate([np.where(t > 0, p, 0.0) for p, t in zip(parts, targets, strict=True)])
