"""Rows and numbers of delimited text: against Python's csv, and what is wrong with bad ones."""

import csv
import io
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders import read_indicators
from begleitforschung.loaders.figures import as_status, parse_figures
from begleitforschung.tables import statuses

HEAD = "unit;year;indicator;value\n"


def parse(texts, decimal=",", thousands=False):
    found = parse_figures(pd.Categorical(texts), decimal=decimal, thousands=thousands)
    return found.value.tolist(), as_status(found.status).tolist(), found.bad.tolist()


# Numbers and signs ----------------------------------------------------------------------------


@pytest.mark.parametrize("decimal", [",", "."])
@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("{}", None, None),
        ("12{}5", 12.5, "normal"),
        ("+12{}5", 12.5, "normal"),
        ("-12{}5", -12.5, "normal"),
        ("\u221212{}5", -12.5, "normal"),
        (" 12{}5 ", 12.5, "normal"),
        ("(12{}5)", 12.5, "limited"),
        ("( 12{}5 )", 12.5, "limited"),
        ("12{}5p", 12.5, "preliminary"),
        ("12{}5  r", 12.5, "revised"),
        ("12{}5 x", None, None),
        ("12{}5 -", None, None),
        ("{}5", None, None),
        ("12{}", None, None),
        ("1 2{}5", None, None),
        ("12{}5%", None, None),
        ("1{}5e2", 150.0, "normal"),
        ("1{}5E-1", 0.15, "normal"),
        ("nan", None, None),
        ("inf", None, None),
        ("0x10", None, None),
        ("1_000", None, None),
        ("١٢", None, None),  # digits of another script
    ],
)
def test_what_is_a_number_and_what_it_says(text, decimal, value, status):
    if text == "{}" and decimal == ".":
        value, status = math.nan, "unknown"  # the point alone is a sign
    values, states, bad = parse([text.format(decimal)], decimal)
    assert bad == [value is None]
    if value is not None:
        assert values == pytest.approx([value], nan_ok=True)
        assert states == [status]


@pytest.mark.parametrize("code", [code for code, item in statuses().items() if item.sign])
def test_signs_stand_alone_or_at_a_number_as_their_status_says(code):
    item = statuses()[code]
    _, (alone,), (bad_alone,) = parse([item.sign])
    at_number = "(7)" if item.sign == "()" else f"7 {item.sign}"
    _, (beside,), (bad_beside,) = parse([at_number])
    if item.value == "required":
        assert (bad_alone, bad_beside, beside) == (True, False, code)
    else:
        assert (bad_alone, alone, bad_beside) == (False, code, True)


@settings(max_examples=40)
@given(st.integers(-(10**12), 10**12), st.integers(0, 3))
def test_grouped_numbers_are_read_as_they_are_written(number, places):
    whole = f"{number:,}".replace(",", ".")
    text = whole + ("," + "5" * places if places else "")
    exact = float(whole.replace(".", "") + ("." + "5" * places if places else ""))
    values, _, bad = parse([text], thousands=True)
    assert (values, bad) == ([exact], [False])
    found = parse_figures(pd.Categorical([text]), decimal=",", thousands=True)
    assert found.decimals.tolist() == [places]


@pytest.mark.parametrize("text", ["1.23", "12.34.567", "1234.567", ".123", "1.234.56", "1,234.5"])
def test_points_in_other_places_are_no_thousands(text):
    assert parse([text], thousands=True)[2] == [True]


def test_decimals_are_counted_to_six():
    cells = pd.Categorical(["1,123456789", "1,5 p", "(2,25)", "", "-"])
    assert parse_figures(cells, decimal=",").decimals.tolist() == [6, 1, 2, 0, 0]


# Rows -----------------------------------------------------------------------------------------

texts = st.text(st.sampled_from('ab ;,"\n'), min_size=1, max_size=6)
names = texts.map(str.strip).filter(bool)


