"""Rows of the tidy table: estimates, intervals, bases and missings of one question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from begleitforschung.estimation.blocks import Block, Statistic, default_statistic
from begleitforschung.estimation.bounds import (
    Bounds,
    Counted,
    Interval,
    extremes,
    of_shares,
    symmetric,
    where_complete,
    with_exact,
)
from begleitforschung.estimation.domains import Domains
from begleitforschung.estimation.figures import Figures, figures_of, plain_where
from begleitforschung.stats import sampling
from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.surveys import STATUSES, Design, Item, Survey

_OF_DESIGNS = ("se", "low", "high", "df", "deff", "count_low", "count_high")
_SHARES = ("share", "top2", "bottom2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is estimated.

    Parameters
    ----------
    statistic : str, optional
        One of `STATISTICS`; by default that of the kind of question.
    prob : float
        Probability of a quantile.
    interval : str
        Interval of shares.
    level : float
        Level of confidence.
    per : numpy.ndarray, shape (n,), optional
        Denominator of a ratio, or what each case counts with.
    weighted : bool
        Whether `per` is the latter.
    of_answers : bool
        Whether shares of a multiple choice are shares of the answers given.
    """

    statistic: Statistic | None
    prob: float = 0.5
    interval: Interval = "auto"
    level: float = 0.95
    per: Floats | None = None
    weighted: bool = False
    of_answers: bool = False

    def described(self) -> dict[str, object]:
        """Return what a specification says about it.

        Returns
        -------
        dict
            Statistic, probability, interval and level.
        """
        names = ("statistic", "prob", "interval", "level")
        return {name: getattr(self, name) for name in names}

    def statistic_for(self, item: Item) -> Statistic:
        """Return what is estimated of a question.

        Parameters
        ----------
        item : Item
            The question.

        Returns
        -------
        str
            One of `STATISTICS`.

        Raises
        ------
        ValidationError
            If the question has texts or dates.
        """
        return self.statistic or default_statistic([item])


def rows_of(
    blocks: Sequence[Block],
    survey: Survey,
    domains: Domains,
    request: Request,
    plan: Design,
) -> list[dict[str, Any]]:
    """Return the rows of one question in one breakdown.

    Parameters
    ----------
    blocks : sequence of Block
        Values of the question's columns.
    survey : Survey
        The survey.
    domains : Domains
        The breakdown.
    request : Request
        What is estimated.
    plan : Design
        The survey's design, or equal weights where it has none.

    Returns
    -------
    list of dict
        One for each answer in each domain, keys as the columns of `Estimate.table`.

    Raises
    ------
    ValidationError
        If a stratum has one answer and the rule is to fail.
    """
    if not domains.keys:  # nobody answered what the groups are made of
        return []
    answers = answers_given(blocks, survey, request)
    rows = []
    for block in blocks:
        rows += _rows(block, survey, domains, request, plan, answers)
    return rows


def answers_given(blocks: Sequence[Block], survey: Survey, request: Request) -> Floats | None:
    """Return how many answers each case gave, where shares are shares of answers.

    Parameters
    ----------
    blocks : sequence of Block
        Values of the question's columns.
    survey : Survey
        The survey.
    request : Request
        What is estimated.

    Returns
    -------
    numpy.ndarray, shape (n,), optional
        Numbers of answers; nothing where shares are shares of respondents.

    Raises
    ------
    UnknownCodeError
        If the codebook does not know the column.
    """
    if request.of_answers and survey.codebook.item(blocks[0].column).kind == "multiple":
        given: Floats = np.column_stack([b.values[:, 0] for b in blocks]).sum(axis=1)
        return given
    return None


