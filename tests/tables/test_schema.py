"""What a table may not hold: each rule says where, what and what to do, in both languages."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import ValidationError
from begleitforschung.tables import indicators
from begleitforschung.tables.frames import coerce
from begleitforschung.tables.schema import key_codes

GOOD = {
    "unit": ["08421", "09761", "DG"],
    "year": [2020, 2021, 2021],
    "indicator": ["a", "a", "b"],
    "value": [1.0, 2.0, 3.0],
}


def frame(**columns):
    return pd.DataFrame(GOOD | columns)


def broken(**columns):
    """Return the findings of a frame that is refused."""
    with pytest.raises(ValidationError) as error:
        indicators(frame(**columns))
    return error.value.findings


@pytest.mark.parametrize(
    ("columns", "rule", "column", "de", "en", "remedy"),
    [
        ({"unit": [None, "09761", "DG"]}, "table.key_missing", "unit, indicator",
         "Schlüssel oder Indikator fehlt", "unit or indicator is missing", "remove the row"),
        ({"indicator": [None, "a", "b"]}, "table.key_missing", "unit, indicator",
         "Schlüssel oder Indikator fehlt", "unit or indicator is missing", "remove the row"),
        ({"year": [1899, 2021, 2021]}, "table.year", "year",
         "Jahr liegt nicht zwischen 1900 und 2100", "not between 1900 and 2100", "four digits"),
        ({"year": [2020.5, 2021, 2021]}, "table.year", "year",
         "kein Jahr", "not a year", "four digits"),
        ({"unit": "DG", "indicator": "a", "year": 2020}, "table.duplicate",
         "unit, year, indicator", "kommen mehrfach vor", "are not unique", "further dimensions"),
        ({"status": ["geheim", "", ""]}, "table.status", "status",
         "unbekannter Status", "unknown status", "Known are: normal, zero, unknown"),
        ({"value": [np.nan, 2, 3], "status": "normal"}, "table.value_missing", "value",
         "Wert fehlt", "value is missing or not finite", "Use status 'missing'"),
        ({"value": [np.inf, 2, 3]}, "table.value_missing", "value",
         "keine endliche Zahl", "value is missing or not finite", "Use status 'missing'"),
        ({"status": ["suppressed", "", ""]}, "table.value_beside_sign", "value",
         "Status, der keine zulässt", "a status that allows none", "Clear the value"),
        ({"status": ["zero", "", ""]}, "table.zero", "value",
         "ungleich null", "other than 0", "use 'normal'"),
        ({"value": ["eins", "2", "3"]}, "table.value_not_number", "value",
         "keine Zahl", "not a number", "Put signs into the column 'status'"),
        ({"unit": [8421, "09761", "DG"]}, "table.key_number", "unit",
         "Zahlen statt Text", "numbers instead of text", "read the column as text"),
        ({"date": ["31.12.2020", "2021-12-31", "2021-12-31"]}, "table.date", "date",
         "kein Datum", "not a date", "2024-12-31"),
        ({"unit": ["8421", "09761", "DG"]}, "regions.leading_zero", "unit",
         "führende Null verloren", "leading zero lost", "Read keys as text"),
    ],
)  # fmt: skip
def test_each_rule_says_what_is_wrong_and_what_to_do(columns, rule, column, de, en, remedy):
    (found,) = broken(**columns)
    assert (found.rule, found.severity, found.column) == (rule, "error", column)
    assert de in found.text.de
    assert en in found.text.en
    assert remedy in found.hint.en
    assert found.hint.de not in ("", found.hint.en)


@pytest.mark.parametrize(("first", "last"), [(1900, 2100), (2099, 2100), (1900, 1901)])
def test_years_from_1900_to_2100_are_years(first, last):
    assert indicators(frame(year=[first, last, last])).years == (first, last)


@pytest.mark.parametrize(
    ("year", "shown"),
    [
        (1899, "1899"),
        (2101, "2101"),
        (21, "21"),
        (67557, "67557"),  # would be 2021 in 16 bits
        (-63515, "-63515"),  # so would this one
        (20211231, "20211231"),
        (2021.25, "2021.25"),
        ("2021/22", "2021/22"),
        (None, "None"),
        (np.nan, "nan"),
        (np.inf, "inf"),
    ],
)
def test_nothing_else_becomes_a_year(year, shown):
    (found,) = broken(year=pd.Series([year, 2021, 2021], dtype=object))
    assert (found.rule, found.value, found.n) == ("table.year", shown, 1)


@pytest.mark.parametrize("years", [["2020", "2021", "2021"], [2020.0, 2021.0, 2021.0]])
def test_years_may_be_texts_or_whole_floats(years):
    assert indicators(frame(year=years)).years == (2020, 2021)


def test_place_value_and_number_of_cases_are_those_of_the_file():
    (found,) = broken(
        value=[np.nan, 2.0, -np.inf], status="normal", file="werte.csv", row=[7, 8, 9]
    )
    assert (found.file, found.row, found.rows, found.n) == ("werte.csv", 7, (7, 9), 2)
    assert found.key == "08421 / 2020 / a"
    assert found.value is None  # a missing number has no text
    (second,) = broken(status=["", "", "zero"], file="werte.csv", row=[7, 8, 9])
    assert (second.row, second.value, second.key) == (9, "3.0", "DG / 2021 / b")


def test_rows_that_stand_in_no_file_have_no_place():
    (found,) = broken(status=["zero", "", ""])
    assert (found.file, found.row, found.rows) == (None, None, ())
    line = found.line("de")
    assert line.startswith("Spalte 'value', 08421 / 2020 / a: Status 'zero'")


def test_each_malformed_key_is_named_with_all_its_rows():
    found = broken(
        unit=["8421", "8421", "17"], year=[2020, 2021, 2021], file="k.csv", row=[2, 3, 4]
    )
    assert [(f.rule, f.value, f.row, f.n, f.rows) for f in found] == [
        ("regions.unknown_land", "17", 4, 1, (4,)),
        ("regions.leading_zero", "8421", 2, 2, (2, 3)),
    ]


def test_problems_of_several_rules_come_together():
    found = broken(
        unit=["8421", "09761", "DG"], year=[2020, 2021, 1850], status=["zero", "suppressed", ""]
    )
    assert {f.rule for f in found} == {
        "regions.leading_zero",
        "table.year",
        "table.zero",
        "table.value_beside_sign",
    }


def test_the_headline_names_files_and_number_of_problems():
    rows = frame(year=1850, file=["a.csv", "b.csv", "a.csv"], row=[2, 3, 4])
    with pytest.raises(ValidationError, match=r"^a\.csv, b\.csv does not satisfy .*\(1 problems\)"):
        indicators(rows)
    with pytest.raises(ValidationError, match=r"^the table does not satisfy"):
        indicators(frame(year=1850))


def test_only_the_first_hundred_rows_are_listed_but_all_are_counted():
    units = [f"01001{n:03d}" for n in range(150)]
    rows = pd.DataFrame(
        {"unit": units, "year": 1850, "indicator": "a", "value": 1.0, "file": "g.csv"}
    ).assign(row=range(2, 152))
    with pytest.raises(ValidationError) as error:
        indicators(rows)
    (found,) = error.value.findings
    assert found.n == 150
    assert found.rows == tuple(range(2, 102))


def test_a_column_of_ones_own_is_no_part_of_a_table():
    table = indicators(frame())
    with pytest.raises(ValidationError, match="shape of the table"):
        replace(table, data=table.data.assign(note="x"))
    with pytest.raises(ValidationError) as error:
        replace(table, data=table.data.drop(columns="row"))
    assert all(f.text.de.startswith("Aufbau der Tabelle") for f in error.value.findings)


def test_every_undeclared_indicator_is_named():
    table = indicators(frame(indicator=["a", "b", "c"]))
    with pytest.raises(ValidationError) as error:
        replace(table, indicators={"b": table.indicators["b"]})
    assert [(f.rule, f.value) for f in error.value.findings] == [
        ("table.indicator_undeclared", "a"),
        ("table.indicator_undeclared", "c"),
    ]
    assert error.value.findings[0].text.de == "Indikator ist nicht beschrieben"


# Duplicates -----------------------------------------------------------------------------------

keys = st.tuples(
    st.sampled_from(["DG", "01", "08421", "09761"]),
    st.sampled_from([1900, 1901, 2020, 2021, 2100]),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([None, "2020-12-31", "2021-12-31"]),
)


@settings(max_examples=25)
@given(st.lists(keys, min_size=1, max_size=30))
def test_codes_are_equal_exactly_where_keys_are_equal(rows):
    data = pd.DataFrame(rows, columns=["unit", "year", "indicator", "date"]).assign(value=1.0)
    names = ["unit", "year", "indicator", "date"]
    dated, plain = coerce(data), coerce(data.drop(columns="date"))
    assert (pd.Series(key_codes(dated)).duplicated() == data[names].duplicated()).all()
    assert (pd.Series(key_codes(plain)).duplicated() == data[names[:3]].duplicated()).all()


@settings(max_examples=25)
@given(st.lists(keys, min_size=1, max_size=30))
def test_a_table_is_refused_exactly_if_a_key_stands_twice(rows):
    data = pd.DataFrame(rows, columns=["unit", "year", "indicator", "date"]).assign(value=1.0)
    twice = int(data.duplicated(["unit", "year", "indicator", "date"], keep=False).sum())
    if not twice:
        assert len(indicators(data)) == len(rows)
        return
    with pytest.raises(ValidationError, match=re.escape("not unique")) as error:
        indicators(data)
    assert error.value.findings[0].n == twice


def test_figures_of_one_date_may_not_stand_twice_even_without_date():
    dated = {"unit": "DG", "indicator": "a", "year": 2021}
    assert len(indicators(frame(**dated, date=["2021-03-31", "2021-06-30", None]))) == 3
    for date in (["2021-03-31"] * 2 + ["2021-06-30"], [None, None, "2021-06-30"]):
        (found,) = broken(**dated, date=date)
        assert (found.rule, found.n) == ("table.duplicate", 2)
