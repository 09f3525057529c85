"""Reading a framework: a packaged one, a folder of CSVs, or one workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from begleitforschung.catalogue import Readable, read_csv_entries, resource
from begleitforschung.errors import (
    CatalogueError,
    Finding,
    FrameworkError,
    SourceFileError,
    UnknownCodeError,
)
from begleitforschung.frameworks.checks import Content, check_content
from begleitforschung.frameworks.columns import meanings
from begleitforschung.frameworks.entries import SHEETS, Info
from begleitforschung.frameworks.framework import Framework
from begleitforschung.frameworks.package import DESCRIPTOR, read_info
from begleitforschung.language import Text

INFO_SHEET = "framework"
HELP_SHEET = "Anleitung"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A file or a sheet of a workbook, as UTF-8 CSV."""

    name: str
    content: bytes

    def read_bytes(self) -> bytes:
        return self.content


@dataclass(frozen=True, slots=True)
class _Read:
    """What could be read, and what could not."""

    info: Info | None
    content: Content | None
    findings: tuple[Finding, ...]


def available() -> tuple[str, ...]:
    """Return the identifiers of the frameworks that the package ships.

    Returns
    -------
    tuple of str
        For use with `load_framework`.
    """
    folders = resource("frameworks").iterdir()
    return tuple(sorted(f.name for f in folders if f.is_dir() and not f.name.startswith("_")))


def load_framework(id_or_path: str | Path) -> Framework:
    """Load a KPI framework.

    Parameters
    ----------
    id_or_path : str or pathlib.Path
        Identifier of a packaged framework (``"sdg_kommunen"``, ``"u4ssc"``,
        ``"iso37120_2014"``), a folder with ``datapackage.json`` and the CSV sheets, or an XLSX
        workbook with these sheets.

    Returns
    -------
    Framework
        The framework, checked.

    Raises
    ------
    FrameworkError
        If it is incomplete or contradicts itself; all problems of all sheets at once.
    SourceFileError
        If the path does not exist or is neither folder nor workbook.
    UnknownCodeError
        If no framework has this identifier.

    Examples
    --------
    >>> load_framework("sdg_kommunen")["16011"].name_de
    'Schulabbrecherquote'
    """
    if isinstance(id_or_path, str) and id_or_path in available():
        return _packaged(id_or_path)
    path = Path(id_or_path)
    if isinstance(id_or_path, str) and not path.exists() and path.name == id_or_path:
        raise UnknownCodeError(id_or_path, available(), "packaged frameworks")
    return _build(_read(path), path.name)


def check_framework(path: str | Path) -> tuple[Finding, ...]:
    """Say in words what is wrong with a framework.

    Parameters
    ----------
    path : str or pathlib.Path
        Folder, XLSX workbook or identifier of a packaged framework.

    Returns
    -------
    tuple of Finding
        File or sheet, row, column, value, German and English text, remedy; empty if all is
        well. With severity ``"error"`` the framework can't be loaded.

    Raises
    ------
    SourceFileError
        If the path does not exist or is neither folder nor workbook.
    """
    if isinstance(path, str) and path in available():
        return _read_folder(resource("frameworks", path)).findings
    return _read(Path(path)).findings


@cache
def _packaged(id: str) -> Framework:
    return _build(_read_folder(resource("frameworks", id)), id)


def _build(read: _Read, name: str) -> Framework:
    problems = [item for item in read.findings if item.severity == "error"]
    if problems or read.info is None or read.content is None:
        raise FrameworkError(
            f"'{name}' is no complete and consistent framework ({len(problems)} problems):",
            findings=problems,
        )
    return Framework(info=read.info, **{s: getattr(read.content, s) for s in SHEETS})


def _read(path: Path) -> _Read:
    if path.is_dir():
        return _read_folder(path)
    if not path.exists():
        raise SourceFileError(f"{path.name!r} does not exist; give a folder or an XLSX workbook")
    if path.suffix.lower() not in (".xlsx", ".xlsm", ".ods"):
        raise SourceFileError(
            f"{path.name!r} is neither a folder with {DESCRIPTOR} and the sheets as CSV "
            "nor an XLSX workbook"
        )
    return _read_workbook(path)


def _read_folder(folder: Path | Traversable) -> _Read:
    found: dict[str, Readable] = {item.name: item for item in folder.iterdir()}
    findings = _unexpected(found, [DESCRIPTOR, *(f"{sheet}.csv" for sheet in SHEETS)], ".csv")
    info: Info | None = None
    if DESCRIPTOR in found:
        try:
            info = read_info(found[DESCRIPTOR])
        except CatalogueError as error:
            findings += error.findings
    return _collect(info, {s: found.get(f"{s}.csv") for s in SHEETS}, findings, ".csv")


def _read_workbook(path: Path) -> _Read:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        tables = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    except (CalamineError, OSError) as error:
        raise SourceFileError(f"{path.name} is no readable workbook: {error}") from None
    found: dict[str, Readable] = {name: _as_csv(name, rows) for name, rows in tables.items()}
    findings = _unexpected(found, [INFO_SHEET, *SHEETS], "")
    info: Info | None = None
    if INFO_SHEET in found:
        rows, problems = _entries(found[INFO_SHEET], Info)
        findings += problems
        if not problems and len(rows) != 1:
            text = Text("genau eine Zeile ist erwartet", "exactly one row is expected")
            findings.append(_problem("one_row", INFO_SHEET, text))
        info = rows[0] if len(rows) == 1 else None
    return _collect(info, {sheet: found.get(sheet) for sheet in SHEETS}, findings, "")


