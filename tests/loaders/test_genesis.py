"""GENESIS flat files: real tables against published totals, and each trap on a small file."""

import pandas as pd
import pytest

from begleitforschung.errors import SourceFileError, ValidationError
from begleitforschung.loaders import read_indicators
from begleitforschung.loaders.genesis_codes import genesis_codes

TABLES = (
    "1000A-2022__0",
    "11111-02-01-4__0",
    "12211-Z-11__0",
    "12411-01-01-4__0",
    "12411-01-01-4__2",
    "13111-01-03-4__0",
    "46181-0001__0",
    "46181-0001__2",
    "52111-0001__0",
    "52411-02-01-4__0",
    "61511-01-03-4__0",
    "73111-01-01-4__0",
    "86121-Z-01__0",
    "AI-N-01-2-5__0",
)


@pytest.fixture(scope="module")
def read(shared):
    """Read a recorded table by the start of its name, once unless options are given."""
    folder = shared / "data/genesis/pystatis_cassettes"
    kept = {}

    def table(name, **options):
        (path,) = folder.glob(f"{name}*.csv")
        if options:
            return read_indicators(path, **options)
        if name not in kept:
            kept[name] = read_indicators(path)
        return kept[name]

    return table


def found(table, rule):
    return next((item for item in table.findings if item.rule == rule), None)


def statuses(table):
    counts = table.data["status"].value_counts()
    return counts[counts > 0].to_dict()


