"""The figures of indices: what is drawn and printed is what was given."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure

from begleitforschung.display.matrices import heat_map
from begleitforschung.display.profiles import profile, slopes
from begleitforschung.display.stacked import intervals, stacked_bars
from begleitforschung.display.style import figure_bytes
from begleitforschung.display.trees import icicle
from begleitforschung.errors import ReportError

UNITS = ["Ahrweiler", "Celle", "Hof"]


def texts(figure: Figure) -> list[str]:
    figure.draw_without_rendering()
    axes = figure.axes[0]
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    legends = [text for legend in figure.legends for text in legend.get_texts()]
    return [t.get_text() for t in [*ticks, *axes.texts, axes.xaxis.label, *legends]]


def widths(figure: Figure) -> list[list[float]]:
    return [[bar.get_width() for bar in group] for group in figure.axes[0].containers]


def lefts(figure: Figure) -> list[list[float]]:
    return [[bar.get_x() for bar in group] for group in figure.axes[0].containers]


def test_stacked_parts_add_up_to_the_printed_sum() -> None:
    parts = {"Umwelt": [10.0, 20.0, 5.0], "Soziales": [5.25, -8.0, np.nan]}
    figure = stacked_bars(UNITS, parts, axis="Indexwert", unit="Punkten")
    assert {"15,3", "12,0", "5,0", "Umwelt", "Soziales", "Indexwert in Punkten"} <= set(
        texts(figure)
    )
    assert widths(figure) == [[10, 20, 5], [5.25, -8, 0]]
    assert lefts(figure)[1] == [10, 0, 5]  # a positive part lies beside, a negative one left of 0


def test_a_bar_without_any_part_is_no_zero() -> None:
    figure = stacked_bars(["a", "b"], {"x": [1.0, np.nan], "y": [1.0, np.nan]}, axis="i", lang="en")
    assert {"2.0", "–"} <= set(texts(figure))


def test_more_parts_than_colours_are_told_apart_by_hatching() -> None:
    figure = stacked_bars(["a"], {f"p{i}": [1.0] for i in range(8)}, axis="i")
    looks = {(g[0].get_facecolor(), g[0].get_hatch()) for g in figure.axes[0].containers}
    assert len(looks) == 8


def test_intervals_show_both_points_of_each_unit() -> None:
    figure = intervals(
        UNITS,
        [1, 2, np.nan],
        [1, 1, np.nan],
        [2, 3, np.nan],
        axis="Rang",
        nominal=[2, 1, 3],
        legend=("Median", "Nennrang"),
        highlight=["Hof"],
    )
    assert {"Rang", "Median", "Nennrang", *UNITS} <= set(texts(figure))
    _, middle, nominal = figure.axes[0].collections
    assert middle.get_offsets()[:2, 0].tolist() == [1, 2]
    assert nominal.get_offsets()[:, 0].tolist() == [2, 1, 3]


def test_heat_map_prints_each_cell_and_leaves_the_missing_empty() -> None:
    figure = heat_map([[1.0, -0.256], [np.nan, 1.0]], ["a", "b"], ["c", "d"], boundaries=[1])
    shown = texts(figure)
    assert {"1,00", "−0,26", "–", "a", "d"} <= set(shown)
    assert len(figure.axes[0].lines) == 2


def test_a_large_heat_map_prints_no_numbers() -> None:
    names = [f"i{i}" for i in range(19)]
    assert not heat_map(np.eye(19), names, names).axes[0].texts


def test_icicle_gives_each_node_the_height_of_its_weight() -> None:
    figure = icicle(["Index", "A", "B", "a1", "a2"], [-1, 0, 0, 1, 1], [1, 0.6, 0.4, 0.45, 0.15])
    bars = [bar for group in figure.axes[0].containers for bar in group]
    assert [round(bar.get_height(), 9) for bar in bars] == [1, 0.6, 0.4, 0.45, 0.15]
    assert [round(bar.get_y(), 9) for bar in bars] == [0, 0, 0.6, 0, 0.45]
    left = [bar.get_x() for bar in bars]
    assert left[0] == 0 < left[1] == left[2] < left[3] == left[4]
    assert any(text.startswith("a1") and "45,0\u00a0%" in text for text in texts(figure))


def test_profile_prints_the_unit_and_draws_the_group() -> None:
    group = [[0.0, 10.0], [10.0, 20.0], [20.0, 30.0], [30.0, 40.0], [40.0, np.nan]]
    figure = profile(
        ["Umwelt", "Soziales"],
        [12.34, np.nan],
        group,
        unit_label="Hof",
        group_label="Kleinstädte",
        axis="Indexwert",
    )
    assert {"12,3", "–", "Hof", "Kleinstädte: Median", "Kleinstädte: mittlere Hälfte"} <= set(
        texts(figure)
    )
    span, half, median, _ = figure.axes[0].collections
    assert [path[:, 0].tolist() for path in span.get_segments()] == [[0, 40], [10, 40]]
    assert [path[:, 0].tolist() for path in half.get_segments()] == [[10, 30], [17.5, 32.5]]
    assert median.get_offsets()[:, 0].tolist() == [20, 25]


def test_slopes_leave_out_units_without_both_values() -> None:
    figure = slopes(UNITS, [1, 2, 3], [2, 1, np.nan], titles=("heute", "ohne Umwelt"))
    assert len(figure.axes[0].lines) == 2
    shown = texts(figure)
    assert {"heute", "ohne Umwelt", "Ahrweiler  1", "2  Ahrweiler"} <= set(shown)
    assert not any("Hof" in text for text in shown)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: stacked_bars(UNITS, {}, axis="x"),
        lambda: stacked_bars(UNITS, {"a": [1.0]}, axis="x"),
        lambda: intervals(UNITS, [1], [1], [1], axis="x"),
        lambda: heat_map([[1.0]], ["a", "b"], ["c"]),
        lambda: icicle(["a", "b"], [1, -1], [1, 1]),
        lambda: profile(["a"], [1.0], [[np.nan]], unit_label="u", group_label="g", axis="x"),
        lambda: slopes(["a"], [1.0], [np.nan], titles=("l", "r")),
    ],
)
def test_what_does_not_fit_is_refused(draw) -> None:
    with pytest.raises(ReportError):
        draw()


def test_equal_figures_have_equal_bytes() -> None:
    def drawn() -> bytes:
        return figure_bytes(slopes(UNITS, [1, 2, 3], [3, 2, 1], titles=("l", "r")), "svg")

    assert drawn() == drawn()


def test_labels_of_two_lines_do_not_overlap() -> None:
    long = "Arbeitslosenquote der Personen von 15 bis unter 25 Jahren"
    figure = stacked_bars([long] * 12, {"x": np.arange(1.0, 13)}, axis="i")
    figure.draw_without_rendering()
    boxes = [tick.get_window_extent() for tick in figure.axes[0].get_yticklabels()]
    assert all(upper.y0 >= lower.y1 for upper, lower in pairwise(boxes))
