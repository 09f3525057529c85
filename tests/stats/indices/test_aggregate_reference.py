"""Aggregations against the tables of COINr and Compind, and their defects shown right."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from begleitforschung.stats.indices.aggregate import (
    BadCells,
    ampi,
    arithmetic,
    copeland,
    coverage,
    geometric,
    harmonic,
    mean_min,
    mpi,
    owa,
    power,
    wroclaw,
)
from begleitforschung.stats.indices.outranking import dominance, outranking
from begleitforschung.stats.indices.weights import effective_weights


@pytest.fixture(scope="module")
def frame(ref):
    return lambda name: pd.read_csv(ref.folder / f"{name}.csv", index_col=0)


@pytest.fixture(scope="module")
def tree(frame):
    """Nodes of the ASEM framework with their level and children."""
    meta = frame("asem/00_meta_ind_sorted").reset_index().dropna(subset="Level")
    return meta.groupby(["Level", "Parent"], sort=False)["iCode"].apply(list)


def built(tree, data, weights, functions, thresholds=(0.0, 0.0, 0.0)):
    """Aggregate level by level, one function per level."""
    scores = data.copy()
    for (level, parent), children in tree.items():
        if level == 4:
            continue
        x, w = scores[children].to_numpy(), weights[children].to_numpy()
        score = functions[int(level) - 1](x, w)
        scores[parent] = np.where(coverage(x, w) < thresholds[int(level) - 1], np.nan, score)
    return scores


def by_power(p):
    return lambda x, w: power(x, w, p=p)


CHAINS = {
    "a_amean": [arithmetic] * 3,
    "a_gmean": [geometric] * 3,
    "a_hmean": [harmonic] * 3,
    "a_copeland": [copeland] * 3,
    "a_genmean_p05": [by_power(0.5)] * 3,
    "a_genmean_pm1": [by_power(-1.0)] * 3,
    "a_genmean_p2": [by_power(2.0)] * 3,
}
TABLES = {
    **{
        f"{name}_{weights}": (chain, weights)
        for name, chain in CHAINS.items()
        for weights in (("graded",) if "genmean" in name else ("equal", "graded"))
        if (name, weights) != ("a_copeland", "graded")
    },
    "a_copeland_equal_1level_then_amean": ([copeland, arithmetic, arithmetic], "equal"),
    "mixed_amean_gmean_hmean": ([arithmetic, geometric, harmonic], "graded"),
}


@pytest.mark.parametrize("name", TABLES)
def test_chain_is_that_of_coinr(frame, tree, name):
    functions, weights = TABLES[name]
    expected = frame(f"aggregate/{name}")
    given = frame(f"aggregate/00_weights_{weights}")["Weight"]
    found = built(tree, frame("aggregate/00_input_normalised_1_100"), given, functions)
    assert_allclose(found[expected.columns], expected, rtol=1e-10)


@pytest.mark.parametrize(
    ("name", "functions", "thresholds"),
    [
        ("na_amean", [arithmetic] * 3, (0, 0, 0)),
        ("na_gmean", [geometric] * 3, (0, 0, 0)),
        ("na_hmean", [harmonic] * 3, (0, 0, 0)),
        ("na_amean_thresh075", [arithmetic] * 3, (0.75, 0.75, 0.75)),
        ("na_amean_thresh_levels", [arithmetic] * 3, (0.5, 0.9, 1.0)),
    ],
)
def test_chain_with_missing_values_is_that_of_coinr(frame, tree, name, functions, thresholds):
    expected = frame(f"aggregate/{name}")
    given = frame("aggregate/00_weights_graded")["Weight"]
    found = built(tree, frame("aggregate/00_input_with_NAs"), given, functions, thresholds)
    assert_allclose(found[expected.columns], expected, rtol=1e-10)


def coinr_copeland(x, w):
    """Copeland's rule with COINr's rounding: R adds up in 80 bits, the lower row gets 1 - o."""
    w = (w / float(w.astype(np.longdouble).sum())).astype(np.longdouble)
    score = np.zeros(len(x))
    for i, j in zip(*np.triu_indices(len(x), 1), strict=True):
        share = float(w[x[i] > x[j]].sum()) + float(w[x[i] == x[j]].sum()) / 2
        score[i] += np.sign(share - 0.5)
        score[j] += np.sign((1 - share) - 0.5)
    return score


def test_exact_halves_are_ties_and_not_left_to_rounding(frame, tree):
    """With the graded weights COINr decides some pairs of exactly half the weight by rounding.

    Its table comes out with its rounding; the right scores follow from whole numbers as weights.
    """
    expected = frame("aggregate/a_copeland_graded")
    data = frame("aggregate/00_input_normalised_1_100")
    given = frame("aggregate/00_weights_graded")["Weight"]
    if np.finfo(np.longdouble).nmant == 63:
        found = built(tree, data, given, [coinr_copeland] * 3)
        assert_array_equal(found[expected.columns], expected)
    physical = tree[1, "Physical"]
    x = data[physical].to_numpy()
    assert not np.array_equal(
        coinr_copeland(x, given[physical].to_numpy()),
        coinr_copeland(x[::-1], given[physical].to_numpy())[::-1],
    )
    whole = np.round(given * 10)
    balance = np.einsum("k,ijk->ij", whole[physical], np.sign(x[:, None] - x[None]))
    assert_array_equal(copeland(x, given[physical]), np.sign(balance).sum(axis=1))
    found = built(tree, data, given, [copeland] * 3)
    assert_array_equal(found, built(tree, data, whole, [copeland] * 3))
    differing = (found[expected.columns] != expected).any()
    assert set(expected.columns[differing]) == {"Physical", "Conn"}


def test_outranking_is_that_of_coinr(frame, tree):
    data = frame("aggregate/00_input_normalised_1_100")
    graded = frame("aggregate/00_weights_graded")["Weight"][data.columns]
    expected = frame("aggregate/outrank_all_graded")
    assert_allclose(outranking(data, graded), expected, rtol=1e-10, atol=1e-14)
    physical = data[tree[1, "Physical"]]
    expected = frame("aggregate/outrank_Physical_equal")
    assert_allclose(outranking(physical, np.ones(8)), expected, rtol=1e-10, atol=1e-14)
    score = frame("aggregate/copeland_all_graded")["copeland"]
    assert_array_equal(copeland(data, graded), score)
    counts = frame("aggregate/outrank_dominance")
    for name, x, w in (("Physical_equal", physical, np.ones(8)), ("all_graded", data, graded)):
        pairs, share = dominance(x, w)
        assert pairs == counts.loc[name, "nDominant"]
        assert share == pytest.approx(counts.loc[name, "fracDominant"], rel=1e-10)


def test_effective_weights_are_those_of_coinr(frame):
    expected = frame("asem/09_eff_weights")
    parents = frame("asem/input_iMeta").set_index("iCode")["Parent"].reindex(expected.index)
    place = {code: k for k, code in enumerate(expected.index)}
    positions = [place.get(parent, -1) for parent in parents]
    weights = frame("asem/00_weights_original")["Weight"]
    assert_array_equal(weights.index, expected.index)
    assert_allclose(effective_weights(weights, positions), expected["EffWeight"], rtol=1e-10)


def test_mazziotta_pareto_is_that_of_compind(frame):
    table = frame("compind/EUNUTS1_mpi")
    z = table[["roads", "trains"]]
    pillars = frame("compind/ASEM_pillars")
    z8 = (pillars - pillars.mean()) / pillars.std() * 10 + 100
    for x, expected in ((z, table), (z8, frame("compind/ASEM_mpi"))):
        w = np.ones(x.shape[1])
        assert_allclose(mpi(x, w), expected["mpi_pos"], rtol=1e-10)
        assert_allclose(mpi(x, w, penalty="up"), expected["mpi_neg"], rtol=1e-10)


def test_ampi_is_that_of_compind_but_not_rounded_and_its_sign_can_be_chosen(frame):
    """C4: Compind overwrites the sign and rounds to three places."""
    panel = frame("compind/AMPI_input")
    goal = frame("compind/AMPI_goalposts")["goalpost"]
    values = panel[goal.index]
    half = (values.max() - values.min()) / 2
    x = (values - (goal - half)) / (2 * half) * 60 + 70
    expected = frame("compind/AMPI_ASEM4")
    down, up = ampi(x, np.ones(4)), ampi(x, np.ones(4), penalty="up")
    by_year = [down[panel["Time"] == year] for year in range(2018, 2023)]
    assert_array_equal(np.round(by_year, 3).T, expected.filter(like="X2"))
    assert (np.round(down, 3) != down).any()
    penalty = x.mean(axis=1) - down
    by_year = np.array([penalty[panel["Time"] == year] for year in range(2018, 2023)])
    assert_allclose(by_year.T, expected.filter(like="pen"), rtol=1e-10)
    assert_allclose(up - x.mean(axis=1), penalty, rtol=1e-9)
    assert (up > down).all()


def test_both_mazziotta_pareto_indices_say_which_spread_they_take(frame):
    """C5: in Compind MPI divides by n - 1, AMPI by n, and the same word means opposite signs."""
    x, w = frame("compind/EUNUTS1_mpi")[["roads", "trains"]], np.ones(2)
    assert_allclose(mpi(x, w, spread="population"), ampi(x, w))
    mean = arithmetic(x, w)
    assert_allclose(mean - mpi(x, w), 2 * (mean - ampi(x, w)), rtol=1e-6, atol=1e-12)
    assert (mpi(x, w) <= mpi(x, w, penalty="up")).all()
    assert (ampi(x, w) <= ampi(x, w, penalty="up")).all()


@pytest.mark.parametrize(
    ("name", "data", "columns"),
    [
        ("EUNUTS1_wroclaw", "input_EU_NUTS1", ["roads", "trains"]),
        ("ASEM_wroclaw", "ASEM_pillars", None),
    ],
)
def test_wroclaw_is_one_minus_that_of_compind(frame, name, data, columns):
    x = frame(f"compind/{data}")
    x = x if columns is None else x[columns]
    expected = frame(f"compind/{name}")["wroclaw"]
    assert_allclose(1 - wroclaw(x, np.ones(x.shape[1])), expected, rtol=1e-10)


def test_owa_is_that_of_compind(frame):
    table = frame("compind/EUNUTS1_owa")
    x = table[["roads", "trains"]]
    assert_allclose(owa(x, [1, 1], order=[1, 0]), table["owa_atleast1_p"], rtol=1e-10)
    assert_allclose(owa(x, [1, 1], order=[0, 1]), table["owa_n"], rtol=1e-10)


def test_geometric_mean_is_that_of_compind(frame):
    x = frame("compind/input_EU_NUTS1")[["roads", "trains"]]
    expected = frame("compind/EUNUTS1_geom_equal")["geom"]
    assert_allclose(geometric(x, [1, 1]), expected, rtol=1e-10)


def test_copeland_has_the_signature_of_all_others(frame, tree):
    """B02: COINr's cannot be used in Aggregate."""
    data = frame("aggregate/00_input_normalised_1_100")
    equal = frame("aggregate/00_weights_equal")["Weight"]
    assert built(tree, data, equal, [copeland, copeland, arithmetic])["Index"].notna().all()


