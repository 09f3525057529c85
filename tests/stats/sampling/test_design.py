"""Designs, their variance by hand, the rules for single units, and what never matters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.stats.sampling import (
    Estimates,
    SinglePSUError,
    collapse,
    contrast,
    critical,
    design_effects,
    independence,
    labels_to_codes,
    means,
    quantiles,
    ratios,
    sampling_design,
    totals,
    variances_of,
)


def test_stratified_variance_by_hand():
    y = np.array([1.0, 3.0, 10.0, 14.0, 18.0])
    d = sampling_design(strata=[list("aabbb")], population=[[4, 4, 9, 9, 9]])
    found = totals(y, d)
    by_hand = 4**2 * (1 - 2 / 4) * 2 / 2 + 9**2 * (1 - 3 / 9) * 16 / 3
    assert found.values[0] == pytest.approx(2 * 4 + 14 * 9)
    assert found.se[0] == pytest.approx(np.sqrt(by_hand))
    assert found.df[0] == 3


def test_two_stage_variance_by_hand():
    """Two of five schools, two of four and three of six classes (Cochran 1977, equation 11.24)."""
    y = np.array([2.0, 4.0, 10.0, 12.0, 17.0])
    d = sampling_design(
        units=[[0, 0, 1, 1, 1], [0, 1, 0, 1, 2]], population=[[5] * 5, [4, 4, 6, 6, 6]]
    )
    np.testing.assert_allclose(d.weights, [5, 5, 5, 5, 5])
    school = np.array([3 * 4, 13 * 6])
    between = 5**2 * (1 - 2 / 5) * school.var(ddof=1) / 2
    within = [
        4**2 * (1 - 2 / 4) * np.var([2, 4], ddof=1) / 2,
        6**2 * (1 - 3 / 6) * np.var([10, 12, 17], ddof=1) / 3,
    ]
    found = totals(y, d)
    assert found.values[0] == pytest.approx(5 / 2 * school.sum())
    assert found.se[0] ** 2 == pytest.approx(between + 5 / 2 * sum(within))


def test_labels_count_within_the_stage_before():
    nested = sampling_design(
        np.ones(8),
        strata=[[0, 0, 0, 0, 1, 1, 1, 1]],
        units=[[1, 1, 2, 2, 1, 1, 2, 2]],
    )
    assert nested.stages[0].unit.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert nested.stages[0].stratum.tolist() == [0, 0, 1, 1]
    assert nested.degrees() == 2
    assert nested.degrees(np.array([1, 1, 0, 0, 1, 0, 0, 1], dtype=bool)) == 1
    assert len(nested.stages) == 1  # without population counts the first stage says it all
    two = sampling_design(np.ones(4), units=[[1, 1, 2, 2], [1, 2, 1, 2]])
    assert len(two.stages) == 1
    np.testing.assert_array_equal(labels_to_codes(["x", "y", "x"], np.array([0, 0, 1])), [0, 1, 2])


def lonely(rule: str):
    return sampling_design(
        strata=[[0, 0, 0, 1, 1, 2]], population=[[30, 30, 30, 8, 8, 5]], single=rule
    )


def test_a_single_unit_fails_with_its_stratum_and_row():
    y = np.array([1.0, 4.0, 2.0, 7.0, 9.0, 30.0])
    with pytest.raises(SinglePSUError, match="1 strata of stage 1") as caught:
        totals(y, lonely("fail"))
    assert (caught.value.stage, caught.value.strata, caught.value.rows) == (0, (2,), (5,))


def test_rules_for_a_single_unit_by_hand():
    y = np.array([1.0, 4.0, 2.0, 7.0, 9.0, 30.0])
    others = 30**2 * (1 - 3 / 30) * np.var([1, 4, 2], ddof=1) / 3
    others += 8**2 * (1 - 2 / 8) * np.var([7, 9], ddof=1) / 2
    z = y * lonely("adjust").weights
    expected = {
        "remove": others,
        "certainty": others,
        "average": others * 3 / 2,
        "adjust": others + (1 - 1 / 5) * (z[5] - z.mean()) ** 2,
    }
    for rule, value in expected.items():
        assert totals(y, lonely(rule)).se[0] ** 2 == pytest.approx(value), rule


def test_only_strata_with_rows_in_the_domain_count_for_the_rules():
    """As in R survey 4.5, where a subset has lost the strata without rows."""
    y = np.array([1.0, 4.0, 2.0, 7.0, 9.0, 30.0])
    first = np.array([True, True, True, False, False, False])
    variance = 30**2 * (1 - 3 / 30) * np.var([1, 4, 2], ddof=1) / 3
    for rule in ("fail", "remove", "adjust", "average"):
        assert totals(y, lonely(rule), where=first).se[0] ** 2 == pytest.approx(variance), rule
    both = np.array([True, True, True, False, False, True])
    with pytest.raises(SinglePSUError):
        totals(y, lonely("fail"), where=both)
    averaged = totals(y, lonely("average"), where=both)
    assert averaged.se[0] ** 2 == pytest.approx(variance * 2 / 1)
    z = (y * lonely("adjust").weights)[both]
    adjusted = totals(y, lonely("adjust"), where=both)
    assert adjusted.se[0] ** 2 == pytest.approx(variance + 4 / 5 * (z[3] - z.mean()) ** 2)
    alone = totals(y, lonely("average"), where=np.arange(6) == 5)
    assert np.isnan(alone.se[0])
    # several columns with rows of their own, and a value that is missing, are no different
    where = np.column_stack([first, both])
    many = totals(np.column_stack([y, y]), lonely("average"), where=where)
    np.testing.assert_allclose(many.se**2, [variance, variance * 2])
    gap = np.where(first, y, np.nan)
    assert totals(gap, lonely("adjust")).se[0] ** 2 == pytest.approx(variance)


@pytest.mark.parametrize("rule", ["adjust", "average"])
def test_rules_hold_within_the_primary_unit_at_the_second_stage(rule):
    """One unit has a stratum of a single class; the mean is that of this unit's classes."""
    y = np.array([3.0, 5.0, 9.0, 4.0, 8.0])
    d = sampling_design(
        units=[[0, 0, 0, 1, 1], [0, 1, 2, 0, 1]],
        strata=[None, [0, 0, 1, 0, 0]],
        population=[[4] * 5, [6, 6, 5, 3, 3]],
        single=rule,
    )
    z = y * d.weights
    between = (1 - 2 / 4) * 2 * np.var([z[:3].sum(), z[3:].sum()], ddof=1)
    first = (1 - 2 / 6) * 2 * np.var(z[:2], ddof=1)
    if rule == "adjust":
        first += (1 - 1 / 5) * (z[2] - z[:3].mean()) ** 2
    else:
        first *= 2
    second = (1 - 2 / 3) * 2 * np.var(z[3:], ddof=1)
    assert totals(y, d).se[0] ** 2 == pytest.approx(between + 2 / 4 * (first + second))


