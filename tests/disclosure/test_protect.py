"""What is protected can't be worked out: attackers by brute force, and the audit."""

from __future__ import annotations

import itertools
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import begleitforschung as bf
from begleitforschung.disclosure.columns import suppress
from begleitforschung.disclosure.groups import hidden_groups
from begleitforschung.disclosure.linking import link
from begleitforschung.disclosure.policies import load_policy
from begleitforschung.disclosure.structure import structure_of
from begleitforschung.results.estimate import TELLING

from .drawn import codebook, random_survey, survey_of

FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def strict(seed, n, **about):
    return random_survey(seed, n, promise="anonym", **about)


def shown(table):
    return table[table["suppressed"] == ""]


def possible(survey, result, column, answers):
    """All answers of all respondents that agree with the counts that are shown."""
    rows = [r for p in result.published if p.column == column for r in p.rows]
    groups = next(p.groups for p in result.published if p.column == column)
    for guess in itertools.product(range(answers), repeat=len(survey)):
        scores = np.array(guess)
        table = result.table
        if all(
            table.at[r.at, "count"] == (scores[groups[r.group]] == np.argmax(r.scores)).sum()
            for r in rows
            if not table.at[r.at, "suppressed"]
        ):
            yield {r.at: int((scores[groups[r.group]] == np.argmax(r.scores)).sum()) for r in rows}


@pytest.mark.parametrize("seed", range(4))
def test_no_hidden_count_follows_for_an_attacker_who_tries_all_answers(seed):
    survey = strict(seed, 7, staffeln=2, laender=2)
    policy = load_policy("strict").model_copy(update={"min_base": 3, "spare": 0})
    results = [bf.estimate(survey, "q1", by=name) for name in ("staffel", "land")]
    secrets = [structure_of(result, survey) for result in results]
    linked = link([(number, made[0]) for number, made in enumerate(secrets)])
    try:
        found = suppress(
            linked, survey.cases["unit"], policy, sensitive=frozenset(), released={}
        ).rows
    except bf.DisclosureError:
        return  # refused as a whole
    tables = [
        replace(result, published=tuple(s.rows for s in made), table=result.table.copy())
        for result, made in zip(results, secrets, strict=True)
    ]
    for (number, at), why in found.items():
        tables[number].table.loc[at, "suppressed"] = why
    worlds = [list(possible(survey, table, "q1", 3)) for table in tables]
    for number, table in enumerate(tables):
        for at in table.table.index[table.table["suppressed"] == "hidden"]:
            true = int(results[number].table.at[at, "count"])
            values = {world[at] for world in worlds[number]}
            assert true in values
            if 0 < true < 3:
                assert len(values) > 1


@given(seed=st.integers(0, 10_000), n=st.integers(20, 60), silent=st.sampled_from([0.0, 0.2]))
@FEW
def test_no_small_group_and_no_small_count_is_shown(seed, n, silent):
    survey = strict(seed, n, silent=silent)
    results = [bf.estimate(survey, ["q1", "q2"], by=name) for name in ("staffel", "land")]
    try:
        safe = bf.protect(results, seconds=0.5)
    except bf.DisclosureError:
        event("refused as a whole")
        return
    for before, after in zip(results, safe, strict=True):
        seen = shown(after.table)
        assert not seen["n"].between(1, 4).any()
        assert not before.table.loc[seen.index, "count"].between(1, 2).any()
        assert (
            after.table.loc[after.table["suppressed"] != "", list(TELLING)].isna().to_numpy().all()
        )
    assert bf.audit(safe).ok


@pytest.mark.parametrize("seed", range(4))
def test_the_audit_finds_what_is_shown_by_mistake(seed):
    survey = strict(seed, 40)
    safe = bf.protect(bf.estimate(survey, "q1", by="staffel"))
    true = bf.estimate(survey, "q1", by="staffel").table
    added = safe.table.index[safe.table["suppressed"] == "hidden"]
    told = []
    for at in added:
        table = safe.table.copy()
        columns = ["estimate", "count", "suppressed"]
        table.loc[at, columns] = true.loc[at, columns]
        told.append(not bf.audit(replace(safe, table=table)).ok)
    assert len(added) == 0 or any(told)


