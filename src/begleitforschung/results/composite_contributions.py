"""What each indicator contributes to the score of each unit; contributions add up to the score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from begleitforschung.errors import CompositeError
from begleitforschung.frameworks.index_entries import NodeSpec
from begleitforschung.frameworks.index_method import Method
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.results.composite_stages import Floats, Stage
from begleitforschung.stats.indices.gains import GAINS


def element_gains(
    spec: IndexSpec,
    stage: Stage,
    weights: Floats,
    node: str,
    details: Mapping[str, Any],
) -> Floats:
    """Return by how much the score of a node grows with the value of each element below it.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    stage : Stage
        The aggregation.
    weights : numpy.ndarray, shape (years, elements)
        Weights that it used.
    node : str
        The node.
    details : mapping
        What the aggregation told about its nodes.

    Returns
    -------
    numpy.ndarray, shape (rows, elements)
        Gains; gain times value of the indicators adds up to the score. 0 for what is not below
        the node.

    Raises
    ------
    CompositeError
        If the method of a node has no exact decomposition; names them.
    """
    tree = spec.tree
    methods = {name: node_method(spec, name) for name in tree.nodes}
    found = np.zeros(stage.values.shape)
    top = tree.position(node)
    found[:, top] = 1.0
    reached = [top]
    refused = []
    for number in range(len(tree.children) - 1, -1, -1):
        place = tree.n_indicators + number
        if place not in reached:
            continue
        parts, name = tree.children[number], tree.ids[place]
        reached += parts.tolist()
        if methods[name].name not in (*GAINS, "bod"):
            refused.append(f"{name} ({methods[name].name})")
            continue
        gains = _node_gains(methods[name], stage, weights, parts, details.get(name))
        found[:, parts] = gains * found[:, [place]]
    if refused:
        raise CompositeError(
            f"no exact contributions through: {', '.join(refused)}; their scores depend on the "
            "other units and are no sum of parts. Known for: "
            f"{', '.join((*GAINS, 'bod'))}."
        )
    return found


def node_method(spec: IndexSpec, name: str) -> Method:
    """Return the method by which a node was aggregated.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    name : str
        The node.

    Returns
    -------
    Method
        Its own, else that of the last step ``aggregate``.
    """
    node = spec.elements[name]
    last = next(step for step in reversed(spec.steps) if step.kind == "aggregate")
    own = node.method("aggregate") if isinstance(node, NodeSpec) else None
    return own or last.chosen


def _node_gains(method: Method, stage: Stage, weights: Floats, parts: Any, told: Any) -> Floats:
    values = np.ascontiguousarray(stage.values[:, parts])
    if method.name == "bod":
        return np.concatenate(told) if isinstance(told, list) else np.asarray(told)
    parameters = method.resolved("aggregate")
    if method.name == "owa":
        parameters["order"] = parameters["order"] or (1.0,) * len(parts)
    used = weights[:, parts]
    if (used == used[0]).all():
        return np.asarray(GAINS[method.name](values, used[0], **parameters))
    found = np.empty(values.shape)
    for number, year in enumerate(stage.years):
        rows = stage.year == year
        found[rows] = GAINS[method.name](values[rows], used[number], **parameters)
    return found
