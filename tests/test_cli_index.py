"""``begleitforschung index``: check a specification, write its method sheet."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from begleitforschung.cli import cli

GOOD = """
id: netz
title: {de: Netz, en: Network}
steps:
  - {kind: normalise, method: minmax}
  - {kind: aggregate, method: arithmetic}
nodes:
  - {id: index}
indicators:
  - {id: breitband, parent: index, title: {de: Breitband}}
  - {id: stoerungen, parent: index, direction: lower, weight: 3}
"""
PURPOSE = """
purpose:
  purpose: {de: Zeigt den Ausbau.}
  not_for: {de: Vergabe von Mitteln}
  model: formative
  concerns: {de: Gemeinden}
"""


def run(*words):
    return CliRunner().invoke(cli, ["index", *map(str, words)])


@pytest.fixture
def write(tmp_path):
    def made(text):
        file = tmp_path / "netz.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return made


def test_a_specification_in_order(write):
    done = run("check", write(GOOD + PURPOSE))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "netz: 2 indicators, 1 nodes, 2 steps; in order\n"


def test_a_missing_purpose_is_told(write):
    done = run("check", write(GOOD))
    assert done.exit_code == 0
    assert "no purpose on record" in done.stderr


def test_all_problems_are_said_in_words(write):
    text = GOOD.replace("minmax", "minmaks").replace("parent: index, d", "parent: indes, d")
    done = run("check", write(text))
    assert done.exit_code == 1
    assert "Knoten 'indes' gibt es nicht" in done.stdout
    assert "Gemeint: 'index'?" in done.stdout
    assert "minmax" in done.stdout
    assert done.stdout.endswith("2 errors, 0 others\n")
    assert "there is no node 'indes'" in run("check", write(text), "--lang", "en").stdout


def test_problems_as_json(write):
    done = run("check", write(GOOD.replace("weight: 3", "weight: -3")), "--json")
    assert done.exit_code == 1
    (found,) = json.loads(done.stdout)
    assert (found["severity"], found["column"]) == ("error", "weight")
    assert json.loads(run("check", write(GOOD), "--json").stdout) == []


@pytest.mark.parametrize("command", ["check", "method"])
def test_a_file_that_cannot_be_read_ends_with_code_2(command, write, tmp_path):
    assert run(command, tmp_path / "nirgends.yaml").exit_code == 2
    done = run(command, write(GOOD + "colour: blue\n"))
    assert done.exit_code == 2
    assert "colour" in done.stderr


def test_the_method_sheet_is_printed_or_written(write, tmp_path):
    file = write(GOOD + PURPOSE)
    done = run("method", file)
    assert done.exit_code == 0
    assert done.stdout.startswith("# Methodenblatt: Netz\n")
    assert "| &emsp;stoerungen | 75,0 | 75,0 | weniger |" in done.stdout
    for name in ("blatt.html", "blatt.md"):
        told = run("method", file, "--to", tmp_path / name, "--lang", "en")
        assert told.stdout == f"{tmp_path / name}\n"
        assert "Method sheet: Network" in (tmp_path / name).read_text(encoding="utf-8")
    refused = run("method", file, "--to", tmp_path / "blatt.docx")
    assert refused.exit_code == 2
    assert "write .html or .md" in refused.stderr
