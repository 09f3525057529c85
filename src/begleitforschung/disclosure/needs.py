"""What a policy asks of the sums about one column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from begleitforschung.disclosure.cells import Cells
from begleitforschung.disclosure.linking import Linked, Sum, whole
from begleitforschung.disclosure.policies import Policy
from begleitforschung.disclosure.structure import Bools, Floats, Ints
from begleitforschung.stats.suppression import Need, contributions, p_percent

_PRINTED = 0.005  # half a percent, the last digit of a share
_EXCHANGE = np.array([1, -3, 3, -1])
_Domain = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Demand:
    """Cells that are hidden in any case, and how wide their intervals must stay.

    Parameters
    ----------
    primary : numpy.ndarray of bool, shape (sums,)
        Sums that must not be shown.
    along : numpy.ndarray of bool, shape (sums,)
        Sums over larger groups that are hidden as they would tell of smaller ones.
    needs : tuple of Need
        Needs of their cells.
    """

    primary: Bools
    along: Bools
    needs: tuple[Need, ...]


class Domains:
    """Cases of each domain, and how many respondents they are.

    Parameters
    ----------
    linked : Linked
        The sums.
    units : pandas.Series
        Municipality of each case, as several answers of one count once.
    released : numpy.ndarray of bool, shape (n,)
        Cases whose answer everybody knows; they hide nobody.
    """

    def __init__(self, linked: Linked, units: pd.Series, released: Bools) -> None:
        self._linked = linked
        codes = pd.factorize(units)[0].astype(np.int64)
        alone = codes < 0
        codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
        self._codes, self._counted = codes, linked.secret.rows.answered & ~released

    def cases(self, domain: _Domain) -> Ints:
        """Return the cases of a domain that answered and whose answer is not known already.

        Parameters
        ----------
        domain : (int, str, int)
            Group of the register, partition and part.

        Returns
        -------
        numpy.ndarray of int
            Their positions.
        """
        group, partition, part = domain
        inside = self._linked.groups[group] & self._counted
        if partition:
            inside = inside & (self._linked.parts[partition][0] == part)
        return np.flatnonzero(inside)

    def size(self, cases: Ints) -> int:
        """Count respondents.

        Parameters
        ----------
        cases : numpy.ndarray of int
            Positions of cases.

        Returns
        -------
        int
            Municipalities behind them.
        """
        return len(np.unique(self._codes[cases]))

    def holdings(self, cases: Ints) -> Ints:
        """Return to whom each case belongs.

        Parameters
        ----------
        cases : numpy.ndarray of int
            Positions of cases.

        Returns
        -------
        numpy.ndarray of int
            One code for each municipality.
        """
        return self._codes[cases]


def demand(
    linked: Linked,
    cells: Cells,
    domains: Domains,
    policy: Policy,
    hidden: Bools,
    *,
    telling: bool,
    single: bool,
) -> Demand:
    """Return what a policy asks of the sums about one column.

    Parameters
    ----------
    linked : Linked
        The sums.
    cells : Cells
        Their cells.
    domains : Domains
        Cases behind them.
    policy : Policy
        The policy.
    hidden : numpy.ndarray of bool, shape (groups,)
        Groups of the register that are not shown.
    telling : bool
        Whether groups that tell what their members answered are hidden.
    single : bool
        Whether the answer of a class that no table tells apart must not follow if all gave it.

    Returns
    -------
    Demand
        Hidden sums and needs.
    """
    sums = cells.sums
    primary = np.zeros(len(sums), bool)
    primary[cells.shown :] = True
    along = np.zeros(len(sums), bool)
    needs: list[Need] = []
    for domain, where in _by_domain(sums).items():
        cases = domains.cases(domain)
        base = domains.size(cases)
        small = whole(sums[where[0]]) and bool(hidden[domain[0]])
        split = not whole(sums[where[0]]) and 0 < base < policy.min_base
        if small and base >= policy.min_base:
            along[where] = True
        elif small or split:
            primary[where] = True
        if not linked.secret.rows.answers:
            needs += _of_numbers(linked, where, cases, domains, policy, telling=telling)
            continue
        counts = np.bincount(linked.secret.codes[cases], minlength=len(linked.secret.rows.answers))
        for at in where:
            needs += _of_count(at, sums[at], counts, policy, small=small, split=split)
            needs += _of_weight(at, linked, sums[at], cases)
        if telling and base > 0:
            needs += _of_group(where, sums, counts, policy.spare)
            if counts.max() >= telling_count(int(counts.sum()), policy.spare):
                primary[[at for at in where if not sums[at].counts]] = True
    primary[[need.cell for need in needs]] = True
    open_to = {need.cell for need in needs if not hidden[sums[need.cell].group]}
    needs += _insiders(sums, cells, open_to)
    if single:
        needs += [Need(cell=cell, down=1.0) for cell in cells.alike()]
    return Demand(primary, along & ~primary, tuple(needs))


def _by_domain(sums: Iterable[Sum]) -> dict[_Domain, list[int]]:
    found: dict[_Domain, list[int]] = {}
    for at, item in enumerate(sums):
        found.setdefault(item.domain, []).append(at)
    return found


def _of_count(
    at: int, item: Sum, counts: Ints, policy: Policy, *, small: bool, split: bool
) -> list[Need]:
    """Keep a small count from being known: one more and one less must stay possible.

    In a group that is hidden as a whole one more may be impossible, as its size is known; there one
    less must be.
    """
    if not item.counts:
        return []
    value = float(counts @ np.asarray(item.scores))
    few = 0 < value < policy.smallest_count(crossed=item.crossed)
    if not (few or (split and value > 0)):
        return []
    return [Need(cell=at, up=0.0 if small else 1.0, down=1.0)]


def telling_count(base: int, spare: int) -> int:
    """Return from how many equal answers on a group tells what its members answered.

    Parameters
    ----------
    base : int
        Members.
    spare : int
        How many may differ.

    Returns
    -------
    int
        All but those who may differ; both of two, and the only one.
    """
    return max(base - spare, min(base, 2))


def spread_tells(counts: Ints, least: int) -> bool:
    """Say whether mean and spread of coded answers tell a small count.

    Mean and variance give the sum and the sum of squares of the scores. Counts of four answers one
    beside the other can differ by (1, -3, 3, -1) without changing the two; where no such exchange
    is possible, a small count is taken as told. With two or three answers it always is.

    Parameters
    ----------
    counts : numpy.ndarray of int, shape (answers,)
        Cases by answer, in order.
    least : int
        Smallest count that may be known.

    Returns
    -------
    bool
        True if so.
    """
    few = np.flatnonzero((counts > 0) & (counts < least))
    open_ = np.zeros(len(counts), np.bool_)
    for at in range(len(counts) - len(_EXCHANGE) + 1):
        part = slice(at, at + len(_EXCHANGE))
        for step in (_EXCHANGE, -_EXCHANGE):
            open_[part] |= bool((counts[part] + step >= 0).all())
    return bool((~open_[few]).any())


def _of_weight(at: int, linked: Linked, item: Sum, cases: Ints) -> list[Need]:
    """Keep a share in which one case counts for much from telling that it gave the answer.

    A share above what all others make up together needs it.
    """
    found = linked.counted_with.get(replace(item, crossed=False), ())
    if not item.counts or not len(cases):
        return []
    gave = np.asarray(item.scores)[linked.secret.codes[cases]] == 1.0
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
    linked: Linked,
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
    if telling and not linked.secret.values[cases].any():
        largest = float(np.nanmax(np.abs(linked.secret.values), initial=0.0))
        return [Need(cell=at, up=policy.p_percent / 100 * largest or 1.0) for at in where]
    given = contributions(
        np.zeros(len(cases)), linked.secret.values[cases], domains.holdings(cases)
    )
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
                sums[cell].scores == sums[knows].scores
                and sums[cell].partition == sums[knows].partition
            )
            if same:
                found.append(Need(cell=cell, width=1.0, known=(knows,)))
    return found
