"""Bars made of parts, and compact intervals for many units: the figures of a ranking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.display.axes import literal, number_axis, rows_axes, settled
from begleitforschung.display.marks import group_colour, same_length, value_label
from begleitforschung.display.numbers import format_number
from begleitforschung.display.style import styled
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW_CM = 0.5
_HATCHES = ("", "////", "....", "xxxx")
_CM_PER_CHARACTER = 0.19


def stacked_bars(
    labels: Sequence[str],
    parts: Mapping[str, ArrayLike],
    *,
    axis: str,
    unit: str = "",
    decimals: int = 1,
    lang: Lang = "de",
) -> Figure:
    """Draw horizontal bars made of parts, with their sum at the end.

    Parameters
    ----------
    labels : sequence of str
        Units, from top to bottom.
    parts : mapping of str to array_like, shape (units,)
        Parts of the bars, from the axis outwards; negative parts go to the left, NaN are nothing.
    axis : str
        What is measured.
    unit : str
        Unit of measure.
    decimals : int
        Decimal places of the printed sums.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; parts beyond the number of colours are hatched.

    Raises
    ------
    ReportError
        If there is no part or the lengths differ.
    """
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in parts.items()}
    if not arrays:
        raise ReportError("stacked bars need at least one part")
    same_length(labels, *arrays.values())
    stack = np.nan_to_num(np.vstack(list(arrays.values())))
    ends = np.where(stack > 0, stack, 0).sum(axis=0)
    with styled() as style:
        figure, axes = rows_axes(labels, style, row_height_cm=_ROW_CM)
        right, left = np.zeros(len(labels)), np.zeros(len(labels))
        for index, (name, lengths) in enumerate(zip(arrays, stack, strict=True)):
            hatch = _HATCHES[index // len(style.series) % len(_HATCHES)]
            axes.barh(
                range(len(labels)),
                lengths,
                left=np.where(lengths < 0, left, right),
                height=0.72,
                color=style.series[index % len(style.series)],
                edgecolor="white",
                linewidth=0.5,
                hatch=hatch,
                label=literal(name),
            )
            right += np.maximum(lengths, 0)
            left += np.minimum(lengths, 0)
        empty = np.all([np.isnan(values) for values in arrays.values()], axis=0)
        for row, total in enumerate(stack.sum(axis=0)):
            text = format_number(np.nan if empty[row] else total, decimals, lang)
            value_label(axes, ends[row], row, text, va="center")
        axes.axvline(0, color=style.muted, lw=0.8)
        axes.margins(x=0.1)
        number_axis(axes.xaxis, axis, unit, lang)
        _legend(figure, axes, style.width_cm)
        return settled(figure)


def intervals(
    labels: Sequence[str],
    middle: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    axis: str,
    nominal: ArrayLike | None = None,
    legend: tuple[str, str] = ("", ""),
    unit: str = "",
    highlight: Collection[str] = (),
    lang: Lang = "de",
) -> Figure:
    """Draw a compact interval for each of many units.

    Parameters
    ----------
    labels : sequence of str
        Units, from top to bottom.
    middle, low, high : array_like, shape (units,)
        Middle and ends of the intervals; a unit with a middle of NaN is left empty.
    axis : str
        What is measured.
    nominal : array_like, shape (units,), optional
        A second point, e.g. the rank of the specification itself, drawn as a diamond.
    legend : (str, str)
        Names of middle and nominal points.
    unit : str
        Unit of measure.
    highlight : collection of str
        Units in the accent colour, all others then grey.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    ReportError
        If the lengths differ or there is no unit.
    """
    points, lows, highs = (np.asarray(a, dtype=np.float64) for a in (middle, low, high))
    second = np.full(len(points), np.nan) if nominal is None else np.asarray(nominal, dtype=float)
    same_length(labels, points, lows, highs, second)
    rows = np.arange(len(points))
    with styled() as style:
        figure, axes = rows_axes(labels, style, row_height_cm=_ROW_CM)
        colours = [group_colour(label, highlight, style) for label in labels]
        axes.hlines(rows, lows, highs, colors=colours, lw=2.2)
        axes.scatter(
            points, rows, s=22, c=colours, edgecolors="white", zorder=3, label=literal(legend[0])
        )
        if nominal is not None:
            axes.scatter(
                second,
                rows,
                s=26,
                marker="D",
                facecolors="none",
                edgecolors=style.text,
                zorder=4,
                label=literal(legend[1]),
            )
        number_axis(axes.xaxis, axis, unit, lang)
        if any(legend):
            _legend(figure, axes, style.width_cm)
        return settled(figure)


def _legend(figure: Figure, axes: Axes, width_cm: float) -> None:
    handles, names = axes.get_legend_handles_labels()
    longest = max(len(name) for name in names) * _CM_PER_CHARACTER + 1.2
    figure.legend(
        handles,
        names,
        loc="outside lower center",
        ncols=max(1, min(len(names), int(width_cm / longest))),
        frameon=False,
        handlelength=1.2,
        columnspacing=1.2,
    )
