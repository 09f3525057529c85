"""GENESIS flat files: codes, units, times and dashes, case by case on small files."""

import math

import pandas as pd
import pytest

from begleitforschung.errors import SourceFileError, ValidationError
from begleitforschung.loaders import read_indicators
from begleitforschung.loaders.genesis_codes import genesis_codes
from begleitforschung.regions import LEVELS


def cells(table):
    """Value and status by unit and indicator."""
    data = table.data.astype({"unit": "str", "indicator": "str", "status": "str"})
    rows = zip(data["unit"], data["indicator"], data["value"], data["status"], strict=True)
    return {(unit, code): (value, status) for unit, code, value, status in rows}


def rules(table):
    return [item.rule for item in table.findings if item.rule != "loader.no_sidecar"]


def finding(table, rule):
    (found,) = [item for item in table.findings if item.rule == rule]
    return found


TOTAL = "BEVSTD|GES=INSGESAMT"


# Codes and meanings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code", "title"),
    [
        ({}, "BEVSTD|GES=INSGESAMT", "Bevölkerungsstand: Insgesamt"),
        ({"sex": "GESM"}, "BEVSTD|GES=GESM", "Bevölkerungsstand: GESM"),
        ({"code": "GEB01", "label": "Geborene"}, "GEB01|GES=INSGESAMT", "Geborene: Insgesamt"),
    ],
)
def test_the_code_of_an_indicator_holds_every_further_dimension(genesis, row, options, code, title):
    table = read_indicators(genesis(row("08421", "5", **options)))
    assert {name: item.title.de for name, item in table.indicators.items()} == {code: title}


@pytest.mark.parametrize(
    ("published", "printed", "label", "aggregation"),
    [
        ("Anzahl", "Anzahl", "Bevölkerungsstand", "sum"),
        ("number", "Anzahl", "Population", "sum"),
        ("Prozent", "%", "Bevölkerungsstand", "unknown"),
        ("percent", "%", "Population", "unknown"),
        ("EUR", "EUR", "Bevölkerungsstand", "unknown"),
        ("Anzahl", "Anzahl", "Anteil der Frauen", "unknown"),
        ("Anzahl", "Anzahl", "Personen je Haushalt", "unknown"),
        ("Anzahl", "Anzahl", "Jeversche Einwohner", "sum"),  # 'je' only as a word
        ("Anzahl", "Anzahl", "Wanderungssaldo", "unknown"),
    ],
)
def test_only_counts_may_be_added_up_and_units_are_german(
    genesis, row, published, printed, label, aggregation
):
    table = read_indicators(genesis(row("08421", "5", unit_of=published, label=label)))
    item = table.indicator(TOTAL)
    assert (item.unit_of_measure, item.aggregation) == (printed, aggregation)


def test_decimals_are_the_most_that_an_indicator_shows(genesis, row):
    table = read_indicators(
        genesis(row("08421", "5,25"), row("09761", "5"), row("08421", "7", sex="GESM"))
    )
    assert table.indicator(TOTAL).decimals == 2
    assert table.indicator("BEVSTD|GES=GESM").decimals == 0


def test_codes_of_regional_variables_are_listed_once_with_a_level():
    listed = genesis_codes().region_variables
    codes = [item.code for item in listed]
    assert len(set(codes)) == len(codes)
    assert set(genesis_codes().levels().values()) <= set(LEVELS)
    seen = {item.code for item in listed if item.seen}
    assert {"KREISE", "GEMEIN", "DLAND", "DINSG", "REGBEZ"} <= seen


# Figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "quality", "number", "status"),
    [
        ("5", "", 5.0, "normal"),
        ("5", "e", 5.0, "estimated"),
        ("5", "p", 5.0, "preliminary"),
        ("5", "r", 5.0, "revised"),
        ("5", "s", 5.0, "estimated"),
        ("5", "()", 5.0, "limited"),
        ("(5)", "", 5.0, "limited"),
        ("5 p", "e", 5.0, "preliminary"),  # the sign at the number goes first
        (".", "e", math.nan, "unknown"),
        ("/", "", math.nan, "unreliable"),
        ("x", "", math.nan, "not_meaningful"),
        ("...", "", math.nan, "later"),
        ("", "", math.nan, "missing"),
    ],
)
def test_signs_stand_in_the_value_or_beside_it(genesis, row, value, quality, number, status):
    found = cells(read_indicators(genesis(row("08421", value, q=quality))))["08421", TOTAL]
    assert found[1] == status
    assert found[0] == pytest.approx(number, nan_ok=True)


