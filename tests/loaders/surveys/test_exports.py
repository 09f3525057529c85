"""Every export of the synthetic survey is read to what was answered."""

from __future__ import annotations

import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import SourceFileError, ValidationError
from begleitforschung.loaders.surveys import load_codebook, read_survey

LIMESURVEY = {
    "limesurvey_codes.csv": 2,
    "limesurvey_answers_de.csv": 2,
    "limesurvey_answers_en.csv": 2,
    "limesurvey_vv.txt": 3,
    "limesurvey.lsa": 1,
}
NEVER = ("name@example.org", "192.0.2.1", "frei erfundener", "Zitat", "t00001", "Sport")


@pytest.fixture(scope="module")
def surveys(exports, questionnaire):
    return {
        name: read_survey(exports / name, codebook=questionnaire, unit="ort") for name in LIMESURVEY
    }


def expected(truth):
    """What was answered, counted without the package: None where nothing was."""
    rows = []
    for case in truth:
        row = {}
        mentioned = [case[f"q2_{code}"] for code in ("SQ001", "SQ002", "SQ003", "other")]
        touched = any(mentioned)
        for name, value in case.items():
            if name.startswith("q2_"):
                row[name] = ("1" if value else "0") if touched else None
            elif name.startswith(("q3_", "q6_")) or name in ("q1", "q4s"):
                row[name] = None if value in ("", None, "9") else value
        rows.append(row)
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.mark.parametrize("name", LIMESURVEY)
def test_every_answer_is_the_one_that_was_given(name, surveys, maker):
    got = surveys[name].responses
    wanted = expected(maker.TRUTH)
    assert set(wanted) | {"q4", "q5"} == set(got.columns)
    for column, answers in wanted.items():
        given = got[column].astype("object").where(got[column].notna(), None)
        assert given.tolist() == answers, column
    numbers = [float(case["q4"]) if case["q4"] else None for case in maker.TRUTH]
    assert got["q4"].astype("object").where(got["q4"].notna(), None).tolist() == numbers
    days = [pd.Timestamp("2021-05-01") if case["q5"] else pd.NaT for case in maker.TRUTH]
    assert got["q5"].equals(pd.Series(days, dtype="datetime64[us]"))


@pytest.mark.parametrize("name", LIMESURVEY)
def test_why_an_answer_is_missing_is_told(name, surveys, maker):
    survey = surveys[name]
    for column in ("q2_SQ001", "q4s", "q5", "q3_a"):
        status = survey.status_of(column)
        for case, found in zip(maker.TRUTH, status, strict=True):
            if column == "q3_a" and case[column] == "9":
                assert found == "dont_know"
            asked = {
                "q2_SQ001": case["q1"] in ("A1", "A2"),
                "q4s": bool(case["q4"]),
                "q5": bool(case["q2_SQ001"]),
                "q3_a": True,
            }[column]
            assert (found == "not_asked") == (not asked), (column, case["id"])


@pytest.mark.parametrize("name", LIMESURVEY)
def test_personal_data_stay_in_the_file(name, surveys):
    survey = surveys[name]
    assert len(survey.personal) == 5
    everything = "\n".join(
        [
            survey.responses.to_csv(),
            survey.cases.to_csv(),
            *(item.line("de") + str(item.value) for item in survey.findings),
            str(survey.provenance.to_dict()),
            repr(survey),
        ]
    )
    assert [text for text in NEVER if text in everything] == []


@pytest.mark.parametrize("name", LIMESURVEY)
def test_municipalities_are_found_by_key_or_name_and_doubts_are_told(name, surveys):
    survey = surveys[name]
    units = survey.cases["unit"]
    assert set(units.dropna()) == {"05315000", "08421000", "05122000", "09564000", "01002000"}
    found = {item.rule: item for item in survey.findings}
    assert found["survey.unit_zero"].n == 5
    assert found["survey.unit_ambiguous"].n == 10
    assert found["survey.unit_none"].n == 5
    assert found["survey.unit_twice"].n == units.notna().sum()
    assert all(item.value is None for item in survey.findings)


@pytest.mark.parametrize(("name", "first"), LIMESURVEY.items())
def test_cases_know_their_row_time_page_and_completeness(name, first, surveys, maker):
    cases = surveys[name].cases
    assert cases["row"].tolist() == list(range(first, first + len(maker.TRUTH)))
    assert cases["case"].tolist() == [case["id"] for case in maker.TRUTH]
    assert cases["complete"].tolist() == [bool(case["submitdate"]) for case in maker.TRUTH]
    assert cases["last_page"].tolist() == [int(case["lastpage"]) for case in maker.TRUTH]
    assert cases["submitted"].notna().equals(cases["complete"])
    assert set(cases["language"]) == {"de", "en"}


