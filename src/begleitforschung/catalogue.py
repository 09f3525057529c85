"""Strict reader of the YAML and CSV files that hold domain knowledge.

Every scalar is read as text and typed by the model that receives it, because YAML's own typing
reads ``01001000`` as octal, ``no`` as false and ``2024.10`` as 2024.1. Duplicate and unknown
keys fail; a failure names file and line. Entries are frozen pydantic models.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pydantic
import yaml

from begleitforschung.catalogue_words import words_of
from begleitforschung.errors import CatalogueError, Finding, SourceFileError
from begleitforschung.language import Text

Line = Mapping[tuple[str | int, ...], int]
EntryT = TypeVar("EntryT", bound="Entry")


class Readable(Protocol):
    """A file, a packaged resource, or a sheet of a workbook as CSV."""

    @property
    def name(self) -> str:
        """File name without folder."""

    def read_bytes(self) -> bytes:
        """Return the content.

        Returns
        -------
        bytes
            All of it.
        """


class Entry(pydantic.BaseModel):
    """Base of all catalogue entries: frozen, unknown keys forbidden."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Reference(Entry):
    """Where a piece of domain knowledge stands.

    Parameters
    ----------
    title : str
        Title of the publication or page.
    publisher : str
        Who published it.
    url : str
        Address; empty where there is none.
    date : str
        Date or year of the edition; empty where unknown.
    licence : str
        Licence; empty where none is stated.
    note : str
        What a reader should know about it.
    """

    title: str
    publisher: str = ""
    url: str = ""
    date: str = ""
    licence: str = ""
    note: str = ""


class Label(Entry):
    """A German text and its English twin, as written in a catalogue."""

    de: str
    en: str = ""

    @property
    def text(self) -> Text:
        """The label as `Text`."""
        return Text(self.de, self.en)


def resource(*parts: str) -> Traversable:
    """Return a packaged resource, from a checkout or an installed wheel alike.

    Parameters
    ----------
    *parts : str
        Path below ``begleitforschung/resources``, e.g. ``"codes", "bundeslaender.yaml"``.

    Returns
    -------
    importlib.resources.abc.Traversable
        The file or folder.

    Raises
    ------
    SourceFileError
        If it does not exist.
    """
    found = files("begleitforschung").joinpath("resources", *parts)
    if not (found.is_file() or found.is_dir()):
        raise SourceFileError(f"the package holds no resource {'/'.join(parts)!r}")
    return found


