"""GENESIS layouts before 2025: real tables against published totals, and each trap small."""

from dataclasses import dataclass

import pytest

from begleitforschung.errors import SourceFileError, ValidationError
from begleitforschung.loaders import read_indicators

LAYOUT_2024 = "data/genesis/ffcsv_old"
CLASSIC = "data/genesis/classic"


@dataclass(frozen=True)
class Stated:
    """What a table holds: rows, units, and Germany's figure of one indicator and year."""

    file: str
    rows: int
    units: int
    indicator: str
    year: int
    germany: float
    adds_up: bool = True  # Länder, and counties with Hamburg and Berlin


TABLES = (
    Stated(f"{LAYOUT_2024}/11111-02-01-4_0_flat_old.csv", 523, 523, "GEM001", 2022, 10786),
    Stated(
        f"{LAYOUT_2024}/46181-0001_0_flat_old.csv",
        16,
        1,
        "VER013|VERAT5=VERLINFERNOBUS|VERVZ4=HAUPTVKBIN01",
        2022,
        5114383,
        adds_up=False,
    ),
    Stated(f"{LAYOUT_2024}/52411-02-01-4_0_flat_old.csv", 1569, 523, "ISVNW1", 2022, 83597, False),
    Stated(
        f"{LAYOUT_2024}/61511-01-03-4_0_flat_old.csv",
        4184,
        523,
        "BAU001|BAUNW2=INSGESAMT",
        2022,
        58753,
        adds_up=False,
    ),
    Stated(f"{LAYOUT_2024}/73111-01-01-4_0_flat_old.csv", 1569, 523, "LSNW01", 2019, 42613114),
    Stated(f"{LAYOUT_2024}/AI-N-01-2-5_0_flat_old.csv", 27820, 13910, "AI0111", 2022, 14.1, False),
    Stated(
        f"{CLASSIC}/12411-01-01-4.csv",
        1569,
        523,
        "12411-01-01-4|bevoelkerungsstand|insgesamt",
        2015,
        82175684,
    ),
    Stated(
        f"{CLASSIC}/13211-01-03-5_00.csv",
        98133,
        14019,
        "13211-01-03-5|arbeitslose_insgesamt",
        2016,
        2690975,
        adds_up=False,
    ),
    Stated(
        f"{CLASSIC}/31121-01-02-5_00.csv",
        126171,
        14019,
        "31121-01-02-5|gebaeude|nach_anzahl_der_wohnungen|insgesamt",
        2015,
        105568,
    ),
    Stated(
        f"{CLASSIC}/46251-01-02-4_00.csv",
        57530,
        523,
        "46251-01-02-4|kraftfahrzeugbestand|kraftfahrzeugarten|pkw",
        2017,
        45782167,
        adds_up=False,
    ),
    Stated(
        f"{CLASSIC}/71517-03-02-4_00.csv",
        73220,
        523,
        "71517-03-02-4|bruttoeinnahmen_der_kreise",
        2014,
        66423504000,
        adds_up=False,
    ),
    Stated(
        f"{CLASSIC}/82111-01-05-4_00.csv",
        86295,
        523,
        "82111-01-05-4|bruttoinlandsprodukt",
        2014,
        2915650000,
        adds_up=False,
    ),
)


def found(table, rule):
    return next((item for item in table.findings if item.rule == rule), None)


def series(table, indicator, year):
    data = table.data[(table.data["indicator"] == indicator) & (table.data["year"] == year)]
    return data.set_index(data["unit"].astype(str))["value"]


@pytest.mark.parametrize("stated", TABLES, ids=lambda item: item.file.rpartition("/")[2])
def test_real_tables_have_their_rows_units_and_totals(shared, stated):
    table = read_indicators(shared / stated.file)
    assert (len(table), len(table.units)) == (stated.rows, stated.units)
    values = series(table, stated.indicator, stated.year)
    assert values["DG"] == stated.germany
    if stated.adds_up:
        length = values.index.str.len()
        lands = values[(length == 2) & (values.index != "DG")]
        assert lands.sum() == stated.germany
        assert values[length == 5].sum() + values[["02", "11"]].sum() == stated.germany
    (source,) = table.provenance.sources()
    assert source.licence.startswith("Datenlizenz Deutschland")


