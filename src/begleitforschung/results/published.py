"""What everybody may know about a table of estimates: which cases each row adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EVERYBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Breakdown:
    """Groups that a table is broken down by.

    Parameters
    ----------
    names : tuple of str
        Variables; none for all cases together.
    keys : tuple of str
        Groups.
    codes : numpy.ndarray of int, shape (n,)
        Group of each case, -1 for none.
    """

    names: tuple[str, ...]
    keys: tuple[str, ...]
    codes: Ints = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one row of a table adds up.

    Parameters
    ----------
    at : int
        Row of the table.
    by : str
        Breakdown that it belongs to; empty for all cases together.
    group : int
        Row of `ColumnRows.groups`: the cases that everybody can tell, from the register.
    partition : str
        Answers that split them further, such as ``q5``; empty if none.
    part : int
        Which part, counted from 0.
    scores : tuple of float
        What each answer counts; empty where the row is no sum, such as a median.
    crossed : bool
        Whether two answers, or two identifying variables, are crossed.
    """

    at: int
    by: str
    group: int
    partition: str = ""
    part: int = EVERYBODY
    scores: tuple[float, ...] = ()
    crossed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnRows:
    """All rows of a table about one column of the answers.

    Parameters
    ----------
    column : str
        The column.
    answers : tuple of str
        Codes; empty for a number.
    answered : numpy.ndarray of bool, shape (n,)
        Who answered.
    groups : numpy.ndarray of bool, shape (groups, n)
        Cases of each group of the register.
    parts : mapping of str to int
        Number of parts of each partition.
    rows : tuple of Row
        The rows.
    weights : numpy.ndarray, shape (n,)
        Weight of each case.
    """

    column: str
    answers: tuple[str, ...]
    answered: Bools = field(repr=False)
    groups: Bools = field(repr=False)
    parts: dict[str, int] = field(default_factory=dict)
    rows: tuple[Row, ...] = field(default=(), repr=False)
    weights: Floats = field(repr=False)

    def moved(self, places: Mapping[int, int]) -> ColumnRows:
        """Return the same for a part of the table.

        Parameters
        ----------
        places : mapping of int to int
            Row of the table to row of the part.

        Returns
        -------
        ColumnRows
            Its rows that the part has.
        """
        kept = [replace(row, at=places[row.at]) for row in self.rows if row.at in places]
        return replace(self, rows=tuple(kept))
