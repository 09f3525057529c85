"""`ValidationReport`: what it counts, names and prints, whoever filled it."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from typing import Any

import jsonschema
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from begleitforschung.catalogue import resource
from begleitforschung.errors import DisclosureError, Finding
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source
from begleitforschung.results.validation import (
    COLUMNS,
    CORRECTED,
    SEVERITY_LABELS,
    ValidationReport,
    by_rule,
    place,
)
from begleitforschung.results.validation_page import SHOWN

SCHEMA = json.loads(resource("rules", "report.schema.json").read_text(encoding="utf-8"))
SOURCES = (
    Source(publisher="Amt A", title="Kreise", edition="2024"),
    Source(publisher="Amt B", title="Länder", edition="2023", licence="dl-de/by-2-0", changes="x"),
)
CELL = {
    "severity": "error",
    "rule": "range",
    "file": "kreise.csv",
    "row": 7,
    "unit": "01001",
    "year": 2021,
    "indicator": "cars",
    "key": "01001 / 2021 / cars",
    "column": "value",
    "value": "1234.5",
    "expected": "≤ 900.5",
    "n": 1,
    "text_de": "Wert zu groß",
    "text_en": "value too large",
    "hint_de": "Nachsehen.",
    "hint_en": "Look up.",
}
FIX = {
    "unit": "01001",
    "year": 2021,
    "indicator": "cars",
    "field": "value",
    "old": "1234.5",
    "new": "123.45",
    "reason": "Komma",
    "author": "A. Beck",
    "date": "2026-11-20",
    "applied": True,
    "refusal_de": None,
    "refusal_en": None,
    "file": "korrekturen.csv",
    "row": 2,
}
REFUSED = FIX | {"applied": False, "refusal_de": "gibt es nicht", "refusal_en": "does not exist"}


def report(*rows: dict[str, Any], fixes: Any = (), **options: Any) -> ValidationReport:
    """Make a report of cells that differ from `CELL` by the keys given."""
    cells = [CELL | row for row in rows]
    findings = tuple(
        Finding(rule=c["rule"], severity=c["severity"], text=Text(c["text_de"]), n=c["n"])
        for c in cells
    )
    table = pd.DataFrame(cells, columns=list(COLUMNS)).astype({"row": "Int64", "year": "Int64"})
    corrected = pd.DataFrame(list(fixes), columns=list(CORRECTED)).astype({"year": "Int64"})
    node = Provenance.of("read", *SOURCES).then("validate")
    return ValidationReport(
        table=table, data=None, corrected=corrected, provenance=node, findings=findings, **options
    )


def printed(made: ValidationReport, lang: Any = "de") -> Any:
    return html.fromstring(made.to_html(lang))


def words(node: Any) -> str:
    return " ".join(node.text_content().split())


def grid(table: Any) -> list[list[str]]:
    """Return the texts of a table of the page, heading first."""
    return [[words(cell) for cell in row] for row in table.iter("tr")]


# Counting -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severities", "counts", "ok"),
    [
        ([], (0, 0, 0), True),
        ([("info", 5)], (0, 0, 5), True),
        ([("warning", 1), ("info", 2), ("warning", 3)], (0, 4, 2), True),
        ([("error", 1)], (1, 0, 0), False),
        ([("warning", 9), ("error", 2), ("error", 40)], (42, 9, 0), False),
    ],
)
def test_only_errors_spoil_a_table(severities: Any, counts: Any, ok: bool) -> None:
    made = report(*({"severity": severity, "n": n} for severity, n in severities))
    assert made.ok is ok
    assert made.counts == dict(zip(("error", "warning", "info"), counts, strict=True))
    assert len(made.errors) == sum(severity == "error" for severity, _ in severities)
    assert made.figure().axes[0].patches[0].get_width() == counts[0]


@pytest.mark.parametrize(
    ("lang", "alt", "bars"),
    [
        ("de", "Balken mit der Anzahl der Befunde; Fehler: 3, Warnung: 0, Hinweis: 1.",
         ["Fehler", "Warnung", "Hinweis"]),
        ("en", "Bars with the number of findings; Error: 3, Warning: 0, Remark: 1.",
         ["Error", "Warning", "Remark"]),
    ],
)  # fmt: skip
def test_the_figure_counts_by_severity(lang: Any, alt: str, bars: list[str]) -> None:
    made = report({"n": 3}, {"severity": "info"})
    assert made.alt_text(lang) == alt
    axes = made.figure(lang, highlight=bars[:1]).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == bars
    assert [text.get_text() for text in axes.texts] == ["3", "0", "1"]


# Places and rules -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "german", "english"),
    [
        ({}, "kreise.csv, Zeile 7, 01001 / 2021 / cars", "kreise.csv, row 7, 01001 / 2021 / cars"),
        ({"row": None}, "kreise.csv, 01001 / 2021 / cars", "kreise.csv, 01001 / 2021 / cars"),
        ({"file": None, "key": None}, "Zeile 7", "row 7"),
        ({"file": None, "row": pd.NA, "key": None}, "", ""),
    ],
)
def test_a_place_is_named_as_far_as_known(cell: Any, german: str, english: str) -> None:
    assert place(CELL | cell, "de") == german
    assert place(CELL | cell, "en") == english


def test_rules_are_summed_up_in_their_order() -> None:
    made = report(
        {"n": 2},
        {"row": 9, "n": 3},
        {"rule": "jump", "severity": "info", "text_de": "Sprung von 1 auf 2"},
        {"rule": "jump", "severity": "info", "text_de": "Sprung von 2 auf 9"},
        {"rule": "range", "severity": "warning"},
    )
    found = by_rule(made.table, "de")
    assert [(x["rule"], x["severity"], x["label"], x["n"], len(x["rows"])) for x in found] == [
        ("range", "error", "Fehler", 5, 2),
        ("jump", "info", "Hinweis", 2, 2),
        ("range", "warning", "Warnung", 1, 1),
    ]
    assert [(x["text"], x["texts_differ"]) for x in found] == [
        ("Wert zu groß", False),
        ("Sprung von 1 auf 2 und weitere", True),
        ("Wert zu groß", False),
    ]
    assert by_rule(made.table, "en")[1]["text"] == "value too large"


@pytest.mark.parametrize(
    ("rule", "german", "english"),
    [
        ("correction.applied", "Wert oder Einheit korrigiert", "Value or unit corrected"),
        ("correction.refused", "Korrektur nicht angewendet", "Correction not applied"),
        ("range", "eins und weitere", "one and others"),
    ],
)
def test_rules_whose_texts_differ_have_a_title(rule: str, german: str, english: str) -> None:
    rows = [
        {"rule": rule, "text_de": de, "text_en": en} for de, en in (("eins", "one"), ("2", "2"))
    ]
    made = report(*rows)
    assert made.display("de").to_frame()["rule"].tolist() == [german]
    assert made.display("en").to_frame()["rule"].tolist() == [english]
    (section,) = printed(made).xpath("//section[@class='error']")
    assert grid(section.find(".//table"))[0][-1] == "Befund"
    assert [row[-1] for row in grid(section.find(".//table"))[1:]] == ["eins", "2"]


# Tables and programs --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("de", [
            "Regel | Schwere | Anzahl | Beispiel | Was zu tun ist",
            "Wert zu groß | Fehler | 1.200 | kreise.csv, Zeile 7, 01001 / 2021 / cars | Nachsehen.",
            "Wert zu groß | Hinweis | 1 | kreise.csv, Zeile 7, 01001 / 2021 / cars | –",
        ]),
        ("en", [
            "Rule | Severity | Number | Example | What to do",
            "value too large | Error | 1,200 | kreise.csv, row 7, 01001 / 2021 / cars | Look up.",
            "value too large | Remark | 1 | kreise.csv, row 7, 01001 / 2021 / cars | –",
        ]),
    ],
)  # fmt: skip
def test_display_has_one_row_for_each_rule(lang: Any, lines: list[str]) -> None:
    made = report({"n": 1200}, {"severity": "info", "hint_de": None, "hint_en": None})
    model = made.display(lang)
    rows = [[column.label for column in model.columns], *model.formatted()]
    assert [" | ".join(row) for row in rows] == lines
    assert model.notes == []
    assert model.source.startswith("Amt A: Kreise")
    assert "; Amt B: Länder" in model.source


@pytest.mark.parametrize(
    ("lang", "note"), [("de", "Keine Auffälligkeiten."), ("en", "Nothing found.")]
)
def test_nothing_found_is_said(lang: Any, note: str) -> None:
    made = report()
    assert made.display(lang).notes == [note]
    assert note in words(printed(made, lang))
    assert made.trace().empty


def test_the_frame_holds_one_row_for_each_place_in_one_language() -> None:
    made = report({}, {"row": None})
    frame = made.to_frame("en")
    assert list(frame.columns) == [*COLUMNS[:12], "text", "hint"]
    assert (frame.loc[0, "text"], frame.loc[0, "hint"]) == ("value too large", "Look up.")
    assert made.to_frame()["hint"].tolist() == ["Nachsehen."] * 2
    frame["text"] = "x"
    assert made.to_frame("en")["text"].tolist() == ["value too large"] * 2
    assert made.trace()["row"].tolist() == [7]


def test_programs_get_both_languages_and_plain_values() -> None:
    made = report({}, {"row": None, "hint_de": None, "hint_en": None}, fixes=[FIX, REFUSED])
    content = json.loads(made.to_json())
    jsonschema.validate(content, SCHEMA)
    first, second = content["findings"]
    assert first["row"] == 7
    assert first["text"] == {"de": "Wert zu groß", "en": "value too large"}
    assert first["hint"] == {"de": "Nachsehen.", "en": "Look up."}
    assert (second["row"], second["hint"]) == (None, None)
    applied, refused = content["corrections"]
    assert (applied["applied"], applied["refusal"]) == (True, None)
    assert refused["refusal"] == {"de": "gibt es nicht", "en": "does not exist"}
    assert content["counts"] == {"error": 2, "warning": 0, "info": 0}
    assert (content["ok"], content["gebietsstand"]) == (False, "unknown")
    assert content["sources"] == [source.citation("en") for source in SOURCES]
    assert content["fingerprint"] == made.provenance.fingerprint


# The page -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "severity", "verdict"),
    [
        ("de", "warning", "Keine Fehler gefunden: Die Daten können verwendet werden."),
        ("en", "warning", "No errors found: the data can be used."),
        ("de", "error", "Es gibt Fehler: Die betroffenen Zellen erst klären, dann verwenden."),
        ("en", "error", "There are errors: clarify the cells concerned before using them."),
    ],
)
def test_the_page_begins_with_a_verdict_and_counts(lang: Any, severity: str, verdict: str) -> None:
    page = printed(report({"severity": severity, "n": 1200}), lang)
    assert words(page.find(".//section/p/strong")) == verdict
    counts = dict(grid(page.find(".//table"))[1:])
    label = SEVERITY_LABELS[severity].get(lang)
    assert counts.pop(label) == {"de": "1.200", "en": "1,200"}[lang]
    assert set(counts.values()) == {"0"}


@pytest.mark.parametrize(
    ("lang", "heading", "lines"),
    [
        ("de", "Fehler Wert zu groß", [
            "Regel: range; Anzahl: 1. Was zu tun ist: Nachsehen.",
            "Datei | Zeile | Einheit | Jahr | Indikator | Spalte | Wert | Vergleich",
            "kreise.csv | 7 | 01001 | 2021 | 5.1 | value | 1234,5 | ≤ 900,5",
        ]),
        ("en", "Error value too large", [
            "Rule: range; Number: 1. What to do: Look up.",
            "File | Row | Unit | Year | Indicator | Column | Value | Compared with",
            "kreise.csv | 7 | 01001 | 2021 | 5.1 | value | 1234.5 | ≤ 900.5",
        ]),
    ],
)  # fmt: skip
def test_places_on_the_page(lang: Any, heading: str, lines: list[str]) -> None:
    (section,) = printed(report({"indicator": "5.1"}), lang).xpath("//section[@class='error']")
    assert words(section.find("h3")) == heading
    rows = [" | ".join(row) for row in grid(section.find(".//table"))]
    assert [words(section.find("p")), *rows] == lines


def test_columns_without_content_are_left_out_and_single_gaps_are_dashes() -> None:
    nowhere = {"unit": None, "year": None, "indicator": None, "row": None}
    rows = [{**nowhere, "key": "Zeile A", "value": None}, {**nowhere, "key": None, "value": None}]
    (section,) = printed(report(*rows)).xpath("//section[@class='error']")
    assert grid(section.find(".//table")) == [
        ["Datei", "Schlüssel", "Spalte", "Vergleich"],
        ["kreise.csv", "Zeile A", "value", "≤ 900,5"],
        ["kreise.csv", "–", "value", "≤ 900,5"],
    ]


@pytest.mark.parametrize(
    ("value", "german"),
    [
        ("0.5", "0,5"),
        ("-1.25", "-1,25"),
        ("1.5e-07", "1,5e-07"),
        ("12", "12"),
        ("1.2.3", "1.2.3"),
        ("v1.5", "v1.5"),
        ("3.10 Uhr", "3.10 Uhr"),
    ],
)
def test_only_numbers_get_a_decimal_comma(value: str, german: str) -> None:
    for lang, expected in (("de", german), ("en", value)):
        (section,) = printed(report({"value": value}), lang).xpath("//section[@class='error']")
        assert grid(section.find(".//table"))[1][-2] == expected


@pytest.mark.parametrize("n", [SHOWN, SHOWN + 1, 1500])
def test_long_lists_are_cut_where_the_page_says_so(n: int) -> None:
    made = report(*({"row": row} for row in range(2, n + 2)))
    (section,) = printed(made).xpath("//section[@class='error']")
    assert len(grid(section.find(".//table"))) == SHOWN + 1
    notes = [words(p) for p in section.findall("p[@class='below']")]
    total = f"{n:,}".replace(",", ".")
    assert (
        notes == []
        if n == SHOWN
        else notes[0].startswith(f"Gezeigt sind die ersten 100 von {total}")
    )


@pytest.mark.parametrize(
    ("lang", "heads", "outcomes"),
    [
        ("de", "Einheit Jahr Indikator Feld alt neu Begründung von am Ergebnis",
         ["angewendet", "nicht angewendet: gibt es nicht"]),
        ("en", "Unit Year Indicator Field old new Reason by on Outcome",
         ["applied", "not applied: does not exist"]),
    ],
)  # fmt: skip
def test_corrections_on_the_page(lang: Any, heads: str, outcomes: list[str]) -> None:
    page = printed(report(fixes=[FIX, REFUSED]), lang)
    table = grid(page.findall(".//table")[-1])
    assert " ".join(table[0]) == heads
    assert [row[-1] for row in table[1:]] == outcomes
    old = {"de": ["1234,5", "123,45"], "en": ["1234.5", "123.45"]}[lang]
    assert table[1][:-1] == [
        "01001",
        "2021",
        "cars",
        "value",
        *old,
        "Komma",
        "A. Beck",
        "2026-11-20",
    ]


def test_hidden_values_of_corrections_are_dashes() -> None:
    hidden = FIX | dict.fromkeys(["unit", "year", "indicator", "old", "new", "reason"])
    table = grid(printed(report(fixes=[hidden])).findall(".//table")[-1])
    assert table[1] == [
        "–",
        "–",
        "–",
        "value",
        "–",
        "–",
        "–",
        "A. Beck",
        "2026-11-20",
        "angewendet",
    ]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_sources_and_fingerprint_end_the_page(lang: Any) -> None:
    made = report({})
    page = printed(made, lang)
    assert [words(item) for item in page.iter("li")] == [s.citation(lang) for s in SOURCES]
    assert (
        words(page.xpath("//p[@class='below']")[-1])
        == f"Fingerprint: {made.provenance.fingerprint}"
    )
    assert page.xpath("//h2")[0].text == {"de": "Überblick", "en": "Summary"}[lang]


@settings(max_examples=10)
@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20))
def test_whatever_stands_in_a_cell_is_shown_as_text(value: str) -> None:
    page = printed(report({"value": f"a {value}", "text_de": value}))
    (section,) = page.xpath("//section[@class='error']")
    assert grid(section.find(".//table"))[1][-2] == f"a {value}"
    assert words(section.find("h3")) == f"Fehler {value}"


# Showing --------------------------------------------------------------------------------------


def test_a_report_that_must_not_be_shown_is_no_page_either() -> None:
    for show in (ValidationReport.to_html, ValidationReport.display, ValidationReport.figure):
        with pytest.raises(DisclosureError, match="this ValidationReport is personal"):
            show(report({}, confidentiality="personal"))
    secret = report({}, confidentiality="confidential")
    for show in (ValidationReport.to_html, ValidationReport.to_json):
        with pytest.raises(DisclosureError, match="confidential and not protected"):
            show(secret)
        assert "UNPROTECTED" in show(secret, allow_unprotected=True) or "UNGESCHÜTZT" in show(
            secret, allow_unprotected=True
        )
    made = report({})
    with pytest.raises(FrozenInstanceError):
        made.data = None  # type: ignore[misc]
