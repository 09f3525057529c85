"""Which values an analysis looks at, and what its figures draw of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung import composite
from begleitforschung.composite.analysis_parts import (
    along_tree,
    elements_below,
    part_of,
    stage_of,
)
from begleitforschung.errors import ReportError, UnknownCodeError
from begleitforschung.frameworks import IndexSpec
from begleitforschung.results.composite import CompositeResult


@pytest.fixture(scope="module")
def result(small_spec: IndexSpec, small_frame: pd.DataFrame) -> CompositeResult:
    return composite.compose(small_frame, small_spec)


def test_elements_stand_branch_by_branch(result: CompositeResult) -> None:
    assert along_tree(result) == ("r", "p", "a", "b", "q", "c", "d")
    assert along_tree(result, ["q"]) == ("q", "c", "d")
    assert elements_below(result, "r", "parts") == ("p", "q")
    assert elements_below(result, "r", "indicators") == ("a", "b", "c", "d")


def test_a_part_is_one_stage_and_year(result: CompositeResult, small_frame: pd.DataFrame) -> None:
    part = part_of(result, "raw", 2020)
    assert part.columns == ("a", "b", "c", "d")
    np.testing.assert_array_equal(part.values, small_frame.loc[:6, list("abcd")])
    last = part_of(result)
    assert (last.stage, last.year) == ("aggregate", 2022)
    expected = result.scores("index")["r"].xs(2022, level="year")
    np.testing.assert_array_equal(last.take(["r"])[:, 0], expected)


def test_unknown_parts_are_named(result: CompositeResult) -> None:
    with pytest.raises(UnknownCodeError, match="aggregate"):
        stage_of(result, "agregate")
    with pytest.raises(UnknownCodeError, match="2022"):
        part_of(result, None, 2021)
    with pytest.raises(UnknownCodeError, match="raw"):
        part_of(result, "raw").take(["p"])
    with pytest.raises(UnknownCodeError, match="nodes"):
        elements_below(result, "a", "parts")
    with pytest.raises(UnknownCodeError, match="indicators"):
        elements_below(result, "r", "leaves")


def labels(axis) -> list[str]:
    return [text.get_text() for text in axis.get_ticklabels()]


def test_the_heat_map_follows_the_tree_and_separates_branches(result: CompositeResult) -> None:
    axes = composite.index_correlations(result).figure().axes[0]
    assert labels(axes.yaxis) == ["a", "b", "c", "d"]
    edges = [line.get_xdata()[0] for line in axes.lines if line.get_xdata()[0] == 1.5]
    assert len(edges) == 1


def test_bars_show_the_largest_shift_first(result: CompositeResult) -> None:
    found = composite.remove_one(result)
    axes = found.figure(n=3).axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == sorted(found.table["mean_shift"], reverse=True)[:3]


def test_stacked_bars_of_a_change_add_up(small_spec: IndexSpec, small_frame: pd.DataFrame) -> None:
    found = composite.index_change(small_frame, small_spec, 2020, 2022)
    axes = found.figure().axes[0]
    rows = found.of_node().sort_values("change", ascending=False)
    widths = np.array([bar.get_width() for bar in axes.patches]).reshape(2, 7)
    np.testing.assert_allclose(widths.sum(axis=0), rows["change"], atol=1e-10)
    named = {text.get_text() for legend in axes.figure.legends for text in legend.get_texts()}
    assert named == {"eigene Werte", "Vergleichsmaßstab"}
    node = found.figure(node="p", n=2).axes[0]
    assert len(labels(node.yaxis)) == 2


def test_importance_is_drawn_from_weight_to_importance(result: CompositeResult) -> None:
    found = composite.importance(result)
    axes = found.figure("en").axes[0]
    ends = np.sort(np.array([path.vertices[:, 0] for path in axes.collections[0].get_paths()]))
    table = found.table.sort_values("share", ascending=False)
    expected = np.sort(100 * table[["weight", "share"]].to_numpy())
    np.testing.assert_allclose(ends, expected)


def test_two_variants_are_slopes_three_are_intervals(result: CompositeResult) -> None:
    two = composite.compare_variants({"alt": result, "neu": result}).figure().axes[0]
    assert labels(two.xaxis) == ["alt", "neu"]
    three = composite.compare_variants({"x": result, "y": result, "z": result}).figure()
    assert three.axes[0].get_xlabel() == "Rang"


def test_trends_are_drawn_for_chosen_units(result: CompositeResult) -> None:
    trends = composite.index_trends(result, elements=["a", "d"])
    axes = trends.figure(element="d", units=["u1", "u2"]).axes[0]
    drawn = {tuple(line.get_ydata()) for line in axes.lines}
    rows = trends.of_element("d").set_index("unit").loc[["u1", "u2"]]
    assert drawn == set(map(tuple, rows[["first", "last"]].to_numpy()))
    assert "2 Einheiten" in trends.alt_text(element="d", units=["u1", "u2"])


def test_components_are_drawn_with_their_loadings(result: CompositeResult) -> None:
    found = composite.index_components(result, of="indicators")
    image = found.figure(components=3).axes[0].images[0].get_array()
    np.testing.assert_allclose(image, found.loadings(3))
    squares = (found.loadings() ** 2).sum()
    np.testing.assert_allclose(squares, found.eigenvalues["eigenvalue"])
    assert found.eigenvalues["cumulative"].iloc[-1] == pytest.approx(1)
    assert found.kaiser == (found.eigenvalues["eigenvalue"] > 1).sum()


def test_statistics_are_drawn_by_year(small_spec: IndexSpec, small_frame: pd.DataFrame) -> None:
    frame = small_frame.copy()
    frame.loc[0, "a"] = np.nan
    found = composite.index_statistics(composite.compose(frame, small_spec))
    for year, share in ((2020, 100 * 6 / 7), (2022, 100.0)):
        bars = found.figure(year=year).axes[0].patches
        assert bars[0].get_width() == pytest.approx(share)
    assert "a mit 86" in found.alt_text(year=2020)


def test_a_group_that_is_not_there_is_told(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    vary = {"aggregate": ["arithmetic", "minimum"]}
    analysis = composite.sensitivity(small_frame, small_spec, vary=vary, year=2020, progress=False)
    groups = composite.rank_groups(analysis, 2)
    assert len(groups.figure(group=1).axes[0].collections) >= 2
    with pytest.raises(ReportError, match="group 3"):
        groups.figure(group=3)
    assert "sicher in der Gruppe" in groups.display().to_text()
    assert "certain of the group" in groups.display("en").to_text()
