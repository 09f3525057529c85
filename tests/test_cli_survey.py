"""``begleitforschung codebook`` and ``personal``."""

from __future__ import annotations

import importlib.util

import pytest
from click.testing import CliRunner

from begleitforschung.cli import cli
from begleitforschung.surveys import read_codebook


@pytest.fixture(scope="module")
def exports(repo, tmp_path_factory):
    spec = importlib.util.spec_from_file_location(
        "survey_exports", repo / "scripts" / "survey_exports.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("exports")
    module.write_all(folder)
    return folder


def run(*words, **options):
    return CliRunner().invoke(cli, [str(word) for word in words], **options)


@pytest.mark.parametrize("name", ["limesurvey.lss", "limesurvey_answers_de.csv", "sosci.R"])
def test_a_first_codebook_is_printed_that_can_be_read(exports, tmp_path, name):
    done = run("codebook", exports / name)
    assert done.exit_code == 0, done.output
    path = tmp_path / "codebook.yaml"
    path.write_text(done.stdout, encoding="utf-8")
    assert read_codebook(path).items
    assert run("codebook", "write", exports / name).stdout == done.stdout


def test_a_codebook_is_written_once_beside_its_file(exports):
    done = run("codebook", exports / "limesurvey.txt", "--write")
    assert done.exit_code == 0
    assert read_codebook(exports / "limesurvey.txt.codebook.yaml").item("q1")
    assert run("codebook", exports / "limesurvey.txt", "--write").exit_code == 2


def test_check_compares_codebook_and_data(exports, tmp_path):
    good = run("codebook", "check", exports / "limesurvey.lss", exports / "limesurvey_codes.csv")
    assert good.exit_code == 0
    assert "40 cases, 14 columns" in good.stderr
    path = tmp_path / "codebook.yaml"
    text = run("codebook", exports / "limesurvey.lss").stdout
    path.write_text(text.replace("code: A2", "code: A7").replace("'A2'", "'A7'"), encoding="utf-8")
    bad = run("codebook", "check", path, exports / "limesurvey_codes.csv", "--lang", "en")
    assert bad.exit_code == 1
    assert "column 'q1': answer does not fit the codebook" in bad.stdout
    path.write_text(text.replace("kind: single", "kind: singel"), encoding="utf-8")
    assert run("codebook", "check", path).exit_code == 2


def test_a_form_is_written(exports, tmp_path):
    target = tmp_path / "formular.xlsx"
    assert run("codebook", "form", exports / "limesurvey.lss", target).exit_code == 0
    assert target.is_file()


def test_personal_data_are_listed_and_purged_only_when_meant(exports, tmp_path):
    path = tmp_path / "antworten.csv"
    path.write_bytes((exports / "limesurvey_codes.csv").read_bytes())
    options = ("--codebook", exports / "limesurvey.lss", "--unit", "ort")
    listed = run("personal", "list", path, *options)
    assert "6 personal columns" in listed.stdout
    assert "example.org" not in listed.stdout
    unnamed = run("personal", "purge", path, *options[:2], input="n\n")
    assert "ort" in unnamed.stdout
    assert "nobody can tell any more which municipality answered" in unnamed.stderr
    kept = run("personal", "purge", path, *options, input="n\n")
    assert kept.exit_code == 1
    assert "nobody can tell" not in kept.stderr
    assert "example.org" in path.read_text(encoding="utf-8")
    assert run("personal", "purge", path, *options, "--yes").exit_code == 0
    assert "example.org" not in path.read_text(encoding="utf-8")
    assert "0 personal columns" in run("personal", "list", path, *options).stdout


def test_a_missing_file_is_bad_usage(tmp_path):
    done = run("codebook", tmp_path / "nichts.lss")
    assert done.exit_code == 2
    assert "does not exist" in done.stderr
