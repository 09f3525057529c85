"""Variants side by side: against COINr 1.1.14, and what if."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.composite.analysis_variants import compare_variants, what_if
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.frameworks import IndexSpec, Method
from begleitforschung.results.analysis_variants import VariantComparison
from begleitforschung.results.composite import CompositeResult

Read = Callable[[str], pd.DataFrame]


@pytest.fixture(scope="module")
def compared(index: CompositeResult, asem: IndexSpec, countries: pd.DataFrame) -> VariantComparison:
    geometric = asem.replace(normalise=Method("minmax", lower=1, upper=100), aggregate="geometric")
    variants = {
        "nominal": index,
        "drop": compose(countries, asem.without("LPI", "Forest")),
        "geometric": compose(countries, geometric),
    }
    return compare_variants(variants)


def test_two_variants_are_those_of_coinr(compared: VariantComparison, ref: Read) -> None:
    for name, column in (("scores", "score"), ("ranks", "rank")):
        expected = ref(f"asem/11_compare_drop_{name}").set_index("uCode")
        rows = compared.table[compared.table["variant"] == "drop"].set_index("unit")
        rows = rows.loc[expected.index]
        np.testing.assert_allclose(rows[column].astype(float), expected["coin.2"], rtol=1e-10)
        change = rows["places_gained"].astype(float) if name == "ranks" else -rows["score_change"]
        np.testing.assert_allclose(change, expected["Diff"], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(abs(change), expected["Abs.diff"], rtol=1e-10, atol=1e-12)


def test_several_variants_are_those_of_coinr(compared: VariantComparison, ref: Read) -> None:
    expected = ref("asem/11_compare_multi").set_index("uCode")
    found = compared.wide().loc[expected.index, expected.columns]
    assert (found.to_numpy(np.int64) == expected.to_numpy(np.int64)).all()
    assert compared.wide().index[0] == "CHE"


def test_agreement_of_pairs(compared: VariantComparison) -> None:
    agreement = compared.agreement.set_index(["first", "second"])
    assert len(agreement) == 3
    drop = compared.table[compared.table["variant"] == "drop"]
    assert agreement.loc[("nominal", "drop"), "mean_shift"] == pytest.approx(
        drop["places_gained"].astype(float).abs().mean()
    )
    ranks = compared.wide().astype(float)
    assert agreement.loc[("nominal", "geometric"), "spearman"] == pytest.approx(
        ranks["nominal"].corr(ranks["geometric"], method="spearman")
    )


def test_units_that_only_one_variant_has_are_left_out_of_the_agreement(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    fewer = compose(small_frame[small_frame["unit"] != "u3"], small_spec)
    found = compare_variants({"alle": compose(small_frame, small_spec), "weniger": fewer})
    assert found.agreement.loc[0, "n"] == 6
    assert len(found.of_unit("u3")) == 1


def test_what_if_changes_only_what_is_supposed(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    best = float(small_frame["b"].max())
    found = what_if(small_frame, small_spec, {("u0", "b"): best}, year=2020)
    changed = small_frame.copy()
    changed.loc[0, "b"] = best
    expected = compose(changed, small_spec, year=2020).table
    rows = found.table[found.table["variant"] == found.variants[1]]
    root = expected[expected["node"] == "r"]
    assert rows["score"].tolist() == root["score"].tolist()
    assert found.of_unit("u0")["places_gained"].iloc[1] >= 0
    assert [item.rule for item in found.findings] == ["index.what_if"]
    assert "instead of" in found.findings[0].line()


def test_what_if_names_what_is_not_there(small_spec: IndexSpec, small_frame: pd.DataFrame) -> None:
    with pytest.raises(ValidationError, match="2020, 2022"):
        what_if(small_frame, small_spec, {("u0", "b"): 1.0})
    with pytest.raises(UnknownCodeError, match="u0"):
        what_if(small_frame, small_spec, {("u00", "b"): 1.0}, year=2020)
    with pytest.raises(UnknownCodeError, match="indicators"):
        what_if(small_frame, small_spec, {("u0", "z"): 1.0}, year=2020)
    with pytest.raises(ValidationError, match="what"):
        what_if(small_frame, small_spec, {}, year=2020)


def test_a_comparison_needs_two(index: CompositeResult) -> None:
    with pytest.raises(ValidationError, match="two"):
        compare_variants({"a": index})
    with pytest.raises(UnknownCodeError, match="Conn"):
        compare_variants({"a": index, "b": index}, node="Con")


def test_it_is_shown_and_drawn(compared: VariantComparison, index: CompositeResult) -> None:
    assert "Spearman" in compared.display().to_text()
    assert "3 Varianten" in compared.alt_text()
    assert compared.figure(n=4).axes
    pair = compare_variants({"a": index, "b": index})
    assert pair.figure(n=4, highlight=["CHE"]).axes
    assert pair.agreement.loc[0, "max_shift"] == 0
