"""Indicators of INKAR, from the interface behind www.inkar.de, put into the tidy layout."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from begleitforschung.catalogue import Label
from begleitforschung.errors import FetchError, UnknownCodeError
from begleitforschung.loaders.fetching.answers import read_json, refuse_no_data
from begleitforschung.loaders.fetching.asking import Progress, Request
from begleitforschung.loaders.fetching.cache import Kept, Session
from begleitforschung.loaders.fetching.client import Answer
from begleitforschung.loaders.fetching.delivery import NOT_STATED, Fetched, Target
from begleitforschung.loaders.fetching.endpoints import base_url, endpoints
from begleitforschung.loaders.inkar import inkar_catalogue
from begleitforschung.loaders.sidecar import Sidecar
from begleitforschung.tables import Indicator

_NOTES = (
    "unverified: no recorded answer of this interface was at hand when this was written",
    NOT_STATED,
)


def fetch_inkar(
    group: str,
    to: str | os.PathLike[str],
    *,
    level: str = "KRE",
    years: Sequence[int] = (),
    gebietsstand: str = "unknown",
    endpoint: str | None = None,
    replace: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
    session: Session | None = None,
) -> Fetched:
    """Fetch an indicator of INKAR and write it in the tidy layout with its sidecar.

    Unverified: written from the code of open-source clients, without a recorded answer.

    Parameters
    ----------
    group : str
        Number of the indicator in the interface ("Gruppe"); it is not the M_ID of the catalogue.
    to : str or path
        Existing folder that the file is written to.
    level : {"BLD", "ROR", "KRE", "GVB", "GEM"}
        Level of units.
    years : sequence of int
        Years wanted; all by default.
    gebietsstand : str
        Territorial state of the edition; the interface does not say it.
    endpoint : str, optional
        Another address of the interface.
    replace : bool
        Whether a file with other content may be replaced.
    refresh : bool
        Ask the publisher even if the cache holds the indicator.
    progress : callable, optional
        Called with bytes done and bytes in all (0 where unknown).
    session : Session, optional
        Cache, limits and clock of your own.

    Returns
    -------
    Fetched
        Path of the file, its sidecar and checksum.

    Raises
    ------
    FetchError
        If the indicator or a year is not there, or the publisher does not deliver.
    UnknownCodeError
        If the level is unknown.
    SourceFileError
        If the folder can't be written to.
    """
    place = endpoints().inkar
    target = Target(folder=Path(to), replace=replace, gebietsstand=gebietsstand)
    if not group.isascii() or not group.isdigit():
        raise FetchError(f"{group!r} is no number of an indicator in the interface of INKAR")
    if level not in (known := [item.id for item in place.levels]):
        raise UnknownCodeError(level, known, "levels of INKAR")
    run = session or Session.open(progress=progress, refresh=refresh)
    base = base_url("inkar", place.url, endpoint)
    asked = {"IndicatorCollection": [{"Gruppe": group}], "SpaceCollection": [{"level": level}]}
    times = _request(base + place.times, asked | {"TimeCollection": ""})
    with run.alone(times):
        _, offered = _rows(run, times, "Möglich")
        chosen = _chosen(offered, years)
        table = _request(
            base + place.table,
            asked | {"TimeCollection": [_time(row) for row in chosen], "pageorder": "1"},
        )
        kept, rows = _rows(run, table, "Daten")
    numbers = list(dict.fromkeys(str(row.get("IndID")) for row in chosen))
    content = _tidy(rows, {str(row["ZeitID"]): str(row["Zeit"]) for row in chosen}, numbers)
    meanings = tuple(_meaning(number, chosen) for number in numbers)
    title = "; ".join(f"{item.title.de} ({item.id})" for item in meanings)
    source = place.source(
        title=f"INKAR: {title}, {level}",
        url=kept.url,
        retrieved=kept.retrieved,
        changes="Antwort der Schnittstelle in Langform gebracht; Werte unverändert",
    )
    sidecar = Sidecar(source=source, indicators=meanings)
    notes = (*kept.notes, f"indicator: {title}", *_renamed(chosen), *_NOTES)
    return target.deliver(f"inkar_{'_'.join(numbers)}_{level}.csv", content, sidecar, notes)


def _renamed(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Say where the interface and the catalogue give a number to different indicators."""
    listed = {item.m_id: item for item in inkar_catalogue()}
    notes = []
    for number, name in dict.fromkeys((str(row["IndID"]), row.get("Indikator")) for row in rows):
        entry = listed.get(number)
        if entry and name and name not in (entry.kurzname, entry.name):
            notes.append(f"{number} is {name!r} here and {entry.kurzname!r} in the catalogue")
    return notes


