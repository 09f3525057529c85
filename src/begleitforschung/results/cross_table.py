"""`CrossTable`: counts or sums by any number of dimensions with groups and margins."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from begleitforschung.language import Lang, Text
from begleitforschung.results.survey_base import AnswersResult
from begleitforschung.surveys import Codebook

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.display.tables import TableModel

TOTAL = Text("Insgesamt", "Total")
FIGURES = ("value", "empty", "suppressed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One dimension of a cross table: its classes, their groups, and what is known of it.

    Parameters
    ----------
    name : str
        Variable.
    title : Text
        Its wording.
    keys : tuple of str
        Classes, then their groups from fine to coarse.
    labels : tuple of Text
        Their wording.
    levels : tuple of tuple of int
        For each level of groups the number, from 0, of the group of each position below.
    ordered : bool
        Whether the classes have an order.
    known : bool
        Whether everybody knows who belongs to which class.
    sensitive : bool
        Whether the answer is marked so.
    """

    name: str
    title: Text
    keys: tuple[str, ...]
    labels: tuple[Text, ...]
    levels: tuple[tuple[int, ...], ...] = ()
    ordered: bool = False
    known: bool = False
    sensitive: bool = False

    @property
    def classes(self) -> int:
        """Number of finest classes."""
        return len(self.levels[0]) if self.levels else len(self.keys)

    @property
    def positions(self) -> tuple[str, ...]:
        """Keys of classes and groups, the total (an empty key) last."""
        return (*self.keys, "")

    def words(self, position: int) -> Text:
        """Return the wording of a class, of a group, or of the total.

        Parameters
        ----------
        position : int
            Position on the axis.

        Returns
        -------
        Text
            Its wording.
        """
        return TOTAL if position == len(self.keys) else self.labels[position]

    def members(self) -> np.ndarray:
        """Return which finest classes each position adds up.

        Returns
        -------
        numpy.ndarray of bool, shape (positions, classes)
            The total last.
        """
        found = [np.eye(self.classes, dtype=bool)]
        for level in self.levels:
            belongs = np.asarray(level) == np.arange(max(level) + 1)[:, None]
            found.append((belongs.astype(int) @ found[-1].astype(int)) > 0)
        return np.concatenate([*found, np.ones((1, self.classes), bool)])

    def path(self, position: int) -> tuple[int, ...]:
        """Return the groups above a position and the position itself, the coarsest first.

        Parameters
        ----------
        position : int
            Position on the axis.

        Returns
        -------
        tuple of int
            Positions; sorted by it, each group stands before its classes and the total last.
        """
        found, start = [position], 0
        for level in self.levels:
            end = start + len(level)
            if start <= found[0] < end:
                found.insert(0, end + level[found[0] - start])
            start = end
        return tuple(found)


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossTable(AnswersResult):
    """Counts or sums by any number of dimensions, with groups and margins.

    ``table`` has one row per cell, margins included: a column for each dimension (key of the class
    or group, empty for the total), ``value``, ``empty`` (nobody belongs to it, so a sum means
    nothing), and ``suppressed`` (``hidden`` or empty). Cells are in C order; on
    each axis classes come first, groups next, the total last.

    Parameters
    ----------
    dimensions : tuple of Dimension
        What the table is broken down by.
    title : Text
        What it shows.
    kind : {"count", "sum"}
        Whether it counts cases or adds up their numbers.
    measure : Text
        What is counted or added up.
    unit : str
        Unit of the sums.
    names : tuple of str
        Items of the codebook that the table uses.
    codebook : Codebook, optional
        What was promised to those who answered; none for tables of your own.
    contributions : pandas.DataFrame, optional
        ``cell`` (finest cell), ``value``, ``holding`` of each case; never in protected tables.
    origin : object
        What the table was made of: tables of one origin that share cells are protected together.
    beside : tuple of Estimate
        Protected estimates that tell the same, for an audit beside other results.
    """

    dimensions: tuple[Dimension, ...]
    title: Text
    kind: Literal["count", "sum"] = "count"
    measure: Text = field(default=Text("Anzahl", "Number"))
    unit: str = ""
    names: tuple[str, ...] = ()
    codebook: Codebook | None = field(default=None, repr=False)
    contributions: pd.DataFrame | None = field(default=None, repr=False)
    origin: object = field(default=None, repr=False)
    beside: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """Positions on each axis, groups and total counted."""
        return tuple(len(dimension.positions) for dimension in self.dimensions)

    @property
    def interior(self) -> tuple[int, ...]:
        """Finest classes on each axis."""
        return tuple(dimension.classes for dimension in self.dimensions)

    def values(self) -> np.ndarray:
        """Return the cells in C order.

        Returns
        -------
        numpy.ndarray of float64
            NaN where a cell is hidden.
        """
        return self.table["value"].to_numpy(np.float64)

    def place(self, cell: int) -> str:
        """Name a cell by its position, without its value.

        Parameters
        ----------
        cell : int
            Row of the table.

        Returns
        -------
        str
            For example ``land = 05 · staffel = total``.
        """
        at = np.unravel_index(cell, self.shape)
        named = zip(self.dimensions, at, strict=True)
        return " · ".join(f"{d.name} = {d.positions[int(i)] or 'total'}" for d, i in named)

    def _places(self) -> str:
        names = " × ".join(dimension.name for dimension in self.dimensions)
        return f": {len(self.table)} cells of {names}"

    def _remedy(self) -> str:
        return "Use bf.protect(table)"

    def _display(self, lang: Lang) -> TableModel:
        from begleitforschung.results.cross_display import table_model

        return table_model(self, lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        from begleitforschung.results.cross_display import drawn

        return drawn(self, lang, **options)

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        from begleitforschung.results.cross_display import spoken

        return spoken(self, lang)


def all_cells(dimensions: tuple[Dimension, ...]) -> pd.DataFrame:
    """Return the keys of all cells of a table in C order.

    Parameters
    ----------
    dimensions : tuple of Dimension
        Dimensions.

    Returns
    -------
    pandas.DataFrame
        One column for each dimension.
    """
    keys = product(*(dimension.positions for dimension in dimensions))
    return pd.DataFrame(list(keys), columns=[d.name for d in dimensions], dtype="str")
