"""Ladesäulenregister: one row per charging station, counted by county and municipality.

The register has no keys. Counties are found by name, municipalities by postcode and place within
the county; findings report the share that could not be assigned.
"""

from __future__ import annotations

import csv
import re
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.catalogue import Entry
from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, bad_cells
from begleitforschung.loaders.delimited import read_text
from begleitforschung.loaders.described import Described
from begleitforschung.loaders.figures import as_status, parse_figures
from begleitforschung.loaders.loaded import Loaded, number_problems
from begleitforschung.loaders.placing import place, place_in_county
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised
from begleitforschung.loaders.stacking import remark
from begleitforschung.loaders.worksheets import named
from begleitforschung.tables import Indicator
from begleitforschung.tables.status import statuses

FORMAT = "ladesaeulenregister"
_STAND = re.compile(r"(?:Stand|Letzte Aktualisierung)\D{0,20}(\d\d)\.(\d\d)\.(20\d\d)")
_DAY = re.compile(r"(\d\d)\.(\d\d)\.((?:19|20)\d\d)")
_HEAD_BYTES, _HEAD_LINES = 1 << 16, 60
_NEEDED = ("points", "place", "county", "state")


class _Columns(Entry):
    points: tuple[str, ...]
    power: tuple[str, ...]
    kind: tuple[str, ...]
    day: tuple[str, ...]
    postcode: tuple[str, ...]
    place: tuple[str, ...]
    county: tuple[str, ...]
    state: tuple[str, ...]
    status: tuple[str, ...]


class Register(Described):
    """The resource ``sources/ladesaeulen.yaml``."""

    file: ClassVar[str] = "ladesaeulen.yaml"
    start: str
    columns: _Columns
    in_use: tuple[str, ...]
    fast: tuple[str, ...]
    kinds: tuple[str, ...]
    indicators: tuple[Indicator, ...]


def recognise(head: Head) -> Recognised | None:
    """Recognise the register by its header, which may stand below other lines.

    Parameters
    ----------
    head : Head
        The file.

    Returns
    -------
    Recognised or None
        None if it is something else.
    """
    found = _header(head)
    return Recognised(FORMAT, found[1], delimiter=";") if found else None


def _header(head: Head) -> tuple[int, tuple[str, ...]] | None:
    """Return the number of lines above the header, and the header."""
    if head.raw.kind != "text":
        return None
    for at, line in enumerate(_lines(head)):
        try:
            cells = next(csv.reader([line], delimiter=";"), [])
        except csv.Error:
            continue
        if len(cells) > 5 and Register.known().start in cells and _columns(cells):
            return at, tuple(named(cells))
    return None


def _lines(head: Head) -> list[str]:
    """Return the first lines as the reader of rows counts them: parted by line feeds alone."""
    lines = head.raw.data[:_HEAD_BYTES].split(b"\n")[:_HEAD_LINES]
    return [line.decode("utf-8", errors="ignore").rstrip("\r") for line in lines]


def _columns(header: list[str] | tuple[str, ...]) -> dict[str, str]:
    """Return the name of each column that is read; empty if a needed one is missing."""
    known: dict[str, tuple[str, ...]] = dict(Register.known().columns)
    found = {what: name for what, names in known.items() for name in names if name in header}
    return found if set(_NEEDED) <= set(found) else {}


def read_ladesaeulen(head: Head, found: Recognised, _options: Options) -> Loaded:
    """Count the stations that are in use.

    Parameters
    ----------
    head : Head
        The file.
    found : Recognised
        Its columns.
    _options : Options
        Not used.

    Returns
    -------
    Loaded
        Counts by county and by municipality, for the year of the edition. A unit without a
        station has no row. Counts are of many rows, so `row` is 0.

    Raises
    ------
    SourceFileError
        If rows are damaged, no row is left, or no date says the year.
    """
    raw, names = head.raw, _columns(found.header)
    skip, _ = _header(head) or (0, ())
    cells = read_text(raw, ";", header=found.header, skip=skip + 1)
    cells, unused = _in_use(cells, names)
    amounts, problems = _amounts(cells, names)
    year, dated = _year(_lines(head)[:skip], cells, names)
    county = place(cells, names["county"], names["state"], "kreis")
    where = (names.get("postcode", names["place"]), names["place"])
    town = place_in_county(cells, where, county.unit)
    tidy = pd.concat([_sums(part.unit, amounts) for part in (county, town)], ignore_index=True)
    tidy = tidy.assign(year=year, row=0, status=as_status(np.full(len(tidy), _normal(), np.int8)))
    tidy["file"] = pd.Categorical([raw.name]).repeat(len(tidy))
    return Loaded(
        tidy=tidy.astype({"unit": "category", "indicator": "category"}),
        indicators=tuple(item for item in Register.known().indicators if item.id in amounts),
        title="Ladesäulenregister",
        findings=(*unused, *dated, *county.findings, *town.findings),
        problems=tuple(problems),
    )