def _collect(
    info: Info | None,
    files: Mapping[str, Readable | None],
    findings: list[Finding],
    suffix: str,
) -> _Read:
    parts: dict[str, Any] = {}
    rows: dict[str, list[int]] = {}
    for sheet, file in files.items():
        if file is None:
            continue
        parts[sheet], problems = _entries(file, SHEETS[sheet])
        findings += problems
        rows[sheet] = _row_numbers(file)
    if any(item.severity == "error" for item in findings):
        return _Read(info, None, _with_remedies(findings))
    content = Content(**parts, rows=rows, suffix=suffix)
    if not content.kpis:
        text = Text("noch keine KPIs eingetragen", "no KPIs yet")
        findings.append(_problem("empty", f"kpis{suffix}", text, severity="warning"))
    return _Read(info, content, _with_remedies((*findings, *check_content(content))))


def _with_remedies(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Add the meaning of the column where a finding does not say what to do."""
    told = []
    for item in findings:
        sheet = Path(item.file or "").stem
        meaning = meanings().get((sheet, item.column or ""))
        if item.hint is None and meaning:
            english = f"Correct the column '{item.column}'; the template's guide explains it."
            item = replace(item, hint=Text(f"Spalte '{item.column}': {meaning}.", english))
        told.append(item)
    return tuple(told)


def _entries(file: Readable, model: type[Any]) -> tuple[tuple[Any, ...], list[Finding]]:
    try:
        return read_csv_entries(file, model, delimiter=_delimiter(file)), []
    except CatalogueError as error:
        return (), _once_per_column(error.findings, file)
    except SourceFileError as error:
        text = Text(f"Datei ist nicht lesbar: {error}", f"file is not readable: {error}")
        hint = Text(
            "Die Kopfzeile muss da sein; als 'CSV UTF-8 (durch Trennzeichen getrennt)' speichern.",
            "The header has to be there; save as 'CSV UTF-8'.",
        )
        return (), [_problem("unreadable", file.name, text, hint)]


def _once_per_column(findings: Iterable[Finding], file: Readable) -> list[Finding]:
    """Report a required column that the header lacks once, not on each row."""
    header = _rows(file)[0]
    text = Text("Pflichtspalte fehlt", "required column is missing")
    hint = Text("Spalte aus der leeren Vorlage übernehmen.", "Take the column from the template.")
    kept: dict[object, Finding] = {}
    for item in findings:
        if item.column and item.column not in header:
            problem = _problem("column", file.name, text, hint)
            kept[item.column] = replace(problem, row=1, column=item.column)
        else:
            kept[len(kept)] = item
    return list(kept.values())


def _rows(file: Readable) -> list[list[str]]:
    text = file.read_bytes().decode("utf-8-sig", errors="replace")
    return list(csv.reader(io.StringIO(text), delimiter=_delimiter(file)))


def _row_numbers(file: Readable) -> list[int]:
    return [n for n, row in enumerate(_rows(file), start=1) if n > 1 and any(map(str.strip, row))]


def _delimiter(file: Readable) -> str:
    """Return ``;`` for what a German spreadsheet program saved, else ``,``."""
    header = file.read_bytes().partition(b"\n")[0]
    return ";" if header.count(b";") > header.count(b",") else ","


def _unexpected(found: Mapping[str, Readable], wanted: list[str], suffix: str) -> list[Finding]:
    what = Text("Datei", "file") if suffix else Text("Blatt", "sheet")
    findings = [
        _problem(
            "missing_sheet",
            name,
            Text(f"{what.de} fehlt", f"{what.en} is missing"),
            Text(
                "Aus der leeren Vorlage übernehmen ('write_template'); nur die Kopfzeile genügt.",
                "Take it from the empty template ('write_template'); the header alone will do.",
            ),
        )
        for name in wanted
        if name not in found
    ]
    extra = [n for n in found if n.endswith(suffix) and n not in (*wanted, HELP_SHEET)]
    text = Text(f"{what.de} wird nicht gelesen", f"{what.en} is not read")
    hint = Text(f"Gelesen werden: {', '.join(wanted)}.", f"Read are: {', '.join(wanted)}.")
    return findings + [
        _problem("extra_sheet", name, text, hint, severity="warning") for name in sorted(extra)
    ]


def _as_csv(name: str, rows: list[list[Any]]) -> _Sheet:
    """Return a sheet as CSV; calamine gives every number as float."""
    texts = [[_cell(value) for value in row] for row in rows]
    filled = (n for row in texts for n, cell in enumerate(row, start=1) if cell.strip())
    width = max(filled, default=0)
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(row[:width] for row in texts)
    return _Sheet(name, stream.getvalue().encode())


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _problem(
    rule: str, file: str, text: Text, hint: Text | None = None, severity: Any = "error"
) -> Finding:
    return Finding(rule=f"framework.{rule}", severity=severity, text=text, hint=hint, file=file)
