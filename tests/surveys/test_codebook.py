"""A codebook is strict, checks itself, says all problems at once and survives being written."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.catalogue import parse_entry, read_yaml
from begleitforschung.errors import CatalogueError, UnknownCodeError
from begleitforschung.surveys import Codebook, Item, check_codebook, dump_codebook, read_codebook
from begleitforschung.surveys.codebook import plain_code


def written(tmp_path, text):
    path = tmp_path / "codebook.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_follow_from_the_kind_of_question(codebook):
    assert list(codebook.columns()) == [
        *("q1", "q2_a", "q2_b", "q3_x", "q3_y", "q3_z", "budget", "seit", "groesse", "freitext")
    ]
    ranking = {"id": "r", "kind": "ranking", "text": {"de": "Rang"}, "ranks": "2"}
    codes = [{"code": str(n), "label": {"de": str(n)}} for n in range(1, 5)]
    assert Item.model_validate(ranking | {"codes": codes}).columns == ("r_1", "r_2")


def test_undeclared_answers_are_confidential_and_undeclared_text_is_personal(codebook):
    assert codebook.item("q1").grade == "confidential"
    assert codebook.item("freitext").grade == "personal"
    assert codebook.item("groesse").grade == "public"


def test_a_column_is_labelled_by_question_and_row_in_both_languages(codebook):
    assert codebook.label("q3_y").de == "Bedeutung [Morgen]"
    assert codebook.label("q1").get("en") == "Is there a strategy?"
    assert codebook.item("q3_y") is codebook.item("q3")


def test_an_unknown_item_suggests_near_ones(codebook):
    with pytest.raises(UnknownCodeError, match="budget"):
        codebook.item("budgett")


def test_a_written_codebook_reads_back_to_the_same(codebook, tmp_path):
    path = written(tmp_path, dump_codebook(codebook))
    assert read_codebook(path) == codebook


def test_scores_leave_out_missings(codebook):
    scores = {code.code: code.score for code in codebook.item("q1").codes}
    assert scores["2"] == 2
    assert scores["9"] != scores["9"]


BREAKS = {
    "unknown key": ("retention: 2030-12-31", "retentoin: 2030", "retentoin"),
    "kind": ("kind: array", "kind: arry", "kind"),
    "code twice": (
        'code: "2", label: {de: Nein',
        'code: "1", label: {de: Nein',
        "'1' stands twice",
    ),
    "code twice but for its case": (
        "{code: K, label: {de: klein}}, {code: G",
        "{code: K, label: {de: klein}}, {code: k",
        "'k' stands twice",
    ),
    "item twice": ("- id: q2", "- id: q1", "'q1' stands twice"),
    "filter of unknown column": ("filter: q1 == 1", "filter: q7 == 1", "no column 'q7'"),
    "filter of a later question": ("filter: q1 == 1", "filter: budget > 1", "later question"),
    "filter with a code that is none": ("filter: q1 == 1", "filter: q1 == 5", "no answer 5"),
    "filter with a missing": ("filter: q1 == 1", "filter: q1 == 9", "no answer 9"),
    "filter that runs code": ("filter: q1 == 1", "filter: open('x')", "answered"),
    "bounds": ("max: 1000000", "max: -5", "'min' is greater"),
    "direction of a number": ("unit: EUR", "direction: ascending", "direction"),
    "rows without array": ("kind: array", "kind: single", "belong together"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_contradicts_itself_is_refused_with_its_place(name, codebook_text, tmp_path):
    before, after, told = BREAKS[name]
    assert before in codebook_text
    with pytest.raises(CatalogueError, match=told.replace("(", r"\(")) as caught:
        read_codebook(written(tmp_path, codebook_text.replace(before, after)))
    assert caught.value.findings


def test_all_problems_are_told_at_once_with_their_lines(codebook_text, tmp_path):
    text = codebook_text.replace("filter: q1 == 1", "filter: q7 == 1").replace(
        "max: 1000000", "max: -5"
    )
    with pytest.raises(CatalogueError) as caught:
        read_codebook(written(tmp_path, text))
    assert [item.column for item in caught.value.findings] == ["q2", "budget"]
    lines = text.split("\n")
    assert all("- id:" in lines[item.row - 1] for item in caught.value.findings)


def test_a_missing_promise_and_a_public_name_are_remarked(codebook_text, tmp_path):
    begin, end = codebook_text.index("  promise:"), codebook_text.index("items:")
    text = codebook_text[:begin] + codebook_text[end:]
    text = text.replace("confidentiality: public", "confidentiality: public\n    role: identifying")
    found = {item.rule for item in check_codebook(read_codebook(written(tmp_path, text)))}
    assert {"codebook.no_promise", "codebook.identifying_public"} <= found


ITEMS = st.lists(
    st.tuples(
        st.sampled_from(
            ["single", "scale", "multiple", "number", "text", "date", "ranking", "array"]
        ),
        st.text(alphabet="abc äöü:{}[]#'\"?&!|>%@`,-\n1", max_size=12),
        st.lists(
            st.text(alphabet="ABC019-_ no~", min_size=1, max_size=4).map(str.strip).filter(bool),
            unique_by=lambda text: plain_code(text).casefold() or text.casefold(),
            min_size=2,
            max_size=4,
        ),
        st.sampled_from([None, "public", "confidential", "personal"]),
    ),
    min_size=1,
    max_size=5,
)


@given(ITEMS)
@settings(max_examples=60)
def test_any_sound_codebook_survives_being_written_and_read(given):
    items = []
    for at, (kind, text, codes, grade) in enumerate(given):
        coded = kind in ("single", "scale", "multiple", "ranking", "array")
        entry = {"id": f"q{at}", "kind": kind, "text": {"de": text}, "confidentiality": grade}
        if coded:
            entry["codes"] = [{"code": code, "label": {"de": text + code}} for code in codes]
        if kind == "array":
            entry["rows"] = [{"id": "a", "text": {"de": text}}, {"id": "b", "text": {"de": "b"}}]
        items.append(entry)
    book = Codebook.model_validate({"id": "probe", "title": {"de": "Probe"}, "items": items})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "codebook.yaml"
        path.write_text(dump_codebook(book), encoding="utf-8", newline="\n")
        content, lines = read_yaml(path)
        assert parse_entry(content, Codebook, file=path.name, lines=lines) == book


def test_missing_options_of_a_multiple_choice_are_no_columns_of_answers(codebook):
    item = codebook.item("q2")
    assert item.columns == ("q2_a", "q2_b")
    assert item.missing_columns == ("q2_k",)
    assert codebook.item("q2_k") is item


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"kind": "single"}, "codebook.no_codes"),
        (
            {"kind": "number", "codes": [{"code": "1", "label": {"de": "x"}}]},
            "codebook.codes_of_number",
        ),
        ({"kind": "array", "cells": "number"}, "codebook.rows"),
        ({"kind": "text", "unit": "EUR"}, "codebook.bounds"),
        (
            {"kind": "ranking", "ranks": 3, "codes": [{"code": "1", "label": {"de": "x"}}]},
            "codebook.ranks",
        ),
        (
            {
                "kind": "scale",
                "codes": [{"code": "1", "label": {"de": "x"}}, {"code": "2", "label": {"de": "X"}}],
            },
            "codebook.label_twice",
        ),
        (
            {"kind": "scale", "codes": [{"code": "1", "label": {"de": "x"}}]},
            "codebook.no_direction",
        ),
    ],
)
def test_each_contradiction_has_its_rule(change, rule):
    entry = {"id": "q", "text": {"de": "Frage"}} | change
    book = Codebook.model_validate({"id": "probe", "title": {"de": "Probe"}, "items": [entry]})
    assert rule in {found.rule for found in check_codebook(book)}


def test_columns_that_two_items_would_share_are_refused():
    codes = [{"code": "b", "label": {"de": "B"}}]
    items = [
        {"id": "a", "kind": "multiple", "text": {"de": "A"}, "codes": codes},
        {"id": "a_b", "kind": "number", "text": {"de": "AB"}},
    ]
    book = Codebook.model_validate({"id": "probe", "title": {"de": "Probe"}, "items": items})
    assert "codebook.column_twice" in {found.rule for found in check_codebook(book)}


def test_ranks_and_open_ends_of_missing_ranges_are_checked():
    with pytest.raises(ValueError, match="'low', 'high' or both"):
        Item.model_validate(
            {"id": "q", "kind": "number", "text": {"de": "x"}, "missing_ranges": [{}]}
        )
    with pytest.raises(ValueError, match="greater"):
        Item.model_validate(
            {
                "id": "q",
                "kind": "number",
                "text": {"de": "x"},
                "missing_ranges": [{"low": 2, "high": 1}],
            }
        )


def test_the_label_of_a_rank_and_an_option_says_which(codebook):
    codes = [{"code": str(n), "label": {"de": f"Grund {n}"}} for n in range(1, 4)]
    entry = {
        "id": "r",
        "kind": "ranking",
        "text": {"de": "Gründe", "en": "Reasons"},
        "codes": codes,
    }
    book = Codebook.model_validate({"id": "probe", "title": {"de": "Probe"}, "items": [entry]})
    assert book.label("r_2").get("de") == "Gründe [Rang 2]"
    assert book.label("r_2").get("en") == "Reasons [Rank 2]"
    assert codebook.label("q2_a").de == "Handlungsfelder [Mobilität]"