@settings(max_examples=25)
@given(st.lists(names, min_size=1, max_size=4, unique=True), st.sampled_from(";,"))
def test_quoted_texts_are_read_as_pythons_csv_reads_them(tmp_path_factory, codes, delimiter):
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    writer.writerow(["unit", "year", "indicator", "value"])
    for code in codes:
        writer.writerow(["08421", 2021, code, 1])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(stream.getvalue(), encoding="utf-8", newline="")
    data = read_indicators(path).data
    assert data["indicator"].tolist() == codes
    assert data["row"].tolist() == list(range(2, len(codes) + 2))


@pytest.mark.parametrize(
    ("rows", "places", "de"),
    [
        (["08421;2021;a"], [(2, (2,))], "3 Zellen statt 4"),
        (["08421;2021;a;1;2"], [(2, (2,))], "5 Zellen statt 4"),
        (["08421;2021;a;1", "x", "y"], [(3, (3, 4))], "1 Zellen statt 4"),
        (["x;y", "08421;2021;a;1", "x"], [(2, (2,)), (4, (4,))], "2 Zellen statt 4"),
    ],
)
def test_rows_of_other_widths_are_named_by_width(put, rows, places, de):
    with pytest.raises(SourceFileError, match=r"daten\.csv has damaged rows") as error:
        read_indicators(put(HEAD + "\n".join(rows) + "\n"))
    assert [(f.row, f.rows) for f in error.value.findings] == places
    assert error.value.findings[0].text.de == de
    assert "Anführungszeichen" in error.value.findings[0].hint.de
    damaged = sum(f.n for f in error.value.findings)
    assert f"({damaged}):" in str(error.value)


@pytest.mark.parametrize(
    ("end", "cut"), [("08421;20", True), ("08421;20\n", False), ("08421;20;a;1;2", False)]
)
def test_only_a_short_last_line_without_end_is_called_cut_off(put, end, cut):
    with pytest.raises(SourceFileError) as error:
        read_indicators(put(HEAD + "09761;2021;a;1\n" + end))
    (found,) = error.value.findings
    assert found.row == 3
    assert (found.text.de == "letzte Zeile ist abgeschnitten") is cut
    assert (found.hint.de == "Datei erneut von der Quelle holen.") is cut


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("unit;year;indicator;value;value", "row 1: columns stand twice: value."),
        (
            "unit;year;year;indicator;value;unit",
            "row 1: columns stand twice: unit, year.",
        ),
        ("unit;year;indicator;value;", "row 1: a column has no name."),
        ("unit;year;indicator;value; ", "row 1: a column has no name."),
    ],
)
def test_columns_need_one_name_each(put, header, words):
    row = ";".join(["1"] * (header.count(";") + 1))
    with pytest.raises(SourceFileError) as error:
        read_indicators(put(f"{header}\n{row}\n"))
    assert words in str(error.value)
    assert "Give each column one name of its own" in str(error.value)


def test_spaces_around_cells_and_names_do_not_count(put):
    table = read_indicators(put(" unit ; year;indicator ;value\n 08421 ;2021 ; a b ; 1,5 \n"))
    assert (table.units, table.years, list(table.indicators)) == (("08421",), (2021,), ["a b"])


@pytest.mark.parametrize("blank", ["", ";;;", " ; ;\t; ", "   "])
def test_rows_without_text_are_passed_over_but_counted(put, blank):
    if blank == "   ":
        blank = '"  ";;;'
    text = HEAD + f"08421;2021;a;1\n{blank}\n09761;2021;a;2\n{blank}\n"
    assert read_indicators(put(text)).data["row"].tolist() == [2, 4]


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ("name", "name"),
        ("name;quelle", "name, quelle"),
        ("file;row", None),  # places of written files are no further dimensions
        ("status;date", None),
    ],
)
def test_columns_that_are_not_read_are_named(put, columns, named):
    extra = ";" * (columns.count(";") + 1)
    table = read_indicators(put(HEAD[:-1] + f";{columns}\n08421;2021;a;1{extra}\n"))
    found = [f for f in table.findings if f.rule == "tidy.columns_ignored"]
    assert [f.text.de for f in found] == (
        [f"weitere Spalten werden nicht gelesen: {named}"] if named else []
    )
