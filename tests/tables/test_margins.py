"""Margins for weighting, against sums made by hand and the publisher's file."""

import pandas as pd
import pytest

from begleitforschung import margins, read_gemeindeverzeichnis
from begleitforschung.errors import AggregationError, UnknownCodeError
from begleitforschung.tables import Indicator, indicators

PEOPLE = Indicator(id="population", title="Bevölkerung", aggregation="sum")


def table(values, year=2023):
    frame = pd.DataFrame({"unit": list(values), "year": year, "population": list(values.values())})
    return indicators(frame, indicators=[PEOPLE], gebietsstand="2023-12-31")


SMALL = {"01001000": 90_000, "01051001": 1_000, "01051002": 3_000, "02000000": 1_800_000}
EMPTY = {"01053105": 0, "09999444": None}


def test_people_and_municipalities_by_land_and_size():
    found = margins(table(SMALL | EMPTY), census="Zensus 2022")
    rows = found.table.set_index(["bundesland", "groessenklasse"])
    assert rows["population"].to_dict() == {
        ("01", "landgemeinde"): 1_000,
        ("01", "landstadt"): 3_000,
        ("01", "mittelstadt"): 90_000,
        ("02", "grossstadt"): 1_800_000,
    }
    assert rows["municipalities"].tolist() == [1, 1, 1, 1]
    assert rows["share_population"].sum() == pytest.approx(1)
    assert rows["share_municipalities"].tolist() == [0.25] * 4
    assert [(item.rule, item.n) for item in found.findings] == [
        ("margins.uninhabited", 1),
        ("margins.missing", 1),
    ]
    assert (found.year, found.gebietsstand, found.census) == (2023, "2023-12-31", "Zensus 2022")


def test_one_dimension_and_another_list():
    found = margins(table(SMALL), by=["groessenklasse"], codelist="groessenklasse_programm")
    assert found.table["groessenklasse"].tolist() == [
        "kleinstadt_landgemeinde",
        "mittelstadt",
        "grossstadt",
    ]
    assert (found.census, found.findings[-1].rule) == ("unbekannt", "margins.census")


def test_the_file_of_2023_gives_its_own_totals_and_names_its_census(shared):
    gv = read_gemeindeverzeichnis(shared / "data/gv/31122023_Auszug_GV.xlsx")
    found = margins(gv)
    assert found.table["population"].sum() == 84_669_326
    # 10,981 keys, 206 of them uninhabited gemeindefreie Gebiete.
    assert found.table["municipalities"].sum() == 10_775
    assert found.table["bundesland"].nunique() == 16
    assert found.census == "Zensus 2011"
    recorded = dict(found.provenance.parameters)
    assert (recorded["year"], recorded["gebietsstand"]) == (2023, found.gebietsstand)
    sizes = margins(gv, by=["groessenklasse"]).table.set_index("groessenklasse")
    assert sizes["municipalities"].to_dict() == {
        "landgemeinde": 5_605,
        "landstadt": 2_174,
        "kleinstadt": 2_280,
        "mittelstadt": 633,
        "grossstadt": 83,
    }


def test_what_is_no_set_of_municipalities_of_one_date_is_refused():
    with pytest.raises(AggregationError, match="municipalities"):
        margins(table({"01001": 5}))
    several = table(SMALL).join(table(SMALL, year=2022))
    with pytest.raises(AggregationError, match="year="):
        margins(several)
    assert margins(several, year=2022).year == 2022
    with pytest.raises(UnknownCodeError, match="dimensions of margins"):
        margins(table(SMALL), by=["land"])


@pytest.mark.parametrize("by", [[], ["bundesland", "bundesland"]])
def test_dimensions_are_named_once_and_at_all(by):
    with pytest.raises(AggregationError, match="each dimension of the margins once, and at leas"):
        margins(table(SMALL), by=by)


def test_one_dimension_may_be_named_as_it_is():
    one, listed = (margins(table(SMALL), by=by) for by in ("bundesland", ["bundesland"]))
    pd.testing.assert_frame_equal(one.table, listed.table)
    assert one.table["bundesland"].tolist() == ["01", "02"]
    assert one.table["population"].tolist() == [94_000, 1_800_000]
    assert one.table["share_population"].tolist() == pytest.approx([94 / 1894, 1800 / 1894])
    assert one.table["share_municipalities"].tolist() == [0.75, 0.25]


def test_people_below_nought_are_refused_and_not_left_out():
    with pytest.raises(AggregationError, match="'population' is below 0 in 1 municipalities"):
        margins(table(SMALL | {"01051003": -7}))


def test_municipalities_without_anybody_make_an_empty_table():
    found = margins(table(EMPTY), census="Zensus 2022")
    assert found.table.empty
    assert [item.n for item in found.findings] == [1, 1]


@pytest.mark.parametrize(
    ("rule", "severity", "de", "en"),
    [
        ("uninhabited", "info", "Gebiete ohne Einwohner nicht gezählt", "units without residents"),
        ("missing", "warning", "Gemeinden ohne Einwohnerzahl nicht gezählt", "municipalities with"),
        ("census", "warning", "Zensusbasis unbekannt", "census base unknown"),
    ],
)
def test_what_is_left_out_or_unknown_is_told_in_both_languages(rule, severity, de, en):
    found = {item.rule: item for item in margins(table(SMALL | EMPTY)).findings}
    remark = found[f"margins.{rule}"]
    assert (remark.severity, remark.text.de) == (severity, de)
    assert remark.text.get("en").startswith(en)


@pytest.mark.parametrize(
    ("people", "size"),
    [(4_999, "landstadt"), (5_000, "kleinstadt"), (19_999, "kleinstadt"), (20_000, "mittelstadt"),
     (99_999, "mittelstadt"), (100_000, "grossstadt"), (1, "landgemeinde")],
)  # fmt: skip
def test_a_class_begins_with_its_lower_bound(people, size):
    found = margins(table({"01001000": people}), by="groessenklasse").table
    assert found["groessenklasse"].tolist() == [size]


def test_neither_order_nor_year_of_other_rows_changes_the_counts():
    ours = margins(table(SMALL)).table
    turned = table(dict(reversed(SMALL.items()))).join(table({"02000000": 5}, year=2020))
    pd.testing.assert_frame_equal(margins(turned, year=2023).table, ours)
    recorded = dict(margins(turned, year=2023, census="Zensus 2022").provenance.parameters)
    assert (recorded["year"], recorded["census"]) == (2023, "Zensus 2022")
