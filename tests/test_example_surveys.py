"""The synthetic surveys: made again byte by byte, called synthetic, real in their frame."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.catalogue import read_entry
from begleitforschung.loaders.sidecar import Sidecar, sidecar_path
from begleitforschung.loaders.surveys import load_codebook, read_survey
from begleitforschung.regions import programme

NAMES = ("projektbefragung_2025", "kommunenbefragung_2025")


@pytest.fixture(scope="module")
def folder(repo: Path) -> Path:
    return repo / "data" / "raw" / "synthetisch"


@pytest.fixture(scope="module")
def script(repo: Path) -> ModuleType:
    path = repo / "scripts" / "build_example_surveys.py"
    spec = importlib.util.spec_from_file_location("build_example_surveys", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_makes_these_very_files(repo, folder, script):
    made = script.build(repo)
    assert set(made) == {f.relative_to(folder).as_posix() for f in folder.rglob("*.csv")}
    for name, text in made.items():
        assert (folder / name).read_bytes() == text.encode("utf-8"), name


def test_they_are_called_synthetic_in_name_sidecar_and_codebook(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert all("synthetisch" in path.name for path in files)
    assert sum(path.stat().st_size for path in files) < 400_000
    for path in folder.rglob("*.csv"):
        sidecar = read_entry(sidecar_path(path), Sidecar)
        assert sidecar.source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert "synthetisch" in sidecar.source.title.lower()
        assert "erfunden" in sidecar.source.title
        assert sidecar.source.licence
        assert "synthetisch" in sidecar.source.attribution.lower()
    for path in folder.rglob("codebuch*"):
        assert "Synthetische" in load_codebook(path).title.de


@pytest.mark.parametrize("name", NAMES)
def test_all_that_happens_in_the_field_is_in_them(folder, name):
    book = load_codebook(folder / name / "codebuch_synthetisch.yaml")
    kinds = {item.kind for item in book.items}
    assert kinds >= {"single", "scale", "multiple", "array", "ranking", "number", "text"}
    assert book.instrument.promise is not None
    assert book.instrument.respondent == "office"
    assert all(item.confidentiality for item in book.items)
    assert [item.sensitive for item in book.items].count(True) == 1
    survey = read_survey(folder / name / "antworten_synthetisch.csv", codebook=book)
    assert {"anmerkung", "kontakt", "token"} <= set(survey.personal)
    assert [item.rule for item in survey.findings] == ["survey.unit_left_out"]
    assert 0 < (~survey.cases["complete"]).sum() < 0.1 * len(survey)
    states = {state for column in survey.status for state in survey.status_of(column).unique()}
    assert states == {"answered", "estimated", "not_asked", "no_answer", "dont_know", "refused"}
    assert bf.validate_survey(survey).ok


def test_the_projects_are_those_of_the_register(folder):
    invited = pd.read_csv(folder / NAMES[0] / "eingeladene_synthetisch.csv", sep=";", dtype=str)
    assert set(invited["unit"]) == set(programme.projects()["project"])
    assert invited["disposition"].notna().sum() == 13


def test_the_sample_is_stratified_and_takes_city_states_and_large_cities_as_a_whole(repo):
    project = bf.read_project(repo)
    invited = project.invited("kommunen")
    frame = project.survey("kommunen").design.frame
    strata = ["bundesland", "groessenklasse"]
    drawn = invited.groupby(strata, observed=True).size()
    whole = frame.groupby(strata, observed=True).size()
    assert len(invited) == 1200
    assert (drawn.index == whole.index).all()
    assert (drawn >= whole.clip(upper=10)).all()
    for land in ("Berlin", "Hamburg", "Bremen"):
        assert drawn[land].tolist() == whole[land].tolist()
    large = drawn.index.get_level_values("groessenklasse").str.startswith("Großstadt")
    assert (drawn[large] == whole[large]).all()
