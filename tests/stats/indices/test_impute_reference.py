"""Imputation and screening against COINr's tables."""

from __future__ import annotations

import numpy as np
import pytest

from begleitforschung.stats.indices.impute import impute_columns, impute_groups, impute_rows
from begleitforschung.stats.indices.panel import impute_panel
from begleitforschung.stats.indices.screening import screen

CLOSE = {"rtol": 1e-10, "atol": 0}


@pytest.fixture(scope="module")
def denominated(ref):
    return ref("impute/00_input_denominated")


@pytest.fixture(scope="module")
def direction(ref, denominated):
    meta = ref("asem/input_iMeta")
    by_code = dict(zip(meta.text("iCode"), meta.numbers("Direction"), strict=True))
    return np.array([by_code[code] for code in denominated.columns])


def codes_of(labels):
    return np.unique(labels, return_inverse=True)[1]


def same(found, expected, columns):
    assert expected.columns == columns
    np.testing.assert_allclose(found, expected.values(), **CLOSE)


@pytest.mark.parametrize("how", ["mean", "median"])
def test_by_column(ref, denominated, how):
    found = impute_columns(denominated.values(), how)
    same(found, ref(f"impute/col_i_{how}"), denominated.columns)


@pytest.mark.parametrize(
    ("how", "group", "name"),
    [
        ("mean", "EurAsia_group", "mean_grp_EurAsia"),
        ("median", "EurAsia_group", "median_grp_EurAsia"),
        ("mean", "GDP_group", "mean_grp_GDP"),
    ],
)
def test_by_group(ref, denominated, how, group, name):
    groups = ref("impute/00_groups")
    assert groups.text("uCode") == denominated.text("uCode")
    found = impute_groups(denominated.values(), codes_of(groups.text(group)), how)
    same(found, ref(f"impute/col_i_{name}"), denominated.columns)


@pytest.mark.parametrize("how", ["mean", "median"])
def test_by_row(ref, denominated, direction, how):
    found = impute_rows(denominated.values(), how, direction=direction)
    same(found, ref(f"impute/row_i_{how}_normfirst"), denominated.columns)


@pytest.mark.parametrize(("level", "name"), [("Pillar", "pillar"), ("Sub-index", "subindex")])
def test_by_row_within_a_node(ref, denominated, direction, level, name):
    lineage = ref("asem/00_lineage")
    parent = dict(zip(lineage.text("Indicator"), lineage.text(level), strict=True))
    nodes = codes_of([parent[code] for code in denominated.columns])
    found = impute_rows(denominated.values(), direction=direction, nodes=nodes)
    same(found, ref(f"impute/row_i_mean_{name}_normfirst"), denominated.columns)


def test_asem_example(ref):
    before, after = ref("asem/02_denominated"), ref("asem/03_imputed")
    codes = codes_of(ref("impute/00_groups").text("EurAsia_group"))
    same(impute_groups(before.values(), codes), after, before.columns)
    kept = screen(after.values(), min_share=0.9).kept
    screened = ref("asem/04_screened")
    np.testing.assert_array_equal(after.values()[kept], screened.values())
    assert [u for u, k in zip(after.text("uCode"), kept, strict=True) if k] == screened.text(
        "uCode"
    )


@pytest.mark.parametrize(
    ("name", "method", "limit"),
    [
        ("latest", "latest", None),
        ("latest_maxtime1", "latest", 1),
        ("constant", "constant", None),
        ("linear", "linear", None),
        ("linear_constant", "linear_constant", None),
    ],
)
def test_panel(ref, name, method, limit):
    table, expected = ref("impute/panel_input"), ref(f"impute/panel_{name}")
    assert table.text("uCode") == expected.text("uCode")
    assert table.text("Time") == expected.text("Time")
    years = np.array(table.text("Time"), float)
    units = codes_of(table.text("uCode"))
    found = impute_panel(table.values(), units, years, method, limit=limit)
    same(found.values, expected, table.columns)
    cells = np.isnan(table.values()) & ~np.isnan(expected.values())
    marked = np.zeros_like(cells)
    marked[found.rows, found.columns] = True
    np.testing.assert_array_equal(marked, cells)


def test_b23_a_panel_in_any_order_keeps_its_values(ref):
    """COINr attaches values to the wrong unit and year unless the rows are sorted by time."""
    table = ref("impute/panel_input")
    years, units = np.array(table.text("Time"), float), codes_of(table.text("uCode"))
    sorted_rows = impute_panel(table.values(), units, years)
    shuffled = np.random.default_rng(4).permutation(len(years))
    found = impute_panel(table.values()[shuffled], units[shuffled], years[shuffled])
    np.testing.assert_array_equal(found.values, sorted_rows.values[shuffled])
    there = ~np.isnan(table.values()[shuffled])
    np.testing.assert_array_equal(found.values[there], table.values()[shuffled][there])


def check_screening(found, summary):
    np.testing.assert_array_equal(found.missing, summary.numbers("N_missing"))
    np.testing.assert_array_equal(found.zeros, summary.numbers("N_zero"))
    np.testing.assert_array_equal(found.missing + found.zeros, summary.numbers("N_miss_or_zero"))
    np.testing.assert_allclose(found.available, summary.numbers("Dat_Avail"), **CLOSE)
    np.testing.assert_allclose(found.nonzero, summary.numbers("Non_Zero"), **CLOSE)
    np.testing.assert_array_equal(found.low_available, summary.flags("LowData"))
    np.testing.assert_array_equal(found.low_nonzero, summary.flags("LowNonZero"))
    np.testing.assert_array_equal(
        found.low_available | found.low_nonzero, summary.flags("LowDatOrZeroFlag")
    )
    np.testing.assert_array_equal(found.kept, summary.flags("Included"))


def test_screening_of_the_asem_example(ref):
    found = screen(ref("asem/03_imputed").values(), min_share=0.9)
    check_screening(found, ref("asem/04_screen_summary"))


@pytest.mark.parametrize(
    ("by", "name"),
    [("coverage", "byNA"), ("nonzero", "byzeros"), ("coverage_nonzero", "byNAandzeros")],
)
def test_screening_rules(ref, by, name):
    found = screen(ref("asem/01_raw").values(), by=by, min_share=0.85, min_nonzero=0.9)
    check_screening(found, ref(f"asem/04b_screen_raw_{name}"))


def test_screening_of_a_panel_year_by_year(ref):
    raw, screened = ref("asem/input_iData_panel"), ref("panel/screened")
    years = np.array(raw.text("Time"))
    left = []
    for year in sorted(set(years)):
        rows = np.flatnonzero(years == year)
        kept = screen(raw.values(screened.columns)[rows], min_share=0.9).kept
        units = [raw.text("uCode")[row] for row in rows[kept]]
        left.extend((str(year), unit) for unit in sorted(units))
    assert left == list(zip(screened.text("Time"), screened.text("uCode"), strict=True))
