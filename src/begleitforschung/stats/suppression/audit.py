"""What an attacker can work out of a published table; knows nothing of how it was protected.

Everything comes from what is published: the equations between the cells, the figures shown, and
the bounds that anybody knows (counts are not negative). For each suppressed cell the smallest and
the largest value that agrees with all of it is found by linear programming. See M. Fischetti and
J. J. Salazar-González, Management Science 47 (2001), 1008-1027, on the attacker's problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.suppression.attacker import Rows, intervals, whole_numbers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LARGE = 1e6  # larger figures are scaled: a solver's tolerances are absolute
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Attack:
    """What can be inferred for every suppressed cell.

    Parameters
    ----------
    cells : numpy.ndarray of int64
        Positions of the suppressed cells, ascending.
    low, high : numpy.ndarray
        Smallest and largest possible value of each; infinite where nothing bounds it.
    """

    cells: Ints
    low: Floats
    high: Floats

    def exact(self, tolerance: float = 1e-6) -> Ints:
        """Name the cells that can be worked out.

        Parameters
        ----------
        tolerance : float
            Widest interval that counts as one value.

        Returns
        -------
        numpy.ndarray of int64
            Positions of the cells.
        """
        return self.cells[self.high - self.low <= tolerance]

    def near(self, width: ArrayLike, tolerance: float = 1e-6) -> Ints:
        """Name the cells whose interval is narrower than a width.

        Parameters
        ----------
        width : array_like
            One width, or one for each suppressed cell.
        tolerance : float
            How much narrower still passes.

        Returns
        -------
        numpy.ndarray of int64
            Positions of the cells, those that can be worked out among them.
        """
        return self.cells[self.high - self.low < np.asarray(width) - tolerance]


def attack(
    relations: Any,
    published: ArrayLike,
    lower: ArrayLike = 0.0,
    upper: ArrayLike = np.inf,
    slack: ArrayLike = 0.0,
    integer: ArrayLike = False,
    cells: ArrayLike | None = None,
) -> Attack:
    """Find the interval that an attacker can infer for every suppressed cell.

    Parameters
    ----------
    relations : sparse array, shape (equations, cells)
        ``relations @ cells == 0``.
    published : array_like, shape (cells,)
        The figures shown; NaN for suppressed cells.
    lower, upper : array_like
        What anybody knows of the cells; one figure or one for each cell. An insider's own cell is
        given as published.
    slack : array_like
        By how much each equation may fail because figures are rounded.
    integer : array_like of bool
        Whether the attacker uses that all cells, or those marked, are whole numbers (slower). Sums
        with factors such as 1.217 may have but one solution in whole numbers.
    cells : array_like of int, optional
        Suppressed cells to look at; all by default. Published ones among them are passed over.

    Returns
    -------
    Attack
        Interval of each suppressed cell that is looked at.

    Raises
    ------
    ValueError
        If arrays do not fit each other, or no table agrees with what is published.

    Examples
    --------
    >>> from begleitforschung.stats.suppression.tables import cell_table
    >>> table = cell_table([[4, 3], [2, 1], [3, 3]])
    >>> shown = table.values.copy()
    >>> shown[[0, 1, 3, 4]] = np.nan
    >>> found = attack(table.relations, shown)
    >>> found.low.tolist(), found.high.tolist()
    ([3.0, 1.0, 0.0, 0.0], [6.0, 4.0, 3.0, 3.0])
    """
    from scipy import sparse

    known, system = np.asarray(published, np.float64), sparse.csr_array(relations, copy=True)
    system.eliminate_zeros()
    if known.ndim != 1 or system.shape[1] != len(known):
        raise ValueError("the equations need one column for each cell")
    hidden = np.flatnonzero(np.isnan(known))
    looked = hidden if cells is None else np.intersect1d(hidden, np.asarray(cells, np.int64))
    scale = max(1.0, float(np.nanmax(np.abs(known), initial=0.0)) / _LARGE)
    shown = np.where(np.isnan(known), 0.0, known) / scale
    low, high, room = (
        np.broadcast_to(np.asarray(of, np.float64) / scale, length)
        for of, length in ((lower, known.shape), (upper, known.shape), (slack, system.shape[0]))
    )
    right = -(system @ shown)
    part = system[:, hidden].tocsr()
    used = np.diff(part.indptr) > 0
    worst = np.abs(right[~used]) - room[~used]
    if (worst > _TOLERANCE * max(1.0, float(np.abs(shown).max(initial=0.0)))).any():
        raise ValueError("the published figures contradict each other")
    if not len(looked):
        return Attack(looked, np.zeros(0), np.zeros(0))
    whole = np.broadcast_to(np.asarray(integer, bool), known.shape)[hidden]
    if whole.any() and scale > 1:
        raise ValueError("an attack with whole numbers needs figures below a million")
    rows = Rows(part[used], (right - room)[used], (right + room)[used])
    given = rows, low[hidden], high[hidden], np.searchsorted(hidden, looked)
    ends = whole_numbers(*given, whole) if whole.any() else intervals(*given)
    return Attack(looked, ends[0] * scale, ends[1] * scale)
