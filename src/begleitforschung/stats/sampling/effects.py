"""Design effects, contrasts of estimates, and what weights cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.estimates import AnyDesign, Estimates, columns
from begleitforschung.stats.sampling.means import variances_of


def design_effects(
    y: ArrayLike,
    design: AnyDesign,
    estimates: Estimates,
    *,
    where: ArrayLike | None = None,
    total: bool = False,
    kind: Literal["wor", "replace"] = "wor",
) -> Floats:
    r"""Return how many times the variance is that of a simple random sample of the same size.

    For a mean the variance of the simple random sample is :math:`(1 - n/N)\,s^2/n`, for a total
    :math:`N^2` times as much, with n rows, N the sum of the weights and s² the estimated
    population variance (Kish 1965, Survey Sampling, section 8.2).

    Parameters
    ----------
    y : array_like, shape (n,) or (n, k)
        Values, as given to `means` or `totals`.
    design : Design or Replicates
        How the rows were drawn.
    estimates : Estimates
        What `means` or `totals` returned.
    where : array_like of bool, shape (n,) or (n, k), optional
        Rows of the domain.
    total : bool
        Whether the estimates are totals.
    kind : {"wor", "replace"}
        Simple random sampling without replacement, with (1 - n/N), or with replacement.

    Returns
    -------
    numpy.ndarray, shape (k,)
        Design effects; NaN where the simple random sample has no variance or n > N.

    Raises
    ------
    ValueError
        If lengths differ.
    """
    values, used = columns(y, where, design.n)
    n = (used & (design.weights != 0)[:, None]).sum(axis=0)
    size = design.weights @ used.astype(np.float64)
    spread = variances_of(np.where(used, values, np.nan), design).values
    with np.errstate(divide="ignore", invalid="ignore"):
        base = spread / n * (size**2 if total else 1.0)
        base = base * np.where(n > size, np.nan, (size - n) / size) if kind == "wor" else base
        return np.where(base > 0, np.diag(estimates.covariance) / base, np.nan)


def contrast(
    estimates: Estimates, coefficients: ArrayLike, *, values: ArrayLike | None = None
) -> Estimates:
    """Combine estimates linearly, or any smooth function of them by its derivatives.

    Parameters
    ----------
    estimates : Estimates
        The estimates, with their covariance.
    coefficients : array_like, shape (m, k)
        Weights of each combination; of a function its derivatives at the estimates (delta method).
    values : array_like, shape (m,), optional
        Values of the function; the linear combination if left out.

    Returns
    -------
    Estimates
        The combinations; each with the smallest degrees of freedom and n of what it is made of.

    Raises
    ------
    ValueError
        If the coefficients do not fit the estimates.

    Examples
    --------
    >>> from begleitforschung.stats.sampling import means, sampling_design
    >>> both = means([[1, 2], [2, 2], [3, 5]], sampling_design([1, 1, 1]))
    >>> contrast(both, [[-1, 1]]).values.tolist()
    [1.0]
    """
    matrix = np.atleast_2d(np.asarray(coefficients, dtype=np.float64))
    if matrix.shape[1] != estimates.values.size:
        raise ValueError(f"a contrast needs {estimates.values.size} coefficients")
    with_part = matrix != 0
    return Estimates(
        values=matrix @ estimates.values if values is None else np.array(values, dtype=np.float64),
        covariance=matrix @ estimates.covariance @ matrix.T,
        df=np.where(with_part, estimates.df, np.inf).min(axis=1),
        n=np.where(with_part, estimates.n, np.iinfo(np.int64).max).min(axis=1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightDiagnostics:
    """How uneven weights are, and what that costs.

    Parameters
    ----------
    n : int
        Rows with a weight above 0.
    total : float
        Sum of the weights.
    smallest, largest : float
        Extremes of the weights above 0.
    ratio : float
        Largest by smallest.
    cv : float
        Coefficient of variation (with 1/n).
    deff : float
        1 + cv², the loss by weights that are unrelated to the answers (Kish 1992, Journal of
        Official Statistics 8, 183-200).
    effective_n : float
        n / deff, which is (sum w)² / sum w².
    extreme : int
        Rows with more than ``limit`` times the median weight.
    """

    n: int
    total: float
    smallest: float
    largest: float
    ratio: float
    cv: float
    deff: float
    effective_n: float
    extreme: int


def weight_diagnostics(weights: ArrayLike, *, limit: float = 5.0) -> WeightDiagnostics:
    """Describe weights.

    Parameters
    ----------
    weights : array_like, shape (n,)
        Weights, at least 0.
    limit : float
        Times the median above which a weight counts as extreme.

    Returns
    -------
    WeightDiagnostics
        Size, spread and effective sample size of the weights above 0.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or none is above 0.

    Examples
    --------
    >>> weight_diagnostics([1.0, 1.0, 2.0]).effective_n.__round__(3)
    2.667
    """
    w = np.asarray(weights, dtype=np.float64)
    if not (np.isfinite(w).all() and (w >= 0).all() and (w > 0).any()):
        raise ValueError("weights must be finite and at least 0, one of them above 0")
    w = w[w > 0]
    effective = float(w.sum() ** 2 / (w**2).sum())
    deff = w.size / effective
    return WeightDiagnostics(
        n=int(w.size),
        total=float(w.sum()),
        smallest=float(w.min()),
        largest=float(w.max()),
        ratio=float(w.max() / w.min()),
        cv=float(np.sqrt(max(deff - 1, 0))),
        deff=deff,
        effective_n=effective,
        extreme=int((w > limit * np.median(w)).sum()),
    )
