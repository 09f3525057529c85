"""`compose`: a specification applied to figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from begleitforschung.composite.chain import run_steps
from begleitforschung.composite.exposures import refuse_small
from begleitforschung.composite.reading import Data, Groups, Reading, official_names, read_figures
from begleitforschung.composite.remarks import silent_losses
from begleitforschung.composite.state import State
from begleitforschung.errors import CompositeError, Finding, UnknownCodeError
from begleitforschung.frameworks.framework import Framework
from begleitforschung.frameworks.index_catalogue import method_entry
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.results.composite import CompositeResult
from begleitforschung.results.composite_scores import score_table
from begleitforschung.results.composite_stages import Stage
from begleitforschung.tables import IndicatorTable

_NO_PURPOSE = Finding(
    rule="index.purpose",
    severity="info",
    text=Text(
        "Wozu der Index dient und wozu nicht, ist nicht festgehalten; in einen Bericht kommt er "
        "so nicht.",
        "What the index is for, and what not, is not on record; no report is made from it.",
    ),
    hint=Text("spec.replace(purpose=Purpose(…))", "spec.replace(purpose=Purpose(…))"),
)
_ABSENT = Text(
    "kein Wert in diesem Jahr; sein Punktwert beruht auf den anderen Indikatoren",
    "no value in this year; its scores rest on the other indicators",
)
_COMPARE = Text(
    "Punktwerte dieses Jahres nicht mit denen anderer Jahre vergleichen, oder ergänzen.",
    "Don't compare scores of this year with those of others, or impute.",
)


def compose(
    data: Data,
    spec: IndexSpec | Framework,
    *,
    year: int | Iterable[int] | None = None,
    denominators: IndicatorTable | pd.DataFrame | None = None,
    groups: Groups | None = None,
    names: Mapping[str, str] | None = None,
    exposure: str | None = None,
    min_exposure: float | None = None,
) -> CompositeResult:
    """Compute a composite index.

    A pure function: the same figures and the same specification give the same scores. Every
    imputed, winsorised or transformed value is marked, every unit that is screened out is named.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures of units of one level. A wide DataFrame has units (any texts) in its index or a
        column ``unit``, years in a column ``year``, one column per indicator; its text columns
        are groupings.
    spec : IndexSpec or Framework
        The specification; that of a framework as it stands is made by `IndexSpec.of_framework`.
    year : int or iterable of int, optional
        Years of the scores, all by default; for a DataFrame without years, their year. Steps
        that pool years or have a base year still see all years.
    denominators : IndicatorTable or pandas.DataFrame, optional
        Values to divide by, where they are not among the figures.
    groups : pandas.DataFrame or mapping, optional
        Grouping to group of each unit, for imputation and ranks within groups.
    names : mapping of str to str, optional
        Names of the units; by default the official ones of territorial units.
    exposure : str, optional
        Figure that says how large a unit is, e.g. its population; by default what the indicators
        of the table state themselves.
    min_exposure : float, optional
        Units below it have scores, but no rank, and do not count for the ranks of the others.

    Returns
    -------
    CompositeResult
        Scores of all nodes, and the values after each step.

    Raises
    ------
    UnknownCodeError
        If an indicator, denominator, grouping, unit or year is not there; names the nearest.
    ValidationError
        If the DataFrame is ambiguous or holds what is no number.
    CompositeError
        If a step has no meaning on the values: a constant indicator under a method that divides
        by its spread, values that are not positive under the geometric mean, no values at all.

    Examples
    --------
    >>> import pandas as pd
    >>> from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec
    >>> spec = IndexSpec(
    ...     id="netz",
    ...     indicators=(
    ...         IndicatorSpec(id="breitband", parent="netz"),
    ...         IndicatorSpec(id="stoerungen", parent="netz", direction="lower"),
    ...     ),
    ...     nodes=(NodeSpec(id="netz"),),
    ... )
    >>> frame = pd.DataFrame(
    ...     {"breitband": [50, 90, 70], "stoerungen": [3, 1, 5]}, index=["A", "B", "C"]
    ... )
    >>> compose(frame, spec, year=2024).scores("index")["netz"].tolist()
    [25.0, 100.0, 25.0]
    """
    spec = IndexSpec.of(spec)
    reading = read_figures(data, spec, year=year, denominators=denominators, groups=groups)
    asked = _asked(reading.state, year)
    state = rows_needed(reading.state, spec, asked)
    states = run_steps(state, spec)
    result = composed(reading, state, states, spec, years=asked, names=names)
    return refuse_small(
        result,
        data,
        exposure=exposure,
        min_exposure=min_exposure,
        year=year if isinstance(year, int) else None,
        denominators=denominators,
    )


def compose_each(
    data: Data,
    specs: Iterable[IndexSpec],
    *,
    year: int | Iterable[int] | None = None,
    denominators: IndicatorTable | pd.DataFrame | None = None,
    groups: Groups | None = None,
    names: Mapping[str, str] | None = None,
) -> Iterator[CompositeResult]:
    """Compute several indices one after the other; only what is kept of each stays in memory.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures, as for `compose`.
    specs : iterable of IndexSpec
        The specifications.
    year, denominators, groups, names
        As for `compose`, the same for all.

    Yields
    ------
    CompositeResult
        One for each specification, in order.

    Raises
    ------
    UnknownCodeError, ValidationError, CompositeError
        As `compose`.

    Examples
    --------
    ``{one.spec.id: one.scores("index") for one in compose_each(table, specs)}``
    """
    for spec in specs:
        yield compose(data, spec, year=year, denominators=denominators, groups=groups, names=names)


def composed(
    reading: Reading,
    start: State,
    states: list[State],
    spec: IndexSpec,
    *,
    years: tuple[int, ...] | None = None,
    names: Mapping[str, str] | None = None,
) -> CompositeResult:
    """Make the result from the states of all steps.

    Parameters
    ----------
    reading : Reading
        Figures and their provenance.
    start : State
        State before the first step.
    states : list of State
        State after each step.
    spec : IndexSpec
        The specification.
    years : tuple of int, optional
        Years of the scores.
    names : mapping of str to str, optional
        Names of the units.

    Returns
    -------
    CompositeResult
        The result.

    Raises
    ------
    CompositeError
        If no step has aggregated.
    """
    kinds = ("raw", *(step.kind for step in spec.steps))
    stages = [
        _stage(name, kind, state)
        for name, kind, state in zip(("raw", *spec.stages), kinds, (start, *states), strict=True)
    ]
    last = states[-1]
    aggregated = next(stage for stage in reversed(stages) if stage.kind == "aggregate")
    weights, held = last.weights, aggregated.years
    if weights is None:
        raise CompositeError("no step 'aggregate' has run")
    records = last.records
    if years is not None and tuple(held) != years:
        stages = [stage.only(years) for stage in stages]
        weights = weights[np.isin(held, years)]
        records = _only_details(records, aggregated, years)
        aggregated = next(stage for stage in reversed(stages) if stage.kind == "aggregate")
    findings = (*spec.findings, *last.findings, *_absent(aggregated, spec))
    findings = (*findings, *silent_losses(stages, aggregated, spec))
    if spec.purpose is None:
        findings = (*findings, _NO_PURPOSE)
    content = spec.content()
    node = reading.provenance.then("compose", specification=content, years=years)
    return CompositeResult(
        table=score_table(aggregated, spec.tree),
        specification=content,
        provenance=node,
        findings=findings,
        spec=spec,
        stages=tuple(stages),
        weights_by_year=weights,
        records=records,
        groups=start.groups,
        names=official_names(reading) if names is None else names,
        inputs=None if isinstance(reading.inputs, pd.DataFrame) else reading.inputs,
    )


def _asked(state: State, year: int | Iterable[int] | None) -> tuple[int, ...] | None:
    if year is None:
        return None
    held = list(state.rows.blocks())
    wanted = [int(year)] if isinstance(year, int | np.integer) else [int(item) for item in year]
    asked = tuple(sorted(set(wanted)))
    for item in asked:
        if item not in held:
            raise UnknownCodeError(item, map(str, held), "years of the figures")
    return asked


def rows_needed(state: State, spec: IndexSpec, years: tuple[int, ...] | None) -> State:
    """Leave out the rows of years that no step looks at.

    Parameters
    ----------
    state : State
        State before the first step.
    spec : IndexSpec
        The specification.
    years : tuple of int or None
        Years of the scores; ``None`` for all.

    Returns
    -------
    State
        The same state where a step pools years, has a base year or imputes over years.
    """
    if years is None or needs_all_years(spec):
        return state
    return state.only(np.isin(state.rows.year, list(years)))


def needs_all_years(spec: IndexSpec) -> bool:
    """Tell whether some step looks at other years than its own.

    Parameters
    ----------
    spec : IndexSpec
        The specification.

    Returns
    -------
    bool
        True where a step pools years, has a base year, imputes over years or is a function.
    """
    rules = {spec.years if step.years is None else step.years for step in spec.steps}
    methods = [step.chosen for step in spec.steps if step.kind == "impute"]
    methods += [own for item in spec.indicators if (own := item.method("impute"))]
    custom = any(step.kind == "custom" for step in spec.steps)
    panel = any(method_entry("impute", method.name).panel for method in methods)
    return rules != {"each"} or custom or panel


def _absent(stage: Stage, spec: IndexSpec) -> list[Finding]:
    """Remark indicators that have no value in one of several years."""
    found = []
    names = stage.columns[: len(spec.indicators)]
    for year in stage.years if len(stage.years) > 1 else ():
        gone = np.isnan(stage.values[stage.year == year, : len(names)]).all(axis=0)
        found += [
            Finding(
                rule="index.year_without_indicator",
                severity="warning",
                text=_ABSENT,
                hint=_COMPARE,
                key=str(year),
                column=names[place],
            )
            for place in np.flatnonzero(gone)
        ]
    return found


def _stage(name: str, kind: str, state: State) -> Stage:
    whole = kind == "aggregate" and state.scores is not None
    return Stage(
        name=name,
        kind=kind,
        units=state.rows.units,
        unit=state.rows.unit,
        year=state.rows.year,
        columns=state.elements if whole else state.indicators,
        values=state.scores if whole else state.x,  # type: ignore[arg-type]
        marks=state.marks,
    )


def _only_details(
    records: Mapping[str, Any], stage: Stage, years: tuple[int, ...]
) -> dict[str, Any]:
    """Keep what an aggregation told about the rows that are kept."""
    kept = np.isin(stage.year, years)
    found = dict(records)
    for name, told in records.items():
        if isinstance(told, dict):
            found[name] = {node: [np.concatenate(parts)[kept]] for node, parts in told.items()}
    return found
