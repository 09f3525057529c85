"""Older GENESIS layouts with one column per value, brought into the layout of 2025."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding
from begleitforschung.loaders.cells import Cells, categorical, merge, under_each_other
from begleitforschung.loaders.figures import parse_figures
from begleitforschung.loaders.genesis import load_flat
from begleitforschung.loaders.loaded import Loaded, number_problems


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueColumn:
    """One column of figures.

    Parameters
    ----------
    name : str
        Name of the column in `Cells`.
    code, label, unit : str
        Code and label of the value, its unit of measure.
    time : str
        Time of all its figures; empty if the rows have their own.
    """

    name: str
    code: str
    label: str
    unit: str
    time: str = ""


def load_wide(
    cells: Cells,
    keys: Mapping[str, pd.Categorical],
    values: Sequence[ValueColumn],
    *,
    variables: int,
    districts: bool,
    names: Mapping[str, str],
) -> Loaded:
    """Read figures that stand in one column per value.

    Parameters
    ----------
    cells : Cells
        The table.
    keys : mapping of str to pandas.Categorical
        Columns of the layout of 2025 that the rows state.
    values : sequence of ValueColumn
        The columns of figures.
    variables : int
        Number of the variables in `keys`.
    districts : bool
        Keep the districts and cities that stand in a county table beside their county.
    names : mapping of str to str
        Columns of the layout of 2025 to those of the file, for findings.

    Returns
    -------
    Loaded
        Rows, meanings and findings.
    """
    stacked = _stacked(cells, keys, values)
    figures = parse_figures(stacked.column("value"), decimal=",")
    if figures.bad.any():
        by_column = zip(values, np.split(figures.bad, len(values)), strict=True)
        problems = [f for item, bad in by_column for f in number_problems(cells, item.name, bad)]
        return Loaded(tidy=pd.DataFrame(), problems=tuple(problems))
    loaded = load_flat(stacked, range(1, variables + 1), districts=districts, figures=figures)

    def named(items: Sequence[Finding]) -> tuple[Finding, ...]:
        return tuple(
            replace(item, column=names.get(item.column or "", item.column)) for item in items
        )

    return replace(loaded, findings=named(loaded.findings), problems=named(loaded.problems))


def mapped(given: pd.Categorical, change: Callable[[str], str]) -> pd.Categorical:
    """Return cells whose different texts are changed.

    Parameters
    ----------
    given : pandas.Categorical
        Cells.
    change : callable
        From text to text.

    Returns
    -------
    pandas.Categorical
        The changed cells.
    """
    return merge(given, [change(str(text)) for text in given.categories.tolist()])


def constant(text: str, n: int) -> pd.Categorical:
    """Return a column that holds one text.

    Parameters
    ----------
    text : str
        The text.
    n : int
        Number of rows.

    Returns
    -------
    pandas.Categorical
        The column.
    """
    return pd.Categorical.from_codes(
        np.zeros(n, np.int32), categories=pd.Index([text], dtype="str")
    )


def _stacked(
    cells: Cells, keys: Mapping[str, pd.Categorical], values: Sequence[ValueColumn]
) -> Cells:
    """Put the columns of figures below each other, each with code, label and unit."""
    n, times = len(cells.rows), len(values)
    columns = {
        name: pd.Categorical.from_codes(np.tile(column.codes, times), dtype=column.dtype)
        for name, column in keys.items()
    }

    def per_column(texts: Sequence[str]) -> pd.Categorical:
        return categorical(texts).repeat(n)

    columns["value_variable_code"] = per_column([item.code for item in values])
    columns["value_variable_label"] = per_column([item.label for item in values])
    columns["value_unit"] = per_column([item.unit for item in values])
    if "time" not in columns:
        columns["time"] = per_column([item.time for item in values])
    columns["value"] = under_each_other([cells.column(item.name) for item in values])
    return Cells(pd.DataFrame(columns), np.tile(cells.rows, times), cells.file)
