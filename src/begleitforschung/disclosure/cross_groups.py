"""Groups of the register that several cross tables tell only together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from begleitforschung.disclosure.groups import hidden_groups
from begleitforschung.disclosure.policies import Policy
from begleitforschung.disclosure.structure import Bools
from begleitforschung.errors import DisclosureError
from begleitforschung.estimation.domains import grouped
from begleitforschung.results.cross_table import CrossTable
from begleitforschung.surveys import Survey


def require_large_groups(tables: Sequence[CrossTable], policy: Policy) -> None:
    """Refuse tables of a survey that give a small group away only together.

    Parameters
    ----------
    tables : sequence of CrossTable
        Tables of one family, each of which is safe by itself.
    policy : Policy
        The policy.

    Raises
    ------
    DisclosureError
        If groups of fewer than ``min_base`` follow by adding and subtracting.
    """
    each = [_groups(t, t.origin) for t in tables if isinstance(t.origin, Survey)]
    if len(each) < 2:
        return
    alone = {key for groups in each for key in _hidden(groups, policy)}
    if _hidden(np.unique(np.vstack(each), axis=0), policy) - alone:
        raise DisclosureError(
            "by adding and subtracting groups of these cross tables readers get groups of fewer "
            f"than {policy.min_base}; show one of the breakdowns, or make them as estimates "
            "(bf.estimate), which are hidden group by group"
        )


def _groups(table: CrossTable, survey: Survey) -> Bools:
    """Return the cases of each group that known dimensions make, margins included."""
    parts, complete = [], np.ones(len(survey), np.bool_)
    for dimension in table.dimensions:
        codes = grouped(survey, dimension.name, None).codes
        complete &= codes >= 0
        if dimension.known:
            parts.append([members[codes] for members in dimension.members()])
    found = [np.logical_and.reduce([complete, *masks]) for masks in product(*parts)]
    return np.unique(np.array(found), axis=0)


def _hidden(groups: Bools, policy: Policy) -> set[bytes]:
    hidden = hidden_groups(groups, np.ones(groups.shape[1]), policy.min_base)
    return {mask.tobytes() for mask in groups[hidden]}
