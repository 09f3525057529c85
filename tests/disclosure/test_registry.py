"""The registry of what was published: positions only, and nothing is ever taken out of it."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.positions import data_fingerprint, positions
from begleitforschung.disclosure.registry import new_registry, read_registry
from begleitforschung.errors import CatalogueError, DisclosureError, ValidationError

from .answers import codebook, protected, survey_of

Q1 = ["1", "2"] * 10
ART = ["A"] * 4 + ["B"] * 8 + ["C"] * 8
DAY = dt.date(2025, 9, 1)


@pytest.fixture(scope="module")
def survey():
    return survey_of({"q1": Q1, "q3": [1000.0 + i for i in range(20)], "art": ART})


@pytest.fixture(scope="module")
def by_art(survey):
    return protected(bf.estimate(survey, "q1", by="art"), lambda row: row["domain"] == "A")


@pytest.fixture
def registry(by_art):
    return new_registry(codebook()).with_published(by_art, report="Bericht 1", date=DAY)


def test_it_knows_what_was_shown_and_what_was_hidden(registry, by_art):
    hidden = {(p.domain, p.category) for p in registry.hidden()}
    assert hidden == {("A", "1"), ("A", "2")}
    assert len(registry.shown()) == 6
    assert registry.shown() | registry.hidden() == set(positions(by_art))


def test_it_is_written_and_read_alike_and_holds_no_value(registry, by_art, tmp_path, survey):
    path = registry.write(tmp_path / "register.json")
    assert read_registry(path, survey.codebook) == registry
    content = json.loads(path.read_text(encoding="utf-8"))
    (made,) = content["publications"]
    assert set(made) == {"report", "date", "policy", "version", "data", "shown", "hidden"}
    of_all = ("column", "statistic", "category")
    assert {tuple(p) for p in made["shown"]} == {of_all, (*of_all, "by", "domain")}
    assert content["version"] == 2
    assert made["date"] == "2025-09-01"


def test_a_report_that_shows_what_an_earlier_one_hid_is_refused(registry, survey):
    with pytest.raises(DisclosureError, match="2 figures") as caught:
        registry.with_published(protected(bf.estimate(survey, "q1", by="art")), report="Zweiter")
    assert "q1, share 1, art A" in str(caught.value)


def test_other_figures_of_the_wave_are_other_positions(registry, survey):
    more = [
        protected(bf.estimate(survey, "q1", by="art", where="q3 > 1003", total=False)),
        protected(bf.estimate(survey, "q3", by="art", statistic="quantile", prob=0.9)),
        protected(bf.estimate(survey, "q3", by="art", statistic="quantile", prob=0.1)),
    ]
    found = registry.with_published(more, report="Zweiter", date=DAY)
    assert len(found.shown()) == len(registry.shown()) + 6 + 4 + 4
    assert {p.prob for p in found.shown() if p.statistic == "quantile"} == {0.9, 0.1}


def test_only_what_is_protected_is_published(registry, survey):
    with pytest.raises(DisclosureError, match="unprotected"):
        registry.with_published(bf.estimate(survey, "q1", allow_unprotected=True), report="Zweiter")


def test_another_wave_has_its_own(registry, tmp_path):
    other = codebook(id="andere")
    path = registry.write(tmp_path / "register.json")
    with pytest.raises(ValidationError, match="'andere'"):
        read_registry(path, other)
    with pytest.raises(ValidationError, match="'andere'"):
        registry.remarks(survey_of({"q1": Q1}, book=other))


def test_changed_data_are_remarked(registry, survey):
    assert registry.remarks(survey) == ()
    fewer = survey.keep(np.arange(20) > 0, reason="withdrawn")
    assert [f.rule for f in registry.remarks(fewer)] == ["registry.other_data"]
    corrected = survey_of({"q1": Q1}, sha256="cd" * 32)
    assert [f.rule for f in registry.remarks(corrected)] == ["registry.other_data"]
    assert data_fingerprint(survey.select(["q1"])) == data_fingerprint(survey)


def test_cases_chosen_by_hand_are_remarked(registry, survey):
    mask = np.arange(20) > 3
    more = protected(bf.estimate(survey, "q1", where=mask))
    found = registry.with_published(more, report="Zweiter", date=DAY)
    assert [f.rule for f in found.remarks(survey)] == ["registry.cases_by_hand"]


def test_nothing_is_taken_out_of_the_file(registry, survey, tmp_path):
    path = registry.write(tmp_path / "register.json")
    more = protected(bf.estimate(survey, "q3", by="art"))
    longer = registry.with_published(more, report="Bericht 1", date=DAY)
    assert len(longer.publications) == 1
    assert len(registry.publications[0].shown) < len(longer.publications[0].shown)
    longer.write(path)
    before = path.read_bytes()
    with pytest.raises(ValidationError, match="does not know"):
        registry.write(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        '{"survey": "probe"}',
        '{"survey": "probe", "wave": "2025", "values": []}',
        '{"survey": "probe", "wave": "2025", "publications": [{"report": ""}]}',
        "[1, 2",
    ],
)
def test_a_damaged_file_is_refused(tmp_path, content):
    path = tmp_path / "register.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError):
        read_registry(path, codebook())


def test_a_file_that_contradicts_itself_is_refused(registry, tmp_path, survey):
    path = registry.write(tmp_path / "register.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["publications"][0]["shown"] += content["publications"][0]["hidden"][:1]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CatalogueError, match="1 positions"):
        read_registry(path, survey.codebook)


def test_files_of_the_first_version_are_read_and_written_anew(registry, survey, tmp_path):
    usual = {"category": "", "by": "", "domain": "", "where": ""}
    old = {"column": "q3", "statistic": "quantile", **usual, "variant": "prob=0.9"}
    made = {"report": "Alt", "date": "2024-09-01", "policy": "grouped", "version": "1"}
    publication = made | {"data": "0" * 16, "shown": [old], "hidden": []}
    content = {"survey": "probe", "wave": "2025", "publications": [publication]}
    path = tmp_path / "register.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    read = read_registry(path, survey.codebook)
    (place,) = read.shown()
    assert (place.column, place.statistic, place.prob) == ("q3", "quantile", 0.9)
    read.with_published(
        protected(bf.estimate(survey, "q1", by="art")), report="Neu", date=DAY
    ).write(path)
    assert [made.report for made in read_registry(path, survey.codebook).publications] == [
        "Alt",
        "Neu",
    ]
    assert json.loads(path.read_text(encoding="utf-8"))["version"] == 2
    path.write_text(json.dumps(content | {"version": 3}), encoding="utf-8")
    with pytest.raises(CatalogueError, match="update begleitforschung"):
        read_registry(path, survey.codebook)
