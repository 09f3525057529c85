"""A table that is too wide for a page has one to itself, and takes its heading along."""

from __future__ import annotations

import io
import json

import pikepdf
import pytest
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import begleitforschung as bf
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.reports.document import build_document
from begleitforschung.reports.metadata import parse_metadata
from begleitforschung.reports.pdf import to_pdf

FRONT = {"title": "Bericht", "date": "2026-11", "publisher": "Institut"}
WIDE = TableModel(
    columns=[Column(key=str(n), label=f"Gruppe der Kommunen {n}") for n in range(9)],
    rows=[[f"{n} % [von bis unter]" for n in range(9)]],
)


@pytest.fixture
def table(monkeypatch):
    caught = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: caught.append(bundle))
    bf.table(WIDE, id="tab-breit", title="Breite Tabelle", source="Befragung")
    [bundle] = caught
    return new_code_cell("", outputs=[new_output("display_data", json.loads(json.dumps(bundle)))])


def pages(*cells):
    """Whether each page is turned; title, imprint and contents are the first three."""
    notebook = from_dict(new_notebook(cells=list(cells)))
    front = parse_metadata(FRONT, parameters={}, file="x.ipynb")
    content = to_pdf(build_document(notebook, front, "de", name="x.ipynb"))
    with pikepdf.open(io.BytesIO(content)) as pdf:
        boxes = [page.MediaBox for page in pdf.pages]
    return [float(box[2]) > float(box[3]) for box in boxes][3:]


def test_headings_right_before_it_go_along(table):
    heading = new_markdown_cell("# Anhang\n\n## Alle Gruppen")
    assert pages(heading, table) == [True]


def test_text_before_and_after_it_stays_upright(table):
    before = new_markdown_cell("# Anhang\n\nEin Satz.\n\n## Alle Gruppen")
    after = new_markdown_cell("# Ende\n\nEin Satz.")
    assert pages(before, table, after) == [False, True, False]


def test_a_heading_at_the_end_is_not_lost(table):
    assert pages(table, new_markdown_cell("# Ende")) == [True, False]
