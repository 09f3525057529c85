"""Damaged files: each is named with file, row, column and remedy, and nothing half is kept."""

import io
import zipfile

import pandas as pd
import pytest

from begleitforschung.errors import BegleitforschungError, SourceFileError, ValidationError
from begleitforschung.loaders import read_indicators

HEAD = "unit;year;indicator;value\n"
ROWS = "08421;2021;pkw;612,5\n09761;2021;pkw;540,25\n08416;2021;pkw;7,5\n"
GOOD = HEAD + ROWS


def failure(path, **options):
    with pytest.raises(BegleitforschungError) as error:
        read_indicators(path, **options)
    return error.value


def test_missing_file_and_folder(tmp_path):
    assert "does not exist. Check the spelling" in str(failure(tmp_path / "fehlt.csv"))
    assert "is a folder; name one file" in str(failure(tmp_path))


@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_empty_file(put, content):
    assert "daten.csv is empty; fetch it again" in str(failure(put(content)))


def test_header_only(put):
    for text in (HEAD, HEAD.strip(), HEAD + ";;;\n"):
        assert "a header but no rows" in str(failure(put(text)))


@pytest.mark.parametrize(("sign", "word"), [("\t", "tab"), ("|", "vertical bar")])
def test_wrong_delimiter_in_the_whole_file(put, sign, word):
    error = failure(put(GOOD.replace(";", sign)))
    assert f"row 1: columns are separated by {word}" in str(error)
    assert "by semicolon or comma" in str(error)


def test_wrong_delimiter_of_a_publisher_file(genesis, row, put):
    text = genesis(row("08421", "5")).read_text("utf-8").replace(";", ",")
    error = failure(put(text))
    assert "GENESIS flat file (ffcsv, layout of 2025) separates them by semicolon" in str(error)


def test_wrong_delimiter_below_the_header(put):
    error = failure(put(HEAD + ROWS.replace(",", ".").replace(";", ",")))
    (finding,) = error.findings
    assert (finding.row, finding.n, finding.rows) == (2, 3, (2, 3, 4))
    assert "delimiters of header and rows differ" in finding.hint.en


def test_cp1252_is_located_and_read_when_said(put):
    text = GOOD.replace("09761;2021;pkw", "09761;2021;größe")
    path = put(text.encode("cp1252"))
    error = failure(path)
    assert "daten.csv, row 3, byte 14 of the row: not UTF-8" in str(error)
    assert "encoding='cp1252'" in str(error)
    table = read_indicators(path, encoding="cp1252")
    assert set(table.indicators) == {"größe", "pkw"}
    assert "encoding='klingon' is unknown" in str(failure(path, encoding="klingon"))


def test_lost_leading_zero(put):
    (finding,) = failure(put(GOOD.replace("08421", "8421"))).findings
    assert (finding.file, finding.row, finding.column, finding.value) == (
        "daten.csv", 2, "unit", "8421"
    )  # fmt: skip
    assert "leading zero lost" in finding.text.en
    assert "Read keys as text" in finding.hint.en


def test_duplicate_keys(put):
    (finding,) = failure(put(GOOD + "08421;2021;pkw;1,5\n")).findings
    assert (finding.file, finding.row, finding.rows) == ("daten.csv", 2, (2, 5))
    assert finding.key == "08421 / 2021 / pkw"
    assert "Remove the duplicates" in finding.hint.en


def test_text_in_a_number_column(put):
    error = failure(put(GOOD.replace("540,25", "k. A.") + "05315;2021;pkw;zwölf\n"))
    (finding,) = error.findings
    assert (finding.row, finding.column, finding.value, finding.rows) == (
        3, "value", "k. A.", (3, 5)
    )  # fmt: skip
    assert "Give a number or a sign" in finding.hint.en


def test_text_in_the_year(put):
    (finding,) = failure(put(GOOD.replace("09761;2021", "09761;21"))).findings
    assert (finding.row, finding.column, finding.value) == (3, "year", "21")


def test_all_problems_come_at_once(put):
    text = GOOD.replace("08421", "8421").replace("540,25", "?").replace("08416;2021", "08416;x")
    columns = {item.column for item in failure(put(text)).findings}
    assert columns == {"unit", "value", "year"}


def test_truncated_last_line(put):
    (finding,) = failure(put(GOOD[: GOOD.rindex(";")])).findings
    assert (finding.row, finding.file) == (4, "daten.csv")
    assert "the last line is cut off" in finding.text.en
    assert "Fetch the file again" in finding.hint.en


