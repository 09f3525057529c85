"""Aggregation: each indicator by its own rule, nothing counted twice, nothing lost in silence."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import AggregationError
from begleitforschung.tables import Indicator, indicators
from begleitforschung.tables.aggregate import member_cells

POPULATION = Indicator(id="pop", title="Bevölkerung", aggregation="sum")
RATE = Indicator(id="rate", title="Quote", aggregation="mean", weight="pop")
STATE = "2021-12-31"


def make(rows, meanings=(POPULATION, RATE), gebietsstand=STATE):
    """Rows of (unit, indicator, value[, status]) of 2021."""
    columns = ["unit", "indicator", "value", "status"][: len(rows[0])]
    frame = pd.DataFrame(rows, columns=columns).assign(year=2021)
    return indicators(frame, indicators=meanings, gebietsstand=gebietsstand)


def result(table, indicator, unit):
    row = table.data[(table.data["indicator"] == indicator) & (table.data["unit"] == unit)]
    assert len(row) == 1
    return row["value"].iloc[0], row["status"].iloc[0]


@pytest.fixture
def counties():
    """Two municipalities of one county, one of another: 100 + 300 and 600 inhabitants."""
    pop = [("01059001", "pop", 100.0), ("01059002", "pop", 300.0), ("01058001", "pop", 600.0)]
    rate = [("01059001", "rate", 8.0), ("01059002", "rate", 4.0), ("01058001", "rate", 10.0)]
    return make(pop + rate, gebietsstand="unknown")


def test_sums_and_weighted_means_by_hand(counties):
    kreis = counties.aggregate("kreis")
    assert kreis.units == ("01058", "01059")
    assert result(kreis, "pop", "01059") == (400.0, "normal")
    assert result(kreis, "rate", "01059") == (5.0, "normal")  # (100 * 8 + 300 * 4) / 400
    assert result(counties.aggregate("germany"), "rate", "DG") == (8.0, "normal")


def test_the_way_over_the_counties_gives_what_the_direct_way_gives(counties):
    over, direct = counties.aggregate("kreis").aggregate("land"), counties.aggregate("land")
    pd.testing.assert_frame_equal(over.wide(), direct.wide())


figures = st.tuples(st.integers(1, 10**6), st.floats(0, 100, width=32))


@settings(max_examples=25, deadline=None)
@given(st.lists(figures, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_identities_hold_for_any_figures_in_any_order(drawn, random):
    units = [f"{1 + n % 2:02d}{n % 3:03d}{n:03d}" for n in range(1, len(drawn) + 1)]
    rows = [
        (unit, name, float(value))
        for unit, pair in zip(units, drawn, strict=True)
        for name, value in zip(("pop", "rate"), pair, strict=True)
    ]
    table = make(random.sample(rows, len(rows)), gebietsstand="unknown")
    pop, rate = np.array(drawn, dtype=float).T
    land = table.aggregate("land")
    germany = land.aggregate("germany")
    assert result(germany, "pop", "DG")[0] == pop.sum()
    assert result(germany, "rate", "DG")[0] == pytest.approx(np.average(rate, weights=pop))
    assert result(table.aggregate("germany"), "rate", "DG")[0] == pytest.approx(
        result(germany, "rate", "DG")[0]
    )


def test_a_missing_member_makes_the_result_missing_or_partial():
    table = make(
        [("01059001", "pop", 100.0), ("01059002", "pop", math.nan), ("01059003", "pop", 50.0)],
        meanings=[POPULATION],
    )
    value, status = result(table.aggregate("kreis"), "pop", "01059")
    assert math.isnan(value)
    assert status == "missing"
    allowed = table.aggregate("kreis", coverage=0.6)
    assert result(allowed, "pop", "01059") == (150.0, "partial")
    rules = [item.rule for item in allowed.findings]
    assert rules == ["aggregate.completeness_unknown", "aggregate.partial"]
    strict = table.aggregate("kreis", coverage=0.7)
    assert result(strict, "pop", "01059")[1] == "missing"


def test_coverage_of_means_counts_weights_not_members():
    rows = [("01059001", "pop", 900.0), ("01059002", "pop", 100.0), ("01059001", "rate", 5.0)]
    table = make(rows)
    assert result(table.aggregate("kreis", coverage=0.9), "rate", "01059") == (5.0, "partial")
    assert result(table.aggregate("kreis", coverage=0.95), "rate", "01059")[1] == "missing"


def test_a_value_without_weight_is_not_in_the_mean_and_coverage_is_unknown():
    rows = [("01059001", "pop", 900.0), ("01059001", "rate", 5.0), ("01059002", "rate", 9.0)]
    table = make(rows)
    assert result(table.aggregate("kreis", coverage=0.5), "rate", "01059")[1] == "missing"
    assert result(table.aggregate("kreis", coverage=0.0), "rate", "01059") == (5.0, "partial")


def test_weights_of_zero_give_no_mean():
    table = make([("01059001", "pop", 0.0), ("01059001", "rate", 5.0)])
    assert result(table.aggregate("kreis"), "rate", "01059")[1] == "missing"


def test_a_unit_that_did_not_exist_is_no_missing_member():
    table = make(
        [
            ("01059001", "pop", 100.0, "normal"),
            ("01059002", "pop", math.nan, "not_existing"),
            ("01058001", "pop", math.nan, "not_existing"),
        ],
        meanings=[POPULATION],
    ).aggregate("kreis")
    assert result(table, "pop", "01059") == (100.0, "normal")
    assert result(table, "pop", "01058")[1] == "not_existing"


def test_the_weakest_status_of_the_members_is_kept():
    table = make(
        [
            ("01059001", "pop", 100.0, "preliminary"),
            ("01059002", "pop", 50.0, "estimated"),
            ("01058001", "pop", 0.0, "zero"),
        ],
        meanings=[POPULATION],
    ).aggregate("kreis")
    assert result(table, "pop", "01059") == (150.0, "estimated")
    assert result(table, "pop", "01058") == (0.0, "normal")


@pytest.mark.parametrize("rule", ["none", "unknown"])
def test_an_indicator_without_rule_is_refused_with_the_remedy(rule):
    table = make(
        [("01059001", "x", 1.0)], meanings=[Indicator(id="x", title="X", aggregation=rule)]
    )
    with pytest.raises(AggregationError, match=r"indicator 'x'.*(?s:.*)table\.describe"):
        table.aggregate("kreis")


def test_all_refusals_are_named_at_once():
    other = Indicator(id="x", title="X")
    table = make([("01059001", "rate", 1.0), ("01059001", "x", 1.0)], meanings=[RATE, other])
    with pytest.raises(AggregationError, match="weight 'pop', which is not in the table") as error:
        table.aggregate("kreis")
    assert len(error.value.findings) == 2


def test_negative_weights_are_refused():
    table = make([("01059001", "pop", -1.0), ("01059001", "rate", 1.0)])
    with pytest.raises(AggregationError, match=r"negative weight \(01059001\)"):
        table.aggregate("kreis")


def test_levels_that_would_count_twice_are_refused():
    with pytest.raises(AggregationError, match="several levels"):
        make([("01059", "pop", 1.0), ("01059001", "pop", 1.0)], [POPULATION]).aggregate("land")
    with pytest.raises(AggregationError, match="several levels"):
        make([("01059", "pop", 1.0), ("DG", "pop", 1.0)], [POPULATION]).aggregate("germany")


def test_level_and_target_must_fit(counties):
    with pytest.raises(AggregationError, match="can't be aggregated to 'kreis'"):
        counties.aggregate("kreis").aggregate("kreis")
    with pytest.raises(AggregationError, match="no target 'europe'"):
        counties.aggregate("europe")
    with pytest.raises(AggregationError, match="not list"):
        counties.aggregate(["01059"])
    with pytest.raises(AggregationError, match="between 0 and 1"):
        counties.aggregate("kreis", coverage=60)


def test_groups_of_ones_own(counties):
    mapped = counties.aggregate({"01059001": "S1-01", "01058001": "S1-01", "01059002": "S1-02"})
    assert result(mapped, "pop", "S1-01") == (700.0, "normal")
    both = pd.DataFrame(
        {"group": ["S1-01", "S1-02", "S1-02"], "unit": ["01059001", "01059001", "01059002"]}
    )
    shared = counties.aggregate(both)
    assert result(shared, "pop", "S1-01") == (100.0, "normal")
    assert result(shared, "pop", "S1-02") == (400.0, "normal")
    assert [(f.rule, f.n) for f in shared.findings] == [("aggregate.left_out", 1)]


def test_a_member_that_the_table_does_not_hold_is_missing(counties):
    table = counties.aggregate({"01059001": "S1-01", "01059999": "S1-01"}, coverage=0.5)
    assert result(table, "pop", "S1-01") == (100.0, "partial")


def test_groups_that_make_no_sense_are_refused(counties):
    with pytest.raises(AggregationError, match="'my group' is no key"):
        counties.aggregate({"01059001": "my group"})
    with pytest.raises(AggregationError, match="columns 'group' and 'unit'"):
        counties.aggregate(pd.DataFrame({"unit": ["01059001"]}))
    with pytest.raises(AggregationError, match="01059001 lies in 01059"):
        counties.aggregate({"01059001": "S1-01", "01059": "S1-01"})
    with pytest.raises(AggregationError, match="lies in"):
        counties.aggregate({"01059001": "S1-01", "010590000001": "S1-01"})


def test_several_dates_in_a_year_are_refused_and_one_is_kept():
    frame = pd.DataFrame(
        {
            "unit": ["01059001", "01059001", "01059002"],
            "year": 2021,
            "indicator": "pop",
            "value": 1.0,
            "date": ["2021-06-30", "2021-12-31", "2021-12-31"],
        }
    )
    with pytest.raises(AggregationError, match="several dates"):
        indicators(frame, indicators=[POPULATION]).aggregate("kreis")
    one = indicators(frame[1:], indicators=[POPULATION]).aggregate("kreis")
    assert one.data["date"].astype(str).tolist() == ["2021-12-31"]
    mixed = indicators(frame[::2], indicators=[POPULATION]).aggregate("kreis")
    assert mixed.data["date"].isna().all()


def test_provenance_tells_groups_apart_and_keeps_the_way(counties):
    kreis = counties.aggregate("kreis")
    assert kreis.provenance.operation == "aggregate"
    assert counties.provenance in kreis.provenance.steps()
    prints = {
        counties.aggregate(to).provenance.fingerprint
        for to in ("land", {"01059001": "S1-01"}, {"01059002": "S1-01"})
    }
    assert len(prints) == 3
    assert kreis.gebietsstand == counties.gebietsstand


def test_cells_behind_each_result(counties):
    cells = member_cells(counties, "kreis")
    of = cells[(cells["group"] == "01059") & (cells["indicator"] == "pop")]
    assert of[["unit", "value"]].to_numpy().tolist() == [["01059001", 100.0], ["01059002", 300.0]]


# Figures of the programme and of all municipalities ------------------------------------------


@pytest.fixture(scope="module")
def municipalities(shared):
    path = shared / "data" / "panels" / "gv_gemeinde_panel_1994_2024.csv.gz"
    panel = pd.read_csv(path, dtype={"ags": str}, encoding="utf-8")
    panel = panel[panel["stichtag"] == STATE]
    frame = pd.DataFrame({"unit": panel["ags"], "pop": panel["bev_insg"]}).assign(year=2021)
    frame["rate"] = panel["bev_w"] / panel["bev_insg"].replace(0, np.nan)
    return indicators(frame, indicators=[POPULATION, RATE], gebietsstand=STATE)


def test_municipal_populations_add_up_to_the_published_totals(municipalities):
    kreis = municipalities.aggregate("kreis", coverage=0.9)
    assert len(kreis.units) == 400
    assert result(kreis, "pop", "01002")[0] == 246243  # Kiel, 31.12.2021
    assert result(municipalities.aggregate("germany"), "pop", "DG")[0] == 83_237_124
    assert result(kreis.aggregate("germany"), "pop", "DG")[0] == 83_237_124
    left = [item for item in kreis.findings if item.rule == "aggregate.left_out"]
    assert left[0].n == 2  # 07000999 and 13000999, both without inhabitants, lie in no county


def test_the_mean_of_counties_is_that_of_laender_and_of_municipalities(municipalities):
    ways = [
        municipalities.aggregate("germany", coverage=0.9),
        municipalities.aggregate("kreis", coverage=0.9).aggregate("germany"),
        municipalities.aggregate("land", coverage=0.9).aggregate("germany"),
    ]
    shares = [result(way, "rate", "DG")[0] for way in ways]
    assert shares == pytest.approx([shares[0]] * 3, rel=1e-12)
    assert shares[0] == pytest.approx(0.507, abs=0.001)  # share of women


def test_projects_at_both_levels(municipalities):
    plain = municipalities.select(indicators="pop")
    fine = plain.aggregate("project").data.set_index("unit")
    coarse = plain.aggregate("kreis").aggregate("project").data.set_index("unit")
    assert len(fine) == len(coarse) == 73
    assert coarse["value"].notna().sum() == 42
    own = coarse.index[coarse["value"].notna()]
    assert fine.loc[own, "value"].tolist() == coarse.loc[own, "value"].tolist()
    kreis = plain.aggregate("kreis").data.set_index("unit")["value"]
    assert fine.loc["S1-01", "value"] == coarse.loc["S1-01", "value"] == kreis["05122"]
    assert fine.loc["S1-13", "value"] == kreis["09479"]  # a county is all its municipalities
    assert math.isnan(fine.loc["S3-28", "value"])  # no member is known


def test_projects_with_an_incomplete_list_of_members_are_always_marked(municipalities):
    table = municipalities.select(indicators="pop").aggregate("project")
    status = table.data.set_index("unit")["status"]
    assert status[status == "partial"].index.tolist() == ["S3-12"]
    assert any(f.rule == "aggregate.partial" and f.key == "S3-12" for f in table.findings)
    titles = [source.title for source in table.provenance.sources()]
    assert any("Modellprojekte" in title for title in titles)
