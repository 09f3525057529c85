"""Change over time: effects that add up, and trends against COINr 1.1.14."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.composite.analysis_change import index_change, index_trends
from begleitforschung.errors import CompositeError, UnknownCodeError, ValidationError
from begleitforschung.frameworks import IndexSpec, Method, Step
from begleitforschung.results.composite import CompositeResult

Read = Callable[[str], pd.DataFrame]


def test_effects_add_up_to_the_change(asem: IndexSpec, panel: pd.DataFrame) -> None:
    found = index_change(panel, asem, 2018, 2022)
    table = found.table
    total = table[["data", "reference", "weights"]].sum(axis=1)
    np.testing.assert_allclose(total, table["change"], atol=1e-11)
    scores = compose(panel, asem).scores("index")["Index"]
    rows = found.of_node().set_index("unit")
    for column, year in (("start", 2018), ("end", 2022)):
        np.testing.assert_allclose(rows[column], scores.xs(year, level="year").loc[rows.index])
    assert (table["weights"] == 0).all()
    assert (table["reference"] != 0).any()
    assert (table["data"] != 0).any()


def test_by_indicator_adds_up_to_the_change(asem: IndexSpec, panel: pd.DataFrame) -> None:
    found = index_change(panel, asem, 2018, 2020)
    for node in (None, "Physical"):
        parts = found.by_indicator(node).sum(axis=1)
        np.testing.assert_allclose(parts, found.of_node(node)["change"], atol=1e-10)


def test_the_reference_has_no_effect_if_it_is_fixed(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    for years in ("pooled", 2020):
        found = index_change(small_frame, small_spec.replace(years=years), 2020, 2022).table
        assert (found["reference"] == 0).all()
        np.testing.assert_allclose(found["data"], found["change"])


def test_a_unit_that_does_not_change_is_moved_by_its_peers(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    frame = small_frame.copy()
    columns = list("abcd")
    frame.loc[7, columns] = frame.loc[0, columns].to_numpy()
    found = index_change(frame, small_spec, 2020, 2022).of_node().set_index("unit").loc["u0"]
    assert found["data"] == pytest.approx(0, abs=1e-12)
    assert found["reference"] == pytest.approx(found["change"])
    assert abs(found["change"]) > 1


def test_weights_from_the_data_have_their_effect(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    spec = small_spec.before("aggregate", Step("weight", "entropy"))
    found = index_change(small_frame, spec, 2020, 2022).table
    total = found[["data", "reference", "weights"]].sum(axis=1)
    np.testing.assert_allclose(total, found["change"], atol=1e-11)
    assert (found["weights"].abs() > 1e-6).any()


def test_change_backwards_is_change_forwards_reversed(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    there = index_change(small_frame, small_spec, 2020, 2022).table
    back = index_change(small_frame, small_spec, 2022, 2020).table
    for column in ("change", "data", "reference"):
        np.testing.assert_allclose(there[column], -back[column], atol=1e-12)
    assert (there["places_gained"] == -back["places_gained"]).all()


def test_units_without_both_years_are_left_out(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    found = index_change(small_frame.drop(index=3), small_spec, 2020, 2022)
    assert "u3" not in set(found.table["unit"])
    assert len(found.of_node()) == 6


def test_what_cant_be_taken_apart_says_so(small_spec: IndexSpec, small_frame: pd.DataFrame) -> None:
    with pytest.raises(ValidationError, match="two years"):
        index_change(small_frame, small_spec, 2020, 2020)
    with pytest.raises(UnknownCodeError, match="2022"):
        index_change(small_frame, small_spec, 2020, 2021)
    with pytest.raises(CompositeError, match="copeland"):
        index_change(small_frame, small_spec.replace(aggregate="copeland"), 2020, 2022)


def in_order(found: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    keys = pd.MultiIndex.from_frame(expected[["uCode", "iCode"]])
    return found.set_index(["unit", "element"]).loc[keys]


@pytest.mark.parametrize(
    ("file", "theirs", "ours", "years_of"),
    [
        ("trends_CAGR", "CAGR", "cagr", None),
        ("trends_prc_change", "prc_change", "slope_percent", None),
        ("trends_CAGR_latest3", "CAGR", "cagr", (2020, 2021, 2022)),
    ],
)
def test_trends_are_those_of_coinr(
    years: CompositeResult,
    ref: Read,
    file: str,
    theirs: str,
    ours: str,
    years_of: tuple[int, ...] | None,
) -> None:
    expected = ref(f"panel/{file}")
    found = in_order(index_trends(years, years=years_of).table, expected)
    np.testing.assert_allclose(found[ours], expected[theirs], rtol=1e-10)
    assert (found["available"] == expected["Avail"].to_numpy()).all()
    first = "t_first_use_latest" if "t_first_use_latest" in expected else "t_first"
    assert (found["first_year"].to_numpy() == expected[first].to_numpy()).all()
    assert (found["last_year"].to_numpy() == expected["t_latest"].to_numpy()).all()


def test_chosen_years_keep_their_own_values(years: CompositeResult, panel: pd.DataFrame) -> None:
    """COINr takes the values of other years (defect B08), and fails for one indicator (B08a)."""
    table = index_trends(years, years=(2020, 2022), elements=["LPI"]).table
    found = table.set_index("unit").loc["DEU"]
    own = panel[panel["unit"] == "DEU"].set_index("year")["LPI"]
    assert found["cagr"] == pytest.approx((own[2022] / own[2020]) ** 0.5 - 1, rel=1e-12)
    assert found["cagr"] == pytest.approx(0.0325965, rel=1e-5)


def test_growth_from_zero_has_no_meaning(small_spec: IndexSpec, small_frame: pd.DataFrame) -> None:
    frame = small_frame.copy()
    frame.loc[0, "a"], frame.loc[1, "a"], frame.loc[9, "a"] = 0.0, -3.0, np.nan
    found = index_trends(compose(frame, small_spec)).of_element("a").set_index("unit")
    assert found.loc[["u0", "u1"], ["cagr", "percent"]].isna().all(axis=None)
    assert found.loc["u0", "slope"] == pytest.approx(frame.loc[7, "a"] / 2)
    assert found.loc["u2", "n"] == 1
    assert pd.isna(found.loc["u2", "first_year"])


def test_trends_name_what_is_not_there(years: CompositeResult, index: CompositeResult) -> None:
    with pytest.raises(UnknownCodeError, match="2018"):
        index_trends(years, years=(2017, 2018))
    with pytest.raises(UnknownCodeError, match="LPI"):
        index_trends(years, elements=["LPi"])
    with pytest.raises(ValidationError, match="two years"):
        index_trends(index)


def test_they_are_shown_and_drawn(
    asem: IndexSpec, panel: pd.DataFrame, years: CompositeResult
) -> None:
    found = index_change(panel, asem, 2018, 2022)
    assert "Vergleichsmaßstab" in found.display().to_text()
    assert "2018–2022" in found.alt_text("en")
    assert found.figure(n=4).axes
    trends = index_trends(years, "aggregate", elements=["Index", "Conn"])
    assert len(trends.display().rows) == 2
    assert trends.figure(n=4).axes
    assert "Sustainable Connectivity" in trends.alt_text()


@pytest.mark.parametrize(
    "steps",
    [
        (Step("normalise", "zscore"), Step("aggregate", "arithmetic")),
        (Step("normalise", "rank"), Step("aggregate", "mean_min")),
        (Step("normalise", Method("minmax", lower=1)), Step("aggregate", "geometric")),
        (
            Step("impute", "median"),
            Step("treat", "winsorise"),
            Step("normalise", "minmax"),
            Step("weight", "critic"),
            Step("aggregate", "arithmetic"),
        ),
        (Step("normalise", "minmax"), Step("aggregate", "topsis")),
    ],
    ids=["zscore", "rank", "geometric", "chain", "topsis"],
)
def test_where_nothing_changes_no_effect_is_found(
    small_spec: IndexSpec, small_frame: pd.DataFrame, steps: tuple[Step, ...]
) -> None:
    frame = small_frame.copy()
    frame.loc[7:, list("abcd")] = frame.loc[:6, list("abcd")].to_numpy()
    frame.loc[[2, 9], "c"] = np.nan
    found = index_change(frame, small_spec.replace(steps=steps), 2020, 2022).table
    effects = found[["change", "data", "reference", "weights"]].to_numpy()
    np.testing.assert_allclose(effects, 0, atol=1e-10)
    assert (found["places_gained"] == 0).all()


@pytest.mark.parametrize("method", ["geometric", "minimum", "mean_min"])
def test_effects_add_up_for_means_that_are_no_sums(
    small_spec: IndexSpec, small_frame: pd.DataFrame, method: str
) -> None:
    # Posts further out than the data: a base year's scale then stays above zero.
    spec = small_spec.replace(normalise=Method("scaled", lower=0, upper=100), aggregate=method)
    found = index_change(small_frame, spec, 2020, 2022)
    total = found.table[["data", "reference", "weights"]].sum(axis=1)
    np.testing.assert_allclose(total, found.table["change"], atol=1e-10)
    np.testing.assert_allclose(
        found.by_indicator().sum(axis=1), found.of_node()["change"], atol=1e-9
    )
    assert found.table["reference"].abs().max() < 1e-10
