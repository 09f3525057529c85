"""Types of a survey: the types that made the answers come back; nobody's membership does."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import DisclosureError, UnknownCodeError, ValidationError
from begleitforschung.surveys import design

from .inputs import item, survey_of

NAMES = ["q1", "q2", "q3"]
TRUTH = np.repeat([0, 1, 2], [40, 25, 15])


def frame():
    random = np.random.default_rng(6)
    centre = np.array([[5, 5, 1], [1, 2, 5], [5, 1, 5]])[TRUTH]
    noise = random.integers(-1, 2, (80, 3)) * (random.random((80, 3)) < 0.3)
    made = pd.DataFrame(np.clip(centre + noise, 1, 5), columns=NAMES).astype(float)
    made["land"] = np.array(["BY", "NW", "SN"])[TRUTH]
    made["w"] = np.where(TRUTH == 2, 4.0, 1.0)
    made.loc[0, "q2"] = np.nan
    return made


def survey(confidentiality="public"):
    data = frame()
    items = [item(n, data[n], "scale", confidentiality=confidentiality) for n in NAMES]
    items += [item("land", data["land"], "single"), item("w", data["w"], "number")]
    return survey_of(data, items, office=False)


def test_the_types_behind_the_answers_come_back():
    result = bf.typology(survey(), NAMES)
    assert result.k == 3
    assert result.sizes["n"].tolist() == [39, 25, 15]
    assert (result.n, result.cases) == (79, 80)
    assert result.sizes["share"].to_numpy() == pytest.approx(np.array([39, 25, 15]) / 79)
    data = frame().dropna()
    expected = data[NAMES].groupby(TRUTH[data.index]).mean().to_numpy()
    values = result.table["value"].to_numpy().reshape(3, 3)
    assert values == pytest.approx(expected)
    spread = data[NAMES].std(ddof=0).to_numpy()
    shift = (expected - data[NAMES].mean().to_numpy()) / spread
    assert result.table["standardised"].to_numpy().reshape(3, 3) == pytest.approx(shift)
    assert result.silhouette > 0.6
    assert result.stability > 0.9
    assert result.selection["k"].tolist() == [2, 3, 4, 5, 6]
    again = bf.typology(survey(), NAMES)
    assert again.table.equals(result.table)
    assert again.stability == result.stability


def test_sizes_and_profiles_are_weighted():
    made = survey()
    weighted = made.with_design(design(made, weights="w"))
    result = bf.typology(weighted, NAMES, k=3, draws=2)
    assert result.sizes["n"].tolist() == [39, 25, 15]
    assert result.sizes["share"].to_numpy() == pytest.approx(np.array([39, 25, 60]) / 124)
    assert "ungewichtet" in result.display().to_text()


def test_single_choices_go_with_distances():
    result = bf.typology(survey(), [*NAMES, "land"], k=3, draws=5)
    assert result.specification["method"] == "gower"
    shares = result.table.query("column == 'land'").set_index(["type", "category"])["value"]
    assert shares[1, "BY"] == shares[2, "NW"] == shares[3, "SN"] == 1
    assert shares[1, "NW"] == 0
    assert "Antwort BY" in result.display().to_text()
    with pytest.raises(ValidationError, match="method='gower'"):
        bf.typology(survey(), [*NAMES, "land"], k=3, method="k_means")


def test_small_types_are_named_and_not_shown():
    result = bf.typology(survey(), NAMES, k=3, min_n=20, draws=2)
    assert "typology.small" in [finding.rule for finding in result.findings]
    text = result.display().to_text()
    assert "Typ 3 (n < 20)" in text
    assert "Weniger als 20 Fälle: Typ 3" in text
    assert [row[3] for row in result.display().rows] == ["–"] * 4
    assert "Typ 3" not in result.alt_text()
    assert len(result.figure("en").axes) == 2


def test_answers_without_types_are_told():
    random = np.random.default_rng(1)
    data = pd.DataFrame(random.integers(1, 6, (60, 6)).astype(float), columns=list("abcdef"))
    made = survey_of(data, [item(n, data[n], "scale") for n in data], office=False)
    result = bf.typology(made, list("abcdef"), draws=5)
    assert "typology.no_structure" in [finding.rule for finding in result.findings]
    assert result.stability < 0.8


def test_nobody_is_named_and_confidential_types_are_shown_only_where_allowed():
    result = bf.typology(survey("confidential"), NAMES, k=3, draws=2)
    for show in (result.display, result.figure, result.alt_text):
        with pytest.raises(DisclosureError):
            show()
    told = {name: value for name, value in vars(result).items() if name != "survey"}
    held = [value for value in told.values() if hasattr(value, "__len__")]
    assert all(len(value) < result.n for value in held)  # nothing has a row for each case
    assert "case" not in json.dumps(result.provenance.to_dict()["parameters"])
    allowed = bf.typology(survey("confidential"), NAMES, k=3, draws=2, allow_unprotected=True)
    assert "confidential" in allowed.display("en").to_text().lower()


def test_what_makes_no_types_is_refused():
    made = survey()
    with pytest.raises(UnknownCodeError, match="methods of a typology"):
        bf.typology(made, NAMES, method="lca")
    with pytest.raises(ValidationError, match="types need at least 20"):
        bf.typology(made, NAMES, where=np.arange(80) < 12)
    with pytest.raises(ValidationError, match="without any variation"):
        bf.typology(made, ["q1", "w"], where="w == 1")
    with pytest.raises(ValidationError, match="no typology"):
        bf.typology(made, ["q1"], k=20)
