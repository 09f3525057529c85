"""Two reports of one project on one wave: what the first shows is kept, and binds the second."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from nbformat import writes
from nbformat.v4 import new_code_cell, new_notebook, new_raw_cell
from scipy.optimize import linprog

import begleitforschung as bf
from begleitforschung.disclosure.publications import published
from begleitforschung.disclosure.registry import read_registry
from begleitforschung.errors import ProjectError
from begleitforschung.regions import programme
from begleitforschung.reports.registering import RegistryPlace, joined, planned, published_content

# Land 0 are 17 of the 20 of size 0: with both tables the other three would follow.
LAND = [0] * 17 + [1] * 43
SIZE = [0] * 20 + [1] * 40
YES = [1, 0] * 30
REGISTRY = "register/welle.json"
TOML = """
project = {{id = "klein", title = "Klein", year = 2025}}
data = {{files = ["x.csv"]}}
kpis = {{framework = "sdg_kommunen"}}
[[surveys]]
id = "welle"
file = "antworten.csv"
codebook = "codebuch.yaml"
kind = "population"
frame = "programme"
{registry}
[[reports]]
notebook = "erster.ipynb"
formats = ["html"]
[[reports]]
notebook = "zweiter.ipynb"
formats = ["html"]
"""
CODEBOOK = """
id: probe
title: {de: Probe}
instrument:
  wave: "2025"
  respondent: office
  unit: projekt
  promise:
    text: {de: Wird nur zusammengefasst veröffentlicht.}
    date: "2025-03-03"
    legal_basis: Art. 6 Abs. 1 lit. e DSGVO
items:
  - {id: projekt, kind: text, text: {de: Projekt}, role: identifying, confidentiality: public}
  - {id: q1, kind: single, text: {de: Strategie?}, confidentiality: confidential, codes: [
      {code: "1", label: {de: ja}}, {code: "0", label: {de: nein}}]}
  - {id: land, kind: single, text: {de: Land}, role: identifying, confidentiality: public, codes: [
      {code: "0", label: {de: A}}, {code: "1", label: {de: B}}]}
  - {id: groesse, kind: single, text: {de: Größe}, role: identifying, confidentiality: public,
     codes: [{code: "0", label: {de: klein}}, {code: "1", label: {de: groß}}]}
