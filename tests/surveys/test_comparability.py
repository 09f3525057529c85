"""Questions of two waves are the same, or what differs is told and may be confirmed."""

from __future__ import annotations

import pytest

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.surveys import Codebook, read_codebook
from begleitforschung.surveys.comparability import differences, require_comparable

from .conftest import CODEBOOK


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("waves") / "codebook.yaml"
    path.write_text(CODEBOOK, encoding="utf-8")
    return read_codebook(path)


def with_item(book, name, **more):
    parts = [p.model_copy(update=more) if p.id == name else p for p in book.items]
    return Codebook(id=book.id, title=book.title, items=tuple(parts))


def worded(text, de):
    return text.model_copy(update={"de": de})


def test_the_same_question_has_no_difference(book):
    assert all(differences(book, with_item(book, "q1"), item.id) == [] for item in book.items)
    spaced = worded(book.item("q1").text, " Gibt es  eine Strategie?\n")
    assert differences(book, with_item(book, "q1", text=spaced), "q1") == []


@pytest.mark.parametrize(
    ("name", "more", "aspect", "final"),
    [
        ("q2", {"filter": "q1 == 1 or q1 == 2"}, "filter", False),
        ("q3", {"direction": "descending"}, "direction", True),
        ("budget", {"unit": "Tsd. EUR"}, "unit", True),
        ("q1", {"kind": "scale"}, "kind", True),
        ("q2", {"untouched": "none"}, "kind", True),
    ],
)
def test_each_difference_is_told(book, name, more, aspect, final):
    books = [book, with_item(book, name, **more)]
    assert differences(*books, name)[0].aspect == aspect
    with pytest.raises(ValidationError, match="questions that changed between the waves"):
        require_comparable(books, [name], None)
    if final:
        with pytest.raises(ValidationError, match="questions that changed between the waves"):
            require_comparable(books, [name], {name: "gleich"})
    else:
        assert [d.item for d in require_comparable(books, [name], {name: "gleich"})] == [name]


def test_wordings_are_quoted(book):
    text = worded(book.item("q1").text, "Haben Sie eine Strategie?")
    (found,) = differences(book, with_item(book, "q1", text=text), "q1")
    assert found.text.de == ("Wortlaut: „Gibt es eine Strategie?“ → „Haben Sie eine Strategie?“")
    assert found.text.get("en").startswith("wording: “Gibt es")


def test_changed_answers_are_told(book):
    yes, no, unsure = book.item("q1").codes
    other = yes.model_copy(update={"label": worded(yes.label, "Ja, beschlossen")})
    found = differences(book, with_item(book, "q1", codes=(other, no, unsure)), "q1")
    assert [d.aspect for d in found] == ["labels"]
    fewer = differences(book, with_item(book, "q1", codes=(yes, no)), "q1")
    assert [d.aspect for d in fewer] == ["missings"]
    more = yes.model_copy(update={"code": "3"})
    found = differences(book, with_item(book, "q1", codes=(yes, no, more, unsure)), "q1")
    assert [d.aspect for d in found] == ["codes", "labels"]


def test_rows_and_scores_of_batteries_are_told(book):
    item = book.item("q3")
    fewer = differences(book, with_item(book, "q3", rows=item.rows[:2]), "q3_x")
    assert [(d.aspect, d.name, d.item) for d in fewer] == [("rows", "q3_x", "q3")]
    codes = (item.codes[0].model_copy(update={"value": 0.0}), *item.codes[1:])
    scores = differences(book, with_item(book, "q3", codes=codes), "q3")
    assert [(d.aspect, d.before, d.after) for d in scores] == [
        ("scores", "1=1, 2=2, 3=3", "1=0, 2=2, 3=3")
    ]


def test_a_question_that_was_asked_once_is_told(book):
    one = Codebook(id="b", title=book.title, items=(book.item("q1"),))
    (found,) = differences(book, one, "seit")
    assert found.text.de == "nicht in beiden Wellen gefragt"
    with pytest.raises(ValidationError, match="questions that changed"):
        require_comparable([book, one], ["seit"], {"seit": "gleich"})
    with pytest.raises(UnknownCodeError, match="nothing"):
        differences(book, one, "nothing")


