"""Coding frames and passages are read strictly; what is confidential stays in the file."""

from __future__ import annotations

import pytest
from openpyxl import Workbook

import begleitforschung as bf
from begleitforschung.errors import (
    CatalogueError,
    SourceFileError,
    UnknownCodeError,
    ValidationError,
)
from begleitforschung.qualitative.anonymising import anonymised, placeholders_of

from .study import FRAME, HEAD, ROWS, SECRET


def test_a_frame_is_a_tree(frame):
    assert frame.lineages["recht"] == ("recht", "hemmnis")
    assert list(frame.labels)[:4] == ["hemmnis", "personal", "recht", "erfolg"]
    assert frame.labels["recht"].get("en") == "Law"
    assert frame.code("personal").anchors == ("Uns fehlen Leute.",)
    with pytest.raises(UnknownCodeError, match="personal"):
        frame.code("persona")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("anchors:", "anker:", "unknown key"),
        ("id: recht", "id: personal", "'personal' twice"),
        ("id: erfolg", "id: er folg", "does not fit"),
        ("value: 2", "value: zwei", "not a number"),
    ],
)
def test_a_frame_is_read_strictly(old, new, told, tmp_path):
    path = tmp_path / "codes.yaml"
    path.write_text(FRAME.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueError, match=told):
        bf.read_coding_frame(path)


def test_anchor_examples_never_stand_in_messages(tmp_path):
    path = tmp_path / "codes.yaml"
    path.write_text(
        FRAME.replace("[Uns fehlen Leute.]", "{a: Uns fehlen Leute.}"), encoding="utf-8"
    )
    with pytest.raises(CatalogueError) as caught:
        bf.read_coding_frame(path)
    assert "Leute" not in str(caught.value)


def test_only_released_texts_are_kept_and_anonymised(read):
    rows = read().rows
    assert rows["text"].tolist() == [
        *("", "[Stadt]s Recht, sagt Frau [Person 1]", "", "[Stadt] macht es vor", ""),
    ]
    assert rows["row"].tolist() == [2, 3, 4, 5, 6]
    everything = rows.to_csv()
    assert not any(word in everything for word in ("Muster", "geheim", "Leitung", "i1"))


def test_a_workbook_reads_like_a_csv(read, frame, tmp_path):
    book = Workbook()
    for row in [HEAD, *ROWS]:
        book.active.append(row)
    book.save(tmp_path / "stellen.xlsx")
    found = bf.read_passages(tmp_path / "stellen.xlsx", frame, groups=["staffel"])
    assert found.rows.equals(read().rows)


def test_all_problems_are_told_at_once_without_what_stands_there(read):
    rows = [
        ["A", "p1", "eins", "persona", "t", "", "", "", "", "", "", "1"],
        ["A", "p1", "eins", "recht", "t", "", "", "Wer", "", "", "", "1"],
        ["B", "p1", "zwei", "Satz über Erika", "t", "", "", "Wer", "4.5.2026", "", "", "2"],
        ["", "p2", "eins", "recht", "", "", "", "Wer", "2026-05-04", "Erika", "", "2"],
        ["C", "p3", "eins", "recht", "x Erikas Plan", "", "", "", "", "Erika=Frau E.", "", ""],
        ["D", "p4", "eins", "recht", "Musterstädte", "", "", "W", "2026-05-04", "", "", "1"],
        ["D", "", "zwei", "recht", "a@b.de", "", "", "W", "2026-05-04", "Muster=[P]", "", "2"],
    ]
    with pytest.raises(ValidationError) as caught:
        read(rows)
    found = {(item.rule, item.column): item.rows for item in caught.value.findings}
    assert found == {
        ("passages.code", "codes"): (4,),
        ("passages.case", "case"): (5,),
        ("passages.twice", "passage"): (2, 3),
        ("passages.spread", "passage"): (2, 3, 4),
        ("passages.unnamed", "passage"): (8,),
        ("passages.release", "released_on"): (3,),
        ("passages.date", "released_on"): (4,),
        ("passages.empty", "text"): (5,),
        ("passages.group", "staffel"): (6, 7, 8),
        ("passages.placeholders", "placeholders"): (5, 6),
        ("passages.name", "text"): (7, 8),
    }
    message = str(caught.value)
    assert "meant: personal?" in message
    assert not any(word in message for word in ("Erika", "Muster", "Satz", "Wer", "b.de"))


def test_the_first_row_must_hold_headings(read):
    with pytest.raises(SourceFileError, match="no column 'case', 'codes'") as caught:
        read(ROWS[1:], head=ROWS[0], groups=())
    assert "Muster" not in str(caught.value)
    with pytest.raises(SourceFileError, match="number 12") as caught:
        read(groups=())
    assert "groups" in str(caught.value)
    with pytest.raises(ValidationError, match="meaning of their own"):
        read(groups=["staffel", "text"])


def test_provenance_stays_when_texts_are_deleted(read):
    before = read()
    bare = [[*row[:4], row[4] if row[7] else "", "", "", *row[7:]] for row in ROWS]
    after = read(bare)
    assert after.provenance.fingerprint == before.provenance.fingerprint
    assert SECRET not in str(before.provenance.to_dict())
    changed = [ROWS[0], [*ROWS[1][:3], "recht", *ROWS[1][4:]], *ROWS[2:]]
    assert read(changed).provenance.fingerprint != before.provenance.fingerprint


@pytest.mark.parametrize(
    ("text", "shown", "clean"),
    [
        ("Essen, Essens Rat", "[Stadt], [Stadt]s Rat", True),
        ("Wir essen in Essen", "Wir essen in [Stadt]", False),
        ("Essener Rat", "Essener Rat", False),
        ("Großessen", "Großessen", True),
        ("NEU-ESSEN", "NEU-ESSEN", False),
        ("in Au auch", "in [Ort] auch", True),
        ("die Auer", "die Auer", False),
        ("Fr. Mu\u0308ller", "Fr. [Person]", True),
        ("Anna\u00a0 Müller", "[Person]", True),
        ("192.0.2.1", "192.0.2.1", False),
    ],
)
def test_names_are_replaced_as_words_and_none_is_left(text, shown, clean):
    names = placeholders_of("Essen=[Stadt]; Au=[Ort]; Müller=[Person]; Anna Müller=[Person]")
    assert anonymised(text, names) == (shown, clean)


def test_a_word_can_be_declared_no_name():
    names = placeholders_of("Essen=[Stadt]; essen=essen")
    assert anonymised("Wir essen in Essen", names) == ("Wir essen in [Stadt]", True)


@pytest.mark.parametrize("cell", ["Essen", "=[Stadt]", "Essen=", "Essen=Stadt", "Essen=[Essen]"])
def test_placeholders_that_hide_nothing_are_refused(cell):
    assert placeholders_of(cell) is None


def test_the_name_of_a_case_must_not_be_left(read):
    rows = [
        [
            "Musterhausen",
            "p1",
            "",
            "recht",
            "In Musterhausen",
            "",
            "",
            "L",
            "2026-05-04",
            *[""] * 2,
            "1",
        ]
    ]
    with pytest.raises(ValidationError, match="name or an address"):
        read(rows)
