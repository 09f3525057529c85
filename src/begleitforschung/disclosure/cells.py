"""The sums about linked questions as cells and equations: what is shown, and the unknowns behind.

Unknown is how many cases of each finest group of the register gave each combination of answers (or,
of a number, what they add up to). An attacker knows who belongs to each group and who answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from begleitforschung.disclosure.equations import Equations
from begleitforschung.disclosure.linking import Linked, Sum, whole
from begleitforschung.disclosure.structure import Bools, Floats, Ints
from begleitforschung.results.estimate_words import PERCENT_FIRST
from begleitforschung.results.published import Variable
from begleitforschung.stats.suppression import CellTable

_DIGITS = 6  # of a weight in units of the mean
_FAR = 10.0  # nobody knows beforehand how large a number is: times the sum of all


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Cells and equations of linked questions.

    Parameters
    ----------
    table : CellTable
        First one cell for each sum of `Linked.sums` that is a sum (in their order), then the sums
        over cases that gave no answer to what splits them, the unknowns, classes that all gave one
        answer, the bases that answers decide, and the sizes of the finest groups.
    sums : tuple of Sum
        Sums of the first cells.
    shown : int
        How many of them are printed; those behind them never are.
    unknown : numpy.ndarray of bool, shape (cells,)
        Cells that no table shows.
    upper : numpy.ndarray, shape (cells,)
        What a cell can be at most.
    lower : numpy.ndarray, shape (cells,)
        What it can be at least.
    alike : range
        Answers of classes that all, or all but one, gave one.
    bases : range
        Bases that answers decide.
    """

    table: CellTable
    sums: tuple[Sum, ...] = field(repr=False)
    shown: int
    unknown: Bools = field(repr=False)
    upper: Floats = field(repr=False)
    lower: Floats = field(repr=False)
    alike: range
    bases: range

    @property
    def fixed(self) -> Ints:
        """Cells that everybody knows: how many there are in each finest group."""
        return np.arange(self.bases.stop, len(self.unknown))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Room:
    """The unknowns: one for each combination of answers in each finest group.

    Parameters
    ----------
    variables : tuple of Variable
        Questions.
    members : numpy.ndarray of bool, shape (groups, finest)
        Which finest groups make up each group.
    cell : numpy.ndarray of int, shape (n,)
        Finest group of each case; -1 for none.
    start : int
        Cell of the first unknown.
    position : numpy.ndarray of int, shape (combinations, finest)
        Cell of each; -1 where it can't be.
    values : numpy.ndarray, shape (unknowns,)
        How many they are, or what they add up to.
    """

    variables: tuple[Variable, ...]
    members: Bools
    cell: Ints
    start: int
    position: Ints
    values: Floats

    @property
    def size(self) -> Floats:
        """Cases of each finest group."""
        found = np.bincount(self.cell[self.cell >= 0], minlength=self.members.shape[1])
        return found.astype(np.float64)

    def spread(self, factors: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """Return factors by the answers to some questions for all combinations of answers."""
        own = list(names)
        order = [own.index(v.name) for v in self.variables if v.name in own]
        shape = [v.answers + 1 if v.name in own else 1 for v in self.variables]
        every = [v.answers + 1 for v in self.variables]
        found = np.transpose(factors, order).reshape(shape)
        return np.broadcast_to(found, every).ravel()


def finest(groups: Bools, inside: Bools, told: Sequence[np.ndarray] = ()) -> tuple[Bools, Ints]:
    """Return the finest groups of the register that tables tell apart.

    Parameters
    ----------
    groups : numpy.ndarray of bool, shape (groups, n)
        Cases of each group.
    inside : numpy.ndarray of bool, shape (n,)
        Cases that count.
    told : sequence of numpy.ndarray, shape (n,)
        What else tells cases apart: whose answer was released, who answered, weights.

    Returns
    -------
    members : numpy.ndarray of bool, shape (groups, cells)
        Which finest groups make up each group.
    cell : numpy.ndarray of int, shape (n,)
        Finest group of each case; -1 for those that don't count.
    """
    stacked = np.vstack([groups, *told])[:, inside]
    columns, place = np.unique(stacked, axis=1, return_inverse=True)
    cell = np.full(len(inside), -1, np.int64)
    cell[inside] = place.ravel()
    return columns[: len(groups)].astype(np.bool_), cell


def relative(weights: Floats, answered: Bools) -> Floats:
    """Return weights in units of their mean, as far as tables tell them apart.

    Parameters
    ----------
    weights : numpy.ndarray, shape (n,)
        Weights.
    answered : numpy.ndarray of bool, shape (n,)
        Who answered.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Rounded to six digits.
    """
    return np.asarray(np.round(weights / weights[answered].mean(), _DIGITS))


def cells_of(
    linked: Linked,
    released: dict[str, Bools],
    *,
    weighted: bool = False,
    single: bool = False,
    telling: frozenset[str] = frozenset(),
) -> Cells:
    """State sums as cells and equations.

    Parameters
    ----------
    linked : Linked
        The sums.
    released : dict of str to numpy.ndarray of bool, shape (n,)
        Whose answer to a question everybody knows.
    weighted : bool
        Whether sums over groups of which the share is printed, and not the count, are weighted.
    single : bool
        Whether classes that no table tells apart and that all gave one answer are cells.
    telling : frozenset of str
        Columns of which those are cells too that all but one gave, who would know the others.

    Returns
    -------
    Cells
        Cells with their true values, and equations.
    """
    sums = tuple(item for item in linked.sums if item.scores)
    every = (*sums, *_unanswered(sums, linked), *linked.derived)
    room = _room(linked, released, weighted, len(every))
    rows = Equations()
    found = [_add(rows, at, item, linked, room, weighted) for at, item in enumerate(every)]
    values, least, most = np.array(found).reshape(len(every), 3).T
    start = len(every) + len(room.values)
    alike = _alike(rows, linked, room, start, telling) if single else []
    bases = _bases(rows, linked, room, start + len(alike))
    end = start + len(alike) + len(bases)
    sizes = np.zeros(0) if linked.number else _sizes(rows, room, end)
    total = np.concatenate([values, room.values, alike, bases, sizes])
    unknown = np.zeros(len(total), np.bool_)
    unknown[len(every) : start + len(alike)] = True
    lower, upper = _limits(linked, least, most, room, total)
    _fix_released(linked, released, room, lower, upper)
    return Cells(
        table=CellTable(total, rows.matrix(len(total)), (len(total),), unknown),
        sums=every,
        shown=len(sums),
        unknown=unknown,
        upper=upper,
        lower=lower,
        alike=range(start, start + len(alike)),
        bases=range(start + len(alike), end),
    )


def _unanswered(sums: tuple[Sum, ...], linked: Linked) -> list[Sum]:
    """Return the sums over cases without an answer to what splits them."""
    there = set(sums)
    found = []
    for item in sums:
        if not whole(item):
            last = linked.splits[item.partition].parts - 1
            rest = Sum(item.group, item.partition, last, item.scores, True, item.column)
            if rest not in there:
                there.add(rest)
                found.append(rest)
    return found


def _room(linked: Linked, released: dict[str, Bools], weighted: bool, start: int) -> _Room:
    """Return the unknowns with their true values."""
    variables = tuple(linked.variables.values())
    number = linked.number
    inside = np.logical_or.reduce(
        [s.rows.answered for s in linked.secrets.values()] + [base.cases for base in linked.bases]
    )
    told: list[np.ndarray] = [v.answered if v.known is None else v.known for v in variables]
    told += [s.rows.answered for s in linked.secrets.values()]
    known = {name: np.where(released[name], code, -1)
             for name, code in linked.told.items() if name in released}  # fmt: skip
    told += [*known.values(), *([released[number]] if number in released else [])]
    told += [base.cases for base in linked.bases]
    if weighted:
        told += [relative(s.rows.weights, s.rows.answered) for s in linked.secrets.values()]
    if number:
        inside = linked.secrets[number].rows.answered
    members, cell = finest(linked.groups, inside, told)
    shape = tuple(v.answers + 1 for v in variables)
    code = np.zeros(len(inside), np.int64)
    if variables:
        code = np.ravel_multi_index(tuple(linked.told[v.name] for v in variables), shape)
    weight = linked.secrets[number].values[inside] if number else np.ones(inside.sum())
    count = int(np.prod(shape))
    table = np.zeros((count, members.shape[1]))
    np.add.at(table, (code[inside], cell[inside]), weight)
    able = _able(variables, known, cell, members.shape[1]).reshape(count, -1)
    position = np.full(able.shape, -1, np.int64)
    position[able] = start + np.arange(able.sum())
    return _Room(variables=variables, members=members, cell=cell, start=start,
                 position=position, values=table[able])  # fmt: skip


def _able(
    variables: tuple[Variable, ...], released: dict[str, Ints], cell: Ints, groups: int
) -> Bools:
    """Say which combinations of answers can be in each finest group."""
    first = np.zeros(groups, np.int64)  # a case of each, as all of one are alike
    first[cell[cell >= 0]] = np.flatnonzero(cell >= 0)
    shape = tuple(v.answers + 1 for v in variables)
    able = np.ones((*shape, groups), np.bool_)
    every = np.indices(shape)
    for variable, code in zip(variables, every, strict=True):
        able &= (code < variable.answers)[..., None] == variable.answered[first]
        for known in (variable.known, released.get(variable.name)):
            if known is not None:
                able &= (code[..., None] == known[first]) | (known[first] < 0)
    for (one, code), (two, other) in combinations(zip(variables, every, strict=True), 2):
        if one.ranking and one.ranking == two.ranking:  # nothing is ranked twice
            able &= ((code != other) | (code == one.answers))[..., None]
    return able


def _factors(linked: Linked, item: Sum, room: _Room) -> np.ndarray:
    """Return what each combination of answers counts in a sum."""
    found = np.ones(len(room.position))
    if item.column != linked.number:
        found = found * room.spread(np.array([*item.scores, 0.0]), [item.column])
    if item.partition:
        split = linked.splits[item.partition]
        part = max(item.part, 0)
        found = found * room.spread((split.part_of == part).astype(np.float64), split.variables)
    return found


def _add(
    rows: Equations, at: int, item: Sum, linked: Linked, room: _Room, weighted: bool
) -> tuple[float, float, float]:
    """Write down what a sum adds up of the unknowns; return its value, and between what it lies."""
    inside = room.members[item.group]
    secret = linked.secrets[item.column].rows
    answered = int((linked.groups[item.group] & secret.answered).sum())
    weigh = np.ones(len(inside))
    if weighted and whole(item) and answered >= PERCENT_FIRST:
        weigh = _mean_weights(relative(secret.weights, secret.answered), room.cell, len(inside))
    return _equation(rows, at, _factors(linked, item, room), np.where(inside, weigh, 0.0), room)


def _equation(
    rows: Equations, at: int, factors: Floats, weights: Floats, room: _Room
) -> tuple[float, float, float]:
    entries = np.outer(factors, weights)
    able = room.position >= 0
    there = (entries != 0) & able
    columns = room.position[there]
    rows.add(at, columns, entries[there])
    value = float(entries[there] @ room.values[columns - room.start])
    least = np.where(able, entries, np.inf).min(axis=0) @ room.size
    return value, float(least), float(np.where(able, entries, -np.inf).max(axis=0) @ room.size)


def _alike(
    rows: Equations, linked: Linked, room: _Room, start: int, telling: frozenset[str]
) -> list[float]:
    """Add the classes whose members all, or all but one, gave one answer."""
    found: list[float] = []
    for name in linked.secrets if not linked.number else ():
        axis = [v.name for v in room.variables].index(name)
        shape = [v.answers + 1 for v in room.variables]
        table = np.zeros(room.position.shape)
        table[room.position >= 0] = room.values
        counts = table.reshape(*shape, -1)
        counts = counts.sum(axis=tuple(i for i in range(len(shape)) if i != axis))[:-1]
        size = counts.sum(axis=0)
        alone = (counts == size) & (size > 0)
        if name in telling:
            alone |= (counts == size - 1) & (size > 1)
        for code, group in np.argwhere(alone):
            answer = np.zeros(shape[axis])
            answer[code] = 1.0
            only = np.arange(room.members.shape[1]) == group
            factors = room.spread(answer, [name])
            found.append(_equation(rows, start + len(found), factors, only * 1.0, room)[0])
    return found


def _bases(rows: Equations, linked: Linked, room: _Room, start: int) -> list[float]:
    """Add the bases that answers decide."""
    found = []
    for at, base in enumerate(linked.bases if not linked.number else ()):
        inside = np.zeros(room.members.shape[1])
        inside[room.cell[base.cases]] = 1.0
        factors = room.spread(base.within.astype(np.float64), base.variables)
        found.append(_equation(rows, start + at, factors, inside, room)[0])
    return found


def _sizes(rows: Equations, room: _Room, start: int) -> Floats:
    """Add how many there are in each finest group, which everybody knows."""
    for group in range(len(room.size)):
        columns = room.position[:, group]
        rows.add(start + group, columns[columns >= 0], 1.0)
    return room.size


def _mean_weights(weights: Floats, cell: Ints, groups: int) -> Floats:
    """Return the weight of each finest group in units of the mean."""
    inside = cell >= 0
    sums = np.bincount(cell[inside], weights[inside], groups)
    return np.asarray(sums / np.bincount(cell[inside], minlength=groups))


def _limits(
    linked: Linked, least: Floats, most: Floats, room: _Room, total: Floats
) -> tuple[Floats, Floats]:
    """Return what each cell can be at least and at most."""
    largest = _FAR * float(np.abs(room.values).sum()) or 1.0
    upper = np.full(len(total), largest)
    lower = np.full(len(total), -largest if (room.values < 0).any() else 0.0)
    if linked.number:
        return lower, upper
    size = np.broadcast_to(room.size, room.position.shape)
    upper[room.start : room.start + len(room.values)] = size[room.position >= 0]
    lower[: len(least)], upper[: len(most)] = least, most
    return lower, upper


def _fix_released(
    linked: Linked, released: dict[str, Bools], room: _Room, lower: Floats, upper: Floats
) -> None:
    """Take numbers that were released as known."""
    if linked.number not in released:
        return
    known = np.unique(room.cell[released[linked.number] & (room.cell >= 0)])
    at = room.position[:, known].ravel()
    at = at[at >= 0]
    lower[at] = upper[at] = room.values[at - room.start]
