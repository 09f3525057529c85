"""Alpha, components and importance against COINr 1.1.14."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.composite.analysis_structure import (
    importance,
    index_components,
    reliability,
)
from begleitforschung.errors import CompositeError
from begleitforschung.frameworks import IndexSpec
from begleitforschung.results.composite import CompositeResult

Read = Callable[[str], pd.DataFrame]


@pytest.mark.parametrize("stage", ["Raw", "Normalised"])
def test_alpha_of_indicators_is_that_of_coinr(
    index: CompositeResult, ref: Read, stage: str
) -> None:
    expected = ref("multivariate/cronbach")
    expected = expected[expected["dset"] == stage].set_index("group")
    table = reliability(index, {"Raw": "raw", "Normalised": "normalise"}[stage]).table
    found = table[table["of"] == "indicators"].set_index("node").loc[expected.index]
    assert (found["k"] == expected["k"]).all()
    np.testing.assert_allclose(found["alpha"], expected["alpha"], rtol=1e-10)


def test_alpha_of_pillars_is_that_of_coinr(index: CompositeResult, ref: Read) -> None:
    expected = ref("multivariate/cronbach_pillars").set_index("group")["alpha_pillars"]
    table = reliability(index).table
    parts = table[table["of"] == "parts"].set_index("node")["alpha"]
    assert parts["Conn"] == pytest.approx(expected["Conn"], rel=1e-10)
    assert parts["Sust"] == pytest.approx(expected["Sust"], rel=1e-10)


def compared(index: CompositeResult, ref: Read, name: str, of: str, stage: str | None) -> None:
    eigen = ref(f"multivariate/pca_eigen_{name}")
    loadings = ref(f"multivariate/pca_loadings_{name}")
    for group, rows in eigen.groupby("group"):
        node = "Index" if group == "All" else str(group)
        found = index_components(index, node, of=of, stage=stage)
        np.testing.assert_allclose(found.eigenvalues["eigenvalue"], rows["var"], rtol=1e-9)
        np.testing.assert_allclose(found.eigenvalues["share"], rows["frac"], rtol=1e-9)
        theirs = loadings[loadings["group"] == group].pivot_table(
            "loading", "iCode", "pc", sort=False
        )
        ours = found.table.pivot_table("direction", "element", "component", sort=False)
        ours = ours.loc[theirs.index]
        sign = np.sign((ours.to_numpy() * theirs.to_numpy()).sum(axis=0))
        np.testing.assert_allclose(ours, theirs * sign, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "of", "stage"),
    [
        ("L1_bypillar", "indicators", None),
        ("L2_bysub", "parts", None),
        ("L1_all", "indicators", None),
        ("L1_raw_bypillar", "indicators", "raw"),
    ],
)
def test_components_are_those_of_coinr(
    index: CompositeResult, ref: Read, name: str, of: str, stage: str | None
) -> None:
    compared(index, ref, name, of, stage)


def test_the_sign_of_a_component_is_fixed(index: CompositeResult) -> None:
    for node in ("ConEcFin", "Social", "Index"):
        wide = index_components(index, node, of="indicators").loadings()
        assert (wide.sum() > 0).all()


def test_a_constant_indicator_is_named(small_spec: IndexSpec, small_frame: pd.DataFrame) -> None:
    spec = small_spec.replace(normalise="none")
    result = compose(small_frame.assign(b=1.0), spec, year=2020)
    with pytest.raises(CompositeError, match="b"):
        index_components(result, "p")


def test_importance_shows_the_weight_that_works(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    # d has all the spread, so that the index is d whatever the weights say.
    spec = small_spec.replace(normalise="none")
    frame = small_frame.assign(d=small_frame["d"] * 1e6)
    result = importance(compose(frame, spec, year=2020))
    found = result.table.set_index("element")
    assert [item.rule for item in result.findings] == ["importance.few_units"]
    assert found.loc["d", "importance"] > 0.99
    assert found.loc["d", "difference"] > 0
    assert found["weight"].sum() == pytest.approx(1)
    assert found["share"].sum() == pytest.approx(1)


def test_importance_of_parts(index: CompositeResult) -> None:
    found = importance(index, "Conn", of="parts").table
    assert found["weight"].tolist() == pytest.approx([0.2] * 5)
    assert (found["importance"] >= found["linear"] - 0.05).all()


def test_they_are_shown_and_drawn(index: CompositeResult) -> None:
    for result in (reliability(index), index_components(index), importance(index)):
        assert len(result.display().rows)
        assert len(result.display("en").rows)
        assert result.figure().axes
        assert len(result.alt_text()) > 20
        assert len(result.alt_text("en")) > 20
