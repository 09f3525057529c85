"""The sums about one column as cells and equations: what is shown, and the unknowns behind it.

Unknown is how many cases of each finest group of the register gave each answer (or, of a number,
what they add up to). An attacker knows who belongs to each group and who answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from begleitforschung.disclosure.linking import Linked, Sum, whole
from begleitforschung.disclosure.structure import Bools, Floats, Ints
from begleitforschung.results.estimate_words import PERCENT_FIRST
from begleitforschung.stats.suppression import CellTable

_DIGITS = 6  # of a weight in units of the mean
_FAR = 10.0  # nobody knows beforehand how large a number is: times the sum of all


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Cells and equations of one column.

    Parameters
    ----------
    table : CellTable
        First one cell for each sum of `Linked.sums` that is a sum (in their order), then the sums
        over cases that gave no answer to what splits them, the unknowns, and the bases.
    sums : tuple of Sum
        Sums of the first cells.
    shown : int
        How many of them are printed; those behind them never are.
    unknown : numpy.ndarray of bool, shape (cells,)
        Unknowns.
    upper : numpy.ndarray, shape (cells,)
        What a cell can be at most.
    lower : numpy.ndarray, shape (cells,)
        What it can be at least.
    classes : (int, int)
        Numbers of answers and of finest groups.
    """

    table: CellTable
    sums: tuple[Sum, ...] = field(repr=False)
    shown: int
    unknown: Bools = field(repr=False)
    upper: np.ndarray = field(repr=False)
    lower: np.ndarray = field(repr=False)
    classes: tuple[int, int]

    @property
    def fixed(self) -> Ints:
        """Cells that everybody knows: the bases."""
        start = len(self.sums) + int(self.unknown.sum())
        return np.arange(start, len(self.unknown))

    def alike(self) -> list[int]:
        """Return the unknowns of classes whose members all gave one answer.

        Returns
        -------
        list of int
            Positions of their cells; none for numbers.
        """
        kinds, classes = self.classes
        if kinds < 2:
            return []
        start = len(self.sums)
        block = self.table.values[start : start + kinds * classes].reshape(kinds, classes)
        alone = (block.max(axis=0) == block.sum(axis=0)) & (block.sum(axis=0) > 0)
        found = start + block.argmax(axis=0) * classes + np.arange(classes)
        return [int(cell) for cell in found[alone]]


@dataclass(frozen=True, slots=True)
class _Unknowns:
    """Where the unknowns of each partition stand: answer by part by finest group."""

    start: int
    values: np.ndarray


def finest(
    groups: Bools, answered: Bools, released: Bools, weights: Floats | None = None
) -> tuple[Bools, Ints]:
    """Return the finest groups of the register that tables tell apart.

    Parameters
    ----------
    groups : numpy.ndarray of bool, shape (groups, n)
        Cases of each group.
    answered : numpy.ndarray of bool, shape (n,)
        Who answered.
    released : numpy.ndarray of bool, shape (n,)
        Whose answer everybody knows, as it was released.
    weights : numpy.ndarray, shape (n,), optional
        Weights that tell cases apart too.

    Returns
    -------
    members : numpy.ndarray of bool, shape (groups, cells)
        Which finest groups make up each group.
    cell : numpy.ndarray of int, shape (n,)
        Finest group of each case; -1 without an answer.
    """
    told = [groups, released[None]]
    if weights is not None:
        told.append(np.round(weights / weights[answered].mean(), _DIGITS)[None])
    columns, place = np.unique(np.vstack(told)[:, answered], axis=1, return_inverse=True)
    cell = np.full(len(answered), -1, np.int64)
    cell[answered] = place.ravel()
    return columns[: len(groups)].astype(np.bool_), cell


def cells_of(linked: Linked, released: Bools, *, weighted: bool = False) -> Cells:
    """State the sums about one column as cells and equations.

    Parameters
    ----------
    linked : Linked
        The sums.
    released : numpy.ndarray of bool, shape (n,)
        Whose answer everybody knows.
    weighted : bool
        Whether sums over groups of which the share is printed, and not the count, are weighted.

    Returns
    -------
    Cells
        Cells with their true values, and equations.
    """
    secret = linked.secret
    weights = secret.rows.weights if weighted else None
    members, cell = finest(linked.groups, secret.rows.answered, released, weights)
    sums = tuple(item for item in linked.sums if item.scores)
    every = (*sums, *_unanswered(sums, linked), *linked.derived)
    blocks, unknowns = _unknowns(linked, cell, members.shape[1], len(every))
    rows = _Equations()
    factors = np.ones(members.shape[1]) if weights is None else _mean_weights(weights, cell)
    size = np.bincount(cell[cell >= 0], minlength=members.shape[1])
    values = []
    for at, item in enumerate(every):
        inside = members[item.group]
        shared = whole(item) and size[inside].sum() >= PERCENT_FIRST
        weigh = factors if shared else np.ones(len(factors))
        values.append(_add(rows, at, item, blocks, np.where(inside, weigh, 0.0)))
    start = len(every) + len(unknowns)
    bases = _bases(rows, blocks, start, every, members)
    total = np.concatenate([values, unknowns, bases])
    unknown = np.zeros(len(total), bool)
    unknown[len(every) : start] = True
    largest = _FAR * float(np.abs(unknowns).sum()) or 1.0
    upper = np.full(len(total), largest)
    lower = np.full(len(total), -largest if (unknowns < 0).any() else 0.0)
    if secret.rows.answers:
        upper[unknown] = _most(blocks, cell, members.shape[1])
        most = factors.max(initial=1.0) * size
        upper[: len(every)] = [_reach(item, members, most, max) for item in every]
        lower[: len(every)] = [_reach(item, members, most, min) for item in every]
    table = CellTable(total, rows.matrix(len(total)), (len(total),), unknown)
    return Cells(
        table=table,
        sums=every,
        shown=len(sums),
        unknown=unknown,
        upper=upper,
        lower=lower,
        classes=(max(1, len(secret.rows.answers)), members.shape[1]),
    )