def test_municipalities_add_up_to_their_county_in_all_309_counties_that_have_some(shared):
    table = read_indicators(shared / CLASSIC / "31121-01-02-5_00.csv")
    values = series(table, "31121-01-02-5|gebaeude|nach_anzahl_der_wohnungen|1_wohnung", 2015)
    level = values.index.str.len()
    members = values[level == 8].groupby(lambda key: key[:5]).sum()
    assert len(members) == 309
    assert (values[members.index].fillna(0) == members).all()
    assert (level == 9).sum() == 329
    keys = found(table, "genesis.verband_keys")
    assert (keys.severity, keys.n) == ("info", 3870)
    assert found(table, "genesis.verband_repeats").n == 462


def test_half_the_rows_of_52411_are_shifted_and_give_no_number(shared):
    table = read_indicators(shared / LAYOUT_2024 / "52411-02-01-4_0_flat_old.csv")
    shifted = found(table, "genesis.shifted_rows")
    assert (shifted.row, shifted.n) == (2, 538)
    assert "538 of 1076 rows" in shifted.text.en
    assert table.data["row"].min() == 540
    unit = found(table, "genesis.unit_not_found")
    assert unit.column.startswith("ISV006__")
    assert unit.value == "MeasureUnitNotFound!"
    assert table.indicators["ISV006"].unit_of_measure == ""
    assert table.data.loc[table.data["indicator"] == "ISV006", "value"].isna().all()


def test_older_layouts_share_codes_units_and_values_with_that_of_2025(shared):
    old = read_indicators(shared / LAYOUT_2024 / "11111-02-01-4_0_flat_old.csv")
    (path,) = (shared / "data/genesis/pystatis_cassettes").glob("11111-02-01-4__0*")
    new = read_indicators(path)
    assert old.indicators["GEM001"] == new.indicators["GEM001"]
    both = sorted(set(old.units) & set(new.units))
    pairs = zip(series(old, "GEM001", 2022)[both], series(new, "GEM001", 2024)[both], strict=True)
    changes = [abs(a - b) for a, b in pairs if a == a]  # dissolved units have no number
    assert len(changes) == 398
    assert sum(change == 0 for change in changes) > 350


def test_dissolved_counties_do_not_exist_in_any_layout(shared):
    for file in (
        f"{LAYOUT_2024}/52411-02-01-4_0_flat_old.csv",
        f"{CLASSIC}/12411-01-01-4.csv",
    ):
        table = read_indicators(shared / file)
        gone = table.data[table.data["unit"] == "13001"]
        assert set(gone["status"]) - {"missing"} == {"not_existing"}
        assert gone["value"].isna().all()


def test_the_original_in_cp1252_needs_no_word_and_names_its_edition(shared):
    table = read_indicators(shared / CLASSIC / "12411-01-01-4.csv")
    assert "cp1252" in found(table, "loader.encoding").text.en
    (source,) = table.provenance.sources()
    assert source.edition == "Stand 14.12.2017"
    assert source.title == "Bevölkerungsstand: Bevölkerung nach Geschlecht (12411-01-01-4)"
    indicator = table.indicators["12411-01-01-4|bevoelkerungsstand|maennlich"]
    assert (indicator.title.de, indicator.unit_of_measure) == (
        "Bevölkerungsstand: männlich", "Anzahl"
    )  # fmt: skip
    assert indicator.aggregation == "sum"
    assert str(table.data["date"].iloc[0].date()) == "2015-12-31"
    assert found(table, "genesis.footnotes").row == 535


def test_districts_are_left_out_of_older_layouts_unless_asked_for(shared):
    path = shared / CLASSIC / "12411-01-01-4.csv"
    assert found(read_indicators(path), "genesis.district_of_county").n == 9
    assert len(read_indicators(path, districts=True)) == 1569 + 9


FLAT = (
    "Statistik_Code;Statistik_Label;Zeit_Code;Zeit_Label;Zeit;1_Merkmal_Code;1_Merkmal_Label;"
    "1_Auspraegung_Code;1_Auspraegung_Label;A01__Zahl_der_Dinge__Anzahl;B02__Quote__Prozent\n"
    "11111;Dinge;STAG;Stichtag;31.12.2022;KREISE;Kreise;08421;  Ulm;12;3,5\n"
    "11111;Dinge;STAG;Stichtag;31.12.2022;KREISE;Kreise;09761;  Augsburg;-;.\n"
)


