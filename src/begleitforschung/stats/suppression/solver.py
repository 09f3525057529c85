"""Many linear programs over the same equations: HiGHS, kept warm where highspy is installed.

Neighbouring programs differ in a cost or a bound. With highspy each goes on from the basis of the
one before; with SciPy alone they are solved as blocks of one larger program. Both find the same
optimal values; where several points are optimal, which one is found may differ.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OPTIMAL, INFEASIBLE, UNBOUNDED, FAILED = 0, 2, 3, 4  # as in scipy.optimize

_CHOOSE, _PRIMAL = 0, 4  # simplex strategies of HiGHS
_COLUMNS = 10_000  # of the programs that are solved as blocks of one


class Solved(NamedTuple):
    """What came of some programs.

    Parameters
    ----------
    points : numpy.ndarray, shape (programs, columns)
        Cheapest points, NaN where there is none.
    factors : numpy.ndarray, shape (programs, rows)
        Duals of the rows: growth of the cost with their bounds.
    status : numpy.ndarray of int, shape (programs,)
        `OPTIMAL`, `INFEASIBLE`, `UNBOUNDED` or `FAILED`.
    """

    points: Floats
    factors: Floats
    status: Ints


class Program(Protocol):
    """Programs with ``low <= matrix @ x <= high`` in common."""

    def each(self, costs: Floats, lower: Floats, upper: Floats) -> Solved:
        """Minimise each row of costs.

        Parameters
        ----------
        costs : numpy.ndarray, shape (programs, columns)
            Costs.
        lower, upper : numpy.ndarray, shape (columns,) or (programs, columns)
            Bounds of the columns, of all programs or of each.

        Returns
        -------
        Solved
            Points, factors and status of each program.
        """
        ...


def has_highspy() -> bool:
    """Tell whether the optional solver package is installed.

    Returns
    -------
    bool
        Whether highspy can be imported.
    """
    return find_spec("highspy") is not None


def program(
    matrix: Any, low: Floats, high: Floats, changing: Literal["costs", "bounds"] = "costs"
) -> Program:
    """Prepare programs over the same equations.

    Parameters
    ----------
    matrix : scipy.sparse array, shape (rows, columns)
        Factors of the columns.
    low, high : numpy.ndarray, shape (rows,)
        ``low <= matrix @ x <= high``.
    changing : "costs" or "bounds"
        What mostly differs between neighbours: the primal or the dual simplex method goes on.

    Returns
    -------
    Program
        Solved by highspy if it is installed, by SciPy otherwise.
    """
    if has_highspy() and matrix.shape[0]:
        return _Warm(matrix, low, high, _PRIMAL if changing == "costs" else _CHOOSE)
    return _Blocks(matrix, low, high, presolve=changing == "costs")


class _Blocks:
    """SciPy: as many programs in one as is fast."""

    def __init__(self, matrix: Any, low: Floats, high: Floats, presolve: bool) -> None:
        self._matrix, self._low, self._high = matrix.tocsr(), low, high
        self._options = {"presolve": presolve}

    def each(self, costs: Floats, lower: Floats, upper: Floats) -> Solved:
        """Minimise each row of costs."""
        size = max(1, _COLUMNS // max(1, costs.shape[1]))
        lower, upper = np.broadcast_to(lower, costs.shape), np.broadcast_to(upper, costs.shape)
        parts = [slice(start, start + size) for start in range(0, len(costs), size)]
        found = [self._some(costs[part], lower[part], upper[part]) for part in parts]
        return _joined(found, costs, self._matrix.shape[0])

    def _some(self, costs: Floats, lower: Floats, upper: Floats) -> Solved:
        from scipy import sparse
        from scipy.optimize import linprog

        blocks, free = len(costs), np.flatnonzero(((lower != 0) | (upper != 0)).any(axis=0))
        part = self._matrix[:, free]
        rows = np.flatnonzero((np.diff(part.indptr) > 0) | (self._low > 0) | (self._high < 0))
        if not len(free):
            status = INFEASIBLE if len(rows) else OPTIMAL
            points = np.full(costs.shape, np.nan if len(rows) else 0.0)
            return Solved(points, np.zeros((blocks, len(self._low))), np.full(blocks, status))
        matrix = sparse.block_diag([part[rows]] * blocks, format="csc")
        low, high = np.tile(self._low[rows], blocks), np.tile(self._high[rows], blocks)
        equal = bool((low == high).all())
        given: dict[str, Any] = {"A_eq": matrix, "b_eq": high}
        if not equal:
            both = sparse.vstack([matrix, -matrix], format="csc")
            given = {"A_ub": both, "b_ub": np.concatenate([high, -low])}
        bounds = np.stack([lower[:, free].ravel(), upper[:, free].ravel()], axis=1)
        found = linprog(costs[:, free].ravel(), bounds=bounds, method="highs-ds",
                        options=self._options, **given)  # fmt: skip
        if found.x is None and blocks > 1:  # one of them has no end or no point
            return self._each_alone(costs, lower, upper)
        points, factors = np.zeros(costs.shape), np.zeros((blocks, self._matrix.shape[0]))
        if found.x is None:
            status = found.status if found.status in (INFEASIBLE, UNBOUNDED) else FAILED
            return Solved(np.full_like(points, np.nan), factors, np.array([status]))
        points[:, free] = found.x.reshape(blocks, -1)
        marginals = found.eqlin.marginals if equal else _sides(found.ineqlin.marginals)
        factors[:, rows] = marginals.reshape(blocks, -1)
        return Solved(points, factors, np.full(blocks, OPTIMAL))

    def _each_alone(self, costs: Floats, lower: Floats, upper: Floats) -> Solved:
        found = [self._some(*(of[[row]] for of in (costs, lower, upper)))
                 for row in range(len(costs))]  # fmt: skip
        return _joined(found, costs, self._matrix.shape[0])


class _Warm:
    """highspy: one model, whose costs and bounds change."""

    def __init__(self, matrix: Any, low: Floats, high: Floats, strategy: int) -> None:
        self._rows, n = matrix.shape
        self._model, self._columns = highs(), np.arange(n, dtype=np.int32)
        self._model.setOptionValue("simplex_strategy", strategy)
        self._model.passModel(linear(matrix, low, high, np.zeros(n), np.zeros(n), np.zeros(n)))

    def each(self, costs: Floats, lower: Floats, upper: Floats) -> Solved:
        """Minimise each row of costs."""
        same = lower.ndim == upper.ndim == 1
        lower, upper = np.broadcast_to(lower, costs.shape), np.broadcast_to(upper, costs.shape)
        found = [self._one(cost, lower[row], upper[row], bounds=row == 0 or not same)
                 for row, cost in enumerate(costs)]  # fmt: skip
        return _joined(found, costs, self._rows)

    def _one(self, cost: Floats, lower: Floats, upper: Floats, bounds: bool) -> Solved:
        model, n = self._model, len(cost)
        model.changeColsCost(n, self._columns, cost)
        if bounds:
            model.changeColsBounds(n, self._columns, lower, upper)
        status = self._run()
        if status == FAILED:  # the last basis may be a bad start
            model.clearSolver()
            status = self._run()
        if status != OPTIMAL:
            model.clearSolver()
            none = np.full((1, n), np.nan), np.full((1, self._rows), np.nan)
            return Solved(*none, np.array([status]))
        solution = model.getSolution()
        return Solved(np.array([solution.col_value]), np.array([solution.row_dual]),
                      np.array([OPTIMAL]))  # fmt: skip

    def _run(self) -> int:
        kinds = _highspy().HighsModelStatus
        self._model.run()
        status = self._model.getModelStatus()
        meaning = {kinds.kOptimal: OPTIMAL, kinds.kInfeasible: INFEASIBLE,
                   kinds.kUnbounded: UNBOUNDED}  # fmt: skip
        return meaning.get(status, FAILED)


@cache
def _highspy() -> Any:
    return import_module("highspy")


def highs() -> Any:
    """Make an empty model of highspy that is silent, repeatable and leaves other cores alone.

    Returns
    -------
    highspy.Highs
        The model.
    """
    model = _silent()()
    for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
        model.setOptionValue(option, value)
    return model


def linear(
    matrix: Any, low: Floats, high: Floats, costs: Floats, lower: Floats, upper: Floats
) -> Any:
    """Write a linear program down as highspy takes it.

    Parameters
    ----------
    matrix : scipy.sparse array
        Factors.
    low, high : numpy.ndarray
        Bounds of the rows.
    costs, lower, upper : numpy.ndarray
        Costs and bounds of the columns.

    Returns
    -------
    highspy.HighsLp
        The program.
    """
    given, columns = _highspy().HighsLp(), matrix.tocsc()
    given.num_row_, given.num_col_ = matrix.shape
    given.row_lower_, given.row_upper_ = low, high
    given.col_cost_, given.col_lower_, given.col_upper_ = costs, lower, upper
    given.a_matrix_.format_ = _highspy().MatrixFormat.kColwise
    given.a_matrix_.start_, given.a_matrix_.index_ = columns.indptr, columns.indices
    given.a_matrix_.value_ = columns.data
    return given


@cache
def _silent() -> Any:
    """Return the model class without its banner, which enabling callbacks prints."""

    class Silent(_highspy().Highs):  # type: ignore[misc]
        def enableCallbacks(self) -> None:  # noqa: N802
            pass

    return Silent


def _joined(found: list[Solved], costs: Floats, rows: int) -> Solved:
    """Put programs that were solved one after the other together; none is no program."""
    none = Solved(np.zeros((0, costs.shape[1])), np.zeros((0, rows)), np.zeros(0, np.int64))
    return Solved(*(np.concatenate(each) for each in zip(none, *found, strict=True)))


def _sides(marginals: Floats) -> Floats:
    """Join the duals of both sides of rows that have room."""
    upper, lower = np.split(marginals, 2)
    return np.asarray(upper - lower, np.float64)
