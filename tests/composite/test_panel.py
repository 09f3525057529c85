"""Several years: each for itself, pooled, against a base year; nothing is lost on a replay."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.errors import CompositeError, UnknownCodeError
from begleitforschung.frameworks import Method, Step


@pytest.fixture(scope="module")
def yearly(asem):
    """Screened and treated in each year, as the reference tables are."""
    steps = (
        Step("screen", Method("coverage", min_share=0.9)),
        Step("treat", "winsorise"),
        Step("normalise", "minmax"),
        Step("aggregate", "arithmetic"),
    )
    plain = tuple(dataclasses.replace(item, denominator=None) for item in asem.indicators)
    return asem.replace(steps=steps, indicators=plain)


def _pooled(spec):
    """Treat each year for itself, normalise over all years."""
    screen, treat, _, aggregate = spec.steps
    pooled = Step("normalise", "minmax", years="pooled")
    return spec.replace(steps=(screen, treat, pooled, aggregate))


@pytest.mark.parametrize(("kind", "variant"), [("peryear", lambda s: s), ("global", _pooled)])
def test_five_years_of_coinr(yearly, panel, ref, matches, kind, variant):
    result = compose(panel, variant(yearly))
    matches(result.stage("screen"), ref("panel/screened"))
    matches(result.stage("treat"), ref("panel/treated"))
    matches(result.stage("normalise"), ref(f"panel/normalised_{kind}"))
    matches(result.stage("aggregate"), ref(f"panel/aggregated_{kind}"))


def test_a_year_for_itself_needs_no_other_year(yearly, panel):
    whole = compose(panel, yearly)
    for year in (2018, 2022):
        alone = compose(panel, yearly, year=year)
        assert alone.years == (year,)
        only = panel[panel["year"] == year]
        assert alone.table.equals(compose(only, yearly).table)
        part = whole.table[whole.table["year"] == year].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone.table, part, check_categorical=False)


def test_pooled_years_are_pooled_even_where_one_is_asked_for(yearly, panel):
    spec = _pooled(yearly)
    whole = compose(panel, spec).scores().xs(2020, level="year")
    alone = compose(panel, spec, year=2020)
    assert alone.years == (2020,)
    pd.testing.assert_frame_equal(alone.scores().xs(2020, level="year"), whole)
    other = compose(panel[panel["year"] == 2020], spec).scores().xs(2020, level="year")
    assert (other["Index"] - whole["Index"]).abs().max() > 1


def test_a_base_year_makes_years_comparable(yearly, panel):
    spec = yearly.replace(years=2018).without_step("treat")
    result = compose(panel, spec)
    base = compose(panel, spec.replace(years="each"), year=2018).scores()
    pd.testing.assert_frame_equal(result.scores().loc[(slice(None), 2018), :], base)
    raw, normal = result.stage("screen"), result.stage("normalise")
    first = raw.xs(2018, level="year")["LPI"]
    wanted = 100 * (raw["LPI"] - first.min()) / (first.max() - first.min())
    np.testing.assert_allclose(normal["LPI"], wanted)
    assert normal["LPI"].max() > 100


def test_a_treatment_is_decided_in_the_base_year(yearly, panel):
    result = compose(panel, yearly.replace(years=2018))
    treatments = result.treatments
    assert set(treatments["years"]) == {"2018–2022"}
    bounds = treatments.set_index("indicator")["upper"].dropna()
    assert len(bounds) > 5
    treated = result.stage("treat")
    for name, upper in bounds.items():
        assert treated[name].max() <= upper


def test_an_unknown_base_year_names_those_there_are(yearly, panel):
    with pytest.raises(CompositeError, match=r"2010 .*2018, 2019, 2020, 2021, 2022"):
        compose(panel, yearly.replace(years=2010))
    with pytest.raises(UnknownCodeError, match="2017"):
        compose(panel, yearly, year=2017)


def test_a_pooled_panel_is_replayed_and_varied(yearly, panel):
    """COINr can't rebuild a panel that is normalised over all years (its defect B19)."""
    spec = _pooled(yearly)
    first, again = compose(panel, spec), compose(panel, spec.replace())
    pd.testing.assert_frame_equal(first.table, again.table)
    varied = compose(panel, spec.without("LPI").with_step("treat", winmax=1))
    assert set(varied.years) == set(first.years)
    assert "LPI" not in varied.stage("normalise")


def test_years_are_not_mixed_up_by_the_order_of_rows(yearly, panel):
    shuffled = panel.sample(frac=1, random_state=3)
    first = compose(panel, _pooled(yearly)).scores().sort_index()
    second = compose(shuffled, _pooled(yearly)).scores().sort_index()
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize(
    ("method", "table"),
    [
        (Method("latest"), "latest"),
        (Method("latest", limit=1), "latest_maxtime1"),
        (Method("constant"), "constant"),
        (Method("linear"), "linear"),
        (Method("linear_constant"), "linear_constant"),
    ],
)
def test_panel_imputation(plain, ref, matches, method, table):
    holes = ref("impute/panel_input").rename(columns={"uCode": "unit", "Time": "year"})
    spec = plain.before("aggregate", Step("impute", method))
    result = compose(holes.sample(frac=1, random_state=1), spec)
    matches(result.stage("impute"), ref(f"impute/panel_{table}"))
    later = compose(holes, spec, year=2022).stage("impute").sort_index()
    whole = result.stage("impute").xs(2022, level="year", drop_level=False).sort_index()
    pd.testing.assert_frame_equal(later, whole)


def test_weights_of_each_year(yearly, panel):
    spec = yearly.before("aggregate", Step("weight", "entropy"))
    spec = spec.with_step("normalise", lower=1)
    weights = compose(panel, spec).weights.pivot(index="element", columns="year", values="weight")
    below = weights.loc[["LPI", "Flights", "Ship"]]
    assert (below.nunique(axis=1) > 1).all()
    pooled = compose(panel, spec.replace(years="pooled")).weights
    assert (pooled.groupby("element")["weight"].nunique() == 1).all()
    result = compose(panel, spec)
    np.testing.assert_allclose(
        result.contributions().sum(axis=1), result.scores()["Index"], rtol=1e-12
    )
