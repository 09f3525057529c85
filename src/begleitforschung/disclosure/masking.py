"""An estimate without what must not be shown: hidden rows emptied, answers taken out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.disclosure.choosing import is_secret
from begleitforschung.disclosure.positions import BY_HAND
from begleitforschung.disclosure.structure import Secret
from begleitforschung.display.numbers import round_half_up
from begleitforschung.errors import Finding
from begleitforschung.results.estimate import TELLING, Estimate
from begleitforschung.results.estimate_words import (
    PERCENT_FIRST,
    SHARES,
    number_decimals,
    share_decimals,
    total_places,
)
from begleitforschung.results.protection import Hidden, Protection
from begleitforschung.results.published import EVERYBODY, Breakdown, ColumnRows, Row
from begleitforschung.surveys import STATUSES, Survey, parse_filter

_FEW = 0.05  # of the cases of a row: their part of its variance is lost by rounding
_EVEN = 1e-9  # relative
_ROUNDED = ("estimate", "low", "high")
_SHARE = (*_ROUNDED, "se")
_MISSINGS = STATUSES[1:]
_OF_CASES = ("design.", "survey.")  # findings about all cases, whatever they answered


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Veil:
    """What is hidden of one column, in all results together.

    Parameters
    ----------
    scores : set of tuple of float
        Scores of the answers in hidden rows.
    cases : numpy.ndarray of bool, shape (n,)
        Cases that hidden rows are about.
    """

    scores: set[tuple[float, ...]]
    cases: NDArray[np.bool_]


def masked(
    estimate: Estimate,
    hidden: Mapping[int, Hidden],
    secrets: tuple[Secret, ...],
    veils: Mapping[str, Veil],
    protection: Protection,
    smallest: int,
    bare: Collection[int] = (),
    *,
    baseless: Collection[int] = (),
) -> Estimate:
    """Empty the hidden rows of an estimate and take the answers out.

    Parameters
    ----------
    estimate : Estimate
        Not yet protected.
    hidden : mapping of int to str
        Rows to hide, and why.
    secrets : tuple of Secret
        What its rows add up.
    veils : mapping of str to Veil
        Columns of which something is hidden in any result, and whose answers that are.
    protection : Protection
        What was done.
    smallest : int
        Smallest count of missing answers that is shown in a group.
    bare : collection of int
        Rows of which only the count is left, see `bare_shares`.
    baseless : collection of int
        Hidden rows whose base is hidden too, as it is a count of answers.

    Returns
    -------
    Estimate
        Protected; its survey holds the codebook and no answers.

    Raises
    ------
    ValueError
        If the base of a row is to be hidden that is shown itself.
    """
    if shown := set(baseless) - set(hidden):
        raise ValueError(f"{len(shown)} row(s) are shown whose base is to be hidden")
    table = estimate.table.copy()
    telling = [name for name in TELLING if name in table.columns]
    rows = list(hidden)
    table.loc[rows, "suppressed"] = [hidden[row] for row in rows]
    for secret in secrets:
        _round_weighted(table, estimate, secret.rows, hidden)
        if protection.spare is not None and not protection.sensitive:
            _one_of_both(table, estimate, secret.rows, hidden)
        if secret.rows.column in veils:
            _blur(table, estimate, secret.rows, hidden, veils[secret.rows.column])
    if estimate.specification.get("weight_by"):
        _as_printed(table)
    table.loc[rows, telling] = pd.NA
    table.loc[rows, "method"] = ""
    if {"worst_low", "worst_high"} <= set(table.columns):  # by N, they are the count again
        table.loc[table["count"].isna().to_numpy(bool), ["worst_low", "worst_high"]] = pd.NA
    table.loc[list(bare), [*_SHARE, "df", "deff", "worst_low", "worst_high"]] = pd.NA
    _hide_missings(table, smallest)
    _hide_bases(table, baseless)
    forget_masked(table)
    return replace(
        estimate,
        breakdowns=() if _filtered_by_answers(estimate) else _by_register(estimate),
        table=table,
        protected=True,
        protection=protection,
        survey=without_answers(estimate.survey),
        r_inputs=(),
        published=tuple(secret.rows for secret in secrets),
        findings=_without_bases(estimate, baseless),
    )


def _as_printed(table: pd.DataFrame) -> None:
    """Leave no digit that is not printed, of figures weighted by a size that everybody knows.

    Inhabitants of municipalities all differ: an exact sum of them tells who is in it.
    """
    rows: dict[int, dict[str, Any]] = table.to_dict("index")  # type: ignore[assignment]
    for at, row in rows.items():
        if not row["n"] or np.isnan(row["estimate"]):
            continue
        share = row["statistic"] in SHARES
        places = share_decimals(int(row["n"])) + 2 if share else number_decimals(row)
        for name in (*_ROUNDED, "se"):
            if not np.isnan(row[name]):
                table.at[at, name] = float(round_half_up(row[name], places))
    table["deff"] = np.nan
    few = table["statistic"].isin(SHARES) & (table["n"] < PERCENT_FIRST)
    table.loc[few, list(_SHARE)] = np.nan  # with the count, a percentage of few tells who they are


def _by_register(estimate: Estimate) -> tuple[Breakdown, ...]:
    """Return the breakdowns that no answers make, as the group of a case would tell its answer."""
    return tuple(b for b in estimate.breakdowns if not _any_secret(b.names, estimate.survey))


def _filtered_by_answers(estimate: Estimate) -> bool:
    """Say whether answers decide which cases count, so that having a group tells an answer."""
    where = str(estimate.specification.get("where") or "")
    if not where or where == BY_HAND:
        return False
    return _any_secret(parse_filter(where).columns, estimate.survey)


def _any_secret(names: Iterable[str], survey: Survey) -> bool:
    declared = {item.id for item in survey.codebook.items} | set(survey.codebook.columns())
    return any(name in declared and is_secret(survey.codebook.item(name)) for name in names)


def _without_bases(estimate: Estimate, baseless: Collection[int]) -> tuple[Finding, ...]:
    """Return the findings without numbers of cases, where these could give a hidden base away."""
    if not baseless:
        return estimate.findings
    return tuple(f for f in estimate.findings if f.rule.startswith(_OF_CASES) and not f.column)


def _round_weighted(
    table: pd.DataFrame, estimate: Estimate, rows: ColumnRows, hidden: Mapping[int, Hidden]
) -> None:
    """Leave no digit that is not printed, of figures over cases that differ in weight or stratum.

    An exact sum of weights that differ tells whose they are: of the respondents who gave an answer,
    or of those in a group that answers make. A standard error tells the counts of the strata.
    """
    left = [row for row in rows.rows if row.at not in hidden and _spans(rows, row, estimate)]
    for row in left if estimate.design is not None else ():
        told: dict[Any, Any] = table.loc[row.at].to_dict()
        share = told["statistic"] in SHARES
        places = share_decimals(int(told["n"])) + 2 if share else 1
        if told["statistic"] == "total" and told["category"]:
            places = total_places(float(told["N"]))
        inside = rows.groups[row.group] & rows.answered
        even = np.ptp(rows.weights[inside]) <= _EVEN * rows.weights[inside].max()
        for name in _ROUNDED[1:] if even else _ROUNDED:
            if not np.isnan(told[name]):
                table.at[row.at, name] = float(round_half_up(told[name], places))
        table.loc[row.at, ["se", "deff"] if share else ["se", "deff", "count"]] = pd.NA
    made = [
        row.at for row in rows.rows if row.part != EVERYBODY and not table.at[row.at, "N_known"]
    ]
    _hide_sizes(table, made)


def _one_of_both(
    table: pd.DataFrame, estimate: Estimate, rows: ColumnRows, hidden: Mapping[int, Hidden]
) -> None:
    """Leave count or share of cases that differ in weight, where small groups are never told.

    The two together tell how the answers are spread over the weights, and so over smaller groups.
    Up to 29 cases the count stays, else the share.
    """
    for row in rows.rows:
        inside = rows.groups[row.group] & rows.answered
        weights = rows.weights[inside]
        share = table.at[row.at, "statistic"] in SHARES
        if row.at in hidden or not share or estimate.design is None or not len(weights):
            continue
        if np.ptp(weights) > _EVEN * weights.max():
            n: Any = table.at[row.at, "n"]
            many = n >= PERCENT_FIRST
            gone = ("count", "count_low", "count_high") if many else (*_SHARE, "df", "deff")
            table.loc[row.at, list(gone)] = pd.NA


def sealed(estimate: Estimate) -> Estimate:
    """Take out who answered questions that are asked after a filter: it tells the filter's answer.

    Parameters
    ----------
    estimate : Estimate
        Protected and audited.

    Returns
    -------
    Estimate
        The same figures; rows of such questions can't be audited again.
    """
    book, survey = estimate.survey.codebook, estimate.survey

    def open_(column: str) -> bool:
        text = book.item(column).filter if column in book.columns() else ""
        return not text or not _any_secret(parse_filter(text).columns, survey)

    kept = []
    for rows in estimate.published:
        if open_(rows.column) and all(open_(name) for name in rows.variables):
            kept.append(rows)
        else:
            none = np.zeros(len(rows.answered), np.bool_)
            kept.append(ColumnRows(column=rows.column, answers=rows.answers, answered=none,
                                   groups=rows.groups[:0], weights=rows.weights))  # fmt: skip
    return replace(estimate, published=tuple(kept))


def _hide_sizes(table: pd.DataFrame, rows: Collection[int]) -> None:
    """Take out sizes of groups that are estimated, as they tell how many belong to them.

    Beside totals of answers, which tell the size as well, it stays with no more digits than they
    have.
    """
    for at in rows:
        size = float(table["N"].loc[at])
        step = 10.0 ** -total_places(size)
        told = table["statistic"].loc[at] == "total" and bool(table["category"].loc[at])
        table.at[at, "N"] = np.ceil(size / step) * step if told else np.nan


def _blur(
    table: pd.DataFrame,
    estimate: Estimate,
    rows: ColumnRows,
    hidden: Mapping[int, Hidden],
    veil: Veil,
) -> None:
    """Leave one figure of each row over different weights that holds cases of hidden rows.

    Count, weighted share and standard error of such a row are three equations between the counts
    of its classes. Up to 29 cases the count stays, else the share, rounded as it is printed; the
    interval stays, rounded, where few of the cases are hidden ones.
    """
    shares_cases = {row.at: _shared(rows, row, veil) for row in rows.rows if row.at not in hidden}
    left = [
        row
        for row in rows.rows
        if shares_cases.get(row.at, 0.0) > 0 and _spans(rows, row, estimate)
    ]
    if estimate.design is None or not left:
        return
    at = np.array([row.at for row in left])
    n = table.loc[at, "n"].to_numpy(np.int64)
    shares = table.loc[at, "statistic"].isin(SHARES).to_numpy()
    places = [
        share_decimals(int(k)) + 2 if share else 1 for k, share in zip(n, shares, strict=True)
    ]
    for name in _ROUNDED:
        values = table.loc[at, name].to_numpy(np.float64)
        table.loc[at, name] = [
            value if np.isnan(value) else float(round_half_up(value, digits))
            for value, digits in zip(values, places, strict=True)
        ]
    many = np.array([shares_cases[row.at] > _FEW for row in left])
    told = ~shares | (many & np.array([row.scores in veil.scores for row in left]))
    table.loc[at, ["se", "df", "deff"]] = pd.NA
    table.loc[at[told], ["low", "high", "count_low", "count_high"]] = pd.NA
    table.loc[at[told], "method"] = ""
    few = shares & (n < PERCENT_FIRST)
    table.loc[at[few], ["estimate", "worst_low", "worst_high"]] = pd.NA
    table.loc[at[~few], "count"] = pd.NA


def _shared(rows: ColumnRows, row: Row, veil: Veil) -> float:
    """Return which part of the cases of a row are those of hidden rows."""
    inside = rows.groups[row.group] & rows.answered
    return float((inside & veil.cases).sum() / max(1, inside.sum()))


def _spans(rows: ColumnRows, row: Row, estimate: Estimate) -> bool:
    """Say whether cases of a row differ in weight or stratum."""
    inside = rows.groups[row.group] & rows.answered
    weights = rows.weights[inside]
    design = estimate.design
    strata = np.zeros(0) if design is None else design.stratum[inside]
    return bool(len(weights)) and bool(
        np.ptp(weights) > _EVEN * weights.max() or len(np.unique(strata)) > 1
    )


def _hide_missings(table: pd.DataFrame, smallest: int) -> None:
    """Leave out the kinds of missing answers of a column where few of one kind would be shown."""
    few = (table[list(_MISSINGS)] > 0) & (table[list(_MISSINGS)] < smallest)
    columns = table.loc[few.any(axis=1).to_numpy(bool), "column"].unique()
    table.loc[table["column"].isin(columns), list(_MISSINGS)] = pd.NA


def _hide_bases(table: pd.DataFrame, baseless: Collection[int]) -> None:
    """Empty bases that are counts of answers, and what they could be worked out from.

    Of a column with such a base, missing and imputed answers and estimated sizes of all groups go
    along: with those of everybody, what the others lack is that of the hidden group.
    """
    if not baseless:
        return
    rows = list(baseless)
    table["n"] = table["n"].astype("Int64")
    table.loc[rows, "n"] = pd.NA
    about = table["column"].isin(table.loc[rows, "column"])
    table.loc[about, list(_MISSINGS)] = pd.NA
    _hide_sizes(table, table.index[about & ~table["N_known"]].tolist())
    table.loc[rows, "N"] = np.nan


def forget_masked(table: pd.DataFrame) -> None:
    """Overwrite the numbers that pandas keeps below missing values of nullable columns.

    A missing value is a mark beside an array that still holds the number, and is pickled with it.

    Parameters
    ----------
    table : pandas.DataFrame
        Table, changed in place.
    """
    for name in table.select_dtypes("Int64").columns:
        table[name] = pd.array(table[name].to_numpy(object), "Int64")


def without_answers(survey: Survey) -> Survey:
    """Return a survey with its codebook and no answers.

    Parameters
    ----------
    survey : Survey
        A survey.

    Returns
    -------
    Survey
        The same codebook, provenance and columns.
    """
    none = np.zeros(len(survey), bool)
    return replace(
        survey,
        responses=survey.responses[none],
        status=survey.status[none],
        cases=survey.cases[none],
        design=None,
        findings=(),
    )
