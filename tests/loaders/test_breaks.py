"""Breaks that publishers declare: they come with the files and stay visible in results."""

import re

import pandas as pd
import pytest

from begleitforschung import compare, read_crosswalk, read_gemeindeverzeichnis, read_indicators
from begleitforschung.loaders.breaks import published_breaks, with_breaks
from begleitforschung.loaders.registry import READERS
from begleitforschung.loaders.territory_source import territory_files
from begleitforschung.tables import Indicator, indicators

FLAT = "data/genesis/pystatis_cassettes/12411-01-01-4__0__12411-01-01-4_1773175772751_de_flat.csv"


@pytest.fixture(scope="module")
def counties(shared):
    """Population of the counties at the end of 2023 (census of 2011) and of 2024 (of 2022)."""
    register = read_gemeindeverzeichnis(shared / "data/gv/31122023_Auszug_GV.xlsx")
    before = register.select(indicators="population").aggregate("kreis")
    after = read_indicators(shared / FLAT).select(
        indicators="BEVSTD|GES=INSGESAMT", level="kreis", units=before.units
    )
    frame = pd.concat(
        [
            table.to_frame()[["unit", "year", "value"]].assign(indicator="population")
            for table in (before, after)
        ]
    )
    wide = frame.pivot(index=["unit", "year"], columns="indicator", values="value").reset_index()
    meaning = register.indicator("population")
    return indicators(wide, indicators=[meaning], gebietsstand="jeweils")


def breaks_in(result, rule):
    texts = [item.text.de for item in result.findings if item.rule == rule]
    return [re.search(r"bricht (\d{4}): (Zensus \d{4})", text).groups() for text in texts]


def test_the_population_falls_by_a_million_where_the_census_changes(counties):
    totals = counties.to_frame().groupby("year")["value"].sum()
    assert totals.to_dict() == {2023: 84_669_326, 2024: 83_577_140}
    assert territory_files().base(pd.Timestamp("2023-12-31").date()) == "Zensus 2011"
    assert territory_files().base(pd.Timestamp("2024-12-31").date()) == "Zensus 2022"


def test_the_break_is_said_after_harmonising(counties, shared):
    lists = read_crosswalk(shared / "data/territorial/destatis_Namens-Grenz-Aenderung_2024.xlsx")
    after = counties.harmonise("2024-12-31", lists)
    assert breaks_in(after, "harmonise.break") == [("2024", "Zensus 2022")]
    assert {item.year for item in after.indicator("population").breaks} == {2011, 2016, 2024}
    only = counties.select(years=2024).harmonise("2024-12-31")
    assert breaks_in(only, "harmonise.break") == []


def test_the_break_is_said_in_a_comparison_over_it(counties):
    both = compare(counties, by="land", against="all")
    assert breaks_in(both, "compare.break") == [("2024", "Zensus 2022")]
    one = compare(counties, by="land", against="all", year=2024)
    assert breaks_in(one, "compare.break") == []


def test_population_tables_of_genesis_declare_both_censuses(shared):
    flat = read_indicators(shared / FLAT)
    classic = read_indicators(shared / "data/genesis/classic/12411-01-01-4.csv")
    for table in (flat, classic):
        for meaning in table.indicators.values():
            assert [item.year for item in meaning.breaks] == [2011, 2022]
    other = read_indicators(shared / "data/genesis/classic/46251-01-02-4_00.csv")
    assert not any(meaning.breaks for meaning in other.indicators.values())


def test_what_file_or_sidecar_declare_goes_before():
    own = Indicator(id="BEVSTD", title="A", breaks=[{"year": 2020, "label": {"de": "B"}}])
    assert with_breaks(own, "genesis_ffcsv") is own
    bare = Indicator(id="BEVSTD", title="A")
    assert [item.year for item in with_breaks(bare, "genesis_ffcsv").breaks] == [2011, 2022]
    assert with_breaks(bare, "tidy") is bare


def test_declared_formats_are_read():
    assert {name for item in published_breaks() for name in item.formats} <= {
        item.id for item in READERS
    }