def test_power_mean_leaves_missing_values_out_as_the_others_do(frame, tree):
    """B03: COINr's is NA as soon as one value is."""
    assert power([[1.0, np.nan, 3.0]], [1, 1, 1], p=0.0) == pytest.approx(3**0.5)
    data = frame("aggregate/00_input_with_NAs")
    graded = frame("aggregate/00_weights_graded")["Weight"]
    assert frame("aggregate/na_genmean_p05_NA_BUG")["Index"].isna().any()
    found = built(tree, data, graded, [by_power(0.5)] * 3)["Index"]
    assert found.between(
        built(tree, data, graded, [geometric] * 3)["Index"],
        built(tree, data, graded, [arithmetic] * 3)["Index"],
    ).all()


def test_outranking_with_missing_values_does_not_depend_on_the_order_of_rows():
    """B04: COINr gives the weight of a missing value to the lower row."""
    x = np.array([[1.0, np.nan, 3.0], [2.0, 2.0, np.nan], [np.nan, 1.0, 1.0]])
    w, turned = [1.0, 2.0, 4.0], [2, 0, 1]
    shares = outranking(x, w)
    assert shares[0, 1] == 0
    assert shares[0, 2] == 1
    assert_array_equal(outranking(x[turned], w), shares[np.ix_(turned, turned)])
    assert_array_equal(copeland(x, w), [0, 2, -2])
    assert_array_equal(copeland(x[turned], w), [-2, 0, 2])


