"""Sensitivity analysis of 3,000 runs, side by side with the prototype's way and a lower bound.

The same work three times, in one process on the same data: four assumptions (limit of
winsorisation, min-max or z-score, 100 noisy sets of weights, arithmetic or geometric mean), ranks
of all units in all runs, rank statistics over the first 2N runs, indices of the mean rank shift.

* verb: `begleitforschung.sensitivity` from a DataFrame to the result with tables and provenance
* ours: its numbers alone: distinct data once, matrix products, packed keys, blocks over threads,
  bootstrap intervals
* argsort: matrix products as well, then ranks by argsort as one would write them, all kept
* bound: matrix products and a plain sort of the scores, nothing else; no ranking can be faster
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import sensitivity
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step
from begleitforschung.stats.indices.normalise import minmax, zscore
from begleitforschung.stats.indices.ranking import competition_ranks
from begleitforschung.stats.indices.runs import Batch, ranked_runs, workers
from begleitforschung.stats.indices.smaa import rank_statistics
from begleitforschung.stats.indices.sobol import sobol_design, sobol_indices
from begleitforschung.stats.indices.treat import apply_treatment, plan_treatments
from begleitforschung.stats.indices.tree import effective_weights, power_scores, tree_of_parents

N, INPUTS, P = 500, 4, 60
SIZES = [51, 400, 11_000]
DIRECTION = np.where(np.arange(P) % 6 == 5, -1.0, 1.0)
TREE = tree_of_parents(
    [P + j // 5 for j in range(P)] + [P + 12 + k // 3 for k in range(12)] + [P + 16] * 4 + [-1], P
)


def simulated(n: int) -> np.ndarray:
    """60 indicators on four factors; every fourth is skewed, every sixth runs the other way."""
    generator = np.random.default_rng(20240600)
    factors, noise = generator.normal(size=(n, 4)), generator.normal(size=(n, P))
    z = 0.6 * factors[:, np.arange(P) // 15] * DIRECTION + 0.8 * noise
    return np.where(np.arange(P) % 4 == 3, 10 * np.exp(1.1 * z), 50 + 10 * z)


def noisy_weights() -> np.ndarray:
    weights = np.ones((TREE.n_elements, 100))
    weights[P : P + 16] += np.random.default_rng(11).uniform(-0.25, 0.25, (16, 100))
    return weights


def choices() -> np.ndarray:
    return (sobol_design(N, INPUTS, seed=1) * (5, 2, 100, 2)).astype(np.int64)


def normalised(x: np.ndarray, method: int) -> np.ndarray:
    return zscore(x, mean=100, sd=10) if method else minmax(x, lower=1, upper=100)


def specification() -> IndexSpec:
    indicators = [
        IndicatorSpec(
            id=f"i{j:02d}",
            parent=f"p{j // 5:02d}",
            direction="higher" if DIRECTION[j] > 0 else "lower",
        )
        for j in range(P)
    ]
    pillars = [NodeSpec(id=f"p{k:02d}", parent=f"s{k // 3}") for k in range(12)]
    parts = [NodeSpec(id=f"s{k}", parent="index") for k in range(4)]
    steps = [
        Step("treat", Method("winsorise", winmax=5)),
        Step("normalise", Method("minmax", lower=1, upper=100)),
        Step("aggregate", "arithmetic"),
    ]
    nodes = [*pillars, *parts, NodeSpec(id="index")]
    return IndexSpec(id="simulated", indicators=indicators, nodes=nodes, steps=steps)


def verb(x: np.ndarray, n_bootstrap: int = 200):
    spec = specification()
    names = [f"u{i:05d}" for i in range(len(x))]
    frame = pd.DataFrame(x, index=names, columns=[item.id for item in spec.indicators])
    moved = list(spec.tree.ids[P:-1])
    sets = [dict(zip(moved, column, strict=True)) for column in noisy_weights()[P : P + 16].T]
    vary = {
        "treat.winmax": [1, 2, 3, 4, 5],
        "normalise": [
            Method("minmax", lower=1, upper=100),
            Method("zscore", mean=100, sd=10),
        ],
        "weights": sets,
        "aggregate": ["arithmetic", "geometric"],
    }
    return sensitivity(
        frame,
        spec,
        vary=vary,
        year=2024,
        exact=False,
        n=N,
        seed=1,
        n_bootstrap=n_bootstrap,
        keep_scores=False,
    )


def prepared(x: np.ndarray):
    plans = plan_treatments(x, [1, 2, 3, 4, 5])
    treated = [apply_treatment(x, plan) * DIRECTION for plan in plans]
    chosen = choices()
    kinds = chosen[:, [0, 1, 3]]
    groups = [
        (kind, np.flatnonzero((kinds == kind).all(axis=1))) for kind in np.unique(kinds, axis=0)
    ]
    return treated, effective_weights(TREE, noisy_weights()), chosen[:, 2], groups


def ours(x: np.ndarray, n_bootstrap: int = 200):
    treated, effective, sets, groups = prepared(x)
    even = effective_weights(TREE, np.ones((TREE.n_elements, 2)))
    nominal = competition_ranks(power_scores(normalised(treated[4], 0), even, 1.0)(slice(1)))[0]

    @lru_cache(maxsize=4)
    def data(treatment: int, method: int) -> np.ndarray:
        return normalised(treated[treatment], method)

    def batch(kind: np.ndarray, runs: np.ndarray) -> Batch:
        def prepare():
            return power_scores(
                data(int(kind[0]), int(kind[1])), effective[:, sets[runs]], 1.0 - kind[2]
            )

        return Batch(runs=runs, prepare=prepare)

    found = ranked_runs([batch(*group) for group in groups], nominal)
    with workers(2 * N * len(x)) as executor:
        statistics = rank_statistics(found.ranks[: 2 * N], top=(10,), executor=executor)
    return found, statistics, sobol_indices(found.shift, INPUTS, n_bootstrap=n_bootstrap)


def by_argsort(x: np.ndarray):
    treated, effective, sets, groups = prepared(x)
    everything = {(t, m): normalised(treated[t], m) for t in range(5) for m in (0, 1)}
    scores = np.empty((len(sets), len(x)))
    ranks = np.empty(scores.shape, np.int32)

    def score(group):
        (treatment, method, mean), runs = group
        data, weights = everything[treatment, method], effective[:, sets[runs]].T
        with np.errstate(invalid="ignore"):  # values below zero: ranks of NaN, as in the prototype
            scores[runs] = np.exp(weights @ np.log(data).T) if mean else weights @ data.T

    def rank(runs):
        order = np.argsort(-scores[runs], axis=1)
        lined_up = np.take_along_axis(scores[runs], order, axis=1)
        begins = np.ones(lined_up.shape, bool)
        begins[:, 1:] = lined_up[:, 1:] != lined_up[:, :-1]
        places = np.where(begins, np.arange(1, len(x) + 1, dtype=np.int32), 0)
        own = np.empty(lined_up.shape, np.int32)
        np.put_along_axis(own, order, np.maximum.accumulate(places, axis=1), axis=1)
        ranks[runs] = own

    with ThreadPoolExecutor(2) as executor:
        list(executor.map(score, groups))
        list(executor.map(rank, np.array_split(np.arange(len(sets)), max(2, scores.size // 10**6))))
    nominal = competition_ranks(everything[4, 0].mean(axis=1))
    shift = np.abs(ranks - nominal).mean(axis=1)
    statistics = np.quantile(ranks[: 2 * N], (0.05, 0.5, 0.95), axis=0)
    return ranks, shift, statistics, sobol_indices(shift, INPUTS)


def bound(x: np.ndarray) -> None:
    treated, effective, sets, groups = prepared(x)
    everything = {(t, m): normalised(treated[t], m) for t in range(5) for m in (0, 1)}

    def score(group):
        (treatment, method, _), runs = group
        data, step = everything[treatment, method].T, max(1, 400_000 // len(x))
        for start in range(0, len(runs), step):
            product = effective[:, sets[runs[start : start + step]]].T @ data
            product.sort(axis=1)

    with ThreadPoolExecutor(2) as executor:
        list(executor.map(score, groups))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(
    "way", [verb, ours, by_argsort, bound], ids=["verb", "ours", "argsort", "bound"]
)
def test_3000_runs(benchmark, way, n):
    x = simulated(n)
    benchmark.group = f"{n} units x {P} indicators"
    benchmark.pedantic(way, (x,), rounds=5, warmup_rounds=1)


@pytest.mark.parametrize("n", SIZES[:2])
def test_both_ways_give_the_same_ranks(n):
    found, statistics, indices = ours(simulated(n))
    ranks, shift, quantiles, plain = by_argsort(simulated(n))
    assert (found.ranks == ranks).mean() > 0.9999  # products of other sizes round differently
    np.testing.assert_allclose(found.shift, shift, atol=0.01)
    np.testing.assert_allclose(statistics.quantiles.T, quantiles, atol=1)
    np.testing.assert_allclose(indices.total, plain.total, atol=1e-3)
    whole = verb(simulated(n))
    np.testing.assert_allclose(whole.shift, found.shift, atol=0.01)
    np.testing.assert_allclose(whole.indices["total"], indices.total[:, 0], atol=1e-3)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("n_bootstrap", [0, 200])
def test_bootstrap_intervals_add_little(benchmark, n, n_bootstrap):
    x = simulated(n)
    benchmark.group = f"{n} units, intervals"
    benchmark.pedantic(ours, (x, n_bootstrap), rounds=5, warmup_rounds=1)


@pytest.mark.parametrize("way", ["verb", "ours", "by_argsort"])
def test_peak_memory_at_11000_units(way):
    """In a process of its own, Python and its libraries included (Linux)."""
    code = (
        "import re, runpy; b = runpy.run_path({path!r});"
        "b[{way!r}](b['simulated'](11_000));"
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"
    )
    call = [sys.executable, "-c", code.format(path=__file__, way=way)]
    peak = int(subprocess.run(call, capture_output=True, text=True, check=True).stdout) / 1024
    print(f"{way}: {peak:.0f} MiB")
