"""Official names and keys of all Länder, counties, Gemeindeverbände and municipalities.

The gazetteer is an extract of the Gemeindeverzeichnis (GV-ISys) at one date, `GEBIETSSTAND`.
"""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from begleitforschung.catalogue import Entry, read_entry, resource
from begleitforschung.errors import TerritoryError, UnknownCodeError
from begleitforschung.provenance import Source, frame_sha256
from begleitforschung.regions.keys import level_of

GEBIETSSTAND = "2024-12-31"


class SourceEntry(Entry):
    """The source of a packaged resource, as its YAML describes it; fields as in `Source`."""

    publisher: str
    title: str
    edition: str = "unbekannt"
    licence: str = ""
    licence_url: str = ""
    attribution: str = ""
    url: str = ""
    retrieved: str = ""
    gebietsstand: str = "unknown"
    changes: str = ""

    def source(self, file: str, sha256: str) -> Source:
        """Return the entry as a source of the file that it describes.

        Parameters
        ----------
        file : str
            Name of the packaged file.
        sha256 : str
            Checksum of its content.

        Returns
        -------
        Source
            The source.
        """
        return Source(**self.model_dump(), file=file, sha256=sha256)


def read_table(*parts: str) -> pd.DataFrame:
    """Read a packaged CSV with all columns as text.

    Parameters
    ----------
    *parts : str
        Path below the package's resources.

    Returns
    -------
    pandas.DataFrame
        Empty cells are empty text.

    Raises
    ------
    SourceFileError
        If the package holds no such resource.
    """
    with resource(*parts).open("rb") as stream:
        return pd.read_csv(stream, dtype=str, keep_default_na=False, encoding="utf-8")


@lru_cache(maxsize=1)
def _names() -> pd.DataFrame:
    return read_table("codes", "gazetteer", "names.csv")


def gazetteer(gebietsstand: str = GEBIETSSTAND) -> pd.DataFrame:
    """Return all units of the gazetteer.

    Parameters
    ----------
    gebietsstand : str
        Date of the borders, ISO 8601; only the packaged one is known.

    Returns
    -------
    pandas.DataFrame
        12,607 rows: ``key``; ``verband`` (of municipalities: the four digits between county and
        municipality in the ARS, else empty); ``level``; ``kind`` (Textkennzeichen, e.g. ``41``
        county-free city, ``43`` and ``44`` county); ``name`` (official, with titles). The table
        is a copy.

    Raises
    ------
    TerritoryError
        If no gazetteer of that date is packaged.
    """
    if gebietsstand != GEBIETSSTAND:
        raise TerritoryError(
            f"names and borders of {gebietsstand!r} are not packaged, only those of"
            f" {GEBIETSSTAND!r}"
        )
    return _names().copy()


def gazetteer_source() -> Source:
    """Return the source of the gazetteer, with the attribution that its publisher asks for.

    Returns
    -------
    Source
        Destatis GV-ISys; the checksum is that of the packaged table.

    Raises
    ------
    CatalogueError
        If the packaged description is malformed.
    """
    entry = read_entry(resource("codes", "gazetteer", "source.yaml"), SourceEntry)
    return entry.source("names.csv", frame_sha256(_names()))


def name_of(unit: str) -> str:
    """Return the official name of a unit.

    Parameters
    ----------
    unit : str
        Key of 2, 3, 5, 8 or 9 digits.

    Returns
    -------
    str
        Name with titles, e.g. ``"Köln, Stadt"``.

    Raises
    ------
    UnknownCodeError
        If no unit had this key at `GEBIETSSTAND`.
    """
    names = _name_by_key()
    if unit not in names:
        raise UnknownCodeError(unit, names, f"the gazetteer of {GEBIETSSTAND}")
    return names[unit]


@lru_cache(maxsize=1)
def _name_by_key() -> dict[str, str]:
    return dict(zip(_names()["key"], _names()["name"], strict=True))


def gemeinden_of(verband: str, gebietsstand: str = GEBIETSSTAND) -> tuple[str, ...]:
    """Return the municipalities of a Gemeindeverband.

    Parameters
    ----------
    verband : str
        Key of nine digits: the ARS of each member begins with it.
    gebietsstand : str
        Date of the borders, ISO 8601; only the packaged one is known.

    Returns
    -------
    tuple of str
        AGS of eight digits, in ascending order.

    Raises
    ------
    TerritoryError
        If no gazetteer of that date is packaged.
    UnknownCodeError
        If no municipality belonged to such a Gemeindeverband at that date.
    ValidationError
        If `verband` is no well-formed key.

    Examples
    --------
    >>> len(gemeinden_of("010595974"))
    13
    """
    units = gazetteer(gebietsstand)
    units = units[units["level"] == "gemeinde"]
    keys = units["key"].str[:5] + units["verband"]
    if level_of(verband) != "verband" or not (keys == verband).any():
        raise UnknownCodeError(verband, keys.unique(), f"Gemeindeverbände at {gebietsstand}")
    return tuple(sorted(units.loc[keys == verband, "key"]))
