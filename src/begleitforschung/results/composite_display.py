"""How the scores of an index are printed and drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from begleitforschung.display.numbers import format_number
from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.errors import CompositeError
from begleitforschung.frameworks.index_describe import method_words
from begleitforschung.frameworks.index_entries import as_text
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.composite_contributions import node_method

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.results.composite import CompositeResult

_HEADS = {
    "unit": Text("Einheit", "Unit"),
    "rank": Text("Rang", "Rank"),
    "score": Text("Punktwert", "Score"),
    "coverage": Text("vorhandene Indikatoren", "Indicators available"),
}
_DECIMALS = 1


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
    columns = [
        Column(key="unit", label=_HEADS["unit"].get(lang)),
        Column(key="rank", label=_HEADS["rank"].get(lang), align="right"),
        Column(key="score", label=_HEADS["score"].get(lang), decimals=_DECIMALS),
        *(Column(key=f"part{n}", label=p, decimals=_DECIMALS) for n, p in enumerate(parts)),
        Column(key="coverage", label=_HEADS["coverage"].get(lang), unit="%", decimals=0),
    ]
    rows = []
    for item in frame.itertuples(index=False):
        unit, name, rank, score, *rest = item
        *values, coverage, imputed = rest
        mark = "a" if imputed > 0 else ""
        label = f"{name} ({unit})" if name else unit
        shown = Cell(value=score, mark=mark)
        place = None if rank is None or rank != rank else int(rank)  # NA is not equal to itself
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
    if spec.purpose is not None:
        warning = as_text(spec.purpose.not_for).get(lang)
        notes.append({"de": f"Nicht geeignet für: {warning}", "en": f"Not for: {warning}"}[lang])
    return notes


def ranked_bars(
    result: CompositeResult, lang: Lang, *, year: int | None = None, n: int = 20
) -> Figure:
    """Draw the units by rank as bars, stacked by what the main parts contribute.

    Parameters
    ----------
    result : CompositeResult
        The scores.
    lang : {"de", "en"}
        Language.
    year : int, optional
        Year; the last one by default.
    n : int
        Number of units, from the top; all others are left out, which the axis says.

    Returns
    -------
    matplotlib.figure.Figure
        Plain bars where the aggregation has no exact contributions, or some are negative.
    """
    from begleitforschung.display.axes import literal, number_axis, rows_axes, settled
    from begleitforschung.display.marks import value_label
    from begleitforschung.display.style import styled

    frame, parts = _bars(result, lang, year, n)
    labels = [f"{row.rank}  {row.name or row.unit}" for row in frame.itertuples()]
    scores = frame["score"].to_numpy()
    with styled() as style:
        figure, axes = rows_axes(labels, style, row_height_cm=0.62)
        start = np.zeros(len(frame))
        for number, (name, values) in enumerate(parts.items()):
            colour = style.series[number % len(style.series)]
            axes.barh(
                range(len(frame)),
                values,
                left=start,
                height=0.62,
                color=colour,
                label=literal(name),
            )
            start = start + values
        for row, score in enumerate(scores):
            text = format_number(score, _DECIMALS, lang)
            value_label(axes, score, row, text, ha="left", va="center")
        axes.margins(x=0.12)
        if len(parts) > 1:
            axes.legend(loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2, frameon=False)
        number_axis(axes.xaxis, _axis(result, lang, len(frame)), "", lang)
        return settled(figure)


def _axis(result: CompositeResult, lang: Lang, shown: int) -> str:
    title = as_text(result.spec.title).get(lang)
    every = len(result.units)
    if shown == every:
        return title
    more = Text(f"die {shown} besten von {every}", f"the {shown} best of {every}")
    return f"{title} ({more.get(lang)})"


def _bars(
    result: CompositeResult, lang: Lang, year: int | None, n: int
) -> tuple[Any, dict[str, Any]]:
    """Return the units shown and the lengths of their bars by part."""
    frame = result.summary(year, lang=lang).dropna(subset=["score"]).head(n)
    title = as_text(result.spec.title).get(lang)
    when = result.years[-1] if year is None else year
    try:
        shares = result.contributions(by="parts").xs(when, level="year").loc[frame["unit"]]
    except CompositeError:
        return frame, {title: frame["score"].to_numpy()}
    if (shares.to_numpy() < 0).any():
        return frame, {title: frame["score"].to_numpy()}
    names = [as_text(result.spec.element(str(c)).title).get(lang) for c in shares.columns]
    return frame, {
        name: shares[c].to_numpy() for name, c in zip(names, shares.columns, strict=True)
    }


def alternative(
    result: CompositeResult, lang: Lang, *, year: int | None = None, n: int = 20
) -> str:
    """Return what the figure shows, for those who can't see it.

    Parameters
    ----------
    result : CompositeResult
        The scores.
    lang : {"de", "en"}
        Language.
    year : int, optional
        Year; the last one by default.
    n : int
        Number of units, from the top.

    Returns
    -------
    str
        One sentence.
    """
    frame, parts = _bars(result, lang, year, n)
    title = as_text(result.spec.title).get(lang)
    if not len(frame):
        return {"de": f"{title}: keine Werte.", "en": f"{title}: no scores."}[lang]
    best, last = frame.iloc[0], frame.iloc[-1]
    ends = [
        f"{item['name'] or item['unit']} ({format_number(item['score'], _DECIMALS, lang)})"
        for item in (best, last)
    ]
    stacked = ", ".join(parts) if len(parts) > 1 else ""
    if lang == "en":
        tail = f", stacked by {stacked}" if stacked else ""
        return f"Bar chart: {title}, {len(frame)} units from {ends[0]} to {ends[1]}{tail}."
    tail = f", gestapelt nach {stacked}" if stacked else ""
    return f"Balkendiagramm: {title}, {len(frame)} Einheiten von {ends[0]} bis {ends[1]}{tail}."
