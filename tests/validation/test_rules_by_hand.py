"""Rules against plain Python that reads them off row by row, and at their very thresholds."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from begleitforschung.validation import validate

COUNTIES = ["01001", "01002", "02000", "03101"]
few = settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
FIGURES = st.dictionaries(
    st.tuples(
        st.sampled_from([*COUNTIES, "01", "02"]), st.integers(2015, 2020), st.sampled_from("ab")
    ),
    st.one_of(st.none(), st.integers(-3, 6).map(float)),
    min_size=1,
    max_size=40,
)
Figures = dict[tuple[str, int, str], float | None]


def rows_of(figures: Figures) -> list[tuple[str, int, str, float | None]]:
    return [(*key, value) for key, value in figures.items()]


def places(table: Any, rule: Any) -> set[tuple[Any, ...]]:
    """Return unit, year and indicator of everything found; remarks on rules left out."""
    frame = validate(table, rules=[rule]).table
    keys = frame.loc[frame["column"].notna(), ["unit", "year", "indicator"]]
    return set(keys.astype(object).itertuples(index=False, name=None))


def level(unit: str) -> int:
    return len(unit)


@few
@given(FIGURES, st.integers(-3, 2), st.integers(2, 6))
def test_range(table, rule, figures: Figures, low: int, high: int) -> None:
    wanted = {k for k, v in figures.items() if v is not None and not low <= v <= high}
    assert places(table(rows_of(figures)), rule("range", min=low, max=high)) == wanted


@few
@given(FIGURES, st.sampled_from([0.0, 0.5, 1.0, 2.0]), st.sampled_from([None, 1.0, 3.0]))
def test_jump(table, rule, figures: Figures, relative: float, absolute: float | None) -> None:
    wanted = set()
    for (unit, year, name), value in figures.items():
        before = figures.get((unit, year - 1, name))
        if value is None or before is None or value == before:
            continue
        change = abs(value - before)
        if change > relative * abs(before) and (absolute is None or change > absolute):
            wanted.add((unit, year, name))
    limits = {"relative": relative} | ({} if absolute is None else {"absolute": absolute})
    assert places(table(rows_of(figures)), rule("jump", **limits)) == wanted


@few
@given(FIGURES)
def test_missing_years(table, rule, figures: Figures) -> None:
    known = {key for key, value in figures.items() if value is not None}
    offered, own = defaultdict(set), defaultdict(set)
    for unit, year, name in known:
        offered[level(unit), name].add(year)
        own[unit, name].add(year)
    wanted = {
        (unit, year, name)
        for (unit, name), years in own.items()
        for year in offered[level(unit), name] - years
        if min(years) < year < max(years)
    }
    assert places(table(rows_of(figures)), rule("missing_years")) == wanted


@few
@given(FIGURES, st.integers(3, 4))
def test_constant_series(table, rule, figures: Figures, years: int) -> None:
    series = defaultdict(list)
    for (unit, year, name), value in sorted(figures.items()):
        if value:
            series[unit, name].append((year, value))
    wanted = set()
    for (unit, name), points in series.items():
        start = 0
        for k in range(1, len(points) + 1):
            if k == len(points) or points[k][1] != points[start][1]:
                if k - start >= years:
                    wanted.add((unit, points[start][0], name))
                start = k
    assert places(table(rows_of(figures)), rule("constant_series", years=years)) == wanted


@few
@given(FIGURES, st.sampled_from([0.25, 0.5, 0.75, 1.0]))
def test_coverage(table, rule, figures: Figures, share: float) -> None:
    units = {unit for unit, _, _ in figures}
    size = {k: sum(level(unit) == k for unit in units) for k in (2, 5)}
    valued, rows = defaultdict(set), set()
    for (unit, year, name), value in figures.items():
        rows.add((level(unit), name, year))
        if value is not None:
            valued[level(unit), name, year].add(unit)
    wanted = []
    for k, name, year in rows:
        with_value = [y for (a, b, y) in valued if (a, b) == (k, name)]
        inside = not with_value or min(with_value) <= year <= max(with_value)
        found = len(valued[k, name, year]) if (k, name, year) in valued else 0
        if inside and found / size[k] < share:
            wanted.append((name, year, f"{found}/{size[k]}"))
    frame = validate(table(rows_of(figures)), rules=[rule("coverage", min=share)]).table
    result = frame[["indicator", "year", "value"]].astype(object)
    assert sorted(result.itertuples(index=False, name=None)) == sorted(wanted)


@few
@given(FIGURES, st.sampled_from(["some", "all"]), st.sampled_from([0.0, 1.0, 4.0]))
def test_sum_of_units(table, rule, figures: Figures, children: str, tolerance: float) -> None:
    wanted = set()
    for (land, year, name), total in figures.items():
        if level(land) != 2:
            continue
        below = [v for (u, y, n), v in figures.items() if (y, n) == (year, name)
                 and level(u) == 5 and u.startswith(land)]  # fmt: skip
        known = [value for value in below if value is not None]
        if total is None or not known:
            continue
        gap = sum(known) - total
        too_much = gap > tolerance and min(known) >= 0
        complete = len(known) == len(below) and abs(gap) > tolerance
        if too_much or (children == "all" and complete):
            wanted.add((land, year, name))
    meanings = {name: {"aggregation": "sum"} for name in "ab"}
    sums = rule("sum_of_units", children=children, tolerance=tolerance)
    assert places(table(rows_of(figures), **meanings), sums) == wanted


@few
@given(FIGURES, st.sampled_from([0.0, 1.0]))
def test_sum_of_parts_and_ratio(table, rule, figures: Figures, tolerance: float) -> None:
    pairs = {(u, y): (v, figures.get((u, y, "b"))) for (u, y, n), v in figures.items() if n == "a"}
    known = {key: (a, b) for key, (a, b) in pairs.items() if a is not None and b is not None}
    made = table([*rows_of(figures), ("16", 1990, "a", None), ("16", 1990, "b", None)])
    parts = rule("sum_of_parts", parts=["a", "b"], total=5, tolerance=tolerance)
    sums = {(*key, "a") for key, (a, b) in known.items() if abs(a + b - 5) > tolerance}
    assert places(made, parts) == sums
    ratio = rule("ratio", numerator="a", denominator="b", min=-1, max=2)
    quotient = {
        key: a / b if b else math.copysign(math.inf, a)
        for key, (a, b) in known.items()
        if (a, b) != (0, 0)
    }
    assert places(made, ratio) == {(*k, "a") for k, q in quotient.items() if not -1 <= q <= 2}


# Thresholds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options", "values", "broken"),
    [
        ("range", {"min": 1}, [1.0], False),
        ("range", {"min": 1}, [0.9999999999], True),
        ("range", {"max": 1}, [1.0], False),
        ("range", {"max": 1}, [1.0000000001], True),
        ("range", {"min": 1, "max": 2}, [None], False),
        ("jump", {"relative": 0.5}, [10.0, 15.0], False),
        ("jump", {"relative": 0.5}, [10.0, 15.1], True),
        ("jump", {"relative": 0.5}, [10.0, 4.9], True),
        ("jump", {"absolute": 5}, [10.0, 15.0], False),
        ("jump", {"absolute": 5}, [10.0, 4.9], True),
        ("jump", {"absolute": 0}, [10.0, None, 20.0], False),
        ("constant_series", {"years": 3}, [5.0, 5.0, 5.0], True),
        ("constant_series", {"years": 3}, [5.0, 5.0, 5.1, 5.0], False),
        ("constant_series", {"years": 3}, [-5.0, -5.0, -5.0], True),
        ("constant_series", {"years": 3}, [0.0, 0.0, 0.0], False),
        ("constant_series", {"years": 3}, [5.0, None, 5.0, 5.0], True),
    ],
)
def test_thresholds_of_a_series(table, rule, kind, options, values, broken: bool) -> None:
    rows = [("01001", 2015 + k, "cars", value) for k, value in enumerate(values)]
    assert bool(places(table(rows), rule(kind, **options))) is broken


@pytest.mark.parametrize(
    ("parts", "whole", "tolerances", "broken"),
    [
        ((0.1, 0.2), 0.3, {}, False),  # 0.1 + 0.2 is not 0.3 for a computer
        ((1e9 / 3, 2e9 / 3), 1e9, {}, False),
        ((40, 50), 91, {"tolerance": 1}, False),
        ((40, 50), 91.001, {"tolerance": 1}, True),
        ((40, 50), 89, {"tolerance": 1}, False),
        ((40, 60), 200, {"relative_tolerance": 0.5}, False),
        ((40, 59), 200, {"relative_tolerance": 0.5}, True),
        ((40, 59), 200, {"relative_tolerance": 0.5, "tolerance": 101}, False),
        ((-40, -60), -100, {}, False),
        ((-40, -61), -100, {"relative_tolerance": 0.01}, False),
    ],
)
def test_tolerances_of_sums(table, rule, parts, whole, tolerances, broken: bool) -> None:
    values = zip(("a", "b", "all"), (*parts, whole), strict=True)
    made = table([("01001", 2020, name, float(value)) for name, value in values])
    sums = rule("sum_of_parts", parts=["a", "b"], whole="all", **tolerances)
    assert bool(places(made, sums)) is broken


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"min": 0}, "≥ 0"),
        ({"max": 0.1}, "≤ 0.1"),
        ({"min": -1, "max": -0.5}, "-1 … -0.5"),
        ({"min": 1e20}, "≥ 1e+20"),
        ({"max": 1 / 3}, "≤ 0.333333333333333"),
    ],
)
def test_bounds_are_told_in_signs(table, rule, options: dict[str, float], expected: str) -> None:
    made = table([("01001", 2020, "low", -2.0), ("01001", 2020, "high", 2.0)])
    report = validate(made, rules=[rule("range", **options)])
    assert set(report.to_frame()["expected"]) == {expected}


# Keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "repaired"),
    [("1001", "01001"), ("1", "01"), ("8421000", "08421000"), ("0100", None), ("Ulm", None)],
)
def test_a_lost_zero_is_found_again(table, rule, unit: str, repaired: str | None) -> None:
    rows = [(unit, 2020, "cars", 1.0), (unit, 2021, "cars", 1.0), ("08421", 2020, "cars", 1.0)]
    frame = pd.DataFrame(rows, columns=["unit", "year", "indicator", "value"])
    found = validate(frame, rules=[rule("unknown_units")]).to_frame()
    found = found[found["rule"] == "my_unknown_units"].astype(object)
    wanted = [[unit, "unit", unit, repaired, 2, 2]]
    assert found[["unit", "column", "value", "expected", "n", "row"]].to_numpy().tolist() == wanted


@pytest.mark.parametrize(
    ("gebietsstand", "checked"),
    [
        ("2021-06-30", False),
        ("2021-07-01", True),
        ("2022-12-31", True),
        ("2024-12-31", True),
        ("2025-01-01", False),
        ("unknown", False),
    ],
)
def test_the_list_of_counties_holds_from_eisenach_on(table, gebietsstand: str, checked: bool):
    made = table([("16056", 2020, "cars", 1.0)], gebietsstand=gebietsstand)
    frame = validate(made).to_frame("de")
    (found,) = frame[frame["rule"] == "unknown_counties"].to_dict("records")
    assert (found["severity"] == "warning") is checked
    if not checked:
        assert found["text"] == (
            "Regel „Kreisschlüssel gibt es zu diesem Gebietsstand nicht“ nicht oder nur zum Teil "
            f"geprüft: die Liste gilt nicht für den Gebietsstand {gebietsstand}"
        )


def test_a_list_of_ones_own_adds_to_the_packaged_one(table, rule) -> None:
    made = table([(unit, 2020, "cars", 1.0) for unit in ("08421", "08999", "08998", "08421000")])
    options = {"level": "kreis", "gazetteer": True, "valid_from": "2021-07-01"}
    known = rule("unknown_units", **options, valid_to="2024-12-31", units=["08999"])
    assert places(made, known) == {("08998", 2020, "cars")}
