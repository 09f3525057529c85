"""Cuts and deviations: what the search for the cheapest pattern rests on."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.suppression import Need, Problem, cell_table, problem, shortfalls
from begleitforschung.stats.suppression.flows import Deviations, lacking
from begleitforschung.stats.suppression.master import Master
from begleitforschung.stats.suppression.separation import Cut, cuts, tighten

NEEDS = [
    Need(cell=0, up=2, down=1),
    Need(cell=4, width=3),
    Need(cell=0, width=1, known=(5,)),
]


def small() -> Problem:
    return problem(cell_table([[3, 6, 9], [5, 4, 2]]), NEEDS, never=[8, 9, 10, 11])


def all_patterns(given_problem: Problem) -> np.ndarray:
    """Return every pattern that is allowed."""
    free = np.flatnonzero(given_problem.allowed & ~given_problem.primary)
    trials = np.array(list(itertools.product([False, True], repeat=len(free))))
    patterns = np.tile(given_problem.primary, (len(trials), 1))
    patterns[:, free] = trials
    return patterns


def safe_patterns(given_problem: Problem) -> np.ndarray:
    """Return every pattern that the audit finds safe."""
    table = cell_table([[3, 6, 9], [5, 4, 2]])
    patterns = all_patterns(given_problem)
    return patterns[[not shortfalls(table, pattern, NEEDS) for pattern in patterns]]


@pytest.fixture(scope="module")
def safe() -> np.ndarray:
    found = safe_patterns(small())
    assert 0 < len(found) < len(all_patterns(small()))
    return found


@settings(max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=12, max_size=12))
def test_no_cut_forbids_a_safe_pattern(safe: np.ndarray, shares: list[float]) -> None:
    given_problem = small()
    fractions = np.where(given_problem.primary, 1.0, np.array(shares) * given_problem.allowed)
    for cut in cuts(given_problem, fractions, NEEDS, Deviations(given_problem)):
        assert cut.coefficients @ fractions < cut.least
        assert (safe @ cut.coefficients >= cut.least - 1e-7).all()
        assert (cut.coefficients >= 0).all()


def test_unsafe_patterns_are_cut_off_and_safe_ones_are_not(safe: np.ndarray) -> None:
    given_problem = small()
    kept = {tuple(pattern) for pattern in safe}
    for pattern in all_patterns(given_problem):
        shares = pattern.astype(float)
        found = cuts(given_problem, shares, NEEDS, Deviations(given_problem))
        assert bool(found) is (tuple(pattern) not in kept)
        for cut in found:
            narrow = tighten(cut, shares)
            if narrow is not None:
                assert narrow.coefficients @ shares == 0
                assert (safe @ narrow.coefficients >= 1).all()


def test_a_cut_that_weighs_nothing_further_cannot_be_tightened() -> None:
    assert tighten(Cut(np.array([1.0, 0.0]), 2.0), np.array([1.0, 0.0])) is None


def test_the_first_program_allows_the_cheapest_safe_pattern(safe: np.ndarray) -> None:
    given_problem = small()
    shares, bound = Master(given_problem).solve(10.0, whole=True)
    assert shares is not None
    assert bound <= min(given_problem.cost(pattern) for pattern in safe) + 1e-6
    relaxed, lower = Master(given_problem).solve(10.0, whole=False)
    assert relaxed is not None
    assert lower <= bound + 1e-6


def test_a_deviation_proves_both_sides_as_far_as_it_goes() -> None:
    given_problem = small()
    found = Deviations(given_problem)
    rectangle = np.zeros((1, 12))
    rectangle[0, [0, 1, 4, 5]] = 1, -1, -1, 1
    found.add(rectangle)
    pattern = rectangle[0] != 0
    up, down = found.reach(pattern)
    # Cell 1 holds 6 and cell 4 holds 5: up by 5; cell 0 holds 3 and cell 5 holds 4: down by 3.
    assert (up[0], down[0]) == (5.0, 3.0)
    assert found.unmet(pattern, NEEDS) == [NEEDS[2]]
    fewer = pattern.copy()
    fewer[5] = False
    assert found.unmet(fewer, NEEDS) == NEEDS


def test_an_inexact_deviation_is_not_stretched() -> None:
    given_problem = small()
    found = Deviations(given_problem)
    rough = np.zeros((1, 12))
    rough[0, [0, 1, 4, 5]] = 1, -1 - 1e-7, -1, 1
    found.add(rough)
    up, down = found.reach(rough[0] != 0)
    assert (up[0], down[0]) == pytest.approx((1.0, 1.0))
    assert not found.reach(np.zeros(12, bool))[0].any()


def test_a_need_lacks_what_either_side_lacks() -> None:
    need = Need(cell=0, up=2, down=1, width=4)
    assert not lacking(need, 2, 2)
    assert lacking(need, 1.9, 3)
    assert lacking(need, 5, 0.5)
    assert lacking(need, 2, 1)


def test_the_cheapest_deviation_keeps_all_equations() -> None:
    given_problem = small()
    search = Deviations(given_problem)
    found = search.cheapest(
        NEEDS[0], 2.0, given_problem.primary, given_problem.allowed, given_problem.weights
    )
    assert found is not None
    assert found[0] == 2.0
    assert not (given_problem.relations @ found).any()
    assert not found[~given_problem.allowed].any()
    none = search.cheapest(
        NEEDS[0], 99.0, given_problem.primary, given_problem.allowed, given_problem.weights
    )
    assert none is None
    alone = search.cheapest(
        NEEDS[0], 1.0, given_problem.primary, given_problem.primary, given_problem.weights
    )
    assert alone is None
