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
