"""Profiles: own answers for one addressee, groups as printed, and nothing for colluders."""

from __future__ import annotations

import os
import re
from dataclasses import replace

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.feedback import profiles
from begleitforschung.disclosure.pseudonyms import KEY_VARIABLE
from begleitforschung.disclosure.registry import new_registry
from begleitforschung.errors import DisclosureError, SourceFileError, ValidationError

from .answers import UNITS, codebook, protected, survey_of

# 6 of A (with the addressee), 7 of B, 7 of C; yes and no mixed everywhere.
ART = ["A"] * 6 + ["B"] * 7 + ["C"] * 7
Q1 = list("11221211221122211221")
EUR = [1000.0 * (3 + at % 5) for at in range(20)]
FIELDS = {"q4_a": list("10" * 10), "q4_b": list("0011" * 5)}
SENSITIVE = codebook().model_dump(mode="json")
SENSITIVE["items"][0]["sensitive"] = True


@pytest.fixture(scope="module")
def survey():
    return survey_of({"q1": Q1, "q3": EUR, **FIELDS, "art": ART})


@pytest.fixture(scope="module")
def printed(survey):
    return [protected(bf.estimate(survey, name, by="art")) for name in ("q1", "q3", "q4")]


@pytest.fixture
def outside(tmp_path, monkeypatch):
    """A folder of mine beside the project that I work in."""
    project = tmp_path / "projekt"
    (project / "reports").mkdir(parents=True)
    (project / "projekt.toml").write_text("", encoding="utf-8")
    (tmp_path / "privat").mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setenv(KEY_VARIABLE, bytes(range(32)).hex())
    return tmp_path / "privat"


def sections(survey, unit, **options):
    made = profiles(survey, ["q1"], **options)
    (found,) = [profile for profile in made.profiles if profile.unit == unit]
    return found.sections


def test_own_answer_stands_beside_the_groups_of_the_addressee(survey, printed):
    (section,) = sections(survey, UNITS[7], groups=["art"], published=printed)
    assert section.own == "Ja"
    table = section.table
    assert [column.label for column in table.columns] == ["Antwort", "Insgesamt", "Art B"]
    assert table.formatted() == [
        # 3 of 6, 4 of 7 and 3 of 7 say yes, counted by hand
        ["Ja", "10 von 20 (50\xa0%)", "4 von 7"],
        ["Nein", "10 von 20 (50\xa0%)", "3 von 7"],
        ["n", "20", "7"],
    ]
    assert [cell.emphasis for row in table.cells() for cell in row[:1]] == [True, False, False]


def test_a_group_of_six_with_the_addressee_is_too_small(survey, printed):
    (section,) = sections(survey, UNITS[0], groups=["art"], published=printed)
    assert [column.label for column in section.table.columns] == ["Antwort", "Insgesamt"]
    assert any("Art A: weniger als 6 weitere" in note for note in section.table.notes)


def test_six_others_are_enough_for_one_who_gave_no_answer():
    survey = survey_of({"q1": [None, *Q1[1:]], "q3": EUR, "art": ["A"] * 7 + ART[7:]})
    safe = [protected(bf.estimate(survey, "q1", by="art"))]
    made = profiles(survey, ["q1", "q3"], groups=["art"], published=safe, colluding=1)
    silent, other = (profile.sections[0] for profile in made.profiles[:2])
    assert [column.label for column in silent.table.columns][2:] == ["Art A"]
    assert [column.label for column in other.table.columns][2:] == []


def test_what_the_report_hides_is_hidden_in_profiles(survey):
    safe = protected(
        bf.estimate(survey, "q1", by="art"), lambda row: (row["by"], row["domain"]) == ("art", "B")
    )
    (section,) = sections(survey, UNITS[7], groups=["art"], published=[safe])
    assert [row[2] for row in section.table.formatted()] == [".", ".", "7"]
    assert any("geheim gehalten" in note for note in section.table.notes)


def test_numbers_options_and_missings_in_words(survey, printed):
    made = profiles(survey, ["q3", "q4"], groups=["art"], published=printed, colluding=1)
    first, second = made.profiles[7].sections
    assert first.own == "5.000\xa0EUR"
    assert first.table.formatted()[0][0].startswith("Mittelwert")
    assert second.own == "nichts davon" or "Mobilität" in second.own or "Energie" in second.own
    assert [row[0] for row in second.table.formatted()] == ["Mobilität", "Energie", "n"]
    silent = survey_of({"q1": [None, *Q1[1:]], "q3": EUR})
    assert profiles(silent, ["q1", "q3"], published=[]).profiles[0].sections[0].own == (
        "keine Antwort"
    )


