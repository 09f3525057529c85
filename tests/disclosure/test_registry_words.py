"""What registry and releases say: both languages, where it stands and what to do."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.registry import Publication, Registry, new_registry, read_registry
from begleitforschung.disclosure.releases import read_releases
from begleitforschung.errors import (
    CatalogueError,
    DisclosureError,
    SourceFileError,
    ValidationError,
)

from .answers import UNITS, codebook, protected, survey_of

DAY = dt.date(2025, 9, 1)
Q1 = ["1", "2"] * 10
ART = ["A"] * 6 + ["B"] * 7 + ["C"] * 7


@pytest.fixture(scope="module")
def survey():
    return survey_of({"q1": Q1, "art": ART})


@pytest.fixture
def registry(survey):
    made = protected(bf.estimate(survey, "q1", by="art"))
    return new_registry(survey.codebook).with_published(made, report="Bericht Ä", date=DAY)


def test_a_new_registry_knows_nothing(survey):
    made = new_registry(survey.codebook)
    assert (made.survey, made.wave, made.publications) == ("probe", "2025", ())
    assert made.shown() == made.hidden() == frozenset()
    assert made.remarks(survey) == ()


def test_a_publication_tells_report_day_policy_and_data(registry, survey):
    (made,) = registry.publications
    assert (made.report, made.date, made.policy, made.version) == ("Bericht Ä", DAY, "grouped", "1")
    assert len(made.data) == 16
    assert made.hidden == ()


def test_the_day_is_today_unless_another_is_given(survey):
    made = new_registry(survey.codebook).with_published(
        protected(bf.estimate(survey, "q1")), report="Heute"
    )
    assert abs(made.publications[0].date - dt.date.today()) <= dt.timedelta(days=1)


def test_several_estimates_of_one_report_are_one_publication(registry, survey):
    both = [protected(bf.estimate(survey, "q1")), protected(bf.estimate(survey, "q1", by="art"))]
    again = registry.with_published(both, report="Bericht Ä", date=DAY)
    assert len(again.publications) == 1
    assert again.shown() == registry.shown()  # all were there already
    day = DAY + dt.timedelta(days=1)
    later = registry.with_published(both, report="Bericht Ä", date=day)
    assert later == registry  # made again it tells nothing new
    more = [*both, protected(bf.estimate(survey, "q1", where="art == 'A'"))]
    later = registry.with_published(more, report="Bericht Ä", date=day)
    assert [p.date.day for p in later.publications] == [1, 2]
    assert later.with_published(more, report="Bericht Ä", date=DAY) == later
    assert registry.publications[0].report == "Bericht Ä"  # the old value is as it was


def test_public_results_are_published_as_they_are(survey):
    made = new_registry(survey.codebook).with_published(
        bf.estimate(survey, "art"), report="Register", date=DAY
    )
    assert [p.policy for p in made.publications] == ["public"]


def test_a_report_that_shows_nothing_is_none(survey):
    with pytest.raises(ValidationError, match="no result of a survey is given"):
        new_registry(survey.codebook).with_published([], report="Leer")


def test_many_contradictions_are_counted_and_twenty_named():
    wide = survey_of({"q1": Q1, "q3": np.arange(20.0), "art": ART})
    hidden = [protected(bf.estimate(wide, "q1", by="art", where=f"q3 >= {k}"), lambda _: True)
              for k in range(4)]  # fmt: skip
    shown = [protected(bf.estimate(wide, "q1", by="art", where=f"q3 >= {k}")) for k in range(4)]
    made = new_registry(wide.codebook).with_published(hidden, report="Erster", date=DAY)
    with pytest.raises(DisclosureError) as caught:
        made.with_published(shown, report="Zweiter", date=DAY)
    told = str(caught.value).splitlines()
    assert told[0].startswith("32 figures are shown by one report on this wave and hidden by")
    assert "give registry= when you protect" in told[0]
    assert len(told) == 1 + 20


def test_other_data_are_remarked_in_both_languages(registry, survey):
    fewer = survey.keep(np.arange(20) > 0, reason="withdrawn")
    (remark,) = registry.remarks(fewer)
    assert (remark.severity, remark.key, remark.n) == ("warning", "Bericht Ä", 8)
    assert remark.text.de.startswith("Der Bericht 'Bericht Ä' beruht auf einem anderen Datenstand")
    assert remark.text.en.startswith("the report 'Bericht Ä' rests on other data")
    assert remark.hint.de.startswith("Nur das neu veröffentlichen")
    assert remark.hint.en.startswith("Publish anew only what did not change")


def test_umlauts_and_order_outlast_the_file(registry, survey, tmp_path):
    more = registry.with_published(
        protected(bf.estimate(survey, "q1", where="art == 'A'")), report="Zweiter", date=DAY
    )
    path = more.write(tmp_path / "register.json")
    assert "Bericht Ä" in path.read_text(encoding="utf-8")
    assert read_registry(path, survey.codebook) == more
    assert more.write(path) == path  # once more is no loss
    assert list(tmp_path.iterdir()) == [path]


def test_only_a_registry_is_ever_written_over(registry, tmp_path):
    path = tmp_path / "register.json"
    path.write_text('{"anderes": 1}', encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"register\.json"):
        registry.write(path)
    assert json.loads(path.read_text(encoding="utf-8")) == {"anderes": 1}
    with pytest.raises(SourceFileError):
        registry.write(tmp_path / "fehlt" / "register.json")


def test_the_registry_of_another_wave_is_not_written_over(registry, tmp_path):
    path = registry.write(tmp_path / "register.json")
    other = Registry(survey="probe", wave="2026", publications=registry.publications)
    with pytest.raises(ValidationError, match="does not know"):
        other.write(path)


@pytest.mark.parametrize("date", ["1.9.2025", "2025-13-01", 20250901])
def test_days_are_written_one_way(date):
    with pytest.raises(ValueError, match="date"):
        Publication(report="x", date=date, policy="grouped", version="1", data="0" * 16)


def released(tmp_path, *entries):
    path = tmp_path / "release.yaml"
    text = "survey: probe\nwave: '2025'\nreleases:\n"
    path.write_text(text + "".join(f"  - {{{e}}}\n" for e in entries), encoding="utf-8")
    return path


def test_releases_without_an_answer_are_remarked_once_for_each_item(tmp_path):
    entries = [f"unit: '{unit}', item: q1, who: Amt, date: 2025-06-01" for unit in UNITS[:3]]
    made = read_releases(released(tmp_path, *entries), codebook(), today=DAY)
    survey = survey_of({"q1": ["1", None, None]})
    (remark,) = made.unused(survey)
    assert (remark.rule, remark.file, remark.column) == ("release.unused", "release.yaml", "q1")
    assert (remark.n, remark.key) == (2, f"{UNITS[1]}, {UNITS[2]}")
    assert remark.text.de == "freigegeben, aber ohne Antwort in der Befragung"
    assert remark.text.en == "released, but there is no such answer in the survey"
    assert "1" not in (remark.value or "")


@pytest.mark.parametrize(
    ("entry", "column", "de", "en"),
    [
        ("item: q1, date: 2025-09-02", "date", "Datum liegt in der Zukunft", "in the future"),
        ("item: frei, date: 2025-06-01", "item", "personenbezogene Angaben", "personal data"),
        ("item: q77, date: 2025-06-01", "item", "unbekannte Frage", "'q77'"),
    ],
)
def test_each_problem_of_a_release_is_told_in_both_languages(tmp_path, entry, column, de, en):
    path = released(tmp_path, f"unit: '{UNITS[0]}', who: Amt, {entry}")
    with pytest.raises(CatalogueError, match=r"release\.yaml: 1 problem") as caught:
        read_releases(path, codebook(), today=DAY)
    (problem,) = caught.value.findings
    assert (problem.row, problem.column, problem.file) == (4, column, "release.yaml")
    assert de in problem.text.de
    assert en in problem.text.en


def test_a_day_is_enough_notice(tmp_path):
    path = released(tmp_path, f"unit: '{UNITS[0]}', item: q1, who: Amt, date: 2025-09-01")
    (entry,) = read_releases(path, codebook(), today=DAY).entries
    assert (entry.date, entry.who, entry.note) == (DAY, "Amt", "")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(SourceFileError, match=r"release\.yaml"):
        read_releases(tmp_path / "release.yaml", codebook())
    with pytest.raises(SourceFileError, match=r"register\.json"):
        read_registry(tmp_path / "register.json", codebook())
