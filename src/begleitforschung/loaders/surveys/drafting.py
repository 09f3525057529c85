"""A first codebook from nothing but cells: cautious, so that no free text becomes a code."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from begleitforschung.catalogue import Label
from begleitforschung.loaders.names import slug
from begleitforschung.loaders.surveys.export import Column, Export
from begleitforschung.loaders.surveys.free_text import NUMBER, filled_cells, is_listed
from begleitforschung.loaders.surveys.values import dates
from begleitforschung.loaders.surveys.words import words
from begleitforschung.surveys import Code, Codebook, Item, Row


def draft_codebook(export: Export) -> Codebook:
    """Guess a codebook from the cells of an export.

    Parameters
    ----------
    export : Export
        The export.

    Returns
    -------
    Codebook
        One item for each question. A column with at most 25 different answers of at most 80
        characters and at least three cases for each on average is a single choice, one of
        numbers a number, one of dates a date; all others are free text.
    """
    grouped: dict[str, list[int]] = {}
    for at, column in enumerate(export.columns):
        if export.meaning(at) is None and _heading(column):
            base = column.heading.partition("[")[0] if "[" in column.heading else ""
            key = base if re.fullmatch(r"[A-Za-z]\w*", base) else f"column {at}"
            grouped.setdefault(key, []).append(at)
    items: list[Item] = []
    for key, group in grouped.items():
        battery = _battery(export, key, group) if len(group) > 1 else None
        items += [battery] if battery else [_item(export, at) for at in group]
    title = export.file.rpartition(".")[0] or export.file
    return Codebook(id=_name(slug(title)), title=Label(de=title), items=tuple(_once(items)))


def _item(export: Export, at: int) -> Item:
    column = export.columns[at]
    name = _name(column.name or slug(column.heading))
    heading = "" if column.name == name else column.heading
    text = Label(de=column.wording or column.heading)
    cells = filled_cells(export, at)
    different = cells.unique().tolist()
    if words().speaks_of_person(f"{column.heading} {column.name}") or words().holds_person(
        different
    ):
        return Item(id=name, kind="text", text=text, column=heading)
    if different and all(dates(cell) is not None for cell in different):
        return Item(id=name, kind="date", text=text, column=heading)
    if different and all(NUMBER.fullmatch(cell) for cell in different):
        return Item(id=name, kind="number", text=text, column=heading)
    if is_listed(cells):
        codes = _codes_of(different)
        if any(code.missing is None for code in codes):
            return Item(id=name, kind="single", text=text, codes=codes, column=heading)
    return Item(id=name, kind="text", text=text, column=heading)


def _battery(export: Export, base: str, group: Sequence[int]) -> Item | None:
    """Several columns of one question: a multiple choice, or an array of equal answers."""
    columns = [export.columns[at] for at in group]
    subs = [column.name.removeprefix(f"{base}_") for column in columns]
    if not all(subs) or len(set(subs)) < len(subs):
        return None
    first, _ = _split(columns[0])
    text = Label(de=first or base)
    labels = [Label(de=_split(column)[1] or sub) for column, sub in zip(columns, subs, strict=True)]
    cells = pd.concat([filled_cells(export, at) for at in group])
    different = cells.unique().tolist()
    marks = words().mentioned | words().not_mentioned | words().empty
    if different and {cell.casefold() for cell in different} <= marks:
        codes = [Code(code=sub, label=label) for sub, label in zip(subs, labels, strict=True)]
        return Item(id=base, kind="multiple", text=text, codes=tuple(codes))
    answers = _codes_of(different) if is_listed(cells) else ()
    if any(code.missing is None for code in answers):
        rows = tuple(Row(id=sub, text=label) for sub, label in zip(subs, labels, strict=True))
        return Item(id=base, kind="array", cells="single", text=text, rows=rows, codes=answers)
    return None


def _split(column: Column) -> tuple[str, str]:
    found = re.fullmatch(r"(.*?)\s*\[(.*)\]", column.wording)
    return (found[1], found[2]) if found else (column.wording, "")


def _codes_of(different: Sequence[str]) -> tuple[Code, ...]:
    """Short answers are their own codes; wordings are numbered in alphabetical order."""
    ordered = sorted(different, key=lambda text: (len(text), text))
    short = all(re.fullmatch(r"[A-Za-z0-9-]{1,5}", text) for text in ordered)
    return tuple(
        Code(
            code=text if short else str(at),
            label=Label(de=text),
            missing=words().missing_of(text),
        )
        for at, text in enumerate(ordered, start=1)
    )


def _heading(column: Column) -> bool:
    return bool(column.heading.strip())


def _name(text: str) -> str:
    plain = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return plain if re.match(r"[A-Za-z]", plain) else f"q_{plain}".rstrip("_")


def _once(items: Sequence[Item]) -> list[Item]:
    """Give a number to items whose columns would be called alike."""
    seen: set[str] = set()
    found = []
    for item in items:
        name, n = item.id, 1
        while seen & set(item.columns):
            n += 1
            item = item.model_copy(update={"id": f"{name}_dup{n}"})
        seen |= set(item.columns)
        found.append(item)
    return found
