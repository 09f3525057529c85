"""What is wrong with coded passages: every problem in both languages, with its rows and remedy."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import begleitforschung as bf
from begleitforschung.errors import SourceFileError, ValidationError
from begleitforschung.qualitative.anonymising import anonymised, placeholders_of, plain_text

from .study import HEAD, ROWS, as_csv


def row(**cells):
    """A row of the file; group 1 and case A unless said otherwise."""
    given = {"case": "A", "passage": "p1", "coder": "eins", "staffel": "1"} | cells
    return [given.get(name, "") for name in HEAD]


RELEASED = {"released_by": "L", "released_on": "2026-05-04"}

PROBLEMS = [
    ([row(codes="rechd")], "code", "codes", (2,),
     "Code, den das Codesystem nicht kennt; gemeint: recht?",
     "code that the coding frame does not know; meant: recht?",
     "Mehrere Codes trennt ein Semikolon."),
    ([row(codes="recht, personal und so weiter")], "code", "codes", (2,),
     "Code, den das Codesystem nicht kennt", "code that the coding frame does not know",
     "Mehrere Codes trennt ein Semikolon."),
    ([row(case="", passage="p9", codes="recht")], "case", "case", (2,), "Fall fehlt", "no case",
     None),
    ([row(codes="recht"), row(codes="erfolg")], "twice", "passage", (2, 3),
     "Stelle steht zweimal von derselben Person codiert da",
     "passage stands twice as coded by one person", "Alle Codes einer Stelle in eine Zeile."),
    ([row(codes="recht"), row(case="B", coder="zwei", codes="recht")], "spread", "passage", (2, 3),
     "dieselbe Stelle in mehreren Fällen", "one passage in several cases", None),
    ([row(codes="recht"), row(passage="", coder="zwei", codes="recht")], "unnamed", "passage",
     (3,), "Stelle ohne Kennung, obwohl mehrere Personen den Fall codiert haben",
     "passage without identifier though several persons coded the case",
     "Jeder Stelle eine Kennung geben, allen Codierungen derselben Stelle die gleiche."),
    ([row(text="x", released_on="2026-05-04")], "release", "released_by", (2,),
     "Freigabe unvollständig", "release is incomplete",
     "Eine Freigabe nennt, wer wann freigegeben hat."),
    ([row(text="x", released_by="L")], "release", "released_on", (2,),
     "Freigabe unvollständig", "release is incomplete",
     "Eine Freigabe nennt, wer wann freigegeben hat."),
    ([row(text="x", released_by="L", released_on="2026-02-30")], "date", "released_on", (2,),
     "kein Datum JJJJ-MM-TT", "no date YYYY-MM-DD", None),
    ([row(text="x", released_by="L", released_on="20260504")], "date", "released_on", (2,),
     "kein Datum JJJJ-MM-TT", "no date YYYY-MM-DD", None),
    ([row(codes="recht", **RELEASED)], "empty", "text", (2,),
     "freigegeben, aber ohne Text", "released but without a text", None),
    ([row(codes="recht", staffel="")], "group", "staffel", (2,),
     "Fall ohne Gruppe oder mit mehreren Gruppen",
     "case without a group, or with several", None),
    ([row(codes="recht", placeholders="Erika")], "placeholders", "placeholders", (2,),
     "Platzhalter nicht lesbar", "placeholders can't be read",
     "Name=[Platzhalter], mehrere durch Semikolon getrennt; jede Form, in der ein Name vorkommt. "
     "Wort=Wort sagt, dass ein Wort hier kein Name ist."),
    ([row(text="Erikas Haus, Erikahaus", placeholders="Erika=[P]", **RELEASED)], "name", "text",
     (2,), "freigegeben, aber ein Name oder eine Adresse bliebe stehen (auch als Teil eines Worts "
     "oder anders geschrieben)", "released, but a name or an address would be left (be it within "
     "a word or in other letters)", "Name=[Platzhalter], mehrere durch Semikolon getrennt; jede "
     "Form, in der ein Name vorkommt. Wort=Wort sagt, dass ein Wort hier kein Name ist."),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "rule", "column", "at", "de", "en", "hint"), PROBLEMS)
def test_each_problem_is_told_with_its_rows_and_remedy(read, rows, rule, column, at, de, en, hint):
    with pytest.raises(ValidationError, match=r"stellen\.csv does not fit the coding fr") as caught:
        read(rows)
    (found,) = caught.value.findings
    assert (found.rule, found.column, found.rows) == (f"passages.{rule}", column, at)
    assert (found.severity, found.n, found.row, found.file) == (
        *("error", len(at), at[0], "stellen.csv"),
    )
    assert (found.text.de, found.text.get("en")) == (de, en)
    assert (None if found.hint is None else found.hint.de) == hint
    assert "Erika" not in str(caught.value)


def test_an_address_below_a_quote_is_no_attribution(read):
    rows = [row(text="Ein Satz", attribution="mail@ort.example.org", **RELEASED)]
    with pytest.raises(ValidationError) as caught:
        read(rows)
    assert [(f.rule, f.column) for f in caught.value.findings] == [("passages.name", "attribution")]
    assert "example.org" not in str(caught.value)


def test_one_row_of_a_case_tells_its_group_and_its_placeholders(read):
    rows = [
        row(text="Erika kam", placeholders="Erika=[Person 1]", **RELEASED),
        row(passage="p2", text="Erika ging", staffel="", **RELEASED),
        row(case="B", passage="p3", text="Auch Erika", attribution="Erikas Ort", **RELEASED),
    ]
    found = read(rows).rows
    assert found["staffel"].tolist() == ["1", "1", "1"]
    assert found["text"].tolist() == ["[Person 1] kam", "[Person 1] ging", "Auch [Person 1]"]
    assert found["attribution"].tolist()[2] == "[Person 1]s Ort"


def test_codes_of_a_row_are_kept_once_and_in_order(read):
    found = read([row(codes="recht; personal;recht; ;")]).rows
    assert found["codes"].tolist() == ["recht;personal"]


def test_a_file_without_rows_holds_no_passages(read):
    with pytest.raises(SourceFileError, match=r"stellen\.csv holds a header but no rows"):
        read([])


def test_what_is_no_table_of_passages_is_refused(frame, tmp_path):
    text = tmp_path / "stellen.sav"
    text.write_bytes(b"$FL2" + b"\0" * 200)
    with pytest.raises(SourceFileError):
        bf.read_passages(text, frame)
    with pytest.raises(SourceFileError, match="does not exist"):
        bf.read_passages(tmp_path / "nichts.csv", frame)


def test_a_sidecar_with_another_checksum_stops_and_one_that_fits_names_the_source(frame, tmp_path):
    path = tmp_path / "stellen.csv"
    path.write_text(as_csv(ROWS), encoding="utf-8")
    beside = tmp_path / "stellen.csv.meta.yaml"
    text = "format: tidy\nsource:\n  publisher: Institut X\n  title: Interviews\n  sha256: "
    beside.write_text(text + hashlib.sha256(path.read_bytes()).hexdigest(), encoding="utf-8")
    found = bf.read_passages(path, frame, groups="staffel")
    assert [s.publisher for s in found.provenance.sources()] == ["Institut X"]
    beside.write_text(text + "0" * 64, encoding="utf-8")
    with pytest.raises(SourceFileError, match="is not the file that stellen"):
        bf.read_passages(path, frame, groups="staffel")


def test_nothing_of_the_file_but_its_codes_decides_the_fingerprint(read):
    before = read().provenance
    assert before.operation == "read_passages"
    assert dict(before.parameters)["confidentiality"] == "confidential"
    assert "Muster" not in str(before.to_dict())
    assert before.fingerprint == read().provenance.fingerprint


NAMES = ["Erika", "Muster", "Musterstadt", "Au", "Weiß"]
WORDS = [*NAMES, "sagt", "auch", "dass", "Frau", "in", "[x]"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=8), st.sampled_from([" ", ", ", "\n", "; "]))
def test_no_name_that_has_a_placeholder_is_left_as_a_word(words, between):
    names = placeholders_of("; ".join(f"{name}=[P{at}]" for at, name in enumerate(NAMES)))
    shown, _ = anonymised(between.join(words), names)
    left = {word.strip(",;") for word in shown.split()}
    assert not left & set(NAMES)
    assert sum(shown.count(f"[P{at}]") for at in range(len(NAMES))) == sum(
        word in NAMES for word in words
    )


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="aä u\u0308\u00a0\n\tß", max_size=15))
def test_plain_text_stays_plain(text):
    once = plain_text(text)
    assert plain_text(once) == once
    assert "  " not in once
    assert once == once.strip()


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("", {}),
        (" ; ;", {}),
        ("A b = [X]", {"A b": "[X]"}),
        ("A=[X];A=[X]", {"A": "[X]"}),
        ("A=[X];A=[Y]", None),
        ("A=[X", None),
        ("A=[[X]]", None),
        ("A=Frau [X]", {"A": "Frau [X]"}),
        ("Anna=[Annas Haus]", None),
        ("Anna=[X]; Berta=[Y]", {"Anna": "[X]", "Berta": "[Y]"}),
    ],
)
def test_placeholders_are_read_strictly(cell, found):
    assert placeholders_of(cell) == found
