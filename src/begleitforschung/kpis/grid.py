"""The figures of a table as arrays of units and years, one indicator at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from begleitforschung.errors import ValidationError
from begleitforschung.regions.keys import check_keys
from begleitforschung.tables import IndicatorTable


@dataclass(frozen=True, slots=True)
class Block:
    """All figures of one indicator.

    Parameters
    ----------
    values : numpy.ndarray, shape (units, years)
        Values, NaN where there is none.
    status : numpy.ndarray of int8, shape (units, years)
        Codes of the status, -1 where the table has no row.
    place : numpy.ndarray of int32, shape (units, years)
        Row of the table's data, -1 where there is none.
    """

    values: NDArray[np.float64]
    status: NDArray[np.int8]
    place: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Grid:
    """A table laid out by unit and year.

    Parameters
    ----------
    table : IndicatorTable
        The figures.
    units : tuple of str
        Units of the rows of all arrays.
    years : numpy.ndarray of int64, shape (years,)
        Years of their columns, ascending.
    asked : numpy.ndarray of bool, shape (units, years)
        Cells that were asked for.
    """

    table: IndicatorTable
    units: tuple[str, ...]
    years: NDArray[np.int64]
    asked: NDArray[np.bool_]

    @cached_property
    def _keys(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Position of each row of the table within a (units, years) array, and by indicator."""
        data = self.table.data
        of_unit = {unit: i for i, unit in enumerate(self.units)}
        code = np.array([of_unit.get(str(u), -1) for u in data["unit"].cat.categories], np.int64)
        year = np.searchsorted(self.years, data["year"].to_numpy(np.int64))
        place = code[data["unit"].cat.codes.to_numpy()] * len(self.years) + year
        order = np.argsort(data["indicator"].cat.codes.to_numpy(), kind="stable")
        return place, order

    @cached_property
    def _bounds(self) -> NDArray[np.int64]:
        codes = self.table.data["indicator"].cat.codes.to_numpy()
        kinds = len(self.table.data["indicator"].cat.categories)
        return np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=kinds))])

    def block(self, indicator: str) -> Block:
        """Return the figures of one indicator.

        Parameters
        ----------
        indicator : str
            Its identifier, which the table holds.

        Returns
        -------
        Block
            Values, status codes and rows.

        Raises
        ------
        ValidationError
            If figures of several dates stand in one year.
        """
        data = self.table.data
        code = list(data["indicator"].cat.categories).index(indicator)
        place, order = self._keys
        rows = order[self._bounds[code] : self._bounds[code + 1]]
        rows = rows[place[rows] >= 0]
        cells = place[rows]
        size = len(self.units) * len(self.years)
        where = np.full(size, -1, np.int32)
        where[cells] = rows
        if np.count_nonzero(where >= 0) < len(rows):
            raise ValidationError(
                f"several dates of {indicator!r} stand in one year; select one date first"
            )
        values = np.full(size, np.nan)
        values[cells] = data["value"].to_numpy()[rows]
        status = np.full(size, -1, np.int8)
        status[cells] = data["status"].cat.codes.to_numpy()[rows]
        shape = (len(self.units), len(self.years))
        return Block(values.reshape(shape), status.reshape(shape), where.reshape(shape))


def lay_out(
    table: IndicatorTable,
    units: Iterable[str] | None = None,
    years: Iterable[int] | None = None,
) -> Grid:
    """Lay out a table by unit and year.

    Parameters
    ----------
    table : IndicatorTable
        The figures.
    units : iterable of str, optional
        Units asked for; without them, the pairs of unit and year that the table holds.
    years : iterable of int, optional
        Years asked for.

    Returns
    -------
    Grid
        Arrays of all units asked for, and all years of the table and asked for.

    Raises
    ------
    ValidationError
        If a unit asked for is no key.
    """
    held = _held_years(table)
    keys = _held_units(table) if units is None else tuple(dict.fromkeys(units))
    if problems := check_keys(keys):
        raise ValidationError("these units can't be asked for:", findings=problems)
    wanted = held if years is None else tuple(sorted(set(years)))
    span = np.array(sorted({*held, *wanted}), np.int64)
    grid = Grid(table, keys, span, np.zeros((len(keys), len(span)), np.bool_))
    if units is None:
        place, _ = grid._keys
        asked = grid.asked.ravel()
        asked[place[place >= 0]] = True
        if years is not None:
            # Years that the table does not hold are asked of every unit that it holds.
            asked.reshape(grid.asked.shape)[:, ~np.isin(span, held)] = True
    else:
        grid.asked[:] = True
    grid.asked[:, ~np.isin(span, wanted)] = False
    return grid


def _held_units(table: IndicatorTable) -> tuple[str, ...]:
    """Return the units that have rows, without sorting millions of rows."""
    column = table.data["unit"].cat
    counts = np.bincount(column.codes.to_numpy(), minlength=len(column.categories))
    return tuple(sorted(str(u) for u, n in zip(column.categories, counts, strict=True) if n))


def _held_years(table: IndicatorTable) -> tuple[int, ...]:
    years = table.data["year"].to_numpy(np.int64)
    first = int(years.min()) if len(years) else 0
    return tuple(int(year) + first for year in np.flatnonzero(np.bincount(years - first)))
