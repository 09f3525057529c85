"""A specification of an index read from YAML, strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pydantic

from begleitforschung.catalogue import Entry, Label, parse_entry, read_yaml
from begleitforschung.frameworks.index_catalogue import Kind, index_methods
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec, Purpose
from begleitforschung.frameworks.index_method import Method, Step, Years
from begleitforschung.frameworks.index_spec import IndexSpec


class _TextEntry(Label):
    @pydantic.model_validator(mode="before")
    @classmethod
    def _plain(cls, value: object) -> object:
        return {"de": value} if isinstance(value, str) else value


class _MethodEntry(Entry):
    name: str
    parameters: dict[str, str | list[str] | None] = pydantic.Field(default_factory=dict)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _plain(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value

    def method(self, kind: Kind) -> Method:
        """Return the method with typed parameters; what does not fit stays for the checks."""
        known = index_methods(kind)
        entries = known[self.name].parameters if self.name in known else ()
        readers = {item.name: item for item in entries}
        typed: dict[str, Any] = dict(self.parameters)
        for name in typed.keys() & readers.keys():
            try:
                typed[name] = readers[name].typed(typed[name])
            except ValueError:
                continue
        return Method(self.name, **typed)


class _StepEntry(Entry):
    kind: Kind
    method: _MethodEntry
    step: str = ""
    years: str | None = None


class _NodeEntry(Entry):
    id: str
    parent: str = ""
    weight: float = 1.0
    aggregate: _MethodEntry | None = None
    coverage: float | None = None
    weigh: _MethodEntry | None = None
    title: _TextEntry | None = None
    note: _TextEntry | None = None


class _IndicatorEntry(Entry):
    id: str
    parent: str
    direction: Literal["higher", "lower"] = "higher"
    weight: float = 1.0
    title: _TextEntry | None = None
    unit: str = ""
    denominator: str | None = None
    denominator_scale: float = 1.0
    impute: _MethodEntry | None = None
    treat: _MethodEntry | None = None
    normalise: _MethodEntry | None = None
    goalposts: tuple[float, float] | None = None
    target: float | None = None
    note: _TextEntry | None = None


class _PurposeEntry(Entry):
    purpose: _TextEntry
    not_for: _TextEntry
    model: Literal["formative", "reflective"]
    concerns: _TextEntry


class _IndexEntry(Entry):
    id: str
    title: _TextEntry | None = None
    years: str = "each"
    purpose: _PurposeEntry | None = None
    steps: tuple[_StepEntry, ...]
    nodes: tuple[_NodeEntry, ...]
    indicators: tuple[_IndicatorEntry, ...]


def load_index_spec(path: str | Path) -> IndexSpec:
    """Read the specification of an index from YAML.

    Parameters
    ----------
    path : str or pathlib.Path
        File as `IndexSpec.to_yaml` writes it.

    Returns
    -------
    IndexSpec
        The specification, checked.

    Raises
    ------
    CatalogueError
        If the YAML is malformed, or keys are unknown, missing or doubled; names the lines.
    SpecificationError
        If the specification contradicts itself.
    SourceFileError
        If the file can't be read.
    """
    file = Path(path)
    content, lines = read_yaml(file)
    given = parse_entry(content, _IndexEntry, file=file.name, lines=lines)
    return IndexSpec(
        id=given.id,
        title=given.title.text if given.title else "",
        years=_years(given.years),
        purpose=_purpose(given.purpose) if given.purpose else None,
        steps=tuple(map(_step, given.steps)),
        nodes=tuple(NodeSpec(**_fields(item)) for item in given.nodes),
        indicators=tuple(IndicatorSpec(**_fields(item)) for item in given.indicators),
    )


def _fields(entry: _NodeEntry | _IndicatorEntry) -> dict[str, Any]:
    found: dict[str, Any] = {}
    kinds: dict[str, Kind] = {"weigh": "weight", "aggregate": "aggregate"}
    kinds |= {"impute": "impute", "treat": "treat", "normalise": "normalise"}
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        if isinstance(value, _MethodEntry):
            value = value.method(kinds[name])
        elif isinstance(value, _TextEntry):
            value = value.text
        if value is not None:
            found[name] = value
    return found


def _step(entry: _StepEntry) -> Step:
    years = None if entry.years is None else _years(entry.years)
    return Step(entry.kind, entry.method.method(entry.kind), entry.step, years)


def _purpose(entry: _PurposeEntry) -> Purpose:
    return Purpose(
        purpose=entry.purpose.text,
        not_for=entry.not_for.text,
        model=entry.model,
        concerns=entry.concerns.text,
    )


def _years(given: str) -> Years:
    """Return a year as number; anything else goes to the checks as it is."""
    return int(given) if given.isdecimal() else given  # type: ignore[return-value]
