"""Gemeindeverzeichnis: real files against published totals; layouts and faults on small ones."""

import pytest
from openpyxl import Workbook

from begleitforschung import read_gemeindeverzeichnis, read_indicators, read_municipalities
from begleitforschung.errors import SourceFileError, ValidationError

# File: state, year, municipalities, population, area in km².
FILES = {
    "31121994_Auszug_GV.xlsx": ("1994-12-31", 1994, 14_884, 81_538_603, 356_978.77),
    "31122023_Auszug_GV.xlsx": ("2023-12-31", 2023, 10_981, 84_669_326, 357_683.85),
    "AuszugGV2QAktuell.xlsx": ("2024-06-30", 2022, 10_959, 84_349_751, 357_595.70),
    "AuszugGV4QAktuell_2024.xlsx": ("2024-12-31", 2023, 10_959, 84_669_326, 357_683.87),
}


@pytest.fixture(scope="module")
def folder(shared):
    return shared / "data/gv"


@pytest.mark.parametrize("name", FILES)
def test_files_load_with_the_totals_that_they_publish(folder, name):
    state, year, units, people, area = FILES[name]
    table = read_gemeindeverzeichnis(folder / name)
    assert (table.gebietsstand, table.years, len(table.units)) == (state, (year,), units)
    totals = table.data.groupby("indicator", observed=True)["value"].sum()
    assert totals["population"] == people
    assert totals["population_male"] + totals["population_female"] == people
    assert totals["area_km2"] == pytest.approx(area, abs=0.005)
    assert table.levels == ("gemeinde",)
    assert len(table) == 5 * units
    assert table.data["date"].dt.year.unique().tolist() == [year]


@pytest.mark.parametrize("name", FILES)
def test_read_indicators_knows_them_by_their_content(folder, tmp_path, name):
    path = tmp_path / "unbekannt.xlsx"
    path.write_bytes((folder / name).read_bytes())
    table, known = read_indicators(path), read_gemeindeverzeichnis(folder / name)
    columns = ["unit", "year", "indicator", "value", "status", "row", "date"]
    assert table.data[columns].equals(known.data[columns])
    assert (table.gebietsstand, table.indicators) == (known.gebietsstand, known.indicators)
    assert dict(table.provenance.parameters)["consulted"].startswith("census: ")
    (source,) = table.provenance.sources()
    assert "Quellenangabe gestattet" in source.licence
    rules = {item.rule for item in known.findings}
    assert rules <= {item.rule for item in table.findings}


def test_the_density_is_that_of_the_file_and_converts_by_area(folder):
    table = read_gemeindeverzeichnis(folder / "31122023_Auszug_GV.xlsx")
    wide = table.wide()
    assert wide.loc[("01001000", 2023), "population_density"] == 1_633
    off = (wide["population"] / wide["area_km2"] - wide["population_density"]).abs()
    assert (off > 0.51).sum() == 0
    meaning = table.indicator("population_density")
    assert (meaning.aggregation, meaning.weight) == ("mean", "area_km2")


def test_population_of_another_day_than_the_borders_is_remarked(folder):
    table = read_gemeindeverzeichnis(folder / "AuszugGV4QAktuell_2024.xlsx")
    found = {item.rule: item for item in table.findings}
    assert (
        "Bevölkerung vom 2023-12-31 in den Grenzen vom 2024-12-31" in found["gv.other_date"].text.de
    )
    assert found["gv.census"].text.de.endswith("Grundlage: Zensus 2011")
    same = read_gemeindeverzeichnis(folder / "31122023_Auszug_GV.xlsx")
    assert [item.rule for item in same.findings] == ["gv.census"]


def test_the_row_is_that_of_the_file_and_the_source_names_the_attribution(folder):
    table = read_gemeindeverzeichnis(folder / "31121994_Auszug_GV.xlsx")
    first = table.data[table.data["unit"] == "01001000"].iloc[0]
    assert (first["file"], first["row"], first["value"]) == ("31121994_Auszug_GV.xlsx", 9, 87_939)
    (source,) = table.provenance.sources()
    assert "Quellenangabe gestattet" in source.licence
    assert source.gebietsstand == "1994-12-31"


