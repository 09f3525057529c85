"""Treatment of outliers against COINr's tables, value by value and point by point."""

from __future__ import annotations

import numpy as np
import pytest

from begleitforschung.stats.indices.transforms import fit_transform
from begleitforschung.stats.indices.treat import (
    CUT_HIGH,
    CUT_LOW,
    TRANSFORMED,
    Treatment,
    apply_treatment,
    plan_treatment,
    plan_treatments,
    touched,
)
from begleitforschung.stats.indices.winsorise import winsorise_path
from begleitforschung.stats.moments import skewness_kurtosis

CLOSE = {"rtol": 1e-10, "atol": 0}
CASES = {
    "default_winmax5_log_CT": Treatment(),
    "raw_default": Treatment(),
    "raw_winmax1": Treatment(winmax=1),
    "raw_winmax2": Treatment(winmax=2),
    "raw_winmax3": Treatment(winmax=3),
    "raw_winmax_unlimited": Treatment(winmax=None),
    "raw_nowin_log_CT": Treatment(winmax=0),
    "raw_nowin_log_CT_plus": Treatment(winmax=0, second="log_ct_plus"),
    "raw_nowin_log_CT_orig": Treatment(winmax=0, second="log_ct_orig"),
    "raw_combine": Treatment(winmax=2, combine=True),
}


def given(ref, case):
    """Values that a case starts from, and its treatment."""
    if case == "raw_indiv":
        table = ref("asem/01_raw")
        special = {"LPI": Treatment(winmax=10), "Flights": Treatment(first="log_ct"), "Bord": None}
        return table, [special.get(code, Treatment()) for code in table.columns]
    name = "treat/00_input_screened" if case.startswith("default") else "asem/01_raw"
    return ref(name), CASES[case]


def marks(text, case):
    """What COINr's record of a point means for the value that comes out."""
    first, _, second = text.partition("+")
    if second and case != "raw_combine":
        first = ""  # COINr keeps the mark of a winsorisation whose outcome it dropped
    if first.startswith("log"):
        first, second = "", first
    cut = {"": 0, "winhi": CUT_HIGH, "winlo": CUT_LOW}[first]
    return cut + (TRANSFORMED if second else 0)


@pytest.mark.parametrize("case", [*CASES, "raw_indiv"])
def test_treated_values(ref, case):
    table, treatment = given(ref, case)
    plan = plan_treatment(table.values(), treatment)
    expected = ref(f"treat/{case}")
    assert table.columns == expected.columns
    np.testing.assert_allclose(apply_treatment(table.values(), plan), expected.values(), **CLOSE)


@pytest.mark.parametrize("case", [*CASES, "raw_indiv"])
def test_treated_points(ref, case):
    table, treatment = given(ref, case)
    found = touched(table.values(), plan_treatment(table.values(), treatment))
    points = ref(f"treat/{case}_points")
    for j, code in enumerate(table.columns):
        if code not in points.columns:  # not treated at all
            assert not found[:, j].any()
            continue
        # COINr marks a missing value of a transformed column as well; there is nothing to mark.
        there = ~np.isnan(table.values([code])[:, 0])
        expected = np.array([marks(text, case) for text in points.text(code)])
        np.testing.assert_array_equal(found[:, j], np.where(there, expected, 0), err_msg=code)


def same_record(columns, plan, details):
    """Compare points winsorised and all checks; COINr lists only the columns it looks at."""
    by_code = dict(zip(columns, plan, strict=True))
    for row in details.rows:
        column = by_code.pop(row["iCode"])
        assert row["winsorise.nwin"] == ("" if column.tried is None else str(column.tried))
        for k, check in enumerate((column.before, column.after_first, column.after_second)):
            told = row.get(f"check_SkewKurt{k}.Pass", "")
            assert told == ("" if check is None else str(check.passes).upper())
            if check is not None:
                expected = [float(row[f"check_SkewKurt{k}.{name}"]) for name in ("Skew", "Kurt")]
                np.testing.assert_allclose([check.skewness, check.kurtosis], expected, rtol=1e-10)
    assert not any(column.acts for column in by_code.values())


