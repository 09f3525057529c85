"""The p % rule on the sum that a row gives away of its suppressed cells (sdcTable's issue 160)."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from begleitforschung.stats.suppression import (
    CellTable,
    Need,
    cell_table,
    optimal_pattern,
    p_percent,
    problem,
    shortfalls,
    union_needs,
    unsafe_unions,
)

RULE = partial(p_percent, p=10)
# The firm "a" holds nearly all of the first two cells of the first row.
CELLS = [0, 0, 1, 1, 2, 2, 2, 4, 4, 4, 5, 5, 5, 6, 6, 6, 8, 8, 8, 9, 9, 9, 10, 10, 10]
VALUES = [29, 1, 38, 2, 20, 20, 10, 15, 10, 10, 15, 15, 15, 8, 6, 6, 20, 20, 20, 8, 6, 6, 4, 3, 3]
OWNERS = ["a", "b", "a", "c", *"def", *"ghi", *"ghi", *"ghi", *"jkl", *"jkl", *"jkl"]


def table() -> CellTable:
    sums = np.bincount(CELLS, VALUES, 12).reshape(3, 4)[:, :3]
    return cell_table(sums)


def test_the_sum_of_two_cells_of_one_holding_is_unsafe() -> None:
    hidden = np.zeros(16, bool)
    hidden[[0, 1, 4, 5]] = True
    found = unsafe_unions(table(), hidden, CELLS, VALUES, OWNERS, RULE)
    assert [union.cells for union in found] == [(0, 1)]
    # 70 in all, of which a holds 67 and c 2: the interval must reach 6.7 - 1 above.
    assert found[0].up == pytest.approx(5.7)


def test_of_strangers_it_is_safe_and_a_hidden_total_gives_nothing_away() -> None:
    hidden = np.zeros(16, bool)
    hidden[[0, 1, 4, 5]] = True
    strangers = list(range(len(CELLS)))
    shared = [25, 5, *VALUES[2:]]  # the two largest of four leave 7 of 70
    assert not unsafe_unions(table(), hidden, CELLS, shared, strangers, RULE)
    hidden[[3, 7]] = True
    assert not unsafe_unions(table(), hidden, CELLS, VALUES, OWNERS, RULE)
    assert not unsafe_unions(table(), np.zeros(16, bool), CELLS, VALUES, OWNERS, RULE)


def test_protecting_unions_ends_with_none_that_is_unsafe() -> None:
    given, needs = table(), [Need(cell=0, up=3, down=3), Need(cell=1, up=4, down=4)]
    rounds, unions = 0, [()]
    while unions:
        weights = np.where(np.arange(len(given.values)) < 16, given.values, 0.0)
        found = optimal_pattern(problem(given, needs, weights=weights))
        assert found.optimal
        assert not shortfalls(given, found.suppressed, needs)
        unions = unsafe_unions(given, found.suppressed, CELLS, VALUES, OWNERS, RULE)
        given, more = union_needs(given, unions)
        needs += more
        rounds += 1
        assert rounds < 5
    assert rounds > 1
    assert found.suppressed[2] or found.suppressed[3]


def test_arrays_must_fit() -> None:
    with pytest.raises(ValueError, match="mark"):
        unsafe_unions(table(), [True], CELLS, VALUES, OWNERS, RULE)
    with pytest.raises(ValueError, match="holding"):
        unsafe_unions(table(), np.zeros(16, bool), CELLS, VALUES, ["a"], RULE)
