"""One column of the answers protected: groups, cells, the cheapest pattern, medians at the end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd

from begleitforschung.disclosure.cells import Cells, cells_of, finest
from begleitforschung.disclosure.groups import hidden_groups
from begleitforschung.disclosure.linking import Linked, Place, whole
from begleitforschung.disclosure.needs import Demand, Domains, demand
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
    """What is hidden of one column.

    Parameters
    ----------
    rows : mapping of (int, int) to str
        Estimate and row of its table.
    cost, bound : float
        What the choice costs, and what no safe one can cost less than.
    """

    rows: dict[Place, Hidden] = field(repr=False)
    cost: float = 0.0
    bound: float = 0.0


def suppress(
    linked: Linked,
    units: pd.Series,
    policy: Policy,
    *,
    sensitive: bool,
    released: Bools,
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
        All sums about one column.
    units : pandas.Series
        Municipality of each case.
    policy : Policy
        The policy.
    sensitive : bool
        Whether the item is marked so.
    released : numpy.ndarray of bool, shape (n,)
        Cases whose answer everybody knows.
    fixed, gone : frozenset of (int, int)
        Rows that were shown, or hidden, in an earlier publication and stay so.
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
    telling = policy.telling == "all" or (policy.telling == "sensitive" and sensitive)
    unions = telling or (policy.p_percent is not None and not linked.secret.rows.answers)
    end = time.perf_counter() + seconds
    while True:
        cells = cells_of(linked, released, weighted=again)
        domains = Domains(linked, units, released)
        groups = _groups(linked, policy, released, fixed)
        single = telling or again
        asked = demand(linked, cells, domains, policy, groups, telling=telling, single=single)
        left = end - time.perf_counter()
        pattern, loss, bound = _chosen(linked, cells, asked, fixed, gone, cost, max(0.1, left))
        further = with_unions(linked, cells.sums, pattern) if unions else linked
        if further is linked:
            break
        linked = further
    hidden: dict[Place, Hidden] = {}
    for at, places in enumerate(_places(linked, cells)):
        if pattern[at]:
            hidden |= dict.fromkeys(places, "hidden")
    hidden |= _no_sums(linked, cells, domains, policy, groups, pattern)
    return Suppressed(rows=hidden, cost=loss, bound=bound)


def _chosen(
    linked: Linked,
    cells: Cells,
    asked: Demand,
    fixed: frozenset[Place],
    gone: frozenset[Place],
    cost: Cost,
    seconds: float,
) -> tuple[Bools, float, float]:
    """Return which sums are hidden, what that costs, and what it must cost at least."""
    shown = _places(linked, cells)
    primary = asked.primary | asked.along
    primary[: cells.shown] |= np.array([bool(gone & set(places)) for places in shown], bool)
    never = [at for at, places in enumerate(shown) if fixed & set(places)]
    _refuse_published(linked, [at for at in never if primary[at]])
    if not asked.needs:
        return primary, 0.0, 0.0
    return _pattern(linked, cells, primary, asked.needs, never, cost, seconds)


def _refuse_published(linked: Linked, clash: list[int]) -> None:
    if clash:
        raise DisclosureError(
            f"{len(clash)} cell(s) of {linked.secret.rows.column!r} were published before; with "
            "what is to be shown now they tell single answers; leave the new breakdown out or use "
            "coarser groups"
        )


def _places(linked: Linked, cells: Cells) -> list[tuple[Place, ...]]:
    found = dict(zip(linked.sums, linked.places, strict=True))
    return [found[item] for item in cells.sums[: cells.shown]]


def _groups(linked: Linked, policy: Policy, released: Bools, fixed: frozenset[Place]) -> Bools:
    """Choose the groups of the register that are not shown."""
    members, cell = finest(linked.groups, linked.secret.rows.answered, released)
    counted = (cell >= 0) & ~released
    units = np.bincount(cell[counted], minlength=members.shape[1]).astype(np.float64)
    used = {item.group for item in linked.sums if whole(item)}
    shown = np.array([at in used for at in range(len(members))])
    earlier = {
        item.group
        for item, places in zip(linked.sums, linked.places, strict=True)
        if whole(item) and fixed & set(places)
    }
    published = np.array([at in earlier for at in range(len(members))])
    found = np.zeros(len(members), bool)
    found[shown] = hidden_groups(members[shown], units, policy.min_base, published[shown])
    if clash := [group for group in earlier if found[group]]:
        raise DisclosureError(
            f"{len(clash)} group(s) of {linked.secret.rows.column!r} were published before, and "
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
    weights[: cells.shown] = losses(values[: cells.shown], cost)
    weights[: cells.shown] *= [len(places) for places in _places(linked, cells)]
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
        named = sorted({linked.secret.rows.column for _ in error.cells})
        raise DisclosureError(
            f"{len(error.cells)} cell(s) of {', '.join(named)} can't be protected by hiding "
            "others; join answers or groups (bf.alternatives proposes which), or leave the "
            "breakdown out"
        ) from None
    return found.suppressed[: len(cells.sums)], found.cost, found.bound


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
    linked: Linked,
    cells: Cells,
    domains: Domains,
    policy: Policy,
    groups: Bools,
    pattern: Bools,
) -> dict[Place, Hidden]:
    """Hide medians and the like of small groups, and where a sum of the same cases is hidden."""
    partly = {item.domain for item, gone in zip(cells.sums, pattern, strict=True) if gone}
    found: dict[Place, Hidden] = {}
    for item, places in zip(linked.sums, linked.places, strict=True):
        if item.scores:
            continue
        small = domains.size(domains.cases(item.domain)) < policy.min_base
        if small or (whole(item) and groups[item.group]) or item.domain in partly:
            found |= dict.fromkeys(places, "hidden")
    return found
