"""SPSS, Stata, workbooks and plain tables; SPSS and Stata files are real ones."""

from __future__ import annotations

import sys

import numpy as np
import openpyxl
import pandas as pd
import pytest

from begleitforschung.errors import CatalogueError, MissingDependencyError, SourceFileError
from begleitforschung.loaders.surveys import (
    load_codebook,
    read_survey,
    write_codebook_workbook,
    write_form,
)


@pytest.fixture(scope="module")
def data(shared):
    pytest.importorskip("pyreadstat")
    return shared / "data" / "survey"


@pytest.mark.parametrize("suffix", ["sav", "dta"])
def test_a_real_file_has_its_values_and_labels(data, suffix):
    survey = read_survey(data / "efc" / f"efc.{suffix}")
    plain = pd.read_csv(data / "efc" / "efc.csv")
    assert survey.responses.shape == plain.shape == (908, 26)
    for name in plain.columns:
        got = survey.scores(name)[:, 0]
        np.testing.assert_array_equal(got, plain[name].to_numpy(float), err_msg=name)
    labels = pd.read_csv(data / "efc" / "efc_labels.tsv", sep="\t", header=None)
    for name, group in labels[labels[1] == "VALUE"].groupby(0):
        codes = {str(code.code): code.label.de for code in survey.codebook.item(name).codes}
        told = {str(int(v)): t for v, t in zip(group[2], group[3], strict=True)}
        assert told.items() <= codes.items() or survey.codebook.item(name).kind == "number"
    wordings = labels[labels[1] == "VARLABEL"].set_index(0)[3]
    assert survey.codebook.item("c12hour").text.de == wordings["c12hour"]


def test_user_missings_ranges_and_response_sets_of_spss(data):
    survey = read_survey(data / "sav" / "pyreadstat_simple_alltypes.sav")
    item = survey.codebook.item("mymrset")
    assert item.kind == "multiple"
    assert item.text.de == "My multiple response set"
    assert item.columns == ("mymrset_bool1", "mymrset_bool2", "mymrset_bool3")
    x = survey.codebook.item("x")
    # 4 and 9 occur without a label.
    assert {code.code for code in x.answers} == {"1", "2", "3", "4", "9"}
    assert {code.code for code in x.codes if code.missing} >= {"7", "8", "99"}
    z = survey.codebook.item("z")
    assert z.kind == "number"
    assert [(r.low, r.high) for r in z.missing_ranges] == [(-999.0, 0.0)]
    values = survey.responses["z"].dropna()
    assert ((values > 0) & (values != 999)).all()


def test_missings_with_letters_of_stata(data):
    survey = read_survey(data / "sav" / "pyreadstat_missing_test.dta")
    lettered = [name for name in survey.responses.columns if name in ("var1", "var2", "var3")]
    assert lettered == ["var1", "var2", "var3"]
    assert survey.responses[lettered].isna().all(axis=None)


def test_without_pyreadstat_it_says_what_to_install(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(MissingDependencyError, match=r"begleitforschung\[survey\]"):
        read_survey(data / "efc" / "efc.sav")


def test_a_damaged_file_is_told_as_such(data, tmp_path):
    path = tmp_path / "kaputt.sav"
    path.write_bytes((data / "efc" / "efc.sav").read_bytes()[:3000])
    with pytest.raises(SourceFileError, match="damaged"):
        read_survey(path)


def test_the_form_for_paper_is_read_back_with_the_same_codebook(questionnaire, tmp_path):
    path = write_form(questionnaire, tmp_path / "formular.xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Antworten", "Fragen", "Codes"]
    sheet = book["Antworten"]
    at = {cell.value: cell.column for cell in sheet[1]}
    assert set(at) >= {"case", "q1", "q2_SQ001", "q3_a", "q4", "ort"}
    rules = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert '"A1,A2,A3,-oth-"' in rules
    filled = {"case": "P1", "ort": "Ulm", "q1": "A1", "q2_SQ001": 1, "q3_a": 5, "q4": 1200.5}
    for name, value in filled.items():
        sheet.cell(2, at[name], value)
    sheet.cell(4, at["case"], "P2")
    sheet.cell(4, at["q1"], "A3")
    book.save(path)
    survey = read_survey(path, codebook=questionnaire, unit="ort")
    assert survey.cases["case"].tolist() == ["P1", "P2"]
    assert survey.cases["row"].tolist() == [2, 4]
    assert survey.cases["unit"].iloc[0] == "08421000"
    assert survey.responses["q1"].tolist() == ["A1", "A3"]
    assert survey.responses["q4"].iloc[0] == 1200.5
    assert survey.responses.loc[0, ["q2_SQ001", "q2_SQ002"]].tolist() == ["1", "0"]
    assert survey.status_of("q2_SQ001").iloc[1] == "not_asked"
    with pytest.raises(SourceFileError, match="exists"):
        write_form(questionnaire, path)


def test_a_codebook_goes_to_a_workbook_and_back(questionnaire, rse, tmp_path):
    for n, book in enumerate([questionnaire, load_codebook(rse / "de_17_to_import.txt")]):
        path = write_codebook_workbook(book, tmp_path / f"codebook{n}.xlsx")
        assert load_codebook(path) == book
    with pytest.raises(SourceFileError, match="exists"):
        write_codebook_workbook(questionnaire, path)


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "error", "told"),
    [
        ("Fragen", "B3", "singel", CatalogueError, "row 3"),
        ("Fragen", "H4", "q9 == 1", CatalogueError, "row 4.*no column 'q9'"),
        ("Fragen", "C1", "frage", SourceFileError, "headings"),
        ("Befragung", "A2", "idd", SourceFileError, "unknown key idd"),
        ("Codes", "B3", "A1", CatalogueError, "'a1' stands twice"),
    ],
)
def test_a_workbook_is_as_strict_as_yaml(questionnaire, tmp_path, sheet, cell, value, error, told):
    path = write_codebook_workbook(questionnaire, tmp_path / "codebook.xlsx")
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = value
    book.save(path)
    with pytest.raises(error, match=told):
        load_codebook(path)


