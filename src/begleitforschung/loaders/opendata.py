"""Open data of one city: CSV tables with a Markdown file beside them that begins with a schema.

The schema (YAML between ``---``) names title, source and columns with type, description and unit
of measure. Such a table names no unit, so the caller says it. The first column is the year, or a
further dimension (age), which becomes part of the indicator's code.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.catalogue import Entry, Label, parse_entry, read_yaml
from begleitforschung.errors import CatalogueError, Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, bad_cells, merge
from begleitforschung.loaders.delimited import read_text
from begleitforschung.loaders.loaded import Loaded
from begleitforschung.loaders.opendata_years import years_of
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised
from begleitforschung.loaders.stacking import Series, Stack, remark, stack
from begleitforschung.regions import is_key, resolve
from begleitforschung.regions.resolution import NamedLevel
from begleitforschung.tables import Indicator

FORMAT = "opendata_schema"
_SCHEMA = re.compile(r"\A---\s*\n(.*?\n)---\s*(?:\n|\Z)", re.DOTALL)
_KINDS = ("int", "float", "str", "Optional[int]", "Optional[float]", "Optional[str]")
_DECIMALS = re.compile(r"[+-]?\d+\.\d*[1-9]\d*")
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


class SchemaColumn(Entry):
    """One column of a schema."""

    name: str
    type: str
    description: str = ""
    unit: str = ""
    short: str = ""
    export_id: str = ""
    computed: str = ""


class Schema(Entry):
    """The schema of a table."""

    title: str
    source: str = ""
    order: str = ""
    columns: tuple[SchemaColumn, ...]


class _Text:
    """The schema's text as something that `read_yaml` can read."""

    def __init__(self, name: str, content: str) -> None:
        self.name, self._content = name, content

    def read_bytes(self) -> bytes:
        return self._content.encode("utf-8")


