"""Reference cases of disclosure control and the larger tables that belong to them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from begleitforschung.stats.suppression import CellTable, Need, Problem, cell_table, problem

from .reference import Cases, Loader, read


@pytest.fixture(scope="session")
def folder(shared: Path) -> Path:
    return shared / "reference" / "survey" / "sdc"


@pytest.fixture(scope="session")
def cases(folder: Path) -> Cases:
    text = (folder / "cases.json").read_text(encoding="utf-8")
    return {case["id"]: case for case in json.loads(text)}


@pytest.fixture(scope="session")
def instance(folder: Path) -> Loader:
    """Return the table and the needs of one of the reference tables by its name."""

    def load(name: str) -> tuple[CellTable, Problem]:
        rows = read(folder / "instances" / f"{name}.csv")
        axes = [key for key in rows[0] if key[0] == "d"]
        shape = [len({row[axis] for row in rows}) for axis in axes]
        full = np.array([float(row["value"]) for row in rows])
        table = cell_table(full.reshape(shape)[(slice(0, -1),) * len(shape)])
        np.testing.assert_array_equal(table.values, full)
        needs = [
            Need(cell=cell, up=float(row["upl"]), down=float(row["lpl"]))
            for cell, row in enumerate(rows)
            if row["primary"] == "1"
        ]
        never = [cell for cell, row in enumerate(rows) if row["never"] == "1"]
        weights = [float(row["weight"]) for row in rows]
        return table, problem(table, needs, weights=weights, never=never)

    return load
