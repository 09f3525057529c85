"""Reports at the own desk: refused unless asked for, and then marked on every page."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pikepdf
import pytest
from lxml import html
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from begleitforschung.display.figures import bars
from begleitforschung.display.secrecy import UNPROTECTED, is_stamped
from begleitforschung.errors import DisclosureError, ReportError
from begleitforschung.reports import figure, render, table, text
from begleitforschung.reports.blocks import BLOCK_TYPE
from begleitforschung.reports.document import Document, build_document
from begleitforschung.reports.html import to_html
from begleitforschung.reports.metadata import parse_metadata
from begleitforschung.reports.pdf import to_pdf

from .conftest import RESULT, NotebookMaker
from .test_cells import Demo, demo

Emitted = list[dict[str, Any]]
WORD = UNPROTECTED.de
FRONT = {"title": "Bericht", "date": "2026-11", "publisher": "Institut"}


def secret() -> Demo:
    return demo(confidentiality="confidential")


def document(bundles: Emitted, **options: Any) -> Document:
    outputs = [new_output("display_data", json.loads(json.dumps(b))) for b in bundles]
    cells = [new_markdown_cell("# Ergebnisse"), new_code_cell("", outputs=outputs)]
    front = parse_metadata(FRONT, parameters={}, file="x.ipynb")
    return build_document(
        from_dict(new_notebook(cells=cells)), front, "de", name="x.ipynb", **options
    )


def everything() -> None:
    table(secret(), id="tab-a", title="Titel", source="s", allow_unprotected=True)
    figure(secret(), id="abb-a", title="Titel", allow_unprotected=True)
    text("Es sind {n}.", n=5, results=[secret()], allow_unprotected=True)


def test_all_blocks_are_marked(emitted: Emitted) -> None:
    everything()
    blocks = [bundle[BLOCK_TYPE] for bundle in emitted]
    assert all(block["unprotected"] is True for block in blocks)
    assert [block.get("title") for block in blocks] == [f"{WORD}: Titel"] * 2 + [None]
    assert all(block["notes"][0].startswith(WORD) for block in blocks[:2])
    assert blocks[1]["alt"] == f"{WORD}. Ein Balken."
    assert blocks[2]["markdown"].startswith(f"**{WORD}**")
    assert WORD in emitted[0]["text/html"]
    assert {tuple(map(tuple, block["trace"]["rows"])) for block in blocks} == {
        (("nicht öffentlich",),)
    }


def test_what_is_made_of_such_results_is_marked_too(emitted: Emitted) -> None:
    frame = pd.DataFrame({"g": ["A"], "v": [5.5]})
    with pytest.raises(DisclosureError):
        table(frame, id="tab-a", title="T", results=[demo(), secret()])
    assert not emitted
    table(frame, id="tab-a", title="T", results=[demo(), secret()], allow_unprotected=True)
    own = bars(["A"], [1.0], axis="x")
    figure(own, id="abb-a", title="T", alt="a", results=[secret()], allow_unprotected=True)
    assert is_stamped(own)
    # Made before, and shown without their result: the marks stay.
    table(secret().display(allow_unprotected=True), id="tab-b", title="T", source="s")
    drawn = secret().figure(allow_unprotected=True)
    figure(drawn, id="abb-b", title="T", alt="a", source="s")
    assert [bundle[BLOCK_TYPE]["unprotected"] for bundle in emitted] == [True] * 4


def test_a_result_that_was_allowed_needs_no_second_word(emitted: Emitted) -> None:
    table(replace(secret(), allow_unprotected=True), id="tab-a", title="T")
    assert emitted[0][BLOCK_TYPE]["unprotected"]


def test_public_and_protected_results_bear_no_mark(emitted: Emitted) -> None:
    for shown in (demo(), demo(confidentiality="confidential", protected=True)):
        table(shown, id="tab-a", title="T", allow_unprotected=True)
        figure(shown, id="abb-a", title="T", allow_unprotected=True)
    assert all("unprotected" not in bundle[BLOCK_TYPE] for bundle in emitted)
    assert WORD not in json.dumps(emitted, ensure_ascii=False)
    assert document(emitted[:2]).to_dict().get("unprotected") is None


def test_what_is_personal_is_never_shown(emitted: Emitted) -> None:
    personal = demo(confidentiality="personal", allow_unprotected=True)
    for show in (
        lambda: figure(personal, id="abb-a", title="T", allow_unprotected=True),
        lambda: table(personal, id="tab-a", title="T", allow_unprotected=True),
        lambda: text("x", results=[personal], allow_unprotected=True),
    ):
        with pytest.raises(DisclosureError, match="personal is never shown"):
            show()
    assert not emitted


def test_a_report_refuses_them_by_default_and_names_their_places(emitted: Emitted) -> None:
    everything()
    with pytest.raises(DisclosureError) as caught:
        document(emitted)
    assert "tab-a (cell 2), abb-a (cell 2), text-2-3 (cell 2)" in str(caught.value)


def test_every_page_and_every_file_says_it(emitted: Emitted, tmp_path: Path) -> None:
    everything()
    made = document(emitted, allow_unprotected=True)
    assert made.to_dict()["unprotected"] == WORD
    page = html.fromstring(to_html(made).decode())
    assert page.findtext(".//title") == f"{WORD}: Bericht"
    assert page.xpath("//body/*[1]")[0].text == WORD
    assert page.xpath("//body/*[1]")[0].get("class") == "warning"
    content = to_pdf(made)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.docinfo["/Title"] == f"{WORD}: Bericht"
        number = len(pdf.pages)
    if shutil.which("pdftotext"):
        (tmp_path / "a.pdf").write_bytes(content)
        told = subprocess.run(
            ["pdftotext", str(tmp_path / "a.pdf"), "-"], capture_output=True, check=True
        )
        pages = told.stdout.decode("utf-8").split("\f")[:-1]
        assert [WORD in page for page in pages] == [True] * number


def test_a_notebook_that_shows_them_is_not_published(
    make_notebook: NotebookMaker, tmp_path: Path
) -> None:
    setup = f"{RESULT}\nfrom dataclasses import replace\n"
    setup += "result = replace(result, confidentiality='confidential')"
    refused = make_notebook(
        [("parameters", 'year = "2021"'), ("code", setup),
         ("code", "bf.table(result, id='tab-a', title='T', allow_unprotected=True)")]
    )  # fmt: skip
    with pytest.raises(DisclosureError, match=r"tab-a \(cell 4\)"):
        render(refused, to=tmp_path, formats=["html"])
    assert not list(tmp_path.iterdir())
    failing = make_notebook(
        [("parameters", 'year = "2021"'), ("code", setup),
         ("code", "bf.table(result, id='tab-a', title='T')")]
    )  # fmt: skip
    with pytest.raises(ReportError, match=r"cell 4 .*DisclosureError: this Demo is confidential"):
        render(failing, to=tmp_path, formats=["html"], allow_unprotected=True)
    assert not list(tmp_path.iterdir())
