"""The strict reader: text stays text, every problem is told with file and line."""

import pytest

from begleitforschung.catalogue import (
    Entry,
    Label,
    read_csv_entries,
    read_entry,
    read_yaml,
    resource,
    split_list,
    unique,
)
from begleitforschung.errors import CatalogueError, SourceFileError


class Class(Entry):
    code: str
    label: Label
    upper: float | None = None


class ClassList(Entry):
    id: str
    valid: bool = True
    classes: tuple[Class, ...] = ()


def write(folder, text, name="liste.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_scalars_stay_text_until_the_model_types_them(tmp_path):
    text = "key: 01001000\nland: no\nedition: 2024.10\nempty: ~\nquoted: '~'\n"
    content, _ = read_yaml(write(tmp_path, text))
    assert content == {
        "key": "01001000",
        "land": "no",
        "edition": "2024.10",
        "empty": None,
        "quoted": "~",
    }


def test_entry_is_typed_by_its_model(tmp_path):
    text = "id: g\nvalid: no\nclasses:\n  - {code: '01', label: {de: klein}, upper: 2000}\n"
    entry = read_entry(write(tmp_path, text), ClassList)
    assert entry.valid is False
    assert entry.classes[0].upper == 2000.0
    assert entry.classes[0].label.text.get("en") == "klein"


def test_duplicate_key_fails_with_its_line(tmp_path):
    with pytest.raises(CatalogueError, match=r"liste\.yaml, row 2, column 'id': duplicate key"):
        read_entry(write(tmp_path, "id: a\nid: b\n"), ClassList)


def test_all_problems_come_at_once_each_with_its_line(tmp_path):
    text = "id: g\nfoo: 1\nclasses:\n  - label: {de: x}\n    upper: viel\n"
    with pytest.raises(CatalogueError) as caught:
        read_entry(write(tmp_path, text), ClassList)
    rows = {(item.column, item.row) for item in caught.value.findings}
    assert rows == {("foo", 2), ("classes.0.code", 4), ("classes.0.upper", 5)}
    assert "'viel'" in str(caught.value)


def test_malformed_yaml_names_the_line(tmp_path):
    with pytest.raises(CatalogueError, match=r"liste\.yaml, line 3: not valid YAML"):
        read_yaml(write(tmp_path, "a: 1\nb: [1, 2\nc: 3\n"))


def test_entries_are_frozen(tmp_path):
    entry = read_entry(write(tmp_path, "id: g\n"), ClassList)
    with pytest.raises(Exception, match="frozen"):
        entry.id = "h"


class Row(Entry):
    id: str
    parts: tuple[str, ...] = ()
    amount: int | None = None


def test_csv_rows_become_entries(tmp_path):
    path = write(tmp_path, "id,amount\n001,5\n,\n002,\n", "a.csv")
    rows = read_csv_entries(path, Row)
    assert [(row.id, row.amount) for row in rows] == [("001", 5), ("002", None)]


def test_csv_problems_name_row_and_column(tmp_path):
    path = write(tmp_path, "id,amount\n1,viel\n2,3,4\n,7\n", "a.csv")
    with pytest.raises(CatalogueError) as caught:
        read_csv_entries(path, Row)
    found = {(item.row, item.column) for item in caught.value.findings}
    assert found == {(2, "amount"), (3, ""), (4, "id")}


def test_csv_with_a_column_twice_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match="duplicate column"):
        read_csv_entries(write(tmp_path, "id,id\n1,2\n", "a.csv"), Row)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), ("id\nMünchen\n".encode("cp1252"), "row 2: not UTF-8")],
)
def test_unreadable_csv(tmp_path, content, said):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(SourceFileError, match=said):
        read_csv_entries(path, Row)


def test_missing_file_and_resource(tmp_path):
    with pytest.raises(SourceFileError, match="does not exist"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(SourceFileError, match="holds no resource"):
        resource("codes", "none.yaml")


def test_unique_refuses_a_second_entry():
    rows = [Row(id="a"), Row(id="a")]
    with pytest.raises(CatalogueError, match="'a' twice"):
        unique(rows, "id", file="a.csv")


def test_split_list():
    assert split_list("a; b ;") == ("a", "b")
    assert split_list(("a",)) == ("a",)
