"""How long the numerics of surveys take, beside R survey 4.5 (0.46 s, 2.7 s, 6.9 s) and svy 0.35.

The data are those of ../shared/reference/survey/timings/bench_gen.py: 40 strata with population
counts, 50 variables, 20 domains.
"""

from __future__ import annotations

import csv
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from begleitforschung.stats.sampling import (
    bootstrap,
    domain_means,
    means,
    rake_weights,
    sampling_design,
)

REFERENCE = Path(__file__).resolve().parents[2] / "shared/reference/survey/timings"


def _sample(n: int):
    rng = np.random.default_rng(7)
    strata = np.sort(rng.integers(0, 40, n))
    sampled = np.bincount(strata, minlength=40)
    population = np.round(sampled * rng.uniform(1.5, 12, 40)).astype(int)
    domain = rng.integers(0, 20, n)
    shares = (rng.random((n, 50)) < 0.3).astype(float)
    amounts = np.round(rng.lognormal(1, 0.7, (n, 50)), 4)
    y = np.where(np.arange(50) < 25, shares, amounts)
    design = sampling_design(
        (population / sampled)[strata], strata=[strata], population=[population[strata]]
    )
    return y, domain, design


@pytest.fixture(scope="module", params=[5_000, 200_000])
def sample(request):
    return _sample(request.param)


@pytest.fixture(scope="module")
def small():
    return _sample(5_000)


def test_50_variables_in_20_domains(benchmark, sample):
    y, domain, design = sample
    result = benchmark.pedantic(domain_means, (y, domain, 20, design), rounds=7)
    assert result.values.shape == (20, 50)


def test_50_variables_in_20_domains_with_missing_values(benchmark, sample):
    y, domain, design = sample
    gaps = np.where(np.random.default_rng(1).random(y.shape) < 0.05, np.nan, y)
    result = benchmark.pedantic(domain_means, (gaps, domain, 20, design), rounds=5)
    assert np.isfinite(result.se).all()


def test_50_means_with_covariance(benchmark, sample):
    y, _, design = sample
    result = benchmark.pedantic(means, (y, design), rounds=5)
    assert result.covariance.shape == (50, 50)


def test_500_bootstrap_replicates_and_50_means(benchmark, small):
    y, _, design = small
    result = benchmark.pedantic(lambda: means(y, bootstrap(design, 500, 1)), rounds=5)
    assert (result.se > 0).all()


def test_rake_200_000_rows_on_five_margins(benchmark):
    rng = np.random.default_rng(3)
    n, classes = 200_000, (16, 8, 5, 4, 12)
    margins = [rng.integers(0, k, n) for k in classes]
    truth = rng.lognormal(0, 0.3, n)
    for codes, k in zip(margins, classes, strict=True):
        truth = truth * rng.uniform(0.6, 1.6, k)[codes]
    totals = [np.bincount(codes, truth) for codes in margins]
    result = benchmark.pedantic(rake_weights, (margins, totals, np.ones(n)), rounds=5)
    assert result.error < 1e-10


def test_bootstrap_of_200_000_rows_stays_small(benchmark):
    y, _, design = _sample(200_000)

    def run() -> float:
        tracemalloc.start()
        means(y[:, :10], bootstrap(design, 100, 1))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak = benchmark.pedantic(run, rounds=1)
    assert peak < 400e6  # replicates x rows are held as bytes (20 MB), blocks of 64 MB


def test_same_figures_as_r(benchmark, small):
    if not (REFERENCE / "bench_ref_5000.csv").is_file():
        pytest.skip("the folder '../shared' with R's figures is not there")
    y, domain, design = small
    with (REFERENCE / "bench_ref_5000.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    theirs = np.array([[float(r[1]), float(r[2])] for r in rows]).reshape(50, 20, 2)
    result = benchmark.pedantic(domain_means, (y, domain, 20, design), rounds=1)
    np.testing.assert_allclose(result.values.T, theirs[..., 0], rtol=1e-12)
    np.testing.assert_allclose(result.se.T, theirs[..., 1], rtol=1e-11)
