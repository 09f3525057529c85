"""Programs over the same equations: highspy and SciPy alone find the same."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from begleitforschung.stats.suppression import attack, first_pattern, optimal_pattern, shortfalls
from begleitforschung.stats.suppression.solver import (
    INFEASIBLE,
    OPTIMAL,
    UNBOUNDED,
    has_highspy,
    program,
)

from .reference import BACKENDS, Loader, banner, hide, only

needs_highspy = pytest.mark.skipif(not find_spec("highspy"), reason="highspy is not installed")


@pytest.mark.parametrize("backend", BACKENDS)
def test_cheapest_points_and_their_factors(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    # Least cost of x + y + z with x + 2 y = 4 and 1 <= y - z <= 2.
    only(monkeypatch, backend)
    matrix = sparse.csr_array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]])
    search = program(matrix, np.array([4.0, 1.0]), np.array([4.0, 2.0]))
    costs = np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]])
    found = search.each(costs, np.zeros(3), np.full(3, 9.0))
    np.testing.assert_allclose(found.points, [[0, 2, 0], [2, 1, 0], [0, 2, 1]], atol=1e-9)
    # One more on the right of a row costs as much as its factor says.
    np.testing.assert_allclose(found.factors[1], [0.0, 1.0], atol=1e-9)
    np.testing.assert_allclose(found.factors[2], [-0.5, 1.0], atol=1e-9)
    assert (found.status == OPTIMAL).all()


@pytest.mark.parametrize("changing", ["costs", "bounds"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_bounds_may_differ_between_programs(
    monkeypatch: pytest.MonkeyPatch, backend: str, changing: str
) -> None:
    only(monkeypatch, backend)
    search = program(sparse.csr_array([[1.0, -1.0]]), np.zeros(1), np.zeros(1), changing)
    upper = np.array([[5.0, 7.0], [9.0, 2.0], [np.inf, np.inf], [1.0, 1.0], [3.0, 4.0]])
    lower = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
    found = search.each(np.tile([-1.0, 0.0], (5, 1)), lower, upper)
    assert found.status.tolist() == [OPTIMAL, OPTIMAL, UNBOUNDED, INFEASIBLE, OPTIMAL]
    np.testing.assert_allclose(found.points[[0, 1, 4], 0], [5, 2, 3], atol=1e-9)
    assert np.isnan(found.points[[2, 3]]).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_program_no_row_and_nothing_free(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    only(monkeypatch, backend)
    row = sparse.csr_array([[1.0, -1.0]])
    search = program(row, np.zeros(1), np.zeros(1))
    none = search.each(np.zeros((0, 2)), np.zeros(2), np.ones(2))
    assert none.points.shape == (0, 2)
    still = search.each(np.ones((2, 2)), np.zeros(2), np.zeros(2))
    assert still.points.tolist() == [[0, 0], [0, 0]]
    asked = program(row, np.ones(1), np.ones(1)).each(np.ones((2, 2)), np.zeros(2), np.zeros(2))
    assert asked.status.tolist() == [INFEASIBLE, INFEASIBLE]
    free = program(sparse.csr_array((0, 2)), np.zeros(0), np.zeros(0))
    assert free.each(np.array([[1.0, -1.0]]), np.zeros(2), np.ones(2)).points.tolist() == [[0, 1]]
    ends = search.each(np.tile([-1.0, 0.0], (2, 1)), np.zeros(2), np.array([[3.0, 3], [5, 4]]))
    assert ends.points[:, 0].tolist() == [3, 4]


@needs_highspy
@given(st.integers(0, 10_000))
def test_both_find_the_same_values(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = sparse.csr_array(rng.choice([0.0, 0.0, 1.0, -1.0, 1.217], (4, 7)))
    right = matrix @ rng.uniform(0, 3, 7)
    costs = rng.normal(size=(5, 7))
    values = []
    for backend in BACKENDS:
        with pytest.MonkeyPatch.context() as patch:
            only(patch, backend)
            found = program(matrix, right, right).each(costs, np.zeros(7), np.full(7, 3.0))
        assert (found.status == OPTIMAL).all()
        np.testing.assert_allclose(matrix @ found.points.T, np.tile(right, (5, 1)).T, atol=1e-6)
        values.append((found.points * costs).sum(axis=1))
    np.testing.assert_allclose(values[0], values[1], atol=1e-6)


@needs_highspy
@pytest.mark.parametrize("name", ["count_16x8_1", "magnitude_16x8_0", "magnitude_16x20_0"])
def test_both_prove_the_same_cost_and_infer_the_same(
    monkeypatch: pytest.MonkeyPatch, instance: Loader, name: str
) -> None:
    table, given_problem = instance(name)
    costs, seen = [], []
    for backend in BACKENDS:
        only(monkeypatch, backend)
        found = optimal_pattern(given_problem)
        assert found.optimal
        assert not shortfalls(table, found.suppressed, given_problem.needs)
        costs.append(found.cost)
        seen.append(attack(table.relations, hide(table, given_problem.allowed)))
    assert costs[0] == pytest.approx(costs[1], abs=1e-6)
    np.testing.assert_allclose(seen[0].low, seen[1].low, atol=1e-6)
    np.testing.assert_allclose(seen[0].high, seen[1].high, atol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
def test_unknowns_that_are_never_published_and_real_factors(
    monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    only(monkeypatch, backend)
    given_problem, table, (lower, upper) = banner(seed=1, groups=12, classes=(3, 2))
    quick = first_pattern(given_problem, seconds=0.0)
    found = optimal_pattern(given_problem, seconds=5.0)
    assert found.optimal
    for pattern in (quick, found.suppressed):
        assert not shortfalls(table, pattern, given_problem.needs, lower, upper)
        assert pattern[given_problem.primary].all()
        assert not pattern[~given_problem.allowed].any()
    assert found.cost <= given_problem.cost(quick) + 1e-9
    needed = {need.cell for need in given_problem.needs}
    shown = np.where(found.suppressed, np.nan, table.values)
    some = attack(table.relations, shown, lower, upper, cells=sorted(needed))
    every = attack(table.relations, shown, lower, upper)
    at = np.searchsorted(every.cells, some.cells)
    assert set(some.cells.tolist()) == needed
    np.testing.assert_allclose(some.low, every.low[at], atol=1e-6)
    np.testing.assert_allclose(some.high, every.high[at], atol=1e-6)
    assert (every.low <= table.values[every.cells] + 1e-6).all()
    assert (every.high >= table.values[every.cells] - 1e-6).all()


@needs_highspy
def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert has_highspy()
    program(sparse.csr_array([[1.0, -1.0]]), np.zeros(1), np.zeros(1)).each(
        np.ones((1, 2)), np.zeros(2), np.ones(2)
    )
    assert capfd.readouterr().out == ""
