"""What `read_survey` makes of columns, cases and municipalities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import CatalogueError, SourceFileError, UnknownCodeError
from begleitforschung.loaders.surveys import load_codebook, read_survey
from begleitforschung.surveys import STATUSES

BOOK = """
id: probe
title: {de: Probe}
items:
  - {id: q1, kind: single, text: {de: Erste Frage}, codes: [{code: A, label: {de: eins}},
     {code: B, label: {de: zwei}}]}
  - {id: q2, kind: number, text: {de: Zweite Frage}, filter: q1 == 'A'}
  - {id: ort, kind: text, role: identifying, confidentiality: internal, text: {de: Kommune}}
"""


@pytest.fixture
def read(tmp_path):
    """Read a table with a codebook, both given as text."""

    def reader(table, book=BOOK, **options):
        (tmp_path / "codebook.yaml").write_text(book, encoding="utf-8")
        encoding = options.get("encoding", "utf-8")
        (tmp_path / "export.csv").write_bytes(table.encode(encoding))
        return read_survey(tmp_path / "export.csv", codebook=tmp_path / "codebook.yaml", **options)

    return reader


def rules(survey):
    return {item.rule: item for item in survey.findings}


def test_columns_that_nobody_knows_are_told_and_not_read(read):
    survey = read("id,q1,wetter\n1,A,Sonne\n2,B,Sonne\n3,A,Sonne\n")
    assert list(survey.responses.columns) == ["q1"]
    assert rules(survey)["survey.unknown_column"].column == "wetter"
    assert rules(survey)["survey.column_absent"].column == "q2, ort"
    assert "Sonne" not in survey.responses.to_csv()


def test_unknown_columns_of_free_text_count_as_personal(read):
    rows = "".join(f"{n},A,Ganz eigene Antwort Nummer {n}\n" for n in range(5))
    survey = read("id,q1,bemerkung\n" + rows)
    assert survey.personal == ("bemerkung",)


def test_fields_beside_a_question_are_personal(read):
    survey = read("id,q1,q1_other,q1_comment,q1[other]\n1,A,,,\n2,B,x,y,z\n")
    assert survey.personal == ("q1_other", "q1_comment", "q1_other_dup2")


def test_free_text_that_was_declared_harmless_is_kept_unless_it_holds_an_address(read):
    kept = read("id,ort\n1,Ulm\n2,Köln\n")
    assert kept.responses["ort"].tolist() == ["Ulm", "Köln"]
    assert kept.confidentiality == "internal"
    out = read("id,q1,ort\n1,A,Ulm\n2,B,rathaus@ulm.example\n")
    assert out.personal == ("ort",)
    assert "ort" not in out.responses


def test_a_question_that_stands_twice_is_read_once_and_told(read):
    survey = read("id,q1,Erste Frage\n1,A,B\n2,B,B\n3,A,A\n")
    assert survey.responses["q1"].tolist() == ["A", "B", "A"]
    assert "survey.column_twice" in rules(survey)


def test_headings_are_found_in_any_case_and_as_wording(read):
    for heading in ("Q1", "q1", "Erste Frage", "erste frage ", "q1. Erste Frage"):
        assert read(f"id,{heading}\n1,A\n2,zwei\n").responses["q1"].tolist() == ["A", "B"]


def test_wordings_that_two_questions_share_decide_nothing(read):
    book = BOOK.replace("Zweite Frage", "Erste Frage")
    with pytest.raises(SourceFileError, match="no column of the codebook"):
        read("id,Erste Frage\n1,A\n", book)


def test_a_filter_that_looks_at_a_column_that_is_not_there_decides_nothing(read):
    survey = read("id,q2\n1,5\n2,\n")
    assert survey.status_of("q2").tolist() == ["answered", "no_answer"]
    with_filter = read("id,q1,q2\n1,A,5\n2,A,\n3,B,\n4,,\n5,B,7\n")
    assert with_filter.status_of("q2").tolist() == [
        *("answered", "no_answer", "not_asked", "not_asked", "answered")
    ]


def test_anonymous_answers_are_complete_without_a_date(read):
    survey = read("id,submitdate,q1\n1,1980-01-01 00:00:00,A\n2,,B\n3,2025-03-01 10:00:00,A\n")
    assert survey.cases["complete"].tolist() == [True, False, True]
    assert survey.cases["submitted"].isna().tolist() == [True, True, False]


def test_without_paradata_all_count_as_complete_and_it_is_told(read):
    survey = read("q1\nA\nB\n")
    assert survey.cases["complete"].all()
    assert survey.cases["case"].tolist() == ["2", "3"]
    assert "survey.completeness_unknown" in rules(survey)


def test_identifiers_that_stand_twice_are_told_and_replaced_by_rows(read):
    survey = read("id,q1\n7,A\n7,A\n8,B\n")
    assert rules(survey)["survey.case_twice"].rows == (2, 3)
    assert survey.cases["case"].tolist() == ["row 2", "row 3", "8"]


def test_equal_answers_throughout_are_told(read):
    items = "".join(f"  - {{id: n{at}, kind: number, text: {{de: N{at}}}}}\n" for at in range(6))
    book = f"id: probe\ntitle: {{de: Probe}}\nitems:\n{items}"
    head = ",".join(f"n{at}" for at in range(6))
    survey = read(f"{head}\n1,2,3,4,5,6\n1,2,3,4,5,7\n1,2,3,4,5,6\n1,2,,,,\n1,2,,,,\n", book)
    assert rules(survey)["survey.equal_answers"].rows == (2, 4)


@pytest.mark.parametrize(
    ("cell", "key", "rule"),
    [
        ("05315000", "05315000", None),
        ("5315000", "05315000", "survey.unit_zero"),
        ("1001", "01001", "survey.unit_zero"),
        ("Köln", "05315000", None),
        ("Köln, Stadt", "05315000", None),
        ("S1-01", "S1-01", None),
        ("Neustadt", None, "survey.unit_ambiguous"),
        ("Entenhausen", None, "survey.unit_none"),
        ("", None, None),
    ],
)
def test_municipalities_by_key_or_name(read, cell, key, rule):
    survey = read(f"id,q1,ort\n1,A,{cell!r}\n2,B,Ulm\n".replace("'", '"'), unit="ort")
    unit = survey.cases["unit"].iloc[0]
    assert (None if pd.isna(unit) else unit) == key
    found = {name for name in rules(survey) if name.startswith("survey.unit_")}
    assert found == ({rule} if rule else set())
    for item in survey.findings:
        assert item.value is None
        assert not cell or cell not in item.line()


def test_the_land_tells_equal_names_apart(read):
    table = "id,q1,ort,land\n1,A,Neustadt (Hessen),\n2,B,Hof,BY\n3,A,Mühlhausen,Thüringen\n"
    survey = read(table, unit="ort", land="land")
    assert survey.cases["unit"].iloc[0] == "06534016"
    assert survey.cases["unit"].iloc[2] == "16064046"


def test_what_the_codebook_says_of_the_instrument_is_done(read):
    told = "instrument: {unit: ort, several: first}\nitems:"
    survey = read("id,q1,ort\n1,A,Ulm\n2,B,Ulm\n3,B,Köln\n", BOOK.replace("items:", told))
    assert survey.cases["case"].tolist() == ["1", "3"]
    again = read("id,q1,ort\n1,A,Ulm\n2,B,Ulm\n", BOOK.replace("items:", told), several="latest")
    assert again.cases["case"].tolist() == ["2"]
    with pytest.raises(UnknownCodeError, match="newest"):
        read("id,q1,ort\n1,A,Ulm\n2,B,Ulm\n", several="newest", unit="ort")


def test_other_encodings_and_delimiters(read, tmp_path):
    survey = read("id;q1;ort\r\n1;A;Köln\r\n2;zwei;Lübeck\r\n", encoding="cp1252")
    assert survey.responses["ort"].tolist() == ["Köln", "Lübeck"]
    with pytest.raises(SourceFileError, match="cp1252"):
        read_survey(tmp_path / "export.csv", codebook=tmp_path / "codebook.yaml")


def test_quoted_line_breaks_count_as_one_row(read):
    survey = read('id,q1,frei\n1,A,"eine\nzwei\ndrei"\n2,jein,x\n', on_strange="missing")
    assert rules(survey)["survey.strange_answer"].row == 3


def test_the_order_of_rows_and_columns_changes_no_answer(exports, questionnaire, tmp_path):
    plain = pd.read_csv(exports / "limesurvey_codes.csv", dtype=str, keep_default_na=False)
    shuffled = plain.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    path = tmp_path / "gemischt.csv"
    shuffled.to_csv(path, index=False)
    first = read_survey(exports / "limesurvey_codes.csv", codebook=questionnaire)
    second = read_survey(path, codebook=questionnaire)
    order = np.argsort(second.cases["case"].astype(int).to_numpy())
    mixed = second.responses.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(mixed, first.responses)
    status = second.status.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(status, first.status)


def test_every_value_has_a_status_and_every_status_is_known(exports, questionnaire):
    survey = read_survey(exports / "limesurvey_codes.csv", codebook=questionnaire)
    for column in survey.responses.columns:
        status = survey.status_of(column)
        assert status.isin(STATUSES).all()
        answered = status.isin(["answered", "estimated"])
        assert answered.equals(survey.responses[column].notna().rename(column))


def test_a_broken_codebook_is_refused_before_the_answers_are_read(read):
    with pytest.raises(CatalogueError, match="q1"):
        read("id,q1\n1,A\n", BOOK.replace("code: B", "code: A"))


def test_confidential_columns_of_a_sidecar_raise_the_grade(exports, questionnaire, tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes((exports / "limesurvey_codes.csv").read_bytes())
    sidecar = tmp_path / "export.csv.meta.yaml"
    text = "source: {publisher: Difu, title: Befragung}\nconfidentiality: personal\n"
    sidecar.write_text(text, encoding="utf-8")
    survey = read_survey(path, codebook=questionnaire)
    assert survey.confidentiality == "personal"
    assert survey.provenance.sources()[0].publisher == "Difu"


def test_guesses_put_columns_of_one_question_together(tmp_path):
    path = tmp_path / "export.csv"
    head = "q1[a]. Welche? [Eins],q1[b]. Welche? [Zwei],q2[a]. Wie? [X],q2[b]. Wie? [Y],tag"
    rows = [f"Yes,No,{1 + n % 3},{1 + n % 2},0{1 + n % 9}.03.2025" for n in range(12)]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    book = load_codebook(path)
    kinds = {item.id: (item.kind, len(item.columns)) for item in book.items}
    assert kinds == {"q1": ("multiple", 2), "q2": ("array", 2), "tag": ("date", 1)}
    assert book.item("q1").text.de == "Welche?"
    assert [code.label.de for code in book.item("q1").codes] == ["Eins", "Zwei"]
    survey = read_survey(path)
    assert "survey.no_codebook" in rules(survey)
    assert survey.responses["q1_a"].tolist() == ["1"] * 12


GRADES = """
id: noten
title: {de: Noten}
items:
  - id: note
    kind: scale
    text: {de: Note}
    codes: [{code: "1", label: {de: "3"}}, {code: "2", label: {de: "2"}},
            {code: "3", label: {de: "1"}}]
  - {id: q1, kind: single, text: {de: Erste Frage}, codes: [{code: A, label: {de: eins}},
     {code: B, label: {de: zwei}}]}
"""


@pytest.mark.parametrize(
    ("other", "expected", "doubtful"),
    [
        (["A", "B", "A"], ["1", "2", "3"], False),
        (["eins", "zwei", "eins"], ["3", "2", "1"], False),
        (["", "", ""], ["1", "2", "3"], True),
    ],
)
def test_a_wording_that_is_the_code_of_another_answer(read, other, expected, doubtful):
    rows = "".join(f"{n},{n},{cell}\n" for n, cell in enumerate(other, start=1))
    survey = read(f"id,note,q1\n{rows}", GRADES)
    assert survey.responses["note"].tolist() == expected
    assert ("survey.codes_or_wordings" in rules(survey)) == doubtful
