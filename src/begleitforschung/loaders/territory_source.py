"""Sources of the files about territorial units, and what a Gemeindeverzeichnis counts."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pydantic

from begleitforschung.catalogue import Entry, Label, read_entry, resource
from begleitforschung.loaders.files import RawFile
from begleitforschung.loaders.sidecar import (
    SidecarSource,
    check_sha256,
    read_sidecar,
    sidecar_path,
)
from begleitforschung.provenance import Source
from begleitforschung.tables import Indicator


class Base(Entry):
    """What the population figures of a period rest on.

    Parameters
    ----------
    start, until : str
        First and last date of the figures, ISO 8601.
    name : str
        The census.
    """

    start: str = pydantic.Field(alias="from")
    until: str
    name: str


class TerritoryFiles(Entry):
    """The resource ``sources/territory.yaml``."""

    id: str
    umsteigeschluessel: SidecarSource
    umsteigeschluessel_csv: SidecarSource
    gemeindeverzeichnis: SidecarSource
    gebietsaenderungen: SidecarSource
    aenderungsarten: dict[str, Label]
    bases: tuple[Base, ...]
    indicators: tuple[Indicator, ...]

    def base(self, day: date) -> str:
        """Return the census that figures of a day rest on.

        Parameters
        ----------
        day : datetime.date
            Date of the population.

        Returns
        -------
        str
            The name, or ``"unbekannt"``.
        """
        iso = day.isoformat()
        known = [item.name for item in self.bases if item.start <= iso <= item.until]
        return known[0] if known else "unbekannt"


@cache
def territory_files() -> TerritoryFiles:
    """Return what is known about these files.

    Returns
    -------
    TerritoryFiles
        Sources, census bases and meanings.
    """
    return read_entry(resource("sources", "territory.yaml"), TerritoryFiles)


def territory_source(
    path: Path, raw: RawFile, kind: str, *, edition: str = "", gebietsstand: str = "unknown"
) -> Source:
    """Return the source of a file: its sidecar, or what is known of such files.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    raw : RawFile
        Its content.
    kind : str
        Entry of ``sources/territory.yaml``.
    edition, gebietsstand : str
        As the file itself states them.

    Returns
    -------
    Source
        The source.

    Raises
    ------
    SourceFileError
        If the file is not the one that its sidecar describes.
    CatalogueError
        If the sidecar is malformed.
    """
    sidecar = read_sidecar(path)
    given: SidecarSource = sidecar.source if sidecar else getattr(territory_files(), kind)
    if sidecar is not None:
        check_sha256(given.sha256, raw.sha256, file=raw.name, sidecar=sidecar_path(path).name)
    described = given.model_dump() | {"sha256": raw.sha256}
    if edition and described["edition"] == "unbekannt":
        described["edition"] = edition
    return Source(**described, file=raw.name, gebietsstand=gebietsstand)
