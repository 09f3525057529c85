"""One run of a small project: what is read, joined, corrected, written and handed to the report."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import nbformat
import pytest

from begleitforschung.errors import ProjectError, SourceFileError, UnknownCodeError
from begleitforschung.frameworks import write_template
from begleitforschung.loaders import read_indicators
from begleitforschung.pipeline import project as project_module
from begleitforschung.pipeline import read_project

TOML = """
[project]
id = "klein"
title = "Kleines Projekt"
year = 2021
lang = "en"

[data]
files = ["data/raw/pkw.csv", "data/raw/miete.csv"]

[kpis]
framework = "sdg_kommunen"

[[reports]]
notebook = "notebooks/bericht.ipynb"
output = "ausgabe"
formats = ["html"]
"""
SIDECAR = """
source: {publisher: Amt, title: Statistik}
gebietsstand: "2021-12-31"
format: tidy
indicators:
  - {id: "%s", title: {de: Reihe}, unit_of_measure: "%s"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    raw = tmp_path / "data" / "raw"
    raw.mkdir(parents=True)
    series = [("pkw", "16031", "je 1.000 Einwohner", "600.5"), ("miete", "16028", "€/m²", "7.25")]
    for name, indicator, unit, value in series:
        text = f"unit;year;indicator;value\n01001;2021;{indicator};{value}\n"
        (raw / f"{name}.csv").write_text(text, encoding="utf-8")
        meta = SIDECAR % (indicator, unit)
        (raw / f"{name}.csv.meta.yaml").write_text(meta, encoding="utf-8")
    (tmp_path / "projekt.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


def change(folder: Path, old: str, new: str) -> Path:
    file = folder / "projekt.toml"
    assert old in TOML
    file.write_text(TOML.replace(old, new), encoding="utf-8")
    return folder


def test_all_files_become_one_table_with_their_sources(folder):
    data = read_project(folder).load()
    assert data.data["indicator"].tolist() == ["16031", "16028"]
    assert data.data["file"].tolist() == ["pkw.csv", "miete.csv"]
    assert [source.file for source in data.sources()] == ["pkw.csv", "miete.csv"]
    assert data.gebietsstand == "2021-12-31"


def test_one_file_is_a_project_too(folder):
    change(folder, '["data/raw/pkw.csv", "data/raw/miete.csv"]', '["data/raw/pkw.csv"]')
    assert read_project(folder).load().data["value"].tolist() == [600.5]


def test_a_missing_raw_file_is_named(folder):
    (folder / "data" / "raw" / "miete.csv").unlink()
    with pytest.raises(SourceFileError, match=r"miete\.csv"):
        read_project(folder).load()


def test_corrections_and_rules_are_applied_where_the_project_names_them(folder):
    (folder / "korrekturen.csv").write_text(
        "unit,year,indicator,field,old,new,reason,author,date\n"
        "01001,2021,16031,value,600.5,605,Tippfehler,A. Muster,2025-01-31\n",
        encoding="utf-8",
    )
    (folder / "regeln.yaml").write_text(
        "id: eigene\nrules:\n  - id: miete_hoch\n    kind: range\n    indicators: ['16028']\n"
        "    max: 5\n    severity: error\n    text: {de: Miete zu hoch, en: rent too high}\n"
        "    hint: {de: Prüfen., en: Check it.}\n",
        encoding="utf-8",
    )
    plain = read_project(folder).validate()
    assert plain.ok
    assert plain.data.data["value"].tolist() == [600.5, 7.25]
    files = 'files = ["data/raw/pkw.csv", "data/raw/miete.csv"]'
    change(folder, files, f'{files}\ncorrections = "korrekturen.csv"\nrules = "regeln.yaml"')
    checked = read_project(folder).validate()
    assert checked.data.data["value"].tolist() == [605, 7.25]
    [finding] = [item for item in checked.findings if item.severity == "error"]
    assert (finding.rule, finding.file) == ("miete_hoch", "miete.csv")


def test_values_are_computed_with_the_mapping_of_the_project(folder):
    project = read_project(folder)
    assert project.compute(project.load()).fed == ("16028", "16031")
    change(folder, '"sdg_kommunen"', '"sdg_kommunen"\nmapping = "wegweiser"')
    project = read_project(folder)
    assert project.compute(project.load()).fed == ()


def test_a_framework_of_the_project_folder_goes_before_a_shipped_one(folder):
    write_template(folder / "sdg_kommunen")
    assert read_project(folder).framework().id == "mein_rahmenplan"
    change(folder, '"sdg_kommunen"', '"rahmen/plan"')
    write_template(folder / "rahmen" / "plan")
    assert read_project(folder).framework().title.de


def test_processed_figures_are_written_below_the_project(folder):
    project = read_project(folder)
    path = project.process(project.load())
    assert path == folder / "data" / "processed" / "klein.parquet"
    assert read_indicators(path).data["value"].tolist() == [600.5, 7.25]


def put_notebook(folder: Path, *parameters: str) -> None:
    source = "\n".join(f'{name} = ""' for name in parameters)
    tagged = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    path = folder / "notebooks" / "bericht.ipynb"
    path.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[tagged]), path)


