"""What becomes of the ranking when one element is left out: one matrix product for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from begleitforschung.composite.aggregating import aggregate
from begleitforschung.composite.sensitivity_scores import power_scores_of, with_given_weights
from begleitforschung.composite.state import Floats, Rows, State
from begleitforschung.errors import CompositeError, UnknownCodeError
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.results.analysis_base import analysis_of
from begleitforschung.results.analysis_removal import Removal, removal_table
from begleitforschung.results.composite import CompositeResult
from begleitforschung.results.composite_stages import Stage
from begleitforschung.stats.indices.ranking import competition_ranks


def remove_one(
    result: CompositeResult,
    of: Literal["indicators", "nodes"] | Sequence[str] = "indicators",
    *,
    year: int | None = None,
) -> Removal:
    """Leave out each element in turn and rank the units again.

    The values of the other indicators stay as they are, and so do their weights before they are
    brought to a sum of one. A node that has lost all its parts is left out with them.

    Parameters
    ----------
    result : CompositeResult
        The index.
    of : {"indicators", "nodes"} or sequence of str
        What is left out: each indicator, each node below the root, or those named.
    year : int, optional
        Year; the last one by default.

    Returns
    -------
    Removal
        Shift of the ranks by element, and all scores and ranks.

    Raises
    ------
    UnknownCodeError
        If there is no such element or year.
    CompositeError
        If nothing would be left, or a node can't be aggregated without the element.
    """
    when = result.years[-1] if year is None else year
    if when not in result.years:
        raise UnknownCodeError(when, map(str, result.years), "years of the index")
    names = _names(result.spec, of)
    stage = result.final.only([when])
    weights = result.weights_by_year[result.years.index(when)]
    values = np.ascontiguousarray(stage.values[:, : result.spec.tree.n_indicators])
    scores = _scores(result.spec, stage, values, weights, names)
    nominal = np.ascontiguousarray(stage.values[:, -1])
    everything = np.vstack([nominal, scores])
    ranked = everything.copy()
    if result.unranked is not None:
        ranked[:, result.unranked[result.final.year == when]] = np.nan
    ranks = competition_ranks(ranked)
    return Removal(
        table=removal_table(names, ranks, stage.labels),
        units=tuple(stage.labels),
        all_scores=everything,
        all_ranks=ranks,
        **analysis_of(
            result, "remove_one", elements=of if isinstance(of, str) else list(of), year=when
        ),
    )


def _names(spec: IndexSpec, of: str | Sequence[str]) -> tuple[str, ...]:
    tree = spec.tree
    if not isinstance(of, str):
        names = tuple(spec.element(name).id for name in of)
        if spec.root in names:
            raise CompositeError(f"'{spec.root}' is the index itself; without it nothing is left")
        return names
    choices = {
        "indicators": tree.ids[: tree.n_indicators],
        "nodes": tuple(tree.ids[place] for place in tree.downward[1:]),
    }
    if of not in choices:
        raise UnknownCodeError(of, choices, "elements to leave out")
    return choices[of]


def _scores(
    spec: IndexSpec, stage: Stage, values: Floats, weights: Floats, names: tuple[str, ...]
) -> Floats:
    """Return the scores without each element, shape (elements left out, rows)."""
    first = max(n for n, step in enumerate(spec.steps) if step.kind == "aggregate")
    thresholds = any(bool(node.coverage) for node in spec.nodes)
    if not thresholds:
        runs = _weights_without(spec, weights, names)
        matrix = power_scores_of(spec, values, first, runs)
        if matrix is not None:
            return matrix(slice(None))
    return np.array([_aggregated(spec, stage, values, weights, name) for name in names])


def _weights_without(spec: IndexSpec, weights: Floats, names: tuple[str, ...]) -> Floats:
    """Return the weights of all elements without each of some, shape (elements, runs)."""
    tree = spec.tree
    runs = np.repeat(weights[:, None], len(names), axis=1)
    runs[[tree.position(name) for name in names], np.arange(len(names))] = 0.0
    for number, parts in enumerate(tree.children):
        empty = ~(runs[parts] > 0).any(axis=0)
        if number == len(tree.children) - 1 and empty.any():
            alone = ", ".join(np.array(names, dtype=object)[empty])
            raise CompositeError(f"nothing is left of '{spec.root}' without: {alone}")
        runs[tree.n_indicators + number, empty] = 0.0
    return runs


def _aggregated(
    spec: IndexSpec, stage: Stage, values: Floats, weights: Floats, name: str
) -> Floats:
    """Return the scores without one element by the step ``aggregate`` itself."""
    given = dict(zip(spec.tree.ids, map(float, weights), strict=True))
    given.pop(spec.root)
    smaller = with_given_weights(spec).with_weights(given).without(name)
    kept = [spec.tree.position(item.id) for item in smaller.indicators]
    state = State(
        rows=Rows(units=stage.units, unit=stage.unit, year=stage.year),
        indicators=tuple(item.id for item in smaller.indicators),
        x=np.ascontiguousarray(values[:, kept]),
        marks=stage.marks[:, kept],
        directed=True,
    )
    step = next(step for step in reversed(smaller.steps) if step.kind == "aggregate")
    scores = aggregate(state, "aggregate", step, smaller).scores
    assert scores is not None
    return np.asarray(scores[:, -1])
