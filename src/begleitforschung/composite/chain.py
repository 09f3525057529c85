"""The steps of a specification one after the other, as states that variants can share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping

from begleitforschung.composite.aggregating import aggregate
from begleitforschung.composite.imputing import impute
from begleitforschung.composite.normalising import normalise
from begleitforschung.composite.own import own_step
from begleitforschung.composite.preparing import choose_units, denominate
from begleitforschung.composite.state import State
from begleitforschung.composite.treating import treat
from begleitforschung.composite.weighting import weigh
from begleitforschung.frameworks.index_catalogue import Kind
from begleitforschung.frameworks.index_method import Step
from begleitforschung.frameworks.index_spec import IndexSpec

StepFunction = Callable[[State, str, Step, IndexSpec], State]
STEPS: Mapping[Kind, StepFunction] = {
    "denominate": denominate,
    "screen": choose_units,
    "impute": impute,
    "treat": treat,
    "normalise": normalise,
    "weight": weigh,
    "aggregate": aggregate,
    "custom": own_step,
}


def run_steps(
    state: State, spec: IndexSpec, first: int = 0, last: int | None = None
) -> list[State]:
    """Run some steps of a specification.

    Parameters
    ----------
    state : State
        State before the first of them.
    spec : IndexSpec
        The specification.
    first, last : int
        Positions of the first step, and of the one after the last.

    Returns
    -------
    list of State
        State after each step.

    Raises
    ------
    CompositeError
        If a step has no meaning on the values.
    UnknownCodeError
        If a step names something that is not there.
    """
    found = []
    for stage, step in list(zip(spec.stages, spec.steps, strict=True))[first:last]:
        state = STEPS[step.kind](state, stage, step, spec)
        found.append(state)
    return found


def prefix_key(spec: IndexSpec, steps: int) -> Hashable:
    """Return what the state after some steps depends on, besides the figures.

    Two specifications with equal keys have equal states there, so that one of them need not be
    computed: treatments and normalisations that the runs of a sensitivity analysis share.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    steps : int
        Number of steps from the beginning.

    Returns
    -------
    hashable
        The key.
    """
    kinds = {step.kind for step in spec.steps[:steps]}
    indicators = tuple(
        (
            item.id,
            item.direction,
            (item.denominator, item.denominator_scale) if "denominate" in kinds else None,
            *(item.method(kind) if kind in kinds else None for kind in ("impute", "treat")),
            (item.normalise, item.goalposts, item.target) if "normalise" in kinds else None,
        )
        for item in spec.indicators
    )
    parents = tuple((item.id, item.parent) for item in spec.elements.values())
    tree = parents if kinds & {"impute", "screen"} else None
    last = (spec.nodes, spec.indicators) if kinds & {"weight", "aggregate"} else None
    return (spec.steps[:steps], spec.stages[:steps], spec.years, indicators, tree, last)
