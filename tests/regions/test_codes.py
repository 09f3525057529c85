"""Code lists and what is put into their classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung import regions
from begleitforschung.catalogue import parse_entry
from begleitforschung.errors import CatalogueError, UnknownCodeError, ValidationError
from begleitforschung.regions.codes import CodeList

INTERVALS = [entry.id for entry in regions.code_lists().values() if entry.kind == "intervals"]


@pytest.mark.parametrize("entry", regions.code_lists().values(), ids=lambda entry: entry.id)
def test_every_list_has_both_languages_issuer_and_reference(entry: CodeList) -> None:
    assert entry.issuer
    assert entry.references
    assert entry.title.de
    assert entry.title.en
    assert all(code.label.de and code.label.en for code in (*entry.codes, *entry.groups))
    assert all(entry.find(code.label.de) == code.code for code in entry.codes)
    assert all(entry.find(code.label.en) == code.code for code in entry.codes)


def test_the_lists_that_reports_name_are_there() -> None:
    assert set(regions.code_lists()) >= {
        "bundeslaender",
        "staffel",
        "startphase",
        "programm_kategorie",
        "kreistyp",
        "bbsr_gemeindetyp",
        "bbsr_gemeindetyp_kurz",
        "ost_west",
        *(f"regiostar{n}" for n in (2, 4, 5, 7, 17)),
        "regiostar_gem5",
        "regiostar_gem7",
    }


def _intervals(*bounds: tuple[int, int | None]) -> dict[str, object]:
    codes = [
        {"code": str(at), "label": {"de": "x"}, "lower": str(low)}
        | ({} if high is None else {"upper": str(high)})
        for at, (low, high) in enumerate(bounds)
    ]
    return {
        "id": "x",
        "title": {"de": "x"},
        "kind": "intervals",
        "ordered": "true",
        "issuer": "x",
        "references": [{"title": "x"}],
        "codes": codes,
    }


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ([(0, 10), (20, None)], "ends at 10 but"),
        ([(0, 30), (20, None)], "ends at 30 but"),
        ([(0, 10), (10, 20)], "must be open"),
        ([(0, 10), (10, 5), (5, None)], "end above its beginning"),
    ],
)
def test_intervals_that_overlap_or_leave_gaps_are_refused(
    bounds: list[tuple[int, int | None]], message: str
) -> None:
    with pytest.raises(CatalogueError, match=message):
        parse_entry(_intervals(*bounds), CodeList, file="x.yaml")


def test_regiostar_labels_are_those_of_the_source_with_its_misspellings_corrected(
    shared: Path,
) -> None:
    table = pd.read_csv(shared / "domain" / "regiostar_codes.csv", dtype=str, encoding="utf-8-sig")
    names = {f"RegioStaR{n}": f"regiostar{n}" for n in (2, 4, 5, 7, 17)}
    names |= {"RegioStaRGem5": "regiostar_gem5", "RegioStaRGem7": "regiostar_gem7"}
    differences = []
    for scheme, rows in table[table["scheme"].isin(names)].groupby("scheme"):
        labels = regions.code_list(names[str(scheme)]).labels()
        assert list(labels) == rows["code"].tolist()
        pairs = zip(labels.values(), rows["label_de"], strict=True)
        differences += [(ours, theirs) for ours, theirs in pairs if ours != theirs]
    assert len(differences) == 6
    for ours, theirs in differences:
        assert "Kleistädtischer" in theirs or "Stadregion" in theirs
        assert not any(word in ours for word in ("Kleistädtischer", "Stadregion"))


@pytest.mark.parametrize(("code", "group"), [("1", "staedtisch"), ("4", "laendlich")])
def test_county_types_are_urban_or_rural(code: str, group: str) -> None:
    assert regions.code_list("kreistyp").parents()[code] == group


@pytest.mark.parametrize(
    ("codelist", "file", "key", "label", "counts"),
    [
        ("kreistyp", "kreistypen_2021.csv", "kreis_ags", "kreistyp_label", [67, 133, 97, 103]),
        (
            "bbsr_gemeindetyp_kurz",
            "gemeindetypen_2022.csv",
            "ags",
            "stadt_gemeindetyp",
            [26, 679, 936, 1266, 0],
        ),
    ],
)
def test_assignments_are_those_of_the_publisher(
    shared: Path, codelist: str, file: str, key: str, label: str, counts: list[int]
) -> None:
    raw = pd.read_csv(shared / "data" / "bbsr" / file, sep=";", dtype=str)
    found = regions.classify(raw[key], codelist)
    expected = regions.classify(raw[label], codelist)
    assert found.notna().all()
    assert found.tolist() == expected.tolist()
    assert found.value_counts(sort=False).tolist() == counts
    assert len(regions.code_list(codelist).assigned()) == len(raw)


def test_assignments_carry_licence_uri_and_attribution() -> None:
    source = regions.code_list("bbsr_gemeindetyp_kurz").assignment_source()
    assert source is not None
    assert "https://www.govdata.de/dl-de/by-2-0" in source.citation()
    assert "BBSR" in source.citation()
    assert source.citation().endswith("Daten verändert")


def test_all_counties_have_a_type_and_absent_municipalities_are_unknown() -> None:
    units = regions.gazetteer()
    counties = units.loc[units["level"] == "kreis", "key"]
    assert regions.classify(counties, "kreistyp").notna().all()
    # Gröde has ten inhabitants and Köln a million: both are absent, hence unknown.
    known = regions.classify(["01054039", "05315000", "05334002"], "bbsr_gemeindetyp_kurz")
    assert known.isna().tolist() == [True, True, False]
    free = units[units["kind"].isin(["61", "62"]) & (units["level"] == "gemeinde")]["key"]
    assert regions.classify(free, "bbsr_gemeindetyp_kurz").isna().sum() == 82


@pytest.mark.parametrize(
    ("codelist", "value", "code"),
    [
        ("groessenklasse_programm", 19_999, "kleinstadt_landgemeinde"),
        ("groessenklasse_programm", 20_000, "mittelstadt"),
        ("groessenklasse_programm", 100_000, "mittelstadt"),
        ("groessenklasse_programm", 100_001, "grossstadt"),
        ("groessenklasse_kgst_gemeinde", 400_000, "2"),
        ("groessenklasse_kgst_gemeinde", 400_001, "1"),
        ("groessenklasse_kgst_kreis", 150_000, "2"),
        ("groessenklasse_statistik", 1_999, "landgemeinde"),
        ("groessenklasse_statistik", 100_000, "grossstadt"),
        ("groessenklasse_kommunalpanel", 2_000, "befragt"),
        ("groessenklasse_ob_barometer", 49_999, "nicht_befragt"),
    ],
)
def test_bounds_are_lower_inclusive(codelist: str, value: int, code: str) -> None:
    assert regions.classify([value], codelist).tolist() == [code]


@pytest.mark.parametrize("codelist", INTERVALS)
@given(values=st.lists(st.integers(0, 4_000_000), min_size=1))
def test_every_number_has_exactly_one_class_and_order_is_kept(
    codelist: str, values: list[int]
) -> None:
    found = regions.classify(sorted(values), codelist)
    assert found.notna().all()
    assert found.cat.ordered
    assert found.cat.codes.is_monotonic_increasing
    for value, code in zip(sorted(values), found, strict=True):
        entry = next(c for c in regions.code_list(codelist).codes if c.code == code)
        assert entry.lower is not None
        assert entry.lower <= value
        assert entry.upper is None or value < entry.upper


def test_missing_stays_missing_and_the_index_is_kept() -> None:
    values = pd.Series([5_000.0, np.nan, 250_000.0], index=["a", "b", "c"], name="einwohner")
    found = regions.classify(values, "groessenklasse_programm")
    assert found.isna().tolist() == [False, True, False]
    assert found.index.tolist() == ["a", "b", "c"]
    assert found.name == "einwohner"


def test_values_outside_are_refused_with_their_rows() -> None:
    values = pd.Series([5_000, -1, "viele", -1], name="einwohner")
    with pytest.raises(ValidationError) as caught:
        regions.classify(values, "groessenklasse_programm")
    assert [(f.row, f.rows, f.value) for f in caught.value.findings] == [
        (3, (3, 5), "-1"),
        (4, (4,), "viele"),
    ]
    with pytest.raises(ValidationError) as caught:
        regions.classify(["1", "5"], "kreistyp")
    assert [f.row for f in caught.value.findings] == [3]
    with pytest.raises(ValidationError, match="level not in the list"):
        regions.classify(["05315000"], "kreistyp")


def test_assigned_categories_are_stored_never_recomputed() -> None:
    assert regions.classify(["S1-04"], "programm_kategorie").tolist() == ["mittelstadt"]
    assert regions.classify([100_219], "groessenklasse_programm").tolist() == ["grossstadt"]
    assert regions.classify(["S1-02", "S1-03"], "startphase").isna().tolist() == [False, True]


def test_laender_are_found_by_name_abbreviation_and_unit() -> None:
    found = regions.classify(["Bayern", "BY", "NRW", "North Rhine-Westphalia"], "bundeslaender")
    assert found.tolist() == ["09", "09", "05", "05"]
    assert regions.classify(["05315", "DG", "010595974"], "bundeslaender").tolist()[::2] == [
        "05",
        "01",
    ]


@pytest.mark.parametrize(("berlin", "code"), [("east", "ost"), ("west", "west"), ("own", "berlin")])
def test_berlin_goes_where_the_study_says(berlin: str, code: str) -> None:
    found = regions.east_west(["11000000", "12", "10", "DG"], berlin=berlin)  # type: ignore[arg-type]
    assert found.tolist()[:3] == [code, "ost", "west"]
    assert pd.isna(found[3])
    assert ("berlin" in found.cat.categories) == (berlin == "own")


def test_berlin_must_be_decided() -> None:
    with pytest.raises(TypeError):
        regions.east_west(["11"])  # type: ignore[call-arg]
    with pytest.raises(ValidationError, match="expected one of"):
        regions.east_west(["11"], berlin="both")  # type: ignore[arg-type]


def test_unknown_lists_and_codes_are_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownCodeError, match="kreistyp"):
        regions.code_list("kreistypen")
    with pytest.raises(UnknownCodeError, match="Bayern"):
        regions.code_list("bundeslaender").find("Bayren")