def read_yaml(path: Readable) -> tuple[Any, Line]:
    """Read a YAML file with every scalar as text.

    Parameters
    ----------
    path : pathlib.Path or Traversable
        The file.

    Returns
    -------
    content : object
        Dictionaries, lists and strings; ``~`` and empty values are ``None``.
    lines : mapping
        Path within the content, e.g. ``("entries", 0, "code")``, to line number (from 1).

    Raises
    ------
    CatalogueError
        If the YAML is malformed or a key stands twice; names file and line.
    SourceFileError
        If the file is missing or is not UTF-8.
    """
    text = _text_of(path)
    try:
        node = _composed(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise CatalogueError(f"{path.name}{where}: not valid YAML: {error.problem}") from None
    lines: dict[tuple[str | int, ...], int] = {}
    problems: list[Finding] = []
    content = None if node is None else _construct(node, (), lines, problems, path.name)
    if problems:
        raise CatalogueError(f"{path.name}: {len(problems)} problem(s)", findings=problems)
    return content, lines


def read_entry(path: Path | Traversable, model: type[EntryT]) -> EntryT:
    """Read one YAML file as one entry.

    Parameters
    ----------
    path : pathlib.Path or Traversable
        The file.
    model : type of Entry
        The model that types and checks the values.

    Returns
    -------
    Entry
        An instance of `model`.

    Raises
    ------
    CatalogueError
        If keys are unknown, missing or duplicate, or values don't fit; all problems at once,
        each with its line.
    SourceFileError
        If the file can't be read.
    """
    content, lines = read_yaml(path)
    return parse_entry(content, model, file=path.name, lines=lines)


def parse_entry(
    content: object, model: type[EntryT], *, file: str, lines: Line | None = None
) -> EntryT:
    """Turn parsed content into an entry; see `read_entry`.

    Parameters
    ----------
    content : object
        What a YAML or TOML reader returned.
    model : type of Entry
        The model.
    file : str
        Name of the file, for messages.
    lines : mapping, optional
        Lines of the content as `read_yaml` returns them.

    Returns
    -------
    Entry
        An instance of `model`.

    Raises
    ------
    CatalogueError
        If the content does not fit the model.
    """
    try:
        return model.model_validate(content)
    except pydantic.ValidationError as error:
        problems = [_finding(item, file, lines or {}) for item in error.errors()]
        raise CatalogueError(
            f"{file} does not fit '{model.__name__}' ({len(problems)} problems):",
            findings=problems,
        ) from None


def read_csv_entries(
    path: Readable, model: type[EntryT], *, delimiter: str = ","
) -> tuple[EntryT, ...]:
    """Read a CSV with a header as entries, one per row.

    Parameters
    ----------
    path : Readable
        The file, UTF-8 with or without byte order mark.
    model : type of Entry
        The model of a row; empty cells are left out, so defaults apply.
    delimiter : str
        Column separator.

    Returns
    -------
    tuple of Entry
        One entry per row.

    Raises
    ------
    CatalogueError
        If the header has duplicate or unknown columns, a row has more or fewer cells, or
        values don't fit; all problems at once with row and column.
    SourceFileError
        If the file can't be read.
    """
    rows = list(csv.reader(io.StringIO(_text_of(path)), delimiter=delimiter))
    if not rows:
        raise SourceFileError(f"{path.name} is empty; a header row is expected")
    header, known = [cell.strip() for cell in rows[0]], model.model_fields
    problems, entries = [], []
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            problems.append(_problem(path.name, 1, name, "Spalte doppelt", "duplicate column"))
        if name not in known:
            problems.append(_problem(path.name, 1, name, "unbekannte Spalte", "unknown column"))
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            got, due = len(cells), len(header)
            de = f"{got} Zellen statt {due}; steht ein Trennzeichen ohne Anführung im Text?"
            en = f"{got} cells instead of {due}; is there an unquoted delimiter in a text?"
            problems.append(_problem(path.name, number, "", de, en))
            continue
        pairs = zip(header, cells, strict=True)
        values = {name: cell for name, cell in pairs if cell.strip() and name in known}
        try:
            entries.append(model.model_validate(values))
        except pydantic.ValidationError as error:
            problems += [_finding(item, path.name, {}, row=number) for item in error.errors()]
    if problems:
        raise CatalogueError(
            f"{path.name} does not fit '{model.__name__}' ({len(problems)} problems):",
            findings=problems,
        )
    return tuple(entries)


def unique(entries: Iterable[EntryT], key: str, *, file: str) -> dict[str, EntryT]:
    """Index entries by a field that must be unique.

    Parameters
    ----------
    entries : iterable of Entry
        The entries.
    key : str
        Name of the field.
    file : str
        Name of the file, for messages.

    Returns
    -------
    dict
        Value of the field to entry, in order.

    Raises
    ------
    CatalogueError
        If a value stands twice.
    """
    found: dict[str, EntryT] = {}
    problems = []
    for entry in entries:
        value = str(getattr(entry, key))
        if value in found:
            problems.append(_problem(file, None, key, f"{value!r} doppelt", f"{value!r} twice"))
        found[value] = entry
    if problems:
        raise CatalogueError(f"{file}: '{key}' must be unique", findings=problems)
    return found


def _composed(text: str) -> yaml.Node | None:
    """Parse with libyaml where it is there; what it refuses is told in PyYAML's own words."""
    try:
        return yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except yaml.YAMLError:
        return yaml.compose(text, Loader=yaml.BaseLoader)


def _text_of(path: Readable) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        why = "does not exist" if isinstance(error, FileNotFoundError) else "can't be read"
        raise SourceFileError(f"{path} {why}: check place and permissions") from None
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        what = "a workbook" if error.object.startswith(b"PK") else "not UTF-8"
        raise SourceFileError(f"{path.name}, row {row}: {what}; save it as UTF-8 text") from None


def _construct(
    node: yaml.Node,
    at: tuple[str | int, ...],
    lines: dict[tuple[str | int, ...], int],
    problems: list[Finding],
    file: str,
) -> Any:
    lines[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        content: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in content:
                problems.append(_problem(file, line, key, "Schlüssel doppelt", "duplicate key"))
            content[key] = _construct(value_node, (*at, key), lines, problems, file)
            lines[(*at, key)] = line
        return content
    if isinstance(node, yaml.SequenceNode):
        return [
            _construct(item, (*at, i), lines, problems, file) for i, item in enumerate(node.value)
        ]
    plain = isinstance(node, yaml.ScalarNode) and not node.style
    return None if plain and node.value in ("", "~", "null") else node.value


def _finding(item: Mapping[str, Any], file: str, lines: Line, *, row: int | None = None) -> Finding:
    where = tuple(item["loc"])
    line = next((lines[where[:n]] for n in range(len(where), -1, -1) if where[:n] in lines), row)
    told = item["type"] not in ("extra_forbidden", "missing") and isinstance(item["input"], str)
    value = item["input"] if told else None
    return _problem(file, line, ".".join(map(str, where)), *words_of(item), value=value)


def _problem(
    file: str, row: int | None, column: str, de: str, en: str, *, value: str | None = None
) -> Finding:
    place: dict[str, Any] = {"file": file, "row": row, "column": column, "value": value}
    return Finding(rule="catalogue", severity="error", text=Text(de, en), **place)


def split_list(value: object) -> Sequence[str] | object:
    """Split a ``;``-separated cell, for use as a pydantic before-validator.

    Parameters
    ----------
    value : object
        A cell.

    Returns
    -------
    sequence of str or object
        The trimmed parts of a text; anything else unchanged.
    """
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    return value
