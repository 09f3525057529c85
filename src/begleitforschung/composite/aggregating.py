"""The step ``aggregate``: scores of all nodes from the bottom up, each by its own method."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from begleitforschung.composite.functions import call_own
from begleitforschung.composite.problems import of_cells, refuse
from begleitforschung.composite.state import Floats, Ints, State
from begleitforschung.composite.weighting import GIVEN, from_values, node_weights
from begleitforschung.errors import CompositeError
from begleitforschung.frameworks.index_entries import NodeSpec
from begleitforschung.frameworks.index_method import Method, Step, Years
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.stats.indices.aggregate import AGGREGATIONS, BadCells

WITH_REFERENCE = ("topsis", "wroclaw")
AMONG_UNITS = ("copeland", "borda", "bod")


def aggregate(state: State, stage: str, step: Step, spec: IndexSpec) -> State:
    """Compute the scores of all nodes.

    Missing parts are left out and the weights of the others re-normalised; a node none of whose
    parts (of positive weight) has a score has none, nor has one below its minimum share of parts.

    Parameters
    ----------
    state : State
        Values before.
    stage : str
        Name of the stage.
    step : Step
        The step.
    spec : IndexSpec
        The specification.

    Returns
    -------
    State
        With ``scores`` and ``weights`` of all elements.

    Raises
    ------
    CompositeError
        If a method has no meaning on some values; names unit, part and node.
    """
    tree = spec.tree
    first = tree.n_indicators
    scores = np.full((len(state.x), len(tree.ids)), np.nan, order="F")
    scores[:, :first] = state.x
    blocks = list(state.rows.blocks().values())
    weights = np.tile(tree.weights, (len(blocks), 1))
    years = spec.years if step.years is None else step.years
    details: dict[str, Any] = {}
    nodes = {node.id: node for node in spec.nodes}
    for number, parts in enumerate(tree.children):
        node = nodes[tree.ids[first + number]]
        call = _Node(node, step, spec, state, parts, years, stage)
        values = np.ascontiguousarray(scores[:, parts])
        weights[:, parts] = call.weights(values, tree.weights[parts], blocks, number)
        result, detail = call.scores(values, weights[:, parts], blocks)
        if detail is not None:
            details[node.id] = detail
        if node.coverage:
            # Parts of weight zero count as available (and as parts), as in COINr.
            result[(~np.isnan(values)).mean(axis=1) < node.coverage] = np.nan
        scores[:, first + number] = result
    return state.to(scores=scores, elements=tree.ids, weights=weights, record=(stage, details))


class _Node:
    """One node that is being aggregated."""

    def __init__(
        self,
        node: NodeSpec,
        step: Step,
        spec: IndexSpec,
        state: State,
        parts: Ints,
        years: Years,
        stage: str,
    ) -> None:
        self.node, self.spec, self.state, self.stage = node, spec, state, stage
        self.parts = parts
        self.method = node.method("aggregate") or step.chosen
        self.years = years
        rule: Step | None = state.weigh
        self.rule = node.method("weight") or (rule.chosen if rule else GIVEN)
        self.weight_years = rule.years if rule and rule.years is not None else spec.years

    def weights(self, values: Floats, given: Floats, blocks: list[slice], place: int) -> Floats:
        """Return the weights of the parts, one row per year."""
        if not from_values(self.rule):
            return np.tile(
                node_weights(self.rule, values, given, self.node.id, place), (len(blocks), 1)
            )
        found = [
            node_weights(self.rule, values[base], given, self.node.id, place)
            for _, base in self.state.rows.spans(self.weight_years)
        ]
        return np.array(found if len(found) == len(blocks) else found * len(blocks))

    def scores(self, values: Floats, weights: Floats, blocks: list[slice]) -> tuple[Floats, Any]:
        """Return the scores of all rows, and what the method tells besides."""
        alike = bool((weights == weights[0]).all())
        spans = [(slice(0, len(values)),) * 2] if alike else [(block, block) for block in blocks]
        where = f"step '{self.stage}', node '{self.node.id}'"
        function, parameters = _function(self.method, values.shape[1], where)
        if self.method.name in WITH_REFERENCE or self.method.name in AMONG_UNITS:
            spans = self._spans_of_units(alike, blocks)
        found = np.empty(len(values))
        details = []
        for number, (rows, base) in enumerate(spans):
            extra = {"reference": values[base]} if self.method.name in WITH_REFERENCE else {}
            used = weights[0 if alike else number]
            try:
                result = function(values[rows], used, **parameters, **extra)
            except BadCells as error:
                raise self._bad(error, rows.start) from None
            except ValueError as error:
                raise CompositeError(f"{where}: {error}") from None
            if isinstance(result, tuple):
                result, told = result
                details.append(told)
            found[rows] = _checked(result, found[rows].shape, self)
        return found, details or None

    def _spans_of_units(self, alike: bool, blocks: list[slice]) -> list[tuple[slice, slice]]:
        """Return the rows of methods that compare units with each other."""
        if isinstance(self.years, int) and self.method.name in AMONG_UNITS:
            raise CompositeError(
                f"step '{self.stage}', node '{self.node.id}': '{self.method.name}' compares units "
                "with each other and knows no base year; use years='each' or 'pooled'"
            )
        if alike:
            return self.state.rows.spans(self.years)
        bases = [base for _, base in self.state.rows.spans(self.years)]
        return [(block, bases[min(n, len(bases) - 1)]) for n, block in enumerate(blocks)]

    def _bad(self, error: BadCells, start: int) -> CompositeError:
        names = [self.spec.tree.ids[part] for part in self.parts]
        cells = [(int(r) + start, int(c)) for r, c in zip(error.rows, error.columns, strict=True)]
        text = Text(
            f"'{self.method.name}' ist für diesen Wert nicht definiert",
            f"'{self.method.name}' is not defined for this value: {error}",
        )
        hint = Text(
            "Auf eine Skala über null normieren, z. B. minmax von 1 bis 100.",
            "Normalise to a scale above zero, e.g. minmax from 1 to 100.",
        )
        problems = of_cells("aggregate", text, self.state.rows, names, cells, hint=hint)
        return refuse(self.stage, f"node '{self.node.id}' can't be aggregated", problems)


def _function(method: Method, parts: int, where: str) -> tuple[Callable[..., Any], dict[str, Any]]:
    values = method.resolved("aggregate")
    if method.name == "custom":
        return partial(call_own, values.pop("function"), where), values
    if method.name == "bod":
        from begleitforschung.composite.doubt import doubt_scores

        return doubt_scores, values
    if method.name == "owa":
        values["order"] = values["order"] or (1.0,) * parts
    return AGGREGATIONS[method.name], values


def _checked(result: Any, shape: tuple[int, ...], node: _Node) -> Floats:
    where = f"step '{node.stage}', node '{node.node.id}'"
    try:
        found = np.asarray(result, np.float64)
    except (TypeError, ValueError):
        raise CompositeError(
            f"{where}: an aggregation returns one number for each unit, NaN where there is none; "
            f"not {type(result).__name__} of something else"
        ) from None
    if found.shape != shape:
        raise CompositeError(
            f"{where}: an aggregation returns one score for each unit, {shape[0]} of them, "
            f"not {found.shape}"
        )
    if np.isinf(found).any():
        row = int(np.flatnonzero(np.isinf(found))[0])
        raise CompositeError(
            f"{where}: {int(np.isinf(found).sum())} infinite scores; return NaN where there is "
            f"none (rows counted from 0: {row} is the first)"
        )
    return found
