"""LimeSurvey's exports for R and SPSS: data beside a syntax file that carries the labels.

Built from the description of the formats, never checked on a real export.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from begleitforschung.catalogue import Label
from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.surveys.export import Column, Export, table_of, unverified
from begleitforschung.loaders.surveys.limesurvey_csv import unique_names
from begleitforschung.loaders.surveys.words import clean, words
from begleitforschung.surveys import Code, Codebook, Instrument, Item, Row
from begleitforschung.surveys.codebook import plain_code

_TEXT = r'"((?:[^"\\]|\\.|"")*)"'
_TOKEN = re.compile(rf"{_TEXT}|(-?\d+(?:\.\d+)?)")
_R_FILE = re.compile(r"read\.csv\(\s*" + _TEXT)
_R_NAME = re.compile(rf"names\(data\)\[(\d+)\]\s*<-\s*{_TEXT}")
_R_LABEL = re.compile(rf"variable\.labels\[(\d+)\]\s*<-\s*{_TEXT}")
_R_NUMBER = re.compile(r"data\[\s*,\s*(\d+)\]\s*<-\s*as\.numeric")
_R_FACTOR = re.compile(
    r"data\[\s*,\s*(\d+)\]\s*<-\s*factor\(.*?levels\s*=\s*c\((.*?)\),\s*labels\s*=\s*c\((.*)\)\s*\)"
)
_SPS_FILE = re.compile(r"/FILE\s*=\s*'([^']+)'")
_SPS_TYPE = re.compile(r"^\s*V(\d+)\s+([A-Z]+)[\d.]+", re.MULTILINE)
_SPS_NAME = re.compile(r"RENAME VARIABLE \(\s*V(\d+)\s*=\s*(\S+)\s*\)")
_SPS_LABEL = re.compile(rf"VARIABLE LABELS\s+V(\d+)\s+{_TEXT}")
_SPS_CODES = re.compile(r"VALUE LABELS\s+V(\d+)\s*\n(.*?)\.\s*$", re.MULTILINE | re.DOTALL)
_FAULTY = ("", "q_")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Variable:
    """A column of the data: its name, its wording, its labels, whether it is a number."""

    name: str
    wording: str
    labels: dict[str, str] = field(default_factory=dict)
    number: bool = False

    @property
    def base(self) -> str:
        return self.name.partition("_")[0]

    @property
    def part(self) -> str:
        """Row or option, which stands in brackets before the question."""
        found = re.fullmatch(r"\[(.*?)\]\s*(.*)", self.wording)
        return found[1] if found else ""

    @property
    def question(self) -> str:
        return re.sub(r"^\[.*?\]\s*", "", self.wording)


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """What a syntax file says: the name of the data file, and its columns in their order."""

    data: str
    variables: tuple[_Variable, ...]
    header_rows: int


def syntax_of(text: str) -> Syntax | None:
    """Read a syntax file of LimeSurvey for R or SPSS.

    Parameters
    ----------
    text : str
        The file.

    Returns
    -------
    Syntax or None
        ``None`` if it is something else.
    """
    if "variable.labels[" in text and "names(data)[" in text:
        said, names, numbers = _R_LABEL, _R_NAME, set(_R_NUMBER.findall(text))
        codes = {at: _pairs(levels, told) for at, levels, told in _R_FACTOR.findall(text)}
        file, header = _R_FILE.search(text), 1
    elif "RENAME VARIABLE" in text and "/VARIABLES" in text:
        said, names = _SPS_LABEL, _SPS_NAME
        numbers = {at for at, kind in _SPS_TYPE.findall(text) if kind == "F"}
        codes = {at: _labels(told) for at, told in _SPS_CODES.findall(text)}
        file, header = _SPS_FILE.search(text), 0
    else:
        return None
    labels = {at: clean(_unquoted(label)) for at, label in said.findall(text)}
    named = dict(names.findall(text))
    order = sorted({*labels, *named}, key=int)
    variables = tuple(
        _Variable(
            name=plain_code(named.get(at, f"V{at}")),
            wording=labels.get(at, ""),
            labels=codes.get(at, {}),
            number=at in numbers,
        )
        for at in order
    )
    return Syntax(data=file[1] if file else "", variables=variables, header_rows=header)


def read_syntax(path: Path, syntax: Syntax) -> Export:
    """Read the data file that a syntax file names, which must lie beside it.

    Parameters
    ----------
    path : pathlib.Path
        The syntax file.
    syntax : Syntax
        What it says.

    Returns
    -------
    Export
        The cells, with the codebook of the syntax.

    Raises
    ------
    SourceFileError
        If the data file is not there or has another number of columns.
    """
    file = path.with_name(Path(syntax.data).name) if syntax.data else path
    if not syntax.data or not file.is_file():
        named = file.name if syntax.data else "no data file"
        raise SourceFileError(f"{path.name} names {named}, which must lie beside it")
    text = file.read_text(encoding="utf-8-sig")
    quote = "'" if text[:1] == "'" or re.match(r"[^\"\n]*?,'", text) else '"'
    records = [r for r in csv.reader(io.StringIO(text, newline=""), quotechar=quote) if any(r)]
    above = syntax.header_rows
    cells, rows = table_of(records[above:], len(syntax.variables), file.name, header_rows=above)
    columns = [Column(one.name, one.name, one.wording) for one in syntax.variables]
    return Export(
        format="limesurvey_syntax",
        file=file.name,
        columns=unique_names(columns),
        cells=cells,
        rows=rows,
        codebook=codebook_of_syntax(syntax, path.stem),
        findings=(unverified("limesurvey_syntax", path.name),),
    )


def codebook_of_syntax(syntax: Syntax, title: str) -> Codebook:
    """Return the codebook that a syntax file tells.

    Parameters
    ----------
    syntax : Syntax
        What it says.
    title : str
        Title of the survey, as the file names none.

    Returns
    -------
    Codebook
        Columns of one question are put together to a multiple choice or an array again.

    Raises
    ------
    SourceFileError
        If it names no question.
    """
    groups: dict[tuple[str, str], list[_Variable]] = {}
    for one in syntax.variables:
        if words().meaning(one.name) is None and one.name not in _FAULTY:
            whole = (one.base, one.question) if one.part else (one.name, "")
            groups.setdefault(whole, []).append(one)
    items: dict[str, Item] = {}
    for group in groups.values():
        for item in _items(group):
            items.setdefault(item.id, item)
    if not items:
        raise SourceFileError(f"{title}: the syntax file names no question")
    return Codebook(
        id="limesurvey_export",
        title=Label(de=title),
        instrument=Instrument(software="LimeSurvey"),
        items=tuple(items.values()),
    )


def _items(group: Sequence[_Variable]) -> list[Item]:
    first = group[0]
    listed = [one for one in group if one.labels]
    parted = all(one.part and one.name != one.base for one in group)
    if parted and listed and all(set(one.labels) == {"0", "1"} for one in listed):
        codes = [Code(code=_sub(one), label=Label(de=one.part)) for one in group]
        text = Label(de=first.question)
        return [Item(id=first.base, kind="multiple", text=text, codes=tuple(codes))]
    if parted and len(listed) == len(group) and all(one.labels == first.labels for one in group):
        rows = [Row(id=_sub(one), text=Label(de=one.part)) for one in group]
        whole = replace(first, name=first.base, wording=first.question)
        item = _item(whole).model_dump() | {"kind": "array", "cells": "single", "rows": rows}
        return [Item.model_validate(item)]
    return [_item(one) for one in group]


def _item(one: _Variable) -> Item:
    text = Label(de=one.wording or one.name)
    codes = tuple(
        Code(code=code, label=Label(de=label or code), missing=words().missing_of(label))
        for code, label in one.labels.items()
    )
    if any(code.missing is None for code in codes):
        return Item(id=one.name, kind="single", text=text, codes=codes)
    return Item(id=one.name, kind="number" if one.number else "text", text=text)


def _sub(one: _Variable) -> str:
    return one.name.removeprefix(f"{one.base}_")


def _pairs(levels: str, told: str) -> dict[str, str]:
    return dict(zip(_tokens(levels), map(clean, _tokens(told)), strict=False))


def _labels(told: str) -> dict[str, str]:
    found = _tokens(told)
    return {code: clean(label) for code, label in zip(found[::2], found[1::2], strict=False)}


def _tokens(text: str) -> list[str]:
    return [said[2] or _unquoted(said[1] or "") for said in _TOKEN.finditer(text)]


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).replace('""', '"')
