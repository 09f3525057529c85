"""Tables of other index software that can't be taken as they are: what the message says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from begleitforschung.composite import compose
from begleitforschung.errors import SourceFileError, SpecificationError, ValidationError
from begleitforschung.loaders.coin_tool import read_coin_tool
from begleitforschung.loaders.coinr import read_coinr

META = """Level,iCode,iName,Direction,Weight,Unit,Target,Denominator,Parent,Type
1,a,Ärzte,1,1,je 1000,3.5,pop,P,Indicator
1,b,Wege,-1,2,km,,,P,Indicator
2,P,Index,1,1,,,,,Aggregate
,pop,Einwohner,,,,,,,Denominator
,g,Gruppe,,,,,,,Group
,note,Anmerkung,,,,,,,Other
"""
DATA = "uCode,uName,a,b,pop,g\nX,Xdorf,1.5,NA,100,L\nY,Ystadt,2,-3,200,S\n"


def read(folder: Path, data: str = DATA, meta: str = META):
    for name, text in (("iData.csv", data), ("iMeta.csv", meta)):
        (folder / name).write_text(text, encoding="utf-8")
    return read_coinr(folder / "iData.csv", folder / "iMeta.csv", id="probe")


# Change in iMeta; rule, row and column of the finding, a part of its English text or hint.
META_PROBLEMS = [
    ("a,Ärzte,1,1", "a,Ärzte,0,1", "direction", 2, "Direction", "1: more is better, -1: less"),
    ("a,Ärzte,1,1", "a,Ärzte,,1", "direction", 2, "Direction", "Direction missing"),
    ("b,Wege,-1,2", "b,Wege,-1,", "weight", 3, "Weight", "Enter 1 for equal weights"),
    ("b,Wege,-1,2", "b,Wege,-1,zwei", "number", 3, "Weight", ""),
    ("Index,1,1,,", "Index,1,,,", "weight", 4, "Weight", "The weight is missing"),
    ("3.5", "viel", "number", 2, "Target", ""),
    (",Group", ",group", "type", 6, "Type", "Indicator, Aggregate, Group, Denominator, Other"),
    (",Group", ",", "type", 6, "Type", "Unknown type of entry"),
]


@pytest.mark.parametrize(("old", "new", "rule", "row", "column", "words"), META_PROBLEMS)
def test_a_slip_in_the_metadata_is_told_with_row_and_column(
    tmp_path, old, new, rule, row, column, words
):
    assert old in META
    with pytest.raises(ValidationError) as caught:
        read(tmp_path, meta=META.replace(old, new))
    (item,) = caught.value.findings
    assert (item.rule, item.file) == (f"coinr.{rule}", "iMeta.csv")
    assert (item.row, item.column) == (row, column)
    assert words in f"{item.text.get('en')} {'' if item.hint is None else item.hint.get('en')}"


# Change in iData; rule of the finding.
DATA_PROBLEMS = [
    ("Y,Ystadt", ",Ystadt", "coinr.unit"),
    ("Y,Ystadt", "X,Ystadt", "coinr.unit"),
    ("-3,200", "-3,viele", "coinr.number"),
    ("b,pop", "bb,pop", "coinr.column"),
]


@pytest.mark.parametrize(("old", "new", "rule"), DATA_PROBLEMS)
def test_a_slip_in_the_data_is_told(tmp_path, old, new, rule):
    with pytest.raises(
        ValidationError, match=r"iData\.csv and iMeta\.csv hold 1 problem"
    ) as caught:
        read(tmp_path, DATA.replace(old, new))
    (item,) = caught.value.findings
    assert (item.rule, item.file, item.severity) == (rule, "iData.csv", "error")


def test_rows_of_the_same_unit_and_year_are_refused_others_taken(tmp_path):
    rows = "uCode,Time,a,b,pop,g\nX,2019,1,1,1,L\nX,{},2,2,1,L\n"
    assert list(read(tmp_path, rows.format(2020)).data.index) == [("X", 2019), ("X", 2020)]
    with pytest.raises(ValidationError) as caught:
        read(tmp_path, rows.format(2019))
    assert caught.value.findings[0].hint.de == "Eine Zeile je Einheit und Jahr."
    with pytest.raises(ValidationError) as caught:
        read(tmp_path, rows.format("bald"))
    assert ("coinr.number", 3, "Time") in [
        (item.rule, item.row, item.column) for item in caught.value.findings
    ]


def test_files_of_another_kind_are_named(tmp_path):
    with pytest.raises(SourceFileError, match=r"iData\.csv has no column 'uCode'; found: unit, a"):
        read(tmp_path, "unit,a\nX,1\n")
    (tmp_path / "iData.xml").write_text("<?xml version='1.0'?><a/>", encoding="utf-8")
    with pytest.raises(SourceFileError, match=r"iData\.xml"):
        read_coinr(tmp_path / "iData.xml", tmp_path / "iMeta.csv")
    with pytest.raises(SourceFileError, match=r"weg\.csv"):
        read_coinr(tmp_path / "weg.csv", tmp_path / "iMeta.csv")


def test_what_was_read_can_be_composed(tmp_path):
    found = read(tmp_path, DATA.replace("NA", "5"))
    assert found.spec.stages == ("denominate", "normalise", "aggregate")
    result = compose(found.data, found.spec, year=2020, groups=found.groups)
    # X has 1.5 / 100 doctors to 2 / 200 and a way of 5 to -3: first in a, last in b.
    expected = {"X": 100 / 3, "Y": 200 / 3}
    assert result.scores("index")["P"].droplevel("year").to_dict() == pytest.approx(expected)
    bare = read(tmp_path, meta=META.replace(",pop,P,Indicator", ",,P,Indicator")).spec
    assert bare.stages == ("normalise", "aggregate")


def test_names_are_the_codes_where_there_are_none_and_semicolons_are_taken(tmp_path):
    found = read(tmp_path, "uCode;a;b;pop;g\nX;1.5;NA;100;L\n")
    assert found.names.to_dict() == {"X": "X"}
    assert found.data.loc["X"].tolist()[::2] == [1.5, 100]
    assert found.groups.loc["X", "g"] == "L"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(), st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: float(f"{x:.9g}"))
        ),
        min_size=1,
        max_size=6,
    )
)
def test_every_number_comes_as_it_was_written(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("coinr")
    lines = [f"U{n},{'NA' if x is None else repr(x)},1,1,L" for n, x in enumerate(values)]
    found = read(folder, "\n".join(["uCode,a,b,pop,g", *lines]) + "\n").data["a"]
    expected = [np.nan if x is None else x for x in values]
    np.testing.assert_array_equal(found.to_numpy(), expected)


COLUMNS = [
    # weight, direction, lower, upper, index, sub-index, pillar, sub-pillar, name, code, values
    [1, 1, 0, 10, "Index", "s", "p.01", "sp", "Ärzte", "i1", 1.5, 2.5],
    [2, -1, 0, 10, "Index", "s", "p.02", "sp", "Wege", "i2", 4, 5],
]


def coin_tool(folder: Path, **cells: object) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = "Database"
    for number, column in enumerate(COLUMNS):
        for row, value in enumerate(column):
            sheet.cell(row + 7, number + 5, value)
    for number, unit in enumerate("AB"):
        sheet.cell(17 + number, 2, f"Stadt {unit}")
        sheet.cell(17 + number, 3, unit)
    for place, value in cells.items():
        sheet[place] = value
    book.create_sheet("Framework")["C4"] = "Dimension/indicator"
    book.save(folder / "tool.xlsx")
    return folder / "tool.xlsx"


@pytest.mark.parametrize(
    ("cells", "row", "column", "de", "en"),
    [
        ({"E7": None}, 7, "i1", "Erwartet wird das Gewicht.", "Expected is the weight."),
        ({"E7": "schwer"}, 7, "i1", "das Gewicht", "the weight"),
        ({"F8": 0}, 8, "i2", "Erwartet wird 1 oder -1.", "Expected is 1 or -1."),
        ({"F8": None}, 8, "i2", "1 oder -1", "1 or -1"),
        ({"F8": "down"}, 8, "i2", "1 oder -1", "1 or -1"),
    ],
)
def test_the_head_of_the_coin_tool_is_checked(tmp_path, cells, row, column, de, en):
    with pytest.raises(ValidationError, match=r"tool\.xlsx holds 1 problem") as caught:
        read_coin_tool(coin_tool(tmp_path, **cells))
    (item,) = caught.value.findings
    assert (item.rule, item.row, item.column) == ("coin_tool.head", row, column)
    assert de in item.text.get("de")
    assert en in item.text.get("en")


def test_what_the_coin_tool_leaves_open_has_a_default(tmp_path):
    found = read_coin_tool(coin_tool(tmp_path, E9=None, F10="n/a", E15=None, B18=None))
    first, second = found.spec.indicators
    assert (first.goalposts, second.goalposts) == (None, None)
    assert first.title.de == "i1"
    assert {node.id: node.weight for node in found.spec.nodes} == {"p.01": 1, "p.02": 1, "Index": 1}
    assert found.names.to_dict() == {"A": "Stadt A", "B": ""}
    pd.testing.assert_index_equal(found.data.index, pd.Index(["A", "B"], name="unit"))


@pytest.mark.parametrize(
    ("cells", "error", "words"),
    [
        ({"E16": None, "F16": "--"}, SourceFileError, "no indicator in row 16"),
        ({"C17": None, "C18": None}, SourceFileError, "no unit from row 17 on"),
        ({"E7": -1}, SpecificationError, "weight is negative"),
        ({"E9": 10, "E10": 0}, SpecificationError, "the lower one first"),
    ],
)
def test_a_workbook_that_holds_no_index_is_refused(tmp_path, cells, error, words):
    with pytest.raises(error, match=words):
        read_coin_tool(coin_tool(tmp_path, **cells))
