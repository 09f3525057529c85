"""The shipped frameworks hold what the catalogues hold, and say what is not theirs."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from begleitforschung.errors import UnknownCodeError
from begleitforschung.frameworks import (
    Acceptance,
    Framework,
    available,
    check_framework,
    load_framework,
    polarity_decisions,
)
from begleitforschung.frameworks.package import descriptor

GRID = ("16006", "16007", "16010", "16030")


def catalogue(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "kpi" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module", params=["sdg_kommunen", "u4ssc", "iso37120_2014"])
def framework(request: pytest.FixtureRequest) -> Framework:
    return load_framework(request.param)


def test_three_frameworks_are_shipped() -> None:
    assert available() == ("iso37120_2014", "sdg_kommunen", "u4ssc")
    assert [len(load_framework(name)) for name in available()] == [100, 43, 91]


def test_a_shipped_framework_has_no_errors_or_warnings(framework: Framework) -> None:
    assert {item.severity for item in check_framework(framework.id)} <= {"info"}


def test_source_and_licence_are_named(framework: Framework) -> None:
    (source,) = framework.provenance.sources()
    assert source.publisher
    assert source.licence
    assert source.edition
    assert len(source.sha256) == 64


def test_the_descriptor_is_the_one_the_models_make(framework: Framework, repo: Path) -> None:
    folder = repo / "src" / "begleitforschung" / "resources" / "frameworks" / framework.id
    stored = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert stored == descriptor(framework.info)


@pytest.mark.parametrize(
    ("name", "file", "code"),
    [
        ("sdg_kommunen", "sdg_kommunen", "inkar_m_id"),
        ("u4ssc", "u4ssc", "code"),
        ("iso37120_2014", "iso37120", "number"),
    ],
)
def test_ids_codes_names_units_and_statuses_are_those_of_the_catalogue(
    shared: Path, name: str, file: str, code: str
) -> None:
    rows = [row for row in catalogue(shared, file) if row[code]]
    framework = load_framework(name)
    assert [kpi.id for kpi in framework] == [row["id"] for row in rows]
    for kpi, row in zip(framework, rows, strict=True):
        assert (kpi.code, kpi.unit) == (row[code], row["unit"])
        assert (kpi.name_de, kpi.name_en) == (row.get("name_de", ""), row["name_en"])
        assert kpi.formula_status == row.get("formula_status", "empty")
        assert kpi.polarity == (row["polarity"] or "none")


def test_sdg_formulas_are_transcribed_except_sums_over_grid_cells(shared: Path) -> None:
    sdg = load_framework("sdg_kommunen")
    direct = [kpi.code for kpi in sdg if kpi.formula_type == "direct"]
    assert direct == ["16006", "16007", "16010", "16028", "16030"]
    for row in catalogue(shared, "sdg_kommunen"):
        if not row["inkar_m_id"]:
            assert row["id"] not in sdg
            continue
        kpi = sdg[row["id"]]
        assert kpi.original_formula == row["inkar_algorithmus_original"]
        assert kpi.definition_de == row["inkar_name_original"]
        assert (kpi.definition_status, kpi.name_de_status) == ("published", "official")
        if kpi.code not in direct:
            assert kpi.numerator_expr == row["numerator_expr"]
            assert kpi.denominator_expr == row["denominator_expr"]
            assert kpi.multiplier == float(row["multiplier"])
    assert Counter(kpi.formula_status for kpi in sdg) == {
        "transcribed": 39,
        "transcribed_with_correction": 3,
        "no_quotient": 1,
    }


def test_other_frameworks_carry_no_expressions() -> None:
    for name in ("u4ssc", "iso37120_2014"):
        assert not any(kpi.formula or kpi.denominator_expr for kpi in load_framework(name))


def test_definitions_that_are_ours_say_so() -> None:
    u4ssc = Counter(kpi.definition_status for kpi in load_framework("u4ssc"))
    assert u4ssc == {"paraphrased": 63, "expanded": 28}
    for kpi in load_framework("iso37120_2014"):
        assert (kpi.definition_de, kpi.definition_en) == ("", "")
        assert kpi.name_en_status == "short_name"


def test_polarities_that_are_not_official_are_counted_as_in_the_catalogues() -> None:
    found = {
        name: Counter(kpi.polarity_source for kpi in load_framework(name)) for name in available()
    }
    assert found["sdg_kommunen"] == {"official": 28, "own": 15}
    assert found["u4ssc"] == {"official": 26, "derived": 63, None: 2}
    assert found["iso37120_2014"] == {"own": 88, None: 12}


def test_fits_and_scales_of_the_mapping(shared: Path) -> None:
    expected = {
        row["kpi_id"]: row["fit"]
        for row in catalogue(shared, "inkar_map")
        if row["framework"] != "SDG-Indikatoren für Kommunen"
    }
    scales = {"scale x10": 10, "scale x100": 100, "scale /1000": 0.001}
    for name in ("u4ssc", "iso37120_2014"):
        for mapping in load_framework(name).mappings:
            fit = expected.get(mapping.kpi_id, "none")
            if fit in scales:
                assert (mapping.fit, mapping.scale) == ("close", scales[fit])
            else:
                assert mapping.fit == fit
    sdg = load_framework("sdg_kommunen")
    first = [sdg.mappings_of(kpi.id, "inkar")[0] for kpi in sdg]
    assert [item.key for item in first] == [kpi.code for kpi in sdg]
    assert {item.fit for item in first} == {"identical"}


def test_targets_are_scored_only_with_a_source() -> None:
    sdg = load_framework("sdg_kommunen")
    assert [(t.kpi_id[-5:], t.value, t.source_status) for t in sdg.targets] == [
        ("16014", 100, "own"),
        ("16015", 50, "own"),
        ("16026", 100, "own"),
    ]
    decisions = polarity_decisions(sdg).set_index("code")
    assert decisions.loc["16015", "decision"] == "target_not_sourced"
    u4ssc = {t.kpi_id: t for t in load_framework("u4ssc").targets}
    broadband = u4ssc["U4SSC-EC-ICT-ICT-2C"]
    assert (broadband.value, broadband.source_status) == (60, "official")
    assert "Mashhad" in broadband.source
    assert u4ssc["U4SSC-EC-I-T-5A"].source_status == "unknown"


def test_only_official_polarities_are_scored(framework: Framework) -> None:
    decisions = polarity_decisions(framework)
    assert list(decisions["kpi"]) == [kpi.id for kpi in framework]
    scored = decisions[decisions["scored"]]
    assert set(scored["polarity_source"]) <= {"official"}
    assert not set(scored["polarity"]) & {"none"}
    expected = {"sdg_kommunen": 27, "u4ssc": 24, "iso37120_2014": 0}
    assert len(scored) == expected[framework.id]


def test_counts_parts_and_kpis_without_polarity_are_never_scored() -> None:
    decisions = polarity_decisions(load_framework("u4ssc")).set_index("code")["decision"]
    assert decisions["EC: ICT: ICT: 5A"] == "absolute_count"
    assert decisions["EN: EN: AQ: 1C"] == "several_parts"
    assert decisions["EC: I: T: 4A"] == "no_polarity"
    iso = polarity_decisions(load_framework("iso37120_2014")).set_index("code")["decision"]
    assert iso["18.9"] == "absolute_count"


def test_an_acceptance_scores_a_derived_polarity_and_prints_who() -> None:
    who = Acceptance(name="A. Muster", reason="Beschluss des Beirats")
    decisions = polarity_decisions(load_framework("u4ssc"), {"EC: ICT: ICT: 1C": who}, lang="en")
    row = decisions.set_index("code").loc["EC: ICT: ICT: 1C"]
    assert (row["scored"], row["accepted_by"]) == (True, "A. Muster")
    assert row["text"] == "scored: polarity accepted by name"
    with pytest.raises(UnknownCodeError, match="Did you mean"):
        polarity_decisions(load_framework("u4ssc"), {"U4SSC-EC-ICT-ICT-1": who})


def test_lookup_by_id_or_code_names_the_nearest() -> None:
    sdg = load_framework("sdg_kommunen")
    assert sdg["16011"] is sdg["SDGK-16011"]
    with pytest.raises(UnknownCodeError, match="Did you mean '16011'"):
        sdg["160111"]
    with pytest.raises(UnknownCodeError, match="Did you mean 'u4ssc'"):
        load_framework("u4sc")


def test_the_tree_of_dimensions_holds_every_kpi(framework: Framework) -> None:
    summary = framework.summary()
    assert summary["kpis"].sum() == len(framework)
    for kpi in framework:
        path = framework.path(kpi.id)
        assert path[0].parent == ""
        assert path[-1].dimension == kpi.dimension


def test_the_fingerprint_covers_the_whole_content(framework: Framework) -> None:
    first, *rest = framework.kpis
    changed = replace(framework, kpis=(first.model_copy(update={"note": "anders"}), *rest))
    assert changed.fingerprint != framework.fingerprint
    assert replace(framework).fingerprint == framework.fingerprint


def test_sheets_come_back_as_tables(framework: Framework) -> None:
    assert len(framework.table()) == len(framework)
    assert framework.table("targets").columns[0] == "kpi_id"
    with pytest.raises(UnknownCodeError, match="Did you mean 'targets'"):
        framework.table("target")
