"""What holds for every bar made of answers and every line over waves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from begleitforschung.display.likert import answer_bars
from begleitforschung.display.numbers import MINUS, format_p
from begleitforschung.display.secrecy import UNPROTECTED, is_stamped, stamp
from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.display.waves import wave_lines

FLAT = (np.full(3, 10.0), np.full(3, 8.0), np.full(3, 12.0))


def texts(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


@settings(max_examples=12)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=6).filter(any), st.booleans())
def test_a_bar_is_as_long_as_its_answers_in_their_order(counts: list[int], ordered: bool) -> None:
    shares = 100 * np.array(counts) / sum(counts)
    parts = {f"a{at}": [share] for at, share in enumerate(shares)}
    axes = answer_bars(["eine"], parts, axis="x", ordered=ordered).axes[0]
    assert [patch.get_width() for patch in axes.patches] == pytest.approx(shares)
    starts = [0.0, *np.cumsum(shares)[:-1]]
    assert [patch.get_x() for patch in axes.patches] == pytest.approx(starts)
    # Whoever is narrower than 5 percent carries no number, as it would not fit.
    assert len(axes.texts) == int((shares >= 5).sum())
    middles = [text.get_position()[0] for text in axes.texts]
    wanted = np.array(starts) + shares / 2
    assert middles == pytest.approx(wanted[shares >= 5])


def test_the_legend_has_the_answers_in_their_order_and_their_own_signs() -> None:
    parts = {"stimme zu": [40.0], "kostet 5 $ & mehr": [60.0]}
    figure = answer_bars(["eine"], parts, axis="x", ordered=True)
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert shown == ["stimme zu", r"kostet 5 \$ & mehr"]
    long = {f"eine sehr lange Antwort, die Platz braucht ({k})": [50.0] for k in range(2)}
    higher = answer_bars(["eine"], long, axis="x", ordered=True)
    assert higher.get_size_inches()[1] > figure.get_size_inches()[1]


def test_a_bar_that_is_not_whole_is_left_out_and_named() -> None:
    figure = answer_bars(
        ["A", "B"], {"ja": [np.nan, 30.0], "nein": [20.0, 70.0]}, axis="x", ordered=False, lang="en"
    )
    assert texts(figure) == ["30", "70", "not shown"]
    assert {round(patch.get_y(), 2) for patch in figure.axes[0].patches} == {0.65}


@settings(max_examples=8)
@given(st.integers(1, 6))
def test_lines_keep_their_heights_and_stand_beside_each_other(count: int) -> None:
    series = {f"l{k}": (FLAT[0] + k, FLAT[1] + k, FLAT[2] + k) for k in range(count)}
    axes = wave_lines(["2019", "2021", "2025"], series, axis="x").axes[0]
    assert [line.get_ydata()[0] for line in axes.lines] == [10.0 + k for k in range(count)]
    starts = [line.get_xdata()[0] for line in axes.lines]
    assert starts == sorted(starts)
    assert len(set(starts)) == count
    assert np.mean(starts) == pytest.approx(2019)
    markers = [line.get_marker() for line in axes.lines]
    assert len(set(markers)) == count


def test_the_last_known_value_stands_at_the_end_of_a_line() -> None:
    gone = (np.array([10.0, 20.25, np.nan]), FLAT[1], FLAT[2])
    never = (np.full(3, np.nan),) * 3
    figure = wave_lines(
        ["1", "2", "3"], {"ja": gone, "nie": never}, axis="Anteil", unit="%", decimals=1
    )
    assert texts(figure) == ["ja: 20,3"]
    assert figure.axes[0].get_ylabel() == "Anteil in %"


@pytest.mark.parametrize("breaks", [{1}, {2}, {1, 2}])
def test_each_break_is_a_gap_and_a_dotted_line_before_its_wave(breaks: set[int]) -> None:
    axes = wave_lines(["1", "2", "3"], {"ja": FLAT}, axis="x", breaks=breaks, lang="en").axes[0]
    drawn = [line for line in axes.lines if line.get_linestyle() == "-"]
    dotted = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert [len(line.get_xdata()) for line in drawn] == list(np.diff([0, *sorted(breaks), 3]))
    assert [line.get_xdata()[0] for line in dotted] == [at + 0.5 for at in sorted(breaks)]
    assert axes.get_xlabel() == "dotted line: question changed"


def test_one_wave_is_a_figure_too() -> None:
    one = tuple(values[:1] for values in FLAT)
    axes = wave_lines(["Welle A"], {"ja": one}, axis="x").axes[0]
    assert axes.lines[0].get_xdata().tolist() == [0.0]


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        (0.0, "< 0,001", "< 0.001"),
        (0.00099999, "< 0,001", "< 0.001"),
        (0.001, "0,001", "0.001"),
        (0.0495, "0,050", "0.050"),
        (0.9996, "1,000", "1.000"),
        (np.float64(0.25), "0,250", "0.250"),
        (np.nan, "–", "–"),
        (None, "–", "–"),
    ],
)
def test_p_values_are_never_zero(value: Any, german: str, english: str) -> None:
    assert (format_p(value), format_p(value, "en")) == (german, english)


def test_secret_cells_are_seen_as_points_and_heard_as_words() -> None:
    columns = [Column(key="a", label="<A>"), Column(key="b", label="B", unit="<€>", decimals=1)]
    rows = [("x & y", Cell(value=None, secret=True, emphasis=True)), ("z", -1.25)]
    tree = html.fromstring(TableModel(columns=columns, rows=rows, lang="en").to_html())
    cell = tree.findall(".//tbody/tr/td")[0]
    seen, heard = cell.iter("span")
    assert (seen.text, seen.get("aria-hidden"), seen.get("title")) == (".", "true", "kept secret")
    assert heard.text == "kept secret"
    assert cell.find("strong") is not None
    assert [node.text for node in tree.iter("th") if node.get("scope") == "row"] == ["x & y", "z"]
    heads = [(node.text, node.get("rowspan")) for node in tree.findall(".//thead//th")]
    assert heads == [("<A>", "2"), ("B", None), ("<€>", None)]
    assert tree.findall(".//tbody/tr/td")[1].text == f"{MINUS}1.3"


@pytest.mark.parametrize(("lang", "text"), [("de", UNPROTECTED.de), ("en", UNPROTECTED.en)])
def test_a_stamp_is_written_in_the_language_of_the_picture(lang: Any, text: str) -> None:
    figure = answer_bars(["A"], {"ja": [100.0]}, axis="x", ordered=False, lang=lang)
    assert not is_stamped(figure)
    assert {note.get_text() for note in stamp(figure, lang).texts} == {text}
