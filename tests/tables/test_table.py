"""`IndicatorTable`: validated at birth, immutable, every operation on record."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import TerritoryError, UnknownCodeError, ValidationError
from begleitforschung.tables import Indicator, IndicatorTable, indicators, statuses
from begleitforschung.tables.frames import coerce

STATE = "2021-12-31"


def tidy(**columns):
    base = {
        "unit": ["08421", "08421", "09", "DG"],
        "year": [2020, 2021, 2021, 2021],
        "indicator": ["a", "a", "b", "b"],
        "value": [1.0, 2.0, 3.0, 4.0],
    }
    return pd.DataFrame(base | columns)


@pytest.fixture
def table():
    return indicators(tidy(), gebietsstand=STATE)


def test_units_years_levels(table):
    assert table.units == ("08421", "09", "DG")
    assert table.years == (2020, 2021)
    assert table.levels == ("kreis", "land", "germany")
    assert len(table) == 4


def test_table_is_frozen_and_gives_copies(table):
    with pytest.raises(FrozenInstanceError):
        table.gebietsstand = "2000-12-31"
    frame = table.to_frame()
    frame.loc[0, "value"] = 99.0
    assert table.to_frame().loc[0, "value"] == 1.0
    with pytest.raises(TypeError):
        table.indicators["c"] = None


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"year": [2020, 2021, 2021, 221]}, "table.year"),
        ({"year": [2020, 2020, 2021, 2021]}, "table.duplicate"),
        ({"status": ["normal", "normal", "zero", "normal"]}, "table.zero"),
        ({"status": ["normal", "normal", "unknown", "normal"]}, "table.value_beside_sign"),
        ({"status": ["normal", "normal", "kaputt", "normal"]}, "table.status"),
        (
            {"value": [1, 2, 3, np.nan], "status": ["normal", "normal", "normal", "revised"]},
            "table.value_missing",
        ),
        ({"value": [1.0, 2.0, 3.0, np.inf]}, "table.value_missing"),
        ({"unit": ["08421", "08421", None, "DG"]}, "table.key_missing"),
    ],
)
def test_each_rule_of_the_schema_is_kept(columns, rule):
    with pytest.raises(ValidationError) as caught:
        indicators(tidy(**columns))
    assert rule in {item.rule for item in caught.value.findings}


def test_problems_are_collected_and_name_rows_as_in_the_file():
    frame = tidy(
        unit=["8421", "08421", "09", "DG"],
        year=[2020, 2021, 2021, 221],
        file="kaputt.csv",
        row=[2, 3, 4, 5],
    )
    with pytest.raises(ValidationError, match=r"kaputt\.csv does not satisfy") as caught:
        indicators(frame)
    year = next(item for item in caught.value.findings if item.rule == "table.year")
    assert (year.row, year.value, year.file) == (5, "221", "kaputt.csv")
    assert len(caught.value.findings) == 2


def test_figures_of_several_dates_in_a_year_are_allowed_but_not_wide():
    frame = tidy(
        year=2021, unit="08421", indicator="a", date=pd.date_range("2021-03-31", periods=4)
    )
    table = indicators(frame)
    assert len(table) == 4
    with pytest.raises(ValidationError, match="several dates"):
        table.wide()


def test_wrong_dtype_is_no_table(table):
    with pytest.raises(ValidationError, match="shape of the table"):
        replace(table, data=table.data.astype({"year": "int64"}))


def test_indicator_without_meaning_is_refused(table):
    with pytest.raises(ValidationError, match="indicator is not described, 'b'"):
        replace(table, indicators={"a": table.indicators["a"]})


def test_select(table):
    part = table.select(units="08421", years=range(2021, 2030))
    assert part.to_frame()["value"].to_list() == [2.0]
    assert list(part.indicators) == ["a"]
    assert table.select(level="land").units == ("09",)
    assert table.select(indicators=["b"]).levels == ("land", "germany")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"units": "08422"}, "Did you mean '08421'"),
        ({"indicators": ["z"]}, "Known are: a, b"),
        ({"years": 1999}, "Known are: 2020, 2021"),
        ({"level": "gemeinde"}, "levels of the table"),
    ],
)
def test_select_refuses_what_is_not_there(table, options, said):
    with pytest.raises(UnknownCodeError, match=said):
        table.select(**options)


def test_join(table):
    other = indicators(tidy(indicator="c"), gebietsstand=STATE)
    both = table.join(other)
    assert len(both) == 8
    assert set(both.indicators) == {"a", "b", "c"}
    assert len(both.provenance.sources()) == 2


def test_join_refuses_doubles_and_other_or_unknown_states(table):
    with pytest.raises(ValidationError, match="not unique"):
        table.join(table)
    for state in ("unknown", "2020-12-31"):
        with pytest.raises(TerritoryError, match=state):
            table.join(indicators(tidy(indicator="c"), gebietsstand=state))


def test_describe_replaces_the_meaning(table):
    new = table.describe(Indicator(id="a", title="Neu", unit_of_measure="%"))
    assert new.indicator("a").unit_of_measure == "%"
    assert table.indicator("a").unit_of_measure == ""
    with pytest.raises(UnknownCodeError):
        table.describe(Indicator(id="z", title="Z"))


def test_every_operation_adds_a_provenance_node(table):
    other = indicators(tidy(indicator="c"), gebietsstand=STATE)
    made = [
        table.select(years=2021),
        table.join(other),
        table.describe(Indicator(id="a", title="Neu")),
    ]
    prints = {item.provenance.fingerprint for item in made} | {table.provenance.fingerprint}
    assert len(prints) == 4
    for item in made:
        assert table.provenance in item.provenance.steps()


def test_memory_stays_small():
    units = [f"{land:02d}{i:06d}" for land in range(1, 17) for i in range(600)]
    frame = pd.MultiIndex.from_product(
        [units, range(2015, 2020), ["a", "b"]], names=["unit", "year", "indicator"]
    ).to_frame(index=False)
    data = coerce(frame.assign(value=1.0))
    assert data.memory_usage(deep=True).sum() / len(data) < 60e6 / 2.2e6


def test_html_shows_size_and_source(table):
    shown = table._repr_html_()
    assert "4 figures" in shown
    assert "DataFrame" in shown


def test_statuses_say_whether_a_number_stands_beside_them():
    assert statuses()["zero"].sign == "-"
    assert statuses()["suppressed"].value == "absent"
    assert all(item.label.en for item in statuses().values())


def test_mean_needs_its_weight():
    with pytest.raises(ValueError, match="weight"):
        Indicator(id="a", title="A", aggregation="mean")
    with pytest.raises(ValueError, match="valid_min"):
        Indicator(id="a", title="A", valid_min=2, valid_max=1)


def test_construction_is_the_only_way_in(table):
    with pytest.raises(TypeError):
        IndicatorTable(table.data, table.indicators)