"""
CELL = """
import begleitforschung as bf
survey = bf.read_project("projekt.toml").survey("welle")
made = bf.protect(bf.estimate(survey, "q1", by="{by}"), seconds=0.3)
bf.table(made, id="tab-x", title="Strategie", source="Probe")
"""


def notebook(folder: Path, name: str, source: str) -> None:
    front = "title: Bericht\ndate: 2025-11-21\npublisher: Institut\nauthors: [Erika Muster]\n"
    made = new_notebook(cells=[new_raw_cell(front), new_code_cell(source)])
    (folder / f"{name}.ipynb").write_text(writes(made), encoding="utf-8")


def lay_out(folder: Path, *, registry: str = f'registry = "{REGISTRY}"') -> Path:
    folder.mkdir()
    (folder / "projekt.toml").write_text(TOML.format(registry=registry), encoding="utf-8")
    (folder / "codebuch.yaml").write_text(CODEBOOK, encoding="utf-8")
    units = programme.projects()["project"].tolist()[: len(YES)]
    rows = zip(units, YES, LAND, SIZE, strict=True)
    lines = ["projekt,q1,land,groesse", *(",".join(map(str, row)) for row in rows)]
    (folder / "antworten.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    notebook(folder, "erster", CELL.format(by="land"))
    notebook(folder, "zweiter", CELL.format(by="groesse"))
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return lay_out(tmp_path_factory.mktemp("Projekt") / "p")


@pytest.fixture(scope="module")
def first(project):
    made = bf.read_project(project).render("erster")
    return made, (project / REGISTRY).read_bytes()


@pytest.fixture(scope="module")
def both(project, first):
    return bf.read_project(project).render("zweiter")


def reach(rows):
    """What may be the number of yes of the three, given figures shown: a linear program."""
    land, size, yes = (np.array(x) for x in (LAND, SIZE, YES))
    cells = [(land == a) & (size == b) for a, b in ((0, 0), (1, 0), (1, 1))]
    groups = {"land": land, "groesse": size, "": np.zeros(60, int)}
    told = [
        (inside, [float((inside & c).any()) for c in cells])
        for p in rows
        if p.column == "q1" and (inside := groups[p.by] == int(p.domain or 0)).any()
    ]
    known = [float(yes[inside].sum()) for inside, _ in told]
    bounds = [(0, int(c.sum())) for c in cells]
    ends = [
        linprog([0, sign, 0], A_eq=[row for _, row in told], b_eq=known, bounds=bounds).fun * sign
        for sign in (1, -1)
    ]
    return ends[0], ends[1]


def registry(project):
    survey = bf.read_project(project).survey("welle")
    return read_registry(project / REGISTRY, survey.codebook)


def test_the_first_report_is_entered_and_says_so(project, first):
    made, _ = first
    (entry,) = made.registered
    assert (entry.file, entry.report, entry.shown, entry.hidden) == (REGISTRY, "erster", 6, 0)
    assert entry.line().startswith(f"registry {REGISTRY}: erster: 6 figures shown, 0 hidden")
    told = json.loads(made.paths["json"].read_text(encoding="utf-8"))
    assert told["registry"] == [entry.described()]
    content = json.loads((project / REGISTRY).read_text(encoding="utf-8"))
    (one,) = content["publications"]
    assert (one["report"], one["date"], one["policy"]) == ("erster", "2025-11-21", "grouped")
    assert not any(isinstance(v, float) for p in one["shown"] for v in p.values())


def test_the_second_report_hides_what_would_follow_from_both(project, both):
    known = registry(project)
    assert [made.report for made in known.publications] == ["erster", "zweiter"]
    assert {p.domain for p in known.hidden() if p.by == "groesse"} == {"0", "1"}
    assert reach(known.shown()) == pytest.approx((0, 3))
    alone = {p.model_copy(update={"by": "groesse"}) for p in known.shown() if p.by}
    assert reach(known.shown() | alone)[0] == reach(known.shown() | alone)[1]  # the attack works
    page = both.paths["html"].read_text(encoding="utf-8")
    assert "geheim gehalten" in page


def test_a_report_made_again_is_the_same_and_changes_nothing(project, first, both):
    made, _ = first
    before = (project / REGISTRY).read_bytes()
    page = made.paths["html"].read_bytes()
    told = bf.read_project(project).render("erster")
    assert told.fingerprint == made.fingerprint
    assert told.paths["html"].read_bytes() == page
    assert told.registered[0].new == 0
    assert (project / REGISTRY).read_bytes() == before
    assert both.registered[0].new > 0


def copy_of(project, tmp_path):
    return shutil.copytree(project, tmp_path / "p")


def protect(project):
    survey = bf.read_project(project).survey("welle")
    return bf.protect(bf.estimate(survey, "q1", by="groesse"), seconds=0.3)


def test_a_draft_is_not_entered(project, monkeypatch):
    seen = {}
    monkeypatch.setattr(
        "begleitforschung.pipeline.project.render", lambda _, **options: seen.update(options)
    )
    plan = bf.read_project(project)
    plan.render("erster", register=False)
    assert seen["registries"] == ()
    plan.render("erster")
    assert [place.name for place in seen["registries"]] == [REGISTRY]


def test_a_researcher_need_not_think_of_it(project, both, tmp_path):
    hidden = protect(project).table["suppressed"] != ""
    assert hidden.sum() == 4
    (tmp_path / "ohne").mkdir()
    free = lay_out(tmp_path / "ohne" / "p", registry="")
    assert not (protect(free).table["suppressed"] != "").any()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"wave": "2025"', '"wave": "2024"', r"welle\.json.*wave '2024'.*name another file"),
        ('"version": 2', '"version": 3', r"welle\.json.*restore it.*"),
        ('"report": "erster"', '"reports": "erster"', r"welle\.json.*restore it"),
        ('"publications": [', '"publications": ', r"welle\.json.*restore it"),
    ],
)
def test_a_registry_that_is_none_stops_everything(project, both, tmp_path, old, new, said):
    copy = copy_of(project, tmp_path)
    file = copy / REGISTRY
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(bf.BegleitforschungError, match=f"(?s){said}"):
        protect(copy)


def test_other_data_are_remarked(project, both, tmp_path):
    copy = copy_of(project, tmp_path)
    file = copy / "antworten.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    survey = bf.read_project(copy).survey("welle")
    assert {f.rule for f in registry(copy).remarks(survey)} == {"registry.other_data"}


def test_results_protected_without_the_registry_are_no_publication(tmp_path):
    folder = lay_out(tmp_path / "p")
    place = RegistryPlace(name=REGISTRY, path=folder / REGISTRY, codebook=folder / "codebuch.yaml")
    survey = bf.read_survey(folder / "antworten.csv", codebook=folder / "codebuch.yaml")
    about = {"report": "erster", "date": dt.date(2025, 11, 21)}
    for made in (bf.estimate(survey, "q1"), bf.cross_table(survey, ["land", "q1"])):
        told = published([bf.protect(made, seconds=0.3)])
        with pytest.raises(bf.DisclosureError, match=rf"without its registry {REGISTRY}"):
            planned(told, [place], **about)
    known = survey.with_registry(folder / REGISTRY)
    for made in (bf.estimate(known, "q1"), bf.cross_table(known, ["land", "q1"])):
        (entry,) = planned(published([bf.protect(made, seconds=0.3)]), [place], **about)
        assert entry.entry.new > 0


def test_a_printable_table_tells_what_it_shows(project):
    survey = bf.read_project(project).survey("welle")
    safe = bf.protect(bf.estimate(survey, "q1"), seconds=0.3)
    assert published_content([safe.display().origin]) == published_content([safe]) != []
    assert published_content([bf.estimate(survey, "land").display().origin]) == []


def test_each_survey_has_a_registry_of_its_own(tmp_path):
    folder = lay_out(tmp_path / "p")
    toml = folder / "projekt.toml"
    text = toml.read_text(encoding="utf-8")
    part = text[text.index("[[surveys]]") : text.index("[[reports]]")]
    toml.write_text(text + part.replace('id = "welle"', 'id = "w2"'), encoding="utf-8")
    with pytest.raises(ProjectError, match="stands twice: register/welle"):
        bf.read_project(folder)
    toml.write_text(text.replace(".json", ".txt"), encoding="utf-8")
    with pytest.raises(ProjectError, match=r"surveys\.0\.registry.*\.json is expected"):
        bf.read_project(folder)


def test_two_calls_about_one_question_are_no_publication(tmp_path):
    folder = lay_out(tmp_path / "p")
    survey = bf.read_project(folder).survey("welle")
    made = [bf.estimate(survey, "q1", by=name) for name in ("land", "groesse")]
    place = RegistryPlace(name=REGISTRY, path=folder / REGISTRY, codebook=folder / "codebuch.yaml")
    about = {"report": "erster", "date": dt.date(2025, 11, 21)}
    apart = joined(published([bf.protect(one, seconds=0.3) for one in made]))
    with pytest.raises(bf.DisclosureError, match="results on q1 from several calls"):
        planned(apart, [place], **about)
    together = published(bf.protect(made, seconds=0.3))
    (entry,) = planned(joined(together), [place], **about)
    assert entry.entry.hidden > 0
    again = bf.protect(made, seconds=0.3)  # the same call once more
    (entry,) = planned(joined([*together, *published([again[0].part("q1")])]), [place], **about)
    assert not (folder / REGISTRY).exists()
