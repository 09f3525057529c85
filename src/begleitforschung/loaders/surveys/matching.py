"""Which column of an export is which column of the codebook, and which are personal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.loaders.surveys.export import Export
from begleitforschung.loaders.surveys.free_text import filled_cells, is_free_text
from begleitforschung.loaders.surveys.values import is_other
from begleitforschung.loaders.surveys.words import Meaning, clean, plain, words
from begleitforschung.surveys import Codebook, Item

_COMPANIONS = ("other", "comment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The columns of an export by what they are; all by position.

    Parameters
    ----------
    answers : dict of str to int
        Column of the codebook to column of the export.
    paradata : dict of str to int
        Meaning to column.
    personal : tuple of int
        Columns with personal data.
    mentions : tuple of int
        Columns of "other" in a multiple choice: free text, of which only counts that there is
        some.
    estimates : dict of str to int
        Item to the column that marks its estimates.
    unit, land : int, optional
        Columns with the municipality and its Bundesland.
    absent : tuple of str
        Columns of the codebook that the export lacks.
    unknown : tuple of int
        Columns of the export that are not in the codebook.
    findings : tuple of Finding
        Columns that are unknown, absent or stand twice.
    """

    answers: dict[str, int]
    paradata: dict[Meaning, int]
    personal: tuple[int, ...]
    mentions: tuple[int, ...] = ()
    estimates: dict[str, int] = field(default_factory=dict)
    unit: int | None = None
    land: int | None = None
    absent: tuple[str, ...] = ()
    unknown: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()


def match(
    export: Export, codebook: Codebook, *, unit: str | None = None, land: str | None = None
) -> Matched:
    """Match an export with a codebook.

    Parameters
    ----------
    export : Export
        The export.
    codebook : Codebook
        The codebook.
    unit, land : str, optional
        Headings or names of the columns with municipality and Bundesland; by default those
        of the codebook.

    Returns
    -------
    Matched
        The columns by what they are.
    """
    names = _names(codebook)
    answers: dict[str, int] = {}
    paradata: dict[Meaning, int] = {}
    personal, strange, twice = [], [], []
    special = _special(export, codebook, names, unit, land)
    reserved = {at for at in special.values() if at is not None}
    for at, column in enumerate(export.columns):
        found = next((names[key] for key in _keys(export, at) if key in names), None)
        if found is not None:
            if found in answers:
                twice.append(at)
            elif not _kept_out(export, at, codebook.item(found)):
                answers[found] = at
            elif at not in reserved:
                personal.append(at)
            continue
        meaning = export.meaning(at)
        if at in reserved:
            continue
        if meaning == "personal" or (meaning is None and _is_personal(export, at, codebook)):
            personal.append(at)
        elif meaning is not None:
            paradata.setdefault(meaning, at)
        elif column.heading.strip():
            strange.append(at)
    expected = [name for name, item in codebook.columns().items() if item.grade != "personal"]
    absent = [name for name in expected if name not in answers]
    wanted = {"unit": unit or codebook.instrument.unit, "land": land or codebook.instrument.land}
    unfound = [name for key, name in wanted.items() if name and special[key] is None]
    lacking = [n for n in absent if not _texts_with_person(n, names, export, personal)]
    return Matched(
        answers=answers,
        paradata=paradata,
        personal=tuple(personal),
        mentions=tuple(answers[name] for name in _others(codebook) if name in answers),
        estimates=_estimates(codebook, special),
        unit=special["unit"],
        land=special["land"],
        absent=tuple(lacking),
        unknown=tuple(strange),
        findings=tuple(_remarks(export, strange, twice, lacking, unfound)),
    )


def _others(codebook: Codebook) -> Iterator[str]:
    for item in codebook.items:
        if item.kind == "multiple":
            for column, option in zip(item.columns, item.answers, strict=True):
                if is_other(option):
                    yield column


def _names(codebook: Codebook) -> dict[str, str]:
    """Everything that a column may be called by: name, heading, wording in either language."""
    found: dict[str, str] = {}
    doubtful: set[str] = set()
    for name, item in codebook.columns().items():
        label = codebook.label(name)
        for key in {plain(label.de), plain(label.en)} - {""}:
            if found.setdefault(key, name) != name:
                doubtful.add(key)
        if len(item.columns) == 1 and item.column:
            found[plain(item.column)] = name
    for key in doubtful:
        del found[key]
    declared = (name for item in codebook.items for name in item.missing_columns)
    found |= {f"={name.casefold()}": name for name in declared}
    return found | {f"={name.casefold()}": name for name in codebook.columns()}


