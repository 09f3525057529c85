"""What many rankings say about each unit: rank intervals, chances of the top, pairwise wins.

Reference: Lahdelma, R. & Salminen, P. (2001): SMAA-2: Stochastic multicriteria acceptability
analysis for group decision making. Operations Research 49(3), 444-454 (rank acceptability);
Leskinen, P., Viitanen, J., Kangas, A. & Kangas, J. (2006): Alternatives to incorporate uncertainty
and risk attitude in multicriteria evaluation of forest plans. Forest Science 52(3), 304-312
(pairwise winning index).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.indices.ranking import Ranks

_CELLS = 500_000  # numbers held at a time
_BYTES = 128 * 1024  # comparisons of one ranking made at a time stay in the cache of a core
_ROUNDS = 255  # comparisons that fit into one byte
_SLACK = 1e-12  # sums of weights are rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class RankStatistics:
    """Statistics over the rankings in which a unit has a rank."""

    n: Ints
    """Rankings with a rank, shape (n_units,)."""
    mean: Floats
    """Mean rank, shape (n_units,); NaN if the unit is never ranked."""
    quantiles: Floats
    """Quantiles of the ranks, shape (n_units, number of probabilities)."""
    top: Floats
    """Share of the rankings with a rank up to k, shape (n_units, number of k)."""


def rank_statistics(
    ranks: Ranks,
    *,
    probs: Sequence[float] = (0.05, 0.5, 0.95),
    top: Sequence[int] = (),
    weights: ArrayLike | None = None,
    executor: Executor | None = None,
) -> RankStatistics:
    """Summarise the ranks of each unit over many rankings.

    Parameters
    ----------
    ranks : numpy.ndarray of int, shape (runs, n_units)
        Ranks from 1; 0 is unranked and left out.
    probs : sequence of float
        Probabilities of the quantiles. Without weights they are of type 7 of Hyndman & Fan (1996);
        with weights the lowest rank at which the probability is reached.
    top : sequence of int
        Ranks k for which the share of rankings with a rank of at most k is wanted.
    weights : array_like, shape (runs,), optional
        Weights of the rankings, not negative.
    executor : concurrent.futures.Executor, optional
        Threads over which blocks of units are spread; the result is the same without.

    Returns
    -------
    RankStatistics
        One entry per unit.

    Raises
    ------
    ValueError
        If the number of weights is not that of the rankings.
    """
    runs, units = ranks.shape
    mass = None if weights is None else np.asarray(weights, np.float64)
    if mass is not None and mass.shape != (runs,):
        raise ValueError(f"{runs} rankings need as many weights, not {mass.shape}")
    width = max(1, _CELLS // max(runs, 1))

    def block(start: int) -> tuple[Ints, Floats, Floats, Floats]:
        own = np.ascontiguousarray(ranks[:, start : start + width].T)
        if mass is None:
            return _summary(own, probs, top)
        return _weighted_summary(own, mass, probs, top)

    mapped = (map if executor is None else executor.map)(block, range(0, units, width))
    n, mean, quantiles, share = (np.concatenate(part) for part in zip(*mapped, strict=True))
    return RankStatistics(n=n, mean=mean, quantiles=quantiles, top=share)


def _summary(
    ranks: Ranks, probs: Sequence[float], top: Sequence[int]
) -> tuple[Ints, Floats, Floats, Floats]:
    """Return n, mean, quantiles and top shares of ranks (units, runs), which are sorted here."""
    ranks.sort(axis=1)
    runs = ranks.shape[1]
    n = np.full(len(ranks), runs)
    if runs and ranks[:, 0].min() == 0:
        n = np.count_nonzero(ranks, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = ranks.sum(axis=1, dtype=np.int64) / n
        share = [(np.count_nonzero(ranks <= k, axis=1) - (runs - n)) / n for k in top]
    position = (runs - n)[:, None] + np.maximum(n - 1, 0)[:, None] * np.asarray(probs)
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, runs - 1)
    low = np.take_along_axis(ranks, np.minimum(below, runs - 1), 1).astype(np.float64)
    high = np.take_along_axis(ranks, above, 1)
    quantiles = low + (position - below) * (high - low)
    quantiles[n == 0] = np.nan
    return n, mean, quantiles, np.reshape(share, (len(top), len(ranks))).T


def _weighted_summary(
    ranks: Ranks, weights: Floats, probs: Sequence[float], top: Sequence[int]
) -> tuple[Ints, Floats, Floats, Floats]:
    """Return n, weighted mean, quantiles and top shares of ranks (units, runs)."""
    order = np.argsort(ranks, axis=1, kind="stable")
    in_order = np.take_along_axis(ranks, order, 1)
    mass = np.where(in_order > 0, weights[order], 0.0)
    n = np.count_nonzero(mass, axis=1)
    reached = np.cumsum(mass, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        reached /= reached[:, -1:]
        mean = (mass * in_order).sum(axis=1) / mass.sum(axis=1)
        share = [(mass * (in_order <= k)).sum(axis=1) / mass.sum(axis=1) for k in top]
    at = [np.argmax(reached >= p - _SLACK, axis=1) for p in probs]
    quantiles = np.take_along_axis(in_order, np.stack(at, 1), 1).astype(np.float64)
    quantiles[n == 0] = np.nan
    return n, mean, quantiles, np.reshape(share, (len(top), len(ranks))).T


def rank_acceptability(ranks: Ranks, *, weights: ArrayLike | None = None) -> Floats:
    """Return the share of the rankings in which each unit has each rank.

    Parameters
    ----------
    ranks : numpy.ndarray of int, shape (runs, n_units)
        Ranks from 1; 0 is unranked.
    weights : array_like, shape (runs,), optional
        Weights of the rankings.

    Returns
    -------
    numpy.ndarray, shape (n_units, n_units)
        Row: unit, column: rank 1, 2, …; a row sums to 1, or is NaN if the unit is never ranked.
    """
    units = ranks.shape[1]
    cell = ranks + np.arange(units, dtype=np.int64) * (units + 1)
    mass = None if weights is None else np.repeat(np.asarray(weights, np.float64), units)
    counted = np.bincount(cell.ravel(), weights=mass, minlength=units * (units + 1))
    shares = counted.reshape(units, units + 1)[:, 1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = shares / shares.sum(axis=1, keepdims=True)
    return found


def dominance(
    ranks: Ranks, *, weights: ArrayLike | None = None, executor: Executor | None = None
) -> Floats:
    """Return how often each unit is ranked before each other one.

    Parameters
    ----------
    ranks : numpy.ndarray of int, shape (runs, n_units)
        Ranks from 1; 0 is unranked: such a pair is not counted in that ranking.
    weights : array_like, shape (runs,), optional
        Weights of the rankings.
    executor : concurrent.futures.Executor, optional
        Threads over which blocks of units are spread; the result is the same without.

    Returns
    -------
    numpy.ndarray, shape (n_units, n_units)
        Share of the rankings in which the unit of the row has the smaller rank; ties count for
        neither, so that two shares sum to 1 less the share of ties. NaN on the diagonal and where
        the two are never ranked together.

    Raises
    ------
    ValueError
        If the number of weights is not that of the rankings.
    """
    runs, units = ranks.shape
    mass = np.ones(runs) if weights is None else np.asarray(weights, np.float64)
    if mass.shape != (runs,):
        raise ValueError(f"{runs} rankings need as many weights, not {mass.shape}")
    height = max(1, _BYTES // max(units, 1))
    ranked = ranks > 0
    whole = bool(ranked.all())
    together = mass.sum() if whole else (ranked * mass[:, None]).T @ ranked

    def block(start: int) -> Floats:
        own = slice(start, start + height)
        if weights is not None:
            return _weighted_wins(ranks, own, mass)
        return _wins(ranks, own, whole=whole)

    starts = range(0, units, height)
    wins = np.concatenate(list((map if executor is None else executor.map)(block, starts)))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares: Floats = wins / together
    np.fill_diagonal(shares, np.nan)
    return shares


def _wins(ranks: Ranks, own: slice, *, whole: bool) -> Floats:
    """Count the rankings in which each own unit comes before each unit, byte by byte."""
    units = ranks.shape[1]
    counted = np.zeros((len(range(*own.indices(units))), units))
    before = np.empty(counted.shape, np.bool_)
    sums = np.empty(counted.shape, np.uint8)
    for start in range(0, len(ranks), _ROUNDS):
        sums[...] = 0
        for row in ranks[start : start + _ROUNDS]:
            np.less(row[own, None], row, out=before)
            if not whole:
                before[row[own] == 0] = False
            np.add(sums, before.view(np.uint8), out=sums)
        counted += sums
    return counted


def _weighted_wins(ranks: Ranks, own: slice, mass: NDArray[np.float64]) -> Floats:
    """Sum the weights of the rankings in which each own unit comes before each unit."""
    units = ranks.shape[1]
    counted = np.zeros((len(range(*own.indices(units))), units))
    for row, weight in zip(ranks, mass, strict=True):
        counted += weight * ((row[own, None] < row) & (row[own, None] > 0))
    return counted