def test_a_zero_under_the_geometric_mean_is_named_and_does_not_hide_in_a_zero_weight():
    """B32: in COINr one zero stops the build without saying where."""
    x = np.array([[1.0, 2.0, 0.0], [3.0, 0.0, 0.0], [np.nan, -1.0, 5.0]])
    for function in (geometric, harmonic, by_power(-2.0)):
        with pytest.raises(BadCells) as caught:
            function(x, [1.0, 1.0, 0.0])
        assert_array_equal(caught.value.rows, [1, 2])
        assert_array_equal(caught.value.columns, [1, 1])
    assert_allclose(geometric(x[:1], [1, 1, 0]), 2**0.5)


def test_power_mean_takes_the_root_and_is_no_constant(frame):
    """C1 and C2: Compind divides by p instead, and by default returns the number 1."""
    x = frame("compind/input_EU_NUTS1")[["roads", "trains"]].to_numpy()
    wrong = frame("compind/EUNUTS1_genmean_p2_BUG")["genmean"]
    assert_allclose((x**2).mean(axis=1) / 2, wrong, rtol=1e-10)
    assert_allclose(power(x, [1, 1], p=2), np.sqrt((x**2).mean(axis=1)), rtol=1e-10)
    assert frame("compind/EUNUTS1_genmean_default_BUG").index.tolist() == [1]
    assert len(np.unique(power(x, [1, 1], p=2))) == len(x)


