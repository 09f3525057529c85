"""Regressions are those of R, say what was left out, and exist only with analytic inference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import DisclosureError, UnknownCodeError, ValidationError

from .inputs import data, item, kommunen, projects, survey_of


@pytest.fixture(scope="module")
def r():
    path = Path(__file__).parent / "reference/regression.csv"
    return pd.read_csv(path).set_index(["case", "quantity"])["value"]


@pytest.fixture(scope="module")
def sample():
    survey = kommunen()
    made = bf.design(
        survey, strata="stratum", population="Nh", single="certainty", inference="analytic"
    )
    return survey.with_design(made)


def same(result, expected, names, *, rel=1e-9):
    """Compare coefficients by the names that R gives them."""
    table = result.table.set_index(["predictor", "category"])
    for key, name in names.items():
        for quantity in ("estimate", "se"):
            theirs = expected[f"{name} {quantity}"]
            assert table.loc[key, quantity] == pytest.approx(theirs, rel=rel), name
    assert table["df"].dropna().unique().tolist() == [expected["df"]]
    assert result.n == expected["n"]


CLASSES = ("05-10k", "10-20k", "20-50k", "50k+")


def test_a_linear_regression_is_that_of_r(sample, r):
    result = bf.regress(sample, "invest", ["gk", "strategie", "einwohner"])
    names = {("", ""): "(Intercept)", ("strategie", "1"): "strategief1"}
    names |= {("gk", k): f"gk{k}" for k in CLASSES}
    same(result, r["linear"], names)
    per_head = result.table.set_index("predictor").loc["einwohner"]
    assert per_head["estimate"] * 1000 == pytest.approx(r["linear", "thousand estimate"], rel=1e-9)
    assert per_head["se"] * 1000 == pytest.approx(r["linear", "thousand se"], rel=1e-9)
    assert result.tests["predictor"].tolist() == ["gk"]
    for ours, theirs in (("value", "F"), ("ndf", "ndf"), ("ddf", "ddf"), ("p", "p")):
        expected = r["linear", f"gk {theirs}"]
        assert result.tests[ours].iloc[0] == pytest.approx(expected, rel=1e-8)


def test_a_logistic_regression_is_that_of_r(sample, r):
    result = bf.regress(
        sample, "strategie", ["gk", "lik2"], "logistic", event="1", as_numbers=["lik2"]
    )
    names = {("", ""): "(Intercept)", ("lik2", ""): "lik2"}
    names |= {("gk", k): f"gk{k}" for k in CLASSES}
    same(result, r["logistic"], names, rel=1e-7)
    assert result.tests["p"].iloc[0] == pytest.approx(r["logistic", "gk p"], rel=1e-6)
    odds = result.table[result.table["role"] != "reference"]
    np.testing.assert_allclose(odds["odds"], np.exp(odds["estimate"]))
    np.testing.assert_allclose(odds["odds_high"], np.exp(odds["high"]))


def test_filter_and_reference_are_those_of_r(sample, r):
    land = data("kommunen_sample")["land"]
    result = bf.regress(
        sample,
        "strategie",
        "gk",
        "logistic",
        event="1",
        reference={"gk": "20-50k"},
        where=(land != land.iloc[0]).to_numpy(),
    )
    names = {("", ""): "(Intercept)"}
    names |= {("gk", k): f'relevel(gk, "20-50k"){k}' for k in ("02-05k", "05-10k", "50k+")}
    same(result, r["domain"], names, rel=1e-7)
    table = result.table.set_index("category")
    assert table.loc["20-50k", "role"] == "reference"
    assert table.loc["20-50k", "n"] > 0


def test_a_regression_on_groups_is_their_difference(sample):
    result = bf.regress(sample, "invest", "strategie").table.set_index("category")
    means = bf.estimate(sample, "invest", by="strategie").table.set_index("domain")["estimate"]
    assert result.loc["1", "estimate"] == pytest.approx(means["1"] - means["0"])
    test = bf.significance(sample, "invest", "strategie").table.iloc[0]
    assert result.loc["1", "p"] == pytest.approx(test["p"])
    assert result.loc["1", "low"] == pytest.approx(test["low"])


def test_the_event_turned_round_turns_the_signs(sample):
    one, other = (
        bf.regress(sample, "strategie", "gk", "logistic", event=code).table["estimate"]
        for code in "10"
    )
    np.testing.assert_allclose(one.dropna(), -other.dropna(), rtol=1e-8)


def test_cases_that_lack_a_variable_are_counted(sample):
    result = bf.regress(sample, "invest", ["gk", "lik2"], as_numbers=["lik2"])
    both = ~np.isnan(sample.scores("invest")[:, 0]) & ~np.isnan(sample.scores("lik2")[:, 0])
    assert (result.n, result.cases) == (both.sum(), len(sample))
    lost = result.dropped.set_index("variable")["no_answer"]
    assert lost["lik2"] == (~sample.answered("lik2")).sum()
    text = " ".join(result.display().notes)
    assert f"{both.sum()} von {len(sample)} Fällen haben alle Merkmale" in text


def _sizes(n):
    """Whole numbers of which the first is missing."""
    return pd.array([None, *(np.arange(1, n) % 7)], dtype="Int64")


def test_variables_of_the_frame_may_be_predictors():
    survey, frame = projects()
    frame = frame.assign(size=_sizes(len(frame)), key=frame["staffel"].astype(int))
    made = bf.design(survey, kind="population", frame=frame, inference="analytic")
    census = survey.with_design(made)
    result = bf.regress(census, "mr_1", ["typ", "size", "key"], as_categories=["key"])
    roles = result.table.groupby("predictor", sort=False)["role"].first()
    assert roles.to_dict() == {
        "": "intercept",
        "typ": "reference",
        "size": "number",
        "key": "reference",
    }
    rare = bf.regress(census, "mr_1", ["typ", "size"], "logistic")
    assert "regression.few" in [f.rule for f in rare.findings]
    assert any("weniger als 10 Fälle je Koeffizient" in n for n in rare.display().notes)


def test_a_regression_does_not_depend_on_the_unit_of_weights(sample):
    plain = bf.regress(sample, "invest", "gk").table
    made = bf.design(
        sample,
        strata="stratum",
        weights=7 * sample.design.sample.weights,
        single="certainty",
        inference="analytic",
    )
    scaled = bf.regress(sample.with_design(made), "invest", "gk").table
    pd.testing.assert_frame_equal(plain, scaled)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"family": "probit"}, UnknownCodeError, "families"),
        ({"predictors": ["gk", "gkk"]}, UnknownCodeError, "gkk"),
        ({"predictors": ["gk", "gk"]}, ValidationError, "named twice: gk"),
        ({"predictors": ["gk", "invest"]}, ValidationError, "outcome and predictor"),
        ({"outcome": "mr"}, ValidationError, "one column"),
        ({"outcome": "land"}, ValidationError, "event="),
        ({"family": "logistic"}, ValidationError, "outcome of 0 and 1"),
        ({"outcome": "land", "event": "1", "family": "linear"}, ValidationError, "goes with log"),
        (
            {"outcome": "strategie", "event": "2", "family": "logistic"},
            UnknownCodeError,
            "answers to 'strategie'",
        ),
        ({"reference": {"gk": "1k"}}, UnknownCodeError, "categories of 'gk'"),
        ({"reference": {"lik2": "1"}}, UnknownCodeError, "predictors with categories"),
        ({"as_numbers": ["gk"]}, ValidationError, "is for scales"),
        ({"as_numbers": ["lik2"]}, UnknownCodeError, "predictors"),
        ({"as_categories": ["gk"]}, ValidationError, "variables of the frame"),
        ({"where": "gk == '50k+'"}, ValidationError, "same 'gk'"),
        ({"where": "invest < -1"}, ValidationError, "no case"),
        ({"predictors": ["stratum", "gk"]}, ValidationError, "depend on each other"),
    ],
)
def test_what_does_not_fit_is_refused(sample, arguments, error, message):
    with pytest.raises(error, match=message):
        bf.regress(sample, **({"outcome": "invest", "predictors": ["gk"]} | arguments))


def test_separated_outcomes_have_no_coefficients():
    frame = pd.DataFrame({"q": list("aaaabbbb"), "g": list("xxxxyyyy")})
    survey = survey_of(frame, [item(n, frame[n], "single") for n in frame])
    survey = survey.with_design(bf.design(survey, weights=np.ones(8), inference="analytic"))
    with pytest.raises(ValidationError, match="separated"):
        bf.regress(survey, "q", "g", "logistic", event="a")


def test_with_descriptive_inference_there_is_no_regression():
    with pytest.raises(ValidationError, match="regressions exist only with analytic inference"):
        bf.regress(kommunen(), "invest", "gk")


def test_it_is_printed_and_drawn(sample):
    result = bf.regress(sample, "invest", ["gk", "einwohner"])
    shown = result.display()
    assert [c.label for c in shown.columns] == [
        "Merkmal",
        "Ausprägung",
        "Koeffizient",
        "95-%-Intervall",
        "p",
        "n",
    ]
    assert shown.rows[1][:3] == ("Frage gk?", "Antwort 02-05k", "Referenz")
    assert shown.rows[2][0] == ""
    assert any(n.startswith("Frage gk? insgesamt: F(4; 439) = ") for n in shown.notes)
    assert len(result.figure().axes[0].get_yticklabels()) == 5
    assert len(result.figure(terms=["gk"]).axes[0].get_yticklabels()) == 4
    assert "Antwort 05-10k (gegen Antwort 02-05k)" in result.alt_text(terms=["gk"])
    with pytest.raises(UnknownCodeError):
        result.figure(terms=["land"])
    odds = bf.regress(sample, "strategie", "gk", "logistic", event="1").display("en")
    assert odds.columns[2].label == "Odds ratio"
    assert "Intercept" in str(odds.rows[0][0])


def test_confidential_answers_need_permission():
    frame = pd.DataFrame({"q": np.arange(8.0), "g": list("xxxxyyyy")})
    items = [item("q", frame["q"], "number"), item("g", frame["g"], "single")]
    items[1] = items[1].model_copy(update={"confidentiality": "confidential"})
    survey = survey_of(frame, items)
    survey = survey.with_design(bf.design(survey, weights=np.ones(8), inference="analytic"))
    with pytest.raises(DisclosureError, match="allow_unprotected"):
        bf.regress(survey, "q", "g").display()
    assert bf.regress(survey, "q", "g", allow_unprotected=True).display().rows
