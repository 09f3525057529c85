"""The runs of a sensitivity analysis, grouped so that nothing which two of them share is repeated.

Runs that differ in nothing but their weights are of one kind: one normalised data set and one
matrix product. Kinds come in the order of the steps they change, so that treatments and
normalisations are computed once and then forgotten. What is no tree of power means goes through
the steps of `begleitforschung.compose` run by run.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from begleitforschung.composite.chain import prefix_key, run_steps
from begleitforschung.composite.exposures import Unranked
from begleitforschung.composite.sensitivity_choices import NoisyWeights, ValueErrors
from begleitforschung.composite.sensitivity_parsing import noisy_parts
from begleitforschung.composite.sensitivity_plan import RunPlan
from begleitforschung.composite.sensitivity_scores import (
    power_scores_of,
    undefined_reason,
    with_given_weights,
)
from begleitforschung.composite.sensitivity_treating import SharedPlans
from begleitforschung.composite.sensitivity_values import draw_values, standard_errors
from begleitforschung.composite.sensitivity_weights import (
    base_weights,
    noisy_sets,
    weights_of_sets,
)
from begleitforschung.composite.state import Floats, Ints, State
from begleitforschung.composite.treating import treat
from begleitforschung.errors import BegleitforschungError
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.stats.indices.runs import Batch, piece_size
from begleitforschung.stats.indices.tree import Scores

_STATES_KEPT = 4
FAILURES = (BegleitforschungError, ValueError, ArithmeticError, np.linalg.LinAlgError)


@dataclass(slots=True, kw_only=True, eq=False)
class Runs:
    """All that the runs of one analysis share.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    start : State
        State before the first step.
    year : int
        Year of the scores.
    plan : RunPlan
        The runs.
    seed : int
        Seed of the analysis.
    units : numpy.ndarray of int64
        Position of each unit of the result among the units of the state.
    failures : dict
        Run to what it failed of.
    """

    spec: IndexSpec
    start: State
    year: int
    plan: RunPlan
    seed: int
    units: Ints
    failures: dict[int, str] = field(default_factory=dict)
    _states: OrderedDict[Hashable, State] = field(default_factory=OrderedDict)
    _lock: Any = field(default_factory=threading.Lock)
    _errors: Floats | None = None
    _planners: dict[int, SharedPlans] = field(default_factory=dict)
    _sets: tuple[Hashable, Floats] | None = None

    def __post_init__(self) -> None:
        for choice in self.plan.choices:
            if isinstance(choice.spread, ValueErrors):
                self._errors = standard_errors(choice.spread, self.start)
            limits = choice.edit_step is not None and choice.name.endswith(".winmax")
            if limits and self.spec.steps[choice.order].kind == "treat":
                self._planners[choice.order] = SharedPlans(choice.levels)

    def nominal(self) -> Floats:
        """Return the scores of the specification itself.

        Returns
        -------
        numpy.ndarray, shape (units,)
            Scores; NaN for units without one.
        """
        first = next(i for i, step in enumerate(self.spec.steps) if step.kind == "aggregate")
        return self._last(self._state(self.start, (), self.spec, first), self.spec, first)

    def batches(self) -> list[Batch]:
        """Group the runs by kind.

        Returns
        -------
        list of Batch
            In the order of the steps that they change.
        """
        plan = self.plan
        columns = [i for i, choice in enumerate(plan.choices) if choice.kind != "weights"]
        columns.sort(key=lambda i: plan.choices[i].order)
        kind = np.zeros(plan.runs, np.int64)
        if columns and all(plan.choices[i].discrete for i in columns):
            sizes = [len(plan.choices[i].levels) for i in columns]
            codes = np.ravel_multi_index(tuple(plan.levels[:, columns].T), tuple(sizes))
            kind = np.unique(codes, return_inverse=True)[1]
        elif columns:
            table = np.stack([self._column(i) for i in columns], axis=1)
            kind = np.unique(table, axis=0, return_inverse=True)[1]
        order = np.argsort(kind, kind="stable")
        ends = np.cumsum(np.bincount(kind.ravel()))
        size = piece_size(plan.runs)
        return [
            self._batch(part[start : start + size])
            for part in np.split(order, ends[:-1])
            for start in range(0, len(part), size)
        ]

    def _column(self, i: int) -> Floats:
        """Return what a choice is in each run, as a number that is equal where it is the same."""
        if self.plan.choices[i].discrete:
            return self.plan.levels[:, i].astype(np.float64)
        return self.plan.points[i][:, 0]

    def _batch(self, runs: Ints) -> Batch:
        return Batch(runs=runs, prepare=lambda: self._guarded(runs))

    def _guarded(self, runs: Ints) -> Scores:
        """Return the scores of runs of one kind; all missing if they fail."""
        try:
            return self._scores(runs)
        except FAILURES as error:
            self._fail(runs, error)
            return lambda part: np.full((len(runs[part]), len(self.units)), np.nan)

    def _fail(self, runs: Ints, error: Exception) -> None:
        told = str(error).replace("\n", " ") or type(error).__name__
        with self._lock:
            self.failures.update(dict.fromkeys(map(int, runs), told))

    def _scores(self, runs: Ints) -> Scores:
        """Return how the scores of runs of one kind are found."""
        spec = self._variant(int(runs[0]))
        start, key = self._start(int(runs[0]), spec)
        first = next(i for i, step in enumerate(spec.steps) if step.kind == "aggregate")
        state = self._state(start, key, spec, first)
        base, varying = self._weights(spec, state, first, runs)
        rows = np.flatnonzero(state.rows.year == self.year)
        weights = base[:, None] if varying is None else varying
        found = power_scores_of(spec, state.x[rows], first, weights)
        if found is None:
            return self._one_by_one(spec, state, first, varying, runs)
        placed = self._placed(found, state.rows.unit[rows], runs, same=varying is None)

        def scores(part: slice) -> Floats:
            values = placed(part)
            failed = np.isnan(values).all(axis=1)
            if failed.any():
                self._fail(runs[part][failed], undefined_reason(spec, state.x[rows], first))
            return values

        return scores

    def _placed(self, scores: Scores, units: Ints, runs: Ints, *, same: bool) -> Scores:
        """Put scores where their units stand in the result, the only ones for all runs if same."""
        columns = self._columns(units)
        whole = np.array_equal(columns, np.arange(len(self.units)))

        def placed(part: slice) -> Floats:
            found = scores(slice(0, 1)) if same else scores(part)
            number = len(runs[part])
            if same and number > 1:
                found = np.repeat(found, number, axis=0)
            if whole:
                return found
            wide = np.full((number, len(self.units)), np.nan)
            wide[:, columns] = found
            return wide

        return placed

    def _one_by_one(
        self, spec: IndexSpec, state: State, first: int, weights: Floats | None, runs: Ints
    ) -> Scores:
        """Send each run through the remaining steps."""
        if weights is None:
            whole = self._last(state, spec, first)
            return lambda part: np.repeat(whole[None], len(runs[part]), axis=0)
        fixed = with_given_weights(spec)
        ids = spec.tree.ids[:-1]

        def scores(part: slice) -> Floats:
            found = np.full((len(runs[part]), len(self.units)), np.nan)
            for row, column in enumerate(range(len(runs))[part]):
                try:
                    named = dict(zip(ids, weights[:-1, column], strict=True))
                    found[row] = self._last(state, fixed.with_weights(named), first)
                except FAILURES as error:
                    self._fail(runs[part][row : row + 1], error)
            return found

        return scores

    def _last(self, state: State, spec: IndexSpec, first: int) -> Floats:
        """Return the scores of the index after all steps from one on."""
        last = run_steps(state, spec, first)[-1]
        rows = np.flatnonzero(last.rows.year == self.year)
        found = np.full(len(self.units), np.nan)
        if last.scores is not None:
            found[self._columns(last.rows.unit[rows])] = last.scores[rows, -1]
        return found

    def _columns(self, units: Ints) -> Ints:
        place = np.full(len(self.start.rows.units), -1, np.int64)
        place[self.units] = np.arange(len(self.units))
        found: Ints = place[units]
        return found

    def _weights(
        self, spec: IndexSpec, state: State, first: int, runs: Ints
    ) -> tuple[Floats, Floats | None]:
        """Return the weights of a variant, and those of each run where they vary."""
        base = base_weights(spec, state)
        if base is None:
            held = list(state.rows.blocks())
            found = run_steps(state, spec, first)[-1].weights
            base = spec.tree.weights if found is None else found[held.index(self.year)]
        for column, choice in enumerate(self.plan.choices):
            if choice.kind == "weights" and choice.discrete:
                table = self._table(spec, base, choice.levels)
                return base, table[:, self.plan.levels[runs, column]]
            if choice.kind == "weights" and isinstance(choice.spread, NoisyWeights):
                parts = [self.spec.tree.ids[j] for j in noisy_parts(choice.spread, self.spec)]
                points = self.plan.points[column][runs]
                return base, noisy_sets(spec, base, choice.spread, parts, points)
        return base, None

    def _table(self, spec: IndexSpec, base: Floats, sets: tuple[Any, ...]) -> Floats:
        """Return the weights of all sets; those of the last tree asked for are kept."""
        key = (spec.tree.ids, base.tobytes())
        held = self._sets
        if held is None or held[0] != key:
            held = self._sets = (key, weights_of_sets(spec, base, sets))
        return held[1]

    def _variant(self, run: int) -> IndexSpec:
        """Return the specification of a run, but for its weights."""
        acting = [
            (choice, self._value(i, run))
            for i, choice in enumerate(self.plan.choices)
            if choice.kind == "spec"
        ]
        steps = list(self.spec.steps)
        for choice, value in acting:
            if choice.edit_step is not None:
                steps[choice.order] = choice.edit_step(steps[choice.order], value)
        spec = self.spec if tuple(steps) == self.spec.steps else self.spec.replace(steps=steps)
        others = [pair for pair in acting if pair[0].edit_step is None]
        for choice, value in sorted(others, key=lambda pair: pair[0].name == "without"):
            spec = choice.edit(spec, value)
        if spec.indicators is self.spec.indicators and spec.nodes is self.spec.nodes:
            # The same elements make the same tree; laying it out costs as much as a run.
            vars(spec).update(tree=self.spec.tree, elements=self.spec.elements)
        return spec

    def _value(self, i: int, run: int) -> Any:
        choice = self.plan.choices[i]
        if choice.discrete:
            return choice.levels[self.plan.levels[run, i]]
        return self.plan.number(i, run)

    def _start(self, run: int, spec: IndexSpec) -> tuple[State, Hashable]:
        """Return the figures of a run: its units, indicators and errors."""
        state, key = self.start, []
        for i, choice in enumerate(self.plan.choices):
            if choice.kind == "units":
                names = self._value(i, run)
                gone = [state.rows.units.index(name) for name in names]
                state = state.only(~np.isin(state.rows.unit, gone)) if gone else state
                key.append(names)
        for i, choice in enumerate(self.plan.choices):
            if isinstance(choice.spread, ValueErrors) and self._errors is not None:
                u = float(self.plan.points[i][run, 0])
                drawn = draw_values(self.start, self._errors, choice.spread, self.seed, u)
                kept = np.isin(self.start.rows.unit, state.rows.unit)
                state = drawn.only(kept) if not kept.all() else drawn
                key.append((u,))
        names = tuple(item.id for item in spec.indicators)
        if names != state.indicators:
            columns = [state.indicators.index(name) for name in names]
            state = state.to(indicators=names, x=state.x[:, columns], marks=state.marks[:, columns])
        return state, tuple(key)

    def _state(self, start: State, key: Hashable, spec: IndexSpec, steps: int) -> State:
        """Return the state after some steps, from what is kept where it is."""
        if not steps:
            return start
        own = (key, prefix_key(spec, steps))
        with self._lock:
            if own in self._states:
                self._states.move_to_end(own)
                return self._states[own]
        before = self._state(start, key, spec, steps - 1)
        last = steps - 1
        if last in self._planners:
            stage, planner = spec.stages[last], self._planners[last]
            found = treat(before, stage, spec.steps[last], spec, planner=planner)
        else:
            found = run_steps(before, spec, last, steps)[0]
        with self._lock:
            self._states[own] = found
            while len(self._states) > _STATES_KEPT:
                self._states.popitem(last=False)
        return found


def without_small(batch: Batch, small: Unranked) -> Batch:
    """Return runs in which some units have no score, so that they take no rank.

    Parameters
    ----------
    batch : Batch
        Runs.
    small : Unranked
        Units that are too small for a rank.

    Returns
    -------
    Batch
        The runs.
    """
    if small.small is None or not small.small.any():
        return batch

    def prepare() -> Scores:
        scores = batch.prepare()
        return lambda part: small.without(scores(part))

    return Batch(runs=batch.runs, prepare=prepare)
