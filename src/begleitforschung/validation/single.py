"""Rules that look at single figures and rows: ranges, keys, duplicates, coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd

from begleitforschung.regions import LEVELS, gazetteer, is_key
from begleitforschung.validation.cells import Cells, Floats, Ints, Mask, bounds_text, places
from begleitforschung.validation.rules import (
    CoverageRule,
    DuplicatesRule,
    RangeRule,
    UnknownUnitsRule,
)


def out_of_range(value: Floats, low: Floats, high: Floats) -> Mask:
    """Return which values lie outside bounds.

    Parameters
    ----------
    value : numpy.ndarray of float, shape (n,)
        Values; NaN lies in every range.
    low, high : numpy.ndarray of float, shape (n,) or ()
        Bounds, inclusive; infinite where there is none.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
        True where a value lies outside.
    """
    return np.asarray((value < low) | (value > high))


def check_range(cells: Cells, rule: RangeRule) -> pd.DataFrame:
    """Return the places of values out of range; see `RangeRule`.

    Parameters
    ----------
    cells : Cells
        The figures.
    rule : RangeRule
        The rule.

    Returns
    -------
    pandas.DataFrame
        Places.
    """
    low, high = _bounds_by_indicator(cells, rule)
    broken = out_of_range(cells.value, low[cells.indicator], high[cells.indicator])
    rows = np.flatnonzero(broken)
    of = cells.indicator[rows]
    return places(cells, rows, expected=bounds_text(low[of], high[of]))


def _bounds_by_indicator(cells: Cells, rule: RangeRule) -> tuple[Floats, Floats]:
    low = np.full(len(cells.names), -np.inf)
    high = np.full(len(cells.names), np.inf)
    own = rule.min is None and rule.max is None
    for code in np.flatnonzero(cells.matching(rule.indicators)):
        meaning = cells.indicators.get(cells.names[code])
        if own and meaning is None:
            continue
        least = meaning.valid_min if own and meaning else rule.min
        most = meaning.valid_max if own and meaning else rule.max
        low[code] = -np.inf if least is None else least
        high[code] = np.inf if most is None else most
    return low, high


def check_duplicates(cells: Cells, rule: DuplicatesRule) -> pd.DataFrame:
    """Return the places of all rows whose key stands in several rows.

    Parameters
    ----------
    cells : Cells
        The figures.
    rule : DuplicatesRule
        The rule.

    Returns
    -------
    pandas.DataFrame
        Places.
    """
    del rule
    rows = np.flatnonzero(pd.Series(cells.key).duplicated(keep=False).to_numpy())
    return places(cells, rows, column="unit, year, indicator")


def check_unknown_units(cells: Cells, rule: UnknownUnitsRule) -> pd.DataFrame:
    """Return one place for each unknown unit; see `UnknownUnitsRule`.

    Parameters
    ----------
    cells : Cells
        The figures.
    rule : UnknownUnitsRule
        The rule.

    Returns
    -------
    pandas.DataFrame
        Places; ``n`` is the number of the unit's rows.
    """
    bad = cells.level_of_unit == (-1 if rule.level is None else LEVELS.index(rule.level))
    if rule.level is not None:
        bad &= ~np.isin(cells.units, list(known_units(rule)))
    rows = np.flatnonzero(bad[cells.unit]) if bad.any() else np.zeros(0, np.int64)
    first, n = _first_of_each(cells, rows)
    found = [cells.units[code] for code in cells.unit[first]]
    repaired = ["0" + unit if is_key("0" + unit) and not is_key(unit) else None for unit in found]
    return places(cells, first, value=found, expected=repaired, column="unit", n=n)


def known_units(rule: UnknownUnitsRule) -> frozenset[str]:
    """Return the units that a rule knows, none where it looks for malformed keys.

    Parameters
    ----------
    rule : UnknownUnitsRule
        The rule.

    Returns
    -------
    frozenset of str
        Keys.
    """
    if not rule.gazetteer:
        return frozenset(rule.units)
    listed = gazetteer()
    return frozenset(rule.units) | frozenset(listed.loc[listed["level"] == rule.level, "key"])


def applies(rule: UnknownUnitsRule, gebietsstand: str) -> bool:
    """Return whether a rule's list is valid at a territorial state.

    Parameters
    ----------
    rule : UnknownUnitsRule
        The rule.
    gebietsstand : str
        ISO date or ``"unknown"``.

    Returns
    -------
    bool
        True where the rule needs no gazetteer, or its list is valid at that date.
    """
    return not rule.gazetteer or rule.valid_from <= gebietsstand <= rule.valid_to


def _first_of_each(cells: Cells, rows: Ints) -> tuple[Ints, Ints]:
    """Return the first row of each unit, in the order of files and rows, and its number of rows."""
    ordered = rows[np.lexsort((cells.key[rows], cells.data["row"].to_numpy()[rows]))]
    _, first, n = np.unique(cells.unit[ordered], return_index=True, return_counts=True)
    return ordered[first], n


def check_coverage(cells: Cells, rule: CoverageRule) -> pd.DataFrame:
    """Return one place for each indicator, year and level with too few values.

    Parameters
    ----------
    cells : Cells
        The figures.
    rule : CoverageRule
        The rule.

    Returns
    -------
    pandas.DataFrame
        Places without unit and row; ``value`` is "units with a value / units of the level".
    """
    counts = _counts(cells, cells.scope(rule.indicators))
    counts["share"] = counts["with_value"] / counts["units"]
    short = counts[counts["inside"] & (counts["share"] < rule.min)]
    found = [f"{a}/{b}" for a, b in zip(short["with_value"], short["units"], strict=True)]
    wanted = [f"≥ {rule.min * 100:.15g} %, {LEVELS[level]}" for level in short["level"]]
    result = places(cells, short["row"].to_numpy(np.int64), value=found, expected=wanted)
    return result.assign(unit=None, row=pd.array([pd.NA] * len(result), dtype="Int64"))


def _counts(cells: Cells, chosen: Mask) -> pd.DataFrame:
    """Return units with a value by indicator, level and year, and one row of each."""
    chosen = chosen & (cells.level >= 0)
    rows = np.flatnonzero(chosen)
    n_levels = len(LEVELS)
    group = (cells.indicator[rows] * n_levels + cells.level[rows]) * 4096 + cells.year[rows]
    keys, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    valued = rows[np.isfinite(cells.value[rows])]
    has = np.isfinite(cells.value[rows])
    pairs = pd.unique(inverse[has] * (len(cells.units) + 1) + cells.unit[valued])
    used = cells.level_of_unit[np.bincount(cells.unit, minlength=len(cells.units)) > 0]
    per_level = np.bincount(used[used >= 0], minlength=n_levels)
    series, year = keys // 4096, keys % 4096
    frame = pd.DataFrame({"series": series, "year": year, "level": series % n_levels})
    frame["with_value"] = np.bincount(pairs // (len(cells.units) + 1), minlength=len(keys))
    frame["units"] = per_level[frame["level"]]
    frame["row"] = rows[first]
    years = frame[frame["with_value"] > 0].groupby("series")["year"].agg(["min", "max"])
    span = frame[["series"]].join(years, on="series")
    outside = (frame["year"] < span["min"]) | (frame["year"] > span["max"])
    return frame.assign(inside=~outside)
