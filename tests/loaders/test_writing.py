"""What is written comes back the same, whole or not at all."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders import read_indicators, write_indicators
from begleitforschung.provenance import Provenance, Source
from begleitforschung.tables import Indicator, assemble, statuses

SUFFIXES = (".csv", ".xlsx", ".parquet")
COLUMNS = ["unit", "year", "indicator", "value", "status"]
UNITS = ("DG", "01", "010", "08421", "09761000", "010595974", "010595974083", "S1-01")

names = st.text(
    st.characters(exclude_categories=("C", "Z"), include_characters=" ;,\"'=\n"), min_size=1
).filter(lambda text: text == text.strip())
numbers = st.floats(allow_nan=False, allow_infinity=False)
days = st.none() | st.dates(date(1950, 1, 1), date(2099, 12, 31))


@st.composite
def tables(draw):
    keys = st.tuples(st.sampled_from(UNITS), st.integers(1900, 2100), names)
    rows = []
    dated = draw(st.booleans())
    for unit, year, indicator in draw(st.lists(keys, min_size=1, max_size=8, unique=True)):
        status = draw(st.sampled_from(list(statuses().values())))
        value = {"required": draw(numbers), "absent": np.nan, "zero": 0.0}[status.value]
        rows.append((unit, year, indicator, value, status.code))
    tidy = pd.DataFrame(rows, columns=COLUMNS)
    if dated:
        tidy["date"] = pd.to_datetime(pd.Series([draw(days) for _ in rows], dtype=object))
    first = Indicator(id=rows[0][2], title="Titel: 1", decimals=3, valid_min=-0.5)
    source = Source(publisher="Amt", title="Tafel", licence="dl-de/by-2-0", sha256="0" * 64)
    return assemble(
        tidy,
        indicators=[first],
        gebietsstand=draw(st.sampled_from(["unknown", "2021-12-31"])),
        provenance=Provenance.of("read_indicators", source),
    )


def rows_of(table):
    kept = [*COLUMNS, "date"] if "date" in table.data else COLUMNS
    return table.data[kept].astype({"unit": str, "indicator": str})


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(table=tables())
def test_a_table_comes_back_exactly(tmp_path, suffix, table):
    path = write_indicators(table, tmp_path / f"t{suffix}")
    back = read_indicators(path)
    pd.testing.assert_frame_equal(rows_of(back), rows_of(table), check_exact=True)
    assert dict(back.indicators) == dict(table.indicators)
    assert back.gebietsstand == table.gebietsstand
    bits = [item.data["value"].to_numpy().view(np.int64) for item in (back, table)]
    number = ~np.isnan(table.data["value"].to_numpy())
    assert (bits[0][number] == bits[1][number]).all() or suffix == ".xlsx"  # -0.0 of a worksheet


@pytest.fixture
def table(put, tidy_text):
    return read_indicators(put(tidy_text, "roh.csv"), gebietsstand="2021-12-31")


def test_parquet_keeps_the_whole_provenance_and_the_place_of_each_figure(table, tmp_path):
    part = table.select(units=["08421", "DG"])
    back = read_indicators(write_indicators(part, tmp_path / "teil.parquet"))
    assert back.provenance == part.provenance
    assert back.provenance.fingerprint == part.provenance.fingerprint
    pd.testing.assert_frame_equal(back.data, part.data)
    assert back.findings == part.findings
    assert set(back.data["file"]) == {"roh.csv"}
    meta = json.loads((tmp_path / "teil.meta.json").read_text("utf-8"))
    assert meta["provenance"]["fingerprint"] == part.provenance.fingerprint


def test_the_sidecar_of_a_csv_says_source_checksum_and_operations(table, tmp_path):
    path = write_indicators(table.select(units="08421"), tmp_path / "teil.csv")
    described = yaml.safe_load((tmp_path / "teil.csv.meta.yaml").read_text("utf-8"))
    assert described["source"]["publisher"] == "unbekannt"
    assert described["source"]["changes"] == "Bearbeitet: select"
    assert described["gebietsstand"] == "2021-12-31"
    back = read_indicators(path)
    assert back.provenance.sources()[0].sha256 == described["source"]["sha256"]
    assert back.findings == ()
    assert path.read_text("utf-8").splitlines()[0] == "unit,year,indicator,value,status"


def test_several_sources_are_named_together(table, put, tmp_path, tidy_text):
    other = read_indicators(
        put(tidy_text.replace("pkw", "lkw"), "zwei.csv"), gebietsstand="2021-12-31"
    )
    write_indicators(table.join(other), tmp_path / "beide.csv")
    described = yaml.safe_load((tmp_path / "beide.csv.meta.yaml").read_text("utf-8"))["source"]
    assert described["title"] == "roh.csv; zwei.csv"
    given = Source(publisher="Institut", title="Eigene Zusammenstellung")
    write_indicators(table.join(other), tmp_path / "genannt.csv", source=given)
    described = yaml.safe_load((tmp_path / "genannt.csv.meta.yaml").read_text("utf-8"))["source"]
    assert described["publisher"] == "Institut"


def test_confidentiality_is_handed_on(put, tidy_text, tmp_path):
    raw = put(tidy_text, "geheim.csv")
    (tmp_path / "geheim.csv.meta.yaml").write_text(
        "source: {publisher: A, title: B}\nconfidentiality: personal\nconfidential: [value]\n"
    )
    write_indicators(read_indicators(raw).select(years=2021), tmp_path / "kopie.csv")
    described = yaml.safe_load((tmp_path / "kopie.csv.meta.yaml").read_text("utf-8"))
    assert (described["confidentiality"], described["confidential"]) == ("personal", ["value"])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_equal_tables_give_equal_bytes(table, tmp_path, suffix):
    paths = [write_indicators(table, tmp_path / f"{name}{suffix}") for name in "ab"]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_dataframe_is_written_too(tmp_path):
    frame = pd.DataFrame({"ags": ["08421"], "year": [2021], "pkw": [1.5]})
    assert read_indicators(write_indicators(frame, tmp_path / "t.csv")).units == ("08421",)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_partial_is_left_when_writing_fails(table, tmp_path, suffix, monkeypatch):
    target = tmp_path / "ziel"
    target.mkdir()
    before = write_indicators(table, target / f"t{suffix}").read_bytes()
    files = sorted(path.name for path in target.iterdir())

    def broken(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", broken)
    with pytest.raises(SourceFileError, match=r"can't be written.*No space left"):
        write_indicators(table.select(units="DG"), target / f"t{suffix}")
    assert sorted(path.name for path in target.iterdir()) == files
    assert (target / f"t{suffix}").read_bytes() == before


@pytest.mark.parametrize("locked", ["t.csv", "t.csv.meta.yaml"])
@pytest.mark.parametrize("step", ["aside", "in place"])
def test_file_and_sidecar_stay_together_if_one_is_locked(
    table, tmp_path, monkeypatch, locked, step
):
    write_indicators(table, tmp_path / "t.csv")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    original, failed = Path.replace, []

    def replace(self, target):
        there = (self.parent.name == "new") is (step == "in place")
        if not failed and there and Path(target).name == locked:
            failed.append(self)
            raise PermissionError(13, "Permission denied", str(self))
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(SourceFileError, match="Close it in other programs"):
        write_indicators(table.select(units="DG"), tmp_path / "t.csv")
    assert failed
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_damaged_file_is_never_read_in_part(table, tmp_path):
    path = write_indicators(table, tmp_path / "t.parquet")
    meta = tmp_path / "t.meta.json"
    good = meta.read_text("utf-8")
    meta.write_text(good.replace('"sha256": "', '"sha256": "f', 1), "utf-8")
    with pytest.raises(SourceFileError, match="is not the file that"):
        read_indicators(path)
    meta.write_text(good.replace("roh.csv", "anders.csv"), "utf-8")
    with pytest.raises(SourceFileError, match="the provenance was changed"):
        read_indicators(path)
    meta.write_text(good[:-20], "utf-8")
    with pytest.raises(SourceFileError, match=r"meta\.json is damaged"):
        read_indicators(path)


def test_what_cannot_be_written_is_refused(table, tmp_path):
    with pytest.raises(SourceFileError, match=r"write \.csv, \.xlsx or \.parquet"):
        write_indicators(table, tmp_path / "t.txt")
    with pytest.raises(SourceFileError, match="does not exist; create it first"):
        write_indicators(table, tmp_path / "fehlt" / "t.csv")


def test_a_worksheet_holds_a_million_rows(table, tmp_path, monkeypatch):
    monkeypatch.setattr("begleitforschung.loaders.writing._XLSX_ROWS", 2)
    with pytest.raises(SourceFileError, match="the table has 3"):
        write_indicators(table, tmp_path / "t.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["roh.csv"]
