"""Small files of each publisher, and what happens to damaged ones."""

import io

import pytest
from openpyxl import Workbook

from begleitforschung.errors import CatalogueError, SourceFileError, ValidationError
from begleitforschung.loaders import read_indicators
from begleitforschung.loaders.breitbandatlas import meaning


def values(table):
    return {
        (unit, code, int(year)): value
        for unit, code, year, value in table.data[
            ["unit", "indicator", "year", "value"]
        ].itertuples(index=False)
    }


def findings(table, rule):
    return [item for item in table.findings if item.rule == rule]


def book(**sheets):
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


# Breitbandatlas ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "code", "year"),
    [
        ("100_16", "breitband_privat_leitungsgebunden_16", None),
        ("verf_300_50_2014", "breitband_privat_alle_50", 2014),
        ("alle Technologien ≥ 16 Mbit/s", "breitband_privat_alle_16", None),
        ("mobile Technologien ≥ 6 Mbit/s", "breitband_privat_drahtlos_6", None),
        ("FTTH/B ≥ 1000 Mbit/s", "breitband_privat_ftthb_1000", None),
        ("priv_alle_tech_50", "breitband_privat_alle_50", None),
        ("gew_ftthb_1000", "breitband_gewerbe_ftthb_1000", None),
        ("verf_5g_2", "breitband_privat_5g_2", None),
    ],
)
def test_names_of_all_deliveries_mean_the_same(column, code, year):
    found = meaning(column)
    assert (found[0].id, found[1]) == (code, year)
    assert found[0].breaks[0].year == 2015


@pytest.mark.parametrize("column", ["gen", "400_16", "verf_glas_50", "priv_alle_50", "geom_Area"])
def test_other_columns_have_no_meaning(column):
    assert meaning(column) is None


BREITBAND = "AGS;100_16;100_30;200_16;200_30\n01001000;99;98.5;0;0\n01002000;0;0;0;0\n"


def test_breitbandatlas_has_its_year_in_the_name_of_the_file(put):
    table = read_indicators(put(BREITBAND, "Gemeinden Mitte 18.csv"))
    assert values(table)["01001000", "breitband_privat_leitungsgebunden_30", 2018] == 98.5
    assert findings(table, "breitbandatlas.only_zeros")[0].n == 1
    assert "2018" in findings(table, "breitbandatlas.year")[0].text.en
    assert "Gigabit-Grundbuch" in table.provenance.sources()[0].attribution
    for name in ("gemeinden.csv", "2017 und 2018.csv"):
        with pytest.raises(SourceFileError, match="say the year of this delivery"):
            read_indicators(put(BREITBAND, name))


def test_breitbandatlas_refuses_lost_zeros_in_text_and_restores_them_in_workbooks(put):
    with pytest.raises(ValidationError, match="leading zero lost"):
        read_indicators(put(BREITBAND.replace("01001000", "1001000"), "2018.csv"))
    head = ["ags", *(f"verf_300_{speed}_2014" for speed in (2, 16, 30, 50))]
    content = book(kreise=[head, [1001, 100, 99.5, 98, "-"], [11000, 1, 2, 3, 4]])
    table = read_indicators(put(content, "a.xlsx"))
    assert values(table)["01001", "breitband_privat_alle_16", 2014] == 99.5
    assert set(table.units) == {"01001", "11000"}
    assert findings(table, "loader.leading_zeros")[0].n == 1


# Ladesäulenregister --------------------------------------------------------------------------

COLUMNS = "Betreiber;Status;Art der Ladeeinrichung;Anzahl Ladepunkte;Anschlussleistung;"
COLUMNS += "Inbetriebnahmedatum;Postleitzahl;Ort;Kreis/kreisfreie Stadt;Bundesland\n"
STATIONS = [
    "A;In Betrieb;Normalladeeinrichtung;2;22,5;01.02.2019;24937;Flensburg;"
    "Kreisfreie Stadt Flensburg;Schleswig-Holstein",
    "A;In Betrieb;Schnellladeeinrichtung;4;150;01.02.2020;25746;Heide;"
    "Landkreis Dithmarschen;Schleswig-Holstein",
    "B;In Wartung;Normalladeeinrichtung;1;11;01.02.2020;25746;Heide;"
    "Landkreis Dithmarschen;Schleswig-Holstein",
    "B;In Betrieb;Normalladeeinrichtung;1;11;01.02.2020;25746;Nirgendwo;"
    "Landkreis Dithmarschen;Schleswig-Holstein",
]
REGISTER = "Bundesnetzagentur\n;;\nStand: 01.05.2024;;\n" + COLUMNS + "\n".join(STATIONS) + "\n"