@pytest.mark.parametrize("quality", [".", "-", "x", "/", "..."])
def test_a_sign_that_allows_no_number_may_not_stand_beside_one(genesis, row, quality):
    with pytest.raises(ValidationError, match="unknown sign of quality") as error:
        read_indicators(genesis(row("08421", "5"), row("09761", "5", q=quality)))
    (found,) = error.value.findings
    assert (found.row, found.column, found.value) == (3, "value_q", quality)
    assert "e p r s ()" in found.hint.de


@pytest.mark.parametrize(
    ("time", "year", "date"),
    [
        ("2019", 2019, None),
        ("2024-12-31", 2024, "2024-12-31"),
        ("2023-06-30", 2023, "2023-06-30"),
    ],
)
def test_a_time_is_a_year_or_a_day(genesis, row, time, year, date):
    table = read_indicators(genesis(row("08421", "5", time=time)))
    assert table.years == (year,)
    assert ("date" in table.data) is (date is not None)
    if date:
        assert table.data["date"].tolist() == [pd.Timestamp(date)]


@pytest.mark.parametrize("time", ["2024-02-30", "2024-06", "2. Quartal 2024", "2024/25", "", "24"])
def test_other_times_are_refused_with_their_row(genesis, row, time):
    with pytest.raises(ValidationError, match="neither a year nor a date") as error:
        read_indicators(genesis(row("08421", "5"), row("09761", "5", time=time)))
    assert (error.value.findings[0].row, error.value.findings[0].value) == (3, time)


def test_years_and_days_may_stand_in_one_file(genesis, row):
    table = read_indicators(
        genesis(row("08421", "5", time="2019"), row("08421", "6", time="2019-12-31"))
    )
    assert table.data["date"].isna().tolist() == [True, False]
    assert table.years == (2019,)


# Units ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "unit", "level"),
    [
        ("KREISE", "08421", "kreis"),
        ("GEMEIN", "08421000", "gemeinde"),
        ("DLAND", "08", "land"),
        ("REGBEZ", "084", "regierungsbezirk"),
        ("DINSG", "DG", "germany"),
        ("GEOGM1", "010595974083", "gemeinde_ars"),
    ],
)
def test_regional_variables_of_each_level_are_known(genesis, row, variable, unit, level):
    table = read_indicators(genesis(row(unit, "5", var=variable)))
    assert (table.units, table.levels) == ((unit,), (level,))
    assert rules(table) == []


def test_two_variables_with_keys_are_one_too_many(genesis, row):
    path = genesis(row("08421", "5", var="WOHNORT", sex="09761"))
    with pytest.raises(SourceFileError, match=r"several variables hold keys.*WOHNORT; GES"):
        read_indicators(path)


def test_a_variable_found_by_its_keys_is_remarked_in_both_languages(genesis, row):
    said = finding(
        read_indicators(genesis(row("08421", "5", var="NEU"))), "genesis.region_variable"
    )
    assert said.text.de == (
        "Merkmal NEU ist nicht als Regionalmerkmal bekannt, seine Codes sind Schlüssel"
    )
    assert said.text.en.startswith("variable NEU is not known as a regional one")
    assert said.column == "1_variable_code"


def test_districts_are_left_out_and_listed_unless_asked_for(genesis, row):
    path = genesis(row("11000", "9"), row("11001001", "4"), row("11002002", "5"), row("08421", "1"))
    table = read_indicators(path)
    assert table.units == ("08421", "11000")
    said = finding(table, "genesis.district_of_county")
    assert (said.n, said.rows, said.row) == (2, (3, 4), 3)
    assert said.value == "11001001 Name 11001001; 11002002 Name 11002002"
    assert said.text.de.endswith("zählen in der Kreistabelle doppelt und wurden weggelassen")
    assert said.hint.en == "If you need them: districts=True."
    kept = read_indicators(path, districts=True)
    assert len(kept) == 4
    again = finding(kept, "genesis.district_of_county")
    assert again.text.en.endswith("and were kept")
    assert "select(level='kreis')" in again.hint.de
    assert finding(kept, "genesis.several_levels").text.en == "several levels: kreis, gemeinde"
    assert dict(kept.provenance.parameters)["districts"] is True


