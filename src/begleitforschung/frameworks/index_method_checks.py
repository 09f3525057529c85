"""Methods of an index: do they exist, are parameters within bounds, do they fit together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from begleitforschung.errors import Finding
from begleitforschung.frameworks.index_catalogue import KINDS, Kind, index_methods
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec, elements_of
from begleitforschung.frameworks.index_method import Method, Step
from begleitforschung.language import Text


def problem(
    rule: str,
    key: str,
    column: str,
    de: str,
    en: str,
    *,
    value: str | None = None,
    hint: tuple[str, str] | None = None,
) -> Finding:
    """Return one problem of a specification.

    Parameters
    ----------
    rule : str
        Identifier of the rule, without ``index.``.
    key : str
        Indicator, node or step.
    column : str
        Field concerned.
    de, en : str
        What is wrong.
    value : str, optional
        The value found.
    hint : (str, str), optional
        What to do, in German and English.

    Returns
    -------
    Finding
        Of severity ``"error"``.
    """
    return Finding(
        rule=f"index.{rule}",
        severity="error",
        text=Text(de, en),
        hint=Text(*hint) if hint else None,
        column=column,
        key=key or None,
        value=value,
    )


def check_methods(
    indicators: Sequence[IndicatorSpec], nodes: Sequence[NodeSpec], steps: Sequence[Step]
) -> list[Finding]:
    """Check all methods of a specification.

    Parameters
    ----------
    indicators : sequence of IndicatorSpec
        Leaves.
    nodes : sequence of NodeSpec
        Inner nodes.
    steps : sequence of Step
        Steps.

    Returns
    -------
    list of Finding
        All problems.
    """
    found: list[Finding] = []
    elements = {item.id for item in elements_of(indicators, nodes)}
    for step in steps:
        if step.kind in KINDS:
            found += _method(step.kind, step.chosen, step.name or step.kind, elements)
    for item in indicators:
        for kind in ("impute", "treat", "normalise"):
            found += _own(item, kind, steps, elements)
    for node in nodes:
        for kind in ("aggregate", "weight"):
            found += _own(node, kind, steps, elements)
    if not found:
        found += [*_goalposts(indicators, steps), *_positive(indicators, nodes, steps)]
    return found


def _own(
    item: IndicatorSpec | NodeSpec, kind: Any, steps: Sequence[Step], elements: set[str]
) -> Iterator[Finding]:
    method = item.method(kind)
    if method is None:
        return
    yield from _method(kind, method, item.id, elements)
    if kind != "weight" and all(step.kind != kind for step in steps):
        yield problem(
            "idle",
            item.id,
            kind,
            f"eigene Methode ohne Schritt '{kind}' wirkt nicht",
            f"a method of its own has no effect without a step '{kind}'",
        )


def _method(kind: Kind, method: Method, key: str, elements: set[str]) -> Iterator[Finding]:
    known = index_methods(kind)
    if method.name not in known:
        yield problem(
            "method",
            key,
            kind,
            f"Methode '{method.name}' gibt es nicht",
            f"there is no method '{method.name}'",
            hint=_near(method.name, list(known)),
        )
        return
    parameters = {item.name: item for item in known[method.name].parameters}
    given = method.parameters
    for name, value in given.items():
        if method.name == "custom" and name != "function":
            continue
        if name not in parameters:
            yield problem(
                "parameter",
                key,
                kind,
                f"'{method.name}' hat keinen Parameter '{name}'",
                f"'{method.name}' has no parameter '{name}'",
                hint=_near(name, list(parameters)),
            )
            continue
        try:
            parameters[name].typed(value)
        except ValueError as error:
            yield problem(
                "value",
                key,
                kind,
                f"Parameter '{name}' passt nicht; erwartet: {error}",
                f"parameter '{name}' does not fit; expected: {error}",
                value=str(value),
            )
    for name, item in parameters.items():
        if item.required and name not in given:
            yield problem(
                "required",
                key,
                kind,
                f"'{method.name}' braucht den Parameter '{name}'",
                f"'{method.name}' needs the parameter '{name}'",
            )
    yield from _related(kind, method, key, elements)


def _related(kind: Kind, method: Method, key: str, elements: set[str]) -> Iterator[Finding]:
    """Check parameters against each other and against the tree."""
    try:
        values = method.resolved(kind)
    except ValueError:
        return
    for low, high in (("lower", "upper"), ("low", "high")):
        lower, upper = values.get(low), values.get(high)
        if lower is not None and upper is not None and lower >= upper:
            text = (f"{low} liegt nicht unter {high}", f"{low} is not below {high}")
            yield problem("range", key, kind, *text, value=f"{lower:g}, {upper:g}")
    bounds = values.get("bounds", ()) or values.get("quantiles", ())
    both = bool(values.get("bounds") and values.get("quantiles"))
    ascending = list(bounds) == sorted(set(bounds))
    fitting = not bounds or len(values["scores"]) == len(bounds) + 1
    if "bounds" in values and (both or not ascending or not fitting):
        yield problem(
            "bands",
            key,
            kind,
            "Klassen brauchen aufsteigende Grenzen (bounds, quantiles), eine weniger als Punkte",
            "bands need ascending limits (bounds or quantiles), one fewer than scores",
        )
    both_ways = set(values.get("include", ())) & set(values.get("exclude", ()))
    if both_ways:
        text = ("soll zugleich behalten und weggelassen werden", "is to be both kept and dropped")
        yield problem("screen", key, kind, *text, value=", ".join(sorted(both_ways)))
    for name in values.get("within", ()):
        if name not in elements:
            text = (f"Knoten '{name}' gibt es nicht", f"there is no node '{name}'")
            yield problem("within", key, kind, *text, hint=_near(name, sorted(elements)))


def _goalposts(indicators: Sequence[IndicatorSpec], steps: Sequence[Step]) -> Iterator[Finding]:
    for step in steps:
        if step.kind != "normalise":
            continue
        for item in indicators:
            method = item.method("normalise") or step.chosen
            if method.name == "goalposts" and item.goalposts is None:
                values = method.resolved("normalise")
                if None in (values.get("lower"), values.get("upper")):
                    text = ("'goalposts' braucht Zielpfosten", "'goalposts' needs goalposts")
                    yield problem("goalposts", item.id, "goalposts", *text)
            if method.name == "dist2targ" and item.target is None:
                text = ("'dist2targ' braucht ein Ziel", "'dist2targ' needs a target")
                yield problem("target", item.id, "target", *text)


def _positive(
    indicators: Sequence[IndicatorSpec], nodes: Sequence[NodeSpec], steps: Sequence[Step]
) -> Iterator[Finding]:
    """Find nodes whose aggregation needs positive values that their indicators can't all have."""
    last: Step | None = None
    for step in steps:
        if step.kind == "normalise":
            last = step
        if step.kind == "custom":
            last = None
        if step.kind != "aggregate" or last is None:
            continue
        needs = {node.id: _needs(node.method("aggregate") or step.chosen) for node in nodes}
        for item in indicators:
            method = item.method("normalise") or last.chosen
            if item.weight > 0 and _fails(needs.get(item.parent, "any"), method):
                yield problem(
                    "positive",
                    item.id,
                    "normalise",
                    f"'{method.name}' ergibt null oder Negatives, '{item.parent}' verlangt "
                    "Werte über null",
                    f"'{method.name}' gives zero or negative values, '{item.parent}' asks for "
                    "values above zero",
                    hint=(
                        "Auf eine Skala über null normieren, z. B. minmax von 1 bis 100.",
                        "Normalise to a scale above zero, e.g. minmax from 1 to 100.",
                    ),
                )


def _needs(method: Method) -> str:
    if method.name == "power" and method.resolved("aggregate")["p"] > 0:
        return "nonnegative"
    return index_methods("aggregate")[method.name].needs


def _fails(needs: str, method: Method) -> bool:
    """Tell whether some value is certain not to be what an aggregation needs."""
    if needs == "any":
        return False
    output = index_methods("normalise")[method.name].output
    values = method.resolved("normalise")
    if output == "by_mean":
        return needs in ("positive", "positive_mean", "nonnegative") and bool(values["mean"] <= 0)
    if needs != "positive":
        return False
    return bool(values["lower"] <= 0) if output == "by_lower" else output == "zero"


def _near(name: str, known: list[str]) -> tuple[str, str] | None:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"Gemeint: '{near[0]}'?", f"Did you mean '{near[0]}'?"
    if not known:
        return None
    listed = ", ".join(known)
    return f"Es gibt: {listed}.", f"There are: {listed}."
