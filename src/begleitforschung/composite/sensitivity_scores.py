"""Scores of runs that share their normalised data: matrix products where the tree allows them."""

from __future__ import annotations

import dataclasses

import numpy as np

from begleitforschung.composite.state import Floats
from begleitforschung.frameworks.index_entries import NodeSpec
from begleitforschung.frameworks.index_method import Method
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.stats.indices.tree import (
    Scores,
    WeightTree,
    effective_weights,
    node_scores,
    power_scores,
    undefined,
)

_ORDERS = {"arithmetic": 1.0, "geometric": 0.0, "harmonic": -1.0}


def power_scores_of(spec: IndexSpec, x: Floats, first: int, weights: Floats) -> Scores | None:
    """Return the scores of the index for many sets of weights, where its nodes are power means.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    x : numpy.ndarray, shape (rows, indicators)
        Values before the aggregation, NaN where missing.
    first : int
        Position of the aggregation among the steps.
    weights : numpy.ndarray, shape (elements, runs)
        Weights of all elements.

    Returns
    -------
    callable or None
        From a slice of the runs to scores (runs, rows); ``None`` where further steps follow or a
        node is no power mean of finite order.
    """
    orders = _orders(spec, first)
    if orders is None:
        return None
    tree = WeightTree(n_leaves=spec.tree.n_indicators, children=spec.tree.children)
    if (orders == orders[0]).all() and not np.isnan(x).any():
        order = float(orders[0])
        effective = effective_weights(tree, weights)
        if np.isfinite(effective).all():
            return power_scores(x, effective, order)
    nodes = [spec.elements[name] for name in spec.tree.nodes]
    coverage = np.array([(isinstance(n, NodeSpec) and n.coverage) or 0.0 for n in nodes])
    return node_scores(x, tree, weights, orders, coverage=coverage)


def _orders(spec: IndexSpec, first: int) -> Floats | None:
    """Return the order of the mean of each node."""
    if first != len(spec.steps) - 1:
        return None
    common, found = spec.steps[first].chosen, []
    for name in spec.tree.nodes:
        node = spec.elements[name]
        method = (isinstance(node, NodeSpec) and node.method("aggregate")) or common
        if method.name == "power":
            found.append(float(method.resolved("aggregate")["p"]))
        elif method.name in _ORDERS:
            found.append(_ORDERS[method.name])
        else:
            return None
    orders = np.array(found)
    return orders if np.isfinite(orders).all() else None


def undefined_reason(spec: IndexSpec, x: Floats, first: int) -> ArithmeticError:
    """Say why runs have no scores.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    x : numpy.ndarray, shape (rows, indicators)
        Values before the aggregation.
    first : int
        Position of the aggregation among the steps.

    Returns
    -------
    ArithmeticError
        Names the nodes and indicators whose values are not positive.
    """
    told, orders = [], _orders(spec, first)
    for q, parts in enumerate(spec.tree.children):
        leaves = parts[parts < spec.tree.n_indicators]
        order = 1.0 if orders is None else float(orders[q])
        wrong = undefined(x[:, leaves], order).any(axis=0)
        if wrong.any():
            names = ", ".join(f"'{spec.tree.ids[j]}'" for j in leaves[wrong])
            told.append(f"node '{spec.tree.nodes[q]}' needs values above zero of {names}")
    if told:
        return ArithmeticError("; ".join(told))
    return ArithmeticError("a mean of nodes needs scores above zero, or nothing is left to weigh")


def with_given_weights(spec: IndexSpec) -> IndexSpec:
    """Return a variant that takes its weights as they are given, so that each run can give them.

    Parameters
    ----------
    spec : IndexSpec
        The specification.

    Returns
    -------
    IndexSpec
        The variant.
    """
    nodes = tuple(dataclasses.replace(node, weigh=None) for node in spec.nodes)
    steps = tuple(
        dataclasses.replace(step, method=Method("given")) if step.kind == "weight" else step
        for step in spec.steps
    )
    return spec.replace(nodes=nodes, steps=steps)
