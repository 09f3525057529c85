"""The command as a user drives it: what it prints, what it writes, how it exits."""

import json
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from begleitforschung import __version__
from begleitforschung.cli import cli
from begleitforschung.example import copy_example


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return copy_example(tmp_path_factory.mktemp("Büro Daten") / "projekt")


@pytest.fixture
def project(made, tmp_path):
    return shutil.copytree(made, tmp_path / "Mein Projekt ä")


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_version_and_help():
    assert __version__ in run("--version").output
    assert "report" in run("--help").output
    assert run("nothing").exit_code == 2


def test_help_does_not_load_the_heavy_rooms():
    script = (
        "import sys; from begleitforschung.cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('pandas', 'numpy', 'matplotlib') if m in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip().endswith("[]")


def test_example_is_laid_out_once_and_never_over_something(tmp_path):
    folder = tmp_path / "neu mit Leerzeichen"
    done = run("example", folder)
    assert done.exit_code == 0
    assert f'begleitforschung report "{folder}"' in done.output
    assert (folder / "projekt.toml").is_file()
    again = run("example", folder)
    assert again.exit_code == 2
    assert "is not empty" in again.output


def test_example_leaves_respondents_answers_where_they_are(made, tmp_path, monkeypatch):
    checkout = shutil.copytree(made, tmp_path / "checkout")
    private = checkout / "data" / "raw" / "befragung"
    private.mkdir()
    (private / "antworten.csv").write_text("geheim", encoding="utf-8")
    monkeypatch.setattr("begleitforschung.example._source", lambda _: checkout)
    folder = copy_example(tmp_path / "neu")
    assert (folder / "data" / "raw" / "regeln.yaml").is_file()
    assert not (folder / "data" / "raw" / "befragung").exists()


def test_report_of_the_example_is_made_from_real_figures(project):
    done = run("report", project)
    assert done.exit_code == 0, done.output
    names = {path.name for path in (project / "reports").iterdir()}
    assert {"kpi_monitoring.html", "kpi_monitoring.pdf", "kpi_monitoring.nachweis.csv"} <= names
    page = (project / "reports" / "kpi_monitoring.html").read_text(encoding="utf-8")
    assert "Kurzfassung" in page
    assert "42 der 73 Projekte" in page
    assert "dl-de/by-2-0" in page
    check_the_survey_report(project / "reports")
    assert "registry reports/register/kommunen.json: befragung: " in done.output
    assert (project / "reports" / "register" / "projekte.json").is_file()
    assert (project / "data" / "processed" / "beispielprojekt.meta.json").is_file()


def check_the_survey_report(folder):
    """All is called synthetic, nothing is unprotected, the volume of tables lies beside it."""
    told = json.loads((folder / "befragung.json").read_text(encoding="utf-8"))
    shown = [node for node in told["nodes"] if node["t"] in ("figure", "table")]
    assert len(shown) >= 30
    for node in shown:
        assert "synthetisch" in node["title"], node["id"]
        below = json.dumps(node["below"], ensure_ascii=False)
        assert "erfundene Antworten" in below, node["id"]
    page = (folder / "befragung.html").read_text(encoding="utf-8")
    assert "Niemand wurde befragt" in page
    assert "Veröffentlichung nur zusammengefasst" in page
    assert "Kein geheimes Feld lässt sich errechnen" in page
    assert "bis 21 der 73" in page
    assert "UNGESCHÜTZT" not in page
    assert (folder / "befragung.pdf").stat().st_size > 100_000
    book = load_workbook(folder / "befragung_tabellenband.xlsx")
    assert len(book.sheetnames) == 1 + 10 + 9
    assert not any("UNGESCHÜTZT" in str(sheet.oddHeader.right.text) for sheet in book)


def test_validate_a_sound_project_and_a_single_file(project):
    done = run("validate", project)
    assert done.exit_code == 0
    assert "0 error" in done.output
    file = project / "data" / "raw" / "destatis_gv" / "2021-12-31" / "kreissummen.csv"
    assert run("validate", file).exit_code == 0


def test_validate_prints_json_and_writes_html(project, tmp_path):
    page = tmp_path / "prüfung.html"
    done = run("validate", project, "--json", "--html", page)
    assert done.exit_code == 0
    assert json.loads(done.stdout)
    assert 'lang="de"' in page.read_text(encoding="utf-8")


def test_errors_in_the_data_end_with_1_and_nothing_is_made(project):
    toml = project / "projekt.toml"
    text = toml.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("corrections")]
    toml.write_text("\n".join(lines), encoding="utf-8")
    done = run("report", project)
    assert done.exit_code == 1
    assert "error" in done.output
    assert not (project / "reports").exists()
    assert not (project / "data" / "processed" / "beispielprojekt.parquet").exists()
    assert run("validate", project).exit_code == 1


def test_damaged_file_ends_with_2_and_names_it(project):
    file = project / "data" / "raw" / "destatis_gv" / "2021-12-31" / "kreissummen.csv"
    file.write_bytes(b"")
    done = run("report", project)
    assert done.exit_code == 2
    assert "kreissummen.csv" in done.output
    assert "Traceback" not in done.output
    assert not (project / "reports").exists()


def test_debug_shows_the_traceback(tmp_path):
    done = run("--debug", "report", tmp_path / "none")
    assert done.exit_code == 2
    assert "Traceback" in done.output
    assert "Traceback" not in run("report", tmp_path / "none").output


def test_kpis_are_printed_written_and_given_as_json(project, tmp_path):
    shown = run("kpis", project)
    assert shown.exit_code == 0
    assert "Pkw-Dichte" in shown.output
    target = tmp_path / "kpis.csv"
    assert run("kpis", project, "--to", target).exit_code == 0
    header = target.read_text(encoding="utf-8").splitlines()[0]
    assert header.startswith("unit;year;kpi;value;status;reason")
    rows = json.loads(run("kpis", project, "--json").stdout)
    assert {"unit", "year", "kpi", "value", "file", "row"} <= set(rows[0])


def test_programme_lists_projects_and_members():
    rows = json.loads(run("programme", "--json").stdout)
    assert len(rows) == 73
    assert "S1-01" in run("programme").output
    assert "08421000" in run("programme", "--members").output


def test_frameworks_are_listed_checked_and_begun(tmp_path):
    listed = json.loads(run("framework", "list", "--json").stdout)
    assert {row["id"]: row["kpis"] for row in listed} == {
        "sdg_kommunen": 43,
        "u4ssc": 91,
        "iso37120_2014": 100,
    }
    own = tmp_path / "rahmenplan"
    assert run("framework", "template", own).exit_code == 0
    kpis = own / "kpis.csv"
    assert run("framework", "check", own).exit_code == 0
    with kpis.open("a", encoding="utf-8") as stream:
        stream.write("X1,zu kurz\n")
    checked = run("framework", "check", own)
    assert checked.exit_code == 1
    assert "kpis.csv, Zeile 2" in checked.output
    assert run("framework", "check", tmp_path / "none").exit_code == 2
