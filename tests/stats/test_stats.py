"""The statistics agree with Python's own `statistics`, with NumPy and with hand-computed values."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from begleitforschung import stats

NAN = float("nan")
NUMPY_METHODS = {
    1: "inverted_cdf",
    2: "averaged_inverted_cdf",
    3: "closest_observation",
    4: "interpolated_inverted_cdf",
    5: "hazen",
    6: "weibull",
    7: "linear",
    8: "median_unbiased",
    9: "normal_unbiased",
}
finite = st.floats(-1e6, 1e6, allow_nan=False, width=32)
samples = st.lists(finite, min_size=2, max_size=40)


def test_mean_median_and_sd_of_a_hand_computed_sample():
    x = [2, 4, 4, 4, 5, 5, 7, 9]  # mean 5, sum of squared deviations 32
    assert stats.mean(x) == 5
    assert stats.median(x) == 4.5
    assert stats.sd(x) == pytest.approx(math.sqrt(32 / 7), rel=1e-15)
    assert stats.quartiles(x) == (4.0, 4.5, 5.5)
    assert stats.iqr(x) == 1.5


def test_missing_values_are_counted_and_left_out():
    x = [1.0, NAN, 3.0]
    assert stats.count(x) == (2, 1)
    assert stats.mean(x) == 2.0
    assert stats.median(x) == 2.0
    assert stats.weighted_mean(x, [1.0, 5.0, 3.0]) == 2.5
    assert stats.weighted_mean(x, [1.0, 5.0, NAN]) == 1.0


@pytest.mark.parametrize("values", [[], [NAN, NAN]])
def test_a_sample_without_values_has_no_statistics(values):
    for function in (stats.mean, stats.sd, stats.median, stats.iqr):
        assert math.isnan(function(values))
    assert math.isnan(stats.weighted_mean(values, np.ones(len(values))))


def test_one_value_has_a_mean_and_no_spread():
    assert stats.mean([3.5]) == 3.5
    assert math.isnan(stats.sd([3.5]))
    assert stats.quartiles([3.5]) == (3.5, 3.5, 3.5)


def test_weights_of_zero_leave_nothing():
    assert math.isnan(stats.weighted_mean([1.0, 2.0], [0.0, 0.0]))


def test_standardised_difference_by_hand():
    assert stats.standardised_difference([10, 20], [4, 6, 8, 10]) == pytest.approx(
        8 / math.sqrt(20 / 3)
    )
    assert math.isnan(stats.standardised_difference([1.0], [2.0, 2.0, 2.0]))
    assert math.isnan(stats.standardised_difference([1.0], [2.0]))


def test_equal_values_have_exactly_no_spread():
    assert stats.sd([0.1] * 3) == 0.0
    assert stats.mean([0.1] * 3) == 0.1
    assert math.isnan(stats.standardised_difference([0.2], [0.1] * 3))


# The nine definitions by formula, worked out by hand for x = 1, 2, 4, 8, 16 (n = 5), p = 0.25 and
# 0.9: np + m = 1.25 and 4.5 for types 1, 2, 4; 0.75 and 4 for type 3; 1.75 and 5 for type 5;
# 1.5 and 5.4 for type 6; 2 and 4.6 for type 7; 5/3 and 77/15 for type 8; 1.6875 and 5.1 for 9.
BY_HAND = {
    1: (2.0, 16.0),
    2: (2.0, 16.0),
    3: (1.0, 8.0),
    4: (1.25, 12.0),
    5: (1.75, 16.0),
    6: (1.5, 16.0),
    7: (2.0, 12.8),
    8: (5 / 3, 16.0),
    9: (1.6875, 16.0),
}


@pytest.mark.parametrize(("kind", "expected"), BY_HAND.items())
def test_quantile_types_by_the_formulas_of_hyndman_and_fan(kind, expected):
    assert stats.quantiles([16, 1, 8, 2, 4], [0.25, 0.9], kind=kind) == pytest.approx(expected)


@pytest.mark.parametrize(("kind", "method"), NUMPY_METHODS.items())
def test_quantiles_agree_with_numpy(kind, method):
    rng = np.random.default_rng(20240607)
    probs = np.concatenate([[0.0, 0.25, 0.5, 0.75, 1.0], rng.random(5)])
    for n in range(1, 14):
        x = rng.normal(size=n)
        ours = stats.quantiles(x, probs, kind=kind)
        assert ours == pytest.approx(np.quantile(x, probs, method=method), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("kind", "method"), [(6, "exclusive"), (7, "inclusive")])
def test_quartiles_agree_with_the_statistics_module(kind, method):
    x = [3.2, 1.5, 9.9, 4.4, 7.0, 2.8, 6.1]
    assert stats.quartiles(x, kind=kind) == pytest.approx(statistics.quantiles(x, method=method))


@given(samples)
def test_agreement_with_exact_rational_arithmetic(x):
    size = max(map(abs, x)) + 1
    assert stats.mean(x) == pytest.approx(statistics.mean(x), rel=1e-12, abs=1e-14 * size)
    assert stats.sd(x) == pytest.approx(statistics.stdev(x), rel=1e-9, abs=1e-9)
    assert stats.median(x) == statistics.median(x)


@given(samples, st.randoms(use_true_random=False))
def test_order_does_not_matter_at_all(x, random):
    mixed = random.sample(x, len(x))
    assert stats.mean(mixed) == stats.mean(x)
    assert stats.quartiles(mixed) == stats.quartiles(x)
    assert stats.sd(mixed) == stats.sd(x)


@given(samples, st.integers(-1000, 1000), st.sampled_from([0.25, 2.0, 1024.0]))
def test_shift_and_scale(x, shift, scale):
    moved = [scale * value + shift for value in x]
    size = scale * max(map(abs, x)) + abs(shift) + 1
    assert stats.mean(moved) == pytest.approx(scale * stats.mean(x) + shift, abs=1e-12 * size)
    assert stats.sd(moved) == pytest.approx(scale * stats.sd(x), abs=1e-12 * size)
    assert stats.iqr(moved) == pytest.approx(scale * stats.iqr(x), abs=1e-12 * size)
    assert stats.median(moved) == pytest.approx(scale * stats.median(x) + shift, abs=1e-12 * size)


@given(samples, st.sampled_from([0.5, 1.0, 3.0, 1e6]))
def test_equal_weights_give_the_unweighted_mean(x, weight):
    size = max(map(abs, x)) + 1
    weighted = stats.weighted_mean(x, np.full(len(x), weight))
    assert weighted == pytest.approx(stats.mean(x), rel=1e-12, abs=1e-14 * size)


@given(samples)
def test_location_lies_within_the_range(x):
    weights = np.arange(1, len(x) + 1)
    for value in (stats.mean(x), stats.weighted_mean(x, weights), *stats.quartiles(x)):
        assert min(x) <= value <= max(x)


@given(arrays(np.float64, st.integers(1, 60), elements=finite), st.data())
def test_groups_give_what_each_group_gives_alone(x, data):
    codes = np.array(data.draw(st.lists(st.integers(-1, 3), min_size=x.size, max_size=x.size)))
    weights = np.linspace(0.5, 2.0, x.size)
    n, _ = stats.group_counts(x, codes, 4)
    thirds = stats.group_quantiles(x, codes, 4, [0.25, 0.5, 0.75])
    together = np.column_stack(
        [
            stats.group_means(x, codes, 4),
            stats.group_sds(x, codes, 4),
            stats.group_weighted_means(x, weights, codes, 4),
            stats.group_sums(x, codes, 4),
            thirds,
        ]
    )
    for group in range(4):
        part, share = x[codes == group], weights[codes == group]
        assert n[group] == part.size
        total = math.fsum(part) if part.size else NAN
        alone = [stats.mean(part), stats.sd(part), stats.weighted_mean(part, share), total]
        expected = [*alone, *stats.quartiles(part)]
        assert together[group] == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


def test_sums_are_exact_where_plain_summation_loses_everything():
    values = np.array([1e16, 1.0, -1e16, 1.0] * 1000)
    assert stats.group_sums(values, np.zeros(4000, int), 1)[0] == 2000.0
    tenths = np.full(10_000, 0.1)
    assert stats.group_sums(tenths, np.zeros(10_000, int), 1)[0] == math.fsum(tenths)


def test_a_group_without_values_sums_to_nan_not_to_zero():
    sums = stats.group_sums([1.0, NAN], [0, 1], 3)
    assert sums[0] == 1.0
    assert np.isnan(sums[1:]).all()
    low, high = stats.group_ranges([4.0, 2.0, NAN], [0, 0, 1], 2)
    assert (low[0], high[0]) == (2.0, 4.0)
    assert np.isnan([low[1], high[1]]).all()


def test_large_numbers_do_not_overflow_the_split():
    assert stats.mean([1e308, 1e307]) == pytest.approx(5.5e307)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stats.group_sums([1.0], [0, 1], 2), "one length"),
        (lambda: stats.group_sums([1.0], [2], 2), "too large"),
        (lambda: stats.mean([math.inf]), "infinite"),
        (lambda: stats.weighted_mean([1.0], [-1.0]), "negative"),
        (lambda: stats.quantiles([1.0], [1.5]), "between 0 and 1"),
        (lambda: stats.quantiles([1.0], [0.5], kind=10), "1 to 9"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
