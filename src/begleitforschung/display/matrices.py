"""A matrix as coloured cells with printed numbers, e.g. correlations along a tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.display.axes import blank_figure, literal, settled
from begleitforschung.display.numbers import format_number
from begleitforschung.display.style import HouseStyle, styled
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

_CELL_CM = (0.36, 0.95)
_PRINTED_UP_TO = 18  # columns; beyond that the numbers of a figure 16 cm wide overlap


def heat_map(
    values: ArrayLike,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    limits: tuple[float, float] = (-1.0, 1.0),
    axis: str = "",
    boundaries: Sequence[int] = (),
    decimals: int = 2,
    lang: Lang = "de",
) -> Figure:
    """Draw a matrix as coloured cells.

    Parameters
    ----------
    values : array_like, shape (rows, columns)
        Numbers; NaN cells stay white and are printed as a dash.
    rows, columns : sequence of str
        Labels.
    limits : (float, float)
        Values of the two ends of the colours; their middle is white.
    axis : str
        What the colours say.
    boundaries : sequence of int
        Rows and columns before which a line separates groups, e.g. branches of a tree.
    decimals : int
        Decimal places of the printed numbers; matrices of more than 18 columns carry none.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    ReportError
        If the shape does not fit the labels.
    """
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.shape != (len(rows), len(columns)) or not matrix.size:
        raise ReportError(
            f"a heat map needs a value for each cell: {matrix.shape} values for "
            f"{len(rows)} rows and {len(columns)} columns"
        )
    cell = float(np.clip(10.0 / len(columns), *_CELL_CM))
    with styled() as style:
        longest = max(len(name) for name in columns)
        figure, axes = blank_figure(
            style, height_cm=2.2 + 0.14 * min(longest, 40) + max(cell, 0.42) * len(rows)
        )
        image = axes.imshow(
            matrix, cmap=_diverging(style), vmin=limits[0], vmax=limits[1], aspect="auto"
        )
        axes.set_yticks(range(len(rows)), [literal(name) for name in rows])
        axes.set_xticks(range(len(columns)), [literal(name) for name in columns])
        axes.tick_params(axis="x", rotation=90, top=True, labeltop=True, bottom=False)
        axes.tick_params(axis="x", labelbottom=False)
        if len(columns) <= _PRINTED_UP_TO:
            _print_cells(axes, matrix, limits, decimals, lang)
        for place in boundaries:
            axes.axvline(place - 0.5, color=style.text, lw=1.0)
            axes.axhline(place - 0.5, color=style.text, lw=1.0)
        bar = figure.colorbar(image, ax=axes, orientation="horizontal", shrink=0.5, aspect=30)
        bar.set_label(literal(axis))
        bar.set_ticks([limits[0], sum(limits) / 2, limits[1]])
        bar.ax.set_xticklabels(
            [format_number(x, 1, lang) for x in (limits[0], sum(limits) / 2, limits[1])]
        )
        return settled(figure)


def _print_cells(
    axes: Axes, matrix: np.ndarray, limits: tuple[float, float], decimals: int, lang: Lang
) -> None:
    middle, half = sum(limits) / 2, (limits[1] - limits[0]) / 2
    for (row, column), value in np.ndenumerate(matrix):
        dark = abs(value - middle) > 0.65 * half
        axes.text(
            column,
            row,
            format_number(value, decimals, lang),
            ha="center",
            va="center",
            color="white" if dark else "black",
            fontsize="small",
        )


def _diverging(style: HouseStyle) -> LinearSegmentedColormap:
    from matplotlib.colors import LinearSegmentedColormap

    colours = [style.series[1], "#ffffff", style.series[0]]
    return LinearSegmentedColormap.from_list("begleitforschung_diverging", colours)
