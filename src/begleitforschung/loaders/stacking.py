"""Columns of figures side by side, stacked into the tidy columns; keys whose zeros got lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, categorical, merge, under_each_other
from begleitforschung.loaders.figures import Decimal, Figures, as_status, parse_figures
from begleitforschung.loaders.loaded import number_problems
from begleitforschung.tables.status import statuses

Thousands = Literal["", ".", ",", " ", "'"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """How numbers are written.

    Parameters
    ----------
    decimal : {".", ","}
        Decimal sign.
    thousands : str
        Sign between groups of three digits; empty if there is none.
    signs : mapping of str to str
        Texts of this publisher that stand for a status, beside those of official tables.
    """

    decimal: Decimal = "."
    thousands: Thousands = ""
    signs: Mapping[str, str] = field(default_factory=dict)

    def read(self, cells: pd.Categorical) -> Figures:
        """Read a column.

        Parameters
        ----------
        cells : pandas.Categorical
            Texts.

        Returns
        -------
        Figures
            One element per cell.
        """
        texts = [str(text) for text in cells.categories.tolist()]
        sign, at = re.escape(self.thousands), re.escape(self.decimal)
        grouped = re.compile(rf"[+-]?\d{{1,3}}(?:{sign}\d{{3}})+(?:{at}\d+)?")
        plain = ["" if text in self.signs else text for text in texts]
        if self.thousands:
            plain = [
                text.replace(self.thousands, "") if grouped.fullmatch(text) else text
                for text in plain
            ]
        read = parse_figures(merge(cells, plain), decimal=self.decimal)
        if not self.signs:
            return read
        order = list(statuses())
        stated = [order.index(self.signs[t]) if t in self.signs else -1 for t in texts]
        status = np.array(stated, np.int8)[cells.codes]
        own = np.where(status < 0, read.status, status).astype(np.int8)
        return Figures(read.value, own, read.decimals, read.bad)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One column of figures.

    Parameters
    ----------
    column : str
        Name of the column.
    indicator : str or pandas.Categorical
        Code, one for all rows or one for each.
    year : int or array
        Year, one for all rows or one for each.
    """

    column: str
    indicator: str | pd.Categorical
    year: int | NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Columns put under each other.

    Parameters
    ----------
    tidy : pandas.DataFrame
        Columns ``unit, year, indicator, value, status, file, row``.
    decimals : dict
        Most decimal places of each indicator.
    problems : tuple of Finding
        Cells that are neither number nor sign.
    """

    tidy: pd.DataFrame
    decimals: dict[str, int]
    problems: tuple[Finding, ...]


def stack(
    cells: Cells, unit: pd.Categorical, series: Iterable[Series], numbers: Numbers | None = None
) -> Stack:
    """Stack columns of figures.

    Parameters
    ----------
    cells : Cells
        The table.
    unit : pandas.Categorical
        Key of each row.
    series : iterable of Series
        The columns.
    numbers : Numbers, optional
        How numbers are written; a decimal point and no more if not given.

    Returns
    -------
    Stack
        One row per cell.
    """
    columns, how = list(series), numbers or Numbers()
    read = how.read(under_each_other([cells.column(item.column) for item in columns]))
    n, many = len(cells.rows), len(columns)
    year = np.concatenate([np.broadcast_to(np.asarray(s.year, np.int16), n) for s in columns])
    tidy = pd.DataFrame(
        {
            "unit": pd.Categorical.from_codes(np.tile(unit.codes, many), dtype=unit.dtype),
            "year": year,
            "indicator": under_each_other([_spread(item.indicator, n) for item in columns]),
            "value": read.value,
            "status": as_status(read.status),
            "file": pd.Categorical([cells.file]).repeat(n * many),
            "row": np.tile(cells.rows, many),
        }
    )
    problems = [
        found
        for item, bad in zip(columns, np.split(read.bad, many), strict=True)
        for found in number_problems(cells, item.column, bad)
    ]
    names = tidy["indicator"].cat
    most = np.full(len(names.categories), -1, np.int8)  # -1: no cell has it
    np.maximum.at(most, names.codes.to_numpy(), read.decimals)
    decimals = {
        str(code): int(places)
        for code, places in zip(names.categories, most, strict=True)
        if places >= 0
    }
    return Stack(tidy=tidy, decimals=decimals, problems=tuple(problems))


def _spread(indicator: str | pd.Categorical, n: int) -> pd.Categorical:
    return categorical([indicator]).repeat(n) if isinstance(indicator, str) else indicator


def with_zeros(
    cells: Cells, column: str, widths: Mapping[int, int]
) -> tuple[pd.Categorical, list[Finding]]:
    """Give keys that a publisher stores as numbers their leading zeros back.

    Parameters
    ----------
    cells : Cells
        The table.
    column : str
        Name of the column of keys.
    widths : mapping of int to int
        Number of digits without the zero to the number of digits of the key.

    Returns
    -------
    unit : pandas.Categorical
        Keys.
    remarks : list of Finding
        At most one, with the rows concerned.
    """
    given = cells.column(column)
    texts = [str(text) for text in given.categories.tolist()]
    full = [t.zfill(widths.get(len(t), len(t))) if t.isdecimal() else t for t in texts]
    changed = np.array([a != b for a, b in zip(texts, full, strict=True)], bool)[given.codes]
    if not changed.any():
        return given, []
    remark = Finding(
        rule="loader.leading_zeros",
        severity="info",
        text=Text(
            "Schlüssel stehen als Zahlen in der Datei; führende Nullen ergänzt",
            "keys are stored as numbers; leading zeros were put back",
        ),
        file=cells.file,
        row=int(cells.rows[changed][0]),
        column=column,
        n=int(changed.sum()),
    )
    return merge(given, full), [remark]


def not_read(columns: Sequence[str], file: str) -> list[Finding]:
    """Return the remark that columns are not read; none if there are none.

    Parameters
    ----------
    columns : sequence of str
        Their names.
    file : str
        Name of the file.

    Returns
    -------
    list of Finding
        At most one.
    """
    if not columns:
        return []
    shown = ", ".join(name[:60] for name in columns[:30]) + (", …" if len(columns) > 30 else "")
    return [
        Finding(
            rule="loader.columns_not_read",
            severity="info",
            text=Text(f"Spalten nicht gelesen: {shown}", f"columns not read: {shown}"),
            file=file,
            n=len(columns),
        )
    ]


def remark(
    rule: str, text: Text, file: str, *, severity: Literal["warning", "info"] = "info", n: int = 1
) -> Finding:
    """Return a remark about a whole file.

    Parameters
    ----------
    rule : str
        Identifier of the rule.
    text : Text
        What is to be known.
    file : str
        Name of the file.
    severity : {"warning", "info"}
        How much it matters.
    n : int
        Cells, rows or units concerned.

    Returns
    -------
    Finding
        The remark.
    """
    return Finding(rule=rule, severity=severity, text=text, file=file, n=n)
