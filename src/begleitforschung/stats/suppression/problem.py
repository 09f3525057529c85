"""What has to be protected: needs of single cells, and what an attacker knows beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.suppression.tables import CellTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class UnprotectableError(ValueError):
    """No choice of the cells that may be suppressed protects these.

    Parameters
    ----------
    cells : iterable of int
        Cells whose needs cannot be met.
    """

    def __init__(self, cells: Iterable[int]) -> None:
        self.cells = tuple(sorted(set(cells)))
        super().__init__(f"nothing that may be suppressed protects the cells {self.cells}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """How wide the interval of one cell must stay.

    Parameters
    ----------
    cell : int
        Cell to protect.
    up, down : float
        How far the interval must reach above and below the value.
    width : float
        Least width of the interval.
    known : tuple of int
        Cells that this attacker knows because he contributes to them alone.
    """

    cell: int
    up: float = 0.0
    down: float = 0.0
    width: float = 0.0
    known: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A table to protect.

    Parameters
    ----------
    relations : scipy.sparse.csr_array, shape (equations, cells)
        ``relations @ values == 0``.
    values, weights : numpy.ndarray, shape (cells,)
        True values, and the loss if a cell is suppressed.
    below, above : numpy.ndarray, shape (cells,)
        How far below and above its value anybody would believe a cell to lie.
    primary, allowed : numpy.ndarray of bool, shape (cells,)
        Cells that are suppressed in any case, and those that may be.
    needs : tuple of Need
        All needs.
    """

    relations: Any
    values: Floats
    weights: Floats
    below: Floats
    above: Floats
    primary: Bools
    allowed: Bools
    needs: tuple[Need, ...]

    def cost(self, pattern: Bools) -> float:
        """Add up the weights of the suppressed cells.

        Parameters
        ----------
        pattern : numpy.ndarray of bool
            Suppressed cells.

        Returns
        -------
        float
            The cost.
        """
        return float(self.weights[pattern].sum())


def problem(
    table: CellTable,
    needs: Sequence[Need],
    weights: ArrayLike | None = None,
    never: ArrayLike = (),
    lower: ArrayLike = 0.0,
    upper: ArrayLike | None = None,
    primary: ArrayLike = (),
) -> Problem:
    """State what has to be protected in a table.

    Parameters
    ----------
    table : CellTable
        The table with its margins.
    needs : sequence of Need
        What the cells need; each of them is suppressed.
    weights : array_like, optional
        Loss if a cell is suppressed; its value by default.
    never : array_like of int
        Cells that must stay visible, unless they have needs themselves.
    lower, upper : array_like
        What anybody knows of the cells; the largest value of the table above by default.
    primary : array_like of int
        Further cells that are suppressed in any case.

    Returns
    -------
    Problem
        The problem.

    Raises
    ------
    ValueError
        If a weight is negative, a value lies outside the bounds, or the equations do not hold.
    """
    n, values = len(table.values), table.values
    loss = np.asarray(np.maximum(values, 1e-6) if weights is None else weights, np.float64)
    top = float(values.max()) if upper is None else upper
    above = np.broadcast_to(np.asarray(top, np.float64), n) - values
    below = values - np.broadcast_to(np.asarray(lower, np.float64), n)
    if loss.shape != (n,) or not (loss >= 0).all():
        raise ValueError("each cell needs one weight, not negative")
    if (above < 0).any() or (below < 0).any() or not np.isfinite([above, below]).all():
        raise ValueError("the bounds must be finite and hold for every value")
    if (np.abs(table.relations @ values) > 1e-7 * max(1.0, float(np.abs(values).max()))).any():
        raise ValueError("the equations of the table do not hold")
    hidden, may = np.zeros(n, bool), np.ones(n, bool)
    hidden[[need.cell for need in needs]] = True
    hidden[np.asarray(primary, np.int64)] = True
    may[np.asarray(never, np.int64)] = False
    return Problem(relations=table.relations, values=values, weights=loss, below=below, above=above,
                   primary=hidden, allowed=may | hidden, needs=tuple(needs))  # fmt: skip


def insider_needs(insiders: ArrayLike, primary: ArrayLike, width: float = 1.0) -> list[Need]:
    """Keep contributors who know their own cell from working out other unsafe cells.

    Parameters
    ----------
    insiders : array_like of int
        Cells with a single contributor.
    primary : array_like of int
        Unsafe cells.
    width : float
        Least width of the interval that such an attacker may find.

    Returns
    -------
    list of Need
        One for each insider and each other unsafe cell.
    """
    alone, unsafe = set(np.ravel(insiders).tolist()), np.ravel(primary).tolist()
    pairs = permutations(sorted(alone | set(unsafe)), 2)
    return [
        Need(cell=cell, width=width, known=(knows,))
        for knows, cell in pairs
        if knows in alone and cell in set(unsafe)
    ]