def test_charging_stations_are_counted_by_county_and_municipality(put):
    table = read_indicators(put(REGISTER, "Ladesaeulenregister.csv"))
    found = values(table)
    assert found["01001", "ladepunkte", 2024] == found["01001000", "ladepunkte", 2024] == 2
    assert found["01001", "nennleistung_kw", 2024] == 22.5
    assert found["01051", "ladeeinrichtungen", 2024] == 2
    assert found["01051044", "ladeeinrichtungen", 2024] == 1  # Heide, of the same county
    assert found["01051044", "schnellladeeinrichtungen", 2024] == 1
    kreis, gemeinde = findings(table, "loader.unassigned")
    assert (kreis.severity, gemeinde.severity) == ("info", "warning")
    assert "1 of 3 rows (33.33 %)" in gemeinde.text.en
    assert (gemeinde.value, gemeinde.row) == ("Nirgendwo", 8)
    assert findings(table, "ladesaeulen.not_in_use")[0].n == 1


def test_the_register_in_latin_1_and_without_lines_above(put):
    content = COLUMNS + "\n".join(STATIONS).replace("Nirgendwo", "Wöhrden") + "\n"
    table = read_indicators(put(content.encode("cp1252")))
    assert table.years == (2020,)
    assert findings(table, "ladesaeulen.year")[0].severity == "warning"
    assert findings(table, "loader.encoding")
    assert findings(table, "loader.unassigned")[1].severity == "info"


def test_the_header_of_the_register_is_found_in_quotes_and_below_odd_lines(put):
    quoted = ";".join(f'"{name}"' for name in COLUMNS.strip().split(";"))
    lines = REGISTER.replace(COLUMNS.strip(), quoted).replace("Bundesnetzagentur", "a\x0cb\u2028c")
    table = read_indicators(put(lines))
    assert values(table)["01051", "ladeeinrichtungen", 2024] == 2


def test_a_station_in_an_unknown_land_is_not_assigned(put):
    table = read_indicators(put(REGISTER.replace(";Schleswig-Holstein\n", ";Schleswig\n", 1)))
    assert "01001" not in table.units
    assert findings(table, "loader.unassigned")[0].value == "Kreisfreie Stadt Flensburg"


def test_a_station_counts_for_the_municipality_of_its_own_county_only(put):
    # Neustadt stands many times in Germany, once in Ostholstein.
    row = STATIONS[1].replace("Heide", "Neustadt").replace("Dithmarschen", "Ostholstein")
    table = read_indicators(put(REGISTER + row + "\n"))
    assert values(table)["01055032", "ladepunkte", 2024] == 4
    elsewhere = row.replace("Neustadt", "Husum")
    table = read_indicators(put(REGISTER + elsewhere + "\n"))
    assert findings(table, "loader.unassigned")[1].n == 2


@pytest.mark.parametrize(
    ("change", "column"),
    [((";4;150", ";vier;150"), "Anzahl Ladepunkte"), ((";4;150", ";4;?"), "Anschlussleistung"),
     ((";4;150", ";;150"), "Anzahl Ladepunkte"), ((";4;", ";-4;"), "Anzahl Ladepunkte"),
     (("Schnellladeeinrichtung", "Steckdose"), "Art der Ladeeinrichung")],
)  # fmt: skip
def test_what_is_no_amount_is_named(put, change, column):
    with pytest.raises(ValidationError) as error:
        read_indicators(put(REGISTER.replace(*change)))
    (finding,) = error.value.findings
    assert (finding.row, finding.column) == (6, column)


# Deutschlandatlas ----------------------------------------------------------------------------

