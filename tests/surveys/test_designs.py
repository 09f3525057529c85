"""How cases came about: weights, strata, labels and what is remarked, each worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import begleitforschung as bf
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.provenance import Provenance
from begleitforschung.surveys.sample_design import as_label

from ..estimation.inputs import item, survey_of

ANSWERS = {
    "num": [1.0, 2.0, 3.0, 4.0, 5.0],
    "land": ["A", "A", "A", "B", "B"],
    "gk": ["1", "2", "2", "1", "2"],
    "w": [1.0, 2.0, 2.0, 5.0, 4.0],
}
UNITS = [f"u{at}" for at in range(5)]


def asked(answers=None, units=UNITS):
    frame = pd.DataFrame(answers or ANSWERS)
    kinds = {"num": "number", "w": "number", "N": "number", "M": "number", "psu": "single"}
    items = [item(name, frame[name], kinds.get(name, "single")) for name in frame.columns]
    return survey_of(frame, items, units=units)


@pytest.fixture(scope="module")
def survey():
    return asked()


def register(size=12, **columns):
    frame = pd.DataFrame({"unit": [f"u{at}" for at in range(size)]})
    return frame.assign(**columns)


def findings(design):
    return {found.rule: found for found in design.findings}


def test_crossed_strata_are_joined_and_taken_apart_again(survey):
    sizes = {"A · 1": 3, "A · 2": 6, "B · 1": 1, "B · 2": 2}
    made = bf.design(survey, strata=["land", "gk"], population=sizes)
    assert made.sample.weights.tolist() == [3, 3, 3, 1, 2]
    assert made.strata_labels().to_dict("list") == {
        "land": ["A", "A", "B", "B"],
        "gk": ["1", "2", "1", "2"],
    }
    assert dict(zip(made.cells["stratum"], made.cells["sampled"], strict=True)) == {
        "A · 1": 1,
        "A · 2": 2,
        "B · 1": 1,
        "B · 2": 1,
    }
    assert made.cells["stratum"].iloc[made.stratum].tolist() == [
        *("A · 1", "A · 2", "A · 2", "B · 1", "B · 2")
    ]


def test_one_variable_of_strata_keeps_its_labels_as_they_are():
    made = bf.design(
        asked({"num": [1.0, 2.0, 3.0], "s": ["a · b", "a · b", "c"]}, UNITS[:3]),
        strata="s",
        population={"a · b": 4, "c": 2},
    )
    assert made.strata_labels()["s"].tolist() == ["a · b", "c"]


def test_a_table_of_the_population_may_name_its_count_and_hold_a_stratum_in_several_rows(survey):
    table = pd.DataFrame({"land": ["A", "A", "B"], "gemeinden": [4, 5, 6], "jahr": 2024})
    made = bf.design(survey, strata="land", population=table, count="gemeinden")
    assert made.cells["population"].tolist() == [9, 6]
    assert made.sample.weights.tolist() == [3, 3, 3, 3, 3]
    with pytest.raises(UnknownCodeError, match="gemeinden"):
        bf.design(survey, strata="land", population=table, count="gemeinde")


def test_an_item_may_hold_the_population_of_each_case():
    answers = {"num": [1.0, 2.0, 3.0], "s": ["a", "a", "b"], "N": [6.0, 6.0, 5.0]}
    made = bf.design(asked(answers, UNITS[:3]), strata="s", population="N")
    assert made.sample.weights.tolist() == [3, 3, 5]
    assert made.population == 11
    answers["N"] = [6.0, np.nan, 5.0]
    with pytest.raises(ValidationError, match="'N' of the design is missing in 1 cases"):
        bf.design(asked(answers, UNITS[:3]), strata="s", population="N")


def test_two_stages_multiply_their_weights():
    """Two of 4 clusters, in them 2 of 6 and 1 of 3 units: weights 2 · 3 and 2 · 3."""
    answers = {"num": [1.0, 2.0, 5.0], "psu": ["k", "k", "l"], "N": [4.0] * 3, "M": [6.0, 6.0, 3.0]}
    made = bf.design(asked(answers, UNITS[:3]), psu=["psu", "unit"], population=["N", "M"])
    assert made.sample.weights.tolist() == [6, 6, 6]
    assert made.sample.degrees() == 1


def test_a_column_of_the_frame_may_hold_weights(survey):
    frame = register(5, w=[9, 8, 7, 6, 5])
    assert bf.design(survey, frame=frame, weights="w").sample.weights.tolist() == [9, 8, 7, 6, 5]
    assert bf.design(survey, weights="w").sample.weights.tolist() == ANSWERS["w"]


@pytest.mark.parametrize("kind", ["population", "invitation"])
def test_who_is_asked_completely_is_described_by_a_frame_and_nothing_else(survey, kind):
    frame = register(land=["A"] * 6 + ["B"] * 6)
    frame.loc[3:4, "land"] = "B"
    made = bf.design(survey, kind=kind, frame=frame, strata="land")
    assert made.described() == {
        "kind": kind,
        "inference": "descriptive",
        "strata": ["land"],
        "population": 12.0,
        "single": "fail",
        "weighting": [],
    }
    assert made.sample.weights == pytest.approx([4 / 3] * 3 + [4] * 2)
    for wrong in ({"weights": "w"}, {"psu": "land"}, {}):
        options = {"frame": frame} | wrong if wrong else {}
        asked = {"population": "asked", "invitation": "invited"}[kind]
        said = "takes no weights= and no psu=" if wrong else f"needs to know how many were {asked}"
        with pytest.raises(ValidationError, match=f"kind='{kind}' {said}"):
            bf.design(survey, kind=kind, **options)


def test_a_population_of_which_all_answered_is_complete(survey):
    whole = bf.design(survey, kind="population", strata="land", population={"A": 3, "B": 2})
    assert whole.complete
    assert whole.sample.weights.tolist() == [1] * 5
    assert not bf.design(survey, population=6).complete
    unknown = bf.design(survey, weights="w")
    assert (unknown.complete, unknown.finite) == (False, False)
    assert unknown.described()["population"] is None


def test_weights_of_ones_own_are_not_those_of_the_strata(survey):
    sizes = {"A": 9, "B": 6}
    assert bf.design(survey, strata="land", population=sizes).as_drawn
    assert bf.design(survey, strata="land", population=sizes, weights=[3.0] * 5).as_drawn
    assert not bf.design(survey, strata="land", population=sizes, weights="w").as_drawn
    raked = bf.rake(
        survey.with_design(bf.design(survey, strata="land", population=sizes)),
        {"gk": {"1": 6, "2": 9}},
    )
    assert not raked.design.as_drawn


def test_an_empty_stratum_is_told_in_both_languages_with_its_units(survey):
    frame = register(13, land=["A"] * 3 + ["B"] * 3 + ["C"] * 4 + ["D"] * 3)
    found = findings(bf.design(survey, frame=frame, strata="land"))["design.empty_stratum"]
    assert (found.severity, found.n) == ("warning", 7)
    assert found.text.de == (
        "Schichten ohne Antwort (C, D): ihre Einheiten sind in Hochrechnungen nicht enthalten"
    )
    assert found.text.get("en") == "strata without an answer (C, D): estimates leave them out"
    assert (found.hint.de, found.hint.get("en")) == ("Schichten zusammenfassen.", "Join strata.")


def test_a_single_answer_of_several_is_told_and_one_of_one_is_not(survey):
    sizes = {"A · 1": 3, "A · 2": 6, "B · 1": 1, "B · 2": 2}
    found = findings(bf.design(survey, strata=["land", "gk"], population=sizes))["design.single"]
    assert found.n == 2
    assert found.text.de == "Schichten mit nur einer Antwort: A · 1, B · 2"
    assert found.text.get("en") == "strata with one answer only: A · 1, B · 2"
    assert 'single=…, e.g. "collapse"' in found.hint.get("en")


def test_a_source_and_its_findings_come_with_the_design(survey):
    class Counts:
        table = pd.DataFrame({"land": ["A", "B"], "municipalities": [9, 6]})
        provenance = Provenance.of("margins", year=2024)
        findings = bf.design(survey, strata="land", population={"A": 9, "B": 6, "Z": 1}).findings

    made = bf.design(survey, strata="land", population=Counts())
    assert made.inputs == (Counts.provenance,)
    assert [found.rule for found in survey.with_design(made).findings] == ["design.empty_stratum"]
    twice = survey.with_design(made).with_design(made)
    assert len(twice.findings) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": [1, 2, 3]}, "one number for each of 5 cases"),
        ({"weights": [[1, 2, 3, 4, 5]]}, "one number for each of 5 cases"),
        ({"weights": [1, np.inf, 3, -1, 1]}, "2 weights are missing or below 0; rows 3, 5"),
        ({"strata": "land", "population": [3, 4]}, "a number, a mapping or Series "),
        ({"strata": "land", "population": {"A": 3}}, "no count of the population for strata: B"),
        ({"population": 4}, "more cases than units in strata: all"),
        ({"population": True}, "more cases than units"),
        (
            {"strata": "gk", "frame": register(5, gk=["1", None, None, "1", "2"])},
            "'gk' of the design is missing in 2 cases; take it from a frame",
        ),
        ({"frame": register(3)}, "2 cases have no unit of the frame; rows 5, 6"),
        ({"frame": register(12).replace("u9", None)}, "missing or stands twice in the frame"),
        ({"answers_for": "verband"}, "answers_for= needs frame="),
    ],
)
def test_what_does_not_fit_is_told_with_what_is_expected(survey, options, message):
    with pytest.raises(ValidationError, match=message):
        bf.design(survey, **options)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"kind": "populaton"}, "population"),
        ({"inference": "analytical"}, "analytic"),
        ({"single": "colapse"}, "collapse"),
        ({"strata": "lnd"}, "land"),
        ({"answers_for": "verbant", "frame": register(verband="x")}, "verband"),
    ],
)
def test_unknown_names_suggest_the_nearest(survey, options, told):
    with pytest.raises(UnknownCodeError, match=told):
        bf.design(survey, population=12, **options)


def test_collapsing_needs_an_order_that_covers_every_label(survey):
    options = {"strata": ["land", "gk"], "single": "collapse"}
    sizes = {"A · 1": 3, "A · 2": 6, "B · 1": 5, "B · 2": 2}
    made = bf.design(survey, population=sizes, neighbours={"gk": ["1", "2"]}, **options)
    assert made.described()["single"] == "collapse"
    found = findings(made)
    assert "design.single" not in found
    assert "A · 1 + A · 2; B · 1 + B · 2" in found["design.collapsed"].text.de
    assert "A · 1 + A · 2; B · 1 + B · 2" in found["design.collapsed"].text.get("en")
    assert made.sample.weights.tolist() == [3, 3, 3, 5, 2]
    with pytest.raises(ValidationError, match="the order of 'gk' lacks 2"):
        bf.design(survey, population=sizes, neighbours={"gk": ["1"]}, **options)
    with pytest.raises(ValidationError, match="needs neighbours="):
        bf.design(survey, population=sizes, **options)
    with pytest.raises(UnknownCodeError, match="gk"):
        bf.design(survey, population=sizes, neighbours="kg", **options)


def test_nothing_is_joined_where_every_stratum_has_two(survey):
    made = bf.design(
        survey, strata="land", population={"A": 9, "B": 4}, single="collapse", neighbours="land"
    )
    plain = bf.design(survey, strata="land", population={"A": 9, "B": 4})
    assert made.findings == ()
    ours, theirs = (bf.estimate(survey.with_design(d), "num").table for d in (made, plain))
    assert ours["se"].tolist() == pytest.approx(theirs["se"].tolist())


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", "c d", "9"]), min_size=1, max_size=15),
    st.integers(0, 20),
)
def test_weights_add_up_to_the_units_of_strata_with_an_answer(labels, more):
    made = bf.design(
        asked({"num": np.arange(len(labels)) * 1.0, "s": labels}, None),
        strata="s",
        population={name: labels.count(name) + more for name in [*labels, "leer"]},
    )
    assert made.sample.weights.sum() == pytest.approx(len(labels) + more * len(set(labels)))
    assert made.cells["sampled"].sum() == len(labels)
    assert made.population == len(labels) + more * (len(set(labels)) + 1)
    assert made.complete == (more == 0)


@pytest.mark.parametrize(
    ("value", "label"),
    [(3.0, "3"), (3.5, "3.5"), (np.float64(-2), "-2"), (7, "7"), ("07", "07"), (None, "")],
)
def test_labels_of_numbers_have_no_decimals_that_say_nothing(value, label):
    assert as_label(value) == label
