"""Many domains at once are the domains one by one."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from begleitforschung.stats.sampling import (
    SinglePSUError,
    bootstrap,
    domain_means,
    domain_totals,
    jackknife,
    labels_to_codes,
    means,
    poststratify,
    sampling_design,
    totals,
)

from .reference import FOLDER, design, sample


def two_stages(single: str = "fail"):
    """Units within units, both with population counts, missing values and an empty domain."""
    rng = np.random.default_rng(12)
    n = 240
    stratum = np.repeat([0, 1, 2], 80)
    unit = np.arange(n) // 8
    block = np.arange(n) // 2 % 4
    d = sampling_design(
        units=[unit, block],
        strata=[stratum],
        population=[np.array([20, 40, 15])[stratum], np.full(n, 6)],
        single=single,
    )
    y = rng.normal(10, 3, (n, 12))
    y[rng.random(y.shape) < 0.1] = np.nan
    return y, rng.integers(-1, 4, n), d


def check(y, codes, domains, d, estimator, many):
    found = many(y, codes, domains, d)
    for k in range(domains):
        one = estimator(y, d, where=codes == k)
        np.testing.assert_allclose(found.values[k], one.values, rtol=1e-12)
        np.testing.assert_allclose(found.se[k], one.se, rtol=1e-9)
        np.testing.assert_array_equal(found.df[k], one.df)
        np.testing.assert_array_equal(found.n[k], one.n)
    return found


@pytest.mark.parametrize(("estimator", "many"), [(means, domain_means), (totals, domain_totals)])
def test_domains_at_once_are_the_domains_one_by_one(estimator, many):
    y, codes, d = two_stages()
    found = check(y, codes, 5, d, estimator, many)
    assert (found.n[4] == 0).all()
    lower, upper = found.interval()
    assert np.isnan(lower[4]).all()
    assert (lower[:4] < upper[:4]).all()
    whole = np.nan_to_num(y)
    check(whole, codes, 4, d, estimator, many)
    check(whole, codes, 4, bootstrap(d, 30, 5, kind="rao_wu"), estimator, many)
    check(y, codes, 4, jackknife(d, mse=True), estimator, many)


@pytest.mark.parametrize("rule", ["remove", "certainty", "adjust", "average"])
def test_rules_for_single_units_hold_for_domains(rule):
    rng = np.random.default_rng(1)
    n = 60
    strata = np.concatenate([np.repeat(np.arange(8), 7), [8, 9, 10, 11]])
    d = sampling_design(strata=[strata], population=[np.where(strata == 11, 1, 30)], single=rule)
    y, codes = rng.normal(5, 1, (n, 5)), rng.integers(0, 3, n)
    check(y, codes, 3, d, means, domain_means)
    check(y, codes, 3, d, totals, domain_totals)
    y[rng.random(y.shape) < 0.3] = np.nan
    check(y, codes, 3, d, means, domain_means)


def test_calibrated_designs_take_their_residuals_in_every_domain():
    d = sample("strat")
    new = poststratify(design("strat"), labels_to_codes(d["sch.wide"]), [1072.0, 5122.0])[0]
    y = d[["api00", "enroll"]].to_numpy(dtype=float)
    check(y, labels_to_codes(d["stype"]), 3, new, means, domain_means)


def test_fifty_variables_in_twenty_domains_equal_r(shared):
    """The data and figures of R survey 4.5 by which speed is measured."""
    rng = np.random.default_rng(7)
    n = 5000
    strata = np.sort(rng.integers(0, 40, n))
    sampled = np.bincount(strata, minlength=40)
    population = np.round(sampled * rng.uniform(1.5, 12, 40)).astype(int)
    codes = rng.integers(0, 20, n)
    shares = (rng.random((n, 50)) < 0.3).astype(float)
    amounts = np.round(rng.lognormal(1, 0.7, (n, 50)), 4)
    y = np.where(np.arange(50) < 25, shares, amounts)
    d = sampling_design(
        (population / sampled)[strata], strata=[strata], population=[population[strata]]
    )
    path = FOLDER / "timings/bench_ref_5000.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    theirs = np.array([[float(row[1]), float(row[2])] for row in rows]).reshape(50, 20, 2)
    found = domain_means(y, codes, 20, d)
    np.testing.assert_allclose(found.values.T, theirs[..., 0], rtol=1e-12)
    np.testing.assert_allclose(found.se.T, theirs[..., 1], rtol=1e-11)


def test_what_does_not_fit_is_refused():
    y, codes, d = two_stages()
    with pytest.raises(ValueError, match="240 rows"):
        domain_means(y[:5], codes[:5], 4, d)
    with pytest.raises(ValueError, match="at most 1"):
        domain_means(y, codes, 2, d)
    single = sampling_design(np.ones(3), strata=[[0, 0, 1]])
    with pytest.raises(SinglePSUError):
        domain_means(np.ones((3, 1)), [0, 0, 0], 1, single)
