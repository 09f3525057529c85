"""What no change of names, order or scale may change, for any answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import begleitforschung as bf

from .inputs import item, survey_of

FIGURES = ["estimate", "se", "low", "high", "deff", "df", "n"]
KEYS = ["column", "category", "by", "domain"]


@st.composite
def answers(draw):
    """Answers of 12 to 40 units in three strata, with gaps and uneven weights."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n = draw(st.integers(12, 40))
    stratum = np.concatenate([np.repeat(["a", "b", "c"], 3), rng.choice(list("abc"), n - 9)])
    frame = pd.DataFrame(
        {
            "num": np.where(rng.random(n) < 0.1, np.nan, rng.normal(50, 20, n).round(2)),
            "q": np.where(rng.random(n) < 0.1, None, rng.choice(["ja", "nein"], n)),
            "g": np.concatenate([["x", "y"], rng.choice(["x", "y"], n - 2)]),
            "s": stratum,
            "size": rng.lognormal(3, 1, n).round(2),
        }
    )
    return frame, rng.uniform(1, 20, n)


def survey(frame):
    items = [item(name, frame[name], "number") for name in ("num", "size")]
    items += [item(name, frame[name], "single") for name in ("q", "g", "s")]
    return survey_of(frame, items)


def planned(frame, weights, **options):
    made = survey(frame)
    plan = bf.design(made, strata="s", weights=np.asarray(weights), single="adjust", **options)
    return made.with_design(plan)


def figures(made, *, statistic=None, where=None, by="g"):
    found = [
        bf.estimate(made, name, by=by, statistic=kind, where=where).table
        for name, kind in (("num", statistic or "mean"), ("q", statistic or "share"))
    ]
    return pd.concat(found).set_index(KEYS)[FIGURES].astype(float)


def same(ours, theirs, **more):
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-9, atol=1e-11, **more)


@settings(max_examples=5)
@given(answers(), st.floats(0.01, 1000))
def test_the_scale_of_the_weights_does_not_matter(given_answers, factor):
    frame, weights = given_answers
    before, after = planned(frame, weights), planned(frame, weights * factor)
    without = ["estimate", "se", "low", "high", "df", "n"]  # deff knows the size of the population
    same(figures(before)[without], figures(after)[without])
    total, scaled = (figures(made, statistic="total") for made in (before, after))
    same(total[["estimate", "se"]] * factor, scaled[["estimate", "se"]])


@settings(max_examples=5)
@given(answers(), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_does_not_matter(given_answers, random):
    frame, weights = given_answers
    order = list(range(len(frame)))
    random.shuffle(order)
    moved = planned(frame.iloc[order].reset_index(drop=True), weights[order])
    for statistic in (None, "total"):
        ours = figures(planned(frame, weights), statistic=statistic)
        same(ours, figures(moved, statistic=statistic))


@settings(max_examples=5)
@given(answers(), st.permutations(["Ost", "Süd 2", "9"]))
def test_the_names_of_the_strata_do_not_matter(given_answers, names):
    frame, weights = given_answers
    renamed = frame.assign(s=frame["s"].map(dict(zip("abc", names, strict=True))))
    same(figures(planned(frame, weights)), figures(planned(renamed, weights)))
    counts = frame["s"].value_counts() * 3
    whole = survey(frame).with_design(
        bf.design(survey(frame), strata="s", population=counts.to_dict())
    )
    sizes = {names["abc".index(key)]: size for key, size in counts.items()}
    other = survey(renamed).with_design(bf.design(survey(renamed), strata="s", population=sizes))
    same(figures(whole), figures(other))


@settings(max_examples=5)
@given(answers())
def test_a_domain_is_the_sample_with_weights_of_0_elsewhere(given_answers):
    frame, weights = given_answers
    inside = (frame["g"] == "x").to_numpy()
    domain = figures(planned(frame, weights), where="g == 'x'", by=None)
    zero = figures(planned(frame, np.where(inside, weights, 0.0)), by=None)
    columns = ["estimate", "se", "n", "df"]
    same(domain[columns], zero[columns])
    group = figures(planned(frame, weights)).xs("x", level="domain")
    np.testing.assert_allclose(domain[columns], group[columns], rtol=1e-9, atol=1e-11)


@settings(max_examples=5)
@given(answers(), st.floats(0.8, 1.25))
def test_totals_that_weights_are_fitted_to_are_met(given_answers, factor):
    frame, weights = given_answers
    made = planned(frame, weights)
    size = weights.sum() * factor
    by_group = {k: float(v) for k, v in pd.Series(weights).groupby(frame["g"]).sum().items()}
    shift = 0.1 * min(by_group.values())
    groups = {"x": by_group["x"] * factor + shift, "y": by_group["y"] * factor - shift}
    strata = {k: float(v) * factor for k, v in pd.Series(weights).groupby(frame["s"]).sum().items()}
    numbers = 1.02 * float(weights @ frame["size"]) * factor
    for fitted, wanted in (
        (bf.poststratify(made, "g", groups), [groups]),
        (bf.rake(made, {"g": groups, "s": strata}), [groups, strata]),
        (bf.calibrate(made, {"g": groups, "size": numbers}, distance="raking"), [groups]),
    ):
        after = pd.Series(fitted.design.sample.weights)
        assert after.sum() == pytest.approx(size, rel=1e-9)
        for name, totals in zip(("g", "s"), wanted, strict=False):
            assert after.groupby(frame[name]).sum().to_dict() == pytest.approx(totals, rel=1e-9)
    assert after @ frame["size"] == pytest.approx(numbers, rel=1e-9)
    found = bf.estimate(fitted, "size", statistic="total").table.iloc[0]
    assert found["estimate"] == pytest.approx(numbers, rel=1e-9)
    assert found["se"] <= 1e-6 * numbers  # what is known has no error
