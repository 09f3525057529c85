"""Worksheets as plain values, written as XLSX: numbers as numbers, formulas with their results."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from begleitforschung.display.numbers import is_missing
from begleitforschung.errors import ReportError
from begleitforschung.loaders.writing import without_times

LONGEST_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FORMULA = re.compile(r'(<c r="([A-Z]+\d+)"[^>]*><f>[^<]*</f>)(?:<v ?/>|<v></v>)')
_WIDEST = 60
_MOST_FROZEN = 4  # rows above a table that may stay in sight with its head
FILLS = {1: "FFF2CC", 2: "F8CBAD", 4: "DDEBF7", 8: "E2EFDA"}


@dataclass(frozen=True, slots=True)
class Formula:
    """A live formula with the result that it has.

    Parameters
    ----------
    text : str
        The formula, with ``=``.
    value : float
        Its result, for programs that don't compute.
    """

    text: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One worksheet.

    Parameters
    ----------
    name : str
        What it is called; cut and made unique when it is written.
    notes : sequence of sequence
        Rows above the table, their first cell set in bold.
    head : sequence of str
        Headings of the columns.
    rows : sequence of sequence
        Numbers, texts, `Formula` or ``None``.
    marks : mapping of (int, int) to int
        Bits of `begleitforschung.results.composite_marks` by row and column of the table.
    decimals : int
        Decimal places of numbers with fractions.
    frozen : int
        Number of columns that stay in sight; 0 for a page of texts, which are wrapped.
    """

    name: str
    notes: Sequence[Sequence[Any]] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()
    marks: dict[tuple[int, int], int] = field(default_factory=dict, repr=False)
    decimals: int = 3
    frozen: int = 1

    @property
    def first_row(self) -> int:
        """Row of the worksheet in which the table begins, below the headings."""
        return len(self.notes) + bool(self.notes) + 2


def sheet_names(wanted: Sequence[str]) -> list[str]:
    """Return names that a workbook may have: at most 31 characters, no two alike.

    Parameters
    ----------
    wanted : sequence of str
        Names.

    Returns
    -------
    list of str
        Signs that are forbidden are replaced; what is too long is cut, what is not unique
        numbered.
    """
    found: list[str] = []
    for name in wanted:
        plain = _FORBIDDEN.sub("-", _CONTROL.sub("", name)).replace("'", "’").strip() or "-"
        short = plain[:LONGEST_NAME].strip()
        number = 1
        while short.casefold() in {other.casefold() for other in found}:
            number += 1
            tail = f" ({number})"
            short = plain[: LONGEST_NAME - len(tail)].strip() + tail
        found.append(short)
    return found


def workbook_bytes(sheets: Sequence[Sheet], *, warning: str = "") -> bytes:
    """Write worksheets as a workbook.

    Parameters
    ----------
    sheets : sequence of Sheet
        The worksheets.
    warning : str
        What each sheet says above its table and at the head of each printed page.

    Returns
    -------
    bytes
        XLSX without dates of making.

    Raises
    ------
    ReportError
        If a number is infinite, which no worksheet holds.
    """
    from openpyxl import Workbook

    for sheet in sheets:  # before a workbook is begun, which keeps its files open when left behind
        if any(isinstance(v, float) and math.isinf(v) for row in sheet.rows for v in row):
            raise ReportError(f"sheet '{sheet.name}': a number is infinite")
    book = Workbook(write_only=True)
    results: dict[int, dict[str, float]] = {}
    names = sheet_names([sheet.name for sheet in sheets])
    for number, (sheet, name) in enumerate(zip(sheets, names, strict=True), start=1):
        results[number] = _Writer(book.create_sheet(name), sheet, warning).write()
    book.calculation.fullCalcOnLoad = True
    stream = io.BytesIO()
    book.save(stream)
    return without_times(_with_results(stream.getvalue(), results))


