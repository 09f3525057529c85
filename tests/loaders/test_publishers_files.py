"""Figures and doubts of these publishers' files; rows and totals stand in test_every_file.py."""

import pytest

from begleitforschung.loaders import read_indicators

BREITBAND = "breitband/verf_privat_alle_2010_2018.xls"
DISTRICTS = "breitband/gemeinde_bezirke_privat_2021_mitte.csv"
ATLAS = "panels/Deutschlandatlas-Daten.xlsx"
PKS = "sectors/PKS_KR-F-01-T01-Kreise-Faelle-HZ_2022.csv"
KREISE = "panels/inkar_kreis_panel_1995_2022.csv"
GEMEINDEN = "panels/gv_gemeinde_panel_1994_2024.csv.gz"
MITTE = "breitband/Verf_Gemeinden_atene Mitte 18.csv"


def test_licences_that_nobody_verified_say_so(shared):
    for file, sheet in ((ATLAS, "Deutschlandatlas_KRS1220"), (PKS, None)):
        (source,) = read_indicators(shared / "data" / file, sheet=sheet).provenance.sources()
        assert "not verified" in source.licence


def test_figures_are_those_of_the_files(shared):
    def value(file, unit, indicator, year, sheet=None):
        data = read_indicators(shared / "data" / file, sheet=sheet).data
        row = data.query("unit == @unit and indicator == @indicator and year == @year")
        return row[["value", "row"]].iloc[0].tolist()

    assert value(PKS, "01001", "faelle|straftat=------", 2022) == [9677, 3]
    assert value(PKS, "16077", "faelle|straftat=972500", 2022) == [17, 16402]
    assert value(DISTRICTS, "09576453", "breitband_privat_alle_50", 2021) == [0, 2]
    assert value(
        BREITBAND, "01001", "breitband_privat_alle_50", 2018, "verf_landkreis_10_18_percent"
    ) == [98.14, 2]
    assert value(ATLAS, "01001", "preis_miet", 2022, "Deutschlandatlas_KRS1222") == [4, 2]
    assert value("panels/btw21_strukturdaten.csv", "01", "flaeche_km2", 2019)[0] == 15800.5
    assert value("panels/btw17_strukturdaten.csv", "DG", "flaeche_km2", 2015)[0] == 357385.7
    zensus = "panels/zensus2022_gemeinde.csv"
    assert value(zensus, "01001000", "zensus2022_anteil_60plus", 2022) == [18.0, 2]


def test_the_panel_of_municipalities_keeps_every_person(shared):
    table = read_indicators(shared / "data" / GEMEINDEN)
    people = table.data[table.data["indicator"] == "population"].groupby("year")["value"].sum()
    assert people[1998] == 81_999_517
    assert people[2017] == 82_792_351
    (again,) = [item for item in table.findings if item.rule == "layout.identical_rows"]
    assert (again.n, again.row) == (8, 85008)
    assert table.gebietsstand == "jeweils"


def test_the_census_extract_is_doubted(shared):
    table = read_indicators(shared / "data/panels/zensus2022_gemeinde.csv")
    rules = {item.rule for item in table.findings}
    assert {"layout.zensus2022_labels", "layout.zensus2022_doubtful"} <= rules
    assert table.indicator("zensus2022_anteil_60plus").title.de == "Anteil ab 60 Jahren"
    # The figure behind the doubt: people of 60 and more can't be fewer than those of 65 and more.
    older = table.data[table.data["indicator"] == "zensus2022_anteil_60plus"]
    people = table.data[table.data["indicator"] == "zensus2022_bevoelkerung"]
    share = older.set_index("unit")["value"] * people.set_index("unit")["value"]
    assert share.sum() / people["value"].sum() == pytest.approx(19.4, abs=0.3)  # 65+: 22 %


def test_the_unit_of_gdp_is_thousands_of_euros(shared):
    table = read_indicators(shared / "data" / KREISE)
    assert table.indicator("gerda_gdp_per_capita").unit_of_measure == "1.000 € je Einwohner"
    assert table.gebietsstand == "2021-12-31"
    zeros = table.data[table.data["indicator"] == "gerda_students_per_100"]["value"] == 0
    assert zeros.sum() > 4000  # structural zeros stay


def test_pyramids_of_one_city_have_their_ages_in_the_code(shared):
    folder = shared / "data/panels/konstanz_in_zahlen/data"
    tables = [read_indicators(f, unit="08335043") for f in sorted(folder.rglob("pyramide*.csv"))]
    assert len(tables) == 43
    assert all(any("|alter=" in code for code in table.indicators) for table in tables)
