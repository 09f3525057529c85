"""Tables as they leave the house: which cell is printed how, in which language, in which format."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from begleitforschung.display.numbers import MINUS, round_half_up
from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.errors import ReportError

DECIMALS = st.integers(0, 4)


def one(value: Any, lang: str = "de", **options: Any) -> str:
    """Print one value in a column of its own."""
    column = Column(key="a", label="A", **options)
    return TableModel(columns=[column], rows=[(value,)], lang=lang).formatted()[0][0]


@pytest.mark.parametrize(
    ("value", "options", "german", "english"),
    [
        (1234.5, {"decimals": 1}, "1.234,5", "1,234.5"),
        (1234.5, {"decimals": 0}, "1.235", "1,235"),
        (1234.5, {}, "1.234,5", "1,234.5"),
        (2021, {}, "2021", "2021"),
        (np.int16(2021), {}, "2021", "2021"),
        (2021.0, {}, "2021", "2021"),
        (1042, {"decimals": 0}, "1.042", "1,042"),
        (Decimal("0.125"), {"decimals": 2}, "0,13", "0.13"),
        (0.25, {"decimals": 1, "sign": True}, "+0,3", "+0.3"),
        (-0.25, {"decimals": 1, "sign": True}, f"{MINUS}0,3", f"{MINUS}0.3"),
        (0.0, {"decimals": 1, "sign": True}, "0,0", "0.0"),
        (None, {"decimals": 1}, "–", "–"),
        (np.nan, {}, "–", "–"),
        (pd.NA, {}, "–", "–"),
        ("08421", {"decimals": 1}, "08421", "08421"),
        ("True", {}, "True", "True"),
        (True, {"decimals": 1}, "ja", "yes"),
        (np.False_, {}, "nein", "no"),
        (Cell(value=2.25, decimals=1), {"decimals": 3}, "2,3", "2.3"),
        (Cell(value=2.0, decimals=0, mark="a"), {"decimals": 3}, "2", "2"),
    ],
)
def test_cells_are_printed(value: Any, options: dict[str, Any], german: str, english: str) -> None:
    assert (one(value, "de", **options), one(value, "en", **options)) == (german, english)


@pytest.mark.parametrize(
    ("values", "options", "expected"),
    [
        ([1, 2.5], {}, "right"),
        ([1, None, np.nan], {}, "right"),
        ([1, "k. A."], {}, "left"),
        (["a", "b"], {}, "left"),
        ([True, False], {}, "left"),
        ([None, None], {}, "left"),
        ([None, None], {"decimals": 1}, "right"),
        ([], {}, "left"),
        ([], {"decimals": 0}, "right"),
        ([Cell(value=1, mark="a"), 2], {}, "right"),
        ([1, 2], {"align": "center"}, "center"),
        (["a"], {"align": "right"}, "right"),
    ],
)
def test_columns_of_numbers_stand_right(
    values: list[Any], options: dict[str, Any], expected: str
) -> None:
    model = TableModel(
        columns=[Column(key="a", label="A", **options)], rows=[(value,) for value in values]
    )
    assert model.alignments() == [expected]


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), DECIMALS), min_size=1, max_size=8))
def test_decimal_signs_stand_below_each_other(cells: list[tuple[float, int]]) -> None:
    """Every number ends equally far behind its decimal sign; spaces fill what is missing."""
    model = TableModel(
        columns=[Column(key="a", label="A")],
        rows=[(Cell(value=value, decimals=decimals),) for value, decimals in cells],
    )
    behind = set()
    for (text,), (printed,) in zip(model.aligned(), model.formatted(), strict=True):
        assert text.rstrip("\u2007\u2008") == printed
        sign = max(text.find(","), text.find("\u2008"))
        behind.add(len(text) - sign if sign >= 0 else 0)
    assert len(behind) == 1


def test_texts_and_dashes_are_not_filled_up() -> None:
    model = TableModel(
        columns=[Column(key="a", label="A", align="right")],
        rows=[(Cell(value=1.5, decimals=2),), ("k. A.",), (None,), (Cell(value=2, decimals=0),)],
    )
    assert [row[0] for row in model.aligned()] == ["1,50", "k. A.", "–", "2\u2008\u2007\u2007"]


@given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), max_size=6), DECIMALS)
def test_a_frame_is_printed_value_by_value(values: list[float | None], decimals: int) -> None:
    frame = pd.DataFrame({"q": pd.array(values, "Float64").to_numpy(float, na_value=np.nan)})
    model = TableModel.from_frame(frame, decimals=decimals, lang="en")
    read = [
        None if text == "–" else Decimal(text.replace(",", "").replace(MINUS, "-"))
        for (text,) in model.formatted()
    ]
    assert read == [None if value is None else round_half_up(value, decimals) for value in values]
    assert model.to_frame()["q"].tolist() == pytest.approx(frame["q"].tolist(), nan_ok=True)


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("Jahr", [2021], "2021"),
        ("YEAR", [2021], "2021"),
        ("Jahr", [2021.0, np.nan], "2021"),
        ("Jahre", [2021], "2.021"),
        ("n", pd.array([1234, None], "Int64"), "1.234"),
        ("n", np.array([1234], "uint16"), "1.234"),
        ("q", [1234.0], "1.234,0"),
        ("q", pd.array([0.25], "Float64"), "0,3"),
        ("funded", [True], "ja"),
        ("name", ["Ulm"], "Ulm"),
        ("name", pd.Categorical(["Ulm"]), "Ulm"),
    ],
)
def test_kinds_of_columns_of_a_frame(column: str, values: Any, expected: str) -> None:
    assert TableModel.from_frame(pd.DataFrame({column: values})).formatted()[0] == [expected]


def test_decimals_by_column_leave_the_others_with_one() -> None:
    frame = pd.DataFrame({"a": [1.25], "b": [1.25], "n": [7], "Jahr": [2021]})
    model = TableModel.from_frame(frame, decimals={"b": 3, "n": 1, "Jahr": 0})
    assert model.formatted() == [["1,3", "1,250", "7,0", "2.021"]]


def test_headings_of_a_frame() -> None:
    frame = pd.DataFrame({"a": [1], 7: ["x"]}, index=["left out"])
    model = TableModel.from_frame(
        frame, labels={"a": "Fälle"}, units={"a": "n"}, notes=["N"], source="S", lang="en"
    )
    assert [(c.key, c.label, c.unit) for c in model.columns] == [
        ("a", "Fälle", "n"),
        ("7", "7", ""),
    ]
    assert model.below() == ["Note: N", "Source: S"]
    assert model.rows == [(1, "x")]


@pytest.mark.parametrize(
    ("notes", "source", "lang", "expected"),
    [
        ([], "", "de", []),
        ([], "Amt", "de", ["Quelle: Amt"]),
        ([], "Amt", "en", ["Source: Amt"]),
        (["a", "b"], "", "de", ["Anmerkung: a", "b"]),
        (["a", "b"], "Amt", "en", ["Note: a", "b", "Source: Amt"]),
    ],
)
def test_lines_below(notes: list[str], source: str, lang: str, expected: list[str]) -> None:
    columns = [Column(key="a", label="A")]
    model = TableModel(columns=columns, rows=[(1,)], notes=notes, source=source, lang=lang)
    assert model.below() == expected
    assert model.to_text().splitlines()[3:] == expected
    assert [p.text for p in html.fromstring(model.to_html()).findall("p")] == expected


@pytest.fixture
def counties() -> TableModel:
    return TableModel(
        columns=[
            Column(key="k", label="Kreis"),
            Column(key="w", label="Pkw", unit="je 1.000", decimals=1),
            Column(key="s", label="Status", align="center"),
        ],
        rows=[
            ("Ulm", 1520.25, "p"),
            (Cell(value="Summe", emphasis=True), Cell(value=7, decimals=0, mark="a"), None),
        ],
    )


def test_plain_text_has_straight_columns(counties: TableModel) -> None:
    assert counties.to_text().splitlines() == [
        "Kreis       Pkw  Status",
        "       je 1.000",
        "-----  --------  ------",
        "Ulm     1.520,3  p",
        "Summe      7\u2008\u2007a  –",
    ]


def test_html_marks_emphasis_and_alignment(counties: TableModel) -> None:
    tree = html.fromstring(counties.to_html())
    assert tree.find(".//caption") is None
    assert [node.text_content() for node in tree.iter("strong")] == ["Summe"]
    (mark,) = tree.iter("sup")
    assert mark.getparent().text_content() == "7\u2008\u2007a"
    styles = [cell.get("style") for cell in tree.findall(".//tbody/tr")[0]]
    assert styles == ["text-align:left", "text-align:right", "text-align:center"]
    assert [th.get("style") for th in tree.findall(".//thead/tr[1]/th")] == styles
    assert [cell.tag for cell in tree.findall(".//tbody/tr")[1]] == ["th", "td", "td"]


def test_html_without_units_has_one_line_of_headings() -> None:
    model = TableModel(columns=[Column(key="a", label="A & B")], rows=[(1,)])
    tree = html.fromstring(model.to_html(caption="<strong>Tabelle 1:</strong> Pkw"))
    assert len(tree.findall(".//thead/tr")) == 1
    assert tree.find(".//thead//th").get("rowspan") is None
    assert tree.findtext(".//thead//th") == "A & B"
    assert tree.find(".//caption/strong").text == "Tabelle 1:"
    assert model._repr_html_() == model.to_html()


def test_a_table_and_its_parts_are_frozen(counties: TableModel) -> None:
    for part, name in ((counties, "rows"), (counties.columns[0], "key"), (Cell(value=1), "value")):
        with pytest.raises(FrozenInstanceError):
            setattr(part, name, 2)


@pytest.mark.parametrize(
    ("keys", "rows", "message"),
    [
        ([], [], r"different keys, not \[\]"),
        (["a", "b", "a"], [], r"different keys, not \['a', 'b', 'a'\]"),
        (["a", "b"], [(1, 2), (1,)], "row 2 of the table has 1 cells for 2 columns"),
        (["a"], [()], "row 1 of the table has 0 cells for 1 columns"),
    ],
)
def test_tables_that_are_none(keys: list[str], rows: list[Any], message: str) -> None:
    with pytest.raises(ReportError, match=message):
        TableModel(columns=[Column(key=key, label="A") for key in keys], rows=rows)
