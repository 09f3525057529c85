"""The empty template for an institute's own KPI-Rahmenplan."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from begleitforschung.catalogue import Entry, resource
from begleitforschung.errors import FrameworkError
from begleitforschung.frameworks.columns import meanings
from begleitforschung.frameworks.entries import SHEETS, Info
from begleitforschung.frameworks.package import DESCRIPTOR, kind, options, read_info
from begleitforschung.frameworks.reading import HELP_SHEET, INFO_SHEET

GUIDE = "LIESMICH.md"
_TYPES = {
    "boolean": "true oder false",
    "integer": "ganze Zahl",
    "number": "Zahl mit Dezimalpunkt",
    "string": "Text",
}
_HEAD = ("Blatt", "Spalte", "Pflicht", "Art", "erlaubte Werte", "Bedeutung")


def guide() -> tuple[tuple[str, ...], ...]:
    """Explain every column of every sheet in German.

    Returns
    -------
    tuple of tuple of str
        Sheet, column, whether required, kind, allowed values, meaning.
    """
    rows = []
    models: dict[str, type[Entry]] = {INFO_SHEET: Info, **SHEETS}
    for sheet, model in models.items():
        for name, item in model.model_fields.items():
            needed = "ja" if item.is_required() else ""
            allowed = ", ".join(options(item.annotation))
            what = _TYPES[kind(item.annotation)]
            rows.append((sheet, name, needed, what, allowed, meanings()[sheet, name]))
    return tuple(rows)


def write_template(folder: str | Path, *, xlsx: bool = False) -> tuple[Path, ...]:
    """Write an empty, commented template for an own framework.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where to write; made if missing. A path that ends in ``.xlsx`` is the workbook itself.
    xlsx : bool
        Write one workbook instead of CSV files.

    Returns
    -------
    tuple of pathlib.Path
        The files written.

    Raises
    ------
    FrameworkError
        If one of the files is there already; nothing is written then.
    """
    target, name = Path(folder), "rahmenplan.xlsx"
    if target.suffix.lower() == ".xlsx":
        target, name, xlsx = target.parent, target.name, True
    names = [name] if xlsx else [DESCRIPTOR, GUIDE, *(f"{s}.csv" for s in SHEETS)]
    paths = tuple(target / name for name in names)
    there = [path.name for path in paths if path.exists()]
    if there:
        raise FrameworkError(f"'{target.name}' holds {', '.join(there)} already; nothing written")
    target.mkdir(parents=True, exist_ok=True)
    for path in paths:
        path.write_bytes(_workbook() if xlsx else _template(path.name))
    return paths


def _template(name: str) -> bytes:
    return resource("frameworks", "_template", name).read_bytes()


def _workbook() -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    info = read_info(resource("frameworks", "_template", DESCRIPTOR))
    book = Workbook()
    book.remove(book.active)
    given: dict[str, list[list[str]]] = {
        HELP_SHEET: [list(_HEAD), *(list(row) for row in guide())],
        INFO_SHEET: [list(Info.model_fields), list(map(str, info.model_dump().values()))],
    }
    for name in SHEETS:
        text = _template(f"{name}.csv").decode("utf-8-sig")
        given[name] = list(csv.reader(io.StringIO(text)))
    for name, rows in given.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.freeze_panes = "A2"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            width = 60 if cell.value in _HEAD[4:] else max(14, len(str(cell.value)) + 2)
            sheet.column_dimensions[cell.column_letter].width = width
        for line in sheet.iter_rows(min_row=2):
            for cell in line:
                cell.number_format = "@"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
