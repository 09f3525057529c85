"""Weighted cross tables and tests of independence in them."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.stats.sampling.estimates import AnyDesign, Estimates
from begleitforschung.stats.sampling.means import means, totals
from begleitforschung.stats.sampling.saddlepoint import ratio_tail
from begleitforschung.stats.sampling.testing import TestResult, f_test, quadratic_form

Statistic = Literal["F", "Chisq", "saddlepoint", "Wald", "adjWald", "score"]
STATISTICS: tuple[Statistic, ...] = get_args(Statistic)


def table(
    rows: ArrayLike, columns: ArrayLike, design: AnyDesign, *, where: ArrayLike | None = None
) -> Floats:
    """Add up the weights of each cell of a cross table.

    Parameters
    ----------
    rows, columns : array_like of int, shape (n,)
        Codes 0, 1, …; negative where missing.
    design : Design or Replicates
        How the rows were drawn.
    where : array_like of bool, shape (n,), optional
        Rows of the domain.

    Returns
    -------
    numpy.ndarray, shape (r, c)
        Estimated counts of the population.

    Raises
    ------
    ValueError
        If lengths differ.

    Examples
    --------
    >>> from begleitforschung.stats.sampling import sampling_design
    >>> table([0, 0, 1], [0, 1, 1], sampling_design([2, 3, 4])).tolist()
    [[2.0, 3.0], [0.0, 4.0]]
    """
    first, second, used = _codes(rows, columns, design, where)
    r, c = int(first.max(initial=-1)) + 1, int(second.max(initial=-1)) + 1
    cells = np.bincount(first[used] * c + second[used], design.weights[used], r * c)
    return cells.astype(np.float64).reshape(r, c)


def independence(
    rows: ArrayLike,
    columns: ArrayLike,
    design: AnyDesign,
    *,
    statistic: Statistic = "F",
    where: ArrayLike | None = None,
    size: float | None = None,
) -> TestResult:
    r"""Test whether two variables are independent of each other.

    ``F`` divides Pearson's X² by the trace of the generalised design effects Δ and refers it to F
    with :math:`d = tr(Δ)^2 / tr(Δ^2)` and dν degrees of freedom (Rao & Scott 1984, Annals of
    Statistics 12, 46-60, second order; Thomas & Rao 1987); ``Chisq`` divides by their mean (first
    order); ``saddlepoint`` takes the distribution of the weighted sum of chi-squares. ``Wald``
    tests the deviations of the cells from independence by their covariance (Koch, Freeman &
    Freeman 1975, International Statistical Review 43, 59-78), ``adjWald`` with the correction for
    few degrees of freedom. ``score`` tests the covariances of the indicators with p and q fixed,
    the weighted least squares score test of Lipsitz et al. (2015, Statistics in Medicine); R
    survey ("wls-score") divides it by r² instead of its degrees of freedom.

    Parameters
    ----------
    rows, columns : array_like of int, shape (n,)
        Codes 0, 1, …; negative where missing.
    design : Design or Replicates
        How the rows were drawn.
    statistic : {"F", "Chisq", "saddlepoint", "Wald", "adjWald", "score"}
        Which test.
    where : array_like of bool, shape (n,), optional
        Rows of the domain.
    size : float, optional
        Sample size that X² is scaled to; the rows with both answers if left out. R survey takes
        all rows. No probability depends on it.

    Returns
    -------
    TestResult
        ``df`` and ``ddf`` are the degrees of freedom of F; NaN for a table with one row or column.

    Raises
    ------
    ValueError
        If lengths differ, the statistic is unknown, or a Wald or score test has too few units.
    """
    if statistic not in STATISTICS:
        raise ValueError(f"statistic must be one of {STATISTICS}, not {statistic!r}")
    first, second, used = _codes(rows, columns, design, where)
    first, r = _dense(first, used & (design.weights > 0))
    second, c = _dense(second, used & (design.weights > 0))
    if r < 2 or c < 2:
        return TestResult(name=statistic, statistic=float("nan"), p=float("nan"))
    inside = None if where is None else np.asarray(where, dtype=np.bool_)
    nu = design.degrees(inside)
    cell = np.where(used, first * c + second, -1)
    indicator = (cell[:, None] == np.arange(r * c)).astype(np.float64)
    if statistic in ("Wald", "adjWald"):
        counts = totals(indicator, design, where=used)
        return _wald(counts, r, c, nu, adjusted=statistic == "adjWald")
    shares = means(indicator, design, where=used)
    if statistic == "score":
        return _score(indicator, shares, r, c, nu, design)
    n = float((used & (design.weights > 0)).sum()) if size is None else size
    return _rao_scott(shares, r, c, nu, n, statistic)


def _rao_scott(
    shares: Estimates, r: int, c: int, nu: float, n: float, statistic: str
) -> TestResult:
    """Correct Pearson's X² by the eigenvalues of the generalised design effects."""
    from scipy.special import chdtrc

    p = shares.values.reshape(r, c)
    expected = np.outer(p.sum(axis=1), p.sum(axis=0))
    pearson = n * float(((p - expected) ** 2 / expected).sum())
    effects = design_effects_matrix(shares, r, c, n)
    first = float(np.trace(effects))
    ndf = first**2 / float((effects * effects.T).sum())
    if statistic == "F":
        return f_test("F", pearson / first, ndf, ndf * nu)
    k = (r - 1) * (c - 1)
    if statistic == "Chisq":
        tail = float(chdtrc(k, pearson / (first / k)))
        return TestResult(name="Chisq", statistic=pearson, p=tail, df=float(k))
    eigenvalues = np.real(np.linalg.eigvals(effects))
    tail = ratio_tail(pearson, eigenvalues, ndf * nu)
    return TestResult(name="saddlepoint", statistic=pearson, p=tail)


