"""Umsteigeschlüssel: the publisher's workbooks, the table of the R package, damaged copies."""

import gzip
from datetime import date

import pandas as pd
import pytest
from openpyxl import Workbook

from begleitforschung import read_crosswalk
from begleitforschung.errors import SourceFileError, ValidationError
from begleitforschung.loaders.territory_source import territory_files
from begleitforschung.regions import crosswalk
from begleitforschung.tables import indicators
from begleitforschung.tables.conserve import conserve

# Population of 31 December as Destatis published it, on the borders of each year.
PUBLISHED = {
    1994: 81_538_603,
    1998: 81_999_517,
    2002: 82_536_680,
    2005: 82_437_995,
    2009: 81_802_257,
    2013: 80_767_463,
    2017: 82_792_351,
}


@pytest.fixture(scope="module")
def territorial(shared):
    return shared / "data/territorial"


@pytest.fixture(scope="module")
def to_2020(territorial):
    return read_crosswalk(territorial / "xm20.csv.gz")


@pytest.fixture(scope="module")
def municipalities(shared):
    """Population and area of all municipalities, each year on its own borders."""
    frame = pd.read_csv(
        shared / "data/panels/gv_gemeinde_panel_1994_2024.csv.gz", dtype={"ags": "str"}
    )
    frame["year"] = frame["stichtag"].str[:4].astype(int)
    frame = frame[frame["year"] <= 2017]
    assert len(frame) == 89_234
    again = frame.duplicated(["year", "ags"])
    # The surplus rows of 2017 have no residents.
    assert frame.loc[again, ["year", "bev_insg"]].drop_duplicates().values.tolist() == [[2017, 0]]
    assert again.sum() == 8
    wide = frame.loc[~again, ["ags", "year", "bev_insg", "flaeche_km2"]]
    wide = wide.set_axis(["unit", "year", "population", "area_km2"], axis=1)
    return indicators(wide, indicators=territory_files().indicators, gebietsstand="jeweils")


@pytest.fixture(scope="module")
def on_2020(municipalities, to_2020):
    return municipalities.harmonise("2020-12-31", to_2020)


def test_population_on_the_state_of_2020_equals_the_published_one_to_the_person(
    municipalities, on_2020
):
    checked = conserve(municipalities, on_2020).set_index(["indicator", "year"])
    people = checked.loc["population"]
    assert people["before"].to_dict() == PUBLISHED
    after = {year: round(total, 6) for year, total in people["after"].items()}
    assert after == PUBLISHED | {1994: PUBLISHED[1994] - 677}
    assert (people["missing_after"] == 0).all()
    assert set(on_2020.data.groupby("year")["unit"].nunique()) == {11_001}


def test_residents_of_keys_without_crosswalk_are_reported_not_lost(on_2020):
    found = {
        item.key.split(": ")[0]: (item.key.split(": ")[1], item.value)
        for item in on_2020.findings
        if item.rule == "harmonise.unmapped"
    }
    assert found["1994 / population"] == ("14045730, 14085170", "677")
    assert found["2005 / population"] == ("07000999", "0")
    assert found["2017 / population"] == ("07000999, 13000999", "0")
    assert found["2017 / area_km2"] == ("07000999, 13000999", "7.2")
    assert not any(key.startswith(("1998", "2002")) for key in found)


def test_divided_units_are_flagged_and_others_are_taken_over(municipalities, on_2020):
    counts = on_2020.data["status"].value_counts()
    assert counts[counts > 0].to_dict() == {"normal": 143_718, "rebased": 10_296}
    kept = on_2020.data[on_2020.data["status"] == "normal"]
    assert set(kept["value"]) <= set(municipalities.data["value"])


def test_the_shares_of_uninhabited_areas_are_those_by_area(to_2020):
    (found,) = to_2020.findings
    assert (found.rule, found.n) == ("territory.share_by_area", 907)
    assert len(found.key.split(", ")) == 34
    assert len([key for key in found.key.split(", ") if key.endswith("444")]) == 32
    sums = (
        crosswalk(to_2020, "1990-12-31", "2020-12-31")
        .data.groupby("key_old")
        .sum(numeric_only=True)
    )
    assert sums[["share_population", "share_area"]].round(9).eq(1).all(axis=None)


def test_counties_of_the_workbook_have_five_digits_and_lead_to_400(territorial):
    changes = read_crosswalk(territorial / "ref-kreise-umrech-2021-1990-2020.xlsx")
    assert len(changes) == 31
    assert {step.level for step in changes} == {"kreis"}
    assert {step.to_state for step in changes} == {"2021-12-31"}
    assert {len(step.new) for step in changes} == {400}
    counties = {step.from_state[:4]: len(step.old) for step in changes}
    assert (counties["1990"], counties["1994"], counties["2020"]) == (543, 444, 401)
    assert sum(map(len, changes)) == 14_165
    (found,) = changes.findings
    assert (found.rule, found.n) == ("territory.header", 4)
    assert "2007, 2008, 2009, 2010" in found.text.en
    # Berlin and Göttingen: without leading zero in the file; the latter merged with Osterode.
    walk = crosswalk(changes, "2015-12-31", "2021-12-31", level="kreis").data
    merged = walk[walk["key_new"] == "03159"]
    assert merged["key_old"].tolist() == ["03152", "03156"]
    assert "11000" in set(walk["key_old"])
    # Employment is known from 1997 on; a county that passes as a whole passes by any share.
    early = crosswalk(changes, "1996-12-31", "2021-12-31", level="kreis").data
    assert early["share_employment"].isna().sum() == early["key_old"].duplicated(keep=False).sum()


