"""Published estimates as an attacker sees them: figures, and the unknowns that they add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.display.numbers import is_missing
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.estimate_words import SHARES, share_decimals, total_places
from begleitforschung.results.published import EVERYBODY, ColumnRows, Row

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
_FINEST = 200  # groups up to which different weights of one group are told apart
_NOISE = 1e-12
_EXACT = 1e-6  # relative room of a figure that is not rounded, as solvers have tolerances


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HiddenCells:
    """Cells whose value an attacker wants to know.

    Parameters
    ----------
    places : tuple of (int, int)
        Number of the estimate and row of its table.
    targets : numpy.ndarray, shape (cells, unknowns)
        What each adds up.
    members : numpy.ndarray of bool, shape (cells, finest groups)
        Groups of the register that it is about.
    split : tuple of bool
        Whether answers split them further.
    crossed : tuple of bool
        Whether two answers, or two identifying variables, are crossed.
    scores : tuple of tuple of float
        What each answer counts.
    """

    places: tuple[tuple[int, int], ...]
    targets: Floats = field(repr=False)
    members: Bools = field(repr=False)
    split: tuple[bool, ...]
    crossed: tuple[bool, ...]
    scores: tuple[tuple[float, ...], ...]

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.places)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figures:
    """All that is published about one column, as bounds of sums of unknowns.

    Parameters
    ----------
    answers : tuple of str
        Codes; empty for a number.
    sensitive : bool
        Whether the item is marked so.
    units : numpy.ndarray, shape (finest groups,)
        Who answered.
    shown_groups : numpy.ndarray of bool, shape (groups, finest groups)
        Groups of the register about which a figure is shown.
    sums : scipy.sparse.csr_array, shape (figures, unknowns)
        What each figure adds up.
    low, high : numpy.ndarray, shape (figures,)
        Between what it lies; numbers in units of the largest one.
    least, most : numpy.ndarray, shape (unknowns,)
        What is known of the unknowns.
    hidden : HiddenCells
        Hidden cells.
    """

    answers: tuple[str, ...]
    sensitive: bool
    units: Floats = field(repr=False)
    shown_groups: Bools = field(repr=False)
    sums: Any = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    least: Floats = field(repr=False)
    most: Floats = field(repr=False)
    hidden: HiddenCells = field(repr=False)


def figures_of(results: Sequence[Estimate], column: str) -> Figures:
    """Gather what is published about one column.

    Parameters
    ----------
    results : sequence of Estimate
        Protected estimates.
    column : str
        Column of the answers.

    Returns
    -------
    Figures
        Figures and unknowns.
    """
    about = [(n, rows) for n, one in enumerate(results) for rows in one.published
             if rows.column == column]  # fmt: skip
    room = _Room([rows for _, rows in about])
    room.bases()
    places, targets, members, marks = [], [], [], []
    shown = []
    for number, rows in about:
        for row in rows.rows:
            inside = room.members(rows, row)
            if results[number].table.at[row.at, "suppressed"]:
                # A ratio is hidden for its denominator; its numerator may be known.
                if row.scores and results[number].table.at[row.at, "statistic"] != "ratio":
                    places.append((number, row.at))
                    targets.append(room.sum(rows, row))
                    members.append(inside)
                    marks.append((row.part != EVERYBODY, row.crossed, row.scores))
            else:
                room.publish(results[number], rows, row)
                if row.part == EVERYBODY:
                    shown.append(inside)
    first = about[0][1]
    least, most = room.limits()
    low, high = room.scaled()
    return Figures(
        answers=first.answers,
        sensitive=results[about[0][0]].survey.codebook.item(column).sensitive,
        units=room.units,
        shown_groups=_matrix(shown, len(room.units)).astype(np.bool_),
        sums=room.equations(),
        low=low,
        high=high,
        least=least,
        most=most,
        hidden=HiddenCells(
            places=tuple(places),
            targets=_matrix(targets, room.size),
            members=_matrix(members, len(room.units)).astype(np.bool_),
            split=tuple(split for split, _, _ in marks),
            crossed=tuple(crossed for _, crossed, _ in marks),
            scores=tuple(scores for _, _, scores in marks),
        ),
    )


def _several_strata(result: Estimate, rows: ColumnRows, row: Row) -> bool:
    """Say whether cases of a row lie in several strata; else equal weights leave all digits."""
    inside = rows.groups[row.group] & rows.answered
    return result.design is not None and len(np.unique(result.design.stratum[inside])) > 1


def _matrix(rows: Sequence[NDArray[Any]], width: int) -> Floats:
    return np.array(rows, np.float64).reshape(len(rows), width)


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


class _Room:
    """Unknowns of one column, and the equations that published figures give."""

    def __init__(self, about: Sequence[ColumnRows]) -> None:
        first = about[0]
        self._answered = first.answered
        self._answers = first.answers
        groups = np.vstack([rows.groups for rows in about])[:, self._answered]
        weights = first.weights[self._answered]
        finest, place = np.unique(groups, axis=1, return_inverse=True)
        told = np.vstack([groups, np.round(weights / weights.mean(), 6)[None]])
        by_weight, other = np.unique(told, axis=1, return_inverse=True)
        self._weighted = by_weight.shape[1] <= _FINEST or finest.shape[1] == by_weight.shape[1]
        place = (other if self._weighted else place).ravel()
        self.units = np.bincount(place).astype(np.float64)
        self._weight = np.bincount(place, weights) / self.units
        self._cell = np.full(len(self._answered), -1)
        self._cell[self._answered] = place
        self._parts: dict[str, int] = {"": 1}
        for rows in about:
            self._parts |= rows.parts
        self._start: dict[str, int] = {}
        self.size = 0
        for name, parts in self._parts.items():
            self._start[name] = self.size
            self.size += self._kinds * parts * len(self.units)
        self._rows: list[Floats] = []
        self.low: list[float] = []
        self.high: list[float] = []

    @property
    def _kinds(self) -> int:
        return max(1, len(self._answers))

    def members(self, rows: ColumnRows, row: Row) -> Bools:
        """Return the finest groups that a row is about."""
        inside = np.zeros(len(self.units), np.bool_)
        inside[self._cell[rows.groups[row.group] & self._answered]] = True
        return inside

    def sum(self, rows: ColumnRows, row: Row, scores: Floats | None = None) -> Floats:
        """Return what a row adds up, one factor for each unknown."""
        factors = np.asarray(row.scores) if scores is None else scores
        block = np.zeros((self._kinds, self._parts[row.partition], len(self.units)))
        inside = self.members(rows, row).astype(np.float64)
        block[:, max(row.part, 0)] = factors.reshape(self._kinds, -1) * inside
        found = np.zeros(self.size)
        start = self._start[row.partition]
        found[start : start + block.size] = block.ravel()
        return found

    def bases(self) -> None:
        """Add what everybody knows: who answered, and that parts add up to the whole."""
        count = len(self.units)
        main = np.arange(self._kinds * count).reshape(self._kinds, count)
        if self._answers:
            for group in range(count):
                self._equal(main[:, group], self.units[group])
        for name, parts in self._parts.items():
            inner = np.arange(self._kinds * parts * count).reshape(self._kinds, parts, count)
            for kind, group in np.ndindex(self._kinds, count) if name else ():
                inside = inner[kind, :, group] + self._start[name]
                self._equal(inside, 0.0, int(main[kind, group]))

    def publish(self, result: Estimate, rows: ColumnRows, row: Row) -> None:
        """Add what a row that is shown tells."""
        if not row.scores:
            return
        shown = _Shown.of(result, row.at)
        if row.part != EVERYBODY and self._answers:
            self._add(self.sum(rows, row, np.ones(self._kinds)), shown.n)
        if self._answers and set(row.scores) <= {0.0, 1.0} and not np.isnan(shown.count):
            self._add(self.sum(rows, row), shown.count)
        for factors, value, slack in self._weighted_sums(result, rows, row, shown):
            self._add(factors, value, slack)

    def _weighted_sums(
        self, result: Estimate, rows: ColumnRows, row: Row, shown: _Shown
    ) -> Iterator[tuple[Floats, float, float]]:
        """Yield the equation of a weighted share, mean or total, if weights are told apart."""
        inside = self.members(rows, row)
        weights = self._weight[inside]
        plain = bool(inside.any()) and bool(np.ptp(weights) <= 1e-9 * weights.max())
        said = result.specification
        otherwise = said.get("weight_by") or said.get("base") == "answers"
        known = not np.isnan(shown.estimate) and (self._weighted or plain)
        if not known or otherwise or shown.statistic == "ratio":
            return
        scores = np.asarray(row.scores)
        size = float(self._weight[inside] @ self.units[inside])
        share = shown.statistic in SHARES
        places = share_decimals(int(shown.n)) + 2 if share else 1
        noise = _NOISE * max(1.0, abs(shown.estimate))
        rounded = (not plain or _several_strata(result, rows, row)) and (
            abs(shown.estimate - round(shown.estimate, places)) < noise
        )
        room = 0.5 * 10.0**-places if rounded else _EXACT
        if shown.statistic == "total":
            room = room if plain or not self._answers else 0.5 * 10.0 ** -total_places(shown.size)
            yield self.sum(rows, row, np.outer(scores, self._weight)), shown.estimate, room
        elif not self._answers:
            if row.part == EVERYBODY:
                value = shown.estimate * size
                yield self.sum(rows, row, np.outer(scores, self._weight)), value, room * size
        else:
            slack = room * size
            distance = np.outer(scores - shown.estimate, self._weight)
            yield self.sum(rows, row, distance), 0.0, slack

    def limits(self) -> tuple[Floats, Floats]:
        """Return what is known of the unknowns: no more than who answered, and no numbers."""
        if not self._answers:
            return np.full(self.size, -np.inf), np.full(self.size, np.inf)
        sizes = [np.tile(self.units, self._kinds * parts) for parts in self._parts.values()]
        return np.zeros(self.size), np.concatenate(sizes)

    def scaled(self) -> tuple[Floats, Floats]:
        """Return the bounds of all figures; numbers in units of the largest one.

        Tolerances of a solver are absolute, and numbers may be millions.
        """
        low, high = np.array(self.low), np.array(self.high)
        scale = 1.0 if self._answers else max(1.0, float(np.abs(high).max(initial=0.0)))
        room = 0.0 if self._answers else _EXACT
        return low / scale - room, high / scale + room

    def equations(self) -> Any:
        """Return what all figures add up."""
        from scipy import sparse

        return sparse.csr_array(_matrix(self._rows, self.size))

    def _equal(self, unknowns: NDArray[Any], value: float, minus: int | None = None) -> None:
        factors = np.zeros(self.size)
        factors[unknowns] = 1.0
        if minus is not None:
            factors[minus] = -1.0
        self._add(factors, value)

    def _add(self, factors: Floats, value: float, slack: float = 0.0) -> None:
        self._rows.append(factors)
        self.low.append(value - slack)
        self.high.append(value + slack)
