"""The sidecar ``<file>.meta.yaml`` beside a raw file: source, territorial state, meanings."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pydantic
import yaml

from begleitforschung.catalogue import Entry, Reference, read_entry, resource
from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.files import known_formats
from begleitforschung.provenance import Confidentiality, Source
from begleitforschung.tables import Indicator
from begleitforschung.tables.states import OWN_STATE, UNKNOWN_STATE

SUFFIX = ".meta.yaml"
UNKNOWN_PUBLISHER = "unbekannt"


class SidecarSource(Entry):
    """Where a raw file comes from; see `begleitforschung.provenance.Source`."""

    publisher: str = pydantic.Field(min_length=1)
    title: str = pydantic.Field(min_length=1)
    edition: str = "unbekannt"
    licence: str = ""
    licence_url: str = ""
    attribution: str = ""
    url: str = ""
    retrieved: str = ""
    sha256: str = pydantic.Field(default="", pattern="^([0-9a-f]{64})?$")
    changes: str = ""


class Sidecar(Entry):
    """What stands beside a raw file.

    Parameters
    ----------
    source : SidecarSource
        Publisher, title, edition, licence, attribution, address, date of retrieval, checksum.
    gebietsstand : str
        Territorial state as ISO date, ``"jeweils"`` (each year on its own) or ``"unknown"``.
    format : str, optional
        Identifier of ``sources/formats.yaml``; forces the format, else the content decides.
    confidential : tuple of str
        Columns whose values never stand in errors, findings or logs.
    confidentiality : {"public", "internal", "confidential", "personal"}
        Of the file; for ``"confidential"`` and ``"personal"`` no value of any column is shown.
    indicators : tuple of Indicator
        Meanings of the indicators in the file.
    """

    source: SidecarSource
    gebietsstand: str = UNKNOWN_STATE
    format: str | None = None
    confidential: tuple[str, ...] = ()
    confidentiality: Confidentiality = "public"
    indicators: tuple[Indicator, ...] = ()

    @pydantic.field_validator("gebietsstand")
    @classmethod
    def _state(cls, value: str) -> str:
        return checked_state(value)

    @pydantic.field_validator("format")
    @classmethod
    def _read(cls, value: str | None) -> str | None:
        known = [item.id for item in known_formats().formats]
        if value is not None and value not in known:
            raise ValueError(f"format {value!r} is unknown; known are {', '.join(known)}")
        return value

    @pydantic.field_validator("indicators")
    @classmethod
    def _once(cls, value: tuple[Indicator, ...]) -> tuple[Indicator, ...]:
        names = [item.id for item in value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"described twice: {', '.join(twice)}")
        return value

    def hides(self, column: str | None) -> bool:
        """Say whether values of a column may not be shown.

        Parameters
        ----------
        column : str or None
            Name of a column, or several joined by a comma.

        Returns
        -------
        bool
            True if the file or one of the columns is confidential.
        """
        if self.confidentiality in ("confidential", "personal"):
            return True
        return bool(set(re.split(r"[,\s]+", column or "")) & set(self.confidential))


def checked_state(value: str) -> str:
    """Return a territorial state that is an ISO date, unknown or each year's own.

    Parameters
    ----------
    value : str
        The state.

    Returns
    -------
    str
        The same.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if value not in (UNKNOWN_STATE, OWN_STATE) and not _is_day(value):
        raise ValueError(
            f"{value!r} is no territorial state; expected a date such as 2021-12-31, or "
            f"{OWN_STATE!r} if each year stands on its own borders of 31 December"
        )
    return value


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def sidecar_path(path: Path) -> Path:
    """Return where the sidecar of a file stands.

    Parameters
    ----------
    path : pathlib.Path
        The raw file.

    Returns
    -------
    pathlib.Path
        ``<file>.meta.yaml`` beside it.
    """
    return path.with_name(path.name + SUFFIX)


def read_sidecar(path: Path) -> Sidecar | None:
    """Read the sidecar of a raw file.

    Parameters
    ----------
    path : pathlib.Path
        The raw file.

    Returns
    -------
    Sidecar or None
        ``None`` if there is none.

    Raises
    ------
    CatalogueError
        If the sidecar has unknown, missing or wrong entries; names file and line.
    SourceFileError
        If it is not UTF-8.
    """
    beside = sidecar_path(path)
    return read_entry(beside, Sidecar) if beside.is_file() else None


