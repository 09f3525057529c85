"""Corrections: strict files, applied only where the old value is found, listed, never silent."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from begleitforschung.catalogue import Label
from begleitforschung.errors import CatalogueError, CorrectionError, SourceFileError
from begleitforschung.provenance import Provenance, file_sha256
from begleitforschung.tables import Indicator, IndicatorTable, assemble
from begleitforschung.validation import (
    Correction,
    Corrections,
    apply_corrections,
    read_corrections,
    validate,
)

HEADER = "unit,year,indicator,field,old,new,reason,author,date\n"
WHO = "Tippfehler,A. Beck,2026-11-20\n"


def write(path: Path, *lines: str, header: str = HEADER, who: str = WHO) -> Path:
    path = path / "korrekturen.csv"
    path.write_text(
        header + "".join(f"{line},{who}" for line in lines), encoding="utf-8", newline="\n"
    )
    return path


@pytest.fixture
def cars(table) -> IndicatorTable:
    rows = [
        ("01001", 2020, "cars", 437.11),
        ("01002", 2020, "cars", None),
        ("01003", 2020, "cars", 0.0),
        ("01004", 2020, "cars", 5.0),
    ]
    status = {1: "unknown", 2: "zero", 3: "preliminary"}
    return table(rows, status=status, cars={"unit_of_measure": "Pkw"})


def cell(table: IndicatorTable, unit: str) -> tuple[float, str]:
    row = table.data[table.data["unit"] == unit].iloc[0]
    return float(row["value"]), str(row["status"])


def test_values_statuses_and_meanings_are_corrected(cars: IndicatorTable, tmp_path: Path):
    path = write(
        tmp_path,
        "01001,2020,cars,value,437.110,473.11",
        "01002,2020,cars,value,unknown,12.5",
        "01003,2020,cars,value,zero,missing",
        "01004,2020,cars,status,preliminary,revised",
        ",,cars,unit_of_measure,Pkw,Pkw je 1.000 Einwohner",
    )
    new, findings = apply_corrections(cars, path)
    assert cell(new, "01001") == (473.11, "normal")
    assert cell(new, "01002") == (12.5, "normal")
    assert pd.isna(cell(new, "01003")[0])
    assert cell(new, "01003")[1] == "missing"
    assert cell(new, "01004") == (5.0, "revised")
    assert new.indicator("cars").unit_of_measure == "Pkw je 1.000 Einwohner"
    assert cell(cars, "01001") == (437.11, "normal")
    assert [item.value for item in findings][:2] == ["437.110 → 473.11", "unknown → 12.5"]
    assert findings[0].file == "kreise.csv"
    assert findings[0].row == 2
    assert new.findings == findings
    node = new.provenance
    assert node.operation == "apply_corrections"
    assert ("sha256", file_sha256(path)) in node.parameters
    assert ("applied", 5) in node.parameters


def test_a_preliminary_value_stays_preliminary(cars: IndicatorTable, tmp_path: Path):
    new, _ = apply_corrections(cars, write(tmp_path, "01004,2020,cars,value,5,6"))
    assert cell(new, "01004") == (6.0, "preliminary")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("01001,2020,cars,value,437.1,5", "another value stands there"),
        ("01001,2020,cars,value,437,5", "another value stands there"),
        ("01001,2020,cars,value,missing,5", "another value stands there"),
        ("01003,2020,cars,value,0,5", "another value stands there"),
        ("01001,2020,cars,value,400,437.11", "the new value stands there already"),
        ("01001,2021,cars,value,437.11,5", "no such cell"),
        ("01009,2020,cars,value,437.11,5", "no such cell"),
        ("01001,2020,cras,value,437.11,5", "no such indicator"),
        ("01001,2020,cars,status,preliminary,revised", "another value stands there"),
        (",,cras,unit_of_measure,Pkw,Autos", "no such indicator"),
        (",,cars,unit_of_measure,Autos,Wagen", "another value stands there"),
    ],
)
def test_nothing_is_applied_where_the_old_value_is_not_found(
    cars: IndicatorTable, tmp_path: Path, line: str, complaint: str
):
    path = write(tmp_path, "01004,2020,cars,value,5,6", line)
    with pytest.raises(CorrectionError, match="none was") as caught:
        apply_corrections(cars, path)
    assert complaint in str(caught.value)
    assert "korrekturen.csv, row 3" in str(caught.value)
    new, findings = apply_corrections(cars, path, on_refusal="report")
    assert [item.rule for item in findings] == ["correction.applied", "correction.refused"]
    assert findings[1].severity == "error"
    assert cell(new, "01004") == (6.0, "preliminary")
    assert cell(new, "01001") == cell(cars, "01001")


def test_all_refusals_are_listed_at_once(cars: IndicatorTable, tmp_path: Path):
    path = write(tmp_path, "01001,2020,cars,value,1,2", "01004,2020,cars,value,1,2")
    with pytest.raises(CorrectionError, match="2 of 2") as caught:
        apply_corrections(cars, path)
    assert caught.value.failures["value"].tolist() == ["437.11", "5"]


def test_a_correction_is_never_applied_twice(cars: IndicatorTable, tmp_path: Path):
    path = write(tmp_path, "01001,2020,cars,value,437.11,473.11")
    once, _ = apply_corrections(cars, path)
    with pytest.raises(CorrectionError, match="stands there already"):
        apply_corrections(once, path)
    again, _ = apply_corrections(once, path, on_refusal="report")
    assert again is once


def test_a_cell_with_figures_of_several_dates_is_ambiguous(tmp_path: Path):
    frame = pd.DataFrame({"unit": "01001", "year": 2020, "indicator": "cars", "value": [1.0, 1.0]})
    frame["date"] = ["2020-06-30", "2020-12-31"]
    report = validate(frame, corrections=write(tmp_path, "01001,2020,cars,value,1,2"))
    assert report.errors[0].text.en.startswith("correction not applied: several cells")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("01001,2020,cars,worth,1,2", "value"),
        ("01001,2020,cars,value,1,", "required"),
        ("01001,2020,cars,value,,2", "'old' are required"),
        (",2020,cars,value,1,2", "'unit', 'year'"),
        ("01001,2020,cars,value,1 000,2", "a value is a number"),
        ("01001,2020,cars,value,1,normal", "a value is a number"),
        ("01001,2020,cars,value,1,1", "the same"),
        ("01001,2020,cars,status,normal,missing", "correct the field 'value'"),
        ("01001,2020,cars,status,normal,gut", "a status is one of"),
        ("01001,2020,cars,unit_of_measure,a,b", "no unit, no year"),
    ],
)
def test_a_malformed_correction_is_refused_with_its_row(tmp_path: Path, line: str, complaint: str):
    with pytest.raises(CatalogueError, match=r"korrekturen\.csv, row 2") as caught:
        read_corrections(write(tmp_path, line))
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    "who", ["Grund,A. Beck,\n", "Grund,,2026-11-20\n", ",A. Beck,2026-11-20\n", "a,b,20.11.2026\n"]
)
def test_reason_author_and_date_are_required(tmp_path: Path, who: str):
    with pytest.raises(CatalogueError, match="row 2"):
        read_corrections(write(tmp_path, "01001,2020,cars,value,1,2", who=who))


def test_a_cell_is_corrected_once_per_file(tmp_path: Path):
    lines = ["01001,2020,cars,value,1,2", "01001,2020,cars,value,2,3"]
    with pytest.raises(CatalogueError, match=r"row 3, .*corrected twice"):
        read_corrections(write(tmp_path, *lines))


def test_german_files_with_semicolon_and_decimal_comma(cars: IndicatorTable, tmp_path: Path):
    path = tmp_path / "korrekturen.csv"
    head, who = HEADER.replace(",", ";"), WHO.replace(",", ";")
    path.write_text("\ufeff" + head + "\n01001;2020;cars;value;437,11;473,5;" + who, "utf-8")
    read = read_corrections(path)
    assert read.rows == (3,)
    assert cell(apply_corrections(cars, read)[0], "01001")[0] == 473.5
    mixed = head + "01001;2020;cars;value;437,11;473.5;" + who
    path.write_text(mixed, encoding="utf-8")
    with pytest.raises(CatalogueError, match="mixed"):
        read_corrections(path)


def test_yaml_means_the_same_as_csv(tmp_path: Path):
    path = tmp_path / "korrekturen.yaml"
    path.write_text(
        "corrections:\n  - unit: 01001\n    year: 2020\n    indicator: cars\n    field: value\n"
        "    old: 437.110\n    new: 473.11\n    reason: Tippfehler\n    author: A. Beck\n"
        "    date: 2026-11-20\n",
        encoding="utf-8",
    )
    from_yaml = read_corrections(path)
    from_csv = read_corrections(write(tmp_path, "01001,2020,cars,value,437.110,473.11"))
    assert from_yaml.entries == from_csv.entries
    assert from_yaml.rows == (2,)


def test_other_files_are_refused(tmp_path: Path):
    with pytest.raises(SourceFileError, match="does not exist"):
        read_corrections(tmp_path / "korrekturen.csv")
    with pytest.raises(SourceFileError, match=r"\.csv, \.yaml or \.yml"):
        read_corrections(tmp_path / "korrekturen.xlsx")


def plain(values: list[float | None]) -> IndicatorTable:
    frame = pd.DataFrame({"unit": [f"{i:05d}" for i in range(1001, 1001 + len(values))]})
    frame = frame.assign(year=2020, indicator="x", value=pd.array(values, "Float64"))
    return assemble(
        frame,
        indicators=[Indicator(id="x", title=Label(de="x"), unit_of_measure="km")],
        gebietsstand="unknown",
        provenance=Provenance.of("test"),
    )


def corrections(changes: list[tuple[str, str, str]], unit_of_measure: tuple[str, str]):
    common = {"indicator": "x", "reason": "r", "author": "a", "date": "2026-11-20"}
    cells = [
        {"unit": unit, "year": 2020, "field": "value", "old": old, "new": new}
        for unit, old, new in changes
        if old != new
    ]
    old, new = unit_of_measure
    cells.append({"field": "unit_of_measure", "old": old, "new": new})
    entries = tuple(Correction.model_validate(common | item) for item in cells)
    rows = tuple(range(2, 2 + len(entries)))
    return Corrections(entries=entries, file="k.csv", sha256="0" * 64, rows=rows)


VALUES = st.one_of(st.none(), st.floats(-1e12, 1e12).map(lambda v: float(f"{v:.12g}")))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=8))
def test_corrections_and_their_inverse_give_the_table_back(pairs):
    before = plain([old for old, _ in pairs])
    text = ["missing" if v is None else repr(v) for pair in pairs for v in pair]
    changes = list(zip(before.data["unit"].tolist(), text[::2], text[1::2], strict=True))
    changes = [change for change in changes if change[1] not in ("-0.0", "0.0")]
    there, _ = apply_corrections(before, corrections(changes, ("km", "m")))
    back, _ = apply_corrections(
        there, corrections([(u, new, old) for u, old, new in changes], ("m", "km"))
    )
    assert_frame_equal(back.data, before.data)
    assert dict(back.indicators) == dict(before.indicators)
    assert len(back.provenance.steps()) == len(before.provenance.steps()) + 2


def test_files_in_another_encoding_and_workbooks_are_told_with_their_row(tmp_path):
    from begleitforschung.errors import SourceFileError
    from begleitforschung.validation import read_corrections

    file = tmp_path / "korrekturen.csv"
    head = "unit;year;indicator;field;old;new;reason;author;date\n"
    row = "09273;2021;6015;value;0;missing;nicht möglich;A. Beck;2026-11-20\n"
    file.write_bytes((head + row).encode("cp1252"))
    with pytest.raises(
        SourceFileError, match=r"korrekturen\.csv, row 2: not UTF-8; save it as UTF-8"
    ):
        read_corrections(file)
    file.write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(SourceFileError, match=r"korrekturen\.csv, row 1: a workbook"):
        read_corrections(file)
