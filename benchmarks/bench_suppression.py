"""How long cell suppression takes: random tables of the size of a survey's, SciPy alone.

Aims: 16 x 8 and 16 x 20 counts optimal within 2 s, 16 x 8 x 5 counts safe within 1 s, audit of
16 x 20 within 50 ms.
"""

from __future__ import annotations

import numpy as np
import pytest

from begleitforschung.stats.suppression import (
    Need,
    Problem,
    attack,
    cell_table,
    controlled_rounding,
    fewest_merges,
    first_pattern,
    optimal_pattern,
    problem,
    too_few,
)


def interior(shape: tuple[int, ...]) -> np.ndarray:
    """Counts whose margins are skewed, 14 in a cell on average."""
    rng = np.random.default_rng(7)
    mean = np.ones(())
    for n in shape:
        mean = np.multiply.outer(mean, np.exp(rng.normal(0, 0.8, n)))
    return rng.poisson(14 * mean / mean.mean())


def counts(shape: tuple[int, ...]) -> Problem:
    table = cell_table(interior(shape))
    needs = [Need(cell=cell, up=1, down=1) for cell in np.flatnonzero(too_few(table.values))]
    return problem(
        table, needs, weights=np.log1p(table.values), never=np.flatnonzero(table.values == 0)
    )


@pytest.mark.parametrize("shape", [(16, 8), (16, 20)])
def test_optimal(benchmark, shape):
    given = counts(shape)
    found = benchmark.pedantic(optimal_pattern, (given,), rounds=3)
    assert found.optimal


def test_optimal_of_three_dimensions(benchmark):
    given = counts((16, 8, 5))
    found = benchmark.pedantic(optimal_pattern, (given,), rounds=1)
    assert found.optimal


def test_safe(benchmark):
    given = counts((16, 8, 5))
    found = benchmark.pedantic(first_pattern, (given,), {"seconds": 0.0}, rounds=3)
    assert found[given.primary].all()


def test_audit(benchmark):
    given = counts((16, 20))
    shown = np.where(first_pattern(given), np.nan, given.values)
    found = benchmark(attack, given.relations, shown)
    assert not len(found.exact())


def test_rounding(benchmark):
    found = benchmark.pedantic(controlled_rounding, (cell_table(interior((16, 8))),), rounds=3)
    assert found.furthest < 3


def test_merging(benchmark):
    found = benchmark(fewest_merges, interior((16, 8)))
    assert found is not None
