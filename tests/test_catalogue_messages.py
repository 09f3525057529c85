"""What the strict reader says about each kind of mistake, and what it reads without one."""

from __future__ import annotations

import datetime as dt
import json
from typing import Literal

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.catalogue import (
    Entry,
    Label,
    Reference,
    parse_entry,
    read_csv_entries,
    read_entry,
    read_yaml,
    resource,
    split_list,
    unique,
)
from begleitforschung.errors import CatalogueError, SourceFileError


class Thing(Entry):
    id: str
    amount: int = 0
    share: float = 0.0
    valid: bool = True
    kind: Literal["a", "b"] = "a"
    year: int = pydantic.Field(default=2000, ge=1990)


class Row(Entry):
    id: str
    text: str = "nichts"


class File:
    """Something readable without a path, like a sheet of a workbook."""

    def __init__(self, text: str, encoding: str = "utf-8") -> None:
        self.name = "blatt"
        self.content = text.encode(encoding)

    def read_bytes(self) -> bytes:
        return self.content


def refused(call, *words, **options):
    with pytest.raises(CatalogueError) as caught:
        call(*words, **options)
    return caught.value.findings


@pytest.mark.parametrize(
    ("line", "german", "english", "value"),
    [
        ("amount: 1,5", "keine ganze Zahl", "not a whole number", "1,5"),
        ("amount: 1.5", "keine ganze Zahl", "not a whole number", "1.5"),
        ("share: 1,5", "keine Zahl (mit Dezimalpunkt)", "not a number (with decimal point)", "1,5"),
        ("valid: ja", "weder 'true' noch 'false'", "neither 'true' nor 'false'", "ja"),
        ("kind: c", "unbekannter Wert; erlaubt: 'a', 'b'", "not one of: 'a', 'b'", "c"),
        ("menge: 3", "unbekannter Schlüssel", "unknown key", None),
        ("year: 1989", "Wert passt nicht", "does not fit", "1989"),
    ],
)
def test_each_mistake_is_told_in_both_languages_with_line_and_value(line, german, english, value):
    [finding] = refused(read_entry, File(f"# Kopf\nid: x\n{line}\n"), Thing)
    assert finding.text.de.startswith(german)
    assert finding.text.en.startswith(english)
    assert (finding.file, finding.row, finding.value) == ("blatt", 3, value)
    assert finding.column == line.partition(":")[0]
    assert (finding.rule, finding.severity) == ("catalogue", "error")


def test_a_missing_key_is_told_without_a_value():
    [finding] = refused(read_entry, File("amount: 3\n"), Thing)
    assert (finding.text.de, finding.text.en) == ("Pflichtangabe fehlt", "required key is missing")
    assert (finding.column, finding.value, finding.row) == ("id", None, 1)


def test_the_message_names_file_model_and_number_of_problems():
    with pytest.raises(CatalogueError, match=r"blatt does not fit 'Thing' \(2 problems\):"):
        read_entry(File("amount: x\n"), Thing)


def test_content_of_other_readers_has_no_lines():
    [finding] = refused(parse_entry, {"id": "x", "amount": "viel"}, Thing, file="a.toml")
    assert (finding.file, finding.row, finding.column) == ("a.toml", None, "amount")
    assert parse_entry({"id": "x", "amount": 3}, Thing, file="a.toml").amount == 3


def test_every_path_of_a_yaml_file_has_its_line():
    _, lines = read_yaml(File("id: x\nlist:\n  - a\n  - key: b\n    other: c\n"))
    assert lines["id",] == 1
    assert lines["list",] == 2
    assert (lines["list", 0], lines["list", 1]) == (3, 4)
    assert (lines["list", 1, "key"], lines["list", 1, "other"]) == (4, 5)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("", None),
        ("# nur ein Kommentar\n", None),
        ("a:\n", {"a": None}),
        ("a: null\n", {"a": None}),
        ('a: "null"\n', {"a": "null"}),
        ("a: ''\n", {"a": ""}),
        ("a: [yes, 010, 1e3, 2024-01-01]\n", {"a": ["yes", "010", "1e3", "2024-01-01"]}),
        ("a: 12:30\n", {"a": "12:30"}),
        ("a: {}\nb: []\n", {"a": {}, "b": []}),
        ("\ufeffa: x\n", {"a": "x"}),
    ],
)
def test_yaml_is_read_as_it_is_written(text, content):
    assert read_yaml(File(text))[0] == content


TEXTS = st.text("aÄß€ 0189.,:;#-?!&*%@|>~[]{}'\"\\\t\n")


@given(st.recursive(TEXTS, lambda x: st.lists(x) | st.dictionaries(st.text("abc"), x)))
@settings(max_examples=40)
def test_quoted_texts_are_never_reinterpreted(content):
    assert read_yaml(File(json.dumps(content, ensure_ascii=False)))[0] == content


def test_all_duplicate_keys_are_told_each_with_its_own_line():
    found = refused(read_yaml, File("a: 1\nb: {c: 1, c: 2}\na: 3\n"))
    assert [(item.row, item.column) for item in found] == [(2, "c"), (3, "a")]
    assert {item.text.de for item in found} == {"Schlüssel doppelt"}


