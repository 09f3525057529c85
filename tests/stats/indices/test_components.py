"""Components, factors and weights by data against COINr and Compind, and by what must hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from begleitforschung.stats.indices.components import (
    principal_components,
    standardise,
    varimax,
    with_sign,
)
from begleitforschung.stats.indices.data_weights import (
    critic_weights,
    entropy_weights,
    factor_weights,
    oecd_weights,
    pca_weights,
)
from begleitforschung.stats.indices.elements import BadCells

seeds = st.integers(0, 2**32 - 1)
PCA = {
    "L1_bypillar": ("06_normalised", "Pillar"),
    "L1_raw_bypillar": ("01_raw", "Pillar"),
    "L2_bysub": ("07_aggregated", "Sub-index"),
    "L1_all": ("06_normalised", None),
}


@pytest.fixture(scope="module")
def frame(ref):
    return lambda name, index=0: pd.read_csv(ref.folder / f"{name}.csv", index_col=index)


@pytest.mark.parametrize("name", PCA)
def test_components_are_those_of_coinr_but_for_the_sign(frame, name):
    """B14: the sign of R's components is arbitrary; ours add up to more than zero."""
    data = frame(f"asem/{PCA[name][0]}")
    eigen = frame(f"multivariate/pca_eigen_{name}", None)
    loadings = frame(f"multivariate/pca_loadings_{name}", None)
    weights = frame(f"multivariate/pca_weights_{name}")["Weight"]
    for group, expected in eigen.groupby("group"):
        table = loadings[loadings["group"] == group].pivot(
            index="iCode", columns="pc", values="loading"
        )
        found = principal_components(data[table.index])
        assert_allclose(found.eigenvalues, expected["var"], rtol=1e-10)
        assert_allclose(np.sqrt(found.eigenvalues), expected["sdev"], rtol=1e-10)
        assert_allclose(found.shares, expected["frac"], rtol=1e-10)
        sign = np.sign((found.directions * table).sum())
        assert_allclose(found.directions * sign.to_numpy(), table, rtol=1e-10, atol=1e-11)
        assert (found.directions.sum(axis=0) > 0).all()
        raw = pca_weights(data[table.index], squared=False)
        assert_allclose(raw * sign[1], weights[table.index], rtol=1e-10, atol=1e-12)
        squared = pca_weights(data[table.index])
        assert_allclose(squared, weights[table.index] ** 2, rtol=1e-9, atol=1e-12)


def test_weights_by_components_are_not_negative(frame):
    """B14: 16 of COINr's 49 weights by pillar are negative, with mixed signs inside a pillar."""
    data, lineage = frame("asem/06_normalised"), frame("asem/00_lineage")
    theirs = frame("multivariate/pca_weights_L1_bypillar")["Weight"]
    assert (theirs[lineage.index] < 0).sum() == 16
    for codes in lineage.groupby("Pillar").groups.values():
        for weights in (pca_weights(data[codes]), oecd_weights(data[codes])):
            assert (weights >= 0).all()
            assert weights.sum() == pytest.approx(1)


@pytest.mark.parametrize("factors", ["one", "all"])
def test_factor_scores_are_those_of_compind(frame, factors):
    x = frame("compind/ASEM_pillars")
    expected = frame(f"compind/ASEM_factor_{factors.upper()}")["factor"]
    scores = standardise(x)[0] @ factor_weights(x, factors=factors)
    assert_allclose(scores, expected, rtol=1e-10, atol=1e-12)


@given(seeds)
@settings(max_examples=20)
def test_components_rebuild_the_correlations(seed):
    x = np.random.default_rng(seed).normal(size=(12, 4))
    x[3, 1] = np.nan
    found = principal_components(x)
    assert found.rows.sum() == 11
    assert_allclose(found.loadings @ found.loadings.T, np.corrcoef(x[found.rows].T), atol=1e-12)
    assert found.eigenvalues.sum() == pytest.approx(4)
    again = principal_components(x * [1, 5, 0.1, 3] + 7)
    assert_allclose(again.directions, found.directions, atol=1e-9)


@given(seeds)
@settings(max_examples=20)
def test_varimax_only_turns_and_gets_simpler(seed):
    loadings = np.random.default_rng(seed).uniform(-1, 1, (6, 3))
    turned = varimax(loadings)
    assert_allclose(turned @ turned.T, loadings @ loadings.T, atol=1e-10)

    def simplicity(values):
        shares = values**2 / (values**2).sum(axis=1, keepdims=True)
        return shares.var(axis=0).sum()

    assert simplicity(turned) >= simplicity(loadings) - 1e-9
    assert simplicity(varimax(loadings, tolerance=1e-14)) >= simplicity(turned) - 1e-9


