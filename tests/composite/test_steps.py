"""Single steps within an index: imputation, treatment, normalisation, functions of the user."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.errors import CompositeError, UnknownCodeError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step

PILLARS = ("Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin")


def final(result):
    """Return the values of the indicators after the last step before the aggregation."""
    return result.stages[-2].frame()


@pytest.fixture(scope="module")
def denominated(ref):
    table = ref("impute/00_input_denominated").rename(columns={"uCode": "unit"})
    groups = ref("impute/00_groups").rename(columns={"uCode": "unit"})
    return table.merge(groups, on="unit")


@pytest.fixture(scope="module")
def directed(asem):
    """The ASEM tree with directions and without denominators."""
    items = tuple(dataclasses.replace(item, denominator=None) for item in asem.indicators)
    return asem.replace(indicators=items, steps=(Step("aggregate", "arithmetic"),))


@pytest.mark.parametrize(
    ("method", "table"),
    [
        (Method("mean"), "col_i_mean"),
        (Method("median"), "col_i_median"),
        (Method("group_mean", group="EurAsia_group"), "col_i_mean_grp_EurAsia"),
        (Method("group_median", group="EurAsia_group"), "col_i_median_grp_EurAsia"),
        (Method("group_mean", group="GDP_group"), "col_i_mean_grp_GDP"),
        (Method("row_mean"), "row_i_mean_normfirst"),
        (Method("row_median"), "row_i_median_normfirst"),
        (Method("row_mean", within=("Conn", "Sust")), "row_i_mean_subindex_normfirst"),
        (
            Method("row_mean", within=PILLARS),
            "row_i_mean_pillar_normfirst",
        ),
    ],
)
def test_imputation(directed, denominated, ref, matches, method, table):
    result = compose(denominated, directed.before("aggregate", Step("impute", method)), year=2018)
    wanted = ref(f"impute/{table}")
    matches(final(result), wanted)
    marks = result.marks
    assert set(marks["mark"]) == {"ergänzt"}
    names = [item.id for item in directed.indicators]
    before = denominated.set_index("unit")[names].isna()
    after = wanted.set_index("uCode")[names].isna()
    assert len(marks) == (before & ~after).to_numpy().sum()


@pytest.fixture(scope="module")
def short(directed):
    """Two pillars with gaps, few enough for a regression of each on all others."""
    return directed.without("Political", "Instit", "P2P", "Environ", "Social", "Physical")


@pytest.mark.parametrize("method", [Method("knn"), Method("iterative", rounds=25)])
def test_learnt_imputation_fills_all_and_changes_nothing_else(short, denominated, method):
    spec = short.before("aggregate", Step("impute", method))
    result = compose(denominated, spec, year=2018)
    raw, found = result.stage("raw"), final(result)
    assert raw.isna().any(axis=None)
    assert found.notna().all(axis=None)
    there = raw.notna()
    pd.testing.assert_frame_equal(found.where(there), raw)
    assert len(result.marks) == (~there).to_numpy().sum()
    again = compose(denominated, spec.with_weights({"FDI": 2}), year=2018)
    pd.testing.assert_frame_equal(final(again), found)
    # No unit of measure has an influence.
    larger = denominated.assign(FDI=denominated["FDI"] * 1e6)
    other = final(compose(larger, spec, year=2018))
    names = [name for name in found if name != "FDI"]
    np.testing.assert_allclose(other[names], found[names], rtol=1e-6)


def test_an_unsettled_iteration_is_told(short, denominated):
    spec = short.before("aggregate", Step("impute", Method("iterative", rounds=1)))
    rules = [item.rule for item in compose(denominated, spec, year=2018).findings]
    assert "index.iteration" in rules


def test_an_indicator_is_imputed_by_its_own_method(directed, denominated):
    spec = directed.before("aggregate", Step("impute", "mean")).with_element("Pat", impute="median")
    result = compose(denominated, spec, year=2018)
    raw, found = result.stage("raw"), result.stage("impute")
    gaps = raw["Pat"].isna()
    assert gaps.any()
    assert (found.loc[gaps, "Pat"] == raw["Pat"].median()).all()
    others = raw["Research"].isna() | raw["TBTs"].isna()
    assert (found.loc[raw["TBTs"].isna(), "TBTs"] == raw["TBTs"].mean()).all()
    assert others.any()


def test_groupings_that_are_not_there_are_named(directed, denominated):
    spec = directed.before("aggregate", Step("impute", Method("group_mean", group="EurAsia")))
    with pytest.raises(UnknownCodeError, match="EurAsia_group"):
        compose(denominated, spec, year=2018)


@pytest.mark.parametrize(
    ("method", "table"),
    [
        (Method("winsorise"), "raw_default"),
        (Method("winsorise", winmax=1), "raw_winmax1"),
        (Method("winsorise", winmax=3), "raw_winmax3"),
        (Method("winsorise", winmax=None), "raw_winmax_unlimited"),
        (Method("winsorise", winmax=2, combine=True), "raw_combine"),
        (Method("log_ct"), "raw_nowin_log_CT"),
        (Method("log_ct_plus"), "raw_nowin_log_CT_plus"),
        (Method("log_ct_orig"), "raw_nowin_log_CT_orig"),
    ],
)
def test_treatment_of_raw_data(directed, countries, ref, matches, method, table):
    spec = directed.before("aggregate", Step("treat", method))
    matches(compose(countries, spec).stage("treat"), ref(f"treat/{table}"))


def test_own_treatment_of_an_indicator(directed, countries):
    spec = directed.before("aggregate", Step("treat", "winsorise"))
    spec = spec.with_element("Flights", treat="log_ct").with_element("Bord", treat="none")
    result = compose(countries, spec)
    told = result.treatments.set_index("indicator")
    assert told.loc["Flights", "transforms"] == "log_ct"
    assert told.loc["Bord", ["high", "low", "transforms"]].tolist() == [0, 0, ""]
    pd.testing.assert_series_equal(result.stage("treat")["Bord"], result.stage("raw")["Bord"])


def test_steps_repeat(directed, countries):
    """COINr logs one entry per kind of step, so two treatments can't be replayed (its B16)."""
    spec = directed.before(
        "aggregate",
        Step("treat", Method("winsorise", winmax=1, fallback="none")),
        Step("treat", Method("log_ct")),
        Step("normalise", "minmax"),
        Step("normalise", "zscore", name="z"),
    )
    assert spec.stages == ("treat", "treat_2", "normalise", "z", "aggregate")
    result = compose(countries, spec)
    again = compose(countries, spec.replace())
    pd.testing.assert_frame_equal(result.table, again.table)
    assert set(result.treatments["stage"]) == {"treat", "treat_2"}
    normal, z = result.stage("normalise"), result.stage("z")
    # The direction is applied once, by the first of the two.
    np.testing.assert_allclose(z, (normal - normal.mean()) / normal.std(), rtol=1e-9)
    without = compose(countries, spec.without_step("treat"))
    assert not without.scores().equals(result.scores())


