"""Which policy answers need, and that none may demand less."""

from __future__ import annotations

from itertools import pairwise

import pytest

import begleitforschung as bf
from begleitforschung.disclosure.choosing import required_policy
from begleitforschung.disclosure.policies import POLICIES, load_policy

from .drawn import codebook, random_survey


@pytest.mark.parametrize(
    ("names", "about", "expected", "because"),
    [
        (["staffel", "land"], {}, "public", "public"),
        (["q1"], {}, "grouped", "summary"),
        (["q1"], {"promise": "Ihre Angaben bleiben anonym."}, "strict", "anonymous"),
        (["q1"], {"promise": "Die Befragung ist anonymisiert."}, "strict", "anonymous"),
        (["q1"], {"respondent": "person"}, "strict", "persons"),
        (["q1"], {"respondent": None}, "strict", "respondent"),
        (["q1"], {"promise": ""}, "strict", "promise"),
        (["q1"], {"graded": False}, "strict", "q1"),
        (["staffel"], {"promise": "", "graded": False}, "public", "public"),
    ],
)
def test_the_promise_and_who_answered_decide(names, about, expected, because):
    choice = required_policy(codebook(3, **about), names)
    assert choice.policy.id == expected
    assert because in choice.reason


def test_shipped_policies_become_stricter_in_their_order():
    shipped = [load_policy(name) for name in POLICIES]
    for weak, strong in pairwise(shipped):
        assert strong.weaker_than(weak) == ()
        assert weak.weaker_than(strong)


def test_a_policy_that_demands_less_is_refused_with_the_reason():
    made = bf.estimate(random_survey(1, 40), "q1", by="staffel")
    with pytest.raises(bf.DisclosureError, match=r"grouped.*min_base.*summary"):
        bf.protect(made, "public")
    assert bf.protect(made, "strict").protection.policy == "strict"


def test_a_policy_of_ones_own_may_demand_more(tmp_path):
    own = tmp_path / "haus.yaml"
    own.write_text(
        "id: haus\nversion: '2'\ntitle: {de: Haus}\nrule: {de: Regel}\nmin_base: 12\n"
        "min_count: 0\nmin_count_crossed: 3\ntelling: sensitive\nspare: 1\np_percent: 10\n"
        "model_units: 10\nreference: {title: Dienstanweisung}\n",
        encoding="utf-8",
    )
    survey = random_survey(2, 60)
    safe = bf.protect(bf.estimate(survey, "q1", by="land"), own).table
    assert (safe.loc[safe["n"].between(1, 11), "suppressed"] == "hidden").all()
    with pytest.raises(bf.UnknownCodeError):
        bf.protect(bf.estimate(survey, "q1"), "gruppiert")


def test_public_items_pass_unchanged():
    made = bf.estimate(random_survey(3, 30), "staffel", by="land")
    assert bf.protect(made) is made
