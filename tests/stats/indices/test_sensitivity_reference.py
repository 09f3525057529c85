"""The published runs of COINr on ASEM: 600 and 3,000 runs, made again by matrix products."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from begleitforschung.stats.indices.enumeration import exact_indices, factorial_design
from begleitforschung.stats.indices.normalise import minmax, zscore
from begleitforschung.stats.indices.ranking import competition_ranks
from begleitforschung.stats.indices.runs import Batch, RankedRuns, ranked_runs
from begleitforschung.stats.indices.smaa import rank_statistics
from begleitforschung.stats.indices.sobol import sobol_design, sobol_indices
from begleitforschung.stats.indices.treat import apply_treatment, plan_treatments
from begleitforschung.stats.indices.tree import (
    WeightTree,
    effective_weights,
    node_scores,
    power_scores,
    tree_of_parents,
)

LEVELS = (5, 2, 100, 2)  # limit of winsorisation, normalisation, set of weights, mean


@dataclass(frozen=True)
class Asem:
    values: np.ndarray
    direction: np.ndarray
    tree: WeightTree
    weights: np.ndarray  # (elements, 100)

    def normalised(self, winmax: int, method: int) -> np.ndarray:
        plan = plan_treatments(self.values, [winmax])[0]
        x = apply_treatment(self.values, plan) * self.direction
        if method == 0:
            return minmax(x, lower=1, upper=100)
        return zscore(x, mean=10, sd=2)

    def batches(self, choices: np.ndarray) -> list[Batch]:
        """Runs of one treatment, normalisation and mean are one batch."""
        effective = effective_weights(self.tree, self.weights)
        kinds = choices[:, [0, 1, 3]]
        found = []
        for kind in np.unique(kinds, axis=0):
            runs = np.flatnonzero((kinds == kind).all(axis=1))
            x = self.normalised(int(kind[0]) + 1, int(kind[1]))
            order = 1.0 - float(kind[2])
            own = effective[:, choices[runs, 2]]
            found.append(
                Batch(
                    runs=runs, prepare=lambda x=x, own=own, order=order: power_scores(x, own, order)
                )
            )
        return found

    def nominal(self) -> np.ndarray:
        ones = np.ones((len(self.weights), 2))
        score = power_scores(self.normalised(5, 0), effective_weights(self.tree, ones), 1.0)
        return competition_ranks(score(slice(0, 1)))[0]

    def run(self, choices: np.ndarray, **options) -> RankedRuns:
        return ranked_runs(self.batches(choices), self.nominal(), **options)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _numbers(path: Path, start: str = "r_") -> np.ndarray:
    """Columns that begin with `start`, one row of the result for each."""
    rows = _rows(path)
    names = [name for name in rows[0] if name.startswith(start)]
    return np.array([[float(row[name]) for row in rows] for name in names])


@pytest.fixture(scope="module")
def ref(shared) -> Path:
    return shared / "reference" / "composite" / "ref"


@pytest.fixture(scope="module")
def asem(ref) -> Asem:
    screened = _rows(ref / "asem" / "04_screened.csv")
    names = [name for name in screened[0] if name != "uCode"]
    meta = {row["iCode"]: row for row in _rows(ref / "asem" / "00_meta_ind_sorted.csv")}
    noisy = _rows(ref / "sensitivity" / "noisy_weights_seed11.csv")
    elements = names + [row["iCode"] for row in noisy if int(row["Level"]) > 1]
    weight = {row["iCode"]: [float(row[f"w{k}"]) for k in range(1, 101)] for row in noisy}
    place = {name: number for number, name in enumerate(elements)}
    return Asem(
        values=np.array([[float(row[name] or "nan") for name in names] for row in screened]),
        direction=np.array([float(meta[name]["Direction"]) for name in names]),
        tree=tree_of_parents(
            [place.get(meta[name]["Parent"], -1) for name in elements], len(names)
        ),
        weights=np.array([weight[name] for name in elements]),
    )


@pytest.fixture(scope="module")
def choices(ref) -> np.ndarray:
    rows = _rows(ref / "sensitivity" / "SA_N100_parameters.csv")
    return np.array(
        [
            [
                int(row["Winmax"]) - 1,
                row["Normalisation"] == "n_zscore",
                int(row["Weights"]) - 1,
                row["Aggregation"] == "a_gmean",
            ]
            for row in rows
        ],
        np.int64,
    )


@pytest.fixture(scope="module")
def runs(asem, choices) -> RankedRuns:
    return asem.run(choices, keep_scores=True)


@pytest.fixture(scope="module")
def every(asem) -> RankedRuns:
    return asem.run(factorial_design(LEVELS), keep_scores=True)


def test_scores_of_all_600_runs(ref, runs):
    expected = _numbers(ref / "sensitivity" / "SA_N100_scores.csv")
    np.testing.assert_allclose(runs.scores, expected, rtol=1e-10)


def test_ranks_of_all_600_runs(ref, asem, runs):
    rows = ref / "sensitivity" / "SA_N100_ranks.csv"
    np.testing.assert_array_equal(runs.ranks, _numbers(rows))
    np.testing.assert_array_equal(asem.nominal(), _numbers(rows, "Nominal")[0])


def test_mean_rank_shift_of_all_600_runs(ref, runs):
    rows = _rows(ref / "sensitivity" / "SA_N100_y.csv")
    np.testing.assert_allclose(runs.shift, [float(row["y"]) for row in rows], rtol=1e-12)


def test_node_by_node_gives_the_same_scores(asem, choices, runs):
    for kind in ((4, 0, 0), (2, 1, 1)):
        own = np.flatnonzero((choices[:, [0, 1, 3]] == kind).all(axis=1))
        orders = np.full(len(asem.tree.children), 1.0 - kind[2])
        x = asem.normalised(kind[0] + 1, kind[1])
        scores = node_scores(x, asem.tree, asem.weights[:, choices[own, 2]], orders)
        np.testing.assert_allclose(scores(slice(None)), runs.scores[own], rtol=1e-12)


@pytest.mark.parametrize(("n", "name"), [(100, "SA_N100"), (500, "SA_N500")])
def test_shifts_rank_statistics_and_indices_of_coinr(ref, asem, n, name):
    """COINr's own draws are made again, so that its 600 and 3,000 runs are compared one by one."""
    folder = ref / "sensitivity"
    found = asem.run(_levels(_coinr_design(42, n)))
    shifts = [float(row["y"]) for row in _rows(folder / f"{name}_y.csv")]
    np.testing.assert_allclose(found.shift, shifts, rtol=1e-12)
    _check_rank_statistics(found.ranks[: 2 * n], folder / f"{name}_rankstats.csv")
    first, total = _plain_indices(found.shift, n)
    rows = _rows(folder / f"{name}_indices.csv")
    np.testing.assert_allclose(first, [float(row["Si"]) for row in rows], rtol=1e-10)
    np.testing.assert_allclose(total, [float(row["STi"]) for row in rows], rtol=1e-10)
    ours = sobol_indices(found.shift, len(LEVELS))
    np.testing.assert_allclose(ours.total[:, 0], total, rtol=1e-10)


