"""A project file: strict, inside its folder, and the way from raw files to processed figures."""

import pytest

from begleitforschung.errors import ProjectError, UnknownCodeError
from begleitforschung.example import copy_example
from begleitforschung.loaders import read_indicators
from begleitforschung.pipeline import read_project

GOOD = """
[project]
id = "p"
title = "P"
year = 2021

[data]
files = ["data/raw/a.csv"]

[kpis]
framework = "sdg_kommunen"

[[reports]]
notebook = "notebooks/a.ipynb"
"""


def write(folder, text):
    (folder / "projekt.toml").write_text(text, encoding="utf-8")
    return folder


def test_file_or_folder_and_defaults(tmp_path):
    write(tmp_path, GOOD)
    for path in (tmp_path, tmp_path / "projekt.toml"):
        project = read_project(path)
        assert (project.year, project.lang) == (2021, "de")
        assert project.path("data/raw/a.csv") == tmp_path / "data" / "raw" / "a.csv"
        assert project.file.reports[0].formats == ("html", "pdf")
    assert len(project.framework().kpis) == 43


def test_missing_file_says_how_to_begin(tmp_path):
    with pytest.raises(ProjectError, match="begleitforschung example"):
        read_project(tmp_path)


def test_no_toml(tmp_path):
    with pytest.raises(ProjectError, match="not valid TOML"):
        read_project(write(tmp_path, "[project\n"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("year = 2021", 'year = "bald"', r"project\.year"),
        ('id = "p"', 'id = "P 1"', r"project\.id"),
        ('title = "P"', 'titel = "P"', r"project\.titel.*unknown key"),
        ("data/raw/a.csv", "../geheim.csv", "inside the project folder"),
        ("data/raw/a.csv", "C:/geheim.csv", "inside the project folder"),
        ("data/raw/a.csv", "data\\\\raw.csv", "inside the project folder"),
        ('files = ["data/raw/a.csv"]', "files = []", r"data\.files"),
    ],
)
def test_wrong_entries_are_named(tmp_path, old, new, said):
    with pytest.raises(ProjectError, match=said):
        read_project(write(tmp_path, GOOD.replace(old, new)))


def test_all_problems_come_at_once(tmp_path):
    text = GOOD.replace("year = 2021", "").replace('notebook = "notebooks/a.ipynb"', "")
    with pytest.raises(ProjectError) as caught:
        read_project(write(tmp_path, text))
    assert {item.column for item in caught.value.findings} == {"project.year", "reports.0.notebook"}


def test_unknown_framework(tmp_path):
    project = read_project(write(tmp_path, GOOD.replace("sdg_kommunen", "sdg_komunen")))
    with pytest.raises(UnknownCodeError, match="sdg_kommunen"):
        project.framework()


def test_the_repository_is_a_sound_project(repo, tmp_path):
    project = read_project(repo)
    checked = project.validate()
    assert checked.ok
    assert set(checked.data.levels) == {"kreis", "gemeinde"}
    result = project.compute(checked.data.select(level="kreis"))
    assert len(result.fed) == 6


def test_processed_figures_come_back_with_their_provenance(tmp_path):
    project = read_project(copy_example(tmp_path / "projekt"))
    checked = project.validate()
    path = project.process(checked.data)
    again = read_indicators(path)
    assert path == tmp_path / "projekt" / "data" / "processed" / "beispielprojekt.parquet"
    assert again.provenance.fingerprint == checked.data.provenance.fingerprint
    assert len(again) == len(checked.data)
