"""What may vary: each kind of choice does to every run what a specification by hand would do."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.composite import (
    Alternatives,
    NoisyWeights,
    Range,
    ValueErrors,
    compose,
    sensitivity,
)
from begleitforschung.errors import CompositeError, SpecificationError, UnknownCodeError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step

SPEC = IndexSpec(
    id="teilhabe",
    indicators=(
        IndicatorSpec(id="breitband", parent="netz"),
        IndicatorSpec(id="mobilfunk", parent="netz"),
        IndicatorSpec(id="stoerungen", parent="netz", direction="lower"),
        IndicatorSpec(id="wegezeit", parent="wege", direction="lower"),
        IndicatorSpec(id="takt", parent="wege"),
    ),
    nodes=(
        NodeSpec(id="teilhabe"),
        NodeSpec(id="netz", parent="teilhabe"),
        NodeSpec(id="wege", parent="teilhabe", weight=2),
    ),
    steps=(
        Step("treat", Method("winsorise", winmax=2)),
        Step("normalise", Method("minmax", lower=1, upper=100)),
        Step("aggregate", "arithmetic"),
    ),
)
NAMES = [item.id for item in SPEC.indicators]


def _figures(missing: float = 0.0, years: tuple[int, ...] = (2023,)) -> pd.DataFrame:
    generator = np.random.default_rng(8)
    index = pd.MultiIndex.from_product([[f"E{k:02d}" for k in range(25)], years])
    values = generator.lognormal(size=(len(index), 5)) + 1
    values[generator.random(values.shape) < missing] = np.nan
    frame = pd.DataFrame(values, columns=NAMES, index=index.rename(["unit", "year"]))
    return frame.reset_index()


@pytest.fixture(scope="module")
def figures():
    return _figures()


def _scores(figures: pd.DataFrame, spec: IndexSpec, year: int = 2023) -> np.ndarray:
    return compose(figures, spec, year=year).scores("index").iloc[:, 0].to_numpy()


def _check(figures, vary, variants, **options):
    """All combinations, in their order, against specifications made by hand."""
    found = sensitivity(figures, SPEC, vary=vary, keep_scores=True, **options)
    assert len(found.shift) == len(variants)
    for row, spec in zip(found.scores, variants, strict=True):
        np.testing.assert_allclose(row, _scores(figures, spec), rtol=1e-12)
    return found


@pytest.mark.parametrize("missing", [0.0, 0.25])
def test_methods_and_parameters_of_steps(missing):
    vary = {"treat": ["none", "winsorise"], "aggregate": ["arithmetic", "geometric", "harmonic"]}
    variants = [
        SPEC.with_step("treat", treat).with_step("aggregate", mean)
        for treat in vary["treat"]
        for mean in vary["aggregate"]
    ]
    _check(_figures(missing), vary, variants)


@pytest.mark.parametrize("missing", [0.0, 0.25])
def test_fields_of_nodes_and_indicators(missing):
    vary = {
        "netz.aggregate": ["arithmetic", "geometric", Method("power", p=2)],
        "coverage": [0.0, 0.9],
        "takt.direction": ["higher", "lower"],
        "breitband.weight": [1, 0, 3],
    }
    variants = [
        SPEC.with_element("netz", aggregate=mean)
        .replace(coverage=least)
        .with_element("takt", direction=way)
        .with_element("breitband", weight=float(weight))
        for mean in vary["netz.aggregate"]
        for least in vary["coverage"]
        for way in vary["takt.direction"]
        for weight in vary["breitband.weight"]
    ]
    _check(_figures(missing), vary, variants)


def test_methods_that_are_no_power_means_go_run_by_run(figures):
    sets = [{"netz": 1.0, "wege": 1.0}, {"netz": 3.0, "takt": 0.0}]
    methods = ["minimum", Method("mean_min", alpha=0.3), "copeland", "borda", "arithmetic"]
    variants = [
        SPEC.with_step("aggregate", method).with_weights(weights)
        for method in methods
        for weights in sets
    ]
    _check(figures, {"aggregate": methods, "weights": sets}, variants)


def test_functions_of_the_user(figures):
    def middle(x, w):
        return np.median(x, axis=1)

    vary = {"aggregate": ["arithmetic", middle]}
    variants = [SPEC, SPEC.with_step("aggregate", middle)]
    found = _check(figures, vary, variants)
    assert found.runs["aggregate"].tolist() == ["arithmetic", "middle"]


def test_indicators_and_nodes_are_left_out(figures):
    vary = {"without": [None, "takt", ("breitband", "mobilfunk"), "wege"]}
    variants = [SPEC.without(*names) for names in ((), ("takt",), ("breitband", "mobilfunk"))]
    found = _check(figures, vary, [*variants, SPEC.without("wege")])
    assert found.runs["without"].tolist() == ["–", "takt", "breitband, mobilfunk", "wege"]
    each = sensitivity(figures, SPEC, vary={"without": "each", "weights": [{}, {"wege": 1}]})
    assert each.levels == (1 + 5, 2)
    assert not np.isnan(each.shift).any()


def test_units_are_left_out_and_have_no_rank(figures):
    found = sensitivity(figures, SPEC, vary={"units": [None, "E03", ("E01", "E02")]})
    units = list(found.units)
    assert found.ranks[1, units.index("E03")] == 0
    kept = figures[~figures["unit"].isin(["E01", "E02"])]
    inside = [units.index(unit) for unit in sorted(kept["unit"])]
    np.testing.assert_allclose(found.scores[2, inside], _scores(kept, SPEC), rtol=1e-12)
    assert found.table.set_index("unit").loc["E03", "n"] == 2
    assert not found.failures["n"].sum()


@pytest.mark.parametrize("years", ["pooled", 2021])
def test_panels_pooled_or_fixed_to_a_base_year(years):
    figures = _figures(years=(2021, 2022, 2023))
    variants = [SPEC.replace(years=rule) for rule in ("each", years)]
    for year in (2022, 2023):
        found = sensitivity(figures, SPEC, vary={"years": ["each", years]}, year=year)
        for row, spec in zip(found.scores, variants, strict=True):
            np.testing.assert_allclose(row, _scores(figures, spec, year), rtol=1e-12)
        assert set(found.table["year"]) == {year}
    last = sensitivity(figures, SPEC, vary={"years": ["each", years]})
    assert set(last.table["year"]) == {2023}
    assert "sensitivity.year" in [item.rule for item in last.findings]
    with pytest.raises(UnknownCodeError, match="1999"):
        sensitivity(figures, SPEC, vary={"years": ["each", years]}, year=1999)


def test_ranges_are_drawn_evenly_and_act_on_each_run(figures):
    vary = {"normalise.lower": Range(1, 20), "netz.coverage": Range(0.2, 0.8)}
    found = sensitivity(figures, SPEC, vary=vary, n=8, keep_scores=True)
    drawn = found.runs["normalise.lower"].to_numpy()
    assert sorted(((drawn[:8] - 1) / 19 * 8).astype(int)) == list(range(8))
    for run in (0, 9, 20):
        variant = SPEC.with_step("normalise", lower=float(drawn[run]))
        np.testing.assert_allclose(found.scores[run], _scores(figures, variant), rtol=1e-12)
    assert found.method == "sampled"
    assert found.levels == (0, 0)


def test_noise_on_weights_of_chosen_nodes(figures):
    """The scores of one unit's variants lie between those of the extreme weights."""
    found = sensitivity(figures, SPEC, vary={"weights": {"teilhabe": 0.5}}, n=256)
    ends = [
        _scores(figures, SPEC.with_weights({"netz": a, "wege": b}))
        for a, b in ((0.5, 3.0), (1.5, 1.0))
    ]
    low, high = np.minimum(*ends), np.maximum(*ends)
    assert (found.scores >= low - 1e-9).all()
    assert (found.scores <= high + 1e-9).all()
    reach = (found.scores.max(axis=0) - found.scores.min(axis=0)) / (high - low)
    assert (reach > 0.9).all()
    # One choice only: it is answerable for everything.
    assert found.indices["total"].tolist() == pytest.approx([1.0], abs=0.15)


