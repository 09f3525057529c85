"""Values filled into texts, Markdown, front matter."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.errors import CatalogueError, ReportError, UnknownCodeError
from begleitforschung.reports.filling import fill_markdown
from begleitforschung.reports.markdown import parse_markdown, plain, text_of, walk
from begleitforschung.reports.metadata import parse_metadata
from begleitforschung.reports.pdf import table_measures


def filled(text: str, **values: object) -> str:
    return text_of(parse_markdown(fill_markdown(text, values)))


def test_numbers_dates_and_texts() -> None:
    assert filled("{a:1 %}", a=2.45) == "2,5\u00a0%"
    assert filled("{a:+1}", a=2.45) == "+2,5"
    assert filled("{a}", a=1042) == "1.042"
    assert filled("{a}", a=1042.0) == "1.042"
    assert filled("{a:1}", a=float("nan")) == "–"
    assert filled("{a}", a=dt.date(2026, 11, 21)) == "21.\u00a0November 2026"
    assert filled("{{a}} {a}", a="x") == "{a} x"


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ReportError, match=r"\{a:1\}"):
        filled("{a}", a=2.45)
    with pytest.raises(ReportError, match=r"\{b\}"):
        filled("{a}", a=1, b=2)
    with pytest.raises(UnknownCodeError, match="Did you mean 'mean'"):
        filled("{maen}", mean=1)
    with pytest.raises(ReportError, match="write it twice"):
        filled("a { b")
    with pytest.raises(ReportError, match="no number"):
        filled("{a:1}", a="x")


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_a_filled_in_text_stays_a_text(value: str) -> None:
    nodes = parse_markdown(fill_markdown("a {x} b", {"x": value}))
    assert [node["t"] for node in walk(nodes)] == ["p", "text"]
    assert text_of(nodes) == f"a {value} b"


@given(st.text(st.sampled_from("#*_`[]()<>!&;\\@-tabx1. \n{}\"'$=~+|")))
def test_any_markdown_is_parsed_or_refused(text: str) -> None:
    known = {
        "p",
        "h",
        "ul",
        "ol",
        "quote",
        "rule",
        "text",
        "strong",
        "em",
        "code",
        "link",
        "ref",
        "br",
    }
    try:
        nodes = parse_markdown(text)
    except ReportError:
        return
    assert {node["t"] for node in walk(nodes)} <= known


def test_references_and_mail_addresses() -> None:
    nodes = list(walk(parse_markdown("(@abb-a-1), @tab-b. a@abb-c.de \\@abb-d `@abb-e`")))
    assert [node["id"] for node in nodes if node["t"] == "ref"] == ["abb-a-1", "tab-b"]


def test_headings_without_number() -> None:
    first, second = parse_markdown("# Kurz*fassung* {-}\n\n## B")
    assert (first["numbered"], text_of(first["c"])) == (False, "Kurzfassung")
    assert second["numbered"]


@pytest.mark.parametrize(
    ("markdown", "advice"),
    [
        ("![a](b.png)", "figure()"),
        ("|a|\n|-|\n|b|", "table()"),
        ("```\nx\n```", "code"),
        ("    x", "code"),
        ("[a](javascript:x)", ""),
        ("[a](datei.pdf)", "https"),
    ],
)
def test_what_a_report_must_not_hold(markdown: str, advice: str) -> None:
    if "javascript" in markdown:  # the parser itself makes no link of it
        assert text_of(parse_markdown(markdown)) == markdown
        return
    with pytest.raises(ReportError) as caught:
        parse_markdown(markdown)
    assert advice in str(caught.value)


def test_addresses_become_links() -> None:
    nodes = plain("L (https://www.govdata.de/dl-de/by-2-0); Daten verändert")
    assert [node.get("href") for node in nodes] == [
        None,
        "https://www.govdata.de/dl-de/by-2-0",
        None,
    ]
    assert text_of(nodes) == "L (https://www.govdata.de/dl-de/by-2-0); Daten verändert"


def test_front_matter() -> None:
    content = {"title": "A {year}", "date": "2026-11", "publisher": "P", "authors": ["{year}"]}
    metadata = parse_metadata(content, parameters={"year": "2021"}, file="x.ipynb")
    assert (metadata.title, metadata.authors) == ("A 2021", ("2021",))
    assert metadata.cite("en") == "P (Ed.), 2026: A 2021."
    assert metadata.imprint("de") == [
        ("Herausgeber", "P"),
        ("Autorinnen und Autoren", "2021"),
        ("Stand", "November 2026"),
    ]
    with pytest.raises(CatalogueError, match="autoren"):
        parse_metadata(content | {"autoren": "x"}, parameters={"year": "1"}, file="x")
    with pytest.raises(UnknownCodeError):
        parse_metadata(content, parameters={}, file="x")
    with pytest.raises(ReportError, match="2026-13"):
        parse_metadata(content | {"date": "2026-13"}, parameters={"year": "1"}, file="x")


def table_node(*labels: str, cell: str = "1", align: str = "left") -> dict[str, object]:
    columns = [{"label": label, "unit": "", "align": align} for label in labels]
    rows = [[{"s": cell, "mark": ""}] * len(labels)]
    return {"id": "tab-x", "columns": columns, "rows": rows}


def test_columns_are_as_wide_as_their_texts() -> None:
    measures = table_measures(table_node("Kreise", "n"))
    assert measures["widths"] == [9, 4]
    assert measures["width"] < 15
    assert (measures["size"], measures["landscape"]) == (8.5, False)


def test_wide_tables_get_smaller_then_turn_then_are_refused() -> None:
    smaller = table_measures(table_node(*["Spalte"] * 9, cell="123.456,78", align="right"))
    assert (smaller["width"], smaller["landscape"]) == (100, False)
    assert 7 <= smaller["size"] < 8.5
    turned = table_measures(table_node(*["Spalte"] * 12, cell="123.456,78", align="right"))
    assert turned["landscape"]
    with pytest.raises(ReportError, match=r"'tab-x' is too wide for a page \(20 columns"):
        table_measures(table_node(*["Spalte"] * 20, cell="123.456,78", align="right"))


def test_long_texts_are_broken_before_a_page_is_turned() -> None:
    node = table_node(*["Spalte"] * 4, cell="Wort " * 20)
    measures = table_measures(node)
    assert not measures["landscape"]
    assert (measures["width"], measures["size"]) == (100, 7)
    assert sum(measures["widths"]) == pytest.approx(98 * 8.5 / 7, abs=0.1)