def test_sign_of_a_column_that_adds_up_to_nothing():
    assert with_sign(np.array([[-0.5], [0.5]])).ravel().tolist() == [0.5, -0.5]
    assert with_sign(np.array([[0.1], [-0.5]])).ravel().tolist() == [-0.1, 0.5]


def test_what_cannot_be_taken_apart_is_named():
    with pytest.raises(BadCells, match="does not vary") as caught:
        principal_components([[1.0, 2.0], [1.0, 3.0]])
    assert (caught.value.rows.size, caught.value.columns.tolist()) == (0, [0])
    with pytest.raises(BadCells, match="infinite"):
        principal_components([[1.0, np.inf]])
    with pytest.raises(ValueError, match="two rows"):
        principal_components([[1.0, 2.0], [np.nan, 3.0]])
    with pytest.raises(ValueError, match="matrix"):
        principal_components([1.0])
    with pytest.raises(ValueError, match="matrix"):
        varimax([1.0])
    same = np.random.default_rng(1).normal(size=(9, 1)) @ [[1.0, 2.0]]
    with pytest.raises(ValueError, match="follows"):
        factor_weights(same, factors="all")
    with pytest.raises(ValueError, match="factors"):
        factor_weights(same, factors="two")


def test_oecd_weights_give_each_factor_what_it_explains():
    generator = np.random.default_rng(5)
    one, two = generator.normal(size=(2, 400, 1))
    x = np.hstack([one + 0.1 * generator.normal(size=(400, 3)), two])
    x[:, 3:] += 0.1 * generator.normal(size=(400, 1))
    x = np.hstack([x, two + 0.1 * generator.normal(size=(400, 1))])
    weights = oecd_weights(x)
    assert weights.sum() == pytest.approx(1)
    assert weights[:3].sum() == pytest.approx(0.6, abs=0.01)


def test_entropy_weights_follow_their_formula():
    x = np.array([[1.0, 5.0, 0.0], [2.0, 5.0, 0.0], [3.0, 5.0, 9.0]])
    p = np.array([1, 2, 3]) / 6
    spread = np.array([1 + (p * np.log(p)).sum() / np.log(3), 0.0, 1.0])
    assert_allclose(entropy_weights(x), spread / spread.sum())
    assert_allclose(entropy_weights(x * [7, 2, 3]), entropy_weights(x))
    assert_allclose(entropy_weights(np.vstack([x, [np.nan] * 3])), entropy_weights(x))
    assert entropy_weights(np.full((4, 2), 0.1)).tolist() == [0.5, 0.5]


def test_entropy_weights_name_what_they_cannot_take():
    with pytest.raises(BadCells, match="negative") as caught:
        entropy_weights([[1.0, -2.0], [1.0, 3.0]])
    assert (caught.value.rows.tolist(), caught.value.columns.tolist()) == ([0], [1])
    with pytest.raises(BadCells, match="zero") as caught:
        entropy_weights([[1.0, 0.0, np.nan], [1.0, 0.0, 3.0]])
    assert caught.value.columns.tolist() == [1, 2]
    with pytest.raises(ValueError, match="units"):
        entropy_weights([1.0])


@given(seeds)
@settings(max_examples=20)
def test_critic_weights_follow_their_formula(seed):
    x = np.random.default_rng(seed).normal(size=(12, 4))
    scaled = (x - x.min(axis=0)) / np.ptp(x, axis=0)
    c = scaled.std(axis=0, ddof=1) * (1 - np.corrcoef(x.T)).sum(axis=0)
    assert_allclose(critic_weights(x), c / c.sum(), rtol=1e-9)
    assert_allclose(critic_weights(x * [2, 1, 9, 4] + 3), critic_weights(x), rtol=1e-9)


def test_critic_gives_nothing_to_what_does_not_vary():
    x = np.array([[1.0, 2.0, 5.0], [2.0, 1.0, 5.0], [3.0, 3.0, 5.0], [np.nan, 2.0, 5.0]])
    weights = critic_weights(x)
    assert weights[2] == 0
    assert weights.sum() == pytest.approx(1)
    assert critic_weights(x[:, [0, 0]]).tolist() == [0.5, 0.5]
