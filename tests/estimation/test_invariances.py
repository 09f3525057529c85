"""Tests, regressions and scales: textbook figures, and what order, names and units can't change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import begleitforschung as bf
from begleitforschung.errors import ValidationError

from .inputs import item, survey_of

N = 60


def answers(seed=0):
    draw = np.random.default_rng(seed)
    size = draw.normal(0, 1, N)
    frame = pd.DataFrame(
        {"y": np.round(20 + 5 * size + draw.normal(0, 4, N), 1), "x": size.round(2)}
    )
    frame["q"] = np.where(draw.random(N) < 0.4 + 0.1 * (size > 0), "ja", "nein")
    frame["g"] = draw.permutation(np.repeat(["a", "b", "c"], N // 3))
    for name in "123":
        frame[f"k{name}"] = np.clip(np.round(3 + size + draw.normal(0, 1, N)), 1, 5)
    frame["w"] = draw.uniform(1, 5, N).round(2)
    return frame


def planned(frame, weights="w"):
    kinds = {"y": "number", "x": "number", "w": "number", "q": "single", "g": "single"}
    items = [item(name, frame[name], kinds.get(name, "scale")) for name in frame.columns]
    survey = survey_of(frame, items)
    given = np.ones(len(frame)) if weights is None else frame[weights].to_numpy()
    return survey.with_design(bf.design(survey, weights=given, inference="analytic"))


def mixed(frame, seed):
    order = np.random.default_rng(seed).permutation(len(frame))
    return frame.iloc[order].reset_index(drop=True)


def test_two_means_differ_by_the_textbook_with_the_errors_of_each_group():
    frame = answers().assign(g=lambda f: np.where(f["g"] == "a", "a", "b"))
    row = bf.significance(planned(frame, None), "y", "g").table.iloc[0]
    one, two = (frame.loc[frame["g"] == name, "y"].to_numpy() for name in "ab")
    # Linearised as R's svyttest: sums of squares over n squared, with n / (n - 1) of all cases.
    se = np.sqrt(N / (N - 1) * sum(((v - v.mean()) ** 2).sum() / v.size**2 for v in (one, two)))
    assert row["estimate"] == pytest.approx(two.mean() - one.mean())
    assert row["value"] == pytest.approx((two.mean() - one.mean()) / se)
    assert row["ddf"] == N - 2
    assert row["p"] == pytest.approx(2 * stats.t.sf(abs(row["value"]), N - 2))
    half = stats.t.ppf(0.975, N - 2) * se
    assert row["high"] - row["estimate"] == pytest.approx(half)


@pytest.mark.parametrize("method", ["rao_scott", "wald", "mean", "rank"])
def test_neither_order_of_cases_nor_unit_of_weights_nor_names_of_groups_change_a_test(method):
    question = "q" if method in ("rao_scott", "wald") else "y"
    frame = answers(3).assign(y=lambda f: f["y"] + np.arange(N) / 1e4)  # no two are the same
    before = bf.significance(planned(frame), question, "g", method).table.iloc[0]
    renamed = mixed(frame, 1).assign(g=lambda f: f["g"].map({"a": "z", "b": "y", "c": "x 1"}))
    renamed["w"] *= 250
    after = bf.significance(planned(renamed), question, "g", method).table.iloc[0]
    names = ["value", "ndf", "ddf", "p", "n", "n_min", "groups"]
    assert after[names].tolist() == pytest.approx(before[names].tolist(), rel=1e-8)


def test_ranks_do_not_change_when_numbers_are_stretched():
    frame = answers(5)
    stretched = frame.assign(y=np.exp(frame["y"] / 10))
    one, two = (
        bf.significance(planned(f), "y", "g", "rank").table.iloc[0] for f in (frame, stretched)
    )
    assert one["p"] == pytest.approx(two["p"], rel=1e-9)


def test_a_trend_backwards_has_the_other_sign():
    survey = planned(answers(7))
    there, back = (
        bf.significance(survey, "y", "g", "trend", order={"g": list(order)}).table.iloc[0]
        for order in ("abc", "cba")
    )
    assert there["estimate"] == pytest.approx(-back["estimate"])
    assert there["p"] == pytest.approx(back["p"])


def test_unweighted_coefficients_are_least_squares_with_a_robust_error():
    frame = answers(2)
    table = bf.regress(planned(frame, None), "y", ["x", "g"]).table
    shown = table[table["role"] != "reference"]
    x = np.column_stack([np.ones(N), frame["x"], frame["g"] == "b", frame["g"] == "c"]).astype(
        float
    )
    beta, *_ = np.linalg.lstsq(x, frame["y"].to_numpy(), rcond=None)
    assert shown["estimate"].tolist() == pytest.approx(beta.tolist())
    residuals = frame["y"].to_numpy() - x @ beta
    bread = np.linalg.inv(x.T @ x)
    meat = N / (N - 1) * (x * residuals[:, None] ** 2).T @ x
    robust = np.sqrt(np.diag(bread @ meat @ bread))
    assert shown["se"].tolist() == pytest.approx(robust.tolist())


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 500), st.sampled_from([0.001, 3.0, 1e5]), st.floats(-50, 50))
def test_units_of_outcome_and_predictor_scale_the_coefficient(seed, factor, shift):
    frame = answers(seed)
    plain = bf.regress(planned(frame), "y", "x").table.set_index("predictor").loc["x"]
    other = mixed(frame, seed).assign(
        y=lambda f: f["y"] * factor + shift, x=lambda f: f["x"] * 4 + shift
    )
    scaled = bf.regress(planned(other), "y", "x").table.set_index("predictor").loc["x"]
    for name in ("estimate", "se", "low", "high"):
        assert scaled[name] * 4 / factor == pytest.approx(plain[name], rel=1e-6)
    assert scaled["p"] == pytest.approx(plain["p"], rel=1e-6)


@pytest.mark.parametrize("family", ["linear", "logistic"])
def test_the_reference_changes_what_is_compared_and_not_the_differences(family):
    outcome, event = ("y", None) if family == "linear" else ("q", "ja")
    tables = [
        bf.regress(
            planned(answers(4)), outcome, "g", family, event=event, reference={"g": name}
        ).table.set_index("category")["estimate"].fillna(0.0)
        for name in "ac"
    ]  # fmt: skip
    one, two = tables
    assert one["b"] - one["c"] == pytest.approx(two["b"], rel=1e-6)
    assert -one["c"] == pytest.approx(two["a"], rel=1e-6)
    assert one[""] == pytest.approx(two[""] + two["a"], rel=1e-6)


def alpha_of(frame):
    """Cronbach's alpha by its definition: k / (k - 1) (1 - sum of variances / variance of sum)."""
    k = frame.shape[1]
    return k / (k - 1) * (1 - frame.var().sum() / frame.sum(axis=1).var())