def test_workbooks_chain_with_the_table_up_to_2023(territorial):
    changes = read_crosswalk(
        territorial / "xm20.csv.gz", territorial / "ref-gemeinden-umrech-2020-2023.xlsx"
    )
    assert len(changes) == 33
    walk = crosswalk(changes, "1994-12-31", "2023-12-31")
    assert (len(walk.old), len(walk.new)) == (14_882, 10_978)
    assert walk.data["share_population"].sum() == pytest.approx(14_882)
    back = crosswalk(changes, "2023-12-31", "2020-12-31")
    assert len(back) == 10_951
    assert back.findings[-1].n == 27
    rules = {item.rule for item in changes.findings}
    assert rules == {"territory.share_by_area", "territory.share_rounded"}
    # 2022: Prebitz and Schnabelwaid took over a forest; shares of four decimals.
    assert changes.findings[1].key == "09374451, 16064073"


def test_the_source_says_licence_and_attribution(to_2020, territorial):
    (source,) = to_2020.provenance.sources()
    assert "GPL-3" in source.licence
    workbook = read_crosswalk(territorial / "ref-gemeinden-umrech-2020-2023.xlsx")
    (source,) = workbook.provenance.sources()
    assert source.licence_url == "https://www.govdata.de/dl-de/by-2-0"
    assert source.attribution.startswith("© BBSR")
    assert len(source.sha256) == 64


HEAD = [
    "Gemeinden\n 31.12.2000",
    "Gemeindename 2000",
    "flächen-\nproportionaler\nUmsteige-schlüssel",
    "bevölkerungs- \nproportionaler \nUmsteige- \nschlüssel",
    "Gemeinden\n 31.12.2001",
    "Gemeindename 2001",
]


def workbook(path, *rows, head=HEAD, sheet="2000"):
    book = Workbook()
    book.active.title = sheet
    for row in (head, *rows):
        book.active.append(row)
    book.save(path)
    return path


def test_headers_decide_and_a_text_key_counts_as_well(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx", [1001000, "A", 1, 1.0, "01001000", "A"], [None] * 6, sheet="1990-2020"
    )
    changes = read_crosswalk(path)
    (step,) = changes.steps
    assert (step.from_state, step.to_state, len(step)) == ("2000-12-31", "2001-12-31", 1)
    assert date.fromisoformat(step.from_state) < date.fromisoformat(step.to_state)


@pytest.mark.parametrize(
    ("row", "error", "words"),
    [
        ([1001000, "A", 1, "x", 1001000, "A"], "share_population", "'x'"),
        (["Summe", "A", 1, 1, 1001000, "A"], "key_old", "Summe"),
    ],
)
def test_a_broken_row_gives_no_share(tmp_path, row, error, words):
    good = [1002000, "B", 1, 1, 1002000, "B"]
    path = workbook(tmp_path / "a.xlsx", good, row)
    with pytest.raises(ValidationError) as caught:
        read_crosswalk(path)
    assert error in str(caught.value)
    assert words in str(caught.value)


def test_a_unit_with_an_impossible_share_is_left_out(tmp_path):
    good, bad = [1002000, "B", 1, 1, 1002000, "B"], [1001000, "A", 1, -1, 1001000, "A"]
    changes = read_crosswalk(workbook(tmp_path / "a.xlsx", good, bad))
    assert [(item.rule, item.severity) for item in changes.findings] == [
        ("territory.shares", "error")
    ]
    assert changes.steps[0].old.tolist() == ["01002000"]


def test_other_files_are_refused(tmp_path, shared):
    with pytest.raises(SourceFileError, match="no Umsteigeschlüssel"):
        read_crosswalk(workbook(tmp_path / "b.xlsx", [1, 2], head=["unit", "value"]))
    csv = tmp_path / "c.csv"
    csv.write_text("unit;year\n01;2000\n", encoding="utf-8")
    with pytest.raises(SourceFileError, match="expected are the columns year_xw"):
        read_crosswalk(csv)
    with pytest.raises(SourceFileError, match="does not exist"):
        read_crosswalk(tmp_path / "no.xlsx")
    with pytest.raises(SourceFileError, match="at least one"):
        read_crosswalk()
    damaged = tmp_path / "d.csv.gz"
    damaged.write_bytes(gzip.compress(b"year_xw,ags_xw\n" * 100)[:30])
    with pytest.raises(SourceFileError, match="damaged gzip"):
        read_crosswalk(damaged)
