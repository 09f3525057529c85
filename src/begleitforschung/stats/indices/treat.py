"""Outlier treatment fitted on a reference: plan, apply to these or other rows, mark each value."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.indices.plans import Plan, plan_treatment, plan_treatments
from begleitforschung.stats.indices.transforms import UndefinedTransformError
from begleitforschung.stats.indices.treatments import Treatment

__all__ = [
    "CUT_HIGH",
    "CUT_LOW",
    "TRANSFORMED",
    "Plan",
    "Treatment",
    "UndefinedTransformError",
    "apply_treatment",
    "plan_treatment",
    "plan_treatments",
    "touched",
]

Floats = NDArray[np.float64]

CUT_HIGH: Final = 1
CUT_LOW: Final = 2
TRANSFORMED: Final = 4


def apply_treatment(x: ArrayLike, plan: Plan) -> Floats:
    """Treat values as planned.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values, NaN where missing: those that decided, or other rows of the same columns.
    plan : tuple of ColumnPlan
        From `plan_treatment`.

    Returns
    -------
    numpy.ndarray, shape (n, p)
        Treated values, NaN where missing.

    Raises
    ------
    UndefinedTransformError
        If a logarithm meets a value that is not above 0.
    ValueError
        If the plan has not one element for each column.
    """
    values = _fitting(x, plan).copy()
    for j, column in enumerate(plan):
        if not column.acts:
            continue
        treated = np.clip(values[:, j], column.lower, column.upper)
        for transform in column.transforms:
            treated = transform.apply(treated)
        values[:, j] = treated
    return values


def touched(x: ArrayLike, plan: Plan) -> NDArray[np.uint8]:
    """Mark each value that a plan changes.

    Parameters
    ----------
    x : array_like, shape (n, p)
        Values before treatment, NaN where missing.
    plan : tuple of ColumnPlan
        From `plan_treatment`.

    Returns
    -------
    numpy.ndarray of uint8, shape (n, p)
        Sum of `CUT_HIGH` (1), `CUT_LOW` (2) and `TRANSFORMED` (4); 0 where nothing changes. A value
        of other rows that a transformation cuts to the end of its reference counts as cut.

    Raises
    ------
    ValueError
        If the plan has not one element for each column.
    """
    values = _fitting(x, plan)
    marks = np.zeros(values.shape, np.uint8)
    for j, column in enumerate(plan):
        if not column.acts:
            continue
        high, low = values[:, j] > column.upper, values[:, j] < column.lower
        if column.transforms:
            first = column.transforms[0]
            beyond = first.beyond(values[:, j])
            high, low = (high | beyond, low) if first.mirrored else (high, low | beyond)
            marks[:, j] = TRANSFORMED * ~np.isnan(values[:, j])
        marks[:, j] += CUT_HIGH * high.astype(np.uint8) + CUT_LOW * low.astype(np.uint8)
    return marks


def _fitting(x: ArrayLike, plan: Plan) -> Floats:
    """Return the values as a matrix with one column for each element of the plan."""
    values = np.asarray(x, np.float64)
    if values.ndim != 2 or values.shape[1] != len(plan):
        raise ValueError(f"a plan for {len(plan)} columns does not fit a shape of {values.shape}")
    return values
