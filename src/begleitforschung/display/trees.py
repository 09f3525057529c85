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

_LEAF_CM = 0.42
_CHARACTERS_PER_CM = 5.6


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
    leaves = len(labels) - len(set(parents) - {-1})
    with styled() as style:
        figure, axes = blank_figure(style, height_cm=max(6.0, 0.6 + _LEAF_CM * leaves))
        width_cm = style.width_cm / (max(depth) + 1)
        branch = _branches(parents)
        for node, label in enumerate(labels):
            colour = style.text if branch[node] < 0 else style.series[branch[node] % 4]
            _draw(axes, depth[node], top[node], shares[node], colour, depth[node])
            height_cm = shares[node] * _LEAF_CM * leaves
            if height_cm > _LEAF_CM * 0.55:
                text = _fitting(label, format_share(shares[node], 1, lang), width_cm)
                _write(axes, depth[node], top[node], shares[node], text, style)
        axes.set_xlim(0, max(depth) + 1)
        axes.set_ylim(1, 0)
        axes.set_axis_off()
        return settled(figure)


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


def _draw(axes: Axes, left: int, top: float, height: float, colour: str, depth: int) -> None:
    alpha = 0.9 if depth <= 1 else max(0.18, 0.5 - 0.14 * (depth - 2))
    axes.bar(
        left,
        height,
        width=0.98,
        bottom=top,
        align="edge",
        color=colour,
        alpha=alpha,
        edgecolor="white",
        linewidth=0.8,
    )


def _write(axes: Axes, left: int, top: float, height: float, text: str, style: HouseStyle) -> None:
    colour = "white" if left <= 1 else style.text
    axes.text(left + 0.03, top + height / 2, literal(text), va="center", color=colour, clip_on=True)


def _fitting(label: str, share: str, width_cm: float) -> str:
    room = int(width_cm * _CHARACTERS_PER_CM) - len(share) - 2
    short = label if len(label) <= room else label[: max(room - 1, 1)].rstrip() + "…"
    return f"{short}  {share}"