def test_several_files_are_a_series_on_each_years_own_borders(folder):
    table = read_gemeindeverzeichnis(
        folder / "31121994_Auszug_GV.xlsx", folder / "31122023_Auszug_GV.xlsx"
    )
    assert (table.gebietsstand, table.years) == ("jeweils", (1994, 2023))
    assert {item.year for item in table.indicator("population").breaks} == {2011, 2016, 2024}
    with pytest.raises(ValidationError, match="borders of 2024-12-31"):
        read_gemeindeverzeichnis(
            folder / "31121994_Auszug_GV.xlsx", folder / "AuszugGV4QAktuell_2024.xlsx"
        )


def test_keys_with_the_gemeindeverband(folder):
    path = folder / "31122023_Auszug_GV.xlsx"
    table = read_gemeindeverzeichnis(path, key="ars")
    assert table.levels == ("gemeinde_ars",)
    names = read_municipalities(path)
    assert len(names) == 10_981
    assert set(names["ars"]) == set(table.units)
    place = names[names["ags"] == "01059083"].iloc[0]
    assert (place["verband"], place["ars"]) == ("010595974", "010595974083")
    # 107 county-free cities or Stadtkreise and 10,774 others; uninhabited areas have no postcode.
    assert names["textkennzeichen"].isin([str(code) for code in range(60, 68)]).all()
    assert names.loc[names["postcode"] == "", "textkennzeichen"].isin(["66"]).all()


def test_other_workbooks_are_refused(folder):
    with pytest.raises(SourceFileError, match="no sheet has a header row"):
        read_gemeindeverzeichnis(folder / "04_KreiseVorjahr.xlsx")
    with pytest.raises(SourceFileError, match="at least one"):
        read_gemeindeverzeichnis()


def lines_of(folder, tmp_path, year):
    text = (folder / "GV100AD_sample_lines_2014_2022.txt").read_text(encoding="utf-8")
    path = tmp_path / f"GV100AD_{year}.txt"
    kept = [line for line in text.splitlines() if line[2:6] == year]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return path


def test_lines_of_gv100ad(folder, tmp_path):
    table = read_gemeindeverzeichnis(lines_of(folder, tmp_path, "2014"))
    wide = table.wide().loc[("01001000", 2014)]
    # Flensburg 2014: 56.74 km², 83,971 residents, of them 41,322 men.
    assert wide.to_dict() == {
        "area_km2": 56.74,
        "population": 83_971,
        "population_female": 42_649,
        "population_male": 41_322,
    }
    assert "gv.gv100ad_unverified" in {item.rule for item in table.findings}
    same = read_indicators(lines_of(folder, tmp_path, "2014"))
    assert same.wide().equals(table.wide())
    ars = read_municipalities(lines_of(folder, tmp_path, "2022"))["ars"]
    assert ars.str.len().eq(12).all()


def test_gv100ad_within_the_year_needs_the_day_of_its_population(folder, tmp_path):
    path = lines_of(folder, tmp_path, "2022")
    for reader in (read_gemeindeverzeichnis, read_indicators):
        with pytest.raises(SourceFileError, match="population_date"):
            reader(path)
    table = read_gemeindeverzeichnis(path, population_date="2021-12-31")
    assert (table.gebietsstand, table.years) == ("2022-01-31", (2021,))
    with pytest.raises(SourceFileError, match="no date such as"):
        read_gemeindeverzeichnis(path, population_date="2021")
    with pytest.raises(SourceFileError, match="several states"):
        read_gemeindeverzeichnis(folder / "GV100AD_sample_lines_2014_2022.txt")


