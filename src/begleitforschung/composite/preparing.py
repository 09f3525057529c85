"""Steps before the values are changed: denominators and the choice of units."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from begleitforschung.composite.problems import of_cells, refuse
from begleitforschung.composite.state import State
from begleitforschung.errors import UnknownCodeError
from begleitforschung.frameworks.index_method import Step
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.results.composite_stages import Screened
from begleitforschung.stats.indices.screening import ScreenBy, screen

_NOT_POSITIVE = Text("Bezugsgröße ist nicht größer als null", "denominator is not above zero")


def denominate(state: State, stage: str, _step: Step, spec: IndexSpec) -> State:
    """Divide indicators by their denominators: x / (d / scale).

    Parameters
    ----------
    state : State
        Values before.
    stage : str
        Name of the stage.
    _step : Step
        Not used.
    spec : IndexSpec
        The specification.

    Returns
    -------
    State
        Values after; missing where the denominator is.

    Raises
    ------
    CompositeError
        If a denominator is zero or negative beside a value; names the cells.
    """
    x = state.x.copy()
    bad: list[tuple[int, int]] = []
    for column, item in enumerate(spec.indicators):
        if item.denominator is None:
            continue
        below = state.denominators[item.denominator]
        there = ~np.isnan(x[:, column])
        bad += [(int(row), column) for row in np.flatnonzero(there & (below <= 0))]
        with np.errstate(divide="ignore", invalid="ignore"):
            x[:, column] /= below / item.denominator_scale
    if bad:
        problems = of_cells("denominator", _NOT_POSITIVE, state.rows, state.indicators, bad)
        raise refuse(stage, "denominators must be above zero", problems)
    return state.to(x=x)


def choose_units(state: State, stage: str, step: Step, spec: IndexSpec) -> State:
    """Drop units that have too few values, or too few other than zero.

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
        The rows that are kept; the record holds the counts of all.

    Raises
    ------
    UnknownCodeError
        If a unit that is to be kept or dropped is not there.
    CompositeError
        If no unit is left.
    """
    values, by = step.chosen.resolved("screen"), cast("ScreenBy", step.chosen.name)
    rows = state.rows
    forced = [_rows_of(state, values[name]) for name in ("include", "exclude")]
    parts = [np.ones(state.x.shape[1], np.bool_)]
    below = spec.tree.below()
    parts += [below[spec.tree.nodes.index(node)] for node in values["within"]]
    found = [
        screen(
            state.x[:, columns],
            by=by,
            min_share=values["min_share"],
            min_nonzero=values["min_nonzero"],
            include=forced[0],
            exclude=forced[1],
        )
        for columns in parts
    ]
    kept = np.logical_and.reduce([item.kept for item in found])
    if not kept.any():
        raise refuse(stage, "no unit has enough values; lower the thresholds", [])
    first = found[0]
    counts = {
        "missing": first.missing,
        "zeros": first.zeros,
        "available": first.available,
        "nonzero": first.nonzero,
        "kept": kept,
    }
    told = Screened(units=np.array(rows.units, object)[rows.unit], year=rows.year, counts=counts)
    return state.only(kept, record=(stage, told))


def _rows_of(state: State, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return the rows of some units."""
    known = {unit: number for number, unit in enumerate(state.rows.units)}
    for name in names:
        if name not in known:
            raise UnknownCodeError(name, known, "units of the data")
    return np.isin(state.rows.unit, [known[name] for name in names])
