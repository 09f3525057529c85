"""How a `SensitivityResult` is printed and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.display.numbers import format_number, format_share, is_missing
from begleitforschung.display.stacked import intervals, stacked_bars
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.errors import ReportError, UnknownCodeError
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.results.sensitivity import SensitivityResult

KINDS = ("ranks", "indices")
LANGS: tuple[Lang, Lang] = ("de", "en")
_MOST_ROWS = 60
_RANK = Text("Rang", "Rank")
_LEGEND = (Text("Median", "Median"), Text("Rang des Index", "Rank of the index"))
_HEADS = {
    "unit": Text("Einheit", "Unit"),
    "rank": _RANK,
    "median": Text("Median", "Median"),
    "interval": Text("Spanne", "Interval"),
    "choice": Text("Annahme", "Choice"),
    "first": Text("Haupteffekt", "First order"),
    "total": Text("Gesamteffekt", "Total order"),
}
_PARTS = (Text("Haupteffekt", "First order"), Text("Wechselwirkung", "Interaction"))
_SHARE = Text("Anteil an der Varianz der Rangverschiebung", "Share in the variance of rank shifts")


def ranks_table(result: SensitivityResult, lang: Lang) -> TableModel:
    """Return the ranks and their intervals as a printable table.

    Parameters
    ----------
    result : SensitivityResult
        The result.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    TableModel
        One row per unit, by the rank of the index.
    """
    columns = [
        Column(key="unit", label=_HEADS["unit"].get(lang), align="left"),
        Column(key="rank", label=_HEADS["rank"].get(lang), align="right"),
        Column(key="median", label=_HEADS["median"].get(lang), align="right", decimals=1),
        Column(key="interval", label=_HEADS["interval"].get(lang), align="right"),
    ]
    top = {"de": "unter den ersten", "en": "among the first"}[lang]
    columns += [
        Column(key=f"top_{k}", label=f"{top} {k}", unit="%", decimals=0, align="right")
        for k in result.top
    ]
    rows = []
    for row in ordered(result).to_dict("records"):
        rank = None if is_missing(row["rank"]) else int(row["rank"])
        shares = [100 * row[f"top_{k}"] for k in result.top]
        rows.append((result.name(row["unit"]), rank, row["median"], _span(row, lang), *shares))
    return TableModel(
        columns=columns,
        rows=rows,
        notes=[text.get(lang) for text in notes(result)],
        source=_source(result, lang),
        lang=lang,
    )


def indices_table(result: SensitivityResult, lang: Lang) -> TableModel:
    """Return the indices of the mean rank shift as a printable table.

    Parameters
    ----------
    result : SensitivityResult
        The result.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    TableModel
        One row per choice, the largest total effect first.
    """
    columns = [Column(key="choice", label=_HEADS["choice"].get(lang), align="left")]
    sampled = bool(result.indices["total_low"].notna().any())
    for name in ("first", "total"):
        columns.append(Column(key=name, label=_HEADS[name].get(lang), decimals=2))
        if sampled:
            label = _HEADS["interval"].get(lang)
            columns.append(Column(key=f"{name}_interval", label=label, align="right"))
    rows = []
    for row in result.indices.sort_values("total", ascending=False).to_dict("records"):
        cells: list[Any] = [result.label(row["choice"], lang)]
        for name in ("first", "total"):
            cells.append(row[name])
            if sampled:
                ends = (row[f"{name}_{end}"] for end in ("low", "high"))
                cells.append(" – ".join(format_number(end, 2, lang) for end in ends))
        rows.append(tuple(cells))
    told = Text(
        "Haupteffekt: Anteil der Varianz der mittleren Rangverschiebung, der im Mittel wegfällt, "
        "wenn die Annahme feststeht; Gesamteffekt: Anteil, der bleibt, wenn nur sie offen ist.",
        "First order: share of the variance of the mean rank shift that goes away on average once "
        "the choice is fixed; total order: share that stays if only this choice is open.",
    )
    shown = [told, *notes(result)]
    source = _source(result, lang)
    texts = [text.get(lang) for text in shown]
    return TableModel(columns=columns, rows=rows, notes=texts, source=source, lang=lang)


def figure(
    result: SensitivityResult,
    lang: Lang,
    kind: str = "ranks",
    units: Sequence[str] | None = None,
    highlight: Sequence[str] = (),
) -> Figure:
    """Draw rank intervals, or the indices as bars.

    Parameters
    ----------
    result : SensitivityResult
        The result.
    lang : {"de", "en"}
        Language.
    kind : {"ranks", "indices"}
        What is drawn.
    units : sequence of str, optional
        Units whose intervals are drawn; all by default.
    highlight : sequence of str
        Units in the accent colour.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    ReportError
        If there are more than 60 units and none is named.
    UnknownCodeError
        If there is no such kind of figure.
    """
    if kind not in KINDS:
        raise UnknownCodeError(kind, KINDS, "figures of a sensitivity analysis")
    if kind == "indices":
        table = result.indices.sort_values("total", ascending=False)
        first = table["first"].clip(lower=0).clip(upper=table["total"])
        parts = [first, table["total"] - first]
        labels = [result.label(choice, lang) for choice in table["choice"]]
        named = {text.get(lang): part for text, part in zip(_PARTS, parts, strict=True)}
        return stacked_bars(labels, named, axis=_SHARE.get(lang), decimals=2, lang=lang)
    rows = shown_rows(result, units)
    return intervals(
        [result.name(unit) for unit in rows["unit"]],
        rows["median"],
        rows["low"],
        rows["high"],
        axis=_RANK.get(lang),
        nominal=rows["rank"].astype(float),
        legend=(_LEGEND[0].get(lang), _LEGEND[1].get(lang)),
        highlight=[result.name(unit) for unit in highlight],
        lang=lang,
    )


def shown_rows(result: SensitivityResult, units: Sequence[str] | None) -> pd.DataFrame:
    """Return the rows of the units that are drawn, by the rank of the index.

    Parameters
    ----------
    result : SensitivityResult
        The result.
    units : sequence of str, optional
        Units; all by default.

    Returns
    -------
    pandas.DataFrame
        Rows of the table.

    Raises
    ------
    ReportError
        If there are more than 60 units and none is named.
    UnknownCodeError
        If there is no such unit.
    """
    rows = ordered(result)
    if units is None:
        if len(rows) > _MOST_ROWS:
            raise ReportError(
                f"{len(rows)} units don't fit into one figure; name up to {_MOST_ROWS}: units=[…]"
            )
        return rows
    for unit in units:
        if unit not in result.units:
            raise UnknownCodeError(unit, result.units, "units of the sensitivity analysis")
    return rows[rows["unit"].isin(list(units))]


def ordered(result: SensitivityResult) -> pd.DataFrame:
    """Return the table by the rank of the index, then by unit.

    Parameters
    ----------
    result : SensitivityResult
        The result.

    Returns
    -------
    pandas.DataFrame
        The rows; units without rank last.
    """
    return result.table.sort_values(["rank", "unit"], na_position="last", ignore_index=True)


def alternative(
    result: SensitivityResult,
    lang: Lang,
    kind: str = "ranks",
    units: Sequence[str] | None = None,
    **_: Any,
) -> str:
    """Return what a figure shows, in words.

    Parameters
    ----------
    result : SensitivityResult
        The result.
    lang : {"de", "en"}
        Language.
    kind : {"ranks", "indices"}
        What is drawn.
    units : sequence of str, optional
        Units whose intervals are drawn.

    Returns
    -------
    str
        Some sentences.
    """
    if kind == "indices":
        table = result.indices.sort_values("total", ascending=False)
        parts = [
            f"{result.label(row['choice'], lang)} {format_number(row['first'], 2, lang)} / "
            f"{format_number(row['total'], 2, lang)}"
            for row in table.to_dict("records")
        ]
        lead = Text(
            "Balken: Haupt- und Gesamteffekt jeder Annahme auf die mittlere Rangverschiebung: ",
            "Bars: first and total effect of each choice on the mean rank shift: ",
        )
        return lead.get(lang) + "; ".join(parts) + "."
    rows = shown_rows(result, units)
    width = rows["high"] - rows["low"]
    lead = Text(
        f"Rangspannen von {len(rows)} Einheiten über {_statistics_runs(result)} Läufe; "
        f"mittlere Breite {format_number(width.mean(), 1, 'de')} Ränge.",
        f"Rank intervals of {len(rows)} units over {_statistics_runs(result)} runs; "
        f"mean width {format_number(width.mean(), 1, 'en')} ranks.",
    )
    if not len(rows) or width.isna().all():
        return lead.get(lang)
    widest = rows.iloc[int(np.nanargmax(width.to_numpy()))]
    name, span = result.name(str(widest["unit"])), _span(widest, lang)
    tail = Text(f" Am breitesten: {name} ({span}).", f" Widest: {name} ({span}).")
    return lead.get(lang) + tail.get(lang)


def notes(result: SensitivityResult) -> list[Text]:
    """Return what must be said below the tables.

    Parameters
    ----------
    result : SensitivityResult
        The result.

    Returns
    -------
    list of Text
        What was run, what the interval is, what was remarked.
    """
    share = format_share(result.interval, 0, "de")
    share_en = format_share(result.interval, 0, "en")
    names = {lang: "; ".join(result.label(c, lang) for c in result.choices) for lang in LANGS}
    total = len(result.shift)
    runs = Text(
        f"Alle {total} Kombinationen der Annahmen ({names['de']}) wurden gerechnet.",
        f"All {total} combinations of the choices ({names['en']}) were run.",
    )
    if result.method == "sampled":
        runs = Text(
            f"Stichprobe von {total} Läufen (Sobol-Punkte, Startwert {result.seed}) über die "
            f"Annahmen {names['de']}; Intervalle der Effekte durch {result.n_bootstrap} "
            f"Bootstrap-Ziehungen ({share}).",
            f"Sample of {total} runs (Sobol points, seed {result.seed}) over the choices "
            f"{names['en']}; intervals of the effects by {result.n_bootstrap} bootstrap samples "
            f"({share_en}).",
        )
    span = Text(
        f"Spanne: mittlere {share} der Ränge über {_statistics_runs(result)} Läufe.",
        f"Interval: central {share_en} of the ranks over {_statistics_runs(result)} runs.",
    )
    own = [item.text for item in result.findings if item.rule.startswith("sensitivity.")]
    return [runs, span, *own]


def _statistics_runs(result: SensitivityResult) -> int:
    return len(result.shift) if result.method == "exact" else 2 * result.n


def _span(row: Any, lang: Lang) -> str:
    if is_missing(row["low"]):
        return "–"
    ends = [float(np.round(row[end], 1)) for end in ("low", "high")]
    return " – ".join(format_number(end, 0 if end.is_integer() else 1, lang) for end in ends)


def _source(result: SensitivityResult, lang: Lang) -> str:
    return "; ".join(quoted(result.sources(), lang, computed=True))
