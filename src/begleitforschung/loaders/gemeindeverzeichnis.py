"""Gemeindeverzeichnis of Destatis (GV-ISys): population and area of all municipalities.

Two layouts: the workbook AuszugGV (checked on files of 1994 with 15 columns and of 2023 and 2024
with 20; the one of 2009 with 16 columns is read by its headers and is unverified) and the text file
GV100AD with fixed width (unverified as a whole file: only single lines of it were at hand).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, SourceFileError, ValidationError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.files import RawFile, open_raw
from begleitforschung.loaders.gemeindeverzeichnis_rows import (
    Verzeichnis,
    is_header,
    of_text,
    of_workbook,
)
from begleitforschung.loaders.loaded import Loaded
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised
from begleitforschung.loaders.territory_source import territory_files, territory_source
from begleitforschung.loaders.worksheets import sheets_of
from begleitforschung.provenance import Provenance
from begleitforschung.tables import IndicatorTable, assemble
from begleitforschung.tables.states import OWN_STATE

Key = Literal["ags", "ars"]
_FIGURES = (
    *("population", "population_male", "population_female", "area_km2", "population_density"),
)
_LINE = re.compile(r"[1-6]0(19|20)\d{6}(0[1-9]|1[0-6])")
_TOP = 10


def read_gemeindeverzeichnis(
    *paths: str | os.PathLike[str],
    key: Key = "ags",
    encoding: str = "utf-8",
    population_date: str | None = None,
) -> IndicatorTable:
    """Read population and area of all municipalities from the Gemeindeverzeichnis.

    Parameters
    ----------
    *paths : str or path
        AuszugGV (XLSX) or GV100AD (text). Several files become one series in which each year
        stands on its own borders.
    key : {"ags", "ars"}
        Keys of the units: 8 digits, or 12 digits with the Gemeindeverband.
    encoding : str
        Encoding of a GV100AD file, e.g. ``"cp1252"`` of the older ones.
    population_date : str, optional
        Date of the population in a GV100AD file (ISO 8601), which does not state it; needed
        unless the borders are those of 31 December, whose population it then is.

    Returns
    -------
    IndicatorTable
        ``population``, ``population_male``, ``population_female`` (persons), ``area_km2`` and, from
        workbooks, ``population_density`` (persons per km², rounded by the publisher), with the
        date of the figures. The state is that of the borders; ``"jeweils"`` of several files.
        Findings name the census base, duplicates and what doesn't fit.

    Raises
    ------
    SourceFileError
        If a file is missing, damaged or no Gemeindeverzeichnis.
    ValidationError
        If rows can't be read, keys stand twice with different figures, or in one of several
        files the population is of another date than the borders.
    """
    if not paths:
        raise SourceFileError("name at least one file of the Gemeindeverzeichnis")
    tables = [_table(Path(path), key, encoding, population_date) for path in paths]
    if len(tables) == 1:
        return tables[0]
    for table in tables:
        if table.gebietsstand != f"{table.years[0]}-12-31":
            file = table.data["file"].cat.categories[0]
            raise ValidationError(
                f"{file} holds the population of {table.years[0]} in the borders of "
                f"{table.gebietsstand}; a series of several files needs figures of 31 December in "
                "the borders of the same day. Leave the file out, or read it alone."
            )
    own = [replace(table, gebietsstand=OWN_STATE) for table in tables]
    return own[0].join(*own[1:])


def read_municipalities(path: str | os.PathLike[str], *, encoding: str = "utf-8") -> pd.DataFrame:
    """Read names, keys and postcodes of all municipalities from the Gemeindeverzeichnis.

    Parameters
    ----------
    path : str or path
        AuszugGV (XLSX) or GV100AD (text).
    encoding : str
        Encoding of a GV100AD file.

    Returns
    -------
    pandas.DataFrame
        One row per municipality, all text: ``ags``, ``ars``, ``verband`` (nine digits),
        ``textkennzeichen`` (60 to 67), ``name``, ``postcode`` (of the seat; empty where there is
        none).

    Raises
    ------
    SourceFileError
        If the file is missing, damaged or no Gemeindeverzeichnis.
    ValidationError
        If rows can't be read or keys stand twice with different contents.
    """
    _, found = _read(Path(path), encoding)
    frame, _ = _once(found, "ags")
    names = ["ags", "ars", "textkennzeichen", "name", "postcode"]
    plain = frame[names].reset_index(drop=True).astype("str")
    plain.insert(2, "verband", plain["ars"].str[:9])
    return plain


def _read(path: Path, encoding: str, day: str | None = None) -> tuple[RawFile, Verzeichnis]:
    raw = open_raw(path, encoding=encoding)
    if raw.kind == "xlsx":
        found = of_workbook(raw.name, sheets_of(raw))
    elif raw.kind == "text":
        found = of_text(raw, day)
    else:
        raise SourceFileError(f"{raw.name} is neither XLSX nor text; see docs/reference/formats.md")
    if found.problems:
        raise ValidationError(
            f"{raw.name} has rows that can't be read ({len(found.problems)} problems):",
            findings=found.problems,
        )
    return raw, replace(found, findings=(*raw.findings, *found.findings))


def _table(path: Path, key: Key, encoding: str, population_date: str | None) -> IndicatorTable:
    raw, found = _read(path, encoding, population_date)
    tidy, remarks = _tidy(found, key)
    day = _day_of(found)
    source = territory_source(
        path, raw, "gemeindeverzeichnis", edition=found.edition, gebietsstand=found.state
    )
    node = Provenance.of(
        "read_gemeindeverzeichnis",
        source,
        gebietsstand=found.state,
        date=day.isoformat(),
        census=_base(found, day),
        key=key,
    )
    return assemble(
        tidy,
        indicators=territory_files().indicators,
        gebietsstand=found.state,
        provenance=node,
        findings=(*found.findings, *remarks),
    )


def recognise(head: Head) -> Recognised | None:
    """Recognise an AuszugGV by its header and a GV100AD by the beginning of its lines.

    Parameters
    ----------
    head : Head
        The file.

    Returns
    -------
    Recognised or None
        None if it is neither.
    """
    lines = [line for line in head.lines if line]
    if lines and all(map(_LINE.match, lines)):
        return Recognised("gemeindeverzeichnis", ())
    for name, sheet in head.sheets.items():
        rows = sheet.to_python(skip_empty_area=False, nrows=_TOP)
        if any(map(is_header, rows)):
            return Recognised("gemeindeverzeichnis", (), sheet=name)
    return None


def read_directory(head: Head, found: Recognised, _options: Options) -> Loaded:
    """Read a Gemeindeverzeichnis as one of the formats of `read_indicators`.

    Parameters
    ----------
    head : Head
        The file.
    found : Recognised
        Its sheet.
    _options : Options
        Not used.

    Returns
    -------
    Loaded
        Rows, meanings and findings.

    Raises
    ------
    SourceFileError
        If it is damaged, or does not say of which day the population is.
    ValidationError
        If keys stand twice with different figures.
    """
    if found.sheet:
        rows = head.sheets[found.sheet].to_python(skip_empty_area=False)
        register = of_workbook(head.raw.name, [(found.sheet, rows)])
    else:
        register = of_text(head.raw, None)
    if register.problems:
        return Loaded(tidy=pd.DataFrame(), problems=register.problems)
    tidy, remarks = _tidy(register, "ags")
    return Loaded(
        tidy=tidy,
        indicators=tuple(
            item for item in territory_files().indicators if item.id in set(tidy["indicator"])
        ),
        title="Gemeindeverzeichnis-Informationssystem GV-ISys",
        edition=register.edition,
        consulted=f"census: {_base(register, _day_of(register))}",
        gebietsstand=register.state,
        findings=(*register.findings, *remarks),
    )


def _day_of(found: Verzeichnis) -> date:
    if found.day is None:
        raise SourceFileError(
            f"{found.file} has the borders of {found.state} and does not say of which day the "
            "population is; look it up and read it with "
            "begleitforschung.read_gemeindeverzeichnis(path, population_date=…)"
        )
    return found.day


def _base(found: Verzeichnis, day: date) -> str:
    return found.base or territory_files().base(day)


def _tidy(found: Verzeichnis, key: Key) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a row per municipality and figure, and what is to be said about them."""
    day = _day_of(found)
    frame, doubled = _once(found, key)
    figures = [name for name in _FIGURES if name in frame and frame[name].notna().any()]
    tidy = frame.melt(["unit", "row"], figures, var_name="indicator", value_name="value")
    tidy = tidy.assign(
        year=day.year,
        date=np.datetime64(day),
        file=pd.Categorical([found.file]).repeat(len(tidy)),
    )
    remarks = _remarks(frame, day.isoformat(), found.state, _base(found, day), found.file)
    return tidy, [*doubled, *remarks]


