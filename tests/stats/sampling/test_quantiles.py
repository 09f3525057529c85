"""Quantiles by every rule and interval of R survey 4.5."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.sampling import quantiles, weighted_quantiles
from begleitforschung.stats.sampling.quantile_rules import RULES

from .reference import Values, design, differences, pairs, replicated, results, sample

PROBS = [0.1, 0.25, 0.5, 0.75, 0.9]
R_RULES = [rule for rule in RULES if rule != "shahvaish_scaled"]


def shown(result: object, keys: list[str]) -> Values:
    return {
        ("svyquantile", key, quantity): float(values[i])
        for quantity, values in {
            "estimate": result.values,
            "lower": result.lower,
            "upper": result.upper,
            "se": result.se,
        }.items()
        for i, key in enumerate(keys)
    }


def by_rule(rule: str, interval: str) -> Callable[[str], Values]:
    def compute(name: str) -> Values:
        out: Values = {}
        for variable in ("api00", "enroll"):
            y = sample(name)[variable]
            result = quantiles(y, PROBS, design(name), rule=rule, interval=interval, tie=0)
            out |= shown(result, [f"{variable}@{p:g}" for p in PROBS])
        return out

    return compute


def by_median(name: str) -> Values:
    d, out = sample(name), {}
    for group in sorted(d["stype"].unique()):
        result = quantiles(d["api00"], [0.5], design(name), where=d["stype"] == group, tie=0)
        out["svyby", group, "estimate"] = result.values[0]
        out["svyby", group, "se"] = result.se[0]
    return out


def kom(name: str) -> Values:
    probs = [0.25, 0.5, 0.75]
    return shown(
        quantiles(sample(name)["invest"], probs, design(name), tie=0), [f"{p:g}" for p in probs]
    )


def over_replicates(interval: str) -> Callable[[str], Values]:
    def compute(name: str) -> Values:
        probs = [0.25, 0.5, 0.75]
        y = sample(name)["api00"]
        result = quantiles(y, probs, replicated(name), interval=interval, tie=0)
        return shown(result, [f"{p:g}" for p in probs])

    return compute


CASES: dict[str, Callable[[str], Values]] = {
    f"quantile_{rule}_{interval}": by_rule(rule, interval)
    for rule in R_RULES
    for interval in ("mean", "beta", "xlogit", "asin", "score")
    if interval == "mean" or rule in ("math", "school")
} | {
    "by_stype_median": by_median,
    "kom_quantile": kom,
    "rep_quantile_mean": over_replicates("mean"),
    "rep_quantile_quantile": over_replicates("quantile"),
}
# R stops with an error at hf4; we return the interpolated quantiles.
NAMED = {
    ("quantile_hf4_mean", name, "svyquantile", "", "error") for name in ("srs", "strat", "clus1")
}


@pytest.mark.parametrize(
    ("case", "name"), [pair for pair in pairs(CASES) if pair[0] != "quantile_hf4_mean"]
)
def test_every_row_equals_r(case, name):
    wrong, compared = differences(case, name, CASES[case](name))
    assert not wrong, "\n".join(wrong)
    assert compared


@pytest.mark.parametrize("name", ["srs", "strat", "clus1"])
def test_hf4_gives_values_where_r_fails(name):
    assert set(results()["quantile_hf4_mean", name]) == {("svyquantile", "", "error")}
    ours = CASES["quantile_hf4_mean"](name)
    below, above = by_rule("math", "mean")(name), by_rule("hf5", "mean")(name)
    for row, value in ours.items():
        assert np.isfinite(value)
        if row[2] == "estimate":
            assert value <= max(below[row], above[row])


@given(
    st.lists(st.integers(0, 30), min_size=2, max_size=40),
    st.sampled_from([a for a in R_RULES if a != "shahvaish"] + ["shahvaish_scaled"]),
    st.integers(0, 2**31),
)
@settings(max_examples=60)
def test_scale_of_the_weights_and_copies_do_not_matter(values, rule, seed):
    rng = np.random.default_rng(seed)
    w = rng.integers(1, 5, len(values)).astype(float)
    p = [0.1, 0.3, 0.5, 0.9]
    first = weighted_quantiles(values, w, p, rule=rule)
    np.testing.assert_allclose(weighted_quantiles(values, w * 2**10, p, rule=rule), first)
    if rule in ("math", "school"):
        copies = np.repeat(values, w.astype(int))
        np.testing.assert_allclose(
            weighted_quantiles(copies, np.ones(copies.size), p, rule=rule), first
        )
    assert (np.diff(first) >= 0).all()


def test_ties_of_the_cumulated_weights_are_met_with_a_tolerance():
    w = np.full(10, 0.1)  # the fifth sum is 0.5, the sixth 0.6 - 1e-16
    assert weighted_quantiles(np.arange(10), w, [0.6], rule="math") == [5]
    assert weighted_quantiles(np.arange(10), w, [0.6], rule="school") == [5.5]
    assert weighted_quantiles(np.arange(10), w, [0.0, 1.0], rule="math").tolist() == [0, 9]


def test_weighted_score_interval_is_the_inverted_test():
    d = sample("strat")
    result = quantiles(d["api00"], PROBS, design("strat"), interval="score_weighted")
    woodruff = quantiles(d["api00"], PROBS, design("strat"))
    assert (result.lower < result.values).all()
    assert (result.values < result.upper).all()
    np.testing.assert_allclose(result.se, woodruff.se, rtol=0.35)
    as_r = quantiles(d["api00"], PROBS, design("strat"), interval="score")
    assert not (result.upper == as_r.upper).all()


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="rule"):
        weighted_quantiles([1.0], [1.0], [0.5], rule="hf10")
    with pytest.raises(ValueError, match="same length"):
        weighted_quantiles([1.0, 2.0], [1.0], [0.5])
    with pytest.raises(ValueError, match="replicate"):
        quantiles(sample("srs")["api00"], [0.5], design("srs"), interval="quantile")
    with pytest.raises(ValueError, match="unknown interval"):
        quantiles(sample("srs")["api00"], [0.5], design("srs"), interval="wald")
    assert np.isnan(weighted_quantiles([1.0], [0.0], [0.5])).all()
    assert weighted_quantiles([1.0, 9.0], [0.0, 1.0], [0.5]).tolist() == [9.0]
