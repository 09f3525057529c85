"""A workbook laid out as the COIN Tool's is described; no real one lies at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from begleitforschung.errors import SourceFileError, ValidationError
from begleitforschung.loaders.coin_tool import read_coin_tool

COLUMNS = [
    # weight, direction, lower, upper, index, sub-index, pillar, sub-pillar, name, code, values
    [1, 1, 0, 10, "Index", "si.01", "p.01", "sp.01", "Ärzte", "ind.01", 1.5, "n/a", 3],
    [2, -1, 0, 10, "Index", "si.01", "p.01", "sp.01", "Wege", "ind.02", 4, 5, 6],
    [1, 1, None, None, "Index", "si.01", "p.02", "sp.01", "Grün", "ind.03", 7, None, 9],
]
FRAMEWORK = [("p.01", 0.7, "Versorgung"), ("p.02", 0.3, "Umwelt"), ("--", "", "")]


@pytest.fixture
def workbook(tmp_path: Path):
    def made(**changes: object) -> Path:
        book = Workbook()
        sheet = book.active
        sheet.title = "Database"
        for number, column in enumerate(COLUMNS):
            for row, value in enumerate(column):
                sheet.cell(row + 7, number + 5, value)
        for number, unit in enumerate(["A", "B", "C"]):
            sheet.cell(17 + number, 2, f"Stadt {unit}")
            sheet.cell(17 + number, 3, unit)
        for place, value in changes.items():
            sheet[place] = value
        second = book.create_sheet("Framework")
        second["C4"] = "Dimension/indicator"
        for number, (code, weight, name) in enumerate(FRAMEWORK):
            second.cell(5 + number, 3, code)
            second.cell(5 + number, 5, weight)
            second.cell(5 + number, 8, name)
        path = tmp_path / "coin_tool.xlsx"
        book.save(path)
        return path

    return made


def test_data_units_and_missing_values(workbook) -> None:
    found = read_coin_tool(workbook())
    expected = [[1.5, 4, 7], [np.nan, 5, np.nan], [3, 6, 9]]
    assert np.array_equal(found.data.to_numpy(), expected, equal_nan=True)
    assert found.names["B"] == "Stadt B"
    assert found.provenance.sources()[0].file == "coin_tool.xlsx"


def test_levels_in_use_become_the_tree(workbook) -> None:
    spec = read_coin_tool(workbook(), id="versorgung").spec
    assert spec.root == "Index"
    assert {node.id: (node.parent, node.weight, node.title.de) for node in spec.nodes} == {
        "p.01": ("Index", 0.7, "Versorgung"),
        "p.02": ("Index", 0.3, "Umwelt"),
        "Index": ("", 1.0, "Index"),
    }


def test_what_is_said_of_the_indicators(workbook) -> None:
    first, second, third = read_coin_tool(workbook()).spec.indicators
    assert (first.title.de, first.parent, first.goalposts) == ("Ärzte", "p.01", (0, 10))
    assert (second.direction, second.weight) == ("lower", 2.0)
    assert (third.parent, third.goalposts) == ("p.02", None)


def test_broken_cells_are_named_all_at_once(workbook) -> None:
    with pytest.raises(ValidationError) as caught:
        read_coin_tool(workbook(E17="viel", F8=0, G7="schwer"))
    found = {(item.row, item.column) for item in caught.value.findings}
    assert found == {(17, "ind.01"), (8, "ind.02"), (7, "ind.03")}


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "x.xlsx")
    with pytest.raises(SourceFileError, match="no sheet 'Database', 'Framework'"):
        read_coin_tool(tmp_path / "x.xlsx")


def test_a_workbook_without_units_is_refused(workbook) -> None:
    with pytest.raises(SourceFileError, match="no unit"):
        read_coin_tool(workbook(C17=None, C18=None, C19=None))
