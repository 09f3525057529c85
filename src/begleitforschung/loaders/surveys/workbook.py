"""Workbooks: an export saved as XLSX, or paper forms entered by hand, one row per form."""

from __future__ import annotations

import datetime as dt

import numpy as np

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.surveys.export import Export, column_of, table_of
from begleitforschung.loaders.surveys.limesurvey_csv import unique_names
from begleitforschung.loaders.worksheets import workbook


def read_workbook(data: bytes, file: str, *, sheet: str | None = None) -> Export:
    """Read the cells of a worksheet with one row of headings.

    Parameters
    ----------
    data : bytes
        The workbook.
    file : str
        Name of the file.
    sheet : str, optional
        Name of the worksheet; by default the first one.

    Returns
    -------
    Export
        Its cells as text.

    Raises
    ------
    SourceFileError
        If the workbook is damaged, has no such sheet or no rows.
    """
    sheets = sheets_of(data, file)
    if sheet is not None and sheet not in sheets:
        raise SourceFileError(f"{file} has no sheet {sheet!r}; it has: {', '.join(sheets)}")
    records = sheets[sheet or next(iter(sheets))]
    if not records or not any(records[0]):
        raise SourceFileError(f"{file}: the first row of the sheet holds no headings")
    width = max(at for at, heading in enumerate(records[0]) if heading) + 1
    filled = [row[:width] for row in records[1:]]
    kept = [at for at, row in enumerate(filled) if any(row)]
    cells, _ = table_of([filled[at] for at in kept], width, file, header_rows=1)
    columns = unique_names([column_of(heading) for heading in records[0][:width]])
    rows = np.array(kept, dtype=np.int64) + 2
    return Export(format="workbook", file=file, columns=columns, cells=cells, rows=rows)


def sheets_of(data: bytes, file: str) -> dict[str, list[list[str]]]:
    """Return the cells of all sheets of a workbook as text.

    Parameters
    ----------
    data : bytes
        The workbook.
    file : str
        Name of the file.

    Returns
    -------
    dict
        Name of the sheet to its rows; whole numbers without decimals, dates as ISO dates.

    Raises
    ------
    SourceFileError
        If the workbook is damaged.
    """
    with workbook(data, file) as book:
        grids = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    return {name: [[_text(cell) for cell in row] for row in grid] for name, grid in grids.items()}


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date):
        return cell.isoformat(" ") if isinstance(cell, dt.datetime) else cell.isoformat()
    return str(cell).strip()
