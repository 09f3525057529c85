"""Sums and linearised values of many variables in many domains, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.cells import Cells, domain_degrees
from begleitforschung.stats.sampling.design import Design
from begleitforschung.stats.sampling.sums import spread_sums
from begleitforschung.stats.sampling.variance import variances

_ROWS = 8192


@dataclass(frozen=True, slots=True)
class DomainData:
    """Values and domains, read in blocks of rows that fit into the processor's cache.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, k)
        Values, NaN where missing.
    domain : numpy.ndarray of int, shape (n,)
        Domain of each row, ``domains`` for rows in none.
    domains : int
        Number of domains.
    gaps : bool
        Whether a value is missing.
    """

    values: Floats
    domain: Ints
    domains: int
    gaps: bool

    def blocks(self) -> Iterator[tuple[slice, Floats, Floats | None]]:
        """Yield the rows in blocks.

        Yields
        ------
        slice
            Rows of the block.
        numpy.ndarray, shape (b, k)
            Values, 0 where missing.
        numpy.ndarray, shape (b, k), optional
            1 where there, 0 where missing; none where no value is missing at all.
        """
        for start in range(0, self.domain.size, _ROWS):
            rows = slice(start, start + _ROWS)
            block, there = self.values[rows], None
            if self.gaps:
                there = (~np.isnan(block)).astype(np.float64)
                block = np.where(there > 0, block, 0.0)
            yield rows, block, there

    def totals(self, weights: Floats) -> tuple[Floats, Floats, Ints]:
        """Add up each domain.

        Parameters
        ----------
        weights : numpy.ndarray, shape (n,)
            Weights.

        Returns
        -------
        sums, sizes : numpy.ndarray, shape (d, k)
            Weighted sums, and sums of the weights.
        n : numpy.ndarray of int, shape (d, k)
            Rows with weight.

        Raises
        ------
        ValueError
            If the lengths differ.
        """
        wide, k = self.domains + 1, self.values.shape[1]
        sums, sizes, n = (np.zeros((wide, k)) for _ in range(3))
        counted = (weights != 0).astype(np.float64)
        for rows, block, there in self.blocks():
            codes, w, one = self.domain[rows], weights[rows], counted[rows]
            sums += spread_sums(block, codes, wide, w)
            if there is not None:
                sizes += spread_sums(there, codes, wide, w)
                n += spread_sums(there, codes, wide, one)
            else:
                sizes += np.bincount(codes, w, wide)[:, None]
                n += np.bincount(codes, one, wide)[:, None]
        return sums[:-1], sizes[:-1], n[:-1].astype(np.int64)

    def variances(self, found: Floats, sizes: Floats, design: Design, *, mean: bool) -> Floats:
        """Return the variance of each estimate.

        Parameters
        ----------
        found, sizes : numpy.ndarray, shape (d, k)
            Estimates, and sums of the weights.
        design : Design
            How the rows were drawn.
        mean : bool
            Whether the estimates are means, else totals.

        Returns
        -------
        numpy.ndarray, shape (d, k)
            Variances.

        Raises
        ------
        SinglePSUError
            If a stratum has a single sampled unit and the rule is to fail.
        """
        if design.residuals or _needs_presence(design):
            return self._one_by_one(found, sizes, design, mean=mean)
        cells = [Cells.of(stage, self.domain, self.domains + 1) for stage in design.stages]
        k = self.values.shape[1]
        first = [np.zeros((cell.count, k)) for cell in cells]
        second = [np.zeros((cell.count, k)) for cell in cells]
        for rows, z in self._linearised(found, sizes, design.weights, mean=mean):
            for index, cell in enumerate(cells):
                first[index] += spread_sums(z, cell.row[rows], cell.count)
                if cell.unit is None:
                    second[index] += spread_sums(z * z, cell.row[rows], cell.count)
        spread = np.zeros((self.domains, k))
        for cell, one, two in zip(cells, first, second, strict=True):
            spread += cell.variances(one, two, self.domains + 1)
        return spread

    def _linearised(
        self, found: Floats, sizes: Floats, weights: Floats, *, mean: bool
    ) -> Iterator[tuple[slice, Floats]]:
        """Yield rows and their weight times influence."""
        inside = sizes > 0
        centre = np.vstack([np.where(inside & mean, found, 0.0), np.zeros(found.shape[1])])
        scale = np.vstack([1 / np.where(inside & mean, sizes, 1.0), np.zeros((1, found.shape[1]))])
        for rows, block, there in self.blocks():
            codes = self.domain[rows]
            z = block - centre[codes]
            z *= weights[rows, None]
            z *= scale[codes]
            if there is not None:
                z *= there
            yield rows, z

    def _one_by_one(self, found: Floats, sizes: Floats, design: Design, *, mean: bool) -> Floats:
        """Return the variances of each domain, where it matters which strata have rows in it."""
        linearised = self._linearised(found, sizes, design.weights, mean=mean)
        whole = np.concatenate([z for _, z in linearised])
        there = (
            ~np.isnan(self.values) if self.gaps else np.ones((whole.shape[0], 1), dtype=np.bool_)
        )
        parts = []
        for d in range(self.domains):
            inside = there & (self.domain == d)[:, None]
            parts.append(variances(whole * inside, design, inside))
        return np.array(parts)

    def degrees(self, design: Design) -> Floats:
        """Return the degrees of freedom of each domain.

        Parameters
        ----------
        design : Design
            How the rows were drawn.

        Returns
        -------
        numpy.ndarray, shape (d, k)
            Primary units less strata that have a value.

        Raises
        ------
        ValueError
            If the lengths differ.
        """
        counted = np.where(design.weights != 0, self.domain, self.domains)
        shape, wide = (self.domains, self.values.shape[1]), self.domains + 1
        if not self.gaps:
            df = domain_degrees(counted, wide, design).astype(np.float64)
            return np.broadcast_to(df[:, None], shape).copy()
        stage = design.stages[0]
        if stage.rows_are_units:
            cell, strata = stage.stratum * wide + counted, stage.sampled.size
            n = np.zeros((strata * wide, shape[1]))
            for rows, _, there in self.blocks():
                n += spread_sums(np.asarray(there), cell[rows], strata * wide)
            each = n.reshape(strata, wide, -1)[:, :-1]
            return np.asarray(each.sum(axis=0) - (each > 0).sum(axis=0), dtype=np.float64)
        parts = [
            domain_degrees(np.where(np.isnan(x), self.domains, counted), wide, design)
            for x in self.values.T
        ]
        return np.array(parts, dtype=np.float64).T


def _needs_presence(design: Design) -> bool:
    """Tell whether the rule for single units asks which strata have rows in a domain."""
    asks = design.single not in ("remove", "certainty")
    return asks and any(stage.single.any() for stage in design.stages)
