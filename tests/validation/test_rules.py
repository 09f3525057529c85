"""The files of rules: strict, with words in both languages, and the standard set."""

from __future__ import annotations

from pathlib import Path

import pytest

from begleitforschung.errors import CatalogueError, SourceFileError
from begleitforschung.validation import read_rules

HEAD = "id: mine\nrules:\n"
TEXTS = "    text: {de: Befund, en: finding}\n    hint: {de: Tun, en: do}\n    severity: error\n"


def write(path: Path, *rules: str, head: str = HEAD) -> Path:
    path = path / "regeln.yaml"
    body = "".join(f"  - {rule}\n{TEXTS}" for rule in rules)
    path.write_text(head + body, encoding="utf-8", newline="\n")
    return path


def test_standard_rules_speak_german_and_english():
    rules = read_rules()
    assert len({rule.id for rule in rules}) == len(rules) >= 9
    for rule in rules:
        for label in (rule.text, rule.hint):
            assert label.de
            assert label.en
            assert label.de != label.en


def test_project_rules_add_to_the_standard_ones_and_replace_those_of_the_same_id(tmp_path: Path):
    path = write(
        tmp_path,
        "id: jump\n    kind: jump\n    relative: 0.2",
        "id: cars\n    kind: range\n    indicators: [cars*]\n    min: 0",
    )
    rules = {rule.id: rule for rule in read_rules(path)}
    assert list(rules)[-1] == "cars"
    assert rules["jump"].relative == 0.2
    assert len(rules) == len(read_rules()) + 1


def test_a_project_can_do_without_the_standard_rules(tmp_path: Path):
    path = write(tmp_path, "id: d\n    kind: duplicates", head="id: m\nstandard: false\nrules:\n")
    assert [rule.id for rule in read_rules(path)] == ["d"]


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ("id: a\n    kind: rage\n    min: 0", "rage"),
        ("id: a\n    kind: range\n    mim: 0", "mim"),
        ("id: a\n    kind: range\n    min: 2\n    max: 1", "min is greater than max"),
        ("id: a\n    kind: range\n    min: nan", "finite"),
        ("id: a\n    kind: jump", "relative"),
        ("id: a\n    kind: ratio\n    numerator: x\n    denominator: y", "'min', 'max'"),
        ("id: a\n    kind: sum_of_parts\n    parts: [x, y]", "'whole'"),
        ("id: a\n    kind: sum_of_parts\n    parts: [x, y]\n    whole: z\n    total: 1", "either"),
        ("id: a\n    kind: coverage\n    min: 90", "less than or equal to 1"),
        ("id: a\n    kind: unknown_units\n    units: ['01001']", "level"),
        ("id: a\n    kind: unknown_units\n    level: kreis\n    gazetteer: true", "valid_from"),
        ("id: a\n    kind: sum_of_units\n    tolerance: -1", "greater than or equal to 0"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_line(tmp_path: Path, rule: str, complaint: str):
    with pytest.raises(CatalogueError, match=r"row [3-9]") as caught:
        read_rules(write(tmp_path, rule))
    assert complaint in str(caught.value)


def test_two_rules_of_the_same_id_are_refused(tmp_path: Path):
    with pytest.raises(CatalogueError, match="same id: d"):
        read_rules(write(tmp_path, "id: d\n    kind: duplicates", "id: d\n    kind: duplicates"))


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(SourceFileError, match=r"regeln\.yaml"):
        read_rules(tmp_path / "regeln.yaml")
