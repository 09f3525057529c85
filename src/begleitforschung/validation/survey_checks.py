"""The rules of surveys, checked: which cases break them, in which column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.errors import Finding, UnknownCodeError, rows_concerned
from begleitforschung.surveys import Survey, parse_filter, schema_of
from begleitforschung.surveys.survey import ESTIMATED, NO_ANSWER
from begleitforschung.validation.rules import RatioRule, SumOfPartsRule
from begleitforschung.validation.survey_rules import (
    BoundsRule,
    FilterRule,
    ImplicationRule,
    MandatoryRule,
    SpeedersRule,
    StraightLinesRule,
    SurveyRule,
)

Mask = NDArray[np.bool_]
Broken = Iterator[tuple[str, Mask]]


def check_rule(survey: Survey, rule: SurveyRule) -> list[Finding]:
    """Check one rule.

    Parameters
    ----------
    survey : Survey
        The survey.
    rule : SurveyRule
        The rule.

    Returns
    -------
    list of Finding
        One for each column, with the rows of the cases that break it and without values.

    Raises
    ------
    UnknownCodeError
        If the rule names a column that the survey does not have.
    """
    for name in rule.named:
        if name not in survey.responses.columns:
            what = f"columns of the survey (rule {rule.id!r})"
            raise UnknownCodeError(name, survey.responses.columns, what)
    found = _CHECKS[type(rule)](survey, rule)
    return [_finding(survey, rule, column, mask) for column, mask in found if mask.any()]


def _finding(survey: Survey, rule: SurveyRule, column: str, mask: Mask) -> Finding:
    rows = survey.cases["row"].to_numpy()[mask]
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        text=rule.text.text,
        hint=rule.hint.text,
        file=survey.cases["file"].iloc[0],
        row=int(rows.min()),
        column=column or None,
        n=len(rows),
        rows=rows_concerned(rows),
    )


def _bounds(survey: Survey, _: BoundsRule) -> Broken:
    from pandera.errors import SchemaErrors

    # The index is the position of the case, which pandera gives back.
    try:
        schema_of(survey.codebook).validate(survey.responses, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        for column, failed in cases.groupby("column", sort=False):
            mask = np.zeros(len(survey), dtype=bool)
            mask[failed["index"].dropna().astype(int).to_numpy()] = True
            yield str(column), mask


def _filter(survey: Survey, _: FilterRule) -> Broken:
    for column in survey.responses.columns:
        text = survey.codebook.item(column).filter
        asked = _asked(survey, text)
        if asked is not None:
            yield column, ~asked & (survey.status[column].to_numpy() <= ESTIMATED)


def _asked(survey: Survey, text: str) -> Mask | None:
    if not text:
        return None
    parsed = parse_filter(text)
    if not set(parsed.columns) <= set(survey.responses.columns):
        return None
    return parsed.mask(survey.responses.__getitem__, len(survey))


def _mandatory(survey: Survey, _: MandatoryRule) -> Broken:
    complete = survey.cases["complete"].to_numpy(bool)
    for item in survey.codebook.items:
        columns = [name for name in item.columns if name in survey.responses.columns]
        if item.mandatory and columns:
            silent = (survey.status[columns].to_numpy() == NO_ANSWER).all(axis=1)
            yield item.id, silent & complete


def _speeders(survey: Survey, rule: SpeedersRule) -> Broken:
    seconds = survey.cases["seconds"].to_numpy(float)
    timed = survey.cases["complete"].to_numpy(bool) & (seconds > 0)
    if timed.sum() >= rule.least:
        yield "", timed & (seconds <= rule.share_of_median * np.median(seconds[timed]))


def _straight_lines(survey: Survey, rule: StraightLinesRule) -> Broken:
    for item in survey.codebook.items:
        columns = [name for name in item.columns if name in survey.responses.columns]
        if item.kind != "array" or not item.coded or len(columns) < rule.rows:
            continue
        codes = np.column_stack([survey.responses[name].cat.codes for name in columns])
        answered = codes >= 0
        highest = codes.max(axis=1)
        lowest = np.where(answered, codes, np.iinfo(np.int8).max).min(axis=1)
        yield item.id, (highest == lowest) & (answered.sum(axis=1) >= rule.rows)


def _implication(survey: Survey, rule: ImplicationRule) -> Broken:
    lookup, n = survey.responses.__getitem__, len(survey)
    when = parse_filter(rule.when).mask(lookup, n)
    yield ", ".join(rule.named), when & ~parse_filter(rule.then).mask(lookup, n)


def _sum_of_parts(survey: Survey, rule: SumOfPartsRule) -> Broken:
    total = np.sum([_numbers(survey, name) for name in rule.parts], axis=0)
    whole = rule.total if rule.whole is None else _numbers(survey, rule.whole)
    allowed = np.maximum(rule.tolerance, rule.relative_tolerance * np.abs(np.asarray(whole, float)))
    with np.errstate(invalid="ignore"):
        yield ", ".join(rule.named), np.abs(total - whole) > allowed


def _ratio(survey: Survey, rule: RatioRule) -> Broken:
    above, below = _numbers(survey, rule.numerator), _numbers(survey, rule.denominator)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = above / below
        low = ratio < rule.min if rule.min is not None else np.zeros(len(ratio), dtype=bool)
        high = ratio > rule.max if rule.max is not None else np.zeros(len(ratio), dtype=bool)
    yield ", ".join(rule.named), np.asarray(low | high)


def _numbers(survey: Survey, column: str) -> NDArray[np.float64]:
    return survey.scores(column)[:, 0]


_CHECKS: dict[type, Callable[[Survey, Any], Broken]] = {
    BoundsRule: _bounds,
    FilterRule: _filter,
    MandatoryRule: _mandatory,
    SpeedersRule: _speeders,
    StraightLinesRule: _straight_lines,
    ImplicationRule: _implication,
    SumOfPartsRule: _sum_of_parts,
    RatioRule: _ratio,
}
