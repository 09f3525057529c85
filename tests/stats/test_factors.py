"""Factor models give the figures of R's factanal and of factor_analyzer."""

from __future__ import annotations

import numpy as np
import pytest

from begleitforschung.stats.factors import (
    degrees_of_freedom,
    factor_model,
    oblimin,
    one_factor,
    parallel_eigenvalues,
)
from begleitforschung.stats.indices.components import varimax

# Covariances of six tests of ability (Smith & Stanley 1983; R: datasets::ability.cov).
ROWS = (
    (24.641,),
    (5.991, 6.700),
    (33.520, 18.137, 149.831),
    (6.023, 1.782, 19.424, 12.711),
    (20.755, 4.936, 31.430, 4.757, 52.604),
    (29.701, 7.204, 50.753, 9.075, 66.762, 135.292),
)


@pytest.fixture(scope="module")
def ability():
    lower = np.zeros((6, 6))
    for at, row in enumerate(ROWS):
        lower[at, : len(row)] = row
    covariance = lower + lower.T - np.diag(np.diag(lower))
    spread = np.sqrt(np.diag(covariance))
    return covariance / np.outer(spread, spread)


def test_one_factor_is_that_of_factanal(ability):
    made = factor_model(ability, 1)
    # factanal(factors = 1, covmat = ability.cov), and factor_analyzer 0.5 (method="ml")
    published = [0.535, 0.853, 0.748, 0.910, 0.232, 0.280]
    assert made.uniquenesses == pytest.approx(published, abs=5.1e-4)
    assert made.loadings[:, 0] == pytest.approx(
        [0.682, 0.384, 0.502, 0.300, 0.877, 0.849], abs=5e-4
    )
    precise = [0.5346, 0.852579, 0.748185, 0.910128, 0.231718, 0.27974]
    assert made.uniquenesses == pytest.approx(precise, abs=2e-5)
    assert made.df == 9
    assert not made.bounded.any()


def test_two_factors_by_varimax_are_those_of_factanal(ability):
    made = factor_model(ability, 2)
    assert made.uniquenesses == pytest.approx([0.455, 0.589, 0.218, 0.769, 0.052, 0.334], abs=5e-4)
    rotated = varimax(made.loadings)
    verbal = [0.499, 0.156, 0.206, 0.109, 0.956, 0.785]
    visual = [0.543, 0.622, 0.860, 0.468, 0.182, 0.225]
    order = np.argsort(-rotated[4])
    assert rotated[:, order[0]] == pytest.approx(verbal, abs=1e-3)
    assert rotated[:, order[1]] == pytest.approx(visual, abs=1e-3)


def test_oblimin_is_that_of_factor_analyzer(ability):
    pattern, related = oblimin(factor_model(ability, 2).loadings)
    # factor_analyzer 0.5, Rotator(method="oblimin", gamma=0, normalize=False)
    expected = [
        *([0.386364, 0.47451], [-0.011006, 0.645872], [-0.026292, 0.896114]),
        *([-0.018018, 0.488291], [0.990089, -0.037071], [0.790571, 0.052606]),
    ]
    order = np.argsort(-pattern[4])
    assert pattern[:, order] == pytest.approx(np.array(expected), abs=1e-4)
    assert related[0, 1] == pytest.approx(0.464557, abs=1e-4)


def test_rotation_leaves_the_model_as_it_is(ability):
    loadings = factor_model(ability, 2).loadings
    pattern, related = oblimin(loadings)
    common = loadings @ loadings.T
    assert pattern @ related @ pattern.T == pytest.approx(common, abs=1e-10)
    assert np.diag(related) == pytest.approx(1.0)
    turned = varimax(loadings)
    assert turned @ turned.T == pytest.approx(common, abs=1e-10)
    single, alone = oblimin(factor_model(ability, 1).loadings)
    assert single.shape == (6, 1)
    assert alone == pytest.approx(1.0)


def test_a_model_made_by_factors_is_found_again():
    loadings = np.array([[0.8, 0], [0.7, 0], [0.6, 0], [0, 0.9], [0, 0.5], [0, 0.7]])
    r = loadings @ np.array([[1, 0.3], [0.3, 1]]) @ loadings.T
    np.fill_diagonal(r, 1.0)
    pattern, related = oblimin(factor_model(r, 2).loadings)
    order = np.argsort(-pattern[0])
    assert pattern[:, order] == pytest.approx(loadings, abs=1e-4)
    assert related[0, 1] == pytest.approx(0.3, abs=1e-4)


def test_unrelated_items_have_the_eigenvalues_of_chance():
    chance = parallel_eigenvalues(100, 6, draws=100, seed=1)
    assert (np.diff(chance) < 0).all()
    assert (chance == parallel_eigenvalues(100, 6, draws=100, seed=1)).all()
    # Horn's values shrink to 1 with the number of cases.
    large = parallel_eigenvalues(5000, 6, draws=50)
    assert large == pytest.approx(1.0, abs=0.1)
    own = np.linalg.eigvalsh(np.corrcoef(np.random.default_rng(9).standard_normal((6, 100))))[::-1]
    assert own[0] < chance[0] + 0.2


def test_models_that_items_do_not_identify_are_refused(ability):
    assert degrees_of_freedom(6, 2) == 4
    with pytest.raises(ValueError, match="do not identify"):
        factor_model(ability, 4)
    with pytest.raises(ValueError, match="follows from the others"):
        factor_model(np.ones((4, 4)), 1)
    assert one_factor(np.eye(2)) is None
    with pytest.raises(ValueError, match="matrix"):
        oblimin([1.0, 2.0])
    with pytest.raises(ValueError, match="two cases"):
        parallel_eigenvalues(1, 3)
