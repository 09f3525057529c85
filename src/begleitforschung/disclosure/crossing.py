"""Cross tables protected: cells hidden so that nothing unsafe can be worked out, and audited."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from begleitforschung.disclosure.choosing import Choice, required_policy
from begleitforschung.disclosure.columns import Cost, losses
from begleitforschung.disclosure.cross_audit import audit_tables
from begleitforschung.disclosure.cross_earlier import EarlierTables, with_earlier
from begleitforschung.disclosure.cross_groups import require_large_groups
from begleitforschung.disclosure.cross_links import cell_numbers, families, one_origin, system
from begleitforschung.disclosure.cross_needs import (
    Shares,
    asked_of,
    need_cells,
    shares,
    sum_rule,
)
from begleitforschung.disclosure.policies import Policy, at_least, load_policy
from begleitforschung.disclosure.positions import edition_of
from begleitforschung.disclosure.registry import Registry
from begleitforschung.errors import DisclosureError
from begleitforschung.results.cross_table import CrossTable
from begleitforschung.results.protection import Protection
from begleitforschung.stats.suppression import (
    CellTable,
    Need,
    Pattern,
    Problem,
    UnprotectableError,
    UnsafeUnion,
    join_tables,
    optimal_pattern,
    problem,
    shortfalls,
    union_needs,
    unsafe_unions,
)
from begleitforschung.surveys import Survey

_ROUNDS = 12  # of further unions; each adds one at least
_NAMED = 3
_SECRET = ("confidential", "personal")


def protect_tables(
    tables: Sequence[CrossTable],
    policy: Policy | None = None,
    *,
    registry: Registry | None = None,
    cost: Cost = "log",
    seconds: float = 60.0,
) -> list[CrossTable]:
    """Hide the cells of cross tables that must not be shown, and those that would tell them.

    Tables made of the same data that share cells are protected as one.

    Parameters
    ----------
    tables : sequence of CrossTable
        All that are published together.
    policy : Policy, optional
        The policy; by default what was promised requires, and ``strict`` for tables of one's own.
    registry : Registry, optional
        What was published of the wave before; by default that of the survey.
    cost : {"cells", "counts", "log"}
        What a hidden cell costs.
    seconds : float
        Time for all proofs that nothing cheaper is safe.

    Returns
    -------
    list of CrossTable
        The same tables without hidden values and contributions; public ones as they are.

    Raises
    ------
    DisclosureError
        If no choice of cells protects, or a table is protected already.
    """
    if any(table.protected for table in tables):
        raise DisclosureError(
            "a cross table is protected already; protect all that is published together in one "
            "call, from the tables as bf.cross_table returns them"
        )
    _require_apart(tables)
    made = list(tables)
    work = families(tables)
    for family in work:
        part = [tables[number] for number in family]
        rule = policy_of(part, policy)
        if rule is None or not rule.hides:
            continue
        before = with_earlier(part, registry)
        require_large_groups(before.tables, rule)
        for number, safe in zip(
            family, _safe(before, rule, cost, seconds / len(work)), strict=True
        ):
            made[number] = safe
    return made


def _require_apart(tables: Sequence[CrossTable]) -> None:
    """Refuse two versions of one wave: their difference is what those answered who differ."""
    surveys = [table.origin for table in tables if isinstance(table.origin, Survey)]
    for one, other in combinations(surveys, 2):
        books = one.codebook, other.codebook
        same = books[0].id == books[1].id and books[0].instrument == books[1].instrument
        shared = one.cases["unit"].dropna().isin(other.cases["unit"]).any()
        if same and shared and not one_origin(one, other):
            raise DisclosureError(
                "cross tables of two versions of the same survey, with other cases or other "
                "answers, tell by their difference what single respondents answered; make all of "
                "one of them, with what they are chosen by as a dimension"
            )


def required_of(table: CrossTable) -> Choice | None:
    """Return the policy that a cross table needs.

    Parameters
    ----------
    table : CrossTable
        The table.

    Returns
    -------
    Choice or None
        Policy and reason; nothing where a table of one's own is not confidential.
    """
    if table.codebook is not None:
        return required_policy(table.codebook, table.names)
    if table.confidentiality not in _SECRET:
        return None
    return Choice(load_policy("strict"), "nothing is declared about a table of one's own")


def policy_of(tables: Sequence[CrossTable], chosen: Policy | None) -> Policy | None:
    """Return the policy by which tables made of the same data are protected.

    Parameters
    ----------
    tables : sequence of CrossTable
        The tables.
    chosen : Policy, optional
        The one asked for.

    Returns
    -------
    Policy or None
        It demands what one of the tables needs at least; nothing where none needs any.

    Raises
    ------
    DisclosureError
        If the one asked for demands less.
    """
    first = tables[0]
    if first.codebook is not None:
        names = dict.fromkeys(name for table in tables for name in table.names)
        required = required_policy(first.codebook, names)
    else:
        needed = [choice for table in tables if (choice := required_of(table)) is not None]
        if not needed:
            return chosen
        required = needed[0]
    return required.policy if chosen is None else at_least(chosen, required.policy, required.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class _System:
    """Linked tables as one system, and what is asked of its cells."""

    table: CellTable
    numbers: list[np.ndarray]
    given: Shares
    primary: np.ndarray
    along: np.ndarray
    fixed: np.ndarray
    weights: np.ndarray
    needs: list[Need]

    def problem(self, wider: CellTable, more: list[Need]) -> Problem:
        """State the problem, with sums of cells that nobody publishes behind the others."""
        added = len(wider.values) - len(self.table.values)
        values = wider.values
        top = float(values.max(initial=0.0))
        fixed = np.concatenate([self.fixed, np.zeros(added, bool)])
        hidden = np.flatnonzero(self.primary | self.along)
        return problem(
            wider,
            [*self.needs, *more],
            weights=np.concatenate([self.weights, np.zeros(added)]),
            never=np.flatnonzero(fixed),
            lower=np.where(fixed, values, 0.0),
            upper=np.where(fixed, values, top),
            primary=np.concatenate([hidden, len(self.table.values) + np.arange(added)]),
        )


def _safe(before: EarlierTables, policy: Policy, cost: Cost, seconds: float) -> list[CrossTable]:
    """Protect the tables of now and those of before, which come last."""
    tables = before.tables
    if any((table.values() < 0).any() for table in tables) or any(
        table.contributions is not None and (table.contributions["value"] < 0).any()
        for table in tables
    ):
        raise DisclosureError("sums of numbers below zero can't be protected; leave them out")
    made = _system(before, policy, cost)
    try:
        found, given = _pattern(made, policy, seconds, tables[0].kind == "sum")
    except UnprotectableError as error:
        raise DisclosureError(_refused(tables, made, error)) from None
    if shortfalls(
        CellTable(given.values, given.relations, (len(given.values),), given.primary),
        found.suppressed,
        given.needs,
        given.values - given.below,
        given.values + given.above,
    ):
        raise DisclosureError(
            "the audit finds hidden cells that can be estimated too well; nothing is returned. "
            "Use coarser classes (bf.alternatives proposes which)"
        )
    gone = found.suppressed[: len(made.table.values)]
    token = object()
    safe = [
        _masked(table, gone[ids], policy, found.gap, before.now, token, before.known)
        for table, ids in zip(tables, made.numbers, strict=True)
    ]
    audit_tables(safe).require_safe()
    return safe[: before.now]


def _system(before: EarlierTables, policy: Policy, cost: Cost) -> _System:
    tables = before.tables
    numbers = cell_numbers(tables)
    joined = join_tables([system(table) for table in tables], numbers)
    n = len(joined.values)
    marks = {name: np.zeros(n, bool) for name in ("primary", "along", "fixed")}
    weights, there = np.zeros(n), np.zeros(n, bool)
    needs: dict[Need, None] = {}
    parts = []
    for table, ids in zip(tables, numbers, strict=True):
        given = shares(table)
        asked = asked_of(table, given, policy)
        for name, mark in marks.items():
            np.logical_or.at(mark, ids, getattr(asked, name))
        needs |= dict.fromkeys(need_cells(asked.needs, ids))
        np.add.at(weights, ids, losses(table.values(), cost))
        first = np.zeros(len(ids), bool)
        first[np.unique(ids, return_index=True)[1]] = True
        kept = (first & ~there[ids])[given.cells]  # a cell of two tables has its cases once
        parts.append((ids[given.cells[kept]], given.values[kept], given.holdings[kept]))
        there[ids] = True
    before.settle(numbers, marks)
    marks["along"] &= ~marks["primary"]
    cells, values, holdings = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _System(
        table=joined,
        numbers=numbers,
        given=Shares(cells=cells, values=values, holdings=holdings),
        weights=weights,
        needs=list(needs),
        **marks,
    )


def _pattern(made: _System, policy: Policy, seconds: float, sums: bool) -> tuple[Pattern, Problem]:
    """Find the cheapest pattern; for sums until what hidden cells of a row add up to is safe."""
    unions: dict[tuple[int, ...], UnsafeUnion] = {}
    end = time.perf_counter() + seconds
    for _ in range(_ROUNDS):
        wider, more = union_needs(made.table, list(unions.values()))
        given = made.problem(wider, more)
        found = optimal_pattern(given, seconds=max(0.2, (end - time.perf_counter()) / 2))
        if not sums:
            return found, given
        told = unsafe_unions(
            made.table,
            found.suppressed[: len(made.table.values)],
            made.given.cells,
            made.given.values,
            made.given.holdings,
            lambda contributed, cells: sum_rule(contributed, cells, policy),
        )
        new = [union for union in told if union.cells not in unions]
        if not new:
            return found, given
        unions |= {union.cells: union for union in new}
    raise UnprotectableError(cell for cells in unions for cell in cells)


def _refused(tables: Sequence[CrossTable], made: _System, error: UnprotectableError) -> str:
    cells = [cell for cell in error.cells if cell < len(made.table.values)]
    named = []
    for table, ids in zip(tables, made.numbers, strict=True):
        named += [table.place(int(at)) for at in np.flatnonzero(np.isin(ids, cells))]
    more = ", …" if len(named) > _NAMED else ""
    places = f" ({'; '.join(named[:_NAMED])}{more})" if named else ""
    return (
        f"{len(error.cells)} cell(s) can't be protected by hiding others{places}; use coarser "
        "classes (bf.alternatives proposes which), leave a dimension out, or say of which "
        "columns everybody knows who belongs where (known=)"
    )


def _masked(
    table: CrossTable,
    hidden: np.ndarray,
    policy: Policy,
    gap: float,
    results: int,
    token: object,
    known: bool,
) -> CrossTable:
    shown = table.table.assign(
        value=np.where(hidden, np.nan, table.values()),
        empty=table.table["empty"].to_numpy(bool) & ~hidden,
        suppressed=np.where(hidden, "hidden", ""),
    ).astype({"suppressed": "str"})
    origin = table.origin
    protection = Protection(
        policy=policy.id,
        version=policy.version,
        title=policy.title.text,
        rule=policy.rule.text,
        cells=len(shown),
        hidden=int(hidden.sum()),
        min_base=policy.min_base,
        min_count=policy.min_count,
        min_count_crossed=policy.min_count_crossed,
        spare=None if policy.telling == "none" else policy.spare,
        sensitive=policy.telling == "sensitive",
        gap=gap,
        results=results,
        edition=edition_of(origin) if isinstance(origin, Survey) else None,
        known=known,
    )
    node = table.provenance.then(
        "protect",
        policy=policy.id,
        version=policy.version,
        hidden=protection.hidden,
        results=results,
    )
    return replace(
        table,
        table=shown,
        protected=True,
        protection=protection,
        provenance=node,
        contributions=None,
        origin=token,
    )
