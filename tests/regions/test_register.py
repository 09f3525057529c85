"""The programme counted again from the packaged CSV files with plain Python."""

from __future__ import annotations

import csv
from collections import defaultdict

import pandas as pd
import pytest

from begleitforschung import regions
from begleitforschung.catalogue import resource
from begleitforschung.errors import (
    AggregationError,
    CatalogueError,
    TerritoryError,
    UnknownCodeError,
    ValidationError,
)
from begleitforschung.regions import membership, programme, register


def rows(name: str) -> list[dict[str, str]]:
    with resource("programme", name).open("r", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def listed() -> dict[str, list[dict[str, str]]]:
    """Members as they stand in the file, by project."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("members.csv"):
        found[row["project"]].append(row)
    return found


@pytest.fixture(scope="module")
def counties(listed: dict[str, list[dict[str, str]]]) -> dict[str, set[str]]:
    """By project the counties in which its members lie."""
    return {code: {row["unit"][:5] for row in found} for code, found in listed.items()}


def is_own(row: dict[str, str]) -> bool:
    return row["level"] == "kreis" or (row["level"] == "gemeinde" and row["unit"][-3:] == "000")


@pytest.mark.parametrize("project", ["S1-09", "S2-23", "S3-28", "S1-02", "S2-27"])
def test_members_of_one_project_are_those_of_all(project: str) -> None:
    every = programme.members()
    one = programme.members(project)
    expected = every[every["project"] == project].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, expected)
    assert programme.members(project, level="gemeinde")["level"].isin(["gemeinde"]).all()


def test_a_gemeindeverband_is_replaced_by_its_municipalities_or_kept() -> None:
    resolved = programme.members("S1-09")
    assert resolved["unit"].tolist() == list(regions.gemeinden_of("010595974"))
    assert (resolved["via"] == "010595974").all()
    kept = programme.members("S1-09", resolve_verbaende=False)
    assert kept["unit"].tolist() == ["010595974"]
    assert kept["via"].isna().all()
    assert programme.members(level="verband").empty
    assert len(programme.members(level="verband", resolve_verbaende=False)) == 4


def test_each_project_with_known_members_has_exactly_one_lead() -> None:
    kept = programme.members(resolve_verbaende=False)
    leads = kept.groupby("project")["lead"].sum()
    assert set(leads) == {1}


def test_kinds_of_columns_hold_even_where_nothing_is_found() -> None:
    full, none = programme.members(), programme.members("S3-28")
    assert none.empty
    assert none.dtypes.to_dict() == full.dtypes.to_dict()
    assert str(full["members_complete"].dtype) == "boolean"


def test_counties_are_funded_contain_or_are_untouched(
    listed: dict[str, list[dict[str, str]]],
) -> None:
    every = [row for found in listed.values() for row in found]
    own = {row["unit"][:5] for row in every if is_own(row)}
    inside = {row["unit"][:5] for row in every} - own
    found = programme.county_status().set_index("unit")["status"]
    assert set(found.index[found == "funded"]) == own
    assert set(found.index[found == "contains"]) == inside
    assert len(found) == 400


def test_own_figures_of_counties_follow_from_the_members(
    listed: dict[str, list[dict[str, str]]],
) -> None:
    for code, status in programme.own_level_status("kreis").items():
        own = [is_own(row) for row in listed.get(str(code), [])]
        expected = "no_members" if not own else "own" if all(own) else "none"
        assert status == ("partial" if any(own) and not all(own) else expected), code


def test_project_units_name_the_counties_of_all_members(counties: dict[str, set[str]]) -> None:
    units = programme.project_units("kreis")
    found = units.groupby("project")["unit"].agg(set).to_dict()
    assert found == counties
    assert units["kind"].cat.categories.tolist() == ["own", "surrounding"]
    one = units[units["unit"] == "01059"].set_index("project")
    assert one.loc["S1-09", "kind"] == "surrounding"
    assert len(one.loc["S1-09", "members"].split(";")) == 13


def test_without_resolving_a_gemeindeverband_has_no_municipality() -> None:
    bare = programme.project_units("gemeinde", resolve_verbaende=False)
    assert "S1-09" not in set(bare["project"])
    full = programme.project_units("gemeinde")
    assert len(full) - len(bare) == 13 + 4 + 3 + 3
    assert (full["members"] == full["unit"]).all()


def test_a_county_asked_for_twice_is_answered_once_and_none_gives_none() -> None:
    assert programme.county_status(["05315", "05315"])["unit"].tolist() == ["05315"]
    empty = programme.county_status([])
    assert empty.empty
    assert empty["status"].cat.categories.tolist() == ["funded", "contains", "untouched"]


@pytest.mark.parametrize("wrong", ["05", "05315000", "DG", "S1-01"])
def test_only_counties_have_a_county_status(wrong: str) -> None:
    with pytest.raises(ValidationError, match=rf"not keys of counties \(five digits\): {wrong}"):
        programme.county_status(["05315", wrong])


@pytest.mark.parametrize(
    "call",
    [
        lambda day: programme.members(gebietsstand=day),
        lambda day: programme.project_units(gebietsstand=day),
        lambda day: programme.own_level_status(gebietsstand=day),
        lambda day: programme.county_status(gebietsstand=day),
        lambda day: programme.county_status(["05315"], gebietsstand=day),
    ],
)
def test_borders_of_another_date_are_refused(call) -> None:
    with pytest.raises(TerritoryError, match="'2019-12-31'"):
        call("2019-12-31")


@pytest.mark.parametrize("kind", ["bundesanteil", "gesamtvolumen", "unklar"])
def test_amounts_of_one_kind_are_added_up_in_whole_euros(kind: str) -> None:
    amounts = [row for row in rows("projects.csv") if row["betrag_eur"]]
    expected = [int(row["betrag_eur"]) for row in amounts if row["betrag_art"] == kind]
    found = programme.sum_amounts(betrag_art=kind)  # type: ignore[arg-type]
    assert (found.total_eur, found.n, found.betrag_art) == (sum(expected), len(expected), kind)
    assert found.n + found.n_other + found.n_unknown == 73
    assert found.n_other == len(amounts) - len(expected)


def test_a_project_named_twice_counts_once() -> None:
    once = programme.sum_amounts(["S1-01", "S1-02"])
    assert programme.sum_amounts(iter(["S1-01", "S1-02", "S1-01"])) == once
    with pytest.raises(AggregationError, match="0 projects has a known amount"):
        programme.sum_amounts([])
    with pytest.raises(AggregationError, match="known amount of kind 'unklar'"):
        programme.sum_amounts(["S1-08"], betrag_art="unklar")


def test_the_table_of_projects_says_what_the_entries_say() -> None:
    table = programme.projects().set_index("project")
    for row in rows("projects.csv"):
        entry = programme.project(row["project"])
        told = table.loc[row["project"]]
        assert (told["name"], told["listenname"]) == (row["name"], row["listenname"])
        assert told["bundeslaender"] == ";".join(entry.bundeslaender) == row["bundeslaender"]
        assert (entry.startphase or "") == row["startphase"]
        assert pd.isna(told["betrag_eur"]) == (row["betrag_eur"] == "")
    assert table["staffel"].cat.ordered == regions.code_list("staffel").ordered
    assert not (table.select_dtypes("str") == "").any().any()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (programme.project, "S2-2"),
        (programme.members, "S2-2"),
        (programme.notes, "S2-2"),
        (lambda code: programme.sum_amounts([code]), "S2-2"),
    ],
)
def test_unknown_projects_are_answered_alike(call, said: str) -> None:
    with pytest.raises(UnknownCodeError, match=r"the programme register \(73 codes\). Did you"):
        call(said)


def test_notes_of_the_programme_as_a_whole_are_not_those_of_a_project() -> None:
    every = programme.notes()
    general = [note for note in every if not note.projects]
    assert general
    for code in programme.projects()["project"].iloc[::12]:
        assert programme.notes(code) == tuple(n for n in every if code in n.projects)


def test_the_provenance_names_register_directory_and_date() -> None:
    node = programme.provenance()
    assert node.operation == "programme.members"
    assert dict(node.parameters) == {"gebietsstand": regions.GEBIETSSTAND}
    assert node.sources() == (programme.source(), regions.gazetteer_source())
    assert programme.provenance("2020-12-31").fingerprint != node.fingerprint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda found: (*found, found[0]), "a member twice"),
        (
            lambda found: (*found, found[0].model_copy(update={"project": "S9-99"})),
            r"unknown projects \['S9-99'\]",
        ),
    ],
)
def test_a_damaged_list_of_members_is_refused(monkeypatch, change, message: str) -> None:
    good = register.read_members()
    monkeypatch.setattr(register, "read_csv_entries", lambda *given: change(good))
    with pytest.raises(CatalogueError, match=message):
        register.read_members.__wrapped__()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"betrag_art": "bundesanteil", "betrag_eur": None}, "an amount needs its kind"),
        ({"bundesland": "17"}, "bundesland '17' is not in the code list 'bundeslaender'"),
        ({"staffel": "4"}, "staffel '4' is not in the code list 'staffel'"),
        ({"startphase": "Strategie", "startphase_quelle": "x"}, "startphase 'Strategie' is not"),
        ({"members_complete": False, "members_note": ""}, "say in 'members_note'"),
        ({"project": "S4-01"}, "pattern"),
        ({"typ": "kreis"}, "Input should be 'stadt'"),
    ],
)
def test_facts_without_source_or_code_are_refused(change, message: str) -> None:
    good = register.read_projects()["S1-02"].model_dump()
    with pytest.raises(ValueError, match=message):
        register.Project.model_validate(good | change)


@pytest.mark.parametrize(
    ("unit", "level"), [("08421", "gemeinde"), ("08421000", "kreis"), ("8421000", "gemeinde")]
)
def test_a_member_has_a_key_of_its_level(unit: str, level: str) -> None:
    facts = {"project": "S1-02", "name": "Ulm", "lead": True}
    with pytest.raises(ValueError, match=f"unit '{unit}' is no key of level '{level}'"):
        register.Member.model_validate(facts | {"unit": unit, "level": level})


@pytest.fixture
def mixed(monkeypatch) -> None:
    """A register in which most members of a project are counties of their own, but not all."""
    units = {"S1-01": ["05315000", "05316000", "05374004"], "S1-02": ["05374", "05374004"]}
    found = [
        register.Member(
            project=project,
            unit=unit,
            level="kreis" if len(unit) == 5 else "gemeinde",
            name=unit,
            lead=at == 0,
        )
        for project, members in units.items()
        for at, unit in enumerate(members)
    ]
    monkeypatch.setattr(membership, "read_members", lambda: tuple(found))


def test_a_single_member_within_a_county_makes_figures_partly_own(mixed) -> None:
    kreis, gemeinde = (programme.own_level_status(level) for level in ("kreis", "gemeinde"))
    assert kreis[["S1-01", "S1-02", "S1-03"]].tolist() == ["partial", "partial", "no_members"]
    assert gemeinde[["S1-01", "S1-02"]].tolist() == ["own", "partial"]


def test_a_county_that_is_a_member_is_own_even_beside_a_municipality_of_it(mixed) -> None:
    units = programme.project_units("kreis").set_index(["project", "unit"])
    assert units.loc[("S1-02", "05374"), ["kind", "members"]].tolist() == ["own", "05374;05374004"]
    assert units.loc[("S1-01", "05374"), "kind"] == "surrounding"
    status = programme.county_status(["05374", "05315", "05334"]).set_index("unit")
    assert status["status"].tolist() == ["funded", "funded", "untouched"]
    assert status.loc["05374", "projects"] == "S1-01;S1-02"
    assert status.loc["05374", "members"] == "05374004;05374"
