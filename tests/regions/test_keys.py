"""The grammar of keys."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung import regions
from begleitforschung.errors import ValidationError
from begleitforschung.regions import grammar, keys

LAENDER = st.integers(1, 16).map("{:02d}".format)


@st.composite
def ars(draw: st.DrawFn) -> str:
    """Any well-formed ARS of twelve digits."""
    rest = draw(st.text("0123456789", min_size=10, max_size=10))
    return draw(LAENDER) + rest


@given(ars())
def test_every_level_is_cut_out_of_the_ars(key: str) -> None:
    ags = keys.ars_to_ags(key)
    assert keys.level_of(ags) == "gemeinde"
    assert keys.parent(key) == key[:9]
    assert keys.level_of(key[:9]) == "verband"
    assert keys.kreis_of(key) == keys.kreis_of(key[:9]) == keys.kreis_of(ags) == key[:5]
    assert keys.bundesland_of(ags) == key[:2]


@given(ars(), st.sampled_from([2, 3, 5, 8, 9, 12]))
def test_ancestors_end_with_germany_and_each_is_the_parent_of_the_one_before(
    key: str, length: int
) -> None:
    unit = key[:length]
    chain = (unit, *keys.ancestors(unit))
    assert chain[-1] == "DG"
    assert all(keys.parent(low) == high for low, high in pairwise(chain))
    assert all(unit.startswith(high) for high in chain[:-1])
    order = [len(one) for one in chain[:-1]]
    assert order == sorted(order, reverse=True)


@given(st.text(max_size=13))
def test_a_text_is_a_key_exactly_if_it_has_no_finding(text: str) -> None:
    assert grammar.is_key(text) == (not keys.check_keys([text]))


@given(ars(), st.sampled_from([2, 5, 8, 12]))
def test_a_lost_leading_zero_is_recognised(key: str, length: int) -> None:
    unit = ("0" + key[1:])[:length] if key[1] != "0" else "01" + key[2:length]
    [finding] = keys.check_keys([unit[1:]])
    assert finding.rule == "regions.leading_zero"
    assert finding.hint is not None
    assert "text" in finding.hint.en


@pytest.mark.parametrize(
    ("unit", "level", "above"),
    [
        ("DG", "germany", None),
        ("05", "land", "DG"),
        ("053", "regierungsbezirk", "05"),
        ("05315", "kreis", "053"),
        ("01059", "kreis", "01"),
        ("05315000", "gemeinde", "05315"),
        ("010595974", "verband", "01059"),
        ("010595974083", "gemeinde_ars", "010595974"),
        ("S2-27", "project", None),
    ],
)
def test_level_and_parent(unit: str, level: str, above: str | None) -> None:
    assert keys.level_of(unit) == level
    assert keys.parent(unit) == above


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("9761000", "regions.leading_zero"),
        ("9761", "regions.leading_zero"),
        (9761000, "regions.number"),
        (" 09761000", "regions.spaces"),
        ("17", "regions.unknown_land"),
        ("00123", "regions.unknown_land"),
        ("99000000", "regions.unknown_land"),
        ("0531", "regions.key"),
        ("Köln", "regions.key"),
        ("S1-1", "regions.key"),
        ("٠٥", "regions.key"),
        ("", "regions.key"),
    ],
)
def test_malformed_keys_are_diagnosed(value: object, rule: str) -> None:
    [finding] = keys.check_keys([value])
    assert finding.rule == rule
    assert finding.text.de
    assert finding.text.en


def test_findings_name_rows_as_in_the_file_and_count_each_value_once() -> None:
    column = pd.Series(["05315", "9761", None, "17", "9761"], dtype="category")
    first, second = keys.check_keys(column, file="kreise.csv", column="ags")
    assert (first.row, first.rows, first.n, first.value) == (3, (3, 6), 2, "9761")
    assert (second.row, second.file, second.column) == (5, "kreise.csv", "ags")


def test_a_malformed_key_raises_with_the_hint() -> None:
    with pytest.raises(ValidationError, match="leading zero lost"):
        keys.level_of("5315000")
    with pytest.raises(ValidationError, match="12 digits"):
        keys.ars_to_ags("05315000")


def test_columns_are_mapped_key_by_key_and_missing_stays_missing() -> None:
    column = pd.Series(["05315000", None, "S1-01", "01059"], index=[9, 8, 7, 6], name="unit")
    found = keys.map_units(column.astype("category"), keys.bundesland_of)
    assert found.index.tolist() == [9, 8, 7, 6]
    assert found.isna().tolist() == [False, True, True, False]
    assert found.cat.categories.tolist() == ["01", "05"]
    with pytest.raises(ValidationError) as caught:
        keys.map_units(pd.Series(["5315000", "17"]), keys.level_of)
    assert len(caught.value.findings) == 2


def test_county_free_cities_are_those_of_the_directory() -> None:
    units = regions.gazetteer()
    municipalities = units[units["level"] == "gemeinde"]
    free = municipalities["key"].map(keys.is_county_free)
    assert free.sum() == 106
    assert set(municipalities.loc[free, "kind"]) == {"61", "62"}
    assert not municipalities.loc[~free, "kind"].isin(["61", "62"]).any()


def test_all_keys_of_the_directory_are_well_formed_and_at_their_level() -> None:
    units = regions.gazetteer()
    assert keys.check_keys(units["key"]) == ()
    assert keys.map_units(units["key"], keys.level_of).astype("str").eq(units["level"]).all()


@pytest.mark.parametrize("unit", ["DG", "05", "053", "05315", "05315000", "010595974", "S1-01"])
def test_the_rank_of_a_unit_is_the_position_of_its_level(unit):
    assert grammar.LEVELS[grammar.rank_of(unit)] == keys.level_of(unit)


@pytest.mark.parametrize("text", ["", "5315", "17", "05315000\n", " 05315", "S0-01", "dg"])
def test_what_is_no_key_has_no_rank(text):
    assert grammar.rank_of(text) == -1
    assert not grammar.is_key(text)


def test_a_category_that_no_row_has_is_not_named():
    column = pd.Series(pd.Categorical(["05315"], categories=["05315", "5315"]))
    assert keys.check_keys(column) == ()


def test_keys_may_come_from_a_generator():
    (found,) = keys.check_keys(key for key in ["05315", "5315", "5315"])
    assert (found.rule, found.n, found.rows) == ("regions.leading_zero", 2, (3, 4))
