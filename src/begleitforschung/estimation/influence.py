"""Which cases carry an extrapolation, which stand out, and which strata say too little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from begleitforschung.display.numbers import format_number, format_share
from begleitforschung.errors import Finding
from begleitforschung.estimation.known import Known
from begleitforschung.language import Text
from begleitforschung.stats import sampling
from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.surveys import Survey

INFLUENTIAL = 0.05
_FENCE = 3.0
_SHOWN = 10
_NAMED = ("column", "file", "row", "unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """One column of amounts.

    Parameters
    ----------
    column : str
        Column of the answers.
    y, x : numpy.ndarray, shape (n,)
        Amounts, and what they are related to.
    used : numpy.ndarray of bool, shape (n,)
        Cases with both.
    """

    column: str
    y: Floats
    x: Floats
    used: Mask


def influence_of(
    survey: Survey, given: Amounts, known: Known, weights: Floats, *, separate: bool
) -> pd.DataFrame:
    """Return the cases without which the total would change most.

    Parameters
    ----------
    survey : Survey
        The survey.
    given : Amounts
        Amounts.
    known : Known
        Known totals of the strata.
    weights : numpy.ndarray, shape (n,)
        Weights, 0 for cases that are not used.
    separate : bool
        Whether totals are estimated stratum by stratum.

    Returns
    -------
    pandas.DataFrame
        As `Extrapolation.influence`, the ten that change it most.

    Raises
    ------
    ValueError
        If lengths differ.
    """
    counts = np.bincount(known.codes[given.used], minlength=known.totals.size)
    sizes = np.where(counts > 0, known.totals, 0.0)
    y = np.where(given.used, given.y, np.nan)
    classes = known.codes if separate else np.zeros(y.size, dtype=np.int64)
    sizes = sizes if separate else np.array([sizes.sum()])
    change = sampling.leave_one_out(y, given.x, sizes, weights, classes=classes)
    there = given.used & (weights > 0)
    top, base = (
        np.bincount(classes[there], (weights * v)[there], sizes.size) for v in (given.y, given.x)
    )
    total = float((sizes * np.divide(top, base, out=np.zeros_like(top), where=base != 0)).sum())
    order = [at for at in np.argsort(-np.abs(change), kind="stable") if given.used[at]]
    rows = [at for at in order if not np.isnan(change[at])][:_SHOWN]
    cases = survey.cases.iloc[rows]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = change[rows] / total
    return pd.DataFrame(
        {
            "column": given.column,
            "file": cases["file"].to_numpy(),
            "row": cases["row"].to_numpy(),
            "unit": cases["unit"].to_numpy(),
            "stratum": [known.labels[code] for code in known.codes[rows]],
            "change": change[rows],
            "share": share,
            "without": total - change[rows],
        }
    )


def outliers_of(survey: Survey, given: Amounts, influence: pd.DataFrame) -> pd.DataFrame:
    """Return the cases that stand out, without what they answered.

    Parameters
    ----------
    survey : Survey
        The survey.
    given : Amounts
        Amounts.
    influence : pandas.DataFrame
        What `influence_of` returned.

    Returns
    -------
    pandas.DataFrame
        ``column, file, row, unit, reason``: ``influence`` (without the case the total would change
        by 5 % or more) or ``per_head`` (amount per inhabitant more than three interquartile ranges
        outside of the quartiles; Tukey 1977, Exploratory Data Analysis, chapter 2).

    Raises
    ------
    ValueError
        If lengths differ.
    """
    strong = influence[influence["share"].abs() >= INFLUENTIAL]
    first = strong[list(_NAMED)].assign(reason="influence")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(given.used & (given.x > 0), given.y / given.x, np.nan)
    if np.isfinite(ratio).sum() < 4:
        return first.reset_index(drop=True)
    low, high = np.nanquantile(ratio, (0.25, 0.75))
    reach = _FENCE * (high - low)
    far = np.flatnonzero((ratio < low - reach) | (ratio > high + reach))
    cases = survey.cases.iloc[far][["file", "row", "unit"]]
    second = cases.assign(column=given.column, reason="per_head")
    return pd.concat([first, second[[*_NAMED, "reason"]]], ignore_index=True)


def outlier_remarks(outliers: pd.DataFrame) -> list[Finding]:
    """Name the rows of outliers.

    Parameters
    ----------
    outliers : pandas.DataFrame
        What `outliers_of` returned.

    Returns
    -------
    list of Finding
        At most one for each column and reason.

    Raises
    ------
    KeyError
        If a column of the table is missing.
    """
    texts = {
        "influence": Text(
            "tragen je 5 % oder mehr der Hochrechnung", "carry 5 % or more of the total"
        ),
        "per_head": Text(
            "weichen je Einwohner weit von den übrigen ab", "are far out per inhabitant"
        ),
    }
    found = []
    for (column, reason), part in outliers.groupby(["column", "reason"], sort=False):
        n, words = len(part), texts[str(reason)]
        hint = Text("Angaben prüfen (result.outliers).", "Check the answers (result.outliers).")
        found.append(
            Finding(
                rule="extrapolation.outlier",
                severity="warning",
                text=Text(f"{column}: {n} Fälle {words.de}", f"{column}: {n} cases {words.en}"),
                hint=hint,
                column=str(column),
                n=n,
                row=int(part["row"].iloc[0]),
                rows=tuple(int(row) for row in part["row"])[:100],
            )
        )
    return found


def thin_strata(given: Amounts, known: Known, tiny: int, noun: Text) -> list[Finding]:
    """Warn of strata without an answer, and with few.

    Parameters
    ----------
    given : Amounts
        Amounts.
    known : Known
        Known totals of the strata.
    tiny : int
        Strata with fewer answers are few.
    noun : Text
        What amounts are related to.

    Returns
    -------
    list of Finding
        At most one of each kind.

    Raises
    ------
    ValueError
        If lengths differ.
    """
    counts = np.bincount(known.codes[given.used], minlength=known.totals.size)
    empty = (counts == 0) & (known.totals > 0)
    few = (counts > 0) & (counts < tiny) & (known.totals > 0)
    found = []
    if empty.any():
        lost = known.totals[empty].sum()
        part, names = lost / known.totals.sum(), _named(known, empty)
        de, en = (
            f"{format_number(lost, 0, lang)} ({format_share(part, 0, lang)})"
            for lang in ("de", "en")
        )
        text = Text(
            f"{given.column}: Schichten ohne Antwort ({names}) sind nicht enthalten; "
            f"{noun.de} dort: {de}",
            f"{given.column}: strata without an answer ({names}) are not included; "
            f"{noun.en} there: {en}",
        )
        found.append(_finding("empty", given.column, text, int(empty.sum())))
    if few.any():
        names = _named(known, few)
        text = Text(
            f"{given.column}: Schichten mit weniger als {tiny} Antworten ({names}) tragen kaum",
            f"{given.column}: strata with fewer than {tiny} answers ({names}) are hardly reliable",
        )
        found.append(_finding("tiny", given.column, text, int(few.sum())))
    return found


def _named(known: Known, which: Mask) -> str:
    names: Sequence[str] = [known.labels[at] for at in np.flatnonzero(which)]
    more = len(names) - 8
    return ", ".join(names[:8]) + (f", … (+{more})" if more > 0 else "")


def _finding(rule: str, column: str, text: Text, n: int) -> Finding:
    hint = Text("Schichten zusammenfassen.", "Join strata.")
    return Finding(
        rule=f"extrapolation.{rule}", severity="warning", text=text, hint=hint, column=column, n=n
    )
