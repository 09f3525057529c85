"""``vary=`` of a sensitivity analysis, read and checked before the first run."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

import pandas as pd

from begleitforschung.composite.sensitivity_choices import (
    Alternatives,
    NoisyWeights,
    Range,
    ValueErrors,
)
from begleitforschung.errors import BegleitforschungError, Finding, SpecificationError
from begleitforschung.frameworks.index_catalogue import KINDS
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec
from begleitforschung.frameworks.index_method import Method, Step
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text

Vary = Mapping[str, Any]
Kind = Literal["spec", "weights", "units", "values"]
Edit = Callable[[IndexSpec, Any], IndexSpec]
EditStep = Callable[[Step, Any], Step]
FAILURES = (BegleitforschungError, ValueError, TypeError)
OWN_KEYS = ("weights", "values", "units", "without", "years", "coverage")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """One thing that varies.

    Parameters
    ----------
    name : str
        Key in ``vary``.
    kind : {"spec", "weights", "units", "values"}
        What it acts on: the specification, the weights only, the units, the figures.
    levels : tuple
        Alternatives; empty if it is continuous.
    odds : tuple of float, optional
        Probabilities of the alternatives.
    spread : Range, NoisyWeights or ValueErrors, optional
        What a continuous one is drawn from.
    width : int
        Coordinates of the unit cube that it takes.
    edit : callable
        Makes the variant of a specification, for those that act on it.
    edit_step : callable, optional
        Makes the variant of the one step that is changed, where it is no more than that; several
        of these need to be checked only once.
    order : int
        Position of the first step that it changes, so that runs can share what comes before.
    """

    name: str
    kind: Kind
    levels: tuple[Any, ...] = ()
    odds: tuple[float, ...] | None = None
    spread: Range | NoisyWeights | ValueErrors | None = None
    width: int = 1
    edit: Edit = lambda spec, _: spec
    edit_step: EditStep | None = None
    order: int = -1

    @property
    def discrete(self) -> bool:
        """Whether it is one of a few alternatives."""
        return bool(self.levels)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the alternatives."""
        if self.kind == "weights":
            return tuple(str(number + 1) for number in range(len(self.levels)))
        return tuple(_label(level) for level in self.levels)


def parse_vary(vary: Vary, spec: IndexSpec, units: Sequence[str]) -> tuple[Choice, ...]:
    """Read what varies, and try each alternative on the specification.

    Parameters
    ----------
    vary : mapping
        As given to `begleitforschung.sensitivity`.
    spec : IndexSpec
        The specification.
    units : sequence of str
        Units of the figures.

    Returns
    -------
    tuple of Choice
        One for each key.

    Raises
    ------
    SpecificationError
        If a key, name or value does not fit; all problems at once.
    """
    problems: list[Finding] = []
    choices = []
    if not isinstance(vary, Mapping):
        raise SpecificationError(
            "vary= maps what varies to its alternatives, e.g. {'normalise': ['minmax', 'zscore']}; "
            f"not {type(vary).__name__}"
        )
    for given_key, given in vary.items():
        key = str(given_key)
        try:
            choices.append(_choice(key, given, spec, units))
        except (BegleitforschungError, ValueError, TypeError) as error:
            problems += _problems(key, error)
    for choice in choices:
        others = [other for other in choices if other is not choice and other.kind == "spec"]
        for level in _ends(choice):
            refused = _refusal(choice, level, spec, others)
            problems += _problems(choice.name, refused) if refused else []
    if not vary:
        problems.append(_problem("vary", "nothing varies; name at least one choice"))
    if problems:
        told = list(dict.fromkeys(problems))
        raise SpecificationError(
            f"vary= of the sensitivity analysis has problems ({len(told)}):", findings=told
        )
    return tuple(choices)


def _refusal(
    choice: Choice, level: Any, spec: IndexSpec, others: Sequence[Choice]
) -> Exception | None:
    """Say why an alternative fits neither the specification nor any alternative of another choice.

    A geometric mean may contradict the normalisation of the specification, and yet go together
    with the normalisations that it is varied with.
    """
    try:
        choice.edit(spec, level)
    except FAILURES as error:
        for other in others:
            for beside in _ends(other):
                with suppress(*FAILURES):
                    choice.edit(other.edit(spec, beside), level)
                    return None
        return error
    return None


