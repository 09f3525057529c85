"""Rankings: hidden where the counts that they are made of are hidden, as those of other questions.

Who ranked an option first is a question with one answer; who ranked it among the first, or at all,
one with several. They stand in a copy of the survey, so that rankings by several groups are linked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.catalogue import Label
from begleitforschung.disclosure.digits import shares_as_printed
from begleitforschung.disclosure.masking import forget_masked
from begleitforschung.disclosure.structure import Bools
from begleitforschung.errors import DisclosureError
from begleitforschung.estimation.domains import chosen, everybody, grouped
from begleitforschung.estimation.estimate import estimate
from begleitforschung.estimation.ranking import ranked
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.protection import Protection
from begleitforschung.results.ranking import MEASURES, Ranking
from begleitforschung.surveys import Code, Codebook, Item, Survey, dtype_of
from begleitforschung.surveys.survey import ESTIMATED

_FIGURES = ["estimate", "se", "low", "high", "df", "count"]
_NOBODY = "~"  # ranked something, but nothing first
_Key = tuple[str, str, str]


def ranking_sums(result: Ranking) -> tuple[Estimate, ...]:
    """Return how often each option was ranked first, among the first, and at all.

    Parameters
    ----------
    result : Ranking
        Not yet protected.

    Returns
    -------
    tuple of Estimate
        One for each measure.

    Raises
    ------
    DisclosureError
        If the result has no answers, so that nobody can judge it.
    """
    if result.survey is None:
        raise DisclosureError("this Ranking holds no answers; make it again with bf.ranking")
    item = result.survey.codebook.item(result.specification["question"])
    made = _with_counts(result.survey, item)
    by = result.specification["by"] or None
    last = len(item.columns)
    names = (_first(item), _top(item, result.top), _top(item, last))
    where = result.specification["where"]
    return tuple(estimate(made, name, by, "share", where=where) for name in names)


def _first(item: Item) -> str:
    return f"{item.id}__first"


def _top(item: Item, k: int) -> str:
    return f"{item.id}__top{k}"


def _with_counts(survey: Survey, item: Item) -> Survey:
    """Return a copy of a survey with questions that count how an item ranks its options."""
    rank, status = ranked(survey, item)
    given = status <= ESTIMATED
    like: dict[str, Any] = {
        "text": item.text,
        "filter": item.filter,
        "confidentiality": item.confidentiality,
        "sensitive": item.sensitive,
    }
    nobody = Code(code=_NOBODY, label=Label(de="kein erster Rang", en="no first rank"))
    first = Item(id=_first(item), kind="single", codes=(*item.answers, nobody), **like)
    best = np.where((rank == 1).any(axis=1), np.argmax(rank == 1, axis=1), rank.shape[1])
    codes = np.where(given, best, -1)
    columns: dict[str, Any] = {first.id: _coded(codes, first)}
    items = [first]
    for k in range(1, len(item.columns) + 1):
        several = Item(id=_top(item, k), kind="multiple", codes=item.answers, **like)
        items.append(several)
        for name, own in zip(several.columns, rank.T, strict=True):
            there = np.where(given, (own <= k).astype(np.int64), -1)
            columns[name] = _coded(there, several)
    book = survey.codebook
    return replace(
        survey,
        responses=survey.responses.assign(**columns),
        status=survey.status.assign(**dict.fromkeys(columns, status)),
        codebook=Codebook(
            id=f"{book.id}_{item.id}",
            title=book.title,
            instrument=book.instrument,
            items=(*book.items, *items),
        ),
    )


def _coded(codes: NDArray[np.int64], item: Item) -> pd.Categorical:
    dtype: Any = dtype_of(item)
    return pd.Categorical.from_codes(codes, dtype=dtype)


def masked_ranking(result: Ranking, safe: Sequence[Estimate], every: Sequence[Estimate]) -> Ranking:
    """Hide the rows of a ranking where the counts behind them are hidden.

    All ranks together are as many as everybody gave: where something of the options among the
    first, or of the mean ranks, is hidden in a breakdown, that measure is hidden throughout it. So
    is the mean rank where one of the two others is, as it adds them up. Where other results tell of
    single ranks and something of them is hidden, the ranking is shown only for groups of which they
    show all ranks, as it adds up ranks.

    Parameters
    ----------
    result : Ranking
        Not yet protected.
    safe : sequence of Estimate
        What `ranking_sums` returned, protected.
    every : sequence of Estimate
        Those of all results of the call, protected.

    Returns
    -------
    Ranking
        Without answers.

    Raises
    ------
    DisclosureError
        If a base is hidden.
    """
    told = safe[0].protection
    if told is None:
        return result
    if any(one.table["n"].isna().any() for one in safe):
        raise DisclosureError(
            "bases of this Ranking tell how single respondents answered; leave the group out"
        )
    gone = {
        (measure, *key) for measure, one in zip(MEASURES, safe, strict=True) for key in _hidden(one)
    }
    gone |= set(_of_ranks(result, told))
    if result.top == 1:
        gone |= {("top", by, group, code) for name, by, group, code in gone if name == "first"}
    gone |= {("mean_rank", by, group, code) for _, by, group, code in gone}
    table = result.table.copy()
    rows = list(table[["measure", "by", "domain", "option"]].itertuples(index=False, name=None))
    whole = {(measure, by) for measure, by, *_ in gone if measure != "first"}
    whole |= {(m, by) for m, _ in whole for by in table["by"] if (m, "") in whole}
    told_by_ranks = _told_by_ranks(result, every)
    hidden = np.array(
        [
            row in gone
            or row[:2] in whole
            or (told_by_ranks is not None and row[1:3] not in told_by_ranks)
            for row in rows
        ],
        np.bool_,
    )
    table = shares_as_printed(table, table["measure"] != "mean_rank")
    table["n"] = table["n"].astype("Int64")
    table.loc[hidden, _FIGURES] = np.nan
    table.loc[hidden, "method"] = ""
    means = table["measure"].eq("mean_rank")
    table.loc[means, "count"] = pd.NA
    table.loc[hidden & means, "n"] = pd.NA
    forget_masked(table)
    table = table.assign(suppressed=np.where(hidden, "hidden", "")).astype({"suppressed": "str"})
    node = result.provenance.then("protect", policy=told.policy, version=told.version)
    return replace(
        result,
        table=table,
        survey=None,
        protected=True,
        protection=told.of(table["suppressed"]),
        provenance=node,
    )


def _told_by_ranks(result: Ranking, every: Sequence[Estimate]) -> set[tuple[str, str]] | None:
    """Return the groups of which tables show all ranks; nothing where no rank is hidden in any."""
    if result.survey is None:
        return None
    ranks = result.survey.codebook.item(result.specification["question"]).columns
    parts = [(one, one.table[one.table["column"].isin(ranks)]) for one in every]
    if not any((part["suppressed"] != "").any() for _, part in parts):
        return None
    found: set[tuple[str, str]] = set()
    for one, part in parts:
        same = one.specification.get("where") == result.specification["where"]
        weighted = one.specification.get("weight_by") is not None
        if weighted or not same or not part["statistic"].eq("share").all():
            continue
        for group, rows in part.groupby(["by", "domain"]):
            if set(rows["column"]) == set(ranks) and (rows["suppressed"] == "").all():
                found.add((str(group[0]), str(group[1])))
    return found


def _hidden(made: Estimate) -> Iterator[_Key]:
    """Yield breakdown, group and option of the hidden rows."""
    names = ["by", "domain", "category"]
    rows = made.table.loc[made.table["suppressed"] != "", names]
    yield from rows.itertuples(index=False, name=None)


def _of_ranks(result: Ranking, told: Protection) -> Iterator[tuple[str, str, str, str]]:
    """Yield the measures that tell a small count of a single rank, or a small base of a mean."""
    survey = result.survey
    if survey is None:
        return
    item = survey.codebook.item(result.specification["question"])
    rank, _ = ranked(survey, item)
    least = {True: told.min_count_crossed, False: told.min_count}
    for by, domain, inside in _groups(result, survey):
        few = least[len(result.specification["by"]) > 1 and by != ""]
        for option, own in zip(item.answers, rank[inside].T, strict=True):
            counts = np.bincount(own[~np.isnan(own)].astype(np.int64), minlength=2)[1:]
            if 0 < counts.sum() < told.min_base or ((counts > 0) & (counts < few)).any():
                yield "mean_rank", by, domain, option.code
            if 0 < counts[1 : result.top].sum() < few:
                yield "top", by, domain, option.code


def _groups(result: Ranking, survey: Survey) -> Iterator[tuple[str, str, Bools]]:
    inside = chosen(survey, result.specification["where"])
    names = result.specification["by"]
    for part in (everybody(survey, inside), *([grouped(survey, names, inside)] if names else [])):
        for at, key in enumerate(part.keys):
            yield part.by, key, np.asarray(part.codes == at)
