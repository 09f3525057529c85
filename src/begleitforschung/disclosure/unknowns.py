"""Published figures as equations of what an attacker doesn't know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.display.numbers import is_missing
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.estimate_words import SHARES, share_decimals, total_places
from begleitforschung.results.published import EVERYBODY, ColumnRows, Row

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
About = list[tuple[int, ColumnRows]]
_FINEST = 200  # groups up to which different weights of one group are told apart
_NOISE = 1e-12
_EXACT = 1e-6  # relative room of a figure that is not rounded, as solvers have tolerances


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HiddenCell:
    """A cell whose value an attacker wants to know.

    Parameters
    ----------
    place : (int, int)
        Number of the estimate and row of its table.
    column : str
        Column of the answers.
    target : numpy.ndarray, shape (unknowns,)
        What it adds up.
    members : numpy.ndarray of bool, shape (finest groups,)
        Groups of the register that it is about.
    split : bool
        Whether answers split them further.
    crossed : bool
        Whether two answers, or two identifying variables, are crossed.
    scores : tuple of float
        What each answer counts; a base counts all.
    """

    place: tuple[int, int]
    column: str
    target: Floats = field(repr=False)
    members: Bools = field(repr=False)
    split: bool
    crossed: bool
    scores: tuple[float, ...]


def _several_strata(result: Estimate, rows: ColumnRows, row: Row) -> bool:
    """Say whether cases of a row lie in several strata; else equal weights leave all digits."""
    inside = rows.groups[row.group] & rows.answered
    return result.design is not None and len(np.unique(result.design.stratum[inside])) > 1


@dataclass(frozen=True, slots=True)
class _Shown:
    """Figures of one row that is shown; NaN where one is left out."""

    statistic: str
    estimate: float
    n: float
    count: float
    size: float

    @classmethod
    def of(cls, result: Estimate, at: int) -> _Shown:
        """Read a row of a table."""
        names = ["statistic", "estimate", "n", "count", "N"]
        row = result.table.loc[[at], names].to_numpy(object)[0]
        count = np.nan if is_missing(row[3]) else float(row[3])
        return cls(str(row[0]), float(row[1]), float(row[2]), count, float(row[4]))


class Unknowns:
    """Unknowns of some questions, and the equations that published figures give.

    Parameters
    ----------
    about : list of (int, ColumnRows)
        Number of each estimate and its rows.
    names : frozenset of str
        Questions whose answers are combined.
    """

    def __init__(self, about: About, names: frozenset[str]) -> None:
        columns = {rows.column: rows for _, rows in about}
        known = {name: v for _, rows in about for name, v in rows.variables.items()}
        known |= {name: rows.variable for name, rows in columns.items() if rows.answers}
        self._variables = {name: known[name] for name in sorted(names)}
        self.number = any(rows.rows and not rows.answers for rows in columns.values())
        told = [rows.groups[row.group] for _, rows in about for row in rows.rows]
        told += [base.cases for _, rows in about for base in rows.bases]
        inside = np.logical_or.reduce(
            [rows.answered for rows in columns.values() if rows.rows]
            + [base.cases for _, rows in about for base in rows.bases]
        )
        told += [v.answered for v in self._variables.values()]
        told += [rows.answered for rows in columns.values() if rows.rows]
        told += [v.known for v in self._variables.values() if v.known is not None]
        plain = np.unique(np.array(told)[:, inside], axis=1, return_inverse=True)
        heavy = [np.round(r.weights / r.weights[r.answered].mean(), 6) for r in columns.values()
                 if r.rows]  # fmt: skip
        told_all = np.unique(np.array([*told, *heavy])[:, inside], axis=1, return_inverse=True)
        counts = [found[0].shape[1] for found in (plain, told_all)]
        self._weighted = counts[1] <= _FINEST or counts[0] == counts[1]
        place = (told_all if self._weighted else plain)[1].ravel()
        self.count = int(place.max(initial=-1)) + 1
        self._cell = np.full(len(inside), -1)
        self._cell[inside] = place
        self._first = np.zeros(self.count, np.int64)
        self._first[place] = np.flatnonzero(inside)
        self.units = {name: self._of(rows.answered) for name, rows in columns.items()}
        self._weights = {
            name: self._of(rows.answered, rows.weights) / np.maximum(self.units[name], 1.0)
            for name, rows in columns.items()
        }
        self._sizes = np.bincount(place, minlength=self.count).astype(np.float64)
        self._at = self._able()
        self.size = int(self._at.max(initial=-1)) + 1
        self._rows: list[Floats] = []
        self.low: list[float] = []
        self.high: list[float] = []
        for group in () if self.number else range(self.count):
            self._add(self._vector(np.ones(len(self._at)), np.arange(self.count) == group),
                      self._sizes[group])  # fmt: skip

    def _of(self, cases: Bools, weights: Floats | None = None) -> Floats:
        used = cases & (self._cell >= 0)
        with_ = None if weights is None else weights[used]
        return np.bincount(self._cell[used], with_, self.count).astype(np.float64)

    def _able(self) -> NDArray[np.int64]:
        """Return the number of each combination of answers that can be in a group."""
        shape = [variable.answers + 1 for variable in self._variables.values()]
        self._codes = dict(
            zip(
                self._variables,
                np.indices(shape).reshape(len(shape), int(np.prod(shape))),
                strict=True,
            )
        )
        able = np.ones((int(np.prod(shape)), self.count), np.bool_)
        for name, variable in self._variables.items():
            code = self._codes[name][:, None]
            able &= (code < variable.answers) == variable.answered[self._first]
            if variable.known is not None:
                able &= code == variable.known[self._first]
        for (name, one), (other, two) in combinations(self._variables.items(), 2):
            if one.ranking and one.ranking == two.ranking:  # nothing is ranked twice
                code = self._codes[name]
                able &= ((code != self._codes[other]) | (code == one.answers))[:, None]
        found = np.full(able.shape, -1, np.int64)
        found[able] = np.arange(able.sum())
        return found

    def _vector(self, by_answers: Floats, by_group: NDArray[Any]) -> Floats:
        found = np.zeros(self.size)
        entries = np.outer(by_answers, by_group)
        there = self._at >= 0
        found[self._at[there]] = entries[there]
        return found

    def _picked(self, factors: NDArray[Any], names: Sequence[str]) -> Floats:
        """Return factors by the answers to some questions for all combinations."""
        return np.asarray(factors[tuple(self._codes[name] for name in names)], np.float64)

    def members(self, rows: ColumnRows, row: Row) -> Bools:
        """Return the finest groups that a row is about.

        Parameters
        ----------
        rows : ColumnRows
            Rows of a table about a column.
        row : Row
            One of them.

        Returns
        -------
        numpy.ndarray of bool, shape (finest groups,)
            Those with cases of the row.
        """
        inside = np.zeros(self.count, np.bool_)
        inside[self._cell[rows.groups[row.group] & rows.answered]] = True
        return inside

    def sum(
        self, rows: ColumnRows, row: Row, scores: Sequence[float], weights: Floats | None = None
    ) -> Floats:
        """Return what a row adds up, one factor for each unknown.

        Parameters
        ----------
        rows : ColumnRows
            Rows of a table about a column.
        row : Row
            One of them.
        scores : sequence of float
            What each answer counts.
        weights : numpy.ndarray, optional
            Weight of each finest group.

        Returns
        -------
        numpy.ndarray, shape (unknowns,)
            Factors.
        """
        factors = np.ones(len(self._at))
        if rows.answers:
            factors = self._picked(np.array([*scores, 0.0]), [rows.column])
        if row.partition:
            split = rows.splits[row.partition]
            factors = factors * self._picked(split.part_of == row.part, split.variables)
        inside = self.members(rows, row).astype(np.float64)
        return self._vector(factors, inside if weights is None else inside * weights)

    def cell(self, number: int, rows: ColumnRows, row: Row) -> HiddenCell:
        """Return a hidden row as a target.

        Parameters
        ----------
        number : int
            Number of its estimate.
        rows : ColumnRows
            Rows of a table about a column.
        row : Row
            One of them.

        Returns
        -------
        HiddenCell
            The target.
        """
        return HiddenCell(
            place=(number, row.at),
            column=rows.column,
            target=self.sum(rows, row, row.scores),
            members=self.members(rows, row),
            split=row.part != EVERYBODY,
            crossed=row.crossed,
            scores=row.scores,
        )

    def publish_bases(self, result: Estimate, number: int, rows: ColumnRows) -> list[HiddenCell]:
        """Add what the bases tell that answers decide; return those that are hidden.

        Parameters
        ----------
        result : Estimate
            Protected.
        number : int
            Its number.
        rows : ColumnRows
            Rows of a table about a column.

        Returns
        -------
        list of HiddenCell
            Hidden bases.
        """
        found = []
        for base in rows.bases:
            inside = np.zeros(self.count, np.bool_)
            inside[self._cell[base.cases]] = True
            factors = self._picked(base.within, base.variables)
            target = self._vector(factors, inside.astype(np.float64))
            n: Any = result.table.at[base.rows[0], "n"]
            if not is_missing(n):
                top = float(n) if base.exact else float(base.cases.sum())
                self._rows.append(target)
                self.low.append(float(n))
                self.high.append(top)
                continue
            found.append(
                HiddenCell(
                    place=(number, base.rows[0]), column=rows.column, target=target,
                    members=inside, split=True, crossed=base.crossed, scores=(1.0,),
                )
            )  # fmt: skip
        return found

    def publish(self, result: Estimate, rows: ColumnRows, row: Row) -> None:
        """Add what a row that is shown tells.

        Parameters
        ----------
        result : Estimate
            Protected.
        rows : ColumnRows
            Rows of a table about a column.
        row : Row
            One of them.
        """
        if not row.scores:
            return
        shown = _Shown.of(result, row.at)
        if rows.answers and set(row.scores) <= {0.0, 1.0} and not np.isnan(shown.count):
            self._add(self.sum(rows, row, row.scores), shown.count)
        for factors, value, slack in self._weighted_sums(result, rows, row, shown):
            self._add(factors, value, slack)

    def _weighted_sums(
        self, result: Estimate, rows: ColumnRows, row: Row, shown: _Shown
    ) -> Iterator[tuple[Floats, float, float]]:
        """Yield the equation of a weighted share, mean or total, if weights are told apart."""
        inside = self.members(rows, row)
        heavy = self._weights[rows.column]
        weights = heavy[inside]
        plain = bool(inside.any()) and bool(np.ptp(weights) <= 1e-9 * weights.max())
        said = result.specification
        otherwise = said.get("weight_by") or said.get("base") == "answers"
        known = not np.isnan(shown.estimate) and (self._weighted or plain)
        if not known or otherwise or shown.statistic == "ratio":
            return
        size = float(weights @ self.units[rows.column][inside])
        share = shown.statistic in SHARES
        places = share_decimals(int(shown.n)) + 2 if share else 1
        noise = _NOISE * max(1.0, abs(shown.estimate))
        rounded = (not plain or _several_strata(result, rows, row)) and (
            abs(shown.estimate - round(shown.estimate, places)) < noise
        )
        room = 0.5 * 10.0**-places if rounded else _EXACT
        if shown.statistic == "total":
            room = room if plain or not rows.answers else 0.5 * 10.0 ** -total_places(shown.size)
            yield self.sum(rows, row, row.scores, heavy), shown.estimate, room
        elif not rows.answers:
            if row.part == EVERYBODY:
                value = shown.estimate * size
                yield self.sum(rows, row, row.scores, heavy), value, room * size
        else:
            distance = [score - shown.estimate for score in row.scores]
            yield self.sum(rows, row, distance, heavy), 0.0, room * size

    def limits(self) -> tuple[Floats, Floats]:
        """Return what is known of the unknowns: no more than who answered, and no numbers.

        Returns
        -------
        least, most : numpy.ndarray, shape (unknowns,)
            Bounds.
        """
        if self.number:
            return np.full(self.size, -np.inf), np.full(self.size, np.inf)
        most = self._vector(np.ones(len(self._at)), self._sizes)
        return np.zeros(self.size), most

    def scaled(self) -> tuple[Floats, Floats]:
        """Return the bounds of all figures; numbers in units of the largest one.

        Tolerances of a solver are absolute, and numbers may be millions.

        Returns
        -------
        low, high : numpy.ndarray, shape (figures,)
            Bounds.
        """
        low, high = np.array(self.low), np.array(self.high)
        scale = max(1.0, float(np.abs(high).max(initial=0.0))) if self.number else 1.0
        room = _EXACT if self.number else 0.0
        return low / scale - room, high / scale + room

    def equations(self) -> Any:
        """Return what all figures add up.

        Returns
        -------
        scipy.sparse.csr_array, shape (figures, unknowns)
            One row for each figure.
        """
        from scipy import sparse

        rows = np.array(self._rows, np.float64).reshape(len(self._rows), self.size)
        return sparse.csr_array(rows)

    def _add(self, factors: Floats, value: float, slack: float = 0.0) -> None:
        self._rows.append(factors)
        self.low.append(value - slack)
        self.high.append(value + slack)
