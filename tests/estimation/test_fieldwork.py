"""Response rates follow the AAPOR definitions; respondents are compared with the whole frame."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import UnknownCodeError, ValidationError

from .inputs import item, kommunen, projects, survey_of


@pytest.fixture(scope="module")
def census():
    survey, frame = projects()
    frame = frame.assign(size=np.arange(len(frame), dtype=float))
    return survey.with_design(bf.design(survey, kind="population", frame=frame))


def test_a_register_knows_that_all_are_eligible(census):
    found = bf.response_rates(census).table.iloc[0]
    assert found["invited"] == 73
    assert found["complete"] == len(census)
    for rate in ("rr1", "rr2", "rr3", "rr5", "con1"):
        assert found[rate] == pytest.approx(len(census) / 73)
    assert found["coop1"] == 1


def test_rates_are_those_of_the_definitions(census):
    missing = sorted(set(census.design.frame["unit"]) - set(census.cases["unit"]))
    states = dict(
        zip(
            missing,
            ["refused", "refused", "other", "unknown", "unknown", "ineligible"],
            strict=False,
        )
    )
    found = bf.response_rates(census, dispositions=states, eligible=0.5).table.iloc[0]
    i, no_contact = len(census), len(missing) - 6
    assert found["rr1"] == pytest.approx(i / (i + 2 + 1 + 2 + no_contact))
    assert found["rr3"] == pytest.approx(i / (i + 2 + 1 + 1 + no_contact))
    assert found["rr5"] == pytest.approx(i / (i + 2 + 1 + no_contact))
    assert found["coop1"] == pytest.approx(i / (i + 3))
    assert found["ref1"] == pytest.approx(2 / (i + 5 + no_contact))
    assert found["con1"] == pytest.approx((i + 3) / (i + 5 + no_contact))


def test_groups_add_up_to_all(census):
    table = bf.response_rates(census, by="staffel").table
    counts = ["invited", "complete", "partial", "no_contact"]
    assert table[counts].iloc[1:].sum().tolist() == table[counts].iloc[0].tolist()
    shown = bf.response_rates(census, by="staffel")
    assert shown.confidentiality == "internal"
    assert len(shown.display().rows) == 4
    assert "AAPOR" in shown.display().notes[0]
    assert shown.figure("en").axes[0].get_xlabel().startswith("Response rate")
    assert "Insgesamt 78" in shown.alt_text()


def test_respondents_are_compared_with_the_frame(census):
    table = bf.respondents_against_frame(census).table
    frame = census.design.frame
    typ = table[table["variable"] == "typ"].set_index("category")
    assert typ["frame"].to_dict() == pytest.approx(
        frame["typ"].value_counts(normalize=True).to_dict()
    )
    size = table[table["variable"] == "size"].iloc[0]
    mine = frame.set_index("unit").loc[census.cases["unit"], "size"].mean()
    expected = (mine - frame["size"].mean()) / frame["size"].std(ddof=0)
    assert size["difference"] == pytest.approx(expected)
    assert size["kind"] == "mean"


def test_weighting_removes_the_difference_of_what_it_weights_by(census):
    weighted = bf.poststratify(census, "typ")
    result = bf.respondents_against_frame(weighted, ["typ"])
    np.testing.assert_allclose(result.table["weighted_difference"], 0, atol=1e-12)
    assert (result.table["difference"].abs() > 1e-3).any()
    assert result.display().columns[2].label == "Grundgesamtheit"
    assert result.alt_text() == "0 von 3 Ausprägungen weichen um 0,2 oder mehr vom Rahmen ab."
    assert len(result.figure().axes[0].get_yticklabels()) == 3


def test_what_is_unknown_is_refused(census):
    with pytest.raises(UnknownCodeError):
        bf.response_rates(census, by="land")
    with pytest.raises(UnknownCodeError):
        bf.response_rates(census, dispositions={"M01": "moved"})
    with pytest.raises(ValidationError, match="not in the frame"):
        bf.response_rates(census, dispositions={"X": "refused"})
    with pytest.raises(UnknownCodeError):
        bf.respondents_against_frame(census, ["land"])
    with pytest.raises(ValidationError, match="all who were invited"):
        bf.response_rates(kommunen())


def test_several_variables_are_crossed_and_a_column_of_the_frame_may_hold_what_became_of_units():
    survey, frame = projects()
    silent = ~frame["unit"].isin(survey.cases["unit"])
    states = pd.Series(None, index=frame.index, dtype="object")
    states[silent] = "refused"
    frame = frame.assign(verbleib=states)
    made = survey.with_design(bf.design(survey, kind="population", frame=frame))
    table = bf.response_rates(made, ["staffel", "typ"], dispositions="verbleib").table
    crossed = table.iloc[1:]
    expected = frame.groupby(["staffel", "typ"]).size()
    assert crossed["invited"].tolist() == expected.tolist()
    assert crossed["group"].iloc[0] == "1 · IKZ"
    assert crossed["refused"].sum() == silent.sum()
    assert crossed["reached"].sum() == 73
    assert table["con1"].iloc[0] == 1


@pytest.fixture(scope="module")
def filled_in():
    who = ["ob"] * 14 + ["amt"] * 6 + [None] * 2
    frame = pd.DataFrame({"who": who, "size": ["a"] * 18 + ["b"] * 4})
    items = [item("who", frame["who"], "single", confidentiality="internal")]
    return survey_of(frame, [*items, item("size", frame["size"], "single")])


def test_it_is_said_who_answered(filled_in):
    found = bf.delegation(filled_in, "who", ["ob"], by="size")
    columns = ["group", "answered", "in_person", "delegated", "unknown"]
    assert found.table[columns].to_numpy().tolist() == [
        ["", 20, 14, 6, 2],
        ["a", 18, 14, 4, 0],
        ["b", 2, 0, 2, 2],
    ]
    assert found.table["share"].iloc[0] == pytest.approx(0.7)
    assert found.confidentiality == "internal"
    shown = found.display()
    assert shown.rows[0][-1].startswith("70")
    assert shown.rows[2][-1] == ""
    assert found.alt_text("en") == (
        "in person: Total 14 of 20; Antwort a 14 of 18; Antwort b 0 of 2."
    )
    assert found.figure().axes[0].get_xlabel().startswith("Anteil persönlich")


def test_delegation_needs_one_answer_and_its_codes(filled_in):
    with pytest.raises(UnknownCodeError, match="mayor"):
        bf.delegation(filled_in, "who", ["mayor"])
    survey, _ = projects()
    with pytest.raises(ValidationError, match="one answer"):
        bf.delegation(survey, "mr_1", ["1"])


def test_of_a_sample_those_drawn_were_invited():
    survey, frame = projects()
    sample = survey.with_design(bf.design(survey, frame=frame, strata="staffel"))
    drawn = frame[frame["unit"].isin(survey.cases["unit"]) | (frame["staffel"] == 1)]
    found = bf.response_rates(sample, invited=drawn)
    assert found.table["invited"].iloc[0] == len(drawn)
    assert found.table["rr1"].iloc[0] == pytest.approx(len(survey) / len(drawn))
    assert found.findings == ()
    assumed = bf.response_rates(sample)
    assert [finding.rule for finding in assumed.findings] == ["fieldwork.frame"]
    assert "nicht gezogenen" in assumed.display().notes[1]
    with pytest.raises(ValidationError, match="not among those invited"):
        bf.response_rates(sample, invited=drawn.iloc[5:])