@pytest.mark.parametrize("case", [*CASES, "raw_indiv"])
def test_record_of_the_checks(ref, case):
    table, treatment = given(ref, case)
    plan = plan_treatment(table.values(), treatment)
    same_record(table.columns, plan, ref(f"treat/{case}_details"))


def test_several_limits_in_one_go(ref):
    raw = ref("asem/01_raw").values()
    limits = (1, 2, 3, 5, None)
    names = ("winmax1", "winmax2", "winmax3", "default", "winmax_unlimited")
    for plan, limit, name in zip(plan_treatments(raw, limits), limits, names, strict=True):
        expected = ref(f"treat/raw_{name}").values()
        np.testing.assert_allclose(apply_treatment(raw, plan), expected, **CLOSE)
        alone = plan_treatment(raw, Treatment(winmax=limit))
        assert [column.action for column in plan] == [column.action for column in alone]


def test_asem_example(ref):
    screened = ref("asem/04_screened").values()
    plan = plan_treatment(screened)
    np.testing.assert_allclose(
        apply_treatment(screened, plan), ref("asem/05_treated").values(), **CLOSE
    )
    points = ref("asem/05_treat_points")
    expected = [[marks(text, "") for text in points.text(code)] for code in points.columns]
    np.testing.assert_array_equal(touched(screened, plan), np.array(expected).T)
    same_record(ref("asem/04_screened").columns, plan, ref("asem/05_treat_details"))


def test_panel_is_treated_year_by_year(ref):
    screened, treated = ref("panel/screened"), ref("panel/treated")
    assert screened.columns == treated.columns
    years = np.array(screened.text("Time"))
    for year in sorted(set(years)):
        values = screened.values()[years == year]
        found = apply_treatment(values, plan_treatment(values))
        np.testing.assert_allclose(found, treated.values()[years == year], **CLOSE)


@pytest.mark.parametrize(
    ("source", "name"), [("treat/00_input_screened", ""), ("asem/01_raw", "_raw")]
)
def test_skewness_and_kurtosis(ref, source, name):
    table, expected = ref(source), ref(f"treat/00_skew_kurt{name}")
    assert expected.text("iCode") == table.columns
    skewness, kurtosis = skewness_kurtosis(table.values())
    np.testing.assert_allclose(skewness, expected.numbers("skew"), **CLOSE)
    np.testing.assert_allclose(kurtosis, expected.numbers("kurt"), **CLOSE)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("log_CT", {"name": "log_ct"}),
        ("log_CT_plus", {"name": "log_ct_plus"}),
        ("log_CT_orig", {"name": "log_ct_orig"}),
        ("boxcox_0", {"name": "boxcox", "boxcox_lambda": 0.0}),
        ("boxcox_05", {"name": "boxcox", "boxcox_lambda": 0.5}),
        ("boxcox_m1", {"name": "boxcox", "boxcox_lambda": -1.0}),
        ("boxcox_2", {"name": "boxcox", "boxcox_lambda": 2.0}),
    ],
)
def test_transformations_of_a_vector(ref, name, options):
    table = ref("treat/vector_functions")
    x = table.numbers("x")
    found = fit_transform(column=x, **options).apply(x)
    np.testing.assert_allclose(found, table.numbers(name), rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("wins5", {"winmax": 5}),
        ("wins1", {"winmax": 1}),
        ("wins_force3", {"winmax": 3, "force": True}),
        ("wins_inf", {"winmax": None}),
    ],
)
def test_winsorisation_of_a_vector(ref, name, options):
    table = ref("treat/vector_functions")
    x = table.numbers("x")
    last = winsorise_path(x, **options)[0][-1]
    np.testing.assert_array_equal(np.clip(x, last.lower, last.upper), table.numbers(name))


