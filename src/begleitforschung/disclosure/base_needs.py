"""What a policy asks of bases that answers decide."""

from __future__ import annotations

import numpy as np

from begleitforschung.disclosure.asked import Asked, Domains
from begleitforschung.disclosure.cells import Cells
from begleitforschung.disclosure.groups import hidden_groups
from begleitforschung.disclosure.linking import Linked
from begleitforschung.disclosure.policies import Policy
from begleitforschung.disclosure.structure import Bools
from begleitforschung.disclosure.telling import telling_count
from begleitforschung.stats.suppression import Need


def small_bases(linked: Linked, policy: Policy) -> Bools:
    """Choose the bases of groups that would be small, or tell a small one beside others.

    Parameters
    ----------
    linked : Linked
        The sums.
    policy : Policy
        The policy.

    Returns
    -------
    numpy.ndarray of bool, shape (bases,)
        Those that must not be shown.
    """
    found = np.zeros(len(linked.bases), np.bool_)
    for variables in dict.fromkeys(base.variables for base in linked.bases):
        at = [n for n, base in enumerate(linked.bases) if base.variables == variables]
        masks, back = np.unique([linked.bases[n].could for n in at], axis=0, return_inverse=True)
        gone = hidden_groups(masks, np.ones(masks.shape[1]), policy.min_base)
        found[at] = gone[back.ravel()]
    return found


def of_bases(
    linked: Linked, cells: Cells, domains: Domains, asked: Asked, primary: Bools
) -> list[Need]:
    """Return what is asked of bases that answers decide: they are counts of these answers.

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
    primary : numpy.ndarray of bool, shape (cells,)
        Set where a base must not be shown.

    Returns
    -------
    list of Need
        Needs of their cells.
    """
    policy = asked.policy
    found: list[Need] = []
    for at, base, small in zip(cells.bases, linked.bases, asked.small, strict=False):
        size, all_of = domains.size(np.flatnonzero(base.could)), int(base.could.sum())
        belong = int(base.within[tuple(linked.told[v][base.could] for v in base.variables)].sum())
        least = policy.smallest_count(crossed=base.crossed)
        told = asked.telling.intersection(base.variables) and size > 0
        limit = telling_count(size, policy.spare)
        rest = all_of - belong
        if small or 0 < size < policy.min_base:
            primary[at] = True
            found += [Need(cell=at, down=1.0)] if belong else []
        elif 0 < belong < least or (base.halves and 0 < rest < least):
            primary[at] = True
            found.append(Need(cell=at, up=min(1.0, rest), down=1.0))
        if told and belong >= limit:
            primary[at] = True
            found.append(Need(cell=at, down=belong - limit + 1.0))
        elif told and base.halves and rest >= limit:
            primary[at] = True
            found.append(Need(cell=at, up=rest - limit + 1.0))
    return found
