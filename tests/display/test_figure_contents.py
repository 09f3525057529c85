"""What a reader sees in a figure: the very values, their places, colours and words."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.image import imread
from matplotlib.text import Text

from begleitforschung.display.figures import ReferenceLine, bars, dot_interval, group_strip, line
from begleitforschung.display.style import (
    HouseStyle,
    figure_bytes,
    font_folder,
    house_style,
    styled,
)
from begleitforschung.errors import ReportError

STYLE = house_style()
ACCENT, SECOND, GREY = STYLE.series[0], STYLE.series[1], STYLE.neutral
MINUS, NBSP = "\u2212", "\u00a0"
RED_LINE = ReferenceLine(value=2.0, label="Deutschland")


def notes(figure: Figure) -> dict[str, Any]:
    """Return what is written inside the axes, by its text."""
    return {note.get_text(): note for note in figure.axes[0].texts}


def rows(figure: Figure) -> list[str]:
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def points(figure: Figure, row: int) -> np.ndarray:
    """Return the points of a strip's row."""
    offsets = np.concatenate([c.get_offsets() for c in figure.axes[0].collections])
    return offsets[np.round(offsets[:, 1] + 0.2) == row]


# Strips of points -------------------------------------------------------------------------------


@settings(max_examples=8)
@given(st.lists(st.integers(-100, 100).map(float), min_size=3, max_size=30))
def test_strip_shows_every_value_and_the_quartiles_of_numpy(values: list[float]) -> None:
    figure = group_strip({"a": values}, axis="x", min_n=3, decimals=2, lang="en")
    found = points(figure, 0)
    assert found[:, 0].tolist() == sorted(values)
    assert (found[:, 1] < 0).all()
    box, median = figure.axes[0].lines[:2]
    assert box.get_xdata() == pytest.approx(np.percentile(values, [25, 75]))
    assert median.get_xdata()[0] == pytest.approx(np.median(values))
    assert f"{np.median(values) + 0:.2f}".replace("-", MINUS) in notes(figure)


def test_equal_values_lie_apart() -> None:
    heights = points(group_strip({"a": [1.0] * 9}, axis="x", min_n=3), 0)[:, 1]
    assert min(b - a for a, b in pairwise(sorted(heights))) > 0.01


def test_what_is_no_number_is_neither_drawn_nor_counted() -> None:
    figure = group_strip({"a": [1, 2, 3, np.nan, np.inf], "b": [np.nan] * 5}, axis="x", min_n=0)
    assert rows(figure) == ["a\n(n = 3)", "b\n(n < 1)"]
    assert list(notes(figure)) == ["2,0", "nicht dargestellt"]


@pytest.mark.parametrize(
    ("n", "label", "drawn"),
    [(4, "(n < 5)", False), (5, "(n = 5)", True), (1200, "(n = 1,200)", True)],
)
def test_the_least_number_of_cases_is_itself_enough(n: int, label: str, drawn: bool) -> None:
    figure = group_strip({"a": np.arange(n)}, axis="x", min_n=5, lang="en")
    assert rows(figure) == [f"a\n{label}"]
    assert ("not shown" in notes(figure)) is not drawn
    assert bool(figure.axes[0].collections) is drawn


@pytest.mark.parametrize(
    ("highlight", "colours"), [((), [ACCENT, ACCENT]), (["b"], [GREY, ACCENT]), ("?", [GREY, GREY])]
)
def test_highlighted_groups_stand_out(highlight: Any, colours: list[str]) -> None:
    strips = group_strip({"a": [1, 2], "b": [1, 2]}, axis="x", min_n=1, highlight=highlight)
    bar = bars(["a", "b"], [1, 2], axis="x", highlight=highlight)
    dots = dot_interval(
        ["a", "b"], [1, 2], [0, 1], [2, 3], axis="x", n=[9, 9], min_n=1, highlight=highlight
    )
    assert [to_hex(c.get_facecolor()[0]) for c in strips.axes[0].collections] == colours
    assert [to_hex(patch.get_facecolor()) for patch in bar.axes[0].patches] == colours
    assert [to_hex(one.get_color()) for one in dots.axes[0].lines[::2]] == colours


# Reference lines and axes -----------------------------------------------------------------------


@pytest.mark.parametrize(("value", "side"), [(0.1, "left"), (5.0, "center"), (9.9, "right")])
def test_the_label_of_a_reference_stays_inside(value: float, side: str) -> None:
    reference = ReferenceLine(value=value, label="Bund $")
    figure = bars(["a"], [10], axis="x", unit="€", reference=reference, lang="en")
    (note,) = [text for shown, text in notes(figure).items() if shown.startswith("Bund")]
    assert note.get_text() == rf"Bund \$: €{value:.1f}"
    assert note.get_ha() == side
    (mark,) = [one for one in figure.axes[0].lines if one.get_color() == SECOND]
    assert list(mark.get_xdata()) == [value, value]
    assert mark.get_linestyle() != "-"


