"""Other answers that agree with what is shown: found where there are some, and only then."""

from __future__ import annotations

import numpy as np

from begleitforschung.stats.suppression.witness import witnessed

GROUPS = np.repeat([0, 1], [6, 8])
CODES = np.array([0, 0, 0, 0, 1, 2, 0, 0, 1, 1, 1, 2, 2, 2])
UNITS = np.eye(3)


def sums(*cells):
    """Counts of an answer in a group; group 2 is all."""
    masks = [np.ones(14, bool) if group == 2 else group == GROUPS for group, _ in cells]
    return np.array(masks).reshape(-1, 14), np.array([UNITS[c] for _, c in cells]).reshape(-1, 3)


TOTALS = [(2, 0), (2, 1), (2, 2)]
HIDDEN = [(0, 1), (0, 2), (1, 1), (1, 2)]


def anything(_codes):
    return True


def test_cells_of_a_rectangle_have_witnesses_in_both_directions():
    lower, higher = witnessed(CODES, sums(*TOTALS, (0, 0), (1, 0)), sums(*HIDDEN), anything)
    assert lower.all()
    assert higher.all()


def test_a_cell_that_follows_from_the_others_has_none():
    shown = sums(*TOTALS, (0, 0), (1, 0), (1, 1))
    lower, higher = witnessed(CODES, shown, sums(*HIDDEN), anything)
    assert not (lower | higher).any()


def test_answers_must_agree_with_the_figure_and_stay_as_they_are():
    shown, given = sums(*TOTALS, (0, 0), (1, 0)), CODES.copy()
    seen = []

    def agrees(codes):
        seen.append(codes.copy())
        return bool(((codes == 1) & (GROUPS == 0)).sum() == 2)

    lower, higher = witnessed(CODES, shown, sums(*HIDDEN), agrees)
    assert lower.tolist() == [False, True, True, False]
    assert higher.tolist() == [True, False, False, True]
    assert (given == CODES).all()
    masks, scores = shown
    true = (masks * scores[:, CODES]).sum(axis=1)
    assert all(((masks * scores[:, codes]).sum(axis=1) == true).all() for codes in seen)
    assert len(seen) <= 300


def test_without_sums_or_cases_nothing_is_searched():
    none = np.zeros((0, 14), bool), np.zeros((0, 3))
    assert witnessed(CODES, none, none, anything)[0].shape == (0,)
    lower, _ = witnessed(CODES[:0], none, (np.zeros((1, 0), bool), UNITS[:1]), anything)
    assert not lower.any()
