"""Tests between groups are those of R, exist only with analytic inference, and are corrected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import (
    DisclosureError,
    ReportError,
    UnknownCodeError,
    ValidationError,
)

from .inputs import item, kommunen, projects, survey_of

METHODS = {"F": "rao_scott", "Chisq": "rao_scott_first", "Wald": "wald", "adjWald": "wald_adjusted"}
ORDER = {"gk": ["02-05k", "05-10k", "10-20k", "20-50k", "50k+"]}


@pytest.fixture(scope="module")
def r():
    path = Path(__file__).parent / "reference/tests.csv"
    return pd.read_csv(path).set_index(["case", "quantity"])["value"]


@pytest.fixture(scope="module")
def sample():
    survey = kommunen()
    made = bf.design(
        survey, strata="stratum", population="Nh", single="certainty", inference="analytic"
    )
    return survey.with_design(made)


def same(row, expected):
    for quantity, value in expected.items():
        assert row[quantity] == pytest.approx(value, rel=1e-9), quantity


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("question", ["strategie", "lik2"])
def test_tests_of_frequencies_are_those_of_r(sample, r, name, question):
    row = bf.significance(sample, question, "gk", METHODS[name]).table.iloc[0]
    same(row, r[f"{name} {question}f + gk"])


@pytest.mark.parametrize(
    ("case", "question", "by", "method"),
    [
        ("mean strategie", "invest", "strategie", None),
        ("mean gk", "invest", "gk", "mean"),
        ("rank strategie", "invest", "strategie", "rank"),
        ("rank gk", "lik2", "gk", "rank"),
        ("trend gk", "invest", "gk", "trend"),
    ],
)
def test_tests_of_numbers_are_those_of_r(sample, r, case, question, by, method):
    order = ORDER if method == "trend" else None
    same(bf.significance(sample, question, by, method, order=order).table.iloc[0], r[case])


def test_a_difference_is_that_of_the_estimates(sample):
    row = bf.significance(sample, "invest", "strategie").table.iloc[0]
    means = bf.estimate(sample, "invest", by="strategie", total=False).table.set_index("domain")
    assert (row["group"], row["against"]) == ("1", "0")
    assert row["estimate"] == pytest.approx(means.loc["1", "estimate"] - means.loc["0", "estimate"])
    assert row["low"] < row["estimate"] < row["high"]
    wide = bf.significance(sample, "invest", "strategie", level=0.99).table.iloc[0]
    assert wide["low"] < row["low"]


def test_p_values_are_corrected_over_all_tests_of_the_call(sample):
    asked = {"question": ["mr", "strategie"], "by": "gk"}
    holm, bh, none = (
        bf.significance(sample, **asked, adjust=how).table for how in ("holm", "bh", "none")
    )
    p = np.sort(holm["p"].to_numpy())
    stepped = np.maximum.accumulate(np.minimum(p * np.arange(len(p), 0, -1), 1))
    np.testing.assert_allclose(np.sort(holm["p_adjusted"]), stepped)
    assert (bh["p_adjusted"] <= holm["p_adjusted"]).all()
    assert none["p_adjusted"].tolist() == none["p"].tolist()


def test_each_test_tells_its_bases(sample):
    result = bf.significance(sample, ["strategie", "invest"], ["gk", "lik2"])
    assert len(result.table) == 4
    for row in result.rows():
        mine = result.bases[(result.bases["column"] == row["column"])]
        mine = mine[mine["by"] == row["by"]]["n"]
        assert (mine.sum(), mine.min(), len(mine)) == (row["n"], row["n_min"], row["groups"])


def test_a_filter_leaves_groups_out(sample):
    result = bf.significance(sample, "strategie", "gk", where="invest > 0 and lik2 >= 1")
    known = sample.scores("invest")[:, 0] > 0
    known &= ~np.isnan(sample.scores("lik2")[:, 0])
    assert result.table["n"].iloc[0] == known.sum()


def test_with_descriptive_inference_there_is_no_test():
    with pytest.raises(ValidationError, match=r"finite population.*inference=.analytic"):
        bf.significance(kommunen(), "strategie", "gk")
    survey, frame = projects()
    with pytest.raises(ValidationError, match="need a design"):
        bf.significance(survey, "lik1", "lik2")
    all_answered = frame.loc[frame["unit"].isin(survey.cases["unit"])]
    complete = survey.with_design(bf.design(survey, kind="population", frame=all_answered))
    with pytest.raises(ValidationError, match="is a fact and not a matter of chance"):
        bf.significance(complete, "lik1", "staffel")


def test_the_non_response_of_a_full_population_is_part_of_the_test():
    survey, frame = projects()
    made = bf.design(survey, kind="population", frame=frame, strata="staffel", inference="analytic")
    result = bf.significance(survey.with_design(made), "mr", "typ")
    assert len(result.table) == 4
    assert result.table["p"].between(0, 1).all()
    assert any("Vollerhebung mit Antwortausfall" in note for note in result.display().notes)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"method": "anova"}, UnknownCodeError, "methods of a test"),
        ({"adjust": "tukey"}, UnknownCodeError, "corrections"),
        ({"method": "rank"}, ValidationError, "have no order"),
        ({"question": "lik2", "method": "trend"}, ValidationError, "ordered groups"),
        (
            {"question": "lik2", "method": "trend", "order": {"gk": ["50k"]}},
            UnknownCodeError,
            "groups of 'gk'",
        ),
        ({"by": "mr"}, ValidationError, "one answer"),
        ({"by": ["land"]}, ValidationError, "question and group"),
    ],
)
def test_what_does_not_fit_is_refused(sample, arguments, error, message):
    with pytest.raises(error, match=message):
        bf.significance(sample, **({"question": "land", "by": "gk"} | arguments))


def test_scales_know_the_order_of_their_groups(sample):
    given = {"lik2": list("12345")}
    known, said = (
        bf.significance(sample, "invest", "lik2", "trend", order=order).table["p"].iloc[0]
        for order in (None, given)
    )
    assert known == said


def test_a_test_that_cannot_be_made_is_marked():
    frame = pd.DataFrame({"q": list("aaaaaab"), "g": list("xxyyyyy"), "k": ["a"] * 7})
    survey = survey_of(frame, [item(n, frame[n], "single") for n in frame])
    made = bf.design(survey, weights=np.ones(7), inference="analytic")
    result = bf.significance(survey.with_design(made), ["k", "q"], "g")
    assert result.table["p"].isna().tolist() == [True, False]
    assert [f.rule for f in result.findings] == ["significance.none", "significance.small"]
    notes = " ".join(result.display().notes)
    assert "k × g: kein Test" in notes
    assert "weniger als 5 Antworten" in notes


def test_one_answer_in_a_stratum_is_named():
    survey = kommunen("fail")
    made = bf.design(survey, strata="stratum", population="Nh", inference="analytic")
    with pytest.raises(ValidationError, match="strata with one answer of several"):
        bf.significance(survey.with_design(made), "strategie", "gk")


def test_it_is_printed_and_drawn(sample):
    result = bf.significance(sample, ["invest", "mr"], "gk", "trend", order=ORDER)
    shown = result.display()
    assert [c.label for c in shown.columns][3:7] == [
        "Unterschied",
        "Prüfgröße",
        "p",
        "p korrigiert",
    ]
    assert shown.rows[0][4] == "t(443) = 13,47"
    assert shown.rows[0][5] == "< 0,001"
    assert "je Stufe" in shown.rows[1][3]
    assert "Prozentpunkte" in shown.rows[1][3]
    assert "p nach Holm korrigiert über 7 Tests." in shown.notes
    with pytest.raises(ReportError, match="no axis in common"):
        result.figure()
    options = bf.significance(sample, "mr", "gk", "trend", order=ORDER)
    assert len(options.figure().axes[0].get_yticklabels()) == 6
    assert "per step" in result.alt_text("en")
    frequencies = bf.significance(sample, "strategie", "gk")
    assert frequencies.display().rows[0][3] == "F(2,5; 1.169,2) = 2,25"
    assert "p korrigiert" not in [c.label for c in frequencies.display().columns]
    with pytest.raises(ReportError, match=r"bf\.estimate"):
        frequencies.figure()


def test_confidential_answers_need_permission():
    frame = pd.DataFrame({"q": list("abababab"), "g": list("xxxxyyyy")})
    items = [item("q", frame["q"], "single", confidentiality="confidential")]
    survey = survey_of(frame, [*items, item("g", frame["g"], "single")])
    survey = survey.with_design(bf.design(survey, weights=np.ones(8), inference="analytic"))
    with pytest.raises(DisclosureError, match="allow_unprotected"):
        bf.significance(survey, "q", "g").display()
    notes = bf.significance(survey, "q", "g", allow_unprotected=True).display().notes
    assert "nicht auf Geheimhaltung geprüft" in notes[0]
