"""What a layout says about rows: their unit, year and further dimensions."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, SourceFileError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, bad_cells, merge
from begleitforschung.loaders.layout import Layout, Time
from begleitforschung.loaders.placing import place
from begleitforschung.loaders.stacking import with_zeros

_YEAR = re.compile(r"((?:19|20)\d\d)(?:-\d\d-\d\d(?:[T ].*)?)?")


def key_name(layout: Layout) -> str:
    """Return how the columns of the key are called in findings.

    Parameters
    ----------
    layout : Layout
        The layout.

    Returns
    -------
    str
        Their names.
    """
    return layout.place.name if layout.place else " + ".join(item.column for item in layout.key)


def units_of(cells: Cells, layout: Layout) -> tuple[pd.Categorical, list[Finding]]:
    """Return the unit of each row.

    Parameters
    ----------
    cells : Cells
        The table.
    layout : Layout
        How it is read.

    Returns
    -------
    unit : pandas.Categorical
        Keys; missing where a row is left out.
    remarks : list of Finding
        Zeros put back, rows left out, the share that could not be assigned.
    """
    if layout.place is not None:
        placed = place(cells, layout.place.name, layout.place.state, layout.place.level)
        return placed.unit, list(placed.findings)
    remarks: list[Finding] = []
    parts: list[pd.Categorical] = []
    for item in layout.key:
        widths = dict.fromkeys(range(1, item.width), item.width) if item.width else {}
        part, restored = with_zeros(cells, item.column, widths)
        parts.append(part)
        remarks += restored
    unit = parts[0] if len(parts) == 1 else pasted(parts)
    foreign = [text for text in unit.categories.tolist() if text not in layout.units]
    if layout.other_units == "leave_out" and foreign:
        remarks.append(_left_out(cells, layout, np.asarray(unit.isin(foreign))))
        kept = [layout.units.get(str(text), "") for text in unit.categories.tolist()]
        return merge(unit, kept).remove_categories([""]), remarks
    texts = [layout.units.get(str(text), str(text)) for text in unit.categories.tolist()]
    return merge(unit, texts), remarks


def pasted(parts: Sequence[pd.Categorical]) -> pd.Categorical:
    """Join the texts of several columns.

    Parameters
    ----------
    parts : sequence of pandas.Categorical
        The columns.

    Returns
    -------
    pandas.Categorical
        The joined texts.
    """
    codes, groups = pd.factorize(pd.MultiIndex.from_arrays(list(parts)))
    names = pd.Index(range(len(groups))).astype(str)
    texts = ["".join(map(str, group)) for group in groups]
    return merge(pd.Categorical.from_codes(codes, categories=names), texts)


def _left_out(cells: Cells, layout: Layout, gone: NDArray[np.bool_]) -> Finding:
    rows = cells.rows[gone]
    return Finding(
        rule="layout.other_units",
        severity="warning",
        text=Text(
            "Zeilen von Einheiten ohne amtlichen Gebietsschlüssel (z. B. Wahlkreise) ausgelassen",
            "rows of units without an official key (e.g. constituencies) are left out",
        ),
        file=cells.file,
        row=int(rows[0]),
        column=key_name(layout),
        n=len(rows),
        rows=rows_concerned(rows),
    )


def years_of(cells: Cells, layout: Layout) -> tuple[int | NDArray[np.int16], list[Finding]]:
    """Return the year of each row.

    Parameters
    ----------
    cells : Cells
        The table.
    layout : Layout
        Where the year stands.

    Returns
    -------
    year : int or array
        One for all rows or one for each; 0 where there is none.
    problems : list of Finding
        Cells that are no year.

    Raises
    ------
    SourceFileError
        If the year should stand in the name of the file and does not.
    """
    if not isinstance(layout.year, Time):
        return layout.year, []
    if layout.year.file_name is not None:
        found = re.search(layout.year.file_name, cells.file)
        if not found or not _YEAR.fullmatch(found[1]):
            raise SourceFileError(
                f"{cells.file}: the year stands in the name of such a file "
                f"({layout.year.file_name!r}); keep the name as delivered or say 'year' in a "
                "layout of your own"
            )
        return int(found[1]), []
    name = str(layout.year.column)
    given = cells.column(name)
    hits = [_YEAR.fullmatch(str(text)) for text in given.categories.tolist()]
    years = np.array([int(hit[1]) if hit else 0 for hit in hits], np.int16)[given.codes]
    return years, bad_cells(
        cells,
        name,
        years == 0,
        rule="layout.year",
        text=Text("kein Jahr", "not a year"),
        hint=Text("Jahr vierstellig oder als Datum angeben.", "Give a year or an ISO date."),
    )


def dimensions_of(cells: Cells, layout: Layout) -> tuple[pd.Categorical | None, dict[str, str]]:
    """Return what each row adds to the code of an indicator.

    Parameters
    ----------
    cells : Cells
        The table.
    layout : Layout
        Its further dimensions.

    Returns
    -------
    suffix : pandas.Categorical or None
        ``|id=code`` of each dimension; None if there are none.
    labels : dict
        Suffix to label.
    """
    if not layout.dimensions:
        return None, {}
    parts = []
    for item in layout.dimensions:
        given = cells.column(item.column)
        parts.append(merge(given, [f"|{item.id}={t}" for t in given.categories.tolist()]))
    suffix = parts[0] if len(parts) == 1 else pasted(parts)
    shown = [cells.column(item.label or item.column) for item in layout.dimensions]
    _, first = np.unique(suffix.codes, return_index=True)
    labels = {str(suffix[at]): ", ".join(str(column[at]) for column in shown) for at in first}
    return suffix, labels