def test_dirichlet_shares_lie_around_those_of_the_specification(figures):
    noise = NoisyWeights("dirichlet", nodes=("teilhabe",), concentration=20)
    found = sensitivity(figures, SPEC, vary={"weights": noise}, n=1024)
    parts = [_scores(figures, SPEC.with_weights({"netz": a, "wege": 1 - a})) for a in (0.0, 1.0)]
    share = (found.scores[:, 0] - parts[0][0]) / (parts[1][0] - parts[0][0])
    assert ((share >= 0) & (share <= 1)).all()
    alpha, beta = 20 * 2 / 3, 20 * 4 / 3
    assert share.mean() == pytest.approx(alpha / (alpha + beta), abs=0.01)
    variance = alpha * beta / ((alpha + beta) ** 2 * (alpha + beta + 1))
    assert share.var() == pytest.approx(variance, rel=0.1)


def test_noise_multiplies_weights_found_from_the_values(figures):
    steps = (*SPEC.steps[:2], Step("weight", "pca"), SPEC.steps[2])
    spec = SPEC.replace(steps=steps)
    tiny = sensitivity(figures, spec, vary={"weights": 1e-9}, n=4)
    nominal = _scores(figures, spec)
    np.testing.assert_allclose(tiny.scores, np.tile(nominal, (12, 1)), rtol=1e-6)
    rules = {"weight": ["pca", "equal", "given"], "aggregate": ["arithmetic", "minimum"]}
    found = sensitivity(figures, spec, vary=rules)
    variants = [
        spec.with_step("weight", rule).with_step("aggregate", mean)
        for rule in rules["weight"]
        for mean in rules["aggregate"]
    ]
    for row, variant in zip(found.scores, variants, strict=True):
        np.testing.assert_allclose(row, _scores(figures, variant), rtol=1e-12)


