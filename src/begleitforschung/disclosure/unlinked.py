"""Figures that are no plain sums of answers: spreads, quantiles, ratios, what a number weights.

Tables link sums of answers only. What else a figure tells is judged here, one figure at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from begleitforschung.disclosure.choosing import is_secret
from begleitforschung.disclosure.linking import Place
from begleitforschung.disclosure.policies import Policy
from begleitforschung.disclosure.structure import Floats, Ints, Secret
from begleitforschung.disclosure.telling import spread_tells, telling_count
from begleitforschung.estimation.arguments import number_of
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.protection import Hidden
from begleitforschung.results.published import EVERYBODY, Row
from begleitforschung.stats.suppression import contributions, p_percent
from begleitforschung.surveys import Survey

_SPREADS = ("variance", "sd")
_QUANTILES = ("median", "quantile")
_WEIGHTED = ("mean", "total")


def unlinked(
    results: Sequence[Estimate],
    secrets: Sequence[Sequence[Secret]],
    survey: Survey,
    policy: Policy,
    known: pd.DataFrame | None,
    partly: Collection[str],
) -> dict[Place, Hidden]:
    """Choose the rows to hide among those that are no plain sums.

    - Spreads and quantiles where the policy hides groups that tell and the cases are such a group.
    - A spread of numbers if it tells the largest to within p percent, as the sum of squares does if
      it tells the square of the largest to within (1 + p/100)² - 1 (p % rule, A. Hundepool et al.,
      Handbook on Statistical Disclosure Control, 2nd ed., sec. 4.2).
    - A spread of coded answers that tells a count of 1 or 2 beside their mean (`spread_tells`);
      then all groups of that table, as sums of squares are differences of each other.
    - A quantile of numbers with fewer cases on one side than half of the smallest base: it is, or
      is next to, a single answer at the end, such as the largest.
    - A ratio to a secret number and sums of numbers with weights where one case dominates them;
      then all groups of that table, as they are differences of each other.

    Parameters
    ----------
    results : sequence of Estimate
        Not yet protected.
    secrets : sequence of sequence of Secret
        What they add up.
    survey : Survey
        The survey.
    policy : Policy
        The policy.
    known : pandas.DataFrame of bool, optional
        Answers that were released.
    partly : collection of str
        Columns of which sums are hidden.

    Returns
    -------
    dict
        Estimate and row: why it is hidden.
    """
    found: dict[Place, Hidden] = {}
    for number, (result, made) in enumerate(zip(results, secrets, strict=True)):
        for secret in made:
            look = _Look(result, secret, survey, policy, known, partly)
            found |= {(number, at): why for at, why in look.hidden().items()}
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """The rows of one result about one column."""

    result: Estimate
    secret: Secret = field(repr=False)
    survey: Survey = field(repr=False)
    policy: Policy
    known: pd.DataFrame | None = field(repr=False)
    partly: Collection[str]

    def hidden(self) -> dict[int, Hidden]:
        """Return the rows to hide."""
        found: dict[int, Hidden] = {}
        apart = False
        for row in self.secret.rows.rows:
            cases = self._cases(row)
            statistic = str(self.result.table.at[row.at, "statistic"])
            if len(cases) and self._single(statistic, cases):
                found[row.at] = "hidden"
            elif len(cases) and (
                any(self._dominated(statistic, cases)) or self._exact(statistic, cases, row)
            ):
                found[row.at], apart = "hidden", True
        for row in self.secret.rows.rows if apart else ():
            if self.result.table.at[row.at, "by"]:
                found[row.at] = "hidden"
        if self._denominator() in self.partly:
            found |= {row.at: "hidden" for row in self.secret.rows.rows}
        return found

    def _cases(self, row: Row) -> Ints:
        rows = self.secret.rows
        inside = rows.groups[row.group] & rows.answered
        if row.part != EVERYBODY:
            inside = inside & (self.secret.parts[row.partition] == row.part)
        if self.known is not None:
            inside = inside & ~self.known[rows.column].to_numpy(np.bool_)
        return np.flatnonzero(inside)

    def _single(self, statistic: str, cases: Ints) -> bool:
        """Say whether a spread or quantile tells single answers."""
        if statistic not in (*_SPREADS, *_QUANTILES):
            return False
        coded = bool(self.secret.rows.answers)
        codes = self.secret.codes[cases].astype(np.float64)
        values = codes if coded else self.secret.values[cases]
        sensitive = self.survey.codebook.item(self.secret.rows.column).sensitive
        if self.policy.telling == "all" or (self.policy.telling == "sensitive" and sensitive):
            alike = np.unique(values, return_counts=True)[1].max()
            if alike >= telling_count(len(cases), self.policy.spare):
                return True
        if coded:
            return False
        if statistic in _SPREADS:
            p = self.policy.p_percent
            wide = None if p is None else 100.0 * ((1.0 + p / 100.0) ** 2 - 1.0)
            return self._dominates(values**2, cases, wide)
        prob = 0.5 if statistic == "median" else float(self.result.specification["prob"])
        return len(cases) * min(prob, 1.0 - prob) < self.policy.min_base / 2

    def _exact(self, statistic: str, cases: Ints, row: Row) -> bool:
        """Say whether the spread of coded answers tells a small count, beside their mean."""
        answers = len(self.secret.rows.answers)
        if statistic not in _SPREADS or not answers:
            return False
        counts = np.bincount(self.secret.codes[cases], minlength=answers)
        return spread_tells(counts, self.policy.smallest_count(crossed=row.crossed))

    def _dominated(self, statistic: str, cases: Ints) -> Iterator[bool]:
        """Say of ratios and weighted figures whether one case dominates them."""
        weights = self._weights()[cases]
        p, values = self.policy.p_percent, self.secret.values[cases]
        if name := self._denominator():
            yield self._dominates(number_of(self.survey, name, "denominator")[cases], cases, p)
        if not self.secret.rows.answers:
            uneven = bool(np.ptp(weights) > 0) and statistic in (*_WEIGHTED, "ratio")
            yield uneven and self._dominates(weights * values, cases, p)

    def _dominates(self, values: Floats, cases: Ints, percent: float | None) -> bool:
        if percent is None or percent >= 100:
            return False
        there = ~np.isnan(values)
        codes = pd.factorize(self.survey.cases["unit"].iloc[cases[there]])[0].astype(np.int64)
        codes = np.where(codes < 0, codes.max(initial=-1) + 1 + np.arange(len(codes)), codes)
        given = contributions(np.zeros(len(codes)), values[there], codes)
        return bool(len(codes)) and bool(p_percent(given, 1, percent).unsafe[0])

    def _weights(self) -> Floats:
        name = self.result.specification.get("weight_by")
        more = 1.0 if not name else number_of(self.survey, str(name), "weight_by")
        return np.nan_to_num(self.secret.rows.weights * more)

    def _denominator(self) -> str:
        """Return the denominator of a ratio if it is secret."""
        name = str(self.result.specification.get("denominator") or "")
        declared = {*self.survey.codebook.columns()}
        return name if name in declared and is_secret(self.survey.codebook.item(name)) else ""


def bare_shares(
    results: Sequence[Estimate], secrets: Sequence[Sequence[Secret]], hidden: Collection[Place]
) -> frozenset[Place]:
    """Return the rows whose share is left out, as it tells the sum of all options.

    Shares of answers are counts by the number of answers to all options of a multiple choice; if
    one of them is hidden anywhere, they give it back. The counts stay.

    Parameters
    ----------
    results : sequence of Estimate
        Not yet protected.
    secrets : sequence of sequence of Secret
        What they add up.
    hidden : collection of (int, int)
        Rows that are hidden.

    Returns
    -------
    frozenset of (int, int)
        Estimate and row.
    """

    def item_of(number: int, column: str) -> str:
        return results[number].survey.codebook.item(column).id

    places = [
        (number, secret.rows.column, row.at)
        for number, made in enumerate(secrets) for secret in made for row in secret.rows.rows
    ]  # fmt: skip
    partly = {item_of(number, column) for number, column, at in places if (number, at) in hidden}
    return frozenset(
        (number, at)
        for number, column, at in places
        if results[number].specification.get("base") == "answers"
        and item_of(number, column) in partly
    )
