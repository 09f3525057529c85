"""Tables as cells and equations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.stats.suppression import cell_table, join_tables


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(0, 9))
def test_all_equations_hold_and_margins_are_sums(shape: list[int], seed: int) -> None:
    interior = np.random.default_rng(seed).integers(0, 20, shape)
    table = cell_table(interior)
    assert table.shape == tuple(n + 1 for n in shape)
    assert not (table.relations @ table.values).any()
    full = table.values.reshape(table.shape)
    np.testing.assert_array_equal(full[(slice(0, -1),) * len(shape)], interior)
    assert full.flat[-1] == interior.sum()
    assert (~table.margin).sum() == interior.size


def test_every_margin_is_tied_to_the_classes() -> None:
    table = cell_table(np.ones((3, 2, 2)))
    rank = np.linalg.matrix_rank(table.relations.toarray())
    assert rank == table.margin.sum()


def test_hierarchy_adds_groups_between_classes_and_total() -> None:
    # Five municipalities in three Kreise in two Länder.
    table = cell_table([1, 2, 3, 4, 5], {0: [[0, 0, 1, 2, 2], [0, 0, 1]]})
    assert table.values.tolist() == [1, 2, 3, 4, 5, 3, 3, 9, 6, 9, 15]
    assert table.margin.tolist() == [False] * 5 + [True] * 6
    assert table.relations.shape == (6, 11)
    assert (table.relations.data != 0).all()
    assert not (table.relations @ table.values).any()


def test_hierarchy_of_one_axis_leaves_the_other_alone() -> None:
    table = cell_table([[1, 2], [3, 4], [5, 6]], {0: [[0, 0, 1]]})
    full = table.values.reshape(table.shape)
    np.testing.assert_array_equal(
        full, [[1, 2, 3], [3, 4, 7], [5, 6, 11], [4, 6, 10], [5, 6, 11], [9, 12, 21]]
    )
    np.testing.assert_array_equal(
        table.margin.reshape(table.shape)[:, :2], [[False] * 2] * 3 + [[True] * 2] * 3
    )


@pytest.mark.parametrize("level", [[0, 0], [0, 2, 2], [-1, 0, 0]])
def test_a_level_must_fit(level: list[int]) -> None:
    with pytest.raises(ValueError, match="level"):
        cell_table([1, 2, 3], {0: [level]})


def test_a_table_needs_cells() -> None:
    with pytest.raises(ValueError, match="dimension"):
        cell_table(3.0)


def test_linked_tables_share_cells() -> None:
    by_state, by_size = cell_table([5, 7]), cell_table([2, 4, 6])
    joined = join_tables([by_state, by_size], [[0, 1, 2], [3, 4, 5, 2]])
    assert joined.values.tolist() == [5, 7, 12, 2, 4, 6]
    assert joined.margin.tolist() == [False, False, True, False, False, False]
    assert not (joined.relations @ joined.values).any()
    assert joined.relations.shape == (2, 6)


def test_linked_tables_must_agree() -> None:
    with pytest.raises(ValueError, match="different values"):
        join_tables([cell_table([5, 7]), cell_table([2, 4])], [[0, 1, 2], [3, 4, 2]])
    with pytest.raises(ValueError, match="key"):
        join_tables([cell_table([5, 7])], [[0, 1]])