def test_errors_of_figures_spread_as_far_as_they_say(figures):
    errors = figures.set_index("unit")[["breitband"]] * 0 + 0.3
    spec = SPEC.replace(treat="none").with_step("normalise", Method("goalposts", lower=0, upper=9))
    spec = spec.with_step("normalise", clip=False)
    given = ValueErrors(errors)
    found = sensitivity(figures, spec, vary={"values": given}, n=400)
    gain = 100 / 9 / 3 / 3  # scale, third of the pillar, pillar of weight one of three
    spread = found.scores[:800].std(axis=0)
    np.testing.assert_allclose(spread, 0.3 * gain, rtol=0.12)
    np.testing.assert_allclose(found.scores.mean(axis=0), _scores(figures, spec), atol=0.2)


def test_errors_relative_to_the_figures_and_bounds(figures):
    spec = SPEC.replace(treat="none").with_step("normalise", Method("goalposts", lower=0, upper=9))
    spec = spec.with_step("normalise", clip=False)
    none = sensitivity(figures, spec, vary={"values": {"takt": 0.1, "breitband": 0.0}}, n=64)
    takt = figures.set_index("unit")["takt"]
    expected = 0.1 * takt.to_numpy() * 100 / 9 / 2 * 2 / 3
    np.testing.assert_allclose(none.scores[:128].std(axis=0), expected, rtol=0.35)
    capped = ValueErrors(relative=0.5, upper=0.0)
    zero = sensitivity(figures, spec, vary={"values": capped}, n=2)
    assert (np.abs(zero.scores - zero.scores[:, :1]) < 100 / 3 + 1e-9).all()


