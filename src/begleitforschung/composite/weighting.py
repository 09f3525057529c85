"""The step ``weight``: how the parts of each node are weighed when it is aggregated."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from begleitforschung.composite.functions import call_own
from begleitforschung.composite.state import Floats, State
from begleitforschung.errors import CompositeError
from begleitforschung.frameworks.index_method import Method, Step
from begleitforschung.frameworks.index_spec import IndexSpec

GIVEN = Method("given")


def weigh(state: State, _stage: str, step: Step, _spec: IndexSpec) -> State:
    """Keep the method; weights of inner nodes need the scores below them first.

    Parameters
    ----------
    state : State
        Values before.
    _stage : str
        Not used.
    step : Step
        The step.
    _spec : IndexSpec
        Not used.

    Returns
    -------
    State
        The same values.
    """
    return state.to(weigh=step)


def from_values(method: Method) -> bool:
    """Tell whether weights are found from the values.

    Parameters
    ----------
    method : Method
        A method of the step ``weight``.

    Returns
    -------
    bool
        False for those that are given, equal or drawn at random.
    """
    return method.name not in ("given", "equal", "noisy")


def node_weights(method: Method, values: Floats, given: Floats, node: str, place: int) -> Floats:
    """Return the weights of the parts of one node.

    Parameters
    ----------
    method : Method
        A method of the step ``weight``.
    values : numpy.ndarray, shape (rows, parts)
        Scores of the parts in the reference rows.
    given : numpy.ndarray, shape (parts,)
        Weights of the specification.
    node : str
        Identifier of the node, for messages.
    place : int
        Position of the node, for random numbers that differ between nodes.

    Returns
    -------
    numpy.ndarray, shape (parts,)
        Weights >= 0; parts of weight zero in the specification keep it.

    Raises
    ------
    CompositeError
        If the values allow no such weights.
    """
    parameters = method.resolved("weight")
    if method.name == "given":
        return given
    used = given > 0
    found = np.zeros_like(given)
    if method.name == "equal" or used.sum() == 1:
        found[used] = 1.0
        return found
    try:
        found[used] = _found(method.name, values[:, used], given[used], parameters, place, node)
    except ValueError as error:
        raise CompositeError(f"node '{node}': no weights by '{method.name}': {error}") from None
    if not (np.isfinite(found).all() and (found >= 0).all() and found.any()):
        raise CompositeError(
            f"node '{node}': weights by '{method.name}' must be numbers >= 0 with a positive sum"
        )
    return found


def _found(
    name: str,
    values: Floats,
    given: Floats,
    parameters: Mapping[str, Any],
    place: int,
    node: str,
) -> Floats:
    if name == "noisy":
        generator = np.random.default_rng([parameters["seed"], place])
        uniform = generator.random(len(given))
        return np.asarray(given * (1 + parameters["spread"] * (2 * uniform - 1)))
    if name == "custom":
        rest = {key: value for key, value in parameters.items() if key != "function"}
        function = parameters["function"]
        two = len(inspect.signature(function).parameters) - len(rest) > 1
        both = (values, given) if two else (values,)
        return np.asarray(call_own(function, f"weights of node '{node}'", *both, **rest))
    if name == "correlation_balanced":
        from begleitforschung.stats.indices.balanced import correlation_balanced

        return correlation_balanced(values, given).weights
    from begleitforschung.stats.indices import data_weights

    if name == "pca":
        return data_weights.pca_weights(values, squared=parameters["variant"] == "squared")
    if name == "factor":
        return data_weights.oecd_weights(values)
    return (
        data_weights.entropy_weights(values)
        if name == "entropy"
        else data_weights.critic_weights(values)
    )