def test_two_aggregations_leave_two_stages(directed, countries):
    spec = directed.before("aggregate", Step("normalise", "minmax"), Step("aggregate", "minimum"))
    result = compose(countries, spec)
    assert spec.stages == ("normalise", "aggregate", "aggregate_2")
    minimum, mean = result.stage("aggregate"), result.stage("aggregate_2")
    assert (minimum["Index"] <= mean["Index"]).all()
    assert result.scores()["Index"].equals(mean["Index"])


@pytest.mark.parametrize(
    ("method", "table"),
    [
        (Method("minmax", lower=1), "n_minmax_1_100"),
        (Method("zscore", mean=10, sd=2), "n_zscore_10_2"),
        (Method("dist2max"), "n_dist2max"),
        (Method("dist2targ", cap=False), "n_dist2targ_iMeta_nocap"),
        (Method("dist2targ"), "n_dist2targ_iMeta_cap"),
        (Method("rank"), "n_rank_min"),
        (Method("rank", ties="average"), "n_rank_average"),
        (Method("borda"), "n_borda"),
        (Method("percentile_rank"), "n_prank"),
        (Method("none"), "none"),
        (Method("goalposts"), "n_goalposts_iMeta"),
    ],
)
def test_normalisation(directed, ref, matches, method, table):
    data = ref("normalise/00_input_treated").rename(columns={"uCode": "unit"})
    posts = ref("normalise/00_goalposts").set_index("iCode")
    items = tuple(
        dataclasses.replace(
            item,
            goalposts=(posts.loc[item.id, "goalpost_lower"], posts.loc[item.id, "goalpost_upper"]),
        )
        for item in directed.indicators
    )
    spec = directed.replace(indicators=items).before("aggregate", Step("normalise", method))
    matches(compose(data, spec, year=2018).stage("normalise"), ref(f"normalise/{table}"))


