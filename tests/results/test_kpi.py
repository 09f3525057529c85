"""`KpiResult`: what can be asked of KPI values, and how they are printed, drawn and traced."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import ReportError, UnknownCodeError
from begleitforschung.kpis import compute_kpis
from begleitforschung.results.kpi import KpiResult, inherited_statuses, reasons
from begleitforschung.tables import statuses

from .conftest import CARS, YEARS, framework


def figures(frame: pd.DataFrame) -> dict[tuple[str, int], float]:
    known = frame.dropna(subset="value")
    return {(str(r.unit), int(r.year)): float(r.value) for r in known.itertuples()}


def test_values_are_those_of_the_cars_by_hand(kpis: KpiResult) -> None:
    density = figures(kpis.select("X-1"))
    assert density.pop(("08", 2019)) == 900
    by_hand = {
        (unit, year): cars / 10
        for unit, row in CARS.items()
        for year, cars in zip(YEARS, row, strict=True)
        if cars is not None
    }
    assert {key: value for key, value in density.items() if key[0] != "08"} == by_hand
    growth = figures(kpis.select("X-2", units=["09761", "01002"]))
    assert growth == {
        ("09761", 2020): 0,
        ("09761", 2021): 6,
        ("01002", 2020): 5,
        ("01002", 2021): 1,
    }


# Selecting ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kpi", "units", "years", "rows"),
    [
        (None, None, None, 3 * 6 * 3),
        ("X-1", None, None, 6 * 3),
        ("1", None, None, 6 * 3),
        (["1", "X-2"], None, None, 2 * 6 * 3),
        (("1", "X-1"), None, None, 6 * 3),
        (None, "08", None, 3 * 3),
        (None, ("08", "08421"), 2021, 3 * 2),
        ("2", "08421", [2020, 2021], 2),
        ("2", "08421", range(2019, 2022), 3),
        ("2", "08421", np.int16(2021), 1),
        ("2", pd.Series(["08421", "01001"]), np.array([2021]), 2),
        ([], None, None, 0),
    ],
)
def test_kpis_units_and_years_are_selected(
    kpis: KpiResult, kpi: Any, units: Any, years: Any, rows: int
) -> None:
    found = kpis.select(kpi, units=units, years=years)
    assert len(found) == rows
    assert found.index.tolist() == list(range(rows))
    assert list(found.columns) == list(kpis.table.columns)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"kpis": "X-11"}, "'X-11' is not a code of .*Did you mean 'X-1'"),
        ({"units": "08422"}, r"'08422' is not a code of column 'unit' \(6 codes\).*'08421'"),
        ({"years": 2022}, r"'2022' is not a code of column 'year' \(3 codes\).*'2021'"),
        ({"years": [2021, 1999]}, "'1999' is not a code of column 'year'"),
    ],
)
def test_what_is_not_there_is_no_empty_answer(
    kpis: KpiResult, asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnknownCodeError, match=message):
        kpis.select(**asked)


def test_fed_are_the_kpis_with_a_value(kpis: KpiResult) -> None:
    assert kpis.fed == ("1", "2")
    assert set(kpis.table.dropna(subset="value")["kpi"]) == {"X-1", "X-2"}
    assert kpis.gebietsstand == "2021-12-31"


def test_a_kpi_result_is_frozen(kpis: KpiResult) -> None:
    with pytest.raises(FrozenInstanceError):
        kpis.framework = framework()  # type: ignore[misc]
    assert "520" not in repr(kpis)


# Reasons --------------------------------------------------------------------------------------


def test_every_missing_value_has_a_reason_of_the_catalogue(kpis: KpiResult) -> None:
    missing = kpis.table[kpis.table["value"].isna()]
    assert set(missing["reason"]) <= set(reasons())
    assert kpis.table.loc[kpis.table["value"].notna(), "reason"].isna().all()


@pytest.mark.parametrize(
    ("code", "german", "english"),
    [
        ("denominator_zero", "Nenner ist null", "the denominator is zero"),
        ("not_in_year", "kein Wert in diesem Jahr", "no figure in this year"),
        ("suppressed", "geheim gehalten oder unbekannt", "secret or unknown"),
        (
            "lag_missing",
            "Wert des früheren Jahres fehlt",
            "the figure of the earlier year is missing",
        ),
    ],
)
def test_reasons_in_words(kpis: KpiResult, code: str, german: str, english: str) -> None:
    reason = kpis.reason(code)
    assert (reason.get("de"), reason.get("en")) == (german, english)


def test_an_unknown_reason_is_refused_with_the_nearest(kpis: KpiResult) -> None:
    with pytest.raises(UnknownCodeError, match="Did you mean 'suppressed'"):
        kpis.reason("supressed")


def test_every_status_without_number_leads_to_one_reason() -> None:
    led = [status for reason in reasons().values() for status in reason.statuses]
    assert sorted(led) == sorted(s for s, item in statuses().items() if item.value == "absent")


def test_inherited_statuses_are_those_of_numbers_with_a_flaw() -> None:
    assert inherited_statuses()[0] == "imputed"
    assert set(inherited_statuses()) < {
        code for code, item in statuses().items() if item.value == "required"
    }
    assert "normal" not in inherited_statuses()


# Tracing --------------------------------------------------------------------------------------


def test_a_value_is_made_of_the_cells_that_are_traced(kpis: KpiResult) -> None:
    """Every value computed again from nothing but its own traced cells."""
    for (unit, year), value in figures(kpis.select("X-2")).items():
        cells = kpis.trace(unit, year, "X-2").set_index(["indicator", "input_year"])["value"]
        now, before = cells["cars", year], cells["cars", year - 1]
        assert value == pytest.approx(100 * (now - before) / cells["people", year])
        assert len(cells) == 3


@pytest.mark.parametrize(
    ("unit", "year", "kpi", "cells"),
    [
        ("08421", 2021, "1", "cars 2021 kba.csv 4, people 2021 destatis.csv 22"),
        ("14612", 2019, "X-1", "cars 2019 kba.csv 14, people 2019 destatis.csv 32"),
        ("08421", 2019, "2", "cars 2019 kba.csv 2, people 2019 destatis.csv 20"),
        (None, None, "3", ""),
    ],
)
def test_cells_are_traced_to_file_and_row(
    kpis: KpiResult, unit: Any, year: Any, kpi: str, cells: str
) -> None:
    found = kpis.trace(unit, year, kpi)
    assert list(found.columns) == [
        *("unit", "year", "kpi", "indicator", "input_year", "value", "status", "file", "row")
    ]
    rows = found[["indicator", "input_year", "file", "row"]].astype(str)
    assert ", ".join(map(" ".join, rows.itertuples(index=False, name=None))) == cells


def test_the_whole_trace_is_ordered_and_that_of_all_parts(kpis: KpiResult) -> None:
    whole = kpis.trace()
    keys = list(whole[["kpi", "unit", "year"]].itertuples(index=False, name=None))
    assert keys == sorted(keys)
    parts = [kpis.trace(unit) for unit in whole["unit"].unique()]
    assert sum(map(len, parts)) == len(whole)
    assert set(whole["kpi"]) == {"X-1", "X-2"}


def test_only_the_sources_of_the_figures_taken_are_named(kpis: KpiResult) -> None:
    assert [source.publisher for source in kpis.sources()] == ["KBA", "Destatis"]
    assert "BBSR" in [source.publisher for source in kpis.provenance.sources()]
    cars = replace(kpis, recipes={"X-1": (("cars", 0),)})
    assert [source.publisher for source in cars.sources()] == ["KBA"]
    assert replace(kpis, recipes={}).sources() == kpis.inputs.sources()


def test_the_node_of_provenance_holds_figures_and_framework(kpis: KpiResult) -> None:
    assert kpis.provenance.operation == "compute_kpis"
    assert kpis.inputs.provenance in kpis.provenance.steps()
    assert kpis.framework.provenance in kpis.provenance.steps()


# Printing and drawing -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        (
            "de",
            [
                "Code  KPI         Einheit  Werte  fehlend  Herkunft  Jahre",
                "1     Pkw-Dichte  %           14        4  Formel    2019–2021",
                "2     Zuwachs     %            8       10  Formel    2020–2021",
                "Anmerkung: Probe: 2 von 3 KPI",
                "Quelle: KBA: Tabelle, Ausgabe 2022; Destatis: Tabelle, Ausgabe 2022; "
                "eigene Berechnung",
            ],
        ),
        (
            "en",
            [
                "Code  KPI          unit  values  missing  origin   years",
                "1     Car density  %         14        4  formula  2019–2021",
                "2     Growth       %          8       10  formula  2020–2021",
                "Note: Trial: 2 of 3 KPI",
                "Source: KBA: Tabelle, edition 2022; Destatis: Tabelle, edition 2022; "
                "own calculation",
            ],
        ),
    ],
)
def test_the_table_tells_what_is_fed_from_what(kpis: KpiResult, lang: Any, lines: Any) -> None:
    printed = kpis.display(lang).to_text().splitlines()
    assert [line for line in printed if set(line) - set("- ")] == lines


@pytest.mark.parametrize(
    ("origin", "german"), [("published", "veröffentlicht"), ("proxy", "Ersatzwert")]
)
def test_origins_in_words_and_a_single_year(kpis: KpiResult, origin: str, german: str) -> None:
    coverage = kpis.coverage.assign(origin=origin, last_year=kpis.coverage["first_year"])
    result = replace(kpis, coverage=coverage)
    assert result.display("de").formatted()[0][-2:] == [german, "2019"]
    assert result.display("en").formatted()[0][-2:] == [origin, "2019"]


def test_the_figure_draws_median_and_quartiles_of_the_counties(kpis: KpiResult) -> None:
    """Of numpy, from the raw cars; the Land, the lesser level, is no part of it."""
    rows = [[row[k] for row in CARS.values() if row[k] is not None] for k in range(3)]
    wanted = [np.percentile(np.array(row) / 10, [25, 50, 75]) for row in rows]
    axes = kpis.figure().axes[0]
    for line, quantile in zip(axes.lines, np.transpose(wanted), strict=True):
        assert line.get_xdata().tolist() == YEARS
        assert line.get_ydata() == pytest.approx(quantile)
    written = {text.get_text() for text in axes.texts}
    assert written == {"75 %: 47,50", "Median: 39,50", "25 %: 31,25"}
    assert axes.get_ylabel() == "Pkw-Dichte in %"


def test_another_kpi_is_drawn_and_told_on_request(kpis: KpiResult) -> None:
    for name in ("2", "X-2"):
        axes = kpis.figure("en", kpi=name).axes[0]
        assert axes.get_ylabel() == "Growth in %"
        assert "median: 1.0" in {text.get_text() for text in axes.texts}
        assert kpis.alt_text("en", kpi=name) == (
            "Line chart: median and quartiles of Growth, 3 units, 2020–2021."
        )


def test_the_alternative_text_counts_units_of_the_main_level(kpis: KpiResult) -> None:
    assert kpis.alt_text() == (
        "Liniendiagramm: Median und Quartile von Pkw-Dichte, 4 Einheiten, 2019–2021."
    )


@pytest.mark.parametrize("tell", [KpiResult.figure, KpiResult.alt_text])
def test_a_kpi_without_values_is_not_drawn(kpis: KpiResult, tell: Any) -> None:
    with pytest.raises(ReportError, match="'X-3' has no value to draw"):
        tell(kpis, kpi="3")
    with pytest.raises(UnknownCodeError, match="'X-4'"):
        tell(kpis, kpi="X-4")


def test_where_nothing_is_fed_the_table_says_so(kpis: KpiResult) -> None:
    result = compute_kpis(kpis.inputs.select(indicators="people"), framework(), mapping=None)
    assert result.fed == ()
    model = result.display()
    assert model.rows == []
    assert model.notes == ["Probe: 0 von 3 KPI"]
    assert result.trace().empty
    with pytest.raises(ReportError, match="no value to draw"):
        result.figure()
