"""What stands in the files that are written, and what a processed file says when it was changed."""

import csv
import io
import json
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from begleitforschung.errors import Finding, SourceFileError, ValidationError
from begleitforschung.language import Text
from begleitforschung.loaders import read_indicators, read_sidecar, write_indicators
from begleitforschung.provenance import Provenance, Source
from begleitforschung.tables import Indicator, assemble

ROWS = [
    ("08421", 2021, "a", 612.5, "normal"),
    ("09761", 2021, "a", np.nan, "suppressed"),
    ("01001", 2021, "a", 0.0, "zero"),
    ("DG", 2021, "b;c", 0.1 + 0.2, "estimated"),
]
REMARK = Finding(
    rule="x.y", severity="info", text=Text("Anmerkung", "remark"), hint=Text("tun", "do"),
    file="roh.csv", row=3, column="value", key="k", value="v", n=2, rows=(3, 4),
)  # fmt: skip


def table_of(rows=ROWS, sources=None, **steps):
    sources = sources or [Source(publisher="Amt", title="Tafel", file="roh.csv")]
    tidy = pd.DataFrame(rows, columns=["unit", "year", "indicator", "value", "status"])
    return assemble(
        tidy.assign(file="roh.csv", row=np.arange(2, len(rows) + 2)),
        indicators=[Indicator(id="a", title={"de": "A", "en": "A (en)"}, unit_of_measure="%")],
        gebietsstand="2021-12-31",
        provenance=Provenance.of("read_indicators", *sources, **steps),
        findings=[REMARK],
    )


# What stands in the files ---------------------------------------------------------------------


def test_a_csv_is_what_any_program_reads(tmp_path):
    path = write_indicators(table_of(), tmp_path / "t.csv")
    content = path.read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.endswith(b"\n")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["unit", "year", "indicator", "value", "status"],
        ["08421", "2021", "a", "612.5", "normal"],
        ["09761", "2021", "a", "", "suppressed"],
        ["01001", "2021", "a", "0", "zero"],
        ["DG", "2021", "b;c", "0.30000000000000004", "estimated"],
    ]