@pytest.mark.parametrize("name", TABLES)
def test_every_recorded_table_loads_with_all_its_rows(shared, read, name):
    (path,) = (shared / "data/genesis/pystatis_cassettes").glob(f"{name}*.csv")
    lines = path.read_text("utf-8-sig").splitlines()
    table = read(name, districts=True)
    sums = found(table, "genesis.publisher_sum")
    assert len(table) + (sums.n if sums else 0) == len(lines) - 1
    for at in (0, len(table) // 2, len(table) - 1):
        row = table.data.iloc[at]
        assert f";{row['unit']};" in lines[row["row"] - 1]
        assert row["file"] == path.name


def test_the_recorded_tables_are_all_tested(shared):
    folder = shared / "data/genesis/pystatis_cassettes"
    assert sorted(path.name.rsplit("__", 1)[0] for path in folder.iterdir()) == sorted(TABLES)


def test_population_of_counties_is_the_published_total(read):
    table = read("12411-01-01-4__0")
    wide = table.wide()
    assert wide["BEVSTD|GES=INSGESAMT"].sum() == 83_577_140
    assert (wide["BEVSTD|GES=GESM"] + wide["BEVSTD|GES=GESW"]).equals(wide["BEVSTD|GES=INSGESAMT"])
    assert table.levels == ("kreis",)
    assert table.data["date"].unique().tolist() == [pd.Timestamp("2024-12-31")]
    assert table.years == (2024,)


def test_districts_are_left_out_by_default_and_listed(read):
    finding = found(read("12411-01-01-4__0"), "genesis.district_of_county")
    assert finding.n == 45
    assert "11001001 Berlin-Mitte" in finding.value
    kept = read("12411-01-01-4__0", districts=True)
    assert found(kept, "genesis.district_of_county").n == 45
    assert kept.wide()["BEVSTD|GES=INSGESAMT"].sum() == 88_230_177  # what would count twice
    assert kept.select(level="kreis").wide()["BEVSTD|GES=INSGESAMT"].sum() == 83_577_140
    assert len(kept.select(level="gemeinde").units) == 15


def test_german_and_english_files_give_the_same_figures(read):
    german, english = read("12411-01-01-4__0"), read("12411-01-01-4__2")
    columns = ["unit", "year", "indicator", "value", "status"]
    pd.testing.assert_frame_equal(german.data[columns], english.data[columns])
    assert found(english, "genesis.english_labels")
    assert not found(german, "genesis.english_labels")
    left, right = read("46181-0001__0"), read("46181-0001__2")
    pd.testing.assert_frame_equal(left.data[columns], right.data[columns])
    assert right.indicator("VER013|VERAR1=VERLINGVOBUS|VERVZ4=HAUPTVKBIN01").aggregation == "sum"


def test_dissolved_counties_do_not_exist_instead_of_being_zero(read):
    table = read("11111-02-01-4__0")
    assert statuses(table) == {"normal": 398, "not_existing": 74, "zero": 2}
    data = table.data.set_index("unit")
    assert data.loc["05354", "status"] == "not_existing"  # Kreis Aachen, until 2009
    assert pd.isna(data.loc["05354", "value"])
    assert found(table, "genesis.not_existing").n == 74
    doubtful = found(table, "genesis.only_dashes")
    assert (doubtful.severity, doubtful.value) == ("warning", "02000; 11000")


@pytest.mark.parametrize("name", TABLES)
def test_no_existing_county_is_called_not_existing(read, name):
    data = read(name).data
    gone = data.loc[data["status"] == "not_existing", "unit"].astype(str)
    living = read("12411-01-01-4__0").data.query("status == 'normal'")["unit"].astype(str)
    assert not set(gone) & set(living)


def test_a_level_without_figures_is_missing_where_the_total_is_not_zero(read):
    table = read("13111-01-03-4__0")
    counties = table.select(level="kreis")
    assert statuses(counties) == {"missing": 2400, "not_existing": 444}
    assert found(table, "genesis.level_without_figures").severity == "warning"
    assert found(table, "genesis.several_levels")
    total = "ERW032|NAT=INSGESAMT|GES=INSGESAMT"
    laender = table.select(level="land").wide()[total]
    assert len(laender) == 16
    assert laender.sum() == table.select(level="regierungsbezirk").wide()[total].sum() == 34_883_321
    assert table.wide()[total]["DG", 2025] == 34_885_481  # 2,160 are not assigned to a Land


def test_sums_of_the_publisher_are_no_regions(read):
    table = read("86121-Z-01__0")
    finding = found(table, "genesis.publisher_sum")
    assert (finding.n, finding.value) == (900, "17 Stadtstaaten; 18 Summe der Länder")
    assert len(table.units) == 17
    by_unit = table.wide()["ABFALL1A|ABFA02=INSGESAMT"].unstack("year")
    gap = (by_unit.drop("DG").sum() - by_unit.loc["DG"]).loc[2004:]
    assert gap.abs().max() < 1  # in 1,000 t, each figure rounded to one decimal
    assert table.indicator("ABFALL1C|ABFA02=INSGESAMT").unit_of_measure == "%"


def test_the_variable_belongs_to_the_code(read):
    table = read("1000A-2022__0")
    codes = set(table.indicators)
    assert {
        "PRS001|ALTGR2=INSGESAMT|WDGAT1=WANDERUNG-EINS",
        "PRS001|ALTGR2=INSGESAMT|WDGAT2=WANDERUNG-EINS",
    } <= codes
    wide = table.wide()
    assert wide["PRS001|ALTGR2=INSGESAMT|WDGAT2=INSGESAMT"]["DG", 2022] == 82_719_540
    ages = [c for c in codes if c.startswith("PRS018") and "INSGESAMT|WDGAT2=INSGESAMT" in c]
    assert wide[ages].sum().sum() == 82_711_282
    assert statuses(table) == {"estimated": 1003, "zero": 357}


def test_parts_add_up_to_the_total_and_a_missing_dimension_has_no_code(read):
    wide = read("52411-02-01-4__0").wide()
    parts = wide["ISV006|ISVAT3=ISVART01"] + wide["ISV006|ISVAT3=ISVART02"]
    assert parts.sum() == wide["ISV006|ISVAT3=INSGESAMT"].sum() == 21_484
    assert {"FOR002", "ISVNW1"} <= set(wide.columns)


def test_signs_of_quality_are_statuses(read):
    living = {"estimated": 841, "unreliable": 29, "limited": 14}
    assert statuses(read("12211-Z-11__0")).items() >= living.items()
    assert statuses(read("52111-0001__0")) == {"estimated": 68}
    assert statuses(read("AI-N-01-2-5__0"))["not_meaningful"] == 14


def test_meaning_comes_from_the_labels(read):
    item = read("61511-01-03-4__0").indicator("BAU004|BAUNW2=INSGESAMT")
    assert item.title.de == "Durchschnittlicher Kaufwert je qm: Insgesamt"
    assert (item.unit_of_measure, item.aggregation, item.decimals) == ("EUR", "unknown", 2)
    count = read("61511-01-03-4__0").indicator("BAU001|BAUNW2=INSGESAMT")
    assert (count.aggregation, count.decimals) == ("sum", 0)
    assert read("73111-01-01-4__0").indicator("EKF002").aggregation == "unknown"


def test_the_gazetteer_that_decided_is_part_of_the_provenance(read):
    parameters = dict(read("11111-02-01-4__0").provenance.parameters)
    assert parameters["consulted"] == "gazetteer 2024-12-31"
    assert parameters["format"] == "genesis_ffcsv"


def test_title_of_the_table_is_its_source_without_a_sidecar(read):
    (source,) = read("12411-01-01-4__0").provenance.sources()
    assert source.title == "Fortschreibung des Bevölkerungsstandes (12411)"


@pytest.mark.parametrize(
    ("label", "unit", "counts"),
    [
        ("Bevölkerungsstand", "Anzahl", True),
        ("Passengers carried", "number", True),
        ("Saldo der Wanderungen", "Anzahl", False),
        ("Personen je Haushalt", "Anzahl", False),
        ("Durchschnittliche Haushaltsgröße", "Anzahl", False),
        ("Umsatz", "Tsd. EUR", False),
    ],
)
def test_only_counts_may_be_added_up(label, unit, counts):
    assert genesis_codes().counts(label, unit) is counts


def test_a_real_zero_stays_zero(genesis, row):
    path = genesis(row("08421", "-", sex="GESM"), row("08421", "5", sex="GESW"), row("08421", "5"))
    table = read_indicators(path)
    assert statuses(table) == {"zero": 1, "normal": 2}
    assert not found(table, "genesis.only_dashes")


def test_a_dissolved_unit_with_a_number_is_kept(genesis, row):
    path = genesis(row("05354", "7"), row("05354", "-", sex="GESM"))
    assert statuses(read_indicators(path)) == {"normal": 1, "zero": 1}


def test_decimal_sign_is_told_by_the_figures(genesis, row):
    assert read_indicators(genesis(row("08421", "191,67"))).data["value"].tolist() == [191.67]
    assert read_indicators(genesis(row("08421", "191.67"))).data["value"].tolist() == [191.67]
    mixed = genesis(row("08421", "1,5"), row("09761", "2,5"), row("08416", "2.5"))
    with pytest.raises(ValidationError, match="mixed") as error:
        read_indicators(mixed)
    assert (error.value.findings[0].row, error.value.findings[0].column) == (4, "value")


def test_unreadable_cells_are_all_named(genesis, row):
    path = genesis(
        row("08421", "abc"),
        row("8416", "5"),
        row("09761", "5", q="?"),
        row("09762", "5", time="2024/25"),
        row("99999", "5"),
        row("09763", "5", q="."),
    )
    with pytest.raises(ValidationError) as error:
        read_indicators(path)
    places = {(item.rule, item.row, item.column, item.value) for item in error.value.findings}
    assert places == {
        ("loader.not_a_number", 2, "value", "abc"),
        ("regions.leading_zero", 3, "1_variable_attribute_code", "8416"),
        ("genesis.quality", 4, "value_q", "?"),
        ("genesis.time", 5, "time", "2024/25"),
        ("regions.unknown_land", 6, "1_variable_attribute_code", "99999"),
    }
    assert next(i for i in error.value.findings if i.rule == "genesis.quality").rows == (4, 7)
    assert all(item.hint and item.file == "flat.csv" for item in error.value.findings)


def test_a_day_that_does_not_exist_is_no_time(genesis, row):
    with pytest.raises(ValidationError, match="neither a year nor a date"):
        read_indicators(genesis(row("08421", "5", time="2024-02-30")))


def test_one_indicator_in_two_units_is_refused(genesis, row):
    path = genesis(row("08421", "5"), row("09761", "5", unit_of="1000"))
    with pytest.raises(ValidationError, match="stands in two units") as error:
        read_indicators(path)
    assert error.value.findings[0].row == 3


def test_an_unlisted_regional_variable_is_found_by_its_keys_and_remarked(genesis, row):
    table = read_indicators(genesis(row("08421", "5", var="NEUKREIS")))
    assert found(table, "genesis.region_variable").severity == "warning"
    assert table.units == ("08421",)


def test_a_table_without_units_is_refused(genesis, row):
    with pytest.raises(SourceFileError, match=r"no variable holds keys.*KREISE or GEMEIN"):
        read_indicators(genesis(row("ABC", "5", var="FARBE", sex="GESM")))


def test_missing_columns_are_named(put, genesis, row):
    text = genesis(row("08421", "5")).read_text("utf-8").replace("value_unit;", "einheit;")
    with pytest.raises(SourceFileError, match=r"row 1.*value_unit"):
        read_indicators(put(text))


def test_duplicate_figures_are_refused_with_their_rows(genesis, row):
    with pytest.raises(ValidationError, match="not unique") as error:
        read_indicators(genesis(row("08421", "5"), row("09761", "5"), row("08421", "6")))
    assert error.value.findings[0].rows == (2, 4)
