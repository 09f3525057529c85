"""The funnel plot."""

from __future__ import annotations

import numpy as np
import pytest

from begleitforschung.display.funnel import funnel_plot
from begleitforschung.errors import ReportError

SIZES = np.array([200.0, 2_000.0, 20_000.0, np.nan])
LIMITS = {"95,0 %": (SIZES[:3], np.array([1.0, 2.0, 3.0]), np.array([9.0, 8.0, 7.0]))}


def draw(values: list[float], lang: str = "de"):
    return funnel_plot(
        SIZES, values, LIMITS, target=5.0, target_label="gemeinsamer Wert", axis="Rate",
        size_axis="Einwohner", outside=[False, False, True, False], lang=lang,
    )  # fmt: skip


def test_units_target_and_limits_are_drawn() -> None:
    axes = draw([4.0, 6.0, 9.5, 3.0]).axes[0]
    inside, outside = (points.get_offsets() for points in axes.collections)
    assert len(inside) == 2
    assert outside.tolist() == [[20_000.0, 9.5]]
    assert axes.get_xscale() == "log"
    heights = [line.get_ydata()[0] for line in axes.lines]
    assert heights == [5.0, 1.0, 9.0]


def test_numbers_are_printed_in_the_language() -> None:
    for lang, text in (("de", "1.000"), ("en", "1,000")):
        axis = draw([4.0, 6.0, 9.5, 3.0], lang).axes[0].xaxis
        assert axis.get_major_formatter()(1000.0, 0) == text


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(ReportError, match="rate and exposure"):
        draw([np.nan, np.nan, np.nan, 1.0])
    with pytest.raises(ReportError):
        draw([1.0, 2.0])
