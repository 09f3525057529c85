"""Rules that compare figures with each other: parts and whole, units and larger units, ratios."""

from __future__ import annotations

import numpy as np
import pandas as pd

from begleitforschung.regions import LEVELS, Level
from begleitforschung.validation.cells import (
    Cells,
    Floats,
    Ints,
    Mask,
    as_text,
    bounds_text,
    places,
)
from begleitforschung.validation.rules import RatioRule, SumOfPartsRule, SumOfUnitsRule
from begleitforschung.validation.single import out_of_range

_DIGITS: dict[Level, int] = {"germany": 0, "land": 2, "regierungsbezirk": 3, "kreis": 5}
_CHILDREN: tuple[Level, ...] = ("land", "regierungsbezirk", "kreis", "gemeinde")
_NOISE = 1e-9  # of sums of doubles, relative


def apart(found: Floats, wanted: Floats, absolute: float, relative: float) -> Floats:
    """Return how far sums lie from what they should be, beyond the tolerance.

    Parameters
    ----------
    found, wanted : numpy.ndarray of float, shape (n,)
        Sums and what they should be; NaN where either is unknown.
    absolute, relative : float
        Tolerance is max(absolute, relative · |wanted|), at least the noise of floating point.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
        found − wanted where that exceeds the tolerance, else 0; 0 for NaN.
    """
    size = np.abs(wanted)
    tolerance = np.maximum(absolute, relative * size) + _NOISE * np.maximum(size, 1.0)
    difference = found - wanted
    return np.where(np.abs(difference) > tolerance, difference, 0.0)


def check_sum_of_parts(cells: Cells, rule: SumOfPartsRule) -> pd.DataFrame:
    """Return the places of wholes that differ from the sum of their parts.

    Parameters
    ----------
    cells : Cells
        The figures.
    rule : SumOfPartsRule
        The rule.

    Returns
    -------
    pandas.DataFrame
        Places of the whole, or of the first part where the whole is a constant.
    """
    names = (rule.whole or rule.parts[0], *rule.parts)
    rows, values = _aligned(cells, names)
    total = np.asarray(values[:, 1:].sum(axis=1))
    whole = values[:, 0] if rule.whole else np.full(len(rows), rule.total)
    broken = apart(total, whole, rule.tolerance, rule.relative_tolerance) != 0
    if rule.whole:
        return places(cells, rows[broken], expected=_sums(total[broken]))
    wanted = f"Σ = {rule.total:.15g}"
    return places(cells, rows[broken], value=_sums(total[broken]), expected=[wanted] * broken.sum())


def check_ratio(cells: Cells, rule: RatioRule) -> pd.DataFrame:
    """Return the places of numerators whose ratio to the denominator is out of bounds.

    Parameters
    ----------
    cells : Cells
        The figures.
    rule : RatioRule
        The rule.

    Returns
    -------
    pandas.DataFrame
        Places; ``expected`` names the ratio and its bounds.
    """
    rows, values = _aligned(cells, (rule.numerator, rule.denominator))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = values[:, 0] / values[:, 1]
    low = np.full(len(rows), -np.inf if rule.min is None else rule.min)
    high = np.full(len(rows), np.inf if rule.max is None else rule.max)
    broken = out_of_range(ratio, low, high)
    bounds = bounds_text(low[broken], high[broken])
    found = as_text(ratio[broken])
    wanted = [
        f"{rule.numerator} / {rule.denominator} = {a}: {b}"
        for a, b in zip(found, bounds, strict=True)
    ]
    return places(cells, rows[broken], expected=wanted)