BOOK = """
id: tabelle
title: {de: Tabelle}
items:
  - {id: kosten, kind: number, text: {de: Kosten}, column: "Kosten (EUR)", estimate: geschätzt}
  - id: note
    kind: scale
    text: {de: Wie zufrieden sind Sie?}
    codes: [{code: "1", label: {de: sehr}}, {code: "2", label: {de: kaum}},
            {code: "-9", label: {de: keine Angabe}, missing: refused}]
  - {id: tag, kind: date, text: {de: Stichtag}}
  - id: wahl
    kind: multiple
    untouched: none
    text: {de: Auswahl}
    codes: [{code: a, label: {de: A}}, {code: x, label: {de: weiß nicht}, missing: dont_know}]
"""
TABLE = """Kosten (EUR);geschätzt;Wie zufrieden sind Sie?;tag;wahl_a;wahl_x;E-Mail
1200,50;ja;sehr;01.03.2025;1;0;a@example.org
7;;keine Angabe;2025-03-02;0;0;
;ja;2;;;1;b@example.org
"""


def test_a_plain_table_is_read_by_headings_wordings_and_estimates(tmp_path):
    book, table = tmp_path / "codebook.yaml", tmp_path / "tabelle.csv"
    book.write_text(BOOK.replace("Wie zufrieden sind Sie?", '"Wie zufrieden sind Sie?"'), "utf-8")
    table.write_text(TABLE, encoding="utf-8")
    survey = read_survey(table, codebook=book)
    assert survey.responses["kosten"].tolist()[:2] == [1200.5, 7]
    assert survey.status_of("kosten").tolist() == ["estimated", "answered", "no_answer"]
    assert survey.status_of("note").tolist() == ["answered", "refused", "answered"]
    assert survey.responses["tag"].tolist()[:2] == [
        pd.Timestamp("2025-03-01"),
        pd.Timestamp("2025-03-02"),
    ]
    assert survey.responses["wahl_a"].tolist()[:2] == ["1", "0"]
    assert survey.status_of("wahl_a").tolist() == ["answered", "answered", "dont_know"]
    assert survey.personal == ("E-Mail",)
    assert survey.answered("kosten").tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("cell", "column"), [("1.200,50", "kosten"), ("so lala", "note"), ("31.02.2025", "tag")]
)
def test_cells_that_fit_nothing_are_errors(tmp_path, cell, column):
    book, table = tmp_path / "codebook.yaml", tmp_path / "tabelle.csv"
    book.write_text(BOOK.replace("Wie zufrieden sind Sie?", '"Wie zufrieden sind Sie?"'), "utf-8")
    before = {"kosten": "1200,50", "note": "sehr", "tag": "01.03.2025"}[column]
    table.write_text(TABLE.replace(before, cell), encoding="utf-8")
    survey = read_survey(table, codebook=book, on_strange="missing")
    (found,) = [item for item in survey.findings if item.rule == "survey.strange_answer"]
    assert (found.column, found.row, found.value) == (column, 2, None)


def test_a_draft_takes_rare_answers_for_free_text(tmp_path):
    path = tmp_path / "antworten.csv"
    names = ["Meier", "Schulz", "Kunz", "Huber"]
    rows = [f"{at % 2 + 1};{names[at % 4]}{at};{'ja' if at % 3 else 'nein'}" for at in range(30)]
    path.write_text("\n".join(["note;amt;strategie", *rows]) + "\n", encoding="utf-8")
    codebook = load_codebook(path)
    kinds = {item.id: item.kind for item in codebook.items}
    assert kinds == {"note": "number", "amt": "text", "strategie": "single"}
    assert "Meier" not in codebook.model_dump_json()
    assert read_survey(path).personal == ("amt",)