def test_a_small_group_is_not_what_all_others_leave_of_the_total():
    columns = {
        "q1": [0, 1] * 15 + [1, 1, 0],
        "staffel": [0] * 20 + [1] * 10 + [2] * 3,
        "land": [0] * 33,
    }
    safe = bf.protect(bf.estimate(survey_of(codebook(2), columns), "q1", by="staffel")).table
    hidden = safe.groupby("domain")["suppressed"].first()
    assert hidden["2"] == "hidden"
    assert (hidden[["0", "1"]] != "").sum() == 1
    assert hidden["1"] != ""  # the smaller of both goes with it
    assert safe.loc[safe["domain"] == "", "suppressed"].eq("").all()


@given(
    st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=5),
    st.lists(st.integers(0, 9), min_size=5, max_size=5),
)
@FEW
def test_no_difference_of_two_groups_is_small(members, units):
    masks, sizes = np.array(members), np.array(units, float)
    hidden = hidden_groups(masks, sizes, 5)
    seen = [mask for mask, gone in zip(masks, hidden, strict=True) if not gone]
    for mask in seen:
        assert not 0 < mask @ sizes < 5
    for one, other in itertools.permutations(seen, 2):
        if (one | other == one).all():  # the other one lies inside
            assert not 0 < (one & ~other) @ sizes < 5
        elif not (one & other).any():
            rest = [m for m in seen if ((one | other) & ~m).sum() == 0]
            for whole in rest:
                assert not 0 < (whole & ~one & ~other) @ sizes < 5


def test_results_that_are_published_together_are_protected_together():
    survey = random_survey(5, 60, laender=6)
    alone = [bf.protect(bf.estimate(survey, "q1", by=name)) for name in ("staffel", "land")]
    crossed = bf.estimate(survey, "q1", by=["staffel", "land"])
    together = bf.protect(
        [*(bf.estimate(survey, "q1", by=n) for n in ("staffel", "land")), crossed]
    )
    assert sum(r.protection.hidden for r in together[:2]) >= sum(r.protection.hidden for r in alone)
    assert together[2].protection.results == 3
    assert bf.audit(together).ok


def test_two_crossed_answers_hide_counts_of_one_and_two_with_others():
    survey = random_survey(7, 60)
    plain, crossed = bf.protect([bf.estimate(survey, "q1"), bf.estimate(survey, "q1", by="q2")])
    true = bf.estimate(survey, "q1", by="q2").table
    assert (shown(plain.table)["n"] == 60).all()
    seen = shown(crossed.table)
    inner = seen[seen["by"] == "q2"]
    assert not true.loc[inner.index, "count"].between(1, 2).any()


def test_groups_that_tell_are_hidden_for_sensitive_items_only():
    columns = {
        "q1": [1] * 10 + [0, 1] * 15,
        "staffel": [0] * 10 + [1] * 15 + [2] * 15,
        "land": [0] * 40,
    }
    for sensitive in (False, True):
        book = codebook(2, q1={"sensitive": sensitive})
        safe = bf.protect(bf.estimate(survey_of(book, columns), "q1", by="staffel")).table
        first = safe[safe["domain"] == "0"].set_index("category")["suppressed"]
        assert bool((first != "").any()) == sensitive


def test_a_dominating_contribution_hides_a_sum_with_another():
    amounts = [10.0] * 10 + [5000.0] + [12.0] * 9 + [11.0] * 10
    columns = {
        "q1": [0] * 30,
        "q3": amounts,
        "staffel": [0] * 10 + [1] * 10 + [2] * 10,
        "land": [0] * 30,
    }
    survey = survey_of(codebook(2), columns)
    safe = bf.protect(bf.estimate(survey, "q3", by="staffel", statistic="mean")).table
    by_group = safe.set_index("domain")["suppressed"]
    assert by_group["1"] == "hidden"
    assert (by_group != "").sum() >= 2
    median = bf.protect(bf.estimate(survey, "q3", by="staffel", statistic="median")).table
    assert (median["suppressed"] == "").all()


def test_a_median_of_few_is_hidden():
    survey = random_survey(11, 30, staffeln=3)
    table = bf.protect(bf.estimate(survey, "q3", by="land", statistic="median")).table
    small = table["n"].between(1, 4)
    assert small.any()
    assert (table.loc[small, "suppressed"] == "hidden").all()


