"""Keys for names as people write them."""

from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd
import pytest

from begleitforschung import regions
from begleitforschung.errors import TerritoryError, UnknownCodeError, ValidationError
from begleitforschung.regions import names as spelling
from begleitforschung.regions.directory import read_table


@pytest.mark.parametrize(
    ("name", "key", "status"),
    [
        ("Frankfurt am Main", "06412000", "exact"),
        ("Frankfurt/M.", "06412000", "normalised"),
        ("Frankfurt a.M.", "06412000", "normalised"),
        ("Frankfurt (Oder)", "12053000", "exact"),
        ("Frankfurt/O.", "12053000", "normalised"),
        ("St. Augustin", "05382056", "normalised"),
        ("Sankt Augustin", "05382056", "exact"),
        ("Halle (Saale)", "15002000", "exact"),
        ("Halle/Saale", "15002000", "normalised"),
        ("Halle (Westfalen)", "05754012", "normalised"),
        ("Stadt Köln", "05315000", "normalised"),
        ("KOELN", "05315000", "normalised"),
        ("Kiel, Landeshauptstadt", "01002000", "exact"),
        ("Wuppertal, kreisfreie Stadt", "05124000", "normalised"),
        ("LK Hof", "09475", "normalised"),
        ("Stadt Hof", "09464000", "normalised"),
        ("Kreis Höxter", "05762", "normalised"),
        ("Höxter, Kreis", "05762", "normalised"),
        ("LK Rostock", "13072", "normalised"),
        ("Rostock", "13003000", "exact"),
        ("Landkreis Wunsiedel", "09479", "normalised"),
        ("Landkreis Eifelkreis Bitburg-Prüm", "07232", "normalised"),
        ("Lutherstadt Wittenberg", "15091375", "normalised"),
        ("Markt Schwaben", "09175127", "exact"),
        ("Cottbus", "12052000", "normalised"),
        ("Mühlhausen (Thüringen)", "16064046", "normalised"),
        ("Weisswasser", "14626600", "normalised"),
        ("Rothenburg o.d.T.", "09571193", "normalised"),
        ("Essen", "05113000", "exact"),
        ("Wünnenberg", "05774040", "alias"),
        ("Sobernheim", "07133501", "alias"),
        ("Heidelbreg", "08221000", "fuzzy"),
        ("Freistaat Bayern", "09", "normalised"),
        ("Reg.-Bez. Köln", "053", "exact"),
        ("Amt Süderbrarup", "010595974", "normalised"),
        ("Samtgemeinde Artland", "034595401", "normalised"),
        ("Samtgemeinde Fürstenau", "034595403", "normalised"),
        ("SG Neuenkirchen", "034595404", None),
        ("Süderbrarup", "01059083", "exact"),
        ("Verbandsgemeinde Linz am Rhein", "071385004", "normalised"),
    ],
)
def test_names_as_people_write_them(name: str, key: str, status: str | None) -> None:
    row = regions.resolve(name).iloc[0]
    if status is None:  # there are two Samtgemeinden Neuenkirchen: one is never guessed
        assert row["status"] == "ambiguous" or row["key"] == key
        assert key in f"{row['key']} {row['alternatives']}"
        return
    assert (row["key"], row["status"]) == (key, status)
    assert row["matched_name"] == regions.name_of(key)
    assert row["score"] >= 90


@pytest.mark.parametrize(
    ("name", "alternatives"),
    [
        ("Frankfurt", {"06412000", "12053000"}),
        ("Neustadt", {"01055032", "03241012"}),
        ("Mühlhausen", {"08226054", "16064046"}),
        ("Hof", {"09464000", "09475"}),
        ("Halle", {"15002000", "03255016"}),
        ("Freiburg", {"08311000", "03359018"}),
        ("Offenbach", {"06438", "06413000"}),
        ("Bremen", {"04", "04011000"}),
    ],
)
def test_names_of_several_units_are_ambiguous(name: str, alternatives: set[str]) -> None:
    row = regions.resolve(name).iloc[0]
    assert row["status"] == "ambiguous"
    assert pd.isna(row["key"])
    assert pd.isna(row["matched_name"])
    shown = {item.split()[0] for item in row["alternatives"].split("; ")}
    assert alternatives <= shown


@pytest.mark.parametrize("state", ["09", "Bayern", "BY", "Bavaria"])
def test_the_state_narrows_the_search(state: str) -> None:
    assert regions.resolve("Hof", state=state, level="gemeinde")["key"].tolist() == ["09464000"]


def test_a_state_for_each_name_and_a_level_for_all() -> None:
    found = regions.resolve(["Mühlhausen", "Hof"], state=["TH", None], level="gemeinde")
    assert found["key"].tolist()[0] == "16064046"
    assert found["status"].tolist() == ["normalised", "ambiguous"]
    counties = regions.resolve(["Hof, Stadt", "LK Hof", "Köln"], level="kreis")
    assert counties["key"].tolist() == ["09464", "09475", "05315"]


