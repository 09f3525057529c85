"""Linked questions protected: groups, cells, the cheapest pattern, medians at the end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from begleitforschung.disclosure.asked import Asked, Domains
from begleitforschung.disclosure.base_needs import small_bases
from begleitforschung.disclosure.cells import Cells, cells_of, finest
from begleitforschung.disclosure.groups import hidden_groups
from begleitforschung.disclosure.linking import Linked, Place, whole
from begleitforschung.disclosure.needs import Demand, demand, insiders
from begleitforschung.disclosure.policies import Policy
from begleitforschung.disclosure.structure import Bools
from begleitforschung.disclosure.unions import with_unions
from begleitforschung.errors import DisclosureError
from begleitforschung.results.protection import Hidden
from begleitforschung.stats.suppression import (
    Need,
    UnprotectableError,
    optimal_pattern,
    problem,
)

Cost = Literal["cells", "counts", "log"]
COSTS: tuple[Cost, ...] = get_args(Cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """What is hidden of linked questions.

    Parameters
    ----------
    rows : mapping of (int, int) to str
        Estimate and row of its table.
    bases : frozenset of (int, int)
        Those of them whose base is hidden too.
    cost, bound : float
        What the choice costs, and what no safe one can cost less than.
    """

    rows: dict[Place, Hidden] = field(repr=False)
    bases: frozenset[Place] = field(default=frozenset(), repr=False)
    cost: float = 0.0
    bound: float = 0.0


def suppress(
    linked: Linked,
    units: pd.Series,
    policy: Policy,
    *,
    sensitive: frozenset[str],
    released: dict[str, Bools],
    fixed: frozenset[Place] = frozenset(),
    gone: frozenset[Place] = frozenset(),
    again: bool = False,
    cost: Cost = "log",
    seconds: float = 5.0,
) -> Suppressed:
    """Choose the rows to hide so that the policy holds and as little as possible is lost.

    Parameters
    ----------
    linked : Linked
        All sums about questions that are linked.
    units : pandas.Series
        Municipality of each case.
    policy : Policy
        The policy.
    sensitive : frozenset of str
        Questions that are marked so.
    released : dict of str to numpy.ndarray of bool, shape (n,)
        Cases whose answer to a question everybody knows.
    fixed, gone : frozenset of (int, int)
        Rows that were shown, or hidden, in an earlier publication and stay so; bases of rows as
        ``-1 - row``.
    again : bool
        Whether a first choice told too much: then sums over groups of which the share is printed
        are weighted, and no answer of a class that all gave may follow.
    cost : {"cells", "counts", "log"}
        What a hidden cell costs: 1, its count, or the logarithm of one more than its count.
    seconds : float
        Time for the proof that nothing cheaper is safe.

    Returns
    -------
    Suppressed
        Hidden rows.

    Raises
    ------
    DisclosureError
        If no choice protects the answers.
    """
    every = frozenset((*linked.secrets, *linked.variables))
    telling = {"all": every, "sensitive": every & sensitive}.get(policy.telling, frozenset())
    unions = bool(telling) or (policy.p_percent is not None and bool(linked.number))
    end = time.perf_counter() + seconds
    while True:
        single = again or bool(telling.intersection(linked.secrets))
        cells = cells_of(linked, released, weighted=again, single=single, telling=telling)
        domains = Domains(linked, units, released)
        asked = Asked(
            policy=policy,
            telling=telling,
            hidden={
                name: _groups(linked, name, policy, released, fixed) for name in linked.secrets
            },
            small=small_bases(linked, policy),
        )
        due = demand(linked, cells, domains, asked)
        left = end - time.perf_counter()
        pattern, loss, bound = _chosen(linked, cells, due, fixed, gone, cost, max(0.1, left))
        while again and (alone := insiders(cells, pattern) - set(due.needs)):
            due = replace(
                due, needs=(*due.needs, *sorted(alone, key=lambda need: (need.cell, need.known)))
            )
            left = end - time.perf_counter()
            pattern, loss, bound = _chosen(linked, cells, due, fixed, gone, cost, max(0.1, left))
        further = with_unions(linked, cells.sums, pattern[: len(cells.sums)]) if unions else linked
        if further is linked:
            break
        linked = further
    hidden: dict[Place, Hidden] = {}
    for at, places in _places(linked, cells).items():
        if pattern[at]:
            hidden |= dict.fromkeys(places, "hidden")
    hidden |= _no_sums(linked, cells, domains, asked, pattern)
    bases = _hidden_bases(linked, cells, pattern)
    return Suppressed(rows=hidden, bases=bases, cost=loss, bound=bound)


def _hidden_bases(linked: Linked, cells: Cells, pattern: Bools) -> frozenset[Place]:
    """Return the rows whose bases are hidden."""
    at_bases = zip(cells.bases, linked.based, strict=False)
    return frozenset(place for at, places in at_bases if pattern[at] for place in places)


def _chosen(
    linked: Linked,
    cells: Cells,
    asked: Demand,
    fixed: frozenset[Place],
    gone: frozenset[Place],
    cost: Cost,
    seconds: float,
) -> tuple[Bools, float, float]:
    """Return which cells are hidden, what that costs, and what it must cost at least."""
    shown = _places(linked, cells)
    for at, places in zip(cells.bases, linked.based, strict=False):
        shown[at] = tuple((number, -1 - row) for number, row in places)
    primary = asked.primary | asked.along
    for at, places in shown.items():
        primary[at] |= bool(gone & set(places))
    never = [at for at, places in shown.items() if fixed & set(places)]
    _refuse_published(linked, [at for at in never if primary[at]])
    if not asked.needs:
        return primary, 0.0, 0.0
    return _pattern(linked, cells, primary, asked.needs, never, cost, seconds)


def _refuse_published(linked: Linked, clash: list[int]) -> None:
    if clash:
        raise DisclosureError(
            f"{len(clash)} cell(s) of {linked.label!r} were published before; with "
            "what is to be shown now they tell single answers; leave the new breakdown out or use "
            "coarser groups"
        )


def _places(linked: Linked, cells: Cells) -> dict[int, tuple[Place, ...]]:
    """Return where each cell that tables show stands."""
    found = dict(zip(linked.sums, linked.places, strict=True))
    places = {at: found[item] for at, item in enumerate(cells.sums[: cells.shown])}
    return places | dict(zip(cells.bases, linked.based, strict=False))


def _groups(
    linked: Linked, column: str, policy: Policy, released: dict[str, Bools], fixed: frozenset[Place]
) -> Bools:
    """Choose the groups of the register about which a column is not shown."""
    answered = linked.secrets[column].rows.answered
    mine = [
        (item.group, places)
        for item, places in zip(linked.sums, linked.places, strict=True)
        if whole(item) and item.column == column
    ]
    used = sorted({group for group, _ in mine})
    known = released.get(column, np.zeros_like(answered))
    members, cell = finest(linked.groups[used], answered, [known])
    units = np.bincount(cell[(cell >= 0) & ~known], minlength=members.shape[1]).astype(np.float64)
    earlier = {group for group, places in mine if fixed & set(places)}
    published = np.array([group in earlier for group in used], np.bool_)
    found = np.zeros(len(linked.groups), np.bool_)
    found[used] = hidden_groups(members, units, policy.min_base, published)
    if clash := [group for group in earlier if found[group]]:
        raise DisclosureError(
            f"{len(clash)} group(s) of {column!r} were published before, and "
            "together with what is to be shown now they tell the answers of fewer than "
            f"{policy.min_base}; leave the new breakdown out or use coarser groups"
        )
    return found


def _pattern(
    linked: Linked,
    cells: Cells,
    primary: Bools,
    needs: tuple[Need, ...],
    never: list[int],
    cost: Cost,
    seconds: float,
) -> tuple[Bools, float, float]:
    values = cells.table.values
    weights = np.zeros(len(values))
    for at, places in _places(linked, cells).items():
        weights[at] = losses(values[[at]], cost)[0] * len(places)
    hidden = np.concatenate([np.flatnonzero(primary), np.flatnonzero(cells.unknown)])
    try:
        given = problem(
            cells.table,
            needs,
            weights=weights,
            never=[*never, *cells.fixed],
            lower=np.minimum(cells.lower, values),
            upper=np.maximum(cells.upper, values),
            primary=hidden,
        )
        found = optimal_pattern(given, seconds=seconds)
    except UnprotectableError as error:
        raise DisclosureError(
            f"{len(error.cells)} cell(s) of {linked.label} can't be protected by hiding "
            "others; join answers or groups (bf.alternatives proposes which), or leave the "
            "breakdown out"
        ) from None
    return found.suppressed, found.cost, found.bound


def losses(values: np.ndarray, cost: Cost) -> np.ndarray:
    """Return what hiding a cell costs; an empty one costs as much as a single case.

    Parameters
    ----------
    values : numpy.ndarray
        Values of the cells.
    cost : {"cells", "counts", "log"}
        What counts.

    Returns
    -------
    numpy.ndarray
        One cost for each cell.
    """
    size = np.maximum(np.abs(values), 1.0)
    if cost == "cells":
        return np.ones(len(values))
    return np.asarray(size if cost == "counts" else np.log1p(size))


def _no_sums(
    linked: Linked, cells: Cells, domains: Domains, asked: Asked, pattern: Bools
) -> dict[Place, Hidden]:
    """Hide medians and the like of small groups, and where a sum of the same cases is hidden."""
    partly = {item.domain for item, gone in zip(cells.sums, pattern, strict=False) if gone}
    found: dict[Place, Hidden] = {}
    for item, places in zip(linked.sums, linked.places, strict=True):
        if item.scores:
            continue
        small = domains.size(domains.cases(item.domain)) < asked.policy.min_base
        gone = whole(item) and asked.hidden[item.column][item.group]
        if small or gone or item.domain in partly:
            found |= dict.fromkeys(places, "hidden")
    return found
