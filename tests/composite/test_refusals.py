"""What is given wrong is refused in words of ours, with the place and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import (
    compare_variants,
    compose,
    denominator_correlations,
    index_correlations,
    rank_groups,
)
from begleitforschung.errors import (
    CompositeError,
    ReportError,
    SpecificationError,
    UnknownCodeError,
    ValidationError,
)
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step
from begleitforschung.results.composite import CompositeResult

SPEC = IndexSpec(
    id="lage",
    indicators=(IndicatorSpec(id="a", parent="lage"), IndicatorSpec(id="b", parent="lage")),
    nodes=(NodeSpec(id="lage"),),
)
FRAME = pd.DataFrame(
    {"a": [1.0, 2, 4, 8], "b": [3.0, 1, 2, 5], "n": [1.0, 2, 3, 4]}, index=list("ABCD")
)


@pytest.fixture(scope="module")
def index() -> CompositeResult:
    return compose(FRAME, SPEC, year=2024)


@pytest.mark.parametrize("given", [None, "lage", {"id": "lage"}])
def test_what_is_no_specification_is_refused_with_the_way_to_one(given):
    with pytest.raises(SpecificationError, match=r"load_index_spec\(path\)"):
        compose(FRAME, given, year=2024)


def test_a_profile_needs_a_unit(index):
    with pytest.raises(ReportError, match=r"unit=…"):
        index.figure(kind="profile")


@pytest.mark.parametrize("kind", ["ranking", "framework", "years"])
def test_unknown_options_of_figures_are_refused_by_name(index, kind):
    with pytest.raises(UnknownCodeError, match=f"'foo' is not a code of options .*'{kind}'"):
        index.figure(kind=kind, foo=1)
    with pytest.raises(UnknownCodeError, match="Did you mean 'year'"):
        index.figure(yaer=2024)


def test_unknown_kinds_and_corrections_of_correlations_are_refused(index):
    with pytest.raises(UnknownCodeError, match="'foo' is not a code of kinds of correlation"):
        index_correlations(index, kind="foo")
    with pytest.raises(UnknownCodeError, match="corrections of p values"):
        index_correlations(index, correction="bonferroni")
    with pytest.raises(UnknownCodeError, match="Did you mean 'pearson'"):
        denominator_correlations(index, FRAME, ["n"], kind="person")


@pytest.mark.parametrize("n", ["5", 2.5, True, 1, None])
def test_the_number_of_groups_is_a_whole_number_from_two(index, n):
    with pytest.raises(ValidationError, match="whole number from 2 on"):
        rank_groups(index, n)


def test_a_number_of_groups_may_come_from_an_array(index):
    assert rank_groups(index, np.int64(2)).n == 2


def test_variants_have_names(index):
    for given in ([index, index], {"x": index}, {"x": index, "y": FRAME}):
        with pytest.raises(ValidationError, match=r"\{name: result, …\}"):
            compare_variants(given)


def test_complex_numbers_are_no_figures():
    frame = FRAME.assign(b=FRAME["b"] + 1j)
    with pytest.raises(ValidationError, match="complex numbers: b"):
        compose(frame, SPEC, year=2024)


def test_wrong_types_in_a_specification_are_told_all_at_once():
    with pytest.raises(SpecificationError) as caught:
        IndexSpec(
            id="lage",
            indicators=(
                IndicatorSpec(id="a", parent="lage", weight="2"),
                IndicatorSpec(id="b", parent="lage", goalposts=5, target="x"),
                IndicatorSpec(id="c", parent="lage", goalposts=("1", "2")),
                IndicatorSpec(id=7, parent="lage", goalposts=(1, 2, 3)),
            ),
            nodes=[{"id": "lage"}, NodeSpec(id="p", parent="lage", coverage="0.5")],
            steps=["minmax"],
        )
    places = [(item.key, item.column) for item in caught.value.findings]
    assert places == [
        ("a", "weight"),
        ("b", "target"),
        ("b", "goalposts"),
        ("c", "goalposts"),
        ("7", "id"),
        ("7", "goalposts"),
        ("nodes[1]", "nodes"),
        ("p", "coverage"),
        ("steps[1]", "steps"),
    ]
    message = str(caught.value)
    for part in ("NodeSpec(id=", "Step('normalise', 'minmax')", "a number, not str"):
        assert part in message


def test_a_title_is_a_text():
    for title in (5, {"en": "Situation"}):
        with pytest.raises(SpecificationError, match="a text"):
            IndicatorSpec(id="a", parent="lage", title=title)


def broken(*_given: Any, **_more: Any) -> Any:
    raise KeyError("spalte")


AGGREGATE = Step("aggregate", "arithmetic")
STEPS = {
    "step 'impute', indicator 'a'": (Step("impute", Method("custom", function=broken)), AGGREGATE),
    "step 'treat', indicator 'a'": (Step("treat", Method("custom", function=broken)), AGGREGATE),
    "step 'normalise', indicator 'a'": (
        Step("normalise", Method("custom", function=broken)),
        AGGREGATE,
    ),
    "weights of node 'lage'": (Step("weight", Method("custom", function=broken)), AGGREGATE),
    "step 'aggregate', node 'lage'": (Step("aggregate", Method("custom", function=broken)),),
    "step 'custom'": (Step("custom", Method("custom", function=broken)), AGGREGATE),
}


@pytest.mark.parametrize("where", STEPS)
def test_failures_of_own_functions_name_the_place_and_keep_their_cause(where):
    with pytest.raises(CompositeError, match=where) as caught:
        compose(FRAME, SPEC.replace(steps=STEPS[where]), year=2024)
    assert "function 'broken' failed with KeyError: 'spalte'" in str(caught.value)
    assert isinstance(caught.value.__cause__, KeyError)


def test_value_errors_of_own_aggregations_keep_their_cause():
    def fussy(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        raise ValueError("nein")

    with pytest.raises(CompositeError, match="node 'lage': function 'fussy' failed") as caught:
        compose(FRAME, SPEC.replace(aggregate=fussy), year=2024)
    assert isinstance(caught.value.__cause__, ValueError)


def test_own_functions_that_return_texts_are_told_what_to_return():
    for step in ("normalise", "custom"):

        def words(given: Any) -> Any:
            return given.astype(str) + "x" if isinstance(given, pd.DataFrame) else ["x"] * 4

        steps = (Step(step, Method("custom", function=words)), AGGREGATE)
        with pytest.raises(CompositeError, match=f"step '{step}'.*number"):
            compose(FRAME, SPEC.replace(steps=steps), year=2024)
