"""What a file is, told by its content: containers, encodings, names, and what each remark says."""

import gzip
import hashlib
import io
import zipfile
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import BegleitforschungError, SourceFileError, ValidationError
from begleitforschung.loaders import read_indicators

TEXT = "unit;year;indicator;value\n08421;2021;pkw;612,5\n09761;2021;pkw;540,25\n"
FRAME = pd.DataFrame(
    {"unit": ["08421", "09761"], "year": 2021, "indicator": "pkw", "value": [612.5, 540.25]}
)
VALUES = [612.5, 540.25]


def zipped(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return stream.getvalue()


def xlsx(frame, **options):
    stream = io.BytesIO()
    frame.to_excel(stream, index=False, **options)
    return stream.getvalue()


def parquet(frame):
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return stream.getvalue()


def rules(table):
    return [item.rule for item in table.findings if item.rule != "loader.no_sidecar"]


def failure(path, **options):
    with pytest.raises(BegleitforschungError) as error:
        read_indicators(path, **options)
    return error.value


def named(value):
    """Name a case without its bytes, which hold the time and differ between runs."""
    return value if isinstance(value, str) and value.isprintable() else "content"


@pytest.mark.parametrize(
    ("name", "content", "remarks"),
    [
        ("a.csv", TEXT, []),
        ("a.CSV", TEXT, []),
        ("a.txt", TEXT, []),
        ("a.tsv", TEXT, []),
        ("a.dat", TEXT, ["loader.misnamed"]),
        ("a", TEXT, ["loader.misnamed"]),
        ("a.xlsx", TEXT, ["loader.misnamed"]),
        ("a.parquet", TEXT, ["loader.misnamed"]),
        ("a.csv.gz", gzip.compress(TEXT.encode()), []),
        ("a.csv", gzip.compress(TEXT.encode()), []),
        ("a.zip", zipped(a_csv=TEXT), []),
        ("a.zip", zipped(a_csv=TEXT, liesmich_txt="?", ordner__="",), []),
        ("a.zip", zipped(ordner__a_CSV=TEXT), []),
        ("a.xlsx", xlsx(FRAME), []),
        ("a.xlsm", xlsx(FRAME), []),
        ("a.zip", xlsx(FRAME), ["loader.misnamed"]),
        ("a.parquet", parquet(FRAME), []),
        ("a.csv", parquet(FRAME), ["loader.misnamed"]),
        ("a.csv", "\ufeff" + TEXT, []),
        ("a.csv", "\ufeff\ufeff" + TEXT, ["loader.bom_twice"]),
        ("a.csv", TEXT[:-1], ["loader.no_final_line_end"]),
        ("a.csv", TEXT.replace("\n", "\r\n"), []),
        ("a.csv", TEXT.replace("\n", "\r"), []),
        ("a.csv", TEXT + "\n\n", []),
    ],
    ids=named,
)  # fmt: skip
def test_content_decides_and_only_a_wrong_name_or_a_flaw_is_remarked(put, name, content, remarks):
    table = read_indicators(put(content, name))
    assert table.data["value"].tolist() == VALUES
    assert table.data["row"].tolist() == [2, 3]
    assert set(table.data["file"]) == {name}
    assert rules(table) == remarks


@pytest.mark.parametrize("content", [TEXT, "\ufeff" + TEXT, TEXT[:-1]])
def test_the_checksum_is_that_of_the_file_as_it_lies_there(put, content):
    path = put(content)
    (source,) = read_indicators(path).provenance.sources()
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.zip", zipped(a_csv=TEXT, b_csv=TEXT), "a ZIP with 2 CSV files; unpack it and name one"),
        ("a.zip", zipped(a_txt=TEXT), "0 CSV files; unpack it and name one of: a.txt"),
        ("a.zip", zipped(a_csv="\ufeff \r\n"), "a.zip holds an empty file"),
        ("a.zip", zipped(a_csv=TEXT)[:60], "damaged or encrypted ZIP or XLSX file"),
        ("a.gz", gzip.compress(TEXT.encode())[:-6], "damaged gzip file"),
        ("a.gz", gzip.compress(TEXT.encode())[:12], "damaged gzip file"),
        ("a.parquet", parquet(FRAME)[:200], "a.parquet is a damaged Parquet file"),
        ("a.parquet", parquet(FRAME[:0]), "holds columns but no rows"),
        ("a.parquet", parquet(FRAME.drop(columns="value")), "columns: unit, year, indicator. For"),
        ("a.xlsx", xlsx(FRAME[["unit", "year"]]), "For a tidy table it lacks: indicator, value"),
        ("a.xlsx", xlsx(pd.DataFrame()), "Seen in row 1: empty sheets"),
        ("a.xlsx", xlsx(FRAME[:0]), "a header but no rows"),
    ],
    ids=named,
)
def test_damaged_and_empty_containers_are_called_so(put, name, content, words):
    error = failure(put(content, name))
    assert isinstance(error, SourceFileError)
    assert words in str(error)


@pytest.mark.parametrize(
    ("content", "name", "de", "en", "remedy"),
    [
        (TEXT, "a.dat", "Inhalt ist CSV, der Name sagt etwas anderes", "content is CSV, not as",
         "Rename the file (.csv)"),
        (xlsx(FRAME), "a.csv", "Inhalt ist XLSX", "content is XLSX", "Rename the file (.xlsx)"),
        (parquet(FRAME), "a.csv", "Inhalt ist Parquet", "content is Parquet", "(.parquet)"),
        ("\ufeff\ufeff" + TEXT, "a.csv", "Byte Order Mark steht mehrfach", "stands twice",
         "use the original if you can"),
        (TEXT[:-1], "a.csv", "letzte Zeile endet ohne Zeilenumbruch", "the last line has no line",
         "Compare the last line"),
    ],
)  # fmt: skip
def test_each_remark_on_a_file_is_a_warning_with_a_remedy(put, content, name, de, en, remedy):
    found = read_indicators(put(content, name)).findings[0]
    assert (found.severity, found.file) == ("warning", name)
    assert de in found.text.de
    assert en in found.text.en
    assert remedy in found.hint.en
    assert found.hint.de != found.hint.en


