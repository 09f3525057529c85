"""What sums can be: against the values of all whole tables, and against hand-made bounds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.suppression.reach import reach

FEW = settings(max_examples=40, deadline=None)


def bounds(sums, values, most, targets, *, slack=0.0):
    value = np.asarray(values, float)
    return reach(sums, value - slack, value + slack, [0] * len(most), most, targets)


def test_a_published_difference_tells_a_cell():
    low, high = bounds([[1, 1, 1], [1, 1, 0]], [10, 7], [10] * 3, np.eye(3))
    assert low.tolist() == pytest.approx([0, 0, 3])
    assert high.tolist() == pytest.approx([7, 7, 3])


def test_what_is_known_beforehand_narrows():
    low, high = bounds([[1, 1]], [10], [10, 4], [[1, 0]])
    assert (low[0], high[0]) == pytest.approx((6, 10))


def test_rounding_leaves_room_on_both_sides():
    low, high = bounds([[1, 1], [1, 0]], [10, 7], [20, 20], [[0, 1]], slack=0.5)
    assert (low[0], high[0]) == pytest.approx((2, 4))


def test_numbers_that_nothing_bounds_reach_without_end():
    infinite = [-np.inf] * 2, [np.inf] * 2
    low, high = reach([[1, 1]], [10], [10], *infinite, [[1, 0], [1, 1], [1, -1]])
    assert low.tolist() == [-np.inf, pytest.approx(10), -np.inf]
    assert high.tolist() == [np.inf, pytest.approx(10), np.inf]


def test_sums_of_several_targets_are_looked_at_one_by_one():
    sums, values, most = [[1, 1, 0], [0, 1, 1]], [3, 5], [9] * 3
    together = bounds(sums, values, most, [[1, 0, 0], [0, 1, 0], [1, 1, 1]])
    for at, target in enumerate([[1, 0, 0], [0, 1, 0], [1, 1, 1]]):
        alone = bounds(sums, values, most, [target])
        assert (together[0][at], together[1][at]) == pytest.approx((alone[0][0], alone[1][0]))


def test_figures_that_no_answers_give_are_told():
    with pytest.raises(ValueError, match="no answers agree"):
        bounds([[1, 1], [1, 0]], [3, 5], [9, 9], [[0, 1]])


tables = st.lists(st.integers(0, 3), min_size=4, max_size=4)
systems = st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=3)


@given(tables, systems)
@FEW
def test_every_table_that_agrees_lies_within(table, system):
    sums, true = np.array(system, float), np.array(table, float)
    low, high = bounds(sums, sums @ true, [3] * 4, np.eye(4))
    every = np.array(list(itertools.product(range(4), repeat=4)), float)
    agree = every[(np.abs(every @ sums.T - sums @ true) < 1e-9).all(axis=1)]
    assert (agree >= low - 1e-7).all()
    assert (agree <= high + 1e-7).all()


@given(tables, systems, st.permutations(range(4)))
@FEW
def test_the_order_of_unknowns_does_not_matter(table, system, order):
    sums, true, order = np.array(system, float), np.array(table, float), list(order)
    plain = bounds(sums, sums @ true, [3] * 4, np.eye(4))
    moved = bounds(sums[:, order], sums @ true, [3] * 4, np.eye(4))
    for one, other in zip(plain, moved, strict=True):
        assert other == pytest.approx(one[order], abs=1e-7)


@given(tables, systems, st.lists(st.booleans(), min_size=4, max_size=4))
@FEW
def test_a_further_published_figure_never_widens(table, system, further):
    sums, true = np.array(system, float), np.array(table, float)
    more = np.vstack([sums, np.array(further, float)])
    low, high = bounds(sums, sums @ true, [3] * 4, np.eye(4))
    closer = bounds(more, more @ true, [3] * 4, np.eye(4))
    assert (closer[0] >= low - 1e-7).all()
    assert (closer[1] <= high + 1e-7).all()
