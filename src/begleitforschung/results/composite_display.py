"""How the scores of an index are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from begleitforschung.display.numbers import is_missing
from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.frameworks.index_describe import method_words
from begleitforschung.frameworks.index_entries import as_text
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.composite_contributions import node_method
from begleitforschung.results.composite_decimals import score_decimals

if TYPE_CHECKING:
    from begleitforschung.results.composite import CompositeResult

_HEADS = {
    "unit": Text("Einheit", "Unit"),
    "rank": Text("Rang", "Rank"),
    "score": Text("Punktwert", "Score"),
    "coverage": Text("vorhandene Indikatoren", "Indicators available"),
}


def table_model(result: CompositeResult, lang: Lang, year: int | None = None) -> TableModel:
    """Return the scores of one year as a printable table.

    Parameters
    ----------
    result : CompositeResult
        The scores.
    lang : {"de", "en"}
        Language.
    year : int, optional
        Year; the last one by default.

    Returns
    -------
    TableModel
        One row per unit by rank: rank, score, scores of the main parts, share of indicators
        available. Scores with imputed indicators are marked.
    """
    frame = result.summary(year, lang=lang)
    parts = list(frame.columns[4:-2])
    places = score_decimals(result, year)
    columns = [
        Column(key="unit", label=_HEADS["unit"].get(lang)),
        Column(key="rank", label=_HEADS["rank"].get(lang), align="right"),
        Column(key="score", label=_HEADS["score"].get(lang), decimals=places),
        *(Column(key=f"part{n}", label=p, decimals=places) for n, p in enumerate(parts)),
        Column(key="coverage", label=_HEADS["coverage"].get(lang), unit="%", decimals=0),
    ]
    rows = []
    for item in frame.itertuples(index=False):
        unit, name, rank, score, *rest = item
        *values, coverage, imputed = rest
        small = is_missing(rank) and not is_missing(score)
        mark = ", ".join(sign for sign, on in (("a", imputed > 0), ("b", small)) if on)
        label = f"{name} ({unit})" if name else unit
        shown = Cell(value=score, mark=mark)
        place = None if is_missing(rank) else int(rank)
        rows.append((label, place, shown, *values, 100 * coverage))
    return TableModel(
        columns=columns,
        rows=rows,
        notes=_notes(result, lang, imputed=bool((frame["imputed"] > 0).any()), year=year),
        source="; ".join(quoted(result.sources(), lang, computed=True)),
        lang=lang,
    )


def _notes(result: CompositeResult, lang: Lang, *, imputed: bool, year: int | None) -> list[str]:
    spec = result.spec
    root = method_words("aggregate", node_method(spec, spec.root), lang)
    when = result.years[-1] if year is None else year
    title = as_text(spec.title).get(lang)
    words = {
        "de": f"{title}, {when}: {len(spec.indicators)} Indikatoren, {root}; "
        "Rang 1 ist der beste, gleiche Werte teilen den besseren Rang.",
        "en": f"{title}, {when}: {len(spec.indicators)} indicators, {root}; "
        "rank 1 is the best, equal scores share the better rank.",
    }
    notes = [words[lang]]
    if imputed:
        text = Text("a: enthält ergänzte Werte.", "a: contains imputed values.")
        notes.append(text.get(lang))
    if result.unranked is not None and result.unranked.any():
        text = Text("b: zu klein für einen Rang.", "b: too small for a rank.")
        notes.append(text.get(lang))
    notes += _changes(result, lang, when)
    if spec.purpose is not None:
        warning = as_text(spec.purpose.not_for).get(lang)
        notes.append({"de": f"Nicht geeignet für: {warning}", "en": f"Not for: {warning}"}[lang])
    return notes


def _changes(result: CompositeResult, lang: Lang, year: int) -> list[str]:
    """Say how many units were screened out in a year, and how many units have no score."""
    gone = result.screened
    out = (
        int(gone.loc[(gone["year"] == year) & ~gone["kept"], "unit"].nunique()) if len(gone) else 0
    )
    rows = result.final.year == year
    without = int(np.isnan(result.final.values[rows, -1]).sum())
    told = []
    if out:
        text = Text(
            f"Einheiten, die wegen fehlender Werte oder auf Wunsch nicht gewertet sind: {out}.",
            f"Units left out for lack of values or by choice: {out}.",
        )
        told.append(text.get(lang))
    if without:
        text = Text(f"Einheiten ohne Punktwert: {without}.", f"Units without a score: {without}.")
        told.append(text.get(lang))
    return told
