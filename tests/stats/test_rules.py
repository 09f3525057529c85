"""Rules that all statistics share: what is left out, what has no value, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung import stats

NAN = math.nan
ONE_GROUP = (stats.group_sums, stats.group_means, stats.group_sds)


@pytest.mark.parametrize(
    ("values", "mean", "sd", "median", "total"),
    [
        ([], NAN, NAN, NAN, NAN),
        ([NAN], NAN, NAN, NAN, NAN),
        ([7.0], 7.0, NAN, 7.0, 7.0),
        ([7.0, NAN], 7.0, NAN, 7.0, 7.0),
        ([0.0, 0.0], 0.0, 0.0, 0.0, 0.0),
        ([-1.0, 1.0], 0.0, math.sqrt(2), 0.0, 0.0),
        ([1.0, 2.0, 4.0], 7 / 3, math.sqrt(7 / 3), 2.0, 7.0),
        ([1e-300, 3e-300], 2e-300, 0.0, 2e-300, 4e-300),  # squares below the range of floats
    ],
)
def test_samples_by_hand(values, mean, sd, median, total):
    close = {"rel": 1e-14, "abs": 0.0, "nan_ok": True}
    assert stats.mean(values) == pytest.approx(mean, **close)
    assert stats.sd(values) == pytest.approx(sd, rel=1e-14, nan_ok=True)
    assert stats.median(values) == pytest.approx(median, **close)
    codes = np.zeros(len(values), int)
    assert stats.group_sums(values, codes, 1)[0] == pytest.approx(total, **close)


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([1.0, 2.0], [1.0, 1.0], 1.5),
        ([1.0, 2.0], [0.0, 1.0], 2.0),
        ([1.0, 2.0], [NAN, 1.0], 2.0),
        ([NAN, 2.0], [9.0, 1.0], 2.0),
        ([1.0, 2.0], [NAN, NAN], NAN),
        ([1.0, 2.0], [0.0, NAN], NAN),
        ([NAN, NAN], [1.0, 1.0], NAN),
        ([], [], NAN),
        ([-4.0, 4.0], [1e-9, 3e-9], 2.0),
        ([5.0, 5.0], [0.1, 0.2], 5.0),
    ],
)
def test_weighted_means_by_hand(values, weights, expected):
    assert stats.weighted_mean(values, weights) == pytest.approx(expected, rel=1e-14, nan_ok=True)


@pytest.mark.parametrize("function", ONE_GROUP)
def test_a_negative_code_belongs_to_no_group(function):
    with_others = function([1.0, 3.0, 100.0, NAN], [0, 0, -1, -1], 2)
    np.testing.assert_array_equal(with_others, function([1.0, 3.0], [0, 0], 2))
    n, missing = stats.group_counts([1.0, 100.0, NAN, NAN], [0, -1, -1, 0], 1)
    assert (n.tolist(), missing.tolist()) == ([1], [1])
    low, high = stats.group_ranges([1.0, 100.0], [0, -1], 1)
    assert (low[0], high[0]) == (1.0, 1.0)
    assert stats.group_quantiles([1.0, 100.0], [0, -1], 1, [1.0])[0, 0] == 1.0


@pytest.mark.parametrize("groups", [0, 1, 3])
def test_without_values_each_group_has_its_empty_result(groups):
    for function in ONE_GROUP:
        found = function([], [], groups)
        assert found.shape == (groups,)
        assert np.isnan(found).all()
    n, missing = stats.group_counts([], [], groups)
    assert n.tolist() == missing.tolist() == [0] * groups
    assert stats.group_quantiles([], [], groups, [0.5, 0.9]).shape == (groups, 2)
    assert np.isnan(stats.group_weighted_means([], [], [], groups)).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stats.group_means([1.0], [0, 1], 2), "one length"),
        (lambda: stats.group_means([[1.0]], [[0]], 1), "one length"),
        (lambda: stats.group_sds([1.0], [5], 5), "code 5 is too large for 5 groups"),
        (lambda: stats.group_counts([-math.inf], [0], 1), "infinite"),
        (lambda: stats.group_ranges([math.inf], [-1], 1), "infinite"),
        (lambda: stats.group_weighted_means([1.0], [1.0, 2.0], [0], 1), "one length"),
        (lambda: stats.group_weighted_means([1.0], [math.inf], [0], 1), "infinite"),
        (lambda: stats.group_weighted_means([NAN], [-1.0], [0], 1), "not be negative"),
        (lambda: stats.quantiles([1.0], [-0.001]), "between 0 and 1"),
        (lambda: stats.quantiles([1.0], [NAN]), "between 0 and 1"),
        (lambda: stats.quantiles([1.0], [0.5], kind=0), "types are 1 to 9, not 0"),
        (lambda: stats.quartiles([1.0], kind="7"), "types are 1 to 9"),
        (lambda: stats.median([math.inf, 1.0]), "infinite"),
    ],
)
def test_what_has_no_meaning_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("kind", range(1, 10))
def test_extreme_probabilities_are_extreme_values(kind):
    x = [3.0, -1.0, 8.0, 4.0]
    assert stats.quantiles(x, [0.0, 1.0], kind=kind).tolist() == [-1.0, 8.0]
    assert stats.quantiles([5.0], [0.0, 0.3, 1.0], kind=kind).tolist() == [5.0] * 3


@settings(max_examples=40)
@given(
    st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=25),
    st.lists(st.floats(0, 1), min_size=2, max_size=6),
    st.integers(1, 9),
)
def test_quantiles_rise_with_the_probability_and_stay_in_the_range(x, probs, kind):
    found = stats.quantiles(x, sorted(probs), kind=kind)
    assert (np.diff(found) >= -1e-9).all()
    assert found.min() >= min(x)
    assert found.max() <= max(x)


@settings(max_examples=40)
@given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=30))
def test_the_sd_agrees_with_whole_numbers(values):
    """The sum of squares over n - 1, in whole numbers: n Σx² - (Σx)² = n (n - 1) s²."""
    n = len(values)
    exact = (n * sum(v * v for v in values) - sum(values) ** 2) / (n * (n - 1))
    assert stats.sd([float(v) for v in values]) ** 2 == pytest.approx(exact, rel=1e-12, abs=1e-12)


def test_the_spread_of_large_numbers_that_differ_little_is_not_lost():
    assert stats.sd([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]) == pytest.approx(math.sqrt(30))


def test_the_difference_is_measured_by_the_spread_of_the_reference_alone():
    group, reference = [10.0, 10.0, 10.0], [0.0, 2.0, 4.0]
    assert stats.standardised_difference(group, reference) == 4.0
    assert stats.standardised_difference([100.0, -80.0], reference) == 4.0
    assert stats.standardised_difference([10.0, NAN], [0.0, 2.0, 4.0, NAN]) == 4.0
    assert math.isnan(stats.standardised_difference([], reference))
    assert math.isnan(stats.standardised_difference(group, []))


def test_integers_lists_and_strided_arrays_are_read_alike():
    plain = stats.mean([1, 2, 6])
    assert plain == 3.0
    assert stats.mean(np.array([1, 0, 2, 0, 6, 0])[::2]) == plain
    assert stats.mean(np.array([1, 2, 6], dtype="int8")) == plain
    assert stats.iqr((1, 2, 6)) == stats.iqr(np.array([6.0, 1.0, 2.0])) == 2.5


# Shares between territorial states -------------------------------------------------------------


def test_unknown_shares_make_unknown_sums_and_units_without_links_have_none():
    sums = stats.share_sums([[0.5, NAN], [0.5, 1.0], [1.0, 1.0]], [0, 0, 2], 4)
    np.testing.assert_array_equal(sums, [[1.0, NAN], [0.0, 0.0], [1.0, 1.0], [0.0, 0.0]])


@pytest.mark.parametrize(("into", "onward"), [(0.0, NAN), (NAN, 0.0)])
def test_what_does_not_pass_does_not_pass_even_beside_the_unknown(into, onward):
    first, second = ([0, 0], [0, 1], [[into], [1.0]]), ([0, 1], [5, 5], [[onward], [1.0]])
    old, new, shares = stats.chain(first, second)
    assert (old.tolist(), new.tolist(), shares.tolist()) == ([0], [5], [[1.0]])


def test_kinds_of_shares_are_chained_apart():
    first = ([0, 0], [0, 1], [[0.25, 0.5], [0.75, 0.5]])
    second = ([0, 1], [1, 0], [[1.0, 1.0], [1.0, 0.5]])
    old, new, shares = stats.chain(first, second)
    assert list(zip(old.tolist(), new.tolist(), shares.tolist(), strict=True)) == [
        (0, 0, [0.75, 0.25]),
        (0, 1, [0.25, 0.5]),
    ]


def test_chains_without_a_common_unit_have_no_links():
    old, new, shares = stats.chain(([0], [-1], [[1.0]]), ([0], [0], [[1.0]]))
    assert (old.size, new.size, shares.shape) == (0, 0, (0, 1))
    with pytest.raises(ValueError, match="ascend"):
        stats.chain(([0], [0], [[1.0]]), ([1, 0], [0, 0], [[1.0], [1.0]]))
