"""What an attacker worked out of protected results once, and must not again."""

from __future__ import annotations

import itertools
import pickle
from dataclasses import replace

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.surveys import STATUSES, Codebook

from .drawn import codebook, survey_of

SAID = {"confidentiality": "confidential"}
OPTIONS = [{"code": code, "label": {"de": code}} for code in "abc"]


def book(**about):
    """q1, q2 with two answers, numbers q3 and q5, options q4, q6 only asked after a yes."""
    given = codebook(2, **about).model_dump(mode="json", exclude_none=True)
    given["items"] += [
        {"id": "q4", "kind": "multiple", "text": {"de": "q4"}, "untouched": "none",
         "codes": OPTIONS, **SAID},
        {"id": "q5", "kind": "number", "text": {"de": "q5"}, **SAID},
        {"id": "q6", "kind": "number", "text": {"de": "q6"}, "filter": "q1 == '1'", **SAID},
        {"id": "ew", "kind": "number", "text": {"de": "Einwohner"}, "role": "identifying",
         "confidentiality": "public"},
    ]  # fmt: skip
    return Codebook.model_validate(given)


def visible(result):
    return result.table[result.table["suppressed"] == ""]


def by_people(weighted=False):
    draw = np.random.default_rng(1)
    n = 40
    people = draw.integers(5_000, 900_000, n).astype(float)
    columns = {"q1": draw.integers(0, 2, n), "ew": people, "staffel": np.repeat(range(4), n // 4)}
    survey = survey_of(book(), columns)
    weights = people / 10_000 if weighted else None
    if weighted:
        survey = survey.with_design(bf.design(survey, weights=weights))
    return survey, people


@pytest.mark.parametrize(
    ("statistic", "weighted"),
    [("share", False), ("mean", False), ("share", True), ("mean", True), ("total", True)],
)
def test_which_cases_a_weighted_figure_adds_up_does_not_follow_from_its_decimals(
    statistic, weighted
):
    survey, people = by_people(weighted)
    by_number = {} if weighted else {"weight_by": "ew"}
    safe = bf.protect(bf.estimate(survey, "q1", by="staffel", statistic=statistic, **by_number))
    rows = visible(safe)
    rows = rows[(rows["domain"] != "") & (rows["category"].isin(["1", ""]))]
    assert len(rows)
    choices = np.array(list(itertools.product((0.0, 1.0), repeat=10)))
    for row in rows.to_dict("records"):
        weights = people[survey.responses["staffel"].astype(str).to_numpy() == row["domain"]]
        weights = weights / 10_000 if weighted else weights
        total = choices @ weights
        figures = total if statistic == "total" else total / weights.sum()
        agree = np.ones(len(choices), bool)
        if not np.isnan(row["estimate"]):
            step = 0.1 if statistic == "mean" else 0.01
            step = 10.0 if statistic == "total" and weights.sum() > 100 else step
            agree &= np.abs(figures - row["estimate"]) <= step / 2 + 1e-9
        if isinstance(row["count"], int):
            agree &= choices.sum(axis=1) == row["count"]
        fits = choices[agree]
        assert ((fits.min(axis=0) == 0) & (fits.max(axis=0) == 1)).all()  # nobody is certain
        assert np.isnan(row["se"])


def test_the_base_of_a_filtered_question_does_not_tell_who_passed_the_filter():
    columns = {
        "q1": [1] * 10 + [0] * 9 + [1, 0],
        "q6": [5.0] * 10 + [None] * 9 + [7.0, None],
        "staffel": [0] * 19 + [1, 2],
    }
    survey = survey_of(book(), columns)
    status = survey.status.copy()
    status.loc[(survey.responses["q1"] == "0").to_numpy(), "q6"] = STATUSES.index("not_asked")
    survey = replace(survey, status=status)
    groups = bf.protect(bf.estimate(survey, "q6", by="staffel", statistic="median")).table
    assert groups.loc[groups["domain"].isin(["1", "2"]), "n"].isna().all()
    assert len(visible(bf.protect(bf.estimate(survey, "q6", statistic="median"))))


@pytest.mark.parametrize(
    "about", [{"by": ["staffel", "q1"]}, {"by": "staffel", "where": "q1 == 1"}]
)
def test_bases_do_not_tell_what_members_of_a_small_group_answered(about):
    columns = {
        "q1": [1, 0] * 10,
        "q3": [5.0 + at for at in range(20)],
        "staffel": [0] * 18 + [1, 2],
    }
    survey = survey_of(book(), columns)
    table = bf.protect(bf.estimate(survey, "q3", statistic="median", **about)).table
    small = table["domain"].str.startswith(("1", "2"))
    assert table.loc[small, "n"].isna().all()


def test_a_protected_table_by_answers_does_not_hold_the_answer_of_each_case():
    columns = {"q1": [1, 0] * 12, "q2": [1, 1, 0, 0] * 6, "staffel": [0, 1, 2] * 8}
    safe = bf.protect(bf.estimate(survey_of(book(), columns), "q2", by="q1"))
    held = pickle.loads(pickle.dumps(safe))
    assert [b.names for b in held.breakdowns] == [()]


@pytest.mark.parametrize("statistic", ["variance", "sd"])
def test_a_spread_does_not_tell_a_dominating_number(statistic):
    columns = {"q3": [1000.0, 1, 2, 1, 0] + [5.0, 6, 7, 8, 9] * 3, "staffel": [0] * 5 + [1] * 15}
    survey = survey_of(book(), columns)
    rows = visible(bf.protect(bf.estimate(survey, "q3", by="staffel", statistic=statistic)))
    assert rows["domain"].tolist() == ["1"]


def test_a_quantile_near_the_end_does_not_tell_the_largest_number():
    columns = {"q3": [float(at) for at in range(60)], "staffel": [0] * 20 + [1] * 40}
    survey = survey_of(book(), columns)
    last = bf.protect(bf.estimate(survey, "q3", by="staffel", statistic="quantile", prob=0.99))
    assert visible(last).empty
    tenth = bf.protect(bf.estimate(survey, "q3", by="staffel", statistic="quantile", prob=0.9))
    assert visible(tenth)["domain"].tolist() == ["", "1"]


@pytest.mark.parametrize("statistic", ["sd", "variance", "median", "mean"])
@pytest.mark.parametrize("question", ["q1", "q3"])
def test_that_all_of_a_group_answered_alike_is_told_by_no_statistic(question, statistic):
    columns = {"q1": [0] * 6 + [0, 1] * 4, "q3": [0.0] * 6 + [1.0, 2, 3, 4, 5, 6, 7, 8],
               "staffel": [0] * 6 + [1] * 8}  # fmt: skip
    survey = survey_of(book(promise="anonym"), columns)
    safe = bf.protect(bf.estimate(survey, question, by="staffel", statistic=statistic))
    seen = visible(safe)["domain"].tolist()
    assert "0" not in seen
    if statistic == "mean":  # the total less the other group would tell it
        assert not {"", "1"} <= set(seen)


def test_a_mean_of_a_scale_is_hidden_without_refusing_the_table():
    columns = {"q1": [1] * 7 + [0] * 1 + [0, 1] * 10, "staffel": [0] * 8 + [1] * 8 + [2] * 12}
    survey = survey_of(book(promise="anonym"), columns)
    safe = bf.protect(bf.estimate(survey, "q1", by="staffel", statistic="mean"))
    seen = visible(safe)["domain"].tolist()
    assert "" in seen
    assert "0" not in seen
    assert bf.audit(safe).ok


def test_shares_of_answers_do_not_give_back_a_hidden_count():
    columns = {
        "q4_a": [1] + [0] * 5 + [0, 1, 1, 1, 0, 0] * 3,
        "q4_b": [0, 1, 1, 0, 1, 0] * 4,
        "q4_c": [1, 0] * 12,
        "staffel": ([0] * 6 + [1] * 6) * 2,
        "land": [0] * 12 + [1] * 12,
    }
    survey = survey_of(book(), columns)
    safe = bf.protect(bf.estimate(survey, "q4", by=["staffel", "land"], base="answers"))
    hidden = safe.table[(safe.table["suppressed"] != "")]
    assert "q4_a" in hidden["column"].tolist()
    assert visible(safe)["estimate"].isna().all()
    assert visible(safe)["count"].notna().all()


def test_a_ratio_does_not_tell_its_secret_denominator():
    draw = np.random.default_rng(3)
    columns = {"q3": draw.lognormal(3, 1, 24).round(), "q5": [1000.0] + [2.0] * 23,
               "staffel": [0] * 12 + [1] * 12}  # fmt: skip
    survey = survey_of(book(), columns)
    ratio, total = bf.protect([
        bf.estimate(survey, "q3", by="staffel", statistic="ratio", denominator="q5"),
        bf.estimate(survey, "q3", by="staffel", statistic="total"),
    ])  # fmt: skip
    assert visible(ratio).empty
    assert len(visible(total)) == 3


def test_the_footnote_does_not_say_that_every_hidden_count_is_one_or_two():
    # A group of six with (4, 1, 1): if both points are known to be 1 or 2, their sum tells both.
    columns = {
        "q1": [0] * 4 + [1, 2] + [0, 1, 2] * 2 + [0] * 4 + [1, 2] + [0, 1, 2] * 2,
        "staffel": [0] * 12 + [1] * 12,
        "land": ([0] * 6 + [1] * 6) * 2,
    }
    survey = survey_of(codebook(3), columns)
    safe = bf.protect(bf.estimate(survey, "q1", by=["staffel", "land"]))
    told = safe.protection
    assert told.hidden > 2
    assert set(safe.table["suppressed"]) == {"", "hidden"}
    steps = [step for step in safe.provenance.steps() if step.operation == "protect"]
    assert {"primary", "secondary"}.isdisjoint(dict(steps[0].parameters))


def test_two_versions_of_a_survey_are_not_published_together():
    survey = survey_of(codebook(2), {"q1": [0, 1] * 15})
    without_one = survey.keep(np.arange(30) != 3, reason="Test")
    with pytest.raises(bf.DisclosureError, match="two versions"):
        bf.protect([bf.estimate(survey, "q1"), bf.estimate(without_one, "q1")])
