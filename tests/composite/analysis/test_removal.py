"""Leaving out one element: against COINr 1.1.14, and against composing anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.composite.analysis_removal import remove_one
from begleitforschung.errors import CompositeError, UnknownCodeError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec
from begleitforschung.results.composite import CompositeResult

Read = Callable[[str], pd.DataFrame]


@pytest.mark.parametrize("level", [1, 2])
def test_scores_ranks_and_shifts_are_those_of_coinr(
    index: CompositeResult, ref: Read, level: int
) -> None:
    scores = ref(f"asem/10_remove_L{level}_scores").set_index("uCode")
    scores = scores.rename(columns={"Nominal": "nominal"})
    ranks = ref(f"asem/10_remove_L{level}_ranks").set_index("uCode")
    shifts = ref(f"asem/10_remove_L{level}_meanabs").set_index("iCode")["MeanAbsDiff"]
    found = remove_one(index, [name for name in scores.columns if name != "nominal"])
    ours = found.scores.loc[scores.index, scores.columns]
    np.testing.assert_allclose(ours, scores, rtol=1e-10)
    places = found.ranks.rename(columns={"nominal": "Nominal"}).loc[ranks.index, ranks.columns]
    assert (places.to_numpy(np.int64) == ranks.to_numpy(np.int64)).all()
    means = found.table.set_index("element")["mean_shift"]
    np.testing.assert_allclose(means, shifts.drop("Nominal").loc[means.index], rtol=1e-10)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aggregate": "geometric", "coverage": 0.5},
        {"aggregate": "minimum"},
        {"aggregate": "mean_min"},
    ],
)
def test_it_is_the_index_without_the_element(
    small_spec: IndexSpec, small_frame: pd.DataFrame, changes: dict[str, object]
) -> None:
    frame = small_frame.copy()
    frame.loc[2, "c"] = np.nan
    spec = small_spec.with_step("normalise", lower=1, upper=100).replace(**changes)
    found = remove_one(compose(frame, spec, year=2020))
    for name in "abcd":
        expected = compose(frame, spec.without(name), year=2020).scores("index")["r"]
        np.testing.assert_allclose(found.scores[name], expected.droplevel("year"), rtol=1e-12)


def test_an_only_part_takes_its_node_along(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    spec = small_spec.without("b")
    found = remove_one(compose(small_frame, spec, year=2022))
    expected = compose(small_frame, spec.without("a"), year=2022).scores("index")["r"]
    np.testing.assert_allclose(found.scores["a"], expected.droplevel("year"))


def test_nodes_can_be_left_out(index: CompositeResult) -> None:
    found = remove_one(index, "nodes")
    assert len(found.table) == len(index.spec.nodes) - 1
    assert found.table.set_index("element").loc["Conn", "mean_shift"] > 1


def test_the_index_itself_cant_be_left_out(
    index: CompositeResult, small_frame: pd.DataFrame
) -> None:
    with pytest.raises(CompositeError, match="nothing"):
        remove_one(index, ["Index"])
    with pytest.raises(UnknownCodeError, match="LPI"):
        remove_one(index, ["LPi"])
    spec = IndexSpec(
        id="eins",
        indicators=(IndicatorSpec(id="a", parent="r"),),
        nodes=(NodeSpec(id="r"),),
    )
    with pytest.raises(CompositeError, match="a"):
        remove_one(compose(small_frame, spec, year=2020))


def test_it_is_shown_and_drawn(index: CompositeResult) -> None:
    found = remove_one(index)
    assert found.display().rows[0][1] == found.table["mean_shift"].max()
    assert "without" in found.display("en").to_text()
    assert "25 von 49" in found.alt_text()
    assert found.figure(n=5).axes
