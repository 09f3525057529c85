"""Series of changing territories: totals, quotients, statuses, refusals; by hand and at random."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import TerritoryError, UnknownCodeError
from begleitforschung.provenance import Provenance, Source
from begleitforschung.regions.territory import SHARES
from begleitforschung.regions.territory_shares import make_crosswalks
from begleitforschung.tables import Indicator, indicators
from begleitforschung.tables.conserve import conserve

OLD = ("01001001", "01001002", "01001003", "01001004")
P, Q, R, S = OLD
X, Y = "01001005", "01001006"
TO = "2001-12-31"
COUNT = Indicator(id="cars", title="Autos", aggregation="sum")
AREA = Indicator(id="area", title="Fläche", aggregation="sum", harmonise_by="area")
RATE = Indicator(id="rate", title="Quote")
AGE = Indicator(id="age", title="Alter", aggregation="mean", weight="people")
PEOPLE = Indicator(id="people", title="Personen", aggregation="sum")
JOBS = Indicator(id="jobs", title="Beschäftigte", aggregation="sum", harmonise_by="employment")


def changes(*links):
    """One step of 2000 to 2001; a link is old, new, share by population, area, employment."""
    frame = pd.DataFrame(links, columns=["key_old", "key_new", *SHARES])
    frame = frame.assign(from_state="2000-12-31", to_state=TO, level="gemeinde")
    return make_crosswalks(frame, provenance=Provenance.of("test"))


# P and Q merge into X; R is divided between X and Y; S only changes its key.
WALK = changes(
    (P, X, 1.0, 1.0, 1.0),
    (Q, X, 1.0, 1.0, 1.0),
    (R, X, 0.25, 0.5, np.nan),
    (R, Y, 0.75, 0.5, np.nan),
    (S, "01001007", 1.0, 1.0, 1.0),
)
NEW_S = "01001007"


def table(values, *meanings, years=(2000,), state="jeweils", status=None):
    """One row per unit, indicator and year; values per indicator in order of the units."""
    rows = [
        (unit, year, name, value, (status or {}).get((name, unit)))
        for name, column in values.items()
        for year in years
        for unit, value in zip(OLD, column, strict=False)
        if value is not ...
    ]
    frame = pd.DataFrame(rows, columns=["unit", "year", "indicator", "value", "status"])
    return indicators(frame, indicators=meanings, gebietsstand=state)


def values_of(result, name="cars"):
    rows = result.data[result.data["indicator"] == name]
    return dict(zip(rows["unit"], rows["value"], strict=True))


def statuses_of(result):
    return dict(zip(result.data["unit"], result.data["status"], strict=True))


def rules(result):
    return [item.rule for item in result.findings]


def test_counts_pass_by_their_shares():
    before = table({"cars": [10, 20, 40, 5]}, COUNT)
    after = before.harmonise(TO, WALK)
    assert values_of(after) == {X: 40.0, Y: 30.0, NEW_S: 5.0}
    assert after.gebietsstand == TO
    assert values_of(before.harmonise(TO, WALK, by="area")) == {X: 50.0, Y: 20.0, NEW_S: 5.0}
    assert conserve(before, after)[["before", "after", "difference"]].values.tolist() == [
        [75.0, 75.0, 0.0]
    ]


def test_the_share_is_that_of_the_indicator_unless_another_is_asked_for():
    before = table({"cars": [10, 20, 40, 5], "area": [1, 1, 2, 1]}, COUNT, AREA)
    after = before.harmonise(TO, WALK)
    assert values_of(after, "area") == {X: 3.0, Y: 1.0, NEW_S: 1.0}
    other = before.harmonise(TO, WALK, by={"area": "population"})
    assert values_of(other, "area") == {X: 2.5, Y: 1.5, NEW_S: 1.0}


def test_computed_cells_are_flagged_and_a_changed_key_is_no_estimate():
    raw = table({"cars": [10, 20, 40, 5]}, COUNT, status={("cars", S): "preliminary"})
    frame = raw.to_frame().assign(file="raw.csv", row=[2, 3, 4, 5])
    after = indicators(frame, indicators=[COUNT], gebietsstand="jeweils").harmonise(TO, WALK)
    assert statuses_of(after) == {X: "rebased", Y: "rebased", NEW_S: "preliminary"}
    kept = after.data[after.data["unit"] == NEW_S].iloc[0]
    assert (kept["file"], kept["row"]) == ("raw.csv", 5)
    assert after.data.loc[after.data["unit"] == X, "row"].item() == 0
    (changed,) = [item for item in after.findings if item.rule == "harmonise.key_changed"]
    assert changed.key == f"{S} → {NEW_S}"
    (made,) = [item for item in after.findings if item.rule == "harmonise.rebased"]
    assert (made.n, made.severity) == (2, "info")


def test_what_rests_on_weaker_figures_is_said():
    before = table({"cars": [10, 20, 40, 5]}, COUNT, status={("cars", P): "imputed"})
    after = before.harmonise(TO, WALK)
    (found,) = [item for item in after.findings if item.rule == "harmonise.weaker"]
    assert found.key == X
    assert statuses_of(after)[X] == "rebased"


def test_ratios_pass_through_numerator_and_denominator():
    cars, people = np.array([10.0, 20.0, 40.0, 5.0]), np.array([20.0, 100.0, 80.0, 10.0])
    before = table(
        {"cars": cars, "people": people, "rate": 100 * cars / people}, COUNT, PEOPLE, RATE
    )
    after = before.harmonise(TO, WALK, through={"rate": ("cars", "people", 100)})
    expected = {X: 100 * 40 / 140, Y: 100 * 30 / 60, NEW_S: 50.0}
    assert values_of(after, "rate") == pytest.approx(expected)
    with pytest.raises(TerritoryError, match="100 times numerator by denominator"):
        before.harmonise(TO, WALK, through={"rate": ("cars", "people")})


def test_means_pass_with_their_weights():
    before = table({"people": [10, 30, 40, 5], "age": [40, 44, 50, 38]}, PEOPLE, AGE)
    after = before.harmonise(TO, WALK)
    expected = {X: (400 + 30 * 44 + 10 * 50) / 50, Y: 50.0, NEW_S: 38.0}
    assert values_of(after, "age") == pytest.approx(expected)


def test_what_has_no_known_parts_is_refused_with_the_reason():
    before = table({"cars": [1, 2, 3, 4], "rate": [1, 2, 3, 4], "age": [1, 2, 3, 4]}, RATE, AGE)
    with pytest.raises(TerritoryError) as caught:
        before.harmonise(TO, WALK)
    assert {item.key for item in caught.value.findings} == {"cars", "rate", "age"}
    assert "its weight 'people' is not in the table" in str(caught.value)
    parts = {"rate": ("cars", "age")}
    with pytest.raises(TerritoryError, match="needs 'age' as a count"):
        before.describe(COUNT).harmonise(TO, WALK, through=parts)


def test_units_that_cannot_be_mapped_are_reported_with_their_sum():
    stranger = pd.DataFrame(
        {"unit": [*OLD, "09999999"], "year": 2000, "cars": [10, 20, 40, 5, 7.5]}
    )
    before = indicators(stranger, indicators=[COUNT], gebietsstand="jeweils")
    after = before.harmonise(TO, WALK)
    (found,) = [item for item in after.findings if item.rule == "harmonise.unmapped"]
    assert (found.key, found.value, found.severity) == ("2000 / cars: 09999999", "7.5", "warning")
    assert conserve(before, after)["difference"].tolist() == [-7.5]


@pytest.mark.parametrize("marks", [{"confidential": ["unit"]}, {"confidentiality": "personal"}])
def test_confidential_keys_are_not_named(marks):
    before = table({"cars": [10, ..., 40, 5]}, COUNT)
    secret = replace(before, provenance=before.provenance.then("read", **marks))
    shown = [item for item in secret.harmonise(TO, WALK).findings if item.key]
    assert shown == []


def test_sums_of_confidential_figures_are_not_told():
    stranger = pd.DataFrame({"unit": [*OLD, "09999999"], "year": 2000, "cars": [1, 2, 3, 4, 7.5]})
    before = indicators(stranger, indicators=[COUNT], gebietsstand="jeweils")
    secret = replace(
        before, provenance=before.provenance.then("read", confidentiality="confidential")
    )
    (found,) = [f for f in secret.harmonise(TO, WALK).findings if f.rule == "harmonise.unmapped"]
    assert found.value is None
    assert "7.5" not in found.line("de")


def test_a_result_that_lacks_a_source_is_missing_and_not_too_small():
    before = table({"cars": [10, ..., 40, 5]}, COUNT)
    after = before.harmonise(TO, WALK)
    assert np.isnan(values_of(after)[X])
    assert statuses_of(after)[X] == "missing"
    assert values_of(after)[Y] == 30.0
    (found,) = [item for item in after.findings if item.rule == "harmonise.lacking"]
    assert found.key == X


def test_missing_values_stay_missing_and_say_why_where_one_unit_is_concerned():
    before = table({"cars": [10, 20, np.nan, 5]}, COUNT, status={("cars", R): "unknown"})
    after = before.harmonise(TO, WALK)
    assert np.isnan([values_of(after)[X], values_of(after)[Y]]).all()
    assert statuses_of(after) == {X: "missing", Y: "unknown", NEW_S: "normal"}
    (found,) = [item for item in after.findings if item.rule == "harmonise.source_missing"]
    assert (found.key, found.n) == (f"{X}, {Y}", 2)


def test_unknown_shares_make_unknown_results():
    after = table({"jobs": [10, 20, 40, 5]}, JOBS).harmonise(TO, WALK)
    assert values_of(after, "jobs")[NEW_S] == 5.0
    assert np.isnan([values_of(after, "jobs")[X], values_of(after, "jobs")[Y]]).all()
    assert "harmonise.share_unknown" in rules(after)


def test_units_that_did_not_exist_are_left_out():
    before = table({"cars": [10, 20, 40, np.nan]}, COUNT, status={("cars", S): "not_existing"})
    assert NEW_S not in before.harmonise(TO, WALK).units


def test_uninhabited_land_that_changes_hands_makes_no_estimate_of_people():
    walk = changes((P, P, 1.0, 0.9, 1.0), (P, Q, 0.0, 0.1, 0.0), (Q, Q, 1.0, 1.0, 1.0))
    before = table({"cars": [10, 20], "area": [100, 50]}, COUNT, AREA)
    after = before.harmonise(TO, walk)
    cars = after.data[after.data["indicator"] == "cars"]
    assert cars["status"].tolist() == ["normal", "normal"]
    assert values_of(after, "area") == {P: 90.0, Q: 60.0}


def test_the_year_of_the_target_state_stays_as_it_is():
    rows = pd.DataFrame({"unit": [*OLD, X], "year": [2000] * 4 + [2001], "cars": [1, 2, 4, 5, 9]})
    before = indicators(rows, indicators=[COUNT], gebietsstand="jeweils")
    after = before.harmonise(TO, WALK)
    assert after.data.loc[after.data["year"] == 2001, ["unit", "value"]].values.tolist() == [[X, 9]]
    alone = before.select(years=2001).harmonise(TO)
    assert (alone.gebietsstand, len(alone)) == (TO, 1)


def test_a_table_on_the_target_state_is_returned_and_says_so():
    before = table({"cars": [1, 2, 3, 4]}, COUNT, state=TO)
    after = before.harmonise(TO)
    assert after.data.equals(before.data)
    assert after.provenance.operation == "harmonise"


def test_series_that_the_publisher_rebased_are_not_converted_again():
    before = table({"cars": [1, 2, 3, 4]}, COUNT, years=(1999, 2000), state="2000-12-31")
    with pytest.raises(TerritoryError, match="rebased the series already"):
        before.harmonise(TO, WALK)
    one = table({"cars": [1, 2, 3, 4]}, COUNT, state="2000-12-31")
    assert values_of(one.harmonise(TO, WALK))[Y] == pytest.approx(2.25)


@pytest.mark.parametrize(
    ("state", "walk", "message"),
    [
        ("unknown", WALK, "territorial state of the table is unknown"),
        ("jeweils", None, "not shipped"),
    ],
)
def test_without_state_or_crosswalk_the_error_says_what_to_do(state, walk, message):
    with pytest.raises(TerritoryError, match=message):
        table({"cars": [1, 2, 3, 4]}, COUNT, state=state).harmonise(TO, walk)


def test_years_after_the_target_and_other_levels_are_refused():
    later = table({"cars": [1, 2, 3, 4]}, COUNT, years=(2000, 2002))
    with pytest.raises(TerritoryError, match="later than 2001-12-31"):
        later.harmonise(TO, WALK)
    mixed = pd.DataFrame({"unit": [P, "01001"], "year": 2000, "cars": [1, 2]})
    with pytest.raises(TerritoryError, match="one level at a time"):
        indicators(mixed, indicators=[COUNT], gebietsstand="jeweils").harmonise(TO, WALK)


def test_names_and_shares_are_checked():
    before = table({"cars": [1, 2, 3, 4]}, COUNT)
    with pytest.raises(UnknownCodeError, match="cars"):
        before.harmonise(TO, WALK, by={"car": "area"})
    with pytest.raises(UnknownCodeError, match="indicators of the table"):
        before.harmonise(TO, WALK, through={"cars": ("cars", "people")})
    with pytest.raises(TerritoryError, match="population, area, employment"):
        before.harmonise(TO, WALK, by="inhabitants")


def test_declared_breaks_stay_visible():
    broken = Indicator(
        id="cars",
        title="Autos",
        aggregation="sum",
        breaks=[{"year": 2001, "label": {"de": "Zensus", "en": "census"}}],
    )
    rows = pd.DataFrame({"unit": [*OLD, X], "year": [2000] * 4 + [2001], "cars": [1, 2, 4, 5, 9]})
    before = indicators(rows, indicators=[broken], gebietsstand="jeweils")
    (found,) = [f for f in before.harmonise(TO, WALK).findings if f.rule == "harmonise.break"]
    assert "2001" in found.text.de
    assert "Zensus" in found.text.de
    before_only = before.select(years=2000).harmonise(TO, WALK)
    assert "harmonise.break" not in rules(before_only)


def test_the_provenance_names_crosswalk_and_options():
    after = table({"cars": [1, 2, 3, 4]}, COUNT).harmonise(TO, WALK, by={"cars": "area"})
    node = after.provenance
    assert [item.operation for item in node.inputs] == ["indicators", "test"]
    assert dict(node.parameters)["by"] == ("dict", ("cars", "area"))


def test_editions_are_not_mixed_in_one_series_unless_each_year_has_its_own_borders():
    def edition(name, year, state):
        frame = table({"cars": [1, 2, 3, 4]}, COUNT, years=(year,), state=state).to_frame()
        source = Source(publisher="BBSR", title="INKAR", edition=name, file=f"{name}.csv")
        frame = frame.assign(file=f"{name}.csv")
        return indicators(frame, indicators=[COUNT], gebietsstand=state, source=source)

    with pytest.raises(TerritoryError, match="different editions: 2021, 2025"):
        edition("2021", 1999, TO).join(edition("2025", 2000, TO))
    one = edition("2021", 1999, TO).join(edition("2021", 2000, TO))
    assert one.years == (1999, 2000)
    assert edition("a", 1999, "jeweils").join(edition("b", 2000, "jeweils")).years == (1999, 2000)


@st.composite
def walks(draw):
    """Random links from four units to three, with shares by population and by area."""
    size = 4 * 3
    raw = [draw(st.lists(st.integers(0, 5), min_size=size, max_size=size)) for _ in range(2)]
    links, parts = [], np.array(raw, float).reshape(2, 4, 3)
    parts[:, :, 0] += (parts.sum(axis=(0, 2)) == 0) | (parts.sum(axis=2) == 0).any(axis=0)
    parts /= parts.sum(axis=2, keepdims=True)
    for o, old in enumerate(OLD):
        for n, new in enumerate((X, Y, NEW_S)):
            population, area = parts[:, o, n]
            if population or area:
                links.append((old, new, population, area, population))
    return changes(*links)


@settings(max_examples=30)
@given(walks(), st.lists(st.integers(0, 10**6), min_size=4, max_size=4))
def test_totals_are_conserved_whatever_the_crosswalk(walk, values):
    before = table({"cars": values, "area": values}, COUNT, AREA)
    after = before.harmonise(TO, walk)
    checked = conserve(before, after)
    np.testing.assert_allclose(checked["difference"], 0, atol=1e-6)
    assert (checked["missing_after"] == 0).all()
    assert not {"harmonise.unmapped", "harmonise.lacking"} & set(rules(after))


@settings(max_examples=10)
@given(st.lists(st.integers(0, 10**6), min_size=4, max_size=4))
def test_the_identity_changes_nothing_but_the_state(values):
    walk = changes(*((unit, unit, 1.0, 1.0, 1.0) for unit in OLD))
    before = table({"cars": values}, COUNT)
    after = before.harmonise(TO, walk)
    pd.testing.assert_frame_equal(before.data, after.data)
