"""Is the specification of an index complete and consistent? All problems, collected."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import get_args

from begleitforschung.errors import Finding
from begleitforschung.frameworks.index_catalogue import KINDS
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec, Way, elements_of
from begleitforschung.frameworks.index_method import Step, Years
from begleitforschung.frameworks.index_method_checks import check_methods, problem
from begleitforschung.frameworks.index_types import check_types


def check_index(
    indicators: Sequence[IndicatorSpec],
    nodes: Sequence[NodeSpec],
    steps: Sequence[Step],
    years: Years,
) -> tuple[Finding, ...]:
    """Check a specification.

    Parameters
    ----------
    indicators : sequence of IndicatorSpec
        Leaves.
    nodes : sequence of NodeSpec
        Inner nodes.
    steps : sequence of Step
        Steps.
    years : "each", "pooled" or int
        Years of the reference values.

    Returns
    -------
    tuple of Finding
        All problems, each of severity ``"error"``; where an entry or field is of a wrong type, all
        of those.
    """
    wrong = check_types(indicators, nodes, steps)
    if wrong:
        return tuple(wrong)
    found = [*_identifiers(indicators, nodes), *_parents(indicators, nodes)]
    if not found:
        found += _whole(indicators, nodes)
    found += [*_weights(indicators, nodes), *_values(indicators, nodes)]
    found += [*_steps(steps, years), *_denominators(indicators, steps)]
    found += check_methods(indicators, nodes, steps)
    return tuple(found)


def _identifiers(indicators: Sequence[IndicatorSpec], nodes: Sequence[NodeSpec]) -> list[Finding]:
    found = []
    if not indicators:
        found.append(problem("empty", "", "indicators", "kein Indikator", "no indicator"))
    counts = Counter(item.id for item in elements_of(indicators, nodes))
    for name, number in counts.items():
        if number > 1:
            found.append(
                problem("duplicate", name, "id", "Kennung mehrfach", "identifier is not unique")
            )
        if not name.strip():
            found.append(problem("nameless", name, "id", "Kennung fehlt", "identifier is missing"))
    return found


def _parents(indicators: Sequence[IndicatorSpec], nodes: Sequence[NodeSpec]) -> Iterator[Finding]:
    known = [node.id for node in nodes]
    for item in elements_of(indicators, nodes):
        if item.parent in known or (isinstance(item, NodeSpec) and not item.parent):
            continue
        near = get_close_matches(item.parent, known, n=1, cutoff=0.6)
        hint = (f"Gemeint: '{near[0]}'?", f"Did you mean '{near[0]}'?") if near else None
        yield problem(
            "parent",
            item.id,
            "parent",
            f"Knoten '{item.parent}' gibt es nicht",
            f"there is no node '{item.parent}'",
            hint=hint,
        )
    above = {node.id: node.parent for node in nodes}
    for node in nodes:
        seen, at = {node.id}, node.parent
        while at in above and at not in seen:
            seen.add(at)
            at = above[at]
        if at in seen:
            yield problem(
                "cycle", node.id, "parent", "ist sich selbst übergeordnet", "is above itself"
            )


def _whole(indicators: Sequence[IndicatorSpec], nodes: Sequence[NodeSpec]) -> Iterator[Finding]:
    roots = [node.id for node in nodes if not node.parent]
    if len(roots) != 1:
        yield problem(
            "root",
            ", ".join(roots),
            "parent",
            f"{len(roots)} Knoten ohne übergeordneten; genau einer ist der Index",
            f"{len(roots)} nodes without parent; exactly one is the index",
        )
    used = {item.parent for item in elements_of(indicators, nodes)}
    for node in nodes:
        if node.id not in used:
            yield problem("childless", node.id, "id", "Knoten ohne Teile", "node without parts")


def _weights(indicators: Sequence[IndicatorSpec], nodes: Sequence[NodeSpec]) -> Iterator[Finding]:
    sums: dict[str, float] = {}
    for item in elements_of(indicators, nodes):
        if not math.isfinite(item.weight) or item.weight < 0:
            yield problem(
                "weight",
                item.id,
                "weight",
                "Gewicht ist negativ oder keine Zahl",
                "weight is negative or no number",
                value=str(item.weight),
            )
        elif item.parent:
            sums[item.parent] = sums.get(item.parent, 0.0) + item.weight
    for parent, total in sums.items():
        if total == 0:
            yield problem(
                "weight",
                parent,
                "weight",
                "alle Teile haben das Gewicht null",
                "all parts have the weight zero",
            )


def _values(indicators: Sequence[IndicatorSpec], nodes: Sequence[NodeSpec]) -> Iterator[Finding]:
    for item in indicators:
        if item.direction not in get_args(Way):
            yield problem(
                "direction",
                item.id,
                "direction",
                "Richtung ist 'higher' oder 'lower'",
                "a direction is 'higher' or 'lower'",
                value=str(item.direction),
            )
        if item.goalposts is not None and not (
            all(map(math.isfinite, item.goalposts)) and item.goalposts[0] < item.goalposts[1]
        ):
            yield problem(
                "goalposts",
                item.id,
                "goalposts",
                "Zielpfosten sind zwei Zahlen, die untere zuerst",
                "goalposts are two numbers, the lower one first",
                value=str(item.goalposts),
            )
        if item.target is not None and not math.isfinite(item.target):
            yield problem("target", item.id, "target", "Ziel ist keine Zahl", "target is no number")
    for node in nodes:
        if node.coverage is not None and not 0 <= node.coverage <= 1:
            yield problem(
                "coverage",
                node.id,
                "coverage",
                "Anteil liegt nicht zwischen 0 und 1",
                "share is not between 0 and 1",
                value=str(node.coverage),
            )


def _steps(steps: Sequence[Step], years: Years) -> Iterator[Finding]:
    kinds = [step.kind for step in steps]
    names = Counter(step.name for step in steps if step.name)
    for name, number in names.items():
        if number > 1:
            yield problem("step", name, "steps", "Name mehrfach", "name is not unique")
    for step in steps:
        if step.kind not in KINDS:
            near = get_close_matches(str(step.kind), KINDS, n=1, cutoff=0.5)
            hint = (f"Gemeint: '{near[0]}'?", f"Did you mean '{near[0]}'?") if near else None
            text = (f"Schritt '{step.kind}' gibt es nicht", f"there is no step '{step.kind}'")
            yield problem("step", str(step.kind), "steps", *text, hint=hint)
    if "aggregate" not in kinds:
        yield problem(
            "step", "", "steps", "kein Schritt 'aggregate'", "there is no step 'aggregate'"
        )
    elif "weight" in kinds and kinds[::-1].index("weight") < kinds[::-1].index("aggregate"):
        yield problem(
            "step",
            "weight",
            "steps",
            "Gewichtung nach der Aggregation wirkt nicht",
            "weighting after aggregation has no effect",
        )
    for given in (years, *(step.years for step in steps)):
        if given is None or given in ("each", "pooled") or type(given) is int:
            continue
        yield problem(
            "years",
            "",
            "years",
            "weder 'each' noch 'pooled' noch ein Jahr",
            "neither 'each' nor 'pooled' nor a year",
            value=str(given),
        )


def _denominators(indicators: Sequence[IndicatorSpec], steps: Sequence[Step]) -> Iterator[Finding]:
    divided = [item.id for item in indicators if item.denominator]
    step = any(item.kind == "denominate" for item in steps)
    if divided and not step:
        yield problem(
            "denominator",
            ", ".join(divided[:5]),
            "denominator",
            "Bezugsgröße ohne Schritt 'denominate'",
            "denominator without a step 'denominate'",
        )
    for item in indicators:
        scale = item.denominator_scale
        if not (math.isfinite(scale) and scale > 0):
            yield problem(
                "denominator",
                item.id,
                "denominator_scale",
                "muss größer als null sein",
                "must be above zero",
                value=str(scale),
            )
