"""The file of a registry: JSON with one position in each line, read strictly."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pydantic

from begleitforschung.catalogue import Entry, Line, parse_entry, read_yaml
from begleitforschung.disclosure.publications import PARTS, Publication
from begleitforschung.errors import CatalogueError

VERSION = 2  # 1 had no number, and variants of figures in words
RESTORE = (
    "restore it from its history or a backup; without it nobody knows what earlier reports showed"
)


class RegistryFile(Entry):
    """What the file holds.

    Parameters
    ----------
    version : int
        Version of its form.
    survey, wave : str
        Which wave it is about.
    publications : tuple of Publication
        In the order in which they were published.
    """

    version: int = 1
    survey: str
    wave: str
    publications: tuple[Publication, ...] = ()

    @pydantic.field_validator("version")
    @classmethod
    def _known(cls, value: int) -> int:
        if not 1 <= value <= VERSION:
            raise ValueError(f"a version up to {VERSION} is expected; update begleitforschung")
        return value


def read_file(file: Path) -> RegistryFile:
    """Read the file of a registry.

    Parameters
    ----------
    file : pathlib.Path
        The file, of this version or an older one.

    Returns
    -------
    RegistryFile
        Its content.

    Raises
    ------
    CatalogueError
        If it is malformed; all problems at once, and what to do.
    SourceFileError
        If it can't be read.
    """
    try:
        content, lines = _content(file)
        return parse_entry(content, RegistryFile, file=file.name, lines=lines)
    except CatalogueError as error:
        what = str(error).splitlines()[0].rstrip(":")
        raise CatalogueError(f"{what}; {RESTORE}:", findings=error.findings) from None


def file_text(survey: str, wave: str, publications: Iterable[Publication]) -> str:
    """Return the content of a file.

    Parameters
    ----------
    survey, wave : str
        Which wave.
    publications : iterable of Publication
        Of that wave.

    Returns
    -------
    str
        Equal registries give equal texts.
    """
    head = {"version": VERSION, "survey": survey, "wave": wave}
    told = ",\n".join(map(_publication_json, publications))
    lines = [f"{_json(key)}: {_json(value)}," for key, value in head.items()]
    return "{\n" + "\n".join(lines) + f'\n"publications": [\n{told}\n]\n}}\n'


def _content(file: Path) -> tuple[Any, Line]:
    """Return what the file holds; the strict reader, which is slow, says what is wrong with it."""
    try:
        return json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_once), {}
    except (OSError, ValueError):
        return read_yaml(file)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _publication_json(made: Publication) -> str:
    told = made.model_dump(mode="json", exclude_defaults=True)
    lines = []
    for key, value in {"report": told.pop("report"), "date": told.pop("date"), **told}.items():
        rows = ",\n".join(_json(one) for one in value) if key in PARTS else ""
        lines.append(f"{_json(key)}: " + (f"[\n{rows}\n]" if rows else _json(value)))
    return "{\n" + ",\n".join(lines) + "\n}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
