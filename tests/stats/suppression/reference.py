"""Helpers of the tests of cell suppression."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.suppression import CellTable, Problem

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
