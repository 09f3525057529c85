"""The Tabellenband: links, numbers as numbers, points for secrets, nothing unprotected."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import pytest
from openpyxl import load_workbook

import begleitforschung as bf
from begleitforschung.errors import ReportError

from ..disclosure.hidden_bases import by_answer, without_base
from ..results.test_protected_estimates import HIDDEN, protected, survey


@pytest.fixture(scope="module")
def example(repo):
    return bf.read_project(repo).survey("projekte")


@pytest.fixture(scope="module")
def banner(example):
    return bf.tabulate(example, ["staffel"], allow_unprotected=True)


@pytest.fixture(scope="module")
def file(banner, tmp_path_factory):
    return bf.write_tables(banner, tmp_path_factory.mktemp("Bände") / "neu" / "Tabellenband.xlsx")


@pytest.fixture(scope="module")
def book(file):
    return load_workbook(file)


def rows_of(sheet):
    return {row[0]: row[1:] for row in sheet.iter_rows(values_only=True) if row[0]}


def test_contents_lead_to_each_question_and_back(book, banner):
    contents = book["Inhalt"]
    assert book.sheetnames[0] == "Inhalt"
    questions = banner.table["question"].unique()
    assert len(book.sheetnames) == 1 + len(questions)
    assert contents["A1"].value == banner.survey.codebook.title.de
    for row, name in enumerate(book.sheetnames[1:], start=5):
        assert contents.cell(row, 1).hyperlink.location == f"'{name}'!A1"
        assert contents.cell(row, 2).value == book[name]["A1"].value
        back = next(cell for cell in book[name]["A"] if str(cell.value).startswith("←"))
        assert back.hyperlink.location == "'Inhalt'!A1"


def test_shares_are_numbers_with_the_digits_that_are_printed(book, banner):
    found = rows_of(book["T02"])
    assert found["Antwort"] == (
        "Insgesamt",
        "Staffel 1 (2019)",
        "Staffel 2 (2020)",
        "Staffel 3 (2021)",
    )
    table = banner.part("stand").table
    first = table[table["category"] == "1"]["estimate"]
    sheet = book["T02"]
    row = next(r for r in sheet.iter_rows() if r[0].value == "noch in der Strategiephase")
    assert [cell.value for cell in row[1:]] == [round(value, 2) for value in first]
    assert {cell.number_format for cell in row[1:]} == {"0%"}
    assert found["n (Antworten)"] == tuple(table.drop_duplicates("domain")["n"])


def test_means_have_the_digits_of_their_standard_error(book):
    sheet = book["T10"]
    assert sheet["A2"].value == "Mittelwert in VZÄ"
    row = next(r for r in sheet.iter_rows() if r[0].value == "Mittelwert")
    assert row[1].number_format == "#,##0.00"
    assert row[1].value == round(row[1].value, 2)


def test_batteries_and_ranks_stand_below_one_another(book):
    labels = [cell.value for cell in book["T04"]["A"]]
    assert labels.count("fehlendes Personal") == 2  # figures and intervals
    assert labels.index("fehlendes Personal") < labels.index("Vergaberecht")
    assert labels.count("n (Antworten)") == 6
    assert [cell.value for cell in book["T08"]["A"]].count("Rang 3") == 2


def test_small_bases_are_counts(book):
    cells = [cell.value for row in book["T04"].iter_rows() for cell in row]
    assert "3 von 9" in cells


def test_pages_are_ready_to_print(book):
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows
        assert "&P" in sheet.oddFooter.right.text
        assert sheet.freeze_panes


def test_notes_and_source_stand_below(book, banner):
    texts = [cell.value for cell in book["T02"]["A"] if cell.value]
    assert texts[-1].startswith("Quelle: Projekt begleitforschung, Synthetische Projektbefragung")
    assert set(banner.part("stand").display().notes) <= set(texts)


def test_what_is_not_protected_says_so_everywhere(book):
    for sheet in book:
        assert "UNGESCHÜTZT" in sheet.oddHeader.right.text
        assert any("UNGESCHÜTZT" in str(cell.value) for cell in sheet["A"])


def test_confidential_results_are_refused(example, tmp_path):
    with pytest.raises(bf.DisclosureError):
        bf.write_tables(bf.tabulate(example, ["staffel"]), tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())


def test_what_is_kept_secret_is_a_point_and_nowhere_in_the_file(tmp_path):
    plain = bf.estimate(survey((17, 6, 6)), "q", by="g")
    path = bf.write_tables(protected(plain), tmp_path / "t.xlsx")
    sheet = load_workbook(path)["T01"]
    label = plain.categories["q", "1"].de
    found = [row for row in sheet.iter_rows(values_only=True) if row[0] == label]
    assert [row[1:] for row in found] == [(".", ".", ".")] * 2
    assert any("= geheim gehalten" in str(cell.value) for cell in sheet["A"])
    assert not any("UNGESCHÜTZT" in str(cell.value) for cell in sheet["A"])
    # Other answers in the hidden cells: the same bytes.
    other = bf.estimate(survey((12, 11, 6)), "q", by="g")
    again = bf.write_tables(protected(other, HIDDEN), tmp_path / "u.xlsx")
    with zipfile.ZipFile(path) as one, zipfile.ZipFile(again) as two:
        names = [name for name in one.namelist() if "worksheets" in name or "String" in name]
        assert all(one.read(name) == two.read(name) for name in names)


def test_equal_results_give_equal_bytes(banner, file, tmp_path):
    again = bf.write_tables([banner], tmp_path / "t.xlsx")
    assert again.read_bytes() == file.read_bytes()


def test_english_and_a_title_of_ones_own(banner, tmp_path):
    path = bf.write_tables(banner, tmp_path / "t.xlsx", title="Volume", lang="en")
    made = load_workbook(path)
    assert made.sheetnames[0] == "Contents"
    assert made["Contents"]["A1"].value == "Volume"
    assert made["T02"]["A1"].value == "How far has your project been implemented?"


def test_other_suffixes_and_nothing_at_all_are_refused(banner, tmp_path):
    with pytest.raises(ReportError, match=r"written as \.xlsx"):
        bf.write_tables(banner, tmp_path / "t.ods")
    with pytest.raises(ReportError, match="no result"):
        bf.write_tables([], tmp_path / "t.xlsx")


@pytest.mark.parametrize(
    ("question", "about"),
    [("q1", {}), ("q3", {}), ("q3", {"by": "staffel", "filter_": "q2 == 1"})],
)
def test_a_hidden_base_is_a_point_and_no_byte_depends_on_it(question, about, tmp_path):
    safe = [without_base(by_answer(n, question, **about)) for n in (37, 38)]
    one, other = (bf.write_tables(made, tmp_path / f"{at}.xlsx") for at, made in enumerate(safe))
    assert one.read_bytes() == other.read_bytes()
    book = load_workbook(one)
    assert rows_of(book["T01"])["n (Antworten)"] == (110, 20, ".", ".")
    assert book["Inhalt"]["D5"].value == 110


def test_the_contents_show_a_point_where_the_base_of_all_is_hidden(tmp_path):
    made = without_base(by_answer(37))
    alone = replace(made, table=made.table[made.table["n"].isna()].reset_index(drop=True))
    book = load_workbook(bf.write_tables(alone, tmp_path / "band.xlsx"))
    assert book["Inhalt"]["D5"].value == "."
