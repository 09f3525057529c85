from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

FRONT = """title: Ein Bericht {year}
date: 2026-11-21
publisher: Institut
authors: [Erika Muster]
series: Reihe 1/2026
place: Bonn
"""
RESULT = """
import pandas as pd
import begleitforschung.reports as bf
from begleitforschung.display.figures import bars
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.provenance import Provenance, Source
from begleitforschung.results.base import Result

class Demo(Result):
    def _display(self, lang):
        value = Column(key="v", label="Wert", unit="%", decimals=1)
        columns = [Column(key="g", label="Gruppe"), value]
        return TableModel(columns=columns, rows=[("A", 2.45), ("B", None)], lang=lang)
    def _figure(self, lang, **options):
        return bars(["A", "B"], [2.45, 1], axis="Wert", unit="%", lang=lang)
    def _alt_text(self, lang, **options):
        return "Zwei Balken: A ist länger als B."
    def trace(self):
        row = {"unit": "08421000", "year": 2021, "value": 2.45, "file": "kreise.csv", "row": 37}
        return pd.DataFrame([row])

source = Source(publisher="Amt", title="Tabelle 1", licence="dl-de/by-2-0",
                licence_url="https://www.govdata.de/dl-de/by-2-0", changes="Auswahl")
result = Demo(table=pd.DataFrame(), provenance=Provenance.of("demo", source))
"""

Cells = Sequence[tuple[str, str]]
NotebookMaker = Callable[..., Path]


@pytest.fixture(scope="session")
def make_notebook(tmp_path_factory: pytest.TempPathFactory) -> NotebookMaker:
    """Return a function that writes a notebook of ("md" | "code" | tag, source) cells."""

    def make(cells: Cells, *, front: str = FRONT, name: str = "bericht") -> Path:
        made: list[Any] = [new_raw_cell(front)] if front else []
        for kind, source in cells:
            cell = new_markdown_cell(source) if kind == "md" else new_code_cell(source)
            if kind not in ("md", "code"):
                cell.metadata["tags"] = [kind]
            made.append(cell)
        path = tmp_path_factory.mktemp("Berichte Ü") / f"{name}.ipynb"
        path.write_text(nbformat.writes(new_notebook(cells=made)), encoding="utf-8", newline="\n")
        return path

    return make


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Catch what cells emit."""
    caught: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: caught.append(bundle))
    return caught
