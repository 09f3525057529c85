"""The catalogue of INKAR ("Übersicht der Indikatoren", XLSX): what the numbers of an edition mean.

One sheet per Bereich; title in row 1, columns in row 2, headings between the indicators. The key is
the M_ID together with the edition. The Kürzel is no key: in the edition of 2025, 52 of them stand
for several indicators.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pandas as pd

from begleitforschung.errors import Finding, SourceFileError, UnknownCodeError
from begleitforschung.language import Text
from begleitforschung.loaders.files import open_raw
from begleitforschung.loaders.sidecar import (
    check_sha256,
    no_sidecar,
    read_sidecar,
    sidecar_path,
    source_of,
)
from begleitforschung.loaders.worksheets import sheets_of
from begleitforschung.provenance import Source

_FIELDS = {
    "Kurzname": "kurzname",
    "Name": "name",
    "Algorithmus": "algorithm",
    "M_ID": "m_id",
    "Kürzel": "kuerzel",
    "Anmerkungen": "note",
    "Statistische Grundlagen": "statistics",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """One indicator of INKAR.

    Parameters
    ----------
    m_id : str
        Its number, the key within the edition.
    kuerzel : str
        Short code; may stand for several indicators.
    bereich : str
        Name of the sheet.
    theme : str
        Heading next above it.
    kurzname, name, algorithm, note, statistics : str
        As in the file.
    availability : mapping of str to str
        Level, e.g. ``Gemeinden``, to the years for which it is published.
    row : int
        Row in the sheet.
    """

    m_id: str
    kuerzel: str
    bereich: str
    theme: str
    kurzname: str
    name: str
    algorithm: str
    note: str
    statistics: str
    availability: Mapping[str, str]
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InkarCatalogue:
    """The indicators of one edition.

    Parameters
    ----------
    edition : str
        As the file states it, e.g. ``INKAR 2025 (Stand 11.08.2025)``.
    entries : tuple of CatalogueEntry
        The indicators.
    source : Source
        Where the file comes from.
    findings : tuple of Finding
        Kürzel that are no keys, and what else was remarked.
    """

    edition: str
    entries: tuple[CatalogueEntry, ...]
    source: Source
    findings: tuple[Finding, ...] = field(default=())

    def entry(self, m_id: str) -> CatalogueEntry:
        """Return one indicator.

        Parameters
        ----------
        m_id : str
            Its number.

        Returns
        -------
        CatalogueEntry
            The indicator.

        Raises
        ------
        UnknownCodeError
            If there is none.
        """
        known = {item.m_id: item for item in self.entries}
        if m_id not in known:
            raise UnknownCodeError(m_id, known, f"M_IDs of {self.edition}")
        return known[m_id]

    def ambiguous(self) -> dict[str, tuple[str, ...]]:
        """Return the Kürzel that stand for several indicators.

        Returns
        -------
        dict
            Kürzel to M_IDs.
        """
        found: dict[str, tuple[str, ...]] = {}
        for item in self.entries:
            if item.kuerzel:
                found[item.kuerzel] = (*found.get(item.kuerzel, ()), item.m_id)
        return {name: ids for name, ids in found.items() if len(ids) > 1}

    def at_level(self, level: str) -> tuple[CatalogueEntry, ...]:
        """Return the indicators that are published for a level.

        Parameters
        ----------
        level : str
            As in the file: ``Gemeinden``, ``Kreise``, ``NUTS2``.

        Returns
        -------
        tuple of CatalogueEntry
            The indicators.
        """
        return tuple(item for item in self.entries if item.availability.get(level))

    def to_frame(self) -> pd.DataFrame:
        """Return the catalogue as a table.

        Returns
        -------
        pandas.DataFrame
            One row per indicator; levels are columns.
        """
        rows = [asdict(item) for item in self.entries]
        years = pd.DataFrame([row.pop("availability") for row in rows], dtype="str")
        return pd.concat([pd.DataFrame(rows), years.fillna("")], axis=1)


def read_inkar_catalogue(path: str | os.PathLike[str]) -> InkarCatalogue:
    """Read the catalogue of an edition.

    Parameters
    ----------
    path : str or path
        ``Uebersicht der Indikatoren.xlsx``.

    Returns
    -------
    InkarCatalogue
        The indicators of all sheets.

    Raises
    ------
    SourceFileError
        If the file is missing, damaged or no such catalogue, or an M_ID is malformed or stands
        twice.

    Examples
    --------
    With a file of your own::

        catalogue = read_inkar_catalogue("Uebersicht der Indikatoren.xlsx")
        catalogue.entry("2").kurzname
    'Bevölkerung gesamt'
    """
    file = Path(path)
    raw = open_raw(file)
    if raw.kind != "xlsx":
        raise SourceFileError(f"{raw.name} is no XLSX file; expected is INKAR's catalogue")
    entries: list[CatalogueEntry] = []
    first, stand = "", ""
    for sheet, rows in sheets_of(raw):
        cells = [[_text(cell) for cell in row] for row in rows]
        titles = " ".join(cell for row in cells[:3] for cell in row)
        first = first or next(iter(re.findall(r"INKAR \d{4}", titles)), "")
        stand = stand or next(iter(re.findall(r"Stand \d\d\.\d\d\.\d{4}", titles)), "")
        if len(cells) > 1 and {"M_ID", "Kürzel"} <= set(cells[1]):
            entries += _entries(raw.name, sheet, cells)
    if not entries:
        raise SourceFileError(
            f"{raw.name} is no catalogue of INKAR: no sheet has the columns "
            f"{', '.join(_FIELDS)} in row 2"
        )
    _check(raw.name, entries)
    edition = f"{first or 'INKAR'} ({stand})" if stand else first
    sidecar = read_sidecar(file)
    if sidecar is not None:
        beside = sidecar_path(file).name
        check_sha256(sidecar.source.sha256, raw.sha256, file=raw.name, sidecar=beside)
    source = source_of(
        sidecar,
        file=raw.name,
        sha256=raw.sha256,
        title="INKAR, Übersicht der Indikatoren",
        edition=edition,
        publisher="inkar",
    )
    found = InkarCatalogue(edition=edition, entries=tuple(entries), source=source)
    remarks = [*raw.findings, *([] if sidecar else [no_sidecar(raw.name, "inkar")])]
    remarks += _ambiguous(raw.name, found.ambiguous())
    return InkarCatalogue(
        edition=edition, entries=found.entries, source=source, findings=tuple(remarks)
    )


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _entries(file: str, sheet: str, cells: Sequence[Sequence[str]]) -> list[CatalogueEntry]:
    header = cells[1]
    missing = [name for name in _FIELDS if name not in header]
    if missing:
        raise SourceFileError(f"{file}, sheet {sheet!r}, row 2: columns are missing: {missing}")
    levels = [name for name in header if name and name not in _FIELDS]
    found: list[CatalogueEntry] = []
    theme = ""
    for number, row in enumerate(cells[2:], start=3):
        at = dict(zip(header, row, strict=False))
        if not at["M_ID"]:
            theme = at["Kurzname"] or theme
            continue
        if not re.fullmatch(r"\d+", at["M_ID"]):
            raise SourceFileError(
                f"{file}, sheet {sheet!r}, row {number}: M_ID {at['M_ID']!r} is no number"
            )
        texts = {name: at[column] for column, name in _FIELDS.items()}
        years = {level: at[level] for level in levels if at[level]}
        found.append(
            CatalogueEntry(bereich=sheet, theme=theme, availability=years, row=number, **texts)
        )
    return found


def _check(file: str, entries: Sequence[CatalogueEntry]) -> None:
    numbers = [item.m_id for item in entries]
    twice = sorted({name for name in numbers if numbers.count(name) > 1})
    if twice:
        raise SourceFileError(f"{file}: M_IDs stand twice: {', '.join(twice)}")


def _ambiguous(file: str, names: Mapping[str, Sequence[str]]) -> list[Finding]:
    if not names:
        return []
    shown = [f"{name} ({', '.join(ids)})" for name, ids in list(names.items())[:15]]
    return [
        Finding(
            rule="inkar.ambiguous_kuerzel",
            severity="warning",
            text=Text(
                f"{len(names)} Kürzel stehen für mehrere Indikatoren",
                f"{len(names)} Kürzel stand for several indicators",
            ),
            hint=Text(
                "Indikatoren nur mit M_ID und Ausgabe nennen.",
                "Name indicators by M_ID and edition only.",
            ),
            file=file,
            column="Kürzel",
            value="; ".join(shown) + ("; …" if len(names) > len(shown) else ""),
            n=len(names),
        )
    ]
