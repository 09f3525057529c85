"""What varies, in words."""

from __future__ import annotations

from begleitforschung.frameworks.index_catalogue import method_entry, step_label
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text

_OWN = {
    "weights": Text("Gewichte", "Weights"),
    "values": Text("Fehler der Werte", "Errors of the figures"),
    "units": Text("Ausgelassene Einheiten", "Units left out"),
    "without": Text("Ausgelassene Indikatoren", "Indicators left out"),
    "years": Text("Bezugsjahre", "Years of reference"),
    "coverage": Text("Mindestanteil vorhandener Teile", "Minimum share of parts"),
}
_FIELDS = {
    "direction": Text("Richtung", "Direction"),
    "weight": Text("Gewicht", "Weight"),
    "coverage": Text("Mindestanteil", "Minimum share"),
    "denominator": Text("Bezugsgröße", "Denominator"),
    "goalposts": Text("Zielpfosten", "Goalposts"),
    "target": Text("Ziel", "Target"),
    "weigh": Text("Gewichtung", "Weighting"),
    "impute": Text("Ergänzung", "Imputation"),
    "treat": Text("Behandlung von Ausreißern", "Treatment"),
    "normalise": Text("Normierung", "Normalisation"),
    "aggregate": Text("Aggregation", "Aggregation"),
}


def choice_label(key: str, spec: IndexSpec) -> Text:
    """Return what a choice is called in tables and figures.

    Parameters
    ----------
    key : str
        Key in ``vary``, already checked.
    spec : IndexSpec
        The specification.

    Returns
    -------
    Text
        Its name in German and English.
    """
    if key in _OWN:
        return _OWN[key]
    head, _, tail = key.rpartition(".")
    stage = key if key in spec.stages else head
    if stage in spec.stages:
        step = spec.step(stage)
        label = step_label(step.kind).text
        if stage == key:
            return label
        entry = method_entry(step.kind, step.chosen.name)
        named = {item.name: item.label.text for item in entry.parameters}
        return _joined(label, _short(named.get(tail, Text(tail))))
    title = spec.title_of(head)
    return _joined(title, _FIELDS.get(tail, Text(tail)))


def _short(text: Text) -> Text:
    """Return a label without what it explains in brackets."""
    return Text(text.get("de").split(" (")[0], text.get("en").split(" (")[0])


def _joined(first: Text, second: Text) -> Text:
    return Text(f"{first.get('de')}: {second.get('de')}", f"{first.get('en')}: {second.get('en')}")
