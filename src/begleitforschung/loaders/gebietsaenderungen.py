"""Namens-, Grenz- und Schlüsseländerungen of Destatis: one workbook per year."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from begleitforschung.errors import Finding, SourceFileError, ValidationError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.files import RawFile, open_raw
from begleitforschung.loaders.territory_source import territory_files, territory_source
from begleitforschung.loaders.worksheets import Rows, sheet_names, sheets_of
from begleitforschung.provenance import Provenance
from begleitforschung.regions.changes import TerritorialChanges
from begleitforschung.regions.grammar import is_key

_COLUMNS = (
    *("id", "level", "ars_old", "ags_old", "name_old", "kinds", "area_m2", "population"),
    *("ars_new", "ags_new", "name_new", "legal_date", "statistical_date"),
)
_LEVELS = {"Gemeinde": "gemeinde", "Gemeindeverband": "verband"}
_ID = re.compile(r"\d\d/\d{4}/\d{4}-R")
_SHEET = "Gebietsaenderungen"
_PERIOD = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})?\s*(?:-|–|bis)\s*(\d\d)\.(\d\d)\.(\d{4})")


def read_territorial_changes(*paths: str | os.PathLike[str]) -> TerritorialChanges:
    """Read the lists of territorial changes that Destatis publishes per year.

    Parameters
    ----------
    *paths : str or path
        XLSX files ``Namens-, Grenz- und Schlüsseländerungen``; rows that stand in several (a
        year to date and the whole year) count once.

    Returns
    -------
    TerritorialChanges
        All changes.

    Raises
    ------
    SourceFileError
        If a file is missing, damaged or no such list.
    ValidationError
        If rows can't be read; all of them with row and column.
    """
    if not paths:
        raise SourceFileError("name at least one list of territorial changes")
    frames, nodes = [], []
    findings: list[Finding] = []
    periods: set[tuple[str, str]] = set()
    for path in map(Path, paths):
        raw = open_raw(path)
        rows, head = _sheet(raw.name, dict(sheets_of(raw)) if raw.kind == "xlsx" else {})
        frames.append(_frame(raw.name, rows, head))
        title = re.sub(r"\s+", " ", str(rows[0][0])).strip()
        source = territory_source(path, raw, "gebietsaenderungen", edition=title)
        nodes.append(Provenance.of("read_territorial_changes", source))
        found = _period(title)
        periods |= set(found)
        findings += (*raw.findings, *(() if found else (_no_period(raw.name),)))
    data = pd.concat(frames, ignore_index=True)
    again = data.duplicated(list(_COLUMNS))
    node = nodes[0] if len(nodes) == 1 else Provenance.of("join_territorial_changes", *nodes)
    return TerritorialChanges(
        data=data[~again].reset_index(drop=True),
        kinds={code: label.de for code, label in territory_files().aenderungsarten.items()},
        provenance=node,
        findings=(*findings, *_repeated(data[again])),
        periods=tuple(sorted(periods)),
    )


def is_list_of_changes(raw: RawFile) -> bool:
    """Say whether a file is a list of territorial changes, by the names of its sheets.

    Parameters
    ----------
    raw : RawFile
        The file.

    Returns
    -------
    bool
        True if one of them is ``Gebietsaenderungen``.

    Raises
    ------
    SourceFileError
        If it is a damaged workbook.
    """
    return raw.kind == "xlsx" and _SHEET in sheet_names(raw)


def _period(title: str) -> list[tuple[str, str]]:
    """Return first and last day of the list, as its title states them."""
    found = _PERIOD.search(title)
    if not found:
        return []
    day, month, year, last_day, last_month, last_year = found.groups()
    first = f"{year or last_year}-{month}-{day}"
    last = f"{last_year}-{last_month}-{last_day}"
    try:
        return [(first, last)] if date.fromisoformat(first) <= date.fromisoformat(last) else []
    except ValueError:
        return []


def _no_period(file: str) -> Finding:
    return Finding(
        rule="changes.period",
        severity="warning",
        text=Text(
            "Die erste Zeile nennt keinen Zeitraum; die Liste verlängert keinen Umsteigeschlüssel",
            "the first row states no period; the list prolongs no Umsteigeschlüssel",
        ),
        file=file,
        row=1,
    )


def _sheet(file: str, sheets: dict[str, Rows]) -> tuple[Rows, int]:
    for rows in sheets.values():
        for at, row in enumerate(rows[:8]):
            if [str(cell).strip() for cell in row[:2]] == ["Kennziffer", "Regionaleinheit"]:
                if len(row) != len(_COLUMNS):
                    raise SourceFileError(
                        f"{file}, row {at + 1}: {len(row)} columns instead of {len(_COLUMNS)}"
                    )
                return rows, at
    raise SourceFileError(
        f"{file} is no list of territorial changes: no sheet of an XLSX file has a header row "
        "that starts with 'Kennziffer', 'Regionaleinheit'"
    )


def _frame(file: str, rows: Rows, head: int) -> pd.DataFrame:
    below = [(at, [_text(cell) for cell in row]) for at, row in enumerate(rows, 1) if at > head + 2]
    kept = [(at, row) for at, row in below if any(row[1:])]  # notes stand in the first column
    frame = pd.DataFrame([row for _, row in kept], columns=list(_COLUMNS), dtype="str")
    frame["row"], frame["file"] = [at for at, _ in kept], file
    problems: list[Finding] = []
    _check(frame, "id", ~frame["id"].str.fullmatch(_ID.pattern), problems)
    _check(frame, "level", ~frame["level"].isin(list(_LEVELS)), problems)
    known = set(territory_files().aenderungsarten)
    frame["kinds"] = frame["kinds"].str.replace(" ", "", regex=False)
    _check(frame, "kinds", ~frame["kinds"].str.split(",").map(lambda k: set(k) <= known), problems)
    municipal = frame["level"] == "Gemeinde"
    for name in ("ars_old", "ags_old", "ars_new", "ags_new"):
        bad = ~frame[name].map(lambda key: not key or is_key(key)).astype(bool)
        if name.startswith("ags"):
            bad |= municipal & (frame[name].str.len() != 8)
        _check(frame, name, bad, problems)
    for name in ("area_m2", "population"):
        numbers = pd.to_numeric(frame[name].where(frame[name] != "", None), errors="coerce")
        possible = numbers.between(0, 1e12)  # square metres of all Germany: 3.6e11
        _check(frame, name, ~possible & (frame[name] != ""), problems)
        frame[name] = numbers.astype("float64")
    for name in ("legal_date", "statistical_date"):
        days = pd.to_datetime(frame[name], format="%d.%m.%Y", errors="coerce")
        _check(frame, name, days.isna(), problems)
        frame[name] = days
    if problems:
        raise ValidationError(f"{file} has rows that can't be read:", findings=problems)
    return frame.assign(level=frame["level"].map(_LEVELS))


def _check(frame: pd.DataFrame, column: str, bad: pd.Series, problems: list[Finding]) -> None:
    wrong = frame[bad.astype(bool)]
    if wrong.empty:
        return
    problems.append(
        Finding(
            rule=f"changes.{column}",
            severity="error",
            text=Text("Angabe fehlt oder ist unlesbar", "missing or not readable"),
            file=str(wrong["file"].iloc[0]),
            row=int(wrong["row"].iloc[0]),
            column=column,
            value=str(wrong[column].iloc[0]),
            n=len(wrong),
            rows=rows_concerned(wrong["row"]),
        )
    )


def _repeated(rows: pd.DataFrame) -> Sequence[Finding]:
    if rows.empty:
        return ()
    words = Text("Zeilen stehen mehrfach; einmal gezählt", "rows stand several times; counted once")
    first = rows.iloc[0]
    found = Finding(
        rule="changes.twice",
        severity="info",
        text=words,
        file=str(first["file"]),
        row=int(first["row"]),
        n=len(rows),
        rows=rows_concerned(rows["row"]),
    )
    return (found,)


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return re.sub(r"\s+", " ", str(cell)).strip()
