"""Who belongs to what: by key, as a user says, and for the projects of the programme."""

import pandas as pd
import pytest

from begleitforschung.errors import AggregationError
from begleitforschung.regions import programme
from begleitforschung.tables.membership import membership


def pairs(units, to):
    found = membership(tuple(units), to)
    return list(zip(found.pairs["group"], found.pairs["unit"], strict=True))


@pytest.mark.parametrize(
    ("unit", "to", "group"),
    [
        ("01059001", "kreis", "01059"),
        ("010595974", "kreis", "01059"),
        ("010595974083", "kreis", "01059"),
        ("02000000", "kreis", "02000"),  # Hamburg and Berlin are their own counties
        ("11000000", "kreis", "11000"),
        ("01059001", "land", "01"),
        ("010595974083", "land", "01"),
        ("14612", "land", "14"),
        ("064", "land", "06"),
        ("11000", "land", "11"),
        ("16", "germany", "DG"),
        ("064", "germany", "DG"),
        ("14612", "germany", "DG"),
        ("01059001", "germany", "DG"),
    ],
)
def test_the_key_says_what_a_unit_lies_in(unit, to, group):
    assert pairs([unit], to) == [(group, unit)]


@pytest.mark.parametrize(
    ("unit", "to"),
    [
        ("14612", "kreis"),
        ("064", "kreis"),
        ("14", "kreis"),
        ("14", "land"),
        ("DG", "land"),
        ("DG", "germany"),
        ("14", "project"),
        ("S1-01", "germany"),
        ("S1-01", "project"),
        ("010595974083", "project"),
    ],
)
def test_nothing_is_put_into_what_it_does_not_lie_in(unit, to):
    with pytest.raises(AggregationError, match=f"can't be aggregated to '{to}'; possible are"):
        membership((unit,), to)


def test_what_would_count_twice_is_refused_with_the_lowest_level_as_remedy():
    units = ("01059", "01059001", "DG")
    with pytest.raises(AggregationError, match=r"\(kreis, gemeinde, germany\)") as error:
        membership(units, "land")
    assert "table.select(level='germany')" in str(error.value)


def test_uninhabited_land_without_county_is_left_out_and_counted():
    found = membership(("07000999", "13000999", "13003000"), "kreis")
    assert found.groups == ("13003",)
    finding, _ = found.findings
    assert (finding.rule, finding.severity, finding.n) == ("aggregate.left_out", "info", 2)
    assert finding.text.de == (
        "2 Einheiten liegen in keinem Kreis und sind nicht enthalten (07000999, 13000999)"
    )
    assert "2 units lie in no county and are left out" in finding.text.en
    assert membership(("07000999",), "land").groups == ("07",)  # its Land is known
    (unchecked,) = membership(("07000999",), "land").findings
    assert unchecked.rule == "aggregate.completeness_unknown"


def test_a_long_list_of_units_left_out_is_cut():
    units = [f"01059{n:03d}" for n in range(1, 6)]
    (finding,) = membership((*units, "01058001"), {"01058001": "S1-01"}).findings
    assert finding.n == 5
    assert finding.text.de.endswith("(01059001, 01059002, 01059003, …)")
    assert "gehören zu keiner Gruppe" in finding.text.de
    (three,) = membership((*units[:3], "01058001"), {"01058001": "S1-01"}).findings
    assert three.text.en.endswith("left out (01059001, 01059002, 01059003)")


def test_groups_are_sorted_and_each_pair_counts_once():
    frame = pd.DataFrame(
        {
            "group": ["S1-02", "S1-01", "S1-01", None, "S1-03"],
            "unit": ["01059001", "01059002", "01059002", "01059003", None],
            "note": "not read",
        }
    )
    found = membership((), frame)
    assert found.groups == ("S1-01", "S1-02")
    assert len(found.pairs) == 2
    assert list(found.pairs.columns) == ["group", "unit"]


def test_the_same_groups_in_another_order_are_the_same_groups():
    one = pd.DataFrame({"group": ["S1-01", "S1-02"], "unit": ["01059001", "01059002"]})
    other = {"01059002": "S1-02", "01059001": "S1-01"}
    assert membership((), one).target == membership((), other).target
    another = {"01059002": "S1-01", "01059001": "S1-02"}
    assert membership((), another).target != membership((), other).target


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (["01059", "01059001"], "01059001 lies in 01059"),
        (["01", "01059001"], "01059001 lies in 01"),
        (["DG", "16077"], "16077 lies in DG"),
        (["010595974", "010595974083"], "010595974083 lies in 010595974"),
        (["01059083", "010595974083"], "lies in"),  # AGS and ARS of one municipality
    ],
)
def test_members_that_lie_in_one_another_are_refused(members, said):
    frame = pd.DataFrame({"group": "S1-01", "unit": members})
    with pytest.raises(AggregationError, match=said) as error:
        membership((), frame)
    (finding,) = error.value.findings
    assert (finding.rule, finding.key) == ("aggregate.overlap", "S1-01")
    assert "Nur eine der Ebenen behalten" in finding.hint.de
    apart = frame.assign(group=["S1-01", "S1-02"])
    assert membership((), apart).groups == ("S1-01", "S1-02")  # in two groups nothing overlaps


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("kreise", "no target 'kreise'; known are: kreis, land, germany, project"),
        (None, "not NoneType"),
        (["01059"], "not list"),
        ({"01059001": "Nord", "01059002": "Süd"}, "'Nord', 'Süd' is no key"),
        ({f"0105900{n}": f"g{n}" for n in range(5)}, "'g0', 'g1', 'g2' is no key"),
        (pd.DataFrame({"gruppe": ["S1-01"], "unit": ["01"]}), "found: gruppe, unit"),
    ],
)
def test_targets_that_make_no_sense_are_refused(to, said):
    with pytest.raises(AggregationError, match=said):
        membership(("01059001",), to)


# The projects of the programme ----------------------------------------------------------------


def test_every_project_is_a_group_even_without_known_members():
    register = programme.projects()
    for units in ((), ("05122",), ("05122000",)):
        found = membership(units, "project")
        assert found.groups == tuple(register["project"])
        assert not found.pairs.duplicated().any()
    assert len(register) == 73
    incomplete = register.loc[~register["members_complete"].fillna(False).astype(bool), "project"]
    assert found.incomplete == frozenset(incomplete)
    assert "S3-12" in found.incomplete


def test_a_county_project_is_its_municipalities_in_a_table_of_municipalities():
    inside = [f"09479{n:03d}" for n in (111, 112, 120)]
    found = membership((*inside, "09478111"), "project").pairs
    assert sorted(found.loc[found["group"] == "S1-13", "unit"]) == inside
    assert "09478111" not in set(found["unit"])


def test_a_county_of_which_the_table_holds_nothing_stays_a_member():
    found = membership(("05122000",), "project").pairs
    assert found.loc[found["group"] == "S1-13", "unit"].tolist() == ["09479"]


def test_municipalities_stay_members_in_a_table_of_counties():
    """Otherwise a project of one county and one municipality would look complete."""
    found = membership(("05122",), "project").pairs
    of_towns = found[found["unit"].str.len() > 5]
    assert not of_towns.empty
    status = programme.own_level_status("kreis")
    assert set(status[of_towns["group"].unique()]) == {"none", "partial"}


def test_where_the_membership_stands_is_told():
    (node,) = membership(("05122",), "project").inputs
    assert any("Modellprojekte" in source.title for source in node.sources())
    assert membership(("05122",), "land").inputs == ()
