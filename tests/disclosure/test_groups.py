"""Groups that may be shown, and unions of those that may not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import begleitforschung as bf
from begleitforschung.disclosure.columns import losses
from begleitforschung.disclosure.groups import hidden_groups
from begleitforschung.disclosure.linking import link
from begleitforschung.disclosure.structure import structure_of
from begleitforschung.disclosure.unions import with_unions
from begleitforschung.stats.suppression.derived import smallest_derived

from .drawn import codebook, survey_of

FEW = settings(max_examples=25, deadline=None)
masks = st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=5)
sizes = st.lists(st.integers(0, 9), min_size=5, max_size=5)


def smallest_around(members, units):
    """The smallest group that follows from the published ones around each cell."""
    there = units > 0
    alike, place = np.unique(members[:, there], axis=1, return_inverse=True)
    sums = np.bincount(place.ravel(), units[there], alike.shape[1])
    sizes = np.array([smallest_derived(alike, sums, cell).units for cell in range(len(sums))])
    found = np.full(len(units), np.inf)
    found[there] = sizes[place.ravel()]
    return found


def groups(*rows):
    return np.array(rows, bool)


def test_small_groups_are_hidden_and_large_ones_are_not():
    hidden = hidden_groups(np.eye(4, dtype=bool), np.array([4.0, 5.0, 0.0, 9.0]), 5)
    assert hidden.tolist() == [True, False, False, False]  # an empty group tells nothing


def test_the_smallest_partner_goes_with_a_single_small_group():
    table = groups([1, 1, 1, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1])
    hidden = hidden_groups(table, np.array([3.0, 20.0, 8.0, 30.0]), 5)
    assert hidden.tolist() == [False, True, False, True, False]


def test_two_small_groups_hide_each_other_if_they_are_enough_together():
    table = groups([1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1])
    assert hidden_groups(table, np.array([3.0, 4.0, 30.0]), 5).tolist() == [0, 1, 1, 0]
    assert hidden_groups(table, np.array([2.0, 2.0, 30.0]), 5).sum() > 2


def test_nested_classifications_don_t_tell_their_difference():
    inner, outer = [1, 0, 0], [1, 1, 0]
    assert hidden_groups(groups(inner, outer), np.array([20.0, 2.0, 9.0]), 5).sum() == 1


def test_what_was_published_before_is_not_hidden_as_long_as_something_new_can_be():
    table = groups([1, 1, 0], [1, 0, 0])  # the larger leaves a group of 3 beside the smaller
    count = np.array([8.0, 3.0, 30.0])
    assert hidden_groups(table, count, 5).tolist() == [False, True]
    for published, hidden in (([0, 1], [1, 0]), ([1, 0], [0, 1]), ([1, 1], [0, 1])):
        found = hidden_groups(table, count, 5, np.array(published, bool))
        assert found.tolist() == hidden  # where both are known, it is told all the same


def test_a_group_that_turns_out_not_to_be_needed_is_shown_again():
    # The total less the second tells of 4; the third was hidden first, as it is the smallest.
    table = groups([1, 1, 1], [1, 1, 0], [0, 1, 1])
    assert hidden_groups(table, np.array([8.0, 2.0, 4.0]), 5).tolist() == [False, True, False]


def test_without_anybody_nothing_is_hidden():
    assert not hidden_groups(groups([1, 1], [0, 0]), np.zeros(2), 5).any()


@given(masks, sizes)
@FEW
def test_nothing_is_hidden_without_need(members, units):
    table, count = np.array(members), np.array(units, float)
    hidden = hidden_groups(table, count, 5)
    total = table @ count
    for group in np.flatnonzero(hidden & (total >= 5)):
        shown = ~hidden
        shown[group] = True
        around = smallest_around(table[shown & (total > 0)], count)
        assert around.min() < 5  # to show it too would tell of a small one


@given(masks, sizes)
@FEW
def test_around_nobody_can_fewer_be_worked_out_than_allowed(members, units):
    table, count = np.array(members), np.array(units, float)
    hidden = hidden_groups(table, count, 5)
    assert (smallest_around(table[~hidden], count) >= 5 - 1e-6).all()


@given(masks, sizes, st.permutations(range(5)))
@FEW
def test_the_order_of_cells_does_not_matter(members, units, order):
    table, count, order = np.array(members), np.array(units, float), list(order)
    plain = smallest_around(table, count)
    moved = smallest_around(table[:, order], count[order])
    assert moved == pytest.approx(plain[order])


def test_cells_that_no_group_parts_are_told_of_together():
    around = smallest_around(groups([1, 1, 0, 0], [0, 0, 1, 0]), np.array([2.0, 3.0, 7.0, 4.0]))
    assert around.tolist() == [5, 5, 7, np.inf]


def union_sizes(staffel, hide, *, land=None):
    """Sizes of the unions that follow if some groups are hidden."""
    n = len(staffel)
    survey = survey_of(
        codebook(2), {"q1": [0, 1] * (n // 2), "staffel": staffel, "land": land or [0] * n}
    )
    names = ["staffel"] if land is None else ["staffel", "land"]
    results = [bf.estimate(survey, "q1", by=name) for name in names]
    linked = link([(k, structure_of(r, survey)[0]) for k, r in enumerate(results)])
    rows = [results[p[0][0]].table.loc[p[0][1]] for p in linked.places]
    hidden = np.array([(r["by"], r["domain"]) in hide for r in rows])
    wider = with_unions(linked, linked.sums, hidden)
    return wider is linked, sorted({int(wider.groups[s.group].sum()) for s in wider.derived})


STAFFEL = [0] * 6 + [1] * 4 + [2] * 10


@pytest.mark.parametrize(
    ("hide", "expected"),
    [
        ((), []),
        ((("staffel", "0"), ("staffel", "1")), [10]),
        ((("staffel", "0"), ("staffel", "2")), [16]),
        ((("staffel", "0"), ("staffel", "1"), ("staffel", "2")), []),  # that is the total
    ],
)
def test_what_the_shown_groups_leave_of_the_total_is_looked_at(hide, expected):
    same, found = union_sizes(STAFFEL, hide)
    assert found == expected
    assert same == (not expected)


def test_a_hidden_total_gives_no_union_away():
    assert union_sizes(STAFFEL, [("", ""), ("staffel", "0"), ("staffel", "1")]) == (True, [])


def test_a_union_that_is_a_group_of_another_breakdown_is_known_already():
    land = [0] * 10 + [1] * 10  # Land 0 are Staffeln 0 and 1
    assert union_sizes(STAFFEL, [("staffel", "0"), ("staffel", "1")], land=land) == (True, [])
    crosswise = [0] * 8 + [1] * 12
    same, found = union_sizes(STAFFEL, [("staffel", "0"), ("staffel", "1")], land=crosswise)
    assert (same, found) == (False, [10])


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        ("cells", [1, 1, 1]),
        ("counts", [1, 1, 40]),  # an empty cell costs as much as a single case
        ("log", [np.log(2), np.log(2), np.log(41)]),
    ],
)
def test_what_a_hidden_cell_costs(cost, expected):
    assert losses(np.array([0.0, 1.0, -40.0]), cost) == pytest.approx(expected)


def test_every_combination_of_two_shown_groups_is_large():
    table = groups([1, 1, 0, 0], [0, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 1])
    count = np.array([6.0, 1.0, 7.0, 3.0])
    seen = table[~hidden_groups(table, count, 5)]
    for one, other in itertools.combinations(seen, 2):
        for difference in (one & ~other, other & ~one):
            if not (other & ~one).any() or not (one & ~other).any():
                assert not 0 < difference @ count < 5
