"""Tests of tables that must not be shown in full: a bound of p, if it tells no cell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from begleitforschung.disclosure.carriers import TestKey
from begleitforschung.disclosure.structure import Bools, Floats, Ints, Secret, structure_of
from begleitforschung.estimation.blocks import Block, blocks_of
from begleitforschung.estimation.domains import Domains, chosen, grouped
from begleitforschung.estimation.group_tests import compared
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.published import EVERYBODY, Row
from begleitforschung.results.significance import P_BOUNDS, Significance
from begleitforschung.stats.correlation_tests import adjust
from begleitforschung.stats.suppression.witness import witnessed
from begleitforschung.surveys import Survey, parse_filter

_DECIMALS = 3  # of p, as printed
_CONSTANT = "significance.none"
_FIGURES = ["value", "ndf", "ddf", "estimate", "low", "high"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """A table of sums and what is shown of it.

    Parameters
    ----------
    open : Estimate
        Not protected.
    safe : Estimate
        Protected.
    rows : frozenset of int, optional
        Rows that anybody sees or works out; by default all.
    """

    open: Estimate = field(repr=False)
    safe: Estimate = field(repr=False)
    rows: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tests:
    """Tests of a result that are not shown in full, as column, group and method.

    Parameters
    ----------
    result : Significance, optional
        With all digits; nothing for other kinds.
    bounds : frozenset of (str, str, str)
        Tests of which a bound of p is shown.
    silent : frozenset of (str, str, str)
        Tests of which nothing is shown.
    """

    result: Significance | None = field(repr=False)
    bounds: frozenset[TestKey] = frozenset()
    silent: frozenset[TestKey] = frozenset()

    def rows(self, of: Collection[TestKey]) -> Bools:
        """Say which rows of the table are some tests.

        Parameters
        ----------
        of : collection of (str, str, str)
            Tests.

        Returns
        -------
        numpy.ndarray of bool, shape (tests,)
            Rows.
        """
        if self.result is None:
            return np.zeros(0, np.bool_)
        keys = self.result.table[["column", "by", "test"]].itertuples(index=False, name=None)
        return np.array([key in of for key in keys], np.bool_)

    def adjusted(self, p: Floats) -> Floats:
        """Correct p for the number of tests; those of which nothing is shown count as 1.

        So the others tell nothing of them; they get rather larger.

        Parameters
        ----------
        p : numpy.ndarray, shape (tests,)
            P values.

        Returns
        -------
        numpy.ndarray, shape (tests,)
            Adjusted p values.
        """
        how: Any = "none" if self.result is None else self.result.specification["adjust"]
        values = np.where(self.rows(self.silent) & ~np.isnan(p), 1.0, p)
        return values if how == "none" else adjust(values, method=how)


def in_classes(result: Significance, tests: Tests) -> Significance:
    """Leave only the bound of p of some tests, and nothing of others.

    Parameters
    ----------
    result : Significance
        Tests as they may be shown otherwise.
    tests : Tests
        Which of them are not shown in full.

    Returns
    -------
    Significance
        Without their statistics. If a bound is shown, adjusted p are bounds throughout, as they may
        be made of the p of another test.
    """
    if tests.result is None:
        return result
    table, exact = result.table.copy(), tests.result.table["p"].to_numpy(np.float64)
    bounded, silent = tests.rows(tests.bounds), tests.rows(tests.silent)
    corrected = tests.adjusted(exact)
    table.loc[bounded | silent, _FIGURES] = np.nan
    table["p"] = np.where(bounded, _bounds(exact), table["p"])
    table["p_adjusted"] = _bounds(corrected) if bounded.any() else np.round(corrected, _DECIMALS)
    table.loc[silent, ["p", "p_adjusted"]] = np.nan
    marks = np.where(bounded | silent, "hidden", "")
    table["suppressed"] = pd.Series(marks, index=table.index, dtype="str")
    told = result.protection
    spoken = tuple(f for f in result.findings if f.rule != _CONSTANT) if silent.any() else None
    return replace(
        result,
        table=table,
        protection=None if told is None else told.of(table["suppressed"]),
        findings=result.findings if spoken is None else spoken,
    )


def _bounds(p: pd.Series | Floats) -> Floats:
    """Return the smallest bound that lies above p; NaN without a test."""
    values = np.asarray(p, np.float64)
    bounds = np.array([*P_BOUNDS, 1.0])
    at = np.searchsorted(P_BOUNDS, np.nan_to_num(values), side="right")
    return np.asarray(np.where(np.isnan(values), np.nan, bounds[at]))


def told_columns(tests: Sequence[Tests], tables: Sequence[Shown], survey: Survey) -> list[str]:
    """Return the columns of which a hidden count may follow from the bounds of p.

    For each hidden count other answers are searched that agree with all sums shown about the column
    and with the bounds of p of all tests; for a small one, answers under which it is less and
    under which it is more. None are searched where the column is crossed with other questions, has
    figures that are no sums, or cases have different weights.

    Parameters
    ----------
    tests : sequence of Tests
        Tests whose table is not shown in full.
    tables : sequence of Shown
        All tables of the publication.
    survey : Survey
        Their survey.

    Returns
    -------
    list of str
        Columns without such answers for every hidden count.
    """
    columns = dict.fromkeys(column for one in tests for column, *_ in sorted(one.bounds))
    return [name for name in columns if not _open(name, tests, tables, survey)]


def _open(column: str, tests: Sequence[Tests], tables: Sequence[Shown], survey: Survey) -> bool:
    shown: list[tuple[Bools, tuple[float, ...]]] = []
    hidden: list[tuple[Bools, tuple[float, ...]]] = []
    answered = survey.answered(column)
    codes = survey.responses[column].cat.codes.to_numpy().astype(np.int64)
    for table in tables:
        if column in _crossed(table.open):
            return False
        for secret, row, visible in _rows(table, column):
            if not row.scores or np.ptp(secret.rows.weights[answered]) > 0:
                return False
            if visible or set(row.scores) <= {0.0, 1.0}:
                mask = _cases(secret, row)[answered]
                (shown if visible else hidden).append((mask, row.scores))
    if not hidden:
        return True
    agrees = _agreement(column, tests, survey, answered)
    given, kept = codes[answered], _stacked(hidden)
    lower, higher = witnessed(given, _stacked(shown), kept, agrees)
    counts = (kept[0] * kept[1][:, given]).sum(axis=1)
    told = [table.safe.protection for table in tables]
    least = max(max(one.min_count, one.min_count_crossed) for one in told if one is not None)
    few = (counts > 0) & (counts < least)
    return bool(np.where(few, lower & higher, lower | higher).all())


def _crossed(made: Estimate) -> set[str]:
    """Return the columns that make groups or filters of a table."""
    where = str(made.specification.get("where") or "")
    names = [name for part in made.breakdowns for name in part.names]
    return {*names, *(parse_filter(where).columns if where else ())}


def _rows(table: Shown, column: str) -> Iterator[tuple[Secret, Row, bool]]:
    """Yield the rows about a column, and whether they are shown."""
    gone = (table.safe.table["suppressed"] != "").to_numpy(bool)
    for secret in structure_of(table.open, table.open.survey):
        if secret.rows.column == column:
            for row in secret.rows.rows:
                if table.rows is None or row.at in table.rows:
                    yield secret, row, not gone[row.at]


def _cases(secret: Secret, row: Row) -> Bools:
    inside = secret.rows.groups[row.group] & secret.rows.answered
    if row.part != EVERYBODY:
        inside = inside & (secret.parts[row.partition] == row.part)
    return np.asarray(inside)


def _stacked(rows: Sequence[tuple[Bools, tuple[float, ...]]]) -> tuple[Bools, Floats]:
    if not rows:
        return np.zeros((0, 1), np.bool_), np.zeros((0, 1))
    return np.array([mask for mask, _ in rows]), np.array([scores for _, scores in rows])


def _agreement(
    column: str, tests: Sequence[Tests], survey: Survey, answered: Bools
) -> Callable[[Ints], bool]:
    """Return a function that says whether answers give the bounds of p that are shown."""
    (block,) = blocks_of(survey, column, "share")
    multiple = survey.codebook.item(column).kind == "multiple"
    kinds = np.array([1]) if multiple else np.arange(block.values.shape[1])  # 1: who chose it
    told = [(one, list(_made_again(one, column, survey))) for one in tests]

    def agrees(codes: Ints) -> bool:
        values = block.values.copy()
        values[answered] = codes[:, None] == kinds
        other = replace(block, values=values)
        return all(_agrees(one, again, other) for one, again in told if again)

    return agrees


def _made_again(tests: Tests, column: str, survey: Survey) -> Iterator[tuple[int, str, Domains]]:
    """Yield row, method and groups of the tests of a column of which a bound is shown."""
    if tests.result is None:
        return
    inside = chosen(survey, tests.result.specification["where"])
    for at in np.flatnonzero(tests.rows(tests.bounds)):
        row = tests.result.table.iloc[at]
        if row["column"] == column:
            yield int(at), str(row["test"]), grouped(survey, str(row["by"]), inside)


def _agrees(tests: Tests, again: Sequence[tuple[int, str, Domains]], block: Block) -> bool:
    """Make tests again with other answers and compare the bounds of all p."""
    result = tests.result
    if result is None or result.design is None:
        return False
    was = result.table["p"].to_numpy(np.float64)
    now = was.copy()
    for at, test, part in again:
        found = compared(block, part, test, result.design, level=result.specification["level"])
        now[at] = found.row.get("p", np.nan)
    return all(
        np.array_equal(_bounds(one), _bounds(other), equal_nan=True)
        for one, other in ((now, was), (tests.adjusted(now), tests.adjusted(was)))
    )
