"""Statistics and availability against COINr 1.1.14."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite.analysis_statistics import availability, index_statistics
from begleitforschung.errors import UnknownCodeError
from begleitforschung.results.composite import CompositeResult

Read = Callable[[str], pd.DataFrame]
NUMBERS = {
    "Min": "minimum",
    "Max": "maximum",
    "Mean": "mean",
    "Median": "median",
    "Std": "sd",
    "Skew": "skewness",
    "Kurt": "kurtosis",
    "N.Avail": "n",
    "N.NonZero": "nonzero",
    "N.Unique": "unique",
    "N.Same": "same",
    "Frc.Avail": "share_available",
    "Frc.NonZero": "share_nonzero",
    "Frc.Unique": "share_unique",
    "Frc.Same": "share_same",
}
FLAGS = {
    "Flag.Avail": "few_values",
    "Flag.NonZero": "many_zeros",
    "Flag.Unique": "few_different",
    "Flag.SkewKurt": "skewed",
}


def test_statistics_of_the_raw_values_are_those_of_coinr(index: CompositeResult, ref: Read) -> None:
    expected = ref("asem/01_raw_stats").set_index("iCode")
    found = index_statistics(index).table.set_index("element").loc[expected.index]
    for theirs, ours in NUMBERS.items():
        np.testing.assert_allclose(found[ours], expected[theirs], rtol=1e-10, err_msg=theirs)
    for theirs, ours in FLAGS.items():
        assert (found[ours] == (expected[theirs] != "ok")).all(), theirs


def test_statistics_exist_for_each_stage_and_year(years: CompositeResult) -> None:
    table = index_statistics(years, "aggregate").table
    assert set(table["year"]) == set(years.years)
    root = table[table["element"] == "Index"].set_index("year")
    expected = years.scores("index")["Index"].groupby("year").mean()
    np.testing.assert_allclose(root["mean"], expected)


def test_an_unknown_stage_is_named(index: CompositeResult) -> None:
    with pytest.raises(UnknownCodeError, match="normalise"):
        index_statistics(index, "normalised")


def test_limits_of_flags_can_be_set(index: CompositeResult) -> None:
    assert len(index_statistics(index, min_available=0.95).flagged()) > len(
        index_statistics(index).flagged()
    )


def test_availability_of_units_is_that_of_coinr(index: CompositeResult, ref: Read) -> None:
    expected = ref("asem/01_raw_avail_units").set_index("uCode")
    table = availability(index).table
    found = table[table["node"] == "Index"].set_index("unit").loc[expected.index]
    assert (found["missing"] == expected["N_missing"]).all()
    assert (found["zeros"] == expected["N_zero"]).all()
    assert (found["missing"] + found["zeros"] == expected["N_miss_or_zero"]).all()
    np.testing.assert_allclose(found["share_available"], expected["Dat_Avail"], rtol=1e-10)
    np.testing.assert_allclose(found["share_nonzero"], expected["Non_Zero"], rtol=1e-10)


def test_availability_by_node_is_that_of_coinr(index: CompositeResult, ref: Read) -> None:
    expected = ref("asem/01_raw_avail_bygroup").set_index("uCode")
    found = availability(index).by_node().loc[expected.index, expected.columns]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_both_are_shown_in_german_and_english(index: CompositeResult) -> None:
    statistics = index_statistics(index)
    assert "Schiefe" in statistics.display().to_text()
    assert "skewness" in statistics.display("en").to_text()
    assert "ConSpeed" not in statistics.alt_text() or "%" in statistics.alt_text()
    missing = availability(index)
    assert (
        missing.display()
        .rows[0][0]
        .startswith(missing.table.loc[missing.table["share_available"].idxmin(), "unit"])
    )
    assert "BRN" in missing.alt_text()
