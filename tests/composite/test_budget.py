"""Budget allocation: experts' points become the weights of a node's parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import budget_allocation
from begleitforschung.errors import SpecificationError, ValidationError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec

SPEC = IndexSpec(
    id="lage",
    indicators=(
        IndicatorSpec(id="a", parent="p"),
        IndicatorSpec(id="b", parent="p"),
        IndicatorSpec(id="c", parent="lage"),
    ),
    nodes=(NodeSpec(id="lage"), NodeSpec(id="p", parent="lage")),
)


def test_mean_shares_become_weights_with_their_spread() -> None:
    points = pd.DataFrame({"b": [30.0, 5, np.nan], "a": [70.0, 5, 10]})
    spec, table = budget_allocation(SPEC, points)
    rows = table.set_index("element")
    assert rows.loc["a", ["weight", "lowest", "highest", "n"]].tolist() == [0.6, 0.5, 0.7, 2]
    assert rows.loc["a", "sd"] == pytest.approx(np.std([0.7, 0.5], ddof=1))
    assert (spec.element("a").weight, spec.element("b").weight) == (0.6, 0.4)
    assert spec.element("c").weight == 1.0
    assert "2 Fachleuten" in spec.element("p").note.de
    assert SPEC.element("a").weight == 1.0


def test_parts_of_a_node_may_be_nodes() -> None:
    spec, _ = budget_allocation(SPEC, pd.DataFrame({"c": [1.0], "p": [3.0]}))
    assert (spec.element("p").weight, spec.element("c").weight) == (0.75, 0.25)


@pytest.mark.parametrize("columns", [["a"], ["a", "c"], ["x", "y"], ["a", "b", "c"]])
def test_all_parts_of_one_node_are_asked_for(columns: list[str]) -> None:
    with pytest.raises(SpecificationError, match="all parts of one node"):
        budget_allocation(SPEC, pd.DataFrame({name: [1.0] for name in columns}))


@pytest.mark.parametrize("cells", [[-1.0, 2.0], ["viel", "wenig"], [np.nan, 1.0], [0.0, 0.0]])
def test_points_that_are_none_are_refused(cells: list) -> None:
    with pytest.raises(ValidationError, match="points of the experts"):
        budget_allocation(SPEC, pd.DataFrame([cells], columns=["a", "b"]))