def _request(url: str, parameters: Mapping[str, Any]) -> Request:
    return Request(url=url, json=json.dumps(parameters, ensure_ascii=True))


def _rows(run: Session, request: Request, name: str) -> tuple[Kept, list[dict[str, Any]]]:
    """Return an answer and its rows."""

    def check(answer: Answer) -> None:
        refuse_no_data(request.host, answer)
        found = read_json(request.host, answer.path.read_bytes()).get(name)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise FetchError(f"{request.host} sent an answer without {name!r}")
        if not found:
            raise FetchError("INKAR has no such indicator on this level; check number and level")

    kept = run.get(request, check)
    return kept, read_json(request.host, kept.path.read_bytes())[name]


def _chosen(offered: Sequence[dict[str, Any]], years: Sequence[int]) -> list[dict[str, Any]]:
    for row in offered:
        named = all(row.get(key) for key in ("Gruppe", "IndID", "RaumID", "ZeitID"))
        if not named or not re.fullmatch(r"(19|20)\d{2}", str(row.get("Zeit"))):
            raise FetchError("INKAR names its times in another way than known; nothing was read")
        if not re.fullmatch(r"[0-9A-Za-z]+", str(row["IndID"])):
            raise FetchError("INKAR names its indicators in another way than known")
    there = {str(row["Zeit"]) for row in offered}
    missing = [str(year) for year in years if str(year) not in there]
    if missing:
        raise FetchError(
            f"INKAR has no figures for {', '.join(missing)}; it has: {', '.join(sorted(there))}"
        )
    return [row for row in offered if not years or int(row["Zeit"]) in years]


def _time(row: Mapping[str, Any]) -> dict[str, str]:
    names = {"group": "Gruppe", "indicator": "IndID", "level": "RaumID", "time": "ZeitID"}
    return {name: str(row[key]) for name, key in names.items()}


def _tidy(rows: Sequence[dict[str, Any]], years: Mapping[str, str], numbers: list[str]) -> bytes:
    """Write rows as CSV; a row that is not understood stops the whole."""
    stream = io.StringIO()
    out = csv.writer(stream, lineterminator="\n")
    out.writerow(["unit", "year", "indicator", "value"])
    for at, row in enumerate(rows, start=1):
        year, value = years.get(str(row.get("ZeitID"))), row.get("Wert")
        number = str(row.get("Indikator"))
        if number not in numbers and len(numbers) == 1:
            number = numbers[0]
        known = value is None or re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", str(value))
        unit = re.fullmatch(r"[0-9A-Z]{1,12}", str(row.get("Schlüssel")))
        if not unit or year is None or number not in numbers or not known:
            raise FetchError(f"figure {at} of INKAR's answer is not understood; nothing was read")
        out.writerow([unit[0], year, number, "" if value is None else value])
    return stream.getvalue().encode("utf-8")


def _meaning(number: str, rows: Sequence[dict[str, Any]]) -> Indicator:
    """Describe an indicator by the catalogue, else by its name in the answer."""
    listed = {item.m_id: item for item in inkar_catalogue()}
    if number in listed:
        entry = listed[number]
        definition = Label(de=entry.name) if entry.name else None
        return Indicator(id=number, title=Label(de=entry.kurzname), definition=definition)
    named = next((str(row["Indikator"]) for row in rows if row.get("Indikator")), number)
    return Indicator(id=number, title=Label(de=named))