def test_each_file_is_for_one_addressee_alone(survey, printed, outside):
    made = bf.feedback(
        survey, ["q1", "q3"], groups=["art"], published=printed, to=outside / "welle", colluding=1
    )
    assert set(made.files) == set(UNITS)
    files = sorted(path for path in made.folder.rglob("*") if path.is_file())
    assert files == sorted(made.files.values())  # no index, no list
    for unit, path in made.files.items():
        assert re.fullmatch(r"[a-z2-7]{16}", path.stem)
        assert [other.name for other in path.parent.iterdir()] == [path.name]
        text = path.read_text(encoding="utf-8")
        assert not any(other in text for other in UNITS)
        assert unit not in str(path)
        assert not any(other.stem in text for other in files if other != path)
        assert "Ihre Antwort" in text
        assert "<script" not in text
        assert "http" not in text
    if os.name == "posix":
        assert all(path.stat().st_mode & 0o077 == 0 for path in made.folder.rglob("*"))
        assert made.folder.stat().st_mode & 0o077 == 0
    assert not any(unit in repr(made) for unit in UNITS)


def test_texts_are_english_on_request(survey, printed, outside):
    made = bf.feedback(survey, "q1", published=printed, to=outside / "wave", lang="en")
    text = next(iter(made.files.values())).read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert "Your answer" in text


@pytest.mark.parametrize("place", ["reports/rueckmeldung", "rueckmeldung", "."])
def test_profiles_never_lie_in_the_project(survey, printed, outside, place):
    with pytest.raises(DisclosureError, match=r"must not lie in the (project|working) folder"):
        bf.feedback(survey, "q1", published=printed, to=place)


def test_an_earlier_run_is_not_mixed_with_a_new_one(survey, printed, outside):
    bf.feedback(survey, "q1", published=printed, to=outside / "welle")
    with pytest.raises(SourceFileError, match="empty"):
        bf.feedback(survey, "q1", published=printed, to=outside / "welle")


def test_without_a_key_nothing_is_written(survey, printed, outside, monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE)
    with pytest.raises(DisclosureError, match="secret key"):
        bf.feedback(survey, "q1", published=printed, to=outside / "welle")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    "groups",
    ["art", {UNITS[0]: UNITS[1:8]}, [UNITS[1:8]], [np.arange(20) < 8]],
)
def test_groups_made_for_one_addressee_are_refused(survey, printed, groups):
    with pytest.raises(DisclosureError, match="public figures only"):
        profiles(survey, ["q1"], groups=groups, published=printed)


def test_only_what_the_report_prints_is_shown(survey, printed):
    with pytest.raises(DisclosureError, match="prints no groups by 'q2'"):
        profiles(survey, ["q1"], groups=["q2"], published=printed)
    (section,) = profiles(survey, ["q1"], published=printed[1:]).profiles[0].sections
    assert section.table is None
    assert "nicht im Bericht" in section.notes[0]
    open_result = bf.estimate(survey, "q1", allow_unprotected=True)
    with pytest.raises(DisclosureError, match="not protected"):
        profiles(survey, ["q1"], published=[open_result])


def test_what_other_reports_showed_must_be_given_too(survey, printed):
    known = new_registry(survey.codebook).with_published(printed, report="Bericht")
    assert profiles(survey, ["q1"], published=printed, registry=known).profiles
    with pytest.raises(DisclosureError, match="lacks 8 figures"):
        profiles(survey, ["q1"], published=printed[1:], registry=known)


def test_profiles_and_report_rest_on_the_same_answers(survey, printed):
    fewer = survey.keep(np.arange(20) > 0, reason="withdrawn")
    with pytest.raises(ValidationError, match="same answers"):
        profiles(fewer, ["q1"], published=printed)


def test_persons_get_no_profile():
    book = codebook(instrument={"wave": "2025", "respondent": "person"})
    with pytest.raises(DisclosureError, match="office"):
        profiles(survey_of({"q1": Q1}, book=book), ["q1"], published=[])


