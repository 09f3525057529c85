"""Benefit of the Doubt and its relatives against Compind, and by what must hold."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from begleitforschung.stats.indices.directional import (
    directional_doubt,
    geometric_doubt,
    order_m,
)
from begleitforschung.stats.indices.elements import BadCells
from begleitforschung.stats.indices.envelopment import benefit_of_the_doubt, frontier

seeds = st.integers(0, 2**32 - 1)
BOUNDS = {
    "EUNUTS1_bod_free": (0.0, 1.0),
    "EUNUTS1_bod_constr_03_1": (0.3, 1.0),
    "ASEM_bod_free": (0.0, 1.0),
    "ASEM_bod_005_030": (0.05, 0.30),
}


@pytest.fixture(scope="module")
def frame(ref):
    return lambda name: pd.read_csv(ref.folder / "compind" / f"{name}.csv", index_col=0)


@pytest.fixture(scope="module")
def data(frame):
    regions = frame("input_EU_NUTS1")[["roads", "trains"]].to_numpy()
    return {"EUNUTS1": regions, "ASEM": frame("ASEM_pillars").to_numpy()}


@pytest.mark.parametrize("name", BOUNDS)
def test_scores_and_weights_are_those_of_compind(frame, data, name):
    y, (lower, upper) = data[name.split("_")[0]], BOUNDS[name]
    table = frame(name)
    found = benefit_of_the_doubt(y, lower=lower, upper=upper)
    assert_allclose(found.scores, table["bod"], rtol=1e-10)
    theirs = table.drop(columns="bod").to_numpy()
    behind = found.scores < 1 - 1e-9
    assert_allclose(found.shares[behind], theirs[behind], rtol=1e-9, atol=1e-10)
    # On the frontier weights are not unique: both keep all constraints and reach the score.
    for shares in (found.shares, theirs):
        weights = shares * found.scores[:, None] / y
        assert (weights @ y.T <= 1 + 1e-10).all()
        assert_allclose(shares.sum(axis=1), 1, rtol=1e-10)
        assert ((shares >= lower - 1e-10) & (shares <= upper + 1e-10)).all()


def test_directional_scores_are_those_of_compind(frame, data):
    y, table = data["EUNUTS1"], frame("EUNUTS1_bod_constr_bad")
    found = directional_doubt(y, [False, True], lower=0.05)
    assert_allclose(found.scores, table["bod"], rtol=1e-10)
    assert_allclose(found.weights, table[["w.roads", "w.trains"]], rtol=1e-9)
    # Compind scores in the direction of the unit but sets targets in that of the mean unit, so
    # that some of them are negative.
    theirs = y + [1, -1] * found.distances[:, None] * y.mean(axis=0)
    expected = table[["target.roads", "target.trains"]]
    assert_allclose(theirs, expected, rtol=1e-9, atol=1e-8)
    assert (expected < 0).any(axis=None)
    for direction in ("own", "mean"):
        found = directional_doubt(y, [False, True], lower=0.05, direction=direction)
        assert (found.targets >= 0).all()


@given(seeds)
@settings(max_examples=5)
def test_scale_of_indicators_does_not_matter_and_more_freedom_never_harms(seed):
    y = np.random.default_rng(seed).uniform(0.1, 1, (12, 3))
    free = benefit_of_the_doubt(y)
    assert_allclose(benefit_of_the_doubt(y * [1e-4, 1.0, 1e5]).scores, free.scores, rtol=1e-9)
    bound = benefit_of_the_doubt(y, lower=0.1, upper=[0.5, 0.6, 0.7])
    assert (bound.scores <= free.scores + 1e-9).all()
    fixed = benefit_of_the_doubt(y, lower=1 / 3, upper=1 / 3)
    assert (fixed.scores <= bound.scores + 1e-9).all()
    assert free.scores.max() == pytest.approx(1)
    doubled = benefit_of_the_doubt(np.vstack([y, y]))
    assert_allclose(doubled.scores, np.tile(free.scores, 2), rtol=1e-9)


def test_duals_are_the_mix_of_peers():
    y = np.array([[1.0, 4.0], [4.0, 1.0], [1.0, 1.0], [3.0, 3.0]])
    found = benefit_of_the_doubt(y)
    assert_allclose(found.scores, [1, 1, 1 / 3, 1])
    for i in range(4):
        links = found.peers[:, 0] == i
        mix = found.duals[links] @ y[found.peers[links, 1]]
        assert (mix >= y[i] - 1e-9).all()
        assert found.duals[links].sum() == pytest.approx(found.scores[i])
    assert found.peers[found.peers[:, 0] == 2, 1].tolist() == [3]


def test_a_missing_indicator_does_not_count_for_nor_against():
    """C7: Compind has no rule for missing values."""
    y = np.array([[1.0, 4.0, 2.0], [4.0, 1.0, 2.0], [2.0, 2.0, np.nan], [np.nan] * 3])
    found = benefit_of_the_doubt(y, lower=0.1)
    assert np.isfinite(found.scores[:3]).all()
    assert np.isnan(found.scores[3])
    assert found.weights[2, 2] == 0
    whole = benefit_of_the_doubt(np.nan_to_num(y[:3]), lower=[0.1, 0.1, 0.0])
    assert found.scores[2] == pytest.approx(whole.scores[2])
    assert np.isfinite(order_m(y, m=3)).tolist() == [True, True, True, False]
    assert np.isnan(directional_doubt(y, [False, False, True]).scores).tolist() == [
        False,
        False,
        True,
        True,
    ]


def test_units_without_a_solution_have_no_score():
    y = np.array([[1.0, 2.0], [2.0, 0.0], [0.0, 0.0], [1.0, np.nan]])
    assert benefit_of_the_doubt(y).scores[2] == 0
    found = benefit_of_the_doubt(y, lower=0.2, upper=0.8)
    assert np.isnan(found.scores[[1, 3]]).all()  # a share of nothing, and no more than 80 % of one
    assert found.scores[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"lower": 0.6}, "no shares"),
        ({"upper": 0.4}, "no shares"),
        ({"lower": 0.5, "upper": 0.4}, "lower <= upper"),
    ],
)
def test_bounds_that_nothing_keeps_are_refused(options, match):
    with pytest.raises(ValueError, match=match):
        benefit_of_the_doubt([[1.0, 1.0]], **options)


def test_values_that_cannot_be_enveloped_are_named():
    for call in (benefit_of_the_doubt, lambda y: order_m(y, m=2)):
        with pytest.raises(BadCells) as caught:
            call([[1.0, 1.0], [1.0, -1.0]])
        assert (caught.value.rows.tolist(), caught.value.columns.tolist()) == ([1], [1])
    with pytest.raises(ValueError, match="units"):
        benefit_of_the_doubt([1.0])
    with pytest.raises(ValueError, match="undesired"):
        directional_doubt([[1.0, 1.0]], [True, True])
    with pytest.raises(ValueError, match="direction"):
        directional_doubt([[1.0, 1.0]], [True, False], direction="up")
    with pytest.raises(BadCells, match="zeros"):
        directional_doubt([[1.0, 0.0]], [True, False])
    with pytest.raises(ValueError, match="one unit"):
        order_m([[1.0]], m=0)


@given(seeds)
@settings(max_examples=15)
def test_frontier_leaves_out_only_what_is_dominated(seed):
    y = np.random.default_rng(seed).integers(0, 4, (20, 3)).astype(float)
    kept = frontier(y)
    for i in set(range(20)) - set(kept.tolist()):
        assert (y[kept] >= y[i]).all(axis=1).any()
    for i in kept:
        better = (y >= y[i]).all(axis=1) & (y > y[i]).any(axis=1)
        assert not better.any()


def test_order_m_is_right_for_three_indicators_and_exact():
    """C8: Compind's robust model is written for two indicators; right (50 draws): 1.08 … 1.15."""
    y = np.array([[1.0, 4.0, 1.0], [2.0, 3.0, 5.0], [3.0, 2.0, 2.0], [4.0, 1.0, 8.0]])
    found = order_m(y, m=5)
    assert_allclose(found, [1.08, 1.23, 1.12, 1.15], atol=0.08)
    reached = (y[:, None] / y[None]).min(axis=2)
    draws = np.array(list(product(range(4), repeat=5)))
    assert_allclose(found, 1 / reached[draws].max(axis=1).mean(axis=0), rtol=1e-12)
    assert_allclose(order_m(y, m=10**6), 1 / reached.max(axis=0))
    assert (np.diff([order_m(y, m=m)[0] for m in (1, 2, 5, 50)]) < 0).all()


def test_geometric_index_compares_with_the_benchmark(data):
    y = data["ASEM"]
    shares = benefit_of_the_doubt(y, lower=0.05, upper=0.3).shares
    found = geometric_doubt(y, shares, benchmark=3)
    assert found[3] == pytest.approx(1)
    assert_allclose(found, np.prod((y / y[3]) ** shares, axis=1), rtol=1e-10)
    shares[0] = np.nan
    assert np.isnan(geometric_doubt(y, shares, benchmark=3)[0])
    with pytest.raises(BadCells):
        geometric_doubt([[0.0]], [[1.0]], benchmark=0)
    with pytest.raises(ValueError, match="benchmark"):
        geometric_doubt([[np.nan]], [[1.0]], benchmark=0)
    with pytest.raises(ValueError, match="shares"):
        geometric_doubt([[1.0]], [1.0], benchmark=0)
