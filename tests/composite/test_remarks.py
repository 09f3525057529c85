"""What would stay silent is told: gaps left open, units without score, units without group."""

from __future__ import annotations

import numpy as np
import pandas as pd

from begleitforschung.composite import compose
from begleitforschung.errors import Finding
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step
from begleitforschung.results.composite import CompositeResult

NAN = float("nan")
SPEC = IndexSpec(
    id="lage",
    indicators=(IndicatorSpec(id="a", parent="lage"), IndicatorSpec(id="b", parent="lage")),
    nodes=(NodeSpec(id="lage"),),
)
REST = (Step("normalise", "minmax"), Step("aggregate", "arithmetic"))
FRAME = pd.DataFrame({"a": [1.0, 2, NAN, NAN], "b": [3.0, 1, 2, 5]}, index=list("ABCD"))


def told(result: CompositeResult, rule: str) -> list[Finding]:
    return [item for item in result.findings if item.rule == f"index.{rule}"]


def with_steps(*steps: Step) -> IndexSpec:
    return SPEC.replace(steps=(*steps, *REST))


def test_gaps_that_an_imputation_over_years_left_open_are_counted_by_indicator():
    result = compose(FRAME, with_steps(Step("impute", "latest")), year=2024)
    (item,) = told(result, "unfilled")
    assert (item.column, item.n, item.severity) == ("a", 2, "warning")
    assert "nicht füllen konnte" in item.line("de")
    assert "could not fill" in item.line("en")


def test_a_later_imputation_that_fills_the_gaps_leaves_nothing_to_tell():
    spec = with_steps(Step("impute", "latest"), Step("impute", "mean"))
    assert not told(compose(FRAME, spec, year=2024), "unfilled")


def test_gaps_of_units_that_are_screened_out_and_of_no_imputation_are_not_counted():
    screened = with_steps(
        Step("impute", "latest"), Step("screen", Method("coverage", min_share=0.9))
    )
    assert not told(compose(FRAME, screened, year=2024), "unfilled")
    assert not told(compose(FRAME, with_steps(Step("impute", "none")), year=2024), "unfilled")
    assert not told(compose(FRAME, SPEC, year=2024), "unfilled")


def test_units_without_group_are_counted_and_so_are_the_gaps_they_keep():
    spec = with_steps(Step("impute", Method("group_mean", group="land")))
    result = compose(FRAME, spec, year=2024, groups={"land": {"A": "x", "B": "x", "C": "x"}})
    (gap,) = told(result, "unfilled")
    assert (gap.column, gap.n) == ("a", 1)
    (item,) = told(result, "ungrouped")
    assert (item.key, item.n, item.severity) == ("land", 1, "warning")
    every = dict.fromkeys("ABCD", "x")
    assert not told(compose(FRAME, spec, year=2024, groups={"land": every}), "ungrouped")


def test_units_that_benefit_of_the_doubt_with_bounds_cannot_score_are_counted():
    bounded = SPEC.replace(aggregate=Method("bod", high=0.6))
    result = compose(FRAME, bounded, year=2024)
    lost = int(np.isnan(result.scores("index")["lage"]).sum())
    (item,) = told(result, "doubt_without_score")
    assert (item.key, item.n, item.severity) == ("lage", lost, "warning")
    assert result.scores("index")["lage"].isna().loc[["C", "D"]].all()
    free = compose(FRAME, SPEC.replace(aggregate="bod"), year=2024)
    assert not told(free, "doubt_without_score")


def test_a_mean_over_scales_of_different_length_is_told():
    short = Method("minmax", lower=0, upper=1)
    mixed = (IndicatorSpec(id="a", parent="lage", normalise=short), SPEC.indicators[1])
    (item,) = told(compose(FRAME, SPEC.replace(indicators=mixed), year=2024), "scales")
    assert (item.key, item.value, item.severity) == ("lage", "a: 1, b: 100", "warning")
    assert not told(compose(FRAME, SPEC.replace(normalise=short), year=2024), "scales")
    assert not told(compose(FRAME, SPEC, year=2024), "scales")
