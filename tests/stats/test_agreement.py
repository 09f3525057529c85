"""Krippendorff's alpha gives the published values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.stats.agreement import LEVELS, agreement, krippendorff_alpha

X = np.nan
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, part C: four observers, 12 units.
FOUR = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, X, X, X],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, X, 3],
        [X, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, X],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, X],
    ]
).T
# The widely reproduced example of three coders and 15 units.
THREE = np.array(
    [
        [X, X, X, X, X, 3, 4, 1, 2, 1, 1, 3, 3, X, 3],
        [1, X, 2, 1, 3, 3, 4, 3, X, X, X, X, X, X, X],
        [X, X, 2, 1, 3, 4, 4, X, 2, 1, 1, 3, 3, X, 4],
    ]
).T


@pytest.mark.parametrize(
    ("level", "published"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_four_observers_with_missing_values(level, published):
    assert krippendorff_alpha(FOUR, level) == pytest.approx(published, abs=5e-4)


def test_three_coders():
    assert krippendorff_alpha(THREE, "nominal") == pytest.approx(0.691, abs=5e-4)
    assert krippendorff_alpha(THREE, "interval") == pytest.approx(0.811, abs=5e-4)
    found = agreement(THREE, "nominal", draws=50)
    assert (found.units, found.pairable) == (12, 26)  # units judged at least twice
    assert found.percent == pytest.approx(12 / 16)  # counted by hand over all pairs


def test_two_observers_of_the_paper():
    """Part A (binary data, alpha .095) and part B (nominal data, alpha .692)."""
    meg, owen = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(np.array([meg, owen]).T) == pytest.approx(0.095, abs=5e-4)
    ben, gerry = "aabbdcccedda", "babbbccceddd"
    codes = np.array([[ord(sign) for sign in name] for name in (ben, gerry)], dtype=float)
    assert krippendorff_alpha(codes.T) == pytest.approx(0.692, abs=5e-4)


@given(st.integers(0, 10_000), st.sampled_from(LEVELS))
def test_order_of_units_and_observers_does_not_matter(seed, level):
    random = np.random.default_rng(seed)
    values = random.integers(1, 5, (12, 3)).astype(float)
    values[random.random(values.shape) < 0.2] = np.nan
    mixed = values[random.permutation(12)][:, random.permutation(3)]
    one, other = krippendorff_alpha(values, level), krippendorff_alpha(mixed, level)
    assert one == pytest.approx(other, nan_ok=True)
    alone = np.vstack([values, [[2.0, np.nan, np.nan]]])  # judged once: does not count
    assert krippendorff_alpha(alone, level) == pytest.approx(one, nan_ok=True)


def test_the_ends_of_the_scale():
    same = np.array([[1, 1], [2, 2], [3, 3]], dtype=float)
    for level in LEVELS:
        assert krippendorff_alpha(same, level) == 1
    random = np.random.default_rng(1).integers(0, 3, (3000, 2)).astype(float)
    assert krippendorff_alpha(random) == pytest.approx(0, abs=0.05)
    assert np.isnan(krippendorff_alpha(np.ones((4, 2))))
    assert np.isnan(krippendorff_alpha(np.array([[1, X], [X, 2]])))
    assert np.isnan(agreement(np.array([[1, X]])).low)


def test_the_interval_is_seeded_and_holds_the_estimate():
    first, again = agreement(FOUR, draws=200, seed=5), agreement(FOUR, draws=200, seed=5)
    assert first == again
    assert first.low < first.alpha < first.high <= 1


def test_what_is_no_judgement_is_refused():
    with pytest.raises(ValueError, match="matrix"):
        krippendorff_alpha([1.0, 2.0])
    with pytest.raises(ValueError, match="level is one of"):
        krippendorff_alpha(FOUR, "metric")
