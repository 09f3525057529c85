"""Calibrated designs: new weights together with what their variance needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.calibration import (
    Bounds,
    Calibrated,
    CalibrationError,
    Distance,
    calibrate_weights,
    column_norms,
)
from begleitforschung.stats.sampling.design import Design, Residuals
from begleitforschung.stats.sampling.estimates import AnyDesign
from begleitforschung.stats.sampling.raking import poststratify_weights, rake_weights
from begleitforschung.stats.sampling.replicates import Replicates, replicate_degrees
from begleitforschung.stats.sampling.residuals import (
    CellResiduals,
    MarginResiduals,
    RegressionResiduals,
)
from begleitforschung.stats.sampling.sums import group_totals
from begleitforschung.stats.sampling.trimming import trim_weights


def calibrate(
    design: AnyDesign,
    x: ArrayLike,
    totals: ArrayLike,
    *,
    distance: Distance = "linear",
    bounds: Bounds | None = None,
    clusters: ArrayLike | None = None,
    tolerance: float = 1e-12,
) -> tuple[AnyDesign, Calibrated]:
    """Calibrate a design to totals (GREG, generalised raking, logit, bounded).

    Parameters
    ----------
    design : Design or Replicates
        How the rows were drawn; of replicates each one is calibrated.
    x : array_like, shape (n, p)
        Calibration variables.
    totals : array_like, shape (p,)
        Known totals.
    distance, bounds, tolerance
        See `calibrate_weights`.
    clusters : array_like of int, shape (n,), optional
        Units, coded 0 … c - 1, whose rows get the same ratio: x and the weights before are
        averaged within them (Lemaître & Dufour 1987, Survey Methodology 13, 199-207).

    Returns
    -------
    design : Design or Replicates
        With calibrated weights; variances are those of the residuals.
    calibrated : Calibrated
        Weights and diagnostics of the full sample.

    Raises
    ------
    CalibrationError
        If the totals are not met, in the full sample or in a replicate.
    ValueError
        If shapes do not fit.
    """
    matrix = np.asarray(x, dtype=np.float64)
    codes = None if clusters is None else np.asarray(clusters, dtype=np.int64)
    matrix = matrix if codes is None else _average(matrix, codes)

    def fit(weights: Floats) -> Calibrated:
        even = weights if codes is None else _average(weights[:, None], codes)[:, 0]
        made = calibrate_weights(
            matrix, totals, even, distance=distance, bounds=bounds, tolerance=tolerance
        )
        return made if codes is None else replace(made, weights=weights * made.g)

    def residuals(before: Floats, after: Floats) -> Residuals:
        even = before if codes is None else _average(before[:, None], codes)[:, 0]
        return RegressionResiduals(x=matrix, basis=_basis(matrix, even), before=even, after=after)

    return _apply(design, fit, residuals)


def poststratify(
    design: AnyDesign, codes: ArrayLike, totals: ArrayLike
) -> tuple[AnyDesign, Calibrated]:
    """Post-stratify a design.

    Parameters
    ----------
    design : Design or Replicates
        How the rows were drawn; of replicates each one is post-stratified.
    codes : array_like of int, shape (n,)
        Cell of each row, 0 … c - 1.
    totals : array_like, shape (c,)
        Known totals.

    Returns
    -------
    design : Design or Replicates
        With new weights; variances are those of the deviations from the cells' means.
    calibrated : Calibrated
        Weights and diagnostics of the full sample.

    Raises
    ------
    CalibrationError
        If a cell has a total but no row with weight.
    ValueError
        If lengths differ.
    """
    cells = np.asarray(codes, dtype=np.int64)
    return _apply(
        design,
        lambda weights: poststratify_weights(cells, totals, weights),
        lambda before, after: CellResiduals(codes=cells, before=before, after=after),
    )


def rake(
    design: AnyDesign,
    margins: Sequence[ArrayLike],
    totals: Sequence[ArrayLike],
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 2000,
    weighted_residuals: bool = False,
) -> tuple[AnyDesign, Calibrated]:
    """Rake a design to margins.

    Parameters
    ----------
    design : Design or Replicates
        How the rows were drawn; of replicates each one is raked.
    margins, totals : sequence of array_like
        Classes of each row and known totals, see `rake_weights`.
    tolerance, max_iterations
        See `rake_weights`.
    weighted_residuals : bool
        Whether the residuals of the variance are weighted by the design weights, as in Deville &
        Särndal (1992), instead of unweighted as in R survey.

    Returns
    -------
    design : Design or Replicates
        With raked weights; variances are those of the deviations from the margins' means.
    calibrated : Calibrated
        Weights and diagnostics of the full sample.

    Raises
    ------
    CalibrationError
        If the margins are not met, in the full sample or in a replicate.
    ValueError
        If lengths differ.
    """
    classes = tuple(np.asarray(codes, dtype=np.int64) for codes in margins)
    return _apply(
        design,
        lambda weights: rake_weights(
            classes, totals, weights, tolerance=tolerance, max_iterations=max_iterations
        ),
        lambda before, after: MarginResiduals(
            margins=classes, before=before, after=after, weighted=weighted_residuals
        ),
    )


def trim(
    design: AnyDesign, *, lower: float = -np.inf, upper: float = np.inf, strict: bool = True
) -> AnyDesign:
    """Trim the weights of a design, and of each replicate.

    Parameters
    ----------
    design : Design or Replicates
        How the rows were drawn.
    lower, upper, strict
        See `trim_weights`.

    Returns
    -------
    Design or Replicates
        With trimmed weights; what they were calibrated on before stays part of the variance, as in
        R survey, though the totals are no longer met exactly.

    Raises
    ------
    ValueError
        If no weights between the bounds have the same sum.
    """
    if isinstance(design, Design):
        weights = trim_weights(design.weights, lower=lower, upper=upper, strict=strict)
        return replace(design, weights=weights)

    def fit(weights: Floats) -> Calibrated:
        kept = trim_weights(weights, lower=lower, upper=upper, strict=strict)
        return Calibrated(weights=kept, g=kept, iterations=1, error=0.0, at_bounds=0)

    return _replicated(design, fit)[0]


def _apply(
    design: AnyDesign,
    fit: Callable[[Floats], Calibrated],
    residuals: Callable[[Floats, Floats], Residuals],
) -> tuple[AnyDesign, Calibrated]:
    """Calibrate the full sample, and each replicate; keep what the variance needs."""
    if not isinstance(design, Design):
        return _replicated(design, fit)
    made = fit(design.weights)
    step = residuals(design.weights, made.weights)
    return replace(design, weights=made.weights, residuals=(*design.residuals, step)), made


def _replicated(
    design: Replicates, fit: Callable[[Floats], Calibrated]
) -> tuple[Replicates, Calibrated]:
    """Change the weights of the full sample and of each replicate."""
    made = fit(design.weights)
    columns = (block[:, column] for block in design.blocks() for column in range(block.shape[1]))
    factors = np.column_stack([_fit_one(fit, r, w) for r, w in enumerate(columns)])
    moved = replace(
        design,
        weights=made.weights,
        factors=factors,
        scaled=np.ones(design.n),
        unit=None,
        df=replicate_degrees(factors),
    )
    return moved, made


def _fit_one(fit: Callable[[Floats], Calibrated], replicate: int, weights: Floats) -> Floats:
    """Calibrate one replicate; where that fails, say which."""
    try:
        return fit(weights).weights
    except CalibrationError as error:
        raise CalibrationError(f"replicate {replicate + 1}: {error}", error.errors) from error


def _average(values: Floats, codes: Ints) -> Floats:
    """Return the mean of each row's cluster."""
    size = np.bincount(codes)
    means: Floats = (group_totals(values, codes, size.size) / size[:, None])[codes]
    return means


def _basis(x: Floats, weights: Floats) -> Floats:
    """Return an orthonormal basis of the columns of sqrt(w) x, dependent ones left out."""
    scaled = x / column_norms(x, weights) * np.sqrt(weights)[:, None]
    left, size, _ = np.linalg.svd(scaled, full_matrices=False)
    return left[:, size > size[0] * 1e-11]
