"""What would stay silent in the scores of an index: gaps left open, units left without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from begleitforschung.composite.problems import finding
from begleitforschung.errors import Finding
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.results.composite_stages import Stage

_UNFILLED = Text(
    "Lücken, die der Schritt 'impute' nicht füllen konnte; die Punktwerte dieser Einheiten "
    "beruhen auf den anderen Indikatoren",
    "gaps that the step 'impute' could not fill; the scores of these units rest on the other "
    "indicators",
)
_OTHER_METHOD = Text(
    "Eine Methode wählen, die hier Werte hat (eine Einheit mit nur einem Jahr hat kein letztes, "
    "eine ohne Gruppe kein Gruppenmittel), oder die Einheiten mit 'screen' herausnehmen.",
    "Choose a method that has values here (a unit of one year has no latest one, one without "
    "group no mean of its group), or leave the units out by 'screen'.",
)
_DOUBT = Text(
    "Einheiten, denen ein Teil fehlt oder null ist, haben unter den Grenzen von 'bod' keinen "
    "Punktwert",
    "units with a part that is missing or zero have no score under the bounds of 'bod'",
)
_LOOSEN = Text("Fehlende Werte ergänzen oder die Grenzen lockern.", "Impute, or loosen the bounds.")

_UNLIKE = Text(
    "Mittel über Skalen verschiedener Länge: Indikatoren auf der längeren zählen mehr als ihr "
    "Gewicht sagt",
    "mean over scales of different length: indicators on the longer one count for more than "
    "their weight says",
)
_ALIKE = Text(
    "Alle Indikatoren eines Knotens auf dieselbe Skala normieren (lower, upper).",
    "Normalise all indicators of a node to the same scale (lower, upper).",
)
_MEANS = ("arithmetic", "geometric", "harmonic", "power")
_TIMES = 5.0  # a scale this many times as long as another is visibly different


def silent_losses(stages: Sequence[Stage], aggregated: Stage, spec: IndexSpec) -> list[Finding]:
    """Remark gaps that no imputation filled, and units that a method could not score.

    Parameters
    ----------
    stages : sequence of Stage
        Values after each step.
    aggregated : Stage
        Values and scores after the last aggregation.
    spec : IndexSpec
        The specification.

    Returns
    -------
    list of Finding
        Warnings with the number of rows concerned, by indicator or node; also nodes whose mean
        mixes scales of visibly different length.
    """
    return [
        *_unfilled(stages, aggregated, spec),
        *_without_score(aggregated, spec),
        *_unlike_scales(spec),
    ]


def _unfilled(stages: Sequence[Stage], aggregated: Stage, spec: IndexSpec) -> Iterator[Finding]:
    """Count gaps after the last imputation, in rows that have not been dropped since."""
    steps = [step for step in spec.steps if step.kind == "impute"]
    last = next((stage for stage in reversed(stages) if stage.kind == "impute"), None)
    if last is None:
        return
    kept = np.isin(_cells(last), _cells(aggregated))
    for column, item in enumerate(spec.indicators):
        methods = [item.method("impute") or step.chosen for step in steps]
        count = int(np.isnan(last.values[kept, column]).sum())
        if count and any(method.name != "none" for method in methods):
            yield finding(
                "unfilled",
                _UNFILLED,
                column=item.id,
                hint=_OTHER_METHOD,
                n=count,
                severity="warning",
            )


def _without_score(aggregated: Stage, spec: IndexSpec) -> Iterator[Finding]:
    tree = spec.tree
    step = next(step for step in reversed(spec.steps) if step.kind == "aggregate")
    nodes = {node.id: node for node in spec.nodes}
    for number, children in enumerate(tree.children):
        node = nodes[tree.nodes[number]]
        if (node.method("aggregate") or step.chosen).name != "bod":
            continue
        there = ~np.isnan(aggregated.values[:, children])
        used = there[:, tree.weights[children] > 0]
        lost = np.isnan(aggregated.values[:, tree.n_indicators + number])
        lost &= used.any(axis=1)
        lost &= there.mean(axis=1) >= (node.coverage or 0.0)
        if lost.any():
            yield finding(
                "doubt_without_score",
                _DOUBT,
                key=node.id,
                hint=_LOOSEN,
                n=int(lost.sum()),
                severity="warning",
            )


def _unlike_scales(spec: IndexSpec) -> Iterator[Finding]:
    """Compare the scales that min-max normalisation was told to make, within each mean."""
    kinds = [step.kind for step in spec.steps]
    if kinds.count("normalise") != 1 or "custom" in kinds:
        return
    general = spec.steps[kinds.index("normalise")].chosen
    step = next(step for step in reversed(spec.steps) if step.kind == "aggregate")
    for node in spec.nodes:
        if (node.method("aggregate") or step.chosen).name not in _MEANS:
            continue
        scales: dict[str, float] = {}
        for item in spec.indicators:
            method = item.method("normalise") or general
            if item.parent == node.id and item.weight > 0 and method.name == "minmax":
                values = method.resolved("normalise")
                scales[item.id] = values["upper"] - values["lower"]
        if scales and max(scales.values()) >= _TIMES * min(scales.values()):
            told = ", ".join(f"{name}: {length:g}" for name, length in scales.items())
            yield replace(
                finding("scales", _UNLIKE, key=node.id, hint=_ALIKE, severity="warning"),
                value=told,
            )


def _cells(stage: Stage) -> NDArray[np.int64]:
    return np.asarray(stage.year * len(stage.units) + stage.unit)
