"""Scales of a survey: what is turned, who counts, what is said below, who may see it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import DisclosureError, UnknownCodeError, ValidationError
from begleitforschung.stats.reliability import cronbach_alpha

from .batteries import ROWS, answers, survey, weighted
from .inputs import item, survey_of

COLUMNS = [f"t_{row}" for row in ROWS]


def test_alpha_is_that_of_the_turned_answers_of_complete_cases():
    frame = answers()[COLUMNS].dropna()
    frame["t_d"] = 6 - frame["t_d"]
    result = bf.scale(survey(), "t", reverse="t_d")
    assert result.alpha == pytest.approx(cronbach_alpha(frame), rel=1e-12)
    assert result.standardised_alpha == pytest.approx(
        cronbach_alpha((frame - frame.mean()) / frame.std()), rel=1e-12
    )
    assert (result.n, result.cases) == (140, 150)
    table = result.table.set_index("column")
    assert table["answered"].tolist() == [140, 150, 150, 150]
    assert table["n"].eq(140).all()
    assert table["mean"].to_numpy() == pytest.approx(frame.mean().to_numpy())
    assert table["sd"].to_numpy() == pytest.approx(frame.std().to_numpy())
    assert table["turned"].tolist() == [False, False, False, True]
    assert result.alpha < result.omega + 0.01
    assert result.low < result.alpha < result.high
    # One factor made the answers: each item is correlated with it.
    assert (table["loading"] > 0.6).all()


def test_the_codebook_says_which_end_means_more():
    up = bf.scale(survey(), "t", reverse="t_d")
    down = bf.scale(survey(direction="descending"), "t", reverse="t_d")
    assert down.alpha == pytest.approx(up.alpha)
    assert down.table["turned"].tolist() == [True, True, True, False]
    assert down.table["mean"].to_numpy() == pytest.approx(6 - up.table["mean"].to_numpy())
    assert "Umgepolt, damit mehr überall mehr heißt: Zeile a; Zeile b; Zeile c." in (
        down.display().to_text()
    )
    silent = bf.scale(survey(direction=None), "t", reverse="t_d")
    assert [finding.rule for finding in silent.findings] == ["scale.direction"]
    assert "Richtung im Codebuch nicht erklärt" in silent.display().to_text()


def test_an_item_against_the_others_is_told():
    result = bf.scale(survey(), "t")
    assert [finding.rule for finding in result.findings] == ["scale.against"]
    assert result.findings[0].column == "t_d"
    assert result.table["item_total"].iloc[3] < 0


def test_weights_of_the_design_count():
    frame = answers()
    frame["t_d"] = 6 - frame["t_d"]
    complete = frame.dropna(subset=COLUMNS)
    repeated = complete.loc[complete.index.repeat(complete["w"].astype(int)), COLUMNS]
    result = bf.scale(weighted(), "t", reverse="t_d")
    assert result.alpha == pytest.approx(cronbach_alpha(repeated), rel=1e-12)
    assert result.table["mean"].to_numpy() == pytest.approx(repeated.mean().to_numpy())
    w = complete["w"]
    assert result.effective_n == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert "effektive Fallzahl" in result.display().to_text()
    assert "effective n" in result.display("en").to_text()
    among = bf.scale(weighted(), "t", reverse="t_d", where="gk == 'gross'")
    assert among.cases == 50


def test_words_of_the_table():
    result = bf.scale(survey(), "t", reverse="t_d")
    german, english = result.display().to_text(), result.display("en").to_text()
    assert "Cronbachs α 0," in german
    assert "140 von 150 Fällen mit Antworten auf alle 4 Items" in german
    assert "(95 %: 0," in german
    assert "Cronbach's α 0." in english
    assert "Row a" in english
    assert "Item-total correlation" in result.alt_text("en")
    assert len(result.figure().axes[0].patches) == 4
    assert result.specification["missing"] == "listwise"


def test_confidential_scales_are_shown_only_where_that_is_allowed():
    secret = survey(confidentiality="confidential")
    result = bf.scale(secret, "t", reverse="t_d")
    for show in (result.display, result.figure, result.alt_text, result.summary):
        with pytest.raises(DisclosureError, match="confidential"):
            show()
    allowed = bf.scale(secret, "t", reverse="t_d", allow_unprotected=True)
    assert "nicht auf Geheimhaltung geprüft" in allowed.display().to_text()
    assert bf.factor_structure(secret, "t").confidentiality == "confidential"


def test_scores_become_an_index_and_stay_confidential():
    units = [f"0{5111000 + at}" for at in range(150)]
    units[3] = None
    secret = survey(confidentiality="confidential", units=units)
    table = bf.scale(secret, "t", reverse="t_d").to_indicators(2025, gebietsstand="2024-12-31")
    assert table.confidentiality == "confidential"
    assert table.indicator("t_a").direction == "higher"
    assert [finding.rule for finding in table.findings] == ["scale.no_unit"]
    spec = bf.IndexSpec(
        id="vertrauen",
        indicators=tuple(bf.IndicatorSpec(id=name, parent="vertrauen") for name in COLUMNS),
        nodes=(bf.NodeSpec(id="vertrauen"),),
        steps=(bf.Step("normalise", "none"), bf.Step("aggregate", "arithmetic")),
    )
    index = bf.compose(table, spec)
    assert index.confidentiality == "confidential"
    with pytest.raises(DisclosureError):
        index.display()
    frame = answers()
    frame["t_d"] = 6 - frame["t_d"]
    scores = index.scores("index")["vertrauen"]
    assert scores[units[20], 2025] == pytest.approx(frame.loc[20, COLUMNS].mean())
    with pytest.raises(ValidationError, match="no case has a unit"):
        bf.scale(survey(), "t").to_indicators(2025)
    twice = survey(units=["05111000"] * 150)
    with pytest.raises(ValidationError, match="149 cases are further answers"):
        bf.scale(twice, "t").to_indicators(2025)


def test_what_is_no_scale_is_refused():
    made = survey()
    with pytest.raises(ValidationError, match="at least two items"):
        bf.scale(made, "u1")
    with pytest.raises(UnknownCodeError, match="reverse="):
        bf.scale(made, "t", reverse="u1")
    with pytest.raises(ValidationError, match="can't be turned"):
        bf.scale(made, ["t", "w"], reverse="w")
    with pytest.raises(ValidationError, match="2 cases answered all 4 items"):
        bf.scale(made, "t", where=np.arange(150) > 147)
    frame = pd.DataFrame({"x": [1, 2] * 10, "y": [3, 3] * 10, "z": ["a", "b", "c", "a"] * 5})
    asked = [*(item(n, frame[n], "scale") for n in "xy"), item("z", list("abc"), "single")]
    odd = survey_of(frame, asked)
    with pytest.raises(ValidationError, match="without any variation among the complete cases: y"):
        bf.scale(odd, ["x", "y"])
    with pytest.raises(ValidationError, match="'z' has no scores"):
        bf.scale(odd, ["x", "z"])


def test_two_scales_are_two_factors():
    result = bf.factor_structure(survey(), ["t", "u1", "u2", "u3"], reverse="t_d")
    assert result.suggested == result.factors == 2
    strongest = result.loadings().abs().idxmax(axis=1)
    assert strongest.tolist() == [strongest.iloc[0]] * 4 + [strongest.iloc[4]] * 3
    assert result.eigenvalues["eigenvalue"].sum() == pytest.approx(7)
    # Communalities are what the pattern and the correlations of the factors give.
    pattern = result.loadings().to_numpy()
    common = np.diag(pattern @ result.correlations @ pattern.T)
    told = result.table.drop_duplicates("column")["communality"]
    assert told.to_numpy() == pytest.approx(common, abs=1e-5)
    text = result.display().to_text()
    assert "Faktoren nach Parallelanalyse (Horn 1965): 2" in text
    assert "Korrelationen der Faktoren: 1–2: " in text
    # Items of several questions carry their question.
    assert "Vertrauen [Zeile a]" in result.alt_text()
    assert len(result.figure("en").axes) == 2


def test_number_and_rotation_of_factors_are_chosen():
    made = survey()
    one = bf.factor_structure(made, ["t", "u1", "u2", "u3"], factors=1)
    assert [finding.rule for finding in one.findings] == ["factors.number"]
    assert "nicht rotiert" in one.display().to_text()
    straight = bf.factor_structure(made, ["t", "u1", "u2", "u3"], rotation="varimax")
    assert (straight.correlations == np.eye(2)).all()
    assert "Varimax" in straight.display().to_text()
    assert "varimax" in straight.display("en").to_text()
    with pytest.raises(UnknownCodeError, match="rotations"):
        bf.factor_structure(made, "t", rotation="promax")
    with pytest.raises(ValidationError, match="no model of 3 factors for 4 items"):
        bf.factor_structure(made, "t", factors=3)
