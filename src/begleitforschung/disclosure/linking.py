"""All rows of several estimates about one column, each distinct sum once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from begleitforschung.disclosure.structure import Bools, Floats, Ints, Secret
from begleitforschung.results.published import EVERYBODY, Row

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
    """

    group: int
    partition: str
    part: int
    scores: tuple[float, ...]
    crossed: bool

    @property
    def domain(self) -> tuple[int, str, int]:
        """Whom it adds up."""
        return self.group, self.partition, self.part

    @property
    def counts(self) -> bool:
        """Whether it counts cases with an answer."""
        return bool(self.scores) and set(self.scores) <= {0.0, 1.0}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linked:
    """All sums about one column of the answers.

    Parameters
    ----------
    secret : Secret
        The answers.
    groups : numpy.ndarray of bool, shape (groups, n)
        Groups of the register.
    sums : tuple of Sum
        Distinct sums.
    places : tuple of tuple of (int, int)
        Of each sum, estimate and row of its table wherever it is shown.
    parts : dict
        Part of each case by partition, and the number of parts.
    families : tuple of frozenset of int
        Groups that stand in one breakdown.
    counted_with : dict
        What cases count with in weighted shares, by sum.
    derived : tuple of Sum
        Sums that no table shows and that follow from those shown.
    """

    secret: Secret
    groups: Bools = field(repr=False)
    sums: tuple[Sum, ...] = field(repr=False)
    places: tuple[tuple[Place, ...], ...] = field(repr=False)
    parts: dict[str, tuple[Ints, int]] = field(repr=False)
    families: tuple[frozenset[int], ...] = field(repr=False)
    counted_with: dict[Sum, tuple[Floats, ...]] = field(default_factory=dict, repr=False)
    derived: tuple[Sum, ...] = ()


def link(secrets: Sequence[tuple[int, Secret]]) -> Linked:
    """Gather the rows of several estimates about one column.

    Parameters
    ----------
    secrets : sequence of (int, Secret)
        Number of the estimate and what its rows add up; all about the same column.

    Returns
    -------
    Linked
        Each distinct sum once.
    """
    groups: dict[bytes, int] = {}
    masks: list[Bools] = []
    places: dict[Sum, list[Place]] = {}
    parts: dict[str, tuple[Ints, int]] = {}
    families: dict[tuple[int, str], set[int]] = {}
    with_: dict[Sum, tuple[Floats, ...]] = {}
    for number, secret in secrets:
        at = [_position(mask, groups, masks) for mask in secret.rows.groups]
        parts |= {name: (codes, secret.rows.parts[name]) for name, codes in secret.parts.items()}
        for row in secret.rows.rows:
            places.setdefault(_sum(row, at[row.group]), []).append((number, row.at))
            if secret.counted_with is not None:
                item = _plain(_sum(row, at[row.group]))
                with_[item] = (*with_.get(item, ()), secret.counted_with)
            if row.part == EVERYBODY:
                families.setdefault((number, row.by), set()).add(at[row.group])
    merged = _merged(places)
    return Linked(
        secret=secrets[0][1],
        groups=np.array(masks),
        sums=tuple(merged),
        places=tuple(tuple(found) for found in merged.values()),
        parts=parts,
        counted_with=with_,
        families=tuple(dict.fromkeys(frozenset(found) for found in families.values())),
    )


def _position(mask: Bools, groups: dict[bytes, int], masks: list[Bools]) -> int:
    key = np.packbits(mask).tobytes()
    if key not in groups:
        groups[key] = len(masks)
        masks.append(mask)
    return groups[key]


def _sum(row: Row, group: int) -> Sum:
    return Sum(group, row.partition, row.part, row.scores, row.crossed)


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
