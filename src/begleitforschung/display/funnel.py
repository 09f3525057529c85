"""A funnel plot: rates against the size they rest on, with the limits of chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.display.axes import blank_figure, literal, number_axis, settled
from begleitforschung.display.marks import same_length
from begleitforschung.display.numbers import format_number
from begleitforschung.display.style import styled
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DASHES = ("--", ":", "-.")


def funnel_plot(
    sizes: ArrayLike,
    values: ArrayLike,
    limits: Mapping[str, tuple[ArrayLike, ArrayLike, ArrayLike]],
    *,
    target: float,
    target_label: str,
    axis: str,
    size_axis: str,
    unit: str = "",
    outside: Sequence[bool] | None = None,
    lang: Lang = "de",
) -> Figure:
    """Draw rates against their exposure, on a logarithmic axis, with limits of chance.

    Parameters
    ----------
    sizes, values : array_like, shape (units,)
        Exposure and rate of each unit; units with a NaN are not drawn.
    limits : mapping of str to (sizes, low, high)
        Lines of the limits by their names.
    target : float
        The common rate, drawn as a line.
    target_label : str
        Its name.
    axis, size_axis : str
        What is measured, and the exposure.
    unit : str
        Unit of measure of the rates.
    outside : sequence of bool, optional
        Which units lie outside; they have the accent colour.
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
    x, y = np.asarray(sizes, np.float64), np.asarray(values, np.float64)
    far = np.zeros(len(x), bool) if outside is None else np.asarray(outside, bool)
    same_length(list(range(len(x))), y, far)
    shown = (x > 0) & np.isfinite(y)
    if not shown.any():
        raise ReportError("a funnel plot needs a unit with rate and exposure")
    with styled() as style:
        figure, axes = blank_figure(style, height_cm=9.5)
        for keep, colour in ((shown & ~far, style.muted), (shown & far, style.series[0])):
            axes.scatter(x[keep], y[keep], s=14, color=colour, alpha=0.7, linewidths=0, zorder=3)
        axes.axhline(target, color=style.text, lw=1.2, label=literal(target_label))
        for dash, (name, (at, low, high)) in zip(_DASHES, limits.items(), strict=False):
            axes.plot(at, low, color=style.text, lw=1.0, ls=dash, label=literal(name))
            axes.plot(at, high, color=style.text, lw=1.0, ls=dash)
        number_axis(axes.yaxis, axis, unit, lang)
        _size_axis(axes, size_axis, lang)
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        return settled(figure)


def _size_axis(axes: Axes, label: str, lang: Lang) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(base=10))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value, 0, lang)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(literal(label))
