"""Shares between territorial states against the plain definition, link by link."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.stats import chain, follow, share_sums, whole_sources


@st.composite
def step(draw, old, new):
    """Random links whose shares sum to 1 per old unit, as a dense matrix."""
    parts = draw(
        st.lists(
            st.lists(st.integers(0, 9), min_size=new, max_size=new).filter(any),
            min_size=old,
            max_size=old,
        )
    )
    matrix = np.array(parts, float)
    return matrix / matrix.sum(axis=1, keepdims=True)


def links(matrix):
    old, new = np.nonzero(matrix)
    return old, new, matrix[old, new][:, None]


def dense(old, new, shares, shape):
    matrix = np.zeros(shape)
    matrix[old, new] = shares[:, 0]
    return matrix


@given(step(3, 4), step(4, 5))
def test_a_chain_is_the_product_of_the_matrices(first, second):
    product = dense(*chain(links(first), links(second)), (3, 5))
    np.testing.assert_allclose(product, first @ second, atol=1e-12)
    np.testing.assert_allclose(product.sum(axis=1), 1)


@given(step(2, 3), step(3, 3), step(3, 4))
def test_the_order_in_which_a_chain_is_put_together_does_not_matter(one, two, three):
    left = chain(chain(links(one), links(two)), links(three))
    right = chain(links(one), chain(links(two), links(three)))
    np.testing.assert_array_equal(left[0], right[0])
    np.testing.assert_array_equal(left[1], right[1])
    np.testing.assert_allclose(left[2], right[2], atol=1e-12)


@given(step(3, 4))
def test_a_chain_with_the_identity_changes_nothing(matrix):
    for both in ((links(np.eye(3)), links(matrix)), (links(matrix), links(np.eye(4)))):
        np.testing.assert_allclose(dense(*chain(*both), (3, 4)), matrix, atol=1e-15)


@given(step(4, 4))
def test_units_can_be_put_together_again_if_their_parts_have_no_other_source(matrix):
    old, new, _ = links(matrix)
    expected = [
        all((matrix[:, n] > 0).sum() == 1 for n in np.flatnonzero(matrix[o])) for o in range(4)
    ]
    assert whole_sources(old, new, 4).tolist() == expected


@given(st.lists(st.integers(-1, 4), max_size=8), st.lists(st.integers(0, 4), max_size=8))
def test_follow_finds_every_link_of_every_row(codes, leaving):
    old = sorted(leaving)
    rows, found = follow(codes, old)
    expected = [(r, at) for r, code in enumerate(codes) for at, o in enumerate(old) if o == code]
    assert list(zip(rows.tolist(), found.tolist(), strict=True)) == expected


def test_an_unknown_share_stays_unknown_and_an_unknown_middle_unit_is_lost():
    old, new, shares = chain(([0, 0, 1], [0, -1, 1], [[0.5], [0.5], [np.nan]]), links(np.eye(2)))
    assert (old.tolist(), new.tolist()) == ([0, 1], [0, 1])
    assert shares[0, 0] == 0.5
    assert np.isnan(shares[1, 0])


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="ascend"):
        follow([0], [1, 0])
    with pytest.raises(ValueError, match="does not exist"):
        share_sums([[1.0]], [3], 2)
    with pytest.raises(ValueError, match="does not exist"):
        whole_sources([3], [0], 2)
