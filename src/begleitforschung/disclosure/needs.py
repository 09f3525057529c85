"""What a policy asks of the sums about one column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from begleitforschung.disclosure.asked import Asked, Domain, Domains
from begleitforschung.disclosure.base_needs import of_bases
from begleitforschung.disclosure.cells import Cells
from begleitforschung.disclosure.linking import Linked, Sum, whole
from begleitforschung.disclosure.policies import Policy
from begleitforschung.disclosure.structure import Bools, Floats, Ints, Secret
from begleitforschung.disclosure.telling import telling_count
from begleitforschung.stats.suppression import Need, contributions, p_percent

_PAIRS = 200  # of respondents who could find each other out
_PRINTED = 0.005  # half a percent, the last digit of a share


@dataclass(frozen=True, slots=True)
class Demand:
    """Cells that are hidden in any case, and how wide their intervals must stay.

    Parameters
    ----------
    primary : numpy.ndarray of bool, shape (cells,)
        Sums and bases that must not be shown.
    along : numpy.ndarray of bool, shape (cells,)
        Those over larger groups that are hidden as they would tell of smaller ones.
    needs : tuple of Need
        Needs of their cells.
    """

    primary: Bools
    along: Bools
    needs: tuple[Need, ...]


def demand(linked: Linked, cells: Cells, domains: Domains, asked: Asked) -> Demand:
    """Return what a policy asks of sums and bases.

    Parameters
    ----------
    linked : Linked
        The sums.
    cells : Cells
        Their cells.
    domains : Domains
        Cases behind them.
    asked : Asked
        What is asked.

    Returns
    -------
    Demand
        Hidden cells and needs.
    """
    sums, policy = cells.sums, asked.policy
    primary = np.zeros(len(cells.unknown), np.bool_)
    primary[cells.shown : len(sums)] = True
    along = np.zeros(len(cells.unknown), np.bool_)
    needs: list[Need] = []
    for domain, where in _by_domain(sums).items():
        column, group = domain[:2]
        cases = domains.cases(domain)
        base = domains.size(cases)
        small = whole(sums[where[0]]) and _is_hidden(asked, column, group)
        split = not whole(sums[where[0]]) and 0 < base < policy.min_base
        if small and base >= policy.min_base:
            along[where] = True
        elif small or split:
            primary[where] = True
        secret, telling = linked.secrets[column], column in asked.telling
        if not secret.rows.answers:
            needs += _of_numbers(secret, where, cases, domains, policy, telling=telling)
            continue
        counts = np.bincount(secret.codes[cases], minlength=len(secret.rows.answers))
        for at in where:
            room = cells.upper[at] - cells.table.values[at]  # everybody knows who answered
            room = 0.0 if small else np.inf if whole(sums[at]) else room
            needs += _of_count(at, sums[at], counts, policy, room=room, split=split)
            needs += _of_weight(at, linked, sums[at], cases)
        if telling and base > 0:
            needs += _of_group(where, sums, counts, policy.spare)
            if counts.max() >= telling_count(int(counts.sum()), policy.spare):
                primary[[at for at in where if not sums[at].counts]] = True
    primary[[need.cell for need in needs]] = True
    open_to = {n.cell for n in needs if not _is_hidden(asked, *sums[n.cell].domain[:2])}
    needs += _insiders(sums, cells, open_to)
    needs += [Need(cell=cell, down=1.0) for cell in cells.alike]
    needs += of_bases(linked, cells, domains, asked, primary)
    return Demand(primary, along & ~primary, tuple(needs))


def _is_hidden(asked: Asked, column: str, group: int) -> bool:
    found = asked.hidden[column]
    return group < len(found) and bool(found[group])


def _by_domain(sums: Iterable[Sum]) -> dict[Domain, list[int]]:
    found: dict[Domain, list[int]] = {}
    for at, item in enumerate(sums):
        found.setdefault(item.domain, []).append(at)
    return found


def _of_count(
    at: int, item: Sum, counts: Ints, policy: Policy, *, room: float, split: bool
) -> list[Need]:
    """Keep a small count from being known: one more and one less must stay possible.

    In a group whose size is known one more may be impossible; there one less must be.
    """
    if not item.counts:
        return []
    value = float(counts @ np.asarray(item.scores))
    few = 0 < value < policy.smallest_count(crossed=item.crossed)
    if not (few or (split and value > 0)):
        return []
    return [Need(cell=at, up=min(1.0, room), down=1.0)]


def _of_weight(at: int, linked: Linked, item: Sum, cases: Ints) -> list[Need]:
    """Keep a share in which one case counts for much from telling that it gave the answer.

    A share above what all others make up together needs it.
    """
    found = linked.counted_with.get(replace(item, crossed=False), ())
    if not item.counts or not len(cases):
        return []
    gave = np.asarray(item.scores)[linked.secrets[item.column].codes[cases]] == 1.0
    for with_ in found:
        parts = with_[cases] / with_[cases].sum()
        if gave.any() and (parts[gave] > 1.0 - parts[gave].sum() - _PRINTED).any():
            return [Need(cell=at, down=1.0)]
    return []


def _of_group(where: list[int], sums: tuple[Sum, ...], counts: Ints, spare: int) -> list[Need]:
    """Keep it possible that more than `spare` members of a group gave another answer."""
    base, top = int(counts.sum()), int(np.argmax(counts))
    limit = telling_count(base, spare)
    if counts.max() < limit:
        return []
    found = []
    for at in where:
        scores = np.asarray(sums[at].scores)
        value = float(counts @ scores)
        if not sums[at].counts:
            found += _of_scores(at, value, scores, base, limit)
        elif scores[top] == 1.0 and value >= limit:
            found.append(Need(cell=at, down=value - limit + 1.0))
        elif scores[top] == 0.0 and len(counts) == 2:
            found.append(Need(cell=at, up=base - limit + 1.0 - value))
    return found


def _of_scores(at: int, value: float, scores: Floats, base: int, limit: int) -> list[Need]:
    """Keep a mean from being so near to an end of its scale that nearly all must be there."""
    ends = np.unique(scores)
    if len(ends) < 2 or np.isnan(ends).any():
        return []
    top = (limit - 1) * ends[-1] + (base - limit + 1) * ends[-2]
    bottom = (limit - 1) * ends[0] + (base - limit + 1) * ends[1]
    if value > top:
        return [Need(cell=at, down=value - top)]
    return [Need(cell=at, up=bottom - value)] if value < bottom else []


def _of_numbers(
    secret: Secret,
    where: list[int],
    cases: Ints,
    domains: Domains,
    policy: Policy,
    *,
    telling: bool,
) -> list[Need]:
    """Keep the largest contribution to a sum from being estimated too well (p % rule).

    Where groups that tell are hidden, neither may it be seen that nobody contributes anything.
    """
    if policy.p_percent is None or not len(cases):
        return []
    if telling and not secret.values[cases].any():
        largest = float(np.nanmax(np.abs(secret.values), initial=0.0))
        return [Need(cell=at, up=policy.p_percent / 100 * largest or 1.0) for at in where]
    given = contributions(np.zeros(len(cases)), secret.values[cases], domains.holdings(cases))
    risk = p_percent(given, 1, policy.p_percent)
    if not risk.unsafe[0]:
        return []
    return [Need(cell=at, up=float(risk.up[0])) for at in where]


def _insiders(sums: tuple[Sum, ...], cells: Cells, unsafe: set[int]) -> list[Need]:
    """Keep a respondent who is alone in a cell from working out others of its row or column."""
    values = cells.table.values
    found = []
    for knows in sorted(unsafe):
        if not (sums[knows].counts and values[knows] == 1.0):
            continue
        for cell in sorted(unsafe - {knows}):
            same = sums[cell].domain == sums[knows].domain or (
                sums[cell].column == sums[knows].column
                and sums[cell].scores == sums[knows].scores
                and sums[cell].partition == sums[knows].partition
            )
            if same:
                found.append(Need(cell=cell, width=1.0, known=(knows,)))
    return found


def insiders(cells: Cells, hidden: Bools) -> set[Need]:
    """Keep who is alone in a hidden cell from working out what another single one answered.

    Only where they are few; in many small classes each respondent would be an attacker on each.

    Parameters
    ----------
    cells : Cells
        Cells.
    hidden : numpy.ndarray of bool, shape (cells,)
        What would be hidden.

    Returns
    -------
    set of Need
        One for each class of one and each hidden count of one that is not theirs.
    """
    relations = cells.table.relations.astype(np.bool_).astype(np.int64)
    alone = [
        at
        for at in np.flatnonzero(hidden[: cells.shown])
        if cells.sums[at].counts and cells.table.values[at] == 1.0
    ]
    if not alone or not cells.alike:
        return set()
    single = [number for number, at in enumerate(cells.alike) if cells.table.values[at] == 1.0]
    of_class = relations[[len(cells.sums) + number for number in single]]
    pairs = np.argwhere((of_class @ relations[alone].T).toarray() == 0)
    if len(pairs) > _PAIRS:
        return set()
    return {
        Need(cell=cells.alike[single[one]], width=1.0, known=(int(alone[other]),))
        for one, other in pairs
    }
