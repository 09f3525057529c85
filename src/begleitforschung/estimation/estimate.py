"""`estimate`: shares, means, totals, quantiles and ratios of questions, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.estimation.arguments import names_of, number_of, require_valid
from begleitforschung.estimation.blocks import Statistic, blocks_of, default_statistic
from begleitforschung.estimation.bounds import Interval
from begleitforschung.estimation.domains import (
    Domains,
    answers_among,
    chosen,
    everybody,
    grouped,
)
from begleitforschung.estimation.remarks import remarks_of
from begleitforschung.estimation.rows import Request, rows_of
from begleitforschung.estimation.signing import r_input
from begleitforschung.results.estimate import Estimate, estimate_table
from begleitforschung.results.published import Breakdown
from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.surveys import Survey, design, parse_filter

Base = Literal["respondents", "answers"]


def estimate(
    survey: Survey,
    question: str | Sequence[str],
    by: str | Sequence[str] | None = None,
    statistic: Statistic | None = None,
    *,
    prob: float = 0.5,
    denominator: str | None = None,
    weight_by: str | None = None,
    base: Base = "respondents",
    where: str | ArrayLike | None = None,
    interval: Interval = "auto",
    level: float = 0.95,
    total: bool = True,
    min_n: int = 10,
    allow_unprotected: bool = False,
) -> Estimate:
    """Estimate what a question says about the population.

    Without a design (`Survey.with_design`) answers are only counted: no standard errors, no
    intervals.

    Parameters
    ----------
    survey : Survey
        The survey.
    question : str or sequence of str
        Items or columns; of an array all its rows.
    by : str or sequence of str, optional
        Items or variables of the frame that figures are broken down by; several are crossed.
    statistic : str, optional
        ``share`` of each answer (default of coded questions), ``top2`` or ``bottom2`` (share of the
        two answers at an end of a scale), ``mean`` (default of numbers; of scales the mean of
        scores), ``median``, ``quantile`` (with `prob`), ``total`` (of coded questions
        the number of units with each answer; of numbers the weighted sum of the answers, a
        Hochrechnung being `begleitforschung.extrapolate`), ``ratio`` (total by total of
        `denominator`), ``variance`` or ``sd`` (in the population, with n - 1). Rankings: see
        `begleitforschung.ranking`.
    prob : float
        Probability of the quantile.
    denominator : str, optional
        Number by whose total that of the question is divided.
    weight_by : str, optional
        Number that each unit counts with in shares and means, e.g. its residents, for "Anteil der
        Einwohner" instead of "Anteil der Kommunen".
    base : {"respondents", "answers"}
        What shares of a multiple choice are shares of.
    where : str or array_like of bool, optional
        Cases that count, as a filter; the others stay in the variance.
    interval : str
        Interval of shares, see `bounds.of_shares`.
    level : float
        Level of confidence.
    total : bool
        Whether all cases together are a row too.
    min_n : int
        Bases with fewer cases are shown as counts, without percent.
    allow_unprotected : bool
        Whether a confidential result may be shown although no cells are suppressed. The result
        says so; personal ones are never shown.

    Returns
    -------
    Estimate
        The estimates.

    Raises
    ------
    UnknownCodeError
        If a question, variable or statistic is unknown.
    ValidationError
        If statistic and question do not fit, or a stratum has one answer and no rule says what
        that means.

    Examples
    --------
    With a survey of your own::

        bf.estimate(survey, "q1", by="groessenklasse").table
    """
    questions = names_of(question, "question")
    items = [survey.codebook.item(name) for name in questions]
    chosen_statistic = statistic or default_statistic(items)
    _check(chosen_statistic, denominator, weight_by, base)
    request = Request(
        statistic=chosen_statistic,
        prob=prob,
        interval=interval,
        level=level,
        per=_per(survey, denominator, weight_by),
        weighted=weight_by is not None,
        of_answers=base == "answers",
    )
    require_valid(request, min_n)
    domains = _domains(survey, by, chosen(survey, where), total=total)
    return assembled(
        survey,
        questions,
        domains,
        request,
        specification={
            "question": list(questions),
            "by": [by] if isinstance(by, str) else list(by or ()),
            "denominator": denominator,
            "weight_by": weight_by,
            "base": base,
            "where": filter_text(where),
            "min_n": min_n,
            **request.described(),
        },
        used=[*filter(None, (denominator, weight_by)), *filtered(where)],
        allow_unprotected=allow_unprotected,
    )


def assembled(
    survey: Survey,
    questions: Sequence[str],
    domains: Sequence[Domains],
    request: Request,
    *,
    specification: dict[str, object],
    used: Sequence[str],
    allow_unprotected: bool,
) -> Estimate:
    """Put the estimates of questions in domains together.

    Parameters
    ----------
    survey : Survey
        The survey.
    questions : sequence of str
        Items or columns.
    domains : sequence of Domains
        Breakdowns.
    request : Request
        What is estimated.
    specification : dict
        Parameters of the call.
    used : sequence of str
        Further variables that the figures depend on.
    allow_unprotected : bool
        See `estimate`.

    Returns
    -------
    Estimate
        The estimates, with provenance and labels.

    Raises
    ------
    ValidationError
        If the statistic does not fit a question, or there is no group.
    """
    _require_groups(domains)
    rows, blocks, inputs = [], [], []
    # without a design answers are counted only, also where there is one
    plan = survey.design or design(survey, weights=np.ones(len(survey)), single="certainty")
    for name in questions:
        statistic = request.statistic_for(survey.codebook.item(name))
        found = blocks_of(survey, name, statistic)
        blocks += found
        inputs += [r_input(block, found, survey, domains, request, plan) for block in found]
        for part in domains:
            rows += rows_of(found, survey, part, request, plan)
    named = [*questions, *used, *(name for part in domains for name in part.names)]
    node = survey.traced(answers_among(survey, named))
    return Estimate(
        table=estimate_table(rows),
        specification=specification,
        provenance=node.then("estimate", **specification, allow_unprotected=allow_unprotected),
        findings=(*survey.findings, *remarks_of(blocks, domains, plan, request.per)),
        questions={b.column: survey.codebook.label(b.column) for b in blocks},
        categories={
            (b.column, code): label
            for b in blocks
            for code, label in zip(b.categories, b.labels, strict=True)
        },
        domains={
            (part.by, key): label
            for part in domains
            for key, label in zip(part.keys, part.labels, strict=True)
        },
        units={b.column: _unit(survey, b.column, request.statistic) for b in blocks},
        design=survey.design,
        survey=survey,
        r_inputs=tuple(inputs),
        breakdowns=tuple(
            Breakdown(names=part.names, keys=part.keys, codes=part.codes) for part in domains
        ),
        allow_unprotected=allow_unprotected,
    )


def _require_groups(domains: Sequence[Domains]) -> None:
    if not any(part.keys for part in domains):
        named = ", ".join(dict.fromkeys(name for part in domains for name in part.names))
        raise ValidationError(
            f"there is no group by {named}, as no case has a value; leave by= out, or show all "
            "cases together beside it (total=True)"
        )


def _unit(survey: Survey, column: str, statistic: str | None) -> str:
    unit = survey.codebook.item(column).unit
    return f"({unit})²" if unit and statistic == "variance" else unit


def _domains(
    survey: Survey, by: str | Sequence[str] | None, inside: Mask | None, *, total: bool
) -> list[Domains]:
    """Return all cases together, where asked for, and the groups."""
    found = [everybody(survey, inside)] if total or by is None else []
    return found if by is None else [*found, grouped(survey, names_of(by, "by"), inside)]


def _check(statistic: str, denominator: str | None, weight_by: str | None, base: str) -> None:
    if base not in ("respondents", "answers"):
        raise UnknownCodeError(base, ("respondents", "answers"), "bases")
    if (statistic == "ratio") != (denominator is not None):
        raise ValidationError("a ratio needs denominator=, and nothing else takes it")
    if weight_by is not None and statistic not in ("share", "top2", "bottom2", "mean"):
        raise ValidationError("weight_by= goes with shares and means")
    if weight_by is not None and base == "answers":
        raise ValidationError('weight_by= goes with base="respondents"')


def _per(survey: Survey, denominator: str | None, weight_by: str | None) -> Floats | None:
    """Return the number that figures are divided or weighted by."""
    if denominator is not None:
        return number_of(survey, denominator, "denominator")
    return None if weight_by is None else number_of(survey, weight_by, "weight_by")


def filter_text(where: str | ArrayLike | None) -> str | None:
    """Return what specification and provenance say of a filter.

    Parameters
    ----------
    where : str or array_like of bool, optional
        The filter.

    Returns
    -------
    str, optional
        The filter itself; ``mask`` where cases are given, which may be secret.
    """
    return where if isinstance(where, str) or where is None else "mask"


def filtered(where: str | ArrayLike | None) -> tuple[str, ...]:
    """Return the columns that a filter uses.

    Parameters
    ----------
    where : str or array_like of bool, optional
        The filter.

    Returns
    -------
    tuple of str
        Columns; none where cases are given.

    Raises
    ------
    FormulaError
        If the filter can't be read.
    """
    return parse_filter(where).columns if isinstance(where, str) else ()
