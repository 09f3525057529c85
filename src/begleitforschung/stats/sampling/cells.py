"""Cells of units and domains, by which one pass over the rows gives the variance of all domains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Design, Stage
from begleitforschung.stats.sampling.sums import spread_sums
from begleitforschung.stats.sampling.variance import stage_factor


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of unit and domain that occur; of stratum and domain where the rows are units.

    Parameters
    ----------
    stage : Stage
        The stage.
    row : numpy.ndarray of int, shape (n,)
        Cell of each row.
    count : int
        Number of cells.
    unit, inner : numpy.ndarray of int, shape (count,), optional
        Unit and domain of each cell; without units the rows themselves are units.
    """

    stage: Stage
    row: Ints
    count: int
    unit: Ints | None = None
    inner: Ints | None = None

    @classmethod
    def of(cls, stage: Stage, domain: Ints, wide: int) -> Cells:
        """Give the cells of a stage their codes.

        Parameters
        ----------
        stage : Stage
            The stage.
        domain : numpy.ndarray of int, shape (n,)
            Domain of each row, the last one for rows in none.
        wide : int
            Number of domains, the last one included.

        Returns
        -------
        Cells
            The cells.

        Raises
        ------
        ValueError
            If the lengths differ.
        """
        if stage.rows_are_units:
            row, count = stage.stratum * wide + domain, stage.sampled.size * wide
            return cls(stage, row, count)
        pairs, row = np.unique(stage.unit * wide + domain, return_inverse=True)
        return cls(stage, row.reshape(-1), pairs.size, pairs // wide, pairs % wide)

    def variances(self, first: Floats, second: Floats, wide: int) -> Floats:
        """Return the contribution of the stage to the variance in each domain.

        Parameters
        ----------
        first, second : numpy.ndarray, shape (count, k)
            Sums of the weighted influences of each cell, and of their squares where the rows are
            units.
        wide : int
            Number of domains, the last one included.

        Returns
        -------
        numpy.ndarray, shape (wide - 1, k)
            Variances.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        stage, k = self.stage, first.shape[1]
        strata = stage.sampled.size
        if self.unit is not None and self.inner is not None:
            cell = stage.stratum[self.unit] * wide + self.inner
            second = spread_sums(first * first, cell, strata * wide)
            first = spread_sums(first, cell, strata * wide)
        one = first.reshape(strata, wide, k)[:, :-1]
        two = second.reshape(strata, wide, k)[:, :-1]
        n = stage.sampled[:, None, None]
        centre = one / n
        carried = np.zeros(strata)
        carried[stage.stratum] = stage.carried
        factor = stage_factor(stage) * carried
        deviation = two - 2 * centre * one + n * centre**2
        return np.asarray(np.tensordot(factor, deviation, axes=1), dtype=np.float64)


def domain_degrees(domain: Ints, wide: int, design: Design) -> Ints:
    """Count primary units less strata in each domain.

    Parameters
    ----------
    domain : numpy.ndarray of int, shape (n,)
        Domain of each row, the last one for rows that do not count.
    wide : int
        Number of domains, the last one included.
    design : Design
        How the rows were drawn.

    Returns
    -------
    numpy.ndarray of int, shape (wide - 1,)
        Degrees of freedom.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    stage = design.stages[0]
    by_row = stage.stratum if stage.rows_are_units else stage.stratum[stage.unit]
    strata = _present(by_row * wide + domain, stage.sampled.size, wide)
    if stage.rows_are_units:
        return np.bincount(domain, minlength=wide)[:-1] - strata
    return _present(stage.unit * wide + domain, stage.stratum.size, wide) - strata


def _present(cells: Ints, rows: int, wide: int) -> Ints:
    """Count in how many rows of a table each column occurs, the last one left out."""
    seen = np.zeros(rows * wide, dtype=np.bool_)
    seen[cells] = True
    return np.asarray(seen.reshape(rows, wide)[:, :-1].sum(axis=0), dtype=np.int64)
