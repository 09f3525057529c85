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