def _keys(export: Export, at: int) -> Iterator[str]:
    column = export.columns[at]
    yield f"={column.name.casefold()}"
    yield plain(column.heading)
    yield plain(column.wording)


def _special(
    export: Export, codebook: Codebook, names: dict[str, str], unit: str | None, land: str | None
) -> dict[str, int | None]:
    """Find the columns that the codebook names for a purpose: unit, Land, marks of estimates."""
    told = codebook.instrument
    wanted = {"unit": unit or told.unit, "land": land or told.land}
    wanted |= {f"estimate {item.id}": item.estimate for item in codebook.items}
    return {key: _position(export, name, names) if name else None for key, name in wanted.items()}


def _position(export: Export, name: str, names: dict[str, str]) -> int | None:
    key = plain(name)
    for at, column in enumerate(export.columns):
        called = {plain(column.heading), plain(column.name)} - {""}
        if key in called or name in (names.get(other) for other in _keys(export, at)):
            return at
    return None


def _estimates(codebook: Codebook, special: dict[str, int | None]) -> dict[str, int]:
    found = {item.id: special.get(f"estimate {item.id}") for item in codebook.items}
    return {name: at for name, at in found.items() if at is not None}


def _kept_out(export: Export, at: int, item: Item) -> bool:
    """Say whether answers are personal: declared so, or free text that holds an address."""
    return item.grade == "personal" or (item.cell_kind == "text" and _holds_person(export, at))


def _is_personal(export: Export, at: int, codebook: Codebook) -> bool:
    """Say whether a column is free text beside a question, or speaks of a person."""
    column = export.columns[at]
    base, _, last = column.name.rpartition("_")
    ids = {item.id for item in codebook.items}
    asked = plain(column.wording.partition("[")[0])
    if column.wording.endswith("]") and asked in _single_wordings(codebook):
        return True
    if base in ids and any(last.endswith(word) for word in _COMPANIONS):
        return True
    if column.name.removesuffix("comment") in codebook.columns() and column.name:
        return True
    headings = clean(f"{column.heading} {column.name}")
    return (
        words().speaks_of_person(headings)
        or _holds_person(export, at)
        or is_free_text(filled_cells(export, at))
    )


def _single_wordings(codebook: Codebook) -> set[str]:
    """Wordings of single choices, whose field for other answers has no code in some exports."""
    texts = (item.text for item in codebook.items if item.kind == "single")
    return {plain(text) for label in texts for text in (label.de, label.en)} - {""}


def _holds_person(export: Export, at: int) -> bool:
    return words().holds_person(export.cells[at].dropna().unique().tolist())


def _texts_with_person(
    name: str, names: dict[str, str], export: Export, personal: list[int]
) -> bool:
    return any(names.get(key) == name for at in personal for key in _keys(export, at))


def _remarks(
    export: Export, strange: list[int], twice: list[int], absent: list[str], unfound: list[str]
) -> Iterator[Finding]:
    texts = {
        "unknown_column": Text(
            "Spalten, die das Codebuch nicht kennt; nicht gelesen",
            "columns that the codebook does not know; not read",
        ),
        "column_twice": Text(
            "Frage steht mehrfach im Export; gelesen wurde die erste Spalte",
            "a question stands more than once in the export; the first column was read",
        ),
        "column_absent": Text(
            "Fragen des Codebuchs fehlen im Export", "questions of the codebook are not there"
        ),
        "unit_column_absent": Text(
            "Spalte mit der Kommune oder ihrem Land fehlt im Export",
            "the column with the municipality or its Land is not there",
        ),
    }
    headings = {
        "unknown_column": [short_heading(export, at) for at in strange],
        "column_twice": [short_heading(export, at) for at in twice],
        "column_absent": absent,
        "unit_column_absent": unfound,
    }
    for rule, listed in headings.items():
        if listed:
            yield Finding(
                rule=f"survey.{rule}",
                severity="warning",
                text=texts[rule],
                file=export.file,
                column=", ".join(listed[:10]) + (" …" if len(listed) > 10 else ""),
                n=len(listed),
            )


def short_heading(export: Export, at: int) -> str:
    """Return what a column is called in messages.

    Parameters
    ----------
    export : Export
        The export.
    at : int
        Position of the column.

    Returns
    -------
    str
        Its name, else its heading, shortened.
    """
    column = export.columns[at]
    return column.name or " ".join(column.heading.split())[:40]
