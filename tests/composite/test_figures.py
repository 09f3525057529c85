"""The pictures of an index, and the words that stand for them."""

from __future__ import annotations

import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.errors import ReportError, UnknownCodeError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec
from begleitforschung.results.composite import CompositeResult

SPEC = IndexSpec(
    id="lage",
    title="Lageindex",
    indicators=(
        IndicatorSpec(id="arzt", parent="soziales", title="Ärzte"),
        IndicatorSpec(id="weg", parent="soziales", direction="lower", title="Wege"),
        IndicatorSpec(id="gruen", parent="lage", weight=3, title="Grün"),
    ),
    nodes=(NodeSpec(id="lage", title="Lage"), NodeSpec(id="soziales", parent="lage", title="Soz.")),
)
DATA = pd.DataFrame(
    {
        "unit": ["A", "B", "C", "D"] * 2,
        "year": [2020] * 4 + [2021] * 4,
        "arzt": [1.0, 2, 3, 4, 4, 3, 2, 1],
        "weg": [1.0, 2, 4, 3, 1, 2, 4, 3],
        "gruen": [5.0, 1, 3, 2, 1, 5, 3, 2],
    }
)


@pytest.fixture(scope="module")
def result() -> CompositeResult:
    groups = {"typ": {"A": "Stadt", "B": "Stadt", "C": "Land", "D": "Land"}}
    return compose(DATA, SPEC, groups=groups)


def texts(figure) -> list[str]:
    figure.draw_without_rendering()
    axes = figure.axes[0]
    legends = [text for legend in figure.legends for text in legend.get_texts()]
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    return [item.get_text() for item in [*ticks, *axes.texts, axes.xaxis.label, *legends]]


def test_the_ranking_is_stacked_by_parts_that_add_up(result: CompositeResult) -> None:
    figure = result.figure(year=2021)
    summary = result.summary(2021)
    names = [f"{row.rank}  {row.unit}" for row in summary.itertuples()]
    shown = texts(figure)
    assert [text for text in shown if text in names] == names
    assert {"Soz.", "Grün", "Lage"} <= set(shown)
    ends = [sum(bar[row].get_width() for bar in figure.axes[0].containers) for row in range(4)]
    assert ends == pytest.approx(summary["score"].tolist())


def test_a_part_of_the_ranking_says_so(result: CompositeResult) -> None:
    assert "Lage (die ersten 2 von 4)" in texts(result.figure(year=2021, n=2))


def test_the_framework_shows_effective_weights(result: CompositeResult) -> None:
    figure = result.figure(kind="framework")
    heights = [bar[0].get_height() for bar in figure.axes[0].containers]
    assert sorted(heights) == pytest.approx([0.125, 0.125, 0.25, 0.75, 1])
    words = result.alt_text(kind="framework")
    assert words.startswith("Baum des Index Lage mit 3 Indikatoren")
    assert "Grün 75,0\u00a0%" in words


def test_a_profile_compares_with_the_group(result: CompositeResult) -> None:
    figure = result.figure(kind="profile", unit="A", within="typ", year=2021)
    assert {"A", "Stadt, n = 2: Median", "Punktwert 2021"} <= set(texts(figure))
    scores = result.scores("all").loc[("A", 2021)]
    medians = result.scores("all").xs(2021, level="year").loc[["A", "B"]].median()
    words = result.alt_text(kind="profile", unit="A", within="typ", year=2021, lang="en")
    assert f"Lage {scores['lage']:.1f} ({medians['lage']:.1f})" in words


def test_two_years_show_how_ranks_moved(result: CompositeResult) -> None:
    figure = result.figure(kind="years", highlight=("A",))
    assert {"Rang 2020", "Rang 2021"} <= set(texts(figure))
    ranks = result.ranks("index")["lage"].astype(float).unstack("year")
    shift = (ranks[2021] - ranks[2020]).abs().mean()
    assert f"um {shift:.1f}".replace(".", ",") in result.alt_text(kind="years")


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "pie"},
        {"kind": "profile", "unit": "X"},
        {"kind": "profile", "unit": "A", "within": "land"},
        {"kind": "profile", "unit": "A", "node": "arzt"},
        {"kind": "profile", "unit": "A", "year": 1999},
        {"kind": "framework", "year": 1999},
        {"kind": "years", "units": ["X"]},
    ],
)
def test_names_that_do_not_exist_are_refused(result: CompositeResult, options: dict) -> None:
    with pytest.raises(UnknownCodeError):
        result.figure(**options)


def test_too_many_units_are_not_squeezed_into_one_figure() -> None:
    rows = [(f"u{n}", year, n, n, n) for n in range(61) for year in (2020, 2021)]
    data = pd.DataFrame(rows, columns=["unit", "year", "arzt", "weg", "gruen"], dtype=object)
    data[["arzt", "weg", "gruen"]] = data[["arzt", "weg", "gruen"]].astype(float)
    result = compose(data.astype({"year": int}), SPEC)
    with pytest.raises(ReportError, match="too many"):
        result.figure(kind="years")
