"""Values of one KPI for all units and years, with status and reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from begleitforschung.frameworks import Expression
from begleitforschung.frameworks.expressions import walk
from begleitforschung.kpis.formulas import evaluate, lagged
from begleitforschung.kpis.grid import Block
from begleitforschung.kpis.sources import Formula
from begleitforschung.results.kpi import inherited_statuses, reasons
from begleitforschung.tables import statuses

Codes = NDArray[np.int8]
REASONS: tuple[str, ...] = tuple(reasons())
STATUSES: tuple[str, ...] = tuple(statuses())


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one KPI.

    Parameters
    ----------
    values : numpy.ndarray, shape (units, years)
        Values, NaN where missing.
    status : numpy.ndarray of int8, shape (units, years)
        Codes within `STATUSES`.
    reason : numpy.ndarray of int8, shape (units, years)
        Codes within `REASONS`, -1 beside values.
    place : numpy.ndarray of int32, shape (units, years)
        Row of the table that was published, -1 where there is none.
    """

    values: NDArray[np.float64]
    status: Codes
    reason: Codes
    place: NDArray[np.int32]


def nothing(shape: tuple[int, int], reason: str) -> Series:
    """Return a KPI without any value.

    Parameters
    ----------
    shape : tuple of int
        Numbers of units and years.
    reason : str
        Why.

    Returns
    -------
    Series
        Missing everywhere.
    """
    codes = np.full(shape, REASONS.index(reason), np.int8)
    status = np.full(shape, _status("missing"), np.int8)
    return Series(np.full(shape, np.nan), status, codes, np.full(shape, -1, np.int32))


def published(block: Block, factor: float) -> Series:
    """Return published values.

    Parameters
    ----------
    block : Block
        Figures of the published indicator.
    factor : float
        From the figures to the KPI.

    Returns
    -------
    Series
        The values.
    """
    values = block.values if factor == 1 else block.values * factor
    status = np.where(block.status < 0, _status("missing"), block.status).astype(np.int8)
    return Series(values, status, _input_reason(block), block.place)


def computed(formula: Formula, years: NDArray[np.int64], block: Callable[[str], Block]) -> Series:
    """Evaluate a formula for all units and years.

    Where several things are missing, the reason is the first of: suppressed, an earlier year,
    the numerator's own reason, the denominator.

    Parameters
    ----------
    formula : Formula
        The formula.
    years : numpy.ndarray of int64, shape (years,)
        Years of the columns.
    block : callable
        Returns the figures of a variable.

    Returns
    -------
    Series
        The values.
    """
    scaled = {name: block(name).values * factor for name, factor in formula.factors.items()}
    above = evaluate(formula.numerator, scaled, years)
    values, zero = above.values * formula.multiplier, above.zero
    if formula.denominator is not None:
        below = evaluate(formula.denominator, scaled, years)
        with np.errstate(all="ignore"):
            values = np.where(below.values == 0, np.nan, values / below.values)
        zero = zero | below.zero | (below.values == 0)
    infinite = np.isinf(values)
    values = np.where(infinite, np.nan, values)
    reason = np.full(values.shape, -1, np.int8)
    if np.isnan(values).any():
        found = np.where(zero, REASONS.index("denominator_zero"), REASONS.index("not_finite"))
        for missing in _missing_inputs(formula, years, block):
            found = np.where(missing >= 0, missing, found)
        reason = np.where(np.isnan(values), found, -1).astype(np.int8)
    status = _computed_status(formula, years, block, reason)
    return Series(values, status, reason, np.full(values.shape, -1, np.int32))


def _missing_inputs(
    formula: Formula, years: NDArray[np.int64], block: Callable[[str], Block]
) -> list[Codes]:
    """Return reasons of missing inputs (-1: none), the weightiest last."""
    steps: dict[str, list[Codes]] = {"below": [], "above": [], "lag": [], "suppressed": []}
    below = REASONS.index("denominator_missing")
    earlier, secret = REASONS.index("lag_missing"), REASONS.index("suppressed")
    parts: list[tuple[str, Expression | None]]
    parts = [("below", formula.denominator), ("above", formula.numerator)]
    for part, expression in parts:
        for name, lag in walk(expression) if expression else ():
            found = _input_reason(block(name.id))
            if lag:
                found = np.asarray(lagged(found, years, lag, earlier), np.int8)
                steps["lag"].append(np.where(found >= 0, earlier, -1).astype(np.int8))
            elif part == "below":
                steps["below"].append(np.where(found >= 0, below, -1).astype(np.int8))
            else:
                steps["above"].append(found)
            steps["suppressed"].append(np.where(found == secret, secret, -1).astype(np.int8))
    return [codes for step in steps.values() for codes in reversed(step)]


def _input_reason(block: Block) -> Codes:
    """Return why each figure is missing, -1 where it is not."""
    by_status = np.full(len(STATUSES), -1, np.int8)
    for code, reason in enumerate(reasons().values()):
        for name in reason.statuses:
            by_status[STATUSES.index(name)] = code
    absent = block.status < 0
    found = np.where(absent, REASONS.index("not_in_year"), by_status[block.status])
    nowhere = absent.all(axis=1, keepdims=True)
    found = np.where(nowhere, REASONS.index("unit_not_covered"), found)
    return np.where(np.isnan(block.values), found, -1).astype(np.int8)


def _computed_status(
    formula: Formula, years: NDArray[np.int64], block: Callable[[str], Block], reason: Codes
) -> Codes:
    """Return the gravest status of the inputs, or that of a missing value."""
    used = list(walk(formula.numerator))
    used += list(walk(formula.denominator)) if formula.denominator else []
    status = np.full(reason.shape, _status("normal"), np.int8)
    for grave in reversed(inherited_statuses()):
        code = _status(grave)
        for name, lag in used:
            given = block(name.id).status
            moved = lagged(given, years, lag, -1) if lag else given
            status = np.where(moved == code, code, status)
    secret = np.where(
        reason == REASONS.index("suppressed"), _status("suppressed"), _status("missing")
    )
    return np.where(reason >= 0, secret, status).astype(np.int8)


def _status(code: str) -> int:
    return STATUSES.index(code)
