"""The step ``impute``: missing values filled in, each one marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from begleitforschung.composite.columns import by_method, picked
from begleitforschung.composite.functions import own_columns
from begleitforschung.composite.learnt import impute_learnt
from begleitforschung.composite.state import Floats, Ints, Span, State
from begleitforschung.frameworks.index_catalogue import method_entry
from begleitforschung.frameworks.index_method import Step
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.results.composite_marks import IMPUTED
from begleitforschung.stats.indices.impute import impute_columns, impute_groups, impute_rows
from begleitforschung.stats.indices.panel import impute_panel


def impute(state: State, stage: str, step: Step, spec: IndexSpec) -> State:
    """Fill in missing values.

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
        Values after, new ones marked. What no method can fill stays missing.

    Raises
    ------
    UnknownCodeError
        If there is no such grouping.
    CompositeError
        If a function of the user changes values that are there.
    """
    x = state.x.copy()
    spans = state.rows.spans(spec.years if step.years is None else step.years)
    told = state.findings
    for method, columns in by_method(spec, step):
        values = method.resolved("impute")
        part = state.x[:, picked(columns, x.shape[1])]
        if method.name == "custom":
            x[:, columns] = own_columns(part, spans, values, stage, state, columns, keep=True)
        elif method.name in ("knn", "iterative"):
            x[:, columns], remarks = impute_learnt(method.name, part, spans, values)
            told = (*told, *remarks)
        elif method.name.startswith("row_"):
            x[:, columns] = _by_row(state, spec, spans, values, method.name)[:, columns]
        elif method_entry("impute", method.name).panel:
            rows = state.rows
            filled = impute_panel(
                part,
                rows.unit,
                rows.year.astype(np.float64),
                method.name,  # type: ignore[arg-type]
                limit=values["limit"],
            )
            x[:, columns] = filled.values
        elif method.name != "none":
            codes = state.group_codes(values["group"]) if "group" in values else None
            _by_column(x, part, columns, spans, codes, method.name.removeprefix("group_"))
    gaps = np.isnan(state.x)
    new = gaps & ~np.isnan(x) if gaps.any() else gaps
    marks = state.marks | new.view(np.uint8) * np.uint8(IMPUTED)
    return state.to(x=x, marks=marks, findings=told)


def _by_column(
    x: Floats, part: Floats, columns: Ints, spans: list[Span], codes: Ints | None, how: Any
) -> None:
    """Fill in the mean or median of the column, or of the group in it, where `x` has gaps."""
    for rows, base in spans:
        if codes is None:
            filled = impute_columns(part[rows], how, reference=part[base])
        else:
            filled = impute_groups(
                part[rows], codes[rows], how, reference=part[base], reference_codes=codes[base]
            )
        x[rows, picked(columns, x.shape[1])] = filled


def _by_row(
    state: State, spec: IndexSpec, spans: list[Span], values: dict[str, Any], name: str
) -> Floats:
    """Fill in from the unit's other indicators; all of them count, whatever their own method."""
    signs = np.ones(len(spec.indicators)) if state.directed else directions(spec)
    filled = state.x.copy()
    how: Any = name.removeprefix("row_")
    for rows, base in spans:
        filled[rows] = impute_rows(
            state.x[rows],
            how,
            direction=signs,
            nodes=_node_codes(spec, values["within"]),
            reference=state.x[base],
        )
    return filled


def _node_codes(spec: IndexSpec, within: tuple[str, ...]) -> Ints | None:
    """Return for each indicator the lowest of the nodes named that it is part of, else -1."""
    if not within:
        return None
    below = spec.tree.below()
    codes = np.full(len(spec.indicators), -1, np.int64)
    for number, node in reversed(list(enumerate(spec.tree.nodes))):
        if node in within:
            codes[below[number]] = number
    return codes


def directions(spec: IndexSpec) -> Floats:
    """Return 1 for indicators of which more is better, else -1.

    Parameters
    ----------
    spec : IndexSpec
        The specification.

    Returns
    -------
    numpy.ndarray, shape (indicators,)
        Signs.
    """
    signs: Callable[[str], float] = {"higher": 1.0, "lower": -1.0}.__getitem__
    return np.array([signs(item.direction) for item in spec.indicators])