def _normal() -> int:
    return list(statuses()).index("normal")


def _in_use(cells: Cells, names: dict[str, str]) -> tuple[Cells, list[Finding]]:
    if "status" not in names:
        return cells, []
    mask = np.asarray(cells.column(names["status"]).isin(Register.known().in_use))
    n = int((~mask).sum())
    if not mask.any():
        raise SourceFileError(f"{cells.file}: no charging station is in use; fetch it again")
    text = Text(
        f"{n} Ladeeinrichtungen sind nicht in Betrieb und nicht gezählt",
        f"{n} charging stations are not in use and not counted",
    )
    remarks = [remark("ladesaeulen.not_in_use", text, cells.file, n=n)] if n else []
    return cells.where(mask), remarks


def _amounts(
    cells: Cells, names: dict[str, str]
) -> tuple[dict[str, NDArray[np.float64]], list[Finding]]:
    """Return what each row adds to each indicator."""
    amounts = {"ladeeinrichtungen": np.ones(len(cells.rows))}
    problems: list[Finding] = []
    for code, what in (("ladepunkte", "points"), ("nennleistung_kw", "power")):
        if what in names:
            read = parse_figures(cells.column(names[what]), decimal=",")
            bad = read.bad | ~(read.value >= 0)
            problems += number_problems(cells, names[what], bad)
            amounts[code] = read.value
    if "kind" in names:
        kinds = cells.column(names["kind"])
        amounts["schnellladeeinrichtungen"] = np.asarray(
            kinds.isin(Register.known().fast), np.float64
        )
        problems += bad_cells(
            cells,
            names["kind"],
            ~np.asarray(kinds.isin(Register.known().kinds)),
            rule="ladesaeulen.kind",
            text=Text("unbekannte Art der Ladeeinrichtung", "unknown kind of charging station"),
            hint=Text(
                f"Bekannt sind: {', '.join(Register.known().kinds)}.",
                f"Known are: {', '.join(Register.known().kinds)}.",
            ),
        )
    return amounts, problems


def _sums(unit: pd.Categorical, amounts: dict[str, NDArray[np.float64]]) -> pd.DataFrame:
    sums = pd.DataFrame(amounts).groupby(pd.Series(unit), observed=True).sum()
    sums.index.name = "unit"
    return sums.reset_index().melt("unit", var_name="indicator", value_name="value")


def _year(lines: list[str], cells: Cells, names: dict[str, str]) -> tuple[int, list[Finding]]:
    """Return the year of the edition: as stated above the header, else of the latest station."""
    stated = [m for line in lines if (m := _STAND.search(line))]
    if stated:
        return int(stated[0][3]), []
    days = cells.column(names["day"]).categories.tolist() if "day" in names else []
    found = [(m[3], m[2], m[1]) for text in days if (m := _DAY.fullmatch(str(text)))]
    if not found:
        raise SourceFileError(
            f"{cells.file}: neither a line 'Stand …' above the header nor dates of commissioning "
            "say the year of the register; fetch it again from the Bundesnetzagentur"
        )
    last = max(found)
    text = Text(
        f"kein Stand in der Datei; Jahr {last[0]} nach der jüngsten Inbetriebnahme "
        f"({last[2]}.{last[1]}.{last[0]})",
        f"no date of the edition in the file; year {last[0]} after the latest commissioning "
        f"({'-'.join(last)})",
    )
    return int(last[0]), [remark("ladesaeulen.year", text, cells.file, severity="warning")]


READER = Reader(
    id=FORMAT,
    source=FORMAT,
    publisher=FORMAT,
    recognise=recognise,
    read=read_ladesaeulen,
)
