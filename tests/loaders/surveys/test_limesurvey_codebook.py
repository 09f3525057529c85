"""Every question type of LimeSurvey becomes the right kind of item; relevances become filters."""

from __future__ import annotations

import pytest

from begleitforschung.errors import FormulaError, SourceFileError
from begleitforschung.loaders.surveys import load_codebook
from begleitforschung.loaders.surveys.limesurvey_codebook import filter_of
from begleitforschung.surveys import check_codebook, parse_filter

HEAD = "class\ttype/scale\tname\trelevance\ttext\thelp\tlanguage\tvalidation\tmandatory\tother"
HEAD += "\tnum_value_int_only\tmin_num_value_n\tmax_num_value_n"


def structure(tmp_path, *questions):
    """Write a structure file; each question is a list of rows."""
    rows = [
        HEAD,
        "S\t\tsid\t\t4711",
        "SL\t\tsurveyls_title\t\tProbe\t\tde",
        "G\tG0\tSeite\t1\t\t\tde",
    ]
    for question in questions:
        rows += ["\t".join(row) for row in question]
    path = tmp_path / "probe.txt"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def question(kind, code="q1", *, relevance="1", subs=(), answers=(), other="N", extra=()):
    rows = [["Q", kind, code, relevance, f"Frage {code}", "", "de", "", "Y", other, *extra]]
    rows += [["SQ", scale, sub, "1", f"Zeile {sub}", "", "de"] for scale, sub in subs]
    rows += [["A", scale, answer, "", label, "", "de"] for scale, answer, label in answers]
    return rows


AB = [("0", "A1", "eins"), ("0", "A2", "zwei")]
XY = [("0", "x"), ("0", "y")]
TYPES = {
    "!": ({"answers": AB}, "single", ("q1",), ["A1", "A2"]),
    "L": ({"answers": AB, "other": "Y"}, "single", ("q1",), ["A1", "A2", "-oth-"]),
    "O": ({"answers": AB}, "single", ("q1",), ["A1", "A2"]),
    "5": ({}, "scale", ("q1",), ["1", "2", "3", "4", "5"]),
    "Y": ({}, "single", ("q1",), ["Y", "N"]),
    "G": ({}, "single", ("q1",), ["F", "M"]),
    "N": ({}, "number", ("q1",), []),
    "D": ({}, "date", ("q1",), []),
    "S": ({}, "text", ("q1",), []),
    "T": ({}, "text", ("q1",), []),
    "U": ({}, "text", ("q1",), []),
    "M": (
        {"subs": XY, "other": "Y"},
        "multiple",
        ("q1_x", "q1_y", "q1_other"),
        ["x", "y", "other"],
    ),
    "P": ({"subs": XY}, "multiple", ("q1_x", "q1_y"), ["x", "y"]),
    "R": ({"answers": AB}, "ranking", ("q1_1", "q1_2"), ["A1", "A2"]),
    "A": ({"subs": XY}, "array", ("q1_x", "q1_y"), ["1", "2", "3", "4", "5"]),
    "B": ({"subs": XY}, "array", ("q1_x", "q1_y"), [str(n) for n in range(1, 11)]),
    "C": ({"subs": XY}, "array", ("q1_x", "q1_y"), ["Y", "N", "U"]),
    "E": ({"subs": XY}, "array", ("q1_x", "q1_y"), ["I", "S", "D"]),
    "F": ({"subs": XY, "answers": AB}, "array", ("q1_x", "q1_y"), ["A1", "A2"]),
    "H": ({"subs": XY, "answers": AB}, "array", ("q1_x", "q1_y"), ["A1", "A2"]),
    "K": ({"subs": XY}, "array", ("q1_x", "q1_y"), []),
    "Q": ({"subs": XY}, "array", ("q1_x", "q1_y"), []),
    ":": ({"subs": [*XY, ("1", "a")]}, "array", ("q1_x_a", "q1_y_a"), []),
    ";": ({"subs": [*XY, ("1", "a")]}, "array", ("q1_x_a", "q1_y_a"), []),
    "1": (
        {"subs": XY, "answers": [*AB, ("1", "B1", "drei")]},
        "array",
        ("q1_x_0", "q1_x_1", "q1_y_0", "q1_y_1"),
        ["A1", "A2", "B1"],
    ),
}


