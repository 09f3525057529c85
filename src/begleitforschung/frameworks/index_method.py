"""A method with its parameters, and a step of the construction: frozen, equal by content."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from begleitforschung.frameworks.index_catalogue import Kind, method_entry

Years = Literal["each", "pooled"] | int


@dataclass(frozen=True, slots=True, init=False)
class Method:
    """A method by name, with the parameters that differ from the defaults.

    Parameters
    ----------
    name : str
        Name in the catalogue of methods, or ``"custom"`` with ``function=``.
    **parameters : object
        Its parameters; which there are and within what bounds is checked by the specification
        that it becomes part of.

    Examples
    --------
    >>> Method("minmax", lower=1, upper=100)
    Method('minmax', lower=1, upper=100)
    >>> Method("minmax", lower=1) == Method("minmax", lower=1.0)
    True
    """

    name: str
    items: tuple[tuple[str, Any], ...]

    def __init__(self, name: str, /, **parameters: Any) -> None:
        items = tuple(sorted((key, _frozen(value)) for key, value in parameters.items()))
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "items", items)

    @classmethod
    def of(cls, given: Method | str | Callable[..., Any]) -> Method:
        """Return a method from a name, a function or a method.

        Parameters
        ----------
        given : Method, str or callable
            A function becomes the method ``"custom"``.

        Returns
        -------
        Method
            The method.
        """
        if isinstance(given, Method):
            return given
        return cls(given) if isinstance(given, str) else cls("custom", function=given)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters given."""
        return MappingProxyType(dict(self.items))

    def with_parameters(self, **parameters: Any) -> Method:
        """Return the method with some parameters changed.

        Parameters
        ----------
        **parameters : object
            New values.

        Returns
        -------
        Method
            A new method.
        """
        return Method(self.name, **{**self.parameters, **parameters})

    def resolved(self, kind: Kind) -> dict[str, Any]:
        """Return all parameters of the method, the defaults among them.

        Parameters
        ----------
        kind : str
            Kind of step that it is a method of.

        Returns
        -------
        dict
            Name to typed value. Those of a function of the user are returned as given.

        Raises
        ------
        UnknownCodeError
            If the kind of step has no such method.
        ValueError
            If a value does not fit.
        """
        # 1, 1.0 and True are equal, but not the same to a parameter.
        types = tuple(type(value) for _, value in self.items)
        return dict(_resolved(kind, self.name, self.items, types))

    def content(self) -> dict[str, Any]:
        """Return the method as JSON-like content; functions by name and source.

        Returns
        -------
        dict
            Keys ``name`` and, where there are any, ``parameters``.
        """
        shown = {key: _plain(value) for key, value in self.items}
        return {"name": self.name, **({"parameters": shown} if shown else {})}

    def __repr__(self) -> str:
        """Return the call that makes it."""
        parts = [f", {key}={value!r}" for key, value in self.items]
        return f"Method({self.name!r}{''.join(parts)})"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the construction; kinds may repeat.

    Parameters
    ----------
    kind : str
        ``denominate``, ``screen``, ``impute``, ``treat``, ``normalise``, ``weight``,
        ``aggregate`` or ``custom``.
    method : Method or str
        What it does, for all indicators and nodes that don't name a method of their own.
    name : str
        Name of the stage that it makes; the kind by default, with a number where it repeats.
    years : "each", "pooled" or int, optional
        What the step takes its reference values from, where that differs from the rest of the
        specification.
    """

    kind: Kind
    method: Method | str
    name: str = ""
    years: Years | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "method", Method.of(self.method))

    @property
    def chosen(self) -> Method:
        """The method as a `Method`."""
        return Method.of(self.method)

    def content(self) -> dict[str, Any]:
        """Return the step as JSON-like content.

        Returns
        -------
        dict
            Only what differs from the defaults.
        """
        extra = {"step": self.name} if self.name else {}
        years = {"years": self.years} if self.years is not None else {}
        return {"kind": self.kind, "method": self.chosen.content(), **extra, **years}


DEFAULT_STEPS: tuple[Step, ...] = (
    Step("normalise", Method("minmax")),
    Step("aggregate", Method("arithmetic")),
)


@lru_cache(maxsize=4096)
def _resolved(
    kind: Kind, name: str, items: tuple[tuple[str, Any], ...], _types: tuple[type, ...]
) -> tuple[tuple[str, Any], ...]:
    """Read the parameters once: specifications and their variants ask again and again."""
    given = dict(items)
    known = {item.name: item for item in method_entry(kind, name).parameters}
    if name == "custom":
        return items
    found = []
    for key, entry in known.items():
        value = given.get(key, entry.default)
        found.append((key, None if value is None and entry.optional else entry.typed(value)))
    return tuple(found)


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    return value.item() if hasattr(value, "item") else value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if callable(value):
        return {
            "function": getattr(value, "__qualname__", repr(type(value))),
            "source": _code(value),
        }
    # 1 and 1.0 are equal, so they have to be written alike.
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _code(function: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        code = getattr(function, "__code__", None)
        if code is None:
            return f"{getattr(function, '__module__', '')}"
        return f"{code.co_code.hex()} {code.co_consts!r} {code.co_names!r}"
