"""Wegweiser Kommune: indicators in rows, years and places in multi-line header cells.

Built from the description of other people's clients; no file of the publisher was at hand, so
a finding says that the loader is unverified.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from begleitforschung.catalogue import Label
from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, read_rows
from begleitforschung.loaders.files import RawFile
from begleitforschung.loaders.loaded import Loaded
from begleitforschung.loaders.names import slug
from begleitforschung.loaders.placing import place
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised
from begleitforschung.loaders.stacking import Numbers, Series, remark, stack
from begleitforschung.tables import Indicator

FORMAT = "wegweiser"
_FIRST = "Indikatoren"
_HEADING = re.compile(r"((?:19|20)\d\d)\s*\n\s*(\S.*\S)", re.DOTALL)
_UNIT = re.compile(r"\(([^()]+)\)\s*$")
_NUMBERS = Numbers(decimal=",", thousands=".")
_UNVERIFIED = Text(
    "Format nach Beschreibungen anderer gelesen, nicht an einer Datei des Herausgebers geprüft",
    "format read after descriptions by others, not verified on a file of the publisher",
)


def recognise(head: Head) -> Recognised | None:
    """Recognise an export by its header in the third row.

    Parameters
    ----------
    head : Head
        The file.

    Returns
    -------
    Recognised or None
        None if it is something else.
    """
    told = any(line.lstrip('"').startswith(_FIRST) for line in head.lines[:6])
    if head.raw.kind != "text" or not told:
        return None
    header = next((row for _, row in _rows(head.raw) if row and row[0].strip() == _FIRST), [])
    if not any(_HEADING.fullmatch(cell.strip()) for cell in header[1:]):
        return None
    return Recognised(FORMAT, tuple(header), delimiter=";")


def _rows(raw: RawFile) -> list[tuple[int, list[str]]]:
    """Return each row of cells with the line that it starts in."""
    text = raw.data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    rows, line = [], 1
    try:
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceFileError(
            f"{raw.name}, row {line}: {error}; a quote is not closed. Fetch the file again."
        ) from None
    return rows


def read_wegweiser(head: Head, _found: Recognised, _options: Options) -> Loaded:
    """Read an export.

    Parameters
    ----------
    head : Head
        The file.
    _found : Recognised
        Not used.
    _options : Options
        Not used.

    Returns
    -------
    Loaded
        Rows and findings. Places are found by name; those that can't be told are left out with
        a finding.

    Raises
    ------
    SourceFileError
        If the header or rows are damaged.
    """
    file, rows = head.raw.name, _rows(head.raw)
    at = next(at for at, (_, row) in enumerate(rows) if row and row[0].strip() == _FIRST)
    header = [cell.strip() for cell in rows[at][1]]
    headings = [_HEADING.fullmatch(cell) for cell in header[1:]]
    wrong = [cell for cell, found in zip(header[1:], headings, strict=True) if not found]
    if wrong:
        raise SourceFileError(
            f"{file}, row {rows[at][0]}: a heading holds a year, a line break and a place; fetch "
            f"the file again.\nFound: {wrong[0][:60]!r}"
        )
    body, notes = _parted(rows[at + 1 :], len(header), file)
    cells = _turned(body, [(int(h[1]), " ".join(h[2].split())) for h in headings if h], file)
    placed = place(cells, "place", None, None)
    kept = pd.notna(placed.unit)
    codes = _codes([row[0] for _, row in body])
    if not kept.any():
        raise SourceFileError(f"{file}: none of the places was found in the gazetteer")
    used, unit = cells.where(kept), placed.unit[kept].remove_unused_categories()
    year = np.array([int(str(text)) for text in used.column("year")], np.int16)
    series = [Series(column=f"f{i}", indicator=code, year=year) for i, code in enumerate(codes)]
    stacked = stack(used, unit, series, _NUMBERS)
    rows_of = [line for line, _ in body for _ in range(len(used.rows))]
    return Loaded(
        tidy=stacked.tidy.assign(row=rows_of),
        indicators=tuple(
            _indicator(code, row[0], stacked.decimals[code])
            for code, (_, row) in zip(codes, body, strict=True)
        ),
        title="Wegweiser Kommune",
        findings=(remark("wegweiser.unverified", _UNVERIFIED, file), *placed.findings, *notes),
        problems=stacked.problems,
    )


def _parted(
    rows: Sequence[tuple[int, list[str]]], width: int, file: str
) -> tuple[list[tuple[int, list[str]]], list[Finding]]:
    """Part figures from the notes below them, of which only the first cell is filled."""
    body = [(line, row) for line, row in rows if any(cell.strip() for cell in row[1:])]
    last = body[-1][0] if body else 0
    bad = [(line, len(row)) for line, row in body if len(row) != width or not row[0].strip()]
    gaps = [line for line, row in rows if line < last and row and (line, row) not in body]
    if bad or gaps or not body:
        line = bad[0][0] if bad else gaps[0] if gaps else 0
        raise SourceFileError(
            f"{file}, row {line}: expected are rows of {width} cells that begin with the name of "
            "an indicator, then notes. Fetch the file again."
        )
    notes = " ".join(cell.strip() for line, row in rows if line > last for cell in row[:1])
    if not notes.strip():
        return body, []
    text = Text(f"Anmerkungen der Datei: {notes[:500]}", f"notes of the file: {notes[:500]}")
    return body, [remark("wegweiser.notes", text, file)]


def _turned(
    body: Sequence[tuple[int, list[str]]], headings: Sequence[tuple[int, str]], file: str
) -> Cells:
    """Return one row per place and year, one column per indicator."""
    names = ["place", "year", *(f"f{at}" for at in range(len(body)))]
    turned = [
        [place_name, str(year), *(row[at].strip() for _, row in body)]
        for at, (year, place_name) in enumerate(headings, start=1)
    ]
    return read_rows([names, *turned], file)


def _codes(names: Sequence[str]) -> list[str]:
    """Return a code for each indicator; a name that stands twice gets a number."""
    codes: list[str] = []
    for name in names:
        code = f"wegweiser_{slug(name)}"
        codes.append(f"{code}_{codes.count(code) + 1}" if code in codes else code)
    return codes


def _indicator(code: str, name: str, decimals: int) -> Indicator:
    unit = _UNIT.search(name)
    return Indicator(
        id=code,
        title=Label(de=name.strip()),
        unit_of_measure=unit[1] if unit else "",
        decimals=decimals,
    )


READER = Reader(
    id=FORMAT,
    source=FORMAT,
    publisher=FORMAT,
    recognise=recognise,
    read=read_wegweiser,
)
