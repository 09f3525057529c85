"""Regressions, t tests, rank tests and trends against R survey 4.5."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from begleitforschung.stats.sampling import (
    RegressionError,
    TestResult,
    difference_test,
    joint_test,
    labels_to_codes,
    mean_test,
    means,
    rank_test,
    regression,
    replicate_design,
    sampling_design,
    trend_test,
)
from begleitforschung.stats.sampling.variance import covariance

from .reference import Values, design, differences, pairs, results, sample


def codes(name: str, variable: str) -> np.ndarray:
    return labels_to_codes(sample(name)[variable])


def shown(stat: str, key: str, test: TestResult, *quantities: str) -> Values:
    return {(stat, key, quantity): getattr(test, quantity) for quantity in quantities}


def ttest(name: str) -> Values:
    test = difference_test(sample(name)["api00"], codes(name, "comp.imp"), design(name))
    fields = ("statistic", "df", "p", "estimate", "lower", "upper")
    return shown("svyttest", "api00~comp.imp", test, *fields)


def ttest_paired(name: str) -> Values:
    d = sample(name)
    test = mean_test(d["api00"] - d["api99"], design(name))
    return shown("svyttest", "diff", test, "statistic", "df", "p")


def rank(scores: str) -> Callable[[str], Values]:
    def compute(name: str) -> Values:
        y = sample(name)["api00"]
        test = rank_test(y, codes(name, "comp.imp"), design(name), scores=scores)
        return shown("svyranktest", "api00 ~ comp.imp", test, "statistic", "df", "p")

    return compute


def kruskal(name: str) -> Values:
    test = rank_test(sample(name)["api00"], codes(name, "stype"), design(name))
    key = "api00 ~ stype"  # R survey has exchanged the names of statistic and df here
    return shown("svyranktest", key, test, "p") | {
        ("svyranktest", key, "statistic"): test.df,
        ("svyranktest", key, "df"): test.statistic * test.df,
    }


def glm(family: str) -> Callable[[str], Values]:
    names = ["(Intercept)", "ell", "meals", "mobility"]

    def compute(name: str) -> Values:
        d = sample(name)
        x = np.column_stack([np.ones(len(d)), d[names[1:]].to_numpy(dtype=float)])
        y = d["api00"] if family == "linear" else d["sch.wide"] == "Yes"
        found = regression(y, x, design(name), family=family)
        out: Values = {("svyglm", "", "df.resid"): found.df[0]}
        for k, key in enumerate(names):
            one = joint_test(found, [k])
            out["svyglm", key, "estimate"] = found.values[k]
            out["svyglm", key, "se"] = found.se[k]
            out["svyglm", key, "t"] = found.values[k] / found.se[k]
            out["svyglm", key, "p"] = one.p
        return out

    return compute


CASES: dict[str, Callable[[str], Values]] = {
    "ttest": ttest,
    "ttest_paired": ttest_paired,
    "rank_wilcoxon": rank("wilcoxon"),
    "rank_vanderWaerden": rank("vanderWaerden"),
    "rank_median": rank("median"),
    "rank_KruskalWallis": kruskal,
    "glm_gaussian": glm("linear"),
    "glm_logit": glm("logistic"),
}


# R ends a logistic regression where the deviance changes by less than 1e-8 and takes the weights of
# the step before for the variance; ours is the solution. test_where_r_stops shows that this is all.
TOLERANCE = {"glm_logit": 2e-4}


@pytest.mark.parametrize(("case", "name"), pairs(CASES))
def test_every_row_equals_r(case, name):
    rtol = TOLERANCE.get(case, 1e-10)
    wrong, compared = differences(case, name, CASES[case](name), rtol=rtol)
    assert not wrong, "\n".join(wrong)
    assert compared


def stopped_early(y: np.ndarray, x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and influence where the deviance no longer changes in the eighth digit."""
    w = w / w.mean()
    mean = (w * y + 0.5) / (w + 1)
    linear, deviance = np.log(mean / (1 - mean)), np.inf
    while True:
        slope = mean * (1 - mean)
        matrix, response = x * (w * slope)[:, None], linear + (y - mean) / slope
        inverse = np.linalg.inv(matrix.T @ x)
        beta = inverse @ (matrix.T @ response)
        linear = x @ beta
        mean = 1 / (1 + np.exp(-linear))
        before, deviance = deviance, -2 * (w * np.log(np.where(y == 1, mean, 1 - mean))).sum()
        if abs(deviance - before) < 1e-8 * (abs(deviance) + 0.1):
            return beta, (matrix * ((y - mean) / (mean * (1 - mean)))[:, None]) @ inverse


@pytest.mark.parametrize("name", ["srs", "strat", "clus1"])
def test_where_r_stops(name):
    d = sample(name)
    names = ["(Intercept)", "ell", "meals", "mobility"]
    x = np.column_stack([np.ones(len(d)), d[names[1:]].to_numpy(dtype=float)])
    y = (d["sch.wide"] == "Yes").to_numpy(dtype=float)
    beta, influence = stopped_early(y, x, design(name).weights)
    se = np.sqrt(np.diag(covariance(influence, design(name))))
    ours = {("svyglm", key, "estimate"): beta[k] for k, key in enumerate(names)}
    ours |= {("svyglm", key, "se"): se[k] for k, key in enumerate(names)}
    for row, value in ours.items():
        assert value == pytest.approx(results()["glm_logit", name][row], rel=1e-9)


