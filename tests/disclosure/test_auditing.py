"""The audit finds what was left open by hand, and says how near one comes to the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

import begleitforschung as bf
from begleitforschung.disclosure.policies import load_policy
from begleitforschung.disclosure.structure import structure_of
from begleitforschung.language import Text
from begleitforschung.results.protection import Protection

from .drawn import codebook, survey_of


def hidden_by_hand(survey, result, *hide, policy="strict"):
    """Hide the rows of some (domain, category) and nothing else, whatever that tells."""
    rule = load_policy(policy)
    table = result.table.copy()
    keys = list(zip(table["domain"], table["category"], strict=True))
    assert set(hide) <= set(keys)
    table["suppressed"] = ["hidden" if key in hide else "" for key in keys]
    told = Protection(
        policy=rule.id, version="1", title=Text("t"), rule=Text("r"), cells=len(table),
        hidden=len(hide), min_base=rule.min_base, min_count=rule.min_count,
        min_count_crossed=rule.min_count_crossed,
        spare=None if rule.telling == "none" else rule.spare,
        sensitive=rule.telling == "sensitive",
    )  # fmt: skip
    rows = tuple(secret.rows for secret in structure_of(result, survey))
    return replace(result, table=table, protected=True, protection=told, published=rows)


def survey(counts, *, groups=None, **about):
    """Answers 0, 1, … by group as often as given."""
    answers = [a for of in counts for a, k in enumerate(of) for _ in range(k)]
    staffel = [g for g, of in enumerate(counts) for _ in range(sum(of))]
    return survey_of(
        codebook(len(counts[0]), **about),
        {"q1": answers, "staffel": staffel, "land": [0] * len(answers)},
    )


def seen(result):
    """Verdict, width and group of each hidden cell."""
    table = bf.audit(result).table.set_index(["domain", "category"])
    return {key: tuple(row) for key, row in zip(
        table.index, table[["verdict", "width", "group"]].itertuples(index=False), strict=True
    )}  # fmt: skip


def test_where_nothing_is_hidden_nothing_can_be_found():
    made = survey([[5, 5], [6, 6]])
    found = bf.audit(hidden_by_hand(made, bf.estimate(made, "q1", by="staffel")))
    assert found.ok
    assert len(found.table) == 0
    assert found.specification["results"] == 1
    assert [step.operation for step in found.provenance.steps()][-1] == "audit"


def test_a_group_of_three_follows_from_the_total_and_the_other_group():
    made = survey([[10, 10, 10], [1, 1, 1]])
    result = bf.estimate(made, "q1", by="staffel")
    found = seen(hidden_by_hand(made, result, ("1", "0"), ("1", "1"), ("1", "2")))
    assert set(found.values()) == {("group", 0.0, 3.0)}


def test_a_count_follows_from_the_base_and_the_others_of_its_group():
    made = survey([[8, 10, 2]])
    result = bf.estimate(made, "q1")
    assert seen(hidden_by_hand(made, result, ("", "2"))) == {("", "2"): ("exact", 0.0, 20.0)}
    found = seen(hidden_by_hand(made, result, ("", "2"), ("", "0")))
    assert found == {("", "2"): ("safe", 10.0, 20.0), ("", "0"): ("safe", 10.0, 20.0)}


@pytest.mark.parametrize(("few", "verdict"), [(0, "safe"), (1, "exact"), (2, "exact"), (3, "safe")])
def test_only_counts_of_one_and_two_matter(few, verdict):
    made = survey([[8, 10, few]])
    found = seen(hidden_by_hand(made, bf.estimate(made, "q1"), ("", "2")))
    assert found["", "2"][0] == verdict


def test_two_tables_tell_what_neither_tells_alone():
    answers = [1] * 1 + [0] * 9 + [1] * 5 + [0] * 5
    columns = {"q1": answers, "staffel": [0] * 10 + [1] * 10, "land": [0] * 10 + [1] * 10}
    made = survey_of(codebook(2, promise="anonym"), columns)
    one = hidden_by_hand(made, bf.estimate(made, "q1", by="staffel"),
                         ("0", "0"), ("0", "1"), ("1", "0"), ("1", "1"))  # fmt: skip
    assert bf.audit(one).ok
    other = hidden_by_hand(made, bf.estimate(made, "q1", by="land"))
    found = bf.audit([one, other]).table
    open_cells = found[found["verdict"] != "safe"]
    assert set(zip(open_cells["result"], open_cells["domain"], strict=True)) >= {(0, "0")}
    assert set(open_cells["by"]) == {"staffel"}
    with pytest.raises(bf.DisclosureError, match=r"q1 1 \(staffel 0\)"):
        bf.audit([one, other]).require_safe()


@pytest.mark.parametrize(
    ("policy", "sensitive", "verdict"),
    [("strict", False, "exact"), ("grouped", True, "exact"), ("grouped", False, "safe")],
)
def test_that_all_but_one_agree_is_found_where_the_policy_asks(policy, sensitive, verdict):
    made = survey([[9, 1], [6, 6]], q1={"sensitive": sensitive})
    result = bf.estimate(made, "q1", by="staffel")
    found = seen(hidden_by_hand(made, result, ("0", "0"), policy=policy))
    assert found["0", "0"] == (verdict, 0.0, 10.0)


def test_a_sum_of_numbers_follows_from_the_total():
    columns = {
        "q1": [0] * 30, "q3": [float(at) for at in range(30)],
        "staffel": [0] * 10 + [1] * 10 + [2] * 10, "land": [0] * 30,
    }  # fmt: skip
    made = survey_of(codebook(2), columns)
    result = bf.estimate(made, "q3", by="staffel", statistic="total")
    (one,) = seen(hidden_by_hand(made, result, ("0", ""))).values()
    assert one[0] == "exact"
    two = seen(hidden_by_hand(made, result, ("0", ""), ("1", "")))
    assert {verdict for verdict, _, _ in two.values()} == {"safe"}


def test_figures_that_contradict_each_other_are_no_publication():
    made = survey([[8, 10, 2]])
    safe = hidden_by_hand(made, bf.estimate(made, "q1"), ("", "2"))
    table = safe.table.copy()
    table.loc[table["category"] == "0", "count"] = 30  # of 20
    with pytest.raises(bf.DisclosureError, match="published figures of q1 can't be true"):
        bf.audit(replace(safe, table=table))


def test_only_protected_results_are_audited():
    made = survey([[5, 5]])
    with pytest.raises(bf.DisclosureError, match=r"use bf\.protect first"):
        bf.audit(bf.estimate(made, "q1"))


def test_the_audit_needs_no_answers():
    made = survey([[8, 10, 2], [5, 5, 5]])
    safe = hidden_by_hand(made, bf.estimate(made, "q1", by="staffel"), ("0", "2"), ("1", "1"))
    empty = bf.protect(bf.estimate(made, "q1", by="staffel"), seconds=0.2).survey
    assert len(empty) == 0
    assert seen(replace(safe, survey=empty)) == seen(safe)


@pytest.mark.parametrize("order", [[1, 0], [2, 1, 0]])
def test_the_order_of_groups_does_not_change_the_verdict(order):
    counts = [[8, 10, 2], [5, 5, 5], [3, 9, 1]][: len(order)]
    plain = survey(counts)
    moved = survey([counts[at] for at in order])
    first = seen(hidden_by_hand(plain, bf.estimate(plain, "q1", by="staffel"), ("0", "2")))
    at = str(order.index(0))
    other = seen(hidden_by_hand(moved, bf.estimate(moved, "q1", by="staffel"), (at, "2")))
    assert first["0", "2"] == other[at, "2"]
