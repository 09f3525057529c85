"""Decide how columns are treated for outliers: check, first treatment, check, second treatment.

A column that fails the outlier rule is winsorised (or transformed) first; if it still fails, the
second treatment acts on its original values, or on what the first made of it if they are combined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.transforms import (
    Transform,
    UndefinedTransformError,
    fit_transform,
)
from begleitforschung.stats.indices.treatments import ColumnPlan, Stop, Treatment
from begleitforschung.stats.indices.winsorise import Check, Step, passes, winsorise_path
from begleitforschung.stats.moments import column_moments, skewness_kurtosis

Floats = NDArray[np.float64]

Plan = tuple[ColumnPlan, ...]
Treatments = Treatment | None | Sequence[Treatment | None]
DEFAULT: Final = Treatment()


def plan_treatment(reference: ArrayLike, treatment: Treatments = DEFAULT) -> Plan:
    """Decide how each column is treated.

    Parameters
    ----------
    reference : array_like, shape (n, p)
        Values that decide, NaN where missing.
    treatment : Treatment or sequence of Treatment
        For all columns, or one for each; None leaves a column as it is.

    Returns
    -------
    tuple of ColumnPlan
        One for each column.

    Raises
    ------
    UndefinedTransformError
        If a transformation is not defined for some columns; its `columns` says which and why.
    ValueError
        If there is not one treatment for each column.

    Examples
    --------
    >>> plan = plan_treatment([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [99.0]])
    >>> plan[0].upper, plan[0].high, plan[0].result.passes
    (6.0, 1, True)
    """
    return _plans(np.asarray(reference, np.float64), treatment, None)[0]


def plan_treatments(
    reference: ArrayLike, winmax: Sequence[int | None], treatment: Treatments = DEFAULT
) -> tuple[Plan, ...]:
    """Decide for several limits of winsorisation in one go.

    The path of winsorisation is walked once. Columns whose `ColumnPlan.action` is equal in two
    plans need not be computed twice.

    Parameters
    ----------
    reference : array_like, shape (n, p)
        Values that decide, NaN where missing.
    winmax : sequence of int or None
        Limits in place of those of `treatment`.
    treatment : Treatment or sequence of Treatment
        For all columns, or one for each; None leaves a column as it is.

    Returns
    -------
    tuple of tuple of ColumnPlan
        One plan for each limit.

    Raises
    ------
    UndefinedTransformError
        If a transformation is not defined for some columns; its `columns` says which and why.
    ValueError
        If there is not one treatment for each column, or a limit is negative.
    """
    if any(limit is not None and limit < 0 for limit in winmax):
        raise ValueError("winmax is a number of values, or None for no limit")
    return _plans(np.asarray(reference, np.float64), treatment, tuple(winmax))


def _plans(
    reference: Floats, treatment: Treatments, winmax: tuple[int | None, ...] | None
) -> tuple[Plan, ...]:
    """Plan all columns for each limit; only columns that fail are looked at one by one."""
    skewness, kurtosis = skewness_kurtosis(reference)
    each: tuple[Treatment | None, ...]
    if treatment is None or isinstance(treatment, Treatment):
        each = (treatment,) * reference.shape[1]
    else:
        each = tuple(treatment)
    if len(each) != reference.shape[1]:
        raise ValueError(f"{len(each)} treatments do not fit {reference.shape[1]} columns")
    found: list[list[ColumnPlan]] = []
    problems: dict[int, str] = {}
    for j, wanted in enumerate(each):
        before = _check(float(skewness[j]), float(kurtosis[j]), wanted or DEFAULT)
        limits = ((wanted or DEFAULT).winmax,) if winmax is None else winmax
        if wanted is None or (before.passes and not wanted.force):
            found.append([ColumnPlan(before=before)] * len(limits))
            continue
        try:
            found.append(_Column(reference[:, j].copy(), wanted, before).plans(limits))
        except UndefinedTransformError as problem:
            problems[j] = str(problem)
    if problems:
        raise UndefinedTransformError("a transformation is not defined for some columns", problems)
    variants = 1 if winmax is None else len(winmax)
    return tuple(zip(*found, strict=True)) if found else ((),) * variants


def _check(skewness: float, kurtosis: float, treatment: Treatment) -> Check:
    limits = treatment.skewness_limit, treatment.kurtosis_limit
    return Check(skewness, kurtosis, passes(skewness, kurtosis, *limits))


class _Column:
    """One column that is to be treated."""

    def __init__(self, values: Floats, treatment: Treatment, before: Check) -> None:
        self.values, self.treatment, self.before = values, treatment, before
        self._fitted: tuple[Transform, Check] | None = None

    def plans(self, limits: tuple[int | None, ...]) -> list[ColumnPlan]:
        """Return the plan for each limit of winsorisation."""
        if self.treatment.first != "winsorise":
            return [self._without_winsorising()] * len(limits)
        largest = None if None in limits else max(limit for limit in limits if limit is not None)
        path, exhausted = winsorise_path(
            self.values,
            winmax=largest,
            skewness_limit=self.treatment.skewness_limit,
            kurtosis_limit=self.treatment.kurtosis_limit,
            force=self.treatment.force,
        )
        return [self._winsorised(path, exhausted, limit) for limit in limits]

    def _winsorised(self, path: tuple[Step, ...], exhausted: bool, limit: int | None) -> ColumnPlan:
        within = [k for k, step in enumerate(path) if limit is None or step.points <= limit]
        step = path[within[-1]]
        stop: Stop = "limit" if step.points == limit else "ties"
        if exhausted and step is path[-1]:
            stop = "spread"
        if step.check.passes and not self.treatment.force:
            stop = "passes"
        kept = ColumnPlan(
            lower=step.lower,
            upper=step.upper,
            low=step.low,
            high=step.high,
            before=self.before,
            after_first=step.check,
            tried=step.points,
            stop=stop,
        )
        if step.check.passes or self.treatment.second == "none":
            return kept
        if self.treatment.combine:
            transform, check = self._second(np.clip(self.values, step.lower, step.upper))
            return replace(kept, transforms=(transform,), after_second=check)
        transform, check = self._second_of_original()
        uncut = replace(kept, lower=-np.inf, upper=np.inf, low=0, high=0)
        return replace(uncut, transforms=(transform,), after_second=check)

    def _without_winsorising(self) -> ColumnPlan:
        """Plan a column whose first treatment is a transformation or none."""
        plan, values = ColumnPlan(before=self.before), self.values
        if self.treatment.first != "none":
            transform, check = self._fit(self.treatment.first, values)
            plan = replace(plan, transforms=(transform,), after_first=check)
            if check.passes or self.treatment.second == "none":
                return plan
            if self.treatment.combine:
                values = transform.apply(values)
        if self.treatment.second == "none":
            return plan
        transform, check = self._second(values)
        earlier = plan.transforms if self.treatment.combine else ()
        return replace(plan, transforms=(*earlier, transform), after_second=check)

    def _second_of_original(self) -> tuple[Transform, Check]:
        """Fit the second treatment on the original values, once for all limits."""
        if self._fitted is None:
            self._fitted = self._second(self.values)
        return self._fitted

    def _second(self, values: Floats) -> tuple[Transform, Check]:
        return self._fit(self.treatment.second, values)

    def _fit(self, name: str, values: Floats) -> tuple[Transform, Check]:
        wanted = self.treatment
        transform = fit_transform(name, values, boxcox_lambda=wanted.boxcox_lambda)
        return transform, _check(*column_moments(transform.apply(values)), wanted)
