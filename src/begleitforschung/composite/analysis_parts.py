"""The values of an index that an analysis looks at: a stage, a year, some elements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from begleitforschung.composite.state import Floats
from begleitforschung.errors import UnknownCodeError
from begleitforschung.results.composite import CompositeResult
from begleitforschung.results.composite_stages import Stage


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """Values of one stage and year.

    Parameters
    ----------
    stage : str
        Name of the stage.
    year : int
        Year.
    units : numpy.ndarray of object, shape (rows,)
        Units.
    columns : tuple of str
        Elements.
    values : numpy.ndarray, shape (rows, columns)
        Values, NaN where missing.
    """

    stage: str
    year: int
    units: NDArray[np.object_]
    columns: tuple[str, ...]
    values: Floats

    def take(self, names: Sequence[str]) -> Floats:
        """Return some columns.

        Parameters
        ----------
        names : sequence of str
            Elements.

        Returns
        -------
        numpy.ndarray, shape (rows, names)
            Their values.

        Raises
        ------
        UnknownCodeError
            If the stage has no such element: nodes have values after an aggregation only.
        """
        for name in names:
            if name not in self.columns:
                raise UnknownCodeError(name, self.columns, f"stage '{self.stage}' of the index")
        return self.values[:, [self.columns.index(name) for name in names]]


def stage_of(result: CompositeResult, name: str | None) -> Stage:
    """Return a stage by name.

    Parameters
    ----------
    result : CompositeResult
        The index.
    name : str or None
        Name; the last aggregation by default.

    Returns
    -------
    Stage
        The stage.

    Raises
    ------
    UnknownCodeError
        If there is none.
    """
    if name is None:
        return result.final
    known = {stage.name: stage for stage in result.stages}
    if name not in known:
        raise UnknownCodeError(name, known, "stages of the index")
    return known[name]


def part_of(result: CompositeResult, stage: str | None = None, year: int | None = None) -> Part:
    """Return the values of one stage and year.

    Parameters
    ----------
    result : CompositeResult
        The index.
    stage : str, optional
        Name of the stage; by default the last aggregation, with the normalised indicators and
        the scores of all nodes.
    year : int, optional
        Year; the last one by default.

    Returns
    -------
    Part
        The values.

    Raises
    ------
    UnknownCodeError
        If there is no such stage or year.
    """
    chosen = stage_of(result, stage)
    when = result.years[-1] if year is None else year
    if when not in chosen.years:
        raise UnknownCodeError(when, map(str, chosen.years), "years of the index")
    rows = chosen.year == when
    return Part(
        stage=chosen.name,
        year=when,
        units=chosen.labels[rows],
        columns=chosen.columns,
        values=chosen.values[rows],
    )


def elements_below(result: CompositeResult, node: str, of: str) -> tuple[str, ...]:
    """Return what a node consists of.

    Parameters
    ----------
    result : CompositeResult
        The index.
    node : str
        The node.
    of : {"indicators", "parts"}
        All indicators below it, or its direct parts.

    Returns
    -------
    tuple of str
        Identifiers in the order of the tree.

    Raises
    ------
    UnknownCodeError
        If there is no such node or choice.
    """
    tree = result.spec.tree
    if node not in tree.nodes:
        raise UnknownCodeError(node, tree.nodes, "nodes of the index")
    if of not in ("indicators", "parts"):
        raise UnknownCodeError(of, ("indicators", "parts"), "what a node consists of")
    parts = [tree.ids[place] for place in tree.children[tree.nodes.index(node)]]
    if of == "parts":
        return tuple(parts)
    return tuple(
        name for name in along_tree(result, [node]) if name in tree.ids[: tree.n_indicators]
    )


def along_tree(result: CompositeResult, within: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return all elements branch by branch, each node before its parts.

    Parameters
    ----------
    result : CompositeResult
        The index.
    within : iterable of str, optional
        Where to begin; the root by default.

    Returns
    -------
    tuple of str
        Identifiers.
    """
    tree = result.spec.tree
    stack = list(reversed(list(within or [result.spec.root])))
    found: list[str] = []
    while stack:
        name = stack.pop()
        found.append(name)
        if name in tree.nodes:
            parts = tree.children[tree.nodes.index(name)]
            stack += [tree.ids[place] for place in reversed(parts)]
    return tuple(found)
