"""A protected `Comparison` drawn: means of groups, as points of single units would tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from begleitforschung.display.figures import ReferenceLine, dot_interval
from begleitforschung.display.numbers import format_number, is_missing
from begleitforschung.display.secrecy import SECRET_TEXT
from begleitforschung.language import Lang, Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.results.comparison import Comparison

_MEAN = Text("Mittelwert", "mean")


def means(result: Comparison, lang: Lang, indicator: str, year: int) -> Figure:
    """Draw the mean of each group.

    Parameters
    ----------
    result : Comparison
        The comparison, protected.
    lang : {"de", "en"}
        Language.
    indicator : str
        Indicator.
    year : int
        Year.

    Returns
    -------
    matplotlib.figure.Figure
        Groups from top to bottom; hidden ones are named.
    """
    meaning, part = result.indicators[indicator], result.part(indicator, year)
    points = part["mean"].to_numpy(np.float64)
    first = part["reference_mean"].iloc[0]
    shown = result.reference_kind != "rest" and not is_missing(first)
    return dot_interval(
        [result.labels[str(group)].get(lang) for group in part["group"]],
        points,
        points,
        points,
        axis=f"{meaning.title.text.get(lang)} {year}, {_MEAN.get(lang)}",
        n=part["n"].tolist(),
        min_n=1,
        secret=["mean" in str(names).split() for names in part["hidden"]],
        unit=meaning.unit_of_measure,
        decimals=meaning.decimals,
        reference=ReferenceLine(value=float(first), label=result.reference.get(lang))
        if shown
        else None,
        lang=lang,
    )


def spoken(result: Comparison, lang: Lang, indicator: str, year: int) -> str:
    """Say what the figure of a protected comparison shows.

    Parameters
    ----------
    result : Comparison
        The comparison, protected.
    lang : {"de", "en"}
        Language.
    indicator : str
        Indicator.
    year : int
        Year.

    Returns
    -------
    str
        One clause for each group.
    """
    meaning = result.indicators[indicator]
    clauses = []
    for row in result.part(indicator, year).to_dict("records"):
        value = format_number(row["mean"], meaning.decimals, lang, unit=meaning.unit_of_measure)
        told = SECRET_TEXT.get(lang) if "mean" in row["hidden"].split() else value
        clauses.append(f"{result.labels[str(row['group'])].get(lang)} (n = {row['n']}) {told}")
    return f"{meaning.title.text.get(lang)} {year}, {_MEAN.get(lang)}: {'; '.join(clauses)}."