KS = ["k1", "k2", "k3"]


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 500), st.permutations(KS))
def test_alpha_is_that_of_the_definition_in_any_order(seed, names):
    frame = answers(seed)
    found = bf.scale(planned(frame, None), names)
    assert found.alpha == pytest.approx(alpha_of(frame[KS]))
    assert found.table["column"].tolist() == list(names)
    again = bf.scale(planned(mixed(frame, seed), None), KS)
    assert again.alpha == pytest.approx(found.alpha)
    assert again.omega == pytest.approx(found.omega, rel=1e-5)
    row = found.table.set_index("column").loc["k1"]
    assert row["without"] == pytest.approx(alpha_of(frame[["k2", "k3"]]))
    rest = frame["k2"] + frame["k3"]
    assert row["item_total"] == pytest.approx(np.corrcoef(frame["k1"], rest)[0, 1])


def test_turning_all_items_changes_nothing_but_the_means():
    survey = planned(answers(8))
    plain, turned = bf.scale(survey, KS), bf.scale(survey, KS, reverse=KS)
    assert turned.alpha == pytest.approx(plain.alpha)
    assert turned.omega == pytest.approx(plain.omega, rel=1e-5)
    mirrored = (6 - plain.table["mean"]).tolist()
    assert turned.table["mean"].tolist() == pytest.approx(mirrored)
    assert turned.table["sd"].tolist() == pytest.approx(plain.table["sd"].tolist())


def test_two_copies_of_an_item_are_perfectly_reliable():
    frame = answers(9).assign(k2=lambda f: f["k1"])
    found = bf.scale(planned(frame, None), ["k1", "k2"])
    assert found.alpha == pytest.approx(1)
    assert found.table["item_total"].tolist() == pytest.approx([1, 1])


def test_types_are_the_same_in_any_order_of_cases():
    frame = answers(11)
    for name in KS:
        frame[name] = np.where(np.arange(N) < 25, 1, 5)  # two types that nobody can mistake
    frame.loc[[0, 30], "k1"] = [2, 4]
    found = bf.typology(planned(frame, None), KS, k=2)
    moved = bf.typology(planned(mixed(frame, 2), None), KS, k=2)
    sizes = [sorted(result.sizes["n"].tolist()) for result in (found, moved)]
    assert sizes == [[25, 35], [25, 35]]


CALLS = {
    "regress": lambda s, **more: bf.regress(s, "y", "x", **more),
    "significance": lambda s, **more: bf.significance(s, "q", "g", **more),
    "scale": lambda s, **more: bf.scale(s, KS, **more),
    "change": lambda s, **more: bf.change(s, s, "q", **more),
    "trend": lambda s, **more: bf.trend([s, s], "q", **more),
    "extrapolate": lambda s, **more: bf.extrapolate(s, "y", per="x", population=9, **more),
    "estimate": lambda s, **more: bf.estimate(s, "y", **more),
    "tabulate": lambda s, **more: bf.tabulate(s, ["g"], **more),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("level", [95, 0, -0.5, float("nan")])
def test_a_level_in_percent_is_refused_everywhere_in_the_same_words(name, level):
    told = rf"level= lies between 0 and 1 \(0\.95 for 95 %\), not {level}"
    with pytest.raises(ValidationError, match=told):
        CALLS[name](planned(answers()), level=level)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: bf.significance(s, "q", "g", "rank"), "the answers of 'q' .* have no order"),
        (lambda s: bf.significance(s, [], "g"), "question= names nothing: give at least one"),
        (lambda s: bf.significance(s, "q", []), "by= names nothing"),
        (lambda s: bf.significance(s, ["q", "q"], "g"), "question= names q more than once"),
        (lambda s: bf.change(s, s, []), "question= names nothing"),
        (lambda s: bf.change(s, s, ["y", "q", "y"]), "question= names y more than once"),
        (lambda s: bf.extrapolate(s, [], per="x", population=9), "question= names nothing"),
        (lambda s: bf.regress(s, "y", "y"), "'y' is outcome and predictor"),
        (lambda s: bf.scale(s, ["k1", "k1"]), "a scale has at least two items"),
        (lambda s: bf.scale(s, ["k1", "q"]), "'q' has no scores: a scale is made of scales"),
    ],
)
def test_calls_that_mean_nothing_are_refused(call, message):
    with pytest.raises(ValidationError, match=message):
        call(planned(answers()))


def test_a_test_of_nobody_has_no_figure_and_says_so():
    found = bf.significance(planned(answers()), "q", "g", where="x > 99")
    assert found.table["n"].tolist() == [0]
    assert found.table["p"].isna().all()
    assert [f.rule for f in found.findings] == ["significance.none"]
