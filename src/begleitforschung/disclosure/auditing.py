"""`audit`: what a reader with a solver can work out of what is published.

Only published figures are used, and what everybody knows: who belongs to which group, and who
answered. The code is apart from that which chooses what is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from begleitforschung.disclosure.cross_audit import audit_tables
from begleitforschung.disclosure.others import require_one_kind
from begleitforschung.disclosure.published import Figures, figures_of
from begleitforschung.disclosure.unknowns import HiddenCell
from begleitforschung.display.numbers import is_missing
from begleitforschung.errors import DisclosureError
from begleitforschung.provenance import Provenance
from begleitforschung.results.audit import COLUMNS, AuditResult
from begleitforschung.results.cross_table import CrossTable
from begleitforschung.results.estimate import Estimate
from begleitforschung.stats.suppression.derived import smallest_derived
from begleitforschung.stats.suppression.reach import reach

_EPSILON = 1e-6
_NEAR = 1e-4  # of the largest number that is published


def audit(
    published: Estimate | CrossTable | Sequence[Estimate | CrossTable],
) -> AuditResult:
    """Work out what published estimates or cross tables tell about their hidden cells.

    Parameters
    ----------
    published : Estimate, CrossTable, or a sequence of them
        Protected results of one survey; all that are published together belong into one call.

    Returns
    -------
    AuditResult
        One row per hidden cell.

    Raises
    ------
    DisclosureError
        If an estimate is not protected, or the published figures contradict each other.

    Examples
    --------
    With protected estimates of your own::

        bf.audit([by_round, by_size]).ok
    """
    given = [published] if isinstance(published, Estimate | CrossTable) else list(published)
    if tables := [result for result in given if isinstance(result, CrossTable)]:
        return audit_tables(tables) if len(tables) == len(given) else _mixed(given, tables)
    results = [result for result in given if isinstance(result, Estimate)]
    require_one_kind(given, Estimate)
    for result in results:
        if not result.protected:
            raise DisclosureError("only protected results can be audited; use bf.protect first")
    cells: dict[tuple[int, int], dict[str, object]] = {}
    for figures in figures_of(results):
        for place, row in _rows_of(results, figures):
            old = cells.setdefault(place, row)
            if old["verdict"] == "safe":
                cells[place] = row
    rows = [cells[place] for place in sorted(cells)]
    node = Provenance.of("audit", *(result.provenance for result in results))
    return AuditResult(
        table=pd.DataFrame(rows, columns=list(COLUMNS)),
        specification={"results": len(results)},
        provenance=node,
        protected=True,
    )


def _mixed(given: Sequence[Any], tables: Sequence[CrossTable]) -> AuditResult:
    """Audit estimates beside what cross tables tell, and cross tables by themselves."""
    own = [at for at, one in enumerate(given) if not isinstance(one, CrossTable)]
    crossed = [at for at, one in enumerate(given) if isinstance(one, CrossTable)]
    by_table = audit_tables(tables)
    owners = [*own, *(at for at in crossed for _ in given[at].beside)]
    seen = audit([*(given[at] for at in own), *(e for table in tables for e in table.beside)])
    rows = seen.table[(seen.table["result"] < len(own)) | (seen.table["verdict"] != "safe")]
    parts = [
        part.assign(result=[places[number] for number in part["result"]])
        for part, places in ((rows, owners), (by_table.table, crossed))
        if len(part)
    ]
    table = pd.concat(parts, ignore_index=True) if parts else seen.table
    return replace(
        seen,
        table=table.sort_values("result", kind="stable", ignore_index=True),
        specification={"results": len(given)},
        provenance=Provenance.of("audit", *(result.provenance for result in given)),
    )


def known_cells(results: Sequence[Estimate]) -> frozenset[tuple[int, int]]:
    """Return hidden counts that everybody can work out and that may be known.

    Hiding them protects nothing. Of weighted results these are zeros only, as a share tells more
    than its count.

    Parameters
    ----------
    results : sequence of Estimate
        Protected.

    Returns
    -------
    frozenset of (int, int)
        Number of the result and row of its table; none of groups that are too small to be shown.
    """
    found = set()
    for figures in figures_of(results):
        for place, row in () if figures.number else _rows_of(results, figures):
            result = results[place[0]]
            n, rule = result.table["n"].loc[place[1]], result.protection
            large = rule is not None and not is_missing(n) and int(n) >= rule.min_base
            large = large and _partly_shown(result, place[1])
            fits = result.design is None or row["most"] == 0.0
            if row["verdict"] == "safe" and row["width"] == 0.0 and large and fits:
                found.add(place)
    return frozenset(found)


def _partly_shown(result: Estimate, at: int) -> bool:
    """Say whether another figure of the same column and group is shown."""
    keys = ["column", "by", "domain"]
    same = (result.table[keys] == result.table.loc[at, keys]).all(axis=1)
    return bool((result.table.loc[same, "suppressed"] == "").any())


def _rows_of(
    results: Sequence[Estimate], figures: Figures
) -> Iterator[tuple[tuple[int, int], dict[str, object]]]:
    """Yield what follows about each hidden cell."""
    hidden = figures.hidden
    if not hidden:
        return
    around = _smallest_groups(figures)
    targets = np.array([cell.target for cell in hidden])
    try:
        low, high = reach(
            figures.sums, figures.low, figures.high, figures.least, figures.most, targets
        )
    except ValueError as error:
        raise DisclosureError(
            f"the published figures of {', '.join(figures.questions)} can't be true: {error}"
        ) from None
    for which, cell in enumerate(hidden):
        number, at = cell.place
        span = float(low[which]), float(high[which])
        yield (
            cell.place,
            {
                "result": number,
                **_position(results[number], at),
                "verdict": _verdict(results[number], cell, figures, span, around[which]),
                "width": span[1] - span[0] if span[1] - span[0] > _EPSILON else 0.0,
                "most": 0.0 if abs(span[1]) < _EPSILON else span[1],
                "group": float(around[which]),
            },
        )


def _position(result: Estimate, at: int) -> dict[str, str]:
    return {name: str(result.table.at[at, name]) for name in ("column", "category", "by", "domain")}


def _verdict(
    result: Estimate,
    cell: HiddenCell,
    figures: Figures,
    reach_of: tuple[float, float],
    around: float,
) -> str:
    """Say whether what follows about a hidden cell is what the policy forbids to show."""
    rule = result.protection
    low, high = reach_of
    if rule is None or around < rule.min_base - _EPSILON:
        return "group"
    if figures.number:
        somebody = bool(figures.units[cell.column] @ cell.members)
        return "exact" if somebody and high - low < _NEAR else "safe"
    n = result.table["n"].loc[cell.place[1]]
    base = 0.0 if is_missing(n) else float(n)
    scores = np.unique(cell.scores)
    sensitive = result.survey.codebook.item(cell.column).sensitive
    told = rule.spare is not None and (sensitive or not rule.sensitive) and base > 0
    limit = max(base - (rule.spare or 0), min(base, 2.0))
    if not set(scores) <= {0.0, 1.0}:
        return "exact" if told and _at_an_end(low, high, scores, base, limit) else "safe"
    least, most = np.ceil(low - _EPSILON), np.floor(high + _EPSILON)
    smallest = rule.min_count_crossed if cell.crossed else rule.min_count
    if least >= most and 0 < most < max(smallest, rule.min_count):
        return "exact"
    return "exact" if told and least >= limit else "safe"


def _at_an_end(low: float, high: float, scores: np.ndarray, base: float, limit: float) -> bool:
    """Say whether a sum of scores is such that so many must have given the first or last answer."""
    if len(scores) < 2 or np.isnan(scores).any():
        return False
    top = (limit - 1) * scores[-1] + (base - limit + 1) * scores[-2]
    bottom = (limit - 1) * scores[0] + (base - limit + 1) * scores[1]
    return bool(low > top + _EPSILON or high < bottom - _EPSILON)


def _smallest_groups(figures: Figures) -> np.ndarray:
    """Return, of each hidden cell, the fewest units around whom something can be worked out."""
    found = np.full(len(figures.hidden), np.inf)
    known: dict[tuple[str, int], float] = {}
    merged = {column: _told_apart(figures, column) for column in figures.units}
    for which, cell in enumerate(figures.hidden):
        if cell.split:
            continue
        groups, units, place = merged[cell.column]
        for at in np.unique(place[cell.members & (figures.units[cell.column] > 0)]):
            key = cell.column, int(at)
            if key not in known:
                known[key] = smallest_derived(groups, units, int(at)).units
            found[which] = min(found[which], known[key])
    return found


def _told_apart(figures: Figures, column: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shown groups by the parts that they tell apart, units of these, and where they are."""
    units = figures.units[column]
    there = units > 0
    groups, inverse = np.unique(figures.shown_groups[column][:, there], axis=1, return_inverse=True)
    place = np.full(len(units), -1, np.int64)
    place[there] = inverse.ravel()
    return groups, np.bincount(inverse.ravel(), units[there], groups.shape[1]), place
