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
    unit_at = np.cumsum(np.r_[0, unit[order][1:] != unit[order][:-1]])[: order.size]
    parts = [np.empty((4, 0), np.int64)]
    for j in np.flatnonzero(np.isnan(ordered).any(axis=0)):
        there = ~np.isnan(ordered[:, j])
        rows, earlier, later = _sources(there, unit_at, method)
        if limit is not None:
            far = (earlier >= 0) & (clock[rows] - clock[earlier] > limit)
            far |= (later >= 0) & (clock[later] - clock[rows] > limit)
            earlier[far] = later[far] = -1
        part = np.stack([rows, np.full_like(rows, j), earlier, later])
        parts.append(part[:, (earlier >= 0) | (later >= 0)])
    rows, columns, earlier, later = np.concatenate(parts, axis=1)
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


def _sources(there: NDArray[np.bool_], unit_at: Ints, method: str) -> tuple[Ints, Ints, Ints]:
    """Return the missing rows of a column and the rows each takes its value from, -1 without."""
    n = there.size
    rows, place = np.flatnonzero(~there), np.arange(n)
    earlier = np.maximum.accumulate(np.where(there, place, -1))[rows]
    later = np.minimum.accumulate(np.where(there, place, n)[::-1])[::-1][rows]
    unit = unit_at[rows]
    earlier[(earlier >= 0) & (unit_at[earlier] != unit)] = -1
    later[(later == n) | (unit_at[np.minimum(later, n - 1)] != unit)] = -1
    if method == "latest":
        later[:] = -1
    elif method == "constant":
        later[earlier >= 0] = -1
    elif method == "linear":
        single = np.bincount(unit_at[there], minlength=int(unit_at[-1]) + 1)[unit] < 2
        earlier[single] = later[single] = -1
    return rows, earlier, later


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
