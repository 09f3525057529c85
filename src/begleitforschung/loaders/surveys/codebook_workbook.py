"""Codebooks as workbooks: sheets Befragung, Fragen, Zeilen and Codes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from begleitforschung.catalogue import Label, parse_entry
from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.surveys.workbook import sheets_of
from begleitforschung.surveys import Codebook
from begleitforschung.surveys.checks import require_sound

SURVEY, ITEMS, ROWS, CODES = "Befragung", "Fragen", "Zeilen", "Codes"
ITEM_COLUMNS = (
    *("id", "kind", "text_de", "text_en", "cells", "ranks", "untouched", "filter", "direction"),
    *("unit", "min", "max", "integer", "estimate", "page", "mandatory", "role"),
    *("confidentiality", "sensitive", "column", "note"),
)
ROW_COLUMNS = ("item", "id", "text_de", "text_en")
CODE_COLUMNS = ("item", "code", "label_de", "label_en", "missing", "value")
_TOLD = ("wave", "respondent", "retention", "unit", "land", "several", "software", "pages")
_KEYS = (
    *("id", "title_de", "title_en"),
    *_TOLD,
    *("promise_de", "promise_en", "promise_date", "legal_basis"),
)


def is_codebook(names: Sequence[str]) -> bool:
    """Say whether a workbook is a codebook.

    Parameters
    ----------
    names : sequence of str
        Names of its sheets.

    Returns
    -------
    bool
        True if it has the sheets of the survey and of its questions.
    """
    return {SURVEY, ITEMS} <= set(names)


def read_codebook_workbook(data: bytes, file: str) -> Codebook:
    """Read a codebook from a workbook.

    Parameters
    ----------
    data : bytes
        The workbook.
    file : str
        Name of the file.

    Returns
    -------
    Codebook
        The codebook, checked like one in YAML.

    Raises
    ------
    CatalogueError
        If keys or values don't fit; all problems, those of questions with the row of ``Fragen``.
    SourceFileError
        If a sheet or one of its columns is missing.
    """
    sheets = sheets_of(data, file)
    told = {row[0]: row[1] for row in sheets.get(SURVEY, []) if len(row) > 1 and row[0]}
    strange = set(told) - {*_KEYS, "key"}
    if strange:
        raise SourceFileError(f"{file}, sheet {SURVEY}: unknown key {', '.join(sorted(strange))}")
    rows = _records(sheets, ROWS, ROW_COLUMNS, file)
    codes = _records(sheets, CODES, CODE_COLUMNS, file)
    items: list[dict[str, Any]] = []
    lines: dict[tuple[str | int, ...], int] = {}
    for number, item in _records(sheets, ITEMS, ITEM_COLUMNS, file):
        name = item.get("id", "")
        item |= _labelled(item, "text")
        item |= _parts("rows", rows, name, "text") | _parts("codes", codes, name, "label")
        lines["items", len(items)] = number
        items.append(item)
    content = _survey(told) | {"items": items}
    codebook = parse_entry(content, Codebook, file=file, lines=lines)
    require_sound(codebook, file=file, lines=lines)
    return codebook


def write_codebook_workbook(codebook: Codebook, path: str | os.PathLike[str]) -> Path:
    """Write a codebook as a workbook, to be completed there.

    Parameters
    ----------
    codebook : Codebook
        The codebook.
    path : str or path
        The workbook to write; it must not exist.

    Returns
    -------
    pathlib.Path
        The workbook; `load_codebook` reads it back. Ranges of missings, relevances and the
        reference of the instrument have no place in it: with these, keep YAML.

    Raises
    ------
    SourceFileError
        If the file exists.
    """
    from openpyxl import Workbook

    target = Path(path)
    if target.exists():
        raise SourceFileError(f"{target.name} exists; choose another name")
    book = Workbook()
    while book.worksheets:
        book.remove(book.worksheets[0])
    for name, lines in _lines(codebook).items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(["" if cell is None else cell for cell in line])
        sheet.freeze_panes = "A2"
    book.save(target)
    return target


def _lines(codebook: Codebook) -> dict[str, list[list[Any]]]:
    told, promise = codebook.instrument, codebook.instrument.promise
    values = {"id": codebook.id, "title_de": codebook.title.de, "title_en": codebook.title.en}
    values |= {name: getattr(told, name) for name in _TOLD}
    if promise is not None:
        values |= {"promise_de": promise.text.de, "promise_en": promise.text.en}
        values |= {"promise_date": promise.date.isoformat(), "legal_basis": promise.legal_basis}
    items: list[list[Any]] = [list(ITEM_COLUMNS)]
    rows: list[list[Any]] = [list(ROW_COLUMNS)]
    codes: list[list[Any]] = [list(CODE_COLUMNS)]
    for item in codebook.items:
        given = item.model_dump(mode="json", exclude_defaults=True)
        given |= {"text_de": item.text.de, "text_en": item.text.en}
        items.append([_cell(given.get(name)) for name in ITEM_COLUMNS])
        rows += [[item.id, row.id, row.text.de, row.text.en] for row in item.rows]
        codes += [
            [item.id, code.code, code.label.de, code.label.en, code.missing, code.value]
            for code in item.codes
        ]
    return {
        SURVEY: [["key", "value"], *([key, values.get(key)] for key in _KEYS)],
        ITEMS: items,
        ROWS: rows,
        CODES: codes,
    }


def _cell(value: object) -> object:
    return {True: "true", False: ""}[value] if isinstance(value, bool) else value


def _records(
    sheets: Mapping[str, list[list[str]]], name: str, columns: Sequence[str], file: str
) -> list[tuple[int, dict[str, Any]]]:
    """Return the rows of a sheet with their numbers; empty cells are left out."""
    grid = sheets.get(name, [])
    if not grid:
        return []
    strange = [heading for heading in grid[0] if heading and heading not in columns]
    if strange or columns[0] not in grid[0]:
        raise SourceFileError(
            f"{file}, sheet {name}: the headings are {', '.join(columns)}"
            + (f"; unknown: {', '.join(strange)}" if strange else "")
        )
    return [
        (number, {key: cell for key, cell in zip(grid[0], line, strict=False) if key and cell})
        for number, line in enumerate(grid[1:], start=2)
        if any(line)
    ]


def _parts(
    key: str, records: Sequence[tuple[int, dict[str, Any]]], item: str, text: str
) -> dict[str, Any]:
    mine = [dict(record) for _, record in records if record.get("item") == item]
    found = []
    for part in mine:
        del part["item"]
        label = _labelled(part, text)
        found.append(part | label)
    return {key: found} if found else {}


def _labelled(record: dict[str, Any], name: str) -> dict[str, Any]:
    """Take the wordings out of a record, as one label."""
    label = Label(de=record.pop(f"{name}_de", ""), en=record.pop(f"{name}_en", ""))
    return {name: label.model_dump()}


def _survey(told: Mapping[str, str]) -> dict[str, Any]:
    instrument: dict[str, Any] = {name: told[name] for name in _TOLD if told.get(name)}
    if told.get("promise_de"):
        instrument["promise"] = {
            "text": {"de": told["promise_de"], "en": told.get("promise_en", "")},
            "date": told.get("promise_date", "")[:10],
            "legal_basis": told.get("legal_basis", ""),
        }
    title = {"de": told.get("title_de", ""), "en": told.get("title_en", "")}
    return {"id": told.get("id", ""), "title": title, "instrument": instrument}
