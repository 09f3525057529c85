"""The shipped figures are the publishers' own, fit together, and say where they come from."""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from begleitforschung.catalogue import read_entry
from begleitforschung.frameworks import load_framework
from begleitforschung.kpis import compute_kpis
from begleitforschung.kpis.units import conversion
from begleitforschung.loaders import read_indicators
from begleitforschung.loaders.sidecar import Sidecar, sidecar_path
from begleitforschung.validation import validate

INKAR = "inkar/ausgabe_unbekannt/kreise.csv"
MUNICIPALITIES = {
    "2021-12-31": "destatis_gv/2021-12-31/gemeinden.csv",
    "2024-12-31": "destatis_gv/2024-12-31/gemeinden.csv",
}
NAMES = {date: path.replace(".csv", "_namen.csv") for date, path in MUNICIPALITIES.items()}
COUNTIES = "destatis_gv/2021-12-31/kreissummen.csv"
PROJECT = [INKAR, COUNTIES, MUNICIPALITIES["2021-12-31"]]
FIGURES = [INKAR, COUNTIES, *MUNICIPALITIES.values()]
FILES = [*FIGURES, *NAMES.values()]
ASEM = [f"asem/coinr_1.1.14/{name}.csv" for name in ("iData", "iMeta", "ergebnis")]
SYNTHETIC = [
    f"synthetisch/{survey}_2025/{table}_synthetisch.csv"
    for survey in ("projektbefragung", "kommunenbefragung")
    for table in ("antworten", "eingeladene")
]
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def raw(repo: Path) -> Path:
    return repo / "data" / "raw"


