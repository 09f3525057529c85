"""Changes between samples that share units: R where it applies, identities, a simulated panel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.stats.sampling import (
    Shared,
    calibrate,
    change,
    replicate_design,
    sampling_design,
    wave,
)

FOLDER = Path(__file__).parents[2] / "estimation/reference"


@pytest.fixture(scope="module")
def waves():
    return pd.read_csv(FOLDER / "waves.csv")


@pytest.fixture(scope="module")
def r():
    return pd.read_csv(FOLDER / "changes.csv").set_index(["case", "quantity"])["value"]


def design(frame, *, finite=True, **more):
    n = frame.groupby("stratum")["unit"].transform("size")
    population = [frame["N"]] if finite else []
    return sampling_design(frame["N"] / n, strata=[frame["stratum"]], population=population, **more)


def shared(one, two):
    both = sorted(set(one["unit"]) & set(two["unit"]))
    return Shared(
        first=pd.Index(one["unit"]).get_indexer(both),
        second=pd.Index(two["unit"]).get_indexer(both),
        alike=np.ones(len(both), dtype=bool),
    )


def found(one, two, name, *, total=False, group=None, **more):
    inside = [None if group is None else (f["g"] == group).to_numpy() for f in (one, two)]
    first, second = (
        wave(f[f"{name}{at}"], design(f, **more), where=w, total=total)
        for at, (f, w) in enumerate(zip((one, two), inside, strict=True), start=1)
    )
    return change(first, second, shared(one, two))


def parts(waves, case):
    in1, in2 = waves["in1"] == 1, waves["in2"] == 1
    masks = {"full": (in1, in1), "apart": (in1 & ~in2, in2 & ~in1), "partial": (in1, in2)}
    return [waves[mask].reset_index(drop=True) for mask in masks[case.split()[0]]]


@pytest.mark.parametrize("case", ["full", "full analytic", "full domain", "apart"])
@pytest.mark.parametrize("name", ["y", "q"])
@pytest.mark.parametrize("kind", ["mean", "total"])
def test_complete_and_no_overlap_are_those_of_r(waves, r, case, name, kind):
    options = {"finite": "analytic" not in case, "group": "x" if "domain" in case else None}
    ours = found(*parts(waves, case), name, total=kind == "total", **options)
    theirs = r[f"{case} {kind} {name}"]
    assert ours.values[0] == pytest.approx(theirs["change"], rel=1e-10)
    assert ours.variances[0] ** 0.5 == pytest.approx(theirs["se"], rel=1e-10)


def test_partial_overlap_is_near_to_r_which_centres_otherwise(waves, r):
    for name in ("y", "q"):
        ours = found(*parts(waves, "partial"), name, finite=False)
        theirs = r[f"partial analytic mean {name}"]
        assert ours.values[0] == pytest.approx(theirs["change"], rel=1e-10)
        assert ours.variances[0] ** 0.5 == pytest.approx(theirs["se"], rel=0.1)


@pytest.mark.parametrize("single", ["adjust", "average", "remove"])
def test_identical_waves_have_neither_change_nor_variance(waves, single):
    one = parts(waves, "full")[0]
    one = one[(one["stratum"] != "c") | (one.groupby("stratum").cumcount() == 0)]
    one = one.reset_index(drop=True)  # one unit of stratum c is left
    made = wave(one[["y1", "q1"]], design(one, single=single))
    same = change(made, made, shared(one, one))
    assert same.values.tolist() == same.variances.tolist() == [0.0, 0.0]


def test_without_shared_units_variances_add_up(waves):
    one, two = parts(waves, "partial")
    first, second = wave(one["y1"], design(one)), wave(two["y2"], design(two))
    nothing = Shared(first=np.array([], int), second=np.array([], int), alike=np.array([], bool))
    apart = change(first, second, nothing)
    np.testing.assert_allclose(apart.variances, first.variances + second.variances)
    assert apart.df.tolist() == [min(first.df[0], second.df[0])]
    strange = Shared(**{k: getattr(shared(one, two), k) for k in ("first", "second")},
                     alike=np.zeros(30, bool))  # fmt: skip
    np.testing.assert_allclose(change(first, second, strange).variances, apart.variances)


def test_full_populations_that_all_answered_have_no_variance():
    full = sampling_design(strata=[["a", "a", "b"]], population=[[2, 2, 1]])
    rows = np.arange(3)
    both = Shared(first=rows, second=rows, alike=np.ones(3, dtype=bool))
    made = change(wave([1.0, 2.0, 3.0], full), wave([3.0, 2.0, 5.0], full), both)
    assert made.values.tolist() == [pytest.approx(4 / 3)]
    assert made.variances.tolist() == [0.0]


def test_a_calibrated_variable_has_no_variance_of_change(waves):
    one = parts(waves, "full")[0]
    x = np.column_stack([np.ones(len(one)), one["y1"]])
    made, _ = calibrate(design(one, finite=False), x, [170.0, 300.0])
    first = wave(one["y1"], made, total=True)
    assert change(first, first, shared(one, one)).variances[0] == 0.0
    assert first.variances[0] == pytest.approx(0, abs=1e-18)


@given(st.integers(0, 8), st.integers(0, 2**32 - 1))
def test_the_variance_is_never_negative(n12, seed):
    draw = np.random.default_rng(seed)
    first = sampling_design(population=[[20] * 8])
    second = sampling_design(population=[[20] * 9])
    rows = np.arange(n12)
    both = Shared(first=rows, second=rows, alike=np.ones(n12, dtype=bool))
    one, two = wave(draw.exponential(size=8), first), wave(draw.exponential(size=9), second)
    made = change(one, two, both)
    assert made.variances[0] >= 0
    root = np.sqrt(one.variances[0]), np.sqrt(two.variances[0])
    assert (root[0] - root[1]) ** 2 - 1e-12 <= made.variances[0] <= (root[0] + root[1]) ** 2 + 1e-12


def test_clusters_and_replicates_that_share_units_are_refused():
    rows = np.arange(4)
    both = Shared(first=rows, second=rows, alike=np.ones(4, dtype=bool))
    clusters = sampling_design(np.ones(4), units=[[1, 1, 2, 2]])
    copies = replicate_design(np.ones(4), np.ones((4, 2)) - np.eye(4, 2))
    for made in (clusters, copies):
        with pytest.raises(ValueError, match="clusters"):
            change(wave(rows, made), wave(rows, made), both)


def test_a_rotating_panel_has_the_variance_that_is_estimated():
    """3,000 pairs of samples of one population: two strata, a half and a third are kept."""
    draw = np.random.default_rng(7)
    sizes, first, second, kept = (60, 40), (20, 16), (24, 12), (12, 5)
    level = [draw.normal(2 * h, 1, n) for h, n in enumerate(sizes)]
    one = [x + draw.normal(0, 0.6, x.size) for x in level]
    two = [x + 0.3 + draw.normal(0, 0.6, x.size) for x in level]
    strata = [np.repeat([0, 1], n) for n in (first, second)]
    designs = [sampling_design(strata=[s], population=[np.array(sizes)[s]]) for s in strata]
    starts = [np.concatenate([[0], np.cumsum(n)[:-1]]) for n in (first, second)]
    rows = [np.concatenate([s + np.arange(k) for s, k in zip(at, kept, strict=True)])
            for at in starts]  # fmt: skip
    both = Shared(first=rows[0], second=rows[1], alike=np.ones(rows[0].size, dtype=bool))
    values, estimated = [], []
    for _ in range(3000):
        y1, y2 = [], []
        for h, n in enumerate(sizes):
            order = draw.permutation(n)
            y1.append(one[h][order[: first[h]]])
            fresh = order[first[h] : first[h] + second[h] - kept[h]]
            y2.append(two[h][np.concatenate([order[: kept[h]], fresh])])
        made = change(
            wave(np.concatenate(y1), designs[0]), wave(np.concatenate(y2), designs[1]), both
        )
        values.append(made.values[0])
        estimated.append(made.variances[0])
    truth = np.concatenate(two).mean() - np.concatenate(one).mean()
    assert np.mean(values) == pytest.approx(truth, abs=4 * np.std(values) / 3000**0.5)
    # A variance from 3,000 values has a standard error of 2.6 %.
    assert np.mean(estimated) == pytest.approx(np.var(values), rel=0.08)