@pytest.mark.parametrize("kind", TYPES)
def test_every_question_type_has_its_kind_columns_and_codes(kind, tmp_path):
    given, expected, columns, codes = TYPES[kind]
    codebook = load_codebook(structure(tmp_path, question(kind, **given)))
    (item,) = codebook.items
    assert (item.kind, item.columns) == (expected, columns)
    assert [code.code for code in item.codes] == codes
    assert item.mandatory
    assert item.page == 1
    assert not [found for found in check_codebook(codebook) if found.severity == "error"]


def test_arrays_of_numbers_and_texts_are_told_apart(tmp_path):
    cells = {}
    for kind in "KQ:;":
        subs = [*XY, ("1", "a")] if kind in ":;" else XY
        book = load_codebook(structure(tmp_path, question(kind, subs=subs)))
        cells[kind] = book.items[0].cells
    assert cells == {"K": "number", "Q": "text", ":": "number", ";": "text"}
    assert book.items[0].grade == "personal"


def test_text_displays_are_no_questions(tmp_path):
    book = load_codebook(structure(tmp_path, question("X", "info"), question("Y")))
    assert [item.id for item in book.items] == ["q1"]


def test_a_code_that_stands_twice_keeps_its_first_question(tmp_path):
    book = load_codebook(structure(tmp_path, question("Y"), question("N", "q2"), question("S")))
    assert [item.id for item in book.items] == ["q1", "q2"]


def test_bounds_of_numbers_are_taken_over(tmp_path):
    book = load_codebook(structure(tmp_path, question("N", extra=["1", "0", "100"])))
    item = book.items[0]
    assert (item.integer, item.min, item.max) == (True, 0, 100)
    equation = question("N", extra=["", "{q0}", ""])
    assert load_codebook(structure(tmp_path, equation)).items[0].min is None


def test_labels_that_mean_nothing_are_declared_missings(tmp_path):
    answers = [
        ("0", "1", "Ja"),
        ("0", "2", "Weiß nicht"),
        ("0", "3", "keine Angabe"),
        ("0", "4", "Trifft nicht zu"),
        ("0", "5", "nicht beantwortet"),
        ("0", "6", "Möchte ich nicht sagen"),
    ]
    book = load_codebook(structure(tmp_path, question("L", answers=answers)))
    kinds = {code.code: code.missing for code in book.items[0].codes}
    assert kinds == {
        "1": None,
        "2": "dont_know",
        "3": "refused",
        "4": None,  # the end of many a scale
        "5": "no_answer",
        "6": "refused",
    }


FILTERS = [
    ('((q1.NAOK == "A1"))', "((q1 == 'A1'))"),
    ("q1 == 'A1' && n != 3", "q1 == 'A1' and n != 3"),
    ('q1.NAOK == "A1" || q1.NAOK == "A2"', "q1 == 'A1'  or  q1 == 'A2'"),
    ('q1 eq "A1" and n gt 3', "q1 == 'A1' and n > 3"),
    ("!is_empty(n.NAOK)", "answered(n)"),
    ("is_empty(n)", "not answered(n)"),
    ('n.NAOK != ""', "answered(n)"),
    ('q2_x.NAOK == "Y"', "q2_x == 1"),
    ('9X1X5x.NAOK == "Y"', "q2_x == 1"),
    ('9X1X4.NAOK == "A1"', "q1 == 'A1'"),
    ("n.value >= 5", "n >= 5"),
    ('(q1.NAOK == "A1") and (n le 4)', "(q1 == 'A1') and (n <= 4)"),
]


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filter")
    questions = [question("L", answers=AB), question("M", "q2", subs=XY), question("N", "n")]
    return load_codebook(structure(folder, *questions)).columns()


@pytest.mark.parametrize(("relevance", "expected"), FILTERS)
def test_relevances_become_filters(relevance, expected, before):
    text = filter_of(relevance, {"9X1X4": "q1", "9X1X5": "q2"}, before)
    assert " ".join(text.split()) == " ".join(expected.split())
    assert parse_filter(text, before)