def _aligned(cells: Cells, names: tuple[str, ...]) -> tuple[Ints, Floats]:
    """Return the rows of the first indicator and the values of all in the same unit and year.

    Values have the shape (rows, names); NaN where an indicator has no figure there. Of duplicate
    keys the first row counts.
    """
    rows = _unique_rows(cells, names[0])
    moment = cells.moment(rows)
    values = np.full((len(rows), len(names)), np.nan)
    for position, name in enumerate(names):
        other = _unique_rows(cells, name)
        at = pd.Index(cells.moment(other)).get_indexer(pd.Index(moment))
        values[at >= 0, position] = cells.value[other[at[at >= 0]]]
    return rows, values


def _unique_rows(cells: Cells, name: str) -> Ints:
    rows = cells.rows_of(name)
    _, first = np.unique(cells.moment(rows), return_index=True)
    return rows[first]


def _sums(values: Floats) -> list[str | None]:
    return [f"Σ = {value}" for value in as_text(values)]


def check_sum_of_units(cells: Cells, rule: SumOfUnitsRule) -> pd.DataFrame:
    """Return the places of larger units whose smaller units don't add up; see `SumOfUnitsRule`.

    Parameters
    ----------
    cells : Cells
        The figures.
    rule : SumOfUnitsRule
        The rule.

    Returns
    -------
    pandas.DataFrame
        Places of the larger units; ``expected`` names the sum and the level of its parts.
    """
    additive = [name for name, item in cells.indicators.items() if item.aggregation == "sum"]
    chosen = cells.scope(rule.indicators) & cells.scope(additive)
    found = [
        _pair(cells, rule, chosen, child, parent)
        for child in _CHILDREN
        for parent in _DIGITS
        if _below(child, parent) and {child, parent} <= cells.levels
    ]
    found = [frame for frame in found if len(frame)]
    return pd.concat(found, ignore_index=True) if found else places(cells, np.zeros(0, np.int64))


def _below(child: Level, parent: Level) -> bool:
    return child != parent and _DIGITS.get(child, 8) > _DIGITS[parent]


def _pair(
    cells: Cells, rule: SumOfUnitsRule, chosen: Mask, child: Level, parent: Level
) -> pd.DataFrame:
    small = np.flatnonzero(chosen & (cells.level == LEVELS.index(child)))
    large = np.flatnonzero(chosen & (cells.level == LEVELS.index(parent)))
    if not len(small) or not len(large):
        return places(cells, np.zeros(0, np.int64))
    above = _parents(cells, parent)
    where = pd.MultiIndex.from_arrays(_keys(cells, small, above[cells.unit[small]]))
    sums = pd.Series(cells.value[small], index=where).groupby(level=[0, 1, 2, 3])
    by_key = sums.agg(["sum", "count", "size", "min"])
    at = pd.MultiIndex.from_arrays(_keys(cells, large, cells.unit[large]))
    total: Floats = by_key.reindex(at).to_numpy(np.float64)
    unknown = (total[:, 1] < total[:, 2]) | (total[:, 1] == 0)
    difference = apart(total[:, 0], cells.value[large], rule.tolerance, rule.relative_tolerance)
    too_much = (difference > 0) & (total[:, 3] >= 0)
    all_known = (difference != 0) & ~unknown
    broken = np.flatnonzero(too_much | all_known if rule.children == "all" else too_much)
    wanted = [f"{text} ({child})" for text in _sums(total[broken, 0])]
    return places(cells, large[broken], expected=wanted)


def _keys(cells: Cells, rows: Ints, unit: Ints) -> list[Ints]:
    return [unit, cells.indicator[rows], cells.year[rows], cells.season[rows]]


def _parents(cells: Cells, parent: Level) -> Ints:
    """Return the code of the larger unit around each unit, by code; -1 where it is absent.

    The table holds at least one unit of the level `parent`.
    """
    position = {unit: code for code, unit in enumerate(cells.units)}
    if parent == "germany":
        return np.full(len(cells.units), np.argmax(cells.level_of_unit == LEVELS.index(parent)))
    digits = _DIGITS[parent]
    return np.array([position.get(unit[:digits], -1) for unit in cells.units], np.int64)
