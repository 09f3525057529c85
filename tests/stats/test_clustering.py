"""Types that are there are found; numbers, distances and agreement by hand."""

from __future__ import annotations

import numpy as np
import pytest

from begleitforschung.stats.clustering import (
    average_linkage,
    by_size,
    gower_distances,
    k_means,
    same_partition,
    silhouette,
)


@pytest.fixture(scope="module")
def clouds():
    random = np.random.default_rng(2)
    truth = np.repeat([0, 1, 2], [30, 20, 10])
    points = np.array([[0, 0], [6, 0], [0, 6]])[truth] + random.standard_normal((60, 2))
    order = random.permutation(60)
    return points[order], truth[order]


def distances(points):
    return np.sqrt(((points[:, None] - points) ** 2).sum(axis=2))


def test_clouds_are_found_and_numbered_by_size(clouds):
    points, truth = clouds
    for labels in (k_means(points, 3), average_linkage(distances(points), 3)):
        assert same_partition(labels, truth) > 0.9
        assert (np.diff(np.bincount(labels)) <= 0).all()
    assert (k_means(points, 3, seed=1) == k_means(points, 3, seed=1)).all()


def test_silhouette_by_hand():
    """Two pairs at 0, 1 and 10, 11: a = 1; b = 10.5, 9.5, 9.5, 10.5."""
    apart = distances(np.array([[0.0], [1.0], [10.0], [11.0]]))
    expected = (2 * (1 - 1 / 10.5) + 2 * (1 - 1 / 9.5)) / 4
    assert silhouette(apart, [0, 0, 1, 1]) == pytest.approx(expected)


def test_gower_by_hand():
    """Ranges 4 and 10; a category that differs counts 1."""
    found = gower_distances([[1, 0], [5, 10], [3, 0]], [[1], [1], [2]])
    assert found[0, 1] == pytest.approx((1 + 1 + 0) / 3)
    assert found[0, 2] == pytest.approx((0.5 + 0 + 1) / 3)
    assert found[1, 2] == pytest.approx((0.5 + 1 + 1) / 3)
    flat = gower_distances([[2.0], [2.0]], np.zeros((2, 0), dtype=int))
    assert flat.tolist() == [[0, 0], [0, 0]]


def test_numbers_of_types():
    assert by_size([5, 9, 9, 2, 2]).tolist() == [2, 0, 0, 1, 1]
    # Hubert & Arabie: all pairs agree, or as by chance.
    assert same_partition([0, 0, 1, 1], [7, 7, 3, 3]) == 1
    assert same_partition([0, 0, 1, 1], [0, 1, 0, 1]) == pytest.approx(-0.5)


def test_too_few_different_cases_are_refused():
    with pytest.raises(ValueError, match="different cases"):
        k_means([[1.0], [1.0], [2.0]], 2)
    with pytest.raises(ValueError, match="different cases"):
        average_linkage(np.zeros((4, 4)), 2)
    with pytest.raises(ValueError, match="at least 2 types"):
        k_means([[1.0], [2.0], [3.0]], 1)
    with pytest.raises(ValueError, match="need a column"):
        gower_distances(np.zeros((2, 0)), np.zeros((2, 0)))
