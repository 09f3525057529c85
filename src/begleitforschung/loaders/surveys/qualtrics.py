"""Qualtrics CSV: three rows of headings (names, wordings, import identifiers as JSON)."""

from __future__ import annotations

import re
from dataclasses import replace

from begleitforschung.loaders.surveys.export import Export, column_of, read_text, table_of
from begleitforschung.loaders.surveys.limesurvey_csv import unique_names
from begleitforschung.loaders.surveys.words import clean


def is_qualtrics(data: bytes) -> bool:
    """Say whether a text is a Qualtrics export.

    Parameters
    ----------
    data : bytes
        UTF-8 text.

    Returns
    -------
    bool
        True if its third row holds import identifiers.
    """
    return b'""ImportId""' in data[: 1 << 18] or b'{"ImportId"' in data[: 1 << 18]


def read_qualtrics(data: bytes, file: str) -> Export:
    """Read a Qualtrics CSV.

    Parameters
    ----------
    data : bytes
        UTF-8 text.
    file : str
        Name of the file.

    Returns
    -------
    Export
        Its cells, with names of the first and wordings of the second row.

    Raises
    ------
    SourceFileError
        If it can't be read as a table.
    """
    records = read_text(data, file)
    names, wordings = records[0], records[1]
    cells, rows = table_of(records[3:], len(names), file, header_rows=3)
    columns = unique_names(
        [
            replace(column_of(re.sub(r"\W+", "_", name).strip("_")), heading=name, wording=clean(w))
            for name, w in zip(names, wordings, strict=True)
        ]
    )
    return Export(format="qualtrics", file=file, columns=columns, cells=cells, rows=rows)
