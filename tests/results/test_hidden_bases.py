"""Estimates whose bases are secret too: nothing that is shown or written depends on them.

Estimates of two surveys, in which 37 and 38 cases gave the answer that makes a group, are the same
wherever that base is hidden.
"""

from __future__ import annotations

import json
import pickle
import pickletools
from dataclasses import replace

import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.display.style import figure_bytes

from ..disclosure.hidden_bases import by_answer, split_survey, without_base
from .test_protected_estimates import document, emitted_by, files

SECRET = {"de": "geheim gehalten", "en": "kept secret"}
KINDS = {
    "shares by group": {},
    "shares, not all answered": {"silent": 12},
    "without a design": {"kind": ""},
    "full population": {"kind": "population"},
    "one figure by group": {"questions": ["q3"]},
    "top two": {"statistic": "top2"},
    "filtered": {"by": "q2", "where": "q2 != 0", "total": False},
}


def pair(questions=(), **about):
    return [without_base(by_answer(n, *questions, **about)) for n in (37, 38)]


def pickled(made):
    """All values of a pickled result, arrays as their bytes, without the order of references."""
    steps = pickletools.genops(pickle.dumps(made))
    return {
        repr(value) for code, value, _ in steps if code.name != "FRAME" and "GET" not in code.name
    }


@pytest.fixture(scope="module", params=list(KINDS))
def both(request):
    return pair(**KINDS[request.param])


@pytest.fixture(scope="module")
def shown():
    return pair()


def test_the_pickled_estimate_is_the_same(both):
    assert pickled(both[0]) == pickled(both[1])  # what lies below missing values too
    assert pickled(by_answer(37)) != pickled(by_answer(38))
    again = pickle.loads(pickle.dumps(both[0]))
    pd.testing.assert_frame_equal(again.table, both[0].table)
    assert again.table["n"].dtype == "Int64"


@pytest.mark.parametrize("lang", ["de", "en"])
def test_tables_are_the_same_and_show_a_point(both, lang):
    one, other = (made.display(lang) for made in both)
    assert one.to_html() == other.to_html()
    assert one.to_text() == other.to_text()
    assert SECRET[lang] in one.to_html()
    assert "kept secret" in " ".join(one.below()) if lang == "en" else one.below()
    assert any(row[-2:] == [".", "."] for row in one.formatted())


def test_the_base_of_a_group_is_a_point_and_those_of_the_others_stay(shown):
    bases = shown[0].display().formatted()[-1]
    assert bases[1:] == ["110", "20", ".", "."]
    column = [row[-1] for row in pair(["q3"])[0].display().formatted()]
    assert column == ["110", "20", ".", "."]


def test_data_for_programs_are_the_same(both):
    one, other = ((m.table.to_csv(), repr(m), m._repr_html_()) for m in both)
    assert one == other
    assert json.dumps(both[0].provenance.to_dict()) == json.dumps(both[1].provenance.to_dict())


@pytest.mark.parametrize("kind", [None, "intervals"])
def test_pictures_and_their_texts_are_the_same(both, kind):
    one, other = (figure_bytes(made.figure(kind=kind), "svg") for made in both)
    assert one == other
    texts = [made.alt_text() for made in both]
    assert texts[0] == texts[1]
    assert "geheim gehalten" in texts[0]


def test_a_bar_and_a_point_say_that_their_base_is_secret(shown):
    for kind, words in ((None, "n\u00a0=\u00a0."), ("intervals", "(n = .)")):
        drawn = shown[0].figure(kind=kind)
        (axes,) = drawn.axes
        labels = [text.get_text() for text in axes.get_yticklabels()]
        assert sum(words in label for label in labels) == (2 if kind is None else 6)
        assert any("geheim gehalten" in text.get_text() for text in axes.texts)


def test_notes_say_that_it_is_secret_how_many_answers_are_missing():
    (note,) = [n for n in pair(silent=12)[0].display().notes if "Antworten fehlen" in n]
    assert note == "Wie viele Antworten fehlen, ist geheim gehalten."


def test_a_part_keeps_its_hidden_bases():
    one, other = (made.part("q1") for made in pair(["q1", "staffel"]))
    assert one.table["n"].isna().sum() == 6
    pd.testing.assert_frame_equal(one.table, other.table)


def test_a_table_of_hidden_bases_alone_is_shown(monkeypatch):
    for about in ({}, {"questions": ["q3"]}):
        made = pair(**about)[0]
        gone = made.table["n"].isna()
        alone = replace(made, table=made.table[gone].reset_index(drop=True))
        assert "." in alone.display().to_text()
        assert alone.figure().axes
        assert alone.alt_text().count("geheim gehalten") == gone.sum()


def test_no_file_of_a_report_depends_on_a_hidden_base(shown, monkeypatch):
    written = [files(document(emitted_by(monkeypatch, made))) for made in shown]
    assert written[0] == written[1]
    assert b"geheim gehalten" in written[0][0]


def test_notebook_outputs_are_the_same(shown, monkeypatch):
    one, other = (json.dumps(emitted_by(monkeypatch, made)) for made in shown)
    assert one == other


def test_a_question_after_a_filter_hides_the_bases_of_groups():
    about = {"by": "staffel", "filter_": "q2 == 1"}
    one, other = pair(["q3"], **about)
    assert one.display().to_html() == other.display().to_html()
    assert [row[-1] for row in one.display().formatted()] == ["110", "20", ".", "."]


def test_a_trend_has_no_base_of_a_wave_in_which_it_is_hidden():
    found = []
    for n in (37, 38):
        waves = [split_survey(n), split_survey(40)]
        made = bf.trend(waves, "q1", by="q2", waves=["2023", "2025"])
        safe = [without_base(part) for part in made.estimates]
        parts = [part.table.assign(wave=w) for part, w in zip(safe, ["2023", "2025"], strict=True)]
        table = pd.concat(parts, ignore_index=True).assign(changed=False)
        found.append(
            replace(made, table=table, estimates=tuple(safe), protected=True,
                    protection=safe[0].protection)
        )  # fmt: skip
    one, other = found
    assert one.table["n"].dtype == "Int64"
    assert one.display().to_html() == other.display().to_html()
    drawn = [figure_bytes(made.figure(category="0"), "svg") for made in found]
    assert drawn[0] == drawn[1]
    assert one.alt_text(category="0") == other.alt_text(category="0")
    hidden = [row for row in one.display().formatted() if "Antwort 1" in row[0] or "1" in row[0]]
    assert any(row[-2:] == [".", "."] for row in hidden)