def test_a_stratum_taken_whole_is_no_single_unit():
    """The city states: one sampled of one."""
    d = sampling_design(
        strata=[["BE", "HH", "x", "x", "x"]], population=[[1, 1, 9, 9, 9]], single="fail"
    )
    y = np.array([1.0, 1.0, 0.0, 1.0, 0.0])
    found = means(y, d)
    assert found.se[0] > 0
    only = means(y, d, where=[True, True, False, False, False])
    assert (only.values[0], only.se[0]) == (1, 0)


def test_all_answered_has_no_sampling_error():
    d = sampling_design(population=[[4, 4, 4, 4]])
    assert means([1, 5, 2, 8], d).se[0] == 0
    assert ratios([1, 5, 2, 8], [2, 2, 3, 4], d).se[0] == 0


def test_collapsing_joins_the_nearest_size_class_of_the_same_group():
    labels = ["A1", "A1", "A2", "A3", "A3", "B1", "B2", "B2", "C1"]
    population = [5, 5, 4, 6, 6, 7, 8, 8, 1]
    d = sampling_design(strata=[labels], population=[population])
    new, joined = collapse(d, group=list("AAABBC"), rank=[1, 2, 3, 1, 2, 1])
    assert joined.tolist() == [0, 0, 1, 2, 2, 3]
    assert new.stages[0].sampled.tolist() == [3, 2, 3, 1]
    assert new.stages[0].population.tolist() == [9, 6, 15, 1]
    np.testing.assert_array_equal(new.weights, d.weights)
    assert totals(np.arange(9.0), new).se[0] > 0
    with pytest.raises(ValueError, match=r"\[1\]"):
        collapse(d, group=list("AXABBC"))
    with pytest.raises(ValueError, match="6 strata"):
        collapse(d, rank=[1, 2])


def test_two_single_neighbours_join_each_other():
    d = sampling_design(np.ones(2), strata=[[0, 1]])
    new, joined = collapse(d)
    assert joined.tolist() == [0, 0]
    assert means([1.0, 3.0], new).se[0] > 0


