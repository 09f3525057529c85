"""Tests of tables that must not be shown in full: a bound of p, if it tells no cell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

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

_FIGURES = ["value", "ndf", "ddf", "estimate", "low", "high"]
_Places = Collection[tuple[str, str]]


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


def in_classes(result: Significance, places: _Places) -> Significance:
    """Leave only the bound of p of some tests.

    Parameters
    ----------
    result : Significance
        Tests.
    places : collection of (str, str)
        Column and group of these tests.

    Returns
    -------
    Significance
        Without their statistics; their ``p``, and ``p_adjusted`` of all, are bounds that they lie
        below.
    """
    table = result.table.copy()
    pairs = table[["column", "by"]].itertuples(index=False, name=None)
    hidden = np.array([pair in places for pair in pairs], np.bool_)
    table.loc[hidden, _FIGURES] = np.nan
    table["p"] = np.where(hidden, _bounds(table["p"]), table["p"])
    table["p_adjusted"] = _bounds(table["p_adjusted"])  # which may be made of the p of another test
    table["suppressed"] = pd.Series(np.where(hidden, "hidden", ""), index=table.index, dtype="str")
    told = result.protection
    return replace(
        result,
        table=table,
        protection=None if told is None else told.of(table["suppressed"]),
    )


def _bounds(p: pd.Series | Floats) -> Floats:
    """Return the smallest bound that lies above p; NaN without a test."""
    values = np.asarray(p, np.float64)
    bounds = np.array([*P_BOUNDS, 1.0])
    at = np.searchsorted(P_BOUNDS, np.nan_to_num(values), side="right")
    return np.asarray(np.where(np.isnan(values), np.nan, bounds[at]))


def told_columns(
    tests: Sequence[tuple[Significance, _Places]], tables: Sequence[Shown], survey: Survey
) -> list[str]:
    """Return the columns of which a hidden count may follow from the bounds of p.

    For each hidden count other answers are searched that agree with all sums shown about the column
    and with the bounds of p of all tests; for a small one, answers under which it is less and
    under which it is more. None are searched where the column is crossed with other questions, has
    figures that are no sums, or cases have different weights.

    Parameters
    ----------
    tests : sequence of (Significance, collection of (str, str))
        Tests, and column and group of those whose table is not shown in full.
    tables : sequence of Shown
        All tables of the publication.
    survey : Survey
        Their survey, with all variables of their groups.

    Returns
    -------
    list of str
        Columns without such answers for every hidden count.
    """
    columns = dict.fromkeys(column for _, places in tests for column, _ in places)
    return [name for name in columns if not _open(name, tests, tables, survey)]


def _open(
    column: str,
    tests: Sequence[tuple[Significance, _Places]],
    tables: Sequence[Shown],
    survey: Survey,
) -> bool:
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
    column: str,
    tests: Sequence[tuple[Significance, _Places]],
    survey: Survey,
    answered: Bools,
) -> Callable[[Ints], bool]:
    """Return a function that says whether answers give the bounds of p that are shown."""
    (block,) = blocks_of(survey, column, "share")
    multiple = survey.codebook.item(column).kind == "multiple"
    told = [(result, list(_made_again(result, column, places, survey))) for result, places in tests]

    def agrees(codes: Ints) -> bool:
        values = block.values.copy()
        kinds = [1] if multiple else np.arange(values.shape[1])  # of an option, who chose it
        values[answered] = codes[:, None] == np.asarray(kinds)
        other = replace(block, values=values)
        return all(_agrees(result, again, other) for result, again in told if again)

    return agrees


def _made_again(
    result: Significance, column: str, places: _Places, survey: Survey
) -> Iterator[tuple[int, str, Domains]]:
    """Yield row, method and groups of the tests of a column of which only a bound is shown."""
    inside = chosen(survey, result.specification["where"])
    for at, row in enumerate(result.rows()):
        if row["column"] == column and (column, row["by"]) in places:
            yield at, row["test"], grouped(survey, row["by"], inside)


def _agrees(result: Significance, again: Sequence[tuple[int, str, Domains]], block: Block) -> bool:
    """Make tests again with other answers and compare the bounds of all p."""
    said, plan = result.specification, result.design
    if plan is None:
        return False
    p = result.table["p"].to_numpy(np.float64, copy=True)
    for at, test, part in again:
        found = compared(block, part, test, plan, level=said["level"])
        p[at] = found.row.get("p", np.nan)
    if not np.array_equal(_bounds(p), _bounds(result.table["p"]), equal_nan=True):
        return False
    corrected = p if said["adjust"] == "none" else adjust(p, method=said["adjust"])
    was = _bounds(result.table["p_adjusted"])
    return bool(np.array_equal(_bounds(corrected), was, equal_nan=True))