def design_effects_matrix(shares: Estimates, r: int, c: int, n: float) -> Floats:
    r"""Return the generalised design effects of the interaction of a table.

    :math:`Δ = (C' D^{-1} C / n)^{-1} C' D^{-1} V D^{-1} C` with the shares on the diagonal of D,
    their covariance V and C orthogonal to the main effects (Rao & Scott 1984).

    Parameters
    ----------
    shares : Estimates
        Shares of the r * c cells, row by row.
    r, c : int
        Rows and columns.
    n : float
        Sample size.

    Returns
    -------
    numpy.ndarray, shape ((r - 1)(c - 1), (r - 1)(c - 1))
        The matrix; its eigenvalues are the design effects.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    interaction = np.kron(_contrasts(r), _contrasts(c))
    inverse = np.where(shares.values > 0, 1 / np.where(shares.values > 0, shares.values, 1), 0.0)
    scaled = interaction * inverse[:, None]
    return np.asarray(
        np.linalg.solve(interaction.T @ scaled / n, scaled.T @ shares.covariance @ scaled),
        dtype=np.float64,
    )


def _contrasts(k: int) -> Floats:
    """Return k - 1 columns that sum to 0."""
    return np.eye(k)[:, 1:] - 1 / k


def _wald(counts: Estimates, r: int, c: int, nu: float, *, adjusted: bool) -> TestResult:
    """Test the deviations of the counts from independence, first row and column left out."""
    cells = counts.values.reshape(r, c)
    total, by_row, by_column = cells.sum(), cells.sum(axis=1), cells.sum(axis=0)
    deviation = (cells - np.outer(by_row, by_column) / total)[1:, 1:].ravel()
    rows, columns = np.repeat(np.eye(r), c, axis=1), np.tile(np.eye(c), r)
    jacobian = (
        np.eye(r * c)
        - (by_column[None, :, None] * rows[:, None, :] / total).reshape(r * c, -1)
        - (by_row[:, None, None] * columns[None, :, :] / total).reshape(r * c, -1)
        + (np.outer(by_row, by_column) / total**2).reshape(-1, 1)
    )
    kept = np.arange(r * c).reshape(r, c)[1:, 1:].ravel()
    covariance = (jacobian @ counts.covariance @ jacobian.T)[np.ix_(kept, kept)]
    k = kept.size
    value = quadratic_form(deviation, covariance)
    if not adjusted:
        return f_test("Wald", value / k, k, nu)
    return f_test("adjWald", value * (nu - k + 1) / (k * nu), k, nu - k + 1)


def _score(
    indicator: Floats, shares: Estimates, r: int, c: int, nu: float, design: AnyDesign
) -> TestResult:
    """Test the covariances of the indicators of rows and columns, first ones left out."""
    p = shares.values.reshape(r, c)
    cube = indicator.reshape(-1, r, c)
    inside = cube.sum(axis=(1, 2))[:, None]
    rows = (cube.sum(axis=2) - p.sum(axis=1) * inside)[:, 1:]
    columns = (cube.sum(axis=1) - p.sum(axis=0) * inside)[:, 1:]
    products = (rows[:, :, None] * columns[:, None, :]).reshape(design.n, -1)
    found = totals(products, design, where=inside[:, 0] > 0)
    value = quadratic_form(found.values, found.covariance)
    k = (r - 1) * (c - 1)
    return f_test("score", value / k, k, nu + 2 - r - c)


def _codes(
    rows: ArrayLike, columns: ArrayLike, design: AnyDesign, where: ArrayLike | None
) -> tuple[Ints, Ints, Mask]:
    first, second = np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)
    if first.shape != (design.n,) or second.shape != (design.n,):
        raise ValueError(f"rows and columns need {design.n} codes, one for each weight")
    used = (first >= 0) & (second >= 0)
    return first, second, used if where is None else used & np.asarray(where, dtype=np.bool_)


def _dense(codes: Ints, used: Mask) -> tuple[Ints, int]:
    """Leave out the codes that do not occur."""
    levels = np.unique(codes[used])
    return np.searchsorted(levels, codes).astype(np.int64), levels.size
