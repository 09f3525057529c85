"""Runs of validation: what may be given, what is remembered, and what is told when it fails."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from begleitforschung.errors import Finding, SourceFileError, ValidationError
from begleitforschung.language import Text
from begleitforschung.validation import read_corrections, report_failure, validate
from begleitforschung.validation.corrections import parse_value

HEADER = "unit,year,indicator,field,old,new,reason,author,date\n"
LINE = "01001,2020,cars,value,7,8,Tippfehler,A. Beck,2026-11-20\n"


def frame(**columns: Any) -> pd.DataFrame:
    """Return one figure as a DataFrame; every column may be replaced or added."""
    given = {"unit": "01001", "year": 2020, "indicator": "cars", "value": 7.0}
    return pd.DataFrame({name: [value] for name, value in (given | columns).items()})


@pytest.mark.parametrize(
    ("columns", "rule", "value"),
    [
        ({"unit": "1001"}, "malformed_keys", "1001"),
        ({"value": "viel"}, "table.value_not_number", "viel"),
    ],
)
def test_broken_rows_keep_their_place(columns: dict[str, Any], rule: str, value: str) -> None:
    """Rows are counted as in a CSV of the frame, unless the frame knows better."""
    for row, extra in ((2, {}), (57, {"row": 57, "file": "k.csv"})):
        report = validate(frame(**columns, **extra))
        found = report.to_frame().set_index("rule").loc[rule]
        assert (found["row"], found["value"]) == (row, value)
        assert report.data is None


@pytest.mark.parametrize("names", [("ags", "jahr"), ("unit", "year"), ("ags", "year")])
def test_german_and_english_names_of_columns(names: tuple[str, str]) -> None:
    renamed = frame().rename(columns=dict(zip(("unit", "year"), names, strict=True)))
    report = validate(renamed)
    assert report.ok
    assert report.data is not None
    assert report.data.data[["unit", "year", "value"]].astype(object).iloc[0].tolist() == [
        *("01001", 2020, 7.0)
    ]


def test_rules_may_be_a_file_named_by_a_text(tmp_path: Path) -> None:
    path = tmp_path / "regeln.yaml"
    path.write_text(
        "id: mine\nstandard: false\nrules:\n  - {id: few, kind: range, max: 6, severity: warning,\n"
        "     text: {de: zu viele, en: too many}, hint: {de: zählen, en: count}}\n",
        encoding="utf-8",
    )
    for given in (path, str(path)):
        report = validate(frame(), rules=given)
        assert [item.rule for item in report.findings] == ["few"]
        assert report.specification == {"rules": ["few"], "confidential": []}
    assert report.ok
    with pytest.raises(SourceFileError, match=r"fehlt\.yaml"):
        validate(frame(), rules=str(tmp_path / "fehlt.yaml"))


def test_a_name_is_one_name_and_not_its_letters(table) -> None:
    made = table([("01001", 2020, "cars", -7.0)], cars={"valid_min": 0})
    report = validate(made, confidential="cars")
    assert report.specification["confidential"] == ["cars"]
    assert report.to_frame()["value"].isna().all()
    assert validate(made).to_frame()["value"].tolist() == ["-7"]


def test_corrections_may_be_read_before(table, tmp_path: Path) -> None:
    path = tmp_path / "k.csv"
    path.write_text(HEADER + "\n" + LINE, encoding="utf-8")
    read = read_corrections(path)
    assert (read.file, read.rows) == ("k.csv", (3,))
    made = table([("01001", 2020, "cars", 7.0)])
    for given in (read, path, str(path), [read], [str(path)]):
        report = validate(made, corrections=given)
        assert report.data is not None
        assert report.data.data["value"].tolist() == [8.0]
        assert report.corrected[["file", "row"]].to_numpy().tolist() == [["k.csv", 3]]
    assert "Tippfehler" not in repr(read)
    with pytest.raises(FrozenInstanceError):
        read.file = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12.0),
        ("-12.5", -12.5),
        ("12,5", 12.5),
        ("1.5e3", 1500.0),
        ("1E-2", 0.01),
        ("007", 7.0),
        ("missing", "missing"),
        ("zero", "zero"),
        ("unknown", "unknown"),
    ],
)
def test_values_of_corrections(text: str, value: float | str) -> None:
    assert parse_value(text) == value


@pytest.mark.parametrize(
    "text", ["", "1.000,5", "1,000.5", "+5", "nan", "inf", "1 000", "5 %", "normal", "estimated"]
)
def test_what_is_no_value_of_a_correction(text: str) -> None:
    with pytest.raises(ValueError, match=r"a number such as 12\.5, or one of: zero, unknown"):
        parse_value(text)


def test_a_failure_to_read_is_a_report() -> None:
    bad = Finding(rule="a.b", severity="error", text=Text("schlecht", "bad"), file="k.csv", row=3)
    listed = report_failure(ValidationError("x", findings=[bad]))
    assert listed.findings == (bad,)
    assert listed.data is None
    assert listed.trace()["row"].tolist() == [3]
    silent = report_failure(SourceFileError("k.csv is empty; export it again"))
    (finding,) = silent.findings
    assert (finding.rule, finding.severity) == ("SourceFileError", "error")
    assert str(finding.text.get("en")) == "k.csv is empty; export it again"
    assert silent.provenance.inputs[0].operation == "read"
    assert silent.corrected.empty