def test_odds_of_alternatives_count(figures):
    means = ["arithmetic", "geometric"]
    vary = {"aggregate": Alternatives(means, odds=[3, 1]), "treat": ["none", "winsorise"]}
    found = sensitivity(figures, SPEC, vary=vary)
    assert found.odds.tolist() == pytest.approx([0.375, 0.375, 0.125, 0.125])
    mean = (found.ranks * found.odds[:, None]).sum(axis=0)
    np.testing.assert_allclose(found.table["mean"], mean, rtol=1e-12)
    drawn = sensitivity(figures, SPEC, vary=vary, exact=False, n=256)
    assert (drawn.runs["aggregate"] == "arithmetic").mean() == pytest.approx(0.75, abs=0.02)


def test_runs_that_fail_are_told_and_left_out(figures):
    vary = {
        "normalise": [Method("minmax", lower=1, upper=100), Method("zscore", mean=0, sd=1)],
        "aggregate": ["arithmetic", Method("power", p=0.5)],
    }
    found = sensitivity(figures, SPEC, vary=vary)
    np.testing.assert_array_equal(np.isnan(found.shift), [False, False, False, True])
    assert found.failures["n"].tolist() == [1]
    assert found.failures["run"].tolist() == [4]
    assert "breitband: 'zscore'" in found.failures["reason"].iloc[0]
    assert found.table["n"].eq(3).all()
    assert "sensitivity.failed" in [item.rule for item in found.findings]
    assert found.indices["total"].notna().all()


def test_alternatives_may_fit_each_other_though_not_the_specification(figures):
    """A geometric mean contradicts min-max from 0, but not the scales that vary with it."""
    spec = SPEC.with_step("normalise", "minmax")
    scales = [Method("minmax", lower=1, upper=100), Method("minmax", lower=50, upper=60)]
    vary = {"normalise": scales, "aggregate": ["arithmetic", "geometric"]}
    found = sensitivity(figures, spec, vary=vary)
    assert not np.isnan(found.shift).any()
    with pytest.raises(SpecificationError, match="above zero"):
        sensitivity(figures, spec, vary={"aggregate": ["arithmetic", "geometric"]})


def test_runs_whose_weights_meet_an_undefined_mean_fail_alone(figures):
    """The mean of the pillars is taken of z-scores, some of which are negative."""
    spec = SPEC.with_step("normalise", Method("zscore", mean=1, sd=1)).replace(treat="none")
    spec = spec.with_element("teilhabe", aggregate=Method("power", p=0.5))
    sets = [{"breitband": 1.0}, {"netz": 0.0, "wege": 0.0 + 1.0}]
    found = sensitivity(
        figures,
        spec.with_element("teilhabe", aggregate="arithmetic"),
        vary={
            "weights": sets,
            "teilhabe.aggregate": ["arithmetic", Method("power", p=0.5)],
        },
    )
    assert np.isnan(found.shift[[1, 3]]).any()
    assert not np.isnan(found.shift[[0, 2]]).any()
    assert found.failures["n"].sum() == np.isnan(found.shift).sum()
    assert "above zero" in found.failures["reason"].iloc[0]


def test_a_specification_without_scores_is_an_error(figures):
    constant = figures.assign(takt=1.0)
    with pytest.raises(CompositeError):
        sensitivity(constant, SPEC, vary={"aggregate": ["arithmetic", "geometric"]})