def test_sums_of_the_publisher_are_left_out_even_if_districts_are_kept(genesis, row):
    path = genesis(*(row(key, "5", var="DLAND") for key in ("08", "17", "18")))
    for districts in (False, True):
        table = read_indicators(path, districts=districts)
        assert table.units == ("08",)
        said = finding(table, "genesis.publisher_sum")
        assert (said.n, said.rows, said.severity) == (2, (3, 4), "warning")


def test_a_long_list_of_units_is_cut_after_fifteen(genesis, row):
    keys = [f"110010{n:02d}" for n in range(1, 18)]
    table = read_indicators(genesis(row("11000", "9"), *(row(key, "1") for key in keys)))
    said = finding(table, "genesis.district_of_county")
    assert said.n == 17
    assert said.value.count(";") == 15
    assert said.value.endswith("; …")


# Dashes ---------------------------------------------------------------------------------------

GONE = "05354"  # Kreis Aachen, until 2009


@pytest.mark.parametrize(
    ("rows", "unit", "status"),
    [
        ([("08421", "-", "GESM"), ("08421", "5", "")], "08421", "zero"),
        ([("08421", "-", "GESM"), ("08421", "-", "")], "08421", "zero"),
        ([(GONE, "-", "GESM"), (GONE, "-", "")], GONE, "not_existing"),
        ([(GONE, "-", "GESM"), (GONE, "", "")], GONE, "not_existing"),
        ([(GONE, "-", "GESM"), (GONE, ".", "")], GONE, "zero"),
        ([(GONE, "-", "GESM"), (GONE, "5", "")], GONE, "zero"),
    ],
)
def test_a_dash_is_zero_unless_the_unit_is_gone(genesis, row, rows, unit, status):
    table = read_indicators(genesis(*(row(key, value, sex=sex) for key, value, sex in rows)))
    value, found = cells(table)[unit, "BEVSTD|GES=GESM"]
    assert found == status
    assert value == 0.0 or (status == "not_existing" and math.isnan(value))


def test_units_with_nothing_but_dashes_are_zero_but_doubted(genesis, row):
    path = genesis(row("08421", "-"), row("09761", "5"), row(GONE, "-"))
    table = read_indicators(path)
    said = finding(table, "genesis.only_dashes")
    assert (said.severity, said.value, said.n, said.row) == ("warning", "08421", 1, 2)
    assert said.text.de.endswith("als null gelesen, wie die Zeichenerklärung sagt (1)")
    assert "read as zero, as the key of signs says (1 units)" in said.text.en
    gone = finding(table, "genesis.not_existing")
    assert (gone.severity, gone.value, gone.rows) == ("info", GONE, (4,))


def test_one_year_with_a_number_settles_the_doubt(genesis, row):
    path = genesis(row("08421", "-", time="2020"), row("08421", "5", time="2021"))
    assert rules(read_indicators(path)) == []


@pytest.mark.parametrize(
    ("land", "counties", "status"),
    [
        ("5", ("-", "-"), "missing"),  # the Land has a number: the counties can't all be zero
        ("-", ("-", "-"), "zero"),
        ("0", ("-", "-"), "zero"),
        (".", ("-", "-"), "zero"),
        ("5", ("-", "5"), "zero"),
        ("5", ("-", "."), "zero"),
    ],
)
def test_a_level_of_dashes_below_a_number_is_missing(genesis, row, land, counties, status):
    first, second = counties
    path = genesis(row("08", land, var="DLAND"), row("08421", first), row("08425", second))
    table = read_indicators(path)
    assert cells(table)["08421", TOTAL][1] == status
    assert ("genesis.level_without_figures" in rules(table)) is (status == "missing")


def test_labels_in_english_are_remarked(genesis, row):
    table = read_indicators(genesis(row("08421", "5", unit_of="number")))
    assert finding(table, "genesis.english_labels").severity == "info"
    assert rules(read_indicators(genesis(row("08421", "5")))) == []
