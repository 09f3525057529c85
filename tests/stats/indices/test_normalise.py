"""Normalisation: references, undefined columns, and what must not change it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from begleitforschung.stats.indices.normalise import (
    NORMALISATIONS,
    ampi,
    bands,
    constant_columns,
    dist2max,
    dist2ref,
    dist2targ,
    fracmax,
    goalposts,
    lost_columns,
    minmax,
    none,
    percentile_rank,
    rank,
    reversed_by_maximum,
    reversed_by_target,
    scaled,
    zscore,
)

NAN = np.nan
PARAMETERS = {
    "dist2ref": {"value": 4.0},
    "dist2targ": {"target": 60.0},
    "goalposts": {"lower": -60.0, "upper": 60.0},
    "bands": {"bounds": [-10.0, 0.0, 20.0], "scores": [0.0, 1.0, 2.0, 3.0]},
}
# Methods that take the scale from the values; the others compare with what is given.
FREE = ("minmax", "zscore", "dist2max", "rank", "percentile_rank", "borda", "ampi")
TURNED = ("minmax", "dist2max", "percentile_rank", "zscore", "ampi", "rank")

matrices = arrays(float, st.tuples(st.integers(2, 12), st.just(3)), elements=st.integers(-50, 50))


def of(method, x, **options):
    return NORMALISATIONS[method](x, **PARAMETERS.get(method, {}), **options)


def spread(x):
    """Columns that have a spread, so that every method is defined."""
    return x[:, ~constant_columns(x) & (x.min(axis=0) != 4) & (x.max(axis=0) != 0)]


@pytest.mark.parametrize("method", NORMALISATIONS)
@settings(max_examples=15)
@given(x=matrices, random=st.randoms(use_true_random=False))
def test_the_order_of_units_does_not_matter(method, x, random):
    x = spread(x)
    order = random.sample(range(len(x)), len(x))
    np.testing.assert_allclose(of(method, x[order]), of(method, x)[order], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("method", FREE)
@settings(max_examples=15)
@given(x=matrices, scale=st.sampled_from([0.125, 3.0, 1e6]), origin=st.integers(-99, 99))
def test_unit_and_origin_do_not_matter(method, x, scale, origin):
    x = spread(x)
    np.testing.assert_allclose(of(method, scale * x + origin), of(method, x), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("method", [name for name in NORMALISATIONS if name != "fracmax"])
@settings(max_examples=15)
@given(x=matrices)
def test_better_values_never_become_worse(method, x):
    x = np.sort(spread(x), axis=0)
    x = x[:, ~reversed_by_target(x, 60.0) & (x.min(axis=0) < 4)]
    assert (np.diff(of(method, x), axis=0) >= -1e-12).all()


@pytest.mark.parametrize("method", TURNED)
@settings(max_examples=15)
@given(x=matrices)
def test_turning_the_direction_mirrors_the_scale(method, x):
    x = spread(x)
    options = {"ties": "average"} if method == "rank" else {}
    there, back = of(method, x, **options), of(method, -x, **options)
    if method == "percentile_rank":  # ties count as the lowest rank, so only order is mirrored
        order = np.sign(x[:, None] - x[None])
        np.testing.assert_array_equal(np.sign(there[:, None] - there[None]), order)
        np.testing.assert_array_equal(np.sign(back[:, None] - back[None]), -order)
        return
    total = {"minmax": 100.0, "dist2max": 1.0, "zscore": 0.0, "ampi": 200.0, "rank": len(x) + 1.0}
    np.testing.assert_allclose(there + back, total[method], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("method", NORMALISATIONS)
def test_missing_values_stay_missing_and_do_not_count(method):
    x = np.array([[1.0, 7.0], [NAN, 2.0], [3.0, NAN], [9.0, 5.0]])
    found = of(method, x)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(x))
    alone = of(method, x[[0, 2, 3], :1])
    np.testing.assert_allclose(found[[0, 2, 3], 0], alone[:, 0], rtol=1e-12)
    assert not lost_columns(x, found).any()


@pytest.mark.parametrize("method", NORMALISATIONS)
def test_its_own_values_as_reference_change_nothing(method):
    x = np.array([[1.0, 7.0], [NAN, 2.0], [3.0, NAN], [9.0, 5.0], [3.0, 5.0]])
    np.testing.assert_array_equal(of(method, x), of(method, x, reference=x.copy()))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("minmax", [-100.0, 150.0]),
        ("zscore", [-3.0, 2.0]),
        ("ampi", [10.0, 160.0]),
        ("dist2max", [-1.0, 1.5]),
        ("fracmax", [-1.0 / 3.0, 4.0 / 3.0]),
        ("rank", [1.0, 4.0]),
        ("borda", [0.0, 3.0]),
        ("percentile_rank", [0.0, 1.0]),
    ],
)
def test_a_base_year_fixes_the_scale(method, expected):
    base = np.array([[1.0], [2.0], [3.0]])
    found = of(method, np.array([[-1.0], [4.0]]), reference=base)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-12)


def test_ranks_among_another_reference():
    base = np.array([[1.0], [2.0], [2.0], [NAN], [5.0]])
    x = np.array([[2.0], [3.0], [0.0], [9.0], [NAN]])
    for ties, expected in (
        ("min", [2, 4, 1, 5, NAN]),
        ("average", [2.5, 4, 1, 5, NAN]),
        ("max", [3, 4, 1, 5, NAN]),
    ):
        np.testing.assert_array_equal(rank(x, reference=base, ties=ties)[:, 0], expected)


@pytest.mark.parametrize("method", ["minmax", "zscore", "dist2max", "ampi"])
@pytest.mark.parametrize("value", [0.0, 0.1, -7.3])
def test_b25_a_constant_column_is_undefined_and_known(method, value):
    """COINr gives NaN and drops the indicator from the mean without a word."""
    x = np.column_stack([np.full(9, value), np.arange(9.0), np.full(9, NAN)])
    found = of(method, x)
    assert np.isnan(found[:, 0]).all()
    assert np.isfinite(found[:, 1]).all()
    assert constant_columns(x).tolist() == [True, False, False]
    assert lost_columns(x, found).tolist() == [True, False, False]


@pytest.mark.parametrize("method", ["rank", "borda", "percentile_rank", "none"])
def test_ranks_of_a_constant_column_are_defined(method):
    found = of(method, np.full((4, 1), 3.0))
    assert len(set(found[:, 0])) == 1
    assert np.isfinite(found).all()


@pytest.mark.parametrize("method", NORMALISATIONS)
def test_one_unit_is_defined_or_known_to_be_lost(method):
    x = np.array([[7.0]])
    found = of(method, x)
    assert lost_columns(x, found)[0] == (
        method in ("minmax", "zscore", "dist2max", "ampi", "percentile_rank")
    )
    if method == "dist2ref":
        assert lost_columns(x, dist2ref(x, value=7.0))[0]


def test_columns_whose_order_a_method_reverses_are_known():
    x = np.array([[-5.0, 1.0], [-1.0, 2.0], [-2.0, 4.0]])
    assert reversed_by_maximum(x).tolist() == [True, False]
    assert fracmax(x)[0, 0] > fracmax(x)[1, 0]
    assert reversed_by_target(x, [-9.0, 9.0]).tolist() == [True, False]
    assert reversed_by_target(-x, [9.0, -9.0], [-1, -1]).tolist() == [True, False]
    assert dist2targ(x, target=-9.0)[0, 0] > dist2targ(x, target=-9.0)[1, 0]


def test_parameters_of_each_column():
    x = np.array([[0.0, 10.0], [5.0, 30.0], [10.0, 20.0]])
    np.testing.assert_allclose(minmax(x, lower=[0, 1], upper=[1, 5]), [[0, 1], [0.5, 5], [1, 3]])
    np.testing.assert_allclose(zscore(x, mean=[0, 100], sd=[1, 10])[2], [1.0, 100.0])
    np.testing.assert_allclose(
        scaled(x, lower=[0, 10], upper=[20, 30], factor=[1, 2])[1], [0.25, 2]
    )
    np.testing.assert_allclose(dist2targ(x, target=[20, 50])[1], [0.25, 0.5])
    np.testing.assert_allclose(dist2ref(x, value=x[1])[2], [2.0, 0.5])
    np.testing.assert_allclose(ampi(x, goalpost=[5.0, 10.0])[1], [100.0, 160.0])
    posts = goalposts(x, lower=[2, 0], upper=[4, 40], direction=[1, -1], factor=[10, 1])
    np.testing.assert_allclose(posts, [[0, 0.75], [10, 0.25], [10, 0.5]])


def test_the_goalpost_is_worth_100_and_the_range_60():
    x = np.array([[2.0], [4.0], [12.0]])
    found = ampi(x)
    assert np.ptp(found) == pytest.approx(60.0)
    assert ampi(np.array([[6.0]]), reference=x)[0, 0] == pytest.approx(100.0)


def test_bands_by_bounds_and_by_quantiles():
    x = np.array([[0.0, 3.0], [1.0, NAN], [2.0, 5.0], [3.0, 4.0]])
    np.testing.assert_array_equal(
        bands(x, bounds=[[1, 4], [3, 5]], scores=[0, 50, 100]),
        [[0, 0], [50, NAN], [50, 100], [100, 50]],
    )
    by_half = bands(x, quantiles=[0.5], scores=[[0, 1], [10, 20]])
    np.testing.assert_array_equal(by_half, [[0, 1], [0, NAN], [10, 20], [10, 20]])
    np.testing.assert_array_equal(bands(x, scores=[[0, 1], [10, 20]]), by_half)
    assert bands(np.arange(6.0)[:, None], scores=[0, 1, 2])[:, 0].tolist() == [0, 0, 1, 1, 2, 2]
    empty = bands(np.array([[1.0]]), quantiles=[0.5], scores=[0, 1], reference=[[NAN]])
    assert np.isnan(empty).all()


def test_normalised_values_are_new():
    x = np.array([[1.0], [2.0]])
    none(x)[0, 0] = 9.0
    goalposts(x, lower=0, upper=1)[0, 0] = 9.0
    assert x[0, 0] == 1.0


def test_dist2max_and_percentile_rank_by_hand():
    x = np.array([[10.0], [20.0], [20.0], [50.0]])
    np.testing.assert_allclose(dist2max(x)[:, 0], [0, 0.25, 0.25, 1])
    np.testing.assert_allclose(percentile_rank(x)[:, 0], [0, 1 / 3, 1 / 3, 1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: minmax([1.0, 2.0]), "same columns"),
        (lambda: minmax([[1.0]], reference=[[1.0, 2.0]]), "same columns"),
        (lambda: rank([[1.0]], ties="first"), "'first'"),
        (lambda: bands([[1.0]], scores=[1, 2], bounds=[0], quantiles=[0.5]), "either"),
        (lambda: bands([[1.0]], scores=[1, 2], bounds=[0, 1]), "2 bounds need 3 scores"),
        (lambda: bands([[1.0]], scores=[1, 2, 3], bounds=[1, 0]), "ascend"),
        (lambda: bands([[1.0]], scores=[1, 2], quantiles=[50]), "between 0 and 1"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
