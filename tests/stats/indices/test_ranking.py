"""Ranks of many score vectors: right on ties and near-ties, whatever the numbers look like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from begleitforschung.stats.indices.ranking import competition_ranks, rank_type

ULP = 2.0**-52
STEP = 2.0**-36  # of scores from 1 to 2 after rounding


def _counted(scores: np.ndarray) -> np.ndarray:
    """The definition: one more than the number of larger scores after rounding; 0 if missing."""
    missing = np.isnan(scores)
    part, exponent = np.frexp(np.where(np.isfinite(scores), scores, 1.0))
    even = np.ldexp(np.copysign(np.floor(np.abs(part) * 2**37 + 0.5), part) / 2**37, exponent)
    scores = np.where(np.isfinite(scores), even, scores)
    larger = (scores[:, None, :] > scores[:, :, None]).sum(axis=2)
    return np.where(missing, 0, larger + 1)


def _kinds(runs: int, n: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(n)
    plain = generator.random((runs, n))
    missing = plain.copy()
    missing[generator.random((runs, n)) < 0.2] = np.nan
    zeros = generator.normal(size=(runs, n))
    zeros[generator.random((runs, n)) < 0.3] = -0.0
    zeros[generator.random((runs, n)) < 0.2] = 0.0
    return {
        "plain": plain,
        "signed": plain - 0.5,
        "tied": np.round(plain, 1),
        "last bits": 1 + generator.integers(0, 40, (runs, n)) * ULP,
        "negative last bits": -1 - generator.integers(0, 40, (runs, n)) * ULP,
        "some last bits": np.where(plain < 0.5, 1 + np.floor(plain * 8) * ULP, plain),
        "last bits that count": 1 + generator.integers(0, 40, (runs, n)) * STEP / 4,
        "negative ones": -1 - generator.integers(0, 40, (runs, n)) * STEP / 4,
        "missing": missing,
        "missing and close": np.where(np.isnan(missing), missing, 1 + np.round(plain, 1) * 9 * ULP),
        "all missing": np.full((runs, n), np.nan),
        "zeros of both signs": zeros,
        "tiny": plain * 1e-300,
        "infinite": np.where(plain < 0.2, -np.inf, np.where(plain > 0.8, np.inf, plain)),
        "constant": np.full((runs, n), 7.0),
    }


@pytest.mark.parametrize("n", [1, 2, 3, 51, 400])
@pytest.mark.parametrize("kind", sorted(_kinds(1, 1)))
def test_ranks_follow_their_definition(kind, n):
    scores = _kinds(5, n)[kind]
    np.testing.assert_array_equal(competition_ranks(scores), _counted(scores))


def test_blocks_do_not_show():
    """More cells than one block holds: each run as if alone, in the memory layout given."""
    scores = np.random.default_rng(3).random((30, 3000))
    scores[7, 5] = scores[7, 2999]
    scores[:, 11] = scores[:, 12] + ULP / 8
    together = competition_ranks(scores)
    np.testing.assert_array_equal(together, [competition_ranks(row) for row in scores])
    np.testing.assert_array_equal(competition_ranks(np.asfortranarray(scores)), together)


def test_equal_scores_that_were_added_up_differently_share_a_rank():
    """Means of the same ranks in another order differ in the last bits, by nobody's will."""
    permuted = [(1, 2, 4), (4, 2, 1), (2, 4, 1), (1, 2, 3), (3, 2, 1), (9, 7, 4), (4, 7, 9)]
    scores = np.array([sum(value / 3 for value in values) for values in permuted])
    assert len(set(scores)) > 3
    assert competition_ranks(scores).tolist() == [3, 3, 3, 6, 6, 1, 1]
    assert competition_ranks(-scores).tolist() == [3, 3, 3, 1, 1, 6, 6]


@pytest.mark.parametrize("kind", sorted(_kinds(1, 1)))
def test_figures_that_nobody_added_up_count_to_the_last_bit(kind):
    scores = _kinds(5, 51)[kind]
    larger = (scores[:, None, :] > scores[:, :, None]).sum(axis=2)
    wanted = np.where(np.isnan(scores), 0, larger + 1)
    np.testing.assert_array_equal(competition_ranks(scores, exact=True), wanted)


def test_a_missing_value_is_missing_whatever_its_bits():
    kinds = np.array([0x7FF00000000007A2, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF], np.uint64)
    assert competition_ranks(np.concatenate([kinds.view(np.float64), [1.0]])).tolist() == [
        0,
        0,
        0,
        1,
    ]


def test_scores_are_left_as_they_are():
    scores = np.array([[0.3, -0.0, np.nan, 0.0]])
    kept = scores.copy()
    competition_ranks(scores)
    np.testing.assert_array_equal(scores, kept)
    assert np.signbit(scores[0, 1])


@settings(max_examples=60)
@given(
    npst.arrays(
        np.float64,
        st.tuples(st.integers(1, 4), st.integers(1, 30)),
        elements=st.floats(-1e300, 1e300, allow_subnormal=False)
        | st.just(np.nan)
        | st.just(np.inf),
    )
)
def test_any_numbers(scores):
    np.testing.assert_array_equal(competition_ranks(scores), _counted(scores))


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(2, 200))
def test_order_of_units_and_rising_scales_do_not_matter(seed, n):
    generator = np.random.default_rng(seed)
    scores = np.round(generator.normal(size=(3, n)), 1)
    order = generator.permutation(n)
    ranks = competition_ranks(scores)
    np.testing.assert_array_equal(competition_ranks(scores[:, order]), ranks[:, order])
    np.testing.assert_array_equal(competition_ranks(scores * 4 + 8), ranks)


def test_ranks_are_written_where_asked():
    out = np.zeros((2, 3), np.int32)
    assert competition_ranks([[1.0, 3.0, 2.0]] * 2, out=out) is not None
    assert out.tolist() == [[3, 1, 2], [3, 1, 2]]


def test_small_types_while_they_hold():
    assert rank_type(32_767) == np.int16
    assert rank_type(32_768) == np.int32
    scores = np.arange(40_000.0)
    assert competition_ranks(scores)[[0, -1]].tolist() == [40_000, 1]


def test_no_units_no_ranks():
    assert competition_ranks(np.empty((3, 0))).shape == (3, 0)


def test_more_units_than_the_keys_hold_are_refused():
    with pytest.raises(ValueError, match="at most 2097152 units"):
        competition_ranks(np.zeros(2**21 + 1))
