"""The workbook of an index: every number of the result, and formulas that compute to it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.composite import compose
from begleitforschung.errors import DisclosureError, ReportError, SourceFileError
from begleitforschung.frameworks import Method, Step
from begleitforschung.loaders import read_coinr
from begleitforschung.reports.index_workbook import write_index
from begleitforschung.reports.workbooks import (
    FILLS,
    Formula,
    Sheet,
    sheet_names,
    workbook_bytes,
)

SHEETS = [
    "Überblick",
    "Ergebnis",
    "Ränge",
    "Beiträge",
    "0 Rohwerte",
    "1 Ergänzung fehlender Werte",
    "2 Auswahl der Einheiten",
    "3 Behandlung von Ausreißern",
    "4 Normierung",
    "5 Aggregation",
    "Gewichte",
    "Spezifikation",
    "Rechenschritte",
    "Veränderte Werte",
    "Ausreißer",
    "Fehlende Werte und Nullen",
    "Quellen",
]


class Book:
    """A workbook that computes its formulas, as a spreadsheet would."""

    def __init__(self, path) -> None:
        self.formulas = openpyxl.load_workbook(path)
        self.values = openpyxl.load_workbook(path, data_only=True)

    def __getitem__(self, name):
        return self.formulas[name]

    def compute(self, sheet: str, place: str) -> float:
        value = self.formulas[sheet][place].value
        if not (isinstance(value, str) and value.startswith("=")):
            return value
        if found := re.fullmatch(r"='(.+)'!([A-Z]+\d+)", value):
            return self.compute(found[1], found[2])
        if found := re.fullmatch(r"=SUM\(([A-Z0-9:]+)\)", value):
            return sum(self._cells(sheet, found[1]))
        found = re.fullmatch(r"=SUMPRODUCT\((.+),(.+)\)/SUMPRODUCT\(\1,--ISNUMBER\(\2\)\)", value)
        assert found, value
        weights, parts = (list(self._cells(sheet, part)) for part in found.groups())
        there = [(w, x) for w, x in zip(weights, parts, strict=True) if x is not None]
        return sum(w * x for w, x in there) / sum(w for w, _ in there)

    def _cells(self, sheet: str, area: str) -> Iterator[float]:
        for row in self.formulas[sheet][area.replace("$", "")]:
            for cell in row:
                yield self.compute(sheet, cell.coordinate)

    def all_formulas(self) -> Iterator[tuple[str, str]]:
        for sheet in self.formulas:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        yield sheet.title, cell.coordinate

    def frame(self, name: str, head: str = "Einheit") -> pd.DataFrame:
        rows = list(self.values[name].iter_rows(values_only=True))
        at = next(n for n, row in enumerate(rows) if row[0] == head)
        columns = [label for label in rows[at] if label is not None]
        return pd.DataFrame([row[: len(columns)] for row in rows[at + 1 :]], columns=columns)


@pytest.fixture(scope="module")
def book(index_result, tmp_path_factory):
    return Book(write_index(index_result, tmp_path_factory.mktemp("Bücher") / "index.xlsx"))


def test_one_sheet_for_each_step_and_names_that_fit(book):
    assert book.formulas.sheetnames == SHEETS
    assert all(len(name) <= 31 for name in SHEETS)


def test_every_formula_computes_to_the_number_beside_it(book):
    places = list(book.all_formulas())
    assert len(places) > 100
    for sheet, place in places:
        shown = book.values[sheet][place].value
        assert book.compute(sheet, place) == pytest.approx(shown, rel=1e-12), (sheet, place)


def test_scores_are_those_of_the_result(book, index_result):
    frame = book.frame("Ergebnis").set_index(["Einheit", "Jahr"])
    wanted = index_result.scores()
    for node, title in (("index", "Teilhabe"), ("zugang", "Zugang"), ("amt", "Ämter")):
        found = frame[title].loc[wanted.index].to_numpy(float)
        np.testing.assert_array_equal(found, wanted[node])
    ranks = index_result.ranks("index")["index"]
    assert (frame["Rang"].loc[ranks.index] == ranks).all()
    assert frame["Name"].loc[("09105", 2021)] == "F-Kreis"
    first = frame.reset_index().groupby("Jahr")["Rang"].first()
    assert (first == 1).all()


@pytest.mark.parametrize("number", range(5))
def test_values_after_each_step(book, index_result, number):
    stage = index_result.stages[number]
    frame = book.frame(SHEETS[4 + number])
    wanted = stage.frame()
    assert list(zip(frame["Einheit"], frame["Jahr"], strict=True)) == list(wanted.index)
    titles = ["Netz | Ausbau", "Mobilfunk", "Wegezeit", "Kurse"]
    np.testing.assert_array_equal(frame[titles].to_numpy(float), wanted.to_numpy())


def test_a_step_says_above_its_values_what_it_does(book):
    rows = list(book["3 Behandlung von Ausreißern"].iter_rows(values_only=True))[:20]
    told = {row[0]: row[1] for row in rows if row[0]}
    assert told["Schritt 3a: Behandlung von Ausreißern"] == "Winsorisieren, sonst Logarithmus"
    assert told["Schritt 3b: Behandlung von Ausreißern"] == "Logarithmus"
    assert told["Gilt für"] == "Kurse"
    assert any(row[0] == "Kennung" and "netz" in row for row in rows)
    assert book["0 Rohwerte"]["D2"].value == "%"


def test_changed_cells_are_coloured_and_listed(book, index_result):
    stage = index_result.stages[2]
    sheet = book["3 Behandlung von Ausreißern"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "Einheit")
    first, titles = head[0].row + 1, [cell.value for cell in head]
    marks = index_result.stages[3].marks
    for row, column in np.argwhere(marks > 0):
        title = ["Netz | Ausbau", "Mobilfunk", "Wegezeit", "Kurse"][column]
        cell = sheet.cell(first + int(row), titles.index(title) + 1)
        bit = min(b for b in FILLS if marks[row, column] & b)
        assert cell.fill.fgColor.rgb.endswith(FILLS[bit])
    coloured = sum(
        cell.fill.patternType == "solid" for line in sheet.iter_rows(min_row=first) for cell in line
    )
    assert coloured == (marks > 0).sum()
    listed = book.frame("Veränderte Werte")
    assert len(listed) == len(index_result.marks)
    outlier = listed[(listed["Kennung"] == "funk") & listed["Rohwert"].eq(4000)].iloc[0]
    assert outlier["Was geschah"] == "nach unten gerückt"
    after = stage.frame()["funk"].xs(2021, level="year").drop("09105").max()
    assert outlier["vor der Normierung"] == pytest.approx(after)


def test_contributions_and_weights(book, index_result):
    frame = book.frame("Beiträge").set_index(["Einheit", "Jahr"])
    wanted = index_result.contributions()
    np.testing.assert_array_equal(frame["Wegezeit"].loc[wanted.index], wanted["weg"])
    weights = book.frame("Gewichte", "Kennung").set_index("Kennung")
    assert weights.loc["netz", "wirksames Gewicht (%)"] == pytest.approx(50)
    assert weights.loc["zugang", "Gewicht"] == 3


def test_overview_sources_and_specification(book, index_result):
    told = list(book["Überblick"].iter_rows(values_only=True))
    flat = [value for row in told for value in row if value]
    assert "Verteilung von Mitteln" in flat
    assert index_result.spec.fingerprint in flat
    assert flat[0] == "Digitale Teilhabe"
    assert set(SHEETS[1:]) <= set(flat)
    source = book.frame("Quellen", "Titel").iloc[0]
    assert (source["Herausgeber"], source["Datei"]) == ("Landesamt", "regional.csv")
    steps = book.frame("Rechenschritte", "Schritt")
    assert list(steps["Schritt"]) == ["1", "2", "3a", "3b", "4", "5a", "5b"]


def test_numbers_are_numbers_and_texts_never_formulas(book):
    sheet = book["5 Aggregation"]
    cell = sheet.cell(sheet.max_row, 5)
    assert cell.number_format == "#,##0.000"
    data = workbook_bytes([Sheet(name="a", head=["=1+1"], rows=[["=HYPERLINK(1)", 0.1 + 0.2, 3]])])
    assert data == workbook_bytes(
        [Sheet(name="a", head=["=1+1"], rows=[["=HYPERLINK(1)", 0.1 + 0.2, 3]])]
    )


def test_weights_of_each_year_are_those_of_the_formulas(index_table, index_spec, tmp_path):
    spec = index_spec.before("aggregate", Step("weight", "critic"))
    result = compose(index_table, spec)
    book = Book(write_index(result, tmp_path / "je Jahr.xlsx"))
    names = [row[0].value for row in book["6 Aggregation"].iter_rows(max_row=16)]
    assert {"Gewicht 2021", "Gewicht 2022"} <= set(names)
    for sheet, place in book.all_formulas():
        shown = book.values[sheet][place].value
        assert book.compute(sheet, place) == pytest.approx(shown, rel=1e-12)
    assert "wirksames Gewicht (%) 2022" in book.frame("Gewichte", "Kennung")
    told = [row[0].value for row in book["5 Gewichtung"].iter_rows()]
    assert "Die Werte bleiben; die Gewichte stehen im Blatt „Gewichte“." in told


def test_missing_parts_are_left_out_of_the_formulas_too(index_table, index_spec, tmp_path):
    result = compose(index_table, index_spec.without_step("impute"))
    book = Book(write_index(result, tmp_path / "luecken.xlsx"))
    frame = book.frame("Ergebnis").set_index(["Einheit", "Jahr"])
    assert frame.loc[("09103", 2021), "vorhandene Indikatoren (%)"] == 75
    places = [(sheet, place) for sheet, place in book.all_formulas() if sheet == "4 Aggregation"]
    for sheet, place in places:
        shown = book.values[sheet][place].value
        assert book.compute(sheet, place) == pytest.approx(shown, rel=1e-12)


def test_coinr_tables_in_workbook_out_reproduce_asem(shared, tmp_path):
    """Read COINr's own tables, compute, write, compute the formulas: COINr's published scores."""
    folder = shared / "reference/composite/ref/asem"
    tables = read_coinr(folder / "input_iData.csv", folder / "input_iMeta.csv", id="asem")
    steps = (
        Step("denominate", "ratio"),
        Step("impute", Method("group_mean", group="EurAsia_group")),
        Step("screen", Method("coverage", min_share=0.9)),
        Step("treat", Method("winsorise", winmax=5)),
        Step("normalise", "minmax"),
        Step("aggregate", "arithmetic"),
    )
    names = tables.names.to_dict()
    spec = tables.spec.replace(steps=steps)
    result = compose(tables.data, spec, year=2018, groups=tables.groups, names=names)
    book = Book(write_index(result, tmp_path / "asem.xlsx"))
    wanted = pd.read_csv(folder / "08_results_Aggs.csv", keep_default_na=False)
    frame = book.frame("Ergebnis")
    assert list(frame["Einheit"]) == list(wanted["uCode"])
    assert list(frame["Rang"]) == list(wanted["Rank"])
    assert dict(zip(frame["Einheit"], frame["Name"], strict=True)) == names
    head = next(row for row in book["Ergebnis"].iter_rows() if row[0].value == "Einheit")
    for code in ("Index", "Conn", "Sust"):
        title = spec.element(code).title.de
        column = next(cell.column_letter for cell in head if cell.value == title)
        found = [book.compute("Ergebnis", f"{column}{head[0].row + 1 + n}") for n in range(51)]
        np.testing.assert_allclose(found, wanted[code].astype(float), rtol=1e-10)


def test_steps_that_are_not_there_have_no_sheet(index_table, index_spec, tmp_path):
    indicators = tuple(replace(item, treat=None) for item in index_spec.indicators)
    spec = index_spec.replace(indicators=indicators).without_step("treat", "screen", "impute")
    book = Book(write_index(compose(index_table, spec), tmp_path / "kurz.xlsx"))
    assert not {"Ausreißer", "Fehlende Werte und Nullen", "Veränderte Werte"} & set(
        book.formulas.sheetnames
    )


def test_methods_among_units_have_no_formulas_and_no_contributions(
    index_table, index_spec, tmp_path
):
    spec = index_spec.replace(aggregate="copeland").with_element("amt", aggregate="borda")
    book = Book(write_index(compose(index_table, spec), tmp_path / "i.xlsx"))
    assert {sheet for sheet, _ in book.all_formulas()} == {"Ergebnis"}
    assert "nicht exakt in Beiträge zerlegen" in book["Beiträge"]["A1"].value


def test_english_on_request(index_result, tmp_path):
    book = openpyxl.load_workbook(write_index(index_result, tmp_path / "i.xlsx", lang="en"))
    assert book.sheetnames[:4] == ["Overview", "Scores", "Ranks", "Contributions"]
    assert "3 Treatment of outliers" in book.sheetnames


def test_equal_results_give_equal_bytes_and_replace_the_file(index_result, tmp_path):
    file = write_index(index_result, tmp_path / "i.xlsx")
    first = file.read_bytes()
    assert write_index(index_result, file).read_bytes() == first


def test_what_must_not_or_cannot_be_written_is_refused(index_result, tmp_path):
    with pytest.raises(DisclosureError):
        write_index(replace(index_result, confidentiality="personal"), tmp_path / "i.xlsx")
    with pytest.raises(ReportError, match=r"written as .xlsx, not '.csv'"):
        write_index(index_result, tmp_path / "i.csv")
    with pytest.raises(SourceFileError, match="does not exist"):
        write_index(index_result, tmp_path / "nirgends" / "i.xlsx")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ReportError, match="infinite"):
        workbook_bytes([Sheet(name="a", head=["x"], rows=[[float("inf")]])])


def test_at_the_own_desk_each_sheet_says_that_nothing_is_protected(index_result, tmp_path):
    word = "UNGESCHÜTZT – nur für den eigenen Arbeitsplatz"
    secret = replace(index_result, confidentiality="confidential")
    with pytest.raises(DisclosureError, match=r"bf\.protect"):
        write_index(secret, tmp_path / "i.xlsx")
    assert list(tmp_path.iterdir()) == []
    marked = Book(write_index(secret, tmp_path / "i.xlsx", allow_unprotected=True))
    for sheet in marked.formulas:
        assert word in [cell.value for row in sheet.iter_rows() for cell in row], sheet.title
        assert sheet.oddHeader.center.text == word
    # The line moves nothing that a formula points to.
    assert any(True for _ in marked.all_formulas())
    for name, place in marked.all_formulas():
        assert marked.compute(name, place) == pytest.approx(marked.values[name][place].value)
    plain = write_index(index_result, tmp_path / "p.xlsx")
    with zipfile.ZipFile(plain) as parts:
        assert not [n for n in parts.namelist() if b"UNGESCH" in parts.read(n)]


def test_results_stand_beside_formulas_for_those_who_do_not_compute(tmp_path):
    rows = [[1.5, 2.25, Formula("=SUM(A2:B2)", 3.75)]]
    file = tmp_path / "f.xlsx"
    file.write_bytes(workbook_bytes([Sheet(name="A & B", head=["a", "b", "c"], rows=rows)]))
    book = Book(file)
    assert book.values["A & B"]["C2"].value == book.compute("A & B", "C2") == 3.75


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=50), max_size=8))
def test_names_of_sheets_are_always_allowed(wanted):
    found = sheet_names(wanted)
    assert len(found) == len(wanted)
    assert len({name.casefold() for name in found}) == len(found)
    for name in found:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\'")


def test_names_that_fit_stay_as_they_are():
    assert sheet_names(["Ränge", "ränge", "a/b"]) == ["Ränge", "ränge (2)", "a-b"]


def test_units_too_small_for_a_rank_have_an_empty_cell(index_result, tmp_path):
    unranked = np.zeros(len(index_result.final.unit), np.bool_)
    unranked[0] = True
    book = Book(write_index(replace(index_result, unranked=unranked), tmp_path / "klein.xlsx"))
    stage = index_result.final
    ranks = book.frame("Ränge").set_index(["Einheit", "Jahr"])["Teilhabe"]
    first = (stage.labels[0], stage.year[0])
    assert pd.isna(ranks[first])
    assert ranks.drop([first]).notna().all()
