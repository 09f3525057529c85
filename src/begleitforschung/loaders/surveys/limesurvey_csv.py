"""LimeSurvey's CSV and VV exports: codes or full answers, headings as code, wording or both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from begleitforschung.loaders.surveys.export import (
    Column,
    Export,
    column_of,
    read_text,
    table_of,
    unverified,
)

_NOT_SHOWN = "{question_not_shown}"
_ESCAPES = {
    "{newline}": "\n",
    "{cr}": "\r",
    "{tab}": "\t",
    "{quote}": '"',
    "{lbrace}": "{",
}


def read_csv_export(data: bytes, file: str, format_id: str = "limesurvey_csv") -> Export:
    """Read a CSV with one row of headings.

    Parameters
    ----------
    data : bytes
        UTF-8 text.
    file : str
        Name of the file.
    format_id : str
        What it is, for the provenance.

    Returns
    -------
    Export
        Its cells.

    Raises
    ------
    SourceFileError
        If it can't be read as a table.
    """
    records = read_text(data, file)
    cells, rows = table_of(records[1:], len(records[0]), file, header_rows=1)
    columns = unique_names([column_of(heading) for heading in records[0]])
    return Export(format=format_id, file=file, columns=columns, cells=cells, rows=rows)


def read_vv(data: bytes, file: str) -> Export:
    """Read a VV export: tab-separated, a row of wordings, a row of codes.

    Parameters
    ----------
    data : bytes
        UTF-8 text.
    file : str
        Name of the file.

    Returns
    -------
    Export
        Its cells; questions that were not shown are marked.

    Raises
    ------
    SourceFileError
        If it can't be read as a table.

    Notes
    -----
    Built from the description of the format, never checked on a real export.
    """
    records = read_text(data, file, "\t")
    wordings, headings = records[0], records[1]
    cells, rows = table_of(records[2:], len(headings), file, header_rows=2)
    not_shown = (cells == _NOT_SHOWN).fillna(False).astype(bool)
    cells = cells.mask(not_shown).apply(_unescaped)
    columns = unique_names(
        [
            replace(column_of(heading), wording=" ".join(wording.split()))
            for heading, wording in zip(headings, wordings, strict=True)
        ]
    )
    return Export(
        format="limesurvey_vv",
        file=file,
        columns=columns,
        cells=cells,
        rows=rows,
        not_shown=not_shown,
        findings=(unverified("limesurvey_vv", file),),
    )


def is_vv(data: bytes) -> bool:
    """Say whether a text is a VV export.

    Parameters
    ----------
    data : bytes
        UTF-8 text.

    Returns
    -------
    bool
        True if its second line holds codes and some cell its mark of questions not shown, or
        both lines begin with the columns of every survey.
    """
    lines = data[: 1 << 22].decode("utf-8", errors="ignore").splitlines()
    if len(lines) < 2 or "\t" not in lines[0]:
        return False
    codes = [cell.strip('"') for cell in lines[1].split("\t")]
    return codes[0] == "id" and bool({"submitdate", "lastpage", "startlanguage"} & set(codes))


def unique_names(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return columns whose names differ: a code that stands twice gets a number.

    Parameters
    ----------
    columns : sequence of Column
        The columns.

    Returns
    -------
    tuple of Column
        Columns in the same order.
    """
    seen: dict[str, int] = {}
    found = []
    for column in columns:
        name = column.name
        if name:
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1:
                name = f"{name}_dup{seen[name]}"
        found.append(replace(column, name=name))
    return tuple(found)


def _unescaped(cells: pd.Series) -> pd.Series:
    pattern = re.compile("|".join(re.escape(mark) for mark in _ESCAPES))
    texts = cells.to_numpy(object)
    healed = [
        pattern.sub(lambda found: _ESCAPES[found[0]], text) if isinstance(text, str) else np.nan
        for text in texts
    ]
    return pd.Series(healed, index=cells.index, dtype="str")
