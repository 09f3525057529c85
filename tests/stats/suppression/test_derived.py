"""Small groups worked out from others: against all combinations, and against linear algebra."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.suppression.derived import smallest_derived

FEW = settings(max_examples=40, deadline=None)
members = st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=4)
units = st.lists(st.integers(1, 9), min_size=4, max_size=4)


def simple(rows, sizes, cell):
    """The smallest sum around a cell of combinations with factors -1, 0 and 1."""
    found = np.inf
    for factors in itertools.product((-1, 0, 1), repeat=len(rows)):
        combined = np.array(factors) @ rows
        if combined[cell] == 1 and (combined >= 0).all():
            found = min(found, float(combined @ sizes))
    return found


def test_disjoint_groups_tell_only_of_themselves():
    rows = [[1, 1, 0, 0], [0, 0, 1, 1]]
    assert [smallest_derived(rows, [3, 4, 5, 6], c).units for c in range(4)] == [7, 7, 11, 11]
    assert smallest_derived(rows, [3, 4, 5, 6], 0).used.tolist() == [0]


def test_what_all_others_leave_of_the_total():
    rows = np.array([[1, 1, 1, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    found = smallest_derived(rows, [20, 30, 40, 2], 3)
    assert found.units == pytest.approx(2)
    assert found.used.tolist() == [0, 1, 2, 3]


def test_two_overlapping_groups_and_their_union_tell_the_overlap():
    rows = np.array([[1, 1, 0], [0, 1, 1], [1, 1, 1]])
    found = smallest_derived(rows, [10, 1, 12], 1)
    assert found.units == pytest.approx(1)
    assert found.used.tolist() == [0, 1, 2]


def test_a_cell_in_no_published_group_is_never_worked_out():
    found = smallest_derived([[1, 0]], [3, 4], 1)
    assert found.units == np.inf
    assert found.used.tolist() == []
    assert smallest_derived(np.zeros((0, 2)), [3, 4], 0).units == np.inf


@given(members, units, st.integers(0, 3))
@FEW
def test_no_simple_sum_and_difference_is_smaller(rows, sizes, cell):
    matrix, count = np.array(rows, float), np.array(sizes, float)
    found = smallest_derived(matrix, count, cell)
    assert found.units <= simple(matrix, count, cell) + 1e-9
    if np.isfinite(found.units):
        assert found.units >= count[cell] - 1e-9  # the cell itself always belongs to it


@given(members, units, st.integers(0, 3), st.permutations(range(4)))
@FEW
def test_neither_the_order_of_cells_nor_the_size_of_all_matters(rows, sizes, cell, order):
    matrix, count = np.array(rows, float), np.array(sizes, float)
    found = smallest_derived(matrix, count, cell).units
    moved = smallest_derived(matrix[:, order], count[list(order)], order.index(cell)).units
    assert moved == pytest.approx(found)
    assert smallest_derived(matrix[::-1], 10 * count, cell).units == pytest.approx(10 * found)


@given(members, units, st.integers(0, 3), st.lists(st.booleans(), min_size=4, max_size=4))
@FEW
def test_a_further_published_group_never_hides_anybody(rows, sizes, cell, further):
    matrix = np.array(rows, float)
    more = np.vstack([matrix, np.array(further, float)])
    before, after = (smallest_derived(m, sizes, cell).units for m in (matrix, more))
    assert after <= before + 1e-9


@pytest.mark.parametrize(("rows", "sizes"), [([[1, 1]], [1, 2, 3]), ([1, 1], [1, 2])])
def test_groups_and_cells_must_fit(rows, sizes):
    with pytest.raises(ValueError, match="one column for each cell"):
        smallest_derived(rows, sizes, 0)