def told(survey, by, **options):
    with pytest.raises(DisclosureError) as caught:
        profiles(survey, ["q1"], published=[protected(bf.estimate(survey, "q1", by=by))], **options)
    message = str(caught.value)
    assert not any(unit in message for unit in UNITS)
    assert "Nein" not in message
    return caught.value.findings


def test_two_who_differ_from_a_sensitive_group_would_know_the_others():
    book = codebook(items=SENSITIVE["items"])
    answers = list("11111111212121212121")  # all of A but none
    answers[5:7] = "22"  # two of A differ: they know all others of A
    survey = survey_of({"q1": answers, "art": ["A"] * 7 + ["B"] * 13}, book=book)
    (found,) = told(survey, "art")
    assert (found.column, found.key) == ("q1", "art A")
    assert profiles(survey, ["q1"], published=[protected(bf.estimate(survey, "q1", by="art"))],
                    colluding=1).profiles  # fmt: skip
    # Of an item that is not sensitive the policy lets a group agree.
    plain = survey_of({"q1": answers, "art": survey.responses["art"].tolist()})
    assert profiles(plain, ["q1"], published=[protected(bf.estimate(plain, "q1", by="art"))])


def test_a_difference_of_two_published_tables_is_found():
    # Two breakdowns of the same cases whose groups differ by two: one of them knows the other.
    art = ["A"] * 10 + ["B"] * 10
    other = ["1"] * 8 + ["2"] * 12
    survey = survey_of({"q1": list("1212121212" * 2), "q2": other, "art": art})
    both = [protected(bf.estimate(survey, "q1", by=by)) for by in ("art", "q2")]
    with pytest.raises(DisclosureError) as caught:
        profiles(survey, ["q1"], published=both, colluding=1)
    assert {f.rule for f in caught.value.findings} == {"feedback.coalition"}
    assert profiles(survey, ["q1"], published=both[:1]).profiles


def test_two_large_contributors_would_estimate_a_third():
    amounts = [900.0, 800.0, 700.0, 10.0, 10.0, 10.0, 10.0] * 2 + [50.0] * 6
    survey = survey_of({"q3": amounts, "art": ["A"] * 7 + ["B"] * 7 + ["C"] * 6})
    safe = protected(bf.estimate(survey, "q3", by="art"))
    with pytest.raises(DisclosureError, match="to within 10 %"):
        profiles(survey, ["q3"], published=[safe])
    assert profiles(survey, ["q3"], published=[safe], colluding=1).profiles


def test_released_answers_are_known_to_all():
    art = ["A"] * 10 + ["B"] * 10
    survey = survey_of({"q1": list("1212121212" * 2), "q2": ["1"] * 8 + ["2"] * 12, "art": art})
    both = [protected(bf.estimate(survey, "q1", by=by)) for by in ("art", "q2")]
    from begleitforschung.disclosure.releases import Release, Releases

    entries = tuple(Release(unit=UNITS[at], item="q1", who="Amt", date="2025-06-01") for at in (8,))
    released = Releases(survey="probe", wave="2025", entries=entries)
    # The one that could be found out by the other is known anyway; the other is now, by all.
    with pytest.raises(DisclosureError) as caught:
        profiles(survey, ["q1"], published=both, colluding=1, releases=released)
    assert len(caught.value.findings) == 1
    assert caught.value.findings[0].text.en.startswith("everybody")


def test_weighted_figures_are_known_to_colluders_too():
    # One case stands for 45 units, 19 for one each: the weighted total is nearly its answer.
    survey = survey_of({"q1": ["1", *"1212121212121212121"], "art": ["A"] + ["B"] * 19})
    weighted = survey.with_design(
        bf.design(survey, strata="art", population={"A": 45, "B": 19}, single="certainty")
    )
    total = bf.estimate(weighted, "q1")
    rows = bf.protect(bf.estimate(survey, "q1")).published  # what everybody may know of the row
    heavy = np.where(np.array(survey.responses["art"] == "A"), 45.0, 1.0)
    safe = replace(protected(total), published=tuple(replace(r, weights=heavy) for r in rows))
    with pytest.raises(DisclosureError, match="everybody can work out"):
        profiles(weighted, ["q1"], published=[safe])
    plain = protected(bf.estimate(survey, "q1"))
    assert profiles(survey, ["q1"], published=[plain]).profiles
