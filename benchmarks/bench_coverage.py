"""How often 95 % intervals of small shares hold what they promise.

Simple random samples and full populations with random non-response: exactly, over all numbers of
units with the property up to a fifth of the population. Stratified ones: 20,000 samples from a
fixed seed. ``python benchmarks/bench_coverage.py`` prints the tables of the README.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom

from begleitforschung.stats.sampling import population_count_interval, proportion_interval

METHODS = ("wilson", "korn_graubard", "beta", "xlogit", "asin", "likelihood", "mean")
SIMPLE = ((20, 73), (49, 73), (60, 73), (73, 1_200), (500, 11_000))
# Units and cases by stratum: three waves of 73 projects, and municipalities by size class.
STRATIFIED = {
    "20 of 73, 3 waves": ((13, 28, 32), (5, 7, 8)),
    "49 of 73, 3 waves": ((13, 28, 32), (10, 20, 19)),
    "73 of 1,200, 5 classes": ((520, 330, 230, 90, 30), (20, 18, 15, 12, 8)),
    "500 of 11,000, 5 classes": ((8_500, 1_500, 600, 320, 80), (160, 120, 100, 80, 40)),
}
# How much the share differs from stratum to stratum, as multiples of the whole.
EVEN, UNEVEN = (0.6, 1.4), (0.2, 4.0)
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2)
DRAWS = 20_000
Coverage = dict[str, tuple[float, float, float]]


def intervals(p, variance, n, df, fraction, kish, methods=METHODS):
    """Return the bounds of each method, as `begleitforschung.estimate` gives them."""
    p, variance = np.asarray(p), np.asarray(variance)
    edge = (p <= 0) | (p >= 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(edge, n / (1 - fraction), p * (1 - p) / variance)
    bounded = np.where(edge | (variance > 0), np.fmin(size, kish / (1 - fraction)), size)
    for name in ("wilson_kish", *methods):
        method, most = ("wilson", bounded) if name == "wilson_kish" else (name, size)
        low, high = proportion_interval(
            p, variance, method=method, df=df, n=np.full(p.shape, n), effective_n=most
        )
        yield name, np.where(np.isnan(low), p, low), np.where(np.isnan(high), p, high)


def summary(covered, width) -> tuple[float, float, float]:
    """Return mean and least coverage and mean width over the populations."""
    return float(np.mean(covered)), float(np.min(covered)), float(np.mean(width))


def simple(n: int, population: int) -> Coverage:
    """Return the exact coverage over all counts up to a fifth of the population."""
    hits = np.arange(n + 1)
    p, fraction = hits / n, n / population
    variance = (1 - fraction) * p * (1 - p) / (n - 1)
    bounds = {
        name: (low, high) for name, low, high in intervals(p, variance, n, n - 1, fraction, n)
    }
    exact = np.array([population_count_interval(int(k), n, population) for k in hits])
    bounds["hypergeometric"] = exact[:, 0] / population, exact[:, 1] / population
    counts = np.arange(1, population // 5 + 1)
    chance = hypergeom.pmf(hits, population, counts[:, None], n)
    share = counts[:, None] / population
    return {
        name: summary(
            (chance * ((low <= share + 1e-12) & (high >= share - 1e-12))).sum(axis=1),
            (chance * (high - low)).sum(axis=1),
        )
        for name, (low, high) in bounds.items()
    }


def stratified(
    population: tuple[int, ...],
    cases: tuple[int, ...],
    tilts: tuple[float, float] = EVEN,
    seed: int = 11,
    draws: int = DRAWS,
    methods: tuple[str, ...] = METHODS,
) -> Coverage:
    """Return the simulated coverage over shares from 1 to 20 percent that differ by stratum."""
    rng = np.random.default_rng(seed)
    units, n = np.array(population, dtype=float), np.array(cases, dtype=float)
    weight, tilt = units / units.sum(), np.linspace(*tilts, units.size)
    kish = units.sum() ** 2 / (units**2 / n).sum()
    held: dict[str, list[tuple[float, float]]] = {}
    for share in SHARES:
        having = np.minimum(np.maximum(np.round(share * tilt * units), 0), units).astype(int)
        having[0] = max(having[0], 1)
        truth = having.sum() / units.sum()
        found = rng.hypergeometric(
            having, (units - having).astype(int), n.astype(int), (draws, n.size)
        )
        by_stratum = found / n
        p = by_stratum @ weight
        spread = by_stratum * (1 - by_stratum) / (n - 1)
        variance = spread @ (weight**2 * (1 - n / units))
        fraction = n.sum() / units.sum()
        states, at = np.unique(np.column_stack([p, variance]), axis=0, return_inverse=True)
        made = intervals(*states.T, n.sum(), n.sum() - n.size, fraction, kish, methods)
        for name, low, high in made:
            inside = ((low <= truth + 1e-12) & (high >= truth - 1e-12))[at.ravel()]
            held.setdefault(name, []).append((inside.mean(), (high - low)[at.ravel()].mean()))
    return {name: summary(*np.array(rows).T) for name, rows in held.items()}


@pytest.mark.parametrize(("n", "population"), SIMPLE)
def test_simple_random_samples(benchmark, n, population):
    coverage = benchmark.pedantic(simple, (n, population), rounds=1)
    assert coverage["hypergeometric"][1] >= 0.95
    assert coverage["korn_graubard"][1] >= 0.945
    assert coverage["wilson"][0] >= 0.95 > coverage["mean"][0]


@pytest.mark.parametrize("name", STRATIFIED)
def test_stratified_samples(benchmark, name):
    coverage = benchmark.pedantic(stratified, STRATIFIED[name], rounds=1)
    assert coverage["wilson_kish"][0] >= 0.95
    assert coverage["wilson_kish"][1] >= 0.94
    assert coverage["wilson_kish"][0] >= coverage["wilson"][0]


def drawn(count: int = 40, seed: int = 2026) -> Coverage:
    """Return mean and least over designs drawn at random, that no default was chosen by."""
    rng = np.random.default_rng(seed)
    fast = tuple(name for name in METHODS if name != "likelihood")
    found: dict[str, list[tuple[float, float, float]]] = {}
    for _ in range(count):
        strata = int(rng.integers(2, 9))
        units = np.maximum(rng.lognormal(5.5, 1.2, strata), 12).astype(int)
        cases = np.maximum((units * rng.uniform(0.02, 0.9, strata)).astype(int), 5)
        tilts = tuple(sorted(rng.uniform(0.2, 2.0, 2))[:: int(rng.choice([1, -1]))])
        own = int(rng.integers(1 << 30))
        made = stratified(tuple(units), tuple(cases), tilts, own, draws=4_000, methods=fast)
        for name, values in made.items():
            found.setdefault(name, []).append(values)
    return {
        name: (
            float(np.mean([row[0] for row in rows])),
            float(np.min([row[1] for row in rows])),
            float(np.mean([row[2] for row in rows])),
        )
        for name, rows in found.items()
    }


def table(found: dict[str, Coverage]) -> str:
    """Return coverage as the rows of a table in Markdown."""
    names = list(next(iter(found.values())))
    order = sorted(names, key=lambda name: (name != "hypergeometric", name != "wilson_kish"))
    lines = [f"| design | {' | '.join(order)} |", f"|---|{'---:|' * len(order)}"]
    for design, coverage in found.items():
        cells = [
            f"{100 * mean:.1f} ({100 * least:.1f}) {100 * width:.0f}"
            for mean, least, width in (coverage[name] for name in order)
        ]
        lines.append(f"| {design} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table({f"{n:,} of {population:,}": simple(n, population) for n, population in SIMPLE}))
    made = {name: stratified(*given) for name, given in STRATIFIED.items()}
    last = list(STRATIFIED.values())[-1]
    made["500 of 11,000, shares from a fifth to 4 times"] = stratified(*last, UNEVEN)
    print(table(made))
    print(table({"40 designs drawn at random": drawn()}))