def _once(found: Verzeichnis, key: Key) -> tuple[pd.DataFrame, list[Finding]]:
    """Keep one of equal rows; refuse a key that stands twice with different contents."""
    frame = found.frame.assign(unit=found.frame[key])
    again = frame.duplicated([name for name in frame.columns if name != "row"])
    once = frame[~again]
    different = once[once.duplicated("unit", keep=False)]
    if len(different):
        words = Text(
            "Schlüssel steht mehrfach mit verschiedenen Angaben",
            "key stands several times with different contents",
        )
        item = _finding(found.file, "gv.key_twice", "error", words, different)
        raise ValidationError(f"{found.file} is ambiguous:", findings=[item])
    if not again.any():
        return frame, []
    words = Text("Zeile steht mehrfach; einmal gezählt", "row stands several times; counted once")
    item = _finding(found.file, "gv.row_twice", "warning", words, frame[again])
    return once, [item]


def _remarks(frame: pd.DataFrame, day: str, state: str, base: str, file: str) -> list[Finding]:
    remarks = [
        Finding(
            rule="gv.census",
            severity="info",
            text=Text(
                f"Bevölkerung am {day}, Grundlage: {base}",
                f"population as of {day}, census base: {base}",
            ),
            file=file,
        )
    ]
    if day != state:
        words = Text(
            f"Bevölkerung vom {day} in den Grenzen vom {state}",
            f"population of {day} in the borders of {state}",
        )
        remarks.append(Finding(rule="gv.other_date", severity="warning", text=words, file=file))
    parts = frame["population_male"] + frame["population_female"]
    off = frame[(parts - frame["population"]).abs() > 0]
    if len(off):
        words = Text(
            "männlich und weiblich ergeben nicht insgesamt",
            "male and female don't sum to the total",
        )
        remarks.append(_finding(file, "gv.sum", "warning", words, off))
    return remarks


def _finding(
    file: str, rule: str, severity: Literal["error", "warning"], words: Text, rows: pd.DataFrame
) -> Finding:
    units: Sequence[str] = sorted(rows["unit"].unique())
    return Finding(
        rule=rule,
        severity=severity,
        text=words,
        file=file,
        row=int(rows["row"].iloc[0]),
        column="unit",
        key=", ".join(units[:20]) + (", …" if len(units) > 20 else ""),
        n=len(rows),
        rows=rows_concerned(rows["row"]),
    )


READER = Reader(
    id="gemeindeverzeichnis",
    source="gemeindeverzeichnis",
    publisher="gemeindeverzeichnis",
    recognise=recognise,
    read=read_directory,
)
