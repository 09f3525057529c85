"""Where each KPI comes from, with small frameworks made for the question."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.catalogue import Label
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.frameworks import Dimension, Framework, Info, Kpi, Mapping, Variable
from begleitforschung.kpis import compute_kpis
from begleitforschung.kpis.units import conversion
from begleitforschung.results.kpi import KpiResult, inherited_statuses, reasons
from begleitforschung.tables import Indicator, IndicatorTable, indicators

KPI = {"id": "K", "code": "k", "name_de": "Dichte", "name_de_status": "own", "dimension": "d"}
KPI |= {"polarity": "none", "formula_status": "own", "formula_type": "direct"}
RATIO = {"formula_type": "ratio", "numerator_expr": "a", "denominator_expr": "b"}
GROWTH = {"formula_type": "share_change", "numerator_expr": "a - lag(a, 1)"}
GROWTH |= {"denominator_expr": "lag(a, 1)"}


def plan(*mappings: dict[str, Any], a: str = "", b: str = "", **facts: Any) -> Framework:
    """A framework of one KPI, with variables where it has a formula."""
    one = Kpi.model_validate(KPI | facts)
    used = [
        Variable(variable=name, label_de=name, unit=unit)
        for name, unit in (("a", a), ("b", b))
        if name in one.numerator_expr + one.denominator_expr
    ]
    return Framework(
        info=Info(id="p", edition="1", title_de="P", publisher="P", source="S", licence="L"),
        kpis=(one,),
        variables=tuple(used),
        dimensions=(Dimension(dimension="d", name_de="D"),),
        mappings=tuple(Mapping(kpi_id="K", **{"system": "inkar"} | m) for m in mappings),
    )


def figures(*rows: tuple[Any, ...], **units: str) -> IndicatorTable:
    """Rows of unit, year, indicator, value and perhaps status; a bare dot is a secret."""
    full = [(*row, "normal")[:5] for row in rows]
    frame = pd.DataFrame(full, columns=["unit", "year", "indicator", "value", "status"])
    meanings = [
        Indicator(id=name, title=Label(de=name), unit_of_measure=units.get(name, ""))
        for name in frame["indicator"].unique()
    ]
    return indicators(frame, indicators=meanings)


def only(result: KpiResult) -> dict[str, Any]:
    [row] = result.table.astype(object).to_dict("records")
    return {str(key): None if pd.isna(value) else value for key, value in row.items()}


def covered(result: KpiResult) -> dict[str, Any]:
    [row] = result.coverage.astype(object).to_dict("records")
    return {str(key): None if pd.isna(value) else value for key, value in row.items()}


NOT_HELD = {"key": "y", "fit": "exact"}
ONE = figures(("01001", 2020, "x", 4.0))
BOTH = figures(("01001", 2020, "x", 4.0), ("01001", 2020, "a", 6.0), ("01001", 2020, "b", 2.0))


@pytest.mark.parametrize(
    ("fit", "asked", "value", "origin", "reason"),
    [
        ("identical", False, 4, "published", None),
        ("exact", False, 4, "published", None),
        ("close", False, 4, "published", None),
        ("probable", False, None, None, "proxy_not_asked"),
        ("proxy", False, None, None, "proxy_not_asked"),
        ("probable", True, 4, "proxy", None),
        ("proxy", True, 4, "proxy", None),
        ("level_mismatch", False, None, None, "level_mismatch"),
        ("level_mismatch", True, None, None, "level_mismatch"),
    ],
)
def test_what_fits_is_taken_and_what_is_only_related_on_request(
    fit: str, asked: bool, value: float | None, origin: str | None, reason: str | None
) -> None:
    framework = plan({"key": "x", "fit": fit})
    result = compute_kpis(ONE, framework, proxies=["k"] if asked else ())
    row = only(result)
    assert (row["value"], row["origin"], row["reason"]) == (value, origin, reason)
    assert covered(result)["fit"] == (fit if value else None)


@pytest.mark.parametrize(
    ("mappings", "facts", "table", "reason"),
    [
        ([], {}, ONE, "no_mapping"),
        ([{"fit": "none"}], {}, ONE, "no_mapping"),
        ([{"key": "y", "fit": "exact"}], {}, ONE, "published_missing"),
        ([{"key": "y", "fit": "proxy"}], {}, ONE, "proxy_not_asked"),
        ([NOT_HELD, {"key": "x", "fit": "proxy"}], {}, ONE, "published_missing"),
        ([{"key": "y", "fit": "exact"}], RATIO, ONE, "variable_missing"),
        ([], RATIO, figures(("01001", 2020, "a", 1.0)), "variable_missing"),
        ([{"key": "x", "fit": "exact", "unit": "€"}], {"unit": "ha"}, ONE, "unit_mismatch"),
    ],
)  # fmt: skip
def test_why_there_is_no_value_is_said(
    mappings: list[dict[str, Any]], facts: dict[str, Any], table: IndicatorTable, reason: str
) -> None:
    result = compute_kpis(table, plan(*mappings, **facts))
    assert (only(result)["value"], only(result)["reason"]) == (None, reason)
    told = covered(result)
    assert (told["fed"], told["n"], told["missing"], told["reason"]) == (False, 0, 1, reason)
    assert told["text"] == reasons()[reason].label.de
    assert result.fed == ()
    assert result.recipes == {}


def test_absent_variables_are_named() -> None:
    told = covered(compute_kpis(ONE, plan(**RATIO)))
    assert told["absent"] == "a, b"
    assert covered(compute_kpis(BOTH, plan(**RATIO)))["absent"] is None


@pytest.mark.parametrize(
    ("mapping", "value", "origin", "indicator"),
    [
        ("inkar", 4, "published", "x"),
        ("wegweiser", 3, "formula", "a, b"),
        (None, 3, "formula", "a, b"),
    ],
)
def test_published_values_go_before_formulas(
    mapping: str | None, value: float, origin: str, indicator: str
) -> None:
    given = [{"key": "x", "fit": "exact"}, {"key": "w", "fit": "exact", "system": "wegweiser"}]
    result = compute_kpis(BOTH, plan(*given, **RATIO), mapping=mapping)
    assert (only(result)["value"], only(result)["origin"]) == (value, origin)
    assert covered(result)["indicator"] == indicator


def test_a_framework_without_mappings_needs_no_system() -> None:
    assert only(compute_kpis(BOTH, plan(**RATIO)))["value"] == 3
    with pytest.raises(UnknownCodeError, match="mappings of the framework"):
        compute_kpis(ONE, plan({"key": "x", "fit": "exact"}), mapping="opensdg")


@pytest.mark.parametrize(
    ("measured", "stated", "wanted", "scale", "value"),
    [
        ("", "", "€", None, 4),
        ("€", "", "€", None, 4),
        ("1.000 €", "", "€", None, 4000),
        ("1.000 €", "Mio. €", "€", None, 4000),
        ("", "1.000 €", "€", None, 4000),
        ("€", "1.000 €", "1.000 €", None, 0.004),
        ("", "", "€", 10, 40),
        ("1.000 €", "€", "x", 10, 40_000),
        ("Taler", "", "€", None, None),
        ("Taler", "Taler", "€", 10, 40),
        ("Taler", "€", "Taler", None, 4),
        ("Taler", "", "", None, None),
    ],
)
def test_units_of_measure_lead_from_the_table_over_the_mapping_to_the_kpi(
    measured: str, stated: str, wanted: str, scale: float | None, value: float | None
) -> None:
    table = figures(("01001", 2020, "x", 4.0), x=measured)
    framework = plan({"key": "x", "fit": "exact", "unit": stated, "scale": scale}, unit=wanted)
    result = compute_kpis(table, framework)
    assert only(result)["value"] == (None if value is None else pytest.approx(value, rel=1e-12))
    assert covered(result)["reason"] == ("unit_mismatch" if value is None else None)


@pytest.mark.parametrize(
    ("measured", "rule", "german", "english", "remedy"),
    [
        ("Taler", "unit_mismatch", "k: 'Taler' lässt sich nicht", "k: 'Taler' can't", "Corr"),
        ("", "unit_assumed", "k: Tabelle nennt keine Einh", "k: the table", "State"),
    ],
)  # fmt: skip
def test_doubts_about_units_are_remarked(
    measured: str, rule: str, german: str, english: str, remedy: str
) -> None:
    table = figures(("01001", 2020, "x", 4.0), x=measured)
    [finding] = compute_kpis(table, plan({"key": "x", "fit": "exact"}, unit="€")).findings
    assert (finding.rule, finding.severity, finding.column) == (f"kpis.{rule}", "warning", "x")
    assert finding.text.de.startswith(german)
    assert finding.text.en.startswith(english)
    assert finding.hint is not None
    assert finding.hint.en.startswith(remedy)


def test_a_mapping_in_another_unit_is_passed_over_for_the_next_that_fits() -> None:
    table = figures(("01001", 2020, "x", 4.0), ("01001", 2020, "y", 5.0), x="ha", y="€")
    given = [{"key": "x", "fit": "exact"}, {"key": "y", "fit": "close"}]
    result = compute_kpis(table, plan(*given, unit="€"))
    assert (only(result)["value"], covered(result)["indicator"]) == (5, "y")
    assert [item.column for item in result.findings] == ["x"]


@pytest.mark.parametrize(
    ("a", "b", "value", "refused"),
    [
        ("", "", 3, []),
        ("Tsd.", "", 3000, []),
        ("Tsd.", "Tsd.", 3, []),
        ("ha", "", None, ["a"]),
        ("ha", "€", None, ["a", "b"]),
    ],
)
def test_variables_are_brought_to_their_declared_unit(
    a: str, b: str, value: float | None, refused: list[str]
) -> None:
    table = figures(("01001", 2020, "a", 6.0), ("01001", 2020, "b", 2.0), a=a, b=b)
    result = compute_kpis(table, plan(a="Anzahl", b="Anzahl", **RATIO))
    assert only(result)["value"] == value
    assert [item.column for item in result.findings] == refused


@pytest.mark.parametrize(("measured", "declared"), [("ha", ""), ("", "ha"), ("", "")])
def test_a_variable_whose_unit_one_side_does_not_state_is_taken_as_it_is(
    measured: str, declared: str
) -> None:
    table = figures(("01001", 2020, "a", 6.0), ("01001", 2020, "b", 2.0), a=measured, b=measured)
    result = compute_kpis(table, plan(a=declared, b=declared, **RATIO))
    assert (only(result)["value"], result.findings) == (3, ())


def test_the_gravest_status_of_the_inputs_wins() -> None:
    order = [*inherited_statuses(), "normal"]
    pairs = {f"01{n:03}": pair for n, pair in enumerate(product(order, order))}
    rows = [(unit, 2020, "a", 2.0, first) for unit, (first, _) in pairs.items()]
    rows += [(unit, 2020, "b", 2.0, second) for unit, (_, second) in pairs.items()]
    found = compute_kpis(figures(*rows), plan(**RATIO)).table.set_index("unit")["status"]
    for unit, pair in pairs.items():
        assert found[unit] == min(pair, key=order.index), pair


@pytest.mark.parametrize(
    ("above", "below", "reason", "status"),
    [
        ("unknown", "normal", "suppressed", "suppressed"),
        ("suppressed", "normal", "suppressed", "suppressed"),
        ("normal", "suppressed", "suppressed", "suppressed"),
        ("missing", "suppressed", "suppressed", "suppressed"),
        ("unreliable", "normal", "unreliable", "missing"),
        ("not_meaningful", "normal", "not_meaningful", "missing"),
        ("later", "normal", "later", "missing"),
        ("not_existing", "normal", "not_existing", "missing"),
        ("missing", "normal", "value_missing", "missing"),
        ("normal", "missing", "denominator_missing", "missing"),
        ("later", "missing", "later", "missing"),
    ],
)
def test_missing_inputs_give_the_weightiest_reason(
    above: str, below: str, reason: str, status: str
) -> None:
    rows = [
        ("01001", 2020, name, 2.0 if code == "normal" else np.nan, code)
        for name, code in (("a", above), ("b", below))
    ]
    row = only(compute_kpis(figures(*rows), plan(**RATIO)))
    assert (row["value"], row["reason"], row["status"]) == (None, reason, status)


def test_a_missing_published_value_keeps_its_status_and_says_why() -> None:
    by_status = {status: code for code, item in reasons().items() for status in item.statuses}
    units = {f"01{n:03}": status for n, status in enumerate(by_status)}
    rows = [(unit, 2020, "x", np.nan, status) for unit, status in units.items()]
    found = compute_kpis(figures(*rows), plan({"key": "x", "fit": "exact"})).table.set_index("unit")
    for unit, status in units.items():
        assert tuple(found.loc[unit, ["status", "reason"]]) == (status, by_status[status])


def test_a_result_without_end_is_no_value() -> None:
    rows = [("01001", 2020, "a", 1e308), ("01001", 2020, "b", 1e-308)]
    row = only(compute_kpis(figures(*rows), plan(**RATIO)))
    assert (row["value"], row["reason"]) == (None, "not_finite")


def test_growth_is_that_of_calendar_years() -> None:
    random = np.random.default_rng(7)
    held = {
        (f"01{unit:03}", year): float(random.uniform(1, 1e6))
        for unit in range(60)
        for year in range(2010, 2021)
        if random.random() < 0.6
    }
    table = figures(*((unit, year, "a", value) for (unit, year), value in held.items()))
    found = compute_kpis(table, plan(**GROWTH)).table
    assert len(found) == len(held)
    for row in found.itertuples():
        before = held.get((str(row.unit), int(row.year) - 1))
        if before is None:
            assert (pd.isna(row.value), row.reason) == (True, "lag_missing")
        else:
            now = held[str(row.unit), int(row.year)]
            assert row.value == pytest.approx((now - before) / before, rel=1e-9)


@pytest.mark.parametrize("factor", [1, 100, 1000, 0.001, 1e6])
def test_the_multiplier_scales_the_quotient(factor: float) -> None:
    row = only(compute_kpis(BOTH, plan(**RATIO, multiplier=factor)))
    assert row["value"] == pytest.approx(6 / 2 * factor, rel=1e-15)


HELD = figures(("01001", 2020, "x", 1.0), ("01002", 2021, "x", 2.0), ("01002", 2022, "x", 3.0))


@pytest.mark.parametrize(
    ("units", "years", "cells"),
    [
        (None, None, [("01001", 2020), ("01002", 2021), ("01002", 2022)]),
        (None, 2021, [("01002", 2021)]),
        (None, [2022, 2020], [("01001", 2020), ("01002", 2022)]),
        (None, 2030, [("01001", 2030), ("01002", 2030)]),
        ("01001", None, [("01001", 2020), ("01001", 2021), ("01001", 2022)]),
        (["01001", "01001"], [2020, 2020], [("01001", 2020)]),
        (["01003"], 2021, [("01003", 2021)]),
        ([], None, []),
    ],
)
def test_the_cells_answered_are_those_asked_for(
    units: Any, years: Any, cells: list[tuple[str, int]]
) -> None:
    result = compute_kpis(HELD, plan({"key": "x", "fit": "exact"}), units=units, years=years)
    found = zip(result.table["unit"], result.table["year"], strict=True)
    assert list(found) == cells
    told = covered(result)
    assert told["n"] + told["missing"] == len(cells)


def test_coverage_counts_values_units_and_years() -> None:
    told = covered(compute_kpis(HELD, plan({"key": "x", "fit": "exact"}, unit="€")))
    numbers = ("n", "missing", "units", "first_year", "last_year", "factor")
    assert [told[name] for name in numbers] == [3, 0, 2, 2020, 2022, 1]
    assert (told["fed"], told["name"], told["reason"]) == (True, "Dichte", None)


def test_the_most_frequent_gap_is_the_reason_of_an_unfed_kpi() -> None:
    rows = [(f"0100{n}", 2020, "x", np.nan, s) for n, s in enumerate(["later", "missing", "later"])]
    told = covered(compute_kpis(figures(*rows), plan({"key": "x", "fit": "exact"})))
    assert (told["fed"], told["reason"], told["missing"]) == (False, "later", 3)


def test_levels_are_those_of_the_units() -> None:
    rows = [(unit, 2020, "x", 1.0) for unit in ("DG", "01", "01001", "01001000")]
    table = compute_kpis(figures(*rows), plan({"key": "x", "fit": "exact"})).table
    found = dict(zip(table["unit"], table["level"], strict=True))
    assert found == {"DG": "germany", "01": "land", "01001": "kreis", "01001000": "gemeinde"}


@pytest.mark.parametrize("unit", ["1001", "17001", "Kiel", "01001 "])
def test_units_that_are_no_keys_can_not_be_asked_for(unit: str) -> None:
    with pytest.raises(ValidationError, match="these units can't be asked for") as caught:
        compute_kpis(HELD, plan({"key": "x", "fit": "exact"}), units=["01001", unit])
    assert [item.value for item in caught.value.findings] == [unit]


def test_values_are_traced_through_lags_and_denominators() -> None:
    rows = [("01001", year, "a", float(year)) for year in (2019, 2020)]
    trace = compute_kpis(figures(*rows), plan(**GROWTH)).trace("01001", 2020, "k")
    assert trace["input_year"].tolist() == [2020, 2019]
    assert trace["value"].tolist() == [2020, 2019]
    assert set(trace["kpi"]) == {"K"}


def test_the_provenance_holds_framework_figures_and_choices() -> None:
    framework = plan({"key": "x", "fit": "exact"})
    node = compute_kpis(ONE, framework, units="01001", years=2020, proxies=["k"]).provenance
    assert node.operation == "compute_kpis"
    assert node.inputs == (ONE.provenance, framework.provenance)
    told = node.to_dict()["parameters"]
    assert told == {
        "mapping": "inkar",
        "proxies": ["K"],
        "units": ["01001"],
        "years": [2020],
        "check": False,
        "accept_polarity": {},
    }


def test_a_result_can_not_be_changed_and_leaves_its_table_alone() -> None:
    before = BOTH.data.copy()
    result = compute_kpis(BOTH, plan(**RATIO))
    with pytest.raises(FrozenInstanceError):
        result.table = before  # type: ignore[misc]
    result.table.loc[0, "value"] = -1
    pd.testing.assert_frame_equal(BOTH.data, before)


def test_published_and_computed_values_are_compared_only_on_request() -> None:
    framework = plan({"key": "x", "fit": "exact"}, **RATIO)
    assert compute_kpis(BOTH, framework).differences is None
    compared = compute_kpis(BOTH, framework, check=True).differences
    assert compared is not None
    [row] = compared[["published", "formula", "difference", "relative"]].to_numpy().tolist()
    assert row == [4, 3, -1, -0.25]
    zero = figures(*[("01001", 2020, n, v) for n, v in (("x", 0.0), ("a", 1.0), ("b", 1.0))])
    against = compute_kpis(zero, framework, check=True).differences
    assert against is not None
    assert against["relative"].isna().all()
    nothing = compute_kpis(ONE, framework, check=True).differences
    assert nothing is not None
    assert nothing.empty
    assert nothing.columns.tolist() == compared.columns.tolist()


UNITS = ["€", "1.000 €", "Mio. €", "m²", "ha", "km²", "%", "je 1.000", "‰", "je 100.000", "t", "kg"]


@given(st.sampled_from(UNITS), st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_conversions_can_be_chained_and_turned_back(a: str, b: str, c: str) -> None:
    there, on = conversion(a, b), conversion(b, c)
    assert conversion(a, a) == 1
    assert (there is None) == (conversion(b, a) is None)
    if there is not None:
        assert there * (conversion(b, a) or 0) == pytest.approx(1)
    if there is not None and on is not None:
        assert conversion(a, c) == pytest.approx(there * on)


@pytest.mark.parametrize(
    ("given_unit", "wanted", "factor"),
    [
        ("km²", "ha", 100),
        ("ha", "km²", 0.01),
        ("t", "kg", 1000),
        ("Mio. €", "1.000 €", 1000),
        ("Prozent", "%", 1),
        ("je 100.000 Einwohner", "je 1.000 Einwohner", 0.01),
        ("Tsd. Personen", "Anzahl", 1000),
        ("EUR pro m²", "€/qm", 1),
        ("1\u00a0000 €", "T€", 1),
        ("KM", "m", 1000),
        ("1.000 m³", "m³", 1000),
        ("%", "€", None),
        ("", "€", None),
        ("€", "", None),
    ],
)
def test_further_units_as_publishers_print_them(
    given_unit: str, wanted: str, factor: float | None
) -> None:
    assert conversion(given_unit, wanted) == factor
