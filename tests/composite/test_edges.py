"""What an index does at the edges: one unit, no spread, nothing there, ties, zero weights."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from begleitforschung.composite import compose, what_if
from begleitforschung.errors import CompositeError, UnknownCodeError, ValidationError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step

NAMES = ("a", "b", "c", "d")
TREE = IndexSpec(
    id="i",
    indicators=(
        IndicatorSpec(id="a", parent="left"),
        IndicatorSpec(id="b", parent="left", direction="lower"),
        IndicatorSpec(id="c", parent="right", weight=3),
        IndicatorSpec(id="d", parent="i"),
    ),
    nodes=(NodeSpec(id="left", parent="i"), NodeSpec(id="right", parent="i"), NodeSpec(id="i")),
)
FRAME = pd.DataFrame(
    {"a": [1.0, 2, 3, 4], "b": [4.0, 1, 2, 2], "c": [2.0, 5, 1, 3], "d": [0.0, 1, 1, 0]},
    index=["W", "X", "Y", "Z"],
)


def scores(spec, frame=FRAME, **options):
    return compose(frame, spec, year=2020, **options).scores("index")["i"].droplevel("year")


def test_one_unit_has_no_spread_and_that_is_said():
    with pytest.raises(CompositeError) as caught:
        compose(FRAME.loc[["W"]], TREE, year=2020)
    assert {item.column for item in caught.value.findings} == set(NAMES)
    posts = Method("goalposts", lower=0, upper=5)
    alone = scores(TREE.replace(normalise=posts), FRAME.loc[["W"]])
    assert alone["W"] == scores(TREE.replace(normalise=posts))["W"]


@pytest.mark.parametrize("method", ["minmax", "zscore", "dist2max", "ampi"])
def test_a_constant_indicator_is_named_with_its_year(method):
    two = pd.concat([FRAME.assign(year=2020), FRAME.assign(year=2021, c=7.0)])
    with pytest.raises(CompositeError) as caught:
        compose(two, TREE.replace(normalise=method))
    (found,) = caught.value.findings
    assert (found.column, found.key, found.n) == ("c", "2021", 4)
    assert "pooled" in str(caught.value)
    pooled = compose(two, TREE.replace(normalise=method, years="pooled"))
    assert pooled.scores().notna().all(axis=None)


@pytest.mark.parametrize("method", ["rank", "percentile_rank", "none", "borda"])
def test_a_constant_indicator_is_no_problem_without_a_spread(method):
    found = scores(TREE.replace(normalise=method), FRAME.assign(c=7.0))
    assert found.notna().all()


def test_an_indicator_without_any_value_is_named():
    with pytest.raises(CompositeError, match="without any value: b, d"):
        compose(FRAME.assign(b=np.nan, d=np.nan), TREE, year=2020)


def test_a_unit_without_any_value_is_left_out_and_one_with_some_is_not():
    gaps = FRAME.copy()
    gaps.loc["X"] = np.nan
    gaps.loc["Y", ["a", "b"]] = np.nan
    result = compose(gaps, TREE, year=2020)
    assert result.units == ("W", "Y", "Z")
    lost = next(item for item in result.findings if item.rule == "index.without_figures")
    assert (lost.key, lost.n, lost.severity) == ("X", 1, "warning")
    table = result.table.set_index(["node", "unit"])
    assert np.isnan(table.loc[("left", "Y"), "score"])
    assert pd.isna(table.loc[("left", "Y"), "rank"])
    assert table.loc[("i", "Y"), "coverage"] == 0.5
    right, whole = table.loc[("right", "Y"), "score"], table.loc[("i", "Y"), "score"]
    normal = result.stage("normalise")
    assert whole == pytest.approx((right + normal.loc["Y", "d"].iloc[0]) / 2)


def test_years_in_which_nobody_has_a_figure_are_no_loss():
    panel = pd.concat([FRAME.assign(year=2019) * np.nan, FRAME.assign(year=2020)]).reset_index(
        names="unit"
    )
    panel["year"] = np.repeat([2019, 2020], len(FRAME))
    found = compose(panel, TREE)
    assert "index.without_figures" not in [item.rule for item in found.findings]


def test_nothing_at_all():
    with pytest.raises(CompositeError, match="no unit has a value"):
        compose(FRAME * np.nan, TREE, year=2020)


def test_weight_zero_is_as_if_it_were_not_there():
    zero = scores(TREE.with_weights({"b": 0}))
    assert zero.equals(scores(TREE.without("b")))
    noisy = FRAME.assign(b=[9.0, -3, 7, 1])
    assert scores(TREE.with_weights({"b": 0}), noisy).equals(zero)


def test_parts_of_weight_zero_may_be_negative_under_the_geometric_mean():
    spec = TREE.replace(normalise="none").with_element("b", weight=0)
    spec = spec.replace(aggregate="geometric").with_element("d", weight=0)
    assert scores(spec).notna().all()


def test_equal_scores_share_the_better_rank():
    twins = FRAME.assign(a=[4.0, 2, 2, 1], b=[1.0, 2, 2, 3], c=[4.0, 2, 2, 1], d=[1, 0.5, 0.5, 0])
    ranks = compose(twins, TREE, year=2020).ranks("index")["i"]
    assert ranks.tolist() == [1, 2, 2, 4]


def test_values_not_above_zero_under_the_geometric_mean_are_named():
    spec = TREE.replace(normalise="none", aggregate="geometric")
    with pytest.raises(CompositeError) as caught:
        compose(FRAME, spec, year=2020)
    cells = {(item.key, item.column) for item in caught.value.findings}
    assert cells == {(f"{unit} / 2020", "b") for unit in FRAME.index}
    assert "node 'left'" in str(caught.value)
    positive = spec.with_element("b", direction="higher")
    with pytest.raises(CompositeError) as caught:
        compose(FRAME, positive, year=2020)
    cells = {(item.key, item.column) for item in caught.value.findings}
    assert cells == {("W / 2020", "d"), ("Z / 2020", "d")}


def test_cells_are_named_by_their_year():
    two = pd.concat([(FRAME + 1).assign(year=2020), FRAME.assign(year=2021)])
    spec = TREE.replace(normalise="none", aggregate="geometric")
    spec = spec.with_element("b", direction="higher").before("aggregate", Step("weight", "entropy"))
    with pytest.raises(CompositeError) as caught:
        compose(two, spec)
    assert {item.key for item in caught.value.findings} == {"W / 2021", "Z / 2021"}


def test_infinite_values_are_named():
    frame = FRAME.copy()
    frame.loc["Y", "c"] = np.inf
    with pytest.raises(CompositeError, match="Y / 2020, 'c' is infinite"):
        compose(frame, TREE, year=2020)


@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_denominators_not_above_zero_are_named(bad):
    spec = TREE.before("normalise", Step("denominate", "ratio"))
    spec = spec.with_element("a", denominator="people")
    frame = FRAME.assign(people=[10.0, bad, 10, 10])
    with pytest.raises(CompositeError) as caught:
        compose(frame, spec, year=2020)
    assert [(item.key, item.column) for item in caught.value.findings] == [("X / 2020", "a")]


def test_denominators_and_their_scale():
    spec = TREE.before("normalise", Step("denominate", "ratio"))
    spec = spec.with_element("a", denominator="people", denominator_scale=1000)
    people = pd.Series([10.0, 30, 20, 50], index=FRAME.index)
    inside = compose(FRAME.assign(people=people), spec, year=2020)
    np.testing.assert_allclose(inside.stage("denominate")["a"], 1000 * FRAME["a"] / people)
    beside = compose(FRAME, spec, year=2020, denominators=people.to_frame("people").iloc[::-1])
    assert beside.table.equals(inside.table)
    dated = people.to_frame("people").assign(year=2020)
    assert compose(FRAME, spec, year=2020, denominators=dated).table.equals(inside.table)
    with pytest.raises(UnknownCodeError, match="denominators="):
        compose(FRAME, spec, year=2020)
    partly = compose(FRAME, spec, year=2020, denominators=people.to_frame("people").iloc[1:])
    assert partly.stage("denominate")["a"].isna().tolist() == [True, False, False, False]


values = arrays(
    np.float64, (6, 4), elements=st.floats(-100, 100, allow_nan=False).map(lambda x: round(x, 3))
)


def _usable(x):
    return bool((np.ptp(x, axis=0) > 0.01).all())


@settings(max_examples=15)
@given(x=values.filter(_usable), seed=st.integers(0, 99))
def test_order_of_rows_and_columns_changes_nothing(x, seed):
    frame = pd.DataFrame(x, columns=list(NAMES), index=list("UVWXYZ"))
    first = scores(TREE, frame)
    mixed = frame.sample(frac=1, random_state=seed)[list(NAMES[::-1])]
    turned = TREE.replace(indicators=TREE.indicators[::-1], nodes=TREE.nodes[::-1])
    second = scores(turned, mixed)
    np.testing.assert_allclose(second[first.index], first, rtol=1e-12, atol=1e-9)


@settings(max_examples=15)
@given(x=values.filter(_usable), scale=st.floats(0.01, 100), shift=st.floats(-50, 50))
def test_scale_and_origin_of_an_indicator_change_nothing(x, scale, shift):
    frame = pd.DataFrame(x, columns=list(NAMES), index=list("UVWXYZ"))
    moved = frame.assign(a=scale * frame["a"] + shift)
    np.testing.assert_allclose(scores(TREE, moved), scores(TREE, frame), atol=1e-6)


@settings(max_examples=15)
@given(x=values.filter(_usable))
def test_direction_mirrors(x):
    frame = pd.DataFrame(x, columns=list(NAMES), index=list("UVWXYZ"))
    mirrored = frame.assign(b=-frame["b"])
    spec = TREE.with_element("b", direction="higher")
    np.testing.assert_allclose(scores(spec, mirrored), scores(TREE, frame), rtol=1e-12, atol=1e-9)


@settings(max_examples=15)
@given(x=values.filter(_usable), more=st.floats(0.1, 50))
def test_a_better_value_never_lowers_the_score(x, more):
    frame = pd.DataFrame(x, columns=list(NAMES), index=list("UVWXYZ"))
    posts = TREE.replace(normalise=Method("goalposts", lower=-200, upper=200))
    better = frame.copy()
    better.loc["U", "a"] += more
    worse = frame.copy()
    worse.loc["U", "b"] += more
    before = scores(posts, frame)["U"]
    assert scores(posts, better)["U"] > before > scores(posts, worse)["U"]


@settings(max_examples=15)
@given(
    x=values.filter(_usable),
    method=st.sampled_from(["arithmetic", "geometric", "harmonic", "minimum"]),
)
def test_scores_lie_between_their_parts_and_contributions_add_up(x, method):
    frame = pd.DataFrame(x, columns=list(NAMES), index=list("UVWXYZ"))
    spec = TREE.with_step("normalise", lower=1).replace(aggregate=method)
    result = compose(frame, spec, year=2020)
    normal = result.stage("normalise")
    found = result.scores()["i"]
    assert (found >= normal.min(axis=1) - 1e-9).all()
    assert (found <= normal.max(axis=1) + 1e-9).all()
    np.testing.assert_allclose(result.contributions().sum(axis=1), found, rtol=1e-9)


def test_equal_weights_are_no_weights():
    doubled = TREE.with_weights({"a": 2, "b": 2, "c": 6, "left": 2, "right": 2, "d": 2})
    np.testing.assert_allclose(scores(doubled), scores(TREE), rtol=1e-12)
    equal = TREE.before("aggregate", Step("weight", "equal"))
    np.testing.assert_allclose(scores(equal), scores(TREE), rtol=1e-12)


def test_noisy_weights_are_the_same_for_the_same_seed():
    noisy = TREE.before("aggregate", Step("weight", Method("noisy", seed=3)))
    assert scores(noisy).equals(scores(noisy))
    assert not scores(noisy).equals(scores(noisy.with_step("weight", seed=4)))
    still = noisy.with_step("weight", spread=0)
    np.testing.assert_allclose(scores(still), scores(TREE), rtol=1e-12)


def test_a_pure_function_leaves_its_inputs_alone():
    frame, before = FRAME.copy(), FRAME.copy()
    result = compose(frame, TREE, year=2020)
    result.table.loc[0, "score"] = -1
    shown = result.scores()
    shown.iloc[0, 0] = -1
    pd.testing.assert_frame_equal(frame, before)
    assert compose(frame, TREE, year=2020).scores().equals(result.scores())
    assert (result.scores() >= 0).all(axis=None)


def test_any_depth_and_leaves_at_any_level():
    deep = IndexSpec(
        id="deep",
        indicators=tuple(
            dataclasses.replace(item, parent=f"n{number}")
            for number, item in enumerate(TREE.indicators)
        ),
        nodes=(
            NodeSpec(id="n3", parent="n2"),
            NodeSpec(id="n2", parent="n1"),
            NodeSpec(id="n1", parent="n0"),
            NodeSpec(id="n0"),
        ),
    )
    result = compose(FRAME, deep, year=2020)
    normal = result.stage("normalise")
    n2 = (normal["c"] * 3 + normal["d"]) / 4
    n1 = (normal["b"] + n2) / 2
    np.testing.assert_allclose(result.scores()["n0"], (normal["a"] + n1) / 2)
    assert list(result.scores()) == ["n0", "n1", "n2", "n3"]


def _two_parts(**options):
    frame = pd.DataFrame({"a": [1.0, 4.0, 2.0], "b": [5.0, 3.0, 9.0]}, index=["A", "B", "C"])
    titles = options.pop("titles", ("", ""))
    spec = IndexSpec(
        id="n",
        nodes=(
            NodeSpec(id="n"),
            NodeSpec(id="p", parent="n", title=titles[0]),
            NodeSpec(id="q", parent="n", title=titles[1]),
        ),
        indicators=(IndicatorSpec(id="a", parent="p"), IndicatorSpec(id="b", parent="q")),
    )
    return frame, spec.replace(**options)


def test_columns_that_stand_twice_are_refused():
    frame, spec = _two_parts()
    with pytest.raises(ValidationError, match="more than once: a, b"):
        compose(pd.concat([frame, frame], axis=1), spec, year=2024)


@pytest.mark.parametrize("groups", [["x", "y", "z"], {"land": ["x", "y", "z"]}, {"A": "x"}])
def test_groups_of_another_form_are_refused(groups):
    frame, spec = _two_parts()
    with pytest.raises(ValidationError, match="mapping of unit to group"):
        compose(frame, spec, year=2024, groups=groups)


@pytest.mark.parametrize(
    ("returned", "told"), [(["a", "b", "c"], "one number"), ([1.0, np.inf, 0.0], "1 infinite")]
)
def test_a_function_that_returns_no_scores_is_told_so(returned, told):
    frame, spec = _two_parts(aggregate=lambda x, w: returned)
    with pytest.raises(CompositeError, match=told):
        compose(frame, spec, year=2024)


def test_parts_of_the_same_title_keep_their_columns():
    frame, spec = _two_parts(titles=("score", "score"))
    result = compose(frame, spec, year=2024)
    assert list(result.summary().columns[4:-2]) == ["score (p)", "score (q)"]
    wanted = result.scores("nodes").droplevel("year")["n"]
    assert result.summary().set_index("unit")["score"].to_dict() == wanted.to_dict()


def test_a_trace_of_no_unit_is_refused():
    frame, spec = _two_parts()
    with pytest.raises(UnknownCodeError, match="units of the figures"):
        compose(frame, spec, year=2024).trace("Z")


@pytest.mark.parametrize("value", [np.inf, "3"])
def test_a_supposed_value_is_a_number(value):
    frame, spec = _two_parts()
    with pytest.raises(ValidationError, match="supposed value of 'a' for A"):
        what_if(frame, spec, {("A", "a"): value}, year=2024)


def test_the_table_says_who_is_left_out_and_who_has_no_score():
    frame, spec = _two_parts()
    frame = pd.concat([frame, pd.DataFrame({"a": [np.nan] * 2, "b": [1.0, np.nan]}, ["D", "E"])])
    screened = spec.before("normalise", Step("screen", Method("coverage", min_share=0.6)))
    notes = compose(frame, screened, year=2024).display().notes
    assert "Einheiten, die wegen fehlender Werte oder auf Wunsch nicht gewertet sind: 1." in notes
    strict = spec.with_element("n", coverage=1.0)
    assert "Einheiten ohne Punktwert: 1." in compose(frame, strict, year=2024).display().notes
    assert len(compose(frame.iloc[:3], spec, year=2024).display().notes) == 1
