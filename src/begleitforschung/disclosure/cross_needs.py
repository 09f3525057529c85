"""What a policy asks of the cells of cross tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from begleitforschung.disclosure.groups import hidden_groups
from begleitforschung.disclosure.policies import Policy
from begleitforschung.disclosure.telling import telling_count
from begleitforschung.results.cross_table import CrossTable
from begleitforschung.stats.suppression import Contributions, Need, Risk, contributions, p_percent

Bools = np.ndarray
_PERCENT = 10.0  # width of small sums where a policy has no p % rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What each case contributes to each cell of a table, margins included.

    Parameters
    ----------
    cells, holdings : numpy.ndarray of int64
        Cell, and to whom the case belongs.
    values : numpy.ndarray of float64
        What it contributes.
    """

    cells: np.ndarray
    values: np.ndarray
    holdings: np.ndarray

    def units(self, cells: int) -> np.ndarray:
        """Count who contributes to each cell; several cases of one count once.

        Parameters
        ----------
        cells : int
            Number of cells.

        Returns
        -------
        numpy.ndarray of int64
            Units.
        """
        if not len(self.cells):
            return np.zeros(cells, np.int64)
        given = contributions(self.cells, self.values, self.holdings)
        return np.bincount(given.cells, minlength=cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a policy asks of one table.

    Parameters
    ----------
    primary, along : numpy.ndarray of bool, shape (cells,)
        Cells that are hidden in any case; those that would tell of them.
    fixed : numpy.ndarray of bool, shape (cells,)
        Cells that everybody knows.
    needs : tuple of Need
        Needs of the cells.
    """

    primary: Bools
    along: Bools
    fixed: Bools
    needs: tuple[Need, ...]


def shares(table: CrossTable) -> Shares:
    """Return what each case contributes to the cells of a table and its margins.

    Parameters
    ----------
    table : CrossTable
        Not yet protected.

    Returns
    -------
    Shares
        As many rows for each case as it has cells.
    """
    given = table.contributions
    if given is None:
        return Shares(cells=np.zeros(0, np.int64), values=np.zeros(0), holdings=np.zeros(0))
    at = np.unravel_index(given["cell"].to_numpy(np.int64), table.interior)
    places = [
        np.array([np.flatnonzero(column) for column in d.members().T]) for d in table.dimensions
    ]
    per_axis = [place[codes] for place, codes in zip(places, at, strict=True)]
    flat = np.zeros((len(given), 1), np.int64)
    for axis, length in zip(per_axis, table.shape, strict=True):
        flat = (flat[:, :, None] * length + axis[:, None, :]).reshape(len(given), -1)
    times = flat.shape[1]
    return Shares(
        cells=flat.ravel(),
        values=np.repeat(given["value"].to_numpy(np.float64), times),
        holdings=np.repeat(given["holding"].to_numpy(np.int64), times),
    )


def asked_of(table: CrossTable, given: Shares, policy: Policy) -> Asked:
    """Return what a policy asks of one table.

    Parameters
    ----------
    table : CrossTable
        Not yet protected.
    given : Shares
        Its contributions.
    policy : Policy
        The policy.

    Returns
    -------
    Asked
        Hidden and known cells, and needs.
    """
    return (
        _of_sums(table, given, policy) if table.kind == "sum" else _of_counts(table, given, policy)
    )


def sum_rule(given: Contributions, cells: int, policy: Policy) -> Risk:
    """Apply the p % rule and the minimum number of units to sums.

    A sum of too few units that passes the p % rule must not be known better than to p percent of
    its largest contribution either.

    Parameters
    ----------
    given : Contributions
        Contributions to the sums.
    cells : int
        Number of sums.
    policy : Policy
        The policy.

    Returns
    -------
    Risk
        Unsafe sums and how far above the value an attacker's interval must reach.
    """
    percent = policy.p_percent or _PERCENT
    risk = p_percent(given, cells, percent)
    units = np.bincount(given.cells, minlength=cells)
    few = (units > 0) & (units < max(policy.min_base, policy.min_count, policy.min_count_crossed))
    largest = np.zeros(cells)
    np.maximum.at(largest, given.cells, given.values)
    usual = float(given.values.mean()) if len(given.values) else 0.0
    least = percent / 100 * np.where(largest > 0, largest, usual)
    unsafe = few | (risk.unsafe if policy.p_percent is not None else False)
    return Risk(unsafe, np.where(few, np.maximum(risk.up, least), np.where(unsafe, risk.up, 0.0)))


def _of_sums(table: CrossTable, given: Shares, policy: Policy) -> Asked:
    cells = len(table.table)
    risk = sum_rule(contributions(given.cells, given.values, given.holdings), cells, policy)
    nothing = np.zeros(cells, bool)
    needs = tuple(Need(cell=int(at), up=float(risk.up[at])) for at in np.flatnonzero(risk.unsafe))
    return Asked(primary=risk.unsafe, along=nothing, fixed=nothing, needs=needs)


def _of_counts(table: CrossTable, given: Shares, policy: Policy) -> Asked:
    values, units = table.values(), given.units(len(table.table))
    inner = [_inner(table, axis) for axis in range(len(table.dimensions))]
    secret = [axis for axis, d in enumerate(table.dimensions) if not d.known]
    answers = sum((inner[axis].astype(int) for axis in secret), np.zeros(len(values), int))
    known = sum((inner[a].astype(int) for a in range(len(inner)) if a not in secret), 0 * answers)
    fixed = (answers == 0) if secret else np.zeros(len(values), bool)
    base = values[_at_totals(table, secret)] if secret else np.full(len(values), np.inf)
    small, along = _groups(table, given, policy, secret) if secret else (~fixed & False, fixed)
    least = np.where(
        (answers > 1) | (known > 1), policy.smallest_count(crossed=True), policy.min_count
    )
    few = (units > 0) & (units < least) & ~fixed
    primary = few | (small & ~fixed)
    found = [
        Need(cell=int(at), up=float(values[at] < base[at] and not small[at]), down=1.0)
        for at in np.flatnonzero(few | (small & ~fixed & (values > 0)))
    ]
    found += list(_telling(table, policy, secret, values))
    primary[[need.cell for need in found]] = True
    found += _insiders(table, few & ~small & (units == 1), primary & ~small & (values > 0))
    return Asked(primary=primary, along=along & ~fixed & ~primary, fixed=fixed, needs=tuple(found))


def _inner(table: CrossTable, axis: int) -> Bools:
    """Say which cells are no total of a dimension."""
    at = np.indices(table.shape)[axis].ravel()
    return np.asarray(at < len(table.dimensions[axis].keys))


def _at_totals(table: CrossTable, axes: list[int]) -> np.ndarray:
    """Return, for each cell, the cell that is the total of some dimensions."""
    at = np.indices(table.shape).reshape(len(table.shape), -1).copy()
    for axis in axes:
        at[axis] = table.shape[axis] - 1
    return np.asarray(np.ravel_multi_index(tuple(at), table.shape))


def _groups(
    table: CrossTable, given: Shares, policy: Policy, secret: list[int]
) -> tuple[Bools, Bools]:
    """Say which cells are of groups that are too small, and of those that would tell of them."""
    axes = [axis for axis in range(len(table.dimensions)) if axis not in secret]
    members = reduce(np.kron, [table.dimensions[a].members() for a in axes], np.ones((1, 1), bool))
    group = np.ravel_multi_index(
        tuple(np.indices(table.shape)[axes].reshape(len(axes), -1)),
        tuple(table.shape[a] for a in axes),
    ) if axes else np.zeros(len(table.table), np.int64)  # fmt: skip
    units = given.units(len(table.table))
    finest = (
        np.all([_finest(table, a) for a in axes], axis=0) if axes else np.ones(len(units), bool)
    )
    base = np.all([~_inner(table, a) for a in secret], axis=0)
    sizes = units[base & finest].astype(np.float64)
    hidden = hidden_groups(members.astype(bool), sizes, policy.min_base)
    small = hidden & (members @ sizes < policy.min_base)
    return small[group], (hidden & ~small)[group]


def _finest(table: CrossTable, axis: int) -> Bools:
    at = np.indices(table.shape)[axis].ravel()
    return np.asarray(at < table.dimensions[axis].classes)


def _telling(
    table: CrossTable, policy: Policy, secret: list[int], values: np.ndarray
) -> Iterator[Need]:
    """Keep it possible that more than `spare` members of a group gave another answer."""
    for axis in secret:
        told = policy.telling == "all" or (
            policy.telling == "sensitive" and table.dimensions[axis].sensitive
        )
        if not told:
            continue
        base = values[_at_totals(table, [axis])]
        for at in np.flatnonzero(_finest(table, axis) & (base > 0)):
            limit = telling_count(int(base[at]), policy.spare)
            if values[at] >= limit:
                yield Need(cell=int(at), down=float(values[at] - limit + 1))


def _insiders(table: CrossTable, alone: Bools, unsafe: Bools) -> list[Need]:
    """Keep who is alone in a cell from working out others of the same row."""
    at = np.indices(table.shape).reshape(len(table.shape), -1)
    chosen, found = np.flatnonzero(unsafe), []
    for knows in np.flatnonzero(alone & unsafe):
        same_row = (at[:, chosen] != at[:, [knows]]).sum(axis=0) == 1
        found += [Need(cell=int(cell), width=1.0, known=(int(knows),)) for cell in chosen[same_row]]
    return found


def need_cells(needs: tuple[Need, ...], ids: np.ndarray) -> list[Need]:
    """Return needs by the numbers that cells have in a system of linked tables.

    Parameters
    ----------
    needs : tuple of Need
        Needs of one table.
    ids : numpy.ndarray of int64
        Number of each of its cells.

    Returns
    -------
    list of Need
        The same needs.
    """
    return [
        replace(need, cell=int(ids[need.cell]), known=tuple(int(ids[k]) for k in need.known))
        for need in needs
    ]
