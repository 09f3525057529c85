"""Lines over the waves of a survey, with intervals, broken where a question was changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from begleitforschung.display.axes import blank_figure, label_series, literal, number_axis, settled
from begleitforschung.display.marks import same_length
from begleitforschung.display.numbers import format_number
from begleitforschung.display.style import styled
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang, Text
from begleitforschung.stats.groups import Floats

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARKERS = "osD^vP"
_BREAK = Text("gepunktete Linie: Frage geändert", "dotted line: question changed")
_SPREAD = 0.06  # width in which the intervals of one wave stand beside each other
MOST_LINES = len(_MARKERS)


def wave_lines(
    waves: Sequence[str],
    series: Mapping[str, tuple[Floats, Floats, Floats]],
    *,
    axis: str,
    breaks: Collection[int] = (),
    unit: str = "",
    decimals: int = 0,
    lang: Lang = "de",
) -> Figure:
    """Draw estimates with their intervals over waves.

    Parameters
    ----------
    waves : sequence of str
        Names; years stand at their distance, other names evenly.
    series : mapping of str to (estimates, low, high), each of shape (waves,)
        Lines; NaN leaves a gap.
    axis : str
        What is measured.
    breaks : collection of int
        Waves (from 0) that are not joined to the one before, because the question was changed.
    unit : str
        Unit of measure.
    decimals : int
        Decimal places of the printed last values.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    ReportError
        If the lengths differ, or there are no lines or more than six.
    """
    if not 0 < len(series) <= MOST_LINES:
        raise ReportError(f"wave_lines() draws one to {MOST_LINES} lines, not {len(series)}")
    for arrays in series.values():
        same_length(waves, *arrays)
    years = all(name.isdigit() for name in waves)
    places = np.array([float(name) for name in waves] if years else np.arange(len(waves)) * 1.0)
    step = float(np.diff(places).min()) if len(waves) > 1 else 1.0
    with styled() as style:
        figure, axes = blank_figure(style, height_cm=8.0)
        ends: list[tuple[float, str, str]] = []
        for number, (label, (points, low, high)) in enumerate(series.items()):
            colour, x = style.series[number], places + _shift(number, len(series)) * step
            for part in _unbroken(len(waves), breaks):
                axes.plot(
                    x[part], points[part], color=colour, lw=1.8, marker=_MARKERS[number], ms=5
                )
            axes.vlines(x, low, high, color=colour, lw=1.2)
            last = points[np.isfinite(points)]
            shown = format_number(last[-1] if len(last) else None, decimals, lang)
            ends.append((float(last[-1]) if len(last) else np.nan, f"{label}: {shown}", colour))
        for at in breaks:
            axes.axvline(places[at] - step / 2, color=style.muted, lw=0.9, ls=":")
        axes.grid(axis="y")
        axes.set_xticks(places, [literal(name) for name in waves])
        number_axis(axes.yaxis, axis, unit, lang)
        label_series(axes, float(places.max()), ends)
        if breaks:
            axes.set_xlabel(_BREAK.get(lang), color=style.muted)
        return settled(figure)


def _shift(number: int, count: int) -> float:
    """Return by how much a line stands beside its wave, so that intervals do not overlap."""
    return 0.0 if count == 1 else _SPREAD * (number / (count - 1) - 0.5)


def _unbroken(count: int, breaks: Collection[int]) -> list[slice]:
    """Return the waves that are joined."""
    return [slice(a, b) for a, b in pairwise([0, *sorted(breaks), count])]
