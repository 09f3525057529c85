"""Response rates, balance and delegation of a small frame: every figure by hand, every refusal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import begleitforschung as bf
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.estimation.fieldwork import DISPOSITIONS

from .inputs import item, survey_of

STATES = ["refused", "refused", "no_contact", "other", "unknown", "unknown", "ineligible"]
RATES = ["rr1", "rr2", "rr3", "rr4", "rr5", "rr6", "coop1", "ref1", "con1"]


def asked(complete=(True, True, True, False), more=7, **columns):
    """A full population of those who answered and of `more` others."""
    n = len(complete)
    data = pd.DataFrame({"who": (["ob", "amt", "ob", None] * n)[:n]})
    survey = survey_of(
        data, [item("who", pd.Series(["ob", "amt"]), "single")], units=[f"u{at}" for at in range(n)]
    )
    survey = replace(survey, cases=survey.cases.assign(complete=list(complete)))
    frame = pd.DataFrame({"unit": [f"u{at}" for at in range(n + more)]}).assign(**columns)
    return survey.with_design(bf.design(survey, kind="population", frame=frame))


def states(first=4, given=STATES):
    return {f"u{first + at}": state for at, state in enumerate(given)}


def test_each_rate_by_hand():
    """3 complete, 1 partial, 2 refused, 1 no contact, 1 other, 2 unknown, 1 ineligible."""
    row = bf.response_rates(asked(), dispositions=states(), eligible=0.25).table.iloc[0]
    assert row[["invited", "reached", *DISPOSITIONS]].tolist() == [11, 7, 3, 1, 2, 1, 1, 2, 1]
    expected = {
        "rr1": 3 / 10,
        "rr2": 4 / 10,
        "rr3": 3 / 8.5,
        "rr4": 4 / 8.5,
        "rr5": 3 / 8,
        "rr6": 4 / 8,
        "coop1": 3 / 7,
        "ref1": 2 / 10,
        "con1": 7 / 10,
    }
    assert row[RATES].to_dict() == pytest.approx(expected)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(DISPOSITIONS[2:]), min_size=1, max_size=8), st.floats(0, 1))
def test_rates_are_ordered_and_ineligible_units_change_none_of_them(given_states, eligible):
    made = asked(more=len(given_states))
    row = bf.response_rates(
        made, dispositions=states(given=given_states), eligible=eligible
    ).table.iloc[0]
    assert row["rr1"] <= row["rr3"] + 1e-12
    assert row["rr3"] <= row["rr5"] + 1e-12
    assert row["rr5"] <= row["coop1"]
    assert row["rr2"] <= row["con1"]
    assert sum(row[name] for name in DISPOSITIONS) == row["invited"] == 4 + len(given_states)
    longer = asked(more=len(given_states) + 1)
    more = states(given=[*given_states, "ineligible"])
    other = bf.response_rates(longer, dispositions=more, eligible=eligible).table.iloc[0]
    assert other[RATES].tolist() == pytest.approx(row[RATES].tolist())


def test_with_unknown_units_all_or_none_eligible_the_rates_meet_their_neighbours():
    rows = [
        bf.response_rates(asked(), dispositions=states(), eligible=e).table.iloc[0] for e in (0, 1)
    ]
    assert rows[0]["rr3"] == rows[0]["rr5"]
    assert rows[1]["rr3"] == rows[1]["rr1"]
    assert rows[1]["rr4"] == rows[1]["rr2"]


@pytest.mark.parametrize("eligible", [-0.1, 1.5, float("nan")])
def test_a_share_of_eligible_units_is_a_share(eligible):
    with pytest.raises(ValidationError, match="eligible= is a share between 0 and 1, not"):
        bf.response_rates(asked(), eligible=eligible)


def test_groups_stand_in_the_order_of_their_variable_and_empty_ones_are_left_out():
    sizes = pd.Categorical(
        ["groß"] * 5 + ["klein"] * 6, categories=["klein", "mittel", "groß"], ordered=True
    )
    found = bf.response_rates(asked(groesse=sizes), "groesse")
    assert found.table["group"].tolist() == ["", "klein", "groß"]
    assert found.table["rr2"].tolist() == pytest.approx([4 / 11, 0, 4 / 5])
    assert found.table["invited"].tolist() == [11, 6, 5]
    assert [row[0] for row in found.display().rows] == ["Insgesamt", "klein", "groß"]
    assert [row[0] for row in found.display("en").rows] == ["Total", "klein", "groß"]


def test_a_frame_of_ineligible_units_alone_has_no_rate():
    land = ["A"] * 4 + ["B"] * 7
    given_states = dict.fromkeys((f"u{at}" for at in range(4, 11)), "ineligible")
    row = bf.response_rates(asked(land=land), "land", dispositions=given_states).table.iloc[2]
    assert (row["group"], row["invited"], row["ineligible"]) == ("B", 7, 7)
    assert row[RATES].isna().all()


def test_rates_hold_no_answers_and_say_by_what_they_were_made():
    found = bf.response_rates(asked(land=["A"] * 11), "land", eligible=0.5)
    assert found.confidentiality == "internal"
    recorded = dict(found.provenance.parameters)
    assert recorded["eligible"] == 0.5
    assert found.specification == {"by": ["land"], "eligible": 0.5}
    assert found.display().rows


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"dispositions": {"u9": "moved"}}, UnknownCodeError, "moved"),
        ({"dispositions": {"u99": "refused"}}, ValidationError, "not in the frame"),
        ({"dispositions": "verbleib"}, UnknownCodeError, "verbleib"),
        ({"by": "lnd"}, UnknownCodeError, "land"),
        ({"invited": pd.DataFrame({"unit": ["u0", "u0"]})}, ValidationError, "each unit stands on"),
        ({"invited": pd.DataFrame({"ags": ["u0"]})}, ValidationError, "a column 'unit'"),
        ({"invited": pd.DataFrame({"unit": ["u0", None]})}, ValidationError, "a column 'unit'"),
        ({"invited": pd.DataFrame({"unit": ["u0"]})}, ValidationError, "3 cases are not among"),
    ],
)
def test_what_does_not_fit_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        bf.response_rates(asked(land=["A"] * 11), **options)


def test_without_a_frame_nobody_knows_who_was_invited():
    plain = survey_of(pd.DataFrame({"y": [1.0, 2.0]}), [item("y", [1.0], "number")])
    with pytest.raises(ValidationError, match="need a design"):
        bf.response_rates(plain)
    with pytest.raises(ValidationError, match=r"bf\.design\(survey, frame=…\)"):
        bf.response_rates(plain.with_design(bf.design(plain, population=9)))
    with pytest.raises(ValidationError, match=r"bf\.design\(survey, frame=…\)"):
        bf.respondents_against_frame(plain.with_design(bf.design(plain, population=9)))


def test_balance_of_a_number_and_of_classes_by_hand():
    size = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, np.nan])
    land = ["A", "A", "B", "B"] + ["A"] * 7
    found = bf.respondents_against_frame(asked(groesse=size, land=land))
    table = found.table.set_index(["variable", "category"])
    row = table.loc[("groesse", "")]
    assert row[["frame", "respondents", "weighted"]].tolist() == [5.5, 2.5, 2.5]
    assert row["difference"] == pytest.approx(-3 / np.std(np.arange(1, 11)))
    assert (row["kind"], row["n"], row["N"]) == ("mean", 4, 10)
    row = table.loc[("land", "A")]
    assert row[["frame", "respondents"]].tolist() == pytest.approx([9 / 11, 1 / 2])
    spread = np.sqrt(9 / 11 * 2 / 11)
    assert row["difference"] == pytest.approx((1 / 2 - 9 / 11) / spread)
    assert table.loc[("land", "B"), "difference"] == pytest.approx(-row["difference"])


def test_a_variable_that_does_not_vary_has_no_difference():
    found = bf.respondents_against_frame(asked(groesse=[3.0] * 11), ["groesse"]).table.iloc[0]
    assert found[["frame", "respondents"]].tolist() == [3, 3]
    assert np.isnan(found["difference"])


@pytest.mark.parametrize("known", [[], [4, 5, 6]])
def test_a_number_that_is_known_of_no_respondent_is_no_figure(known):
    size = np.full(11, np.nan)
    size[known] = [10.0, 20.0, 30.0][: len(known)]
    row = bf.respondents_against_frame(asked(groesse=size)).table.iloc[0]
    assert row[["respondents", "weighted", "difference"]].isna().all()
    assert row["n"] == 0
    assert row["N"] == len(known)
    assert row["frame"] == pytest.approx(20 if known else np.nan, nan_ok=True)


def test_balance_does_not_depend_on_the_scale_of_a_number():
    size = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20])
    one, two = (
        bf.respondents_against_frame(asked(groesse=values)).table.iloc[0]
        for values in (size, 1000 * size + 7)
    )
    assert one["difference"] == pytest.approx(two["difference"])
    with pytest.raises(UnknownCodeError, match="groesse"):
        bf.respondents_against_frame(asked(groesse=size), ["grosse"])


def test_delegation_counts_who_answered_and_who_is_unknown():
    found = bf.delegation(asked(land=["A", "A"] + ["B"] * 9), "who", ["ob"], "land").table
    columns = ["group", "answered", "in_person", "delegated", "unknown"]
    assert found[columns].to_numpy().tolist() == [
        ["", 3, 2, 1, 1],
        ["A", 2, 1, 1, 0],
        ["B", 1, 1, 0, 1],
    ]
    assert found["share"].tolist() == pytest.approx([2 / 3, 1 / 2, 1])
    everybody = bf.delegation(asked(), "who", ["ob", "amt"]).table.iloc[0]
    assert (everybody["delegated"], everybody["share"]) == (0, 1)
    nobody = bf.delegation(asked(), "who", []).table.iloc[0]
    assert (nobody["in_person"], nobody["share"]) == (0, 0)


def test_delegation_is_about_one_question_with_one_answer():
    frame = pd.DataFrame({"r_a": ["1", "2"], "r_b": ["1", "1"], "y": [1.0, 2.0]})
    codes = [{"code": code, "label": {"de": code}} for code in "12"]
    rows = [{"id": name, "text": {"de": name}} for name in "ab"]
    battery = item("y", frame["y"], "number").model_validate(
        {"id": "r", "kind": "array", "text": {"de": "r"}, "codes": codes, "rows": rows}
    )
    survey = survey_of(frame, [battery, item("y", frame["y"], "number")])
    for question in ("r", "y"):
        with pytest.raises(ValidationError, match=f"'{question}' must have one answer out of seve"):
            bf.delegation(survey, question, ["1"])
    assert bf.delegation(survey, "r_a", ["1"]).table["in_person"].tolist() == [1]
