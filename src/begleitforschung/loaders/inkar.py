"""INKAR wide export of the BBSR: units in rows, indicators in columns, years in row 2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import pandas as pd

from begleitforschung.catalogue import Entry, Label, read_csv_entries, read_entry, resource
from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.delimited import header_of, read_text
from begleitforschung.loaders.figures import Figures, parse_figures
from begleitforschung.loaders.files import RawFile
from begleitforschung.loaders.loaded import Loaded, key_problems
from begleitforschung.loaders.names import slug
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised, by_columns
from begleitforschung.loaders.stacking import Numbers, Series, stack
from begleitforschung.regions.directory import SourceEntry
from begleitforschung.tables import Indicator

_KEYS = ("Kennziffer", "Raumeinheit", "Aggregat")


class InkarIndicator(Entry):
    """One indicator of the INKAR catalogue.

    Parameters
    ----------
    m_id : str
        Number of the indicator, its only key within an edition.
    bereich : str
        Part of INKAR; the same name may stand in several.
    kurzname : str
        Name as it heads a column of an export.
    name : str
        What is counted, by what it is divided.
    """

    m_id: str
    bereich: str
    kurzname: str
    name: str = ""


@cache
def inkar_catalogue() -> tuple[InkarIndicator, ...]:
    """Return the indicators of INKAR 2025.

    Returns
    -------
    tuple of InkarIndicator
        660 entries; Laufende Raumbeobachtung des BBSR – INKAR, dl-de/by-2-0.
    """
    return read_csv_entries(resource("sources", "inkar_indikatoren.csv"), InkarIndicator)


@cache
def _edition() -> str:
    return read_entry(resource("sources", "inkar.yaml"), SourceEntry).edition


def read_inkar(head: Head, found: Recognised, _options: Options) -> Loaded:
    """Read a wide export.

    Parameters
    ----------
    head : Head
        The file.
    found : Recognised
        Its first row.
    _options : Options
        Not used.

    Returns
    -------
    Loaded
        Rows, meanings and findings.

    Raises
    ------
    SourceFileError
        If the row of years is missing or rows are damaged.
    """
    raw, header = head.raw, found.header
    names = list(header[len(_KEYS) :])
    years = _years(raw, header)
    labels = [*_KEYS, *(f"{name} ({at})" for at, name in enumerate(names, start=len(_KEYS) + 1))]
    cells = read_text(raw, ";", header=labels, skip=2)
    meanings, findings = _meanings(names, raw.name)
    unit = cells.column(_KEYS[0])
    series = [
        Series(column=label, indicator=meanings[name].id, year=year)
        for label, name, year in zip(labels[len(_KEYS) :], names, years, strict=True)
    ]
    made = stack(cells, unit, series, _Numbers())
    problems = (*key_problems(cells, _KEYS[0], unit), *made.problems)
    described = {item.id: item for item in meanings.values()}
    return Loaded(
        tidy=made.tidy,
        indicators=tuple(
            item.model_copy(update={"decimals": made.decimals[code]})
            for code, item in described.items()
        ),
        title="INKAR",
        consulted=_edition(),
        findings=tuple(findings),
        problems=problems,
    )


class _Numbers(Numbers):
    """Decimal comma, points between thousands, both also beside a mark."""

    def read(self, cells: pd.Categorical) -> Figures:
        return parse_figures(cells, decimal=",", thousands=True)


def _years(raw: RawFile, header: Sequence[str]) -> list[int]:
    rows = header_of(raw, ";", rows=2)
    found = rows[1] if len(rows) > 1 else []
    if tuple(header[: len(_KEYS)]) != _KEYS or any(found[: len(_KEYS)]):
        raise SourceFileError(
            f"{raw.name}: an INKAR export starts with {';'.join(_KEYS)} and has the years in row "
            "2, which starts with three empty cells. Export the table again."
        )
    years = found[len(_KEYS) :]
    names = header[len(_KEYS) :]
    bad = [
        _year_problem(raw.name, name, year)
        for name, year in zip(names, years, strict=False)
        if not re.fullmatch(r"(19|20)\d{2}", year) or not slug(name)
    ]
    if bad or not names or len(years) != len(names):
        raise SourceFileError(
            f"{raw.name} has {len(names)} indicators in row 1 and {len(years)} years in row 2:",
            findings=bad,
        )
    return [int(year) for year in years]


def _year_problem(file: str, name: str, year: str) -> Finding:
    return Finding(
        rule="inkar.year",
        severity="error",
        text=Text(
            "kein Jahr oder kein Name über der Spalte", "no year or no name heads the column"
        ),
        hint=Text(
            "Tabelle in INKAR erneut exportieren, ein Jahr je Spalte.",
            "Export the table again, one year per column.",
        ),
        file=file,
        row=2,
        column=name,
        value=year,
    )


def _meanings(names: Sequence[str], file: str) -> tuple[dict[str, Indicator], list[Finding]]:
    """Give each name its code: the M_ID where the name is unique, else a slug."""
    by_name: dict[str, list[InkarIndicator]] = {}
    for item in inkar_catalogue():
        by_name.setdefault(item.kurzname, []).append(item)
    meanings: dict[str, Indicator] = {}
    unknown: list[tuple[str, list[str]]] = []
    ambiguous: list[tuple[str, list[str]]] = []
    for name in dict.fromkeys(names):
        found = by_name.get(name, [])
        if len(found) == 1:
            definition = Label(de=found[0].name) if found[0].name else None
            meanings[name] = Indicator(
                id=found[0].m_id, title=Label(de=name), definition=definition
            )
            continue
        (ambiguous if found else unknown).append((name, [item.m_id for item in found]))
        meanings[name] = Indicator(id=slug(name), title=Label(de=name))
    return meanings, [
        *_unmatched(
            unknown,
            file,
            "inkar.not_in_catalogue",
            Text(
                "Name steht nicht im INKAR-Katalog 2025; Code aus dem Namen gebildet",
                "name is not in the INKAR catalogue of 2025; code made from the name",
            ),
        ),
        *_unmatched(
            ambiguous,
            file,
            "inkar.ambiguous_name",
            Text(
                "Name steht mehrfach im INKAR-Katalog 2025; Code aus dem Namen gebildet",
                "name stands several times in the INKAR catalogue of 2025; code made from the name",
            ),
        ),
    ]


def _unmatched(
    names: Sequence[tuple[str, list[str]]], file: str, rule: str, text: Text
) -> list[Finding]:
    return [
        Finding(
            rule=rule,
            severity="warning",
            text=text,
            hint=Text(
                "Im Sidecar beschreiben oder in der Zuordnung des KPI-Rahmens nennen"
                + (f"; in Frage kommen die M_ID {', '.join(ids)}." if ids else "."),
                "Describe it in the sidecar or name it in the framework's mapping"
                + (f"; candidates are the M_IDs {', '.join(ids)}." if ids else "."),
            ),
            file=file,
            row=1,
            column=name,
            value=slug(name),
        )
        for name, ids in names
    ]


READER = Reader(
    id="inkar_wide",
    source="inkar",
    publisher="inkar",
    recognise=by_columns("inkar_wide"),
    read=read_inkar,
)
