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


@pytest.fixture(scope="session")
def index_spec() -> Any:
    """A small index with a purpose, two levels, and methods of its own in some places."""
    from begleitforschung.frameworks import (
        IndexSpec,
        IndicatorSpec,
        Method,
        NodeSpec,
        Purpose,
        Step,
    )

    return IndexSpec(
        id="teilhabe",
        title="Digitale Teilhabe",
        indicators=(
            IndicatorSpec(id="netz", parent="zugang", title="Netz | Ausbau", unit="%", weight=2),
            IndicatorSpec(id="funk", parent="zugang", title="Mobilfunk"),
            IndicatorSpec(id="weg", parent="amt", title="Wegezeit", direction="lower"),
            IndicatorSpec(
                id="kurse", parent="amt", title="Kurse", treat=Method("log", always=True)
            ),
        ),
        nodes=(
            NodeSpec(id="index", title="Teilhabe"),
            NodeSpec(id="zugang", parent="index", weight=3, title="Zugang"),
            NodeSpec(id="amt", parent="index", title="Ämter", aggregate="geometric", coverage=0.5),
        ),
        steps=(
            Step("impute", "median"),
            Step("screen", Method("coverage", min_share=0.75)),
            Step("treat", Method("winsorise", winmax=2)),
            Step("normalise", Method("minmax", lower=1)),
            Step("aggregate", "arithmetic"),
        ),
        purpose=Purpose(
            purpose="Zeigt, wo Menschen digital teilhaben können.",
            not_for="Verteilung von Mitteln",
            model="formative",
            concerns="Kreise; der Landkreistag wurde gehört",
        ),
    )


@pytest.fixture(scope="session")
def index_table() -> Any:
    """Figures of two years for the small index, with gaps, an outlier and a source."""
    import numpy as np
    import pandas as pd

    from begleitforschung.provenance import Source
    from begleitforschung.tables import indicators

    drawn = np.random.default_rng(4).uniform(10, 90, (24, 4)).round(1)
    frame = pd.DataFrame(drawn, columns=["netz", "funk", "weg", "kurse"])
    frame.insert(
        0, "unit", [f"0910{n % 12:01d}" if n % 12 < 10 else f"091{n % 12}" for n in range(24)]
    )
    frame.insert(1, "year", np.repeat([2021, 2022], 12))
    frame.loc[3, "netz"] = frame.loc[16, "weg"] = np.nan
    frame.loc[5, "funk"] = 4000.0
    source = Source(
        publisher="Landesamt",
        title="Regionaltabelle",
        edition="2023",
        retrieved="2026-11-02",
        gebietsstand="2022-12-31",
        licence="dl-de/by-2-0",
        sha256="ab" * 32,
        file="regional.csv",
        changes="Vier Spalten ausgewählt",
    )
    return indicators(frame, source=source)


@pytest.fixture(scope="session")
def index_result(index_spec: Any, index_table: Any) -> Any:
    """Scores of the small index."""
    from begleitforschung.composite import compose

    return compose(index_table, index_spec, names={"09100": "A-Kreis", "09105": "F-Kreis"})
