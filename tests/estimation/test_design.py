"""Designs are described by names and counts; what contradicts itself is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.provenance import Provenance

from .inputs import apistrat, item, kommunen, projects, survey_of


@pytest.fixture(scope="module")
def small():
    frame = pd.DataFrame({"q": ["a", "b", "a", None], "s": ["x", "x", "y", "y"], "w": [1.0] * 4})
    items = [item(n, frame[n], "single") for n in "qs"] + [item("w", frame["w"], "number")]
    return survey_of(frame, items, units=["u1", "u2", "u3", "u4"])


def test_strata_with_counts_give_weights_that_add_up_to_the_population(small):
    made = bf.design(small, strata="s", population={"x": 10, "y": 4})
    assert made.sample.weights.tolist() == [5, 5, 2, 2]
    assert (made.population, made.complete, made.finite, made.as_drawn) == (14, False, True, True)
    assert made.cells[["stratum", "population", "sampled"]].to_numpy().tolist() == [
        ["x", 10, 2],
        ["y", 4, 2],
    ]


def test_all_ways_to_give_counts_are_the_same(small):
    table = pd.DataFrame({"s": ["x", "y"], "municipalities": [10, 4]})
    frame = pd.DataFrame(
        {"unit": [f"u{i}" for i in range(1, 15)], "s": ["x", "x", "y", "y"] + ["x"] * 8 + ["y"] * 2}
    )

    class Margins:
        provenance = Provenance.of("margins")

    Margins.table = table
    ways = [
        {"population": {"x": 10, "y": 4}},
        {"population": table},
        {"population": Margins()},
        {"frame": frame},
    ]
    made = [bf.design(small, strata="s", **way) for way in ways]
    for other in made[1:]:
        np.testing.assert_array_equal(other.sample.weights, made[0].sample.weights)
        assert other.cells["population"].tolist() == [10, 4]
    traced = small.with_design(made[2])
    assert "margins" in [step.operation for step in traced.provenance.steps()]


def test_a_simple_random_sample_needs_one_number(small):
    made = bf.design(small, population=8)
    assert made.sample.weights.tolist() == [2.0] * 4
    assert made.described()["population"] == 8


def test_weights_alone_describe_a_sample_of_unknown_population(small):
    made = bf.design(small, weights="w")
    assert np.isnan(made.population)
    assert not made.finite
    assert made.strata_labels().shape == (1, 0)
    assert bf.design(small, weights=[1, 2, 3, 4]).sample.weights.tolist() == [1, 2, 3, 4]


def test_analytic_inference_has_no_finite_population_correction(small):
    made = bf.design(small, strata="s", population={"x": 10, "y": 4}, inference="analytic")
    assert np.isinf(made.sample.stages[0].population).all()
    assert made.sample.weights.tolist() == [5, 5, 2, 2]
    assert not made.finite


def test_a_full_population_is_known_unit_by_unit():
    survey, frame = projects()
    made = bf.design(survey, kind="population", frame=frame, strata="staffel")
    assert made.population == 73
    assert made.sample.weights.sum() == pytest.approx(73)
    assert (
        made.variable("typ").tolist()
        == frame.set_index("unit").loc[survey.cases["unit"], "typ"].tolist()
    )
    with pytest.raises(UnknownCodeError, match="typ"):
        made.variable("tpy")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "stand for: population= .* leave the design out"),
        ({"strata": "s", "population": {"x": 10}}, "no count of the population for strata: y"),
        ({"strata": "s", "population": {"x": 1, "y": 4}}, "more cases than units in strata: x"),
        ({"strata": "s", "population": 10}, "one number is no population"),
        ({"strata": "q", "population": 10}, "'q' of the design is missing in 1 cases"),
        ({"kind": "population", "weights": "w"}, "follow from who answered"),
        ({"frame": pd.DataFrame({"unit": ["u1", "u2", "u3"]})}, "1 cases have no unit"),
        ({"frame": pd.DataFrame({"unit": ["u1", "u1"]})}, "stands twice in the frame"),
        ({"frame": pd.DataFrame({"id": ["u1"]})}, "needs a column 'unit'"),
        ({"weights": [1.0, -1.0, 1.0, 1.0]}, "1 weights are missing or below 0; rows 3"),
    ],
)
def test_contradictions_are_refused(small, wrong, message):
    with pytest.raises(ValidationError, match=message):
        bf.design(small, **wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "census", "population": 8},
        {"inference": "both", "population": 8},
        {"single": "centre", "population": 8},
        {"strata": "ss", "population": 8},
        {"strata": "s", "population": pd.DataFrame({"s": ["x"], "n": [1]})},
    ],
)
def test_unknown_names_are_refused(small, wrong):
    with pytest.raises(UnknownCodeError):
        bf.design(small, **wrong)


def test_a_unit_that_answered_twice_is_no_case_of_its_own(small):
    cases = small.cases.assign(unit=["u1", "u1", "u3", "u4"]).astype(small.cases.dtypes)
    frame = pd.DataFrame({"unit": ["u1", "u2", "u3", "u4"]})
    with pytest.raises(ValidationError, match="further answers of a unit"):
        bf.design(replace(small, cases=cases), frame=frame)


def test_strata_without_answer_and_with_one_are_remarked(small):
    made = bf.design(small, strata="s", population={"x": 10, "y": 4, "z": 3})
    survey = small.with_design(made)
    assert [f.rule for f in survey.findings] == ["design.empty_stratum"]
    assert survey.findings[0].n == 3
    assert "design.single" in [f.rule for f in kommunen().findings]


def test_cases_are_not_taken_out_of_a_design():
    survey = apistrat()
    with pytest.raises(ValidationError, match="estimate with where="):
        survey.keep(np.arange(len(survey)) < 10, reason="test")
    assert survey.select(["api00"]).design is survey.design


def test_weights_are_described():
    found = apistrat().design.diagnostics()
    assert found.n == 200
    assert found.total == pytest.approx(6194, rel=1e-6)
    assert found.deff == pytest.approx(1 + found.cv**2)


def test_clusters_are_units_of_the_first_stage(small):
    made = bf.design(small, psu="s", weights="w")
    assert made.sample.degrees() == 1


def test_the_source_of_a_frame_stands_among_the_sources(small):
    frame = pd.DataFrame({"unit": [f"u{i}" for i in range(1, 9)]})
    register = Provenance.of("read_indicators", date="2024-12-31")
    made = small.with_design(bf.design(small, frame=frame, source=register))
    assert "read_indicators" in [step.operation for step in made.provenance.steps()]