HEAD = ["KRS1222", "Kreisname", "fl_wald", "preis"]


def test_deutschlandatlas_classes_missing_values_and_state(put):
    rows = [HEAD, [1001000, "Flensburg", 6.73, "8,50 bis unter 10,00"]]
    rows += [[1002000, "Kiel", -9999, "bis unter 5,50"], [11000000, "Berlin", 1, "11,50 und mehr"]]
    content = book(Vorblatt=[["Daten"]], Deutschlandatlas_KRS1222=rows)
    table = read_indicators(put(content, "a.xlsx"))
    found = values(table)
    assert [found[unit, "preis", 2022] for unit in ("01002", "01001", "11000")] == [1, 2, 3]
    assert table.indicator("preis").definition.de.startswith("Rang der Klasse: 1 = bis unter 5,50")
    assert table.data.set_index(["unit", "indicator"])["status"]["01002", "fl_wald"] == "missing"
    assert table.gebietsstand == "2022-12-31"
    assert findings(table, "deutschlandatlas.classes")[0].severity == "warning"


def test_deutschlandatlas_text_that_is_no_class_is_named(put):
    rows = [HEAD, [1001000, "Flensburg", 6.73, "hoch"], [1002000, "Kiel", 2, "bis unter 5,50"]]
    with pytest.raises(ValidationError, match="neither a number nor a sign") as error:
        read_indicators(put(book(Deutschlandatlas_KRS1222=rows), "a.xlsx"))
    assert [(f.row, f.column, f.n) for f in error.value.findings] == [(2, "preis", 2)]


def test_deutschlandatlas_reads_one_sheet_with_official_keys(put):
    good = [HEAD, [1001000, "Flensburg", 6.73, 1]]
    june = read_indicators(put(book(Deutschlandatlas_KRS0623=good), "a.xlsx"))
    assert june.gebietsstand == "2023-06-30"
    many = book(Deutschlandatlas_KRS1222=good, Deutschlandatlas_KRS1221=good)
    with pytest.raises(SourceFileError, match="one is read at a time"):
        read_indicators(put(many, "a.xlsx"))
    table = read_indicators(put(many, "a.xlsx"), sheet="Deutschlandatlas_KRS1221")
    assert table.years == (2021,)
    verbaende = [["VBG1219", "Name", "oenv"], ["01001000", "Flensburg", 99.5]]
    with pytest.raises(SourceFileError, match="look like municipalities but are not"):
        read_indicators(put(book(Deutschlandatlas_VBGEM1219=verbaende), "a.xlsx"))
    other = [["Kreis", "x", "y"], [1, 2, 3]]
    with pytest.raises(SourceFileError, match="expected are a key"):
        read_indicators(put(book(Deutschlandatlas_KRS1222=other), "a.xlsx"))


# Wegweiser Kommune ---------------------------------------------------------------------------

WEGWEISER = (
    '"Bevölkerung";"Altenquotient"\n"Köln";"Ulm"\n'
    '"Indikatoren";"2015\nKöln";"2015\nUlm";"2016\nNirgendwo"\n'
    '"Bevölkerung (Anzahl)";1.060.582;122.636;5\n"Altenquotient";27,5;"-";k\n'
    '"Quelle: Statistische Ämter";;;\n"Stand 2020"\n'
)


def test_wegweiser_kommune_from_its_description(put):
    with pytest.raises(ValidationError, match="neither a number"):
        read_indicators(put(WEGWEISER.replace(";k\n", ";k\n").replace("Nirgendwo", "Bonn")))
    table = read_indicators(put(WEGWEISER))
    found = values(table)
    assert found["05315000", "wegweiser_bevoelkerung_anzahl", 2015] == 1_060_582
    assert found["05315000", "wegweiser_altenquotient", 2015] == 27.5
    data = table.data.set_index(["unit", "indicator"])
    assert data.loc[("08421000", "wegweiser_altenquotient"), ["status", "row"]].tolist() == [
        "zero",
        8,
    ]
    assert len(table) == 4
    assert findings(table, "wegweiser.unverified")
    assert "Stand 2020" in findings(table, "wegweiser.notes")[0].text.de
    assert findings(table, "loader.unassigned")[0].value == "Nirgendwo"
    assert table.indicator("wegweiser_bevoelkerung_anzahl").unit_of_measure == "Anzahl"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"2015\nUlm"', '"Ulm"'), "a heading holds a year"),
        ((";122.636;5", ";122.636"), "rows of 4 cells"),
        (('"Bevölkerung (Anzahl)"', '""'), "begin with the name of an indicator"),
        (('"Stand 2020"', '"Stand 2020'), "a quote is not closed"),
    ],
)
def test_wegweiser_damaged(put, change, words):
    with pytest.raises(SourceFileError, match=words):
        read_indicators(put(WEGWEISER.replace(*change)))


