"""Workbooks of the COIN Tool (JRC, 2019): data and construction on the sheet ``Database``.

Unverified: no workbook of the tool was at hand. The layout is that which the importer of COINr
reads (Becker et al. 2022): row 7 weights, row 8 directions, rows 9 and 10 lower and upper
goalposts, rows 11 to 14 codes of index, sub-index, pillar and sub-pillar, row 15 names and row 16
codes of the indicators, all from column E on; below them the units, names in B and codes in C.
Names and weights of the levels stand on the sheet ``Framework``, from row 4 of column C on.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, SourceFileError, ValidationError
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec
from begleitforschung.frameworks.index_method import DEFAULT_STEPS
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, read_rows
from begleitforschung.loaders.files import open_raw
from begleitforschung.loaders.index_tables import IndexTables, file_source, numbers
from begleitforschung.loaders.worksheets import Rows, sheets_of
from begleitforschung.provenance import Provenance

_SHEETS = ("Database", "Framework")
_WEIGHT, _DIRECTION, _LOWER, _UPPER, _NAME, _CODE = 7, 8, 9, 10, 15, 16
_LEVELS = (14, 13, 12, 11)  # from the sub-pillar up to the index
_FIRST_ROW, _FIRST_COLUMN = 17, 4
_UNIT_NAME, _UNIT_CODE = 1, 2
_HEAD, _NODE, _NODE_WEIGHT, _NODE_NAME = 4, 2, 4, 7
_EMPTY = ("", "--")


def read_coin_tool(path: str | os.PathLike[str], *, id: str = "index") -> IndexTables:
    """Read a workbook of the COIN Tool (unverified, see the module's description).

    Parameters
    ----------
    path : str or path
        XLSX file with the sheets ``Database`` and ``Framework``; ``n/a`` is missing.
    id : str
        Identifier of the specification.

    Returns
    -------
    IndexTables
        Data and specification for `begleitforschung.compose`.

    Raises
    ------
    SourceFileError
        If the file is no such workbook.
    ValidationError
        If cells can't be read; all of them with their row.
    SpecificationError
        If the construction contradicts itself.
    """
    raw = open_raw(Path(path))
    sheets = dict(sheets_of(raw)) if raw.kind == "xlsx" else {}
    if missing := [name for name in _SHEETS if name not in sheets]:
        raise SourceFileError(
            f"{raw.name} has no sheet {', '.join(map(repr, missing))}; a workbook of the COIN Tool "
            f"has both 'Database' and 'Framework'"
        )
    rows = sheets["Database"]
    columns = _columns(rows, raw.name)
    units = [at for at in range(_FIRST_ROW, len(rows) + 1) if _text(rows, at, _UNIT_CODE)]
    if not units:
        raise SourceFileError(f"{raw.name}, sheet 'Database': no unit from row {_FIRST_ROW} on")
    figures, problems = _figures(rows, columns, units, raw.name)
    head, found = _head(rows, columns, raw.name)
    if problems := [*problems, *found]:
        raise ValidationError(f"{raw.name} holds {len(problems)} problem(s)", findings=problems)
    index = pd.Index([_text(rows, at, _UNIT_CODE) for at in units], name="unit")
    names = [_text(rows, at, _UNIT_NAME) for at in units]
    return IndexTables(
        data=pd.DataFrame(figures, index=index),
        groups=pd.DataFrame(index=index),
        names=pd.Series(names, index=index, name="name"),
        spec=_specification(rows, columns, head, _nodes(sheets["Framework"]), id),
        provenance=Provenance.of("read_coin_tool", file_source(raw)),
    )


def _text(rows: Rows, row: int, column: int) -> str:
    if row > len(rows) or column >= len(rows[row - 1]):
        return ""
    cell = rows[row - 1][column]
    shown = f"{cell:g}" if isinstance(cell, float) else str(cell)
    return shown.strip()


def _columns(rows: Rows, file: str) -> dict[str, int]:
    """Return the columns of indicators with any value, by code."""
    width = len(rows[_CODE - 1]) if len(rows) >= _CODE else 0
    found = {
        code: column
        for column in range(_FIRST_COLUMN, width)
        if (code := _text(rows, _CODE, column)) not in _EMPTY
        and any(_text(rows, at, column) for at in range(_FIRST_ROW, len(rows) + 1))
    }
    if not found:
        raise SourceFileError(f"{file}, sheet 'Database': no indicator in row {_CODE}")
    return found


def _read(rows: Rows, at: Sequence[int], columns: dict[str, int], file: str) -> Cells:
    """Return the cells of some rows and the indicators' columns as text."""
    cells = read_rows(
        [list(columns), *([_cell(rows, row, c) for c in columns.values()] for row in at)], file
    )
    return Cells(cells.frame, np.asarray(at, dtype=np.int32)[cells.rows - 2], file)


def _cell(rows: Rows, row: int, column: int) -> object:
    return rows[row - 1][column] if column < len(rows[row - 1]) else ""


def _figures(
    rows: Rows, columns: dict[str, int], units: Sequence[int], file: str
) -> tuple[dict[str, np.ndarray], list[Finding]]:
    figures, problems = {}, []
    for code, column in columns.items():
        cells = _read(rows, units, {code: column}, file)
        values = np.full(len(units), np.nan)
        known, found = numbers(cells, code)
        values[np.searchsorted(units, cells.rows)] = known
        figures[code] = values
        problems += found
    return figures, problems


def _head(
    rows: Rows, columns: dict[str, int], file: str
) -> tuple[dict[int, dict[str, float]], list[Finding]]:
    """Return weights, directions and goalposts of the indicators."""
    head: dict[int, dict[str, float]] = {}
    problems: list[Finding] = []
    for row in (_WEIGHT, _DIRECTION, _LOWER, _UPPER):
        head[row] = {}
        for code, column in columns.items():
            try:
                head[row][code] = float(_text(rows, row, column) or "nan")
            except ValueError:
                head[row][code] = np.nan
            value = head[row][code]
            required = row in (_WEIGHT, _DIRECTION)
            if (required and np.isnan(value)) or (row == _DIRECTION and value not in (-1.0, 1.0)):
                problems.append(_bad_head(file, row, code))
    return head, problems


def _bad_head(file: str, row: int, code: str) -> Finding:
    what = Text("das Gewicht", "the weight") if row == _WEIGHT else Text("1 oder -1", "1 or -1")
    return Finding(
        rule="coin_tool.head",
        severity="error",
        text=Text(f"Erwartet wird {what.de}.", f"Expected is {what.en}."),
        file=file,
        row=row,
        column=code,
    )


def _nodes(rows: Rows) -> dict[str, tuple[str, float]]:
    """Return name and weight of each level's elements, from the sheet ``Framework``."""
    found = {}
    for row in range(_HEAD + 1, len(rows) + 1):
        code = _text(rows, row, _NODE)
        if code not in _EMPTY:
            weight = _text(rows, row, _NODE_WEIGHT)
            found[code] = (_text(rows, row, _NODE_NAME), _weight(weight))
    return found


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0


def _specification(
    rows: Rows,
    columns: dict[str, int],
    head: dict[int, dict[str, float]],
    described: dict[str, tuple[str, float]],
    id: str,
) -> IndexSpec:
    """Build the tree; a level whose elements are all the same is not in use."""
    lineage = {c: [_text(rows, row, at) for row in _LEVELS] for c, at in columns.items()}
    used = [
        level
        for level in range(len(_LEVELS))
        if level == len(_LEVELS) - 1 or len({above[level] for above in lineage.values()}) > 1
    ]
    parents: dict[str, str] = {}
    for above in lineage.values():
        chain = [above[level] or "Index" for level in used]
        parents |= dict(zip(chain, [*chain[1:], ""], strict=True))
    nodes = tuple(
        NodeSpec(id=code, parent=parent, title=described.get(code, (code, 1.0))[0] or code,
                 weight=described.get(code, (code, 1.0))[1] if parent else 1.0)
        for code, parent in parents.items()
    )  # fmt: skip
    indicators = tuple(
        IndicatorSpec(
            id=code,
            parent=lineage[code][used[0]] or "Index",
            direction="lower" if head[_DIRECTION][code] < 0 else "higher",
            weight=head[_WEIGHT][code],
            title=_text(rows, _NAME, column),
            goalposts=_goalposts(head[_LOWER][code], head[_UPPER][code]),
        )
        for code, column in columns.items()
    )
    return IndexSpec(id=id, indicators=indicators, nodes=nodes, steps=DEFAULT_STEPS)


def _goalposts(lower: float, upper: float) -> tuple[float, float] | None:
    return None if np.isnan(lower) or np.isnan(upper) else (lower, upper)
