"""`audit`: what a reader with a solver can work out of what is published.

Only published figures are used, and what everybody knows: who belongs to which group, and who
answered. The code is apart from that which chooses what is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from begleitforschung.disclosure.published import Figures, figures_of
from begleitforschung.errors import DisclosureError
from begleitforschung.provenance import Provenance
from begleitforschung.results.audit import COLUMNS, AuditResult
from begleitforschung.results.estimate import Estimate
from begleitforschung.stats.suppression.derived import smallest_derived
from begleitforschung.stats.suppression.reach import reach

_EPSILON = 1e-6


def audit(published: Estimate | Sequence[Estimate]) -> AuditResult:
    """Work out what published estimates tell about their hidden cells.

    Parameters
    ----------
    published : Estimate or sequence of Estimate
        Protected estimates of one survey; all that are published together belong into one call.

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
    results = [published] if isinstance(published, Estimate) else list(published)
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
            "verdict": _verdict(results[number], figures, which, low[which], high[which], around),
            "width": float(high[which] - low[which]),
            "group": float(around[which]),
        }
        for which, (number, at) in enumerate(hidden.places)
    ]


def _position(result: Estimate, at: int) -> dict[str, str]:
    return {name: str(result.table.at[at, name]) for name in ("column", "category", "by", "domain")}


@dataclass(frozen=True, slots=True)
class _Rule:
    """What the policy of a result asks of one hidden cell."""

    counts: bool
    base: int


def _rule(result: Estimate, figures: Figures, which: int) -> _Rule:
    """Read from the protection whether counts are secret, or the groups only."""
    protection = result.protection
    if protection is None:
        return _Rule(counts=True, base=0)
    crossed, sensitive = figures.hidden.crossed[which], figures.sensitive
    return _Rule(
        counts=protection.counts == "all" or crossed or (protection.counts == "some" and sensitive),
        base=protection.min_base,
    )


def _verdict(
    result: Estimate,
    figures: Figures,
    which: int,
    low: float,
    high: float,
    around: np.ndarray,
) -> str:
    rule = _rule(result, figures, which)
    if around[which] < rule.base - _EPSILON:
        return "group"
    if not rule.counts:
        return "safe"
    step = 1.0 - _EPSILON if figures.answers else _EPSILON * max(1.0, abs(high))
    return "exact" if high - low < step and high > _EPSILON else "safe"


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