# Open data of one city -----------------------------------------------------------------------

SCHEMA = """---
title: Haushalt
source: Stadt Ulm
columns:
- {name: jahr, type: str, description: Jahr}
- {name: schulden, type: "Optional[int]", description: Schulden, unit: Mio. €}
- {name: quote, type: float, description: Stadt Ulm, unit: "%"}
- {name: bund, type: float, description: Deutschland, unit: "%"}
- {name: summe, type: int, description: Summe, computed: schulden + 1}
---
Anmerkungen
"""
CITY = "jahr,schulden,quote,bund\n2020,5,1.5,7\n2021/22,,2.5,7\n2023 Plan,6.0,3.5,7\n"


@pytest.fixture
def city(put):
    def write(table=CITY, schema=SCHEMA, name="haushalt"):
        put(schema, f"{name}.md")
        return put(table, f"{name}.csv")

    return write


def test_open_data_of_a_city_with_their_schema(city):
    table = read_indicators(city(), unit="08421000")
    assert values(table)["08421000", "haushalt.schulden", 2020] == 5
    assert values(table)["08421000", "haushalt.quote|Schuljahr", 2021] == 2.5
    assert values(table)["08421000", "haushalt.schulden|Plan", 2023] == 6
    assert table.indicator("haushalt.schulden").unit_of_measure == "Mio. €"
    assert not [code for code in table.indicators if "bund" in code]
    assert findings(table, "opendata.other_region")[0].n == 1
    assert findings(table, "opendata.source")[0].text.de == "Quelle laut Schema: Stadt Ulm"


def test_open_data_need_their_unit_and_a_further_dimension_goes_into_the_code(city):
    with pytest.raises(SourceFileError, match="Say which: unit="):
        read_indicators(city())
    with pytest.raises(SourceFileError, match="'Ulm' is no key"):
        read_indicators(city(), unit="Ulm")
    schema = SCHEMA.replace("name: jahr", "name: alter").replace("name: bund", "name: frauen")
    rows = CITY.replace("jahr", "alter").replace("bund", "frauen")
    table = read_indicators(city(rows, schema, "stand_1999"), unit="08421000")
    assert values(table)["08421000", "stand_1999.quote|alter=2020", 1999] == 1.5
    with pytest.raises(SourceFileError, match="says the year"):
        read_indicators(city(rows, schema), unit="08421000")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (("2020,5", "2020,5.5"), (2, "schulden")),
        (("2.5,7", ",7"), (3, "quote")),
        (("2020,", "2020er,"), (2, "jahr")),
        (("2021/22", "2021/23"), (3, "jahr")),
        (("1.5", "viel"), (2, "quote")),
    ],
)
def test_what_breaks_the_schema_of_a_city_is_named(city, change, where):
    with pytest.raises(ValidationError) as error:
        read_indicators(city(CITY.replace(*change)), unit="08421000")
    assert where in [(item.row, item.column) for item in error.value.findings]


def test_a_schema_that_does_not_fit_is_refused(city):
    with pytest.raises(SourceFileError, match="are not those of its schema"):
        read_indicators(city(CITY.replace("bund", "land")), unit="08421000")
    with pytest.raises(CatalogueError, match="unknown key"):
        read_indicators(city(schema=SCHEMA.replace("unit: Mio", "einheit: Mio")), unit="08421000")
    with pytest.raises(CatalogueError, match="types date"):
        read_indicators(city(schema=SCHEMA.replace("type: str", "type: date")), unit="08421000")