def dump_sidecar(sidecar: Sidecar) -> bytes:
    """Return a sidecar as YAML.

    Parameters
    ----------
    sidecar : Sidecar
        The sidecar.

    Returns
    -------
    bytes
        UTF-8, entries in the order of the model, those at their default left out.
    """
    content: dict[str, Any] = sidecar.model_dump(mode="json", exclude_defaults=True)
    content["gebietsstand"] = sidecar.gebietsstand
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)
    return text.encode("utf-8")


def check_sha256(expected: str, found: str, *, file: str, sidecar: str) -> None:
    """Check that a file is the one that its sidecar describes.

    Parameters
    ----------
    expected : str
        Checksum in the sidecar; empty means that there is none.
    found : str
        Checksum of the file.
    file, sidecar : str
        Names, for the message.

    Raises
    ------
    SourceFileError
        If they differ; says what to do.
    """
    if expected and expected != found:
        raise SourceFileError(
            f"{file} is not the file that {sidecar} describes: its SHA-256 is {found}, the "
            f"sidecar says {expected}. Raw files are never edited: fetch the file again (or undo "
            "the change, also of line ends). If this is a new edition, describe it in the "
            "sidecar (edition, retrieved, sha256)."
        )


class Publisher(Entry):
    """What is known of a publisher's files without a sidecar.

    Parameters
    ----------
    publisher, licence, licence_url, attribution, url : str
        As in `SidecarSource`.
    """

    publisher: str
    licence: str
    licence_url: str = ""
    attribution: str
    url: str = ""


class _Publishers(Entry):
    id: str
    reference: Reference
    publishers: dict[str, Publisher]


@cache
def publishers() -> dict[str, Publisher]:
    """Return what is known of publishers.

    Returns
    -------
    dict
        Entries of ``sources/publishers.yaml`` by identifier.
    """
    return read_entry(resource("sources", "publishers.yaml"), _Publishers).publishers


def source_of(
    sidecar: Sidecar | None,
    *,
    file: str,
    sha256: str,
    title: str,
    edition: str = "",
    publisher: str = "",
) -> Source:
    """Return the source of a file; where there is no sidecar, what its format tells.

    Parameters
    ----------
    sidecar : Sidecar or None
        The sidecar.
    file, sha256 : str
        Name and checksum of the file.
    title, edition : str
        Title and edition that the content itself states, for files without sidecar.
    publisher : str
        Entry of ``sources/publishers.yaml``, for files without sidecar; empty if unknown.

    Returns
    -------
    Source
        The source.
    """
    if sidecar is None:
        known = publishers()[publisher].model_dump() if publisher else {}
        given = {"publisher": UNKNOWN_PUBLISHER, "title": title or file} | known
        if edition:
            given["edition"] = edition
        return Source(**given, file=file, sha256=sha256)
    described = sidecar.source.model_dump() | {"sha256": sha256}
    return Source(**described, file=file, gebietsstand=sidecar.gebietsstand)


def no_sidecar(file: str, publisher: str = "") -> Finding:
    """Return the finding that a file has no sidecar.

    Parameters
    ----------
    file : str
        Name of the file.
    publisher : str
        Entry of ``sources/publishers.yaml`` that stands in for the sidecar; empty if none.

    Returns
    -------
    Finding
        A warning.
    """
    assumed = publishers()[publisher].publisher if publisher else ""
    return Finding(
        rule="loader.no_sidecar",
        severity="warning",
        text=Text(
            "kein Sidecar: Ausgabe und Abruf sind unbekannt, auch der Gebietsstand, wenn ihn die "
            f"Datei nicht nennt; als Herausgeber wird nach dem Format angenommen: {assumed}",
            "no sidecar: edition and retrieval are unknown, and the territorial state unless the "
            f"file says it; by its format the publisher is taken to be {assumed}",
        )
        if assumed
        else Text(
            "kein Sidecar: Herausgeber, Ausgabe, Lizenz und Gebietsstand sind unbekannt",
            "no sidecar: publisher, edition, licence and territorial state are unknown",
        ),
        hint=Text(
            f"'{file}{SUFFIX}' neben der Datei anlegen (siehe docs/reference/formats.md).",
            f"Write '{file}{SUFFIX}' beside the file (see docs/reference/formats.md).",
        ),
        file=file,
    )
