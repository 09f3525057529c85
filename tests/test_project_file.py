"""The sections of a project file: what each entry may be, and what a wrong one is told."""

from __future__ import annotations

import pytest

from begleitforschung.errors import ProjectError, UnknownCodeError
from begleitforschung.pipeline import read_project

HEAD = """
[project]
id = "p"
title = "P"
year = 2021

[data]
files = ["data/raw/a.csv"]

[kpis]
framework = "sdg_kommunen"
"""
SURVEY = """
[[surveys]]
id = "kommunen"
file = "data/raw/k.csv"
codebook = "codebooks/k.yaml"
frame = "data/raw/gv.xlsx"
"""
REPORT = """
[[reports]]
notebook = "notebooks/bericht.ipynb"
"""


@pytest.fixture
def read(tmp_path):
    def reading(text):
        (tmp_path / "projekt.toml").write_text(text, encoding="utf-8")
        return read_project(tmp_path)

    return reading


def problems(read, text):
    with pytest.raises(ProjectError) as caught:
        read(text)
    return {found.column: found.text.get("en") for found in caught.value.findings}


def test_what_is_not_said_of_a_survey_has_a_default(read):
    (part,) = read(HEAD + SURVEY + REPORT).file.surveys
    assert (part.kind, part.smallest, part.sizes) == ("sample", 1, "groessenklasse_statistik")
    assert (part.strata, part.rake) == ((), ())
    assert (part.invited, part.corrections, part.rules) == (None, None, None)


def test_a_project_needs_no_survey(read):
    project = read(HEAD + REPORT)
    assert project.file.surveys == ()
    with pytest.raises(UnknownCodeError):
        project.survey("kommunen")


@pytest.mark.parametrize(
    ("old", "new", "column", "said"),
    [
        ('id = "kommunen"', 'id = "Kommunen 2025"', "surveys.0.id", "^[a-z0-9_]+$"),
        ('id = "kommunen"', "", "surveys.0.id", "missing"),
        ('file = "data/raw/k.csv"', "", "surveys.0.file", "missing"),
        ('file = "data/raw/k.csv"', 'file = "/home/k.csv"', "surveys.0.file", "inside the project"),
        ('codebook = "codebooks/k.yaml"', "", "surveys.0.codebook", "missing"),
        ("codebooks/k.yaml", "../k.yaml", "surveys.0.codebook", "inside the project folder"),
        ('frame = "data/raw/gv.xlsx"', "", "surveys.0.frame", "missing"),
        ("data/raw/gv.xlsx", "C:\\\\gv.xlsx", "surveys.0.frame", "written with '/'"),
        ("[[surveys]]", "[[surveys]]\nkind = 'census'", "surveys.0.kind", "'population'"),
        ("[[surveys]]", "[[surveys]]\nsmallest = 0", "surveys.0.smallest", "greater than or"),
        (
            "[[surveys]]",
            "[[surveys]]\nsmallest = 'viele'",
            "surveys.0.smallest",
            "not a whole number",
        ),
        ("[[surveys]]", "[[surveys]]\nstrata = 'land'", "surveys.0.strata", "not a list"),
        ("[[surveys]]", "[[surveys]]\nrake = [1]", "surveys.0.rake.0", "not a text"),
        ("[[surveys]]", "[[surveys]]\ninvited = '../e.csv'", "surveys.0.invited", "inside the"),
        ("[[surveys]]", "[[surveys]]\nrules = '/r.yaml'", "surveys.0.rules", "inside the"),
        ("[[surveys]]", "[[surveys]]\ncorrections = 'a:b'", "surveys.0.corrections", "inside the"),
        ("[[surveys]]", "[[surveys]]\nweights = 'w'", "surveys.0.weights", "unknown key"),
    ],
)
def test_a_wrong_entry_of_a_survey_is_told_by_its_place(read, old, new, column, said):
    assert old in SURVEY
    found = problems(read, HEAD + SURVEY.replace(old, new) + REPORT)
    assert list(found) == [column]
    assert said in found[column]


