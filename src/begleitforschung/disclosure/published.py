"""Published estimates as an attacker sees them: figures, and the unknowns that they add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.disclosure.unknowns import About, HiddenCell, Unknowns
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.published import EVERYBODY, ColumnRows, Row

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
_TOGETHER = 3  # questions whose answers are all combined


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """All that is published about linked questions, as bounds of sums of unknowns.

    Parameters
    ----------
    questions : tuple of str
        What they are about, for messages.
    number : bool
        Whether that is a number.
    units : dict of str to numpy.ndarray, shape (finest groups,)
        Who answered, by column.
    shown_groups : dict of str to numpy.ndarray of bool, shape (groups, finest groups)
        Groups of the register about which a figure of a column is shown.
    sums : scipy.sparse.csr_array, shape (figures, unknowns)
        What each figure adds up.
    low, high : numpy.ndarray, shape (figures,)
        Between what it lies; numbers in units of the largest one.
    least, most : numpy.ndarray, shape (unknowns,)
        What is known of the unknowns.
    hidden : tuple of HiddenCell
        Hidden cells.
    """

    questions: tuple[str, ...]
    number: bool
    units: dict[str, Floats] = field(repr=False)
    shown_groups: dict[str, Bools] = field(repr=False)
    sums: Any = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    least: Floats = field(repr=False)
    most: Floats = field(repr=False)
    hidden: tuple[HiddenCell, ...] = field(repr=False)


def figures_of(results: Sequence[Estimate]) -> list[Figures]:
    """Gather what is published, questions that tables cross or bases link together.

    Parameters
    ----------
    results : sequence of Estimate
        Protected estimates.

    Returns
    -------
    list of Figures
        Figures and unknowns; only where something is hidden.
    """
    every = [
        (n, rows) for n, one in enumerate(results) for rows in one.published if rows.answered.any()
    ]
    coded = [(n, rows if rows.answers else replace(rows, rows=())) for n, rows in every]
    systems = [(coded, names) for names in _systems(coded)]
    columns = dict.fromkeys(rows.column for _, rows in every if not rows.answers)
    for column in columns:
        about = [(n, replace(rows, bases=())) for n, rows in every if rows.column == column]
        used = [_needs(rows, row) for _, rows in about for row in rows.rows]
        joint = frozenset().union(*used)
        small = len(joint) <= _TOGETHER
        systems += [(about, names) for names in ([joint] if small else _maximal(used))]
    found = [_figures(results, about, names) for about, names in systems]
    return [one for one in found if one is not None]


def _needs(rows: ColumnRows, row: Row) -> frozenset[str]:
    split = rows.splits[row.partition].variables if row.partition else ()
    return frozenset((*split, *([rows.column] if rows.answers else [])))


def _systems(about: About) -> list[frozenset[str]]:
    """Return questions that go together; all that are linked if they are few."""
    used = [_needs(rows, row) for _, rows in about for row in rows.rows]
    used += [frozenset(base.variables) for _, rows in about for base in rows.bases]
    used += _rankings(about)
    used = list(dict.fromkeys(used))
    found = []
    left = list(used)
    while left:
        joint = left[0]
        while any(names & joint and not names <= joint for names in left):
            joint = joint.union(*(names for names in left if names & joint))
        inside = [names for names in left if names <= joint]
        left = [names for names in left if not names <= joint]
        found += [joint] if len(joint) <= _TOGETHER or joint in inside else _maximal(inside)
    return found


def _rankings(about: About) -> list[frozenset[str]]:
    """Return the ranks of each ranking, or its pairs of ranks if they are many."""
    ranks: dict[str, set[str]] = {}
    for _, rows in about:
        if rows.rows and rows.ranking:
            ranks.setdefault(rows.ranking, set()).add(rows.column)
    found = []
    for columns in ranks.values():
        sizes = min(len(columns), max(2, _TOGETHER))
        found += [frozenset(some) for some in combinations(sorted(columns), sizes)]
    return found


def _maximal(used: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    return [names for names in dict.fromkeys(used) if not any(names < other for other in used)]


def _figures(results: Sequence[Estimate], about: About, names: frozenset[str]) -> Figures | None:
    """Gather what is published about some questions; nothing if none of it is hidden."""
    kept = [
        (n, replace(
            rows,
            rows=tuple(row for row in rows.rows if _needs(rows, row) <= names),
            bases=tuple(base for base in rows.bases if names >= set(base.variables)),
        ))
        for n, rows in about
    ]  # fmt: skip
    kept = [(n, rows) for n, rows in kept if rows.rows or rows.bases]
    marks = [results[n].table["suppressed"].to_numpy(object) for n, _ in kept]
    if not any(
        any(mark[row.at] for row in rows.rows) or any(mark[base.rows[0]] for base in rows.bases)
        for (_, rows), mark in zip(kept, marks, strict=True)
    ):
        return None
    room = Unknowns(kept, names)
    hidden: list[HiddenCell] = []
    shown: dict[str, list[Bools]] = {}
    for number, rows in kept:
        for row in rows.rows:
            if results[number].table.at[row.at, "suppressed"]:
                # A ratio is hidden for its denominator; its numerator may be known.
                if row.scores and results[number].table.at[row.at, "statistic"] != "ratio":
                    hidden.append(room.cell(number, rows, row))
            else:
                room.publish(results[number], rows, row)
                if row.part == EVERYBODY:
                    shown.setdefault(rows.column, []).append(room.members(rows, row))
        hidden += room.publish_bases(results[number], number, rows)
    least, most = room.limits()
    low, high = room.scaled()
    return Figures(
        questions=tuple(dict.fromkeys(rows.column for _, rows in kept)),
        number=room.number,
        units=room.units,
        shown_groups={
            column: np.array(shown.get(column, []), np.bool_).reshape(-1, room.count)
            for column in room.units
        },
        sums=room.equations(),
        low=low,
        high=high,
        least=least,
        most=most,
        hidden=tuple(hidden),
    )