def test_several_answers_of_one_municipality_count_once():
    survey = random_survey(13, 30, staffeln=2, laender=1)
    group = (survey.responses["staffel"] == "1").to_numpy()
    cases = survey.cases.copy()
    cases.loc[group, "unit"] = "05315000"
    double = replace(survey, cases=cases)
    table = bf.protect(bf.estimate(double, "q1", by="staffel"), "strict").table
    assert (table.loc[table["domain"] == "1", "suppressed"] != "").any()
    assert (shown(table)["n"] >= 5).all()


def test_a_protected_estimate_holds_no_answers():
    survey = random_survey(17, 40)
    safe = bf.protect(bf.tabulate(survey, banner=["staffel", "land"]))
    assert len(safe.survey) == 0
    assert safe.survey.design is None
    assert safe.r_inputs == ()
    again = pickle.loads(pickle.dumps(safe))
    assert len(again.survey.responses) == 0
    part = safe.part("q1")
    assert bf.audit(part).ok
    assert len(bf.audit(part).table) == (part.table["suppressed"] != "").sum()


def test_the_order_of_results_does_not_matter():
    survey = strict(19, 50)
    made = [bf.estimate(survey, "q1", by=name) for name in ("staffel", "land")]
    one, other = bf.protect(made), bf.protect(made[::-1])[::-1]
    assert len(one) == len(other) == 2
    assert sum(r.protection.hidden for r in one) == sum(r.protection.hidden for r in other)


def test_what_can_not_be_protected_is_refused():
    made = bf.estimate(random_survey(23, 40), "q1", where=np.arange(40) < 30)
    with pytest.raises(bf.DisclosureError, match="where= as a filter"):
        bf.protect(made)
    safe = bf.protect(bf.estimate(random_survey(23, 40), "q1"))
    with pytest.raises(bf.DisclosureError, match="already"):
        bf.protect(safe)
    with pytest.raises(bf.DisclosureError, match="only protected"):
        bf.audit(bf.estimate(random_survey(23, 40), "q1"))


def test_a_filter_by_answers_is_a_crossing():
    survey = random_survey(29, 60)
    results = [bf.estimate(survey, "q1"), bf.estimate(survey, "q1", where="q2 == '1'")]
    safe = bf.protect(results)
    seen = shown(safe[1].table)
    assert not results[1].table.loc[seen.index, "count"].between(1, 2).any()
    assert bf.audit(safe).ok


def test_the_protection_says_by_which_rule_and_how_many():
    survey = random_survey(31, 40, laender=8)
    safe = bf.protect(bf.estimate(survey, "q1", by="land"))
    told = safe.protection
    assert told.policy == "grouped"
    assert told.hidden == (safe.table["suppressed"] != "").sum() > 0
    assert f"{told.hidden} von {told.cells} Feldern" in told.note("de")
    steps = [step.operation for step in safe.provenance.steps()]
    assert "protect" in steps


def test_zeros_of_overlapping_groups_do_not_single_somebody_out():
    # Land 1 shows that nobody gave 0 or 2, Staffel 1 that nobody gave 1: who is in both gave 3.
    columns = {
        "q1": [1, 1, 1, 3, 3, 0, 0, 2, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3],
        "land": [1] * 5 + [0] * 13,
        "staffel": [0] * 4 + [1] * 6 + [0] * 8,
    }
    survey = survey_of(codebook(4, promise="anonym"), columns)
    results = [bf.estimate(survey, "q1", by=name) for name in ("land", "staffel")]
    safe = bf.protect(results)
    one = (survey.responses["land"] == "1") & (survey.responses["staffel"] == "1")
    assert one.sum() == 1
    zeros = [
        set(t.loc[(t["domain"] == "1") & (t["count"] == 0).fillna(False), "category"])
        for t in (r.table for r in safe)
    ]
    assert len(zeros[0] | zeros[1]) < 3


def test_a_weighted_share_does_not_tell_who_weighs_most():
    frame = pd.DataFrame(
        {"unit": [f"{at:08d}" for at in range(80)], "schicht": ["a"] * 45 + ["b"] * 35}
    )
    columns = {
        "q1": [1] + [0] * 25 + [1] * 9,
        "land": [0] * 35,
        "staffel": [0] * 35,
    }
    survey = survey_of(codebook(2), columns)
    cases = survey.cases.copy()
    cases["unit"] = [f"{0:08d}", *(f"{45 + at:08d}" for at in range(34))]
    survey = replace(survey, cases=cases)
    plan = bf.design(survey, frame=frame, strata="schicht", single="certainty")
    weighted = survey.with_design(plan)
    before = bf.estimate(weighted, "q1").table.set_index("category")
    assert before.at["1", "estimate"] > 45 / 80  # only possible with him
    safe = bf.protect(bf.estimate(weighted, "q1")).table
    assert (safe["suppressed"] != "").all()


