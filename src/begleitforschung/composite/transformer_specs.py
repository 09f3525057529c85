"""Specifications behind the transformers: all columns are parts of one node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from begleitforschung.errors import CompositeError, UnknownCodeError
from begleitforschung.frameworks.index_catalogue import Kind, method_entry
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec, Way
from begleitforschung.frameworks.index_method import Method, Step
from begleitforschung.frameworks.index_spec import IndexSpec

BASE, NEW = 0, 1
_AMONG_UNITS = ("copeland", "borda", "bod")


def flat_spec(
    names: Iterable[str],
    steps: tuple[Step, ...],
    *,
    directions: Sequence[str] | Mapping[str, str] | None = None,
    weights: Sequence[float] | Mapping[str, float] | None = None,
    **root: Any,
) -> IndexSpec:
    """Return a specification in which all columns are parts of one node.

    Parameters
    ----------
    names : iterable of str
        Columns.
    steps : tuple of Step
        Steps.
    directions : sequence or mapping, optional
        ``"higher"`` or ``"lower"`` for each column, or for those named; else ``"higher"``.
    weights : sequence or mapping, optional
        Weight of each column, or of those named; else 1.
    **root
        Fields of the node.

    Returns
    -------
    IndexSpec
        With the base year as reference.

    Raises
    ------
    UnknownCodeError
        If a column named does not exist.
    CompositeError
        If there is not one value for each column.
    """
    columns = list(names)
    ways = _by_column(directions, columns, "higher", "directions")
    given = _by_column(weights, columns, 1.0, "weights")
    top = "index"
    while top in columns:
        top += "_"
    indicators = tuple(
        IndicatorSpec(id=name, parent=top, direction=way, weight=float(weight))
        for name, way, weight in zip(columns, ways, given, strict=True)
    )
    nodes = (NodeSpec(id=top, **root),)
    return IndexSpec(id=top, indicators=indicators, nodes=nodes, steps=steps, years=BASE)


def _by_column(given: Any, columns: list[str], default: Way | float, what: str) -> list[Any]:
    if given is None:
        return [default] * len(columns)
    if isinstance(given, Mapping):
        for name in given:
            if name not in columns:
                raise UnknownCodeError(name, columns, f"columns, in {what}=")
        return [given.get(name, default) for name in columns]
    values = list(given)
    if len(values) != len(columns):
        raise CompositeError(f"{what}= has {len(values)} values for {len(columns)} columns")
    return values


def alone(kind: Kind, method: Method | str) -> Method:
    """Return a method that works on rows without units, groups and years.

    Parameters
    ----------
    kind : str
        Kind of step.
    method : Method or str
        The method.

    Returns
    -------
    Method
        The method.

    Raises
    ------
    CompositeError
        If it needs to know which row is which unit, its group or its other years.
    UnknownCodeError
        If there is no such method.
    """
    found = Method.of(method)
    entry = method_entry(kind, found.name)
    if entry.panel or (kind == "aggregate" and found.name in _AMONG_UNITS):
        raise CompositeError(
            f"'{found.name}' compares rows with each other and can't be fitted on some rows and "
            "applied to others; use compose(…)"
        )
    return found
