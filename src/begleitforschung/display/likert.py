"""Bars made of answers, one for each question or group, from one end of a scale to the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.display.axes import literal, number_axis, rows_axes, settled
from begleitforschung.display.marks import not_shown, same_length
from begleitforschung.display.numbers import format_number
from begleitforschung.display.style import CM_PER_INCH, HouseStyle, styled
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW_CM = 0.72
_HEIGHT = 0.7
_LINE_CM = 0.5
_CM_PER_CHARACTER = 0.19
_NARROWEST = 5.0  # percent of the axis that hold two digits
_INK = 0.014  # relative luminance of the colour of text


def answer_bars(
    labels: Sequence[str],
    parts: Mapping[str, ArrayLike],
    *,
    axis: str,
    ordered: bool,
    secret: Sequence[bool] = (),
    lang: Lang = "de",
) -> Figure:
    """Draw bars that are made of the shares of answers and add up to 100 percent.

    Parameters
    ----------
    labels : sequence of str
        Questions or groups, from top to bottom.
    parts : mapping of str to array_like, shape (labels,)
        Percentages of each answer in its order. A bar with a missing one is not drawn.
    axis : str
        What is measured.
    ordered : bool
        Whether the answers are ordered: then their colours go from light to dark.
    secret : sequence of bool, optional
        Bars with a part that is kept secret; nothing of them is drawn, as the others would tell it.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; parts of 5 percent and more carry their number.

    Raises
    ------
    ReportError
        If there is no answer or the lengths differ.
    """
    if not parts:
        raise ReportError("bars of answers need at least one answer")
    hidden = list(secret) or [False] * len(labels)
    shares = np.vstack([np.asarray(values, dtype=np.float64) for values in parts.values()])
    same_length(labels, hidden, *shares)
    with styled() as style:
        figure, axes = rows_axes(labels, style, row_height_cm=_ROW_CM)
        empty = np.isnan(shares).any(axis=0) | np.array(hidden, dtype=bool)
        lengths = np.where(empty, 0.0, shares)
        starts = np.vstack([np.zeros(len(labels)), lengths.cumsum(axis=0)[:-1]])
        colours = _colours(len(shares), style, ordered=ordered)
        for name, values, left, colour in zip(parts, lengths, starts, colours, strict=True):
            axes.barh(
                np.flatnonzero(~empty),
                values[~empty],
                left=left[~empty],
                height=_HEIGHT,
                color=colour,
                edgecolor=style.muted,
                linewidth=0.5,
                label=literal(name),
            )
            for row in np.flatnonzero(values >= _NARROWEST).tolist():
                text = format_number(values[row], 0, lang)
                middle, ink = left[row] + values[row] / 2, _ink(colour, style)
                axes.text(middle, row, text, ha="center", va="center", color=ink)
        for row in np.flatnonzero(empty).tolist():
            not_shown(axes, row, style, lang, secret=hidden[row])
        axes.set_xlim(0, 100)
        number_axis(axes.xaxis, axis, "%", lang)
        _legend(figure, list(parts), style)
        return settled(figure)


def _colours(count: int, style: HouseStyle, *, ordered: bool) -> list[str]:
    """Return colours from light to dark, or those of series."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    if not ordered:
        series = style.series
        return [series[number % len(series)] for number in range(count)]
    ramp = LinearSegmentedColormap.from_list("scale", list(style.scale))
    return [to_hex(ramp(place)) for place in np.linspace(0.0, 1.0, count)]


def _ink(colour: str, style: HouseStyle) -> str:
    """Return white or the colour of text, whichever is read better on a colour (WCAG 2.2)."""
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = float(np.dot([0.2126, 0.7152, 0.0722], linear))
    white, dark = 1.05 / (luminance + 0.05), (luminance + 0.05) / (_INK + 0.05)
    return "white" if white >= dark else style.text


def _legend(figure: Figure, names: Sequence[str], style: HouseStyle) -> None:
    """Put the legend above the bars, in their order; the figure grows by its lines."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    longest = max(map(len, names)) * _CM_PER_CHARACTER + 1.2
    columns = max(1, min(len(names), int(style.width_cm / longest)))
    width, height = figure.get_size_inches()
    lines = -(-len(names) // columns)
    figure.set_size_inches(width, height + lines * _LINE_CM / CM_PER_INCH)
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=columns,
        frameon=False,
        handlelength=1.2,
        columnspacing=1.2,
    )
