"""What every result promises: frozen, traceable, and shown only if it may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from begleitforschung.display.figures import bars
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.errors import DisclosureError
from begleitforschung.language import Lang
from begleitforschung.provenance import Provenance, Source
from begleitforschung.results.base import Result

SOURCES = tuple(Source(publisher=f"Amt {k}", title="T") for k in (1, 2))
TABLE = pd.DataFrame({"unit": ["01001", "01002"], "value": [1.5, 2.5]})
WAYS: dict[str, Callable[[Result], Any]] = {
    "display": lambda result: result.display(),
    "figure": lambda result: result.figure(),
    "alt_text": lambda result: result.alt_text(),
    "notebook": lambda result: result._repr_html_(),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Means(Result):
    """A result of the least kind."""

    def _display(self, lang: Lang) -> TableModel:
        label = {"de": "Mittel", "en": "Mean"}[lang]
        return TableModel(columns=[Column(key="m", label=label)], rows=[(2.0,)], lang=lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        return bars(["a"], [2.0], axis={"de": "Mittel", "en": "Mean"}[lang], lang=lang, **options)

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        return f"{lang}: {options.get('highlight', 'nothing')}"


def means(**options: Any) -> Means:
    return Means(table=TABLE, provenance=Provenance.of("demo", *SOURCES), **options)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("confidentiality", "protected", "shown"),
    [
        ("public", False, True),
        ("internal", False, True),
        ("confidential", False, False),
        ("confidential", True, True),
        ("personal", False, False),
        ("personal", True, True),
    ],
)
def test_what_may_be_shown(way: str, confidentiality: Any, protected: bool, shown: bool) -> None:
    result = means(confidentiality=confidentiality, protected=protected)
    if shown:
        assert WAYS[way](result)
        return
    with pytest.raises(DisclosureError) as caught:
        WAYS[way](result)
    message = str(caught.value)
    assert message.startswith(f"this Means is {confidentiality} and not protected")
    assert ("bf.protect" in message) == (confidentiality == "confidential")


def test_a_result_is_public_and_without_remarks_unless_it_says_otherwise() -> None:
    result = means()
    assert (result.confidentiality, result.protected, result.findings) == ("public", False, ())
    assert dict(result.specification) == {}


def test_german_is_the_language_unless_english_is_asked_for() -> None:
    result = means()
    assert result.display().columns[0].label == "Mittel"
    assert result.display("en").columns[0].label == "Mean"
    assert result.figure().axes[0].get_xlabel() == "Mittel"
    assert result.figure("en").axes[0].get_xlabel() == "Mean"
    assert result._repr_html_() == result.display("de").to_html()


def test_options_reach_the_figure_and_its_alternative_text() -> None:
    result = means()
    assert result.figure(unit="%").axes[0].get_xlabel() == "Mittel in %"
    assert result.alt_text() == "de: nothing"
    assert result.alt_text("en", highlight="a") == "en: a"


def test_the_frame_handed_out_is_ones_own() -> None:
    result = means()
    frame = result.to_frame()
    frame.loc[0, "value"] = 99.0
    frame["new"] = 1
    assert result.table["value"].tolist() == [1.5, 2.5]
    assert list(result.to_frame().columns) == ["unit", "value"]


def test_a_result_is_frozen_and_made_by_names_only() -> None:
    with pytest.raises(FrozenInstanceError):
        means().table = TABLE  # type: ignore[misc]
    with pytest.raises(TypeError):
        Means(TABLE, Provenance.of("demo"))  # type: ignore[misc]
    with pytest.raises(TypeError, match="abstract"):
        Result(table=TABLE, provenance=Provenance.of("demo"))  # type: ignore[abstract]


def test_sources_are_those_of_the_provenance_and_nothing_is_traced_by_itself() -> None:
    result = means()
    assert result.sources() == SOURCES
    trace = result.trace()
    assert list(trace.columns) == ["unit", "year", "indicator", "value", "file", "row"]
    assert trace.empty


def test_the_printed_form_holds_no_values() -> None:
    assert "01001" not in repr(means(confidentiality="personal"))
