"""What a policy asks of sums: who counts, which counts are few, which groups tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.asked import Asked, Domains
from begleitforschung.disclosure.cells import cells_of
from begleitforschung.disclosure.linking import link
from begleitforschung.disclosure.needs import demand
from begleitforschung.disclosure.policies import load_policy
from begleitforschung.disclosure.structure import structure_of
from begleitforschung.disclosure.telling import telling_count

from .drawn import codebook, survey_of


def asked(columns, column="q1", by="staffel", *, policy="strict", hide=(), released=(), **about):
    """What is asked of one table, by group and answer: whether hidden, and the needs."""
    n = len(columns["staffel"])
    survey = survey_of(codebook(about.pop("answers", 2)), {"land": [0] * n} | columns)
    result = bf.estimate(survey, column, by=by, **about)
    linked = link([(0, structure_of(result, survey)[0])])
    known = np.isin(np.arange(n), released)
    cells = cells_of(linked, {column: known})
    hidden = np.array([_name(survey, g) in hide for g in linked.groups])
    due = Asked(
        policy=load_policy(policy),
        telling=frozenset([column] if policy == "strict" else []),
        hidden={column: hidden},
        small=np.zeros(0, bool),
    )
    made = demand(linked, cells, Domains(linked, survey.cases["unit"], {column: known}), due)
    places = [result.table.loc[p[0][1]] for p in linked.places]
    keys = [(row["domain"], row["category"]) for row in places]
    needs = {}
    for need in made.needs:
        if not need.known:
            needs[keys[need.cell]] = (need.up, need.down)
    insiders = [(keys[n.known[0]], keys[n.cell]) for n in made.needs if n.known]
    primary = {key for key, gone in zip(keys, made.primary, strict=False) if gone}
    along = {key for key, gone in zip(keys, made.along, strict=False) if gone}
    return primary, along, needs, insiders


def _name(survey, group):
    found = survey.responses.loc[group, "staffel"].astype(str).unique()
    return found[0] if len(found) == 1 else ""


BIG = {"q1": [0, 1] * 10, "staffel": [0] * 20}


def test_where_nothing_is_forbidden_nothing_is_asked():
    assert asked(BIG) == (set(), set(), {}, [])


@pytest.mark.parametrize(("ones", "hidden"), [(0, False), (1, True), (2, True), (3, False)])
def test_counts_of_one_and_two_need_one_more_and_one_less(ones, hidden):
    columns = {
        "q1": [2] * ones + [0, 1] * 5 + [0, 1] * 10,
        "staffel": [1] * (ones + 10) + [0] * 20,
    }
    primary, _, needs, _ = asked(columns, answers=3)
    assert (("1", "2") in primary) == hidden
    if hidden:
        assert needs["1", "2"] == (1.0, 1.0)


def test_the_policy_for_groups_allows_small_counts_unless_crossed():
    columns = {"q1": [1] + [0] * 9 + [0, 1] * 10, "staffel": [1] * 10 + [0] * 20}
    assert asked(columns, policy="grouped")[2] == {}
    columns |= {"land": [0] * 20 + [1] * 10}
    crossed = asked(columns, by=["staffel", "land"], policy="grouped")
    assert crossed[2] == {("1 · 0", "1"): (1.0, 1.0)}


def test_a_hidden_group_hides_its_sums_and_one_less_must_stay_possible():
    columns = {"q1": [1, 0, 2, 2] + [0, 1, 2] * 7, "staffel": [1] * 4 + [0] * 21}
    primary, along, needs, _ = asked(columns, answers=3, hide={"1"})
    assert primary == {("1", "0"), ("1", "1"), ("1", "2")}
    assert needs == dict.fromkeys(primary, (0.0, 1.0))
    assert not along


def test_a_large_group_that_is_hidden_goes_along():
    primary, along, needs, _ = asked(
        {"q1": [0, 1] * 15, "staffel": [1] * 10 + [0] * 20}, hide={"1"}
    )
    assert along == {("1", "0"), ("1", "1")}
    assert not primary
    assert not needs


@pytest.mark.parametrize(
    ("base", "spare", "limit"),
    [(10, 1, 9), (10, 0, 10), (2, 1, 2), (1, 1, 1), (3, 1, 2), (3, 5, 2), (0, 1, 0)],
)
def test_from_how_many_equal_answers_on_a_group_tells(base, spare, limit):
    assert telling_count(base, spare) == limit


@pytest.mark.parametrize(("zeros", "tells"), [(10, True), (9, True), (8, False)])
def test_a_group_of_which_all_but_one_agree_must_not_be_seen_to(zeros, tells):
    columns = {
        "q1": [0] * zeros + [1] * (10 - zeros) + [0, 1] * 10,
        "staffel": [1] * 10 + [0] * 20,
    }
    _, _, needs, _ = asked(columns)
    if tells:  # at most 8 of 10 may follow
        assert needs["1", "0"][1] == zeros - 8
    else:
        assert ("1", "0") not in needs


def test_a_mean_at_the_end_of_its_scale_tells_as_well():
    columns = {"q1": [2] * 10 + [0, 1, 2] * 7, "staffel": [1] * 10 + [0] * 21}
    _, _, needs, _ = asked(columns, answers=3, statistic="mean")
    (need,) = needs.values()
    assert need[1] > 0 or need[0] > 0
    low = {"q1": [0] * 10 + [0, 1, 2] * 7, "staffel": [1] * 10 + [0] * 21}
    (other,) = asked(low, answers=3, statistic="mean")[2].values()
    assert other == need[::-1]  # the other end, the other side
    middle = {"q1": [1] * 10 + [0, 1, 2] * 7, "staffel": [1] * 10 + [0] * 21}
    assert asked(middle, answers=3, statistic="mean")[2] == {}


@pytest.mark.parametrize(
    ("second", "rest", "up"),
    [(50.0, [5.0], 5.0), (50.0, [10.0], None), (50.0, [4.0, 5.0], 1.0), (0.0, [], 10.0)],
)
def test_the_largest_amount_must_not_be_estimated_to_within_ten_percent(second, rest, up):
    # The second largest knows the sum of the others: less than 10 % of 100 is too little.
    amounts = [100.0, second, *rest]
    columns = {
        "q3": amounts + [7.0] * 20,
        "q1": [0] * (len(amounts) + 20),
        "staffel": [1] * len(amounts) + [0] * 20,
    }
    needs = asked(columns, "q3", policy="grouped", statistic="total")[2]
    assert needs.get(("1", "")) == (None if up is None else (pytest.approx(up), 0.0))


def test_who_is_alone_in_a_cell_must_not_work_out_the_others():
    columns = {
        "q1": [1, 2, 2] + [0] * 10 + [0, 1, 2] * 7,
        "staffel": [1] * 13 + [0] * 21,
    }
    insiders = asked(columns, answers=3)[3]
    assert (("1", "1"), ("1", "2")) in insiders
    assert all(knows == ("1", "1") for knows, _ in insiders)


@pytest.fixture
def domains():
    survey = survey_of(codebook(2), BIG | {"land": [0] * 20})
    linked = link([(0, structure_of(bf.estimate(survey, "q1"), survey)[0])])
    return survey, linked


def test_several_answers_of_one_municipality_are_one_respondent(domains):
    survey, linked = domains
    units = survey.cases["unit"].copy()
    units[:5] = "05315000"
    made = Domains(linked, units, {})
    cases = made.cases(("q1", 0, "", -1))
    assert len(cases) == 20
    assert made.size(cases) == 16
    assert made.size(cases[:5]) == 1


def test_respondents_without_a_key_are_one_each(domains):
    survey, linked = domains
    units = survey.cases["unit"].astype(object).copy()
    units[:5] = pd.NA
    made = Domains(linked, units, {})
    assert made.size(made.cases(("q1", 0, "", -1))) == 20
    assert len(set(made.holdings(np.arange(20)))) == 20


def test_who_released_an_answer_hides_nobody(domains):
    survey, linked = domains
    made = Domains(linked, survey.cases["unit"], {"q1": np.arange(20) < 17})
    assert made.cases(("q1", 0, "", -1)).tolist() == [17, 18, 19]
    silent = replace(survey, responses=survey.responses.assign(
        q1=survey.responses["q1"].where(np.arange(20) > 0)),
        status=survey.status.assign(q1=np.where(np.arange(20) > 0, 0, 3).astype("int8")),
    )  # fmt: skip
    quiet = link([(0, structure_of(bf.estimate(silent, "q1"), silent)[0])])
    assert 0 not in Domains(quiet, silent.cases["unit"], {}).cases(("q1", 0, "", -1))
