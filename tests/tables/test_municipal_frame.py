"""The frame of a survey of municipalities, by hand and against the counts of `margins`."""

import pandas as pd
import pytest

from begleitforschung import margins, municipal_frame
from begleitforschung.errors import AggregationError, UnknownCodeError
from begleitforschung.loaders import read_indicators
from begleitforschung.tables import Indicator, indicators

PEOPLE = Indicator(id="population", title="Bevölkerung", aggregation="sum")
SMALL = {
    "01001000": 90_000,
    "01051001": 1_999,
    "01051002": 2_000,
    "02000000": 1_800_000,
    "01053105": 0,
    "09999444": None,
}


def table(values, year=2023):
    frame = pd.DataFrame({"unit": list(values), "year": year, "population": list(values.values())})
    return indicators(frame, indicators=[PEOPLE], gebietsstand="2023-12-31")


def test_each_municipality_has_its_land_and_class_in_words():
    frame = municipal_frame(table(SMALL), smallest=2000)
    assert frame["unit"].tolist() == ["01001000", "01051002", "02000000"]
    assert frame["bundesland"].tolist() == ["Schleswig-Holstein"] * 2 + ["Hamburg"]
    assert [label.partition(" ")[0] for label in frame["groessenklasse"]] == [
        "Mittelstadt",
        "Landstadt",
        "Großstadt",
    ]
    assert frame["groessenklasse"].cat.ordered
    assert frame["groessenklasse"].min().startswith("Landstadt")
    assert frame["einwohner"].tolist() == [90_000, 2_000, 1_800_000]


def test_uninhabited_and_unknown_ones_are_never_asked():
    assert municipal_frame(table(SMALL))["unit"].tolist() == list(SMALL)[:4]


def test_it_counts_as_the_margins_do(repo):
    directory = read_indicators(repo / "data/raw/destatis_gv/2024-12-31/gemeinden.csv")
    frame = municipal_frame(directory)
    counted = margins(directory.select(indicators="population")).table
    assert len(frame) == counted["municipalities"].sum() == 10_754
    assert frame["einwohner"].sum() == counted["population"].sum() == 84_669_326
    by_class = frame.groupby("groessenklasse", observed=True).size().tolist()
    assert by_class == counted.groupby("groessenklasse")["municipalities"].sum().tolist()


def test_other_tables_are_refused():
    with pytest.raises(AggregationError, match="a frame of municipalities"):
        municipal_frame(table({"01001": 90_000}))
    two = pd.DataFrame(
        {"unit": ["01001000"] * 2, "year": [2022, 2023], "population": [89_000, 90_000]}
    )
    years = indicators(two, indicators=[PEOPLE], gebietsstand="2023-12-31")
    with pytest.raises(AggregationError, match="choose: year="):
        municipal_frame(years)
    assert municipal_frame(years, year=2022)["einwohner"].tolist() == [89_000]
    with pytest.raises(UnknownCodeError):
        municipal_frame(years, population="people")
