"""Unions of hidden groups, which a total gives away by subtraction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from begleitforschung.disclosure.linking import Linked, Sum, whole
from begleitforschung.disclosure.structure import Bools


def with_unions(linked: Linked, cells: tuple[Sum, ...], hidden: Bools) -> Linked:
    """Add what the groups that are shown leave over of a larger one.

    The sum over several hidden groups of one breakdown follows from a total, even if none of its
    parts does; it must keep the rules itself.

    Parameters
    ----------
    linked : Linked
        All sums about one column.
    cells : tuple of Sum
        Sums that were decided on.
    hidden : numpy.ndarray of bool, shape (sums,)
        Which of them are hidden.

    Returns
    -------
    Linked
        With the sums that follow, none of which is shown; itself if there are no further ones.
    """
    groups = [mask.tobytes() for mask in linked.groups]
    known = set(groups)
    masks, derived = list(linked.groups), list(linked.derived)
    kinds = dict.fromkeys((item.column, item.scores) for item in linked.sums if item.scores)
    for column, scores in kinds:
        shown = {
            item.group
            for item, gone in zip(cells, hidden, strict=True)
            if whole(item) and (item.column, item.scores) == (column, scores) and not gone
        }
        for rest in _left_over(linked, column, shown):
            key = rest.tobytes()
            at = groups.index(key) if key in known else len(masks)
            if at == len(masks):
                known.add(key)
                groups.append(key)
                masks.append(rest)
            found = Sum(at, "", -1, scores, crossed=False, column=column)
            if found not in derived and found not in linked.sums:
                derived.append(found)
    if len(derived) == len(linked.derived):
        return linked
    return replace(linked, groups=np.array(masks), derived=tuple(derived))


def _left_over(linked: Linked, column: str, shown: set[int]) -> list[Bools]:
    found = []
    for family in (groups for name, groups in linked.families if name == column):
        gone = family - shown
        if not gone:
            continue
        union = np.logical_or.reduce([linked.groups[group] for group in family])
        seen = [linked.groups[group] for group in family & shown]
        for group in shown - family:
            if (union & ~linked.groups[group]).any():
                continue
            rest = linked.groups[group] & ~np.logical_or.reduce([*seen, np.zeros_like(union)])
            if (rest & linked.secrets[column].rows.answered).any():
                found.append(rest)
    return found
