"""The worksheets of an XLSX file as rows of cells."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.files import RawFile

Rows = Sequence[Sequence[object]]


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
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw.data))
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise SourceFileError(f"{raw.name} is a damaged XLSX file: {error}") from None