@pytest.mark.parametrize(
    ("encoding", "given"), [("cp1252", "cp1252"), ("latin-1", "latin-1"), ("utf-8", "UTF-8")]
)
def test_texts_are_the_same_in_every_encoding_that_is_said(put, encoding, given):
    path = put(TEXT.replace("pkw", "Größe").encode(encoding))
    table = read_indicators(path, encoding=given)
    assert list(table.indicators) == ["Größe"]


def test_the_place_of_the_first_wrong_byte_is_said(put):
    text = TEXT + "05315;2021;Straße;1,5\n"
    error = failure(put(text.encode("cp1252")))
    assert "row 4, byte 16 of the row: not UTF-8" in str(error)
    assert "read it with encoding='cp1252' and check the umlauts" in str(error)
    first = failure(put("unit;größe\n".encode("cp1252")))
    assert "row 1, byte 7 of the row" in str(first)
    wrong = failure(put(TEXT.replace("pkw", "größe")), encoding="ascii")
    assert "not ASCII" in str(wrong)


# Worksheets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number", "status"),
    [
        (1.5, 1.5, "normal"),
        (7, 7.0, "normal"),
        (2.0**60, 2.0**60, "normal"),
        (1e-7, 1e-7, "normal"),
        ("-", 0.0, "zero"),
        ("12.5", 12.5, "normal"),
        (" . ", np.nan, "unknown"),
        (None, np.nan, "missing"),
    ],
)
def test_cells_of_a_worksheet_are_numbers_or_signs(put, value, number, status):
    frame = FRAME.astype(object)
    frame.loc[0, "value"] = value
    data = read_indicators(put(xlsx(frame), "a.xlsx")).data
    np.testing.assert_array_equal(data["value"].iloc[0], number)
    assert data["status"].iloc[0] == status


def test_dates_years_and_codes_of_a_worksheet_lose_nothing(put):
    frame = FRAME.astype(object).assign(
        year=[2021.0, "2021"],
        indicator=[16011, " pkw "],
        date=[datetime(2021, 12, 31), "2021-06-30"],
    )
    table = read_indicators(put(xlsx(frame), "a.xlsx"))
    assert table.years == (2021,)
    assert set(table.indicators) == {"16011", "pkw"}
    assert table.data["date"].dt.date.tolist() == [date(2021, 12, 31), date(2021, 6, 30)]
    timed = frame.assign(date=datetime(2021, 12, 31, 12, 30))
    (found,) = failure(put(xlsx(timed), "a.xlsx")).findings
    assert (found.rule, found.value) == ("tidy.date", "2021-12-31T12:30:00")


def test_blank_rows_and_columns_of_a_worksheet_are_passed_over(put):
    blank = pd.DataFrame([[None] * 4], columns=FRAME.columns)
    spaced = pd.concat([FRAME.astype(object), blank, FRAME.astype(object).assign(year=2020)])
    table = read_indicators(put(xlsx(spaced), "a.xlsx"))
    assert table.data["row"].tolist() == [2, 3, 5, 6]
    wide = FRAME.assign(**{"": None})
    assert len(read_indicators(put(xlsx(wide), "a.xlsx"))) == 2


def test_a_worksheet_is_named_where_several_fit_or_none(put):
    stream = io.BytesIO()
    with pd.ExcelWriter(stream, engine="openpyxl") as book:
        FRAME.to_excel(book, sheet_name="daten", index=False)
        pd.DataFrame({"ags": ["1"]}).to_excel(book, sheet_name="hinweise", index=False)
    path = put(stream.getvalue(), "a.xlsx")
    assert len(read_indicators(path)) == 2
    assert "sheet 'hinweise': ags" in str(failure(path, sheet="hinweise"))
    error = failure(path, sheet="tabelle")
    assert "a.xlsx has no sheet 'tabelle'; it has: daten, hinweise" in str(error)


# Parquet --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "rows", "files"),
    [
        ({}, [2, 3], {"a.parquet"}),
        ({"row": [7, 8]}, [2, 3], {"a.parquet"}),  # a row without its file says nothing
        ({"file": "roh.csv"}, [2, 3], {"a.parquet"}),
        ({"file": "roh.csv", "row": [7, 8]}, [7, 8], {"roh.csv"}),
    ],
)
def test_places_of_a_parquet_file_are_kept_if_they_are_whole(put, columns, rows, files):
    data = read_indicators(put(parquet(FRAME.assign(**columns)), "a.parquet")).data
    assert (data["row"].tolist(), set(data["file"])) == (rows, files)


@pytest.mark.parametrize(
    ("columns", "rule", "value"),
    [
        ({"value": ["1", "viel"]}, "table.value_not_number", "viel"),
        ({"year": [2021, 20211]}, "table.year", "20211"),
        ({"status": ["", "geheim"]}, "table.status", "geheim"),
        ({"date": ["2021-12-31", "gestern"]}, "table.date", "gestern"),
    ],
)
def test_unreadable_cells_of_a_parquet_file_have_file_and_row(put, columns, rule, value):
    error = failure(put(parquet(FRAME.assign(**columns)), "a.parquet"))
    assert isinstance(error, ValidationError)
    (found,) = error.findings
    assert (found.rule, found.value, found.file, found.row) == (rule, value, "a.parquet", 3)
