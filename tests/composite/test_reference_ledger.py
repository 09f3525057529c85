"""Every reference table and every listed defect of the compared tools is accounted for."""

from __future__ import annotations

import csv
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LEDGER = Path(__file__).with_name("reference_ledger.csv")


@pytest.fixture(scope="module")
def ref_folder(shared: Path) -> Path:
    return shared / "reference/composite/ref"


def entries() -> list[dict[str, str]]:
    with LEDGER.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def fitting(name: str) -> list[dict[str, str]]:
    """Return the entries of a table; the first one holds, as the more special ones come first."""
    return [entry for entry in entries() if fnmatchcase(name, entry["pattern"])]


def test_every_table_is_matched_input_or_left_out_with_a_reason(ref_folder: Path) -> None:
    names = [path.relative_to(ref_folder).as_posix() for path in ref_folder.rglob("*.csv")]
    assert len(names) == 249
    assert [name for name in names if not fitting(name)] == []
    used = {fitting(name)[0]["pattern"] for name in names}
    assert [entry["pattern"] for entry in entries() if entry["pattern"] not in used] == []


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry["pattern"])
def test_the_test_named_reads_the_table(entry: dict[str, str]) -> None:
    assert entry["verdict"] in ("matched", "input", "left out")
    assert entry["test"] or (entry["verdict"] == "left out" and entry["reason"])
    assert entry["reason"] or entry["verdict"] != "left out"
    if entry["test"]:
        assert entry["token"] in (TESTS / entry["test"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("tool", ["coinr", "compind"])
def test_a_test_shows_the_right_value_of_each_defect(ref_folder: Path, tool: str) -> None:
    with (ref_folder / f"{tool}_defects.csv").open(encoding="utf-8", newline="") as stream:
        listed = [row["id"] for row in csv.DictReader(stream)]
    listed = [name for name in listed if name != "B28"]  # no defect: "export_to_excel() writes"
    folders = (TESTS / "composite", TESTS / "stats")
    texts = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in folders
        for path in folder.rglob("test_*.py")
        if path != Path(__file__)
    )
    unnamed = [
        name for name in listed if not re.search(rf"(?i)(?<![a-z0-9]){name}(?![a-z0-9])", texts)
    ]
    assert unnamed == []