def test_the_sample_of_coinr_is_made_again(ref, choices):
    design = _coinr_design(42, 100)
    rows = _rows(ref / "sensitivity" / "SA_N100_sample_seed42.csv")
    np.testing.assert_array_equal(design, [[float(value) for value in r.values()] for r in rows])
    np.testing.assert_array_equal(_levels(design), choices)


def test_uncertainty_analysis_of_coinr(ref, asem):
    folder = ref / "sensitivity"
    draws = _r_uniform(43, 2000).reshape(4, 500).T
    found = asem.run(_levels(draws), keep_scores=True)
    np.testing.assert_allclose(found.scores, _numbers(folder / "UA_N500_scores.csv"), rtol=1e-10)
    _check_rank_statistics(found.ranks, folder / "UA_N500_rankstats.csv")


def _check_rank_statistics(ranks: np.ndarray, path: Path) -> None:
    found, rows = rank_statistics(ranks), _rows(path)
    np.testing.assert_allclose(found.mean, [float(row["Mean"]) for row in rows], rtol=1e-12)
    for column, key in enumerate(("Q5", "Median", "Q95")):
        expected = [float(row[key]) for row in rows]
        np.testing.assert_allclose(found.quantiles[:, column], expected, rtol=1e-12)


def _r_uniform(seed: int, n: int) -> np.ndarray:
    """R's runif after set.seed: the same Mersenne Twister, filled by a congruential generator."""
    words = []
    for _ in range(50 + 625):
        seed = (69069 * seed + 1) % 2**32
        words.append(seed)
    generator = np.random.MT19937()
    state = generator.state
    state["state"] = {"key": np.array(words[51:], np.uint32), "pos": 624}
    generator.state = state
    return generator.random_raw(n) / 2**32