def test_an_encoding_other_than_utf8_says_where_and_what_to_do(tmp_path):
    with pytest.raises(SourceFileError, match="row 1: not UTF-8; save it as UTF-8 text"):
        read_yaml(File("a: Köln\n", "cp1252"))
    with pytest.raises(SourceFileError, match=r"fehlt\.csv does not exist"):
        read_csv_entries(tmp_path / "fehlt.csv", Row)


@pytest.mark.parametrize(
    ("text", "delimiter", "expected"),
    [
        ("id,text\n1,a\n", ",", [("1", "a")]),
        ("id;text\n1;a,b\n", ";", [("1", "a,b")]),
        ('id,text\n1,"a,b"\n', ",", [("1", "a,b")]),
        ('id,text\n1,"zwei\nZeilen"\n', ",", [("1", "zwei\nZeilen")]),
        ("\ufeffid,text\n1,a\n", ",", [("1", "a")]),
        (" id , text\n 1 , a \n", ",", [("1", "a")]),
        ("id,text\r\n1,a\r\n", ",", [("1", "a")]),
        ("id,text\n1,\n2,  \n", ",", [("1", "nichts"), ("2", "nichts")]),
        ("text,id\na,007\n", ",", [("007", "a")]),
        ("id,text\n", ",", []),
    ],
)
def test_csv_is_read_as_spreadsheets_write_it(text, delimiter, expected):
    rows = read_csv_entries(File(text), Row, delimiter=delimiter)
    assert [(row.id, row.text) for row in rows] == expected


@pytest.mark.parametrize(
    ("text", "row", "column", "german"),
    [
        ("id,Text\n1,a\n", 1, "Text", "unbekannte Spalte"),
        ("id,text,text\n1,a,b\n", 1, "text", "Spalte doppelt"),
        ("id,text\n1\n", 2, "", "1 Zellen statt 2; steht ein Trennzeichen"),
        ("id,text\n1,a\n2,b,c,d\n", 3, "", "4 Zellen statt 2; steht ein Trennzeichen"),
        ("id,text\n1,a\n\n,b\n", 4, "id", "Pflichtangabe fehlt"),
    ],
)
def test_csv_mistakes_are_told_once_with_the_row_of_the_file(text, row, column, german):
    [finding] = refused(read_csv_entries, File(text), Row)
    assert (finding.file, finding.row, finding.column) == ("blatt", row, column)
    assert finding.text.de.startswith(german)
    assert finding.text.en != finding.text.de


def test_entries_take_no_unknown_fields_and_strip_spaces():
    assert Row(id="  x ").id == "x"
    with pytest.raises(pydantic.ValidationError, match="nr"):
        Row(id="x", nr="1")
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        Row(id="x").text = "anders"


def test_labels_and_references():
    assert Label(de="Kreis", en="county").text.get("en") == "county"
    assert Label(de="Kreis").text.get("en") == "Kreis"
    assert Reference(title="GV-ISys").model_dump(exclude_defaults=True) == {"title": "GV-ISys"}


def test_unique_keeps_the_order_and_names_every_second_entry():
    rows = [Row(id=id) for id in ("b", "a", "c")]
    assert list(unique(rows, "id", file="a.csv")) == ["b", "a", "c"]
    found = refused(unique, [*rows, *rows[:2]], "id", file="a.csv")
    assert [item.text.de for item in found] == ["'b' doppelt", "'a' doppelt"]
    assert {(item.file, item.column) for item in found} == {("a.csv", "id")}


PARTS = st.lists(st.text(st.characters(exclude_characters=";")).map(str.strip).filter(bool))


@given(PARTS)
def test_a_list_in_a_cell_is_split_into_its_parts(parts):
    assert split_list(" ; ".join(parts)) == tuple(parts)
    assert split_list(parts) is parts
    assert split_list(None) is None


def test_resources_are_files_or_folders_of_the_package():
    assert resource("codes").is_dir()
    assert resource("codes", "status.yaml").is_file()
    with pytest.raises(SourceFileError, match="'codes/fehlt'"):
        resource("codes", "fehlt")


class Dated(Entry):
    names: tuple[str, ...] = pydantic.Field(default=("a",), min_length=1)
    title: str = pydantic.Field(default="a", min_length=1)
    day: dt.date = dt.date(2025, 4, 1)
    edition: str = "2025-04-01"

    @pydantic.field_validator("edition")
    @classmethod
    def _is_date(cls, value: str) -> str:
        dt.date.fromisoformat(value)
        return value


def test_empty_lists_and_dates_are_told_in_the_words_of_the_reader():
    content = {"names": [], "title": "", "day": "morgen", "edition": "1.4.2025"}
    found = {f.column: f.text for f in refused(parse_entry, content, Dated, file="a.yaml")}
    assert found["names"].de == "zu kurze Liste; mindestens 1 erwartet"
    assert found["names"].en == "list too short; at least 1 expected"
    assert found["title"].en == "must not be empty"
    for name in ("day", "edition"):
        assert found[name].de == "kein Datum JJJJ-MM-TT"
        assert found[name].en == "not a date such as 2025-04-01"
