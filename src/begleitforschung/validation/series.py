"""Rules that look along a unit's series: jumps, missing years, constant values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from begleitforschung.regions import LEVELS
from begleitforschung.stats import group_means, group_quantiles
from begleitforschung.validation.cells import Cells, Floats, Ints, Mask, as_text, places, texts
from begleitforschung.validation.rules import ConstantSeriesRule, JumpRule, MissingYearsRule

_MAD_TO_SD = 1.4826  # 1 / Φ⁻¹(3/4)
_MEAN_AD_TO_SD = 1.253314  # √(π/2)
_LEAST = 10  # changes of a year below which no distance from the usual change is computed


def robust_z(values: Floats, groups: Ints, n_groups: int) -> Floats:
    """Return the distance of values from the median of their group in robust standard deviations.

    z = |x − median| / (1.4826 · MAD), with MAD the median of |x − median|; where MAD is 0, the
    divisor is 1.2533 · the mean of |x − median| (Iglewicz & Hoaglin 1993, How to Detect and
    Handle Outliers, section 3.3).

    Parameters
    ----------
    values : numpy.ndarray of float, shape (n,)
        Finite values.
    groups : numpy.ndarray of int, shape (n,)
        Group of each value, 0 … n_groups − 1.
    n_groups : int
        Number of groups.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
        Distances; 0 in groups of fewer than 10 values and in constant groups.
    """
    distance = np.abs(values - group_quantiles(values, groups, n_groups, [0.5])[groups, 0])
    spread = _MAD_TO_SD * group_quantiles(distance, groups, n_groups, [0.5])[:, 0]
    mean = _MEAN_AD_TO_SD * group_means(distance, groups, n_groups)
    scale = np.where(spread > 0, spread, mean)[groups]
    enough = np.bincount(groups, minlength=n_groups)[groups] >= _LEAST
    usable = enough & (scale > 0)
    z: Floats = np.divide(distance, scale, out=np.zeros_like(distance), where=usable)
    return z


def check_jump(cells: Cells, rule: JumpRule) -> pd.DataFrame:
    """Return the places of unusual changes against the previous year; see `JumpRule`.

    Parameters
    ----------
    cells : Cells
        The figures.
    rule : JumpRule
        The rule.

    Returns
    -------
    pandas.DataFrame
        Places; ``expected`` is the year before and its value.
    """
    rows, before = _successive(cells, cells.scope(rule.indicators) & np.isfinite(cells.value))
    change = cells.value[rows] - cells.value[before]
    broken = change != 0
    if rule.factor is not None or rule.factor_to is not None:
        factor = _factors(cells, rows, before)
        broken &= factor > (rule.factor or 0)
        if rule.factor_to is not None:
            broken &= factor <= rule.factor_to
    if rule.relative is not None:
        broken &= np.abs(change) > rule.relative * np.abs(cells.value[before])
    if rule.absolute is not None:
        broken &= np.abs(change) > rule.absolute
    if rule.robust_z is not None and broken.any():
        code = (cells.indicator[rows] * len(LEVELS) + cells.level[rows]) * 4096 + cells.year[rows]
        keys, group = np.unique(code, return_inverse=True)
        far = robust_z(change, group, len(keys)) > rule.robust_z
        if (rule.factor, rule.relative, rule.absolute) != (None, None, None):
            far |= np.bincount(group)[group] < _LEAST
        broken &= far
    previous = before[broken]
    pairs = zip(cells.year[previous].tolist(), as_text(cells.value[previous]), strict=True)
    return places(cells, rows[broken], expected=[f"{year}: {value}" for year, value in pairs])


def _factors(cells: Cells, rows: Ints, before: Ints) -> Floats:
    """Return by what factor figures differ from the year before: ≥ 1, whether up or down."""
    now, past = cells.value[rows], cells.value[before]
    large, small = np.maximum(np.abs(now), np.abs(past)), np.minimum(np.abs(now), np.abs(past))
    factor: Floats = np.full(len(rows), np.inf)
    np.divide(large, small, out=factor, where=now * past > 0)
    factor[large == 0] = 1
    zero = (small == 0) & (large > 0)
    if zero.any():  # in a series that is mostly zero, a single figure is nothing unusual
        finite = np.isfinite(cells.value)
        _, series = np.unique(cells.series, return_inverse=True)
        zeros = np.bincount(series, finite & (cells.value == 0))
        mostly = zeros * 2 > np.bincount(series, finite)
        factor[zero & mostly[series[rows]]] = 1
    return factor


def _successive(cells: Cells, chosen: Mask) -> tuple[Ints, Ints]:
    """Return the positions of rows whose series has the previous year too, and of that year."""
    rows = np.flatnonzero(chosen & (cells.level >= 0))
    series, year = cells.series[rows], cells.year[rows]
    next_year = (series[1:] == series[:-1]) & (year[1:] == year[:-1] + 1)
    return rows[1:][next_year], rows[:-1][next_year]


def check_missing_years(cells: Cells, rule: MissingYearsRule) -> pd.DataFrame:
    """Return one place for each year missing inside a series; see `MissingYearsRule`.

    Parameters
    ----------
    cells : Cells
        The figures.
    rule : MissingYearsRule
        The rule.

    Returns
    -------
    pandas.DataFrame
        Places; the row is missing where the file has no row for that year.
    """
    scope = cells.scope(rule.indicators)
    absent = (cells.data["status"] == "missing").to_numpy() & np.isnan(cells.value)
    rows = np.flatnonzero(scope & ~absent & (cells.level >= 0))
    kind = (cells.indicator[rows] * len(LEVELS) + cells.level[rows]) * 512 + cells.season[rows]
    offered, position = np.unique(kind * 4096 + cells.year[rows], return_inverse=True)
    series = cells.series[rows]
    step = np.where(series[1:] == series[:-1], np.diff(position), 0)
    gaps = np.flatnonzero(step > 1)
    counts = step[gaps] - 1
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    year = offered[np.repeat(position[gaps], counts) + 1 + within] % 4096
    return _gap_places(cells, rows[np.repeat(gaps, counts)], year)


def _gap_places(cells: Cells, last_before: Ints, year: Ints) -> pd.DataFrame:
    """Return places of missing years: at their own row where there is one."""
    found = places(cells, last_before, value=[None] * len(year))
    found["year"] = pd.array(year, dtype="Int64")
    found["row"] = pd.array([pd.NA] * len(year), dtype="Int64")
    rows = np.flatnonzero(np.isnan(cells.value))
    key = cells.series[rows] * 4096 + cells.year[rows]
    wanted = cells.series[last_before] * 4096 + year
    at = np.searchsorted(key, wanted)
    has = np.zeros(len(year), np.bool_)
    inside = at < len(key)
    has[inside] = key[at[inside]] == wanted[inside]
    own = cells.data.iloc[rows[at[has]]]
    number = own["row"].astype("Int64").reset_index(drop=True)
    found.loc[has, "row"] = number.mask(number == 0).to_numpy()
    found.loc[has, "file"] = texts(own["file"])
    return found


def check_constant_series(cells: Cells, rule: ConstantSeriesRule) -> pd.DataFrame:
    """Return the first place of each run of equal values; see `ConstantSeriesRule`.

    Parameters
    ----------
    cells : Cells
        The figures.
    rule : ConstantSeriesRule
        The rule.

    Returns
    -------
    pandas.DataFrame
        Places; ``expected`` is the last year of the run, ``n`` its number of figures.
    """
    chosen = cells.scope(rule.indicators) & np.isfinite(cells.value) & (cells.value != 0)
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return places(cells, rows)
    same = (np.diff(cells.series[rows]) == 0) & (np.diff(cells.value[rows]) == 0)
    first = np.flatnonzero(np.concatenate([[True], ~same]))
    length = np.diff(np.append(first, len(rows)))
    long = length >= rule.years
    last = rows[first[long] + length[long] - 1]
    until = [f"… {year}" for year in cells.year[last].tolist()]
    return places(cells, rows[first[long]], expected=until, n=length[long])
