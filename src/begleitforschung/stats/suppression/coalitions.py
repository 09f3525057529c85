"""What respondents who put their own answers together work out of published counts and sums.

The counts of a question are whole numbers ``z`` by class and answer; a class holds the respondents
that no published group tells apart. Everybody knows how many of each class answered, and what is
published: ``matrix @ z``. A coalition knows its own answers beside. The answer of somebody else is
worked out if all tables that agree with all this give all others of the class the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_TINY = 1e-7  # relative; solvers have tolerances


@dataclass(frozen=True, slots=True)
class Inferred:
    """An answer that a coalition works out.

    Parameters
    ----------
    group : int
        Class whose other members' answers are known then.
    coalition : tuple of int
        Classes of the colluding respondents; empty where the public needs no help.
    """

    group: int
    coalition: tuple[int, ...]


def inferred_answers(
    values: ArrayLike,
    matrix: ArrayLike,
    members: ArrayLike,
    size: int,
    groups: ArrayLike | None = None,
    slack: ArrayLike = 0.0,
) -> list[Inferred]:
    """Find answers that coalitions work out of published counts.

    Parameters
    ----------
    values : array_like of int, shape (classes, codes)
        True counts.
    matrix : array_like, shape (rows, classes, codes)
        What is published: each row is a weighted sum of the counts.
    members : array_like of int, shape (classes, codes)
        How many of each may collude.
    size : int
        Largest coalition.
    groups : array_like of bool, shape (groups, classes), optional
        Published groups of which it may be seen that all (but the coalition) gave one answer.
    slack : array_like, shape (rows,)
        How far what is published may lie from the truth, as it is rounded.

    Returns
    -------
    list of Inferred
        For each class the first coalition found, smaller ones first; empty if none works.

    Raises
    ------
    ValueError
        If arrays do not fit each other, or more may collude than there are.

    Examples
    --------
    Three of a group of four say yes, and so does one of a part of it with two members:

    >>> counts = [[1, 1], [2, 0]]
    >>> total = [[[1, 0], [1, 0]]]
    >>> inferred_answers(counts, total, counts, 1)
    [Inferred(group=0, coalition=(0,)), Inferred(group=1, coalition=(0,))]
    """
    counts = np.asarray(values, np.int64)
    rows = np.asarray(matrix, np.float64).reshape(-1, *counts.shape)
    may = np.asarray(members, np.int64)
    if may.shape != counts.shape or (may > counts).any() or (may < 0).any():
        raise ValueError("as many may collude as gave an answer, by class and code")
    open_to = np.zeros((0, len(counts)), bool) if groups is None else np.asarray(groups, bool)
    tables = _Tables(counts, rows, np.broadcast_to(np.asarray(slack, np.float64), len(rows)))
    found = []
    for group, code in np.argwhere(counts > 0).tolist():
        others = np.delete(counts[group], code).sum()
        if others <= size:
            target = _Target(group, code, counts, may, size, open_to[open_to[:, group]])
            if (coalition := target.first(tables)) is not None:
                found.append(Inferred(group, coalition))
    return found


class _Tables:
    """Tables that agree with what is published; those found once serve many questions."""

    def __init__(self, counts: Ints, rows: Floats, slack: Floats) -> None:
        from scipy import sparse

        classes, codes = counts.shape
        bases = np.kron(np.eye(classes), np.ones(codes))
        system = np.vstack([rows.reshape(len(rows), counts.size), bases])
        self._counts = counts.ravel()
        right = system @ self._counts
        room = np.concatenate([slack, np.zeros(classes)]) + _TINY * np.maximum(1.0, np.abs(right))
        self._right = right - room, right + room
        size = counts.size
        # A second variable for each cell: by how much it falls below its true value.
        self._equal = sparse.hstack([sparse.csr_array(system), sparse.csr_array(system.shape)])
        self._fall = sparse.hstack([sparse.eye_array(size), sparse.eye_array(size)])
        self._top = np.repeat(counts.sum(axis=1), codes)
        self.pool: Ints = np.zeros((0, size), np.int64)

    def other(self, cell: int, least: Ints) -> bool:
        """Find a table with less in a cell and at least what the coalition knows to be there."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        high = self._top.astype(np.float64)
        high[cell] = self._counts[cell] - 1
        if high[cell] < least[cell]:
            return False
        n = len(high)
        found: Any = milp(
            np.concatenate([np.zeros(n), np.ones(n)]),
            integrality=np.ones(2 * n),
            bounds=Bounds(np.concatenate([least, np.zeros(n)]), np.concatenate([high, self._top])),
            constraints=[
                LinearConstraint(self._equal, *self._right),
                LinearConstraint(self._fall, self._counts, np.inf),
            ],
            options={"mip_rel_gap": 10.0},  # any other table will do
        )
        if found.x is None:
            return False
        self.pool = np.vstack([self.pool, np.rint(found.x[:n]).astype(np.int64)])
        return True