def _coinr_design(seed: int, n: int) -> np.ndarray:
    drawn = _r_uniform(seed, 8 * n).reshape(8, n).T
    a, b = drawn[:, :4], drawn[:, 4:]
    mixed = [np.where(np.arange(4) == i, b, a) for i in range(4)]
    return np.concatenate([a, b, *mixed])


def _levels(design: np.ndarray) -> np.ndarray:
    """COINr cuts the range of the sample, not that from 0 to 1, into equal parts."""
    found = np.empty(design.shape, np.int64)
    for i, k in enumerate(LEVELS):
        low, high = design[:, i].min(), design[:, i].max()
        inner = low + (high - low) * np.arange(1, k) / k
        found[:, i] = np.searchsorted(inner, design[:, i], side="left")
    return found


def _plain_indices(y: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The estimator of COINr: the mean is not taken off, so S may lie above T."""
    a, b, c = y[:n], y[n : 2 * n], y[2 * n :].reshape(-1, n)
    variance = np.var(y[: 2 * n], ddof=1)
    return (b * (c - a)).mean(axis=1) / variance, ((a - c) ** 2).mean(axis=1) / (2 * variance)


def test_plain_estimator_puts_first_above_total_order_where_ours_does_not(asem, ref):
    shift = asem.run(_levels(_coinr_design(42, 500))).shift
    first, total = _plain_indices(shift, 500)
    ours = sobol_indices(shift, 4)
    assert first[2] > total[2]
    assert ours.first[2, 0] < ours.total[2, 0]


def test_error_of_the_estimators(ref, every):
    """Root mean square error over designs, against the published table for the same estimator."""
    exact = exact_indices(every.shift, LEVELS)
    outcomes = every.shift.reshape(LEVELS)
    errors = []
    for seed in range(60):
        design = sobol_design(512, 4, seed=seed)
        level = tuple((design * LEVELS).astype(np.int64).T)
        found = sobol_indices(outcomes[level], 4)
        errors.append([found.first - exact.first, found.total - exact.total])
    error = np.sqrt(np.mean(np.square(errors), axis=0))[:, :, 0]
    names = ("Winmax", "Normalisation", "Weights", "Aggregation")
    published = next(
        row
        for row in _rows(ref / "sensitivity" / "estimator_rmse.csv")
        if (row["N"], row["design"], row["S_estimator"]) == ("512", "sobol", "centred")
    )
    for kind, found in zip("ST", error, strict=True):
        expected = np.array([float(published[f"rmse_{kind}_{name}"]) for name in names])
        assert (found < 1.3 * expected).all()


def test_indices_by_enumeration(ref, every):
    rows = _rows(ref / "sensitivity" / "exact_indices_by_enumeration.csv")
    found = exact_indices(every.shift, LEVELS)
    np.testing.assert_allclose(found.first[:, 0], [float(row["Si"]) for row in rows], rtol=1e-10)
    np.testing.assert_allclose(found.total[:, 0], [float(row["STi"]) for row in rows], rtol=1e-10)
