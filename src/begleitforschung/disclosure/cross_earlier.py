"""Cross tables of the same wave that were published before, made again so that they are linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from begleitforschung.disclosure.cross_links import families
from begleitforschung.disclosure.cross_table import cross_table
from begleitforschung.disclosure.earlier import registry_of
from begleitforschung.disclosure.positions import TablePosition, table_position
from begleitforschung.disclosure.registry import Registry
from begleitforschung.errors import BegleitforschungError, DisclosureError
from begleitforschung.results.cross_table import CrossTable
from begleitforschung.surveys import Survey

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EarlierTables:
    """What was published before of tables that share cells with those to be shown now.

    Parameters
    ----------
    tables : tuple of CrossTable
        Tables to be shown now, then earlier ones, not protected.
    hidden : tuple of (numpy.ndarray of bool or None)
        Of each the cells that were hidden; nothing where it was not published.
    now : int
        How many are to be shown now.
    known : bool
        Whether a registry was looked into.
    """

    tables: tuple[CrossTable, ...]
    hidden: tuple[Bools | None, ...] = field(repr=False)
    now: int
    known: bool

    def settle(self, numbers: Sequence[NDArray[np.int64]], marks: dict[str, Bools]) -> None:
        """Mark the cells that can't be hidden, and those that can't be shown any more.

        Parameters
        ----------
        numbers : sequence of numpy.ndarray of int
            Number of each cell of each table.
        marks : dict of str to numpy.ndarray of bool
            By number: ``primary`` (must be hidden), ``along`` (goes with it) and ``fixed`` (can't
            be hidden); the last two are added to.

        Raises
        ------
        DisclosureError
            If cells were shown that must be hidden.
        """
        shown = np.zeros_like(marks["fixed"])
        for ids, hidden in zip(numbers, self.hidden, strict=True):
            if hidden is not None:
                shown[ids[~hidden]] = True
                marks["along"][ids[hidden]] = True
        if n := int((shown & (marks["primary"] | marks["along"])).sum()):
            raise DisclosureError(
                f"{n} cell(s) were published before that must not be shown, or not with what is to "
                "be shown now; leave the new table out or use coarser classes"
            )
        marks["fixed"] |= shown


def with_earlier(tables: Sequence[CrossTable], given: Registry | None) -> EarlierTables:
    """Make the tables again that were published before and share cells with some.

    Parameters
    ----------
    tables : sequence of CrossTable
        Tables of one origin that show the same figure.
    given : Registry, optional
        What was published; by default as the survey says.

    Returns
    -------
    EarlierTables
        The same tables, and those before.

    Raises
    ------
    DisclosureError
        If a table can't be made again from this survey.
    """
    origin = tables[0].origin
    registry = registry_of(origin, given) if isinstance(origin, Survey) else None
    if registry is None or not isinstance(origin, Survey):
        hidden: list[Bools | None] = [None] * len(tables)
        return EarlierTables(
            tables=tuple(tables), hidden=tuple(hidden), now=len(tables), known=False
        )
    known = {told.whole(): told for told in registry.tables()}
    places = [table_position(table).whole() for table in tables]
    hidden = [
        _hidden(table, known[place]) if place in known else None
        for table, place in zip(tables, places, strict=True)
    ]
    left = [told for place, told in known.items() if place not in places]
    before = _linked(places, left)
    again = [_again(origin, told) for told in before]
    every = [*tables, *again]
    hidden += [_hidden(table, told) for table, told in zip(again, before, strict=True)]
    kept = _one_family(every)
    return EarlierTables(
        tables=tuple(every[at] for at in kept),
        hidden=tuple(hidden[at] for at in kept),
        now=len(tables),
        known=True,
    )


def _one_family(every: Sequence[CrossTable]) -> list[int]:
    """Return the tables that are made of the same cases as the first."""
    try:
        return next(family for family in families(every) if 0 in family)
    except DisclosureError as error:
        raise DisclosureError(f"with what was published before: {error}") from error


def _linked(now: Sequence[TablePosition], before: Sequence[TablePosition]) -> list[TablePosition]:
    """Return the tables of the same figure that share a dimension, or share it with such ones."""
    same = [t for t in before if (t.kind, t.value) == (now[0].kind, now[0].value)]
    names = {axis.name for table in now for axis in table.dimensions}
    found: list[TablePosition] = []
    while more := [t for t in same if t not in found and names & {a.name for a in t.dimensions}]:
        found += more
        names |= {axis.name for table in more for axis in table.dimensions}
    return found


def _again(survey: Survey, told: TablePosition) -> CrossTable:
    groups: dict[str, list[dict[str, str]]] = {}
    for axis in told.dimensions:
        below, levels = axis.classes, []
        for level in axis.levels:
            levels.append(dict(zip(below, level, strict=True)))
            below = tuple(dict.fromkeys(level))
        groups |= {axis.name: levels} if levels else {}
    names = [axis.name for axis in told.dimensions]
    try:
        made = cross_table(survey, names, told.value or None, groups=groups)
    except BegleitforschungError as error:
        raise DisclosureError(f"{_lost(told)}: {error}") from error
    if table_position(made).whole() != told.whole():
        raise DisclosureError(f"{_lost(told)}: its classes are others now")
    return made


def _lost(told: TablePosition) -> str:
    return (
        f"a cross table published before ({told}) can't be made again, so it can't be linked with "
        "what is to be shown now"
    )


def _hidden(table: CrossTable, told: TablePosition) -> Bools:
    names = [d.name for d in table.dimensions]
    gone = set(told.hidden)
    rows = table.table[names].astype(str).itertuples(index=False, name=None)
    return np.array([row in gone for row in rows], np.bool_)
