"""Bases that answers decide: case by case, which are hidden and which may be shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.asked import Asked, Domains
from begleitforschung.disclosure.base_needs import of_bases, small_bases
from begleitforschung.disclosure.cells import cells_of
from begleitforschung.disclosure.families import families
from begleitforschung.disclosure.policies import load_policy
from begleitforschung.disclosure.structure import structure_of
from begleitforschung.surveys import STATUSES

from .drawn import codebook, random_survey, survey_of

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


def secret(made, *results, policy="grouped"):
    """Return the bases that must not be shown, as question and breakdown, with their values."""
    rule = load_policy(policy)
    sensitive = {c for c, item in made.codebook.columns().items() if item.sensitive}
    found = []
    for linked in families([structure_of(result, made) for result in results]):
        cells = cells_of(linked, {})
        every = frozenset((*linked.secrets, *linked.variables))
        telling = {"all": every, "sensitive": every & sensitive}.get(rule.telling, frozenset())
        asked = Asked(policy=rule, telling=telling, hidden={}, small=small_bases(linked, rule))
        primary = np.zeros(len(cells.unknown), bool)
        of_bases(linked, cells, Domains(linked, made.cases["unit"], {}), asked, primary)
        values = cells.table.values
        found += [
            (base.name, int(values[at]))
            for at, base in zip(cells.bases, linked.bases, strict=False)
            if primary[at]
        ]
    return found


def test_bases_of_the_register_are_no_answers():
    made = survey(MIX, [0] * 18 + [1] * 2)
    assert secret(made, bf.estimate(made, "q1", by="staffel"), policy="strict") == []


@pytest.mark.parametrize(("few", "safe"), [(1, False), (2, False), (3, True), (10, True)])
def test_a_base_is_a_count_of_the_answers_that_decide_it(few, safe):
    made = survey([1] * few + [0] * (20 - few))
    crossed = bf.estimate(made, "q1", by="q2")
    filtered = bf.estimate(made, "q1", where="q2 == '1'")
    for result, name in ((crossed, "q1 by q2"), (filtered, "q1 by all")):
        assert secret(made, result) == []  # one answer that decides is no crossing
        assert ((name, few) in secret(made, result, policy="strict")) is not safe


def test_a_filter_tells_also_how_many_it_left_out():
    made = survey([1] * 18 + [0] * 2)
    filtered = bf.estimate(made, "q1", where="q2 == '1'")
    assert secret(made, filtered, policy="strict") == [("q1 by all", 18)]
    assert secret(made, bf.estimate(made, "q1", where="land == '0'"), policy="strict") == []


def test_of_a_small_group_of_the_register_no_base_by_answers_is_shown():
    made = survey(MIX, [0] * 16 + [1] * 4)
    hidden = secret(made, bf.estimate(made, "q1", by=["staffel", "q2"]))
    assert ("q1 by staffel · q2", 2) in hidden
    assert secret(made, bf.estimate(made, "q1", by="q2")) == []


@pytest.mark.parametrize(
    ("policy", "sensitive", "safe"),
    [("grouped", False, True), ("grouped", True, False), ("strict", False, False)],
)
def test_that_a_whole_group_belongs_to_it_tells_their_answer(policy, sensitive, safe):
    made = survey([1] * 10 + MIX[:10], [0] * 10 + [1] * 10, q2={"sensitive": sensitive})
    result = bf.estimate(made, "q1", by=["staffel", "q2"])
    assert (("q1 by staffel · q2", 10) in secret(made, result, policy=policy)) is not safe


def test_the_difference_of_two_bases_counts_too():
    # Staffel 0 are 17 of the 20; broken down by an answer, the other three follow from both.
    made = survey([0, 1] * 20, [0] * 20 + [1] * 20, land=[0] * 17 + [1] * 23)
    each = [bf.estimate(made, "q1", by=[name, "q2"], total=False) for name in ("staffel", "land")]
    for alone in each:
        assert secret(made, alone) == []
    assert secret(made, *each)


def test_two_variables_of_the_register_and_an_answer_are_a_crossing():
    made = survey([1] * 2 + [0] * 18)
    assert secret(made, bf.estimate(made, "q1", by=["staffel", "q2"])) == []
    crossed = bf.estimate(made, "q1", by=["staffel", "land", "q2"])
    assert secret(made, crossed) == [("q1 by staffel · land · q2", 2)]


def test_several_answers_of_one_municipality_are_no_large_group():
    plain = survey(MIX, [0] * 10 + [1] * 10)
    assert secret(plain, bf.estimate(plain, "q1", by=["staffel", "q2"])) == []
    cases = plain.cases.assign(unit=[*plain.cases["unit"][:10], *["05315000"] * 10])
    made = replace(plain, cases=cases)
    assert secret(made, bf.estimate(made, "q1", by=["staffel", "q2"]))


def test_a_base_of_nobody_is_shown():
    made = survey([None] * 20)
    assert secret(made, bf.estimate(made, "q1", by="q2"), policy="strict") == []


def test_a_hidden_base_is_told_by_no_other_base_nor_by_the_answers_that_decide_it():
    made = survey([1] * 2 + [0] * 38, [0, 1] * 20, promise="anonym")
    results = [bf.estimate(made, "q1", by="q2", total=False), bf.estimate(made, "q2")]
    crossed, plain = bf.protect(results)
    assert crossed.table["n"].isna().all()  # the rest is all but two of forty
    assert (crossed.table["suppressed"] == "hidden").all()
    assert (plain.table["suppressed"] == "hidden").all()
    assert bf.audit([crossed, plain]).ok


def test_that_few_were_asked_is_not_told_by_the_base_of_a_filtered_question():
    columns = {
        "q2": [1] * 2 + [0] * 38,
        "q3": [4.0] * 2 + [None] * 38,
        "staffel": [0, 1] * 20,
    }
    made = survey_of(codebook(2, promise="anonym", q3={"filter": "q2 == 1"}), columns)
    status = made.status.copy()
    status.loc[2:, "q3"] = STATUSES.index("not_asked")
    made = replace(made, status=status)
    asked, decides = bf.protect([bf.estimate(made, "q3"), bf.estimate(made, "q2")])
    assert asked.table["n"].isna().all()
    assert asked.table[["not_asked", "no_answer"]].isna().all(axis=None)
    assert (decides.table["suppressed"] == "hidden").all()


@pytest.mark.parametrize("promise", ["anonym", "Ihre Angaben werden nur zusammengefasst."])
@pytest.mark.parametrize("seed", range(6))
def test_a_cell_that_is_hidden_in_one_table_is_in_no_other(seed, promise):
    """A by B and B by A are the same counts."""
    made = random_survey(seed, 60, staffeln=2, laender=2, silent=0.05, promise=promise)
    one, other = bf.protect([bf.estimate(made, "q1", by="q2"), bf.estimate(made, "q2", by="q1")])

    def crossed(result):
        table = result.table[result.table["by"] != ""]
        return table.set_index(["category", "domain"])["count"].astype("Float64")

    both = crossed(other).swaplevel().reindex(crossed(one).index)
    assert (crossed(one).isna() == both.isna()).all()
    assert crossed(one).equals(both)


def test_a_protected_result_does_not_hold_who_was_asked_after_a_filter():
    columns = {"q2": MIX * 2, "q3": [5.0, None] * 20, "staffel": [0] * 40}
    made = survey_of(codebook(2, q3={"filter": "q2 == 0"}), columns)
    asked, decides = bf.protect([bf.estimate(made, "q3"), bf.estimate(made, "q2")])
    held = [rows for result in (asked, decides) for rows in result.published]
    told = made.answered("q3")
    for rows in held:
        for mask in (rows.answered, *rows.groups, *(v.answered for v in rows.variables.values())):
            assert not np.array_equal(mask, told)
            assert not np.array_equal(mask, ~told)


def test_item_nonresponse_beside_a_hidden_base_does_not_tell_it():
    columns = {"q2": [1] * 2 + [0] * 38, "q3": [4.0] * 2 + [None] * 38, "staffel": [0, 1] * 20}
    made = survey_of(codebook(2, promise="anonym", q3={"filter": "q2 == 1"}), columns)
    status = made.status.copy()
    status.loc[2:, "q3"] = STATUSES.index("not_asked")
    checked = bf.validate_survey(replace(made, status=status))
    hidden = bf.protect([bf.estimate(checked.data, "q3"), bf.estimate(checked.data, "q2")])
    assert "q3" not in set(checked.nonresponse_beside(hidden)["column"])
    assert {"q2", "staffel"} <= set(checked.nonresponse_beside(hidden)["column"])
    many = survey_of(
        codebook(2, q3={"filter": "q2 == 1"}),
        {"q2": MIX, "q3": [4.0, 5.0] * 10, "staffel": [0] * 20},
    )
    checked = bf.validate_survey(many)
    shown = bf.protect([bf.estimate(many, "q3", statistic="median")])
    assert "q3" in set(checked.nonresponse_beside(shown)["column"])
