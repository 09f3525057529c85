"""Deutschlandatlas: one worksheet per level and territorial state, which its name states."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable

import numpy as np
import pandas as pd

from begleitforschung.catalogue import Label
from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, merge
from begleitforschung.loaders.loaded import Loaded, key_problems
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised
from begleitforschung.loaders.stacking import Numbers, Series, Stack, remark, stack, with_zeros
from begleitforschung.loaders.worksheets import worksheet
from begleitforschung.tables import Indicator

FORMAT = "deutschlandatlas"
_SHEET = re.compile(r"Deutschlandatlas_(VBGEM|GEM|KRS)(0[1-9]|1[0-2])(\d\d)")
_KEY = re.compile(r"(?:GKZ|VBG|KRS)\d{4}")
_WIDTHS = {"GEM": {7: 8}, "KRS": {7: 8}, "VBGEM": {8: 9}}
_MISSING = {"-9999": "missing"}
_NUMBER = r"\d+(?:,\d+)?"
_CLASS = re.compile(
    rf"bis unter {_NUMBER}|(?P<low>{_NUMBER}) bis unter {_NUMBER}|(?P<from>{_NUMBER}) und mehr"
)


def recognise(head: Head) -> Recognised | None:
    """Recognise the workbook by the names of its sheets.

    Parameters
    ----------
    head : Head
        The file.

    Returns
    -------
    Recognised or None
        None if it is something else.

    Raises
    ------
    SourceFileError
        If there are several sheets of data and none was chosen.
    """
    fitting = [name for name in head.sheets if _SHEET.fullmatch(name)]
    if not fitting:
        return None
    if len(fitting) > 1:
        raise SourceFileError(
            f"{head.raw.name}: each sheet of the Deutschlandatlas has its own level and "
            f"territorial state, so one is read at a time: {', '.join(fitting)}. Say which: sheet=…"
        )
    return Recognised(FORMAT, head.headers[fitting[0]], sheet=fitting[0])


def read_deutschlandatlas(head: Head, found: Recognised, _options: Options) -> Loaded:
    """Read one worksheet.

    Classes such as ``8,50 bis unter 10,00`` become their rank from the lowest class (1) up; the
    definition of the indicator lists them.

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
        Rows, territorial state and findings.

    Raises
    ------
    SourceFileError
        If the sheet has no column of keys, or keys of Gemeindeverbände that are not official.
    """
    file = head.raw.name
    named = _SHEET.fullmatch(found.sheet)
    assert named is not None  # by `recognise`
    level, year = named[1], 2000 + int(named[3])
    state = f"{year}-{named[2]}-{monthrange(year, int(named[2]))[1]}"
    cells = worksheet(head.sheets[found.sheet].to_python(skip_empty_area=False), file)
    keys = [name for name in map(str, cells.frame.columns) if _KEY.fullmatch(name)]
    if len(keys) != 1 or cells.frame.shape[1] < 3:
        raise SourceFileError(
            f"{file}, sheet {found.sheet}, row 1: expected are a key (GKZ…, VBG… or KRS…), a name "
            f"and indicators.\nFound: {', '.join(map(str, cells.frame.columns))[:200]}"
        )
    if level == "VBGEM":
        _refuse_unofficial(cells.column(keys[0]), file, found.sheet)
    unit, remarks = with_zeros(cells, keys[0], _WIDTHS[level])
    if level == "KRS":
        unit = merge(unit, [_county(str(text)) for text in unit.categories.tolist()])
    columns = [str(name) for name in cells.frame.columns[2:]]
    classes = {name: ranks for name in columns if (ranks := _ranks(cells, name))}
    cells = _ranked(cells, classes)
    series = [Series(column=name, indicator=name, year=year) for name in columns]
    stacked = stack(cells, unit, series, Numbers(signs=_MISSING))
    return Loaded(
        tidy=stacked.tidy,
        indicators=tuple(_indicator(name, classes.get(name), stacked) for name in columns),
        title=f"Deutschlandatlas, {found.sheet}",
        gebietsstand=state,
        findings=(*remarks, *_remarks(found.sheet, year, classes, file)),
        problems=(*key_problems(cells, keys[0], unit), *stacked.problems),
    )


def _refuse_unofficial(given: pd.Categorical, file: str, sheet: str) -> None:
    """Refuse keys of eight digits: with their zero, those of Gemeindeverbände have nine."""
    shown = [text for text in map(str, given.categories.tolist()) if re.fullmatch(r"0\d{7}", text)]
    if shown:
        raise SourceFileError(
            f"{file}, sheet {sheet}: keys of eight digits such as {shown[0]} are those of the BBSR "
            "for Gemeindeverbände, which look like municipalities but are not. They have no "
            "official twin in the file, so the sheet is not read; use a later edition."
        )


def _county(key: str) -> str:
    return key[:5] if len(key) == 8 and key.endswith("000") else key


def _ranks(cells: Cells, column: str) -> dict[str, int]:
    """Return the rank of each class of a column of classes; empty for numbers."""
    texts = {str(text) for text in cells.column(column).categories.tolist()} - {"", "-9999"}
    lows: dict[str, float] = {}
    for text in texts:
        found = _CLASS.fullmatch(text)
        if found is None:
            return {}
        low = found["low"] or found["from"]
        lows[text] = float(low.replace(",", ".")) if low else -np.inf
    return {text: at for at, text in enumerate(sorted(lows, key=lows.__getitem__), start=1)}


def _ranked(cells: Cells, classes: dict[str, dict[str, int]]) -> Cells:
    frame = cells.frame.copy()
    for name, ranks in classes.items():
        given = cells.column(name)
        texts = [str(text) for text in given.categories.tolist()]
        frame[name] = merge(given, [str(ranks.get(text, text)) for text in texts])
    return Cells(frame, cells.rows, cells.file)


def _indicator(name: str, ranks: dict[str, int] | None, stacked: Stack) -> Indicator:
    if ranks is None:
        return Indicator(id=name, title=Label(de=name), decimals=stacked.decimals[name])
    listed = "; ".join(f"{rank} = {text}" for text, rank in ranks.items())
    return Indicator(
        id=name,
        title=Label(de=f"{name} (Klasse)", en=f"{name} (class)"),
        definition=Label(de=f"Rang der Klasse: {listed}", en=f"Rank of the class: {listed}"),
        aggregation="none",
        decimals=0,
    )


def _remarks(sheet: str, year: int, classes: Iterable[str], file: str) -> list[Finding]:
    found = [
        remark(
            "deutschlandatlas.year",
            Text(
                f"Jahr {year} aus dem Gebietsstand im Blattnamen {sheet}; das Bezugsjahr eines "
                "Indikators kann ein anderes sein (Vorblatt)",
                f"year {year} taken from the territorial state in the sheet name {sheet}; figures "
                "may be of another year (see the first sheet)",
            ),
            file,
        )
    ]
    if classes:
        names = ", ".join(classes)
        text = Text(
            f"Klassen statt Zahlen: {names}; gelesen ist der Rang der Klasse, 1 ist die unterste",
            f"classes instead of numbers: {names}; read is the rank of the class, 1 is the lowest",
        )
        found.append(remark("deutschlandatlas.classes", text, file, severity="warning"))
    return found


READER = Reader(
    id=FORMAT,
    source=FORMAT,
    publisher=FORMAT,
    recognise=recognise,
    read=read_deutschlandatlas,
)