@pytest.mark.parametrize("code", ["a,b", 'a"b', "a\nb", "=1+1", "ä ö ß", "a'b", "-1", "1,5"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_codes_with_any_signs_come_back(tmp_path, code, suffix):
    table = table_of([("DG", 2021, code, 1.5, "normal")])
    path = write_indicators(table, tmp_path / f"t{suffix}")
    assert list(read_indicators(path).indicators) == [code]


def test_a_worksheet_holds_texts_as_texts_and_numbers_as_numbers(tmp_path):
    table = table_of([*ROWS, ("DG", 2020, "=1+1", 7.0, "normal")])
    path = write_indicators(table, tmp_path / "t.xlsx")
    (sheet,) = openpyxl.load_workbook(path).worksheets
    assert sheet.title == "indicators"
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == ["unit", "year", "indicator", "value", "status"]
    assert [cell.value for cell in rows[1]] == ["08421", 2021, "a", 612.5, "normal"]
    assert [cell.data_type for cell in rows[1]] == ["s", "n", "s", "n", "s"]
    assert rows[2][3].value is None
    assert (rows[5][2].value, rows[5][2].data_type) == ("=1+1", "s")


def test_workbooks_hold_no_time_and_no_name(tmp_path):
    path = write_indicators(table_of(), tmp_path / "t.xlsx")
    with zipfile.ZipFile(path) as book:
        assert {item.date_time for item in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = book.read("docProps/core.xml").decode()
    assert not any(word in core for word in ("creator", "created", "modified"))


def test_control_characters_have_no_place_in_a_worksheet(tmp_path):
    table = table_of([("DG", 2021, "a\x01b", 1.0, "normal")])
    with pytest.raises(SourceFileError, match=r"t\.xlsx: an indicator's code holds control"):
        write_indicators(table, tmp_path / "t.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".CSV", ".Xlsx", ".PARQUET"])
def test_suffixes_may_be_written_in_capitals(tmp_path, suffix):
    path = write_indicators(table_of(), tmp_path / f"t{suffix}")
    assert path.name == f"t{suffix}"
    assert len(read_indicators(path)) == 4


@pytest.mark.parametrize("name", ["t", "t.xls", "t.json", "t.csv.gz"])
def test_other_suffixes_are_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(SourceFileError, match=r"write \.csv, \.xlsx or \.parquet, not"):
        write_indicators(table_of(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_frame_that_is_no_table_is_not_written(tmp_path):
    with pytest.raises(ValidationError):
        write_indicators(pd.DataFrame({"x": [1]}), tmp_path / "t.csv")
    assert list(tmp_path.iterdir()) == []


def test_existing_files_are_replaced_and_paths_may_be_texts(tmp_path):
    path = str(tmp_path / "t.csv")
    write_indicators(table_of(), path)
    write_indicators(table_of(ROWS[:1]), path)
    assert len(read_indicators(path)) == 1
    assert sorted(item.name for item in tmp_path.iterdir()) == ["t.csv", "t.csv.meta.yaml"]


# Sidecar --------------------------------------------------------------------------------------


def test_the_sidecar_hands_on_source_meanings_and_state(tmp_path):
    origin = Source(
        publisher="Amt", title="Tafel", edition="2024", licence="dl-de/by-2-0",
        licence_url="https://www.govdata.de/dl-de/by-2-0", attribution="© Amt", file="roh.csv",
        url="https://amt.example", retrieved="2024-05-01", changes="gekürzt",
    )  # fmt: skip
    found = read_sidecar(write_indicators(table_of(sources=[origin]), tmp_path / "t.csv"))
    for name in ("publisher", "title", "edition", "licence", "licence_url", "attribution", "url"):
        assert getattr(found.source, name) == getattr(origin, name)
    assert (found.source.retrieved, found.source.changes) == ("2024-05-01", "gekürzt")
    assert found.gebietsstand == "2021-12-31"
    assert found.indicators[0] == table_of().indicator("a")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t, ""),
        (lambda t: t.select(years=2021), "Bearbeitet: select"),
        (lambda t: t.select(years=2021).describe(t.indicator("a")), "Bearbeitet: select, describe"),
    ],
)
def test_operations_stand_under_changes(tmp_path, change, said):
    path = write_indicators(change(table_of()), tmp_path / "t.csv")
    assert read_sidecar(path).source.changes == said


def test_several_sources_are_one_with_every_part_named_once(tmp_path):
    sources = [
        Source(publisher="Amt", title="Eins", licence="L", file="1.csv"),
        Source(publisher="Amt", title="Zwei", licence="", file="2.csv"),
        Source(publisher="Institut", title="Eins", licence="L", file="3.csv"),
    ]
    found = read_sidecar(write_indicators(table_of(sources=sources), tmp_path / "t.csv")).source
    assert (found.publisher, found.title, found.licence) == ("Amt; Institut", "Eins; Zwei", "L")


@pytest.mark.parametrize(
    ("grades", "written"),
    [
        ((), "public"),
        (("internal",), "internal"),
        (("personal", "internal"), "personal"),
        (("internal", "confidential"), "confidential"),
    ],
)
def test_the_strictest_confidentiality_of_all_sources_counts(tmp_path, grades, written):
    tables = [
        table_of([("DG", 2000 + at, "a", 1.0, "normal")], confidentiality=grade)
        for at, grade in enumerate(grades)
    ] or [table_of()]
    path = write_indicators(tables[0].join(*tables[1:]), tmp_path / "t.csv")
    assert read_sidecar(path).confidentiality == written


def test_confidential_columns_stay_confidential_if_they_are_written(tmp_path):
    table = table_of(confidential=["value", "name", "unit"])
    found = read_sidecar(write_indicators(table, tmp_path / "t.csv"))
    assert found.confidential == ("unit", "value")


# Processed tables -----------------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path):
    return write_indicators(table_of().select(years=2021), tmp_path / "t.parquet")


def test_a_processed_table_is_the_table_again(parquet):
    given, back = table_of().select(years=2021), read_indicators(parquet)
    pd.testing.assert_frame_equal(back.data, given.data)
    assert back.findings == (REMARK,)
    assert dict(back.indicators) == dict(given.indicators)
    assert back.provenance == given.provenance
    assert back.gebietsstand == "2021-12-31"


def test_the_description_of_a_processed_table_is_readable_json(parquet):
    text = parquet.with_name("t.meta.json").read_text("utf-8")
    content = json.loads(text)
    assert text.endswith("}\n")
    assert list(content) == [
        "format", "sha256", "gebietsstand", "indicators", "findings", "provenance"
    ]  # fmt: skip
    assert content["format"] == "begleitforschung.indicators"
    assert content["indicators"][0] == {
        "id": "a", "title": {"de": "A", "en": "A (en)"}, "unit_of_measure": "%"
    }  # fmt: skip
    assert content["provenance"]["operation"] == "select"


@pytest.mark.parametrize(
    ("entry", "value", "said"),
    [
        (["sha256"], "0" * 64, "is not the file that t.meta.json describes"),
        (["provenance", "operation"], "join", "the provenance was changed"),
        (["provenance", "parameters", "years"], [1999], "the provenance was changed"),
        (["provenance", "inputs"], [], "the provenance was changed"),
        (["indicators"], None, "t.meta.json is damaged"),
        (["indicators", 0, "decimals"], 99, "t.meta.json is damaged"),
        (["indicators", 0, "titel"], "A", "t.meta.json is damaged"),
        (["findings", 0, "unknown"], 1, "t.meta.json is damaged"),
        (["findings"], ["x"], "t.meta.json is damaged"),
        (["provenance"], "select", "t.meta.json is damaged"),
    ],
)
def test_a_changed_description_is_refused_with_the_remedy(parquet, entry, value, said):
    path = parquet.with_name("t.meta.json")
    meta = part = json.loads(path.read_text("utf-8"))
    for key in entry[:-1]:
        part = part[key]
    part[entry[-1]] = value
    path.write_text(json.dumps(meta), "utf-8")
    with pytest.raises(SourceFileError, match=said) as error:
        read_indicators(parquet)
    assert "Write t.parquet again with write_indicators" in str(error.value)


def test_a_changed_file_is_refused_and_without_description_it_is_a_raw_file(parquet):
    data = pd.read_parquet(parquet)
    other = io.BytesIO()
    data.assign(value=data["value"] * 2).to_parquet(other)
    parquet.write_bytes(other.getvalue())
    with pytest.raises(SourceFileError, match="is not the file that"):
        read_indicators(parquet)
    parquet.with_name("t.meta.json").unlink()
    raw = read_indicators(parquet)
    assert raw.provenance.operation == "read_indicators"
    assert "loader.no_sidecar" in [item.rule for item in raw.findings]
    assert raw.gebietsstand == "unknown"