@pytest.fixture(scope="module")
def script(repo: Path) -> ModuleType:
    path = repo / "scripts" / "build_example_data.py"
    spec = importlib.util.spec_from_file_location("build_example_data", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def columns(script: ModuleType) -> list:
    return script.read_columns()


@pytest.fixture(scope="module")
def corrections(raw: Path) -> pd.DataFrame:
    path = raw / "inkar/ausgabe_unbekannt/korrekturen.csv"
    return pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def panel(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "data/panels/inkar_kreis_panel_1995_2022.csv", dtype=str)


def texts(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)


def wide(path: Path) -> pd.DataFrame:
    rows = texts(path).assign(value=lambda frame: pd.to_numeric(frame["value"]))
    return rows.pivot(index="unit", columns="indicator", values="value")


def meanings(path: Path) -> dict[str, object]:
    return {item.id: item for item in read_entry(sidecar_path(path), Sidecar).indicators}


@pytest.mark.parametrize("name", [*FILES, *ASEM])
def test_sidecar_describes_this_very_file(raw: Path, name: str):
    path = raw / name
    sidecar = read_entry(sidecar_path(path), Sidecar)
    assert sidecar.source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert sidecar.confidentiality == "public"
    for field in ("publisher", "edition", "licence", "attribution", "url", "retrieved", "changes"):
        assert getattr(sidecar.source, field), field


def test_every_table_of_raw_data_is_tested_here(raw: Path):
    found = {path.relative_to(raw).as_posix() for path in raw.rglob("*.csv")}
    assert found == {*FILES, *ASEM, *SYNTHETIC, "inkar/ausgabe_unbekannt/korrekturen.csv"}


def test_territorial_states_are_those_of_the_editions(raw: Path):
    states = {name: read_entry(sidecar_path(raw / name), Sidecar).gebietsstand for name in FILES}
    for date in MUNICIPALITIES:
        assert states[MUNICIPALITIES[date]] == states[NAMES[date]] == date
    assert states[INKAR] == states[COUNTIES] == "2021-12-31"


def test_sources_cite_licence_change_and_own_calculation(raw: Path):
    inkar = read_entry(sidecar_path(raw / INKAR), Sidecar).source
    assert inkar.edition == "unbekannt"
    assert inkar.licence_url == "https://www.govdata.de/dl-de/by-2-0"
    assert "Ausgabe unbekannt" in inkar.attribution
    sums = read_entry(sidecar_path(raw / COUNTIES), Sidecar).source
    assert "eigene Berechnung" in sums.attribution
    assert sums.changes.startswith("Eigene Berechnung")


@pytest.mark.parametrize("name", FIGURES)
def test_rows_are_unique_and_every_indicator_is_described(raw: Path, name: str):
    rows = texts(raw / name)
    assert list(rows) == ["unit", "year", "indicator", "value"]
    assert not rows.duplicated(["unit", "year", "indicator"]).any()
    assert list(meanings(raw / name)) == list(rows["indicator"].drop_duplicates())


def test_sizes(raw: Path):
    sizes = [path.stat().st_size for path in raw.rglob("*") if path.is_file()]
    assert max(sizes) < 1.5 * MEGABYTE
    assert sum(sizes) < 3 * MEGABYTE


def test_counties_are_the_400_of_the_state(raw: Path):
    counties = set(texts(raw / COUNTIES)["unit"])
    assert len(counties) == 400
    assert set(texts(raw / INKAR)["unit"]) == counties
    # Eisenach has belonged to the Wartburgkreis since 1 July 2021.
    assert "16056" not in counties
    assert "16063" in counties


def test_counties_are_the_sums_of_their_municipalities(raw: Path):
    municipal = wide(raw / MUNICIPALITIES["2021-12-31"])
    sums = municipal.groupby(municipal.index.str[:5]).sum()
    outside = sums.index.difference(wide(raw / COUNTIES).index)
    assert list(outside) == ["07000", "13000"]
    assert sums.loc[outside, "population"].sum() == 0
    pd.testing.assert_frame_equal(wide(raw / COUNTIES), sums.drop(outside), atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("date", "units", "population", "year", "empty"),
    [
        ("2021-12-31", 10_997, 83_237_124, "2021", 208),
        ("2024-12-31", 10_959, 84_669_326, "2023", 205),
    ],
)
def test_all_municipalities_with_the_population_of_the_right_year(
    raw: Path, date: str, units: int, population: int, year: str, empty: int
):
    rows = texts(raw / MUNICIPALITIES[date])
    people = rows[rows["indicator"] == "population"]
    assert set(people["year"]) == {year}
    assert set(rows.loc[rows["indicator"] == "area_km2", "year"]) == {date[:4]}
    assert len(people) == people["unit"].str.fullmatch(r"\d{8}").sum() == units
    assert people["value"].astype(int).sum() == population
    assert (people["value"] == "0").sum() == empty
    names = texts(raw / NAMES[date])
    assert list(names["unit"]) == list(people["unit"])
    assert names["name"].str.len().min() > 1


def test_weights_and_exposures_are_there_for_the_reporting_year(raw: Path):
    described = [*meanings(raw / INKAR).values()]
    needed = {item.weight for item in described} | {item.exposure for item in described}
    assert needed - {None} == {"population"}
    rows = texts(raw / COUNTIES)
    weights = rows[(rows["indicator"] == "population") & (rows["year"] == "2021")]
    assert len(weights) == 400
    assert weights["value"].astype(int).min() > 0


def test_only_rates_per_inhabitant_are_averaged_with_the_population(raw: Path):
    averaged = {key for key, item in meanings(raw / INKAR).items() if item.aggregation == "mean"}
    by_age_and_inhabitants = {"4111", "4121", "4204", "4211"}
    per_inhabitant = {"14205", "6015", "8101", "8102", "8103", "2102", "16029", "16031"}
    assert averaged == by_age_and_inhabitants | per_inhabitant | {"9001", "9006"}


def test_weighted_mean_of_the_counties_is_the_gross_domestic_product_of_germany(raw: Path):
    inkar = texts(raw / INKAR).query("indicator == '14205' and year == '2021'").set_index("unit")
    population = wide(raw / COUNTIES)["population"]
    billions = (inkar["value"].astype(float) * population).sum() * 1_000 / 1e9
    assert 3_500 < billions < 3_700


def test_corrections_find_the_value_that_they_replace(raw: Path, corrections: pd.DataFrame):
    rows = texts(raw / INKAR).set_index(["unit", "year", "indicator"])["value"]
    described = meanings(raw / INKAR)
    for entry in corrections.itertuples():
        if entry.field == "unit_of_measure":
            assert described[entry.indicator].unit_of_measure == entry.old
        else:
            assert rows[entry.unit, entry.year, entry.indicator] == entry.old


def test_corrected_values_lie_in_the_valid_range(raw: Path, corrections: pd.DataFrame):
    cells = corrections[corrections["field"] == "value"]
    corrected = set(zip(cells["unit"], cells["year"], cells["indicator"], strict=True))
    described = meanings(raw / INKAR)
    outside = []
    for row in texts(raw / INKAR).itertuples():
        item, where = described[row.indicator], (row.unit, row.year, row.indicator)
        if row.value and where not in corrected:
            low = item.valid_min if item.valid_min is not None else -float("inf")
            high = item.valid_max if item.valid_max is not None else float("inf")
            if not low <= float(row.value) <= high:
                outside.append(where)
    assert outside == []


def test_six_kpis_are_fed_in_the_unit_that_the_framework_expects(
    raw: Path, columns: list, corrections: pd.DataFrame
):
    known = {(item.kpi_id, item.key): item for item in load_framework("sdg_kommunen").mappings}
    units = {key: item.unit_of_measure for key, item in meanings(raw / INKAR).items()}
    changed = corrections[corrections["field"] == "unit_of_measure"]
    units |= dict(zip(changed["indicator"], changed["new"], strict=True))
    feeding = [column for column in columns if column.kpi]
    codes = (16011, 16012, 16018, 16028, 16029, 16031)
    assert sorted(column.kpi for column in feeding) == [f"SDGK-{code}" for code in codes]
    for column in feeding:
        mapping = known[column.kpi, column.id]
        assert mapping.fit in ("identical", "exact")
        assert conversion(units[column.id], mapping.unit) == 1
    assert known["SDGK-16018", "14205"].scale == 1000


def test_the_project_file_names_files_of_one_territorial_state(repo: Path):
    data = tomllib.loads((repo / "projekt.toml").read_text(encoding="utf-8"))["data"]
    tables = [read_indicators(repo / name) for name in data["files"]]
    assert {table.gebietsstand for table in tables} == {"2021-12-31"}
    # A figure is traced by the name of its file, so names must differ.
    assert len({Path(name).name for name in data["files"]}) == len(data["files"])
    for name in (data["corrections"], data["rules"]):
        assert (repo / name).is_file()


def test_corrected_figures_break_no_rule_and_feed_the_kpis(raw: Path):
    first, *rest = (read_indicators(raw / name) for name in PROJECT)
    rules, corrections = raw / "regeln.yaml", (raw / INKAR).with_name("korrekturen.csv")
    found = validate(first.join(*rest), rules=rules).table
    assert set(found.loc[found["severity"] == "error", "key"]) == {
        "07235 / 2013 / 16031",
        "09273 / 2021 / 6015",
    }
    report = validate(first.join(*rest), rules=rules, corrections=corrections)
    assert set(report.table["severity"]) == {"info"}
    assert (report.table["rule"] == "correction.applied").sum() == 11
    result = compute_kpis(report.data, load_framework("sdg_kommunen"), mapping="inkar").table
    fed = result[result["value"].notna()].groupby(["kpi", "year"], observed=True).size()
    in_2021 = fed.xs(2021, level="year")
    assert in_2021.to_dict() == {
        f"SDGK-{code}": 400 for code in (16011, 16018, 16028, 16029, 16031)
    }
    assert fed["SDGK-16012", 2020] == 400
    gdp = result[(result["kpi"] == "SDGK-16018") & (result["year"] == 2021)]
    assert gdp["value"].median() == pytest.approx(36_420)


def test_the_documentation_lists_every_column(repo: Path, raw: Path, columns: list):
    page = (repo / "docs/reference/example-data.md").read_text(encoding="utf-8")
    described = meanings(raw / INKAR)
    for column in columns:
        title = described[column.id].title.de
        assert f"| `{column.column}` | `{column.id}` | {title} |" in page


def test_making_the_files_again_changes_no_byte(script: ModuleType, shared: Path, raw: Path):
    tables = script.build(shared / "data")
    assert {path.as_posix() for path in tables} == set(FILES)
    for path, table in tables.items():
        made = table.to_csv(sep=";", index=False, lineterminator="\n").encode("utf-8")
        assert made == (raw / path).read_bytes(), path


def test_every_inkar_value_is_that_of_the_panel(raw: Path, panel: pd.DataFrame, columns: list):
    ids = {column.column: column.id for column in columns}
    long = panel.fillna("").melt(["county_code", "year"], var_name="column", value_name="panel")
    long["indicator"] = long["column"].map(ids)
    keys = ["unit", "year", "indicator"]
    ours = texts(raw / INKAR).merge(long.rename(columns={"county_code": "unit"}), on=keys)
    assert len(ours) == len(texts(raw / INKAR))
    assert (ours["value"] == ours["panel"]).all()


def test_every_municipality_has_the_name_and_figures_of_the_workbook(shared: Path, raw: Path):
    book = CalamineWorkbook.from_path(shared / "data/gv/AuszugGV4QAktuell_2024.xlsx")
    official = {
        "".join(str(row[i]) for i in (2, 3, 4, 6)): (str(row[7]).strip(), row[8], row[9])
        for row in book.get_sheet_by_index(1).to_python()
        if str(row[0]) == "60"
    }
    names = texts(raw / NAMES["2024-12-31"]).set_index("unit")["name"]
    figures = wide(raw / MUNICIPALITIES["2024-12-31"])
    ours = {
        unit: (names[unit], float(figures["area_km2"][unit]), float(figures["population"][unit]))
        for unit in figures.index
    }
    assert ours == official


@pytest.mark.parametrize(
    ("name", "reference"),
    list(zip(ASEM, ("input_iData", "input_iMeta", "08_results_Summ"), strict=True)),
)
def test_tables_of_the_asem_index_are_those_of_coinr(shared: Path, raw: Path, name, reference):
    wanted = pd.read_csv(shared / f"reference/composite/ref/asem/{reference}.csv")
    found = pd.read_csv(raw / name)
    pd.testing.assert_frame_equal(found, wanted[list(found)], check_exact=True)


def test_county_sums_equal_the_publishers_table_of_counties(shared: Path, raw: Path):
    book = CalamineWorkbook.from_path(shared / "data/gv/04_KreiseVorjahr.xlsx")
    rows = book.get_sheet_by_index(1).to_python()
    official = {str(row[0]): (row[4], row[5]) for row in rows if len(str(row[0])) == 5}
    counties = wide(raw / COUNTIES)
    assert set(counties.index) <= set(official)
    for unit in counties.index:
        area, population = official[unit]
        assert counties["population"][unit] == population
        assert counties["area_km2"][unit] == pytest.approx(area, abs=0.075)


def test_ids_carry_the_abbreviation_of_their_column(shared: Path, columns: list):
    codebook = pd.read_csv(shared / "data/panels/inkar_kreis_panel_codebook.csv", dtype=str)
    abbreviation = codebook.set_index("variable")["inkar_code"]
    catalogue = pd.read_csv(shared / "kpi/inkar_indikatoren.csv", dtype=str)
    at_counties = catalogue[catalogue["jahre_kreise"].notna()]
    assert {column.column for column in columns} == set(codebook["variable"]) - {
        "county_code",
        "year",
    }
    for column in columns:
        found = at_counties[at_counties["kuerzel"] == abbreviation[column.column]]
        assert column.catalogue == "|".join(found["m_id"])
        assert column.id in set(found["m_id"])


def test_titles_are_the_publishers_short_names(shared: Path, raw: Path):
    catalogue = pd.read_csv(shared / "kpi/inkar_indikatoren.csv", dtype=str)
    short = catalogue.set_index("m_id")["kurzname"]
    published = short.str.replace(r"^\(SDG \d+\) ", "", regex=True)
    published = published.str.replace("Wohnungenje", "Wohnungen je")
    for key, item in meanings(raw / INKAR).items():
        assert item.title.de == published[key]


def test_units_agree_with_official_figures_of_germany(shared: Path, raw: Path, panel: pd.DataFrame):
    path = shared / "data/panels/btw21_strukturdaten.csv"
    official = pd.read_csv(path, sep=";", decimal=",", thousands=".", skiprows=8, dtype=str)
    germany = official[official["Wahlkreis-Nr."] == "999"].iloc[0]
    population = wide(raw / COUNTIES)["population"]

    def mean(column: str, year: str) -> float:
        rows = panel[panel["year"] == year].set_index("county_code")[column].astype(float)
        return float((rows * population).sum() / population.sum())

    def stated(start: str) -> float:
        (name,) = [column for column in official if column.startswith(start)]
        return float(str(germany[name]).replace(".", "").replace(",", "."))

    gdp = stated("Bruttoinlandsprodukt 2018 (EUR je EW)")
    assert mean("gdp_per_capita", "2018") * 1_000 == pytest.approx(gdp, rel=0.02)
    cars = stated("PKW-Bestand am 01.01.2020 - PKW insgesamt (je 1000 EW)")
    assert mean("cars_per_capita", "2020") == pytest.approx(cars, rel=0.02)
    leavers = stated("Schulabgänger/-innen allgemeinbildender Schulen 2019 - ohne Hauptschul")
    assert mean("share_no_degree", "2019") == pytest.approx(leavers, rel=0.05)
