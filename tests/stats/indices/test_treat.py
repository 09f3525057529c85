"""Treatment of outliers: limits, ties, records, other rows, and what must not change it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from begleitforschung.stats.indices.transforms import TRANSFORMS, fit_transform
from begleitforschung.stats.indices.treat import (
    CUT_HIGH,
    CUT_LOW,
    TRANSFORMED,
    Treatment,
    UndefinedTransformError,
    apply_treatment,
    plan_treatment,
    plan_treatments,
    touched,
)
from begleitforschung.stats.indices.winsorise import passes, winsorise_path
from begleitforschung.stats.moments import skewness_kurtosis

NAN = np.nan
OUTLIER = np.array([*range(1, 31), 500.0])
LONG_TAIL = np.exp(np.linspace(0, 40, 60))

columns = st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 40, 300, 5_000]), min_size=8, max_size=40)


def column(values):
    return np.asarray(values, float)[:, None]


def treated(values, treatment=Treatment()):  # noqa: B008
    x = column(values)
    return apply_treatment(x, plan_treatment(x, treatment))[:, 0]


@pytest.mark.parametrize(
    ("skewness", "kurtosis", "passing"),
    [
        (1.99, 9.0, True),
        (9.0, 3.49, True),
        (2.0, 3.5, False),  # both reach their limits: not strict
        (-2.0, 3.5, False),
        (NAN, 9.0, True),
        (9.0, NAN, True),
    ],
)
def test_outlier_rule(skewness, kurtosis, passing):
    assert passes(skewness, kurtosis) is passing


def test_one_outlier_is_cut_to_the_next_value():
    plan = plan_treatment(column(OUTLIER))
    assert (plan[0].high, plan[0].low, plan[0].upper, plan[0].stop) == (1, 0, 30.0, "passes")
    np.testing.assert_array_equal(treated(OUTLIER), [*range(1, 31), 30.0])
    assert touched(column(OUTLIER), plan)[:, 0].tolist() == [0] * 30 + [CUT_HIGH]


def test_a_tail_that_winsorising_cannot_reach_is_transformed():
    plan = plan_treatment(column(LONG_TAIL))[0]
    assert (plan.tried, plan.stop, plan.high) == (5, "limit", 0)
    assert not plan.after_first.passes
    assert plan.result is plan.after_second
    np.testing.assert_allclose(
        treated(LONG_TAIL), np.log(LONG_TAIL - 1 + 0.01 * (LONG_TAIL[-1] - 1)), rtol=1e-12
    )
    assert set(touched(column(LONG_TAIL), (plan,))[:, 0]) == {TRANSFORMED}


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        (Treatment(second="none"), np.minimum(LONG_TAIL, LONG_TAIL[-6])),
        (Treatment(first="none", second="none"), LONG_TAIL),
        (Treatment(first="log"), np.log(LONG_TAIL)),
        (Treatment(first="none", second="log"), np.log(LONG_TAIL)),
        (None, LONG_TAIL),
    ],
)
def test_other_treatments(treatment, expected):
    np.testing.assert_allclose(treated(LONG_TAIL, treatment), expected, rtol=1e-12)


def test_combined_transformations_act_one_after_the_other():
    values = np.exp(np.exp(np.linspace(0, 2.5, 60)))
    treatment = Treatment(
        first="log_ct_orig", second="log", combine=True, skewness_limit=0.1, kurtosis_limit=-3
    )
    with pytest.raises(UndefinedTransformError, match="not defined") as raised:
        treated(values, treatment)  # the first one starts at 0
    assert raised.value.columns == {0: "log needs values above 0"}
    both = plan_treatment(
        column(values),
        Treatment(
            first="log_ct_orig",
            second="log_ct_orig",
            combine=True,
            skewness_limit=0.1,
            kurtosis_limit=-3,
        ),
    )[0]
    assert [transform.name for transform in both.transforms] == ["log_ct_orig"] * 2
    expected = np.log(np.log(values - values.min() + 1) + 1)
    np.testing.assert_allclose(apply_treatment(column(values), (both,))[:, 0], expected, rtol=1e-12)


def test_a_transformation_can_be_forced():
    values = np.arange(1.0, 20.0)
    np.testing.assert_array_equal(treated(values, Treatment(first="log")), values)
    np.testing.assert_allclose(treated(values, Treatment(first="log", force=True)), np.log(values))


@pytest.mark.parametrize("values", [[], [NAN, NAN], [1.0, 2.0], [5.0] * 20, [0.0] * 19 + [1.0]])
def test_columns_that_cannot_be_judged_or_have_no_room_stay(values):
    x = column(values)
    plan = plan_treatment(x, Treatment(second="none"))
    np.testing.assert_array_equal(apply_treatment(x, plan), x)
    assert plan[0].stop in ("", "spread")
    assert plan[0].before.judged == (len(values) == 20 and values[-1] != 5.0)


def test_winsorising_never_makes_a_column_constant_nor_crosses_the_median():
    values = [0.0] * 30 + [1.0, 2.0, 50.0]
    step = winsorise_path(np.array(values), winmax=None)[0][-1]
    assert step.upper > 0.0
    bulk = np.r_[np.arange(51.0), 10.0 ** np.arange(2, 52)]
    path, exhausted = winsorise_path(bulk, winmax=None, skewness_limit=0.0, kurtosis_limit=-9.0)
    assert exhausted
    assert path[-1].lower <= np.median(bulk) <= path[-1].upper


def test_an_outlier_beyond_all_measure_leaves_the_others_judged():
    values = np.array([*range(1, 61), 1e200])
    plan = plan_treatment(column(values))[0]
    assert (plan.high, plan.upper, plan.stop) == (1, 60.0, "passes")
    expected = [moment[0] for moment in skewness_kurtosis(column([*range(1, 61), 60]))]
    found = plan.after_first.skewness, plan.after_first.kurtosis
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_both_tails_are_cut_where_the_skewness_turns():
    values = np.array([-400.0, *np.linspace(-1, 1, 50), 500.0])
    path, _ = winsorise_path(values, skewness_limit=0.0, kurtosis_limit=3.5)
    assert (path[-1].low, path[-1].high) == (1, 1)
    plan = plan_treatment(column(values), Treatment(skewness_limit=0.0))
    assert touched(column(values), plan)[[0, -1], 0].tolist() == [CUT_LOW, CUT_HIGH]


@settings(max_examples=60)
@given(columns, st.integers(0, 6))
def test_each_step_is_what_the_definition_says(values, winmax):
    """Skewness and kurtosis of a step are those of the cut column; the limit is never exceeded."""
    x = np.array(values, float)
    path, _ = winsorise_path(x, winmax=winmax)
    for step in path:
        cut = np.clip(x, step.lower, step.upper)
        expected = [moment[0] for moment in skewness_kurtosis(cut[:, None])]
        np.testing.assert_allclose(
            [step.check.skewness, step.check.kurtosis], expected, rtol=1e-8, atol=1e-8
        )
        assert step.points == np.count_nonzero(cut != x) <= winmax
    assert all(not step.check.passes for step in path[:-1])


@settings(max_examples=60)
@given(columns)
def test_plans_for_several_limits_are_those_for_each(values):
    x = column(values)
    limits = (0, 1, 2, 5, None)
    for limit, plan in zip(limits, plan_treatments(x, limits), strict=True):
        alone = plan_treatment(x, Treatment(winmax=limit))[0]
        assert (plan[0].action, plan[0].tried, plan[0].stop) == (
            alone.action,
            alone.tried,
            alone.stop,
        )


@settings(max_examples=60)
@given(columns, st.randoms(use_true_random=False), st.sampled_from([0.5, 4.0, 1024.0]))
def test_order_scale_and_direction_do_not_matter(values, random, scale):
    treatment = Treatment(second="log_ct_plus", winmax=2)
    x = np.array(values, float)
    found = treated(x, treatment)
    order = random.sample(range(x.size), x.size)
    np.testing.assert_allclose(treated(x[order], treatment), found[order], rtol=1e-9, atol=1e-9)
    plan, larger = (plan_treatment(column(y), treatment)[0] for y in (x, scale * x))
    assert (plan.high, plan.low, plan.stop) == (larger.high, larger.low, larger.stop)
    mirrored = plan_treatment(column(-x), treatment)[0]
    assume(plan.before.skewness != 0)  # without skewness the upper end is tried first
    if all(abs(check.skewness) > 1e-9 for check in (plan.before, plan.result)):
        assert (plan.high, plan.low) == (mirrored.low, mirrored.high)
        np.testing.assert_allclose(treated(-x, treatment), -found, rtol=1e-9, atol=1e-9)


@settings(max_examples=60)
@given(columns)
def test_treatment_keeps_the_order_of_values(values):
    x = np.array(values, float)
    assert (np.diff(treated(np.sort(x))) >= 0).all()


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transformations_increase_also_beyond_their_reference(name):
    reference = np.array([2.0, 3.0, 5.0, 9.0, 40.0])
    transform = fit_transform(name, reference)
    wide = np.linspace(0.5, 80, 200)
    found = transform.apply(wide)
    assert np.isfinite(found).all()
    assert (np.diff(found) >= 0).all()
    assert not transform.beyond(reference).any()
    assert np.isnan(transform.apply(np.array([NAN]))).all()


def test_other_rows_are_treated_as_their_reference():
    plan = plan_treatment(column(OUTLIER))
    later = column([700.0, 12.0, 45.0, NAN])
    np.testing.assert_array_equal(apply_treatment(later, plan), column([30.0, 12.0, 30.0, NAN]))
    assert touched(later, plan)[:, 0].tolist() == [CUT_HIGH, 0, CUT_HIGH, 0]
    logs = plan_treatment(column(LONG_TAIL))
    below = column([-1e9, 1.0, 9e18])
    found = apply_treatment(below, logs)[:, 0]
    assert found[0] == found[1] < found[2]
    assert touched(below, logs)[:, 0].tolist() == [TRANSFORMED + CUT_LOW, TRANSFORMED, TRANSFORMED]
    mirrored = plan_treatment(column(-LONG_TAIL), Treatment(second="log_ct_plus"))
    assert touched(column([9.0]), mirrored)[0, 0] == TRANSFORMED + CUT_HIGH


def test_a_logarithm_refuses_values_of_other_rows_that_are_not_above_0():
    plan = plan_treatment(column(LONG_TAIL), Treatment(second="log"))
    with pytest.raises(UndefinedTransformError, match="above 0"):
        apply_treatment(column([0.0]), plan)


def test_box_cox_by_maximum_likelihood():
    values = np.random.default_rng(5).gamma(1.5, size=300)
    found = fit_transform("boxcox", values)
    shifted = values - values.min() + 1
    assert found.power == pytest.approx(scipy_stats.boxcox_normmax(shifted, method="mle"), abs=1e-4)
    np.testing.assert_allclose(
        found.apply(values), scipy_stats.boxcox(shifted, found.power), rtol=1e-10, atol=1e-12
    )


def test_all_columns_without_a_transformation_are_named_at_once():
    x = np.column_stack([-LONG_TAIL, OUTLIER.repeat(2)[:60], LONG_TAIL, -LONG_TAIL])
    with pytest.raises(UndefinedTransformError) as raised:
        plan_treatment(x, Treatment(first="none", second="log"))
    assert sorted(raised.value.columns) == [0, 3]
    with pytest.raises(UndefinedTransformError, match="maximum above 1"):
        fit_transform("log_gii", np.array([0.1, 0.5, 0.9]))
    with pytest.raises(UndefinedTransformError, match="two different values"):
        fit_transform("log_ct", np.array([3.0, 3.0, NAN]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"first": "log_xy"}, "first treatment 'log_xy'"),
        ({"second": "winsorise"}, "second treatment 'winsorise'"),
        ({"winmax": -1}, "number of values"),
        ({"winmax": None, "force": True}, "a limit to winsorise"),
        ({"first": "none", "force": True}, "takes a first one"),
    ],
)
def test_treatments_that_do_not_exist(options, message):
    with pytest.raises(ValueError, match=message):
        Treatment(**options)


def test_what_does_not_fit_is_refused():
    x = np.ones((3, 2))
    with pytest.raises(ValueError, match="1 treatments do not fit 2 columns"):
        plan_treatment(x, [Treatment()])
    with pytest.raises(ValueError, match="plan for 2 columns"):
        apply_treatment(np.ones((3, 3)), plan_treatment(x))
    with pytest.raises(ValueError, match="number of values"):
        plan_treatments(x, [3, -1])
    with pytest.raises(ValueError, match="needs a limit"):
        winsorise_path(OUTLIER, winmax=None, force=True)
    with pytest.raises(ValueError, match="transformations are"):
        fit_transform("sqrt", OUTLIER)
    assert plan_treatments(np.empty((3, 0)), [1, 2]) == ((), ())
