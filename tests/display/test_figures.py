from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from begleitforschung.display.axes import spread_apart, tick_decimals
from begleitforschung.display.figures import ReferenceLine, bars, dot_interval, group_strip, line
from begleitforschung.display.style import figure_bytes, font_folder, house_style
from begleitforschung.errors import ReportError


def texts(figure: Figure) -> list[str]:
    figure.draw_without_rendering()
    axes = figure.axes[0]
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    return [t.get_text() for t in [*ticks, *axes.texts, axes.xaxis.label, axes.yaxis.label]]


def contrast(colour: str) -> float:
    """Contrast against white, as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 1.05 / (float(np.dot(linear, [0.2126, 0.7152, 0.0722])) + 0.05)


@pytest.fixture
def strip() -> Figure:
    return group_strip(
        {"Staffel 1": [1.0, 2.0, 3.0, np.nan], "Klein": [5.0]},
        axis="Quote",
        unit="%",
        min_n=3,
        reference=ReferenceLine(value=2.25, label="Deutschland"),
    )


def drawings() -> dict[str, Figure]:
    return {
        "strip": group_strip({"a": [1, 2, 3], "b": [2, 3]}, axis="x", min_n=2),
        "dots": dot_interval(["a"], [1.0], [0.5], [1.5], axis="x", n=[9], min_n=5),
        "bars": bars(["a", "b"], [1.0, -2.0], axis="x", highlight=["a"]),
        "line": line([2020, 2021], {"a": [1, 2], "b": [1, 2]}, axis="x"),
    }


def test_colours_are_told_from_white() -> None:
    style = house_style()
    assert all(contrast(colour) >= 3 for colour in [*style.series, style.neutral])
    assert all(contrast(colour) >= 4.5 for colour in (style.text, style.muted, style.accent))


def test_fonts_are_shipped_with_their_licence() -> None:
    assert all((font_folder() / name).is_file() for name in house_style().font_files)
    assert "SIL Open Font License" in (font_folder() / "OFL.txt").read_text(encoding="utf-8")


def test_a_group_below_the_minimum_is_named_but_not_drawn(strip: Figure) -> None:
    shown = texts(strip)
    assert "Staffel 1\n(n = 3)" in shown
    assert "Klein\n(n < 3)" in shown
    assert "nicht dargestellt" in shown
    drawn = np.concatenate([c.get_offsets()[:, 0] for c in strip.axes[0].collections])
    assert sorted(drawn) == [1.0, 2.0, 3.0]


def test_median_unit_and_reference_are_printed_in_german(strip: Figure) -> None:
    shown = texts(strip)
    assert "2,0" in shown
    assert "Quote in %" in shown
    assert "Deutschland: 2,3\u00a0%" in shown


@pytest.mark.parametrize("name", ["strip", "dots", "bars", "line"])
def test_figures_repeat_to_the_byte(name: str) -> None:
    first, second = drawings()[name], drawings()[name]
    image = figure_bytes(first, "svg")
    assert image == figure_bytes(first, "svg") == figure_bytes(second, "svg")
    assert figure_bytes(first, "png") == figure_bytes(second, "png")
    tree = ElementTree.fromstring(image)
    assert not [node for node in tree.iter() if node.tag.endswith("}text")], "text as outlines"
    assert b"<dc:date>" not in image


def test_the_users_settings_do_not_matter_and_stay() -> None:
    expected = figure_bytes(drawings()["bars"], "svg")
    with mpl.rc_context({"axes.grid": True, "font.size": 30}):
        assert figure_bytes(drawings()["bars"], "svg") == expected
        assert mpl.rcParams["font.size"] == 30


def test_bars_print_values_and_missing_ones() -> None:
    shown = texts(bars(["a", "b", "c"], [1234.56, -0.25, np.nan], axis="Wert", decimals=1))
    assert {"1.234,6", "\u22120,3", "–"} <= set(shown)


def test_line_labels_its_ends_and_names_what_it_leaves_out() -> None:
    figure = line(
        range(2010, 2022),
        {"Staffel 1": np.arange(12.0), "Klein": np.zeros(12)},
        axis="Quote",
        n={"Staffel 1": 13, "Klein": 2},
        min_n=5,
    )
    shown = texts(figure)
    assert "Staffel 1: 11,0" in shown
    assert "Klein: nicht dargestellt (n < 5)" in shown
    assert "2021" in shown
    assert "2.021" not in shown
    assert len(figure.axes[0].lines) == 1


def test_labels_are_no_formulas() -> None:
    assert len(figure_bytes(bars(["$x^2$ $", "a_b"], [1, 2], axis="$", unit="$"), "svg")) > 0


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ReportError, match="at least one group"):
        group_strip({}, axis="x", min_n=1)
    with pytest.raises(ReportError, match="as many values"):
        dot_interval(["a", "b"], [1], [1], [1], axis="x", n=[1, 1], min_n=0)
    with pytest.raises(ReportError, match="n="):
        bars(["a"], [1], axis="x", min_n=5)
    with pytest.raises(ReportError, match="n="):
        line([2020], {"a": [1]}, axis="x", min_n=5)
    with pytest.raises(ReportError, match="one to 6 series"):
        line([2020], {str(i): [1] for i in range(7)}, axis="x")


@given(
    st.lists(st.floats(min_value=-1e6, max_value=1e6), max_size=8),
    st.floats(min_value=0.01, max_value=100),
)
def test_labels_are_pushed_apart(places: list[float], gap: float) -> None:
    spread = spread_apart(sorted(places), gap)
    assert all(b - a >= gap * (1 - 1e-6) - 1e-6 for a, b in pairwise(spread))
    if places:
        assert np.mean(spread) == pytest.approx(np.mean(places), abs=1e-3)


def test_ticks_have_the_decimals_that_they_need() -> None:
    assert tick_decimals(np.array([0, 0.25, 0.5])) == 2
    assert tick_decimals(np.array([0.1, 0.2, 0.30000000000000004])) == 1
    assert tick_decimals(np.array([1e6, 2e6])) == 0
