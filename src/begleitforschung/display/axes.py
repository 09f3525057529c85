"""Axes of figures: number format, units, reference lines, labels that don't overlap."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from begleitforschung.display.numbers import format_number
from begleitforschung.display.style import CM_PER_INCH, HouseStyle
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LABEL_WIDTH = 34
_AXIS_CM = 1.9
_LINE_CM = 0.42
_LINE_SHARE = 0.065  # height of a line of text as a share of the axis
_PER = ("je ", "pro ", "per ")


def blank_figure(style: HouseStyle, *, height_cm: float) -> tuple[Figure, Axes]:
    """Return a figure of the text's width with one pair of axes.

    Parameters
    ----------
    style : HouseStyle
        The style.
    height_cm : float
        Height in cm.

    Returns
    -------
    figure : matplotlib.figure.Figure
        The figure.
    axes : matplotlib.axes.Axes
        Its axes.
    """
    from matplotlib.figure import Figure

    size = (style.width_cm / CM_PER_INCH, height_cm / CM_PER_INCH)
    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.add_subplot()


def rows_axes(
    labels: Sequence[str], style: HouseStyle, *, row_height_cm: float
) -> tuple[Figure, Axes]:
    """Return a figure with one row for each label, the first one on top.

    Parameters
    ----------
    labels : sequence of str
        Labels; long lines are broken.
    style : HouseStyle
        The style.
    row_height_cm : float
        Height of a row in cm; more where labels have several lines.

    Returns
    -------
    figure : matplotlib.figure.Figure
        The figure.
    axes : matplotlib.axes.Axes
        Its axes; row ``i`` lies at ``y = i``.

    Raises
    ------
    ReportError
        If there is no label.
    """
    if not labels:
        raise ReportError("a figure needs at least one group")
    lines = [_wrapped(label) for label in labels]
    height = max(row_height_cm, _LINE_CM * max(map(len, lines)))
    figure, axes = blank_figure(style, height_cm=_AXIS_CM + height * len(labels))
    broken = ["\n".join(parts) for parts in lines]
    axes.set_yticks(range(len(labels)), [literal(text) for text in broken])
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.grid(axis="x")
    return figure, axes


def settled(figure: Figure) -> Figure:
    """Lay the figure out once and keep that, so that it is the same each time it is written.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.

    Returns
    -------
    matplotlib.figure.Figure
        The same figure.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return figure


def number_axis(axis: Any, label: str, unit: str, lang: Lang) -> None:
    """Give an axis its label with unit and numbers in the format of the language.

    Parameters
    ----------
    axis : matplotlib.axis.Axis
        The axis.
    label : str
        What is measured.
    unit : str
        Unit of measure.
    lang : {"de", "en"}
        Language.
    """
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 2.5, 5, 10]))

    def shown(value: float, _position: int | None = None) -> str:
        ticks = np.asarray(axis.get_majorticklocs(), dtype=float)
        return format_number(value, tick_decimals(ticks), lang)

    axis.set_major_formatter(FuncFormatter(shown))
    joint = ", " if unit.startswith(_PER) else " in "
    axis.set_label_text(literal(f"{label}{joint}{unit}" if unit else label))


def tick_decimals(ticks: Any) -> int:
    """Return how many decimals the ticks of an axis need.

    Parameters
    ----------
    ticks : numpy.ndarray
        Positions of the ticks.

    Returns
    -------
    int
        The fewest decimals, at most 6, that print all of them exactly.

    Examples
    --------
    >>> import numpy as np
    >>> tick_decimals(np.array([0, 2.5, 5])), tick_decimals(np.array([0, 1000]))
    (1, 0)
    """
    for decimals in range(6):
        if np.allclose(ticks, np.round(ticks, decimals), rtol=1e-9, atol=10.0 ** -(decimals + 4)):
            return decimals
    return 6


def mark_reference(
    axes: Axes, reference: Any, unit: str, decimals: int, lang: Lang, style: HouseStyle
) -> None:
    """Draw a reference value as a line with its label above the axes.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The axes.
    reference : ReferenceLine or None
        The value and its label; nothing is drawn for ``None``.
    unit : str
        Unit of measure.
    decimals : int
        Decimal places.
    lang : {"de", "en"}
        Language.
    style : HouseStyle
        The style.
    """
    if reference is None or not np.isfinite(reference.value):
        return
    axes.axvline(reference.value, color=style.series[1], lw=1.4, ls=(0, (5, 2)), zorder=0.9)
    low, high = axes.get_xlim()
    place = (reference.value - low) / (high - low)
    side = "left" if place < 0.3 else "right" if place > 0.7 else "center"
    shown = format_number(reference.value, decimals, lang, unit=unit if len(unit) <= 3 else "")
    axes.annotate(
        literal(f"{reference.label}: {shown}"),
        (reference.value, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha=side,
        va="bottom",
        color=style.text,
    )


def label_series(axes: Axes, x: float, ends: Sequence[tuple[float, str, str]]) -> None:
    """Write labels at the ends of lines, pushed apart where they would overlap.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The axes.
    x : float
        Where the lines end.
    ends : sequence of (float, str, str)
        Height, text and colour of each label.
    """
    known = sorted((end for end in ends if np.isfinite(end[0])), key=lambda end: end[0])
    low, high = axes.get_ylim()
    texts = ["\n".join(textwrap.wrap(end[1], 26, break_long_words=False)) for end in known]
    lines = max((text.count("\n") + 1 for text in texts), default=1)
    places = spread_apart([end[0] for end in known], _LINE_SHARE * (lines + 1) / 2 * (high - low))
    for (value, _, colour), text, place in zip(known, texts, places, strict=True):
        axes.annotate(
            literal(text),
            (x, value),
            xytext=(1.02, place),
            textcoords=("axes fraction", "data"),
            va="center",
            color=axes.xaxis.label.get_color(),
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.8},
        )


def spread_apart(places: Sequence[float], gap: float) -> list[float]:
    """Push ascending places apart so that neighbours keep a distance, their mean unchanged.

    Parameters
    ----------
    places : sequence of float
        Places in ascending order.
    gap : float
        Least distance of neighbours.

    Returns
    -------
    list of float
        Places in the same order.

    Examples
    --------
    >>> spread_apart([1.0, 1.0, 5.0], 2.0)
    [0.0, 2.0, 5.0]
    """
    blocks: list[list[float]] = []
    for place in places:
        blocks.append([place])
        while len(blocks) > 1 and _top(blocks[-2], gap) + gap > _bottom(blocks[-1], gap):
            last = blocks.pop()
            blocks[-1] += last
    return [_bottom(block, gap) + gap * index for block in blocks for index in range(len(block))]


def literal(text: str) -> str:
    """Return a text that matplotlib does not read as a formula.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text, its dollar signs escaped.
    """
    return text.replace("$", r"\$")


def _bottom(block: Sequence[float], gap: float) -> float:
    return float(np.mean(block)) - gap * (len(block) - 1) / 2


def _top(block: Sequence[float], gap: float) -> float:
    return float(np.mean(block)) + gap * (len(block) - 1) / 2


def _wrapped(label: str) -> list[str]:
    lines = (
        textwrap.wrap(part, _LABEL_WIDTH, break_long_words=False) for part in label.split("\n")
    )
    return [line for part in lines for line in part]
