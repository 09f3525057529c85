"""Coalitions against published sums of amounts: by trying every coalition of single persons."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from begleitforschung.stats.suppression.coalitions import coalition_shortfalls, inferred_amounts

FEW = settings(max_examples=50, deadline=None)
amounts = st.lists(st.integers(0, 60), min_size=1, max_size=6)


def worked_out(sizes, rows, members, size):
    """Classes with somebody whose amount follows for others, by linear algebra over persons."""
    person = np.repeat(np.arange(len(sizes)), sizes)
    may = np.concatenate([np.arange(k) < m for k, m in zip(sizes, members, strict=True)])
    system = np.asarray(rows, float).reshape(-1, len(sizes))[:, person]
    unit = np.eye(len(person))
    found = set()
    for many in range(size + 1):
        for coalition in combinations(np.flatnonzero(may), many):
            known = np.vstack([system, unit[list(coalition)]])
            for other in set(range(len(person))) - set(coalition):
                more = np.vstack([known, unit[other]])
                if np.linalg.matrix_rank(more) == np.linalg.matrix_rank(known):
                    found.add(int(person[other]))
    return found


@st.composite
def published(draw):
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    members = [draw(st.integers(0, k)) for k in sizes]
    row = st.lists(st.integers(0, 1), min_size=len(sizes), max_size=len(sizes))
    return sizes, draw(st.lists(row, min_size=1, max_size=3)), members


@given(published(), st.integers(0, 2))
@example(([2, 1], [[1, 1]], [2, 1]), 1)  # two of three would have to collude
@example(([2, 1], [[1, 1]], [2, 1]), 2)
@FEW
def test_it_finds_what_trying_every_coalition_finds(given_sums, size):
    sizes, rows, members = given_sums
    found = {item.group for item in inferred_amounts(sizes, rows, members, size)}
    assert found == worked_out(sizes, rows, members, size)


@given(published(), st.integers(0, 1))
@FEW
def test_a_larger_coalition_finds_no_less_and_names_no_more_than_it_has(given_sums, size):
    sizes, rows, members = given_sums
    small, large = (inferred_amounts(sizes, rows, members, k) for k in (size, size + 1))
    assert {f.group for f in small} <= {f.group for f in large}
    assert all(len(f.coalition) <= size for f in small)


def shortfall(values, members, size, percent):
    """The rule by its words: some coalition, somebody outside, the rest below p percent."""
    for many in range(size + 1):
        for coalition in combinations(np.flatnonzero(members), many):
            for other in set(range(len(values))) - set(coalition):
                rest = sum(values) - values[other] - sum(values[at] for at in coalition)
                if values[other] > 0 and rest < percent / 100 * values[other]:
                    return True
    return False


who = st.lists(st.booleans(), min_size=6, max_size=6)


@given(amounts, who, st.integers(0, 3), st.sampled_from([5.0, 10.0, 50.0]))
@example([100, 50, 8, 1], [True] * 6, 1, 10.0)  # the second largest knows most
@example([100, 50, 8, 1], [True, False] * 3, 1, 10.0)
@FEW
def test_the_rule_of_p_percent_is_that_of_the_handbook(values, members, size, percent):
    members = members[: len(values)]
    expected = shortfall(values, members, size, percent)
    assert coalition_shortfalls(values, members, size, percent) == expected
    thousands = [1000 * value for value in values]
    assert coalition_shortfalls(thousands, members, size, percent) == expected


@given(amounts, st.integers(0, 2), st.permutations(range(6)))
@FEW
def test_more_colluders_and_a_larger_percentage_never_protect(values, size, order):
    everybody = [True] * len(values)
    if coalition_shortfalls(values, everybody, size, 10):
        assert coalition_shortfalls(values, everybody, size + 1, 10)
        assert coalition_shortfalls(values, everybody, size, 20)
    moved = [values[at] for at in order if at < len(values)]
    assert coalition_shortfalls(moved, everybody, size, 10) == coalition_shortfalls(
        values, everybody, size, 10
    )


@pytest.mark.parametrize("size", [0, 3])
def test_nobody_contributes_anything(size):
    assert coalition_shortfalls([], [], size, 10) is False
    assert coalition_shortfalls([0.0, 0.0], [True, True], size, 10) is False