def test_formats_never_checked_on_a_real_export_say_so(surveys):
    said = {
        name
        for name, survey in surveys.items()
        if "survey.unverified_format" in {item.rule for item in survey.findings}
    }
    assert said == {"limesurvey_vv.txt", "limesurvey.lsa"}


def test_the_rule_for_several_answers_is_applied_and_recorded(exports, questionnaire):
    survey = read_survey(
        exports / "limesurvey_codes.csv", codebook=questionnaire, unit="ort", several="latest"
    )
    assert survey.cases["unit"].dropna().is_unique
    assert "one answer per unit: latest" in str(survey.provenance.to_dict())


def test_a_municipality_column_that_is_not_there_is_refused(exports, questionnaire):
    path = exports / "limesurvey_codes.csv"
    with pytest.raises(SourceFileError) as caught:
        read_survey(path, codebook=questionnaire, unit="gemeinde")
    said = str(caught.value)
    assert "limesurvey_codes.csv has no column 'gemeinde', which unit= names as that" in said
    assert "Its columns are: " in said
    assert ", ort" in said
    with pytest.raises(SourceFileError, match=r"no column 'orte'.* Did you mean 'ort'\?"):
        read_survey(path, codebook=questionnaire, unit="orte")
    with pytest.raises(SourceFileError, match="which land= names as that of the Bundesland"):
        read_survey(path, codebook=questionnaire, unit="ort", land="bundesland")


def test_a_column_that_only_the_codebook_names_is_remarked_as_it_may_be_purged(
    exports, questionnaire
):
    told = questionnaire.instrument.model_copy(update={"unit": "gemeinde"})
    book = questionnaire.model_copy(update={"instrument": told})
    survey = read_survey(exports / "limesurvey_codes.csv", codebook=book)
    found = {item.rule: item.column for item in survey.findings}
    assert found["survey.unit_column_absent"] == "gemeinde"
    assert survey.cases["unit"].isna().all()


def test_the_codebook_of_another_survey_is_refused(tmp_path):
    """Two of five columns are called alike by chance; the rest is unknown on both sides."""
    path = tmp_path / "andere.csv"
    path.write_text("alter;typ;frage_4;frage_5;frage_6\n30;1;1;2;3\n", encoding="utf-8")
    book = tmp_path / "codebuch.yaml"
    ids = ("alter", "typ", "frage4", "stand", "mittel")
    items = "\n".join(
        f"  - {{id: {name}, kind: number, text: {{de: Wert {name}, en: Value {name}}}}}"
        for name in ids
    )
    head = "id: kommunen\ntitle: {de: Kommunen, en: Municipalities}\nitems:\n"
    book.write_text(head + items, encoding="utf-8")
    with pytest.raises(SourceFileError) as caught:
        read_survey(path, codebook=book)
    said = str(caught.value)
    assert "andere.csv hardly fits the codebook 'kommunen': 2 of the codebook's 5 columns" in said
    assert "3 columns of the file are not in the codebook" in said
    assert "Looked for: 'frage4' (nearly: 'frage_4'), 'stand', 'mittel'." in said
    assert "begleitforschung codebook FILE" in said
    # An export of some questions only, and a codebook of some questions only, fit.
    path.write_text("alter;typ\n30;1\n", encoding="utf-8")
    assert list(read_survey(path, codebook=book).responses) == ["alter", "typ"]
    path.write_text("alter;typ;frage4;a;b;c;d;e;f\n30;1;1;1;1;1;1;1;1\n", encoding="utf-8")
    assert len(read_survey(path, codebook=book).responses.columns) == 3


def test_the_same_answers_have_the_same_provenance_and_others_another(exports, questionnaire):
    path = exports / "limesurvey_codes.csv"
    prints = {
        read_survey(path, codebook=questionnaire).provenance.fingerprint,
        read_survey(path, codebook=exports / "limesurvey.txt").provenance.fingerprint,
    }
    assert len(prints) == 1
    named = read_survey(path, codebook=questionnaire, unit="ort").provenance.fingerprint
    assert named not in prints


