"""Bars made of answers: whole or not at all, from light to dark, numbers that can be read."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from begleitforschung.display.likert import answer_bars
from begleitforschung.display.style import house_style
from begleitforschung.errors import ReportError

PARTS = {"nie": [50, 4, np.nan], "selten": [30, 36, 40], "oft": [20, 60, 60]}
ROWS = ["Personal", "Geld", "Recht"]


def luminance(colour):
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [
        0.2126,
        0.7152,
        0.0722,
    ]


def drawn(**options):
    return answer_bars(ROWS, PARTS, axis="Anteil", **options).axes[0]


def test_parts_follow_one_another_and_carry_their_numbers():
    axes = drawn(ordered=True)
    starts = np.array([patch.get_x() for patch in axes.patches]).reshape(3, 2)
    widths = np.array([patch.get_width() for patch in axes.patches]).reshape(3, 2)
    assert starts[:, 0].tolist() == [0, 50, 80]
    assert widths.sum(axis=0).tolist() == [100, 100]
    written = [text.get_text() for text in axes.texts]
    # 4 percent are too narrow for a number; a bar that is not whole is not drawn.
    assert written == ["50", "30", "36", "20", "60", "nicht dargestellt"]
    assert axes.get_xlim() == (0, 100)
    assert axes.get_xlabel() == "Anteil in %"


def test_what_is_kept_secret_leaves_no_part_behind():
    axes = drawn(ordered=True, secret=[False, True, False])
    assert {round(patch.get_y() + patch.get_height() / 2) for patch in axes.patches} == {0}
    assert sum("geheim" in text.get_text() for text in axes.texts) == 1


def test_a_scale_goes_from_light_to_dark_and_other_answers_have_the_colours_of_series():
    ordered = [patch.get_facecolor() for patch in drawn(ordered=True).patches[::2]]
    light = [luminance(colour[:3]) for colour in ordered]
    assert light == sorted(light, reverse=True)
    nominal = [patch.get_facecolor()[:3] for patch in drawn(ordered=False).patches[::2]]
    assert nominal == [to_rgb(colour) for colour in house_style().series[:3]]


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("count", [2, 5, 6, 11])
def test_numbers_can_be_read_on_every_colour(ordered, count):
    parts = {str(n): [100 / count] for n in range(count)}
    axes = answer_bars(["eine"], parts, axis="Anteil", ordered=ordered).axes[0]
    for patch, text in zip(axes.patches, axes.texts, strict=True):
        pair = sorted([luminance(patch.get_facecolor()[:3]), luminance(text.get_color())])
        # WCAG 2.2, 1.4.3: 4.5, large text 3; no colour lets both white and dark text miss 4.
        assert (pair[1] + 0.05) / (pair[0] + 0.05) > 4


def test_without_answers_or_with_other_lengths_there_is_no_figure():
    with pytest.raises(ReportError, match="at least one answer"):
        answer_bars(ROWS, {}, axis="Anteil", ordered=True)
    with pytest.raises(ReportError):
        answer_bars(ROWS, {"ja": [1, 2]}, axis="Anteil", ordered=True)
