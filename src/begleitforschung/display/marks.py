"""Marks of figures: points, intervals, printed values, labels with numbers of cases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.display.numbers import format_number
from begleitforschung.display.secrecy import SECRET, SECRET_TEXT
from begleitforschung.display.style import HouseStyle
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang
from begleitforschung.stats.quantiles import quantiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
NOT_SHOWN: dict[Lang, str] = {"de": "nicht dargestellt", "en": "not shown"}
_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


def strip(axes: Axes, row: int, values: Floats, colour: str) -> None:
    """Draw the points above the middle of the row, in order of size so that neighbours spread.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The axes.
    row : int
        Row of the group.
    values : numpy.ndarray, shape (n,)
        Values without NaN.
    colour : str
        Colour of the points.
    """
    ordered = np.sort(values)
    spread = np.modf(np.arange(1, len(ordered) + 1) * _GOLDEN)[0]
    axes.scatter(
        ordered, row - 0.08 - 0.3 * spread, s=13, color=colour, alpha=0.55, linewidths=0, zorder=2
    )


def quartiles(
    axes: Axes, row: int, values: Floats, text: Callable[[float], str], style: HouseStyle
) -> None:
    """Draw the middle half as a bar and the median with its value, below the middle of the row.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The axes.
    row : int
        Row of the group.
    values : numpy.ndarray, shape (n,)
        Values without NaN.
    text : callable
        Prints the median.
    style : HouseStyle
        The style.
    """
    low, middle, high = quantiles(values, [0.25, 0.5, 0.75])
    place = row + 0.16
    axes.plot(
        [low, high], [place, place], color=style.text, lw=3.5, solid_capstyle="butt", zorder=3
    )
    axes.plot(middle, place, "D", ms=6.5, color="white", mec=style.text, mew=1.4, zorder=4)
    value_label(axes, float(middle), row + 0.44, text(float(middle)), ha="center", va="center")


def value_label(
    axes: Axes, x: float, y: float, text: str, *, ha: str = "left", va: str = "bottom"
) -> None:
    """Write a value beside its mark, with a white edge that keeps lines out of the digits.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The axes.
    x, y : float
        Place of the mark.
    text : str
        The printed value.
    ha, va : str
        Alignment at the place.
    """
    from matplotlib.patheffects import withStroke

    gap = {"left": (4, 0), "right": (-4, 0)}.get(ha, (0, 0))
    text_of = axes.annotate(text, (x, y), xytext=gap, textcoords="offset points", ha=ha, va=va)
    text_of.set(fontweight="semibold", path_effects=[withStroke(linewidth=2.5, foreground="white")])


def not_shown(axes: Axes, row: int, style: HouseStyle, lang: Lang, *, secret: bool = False) -> None:
    """Say that a group is not shown.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The axes.
    row : int
        Row of the group.
    style : HouseStyle
        The style.
    lang : {"de", "en"}
        Language.
    secret : bool
        Whether it is kept secret.
    """
    axes.annotate(
        f"{SECRET} ({SECRET_TEXT.get(lang)})" if secret else NOT_SHOWN[lang],
        (0.01, row),
        xycoords=("axes fraction", "data"),
        va="center",
        color=style.muted,
        fontstyle="italic",
    )


def year_ticks(axes: Axes, years: Sequence[int]) -> None:
    """Set ticks at whole years, the last one always among them.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        The axes.
    years : sequence of int
        The years.
    """
    step = max(1, int(np.ceil((max(years) - min(years)) / 10)))
    ticks = range(max(years), min(years) - 1, -step)
    axes.set_xticks(list(ticks), [str(year) for year in ticks])


def group_colour(label: str, highlight: Collection[str], style: HouseStyle) -> str:
    """Return the colour of a group: all alike, or the others grey where some are highlighted.

    Parameters
    ----------
    label : str
        The group.
    highlight : collection of str
        Highlighted groups.
    style : HouseStyle
        The style.

    Returns
    -------
    str
        The colour.
    """
    return style.series[0] if not highlight or label in highlight else style.neutral


def finite(values: ArrayLike) -> Floats:
    """Return the values that exist.

    Parameters
    ----------
    values : array_like
        Values, some of them NaN.

    Returns
    -------
    numpy.ndarray, shape (n,)
        The finite ones.
    """
    array = np.asarray(values, dtype=np.float64).ravel()
    return array[np.isfinite(array)]


def with_n(labels: Sequence[str], n: Sequence[int | None], min_n: int, lang: Lang) -> list[str]:
    """Return the labels with their numbers of cases, small numbers as "n < minimum" only.

    Parameters
    ----------
    labels : sequence of str
        Groups.
    n : sequence of int or None
        Cases of each group, nothing where they are kept secret.
    min_n : int
        Least number that is printed.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    list of str
        Labels of two lines.
    """
    found = []
    for label, k in zip(labels, n, strict=True):
        shown = SECRET if k is None else format_number(k, 0, lang)
        few = k is not None and k < min_n
        found.append(f"{label}\n(n {f'< {min_n}' if few else f'= {shown}'})")
    return found


def same_length(*sequences: Sequence[object] | Floats) -> None:
    """Refuse sequences of different or no length.

    Parameters
    ----------
    *sequences : sequence or numpy.ndarray
        What belongs together.

    Raises
    ------
    ReportError
        If they don't.
    """
    lengths = {len(sequence) for sequence in sequences}
    if lengths == {0} or len(lengths) > 1:
        raise ReportError(f"a figure needs groups and as many values, not {sorted(lengths)}")
