"""Rows of several estimates about questions that are linked, each distinct sum once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from begleitforschung.disclosure.structure import Bools, Floats, Ints, Secret
from begleitforschung.results.published import EVERYBODY, Base, Row, Split, Variable

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sum:
    """One distinct sum that tables show.

    Parameters
    ----------
    group : int
        Row of `Linked.groups`.
    partition : str
        Answers that split it further; empty if none.
    part : int
        Which part.
    scores : tuple of float
        What each answer counts; empty where the row is no sum.
    crossed : bool
        Whether two answers, or two identifying variables, are crossed.
    column : str
        Column of the answers.
    """

    group: int
    partition: str
    part: int
    scores: tuple[float, ...]
    crossed: bool
    column: str

    @property
    def domain(self) -> tuple[str, int, str, int]:
        """Whom it adds up."""
        return self.column, self.group, self.partition, self.part

    @property
    def counts(self) -> bool:
        """Whether it counts cases with an answer."""
        return bool(self.scores) and set(self.scores) <= {0.0, 1.0}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linked:
    """All sums about questions that are linked: one, or several that are crossed.

    Parameters
    ----------
    secrets : dict of str to Secret
        The answers to each; either coded ones, or one number.
    variables : dict of str to Variable
        Questions whose answers make the unknowns, in order.
    told : dict of str to numpy.ndarray of int
        Answers to them; the number of answers where there is none.
    groups : numpy.ndarray of bool, shape (groups, n)
        Groups of the register.
    sums : tuple of Sum
        Distinct sums.
    places : tuple of tuple of (int, int)
        Of each sum, estimate and row of its table wherever it is shown.
    bases : tuple of Base
        Distinct bases that answers decide.
    based : tuple of tuple of (int, int)
        Of each base, the rows that have it.
    parts : dict of str to numpy.ndarray of int
        Part of each case by partition.
    splits : dict of str to Split
        How partitions split groups.
    families : tuple of (str, frozenset of int)
        Groups that stand in one breakdown of a column.
    counted_with : dict
        What cases count with in weighted shares, by sum.
    derived : tuple of Sum
        Sums that no table shows and that follow from those shown.
    """

    secrets: dict[str, Secret]
    variables: dict[str, Variable] = field(repr=False)
    told: dict[str, Ints] = field(repr=False)
    groups: Bools = field(repr=False)
    sums: tuple[Sum, ...] = field(repr=False)
    places: tuple[tuple[Place, ...], ...] = field(repr=False)
    bases: tuple[Base, ...] = field(repr=False)
    based: tuple[tuple[Place, ...], ...] = field(repr=False)
    parts: dict[str, Ints] = field(repr=False)
    splits: dict[str, Split] = field(repr=False)
    families: tuple[tuple[str, frozenset[int]], ...] = field(repr=False)
    counted_with: dict[Sum, tuple[Floats, ...]] = field(default_factory=dict, repr=False)
    derived: tuple[Sum, ...] = ()

    @property
    def number(self) -> str:
        """The column, if it is a number."""
        return next((name for name, s in self.secrets.items() if not s.rows.answers), "")

    @property
    def every(self) -> frozenset[Place]:
        """All rows that sums and bases stand in."""
        return frozenset(place for found in (*self.places, *self.based) for place in found)

    @property
    def label(self) -> str:
        """Names of the questions, for messages."""
        return ", ".join(self.secrets or self.variables)


def link(about: Sequence[tuple[int, Secret]], variables: frozenset[str] | None = None) -> Linked:
    """Gather the rows of several estimates.

    Parameters
    ----------
    about : sequence of (int, Secret)
        Number of the estimate and what its rows add up; of coded answers, or of one number.
    variables : frozenset of str, optional
        Questions of the unknowns; rows and bases that need others are left out. All by default.

    Returns
    -------
    Linked
        Each distinct sum once.
    """
    n = len(about[0][1].codes)
    groups: dict[bytes, int] = {}
    masks: list[Bools] = []
    places: dict[Sum, list[Place]] = {}
    families: dict[tuple[int, str, str], set[int]] = {}
    with_: dict[Sum, tuple[Floats, ...]] = {}
    for number, secret in about:
        for row in _inside(secret, variables):
            group = _position(secret.rows.groups[row.group], groups, masks)
            item = Sum(group, row.partition, row.part, row.scores, row.crossed, secret.rows.column)
            places.setdefault(item, []).append((number, row.at))
            if secret.counted_with is not None:
                with_[_plain(item)] = (*with_.get(_plain(item), ()), secret.counted_with)
            if row.part == EVERYBODY:
                families.setdefault((number, item.column, row.by), set()).add(item.group)
    merged = _merged(places)
    columns = {item.column for item in merged}
    bases = _bases(about, variables)
    splits = {name: s for _, secret in about for name, s in secret.rows.splits.items()}
    parts = {name: part for _, secret in about for name, part in secret.parts.items()}
    used = {item.partition for item in merged} - {""}
    names = {
        *(name for partition in used for name in splits[partition].variables),
        *(name for base, _ in bases.values() for name in base.variables),
    }
    known = _questions(about, names, columns)
    return Linked(
        secrets={s.rows.column: s for _, s in about if s.rows.column in columns},
        variables={name: known[name][0] for name in sorted(known)},
        told={name: known[name][1] for name in sorted(known)},
        groups=np.array(masks, np.bool_).reshape(len(masks), n),
        sums=tuple(merged),
        places=tuple(tuple(found) for found in merged.values()),
        bases=tuple(base for base, _ in bases.values()),
        based=tuple(tuple(found) for _, found in bases.values()),
        splits={name: splits[name] for name in used},
        parts={name: parts[name] for name in used},
        counted_with=with_,
        families=tuple(
            dict.fromkeys((column, frozenset(found)) for (_, column, _), found in families.items())
        ),
    )


def needed(secret: Secret, row: Row) -> frozenset[str]:
    """Return the questions whose answers a row adds up or is split by.

    Parameters
    ----------
    secret : Secret
        The answers.
    row : Row
        The row.

    Returns
    -------
    frozenset of str
        Their names; a number is none.
    """
    split = secret.rows.splits[row.partition].variables if row.partition else ()
    own = (secret.rows.column,) if secret.rows.answers else ()
    return frozenset((*own, *split))


def _inside(secret: Secret, variables: frozenset[str] | None) -> list[Row]:
    rows = secret.rows.rows
    return [row for row in rows if variables is None or needed(secret, row) <= variables]


_BaseKey = tuple[tuple[str, ...], bytes, bytes]


def _bases(
    about: Sequence[tuple[int, Secret]], variables: frozenset[str] | None
) -> dict[_BaseKey, tuple[Base, list[Place]]]:
    """Return each distinct base and the rows that have it."""
    found: dict[_BaseKey, tuple[Base, list[Place]]] = {}
    for number, secret in about:
        for base in secret.rows.bases:
            if variables is not None and not variables >= set(base.variables):
                continue
            key = (
                base.variables,
                np.packbits(base.within).tobytes(),
                np.packbits(base.cases).tobytes(),
            )
            found.setdefault(key, (base, []))[1].extend((number, at) for at in base.rows)
    return found


def _questions(
    about: Sequence[tuple[int, Secret]], names: set[str], columns: set[str]
) -> dict[str, tuple[Variable, Ints]]:
    """Return the questions of the unknowns with their answers: those named, and coded columns."""
    found: dict[str, tuple[Variable, Ints]] = {}
    for _, secret in about:
        rows = secret.rows
        found |= {v: (rows.variables[v], secret.told[v]) for v in rows.variables if v in names}
        if rows.answers and rows.column in columns | names:
            found[rows.column] = (
                rows.variable,
                np.where(rows.answered, secret.codes, len(rows.answers)),
            )
    return found


def _position(mask: Bools, groups: dict[bytes, int], masks: list[Bools]) -> int:
    key = np.packbits(mask).tobytes()
    if key not in groups:
        groups[key] = len(masks)
        masks.append(mask)
    return groups[key]


def _merged(places: dict[Sum, list[Place]]) -> dict[Sum, list[Place]]:
    """Join sums that differ only in whether they count as crossed; uncrossed ones are plain."""
    found: dict[Sum, list[Place]] = {}
    for item, where in places.items():
        plain = _plain(item)
        key = plain if plain in places else item
        found.setdefault(key, []).extend(where)
    return found


def _plain(item: Sum) -> Sum:
    return replace(item, crossed=False)


def whole(item: Sum) -> bool:
    """Say whether a sum adds up a group that the register knows.

    Parameters
    ----------
    item : Sum
        A sum.

    Returns
    -------
    bool
        False where answers split the group.
    """
    return item.part == EVERYBODY
