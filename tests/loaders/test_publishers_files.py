"""Every file of these publishers: rows, keys and totals, or a refusal that says why."""

import pytest

from begleitforschung.errors import BegleitforschungError
from begleitforschung.loaders import read_indicators

BREITBAND = "breitband/verf_privat_alle_2010_2018.xls"
DISTRICTS = "breitband/gemeinde_bezirke_privat_2021_mitte.csv"
ATLAS = "panels/Deutschlandatlas-Daten.xlsx"
PKS = "sectors/PKS_KR-F-01-T01-Kreise-Faelle-HZ_2022.csv"
KREISE = "panels/inkar_kreis_panel_1995_2022.csv"
GEMEINDEN = "panels/gv_gemeinde_panel_1994_2024.csv.gz"
MITTE = "breitband/Verf_Gemeinden_atene Mitte 18.csv"

# file, sheet, rows, units, indicators, years, sum of all values, cells without a number
READ = [
    (MITTE, None, 135960, 11330, 12, (2018, 2018), 8435993, 0),
    (DISTRICTS, None, 603564, 11388, 53, (2021, 2021), 37471985.28, 0),
    ("breitband/landkreis_privat_2021_1.csv", None, 23316, 402, 58, (2021, 2021), 1833629.38, 0),
    ("breitband/2021_BBA_Kreisdaten.xls", None, 24522, 402, 61, (2021, 2021), 1803928, 0),
    (BREITBAND, "verf_deutschland_10_18_percent", 24, 1, 3, (2010, 2018), 2024.9, 0),
    (BREITBAND, "verf_bundesland_10_18_percent", 288, 16, 2, (2010, 2018), 20396.69, 0),
    (BREITBAND, "verf_landkreis_10_18_percent", 9624, 401, 3, (2010, 2018), 560959.5, 0),
    (BREITBAND, "verf_gemeinde_10_18_percent", 267048, 11127, 3, (2010, 2018), 12893474.98, 0),
    (ATLAS, "Deutschlandatlas_GEM1222", 175840, 10990, 16, (2022, 2022), 21734501.63, 1946),
    (ATLAS, "Deutschlandatlas_VBGEM1222", 13800, 4600, 3, (2022, 2022), 130841.98, 611),
    (ATLAS, "Deutschlandatlas_KRS1222", 15200, 400, 38, (2022, 2022), 3298564.97, 0),
    (ATLAS, "Deutschlandatlas_GEM1221", 54970, 10994, 5, (2021, 2021), 1531192.16, 779),
    (ATLAS, "Deutschlandatlas_KRS1221", 4800, 400, 12, (2021, 2021), 177543.24, 0),
    (ATLAS, "Deutschlandatlas_GEM1220", 11001, 11001, 1, (2020, 2020), 70050.69, 119),
    (ATLAS, "Deutschlandatlas_KRS1220", 1604, 401, 4, (2020, 2020), 36193.05, 0),
    (ATLAS, "Deutschlandatlas_GEM1218", 44348, 11087, 4, (2018, 2018), 758690.88, 177),
    ("sectors/Ladesaeulenregister.csv", None, 16, 4, 4, (2026, 2026), 446727.4, 0),
    (PKS, None, 213200, 400, 533, (2022, 2022), 61655252.1, 2688),
    ("sectors/Unfallorte2018_LinRef_sample.txt", None, 15, 3, 5, (2018, 2018), 5, 0),
    ("panels/btw17_strukturdaten.csv", None, 816, 17, 48, (2011, 2017), 2035002.6, 1),
    ("panels/btw21_strukturdaten.csv", None, 816, 17, 48, (2018, 2021), 2131892.3, 0),
    ("panels/zensus2022_gemeinde.csv", None, 151004, 10786, 14, (2022, 2022), 128984334.58, 2856),
    (KREISE, None, 336000, 400, 30, (1995, 2022), 108333661.47, 96166),
    (GEMEINDEN, None, 488652, 18523, 4, (1994, 2024), 1656473096.02, 0),
    ("panels/german_municipal_chatbots.csv", None, 380, 190, 2, (2024, 2024), 39, 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "sheet", "rows", "units", "indicators", "years", "total", "absent"), READ
)
def test_file_loads_whole(shared, file, sheet, rows, units, indicators, years, total, absent):
    table = read_indicators(shared / "data" / file, sheet=sheet)
    assert (len(table), len(table.units), len(table.indicators)) == (rows, units, indicators)
    assert (table.years[0], table.years[-1]) == years
    assert table.data["value"].sum() == pytest.approx(total, abs=0.006)
    assert table.data["value"].isna().sum() == absent
    assert table.provenance.sources()[0].licence
    assert table.provenance.sources()[0].attribution


@pytest.mark.parametrize(
    ("file", "sheet", "words"),
    [
        (BREITBAND, None, "several sheets of the Breitbandatlas"),
        (ATLAS, None, "Say which: sheet="),
        (ATLAS, "Deutschlandatlas_VBGEM1219", "look like municipalities but are not"),
        ("panels/breitband_gemeinde_2005_2018_long.csv.gz", None, "no key of a unit, '0002e+06'"),
        ("panels/inkar_kreis_panel_codebook.csv", None, "has no known format"),
        ("panels/zensus2022_gemeinde_codebook.csv", None, "has no known format"),
    ],
)
def test_file_is_refused(shared, file, sheet, words):
    with pytest.raises(BegleitforschungError) as error:
        read_indicators(shared / "data" / file, sheet=sheet)
    assert words in str(error.value)


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
    assert value(BREITBAND, "01001", "breitband_privat_alle_50", 2018, READ[6][1]) == [98.14, 2]
    assert value(ATLAS, "01001", "preis_miet", 2022, READ[10][1]) == [4, 2]
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


def test_open_data_of_one_city_load_whole(shared):
    folder = shared / "data/panels/konstanz_in_zahlen/data"
    tables = [read_indicators(f, unit="08335043") for f in sorted(folder.rglob("*.csv"))]
    assert len(tables) == 123
    assert sum(map(len, tables)) == 28219
    assert sum(len(table.indicators) for table in tables) == 18766
    assert sum(t.data["value"].sum() for t in tables) == pytest.approx(339979625.7273, abs=0.001)
    assert {table.units for table in tables} == {("08335043",)}
    pyramids = [table for table in tables if any("|alter=" in code for code in table.indicators)]
    assert len(pyramids) == 43
