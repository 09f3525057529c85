"""The rows of a Gemeindeverzeichnis, from a workbook or from text of fixed width."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, SourceFileError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.files import RawFile
from begleitforschung.loaders.worksheets import Rows

_DATE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})")
_CENSUS = re.compile(r"Zensus (\d{4})")
_KINDS = ("10", "20", "30", "40", "50", "60")  # Satzart: Land to municipality
_WIDTHS = (15, 20)
_TOP = 10
_PARTS = {"Land": 2, "RB": 1, "Kreis": 2, "VB": 4, "Gem": 3}
_DENSITY = "population_density"
_HEADS = {
    "Satz": "kind",
    "Text": "textkennzeichen",
    "Gemeindename": "name",
    "Fläche": "area_km2",
    "insgesamt": "population",
    "männlich": "population_male",
    "weiblich": "population_female",
    "je km": _DENSITY,
    "Post": "postcode",
}
_NUMBERS = (*("area_km2", "population", "population_male", "population_female", _DENSITY),)
# GV100AD: column -> (first, last) position, counted from 1.
_FIXED = {
    "state": (3, 10),
    "key": (11, 18),
    "verband": (19, 22),
    "name": (23, 72),
    "textkennzeichen": (123, 124),
    "hectares": (129, 139),
    "population": (140, 150),
    "population_male": (151, 161),
    "postcode": (166, 170),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verzeichnis:
    """The municipalities of a file.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``ags, ars, textkennzeichen, name, postcode`` (text), ``area_km2, population,
        population_male, population_female, population_density`` (float64; the last one is not in
        files of fixed width) and ``row``.
    file : str
        Name of the file.
    state : str
        Date of the borders, ISO 8601.
    day : datetime.date
        Date of the population; ``None`` where the file does not say.
    base : str
        Census that the file says the population rests on; empty if it says none.
    edition : str
        How the file names itself.
    findings, problems : tuple of Finding
        Remarks, and what forbids to use the file.
    """

    frame: pd.DataFrame
    file: str
    state: str
    day: date | None
    base: str = ""
    edition: str = ""
    findings: tuple[Finding, ...] = ()
    problems: tuple[Finding, ...] = ()


def is_header(row: Sequence[object]) -> bool:
    """Say whether a row is the first header row of an AuszugGV.

    Parameters
    ----------
    row : sequence
        Its cells.

    Returns
    -------
    bool
        True if it starts with the Satzart.
    """
    return bool(row) and re.match(r"Satz-?\s?art\b", _text(row[0])) is not None


def of_workbook(file: str, sheets: Iterable[tuple[str, Rows]]) -> Verzeichnis:
    """Read the sheet of a workbook AuszugGV.

    Parameters
    ----------
    file : str
        Name of the file.
    sheets : iterable of (str, rows)
        Its sheets.

    Returns
    -------
    Verzeichnis
        Its municipalities.

    Raises
    ------
    SourceFileError
        If no sheet is a Gemeindeverzeichnis or it states no date.
    """
    for name, rows in sheets:
        head = next((at for at, row in enumerate(rows[:_TOP]) if is_header(row)), None)
        if head is not None:
            return _of_rows(file, name, rows, head)
    raise SourceFileError(
        f"{file} is no AuszugGV: no sheet has a header row that starts with 'Satzart'. Fetch "
        "'Alle politisch selbständigen Gemeinden' from Destatis (Gemeindeverzeichnis)."
    )


def of_text(raw: RawFile, day: str | None) -> Verzeichnis:
    """Read a GV100AD file.

    Parameters
    ----------
    raw : RawFile
        The file.
    day : str, optional
        Date of the population.

    Returns
    -------
    Verzeichnis
        Its municipalities.

    Raises
    ------
    SourceFileError
        If it is no GV100AD, holds several states, or `day` is no date.
    """
    lines = raw.data.decode("utf-8").splitlines()
    kinds = [line[:2] for line in lines]
    if not kinds or sum(kind in _KINDS for kind in kinds) < len(lines) / 2 or "60" not in kinds:
        raise SourceFileError(
            f"{raw.name} is no GV100AD: lines of 220 characters are expected that start with the "
            "Satzart (10 to 60), municipalities with 60"
        )
    cells = [
        {name: line[a - 1 : b].strip() for name, (a, b) in _FIXED.items()} | {"row": at}
        for at, line in enumerate(lines, 1)
        if line.startswith("60")
    ]
    frame = pd.DataFrame(cells)
    states = sorted(frame.pop("state").unique())
    if len(states) > 1 or not re.fullmatch(r"\d{8}", states[0]):
        raise SourceFileError(f"{raw.name} holds rows of several states: {', '.join(states)}")
    state = f"{states[0][:4]}-{states[0][4:6]}-{states[0][6:]}"
    problems: list[Finding] = []
    frame["ags"], frame["ars"] = frame["key"], _ars(frame)
    hectares = _numbers(frame, "hectares", raw.name, problems)
    for name in ("population", "population_male"):
        frame[name] = _numbers(frame, name, raw.name, problems)
    frame = frame.assign(
        area_km2=hectares / 100, population_female=frame["population"] - frame["population_male"]
    )
    unverified = _remark(
        raw.name,
        "gv.gv100ad_unverified",
        Text("Satzaufbau GV100AD nur an Einzelzeilen geprüft", "layout checked on lines only"),
    )
    return Verzeichnis(
        frame=frame.drop(columns=["key", "verband", "hectares"]),
        file=raw.name,
        state=state,
        day=_stated_day(day, state),
        edition=state,
        findings=(unverified,),
        problems=(*problems, *_bad_keys(frame, raw.name)),
    )


def _stated_day(day: str | None, state: str) -> date | None:
    """Return the date of the population: as given, or that of borders of 31 December."""
    try:
        known = day or (state if state.endswith("-12-31") else None)
        return date.fromisoformat(known) if known else None
    except ValueError:
        raise SourceFileError(f"population_date={day!r} is no date such as 2021-12-31") from None


def _ars(frame: pd.DataFrame) -> pd.Series:
    return frame["key"].str[:5] + frame["verband"].str.rjust(4, "0") + frame["key"].str[5:]


def _of_rows(file: str, sheet: str, rows: Rows, head: int) -> Verzeichnis:
    columns = _columns(rows[head], rows[head + 1])
    needed = [name for name in (*_PARTS, *_HEADS.values()) if name != _DENSITY]
    missing = [name for name in needed if name not in columns]
    if missing:
        raise SourceFileError(f"{file}, sheet {sheet!r}: no column for {', '.join(missing)}")
    dates = rows[head + 2]
    state = _day(dates[columns["Land"]]) or _day(rows[0][0])
    day = _day(dates[columns["population"]]) or _day(dates[columns["area_km2"]]) or state
    if state is None or day is None:
        raise SourceFileError(f"{file}, sheet {sheet!r}: row {head + 3} states no date of borders")
    body = [(at, row) for at, row in enumerate(rows[head + 3 :], head + 4) if any(map(_text, row))]
    texts = {name: [_text(row[at]) for _, row in body] for name, at in columns.items()}
    everything = pd.DataFrame(texts, dtype="str")
    everything["row"] = np.array([at for at, _ in body], np.int32)
    problems = _strange(file, everything)
    frame = everything[everything["kind"] == "60"].reset_index(drop=True)
    part = {name: frame[name].str.zfill(width) for name, width in _PARTS.items()}
    county = part["Land"] + part["RB"] + part["Kreis"]
    frame["ags"], frame["ars"] = county + part["Gem"], county + part["VB"] + part["Gem"]
    for name in (number for number in _NUMBERS if number in frame):
        frame[name] = _numbers(frame, name, file, problems)
    census = _CENSUS.search(" ".join(map(_text, rows[head])))
    known = len(rows[head]) in _WIDTHS
    layout = Text("Aufbau nicht an einer echten Datei geprüft", "layout not checked on a real file")
    return Verzeichnis(
        frame=frame.drop(columns=[*_PARTS, "kind"]),
        file=file,
        state=state.isoformat(),
        day=day,
        base=f"Zensus {census[1]}" if census else "",
        edition=state.isoformat(),
        findings=() if known else (_remark(file, "gv.layout_unverified", layout),),
        problems=(*problems, *_bad_keys(frame, file)),
    )


def _columns(above: Sequence[object], below: Sequence[object]) -> dict[str, int]:
    """Return the position of each column by the start of its header in either row."""
    found: dict[str, int] = {}
    for at, heads in enumerate(zip(map(_text, above), map(_text, below), strict=True)):
        for head in heads:
            if head in _PARTS:
                found.setdefault(head, at)
            for start, name in _HEADS.items():
                if head.startswith(start):
                    found.setdefault(name, at)
    return found


def _strange(file: str, frame: pd.DataFrame) -> list[Finding]:
    """Find rows that hold a key but not its Satzart, which would be left out in silence."""
    kind = frame["kind"]
    unknown = (frame["Land"] != "") & ~kind.isin(list(_KINDS))
    rows = frame.loc[unknown | (frame["Gem"] != "") & (kind != "60"), "row"].tolist()
    if not rows:
        return []
    words = Text("Satzart fehlt oder ist unbekannt", "Satzart is missing or unknown")
    return [_problem(file, "gv.satzart", words, "Satzart", rows, None)]


def _numbers(frame: pd.DataFrame, name: str, file: str, problems: list[Finding]) -> pd.Series:
    given = frame[name]
    plain = given.str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(plain.where(plain != "", None), errors="coerce").astype("float64")
    bad = numbers.isna() & (given != "") | (numbers < 0) | np.isinf(numbers)
    if bad.any():
        rows = [int(row) for row in frame.loc[bad, "row"]]
        words = Text("keine Zahl ab 0", "no number from 0 up")
        problems.append(_problem(file, "gv.number", words, name, rows, str(given[bad].iloc[0])))
    return numbers


def _bad_keys(frame: pd.DataFrame, file: str) -> list[Finding]:
    found = []
    for name, digits in (("ags", 6), ("ars", 10)):
        wrong = frame[~frame[name].str.fullmatch(f"(?:0[1-9]|1[0-6])[0-9]{{{digits}}}")]
        if len(wrong):
            words = Text("kein Schlüssel einer Gemeinde", "no key of a municipality")
            rows = [int(row) for row in wrong["row"]]
            found.append(_problem(file, "gv.key", words, name, rows, str(wrong[name].iloc[0])))
    return found


def _day(cell: object) -> date | None:
    found = _DATE.search(_text(cell))
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())


def _problem(
    file: str, rule: str, words: Text, column: str, rows: Sequence[int], value: str | None
) -> Finding:
    return Finding(
        rule=rule,
        severity="error",
        text=words,
        file=file,
        row=rows[0],
        column=column,
        value=value,
        n=len(rows),
        rows=rows_concerned(rows),
    )


def _remark(file: str, rule: str, words: Text) -> Finding:
    return Finding(rule=rule, severity="warning", text=words, file=file)
