"""Weights of many runs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from begleitforschung.composite.sensitivity_choices import NoisyWeights
from begleitforschung.composite.state import Floats, State
from begleitforschung.composite.weighting import GIVEN, from_values, node_weights
from begleitforschung.frameworks.index_entries import NodeSpec
from begleitforschung.frameworks.index_method import Method
from begleitforschung.frameworks.index_spec import IndexSpec


def weight_rules(spec: IndexSpec, state: State) -> list[Method]:
    """Return how each node finds the weights of its parts.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    state : State
        State before the aggregation.

    Returns
    -------
    list of Method
        One for each node, from the bottom up.
    """
    common = state.weigh.chosen if state.weigh else GIVEN
    nodes = [spec.elements[name] for name in spec.tree.nodes]
    return [(isinstance(n, NodeSpec) and n.method("weight")) or common for n in nodes]


def base_weights(spec: IndexSpec, state: State) -> Floats | None:
    """Return the weights that a specification gives, where they do not depend on the values.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    state : State
        State before the aggregation.

    Returns
    -------
    numpy.ndarray, shape (elements,), or None
        ``None`` where weights are found from the values.
    """
    tree, rules = spec.tree, weight_rules(spec, state)
    if any(from_values(rule) for rule in rules):
        return None
    found = tree.weights.copy()
    nothing = np.empty((0, 0))
    for place, (rule, parts) in enumerate(zip(rules, tree.children, strict=True)):
        if rule != GIVEN:
            empty = nothing.reshape(0, 0) if not len(parts) else np.empty((0, len(parts)))
            found[parts] = node_weights(rule, empty, found[parts], tree.nodes[place], place)
    return found


def weights_of_sets(spec: IndexSpec, base: Floats, sets: Sequence[Mapping[str, float]]) -> Floats:
    """Return several sets of weights as a matrix.

    Parameters
    ----------
    spec : IndexSpec
        The specification; elements that it does not have are passed over.
    base : numpy.ndarray, shape (elements,)
        Weights of what a set does not name.
    sets : sequence of mapping
        Element to weight.

    Returns
    -------
    numpy.ndarray, shape (elements, sets)
        Weights.
    """
    place = {name: number for number, name in enumerate(spec.tree.ids)}
    table = np.repeat(base[:, None], len(sets), axis=1)
    for column, weights in enumerate(sets):
        known = [(place[name], value) for name, value in weights.items() if name in place]
        if known:
            rows, values = zip(*known, strict=True)
            table[list(rows), column] = values
    return table


def noisy_sets(
    spec: IndexSpec, base: Floats, noise: NoisyWeights, parts: Sequence[str], points: Floats
) -> Floats:
    """Return weights with noise.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    base : numpy.ndarray, shape (elements,)
        Weights without noise.
    noise : NoisyWeights
        Distribution.
    parts : sequence of str
        Elements that the coordinates belong to; those that the specification does not have are
        passed over.
    points : numpy.ndarray, shape (runs, parts)
        Coordinates between 0 and 1.

    Returns
    -------
    numpy.ndarray, shape (elements, runs)
        Weights.
    """
    place = {name: number for number, name in enumerate(spec.tree.ids)}
    held = [(place[name], column) for column, name in enumerate(parts) if name in place]
    weights = np.repeat(base[:, None], len(points), axis=1)
    if not held:
        return weights
    rows, columns = (np.array(part, np.int64) for part in zip(*held, strict=True))
    drawn = points[:, columns].T
    if noise.spread != "dirichlet":
        weights[rows] *= 1 + float(noise.spread) * (2 * drawn - 1)
        return weights
    from scipy.special import gammaincinv

    share = spec.tree.shares(base)
    siblings = {int(j): len(children) for children in spec.tree.children for j in children}
    alpha = noise.concentration * share[rows] * np.array([siblings[int(j)] for j in rows])
    positive = alpha > 0
    inside = np.clip(drawn[positive], 1e-12, 1 - 1e-12)
    weights[rows[positive]] = gammaincinv(alpha[positive, None], inside)
    return weights
