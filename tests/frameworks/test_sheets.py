"""The template filled in as people do it, in a folder or a workbook, and its schema."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from begleitforschung.errors import FrameworkError, SourceFileError, UnknownCodeError
from begleitforschung.frameworks import check_framework, load_framework, write_template
from begleitforschung.frameworks.entries import SHEETS
from begleitforschung.frameworks.package import table_schema
from begleitforschung.frameworks.template import guide

ROWS: dict[str, dict[str, Any]] = {
    "dimensions": {"dimension": "auto", "name_de": "Auto"},
    "variables": {"variable": "pkw", "label_de": "Pkw", "additive": True, "first_year": 2015},
    "kpis": {
        "id": "V1", "code": 16031, "name_de": "Pkw", "name_de_status": "own", "dimension": "auto",
        "formula_type": "count", "numerator_expr": "pkw", "multiplier": 0.5, "decimals": 1,
        "polarity": "none", "formula_status": "own", "sdg": "11.2; 13",
    },
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plan of one KPI as CSV files."""
    write_template(tmp_path / "plan")
    for sheet, row in ROWS.items():
        with (tmp_path / "plan" / f"{sheet}.csv").open("a", encoding="utf-8", newline="") as file:
            cells = {name: str(value).replace("True", "true") for name, value in row.items()}
            csv.DictWriter(file, list(SHEETS[sheet].model_fields)).writerow(cells)
    return tmp_path / "plan"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (path,) = write_template(tmp_path_factory.mktemp("mappe"), xlsx=True)
    book = load_workbook(path)
    for sheet, row in ROWS.items():
        book[sheet].append([row.get(name) for name in SHEETS[sheet].model_fields])
    book.save(path)
    return path


@pytest.fixture
def workbook(made: Path, tmp_path: Path) -> Path:
    """The same plan as a workbook with numbers and booleans in its cells."""
    return shutil.copy(made, tmp_path / made.name)


def test_folder_and_workbook_say_the_same(folder: Path, workbook: Path) -> None:
    assert check_framework(folder) == check_framework(workbook) == ()
    plan, same = load_framework(folder), load_framework(str(workbook))
    assert plan == same
    assert plan["16031"].multiplier == 0.5
    assert plan["16031"].sdg == ("11.2", "13")
    assert (plan.variables[0].additive, plan.variables[0].first_year) == (True, 2015)


def edit(path: Path, sheet: str, *rows: list[Any], at: str = "", value: Any = None) -> Path:
    book = load_workbook(path)
    for row in rows:
        book[sheet].append(row)
    if at:
        book[sheet][at] = value
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("sheet", "at", "value", "row", "column", "german"),
    [
        ("variables", "G2", 2015.5, 2, "levels", ""),
        ("variables", "H2", 2015.5, 2, "first_year", "keine ganze Zahl"),
        ("variables", "E2", "ja", 2, "additive", "weder 'true' noch 'false'"),
        ("framework", "A2", "Mein Plan", 2, "id", "Wert passt nicht"),
        ("framework", "B2", None, 2, "edition", "Pflichtangabe fehlt"),
        ("framework", "A3", "zweiter", 3, "edition", "Pflichtangabe fehlt"),
    ],
)
def test_cells_of_a_workbook_are_named_like_those_of_a_file(
    workbook: Path, sheet: str, at: str, value: Any, row: int, column: str, german: str
) -> None:
    found = check_framework(edit(workbook, sheet, at=at, value=value))
    if not german:
        assert found == ()
        return
    [finding] = [item for item in found if item.column == column]
    assert (finding.file, finding.row) == (sheet, row)
    assert finding.text.de.startswith(german)
    assert finding.hint is not None
    assert finding.hint.de.startswith(f"Spalte '{column}': ")
    assert finding.hint.en.startswith(f"Correct the column '{column}'")


def test_a_workbook_describes_one_framework_only(workbook: Path) -> None:
    first = [cell.value for cell in load_workbook(workbook)["framework"][2]]
    [finding] = check_framework(edit(workbook, "framework", first))
    assert (finding.rule, finding.file) == ("framework.one_row", "framework")
    assert (finding.text.de, finding.text.en) == (
        "genau eine Zeile ist erwartet",
        "exactly one row is expected",
    )
    with pytest.raises(FrameworkError, match=r"'rahmenplan\.xlsx' is no complete"):
        load_framework(workbook)


def test_notes_in_the_guide_and_spaces_beside_the_table_do_no_harm(workbook: Path) -> None:
    book = load_workbook(workbook)
    book["Anleitung"]["A5"] = "Notiz der Projektleitung"
    book["kpis"].cell(row=9, column=60).value = "   "
    book.save(workbook)
    assert check_framework(workbook) == ()


def test_a_file_is_missing_and_another_is_not_read(folder: Path) -> None:
    (folder / "mappings.csv").rename(folder / "zuordnung.csv")
    (folder / "LIESMICH.md").write_text("eigene Notiz", encoding="utf-8")
    missing, extra = check_framework(folder)
    assert (missing.file, missing.severity, missing.text.en) == (
        "mappings.csv",
        "error",
        "file is missing",
    )
    assert missing.hint is not None
    assert "the header alone will do" in missing.hint.en
    assert (extra.file, extra.severity, extra.text.en) == (
        "zuordnung.csv",
        "warning",
        "file is not read",
    )
    assert extra.hint is not None
    assert "datapackage.json, kpis.csv" in extra.hint.en


