"""The step ``treat``: outliers, with a full record of each point that is touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from begleitforschung.composite.columns import by_method
from begleitforschung.composite.functions import own_columns
from begleitforschung.composite.problems import finding, refuse
from begleitforschung.composite.state import Floats, State
from begleitforschung.frameworks.index_method import Method, Step
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.results.composite_marks import CUT_HIGH, TRANSFORMED
from begleitforschung.results.composite_stages import Treated
from begleitforschung.stats.indices.transforms import UndefinedTransformError
from begleitforschung.stats.indices.treat import Plan, apply_treatment, plan_treatment, touched
from begleitforschung.stats.indices.treatments import Treatment

Planner = Callable[[Floats, Sequence[Treatment | None]], Plan]


def treat(
    state: State, stage: str, step: Step, spec: IndexSpec, *, planner: Planner = plan_treatment
) -> State:
    """Treat outliers, each indicator by its own method or that of the step.

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
    planner : callable, optional
        Decides how the columns of a reference are treated.

    Returns
    -------
    State
        Values after; the record holds the plan of each column, the marks each point.

    Raises
    ------
    CompositeError
        If a transformation is not defined for an indicator.
    """
    x, marks = np.empty_like(state.x), np.empty_like(state.marks)
    spans = state.rows.spans(spec.years if step.years is None else step.years)
    treatments: list[Treatment | None] = [None] * len(spec.indicators)
    own = []
    for method, columns in by_method(spec, step):
        if method.name == "custom":
            own.append((method, columns))
        planned = treatment_of(method)
        for column in columns:
            treatments[column] = planned
    records = []
    for rows, base in spans:
        before = state.x[rows]
        try:
            plan = planner(state.x[base], treatments)
            x[rows] = apply_treatment(before, plan)
        except UndefinedTransformError as error:
            raise _undefined(state, stage, error) from None
        marks[rows] = state.marks[rows] | touched(before, plan) * np.uint8(CUT_HIGH)
        years = tuple(int(year) for year in np.unique(state.rows.year[rows]))
        records.append(Treated(years=years, indicators=state.indicators, plan=plan))
    for method, columns in own:
        given, values = state.x[:, columns], method.resolved("treat")
        x[:, columns] = own_columns(given, spans, values, stage, state, columns)
        changed = (x[:, columns] != given) & ~np.isnan(given)
        marks[:, columns] |= changed * np.uint8(TRANSFORMED)
    return state.to(x=x, marks=marks, record=(stage, tuple(records)))


def treatment_of(method: Method) -> Treatment | None:
    """Return what the numerics call a method of the catalogue.

    Parameters
    ----------
    method : Method
        A method of the step ``treat``.

    Returns
    -------
    Treatment or None
        ``None`` where nothing is done to the column by rule.
    """
    if method.name in ("none", "custom"):
        return None
    values = method.resolved("treat")
    limits: dict[str, Any] = {
        "skewness_limit": values["skew"],
        "kurtosis_limit": values["kurt"],
    }
    if method.name == "winsorise":
        return Treatment(
            first="winsorise",
            second=values["fallback"],
            winmax=values["winmax"],
            combine=values["combine"],
            **limits,
        )
    if method.name == "boxcox":
        limits["boxcox_lambda"] = values["power"]
    return Treatment(first=method.name, second="none", force=values["always"], **limits)


def _undefined(state: State, stage: str, error: UndefinedTransformError) -> Exception:
    problems = [
        finding(
            "transform",
            Text(f"Transformation ist nicht definiert ({why})", f"not defined: {why}"),
            column=state.indicators[column],
            hint=Text("Eine andere Behandlung wählen.", "Choose another treatment."),
        )
        for column, why in error.columns.items()
    ]
    return refuse(stage, "a transformation is not defined", problems)
