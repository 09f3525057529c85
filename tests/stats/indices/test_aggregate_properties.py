"""What holds for all aggregations: order, scale, weights, missing values, ties, edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from begleitforschung.stats.indices.aggregate import (
    AGGREGATIONS,
    BadCells,
    arithmetic,
    borda,
    copeland,
    coverage,
    geometric,
    harmonic,
    mean_min,
    minimum,
    mpi,
    owa,
    power,
    topsis,
    wroclaw,
)

PARAMETERS = {"power": {"p": 2.0}, "owa": {"order": [3.0, 2.0, 1.0, 0.0]}}
ALL = sorted(AGGREGATIONS)
RELATIVE = {"borda", "copeland", "topsis", "wroclaw"}
seeds = st.integers(0, 2**32 - 1)


def run(name, x, w, **options):
    return AGGREGATIONS[name](x, w, **PARAMETERS.get(name, {}), **options)


def sample(seed, n=9, k=4, gaps=True):
    generator = np.random.default_rng(seed)
    x = generator.integers(80, 120, (n, k)).astype(float)
    if gaps:
        x[generator.random(x.shape) < 0.2] = np.nan
    return x, generator.integers(1, 5, k) / 10.0


@pytest.mark.parametrize("name", ALL)
@given(seed=seeds)
@settings(max_examples=15)
def test_order_of_rows_and_columns_and_scale_of_weights_do_not_matter(name, seed):
    x, w = sample(seed)
    generator = np.random.default_rng(seed)
    rows, columns = generator.permutation(len(x)), generator.permutation(len(w))
    expected = run(name, x, w)
    assert_allclose(run(name, x[rows], w), expected[rows], rtol=1e-12)
    assert_allclose(run(name, x[:, columns], w[columns]), expected, rtol=1e-12)
    assert_allclose(run(name, x, w * 300), expected, rtol=1e-12)


@pytest.mark.parametrize("name", ALL)
@given(seed=seeds)
@settings(max_examples=15)
def test_elements_of_zero_weight_do_not_count(name, seed):
    x, w = sample(seed)
    junk = np.full((len(x), 1), -np.inf)
    assert_array_equal(run(name, np.hstack([x, junk]), [*w, 0.0]), run(name, x, w))


@pytest.mark.parametrize("name", ALL)
@given(seed=seeds)
@settings(max_examples=15)
def test_better_values_never_give_a_lower_score(name, seed):
    if name in ("mpi", "ampi"):
        return  # a value that rises alone can unbalance a unit: that is their purpose
    x, w = sample(seed)
    if name == "wroclaw":
        x[0] = 200.0  # the ideal stays where it is; the limit is fixed by a reference below
    generator = np.random.default_rng(seed)
    options = {"reference": x} if name in ("wroclaw", "topsis") else {}
    better = x.copy()
    row, column = generator.integers(1, len(x)), generator.integers(len(w))
    better[row, column] += 7.0
    before, after = run(name, x, w, **options), run(name, better, w, **options)
    assert np.isnan(before[row]) or after[row] >= before[row] - 1e-9


@pytest.mark.parametrize("name", ALL)
def test_missing_values_are_left_out_and_nothing_gives_nothing(name):
    x = np.array([[90.0, np.nan, 110.0], [np.nan] * 3, [95.0, 100.0, 105.0]])
    found = run(name, x, [1.0, 2.0, 1.0])
    assert np.isnan(found[1])
    assert np.isfinite(found[[0, 2]]).all()
    if name not in RELATIVE:
        assert found[0] == pytest.approx(run(name, x[:1][:, [0, 2]], [1.0, 1.0])[0])
    assert np.isnan(run(name, x, [0.0, 0.0, 0.0])).all()
    assert len(run(name, x[:0], [1.0, 1.0, 1.0])) == 0


@pytest.mark.parametrize("name", ALL)
def test_one_unit_and_one_element(name):
    assert len(run(name, [[100.0]], [1.0])) == 1
    if name not in RELATIVE:
        assert run(name, [[100.0]], [0.3]).tolist() == [100.0]


@pytest.mark.parametrize("name", ALL)
def test_what_does_not_fit_is_refused(name):
    with pytest.raises(ValueError, match="weights"):
        run(name, [[1.0, 2.0]], [1.0])
    with pytest.raises(ValueError, match="negative"):
        run(name, [[1.0, 2.0]], [1.0, -1.0])
    with pytest.raises(BadCells, match="infinite") as caught:
        run(name, [[1.0, 2.0], [1.0, np.inf]], [1.0, 1.0])
    assert (caught.value.rows.tolist(), caught.value.columns.tolist()) == ([1], [1])


@given(seed=seeds)
@settings(max_examples=60)
def test_means_are_ordered_and_lie_between_minimum_and_maximum(seed):
    x, w = sample(seed)
    x = x - 79  # from 1
    exponents = [-np.inf, -40.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 200.0, np.inf]
    means = np.array([power(x, w, p=p) for p in exponents])
    there = ~np.isnan(means[0])
    assert (np.diff(means[:, there], axis=0) >= -1e-9).all()
    assert_array_equal(means[0], minimum(x, w))
    low, high = means[0, there], means[-1, there]
    assert ((means[:, there] >= low) & (means[:, there] <= high)).all()
    assert_allclose(means[exponents.index(-1.0)], harmonic(x, w))
    assert_allclose(means[exponents.index(0.0)], geometric(x, w))
    assert_allclose(means[exponents.index(1.0)], arithmetic(x, w))


@given(seed=seeds)
@settings(max_examples=30)
def test_equal_weights_are_no_weights_and_whole_weights_are_copies(seed):
    x, _ = sample(seed, gaps=False)
    ones = np.ones(4)
    assert_allclose(arithmetic(x, ones), x.mean(axis=1))
    assert_allclose(geometric(x, ones), np.exp(np.log(x).mean(axis=1)))
    assert_allclose(harmonic(x, ones), 1 / (1 / x).mean(axis=1))
    mean, sd = x.mean(axis=1), x.std(axis=1, ddof=1)
    assert_allclose(mpi(x, ones), mean - sd**2 / mean)
    assert_allclose(owa(x, ones, order=[4, 3, 2, 1]), np.sort(x)[:, ::-1] @ [0.4, 0.3, 0.2, 0.1])
    copies = x[:, [0, 1, 1, 2, 3, 3, 3]]
    for function in (arithmetic, geometric, minimum, mean_min, borda, wroclaw):
        assert_allclose(function(x, [1, 2, 1, 3]), function(copies, np.ones(7)), atol=1e-12)
    assert_array_equal(copeland(x, [1, 2, 1, 3]), copeland(copies, np.ones(7)))


@given(seed=seeds, factor=st.floats(0.01, 1e6))
@settings(max_examples=30)
def test_scale_passes_through_the_means(seed, factor):
    x, w = sample(seed)
    for function in (arithmetic, geometric, harmonic, minimum, mpi):
        assert_allclose(function(x * factor, w), function(x, w) * factor, rtol=1e-9)
    for function in (copeland, borda):
        assert_array_equal(function(x * factor, w), function(x, w))
    for function in (topsis, wroclaw):
        assert_allclose(function(x * factor, w), function(x, w), rtol=1e-9, atol=1e-12)


def test_owa_reaches_from_worst_to_best_and_follows_missing_values():
    x = np.array([[1.0, 4.0, 2.0], [1.0, np.nan, 2.0]])
    w = [1.0, 1.0, 1.0]
    assert_allclose(owa(x, w, order=[1, 0, 0]), [4.0, 2.0])
    assert_allclose(owa(x, w, order=[0, 0, 1]), [1.0, 1.0])
    assert_allclose(owa(x, [1.0, 5.0, 2.0], order=[1, 1, 1]), arithmetic(x, [1.0, 5.0, 2.0]))
    # Two of three places: the best third and half of the second third are the best half.
    assert owa(x, w, order=[2, 1, 0])[1] == pytest.approx((2 * 2.5 + 1 * 0.5) / 3)
    with pytest.raises(ValueError, match="order"):
        owa(x, w, order=[0, 0, 0])


def test_mean_min_reaches_from_mean_to_minimum():
    x, w = sample(3)
    assert_allclose(mean_min(x, w, alpha=0), arithmetic(x, w))
    assert_allclose(mean_min(x, w, alpha=1, beta=0), minimum(x, w))
    with pytest.raises(ValueError, match="alpha"):
        mean_min(x, w, alpha=1.5)


def test_mazziotta_pareto_needs_a_mean_above_zero_and_known_options():
    with pytest.raises(BadCells) as caught:
        mpi([[100.0, 100.0], [1.0, -2.0]], [1, 1])
    assert caught.value.rows.tolist() == [1, 1]
    with pytest.raises(ValueError, match="penalty"):
        mpi([[1.0]], [1.0], penalty="POS")


def test_power_mean_says_what_it_cannot_take():
    with pytest.raises(BadCells, match="not negative"):
        power([[-1.0, 2.0]], [1, 1], p=2)
    with pytest.raises(BadCells, match="above zero"):
        power([[0.0, 2.0]], [1, 1], p=-1)
    with pytest.raises(ValueError, match="exponent"):
        power([[1.0]], [1], p=np.nan)
    assert power([[0.0, 0.0], [0.0, 8.0]], [1, 1], p=3).tolist() == [
        0.0,
        pytest.approx(256 ** (1 / 3)),
    ]
    assert power([[1e300, 1e300]], [1, 1], p=5).tolist() == [pytest.approx(1e300)]


def test_equal_values_give_equal_scores_whatever_the_weights():
    x = np.full((3, 3), 0.1)
    for w in ([1, 1, 1], [0.1, 0.2, 0.3], [3, 0.7, 1e-5]):
        for function in (arithmetic, geometric, harmonic, minimum):
            assert (function(x, w) == 0.1).all()


def test_reference_fixes_ideal_and_scale():
    base, w = np.array([[1.0, 4.0], [3.0, 2.0], [2.0, 2.0]]), [1.0, 2.0]
    later = base[1:] + 0.5
    for function in (topsis, wroclaw):
        assert_array_equal(function(base, w, reference=base), function(base, w))
        together = function(np.vstack([base, later]), w, reference=base)
        assert_array_equal(function(later, w, reference=base), together[3:])


def test_units_that_are_all_alike():
    x = np.ones((4, 2))
    assert_array_equal(copeland(x, [1, 1]), np.zeros(4))
    assert_array_equal(borda(x, [1, 1]), np.full(4, 1.5))
    assert_array_equal(wroclaw(x, [1, 1]), np.ones(4))
    assert np.isnan(topsis(x, [1, 1])).all()
    assert np.isnan(wroclaw(x, [1, 1], reference=np.full((2, 2), np.nan))).all()
    assert np.isnan(wroclaw(x - 1, [1, 1], reference=x)).all()


def test_coverage_counts_elements_or_weight():
    x = [[1.0, np.nan, np.nan, 1.0]]
    assert coverage(x, [1, 1, 2, 0]).tolist() == [pytest.approx(1 / 3)]
    assert coverage(x, [1, 1, 2, 0], weighted=True).tolist() == [0.25]
    assert np.isnan(coverage(x, [0, 0, 0, 0])).all()
