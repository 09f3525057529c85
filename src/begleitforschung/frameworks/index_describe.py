"""A specification of an index as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from begleitforschung.frameworks.index_catalogue import (
    Kind,
    method_entry,
    method_references,
    step_label,
)
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec, as_text
from begleitforschung.frameworks.index_method import Method, Step
from begleitforschung.language import Lang, Text

if TYPE_CHECKING:
    import pandas as pd

    from begleitforschung.frameworks.index_spec import IndexSpec

_WAYS = {"higher": Text("höher ist besser", "higher is better")}
_WAYS["lower"] = Text("niedriger ist besser", "lower is better")
_COLUMNS: dict[str, Text] = {
    "element": Text("Kennung", "identifier"),
    "level": Text("Ebene", "level"),
    "title": Text("Titel", "title"),
    "unit": Text("Einheit", "unit"),
    "direction": Text("Richtung", "direction"),
    "weight": Text("Gewicht", "weight"),
    "effective_weight": Text("wirksames Gewicht", "effective weight"),
    "denominator": Text("Bezugsgröße", "denominator"),
    "methods": Text("eigene Methoden", "own methods"),
    "coverage": Text("Mindestanteil", "minimum share"),
    "note": Text("Anmerkung", "note"),
}
_STEP_COLUMNS: dict[str, Text] = {
    "step": Text("Schritt", "step"),
    "method": Text("Methode", "method"),
    "text": Text("Beschreibung", "description"),
    "parameters": Text("Parameter", "parameters"),
    "formula": Text("Formel", "formula"),
    "years": Text("Bezugsjahre", "reference years"),
    "elements": Text("gilt für", "holds for"),
    "references": Text("Quelle", "reference"),
}
_YEARS = {
    "each": Text("jedes Jahr für sich", "each year for itself"),
    "pooled": Text("alle Jahre gemeinsam", "all years together"),
}


def describe_elements(spec: IndexSpec, lang: Lang = "de") -> pd.DataFrame:
    """Return indicators and nodes from the root down.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    pandas.DataFrame
        One row per element, columns labelled in the language.
    """
    import pandas as pd

    tree = spec.tree
    effective = tree.effective()
    rows: list[dict[str, Any]] = []

    def walk(position: int, level: int) -> None:
        item = spec.element(tree.ids[position])
        told = _element(spec, item, float(effective[position]), lang)
        rows.append({"element": item.id, "level": level} | told)
        if position >= tree.n_indicators:
            for part in tree.children[position - tree.n_indicators]:
                walk(int(part), level + 1)

    walk(tree.root, 0)
    return pd.DataFrame(rows).rename(columns={k: text.get(lang) for k, text in _COLUMNS.items()})


def _element(
    spec: IndexSpec, item: IndicatorSpec | NodeSpec, effective: float, lang: Lang
) -> dict[str, Any]:
    kinds: tuple[Kind, ...] = ("impute", "treat", "normalise", "weight", "aggregate")
    own = [(kind, item.method(kind)) for kind in kinds]
    leaf = item if isinstance(item, IndicatorSpec) else None
    return {
        "title": spec.title_of(item.id).get(lang),
        "unit": leaf.unit if leaf else "",
        "direction": _WAYS[leaf.direction].get(lang) if leaf else "",
        "weight": item.weight,
        "effective_weight": effective,
        "denominator": (leaf.denominator or "") if leaf else "",
        "methods": "; ".join(method_words(kind, m, lang) for kind, m in own if m),
        "coverage": item.coverage if isinstance(item, NodeSpec) else None,
        "note": as_text(item.note).get(lang),
    }


def describe_steps(spec: IndexSpec, lang: Lang = "de") -> pd.DataFrame:
    """Return the steps with every method that is used in them.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    pandas.DataFrame
        One row per step and method, columns labelled in the language.
    """
    import pandas as pd

    rows = []
    for step in spec.steps:
        users = methods_used(spec, step)
        for method, elements in users.items():
            entry = method_entry(step.kind, method.name)
            row = {
                "step": step_label(step.kind).text.get(lang),
                "method": entry.label.text.get(lang),
                "text": entry.text.text.get(lang),
                "parameters": parameter_words(step.kind, method, lang),
                "formula": entry.formula_in(lang),
                "years": years_words(spec, step, lang),
                "elements": ", ".join(elements) or {"de": "alle anderen", "en": "all others"}[lang],
                "references": "; ".join(f"{r.title} ({r.date})" for r in method_references(entry)),
            }
            if len(users) == 1:
                row["elements"] = {"de": "alle", "en": "all"}[lang]
            rows.append(row)
    labels = {key: text.get(lang) for key, text in _STEP_COLUMNS.items()}
    return pd.DataFrame(rows).rename(columns=labels)


def methods_used(spec: IndexSpec, step: Step) -> dict[Method, list[str]]:
    """Return the methods of a step, each with the elements that name it as their own.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    step : Step
        One of its steps.

    Returns
    -------
    dict
        Method to identifiers; that of the step itself comes first, with those who name it.
    """
    users: dict[Method, list[str]] = {step.chosen: []}
    for item in spec.elements.values():
        if (own := item.method(step.kind)) is not None:
            users.setdefault(own, []).append(item.id)
    return users


def years_words(spec: IndexSpec, step: Step, lang: Lang = "de") -> str:
    """Return in words where a step takes its reference values from.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    step : Step
        One of its steps.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        For example ``"jedes Jahr für sich"``, or the base year.
    """
    years = spec.years if step.years is None else step.years
    return _YEARS[years].get(lang) if isinstance(years, str) else str(years)


def method_words(kind: Kind, method: Method, lang: Lang = "de") -> str:
    """Return a method and its parameters in words.

    Parameters
    ----------
    kind : str
        Kind of step.
    method : Method
        The method.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        For example ``"Min-Max (untere Grenze 0, obere Grenze 100)"``.
    """
    label = method_entry(kind, method.name).label.text.get(lang)
    words = parameter_words(kind, method, lang)
    return f"{label} ({words})" if words else label


def parameter_words(kind: Kind, method: Method, lang: Lang = "de") -> str:
    """Return the parameters of a method in words, the defaults among them.

    Parameters
    ----------
    kind : str
        Kind of step.
    method : Method
        The method.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        Labels and values; what is empty is left out.
    """
    labels = {
        item.name: item.label.text.get(lang) for item in method_entry(kind, method.name).parameters
    }
    values = method.resolved(kind)
    return ", ".join(
        f"{labels.get(name, name)} {_value(value, lang)}"
        for name, value in values.items()
        if value not in (None, ())
    )


def _value(value: Any, lang: Lang) -> str:
    if isinstance(value, bool):
        return {"de": ("nein", "ja"), "en": ("no", "yes")}[lang][value]
    if isinstance(value, int | float):
        text = f"{value:.6g}"
        return text.replace(".", ",") if lang == "de" else text
    if isinstance(value, tuple):
        return "; ".join(_value(item, lang) for item in value)
    return getattr(value, "__name__", str(value))
