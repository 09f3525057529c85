"""Design effects, and contrasts of estimates."""

from __future__ import annotations

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
