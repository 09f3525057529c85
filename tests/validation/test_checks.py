"""Each kind of rule on a table that breaks it and one that doesn't."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from begleitforschung.validation import validate

SIGNS = ["unit", "year", "indicator", "value", "expected", "file", "row"]


def found(table: Any, *rules: Any) -> list[list[Any]]:
    report = validate(table, rules=rules)
    frame = report.to_frame()[SIGNS].astype(object)
    return frame.where(frame.notna(), None).to_numpy().tolist()


def test_range_of_a_rule(table, rule):
    rows = [("01001", 2020, "share", 100.0), ("01002", 2020, "share", 100.5)]
    figures = table([*rows, ("01003", 2020, "share", 0.0)])
    assert found(figures, rule("range", indicators=["sh*"], min=0, max=100)) == [
        ["01002", 2020, "share", "100.5", "0 … 100", "kreise.csv", 3]
    ]
    assert found(figures, rule("range", min=0)) == []
    assert found(figures, rule("range", max=100.2))[0][4] == "≤ 100.2"


def test_range_of_the_indicator_itself(table, rule):
    rows = [("01001", 2020, "share", -1.0), ("01001", 2020, "balance", -1.0)]
    figures = table(rows, share={"valid_min": 0}, balance={})
    assert [row[2:5] for row in found(figures, rule("range"))] == [["share", "-1", "≥ 0"]]


def test_sum_of_parts_of_a_whole(table, rule):
    rows = [
        *[("01001", 2020, k, v) for k, v in (("men", 40.0), ("women", 50.0), ("all", 90.4))],
        *[("01002", 2020, k, v) for k, v in (("men", 40.0), ("women", 50.0), ("all", 91.0))],
        *[("01003", 2020, k, v) for k, v in (("men", None), ("women", 50.0), ("all", 1.0))],
        *[("01004", 2020, k, v) for k, v in (("women", 50.0), ("all", 1.0))],
    ]
    sums = rule("sum_of_parts", parts=["men", "women"], whole="all", tolerance=0.5)
    assert found(table(rows), sums) == [
        ["01002", 2020, "all", "91", "Σ = 90", "kreise.csv", 7],
    ]
    wide = rule("sum_of_parts", parts=["men", "women"], whole="all", relative_tolerance=0.02)
    assert found(table(rows), wide) == []


def test_sum_of_parts_of_a_constant(table, rule):
    rows = [
        *[("01001", 2020, k, v) for k, v in (("a", 0.1), ("b", 0.2), ("c", 99.7))],
        *[("01001", 2021, k, v) for k, v in (("a", 1.0), ("b", 2.0), ("c", 98.0))],
    ]
    shares = rule("sum_of_parts", parts=["a", "b", "c"], total=100)
    assert found(table(rows), shares) == [
        ["01001", 2021, "a", "Σ = 101", "Σ = 100", "kreise.csv", 5]
    ]


POPULATION = {"people": {"aggregation": "sum"}}


def test_smaller_units_exceed_the_larger_one(table, rule):
    rows = [
        ("DG", 2020, "people", 100.0),
        ("01", 2020, "people", 60.0),
        ("02", 2020, "people", 50.0),
        ("01001", 2020, "people", 30.0),
        ("01002", 2020, "people", 20.0),
    ]
    figures = table(rows, **POPULATION)
    assert found(figures, rule("sum_of_units")) == [
        ["DG", 2020, "people", "100", "Σ = 110 (land)", "kreise.csv", 2]
    ]
    assert found(figures, rule("sum_of_units", relative_tolerance=0.1)) == []
    below = found(figures, rule("sum_of_units", children="all"))
    assert {(row[0], row[4]) for row in below} == {
        ("DG", "Σ = 110 (land)"),
        ("DG", "Σ = 50 (kreis)"),
        ("01", "Σ = 50 (kreis)"),
    }


def test_districts_in_a_county_table_count_double(table, rule):
    rows = [("03", 2020, "people", 90.0), ("03241", 2020, "people", 90.0)]
    districts = [("03241001", 2020, "people", 50.0), ("03241002", 2020, "people", 45.0)]
    result = found(table(rows + districts, **POPULATION), rule("sum_of_units"))
    assert [row[4] for row in result] == ["Σ = 95 (gemeinde)", "Σ = 95 (gemeinde)"]


def test_sums_of_units_pass_over_what_must_not_be_summed_and_what_is_unknown(table, rule):
    rows = [("01", 2020, "rate", 1.0), ("01001", 2020, "rate", 5.0)]
    assert found(table(rows), rule("sum_of_units", children="all")) == []
    rows = [("01", 2020, "people", 9.0), ("01001", 2020, "people", 15.0)]
    rows += [("01002", 2020, "people", -2.0)]
    assert found(table(rows, **POPULATION), rule("sum_of_units")) == []
    rows = [("01", 2020, "people", 9.0), ("01001", 2020, "people", 5.0)]
    rows += [("01002", 2020, "people", None)]
    assert found(table(rows, **POPULATION), rule("sum_of_units", children="all")) == []
    rows = [("01", 2020, "people", 9.0), ("01001", 2021, "people", 50.0)]
    assert found(table(rows, **POPULATION), rule("sum_of_units", children="all")) == []


def test_ratio(table, rule):
    rows = [
        ("01001", 2020, "gdp", 30.0),
        ("01001", 2020, "people", 10.0),
        ("01002", 2020, "gdp", 30000.0),
        ("01002", 2020, "people", 10.0),
        ("01003", 2020, "gdp", 1.0),
        ("01003", 2020, "people", 0.0),
        ("01004", 2020, "gdp", 0.0),
        ("01004", 2020, "people", 0.0),
        ("01005", 2020, "gdp", 1.0),
    ]
    ratio = rule("ratio", numerator="gdp", denominator="people", min=1, max=100)
    assert [row[0:5] for row in found(table(rows), ratio)] == [
        ["01002", 2020, "gdp", "30000", "gdp / people = 3000: 1 … 100"],
        ["01003", 2020, "gdp", "1", "gdp / people = inf: 1 … 100"],
    ]


def test_jump_needs_all_thresholds_and_the_previous_year(table, rule):
    rows = [
        ("01001", 2018, "cars", 10.0),
        ("01001", 2019, "cars", 16.0),
        ("01001", 2021, "cars", 90.0),
        ("01002", 2019, "cars", 100.0),
        ("01002", 2020, "cars", 120.0),
        ("01003", 2019, "cars", 0.0),
        ("01003", 2020, "cars", 8.0),
    ]
    figures = table(rows)
    assert [row[:5] for row in found(figures, rule("jump", relative=0.5))] == [
        ["01001", 2019, "cars", "16", "2018: 10"],
        ["01003", 2020, "cars", "8", "2019: 0"],
    ]
    assert [row[0] for row in found(figures, rule("jump", absolute=7))] == ["01002", "01003"]
    assert [row[0] for row in found(figures, rule("jump", relative=0.5, absolute=7))] == ["01003"]


def test_jump_from_a_negative_value(table, rule):
    rows = [("01001", 2020, "balance", -10.0), ("01001", 2021, "balance", -8.0)]
    assert found(table(rows), rule("jump", relative=0.5)) == []
    rows[1] = ("01001", 2021, "balance", 8.0)
    assert [row[4] for row in found(table(rows), rule("jump", relative=0.5))] == ["2020: -10"]


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        ([11.13, 1.113], True),
        ([1.113, 11.13], True),
        ([11.13, 0.0], True),
        ([0.0, 11.13], True),
        ([-11.13, -1.113], True),
        ([2.0, -2.0], True),
        ([16.0, 2.0], False),
        ([16.1, 2.0], True),
        ([0.0, 0.0, 0.0, 1.0, 0.0], False),
        ([5.0, 5.0], False),
    ],
)
def test_a_fall_by_a_factor_counts_like_a_rise(table, rule, values, broken: bool) -> None:
    rows = [("01001", 2015 + k, "rent", value) for k, value in enumerate(values)]
    assert bool(found(table(rows), rule("jump", factor=8))) is broken
    assert found(table(rows), rule("jump", factor=1, factor_to=1.0001)) == []


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0.83, ("warning", "order_of_magnitude")),
        (0.0, ("warning", "order_of_magnitude")),
        (83.0, ("warning", "order_of_magnitude")),
        (3.5, ("info", "jump")),
        (8.0, None),
    ],
)
def test_the_standard_rules_see_a_lost_decimal_point(table, value: float, wanted) -> None:
    units = [f"05{i:03}" for i in range(111, 131)]
    rows = [(unit, 2020, "rent", 8.0 + 0.2 * i) for i, unit in enumerate(units)]
    rows += [(unit, 2021, "rent", 8.3 + 0.21 * i) for i, unit in enumerate(units)]
    rows[20] = ("05111", 2021, "rent", value)
    seen = validate(table(rows)).table
    seen = seen[seen["rule"].isin(["jump", "order_of_magnitude"])]
    assert [*zip(seen["severity"], seen["rule"], strict=True)] == ([wanted] if wanted else [])
    # Rates near zero change by a multiple all the time: nothing unusual.
    near = [(unit, 2020, "rate", 0.01 * (i % 4)) for i, unit in enumerate(units)]
    near += [(unit, 2021, "rate", 0.01 * (i % 5)) for i, unit in enumerate(units)]
    assert not validate(table(near)).table["rule"].isin(["jump", "order_of_magnitude"]).any()


def test_jump_far_from_the_usual_change(table, rule):
    units = [f"0900{i}" for i in range(1, 10)] + ["09010", "09011", "09012"]
    rows = [(unit, 2020, "debt", 50.0) for unit in units]
    rows += [(unit, 2021, "debt", 60.0 + 0.1 * i) for i, unit in enumerate(units)]
    rows[-1] = ("09012", 2021, "debt", 50.0)
    figures = table(rows)
    # All others changed by about 10; the one that did not change is unusual but no change.
    assert found(figures, rule("jump", robust_z=8)) == []
    rows[-1] = ("09012", 2021, "debt", 51.0)
    assert [row[:5] for row in found(table(rows), rule("jump", robust_z=8))] == [
        ["09012", 2021, "debt", "51", "2020: 50"]
    ]
    assert found(table(rows), rule("jump", robust_z=30)) == []


def test_a_missing_year_is_a_gap_only_if_others_have_it(table, rule):
    rows = [
        *[("01001", year, "cars", 1.0) for year in (2016, 2018, 2022)],
        *[("01002", year, "cars", 1.0) for year in (2016, 2020, 2022)],
        ("01002", 2018, "cars", None),
        *[("01003", year, "cars", 1.0) for year in (2020, 2022)],
        ("01003", 2018, "cars", None),
        ("08", 2019, "cars", 1.0),
    ]
    assert found(table(rows), rule("missing_years")) == [
        ["01001", 2020, "cars", None, None, "kreise.csv", None],
        ["01002", 2018, "cars", None, None, "kreise.csv", 8],
    ]
    assert found(table(rows, status={6: "unknown"}), rule("missing_years"))[0][0] == "01001"
    assert len(found(table(rows, status={6: "unknown"}), rule("missing_years"))) == 1


def test_constant_series(table, rule):
    rows = [
        *[("01001", year, "cars", 5.0) for year in range(2015, 2021)],
        *[("01002", year, "cars", 0.0) for year in range(2015, 2021)],
        *[("01003", year, "cars", float(year)) for year in range(2015, 2021)],
        ("01001", 2021, "cars", 6.0),
    ]
    report = validate(table(rows), rules=[rule("constant_series", years=6)])
    assert report.to_frame()[["unit", "year", "expected", "n"]].to_numpy().tolist() == [
        ["01001", 2015, "… 2020", 6]
    ]
    assert found(table(rows), rule("constant_series", years=7)) == []


def test_coverage_counts_units_of_the_same_level(table, rule):
    units = ["01001", "01002", "01003", "01004"]
    rows = [(unit, year, "cars", 1.0) for unit in units for year in (2019, 2020, 2021)]
    rows[1] = ("01001", 2020, "cars", None)
    rows.append(("01", 2020, "cars", 1.0))
    rows += [(unit, 2018, "cars", None) for unit in units]
    assert found(table(rows), rule("coverage", min=0.9)) == [
        [None, 2020, "cars", "3/4", "≥ 90 %, kreis", "kreise.csv", None]
    ]
    assert found(table(rows), rule("coverage", min=0.75)) == []


def test_an_indicator_without_any_value_lacks_coverage(table, rule):
    rows = [("01001", 2020, "cars", None), ("01002", 2020, "cars", None)]
    assert [row[3] for row in found(table(rows), rule("coverage", min=0.5))] == ["0/2"]


def test_units_that_are_not_in_a_list(table, rule):
    rows = [("01001", 2020, "cars", 1.0), ("01099", 2020, "cars", 1.0), ("01", 2020, "cars", 1.0)]
    known = rule("unknown_units", level="kreis", units=["01001"])
    assert [row[0] for row in found(table(rows), known)] == ["01099"]


def test_counties_of_the_territorial_state(table):
    rows = [
        ("16063", 2020, "cars", 1.0),
        ("16056", 2020, "cars", 1.0),
        ("16056", 2021, "cars", 1.0),
    ]
    report = validate(table(rows)).to_frame()
    eisenach = report[report["rule"] == "unknown_counties"]
    assert eisenach[["unit", "severity", "n", "row"]].to_numpy().tolist() == [
        ["16056", "warning", 2, 3]
    ]
    older = validate(table(rows, gebietsstand="2019-12-31")).to_frame("en")
    unchecked = older[older["rule"] == "unknown_counties"]["text"].item()
    assert "not checked" in unchecked
    assert "2019-12-31" in unchecked


def test_a_rule_that_can_not_be_checked_says_so(table, rule):
    rows = [("01001", 2020, "cars", 1.0)]
    ratio = rule("ratio", numerator="cras", denominator="cars", min=0)
    report = validate(table(rows), rules=[ratio, rule("range", indicators=["x*"], min=0)])
    texts = report.to_frame("en")["text"].tolist()
    assert "cras (meant: cars?)" in texts[0]
    assert "lacks x*" in texts[1]
    assert report.counts == {"error": 0, "warning": 0, "info": 2}
    partly = validate(table(rows), rules=[rule("range", indicators=["x*", "c*"], min=2)])
    assert partly.counts == {"error": 1, "warning": 0, "info": 1}


def test_figures_of_several_dates_are_series_of_their_own(rule):
    dates = ["2019-06-30", "2019-12-31", "2020-06-30", "2020-12-31"]
    frame = pd.DataFrame(
        {
            "unit": "01001",
            "year": [2019, 2019, 2020, 2020],
            "indicator": "cars",
            "value": [10.0, 100.0, 11.0, 300.0],
            "date": dates,
        }
    )
    result = found(frame, rule("jump", relative=0.5), rule("duplicates"))
    assert [row[3:5] for row in result] == [["300", "2019: 100"]]


def test_robust_z_agrees_with_its_formula():
    from begleitforschung.validation.series import robust_z

    values = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 100, *[0.0] * 10, 5])
    groups = np.array([0] * 10 + [1] * 11)
    z = robust_z(values, groups, 2)
    assert z[9] == pytest.approx((100 - 5.5) / (1.4826 * 2.5))
    assert z[-1] == pytest.approx(5 / (1.253314 * 5 / 11))
    assert (robust_z(np.arange(9.0), np.zeros(9, int), 1) == 0).all()
    assert (robust_z(np.ones(12), np.zeros(12, int), 1) == 0).all()
