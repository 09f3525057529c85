"""Imputation over units, rows and years, and screening: by hand, at the edges, invariances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.indices.impute import impute_columns, impute_groups, impute_rows
from begleitforschung.stats.indices.panel import PANEL_METHODS, impute_panel
from begleitforschung.stats.indices.screening import screen

NAN = np.nan
YEARS = [2018, 2019, 2020, 2021, 2022, 2023]

cell = st.one_of(st.just(NAN), st.integers(-9, 9).map(float))
holes = st.lists(st.lists(cell, min_size=4, max_size=4), min_size=1, max_size=9).map(np.array)


def series(values, method, **options):
    x = np.array(values, float)[:, None]
    found = impute_panel(x, np.zeros(len(x), int), YEARS[: len(x)], method, **options)
    return found.values[:, 0].tolist(), found


@settings(max_examples=40)
@given(holes, st.sampled_from(["mean", "median"]))
def test_observed_values_never_change(x, how):
    codes = np.arange(len(x)) % 2
    units, years = np.arange(len(x)) // 4, np.arange(len(x)) % 4
    for found in (
        impute_columns(x, how),
        impute_groups(x, codes, how),
        impute_rows(x, how, direction=[1, -1, 1, -1], nodes=[0, 0, 1, -1]),
        *(impute_panel(x, units, years, method).values for method in PANEL_METHODS),
    ):
        there = ~np.isnan(x)
        np.testing.assert_array_equal(found[there], x[there])


def test_mean_and_median_of_columns():
    x = np.array([[1.0, NAN], [NAN, NAN], [2.0, NAN], [6.0, NAN]])
    np.testing.assert_array_equal(impute_columns(x)[1], [3.0, NAN])
    np.testing.assert_array_equal(impute_columns(x, "median")[1], [2.0, NAN])
    np.testing.assert_array_equal(
        impute_columns(x, "median", reference=[[5, 7], [8, 9]])[1], [6.5, 8]
    )
    np.testing.assert_array_equal(impute_columns(x, reference=np.empty((0, 2))), x)
    np.testing.assert_array_equal(impute_columns(x, "median", reference=np.empty((0, 2))), x)


@pytest.mark.parametrize("how", ["mean", "median"])
def test_what_is_imputed_into_a_constant_column_is_its_constant(how):
    """0.1 nine times has a mean that is not 0.1, which would make a spread where there is none."""
    x = np.array([[0.1]] * 9 + [[NAN]])
    assert impute_columns(x, how)[9, 0] == 0.1
    assert impute_groups(x, [3] * 10, how)[9, 0] == 0.1


def test_groups_without_values_and_units_without_group_stay_missing():
    x = np.array([[1.0], [NAN], [NAN], [NAN], [3.0]])
    found = impute_groups(x, [0, 0, 1, -1, 0])
    np.testing.assert_array_equal(found[:, 0], [1.0, 2.0, NAN, NAN, 3.0])
    other = impute_groups(x, [0, 0, 1, -1, 0], reference=[[7.0], [9.0]], reference_codes=[1, 1])
    np.testing.assert_array_equal(other[:, 0], [1.0, NAN, 8.0, NAN, 3.0])


def test_rows_are_imputed_at_the_position_of_the_unit():
    x = np.array([[0.0, 50.0, 100.0], [10.0, 10.0, NAN], [5.0, NAN, 300.0]])
    found = impute_rows(x, direction=[1, -1, 1])
    assert found[1, 2] == pytest.approx(300.0)  # the best in both others
    assert found[2, 1] == pytest.approx(50 - 0.75 * 40)  # mean of 0.5 and 1, counted downwards
    alone = impute_rows(x, direction=[1, -1, 1], nodes=[0, 1, 1])
    assert alone[1, 2] == pytest.approx(300.0)
    assert np.isnan(impute_rows(x, nodes=[0, 1, -1])[1, 2])


def test_rows_with_a_constant_column():
    x = np.array([[3.0, 0.0, 1.0], [NAN, 1.0, NAN], [3.0, 4.0, 5.0], [3.0, NAN, NAN]])
    found = impute_rows(x)
    assert found[1].tolist() == [3.0, 1.0, 2.0]  # the constant, and the position 1/4
    assert np.isnan(found[3, 1:]).all()  # a constant says nothing about the position


def test_rows_on_one_scale_and_another_reference():
    x = np.array([[2.0, NAN, 6.0]])
    assert impute_rows(x, rescaled=False)[0, 1] == 4.0
    base = np.array([[0.0, 100.0, 0.0], [4.0, 200.0, 8.0]])
    assert impute_rows(x, reference=base)[0, 1] == pytest.approx(162.5)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("latest", [NAN, 1.0, 1.0, 1.0, 4.0, 4.0]),
        ("constant", [1.0, 1.0, 1.0, 1.0, 4.0, 4.0]),
        ("linear", [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]),
        ("linear_constant", [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]),
    ],
)
def test_years(method, expected):
    values, found = series([NAN, 1.0, NAN, NAN, 4.0, NAN], method)
    np.testing.assert_array_equal(values, expected)
    filled = [k for k in (0, 2, 3, 5) if not np.isnan(expected[k])]
    assert found.rows.tolist() == filled
    assert found.columns.tolist() == [0] * len(filled)


def test_each_imputed_value_names_its_years():
    _, found = series([NAN, 1.0, NAN, NAN, 4.0, NAN], "linear")
    np.testing.assert_array_equal(found.before, [NAN, 2019, 2019, 2022])
    np.testing.assert_array_equal(found.after, [2019, 2022, 2022, NAN])
    _, held = series([NAN, 1.0, NAN, 4.0], "constant")
    np.testing.assert_array_equal(held.before, [NAN, 2019])
    np.testing.assert_array_equal(held.after, [2019, NAN])


@pytest.mark.parametrize(
    ("method", "limit", "expected"),
    [
        ("latest", 1, [NAN, 1.0, 1.0, NAN, 4.0, 4.0]),
        ("latest", 2, [NAN, 1.0, 1.0, 1.0, 4.0, 4.0]),
        ("linear", 1, [1.0, 1.0, NAN, NAN, 4.0, 4.0]),
        ("linear", 2, [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]),
        ("constant", 0.5, [NAN, 1.0, NAN, NAN, 4.0, NAN]),
    ],
)
def test_a_limit_counts_years(method, limit, expected):
    np.testing.assert_array_equal(
        series([NAN, 1.0, NAN, NAN, 4.0, NAN], method, limit=limit)[0], expected
    )


def test_a_single_value_is_no_line():
    np.testing.assert_array_equal(series([NAN, 3.0, NAN], "linear")[0], [NAN, 3.0, NAN])
    assert series([NAN, 3.0, NAN], "linear_constant")[0] == [3.0, 3.0, 3.0]
    np.testing.assert_array_equal(series([NAN, NAN], "constant")[0], [NAN, NAN])


def test_unequal_distances_between_years():
    found = impute_panel([[0.0], [NAN], [10.0]], [5, 5, 5], [2000, 2009, 2010], "linear")
    assert found.values[1, 0] == pytest.approx(9.0)
    far = impute_panel([[0.0], [NAN], [10.0]], [5, 5, 5], [2000, 2009, 2010], "linear", limit=8)
    assert not far.rows.size


@pytest.mark.parametrize("method", PANEL_METHODS)
@settings(max_examples=25)
@given(x=holes, random=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(method, x, random):
    units, years = np.arange(len(x)) // 3, np.arange(len(x)) % 3
    order = random.sample(range(len(x)), len(x))
    found = impute_panel(x, units, years, method)
    shuffled = impute_panel(x[order], units[order], years[order], method)
    np.testing.assert_array_equal(shuffled.values, found.values[order])
    cells = sorted(zip(np.array(order)[shuffled.rows], shuffled.columns, strict=True))
    assert cells == sorted(zip(found.rows, found.columns, strict=True))


@pytest.mark.parametrize("method", PANEL_METHODS)
@settings(max_examples=25)
@given(x=holes)
def test_a_unit_never_takes_values_of_another(method, x):
    units, years = np.arange(len(x)) // 3, np.arange(len(x)) % 3
    found = impute_panel(x, units, years, method).values
    for unit in set(units):
        rows = units == unit
        alone = impute_panel(x[rows], units[rows], years[rows], method).values
        np.testing.assert_array_equal(found[rows], alone)


def test_screening_by_hand():
    x = np.array([[1.0, 2.0, 0.0, NAN], [0.0, 0.0, 0.0, 0.0], [NAN] * 4, [1.0, 1.0, NAN, NAN]])
    found = screen(x, by="coverage_nonzero")
    assert found.kept.tolist() == [True, False, False, False]
    assert found.available.tolist() == [0.75, 1.0, 0.0, 0.5]
    np.testing.assert_array_equal(found.nonzero, [2 / 3, 0.0, NAN, 1.0])
    assert screen(x).kept.tolist() == [True, True, False, False]
    assert screen(x, by="nonzero").kept.tolist() == [True, False, False, True]
    assert not found.forced.any()


def test_units_forced_in_and_out():
    x = np.array([[1.0], [NAN], [1.0]])
    found = screen(x, include=[True, True, False], exclude=[False, False, True])
    assert found.kept.tolist() == [True, True, False]
    assert found.forced.tolist() == [False, True, True]


def test_exactly_the_required_share_is_enough():
    assert screen(np.array([[1.0, 1.0, NAN]])).kept.tolist() == [True]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: impute_columns(x, "mode"), "'mode'"),
        (lambda x: impute_groups(x, [0]), "one group for each unit"),
        (lambda x: impute_groups(x, [0, 0], reference=x), "other way round"),
        (lambda x: impute_rows(x, nodes=[0]), "one node for each column"),
        (lambda x: impute_panel(x, [0, 0], [1, 1]), "two rows of the same time"),
        (lambda x: impute_panel(x, [0, 1], [1, NAN]), "no time"),
        (lambda x: impute_panel(x, [0], [1]), "one unit and one time"),
        (lambda x: impute_panel(x, [0, 1], [1, 1], "cubic"), "'cubic'"),
        (lambda x: screen(x, by="all"), "'all'"),
        (lambda x: screen(x[:, :0]), "columns of a matrix"),
        (lambda x: screen(x, include=[True]), "one mark for each unit"),
        (lambda x: screen(x, include=[True, False], exclude=[True, False]), "both kept"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.array([[1.0, NAN], [2.0, 3.0]]))
