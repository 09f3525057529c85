"""The descriptor of a framework: a Frictionless data package, and its table schemas."""

from __future__ import annotations

import json
from typing import Any, Literal, get_args, get_origin

import pydantic

from begleitforschung.catalogue import Entry, Readable, parse_entry
from begleitforschung.errors import CatalogueError, Finding
from begleitforschung.frameworks.entries import SHEETS, Info
from begleitforschung.language import Text

DESCRIPTOR = "datapackage.json"
_KEYS = {"kpis": ["id"], "variables": ["variable"], "dimensions": ["dimension"]}
_FOREIGN = {
    "kpis": ("dimension", "dimensions", "dimension"),
    "targets": ("kpi_id", "kpis", "id"),
    "mappings": ("kpi_id", "kpis", "id"),
}


class _Licence(Entry):
    name: str = ""
    title: str = pydantic.Field(min_length=1)
    path: str = ""


class _Source(Entry):
    title: str = pydantic.Field(min_length=1)
    path: str = ""


class _Resource(Entry):
    name: str
    path: str
    profile: Literal["tabular-data-resource"] = "tabular-data-resource"
    encoding: Literal["utf-8"] = "utf-8"
    table_schema: dict[str, Any] = pydantic.Field(alias="schema")


class _Descriptor(Entry):
    profile: Literal["tabular-data-package"] = "tabular-data-package"
    name: str
    version: str
    title: str
    title_en: str = ""
    description: str = ""
    publisher: str
    licenses: tuple[_Licence, ...] = pydantic.Field(min_length=1, max_length=1)
    sources: tuple[_Source, ...] = pydantic.Field(min_length=1, max_length=1)
    attribution: str = ""
    note: str = ""
    resources: tuple[_Resource, ...]


def read_info(file: Readable) -> Info:
    """Read the descriptor of a framework.

    Parameters
    ----------
    file : Readable
        ``datapackage.json``.

    Returns
    -------
    Info
        What the framework is and where it comes from.

    Raises
    ------
    CatalogueError
        If the file is no JSON, has a key twice, or lacks or adds a key.
    """
    try:
        content = json.loads(file.read_bytes().decode("utf-8-sig"), object_pairs_hook=_no_twins)
    except json.JSONDecodeError as error:
        raise _unreadable(file.name, error.lineno, error.msg) from None
    except UnicodeDecodeError:
        raise _unreadable(file.name, None, "not UTF-8") from None
    except _TwinError as error:
        raise _unreadable(file.name, None, f"duplicate key {error}") from None
    given = parse_entry(content, _Descriptor, file=file.name)
    expected = [(name, f"{name}.csv") for name in SHEETS]
    if [(item.name, item.path) for item in given.resources] != expected:
        wanted = ", ".join(path for _, path in expected)
        raise _unreadable(file.name, None, f"'resources' are to be, in this order: {wanted}")
    info = {
        "id": given.name,
        "edition": given.version,
        "title_de": given.title,
        "title_en": given.title_en,
        "description": given.description,
        "publisher": given.publisher,
        "source": given.sources[0].title,
        "source_url": given.sources[0].path,
        "licence": given.licenses[0].title,
        "licence_url": given.licenses[0].path,
        "attribution": given.attribution,
        "note": given.note,
    }
    return parse_entry(info, Info, file=file.name)


def descriptor(info: Info) -> dict[str, Any]:
    """Return the descriptor of a framework, ready to be written as JSON.

    Parameters
    ----------
    info : Info
        What the framework is.

    Returns
    -------
    dict
        A Frictionless tabular data package.
    """
    resources = [
        {
            "name": name,
            "path": f"{name}.csv",
            "profile": "tabular-data-resource",
            "encoding": "utf-8",
            "schema": table_schema(name),
        }
        for name in SHEETS
    ]
    licence = {"path": info.licence_url} if info.licence_url else {"name": "notspecified"}
    source = {"path": info.source_url} if info.source_url else {}
    texts = {
        "title_en": info.title_en,
        "description": info.description,
        "attribution": info.attribution,
        "note": info.note,
    }
    return {
        "profile": "tabular-data-package",
        "name": info.id,
        "version": info.edition,
        "title": info.title_de,
        **{name: text for name, text in texts.items() if text},
        "publisher": info.publisher,
        "licenses": [{"title": info.licence, **licence}],
        "sources": [{"title": info.source, **source}],
        "resources": resources,
    }


def table_schema(sheet: str) -> dict[str, Any]:
    """Return the Frictionless table schema of one sheet.

    Parameters
    ----------
    sheet : str
        Name of the sheet.

    Returns
    -------
    dict
        ``fields`` with type and constraints, primary and foreign keys.
    """
    fields = []
    for name, item in SHEETS[sheet].model_fields.items():
        entry: dict[str, Any] = {"name": name, "type": kind(item.annotation)}
        constraints: dict[str, Any] = {"required": True} if item.is_required() else {}
        if allowed := options(item.annotation):
            constraints["enum"] = list(allowed)
        fields.append(entry | ({"constraints": constraints} if constraints else {}))
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if sheet in _KEYS:
        schema["primaryKey"] = _KEYS[sheet]
    if sheet in _FOREIGN:
        column, other, key = _FOREIGN[sheet]
        reference = {"resource": other, "fields": [key]}
        schema["foreignKeys"] = [{"fields": [column], "reference": reference}]
    return schema


def options(annotation: Any) -> tuple[str, ...]:
    """Return the values that a field allows.

    Parameters
    ----------
    annotation : type
        Annotation of the field.

    Returns
    -------
    tuple of str
        The values; empty where any is allowed.
    """
    if get_origin(annotation) is Literal:
        return tuple(get_args(annotation))
    return tuple(value for part in get_args(annotation) for value in options(part))


def kind(annotation: Any) -> str:
    """Return the Frictionless type of a field.

    Parameters
    ----------
    annotation : type
        Annotation of the field.

    Returns
    -------
    str
        ``"boolean"``, ``"integer"``, ``"number"`` or ``"string"``.
    """
    names = {bool: "boolean", int: "integer", float: "number"}
    if annotation in names:
        return names[annotation]
    if get_origin(annotation) is Literal:
        return "string"
    found = [
        kind(part) for part in get_args(annotation) if isinstance(part, type) or get_args(part)
    ]
    return next((name for name in found if name != "string"), "string")


class _TwinError(Exception):
    """A key stands twice in one object."""


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, _ in pairs:
        if [other for other, _ in pairs].count(name) > 1:
            raise _TwinError(repr(name))
    return dict(pairs)


def _unreadable(file: str, row: int | None, message: str) -> CatalogueError:
    finding = Finding(
        rule="framework.descriptor",
        severity="error",
        text=Text(f"nicht lesbar: {message}", f"not readable: {message}"),
        hint=Text(
            "Mit 'write_template' eine leere Vorlage anlegen und vergleichen.",
            "Make an empty template with 'write_template' and compare.",
        ),
        file=file,
        row=row,
    )
    return CatalogueError(f"{file} is not a descriptor of a framework:", findings=[finding])
