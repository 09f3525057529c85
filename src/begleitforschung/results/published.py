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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variable:
    """A question whose answers split groups, without the answers.

    Parameters
    ----------
    name : str
        Column, or a filter.
    answers : int
        How many answers it has.
    answered : numpy.ndarray of bool, shape (n,)
        Who answered.
    known : numpy.ndarray of int, shape (n,), optional
        Answer of each case, where everybody knows it.
    ranking : str
        The ranking that it is one rank of, whose other ranks have other answers; empty if none.
    """

    name: str
    answers: int
    answered: Bools = field(repr=False)
    known: Ints | None = field(default=None, repr=False)
    ranking: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """How answers split a group of the register into parts.

    Parameters
    ----------
    variables : tuple of str
        Names of the questions.
    part_of : numpy.ndarray of int, shape (answers + 1, …)
        Part by the answers to each question, the last of which is none; the last part is that of
        nobody who is shown.
    parts : int
        Number of parts.
    """

    variables: tuple[str, ...]
    part_of: Ints = field(repr=False)
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Base:
    """A base that answers decide, such as how many gave the answer that a table is split by.

    Parameters
    ----------
    rows : tuple of int
        Rows of the table that have it.
    name : str
        Question and breakdown, as messages name them.
    variables : tuple of str
        Questions whose answers decide it.
    within : numpy.ndarray of bool, shape (answers + 1, …)
        Which of their answers belong to it; the last of each is none.
    cases : numpy.ndarray of bool, shape (n,)
        Among whom it is counted, as everybody can tell.
    could : numpy.ndarray of bool, shape (n,)
        Who could belong to it, whether they answered what is shown or not.
    exact : bool
        Whether the printed base is this number; else some of them may not have answered.
    halves : bool
        Whether only a filter decides it, so that it also tells how many were left out.
    crossed : bool
        Whether several questions, or several identifying variables, decide it.
    """

    rows: tuple[int, ...]
    name: str
    variables: tuple[str, ...]
    within: Bools = field(repr=False)
    cases: Bools = field(repr=False)
    could: Bools = field(repr=False)
    exact: bool
    halves: bool
    crossed: bool

    def moved(self, places: Mapping[int, int]) -> Base:
        """Return the same for a part of the table.

        Parameters
        ----------
        places : mapping of int to int
            Row of the table to row of the part.

        Returns
        -------
        Base
            With the rows that the part has.
        """
        return replace(self, rows=tuple(places[at] for at in self.rows if at in places))


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
    splits : mapping of str to Split
        How each partition splits groups.
    rows : tuple of Row
        The rows.
    weights : numpy.ndarray, shape (n,)
        Weight of each case.
    variables : mapping of str to Variable
        Questions whose answers split groups or decide bases.
    bases : tuple of Base
        Bases that answers decide.
    ranking : str
        The ranking that the column is one rank of; empty if none.
    """

    column: str
    answers: tuple[str, ...]
    answered: Bools = field(repr=False)
    groups: Bools = field(repr=False)
    splits: dict[str, Split] = field(default_factory=dict, repr=False)
    rows: tuple[Row, ...] = field(default=(), repr=False)
    weights: Floats = field(repr=False)
    variables: dict[str, Variable] = field(default_factory=dict, repr=False)
    bases: tuple[Base, ...] = field(default=(), repr=False)
    ranking: str = ""

    @property
    def variable(self) -> Variable:
        """The column as a question, without its answers."""
        return Variable(
            name=self.column,
            answers=len(self.answers),
            answered=self.answered,
            ranking=self.ranking,
        )

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
        bases = [base.moved(places) for base in self.bases]
        return replace(self, rows=tuple(kept), bases=tuple(base for base in bases if base.rows))
