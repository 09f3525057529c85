"""Helpers of the tests of cell suppression."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.suppression import CellTable, Need, Problem, attack

Cases = dict[str, dict[str, Any]]
Loader = Callable[[str], tuple[CellTable, Problem]]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hide(table: CellTable, cells: Any) -> NDArray[np.float64]:
    """Return what is published if some cells are suppressed."""
    shown = table.values.copy()
    shown[cells] = np.nan
    return shown


def unprotected(
    table: CellTable, pattern: Any, needs: tuple[Need, ...], **known: Any
) -> list[Need]:
    """Let the audit find the needs that a pattern does not meet; insiders know their cell."""
    known.setdefault("upper", table.values.max())
    short = []
    for others in {need.known for need in needs}:
        shown = hide(table, pattern)
        shown[list(others)] = table.values[list(others)]
        found = attack(table.relations, shown, **known)
        low, high = (np.full(len(shown), np.nan) for _ in range(2))
        low[found.cells], high[found.cells] = found.low, found.high
        slack = 1e-6 * max(1.0, float(np.abs(table.values).max()))
        for need in (need for need in needs if need.known == others):
            value, cell = table.values[need.cell], need.cell
            ok = (high[cell] >= value + need.up - slack) & (low[cell] <= value - need.down + slack)
            if not (ok and high[cell] - low[cell] >= need.width - slack):
                short.append(need)
    return short
