"""Balanced weights: the optimum itself, against what COINr's search returns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from begleitforschung.stats.indices.balanced import correlation_balanced, most_informative

PILLARS = ["Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"]
GROUPS = np.array([0, 0, 0, 0, 0, 1, 1, 1])
SUBINDICES = ["Conn", "Sust"]
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def frame(ref):
    return lambda name: pd.read_csv(ref.folder / f"{name}.csv", index_col=0)


def correlations(x, weights):
    index = x @ weights
    return np.array([np.corrcoef(column, index)[0, 1] for column in x.T])


def in_groups(weights, groups):
    """Weights within each of the groups, which weigh the same."""
    sums = np.bincount(groups, weights)
    return weights / sums[groups] / len(sums)


def balance(x, groups):
    """COINr's objective: the logarithm of the mean squared distance from equal shares."""

    def objective(weights):
        r = correlations(x, in_groups(weights, groups))
        distance = np.mean((1 / len(r) - r / r.sum()) ** 2)
        return np.log(distance) if distance > 0 else 1e35  # what R's optim makes of -Inf

    return objective


def information(x, groups):
    return lambda weights: -correlations(x, in_groups(weights, groups)).sum()


def nelder_mead(objective, start, tolerance, most):
    """Search as R's optim does (Nash 1990, Compact Numerical Methods, algorithm 19)."""
    k = len(start)
    points = np.tile(np.asarray(start, float), (k + 1, 1))
    points[np.arange(1, k + 1), np.arange(k)] += 0.1 * np.abs(start).max()
    values = np.array([objective(point) for point in points])
    limit = tolerance * (abs(values[0]) + tolerance)
    count, low, size = k + 1, 0, np.inf
    while count <= most:
        best = int(values.argmin())
        low = low if values[low] <= values[best] else best
        high = low if values.max() == values[low] else int(values.argmax())
        if values[high] <= values[low] + limit:
            break
        centre = (points.sum(axis=0) - points[high]) / k
        mirrored = 2 * centre - points[high]
        reflected = objective(mirrored)
        count += 1
        if reflected < values[low]:
            further = 2 * mirrored - centre
            extended = objective(further)
            count += 1
            better = extended < reflected
            points[high] = further if better else mirrored
            values[high] = extended if better else reflected
            continue
        worse = reflected >= values[high]
        if not worse:
            points[high], values[high] = mirrored, reflected
        nearer = 0.5 * points[high] + 0.5 * centre
        contracted = objective(nearer)
        count += 1
        if contracted < values[high]:
            points[high], values[high] = nearer, contracted
        elif worse:
            points = 0.5 * (points - points[low]) + points[low]
            if np.abs(points - points[low]).sum() >= size:
                break
            size = np.abs(points - points[low]).sum()
            others = np.arange(k + 1) != low
            values[others] = [objective(point) for point in points[others]]
            count += k
    return points[low] / points[low].sum(), values[low]


SEARCHES = {
    "L3_equal_default": (SUBINDICES, [0, 0], balance, 0.1, 500),
    "L3_equal_tight": (SUBINDICES, [0, 0], balance, 1e-10, 1000),
    "L3_infomax_tight": (SUBINDICES, [0, 0], information, 1e-10, 1000),
    "L2_equal": (PILLARS, GROUPS, balance, 1e-6, 2000),
}


@pytest.mark.parametrize("name", SEARCHES)
def test_coinrs_search_on_this_objective_ends_where_coinr_ends(frame, name):
    columns, groups, objective, tolerance, most = SEARCHES[name]
    x = frame("asem/07_aggregated")[columns].to_numpy()
    start = np.ones(len(columns)) / (1 if objective is information else len(columns))
    found, value = nelder_mead(objective(x, np.array(groups)), start, tolerance, most)
    table = frame(f"multivariate/optw_{name}_corr")
    assert_allclose(frame(f"multivariate/optw_{name}")["Weight"][columns], table["OptWeight"])
    assert_allclose(found, table["OptWeight"], rtol=1e-10, atol=1e-11)
    if name != "L3_equal_tight":  # there the value is the logarithm of rounding
        assert value == pytest.approx(table["value"].iloc[0], rel=1e-10)


def test_balance_is_the_optimum_and_reports_its_own_correlations(frame):
    """B15: COINr reports the correlations of its last trial. B15b: it stops after 9 trials."""
    x = frame("asem/07_aggregated")[SUBINDICES].to_numpy()
    found = correlation_balanced(x, constrained=False)
    tight = frame("multivariate/optw_L3_equal_tight_corr")
    assert_allclose(found.weights, tight["OptWeight"], rtol=1e-6)
    assert_allclose(found.shares, tight["Obtained"], rtol=1e-10)
    assert_allclose(found.correlations, correlations(x, found.weights), rtol=1e-12)
    default = frame("multivariate/optw_L3_equal_default_corr")
    assert np.exp(default["value"].iloc[0]) > 1e20 * found.objective
    trial = correlations(x, default["OptWeight"])
    assert np.abs(trial / trial.sum() - 0.5).max() > 1e10 * np.abs(found.shares - 0.5).max()
    assert_allclose(correlation_balanced(x).weights, found.weights)