class _Equations:
    """Gathers sparse equations."""

    def __init__(self) -> None:
        self._rows: list[Ints] = []
        self._columns: list[Ints] = []
        self._entries: list[np.ndarray] = []
        self._count = 0

    def add(self, columns: Any, entries: Any) -> None:
        """Add one equation: ``entries @ cells[columns] == 0``."""
        where = np.asarray(columns, np.int64)
        self._rows.append(np.full(len(where), self._count))
        self._columns.append(where)
        self._entries.append(np.broadcast_to(np.asarray(entries, np.float64), where.shape))
        self._count += 1

    def matrix(self, cells: int) -> Any:
        """Return all equations."""
        from scipy import sparse

        if not self._count:
            return sparse.csr_array((0, cells))
        where = (np.concatenate(self._rows), np.concatenate(self._columns))
        made = sparse.csr_array((np.concatenate(self._entries), where), shape=(self._count, cells))
        made.eliminate_zeros()
        return made


def _unanswered(sums: tuple[Sum, ...], linked: Linked) -> list[Sum]:
    """Return the sums over cases without an answer to what splits them."""
    there = set(sums)
    found = []
    for item in sums:
        if not whole(item):
            last = linked.parts[item.partition][1] - 1
            rest = Sum(item.group, item.partition, last, item.scores, crossed=True)
            if rest not in there:
                there.add(rest)
                found.append(rest)
    return found


def _unknowns(
    linked: Linked, cell: Ints, finest_groups: int, start: int
) -> tuple[dict[str, _Unknowns], np.ndarray]:
    """Return the unknowns of the whole groups and of each partition, one block behind the other."""
    secret = linked.secret
    answered = cell >= 0
    count = max(1, len(secret.rows.answers))
    weight = np.ones(answered.sum()) if secret.rows.answers else secret.values[answered]
    blocks: dict[str, _Unknowns] = {}
    flat = []
    for name, (codes, parts) in {"": (np.zeros_like(cell), 1), **linked.parts}.items():
        shape = (count, parts, finest_groups)
        at = np.ravel_multi_index((secret.codes[answered], codes[answered], cell[answered]), shape)
        values = np.bincount(at, weight, int(np.prod(shape))).reshape(shape)
        blocks[name] = _Unknowns(start, values)
        start += values.size
        flat.append(values.ravel())
    return blocks, np.concatenate(flat)


def _add(
    rows: _Equations, at: int, item: Sum, blocks: dict[str, _Unknowns], weights: Floats
) -> float:
    """Write down what a sum adds up of the finest groups; return its value."""
    block, part = blocks[item.partition], max(item.part, 0)
    positions = np.arange(block.values.size).reshape(block.values.shape)[:, part] + block.start
    entries = np.outer(np.asarray(item.scores), weights)
    inside = weights > 0
    rows.add([at, *positions[:, inside].ravel()], [-1.0, *entries[:, inside].ravel()])
    return float((entries * block.values[:, part]).sum())


def _bases(
    rows: _Equations,
    blocks: dict[str, _Unknowns],
    start: int,
    sums: tuple[Sum, ...],
    members: Bools,
) -> np.ndarray:
    """Write down the bases, which everybody knows, and that parts add up to the whole."""
    main = blocks[""]
    numbers = main.values.shape[0] == 1
    found: list[float] = []
    positions = np.arange(main.values.size).reshape(main.values.shape) + main.start
    if not numbers:
        for group in range(main.values.shape[2]):
            rows.add([*positions[:, 0, group], start + len(found)], [*[1.0] * len(positions), -1.0])
            found.append(float(main.values[:, 0, group].sum()))
    for name, block in blocks.items():
        if not name:
            continue
        inner = np.arange(block.values.size).reshape(block.values.shape) + block.start
        for block_of, whole_of in zip(inner, positions[:, 0], strict=True):
            for group, unknown in enumerate(whole_of):
                parts = block_of[:, group]
                rows.add([*parts, unknown], [*[1.0] * len(parts), -1.0])
        if numbers:
            continue
        for group, part in {(s.group, s.part) for s in sums if s.partition == name}:
            chosen = inner[:, part][:, members[group]].ravel()
            rows.add([*chosen, start + len(found)], [*[1.0] * len(chosen), -1.0])
            found.append(float(block.values[:, part][:, members[group]].sum()))
    return np.array(found)


def _mean_weights(weights: Floats, cell: Ints) -> Floats:
    """Return the weight of each finest group in units of the mean."""
    inside = cell >= 0
    sums = np.bincount(cell[inside], weights[inside]) / np.bincount(cell[inside])
    return np.asarray(sums / weights[inside].mean())


def _most(blocks: dict[str, _Unknowns], cell: Ints, finest_groups: int) -> np.ndarray:
    """Return how many cases each unknown can have: all of its finest group."""
    size = np.bincount(cell[cell >= 0], minlength=finest_groups).astype(np.float64)
    shapes = [block.values.shape for block in blocks.values()]
    return np.concatenate([np.broadcast_to(size, shape).ravel() for shape in shapes])


def _reach(item: Sum, members: Bools, size: Floats, which: Any) -> float:
    """Return what a sum can be if all cases of its group gave one answer."""
    return float(which(0.0, which(item.scores)) * size[members[item.group]].sum())
