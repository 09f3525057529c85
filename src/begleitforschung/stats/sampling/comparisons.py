"""Tests of means: of two groups, and of pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.sampling.estimates import AnyDesign
from begleitforschung.stats.sampling.means import means
from begleitforschung.stats.sampling.regression import regression
from begleitforschung.stats.sampling.testing import TestResult, t_test


def difference_test(
    y: ArrayLike,
    group: ArrayLike,
    design: AnyDesign,
    *,
    where: ArrayLike | None = None,
    level: float = 0.95,
) -> TestResult:
    """Test whether the means of two groups differ.

    Parameters
    ----------
    y : array_like, shape (n,)
        Values, NaN where missing.
    group : array_like of int, shape (n,)
        0 or 1; negative where missing.
    design : Design or Replicates
        How the rows were drawn.
    where : array_like of bool, shape (n,), optional
        Rows of the domain.
    level : float
        Level of the interval.

    Returns
    -------
    TestResult
        ``estimate`` is mean of group 1 less mean of group 0, ``df`` that of the design less 1.

    Raises
    ------
    ValueError
        If lengths differ or a code is neither 0, 1 nor negative.
    """
    codes = np.asarray(group, dtype=np.int64)
    if codes.max(initial=0) > 1:
        raise ValueError("two groups have the codes 0 and 1")
    x = np.column_stack([np.ones(codes.size), np.where(codes < 0, np.nan, codes)])
    found = regression(y, x, design, where=where)
    return t_test("t", float(found.values[1]), float(found.se[1]), float(found.df[1]), level=level)


def mean_test(
    y: ArrayLike,
    design: AnyDesign,
    *,
    where: ArrayLike | None = None,
    level: float = 0.95,
) -> TestResult:
    """Test whether a mean is 0; of differences of pairs, the paired t test.

    Parameters
    ----------
    y : array_like, shape (n,)
        Values, NaN where missing.
    design : Design or Replicates
        How the rows were drawn.
    where : array_like of bool, shape (n,), optional
        Rows of the domain.
    level : float
        Level of the interval.

    Returns
    -------
    TestResult
        ``df`` is that of the design less 1, as in R survey.

    Raises
    ------
    ValueError
        If lengths differ.
    """
    found = means(y, design, where=where)
    value, se, df = float(found.values[0]), float(found.se[0]), float(found.df[0]) - 1
    return t_test("paired t", value, se, df, level=level)
