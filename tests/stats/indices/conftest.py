"""Reading of the reference tables of COINr and Compind."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

KEYS = ("uCode", "Time", "iCode", "id", "NUTS1", "NUTS_CODE")


@dataclass(frozen=True)
class Table:
    """A reference table: text columns by name, the others as numbers."""

    rows: tuple[dict[str, str], ...]

    @property
    def columns(self) -> list[str]:
        return [name for name in self.rows[0] if name not in KEYS]

    def text(self, name: str) -> list[str]:
        return [row[name] for row in self.rows]

    def flags(self, name: str) -> np.ndarray:
        return np.array([row[name] == "TRUE" for row in self.rows])

    def numbers(self, name: str) -> np.ndarray:
        return self.values([name])[:, 0]

    def values(self, columns: list[str] | None = None) -> np.ndarray:
        names = self.columns if columns is None else columns
        return np.array(
            [
                [float(row[n]) if row[n] not in ("", "NaN") else np.nan for n in names]
                for row in self.rows
            ]
        )


@dataclass(frozen=True)
class Reference:
    """Folder of reference tables."""

    folder: Path

    def __call__(self, name: str) -> Table:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return Table(tuple(csv.DictReader(file)))


@pytest.fixture(scope="session")
def ref(shared: Path) -> Reference:
    """Reference tables of COINr 1.1.14 and Compind 3.4."""
    return Reference(shared / "reference" / "composite" / "ref")
