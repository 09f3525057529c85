"""Umsteigeschlüssel prolonged by the lists of changes of Destatis, against published figures.

The Gemeindeverzeichnis of 31 December 2024 holds the population of 31 December 2023 in the borders
of 2024; so the figures of 2023, converted to 2024, must be those that were published.
"""

import pandas as pd
import pytest

from begleitforschung import read_crosswalk, read_gemeindeverzeichnis
from begleitforschung.errors import TerritoryError
from begleitforschung.regions import crosswalk
from begleitforschung.tables import Indicator, indicators
from begleitforschung.tables.conserve import conserve

ALL_2023 = 84_669_326
# Uninhabited: territory shared with Luxembourg, land in the Saarland, coastal waters.
NOT_OF_THE_BBSR = ["07000999", "10042999", "13000999"]


@pytest.fixture(scope="module")
def files(shared):
    folder = shared / "data/territorial"
    lists = [folder / f"destatis_Namens-Grenz-Aenderung_{year}.xlsx" for year in (2023, 2024)]
    return [folder / "ref-gemeinden-umrech-2020-2023.xlsx", *lists]


@pytest.fixture(scope="module")
def changes(files):
    return read_crosswalk(*files)


@pytest.fixture(scope="module")
def figures(shared):
    """The population of 31 December 2023 in the borders of that day, and of a year later."""
    names = ("31122023_Auszug_GV.xlsx", "AuszugGV4QAktuell_2024.xlsx")
    return [read_gemeindeverzeichnis(shared / "data/gv" / name) for name in names]


def values(table, indicator):
    data = table.data[table.data["indicator"] == indicator]
    return data.set_index(data["unit"].astype("str"))["value"]


def test_figures_of_2023_on_the_borders_of_2024_are_the_published_ones(figures, changes):
    before, published = figures
    after = before.harmonise("2024-12-31", changes)
    people, known = values(after, "population"), values(published, "population")
    assert sorted(known.index.difference(people.index)) == NOT_OF_THE_BBSR
    assert people.index.difference(known.index).empty
    assert people.sum() == pytest.approx(ALL_2023, abs=1e-6)
    assert known.sum() == ALL_2023
    off = (people - known[people.index]).abs()
    assert off.max() < 0.5  # the same persons; parts are shares, so not whole numbers
    assert (off > 0.01).sum() == 4
    area = values(after, "area_km2")
    assert (area - values(published, "area_km2")[area.index]).abs().max() < 0.011
    checked = conserve(before, after).set_index("indicator")["difference"]
    assert checked["population"] == pytest.approx(0, abs=1e-6)
    assert checked["area_km2"] == pytest.approx(-8.23)
    lost = [item for item in after.findings if item.rule == "harmonise.unmapped"]
    assert {item.key.split(": ")[1] for item in lost} == {", ".join(NOT_OF_THE_BBSR)}
    statuses = after.data.loc[after.data["status"] == "rebased", "unit"]
    assert {"07131007", "07131017", "16061119"} <= set(statuses)  # 35 residents moved to Dernau
    operations = [step.operation for step in after.provenance.steps()]
    assert {"prolong_crosswalks", "read_territorial_changes"} <= set(operations)


def test_a_state_within_the_year_has_the_units_of_its_own_register(shared, changes):
    register = read_gemeindeverzeichnis(shared / "data/gv/AuszugGV2QAktuell.xlsx")
    walk = crosswalk(changes, "2023-12-31", register.gebietsstand)
    assert register.gebietsstand == "2024-06-30"
    assert sorted(set(register.units) ^ set(walk.new)) == NOT_OF_THE_BBSR


def test_chains_lead_from_2020_through_the_workbook_into_the_lists(changes):
    walk = crosswalk(changes, "2020-12-31", "2024-12-31")
    assert (walk.from_state, walk.to_state, len(walk.new)) == ("2020-12-31", "2024-12-31", 10_956)
    sums = walk.data.groupby("key_old")["share_population"].sum()
    assert sums.to_numpy() == pytest.approx(1, abs=1e-6)
    # The list of 2023 leads to the same municipalities as the workbook does.
    assert set(crosswalk(changes, "2022-12-31", "2023-12-31").new) == set(
        crosswalk(changes, "2020-12-31", "2023-12-31").new
    )


def test_the_list_of_2023_gives_the_shares_of_the_workbook(files, changes):
    """Both publishers, one year: who goes where by how much of the population."""
    alone = read_crosswalk(*files[1:])
    by_bbsr = crosswalk(changes, "2022-12-31", "2023-12-31")
    by_list = crosswalk(alone, "2022-12-31", "2023-12-31", units=by_bbsr.old)
    names = ["key_old", "key_new"]
    both = by_bbsr.data.merge(by_list.data, on=names, how="outer", suffixes=("", "_list"))
    both = both[both["key_old"].isin(by_bbsr.old)].fillna(0)
    assert (both["share_area"] - both["share_area_list"]).abs().max() < 0.0005
    off = (both["share_population"] - both["share_population_list"]).abs() > 0.0001
    # An uninhabited forest: a third each in the workbook, by area here.
    assert both.loc[off, "key_old"].unique().tolist() == ["09374451"]
    (found,) = by_list.findings
    assert (found.rule, found.key) == ("territory.units_assumed", "14522275")  # Jahnatal, founded


def test_without_a_workbook_units_that_may_be_new_are_missing_and_named(figures, files):
    after = figures[0].harmonise("2024-12-31", read_crosswalk(*files[1:]))
    people = values(after, "population")
    assert sorted(people.index[people.isna()]) == ["16061119", "16076094"]  # both were founded
    rules = {item.rule for item in after.findings}
    assert {"territory.units_assumed", "harmonise.lacking"} <= rules
    known = values(figures[1], "population")
    assert (people - known[people.index]).abs().max() < 0.5


def test_counties_pass_where_the_lists_tell_and_are_missing_where_not(changes):
    units = ["12065", "12068", "16061", "16063", "16064", "08421"]
    frame = pd.DataFrame({"unit": units, "year": 2023, "cars": 100.0})
    cars = Indicator(id="cars", title="Autos", aggregation="sum")
    table = indicators(frame, indicators=[cars], gebietsstand="jeweils")
    after = values(table.harmonise("2024-12-31", changes), "cars")
    # Fehrbellin gave uninhabited land to Kremmen: no person changed her county.
    assert after[["12065", "12068", "08421"]].tolist() == [100, 100, 100]
    assert after[["16061", "16063", "16064"]].isna().all()
    with pytest.raises(TerritoryError, match="list of changes 2023-01-01 to 2023-12-31"):
        crosswalk(changes, "2021-12-31", "2024-12-31", level="kreis")


def test_backwards_units_that_gave_nothing_come_back_unchanged(figures, changes):
    frame = values(figures[1], "population").rename_axis("unit").reset_index(name="population")
    later = indicators(
        frame.assign(year=2024),
        indicators=[Indicator(id="population", title="Bevölkerung", aggregation="sum")],
        gebietsstand="2024-12-31",
    )
    back = later.harmonise("2023-12-31", changes)
    known, people = values(figures[0], "population"), values(back, "population")
    assert people.index.isin(known.index).all()
    assert (people - known[people.index]).abs().max() == 0
    assert len(people) == 10_926
    (found,) = [item for item in back.findings if item.rule == "territory.not_unique"]
    assert (found.n, len(people) + found.n) == (30, 10_956)
