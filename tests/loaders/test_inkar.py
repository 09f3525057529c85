"""INKAR wide export: the real file, its codes, and damaged heads."""

import pytest

from begleitforschung.errors import SourceFileError, ValidationError
from begleitforschung.loaders import read_indicators
from begleitforschung.loaders.inkar import inkar_catalogue, slug

HEAD = "\ufeffKennziffer;Raumeinheit;Aggregat;Wohnfläche;Wohnfläche;Einwohnerdichte;Neue Größe\r\n"
YEARS = ";;;2016;2017;2017;2017\r\n"
ROW = '"01001";"Flensburg, Stadt";"krsfr. Stadt";"44,1";"44,5";"1.560";"-"\r\n'


@pytest.fixture(scope="module")
def real(shared):
    return read_indicators(shared / "data/inkar/inkar_sdg_etc.csv")


def test_the_real_export_loads_whole(real):
    assert (len(real), len(real.units), len(real.indicators)) == (401 * 26, 401, 26)
    assert real.years == (2016, 2017)
    assert real.levels == ("kreis",)
    assert set(real.data["status"]) == {"normal"}


def test_values_are_those_of_the_file(real):
    wide = real.wide()
    assert wide["einwohnerdichte"]["01001", 2017] == 1560
    assert wide["6012"]["01001", 2016] == 34.8
    assert wide["arbeitsplatzwanderer"]["01001", 2017] == -47.9
    row = real.data.query("unit == '16077' and indicator == '2205'").iloc[0]
    assert (row["row"], row["value"]) == (403, 47.6)


def test_names_become_m_ids_where_unique_and_slugs_elsewhere_with_findings(real):
    unknown = [item for item in real.findings if item.rule == "inkar.not_in_catalogue"]
    ambiguous = [item for item in real.findings if item.rule == "inkar.ambiguous_name"]
    assert len(unknown) == 10
    assert [item.column for item in ambiguous] == [
        "Einwohner 65 Jahre und älter",
        "Einwohner unter 6 Jahre",
        "Einwohner von 6 bis unter 18 Jahren",
        "Einwohnerdichte",
    ]
    assert "11004, 15109, 17501" in ambiguous[-1].hint.en
    codes = {item.value for item in (*unknown, *ambiguous)}
    assert codes < set(real.indicators)
    assert all(code.isdigit() for code in set(real.indicators) - codes)
    by_name = {item.title.de: item for item in real.indicators.values()}
    assert by_name["SGB II - Quote"].id == "12101"
    assert by_name["SGB II - Quote"].definition.de.startswith("Anteil der erwerbsfähigen")


def test_the_edition_of_the_catalogue_is_part_of_the_provenance(real):
    assert dict(real.provenance.parameters)["consulted"].startswith("INKAR 2025")


def test_the_catalogue_is_keyed_by_m_id():
    ids = [item.m_id for item in inkar_catalogue()]
    assert len(ids) == len(set(ids)) == 660


def test_signs_years_and_decimals(put):
    table = read_indicators(put(HEAD + YEARS + ROW))
    data = table.data.set_index(["indicator", "year"])
    assert data.loc[("2205", 2016), "value"] == 44.1
    assert data.loc[("2205", 2017), "value"] == 44.5
    assert data.loc[("neue_groesse", 2017), "status"] == "zero"
    assert (table.indicator("2205").decimals, table.indicator("einwohnerdichte").decimals) == (1, 0)


def test_text_among_numbers_is_named_with_row_and_column(put):
    text = HEAD + YEARS + ROW + ROW.replace("01001", "01002").replace("44,5", "k. A.")
    with pytest.raises(ValidationError, match="neither a number nor a sign") as error:
        read_indicators(put(text))
    (finding,) = error.value.findings
    assert (finding.row, finding.column, finding.value) == (4, "Wohnfläche (5)", "k. A.")


def test_a_point_that_is_not_between_thousands_is_no_number(put):
    with pytest.raises(ValidationError, match="neither a number"):
        read_indicators(put(HEAD + YEARS + ROW.replace("1.560", "1.56")))


def test_a_key_without_its_zero_is_named(put):
    with pytest.raises(ValidationError, match="leading zero") as error:
        read_indicators(put(HEAD + YEARS + ROW.replace("01001", "1001")))
    assert {(item.row, item.column) for item in error.value.findings} == {(3, "Kennziffer")}


@pytest.mark.parametrize("years", ["", ";;;2016;2017;2017;Mittel\r\n", ";;;2016;2017\r\n"])
def test_a_broken_row_of_years_is_named(put, years):
    with pytest.raises(SourceFileError, match=r"years? in row 2|has the years"):
        read_indicators(put(HEAD + years + ROW))


def test_the_same_indicator_and_year_twice_is_refused(put):
    with pytest.raises(ValidationError, match="not unique"):
        read_indicators(put(HEAD + YEARS.replace("2016", "2017") + ROW))


def test_slug_is_plain_ascii():
    assert slug("Größe (in %) – Mädchen & Jungen") == "groesse_in_prozent_maedchen_jungen"
