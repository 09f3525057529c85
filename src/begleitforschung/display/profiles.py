"""One unit against its group, and the places of units in two rankings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.display.axes import (
    blank_figure,
    literal,
    number_axis,
    rows_axes,
    settled,
    spread_apart,
)
from begleitforschung.display.marks import group_colour, same_length, value_label
from begleitforschung.display.numbers import format_number
from begleitforschung.display.style import styled
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TEXT: dict[Lang, tuple[str, str, str]] = {
    "de": ("mittlere Hälfte", "Median", "Spannweite"),
    "en": ("middle half", "median", "range"),
}


def profile(
    labels: Sequence[str],
    unit_values: ArrayLike,
    group_values: ArrayLike,
    *,
    unit_label: str,
    group_label: str,
    axis: str,
    decimals: int = 1,
    lang: Lang = "de",
) -> Figure:
    """Draw one unit as points against range, quartiles and median of its group.

    Parameters
    ----------
    labels : sequence of str
        Indicators or nodes, from top to bottom, on one common scale.
    unit_values : array_like, shape (labels,)
        Values of the unit; NaN is not drawn and printed as a dash.
    group_values : array_like, shape (group, labels)
        Values of the group's members; NaN are left out.
    unit_label, group_label : str
        Names in the legend.
    axis : str
        What is measured.
    decimals : int
        Decimal places of the unit's printed values.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; quartiles of type 7 (Hyndman & Fan 1996).

    Raises
    ------
    ReportError
        If the lengths differ or the group is empty in one of the rows.
    """
    own = np.asarray(unit_values, dtype=np.float64)
    group = np.atleast_2d(np.asarray(group_values, dtype=np.float64))
    same_length(labels, own, group.T)
    if np.isnan(group).all(axis=0).any():
        raise ReportError("a profile needs at least one value of the group in each row")
    low, first, middle, third, high = np.nanquantile(group, [0, 0.25, 0.5, 0.75, 1], axis=0)
    rows = np.arange(len(labels))
    half, median, span = _TEXT[lang]
    with styled() as style:
        figure, axes = rows_axes(labels, style, row_height_cm=0.95)
        name = literal(group_label)
        axes.hlines(rows, low, high, colors=style.rule, lw=2, label=f"{name}: {span}")
        axes.hlines(rows, first, third, colors=style.neutral, lw=7, label=f"{name}: {half}")
        axes.scatter(
            middle, rows, marker="|", s=110, c=style.text, lw=1.6, zorder=3,
            label=f"{name}: {median}",
        )  # fmt: skip
        axes.scatter(
            own, rows, s=42, c=style.series[0], edgecolors="white", zorder=4,
            label=literal(unit_label),
        )  # fmt: skip
        start = float(np.nanmin([*low, *own]))
        for row, value in enumerate(own):
            place = value if np.isfinite(value) else start
            text = format_number(value, decimals, lang)
            value_label(axes, place, row - 0.24, text, ha="center")
        number_axis(axes.xaxis, axis, "", lang)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        return settled(figure)


def slopes(
    labels: Sequence[str],
    left: ArrayLike,
    right: ArrayLike,
    *,
    titles: tuple[str, str],
    decimals: int = 0,
    reverse: bool = True,
    highlight: Collection[str] = (),
    lang: Lang = "de",
) -> Figure:
    """Draw how each unit moves from one variant to another.

    Parameters
    ----------
    labels : sequence of str
        Units.
    left, right : array_like, shape (units,)
        Their ranks or scores in the two variants; units with a NaN are not drawn.
    titles : (str, str)
        Names of the variants.
    decimals : int
        Decimal places of the printed values.
    reverse : bool
        Whether small values stand on top, as ranks do.
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
        If the lengths differ or no unit has both values.
    """
    ends = [np.asarray(values, dtype=np.float64) for values in (left, right)]
    same_length(labels, *ends)
    both = np.isfinite(ends[0]) & np.isfinite(ends[1])
    if not both.any():
        raise ReportError("a slope chart needs a unit with values in both variants")
    shown = [label for label, keep in zip(labels, both, strict=True) if keep]
    sides = [values[both] for values in ends]
    with styled() as style:
        figure, axes = blank_figure(style, height_cm=max(5.0, 1.6 + 0.46 * len(shown)))
        for label, start, stop in zip(shown, *sides, strict=True):
            colour = group_colour(label, highlight, style)
            axes.plot([0, 1], [start, stop], color=colour, lw=1.4, marker="o", ms=4)
        low, high = min(map(np.min, sides)), max(map(np.max, sides))
        span = max(float(high - low), 1.0)
        axes.set_ylim(high + 0.03 * span, low - 0.03 * span)
        if not reverse:
            axes.invert_yaxis()
        for side, (values, align) in enumerate(zip(sides, ("right", "left"), strict=True)):
            order = np.argsort(values, kind="stable")
            places = spread_apart([float(values[i]) for i in order], span / max(len(shown), 12))
            for i, place in zip(order, places, strict=True):
                number = format_number(values[i], decimals, lang)
                pair = (shown[i], number) if side == 0 else (number, shown[i])
                axes.annotate(
                    literal("  ".join(pair)),
                    (side, values[i]),
                    xytext=(side + (-0.06, 0.06)[side], place),
                    textcoords="data",
                    ha=align,
                    va="center",
                    arrowprops={"arrowstyle": "-", "color": style.rule, "lw": 0.6},
                )
        axes.set_xlim(-0.9, 1.9)
        axes.set_xticks([0, 1], [literal(title) for title in titles])
        axes.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False)
        axes.set_yticks([])
        axes.spines["bottom"].set_visible(False)
        return settled(figure)
