r"""What calibration leaves of a linearised variable.

The variance of an estimator with calibrated weights is that of the residuals of its influence on
the calibration variables (Deville & Särndal 1992, Journal of the American Statistical Association
87, 376-382, equation 3.4): with u = z / w and design weights d,
:math:`e = u - x'B`, :math:`B = (\sum d x x')^{-1} \sum d x u`, and z becomes w e.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.sums import group_totals


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionResiduals:
    """Residuals of a regression on the calibration variables (GREG, raking, logit, bounded).

    Parameters
    ----------
    x : numpy.ndarray, shape (n, p)
        Calibration variables.
    basis : numpy.ndarray, shape (n, r)
        Orthonormal basis of sqrt(d) x.
    before, after : numpy.ndarray, shape (n,)
        Weights before and after calibration.
    """

    x: Floats
    basis: Floats
    before: Floats
    after: Floats

    def apply(self, z: Floats) -> Floats:
        """Return the residuals, times the calibrated weights.

        Parameters
        ----------
        z : numpy.ndarray, shape (n, k)
            Calibrated weight times influence.

        Returns
        -------
        numpy.ndarray, shape (n, k)
            Weighted residuals; 0 where a weight is 0.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        root = np.sqrt(self.before)[:, None]
        u = _unweighted(z, self.after) * root
        u -= self.basis @ (self.basis.T @ u)
        with np.errstate(divide="ignore", invalid="ignore"):
            result: Floats = np.where(root > 0, u / root, 0.0) * self.after[:, None]
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class CellResiduals:
    """Deviations from the mean of the cell (post-stratification).

    Parameters
    ----------
    codes : numpy.ndarray of int, shape (n,)
        Cell of each row.
    before, after : numpy.ndarray, shape (n,)
        Weights before and after post-stratification.
    """

    codes: Ints
    before: Floats
    after: Floats

    def apply(self, z: Floats) -> Floats:
        """Return the deviations, times the new weights.

        Parameters
        ----------
        z : numpy.ndarray, shape (n, k)
            New weight times influence.

        Returns
        -------
        numpy.ndarray, shape (n, k)
            Weighted deviations; 0 where a weight is 0.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        u = _unweighted(z, self.after)
        u -= _cell_means(u, self.codes, self.before)[self.codes]
        u *= self.after[:, None]
        return u


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginResiduals:
    """Deviations from the means of each margin in turn (raking by iterative proportional fitting).

    R survey takes unweighted means here and goes ten times through the margins. With ``weighted``
    the means are weighted by the weights before, as the regression residual of Deville & Särndal
    (1992) is; the two agree where these weights are equal.

    Parameters
    ----------
    margins : tuple of numpy.ndarray of int, each of shape (n,)
        Class of each row in each margin.
    before, after : numpy.ndarray, shape (n,)
        Weights before and after raking.
    weighted : bool
        Whether the means are weighted.
    sweeps : int
        How many times all margins are gone through.
    """

    margins: tuple[Ints, ...]
    before: Floats
    after: Floats
    weighted: bool = False
    sweeps: int = 10

    def apply(self, z: Floats) -> Floats:
        """Return the deviations, times the raked weights.

        Parameters
        ----------
        z : numpy.ndarray, shape (n, k)
            Raked weight times influence.

        Returns
        -------
        numpy.ndarray, shape (n, k)
            Weighted deviations; 0 where a weight is 0.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        u = _unweighted(z, self.after)
        counts = self.before if self.weighted else np.ones(self.after.size)
        for _ in range(self.sweeps):
            for codes in self.margins:
                u -= _cell_means(u, codes, counts)[codes]
        u *= self.after[:, None]
        return u


def _unweighted(z: Floats, weights: Floats) -> Floats:
    """Divide by the weights, 0 where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.where(weights[:, None] != 0, z / weights[:, None], 0.0)
    return result


def _cell_means(u: Floats, codes: Ints, weights: Floats) -> Floats:
    """Return the weighted mean of each cell, 0 for a cell without weight."""
    cells = int(codes.max()) + 1
    sums = group_totals(u * weights[:, None], codes, cells)
    sizes = np.bincount(codes, weights, cells)
    return sums / np.where(sizes > 0, sizes, 1.0)[:, None]
