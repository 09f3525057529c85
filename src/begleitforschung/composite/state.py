"""What passes from step to step: rows of units and years, their values, and what was done to them.

A `State` is a frozen value; each step is a pure function from one state to the next. States of
steps that two specifications share can therefore be used by both, see `prefix_key` in `chain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.errors import CompositeError, Finding, UnknownCodeError
from begleitforschung.frameworks.index_method import Years

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Span = tuple[slice, slice]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Pairs of unit and year, the years in ascending blocks.

    Parameters
    ----------
    units : tuple of str
        All units.
    unit : numpy.ndarray of int64, shape (rows,)
        Position of each row's unit among them.
    year : numpy.ndarray of int64, shape (rows,)
        Year of each row, ascending.
    """

    units: tuple[str, ...]
    unit: Ints
    year: Ints

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.unit)

    def blocks(self) -> dict[int, slice]:
        """Return the rows of each year.

        Returns
        -------
        dict
            Year to rows, in ascending order.
        """
        years, first = np.unique(self.year, return_index=True)
        ends = np.append(first[1:], len(self.year))
        return {int(y): slice(int(a), int(b)) for y, a, b in zip(years, first, ends, strict=True)}

    def spans(self, years: Years) -> list[Span]:
        """Return which rows a step works on together, and which rows it takes its reference from.

        Parameters
        ----------
        years : "each", "pooled" or int
            Where reference values come from.

        Returns
        -------
        list of (slice, slice)
            Rows, and rows of their reference.

        Raises
        ------
        CompositeError
            If the base year is not in the data.
        """
        everything = slice(0, len(self))
        if years == "pooled":
            return [(everything, everything)]
        blocks = self.blocks()
        if years == "each":
            return [(block, block) for block in blocks.values()]
        if years not in blocks:
            held = ", ".join(map(str, blocks))
            raise CompositeError(f"the base year {years} has no figures; there are: {held}")
        return [(everything, blocks[int(years)])]

    def name(self, row: int) -> str:
        """Return unit and year of a row, as they stand in messages.

        Parameters
        ----------
        row : int
            Position.

        Returns
        -------
        str
            ``"unit / year"``.
        """
        return f"{self.units[self.unit[row]]} / {self.year[row]}"

    def take(self, kept: NDArray[np.bool_]) -> Rows:
        """Return some of the rows.

        Parameters
        ----------
        kept : numpy.ndarray of bool, shape (rows,)
            Which.

        Returns
        -------
        Rows
            Rows, the units unchanged.
        """
        return replace(self, unit=self.unit[kept], year=self.year[kept])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """Values between two steps.

    Parameters
    ----------
    rows : Rows
        Units and years.
    indicators : tuple of str
        Columns of the values.
    x : numpy.ndarray of float64, shape (rows, indicators)
        Values, NaN where missing.
    marks : numpy.ndarray of uint8, shape (rows, indicators)
        What was done to each value, bits of `begleitforschung.results.composite_marks`.
    denominators : mapping of str to numpy.ndarray, shape (rows,)
        Values to divide by.
    groups : mapping of str to numpy.ndarray of object, shape (units,)
        Group of each unit, by grouping; ``None`` where it has none.
    directed : bool
        Whether values are multiplied by their direction already, so that more is better.
    records : mapping of str to object
        What a step tells about itself, by name of the stage.
    findings : tuple of Finding
        What was remarked.
    scores : numpy.ndarray of float64, shape (rows, elements), optional
        Values of all elements of the tree, after aggregation.
    elements : tuple of str
        Columns of the scores.
    weigh : object, optional
        Method that finds the weights, where a step ``weight`` came by.
    weights : numpy.ndarray of float64, shape (years, elements), optional
        Weights that the aggregation used, one row per year.
    """

    rows: Rows
    indicators: tuple[str, ...]
    x: Floats
    marks: NDArray[np.uint8]
    denominators: Mapping[str, Floats] = field(default_factory=dict)
    groups: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)
    directed: bool = False
    records: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    scores: Floats | None = None
    elements: tuple[str, ...] = ()
    weigh: Any = None
    weights: Floats | None = None

    def to(self, **changes: Any) -> State:
        """Return the next state.

        Parameters
        ----------
        **changes
            Fields that change; a ``record=(stage, object)`` is added to the records.

        Returns
        -------
        State
            The state after the step.
        """
        if "record" in changes:
            stage, told = changes.pop("record")
            changes["records"] = {**self.records, stage: told}
        return replace(self, **changes)

    def only(self, kept: NDArray[np.bool_], **changes: Any) -> State:
        """Return the state with some of its rows.

        Parameters
        ----------
        kept : numpy.ndarray of bool, shape (rows,)
            Which.
        **changes
            Fields that change besides, already of the new length.

        Returns
        -------
        State
            The state after the step.
        """
        return self.to(
            rows=self.rows.take(kept),
            x=self.x[kept],
            marks=self.marks[kept],
            denominators={name: values[kept] for name, values in self.denominators.items()},
            **changes,
        )

    def group_codes(self, name: str) -> Ints:
        """Return the group of each row as a number.

        Parameters
        ----------
        name : str
            Grouping.

        Returns
        -------
        numpy.ndarray of int64, shape (rows,)
            Codes; -1 where the unit has no group.

        Raises
        ------
        UnknownCodeError
            If there is no such grouping.
        """
        if name not in self.groups:
            raise UnknownCodeError(name, self.groups, "groupings; give them as groups=")
        labels = self.groups[name]
        codes = {
            label: code for code, label in enumerate(dict.fromkeys(labels)) if label is not None
        }
        return np.array([codes.get(label, -1) for label in labels], np.int64)[self.rows.unit]
