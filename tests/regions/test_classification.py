"""Classes of values and units against plain Python, and what is said of values without one."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from begleitforschung import regions
from begleitforschung.catalogue import parse_entry
from begleitforschung.errors import CatalogueError, UnknownCodeError, ValidationError
from begleitforschung.regions import codes
from begleitforschung.regions.codes import CodeList

SIZES = [entry.id for entry in regions.code_lists().values() if entry.kind == "intervals"]


@pytest.fixture(scope="module")
def population(shared: Path) -> pd.Series:
    """Inhabitants of all municipalities at 31 December 2024."""
    panel = pd.read_csv(
        shared / "data" / "panels" / "gv_gemeinde_panel_1994_2024.csv.gz", dtype={"ags": str}
    )
    return panel[panel["stichtag"] == "2024-12-31"].set_index("ags")["bev_insg"]


@pytest.mark.parametrize("codelist", SIZES)
def test_all_municipalities_are_in_the_class_that_bisection_finds(
    population: pd.Series, codelist: str
) -> None:
    entries = regions.code_list(codelist).codes
    starts = [entry.lower or 0 for entry in entries]
    expected = [entries[bisect_right(starts, n) - 1].code for n in population]
    assert regions.classify(population, codelist).tolist() == expected


@pytest.mark.parametrize(
    "values",
    [
        [19_999, 20_000],
        (19_999.0, 20_000.0),
        ["19999", "20000"],
        np.array([19_999, 20_000], np.int32),
        pd.Series([19_999, 20_000], dtype="Int64"),
        pd.Series([19_999, 20_000], dtype="float32"),
        pd.Series([19_999, 20_000], dtype="category"),
    ],
)
def test_numbers_are_classified_however_they_are_stored(values: Any) -> None:
    found = regions.classify(values, "groessenklasse_programm")
    assert found.tolist() == ["kleinstadt_landgemeinde", "mittelstadt"]


@pytest.mark.parametrize("codelist", ["groessenklasse_programm", "kreistyp", "bundeslaender"])
def test_nothing_and_only_missing_values_have_no_class(codelist: str) -> None:
    empty = regions.classify([], codelist)
    missing = regions.classify([None, np.nan], codelist)
    keys = list(regions.code_list(codelist).keys)
    assert (len(empty), missing.isna().all()) == (0, True)
    assert empty.cat.categories.tolist() == missing.cat.categories.tolist() == keys


@pytest.mark.parametrize(
    ("values", "codelist", "expected"),
    [
        (["1", "4"], "kreistyp", ["1", "4"]),
        (["Kreisfreie Großstädte"], "kreistyp", ["1"]),
        (["kreisfreie großstädte "], "kreistyp", ["1"]),
        (["05315", "01059"], "kreistyp", ["1", "4"]),
        (["S1-01", "S2-01", "S3-01"], "staffel", ["1", "2", "3"]),
        (["05315000", "05", "053", "010595974083"], "bundeslaender", ["05", "05", "05", "01"]),
        (["SH", "Schleswig-Holstein", "01"], "bundeslaender", ["01", "01", "01"]),
        (["funded", "Unberührt"], "mpsc_kreis", ["funded", "untouched"]),
    ],
)
def test_codes_labels_and_units_have_classes(
    values: list[str], codelist: str, expected: list[str]
) -> None:
    found = regions.classify(pd.Series(values, name="x"), codelist)
    assert found.tolist() == expected
    assert found.name == "x"
    assert found.cat.ordered == regions.code_list(codelist).ordered


def test_a_list_of_ones_own_is_used_like_a_packaged_one() -> None:
    halves = parse_entry(listed(bounds=[(0, 5), (5, None)]), CodeList, file="x.yaml")
    assert regions.classify([4, 5, None], halves).tolist()[:2] == ["0", "1"]


@pytest.mark.parametrize(
    ("values", "codelist", "rows", "german", "english"),
    [
        ([-1], "groessenklasse_programm", [2], "keine Zahl ab 0", "no number from 0 up"),
        ([1, np.inf], "groessenklasse_programm", [3], "keine Zahl ab 0", "no number from 0"),
        ([1, "1.000.000"], "groessenklasse_programm", [3], "keine Zahl ab 0", "no number"),
        (["05315", "01059", "x"], "kreistyp", [4], "weder Code noch Bez", "neither a code or"),
        (["1", "2", "05315"], "kreistyp", [4], "weder Code noch Bezeich", "neither a code or"),
        (["05315", "DG"], "kreistyp", [3], "Ebene nicht in der Liste", "level not in the list"),
        (["05315"], "regiostar2", [2], "Ebene nicht in der Liste", "level not in the list"),
    ],
)
def test_values_without_class_are_named_with_row_list_and_reason(
    values: list[Any], codelist: str, rows: list[int], german: str, english: str
) -> None:
    with pytest.raises(ValidationError, match=f"{codelist}: values can't be classified") as caught:
        regions.classify(pd.Series(values, name="wert", dtype=object), codelist)
    [finding] = caught.value.findings
    assert list(finding.rows) == rows
    assert (finding.row, finding.n, finding.column) == (rows[0], len(rows), "wert")
    assert (finding.rule, finding.severity) == (f"classify.{codelist}", "error")
    assert finding.text.de.startswith(german)
    assert finding.text.en.startswith(english)
    assert f"'{codelist}'" in finding.text.de


def test_a_column_without_a_name_is_not_named() -> None:
    with pytest.raises(ValidationError) as caught:
        regions.classify([-1, -2, -1], "groessenklasse_programm")
    assert [(f.column, f.value, f.rows) for f in caught.value.findings] == [
        (None, "-1", (2, 4)),
        (None, "-2", (3,)),
    ]


@pytest.mark.parametrize("berlin", ["east", "west", "own"])
def test_east_and_west_are_told_by_the_first_two_digits(berlin: str) -> None:
    units = regions.gazetteer()["key"]
    found = regions.east_west(units, berlin=berlin)  # type: ignore[arg-type]
    own = {"east": "ost", "west": "west", "own": "berlin"}[berlin]
    names = {True: "ost", False: "west"}
    expected = [own if k[:2] == "11" else names[int(k[:2]) > 11] for k in units]
    assert found.tolist() == expected
    assert not found.cat.ordered


def test_the_counties_of_east_and_west_are_those_of_the_directory() -> None:
    units = regions.gazetteer()
    counties = units.loc[units["level"] == "kreis", "key"]
    found = Counter(regions.east_west(counties, berlin="own"))
    assert found == {"west": 324, "ost": 75, "berlin": 1}


def test_projects_and_missing_units_are_neither_east_nor_west() -> None:
    series = pd.Series(["S1-01", None, "16"], index=["a", "b", "c"], name="unit")
    found = regions.east_west(series, berlin="west")
    assert found.isna().tolist() == [True, True, False]
    assert (found.index.tolist(), found.name) == (["a", "b", "c"], "unit")
    with pytest.raises(ValidationError, match="neither a code or label"):
        regions.east_west(["Sachsen"], berlin="west")


def listed(
    bounds: list[tuple[int | None, int | None]] | None = None, **changes: object
) -> dict[str, object]:
    """Content of a file of a code list, with two codes or with intervals."""
    entries: list[dict[str, object]] = [
        {"code": str(at), "label": {"de": f"Klasse {at}", "en": f"class {at}"}}
        | {k: str(v) for k, v in (("lower", low), ("upper", high)) if v is not None}
        for at, (low, high) in enumerate(bounds or [(None, None), (None, None)])
    ]
    fixed = {"id": "x", "title": {"de": "x"}, "issuer": "x", "references": [{"title": "x"}]}
    kind = "intervals" if bounds else "nominal"
    return fixed | {"kind": kind, "ordered": "true", "codes": entries} | changes


ONE = {"code": "0", "label": {"de": "a"}}
TWO = {"code": "1", "label": {"de": "b"}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (listed(codes=[ONE, ONE]), "codes and groups must be unique"),
        (listed(groups=[ONE]), "codes and groups must be unique"),
        (listed(codes=[ONE, TWO | {"parent": "g"}]), r"parents without an entry.*\['g'\]"),
        (listed(bounds=[(0, 5), (5, None)], kind="nominal"), "a nominal list has no bounds"),
        (listed(kind="intervals"), "every interval needs 'lower'"),
        (listed(codes=[ONE]), "at least 2 expected"),
        (listed(references=[]), "at least 1 expected"),
        (listed(kind="ordinal"), "not one of: 'nominal', 'intervals'"),
        (listed(valid_from="1.1.2020"), "valid_from"),
        (listed(jahr="2020"), "unknown key"),
    ],
)
def test_a_list_that_contradicts_itself_is_refused(content: object, message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        parse_entry(content, CodeList, file="x.yaml")


@pytest.mark.parametrize("day", ["", "2020", "2020-12-31"])
def test_validity_is_a_year_or_a_day(day: str) -> None:
    assert parse_entry(listed(valid_from=day), CodeList, file="x.yaml").valid_from == day


@pytest.mark.parametrize(
    ("asked", "code"),
    [("01", "01"), (" sh ", "01"), ("BAYERN", "09"), ("Bavaria", "09"), ("ThüringeN", "16")],
)
def test_codes_are_found_by_all_their_names(asked: str, code: str) -> None:
    laender = regions.code_list("bundeslaender")
    assert laender.find(asked) == code
    assert laender.knows(asked)
    assert not laender.knows(asked + "x")


def test_labels_and_groups_are_given_in_the_order_of_the_list() -> None:
    kinds = regions.code_list("kreistyp")
    assert list(kinds.labels()) == list(kinds.keys) == ["1", "2", "3", "4"]
    assert kinds.labels("en") != kinds.labels("de")
    assert set(kinds.parents().values()) == {group.code for group in kinds.groups}
    assert regions.code_list("staffel").parents() == {}


def test_a_list_without_assignment_has_no_units_and_no_source_of_them() -> None:
    laender = regions.code_list("bundeslaender")
    assert (laender.assigned(), laender.assignment_source()) == ({}, None)
    # The codes of projects stand in the register, which has a source of its own.
    assert regions.code_list("staffel").assignment_source() is None
    assert len(regions.code_list("staffel").assigned()) == 73


def test_what_is_given_away_can_be_changed_without_harm() -> None:
    given = regions.code_list("kreistyp").assigned()
    given["05315"] = "4"
    assert regions.code_list("kreistyp").assigned()["05315"] == "1"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("05315", "1"), ("05315", "1")], "a unit twice in the assignment of 'kreistyp'"),
        ([("05315", "9"), ("01001", "7")], r"unknown codes \['7', '9'\] in the assignment"),
    ],
)
def test_an_assignment_that_is_damaged_is_refused(
    monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, str]], message: str
) -> None:
    where = regions.code_list("kreistyp").assignment
    assert where is not None
    table = pd.DataFrame(rows, columns=[where.key, where.column])
    monkeypatch.setattr(codes, "read_table", lambda *parts: table)
    codes._assigned.cache_clear()
    with pytest.raises(CatalogueError, match=message):
        regions.code_list("kreistyp").assigned()
    assert codes._assigned.cache_info().currsize == 0


def test_a_list_must_be_named_like_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = codes.resource("codes", "lists", "staffel.yaml").read_text("utf-8")
    (tmp_path / "runde.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(codes, "resource", lambda *parts: tmp_path)
    with pytest.raises(CatalogueError, match=r"runde\.yaml: its id 'staffel' must be the name"):
        codes.code_lists.__wrapped__()


def test_unknown_lists_are_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownCodeError, match=r"packaged code lists.*'staffel'"):
        regions.classify(["S1-01"], "staffeln")


def test_the_packaged_assignment_is_read_by_any_csv_reader() -> None:
    where = regions.code_list("kreistyp").assignment
    assert where is not None
    with codes.resource(*where.file).open("r", encoding="utf-8") as stream:
        rows = {row[where.key]: row[where.column] for row in csv.DictReader(stream)}
    assert rows == regions.code_list("kreistyp").assigned()
