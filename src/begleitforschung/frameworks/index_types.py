"""Is each entry of an index what it has to be: an entry, a text, a number? All problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from numbers import Real
from typing import Any

from begleitforschung.errors import Finding
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec
from begleitforschung.frameworks.index_method import Step
from begleitforschung.frameworks.index_method_checks import problem

_ENTRIES = (("indicators", IndicatorSpec), ("nodes", NodeSpec), ("steps", Step))
_TEXTS = ("id", "parent")
_NUMBERS = ("weight", "denominator_scale", "target", "coverage")
_OPTIONAL = ("target", "coverage")


def as_entries(given: Any) -> tuple[Any, ...]:
    """Return entries as a tuple, a single one as the only one.

    Parameters
    ----------
    given : object
        What was given as indicators, nodes or steps.

    Returns
    -------
    tuple
        The entries, whatever they are.
    """
    single = isinstance(given, str) or not isinstance(given, Iterable)
    return (given,) if single else tuple(given)


def check_types(
    indicators: Sequence[Any], nodes: Sequence[Any], steps: Sequence[Any]
) -> list[Finding]:
    """Check what entries and their fields are, before what they say is looked at.

    Parameters
    ----------
    indicators, nodes, steps : sequence
        What was given as such.

    Returns
    -------
    list of Finding
        All problems, each of severity ``"error"``.
    """
    found: list[Finding] = []
    for (name, kind), given in zip(_ENTRIES, (indicators, nodes, steps), strict=True):
        for number, item in enumerate(given, start=1):
            if isinstance(item, kind):
                found += _fields(item)
            else:
                found.append(_no_entry(name, kind, number, item))
    return found


def _no_entry(name: str, kind: type, number: int, item: object) -> Finding:
    call = {"steps": "Step('normalise', 'minmax')", "nodes": "NodeSpec(id=…, parent=…)"}
    made = call.get(name, "IndicatorSpec(id=…, parent=…)")
    return problem(
        "type",
        f"{name}[{number}]",
        name,
        f"Eintrag {number} ist kein {kind.__name__}, sondern {type(item).__name__}",
        f"entry {number} is no {kind.__name__}, but {type(item).__name__}",
        value=repr(item)[:60],
        hint=(
            f"Gemeint: {made}? Dateien liest load_index_spec.",
            f"Did you mean {made}? Files are read by load_index_spec.",
        ),
    )


def _fields(item: Any) -> Iterator[Finding]:
    for name in _TEXTS:
        if not isinstance(getattr(item, name, ""), str):
            yield _no_value(item, name, "ein Text", "a text")
    for name in _NUMBERS:
        value = getattr(item, name, 1.0)
        if not (isinstance(value, Real) or (value is None and name in _OPTIONAL)):
            yield _no_value(item, name, "eine Zahl", "a number")
    posts = getattr(item, "goalposts", None)
    pair = isinstance(posts, tuple) and len(posts) == 2
    if posts is not None and not (pair and all(isinstance(post, Real) for post in posts)):
        yield _no_value(item, "goalposts", "zwei Zahlen, z. B. (0, 100)", "two numbers: (0, 100)")


def _no_value(item: Any, name: str, de: str, en: str) -> Finding:
    value = getattr(item, name)
    return problem(
        "type",
        str(item.id),
        name,
        f"muss {de} sein, nicht {type(value).__name__}",
        f"must be {en}, not {type(value).__name__}",
        value=repr(value)[:60],
    )
