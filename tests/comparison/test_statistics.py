"""Statistics of groups against values worked out with Python's own `statistics` module."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.comparison.statistics import Reference, summarise

NAN = math.nan


def members(groups, *, weights=None):
    """Rows of one indicator and year: mapping of group to values."""
    rows = [(name, value) for name, values in groups.items() for value in values]
    frame = pd.DataFrame(rows, columns=["group", "value"]).astype({"value": "float64"})
    frame["group"] = frame["group"].astype("str")
    weight = np.nan if weights is None else weights
    return frame.assign(
        year=2021, indicator="x", weight=weight, status="normal", basis="own"
    ).astype({"weight": "float64"})


def summary(groups, reference, *, apart=(), order=None, weights=None):
    table = summarise(
        members(groups, weights=weights), order or list(groups), frozenset(apart), reference
    )
    return table.set_index("group")


GROUPS = {"a": [1.0, 2.0, 6.0], "b": [4.0, 8.0, NAN], "c": [10.0]}


def test_each_group_by_hand():
    table = summary(GROUPS, Reference(kind="all"))
    assert table["n"].tolist() == [3, 2, 1]
    assert table["missing"].tolist() == [0, 1, 0]
    assert table["mean"].tolist() == [3.0, 6.0, 10.0]
    assert table.loc["a", ["q1", "median", "q3"]].tolist() == [1.5, 2.0, 4.0]
    assert table.loc["a", "sd"] == pytest.approx(statistics.stdev([1, 2, 6]))
    assert math.isnan(table.loc["c", "sd"])
    assert table["small"].tolist() == [False, True, True]
    assert table.loc["a", ["min", "max"]].tolist() == [1.0, 6.0]
    assert table.loc["b", ["min", "max"]].isna().all()


def test_reference_all_is_every_unit_compared():
    table = summary(GROUPS, Reference(kind="all"))
    every = [1, 2, 6, 4, 8, 10]
    assert (table["reference_n"] == 6).all()
    assert table.loc["a", "reference_mean"] == pytest.approx(statistics.mean(every))
    expected = (3 - statistics.mean(every)) / statistics.stdev(every)
    assert table.loc["a", "standardised_difference"] == pytest.approx(expected)


def test_reference_rest_leaves_the_group_out():
    table = summary(GROUPS, Reference(kind="rest"))
    rest = [4, 8, 10]
    assert table.loc["a", "reference_n"] == 3
    assert table.loc["a", "difference"] == pytest.approx(3 - statistics.mean(rest))
    assert table.loc["a", "reference_sd"] == pytest.approx(statistics.stdev(rest))


def test_reference_group_and_unit():
    table = summary(GROUPS, Reference(kind="group", name="b"))
    assert table["difference"].tolist() == [-3.0, 0.0, 4.0]
    assert table.loc["c", "standardised_difference"] == pytest.approx(4 / statistics.stdev([4, 8]))
    unit = summary(GROUPS, Reference(kind="unit", name="DG", values={("x", 2021): 5.0}))
    assert unit["difference"].tolist() == [-2.0, 1.0, 5.0]
    assert unit["standardised_difference"].isna().all()  # one unit has no spread
    absent = summary(GROUPS, Reference(kind="unit", name="DG", values={}))
    assert absent["difference"].isna().all()
    assert (absent["reference_n"] == 0).all()


def test_groups_apart_are_described_but_on_no_side():
    table = summary(GROUPS, Reference(kind="all"), apart=["b"])
    assert table.loc["b", "mean"] == 6.0
    assert math.isnan(table.loc["b", "difference"])
    assert table.loc["a", "reference_n"] == 4
    assert table.loc["a", "reference_mean"] == pytest.approx(statistics.mean([1, 2, 6, 10]))
    rest = summary(GROUPS, Reference(kind="rest"), apart=["b"])
    assert rest.loc["a", "reference_mean"] == 10.0


def test_a_group_without_units_is_shown_with_n_0():
    table = summary(GROUPS, Reference(kind="all"), order=["a", "empty", "b", "c"])
    assert table.loc["empty", "n"] == 0
    assert table.loc["empty", ["mean", "median", "sd", "difference"]].isna().all()


def test_weighted_mean_and_its_number_of_units():
    table = summary({"a": [10.0, 20.0, 60.0, NAN]}, Reference(kind="all"), weights=[1, 3, NAN, 5])
    assert table.loc["a", "weighted_mean"] == 17.5
    assert table.loc["a", ["n", "n_weighted"]].tolist() == [3, 2]


def test_equal_values_have_no_standardised_difference():
    table = summary({"a": [2.0, 2.0], "b": [2.0, 2.0]}, Reference(kind="all"))
    assert table["difference"].tolist() == [0.0, 0.0]
    assert table["standardised_difference"].isna().all()


finite = st.floats(-1e4, 1e4, width=32)
drawn = st.lists(st.tuples(st.sampled_from("abc"), finite), min_size=1, max_size=30)


@settings(max_examples=30, deadline=None)
@given(drawn, st.integers(-100, 100), st.sampled_from([0.5, 4.0]))
def test_standardised_differences_do_not_depend_on_the_unit_of_measure(rows, shift, scale):
    groups = {name: [v for g, v in rows if g == name] for name in "abc"}
    moved = {name: [scale * v + shift for v in values] for name, values in groups.items()}
    before = summary(groups, Reference(kind="all"))
    after = summary(moved, Reference(kind="all"))
    assert after["difference"].to_numpy() == pytest.approx(
        scale * before["difference"].to_numpy(), abs=1e-6, nan_ok=True
    )
    steady = before["reference_sd"].to_numpy() > 1e-3
    assert after["standardised_difference"].to_numpy()[steady] == pytest.approx(
        before["standardised_difference"].to_numpy()[steady], abs=1e-4, nan_ok=True
    )


@settings(max_examples=30, deadline=None)
@given(drawn, st.randoms(use_true_random=False))
def test_order_of_units_does_not_matter_and_groups_add_up(rows, random):
    frame = members({name: [v for g, v in rows if g == name] for name in "abc"})
    mixed = frame.iloc[random.sample(range(len(frame)), len(frame))]
    tables = [
        summarise(each, list("abc"), frozenset(), Reference(kind="all")) for each in (frame, mixed)
    ]
    pd.testing.assert_frame_equal(*tables)
    table = tables[0]
    assert table["n"].sum() == len(rows) == table["reference_n"].iloc[0]
    total = (table["n"] * table["mean"]).sum()
    assert total / len(rows) == pytest.approx(table["reference_mean"].iloc[0], abs=1e-9)


def test_indicators_and_years_are_kept_apart():
    one = members({"a": [1.0, 3.0]})
    frame = pd.concat(
        [one, one.assign(year=2022, value=[5.0, 7.0]), one.assign(indicator="y", value=[0.0, 1.0])]
    )
    table = summarise(frame, ["a"], frozenset(), Reference(kind="all"))
    assert table[["indicator", "year", "mean"]].to_numpy().tolist() == [
        ["x", 2021, 2.0],
        ["x", 2022, 6.0],
        ["y", 2021, 0.5],
    ]
