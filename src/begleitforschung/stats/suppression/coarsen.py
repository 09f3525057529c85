"""Broader classes instead of suppression: the fewest merges after which every cell is safe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.suppression.rules import too_few

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Rule = Callable[[Floats], Bools]

_CHOICES = 4_000  # ways to merge the other axes that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarsening:
    """Classes merged until nothing needs suppressing.

    Parameters
    ----------
    groups : tuple of numpy.ndarray of int64
        For each axis the group, from 0, that each class goes to.
    merges : int
        By how many classes the axes became shorter together.
    fewest : bool
        Whether all other ways to merge were looked at.
    counts : numpy.ndarray
        The table of the merged classes.
    """

    groups: tuple[Ints, ...]
    merges: int
    fewest: bool
    counts: Floats


def fewest_merges(
    counts: ArrayLike, ordered: Sequence[bool] | None = None, unsafe: Rule = too_few
) -> Coarsening | None:
    """Merge the fewest classes so that no cell is unsafe.

    Classes of an ordered axis are merged with their neighbours; of any other axis the smallest
    ones are merged into one rest. Among equally short axes the first way found is taken.

    Parameters
    ----------
    counts : array_like
        Table without margins, any number of dimensions.
    ordered : sequence of bool, optional
        For each axis whether its classes have an order; all have by default.
    unsafe : callable
        Rule that tells of each cell of a table whether it is unsafe; fewer than 3 by default.

    Returns
    -------
    Coarsening or None
        The merged classes; None if even the total alone is unsafe.

    Raises
    ------
    ValueError
        If `ordered` does not fit the axes.

    Examples
    --------
    >>> found = fewest_merges([[9, 4, 1, 2], [8, 5, 6, 7]])
    >>> found.merges, [axis.tolist() for axis in found.groups]
    (1, [[0, 1], [0, 1, 2, 2]])
    """
    table = np.asarray(counts, np.float64)
    order = [True] * table.ndim if ordered is None else list(ordered)
    if table.ndim == 0 or len(order) != table.ndim:
        raise ValueError("each axis of the table is either ordered or not")
    lengths = [n if kind else 0 for n, kind in zip(table.shape, order, strict=True)]
    line = int(np.argmax(lengths)) if any(order) else None
    others = [axis for axis in range(table.ndim) if axis != line]
    ways = [_ways(table, axis, order[axis]) for axis in others]
    choices = _by_merges(ways)
    best: tuple[int, dict[int, Ints]] | None = None
    for merged, choice in islice(choices, _CHOICES):
        if best is not None and merged >= best[0]:
            break
        best = _better(table, dict(zip(others, choice, strict=True)), line, unsafe, best)
    rest = next(choices, None)
    if best is None and rest is not None:
        alone = {axis: np.zeros(table.shape[axis], np.int64) for axis in others}
        best = _better(table, alone, line, unsafe, None)
    if best is None:
        return None
    groups = tuple(best[1][axis] for axis in range(table.ndim))
    fewest = rest is None or rest[0] >= best[0]
    return Coarsening(groups=groups, merges=best[0], fewest=fewest, counts=merge(table, groups))


def merge(counts: ArrayLike, groups: Sequence[ArrayLike]) -> Floats:
    """Add up the classes of a table by groups.

    Parameters
    ----------
    counts : array_like
        Table without margins.
    groups : sequence of array_like
        For each axis the group, from 0, of each class.

    Returns
    -------
    numpy.ndarray
        The table of the groups.
    """
    table = np.asarray(counts, np.float64)
    for axis, group in enumerate(groups):
        belongs = np.asarray(group) == np.arange(np.max(group) + 1)[:, None]
        table = np.moveaxis(np.tensordot(belongs.astype(np.float64), table, (1, axis)), 0, axis)
    return table


def _ways(table: Floats, axis: int, ordered: bool) -> list[tuple[int, Ints]]:
    """List the ways to merge the classes of one axis with how many they save, few first."""
    n = table.shape[axis]
    if ordered:
        cuts = (kept for size in range(n - 1, -1, -1) for kept in combinations(range(1, n), size))
        marks = [np.isin(np.arange(n), kept) for kept in islice(cuts, _CHOICES + 1)]
        return [(n - 1 - int(mark.sum()), np.cumsum(mark)) for mark in marks]
    totals = table.sum(axis=tuple(other for other in range(table.ndim) if other != axis))
    rank = np.argsort(np.argsort(-totals, kind="stable"), kind="stable")
    found = []
    for kept in range(n - 1, -1, -1):
        _, group = np.unique(np.where(rank >= kept, n, np.arange(n)), return_inverse=True)
        found.append((n - 1 - kept, group.ravel()))
    return found


def _by_merges(ways: Sequence[list[tuple[int, Ints]]]) -> Iterator[tuple[int, list[Ints]]]:
    """Combine the ways of several axes, fewest merges first."""
    most = sum(max(merges for merges, _ in axis) for axis in ways)
    for total in range(most + 1):
        for shares in product(*(sorted({merges for merges, _ in axis}) for axis in ways)):
            if sum(shares) == total:
                fitting = (
                    [group for merges, group in axis if merges == share]
                    for axis, share in zip(ways, shares, strict=True)
                )
                yield from ((total, list(choice)) for choice in product(*fitting))


def _better(
    table: Floats,
    chosen: dict[int, Ints],
    line: int | None,
    unsafe: Rule,
    best: tuple[int, dict[int, Ints]] | None,
) -> tuple[int, dict[int, Ints]] | None:
    """Complete a choice by the best cut of the remaining axis; keep what merges fewer."""
    groups = [chosen.get(axis, np.arange(n)) for axis, n in enumerate(table.shape)]
    merged = merge(table, groups)
    if line is None:
        cut = None if unsafe(merged).any() else np.zeros(0, np.int64)
    else:
        cut = _line(np.moveaxis(merged, line, 0).reshape(table.shape[line], -1), unsafe)
    if cut is None:
        return best
    done = chosen if line is None else {**chosen, line: cut}
    total = sum(len(group) - 1 - int(group.max()) for group in done.values())
    return (total, done) if best is None or total < best[0] else best


def _line(rows: Floats, unsafe: Rule) -> Ints | None:
    """Cut ordered rows into as many safe runs as possible (dynamic programming)."""
    n = len(rows)
    sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    safe: Bools = np.logical_not(unsafe(sums[None] - sums[:, None]).any(axis=2))
    runs, start = np.full(n + 1, -1), np.zeros(n + 1, np.int64)
    runs[0] = 0
    for end in range(1, n + 1):
        before = np.where(safe[:end, end] & (runs[:end] >= 0), runs[:end], -1)
        start[end] = int(np.argmax(before))
        runs[end] = before[start[end]] + 1 if before[start[end]] >= 0 else -1
    if runs[n] < 0:
        return None
    firsts, end = np.zeros(n, bool), n
    while end > 0:
        end = int(start[end])
        firsts[end] = end > 0
    return np.asarray(np.cumsum(firsts), np.int64)
