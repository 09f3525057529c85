"""Cells become answers, or missings with their reason, or errors; nothing in between."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.loaders.surveys.export import column_of, delimiter_of
from begleitforschung.loaders.surveys.values import dates, mentions_of, values_of, without_text
from begleitforschung.loaders.surveys.words import clean, words
from begleitforschung.surveys import STATUSES, Item
from begleitforschung.surveys.survey import ANSWERED


def item(**fields):
    return Item.model_validate({"id": "q", "text": {"de": "Frage"}} | fields)


def codes(*pairs):
    return [
        {"code": code, "label": {"de": de, "en": en}} | ({"missing": missing} if missing else {})
        for code, de, en, missing in pairs
    ]


CHOICE = item(
    kind="single",
    codes=codes(
        ("1", "Ja", "Yes", None),
        ("2", "Nein", "No", None),
        ("-oth-", "Sonstiges", "Other", None),
        ("9", "Weiß nicht", "Don't know", "dont_know"),
        ("-9", "keine Angabe", "refused", "refused"),
    ),
)


@pytest.mark.parametrize(
    ("cell", "answer", "status"),
    [
        ("1", "1", "answered"),
        ("1.0", "1", "answered"),
        ("1.0000000000", "1", "answered"),
        (" 2 ", "2", "answered"),
        ("Ja", "1", "answered"),
        ("ja", "1", "answered"),
        ("\ufeffJa", "1", "answered"),
        ("<p>Yes</p>", "1", "answered"),
        ("Ja\xa0", "1", "answered"),
        ("-oth-", "-oth-", "answered"),
        ("Other", "-oth-", "answered"),
        ("666666", "-oth-", "answered"),
        ("9", None, "dont_know"),
        ("weiß nicht", None, "dont_know"),
        ("-9", None, "refused"),
        ("-9.0", None, "refused"),
        (None, None, "no_answer"),
        ("N/A", None, "no_answer"),
        ("{question_not_shown}", None, "no_answer"),
    ],
)
def test_codes_and_labels_in_all_their_spellings(cell, answer, status):
    found = values_of(CHOICE, pd.Series([cell], dtype="str"))
    assert (None if found.values.isna()[0] else found.values[0]) == answer
    assert STATUSES[found.status[0]] == status
    assert not found.strange[0]


@pytest.mark.parametrize("cell", ["3", "jein", "1.5", "12", "0", "Y"])
def test_what_is_no_code_is_strange(cell):
    found = values_of(CHOICE, pd.Series(["1", cell], dtype="str"))
    assert found.strange.tolist() == [False, True]
    assert found.values.isna().tolist() == [False, True]


NUMBER = item(
    kind="number",
    codes=codes(("-1", "Weiß nicht", "", "dont_know")),
    missing_ranges=[{"low": "900", "missing": "refused"}, {"high": "-50"}],
)


@pytest.mark.parametrize(
    ("cell", "value", "status"),
    [
        ("7", 7, "answered"),
        ("-7,5", -7.5, "answered"),
        ("1200.5000000000", None, "refused"),
        ("120.5000000000", 120.5, "answered"),
        ("1e2", 100, "answered"),
        ("\u22123", -3, "answered"),
        ("-1", None, "dont_know"),
        ("-1.0", None, "dont_know"),
        ("900", None, "refused"),
        ("-50", None, "no_answer"),
        ("899.99", 899.99, "answered"),
    ],
)
def test_numbers_with_declared_missings_and_ranges(cell, value, status):
    found = values_of(NUMBER, pd.Series([cell], dtype="str"))
    got = None if np.isnan(found.values[0]) else found.values[0]
    assert (got, STATUSES[found.status[0]]) == (value, status)


@pytest.mark.parametrize("cell", ["1.200,50", "1,200.50", "ca. 5", "5 EUR", "--", "½"])
def test_what_is_no_number_is_strange(cell):
    assert values_of(NUMBER, pd.Series([cell], dtype="str")).strange[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-01", "2025-03-01"),
        ("2025-03-01 12:30:05", "2025-03-01 12:30:05"),
        ("2025-03-01T12:30", "2025-03-01 12:30"),
        ("1.3.2025", "2025-03-01"),
        ("01.03.2025 12:30", "2025-03-01 12:30"),
        ("31.02.2025", None),
        ("2025-13-01", None),
        ("03/01/2025", None),
        ("gestern", None),
        (None, None),
    ],
)
def test_dates_in_german_and_iso_order(text, expected):
    assert dates(text) == (None if expected is None else pd.Timestamp(expected))


MULTIPLE = item(
    kind="multiple",
    codes=codes(("a", "Mobilität", "Mobility", None), ("other", "Sonstiges", "Other", None)),
)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Y", "1"),
        ("Ja", "1"),
        ("1", "1"),
        ("Mobilität", "1"),
        ("mobility", "1"),
        ("a", "1"),
        ("N", "0"),
        ("Nein", "0"),
        ("0", "0"),
        ("nicht gewählt", "0"),
        (None, None),
        ("N/A", None),
    ],
)
def test_mentions_in_all_their_spellings(cell, expected):
    option, other = MULTIPLE.answers
    for part in (option, other):
        found = mentions_of(MULTIPLE, part, pd.Series([cell], dtype="str"))
        got = None if found.values.isna()[0] else found.values[0]
        assert (got, bool(found.strange[0])) == (expected, False)


def test_any_text_is_a_mention_of_other_and_strange_elsewhere():
    option, other = MULTIPLE.answers
    text = pd.Series(["Sportvereine"], dtype="str")
    assert mentions_of(MULTIPLE, other, text).values[0] == "1"
    assert mentions_of(MULTIPLE, option, text).strange[0]
    assert [without_text(cell) for cell in ("Sport", "Nein", "", "N/A", "Y")] == [
        *("Y", "Nein", "", "N/A", "Y")
    ]


@given(st.lists(st.sampled_from(["1", "2", "Ja", "Nein", "9", "-9", "", "jein"]), max_size=30))
@settings(max_examples=40)
def test_every_cell_is_an_answer_or_a_missing_or_strange(cells):
    column = pd.Series(cells, dtype="str")
    found = values_of(CHOICE, column.mask(column == ""))
    assert len(found.values) == len(cells)
    assert (found.values.notna().to_numpy() == (found.status == ANSWERED)).all()
    assert not found.values.notna().to_numpy()[found.strange].any()
    assert found.strange.sum() == cells.count("jein")


HEADINGS = {
    "q1": ("q1", ""),
    "q3[SQ001]": ("q3_SQ001", ""),
    "q3_SQ001": ("q3_SQ001", ""),
    "q3[SQ001]. Welche Felder? [Energie]": ("q3_SQ001", "Welche Felder? [Energie]"),
    "q3[a][b]": ("q3_a_b", ""),
    "q3[other]. Felder? [Sonstiges]": ("q3_other", "Felder? [Sonstiges]"),
    "q1. Gibt es das, z. B. hier?": ("q1", "Gibt es das, z. B. hier?"),
    "\ufeffq1. <b>Fett?</b>": ("q1", "Fett?"),
    "Wie alt sind Sie?": ("", "Wie alt sind Sie?"),
    "Welche? [Energie]": ("", "Welche? [Energie]"),
    "": ("", ""),
}


@pytest.mark.parametrize("heading", HEADINGS)
def test_headings_are_taken_apart(heading):
    column = column_of(heading)
    assert (column.name, column.wording) == HEADINGS[heading]


@pytest.mark.parametrize(
    ("text", "sign"),
    [("a;b;c\n1,5;2;3", ";"), ("a,b\n1;2", ","), ("a\tb\n", "\t"), ('"x;y;z",b,c\n', ",")],
)
def test_the_delimiter_is_that_of_the_first_record(text, sign):
    assert delimiter_of(text) == sign


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a  b\n c", "a b c"),
        ("<p>Wie <em>gut</em>?</p>", "Wie gut?"),
        ("A &amp; B", "A & B"),
        ("5 < 6 und 7 > 3", "5 < 6 und 7 > 3"),
        ("u\u0308ber", "über"),
        ("\u200bText\ufeff", "Text"),
    ],
)
def test_labels_are_cleaned(raw, cleaned):
    assert clean(raw) == cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("Antwort ID", "case"),
        ("submitdate", "submitted"),
        ("Datum Abgeschickt", "submitted"),
        ("Letzte Seite", "last_page"),
        ("Start-Sprache", "language"),
        ("IP-Adresse", "personal"),
        ("Zugangscode", "personal"),
        ("RecipientEmail", "personal"),
        ("interviewtime", "seconds"),
        ("groupTime12", "aside"),
        ("TIME003", "aside"),
        ("Timeline", None),
        ("Name der Kommune", None),
    ],
)
def test_paradata_are_known_in_both_languages(heading, meaning):
    assert words().meaning(heading) == meaning


@pytest.mark.parametrize(
    ("heading", "is_personal"),
    [
        ("E-Mail", True),
        ("Ihre e-mail-Adresse", True),
        ("Vorname", True),
        ("Ansprechpartner/in", True),
        ("Telefonnummer", True),
        ("Straße und Hausnummer", True),
        ("Name der Kommune", False),
        ("Adressaten der Strategie", False),
        ("Einwohner", False),
    ],
)
def test_headings_that_speak_of_a_person(heading, is_personal):
    assert words().speaks_of_person(heading) == is_personal


@pytest.mark.parametrize(
    ("cell", "is_personal"),
    [
        ("erreichbar unter a.b@stadt.example", True),
        ("192.0.2.17", True),
        ("Version 1.2.3", False),
        ("@stadt", False),
        ("12.03.2025", False),
    ],
)
def test_cells_that_hold_an_address(cell, is_personal):
    assert words().holds_person([cell]) == is_personal
