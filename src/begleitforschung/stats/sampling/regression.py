r"""Linear and logistic regression with the variance of the design.

The estimate solves :math:`\sum w_i x_i (y_i - \mu_i) = 0`; the influence of a row is
:math:`(\sum w \mu' x x')^{-1} x_i (y_i - \mu_i)` (Binder 1983, International Statistical Review 51,
279-292).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.estimates import AnyDesign, Estimates, columns, estimate
from begleitforschung.stats.sampling.testing import TestResult, f_test, quadratic_form

Family = Literal["linear", "logistic"]


class RegressionError(ValueError):
    """The coefficients cannot be determined."""


def regression(
    y: ArrayLike,
    x: ArrayLike,
    design: AnyDesign,
    *,
    family: Family = "linear",
    where: ArrayLike | None = None,
    tolerance: float = 1e-12,
) -> Estimates:
    """Estimate the coefficients of a regression.

    Parameters
    ----------
    y : array_like, shape (n,)
        Outcome, of ``logistic`` between 0 and 1; NaN where missing.
    x : array_like, shape (n, p)
        Regressors, a column of 1 for the intercept among them; rows with NaN are left out.
    design : Design or Replicates
        How the rows were drawn.
    family : {"linear", "logistic"}
        Identity or logit link.
    where : array_like of bool, shape (n,), optional
        Rows of the domain.
    tolerance : float
        Largest change of a coefficient, in units of the linear predictor, at which the steps end.

    Returns
    -------
    Estimates
        Coefficients; ``df`` is that of the design plus 1 less p, by which R tests them.

    Raises
    ------
    RegressionError
        If regressors depend on each other, or a logistic regression separates the outcomes.
    ValueError
        If lengths differ.

    Examples
    --------
    >>> from begleitforschung.stats.sampling import sampling_design
    >>> x = [[1, 0], [1, 1], [1, 2], [1, 3]]
    >>> regression([1, 2, 3, 4], x, sampling_design([1, 1, 1, 1])).values.round(9).tolist()
    [1.0, 1.0]
    """
    if family not in ("linear", "logistic"):
        raise ValueError(f"family must be 'linear' or 'logistic', not {family!r}")
    both, used = columns(np.column_stack([y, x]), where, design.n, listwise=True)
    inside = used[:, 0]
    norm = np.maximum(np.abs(both[:, 1:]).max(axis=0, initial=0.0), 1e-300)
    outcome, matrix = both[:, 0], both[:, 1:] / norm  # units must not matter for precision
    if family == "logistic" and not ((outcome >= 0) & (outcome <= 1)).all():
        raise ValueError("the outcome of a logistic regression lies between 0 and 1")

    def fit(weights: Floats) -> Floats:
        return _solve(outcome, matrix, np.where(inside, weights, 0.0), family, tolerance)

    beta = fit(design.weights)

    def influence() -> Floats:
        mean, slope = _mean(matrix @ beta, family)
        inner = (matrix * (np.where(inside, design.weights, 0.0) * slope)[:, None]).T @ matrix
        score = matrix * np.where(inside, outcome - mean, 0.0)[:, None]
        return np.asarray(np.linalg.solve(inner, score.T).T, dtype=np.float64)

    found = estimate(
        beta,
        influence,
        lambda block: np.array([fit(block[:, r]) for r in range(block.shape[1])]),
        design,
        inside,
    )
    return Estimates(
        values=found.values / norm,
        covariance=found.covariance / np.outer(norm, norm),
        df=found.df + 1 - beta.size,
        n=found.n,
    )


def joint_test(estimates: Estimates, which: ArrayLike) -> TestResult:
    """Test whether several coefficients are all 0 (Wald test).

    Parameters
    ----------
    estimates : Estimates
        Coefficients of a regression, or any other estimates.
    which : array_like of int
        Positions of those tested.

    Returns
    -------
    TestResult
        F with the number of coefficients and the estimates' degrees of freedom.

    Raises
    ------
    ValueError
        If a position does not exist or the covariance is singular.
    """
    index = np.asarray(which, dtype=np.int64)
    if index.size == 0 or index.max() >= estimates.values.size or index.min() < 0:
        raise ValueError(f"positions must lie between 0 and {estimates.values.size - 1}")
    value, matrix = estimates.values[index], estimates.covariance[np.ix_(index, index)]
    chi_square = quadratic_form(value, matrix)
    return f_test("Wald", chi_square / index.size, float(index.size), float(estimates.df.min()))


def _mean(linear: Floats, family: Family) -> tuple[Floats, Floats]:
    """Return the mean and its derivative by the linear predictor."""
    if family == "linear":
        return linear, np.ones_like(linear)
    mean = 1 / (1 + np.exp(-np.clip(linear, -700, 700)))
    return mean, mean * (1 - mean)


def _solve(y: Floats, x: Floats, w: Floats, family: Family, tolerance: float) -> Floats:
    """Solve the weighted score equations by Newton steps."""
    kept = w > 0
    y, x, w = y[kept], x[kept], w[kept] / max(float(w.mean()), 1e-300)
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise RegressionError("the regressors depend on each other in the rows used")
    beta = np.zeros(x.shape[1])
    for _ in range(1 if family == "linear" else 100):
        mean, slope = _mean(x @ beta, family)
        if not (slope > 1e-12).any():
            break
        root = np.sqrt(w * np.maximum(slope, 1e-300))
        step = np.linalg.lstsq(x * root[:, None], w * (y - mean) / root, rcond=None)[0]
        beta = beta + step
        if family == "linear" or np.abs(x @ step).max() <= tolerance:
            return beta
    raise RegressionError("the outcomes are separated by the regressors: no finite coefficients")
