"""compare(): who is compared with whom, at which level, and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from begleitforschung.comparison import compare
from begleitforschung.errors import (
    ComparisonError,
    DisclosureError,
    UnknownCodeError,
    ValidationError,
)
from begleitforschung.kpis import compute_kpis
from begleitforschung.regions import programme
from begleitforschung.tables import Indicator, indicators

POPULATION = Indicator(id="pop", title={"de": "Bevölkerung", "en": "Population"}, aggregation="sum")
RATE = Indicator(
    id="rate",
    title={"de": "Quote", "en": "Rate"},
    unit_of_measure="%",
    direction="higher",
    aggregation="mean",
    weight="pop",
    exposure="pop",
    decimals=1,
)
COUNTIES = programme.county_status()


def county_frame():
    """All 400 counties: made-up figures that follow from the position of the key."""
    place = np.arange(len(COUNTIES))
    return pd.DataFrame(
        {"unit": COUNTIES["unit"], "year": 2021, "pop": 50_000.0 + place, "rate": place % 7}
    )


def table_of(frame, meanings=(POPULATION, RATE)):
    return indicators(frame, indicators=meanings, gebietsstand="2021-12-31")


@pytest.fixture(scope="module")
def counties():
    return table_of(county_frame())


@pytest.fixture(scope="module")
def small():
    """Four counties and Germany."""
    frame = pd.DataFrame(
        {
            "unit": ["01001", "01002", "08421", "14612", "DG"],
            "year": 2021,
            "pop": [100.0, 300.0, 200.0, 400.0, 9000.0],
            "rate": [2.0, 6.0, 4.0, math.nan, 5.0],
        }
    )
    return table_of(frame)


def row(comparison, group, indicator="rate", year=2021):
    table = comparison.table
    found = table[
        (table["group"] == group) & (table["indicator"] == indicator) & (table["year"] == year)
    ]
    assert len(found) == 1
    return found.iloc[0]


# Groups ----------------------------------------------------------------------------------------


def test_three_groups_of_counties_never_two(counties):
    result = compare(counties, by="mpsc", indicators="rate")
    assert result.table["group"].tolist() == ["funded", "contains", "untouched"]
    assert result.table["n"].tolist() == [51, 33, 316]
    assert result.table["apart"].tolist() == [False, True, False]
    assert result.table["reference_n"].tolist() == [367, 367, 367]
    assert math.isnan(row(result, "contains")["difference"])
    assert result.own == (42, 73)


def test_what_is_compared_with_the_rest_leaves_merely_containing_counties_out(counties):
    result = compare(counties, by="mpsc", against="rest", indicators="rate")
    assert row(result, "funded")["reference_n"] == 316
    assert row(result, "untouched")["reference_n"] == 51
    untouched = COUNTIES.loc[COUNTIES["status"] == "untouched", "unit"]
    frame = county_frame().set_index("unit")["rate"]
    assert row(result, "funded")["reference_mean"] == pytest.approx(frame[untouched].mean())
    assert row(result, "funded")["reference_sd"] == pytest.approx(frame[untouched].std())


def test_shares_of_funded_municipalities_come_from_municipal_figures():
    contains = COUNTIES[COUNTIES["status"] == "contains"].iloc[0]
    funded = contains["members"].split(";")
    other = contains["unit"] + "997"
    frame = pd.DataFrame({"unit": [*funded, other], "year": 2021, "pop": 10.0})
    people = indicators(frame, indicators=[POPULATION], gebietsstand="2021-12-31")
    counties = table_of(county_frame())
    result = compare(counties, by="mpsc", indicators="rate", population=people)
    member = result.members.set_index("unit").loc[contains["unit"]]
    assert member["share"] == pytest.approx(len(funded) / (len(funded) + 1))
    assert result.members.loc[~result.members["apart"], "share"].isna().all()
    with pytest.raises(ComparisonError, match="one indicator"):
        compare(counties, by="mpsc", population=counties)
    with pytest.raises(ComparisonError, match="by='mpsc' only"):
        compare(counties, by="kreistyp", population=people)


def test_municipal_figures_in_the_same_table_give_shares_and_no_second_level():
    contains = COUNTIES[COUNTIES["status"] == "contains"].iloc[0]
    keys = [*contains["members"].split(";"), contains["unit"] + "997"]
    towns = pd.DataFrame({"unit": keys, "year": 2021, "pop": 5.0})
    frame = pd.concat([county_frame(), towns])
    table = table_of(frame.melt(["unit", "year"], var_name="indicator").dropna())
    result = compare(table, by="mpsc", indicators="rate", population="pop")
    share = result.members.set_index("unit").loc[contains["unit"], "share"]
    assert share == pytest.approx(1 - 1 / len(keys))
    assert result.table["n"].tolist() == [51, 33, 316]
    with pytest.raises(ComparisonError, match="2 levels"):
        compare(table, by="mpsc", indicators="pop")


def test_medians_of_shares_from_the_register_of_municipalities(shared):
    path = shared / "data" / "panels" / "gv_gemeinde_panel_1994_2024.csv.gz"
    panel = pd.read_csv(path, dtype={"ags": str}, encoding="utf-8")
    panel = panel[panel["stichtag"] == "2021-12-31"]
    frame = pd.DataFrame({"unit": panel["ags"], "year": 2021, "pop": panel["bev_insg"]})
    people = indicators(frame, indicators=[POPULATION], gebietsstand="2021-12-31")
    result = compare(people.aggregate("kreis"), by="mpsc", population=people)
    shares = result.members.loc[result.members["apart"], "share"]
    assert shares.notna().sum() == 33
    assert round(100 * shares.median()) == 16
    assert "16\xa0%" in " ".join(result.display().notes)


def test_42_of_73_projects_have_figures_of_their_own(counties):
    result = compare(counties, by="staffel", indicators="rate")
    table = result.table
    assert (table["n"] + table["missing"]).tolist() == [13, 32, 28]
    assert table["n"].sum() == 42
    assert result.own == (42, 73)
    assert set(table["level"]) == {"kreis"}
    assert set(result.members.loc[result.members["value"].isna(), "basis"]) == {"none"}


def test_a_figure_of_the_county_is_never_that_of_a_municipality_in_it(counties):
    own = compare(counties, by="staffel", indicators="rate").members.set_index("unit")
    assert math.isnan(own.loc["S1-09", "value"])  # Amt Süderbrarup in county 01059
    lent = compare(counties, by="staffel", indicators="rate", via="surrounding")
    around = lent.members.set_index("unit")
    county = county_frame().set_index("unit")["rate"]["01059"]
    assert around.loc["S1-09", ["value", "basis", "level"]].tolist() == [
        county,
        "surrounding",
        "kreis",
    ]
    assert (around["basis"] == "own").sum() == 42
    assert lent.table["surrounding"].sum() == 30
    assert lent.table["n"].sum() == 72  # no member of S3-28 is known


def test_projects_of_one_unit_take_its_figure_and_of_several_their_mean(counties):
    result = compare(counties, by="programm_kategorie", indicators=["rate", "pop"])
    members = result.members.pivot(index="unit", columns="indicator", values="value")
    frame = county_frame().set_index("unit")
    assert members.loc["S1-01"].tolist() == frame.loc["05122", ["pop", "rate"]].tolist()
    units = programme.project_units("kreis")
    status = programme.own_level_status("kreis")
    many = units.groupby("project")["unit"].agg(list)
    project = next(p for p in many.index if len(many[p]) > 1 and status[p] == "own")
    part = frame.loc[many[project]]
    assert members.loc[project, "pop"] == part["pop"].sum()
    expected = np.average(part["rate"], weights=part["pop"])
    assert members.loc[project, "rate"] == pytest.approx(expected)


def test_without_a_rule_projects_of_several_units_have_no_figure():
    plain = Indicator(id="rate", title="Quote")
    frame = county_frame()[["unit", "year", "rate"]]
    result = compare(table_of(frame, [plain]), by="staffel")
    assert 0 < result.table["n"].sum() < 42
    assert "compare.no_rule" in {item.rule for item in result.findings}


def test_projects_from_figures_of_municipalities():
    members = programme.members()
    keys = members.loc[members["level"] == "gemeinde", "unit"].unique()
    frame = pd.DataFrame({"unit": [*keys, "09479111"], "year": 2021, "pop": 10.0})
    table = indicators(frame, indicators=[POPULATION], gebietsstand="2024-12-31")
    result = compare(table, by="staffel")
    figures = result.members.set_index("unit")
    assert figures.loc["S1-09", "value"] == 130.0  # 13 municipalities of the Amt
    assert figures.loc["S1-13", "value"] == 10.0  # county 09479: the municipality held of it
    assert figures.loc["S1-13", "level"] == "gemeinde"
    with pytest.raises(ComparisonError, match="only counties surround"):
        compare(table, by="staffel", via="surrounding")


def test_figures_of_projects_are_compared_as_they_are():
    frame = pd.DataFrame({"unit": ["S1-01", "S1-02", "S2-01"], "year": 2021, "x": [1.0, 3.0, 8.0]})
    result = compare(frame, by="staffel", against="rest")
    assert result.table["n"].tolist() == [2, 1, 0]
    assert row(result, "1", "x")["difference"] == -6.0
    by_land = compare(frame, by="bundesland")
    assert set(by_land.table["group"]) == set(programme.projects()["bundesland"].unique())


@pytest.mark.parametrize(
    ("by", "options", "groups"),
    [
        ("bundesland", {}, 16),
        ("kreistyp", {}, 4),
        ("east_west", {"berlin": "west"}, 2),
        ("east_west", {"berlin": "own"}, 3),
        ("groessenklasse_kgst_kreis", {"population": "pop"}, 3),
        ("typ", {}, 5),
        ("startphase", {}, 2),
    ],
)
def test_ways_of_grouping(counties, by, options, groups):
    result = compare(counties, by=by, indicators="rate", **options)
    assert len(result.table) == len(result.labels) == groups
    assert all(text.get("de") for text in result.labels.values())


def test_berlin_moves_between_east_and_west(counties):
    east = compare(counties, by="east_west", berlin="east", indicators="rate").table["n"].tolist()
    west = compare(counties, by="east_west", berlin="west", indicators="rate").table["n"].tolist()
    assert east == [west[0] - 1, west[1] + 1]
    with pytest.raises(ComparisonError, match="berlin='east'"):
        compare(counties, by="east_west")


def test_size_classes_follow_the_population_of_each_year():
    frame = pd.DataFrame(
        {
            "unit": ["01051001", "01051002"] * 2,
            "year": [2020, 2020, 2021, 2021],
            "pop": [19_999.0, 150_000.0, 20_000.0, 150_000.0],
        }
    )
    table = indicators(frame, indicators=[POPULATION], gebietsstand="2021-12-31")
    result = compare(table, by="groessenklasse", population="pop")
    counts = result.table.pivot(index="year", columns="group", values="n")
    assert counts["mittelstadt"].tolist() == [0, 1]
    assert counts["kleinstadt_landgemeinde"].tolist() == [1, 0]
    with pytest.raises(ComparisonError, match="population=…"):
        compare(table, by="groessenklasse")
    other = compare(
        table, by="groessenklasse", classes="groessenklasse_statistik", population="pop"
    )
    assert len(other.labels) == 5


def test_groups_of_ones_own_and_units_without_one(small):
    groups = pd.Series(
        pd.Categorical(["x", "x", "y"], categories=["y", "x", "z"]),
        index=["01001", "01002", "08421"],
        name="Gruppe X",
    )
    result = compare(small, by=groups, indicators="rate")
    assert result.title.de == "Gruppe X"
    assert result.table["group"].tolist() == ["y", "x", "z"]
    assert result.table["n"].tolist() == [1, 2, 0]
    assert [f.n for f in result.findings if f.rule == "compare.no_group"] == [1]


# References and weights -----------------------------------------------------------------------


def test_against_germany_by_its_names(small):
    groups = {"01001": "a", "01002": "a", "08421": "b"}
    for name in ("DG", "deutschland"):
        result = compare(small, by=groups, against=name, indicators="rate")
        assert result.table["difference"].tolist() == [-1.0, -1.0]
        assert result.reference.de == "Deutschland"
    assert "DG" not in set(result.members["unit"])


def test_the_sum_of_germany_is_no_yardstick_for_counties(small):
    result = compare(small, by={"01001": "a", "01002": "a"}, against="DG")
    assert math.isnan(row(result, "a", "pop")["difference"])
    assert row(result, "a", "rate")["difference"] == -1.0
    found = [f.key for f in result.findings if f.rule == "compare.sum_of_larger_unit"]
    assert found == ["pop"]


def test_a_group_shown_apart_is_no_reference(counties):
    with pytest.raises(ComparisonError, match="shown apart"):
        compare(counties, by="mpsc", against="contains")


def test_against_a_group_by_code_or_label(counties):
    code = compare(counties, by="mpsc", against="untouched", indicators="rate").table
    label = compare(counties, by="mpsc", against="Unberührt", indicators="rate").table
    pd.testing.assert_frame_equal(code, label)
    assert code["reference_n"].tolist() == [316] * 3


def test_weighted_means_use_the_weight_of_the_indicator_or_the_one_named(small):
    groups = dict.fromkeys(["01001", "01002", "08421", "14612"], "all")
    result = compare(small, by=groups)
    assert row(result, "all")["weighted_mean"] == pytest.approx((200 + 1800 + 800) / 600)
    assert row(result, "all")["missing"] == 1
    assert math.isnan(row(result, "all", "pop")["weighted_mean"])
    named = compare(small, by=groups, weight="pop")
    assert row(named, "all", "pop")["weighted_mean"] == pytest.approx(300_000 / 1000)


# Ranks ------------------------------------------------------------------------------------------


def test_ranks_are_listed_by_group_and_leave_small_units_out(small):
    groups = {"01001": "b", "01002": "b", "08421": "a", "14612": "a"}
    ranks = compare(small, by=groups, indicators="rate", min_exposure=150).ranks()
    assert ranks["unit"].tolist() == ["01001", "01002", "08421", "14612"]
    assert ranks["flag"].tolist() == ["below_exposure", "", "", "missing"]
    assert ranks["rank"].tolist() == [pd.NA, 1, 2, pd.NA]


def test_unknown_exposure_gives_no_rank_where_one_is_asked_for(small):
    table = small.select(indicators="rate").describe(
        RATE.model_copy(update={"min_exposure": 150.0, "weight": "pop"})
    )
    ranks = compare(table, by={"01001": "a", "01002": "a"}, indicators="rate").ranks()
    assert set(ranks["flag"]) == {"exposure_unknown", "no_group", "missing"}
    assert ranks["rank"].isna().all()


def test_ranks_need_a_direction_and_one_indicator(small):
    groups = {"01001": "a", "01002": "b"}
    result = compare(small, by=groups)
    with pytest.raises(UnknownCodeError, match="name one"):
        result.ranks()
    with pytest.raises(ComparisonError, match="direction='higher' or 'lower'"):
        result.ranks("pop")
    lower = result.ranks("pop", direction="lower").set_index("unit")["rank"]
    assert lower["01001"] == 1


def test_counties_shown_apart_have_no_rank(counties):
    ranks = compare(counties, by="mpsc", indicators="rate").ranks()
    assert (ranks["flag"] == "apart").sum() == 33
    assert ranks.loc[ranks["flag"] == "apart", "rank"].isna().all()


# Provenance, trace, refusals -----------------------------------------------------------------


def test_every_number_leads_to_file_and_row():
    frame = county_frame().melt(["unit", "year"], var_name="indicator", value_name="value")
    frame = frame.assign(file="kreise.csv", row=np.arange(len(frame)) + 2)
    table = table_of(frame)
    result = compare(table, by="staffel", indicators="rate")
    trace = result.trace()
    assert set(trace["file"]) == {"kreise.csv"}
    given = frame.set_index(["unit", "indicator"])["row"]
    used = trace.set_index(["unit", "indicator"])["row"]
    assert (given.loc[used.index] == used).all()
    assert len(trace["of"].unique()) == 42 + 2  # two projects have part of their members


def test_provenance_holds_the_way_and_all_sources(counties):
    result = compare(counties, by="kreistyp", indicators="rate")
    assert result.provenance.operation == "compare"
    assert counties.provenance in result.provenance.steps()
    titles = " ".join(source.title for source in result.provenance.sources())
    assert "Kreistyp" in titles
    again = compare(counties, by="kreistyp", indicators="rate")
    assert again.provenance.fingerprint == result.provenance.fingerprint
    other = compare(counties, by="kreistyp", indicators="rate", against="rest")
    assert other.provenance.fingerprint != result.provenance.fingerprint


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"by": "kreistypp"}, UnknownCodeError, "Did you mean 'kreistyp'"),
        ({"by": "kreistyp", "against": "DG"}, UnknownCodeError, "'DG'"),
        ({"by": "kreistyp", "indicators": "rates"}, UnknownCodeError, "Did you mean 'rate'"),
        ({"by": "kreistyp", "weight": "pops"}, UnknownCodeError, "Did you mean 'pop'"),
        ({"by": "kreistyp", "year": 1999}, UnknownCodeError, "years"),
        ({"by": "kreistyp", "level": "gemeinde"}, UnknownCodeError, "levels of the table"),
        ({"by": "kreistyp", "via": "surrounding"}, ComparisonError, "projects only"),
        ({"by": "groessenklasse", "population": "pop"}, ComparisonError, "level gemeinde"),
        ({"by": {"99999": "a"}}, ComparisonError, "none of the units"),
    ],
)
def test_what_makes_no_sense_is_refused(counties, options, error, message):
    with pytest.raises(error, match=message):
        compare(counties, **options)


def test_mixed_levels_and_dates_are_refused():
    frame = pd.DataFrame({"unit": ["01001", "01051001"], "year": 2021, "x": [1.0, 2.0]})
    with pytest.raises(ComparisonError, match="2 levels"):
        compare(frame, by="bundesland")
    assert compare(frame, by="bundesland", level="kreis").table["n"].sum() == 1
    dated = pd.DataFrame(
        {
            "unit": ["01001", "01001"],
            "year": 2021,
            "indicator": "x",
            "value": [1.0, 2.0],
            "date": ["2021-01-01", "2021-07-01"],
        }
    )
    with pytest.raises(ComparisonError, match="several dates"):
        compare(dated, by="bundesland")


def test_three_groups_are_for_counties_only():
    frame = pd.DataFrame({"unit": ["01051001"], "year": 2021, "x": [1.0]})
    with pytest.raises(ComparisonError, match="level kreis"):
        compare(frame, by="mpsc")


def test_other_things_are_refused():
    with pytest.raises(ComparisonError, match="not list"):
        compare([1, 2], by="mpsc")
    with pytest.raises(ValidationError):
        compare(pd.DataFrame({"x": [1]}), by="mpsc")


def test_negative_weights_are_refused(small):
    frame = small.to_frame().astype({"unit": "str", "indicator": "str", "status": "str"})
    frame.loc[frame["indicator"] == "pop", "value"] *= -1
    with pytest.raises(ComparisonError, match="weight is negative"):
        compare(table_of(frame), by="bundesland", indicators="rate")


def test_a_result_is_frozen_and_knows_what_was_asked(counties):
    result = compare(counties, by="mpsc", indicators="rate", against="rest")
    assert result.specification["by"] == "mpsc"
    assert result.specification["against"] == "rest"
    assert result.level == "kreis"
    with pytest.raises(AttributeError):
        result.own = None
    secret = replace(result, confidentiality="confidential")
    with pytest.raises(DisclosureError):
        secret.display()


# KPI values -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kpis():
    """Two KPIs of the SDG catalogue for all counties, from made-up figures under INKAR codes."""
    frame = county_frame().rename(columns={"rate": "16011"}).assign(**{"16012": 3.0})
    published = [
        POPULATION,
        *(
            RATE.model_copy(update={"id": name, "unit_of_measure": ""})
            for name in ("16011", "16012")
        ),
    ]
    return compute_kpis(table_of(frame, published), "sdg_kommunen")


def test_kpi_values_keep_the_weight_of_what_was_published(kpis):
    result = compare(kpis, by="mpsc")
    assert len(result.indicators) == len(kpis.fed) > 0
    name = kpis.framework[kpis.fed[0]].id
    frame = county_frame().set_index("unit")
    funded = frame.loc[COUNTIES.loc[COUNTIES["status"] == "funded", "unit"]]
    values = kpis.select(name).set_index("unit")["value"][funded.index]
    expected = np.average(values, weights=funded["pop"])
    assert row(result, "funded", name)["weighted_mean"] == pytest.approx(expected)
    assert result.indicators[name].title.de == kpis.framework[name].name("de")


def test_kpis_are_named_by_id_or_code_and_keep_their_confidentiality(kpis):
    code = kpis.fed[0]
    result = compare(replace(kpis, confidentiality="internal"), by="staffel", indicators=code)
    assert list(result.indicators) == [kpis.framework[code].id]
    assert result.confidentiality == "internal"
    assert kpis.provenance in result.provenance.steps()


def test_kpis_without_any_value_are_refused():
    nothing = compute_kpis(table_of(county_frame()), "sdg_kommunen")
    with pytest.raises(ComparisonError, match="no KPI has a value"):
        compare(nothing, by="mpsc")