@pytest.mark.parametrize("reference", [None, ReferenceLine(value=np.nan, label="Bund")])
def test_a_reference_without_value_is_not_drawn(reference: ReferenceLine | None) -> None:
    figure = bars(["a"], [10], axis="x", reference=reference)
    assert list(notes(figure)) == ["10,0"]
    assert [one for one in figure.axes[0].lines if one.get_color() == SECOND] == []


@pytest.mark.parametrize(
    ("unit", "label", "beside"),
    [
        ("", "Pkw", "2,0"),
        ("%", "Pkw in %", f"2,0{NBSP}%"),
        ("je 1.000 Einwohner", "Pkw, je 1.000 Einwohner", "2,0"),
        ("per km²", "Pkw, per km²", "2,0"),
        ("pro Kopf", "Pkw, pro Kopf", "2,0"),
        ("Personen", "Pkw in Personen", "2,0"),
        ("US$", r"Pkw in US\$", rf"2,0{NBSP}US\$"),
    ],
)
def test_units_stand_at_the_axis_and_short_ones_at_the_reference(
    unit: str, label: str, beside: str
) -> None:
    figure = bars(["a"], [1], axis="Pkw", unit=unit, reference=RED_LINE)
    assert figure.axes[0].get_xlabel() == label
    assert f"Deutschland: {beside}" in notes(figure)
    assert line([1, 2], {"a": [1, 2]}, axis="Pkw", unit=unit).axes[0].get_ylabel() == label


@pytest.mark.parametrize(
    ("most", "lang", "tick"),
    [(20_000, "de", "20.000"), (20_000, "en", "20,000"), (1, "de", "0,4"), (1, "en", "0.4")],
)
def test_ticks_follow_the_language(most: float, lang: str, tick: str) -> None:
    figure = bars(["a"], [most], axis="x", lang=lang)
    figure.draw_without_rendering()
    assert tick in [label.get_text() for label in figure.axes[0].get_xticklabels()]


# Intervals --------------------------------------------------------------------------------------


def test_intervals_reach_from_low_to_high() -> None:
    figure = dot_interval(
        ["a", "b", "c", "d"],
        [1.25, -2.0, np.nan, 4.0],
        [0.5, -3.0, 1.0, 3.0],
        [2.0, -1.5, 2.0, 5.0],
        axis="Differenz",
        n=[10, 5, 10, 4],
        min_n=5,
        sign=True,
    )
    drawn = figure.axes[0].lines
    assert [list(one.get_xdata()) for one in drawn] == [[0.5, 2.0], [1.25], [-3.0, -1.5], [-2.0]]
    assert [list(one.get_ydata()) for one in drawn] == [[0, 0], [0], [1, 1], [1]]
    assert rows(figure) == ["a\n(n = 10)", "b\n(n = 5)", "c\n(n = 10)", "d\n(n < 5)"]
    written = [note.get_text() for note in figure.axes[0].texts]
    assert written == ["+1,3", f"{MINUS}2,0", "nicht dargestellt", "nicht dargestellt"]


# Bars -------------------------------------------------------------------------------------------


def test_bars_are_as_long_as_their_values_and_go_from_top_to_bottom() -> None:
    figure = bars(["a", "b", "c"], [3.0, np.nan, -2.0], axis="x", decimals=0)
    axes = figure.axes[0]
    assert [(patch.get_width(), round(patch.get_y() + 0.31)) for patch in axes.patches] == [
        (3.0, 0),
        (-2.0, 2),
    ]
    low, high = axes.get_ylim()
    assert low > high
    sides = {text: note.get_ha() for text, note in notes(figure).items()}
    assert sides == {"3": "left", "–": "left", f"{MINUS}2": "right"}


def test_small_bars_are_hidden_with_their_values() -> None:
    figure = bars(["a", "b"], [3.0, 77.0], axis="x", n=[8, 7], min_n=8, lang="en")
    assert rows(figure) == ["a\n(n = 8)", "b\n(n < 8)"]
    assert list(notes(figure)) == ["3.0", "not shown"]
    assert [patch.get_width() for patch in figure.axes[0].patches] == [3.0]
    assert rows(bars(["a"], [3.0], axis="x")) == ["a"]


# Lines ------------------------------------------------------------------------------------------


def test_lines_keep_their_gaps_and_end_with_the_last_value() -> None:
    years = [2018, 2019, 2020, 2021]
    figure = line(
        years, {"a": [1, np.nan, 3, 4.26], "b": [1, 2, 3.14, np.nan]}, axis="x", lang="en"
    )
    first, second = figure.axes[0].lines
    assert list(first.get_xdata()) == years
    assert np.isnan(first.get_ydata()).tolist() == [False, True, False, False]
    assert set(notes(figure)) == {"a: 4.3", "b: 3.1"}
    assert first.get_marker() != second.get_marker()
    assert first.get_linestyle() != second.get_linestyle()


