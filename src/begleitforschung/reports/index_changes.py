"""What was done to the figures of an index, counted for its method sheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from begleitforschung.display.numbers import format_date, format_number, format_share
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.errors import Finding, ReportError
from begleitforschung.frameworks.index_catalogue import index_methods
from begleitforschung.frameworks.index_entries import as_text
from begleitforschung.language import Lang
from begleitforschung.provenance import Source
from begleitforschung.reports.index_words import word
from begleitforschung.results.composite import CompositeResult
from begleitforschung.results.composite_marks import CUT_HIGH, CUT_LOW, IMPUTED, TRANSFORMED

_NAMED = 40


def data_lines(result: CompositeResult, lang: Lang) -> list[str]:
    """Say in sentences which figures came in, and what became of them.

    Parameters
    ----------
    result : CompositeResult
        The scores.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    list of str
        Units and years; values present, imputed, winsorised, transformed; units dropped.
    """
    stage = result.final
    counts = {name: int(hit.sum()) for name, hit in _hits(stage.marks).items()}
    rows, every = len(stage.unit), stage.marks.size
    years = result.years
    span = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    there = int((~np.isnan(stage.values[:, : stage.marks.shape[1]])).sum())

    def n(count: int) -> str:
        return format_number(count, 0, lang)

    def share(count: int) -> str:
        return f"{n(count)} ({format_share(count / every if every else 0, 1, lang)})"

    if lang == "en":
        lines = [
            f"{n(len(result.units))} units, {span}; {n(rows)} rows of {n(stage.marks.shape[1])} "
            "indicators.",
            f"Of {n(every)} values, {share(counts['imputed'])} are imputed, "
            f"{share(counts['cut'])} winsorised, {share(counts['transformed'])} transformed; "
            f"{share(every - there)} are missing to the end.",
        ]
    else:
        lines = [
            f"{n(len(result.units))} Einheiten, {span}; {n(rows)} Zeilen mit je "
            f"{n(stage.marks.shape[1])} Indikatoren.",
            f"Von {n(every)} Werten sind {share(counts['imputed'])} ergänzt, "
            f"{share(counts['cut'])} gekappt, {share(counts['transformed'])} "
            f"transformiert; {share(every - there)} fehlen bis zum Schluss.",
        ]
    return [*lines, _dropped(result, lang)]


def _dropped(result: CompositeResult, lang: Lang) -> str:
    frame = result.screened
    gone = [] if frame.empty else list(dict.fromkeys(frame.loc[~frame["kept"], "unit"]))
    if not gone:
        return {"de": "Keine Einheit wurde ausgeschlossen.", "en": "No unit was dropped."}[lang]
    shown = [f"{result.names[u]} ({u})" if u in result.names else str(u) for u in gone[:_NAMED]]
    more = len(gone) - _NAMED
    tail = {"de": f" und {more} weitere", "en": f" and {more} more"}[lang] if more > 0 else ""
    lead = {
        "de": "Ausgeschlossen (in mindestens einem Jahr)",
        "en": "Dropped (in at least one year)",
    }[lang]
    return f"{lead}: {format_number(len(gone), 0, lang)} – {', '.join(shown)}{tail}."


def changes_table(result: CompositeResult, lang: Lang) -> TableModel | None:
    """Return how many values of each indicator were changed.

    Parameters
    ----------
    result : CompositeResult
        The scores.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    TableModel or None
        One row per indicator with changed values, with skewness before and after; ``None`` where
        there is none.
    """
    hits = {name: hit.sum(axis=0) for name, hit in _hits(result.final.marks).items()}
    told: dict[str, Any] = {}
    tried: dict[str, str] = {}
    for item in result.treatments.to_dict("records"):
        name = str(item["indicator"])
        told[name] = item
        tried[name] = f"{tried.get(name, '')},{item['transforms']}"
    rows: list[tuple[Any, ...]] = []
    for column, leaf in enumerate(result.spec.indicators):
        counts = [int(hits[name][column]) for name in ("imputed", "cut", "transformed")]
        if not any(counts):
            continue
        row = told.get(leaf.id) if any(counts[1:]) else None
        skew = (None, None) if row is None else (row["skewness_before"], row["skewness_after"])
        words = "" if row is None else transforms_words(tried[leaf.id], lang)
        rows.append((as_text(leaf.title).get(lang), *counts, *skew, words))
    if not rows:
        return None
    keys = ("indicator", "imputed", "cut", "transformed", "skew_before", "skew_after", "treated_by")
    places = (None, 0, 0, 0, 2, 2, None)
    used = [n for n in range(len(keys)) if n < 4 or any(row[n] not in (None, "") for row in rows)]
    columns = [Column(key=keys[n], label=word(keys[n], lang), decimals=places[n]) for n in used]
    notes = []
    if len(result.years) > 1 and 4 in used:
        notes = [
            {
                "de": "Die Schiefe ist die des letzten Jahres; die der anderen Jahre stehen in der "
                "Arbeitsmappe, Blatt „Ausreißer“.",
                "en": "Skewness is that of the last year; that of the others is in the workbook, "
                "sheet 'Outliers'.",
            }[lang]
        ]
    return TableModel(
        columns=columns, rows=[[row[n] for n in used] for row in rows], notes=notes, lang=lang
    )


def transforms_words(names: str, lang: Lang) -> str:
    """Return transformations by their labels.

    Parameters
    ----------
    names : str
        Names joined by commas, as `CompositeResult.treatments` holds them.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        Labels joined by commas, each once.
    """
    known = index_methods("treat")
    parts = dict.fromkeys(part.strip() for part in names.split(",") if part.strip())
    return ", ".join(known[p].label.text.get(lang) if p in known else p for p in parts)


def sources_table(sources: tuple[Source, ...], lang: Lang, *, changes: bool = True) -> TableModel:
    """Return the sources of the figures as a printable table.

    Parameters
    ----------
    sources : tuple of Source
        The sources.
    lang : {"de", "en"}
        Language.
    changes : bool
        Whether to tell what was changed against the publisher's file, which may be long.

    Returns
    -------
    TableModel
        One row each; columns without any entry are left out.
    """
    rows = [
        (
            item.title,
            item.publisher,
            item.edition,
            _day(item.retrieved, lang),
            "" if item.gebietsstand == "unknown" else _day(item.gebietsstand, lang),
            item.licence,
            item.file,
            item.changes if changes else "",
        )
        for item in sources
    ]
    keys = ("title", "publisher", "edition", "retrieved", "territory", "licence", "file", "changes")
    used = [n for n in range(len(keys)) if n < 2 or any(row[n] for row in rows)]
    return TableModel(
        columns=[Column(key=keys[n], label=word(keys[n], lang), align="left") for n in used],
        rows=[[row[n] for n in used] for row in rows],
        lang=lang,
    )


def remark_lines(findings: Iterable[Finding], lang: Lang) -> list[tuple[str, str]]:
    """Return remarks for readers, those that say the same in many places as one.

    Parameters
    ----------
    findings : iterable of Finding
        Remarks.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    list of (str, str)
        Kind of remark, and what it says where.
    """
    alike: dict[tuple[str, str, str], list[Finding]] = {}
    for item in findings:
        key = (item.severity, item.text.get(lang), item.value or "")
        alike.setdefault(key, []).append(item)
    lines = []
    for (severity, text, value), items in alike.items():
        if len(items) == 1:
            lines.append((word(severity, lang), items[0].line(lang)))
            continue
        places: dict[str, list[str]] = {}
        for item in items:
            places.setdefault(item.column or "", []).append(item.key or "")
        where = [_place(column, list(filter(None, keys))) for column, keys in places.items()]
        more = len(where) - _NAMED
        tail = "; …" if more > 0 else ""
        said = f"{text}, {value}" if value else text
        lines.append((word(severity, lang), f"{said}: {'; '.join(where[:_NAMED])}{tail}"))
    return lines


def _place(column: str, keys: list[str]) -> str:
    shown = ", ".join(keys[:_NAMED]) + (" …" if len(keys) > _NAMED else "")
    return f"{column} ({shown})" if column and shown else column or shown


def _day(text: str, lang: Lang) -> str:
    try:
        return format_date(text, lang) if text else ""
    except ReportError:
        return text


def _hits(marks: np.ndarray) -> dict[str, np.ndarray]:
    bits = {"imputed": IMPUTED, "cut": CUT_HIGH | CUT_LOW, "transformed": TRANSFORMED}
    return {name: (marks & np.uint8(bit)) > 0 for name, bit in bits.items()}
