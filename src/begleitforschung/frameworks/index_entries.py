"""What an index consists of: indicators, nodes, and what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any, Literal

from begleitforschung.errors import SpecificationError
from begleitforschung.frameworks.index_method import Method
from begleitforschung.language import Text

Way = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What an index is for; required before a report is made from it.

    Parameters
    ----------
    purpose : str or Text
        What it is to show, for whom.
    not_for : str or Text
        What it must not be used for.
    model : {"formative", "reflective"}
        Whether the indicators make up the concept, or the concept shows in them. Reflective
        indicators are expected to correlate, formative ones are not.
    concerns : str or Text
        Whom it concerns: who is measured, and who was heard.

    Raises
    ------
    SpecificationError
        If a text is empty or no text, or the model is another one; all problems at once.
    """

    purpose: Text | str
    not_for: Text | str
    model: Literal["formative", "reflective"]
    concerns: Text | str

    def __post_init__(self) -> None:
        problems = []
        for name in ("purpose", "not_for", "concerns"):
            given = getattr(self, name)
            text = as_text(given) if isinstance(given, Text | str | Mapping) else Text("")
            object.__setattr__(self, name, text)
            if not text.de.strip():
                problems.append(f"'{name}' says nothing")
        if self.model not in ("formative", "reflective"):
            problems.append(f"'model' is 'formative' or 'reflective', not {self.model!r}")
        if problems:
            raise SpecificationError(
                f"the purpose of an index is incomplete: {'; '.join(problems)}"
            )

    def content(self) -> dict[str, Any]:
        """Return the purpose as JSON-like content.

        Returns
        -------
        dict
            Texts in German and English.
        """
        return _content(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSpec:
    """One indicator of an index.

    Parameters
    ----------
    id : str
        Identifier, the name of its column or indicator in the data.
    parent : str
        Node that it is part of, at any depth.
    direction : {"higher", "lower"}
        Which direction is better.
    weight : float
        Weight among the parts of its node.
    title : str or Text
        Title; the identifier by default.
    unit : str
        Unit of measure.
    denominator : str, optional
        Indicator that it is divided by in the step ``denominate``.
    denominator_scale : float
        The denominator is divided by it first: 1000 gives values per thousand.
    impute, treat, normalise : Method, str or callable, optional
        Method of this indicator in the steps of that kind, instead of the step's.
    goalposts : (float, float), optional
        Lower and upper goalpost, on the scale of the data before the direction is applied.
    target : float, optional
        Target or reference value, on the same scale.
    note : str or Text
        What a reader must know, e.g. who accepted a direction that is not official.
    """

    id: str
    parent: str
    direction: Way = "higher"
    weight: float = 1.0
    title: Text | str = ""
    unit: str = ""
    denominator: str | None = None
    denominator_scale: float = 1.0
    impute: Method | str | Callable[..., Any] | None = None
    treat: Method | str | Callable[..., Any] | None = None
    normalise: Method | str | Callable[..., Any] | None = None
    goalposts: tuple[float, float] | None = None
    target: float | None = None
    note: Text | str = ""

    def __post_init__(self) -> None:
        _settle(self, methods=("impute", "treat", "normalise"))
        posts = self.goalposts
        if isinstance(posts, Iterable) and all(isinstance(post, Real) for post in posts):
            object.__setattr__(self, "goalposts", tuple(map(float, posts)))

    def method(self, kind: str) -> Method | None:
        """Return the method of this indicator in one kind of step.

        Parameters
        ----------
        kind : str
            Kind of step.

        Returns
        -------
        Method or None
            ``None`` where that of the step holds.
        """
        given = getattr(self, kind, None) if kind in ("impute", "treat", "normalise") else None
        return None if given is None else Method.of(given)

    def content(self) -> dict[str, Any]:
        """Return the indicator as JSON-like content.

        Returns
        -------
        dict
            Only what differs from the defaults.
        """
        return _content(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    """One node of an index: a pillar, a sub-index, or the index itself.

    Parameters
    ----------
    id : str
        Identifier.
    parent : str
        Node above; empty for the one root.
    weight : float
        Weight among the parts of the node above.
    aggregate : Method, str or callable, optional
        How its parts become one, instead of the step's method.
    coverage : float, optional
        Share of its parts that must have a score; below it the node has none.
    weigh : Method, str or callable, optional
        How the weights of its parts are found, instead of the method of the step ``weight``.
    title : str or Text
        Title; the identifier by default.
    note : str or Text
        What a reader must know.
    """

    id: str
    parent: str = ""
    weight: float = 1.0
    aggregate: Method | str | Callable[..., Any] | None = None
    coverage: float | None = None
    weigh: Method | str | Callable[..., Any] | None = None
    title: Text | str = ""
    note: Text | str = ""

    def __post_init__(self) -> None:
        _settle(self, methods=("aggregate", "weigh"))

    def method(self, kind: str) -> Method | None:
        """Return the method of this node in one kind of step.

        Parameters
        ----------
        kind : str
            ``aggregate`` or ``weight``.

        Returns
        -------
        Method or None
            ``None`` where that of the step holds.
        """
        given = {"aggregate": self.aggregate, "weight": self.weigh}.get(kind)
        return None if given is None else Method.of(given)

    def content(self) -> dict[str, Any]:
        """Return the node as JSON-like content.

        Returns
        -------
        dict
            Only what differs from the defaults.
        """
        return _content(self)


Element = IndicatorSpec | NodeSpec


def elements_of(
    indicators: Sequence[IndicatorSpec], nodes: Sequence[NodeSpec]
) -> tuple[Element, ...]:
    """Return all elements of an index.

    Parameters
    ----------
    indicators : sequence of IndicatorSpec
        Leaves.
    nodes : sequence of NodeSpec
        Inner nodes.

    Returns
    -------
    tuple of IndicatorSpec or NodeSpec
        Indicators, then nodes.
    """
    return (*indicators, *nodes)


def as_text(given: Text | str | Mapping[str, str]) -> Text:
    """Return a text in both languages.

    Parameters
    ----------
    given : Text, str or mapping
        A text, a German one, or ``{"de": …, "en": …}``.

    Returns
    -------
    Text
        The text.

    Raises
    ------
    SpecificationError
        If it is none of these.
    """
    if isinstance(given, Text):
        return given
    if isinstance(given, Mapping) and "de" in given:
        return Text(given["de"], given.get("en", ""))
    if isinstance(given, str):
        return Text(given)
    raise SpecificationError(
        "a title or note is a text, or one in both languages: {'de': …, 'en': …}; "
        f"not {type(given).__name__}"
    )


def text_content(text: Text | str) -> Any:
    """Return a text as JSON-like content.

    Parameters
    ----------
    text : Text or str
        The text.

    Returns
    -------
    str or dict
        The German text alone where there is no other.
    """
    settled = as_text(text)
    return {"de": settled.de, "en": settled.en} if settled.en else settled.de


def _settle(entry: IndicatorSpec | NodeSpec, *, methods: tuple[str, ...]) -> None:
    """Bring texts, numbers and methods into one form, so that equal content is equal."""
    for name in methods:
        given = getattr(entry, name)
        if given is not None:
            object.__setattr__(entry, name, Method.of(given))
    object.__setattr__(entry, "title", as_text(entry.title or str(entry.id)))
    object.__setattr__(entry, "note", as_text(entry.note))


def _content(entry: IndicatorSpec | NodeSpec | Purpose) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in fields(entry):
        value = getattr(entry, item.name)
        if item.name == "title" and value == Text(getattr(entry, "id", "")):
            continue
        if value == item.default or value in (None, Text("")):
            continue
        if isinstance(value, Text):
            value = text_content(value)
        elif isinstance(value, Method):
            value = value.content()
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, int):
            value = float(value)
        found[item.name] = value
    return found