def test_columns_of_2024_hold_code_label_and_unit(put):
    table = read_indicators(put(FLAT))
    item = table.indicators["A01"]
    assert (item.title.de, item.unit_of_measure, item.aggregation) == (
        "Zahl der Dinge", "Anzahl", "sum"
    )  # fmt: skip
    assert (table.indicators["B02"].unit_of_measure, table.indicators["B02"].decimals) == ("%", 1)
    assert table.data[["unit", "row"]].astype(str).values.tolist() == [
        ["08421", "2"], ["09761", "3"], ["08421", "2"], ["09761", "3"]
    ]  # fmt: skip
    assert set(table.data["date"].astype(str)) == {"2022-12-31"}


def test_errors_name_the_column_of_the_file(put):
    with pytest.raises(ValidationError) as error:
        read_indicators(put(FLAT.replace(";3,5", ";3.5")))
    (finding,) = error.value.findings
    assert (finding.row, finding.column, finding.value) == (2, "B02__Quote__Prozent", "3.5")
    with pytest.raises(ValidationError) as error:
        read_indicators(put(FLAT.replace("31.12.2022;KREISE;Kreise;09", "Mai 2022;KREISE;K;09")))
    (finding,) = error.value.findings
    assert (finding.row, finding.column, finding.value) == (3, "Zeit", "Mai 2022")


def test_a_file_of_shifted_rows_only_is_refused(put):
    head, *rows = FLAT.splitlines()
    moved = [";".join([*row.split(";")[5:], *[""] * 5]) for row in rows]
    with pytest.raises(SourceFileError, match="holds no sound row"):
        read_indicators(put("\n".join([head, *moved, ""])))


def test_a_column_without_code_and_unit_is_refused(put):
    with pytest.raises(SourceFileError, match="this one has Notiz"):
        read_indicators(put(FLAT.replace("B02__Quote__Prozent", "Notiz")))


TABLE = """GENESIS-Tabelle: 99999-01-01-4
Dinge nach Farbe;;;
regionale Tiefe: Kreise und krfr. Städte;;;
Statistik der Dinge;;;
;;2019;2020
;;rot;rot
;;Anzahl;Anzahl
08421;  Ulm;12;3
09761;  Augsburg;-;.
__________
"zu ""gesamter Tabelle"":
Anmerkung; mit Semikolon"
Stand: 01.02.2021 / 10:00:00
"""


def test_times_may_head_the_columns(put):
    table = read_indicators(put(TABLE))
    assert table.years == (2019, 2020)
    assert list(table.indicators) == ["99999-01-01-4|rot"]
    assert series(table, "99999-01-01-4|rot", 2020)["08421"] == 3
    assert table.data["row"].tolist() == [8, 9, 8, 9]


def test_a_table_without_its_foot_may_be_cut_off(put):
    cut = TABLE[: TABLE.index("____")]
    assert found(read_indicators(put(cut)), "genesis.no_footer").severity == "warning"


def test_a_unit_that_nobody_states_is_remarked(put):
    table = read_indicators(put(TABLE.replace(";;Anzahl;Anzahl\n", "")))
    assert found(table, "genesis.unit_not_found") is not None
    assert table.indicators["99999-01-01-4|rot"].unit_of_measure == ""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (";;2019;2020\n", ";;rund;eckig\n", "no time in a column"),
        (";;2019;2020\n", ";;2019;2019\n", "two columns have the same header"),
        (";;rot;rot\n", ";;rot\n", "different width"),
        ("08421;  Ulm", "Ulm;08421", "does not start with"),
        (";;", "x;;", "no block of header rows"),
    ],
)
def test_headers_that_cannot_be_understood_are_refused(put, old, new, words):
    with pytest.raises(SourceFileError, match=words):
        read_indicators(put(TABLE.replace(old, new)))


def test_a_row_with_too_few_cells_is_named(put):
    with pytest.raises(SourceFileError) as error:
        read_indicators(put(TABLE.replace("Augsburg;-;.", "Augsburg;-")))
    assert error.value.findings[0].row == 9


def test_a_municipality_with_numbers_under_two_verbaende_is_refused(put):
    rows = "0713101;V;.;.\n0713102;W;.;.\n0713101007;A;1;2\n0713102007;A;1;2\n"
    text = TABLE.replace("Kreise und krfr. Städte", "Gemeinden").replace("08421;  Ulm;12;3\n", rows)
    with pytest.raises(ValidationError, match="not unique"):
        read_indicators(put(text))
    table = read_indicators(put(text.replace("0713102007;A;1;2", "0713102007;A;-;-")))
    assert series(table, "99999-01-01-4|rot", 2020)["07131007"] == 2
    assert {"071315001", "071315002"} <= set(table.units)
