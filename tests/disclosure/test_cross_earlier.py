"""Cross tables that were published before stay as they were and are linked with those of now."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

import begleitforschung as bf
from begleitforschung.disclosure.positions import table_position
from begleitforschung.disclosure.registry import new_registry, read_registry

from .drawn import random_survey

DAY = dt.date(2025, 9, 1)
NORTH = {"land": [{str(at): "Nord" if at < 3 else "Süd" for at in range(20)}]}


def entered(survey, *tables):
    return new_registry(survey.codebook).with_published(list(tables), report="Erster", date=DAY)


@pytest.fixture
def survey():
    return random_survey(31, 50, laender=6)


def test_a_table_is_one_position_with_classes_groups_and_hidden_cells(survey, tmp_path):
    land = survey.responses["land"].cat.remove_unused_categories()
    made = bf.protect(bf.cross_table(survey, ["land", "q1"], groups=NORTH))
    told = table_position(made)
    assert (told.kind, told.value) == ("count", "")
    assert [axis.name for axis in told.dimensions] == ["land", "q1"]
    first = told.dimensions[0]
    assert set(land.unique()) <= set(first.classes)
    assert dict(zip(first.classes, first.levels[0], strict=True)) == {
        key: NORTH["land"][0][key] for key in first.classes
    }
    hidden = made.table.loc[made.table["suppressed"] != "", ["land", "q1"]]
    assert set(told.hidden) == set(hidden.itertuples(index=False, name=None)) != set()
    registry = entered(survey, made)
    path = registry.write(tmp_path / "register.json")
    assert read_registry(path, survey.codebook) == registry
    assert str(made.table["value"].max()) not in path.read_text(encoding="utf-8")
    assert registry.with_published(made, report="Erster", date=DAY) == registry


def test_the_same_table_is_protected_the_same_again(survey):
    table = bf.cross_table(survey, ["land", "q1"])
    first = bf.protect(table, seconds=1)
    again = bf.protect(table, registry=entered(survey, first), seconds=1)
    assert again.table.equals(first.table)
    more = bf.protect([table, bf.cross_table(survey, "q1")], registry=entered(survey, first))
    assert more[0].table.equals(first.table)


@pytest.mark.parametrize("seed", [31, 32])
def test_a_further_table_agrees_with_the_earlier_one_and_gives_nothing_of_it_away(seed):
    survey = random_survey(seed, 50, laender=6)
    first = bf.protect(bf.cross_table(survey, ["land", "q1"]), seconds=1)
    assert (first.table["suppressed"] != "").any()
    wider = bf.cross_table(survey, ["land", "q1"], groups=NORTH)
    second = bf.protect(wider, registry=entered(survey, first), seconds=1)
    both = first.table.merge(second.table, on=["land", "q1"], validate="one_to_one")
    assert len(both) == len(first.table) < len(second.table)
    assert (both["suppressed_x"] == both["suppressed_y"]).all()
    assert bf.audit([first, replace(second, origin=first.origin)]).ok
    entered(survey, first).with_published(second, report="Zweiter", date=DAY)


def test_what_was_shown_can_not_be_hidden_any_more(survey):
    table = bf.cross_table(survey, ["land", "q1"])
    first = bf.protect(table, seconds=1)
    entry = entered(survey, first).publications[0]
    bare = entry.model_copy(update={"tables": (entry.tables[0].whole(),)})
    registry = new_registry(survey.codebook)
    wrong = type(registry)(survey=registry.survey, wave=registry.wave, publications=(bare,))
    with pytest.raises(bf.DisclosureError, match="were published before"):
        bf.protect(table, registry=wrong, seconds=1)
    with pytest.raises(bf.DisclosureError, match="shown by one report"):
        wrong.with_published(first, report="Zweiter", date=DAY)


def test_a_table_of_classes_that_are_no_more_is_told(survey):
    first = bf.protect(bf.cross_table(survey, ["land", "q1"]), seconds=1)
    entry = entered(survey, first).publications[0]
    (told,) = entry.tables
    axis = told.dimensions[0].model_copy(update={"classes": ("0", "1")})
    other = told.model_copy(update={"dimensions": (axis, told.dimensions[1]), "hidden": ()})
    registry = new_registry(survey.codebook)
    made = entry.model_copy(update={"tables": (other,)})
    lost = type(registry)(survey=registry.survey, wave=registry.wave, publications=(made,))
    with pytest.raises(bf.DisclosureError, match=r"count by land × q1\) can't be made again"):
        bf.protect(bf.cross_table(survey, "q1"), registry=lost)
