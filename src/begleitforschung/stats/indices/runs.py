"""Many runs of an index: scores in blocks, ranked at once, over several threads.

Runs that share their data form a batch. Only ranks are kept of each run (two bytes a unit), scores
if they are asked for, so that memory does not grow with what a run needs on the way. Blocks depend
on nothing but the numbers of runs and units: results are the same on any number of cores.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.indices.ranking import Ranks, competition_ranks, rank_type
from begleitforschung.stats.indices.tree import Scores

_CELLS = 360_000  # scores of one block: enough rows for a matrix product, few enough for the cache
_PIECES = 16  # at least so many, so that threads are done at about the same time
_SMALL = 400_000  # scores below which threads cost more than they bring


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Runs that share their data."""

    runs: Ints
    """Numbers of the runs, shape (r,)."""
    prepare: Callable[[], Scores]
    """Prepares the data; gives a function from a slice of the batch to scores (runs, n_units)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedRuns:
    """What is kept of all runs."""

    ranks: Ranks
    """Ranks, shape (runs, n_units); 0 is unranked. A run without any rank failed."""
    shift: Floats
    """Mean absolute difference from the nominal rank, shape (runs,); NaN if the run failed."""
    scores: Floats | None
    """Scores, shape (runs, n_units), if asked for."""


def ranked_runs(
    batches: Sequence[Batch],
    nominal: Ranks,
    *,
    keep_scores: bool = False,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> RankedRuns:
    """Compute the scores of all runs and rank them.

    Parameters
    ----------
    batches : sequence of Batch
        Batches that together hold each run 0 … R - 1 once.
    nominal : numpy.ndarray of int, shape (n_units,)
        Ranks that the shift is measured from; 0 is unranked.
    keep_scores : bool
        Whether the scores are kept: eight bytes for each run and unit.
    threads : int, optional
        Threads; as many as the machine has cores, at most four, if not given.
    progress : callable, optional
        Called with the number of runs that have been finished since the last call, from any
        thread.

    Returns
    -------
    RankedRuns
        Ranks and shifts in the order of the numbers of the runs.
    """
    total, units = sum(len(batch.runs) for batch in batches), len(nominal)
    kept = RankedRuns(
        ranks=np.zeros((total, units), rank_type(units)),
        shift=np.full(total, np.nan),
        scores=np.full((total, units), np.nan) if keep_scores else None,
    )
    size = piece_size(total)
    pieces = [
        (batch, slice(start, start + size))
        for batch in batches
        for start in range(0, len(batch.runs), size)
    ]

    def work(piece: tuple[Batch, slice]) -> None:
        done = _run_piece(*piece, nominal, kept)
        if progress is not None:
            progress(done)

    with workers(total * units, threads) as executor:
        list((map if executor is None else executor.map)(work, pieces))
    return kept


def piece_size(runs: int) -> int:
    """Return how many runs of a batch one thread takes on at a time.

    It depends on nothing but the number of runs, so that results do not hang on the machine.

    Parameters
    ----------
    runs : int
        Runs in all.

    Returns
    -------
    int
        Between 64 and 4,096.
    """
    return min(4096, max(64, runs // _PIECES))


@contextmanager
def workers(cells: int, threads: int | None = None) -> Iterator[Executor | None]:
    """Open threads for so many numbers; matrix products use one core each meanwhile.

    Parameters
    ----------
    cells : int
        Numbers to be worked on.
    threads : int, optional
        Threads; as many as the machine has cores, at most four, if not given.

    Yields
    ------
    concurrent.futures.Executor or None
        None where one thread is enough.
    """
    number = min(4, os.cpu_count() or 1) if threads is None else threads
    with _libraries().limit(limits=1, user_api="blas"):
        if number < 2 or cells < _SMALL:
            yield None
        else:
            with ThreadPoolExecutor(number) as executor:
                yield executor


@cache
def _libraries() -> Any:
    """Return the handle by which a linear algebra library is kept from threads of its own."""
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()


def _run_piece(batch: Batch, piece: slice, nominal: Ranks, kept: RankedRuns) -> int:
    """Score and rank some runs of a batch; return how many."""
    scores_of, runs = batch.prepare(), batch.runs[piece]
    step = max(1, _CELLS // max(len(nominal), 1))
    for start in range(0, len(runs), step):
        own = runs[start : start + step]
        first = piece.start + start
        scores = scores_of(slice(first, first + len(own)))
        if kept.scores is not None:
            kept.scores[own] = scores
        if np.isnan(scores[:, :1]).any():
            ranked = ~np.isnan(scores).all(axis=1)
            own, scores = own[ranked], scores[ranked]
        ranks = competition_ranks(scores)
        kept.ranks[own] = ranks
        kept.shift[own] = mean_shift(ranks, nominal)
    return len(runs)


def mean_shift(ranks: Ranks, nominal: Ranks) -> Floats:
    """Return the mean absolute difference from nominal ranks.

    Parameters
    ----------
    ranks : numpy.ndarray of int, shape (runs, n_units)
        Ranks; 0 is unranked.
    nominal : numpy.ndarray of int, shape (n_units,)
        Nominal ranks; 0 is unranked.

    Returns
    -------
    numpy.ndarray, shape (runs,)
        Mean over the units that are ranked in both; NaN if there are none.
    """
    differences = np.abs(ranks - nominal)
    units: Any = len(nominal)
    if not (ranks.all() and nominal.all()):
        both = (ranks > 0) & (nominal > 0)
        differences[~both] = 0
        units = both.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = differences.sum(axis=1, dtype=np.int64) / units
    return found