def read_schema(path: Path) -> Schema | None:
    """Read the schema that stands beside a table.

    Parameters
    ----------
    path : pathlib.Path
        The table.

    Returns
    -------
    Schema or None
        None if there is none.

    Raises
    ------
    CatalogueError
        If the schema is malformed.
    """
    beside = path.with_suffix(".md")
    if not beside.is_file():
        return None
    try:
        found = _SCHEMA.match(beside.read_text(encoding="utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        return None
    if found is None or "\ncolumns:" not in found[1]:
        return None
    return _schema(beside.name, "\n" + found[1])


@lru_cache(maxsize=16)  # a schema is needed twice: to recognise its table and to read it
def _schema(name: str, text: str) -> Schema:
    content, lines = read_yaml(_Text(name, text))
    schema = parse_entry(content, Schema, file=name, lines=lines)
    wrong = sorted({item.type for item in schema.columns} - set(_KINDS))
    if wrong:
        raise CatalogueError(f"{name}: types {', '.join(wrong)}; known are {', '.join(_KINDS)}")
    return schema


def recognise(head: Head) -> Recognised | None:
    """Recognise a table by the schema beside it.

    Parameters
    ----------
    head : Head
        The file.

    Returns
    -------
    Recognised or None
        None if no schema stands beside it.
    """
    if head.raw.kind != "text" or head.raw.path is None:
        return None
    schema = read_schema(head.raw.path)
    return Recognised(FORMAT, head.headers[","], delimiter=",") if schema else None


def read_opendata(head: Head, found: Recognised, options: Options) -> Loaded:
    """Read a table with its schema.

    Parameters
    ----------
    head : Head
        The file.
    found : Recognised
        Its columns.
    options : Options
        ``unit``: the city.

    Returns
    -------
    Loaded
        Rows, meanings and findings. Codes are ``<table>.<column>``; further dimensions and words
        beside the year follow after ``|``.

    Raises
    ------
    SourceFileError
        If no unit was said, columns are not those of the schema, or rows are damaged.
    """
    raw = head.raw
    assert raw.path is not None  # by `recognise`
    schema = read_schema(raw.path)
    assert schema is not None
    unit = _unit(options.unit, raw.name)
    stored = [item for item in schema.columns if not item.computed]
    if tuple(item.name for item in stored) != found.header:
        raise SourceFileError(
            f"{raw.name}: the columns ({', '.join(found.header)[:200]}) are not those of its "
            f"schema ({', '.join(item.name for item in stored)[:200]})"
        )
    cells = read_text(raw, ",", header=found.header)
    first, figures = stored[0], [item for item in stored[1:] if "str" not in item.type]
    texts = [item.name for item in stored[1:] if "str" in item.type]
    other = _other_regions(figures, unit)
    year, words, problems = _time(cells, first, raw.name)
    table = Path(raw.name).stem
    series = [
        Series(column=item.name, indicator=_code(f"{table}.{item.name}", words), year=year)
        for item in figures
        if item.name not in other
    ]
    if not series:
        raise SourceFileError(f"{raw.name}: the schema has no column of numbers of this unit")
    units = pd.Categorical(np.full(len(cells.rows), unit, object))
    stacked = stack(cells, units, series)
    return Loaded(
        tidy=stacked.tidy,
        indicators=tuple(_meanings(stacked, table, figures)),
        title=schema.title,
        findings=tuple(_remarks(schema, other, texts, raw.name)),
        problems=(*problems, *stacked.problems, *_against(cells, figures)),
    )


def _unit(unit: str | None, file: str) -> str:
    if unit is None or not is_key(unit):
        raise SourceFileError(
            f"{file} is open data of one city and names no unit. Say which: unit='08335043'"
            + (f" ({unit!r} is no key of a unit)" if unit else "")
        )
    return unit


def _other_regions(figures: list[SchemaColumn], unit: str) -> list[str]:
    """Return the columns of Germany or a Land that stand beside one of the city by its name.

    Without a column of the city they are something else, such as where guests come from.
    """
    meant = [item.description.strip() for item in figures]
    if unit not in _named(meant, "gemeinde"):
        return []
    laender = _named(meant, "land")
    return [
        item.name
        for item, text, land in zip(figures, meant, laender, strict=True)
        if land or text in ("Deutschland", "Bundesrepublik Deutschland")
    ]


def _named(texts: list[str], level: NamedLevel) -> list[str | None]:
    """Return the keys of the units whose names the texts are."""
    found = resolve(texts, level=level)
    sure = found["status"].isin(["exact", "normalised"])
    return [key if one else None for key, one in zip(found["key"], sure, strict=True)]


def _time(
    cells: Cells, first: SchemaColumn, file: str
) -> tuple[int | NDArray[np.int16], pd.Categorical | None, list[Finding]]:
    """Return the year, and what else belongs into the code of an indicator."""
    given = cells.column(first.name)
    if first.name == "jahr":
        return years_of(cells, first.name)
    hits = set(_IN_NAME.findall(file))
    if len(hits) != 1:
        raise SourceFileError(
            f"{file}: neither a column 'jahr' nor the name of the file says the year"
        )
    words = merge(given, [f"|{first.name}={text}" for text in given.categories.tolist()])
    blank = bad_cells(
        cells,
        first.name,
        np.asarray(given.isin([""])),
        rule="opendata.dimension",
        text=Text("Merkmal fehlt", "the dimension is empty"),
        hint=Text("In der Quelle ergänzen.", "Complete it at the source."),
    )
    return int(hits.pop()), words, blank


def _code(code: str, words: pd.Categorical | None) -> str | pd.Categorical:
    if words is None:
        return code
    return merge(words, [f"{code}{text}" for text in words.categories.tolist()])


def _broken(text: str) -> bool:
    """Say whether a number is no whole one."""
    return bool(_DECIMALS.fullmatch(text))


def _against(cells: Cells, figures: list[SchemaColumn]) -> list[Finding]:
    """Return what the schema forbids: empty cells and decimals in columns of whole numbers."""
    found = []
    for item in figures:
        given = cells.column(item.name)
        needed, whole = not item.type.startswith("Optional"), "int" in item.type
        texts = given.categories.tolist()
        bad = np.array([(needed and not t) or (whole and _broken(t)) for t in texts], bool)
        found += bad_cells(
            cells,
            item.name,
            bad[given.codes],
            rule="opendata.schema",
            text=Text(f"passt nicht zum Schema ({item.type})", f"breaks the schema ({item.type})"),
            hint=Text("Mit der Quelle vergleichen.", "Compare with the source."),
        )
    return found


def _meanings(stacked: Stack, table: str, figures: list[SchemaColumn]) -> list[Indicator]:
    by_name = {f"{table}.{item.name}": item for item in figures}
    found = []
    for code, decimals in stacked.decimals.items():
        base, mark, rest = code.partition("|")
        item = by_name[base]
        title = item.description or item.export_id or item.name
        given: dict[str, Any] = {"id": code, "decimals": decimals, "unit_of_measure": item.unit}
        title += f" ({rest.replace('_', ' ')})" if mark else ""
        found.append(Indicator(**given, title=Label(de=title), note=item.short))
    return found


def _remarks(schema: Schema, other: list[str], texts: list[str], file: str) -> list[Finding]:
    said = Text(f"Quelle laut Schema: {schema.source}", f"source by the schema: {schema.source}")
    found = [remark("opendata.source", said, file)] if schema.source else []
    if other:
        names = ", ".join(other)
        text = Text(
            f"Spalten anderer Gebiete ausgelassen: {names}",
            f"columns of other regions left out: {names}",
        )
        found.append(remark("opendata.other_region", text, file, severity="warning", n=len(other)))
    if texts:
        names = ", ".join(texts)
        text = Text(f"Textspalten nicht gelesen: {names}", f"columns of text not read: {names}")
        found.append(remark("opendata.texts", text, file, n=len(texts)))
    return found


READER = Reader(id=FORMAT, source="opendata", recognise=recognise, read=read_opendata)
