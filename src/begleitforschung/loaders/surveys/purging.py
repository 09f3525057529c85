"""Survey files written anew without some columns: text, workbooks, SPSS and Stata."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from copy import copy
from pathlib import Path
from typing import Any

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.surveys.export import delimiter_of, read_text
from begleitforschung.loaders.surveys.statistics import is_sav, read_raw
from begleitforschung.loaders.surveys.values import without_text

_STATA_VERSIONS = {b"117": 13, b"118": 14, b"119": 15}
_ZSAV = b"$FL3"


def write_text_without(
    data: bytes, target: Path, out: Collection[int], short: Collection[int], *, cases: int
) -> None:
    """Write delimited text without some columns.

    Parameters
    ----------
    data : bytes
        UTF-8 text.
    target : pathlib.Path
        The file to write.
    out : collection of int
        Positions of columns that are left out.
    short : collection of int
        Positions of columns of which only the mention is kept.
    cases : int
        Number of records below the headings.
    """
    records = read_text(data, target.name)
    above = len(records) - cases
    lines = io.StringIO(newline="")
    delimiter = delimiter_of(data.decode("utf-8"))
    writer = csv.writer(lines, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for number, record in enumerate(records):
        cells = [
            without_text(cell) if at in short and number >= above else cell
            for at, cell in enumerate(record)
        ]
        writer.writerow([cell for at, cell in enumerate(cells) if at not in out])
    target.write_bytes(lines.getvalue().encode("utf-8"))


def write_workbook_without(
    data: bytes, target: Path, out: Collection[int], short: Collection[int], *, width: int
) -> None:
    """Write the one sheet of a workbook without some columns, as a new workbook.

    Kept are values (of formulas their results), number formats, styles, widths and frozen panes.
    Comments, links, pictures, properties and what stands right of the last heading are not.

    Parameters
    ----------
    data : bytes
        XLSX.
    target : pathlib.Path
        The file to write.
    out : collection of int
        Positions of columns that are left out.
    short : collection of int
        Positions of columns of which only the mention is kept.
    width : int
        Number of columns with answers.

    Raises
    ------
    SourceFileError
        If the workbook has further sheets, into which nobody looked, or can't be written anew.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import IllegalCharacterError

    try:
        given = load_workbook(io.BytesIO(data), data_only=True)
        _require_one_sheet(given)
        _copied(given, out, short, width).save(target)
    except (IllegalCharacterError, KeyError, TypeError, ValueError):
        # What these errors say may quote a value.
        raise SourceFileError(
            "the workbook can't be written without its personal columns; save it anew from a "
            "spreadsheet program, or export the survey without them"
        ) from None


def _require_one_sheet(given: Any) -> None:
    if len(given.sheetnames) != 1 or not given.worksheets:
        raise SourceFileError(
            f"the workbook has {len(given.sheetnames)} sheets, of which only the first is known; "
            "move the answers into a workbook of their own and delete this one"
        )


def _copied(given: Any, out: Collection[int], short: Collection[int], width: int) -> Any:
    """Return a new workbook with the columns that stay."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    sheet = given.worksheets[0]
    book = Workbook()
    book.remove(book.worksheets[0])
    book.epoch = given.epoch
    fresh = book.create_sheet(sheet.title)
    fresh.freeze_panes = sheet.freeze_panes
    kept = [at for at in range(width) if at not in out]
    for new, at in enumerate(kept, start=1):
        old_letter, letter = get_column_letter(at + 1), get_column_letter(new)
        if old_letter in sheet.column_dimensions:
            fresh.column_dimensions[letter].width = sheet.column_dimensions[old_letter].width
        for row in range(1, sheet.max_row + 1):
            cell = sheet.cell(row, at + 1)
            if cell.value is not None or cell.has_style:
                _copy_cell(cell, fresh.cell(row, new), only_mention=at in short and row > 1)
    return book


def _copy_cell(cell: Any, fresh: Any, *, only_mention: bool) -> None:
    value = cell.value
    fresh.value = without_text(str(value)) if only_mention and value is not None else value
    if isinstance(fresh.value, str) and cell.data_type == "s":
        fresh.data_type = "s"  # a text that begins with "=" is no formula
    if cell.has_style:
        for name in ("font", "fill", "border", "alignment", "protection", "number_format"):
            setattr(fresh, name, copy(getattr(cell, name)))


def write_statistics_without(
    path: Path, target: Path, out: Collection[int], short: Collection[int]
) -> None:
    """Write an SPSS or Stata file without some variables.

    Kept are labels, formats, measures and declared missings. Notes, attributes and characteristics
    are not: they may name persons.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    target : pathlib.Path
        The file to write.
    out : collection of int
        Positions of variables that are left out.
    short : collection of int
        Positions of variables of which only the mention is kept.

    Raises
    ------
    SourceFileError
        If it has multiple-response sets, which can't be written, or something else that can't.
    """
    import pyreadstat

    start = path.read_bytes()[:1000]
    frame, meta = read_raw(path, stata=not is_sav(start))
    if meta.mr_sets:
        raise SourceFileError(
            f"{path.name} has multiple-response sets, which would be lost; export the survey "
            "without its personal columns, then delete the file"
        )
    for at in short:
        name = frame.columns[at]
        frame[name] = frame[name].map(_mention, na_action="ignore")
    left = frame.iloc[:, [at for at in range(frame.shape[1]) if at not in out]]
    names = [str(name) for name in left.columns]
    shared: dict[str, Any] = {
        "file_label": meta.file_label or "",
        "column_labels": _of(names, meta.column_names_to_labels),
        "variable_value_labels": _of(names, meta.variable_value_labels),
        "variable_format": _of(names, meta.original_variable_types),
    }
    try:
        if is_sav(start):
            pyreadstat.write_sav(
                left,
                target,
                **shared,
                compress=start.startswith(_ZSAV),
                row_compress=not start.startswith(_ZSAV),
                missing_ranges={name: _ranges(meta, name) for name in names if _ranges(meta, name)},
                variable_display_width=_of(names, meta.variable_display_width),
                variable_measure=_of(names, meta.variable_measure),
            )
        else:
            pyreadstat.write_dta(
                left,
                target,
                **shared,
                version=_stata_version(start),
                missing_user_values=_of(names, meta.missing_user_values),
            )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, TypeError, ValueError):
        # What these errors say may quote a value.
        raise SourceFileError(
            f"{path.name} can't be written without its personal columns; export the survey "
            "without them, then delete the file"
        ) from None


def _of(names: Sequence[str], given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in names if given.get(name)}


def _ranges(meta: Any, name: str) -> list[Any]:
    """Return declared missings as they are written: single values, and ranges."""
    given = meta.missing_ranges.get(name, [])
    return [pair["lo"] if pair["lo"] == pair["hi"] else pair for pair in given]


def _mention(value: object) -> object:
    return without_text(value) if isinstance(value, str) else value


def _stata_version(start: bytes) -> int:
    release = start.partition(b"<release>")[2][:3]
    return _STATA_VERSIONS.get(release, 15)
