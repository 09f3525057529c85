"""Intervals of proportions against R survey 4.5, and exact intervals against enumeration."""

from __future__ import annotations

import csv
from collections.abc import Callable
from math import comb

import numpy as np
import pytest

from begleitforschung.stats.sampling import (
    clopper_pearson,
    means,
    nonresponse_bounds,
    population_count_interval,
    proportion_interval,
)

from .reference import FOLDER, Values, design, differences, pairs, sample


def answers(name: str, variable: str) -> np.ndarray:
    d = sample(name)
    if variable == "rare":
        return (d["api00"] > 850).to_numpy(dtype=float)
    if variable == "hi":
        return (d["stype"] == "E").to_numpy(dtype=float)
    return d[variable].to_numpy(dtype=float)


def interval(method: str, variables: list[str], *, normal: bool = False) -> Callable[[str], Values]:
    def compute(name: str) -> Values:
        out: Values = {}
        for variable in variables:
            share = means(answers(name, variable), design(name))
            lower, upper = proportion_interval(
                share.values,
                np.diag(share.covariance),
                method=method,
                df=np.inf if normal else design(name).degrees(),
                n=share.n,
            )
            row = {"estimate": share.values, "se": share.se, "lower": lower, "upper": upper}
            out |= {("svyciprop", variable, k): float(v[0]) for k, v in row.items()}
        return out

    return compute


def by_xlogit(name: str) -> Values:
    d, out = sample(name), {}
    for group in sorted(d["stype"].unique()):
        share = means(d["sch.wide"] == "Yes", design(name), where=d["stype"] == group)
        lower, upper = proportion_interval(
            share.values,
            np.diag(share.covariance),
            method="xlogit",
            df=design(name).degrees(),
        )
        row = {"estimate": share.values[0], "lower": lower[0], "upper": upper[0]}
        out |= {("svyby", group, quantity): float(v) for quantity, v in row.items()}
    return out


METHODS = ["logit", "likelihood", "asin", "beta", "mean", "xlogit", "wilson"]
CASES: dict[str, Callable[[str], Values]] = (
    {f"ciprop_{m}": interval(m, ["rare", "hi"]) for m in METHODS}
    | {
        f"ciprop_{m}_dfInf": interval(m, ["rare", "hi"], normal=True)
        for m in ("logit", "xlogit", "mean", "asin")
    }
    | {f"mpsc_ciprop_{m}": interval(m, ["mr1", "mr4"]) for m in METHODS}
    | {"by_ciprop_xlogit": by_xlogit}
)
# R reads the likelihood bounds off a spline, good to three decimals; its logit estimate stops
# where the deviance no longer changes in the eighth digit. Ours are the closed forms.
TOLERANCE = {"likelihood": 1e-3, "logit": 1e-8}
# In "strat" the strata determine the share "hi": its variance is 0 and the interval is the share.
# R divides rounding errors there: NaN (Wilson), 0.5 to 0.5 (beta), an error (likelihood).
NAMED = {
    (f"ciprop_{method}", "strat", "svyciprop", "hi", bound)
    for method in ("wilson", "beta")
    for bound in ("lower", "upper")
} | {("ciprop_likelihood", "strat", "svyciprop", "hi", "error")}


@pytest.mark.parametrize(("case", "name"), pairs(CASES))
def test_every_row_equals_r(case, name):
    ours = CASES[case](name)
    method = case.removeprefix("mpsc_").removeprefix("ciprop_").removesuffix("_dfInf")
    wrong, compared = differences(
        case,
        name,
        ours,
        rtol=TOLERANCE.get(method, 1e-10),
        atol=2.5e-4 if method == "likelihood" else 0.0,
        named=NAMED,
    )
    assert not wrong, "\n".join(wrong)
    assert compared


@pytest.mark.parametrize("method", METHODS)
def test_a_share_without_variance_is_its_own_interval(method):
    lower, upper = proportion_interval([0.7], [0.0], method=method, df=10, n=20)
    assert lower == upper == 0.7


def test_likelihood_bounds_solve_their_equation():
    p, n, t = 0.075, 200.0, 1.96
    lower, upper = proportion_interval([p], [p * (1 - p) / n], method="likelihood", level=0.95)
    for x in (lower[0], upper[0]):
        ratio = 2 * n * (p * np.log(p / x) + (1 - p) * np.log((1 - p) / (1 - x)))
        assert ratio == pytest.approx(t**2, rel=1e-4)


def test_korn_and_graubard_never_takes_more_than_n():
    p, v = np.array([0.4]), np.array([0.4 * 0.6 / 300])
    as_r = proportion_interval(p, v, method="beta", df=199, n=200)
    truncated = proportion_interval(p, v, method="korn_graubard", df=199, n=200)
    assert truncated[0] < as_r[0] < as_r[1] < truncated[1]
    np.testing.assert_allclose(truncated, clopper_pearson([80], [200]), rtol=1e-12)


def test_nobody_and_everybody_need_an_effective_n():
    lower, upper = proportion_interval(
        [0.0, 1.0], [0.0, 0.0], method="wilson", df=48, effective_n=[100.0, 100.0]
    )
    assert lower[0] == 0
    assert upper[1] == pytest.approx(1)
    assert upper[0] == pytest.approx(1 - lower[1])
    assert np.isnan(proportion_interval([0.0], [0.0], method="wilson", df=48)[1]).all()


def exact_by_enumeration(hits: int, n: int, population: int) -> tuple[int, int]:
    kept = []
    for count in range(population + 1):
        chance = [comb(count, k) * comb(population - count, n - k) for k in range(n + 1)]
        total = comb(population, n)
        if sum(chance[hits:]) / total > 0.025 and sum(chance[: hits + 1]) / total > 0.025:
            kept.append(count)
    return min(kept), max(kept)


@pytest.mark.parametrize(("n", "population"), [(6, 13), (20, 73), (60, 73), (73, 73), (10, 40)])
def test_count_in_a_population_equals_enumeration(n, population):
    for hits in range(n + 1):
        ours = population_count_interval(hits, n, population)
        assert ours == exact_by_enumeration(hits, n, population)


def test_coverage_of_the_exact_count_is_that_of_the_reference(shared):
    with (FOLDER / "ci_coverage.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["method"] == "hypergeom_exact"]
    row = next(r for r in rows if (r["N"], r["n"]) == ("73", "37"))
    bounds = [population_count_interval(k, 37, 73) for k in range(38)]
    covered = []
    for count in range(1, 73):
        chance = [comb(count, k) * comb(73 - count, 37 - k) / comb(73, 37) for k in range(38)]
        covered.append(sum(c for c, (a, b) in zip(chance, bounds, strict=True) if a <= count <= b))
    assert min(covered) == pytest.approx(float(row["min_cov"]), abs=1e-4)
    assert np.mean(covered) == pytest.approx(float(row["mean_cov"]), abs=1e-4)


def test_bounds_without_any_assumption_hold_the_exact_interval():
    low, high = nonresponse_bounds([25], [49], [73])
    exact = population_count_interval(25, 49, 73)
    assert low[0] <= exact[0] <= exact[1] <= high[0]


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="method"):
        proportion_interval([0.5], [0.1], method="wald")
    with pytest.raises(ValueError, match="needs n"):
        proportion_interval([0.5], [0.1], method="beta")
    with pytest.raises(ValueError, match="order"):
        population_count_interval(5, 4, 10)
    with pytest.raises(ValueError, match="between 0 and n"):
        clopper_pearson([5], [4])
    with pytest.raises(ValueError, match="level"):
        population_count_interval(1, 4, 10, level=95)
