"""Policies as files: what they may say, and which of two demands less."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.disclosure.policies import POLICIES, Policy, at_least, load_policy
from begleitforschung.errors import CatalogueError, DisclosureError, UnknownCodeError

HOUSE = {
    "id": "haus",
    "version": "'1'",
    "title": "{de: Haus}",
    "rule": "{de: Regel}",
    "min_base": "5",
    "min_count": "3",
    "min_count_crossed": "3",
    "telling": "all",
    "spare": "1",
    "p_percent": "10",
    "model_units": "10",
    "reference": "{title: Dienstanweisung}",
}


def written(folder, **changes):
    lines = HOUSE | changes
    path = folder / "haus.yaml"
    path.write_text("".join(f"{k}: {v}\n" for k, v in lines.items() if v), encoding="utf-8")
    return path


def test_a_house_policy_is_read_from_its_file(tmp_path):
    made = load_policy(written(tmp_path, min_base="7", telling="none"))
    assert (made.id, made.version, made.min_base, made.telling) == ("haus", "1", 7, "none")
    assert made.title.text.get("de") == "Haus"
    assert load_policy(str(written(tmp_path, min_base="7", telling="none"))) == made


@pytest.mark.parametrize(
    ("changes", "line", "column"),
    [
        ({"id": "Haus 1"}, 1, "id"),
        ({"version": "[1]"}, 2, "version"),
        ({"min_base": "-1"}, 5, "min_base"),
        ({"min_count": "2.5"}, 6, "min_count"),
        ({"telling": "some"}, 8, "telling"),
        ({"p_percent": "0"}, 10, "p_percent"),
        ({"p_percent": "100"}, 10, "p_percent"),
        ({"min_bse": "5"}, 13, "min_bse"),
    ],
)
def test_what_a_policy_file_says_wrong_is_named_with_its_line(tmp_path, changes, line, column):
    with pytest.raises(CatalogueError, match=r"haus\.yaml") as caught:
        load_policy(written(tmp_path, **changes))
    (problem,) = caught.value.findings
    assert (problem.row, problem.column) == (line, column)


def test_a_version_keeps_its_zeros(tmp_path):
    assert load_policy(written(tmp_path, version="1.10")).version == "1.10"


def test_all_problems_of_a_policy_file_are_told_at_once(tmp_path):
    with pytest.raises(CatalogueError) as caught:
        load_policy(written(tmp_path, min_base="-1", reference="", telling="some"))
    assert {f.column for f in caught.value.findings} == {"min_base", "reference", "telling"}


def test_a_policy_that_is_neither_shipped_nor_a_file_names_the_shipped_ones(tmp_path):
    with pytest.raises(UnknownCodeError) as caught:
        load_policy("intern")
    assert all(name in str(caught.value) for name in POLICIES)
    with pytest.raises(UnknownCodeError):
        load_policy(tmp_path)  # a folder is no policy


@pytest.mark.parametrize(
    ("part", "less"),
    [
        ("min_base", 4),
        ("min_count", 2),
        ("min_count_crossed", 2),
        ("model_units", 9),
        ("telling", "sensitive"),
        ("spare", 0),
        ("p_percent", 5.0),
        ("p_percent", None),
    ],
)
def test_less_in_any_single_part_is_less(part, less):
    strict = load_policy("strict")
    weak = strict.model_copy(update={part: less})
    assert weak.weaker_than(strict) == (part,)
    assert strict.weaker_than(weak) == ()
    with pytest.raises(DisclosureError) as caught:
        at_least(weak.model_copy(update={"id": "haus"}), strict, "persons answered")
    told = str(caught.value)
    assert told.startswith(f"the policy 'haus' demands less than 'strict' ({part})")
    assert "these answers need: persons answered" in told
    assert at_least(strict, weak, "") is strict


def test_how_many_may_differ_does_not_matter_where_no_group_is_said_to_tell():
    public, strict = load_policy("public"), load_policy("strict")
    assert "spare" not in public.model_copy(update={"spare": 0}).weaker_than(
        strict.model_copy(update={"telling": "none", "spare": 5})
    )


policies = st.builds(
    lambda **parts: load_policy("strict").model_copy(update=parts),
    min_base=st.integers(0, 9),
    min_count=st.integers(0, 4),
    min_count_crossed=st.integers(0, 4),
    model_units=st.integers(0, 9),
    telling=st.sampled_from(["none", "sensitive", "all"]),
    spare=st.integers(0, 2),
    p_percent=st.one_of(st.none(), st.floats(1, 50)),
)


@given(policies, policies, policies)
def test_to_demand_at_least_as_much_is_an_order(one, two, three):
    assert one.weaker_than(one) == ()
    if not one.weaker_than(two) and not two.weaker_than(three) and two.telling != "none":
        assert one.weaker_than(three) == ()


@given(policies)
def test_the_smallest_count_is_never_lower_where_answers_are_crossed(policy):
    plain, crossed = (policy.smallest_count(crossed=flag) for flag in (False, True))
    assert plain == policy.min_count
    assert crossed == max(policy.min_count, policy.min_count_crossed)


def test_only_a_policy_that_forbids_nothing_hides_nothing():
    assert [load_policy(name).hides for name in POLICIES] == [False, True, True]
    public: Policy = load_policy("public")
    for part in ("min_base", "min_count", "min_count_crossed"):
        assert public.model_copy(update={part: 1}).hides
