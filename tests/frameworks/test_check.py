"""What is wrong with a framework is said in words: sheet, row, column, value, remedy."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from begleitforschung.errors import Finding, FrameworkError, SourceFileError
from begleitforschung.frameworks import check_framework, load_framework, write_template
from begleitforschung.frameworks.entries import SHEETS

Edit = Callable[[str, list[dict[str, str]]], None]
GOOD: dict[str, list[dict[str, str]]] = {
    "dimensions": [
        {"dimension": "verkehr", "name_de": "Verkehr", "weight": "1"},
        {"dimension": "rad", "parent": "verkehr", "name_de": "Rad"},
        {"dimension": "auto", "parent": "verkehr", "name_de": "Auto"},
    ],
    "variables": [
        {"variable": "pkw", "label_de": "Pkw"},
        {"variable": "einwohner", "label_de": "Einwohner"},
        {"variable": "radwege_km", "label_de": "Radwege"},
    ],
    "kpis": [
        {
            "id": "V1", "code": "1", "name_de": "Pkw-Dichte", "name_de_status": "own",
            "dimension": "auto", "formula_type": "ratio", "numerator_expr": "pkw",
            "denominator_expr": "einwohner", "multiplier": "1000", "polarity": "lower",
            "polarity_source": "own", "formula_status": "own", "decimals": "1",
        },
        {
            "id": "V2", "code": "2", "name_de": "Radwege", "name_de_status": "own",
            "dimension": "rad", "formula_type": "count", "numerator_expr": "radwege_km",
            "polarity": "none", "formula_status": "own",
        },
    ],
    "targets": [
        {"kpi_id": "V1", "target_type": "value", "value": "400", "source": "Beschluss",
         "source_status": "official"},
    ],
    "mappings": [{"kpi_id": "V1", "system": "inkar", "key": "16031", "fit": "identical"}],
}  # fmt: skip


def write(folder: Path, content: dict[str, list[dict[str, str]]]) -> Path:
    write_template(folder)
    for sheet, rows in content.items():
        names = list(SHEETS[sheet].model_fields)
        extra = [name for row in rows for name in row if name not in names]
        with (folder / f"{sheet}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, [*names, *dict.fromkeys(extra)], restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def broken(tmp_path: Path, sheet: str, row: int, **cells: str) -> list[Finding]:
    content = {name: [dict(item) for item in rows] for name, rows in GOOD.items()}
    content[sheet][row].update(cells)
    found = check_framework(write(tmp_path / "plan", content))
    return [item for item in found if item.severity == "error"]


def test_a_good_plan_has_no_findings_and_loads(tmp_path: Path) -> None:
    folder = write(tmp_path / "plan", GOOD)
    assert check_framework(folder) == ()
    assert load_framework(folder)["1"].formula == "(pkw) / (einwohner) * 1000"


@pytest.mark.parametrize(
    ("sheet", "row", "cells", "column", "german"),
    [
        ("kpis", 1, {"id": "V1"}, "id", "kommt mehrfach vor"),
        ("kpis", 1, {"code": "1"}, "code", "kommt mehrfach vor"),
        ("kpis", 0, {"dimension": "atuo"}, "dimension", "steht nicht im Blatt 'dimensions'"),
        ("kpis", 0, {"dimension": "verkehr"}, "dimension", "Unterdimensionen"),
        ("kpis", 0, {"numerator_expr": "pkws"}, "numerator_expr", "Variable 'pkws' steht nicht"),
        ("kpis", 0, {"numerator_expr": "pkw **"}, "numerator_expr", "Formel ist nicht lesbar"),
        ("kpis", 0, {"denominator_expr": ""}, "formula_type", "braucht Zähler und Nenner"),
        ("kpis", 0, {"formula_type": "direct"}, "formula_type", "keine solche Formel"),
        ("kpis", 0, {"formula_type": "share_change"}, "numerator_expr", "ohne lag()"),
        ("kpis", 0, {"polarity_source": ""}, "polarity_source", "Herkunft der Polarität"),
        ("kpis", 0, {"polarity": "besser"}, "polarity", "erlaubt: 'higher', 'lower'"),
        ("kpis", 0, {"multiplier": "1.000,0"}, "multiplier", "keine Zahl (mit Dezimalpunkt)"),
        ("kpis", 0, {"multiplier": "0"}, "multiplier", "passt nicht"),
        ("kpis", 0, {"decimals": "zwei"}, "decimals", "keine ganze Zahl"),
        ("kpis", 0, {"decimals": "12"}, "decimals", "passt nicht"),
        ("kpis", 0, {"name_de": ""}, "name_de", "Name fehlt"),
        ("kpis", 0, {"weight": "-1"}, "weight", "Gewicht ist negativ"),
        ("kpis", 0, {"limit_min": "9", "limit_max": "3"}, "limit_min", "liegt nicht unter"),
        ("kpis", 0, {"normalisation": "goalpost"}, "normalisation", "beide Pfosten"),
        ("kpis", 1, {"normalisation": "minmax"}, "normalisation", "nie bewertet"),
        ("kpis", 1, {"polarity": "target", "polarity_source": "own"}, "polarity", "'targets'"),
        ("kpis", 1, {"disaggregation": "a;b"}, "disaggregation", "nur ein 'vector' hat Teile"),
        ("kpis", 1, {"formula_status": ""}, "formula_status", "Pflichtangabe fehlt"),
        ("dimensions", 0, {"parent": "auto"}, "parent", "sich selbst übergeordnet"),
        ("dimensions", 0, {"weight": "0"}, "weight", "Summe der Gewichte ist null"),
        ("variables", 0, {"variable": "Größe"}, "variable", "passt nicht"),
        ("targets", 0, {"kpi_id": "V9"}, "kpi_id", "steht nicht im Blatt 'kpis'"),
        ("targets", 0, {"value": ""}, "value", "Zielwert fehlt"),
        ("targets", 0, {"source": ""}, "source", "Quelle des Ziels fehlt"),
        ("targets", 0, {"target_type": "interval"}, "value2", "value < value2"),
        ("mappings", 0, {"kpi_id": "V7"}, "kpi_id", "steht nicht im Blatt 'kpis'"),
        ("mappings", 0, {"key": ""}, "key", "Schlüssel fehlt"),
        ("mappings", 0, {"years": "2016"}, "years", "passt nicht"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_place(
    tmp_path: Path, sheet: str, row: int, cells: dict[str, str], column: str, german: str
) -> None:
    found = broken(tmp_path, sheet, row, **cells)
    here = [item for item in found if item.column == column and german in item.text.de]
    assert here, [item.line("de") for item in found]
    assert any(item.row == row + 2 for item in here)
    for item in here:
        assert item.file == f"{sheet}.csv"
        assert item.text.en != item.text.de
        assert item.hint is not None


def test_a_weight_is_missing_beside_weighted_siblings(tmp_path: Path) -> None:
    (found,) = broken(tmp_path, "dimensions", 1, weight="2")
    assert (found.row, found.column, found.key) == (4, "weight", "auto")
    assert "neben gewichteten Geschwistern" in found.text.de


def test_all_faults_are_reported_at_once_and_refused_together(tmp_path: Path) -> None:
    content = {name: [dict(item) for item in rows] for name, rows in GOOD.items()}
    content["kpis"][0]["polarity"] = "besser"
    content["targets"][0]["value"] = "vierhundert"
    folder = write(tmp_path / "plan", content)
    with pytest.raises(FrameworkError) as error:
        load_framework(folder)
    assert {item.file for item in error.value.findings} == {"kpis.csv", "targets.csv"}
    assert "kpis.csv, row 2, column 'polarity'" in str(error.value)


def test_a_misspelt_column_and_a_lost_one_are_each_said_once(tmp_path: Path) -> None:
    folder = write(tmp_path / "plan", GOOD)
    file = folder / "kpis.csv"
    text = file.read_text("utf-8")
    file.write_text(text.replace("formula_type", "formel", 1), "utf-8", newline="")
    found = [(f.column, f.row, f.text.de) for f in check_framework(folder)]
    assert found == [
        ("formel", 1, "unbekannte Spalte"),
        ("formula_type", 1, "Pflichtspalte fehlt"),
    ]


def test_empty_rows_do_not_shift_the_row_that_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "plan", GOOD)
    file = folder / "targets.csv"
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([lines[0], "," * 9, lines[1].replace("V1", "V8")]), "utf-8")
    (finding,) = check_framework(folder)
    assert (finding.row, finding.value) == (3, "V8")
    assert finding.hint is not None
    assert "Kennung des KPI" in finding.hint.de


def test_what_a_german_spreadsheet_saves_is_read_or_explained(tmp_path: Path) -> None:
    folder = write(tmp_path / "plan", GOOD)
    file = folder / "dimensions.csv"
    text = file.read_text("utf-8").replace(",", ";")
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert check_framework(folder) == ()
    file.write_bytes(text.replace("Verkehr", "Öffentlicher Verkehr").encode("cp1252"))
    (finding,) = check_framework(folder)
    assert "UTF-8" in finding.text.de
    assert finding.hint is not None
    assert "CSV UTF-8" in finding.hint.de


def test_missing_and_surplus_files_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "plan", GOOD)
    (folder / "targets.csv").rename(folder / "ziele.csv")
    found = {(f.file, f.severity): f.text.de for f in check_framework(folder)}
    assert found == {
        ("targets.csv", "error"): "Datei fehlt",
        ("ziele.csv", "warning"): "Datei wird nicht gelesen",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"name"', "name", "nicht lesbar"),
        ('"version"', '"name"', "duplicate key 'name'"),
        ('"publisher"', '"herausgeber"', "unbekannter Schlüssel"),
        ("kpis.csv", "kennzahlen.csv", "in this order: kpis.csv"),
        ("mein_rahmenplan", "Mein Rahmenplan", "passt nicht"),
    ],
)
def test_a_broken_descriptor_is_explained(tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = write(tmp_path / "plan", GOOD)
    file = folder / "datapackage.json"
    file.write_text(file.read_text("utf-8").replace(old, new, 1), "utf-8")
    found = [item for item in check_framework(folder) if item.severity == "error"]
    assert any(message in item.text.de for item in found), found
    assert {item.file for item in found} == {"datapackage.json"}


def test_a_workbook_is_read_like_the_folder(tmp_path: Path) -> None:
    (path,) = write_template(tmp_path, xlsx=True)
    book = load_workbook(path)
    for sheet, rows in GOOD.items():
        names = list(SHEETS[sheet].model_fields)
        for row in rows:
            cells = [row.get(name) for name in names]
            book[sheet].append([float(c) if c and c.isdigit() else c for c in cells])
    book.save(path)
    assert check_framework(path) == ()
    folder = load_framework(write(tmp_path / "plan", GOOD))
    assert load_framework(path).fingerprint == folder.fingerprint
    book["kpis"]["A3"] = "V1"
    book.save(path)
    found = check_framework(path)
    assert {(item.file, item.column, item.row) for item in found} == {
        ("kpis", "id", 2),
        ("kpis", "id", 3),
    }


def test_a_workbook_without_a_sheet_says_which(tmp_path: Path) -> None:
    (path,) = write_template(tmp_path, xlsx=True)
    book = load_workbook(path)
    del book["targets"]
    book.create_sheet("Ziele")
    book.save(path)
    found = {item.file: item.text.de for item in check_framework(path)}
    assert found == {"targets": "Blatt fehlt", "Ziele": "Blatt wird nicht gelesen"}


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFileError, match="does not exist"):
        check_framework(tmp_path / "nichts")
    text = tmp_path / "plan.csv"
    text.write_text("a,b\n", "utf-8")
    with pytest.raises(SourceFileError, match="neither a folder"):
        check_framework(text)
    fake = tmp_path / "plan.xlsx"
    fake.write_text("kein Excel", "utf-8")
    with pytest.raises(SourceFileError, match="no readable workbook"):
        check_framework(fake)


def test_the_empty_template_is_valid_and_explains_every_column(tmp_path: Path) -> None:
    files = write_template(tmp_path / "plan")
    assert [item.severity for item in check_framework(tmp_path / "plan")] == ["warning"]
    guide = (tmp_path / "plan" / "LIESMICH.md").read_text("utf-8")
    for sheet, model in SHEETS.items():
        section = guide.partition(f"## Blatt `{sheet}`")[2].partition("\n## ")[0]
        for name in model.model_fields:
            assert f"| `{name}` |" in section
    assert json.loads(files[0].read_text("utf-8"))["name"] == "mein_rahmenplan"
    with pytest.raises(FrameworkError, match="already; nothing written"):
        write_template(tmp_path / "plan")


def test_the_workbook_template_is_valid_too(tmp_path: Path) -> None:
    (path,) = write_template(tmp_path, xlsx=True)
    assert [item.rule for item in check_framework(path)] == ["framework.empty"]
    book: Workbook = load_workbook(path)
    assert book.sheetnames == ["Anleitung", "framework", *SHEETS]
