"""What an attacker infers: published bounds, enumeration, and tables that contradict themselves."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from begleitforschung.stats.suppression import CellTable, attack, cell_table

from .reference import Cases, Loader, hide, read


def place(table: CellTable, key: list[Any]) -> int:
    at = [n - 1 if k == "T" else k for k, n in zip(key, table.shape, strict=True)]
    return int(np.ravel_multi_index(at, table.shape))


@pytest.mark.parametrize(
    "name",
    [
        "geurts_1992",
        "fischetti_salazar_investment",
        "unsafe_single_row_pair",
        "margin_suppressed",
        "three_way",
    ],
)
def test_published_intervals(cases: Cases, name: str) -> None:
    case = cases[name]
    table = cell_table(case["interior"])
    shown = hide(table, [place(table, key) for key in case["suppressed"]])
    found = attack(table.relations, shown, lower=case["lower_bound"], upper=1e6)
    bounds = dict(zip(found.cells.tolist(), zip(found.low, found.high, strict=True), strict=True))
    for key, expected in case["expected"]:
        np.testing.assert_allclose(bounds[place(table, key)], expected, atol=1e-6)
    exact = [place(table, key) for key, (low, high) in case["expected"] if low == high]
    assert sorted(exact) == found.exact().tolist()


def test_bounds_of_sdctable_on_its_own_patterns(folder: Path, instance: Loader) -> None:
    expected: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in read(folder / "sdctable_attack.csv"):
        expected.setdefault((row["file"].removesuffix(".csv"), row["method"]), []).append(row)
    assert len(expected) == 24
    for (name, method), rows in expected.items():
        table, _ = instance(name)
        pattern = read(folder / "instances" / f"{name}_pat.csv")
        cells = [cell for cell, row in enumerate(pattern) if row[method] == "1"]
        found = attack(table.relations, hide(table, cells), upper=table.values.max())
        at = np.searchsorted(found.cells, [int(row["cell"]) for row in rows])
        np.testing.assert_allclose(found.low[at], [float(row["low"]) for row in rows], atol=1e-6)
        np.testing.assert_allclose(found.high[at], [float(row["up"]) for row in rows], atol=1e-6)


def enumerated(table: CellTable, cells: list[int], top: int) -> tuple[list[float], list[float]]:
    """Try all whole numbers from 0 to a limit in the suppressed cells."""
    trial = np.array(list(itertools.product(range(top + 1), repeat=len(cells))), float)
    full = np.tile(table.values, (len(trial), 1))
    full[:, cells] = trial
    fits = trial[~(table.relations @ full.T).any(axis=0)]
    return fits.min(axis=0).tolist(), fits.max(axis=0).tolist()


@settings(max_examples=15)
@given(
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.sets(st.integers(0, 5), min_size=1, max_size=6),
)
def test_enumeration_confirms_the_bounds(interior: list[int], hidden: set[int]) -> None:
    # Equations of a two-way table are totally unimodular: whole numbers bound as tightly.
    table = cell_table(np.reshape(interior, (2, 3)))
    cells = np.flatnonzero(~table.margin)[sorted(hidden)].tolist()
    low, high = enumerated(table, cells, top=4)
    for integer in (False, True):
        found = attack(table.relations, hide(table, cells), integer=integer)
        np.testing.assert_allclose(found.low, low, atol=1e-6)
        np.testing.assert_allclose(found.high, high, atol=1e-6)


def test_enumeration_of_a_three_way_table() -> None:
    table = cell_table([[[1, 2], [0, 3]], [[2, 1], [1, 0]]])
    cells = np.flatnonzero(~table.margin).tolist()
    low, high = enumerated(table, cells, top=3)
    found = attack(table.relations, hide(table, cells), upper=3.0, integer=True)
    assert found.low.tolist() == low
    assert found.high.tolist() == high
    linear = attack(table.relations, hide(table, cells), upper=3.0)
    assert (linear.low <= found.low + 1e-9).all()
    assert (linear.high >= found.high - 1e-9).all()


def test_whole_numbers_behind_weighted_sums_may_be_the_only_ones() -> None:
    # 1.217 x + 0.843 y = 3.277 with up to three in each group: only x = 2, y = 1 in whole numbers.
    relations = np.array([[1.217, 0.843, -1.0]])
    shown = [np.nan, np.nan, 2 * 1.217 + 0.843]
    every = [(x, y) for x, y in itertools.product(range(4), repeat=2)
             if abs(1.217 * x + 0.843 * y - shown[2]) < 1e-6]  # fmt: skip
    assert every == [(2, 1)]
    linear = attack(relations, shown, upper=3)
    assert (linear.high - linear.low > 1).all()
    found = attack(relations, shown, upper=3, integer=[True, True, False])
    assert found.exact().tolist() == [0, 1]
    np.testing.assert_allclose(found.low, [2, 1], atol=1e-6)
    # Rounded to whole numbers the sum leaves several, as trying all of them confirms.
    found = attack(relations, [np.nan, np.nan, 3], upper=3, slack=0.5, integer=[True, True, False])
    every = [(x, y) for x, y in itertools.product(range(4), repeat=2)
             if abs(1.217 * x + 0.843 * y - 3) <= 0.5]  # fmt: skip
    np.testing.assert_allclose(found.low, np.min(every, axis=0), atol=1e-6)
    np.testing.assert_allclose(found.high, np.max(every, axis=0), atol=1e-6)


@settings(max_examples=15)
@given(st.integers(0, 1000))
def test_another_published_total_never_widens_an_interval(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = cell_table(rng.integers(0, 9, (3, 3)))
    hidden = np.flatnonzero(rng.random(16) < 0.6)
    wide = attack(table.relations, hide(table, hidden), upper=99)
    fewer = hidden[1:]
    narrow = attack(table.relations, hide(table, fewer), upper=99)
    at = np.searchsorted(wide.cells, fewer)
    assert (narrow.low >= wide.low[at] - 1e-6).all()
    assert (narrow.high <= wide.high[at] + 1e-6).all()


def test_a_cell_without_upper_bound_is_open() -> None:
    table = cell_table([[3, 7], [9, 4]])
    shown = hide(table, [0, 2, 6, 8])
    for integer in (False, True):
        found = attack(table.relations, shown, integer=integer)
        assert found.low.tolist() == [0, 7, 9, 20]
        assert np.isinf(found.high).all()


def test_rounded_figures_leave_room() -> None:
    relations = np.array([[1.0, 1.0, -1.0]])
    found = attack(relations, [np.nan, 33.3, 66.7], slack=0.15)
    assert found.low[0] == pytest.approx(33.25)
    assert found.high[0] == pytest.approx(33.55)
    assert found.near(1.0).tolist() == [0]
    assert found.near(0.2).tolist() == []


def test_an_insider_knows_his_own_cell() -> None:
    table = cell_table([[1, 1, 9], [5, 4, 7]])
    cells = [0, 1, 4, 5]
    outside = attack(table.relations, hide(table, cells))
    assert not len(outside.exact())
    shown = hide(table, cells)
    shown[0] = 1
    assert attack(table.relations, shown).exact().tolist() == [1, 4, 5]


def test_large_figures_are_audited_as_well_as_small_ones() -> None:
    small = cell_table([[4, 3], [2, 1], [3, 3]])
    large = cell_table(np.array([[4, 3], [2, 1], [3, 3]]) * 1e9)
    cells = [0, 1, 3, 4]
    expected = attack(small.relations, hide(small, cells))
    found = attack(large.relations, hide(large, cells))
    np.testing.assert_allclose(found.low, expected.low * 1e9, atol=1)
    np.testing.assert_allclose(found.high, expected.high * 1e9, atol=1)


def test_equations_may_carry_zeros() -> None:
    relations = np.array([[1.0, 1.0, -1.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    system = sparse.csr_array((relations.ravel(), np.tile(range(4), 2), [0, 4, 8]), shape=(2, 4))
    found = attack(system, [np.nan, np.nan, 4, np.nan])
    assert found.high.tolist() == [4, 4, np.inf]
    assert system.nnz == 8


def test_nothing_suppressed_is_nothing_to_find() -> None:
    table = cell_table([1, 2])
    assert not len(attack(table.relations, table.values).cells)


def test_contradictions_are_told() -> None:
    table = cell_table([[4, 3], [2, 1]])
    wrong = table.values.copy()
    wrong[0] = 5
    with pytest.raises(ValueError, match="contradict"):
        attack(table.relations, wrong)
    shown = hide(table, [0, 1, 3, 4])
    shown[[2, 5]] = 2, 8  # all that is left sums up, but no class may hold so much
    with pytest.raises(ValueError, match="no table agrees"):
        attack(table.relations, shown, upper=3)
    with pytest.raises(ValueError, match="no table agrees"):
        attack(table.relations, hide(table, [0, 1, 3, 4]), upper=2, integer=True)
    with pytest.raises(ValueError, match="column"):
        attack(table.relations, [1.0])
    with pytest.raises(ValueError, match="million"):
        attack(table.relations, hide(cell_table([[4e7, 3e7], [2, 1]]), [3]), integer=True)
