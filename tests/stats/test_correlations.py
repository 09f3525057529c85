"""Correlations against COINr's tables, their tests against exact counts, and hard columns."""

from __future__ import annotations

from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from begleitforschung.stats.correlation_tests import adjust
from begleitforschung.stats.correlations import correlate, covariances
from begleitforschung.stats.reliability import cronbach_alpha

KINDS = ("pearson", "spearman", "kendall")
SEED = 7


@pytest.fixture(scope="module")
def ref(shared: Path):
    folder = shared / "reference" / "composite" / "ref"
    return lambda name, index=0: pd.read_csv(folder / f"{name}.csv", index_col=index)


def close(found, expected) -> None:
    assert_allclose(found, np.asarray(expected, float), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("table", "data"), [("Raw", "01_raw"), ("Normalised", "06_normalised")])
def test_coefficients_are_those_of_coinr(ref, kind, table, data):
    expected = ref(f"multivariate/cor_{table}_{kind}")
    close(correlate(ref(f"asem/{data}")[expected.columns], kind=kind).r, expected)


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("pvals_Raw_pearson", "pearson"),
        ("pvals_Raw12_spearman", "spearman"),
        ("pvals_Raw12_kendall", "kendall"),
    ],
)
def test_p_values_are_those_of_r(ref, table, kind):
    expected = ref(f"multivariate/{table}")
    found = correlate(ref("asem/01_raw")[expected.columns], kind=kind).p
    assert_allclose(found, expected, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("name", ["corr_L1_L2_parent", "corr_L1_Index", "corr_L2_pval05"])
def test_tables_of_pairs_are_those_of_coinr(ref, name):
    expected = ref(f"multivariate/{name}", None)
    scores = ref("asem/07_aggregated")
    found = correlate(scores.to_numpy())
    place = {code: k for k, code in enumerate(scores.columns)}
    i, j = (expected[column].map(place) for column in ("Var1", "Var2"))
    r = found.r[i, j]
    if name.endswith("pval05"):
        r = np.where(found.p[i, j] > 0.05, np.nan, r)
    close(r, expected["Correlation"])


def test_family_table_is_that_of_coinr(ref):
    expected = ref("multivariate/corr_family_Physical", None)
    scores = ref("asem/07_aggregated")
    found = pd.DataFrame(
        correlate(scores.to_numpy()).r, index=scores.columns, columns=scores.columns
    )
    ancestors = {"Pillar": "Physical", "Sub-index": "Conn", "Index": "Index"}
    pairs = zip(expected["Var1"], expected["Var2"], strict=True)
    close([found.loc[ancestors[a], b] for a, b in pairs], expected["Correlation"])


@pytest.mark.parametrize(
    ("name", "chosen"),
    [("flags_high_075", lambda r: r > 0.75), ("flags_low_m04", lambda r: r < -0.4)],
)
def test_flagged_pairs_within_a_group_are_those_of_coinr(ref, name, chosen):
    expected = ref(f"multivariate/{name}", None)
    lineage = ref("asem/00_lineage")
    data = ref("asem/06_normalised")
    flagged = {}
    for group, codes in lineage.groupby("Pillar").groups.items():
        r = correlate(data[list(codes)].to_numpy()).r
        for i, j in combinations(range(len(codes)), 2):
            if chosen(r[i, j]):
                flagged[group, frozenset((codes[i], codes[j]))] = r[i, j]
    keys = [(row.Group, frozenset((row.Ind1, row.Ind2))) for row in expected.itertuples()]
    assert set(keys) == set(flagged)
    close([flagged[key] for key in keys], expected["Corr"])


def test_cronbach_is_that_of_coinr(ref):
    data = {"Raw": ref("asem/01_raw"), "Normalised": ref("asem/06_normalised")}
    lineage = ref("asem/00_lineage").reset_index()
    for row in ref("multivariate/cronbach", None).itertuples():
        codes = lineage.loc[(lineage == row.group).any(axis=1), "Indicator"]
        assert len(codes) == row.k
        close(cronbach_alpha(data[row.dset][codes]), row.alpha)
    scores = ref("asem/07_aggregated")
    for group, alpha in ref("multivariate/cronbach_pillars")["alpha_pillars"].items():
        pillars = lineage.loc[(lineage == group).any(axis=1), "Pillar"].unique()
        close(cronbach_alpha(scores[pillars]), alpha)


def test_cronbach_needs_two_indicators_that_vary():
    assert np.isnan(cronbach_alpha(np.ones((5, 1))))
    assert np.isnan(cronbach_alpha(np.ones((5, 2))))


def test_pairs_use_the_rows_that_both_have():
    generator = np.random.default_rng(SEED)
    x = np.round(generator.normal(size=(40, 5)), 1)
    x[generator.random(x.shape) < 0.2] = np.nan
    peers = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}
    for kind in KINDS:
        found = correlate(x, kind=kind)
        for i, j in combinations(range(5), 2):
            both = ~np.isnan(x[:, [i, j]]).any(axis=1)
            expected = peers[kind](x[both, i], x[both, j])
            assert found.n[i, j] == both.sum()
            assert found.r[i, j] == pytest.approx(expected.statistic, rel=1e-12)
            if kind != "kendall":
                assert found.p[i, j] == pytest.approx(expected.pvalue, rel=1e-9)


