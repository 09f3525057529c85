"""Tests, models, scales and the like: shown as a whole where enough units are behind each row.

Rule of the output checking of research data centres: so many units behind every figure, and so many
residual degrees of freedom that the model does not repeat single answers (Handbook, ch. 4; policy:
``model_units``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from begleitforschung.disclosure.digits import as_printed, tests_as_printed
from begleitforschung.disclosure.masking import without_answers
from begleitforschung.disclosure.policies import Policy, load_policy
from begleitforschung.disclosure.positions import edition_of
from begleitforschung.disclosure.telling import telling_count
from begleitforschung.display.numbers import is_missing
from begleitforschung.errors import DisclosureError
from begleitforschung.results.base import Result
from begleitforschung.results.coder_agreement import CoderAgreement
from begleitforschung.results.codes import CodeFrequencies
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.extrapolation import Extrapolation
from begleitforschung.results.factors import FactorResult
from begleitforschung.results.fieldwork import Delegation
from begleitforschung.results.nonresponse import NonresponseModel
from begleitforschung.results.protection import Protection
from begleitforschung.results.ranking import Ranking
from begleitforschung.results.regression import Regression
from begleitforschung.results.scale import ScaleResult
from begleitforschung.results.significance import Significance
from begleitforschung.results.typology import TypologyResult
from begleitforschung.results.wave_change import WaveChange
from begleitforschung.results.wave_trend import WaveTrend
from begleitforschung.results.weights import WeightReport
from begleitforschung.surveys import Survey

_Any = TypeVar("_Any", bound=Result)
_Named = Iterator[tuple[str, float]]
_OF_ESTIMATES = (Estimate, Extrapolation, WaveTrend, WaveChange, Ranking)
_FREEDOM = 10  # residual degrees of freedom behind a model
_SHOWN = 5
_PRINTED = 2  # decimals of means and shares of types


def _none(_result: Any) -> _Named:
    yield from ()


def _nothing(_result: Any) -> dict[str, Any]:
    return {}


def _unanswered(_result: Any) -> dict[str, Any]:
    return {"survey": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What is looked at in one kind of result, and what is taken out of it."""

    bases: Callable[[Any], _Named]
    freedom: Callable[[Any], _Named] = _none
    spread: Callable[[Any], _Named] = _none
    taken_out: Callable[[Any], dict[str, Any]] = _nothing
    counts: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


def require_many(result: Result, policy: Policy | None, behind: _Named) -> Policy:
    """Refuse a test, model or scale with too few units behind a row of it.

    Results of shares and counts that are not linked with tables (codes, delegation) are
    shown for all cases together only, and by the rules of ``strict``: no count of 1 or 2, and not
    all, or all but one, alike.

    Parameters
    ----------
    result : Result
        Confidential, not yet protected.
    policy : Policy, optional
        What its answers need, or was asked for; it must ask for as many units as ``strict``, which
        is the default.
    behind : iterator of (str, float)
        Municipalities behind each sum that it tells.

    Returns
    -------
    Policy
        The policy by which it is judged.

    Raises
    ------
    DisclosureError
        If too few units are behind a row, or the kind can't be protected; names rows by position
        and says what to do.
    """
    name = type(result).__name__
    kind = _kind(result)
    if kind is None or result.confidentiality == "personal":
        raise DisclosureError(
            f"a confidential {name} can't be protected. Totals, means and shares: bf.estimate or "
            "bf.cross_table, which are hidden cell by cell"
        )
    rule = _rule(policy, alone=bool(kind.counts))
    found = [
        *_too_few(kind.bases(result), rule.model_units, "units"),
        *_too_few(behind, rule.model_units, "units"),
        *_too_few(kind.freedom(result), _FREEDOM, "residual degrees of freedom"),
        *(f"{place}: all gave one answer" for place, spread in kind.spread(result) if spread == 0),
        *_of_counts(result, kind, rule),
    ]
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise DisclosureError(
            f"this {name} tells too much of single answers: {'; '.join(found[:_SHOWN])}{more}. "
            "Join groups or classes, leave out the variable that makes them, or take fewer "
            "predictors or types"
        )
    return rule


def is_whole(result: Result) -> bool:
    """Say whether a result is no estimate and not made of some: its rows are judged by their units.

    Parameters
    ----------
    result : Result
        A result.

    Returns
    -------
    bool
        False for estimates, extrapolations, trends, changes and rankings.
    """
    return not isinstance(result, _OF_ESTIMATES)


def _kind(result: Result) -> _Kind | None:
    return next((of for type_, of in _KINDS.items() if isinstance(result, type_)), None)


def _rule(policy: Policy | None, *, alone: bool) -> Policy:
    strict = load_policy("strict")
    if policy is not None and policy.model_units < strict.model_units:
        raise DisclosureError(
            f"the policy {policy.id!r} asks for fewer units behind a model than 'strict' "
            "(model_units); leave policy= out"
        )
    return policy if policy is not None and not (alone and policy.weaker_than(strict)) else strict


def _too_few(rows: _Named, least: int, what: str) -> Iterator[str]:
    for place, value in rows:
        if not is_missing(value) and value < least:
            yield f"{place} has fewer than {least} {what}"


