"""The surveys of the example project: read, checked, set against their populations, weighted."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import ProjectError, SourceFileError, UnknownCodeError, ValidationError
from begleitforschung.example import copy_example
from begleitforschung.pipeline import Project
from begleitforschung.results.base import Result
from begleitforschung.surveys import Survey

KOMMUNEN = "data/raw/synthetisch/kommunenbefragung_2025"


@pytest.fixture(scope="module")
def project(repo: Path) -> Project:
    return bf.read_project(repo)


@pytest.fixture(scope="module")
def kommunen(project: Project) -> Survey:
    return project.survey("kommunen")


@pytest.fixture(scope="module")
def projekte(project: Project) -> Survey:
    return project.survey("projekte")


@pytest.fixture
def copied(tmp_path: Path) -> Project:
    folder = copy_example(tmp_path / "projekt")
    shutil.rmtree(folder / "notebooks")
    return bf.read_project(folder)


def counts(frame: pd.DataFrame, name: str) -> dict[str, int]:
    return frame[name].value_counts().loc[lambda n: n > 0].to_dict()


def test_the_projects_are_a_full_population_with_non_response(projekte):
    design = projekte.design
    assert (design.kind, design.population, len(projekte)) == ("population", 73, 60)
    assert design.sample.weights == pytest.approx(73 / 60)
    assert counts(design.frame, "staffel") == {
        "Staffel 2 (2020)": 32,
        "Staffel 3 (2021)": 28,
        "Staffel 1 (2019)": 13,
    }
    assert projekte.confidentiality == "confidential"


def test_the_sample_is_weighted_to_both_margins_of_the_directory(kommunen):
    design = kommunen.design
    assert (design.kind, design.population) == ("sample", 5168)
    assert design.sample.weights.sum() == pytest.approx(5168)
    for name in ("bundesland", "groessenklasse"):
        weighted = pd.Series(design.sample.weights).groupby(design.variables[name]).sum()
        assert weighted.to_dict() == pytest.approx(counts(design.frame, name), rel=1e-9)
    assert [step.verb for step in design.weighting] == ["rake"]


def test_weights_before_raking_are_units_by_units_invited(project, kommunen):
    invited, frame = project.invited("kommunen"), kommunen.design.frame
    strata = ["bundesland", "groessenklasse"]
    shares = (
        frame.groupby(strata, observed=True).size() / invited.groupby(strata, observed=True).size()
    )
    before = kommunen.design.weighting[0].before
    expected = shares.loc[
        list(kommunen.design.variables[strata].itertuples(index=False, name=None))
    ]
    assert before.total == pytest.approx(expected.sum())
    assert (before.smallest, before.largest) == pytest.approx((expected.min(), expected.max()))


def test_sources_name_the_synthetic_answers_and_the_real_frame(kommunen, projekte):
    sample = bf.estimate(kommunen, "strategie", allow_unprotected=True)
    assert [source.publisher for source in sample.sources()] == [
        "Projekt begleitforschung",
        "Statistisches Bundesamt (Destatis)",
    ]
    told = "Grundgesamtheit: 5.168 Gemeinden ab 2.000 Einwohnern, Gebietsstand 2024-12-31."
    assert told in sample.display().notes
    whole = bf.estimate(projekte, "stand", allow_unprotected=True)
    for result in (sample, whole):
        assert "erfundene Antworten" in result.display().source
    assert any("Register der Modellprojekte" in one.citation("de") for one in whole.sources())


def test_classes_stand_in_their_order(kommunen):
    found = bf.estimate(kommunen, "strategie", by="groessenklasse", total=False).table
    order = [label.partition(" ")[0] for label in found["domain"].unique()]
    assert order == ["Landstadt", "Kleinstadt", "Mittelstadt", "Großstadt"]


def test_a_share_is_the_weighted_one(kommunen):
    row = bf.estimate(kommunen, "strategie").table.query("category == 'A1'").iloc[0]
    said = kommunen.responses["strategie"]
    weights = kommunen.design.sample.weights
    share = weights[(said == "A1").to_numpy()].sum() / weights[said.notna().to_numpy()].sum()
    assert row["estimate"] == pytest.approx(share)


def test_response_rates_of_the_sample_are_of_those_invited(project, kommunen):
    invited = project.invited("kommunen")
    asked = kommunen.with_design(
        bf.design(kommunen, strata=["groessenklasse"], frame=invited.drop(columns="disposition"))
    )
    silent = invited.loc[invited["disposition"] != "", ["unit", "disposition"]]
    rates = bf.response_rates(asked, dispositions=dict(silent.itertuples(index=False, name=None)))
    row = rates.table.iloc[0]
    assert row["invited"] == 1200
    assert row["complete"] + row["partial"] == len(kommunen)
    assert row["refused"] == (invited["disposition"] == "refused").sum()
    assert row["rr2"] == pytest.approx(len(kommunen) / 1200)


def test_a_list_of_invited_that_does_not_fit_is_refused_by_row(copied):
    file = copied.path(f"{KOMMUNEN}/eingeladene_synthetisch.csv")
    rows = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*rows, rows[1], "99999999;"]), encoding="utf-8")
    with pytest.raises(ValidationError, match="in rows 1202, 1203"):
        copied.invited("kommunen")
    file.write_text("\n".join(["gemeinde", *rows[1:]]), encoding="utf-8")
    with pytest.raises(SourceFileError, match="no column 'unit'"):
        copied.invited("kommunen")
    file.unlink()
    with pytest.raises(SourceFileError, match="list of the invited"):
        copied.invited("kommunen")


def test_a_survey_with_errors_is_no_base_for_figures(copied):
    rules = copied.folder / "regeln.yaml"
    rules.write_text(
        "id: eigene\nrules:\n  - {id: kleinbetrag, kind: implication, when: stellen > 0,\n"
        "     then: ausgaben < 0, severity: error, text: {de: unmöglich, en: no},\n"
        "     hint: {de: Prüfen., en: Check.}}\n",
        encoding="utf-8",
    )
    toml = copied.folder / "projekt.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("smallest =", 'rules = "regeln.yaml"\nsmallest ='), "utf-8")
    project = bf.read_project(toml)
    assert not project.validate_survey("kommunen").ok
    with pytest.raises(ValidationError, match="'kommunen' has errors"):
        project.survey("kommunen")


def test_nothing_is_shown_unasked(kommunen):
    result = bf.estimate(kommunen, "finanzlage")
    assert isinstance(result, Result)
    with pytest.raises(bf.DisclosureError):
        result.display()


def test_unknown_surveys_are_told(project):
    with pytest.raises(UnknownCodeError, match="kommunen"):
        project.invited("kommune")


def test_weights_are_finite_and_positive(kommunen):
    assert np.isfinite(kommunen.design.sample.weights).all()
    assert (kommunen.design.sample.weights > 0).all()


def test_without_strata_all_have_the_same_weight_before_raking(copied):
    toml = copied.folder / "projekt.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('strata = ["bundesland", "groessenklasse"]\n', ""), "utf-8")
    survey = bf.read_project(toml).survey("kommunen")
    before = survey.design.weighting[0].before
    assert before.smallest == pytest.approx(5168 / 1200) == pytest.approx(before.largest)
    assert survey.design.strata == ()


def test_without_raking_weights_are_units_by_answers(copied):
    toml = copied.folder / "projekt.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('rake = ["bundesland", "groessenklasse"]\n', ""), "utf-8")
    survey = bf.read_project(toml).survey("kommunen")
    cells = survey.design.cells
    expected = (cells["population"] / cells["sampled"]).to_numpy()[survey.design.stratum]
    assert survey.design.sample.weights == pytest.approx(expected)
    assert survey.design.as_drawn


def test_two_surveys_of_one_name_are_refused(copied):
    toml = copied.folder / "projekt.toml"
    text = toml.read_text(encoding="utf-8").replace('id = "projekte"', 'id = "kommunen"')
    toml.write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="stands twice: kommunen"):
        bf.read_project(toml)


def test_who_was_invited_is_the_frame_where_no_list_is_named(copied):
    toml = copied.folder / "projekt.toml"
    lines = toml.read_text(encoding="utf-8").splitlines()
    toml.write_text("\n".join(line for line in lines if "eingeladene" not in line), "utf-8")
    invited = bf.read_project(toml).invited("projekte")
    assert len(invited) == 73
    assert "disposition" not in invited
