"""The tidy layout: CSV, XLSX and Parquet alike; what is ambiguous is refused."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import SourceFileError, UnknownCodeError, ValidationError
from begleitforschung.loaders import read_indicators

FRAME = pd.DataFrame(
    {
        "unit": ["08421", "09761", "DG"],
        "year": [2021, 2021, 2021],
        "indicator": ["pkw", "pkw", "pkw"],
        "value": [612.5, 540.25, np.nan],
    }
)


def xlsx(frame, sheet="daten", **sheets):
    stream = io.BytesIO()
    with pd.ExcelWriter(stream, engine="openpyxl") as book:
        for name, content in {sheet: frame, **sheets}.items():
            content.to_excel(book, sheet_name=name, index=False)
    return stream.getvalue()


def parquet(frame):
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return stream.getvalue()


def test_values_signs_rows_and_status(put, tidy_text):
    data = read_indicators(put(tidy_text)).data.set_index("unit")
    assert data["value"].to_dict() == {"08421": 612.5, "09761": 540.25, "DG": 0.0}
    assert data["status"].to_dict() == {
        "08421": "normal", "09761": "preliminary", "DG": "zero"
    }  # fmt: skip
    assert data["row"].tolist() == [2, 3, 4]
    assert set(data["file"]) == {"daten.csv"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", FRAME.to_csv(index=False)),
        ("a.csv", FRAME.to_csv(index=False, sep=";", decimal=",")),
        ("a.csv", "\ufeff" + FRAME.to_csv(index=False, lineterminator="\r\n")),
        ("a.xlsx", xlsx(FRAME)),
        ("a.xlsx", xlsx(FRAME, notes=pd.DataFrame({"Hinweis": ["x"]}))),
        ("a.parquet", parquet(FRAME)),
        ("a.parquet", parquet(FRAME.astype({"unit": "category", "indicator": "category"}))),
    ],
)
def test_all_containers_give_the_same_table(put, name, content):
    table = read_indicators(put(content, name))
    data = table.data
    assert data["unit"].tolist() == ["08421", "09761", "DG"]
    assert data["value"].tolist()[:2] == [612.5, 540.25]
    assert data["status"].tolist() == ["normal", "normal", "missing"]
    assert data["row"].tolist() == [2, 3, 4]
    assert [item.rule for item in table.findings] == ["loader.no_sidecar"]


def test_one_csv_in_a_zip_is_read(put):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("tabelle.csv", FRAME.to_csv(index=False))
    assert len(read_indicators(put(stream.getvalue(), "tabelle.zip"))) == 3
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("zweite.csv", "x")
    with pytest.raises(SourceFileError, match=r"2 CSV files.*zweite\.csv"):
        read_indicators(put(stream.getvalue(), "tabelle.zip"))


def test_empty_rows_are_passed_over_and_rows_still_count_as_in_the_file(put):
    text = "unit;year;indicator;value\n\n08421;2021;pkw;1\n;;;\n09761;2021;pkw;2\n"
    assert read_indicators(put(text)).data["row"].tolist() == [3, 5]


def test_quoted_texts_may_hold_delimiters_and_line_breaks(put):
    text = 'unit,year,indicator,value\n08421,2021,"pkw, je\n1.000",1\n09761,2021,b,2\n'
    table = read_indicators(put(text))
    assert set(table.indicators) == {"pkw, je\n1.000", "b"}
    assert table.data["row"].tolist() == [2, 3]


def test_further_columns_are_not_read_and_a_finding_says_so(put):
    text = "unit;name;year;indicator;value\n08421;Ulm;2021;pkw;1\n"
    finding = read_indicators(put(text)).findings[-1]
    assert (finding.rule, finding.severity) == ("tidy.columns_ignored", "info")
    assert "name" in finding.text.en


def test_dates_stand_beside_years(put):
    text = "unit;year;indicator;value;date\n08421;2021;pkw;1;2021-12-31\n09761;2021;pkw;2;\n"
    dates = read_indicators(put(text)).data["date"]
    assert dates.tolist() == [pd.Timestamp("2021-12-31"), pd.NaT]
    with pytest.raises(ValidationError, match="not a date"):
        read_indicators(put(text.replace("2021-12-31", "31.12.2021")))


def test_a_point_that_could_stand_between_thousands_is_refused_until_said(put):
    text = "unit;year;indicator;value\n08421;2021;pkw;1.234\n09761;2021;pkw;12\n"
    with pytest.raises(ValidationError, match="decimal point or one between thousands") as error:
        read_indicators(put(text))
    assert (error.value.findings[0].row, error.value.findings[0].value) == (2, "1.234")
    assert read_indicators(put(text), decimal=".").data["value"].tolist() == [1.234, 12.0]
    clear = text.replace("12\n", "0.5\n")  # 0.5 can only be a decimal point
    assert read_indicators(put(clear)).data["value"].tolist() == [1.234, 0.5]
    commas = text.replace(";", ",")  # where commas separate, the point is the decimal sign
    assert read_indicators(put(commas)).data["value"].tolist() == [1.234, 12.0]


def test_a_decimal_comma_between_commas_is_refused(put):
    text = 'unit,year,indicator,value\n08421,2021,pkw,"1,5"\n'
    with pytest.raises(ValidationError, match="columns are separated by commas"):
        read_indicators(put(text))


def test_the_status_given_goes_before_the_sign(put):
    text = "unit;year;indicator;value;status\n08421;2021;pkw;;suppressed\n09761;2021;pkw;.;\n"
    assert read_indicators(put(text)).data["status"].tolist() == ["suppressed", "unknown"]
    with pytest.raises(ValidationError, match="unknown status") as error:
        read_indicators(put(text.replace("suppressed", "geheim")))
    assert (error.value.findings[0].row, error.value.findings[0].value) == (2, "geheim")


def test_a_number_beside_a_status_that_allows_none_is_refused(put):
    text = "unit;year;indicator;value;status\n08421;2021;pkw;5;suppressed\n"
    with pytest.raises(ValidationError, match="a number stands beside a status") as error:
        read_indicators(put(text))
    assert (error.value.findings[0].file, error.value.findings[0].row) == ("daten.csv", 2)


def test_several_tidy_sheets_ask_for_a_choice(put):
    path = put(xlsx(FRAME, sheet="2021", alt=FRAME.assign(year=2020)), "a.xlsx")
    with pytest.raises(SourceFileError, match=r"several sheets.*2021, alt.*sheet="):
        read_indicators(path)
    assert read_indicators(path, sheet="alt").years == (2020,)
    with pytest.raises(SourceFileError, match="has no sheet 'neu'"):
        read_indicators(path, sheet="neu")


def test_notes_right_of_an_xlsx_table_are_refused(put):
    noted = FRAME.astype(object).assign(**{"Unnamed": ["", "geschätzt", ""]})
    noted.columns = [*FRAME.columns, ""]
    with pytest.raises(SourceFileError, match="row 3: cells stand right of the last column"):
        read_indicators(put(xlsx(noted), "a.xlsx"))


def test_keys_that_excel_made_numbers_lose_no_zero_unseen(put):
    lost = FRAME.assign(unit=[8421, 9761, 5315])
    with pytest.raises(ValidationError, match="leading zero") as error:
        read_indicators(put(xlsx(lost), "a.xlsx"))
    assert {item.row for item in error.value.findings} == {2, 3, 4}
    with pytest.raises(ValidationError, match="leading zero is lost"):
        read_indicators(put(parquet(lost), "a.parquet"))


def test_a_source_that_does_not_exist_is_refused(put, tidy_text):
    with pytest.raises(UnknownCodeError, match="Did you mean 'genesis'"):
        read_indicators(put(tidy_text), source="genesys")
    with pytest.raises(SourceFileError, match="not in the format 'inkar_wide'"):
        read_indicators(put(tidy_text), source="inkar")
    assert len(read_indicators(put(tidy_text), source="tidy")) == 3


def test_equal_content_and_options_give_equal_fingerprints(put, tidy_text):
    first = read_indicators(put(tidy_text)).provenance.fingerprint
    assert read_indicators(put(tidy_text)).provenance.fingerprint == first
    other = tidy_text.replace("612,5", "612,6")
    assert read_indicators(put(other)).provenance.fingerprint != first
    assert read_indicators(put(tidy_text), decimal=",").provenance.fingerprint != first