@given(st.integers(0, 2**31), st.sampled_from(["mean", "total", "ratio", "variance"]))
@settings(max_examples=40)
def test_what_never_matters(seed, kind):
    """Scale of the weights, order of the rows, names of the strata and units."""
    rng = np.random.default_rng(seed)
    n = 48
    strata, units = rng.integers(0, 3, n), rng.integers(0, 5, n)
    w, y, x = rng.uniform(1, 5, n), rng.normal(3, 1, n), rng.uniform(1, 2, n)
    y[rng.random(n) < 0.1] = np.nan
    where = rng.random(n) < 0.6

    def run(factor: float, order: np.ndarray, names: np.ndarray) -> Estimates:
        d = sampling_design(
            (w * factor)[order],
            strata=[names[strata[order]]],
            units=[9 - units[order]],
            single="adjust",
        )
        if kind == "ratio":
            return ratios(y[order], x[order], d, where=where[order])
        estimator = {"mean": means, "total": totals, "variance": variances_of}[kind]
        return estimator(y[order], d, where=where[order])

    first = run(1, np.arange(n), np.arange(3))
    second = run(7, rng.permutation(n), np.array(["z", "m", "a"]))
    scale = 7 if kind == "total" else 1
    np.testing.assert_allclose(second.values, first.values * scale, rtol=1e-9)
    np.testing.assert_allclose(second.se, first.se * scale, rtol=1e-8)
    assert second.df == first.df
    assert second.n == first.n


def test_median_and_tests_do_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(4)
    n = 200
    y, group, w = rng.normal(size=n), rng.integers(0, 2, n), rng.uniform(1, 3, n)
    answer = rng.integers(0, 3, n)
    order = rng.permutation(n)
    one, two = sampling_design(w), sampling_design(w[order] * 2)
    first, second = quantiles(y, [0.5], one), quantiles(y[order], [0.5], two)
    assert first.values == second.values
    assert first.se == pytest.approx(second.se)
    test = independence(group, answer, one)
    again = independence(group[order], answer[order], two)
    assert test.p == pytest.approx(again.p)


def test_several_columns_have_their_own_rows_or_the_same():
    y = np.array([[1, 2], [3, np.nan], [np.nan, 5], [4, 6], [5, 9]])
    d = sampling_design(np.ones(5))
    own, same = means(y, d), means(y, d, listwise=True)
    assert own.n.tolist() == [4, 4]
    assert same.n.tolist() == [3, 3]
    np.testing.assert_allclose(same.values, y[[0, 3, 4]].mean(axis=0))
    np.testing.assert_allclose(own.values, np.nanmean(y, axis=0))


def test_a_domain_without_rows_has_no_mean():
    d = sampling_design(np.ones(4))
    empty = means([1, 2, 3, 4], d, where=[False] * 4)
    assert np.isnan(empty.values[0])
    assert empty.n[0] == 0
    assert totals([1, 2, 3, 4], d, where=[False] * 4).values[0] == 0
    assert np.isnan(variances_of([1, 2, 3, 4], d, where=[True, False, False, False]).values[0])


def test_contrast_and_design_effect():
    y = np.array([[1.0, 2], [3, 2], [2, 5], [4, 6]])
    d = sampling_design(np.ones(4))
    both = means(y, d)
    difference = contrast(both, [[1, -1], [0.5, 0.5]])
    paired = means(y[:, 0] - y[:, 1], d)
    assert difference.values[0] == pytest.approx(paired.values[0])
    assert difference.se[0] == pytest.approx(paired.se[0])
    np.testing.assert_allclose(design_effects(y, d, both, kind="replace"), 1.0)
    with pytest.raises(ValueError, match="2 coefficients"):
        contrast(both, [[1, -1, 0]])


def test_critical_values():
    assert critical(0.95, np.inf) == pytest.approx(1.959963984540054)
    assert critical(0.95, 10) == pytest.approx(2.2281388519649385)
    assert np.isnan(critical(0.95, 0))
    lower, upper = Estimates(
        values=np.array([1.0]), covariance=np.array([[4.0]]), df=np.array([0.0]), n=np.array([1])
    ).interval()
    assert np.isnan([lower[0], upper[0]]).all()
    with pytest.raises(ValueError, match="level"):
        critical(95, 10)


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("all be 3 long", {"weights": [1, 1, 1], "strata": [[0, 1]]}),
        ("at least 0", {"weights": [1, -1, 1]}),
        ("finite", {"weights": [1, np.nan, 1]}),
        ("same in all its rows", {"population": [[5, 5, 6]]}),
        ("more units in the sample", {"population": [[2, 2, 2]]}),
        ("without weights", {"strata": [[0, 0, 1]]}),
        ("single must be", {"weights": [1, 1], "single": "centre"}),
    ],
)
def test_designs_that_cannot_be_are_refused(message, arguments):
    with pytest.raises(ValueError, match=message):
        sampling_design(**arguments)


def test_values_that_do_not_fit_are_refused():
    d = sampling_design(np.ones(3))
    with pytest.raises(ValueError, match="3 rows"):
        means([1, 2], d)
    with pytest.raises(ValueError, match="infinite"):
        means([1, 2, np.inf], d)
