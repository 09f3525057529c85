from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lxml import html

from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.errors import ReportError


@pytest.fixture
def model() -> TableModel:
    return TableModel(
        columns=[
            Column(key="group", label="Staffel"),
            Column(key="n", label="Fälle", decimals=0),
            Column(key="mean", label="Mittel", unit="%", decimals=1),
        ],
        rows=[
            ("1 (2019)", 13, 2.45),
            ("2 (2020)", 1032, Cell(value=3, mark="a", decimals=0)),
            (Cell(value="Insgesamt", emphasis=True), None, np.nan),
        ],
        notes=["a vorläufig", "Abweichungen durch Rundung möglich."],
        source="Eigene Berechnung",
    )


def test_formatted_and_aligned(model: TableModel) -> None:
    assert model.formatted() == [
        ["1 (2019)", "13", "2,5"],
        ["2 (2020)", "1.032", "3"],
        ["Insgesamt", "–", "–"],
    ]
    assert model.aligned()[1][2] == "3\u2008\u2007"
    assert model.alignments() == ["left", "right", "right"]


def test_html_has_header_cells_units_and_source(model: TableModel) -> None:
    tree = html.fromstring(model.to_html(caption="Tabelle 1"))
    assert tree.findtext(".//caption") == "Tabelle 1"
    assert all(th.get("scope") in ("col", "row") for th in tree.iter("th"))
    assert [th.text for th in tree.findall(".//tbody/tr/th")][:2] == ["1 (2019)", "2 (2020)"]
    assert [th.get("rowspan") for th in tree.findall(".//thead/tr[1]/th")] == ["2", "2", None]
    assert tree.findtext(".//thead/tr[2]/th") == "%"
    assert tree.findtext(".//sup") == "a"
    below = [p.text for p in tree.findall("p")]
    assert below == [
        "Anmerkung: a vorläufig",
        "Abweichungen durch Rundung möglich.",
        "Quelle: Eigene Berechnung",
    ]


def test_a_column_of_missing_numbers_stays_right_aligned() -> None:
    columns = [Column(key="a", label="A"), Column(key="b", label="B", decimals=1)]
    model = TableModel(columns=columns, rows=[(None, None), ("x", float("nan"))])
    assert model.alignments() == ["left", "right"]


def test_hostile_text_is_escaped() -> None:
    bad = '<script>alert("x")</script> & Co'
    model = TableModel(
        columns=[Column(key="a", label=bad, unit=bad)],
        rows=[(Cell(value=bad, mark=bad),)],
        notes=[bad],
        source=bad,
    )
    assert "<script>" not in model.to_html()
    assert model.to_html().count("&lt;script&gt;") == 6


def test_text_and_frame_keep_the_values(model: TableModel) -> None:
    lines = model.to_text().splitlines()
    assert lines[0].split() == ["Staffel", "Fälle", "Mittel"]
    assert "1.032" in model.to_text()
    assert lines[-1] == "Quelle: Eigene Berechnung"
    frame = model.to_frame()
    assert list(frame.columns) == ["group", "n", "mean"]
    assert frame.loc[0, "mean"] == 2.45


def test_from_frame_knows_years_counts_and_fractions() -> None:
    frame = pd.DataFrame({"Jahr": [2021], "Einwohner": [1234], "Quote": [2.345]})
    model = TableModel.from_frame(frame, units={"Quote": "%"}, decimals={"Quote": 2})
    assert model.formatted() == [["2021", "1.234", "2,35"]]
    assert model.columns[2].unit == "%"


def test_a_table_without_rows_still_has_its_heading() -> None:
    model = TableModel(columns=[Column(key="a", label="A")], rows=[])
    assert "<th" in model.to_html()
    assert model.to_text().startswith("A")


def test_ragged_rows_and_double_keys_are_refused() -> None:
    with pytest.raises(ReportError, match="row 2 of the table has 2 cells for 1 columns"):
        TableModel(columns=[Column(key="a", label="A")], rows=[(1,), (1, 2)])
    with pytest.raises(ReportError, match="different keys"):
        TableModel(columns=[Column(key="a", label="A")] * 2, rows=[])