@pytest.mark.parametrize(
    ("method", "table", "rule"),
    [
        (Method("dist2ref", unit="AUS"), "n_dist2ref_1", "index.reference"),
        (Method("dist2ref", unit="AUS", cap=True), "n_dist2ref_1_cap", "index.reference"),
        (Method("fracmax"), "n_fracmax", "index.reversed"),
    ],
)
def test_indicators_for_which_a_normalisation_has_no_meaning(
    directed, ref, matches, method, table, rule
):
    """COINr returns NaN, Inf or the reverse order for them."""
    data = ref("normalise/00_input_treated").rename(columns={"uCode": "unit"})
    spec = directed.before("aggregate", Step("normalise", method))
    with pytest.raises(CompositeError) as caught:
        compose(data, spec, year=2018)
    assert rule in {item.rule for item in caught.value.findings}
    bad = {item.column for item in caught.value.findings}
    wanted = ref(f"normalise/{table}").drop(columns=list(bad))
    matches(compose(data, spec.without(*bad), year=2018).stage("normalise"), wanted)


PAIR = IndexSpec(
    id="i",
    indicators=(
        IndicatorSpec(id="up", parent="i"),
        IndicatorSpec(id="down", parent="i", direction="lower"),
    ),
    nodes=(NodeSpec(id="i"),),
)
FRAME = pd.DataFrame(
    {"up": [0.0, 5.0, 20.0, 30.0], "down": [30.0, 20.0, 5.0, 0.0]}, index=list("WXYZ")
)


@pytest.mark.parametrize(
    "method",
    [
        Method("bands", bounds=[10, 20], scores=[0, 50, 100]),
        Method("bands", quantiles=[0.5], scores=[0, 1]),
        Method("bands", scores=[1, 2]),
        Method("goalposts", lower=5, upper=20),
        Method("goalposts", lower=5, upper=20, clip=False),
        Method("scaled", lower=0, upper=30),
        Method("ampi"),
        Method("minmax"),
        Method("rank"),
    ],
)
def test_what_is_stated_in_units_of_the_indicator_turns_with_its_direction(method):
    """An indicator and its mirror image with the other direction get the same scores."""
    mirrored = FRAME.assign(down=30 - FRAME["up"])
    if "bounds" in method.parameters:
        mirrored = FRAME.assign(down=30 - FRAME["up"] - 1e-9)
    found = compose(mirrored, PAIR.replace(normalise=method), year=2020).stage("normalise")
    if method.name in ("bands", "minmax", "rank", "ampi"):
        np.testing.assert_allclose(found["up"], found["down"])
    else:
        assert found["down"].is_monotonic_increasing
    assert found["up"].is_monotonic_increasing


def test_goalposts_of_an_indicator_of_which_less_is_better():
    spec = PAIR.replace(normalise=Method("goalposts", lower=5, upper=20))
    found = compose(FRAME, spec, year=2020).stage("normalise").droplevel("year")
    assert found["down"].tolist() == [0, 0, 100, 100]
    assert found["up"].tolist() == [0, 0, 100, 100]


def test_each_indicator_by_its_own_method():
    spec = PAIR.with_element("down", normalise=Method("goalposts", lower=0, upper=60))
    found = compose(FRAME, spec, year=2020).stage("normalise").droplevel("year")
    assert found["down"].tolist() == pytest.approx([50, 200 / 3, 55 / 0.6, 100])
    assert found["up"].tolist() == pytest.approx([0, 50 / 3, 200 / 3, 100])


