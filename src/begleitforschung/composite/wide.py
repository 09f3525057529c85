"""Long and wide tables of figures as one matrix: rows of units and years."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.composite.state import Floats, Ints, Rows
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.tables.construct import UNIT_NAMES, YEAR_NAMES


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WideFrame:
    """Figures by unit and year.

    Parameters
    ----------
    rows : Rows
        Units and years.
    columns : tuple of str
        All numeric columns there are.
    values : mapping of str to numpy.ndarray
        The columns that were asked for and are there.
    filled : mapping of str to numpy.ndarray of bool
        Which of their values were imputed by whoever supplied them.
    groups : mapping of str to numpy.ndarray of object, shape (units,)
        Text columns: group of each unit.
    dated : bool
        Whether years are known.
    """

    rows: Rows
    columns: tuple[str, ...]
    values: Mapping[str, Floats]
    filled: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    groups: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)
    dated: bool = True

    @property
    def sha256(self) -> str:
        """Checksum of units, years and the columns that were asked for."""
        names = json.dumps([self.rows.units, list(self.values)])
        digest = hashlib.sha256(names.encode())
        for values in (self.rows.unit, self.rows.year, *self.values.values()):
            digest.update(np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).data)
        return digest.hexdigest()

    def column(self, name: str) -> Floats:
        """Return one column.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        numpy.ndarray, shape (rows,)
            Values, NaN where missing.

        Raises
        ------
        UnknownCodeError
            If there is none.
        """
        if name not in self.values:
            raise UnknownCodeError(name, self.columns, "figures")
        return self.values[name]

    def select(self, names: Sequence[str], what: str) -> Floats:
        """Return several columns as a matrix.

        Parameters
        ----------
        names : sequence of str
            Columns.
        what : str
            What they are for, for messages.

        Returns
        -------
        numpy.ndarray, shape (rows, columns)
            Values, NaN where missing.

        Raises
        ------
        UnknownCodeError
            If one is not there; names the nearest.
        """
        for name in names:
            if name not in self.values:
                raise UnknownCodeError(name, self.columns, what)
        found = np.empty((len(self.rows), len(names)))
        for number, name in enumerate(names):
            found[:, number] = self.values[name]
        return found

    def imputed(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """Return which values were imputed before they came here.

        Parameters
        ----------
        names : sequence of str
            Columns.

        Returns
        -------
        numpy.ndarray of bool, shape (rows, columns)
            True where the status says so.
        """
        found = np.zeros((len(self.rows), len(names)), np.bool_)
        for number, name in enumerate(names):
            if name in self.filled:
                found[:, number] = self.filled[name]
        return found

    def align(self, name: str, rows: Rows) -> Floats:
        """Return one column for other rows.

        Parameters
        ----------
        name : str
            Column.
        rows : Rows
            Units and years asked for.

        Returns
        -------
        numpy.ndarray, shape (rows,)
            Values, NaN where there is none; without years the same for all years.

        Raises
        ------
        UnknownCodeError
            If there is no such column.
        """
        values = self.column(name)
        place = {unit: number for number, unit in enumerate(self.rows.units)}
        unit = np.array([place.get(u, -1) for u in rows.units], np.int64)[rows.unit]
        years = np.unique(self.rows.year)
        grid = np.full((len(self.rows.units) + 1, len(years)), np.nan)
        grid[self.rows.unit, np.searchsorted(years, self.rows.year)] = values
        if not self.dated:
            return np.asarray(grid[unit, 0])
        at = np.searchsorted(years, rows.year)
        known = (at < len(years)) & (years[np.minimum(at, len(years) - 1)] == rows.year)
        return np.where(known, grid[unit, np.minimum(at, len(years) - 1)], np.nan)


def long_frame(data: pd.DataFrame, key: str, names: Sequence[str]) -> WideFrame:
    """Lay out a long table with the columns ``unit, year, value, status``.

    Parameters
    ----------
    data : pandas.DataFrame
        The table; unit and key are categories.
    key : str
        Column that says what a value is of.
    names : sequence of str
        What is asked for.

    Returns
    -------
    WideFrame
        One row for each pair of unit and year that has a row of something asked for.

    Raises
    ------
    ValidationError
        If figures of several dates stand in one year.
    """
    labels = [str(item) for item in data[key].cat.categories]
    held = [name for name in names if name in labels]
    column = np.full(len(labels) + 1, -1, np.int64)  # the last one is for rows without key
    column[[labels.index(name) for name in held]] = np.arange(len(held))
    at = column[data[key].cat.codes.to_numpy()]
    chosen = slice(None) if (at >= 0).all() else np.flatnonzero(at >= 0)
    unit_names, unit_code = _sorted_units(data["unit"])
    year = data["year"].to_numpy(np.int64)[chosen]
    first = int(year.min()) if len(year) else 0
    cell = (year - first) * len(unit_names) + unit_code[chosen]
    there = np.zeros(int(cell.max()) + 1 if len(cell) else 0, np.bool_)
    there[cell] = True
    pairs = np.flatnonzero(there)
    count = max(len(unit_names), 1)
    rows = Rows(units=unit_names, unit=pairs % count, year=pairs // count + first)
    flat = at[chosen] * len(pairs) + (np.cumsum(there) - 1)[cell]
    _refuse_dates(flat, held, len(pairs))
    matrix = np.full((len(held), len(pairs)), np.nan)
    matrix.ravel()[flat] = data["value"].to_numpy(np.float64)[chosen]
    filled = np.zeros(matrix.shape, np.bool_)
    filled.ravel()[flat] = _imputed(data["status"])[chosen]
    return WideFrame(
        rows=rows,
        columns=tuple(labels),
        values=dict(zip(held, matrix, strict=True)),
        filled=dict(zip(held, filled, strict=True)),
    )


def _refuse_dates(flat: Ints, names: Sequence[str], rows: int) -> None:
    counts = np.bincount(flat, minlength=0)
    if counts.max(initial=0) > 1:
        name = names[int(np.argmax(counts)) // rows]
        raise ValidationError(f"several dates of {name!r} stand in one year; select one date first")


def _imputed(status: pd.Series) -> NDArray[np.bool_]:
    """Return which figures whoever supplied them had imputed."""
    known = [str(item) for item in status.cat.categories]
    if "imputed" not in known:
        return np.zeros(len(status), np.bool_)
    return np.asarray(status.cat.codes.to_numpy() == known.index("imputed"))


def wide_frame(
    data: pd.DataFrame, names: Sequence[str], year: int | None, *, dated: bool = True
) -> WideFrame:
    """Lay out a wide table: units in the index or a column, one column per indicator.

    Parameters
    ----------
    data : pandas.DataFrame
        The table; text columns are groupings of the units.
    names : sequence of str
        What is asked for.
    year : int, optional
        Year of all rows, where the table has none.
    dated : bool
        Whether a year is needed.

    Returns
    -------
    WideFrame
        Rows by year, within a year in the order of the table.

    Raises
    ------
    ValidationError
        If units or years are missing, doubled or ambiguous, or a column asked for holds texts.
    """
    doubled = sorted({str(name) for name in data.columns[data.columns.duplicated()]})
    if doubled:
        raise ValidationError(
            f"columns that stand in the DataFrame more than once: {', '.join(doubled)}; "
            "rename or drop one of each"
        )
    frame, unit_name, year_name = _keyed(data, year, dated)
    units = [str(item) for item in frame[unit_name]]
    labels = tuple(dict.fromkeys(units))
    place = {unit: number for number, unit in enumerate(labels)}
    code = np.array([place[unit] for unit in units], np.int64)
    when = _years(frame, year_name, year)
    order = np.lexsort((np.arange(len(code)), when))
    rows = Rows(units=labels, unit=code[order], year=when[order])
    _refuse_doubles(rows)
    keys = {unit_name, year_name}
    dtypes = dict(zip(frame.columns, frame.dtypes, strict=True))
    numeric = {c for c, dtype in dtypes.items() if pd.api.types.is_numeric_dtype(dtype)}
    _refuse_no_numbers(frame, [c for c in names if c in dtypes], numeric)
    held = [name for name in names if name in dtypes]
    matrix = frame[held].to_numpy(np.float64, na_value=np.nan)[order]
    groups = {}
    first = np.unique(code, return_index=True)[1]
    for column in dtypes:
        if column not in keys and column not in numeric:
            labels_of = frame[column].astype(object).to_numpy()[first]
            groups[str(column)] = np.array([None if x != x else x for x in labels_of], object)
    return WideFrame(
        rows=rows,
        columns=tuple(str(c) for c in dtypes if c in numeric and c not in keys),
        values=dict(zip(held, matrix.T, strict=True)),
        groups=groups,
        dated=year_name is not None or year is not None,
    )


def _refuse_no_numbers(frame: pd.DataFrame, names: Sequence[str], numeric: set[str]) -> None:
    texts = [str(name) for name in names if name not in numeric]
    if texts:
        raise ValidationError(f"columns of indicators hold texts: {', '.join(texts)}")
    twofold = [str(name) for name in names if pd.api.types.is_complex_dtype(frame[name])]
    if twofold:
        raise ValidationError(
            f"columns of indicators hold complex numbers: {', '.join(twofold)}; an index is made "
            "of real numbers, e.g. frame[name].map(abs)"
        )


def _keyed(
    data: pd.DataFrame, year: int | None, dated: bool
) -> tuple[pd.DataFrame, str, str | None]:
    """Return the table with units and years as columns, and their names."""
    frame = data
    if isinstance(data.index, pd.MultiIndex) or not _has(data, UNIT_NAMES):
        if isinstance(data.index, pd.RangeIndex):
            raise ValidationError(
                "the DataFrame has no units: put them into the index or a column 'unit' "
                f"(columns: {', '.join(map(str, data.columns[:12]))})"
            )
        names_of = [None if n is None else str(n) for n in data.index.names]
        levels = [n or ("unit", "year")[min(i, 1)] for i, n in enumerate(names_of)]
        frame = data.rename_axis(levels).reset_index()
        unit_name = levels[0] if levels[0] not in YEAR_NAMES else levels[-1]
    else:
        unit_name = _has(data, UNIT_NAMES)[0]
    if frame[unit_name].isna().any():
        raise ValidationError(f"column '{unit_name}' has rows without a unit")
    if pd.api.types.is_numeric_dtype(frame[unit_name]):
        raise ValidationError(f"column '{unit_name}' holds numbers; keys of units are texts")
    found = _has(frame, YEAR_NAMES)
    if not found and year is None and dated:
        raise ValidationError("the DataFrame has no column 'year'; say which year: year=…")
    return frame, unit_name, found[0] if found else None


def _has(data: pd.DataFrame, names: Sequence[str]) -> list[str]:
    return [name for name in names if name in data.columns]


def _years(frame: pd.DataFrame, name: str | None, year: int | None) -> Ints:
    if name is None:
        return np.full(len(frame), 0 if year is None else year, np.int64)
    if not pd.api.types.is_integer_dtype(frame[name]) or frame[name].isna().any():
        raise ValidationError(f"column '{name}' must hold whole numbers, the years")
    return frame[name].to_numpy(np.int64)


def _refuse_doubles(rows: Rows) -> None:
    cells = rows.year * max(len(rows.units), 1) + rows.unit
    unique, counts = np.unique(cells, return_counts=True)
    if (counts > 1).any():
        at = int(np.flatnonzero(cells == unique[counts > 1][0])[0])
        raise ValidationError(f"{rows.name(at)} stands in several rows of the DataFrame")


def _sorted_units(column: pd.Series) -> tuple[tuple[str, ...], Ints]:
    """Return the units in order of their keys, and the position of each row's unit."""
    names = np.array([str(item) for item in column.cat.categories], dtype=object)
    order = np.argsort(names, kind="stable") if len(names) else np.empty(0, np.int64)
    back = np.empty(len(names), np.int64)
    back[order] = np.arange(len(names))
    return tuple(names[order]), back[column.cat.codes.to_numpy()]