@pytest.mark.parametrize("name", ["kpis.csv", "datapackage.json"])
def test_an_empty_file_is_told(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    found = [item for item in check_framework(folder) if item.severity == "error"]
    assert {item.file for item in found} == {name}
    assert all("nicht lesbar" in item.text.de and item.hint for item in found)


def test_a_descriptor_in_another_encoding_is_told(folder: Path) -> None:
    file = folder / "datapackage.json"
    text = file.read_text("utf-8").replace('"title": "', '"title": "Größe ', 1)
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_framework(folder).info.title_de.startswith("Größe ")
    file.write_bytes(text.encode("cp1252"))
    [finding] = check_framework(folder)
    assert (finding.text.de, finding.text.en) == (
        "nicht lesbar: not UTF-8",
        "not readable: not UTF-8",
    )


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"licenses": []}, "licenses"),
        ({"sources": [{"title": "a"}, {"title": "b"}]}, "sources"),
        ({"licenses": [{"name": "x"}]}, "licenses.0.title"),
        ({"profile": "data-package"}, "profile"),
        ({"keywords": ["KPI"]}, "keywords"),
    ],
)
def test_what_a_descriptor_must_say_is_named(
    folder: Path, change: dict[str, Any], column: str
) -> None:
    file = folder / "datapackage.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | change), "utf-8")
    found = check_framework(folder)
    assert {item.file for item in found} == {"datapackage.json"}
    assert found[0].column == column


def test_names_and_paths_are_told_apart(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownCodeError, match=r"packaged frameworks.*Did you mean 'u4ssc'"):
        load_framework("u4scc")
    for path in (tmp_path / "u4scc", str(tmp_path / "u4scc")):
        with pytest.raises(SourceFileError, match="'u4scc' does not exist; give a folder"):
            load_framework(path)
    assert load_framework(str(folder)).id == "mein_rahmenplan"
    assert check_framework("u4ssc") == check_framework("u4ssc")


def test_a_framework_of_ones_own_is_found_again_and_can_be_varied(folder: Path) -> None:
    plan = load_framework(folder)
    other = replace(plan, info=plan.info.model_copy(update={"id": "variante"}))
    assert other.fingerprint != plan.fingerprint == load_framework(folder).fingerprint


def test_the_guide_explains_every_column_of_every_sheet_in_german() -> None:
    rows = guide()
    columns = {(row[0], row[1]) for row in rows}
    expected = {(name, c) for name, model in SHEETS.items() for c in model.model_fields}
    assert {item for item in columns if item[0] != "framework"} == expected
    told = {(sheet, column): rest for sheet, column, *rest in rows}
    assert told["kpis", "polarity"][:3] == ["ja", "Text", "higher, lower, target, none"]
    assert told["kpis", "decimals"][:3] == ["", "ganze Zahl", ""]
    assert told["kpis", "multiplier"][:3] == ["", "Zahl mit Dezimalpunkt", ""]
    assert told["variables", "additive"][:3] == ["", "true oder false", ""]
    assert all(row[5] for row in rows)


@pytest.mark.parametrize(
    ("sheet", "column", "field"),
    [
        ("kpis", "id", {"type": "string", "constraints": {"required": True}}),
        ("kpis", "weight", {"type": "number"}),
        ("kpis", "decimals", {"type": "integer"}),
        ("variables", "additive", {"type": "boolean"}),
        ("kpis", "stock_flow", {"type": "string", "constraints": {"enum": ["stock", "flow"]}}),
        ("kpis", "sdg", {"type": "string"}),
    ],
)
def test_the_schema_of_a_sheet_is_frictionless(
    sheet: str, column: str, field: dict[str, Any]
) -> None:
    schema = table_schema(sheet)
    assert {"name": column} | field in schema["fields"]
    assert schema["missingValues"] == [""]


@pytest.mark.parametrize(
    ("sheet", "primary", "foreign"),
    [
        ("kpis", ["id"], ("dimension", "dimensions", "dimension")),
        ("variables", ["variable"], None),
        ("dimensions", ["dimension"], None),
        ("targets", None, ("kpi_id", "kpis", "id")),
        ("mappings", None, ("kpi_id", "kpis", "id")),
    ],
)
def test_sheets_refer_to_each_other(
    sheet: str, primary: list[str] | None, foreign: tuple[str, str, str] | None
) -> None:
    schema = table_schema(sheet)
    assert schema.get("primaryKey") == primary
    if foreign is None:
        assert "foreignKeys" not in schema
        return
    [key] = schema["foreignKeys"]
    column, other, target = foreign
    assert key == {"fields": [column], "reference": {"resource": other, "fields": [target]}}


def test_a_path_that_ends_in_xlsx_is_the_workbook_itself(tmp_path):
    from begleitforschung.frameworks import write_template

    path = tmp_path / "neu" / "mein.xlsx"
    assert write_template(path, xlsx=True) == (path,)
    assert path.is_file()
