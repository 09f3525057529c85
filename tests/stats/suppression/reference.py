"""Helpers of the tests of cell suppression."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from begleitforschung.stats.suppression import CellTable, Need, Problem, problem, solver

Cases = dict[str, dict[str, Any]]
Loader = Callable[[str], tuple[CellTable, Problem]]
Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]
BACKENDS = ["highspy", "scipy"] if find_spec("highspy") else ["scipy"]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hide(table: CellTable, cells: Any) -> NDArray[np.float64]:
    """Return what is published if some cells are suppressed."""
    shown = table.values.copy()
    shown[cells] = np.nan
    return shown


def only(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    """Let one of the two solvers do everything."""
    monkeypatch.setattr(solver, "has_highspy", lambda: backend == "highspy")


def banner(seed: int, groups: int, classes: Sequence[int]) -> tuple[Problem, CellTable, Bounds]:
    """Return weighted counts by overlapping classifications, and what is never published.

    Unknown are the members of each group by three answers; everybody knows how many a group has.
    """
    rng, answers = np.random.default_rng(seed), 3
    sizes = rng.integers(1, 6, groups)
    members = np.array([rng.multinomial(n, [0.5, 0.3, 0.2]) for n in sizes], float)
    factors = np.round(rng.uniform(0.6, 1.9, groups), 3)
    splits = [rng.integers(0, n, groups) == np.arange(n)[:, None] for n in classes]
    sums = np.concatenate([np.ones((1, groups)), *splits]) * factors
    shown = np.kron(sums, np.eye(answers))
    hidden, constant = members.size, members.size + groups
    values = np.concatenate([members.ravel(), sizes, shown @ members.ravel()])
    known = np.hstack([np.kron(np.eye(groups), np.ones(answers)), -np.eye(groups),
                       np.zeros((groups, len(shown)))])  # fmt: skip
    counted = np.hstack([shown, np.zeros((len(shown), groups)), -np.eye(len(shown))])
    system = sparse.csr_array(np.vstack([known, counted]))
    each = np.repeat(sizes, answers).astype(float)
    upper = np.concatenate([each, sizes, shown @ each])
    lower = np.concatenate([np.zeros(hidden), sizes, np.zeros(len(shown))])
    table = CellTable(values, system, (len(values),), np.arange(len(values)) >= constant)
    small = np.flatnonzero((values > 0) & (values < 3.5) & table.margin)
    weights = np.where(table.margin, 1 + np.log1p(values), 0.0)
    given = problem(table, [Need(cell=cell, width=1.5) for cell in small], weights=weights,
                    never=np.arange(hidden, constant), primary=np.arange(hidden),
                    lower=lower, upper=upper)  # fmt: skip
    return given, table, (lower, upper)