@pytest.mark.parametrize(
    "relevance",
    [
        "count(that.q2.NAOK) > 2",
        'if(q1 == "A1", 1, 0)',
        "q1.NAOK == q2.NAOK",
        'TOKEN:ATTRIBUTE_1 == "x"',
        "n.NAOK + 1 > 3",
        'unknown == "Y"',
    ],
)
def test_a_relevance_that_is_not_understood_is_kept_and_remarked(relevance, before, tmp_path):
    with pytest.raises(FormulaError):
        parse_filter(filter_of(relevance, {}, before), before)
    asked = [question("L", answers=AB), question("Y", "q9", relevance=relevance)]
    book = load_codebook(structure(tmp_path, *asked))
    assert (book.item("q9").filter, book.item("q9").relevance) == ("", relevance)
    rules = {found.rule for found in check_codebook(book)}
    assert "codebook.filter_not_understood" in rules


NEW_LSS = """<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>600</DBVersion>
<groups><rows><row><gid>2</gid><group_order>2</group_order></row>
<row><gid>1</gid><group_order>1</group_order></row></rows></groups>
<questions><rows>
<row><qid>7</qid><sid>1</sid><gid>2</gid><type>Y</type><title>spaet</title><other>N</other>
<mandatory>N</mandatory><question_order>1</question_order><relevance>1</relevance></row>
<row><qid>5</qid><sid>1</sid><gid>1</gid><type>F</type><title>batterie</title><other>N</other>
<mandatory>Y</mandatory><question_order>1</question_order><relevance>1</relevance></row>
</rows></questions>
<subquestions><rows><row><qid>6</qid><parent_qid>5</parent_qid><sid>1</sid><gid>1</gid>
<type>T</type><title>SQ1</title><question_order>1</question_order><scale_id>0</scale_id></row>
</rows></subquestions>
<question_l10ns><rows>
<row><qid>5</qid><question><![CDATA[<p>Wie <b>wichtig</b>?</p>]]></question>
<language>de</language></row>
<row><qid>5</qid><question>How important?</question><language>en</language></row>
<row><qid>6</qid><question>Energie &amp; Klima</question><language>de</language></row>
<row><qid>7</qid><question>Zuletzt?</question><language>de-informal</language></row>
</rows></question_l10ns>
<answers><rows>
<row><aid>2</aid><qid>5</qid><code>A2</code><sortorder>2</sortorder><scale_id>0</scale_id></row>
<row><aid>1</aid><qid>5</qid><code>A1</code><sortorder>1</sortorder><scale_id>0</scale_id></row>
</rows></answers>
<answer_l10ns><rows><row><aid>1</aid><answer>wenig</answer><language>de</language></row>
<row><aid>2</aid><answer>viel</answer><language>de</language></row></rows></answer_l10ns>
<surveys><rows><row><sid>1</sid></row></rows></surveys>
<surveys_languagesettings><rows><row><surveyls_language>de</surveyls_language>
<surveyls_title>Neu</surveyls_title></row></rows></surveys_languagesettings>
</document>"""


def test_texts_in_tables_of_their_own_are_found_and_order_is_that_of_the_questionnaire(tmp_path):
    path = tmp_path / "neu.lss"
    path.write_text(NEW_LSS, encoding="utf-8")
    book = load_codebook(path)
    assert [item.id for item in book.items] == ["batterie", "spaet"]
    battery = book.item("batterie")
    assert (battery.text.de, battery.text.en) == ("Wie wichtig?", "How important?")
    assert battery.rows[0].text.de == "Energie & Klima"
    assert [(code.code, code.label.de) for code in battery.codes] == [
        ("A1", "wenig"),
        ("A2", "viel"),
    ]
    assert book.item("spaet").text.de == "Zuletzt?"
    assert [item.page for item in book.items] == [1, 2]
    assert book.title.de == "Neu"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("leer.txt", HEAD + "\n", "no question"),
        (
            "anders.lss",
            "<document><LimeSurveyDocType>Group</LimeSurveyDocType></document>",
            "no structure",
        ),
        ("kaputt.lss", "<document><LimeSurveyDocType>Survey</LimeSurveyDocType>", "damaged XML"),
    ],
)
def test_what_holds_no_questionnaire_is_told(tmp_path, name, content, told):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceFileError, match=told):
        load_codebook(path)