def test_an_answer_that_fits_nothing_is_named_by_place_and_never_shown(
    exports, questionnaire, tmp_path
):
    path = tmp_path / "kaputt.csv"
    text = (exports / "limesurvey_codes.csv").read_text(encoding="utf-8")
    path.write_text(text.replace('"A1"', '"Geheimnis"'), encoding="utf-8")
    with pytest.raises(ValidationError, match="column 'q1'") as caught:
        read_survey(path, codebook=questionnaire)
    assert "Geheimnis" not in str(caught.value)
    survey = read_survey(path, codebook=questionnaire, on_strange="missing")
    (found,) = [item for item in survey.findings if item.rule == "survey.strange_answer"]
    assert found.severity == "error"
    assert (survey.status_of("q1") == "no_answer").sum() >= found.n


@pytest.mark.parametrize("name", ["survey_R_syntax_file.R", "survey_SPSS_syntax_file.sps"])
def test_syntax_files_read_the_data_beside_them(name, exports, maker, tmp_path):
    survey = read_survey(exports / name, unit="ort")
    wanted = expected(maker.TRUTH)
    wanted["q4s"] = [{"Y": "1", "N": "2", None: None}[value] for value in wanted["q4s"]]
    for column, answers in wanted.items():
        given = survey.responses[column].astype("object")
        assert given.where(given.notna(), None).tolist() == answers, column
    assert survey.codebook.item("q2").kind == "multiple"
    assert survey.codebook.item("q3").columns == ("q3_a", "q3_b", "q3_c")
    assert survey.codebook.item("q3").text.de == "Wie schätzen Sie ein:"
    assert survey.codebook.item("q4").kind == "number"
    assert set(survey.personal) >= {"ipaddr", "token", "q1_other", "mail", "frei"}
    assert load_codebook(exports / name) == survey.codebook
    alone = tmp_path / name
    alone.write_bytes((exports / name).read_bytes())
    with pytest.raises(SourceFileError, match="beside it"):
        read_survey(alone)


def test_all_questionnaires_tell_the_same_codebook(exports, questionnaire):
    for name in ("limesurvey.txt", "limesurvey.lsa"):
        assert load_codebook(exports / name) == questionnaire
    item = questionnaire.item("q1")
    assert [code.code for code in item.codes] == ["A1", "A2", "A3", "-oth-"]
    assert item.codes[0].label.de == "liegt vor"
    assert item.codes[0].label.en == "exists"
    assert questionnaire.item("q3").codes[-1].missing == "dont_know"
    filters = {one.id: one.filter for one in questionnaire.items if one.filter}
    assert filters == {
        "q2": "((q1 == 'A1' or q1 == 'A2'))",
        "q4s": "answered(q4)",
        "q5": "((q2_SQ001 == 1))",
    }


def test_sosci_takes_labels_and_missings_from_its_script(exports, maker):
    survey = read_survey(exports / "sosci.csv", codebook=exports / "sosci.R")
    truth = [case for case in maker.sosci_cases() if case["MODE"] == "interview"]
    assert len(survey) == len(truth) == 29
    assert survey.personal == ("SERIAL", "REF", "A105_01")
    kinds = {"1": "answered", "2": "answered", "-1": "dont_know", "-9": "no_answer"}
    assert survey.status_of("A101").tolist() == [kinds[case["A101"]] for case in truth]
    scale = survey.codebook.item("A103_01")
    assert scale.kind == "scale"
    assert [code.code for code in scale.answers] == ["1", "2", "3", "4", "5"]
    assert survey.cases["complete"].tolist() == [case["FINISHED"] == "TRUE" for case in truth]
    assert survey.cases["seconds"].tolist() == [float(case["TIME_SUM"]) for case in truth]
    assert survey.codebook.item("A101").text.de == 'Frage A101: "so"'


def test_qualtrics_has_three_rows_of_headings_and_marks_previews(exports):
    survey = read_survey(exports / "qualtrics.csv")
    assert len(survey) == 11
    assert survey.cases["row"].iloc[0] == 5
    assert survey.codebook.item("Q1").text.de == "Frage 1?"
    assert survey.personal == ("IPAddress",)
    assert survey.cases["complete"].sum() == 8


def test_a_questionnaire_is_no_export(exports):
    with pytest.raises(SourceFileError, match="no answers"):
        read_survey(exports / "limesurvey.lss")
    with pytest.raises(SourceFileError, match="does not exist"):
        bf.read_survey(exports / "nichts.csv")


def test_a_row_of_another_width_is_named(exports, tmp_path):
    path = tmp_path / "breite.csv"
    path.write_text("id,q1\n1,2\n2\n", encoding="utf-8")
    with pytest.raises(SourceFileError, match="row 3: 1 cells instead of 2"):
        read_survey(path)
