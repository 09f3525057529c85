"""The step ``normalise``: direction first, then each indicator onto its scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.composite.columns import by_method, picked
from begleitforschung.composite.functions import own_columns
from begleitforschung.composite.imputing import directions
from begleitforschung.composite.problems import finding, refuse
from begleitforschung.composite.state import Floats, Ints, Rows, State
from begleitforschung.errors import Finding, UnknownCodeError
from begleitforschung.frameworks.index_method import Method, Step, Years
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.stats.indices import normalise as simple
from begleitforschung.stats.indices import scales, targets

Mask = NDArray[np.bool_]
FUNCTIONS: Mapping[str, Callable[..., Floats]] = {
    "none": simple.none,
    "minmax": simple.minmax,
    "scaled": simple.scaled,
    "zscore": simple.zscore,
    "ampi": simple.ampi,
    "dist2max": targets.dist2max,
    "dist2ref": targets.dist2ref,
    "dist2targ": targets.dist2targ,
    "fracmax": targets.fracmax,
    "goalposts": targets.goalposts,
    "rank": scales.rank,
    "percentile_rank": scales.percentile_rank,
    "borda": scales.borda,
    "bands": scales.bands,
}
_CONSTANT = Text(
    "alle Werte sind gleich, daraus wird keine Skala", "all values are equal and make no scale"
)
_NEGATIVE = (
    "der größte Wert ist, mit der Richtung, negativ",
    "the largest value is negative, direction applied",
)
_NO_REFERENCE = Text(
    "der Bezugswert fehlt oder ist der schlechteste Wert",
    "the value of reference is missing or is the worst value",
)
_WHY = {
    "dist2ref": _NO_REFERENCE,
    "dist2targ": _NO_REFERENCE,
    "fracmax": Text("der größte Wert ist null", "the largest value is zero"),
}
_DROP = Text(
    "Den Indikator weglassen, über alle Jahre normieren (years='pooled') oder Zielpfosten setzen.",
    "Leave the indicator out, normalise over all years (years='pooled') or set goalposts.",
)


def normalise(state: State, stage: str, step: Step, spec: IndexSpec) -> State:
    """Bring all indicators to their scales, more being better.

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
        Values after, multiplied by their directions.

    Raises
    ------
    CompositeError
        If an indicator is constant under a method that divides by its spread; names all.
    UnknownCodeError
        If a unit of reference is not there.
    """
    signs = np.ones(len(spec.indicators)) if state.directed else directions(spec)
    before = state.x * signs
    x = np.empty_like(before)
    years = spec.years if step.years is None else step.years
    problems: list[Finding] = []
    for method, columns in by_method(spec, step):
        part = before[:, picked(columns, x.shape[1])]
        spans = state.rows.spans(years)
        if method.name == "custom":
            values = method.resolved("normalise")
            x[:, columns] = own_columns(part, spans, values, stage, state, columns)
            continue
        parameters = _parameters(method, columns, signs, spec)
        for rows, base, extra in _calls(method, part, state.rows, years):
            x[rows, picked(columns, x.shape[1])] = FUNCTIONS[method.name](
                part[rows], reference=part[base], **parameters, **extra
            )
            turned = _reversed(method, part[base], parameters)
            problems += [_turned(state, columns[i], method) for i in np.flatnonzero(turned)]
        lost = simple.lost_columns(part, x[:, picked(columns, x.shape[1])])
        problems += [_lost(state, part, x, columns, int(i), method) for i in np.flatnonzero(lost)]
    if problems:
        once = list(dict.fromkeys(problems))
        raise refuse(stage, "indicators that can't be normalised", once)
    return state.to(x=x, directed=True)


def _calls(
    method: Method, part: Floats, rows: Rows, years: Years
) -> list[tuple[slice, slice, dict[str, Any]]]:
    """Return rows, reference and further parameters of each call."""
    if method.name != "dist2ref":
        return [(span, base, {}) for span, base in rows.spans(years)]
    unit = method.resolved("normalise")["unit"]
    if unit not in rows.units:
        raise UnknownCodeError(unit, rows.units, "units of the data")
    found = []
    for span, base in rows.spans(years):
        # The unit's value is that of the year, or of the base year; only the minimum is pooled.
        blocks = list(rows.blocks().values()) if years == "pooled" else [span]
        for block in blocks:
            at = block if years == "pooled" else base
            place = np.flatnonzero(rows.unit[at] == rows.units.index(unit))
            value = part[at][place[0]] if len(place) else np.full(part.shape[1], np.nan)
            found.append((block, base, {"value": value}))
    return found


def _parameters(method: Method, columns: Ints, signs: Floats, spec: IndexSpec) -> dict[str, Any]:
    """Return the parameters as the numerics take them: by column, multiplied by direction."""
    values = method.resolved("normalise")
    values.pop("unit", None)
    items = [spec.indicators[column] for column in columns]
    sign = signs[columns]
    if method.name in ("goalposts", "scaled"):
        shared = (values["lower"], values["upper"])
        own = method.name == "goalposts"
        posts = [(item.goalposts if own else None) or shared for item in items]
        ends = np.array(posts, np.float64) * sign[:, None]
        values["lower"], values["upper"] = ends.min(axis=1), ends.max(axis=1)
    if method.name == "dist2targ":
        values["target"] = np.array([item.target for item in items], np.float64) * sign
    if method.name == "ampi" and all(item.target is not None for item in items):
        values["goalpost"] = np.array([item.target for item in items], np.float64) * sign
    if method.name == "bands":
        values = {name: np.array(given) for name, given in values.items() if given}
        if "bounds" in values:
            # Where less is better, the bounds change their order together with their sign.
            turned = np.where(sign < 0, -values["bounds"][::-1, None], values["bounds"][:, None])
            values["bounds"] = turned
    return values


def _reversed(method: Method, base: Floats, parameters: Mapping[str, Any]) -> Mask:
    """Say for which columns more would come out as less."""
    if method.name == "fracmax":
        return targets.reversed_by_maximum(base)
    if method.name == "dist2targ":
        return targets.reversed_by_target(base, parameters["target"])
    return np.zeros(base.shape[1], np.bool_)


def _turned(state: State, column: int, method: Method) -> Finding:
    de = "das Ziel ist schlechter als alle Werte" if method.name == "dist2targ" else _NEGATIVE[0]
    en = "the target is worse than all values" if method.name == "dist2targ" else _NEGATIVE[1]
    return finding(
        "reversed",
        Text(f"die Reihenfolge würde umgekehrt: {de}", f"the order would be reversed: {en}"),
        column=state.indicators[column],
        hint=Text("Eine andere Normierung wählen.", "Choose another normalisation."),
    )


def _lost(
    state: State, part: Floats, x: Floats, columns: Ints, number: int, method: Method
) -> Finding:
    """Name an indicator that became missing, and the years in which it did."""
    column = int(columns[number])
    gone = np.isnan(x[:, column]) & ~np.isnan(part[:, number])
    years = sorted({int(year) for year in state.rows.year[gone]})
    to_value = method.name in _WHY
    return finding(
        "reference" if to_value else "constant",
        _WHY.get(method.name, _CONSTANT),
        column=state.indicators[column],
        key=", ".join(map(str, years)),
        hint=None if to_value else _DROP,
        n=int(gone.sum()),
    )