def test_kendall_of_many_rows_counts_as_for_few():
    generator = np.random.default_rng(SEED)
    x = generator.integers(0, 50, (1200, 2)).astype(float)
    x[::7, 0] = np.nan
    found = correlate(x, kind="kendall")
    signs = np.sign(x[:, None, :] - x[None, :, :])
    signs = np.where(np.isnan(signs).any(axis=2, keepdims=True), 0, signs).reshape(-1, 2)
    expected = (signs[:, 0] @ signs[:, 1]) / np.sqrt((signs**2).sum(axis=0).prod())
    assert found.r[0, 1] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [4, 6])
def test_exact_p_values_count_all_orders(n):
    mine = np.random.default_rng(n).permutation(n) * 1.0
    x = np.column_stack([np.arange(n) * 1.0, mine])
    for kind, measure in (("spearman", stats.spearmanr), ("kendall", stats.kendalltau)):
        found = correlate(x, kind=kind)
        others = [measure(np.arange(n), order).statistic for order in permutations(range(n))]
        upper = np.mean(np.array(others) >= found.r[0, 1] - 1e-9)
        lower = np.mean(np.array(others) <= found.r[0, 1] + 1e-9)
        assert found.p[0, 1] == pytest.approx(min(1.0, 2 * min(upper, lower)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_constant_or_empty_column_has_no_correlation(kind):
    x = np.random.default_rng(SEED).normal(size=(30, 4))
    x[:, 1], x[:, 2] = 0.1, np.nan
    found = correlate(x, kind=kind)
    assert np.isnan(found.r[1]).all()
    assert np.isnan(found.p[:, 2]).all()
    assert found.r[0, 0] == found.r[3, 3] == 1
    assert found.p[0, 0] == 0


def test_a_column_that_is_constant_where_the_other_is_there_has_no_correlation():
    x = np.random.default_rng(SEED).normal(size=(30, 2))
    x[:20, 0], x[20:, 1] = 0.3, np.nan
    assert np.isnan(correlate(x).r[0, 1])


def test_products_keep_their_digits_far_from_zero():
    generator = np.random.default_rng(SEED)
    x = generator.normal(size=(200, 2))
    x[:, 1] += x[:, 0]
    expected = correlate(x).r[0, 1]
    far = x + 1e6
    far[100:, 0] += 1e7  # the common rows lie far from the mean of the column
    far[100:, 1] = np.nan
    assert correlate(x + 1e6).r[0, 1] == pytest.approx(expected, rel=1e-8)
    assert correlate(far).r[0, 1] == pytest.approx(correlate(x[:100]).r[0, 1], rel=1e-8)


def test_covariances_are_numpys_without_missing_values():
    x = np.random.default_rng(SEED).normal(size=(20, 3))
    close(covariances(x), np.cov(x.T))


def test_two_rows_correlate_but_cannot_be_tested():
    found = correlate([[1.0, 5.0], [2.0, 3.0]])
    assert found.r[0, 1] == pytest.approx(-1)
    assert np.isnan(found.p[0, 1])


def test_what_is_no_matrix_of_numbers_is_refused():
    with pytest.raises(ValueError, match="matrix"):
        correlate([1.0, 2.0])
    with pytest.raises(ValueError, match="finite"):
        correlate([[np.inf, 1.0]])
    with pytest.raises(ValueError, match="kind"):
        correlate([[1.0, 2.0]], kind="biserial")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
@settings(max_examples=60)
def test_adjusted_p_values_are_those_of_scipy_and_keep_their_order(p):
    holm, bh = adjust(p), adjust(p, method="bh")
    assert_allclose(bh, stats.false_discovery_control(p), rtol=1e-12)
    assert (holm >= bh - 1e-15).all()
    assert (bh >= np.array(p) - 1e-15).all()
    order = np.argsort(p)
    assert (np.diff(holm[order]) >= 0).all()


def test_missing_tests_do_not_count():
    found = adjust([0.01, np.nan, 0.02, 0.03])
    assert_allclose(found, [0.03, np.nan, 0.04, 0.04])
    with pytest.raises(ValueError, match="between"):
        adjust([1.5])
    with pytest.raises(ValueError, match="holm"):
        adjust([0.5], method="bonferroni")


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_rank_correlations_do_not_change_under_growing_functions(seed):
    x = np.random.default_rng(seed).normal(size=(15, 3))
    for kind in ("spearman", "kendall"):
        assert_allclose(correlate(np.exp(x), kind=kind).r, correlate(x, kind=kind).r)
    assert_allclose(correlate(x * [3.0, -2.0, 1.0] + 5).r[0, 1], -correlate(x).r[0, 1])