def _of_counts(result: Result, kind: _Kind, policy: Policy) -> Iterator[str]:
    """Name the rows whose counts, or whose group, must not be shown."""
    table = result.table
    if not kind.counts:
        return
    for name in ("by", "group"):
        if name in table.columns and table[name].astype(str).nunique() > 1:
            yield "it has groups; leave by= out (bf.estimate is protected group by group)"
            return
    base = "answered" if isinstance(result, Delegation) else "n"
    for at, row in enumerate(table.to_dict("records")):
        for name in kind.counts:
            if is_missing(row.get(name)):
                continue
            value = float(row[name])
            few = 0 < value < policy.smallest_count(crossed=False)
            if few or value >= telling_count(int(row[base]), policy.spare):
                yield f"row {at}, {name}: too few, or all but {policy.spare} alike"


def passed(result: _Any, policy: Policy) -> _Any:
    """Return a result as it may be shown: the digits that are printed, and no answers.

    Parameters
    ----------
    result : Result
        Confidential, of a kind that `require_many` accepts.
    policy : Policy
        The policy by which it was judged.

    Returns
    -------
    Result
        The same figures.
    """
    kind = _kind(result)
    assert kind is not None
    survey = getattr(result, "survey", None)
    protection = Protection(
        policy=policy.id,
        version=policy.version,
        title=policy.title.text,
        rule=policy.rule.text,
        cells=len(result.table),
        hidden=0,
        min_base=policy.model_units,
        min_count=policy.min_count,
        min_count_crossed=policy.min_count_crossed,
        edition=edition_of(survey) if isinstance(survey, Survey) else None,
        known=isinstance(survey, Survey) and survey.registry is not None,
    )
    node = result.provenance.then(
        "protect", policy=policy.id, version=policy.version, model_units=policy.model_units
    )
    taken = kind.taken_out(result)
    if kind.figures:
        shown = {name: taken.get(name, getattr(result, name)) for name in kind.figures}
        taken |= {name: as_printed(table) for name, table in shown.items()}
    return replace(result, protected=True, protection=protection, provenance=node, **taken)


def _column(table: pd.DataFrame, name: str, what: str = "row") -> _Named:
    """Yield the numbers of a column by row."""
    for at, value in enumerate(table[name]):
        yield f"{what} {at}", np.nan if is_missing(value) else float(value)


def _tests(result: Significance) -> _Named:
    yield from _column(result.table, "n_min")
    yield from _column(result.bases, "n", "group")


def _test_freedom(result: Significance) -> _Named:
    for place, value in _column(result.table, "ddf"):
        if np.isfinite(value):
            yield place, value


def _regression_freedom(result: Regression) -> _Named:
    yield from _column(result.table, "df")
    fitted = int((result.table["role"] != "reference").sum())
    yield "the model", float(result.n - fitted)


def _regression_rows(result: Regression) -> _Named:
    yield "the model", float(result.n)
    yield from _column(result.table, "n")


def _classes(result: NonresponseModel) -> _Named:
    yield from _column(result.table, "answered")


def _types_as_printed(result: TypologyResult) -> dict[str, Any]:
    """Leave the digits that are printed: exact means times sizes tell who is in a type."""
    table, sizes = result.table.copy(), result.sizes.copy()
    for name in ("value", "standardised"):
        table[name] = table[name].round(_PRINTED)
    sizes["share"] = sizes["share"].round(_PRINTED)
    return {"table": table, "sizes": sizes, "survey": None}


def _unlabelled(result: NonresponseModel) -> dict[str, Any]:
    """Leave how many answered, and not who."""
    said = pd.Series(np.sort(result.answered.to_numpy(bool))[::-1], name="answered")
    return {"answered": said, "propensities": result.propensities.iloc[:0]}


_KINDS: dict[type[Result], _Kind] = {
    Significance: _Kind(
        bases=_tests,
        freedom=_test_freedom,
        taken_out=lambda result: {
            "table": tests_as_printed(result.table, result.shares),
            "survey": None,
        },
    ),
    Regression: _Kind(
        bases=_regression_rows,
        freedom=_regression_freedom,
        spread=lambda result: _column(result.table, "se"),
        taken_out=lambda result: {"dropped": result.dropped.iloc[:0], "survey": None},
        figures=("table", "tests"),
    ),
    ScaleResult: _Kind(
        bases=lambda result: _column(result.table, "n"),
        spread=lambda result: _column(result.table, "sd"),
        taken_out=lambda result: {
            "survey": without_answers(result.survey),
            "scores": result.scores.iloc[:0],
        },
    ),
    FactorResult: _Kind(
        bases=lambda result: _column(result.table, "n"),
        freedom=lambda result: iter([("the model", result.n - result.table["column"].nunique())]),
        taken_out=_unanswered,
    ),
    TypologyResult: _Kind(
        bases=lambda result: _column(result.sizes, "n", "type"), taken_out=_types_as_printed
    ),
    NonresponseModel: _Kind(
        bases=_classes,
        freedom=lambda result: iter([("the model", len(result.answered) - len(result.table))]),
        taken_out=_unlabelled,
    ),
    WeightReport: _Kind(bases=lambda result: _column(result.table, "n")),
    CodeFrequencies: _Kind(bases=lambda result: _column(result.table, "n"), counts=("cases",)),
    CoderAgreement: _Kind(bases=lambda result: iter([("the result", float(result.cases))])),
    Delegation: _Kind(
        bases=lambda result: _column(result.table, "answered"),
        counts=("in_person", "delegated", "unknown"),
    ),
}
