"""What sums of unknowns can be, if other sums of them are published.

Written apart from the search for patterns and from `attack`, so that the audit of estimates shares
no code with what it checks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_UNBOUNDED = 3


def reach(
    sums: Any,
    low: ArrayLike,
    high: ArrayLike,
    least: ArrayLike,
    most: ArrayLike,
    targets: Any,
) -> tuple[Floats, Floats]:
    """Find the smallest and largest value of sums of unknowns by linear programming.

    Parameters
    ----------
    sums : sparse array or array_like, shape (published, unknowns)
        What each published figure adds up.
    low, high : array_like, shape (published,)
        Between what the figure lies; equal where it is not rounded.
    least, most : array_like, shape (unknowns,)
        What anybody knows of the unknowns.
    targets : sparse array or array_like, shape (targets, unknowns)
        Sums to find out.

    Returns
    -------
    low, high : numpy.ndarray, shape (targets,)
        Their bounds; infinite where nothing bounds them.

    Raises
    ------
    ValueError
        If no unknowns agree with what is published.

    Examples
    --------
    >>> found = reach([[1, 1, 0], [0, 1, 1]], [3, 5], [3, 5], [0] * 3, [9] * 3, [[0, 1, 0]])
    >>> [float(bound[0]) for bound in found]
    [0.0, 3.0]
    """
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    system, asked = sparse.csr_array(sums), sparse.csr_array(targets)
    bounds = Bounds(np.asarray(least, np.float64), np.asarray(most, np.float64))
    limits = LinearConstraint(system, np.asarray(low, np.float64), np.asarray(high, np.float64))
    found = np.zeros((2, asked.shape[0]))
    for target, side in np.ndindex(asked.shape[0], 2):
        sign = 1.0 if side == 0 else -1.0
        cost = sign * asked[[target]].toarray().ravel()
        made = milp(cost, bounds=bounds, constraints=limits)
        if made.x is not None:
            found[side, target] = sign * made.fun
        elif made.status == _UNBOUNDED:
            found[side, target] = -sign * np.inf
        else:
            raise ValueError(f"no answers agree with what is published: {made.message}")
    return found[0], found[1]