class _Target:
    """A class whose members, all but few, gave one answer."""

    def __init__(
        self, group: int, code: int, counts: Ints, may: Ints, size: int, groups: Bools
    ) -> None:
        self._codes = counts.shape[1]
        self._cell = group * self._codes + code
        self._counts, self._may = counts.ravel(), may.ravel()
        others = np.zeros_like(counts)
        others[group] = counts[group]
        others[group, code] = 0
        # Nothing is left to find out of a class unless all who differ belong to the coalition.
        self._needed: Ints = others.ravel()
        self._free = size - int(self._needed.sum())
        unlike = np.broadcast_to(np.arange(self._codes) != code, counts.shape)
        self._differ = [np.where(inside[:, None] & unlike, counts, 0).ravel() for inside in groups]

    def first(self, tables: _Tables) -> tuple[int, ...] | None:
        """Return the classes of the smallest coalition that works out the rest."""
        if (self._needed > self._may).any() or any(not d.any() for d in self._differ):
            return None
        for known in self._coalitions():
            if self._open(known) or self._answered(tables.pool, known):
                continue
            if not tables.other(self._cell, known):
                return tuple(np.repeat(np.arange(len(known)) // self._codes, known).tolist())
        return None

    def _coalitions(self) -> Iterator[Ints]:
        """Yield how many of each answer are known, smaller coalitions first."""
        cells = np.flatnonzero(self._may > self._needed)
        for more in range(self._free + 1):
            for chosen in combinations_with_replacement(cells.tolist(), more):
                known = self._needed + np.bincount(chosen, minlength=len(self._needed)) * bool(more)
                left = self._counts[self._cell] - known[self._cell]
                if left > 0 and (known <= self._may).all():
                    yield known

    def _open(self, known: Ints) -> bool:
        """Say whether a published group shows it anyway: all but the coalition are alike."""
        return any((d <= known).all() for d in self._differ)

    def _answered(self, pool: Ints, known: Ints) -> bool:
        fits = (pool[:, self._cell] < self._counts[self._cell]) & (pool >= known).all(axis=1)
        return bool(fits.any())


def inferred_amounts(
    sizes: ArrayLike, matrix: ArrayLike, members: ArrayLike, size: int
) -> list[Inferred]:
    """Find amounts that coalitions work out of published sums.

    Only exact inference by adding and subtracting; `coalition_shortfalls` looks at estimates.

    Parameters
    ----------
    sizes : array_like of int, shape (classes,)
        Contributors of each class.
    matrix : array_like, shape (rows, classes)
        What is published: each row is a weighted sum of the classes' sums.
    members : array_like of int, shape (classes,)
        How many of each may collude.
    size : int
        Largest coalition.

    Returns
    -------
    list of Inferred
        For each class the first coalition found, smaller ones first.

    Examples
    --------
    The sum of all and that of all but one:

    >>> inferred_amounts([1, 5], [[1, 1], [0, 1]], [1, 5], 1)
    [Inferred(group=0, coalition=())]
    """
    count, may = np.asarray(sizes, np.int64), np.asarray(members, np.int64)
    rows = np.asarray(matrix, np.float64).reshape(-1, len(count))
    found = []
    for group in np.flatnonzero((count >= 1) & (may >= count - 1) & (count - 1 <= size)).tolist():
        need = int(count[group]) - 1
        small = [g for g in np.flatnonzero((may == count) & (count > 0)).tolist() if g != group]
        for known in _subsets(small, count, size - need):
            if _determined(np.delete(rows, known, axis=1), group - sum(k < group for k in known)):
                coalition = [group] * need + [g for g in known for _ in range(int(count[g]))]
                found.append(Inferred(group, tuple(sorted(coalition))))
                break
    return found


def coalition_shortfalls(values: ArrayLike, members: ArrayLike, size: int, percent: float) -> bool:
    """Say whether a coalition estimates a contribution to a published sum too well.

    The p % rule with a coalition: with x the largest contribution outside of it, the others that
    are not in it must sum up to at least p/100 x (A. Hundepool et al., Handbook on Statistical
    Disclosure Control, 2nd ed., sec. 4.2, for a coalition of one).

    Parameters
    ----------
    values : array_like, shape (n,)
        Contributions, none negative.
    members : array_like of bool, shape (n,)
        Who may collude.
    size : int
        Largest coalition.
    percent : float
        p.

    Returns
    -------
    bool
        True if some coalition does.

    Examples
    --------
    >>> coalition_shortfalls([100, 50, 8, 3], [True] * 4, 1, 10)
    False
    >>> coalition_shortfalls([100, 50, 8, 3], [True] * 4, 2, 10)
    True
    """
    amount, may = np.asarray(values, np.float64), np.asarray(members, bool)
    for at in np.flatnonzero(amount > 0):
        rest = np.delete(amount, at)
        known = np.sort(rest[np.delete(may, at)])[::-1][:size]
        if rest.sum() - known.sum() < percent / 100 * amount[at] * (1 - 1e-9):
            return True
    return False


def _subsets(classes: list[int], count: Ints, budget: int) -> Iterator[tuple[int, ...]]:
    for many in range(budget + 1):
        for chosen in combinations(classes, many):
            if count[list(chosen)].sum() <= budget:
                yield chosen


def _determined(rows: Floats, group: int) -> bool:
    unit = np.zeros((1, rows.shape[1]))
    unit[0, group] = 1.0
    rank = np.linalg.matrix_rank
    return bool(rank(np.vstack([rows, unit])) == rank(rows)) if len(rows) else False
