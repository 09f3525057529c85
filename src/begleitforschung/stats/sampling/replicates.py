r"""Replicate weights as a design, and the variance over the replicates.

.. math:: \hat V = s \sum_r a_r (\hat\theta_r - \bar\theta)^2,

where the centre is the mean of the replicates or, with ``mse``, the full-sample estimate (Wolter
2007, Introduction to Variance Estimation; Canty & Davison 1999, The Statistician 48, 379-391).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Mask

_BLOCK_BYTES = 64_000_000
_EXACT_RANK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicates:
    """A sample whose variance comes from replicate weights.

    The weights of replicate r are ``scaled[i] * factors[unit[i], r]``, so that a bootstrap of
    hundreds of replicates holds one small whole number per unit and replicate.

    Parameters
    ----------
    weights : numpy.ndarray, shape (n,)
        Weights of the full sample.
    factors : numpy.ndarray, shape (U, R)
        What the weights of a unit are multiplied by in each replicate.
    scaled : numpy.ndarray, shape (n,)
        What the factors are multiplied by.
    unit : numpy.ndarray of int, shape (n,), optional
        Row of ``factors`` that belongs to each row; without it the rows themselves.
    scale : float
        Factor s of all replicates.
    rscales : numpy.ndarray, shape (R,)
        Factor of each replicate.
    mse : bool
        Whether deviations are taken from the full-sample estimate.
    df : float
        Degrees of freedom.
    """

    weights: Floats
    factors: NDArray[np.generic]
    scaled: Floats
    unit: Ints | None = None
    scale: float
    rscales: Floats
    mse: bool = False
    df: float

    @property
    def n(self) -> int:
        """Rows of the sample."""
        return int(self.weights.size)

    def degrees(self, inside: Mask | None = None) -> float:
        """Return the degrees of freedom.

        Parameters
        ----------
        inside : numpy.ndarray of bool, shape (n,), optional
            Rows of the domain; all if left out.

        Returns
        -------
        float
            Those of the design; of a domain at most the rank of its replicate weights less 1, which
            is the number of its units less 1 where it has more than 100 and as many replicates.
        """
        counted = self.weights != 0
        if inside is None or bool(inside[counted].all()):
            return self.df
        rows = np.flatnonzero(inside & counted)
        if self.unit is not None:
            rows = rows[np.unique(self.unit[rows], return_index=True)[1]]
        units, replicates = rows.size, self.factors.shape[1]
        if 0 < min(units, replicates) <= _EXACT_RANK:
            factors = self.factors[rows if self.unit is None else self.unit[rows]]
            scaled = factors.astype(np.float64) * self.scaled[rows, None]
            return min(self.df, replicate_degrees(scaled))
        return min(self.df, max(units - 1.0, 0.0))

    def blocks(self) -> Iterator[Floats]:
        """Yield the replicate weights in blocks of columns, at most 64 MB each.

        Yields
        ------
        numpy.ndarray, shape (n, b)
            Weights of the next replicates.
        """
        width = max(1, _BLOCK_BYTES // (8 * max(self.n, 1)))
        for start in range(0, self.factors.shape[1], width):
            part = self.factors[:, start : start + width].astype(np.float64)
            rows = part if self.unit is None else part[self.unit]
            yield rows * self.scaled[:, None]


def replicate_design(
    weights: ArrayLike,
    replicates: ArrayLike,
    *,
    scale: float = 1.0,
    rscales: ArrayLike | None = None,
    mse: bool = False,
    df: float | None = None,
    combined: bool = True,
) -> Replicates:
    """Take replicate weights that somebody else made.

    Parameters
    ----------
    weights : array_like, shape (n,)
        Weights of the full sample.
    replicates : array_like, shape (n, R)
        Replicate weights.
    scale : float
        Factor of all squared deviations: (n - 1) / n for JK1, 1 for JKn, 1 / R for BRR,
        1 / (R (1 - rho) ** 2) for Fay, 1 / (R - 1) for most bootstraps.
    rscales : array_like, shape (R,), optional
        Factor of each replicate, 1 if left out.
    mse : bool
        Whether deviations are taken from the full-sample estimate.
    df : float, optional
        Degrees of freedom; the rank of the replicate weights less 1 if left out.
    combined : bool
        Whether the replicate weights include the weights of the full sample.

    Returns
    -------
    Replicates
        The design.

    Raises
    ------
    ValueError
        If lengths differ or a weight is not finite.
    """
    w = np.array(weights, dtype=np.float64)
    factors = np.array(replicates, dtype=np.float64)
    if factors.ndim != 2 or factors.shape[0] != w.size:
        raise ValueError("the replicate weights need one row per weight")
    each = np.ones(factors.shape[1]) if rscales is None else np.array(rscales, dtype=np.float64)
    if each.shape != (factors.shape[1],):
        raise ValueError("rscales needs one figure per replicate")
    if not (np.isfinite(w).all() and np.isfinite(factors).all()):
        raise ValueError("weights must be finite")
    scaled = np.ones(w.size) if combined else w
    return Replicates(
        weights=w,
        factors=factors,
        scaled=scaled,
        scale=scale,
        rscales=each,
        mse=mse,
        df=replicate_degrees(factors * scaled[:, None]) if df is None else df,
    )


def replicate_degrees(replicates: Floats) -> float:
    """Return the degrees of freedom of replicate weights, their rank less 1.

    Parameters
    ----------
    replicates : numpy.ndarray, shape (n, R)
        Replicate weights.

    Returns
    -------
    float
        Rank less 1; singular values below 1e-5 of the largest count as 0.

    Raises
    ------
    ValueError
        If a weight is not finite.
    """
    gram = (
        replicates.T @ replicates
        if replicates.shape[0] > replicates.shape[1]
        else (replicates @ replicates.T)
    )
    size = np.sqrt(np.maximum(np.linalg.eigvalsh(gram), 0))
    return float((size > 1e-5 * size.max(initial=0)).sum()) - 1


def replicate_covariance(replicated: Floats, values: Floats, design: Replicates) -> Floats:
    """Return the covariance of estimates over their replicates.

    Parameters
    ----------
    replicated : numpy.ndarray, shape (R, k)
        Estimates of each replicate.
    values : numpy.ndarray, shape (k,)
        Full-sample estimates.
    design : Replicates
        Scales and centre.

    Returns
    -------
    numpy.ndarray, shape (k, k)
        Covariance matrix.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    centre = values if design.mse else replicated[design.rscales > 0].mean(axis=0)
    deviation = (replicated - centre) * np.sqrt(design.rscales * design.scale)[:, None]
    result: Floats = deviation.T @ deviation
    return result
