"""The worksheets of an XLSX file as rows of cells."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.cells import Cells, read_rows
from begleitforschung.loaders.files import RawFile

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

Rows = Sequence[Sequence[object]]


@contextmanager
def workbook(data: bytes, file: str) -> Iterator[CalamineWorkbook]:
    """Open a workbook; whatever the reader stumbles over is told as a damaged file.

    Parameters
    ----------
    data : bytes
        XLSX, XLS or ODS.
    file : str
        Name of the file.

    Yields
    ------
    CalamineWorkbook
        The workbook.

    Raises
    ------
    SourceFileError
        If the file is damaged.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        yield CalamineWorkbook.from_filelike(io.BytesIO(data))
    except CalamineError as error:
        raise SourceFileError(f"{file} is a damaged XLSX file: {error}") from None
    except BaseException as error:
        # Damaged XLS files make the reader panic, which is no subclass of Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise SourceFileError(f"{file} is a damaged workbook that can't be read") from None


def sheet_names(raw: RawFile) -> list[str]:
    """Return the names of the worksheets of a file.

    Parameters
    ----------
    raw : RawFile
        An XLSX file.

    Returns
    -------
    list of str
        In the order of the file.

    Raises
    ------
    SourceFileError
        If the file is damaged.
    """
    with workbook(raw.data, raw.name) as book:
        return book.sheet_names


def sheets_of(raw: RawFile) -> Iterator[tuple[str, Rows]]:
    """Read the worksheets of a file one after another.

    Parameters
    ----------
    raw : RawFile
        An XLSX file.

    Yields
    ------
    str
        Name of the sheet.
    list of list
        Its rows from the first row of the sheet on, so that element 0 is row 1.

    Raises
    ------
    SourceFileError
        If the file is damaged.
    """
    with workbook(raw.data, raw.name) as book:
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def worksheet(rows: Rows, file: str, *, above: int = 0) -> Cells:
    """Return the rows of a worksheet as cells; columns without a name get one.

    Parameters
    ----------
    rows : sequence of sequence
        The header and all rows below it.
    file : str
        Name of the file.
    above : int
        Rows of the sheet above the header.

    Returns
    -------
    Cells
        The rows below the header.

    Raises
    ------
    SourceFileError
        If names stand twice or no row is left.
    """
    cells = read_rows([*map(named, rows[:1]), *rows[1:]], file)
    return Cells(cells.frame, (cells.rows + above).astype(np.int32), file)


def named(header: Sequence[object]) -> list[str]:
    """Return the names of columns; one without a name gets its number.

    Parameters
    ----------
    header : sequence
        Cells of the header.

    Returns
    -------
    list of str
        Line breaks in a name become spaces.

    Examples
    --------
    >>> named(["Name", "", "PLZ"])
    ['Name', '(2)', 'PLZ']
    """
    names = [" ".join(str(cell).split()) for cell in header]
    return [name or f"({at})" for at, name in enumerate(names, start=1)]
