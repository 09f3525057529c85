"""The integer program over patterns, without the attacker: he comes in by cuts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.suppression.problem import Need, Problem
from begleitforschung.stats.suppression.separation import Cut

Floats = NDArray[np.float64]


class Master:
    """Cheapest patterns that fulfil the cuts known so far.

    It starts with what holds in any equation: a suppressed cell is no use alone in it, and the
    others in it must be able to make up for what a need asks of the cell.

    Parameters
    ----------
    given : Problem
        The table to protect.

    Attributes
    ----------
    nodes : int
        Nodes of the last search, a measure of how hard it was.
    """

    def __init__(self, given: Problem) -> None:
        self._given, self.nodes = given, 0
        self._rows, self._least = _companions(given)
        self.add(_equation_cuts(given))

    def add(self, found: Sequence[Cut]) -> None:
        """Add cuts.

        Parameters
        ----------
        found : sequence of Cut
            The cuts.
        """
        from scipy import sparse

        if found:
            scale = np.array([cut.least for cut in found])
            rows = sparse.csr_array(np.array([cut.coefficients for cut in found]) / scale[:, None])
            self._rows = sparse.vstack([self._rows, rows], format="csr")
            self._least = np.concatenate([self._least, np.ones(len(found))])

    def solve(self, seconds: float, whole: bool) -> tuple[Floats | None, float]:
        """Solve the program.

        Parameters
        ----------
        seconds : float
            When to stop.
        whole : bool
            Whether cells are suppressed wholly or not at all.

        Returns
        -------
        tuple
            How far each cell is suppressed, None without a solution; the lower bound of the cost.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        given = self._given
        limits = Bounds(given.primary.astype(np.float64), given.allowed.astype(np.float64))
        found = milp(
            given.weights,
            constraints=LinearConstraint(self._rows, self._least, np.inf),
            bounds=limits,
            integrality=np.full(len(given.weights), int(whole)),
            options={"time_limit": max(0.1, seconds), "mip_rel_gap": 0.0},
        )
        self.nodes = int(getattr(found, "mip_node_count", None) or 0)
        solved = found.status == 0
        bound = found.fun if solved and not whole else getattr(found, "mip_dual_bound", None)
        if found.x is None or not (solved or whole):
            return None, float(bound) if bound is not None and whole else 0.0
        return np.clip(found.x, 0.0, 1.0), float(bound) if bound is not None else 0.0


def _companions(given: Problem) -> tuple[Any, Floats]:
    """Demand of every cell in every equation: suppressed only together with another.

    A cell that is alone in an equation is known, so that suppressing it protects nothing; cells
    that are suppressed anyway, without a need of their own, may be alone.
    """
    from scipy import sparse

    entries = given.relations.tocoo()
    row, column = entries.coords
    needy = np.zeros(len(given.values), bool)
    needy[[need.cell for need in given.needs]] = True
    others = np.bincount(row, given.primary[column], given.relations.shape[0])[row]
    keep = given.allowed[column] & (needy | ~given.primary)[column]
    keep &= others - given.primary[column] < 1  # otherwise never alone
    everywhere = sparse.csr_array((given.relations != 0).astype(np.float64))
    row, column = row[keep], column[keep]
    here = (np.arange(len(row)), column)
    alone = sparse.csr_array((np.full(len(row), 2.0), here), shape=(len(row), len(given.values)))
    return sparse.csr_array(everywhere[row] - alone), np.zeros(len(row))


def _equation_cuts(given: Problem) -> list[Cut]:
    """Demand of the others in an equation what a need asks of one cell."""
    found, columns = [], given.relations.tocsc()
    for need in given.needs:
        for at in range(columns.indptr[need.cell], columns.indptr[need.cell + 1]):
            found += _of_equation(given, need, int(columns.indices[at]), float(columns.data[at]))
    return found


def _of_equation(given: Problem, need: Need, equation: int, factor: float) -> list[Cut]:
    """Return the cuts of one need in one equation that suppressed cells do not fulfil anyway."""
    system, found = given.relations, []
    part = slice(system.indptr[equation], system.indptr[equation + 1])
    cells, factors = system.indices[part], system.data[part] / factor
    others = cells != need.cell
    for known in need.known:
        others &= cells != known
    cells, factors = cells[others], factors[others]
    above, below = given.above[cells] * np.abs(factors), given.below[cells] * np.abs(factors)
    up, down = np.where(factors < 0, above, below), np.where(factors < 0, below, above)
    hidden = given.primary[cells]
    for side, least in ((up, need.up), (down, need.down), (up + down, need.width)):
        if least > 0 and np.minimum(side, least)[hidden].sum() < least:
            coefficients = np.zeros(len(given.values))
            coefficients[cells] = np.minimum(side, least)
            found.append(Cut(coefficients, least))
    return found
