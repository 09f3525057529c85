"""Crosswalks: what is valid, how steps are chained, what is repaired and said."""

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import TerritoryError, ValidationError
from begleitforschung.provenance import Provenance
from begleitforschung.regions import crosswalk
from begleitforschung.regions.territory import SHARES, Crosswalk, unmapped
from begleitforschung.regions.territory_shares import join_crosswalks, make_crosswalks

NODE = Provenance.of("test")
A, B, C, D = "01001000", "01001001", "01001002", "01001003"


def rows(*links, start="2000-12-31", end="2001-12-31"):
    """Rows of an Umsteigeschlüssel; a link is old, new and one share or three."""
    given = [(o, n, *(s if isinstance(s, tuple) else (s, s, s))) for o, n, s in links]
    frame = pd.DataFrame(given, columns=["key_old", "key_new", *SHARES])
    return frame.assign(from_state=start, to_state=end, level="gemeinde")


def made(*frames):
    return make_crosswalks(pd.concat(frames, ignore_index=True), provenance=NODE, file="f.xlsx")


def shares_of(walk, kind="population"):
    return {(o, n): s for o, n, s in walk.data[["key_old", "key_new", f"share_{kind}"]].values}


def rules(changes):
    return [item.rule for item in changes.findings]


def test_steps_are_multiplied_along_the_shortest_chain():
    changes = made(
        rows((A, B, 0.5), (A, C, 0.5)),
        rows((B, D, 1.0), (C, C, 0.2), (C, D, 0.8), start="2001-12-31", end="2002-12-31"),
        rows((A, A, 1.0), start="2000-12-31", end="1999-12-31"),
    )
    walk = crosswalk(changes, "2000-12-31", "2002-12-31")
    assert shares_of(walk) == pytest.approx({(A, C): 0.1, (A, D): 0.9})
    assert (walk.from_state, walk.to_state) == ("2000-12-31", "2002-12-31")
    assert changes.states == ("1999-12-31", "2000-12-31", "2001-12-31", "2002-12-31")


def test_a_direct_crosswalk_goes_before_a_chain():
    changes = made(
        rows((A, B, 1.0)),
        rows((B, C, 1.0), start="2001-12-31", end="2002-12-31"),
        rows((A, D, 1.0), start="2000-12-31", end="2002-12-31"),
    )
    assert shares_of(crosswalk(changes, "2000-12-31", "2002-12-31")) == {(A, D): 1.0}


def test_a_unit_that_a_later_step_does_not_know_is_named_and_not_spread_over_others():
    changes = made(
        rows((A, B, 0.5), (A, C, 0.5)),
        rows((B, D, 1.0), start="2001-12-31", end="2002-12-31"),
    )
    walk = crosswalk(changes, "2000-12-31", "2002-12-31")
    assert shares_of(walk) == {(A, D): 0.5}
    (found,) = walk.findings
    assert (found.rule, found.key, found.n) == ("territory.chain_broken", C, 1)


def test_to_the_same_state_each_unit_passes_into_itself():
    walk = crosswalk(made(rows((A, B, 0.5), (A, C, 0.5))), "2001-12-31", "2001-12-31")
    assert shares_of(walk) == {(B, B): 1.0, (C, C): 1.0}


def test_backwards_only_units_whose_parts_have_no_other_source():
    # A was divided into B and C; D took over a part of E, so neither of the two can be restored.
    e = "01001004"
    changes = made(rows((A, B, 0.3), (A, C, 0.7), (e, e, 0.9), (e, D, 0.1), (D, D, 1.0)))
    walk = crosswalk(changes, "2001-12-31", "2000-12-31")
    assert shares_of(walk) == {(B, A): 1.0, (C, A): 1.0}
    (found,) = walk.findings
    assert found.rule == "territory.not_unique"
    assert set(found.key.split(", ")) == {D, e}
    assert unmapped(walk, pd.Index([B, D])) == [D]


