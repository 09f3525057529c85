"""Figures of estimates: points with intervals, and bars made of the answers (Likert)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from begleitforschung.display.figures import dot_interval
from begleitforschung.display.likert import answer_bars
from begleitforschung.display.numbers import is_missing, round_half_up
from begleitforschung.display.secrecy import SECRET, SECRET_TEXT
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang
from begleitforschung.results.estimate_display import headings, part_words
from begleitforschung.results.estimate_notes import condition, statistic_label
from begleitforschung.results.estimate_secrecy import (
    known_bases,
    withholds_interval,
    withholds_share,
)
from begleitforschung.results.estimate_words import (
    SHARES,
    interval_text,
    is_secret,
    number_decimals,
    number_text,
    share_decimals,
    share_text,
    units_text,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.results.base import Result
    from begleitforschung.results.estimate import Estimate

_KINDS = ("intervals", "stacked")


def draw(result: Estimate, lang: Lang, *, kind: str | None = None) -> Figure:
    """Draw estimates.

    Parameters
    ----------
    result : Estimate
        The estimates.
    lang : {"de", "en"}
        Language.
    kind : {"intervals", "stacked"}, optional
        Points with intervals, or one bar for each question and domain made of its answers; by
        default the latter for shares of batteries and of several domains.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; bases below `Estimate.min_n` are not drawn, nor is what is kept secret. Of
        bars made of answers the whole bar is left out, as its end would tell the hidden answer.
        What is protected is drawn where it is printed, without further digits.

    Raises
    ------
    ReportError
        If the kind is unknown or does not fit.
    """
    if kind is not None and kind not in _KINDS:
        raise ReportError(f"kind= is one of {', '.join(_KINDS)}, not {kind!r}")
    if kind == "stacked" and not _stackable(result):
        raise ReportError("bars of answers need shares of questions with one answer")
    stacked = kind == "stacked" or (kind is None and _stackable(result) and _rows(result) > 1)
    return _stacked(result, lang) if stacked else _intervals(result, lang)


def alt_text(result: Estimate, lang: Lang) -> str:
    """Say what the figure shows.

    Parameters
    ----------
    result : Estimate
        The estimates.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        All estimates with their intervals.
    """
    parts, secret = [], SECRET_TEXT.get(lang)
    for label, row in zip(_labels(result, lang), result.rows(), strict=True):
        if is_secret(row, result.min_n):
            parts.append(f"{label}: {secret}")
            continue
        interval = interval_text(row, result.min_n, lang)
        shown = (
            share_text(row, result.min_n, lang)
            if row["statistic"] in SHARES
            else number_text(row, "estimate", lang)
        )
        withheld = withholds_share(result, row) or withholds_interval(result, row)
        shown += f" [{secret}]" if withheld else ""
        parts.append(f"{label}: {shown}{f' ({interval})' if interval else ''}")
    return f"{_axis(result, lang)}{condition(result, lang)}. {'; '.join(parts)}."


def _stackable(result: Estimate) -> bool:
    items = [result.survey.codebook.item(column) for column in result.questions]
    single = all(item.coded and item.kind != "multiple" for item in items)
    alike = {
        tuple(c for col, c in result.categories if col == column) for column in result.questions
    }
    return bool((result.table["statistic"] == "share").all()) and single and len(alike) == 1


def _rows(result: Estimate) -> int:
    return len(result.table[["column", "by", "domain"]].drop_duplicates())


def _axis(result: Estimate, lang: Lang) -> str:
    names = dict.fromkeys(result.table["statistic"])
    return " / ".join(statistic_label(result, name, lang) for name in names)


def _labels(result: Estimate, lang: Lang) -> list[str]:
    """Return the label of each row: question, answer and domain as far as they differ."""
    table = result.table
    heads = headings(result, table, lang)
    questions = len({question for question, _ in heads}) > 1
    places = len(table[["by", "domain"]].drop_duplicates()) > 1
    answers = len({answer for _, answer in heads}) > 1
    found = []
    for (question, answer), by, domain in zip(heads, table["by"], table["domain"], strict=True):
        parts = [question] if questions and question else []
        parts += [answer] if answers or not places else []
        parts += [result.domains[by, domain].get(lang)] if places else []
        found.append(": ".join(parts))
    return found


def _intervals(result: Estimate, lang: Lang) -> Figure:
    table = result.table
    shares = bool(table["statistic"].isin(SHARES).all())
    factor = 100.0 if shares else 1.0
    bases = known_bases(table["n"])
    least = min((n for n in bases if n is not None), default=0)
    decimals = share_decimals(least) if shares else _number_decimals(result)
    return dot_interval(
        _labels(result, lang),
        *(
            drawn_values(result, factor * table[name].to_numpy(), decimals)
            for name in ("estimate", "low", "high")
        ),
        axis=f"{_axis(result, lang)}{condition(result, lang)}",
        n=bases,
        min_n=result.min_n,
        secret=[
            is_secret(row, result.min_n)
            or withholds_share(result, row)
            or withholds_interval(result, row)
            for row in result.rows()
        ],
        unit="%" if shares else units_text(result, lang),
        decimals=decimals,
        lang=lang,
    )


def drawn_values(result: Result, values: NDArray[np.float64], decimals: int) -> NDArray[np.float64]:
    """Return where figures are drawn: protected ones as they are printed.

    Coordinates of a picture have more digits than its numbers, and the exact share of cases with
    weights that everybody knows tells which of them it is made of.

    Parameters
    ----------
    result : Result
        Estimates, or their trend.
    values : numpy.ndarray
        What is drawn.
    decimals : int
        Decimal places of the printed numbers.

    Returns
    -------
    numpy.ndarray
        The same, or rounded.
    """
    if result.protection is None:
        return values
    printed = [np.nan if is_missing(v) else float(round_half_up(v, decimals)) for v in values]
    return np.array(printed, dtype=np.float64)


def _number_decimals(result: Estimate) -> int:
    shown = [row for row in result.rows() if not is_missing(row["estimate"]) and row["n"]]
    return max((number_decimals(row) for row in shown), default=0)


def _stacked(result: Estimate, lang: Lang) -> Figure:
    keys = ["column", "by", "domain"]
    wide = result.table.pivot_table(
        index=keys, columns="category", values="estimate", sort=False, dropna=False, observed=True
    )
    bases = result.table.drop_duplicates(keys).set_index(keys)["n"].astype("Int64")
    few = (bases.fillna(0) < result.min_n).to_numpy(bool)
    wide = wide.loc[bases.index]
    hidden = (result.table["suppressed"] != "").groupby([result.table[k] for k in keys]).any()
    secret = hidden.loc[bases.index].to_numpy()
    if result.protection is not None:
        secret = secret | wide.isna().any(axis=1).to_numpy() & ~few
    wide[few] = np.nan
    first = next(iter(result.questions))
    labels = [
        _bar_label(result, column, by, domain, n, lang=lang)
        for (column, by, domain), n in zip(bases.index.tolist(), known_bases(bases), strict=True)
    ]
    parts = {
        result.categories[first, code].get(lang): drawn_values(
            result, 100 * wide[code].to_numpy(), 0
        )
        for column, code in result.categories
        if column == first
    }
    return answer_bars(
        labels,
        parts,
        axis=_axis(result, lang),
        ordered=result.survey.codebook.item(first).cell_kind == "scale",
        secret=secret.tolist(),
        lang=lang,
    )


def _bar_label(
    result: Estimate, column: str, by: str, domain: str, n: int | None, *, lang: Lang
) -> str:
    words = part_words(result.survey.codebook.item(column), column)
    question = words.get(lang) or result.questions[column].get(lang)
    parts = [question] if len(result.questions) > 1 else []
    several = result.table["domain"].nunique() > 1
    parts += [result.domains[by, domain].get(lang)] if several or not parts else []
    few = n is not None and n < result.min_n
    shown = (
        f"n\u00a0<\u00a0{result.min_n}" if few else f"n\u00a0=\u00a0{SECRET if n is None else n}"
    )
    return f"{': '.join(parts)} ({shown})"
