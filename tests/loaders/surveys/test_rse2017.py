"""A real LimeSurvey survey (325 respondents), against counts of the plain file.

Its free text is never shown: these tests compare numbers only.
"""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from begleitforschung.loaders.surveys import load_codebook, read_survey

FREE_TEXT = (98, 116, 238, 240, 247)


@pytest.fixture(scope="module")
def plain(rse):
    with (rse / "de_public_data.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    return header, rows


@pytest.fixture(scope="module")
def survey(rse):
    return read_survey(rse / "de_public_data.csv", codebook=rse / "de_17_to_import.txt")


def column_of(header, code):
    return next(at for at, name in enumerate(header) if name.startswith(f"{code}. "))


def counted(plain, code):
    header, rows = plain
    at = column_of(header, code)
    return Counter(row[at].replace("\ufeff", "").strip() for row in rows if row[at])


def test_rows_and_columns_are_those_of_the_file(survey, plain):
    header, rows = plain
    assert len(survey) == len(rows) == 325
    # One column without heading, seven of free text; all others are answers.
    assert len(survey.personal) == 7
    assert survey.responses.shape[1] == len(header) - 1 - 7 == 240
    assert survey.cases["row"].tolist() == list(range(2, 327))


def test_the_questionnaire_has_both_languages(rse, survey):
    codebook = load_codebook(rse / "de_17_to_import.txt")
    assert len(codebook.items) == 70
    assert codebook == survey.codebook
    assert codebook.item("edu1").text.en.startswith("What is the highest")
    assert codebook.item("edu1").text.de.startswith("Was ist Dein höchster")
    assert codebook.item("likert0").codes[0].label.de == "1 (gar nicht)"
    kinds = Counter(item.kind for item in codebook.items)
    assert kinds["multiple"] == 7
    assert kinds["ranking"] == 1
    assert kinds["text"] == 9


def test_free_text_is_kept_out_and_nowhere_in_the_survey(survey, plain):
    header, rows = plain
    kept = {name.partition("_")[0] for name in survey.responses.columns}
    told = " ".join(item.line() for item in survey.findings) + str(survey.provenance.to_dict())
    for at in FREE_TEXT:
        code = header[at].partition(".")[0]
        assert code in survey.personal
        assert code not in kept
        assert not any(len(row[at]) > 12 and row[at] in told for row in rows)


SINGLE = [
    "edu1",
    "edu2",
    "currentEmp1",
    "currentEmp10",
    "conf1can",
    "stability1",
    "socio2",
    "tool2",
]


@pytest.mark.parametrize("code", SINGLE)
def test_frequencies_of_single_choices(code, survey, plain):
    item = survey.codebook.item(code)
    labels = {one.code: (one.label.en or one.label.de) for one in item.codes}
    found = survey.responses[code].value_counts()
    got = {labels[key]: int(n) for key, n in found.items() if n}
    wanted = {label: n for label, n in counted(plain, code).items() if label in got}
    assert got == wanted
    # What is no answer is a declared missing of the questionnaire.
    rest = sum(counted(plain, code).values()) - sum(got.values())
    assert rest == int(survey.status_of(code).isin(["refused", "dont_know"]).sum())


def test_frequencies_of_arrays_whose_labels_hold_byte_order_marks(survey, plain):
    for row in ("time1can", "time3can", "time5can"):
        got = survey.responses[f"likert0_{row}"].value_counts()
        wanted = counted(plain, f"likert0[{row}]")
        assert {int(k): int(n) for k, n in got.items() if n} == {
            int(label.split(" ")[0]): n for label, n in wanted.items()
        }


@pytest.mark.parametrize("code", ["tool4can", "currentEmp13", "fund2", "ukrse2"])
def test_multiple_choices_count_mentions_among_those_who_touched_them(code, survey, plain):
    header, rows = plain
    options = [at for at, name in enumerate(header) if name.startswith(f"{code}[")]
    touched = [row for row in rows if any(row[at] == "Yes" for at in options)]
    for at in options:
        column = header[at].partition(".")[0].replace("[", "_").rstrip("]")
        mentions = int((survey.responses[column] == "1").sum())
        assert mentions == sum(row[at] == "Yes" for row in touched)
        assert int(survey.responses[column].notna().sum()) == len(touched)


@pytest.mark.parametrize("code", ["soft1can", "proj1can", "train2"])
def test_numbers_are_numbers(code, survey, plain):
    header, rows = plain
    at = column_of(header, code)
    wanted = [float(row[at]) for row in rows if row[at]]
    assert survey.responses[code].dropna().tolist() == wanted


def test_without_a_questionnaire_the_guess_takes_no_free_text_for_codes(rse, plain):
    header, _rows = plain
    survey = read_survey(rse / "de_public_data.csv")
    for at in FREE_TEXT:
        code = header[at].partition(".")[0]
        assert survey.codebook.item(code).kind == "text"
        assert code in survey.personal
    assert survey.codebook.item("tool4can").kind == "multiple"
    assert survey.codebook.item("fund1").kind == "single"
    assert survey.codebook.item("soft1can").kind == "number"


def test_the_british_questionnaire_tells_its_filters(rse):
    codebook = load_codebook(rse / "uk_core_survey.lss")
    filters = {item.id: item.filter for item in codebook.items if item.filter}
    assert len(filters) == 13
    assert filters["conf2can"] == "((conf1can == 'Y'))"
    assert filters["currentEmp4"] == "((currentEmp1 != 'uni'))"
    assert not any(item.relevance for item in codebook.items)
