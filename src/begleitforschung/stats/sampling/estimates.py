"""Estimates with their covariance, made alike from a linearised and from a replicated design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Design, Mask
from begleitforschung.stats.sampling.replicates import Replicates, replicate_covariance
from begleitforschung.stats.sampling.variance import covariance

AnyDesign = Design | Replicates


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """Estimates of one call and their covariance.

    Parameters
    ----------
    values : numpy.ndarray, shape (k,)
        Estimates.
    covariance : numpy.ndarray, shape (k, k)
        Their estimated covariance.
    df : numpy.ndarray, shape (k,)
        Degrees of freedom of each, from the rows it uses.
    n : numpy.ndarray of int, shape (k,)
        Rows that each uses.
    """

    values: Floats
    covariance: Floats
    df: Floats
    n: Ints

    @property
    def se(self) -> Floats:
        """Standard errors, shape (k,)."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0))

    def interval(self, level: float = 0.95, df: ArrayLike | None = None) -> tuple[Floats, Floats]:
        """Return intervals from the t distribution, estimate ± t(df) x standard error.

        Parameters
        ----------
        level : float
            Level of confidence.
        df : array_like, optional
            Degrees of freedom instead of the estimates' own; ``inf`` for the normal distribution.

        Returns
        -------
        lower, upper : numpy.ndarray, shape (k,)
            Bounds; NaN where no degree of freedom is left.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1.
        """
        half = critical(level, self.df if df is None else df) * self.se
        return self.values - half, self.values + half


def critical(level: float, df: ArrayLike) -> Floats:
    """Return the two-sided critical value of the t distribution.

    Parameters
    ----------
    level : float
        Level of confidence.
    df : array_like
        Degrees of freedom, ``inf`` for the normal distribution.

    Returns
    -------
    numpy.ndarray
        Quantile 1 - (1 - level) / 2; NaN where ``df`` is not positive.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.
    """
    from scipy.special import ndtri, stdtrit

    if not 0 < level < 1:
        raise ValueError("level must be between 0 and 1")
    freedom = np.asarray(df, dtype=np.float64)
    safe = np.where(np.isfinite(freedom) & (freedom > 0), freedom, 1.0)
    tail = (1 - level) / 2
    values = np.where(np.isinf(freedom), -ndtri(tail), -stdtrit(safe, tail))
    return np.where(freedom > 0, values, np.nan)


def estimate(
    values: Floats,
    influence: Callable[[], Floats],
    replicate: Callable[[Floats], Floats],
    design: AnyDesign,
    inside: Mask,
) -> Estimates:
    """Put estimates and their covariance together, whatever the design is.

    Parameters
    ----------
    values : numpy.ndarray, shape (k,)
        Estimates with the full-sample weights.
    influence : callable
        Returns the influence of each row, shape (n, k), 0 outside of the domain.
    replicate : callable
        Returns the estimates, shape (b, k), for weights of shape (n, b).
    design : Design or Replicates
        How the rows were drawn.
    inside : numpy.ndarray of bool, shape (n,) or (n, k)
        Rows that are used.

    Returns
    -------
    Estimates
        Values, covariance, degrees of freedom and numbers of rows.

    Raises
    ------
    ValueError
        If shapes do not fit, or a stratum has a single unit and the rule is to fail.
    """
    if isinstance(design, Design):
        matrix = covariance(influence() * design.weights[:, None], design, inside)
    else:
        replicated = np.concatenate([replicate(block) for block in design.blocks()])
        matrix = replicate_covariance(replicated, values, design)
    used = inside[:, None] if inside.ndim == 1 else inside
    n = np.broadcast_to((used & (design.weights != 0)[:, None]).sum(axis=0), values.shape)
    df = [design.degrees(used[:, column]) for column in range(used.shape[1])]
    return Estimates(
        values=values,
        covariance=matrix,
        df=np.broadcast_to(np.array(df), values.shape).copy(),
        n=n.astype(np.int64),
    )


def columns(
    y: ArrayLike, where: ArrayLike | None, n: int, *, listwise: bool = False
) -> tuple[Floats, Mask]:
    """Return values as columns with 0 for what is not used, and what is used.

    Parameters
    ----------
    y : array_like, shape (n,) or (n, k)
        Values, NaN where missing.
    where : array_like of bool, shape (n,) or (n, k), optional
        Rows of the domain.
    n : int
        Rows of the design.
    listwise : bool
        Whether a row with any missing value is left out of all columns.

    Returns
    -------
    values : numpy.ndarray, shape (n, k)
        Values; 0 outside of the domain and where missing.
    used : numpy.ndarray of bool, shape (n, k)
        Rows that each column uses.

    Raises
    ------
    ValueError
        If the lengths differ or a value used is infinite.
    """
    values = np.asarray(y, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or values.shape[0] != n:
        raise ValueError(f"values need {n} rows, one for each weight")
    used = ~np.isnan(values)
    if listwise:
        used = np.broadcast_to(used.all(axis=1, keepdims=True), values.shape)
    if where is not None:
        mask = np.asarray(where, dtype=np.bool_)
        used = used & (mask[:, None] if mask.ndim == 1 else mask)
    values = np.where(used, values, 0.0)
    if np.isinf(values).any():
        raise ValueError("values must not be infinite")
    return values, used
