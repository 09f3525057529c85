"""Trends over waves as they are printed and drawn, from answers that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import ReportError, UnknownCodeError
from begleitforschung.language import Text
from begleitforschung.results.protection import Protection
from begleitforschung.results.wave_trend import WaveTrend

from ..estimation.inputs import item, survey_of
from .made import NBSP, heads, printed

# Of 40 answers each wave: so many are yes.
YES = (10, 20, 30)


def wave(yes: int, options: int = 2) -> Any:
    answers = ["1"] * yes + ["2"] * (40 - yes)
    frame = pd.DataFrame({"q": answers, "g": ["a"] * 31 + ["b"] * 9, "y": np.arange(40.0)})
    frame["z"] = [str(k % options) for k in range(40)]
    items = [item(name, frame[name], "single") for name in ("q", "g", "z")]
    items.append(item("y", frame["y"], "number", unit="€"))
    return survey_of(frame, items, units=[f"{k:08d}" for k in range(1001000, 1001040)])


def trend(question: str = "q", options: int = 2, **more: Any) -> WaveTrend:
    return bf.trend([wave(yes, options) for yes in YES], question, **more)


def test_each_wave_has_its_level_and_base_side_by_side() -> None:
    found = trend()
    assert heads(found) == ["Antwort", "Welle 1", "Welle 2", "Welle 3", "n Welle 1", "n Welle 2",
                            "n Welle 3"]  # fmt: skip
    assert printed(found) == [
        ["Antwort 1", *(f"{percent}{NBSP}%" for percent in (25, 50, 75)), "40", "40", "40"],
        ["Antwort 2", *(f"{percent}{NBSP}%" for percent in (75, 50, 25)), "40", "40", "40"],
    ]
    notes = found.display().notes
    assert notes[0] == "Anteil der Kommunen."
    assert sum("Ausgezählt sind die Antworten" in note for note in notes) == 1
    assert "Abstand der Intervalle" in " ".join(notes)
    assert "gegenüber der Welle davor geändert" not in " ".join(notes)


def test_a_changed_question_is_marked_where_it_changed() -> None:
    found = trend()
    marked = replace(found, table=found.table.assign(changed=found.table["wave"] == "2"))
    cells = [[getattr(cell, "mark", "") for cell in row] for row in marked.display().cells()]
    assert [row[1:4] for row in cells] == [["", "a", ""], ["", "a", ""]]
    assert "a = question changed against the wave before." in marked.display("en").notes
    axes = marked.figure(category="1").axes[0]
    assert "geändert" in axes.get_xlabel()
    assert [list(line.get_ydata()) for line in axes.lines[:2]] == [[25.0], [50.0, 75.0]]


def test_what_is_hidden_is_a_point_and_read_as_kept_secret() -> None:
    found = trend()
    table = found.table.copy()
    first = (table["wave"] == "1") & (table["category"] == "1")
    table.loc[first, "suppressed"] = "primary"
    table.loc[first, ["estimate", "count"]] = [np.nan, pd.NA]
    hidden = replace(found, table=table)
    assert printed(hidden)[0][1:4] == [".", f"50{NBSP}%", f"75{NBSP}%"]
    told = hidden.alt_text("en", category="1")
    assert "kept secret" in told.lower()
    assert "25" not in told
    (line,) = hidden.figure(category="1").axes[0].lines
    assert np.isnan(line.get_ydata()[0])
    assert list(line.get_ydata()[1:]) == [50.0, 75.0]


def test_a_protected_trend_is_drawn_where_it_is_printed() -> None:
    found = trend(by="g")
    told = Protection(
        policy="x", version="1", title=Text("P"), rule=Text("R"), cells=18, hidden=0
    )  # fmt: skip
    safe = replace(found, protected=True, protection=told)
    (line,) = safe.figure(category="1", domain="a").axes[0].lines
    # 10, 20 and 30 of 31.
    assert line.get_ydata().tolist() == [32.0, 65.0, 97.0]


def test_waves_are_told_in_their_order() -> None:
    text = trend().alt_text(category="1")
    places = [text.index(f"{percent}{NBSP}%") for percent in (25, 50, 75)]
    assert places == sorted(places)
    assert text.startswith("Anteil der Kommunen. ")
    assert text.endswith(".")


def test_groups_of_few_cases_are_counts_and_gaps() -> None:
    found = trend(by="g")
    small = next(row for row in printed(found) if "Antwort b" in row and "Antwort 1" in row)
    assert [cell for cell in small if "von" in cell] == ["0 von 9", "0 von 9", "0 von 9"]
    (line,) = found.figure(category="1", domain="b").axes[0].lines
    assert np.isnan(line.get_ydata()).all()
    (line,) = found.figure(category="1", domain="a").axes[0].lines
    assert line.get_ydata() == pytest.approx(100 * np.array(YES) / 31)


def test_numbers_keep_their_unit() -> None:
    found = trend("y")
    axes = found.figure("en").axes[0]
    assert axes.get_ylabel() == "Mean in €"
    assert [text.get_text() for text in axes.get_xticklabels()] == ["Wave 1", "Wave 2", "Wave 3"]
    assert axes.lines[0].get_ydata().tolist() == [19.5] * 3


def test_a_figure_has_no_more_lines_than_can_be_told_apart() -> None:
    found = trend("z", options=7)
    with pytest.raises(ReportError, match="one to 6 lines, these are 7: choose with column=, dom"):
        found.figure()
    with pytest.raises(ReportError, match="these are 0"):
        found.alt_text(category="none")
    with pytest.raises(UnknownCodeError, match="'group'"):
        found.figure(group="a")
    assert len(trend("z", options=6).figure().axes[0].lines) == 6
