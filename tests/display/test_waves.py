"""Lines over waves: all points and intervals, no line across a break."""

from __future__ import annotations

import numpy as np
import pytest

from begleitforschung.display.waves import wave_lines
from begleitforschung.errors import ReportError

UP = (np.array([10.0, 20.0, 40.0]), np.array([5.0, 15.0, 30.0]), np.array([15.0, 25.0, 50.0]))


def test_years_stand_at_their_distance_and_other_names_evenly():
    years = wave_lines(["2019", "2021", "2025"], {"ja": UP}, axis="Anteil", unit="%")
    assert years.axes[0].lines[0].get_xdata().tolist() == [2019, 2021, 2025]
    names = wave_lines(["Welle a", "Welle b", "Welle c"], {"ja": UP}, axis="Anteil")
    assert names.axes[0].lines[0].get_xdata().tolist() == [0, 1, 2]
    assert next(t.get_text() for t in names.axes[0].get_xticklabels()) == "Welle a"


def test_intervals_are_drawn_beside_each_other():
    figure = wave_lines(["1", "2", "3"], {"ja": UP, "nein": UP}, axis="Anteil")
    first, second = (line.get_xdata()[0] for line in figure.axes[0].lines)
    assert 0 < second - first < 0.2
    heights = [segment[:, 1].tolist() for segment in figure.axes[0].collections[0].get_segments()]
    assert heights == [[5, 15], [15, 25], [30, 50]]


def test_a_line_is_broken_where_the_question_was_changed():
    figure = wave_lines(["1", "2", "3"], {"ja": UP}, axis="Anteil", breaks={2})
    parts = [line.get_ydata() for line in figure.axes[0].lines]
    assert [list(part) for part in parts[:2]] == [[10, 20], [40]]
    assert "Frage geändert" in figure.axes[0].get_xlabel()
    whole = wave_lines(["1", "2", "3"], {"ja": UP}, axis="Anteil", lang="en")
    assert whole.axes[0].get_xlabel() == ""


def test_gaps_and_limits():
    gap = (np.array([10.0, np.nan, 40.0]), UP[1], UP[2])
    assert wave_lines(["1", "2", "3"], {"ja": gap}, axis="Anteil").axes
    with pytest.raises(ReportError, match="one to 6 lines"):
        wave_lines(["1", "2", "3"], {str(k): UP for k in range(7)}, axis="Anteil")
    with pytest.raises(ReportError):
        wave_lines(["1", "2"], {"ja": UP}, axis="Anteil")
