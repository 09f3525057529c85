"""One notebook is rendered; what stands in its files is looked at from all sides."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from lxml import html

from begleitforschung.errors import ReportError, SourceFileError, UnknownCodeError
from begleitforschung.reports import RenderedReport, render

from .conftest import FRONT, RESULT, NotebookMaker

HOSTILE = (
    "# <script>alert('x')</script> @tab-x $x$ *a* _b_ `c` \\ \" ' ~ #let #include(\"a\") [y](z)"
)
CELLS = [
    ("parameters", 'year = "2020"\nlang = "de"'),
    ("code", RESULT),
    ("md", "# Kurzfassung {-}\n\nSiehe @abb-wert und @tab-wert, auch **@tab-eigene**."),
    (
        "code",
        'bf.text("Im Jahr {year} sind es {share:1 %}.", year=year, share=62.25, results=[result])',
    ),
    ("md", "# Ergebnisse\n\n## Vergleich\n\n1. eins\n2. zwei\n\n[Amt](https://www.govdata.de)"),
    ("code", 'bf.figure(result, id="abb-wert", title=f"Werte, {year}", n=1400, unit="%")'),
    ("code", 'bf.table(result, id="tab-wert", title="Werte", headline="A liegt vorn")'),
    (
        "code",
        f"bad = {HOSTILE!r}\n"
        "frame = pd.DataFrame({'Gruppe': [bad], 'Jahr': [2021], bad: [1234.5]})\n"
        "bf.table(frame, id='tab-eigene', title=bad, source=bad, note=bad)\n"
        "bf.text('{bad}', bad=bad)\n"
        "frame = pd.DataFrame({'g': ['a\\tb\\n\\x07c\\x00']})\n"
        "bf.table(frame, id='tab-steuer', title='T', source='s')\n"
        "print('geheim', 6 * 7)\n"
        "'auch nicht'",
    ),
    ("no-report", "bf.text('nicht im Bericht')"),
]


@pytest.fixture(scope="module")
def notebook(make_notebook: NotebookMaker) -> Path:
    return make_notebook(CELLS)


@pytest.fixture(scope="module")
def report(notebook: Path, tmp_path_factory: pytest.TempPathFactory) -> RenderedReport:
    done: list[tuple[int, int]] = []
    out = tmp_path_factory.mktemp("out") / "neu"
    made = render(
        notebook,
        to=out,
        params={"year": "2021"},
        metadata={"series": "Reihe 2/2026"},
        progress=lambda k, n: done.append((k, n)),
    )
    assert done[-1][0] == done[-1][1] == len(done)
    return made


@pytest.fixture(scope="module")
def page(report: RenderedReport) -> Any:
    return html.fromstring(report.paths["html"].read_bytes())


@pytest.fixture(scope="module")
def data(report: RenderedReport) -> Any:
    return json.loads(report.paths["json"].read_text(encoding="utf-8"))


def test_files_and_numbers(report: RenderedReport) -> None:
    names = {kind: path.name for kind, path in report.paths.items()}
    assert names == {
        "html": "bericht.html",
        "pdf": "bericht.pdf",
        "json": "bericht.json",
        "nachweis": "bericht.nachweis.csv",
    }
    assert sorted(p.name for p in report.paths["pdf"].parent.iterdir()) == sorted(names.values())
    assert report.numbers == {
        "abb-wert": "Abbildung\u00a01",
        "tab-wert": "Tabelle\u00a01",
        "tab-eigene": "Tabelle\u00a02",
        "tab-steuer": "Tabelle\u00a03",
    }


def test_repeats_to_the_byte(report: RenderedReport, notebook: Path, tmp_path: Path) -> None:
    again = render(
        notebook, to=tmp_path, params={"year": "2021"}, metadata={"series": "Reihe 2/2026"}
    )
    assert again.fingerprint == report.fingerprint
    for kind, path in report.paths.items():
        assert path.read_bytes() == again.paths[kind].read_bytes(), kind


def test_html_asks_no_other_host_and_runs_no_script(page: Any) -> None:
    assert not page.xpath("//script | //link | //iframe | //object | //form")
    sources = page.xpath("//@src | //@srcset | //@poster | //@data")
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    style = "".join(page.xpath("//style/text()"))
    assert "url(" not in style
    assert "@import" not in style


def test_html_structure(page: Any) -> None:
    assert page.get("lang") == "de"
    assert page.findtext(".//title") == "Ein Bericht 2021"
    levels = [int(node.tag[1]) for node in page.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert len(page.xpath("//main")) == len(page.xpath("//nav")) == len(page.xpath("//header")) == 1
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {a[1:] for a in page.xpath("//a/@href") if a.startswith("#")} <= set(ids)
    assert set(page.xpath("//*/@aria-labelledby")) <= set(ids)


def test_figures_have_alternative_text_and_caption(page: Any) -> None:
    (image,) = page.xpath("//figure/img")
    assert image.get("alt") == "Zwei Balken: A ist länger als B."
    caption = page.xpath("//figure/figcaption")[0].text_content()
    assert caption == "Abbildung\u00a01: Werte, 2021 (n = 1.400; in %)"


def test_tables_have_captions_headers_and_sources(page: Any) -> None:
    table = page.xpath("//div[@id='tab-wert']")[0]
    assert table.xpath(".//caption")[0].text_content() == "Tabelle\u00a01: Werte"
    assert [th.get("scope") for th in table.iter("th")] == ["col", "col", "col", "row", "row"]
    assert [td.text_content() for td in table.iter("td")] == ["2,5", "–"]
    below = table.xpath(".//p[@class='below']")[0].text_content()
    assert below == (
        "Quelle: Amt: Tabelle 1, Ausgabe unbekannt; dl-de/by-2-0 "
        "(https://www.govdata.de/dl-de/by-2-0); Daten verändert; eigene Berechnung"
    )


def test_references_are_links_with_numbers(page: Any) -> None:
    paragraph = page.xpath("//main/p")[0]
    links = {a.text_content(): a.get("href") for a in paragraph.iter("a")}
    assert links == {
        "Abbildung\u00a01": "#abb-wert",
        "Tabelle\u00a01": "#tab-wert",
        "Tabelle\u00a02": "#tab-eigene",
    }


def test_only_blocks_and_markdown_reach_the_report(page: Any) -> None:
    shown = page.text_content()
    assert "Im Jahr 2021 sind es 62,3\u00a0%." in shown
    assert "geheim" not in shown
    assert "auch nicht" not in shown
    assert "import" not in "".join(page.xpath("//main//text()"))[:200]
    assert "nicht im Bericht" not in shown


def test_front_matter_in_its_usual_order(page: Any, data: Any) -> None:
    body = page.text_content()
    order = ["Ein Bericht 2021", "Impressum", "Zitierweise", "Inhaltsverzeichnis", "Kurzfassung"]
    places = [body.index(word) for word in order]
    assert places == sorted(places)
    citation = "".join(node["s"] for node in data["citation"])
    assert citation == "Institut (Hrsg.), 2026: Ein Bericht 2021. Reihe 2/2026, Bonn."
    headings = [node for node in data["nodes"] if node["t"] == "h"]
    assert [node["number"] for node in headings] == ["", "1", "1.1"]


def test_hostile_text_is_shown_as_it_is(page: Any, data: Any) -> None:
    table = page.xpath("//div[@id='tab-eigene']")[0]
    assert HOSTILE in table.xpath(".//caption")[0].text_content()
    assert table.xpath(".//tbody//th")[0].text_content() == HOSTILE
    assert page.xpath("//main/p")[-1].text_content() == HOSTILE
    node = next(n for n in data["nodes"] if n.get("id") == "tab-eigene")
    assert [cell["s"] for cell in node["rows"][0]] == [HOSTILE, "2021", "1.234,5"]


def test_control_signs_and_line_breaks_are_not_printed(data: Any, page: Any) -> None:
    node = next(n for n in data["nodes"] if n.get("id") == "tab-steuer")
    assert node["rows"][0][0]["s"] == "a b c"
    assert page.xpath("//div[@id='tab-steuer']//tbody//th")[0].text_content() == "a b c"


def test_every_input_cell_is_listed(report: RenderedReport) -> None:
    text = report.paths["nachweis"].read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [(row["block"], row["number"]) for row in rows] == [
        ("text-5-1", ""),
        ("abb-wert", "Abbildung 1"),
        ("tab-wert", "Tabelle 1"),
    ]
    assert all(row["unit"] == "08421000" and row["row"] == "37" for row in rows)
    assert all(row["file"] == "kreise.csv" for row in rows)


def structure(pdf: pikepdf.Pdf) -> list[Any]:
    found, waiting = [], [pdf.Root.StructTreeRoot]
    while waiting:
        kids = waiting.pop().get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                found.append(kid)
                waiting.append(kid)
    return found


def test_pdf_is_tagged_with_language_title_and_headers(report: RenderedReport) -> None:
    with pikepdf.open(report.paths["pdf"]) as pdf:
        assert str(pdf.Root.Lang).startswith("de")
        assert bool(pdf.Root.MarkInfo.Marked)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
            assert metadata["dc:title"] == "Ein Bericht 2021"
        nodes = structure(pdf)
        tags = [str(node.S) for node in nodes]
        assert tags.count("/Table") == 3
        figures = [node for node in nodes if node.S == "/Figure" and "/Alt" in node]
        assert [str(node.Alt) for node in figures] == ["Zwei Balken: A ist länger als B."]
        rows = [n for n in nodes if n.S == "/TH" and n.get("/A") is not None]
        scopes = [str(a.Scope) for n in rows for a in n.A if "/Scope" in a]
        assert scopes.count("/Row") == 4
        fonts = {
            str(f.BaseFont) for page in pdf.pages for f in page.Resources.get("/Font", {}).values()
        }
        assert fonts
        assert all("FiraSans" in name or "Mono" in name for name in fonts)


def failing(make_notebook: NotebookMaker, *cells: tuple[str, str]) -> Path:
    front = FRONT.replace(" {year}", "")
    return make_notebook([("code", "import begleitforschung.reports as bf"), *cells], front=front)


def test_a_failing_cell_is_named_and_nothing_is_published(
    make_notebook: NotebookMaker, tmp_path: Path
) -> None:
    (tmp_path / "bericht.html").write_text("alt", encoding="utf-8")
    path = failing(make_notebook, ("md", "# A"), ("code", "\nx = 1\nbf.text('{x:1}', y=x)"))
    with pytest.raises(ReportError) as caught:
        render(path, to=tmp_path)
    message = str(caught.value)
    assert message.startswith(
        "bericht.ipynb, cell 4 ('x = 1'): UnknownCodeError: 'x' is not a code"
    )
    assert [p.name for p in tmp_path.iterdir()] == ["bericht.html"]
    assert (tmp_path / "bericht.html").read_text(encoding="utf-8") == "alt"


def test_dangling_references_are_named_all_at_once(
    make_notebook: NotebookMaker, tmp_path: Path
) -> None:
    path = failing(
        make_notebook,
        (
            "code",
            "import pandas as pd\n"
            "bf.table(pd.DataFrame({'a': [1]}), id='tab-werte', title='t', source='s')",
        ),
        ("md", "@tab-wert und @abb-nichts"),
    )
    with pytest.raises(
        ReportError, match=r"(?s)'tab-wert'.*Did you mean 'tab-werte'.*'abb-nichts'"
    ):
        render(path, to=tmp_path / "neu")
    assert not (tmp_path / "neu").exists()


def test_a_cell_that_takes_too_long(make_notebook: NotebookMaker, tmp_path: Path) -> None:
    front = FRONT.replace(" {year}", "")
    path = make_notebook([("code", "import time\ntime.sleep(60)")], front=front)
    with pytest.raises(ReportError, match=r"cell 2 \('import time'\): .*longer than 3 seconds"):
        render(path, to=tmp_path, time_limit=3)


def test_a_kernel_that_dies_and_a_folder_that_is_missing(
    make_notebook: NotebookMaker, tmp_path: Path
) -> None:
    front = FRONT.replace(" {year}", "")
    path = make_notebook([("code", "import os\nos._exit(1)")], front=front)
    with pytest.raises(ReportError, match=r"cell 2 \('import os'\): .*died"):
        render(path, to=tmp_path)
    with pytest.raises(ReportError, match=r"working folder .*fehlt"):
        render(path, to=tmp_path, folder=tmp_path / "fehlt")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"yaer": "2021"}, UnknownCodeError, "Did you mean 'year'"),
        ({"year": 2021}, ReportError, "must be a text or a path"),
    ],
)
def test_wrong_parameters(
    notebook: Path, tmp_path: Path, params: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        render(notebook, to=tmp_path, params=params)


def test_wrong_parameter_cells_front_matter_and_files(
    make_notebook: NotebookMaker, tmp_path: Path
) -> None:
    with pytest.raises(ReportError, match="assigns texts to names only, not 'year = 2021'"):
        render(make_notebook([("parameters", "year = 2021")]), to=tmp_path)
    with pytest.raises(ReportError, match="no front matter"):
        render(make_notebook([("md", "# A")], front=""), to=tmp_path)
    with pytest.raises(Exception, match="titel"):
        render(make_notebook([], front="titel: x\ndate: 2021\npublisher: y"), to=tmp_path)
    with pytest.raises(UnknownCodeError, match="formats"):
        render(make_notebook([]), to=tmp_path, formats=["docx"])  # type: ignore[list-item]
    (tmp_path / "kaputt.ipynb").write_text("kein JSON", encoding="utf-8")
    for name in ("kaputt.ipynb", "fehlt.ipynb"):
        with pytest.raises(SourceFileError, match=name):
            render(tmp_path / name, to=tmp_path)
