"""A specification of an index as YAML: read strictly, written so that it reads back the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pydantic

from begleitforschung.catalogue import Entry, Label, parse_entry, read_yaml
from begleitforschung.errors import SpecificationError
from begleitforschung.frameworks.index_catalogue import Kind, index_methods
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec, Purpose
from begleitforschung.frameworks.index_method import Method, Step, Years

if TYPE_CHECKING:
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
    from begleitforschung.frameworks.index_spec import IndexSpec

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


def write_index_spec(spec: IndexSpec, path: Path | None = None) -> str:
    """Write the specification of an index as YAML.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    path : pathlib.Path, optional
        File to write.

    Returns
    -------
    str
        The YAML.

    Raises
    ------
    SpecificationError
        If it holds a function, which no file can hold.
    """
    import yaml

    content = spec.content()
    if own := sorted(_functions(content)):
        raise SpecificationError(
            f"the index '{spec.id}' can't be written: a file holds no functions "
            f"({', '.join(own)}). Keep it as Python code."
        )
    text = yaml.safe_dump(_short(content), allow_unicode=True, sort_keys=False, width=100)
    if path is not None:
        path.write_text(text, encoding="utf-8", newline="\n")
    return text


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


def _functions(content: Any) -> set[str]:
    if isinstance(content, Mapping):
        if content.keys() == {"function", "source"}:
            return {str(content["function"])}
        return set().union(*map(_functions, content.values()))
    return set().union(*map(_functions, content)) if isinstance(content, list) else set()


def _short(content: Any) -> Any:
    """Write methods without parameters as their name, whole numbers without point."""
    if isinstance(content, Mapping):
        if content.keys() == {"name"}:
            return content["name"]
        return {key: _short(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_short(item) for item in content]
    if isinstance(content, float) and content.is_integer() and abs(content) < 2**53:
        return int(content)
    return content
