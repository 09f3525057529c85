"""Parts of a sensitivity analysis: plans, weights, errors, names; and what runs must not share."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.composite import NoisyWeights, Range, ValueErrors, compose, sensitivity
from begleitforschung.composite.reading import read_figures
from begleitforschung.composite.sensitivity_parsing import noisy_parts, parse_vary
from begleitforschung.composite.sensitivity_plan import plan_runs
from begleitforschung.composite.sensitivity_scores import power_scores_of, undefined_reason
from begleitforschung.composite.sensitivity_treating import SharedPlans
from begleitforschung.composite.sensitivity_values import draw_values, standard_errors
from begleitforschung.composite.sensitivity_weights import (
    base_weights,
    noisy_sets,
    weights_of_sets,
)
from begleitforschung.composite.sensitivity_words import choice_label
from begleitforschung.errors import CompositeError, SpecificationError, UnknownCodeError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step
from begleitforschung.stats.indices.treat import plan_treatment
from begleitforschung.stats.indices.treatments import Treatment

SPEC = IndexSpec(
    id="klima",
    indicators=(
        IndicatorSpec(id="co2", parent="luft", direction="lower", title="CO₂ je Kopf"),
        IndicatorSpec(id="feinstaub", parent="luft", direction="lower"),
        IndicatorSpec(id="gruen", parent="boden"),
        IndicatorSpec(id="wald", parent="boden", weight=3),
    ),
    nodes=(
        NodeSpec(id="klima"),
        NodeSpec(id="luft", parent="klima"),
        NodeSpec(id="boden", parent="klima"),
    ),
    steps=(
        Step("impute", "median"),
        Step("treat", Method("winsorise", winmax=3)),
        Step("normalise", Method("minmax", lower=1, upper=100)),
        Step("aggregate", "arithmetic"),
    ),
)


def _frame(n: int = 20, seed: int = 0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    names = [item.id for item in SPEC.indicators]
    units = [f"K{number:03d}" for number in range(n)]
    return pd.DataFrame(generator.lognormal(size=(n, 4)), columns=names, index=units)


@pytest.fixture(scope="module")
def state():
    return read_figures(_frame(), SPEC, year=2024).state


def _choices(vary):
    return parse_vary(vary, SPEC, list(_frame().index))


def test_all_combinations_are_run_where_they_are_few():
    plan = plan_runs(_choices({"treat": ["none", "winsorise"], "coverage": [0, 0.5, 1]}), 9, 0, 20)
    assert plan.exact
    assert plan.runs == plan.sample == plan.n == 6
    assert plan.levels.tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
    assert plan.odds is None


def test_too_many_ranks_to_keep_are_sampled():
    vary = {f"{name}.weight": list(range(1, 11)) for name in ("co2", "wald", "gruen", "feinstaub")}
    choices = _choices(vary)
    assert plan_runs(choices, 8, 0, 20_000).exact
    assert not plan_runs(choices, 8, 0, 20_001).exact
    assert plan_runs(choices, 8, 0, 20_001, exact=True).exact


def test_a_sample_draws_alternatives_evenly_and_ranges_in_their_bounds():
    vary = {"treat.winmax": [1, 2, 3, 4], "coverage": Range(0.2, 0.4), "weights": 0.1}
    choices = _choices(vary)
    plan = plan_runs(choices, 64, 3, 20)
    assert (plan.runs, plan.sample) == (64 * 5, 128)
    assert np.bincount(plan.levels[:64, 0]).tolist() == [16, 16, 16, 16]
    assert (plan.levels[:, 1:] == -1).all()
    drawn = [plan.number(1, run) for run in range(64)]
    assert 0.2 <= min(drawn) < 0.21
    assert 0.39 < max(drawn) <= 0.4
    assert plan.points[2].shape == (320, 6)
    assert plan.number(0, 5) == plan.levels[5, 0]


def test_weights_of_runs_follow_their_sets(state):
    base = base_weights(SPEC, state)
    assert base.tolist() == [1, 1, 1, 3, 1, 1, 1]
    table = weights_of_sets(SPEC, base, [{}, {"wald": 5.0, "luft": 0.5}, {"fremd": 9.0}])
    place = {name: number for number, name in enumerate(SPEC.tree.ids)}
    assert table[place["wald"]].tolist() == [3, 5, 3]
    assert table[place["luft"]].tolist() == [1, 0.5, 1]
    assert table[place["co2"]].tolist() == [1, 1, 1]


def test_weights_that_hang_on_values_are_not_known_beforehand(state):
    assert base_weights(SPEC, state.to(weigh=Step("weight", "entropy"))) is None
    equal = base_weights(SPEC, state.to(weigh=Step("weight", "equal")))
    assert equal.tolist() == [1] * 7
    own = SPEC.with_element("boden", weigh="equal")
    assert base_weights(own, state).tolist() == [1] * 7


@settings(max_examples=25)
@given(st.floats(0.01, 1), st.integers(0, 99))
def test_noise_stays_within_its_spread(spread, seed):
    points = np.random.default_rng(seed).random((40, 6))
    noise = NoisyWeights(spread)
    parts = [SPEC.tree.ids[j] for j in noisy_parts(noise, SPEC)]
    weights = noisy_sets(SPEC, SPEC.tree.weights, noise, parts, points)
    ratio = weights / SPEC.tree.weights[:, None]
    assert (ratio >= 1 - spread - 1e-12).all()
    assert (ratio <= 1 + spread + 1e-12).all()
    assert (ratio[-1] == 1).all()  # the index itself


def test_noise_of_one_node_leaves_the_others():
    noise = NoisyWeights(0.5, nodes=("boden",))
    parts = [SPEC.tree.ids[j] for j in noisy_parts(noise, SPEC)]
    assert parts == ["gruen", "wald"]
    weights = noisy_sets(SPEC, SPEC.tree.weights, noise, parts, np.zeros((1, 2)))
    changed = weights[:, 0] != SPEC.tree.weights
    assert [name for name, moved in zip(SPEC.tree.ids, changed, strict=True) if moved] == parts
    without = SPEC.without("gruen")
    assert noisy_sets(without, without.tree.weights, noise, parts, np.zeros((1, 2))).shape == (6, 1)


@settings(max_examples=15)
@given(st.integers(0, 99), st.floats(0.2, 30))
def test_dirichlet_shares_are_positive_and_leave_zero_weights(seed, concentration):
    spec = SPEC.with_weights({"gruen": 0.0})
    points = np.random.default_rng(seed).random((20, 6))
    noise = NoisyWeights("dirichlet", concentration=concentration)
    parts = [spec.tree.ids[j] for j in noisy_parts(noise, spec)]
    weights = noisy_sets(spec, spec.tree.weights, noise, parts, points)
    place = {name: number for number, name in enumerate(spec.tree.ids)}
    assert (weights[place["gruen"]] == 0).all()
    assert (weights[place["luft"]] >= 0).all()
    shares = weights[place["luft"]] / (weights[place["luft"]] + weights[place["boden"]])
    assert ((shares >= 0) & (shares <= 1)).all()


def test_errors_are_read_by_unit_and_indicator(state):
    table = pd.DataFrame({"wald": [0.5, 2.0]}, index=["K003", "K001"])
    spread = standard_errors(ValueErrors(table), state)
    units = np.array(state.rows.units)[state.rows.unit]
    column = state.indicators.index("wald")
    assert spread[units == "K003", column] == 0.5
    assert spread[units == "K001", column] == 2.0
    assert (spread > 0).sum() == 2
    relative = standard_errors(ValueErrors(relative={"co2": 0.1}), state)
    np.testing.assert_allclose(relative[:, 0], 0.1 * np.abs(state.x[:, 0]))
    assert not relative[:, 1:].any()


def test_the_same_coordinate_draws_the_same_figures(state):
    errors = ValueErrors(relative=0.2, lower=0.5, upper=2.0)
    spread = standard_errors(errors, state)
    one, two = (draw_values(state, spread, errors, 7, u).x for u in (0.25, 0.25))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, draw_values(state, spread, errors, 7, 0.26).x)
    assert not np.array_equal(one, draw_values(state, spread, errors, 8, 0.25).x)
    assert ((one >= 0.5) & (one <= 2.0)).all()


def test_errors_of_years_go_to_their_years():
    frame = pd.concat([_frame(3, seed).assign(year=2020 + seed) for seed in (1, 2)])
    frame = frame.rename_axis("unit").reset_index()
    state = read_figures(frame, SPEC).state
    table = frame[["unit", "year"]].assign(co2=np.arange(6.0))
    spread = standard_errors(ValueErrors(table), state)[:, 0]
    units = np.array(state.rows.units)[state.rows.unit]
    found = {(u, int(y)): s for u, y, s in zip(units, state.rows.year, spread, strict=True)}
    assert found == {(r.unit, r.year): r.co2 for r in table.itertuples()}


def test_undefined_means_are_told_by_node_and_indicator(state):
    spec = SPEC.with_element("boden", aggregate="geometric")
    x = np.abs(state.x) + 1
    x[4, 3] = 0.0
    told = str(undefined_reason(spec, x, 3))
    assert told == "node 'boden' needs values above zero of 'wald'"
    assert "scores above zero" in str(undefined_reason(SPEC, x, 3))
    scores = power_scores_of(spec, x, 3, spec.tree.weights[:, None])
    assert np.isnan(scores(slice(0, 1))).all()
    assert power_scores_of(SPEC.with_step("aggregate", "minimum"), x, 3, x) is None


def test_plans_of_all_limits_are_those_of_each():
    """Found in one walk, and alone where columns have treatments of their own."""
    x = np.random.default_rng(3).lognormal(sigma=1.5, size=(60, 5))
    planner = SharedPlans([1, 2, 5, None])
    for limit in (5, 1, None, 2, 7):
        treatments = [Treatment(winmax=limit)] * 5
        assert _actions(planner(x, treatments)) == _actions(plan_treatment(x, treatments))
    mixed = [Treatment(winmax=2), Treatment(first="log"), None, *[Treatment(winmax=2)] * 2]
    assert planner(x, mixed) == plan_treatment(x, mixed)
    for seed in range(4, 13):  # other figures, other plans, whatever place in memory they take
        other = np.random.default_rng(seed).lognormal(sigma=2, size=(60, 5))
        found = planner(other, [Treatment()] * 5)
        assert _actions(found) == _actions(plan_treatment(other, [Treatment()] * 5))
        del other


def _actions(plan):
    """What is done; the statistics on record may differ in their last digit."""
    return [(item.action, item.tried, item.stop) for item in plan]


@pytest.mark.parametrize(
    ("key", "german", "english"),
    [
        ("weights", "Gewichte", "Weights"),
        ("normalise", "Normierung", "Normalisation"),
        ("treat.skew", "Behandlung von Ausreißern: Grenze der Schiefe", None),
        ("co2.goalposts", "CO₂ je Kopf: Zielpfosten", "CO₂ je Kopf: Goalposts"),
        ("luft.aggregate", "luft: Aggregation", "luft: Aggregation"),
        ("years", "Bezugsjahre", "Years of reference"),
    ],
)
def test_choices_have_names(key, german, english):
    label = choice_label(key, SPEC)
    assert label.get("de") == german
    assert english is None or label.get("en") == english


def test_imputation_treatment_and_screening_vary_too():
    frame = _frame()
    frame.iloc[3, 1] = np.nan
    frame.iloc[5, :3] = np.nan
    spec = SPEC.before("treat", Step("screen", Method("coverage", min_share=0.5)))
    spec = spec.replace(steps=(spec.steps[1], spec.steps[0], *spec.steps[2:]))
    vary = {
        "impute": ["mean", "median", "none"],
        "screen.min_share": [0.2, 0.9],
        "treat.winmax": [0, 3],
    }
    found = sensitivity(frame, spec, vary=vary, year=2024)
    run = 0
    for method in vary["impute"]:
        for share in vary["screen.min_share"]:
            for limit in vary["treat.winmax"]:
                variant = spec.with_step("impute", method).with_step("screen", min_share=share)
                result = compose(frame, variant.with_step("treat", winmax=limit), year=2024)
                scores = result.scores("index").droplevel("year").iloc[:, 0]
                expected = scores.reindex(list(found.units)).to_numpy()
                np.testing.assert_allclose(found.scores[run], expected, rtol=1e-12)
                run += 1
    unranked = found.table.set_index("unit").loc["K005"]
    assert unranked["n"] == 6  # dropped wherever 90 per cent must be there


def test_ties_of_twins_hold_in_every_run():
    """Two units with the same figures share their rank whatever the weights are."""
    frame = _frame(40)
    frame.loc["K039"] = frame.loc["K002"]
    vary = {"weights": "dirichlet", "aggregate": ["arithmetic", "geometric"]}
    found = sensitivity(frame, SPEC, vary=vary, year=2024, n=64)
    units = list(found.units)
    one, two = (found.ranks[:, units.index(name)] for name in ("K002", "K039"))
    np.testing.assert_array_equal(one, two)


def test_figures_and_specification_are_left_as_they_are():
    frame = _frame()
    kept, fingerprint = frame.copy(), SPEC.fingerprint
    vary = {"weights": 0.3, "treat.winmax": [1, 3], "values": 0.05, "without": [None, "co2"]}
    sensitivity(frame, SPEC, vary=vary, year=2024, n=4)
    pd.testing.assert_frame_equal(frame, kept)
    assert SPEC.replace().fingerprint == fingerprint


def test_mixtures_of_all_kinds_of_choices_are_reproducible():
    vary = {
        "weights": "dirichlet",
        "values": {"co2": 0.1},
        "units": [None, "K001"],
        "without": [None, "wald"],
        "coverage": Range(0.1, 0.9),
        "aggregate": ["arithmetic", "minimum"],
    }
    one, two = (
        sensitivity(_frame(), SPEC, vary=vary, year=2024, n=8, n_jobs=jobs) for jobs in (1, 2)
    )
    np.testing.assert_array_equal(one.scores, two.scores)
    assert one.levels == (0, 0, 2, 2, 0, 2)
    assert len(one.shift) == 8 * 8
    assert one.indices["total"].notna().all()
    place = one.units.index("K001")
    gone = one.runs["units"] == "K001"
    np.testing.assert_array_equal(one.ranks[:, place] == 0, gone)


def test_columns_that_are_not_there_are_named():
    with pytest.raises(UnknownCodeError, match="wald"):
        sensitivity(_frame().drop(columns="wald"), SPEC, vary={"weights": 0.1}, year=2024)
    with pytest.raises(CompositeError):
        sensitivity(_frame() * np.nan, SPEC, vary={"weights": 0.1}, year=2024)


def _permuted() -> tuple[pd.DataFrame, IndexSpec]:
    """Units whose three indicators are the same values in another order, twice over."""
    rows = [*permutations([1.0, 2.0, 4.0]), *permutations([3.0, 7.0, 9.0])]
    frame = pd.DataFrame(rows, columns=list("abc"), index=[f"u{n}" for n in range(12)])
    spec = IndexSpec(
        id="n",
        nodes=(NodeSpec(id="n"),),
        indicators=tuple(IndicatorSpec(id=name, parent="n") for name in "abc"),
        steps=(Step("normalise", Method("minmax", lower=1, upper=100)), Step("aggregate", "mpi")),
    )
    return frame, spec


@pytest.mark.parametrize("mean", ["arithmetic", "geometric", "harmonic", "mpi"])
def test_equal_scores_share_a_rank_in_compose_and_in_all_runs(mean):
    frame, spec = _permuted()
    spec = spec.replace(aggregate=mean)
    wanted = [7] * 6 + [1] * 6
    assert compose(frame, spec, year=2024).ranks("index")["n"].tolist() == wanted
    found = sensitivity(frame, spec, year=2024, vary={"weights": [{}, {"a": 2, "b": 2, "c": 2}]})
    table = found.table.set_index("unit").loc[frame.index]
    assert table["low"].tolist() == table["high"].tolist() == wanted


def test_years_that_no_step_looks_at_do_not_matter():
    """A constant indicator in 2023 makes no scale there, and is nothing to the ranks of 2024."""
    frame, spec = _permuted()
    before = frame.assign(a=1.0, year=2023)
    both = pd.concat([before, frame.assign(year=2024)]).rename_axis("unit").reset_index()
    vary = {"aggregate": ["arithmetic", "harmonic"], "weights": 0.2}
    alone = sensitivity(frame, spec, year=2024, vary=vary, n=16)
    pd.testing.assert_frame_equal(sensitivity(both, spec, vary=vary, n=16).table, alone.table)
    with pytest.raises(CompositeError, match="2023"):
        compose(both, spec)
    pooled = spec.replace(years="pooled")
    wanted = compose(both, pooled, year=2024).ranks("index")["n"].droplevel("year")
    found = sensitivity(both, pooled, vary={"weights": [{}]}).table.set_index("unit")
    assert found["rank"].loc[wanted.index].tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("settings_given", "told"),
    [
        ({"seed": -1}, "seed="),
        ({"top": 5}, "top="),
        ({"top": (0,)}, "top="),
        ({"interval": 90}, "interval="),
        ({"n_bootstrap": -3}, "n_bootstrap="),
        ({"vary": None}, "vary= maps"),
        ({"vary": {5: [1]}}, "'5' is not among"),
    ],
)
def test_settings_that_mean_nothing_are_told_before_the_first_run(settings_given, told):
    frame, spec = _permuted()
    given_all = {"vary": {"weights": 0.2}, "year": 2024, **settings_given}
    with pytest.raises(SpecificationError, match=told):
        sensitivity(frame, spec, **given_all)


def test_indices_of_neither_ranks_nor_scores_are_refused():
    frame, spec = _permuted()
    found = sensitivity(frame, spec, year=2024, vary={"weights": 0.2}, n=8)
    with pytest.raises(CompositeError, match="'rank' or 'score'"):
        found.unit_indices("rang")
