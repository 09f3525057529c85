"""What an indicator may say about itself, and what is refused."""

import pydantic
import pytest

from begleitforschung.tables import Indicator
from begleitforschung.tables.indicator import Break


def test_an_indicator_that_says_nothing_promises_nothing():
    item = Indicator(id="x", title="X")
    assert (item.aggregation, item.direction) == ("unknown", "unknown")
    assert (item.decimals, item.unit_of_measure, item.note, item.breaks) == (1, "", "", ())
    unsaid = (
        item.weight, item.exposure, item.min_exposure, item.valid_min, item.valid_max,
        item.definition, item.harmonise_by,
    )  # fmt: skip
    assert unsaid == (None,) * 7


def test_titles_and_definitions_may_be_german_only():
    item = Indicator(id="x", title="Quote", definition="Anteil an allen")
    assert item.title.text.get("en") == item.title.text.get("de") == "Quote"
    assert item.definition.de == "Anteil an allen"
    both = Indicator(id="x", title={"de": "Quote", "en": "Rate"})
    assert both.title.text.get("en") == "Rate"


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"id": ""}, "at least 1 character"),
        ({"aggregation": "mean"}, r"a mean needs the indicator that holds its weights"),
        ({"aggregation": "mean", "weight": ""}, r"needs the indicator"),
        ({"aggregation": "median"}, "'sum', 'mean', 'none' or 'unknown'"),
        ({"direction": "up"}, "'higher', 'lower', 'target', 'none' or 'unknown'"),
        ({"harmonise_by": "income"}, "'population', 'area' or 'employment'"),
        ({"decimals": -1}, "greater than or equal to 0"),
        ({"decimals": 7}, "less than or equal to 6"),
        ({"valid_min": 2.0, "valid_max": 1.0}, "valid_min is greater than valid_max"),
        ({"titel": "X"}, "Extra inputs are not permitted"),
        ({"unit_of_measure": 5}, "valid string"),
        ({"breaks": [{"year": 2011}]}, "label"),
    ],
)
def test_entries_that_make_no_sense_are_refused(entries, said):
    with pytest.raises(pydantic.ValidationError, match=said):
        Indicator.model_validate({"id": "x", "title": "X"} | entries)


@pytest.mark.parametrize(
    "entries",
    [
        {"valid_min": 1.0, "valid_max": 1.0},
        {"valid_min": 0.0},
        {"valid_max": 0.0},
        {"decimals": 0},
        {"decimals": 6},
        {"aggregation": "sum", "weight": "pop"},
        {"aggregation": "mean", "weight": "pop", "exposure": "pop", "min_exposure": 0.0},
        {"harmonise_by": "area"},
    ],
)
def test_entries_at_the_edge_of_sense_are_allowed(entries):
    item = Indicator(id="x", title="X", **entries)
    assert {name: getattr(item, name) for name in entries} == entries


def test_meanings_are_frozen_and_survive_the_way_through_json():
    item = Indicator(
        id="x",
        title={"de": "Quote", "en": "Rate"},
        breaks=(Break(year=2011, label={"de": "Zensus 2011", "en": "Census 2011"}),),
        valid_min=0.5,
    )
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        item.decimals = 2
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        item.breaks[0].year = 2012
    assert Indicator.model_validate(item.model_dump(mode="json")) == item
