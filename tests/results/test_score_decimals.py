"""Scores are printed with as many decimals as tell their ranks apart, in tables and figures."""

from __future__ import annotations

import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec
from begleitforschung.results.composite import CompositeResult
from begleitforschung.results.composite_decimals import score_decimals
from begleitforschung.results.composite_display import table_model


def index(upper: float, values: list[float] | None = None) -> CompositeResult:
    spec = IndexSpec(
        id="lage",
        indicators=(IndicatorSpec(id="a", parent="lage"),),
        nodes=(NodeSpec(id="lage"),),
    ).replace(normalise=Method("minmax", lower=0, upper=upper))
    frame = pd.DataFrame({"a": values or [0.0, 1, 3, 7.77]}, index=list("ABCD"))
    return compose(frame, spec, year=2024)


@pytest.mark.parametrize(
    ("upper", "decimals"), [(1000, 1), (100, 1), (10, 2), (1, 3), (0.1, 4), (1e-5, 6)]
)
def test_decimals_follow_the_spread(upper, decimals):
    assert score_decimals(index(upper)) == decimals


def test_table_and_figure_of_a_scale_to_one_show_three_decimals():
    result = index(1)
    columns = {column.key: column.decimals for column in table_model(result, "de").columns}
    assert columns["score"] == columns["part0"] == 3
    assert "(1,000)" in result.alt_text()
    assert "lage 0,129 (0,257)" in result.alt_text(kind="profile", unit="B")
    figure = result.figure()
    assert {"1,000", "0,386", "0,129"} <= {text.get_text() for text in figure.axes[0].texts}


def test_a_scale_to_a_hundred_keeps_one_decimal():
    result = index(100)
    assert {column.decimals for column in table_model(result, "de").columns[2:4]} == {1}
    assert "12,9" in {text.get_text() for text in result.figure().axes[0].texts}
