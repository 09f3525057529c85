"""Lists of events (accidents, registrations): rows counted or added up by unit and year."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding
from begleitforschung.loaders.cells import Cells
from begleitforschung.loaders.figures import as_status
from begleitforschung.loaders.layout import Column, Layout
from begleitforschung.loaders.loaded import number_problems
from begleitforschung.loaders.stacking import Stack
from begleitforschung.tables.status import statuses


def count_events(
    cells: Cells,
    unit: pd.Categorical,
    year: int | NDArray[np.int16],
    suffix: pd.Categorical | None,
    layout: Layout,
) -> Stack:
    """Count the events of each unit and year.

    A unit without any event in a year has no row there: whether it lay in the area of the list
    is not known. A unit with events has 0 for those kinds of which it has none.

    Parameters
    ----------
    cells : Cells
        One row per event.
    unit : pandas.Categorical
        Unit of each row.
    year : int or array
        Year, one for all rows or one for each.
    suffix : pandas.Categorical, optional
        Further dimensions as part of the code.
    layout : Layout
        What is counted.

    Returns
    -------
    Stack
        Counts; their `row` is 0, as each is made of many rows.
    """
    keys = {"unit": unit, "year": np.broadcast_to(np.asarray(year, np.int16), len(cells.rows))}
    parts: list[pd.DataFrame] = []
    decimals: dict[str, int] = {}
    problems: list[Finding] = []
    for item in layout.indicators:
        amount, places, bad = _amount(cells, item, layout)
        problems += bad
        frame = pd.DataFrame({**keys, "value": amount})
        frame["indicator"] = item.id
        if suffix is not None:
            frame["indicator"] += pd.Series(suffix.astype(object))
        sums = frame.groupby(["unit", "year", "indicator"], observed=True)["value"].sum()
        parts.append(sums.reset_index())
        decimals |= dict.fromkeys(parts[-1]["indicator"].unique().tolist(), places)
    tidy = pd.concat(parts, ignore_index=True).assign(row=0)
    tidy["indicator"] = tidy["indicator"].astype("category")
    normal = list(statuses()).index("normal")
    tidy["status"] = as_status(np.full(len(tidy), normal, np.int8))
    tidy["file"] = pd.Categorical([cells.file]).repeat(len(tidy))
    return Stack(tidy=tidy, decimals=decimals, problems=tuple(problems))


def _amount(
    cells: Cells, item: Column, layout: Layout
) -> tuple[NDArray[np.float64], int, list[Finding]]:
    """Return what each row adds, its decimal places, and cells that can't be read."""
    counts = np.ones(len(cells.rows), bool)
    for name, wanted in item.where.items():
        counts &= np.asarray(cells.column(name).isin(wanted))
    if item.column is None:
        return counts.astype(np.float64), 0, []
    read = layout.numbers.read(cells.column(item.column))
    bad = counts & (read.bad | np.isnan(read.value))
    places = int(read.decimals.max(initial=0))
    return np.where(counts, read.value, 0.0), places, number_problems(cells, item.column, bad)
