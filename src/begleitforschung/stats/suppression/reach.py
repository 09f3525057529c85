"""What sums of unknowns can be, if other sums of them are published.

Written apart from the search for patterns and from `attack`, so that the audit of estimates shares
nothing but the solver with what it checks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.suppression.solver import OPTIMAL, UNBOUNDED, program

Floats = NDArray[np.float64]


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

    system, asked = sparse.csr_array(sums), sparse.csr_array(targets)
    programs = program(system, np.asarray(low, np.float64), np.asarray(high, np.float64))
    costs = asked.toarray()
    bounds = np.asarray(least, np.float64), np.asarray(most, np.float64)
    found = []
    for sign in (1.0, -1.0):
        made = programs.each(sign * costs, *bounds)
        if not np.isin(made.status, (OPTIMAL, UNBOUNDED)).all():
            raise ValueError("no answers agree with what is published")
        values = (np.nan_to_num(made.points) * costs).sum(axis=1)
        found.append(np.where(made.status == OPTIMAL, values, -sign * np.inf))
    return found[0], found[1]
