"""Correlations against COINr 1.1.14, and their correction for the number of pairs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite.analysis_correlations import (
    denominator_correlations,
    index_correlations,
)
from begleitforschung.composite.analysis_parts import along_tree
from begleitforschung.errors import UnknownCodeError
from begleitforschung.results.composite import CompositeResult

Read = Callable[[str], pd.DataFrame]
KINDS = ("pearson", "spearman", "kendall")


def matrix_of(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index("iCode")


def assert_matrix(found: pd.DataFrame, expected: pd.DataFrame, rtol: float = 1e-10) -> None:
    found = found.loc[expected.index, expected.columns]
    off = ~np.eye(len(expected), dtype=bool)
    np.testing.assert_allclose(
        found.to_numpy()[off], expected.to_numpy()[off], rtol=rtol, atol=1e-12
    )


def assert_pairs(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    ours = {frozenset((a, b)): r for a, b, r in found[["first", "second", "r"]].to_numpy()}
    pairs = expected[expected["Var1"] != expected["Var2"]]
    theirs = {frozenset((a, b)): r for a, b, r in pairs[["Var1", "Var2", "Correlation"]].to_numpy()}
    assert ours.keys() == theirs.keys()
    for pair, r in theirs.items():
        assert ours[pair] == pytest.approx(r, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stage", ["Raw", "Normalised"])
def test_matrices_are_those_of_coinr(
    index: CompositeResult, ref: Read, kind: str, stage: str
) -> None:
    ours = {"Raw": "raw", "Normalised": "normalise"}[stage]
    found = index_correlations(index, ours, kind=kind)
    assert_matrix(found.matrix(), matrix_of(ref(f"multivariate/cor_{stage}_{kind}")))


@pytest.mark.parametrize(
    ("kind", "file"),
    [("pearson", "pvals_Raw_pearson"), ("spearman", "pvals_Raw12_spearman"),
     ("kendall", "pvals_Raw12_kendall")],
)  # fmt: skip
def test_p_values_are_those_of_coinr(
    index: CompositeResult, ref: Read, kind: str, file: str
) -> None:
    expected = matrix_of(ref(f"multivariate/{file}"))
    found = index_correlations(
        index, "raw", elements=list(expected.index), kind=kind, correction=None
    )
    assert_matrix(found.matrix("p"), expected)


def test_pairs_with_parent_are_those_of_coinr(index: CompositeResult, ref: Read) -> None:
    found = index_correlations(index, pairs="parent")
    assert_pairs(found.table, ref("multivariate/corr_L1_L2_parent"))


def test_pairs_with_the_index_are_those_of_coinr(index: CompositeResult, ref: Read) -> None:
    table = index_correlations(index, pairs="above").table
    assert_pairs(table[table["second"] == "Index"], ref("multivariate/corr_L1_Index"))


def test_pairs_of_a_family_are_those_of_coinr(index: CompositeResult, ref: Read) -> None:
    expected = ref("multivariate/corr_family_Physical")
    names = {"Pillar": "Physical", "Sub-index": "Conn", "Index": "Index"}
    expected["Var1"] = expected["Var1"].replace(names)
    found = index_correlations(index, elements="Physical", pairs="above")
    assert_pairs(found.table, expected)
    assert found.matrix().shape == (8, 3)


def test_pairs_below_a_p_value_are_those_of_coinr(index: CompositeResult, ref: Read) -> None:
    expected = ref("multivariate/corr_L2_pval05").dropna()
    pillars = sorted(set(expected["Var1"]) | set(expected["Var2"]))
    table = index_correlations(index, elements=pillars, correction=None).table
    assert_pairs(table[table["p"] <= 0.05], expected)


@pytest.mark.parametrize(
    ("file", "limits"),
    [
        ("flags_high_075", {"high": 0.75, "low": None}),
        ("flags_low_m04", {"high": None, "low": -0.4}),
    ],
)
def test_flags_are_those_of_coinr(
    index: CompositeResult, ref: Read, file: str, limits: dict[str, float | None]
) -> None:
    found = index_correlations(index, "normalise", pairs="within").flags(**limits)
    expected = ref(f"multivariate/{file}").rename(
        columns={"Ind1": "Var1", "Ind2": "Var2", "Corr": "Correlation"}
    )
    assert_pairs(found, expected)


def test_denominators_are_those_of_coinr(
    index: CompositeResult, countries: pd.DataFrame, ref: Read
) -> None:
    expected = ref("asem/01_denom_corr_070").rename(
        columns={"Ind": "Var1", "Denom": "Var2", "Corr": "Correlation"}
    )
    sizes = ("Area", "Energy", "GDP", "Population")
    table = denominator_correlations(index, countries, sizes).table
    assert len(table) == 49 * 4
    assert_pairs(table[table["r"].abs() > 0.7], expected)


def test_within_and_across_are_all_pairs(index: CompositeResult) -> None:
    numbers = {
        p: len(index_correlations(index, pairs=p).table) for p in ("all", "within", "across")
    }
    assert numbers["all"] == 49 * 48 // 2 == numbers["within"] + numbers["across"]


def test_correction_counts_the_pairs_shown(index: CompositeResult) -> None:
    every = index_correlations(index).table
    few = index_correlations(index, elements="Physical").table
    assert (every["p_adjusted"] >= every["p"]).all()
    smallest = every["p"].idxmin()
    assert every.loc[smallest, "p_adjusted"] == pytest.approx(every.loc[smallest, "p"] * 1176)
    least = few["p"].idxmin()
    assert few.loc[least, "p_adjusted"] == pytest.approx(few.loc[least, "p"] * 28)
    benjamini = index_correlations(index, correction="bh").table
    assert (benjamini["p_adjusted"] <= every["p_adjusted"] + 1e-15).all()


def test_matrix_follows_the_tree(index: CompositeResult) -> None:
    matrix = index_correlations(index, elements="all").matrix()
    assert tuple(matrix.index) == along_tree(index)
    assert matrix.equals(matrix.T)


def test_unknown_choices_are_named(index: CompositeResult) -> None:
    with pytest.raises(UnknownCodeError, match="within"):
        index_correlations(index, pairs="withn")
    with pytest.raises(UnknownCodeError, match="Physical"):
        index_correlations(index, elements="Physcal")
    with pytest.raises(UnknownCodeError):
        index_correlations(index, "raw", elements="nodes")


def test_it_is_shown_and_drawn(index: CompositeResult) -> None:
    found = index_correlations(index, elements="Conn")
    shown = found.display().to_text()
    assert "Holm" in shown
    assert "< 0,001" in shown
    assert "0,0000" not in shown
    assert "Paar" in found.alt_text()
    assert "pairs" in found.alt_text("en")
    assert found.figure().axes
