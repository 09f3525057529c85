"""The tree of an index as arrays: what aggregation and sensitivity analysis compute on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec, elements_of


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """Elements of an index: first the indicators in order, then the nodes from the bottom up.

    Parameters
    ----------
    ids : tuple of str
        Identifiers of all elements; the last one is the root.
    n_indicators : int
        How many of them are indicators.
    parent : numpy.ndarray of int64, shape (elements,)
        Position of the node above; -1 for the root.
    weights : numpy.ndarray of float64, shape (elements,)
        Weights as given; 1 for the root.
    children : tuple of numpy.ndarray of int64
        For each node, positions of its parts in the order of the specification.
    """

    ids: tuple[str, ...]
    n_indicators: int
    parent: NDArray[np.int64]
    weights: NDArray[np.float64]
    children: tuple[NDArray[np.int64], ...]

    @property
    def nodes(self) -> tuple[str, ...]:
        """Identifiers of the nodes, parts before the wholes."""
        return self.ids[self.n_indicators :]

    @property
    def root(self) -> int:
        """Position of the root."""
        return len(self.ids) - 1

    @property
    def downward(self) -> list[int]:
        """Positions of the nodes from the root down, within a level in order."""
        level = [0] * len(self.children)
        for number in range(len(self.children) - 2, -1, -1):
            above = int(self.parent[self.n_indicators + number]) - self.n_indicators
            level[number] = level[above] + 1
        order = sorted(range(len(level)), key=level.__getitem__)
        return [self.n_indicators + number for number in order]

    def position(self, element: str) -> int:
        """Return the position of an element.

        Parameters
        ----------
        element : str
            Its identifier.

        Returns
        -------
        int
            Position.

        Raises
        ------
        ValueError
            If there is none.
        """
        return self.ids.index(element)

    def below(self) -> NDArray[np.bool_]:
        """Return which indicators stand below which node.

        Returns
        -------
        numpy.ndarray of bool, shape (nodes, indicators)
            True where the indicator is part of the node, at any depth.
        """
        first = self.n_indicators
        found = np.zeros((len(self.ids), first), np.bool_)
        found[:first] = np.eye(first, dtype=np.bool_)
        for number, parts in enumerate(self.children):
            found[first + number] = found[parts].any(axis=0)
        return found[first:]

    def shares(self, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return the share of each element among the parts of its node.

        Parameters
        ----------
        weights : numpy.ndarray, shape (elements,), optional
            Weights; those given by default.

        Returns
        -------
        numpy.ndarray, shape (elements,)
            Shares that add up to 1 below each node; 1 for the root.
        """
        given = self.weights if weights is None else weights
        found = np.ones(len(self.ids))
        for parts in self.children:
            found[parts] = given[parts] / given[parts].sum()
        return found

    def effective(self, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return the product of the shares from the root down to each element.

        Parameters
        ----------
        weights : numpy.ndarray, shape (elements,), optional
            Weights; those given by default.

        Returns
        -------
        numpy.ndarray, shape (elements,)
            Effective weights; those of the indicators add up to 1.
        """
        found = self.shares(weights)
        for number in range(len(self.children) - 1, -1, -1):
            found[self.children[number]] *= found[self.n_indicators + number]
        return found


def build_tree(indicators: Sequence[IndicatorSpec], nodes: Sequence[NodeSpec]) -> Tree:
    """Lay out indicators and nodes that are known to be one tree.

    Parameters
    ----------
    indicators : sequence of IndicatorSpec
        Leaves.
    nodes : sequence of NodeSpec
        Inner nodes, exactly one of them without parent.

    Returns
    -------
    Tree
        The arrays.
    """
    parents = {node.id: node.parent for node in nodes}
    depth = {name: _depth(name, parents) for name in parents}
    # Deepest first; within a depth the order of the specification.
    inner = sorted(nodes, key=lambda node: -depth[node.id])
    elements: list[IndicatorSpec | NodeSpec] = [*indicators, *inner]
    place = {element.id: number for number, element in enumerate(elements)}
    parts: dict[str, list[int]] = {node.id: [] for node in inner}
    for element in elements_of(indicators, nodes):
        if element.parent:
            parts[element.parent].append(place[element.id])
    return Tree(
        ids=tuple(place),
        n_indicators=len(indicators),
        parent=np.array([place.get(element.parent, -1) for element in elements], np.int64),
        weights=np.array([element.weight for element in elements], np.float64),
        children=tuple(np.array(parts[node.id], np.int64) for node in inner),
    )


def _depth(name: str, parents: dict[str, str]) -> int:
    steps = 0
    while parents[name]:
        name = parents[name]
        steps += 1
    return steps