@pytest.mark.parametrize("family", ["linear", "logistic"])
def test_coefficients_solve_the_score_equations(family):
    rng = np.random.default_rng(3)
    n = 200
    x = np.column_stack([np.ones(n), rng.normal(size=(n, 2))])
    y = rng.random(n) if family == "linear" else (rng.random(n) < 0.4).astype(float)
    y[:5] = np.nan
    d = sampling_design(rng.uniform(1, 3, n), strata=[np.arange(n) % 4])
    found = regression(y, x, d, family=family)
    mean = x @ found.values if family == "linear" else 1 / (1 + np.exp(-x @ found.values))
    used = ~np.isnan(y)
    score = x[used].T @ (d.weights * (y - mean))[used]
    np.testing.assert_allclose(score, 0, atol=1e-9)
    assert found.n[0] == 195
    assert found.df[0] == 195 - 4 + 1 - 3


def test_a_regression_on_groups_gives_their_means():
    d, kind = sample("strat"), codes("strat", "stype")
    x = np.column_stack([kind == k for k in range(3)]).astype(float)
    found = regression(d["api00"], x, design("strat"))
    for k in range(3):
        one = means(d["api00"], design("strat"), where=kind == k)
        assert found.values[k] == pytest.approx(one.values[0], rel=1e-12)
        assert found.se[k] == pytest.approx(one.se[0], rel=1e-12)


def test_units_of_the_regressors_do_not_matter():
    d = sample("strat")
    x = np.column_stack([np.ones(len(d)), d["ell"], d["meals"]]).astype(float)
    scale = np.array([1.0, 1e-9, 1e13])
    for family, y in (("linear", d["api00"]), ("logistic", d["sch.wide"] == "Yes")):
        one = regression(y, x, design("strat"), family=family)
        other = regression(y, x * scale, design("strat"), family=family)
        np.testing.assert_allclose(other.values * scale, one.values, rtol=1e-8)
        np.testing.assert_allclose(other.se * scale, one.se, rtol=1e-8)


def test_regression_over_replicates_is_close_to_linearisation():
    n = 60
    rng = np.random.default_rng(8)
    x = np.column_stack([np.ones(n), rng.normal(size=n)])
    y = (rng.random(n) < 1 / (1 + np.exp(-x[:, 1]))).astype(float)
    left_out = (1 - np.eye(n)) * n / (n - 1)
    jackknife = replicate_design(np.ones(n), left_out, scale=(n - 1) / n)
    for family in ("linear", "logistic"):
        first = regression(y, x, sampling_design(np.ones(n)), family=family)
        second = regression(y, x, jackknife, family=family)
        np.testing.assert_allclose(second.values, first.values, rtol=1e-10)
        np.testing.assert_allclose(second.se, first.se, rtol=0.15)
        assert second.df[0] == first.df[0]


def test_what_has_no_solution_is_an_error():
    d = sampling_design(np.ones(6))
    x = np.column_stack([np.ones(6), np.arange(6)])
    with pytest.raises(RegressionError, match="separated"):
        regression([0, 0, 0, 1, 1, 1], x, d, family="logistic")
    with pytest.raises(RegressionError, match="depend"):
        regression(np.arange(6), np.column_stack([x, x[:, 1]]), d)
    with pytest.raises(ValueError, match="between 0 and 1"):
        regression(np.arange(6), x, d, family="logistic")
    with pytest.raises(ValueError, match="family"):
        regression(np.arange(6), x, d, family="probit")
    with pytest.raises(ValueError, match="positions"):
        joint_test(regression([1, 0, 2, 1, 3, 2], x, d), [2])
    with pytest.raises(ValueError, match="codes 0 and 1"):
        difference_test(np.arange(6), [0, 1, 2, 0, 1, 2], d)
    with pytest.raises(ValueError, match="two groups"):
        rank_test(np.arange(6), np.zeros(6), d)
    with pytest.raises(ValueError, match="scores"):
        rank_test(np.arange(6), [0, 1] * 3, d, scores="savage")


def test_two_groups_differ_by_their_means():
    d, group = sample("clus1"), codes("clus1", "comp.imp")
    test = difference_test(d["api00"], group, design("clus1"))
    one, two = (means(d["api00"], design("clus1"), where=group == k).values[0] for k in (0, 1))
    assert test.estimate == pytest.approx(two - one)
    assert test.lower < test.estimate < test.upper
    turned = difference_test(d["api00"], 1 - group, design("clus1"))
    assert turned.p == pytest.approx(test.p)
    assert turned.estimate == pytest.approx(-test.estimate)


def test_trend_finds_a_slope_and_none_where_there_is_none():
    n = 400
    rng = np.random.default_rng(2)
    order = rng.integers(1, 5, n).astype(float)
    d = sampling_design(rng.uniform(1, 2, n))
    rising = trend_test(2 * order + rng.normal(size=n), order, d)
    assert rising.estimate == pytest.approx(2, abs=0.2)
    assert rising.p < 1e-20
    assert trend_test(rng.normal(size=n), order, d).p > 0.01
    ranked = trend_test(np.exp(order), order, d, ranks=True)
    same = trend_test(order, order, d, ranks=True)
    assert ranked.statistic == pytest.approx(same.statistic)  # only the order of values counts