HEAD = [
    ["Gemeinden in Deutschland am 31.12.2009 (Jahr)"],
    [],
    [
        *("Satz-art", "Text-kenn-zeichen", "Regionalschlüssel", "", "", "", "", "Gemeindename"),
        *("Fläche in km2", "Bevölkerung", "", "", "", "Post-leitzahl", "", ""),
    ],
    [
        *("", "", "Land", "RB", "Kreis", "VB", "Gem", "", "", "insgesamt", "männlich", "weiblich"),
        *("je km2", "", "", ""),
    ],
    ["", "", "Gebietsstand am 31.12.2009", "", "", "", "", "", "31.12.2009"] + [""] * 7,
    [],
]
FLENSBURG = ["60", "61", "01", "0", "01", "0000", "000", "Flensburg, Stadt"]
FIGURES = [56.74, 88_502, 43_000, 45_502, 1560, "24937", "", ""]


def gv(path, *rows):
    book = Workbook()
    book.create_sheet("Gemeinden")
    for row in (*HEAD, *rows):
        book["Gemeinden"].append(row)
    book.save(path)
    return path


def test_sixteen_columns_are_read_by_their_headers_as_unverified(tmp_path):
    county = ["40", "41", "01", "0", "01", "", "", "Flensburg, Stadt"]
    footnote = ["1) Abweichungen durch Runden"]
    table = read_gemeindeverzeichnis(
        gv(tmp_path / "2009.xlsx", county, FLENSBURG + FIGURES, [], footnote)
    )
    assert table.wide().loc[("01001000", 2009), "population"] == 88_502
    assert "gv.layout_unverified" in {item.rule for item in table.findings}
    assert dict(table.provenance.parameters)["census"] == "vor Zensus 2011"


def test_equal_rows_count_once_and_different_ones_are_refused(tmp_path):
    row = FLENSBURG + FIGURES
    table = read_gemeindeverzeichnis(gv(tmp_path / "a.xlsx", row, row))
    assert len(table.units) == 1
    (found,) = [item for item in table.findings if item.rule == "gv.row_twice"]
    assert (found.row, found.n) == (8, 1)
    other = [*FLENSBURG, 56.74, 1, 1, 0, 1560, "24937", "", ""]
    with pytest.raises(ValidationError, match="different contents"):
        read_gemeindeverzeichnis(gv(tmp_path / "b.xlsx", row, other))


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ([*FLENSBURG, 56.74, "n/a", 1, 1, 1, "", "", ""], "gv.number"),
        ([*FLENSBURG, 56.74, -5, 1, 1, 1, "", "", ""], "gv.number"),
        (["60", "61", "99", "0", "01", "0000", "000", "X", *FIGURES], "gv.key"),
        (["60", "61", "01", "0", "0x", "0000", "000", "X", *FIGURES], "gv.key"),
        (["", "61", "01", "0", "01", "0000", "000", "X", *FIGURES], "gv.satzart"),
        (["50", "61", "01", "0", "01", "0000", "000", "X", *FIGURES], "gv.satzart"),
    ],
)
def test_no_number_comes_from_a_broken_row(tmp_path, row, rule):
    path = gv(tmp_path / "a.xlsx", FLENSBURG + FIGURES, row)
    for reader in (read_gemeindeverzeichnis, read_indicators):
        with pytest.raises(ValidationError) as caught:
            reader(path)
        assert {(item.rule, item.row) for item in caught.value.findings} == {(rule, 8)}


def test_an_empty_figure_is_missing_and_sexes_that_do_not_add_up_are_remarked(tmp_path):
    kiel = ["60", "61", "01", "0", "02", "0000", "000", "Kiel", 118.6, "", "", "", "", "", "", ""]
    odd = [*FLENSBURG, 56.74, 100, 40, 50, 1, "", "", ""]
    table = read_gemeindeverzeichnis(gv(tmp_path / "a.xlsx", odd, kiel))
    missing = table.data[table.data["status"] == "missing"]
    assert set(missing["unit"]) == {"01002000"}
    assert "gv.sum" in {item.rule for item in table.findings}
