"""The sums of answers that tests, regressions, types and the like tell, as estimates.

A statistic that looks harmless may be a sum: the coefficients of a regression give the sum of the
outcome over each category of a predictor (by the normal equations, also of a logistic regression),
and chi-square beside the bases gives the counts of two answers by two groups. These estimates carry
what a result tells into the system of tables that `begleitforschung.protect` hides cells of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from begleitforschung.disclosure.among import Cases, asked_of, estimate_among
from begleitforschung.estimation.batteries import columns_of
from begleitforschung.estimation.blocks import Statistic
from begleitforschung.estimation.group_tests import OF_CODES
from begleitforschung.estimation.predictors import Predictor, predictors_of
from begleitforschung.results.base import Result
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.regression import Regression
from begleitforschung.results.significance import Significance
from begleitforschung.results.typology import TypologyResult

TestKey = tuple[str, str, str]
_RANKS = ("rank", "trend_rank")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carrier:
    """Sums that a result tells.

    Parameters
    ----------
    estimate : Estimate
        A table of them, not protected.
    rows : frozenset of int
        Its rows that the result tells.
    place : str
        Where in the result, such as ``q1 by staffel``.
    test : (str, str, str), optional
        Column, group and method of a test.
    """

    estimate: Estimate = field(repr=False)
    rows: frozenset[int]
    place: str
    test: TestKey | None = None


def carriers(result: Result) -> tuple[Carrier, ...]:
    """Return the sums that a result tells.

    Parameters
    ----------
    result : Result
        Not yet protected.

    Returns
    -------
    tuple of Carrier
        Of a test the table that it compares (of numbers, and of scores of a scale, their sums); of
        a regression the sum of the outcome over each category; of types the sum over all of them.
        None of results that tell no sums.

    Raises
    ------
    ValidationError
        Never for a result of its verb.
    """
    told = next((tell for kind, tell in _TOLD.items() if isinstance(result, kind)), None)
    return () if told is None else tuple(told(result))


def tells_sums(result: Result) -> bool:
    """Say whether a result is of a kind that tells sums of answers.

    Parameters
    ----------
    result : Result
        A result.

    Returns
    -------
    bool
        Whether it has `carriers`.
    """
    return isinstance(result, tuple(_TOLD))


def _carrier(made: Estimate, place: str, rows: Callable[[str, str], bool]) -> Carrier:
    """Keep the rows with cases whose answer and group a result tells."""
    records = made.table[["category", "domain", "n"]].itertuples(index=False, name=None)
    there = [at for at, (code, group, n) in enumerate(records) if n and rows(code, group)]
    return Carrier(estimate=made, rows=frozenset(there), place=place)


def _of_tests(result: Significance) -> Iterator[Carrier]:
    """Tell the answers, or the scores, by group; ranks of numbers tell no sum of them."""
    survey = result.survey
    if survey is None:
        return
    where = result.specification["where"]
    done: set[tuple[str, str, str]] = set()
    for row in result.rows():
        column, by, test = row["column"], row["by"], row["test"]
        codes = test in OF_CODES or test in _RANKS
        if test in _RANKS and not survey.codebook.item(column).coded:
            continue
        statistic: Statistic = "share" if codes else "mean"
        if (column, by, statistic) in done:
            continue
        done.add((column, by, statistic))
        bases = result.bases
        groups = set(bases.loc[(bases["column"] == column) & (bases["by"] == by), "group"])
        scored = not codes and survey.codebook.item(column).coded
        used = asked_of(survey, column, by_score=scored)
        cases = Cases(survey=survey, column=column, where=where, used=used)
        made = estimate_among(cases, statistic, by=by)
        found = _carrier(made, f"{column} by {by}", lambda _, group, of=groups: group in of)  # type: ignore[misc]
        yield replace(found, test=(column, by, test))


def _of_regression(result: Regression) -> Iterator[Carrier]:
    """Tell the sum of the outcome over all cases and over each category."""
    survey, said = result.survey, result.specification
    if survey is None:
        return
    (column,) = survey.columns_of(said["outcome"])
    item = survey.codebook.item(column)
    parts = predictors_of(survey, said["predictors"], said["as_numbers"], said["as_categories"])
    asked = asked_of(survey, column, by_score=item.coded and not said["event"])
    used = np.logical_and.reduce([asked, *(part.known for part in parts)])
    cases = Cases(survey=survey, column=column, where=said["where"], used=used)
    statistic: Statistic = "share" if said["event"] or item.kind == "multiple" else "mean"
    told = set(said["event"]) if len(item.answers) > 2 and item.kind != "multiple" else set()

    def tells(code: str, _group: str) -> bool:
        return not told or code in told

    yield _carrier(estimate_among(cases, statistic), column, tells)
    for part in parts:
        made = _by_predictor(cases, statistic, part)
        if made is not None:
            yield _carrier(made, f"{column} by {part.name}", tells)


def _by_predictor(cases: Cases, statistic: Statistic, part: Predictor) -> Estimate | None:
    """Break the outcome down by a predictor, if it has categories or is an option."""
    if part.numbers is None:
        return estimate_among(cases, statistic, by=part.name)
    used = part.numbers[cases.inside]
    if not np.isin(used, (0.0, 1.0)).all():
        return None
    labels = np.where(np.isnan(part.numbers), "", (part.numbers == 1.0).astype(int).astype(str))
    return estimate_among(cases, statistic, by=part.name, labels=labels, crossed=True)


def _of_types(result: TypologyResult) -> Iterator[Carrier]:
    """Tell the sum of each item over all types, which sizes and profiles add up to."""
    survey, said = result.survey, result.specification
    if survey is None:
        return
    columns = columns_of(survey, said["items"])
    coded = set(result.table.loc[result.table["category"] != "", "column"])
    each = [asked_of(survey, c, by_score=c not in coded) for c in columns]
    used = np.logical_and.reduce(each)
    for column in columns:
        cases = Cases(survey=survey, column=column, where=said["where"], used=used)
        statistic: Statistic = "share" if column in coded else "mean"
        yield _carrier(estimate_among(cases, statistic), column, lambda *_: True)


_TOLD: dict[type[Result], Callable[[Any], Iterator[Carrier]]] = {
    Significance: _of_tests,
    Regression: _of_regression,
    TypologyResult: _of_types,
}
