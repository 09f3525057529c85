"""Small groups that a reader works out by adding and subtracting published groups.

Who belongs to a group is public. If sums over several groups are published, so are all linear
combinations of them: all counties minus all others is the one that is not shown.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TOLERANCE = 1e-7


class Derived(NamedTuple):
    """The smallest group around one cell that can be worked out.

    Parameters
    ----------
    units : float
        Its units, each counted with the weight that it has in the combination; infinite if the
        cell is in no published group.
    used : numpy.ndarray of int64
        Published groups that the combination takes.
    """

    units: float
    used: Ints


def smallest_derived(members: ArrayLike, units: ArrayLike, cell: int) -> Derived:
    r"""Find the smallest group around a cell that follows from published groups.

    Over all combinations ``z = a @ members`` with ``z >= 0`` and ``z[cell] = 1`` the number
    ``z @ units`` is minimised, a linear program. With disjoint groups it is the group of the cell;
    with a total besides it may be what the other groups leave over.

    Parameters
    ----------
    members : array_like of bool, shape (groups, cells)
        Which cells make up each published group.
    units : array_like, shape (cells,)
        Units in each cell.
    cell : int
        The cell.

    Returns
    -------
    Derived
        Units and groups used.

    Raises
    ------
    ValueError
        If shapes differ.

    Examples
    --------
    >>> found = smallest_derived([[1, 1, 1], [1, 1, 0]], [10, 20, 2], cell=2)
    >>> found.units, found.used.tolist()
    (2.0, [0, 1])
    """
    from scipy.optimize import linprog

    rows, sizes = np.asarray(members, np.float64), np.asarray(units, np.float64)
    if rows.ndim != 2 or rows.shape[1:] != sizes.shape:
        raise ValueError("members needs one column for each cell")
    if not len(rows) or not rows[:, cell].any():
        return Derived(np.inf, np.zeros(0, np.int64))
    found = linprog(
        rows @ sizes,
        A_ub=-rows.T,
        b_ub=np.zeros(len(sizes)),
        A_eq=rows[:, [cell]].T,
        b_eq=[1.0],
        bounds=(None, None),
        method="highs",
    )
    if found.status != 0:
        raise ValueError(f"the smallest derived group was not found: {found.message}")
    used = np.flatnonzero(np.abs(found.x) > _TOLERANCE)
    return Derived(float(found.fun), used.astype(np.int64))
