"""Broader classes and controlled rounding instead of suppression."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.suppression import (
    attack,
    cell_table,
    coarsen,
    controlled_rounding,
    fewest_merges,
    merge,
    too_few,
)


def contiguous(n: int) -> list[np.ndarray]:
    return [np.concatenate([[0], np.cumsum(cut)])
            for cut in itertools.product([0, 1], repeat=n - 1)]  # fmt: skip


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_no_fewer_merges_would_do(seed: int, dimensions: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(4, rng.integers(1, 5, dimensions))
    found = fewest_merges(counts)
    every = [
        sum(len(group) - len(set(group.tolist())) for group in groups)
        for groups in itertools.product(*map(contiguous, counts.shape))
        if not too_few(merge(counts, groups)).any()
    ]
    if found is None:
        assert not every
    else:
        assert found.merges == min(every)
        assert found.fewest
        assert not too_few(found.counts).any()
        np.testing.assert_array_equal(found.counts, merge(counts, found.groups))
        assert all((np.diff(group) >= 0).all() for group in found.groups)


def test_small_classes_without_order_go_into_a_rest() -> None:
    counts = [[9, 1, 8, 2], [7, 2, 9, 1], [5, 2, 6, 1]]
    found = fewest_merges(counts, ordered=[True, False])
    assert found is not None
    assert found.groups[1].tolist() == [0, 2, 1, 2]
    assert found.counts.tolist() == [[9, 8, 3], [7, 9, 3], [5, 6, 3]]
    assert found.merges == 1
    alone = fewest_merges(counts, ordered=[False, False])
    assert alone is not None
    assert alone.counts.tolist() == found.counts.tolist()


def test_another_rule_may_be_asked() -> None:
    found = fewest_merges([4, 5, 6, 3], unsafe=lambda cells: cells < 6)
    assert found is not None
    assert found.counts.tolist() == [9, 9]


def test_too_few_in_all_cannot_be_mended() -> None:
    assert fewest_merges([[1, 0], [0, 1]]) is None
    with pytest.raises(ValueError, match="axis"):
        fewest_merges([1, 2], ordered=[True, False])


def test_a_long_search_ends_with_a_safe_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coarsen, "_CHOICES", 30)
    counts = np.random.default_rng(3).poisson(1.2, (9, 8))
    found = fewest_merges(counts)
    assert found is not None
    assert not too_few(found.counts).any()
    assert found.counts.sum() == counts.sum()
    assert not found.fewest


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 3), st.sampled_from([3, 5]))
def test_rounded_tables_add_up(seed: int, dimensions: int, base: int) -> None:
    rng = np.random.default_rng(seed)
    table = cell_table(rng.poisson(5, rng.integers(2, 5, dimensions)))
    found = controlled_rounding(table, base)
    assert not (found.values % base).any()
    assert not (table.relations @ found.values).any()
    assert found.values.min() >= 0
    away = np.abs(found.values - table.values)
    assert found.loss == pytest.approx(away.sum())
    assert found.furthest == away.max()
    if dimensions < 3:  # always possible between the two multiples next to a cell
        assert found.furthest < base
        np.testing.assert_array_equal(
            found.values[table.values % base == 0], table.values[table.values % base == 0]
        )


def test_rounding_keeps_an_attacker_from_single_cases() -> None:
    table = cell_table([[1, 8, 2], [7, 3, 11], [4, 1, 6]])
    shown = controlled_rounding(table).values
    found = attack(table.relations, np.full(16, np.nan), np.maximum(shown - 2, 0), shown + 2,
                   integer=True)  # fmt: skip
    assert not len(found.exact())
    assert (found.low <= table.values).all()
    assert (found.high >= table.values).all()


def test_best_rounding_of_a_row_is_the_nearest() -> None:
    found = controlled_rounding(cell_table([4, 5, 6]))
    assert found.values.tolist() == [3, 6, 6, 15]
    assert found.loss == 2.0


def test_what_cannot_be_rounded() -> None:
    for base, interior in ((1, [1, 2]), (3, [-1, 2])):
        with pytest.raises(ValueError, match="rounding"):
            controlled_rounding(cell_table(interior), base)
