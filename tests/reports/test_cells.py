"""What cells emit, without a kernel."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from begleitforschung.display.figures import bars
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.errors import DisclosureError, MissingDependencyError, ReportError
from begleitforschung.language import Lang
from begleitforschung.provenance import Provenance, Source
from begleitforschung.reports import figure, table, text
from begleitforschung.reports.blocks import BLOCK_TYPE, plain_value
from begleitforschung.reports.extras import load
from begleitforschung.results.base import Result

Emitted = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Demo(Result):
    def _display(self, lang: Lang) -> TableModel:
        return TableModel(columns=[Column(key="a", label="A")], rows=[("x",)], lang=lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        return bars(["A"], [1.0], axis="x", lang=lang, **options)

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        return "Ein Balken." if lang == "de" else "One bar."

    def trace(self) -> pd.DataFrame:
        return pd.DataFrame({"unit": ["01001"], "value": [np.float64(1.5)], "row": [np.int32(2)]})


def demo(**options: Any) -> Demo:
    sources = [Source(publisher=f"Amt {k}", title="T", licence="L", changes="c") for k in (1, 2)]
    return Demo(table=pd.DataFrame(), provenance=Provenance.of("demo", *sources), **options)


def block(emitted: Emitted) -> dict[str, Any]:
    (bundle,) = emitted
    content: dict[str, Any] = bundle[BLOCK_TYPE]
    return content


def test_a_result_brings_alt_text_sources_and_trace(emitted: Emitted) -> None:
    figure(demo(), id="abb-a", title="Titel", lang="en", highlight=["A"])
    made = block(emitted)
    assert made["alt"] == "One bar."
    assert made["sources"] == [
        "Amt 1: T, edition unknown; L; data changed",
        "Amt 2: T, edition unknown; L; data changed",
        "own calculation",
    ]
    assert made["trace"] == {"columns": ["unit", "value", "row"], "rows": [["01001", 1.5, 2]]}
    assert "image/png" in emitted[0]


def test_the_alternative_text_is_told_which_figure_is_drawn(emitted: Emitted) -> None:
    class Told(Demo):
        def _alt_text(self, lang: Lang, **options: Any) -> str:
            return f"{lang} {options}"

    result = Told(table=pd.DataFrame(), provenance=demo().provenance)
    figure(result, id="abb-a", title="T", unit="%", highlight=["A"])
    assert block(emitted)["alt"] == "de {'highlight': ['A']}"
    emitted.clear()
    figure(result, id="abb-a", title="T", alt=" Mein\n Text ", lang="en")
    assert block(emitted)["alt"] == "Mein Text"


def test_a_figure_of_ones_own_needs_alt_text_and_source(emitted: Emitted) -> None:
    own = bars(["A"], [1.0], axis="x")
    with pytest.raises(ReportError, match="alt="):
        figure(own, id="abb-a", title="T", source="s")
    with pytest.raises(ReportError, match="source="):
        figure(own, id="abb-a", title="T", alt="a")
    assert not emitted
    figure(own, id="abb-a", title="T", alt="a", results=[demo()])
    assert block(emitted)["sources"][2:] == ["eigene Berechnung"]


def test_a_large_figure_becomes_a_picture(emitted: Emitted) -> None:
    own = Figure()
    points = np.random.default_rng(1).normal(size=(2, 20_000))
    own.add_subplot().plot(*points, "o")
    figure(own, id="abb-a", title="T", alt="a", source="s")
    assert block(emitted)["image"]["kind"] == "png"


def test_confidential_results_are_refused(emitted: Emitted) -> None:
    secret = demo(confidentiality="confidential")
    for show in (
        lambda: figure(secret, id="abb-a", title="T"),
        lambda: table(secret, id="tab-a", title="T"),
        lambda: text("x", results=[secret]),
    ):
        with pytest.raises(DisclosureError):
            show()
    assert not emitted


def test_input_cells_of_protected_results_stay_internal(emitted: Emitted) -> None:
    table(demo(confidentiality="confidential", protected=True), id="tab-a", title="T")
    assert block(emitted)["trace"] == {"columns": ["file"], "rows": [["nicht öffentlich"]]}


def test_tables_of_ones_own(emitted: Emitted) -> None:
    frame = pd.DataFrame({"Jahr": [2021], "n": [1042], "q": [2.345]})
    with pytest.raises(ReportError, match="source="):
        table(frame, id="tab-a", title="T")
    table(
        frame,
        id="tab-a",
        title="T",
        source="s",
        note="m",
        labels={"q": "Quote"},
        units={"q": "%"},
        decimals={"q": 2},
        n=1042,
        unit="je Einwohner",
    )
    made = block(emitted)
    assert [cell["s"] for cell in made["rows"][0]] == ["2021", "1.042", "2,35"]
    assert [cell["value"] for cell in made["rows"][0]] == [2021, 1042, 2.345]
    assert made["columns"][2] == {"label": "Quote", "unit": "%", "align": "right"}
    assert made["title"] == "T (n = 1.042; je Einwohner)"
    assert made["notes"] == ["m"]


def test_a_printable_table_keeps_its_source_and_notes(emitted: Emitted) -> None:
    model = TableModel(
        columns=[Column(key="a", label="A")], rows=[(1,)], notes=["eins"], source="Amt"
    )
    table(model, id="tab-a", title="T", note=["zwei"])
    assert block(emitted)["sources"] == ["Amt"]
    assert block(emitted)["notes"] == ["eins", "zwei"]


@pytest.mark.parametrize("id", ["breitband", "tab-a", "abb-", "abb-Ä", "abb-a b", "abb-a--b"])
def test_malformed_identifiers(id: str, emitted: Emitted) -> None:
    with pytest.raises(ReportError, match="'abb-breitband'"):
        figure(demo(), id=id, title="T")


def test_an_empty_title_is_refused(emitted: Emitted) -> None:
    with pytest.raises(ReportError, match="needs a title"):
        table(demo(), id="tab-a", title=" ")


def test_values_as_json() -> None:
    values = [None, np.nan, pd.NA, np.int64(3), True, "x", pd.Timestamp("2021-01-01")]
    assert [plain_value(v) for v in values] == [
        None,
        None,
        None,
        3,
        True,
        "x",
        "2021-01-01 00:00:00",
    ]


def test_a_missing_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: Any, **options: Any) -> Any:
        if name.startswith("typst_missing"):
            raise ModuleNotFoundError(name=name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingDependencyError, match=r"typst_missing.*begleitforschung\[report\]"):
        load("typst_missing")
