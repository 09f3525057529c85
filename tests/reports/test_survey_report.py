"""One command from an export to a printed, protected report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from begleitforschung.cli import cli

FOLDER = Path("data/raw/synthetisch/projektbefragung_2025")
NAME = "befragungsbericht"


@pytest.fixture(scope="module")
def made(repo, tmp_path_factory):
    to = tmp_path_factory.mktemp("Ordner") / "Bericht ü"
    files = [str(repo / FOLDER / f"{name}_synthetisch") for name in ("antworten", "codebuch")]
    told = CliRunner().invoke(
        cli,
        [
            *("survey-report", f"{files[0]}.csv", f"{files[1]}.yaml", "--to", str(to)),
            *("--several", "latest", "--population", "73"),
            *("--registry", str(to.parent / "register.json")),
        ],
    )
    assert told.exit_code == 0, told.output
    return to, told.output


def test_report_and_tabellenband_are_made_and_named(made):
    to, printed = made
    names = {path.name for path in to.iterdir()}
    assert names == {f"{NAME}{end}" for end in (".html", ".pdf", ".json", ".nachweis.csv")} | {
        f"{NAME}_tabellenband.xlsx"
    }
    assert all(name in printed for name in names)


def test_it_is_entered_into_the_registry_by_name_of_the_file_alone(made):
    to, printed = made
    assert "registry register.json: befragungsbericht: " in printed
    told = json.loads((to / f"{NAME}.json").read_text(encoding="utf-8"))["registry"]
    assert [(one["file"], one["survey"]) for one in told] == [
        ("register.json", "projektbefragung_2025_synthetisch")
    ]
    content = json.loads((to.parent / "register.json").read_text(encoding="utf-8"))
    (one,) = content["publications"]
    assert len(one["shown"]) == told[0]["shown"]
    assert {place["column"] for place in one["shown"]} >= {"stand", "verstetigung"}


def test_every_question_has_its_table_and_the_promise_its_words(made):
    to, _ = made
    content = json.loads((to / f"{NAME}.json").read_text(encoding="utf-8"))
    text = json.dumps(content, ensure_ascii=False)
    assert content["metadata"]["title"].startswith("Synthetische Projektbefragung 2025")
    assert "Wie weit ist Ihr Projekt umgesetzt?" in text
    assert "Ihre Angaben werden nur zusammengefasst veröffentlicht." in text
    assert "Veröffentlichung nur zusammengefasst" in text
    assert "Ausgewertet sind 60 Antworten" in text
    assert "der 73" in text  # exact intervals as counts


def test_the_tabellenband_holds_the_same_questions(made):
    to, _ = made
    book = load_workbook(to / f"{NAME}_tabellenband.xlsx", read_only=True)
    assert len(book.sheetnames) > 8


def test_a_codebook_that_does_not_fit_is_told(repo, tmp_path):
    export = tmp_path / "x.csv"
    export.write_text("a,b\n1,2\n", encoding="utf-8")
    codebook = repo / FOLDER / "codebuch_synthetisch.yaml"
    told = CliRunner().invoke(
        cli, ["survey-report", str(export), str(codebook), "--to", str(tmp_path / "y")]
    )
    assert told.exit_code != 0
    assert "no column of the codebook" in told.output
    assert not list(tmp_path.glob("y/*"))
