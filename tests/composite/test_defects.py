"""What COINr gets wrong or can't do (list of reproduced defects), done right.

The defects of single array functions are shown in tests/stats.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose, remove_one, sensitivity
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step

SPEC = IndexSpec(
    id="lage",
    indicators=(
        IndicatorSpec(id="a", parent="p", weight=2, denominator="einwohner"),
        IndicatorSpec(id="b", parent="p", direction="lower"),
        IndicatorSpec(id="c", parent="lage", weight=3),
    ),
    nodes=(NodeSpec(id="lage"), NodeSpec(id="p", parent="lage")),
    steps=(
        Step("denominate", "ratio"),
        Step("normalise", "minmax"),
        Step("aggregate", "arithmetic"),
    ),
)
UNITS = [f"u{number:02}" for number in range(12)]


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(rng.lognormal(size=(36, 4)), columns=["a", "b", "c", "einwohner"])
    return frame.assign(unit=UNITS * 3, year=np.repeat([2019, 2020, 2021], 12))


def one_year(figures: pd.DataFrame, year: int = 2021) -> pd.DataFrame:
    return figures[figures["year"] == year]


def test_b07_some_years_of_a_panel_can_be_chosen(figures):
    some = figures[figures["year"].isin([2019, 2021])]
    result = compose(some, SPEC)
    assert result.years == (2019, 2021)
    alone = compose(figures, SPEC, year=2019)
    pd.testing.assert_frame_equal(
        result.scores().xs(2019, level="year"), alone.scores().xs(2019, level="year")
    )


def shown(figure) -> set[str]:
    figure.draw_without_rendering()
    return {tick.get_text() for tick in figure.axes[0].get_yticklabels()}


def test_b09_b18_named_units_are_drawn_under_their_names(figures):
    """B09: COINr fails when units are named. B18: it fails to label points by unit names."""
    names = {"u01": "Emsland", "u05": "Hof"}
    found = sensitivity(
        one_year(figures), SPEC, vary={"normalise": ["minmax", "rank"]}, names=names
    )
    assert shown(found.figure(units=["u01", "u05"])) == {"Emsland", "Hof"}


def test_b10_as_many_units_are_drawn_as_were_asked_for(figures):
    found = compose(one_year(figures), SPEC)
    assert len(shown(found.figure(n=10))) == 10


def test_b11_a_step_that_is_not_there_is_an_error_and_no_question(figures, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("a script must never wait"))
    with pytest.raises(Exception, match="treat") as caught:
        sensitivity(one_year(figures), SPEC, vary={"treat.winmax": [1, 2]})
    assert caught.type.__name__ in ("SpecificationError", "UnknownCodeError")


def test_b12_one_failed_run_leaves_the_indices_of_the_others(figures):
    vary = {
        "normalise": [Method("minmax", lower=1), Method("zscore", mean=0, sd=1)],
        "aggregate": ["arithmetic", Method("power", p=0.5)],
    }
    found = sensitivity(one_year(figures), SPEC, vary=vary)
    assert found.failures["n"].sum() == 1
    assert np.isfinite(found.indices[["first", "total"]].to_numpy()).all()


def test_b13_alternatives_are_drawn_alike_however_few_the_runs(figures):
    """COINr divides the range of the sample, not that from 0 to 1, among the alternatives."""
    bounds = [Method("minmax", lower=1), Method("minmax", lower=2), "rank", "percentile_rank"]
    found = sensitivity(
        one_year(figures), SPEC, vary={"normalise": bounds, "weights": 0.2}, n=16, seed=3
    )
    counts = found.runs["normalise"].iloc[:32].value_counts()
    assert counts.tolist() == [8, 8, 8, 8]


def test_b17_elements_can_be_removed_whatever_the_weights_come_from(figures):
    """COINr fails where weights were given by level."""
    spec = SPEC.with_weights({"a": 5, "p": 0.5})
    result = compose(one_year(figures), spec)
    removed = remove_one(result)
    for name in ("a", "b", "c"):
        without = compose(one_year(figures), spec.without(name)).ranks("index")["lage"]
        shift = (without - result.ranks("index")["lage"]).abs().mean()
        row = removed.table.set_index("element").loc[name]
        assert row["mean_shift"] == pytest.approx(shift)


def test_b20_one_unit_is_denominated_like_many(figures):
    one = one_year(figures).head(1)
    spec = SPEC.replace(normalise="none")
    stage = compose(one, spec).stage("denominate")
    assert stage["a"].iloc[0] == pytest.approx(one["a"].iloc[0] / one["einwohner"].iloc[0])


def test_b22_years_stay_with_their_rows_in_any_order(figures):
    gaps = figures.copy()
    gaps.loc[(gaps["year"] == 2020) & (gaps["unit"] == "u03"), "b"] = np.nan
    spec = SPEC.before("normalise", Step("impute", "linear"))
    shuffled = gaps.sample(frac=1, random_state=5)
    stage = compose(shuffled, spec).stage("impute")
    ordered = compose(gaps, spec).stage("impute")
    pd.testing.assert_frame_equal(ordered, stage.reindex(ordered.index))
    around = gaps[gaps["unit"] == "u03"].set_index("year")["b"]
    assert stage.loc[("u03", 2020), "b"] == pytest.approx((around[2019] + around[2021]) / 2)