def test_negative_skew_of_a_vector(ref):
    table = ref("treat/vector_functions_negskew")
    x = table.numbers("x")
    mirrored = fit_transform("log_ct_plus", x)
    assert mirrored.mirrored
    np.testing.assert_allclose(mirrored.apply(x), table.numbers("log_CT_plus"), rtol=1e-10)
    last = winsorise_path(x)[0][-1]
    np.testing.assert_array_equal(np.clip(x, last.lower, last.upper), table.numbers("wins5"))
    assert (x < last.lower).tolist() == [flag == "winlo" for flag in table.text("wins5_flag")]


def test_b01_log_gii_transforms(ref):
    """COINr returns its input; the formula of the Global Innovation Index gives this."""
    table = ref("treat/vector_functions")
    x = table.numbers("x")
    np.testing.assert_array_equal(table.numbers("log_GII"), x)  # the defect
    low, high = np.nanmin(x), np.nanmax(x)
    expected = np.log((high - 1) * (x - low) / (high - low) + 1)
    np.testing.assert_allclose(fit_transform("log_gii", x).apply(x), expected, rtol=1e-14)
    raw = ref("asem/01_raw").values()
    plan = plan_treatment(raw, Treatment(winmax=0, second="log_gii"))
    found = apply_treatment(raw, plan)
    changed = np.array([bool(column.transforms) for column in plan])
    assert changed.sum() == 18
    np.testing.assert_array_equal(
        ref("treat/raw_nowin_log_GII_NOOP_BUG").values()[:, changed], raw[:, changed]
    )
    part = raw[:, changed]
    low, high = np.nanmin(part, axis=0), np.nanmax(part, axis=0)
    expected = np.log((high - 1) * (part - low) / (high - low) + 1)
    np.testing.assert_allclose(found[:, changed], expected, rtol=1e-12, atol=1e-14)


def test_b05_winmax_none_sets_no_limit():
    """COINr drops NULL from the specification and stays at 5 points."""
    x = np.r_[np.arange(1.0, 61.0), 10.0 ** np.arange(3, 13)][:, None]
    column = plan_treatment(x, Treatment(winmax=None))[0]
    assert (column.high, column.upper) == (8, 10_000.0)
    assert column.result.passes
    assert column.stop == "passes"
    assert plan_treatment(x)[0].tried == 5


def test_b06_ties_do_not_exceed_winmax(ref):
    """COINr cuts six values where five are allowed."""
    table = ref("treat/winsorise_ties_over_winmax")
    x = table.numbers("x")[:, None]
    assert set(table.text("nwin")) == {"6"}
    column = plan_treatment(x, Treatment(second="none"))[0]
    assert (column.high, column.upper, column.stop) == (3, 10_000.0, "ties")
    assert np.count_nonzero(touched(x, (column,))) == 3
    wider = plan_treatment(x, Treatment(winmax=6))[0]
    assert wider.high == 6
    np.testing.assert_array_equal(apply_treatment(x, (wider,))[:, 0], table.numbers("xt"))


def test_b30_a_treatment_of_its_own_keeps_the_defaults_and_missing_values():
    """In COINr an indicator with its own treatment and one missing value stays untreated."""
    x = np.r_[np.arange(1.0, 61.0), 500.0, 900.0, np.nan][:, None]
    own = plan_treatment(x, [Treatment(winmax=3)])
    np.testing.assert_array_equal(apply_treatment(x, own), apply_treatment(x, plan_treatment(x)))
    assert own[0].high == 2
    assert np.isnan(apply_treatment(x, own)[-1, 0])


def test_b31_forced_winsorisation_acts_on_a_column_that_passes():
    """In COINr `force_win` has no effect in this case."""
    x = np.r_[np.arange(1.0, 21.0), 40.0][:, None]
    assert plan_treatment(x)[0].before.passes
    column = plan_treatment(x, Treatment(winmax=1, force=True))[0]
    assert (column.high, column.upper) == (1, 20.0)
    assert apply_treatment(x, (column,)).max() == 20.0
