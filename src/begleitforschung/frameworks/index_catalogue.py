"""The methods of composite indices: names, parameters with bounds, labels, formulas, references."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal, cast, get_args

from begleitforschung.catalogue import Entry, Label, Reference, read_entry, resource
from begleitforschung.errors import UnknownCodeError
from begleitforschung.language import Lang

Kind = Literal[
    "denominate", "screen", "impute", "treat", "normalise", "weight", "aggregate", "custom"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
ParameterType = Literal["number", "integer", "flag", "text", "numbers", "names", "function"]


class ParameterEntry(Entry):
    """One parameter of a method.

    Parameters
    ----------
    name : str
        Its name.
    type : str
        What it holds; ``names`` are units, nodes or indicators.
    label : Label
        What it means.
    default : str or tuple of str, optional
        Its default as text; without one it must be given, unless it is optional.
    optional : bool
        Whether it may be ``None``.
    min, max : float, optional
        Bounds, both inclusive.
    above : float, optional
        Exclusive lower bound.
    choices : tuple of str
        Allowed texts.
    """

    name: str
    type: ParameterType
    label: Label
    default: str | tuple[str, ...] | None = None
    optional: bool = False
    min: float | None = None
    max: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is None and not self.optional

    def typed(self, given: object) -> Any:
        """Return a value as this parameter holds it.

        Parameters
        ----------
        given : object
            What code or a file says.

        Returns
        -------
        object
            The value.

        Raises
        ------
        ValueError
            If it does not fit; the message says what was expected.
        """
        if given is None and self.optional:
            return None
        value = _READERS[self.type](given)
        for item in value if self.type == "numbers" else (value,):
            self._check(item)
        return value

    def _check(self, value: Any) -> None:
        if self.choices and value not in self.choices:
            raise ValueError(f"one of {', '.join(self.choices)}")
        if self.type not in ("number", "integer", "numbers"):
            return
        below = self.min is not None and value < self.min
        if below or (self.max is not None and value > self.max):
            raise ValueError(f"a number from {_bound(self.min)} to {_bound(self.max)}")
        if self.above is not None and value <= self.above:
            raise ValueError(f"a number above {self.above:g}")


class MethodEntry(Entry):
    """One method of one kind of step.

    Parameters
    ----------
    kind : str
        Kind of step; ``any`` for the function of a user.
    name : str
        Its name, unique within the kind.
    label : Label
        Its name in words.
    text : Label
        What it does, in one sentence.
    formula : str
        What it computes.
    formula_de : str
        The same in German, where the formula holds words.
    references : tuple of str
        Keys of the references of the catalogue.
    parameters : tuple of ParameterEntry
        Its parameters.
    output : str
        What a normalised value can be.
    needs : str
        What an aggregation or weighting asks of the values.
    panel : bool
        Whether it uses other years of the unit.
    """

    kind: Kind | Literal["any"]
    name: str
    label: Label
    text: Label
    formula: str
    formula_de: str = ""
    references: tuple[str, ...]
    parameters: tuple[ParameterEntry, ...] = ()
    output: Literal["any", "zero", "positive", "by_lower", "by_mean"] = "any"
    needs: Literal["any", "nonnegative", "positive", "positive_mean"] = "any"
    panel: bool = False

    def formula_in(self, lang: Lang) -> str:
        """Return what the method computes.

        Parameters
        ----------
        lang : {"de", "en"}
            Language of the words in the formula.

        Returns
        -------
        str
            The formula.
        """
        return self.formula_de if lang == "de" and self.formula_de else self.formula


class _Catalogue(Entry):
    references: dict[str, Reference]
    steps: dict[Kind, Label]
    methods: tuple[MethodEntry, ...]


@cache
def _catalogue() -> _Catalogue:
    return read_entry(resource("codes", "index_methods.yaml"), _Catalogue)


@cache
def index_methods(kind: Kind) -> dict[str, MethodEntry]:
    """Return the methods of one kind of step.

    Parameters
    ----------
    kind : str
        Kind of step.

    Returns
    -------
    dict
        Name to `MethodEntry`, in the order of the catalogue.
    """
    alone = kind in ("denominate", "screen")
    kinds = {kind} if alone else {kind, "any"}
    return {item.name: item for item in _catalogue().methods if item.kind in kinds}


def method_entry(kind: Kind, name: str) -> MethodEntry:
    """Return one method.

    Parameters
    ----------
    kind : str
        Kind of step.
    name : str
        Name of the method.

    Returns
    -------
    MethodEntry
        Its entry.

    Raises
    ------
    UnknownCodeError
        If there is none; names the nearest.
    """
    known = index_methods(kind)
    if name not in known:
        raise UnknownCodeError(name, known, f"methods of the step '{kind}'")
    return known[name]


def step_label(kind: Kind) -> Label:
    """Return what a kind of step is called.

    Parameters
    ----------
    kind : str
        Kind of step.

    Returns
    -------
    Label
        German and English.
    """
    return _catalogue().steps[kind]


def method_references(entry: MethodEntry) -> tuple[Reference, ...]:
    """Return where a method is described.

    Parameters
    ----------
    entry : MethodEntry
        The method.

    Returns
    -------
    tuple of Reference
        Publications.
    """
    return tuple(_catalogue().references[key] for key in entry.references)


def _number(given: object) -> float:
    try:
        value = float("" if isinstance(given, bool) else cast("Any", given))
    except (TypeError, ValueError):
        raise ValueError("a number (with decimal point)") from None
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("a finite number")
    return value


def _integer(given: object) -> int:
    value = _number(given)
    if not value.is_integer():
        raise ValueError("a whole number")
    return int(value)


def _flag(given: object) -> bool:
    known = {"true": True, "false": False}
    if isinstance(given, bool):
        return given
    if str(given) not in known:
        raise ValueError("true or false")
    return known[str(given)]


def _text(given: object) -> str:
    if not isinstance(given, str) or not given:
        raise ValueError("a text")
    return given


def _items(given: object) -> tuple[Any, ...]:
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise ValueError("a list")
    return tuple(cast("Any", given))


def _function(given: object) -> Callable[..., Any]:
    if callable(given):
        return given
    raise ValueError("a function; a file can't hold one")


_READERS: dict[str, Callable[[object], Any]] = {
    "number": _number,
    "integer": _integer,
    "flag": _flag,
    "text": _text,
    "numbers": lambda given: tuple(_number(item) for item in _items(given)),
    "names": lambda given: tuple(_text(item) for item in _items(given)),
    "function": _function,
}


def _bound(value: float | None) -> str:
    return "any" if value is None else f"{value:g}"
