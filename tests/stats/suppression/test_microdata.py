"""Records that hide among others, against the tables of the publications."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.stats.suppression import (
    distinct_diversity,
    entropy_diversity,
    group_sizes,
    uniqueness,
)

# Machanavajjhala et al. (2007), fig. 2 and 3: twelve inpatients, made 4-anonymous and 3-diverse.
# H heart disease, V viral infection, C cancer.
ANONYMOUS = [[130, 0]] * 4 + [[1485, 1]] * 4 + [[130, 2]] * 4
CONDITIONS = list("HHVVCHVVCCCC")
DIVERSE = [[1305, 0]] * 4 + [[1485, 1]] * 4 + [[1306, 0]] * 4
DIVERSE_CONDITIONS = list("HVCCCHVVHVCC")


def test_the_published_example_is_4_anonymous_but_tells_of_one_group() -> None:
    assert group_sizes(ANONYMOUS).tolist() == [4] * 12
    assert distinct_diversity(ANONYMOUS, CONDITIONS).tolist() == [2] * 4 + [3] * 4 + [1] * 4
    assert entropy_diversity(ANONYMOUS, CONDITIONS)[-1] == 1.0


def test_the_published_remedy_is_3_diverse() -> None:
    assert group_sizes(DIVERSE).min() == 4
    assert distinct_diversity(DIVERSE, DIVERSE_CONDITIONS).min() == 3
    # Shares of 1/4, 1/4 and 1/2 hide as well as exp(1.5 log 2) equally frequent answers.
    assert entropy_diversity(DIVERSE, DIVERSE_CONDITIONS)[0] == pytest.approx(2**1.5)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)), min_size=1))
def test_groups_are_those_of_equal_rows(rows: list[tuple[int, int, int]]) -> None:
    keys, answers = [row[:2] for row in rows], [row[2] for row in rows]
    assert group_sizes(keys).tolist() == [keys.count(key) for key in keys]
    different = [len({row[2] for row in rows if row[:2] == key}) for key in keys]
    assert distinct_diversity(keys, answers).tolist() == different
    entropy = entropy_diversity(keys, answers)
    assert (entropy >= 1 - 1e-9).all()
    assert (entropy <= np.array(different) + 1e-9).all()


def test_a_missing_value_is_a_class_of_its_own() -> None:
    assert group_sizes([[np.nan, 1.0], [np.nan, 1.0], [2.0, 1.0]]).tolist() == [2, 2, 1]


def test_alone_in_the_sample_is_not_alone_in_the_population() -> None:
    population = [[1, 1], [1, 1], [2, 1], [2, 2], [2, 2]]
    found = uniqueness([[1, 1], [2, 1], [2, 2], [2, 2]], population)
    assert found.in_sample.tolist() == [1, 1, 2, 2]
    assert found.in_population.tolist() == [2, 1, 2, 2]
    assert found.unique.tolist() == [False, True, False, False]
    with pytest.raises(ValueError, match="rarer"):
        uniqueness([[3, 1]], population)
    with pytest.raises(ValueError, match="same keys"):
        uniqueness([[1]], population)


def test_arrays_must_fit() -> None:
    with pytest.raises(ValueError, match="column"):
        group_sizes([1, 2])
    with pytest.raises(ValueError, match="answer"):
        distinct_diversity([[1], [2]], [1])
    assert group_sizes(np.zeros((0, 2))).tolist() == []