def test_truncation_within_the_last_number_is_remarked(put):
    table = read_indicators(put(GOOD[:-3]))
    (finding,) = [i for i in table.findings if i.rule == "loader.no_final_line_end"]
    assert (finding.severity, finding.row) == ("warning", 4)


def test_a_row_with_more_cells(put):
    (finding,) = failure(put(GOOD.replace("540,25", "540,25;neu"))).findings
    assert finding.row == 3
    assert finding.text.en == "5 cells instead of 4"


def test_an_open_quote(put):
    (finding,) = failure(put(GOOD.replace("09761", '"09761'))).findings
    assert finding.row == 3
    assert "close open quotes" in finding.hint.en


def test_decimal_point_among_decimal_commas(put):
    (finding,) = failure(put(GOOD.replace("540,25", "540.25"))).findings
    assert (finding.row, finding.column, finding.value) == (3, "value", "540.25")
    assert "mixed" in finding.text.en


def test_nul_bytes(put):
    error = failure(put(GOOD.encode().replace(b"540", b"5\x0040")))
    assert "daten.csv, row 3: the file holds NUL bytes" in str(error)


def test_utf16(put):
    assert "text in UTF-16" in str(failure(put(GOOD.encode("utf-16"))))


def test_byte_order_mark_twice_is_remarked(put):
    table = read_indicators(put("\ufeff\ufeff" + GOOD))
    assert len(table) == 3
    assert "loader.bom_twice" in [item.rule for item in table.findings]


def test_xlsx_renamed_to_csv_is_read_as_what_it_is_and_remarked(put):
    stream = io.BytesIO()
    frame = pd.read_csv(io.StringIO(GOOD), sep=";", decimal=",", dtype={"unit": str})
    frame.to_excel(stream, index=False)
    table = read_indicators(put(stream.getvalue(), "daten.csv"))
    assert table.data["value"].tolist() == [612.5, 540.25, 7.5]
    (finding,) = [item for item in table.findings if item.rule == "loader.misnamed"]
    assert "content is XLSX" in finding.text.en
    assert "Rename" in finding.hint.en


def test_damaged_containers(put):
    stream = io.BytesIO()
    pd.DataFrame({"unit": ["08421"], "year": 1, "indicator": "a", "value": 1}).to_excel(stream)
    whole = stream.getvalue()
    assert "damaged or encrypted" in str(failure(put(whole[: len(whole) // 2], "a.xlsx")))
    assert "damaged Parquet" in str(failure(put(b"PAR1 and nothing more", "a.parquet")))
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("leer.csv", "")
    assert "holds an empty file" in str(failure(put(empty.getvalue(), "a.zip")))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old excel", "is a damaged XLS"),
        (b"%PDF-1.7 ...", "is no table but PDF"),
        (b"<!DOCTYPE html><p>Fehler", "probably an error page"),
        (b'{"Status": {"Code": 104}}', "answer of the server"),
        (b"\x1f\x8b....", "is a damaged gzip file"),
        (b"GENESIS-Tabelle: 12411-01-01-4\n", "a classic GENESIS table has title lines"),
        (b"Bereich;ID;Kuerzel;Indikator\n", "INKAR long CSV"),
    ],
)
def test_known_but_unread_formats_are_called_by_their_name(put, content, words):
    assert words in str(failure(put(content)))


def test_unknown_content_says_what_was_seen_and_what_is_known(put):
    error = failure(put("ags;jahr;indicator;wert\n08421;2021;pkw;1\n"))
    assert isinstance(error, SourceFileError)
    text = str(error)
    assert "Seen in row 1: columns separated by semicolon: ags, jahr, indicator, wert" in text
    assert "For a tidy table it lacks: unit, year, value" in text
    assert "INKAR wide export" in text
    near = str(failure(put("units;year;indicator;value\n08421;2021;pkw;1\n")))
    assert "Is 'units' meant as 'unit'?" in near


def test_names_that_stand_twice_or_are_missing(put):
    assert "columns stand twice: value" in str(failure(put(GOOD.replace("value", "value;value"))))
    assert "a column has no name" in str(failure(put(GOOD.replace("value", "value;"))))


def test_messages_are_of_our_own_classes(put):
    for text in (GOOD.replace("08421", ""), GOOD.replace("pkw", ""), "unit\x01;\x02"):
        assert isinstance(failure(put(text)), SourceFileError | ValidationError)
