"""The figures as arrays that rules work on, and the places that rules point to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from begleitforschung.regions import LEVELS, is_key, level_of
from begleitforschung.tables import Indicator
from begleitforschung.tables.schema import key_codes

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
PLACE = ("unit", "year", "indicator", "column", "value", "expected", "file", "row", "n")


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Figures with the columns of an `IndicatorTable`, arranged by series and year.

    Parameters
    ----------
    data : pandas.DataFrame
        The rows, in any order; keys may be malformed and rows may be duplicate.
    indicators : mapping of str to Indicator
        Meaning of the indicators; may be incomplete.
    gebietsstand : str
        Territorial state.
    """

    data: pd.DataFrame
    indicators: Mapping[str, Indicator]
    gebietsstand: str

    def __post_init__(self) -> None:
        order = np.argsort(
            series_of(self.data) * 4096 + self.data["year"].to_numpy(np.int64), kind="stable"
        )
        if (np.diff(order) != 1).any():
            arranged = self.data.take(order).reset_index(drop=True)
            object.__setattr__(self, "data", arranged)

    @cached_property
    def unit(self) -> Ints:
        """Code of the unit of each row."""
        return np.asarray(self.data["unit"].cat.codes, np.int64)

    @cached_property
    def indicator(self) -> Ints:
        """Code of the indicator of each row."""
        return np.asarray(self.data["indicator"].cat.codes, np.int64)

    @cached_property
    def year(self) -> Ints:
        """Year of each row."""
        return self.data["year"].to_numpy(np.int64)

    @cached_property
    def value(self) -> Floats:
        """Value of each row, NaN where there is no number."""
        return self.data["value"].to_numpy(np.float64)

    @cached_property
    def level(self) -> Ints:
        """Position in `LEVELS` of each row's unit, -1 for malformed keys."""
        return self.level_of_unit[self.unit]

    @cached_property
    def level_of_unit(self) -> Ints:
        """Position in `LEVELS` of each key, by code; -1 for malformed keys."""
        return levels(self.units)

    @cached_property
    def levels(self) -> frozenset[str]:
        """Levels of the units."""
        return frozenset(LEVELS[code] for code in np.unique(self.level_of_unit) if code >= 0)

    @cached_property
    def units(self) -> list[str]:
        """Keys by code."""
        return [str(name) for name in self.data["unit"].cat.categories]

    @cached_property
    def names(self) -> list[str]:
        """Indicators by code."""
        return [str(name) for name in self.data["indicator"].cat.categories]

    @cached_property
    def key(self) -> Ints:
        """One integer for each different unit, year, indicator and date."""
        return key_codes(self.data)

    @cached_property
    def season(self) -> Ints:
        """Code of month and day of each row, 0 where figures have no date."""
        return season_of(self.data)

    @cached_property
    def series(self) -> Ints:
        """One integer for each different unit, indicator and season."""
        return series_of(self.data)

    def matching(self, patterns: Iterable[str]) -> Mask:
        """Return which indicators fit one of the patterns.

        Parameters
        ----------
        patterns : iterable of str
            Patterns with ``*`` and ``?``.

        Returns
        -------
        numpy.ndarray of bool, shape (indicators,)
            By code of the indicator.
        """
        wanted = list(patterns)
        fits = [any(fnmatchcase(name, pattern) for pattern in wanted) for name in self.names]
        return np.array(fits, np.bool_)

    def scope(self, patterns: Iterable[str]) -> Mask:
        """Return which rows belong to an indicator that fits one of the patterns.

        Parameters
        ----------
        patterns : iterable of str
            Patterns with ``*`` and ``?``.

        Returns
        -------
        numpy.ndarray of bool, shape (rows,)
            One mark per row.
        """
        fits = self.matching(patterns)
        return np.ones(len(self.data), np.bool_) if fits.all() else fits[self.indicator]

    def rows_of(self, indicator: str) -> Ints:
        """Return the positions of an indicator's rows.

        Parameters
        ----------
        indicator : str
            Its identifier.

        Returns
        -------
        numpy.ndarray of int
            Positions, ascending.
        """
        return np.flatnonzero(self.indicator == self.names.index(indicator))

    def moment(self, rows: Ints) -> Ints:
        """Return one integer for each different unit, year and season.

        Parameters
        ----------
        rows : numpy.ndarray of int
            Positions of rows.

        Returns
        -------
        numpy.ndarray of int, shape of `rows`
            Equal where all three are equal.
        """
        return (self.unit[rows] * 4096 + self.year[rows]) * 512 + self.season[rows]


