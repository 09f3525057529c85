"""What a reader with a solver works out of published cross tables.

Only what is published is used: the visible cells, the classes and their groups, and that counts and
amounts are not negative. The code is apart from that which chooses what is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from begleitforschung.disclosure.cross_links import cell_numbers, families, joint, system
from begleitforschung.disclosure.telling import telling_count
from begleitforschung.errors import DisclosureError
from begleitforschung.provenance import Provenance
from begleitforschung.results.audit import COLUMNS, AuditResult
from begleitforschung.results.cross_table import CrossTable
from begleitforschung.stats.suppression import attack, join_tables
from begleitforschung.stats.suppression.tables import CellTable

_WHOLE = 40  # hidden cells up to which it is used that counts are whole numbers
_PLANE = 2  # dimensions up to which that tells nothing more
_EPSILON = 1e-6
_NEAR = 1e-4  # of the largest sum that is published


def audit_tables(tables: Sequence[CrossTable]) -> AuditResult:
    """Work out what published cross tables tell about their hidden cells.

    Parameters
    ----------
    tables : sequence of CrossTable
        Protected tables; all that were protected in one call belong into one audit.

    Returns
    -------
    AuditResult
        One row per hidden cell; ``column`` is the measure, ``by`` the dimensions, ``domain`` the
        classes.

    Raises
    ------
    DisclosureError
        If a table is not protected, or published figures contradict each other.
    """
    if not all(table.protected for table in tables):
        raise DisclosureError("only protected results can be audited; use bf.protect first")
    rows: list[dict[str, object]] = []
    for family in families(tables):
        rows += _of_family([tables[number] for number in family], family)
    return AuditResult(
        table=pd.DataFrame(rows, columns=list(COLUMNS)),
        specification={"results": len(tables)},
        provenance=Provenance.of("audit", *(table.provenance for table in tables)),
        protected=True,
    )


def _of_family(tables: Sequence[CrossTable], numbers: Sequence[int]) -> list[dict[str, object]]:
    behind = joint(tables)
    ids = cell_numbers([*tables, behind] if behind is not None else tables)
    published = np.full(max(int(own.max()) for own in ids) + 1, np.nan)
    for table, own in zip(tables, ids, strict=False):  # the last may be what nobody publishes
        seen = ~np.isnan(table.values())
        published[own[seen]] = table.values()[seen]
    looked = np.unique(np.concatenate(ids[: len(tables)]))
    if not np.isnan(published[looked]).any():
        return []
    low, high = _bounds([*tables, behind] if behind is not None else tables, ids, published, looked)
    rows: list[dict[str, object]] = []
    for number, table, own in zip(numbers, tables, ids, strict=False):
        for at in np.flatnonzero(np.isnan(table.values())):
            ends = float(low[own[at]]), float(high[own[at]])
            at_cell = np.unravel_index(at, table.shape)
            keys = [d.positions[int(i)] for d, i in zip(table.dimensions, at_cell, strict=True)]
            rows.append(
                {
                    "result": number,
                    "column": str(table.specification.get("value") or "count"),
                    "category": "",
                    "by": " · ".join(d.name for d in table.dimensions),
                    "domain": " · ".join(key or "total" for key in keys),
                    "verdict": _verdict(table, int(at), ends, published[own]),
                    "width": ends[1] - ends[0],
                    "group": np.inf,
                }
            )
    return rows


def _bounds(
    tables: Sequence[CrossTable], ids: list[np.ndarray], published: np.ndarray, looked: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and the largest value of each cell."""
    parts = [system(table) for table in tables]
    empty = [
        CellTable(0 * own, p.relations, p.shape, p.margin)
        for p, own in zip(parts, ids, strict=True)
    ]
    joined = join_tables(empty, ids)
    hidden = int(np.isnan(published).sum())
    flat = len(tables) == 1 and len(tables[0].dimensions) <= _PLANE
    whole = tables[0].kind == "count" and not flat and hidden <= _WHOLE
    try:
        found = attack(joined.relations, published, integer=whole, cells=looked)
    except ValueError as error:
        raise DisclosureError(f"the published cross tables can't be true: {error}") from None
    low, high = published.copy(), published.copy()
    low[found.cells], high[found.cells] = found.low, found.high
    return low, high


def _verdict(table: CrossTable, at: int, ends: tuple[float, float], published: np.ndarray) -> str:
    """Say whether what follows about a hidden cell is what the policy forbids to show."""
    if table.kind == "sum":
        near = _NEAR * max(1.0, float(np.nanmax(published, initial=0.0)))
        return "exact" if ends[1] - ends[0] < near else "safe"
    least, most = np.ceil(ends[0] - _EPSILON), np.floor(ends[1] + _EPSILON)
    rule = table.protection
    few = max(rule.min_base, rule.min_count, rule.min_count_crossed) if rule else np.inf
    if least >= most and 0 < most < few:
        return "exact"
    return "exact" if _tells(table, at, least, published) else "safe"


def _tells(table: CrossTable, at: int, least: float, published: np.ndarray) -> bool:
    """Say whether so many of a group must have given one answer that it tells of its members."""
    rule = table.protection
    if rule is None or rule.spare is None:
        return False
    place = [int(i) for i in np.unravel_index(at, table.shape)]
    for axis, dimension in enumerate(table.dimensions):
        told = not dimension.known and (dimension.sensitive or not rule.sensitive)
        if not told or place[axis] >= dimension.classes:
            continue
        total = [*place[:axis], len(dimension.keys), *place[axis + 1 :]]
        base = float(published[np.ravel_multi_index(total, table.shape)])
        if base > 0 and least >= telling_count(int(base), rule.spare):
            return True
    return False
