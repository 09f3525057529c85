"""Each node by its own aggregation, weights and coverage, against COINr 1.1.14."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.errors import CompositeError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step

LEVELS = {"Conn": 2, "Sust": 2, "Index": 3}


@pytest.fixture(scope="module")
def values(ref):
    return ref("aggregate/00_input_normalised_1_100").rename(columns={"uCode": "unit"})


@pytest.fixture(scope="module")
def gaps(ref):
    return ref("aggregate/00_input_with_NAs").rename(columns={"uCode": "unit"})


@pytest.fixture(scope="module")
def graded(plain, ref):
    return plain.with_weights(ref("aggregate/00_weights_graded").set_index("iCode")["Weight"])


def by_level(spec: IndexSpec, field: str, given: list) -> IndexSpec:
    """Return the specification with one value for each level of nodes."""
    for node in spec.nodes:
        spec = spec.with_element(node.id, **{field: given[LEVELS.get(node.id, 1) - 1]})
    return spec


@pytest.mark.parametrize("weights", ["equal", "graded"])
@pytest.mark.parametrize(
    ("name", "method"),
    [("amean", "arithmetic"), ("gmean", "geometric"), ("hmean", "harmonic"), ("copeland",) * 2],
)
def test_one_aggregation_at_all_nodes(plain, graded, values, ref, matches, name, method, weights):
    spec = (plain if weights == "equal" else graded).replace(aggregate=method)
    result = compose(values, spec, year=2018)
    table = ref(f"aggregate/a_{name}_{weights}")
    if (name, weights) == ("copeland", "graded"):
        # COINr decides pairs of exactly half the weight by rounding errors.
        table = table.drop(columns=["Physical", "Conn"])
    matches(result.scores("all")[list(table.columns[1:])], table)


@pytest.mark.parametrize(("p", "table"), [(0.5, "p05"), (2, "p2"), (-1, "pm1")])
def test_power_means(graded, values, ref, matches, p, table):
    result = compose(values, graded.replace(aggregate=Method("power", p=p)), year=2018)
    matches(result.scores("all"), ref(f"aggregate/a_genmean_{table}_graded"))


def test_another_mean_at_each_level(graded, values, ref, matches):
    spec = by_level(graded, "aggregate", ["arithmetic", "geometric", "harmonic"])
    result = compose(values, spec, year=2018)
    matches(result.scores("all"), ref("aggregate/mixed_amean_gmean_hmean"))
    parts = result.contributions()
    np.testing.assert_allclose(parts.sum(axis=1), result.scores()["Index"], rtol=1e-12)


def test_copeland_below_and_means_above(plain, values, ref, matches):
    spec = by_level(plain, "aggregate", ["copeland", "arithmetic", "arithmetic"])
    result = compose(values, spec, year=2018)
    matches(result.scores("all"), ref("aggregate/a_copeland_equal_1level_then_amean"))
    with pytest.raises(CompositeError, match=r"no exact contributions.*Physical \(copeland\)"):
        result.contributions()
    upper = plain.with_element("Physical", aggregate="copeland")
    parts = compose(values, upper, year=2018).contributions("Sust")
    assert parts.shape == (51, 19)


def test_two_aggregations_within_one_level(plain, values):
    spec = plain.with_element("Physical", aggregate="minimum")
    found = compose(values, spec, year=2018).scores("all")
    physical = [item.id for item in spec.indicators if item.parent == "Physical"]
    np.testing.assert_allclose(found["Physical"], found[physical].min(axis=1))
    instit = [item.id for item in spec.indicators if item.parent == "Instit"]
    np.testing.assert_allclose(found["Instit"], found[instit].mean(axis=1))


@pytest.mark.parametrize(
    ("table", "methods"),
    [("na_amean", "arithmetic"), ("na_gmean", "geometric"), ("na_hmean", "harmonic")],
)
def test_missing_values(graded, gaps, ref, matches, table, methods):
    result = compose(gaps, graded.replace(aggregate=methods), year=2018)
    matches(result.scores("all"), ref(f"aggregate/{table}"))
    parts = result.contributions()
    np.testing.assert_allclose(parts.sum(axis=1), result.scores()["Index"], rtol=1e-12)


def test_coverage_alike_at_all_nodes(graded, gaps, ref, matches):
    result = compose(gaps, graded.replace(coverage=0.75), year=2018)
    matches(result.scores("all"), ref("aggregate/na_amean_thresh075"))


def test_coverage_of_each_level(graded, gaps, ref, matches):
    spec = by_level(graded, "coverage", [0.5, 0.9, 1.0])
    result = compose(gaps, spec, year=2018)
    matches(result.scores("all"), ref("aggregate/na_amean_thresh_levels"))
    index = result.table[result.table["node"] == "Index"]
    assert index["score"].isna().any()
    assert index.loc[index["score"].isna(), "rank"].isna().all()


def test_shares_of_indicators_that_are_there(graded, gaps):
    result = compose(gaps, graded, year=2018)
    names = [item.id for item in graded.indicators if item.parent == "Social"]
    table = result.table[result.table["node"] == "Social"].set_index("unit")
    wanted = gaps.set_index("unit")[names].notna().mean(axis=1)
    np.testing.assert_allclose(table["coverage"], wanted[table.index])


SMALL = IndexSpec(
    id="i",
    indicators=tuple(IndicatorSpec(id=name, parent="i") for name in "abc"),
    nodes=(NodeSpec(id="i"),),
    steps=(Step("aggregate", "arithmetic"),),
)
FRAME = pd.DataFrame(
    {"a": [1.0, 2.0, 3.0, 4.0], "b": [4.0, 1.0, 2.0, 2.0], "c": [2.0, 5.0, 1.0, 3.0]},
    index=list("WXYZ"),
)


@pytest.mark.parametrize(
    "method",
    [
        Method("owa", order=[0.5, 0.3, 0.2]),
        Method("owa"),
        Method("mean_min", alpha=0.5, beta=1),
        Method("mpi"),
        Method("ampi", penalty="up"),
        "minimum",
        "bod",
        Method("bod", low=0.1, high=0.6),
        Method("power", p=0.5),
    ],
)
def test_contributions_add_up(method):
    result = compose(FRAME, SMALL.replace(aggregate=method), year=2020)
    parts = result.contributions()
    np.testing.assert_allclose(parts.sum(axis=1), result.scores()["i"], rtol=1e-9)


@pytest.mark.parametrize("method", ["wroclaw", "topsis", "copeland", "borda"])
def test_methods_among_units_have_scores_and_no_contributions(method):
    result = compose(FRAME, SMALL.replace(aggregate=method), year=2020)
    assert result.scores()["i"].notna().all()
    with pytest.raises(CompositeError, match="no exact contributions"):
        result.contributions()
    assert result.figure() is not None


def test_bod_over_two_years_keeps_its_weights():
    two = pd.concat([FRAME.assign(year=2020), FRAME.iloc[::-1].assign(year=2021)])
    spec = SMALL.replace(aggregate="bod")
    result = compose(two, spec)
    later = compose(two, spec.replace(years="pooled"), year=2021)
    for found in (result, later):
        np.testing.assert_allclose(
            found.contributions().sum(axis=1), found.scores()["i"], rtol=1e-9
        )


@pytest.mark.parametrize("method", ["copeland", "borda", "bod"])
def test_comparison_of_units_knows_no_base_year(method):
    spec = SMALL.replace(aggregate=method, years=2020)
    with pytest.raises(CompositeError, match="knows no base year"):
        compose(FRAME, spec, year=2020)


@pytest.mark.parametrize("name", ["equal", "pca", "factor", "entropy", "critic", "noisy"])
def test_weights_by_method(values, plain, name):
    spec = plain.before("aggregate", Step("weight", name))
    result = compose(values, spec, year=2018)
    weights = result.weights.set_index("element")["weight"]
    physical = [item.id for item in plain.indicators if item.parent == "Physical"]
    assert (weights >= 0).all()
    assert weights[physical].nunique() == (1 if name == "equal" else len(physical))
    np.testing.assert_allclose(
        result.contributions().sum(axis=1), result.scores()["Index"], rtol=1e-12
    )


def test_a_node_weighs_by_its_own_method(values, plain):
    spec = plain.with_element("Physical", weigh="critic")
    weights = compose(values, spec, year=2018).weights.set_index("element")["weight"]
    assert weights["LPI"] != weights["Ship"]
    assert weights["CostImpEx"] == weights["Tariff"] == 1


def test_weights_below_zero_are_refused(values, plain):
    spec = plain.before("aggregate", Step("weight", Method("pca", variant="loadings")))
    with pytest.raises(CompositeError, match=r"node '\w+': weights by 'pca' must be numbers >= 0"):
        compose(values, spec, year=2018)
