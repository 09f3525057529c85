"""The pictures of an index: ranking, framework, profile of one unit, two years."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.display.numbers import format_number, format_share
from begleitforschung.display.profiles import profile, slopes
from begleitforschung.display.stacked import stacked_bars
from begleitforschung.display.trees import icicle
from begleitforschung.errors import CompositeError, ReportError, UnknownCodeError
from begleitforschung.language import Lang, Text
from begleitforschung.results.composite_decimals import score_decimals

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.results.composite import CompositeResult

_MOST = 60
_RANK_DECIMALS = 1
_EVERYONE = Text("alle Einheiten", "all units")
_RANK = Text("Rang", "Rank")


@dataclass(frozen=True, slots=True)
class _Picture:
    """A figure to be drawn, and what it shows in words."""

    draw: Callable[[], Figure]
    words: str


def composite_figure(
    result: CompositeResult, lang: Lang, kind: str = "ranking", **options: Any
) -> Figure:
    """Draw an index.

    Parameters
    ----------
    result : CompositeResult
        The scores.
    lang : {"de", "en"}
        Language.
    kind : {"ranking", "framework", "profile", "years"}
        Units by rank as bars stacked by what the main parts contribute (options ``year, n``); the
        tree with its effective weights (``year``); one unit against a group (``unit, within, year,
        node``); ranks in two years (``years, units, highlight``).
    **options
        Options of the kind.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    UnknownCodeError
        If there is no such kind, option, unit, node, grouping or year.
    ReportError
        If there are too many units to be drawn, or a profile is of no unit.
    """
    return _picture(result, lang, kind, options).draw()


def composite_words(
    result: CompositeResult, lang: Lang, kind: str = "ranking", **options: Any
) -> str:
    """Return what a figure shows, for those who can't see it.

    Parameters
    ----------
    result : CompositeResult
        The scores.
    lang : {"de", "en"}
        Language.
    kind : str
        Kind of figure.
    **options
        Its options.

    Returns
    -------
    str
        One or two sentences.

    Raises
    ------
    UnknownCodeError
        If there is no such kind, option, unit, node, grouping or year.
    ReportError
        If there are too many units to be drawn, or a profile is of no unit.
    """
    return _picture(result, lang, kind, options).words


def _picture(
    result: CompositeResult, lang: Lang, kind: str, options: Mapping[str, Any]
) -> _Picture:
    kinds: dict[str, Callable[..., _Picture]]
    kinds = {"ranking": _ranking, "framework": _framework, "profile": _profile, "years": _years}
    if kind not in kinds:
        raise UnknownCodeError(kind, kinds, "figures of an index")
    known = list(inspect.signature(kinds[kind]).parameters)[2:]
    for name in options:
        if name not in known:
            raise UnknownCodeError(name, known, f"options of the figure '{kind}'")
    if kind == "profile" and "unit" not in options:
        raise ReportError("a profile shows one unit; say which: figure(kind='profile', unit=…)")
    return kinds[kind](result, lang, **options)


def _title(result: CompositeResult, element: str, lang: Lang) -> str:
    return result.spec.title_of(element).get(lang)


def _ranking(
    result: CompositeResult, lang: Lang, *, year: int | None = None, n: int = 30
) -> _Picture:
    ranked = result.summary(year, lang=lang).dropna(subset=["score"])
    frame = ranked.head(n)
    if not len(frame):
        raise ReportError(f"the index '{result.spec.id}' has no scores that could be drawn")
    names = [name or unit for name, unit in zip(frame["name"], frame["unit"], strict=True)]
    places = ["" if pd.isna(rank) else f"{rank}  " for rank in frame["rank"]]
    labels = [f"{place}{name}" for place, name in zip(places, names, strict=True)]
    parts = _parts(result, lang, year, frame)
    digits = score_decimals(result, year)
    title = _title(result, result.spec.root, lang)
    more = Text(
        f"die ersten {len(frame)} von {len(ranked)}", f"first {len(frame)} of {len(ranked)}"
    )
    axis = title if len(frame) == len(ranked) else f"{title} ({more.get(lang)})"
    ends = [
        f"{names[place]} ({format_number(frame['score'].iloc[place], digits, lang)})"
        for place in (0, -1)
    ]
    tail = {"de": ", gestapelt nach ", "en": ", stacked by "}[lang] + ", ".join(parts)
    words = {
        "de": f"Balkendiagramm: {title}, {len(frame)} Einheiten von {ends[0]} bis {ends[1]}",
        "en": f"Bar chart: {title}, {len(frame)} units from {ends[0]} to {ends[1]}",
    }[lang]
    return _Picture(
        lambda: stacked_bars(labels, parts, axis=axis, decimals=digits, lang=lang),
        f"{words}{tail if len(parts) > 1 else ''}.",
    )


def _parts(
    result: CompositeResult, lang: Lang, year: int | None, frame: pd.DataFrame
) -> dict[str, np.ndarray]:
    """Return the bars by part; whole bars where the aggregation has no exact contributions."""
    when = result.years[-1] if year is None else year
    try:
        shares = result.contributions(by="parts").xs(when, level="year").loc[frame["unit"]]
    except CompositeError:
        return {_title(result, result.spec.root, lang): frame["score"].to_numpy()}
    return {_title(result, str(name), lang): shares[name].to_numpy() for name in shares.columns}


def _framework(result: CompositeResult, lang: Lang, *, year: int | None = None) -> _Picture:
    tree = result.spec.tree
    row = len(result.years) - 1 if year is None else _position(result, year)
    weights = tree.effective(result.weights_by_year[row])
    order: list[int] = []
    parents: list[int] = []

    def visit(element: int, above: int) -> None:
        order.append(element)
        parents.append(above)
        here = len(order) - 1
        if element >= tree.n_indicators:
            for part in tree.children[element - tree.n_indicators]:
                visit(int(part), here)

    visit(tree.root, -1)
    labels = [_title(result, tree.ids[element], lang) for element in order]
    shares = [float(weights[element]) for element in order]
    top = ", ".join(
        f"{label} {format_share(share, 1, lang)}"
        for label, share, above in zip(labels, shares, parents, strict=True)
        if above == 0
    )
    words = {
        "de": f"Baum des Index {labels[0]} mit {tree.n_indicators} Indikatoren; Gewichte: {top}.",
        "en": f"Tree of the index {labels[0]} with {tree.n_indicators} indicators; weights: {top}.",
    }[lang]
    return _Picture(lambda: icicle(labels, parents, shares, lang=lang), words)


def _position(result: CompositeResult, year: int) -> int:
    if year not in result.years:
        raise UnknownCodeError(year, map(str, result.years), "years of the index")
    return result.years.index(year)


def _profile(
    result: CompositeResult,
    lang: Lang,
    *,
    unit: str,
    within: str | None = None,
    year: int | None = None,
    node: str | None = None,
) -> _Picture:
    when = result.years[-1] if year is None else result.years[_position(result, year)]
    tree, spec = result.spec.tree, result.spec
    inner = node or spec.root
    if inner not in tree.nodes:
        raise UnknownCodeError(inner, tree.nodes, "nodes of the index")
    ids = [inner, *(tree.ids[part] for part in tree.children[tree.nodes.index(inner)])]
    scores = pd.DataFrame(result.scores("all")[ids].xs(when, level="year"))
    if unit not in scores.index:
        raise UnknownCodeError(unit, list(scores.index), f"units of the index in {when}")
    members, group = _group(result, scores, unit, within, lang)
    values = scores.loc[members].to_numpy()
    known = ~np.isnan(values).all(axis=0)
    labels = [_title(result, name, lang) for name, keep in zip(ids, known, strict=True) if keep]
    own = scores.loc[unit].to_numpy()[known]
    name = result.names.get(unit) or unit
    axis = {"de": f"Punktwert {when}", "en": f"Score {when}"}[lang]
    middle = np.nanmedian(values[:, known], axis=0)
    digits = score_decimals(result, when)
    shown = "; ".join(
        f"{label} {format_number(o, digits, lang)} ({format_number(m, digits, lang)})"
        for label, o, m in zip(labels, own, middle, strict=True)
    )
    words = {
        "de": f"Profil von {name}, in Klammern der Median ({group}): {shown}.",
        "en": f"Profile of {name}, in brackets the median ({group}): {shown}.",
    }[lang]

    def draw() -> Figure:
        return profile(
            labels,
            own,
            values[:, known],
            unit_label=name,
            group_label=group,
            axis=axis,
            decimals=digits,
            lang=lang,
        )

    return _Picture(draw, words)


def _group(
    result: CompositeResult, scores: pd.DataFrame, unit: str, within: str | None, lang: Lang
) -> tuple[list[str], str]:
    """Return the units that one is compared with, itself among them, and what they are called."""
    if within is None:
        return list(scores.index), f"{_EVERYONE.get(lang)}, n = {len(scores)}"
    if within not in result.groups:
        raise UnknownCodeError(within, result.groups, "groupings of the units")
    labels = dict(zip(result.final.units, result.groups[within], strict=True))
    if labels[unit] is None:
        raise ReportError(f"{unit} has no group in '{within}', so there is nothing to compare with")
    members = [other for other in scores.index if labels[other] == labels[unit]]
    return members, f"{labels[unit]}, n = {len(members)}"


def _years(
    result: CompositeResult,
    lang: Lang,
    *,
    years: tuple[int, int] | None = None,
    units: list[str] | None = None,
    highlight: tuple[str, ...] = (),
) -> _Picture:
    first, last = years or (result.years[0], result.years[-1])
    ranks = result.ranks("index")[result.spec.root].unstack("year")
    for year in (first, last):
        _position(result, year)
    chosen = list(ranks.index) if units is None else units
    for unit in [*chosen, *highlight]:
        if unit not in ranks.index:
            raise UnknownCodeError(unit, list(ranks.index), "units of the index")
    if len(chosen) > _MOST:
        raise ReportError(
            f"{len(chosen)} units are too many for one figure of ranks in two years; name up to "
            f"{_MOST} as units=[…]"
        )
    ends = [ranks.loc[chosen, year].astype("float64").to_numpy() for year in (first, last)]
    labels = [result.names.get(unit) or unit for unit in chosen]
    marked = [result.names.get(unit) or unit for unit in highlight]
    moved = np.abs(ends[1] - ends[0])
    mean = format_number(np.nanmean(moved), _RANK_DECIMALS, lang)
    words = {
        "de": f"Ränge {first} und {last} von {len(chosen)} Einheiten, im Mittel um {mean} anders.",
        "en": f"Ranks {first} and {last} of {len(chosen)} units; mean shift {mean}.",
    }[lang]
    titles = tuple(f"{_RANK.get(lang)} {year}" for year in (first, last))
    return _Picture(
        lambda: slopes(labels, *ends, titles=(titles[0], titles[1]), highlight=marked, lang=lang),
        words,
    )
