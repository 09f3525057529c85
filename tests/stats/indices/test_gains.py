"""Gains times values add up to the aggregation, and are its derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from begleitforschung.stats.indices.aggregate import AGGREGATIONS
from begleitforschung.stats.indices.gains import GAINS

CASES = [
    ("arithmetic", {}),
    ("geometric", {}),
    ("harmonic", {}),
    ("power", {"p": 0.5}),
    ("power", {"p": 2.0}),
    ("power", {"p": -2.0}),
    ("minimum", {}),
    ("mean_min", {"alpha": 0.7, "beta": 2.0}),
    ("mean_min", {"alpha": 0.5, "beta": 0.0}),
    ("mpi", {"penalty": "down", "spread": "sample"}),
    ("mpi", {"penalty": "up", "spread": "population"}),
    ("ampi", {"penalty": "down"}),
    ("owa", {"order": (0.5, 0.3, 0.2, 0.0)}),
]
W = np.array([1.0, 2.0, 0.0, 3.0])
X = np.array([[3.0, 5.0, 9.0, 4.0], [8.0, 2.0, -1.0, 7.0], [1.0, np.nan, 2.0, 6.0]])
cells = arrays(np.float64, (3, 4), elements=st.floats(0.1, 100))


@pytest.mark.parametrize(("name", "parameters"), CASES)
@settings(max_examples=20)
@given(x=cells, gap=st.integers(0, 12))
def test_contributions_add_up(name, parameters, x, gap):
    if gap < x.size:
        x.flat[gap] = np.nan
    score = AGGREGATIONS[name](x, W, **parameters)
    found = np.nansum(GAINS[name](x, W, **parameters) * x, axis=1)
    np.testing.assert_allclose(found, score, rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "parameters"), [case for case in CASES if case[0] != "mean_min" or not case[1]["beta"]]
)
def test_a_gain_is_the_derivative(name, parameters):
    gains = GAINS[name](X, W, **parameters)
    for k in (0, 1, 3):
        step = np.zeros(4)
        step[k] = 1e-6
        up = AGGREGATIONS[name](X + step, W, **parameters)
        down = AGGREGATIONS[name](X - step, W, **parameters)
        there = ~np.isnan(X[:, k])
        np.testing.assert_allclose(gains[there, k], ((up - down) / 2e-6)[there], atol=1e-5)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_what_is_missing_or_weighs_nothing_contributes_nothing(name, parameters):
    gains = GAINS[name](X, W, **parameters)
    assert (gains[:, 2] == 0).all()
    assert gains[2, 1] == 0
    assert np.isfinite(gains).all()


def test_a_part_of_value_zero_contributes_nothing():
    x = np.array([[0.0, 4.0]])
    gains = GAINS["power"](x, np.ones(2), p=0.5)
    assert (gains * x).tolist() == [[0.0, AGGREGATIONS["power"](x, np.ones(2), p=0.5)[0]]]


def test_equal_smallest_parts_share_the_minimum():
    gains = GAINS["minimum"](np.array([[2.0, 2.0, 5.0]]), np.ones(3))
    assert gains.tolist() == [[0.5, 0.5, 0.0]]


def test_a_row_without_values_gains_nothing():
    x = np.full((1, 3), np.nan)
    for name, parameters in CASES:
        given = dict(parameters, **({"order": (1, 0, 0)} if name == "owa" else {}))
        assert (GAINS[name](x, np.ones(3), **given) == 0).all(), name