def test_of_many_pillars_the_optimum_is_better_than_coinrs_search(frame):
    x = frame("asem/07_aggregated")[PILLARS].to_numpy()
    table = frame("multivariate/optw_L2_equal_corr")
    theirs = in_groups(table.loc[PILLARS, "OptWeight"].to_numpy(), GROUPS)
    r = correlations(x, theirs)
    shares = r / r.sum()
    value = float(table["value"].iloc[0])
    assert np.log(np.mean((1 / 8 - shares) ** 2)) == pytest.approx(value, rel=1e-10)
    # B15: what is reported belongs to another trial, and stands in alphabetical order.
    reported = table["Obtained"].to_numpy()
    order = np.argsort(PILLARS)
    assert 1e-6 < np.abs(reported - shares[order]).max() < 1e-4 < np.abs(reported - shares).max()
    found = correlation_balanced(x, groups=GROUPS, constrained=False)
    assert np.log(found.objective) < value - 2
    assert_allclose(found.correlations, correlations(x, found.weights), rtol=1e-10)
    assert_allclose(np.bincount(GROUPS, found.weights), 0.5, rtol=1e-9)


def test_constrained_weights_are_not_negative_and_cannot_be_bettered(frame):
    """B29: COINr's search ends with negative weights."""
    x = frame("asem/07_aggregated")[PILLARS].to_numpy()
    assert (frame("multivariate/optw_L2_equal_corr")["OptWeight"] < 0).any()
    for groups in (None, GROUPS):
        found = correlation_balanced(x, groups=groups)
        assert (found.weights >= 0).all()
        assert found.weights.sum() == pytest.approx(1)
        assert_allclose(found.correlations, correlations(x, found.weights), rtol=1e-10)
        code = np.zeros(8, int) if groups is None else groups
        objective = balance(x, code)
        assert np.exp(objective(found.weights)) == pytest.approx(found.objective, rel=1e-9)
        other = minimize(
            lambda w, f=objective: np.exp(f(w)),
            np.full(8, 1 / 8),
            bounds=[(1e-9, 1)] * 8,
            method="SLSQP",
            options={"ftol": 1e-16, "maxiter": 300},
        )
        assert found.objective <= other.fun * (1 + 1e-6)


def test_information_is_greatest_for_the_sum_of_z_scores(frame):
    x = frame("asem/07_aggregated")[SUBINDICES].to_numpy()
    found = most_informative(x)
    table = frame("multivariate/optw_L3_infomax_tight_corr")
    sd = x.std(axis=0, ddof=1)
    assert_allclose(found.weights, (1 / sd) / (1 / sd).sum(), rtol=1e-10)
    assert found.objective == pytest.approx(-table["value"].iloc[0], rel=1e-10)
    # The sum is flat at its top: COINr's search stops 6e-6 away, at a slightly smaller sum.
    assert_allclose(table["OptWeight"], found.weights, atol=1e-5)
    assert found.objective >= -table["value"].iloc[0]
    pillars = frame("asem/07_aggregated")[PILLARS].to_numpy()
    grouped = most_informative(pillars, groups=GROUPS, group_weights=[1.0, 3.0])
    assert_allclose(np.bincount(GROUPS, grouped.weights), [0.25, 0.75])
    assert grouped.objective <= most_informative(pillars).objective


@given(seeds)
@settings(max_examples=15)
def test_targets_are_reached_where_weights_may_be_negative(seed):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(40, 4)) + generator.normal(size=(40, 1))
    target = generator.uniform(0.5, 2, 4)
    found = correlation_balanced(x, target, constrained=False)
    assert_allclose(found.shares, target / target.sum(), rtol=1e-8)
    bound = correlation_balanced(x, target)
    assert bound.objective >= found.objective
    again = correlation_balanced(x * [1, 10, 0.1, 3], target)
    assert_allclose(again.shares, bound.shares, atol=1e-8)


def test_rows_with_missing_values_are_left_out():
    x = np.random.default_rng(4).normal(size=(30, 3))
    gaps = np.vstack([x, [[np.nan, 1.0, 2.0]]])
    assert_allclose(correlation_balanced(gaps).weights, correlation_balanced(x).weights)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"target": [1.0]}, "target"),
        ({"target": [1.0, -1.0]}, "target"),
        ({"groups": [0]}, "groups"),
        ({"groups": [0, 1], "group_weights": [1.0, 0.0]}, "weight above zero"),
    ],
)
def test_what_does_not_fit_is_refused(options, match):
    x = np.random.default_rng(1).normal(size=(9, 2))
    with pytest.raises(ValueError, match=match):
        correlation_balanced(x, **options)
    with pytest.raises(ValueError, match="follows"):
        correlation_balanced(x[:, [0, 0]])
