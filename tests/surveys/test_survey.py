"""A survey contradicts neither its codebook nor itself, and knows who may see it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pandera.errors import SchemaError

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.provenance import Provenance, grade_of
from begleitforschung.surveys import Survey, dtype_of, schema_of
from begleitforschung.surveys.repeated import RULES, one_per_unit, repeated_units
from begleitforschung.surveys.survey import CASES


@pytest.fixture
def survey(codebook):
    n = 6
    data = {
        "q1": ["1", "2", None, "1", None, "2"],
        "q3_x": ["1", "3", "2", None, "1", "1"],
        "budget": [10.0, np.nan, 5.0, 2.0, 0.0, 1.0],
        "groesse": ["K", "G", "K", "K", "G", None],
    }
    columns = {
        name: pd.Series(values).astype(dtype_of(codebook.item(name)))
        for name, values in data.items()
    }
    responses = pd.DataFrame(columns)
    status = pd.DataFrame(np.where(responses.notna(), 0, 3), columns=responses.columns)
    status.loc[2, "q1"] = 4
    days = pd.to_datetime(["2025-03-01", "2025-03-05", None, "2025-03-09", "2025-03-02", None])
    cases = pd.DataFrame(
        {
            "case": [str(at) for at in range(n)],
            "file": "x.csv",
            "row": np.arange(n) + 2,
            "unit": ["05315000", "05315000", "05315000", "08421000", None, None],
            "complete": [True, False, False, True, True, False],
            "last_page": pd.array([3, 2, None, 3, 3, 1], dtype="Int64"),
            "started": days,
            "submitted": days,
            "seconds": np.nan,
            "language": "de",
        }
    ).astype(CASES)
    return Survey(
        responses=responses,
        status=status.astype("int8"),
        cases=cases,
        codebook=codebook,
        history=Provenance.of("read_survey"),
    )


def test_statuses_say_why_there_is_no_answer(survey):
    assert survey.status_of("q1").tolist() == [
        *("answered", "answered", "dont_know", "answered", "no_answer", "answered")
    ]
    assert survey.answered("q1").sum() == 4


def test_scores_are_numbers_with_nan_for_missings(survey):
    np.testing.assert_array_equal(survey.scores("q3_x")[:, 0], [1, 3, 2, np.nan, 1, 1])
    np.testing.assert_array_equal(survey.scores("budget")[:, 0], survey.responses["budget"])
    assert survey.scores("q3").shape == (6, 1)


def test_results_take_over_how_confidential_their_questions_are(survey):
    assert survey.confidentiality == "confidential"
    assert grade_of(survey.traced(["groesse"])) == "public"
    assert grade_of(survey.traced(["groesse", "q1"])) == "confidential"
    assert survey.select(["groesse"]).confidentiality == "public"
    assert survey.select(["groesse"]).keep(np.ones(6, bool), reason="x").confidentiality == "public"


def test_a_file_that_its_sidecar_calls_confidential_makes_every_result_so(survey):
    node = Provenance.of("read_survey", confidentiality="personal")
    assert grade_of(replace(survey, history=node).traced(["groesse"])) == "personal"


def test_the_generated_schema_accepts_the_answers_and_refuses_what_breaks_it(survey, codebook):
    schema = schema_of(codebook)
    assert schema.validate(survey.responses).equals(survey.responses)
    assert "freitext" not in schema.columns
    with pytest.raises(SchemaError, match="less_than_or_equal_to"):
        schema.validate(survey.responses.assign(budget=2e6))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda s: {"responses": s.responses.rename(columns={"q1": "zz"})}, "survey.status"),
        (lambda s: {"status": s.status.assign(budget=np.int8(0))}, "survey.status_value"),
        (lambda s: {"status": s.status.assign(budget=np.int8(9))}, "survey.status"),
        (lambda s: {"cases": s.cases.assign(case="1")}, "survey.case_twice"),
        (lambda s: {"cases": s.cases.iloc[:3]}, "survey.rows"),
        (
            lambda s: {"responses": s.responses.assign(q1=s.responses["q1"].astype("str"))},
            "survey.dtype",
        ),
        (
            lambda s: {
                "responses": s.responses.assign(freitext="geheim"),
                "status": s.status.assign(freitext=np.int8(0)),
            },
            "survey.personal",
        ),
        (
            lambda s: {"responses": s.responses.assign(u=1), "status": s.status.assign(u=0)},
            "survey.unknown_column",
        ),
    ],
)
def test_what_contradicts_the_codebook_is_refused_without_values(survey, change, rule):
    with pytest.raises(ValidationError) as caught:
        replace(survey, **change(survey))
    assert rule in {item.rule for item in caught.value.findings}
    assert "geheim" not in str(caught.value)


def test_columns_that_are_not_there_are_refused_by_name(survey):
    for name in ("freitext", "unknown", "q2"):
        with pytest.raises(UnknownCodeError):
            survey.columns_of(name)


@pytest.mark.parametrize(
    "mask", [[True, False], [4, 0, 1, 2, 3, 5], [1, 0, 1, 0, 1, 0], [True, None] * 3, ["a"] * 6]
)
def test_only_truth_values_say_which_cases_are_kept(survey, mask):
    with pytest.raises(ValidationError, match="keep needs one truth value for each of 6 cases"):
        survey.keep(np.array(mask), reason="Probe")


def test_a_nullable_comparison_may_say_which_cases_are_kept(survey):
    later = survey.cases["last_page"].fillna(0) >= 3
    for mask in (later, later.to_numpy(bool), later.tolist()):
        assert survey.keep(mask, reason="Probe").cases["case"].tolist() == ["0", "3", "4"]
    assert len(survey.keep(np.zeros(6, bool), reason="niemand")) == 0


KEPT = {
    "latest": ["1", "3", "4", "5"],
    "first": ["0", "3", "4", "5"],
    "complete": ["0", "3", "4", "5"],
    "most_answers": ["0", "3", "4", "5"],
}


@pytest.mark.parametrize("rule", RULES)
def test_one_answer_of_each_municipality_counts_by_a_recorded_rule(survey, rule):
    one = one_per_unit(survey, rule)
    assert one.cases["case"].tolist() == KEPT[rule]
    assert one.findings[-1].n == 2
    assert dict(one.history.parameters)["reason"] == f"one answer per unit: {rule}"
    assert one_per_unit(one, rule) is one


def test_repeated_answers_are_listed_by_row(survey):
    (found,) = repeated_units(survey)
    assert found.rows == (2, 3, 4)
    with pytest.raises(UnknownCodeError):
        one_per_unit(survey, "newest")
