"""Coalitions of respondents against published counts, against full enumeration."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.suppression.coalitions import (
    coalition_shortfalls,
    inferred_amounts,
    inferred_answers,
)


def worked_out(classes, answers, rows, size, codes):
    """Classes of which some coalition knows another one's answer: by trying all answers of all."""
    n = len(answers)

    def told(given):
        counts = np.zeros((max(classes) + 1, codes), int)
        np.add.at(counts, (classes, given), 1)
        return tuple(np.tensordot(rows, counts, 2))

    truth = told(answers)
    fits = np.array([g for g in product(range(codes), repeat=n) if told(g) == truth])
    found = set()
    for many in range(size + 1):
        for coalition in combinations(range(n), many):
            known = fits[(fits[:, coalition] == np.array(answers)[list(coalition)]).all(axis=1)]
            for other in set(range(n)) - set(coalition):
                if len(set(known[:, other])) == 1:
                    found.add(classes[other])
    return found


@st.composite
def surveys(draw):
    n, codes = draw(st.integers(3, 6)), draw(st.integers(2, 3))
    classes = sorted(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    classes = np.unique(classes, return_inverse=True)[1]
    answers = draw(st.lists(st.integers(0, codes - 1), min_size=n, max_size=n))
    rows = []
    for inside in draw(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), max_size=3)):
        code = draw(st.integers(0, codes - 1))
        row = np.zeros((classes.max() + 1, codes))
        row[: len(inside), code] = inside[: classes.max() + 1]
        rows.append(row)
    return classes, answers, np.array(rows).reshape(-1, classes.max() + 1, codes), codes


@settings(max_examples=60)
@given(surveys(), st.integers(0, 2))
def test_it_finds_what_trying_all_answers_finds(survey, size):
    classes, answers, rows, codes = survey
    counts = np.zeros((classes.max() + 1, codes), int)
    np.add.at(counts, (classes, answers), 1)
    found = {item.group for item in inferred_answers(counts, rows, counts, size)}
    assert found == worked_out(classes, answers, rows, size, codes)


def test_who_does_not_take_part_can_not_collude():
    counts, total = [[1, 1], [2, 0]], [[[1, 0], [1, 0]]]
    members = [[1, 0], [2, 0]]  # the one who says no gets no file
    assert inferred_answers(counts, total, members, 1) == []


def test_a_group_that_may_be_seen_to_agree_is_no_finding_but_a_difference_is():
    # Seven say yes in A, all but one; nothing else is published.
    counts = [[6, 1]]
    alone = inferred_answers(counts, [[[1, 0]]], counts, 1, [[True]])
    assert alone == []
    # The total and the group of all but one: the difference is one answer.
    counts = [[4, 2], [1, 0]]
    rows = [[[1, 0], [1, 0]], [[1, 0], [0, 0]]]
    (found,) = inferred_answers(counts, rows, counts, 2, [[True, True], [True, False]])
    assert (found.group, found.coalition) == (1, ())


def test_zeros_of_two_groups_tell_the_answer_of_the_one_in_both():
    # Three answers; nobody of group A gave the first, nobody of group B the second.
    counts = np.array([[0, 0, 1], [0, 3, 3], [4, 0, 2], [2, 2, 2]])  # A and B, A, B, neither
    rows = np.zeros((2, 4, 3))
    rows[0, [0, 1], 0] = 1
    rows[1, [0, 2], 1] = 1
    assert [f.group for f in inferred_answers(counts, rows, counts, 0)] == [0]
    assert inferred_answers(counts, rows[:1], counts, 0) == []


def test_more_than_gave_an_answer_can_not_collude():
    with pytest.raises(ValueError, match="collude"):
        inferred_answers([[1, 1]], [], [[2, 0]], 1)


def test_sums_that_differ_by_one_contributor_and_those_that_need_help():
    assert [f.coalition for f in inferred_amounts([1, 5], [[1, 1], [0, 1]], [1, 5], 1)] == [()]
    # Two are in one sum only; one of them knows his own amount.
    assert [f.coalition for f in inferred_amounts([2, 5], [[1, 1], [0, 1]], [2, 5], 1)] == [(0,)]
    assert inferred_amounts([2, 5], [[1, 1], [0, 1]], [0, 5], 1) == []
    # Two classes of one: the second is known only together with the first.
    found = inferred_amounts([1, 1, 5], [[1, 1, 1], [0, 0, 1]], [1, 1, 5], 1)
    assert {(f.group, f.coalition) for f in found} == {(0, (1,)), (1, (0,))}
    assert inferred_amounts([3, 4], [], [3, 4], 2) == []


@pytest.mark.parametrize(
    ("values", "size", "expected"),
    [
        # p = 10: 100 stands against the rest without the coalition's amounts.
        ([100, 50, 20, 5, 5], 1, False),  # rest 20 + 5 + 5 = 30
        ([100, 50, 20, 5, 5], 2, False),  # rest 5 + 5 = 10, exactly 10 %
        ([100, 50, 20, 5, 4], 2, True),  # rest 9
        ([0, 0, 0, 7], 0, True),  # the sum is the amount
        ([0, 0, 0, 0], 2, False),
    ],
)
def test_the_rule_of_p_percent_with_a_coalition(values, size, expected):
    assert coalition_shortfalls(values, [True] * len(values), size, 10) is expected