class _Writer:
    """Writes one sheet row by row; styles are made once."""

    def __init__(self, made: Any, sheet: Sheet, warning: str) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Font, PatternFill
        from openpyxl.utils import get_column_letter

        self.made, self.sheet, self.warning = made, sheet, warning
        self.cell, self.letter = WriteOnlyCell, get_column_letter
        self.bold = Font(bold=True)
        self.head_fill = PatternFill("solid", fgColor="D9E2EC")
        self.wrap = Alignment(wrap_text=True, vertical="top")
        self.fills = {bit: PatternFill("solid", fgColor=code) for bit, code in FILLS.items()}
        self.results: dict[str, float] = {}
        self.at = 0

    def write(self) -> dict[str, float]:
        """Write all rows; return the results of the formulas by cell."""
        sheet, made = self.sheet, self.made
        rows = sheet.rows
        for number, width in enumerate(_widths(sheet, rows), start=1):
            made.column_dimensions[self.letter(number)].width = width
        if sheet.head and sheet.frozen:
            top = sheet.first_row if len(sheet.notes) <= _MOST_FROZEN else 1
            top += bool(self.warning) and not sheet.notes
            made.freeze_panes = f"{self.letter(sheet.frozen + 1)}{top}"
        for note in sheet.notes:
            self._append([self._note(value, number) for number, value in enumerate(note)])
        # The row below the notes is empty otherwise: formulas that point to rows stay right.
        if sheet.notes or self.warning:
            self._append([self._note(self.warning, 0)])
        if self.warning:
            made.oddHeader.center.text = self.warning
        if sheet.head:
            self._append([self._head(label) for label in sheet.head])
        marks = sheet.marks
        for number, row in enumerate(rows):
            cells = [self._value(value, column) for column, value in enumerate(row)]
            for column in range(len(row)) if marks else ():
                if mark := marks.get((number, column), 0):
                    cells[column] = self._filled(cells[column], mark)
            for cell in cells:
                if cell is not None and cell.data_type == "s" and len(cell.value) > _WIDEST:
                    cell.alignment = self.wrap
            self._append(cells)
        return self.results

    def _append(self, cells: list[Any]) -> None:
        self.made.append(cells)
        self.at += 1

    def _note(self, given: Any, column: int) -> Any:
        cell = self._value(given, column)
        if column == 0 and cell is not None:
            cell.font = self.bold
        if not self.sheet.frozen and cell is not None:
            cell.alignment = self.wrap
        return cell

    def _head(self, label: str) -> Any:
        cell = self._value(label or " ", 0)
        cell.font, cell.fill, cell.alignment = self.bold, self.head_fill, self.wrap
        return cell

    def _filled(self, cell: Any, mark: int) -> Any:
        found = self.cell(self.made) if cell is None else cell
        found.fill = self.fills[min(bit for bit in FILLS if mark & bit)]
        return found

    def _value(self, given: Any, column: int) -> Any:
        if isinstance(given, Formula):
            cell = self.cell(self.made, given.text)
            self.results[f"{self.letter(column + 1)}{self.at + 1}"] = given.value
            cell.number_format = _format(given.value, self.sheet.decimals)
            return cell
        if is_missing(given) or given == "":
            return None
        value = given.item() if hasattr(given, "item") else given
        if isinstance(value, int | float):
            cell = self.cell(self.made, repr(value))  # openpyxl itself would round
            cell.data_type = "n"
            cell.number_format = _format(value, self.sheet.decimals)
            return cell
        cell = self.cell(self.made, _CONTROL.sub("", str(value)))
        cell.data_type = "s"  # never a formula, even if it starts with "="
        return cell


def _format(value: float, decimals: int) -> str:
    """Return a format; separators are those of the reader's system, German ones in Germany."""
    if isinstance(value, int):
        return "0"
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"


def _widths(sheet: Sheet, rows: Sequence[Sequence[Any]]) -> list[float]:
    if not sheet.frozen:
        return [34.0, 100.0]
    found = [max(8.0, min(len(str(label)), 18) + 2.0) for label in sheet.head]
    for row in rows[:200]:
        for number, value in enumerate(row):
            if number == len(found):
                found.append(8.0)
            if isinstance(value, str):
                found[number] = max(found[number], min(len(value), _WIDEST) + 2.0)
    if sheet.notes and found:
        labels = [len(str(note[0])) for note in sheet.notes if note]
        found[0] = max(found[0], min(max(labels, default=8), 40) + 2.0)
    elif sheet.notes:
        found = [34.0, 90.0]
    return found


def _with_results(content: bytes, results: dict[int, dict[str, float]]) -> bytes:
    """Put the results beside the formulas: openpyxl writes formulas without them."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as made,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as fixed,
    ):
        for item in made.namelist():
            part = made.read(item)
            found = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", item)
            if found and (values := results.get(int(found[1]))):
                part = _filled(part.decode("utf-8"), values).encode("utf-8")
            fixed.writestr(item, part)
    return stream.getvalue()


def _filled(xml: str, values: dict[str, float]) -> str:
    def one(match: re.Match[str]) -> str:
        return f"{match[1]}<v>{float(values[match[2]])!r}</v>"

    return _FORMULA.sub(one, xml)
