"""Sensitivity analysis through the public verb, against the published runs of COINr on ASEM."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose, sensitivity
from begleitforschung.composite.sensitivity_plan import RunPlan
from begleitforschung.frameworks import Method, Step
from begleitforschung.stats.indices.ranking import competition_ranks

NAMES = {
    "treat.winmax": "Winmax",
    "normalise": "Normalisation",
    "weights": "Weights",
    "aggregate": "Aggregation",
}


@pytest.fixture(scope="module")
def spec(asem):
    """The last three steps, for figures that are screened already."""
    steps = (
        Step("treat", Method("winsorise", winmax=5)),
        Step("normalise", Method("minmax", lower=1, upper=100)),
        Step("aggregate", "arithmetic"),
    )
    plain = tuple(dataclasses.replace(item, denominator=None) for item in asem.indicators)
    return asem.replace(steps=steps, indicators=plain)


@pytest.fixture(scope="module")
def screened(ref):
    return ref("asem/04_screened").rename(columns={"uCode": "unit"})


@pytest.fixture(scope="module")
def vary(ref):
    noisy = ref("sensitivity/noisy_weights_seed11").set_index("iCode")
    sets = [noisy[f"w{k}"].drop("Index").to_dict() for k in range(1, 101)]
    return {
        "treat.winmax": [1, 2, 3, 4, 5],
        "normalise": [
            Method("minmax", lower=1, upper=100),
            Method("zscore", mean=10, sd=2),
        ],
        "weights": sets,
        "aggregate": ["arithmetic", "geometric"],
    }


@pytest.fixture(scope="module")
def every(screened, spec, vary):
    return sensitivity(screened, spec, vary=vary, year=2018)


def test_all_2000_combinations_give_the_exact_indices(ref, every):
    expected = ref("sensitivity/exact_indices_by_enumeration").set_index("Variable")
    found = every.indices.set_index(every.indices["choice"].map(NAMES))
    assert every.method == "exact"
    for name, column in (("first", "Si"), ("total", "STi")):
        np.testing.assert_allclose(found[name], expected[column].loc[found.index], rtol=1e-10)
    assert found["first_low"].isna().all()


@pytest.mark.parametrize("threads", [1, 2])
def test_the_600_runs_of_coinr(ref, screened, spec, vary, threads, monkeypatch):
    """The runs are those of COINr's own sample instead of ours."""
    parameters = ref("sensitivity/SA_N100_parameters")
    levels = np.column_stack(
        [
            parameters["Winmax"] - 1,
            parameters["Normalisation"] == "n_zscore",
            parameters["Weights"] - 1,
            parameters["Aggregation"] == "a_gmean",
        ]
    ).astype(np.int64)

    def theirs(choices, *_):
        points = tuple(np.zeros((600, 1)) for _ in choices)
        return RunPlan(choices=choices, exact=False, n=100, levels=levels, points=points)

    monkeypatch.setattr("begleitforschung.composite.sensitivity_analysis.plan_runs", theirs)
    found = sensitivity(screened, spec, vary=vary, year=2018, n_jobs=threads)
    scores = ref("sensitivity/SA_N100_scores").set_index("uCode")
    ranks = ref("sensitivity/SA_N100_ranks").set_index("uCode")
    runs = [f"r_{number}" for number in range(1, 601)]
    units = list(found.units)
    np.testing.assert_allclose(found.scores.T, scores.loc[units, runs], rtol=1e-10)
    np.testing.assert_array_equal(found.ranks.T, ranks.loc[units, runs])
    np.testing.assert_array_equal(found.table["rank"], ranks.loc[units, "Nominal"])
    np.testing.assert_allclose(found.shift, ref("sensitivity/SA_N100_y")["y"], rtol=1e-12)
    statistics = ref("sensitivity/SA_N100_rankstats").set_index("uCode").loc[units]
    for ours, column in {"mean": "Mean", "median": "Median", "low": "Q5", "high": "Q95"}.items():
        np.testing.assert_allclose(found.table[ours], statistics[column], rtol=1e-12)
    total = ref("sensitivity/SA_N100_indices")["STi"]
    np.testing.assert_allclose(found.indices["total"], total, rtol=1e-10)


