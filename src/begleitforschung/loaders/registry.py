"""The formats that are read: one entry per reader, asked in this order."""

from __future__ import annotations

from begleitforschung.loaders import (
    breitbandatlas,
    declarative,
    deutschlandatlas,
    gemeindeverzeichnis,
    genesis,
    genesis_2024,
    genesis_classic,
    inkar,
    inkar_long,
    ladesaeulen,
    opendata,
    tidy,
    wegweiser,
)
from begleitforschung.loaders.reader import Reader

READERS: tuple[Reader, ...] = (
    tidy.READER,
    genesis.READER,
    genesis_2024.READER,
    genesis_classic.READER,
    inkar.READER,
    inkar_long.READER,
    breitbandatlas.READER,
    ladesaeulen.READER,
    wegweiser.READER,
    deutschlandatlas.READER,
    gemeindeverzeichnis.READER,
    opendata.READER,
    declarative.READER,
)


def reader(format_id: str) -> Reader:
    """Return the reader of a format.

    Parameters
    ----------
    format_id : str
        Its identifier.

    Returns
    -------
    Reader
        The reader.

    Raises
    ------
    KeyError
        If there is none; formats of files and sidecars are checked before.
    """
    return {item.id: item for item in READERS}[format_id]


def sources() -> dict[str, tuple[str, ...]]:
    """Return the formats of each source.

    Returns
    -------
    dict
        What `read_indicators` knows as ``source`` to the identifiers of its formats.
    """
    found: dict[str, tuple[str, ...]] = {}
    for item in READERS:
        found[item.source] = (*found.get(item.source, ()), item.id)
    return found