def test_nothing_is_guessed_below_the_threshold() -> None:
    row = regions.resolve("Nirgendwo").iloc[0]
    assert row["status"] == "none"
    assert pd.isna(row["key"])
    assert row["alternatives"]
    assert regions.resolve("Heidelbreg", threshold=95).iloc[0]["status"] == "none"
    assert regions.resolve("Frankfurt/M.", threshold=99).iloc[0]["status"] == "none"


def test_what_follows_a_comma_is_a_title_a_land_or_must_match() -> None:
    written = [
        "Hof, Stadt",
        "Hof, Bayern",
        "Passau, Niederbayern",
        "Ulm, Hessen",
        "Ulm, Münsterstadt",
    ]
    found = regions.resolve(written, level="gemeinde", state=[None, None, None, None, "BW"])
    assert found["key"].tolist()[:2] == ["09464000", "09464000"]
    assert found["key"].isna().tolist() == [False, False, True, True, True]


def test_missing_and_empty_names_are_kept() -> None:
    found = regions.resolve(["Köln", None, float("nan"), "  "])
    assert found["status"].tolist() == ["exact", "none", "none", "none"]
    assert found["key"].notna().tolist() == [True, False, False, False]


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValidationError, match="1 states for 2 names"):
        regions.resolve(["Köln", "Hof"], state=["NW"])
    with pytest.raises(UnknownCodeError, match="Bayern"):
        regions.resolve("Hof", state="Bayren")
    with pytest.raises(TerritoryError, match="2024-12-31"):
        regions.resolve("Hof", gebietsstand="1990-12-31")


@pytest.mark.parametrize("level", ["land", "regierungsbezirk", "kreis", "verband", "gemeinde"])
def test_no_official_name_of_the_directory_gets_a_wrong_key(level: str) -> None:
    units = regions.gazetteer()
    units = units[units["level"] == level].iloc[:: 10 if level == "gemeinde" else 1]
    found = regions.resolve(units["name"], level=level)  # type: ignore[arg-type]
    right = found["key"].to_numpy() == units["key"].to_numpy()
    assert (right | (found["status"] == "ambiguous").to_numpy()).all()
    assert right.mean() > 0.85


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Neuburg a.d.Donau, GKSt", "Neuburg an der Donau"),
        ("Herzberg (Elster), Stadt", "Herzberg/Elster"),
        ("Weiden i.d.OPf.", "Weiden in der OPf"),
        ("Großpösna", "Grosspoesna"),
        ("St. Wendel", "Sankt Wendel"),
    ],
)
def test_two_spellings_have_one_core(one: str, other: str) -> None:
    assert spelling.core(one) == spelling.core(other)


def test_the_directory_is_that_of_the_publisher() -> None:
    units = regions.gazetteer()
    counts = units["level"].value_counts().to_dict()
    expected = {"land": 16, "regierungsbezirk": 29, "kreis": 400, "verband": 1203}
    assert counts == expected | {"gemeinde": 10_959}
    inhabited = units[(units["level"] == "gemeinde") & ~units["kind"].isin(["65", "66"])]
    # 10,754 inhabited municipalities and two inhabited unincorporated areas, which have kind 65.
    assert len(inhabited) == 10_752
    citation = regions.gazetteer_source().citation()
    assert "Statistisches Bundesamt (Destatis)" in citation
    assert "Quellenangabe gestattet" in citation


def test_the_packaged_names_are_what_the_script_makes_of_the_publishers_files(
    shared: Path, repo: Path
) -> None:
    script = runpy.run_path(str(repo / "scripts" / "build_gazetteer.py"))
    units = script["read_directory"](shared / "data" / "gv" / "AuszugGV4QAktuell_2024.xlsx")
    assert units.to_numpy().tolist() == regions.gazetteer()[units.columns].to_numpy().tolist()
    panel = shared / "data" / "panels" / "gv_gemeinde_panel_1994_2024.csv.gz"
    former = script["former_names"](pd.read_csv(panel, dtype=str))
    packaged = read_table("codes", "gazetteer", "former_names.csv")
    assert former.to_numpy().tolist() == packaged.to_numpy().tolist()


def test_gemeindeverbaende_have_their_municipalities() -> None:
    verbaende = ("010595974", "034595401", "034595403", "034595404")
    assert [len(regions.gemeinden_of(key)) for key in verbaende] == [13, 4, 3, 3]
    assert "01059083" in regions.gemeinden_of("010595974")
    with pytest.raises(UnknownCodeError):
        regions.gemeinden_of("010599999")
    with pytest.raises(TerritoryError):
        regions.gemeinden_of("010595974", "2017-03-31")