def test_a_reason_must_be_one_and_for_a_question_that_is_compared(book):
    with pytest.raises(UnknownCodeError, match="questions that are compared"):
        require_comparable([book, book], ["q1"], {"q2": "gleich"})
    with pytest.raises(ValidationError, match="needs a reason"):
        require_comparable([book, book], ["q1"], {"q1": "  "})
    assert require_comparable([book, book, book], ["q1", "q3_x"], {"q1": "gleich"}) == []


def test_all_changed_questions_are_told_at_once(book):
    text = worded(book.item("q1").text, "Anders?")
    other = with_item(with_item(book, "q1", text=text), "budget", unit="Tsd. EUR")
    with pytest.raises(ValidationError) as caught:
        require_comparable([book, other], ["q1", "budget"], None)
    assert [f.column for f in caught.value.findings] == ["q1", "budget"]
    assert [f.hint is None for f in caught.value.findings] == [False, True]


@pytest.mark.parametrize(
    ("name", "more", "de", "en"),
    [
        ("budget", {"unit": "Tsd. EUR"}, "Einheit: „EUR“ → „Tsd. EUR“", "unit: “EUR” → “Tsd. EUR”"),
        ("q3", {"direction": None}, "Richtung der Skala: „ascending“ → „“",
         "direction of the scale: “ascending” → “”"),
        ("q2", {"filter": ""}, "Filter: „q1 == 1“ → „“", "filter: “q1 == 1” → “”"),
        ("q2", {"filter": "", "relevance": "{x} > 1"}, "Filter: „q1 == 1“ → „{x} > 1“",
         "filter: “q1 == 1” → “{x} > 1”"),
        ("q3", {"cells": "single", "direction": None},
         "Art der Frage: „array scale“ → „array single“",
         "kind of question: “array scale” → “array single”"),
        ("q2", {"untouched": "none"}, "Art der Frage: „multiple“ → „multiple untouched=none“",
         "kind of question: “multiple” → “multiple untouched=none”"),
    ],
)  # fmt: skip
def test_a_difference_is_told_with_before_and_after_in_both_languages(book, name, more, de, en):
    found = differences(book, with_item(book, name, **more), name)[0]
    assert (found.text.de, found.text.get("en")) == (de, en)


@pytest.mark.parametrize(
    "more",
    [{"note": "neu"}, {"page": 7}, {"mandatory": True}, {"column": "Q1"}, {"sensitive": True},
     {"confidentiality": "public"}, {"role": "identifying"}],
)  # fmt: skip
def test_what_respondents_did_not_see_makes_no_difference(book, more):
    assert differences(book, with_item(book, "q1", **more), "q1") == []


def test_backwards_a_difference_is_the_same_the_other_way_round(book):
    other = with_item(book, "budget", unit="Tsd. EUR", text=worded(book.item("q1").text, "Neu?"))
    there, back = differences(book, other, "budget"), differences(other, book, "budget")
    assert [(d.aspect, d.before, d.after) for d in there] == [
        (d.aspect, d.after, d.before) for d in back
    ]
    assert [d.aspect for d in there] == ["text", "unit"]
    assert [d.is_final for d in there] == [False, True]


def test_each_pair_of_neighbouring_waves_is_compared(book):
    changed = with_item(book, "q1", text=worded(book.item("q1").text, "Neu?"))
    found = require_comparable([book, changed, book], ["q1", "q1"], {"q1": "nur Wortlaut"})
    assert [(d.before, d.after) for d in found] == [
        ("Gibt es eine Strategie?", "Neu?"),
        ("Neu?", "Gibt es eine Strategie?"),
    ]
    assert require_comparable([book, book, book], ["q1"], None) == []
    with pytest.raises(ValidationError) as caught:
        require_comparable([book, book, changed], ["q1"], None)
    (finding,) = caught.value.findings
    assert (finding.rule, finding.column) == ("waves.changed", "q1")
    assert finding.hint.de == "Wenn der Vergleich trotzdem gilt: confirmed={Frage: Begründung}."
