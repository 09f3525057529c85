"""What is wrong with a codebook: all problems at once, each at its item."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from begleitforschung.catalogue import Line
from begleitforschung.errors import CatalogueError, Finding, FormulaError, Severity
from begleitforschung.language import Text
from begleitforschung.surveys.codebook import Codebook, Item
from begleitforschung.surveys.filters import parse_filter


def check_codebook(
    codebook: Codebook, *, file: str = "", lines: Line | None = None
) -> tuple[Finding, ...]:
    """Find what is wrong with or missing in a codebook.

    Parameters
    ----------
    codebook : Codebook
        The codebook.
    file : str
        Name of its file, for the findings.
    lines : mapping, optional
        Lines of its file as `begleitforschung.catalogue.read_yaml` returns them.

    Returns
    -------
    tuple of Finding
        ``codebook.…``: errors forbid its use, warnings are to be considered.
    """
    found = list(_whole(codebook))
    known: set[str] = set()
    for at, item in enumerate(codebook.items):
        problems = [*_codes(item), *_kind(item), *_bounds(item)]
        problems += _filter(item, codebook, known)
        known.update(item.columns)
        line = (lines or {}).get(("items", at))
        found += [_finding(*each, item=item, file=file, line=line) for each in problems]
    return tuple(found)


def require_sound(codebook: Codebook, *, file: str = "", lines: Line | None = None) -> None:
    """Refuse a codebook with errors.

    Parameters
    ----------
    codebook : Codebook
        The codebook.
    file : str
        Name of its file.
    lines : mapping, optional
        Lines of its file.

    Raises
    ------
    CatalogueError
        If it has errors; all of them.
    """
    found = check_codebook(codebook, file=file, lines=lines)
    errors = [item for item in found if item.severity == "error"]
    if errors:
        name = file or f"the codebook {codebook.id!r}"
        raise CatalogueError(f"{name} has {len(errors)} problem(s):", findings=errors)


_Problem = tuple[str, Severity, Text]


def _whole(codebook: Codebook) -> Iterator[Finding]:
    ids = [item.id for item in codebook.items]
    for name, n in Counter(ids).items():
        if n > 1:
            yield _finding("twice", "error", Text(f"{name!r} doppelt", f"{name!r} stands twice"))
    columns = [column for item in codebook.items for column in item.columns]
    for name, n in Counter(columns).items():
        if n > 1 and ids.count(name) < 2:
            text = Text(f"Spalte {name!r} mehrfach", f"column {name!r} results more than once")
            yield _finding("column_twice", "error", text)
    promise = codebook.instrument.promise
    if promise is None:
        text = Text(
            "keine Zusage an die Befragten eingetragen (instrument: promise)",
            "no promise made to the respondents is entered (instrument: promise)",
        )
        yield _finding("no_promise", "warning", text)
    shown = [item.id for item in codebook.items if item.grade == "public" and item.role != "answer"]
    for name in shown:
        text = Text(
            f"{name!r} verrät die Befragten und ist öffentlich",
            f"{name!r} tells who answered and is public",
        )
        yield _finding("identifying_public", "warning", text)


def _codes(item: Item) -> Iterator[_Problem]:
    # Exports are read without regard to case.
    codes = [code.code.casefold() for code in item.codes]
    for code, n in Counter(codes).items():
        if n > 1:
            text = Text(f"Code {code!r} doppelt", f"code {code!r} stands twice")
            yield "code_twice", "error", text
    labels = Counter(code.label.de.casefold() for code in item.codes)
    for label, n in labels.items():
        if n > 1:
            text = Text(f"Antwort {label!r} doppelt", f"answer {label!r} stands twice")
            yield "label_twice", "warning", text
    rows = Counter(row.id for row in item.rows)
    for row, n in rows.items():
        if n > 1:
            yield "row_twice", "error", Text(f"Zeile {row!r} doppelt", f"row {row!r} stands twice")


def _kind(item: Item) -> Iterator[_Problem]:
    if item.coded and not item.answers:
        text = Text(f"'{item.kind}' braucht Antworten (codes)", f"'{item.kind}' needs codes")
        yield "no_codes", "error", text
    if not item.coded and item.answers:
        text = Text(
            "Codes ohne 'missing' gehören nicht zu Zahl, Text oder Datum",
            "codes without 'missing' don't belong to a number, text or date",
        )
        yield "codes_of_number", "error", text
    if (item.kind == "array") != bool(item.rows):
        text = Text("'array' und 'rows' gehören zusammen", "'array' and 'rows' belong together")
        yield "rows", "error", text
    if item.ranks is not None and (item.kind != "ranking" or item.ranks > len(item.answers)):
        text = Text(
            "'ranks' gehört zu 'ranking' und ist höchstens die Zahl der Antworten",
            "'ranks' belongs to 'ranking' and is at most the number of codes",
        )
        yield "ranks", "error", text
    if item.direction is not None and item.cell_kind != "scale":
        text = Text("'direction' gehört zu einer Skala", "'direction' belongs to a scale")
        yield "direction", "error", text
    if item.kind == "scale" and item.direction is None:
        text = Text("Richtung der Skala fehlt (direction)", "the direction of the scale is missing")
        yield "no_direction", "info", text


def _bounds(item: Item) -> Iterator[_Problem]:
    if item.min is not None and item.max is not None and item.min > item.max:
        yield "bounds", "error", Text("'min' größer als 'max'", "'min' is greater than 'max'")
    bounded = item.min is not None or item.max is not None or item.integer or item.unit
    if item.cell_kind != "number" and bounded:
        text = Text(
            "'min', 'max', 'integer', 'unit' gehören zu Zahlen",
            "'min', 'max', 'integer', 'unit' belong to numbers",
        )
        yield "bounds", "error", text


def _filter(item: Item, codebook: Codebook, known: set[str]) -> Iterator[_Problem]:
    if item.relevance and not item.filter:
        text = Text(
            "Filter der Befragungssoftware nicht verstanden; als 'filter' eintragen",
            "the filter of the survey software was not understood; enter it as 'filter'",
        )
        yield "filter_not_understood", "warning", text
    if not item.filter:
        return
    try:
        parsed = parse_filter(item.filter, codebook.columns())
    except FormulaError as error:
        yield "filter", "error", Text(str(error), str(error))
        return
    later = [name for name in parsed.columns if name not in known]
    if later:
        text = Text(
            f"Filter nennt eine spätere Frage: {', '.join(later)}",
            f"the filter names a later question: {', '.join(later)}",
        )
        yield "filter_later", "error", text
    for comparison in parsed.comparisons:
        asked = codebook.columns()[comparison.column]
        strange = [value for value in comparison.values if not possible_answer(asked, value)]
        if strange:
            text = Text(
                f"{comparison.column} hat keine Antwort {', '.join(strange)}",
                f"{comparison.column} has no answer {', '.join(strange)}",
            )
            yield "filter_code", "error", text


def possible_answer(item: Item, value: str) -> bool:
    """Say whether a filter can compare an item with a value.

    Parameters
    ----------
    item : Item
        A question.
    value : str
        What a filter compares its answers with.

    Returns
    -------
    bool
        Whether it is one of its codes, or a number where it asks for numbers.
    """
    if item.kind == "multiple":
        return value in ("0", "1")
    if item.coded:
        return value in {code.code for code in item.answers} or item.kind == "scale"
    return item.cell_kind != "number" or re.fullmatch(r"-?[0-9.eE+-]+", value) is not None


def _finding(
    rule: str,
    severity: Severity,
    text: Text,
    *,
    item: Item | None = None,
    file: str = "",
    line: int | None = None,
) -> Finding:
    return Finding(
        rule=f"codebook.{rule}",
        severity=severity,
        text=text,
        file=file or None,
        row=line,
        column=item.id if item else None,
    )
