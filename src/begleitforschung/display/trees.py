"""A weighted tree as an icicle: each level a column, each node as high as its weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.display.axes import blank_figure, literal, settled
from begleitforschung.display.numbers import format_share
from begleitforschung.display.style import HouseStyle, styled
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Box = tuple[float, float, float, float]  # left, width, top, height
_LEAF_CM = 0.4
_PAGE_CM = 23.0
_ROOT_WIDTH, _LEAF_WIDTH = 0.28, 2.0
_CHARACTERS_PER_CM = 5.9
_POINTS_PER_CM = 21.0  # size of text in a row of 1 cm, with room above and below


def icicle(
    labels: Sequence[str], parents: Sequence[int], weights: ArrayLike, *, lang: Lang = "de"
) -> Figure:
    """Draw a weighted tree, its root on the left and its leaves on the right.

    Parameters
    ----------
    labels : sequence of str
        Nodes, each parent before its children.
    parents : sequence of int
        Position of each node's parent; -1 for the root.
    weights : array_like, shape (nodes,)
        Share of each node in the whole; the root has 1, children of a node add up to it.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; each node with its label and its share in per cent.

    Raises
    ------
    ReportError
        If the lengths differ, there is not one root before all others, or a parent comes late.
    """
    shares = np.asarray(weights, dtype=np.float64)
    late = [i for i, parent in enumerate(parents) if parent >= i]
    roots = [i for i, parent in enumerate(parents) if parent < 0]
    if not len(labels) == len(parents) == len(shares) or late or roots != [0]:
        raise ReportError("an icicle needs one root first and each parent before its children")
    depth, top = _places(parents, shares)
    leaf = [node not in parents for node in range(len(labels))]
    smallest = float(np.min(shares[leaf], where=shares[leaf] > 0, initial=1.0))
    height_cm = float(np.clip(_LEAF_CM / smallest, 6.0, _PAGE_CM))
    edges = _edges(max(depth) + 1)
    with styled() as style:
        figure, axes = blank_figure(style, height_cm=height_cm)
        branch = _branches(parents)
        for node, label in enumerate(labels):
            colour = style.text if branch[node] < 0 else style.series[branch[node] % 4]
            left, right = edges[depth[node]], edges[depth[node] + 1]
            box = (left, right - left, top[node], float(shares[node]))
            _draw(axes, box, colour, depth[node])
            if shares[node] * height_cm > _LEAF_CM * 0.7:
                share = format_share(shares[node], 1, lang)
                size = float(np.clip(shares[node] * height_cm * _POINTS_PER_CM, 6, style.font_size))
                _write(axes, box, (label, share), depth[node], (size, style))
        axes.set_xlim(0, 1)
        axes.set_ylim(1, 0)
        axes.set_axis_off()
        return settled(figure)


def _edges(levels: int) -> list[float]:
    """Return where the columns begin and end: the root narrow, the leaves wide."""
    widths = [_ROOT_WIDTH, *[1.0] * (levels - 2), _LEAF_WIDTH][:levels]
    return [0.0, *(float(x) for x in np.cumsum(widths) / sum(widths))]


def _places(parents: Sequence[int], shares: np.ndarray) -> tuple[list[int], list[float]]:
    depth, top, used = [0] * len(parents), [0.0] * len(parents), [0.0] * len(parents)
    for node, parent in enumerate(parents):
        if parent >= 0:
            depth[node] = depth[parent] + 1
            top[node] = top[parent] + used[parent]
            used[parent] += float(shares[node])
    return depth, top


def _branches(parents: Sequence[int]) -> list[int]:
    """Return for each node which child of the root it descends from; -1 for the root."""
    branch = [-1] * len(parents)
    found = 0
    for node, parent in enumerate(parents):
        if parent == 0:
            branch[node] = found
            found += 1
        elif parent > 0:
            branch[node] = branch[parent]
    return branch


def _draw(axes: Axes, box: Box, colour: str, depth: int) -> None:
    left, width, top, height = box
    alpha = 0.9 if depth <= 1 else max(0.18, 0.5 - 0.14 * (depth - 2))
    axes.bar(
        left,
        height,
        width=width,
        bottom=top,
        align="edge",
        color=colour,
        alpha=alpha,
        edgecolor="white",
        linewidth=0.8,
    )


def _write(
    axes: Axes, box: Box, words: tuple[str, str], depth: int, look: tuple[float, HouseStyle]
) -> None:
    left, width, top, height = box
    size, style = look
    middle = top + height / 2
    if depth == 0:
        axes.text(
            left + width / 2, middle, literal(words[0]), rotation=90, color="white",
            ha="center", va="center",
        )  # fmt: skip
        return
    text = _fitting(*words, style.width_cm * width * style.font_size / size)
    colour = "white" if depth == 1 else style.text
    axes.text(left + 0.008, middle, literal(text), va="center", color=colour, fontsize=size)


def _fitting(label: str, share: str, width_cm: float) -> str:
    room = int(width_cm * _CHARACTERS_PER_CM) - len(share) - 2
    short = label if len(label) <= room else label[: max(room - 1, 1)].rstrip() + "…"
    return f"{short}  {share}"