def test_functions_of_the_user():
    def half(x, by=2):
        return x / by

    def product(x, w):
        return np.prod(x**w, axis=1)

    spec = PAIR.replace(
        steps=(
            Step("treat", Method("custom", function=np.sqrt)),
            Step("normalise", Method("custom", function=half, by=10)),
            Step("weight", Method("custom", function=lambda x: x.mean(axis=0) ** 0)),
            Step("aggregate", Method("custom", function=product)),
        ),
        indicators=(PAIR.indicators[0],),
    )
    found = compose(FRAME, spec, year=2020)
    np.testing.assert_allclose(found.scores()["i"], np.sqrt(FRAME["up"]) / 10)
    marks = found.marks
    assert set(marks["mark"]) == {"transformiert"}
    assert set(marks["unit"]) == {"X", "Y", "Z"}  # the root of 0 is 0


def test_a_function_sees_the_reference_if_it_asks_for_it():
    def relative(x, reference):
        return x / np.nanmean(reference)

    two = pd.concat([FRAME.assign(year=2020), (FRAME * 2).assign(year=2021)])
    spec = PAIR.replace(normalise=relative, years=2020)
    found = compose(two, spec).stage("normalise")
    np.testing.assert_allclose(found["up"], two["up"] / FRAME["up"].mean())


@pytest.mark.parametrize(
    ("kind", "function", "words"),
    [
        ("normalise", lambda x: x[:2], "4,\\) out|2,\\) out"),
        ("impute", lambda x: x + 1, "must leave the values"),
        ("aggregate", lambda x, w: x, "one score for each unit"),
        ("weight", lambda x: -x.mean(axis=0) - 1, "must be numbers >= 0"),
    ],
)
def test_functions_that_break_their_promise(kind, function, words):
    steps = [Step("aggregate", "arithmetic")]
    steps[0 if kind == "aggregate" else slice(0, 0)] = (
        Step(kind, function) if kind == "aggregate" else [Step(kind, function)]
    )
    with pytest.raises(CompositeError, match=words):
        compose(FRAME, PAIR.replace(steps=tuple(steps)), year=2020)


def test_a_step_on_the_whole_table():
    def without_x(table):
        assert table.index.names == ["unit", "year"]
        return table.drop(index="X", level="unit") * 2

    spec = PAIR.before("normalise", Step("custom", without_x))
    result = compose(FRAME, spec, year=2020)
    assert result.units == ("W", "Y", "Z")
    assert result.stage("custom")["up"].tolist() == [0, 40, 60]


@pytest.mark.parametrize("function", [lambda t: t[["up"]], lambda t: t.to_numpy(), lambda t: 1])
def test_a_step_on_the_whole_table_keeps_its_columns(function):
    with pytest.raises(CompositeError, match="same columns"):
        compose(FRAME, PAIR.before("normalise", Step("custom", function)), year=2020)


def test_screening_within_nodes_and_by_name():
    gaps = pd.DataFrame(
        {"up": [1, np.nan, 2, 3], "down": [1, 2, np.nan, np.nan]}, index=list("WXYZ")
    )
    spec = IndexSpec(
        id="i",
        indicators=(IndicatorSpec(id="up", parent="a"), IndicatorSpec(id="down", parent="i")),
        nodes=(NodeSpec(id="a", parent="i"), NodeSpec(id="i")),
        steps=(Step("screen", Method("coverage", min_share=0.5)), Step("aggregate", "arithmetic")),
    )
    assert compose(gaps, spec, year=2020).units == ("W", "X", "Y", "Z")
    assert compose(gaps, spec.with_step("screen", within=["a"]), year=2020).units == ("W", "Y", "Z")
    forced = spec.with_step("screen", min_share=0.9, include=["Z"], exclude=["W"])
    result = compose(gaps, forced, year=2020)
    assert result.units == ("Z",)
    assert result.screened.set_index("unit")["kept"].to_dict() == {
        "W": False,
        "X": False,
        "Y": False,
        "Z": True,
    }
    with pytest.raises(UnknownCodeError, match="'V'"):
        compose(gaps, spec.with_step("screen", include=["V"]), year=2020)
    with pytest.raises(CompositeError, match="no unit has enough values"):
        compose(gaps, spec.with_step("screen", exclude=list("WXYZ")), year=2020)
