"""Which groups of the register may be shown: none smaller than the policy allows can be derived."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.suppression.derived import smallest_derived

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
_TOLERANCE = 1e-6


def hidden_groups(
    members: Bools, units: Floats, minimum: int, published: Bools | None = None
) -> Bools:
    """Choose the groups to hide so that no small one can be worked out from the others.

    Groups below the minimum are hidden. While a reader could still derive one by adding and
    subtracting, the smallest group that the derivation uses is hidden too, one that was published
    before only if all of them were; at the end, groups that turned out not to be needed are shown
    again, the largest first.

    Parameters
    ----------
    members : numpy.ndarray of bool, shape (groups, cells)
        Cells of each group that is to be shown.
    units : numpy.ndarray, shape (cells,)
        Units in each cell.
    minimum : int
        Fewest units of a group.
    published : numpy.ndarray of bool, shape (groups,), optional
        Groups that everybody knows already, so that hiding them now is of no use.

    Returns
    -------
    numpy.ndarray of bool, shape (groups,)
        Groups to hide; empty ones are not among them.
    """
    sizes = members @ units
    hidden = (sizes > 0) & (sizes < minimum)
    if not (members.any(axis=0) & (units > 0)).any():
        return hidden
    while (used := _derivable(members, units, minimum, hidden)) is not None:
        new = used if published is None else used[~published[used]]
        among = new if len(new) else used
        hidden[among[np.argmin(sizes[among])]] = True
    for group in np.argsort(-sizes, kind="stable"):
        if hidden[group] and sizes[group] >= minimum:
            hidden[group] = False
            if _derivable(members, units, minimum, hidden) is not None:
                hidden[group] = True
    return hidden


def _derivable(
    members: Bools, units: Floats, minimum: int, hidden: Bools
) -> NDArray[np.int64] | None:
    """Return the groups that a derivation of a small one uses, all cells tried."""
    shown = np.flatnonzero(~hidden & (members @ units > 0))
    merged, sums, _ = _alike(members[np.ix_(shown, units > 0)], units[units > 0])
    for cell in np.argsort(sums, kind="stable"):
        derived = smallest_derived(merged, sums, int(cell))
        if derived.units < minimum - _TOLERANCE and len(derived.used):
            return shown[derived.used]
    return None


def _alike(members: Bools, units: Floats) -> tuple[Bools, Floats, NDArray[np.int64]]:
    """Join cells that lie in the same groups, as no reader can tell them apart."""
    merged, place = np.unique(members, axis=1, return_inverse=True)
    at = place.ravel()
    return merged, np.bincount(at, units, merged.shape[1]).astype(np.float64), at