def _rows(
    block: Block,
    survey: Survey,
    domains: Domains,
    request: Request,
    plan: Design,
    answers: Floats | None,
) -> list[dict[str, Any]]:
    item = survey.codebook.item(block.column)
    statistic = request.statistic_for(item)
    used = block
    per = answers if answers is not None else request.per
    if answers is None and request.weighted and per is not None:
        used = replace(block, values=block.values * per[:, None])
    found = figures_of(
        used, statistic, domains, plan, prob=request.prob, per=per, level=request.level
    )
    counted = _counted(block, domains, plan, plain=per is None)
    whole = _whole(found, counted, plan)
    if whole.any():
        found = plain_where(
            whole, found, used, statistic, domains, plan, prob=request.prob, per=per
        )
    bounds = _interval(found, counted, plan, request, statistic, coded=item.coded)
    bounds = where_complete(bounds, found, whole)
    low, high = extremes(counted, found.n, found.values.shape)
    frame = _arrays(found, bounds)
    frame |= {"count": counted.hits, "worst_low": low, "worst_high": high}
    if statistic not in _SHARES or per is not None or plan.kind == "sample":
        frame |= {name: np.full(low.shape, np.nan) for name in ("worst_low", "worst_high")}
    if survey.design is None:
        frame |= {name: np.full(low.shape, np.nan) for name in _OF_DESIGNS}
        frame["method"] = np.full(low.shape, "", dtype=object)
    bases = _bases(block, domains, counted, plan, designed=survey.design is not None)
    return [
        {
            "question": item.id,
            "column": block.column,
            "statistic": statistic,
            "category": code,
            "by": domains.by,
            "domain": key,
            **{name: values[d, k] for name, values in frame.items()},
            **{name: values[d] for name, values in bases.items()},
        }
        for k, code in enumerate(block.categories)
        for d, key in enumerate(domains.keys)
    ]


def _interval(
    found: Figures,
    counted: Counted,
    plan: Design,
    request: Request,
    statistic: str,
    *,
    coded: bool,
) -> Bounds:
    """Return intervals by the kind of statistic: of shares, of numbers of units, of the rest."""
    if statistic in _SHARES:
        return of_shares(found, counted, plan, request.interval, request.level)
    bounds = symmetric(found, request.level)
    if statistic == "total" and coded:
        return with_exact(bounds, found, counted, request.level, totals=True)
    return bounds


def _whole(found: Figures, counted: Counted, plan: Design) -> Mask:
    """Say where all units of a domain answered."""
    whole: Mask = found.n == np.broadcast_to(counted.population, found.n.shape)
    return whole & (found.n > 0) & (plan.finite and plan.as_drawn and plan.kind != "sample")


def _arrays(found: Figures, bounds: Bounds) -> dict[str, np.ndarray]:
    """Return what depends on answer and domain."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (found.sizes - found.n) / found.sizes
        plain = found.spread / found.n * np.where(share < 0, np.nan, share)
        deff = np.where(plain > 0, found.variances / plain, np.nan)
        se = np.sqrt(np.maximum(found.variances, 0))
    return {
        "estimate": np.where(found.n > 0, found.values, np.nan),
        "se": np.where(found.n > 0, se, np.nan),
        "low": bounds.low,
        "high": bounds.high,
        "df": found.df,
        "n": found.n,
        "deff": deff,
        "method": bounds.method,
        "count_low": bounds.count_low,
        "count_high": bounds.count_high,
    }


def _counted(block: Block, domains: Domains, plan: Design, *, plain: bool) -> Counted:
    """Count hits by domain, and say where exact counts hold."""
    shape = (len(domains.keys), block.values.shape[1])
    hits = np.zeros(shape, dtype=np.int64)
    skipped = np.zeros(shape[0], dtype=np.bool_)
    for d in range(shape[0]):
        rows = domains.codes == d
        hits[d] = (block.values[rows] == 1).sum(axis=0)
        skipped[d] = bool((rows & ~block.asked).any())
    size = np.where(skipped, np.nan, domains.population)
    sample = plan.sample
    simple = isinstance(sample, sampling.Design) and sample.stages[0].rows_are_units
    exact = domains.one_stratum & (simple and plan.finite and plan.as_drawn and plain)
    return Counted(hits=hits, population=size[:, None], exact=exact[:, None])


def _bases(
    block: Block, domains: Domains, counted: Counted, plan: Design, *, designed: bool
) -> dict[str, np.ndarray]:
    """Return population, cases and missings of each domain."""
    count = len(domains.keys)
    rows = domains.codes >= 0
    at = domains.codes[rows]
    asked = block.asked[rows]
    by_status = np.zeros((count, len(STATUSES)), dtype=np.int64)
    np.add.at(by_status, (at, block.status[rows]), 1)
    estimated = np.bincount(at, plan.sample.weights[rows] * asked, count)
    known = counted.population[:, 0]
    size = np.where(np.isnan(known), estimated, known) if designed else np.full(count, np.nan)
    missing: dict[str, np.ndarray] = {
        str(name): by_status[:, STATUSES.index(name)] for name in STATUSES[1:]
    }
    return {"N": size, "N_known": ~np.isnan(known), **missing}
