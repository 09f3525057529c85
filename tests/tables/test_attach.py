"""Rows of other data meet figures by key and its date."""

import numpy as np
import pandas as pd
import pytest

from begleitforschung import attach, read_crosswalk, read_gemeindeverzeichnis
from begleitforschung.errors import TerritoryError, UnknownCodeError, ValidationError
from begleitforschung.provenance import Provenance
from begleitforschung.regions.territory import SHARES
from begleitforschung.regions.territory_shares import make_crosswalks
from begleitforschung.tables import Indicator, indicators

STATE = "2020-12-31"
PEOPLE = Indicator(id="people", title="Personen", aggregation="sum")
AGE = Indicator(id="age", title="Alter", aggregation="mean", weight="people")


def figures(units, state=STATE, years=(2020,)):
    rows = [
        (unit, year, 100 * (at + 1), 40 + at) for at, unit in enumerate(units) for year in years
    ]
    frame = pd.DataFrame(rows, columns=["unit", "year", "people", "age"])
    return indicators(frame, indicators=[PEOPLE, AGE], gebietsstand=state)


def answers(keys, **columns):
    return pd.DataFrame({"ags": pd.Series(keys, dtype="str"), **columns})


def test_rows_keep_their_order_and_get_one_column_per_indicator():
    frame = answers(["05315000", "01001000", "05315000"], trust=[1, 2, 3])
    frame.index = [7, 8, 9]
    found = attach(
        frame,
        figures(["01001000", "05315000"]),
        unit="ags",
        gebietsstand=STATE,
        year=2020,
        indicators="people",
    )
    expected = frame.assign(people=[200.0, 100.0, 200.0])
    pd.testing.assert_frame_equal(found.frame, expected)
    assert found.unmatched.empty
    assert found.provenance.operation == "attach"


def test_each_row_has_its_year():
    table = indicators(
        pd.DataFrame({"unit": ["01001000"] * 2, "year": [2019, 2020], "people": [90, 100]}),
        gebietsstand=STATE,
    )
    frame = answers(["01001000"] * 3, wave=[2020, 2019, np.nan])
    found = attach(frame, table, unit="ags", gebietsstand=STATE, year="wave")
    np.testing.assert_array_equal(found.frame["people"], [100.0, 90.0, np.nan])


def test_keys_that_are_not_found_are_listed():
    frame = answers(["01001000", "09999999", "09999999", None])
    found = attach(frame, figures(["01001000"]), unit="ags", gebietsstand=STATE, year=2020)
    assert found.unmatched.values.tolist() == [["09999999", 2020, "gemeinde", 2]]
    assert found.frame["people"].isna().tolist() == [False, True, True, True]
    assert [(item.rule, item.n) for item in found.findings] == [
        ("attach.unmatched", 2),
        ("attach.no_key", 1),
    ]


def test_municipalities_meet_by_ags_and_ars_and_verbaende_from_their_members():
    ars = ["010595974083", "010595974001", "010010000000"]
    frame = answers(["01059083", "010595974083", "010595974", "01001000"])
    found = attach(frame, figures(ars), unit="ags", gebietsstand=STATE, year=2020)
    assert found.frame["people"].tolist() == [100.0, 100.0, 300.0, 300.0]
    # The mean of a Verband is weighted: (100 * 40 + 200 * 41) / 300.
    assert found.frame["age"].tolist() == [40.0, 40.0, pytest.approx(122 / 3), 42.0]
    other = attach(
        answers(["010595974083"]), figures(["01059083"]), unit="ags", gebietsstand=STATE, year=2020
    )
    assert other.frame["people"].tolist() == [100.0]
    mean = attach(
        frame, figures(ars), unit="ags", gebietsstand=STATE, year=2020, indicators=["age"]
    )
    assert list(mean.frame.columns) == ["ags", "age"]
    assert mean.frame["age"].iloc[2] == pytest.approx(122 / 3)


def test_kreisregionen_come_from_a_list_of_members():
    members = pd.DataFrame({"group": ["03401", "03401"], "unit": ["03401000", "03458001"]})
    table = figures(["03401000", "03458001", "03458002"])
    found = attach(
        answers(["03401"]), table, unit="ags", gebietsstand=STATE, year=2020, members=members
    )
    assert found.frame["people"].tolist() == [300.0]


def test_other_states_need_a_crosswalk():
    links = [("01001001", "01001003", 1.0, 1.0, 1.0), ("01001002", "01001003", 1.0, 1.0, 1.0)]
    frame = pd.DataFrame(links, columns=["key_old", "key_new", *SHARES])
    frame = frame.assign(from_state=STATE, to_state="2021-12-31", level="gemeinde")
    walk = make_crosswalks(frame, provenance=Provenance.of("test"))
    keys, table = answers(["01001003"]), figures(["01001001", "01001002"], state="jeweils")
    options = {"unit": "ags", "gebietsstand": "2021-12-31", "year": 2020}
    with pytest.raises(TerritoryError, match="not shipped"):
        attach(keys, table, **options)
    found = attach(keys, table, crosswalk=walk, **options)
    assert found.frame["people"].tolist() == [300.0]
    same = attach(answers(["01001001"]), table, unit="ags", gebietsstand=STATE, year=2020)
    assert same.frame["people"].tolist() == [100.0]
    for state in ("jeweils", "unknown"):
        with pytest.raises(TerritoryError, match="date of the borders"):
            attach(keys, table, unit="ags", gebietsstand=state, year=2020)


def test_what_does_not_fit_is_refused():
    table, options = figures(["01001000"]), {"gebietsstand": STATE, "year": 2020}
    with pytest.raises(ValidationError, match="no column 'key'"):
        attach(answers(["01001000"]), table, unit="key", **options)
    with pytest.raises(ValidationError, match="no key"):
        attach(answers(["1001000"]), table, unit="ags", **options)
    with pytest.raises(ValidationError, match="columns of that name: people"):
        attach(answers(["01001000"], people=[1]), table, unit="ags", **options)
    with pytest.raises(ValidationError, match="no year"):
        attach(
            answers(["01001000"], wave=["x"]), table, unit="ags", gebietsstand=STATE, year="wave"
        )
    with pytest.raises(ValidationError, match="no column 'wave'"):
        attach(answers(["01001000"]), table, unit="ags", gebietsstand=STATE, year="wave")
    with pytest.raises(UnknownCodeError, match="people"):
        attach(answers(["01001000"]), table, unit="ags", indicators="peopel", **options)


def test_real_keys_of_2020_meet_the_population_of_2023(shared):
    folder = shared / "data"
    table = read_gemeindeverzeichnis(folder / "gv/31122023_Auszug_GV.xlsx")
    changes = read_crosswalk(folder / "territorial/ref-gemeinden-umrech-2020-2023.xlsx")
    found = attach(
        answers(["16056000", "01001000", "06635005"]),
        table,
        unit="ags",
        gebietsstand="2020-12-31",
        year=2023,
        indicators="population",
        crosswalk=changes,
    )
    # Eisenach had its key changed to 16063105; Bromskirchen can't be told from Allendorf any more.
    eisenach = table.wide().loc[("16063105", 2023), "population"]
    np.testing.assert_array_equal(found.frame["population"], [eisenach, 92_667, np.nan])
    assert found.unmatched["unit"].tolist() == ["06635005"]
