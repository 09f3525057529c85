"""Figure primitives in house style: they take arrays and labels and know no result type.

Figures are made without pyplot, so that nothing stays open and nothing of the user's is changed.
A group with fewer cases than `min_n` keeps its label and is not drawn, nor is its number printed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.display.axes import (
    blank_figure,
    label_series,
    literal,
    mark_reference,
    number_axis,
    rows_axes,
    settled,
)
from begleitforschung.display.marks import (
    NOT_SHOWN,
    finite,
    group_colour,
    not_shown,
    quartiles,
    same_length,
    strip,
    value_label,
    with_n,
    year_ticks,
)
from begleitforschung.display.numbers import format_number
from begleitforschung.display.secrecy import SECRET
from begleitforschung.display.style import styled
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARKERS = "osD^vP"
_DASHES = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)), (0, (3, 1)), (0, (2, 3)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceLine:
    """A reference value drawn as a line across all groups.

    Parameters
    ----------
    value : float
        The value.
    label : str
        What it is, e.g. ``"Deutschland"``.
    """

    value: float
    label: str


def group_strip(
    groups: Mapping[str, ArrayLike],
    *,
    axis: str,
    min_n: int,
    unit: str = "",
    decimals: int = 1,
    reference: ReferenceLine | None = None,
    highlight: Collection[str] = (),
    lang: Lang = "de",
) -> Figure:
    """Draw each unit as a point, with median and quartiles of its group.

    Parameters
    ----------
    groups : mapping of str to array_like
        Values of each group, from top to bottom; NaN are left out and not counted in n.
    axis : str
        What is measured.
    min_n : int
        Groups with fewer values are not drawn.
    unit : str
        Unit of measure.
    decimals : int
        Decimal places of the printed medians.
    reference : ReferenceLine, optional
        A value drawn as a line.
    highlight : collection of str
        Groups in the accent colour, all others then grey; by default all in the accent colour.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The figure. Quartiles are of type 7 (Hyndman & Fan 1996). Points are spread by a fixed
        sequence, so that equal values give equal figures.

    Raises
    ------
    ReportError
        If there is no group.
    """
    values = {label: finite(array) for label, array in groups.items()}
    least = max(min_n, 1)
    shown = with_n(list(values), [len(found) for found in values.values()], least, lang)
    printed = partial(format_number, decimals=decimals, lang=lang)
    with styled() as style:
        figure, axes = rows_axes(shown, style, row_height_cm=1.45)
        for row, (label, found) in enumerate(values.items()):
            if len(found) < least:
                not_shown(axes, row, style, lang)
                continue
            strip(axes, row, found, group_colour(label, highlight, style))
            quartiles(axes, row, found, printed, style)
        number_axis(axes.xaxis, axis, unit, lang)
        mark_reference(axes, reference, unit, decimals, lang, style)
        return settled(figure)


def dot_interval(
    labels: Sequence[str],
    estimates: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    axis: str,
    n: Sequence[int | None],
    min_n: int,
    secret: Sequence[bool] = (),
    unit: str = "",
    decimals: int = 1,
    reference: ReferenceLine | None = None,
    highlight: Collection[str] = (),
    sign: bool = False,
    lang: Lang = "de",
) -> Figure:
    """Draw a point with an interval for each group.

    Parameters
    ----------
    labels : sequence of str
        Groups, from top to bottom.
    estimates, low, high : array_like, shape (groups,)
        Points and ends of the intervals; a point of NaN is not drawn.
    axis : str
        What is measured.
    n : sequence of int or None
        Cases of each group, nothing where they are kept secret, as the point is then.
    min_n : int
        Groups with fewer cases are not drawn.
    secret : sequence of bool, optional
        Groups of which something is kept secret: the point where it is NaN, else its interval.
    unit : str
        Unit of measure.
    decimals : int
        Decimal places of the printed points.
    reference : ReferenceLine, optional
        A value drawn as a line.
    highlight : collection of str
        Groups in the accent colour, all others then grey.
    sign : bool
        Whether positive points carry a plus sign.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    ReportError
        If the lengths differ or there is no group.
    """
    points, lows, highs = (np.asarray(a, dtype=np.float64) for a in (estimates, low, high))
    hidden = list(secret) or [False] * len(labels)
    same_length(labels, n, hidden, points, lows, highs)
    with styled() as style:
        figure, axes = rows_axes(with_n(labels, n, min_n, lang), style, row_height_cm=1.05)
        for row, label in enumerate(labels):
            if (n[row] or 0) < min_n or np.isnan(points[row]):
                not_shown(axes, row, style, lang, secret=hidden[row])
                continue
            colour = group_colour(label, highlight, style)
            axes.plot(
                [lows[row], highs[row]], [row, row], color=colour, lw=2, solid_capstyle="butt"
            )
            axes.plot(points[row], row, "o", color=colour, ms=6, mec="white", mew=0.8)
            text = format_number(points[row], decimals, lang, sign=sign)
            text += f" [{SECRET}]" if hidden[row] else ""
            value_label(axes, points[row], row - 0.2, text, ha="center")
        number_axis(axes.xaxis, axis, unit, lang)
        mark_reference(axes, reference, unit, decimals, lang, style)
        return settled(figure)


def bars(
    labels: Sequence[str],
    values: ArrayLike,
    *,
    axis: str,
    n: Sequence[int] | None = None,
    min_n: int = 0,
    secret: Sequence[bool] = (),
    unit: str = "",
    decimals: int = 1,
    reference: ReferenceLine | None = None,
    highlight: Collection[str] = (),
    lang: Lang = "de",
) -> Figure:
    """Draw horizontal bars with their values.

    Parameters
    ----------
    labels : sequence of str
        Groups, from top to bottom.
    values : array_like, shape (groups,)
        Lengths of the bars; NaN is printed as an en dash.
    axis : str
        What is measured.
    n : sequence of int, optional
        Cases of each group; needed where `min_n` is above 0.
    min_n : int
        Groups with fewer cases are not drawn.
    secret : sequence of bool, optional
        Groups whose value is kept secret; nothing of them is drawn.
    unit : str
        Unit of measure.
    decimals : int
        Decimal places of the printed values.
    reference : ReferenceLine, optional
        A value drawn as a line.
    highlight : collection of str
        Groups in the accent colour, all others then grey.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    ReportError
        If the lengths differ, there is no group, or `n` is missing where it is needed.
    """
    lengths = np.asarray(values, dtype=np.float64)
    if min_n > 0 and n is None:
        raise ReportError("bars() with a minimum number of cases needs n=, the cases of each group")
    counts = [min_n] * len(labels) if n is None else list(n)
    hidden = list(secret) or [False] * len(labels)
    same_length(labels, counts, hidden, lengths)
    shown = labels if n is None else with_n(labels, counts, min_n, lang)
    with styled() as style:
        figure, axes = rows_axes(shown, style, row_height_cm=0.62 if n is None else 0.9)
        for row, label in enumerate(labels):
            if counts[row] < min_n or hidden[row]:
                not_shown(axes, row, style, lang, secret=hidden[row])
                continue
            if np.isfinite(lengths[row]):
                axes.barh(
                    row, lengths[row], height=0.62, color=group_colour(label, highlight, style)
                )
            end = lengths[row] if np.isfinite(lengths[row]) else 0.0
            text = format_number(lengths[row], decimals, lang)
            value_label(axes, end, row, text, ha="left" if end >= 0 else "right", va="center")
        axes.axvline(0, color=style.muted, lw=0.8)
        axes.margins(x=0.12)
        number_axis(axes.xaxis, axis, unit, lang)
        mark_reference(axes, reference, unit, decimals, lang, style)
        return settled(figure)


def line(
    years: Sequence[int],
    series: Mapping[str, ArrayLike],
    *,
    axis: str,
    unit: str = "",
    decimals: int = 1,
    n: Mapping[str, int] | None = None,
    min_n: int = 0,
    highlight: Collection[str] = (),
    lang: Lang = "de",
) -> Figure:
    """Draw series over years, each with its label and last value at its end.

    Parameters
    ----------
    years : sequence of int
        Years.
    series : mapping of str to array_like, shape (years,)
        Values; NaN leaves a gap.
    axis : str
        What is measured.
    unit : str
        Unit of measure.
    decimals : int
        Decimal places of the printed last values.
    n : mapping of str to int, optional
        Cases of each series; needed where `min_n` is above 0.
    min_n : int
        Series with fewer cases are not drawn, and are named below the axis.
    highlight : collection of str
        Series in the accent colour, all others then grey.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    ReportError
        If the lengths differ, there is no series, there are more than six, or `n` is missing
        where it is needed.
    """
    if min_n > 0 and n is None:
        raise ReportError(
            "line() with a minimum number of cases needs n=, the cases of each series"
        )
    arrays = {label: np.asarray(values, dtype=np.float64) for label, values in series.items()}
    for values in arrays.values():
        same_length(years, values)
    if unknown := [label for label in arrays if n is not None and label not in n]:
        raise ReportError(f"line() has no number of cases, n=, of {', '.join(unknown)}")
    hidden = [label for label in arrays if n is not None and n[label] < min_n]
    drawn = {label: values for label, values in arrays.items() if label not in hidden}
    if not drawn or len(drawn) > len(_MARKERS):
        raise ReportError(f"line() draws one to {len(_MARKERS)} series, not {len(drawn)}")
    with styled() as style:
        figure, axes = blank_figure(style, height_cm=8.0)
        ends: list[tuple[float, str, str]] = []
        for index, (label, values) in enumerate(drawn.items()):
            plain = style.series[index]
            colour = group_colour(label, highlight, style) if highlight else plain
            axes.plot(
                years, values, color=colour, lw=1.8, ls=_DASHES[index], marker=_MARKERS[index], ms=4
            )
            last = values[np.isfinite(values)]
            text = f"{label}: {format_number(last[-1] if len(last) else None, decimals, lang)}"
            ends.append((float(last[-1]) if len(last) else np.nan, text, colour))
        axes.grid(axis="y")
        year_ticks(axes, years)
        number_axis(axes.yaxis, axis, unit, lang)
        label_series(axes, max(years), ends)
        if hidden:
            note = f"{', '.join(hidden)}: {NOT_SHOWN[lang]} (n < {min_n})"
            axes.set_xlabel(literal(note), color=style.muted)
        return settled(figure)
