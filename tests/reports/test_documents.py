"""Documents made of executed notebooks, without a kernel: order, numbers, references, languages."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import FrozenInstanceError
from typing import Any

import pikepdf
import pytest
from lxml import html
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from begleitforschung.display.figures import bars
from begleitforschung.display.style import figure_bytes
from begleitforschung.errors import CatalogueError, ReportError
from begleitforschung.reports.blocks import BLOCK_TYPE, caption, notes_of, source_lines
from begleitforschung.reports.document import Document, build_document
from begleitforschung.reports.execute import declared_parameters, with_parameters
from begleitforschung.reports.html import to_html
from begleitforschung.reports.markdown import parse_markdown, plain, text_of, walk
from begleitforschung.reports.metadata import ReportMetadata, parse_metadata
from begleitforschung.reports.pdf import to_pdf
from begleitforschung.reports.words import WORDS, words

NBSP = "\u00a0"
FRONT = {"title": "Pkw", "date": "2022-05", "publisher": "Institut"}


def table(key: str, **options: Any) -> dict[str, Any]:
    column = {"label": "Kreis", "unit": "", "align": "left"}
    cell = {"s": "Ulm", "mark": "a", "strong": True, "value": "Ulm"}
    return {"t": "table", "id": key, "title": "Titel", "headline": "", "lang": "de", "notes": [],
            "columns": [column], "rows": [[cell]], "sources": ["Amt"], **options}  # fmt: skip


def figure(key: str, image: bytes = b"<svg/>", **options: Any) -> dict[str, Any]:
    data = {"kind": "svg", "base64": base64.b64encode(image).decode()}
    return {"t": "figure", "id": key, "title": "Titel", "headline": "", "lang": "de",
            "alt": "Balken", "image": data, "notes": [], "sources": ["Amt"], **options}  # fmt: skip


def document(*cells: str | dict[str, Any], lang: Any = "de", **front: Any) -> Document:
    """Build a document of Markdown cells and of code cells that emitted a block."""
    made = []
    for cell in cells:
        if isinstance(cell, str):
            made.append(new_markdown_cell(cell))
        else:
            output = new_output("display_data", {BLOCK_TYPE: json.loads(json.dumps(cell))})
            made.append(new_code_cell("", outputs=[output]))
    metadata = parse_metadata(FRONT | front, parameters={}, file="x.ipynb")
    return build_document(from_dict(new_notebook(cells=made)), metadata, lang, name="x.ipynb")


# Numbers and references -----------------------------------------------------------------------


def test_figures_and_tables_are_counted_each_for_itself_in_reading_order() -> None:
    made = document(table("tab-b"), figure("abb-a"), table("tab-a"), figure("abb-b"))
    assert made.numbers() == {
        "tab-b": f"Tabelle{NBSP}1",
        "abb-a": f"Abbildung{NBSP}1",
        "tab-a": f"Tabelle{NBSP}2",
        "abb-b": f"Abbildung{NBSP}2",
    }
    english = document(table("tab-b"), figure("abb-a"), lang="en")
    assert list(english.numbers().values()) == [f"Table{NBSP}1", f"Figure{NBSP}1"]


def test_references_are_resolved_forwards_backwards_and_inside_lists() -> None:
    text = "Siehe @tab-a.\n\n- *@abb-a*\n- @tab-b\n\n> **@tab-a**"
    made = document(table("tab-b"), text, table("tab-a"), figure("abb-a"))
    shown = [node["s"] for node in walk(made.nodes) if node["t"] == "ref"]
    assert shown == [
        f"Tabelle{NBSP}2",
        f"Abbildung{NBSP}1",
        f"Tabelle{NBSP}1",
        f"Tabelle{NBSP}2",
    ]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["# A\n\n### B"], "x.ipynb: the heading 'B' is of level 3 below one of level 1; write ##"),
        (["## B"], "x.ipynb: the heading 'B' is of level 2 below one of level 0; write #"),
        ([table("tab-a"), table("tab-a")], "x.ipynb: the identifier 'tab-a' stands twice"),
        (["# A", "![a](b.png)"], "x.ipynb, cell 2: Markdown of a report holds no image;"),
        (["[a](b.pdf)"], "x.ipynb, cell 1: the link 'b.pdf' leads nowhere for readers"),
        (["@tab-a"], "x.ipynb refers to what it does not show:\n  - 'tab-a' is not a code of"),
    ],
)  # fmt: skip
def test_what_a_reader_would_stumble_on_is_refused(cells: Any, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        document(*cells)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("headings", "numbers"),
    [
        ("# A\n# B\n# C", ["1", "2", "3"]),
        ("# A\n## B\n## C\n# D\n## E", ["1", "1.1", "1.2", "2", "2.1"]),
        ("# A\n## B\n### C\n## D\n### E", ["1", "1.1", "1.1.1", "1.2", "1.2.1"]),
        ("# Kurz {-}\n# A\n# Anhang {-}\n# B", ["", "1", "", "2"]),
    ],
)
def test_headings_are_numbered(headings: str, numbers: list[str]) -> None:
    made = document(headings.replace("\n", "\n\n"))
    assert [node["number"] for node in made.nodes] == numbers
    assert [node["id"] for node in made.nodes] == [f"kap-{k + 1}" for k in range(len(numbers))]


# Content --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notes", "sources", "lang", "lines"),
    [
        ([], ["Amt"], "de", [("Quelle", "Amt")]),
        (["a", "b"], ["A", "B"], "de", [("Anmerkung", "a b"), ("Quelle", "A; B")]),
        (["a"], ["A"], "en", [("Note", "a"), ("Source", "A")]),
    ],
)
def test_lines_below_a_block(notes: Any, sources: Any, lang: Any, lines: Any) -> None:
    (node,) = document(table("tab-a", notes=notes, sources=sources), lang=lang).nodes
    assert [(line["label"], text_of(line["c"])) for line in node["below"]] == lines


def test_the_fingerprint_is_that_of_the_content() -> None:
    base = document("# A", figure("abb-a")).fingerprint
    assert base == document("# A", figure("abb-a")).fingerprint
    others = [
        document("# B", figure("abb-a")),
        document("# A", figure("abb-a", b"<svg> </svg>")),
        document("# A", figure("abb-a", alt="Anders")),
        document("# A", figure("abb-a"), lang="en"),
        document("# A", figure("abb-a"), title="Rad"),
        document("# A", figure("abb-a", trace={"columns": ["row"], "rows": [[2]]})),
        document(figure("abb-a"), "# A"),
    ]
    assert len({base, *(made.fingerprint for made in others)}) == len(others) + 1


def test_images_and_traces_lie_beside_the_nodes() -> None:
    trace = {"columns": ["file", "row"], "rows": [["k.csv", 2]]}
    empty = {"columns": [], "rows": []}
    made = document(figure("abb-a", b"<svg>x</svg>", trace=trace), table("tab-a", trace=empty))
    assert made.images == {"abb-a.svg": b"<svg>x</svg>"}
    assert made.nodes[0]["image"] == {"kind": "svg", "file": "abb-a.svg"}
    assert made.traces == {"abb-a": trace}
    assert "trace" not in made.nodes[0]
    with pytest.raises(FrozenInstanceError):
        made.lang = "en"  # type: ignore[misc]


def test_the_data_of_a_report_hold_no_control_signs() -> None:
    content = document("a\u2028b", title="T\tU\x07\r\nV").to_dict()
    assert content["metadata"]["title"] == "T U V"
    assert text_of(content["nodes"]) == "a b"
    assert content["fingerprint"] == document("a\u2028b", title="T\tU\x07\r\nV").fingerprint


# HTML and PDF in English ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def english() -> Document:
    image = figure_bytes(bars(["a"], [1.0], axis="x", lang="en"), "svg")
    return document(
        "# Summary {-}\n\nSee @tab-a and @abb-a.\n\n3. three\n4. four\n\n> quoted\n\n---",
        "# Results",
        table("tab-a", notes=["n"], headline="Ulm leads", lang="en"),
        figure("abb-a", image, alt="One bar", lang="en"),
        lang="en",
        subtitle="Cars",
        authors=["A. Beck"],
        licence="CC BY 4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
    )


def test_the_english_page(english: Document) -> None:
    page = html.fromstring(to_html(english))
    assert page.get("lang") == "en"
    shown = " ".join(page.text_content().split())
    for word in ("Imprint", "How to cite", "Contents", "As of", "May 2022", "Authors", "A. Beck"):
        assert word in shown
    for word in ("Quelle", "Tabelle", "Abbildung", "Impressum", "Herausgeber", "Stand"):
        assert word not in shown
    assert page.xpath("//caption")[0].text_content() == f"Table{NBSP}1: Titel"
    assert page.xpath("//ol/@start") == ["3"]
    assert page.xpath("//blockquote")[0].text_content().strip() == "quoted"
    assert page.xpath("//div[@id='tab-a']//p[@class='headline']")[0].text == "Ulm leads"
    (cell,) = page.xpath("//div[@id='tab-a']//tbody//th")
    assert "strong" in cell.get("class")
    assert cell.find("sup").text == "a"
    assert "https://creativecommons.org/licenses/by/4.0/" in page.xpath("//a/@href")


def test_the_english_pdf(english: Document) -> None:
    content = to_pdf(english)
    assert content == to_pdf(english)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.Root.Lang).startswith("en")
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"] == "Pkw"
            assert metadata["xmp:CreateDate"].startswith("2022-05-01")


# Front matter and words -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("front", "german", "english"),
    [
        ({}, "Institut (Hrsg.), 2022: Pkw.", "Institut (Ed.), 2022: Pkw."),
        ({"subtitle": "Rad"}, "Institut (Hrsg.), 2022: Pkw. Rad.",
         "Institut (Ed.), 2022: Pkw. Rad."),
        ({"series": "R 1", "place": "Bonn"}, "Institut (Hrsg.), 2022: Pkw. R 1, Bonn.",
         "Institut (Ed.), 2022: Pkw. R 1, Bonn."),
        ({"place": "Bonn"}, "Institut (Hrsg.), 2022: Pkw. Bonn.",
         "Institut (Ed.), 2022: Pkw. Bonn."),
        ({"citation": "So."}, "So.", "So."),
    ],
)  # fmt: skip
def test_how_to_cite(front: dict[str, Any], german: str, english: str) -> None:
    metadata = ReportMetadata.model_validate(FRONT | front)
    assert (metadata.cite("de"), metadata.cite("en")) == (german, english)


def test_the_imprint_keeps_its_order_and_leaves_out_what_is_empty() -> None:
    given = {"issn": "1868-0097", "licence": "CC BY", "licence_url": "https://x.de",
             "editing": ["B", "C"], "contractor": "Büro", "authors": ["A"],
             "liability": "Keine."}  # fmt: skip
    lines = ReportMetadata.model_validate(FRONT | given).imprint("de")
    assert lines == [
        ("Herausgeber", "Institut"),
        ("Auftragnehmer", "Büro"),
        ("Autorinnen und Autoren", "A"),
        ("Redaktion", "B, C"),
        ("Stand", "Mai 2022"),
        ("Haftung", "Keine."),
        ("Lizenz", "CC BY (https://x.de)"),
        ("ISSN", "1868-0097"),
    ]


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"publisher": ""}, {"date": "5/2022"}, {"authors": 7}, {"verlag": "x"}]
)
def test_front_matter_is_strict(wrong: dict[str, Any]) -> None:
    with pytest.raises(CatalogueError, match=rf"x\.ipynb.*\n?.*{next(iter(wrong))}"):
        parse_metadata(FRONT | wrong, parameters={}, file="x.ipynb")


def test_all_words_exist_in_both_languages() -> None:
    assert all(text.de and text.en for text in WORDS.values())
    assert words("de").keys() == words("en").keys()
    assert (words("de")["source"], words("en")["source"]) == ("Quelle", "Source")


# Blocks, Markdown, parameters -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "unit", "lang", "title"),
    [
        (None, None, "de", "Pkw"),
        (1400, None, "de", "Pkw (n = 1.400)"),
        (1400, "%", "en", "Pkw (n = 1,400; in %)"),
        (None, "je 1.000 Einwohner", "de", "Pkw (je 1.000 Einwohner)"),
        (None, "per km²", "en", "Pkw (per km²)"),
        (0, "in Euro", "de", "Pkw (n = 0; in Euro)"),
    ],
)
def test_captions_name_cases_and_unit(n: int | None, unit: str | None, lang: Any, title: str):
    made = caption("abb-a", " Pkw ", n=n, unit=unit, headline=" H ", lang=lang)
    assert made == {"id": "abb-a", "title": title, "headline": "H", "lang": lang}


def test_notes_and_sources_of_a_block() -> None:
    assert [notes_of(note) for note in (None, "a", ["a", "b"], ())] == [[], ["a"], ["a", "b"], []]
    assert source_lines("abb-a", " Amt ", [], "de") == ["Amt"]
    with pytest.raises(ReportError, match="'abb-a' needs a source, source=, or results="):
        source_lines("abb-a", "  ", [], "de")


@pytest.mark.parametrize(
    ("markdown", "kinds"),
    [
        ("a *b* **c** `d`", "p text em text text strong text text code"),
        ("a\nb", "p text"),
        ("a  \nb", "p text br text"),
        ("- a\n- b", "ul p text p text"),
        ("> a\n\n---", "quote p text rule"),
        ("[a](https://b.de) <mailto:a@b.de>", "p link text text link text"),
        ("<b>a</b>", "p text"),
    ],
)
def test_markdown_becomes_nodes(markdown: str, kinds: str) -> None:
    assert " ".join(node["t"] for node in walk(parse_markdown(markdown))) == kinds


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("siehe https://a.de/b.", "https://a.de/b"),
        ("(http://a.de/b?c=d&e)", "http://a.de/b?c=d&e"),
        ("https://a.de/b, https", "https://a.de/b"),
        ("ftp://a.de", None),
    ],
)
def test_addresses_end_before_punctuation(text: str, address: str | None) -> None:
    nodes = plain(text)
    assert [node["href"] for node in nodes if node["t"] == "link"] == ([address] if address else [])
    assert text_of(nodes) == text


def notebook(source: str) -> Any:
    cell = new_code_cell(source, metadata={"tags": ["parameters"]})
    return new_notebook(cells=[new_markdown_cell("# A"), cell, new_code_cell("x")])


def test_parameters_are_set_behind_their_declaration() -> None:
    made = notebook("year = '2020'\nlang = 'de'")
    hostile = "'; import os #\n\\"
    assert with_parameters(made, {"year": hostile}) == {"year": hostile, "lang": "de"}
    space: dict[str, str] = {}
    exec(made.cells[2].source, space)
    assert space["year"] == hostile
    assert [cell.source for cell in made.cells[3:]] == ["x"]
    untouched = notebook("year = '2020'")
    assert with_parameters(untouched, {}) == {"year": "2020"}
    assert len(untouched.cells) == 3


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("year = 2021", "not 'year = 2021'"),
        ("a = b = 'x'", "not \"a = b = 'x'\""),
        ("year: str = '2021'", "not \"year: str = '2021'\""),
        ("import os", "not 'import os'"),
        ("year =", "the cell of parameters is no Python"),
    ],
)
def test_parameters_are_texts_and_nothing_else(source: str, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        declared_parameters(notebook(source))
    assert message in str(caught.value)
