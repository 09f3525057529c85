"""Corrections as data: which value of which cell is wrong, what it should be, who says so, why."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pydantic

from begleitforschung.catalogue import Entry, Readable, parse_entry, read_csv_entries, read_yaml
from begleitforschung.errors import CatalogueError, Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.provenance import file_sha256
from begleitforschung.tables import statuses

Field = Literal["value", "status", "unit_of_measure"]
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?")


class Correction(Entry):
    """One correction.

    Parameters
    ----------
    unit, year : str, int
        Unit and year of the cell; both empty where the meaning of an indicator is corrected.
    indicator : str
        Indicator of the cell, or the one whose meaning is corrected.
    field : {"value", "status", "unit_of_measure"}
        What is corrected.
    old, new : str
        What must stand there, and what will. Values are numbers with decimal point or comma and
        without thousands separators, or a status that takes the place of a number (``missing``,
        ``unknown``, ``zero``, …). Statuses are codes of the list ``status``. The old unit of
        measure may be empty: not stated so far.
    reason : str
        Why.
    author : str
        Who says so.
    date : datetime.date
        When, as YYYY-MM-DD.
    """

    unit: str | None = None
    year: int | None = None
    indicator: str = pydantic.Field(min_length=1)
    field: Field
    old: str = ""
    new: str = pydantic.Field(min_length=1)
    reason: str = pydantic.Field(min_length=1)
    author: str = pydantic.Field(min_length=1)
    date: dt.date

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _iso_date(cls, value: object) -> object:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value

    @pydantic.model_validator(mode="after")
    def _consistent(self) -> Correction:
        if self.field == "unit_of_measure":
            if self.unit or self.year is not None:
                raise ValueError("the unit of measure belongs to the indicator: no unit, no year")
        elif not self.unit or self.year is None or not self.old:
            raise ValueError("'unit', 'year' and 'old' are required")
        if self.field == "value":
            for text in (self.old, self.new):
                parse_value(text)
        if self.field == "status" and _kind(self.old) != _kind(self.new):
            raise ValueError("this status needs another value; correct the field 'value' instead")
        if self.old == self.new:
            raise ValueError("'old' and 'new' are the same")
        return self

    @property
    def key(self) -> str:
        """Unit, year and indicator as findings name them."""
        parts = (self.unit, self.year, self.indicator)
        return " / ".join(str(part) for part in parts if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """The corrections of one file.

    Parameters
    ----------
    entries : tuple of Correction
        At most one for each cell and field.
    file : str
        Name of the file.
    sha256 : str
        Checksum of the file.
    rows : tuple of int
        Row or line of each correction in the file.
    """

    entries: tuple[Correction, ...] = field(repr=False)
    file: str
    sha256: str
    rows: tuple[int, ...] = field(repr=False)


class _File(Entry):
    corrections: tuple[Correction, ...]


def parse_value(text: str) -> float | str:
    """Return what a value in a correction means.

    Parameters
    ----------
    text : str
        A number, or a status that takes the place of a number.

    Returns
    -------
    float or str
        The number, or the code of the status.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    if text in statuses() and statuses()[text].value != "required":
        return text
    codes = [code for code, item in statuses().items() if item.value != "required"]
    raise ValueError(f"a value is a number such as 12.5, or one of: {', '.join(codes)}")


def read_corrections(path: Path | str) -> Corrections:
    """Read a file of corrections.

    Parameters
    ----------
    path : pathlib.Path or str
        CSV (UTF-8, separated by ``;`` or ``,``) with the columns ``unit, year, indicator, field,
        old, new, reason, author, date``; or YAML with a list ``corrections`` of the same keys.

    Returns
    -------
    Corrections
        The corrections with their rows.

    Raises
    ------
    CatalogueError
        If columns or values don't fit, a cell is corrected twice, or decimal point and comma
        are mixed; all problems with their rows.
    SourceFileError
        If the file can't be read or is neither CSV nor YAML.
    """
    path = Path(path)
    readers = {".csv": _read_csv, ".yaml": _read_yaml, ".yml": _read_yaml}
    if path.suffix.lower() not in readers:
        raise SourceFileError(f"{path.name}: corrections come as .csv, .yaml or .yml")
    entries, rows = readers[path.suffix.lower()](path)
    problems = [*_twice(entries, rows, path.name), *_mixed(entries, path.name)]
    if problems:
        raise CatalogueError(f"{path.name} can't be used as corrections:", findings=problems)
    return Corrections(entries=entries, file=path.name, sha256=file_sha256(path), rows=rows)


def _read_csv(path: Path) -> tuple[tuple[Correction, ...], tuple[int, ...]]:
    header = _first_line(path)
    delimiter = ";" if ";" in header else ","
    entries = read_csv_entries(path, Correction, delimiter=delimiter)
    lines = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=delimiter)
    filled = [n for n, cells in enumerate(lines, start=1) if any(cell.strip() for cell in cells)]
    return entries, tuple(filled[1:])


def _first_line(path: Readable) -> str:
    try:
        return path.read_bytes().partition(b"\n")[0].decode("utf-8", errors="replace")
    except FileNotFoundError:
        raise SourceFileError(f"{path.name} does not exist") from None


def _read_yaml(path: Path) -> tuple[tuple[Correction, ...], tuple[int, ...]]:
    content, lines = read_yaml(path)
    entries = parse_entry(content, _File, file=path.name, lines=lines).corrections
    return entries, tuple(lines["corrections", i] for i in range(len(entries)))


def _kind(code: str) -> str:
    if code not in statuses():
        raise ValueError(f"a status is one of: {', '.join(statuses())}")
    return statuses()[code].value


def _twice(entries: tuple[Correction, ...], rows: tuple[int, ...], file: str) -> list[Finding]:
    seen: set[tuple[str, str]] = set()
    problems = []
    for entry, row in zip(entries, rows, strict=True):
        what = (entry.key, "unit_of_measure" if entry.field == "unit_of_measure" else "cell")
        if what in seen:
            words = Text("Zelle wird zweimal korrigiert", "the cell is corrected twice")
            problems.append(_problem(file, words, row=row, key=entry.key))
        seen.add(what)
    return problems


def _mixed(entries: tuple[Correction, ...], file: str) -> list[Finding]:
    numbers = [text for e in entries if e.field == "value" for text in (e.old, e.new)]
    signs = {sign for text in numbers for sign in ".," if sign in text}
    words = Text("Dezimalpunkt und Dezimalkomma gemischt", "decimal points and commas are mixed")
    return [_problem(file, words)] if len(signs) == 2 else []


def _problem(file: str, text: Text, row: int | None = None, key: str | None = None) -> Finding:
    return Finding(rule="corrections", severity="error", text=text, file=file, row=row, key=key)
