"""KPIs of the SDG framework: published values, units of measure, reasons, coverage, origin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from begleitforschung.catalogue import Label
from begleitforschung.errors import FrameworkError, UnknownCodeError, ValidationError
from begleitforschung.frameworks import Acceptance, Framework, load_framework
from begleitforschung.kpis import compute_kpis
from begleitforschung.results.kpi import reasons
from begleitforschung.tables import Indicator, IndicatorTable, indicators

PANEL = {
    "share_no_degree": ("16011", "%"),
    "childcare_under3": ("16012", "%"),
    "gdp_per_capita": ("14205", "1.000 € je Einwohner"),
    "rent_level": ("16028", "€/m²"),
    "living_space_per_capita": ("16029", "m² je Einwohner"),
    "cars_per_capita": ("16031", "je 1.000 Einwohner"),
}


@pytest.fixture(scope="module")
def sdg() -> Framework:
    return load_framework("sdg_kommunen")


@pytest.fixture(scope="module")
def panel(shared: Path) -> IndicatorTable:
    file = shared / "data" / "panels" / "inkar_kreis_panel_1995_2022.csv"
    frame = pd.read_csv(file, dtype={"county_code": str})
    names = {name: key for name, (key, _) in PANEL.items()}
    wide = frame[["county_code", "year", *names]].rename(columns=names)
    meanings = [
        Indicator(id=key, title=Label(de=key), unit_of_measure=unit) for key, unit in PANEL.values()
    ]
    return indicators(wide, indicators=meanings, gebietsstand="2021-12-31")


def wide(values: dict[str, object], **units: str) -> IndicatorTable:
    frame = pd.DataFrame({"unit": ["08421", "09761"], "year": 2021, **values})
    meanings = [
        Indicator(id=name, title=Label(de=name), unit_of_measure=units.get("unit_" + name, ""))
        for name in values
    ]
    return indicators(frame, indicators=meanings)


def test_the_county_panel_feeds_six_of_43(panel: IndicatorTable, sdg: Framework) -> None:
    result = compute_kpis(panel, sdg)
    assert result.fed == ("16011", "16012", "16018", "16028", "16029", "16031")
    assert len(result.table) == 43 * 400 * 28
    unfed = result.coverage[~result.coverage["fed"]]
    assert len(unfed) == 37
    assert set(unfed["reason"]) <= {"variable_missing", "published_missing"}
    assert unfed["text"].notna().all()


def test_gdp_in_thousand_euro_becomes_euro(panel: IndicatorTable, sdg: Framework) -> None:
    result = compute_kpis(panel, sdg)
    kiel = result.select("16018", units="01002", years=2019).iloc[0]
    raw = panel.select(units="01002", years=2019, indicators="14205").data["value"].iloc[0]
    assert kiel["value"] == pytest.approx(raw * 1000)
    assert 20_000 < kiel["value"] < 100_000
    assert result.coverage.set_index("code").loc["16018", "factor"] == 1000


def test_the_unit_of_measure_of_the_table_decides_the_scale(sdg: Framework) -> None:
    values = {"16018": [41.5, 52.0]}
    thousand = compute_kpis(wide(values, unit_16018="1.000 € je Einwohner"), sdg)
    assert thousand.select("16018")["value"].to_list() == [41500, 52000]
    euro = compute_kpis(wide(values, unit_16018="€ je Einwohner"), sdg)
    assert euro.select("16018")["value"].to_list() == [41.5, 52.0]


def test_an_unknown_unit_is_refused_and_a_missing_one_is_remarked(sdg: Framework) -> None:
    odd = compute_kpis(wide({"16018": [1.0, 2.0]}, unit_16018="Taler je Kopf"), sdg)
    assert odd.fed == ()
    assert odd.coverage.set_index("code").loc["16018", "reason"] == "unit_mismatch"
    assert set(odd.select("16018")["reason"]) == {"unit_mismatch"}
    assert [item.rule for item in odd.findings] == ["kpis.unit_mismatch"]
    silent = compute_kpis(wide({"16018": [1.0, 2.0]}), sdg)
    assert silent.fed == ("16018",)
    assert [item.rule for item in silent.findings] == ["kpis.unit_assumed"]


def test_published_values_know_file_and_row(sdg: Framework) -> None:
    frame = pd.DataFrame(
        {
            "unit": ["08421", "09761"],
            "year": 2021,
            "indicator": "16031",
            "value": [520.1, np.nan],
            "status": ["preliminary", "unknown"],
            "file": "kreise.csv",
            "row": [17, 4],
        }
    )
    result = compute_kpis(frame, sdg)
    first, second = result.select("16031").itertuples()
    assert (first.value, first.status, first.origin) == (520.1, "preliminary", "published")
    assert (first.file, first.row, first.level) == ("kreise.csv", 17, "kreis")
    assert (second.status, second.reason) == ("unknown", "suppressed")
    assert pd.isna(second.origin)
    assert result.trace("08421", 2021, "16031")["row"].to_list() == [17]


def test_units_and_years_asked_for_are_all_answered(sdg: Framework) -> None:
    table = wide({"16031": [520.1, 488.3]})
    result = compute_kpis(table, sdg, units=["08421", "01001"], years=[2020, 2021])
    rows = result.select("16031").set_index(["unit", "year"])
    assert rows.loc[("08421", 2021), "value"] == 520.1
    assert rows.loc[("08421", 2020), "reason"] == "not_in_year"
    assert set(rows.loc["01001", "reason"]) == {"unit_not_covered"}
    one = compute_kpis(table, sdg, units="08421", years=2021)
    assert one.select("16031")["value"].to_list() == [520.1]
    later = compute_kpis(table, sdg, years=[2021, 2030]).select("16031")
    assert later.groupby("year")["value"].count().to_dict() == {2021: 2, 2030: 0}
    assert set(later.loc[later["year"] == 2030, "reason"]) == {"not_in_year"}
    with pytest.raises(ValidationError, match="can't be asked for"):
        compute_kpis(table, sdg, units=["8421"])


def test_something_related_is_taken_on_request_only_and_marked() -> None:
    u4ssc = load_framework("u4ssc")
    table = wide({"16032": [2.5, 3.5], "17238": [80.0, 81.0]}, unit_16032="%")
    plain = compute_kpis(table, u4ssc).coverage.set_index("code")["reason"]
    assert plain["EC: I: T: 8A"] == "proxy_not_asked"
    assert plain["SC: EH: H: 1C"] == "level_mismatch"
    assert plain["EC: ICT: ICT: 1C"] == "no_mapping"
    asked = compute_kpis(table, u4ssc, proxies=["EC: I: T: 8A", "SC: EH: H: 1C"])
    assert asked.fed == ("EC: I: T: 8A",)
    assert set(asked.select("EC: I: T: 8A")["origin"]) == {"proxy"}


def test_scales_of_the_catalogues_hold() -> None:
    table = wide({"8102": [20.0, 21.0], "8101": [6.0, 7.0], "13201": [500.0, 600.0]})
    u4ssc = compute_kpis(table, "u4ssc")
    assert u4ssc.select("SC: EH: H: 3C")["value"].to_list() == [200, 210]
    assert u4ssc.select("SC: EH: H: 4A")["value"].to_list() == [600, 700]
    iso = compute_kpis(table, "iso37120_2014")
    assert iso.select("18.4")["value"].to_list() == [0.5, 0.6]


def test_a_related_value_without_known_scale_is_refused() -> None:
    table = wide({"16037": [30.0, 40.0]}, unit_16037="m² je Einwohner")
    green = compute_kpis(table, "u4ssc", proxies=["EN: EN: PSN: 1C"])
    assert green.coverage.set_index("code").loc["EN: EN: PSN: 1C", "reason"] == "unit_mismatch"
    iso = compute_kpis(table, "iso37120_2014", proxies=["19.1"])
    assert iso.select("19.1")["value"].to_list() == [300, 400]


def test_the_first_mapping_wins_and_series_are_not_mixed(sdg: Framework) -> None:
    result = compute_kpis(wide({"5213": [1.0, 2.0], "16011": [5.0, np.nan]}), sdg)
    assert result.coverage.set_index("code").loc["16011", "indicator"] == "16011"
    assert result.select("16011")["value"].isna().to_list() == [False, True]


def test_formulas_inherit_the_gravest_status_of_their_inputs(sdg: Framework) -> None:
    frame = pd.DataFrame(
        {
            "unit": ["08421"] * 2 + ["09761"] * 2,
            "year": 2021,
            "indicator": ["pkw", "einwohner"] * 2,
            "value": [50.0, 100.0, 60.0, 100.0],
            "status": ["preliminary", "estimated", "normal", "normal"],
        }
    )
    rows = compute_kpis(frame, sdg).select("16031")
    assert rows["status"].to_list() == ["estimated", "normal"]
    assert rows["value"].to_list() == [500, 600]


def test_units_of_variables_are_converted(sdg: Framework) -> None:
    table = wide({"bip_eur": [2.0, 4.0], "einwohner": [50.0, 80.0]}, unit_bip_eur="Mio. €")
    assert compute_kpis(table, sdg).select("16018")["value"].to_list() == [40_000, 50_000]
    refused = wide({"bip_eur": [2.0, 4.0], "einwohner": [50.0, 80.0]}, unit_bip_eur="ha")
    assert compute_kpis(refused, sdg).coverage.set_index("code")["reason"]["16018"] == (
        "unit_mismatch"
    )


def test_several_dates_in_one_year_are_refused(sdg: Framework) -> None:
    frame = pd.DataFrame(
        {
            "unit": "08421",
            "year": 2021,
            "indicator": "16031",
            "value": [1.0, 2.0],
            "date": ["2021-06-30", "2021-12-31"],
        }
    )
    with pytest.raises(ValidationError, match="several dates"):
        compute_kpis(frame, sdg)


def test_names_are_checked_first(sdg: Framework) -> None:
    table = wide({"16031": [1.0, 2.0]})
    with pytest.raises(UnknownCodeError, match="Did you mean 'inkar'"):
        compute_kpis(table, sdg, mapping="inkaar")
    with pytest.raises(UnknownCodeError, match="16099"):
        compute_kpis(table, sdg, proxies=["16099"])
    with pytest.raises(UnknownCodeError, match="1603"):
        compute_kpis(table, sdg).select("1603")


def test_equal_inputs_have_equal_prints_and_every_choice_changes_them(sdg: Framework) -> None:
    table = wide({"16031": [1.0, 2.0]})
    who = {"16018": Acceptance(name="A. Muster", reason="Ziel")}
    untargeted = tuple(k.model_copy(update={"polarity": "none"}) for k in sdg)
    variants = [
        compute_kpis(table, sdg),
        compute_kpis(table, sdg, mapping="wegweiser"),
        compute_kpis(table, sdg, units=["08421"]),
        compute_kpis(table, sdg, years=[2021]),
        compute_kpis(table, sdg, proxies=["16001"]),
        compute_kpis(table, sdg, accept_polarity=who),
        compute_kpis(table, replace(sdg, targets=(), kpis=untargeted)),
    ]
    prints = [item.provenance.fingerprint for item in variants]
    assert prints[0] == compute_kpis(table, sdg).provenance.fingerprint
    assert len(set(prints)) == len(prints)


def test_accepted_polarities_are_recorded(sdg: Framework) -> None:
    table = wide({"16031": [1.0, 2.0]})
    who = {"16018": Acceptance(name="A. Muster", reason="Ziel der Wirtschaftsförderung")}
    result = compute_kpis(table, sdg, accept_polarity=who)
    row = result.polarity.set_index("code").loc["16018"]
    assert (row["scored"], row["accepted_by"]) == (True, "A. Muster")
    assert "A. Muster" in str(result.provenance.to_dict())
    with pytest.raises(FrameworkError, match="no effect on: SDGK-16029"):
        compute_kpis(table, sdg, accept_polarity={"16029": who["16018"]})


def test_the_result_shows_itself(sdg: Framework) -> None:
    result = compute_kpis(wide({"16031": [520.1, 488.3]}), sdg)
    html = result._repr_html_()
    assert "Pkw-Dichte" in html
    assert "1 von 43 KPI" in html
    assert "Pkw-Dichte" in result.alt_text()
    assert "Passenger-car density" in result.alt_text("en")


def test_reasons_are_told_in_both_languages(sdg: Framework) -> None:
    result = compute_kpis(wide({"16031": [520.1, 488.3]}), sdg)
    for code in reasons():
        assert result.reason(code).de != result.reason(code).en
    with pytest.raises(UnknownCodeError):
        result.reason("weil")


def test_the_shipped_example_feeds_six_once_its_unit_is_corrected(
    repo: Path, sdg: Framework
) -> None:
    from begleitforschung.loaders import read_indicators

    table = read_indicators(repo / "data" / "raw" / "inkar" / "ausgabe_unbekannt" / "kreise.csv")
    wrong = compute_kpis(table, sdg)
    assert "16018" not in wrong.fed
    assert [item.rule for item in wrong.findings] == ["kpis.unit_mismatch"]
    unit = {"unit_of_measure": "1.000 € je Einwohner"}
    corrected = table.describe(table.indicator("14205").model_copy(update=unit))
    result = compute_kpis(corrected, sdg)
    assert result.fed == ("16011", "16012", "16018", "16028", "16029", "16031")
    assert result.findings == ()
    rows = result.table[result.table["value"].notna()]
    assert (rows["row"] >= 2).all()
    assert set(rows["file"]) == {"kreise.csv"}
