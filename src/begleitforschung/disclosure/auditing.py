"""`audit`: what a reader with a solver can work out of what is published.

Only published figures are used, and what everybody knows: who belongs to which group, and who
answered. The code is apart from that which chooses what is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from begleitforschung.disclosure.cross_audit import audit_tables
from begleitforschung.disclosure.others import require_one_kind
from begleitforschung.disclosure.published import Figures, figures_of
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
    published: Estimate | CrossTable | Sequence[Estimate] | Sequence[CrossTable],
) -> AuditResult:
    """Work out what published estimates or cross tables tell about their hidden cells.

    Parameters
    ----------
    published : Estimate, CrossTable, or a sequence of one of them
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
        require_one_kind(given, CrossTable)
        return audit_tables(tables)
    results = [result for result in given if isinstance(result, Estimate)]
    require_one_kind(given, Estimate)
    for result in results:
        if not result.protected:
            raise DisclosureError("only protected results can be audited; use bf.protect first")
    columns = dict.fromkeys(rows.column for result in results for rows in result.published)
    rows: list[dict[str, object]] = []
    for column in columns:
        rows += _of_column(results, column)
    node = Provenance.of("audit", *(result.provenance for result in results))
    return AuditResult(
        table=pd.DataFrame(rows, columns=list(COLUMNS)),
        specification={"results": len(results)},
        provenance=node,
        protected=True,
    )


def _of_column(results: Sequence[Estimate], column: str) -> list[dict[str, object]]:
    figures = figures_of(results, column)
    hidden = figures.hidden
    if not len(hidden):
        return []
    around = _smallest_groups(figures)
    try:
        low, high = reach(
            figures.sums, figures.low, figures.high, figures.least, figures.most, hidden.targets
        )
    except ValueError as error:
        raise DisclosureError(
            f"the published figures of {column!r} can't be true: {error}"
        ) from None
    return [
        {
            "result": number,
            **_position(results[number], at),
            "verdict": _verdict(
                results[number], at, figures, which, (low[which], high[which]), around[which]
            ),
            "width": float(high[which] - low[which]),
            "group": float(around[which]),
        }
        for which, (number, at) in enumerate(hidden.places)
    ]


def _position(result: Estimate, at: int) -> dict[str, str]:
    return {name: str(result.table.at[at, name]) for name in ("column", "category", "by", "domain")}


def _verdict(
    result: Estimate,
    at: int,
    figures: Figures,
    which: int,
    reach_of: tuple[float, float],
    around: float,
) -> str:
    """Say whether what follows about a hidden cell is what the policy forbids to show."""
    rule = result.protection
    low, high = reach_of
    if rule is None or around < rule.min_base - _EPSILON:
        return "group"
    if not figures.answers:
        return "exact" if high - low < _NEAR else "safe"
    base = float(result.table["n"].loc[at])
    scores = np.unique(figures.hidden.scores[which])
    told = rule.spare is not None and (figures.sensitive or not rule.sensitive)
    limit = max(base - (rule.spare or 0), min(base, 2.0))
    if not set(scores) <= {0.0, 1.0}:
        return (
            "exact" if told and base > 0 and _at_an_end(low, high, scores, base, limit) else "safe"
        )
    least, most = np.ceil(low - _EPSILON), np.floor(high + _EPSILON)
    smallest = rule.min_count_crossed if figures.hidden.crossed[which] else rule.min_count
    if least >= most and 0 < most < max(smallest, rule.min_count):
        return "exact"
    return "exact" if told and base > 0 and least >= limit else "safe"


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
    known: dict[int, float] = {}
    for which, cells in enumerate(figures.hidden.members):
        if figures.hidden.split[which]:
            continue
        for cell in np.flatnonzero(cells & (figures.units > 0)):
            if cell not in known:
                derived = smallest_derived(figures.shown_groups, figures.units, int(cell))
                known[int(cell)] = derived.units
            found[which] = min(found[which], known[int(cell)])
    return found