def test_without_a_chain_the_error_says_what_is_known_and_needed():
    changes = made(rows((A, B, 1.0)))
    with pytest.raises(TerritoryError) as caught:
        crosswalk(changes, "2003-12-31", "2001-12-31")
    message = str(caught.value)
    assert "2000-12-31 to 2001-12-31" in message
    assert "Figures of 2003-12-31 are later than 2001-12-31" in message
    assert "Umsteigeschlüssel for Gemeinden from 2001-12-31 to 2003-12-31" in message
    with pytest.raises(TerritoryError, match="Kreise"):
        crosswalk(changes, "2000-12-31", "2001-12-31", level="kreis")
    with pytest.raises(TerritoryError, match="no chain"):
        crosswalk(changes, "1990-12-31", "1990-12-31")


def test_uninhabited_areas_pass_by_area():
    changes = made(rows((A, B, (1.0, 0.25, 1.0)), (A, C, (1.0, 0.75, 1.0)), (D, D, 1.0)))
    walk = changes.steps[0]
    for kind in ("population", "area", "employment"):
        assert shares_of(walk, kind) == {(A, B): 0.25, (A, C): 0.75, (D, D): 1.0}
    (found,) = changes.findings
    assert (found.rule, found.severity, found.key, found.n) == (
        "territory.share_by_area",
        "warning",
        A,
        1,
    )


def test_rounded_shares_are_brought_to_one_and_unknown_ones_stay_unknown():
    nan = np.nan
    changes = made(
        rows((A, B, (0.3333, 0.5, nan)), (A, C, (0.6666, 0.5, nan)), (D, D, (1.0, 1.0, nan)))
    )
    walk = changes.steps[0]
    assert sum(shares_of(walk).values()) == pytest.approx(2, abs=1e-12)
    assert rules(changes) == ["territory.share_rounded"]
    employment = shares_of(walk, "employment")
    assert employment.pop((D, D)) == 1.0  # it passes as a whole, by whatever share
    assert np.isnan(list(employment.values())).all()


def test_equal_pairs_count_once_and_different_ones_are_refused():
    once = made(rows((A, B, 1.0), (A, B, 1.0)))
    assert len(once.steps[0]) == 1
    assert rules(once) == ["territory.pair_twice"]
    with pytest.raises(ValidationError, match="different shares"):
        made(rows((A, B, 0.4), (A, B, 0.6)))


def test_a_unit_without_usable_shares_is_left_out_as_an_error():
    changes = made(rows((A, B, 0.4), (D, D, 1.0)))
    assert shares_of(changes.steps[0]) == {(D, D): 1.0}
    assert [(item.rule, item.severity) for item in changes.findings] == [
        ("territory.shares", "error")
    ]


def test_a_step_in_two_files_is_refused():
    part = made(rows((A, B, 1.0)))
    with pytest.raises(ValidationError, match="two files"):
        join_crosswalks([part, part])
    both = join_crosswalks([part, made(rows((B, C, 1.0), start="2001-12-31", end="2002-12-31"))])
    assert len(both) == 2
    assert both.provenance.operation == "join_crosswalks"


@pytest.mark.parametrize(
    ("links", "rule"),
    [
        ([(A, B, -0.5), (A, C, 1.5)], "territory.negative"),
        ([(A, B, 1.0), (A, C, 0.5)], "territory.sum"),
        ([(A, B, 0.5), (A, B, 0.5)], "territory.twice"),
        ([("1001000", B, 1.0)], "regions.leading_zero"),
        ([("01001", B, 1.0)], "territory.level"),
    ],
)
def test_what_is_no_crosswalk_is_refused(links, rule):
    with pytest.raises(ValidationError) as caught:
        Crosswalk(
            from_state="2000-12-31",
            to_state="2001-12-31",
            level="gemeinde",
            data=rows(*links),
            provenance=NODE,
        )
    assert rule in {item.rule for item in caught.value.findings}


def test_a_crosswalk_names_missing_columns():
    with pytest.raises(ValidationError, match="share_area"):
        Crosswalk(
            from_state="a",
            to_state="b",
            level="gemeinde",
            data=rows((A, B, 1.0)).drop(columns="share_area"),
            provenance=NODE,
        )