@pytest.mark.parametrize(
    ("report", "column", "said"),
    [
        ("[[reports]]\noutput = 'out'", "reports.0.notebook", "missing"),
        ("[[reports]]\nnotebook = '/a.ipynb'", "reports.0.notebook", "inside the project"),
        ("[[reports]]\nnotebook = 'a.ipynb'\noutput = '..'", "reports.0.output", "inside the"),
        ("[[reports]]\nnotebook = 'a.ipynb'\nformats = ['docx']", "reports.0.formats.0", "'pdf'"),
        ("[[reports]]\nnotebook = 'a.ipynb'\nname = 'b'", "reports.0.name", "unknown key"),
        ("", "reports", "missing"),
    ],
)
def test_a_wrong_entry_of_a_report_is_told_by_its_place(read, report, column, said):
    found = problems(read, HEAD + report)
    assert list(found) == [column]
    assert said in found[column]


@pytest.mark.parametrize(
    ("old", "new", "column", "said"),
    [
        ('id = "p"', 'id = "p-1"', "project.id", "^[a-z0-9_]+$"),
        ("year = 2021", "year = 2021.5", "project.year", "integer"),
        ("year = 2021", "year = 2021\nlang = 'fr'", "project.lang", "'de'"),
        ('framework = "sdg_kommunen"', "", "kpis.framework", "missing"),
        ('framework = "sdg_kommunen"', "framework = 7", "kpis.framework", "not a text"),
        ("[data]", "[data]\nrules = '../r.yaml'", "data.rules", "inside the project"),
        ("[data]", "[data]\ncorrections = '/c.csv'", "data.corrections", "inside the project"),
        ("[data]", "[data]\nfolder = 'x'", "data.folder", "unknown key"),
        ("[kpis]", "[umfragen]\n[kpis]", "umfragen", "unknown key"),
    ],
)
def test_a_wrong_entry_of_the_other_sections_is_told_by_its_place(read, old, new, column, said):
    assert old in HEAD
    found = problems(read, HEAD.replace(old, new) + REPORT)
    assert list(found) == [column]
    assert said in found[column]


def test_the_problems_of_all_sections_come_at_once(read):
    text = HEAD.replace('id = "p"', 'id = "P"') + SURVEY.replace('id = "kommunen"', "kind = 1")
    found = problems(read, text + "[[reports]]\nformats = []")
    assert set(found) == {"project.id", "surveys.0.id", "surveys.0.kind", "reports.0.notebook"}


def test_the_second_of_two_surveys_is_counted_from_nought(read):
    text = HEAD + SURVEY + SURVEY.replace('id = "kommunen"', 'id = "land"\nkind = "x"') + REPORT
    assert list(problems(read, text)) == ["surveys.1.kind"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + SURVEY + SURVEY + REPORT, "stands twice: kommunen"),
        (HEAD + REPORT + REPORT, "stands twice: bericht"),
        (HEAD + REPORT + REPORT.replace("notebooks/", "andere/"), "stands twice: bericht"),
        ("reports = []\n" + HEAD, "at least one report"),
    ],
)
def test_what_is_there_twice_or_not_at_all_is_refused(read, text, said):
    with pytest.raises(ProjectError, match=said):
        read(text)


def test_reports_bear_the_name_of_their_notebook_and_paths_are_of_the_folder(read, tmp_path):
    text = HEAD + REPORT + "formats = ['html']\noutput = 'aus/gabe'\n"
    project = read(text)
    (report,) = project.file.reports
    assert (report.name, report.formats) == ("bericht", ("html",))
    assert project.path(report.output) == tmp_path / "aus" / "gabe"


def test_a_framework_that_is_neither_shipped_nor_in_the_folder_is_refused(read):
    with pytest.raises(UnknownCodeError, match="sdg_kommunen"):
        read(HEAD.replace("sdg_kommunen", "eigenes.yaml") + REPORT).framework()


ALONE = """
[project]
id = "p"
title = "P"
"""


def test_a_project_of_surveys_needs_no_figures_framework_or_year(read):
    project = read(ALONE + SURVEY + REPORT)
    assert project.file.data is None
    assert project.surveys == ("kommunen",)
    alone = r"surveys only.*kommunen.*add \[data\] with 'files'"
    for asked in (project.load, project.validate, project.framework, lambda: project.year):
        with pytest.raises(ProjectError, match=alone):
            asked()


def test_without_surveys_or_with_half_of_the_figures_everything_is_needed(read):
    missing = "required key is missing"
    assert problems(read, ALONE + REPORT) == dict.fromkeys(
        ("project.year", "data", "kpis"), missing
    )
    kpis = '[kpis]\nframework = "sdg_kommunen"\n'
    assert problems(read, ALONE + kpis + SURVEY + REPORT) == dict.fromkeys(
        ("project.year", "data"), missing
    )