def _ends(choice: Choice) -> tuple[Any, ...]:
    """Return the alternatives, or the ends of a range."""
    spread = choice.spread
    return (spread.low, spread.high) if isinstance(spread, Range) else choice.levels


def _choice(key: str, given: Any, spec: IndexSpec, units: Sequence[str]) -> Choice:
    if key == "weights":
        return _weights(given, spec)
    if key == "values":
        return _values(given, spec)
    if key == "units":
        levels = _left_out(given, list(units), "units of the figures")
        return Choice(name=key, kind="units", **levels)
    if key == "without":
        each = [item.id for item in spec.indicators]
        levels = _left_out(given, list(spec.elements), f"the index '{spec.id}'", each)
        return Choice(name=key, kind="spec", edit=_without, **levels)
    acts = _edit(key, spec)
    if isinstance(given, Range):
        return Choice(name=key, kind="spec", spread=given, **acts)
    found = _alternatives(given)
    return Choice(name=key, kind="spec", levels=found.values, odds=found.odds, **acts)


def _edit(key: str, spec: IndexSpec) -> dict[str, Any]:
    """Return how a key changes a specification, and from which step on."""
    if key in ("years", "coverage"):
        order = -1 if key == "years" else len(spec.steps)
        return {"edit": lambda old, value: old.replace(**{key: value}), "order": order}
    head, _, tail = key.rpartition(".")
    stage = key if key in spec.stages else head
    if stage in spec.stages:
        return _edit_step(stage, "" if stage == key else tail, spec)
    if head in spec.elements:
        names = [item.name for item in dataclasses.fields(spec.elements[head])]
        if tail not in names or tail in ("id", "parent", "title", "note", "unit"):
            raise ValueError(_unknown(tail, names, f"fields of '{head}' that can vary"))
        order = _first_step(tail, spec)
        return {
            "edit": lambda old, value: old.with_element(head, **{tail: value}),
            "order": order,
        }
    fields = {IndicatorSpec: "weight", NodeSpec: "aggregate"}
    known = [*OWN_KEYS, *spec.stages]
    known += [
        f"{stage}.{name}"
        for stage in spec.stages
        for name in spec.step(stage).chosen.resolved(spec.step(stage).kind)
    ]
    known += [f"{name}.{fields[type(item)]}" for name, item in spec.elements.items()]
    raise ValueError(_unknown(key, known, "choices of this index"))


def _edit_step(stage: str, parameter: str, spec: IndexSpec) -> dict[str, Any]:
    """Return how another method, or another value of a parameter, changes a step."""
    order = spec.stages.index(stage)

    def edit_step(old: Step, value: Any) -> Step:
        changed = {parameter: value}
        method = old.chosen.with_parameters(**changed) if parameter else Method.of(value)
        return dataclasses.replace(old, method=method)

    def edit(old: IndexSpec, value: Any) -> IndexSpec:
        steps = list(old.steps)
        steps[order] = edit_step(steps[order], value)
        return old.replace(steps=tuple(steps))

    return {"edit": edit, "edit_step": edit_step, "order": order}


def _first_step(field: str, spec: IndexSpec) -> int:
    """Return the first step that a field of an element changes."""
    kinds = {"weigh": "weight", "goalposts": "normalise", "target": "normalise"}
    kind = kinds.get(field, field)
    kind = "aggregate" if field in ("weight", "coverage") else kind
    positions = [number for number, step in enumerate(spec.steps) if step.kind == kind]
    return positions[0] if kind in KINDS and positions else -1


def _weights(given: Any, spec: IndexSpec) -> Choice:
    if isinstance(given, Mapping) and given:
        kinds = {float(value) for value in given.values()}
        if len(kinds) > 1:
            raise ValueError("one spread for all nodes: NoisyWeights(0.25, nodes=(…))")
        given = NoisyWeights(kinds.pop(), tuple(given))
    if isinstance(given, int | float | str):
        given = NoisyWeights(given)  # type: ignore[arg-type]
    if isinstance(given, NoisyWeights):
        nodes = list(spec.tree.nodes)
        for name in given.nodes:
            if name not in nodes:
                raise ValueError(_unknown(name, nodes, f"nodes of the index '{spec.id}'"))
        parts = noisy_parts(given, spec)
        return Choice(name="weights", kind="weights", spread=given, width=max(1, len(parts)))
    found = _alternatives(given)
    for number, level in enumerate(found.values):
        _check_set(number + 1, level, spec)
    return Choice(name="weights", kind="weights", levels=found.values, odds=found.odds)


