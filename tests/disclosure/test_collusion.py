"""What colluders learn, in words: who, of which question, in which group, and never what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.collusion import collusion, errors_of
from begleitforschung.errors import ValidationError

from .answers import UNITS, codebook, protected, survey_of

ART = ["A"] * 7 + ["B"] * 13
Q1 = list("1222222") + list("12" * 6) + ["1"]


def sensitive():
    items = codebook().model_dump(mode="json", exclude_unset=True)["items"]
    items[0]["sensitive"] = True
    return codebook(items=items)


@pytest.fixture(scope="module")
def survey():
    columns = {"q1": Q1, "q3": [1000.0 + at for at in range(20)], "art": ART}
    return survey_of(columns, book=sensitive())


@pytest.fixture(scope="module")
def printed(survey):
    return [protected(bf.estimate(survey, "q1", by="art"))]


def found(survey, printed, *, size=1, who=None, columns=("q1",), known=None):
    recipients = np.ones(len(survey), bool) if who is None else np.isin(np.arange(20), who)
    return collusion(survey, columns, printed, recipients=recipients, size=size, known=known)


def test_the_one_who_differs_knows_all_others_of_the_group(survey, printed):
    (one,) = found(survey, printed)
    assert (one.rule, one.severity, one.column) == ("feedback.coalition", "error", "q1")
    assert one.key == "art A"  # the smallest published group around those found out
    assert one.value is None
    assert one.text.de == "eine Kommune kann die Antwort einer anderen Kommune ermitteln"
    assert one.text.en == "one recipient can work out the answer of another municipality"


def test_who_gets_no_profile_does_not_collude(survey, printed):
    assert found(survey, printed, who=range(1, 20)) == ()
    assert len(found(survey, printed, who=[0])) == 1
    assert found(survey, printed, size=0) == ()


def test_a_number_of_colluders_is_told(survey):
    columns = {"q1": list("1122222") + Q1[7:], "art": ART}
    two = survey_of(columns, book=sensitive())
    made = [protected(bf.estimate(two, "q1", by="art"))]
    assert found(two, made, size=1) == ()
    (one,) = found(two, made, size=2)
    assert one.text.de == "2 Kommunen gemeinsam können die Antwort einer anderen Kommune ermitteln"
    assert one.text.en.startswith("2 recipients together can work out")


def test_what_everybody_works_out_needs_no_colluder(survey):
    columns = {"q1": ["2"] * 7 + Q1[7:], "art": ART}
    alike = survey_of(columns, book=sensitive())
    (one,) = found(alike, [protected(bf.estimate(alike, "q1", by="art"))], size=0)
    assert one.text.en == "everybody can work out the answer of another municipality"
    assert one.text.de.startswith("jeder kann")


def test_hidden_rows_tell_nothing(survey):
    made = [protected(bf.estimate(survey, "q1", by="art"), lambda row: row["domain"] != "")]
    assert found(survey, made, size=2) == ()


def test_released_answers_are_no_secret_but_help_everybody(survey, printed):
    known = survey.responses.notna() & False
    known.loc[range(7), "q1"] = True
    assert found(survey, printed, known=known) == ()
    known.loc[1:, "q1"] = False  # only the one who differs: all others follow
    (one,) = found(survey, printed, size=0, known=known)
    assert one.text.en.startswith("everybody can work out")


@pytest.mark.parametrize(("members", "keys"), [(4, ["art A"]), (7, [])])
def test_where_the_policy_lets_groups_agree_small_ones_must_not(members, keys):
    answers = ["1"] + ["2"] * (members - 1) + list("12" * 10)
    columns = {"q1": answers[:20], "art": ["A"] * members + ["B"] * (20 - members)}
    plain = survey_of(columns)  # not sensitive
    made = [protected(bf.estimate(plain, "q1", by="art"))]
    assert [item.key for item in found(plain, made)] == keys


def test_public_items_are_not_looked_at(survey):
    made = [protected(bf.estimate(survey, "art"))]
    assert found(survey, made, columns=["art"], size=2) == ()


def test_medians_are_said_not_to_be_looked_at(survey):
    made = [protected(bf.estimate(survey, "q3", by="art", statistic="median"))]
    (one,) = found(survey, made, columns=["q3"])
    assert (one.rule, one.severity, one.column, one.n) == ("feedback.not_seen", "warning", "q3", 3)
    assert errors_of([one]) == []


def test_an_amount_that_colluders_estimate_is_told_with_the_percentage(survey):
    amounts = [900.0, 500.0, 40.0, 30.0, 15.0, 5.0, 5.0] + [300.0] * 13
    made = survey_of({"q3": amounts, "art": ART})
    mean = [protected(bf.estimate(made, "q3", by="art", statistic="mean"))]
    assert errors_of(found(made, mean, columns=["q3"], size=1)) == []  # 95 beside 900
    told = errors_of(found(made, mean, columns=["q3"], size=2))
    (one,) = [item for item in told if item.rule == "feedback.estimate"]
    assert one.key == "art A"
    assert one.text.en == (
        "up to 2 recipients can estimate the amount of another municipality to within 10 %"
    )
    assert one.text.de == (
        "bis zu 2 Kommunen können gemeinsam den Betrag einer anderen Kommune auf 10 % genau "
        "schätzen"
    )
    alone = survey_of({"q3": [900.0] + [2.0] * 6 + [300.0] * 13, "art": ART})
    mean = [protected(bf.estimate(alone, "q3", by="art", statistic="mean"))]
    for size, who in ((0, "jeder kann den Betrag"), (1, "eine Kommune kann den Betrag")):
        (told,) = found(alone, mean, columns=["q3"], size=size)
        assert told.text.de.startswith(who)


def test_tables_of_other_answers_are_refused_by_their_place(survey, printed):
    fewer = survey_of({"q1": [None, *Q1[1:]], "art": ART}, book=sensitive(), units=UNITS)
    with pytest.raises(ValidationError, match="published base is not that of this survey"):
        found(fewer, printed)
    table = printed[0].table.copy()
    table.loc[table["domain"] == "A", "domain"] = "Z"
    with pytest.raises(ValidationError, match="published group art 'Z' is none of this survey"):
        found(survey, [replace(printed[0], table=table)])


def test_no_finding_holds_an_answer_or_a_municipality(survey, printed):
    told = " ".join(f"{item.text.de} {item.text.en} {item.key}" for item in found(survey, printed))
    assert not any(unit in told for unit in UNITS)
    assert "Ja" not in told
    assert "Nein" not in told
