"""What an index consists of and how it is computed, as texts and tables for its method sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.display.numbers import format_number, format_share
from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.frameworks.index_catalogue import (
    Kind,
    index_methods,
    method_entry,
    method_references,
    step_label,
)
from begleitforschung.frameworks.index_describe import method_words, methods_used, years_words
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec, as_text
from begleitforschung.language import Lang
from begleitforschung.reports.index_words import word

if TYPE_CHECKING:
    from begleitforschung.frameworks.index_method import Method, Step
    from begleitforschung.frameworks.index_spec import IndexSpec

_INDENT = "\u2003"
_NAMED = 12
_WITH_YEARS: tuple[Kind, ...] = ("impute", "treat", "normalise", "weight")
_AMONG_UNITS = ("topsis", "wroclaw", "copeland", "borda", "bod")
_UNUSED = {("screen", "coverage"): "min_nonzero", ("screen", "nonzero"): "min_share"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodNote:
    """One method of one step, in words.

    Parameters
    ----------
    number : str
        Number of the step, with a letter where it has several methods.
    stage : str
        Name of the stage.
    kind : str
        Kind of step.
    step : str
        What the step is called.
    method : str
        What the method is called.
    text : str
        What it does.
    details : tuple of (str, str)
        Labels and texts: settings, formula, reference years, elements, references.
    """

    number: str
    stage: str
    kind: Kind
    step: str
    method: str
    text: str
    details: tuple[tuple[str, str], ...]


def method_notes(spec: IndexSpec, lang: Lang) -> list[MethodNote]:
    """Return every method that the steps use, in order.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    list of MethodNote
        At least one for each step.
    """
    found = []
    for place, (stage, step) in enumerate(zip(spec.stages, spec.steps, strict=True), start=1):
        users = methods_used(spec, step)
        for nth, (method, elements) in enumerate(users.items()):
            entry = method_entry(step.kind, method.name)
            if len(users) == 1:
                held = ""
            elif method == step.chosen:
                held = word("others", lang)
            else:
                held = _titles(spec, elements, lang)
            found.append(
                MethodNote(
                    number=f"{place}{_letters(nth) if len(users) > 1 else ''}",
                    stage=stage,
                    kind=step.kind,
                    step=step_label(step.kind).text.get(lang),
                    method=_name(step.kind, method, lang),
                    text=entry.text.text.get(lang),
                    details=tuple(
                        (word(key, lang), text)
                        for key, text in (
                            ("parameters", "; ".join(_settings(step.kind, method, lang))),
                            ("formula", entry.formula_in(lang)),
                            ("reference_years", _years(spec, step, method, lang)),
                            ("holds_for", held),
                            ("references", "; ".join(_references(step.kind, method))),
                        )
                        if text
                    ),
                )
            )
    return found


def structure_table(
    spec: IndexSpec, lang: Lang, weights: NDArray[np.float64] | None = None
) -> TableModel:
    """Return the tree of an index as a printable table.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    lang : {"de", "en"}
        Language.
    weights : numpy.ndarray, shape (elements,), optional
        Weights that were used; those of the specification by default.

    Returns
    -------
    TableModel
        One row per element from the root down, indented: share of its node and effective weight in
        per cent, direction, unit, particulars.
    """
    tree = spec.tree
    shares, effective = tree.shares(weights), tree.effective(weights)
    rows = []
    for place, level in downward(spec):
        item = spec.elements[tree.ids[place]]
        leaf = item if isinstance(item, IndicatorSpec) else None
        title = _INDENT * level + spec.title_of(item.id).get(lang)
        rows.append(
            (
                Cell(value=title, emphasis=leaf is None),
                Cell(value=None if place == tree.root else 100 * float(shares[place])),
                100 * float(effective[place]),
                word(leaf.direction, lang) if leaf else "",
                leaf.unit if leaf else "",
                "; ".join(_particulars(item, spec, lang)),
            )
        )
    labels = ("element", "share", "effective", "direction", "measure", "own")
    numbers: dict[str, dict[str, Any]] = {
        name: {"unit": "%", "decimals": 1} for name in ("share", "effective")
    }
    columns = [Column(key=k, label=word(k, lang), **numbers.get(k, {})) for k in labels]
    used = [0, 1, 2, *(n for n in (3, 4, 5) if any(row[n] for row in rows))]
    return TableModel(
        columns=[columns[n] for n in used],
        rows=[[row[n] for n in used] for row in rows],
        lang=lang,
    )


def downward(spec: IndexSpec) -> Iterator[tuple[int, int]]:
    """Yield the elements of an index from the root down, each with what stands below it.

    Parameters
    ----------
    spec : IndexSpec
        The specification.

    Yields
    ------
    (int, int)
        Position and level of each element.
    """
    tree = spec.tree

    def walk(place: int, level: int) -> Iterator[tuple[int, int]]:
        yield place, level
        if place >= tree.n_indicators:
            for part in tree.children[place - tree.n_indicators]:
                yield from walk(int(part), level + 1)

    yield from walk(tree.root, 0)


def _letters(nth: int) -> str:
    """Count by letters: a, b, …, z, aa, ab and so on."""
    return (_letters(nth // 26 - 1) if nth >= 26 else "") + chr(ord("a") + nth % 26)


def _years(spec: IndexSpec, step: Step, method: Method, lang: Lang) -> str:
    """Return the reference years, where the method takes anything from other units."""
    if method.name in ("none", "given", "equal", "noisy"):
        return ""
    if method_entry(step.kind, method.name).panel:
        return ""
    taken = step.kind in _WITH_YEARS or method.name in _AMONG_UNITS
    return years_words(spec, step, lang) if taken else ""


def _particulars(item: IndicatorSpec | NodeSpec, spec: IndexSpec, lang: Lang) -> Iterator[str]:
    kinds: tuple[Kind, ...] = ("impute", "treat", "normalise", "weight", "aggregate")
    used = {step.kind for step in spec.steps}
    if isinstance(item, IndicatorSpec):
        if item.denominator and "denominate" in used:
            scale = item.denominator_scale
            each = "" if scale == 1 else f" {setting('denominate', scale, lang)}"
            yield f"{word('per', lang)}{each} {item.denominator}"
        names = _normalised_by(item, spec)
        if item.target is not None and names & {"dist2targ", "ampi"}:
            yield f"{word('target', lang)} {setting('normalise', item.target, lang)}"
        if item.goalposts and "goalposts" in names:
            low, high = (setting("normalise", post, lang) for post in item.goalposts)
            yield f"{word('goalposts', lang)} {low} – {high}"
    elif item.coverage:
        yield f"{word('coverage_from', lang)} {format_share(item.coverage, 0, lang)}"
    for kind in kinds:
        if (own := item.method(kind)) is not None and kind in used:
            yield f"{step_label(kind).text.get(lang)}: {method_words(kind, own, lang)}"
    if note := as_text(item.note).get(lang):
        yield note


def _normalised_by(item: IndicatorSpec, spec: IndexSpec) -> set[str]:
    """Return the names of the normalisations of an indicator."""
    own = item.method("normalise")
    steps = [step.chosen for step in spec.steps if step.kind == "normalise"]
    return {(own or method).name for method in steps}


def _titles(spec: IndexSpec, elements: list[str], lang: Lang) -> str:
    names = [spec.title_of(name).get(lang) for name in elements]
    more = len(names) - _NAMED
    tail = {"de": f" und {more} weitere", "en": f" and {more} more"}[lang] if more > 0 else ""
    return ", ".join(names[:_NAMED]) + tail


def _name(kind: Kind, method: Method, lang: Lang) -> str:
    label = method_entry(kind, method.name).label.text.get(lang)
    if method.name != "custom":
        return label
    function = method.parameters["function"]
    return f"{label} {getattr(function, '__name__', type(function).__name__)}"


def _settings(kind: Kind, method: Method, lang: Lang) -> Iterator[str]:
    """Yield the parameters of a method, each with its value."""
    if method.name == "custom":
        return
    values = method.resolved(kind)
    for item in method_entry(kind, method.name).parameters:
        if _UNUSED.get((kind, method.name)) == item.name:
            continue
        label, value = item.label.text.get(lang), values[item.name]
        empty = f"({word('empty', lang)}" in label
        if value in (None, ()) and not empty:
            continue
        yield f"{label}: {setting(kind, value, lang)}"


def setting(kind: Kind, value: Any, lang: Lang) -> str:
    """Return the value of a parameter as it is printed.

    Parameters
    ----------
    kind : str
        Kind of step.
    value : object
        The value.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        Numbers in the format of the language, names of methods as their labels.
    """
    if value in (None, ()):
        return word("empty", lang)
    if isinstance(value, bool):
        return {"de": ("nein", "ja"), "en": ("no", "yes")}[lang][value]
    if isinstance(value, tuple):
        return " / ".join(setting(kind, item, lang) for item in value)
    if isinstance(value, int | float):
        return (
            format_number(float(f"{value:.6g}"), None, lang).removesuffix(",0").removesuffix(".0")
        )
    known = index_methods(kind)
    return known[value].label.text.get(lang) if value in known else str(value)


def _references(kind: Kind, method: Method) -> Iterator[str]:
    for item in method_references(method_entry(kind, method.name)):
        place = ", ".join(part for part in (item.publisher, item.date) if part)
        yield f"{item.title} ({place})" + (f", {item.url}" if item.url else "")
