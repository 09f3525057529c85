"""Patterns: reference optima, published patterns, and random tables that the audit examines."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.suppression import (
    Need,
    UnprotectableError,
    add_sums,
    cell_table,
    first_pattern,
    insider_needs,
    join_tables,
    optimal_pattern,
    problem,
    shortfalls,
    too_few,
)

from .reference import Cases, Loader, read

FLAT = [f"{kind}_{shape}_{seed}" for kind in ("count", "magnitude") for shape in ("16x8", "16x20")
        for seed in range(3)]  # fmt: skip


def test_enumerated_optima(cases: Cases) -> None:
    tiny = [case for case in cases.values() if case["type"] == "optimal"]
    assert len(tiny) == 19
    for case in tiny:
        table = cell_table(case["interior"])
        needs = [Need(cell=cell, up=1, down=1) for cell in case["primary_flat"]]
        weights = table.values + 0.01 * np.arange(len(table.values)) ** 1.3
        given_problem = problem(table, needs, weights=weights, never=case["never_flat"])
        if case["feasible"]:
            found = optimal_pattern(given_problem)
            assert found.optimal
            assert found.cost == pytest.approx(case["cost"], abs=1e-6)
            assert found.gap == pytest.approx(0.0, abs=1e-7)
            assert not shortfalls(table, found.suppressed, given_problem.needs)
        else:
            with pytest.raises(UnprotectableError, match=r"\(0,\)") as caught:
                optimal_pattern(given_problem)
            assert caught.value.cells == (0,)


def test_singletons_in_a_row_do_not_disclose_each_other(cases: Cases) -> None:
    case = cases["two_singletons_in_a_row"]
    table = cell_table(case["interior"])
    weights = table.values + 50 * table.margin
    needs = [Need(cell=cell, up=1, down=1) for cell in case["primary_flat"]]
    inside = insider_needs(case["insiders_flat"], case["primary_flat"])
    assert inside == [Need(cell=1, width=1, known=(0,)), Need(cell=0, width=1, known=(1,))]
    careless = optimal_pattern(problem(table, needs, weights=weights))
    assert careless.cost == pytest.approx(case["cost_without_insider"])
    assert len(shortfalls(table, careless.suppressed, tuple(inside))) == 2
    careful = optimal_pattern(problem(table, needs + inside, weights=weights))
    assert careful.cost == pytest.approx(case["cost_with_insider"])
    assert not shortfalls(table, careful.suppressed, (*needs, *inside))


@pytest.mark.parametrize("name", FLAT)
def test_reference_tables_are_protected_at_the_least_cost(
    cases: Cases, instance: Loader, name: str
) -> None:
    case, (table, given_problem) = cases[f"opt_{name}"], instance(name)
    found = optimal_pattern(given_problem)
    assert found.optimal
    assert found.cost == pytest.approx(case["cost"], abs=0.006)
    assert all(found.cost <= cost + 0.006 for cost in case["other"].values())
    assert not shortfalls(table, found.suppressed, given_problem.needs)
    assert found.suppressed[given_problem.primary].all()
    assert given_problem.allowed[found.suppressed].all()


def test_three_way_reference_table_is_safe_quickly(cases: Cases, instance: Loader) -> None:
    table, given_problem = instance("count_16x8x5_0")
    found = first_pattern(given_problem)
    assert not shortfalls(table, found, given_problem.needs)
    assert given_problem.cost(found) <= 1.2 * cases["opt_count_16x8x5_0"]["cost"]


def test_patterns_of_other_tools_are_judged_as_published(folder: Path, instance: Loader) -> None:
    # survey/sdc/summary.csv counts the unsafe cells that an interval of p % leaves below its need.
    expected = {(row["inst"], row["method"]): int(row["below_protection"])
                for row in read(folder / "summary.csv")}  # fmt: skip
    seen = 0
    for name in FLAT:
        table, given_problem = instance(name)
        pattern = read(folder / "instances" / f"{name}_pat.csv")
        for method in ("gauss", "HYPERCUBE", "SIMPLEHEURISTIC", "GAUSS"):
            cells = np.array([row[method] == "1" for row in pattern])
            short = shortfalls(table, cells, given_problem.needs)
            assert len(short) == expected[name, method], (name, method)
            seen += len(short)
    assert seen > 0


def counts(seed: int, dimensions: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = rng.integers(2, 5 if dimensions < 4 else 3, dimensions)
    return rng.poisson(rng.gamma(1.5, 4.0, shape))


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 4), st.booleans())
def test_what_is_protected_passes_the_audit(seed: int, dimensions: int, grouped: bool) -> None:
    interior = counts(seed, dimensions)
    groups = {0: [np.arange(interior.shape[0]) // 2]} if grouped else None
    table = cell_table(interior, groups)
    unsafe = np.flatnonzero(too_few(table.values))
    needs = [Need(cell=cell, up=1, down=1) for cell in unsafe]
    given_problem = problem(table, needs, never=np.flatnonzero(table.values == 0))
    hopeless = shortfalls(table, given_problem.allowed, given_problem.needs)
    if hopeless:
        with pytest.raises(UnprotectableError) as caught:
            optimal_pattern(given_problem)
        assert caught.value.cells == tuple(need.cell for need in hopeless)
        return
    found = optimal_pattern(given_problem, seconds=2.0)
    assert not shortfalls(table, found.suppressed, given_problem.needs)
    quick = first_pattern(given_problem)
    assert not shortfalls(table, quick, given_problem.needs)
    assert found.bound - 1e-6 <= found.cost <= given_problem.cost(quick) + 1e-6


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_trying_all_tables_finds_no_protected_cell(seed: int) -> None:
    # In two dimensions whole numbers bound as tightly as the linear programs that protect.
    table = cell_table(np.random.default_rng(seed).integers(0, 5, (2, 3)))
    needs = [Need(cell=cell, up=1, down=1) for cell in np.flatnonzero(too_few(table.values))]
    given_problem = problem(table, needs, weights=np.ones(12))
    try:
        hidden = optimal_pattern(given_problem).suppressed
    except UnprotectableError:
        assert shortfalls(table, given_problem.allowed, needs)
        return
    top = int(table.values.max())
    inner = np.flatnonzero(~table.margin)
    ranges = [range(top + 1) if hidden[at] else [int(table.values[at])] for at in inner]
    trials = np.array(list(itertools.islice(itertools.product(*ranges), 60_000)), float)
    sums = np.concatenate([trials.reshape(-1, 2, 3), trials.reshape(-1, 2, 3).sum(1)[:, None]], 1)
    full = np.concatenate([sums, sums.sum(axis=2, keepdims=True)], axis=2).reshape(-1, 12)
    agrees = (full == table.values)[:, ~hidden].all(axis=1) & (full <= top).all(axis=1)
    possible = full[agrees]
    if len(trials) < 60_000:
        for need in needs:
            assert possible[:, need.cell].min() <= table.values[need.cell] - 1
            assert possible[:, need.cell].max() >= table.values[need.cell] + 1


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.integers(2, 3))
def test_a_published_total_that_is_protected_too_is_no_danger(seed: int, dimensions: int) -> None:
    interior = counts(seed, dimensions)
    plain = cell_table(interior)
    some = np.flatnonzero(np.random.default_rng(seed).random(interior.size) < 0.4)
    members = np.flatnonzero(~plain.margin)[some]
    table = add_sums(plain, [members])
    needs = [Need(cell=cell, up=1, down=1) for cell in np.flatnonzero(too_few(plain.values))]
    shown = [len(plain.values)]
    given_problem = problem(table, needs, never=shown, weights=np.log1p(table.values))
    try:
        found = optimal_pattern(given_problem, seconds=1.0)
    except UnprotectableError:
        assert shortfalls(table, given_problem.allowed, needs)
        return
    assert not found.suppressed[shown]
    assert not shortfalls(table, found.suppressed, needs)
    # Without the total an attacker knows less: the pattern is safe there as well.
    assert not shortfalls(plain, found.suppressed[:-1], needs, upper=table.values.max())


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.floats(0.01, 1e6))
def test_intervals_and_insiders_of_magnitudes(seed: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    interior = np.round(np.exp(rng.normal(4, 1, (4, 4)))) * unit
    table = cell_table(interior)
    unsafe = rng.choice(np.flatnonzero(~table.margin), 3, replace=False)
    needs = [Need(cell=cell, width=0.3 * table.values[cell]) for cell in unsafe[1:]]
    needs += [Need(cell=unsafe[0], up=0.2 * table.values[unsafe[0]])]
    needs += insider_needs(unsafe[:1], unsafe, width=0.01 * unit)
    found = optimal_pattern(problem(table, needs), seconds=3.0)
    assert not shortfalls(table, found.suppressed, tuple(needs))


def test_linked_tables_are_protected_together() -> None:
    # One wave by Land and by size class: the shared total ties both.
    by_land, by_size = cell_table([1, 9, 12]), cell_table([10, 12])
    linked = join_tables([by_land, by_size], [[0, 1, 2, 3], [4, 5, 3]])
    need = Need(cell=0, up=1, down=1)
    found = optimal_pattern(problem(linked, [need]))
    assert np.flatnonzero(found.suppressed).tolist() == [0, 1]
    # With the row total as the only other cell allowed, the second table gives it away.
    with pytest.raises(UnprotectableError):
        optimal_pattern(problem(linked, [need], never=[1, 2, 4, 5]))


def test_the_sum_of_suppressed_cells_can_be_protected_too() -> None:
    # Cells 0 and 1 hide each other, yet the row gives their sum away: the same firm holds both.
    table = add_sums(cell_table([[30, 40, 50], [35, 45, 20], [60, 20, 10]]), [[0, 1]])
    union = len(table.values) - 1
    assert table.values[union] == 70
    needs = [Need(cell=0, up=5, down=5), Need(cell=1, up=5, down=5)]
    weights = np.where(np.arange(union + 1) == union, 0.0, table.values)
    plain = optimal_pattern(problem(table, needs, weights=weights, primary=[union]))
    need = Need(cell=union, up=10, down=10)
    assert shortfalls(table, plain.suppressed, [need]) == [need]
    careful = optimal_pattern(problem(table, [*needs, need], weights=weights))
    assert not shortfalls(table, careful.suppressed, [*needs, need])
    assert careful.cost > plain.cost


def test_another_published_table_is_seen_by_the_check() -> None:
    table = cell_table([[1, 8, 7], [7, 9, 9]])
    need = Need(cell=0, up=1, down=1)
    found = optimal_pattern(problem(table, [need]))
    assert not shortfalls(table, found.suppressed, [need])
    pair = join_tables([table, cell_table([1, 9])], [np.arange(12), [0, 6, 12]])
    with_pair = np.append(found.suppressed, False)
    assert shortfalls(pair, with_pair, [need]) == [need]
    with pytest.raises(ValueError, match="mark"):
        shortfalls(pair, found.suppressed, [need])


def test_cells_suppressed_anyway_need_no_company() -> None:
    table = cell_table([[5, 8, 7], [7, 9, 9]])
    found = optimal_pattern(problem(table, [], primary=[0]))
    assert np.flatnonzero(found.suppressed).tolist() == [0]
    assert found.optimal


def test_time_out_leaves_a_safe_pattern_and_its_gap(instance: Loader) -> None:
    table, given_problem = instance("magnitude_16x20_2")
    found = optimal_pattern(given_problem, seconds=0.0)
    assert not shortfalls(table, found.suppressed, given_problem.needs)
    assert not found.optimal
    assert 0 < found.gap < 1
    assert found.gap == pytest.approx((found.cost - found.bound) / found.cost)


def test_a_gap_may_be_left(instance: Loader) -> None:
    table, given_problem = instance("count_16x8_2")
    found = optimal_pattern(given_problem, gap=0.5)
    assert found.gap <= 0.5
    assert not shortfalls(table, found.suppressed, given_problem.needs)


def test_problems_must_be_sound() -> None:
    table = cell_table([[1, 2], [3, 4]])
    with pytest.raises(ValueError, match="weight"):
        problem(table, [], weights=-np.ones(9))
    with pytest.raises(ValueError, match="bounds"):
        problem(table, [], upper=3)
    table.values[0] = 2
    with pytest.raises(ValueError, match="equations"):
        problem(table, [])
