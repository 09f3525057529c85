"""The register of the 73 projects against the check figures of its sources."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from begleitforschung import regions
from begleitforschung.errors import (
    AggregationError,
    TerritoryError,
    UnknownCodeError,
    ValidationError,
)
from begleitforschung.regions import keys, programme
from begleitforschung.regions.register import Member, Project, read_projects

PROJECTS = programme.projects()


def _ids(bundesland: str, staffel: str | None = None) -> set[str]:
    chosen = PROJECTS[PROJECTS["bundesland"] == bundesland]
    if staffel:
        chosen = chosen[chosen["staffel"] == staffel]
    return set(chosen["name"])


def test_73_projects_in_three_rounds() -> None:
    assert len(PROJECTS) == PROJECTS["project"].nunique() == 73
    assert PROJECTS["staffel"].value_counts(sort=False).to_dict() == {"1": 13, "2": 32, "3": 28}
    assert (PROJECTS["project"].str[1] == PROJECTS["staffel"].astype("str")).all()
    assert (PROJECTS["jahr"] == PROJECTS["staffel"].astype("int") + 2018).all()


@pytest.mark.parametrize(
    ("staffel", "counts"), [("1", [3, 3, 4, 3]), ("2", [13, 3, 4, 12]), ("3", [12, 6, 2, 8])]
)
def test_categories_of_each_round_are_those_of_the_brochures(
    staffel: str, counts: list[int]
) -> None:
    chosen = PROJECTS.loc[PROJECTS["staffel"] == staffel, "programm_kategorie"]
    assert chosen.value_counts(sort=False).tolist() == counts


def test_categories_add_up() -> None:
    assert PROJECTS["programm_kategorie"].value_counts(sort=False).tolist() == [28, 12, 10, 23]


def test_the_lists_give_50_11_12_and_the_published_figure_is_kept_as_a_note() -> None:
    counts = PROJECTS["typ"].value_counts()
    assert counts[["stadt", "gemeinde", "amt"]].sum() == 50
    assert counts["landkreis"] == 11
    assert counts["interkommunal"] == 12
    [note] = [note for note in programme.notes() if note.id == "typ_zahlen"]
    assert "51" in note.text.de
    second = PROJECTS[PROJECTS["staffel"] == "2"]
    assert (second["typ"] == "landkreis").sum() == 4
    assert second["typ"].isin(["landkreis", "interkommunal"]).sum() == 12


def test_laender_of_the_leads() -> None:
    names = regions.code_list("bundeslaender")
    counts = PROJECTS["bundesland"].value_counts().to_dict()
    written = (
        "NW 17, BY 10, BW 7, NI 7, RP 5, BB 4, MV 4, SH 4, HE 4, TH 3, SN 3, ST 2, BE 1, HH 1, SL 1"
    )
    expected = {names.find(item.split()[0]): int(item.split()[1]) for item in written.split(", ")}
    assert counts == expected
    assert not PROJECTS["bundeslaender"].str.contains("04").any()


def test_published_lists_of_laender() -> None:
    assert _ids("08") == {
        "Ulm",
        "Freiburg im Breisgau",
        "Mannheim",
        "Aalen und Heidenheim an der Brenz",
        "Konstanz",
        "Pforzheim",
        "Verband Region Rhein-Neckar",
    }
    assert _ids("11") | _ids("12") == {
        "Cottbus/Chóśebuz",
        "Bad Belzig und Wiesenburg/Mark",
        "Berlin",
        "Potsdam",
        "Guben",
    }
    assert _ids("06", "2") == {"Kassel", "Eichenzell", "Darmstadt"}
    assert _ids("03", "3") == {
        "Hannover",
        "Hildesheim",
        "Einbeck",
        "Geestland",
        "Landkreis Hameln-Pyrmont",
    }
    assert _ids("09", "2") == {
        "Bamberg",
        "Kirchheim b. München",
        "Fuchstal, Apfeldorf und Unterdießen",
        "Landkreis Hof",
    }


def test_start_phase_is_known_for_27_projects_each_with_a_source() -> None:
    assert PROJECTS["startphase"].value_counts().to_dict() == {"strategie": 27, "umsetzung": 0}
    assert PROJECTS["startphase"].isna().sum() == 46
    assert PROJECTS.loc[PROJECTS["startphase"].notna(), "startphase_quelle"].notna().all()


def test_the_register_is_the_compilation_it_was_made_from(shared: Path) -> None:
    raw = pd.read_csv(shared / "domain" / "mpsc_projects.csv", dtype=str, keep_default_na=False)
    same = {"name": "name", "startphase": "startphase", "startphase_quelle": "startphase_quelle"}
    same |= {n: n for n in ("betrag_art", "betrag_quelle", "laufzeit", "anmerkung", "typ")}
    same |= {"listenname_bekanntgabe": "listenname", "projekttitel": "titel"}
    for theirs, ours in same.items():
        found = PROJECTS[ours].astype(object).where(PROJECTS[ours].notna(), "")
        assert found.tolist() == raw[theirs].tolist(), ours
    assert (
        PROJECTS["betrag_eur"].sum()
        == raw.loc[raw["betrag_eur"] != "", "betrag_eur"].astype(int).sum()
    )
    rows = pd.read_csv(shared / "domain" / "mpsc_members.csv", dtype=str)
    ours = programme.members(resolve_verbaende=False)
    entries = ours[ours["level"] != "verband"]
    columns = {"project": "project_id", "unit": "ags", "level": "ebene", "name": "amtlicher_name"}
    for mine, theirs in columns.items():
        assert entries[mine].tolist() == rows[theirs].tolist()
    assert entries["lead"].tolist() == (rows["ist_lead"] == "1").tolist()


def test_106_entries_and_the_gemeindeverbaende_beside_them() -> None:
    raw = programme.members(resolve_verbaende=False)
    assert raw["level"].value_counts().to_dict() == {"gemeinde": 91, "kreis": 15, "verband": 4}
    resolved = programme.members()
    assert resolved["level"].value_counts().to_dict() == {"gemeinde": 114, "kreis": 15}
    assert resolved["via"].value_counts(sort=False).to_dict() == {
        "010595974": 13,
        "034595401": 4,
        "034595403": 3,
        "034595404": 3,
    }
    assert len(programme.members(level="kreis")) == 15
    with pytest.raises(TerritoryError):
        programme.members(gebietsstand="2017-03-31")


def test_every_member_exists_under_its_official_name_and_in_the_laender_of_its_project() -> None:
    laender = PROJECTS.set_index("project")["bundeslaender"]
    for row in programme.members().itertuples():
        official = regions.name_of(row.unit)
        assert official in row.name
        assert keys.bundesland_of(row.unit) in laender[row.project].split(";")


def test_names_of_members_resolve_to_their_keys() -> None:
    entries = programme.members(resolve_verbaende=False)
    states = [keys.bundesland_of(unit) for unit in entries["unit"]]
    found = regions.resolve(entries["name"], state=states)
    wrong = found[found["key"] != entries["unit"]]
    # City and county have the same official name in Bavaria.
    assert set(wrong["name"]) == {"Bamberg", "Regensburg", "Würzburg"}
    assert set(wrong["status"]) == {"ambiguous"}


def test_completeness_is_yes_no_or_unknown_with_a_reason() -> None:
    complete = PROJECTS.set_index("project")["members_complete"]
    assert complete[complete.eq(False)].index.tolist() == ["S3-28"]
    assert complete[complete.isna()].index.tolist() == ["S3-12"]
    assert complete.sum() == 71
    for code in ("S1-09", "S2-28", "S2-29", "S2-32", "S3-12", "S3-28"):
        assert programme.project(code).members_note


def test_counties_that_stand_for_their_municipalities_are_complete() -> None:
    units = regions.gazetteer()
    municipalities = units[(units["level"] == "gemeinde") & ~units["kind"].isin(["65", "66"])]
    hof = municipalities[municipalities["key"].str.startswith("09475")]
    assert len(hof) == 27  # "stellvertretend für 27 Kommunen"
    koblenz = municipalities[municipalities["key"].str.startswith("07137")]
    assert koblenz["verband"].nunique() == 10  # "zehn kreisangehörige Kommunen"


def test_amounts_of_several_kinds_are_not_added_up() -> None:
    with pytest.raises(AggregationError, match=r"bundesanteil \(24\).*gesamtvolumen \(5\)"):
        programme.sum_amounts()
    found = programme.sum_amounts(betrag_art="bundesanteil")
    chosen = PROJECTS[PROJECTS["betrag_art"] == "bundesanteil"]
    assert found.total_eur == chosen["betrag_eur"].sum()
    assert (found.n, found.n_other, found.n_unknown) == (24, 16, 33)
    # Darmstadt and Kassel: sums within a Land, as long as the kind is one.
    hesse = programme.sum_amounts(["S2-02", "S2-07", "S2-18"])
    assert hesse.total_eur == 35_420_000
    with pytest.raises(AggregationError, match="none of the 1 projects"):
        programme.sum_amounts(["S1-08"])
    with pytest.raises(UnknownCodeError):
        programme.sum_amounts(["S9-01"])


def test_every_amount_has_kind_and_source() -> None:
    known = PROJECTS["betrag_eur"].notna()
    assert known.sum() == 40
    assert PROJECTS.loc[known, ["betrag_art", "betrag_quelle"]].notna().all().all()
    assert PROJECTS.loc[~known, "betrag_art"].isna().all()


def test_own_values_at_county_level() -> None:
    bare = programme.own_level_status("kreis", resolve_verbaende=False)
    assert bare.value_counts().to_dict() == {"own": 42, "none": 27, "partial": 2, "no_members": 2}
    found = programme.own_level_status("kreis")
    assert found.value_counts().to_dict() == {"own": 42, "none": 28, "partial": 2, "no_members": 1}
    assert found[found == "partial"].index.tolist() == ["S2-23", "S2-32"]
    assert bare[bare == "no_members"].index.tolist() == ["S1-09", "S3-28"]
    # Large cities without a county figure of their own.
    large = PROJECTS.set_index("project").loc[found[found == "none"].index]
    large = large[large["programm_kategorie"] == "grossstadt"]
    assert set(large["name"]) == {"Hannover", "Gütersloh", "Paderborn", "Hildesheim"}


def test_own_values_at_municipality_level() -> None:
    found = programme.own_level_status("gemeinde")
    assert found[found == "partial"].index.tolist() == ["S2-27", "S3-27"]
    assert found["S2-28"] == "none"
    assert len(found) == 73


def test_51_counties_are_funded_33_contain_and_316_are_untouched() -> None:
    found = programme.county_status()
    assert found["status"].value_counts(sort=False).tolist() == [51, 33, 316]
    rows = found.set_index("unit")
    assert rows.loc["01059", "status"] == "funded"
    assert rows.loc["01059", "projects"] == "S1-09;S3-27"
    assert rows.loc["03459", "status"] == "contains"
    assert len(rows.loc["03459", "members"].split(";")) == 12
    assert rows.loc["09679", "status"] == "untouched"
    assert "Würzburg" in rows.loc["09679", "note"]
    assert rows.loc[rows["status"] == "untouched", ["projects", "members"]].isna().all().all()


def test_county_status_answers_for_the_counties_asked_for() -> None:
    found = programme.county_status(["05315", "05374"])
    assert found["unit"].tolist() == ["05315", "05374"]
    assert found["status"].tolist() == ["funded", "untouched"]
    with pytest.raises(ValidationError, match="leading zero"):
        programme.county_status(["5315"])
    with pytest.raises(ValidationError, match="not keys of counties"):
        programme.county_status(["05315000"])


def test_median_share_of_the_municipalities_in_their_county(shared: Path) -> None:
    panel = pd.read_csv(
        shared / "data" / "panels" / "gv_gemeinde_panel_1994_2024.csv.gz", dtype={"ags": str}
    )
    population = panel[panel["stichtag"] == "2024-12-31"].set_index("ags")["bev_insg"]
    counties = population.groupby(population.index.str[:5]).sum()
    found = programme.county_status().query("status == 'contains'").set_index("unit")
    inside = found["members"].map(lambda text: population[text.split(";")].sum())
    assert (inside / counties[found.index]).median() == pytest.approx(0.16, abs=0.005)


def test_project_units_cover_every_member_once() -> None:
    units = programme.project_units("kreis")
    resolved = programme.members()
    assert sum(len(text.split(";")) for text in units["members"]) == len(resolved)
    assert not units.duplicated(["project", "unit"]).any()
    own = units[units["kind"] == "own"]
    assert own["unit"].nunique() == 51
    assert units.loc[units["kind"] == "surrounding", "unit"].nunique() == 34
    assert (programme.project_units("gemeinde")["kind"] == "own").all()


def test_notes_are_found_by_project() -> None:
    assert {note.id for note in programme.notes("S3-26")} == {"vorpommern_greifswald_ende"}
    assert {note.id for note in programme.notes("S2-26")} == {"leipzig_steckbrief"}
    assert all(note.references and note.text.en for note in programme.notes())
    with pytest.raises(UnknownCodeError, match="S1-1"):
        programme.notes("S1-1")


def test_source_and_provenance_are_stable() -> None:
    assert programme.source() == programme.source()
    node = programme.provenance()
    assert node.fingerprint == programme.provenance().fingerprint
    assert len(node.sources()) == 2
    assert len(programme.source().sha256) == 64


def test_malformed_facts_are_refused() -> None:
    good = read_projects()["S1-02"].model_dump(exclude_none=True)
    for wrong in (
        {"betrag_quelle": ""},
        {"betrag_art": None},
        {"startphase_quelle": ""},
        {"programm_kategorie": "Großstadt"},
        {"members_complete": None},
    ):
        with pytest.raises(ValueError, match="Value error"):
            Project.model_validate(good | wrong)
    with pytest.raises(ValueError, match="no key of level"):
        Member(project="S1-02", unit="08421", level="gemeinde", name="Ulm", lead=True)


def test_unknown_projects_are_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownCodeError, match="S1-02"):
        programme.project("S1-2")
    with pytest.raises(UnknownCodeError):
        programme.members("S4-01")
