"""How the command ends: exit codes, one message without traceback, and what programs can parse."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from begleitforschung import errors, frameworks
from begleitforschung.cli import cli
from begleitforschung.errors import Finding
from begleitforschung.frameworks import load_framework
from begleitforschung.language import Text
from begleitforschung.pipeline import Project
from begleitforschung.regions import programme
from begleitforschung.tables import indicators
from begleitforschung.validation import validate

TOML = """
[project]
id = "p"
title = "Stadtvergleich"
year = 2021
[data]
files = ["kreise.csv"]
[kpis]
framework = "sdg_kommunen"
[[reports]]
notebook = "bericht.ipynb"
"""
SIDECAR = """
source: {publisher: Amt, title: Statistik}
gebietsstand: "2021-12-31"
format: tidy
indicators:
  - {id: "16031", title: {de: Pkw}, unit_of_measure: "je 1.000 Einwohner", valid_max: 1000}
"""


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def put(folder: Path, value: str) -> Path:
    (folder / "projekt.toml").write_text(TOML, encoding="utf-8")
    (folder / "kreise.csv.meta.yaml").write_text(SIDECAR, encoding="utf-8")
    text = f"unit;year;indicator;value\n01001;2021;16031;{value}\n"
    (folder / "kreise.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def sound(tmp_path):
    return put(tmp_path, "600.5")


@pytest.fixture
def unsound(tmp_path):
    """A project with a figure above the highest possible one."""
    return put(tmp_path, "6005")


@pytest.fixture
def rendered(monkeypatch):
    """A report that is made at once: what it was asked for stands in the list."""
    asked = []

    def render(self, report, *, to=None, progress=None, register=True):
        asked.append(to)
        progress(1, 2)
        progress(2, 2)
        paths = {"html": self.folder / "b.html", "pdf": self.folder / "b.pdf"}
        return SimpleNamespace(paths=paths, fingerprint="abc", registered=())

    monkeypatch.setattr(Project, "render", render)
    return asked


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ValidationError, 1),
        (errors.CorrectionError, 1),
        (errors.SourceFileError, 2),
        (errors.CatalogueError, 2),
        (errors.FrameworkError, 2),
        (errors.FormulaError, 2),
        (errors.ProjectError, 2),
        (errors.AggregationError, 3),
        (errors.TerritoryError, 3),
        (errors.ComparisonError, 3),
        (errors.DisclosureError, 3),
        (errors.ReportError, 3),
        (errors.FetchError, 3),
        (errors.MissingDependencyError, 3),
        (PermissionError, 3),
        (FileNotFoundError, 3),
        (MemoryError, 3),
    ],
)
def test_each_error_ends_with_its_code_and_its_message_only(monkeypatch, error, code):
    def fail(path):
        raise error("so geht es nicht")

    monkeypatch.setattr(frameworks, "check_framework", fail)
    done = run("framework", "check", "plan")
    assert done.exit_code == code
    assert done.stderr.startswith("Error: ")
    assert "so geht es nicht" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    traced = run("--debug", "framework", "check", "x")
    assert traced.exit_code == code
    assert "Traceback" in traced.stderr
    assert "so geht es nicht" in traced.stderr


def test_a_file_that_cannot_be_written_is_told_in_words_after_the_findings(sound, tmp_path):
    done = run("validate", sound, "--html", tmp_path / "fehlt" / "seite.html")
    assert done.exit_code == 3
    assert "seite.html can't be read or written" in done.stderr
    assert "[Errno" not in done.stderr
    assert "0 error" in done.stdout


def test_an_unreadable_file_is_json_for_programs(sound):
    (sound / "kreise.csv").write_bytes(b"")
    done = run("validate", sound / "kreise.csv", "--json")
    assert done.exit_code == 2
    assert [item["severity"] for item in json.loads(done.stdout)["findings"]] == ["error"]
    (sound / "projekt.toml").unlink()
    (sound / "projekt.toml").mkdir()
    assert run("validate", sound / "projekt.toml").exit_code == 2


def test_an_unknown_code_ends_with_2(sound):
    text = TOML.replace("sdg_kommunen", "sdg_komunen")
    (sound / "projekt.toml").write_text(text, encoding="utf-8")
    done = run("kpis", sound)
    assert done.exit_code == 2
    assert "Did you mean 'sdg_kommunen'?" in done.stderr


def test_errors_of_ours_that_are_no_mistake_of_the_user_are_not_hidden(monkeypatch):
    def fail(path):
        raise ZeroDivisionError

    monkeypatch.setattr(frameworks, "check_framework", fail)
    assert isinstance(run("framework", "check", "plan").exception, ZeroDivisionError)


@pytest.mark.parametrize(
    "words",
    [
        ("validate", "--lang", "fr"),
        ("report", "--format", "docx"),
        ("framework", "check"),
        ("example",),
        ("frameworks",),
    ],
)
def test_bad_usage_ends_with_2_and_says_how_to_ask(words):
    done = run(*words)
    assert done.exit_code == 2
    assert "Usage: " in done.stderr


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_tells_the_exit_codes(word):
    text = " ".join(run(word).output.split())
    assert "0 done, 1 findings of severity error, 2 bad usage or unreadable input" in text


def test_a_report_says_what_it_does_and_then_prints_the_files_only(sound, rendered):
    done = run("report", sound, "--to", sound / "ausgabe")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [str(sound / "b.html"), str(sound / "b.pdf")]
    assert done.stderr.startswith("Stadtvergleich: reading and checking the data\n")
    assert rendered == [sound / "ausgabe"]
    assert (sound / "data" / "processed" / "p.parquet").is_file()


def test_a_report_for_programs_is_json_and_silent(sound, rendered):
    done = run("report", sound, "--json")
    files = {"html": str(sound / "b.html"), "pdf": str(sound / "b.pdf")}
    assert json.loads(done.stdout) == {
        "bericht": {"files": files, "fingerprint": "abc", "registry": []}
    }
    assert done.stderr == ""
    assert rendered == [None]


def test_all_reports_are_made_or_the_one_that_is_named(sound, rendered):
    text = TOML + '[[reports]]\nnotebook = "zweiter.ipynb"\n'
    (sound / "projekt.toml").write_text(text, encoding="utf-8")
    assert list(json.loads(run("report", sound, "--json").stdout)) == ["bericht", "zweiter"]
    one = run("report", sound, "--json", "--only", "zweiter")
    assert list(json.loads(one.stdout)) == ["zweiter"]
    unknown = run("report", sound, "--only", "dritter")
    assert unknown.exit_code == 2
    assert "zweiter" in unknown.stderr


@pytest.mark.parametrize("command", ["report", "kpis"])
def test_nothing_is_made_of_data_with_errors(unsound, rendered, command):
    done = run(command, unsound)
    assert done.exit_code == 1
    assert done.stderr.endswith("Error: the data have errors; nothing was made of them\n")
    assert "error   kreise.csv, Zeile 2" in done.stdout
    assert rendered == []
    assert not (unsound / "data").exists()
    found = json.loads(run(command, unsound, "--json").stdout)
    assert [item["severity"] for item in found["findings"]].count("error") == 1


def test_nothing_is_made_of_a_survey_with_errors(sound, rendered):
    """A number out of its bounds; the message names row and column, not the answer."""
    (sound / "codebuch.yaml").write_text(
        "id: befragung\ntitle: {de: Befragung}\ninstrument: {unit: ort}\nitems:\n"
        "  - {id: q1, kind: number, text: {de: Anzahl}, max: 5}\n",
        encoding="utf-8",
    )
    (sound / "export.csv").write_text('"id","ort","q1"\n"1","S1-02","77"\n', encoding="utf-8")
    survey = (
        '[[surveys]]\nid = "b"\nfile = "export.csv"\ncodebook = "codebuch.yaml"\n'
        'frame = "programme"\nkind = "population"\n'
    )
    (sound / "projekt.toml").write_text(TOML + survey, encoding="utf-8")
    checked = run("validate", sound)
    assert checked.exit_code == 1
    assert "Befragung b:\nerror   export.csv, Zeile 2, Spalte 'q1'" in checked.stdout
    told = json.loads(run("validate", sound, "--json").stdout)
    assert not told["ok"]
    assert told["counts"]["error"] == 0  # of the figures
    (wrong,) = (f for f in told["surveys"]["b"]["findings"] if f["severity"] == "error")
    assert (wrong["row"], wrong["column"]) == (2, "q1")
    assert not re.search(r"\b77\b", checked.output)  # checksums may hold it
    done = run("report", sound)
    assert done.exit_code == 1
    assert done.stderr.endswith("Error: the survey 'b' has errors; nothing was made of it\n")
    assert "export.csv, Zeile 2, Spalte 'q1'" in done.stdout
    assert "77" not in done.output
    assert rendered == []
    assert not (sound / "data").exists()


@pytest.mark.parametrize(("lang", "row"), [("de", "Zeile 2"), ("en", "row 2")])
def test_findings_are_printed_in_one_language(unsound, lang, row):
    for path in (unsound, unsound / "projekt.toml", unsound / "kreise.csv"):
        done = run("validate", path, "--lang", lang)
        assert done.exit_code == 1
        assert f"kreise.csv, {row}" in done.stdout
        assert done.stdout.splitlines()[-1].startswith("1 error, ")


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_page_of_findings_is_written_even_where_there_are_errors(unsound, tmp_path, lang):
    page = tmp_path / "seite.html"
    assert run("validate", unsound, "--html", page, "--lang", lang).exit_code == 1
    assert f'lang="{lang}"' in page.read_text(encoding="utf-8")


def findings(*severities: str) -> tuple[Finding, ...]:
    hint = Text("Nachsehen.", "Have a look.")
    return tuple(
        Finding(rule="r", severity=severity, text=Text("Fund", "thing"), row=at, hint=hint)
        for at, severity in enumerate(severities, start=2)
    )


@pytest.fixture
def found(monkeypatch):
    def use(*severities: str) -> None:
        monkeypatch.setattr(frameworks, "check_framework", lambda path: findings(*severities))

    return use


@pytest.mark.parametrize(
    ("severities", "code", "counts"),
    [
        ((), 0, "0 error, 0 warning, 0 info"),
        (("info",), 0, "0 error, 0 warning, 1 info"),
        (("warning", "info"), 0, "0 error, 1 warning, 1 info"),
        (("info", "error"), 1, "1 error, 0 warning, 1 info"),
    ],
)
def test_only_errors_end_with_1(found, severities, code, counts):
    found(*severities)
    done = run("framework", "check", "plan")
    assert done.exit_code == code
    assert done.stdout.splitlines()[-1] == counts


def test_the_gravest_findings_come_first_each_with_its_remedy(found):
    found("info", "warning", "error", "warning")
    lines = run("framework", "check", "plan", "--lang", "en").stdout.splitlines()
    assert lines[:-1:2] == [
        "error   row 4: thing",
        "warning row 3: thing",
        "warning row 5: thing",
        "info    row 2: thing",
    ]
    assert set(lines[1:-1:2]) == {"        Have a look."}


@pytest.mark.parametrize(("n", "more"), [(30, None), (31, "… 1 more (--json, --html)")])
def test_thirty_findings_are_printed_and_the_others_counted(found, n, more):
    found(*["warning"] * n)
    lines = run("framework", "check", "plan").stdout.splitlines()
    assert sum("Fund" in line for line in lines) == 30
    assert lines[-1] == f"0 error, {n} warning, 0 info"
    assert lines[-2] == (more or "        Nachsehen.")
    assert len(json.loads(run("framework", "check", "plan", "--json").stdout)) == n


def test_findings_for_programs_keep_umlauts_and_gaps(monkeypatch):
    odd = Finding(rule="r", severity="warning", text=Text("Größe fehlt", "no size"), row=2)
    monkeypatch.setattr(frameworks, "check_framework", lambda path: (odd,))
    done = run("framework", "check", "plan", "--json")
    assert "Größe fehlt" in done.stdout
    [item] = json.loads(done.stdout)
    assert (item["severity"], item["row"], item["file"]) == ("warning", 2, None)


def test_kpis_for_a_spreadsheet_and_for_programs_are_the_same(sound):
    target = sound / "kpis.csv"
    done = run("kpis", sound, "--to", target)
    assert (done.exit_code, done.stdout) == (0, "")
    assert b"\r" not in target.read_bytes()
    written = pd.read_csv(target, sep=";", dtype={"unit": str})
    [cars] = written[written["value"].notna()].to_dict("records")
    assert (cars["unit"], cars["kpi"], cars["value"]) == ("01001", "SDGK-16031", 600.5)
    rows = json.loads(run("kpis", sound, "--json").stdout)
    assert [row["kpi"] for row in rows] == written["kpi"].tolist()
    assert [row["value"] for row in rows if row["value"] is not None] == [600.5]


def test_the_table_of_kpis_is_the_one_of_the_result(sound):
    shown = run("kpis", sound).stdout
    assert "Pkw-Dichte" in shown
    assert "1 von 43 KPI" in shown


@pytest.mark.parametrize("name", ["sdg_kommunen", "u4ssc", "iso37120_2014"])
def test_the_list_of_frameworks_names_title_edition_and_number(name):
    item = load_framework(name)
    [line] = [x for x in run("framework", "list").stdout.splitlines() if x.startswith(name)]
    assert f"{len(item)} KPIs" in line
    assert line.endswith(f"{item.info.title_de} ({item.edition})")


@pytest.mark.parametrize("flag", [(), ("--xlsx",)])
def test_a_template_is_listed_file_by_file_and_never_written_over(tmp_path, flag):
    folder = tmp_path / "plan"
    done = run("framework", "template", folder, *flag)
    assert done.exit_code == 0
    assert {Path(line) for line in done.stdout.splitlines()} == set(folder.iterdir())
    again = run("framework", "template", folder, *flag)
    assert again.exit_code == 2
    assert "already; nothing written" in again.stderr


@pytest.mark.parametrize("flag", [(), ("--members",)])
def test_the_register_is_a_csv_for_spreadsheets_and_json_for_programs(flag):
    frame = programme.members() if flag else programme.projects()
    rows = list(csv.DictReader(io.StringIO(run("programme", *flag).stdout), delimiter=";"))
    records = json.loads(run("programme", *flag, "--json").stdout)
    assert len(rows) == len(records) == len(frame)
    assert list(rows[0]) == list(records[0]) == frame.columns.tolist()
    assert [row["name"] for row in rows] == [row["name"] for row in records]


@pytest.mark.parametrize(("name", "shown"), [("neu", "{}"), ("neu und schön", '"{}"')])
def test_the_next_command_can_be_copied_from_the_screen(tmp_path, name, shown):
    folder = tmp_path / name
    done = run("example", folder)
    assert done.stdout == f"begleitforschung report {shown.format(folder)}\n"


def test_rows_that_are_no_table_are_told_and_end_with_1(sound, monkeypatch):
    table = indicators(pd.DataFrame({"unit": ["01001"], "year": 2021, "16031": 1.0}))
    broken = replace(validate(table), data=None)
    monkeypatch.setattr(Project, "validate", lambda self: broken)
    assert run("kpis", sound).exit_code == 1


def test_the_tabellenband_that_the_notebook_wrote_is_named_an_old_one_is_not(sound, rendered):
    book = sound / "b_tabellenband.xlsx"
    book.write_bytes(b"")
    assert str(book) in run("report", sound).stdout.splitlines()
    os.utime(book, (0, 0))
    assert str(book) not in run("report", sound).stdout


def test_a_reader_that_closes_its_end_gets_no_trace(monkeypatch):
    """Such as ``begleitforschung framework list | head``."""

    def closed():
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr("begleitforschung.frameworks.available", closed)
    done = run("framework", "list")
    assert done.exit_code == 1
    assert done.stderr == ""
