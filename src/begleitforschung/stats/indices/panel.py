"""Imputation of missing values of a unit from its own values in other years.

Rows may come in any order and the panel may have gaps: values are assigned by unit and year, never
by position.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PanelMethod = Literal["latest", "constant", "linear", "linear_constant"]

PANEL_METHODS: Final = ("latest", "constant", "linear", "linear_constant")


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelImputation:
    """Values after imputation over time, and where each imputed value comes from.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, p)
        Observed and imputed values, NaN where still missing.
    rows, columns : numpy.ndarray of int64, shape (k,)
        The imputed cells.
    before, after : numpy.ndarray, shape (k,)
        Times of the observed values that each was taken from; NaN where none was taken on this
        side. Both are there for an interpolated value.
    """

    values: Floats
    rows: Ints
    columns: Ints
    before: Floats
    after: Floats


def impute_panel(
    x: ArrayLike,
    units: ArrayLike,
    times: ArrayLike,
    method: PanelMethod = "latest",
    *,
    limit: float | None = None,
) -> PanelImputation:
    r"""Impute missing values from the same unit's values in other years.

    - ``latest``: the last value before; nothing before the first;
    - ``constant``: the last value before; before the first, the first;
    - ``linear``: interpolated, :math:`x_0 + (x_1 - x_0)\frac{t - t_0}{t_1 - t_0}`; beyond the
      first and the last value, the nearest; a unit needs two values;
    - ``linear_constant``: the same, and a single value is taken for all years.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, one row per unit and year, NaN where missing.
    units : array_like of int, shape (n,)
        Unit of each row.
    times : array_like, shape (n,)
        Year of each row.
    method : {"latest", "constant", "linear", "linear_constant"}
        See above.
    limit : float, optional
        Most years between a missing value and each value that it is taken from; None sets no
        limit. What is further away is left missing, also at one end of a gap.

    Returns
    -------
    PanelImputation
        Rows in the order of `x`.

    Raises
    ------
    ValueError
        If lengths differ, the method is unknown, a time is missing, or a unit has two rows of the
        same time.

    Examples
    --------
    >>> gap = [[1.0], [float("nan")], [3.0]]
    >>> found = impute_panel(gap, [0, 0, 0], [2020, 2021, 2022], "linear")
    >>> found.values.ravel().tolist(), found.before.tolist(), found.after.tolist()
    ([1.0, 2.0, 3.0], [2020.0], [2022.0])
    """
    values, unit, time = np.asarray(x, np.float64), np.asarray(units), np.asarray(times, np.float64)
    order = _checked(values, unit, time, method)
    ordered, clock = values[order], time[order]
    start = np.flatnonzero(np.r_[True, unit[order][1:] != unit[order][:-1]])
    first = np.repeat(start, np.diff(np.r_[start, order.size]))
    end = np.repeat(np.r_[start[1:], order.size] - 1, np.diff(np.r_[start, order.size]))
    there = ~np.isnan(ordered)
    rows, columns = np.nonzero(~there)
    earlier, later = _neighbours(there, first, end, rows, columns)
    if method == "linear":
        counts = np.add.reduceat(there, start, axis=0)[np.searchsorted(start, first[rows]), columns]
        earlier[counts < 2] = later[counts < 2] = -1
    earlier, later = _chosen(method, earlier, later)
    if limit is not None:
        near_before = (earlier < 0) | (clock[rows] - clock[earlier] <= limit)
        near_after = (later < 0) | (clock[later] - clock[rows] <= limit)
        earlier, later = (np.where(near_before & near_after, side, -1) for side in (earlier, later))
    taken = (earlier >= 0) | (later >= 0)
    rows, columns, earlier, later = (part[taken] for part in (rows, columns, earlier, later))
    found = values.copy()
    found[order[rows], columns] = _between(ordered, clock, rows, columns, earlier, later)
    return PanelImputation(
        values=found,
        rows=order[rows],
        columns=columns,
        before=np.where(earlier >= 0, clock[earlier], np.nan),
        after=np.where(later >= 0, clock[later], np.nan),
    )


def _checked(values: Floats, unit: Ints, time: Floats, method: str) -> Ints:
    """Return the order of the rows by unit and time."""
    if method not in PANEL_METHODS:
        raise ValueError(f"methods are {', '.join(PANEL_METHODS)}, not {method!r}")
    if values.ndim != 2 or unit.shape != values.shape[:1] or time.shape != values.shape[:1]:
        raise ValueError("there must be one unit and one time for each row")
    if np.isnan(time).any():
        raise ValueError("a row has no time")
    order = np.lexsort((time, unit))
    same = (unit[order][1:] == unit[order][:-1]) & (time[order][1:] == time[order][:-1])
    if same.any():
        raise ValueError("a unit has two rows of the same time")
    return order


def _neighbours(
    there: NDArray[np.bool_], first: Ints, end: Ints, rows: Ints, columns: Ints
) -> tuple[Ints, Ints]:
    """Return the rows of the unit's observed values before and after each cell, -1 without."""
    n = there.shape[0]
    place = np.arange(n)[:, None]
    last = np.maximum.accumulate(np.where(there, place, -1), axis=0)[rows, columns]
    following = np.where(there, place, n)[::-1]
    onward = np.minimum.accumulate(following, axis=0)[::-1][rows, columns]
    return np.where(last >= first[rows], last, -1), np.where(onward <= end[rows], onward, -1)


def _chosen(method: str, earlier: Ints, later: Ints) -> tuple[Ints, Ints]:
    """Leave out the neighbours that the method does not use."""
    if method == "latest":
        return earlier, np.full_like(later, -1)
    if method == "constant":
        return earlier, np.where(earlier >= 0, -1, later)
    return earlier, later


def _between(
    ordered: Floats, clock: Floats, rows: Ints, columns: Ints, earlier: Ints, later: Ints
) -> Floats:
    """Interpolate between two neighbours, or take the only one."""
    left = np.where(earlier >= 0, earlier, later)
    right = np.where(later >= 0, later, earlier)
    span = clock[right] - clock[left]
    share = np.where(span > 0, (clock[rows] - clock[left]) / np.where(span > 0, span, 1.0), 0.0)
    a, b = ordered[left, columns], ordered[right, columns]
    return np.asarray(a + (b - a) * share)
