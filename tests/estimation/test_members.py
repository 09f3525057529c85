"""A Verband that answers for its members takes their place, and none is counted twice."""

from __future__ import annotations

import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import UnknownCodeError, ValidationError

from .inputs import item, survey_of

VERBAND = "071345001"


@pytest.fixture(scope="module")
def frame():
    sizes = pd.CategoricalDtype(["klein", "groß"], ordered=True)
    rows = [
        ("07134001", VERBAND, "klein", 400.0, 0.5),
        ("07134002", VERBAND, "klein", 600.0, 0.1),
        ("07134003", VERBAND, "groß", 2500.0, 0.2),
        ("07134004", VERBAND, "groß", 500.0, 0.2),
        ("07134010", None, "klein", 900.0, 0.3),
        ("07134011", None, "groß", 3000.0, 0.4),
    ]
    columns = ["unit", "verband", "size", "einwohner", "share"]
    return pd.DataFrame(rows, columns=columns).astype({"size": sizes})


def survey(units):
    answers = pd.DataFrame({"y": [1.0] * len(units)})
    return survey_of(answers, [item("y", answers["y"], "number")], units=units)


def test_population_and_number_of_the_members_are_taken_over(frame):
    answered = survey([VERBAND, "07134004", "07134011"])  # one member answered itself
    made = bf.design(answered, kind="population", frame=frame, answers_for="verband")
    assert made.population == 4
    assert made.variable("einwohner").tolist() == [3500, 500, 3000]
    assert made.variable("members").tolist() == [3, 1, 1]
    assert made.frame["einwohner"].sum() == frame["einwohner"].sum()
    assert made.frame["members"].sum() == len(frame)
    assert made.variable("size").tolist() == ["groß", "groß", "groß"]
    assert made.frame["size"].dtype == frame["size"].dtype
    assert pd.isna(made.variable("share").iloc[0])
    (finding,) = answered.with_design(made).findings
    assert finding.rule == "design.members"
    assert finding.rows == (2,)
    assert "für 3 Mitglieder" in finding.text.de
    assert "1 Mitglieder haben selbst geantwortet" in finding.text.de
    steps = answered.with_design(made).provenance.steps()
    recorded = next(step for step in steps if step.operation == "answers_for_members")
    assert dict(recorded.parameters)["themselves"] == 1


def test_keys_of_twelve_digits_name_their_verband_themselves(frame):
    ars = frame.assign(unit=[f"{VERBAND}{at:03d}" for at in range(4)] + ["071340010010", "x"])
    made = bf.design(survey([VERBAND]), kind="population", frame=ars, answers_for="unit")
    assert made.variable("members").tolist() == [4]
    assert made.frame["unit"].tolist() == ["071340010010", "x", VERBAND]


def test_without_the_rule_a_verband_is_no_unit(frame):
    with pytest.raises(ValidationError, match="have no unit of the frame"):
        bf.design(survey([VERBAND]), kind="population", frame=frame)
    untouched = bf.design(
        survey(["07134001"]), kind="population", frame=frame, answers_for="verband"
    )
    assert untouched.population == 6


def test_a_verband_without_members_is_refused(frame):
    themselves = [VERBAND, *frame["unit"][:4]]
    with pytest.raises(ValidationError, match="rows 2: a Verband answered for members"):
        bf.design(survey(themselves), kind="population", frame=frame, answers_for="verband")
    with pytest.raises(UnknownCodeError, match="amt"):
        bf.design(survey([VERBAND]), kind="population", frame=frame, answers_for="amt")
    with pytest.raises(ValidationError, match="needs frame="):
        bf.design(survey([VERBAND]), population=10, answers_for="verband")
