"""How a `Comparison` is printed and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.display.figures import ReferenceLine, group_strip
from begleitforschung.display.numbers import format_number, format_share, is_missing
from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.results.comparison import Comparison

SMALL = 3
_UNIT_LENGTH = 8
_SPREAD = ("median", "q1", "q3", "sd")
_NUMBERS = ("mean", "median", "q1", "q3", "weighted_mean", "sd", "difference")
_HEADS: dict[str, Text] = {
    "indicator": Text("Indikator", "Indicator"),
    "year": Text("Jahr", "Year"),
    "n": Text("n", "n"),
    "missing": Text("fehlt", "missing"),
    "mean": Text("Mittel", "Mean"),
    "median": Text("Median", "Median"),
    "q1": Text("unteres Quartil", "Lower quartile"),
    "q3": Text("oberes Quartil", "Upper quartile"),
    "weighted_mean": Text("gew. Mittel", "Weighted mean"),
    "sd": Text("Std.-Abw.", "Std. dev."),
    "difference": Text("Differenz", "Difference"),
    "standardised_difference": Text("stand. Diff.", "Std. diff."),
}
_POINTS = {"%": Text("Prozentpunkte", "percentage points")}
LEVELS: dict[str, Text] = {
    "germany": Text("Deutschland", "Germany"),
    "land": Text("Länder", "Länder"),
    "regierungsbezirk": Text("Regierungsbezirke", "Regierungsbezirke"),
    "kreis": Text("Kreise und kreisfreie Städte", "counties and county-free cities"),
    "verband": Text("Gemeindeverbände", "Gemeindeverbände"),
    "gemeinde": Text("Gemeinden", "Municipalities"),
    "gemeinde_ars": Text("Gemeinden", "Municipalities"),
    "project": Text("Projekte", "Projects"),
}


def table_model(result: Comparison, lang: Lang) -> TableModel:
    """Return the comparison as a printable table.

    Parameters
    ----------
    result : Comparison
        The comparison.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    TableModel
        One row per group, below a row of the reference where it is the same for all groups.
        Median, quartiles and standard deviation of fewer than 3 values are not shown.
    """
    years = result.table["year"].nunique() > 1
    heads = ["year"] if years else []
    keys = [*heads, "n", "missing", *_NUMBERS, "standardised_difference"]
    several = len(result.indicators) > 1
    columns = [Column(key="group", label=result.title.get(lang), align="left")]
    if several:
        columns.insert(0, Column(key="indicator", label=_HEADS["indicator"].get(lang)))
    unit = "" if several else _short(next(iter(result.indicators.values())).unit_of_measure)
    for key in keys:
        signed = key in ("difference", "standardised_difference")
        measured = _POINTS.get(unit, Text(unit)).get(lang) if key == "difference" else unit
        measured = measured if key in _NUMBERS else ""
        label = _HEADS[key].get(lang)
        columns.append(Column(key=key, label=label, unit=measured, align="right", sign=signed))
    rows: list[tuple[Any, ...]] = []
    for _, part in result.table.groupby(["indicator", "year"], sort=False):
        rows += _block(result, part, keys, several, lang)
    return TableModel(
        columns=columns,
        rows=rows,
        notes=notes(result, lang),
        source="; ".join(quoted(result.sources(), lang, computed=True)),
        lang=lang,
    )


def _short(unit: str) -> str:
    """Return a unit that fits into the heading of a column of numbers; a long one is a note."""
    return unit if len(unit) <= _UNIT_LENGTH else ""


def _block(
    result: Comparison, part: pd.DataFrame, keys: Sequence[str], several: bool, lang: Lang
) -> list[tuple[Any, ...]]:
    meaning = result.indicators[str(part["indicator"].iloc[0])]
    measure = f" ({meaning.unit_of_measure})" if meaning.unit_of_measure else ""
    lead: tuple[Any, ...] = (meaning.title.text.get(lang) + measure,) if several else ()
    rows = []
    for values in part.to_dict("records"):
        label = result.labels[str(values["group"])].get(lang)
        head = Cell(value=label, mark="b" if values["apart"] else "")
        cells = [_cell(values, str(key), meaning.decimals) for key in keys]
        rows.append((*lead, head, *cells))
    if result.reference_kind != "rest":
        first = part[~part["apart"]].iloc[0]
        shown: dict[str, Any] = {
            "year": int(first["year"]),
            "n": int(first["reference_n"]),
            "mean": Cell(value=first["reference_mean"], decimals=meaning.decimals, emphasis=True),
            "sd": Cell(value=_unless_small(first), decimals=meaning.decimals, emphasis=True),
        }
        if "reference_mean" in str(first.get("hidden", "")).split():
            shown |= dict.fromkeys(("mean", "sd"), Cell(value=None, secret=True))
        word = {"de": "Referenz", "en": "Reference"}[lang]
        head = Cell(value=f"{word}: {result.reference.get(lang)}", emphasis=True)
        rows.append((*lead, head, *(shown.get(str(key)) for key in keys)))
    return rows


def _unless_small(first: pd.Series) -> float | None:
    return None if first["reference_n"] < SMALL else float(first["reference_sd"])


def _cell(values: dict[Any, Any], key: str, decimals: int) -> Any:
    if key == "n":
        marks = ["c"] * bool(values["partial"]) + ["d"] * bool(values["surrounding"])
        return Cell(value=int(values["n"]), mark=",".join(marks))
    if key in ("year", "missing"):
        return int(values[key])
    if key in str(values.get("hidden", "")).split():
        return Cell(value=None, secret=True)
    if key in _SPREAD and values["small"]:
        return Cell(value=None, mark="a")
    places = 2 if key == "standardised_difference" else decimals
    value = None if is_missing(values[key]) else float(values[key])
    return Cell(value=value, decimals=places)


def notes(result: Comparison, lang: Lang) -> list[str]:
    """Return what must be said below the table.

    Parameters
    ----------
    result : Comparison
        The comparison.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    list of str
        For how many projects the figure is their own, what the reference is, the marks used, the
        definition of quartiles, and what was remarked about the comparison.
    """
    table = result.table
    found = [
        _level_note(result),
        _own_note(result),
        _unit_note(result),
        _reference_note(result),
    ]
    if table["small"].any():
        found.append(
            Text(
                f"ᵃ Weniger als {SMALL} Werte: Median, Quartile und Standardabweichung werden "
                "nicht gezeigt.",
                f"ᵃ Fewer than {SMALL} values: median, quartiles and standard deviation are not "
                "shown.",
            )
        )
    if table["apart"].any():
        found.append(_apart_note(result))
    found += marked_notes(result)
    found.append(
        Text(
            "Quartile nach Hyndman und Fan (1996), Typ 7; Standardabweichung (Std.-Abw.) mit "
            "n − 1; gew. Mittel: mit der Bezugsgröße gewichtet, – wo keine genannt ist.",
            "Quartiles of type 7 (Hyndman and Fan 1996); standard deviation (std. dev.) with "
            "n − 1; weighted mean: by the size behind the rate, – where none is named.",
        )
    )
    own = [item.text for item in result.findings if item.rule.startswith("compare.")]
    lines = [text.get(lang) for text in (*found, *own)]
    return [line if line.endswith(".") else f"{line}." for line in lines if line]


def marked_notes(result: Comparison) -> list[Text]:
    """Explain the marks behind numbers of units.

    Parameters
    ----------
    result : Comparison
        The comparison.

    Returns
    -------
    list of Text
        Notes; none without values of units.
    """
    rows = result.members[result.members["value"].notna() & result.members["group"].notna()]
    partial = rows.loc[rows["status"] == "partial", "unit"].nunique()
    lent = rows.loc[rows["basis"] == "surrounding", "unit"].nunique()
    small = rows.loc[rows["exposure"] < rows["min_exposure"], "unit"].nunique()
    found = []
    if partial:
        found.append(
            Text(
                f"ᶜ Darunter Werte, die nicht alle Mitglieder enthalten ({partial} Einheiten).",
                f"ᶜ Among them values that don't include all members ({partial} units).",
            )
        )
    if lent:
        found.append(
            Text(
                f"ᵈ Darunter {lent} Projekte mit dem Wert des umgebenden Kreises, nicht dem "
                "eigenen.",
                f"ᵈ Among them {lent} projects with the figure of the surrounding county, not "
                "their own.",
            )
        )
    if small:
        found.append(
            Text(
                f"{small} Einheiten liegen unter der Mindestgröße der Bezugsgröße; ihre Werte "
                "schwanken stark und bekommen keinen Rang.",
                f"{small} units lie below the least exposure; their values vary strongly and get "
                "no rank.",
            )
        )
    return found


def _own_note(result: Comparison) -> Text:
    if result.own is None:
        return Text("")
    own, total = result.own
    return Text(
        f"Für {own} der {total} Projekte ist der Wert der eigene.",
        f"For {own} of the {total} projects the figure is their own.",
    )


def _level_note(result: Comparison) -> Text:
    level = LEVELS[result.level]
    return Text(f"Ebene der Einheiten: {level.de}.", f"Level of the units: {level.get('en')}.")


def _unit_note(result: Comparison) -> Text:
    unit = next(iter(result.indicators.values())).unit_of_measure
    if len(result.indicators) > 1 or unit == _short(unit):
        return Text("")
    return Text(f"Werte in {unit}.", f"Values in {unit}.")


def _reference_note(result: Comparison) -> Text:
    name = result.reference
    return Text(
        f"Differenz: Mittelwert der Gruppe minus Mittelwert der Referenz ({name.de}); "
        "standardisiert mit der Standardabweichung der Referenz.",
        f"Difference: mean of the group minus mean of the reference ({name.get('en')}); "
        "standardised by the standard deviation of the reference.",
    )


def _apart_note(result: Comparison) -> Text:
    apart = result.members[result.members["apart"]].drop_duplicates("unit")
    share = apart["share"].dropna()
    if share.empty:
        de, en = "Anteil nicht berechnet (population=)", "share not computed (population=)"
    else:
        middle = float(share.median())
        de = f"Median des Anteils {format_share(middle, 0, 'de')}"
        en = f"median share {format_share(middle, 0, 'en')}"
    return Text(
        "ᵇ Gesondert gezeigt, auf keiner Seite des Vergleichs: Nur ein Teil der "
        f"Bevölkerung lebt in der geförderten Gemeinde ({de}).",
        "ᵇ Shown apart, on no side of the comparison: only part of the population lives in the "
        f"funded municipality ({en}).",
    )


def strip(result: Comparison, lang: Lang, indicator: str, year: int) -> Figure:
    """Draw the units of each group as points, with median and quartiles, and the reference.

    Parameters
    ----------
    result : Comparison
        The comparison.
    lang : {"de", "en"}
        Language.
    indicator : str
        Indicator.
    year : int
        Year.

    Returns
    -------
    matplotlib.figure.Figure
        Groups from top to bottom; those with fewer than 3 values are named, not drawn.
    """
    rows, meaning = _of(result.members, indicator, year), result.indicators[indicator]
    groups = {
        text.get(lang): rows.loc[rows["group"] == name, "value"].to_numpy(np.float64)
        for name, text in result.labels.items()
    }
    part = _of(result.table, indicator, year)
    value = float(part["reference_mean"].iloc[0])
    reference = None
    if result.reference_kind != "rest" and not np.isnan(value):
        word = {"de": "Mittelwert", "en": "mean"}[lang]
        name = result.reference.get(lang)
        label = name if result.reference_kind == "unit" else f"{word}: {name}"
        reference = ReferenceLine(value=value, label=label)
    return group_strip(
        groups,
        axis=f"{meaning.title.text.get(lang)} {year}",
        min_n=SMALL,
        unit=meaning.unit_of_measure,
        decimals=meaning.decimals,
        reference=reference,
        highlight=_compared(result, lang) if part["apart"].any() else (),
        lang=lang,
    )


def _compared(result: Comparison, lang: Lang) -> list[str]:
    apart = set(result.table.loc[result.table["apart"], "group"])
    return [text.get(lang) for name, text in result.labels.items() if name not in apart]


def alternative(result: Comparison, lang: Lang, indicator: str, year: int) -> str:
    """Say what the figure of an indicator and year shows.

    Parameters
    ----------
    result : Comparison
        The comparison.
    lang : {"de", "en"}
        Language.
    indicator : str
        Indicator.
    year : int
        Year.

    Returns
    -------
    str
        One sentence for the picture and one clause for each group.
    """
    meaning = result.indicators[indicator]
    clauses = []
    for row in _of(result.table, indicator, year).itertuples():
        label = result.labels[str(row.group)].get(lang)
        median = format_number(row.median, meaning.decimals, lang, unit=meaning.unit_of_measure)
        shown = f", Median {median}" if not row.small else ""
        clauses.append(f"{label} (n = {row.n}{shown})")
    level = LEVELS[result.level].get(lang)
    start = {
        "de": f"Punktwolken je Gruppe: {meaning.title.text.get(lang)} {year}, Ebene {level}, nach "
        f"{result.title.get(lang)}. ",
        "en": f"Strips of points by group: {meaning.title.text.get(lang)} {year}, level "
        f"{level}, by {result.title.get(lang)}. ",
    }[lang]
    return start + "; ".join(clauses) + "."


def _of(rows: pd.DataFrame, indicator: str, year: int) -> pd.DataFrame:
    return rows[(rows["indicator"] == indicator) & (rows["year"] == year)]
