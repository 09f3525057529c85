"""Tests of ranks between groups, and of a trend over ordered groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.stats.sampling.estimates import AnyDesign, columns
from begleitforschung.stats.sampling.regression import joint_test, regression
from begleitforschung.stats.sampling.testing import TestResult, t_test

Scores = Literal["wilcoxon", "vanderWaerden", "median"]
SCORES: tuple[Scores, ...] = get_args(Scores)


def rank_test(
    y: ArrayLike,
    group: ArrayLike,
    design: AnyDesign,
    *,
    scores: Scores = "wilcoxon",
    where: ArrayLike | None = None,
    level: float = 0.95,
) -> TestResult:
    """Test whether groups differ in the ranks of their values.

    The estimated ranks in the population are regressed on the group (Lumley & Scott 2013,
    Biometrika 100, 831-842): two groups by t, more (Kruskal & Wallis) by F.

    Parameters
    ----------
    y : array_like, shape (n,)
        Values, NaN where missing.
    group : array_like of int, shape (n,)
        Codes 0, 1, …; negative where missing.
    design : Design or Replicates
        How the rows were drawn.
    scores : {"wilcoxon", "vanderWaerden", "median"}
        Ranks, their normal quantiles, or whether they lie above the median.
    where : array_like of bool, shape (n,), optional
        Rows of the domain.
    level : float
        Level of the interval.

    Returns
    -------
    TestResult
        For two groups ``estimate`` is the difference of the mean scores.

    Raises
    ------
    ValueError
        If lengths differ, the scores are unknown or there is one group only.
    """
    if scores not in SCORES:
        raise ValueError(f"scores must be one of {SCORES}, not {scores!r}")
    codes = np.asarray(group, dtype=np.int64)
    values, used = columns(y, where, design.n)
    inside = used[:, 0] & (codes >= 0) & (design.weights > 0)
    levels = np.unique(codes[inside])
    if levels.size < 2:
        raise ValueError("a rank test needs two groups")
    score = rank_scores(values[:, 0], design.weights, inside, scores)
    x = np.column_stack([np.ones(design.n), codes[:, None] == levels[1:]])
    found = regression(score, x, design, where=inside)
    if levels.size > 2:
        return joint_test(found, np.arange(1, levels.size))
    slope, se, df = float(found.values[1]), float(found.se[1]), float(found.df[1])
    return t_test(scores, slope, se, df, level=level)


def trend_test(
    y: ArrayLike,
    order: ArrayLike,
    design: AnyDesign,
    *,
    ranks: bool = False,
    where: ArrayLike | None = None,
    level: float = 0.95,
) -> TestResult:
    """Test for a trend of a mean or share over ordered groups.

    Parameters
    ----------
    y : array_like, shape (n,)
        Values, NaN where missing.
    order : array_like, shape (n,)
        Position of each row's group, as 1, 2, 3 … or the middle of a class; NaN where missing.
    design : Design or Replicates
        How the rows were drawn.
    ranks : bool
        Whether the estimated ranks of the values take their place (as Jonckheere's test does).
    where : array_like of bool, shape (n,), optional
        Rows of the domain.
    level : float
        Level of the interval.

    Returns
    -------
    TestResult
        ``estimate`` is the slope per step (linear contrast; with y = 0, 1 the trend of a share of
        Cochran 1954 and Armitage 1955, with the variance of the design).

    Raises
    ------
    ValueError
        If lengths differ or all rows have the same position.
    """
    position = np.asarray(order, dtype=np.float64)
    values, used = columns(y, where, design.n)
    inside = used[:, 0] & ~np.isnan(position) & (design.weights > 0)
    outcome = values[:, 0]
    if ranks:
        outcome = rank_scores(outcome, design.weights, inside, "wilcoxon")
    found = regression(
        outcome, np.column_stack([np.ones(design.n), position]), design, where=inside
    )
    slope, se, df = float(found.values[1]), float(found.se[1]), float(found.df[1])
    return t_test("trend", slope, se, df, level=level)


def rank_scores(y: Floats, weights: Floats, inside: Mask, scores: Scores) -> Floats:
    """Return scores of the estimated ranks of values in the population.

    Parameters
    ----------
    y : numpy.ndarray, shape (n,)
        Values.
    weights : numpy.ndarray, shape (n,)
        Weights.
    inside : numpy.ndarray of bool, shape (n,)
        Rows that are ranked.
    scores : {"wilcoxon", "vanderWaerden", "median"}
        Which scores.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Scores of the middle ranks; NaN outside. Tied values share the plain mean of their ranks,
        as in R survey: where their weights differ, it depends a little on the order of the rows.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    values, w = y[inside], weights[inside]
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(w[order]) - w[order] / 2
    codes: Ints = np.unique(values[order], return_inverse=True)[1].reshape(-1)
    tied = (np.bincount(codes, middle) / np.bincount(codes))[codes]
    found = np.full(y.size, np.nan)
    ranked = np.empty(values.size)
    ranked[order] = _SCORES[scores](tied / w.sum())
    found[inside] = ranked
    return found


def _normal(share: Floats) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(share), dtype=np.float64)


def _above(share: Floats) -> Floats:
    return (share > 0.5).astype(np.float64)


_SCORES: dict[str, Callable[[Floats], Floats]] = {
    "wilcoxon": lambda share: share,
    "vanderWaerden": _normal,
    "median": _above,
}