def _check_set(number: int, level: Any, spec: IndexSpec) -> None:
    """Refuse a set of weights that names what is not there, or leaves a node without weight."""
    if not isinstance(level, Mapping):
        raise TypeError("sets of weights are a list of mappings of element to weight")
    weights = spec.tree.weights.copy()
    place = {name: position for position, name in enumerate(spec.tree.ids)}
    for name, weight in level.items():
        if name not in place:
            raise ValueError(_unknown(name, list(place), f"the index '{spec.id}'"))
        if not (math.isfinite(weight) and weight >= 0):
            raise ValueError(f"set {number}: the weight of '{name}' is {weight}, not >= 0")
        weights[place[name]] = weight
    if weights.all():
        return
    for node, parts in zip(spec.tree.nodes, spec.tree.children, strict=True):
        if not weights[parts].any():
            raise ValueError(f"set {number}: all parts of '{node}' have the weight zero")


def noisy_parts(noise: NoisyWeights, spec: IndexSpec) -> list[int]:
    """Return the elements whose weights are drawn.

    Parameters
    ----------
    noise : NoisyWeights
        Noise on weights.
    spec : IndexSpec
        The specification.

    Returns
    -------
    list of int
        Positions in the tree; parts of nodes with several parts.
    """
    chosen = noise.nodes or spec.tree.nodes
    pairs = zip(spec.tree.nodes, spec.tree.children, strict=True)
    return [int(j) for node, parts in pairs if node in chosen and len(parts) > 1 for j in parts]


def _values(given: Any, spec: IndexSpec) -> Choice:
    if isinstance(given, pd.DataFrame):
        given = ValueErrors(given)
    if isinstance(given, int | float | Mapping):
        given = ValueErrors(relative=given)
    if not isinstance(given, ValueErrors):
        raise TypeError("errors of figures are a share, a table of standard errors or ValueErrors")
    if isinstance(given.relative, Mapping):
        known = [item.id for item in spec.indicators]
        for name in given.relative:
            if name not in known:
                raise ValueError(_unknown(name, known, f"indicators of the index '{spec.id}'"))
    return Choice(name="values", kind="values", spread=given)


def _left_out(
    given: Any, known: list[str], what: str, each: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return alternatives of what is left out, each a tuple of names; none stands for nothing."""
    if isinstance(given, str) and given == "each":
        given = [None, *(known if each is None else each)]
    found = _alternatives(given)
    levels = []
    for level in found.values:
        names = () if level is None else (level,) if isinstance(level, str) else tuple(level)
        for name in names:
            if name not in known:
                raise ValueError(_unknown(name, known, what))
        levels.append(names)
    return {"levels": tuple(levels), "odds": found.odds}


def _without(spec: IndexSpec, names: tuple[str, ...]) -> IndexSpec:
    return spec.without(*names) if names else spec


def _alternatives(given: Any) -> Alternatives:
    if isinstance(given, Alternatives):
        return given
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise TypeError(f"alternatives are a list, a range is Range(low, high); not {given!r}")
    return Alternatives(item.item() if hasattr(item, "item") else item for item in given)


def _label(level: Any) -> str:
    if isinstance(level, Method):
        inside = ", ".join(f"{name}={value}" for name, value in level.items)
        return f"{level.name}({inside})" if inside else level.name
    if isinstance(level, tuple) and all(isinstance(item, str) for item in level):
        return ", ".join(level) or "–"
    return getattr(level, "__name__", None) or str(level)


def _unknown(name: object, known: Sequence[str], what: str) -> str:
    near = get_close_matches(str(name), known, n=3, cutoff=0.5)
    tail = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    if not near and len(known) <= 20:
        tail = f" Known are: {', '.join(known)}."
    return f"{str(name)!r} is not among {what}.{tail}"


def _problems(key: str, error: Exception) -> list[Finding]:
    """Return the problems of an alternative, each with what to do."""
    told: Sequence[Finding] = getattr(error, "findings", ())
    if not told:
        return [_problem(key, str(error))]
    return [dataclasses.replace(_problem(key, item.line()), hint=item.hint) for item in told]


def _problem(key: str, text: str) -> Finding:
    return Finding(rule="sensitivity.vary", severity="error", text=Text(text, text), key=key)
