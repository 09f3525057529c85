"""Districts lie inside counties: no sum of a county table counts anyone twice."""

import pytest

from begleitforschung.errors import AggregationError
from begleitforschung.loaders import read_indicators

# Table 12411-01-01-4, both sexes, 31 December 2024.
PEOPLE = "BEVSTD|GES=INSGESAMT"
GERMANY = 83_577_140


@pytest.fixture(scope="module")
def path(shared):
    (found,) = (shared / "data/genesis/pystatis_cassettes").glob("12411-01-01-4__0*.csv")
    return found


@pytest.fixture(scope="module")
def with_districts(path):
    """The table as delivered, with the districts and cities that stand beside their county."""
    return read_indicators(path, districts=True, gebietsstand="2024-12-31").select(
        indicators=PEOPLE, years=2024
    )


def counts(table):
    return table.describe(table.indicator(PEOPLE).model_copy(update={"aggregation": "sum"}))


def test_a_sum_of_all_rows_would_count_4_6_million_people_twice(with_districts):
    assert with_districts.levels == ("kreis", "gemeinde")
    assert with_districts.data["value"].sum() == pytest.approx(88.2e6, abs=0.05e6)


@pytest.mark.parametrize("target", ["germany", "land", "kreis"])
def test_no_level_can_be_summed_while_districts_stand_beside_counties(with_districts, target):
    with pytest.raises(AggregationError, match="counted twice"):
        counts(with_districts).aggregate(target)


def test_not_even_with_groups_of_ones_own(with_districts):
    groups = dict.fromkeys(with_districts.units, "DG")
    with pytest.raises(AggregationError, match="lie in one another"):
        counts(with_districts).aggregate(groups)


def test_without_districts_the_sum_is_the_population_of_germany(path, with_districts):
    plain = read_indicators(path, gebietsstand="2024-12-31")
    for table in (
        plain.select(indicators=PEOPLE, years=2024),
        with_districts.select(level="kreis"),
    ):
        total = counts(table).aggregate("germany")
        assert total.data["value"].tolist() == [GERMANY]