def test_a_sample_comes_close_and_its_intervals_hold_the_exact_indices(screened, spec, vary, every):
    found = sensitivity(screened, spec, vary=vary, year=2018, exact=False, n=512, interval=0.99)
    assert found.method == "sampled"
    assert len(found.shift) == 512 * 6
    for name in ("first", "total"):
        exact = every.indices[name]
        np.testing.assert_allclose(found.indices[name], exact, atol=0.08)
        inside = found.indices[f"{name}_low"].le(exact) & exact.le(found.indices[f"{name}_high"])
        assert inside.sum() >= 3
    assert "sensitivity.sampled" in [item.rule for item in found.findings]


def test_each_run_is_what_compose_gives(screened, spec, vary, every):
    """Some of the 2,000 combinations, composed one by one from their own specification."""
    for run in (0, 457, 1301, 1999):
        row = every.runs.iloc[run]
        weights = vary["weights"][int(row["weights"]) - 1]
        method = vary["normalise"][int("zscore" in row["normalise"])]
        variant = (
            spec.with_step("treat", winmax=int(row["treat.winmax"]))
            .with_step("normalise", method)
            .with_step("aggregate", str(row["aggregate"]))
            .with_weights(weights)
        )
        result = compose(screened, variant, year=2018)
        scores = result.scores("index").iloc[:, 0].to_numpy()
        np.testing.assert_allclose(every.scores[run], scores, rtol=1e-12)
        np.testing.assert_array_equal(every.ranks[run], competition_ranks(scores))


def test_nominal_scores_and_ranks_are_those_of_compose(screened, spec, every):
    result = compose(screened, spec, year=2018)
    np.testing.assert_array_equal(every.table["score"], result.scores("index").iloc[:, 0])
    np.testing.assert_array_equal(every.table["rank"], result.ranks("index").iloc[:, 0])


def test_indices_of_each_unit(every):
    shares = every.unit_indices("rank")
    assert len(shares) == 51 * 4
    germany = every.ranks[:, every.units.index("DEU")].reshape(5, 2, 100, 2).astype(float)
    own = shares[shares["unit"] == "DEU"].set_index("choice")
    for axis, choice in enumerate(every.choices):
        others = tuple(other for other in range(4) if other != axis)
        first = germany.mean(axis=others).var() / germany.var()
        total = germany.var(axis=axis).mean() / germany.var()
        assert own.loc[choice, "first"] == pytest.approx(first, rel=1e-10)
        assert own.loc[choice, "total"] == pytest.approx(total, rel=1e-10)
    scores = every.unit_indices("score", ["DEU", "FRA"]).set_index(["unit", "choice"])
    # Scores around 10 and around 50 differ by their scale more than by anything else.
    assert scores.loc[("DEU", "normalise"), "first"] > 0.9


def test_ranks_of_pairs_and_ranks(every):
    wins = every.dominance(["CHE", "DEU", "RUS"])
    assert wins.loc["CHE", "RUS"] == 1
    assert np.isnan(wins.loc["DEU", "DEU"])
    position = every.units.index("DEU")
    before = every.ranks[:, position] < every.ranks[:, every.units.index("CHE")]
    assert wins.loc["DEU", "CHE"] == pytest.approx(before.mean())
    shares = every.rank_probabilities(["DEU"]).loc["DEU"]
    assert shares.sum() == pytest.approx(1)
    row = every.table.set_index("unit").loc["DEU"]
    assert shares.loc[:10].sum() == pytest.approx(row["top_10"])


def test_the_same_seed_gives_the_same_result_on_any_number_of_cores(screened, spec, vary):
    options = {"vary": {**vary, "weights": 0.25}, "year": 2018, "n": 64, "keep_scores": True}
    one, two = (sensitivity(screened, spec, n_jobs=jobs, **options) for jobs in (1, 2))
    np.testing.assert_array_equal(one.scores, two.scores)
    np.testing.assert_array_equal(one.ranks, two.ranks)
    pd.testing.assert_frame_equal(one.indices, two.indices)
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.provenance.fingerprint == two.provenance.fingerprint
    other = sensitivity(screened, spec, seed=1, **options)
    assert not np.array_equal(one.ranks, other.ranks)
    assert one.provenance.fingerprint != other.provenance.fingerprint