def test_six_lines_differ_without_colour_too() -> None:
    series = {name: [k, k + 1] for k, name in enumerate("abcdef")}
    drawn = line([2020, 2021], series, axis="x").axes[0].lines
    assert len({one.get_marker() for one in drawn}) == 6
    assert len({one.get_color() for one in drawn}) == 6
    assert [one.get_color() for one in drawn] == list(STYLE.series)


def test_a_line_without_any_value_is_not_labelled() -> None:
    figure = line([2020, 2021], {"a": [1, 2], "b": [np.nan, np.nan]}, axis="x", highlight=["b"])
    assert list(notes(figure)) == ["a: 2,0"]
    assert [one.get_color() for one in figure.axes[0].lines] == [GREY, ACCENT]


def test_labels_of_close_lines_do_not_overlap() -> None:
    series = {name: [0.0, 1.0 + k / 1000] for k, name in enumerate("abcd")}
    figure = line([2020, 2021], series, axis="x")
    figure.draw_without_rendering()
    boxes = [Text.get_window_extent(note) for note in figure.axes[0].texts]  # without arrows
    assert all(upper.y0 >= lower.y1 for lower, upper in pairwise(sorted(boxes, key=lambda b: b.y0)))


@pytest.mark.parametrize(
    ("first", "last", "ticks"),
    [
        (2019, 2021, ["2019", "2020", "2021"]),
        (2011, 2021, [str(year) for year in range(2011, 2022)]),
        (1995, 2022, [str(year) for year in range(1995, 2023, 3)]),
        (1996, 2022, ["1998", "2001", "2004", "2007", "2010", "2013", "2016", "2019", "2022"]),
    ],
)
def test_the_last_year_is_always_named(first: int, last: int, ticks: list[str]) -> None:
    years = range(first, last + 1)
    axes = line(years, {"a": np.ones(len(years))}, axis="x").axes[0]
    assert sorted(label.get_text() for label in axes.get_xticklabels()) == ticks


def test_lines_left_out_are_named_below() -> None:
    cases = {"a": 5, "b": 4, "c$": 1}
    figure = line([1, 2], {key: [1, 2] for key in cases}, axis="x", n=cases, min_n=5, lang="en")
    assert figure.axes[0].get_xlabel() == r"b, c\$: not shown (n < 5)"
    assert len(figure.axes[0].lines) == 1


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: line([1, 2], {"a": [1]}, axis="x"), r"as many values, not \[1, 2\]"),
        (lambda: line([], {"a": []}, axis="x"), "needs groups"),
        (lambda: line([1], {}, axis="x"), "one to 6 series, not 0"),
        (lambda: line([1], {"a": [1], "b": [1]}, axis="x", n={"a": 5}, min_n=1), "n=, of b"),
        (lambda: line([1], {"a": [1]}, axis="x", n={"a": 4}, min_n=5), "one to 6 series, not 0"),
        (lambda: bars([], [], axis="x"), r"needs groups and as many values, not \[0\]"),
        (lambda: bars(["a"], [1, 2], axis="x"), r"not \[1, 2\]"),
        (lambda: bars(["a"], [1], axis="x", n=[1, 2]), r"not \[1, 2\]"),
        (lambda: bars(["a"], [1], axis="x", min_n=3), r"bars\(\) .* needs n="),
        (lambda: dot_interval(["a"], [1], [0], [1, 2], axis="x", n=[9], min_n=1), "as many"),
    ],
)
def test_figures_that_are_none(draw: Any, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        draw()


# House style ------------------------------------------------------------------------------------


def test_long_labels_are_broken_and_rows_have_room() -> None:
    label = "Landkreise und kreisfreie Städte, die in der ersten Staffel gefördert wurden"
    one, two = (bars([label] * k, [1] * k, axis="x") for k in (1, 2))
    lines = rows(one)[0].split("\n")
    assert " ".join(lines) == label
    assert max(map(len, lines)) <= 34
    assert two.get_size_inches()[1] > one.get_size_inches()[1]
    assert one.get_size_inches()[0] == pytest.approx(STYLE.width_cm / 2.54)


def test_figures_use_the_shipped_font_and_leave_nothing_open() -> None:
    with styled() as style:
        for weight in ("normal", "semibold"):
            found = findfont(
                FontProperties(family=style.font, weight=weight), fallback_to_default=False
            )
            assert found.startswith(str(font_folder()))
    bars(["a"], [1], axis="x")
    assert plt.get_fignums() == []


def test_pictures_have_the_width_of_the_text(tmp_path: Any) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(figure_bytes(bars(["a"], [1], axis="x"), "png"))
    assert imread(path).shape[1] == pytest.approx(16 / 2.54 * 200, abs=1)


@pytest.mark.parametrize(
    "wrong", [{"accent": "blue"}, {"text": "#1A1F2"}, {"width_cm": 0}, {"font_size": -1}, {"x": 1}]
)
def test_a_house_style_is_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError, match=next(iter(wrong))):
        HouseStyle.model_validate(STYLE.model_dump() | wrong)