def season_of(data: pd.DataFrame) -> Ints:
    """Return a code of month and day of each row, 0 where figures have no date.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows of a table.

    Returns
    -------
    numpy.ndarray of int64
        Codes below 512.
    """
    if "date" not in data:
        return np.zeros(len(data), np.int64)
    date = data["date"].dt
    return np.asarray((date.month * 32 + date.day).fillna(0), np.int64)


def series_of(data: pd.DataFrame) -> Ints:
    """Return one integer per row for each different unit, indicator and season.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows of a table.

    Returns
    -------
    numpy.ndarray of int64
        Equal exactly where the figures belong to one series.
    """
    unit, indicator = data["unit"].cat, data["indicator"].cat
    code = np.asarray(unit.codes, np.int64) * len(indicator.categories)
    return (code + np.asarray(indicator.codes, np.int64)) * 512 + season_of(data)


def levels(units: Sequence[str]) -> Ints:
    """Return the position in `LEVELS` of each key, -1 where it is malformed.

    Parameters
    ----------
    units : sequence of str
        Keys.

    Returns
    -------
    numpy.ndarray of int64
        Positions.
    """
    return np.array([LEVELS.index(level_of(u)) if is_key(u) else -1 for u in units], np.int64)


def places(
    cells: Cells,
    rows: Ints,
    *,
    value: Sequence[str | None] | None = None,
    expected: Sequence[str | None] | None = None,
    column: str = "value",
    n: Ints | None = None,
) -> pd.DataFrame:
    """Return the places of some rows.

    Parameters
    ----------
    cells : Cells
        The figures.
    rows : numpy.ndarray of int64
        Positions of the rows.
    value : sequence of str, optional
        What was found; by default the value of the row.
    expected : sequence of str, optional
        What it was compared with.
    column : str
        Column of the table that the finding is about.
    n : numpy.ndarray of int64, optional
        Number of rows that each place stands for.

    Returns
    -------
    pandas.DataFrame
        Columns ``unit, year, indicator, column, value, expected, file, row, n``; row 0 becomes
        missing.
    """
    data = cells.data.iloc[rows]
    row = data["row"].astype("Int64").reset_index(drop=True)
    return pd.DataFrame(
        {
            "unit": texts(data["unit"]),
            "year": pd.array(data["year"].to_numpy(), dtype="Int64"),
            "indicator": texts(data["indicator"]),
            "column": column,
            "value": as_text(cells.value[rows]) if value is None else list(value),
            "expected": [None] * len(rows) if expected is None else list(expected),
            "file": texts(data["file"]),
            "row": row.mask(row == 0),
            "n": np.ones(len(rows), np.int64) if n is None else n,
        }
    ).astype(dict.fromkeys(("column", "value", "expected"), object))


def texts(column: pd.Series) -> npt.NDArray[np.object_]:
    """Return a categorical column as texts, ``None`` where it is missing.

    Parameters
    ----------
    column : pandas.Series
        A categorical.

    Returns
    -------
    numpy.ndarray of object
        Texts or ``None``.
    """
    if not len(column):
        return np.empty(0, object)
    known = np.array([*map(str, column.cat.categories), None], object)
    return known[column.cat.codes.to_numpy()]


def as_text(values: Floats) -> list[str | None]:
    """Return numbers with all digits that a double holds (15), ``None`` for NaN.

    Parameters
    ----------
    values : numpy.ndarray of float
        Numbers.

    Returns
    -------
    list of str or None
        With decimal point, without trailing zeros.
    """
    return [None if value != value else format(value, ".15g") for value in values.tolist()]


def bounds_text(low: Floats, high: Floats) -> list[str | None]:
    """Return bounds in signs that need no translation.

    Parameters
    ----------
    low, high : numpy.ndarray of float
        Bounds; infinite where there is none.

    Returns
    -------
    list of str
        ``"0 … 100"``, ``"≥ 0"`` or ``"≤ 100"``.
    """
    pairs = zip(low.tolist(), high.tolist(), strict=True)
    return [_bounds(a, b) for a, b in pairs]


def _bounds(low: float, high: float) -> str:
    if np.isinf(high):
        return f"≥ {low:.15g}"
    return f"≤ {high:.15g}" if np.isinf(low) else f"{low:.15g} … {high:.15g}"