def test_mean_min_of_standardised_values(frame):
    """C3: Compind standardises wrongly; the right value of the first unit is 98.04."""
    x = frame("compind/input_EU_NUTS1")[["roads", "trains"]]
    z = ((x - x.mean()) / x.std() * 10 + 100).to_numpy()
    found = mean_min(z, [1, 1], alpha=0.5, beta=1)
    mean, low = z.mean(axis=1), z.min(axis=1)
    assert_allclose(found, mean - 0.5 * (np.sqrt((mean - low) ** 2 + 1) - 1), rtol=1e-10)
    assert found[0] == pytest.approx(98.04, abs=0.005)
    wrong = frame("compind/EUNUTS1_meanmin_BUG")["meanmin"].iloc[0]
    assert wrong == pytest.approx(90.40, abs=0.005)


def test_wroclaw_leaves_warnings_on_and_a_missing_value_out(frame):
    """C6: Compind switches warnings off for good. C7: it passes missing values through."""
    x = frame("compind/input_EU_NUTS1")[["roads", "trains"]].to_numpy()
    before = list(warnings.filters)
    wroclaw(x, [1, 1])
    assert list(warnings.filters) == before
    x[2, 0] = np.nan
    for function in (wroclaw, arithmetic, geometric, copeland, mpi, mean_min):
        assert np.isfinite(function(x, [1, 1])).all()


def test_standardised_values_may_be_negative():
    """C9: Compind refuses negative values even for z-scores."""
    x = np.array([[-1.0, 0.5], [2.0, -0.5], [0.0, 1.0]])
    z = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    for function in (arithmetic, mean_min, wroclaw, copeland):
        assert np.isfinite(function(z, [1, 1])).all()