def test_hidden_groups_do_not_give_a_dominating_contribution_away_together():
    # Both small groups are hidden, either interval is wide enough; but their sum is the total less
    # the third one, and from it the second largest can estimate the largest to within 2 %.
    columns = {
        "q1": [0] * 26,
        "q3": [9000.0, 50.0, 40.0, 1000.0, 1.0, 1.0] + [500.0] * 20,
        "staffel": [0] * 3 + [1] * 3 + [2] * 20,
        "land": [0] * 26,
    }
    safe = bf.protect(
        bf.estimate(survey_of(codebook(2), columns), "q3", by="staffel", statistic="mean")
    ).table.set_index("domain")["suppressed"]
    assert safe["0"] == safe["1"] == "hidden"
    assert safe["2"] != "" or safe[""] != ""


@pytest.mark.parametrize(("residents", "hidden"), [(700.0, True), (120.0, False)])
def test_a_share_by_residents_does_not_tell_what_a_large_city_answered(residents, hidden):
    # A share above what all others make up together needs the answer of the largest.
    columns = {
        "q1": [1, 0] * 5 + [0, 1] * 10,
        "q3": [residents] + [100.0] * 9 + [50.0] * 20,
        "staffel": [0] * 10 + [1] * 20,
        "land": [0] * 30,
    }
    survey = survey_of(codebook(2, q3={"confidentiality": "public"}), columns)
    made = bf.estimate(survey, "q1", by="staffel", weight_by="q3")
    safe = bf.protect(made).table.set_index(["domain", "category"])["suppressed"]
    assert (safe["0", "1"] != "") == hidden


@pytest.mark.parametrize("seed", range(5))
def test_what_everybody_can_work_out_is_not_hidden_in_vain(seed):
    survey = random_survey(seed, 60, staffeln=2, laender=3)
    results = [bf.estimate(survey, "q1", by="q2"), bf.estimate(survey, "q1", by="staffel")]
    safe = bf.protect(results)
    seen = bf.audit(safe).table
    partly = [
        row["width"]
        for row in seen.to_dict("records")
        if (safe[row["result"]].table.query("domain == @row['domain']")["suppressed"] == "").any()
    ]
    assert all(width > 0 for width in partly)


def test_a_crossing_that_filters_leave_over_is_judged_too():
    """All less those who gave one of two answers are those who gave the third."""
    q1 = [0] * 10 + [1] * 9 + [0] * 9 + [1] * 10 + [0] * 1 + [1] * 11
    survey = survey_of(
        codebook(3), {"q1": q1, "q2": [0] * 19 + [1] * 19 + [2] * 12, "staffel": [0] * 50}
    )
    parts = [bf.estimate(survey, "q1", where=f"q2 == {code}") for code in (0, 1)]
    whole, first, second = bf.protect([bf.estimate(survey, "q1"), *parts])
    counts = [t.table.set_index("category")["count"] for t in (whole, first, second)]
    assert (counts[0] - counts[1] - counts[2]).isna()[["0", "1"]].all()


def test_where_an_insider_would_find_somebody_out_the_breakdown_is_hidden():
    survey = bf.read_project(Path(__file__).resolve().parents[2]).survey("projekte")
    banner = ["staffel", "programm_kategorie", "bundesland"]
    table = bf.protect(bf.tabulate(survey, banner, ["begleitung"])).table
    assert (table.loc[table["by"] == "bundesland", "suppressed"] == "hidden").all()
    assert (table.loc[table["by"] == "", "suppressed"] == "").any()


@pytest.mark.parametrize(
    "about",
    [
        {"by": ["staffel", "land", "q2"]},
        {"by": "staffel", "where": "q2 == 1 and land == '0'"},
    ],
    ids=str,
)
def test_groups_of_one_that_answers_split_are_hidden_and_not_refused(about):
    survey = random_survey(1, 40)
    crossed, plain = bf.protect([bf.estimate(survey, "q1", **about), bf.estimate(survey, "q2")])
    small = crossed.table[crossed.table["by"] != ""]
    assert (small["suppressed"] == "hidden").any()
    assert bf.audit([crossed, plain]).ok