@pytest.mark.parametrize(
    ("options", "to", "parameters"),
    [
        ({}, "ausgabe", {"project": "projekt.toml", "year": "2021"}),
        ({"to": Path("anderswo")}, None, {"project": "projekt.toml", "year": "2021"}),
        (
            {"params": {"year": "2020", "unit": "01001"}},
            "ausgabe",
            {"project": "projekt.toml", "year": "2020", "unit": "01001"},
        ),
    ],
)
def test_the_report_gets_what_the_project_file_says(folder, monkeypatch, options, to, parameters):
    handed = {}
    monkeypatch.setattr(project_module, "render", lambda book, **all: handed.update(all, book=book))
    put_notebook(folder, "project", "year", "unit")
    read_project(folder).render("bericht", **options)
    assert handed["book"] == folder / "notebooks" / "bericht.ipynb"
    assert handed["to"] == (folder / to if to else Path("anderswo"))
    assert handed["params"] == parameters
    assert (handed["lang"], handed["formats"], handed["folder"]) == ("en", ("html",), folder)


def test_the_notebook_may_write_beside_the_report(folder, monkeypatch):
    handed = {}
    monkeypatch.setattr(project_module, "render", lambda book, **all: handed.update(all))
    put_notebook(folder, "output")
    read_project(folder).render("bericht", to=folder / "anderswo")
    assert handed["params"] == {"output": str((folder / "anderswo").resolve())}


def test_only_parameters_that_the_notebook_declares_are_set(folder, monkeypatch):
    handed = {}
    monkeypatch.setattr(project_module, "render", lambda book, **all: handed.update(all))
    put_notebook(folder, "project")
    read_project(folder).render("bericht")
    assert handed["params"] == {"project": "projekt.toml"}


def test_an_unknown_report_or_survey_is_told_with_those_there_are(folder):
    project = read_project(folder)
    assert project.reports == ("bericht",)
    with pytest.raises(UnknownCodeError, match="bericht"):
        project.render("berichte")
    with pytest.raises(UnknownCodeError, match="surveys"):
        project.survey("kommunen")


def test_two_reports_of_one_name_would_overwrite_each_other(folder):
    again = '\n[[reports]]\nnotebook = "anderswo/bericht.ipynb"\n'
    (folder / "projekt.toml").write_text(TOML + again, encoding="utf-8")
    with pytest.raises(ProjectError, match="stands twice: bericht"):
        read_project(folder)


def test_the_project_of_the_working_folder_is_read_unasked(folder, monkeypatch):
    monkeypatch.chdir(folder)
    project = read_project()
    assert project.folder == folder.resolve()
    assert project.file.project.title == "Kleines Projekt"
    with pytest.raises(FrozenInstanceError):
        project.folder = folder.parent


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('lang = "en"', 'lang = "fr"', "project.lang"),
        ('["html"]', '["docx"]', "reports.0.formats.0"),
        ('output = "ausgabe"', 'output = "/tmp/ausgabe"', "reports.0.output"),
        ('output = "ausgabe"', 'output = "a/../../b"', "reports.0.output"),
        ("bericht.ipynb", "C:bericht.ipynb", "reports.0.notebook"),
        ("[kpis]", '[kpis]\nrahmen = "x"', "kpis.rahmen"),
        ("[kpis]", "[kpi]", "kpis"),
        ('"data/raw/miete.csv"', "7", "data.files.1"),
        ('id = "klein"', 'id = ""', "project.id"),
    ],
)
def test_wrong_entries_are_named_with_their_section(folder, old, new, column):
    with pytest.raises(ProjectError, match=r"projekt\.toml is not complete") as caught:
        read_project(change(folder, old, new))
    assert column in {item.column for item in caught.value.findings}
    assert {item.file for item in caught.value.findings} == {"projekt.toml"}


def test_a_project_file_in_another_encoding_is_explained(folder):
    file = folder / "projekt.toml"
    file.write_bytes(TOML.replace("Kleines", "Großes").encode("cp1252"))
    with pytest.raises(ProjectError, match=r"projekt\.toml is not valid TOML: .*utf-8"):
        read_project(file)


def test_a_project_file_that_an_editor_saved_with_a_byte_order_mark_is_read(folder):
    (folder / "projekt.toml").write_text(TOML, encoding="utf-8-sig")
    assert read_project(folder).file.project.title == "Kleines Projekt"


def test_a_reporting_year_without_figures_is_told_before_anything_is_made(folder):
    project = read_project(change(folder, "year = 2021", "year = 2031"))
    with pytest.raises(ProjectError, match=r"no figure of the reporting year 2031 .*2021"):
        project.process(project.load())
    assert not (folder / "data" / "processed").exists()


def test_only_levels_that_feed_a_kpi_are_computed_unless_one_is_asked_for(folder):
    more = "01001000;2021;unused;1\n01002000;2020;unused;2\n"
    raw = folder / "data" / "raw" / "miete.csv"
    raw.write_text(raw.read_text(encoding="utf-8") + more, encoding="utf-8")
    meta = raw.with_name("miete.csv.meta.yaml")
    other = "  - {id: unused, title: {de: Rest}}\n"
    meta.write_text(meta.read_text(encoding="utf-8") + other, encoding="utf-8")
    project = read_project(folder)
    data = project.load()
    assert set(project.compute(data).table["unit"]) == {"01001"}
    assert set(project.compute(data, level="gemeinde").table["unit"]) == {"01001000", "01002000"}
    asked = project.compute(data, level="gemeinde", year=2020).table
    assert set(asked["unit"]) == {"01002000"}
    assert set(asked["year"]) == {2020}