def test_all_problems_are_told_before_the_first_run(figures):
    vary = {
        "treet": ["none"],
        "treat.winmaxx": [1, 2],
        "aggregate": ["arithmetik", "geometric"],
        "weights": {"nezt": 0.25},
        "without": ["takt", "tackt"],
        "units": ["E99"],
        "values": {"wegzeit": 0.1},
        "netz.agregate": ["arithmetic"],
        "normalise.lower": Range(1, 200),
        "coverage": 0.5,
    }
    with pytest.raises(SpecificationError) as caught:
        sensitivity(figures, SPEC, vary=vary)
    told = str(caught.value)
    assert {item.key for item in caught.value.findings} == set(vary)
    for hint in ("'treat'", "winmax", "arithmetic", "'netz'", "'takt'", "wegezeit", "aggregate"):
        assert hint in told
    assert "Range(low, high)" in told


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([{"nezt": 1.0}], "Did you mean 'netz'"),
        ([{"netz": -1.0}], "not >= 0"),
        ([{}, {"netz": 0.0, "wege": 0.0}], "set 2: all parts of 'teilhabe'"),
        ([0.25], "mappings"),
        (1.5, "share above 0"),
        ("dirichlett", "dirichlet"),
        ({"netz": 0.1, "wege": 0.2}, "one spread"),
    ],
)
def test_weights_that_make_no_sense(figures, weights, message):
    with pytest.raises(SpecificationError, match=message):
        sensitivity(figures, SPEC, vary={"weights": weights})


def test_nothing_varies(figures):
    with pytest.raises(SpecificationError, match="nothing varies"):
        sensitivity(figures, SPEC, vary={})


def test_exact_is_refused_where_it_can_not_be(figures):
    with pytest.raises(CompositeError, match="'weights' has no alternatives"):
        sensitivity(figures, SPEC, vary={"weights": 0.1}, exact=True)
    many = {f"{name}.weight": list(range(1, 21)) for name in NAMES}
    with pytest.raises(CompositeError, match="3200000 combinations"):
        sensitivity(figures, SPEC, vary=many, exact=True)
    with pytest.raises(CompositeError, match="at least 2"):
        sensitivity(figures, SPEC, vary={"weights": 0.1}, n=1)


def test_standard_errors_are_checked(figures):
    errors = figures.set_index("unit")[["takt"]] * 0
    for bad, message in (
        (errors, "no figure has a standard error"),
        (errors - 1, "negative"),
        (errors.rename(columns={"takt": "tackt"}), "Did you mean 'takt'"),
    ):
        with pytest.raises((CompositeError, UnknownCodeError), match=message):
            sensitivity(figures, SPEC, vary={"values": bad}, n=2)


def test_values_of_choices_check_themselves():
    for make, message in (
        (lambda: Range(2, 1), "lower to a higher"),
        (lambda: Range(0, math.inf), "lower to a higher"),
        (lambda: Alternatives([]), "no alternative"),
        (lambda: Alternatives([1, 2], odds=[1]), "2 odds"),
        (lambda: NoisyWeights("dirichlet", concentration=0), "above 0"),
        (lambda: ValueErrors(), "standard errors or relative"),
        (lambda: ValueErrors(relative=-0.1), "not negative"),
    ):
        with pytest.raises(ValueError, match=message):
            make()


def test_progress_counts_all_runs(figures):
    seen = []
    vary = {"aggregate": ["arithmetic", "geometric"], "treat": ["none", "winsorise"]}
    sensitivity(figures, SPEC, vary=vary, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (4, 4)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_bar_is_shown_on_request(figures, capsys):
    sensitivity(figures, SPEC, vary={"aggregate": ["arithmetic", "geometric"]}, progress=True)
    assert "Runs" in capsys.readouterr().err


def test_scores_are_kept_only_where_asked_for(figures):
    found = sensitivity(figures, SPEC, vary={"treat": ["none", "winsorise"]}, keep_scores=False)
    assert found.scores is None
    with pytest.raises(CompositeError, match="keep_scores"):
        found.unit_indices("score")


@settings(max_examples=10)
@given(st.integers(0, 99), st.booleans())
def test_order_of_units_does_not_matter(seed, gaps):
    figures = _figures(0.2 if gaps else 0.0)
    mixed = figures.sample(frac=1, random_state=seed)
    vary = {"aggregate": ["arithmetic", "geometric"], "weights": [{}, {"netz": 0.2}]}
    one, two = (sensitivity(frame, SPEC, vary=vary) for frame in (figures, mixed))
    tables = (found.table.sort_values("unit", ignore_index=True) for found in (one, two))
    pd.testing.assert_frame_equal(*tables)
