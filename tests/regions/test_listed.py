"""Lists of territorial changes as shares: what is stated, what follows, what stays unknown."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import TerritoryError
from begleitforschung.provenance import Provenance
from begleitforschung.regions import crosswalk
from begleitforschung.regions.changes import TerritorialChanges
from begleitforschung.regions.listed import listed_links, receivers, with_unchanged
from begleitforschung.regions.territory import SHARES, Crosswalks
from begleitforschung.regions.territory_shares import make_crosswalks

NODE = Provenance.of("test")
A, B, C, D = "01001000", "01002001", "01002002", "01002003"
FROM, TO = "2023-12-31", "2024-12-31"
NAN = float("nan")


def listed(*rows, periods=(("2024-01-01", "2024-12-31"),)):
    """Lists of changes; a row is old, new, kind, residents, area and optionally date and id."""
    full = [(*row, *("2024-01-01", "01/2024/0001-R")[len(row) - 5 :]) for row in rows]
    names = ["ags_old", "ags_new", "kinds", "population", "area_m2", "statistical_date", "id"]
    frame = pd.DataFrame(full, columns=names).assign(level="gemeinde")
    frame["statistical_date"] = pd.to_datetime(frame["statistical_date"])
    return TerritorialChanges(data=frame, kinds={}, provenance=NODE, periods=periods)


def links(*rows, level="gemeinde", until=TO):
    frame = listed_links(listed(*rows), FROM, until, level)
    return {(o, n): tuple(s) for o, n, *s in frame[["key_old", "key_new", *SHARES]].values}


def same(found, wanted):
    assert found.keys() == wanted.keys()
    for key, shares in wanted.items():
        np.testing.assert_allclose(found[key], shares)


def test_a_whole_unit_passes_by_all_shares_without_any_figure():
    same(links((A, B, "1", NAN, NAN)), {(A, B): (1, 1, 1)})
    same(links((A, A, "3,4", NAN, NAN)), {(A, A): (1, 1, 1)})


def test_parts_pass_as_the_list_states_their_residents_and_area():
    found = links((A, B, "1", 30, 200), (A, C, "1", 70, 600))
    same(found, {(A, B): (0.3, 0.25, NAN), (A, C): (0.7, 0.75, NAN)})
    found = links((A, B, "2", 5, 1), (A, A, "2", 95, 9))
    same(found, {(A, B): (0.05, 0.1, NAN), (A, A): (0.95, 0.9, NAN)})


def test_a_part_without_residents_takes_none_even_if_nobody_says_how_many_stay():
    wanted = {(A, B): (0, 0.1, NAN), (A, A): (1, 0.9, NAN)}
    same(links((A, B, "2", 0, 1), (A, A, "2", 0, 9)), wanted)
    same(links((A, B, "2", 0, 1), (A, A, "2", NAN, 9)), wanted)


def test_of_an_uninhabited_unit_that_is_dissolved_the_area_stands_in():
    found = links((A, B, "1", 0, 1), (A, C, "1", 0, 3))
    same(found, {(A, B): (0.25,) * 3, (A, C): (0.75,) * 3})


def test_what_is_not_stated_is_unknown():
    nothing = (NAN,) * 3
    same(links((A, B, "2", 5, 1)), {(A, B): nothing, (A, A): nothing})
    found = links((A, B, "1", NAN, 1), (A, C, "1", 9, 3))
    same(found, {(A, B): (NAN, 0.25, NAN), (A, C): (NAN, 0.75, NAN)})
    two = [(A, B, "2", 5, 1), (A, A, "2", 9, 9), (A, C, "2", 1, 1, "2024-01-01", "X")]
    assert all(np.isnan(shares).all() for shares in links(*two).values())


def test_days_follow_one_another():
    rows = [
        (A, B, "1", NAN, NAN),
        (B, C, "2", 20, 1, "2024-07-01"),
        (B, B, "2", 80, 3, "2024-07-01"),
    ]
    wanted = {(A, B): (0.8, 0.75, NAN), (A, C): (0.2, 0.25, NAN)}
    wanted |= {(B, B): (0.8, 0.75, NAN), (B, C): (0.2, 0.25, NAN)}
    same(links(*rows), wanted)
    same(links(*rows, until="2024-06-30"), {(A, B): (1, 1, 1)})
    # What passes not at all does not pass on, whatever becomes of it.
    rows[0] = (A, A, "2", 9, 9)
    found = links((A, B, "2", 0, 1), *rows)
    assert found[A, A][0] == 1
    assert found[A, C][0] == 0


def test_between_counties_only_what_nobody_lives_in_or_a_whole_city_is_known():
    inside = (C, D, "1", NAN, NAN)
    other = "01003001"
    assert links(inside, level="kreis") == {}
    empty = links(inside, (B, other, "2", 0, 5), level="kreis")
    same(empty, {("01002", "01003"): (0, NAN, NAN), ("01002", "01002"): (1, NAN, NAN)})
    people = links((B, other, "1", 7, 5), level="kreis")
    assert all(np.isnan(shares).all() for shares in people.values())
    same(links((A, B, "3", NAN, NAN), level="kreis"), {("01001", "01002"): (1, 1, 1)})


def test_units_that_are_not_listed_stay_and_new_ones_are_no_sources():
    lists = listed((A, B, "1", NAN, NAN), (B, C, "3", 1, 1, "2024-05-01"))
    frame = listed_links(lists, FROM, TO, "gemeinde")
    whole, gone = with_unchanged(frame, pd.Index([A, D]), complete=True)
    assert set(zip(whole["key_old"], whole["key_new"], strict=True)) == {(A, C), (D, D)}
    assert set(gone) <= receivers(lists, FROM, TO, "gemeinde")  # B came and changed again
    assert with_unchanged(frame, pd.Index([D]), complete=True)[1] == [A, B]
    assert crosswalk(before(A, D).prolonged(lists), FROM, TO).findings == ()
    part, _ = with_unchanged(frame, pd.Index([A, D]), complete=False)
    # Whether B and C were there before is not known: their results shall lack a source.
    assert {"01002001", "01002002"} <= set(part["key_old"])


def before(*keys):
    """Crosswalks that lead to the state that the lists start from."""
    frame = pd.DataFrame({"key_old": keys, "key_new": keys, **dict.fromkeys(SHARES, 1.0)})
    frame = frame.assign(from_state="2022-12-31", to_state=FROM, level="gemeinde")
    return make_crosswalks(frame, provenance=NODE)


def test_a_chain_goes_on_with_the_lists():
    lists = listed((A, B, "2", 10, 1), (A, A, "2", 90, 9))
    walk = crosswalk(before(A, B, C).prolonged(lists), "2022-12-31", TO)
    shares = walk.data.set_index(["key_old", "key_new"])["share_population"].to_dict()
    assert shares == pytest.approx({(A, A): 0.9, (A, B): 0.1, (B, B): 1, (C, C): 1})
    assert crosswalk(before(A, B, C).prolonged(lists), FROM, TO).data.equals(walk.data)
    assert walk.findings == ()
    back = crosswalk(before(A, B, C).prolonged(lists), TO, FROM)
    assert set(back.old) == {C}  # A gave to B, so neither can be restored


def test_a_state_within_the_year_can_be_reached():
    lists = listed((A, B, "1", NAN, NAN, "2024-07-01"))
    changes = before(A, B).prolonged(lists)
    assert set(crosswalk(changes, FROM, "2024-06-30").new) == {A, B}
    assert set(crosswalk(changes, FROM, "2024-07-01").new) == {B}


def test_lists_that_leave_out_days_or_units_are_refused_with_the_reason():
    lists = listed(periods=(("2024-02-01", TO),))
    with pytest.raises(TerritoryError, match="list of changes 2024-02-01 to 2024-12-31"):
        crosswalk(before(A).prolonged(lists), FROM, TO)
    alone = Crosswalks(steps=(), provenance=NODE, lists=listed((A, B, "1", NAN, NAN)))
    with pytest.raises(TerritoryError, match="which other units there were on 2023-12-31"):
        crosswalk(alone, FROM, TO)
    walk = crosswalk(alone, FROM, TO, units=pd.Index([A, C]))
    (found,) = walk.findings
    assert (found.rule, found.key) == ("territory.units_assumed", B)


def test_units_that_the_state_before_does_not_hold_and_unknown_shares_are_named():
    lists = listed((A, B, "2", 5, 1), (D, C, "1", NAN, NAN))
    walk = crosswalk(before(A, B, C).prolonged(lists), FROM, TO)
    found = {item.rule: item.key for item in walk.findings}
    assert found == {"territory.not_in_state": D, "territory.share_unknown": A}


@pytest.mark.parametrize(
    ("periods", "covered"),
    [
        ([("2024-01-01", "2024-12-31")], True),
        ([("2024-01-01", "2024-06-30"), ("2024-07-01", "2025-02-28")], True),
        ([("2024-01-01", "2024-02-28"), ("2024-01-01", "2024-12-31")], True),
        ([("2024-01-01", "2024-06-30"), ("2024-08-01", "2024-12-31")], False),
        ([("2024-01-02", "2024-12-31")], False),
        ([], False),
    ],
)
def test_periods_cover_every_day_or_not(periods, covered):
    assert listed(periods=tuple(periods)).covers(FROM, TO) is covered
    assert not listed(periods=tuple(periods)).covers(TO, FROM)


people = st.one_of(st.just(NAN), st.integers(0, 50).map(float))
unit = st.sampled_from([A, B, C, D])
day = st.sampled_from(["2024-01-01", "2024-05-01", "2024-09-01"])
kind = st.sampled_from(["1", "2", "3"])


@settings(max_examples=25)
@given(st.lists(st.tuples(unit, unit, kind, people, people, day), max_size=8))
def test_no_unit_ever_passes_more_or_less_than_once(rows):
    frame = listed_links(listed(*rows), FROM, TO, "gemeinde")
    for _, shares in frame.groupby("key_old")[list(SHARES)]:
        sums = shares.sum(skipna=False)
        assert (sums.isna() | np.isclose(sums, 1)).all()
    assert not frame.duplicated(["key_old", "key_new"]).any()
    crosswalk(before(A, B, C, D).prolonged(listed(*rows)), FROM, TO)  # is valid
