"""Bases that answers decide: case by case, what is refused and what may be shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

import begleitforschung as bf
from begleitforschung.disclosure.bases import require_safe_bases
from begleitforschung.disclosure.policies import load_policy
from begleitforschung.disclosure.structure import structure_of

from .drawn import codebook, survey_of

MIX = [0, 1] * 10


def survey(by_answer, staffel=None, *, q3=None, land=None, **about):
    n = len(by_answer)
    columns = {
        "q1": [0, 1] * (n // 2),
        "q2": by_answer,
        "staffel": staffel or [0] * n,
        "land": land or [0] * n,
    } | ({"q3": q3} if q3 else {})
    return survey_of(codebook(2, **about), columns)


def check(made, *results, policy="grouped"):
    secrets = [structure_of(result, made) for result in results]
    require_safe_bases(results, secrets, made, load_policy(policy))


def refused(made, *results, policy="grouped"):
    with pytest.raises(bf.DisclosureError) as caught:
        check(made, *results, policy=policy)
    return str(caught.value)


def test_bases_of_the_register_are_never_refused():
    made = survey(MIX, [0] * 18 + [1] * 2)
    check(made, bf.estimate(made, "q1", by="staffel"), policy="strict")


@pytest.mark.parametrize(("few", "safe"), [(1, False), (2, False), (3, True), (10, True)])
def test_a_base_is_a_count_of_the_answers_that_decide_it(few, safe):
    made = survey([1] * few + [0] * (20 - few))
    crossed = bf.estimate(made, "q1", by="q2")
    filtered = bf.estimate(made, "q1", where="q2 == '1'")
    for result in (crossed, filtered):
        check(made, result)  # one answer that decides is no crossing
        if safe:
            check(made, result, policy="strict")
    if not safe:
        told = refused(made, crossed, policy="strict")
        assert told.startswith("bases would tell how single respondents answered")
        assert "q1 by q2" in told
        assert told.endswith("Use coarser groups, or leave the question or the breakdown out")
        assert "q1 by all" in refused(made, filtered, policy="strict")


def test_a_filter_tells_also_how_many_it_left_out():
    made = survey([1] * 18 + [0] * 2)
    assert "q1 by all" in refused(made, bf.estimate(made, "q1", where="q2 == '1'"), policy="strict")
    check(made, bf.estimate(made, "q1", where="land == '0'"), policy="strict")


def test_of_a_small_group_of_the_register_no_base_by_answers_is_shown():
    made = survey(MIX, [0] * 16 + [1] * 4)
    told = refused(made, bf.estimate(made, "q1", by=["staffel", "q2"]))
    assert "q1 by staffel · q2" in told
    check(made, bf.estimate(made, "q1", by="q2"))


@pytest.mark.parametrize(
    ("policy", "sensitive", "safe"),
    [("grouped", False, True), ("grouped", True, False), ("strict", False, False)],
)
def test_that_a_whole_group_belongs_to_it_tells_their_answer(policy, sensitive, safe):
    made = survey([1] * 10 + MIX[:10], [0] * 10 + [1] * 10, q2={"sensitive": sensitive})
    result = bf.estimate(made, "q1", by=["staffel", "q2"])
    if safe:
        check(made, result, policy=policy)
    else:
        assert "q1 by staffel · q2" in refused(made, result, policy=policy)


def test_the_difference_of_two_bases_counts_too():
    # Staffel 0 are 17 of the 20; broken down by an answer, the other three follow from both.
    made = survey([0, 1] * 20, [0] * 20 + [1] * 20, land=[0] * 17 + [1] * 23)
    each = [bf.estimate(made, "q1", by=[name, "q2"], total=False) for name in ("staffel", "land")]
    for alone in each:
        check(made, alone)
    assert "q1 by" in refused(made, *each)


def test_two_variables_of_the_register_and_an_answer_are_a_crossing():
    made = survey([1] * 2 + [0] * 18)
    check(made, bf.estimate(made, "q1", by=["staffel", "q2"]))
    told = refused(made, bf.estimate(made, "q1", by=["staffel", "land", "q2"]))
    assert "q1 by staffel · land · q2" in told


def test_several_answers_of_one_municipality_are_no_large_group():
    plain = survey(MIX, [0] * 10 + [1] * 10)
    check(plain, bf.estimate(plain, "q1", by=["staffel", "q2"]))
    cases = plain.cases.assign(unit=[*plain.cases["unit"][:10], *["05315000"] * 10])
    made = replace(plain, cases=cases)
    assert "q1 by staffel · q2" in refused(made, bf.estimate(made, "q1", by=["staffel", "q2"]))


def test_three_places_are_named_and_that_there_are_more():
    made = survey([1, *[0] * 19], q3=[float(at) for at in range(20)])
    names = ["q1", "q3", "staffel", "land"]
    results = [bf.estimate(made, name, by="q2") for name in names]
    told = refused(made, *results, policy="strict")
    assert "q1 by q2; q3 by q2; staffel by q2, …. Use" in told
    assert "land" not in told
    assert ", …" not in refused(made, *results[:3], policy="strict")


def test_without_answers_there_is_no_base_to_look_at():
    made = survey([None] * 20)
    check(made, bf.estimate(made, "q1", by="q2"), policy="strict")
