"""Figures of any kind: official tables, KPI results, wide frames of any units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.errors import (
    CompositeError,
    DisclosureError,
    UnknownCodeError,
    ValidationError,
)
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec, Step, load_framework
from begleitforschung.kpis import compute_kpis
from begleitforschung.provenance import Source
from begleitforschung.tables import Indicator, indicators

SPEC = IndexSpec(
    id="netz",
    indicators=(
        IndicatorSpec(id="breitband", parent="netz"),
        IndicatorSpec(id="ausfall", parent="netz", direction="lower"),
    ),
    nodes=(NodeSpec(id="netz"),),
)
WIDE = pd.DataFrame(
    {
        "unit": ["09761", "08421", "05315", "09761", "08421", "05315"],
        "year": [2021, 2021, 2021, 2020, 2020, 2020],
        "breitband": [80.0, 60, 90, 70, 50, 80],
        "ausfall": [3.0, 5, 1, 4, 6, np.nan],
        "bevoelkerung": [100.0, 200, 300, 100, 200, 300],
    }
)
SOURCE = Source(publisher="Amt", title="Netze", file="netze.csv", licence="dl-de/by-2-0")


@pytest.fixture(scope="module")
def table():
    tidy = WIDE.melt(["unit", "year"], var_name="indicator", value_name="value")
    tidy["row"] = np.arange(len(tidy)) + 2
    tidy["file"] = "netze.csv"
    return indicators(tidy, gebietsstand="2021-12-31", source=SOURCE)


def test_a_wide_frame_and_a_table_give_the_same(table):
    first = compose(WIDE, SPEC).scores().sort_index()
    second = compose(table, SPEC).scores().sort_index()
    pd.testing.assert_frame_equal(first, second)
    assert compose(table, SPEC).years == (2020, 2021)


@pytest.mark.parametrize(
    "turn",
    [
        lambda f: f.set_index(["unit", "year"]),
        lambda f: f.set_index("unit"),
        lambda f: f.rename(columns={"unit": "ags", "year": "jahr"}),
        lambda f: f.melt(["unit", "year"], var_name="indicator", value_name="value"),
        lambda f: f.convert_dtypes(),
    ],
)
def test_any_form_of_a_frame(turn):
    first = compose(WIDE, SPEC).scores().sort_index()
    pd.testing.assert_frame_equal(compose(turn(WIDE), SPEC).scores().sort_index(), first)


def test_a_frame_without_years_needs_one():
    frame = WIDE[WIDE["year"] == 2021].set_index("unit").drop(columns="year")
    assert compose(frame, SPEC, year=2021).years == (2021,)
    with pytest.raises(ValidationError, match="year="):
        compose(frame, SPEC)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (WIDE.drop(columns="unit"), "has no units"),
        (WIDE.assign(unit=range(6)), "holds numbers"),
        (WIDE.assign(year="2021"), "whole numbers"),
        (WIDE.assign(breitband="viel"), "hold texts: breitband"),
        (WIDE.assign(unit=[None, *WIDE["unit"][1:]]), "without a unit"),
        (pd.concat([WIDE, WIDE.head(1)]), "09761 / 2021 stands in several rows"),
        ([1, 2], "not as list"),
    ],
)
def test_ambiguous_frames_are_refused(frame, words):
    with pytest.raises(ValidationError, match=words):
        compose(frame, SPEC)


def test_unknown_indicators_are_answered_with_the_nearest(table):
    spec = SPEC.replace(indicators=(IndicatorSpec(id="breitbnad", parent="netz"),))
    for data in (WIDE, table):
        with pytest.raises(UnknownCodeError, match="Did you mean 'breitband'"):
            compose(data, spec)


def test_levels_are_not_mixed():
    mixed = indicators(pd.concat([WIDE, WIDE.assign(unit=WIDE["unit"].str[:2])]))
    with pytest.raises(CompositeError, match=r"kreis, land.*select\(level="):
        compose(mixed, SPEC)
    assert len(compose(mixed.select(level="kreis"), SPEC).units) == 3


def test_several_dates_in_a_year_are_refused():
    tidy = WIDE.melt(["unit", "year"], var_name="indicator", value_name="value")
    dated = pd.concat([tidy.assign(date="2021-01-01"), tidy.assign(date="2021-12-31")])
    with pytest.raises(ValidationError, match="several dates of 'breitband'"):
        compose(indicators(dated), SPEC)


def test_figures_that_were_imputed_before_are_marked():
    tidy = WIDE.melt(["unit", "year"], var_name="indicator", value_name="value")
    tidy["status"] = "normal"
    tidy.loc[tidy["value"].isna(), "status"] = "missing"
    here = (tidy["unit"] == "08421") & (tidy["year"] == 2021) & (tidy["indicator"] == "ausfall")
    tidy.loc[here, "status"] = "imputed"
    result = compose(indicators(tidy), SPEC)
    assert result.marks[["unit", "year", "indicator"]].to_numpy().tolist() == [
        ["08421", 2021, "ausfall"]
    ]
    shares = result.table.set_index(["unit", "year"])["imputed"]
    assert shares[("08421", 2021)] == 0.5
    assert shares.drop(("08421", 2021)).eq(0).all()


def test_another_direction_than_that_of_the_table_is_remarked(table):
    meaning = Indicator(id="ausfall", title="Ausfälle", direction="higher")
    rules = {item.rule: item for item in compose(table.describe(meaning), SPEC).findings}
    assert rules["index.direction"].key == "ausfall"
    assert "index.direction" not in {item.rule for item in compose(table, SPEC).findings}


def test_a_year_without_an_indicator_is_remarked():
    gaps = WIDE.copy()
    gaps.loc[gaps["year"] == 2020, "ausfall"] = np.nan
    result = compose(gaps, SPEC)
    found = [item for item in result.findings if item.rule == "index.year_without_indicator"]
    assert [(item.column, item.key) for item in found] == [("ausfall", "2020")]
    assert result.scores().notna().all(axis=None)


def test_territorial_units_have_their_official_names(table):
    assert compose(table, SPEC).names["08421"] == "Ulm, Stadtkreis"
    assert compose(table, SPEC, names={"08421": "Ulm"}).names == {"08421": "Ulm"}
    assert compose(WIDE, SPEC).names == {}
    assert compose(table, SPEC).summary(2021)["name"].str.len().min() > 0


def test_years_may_come_from_numpy(table):
    assert compose(table, SPEC, year=np.int64(2021)).years == (2021,)
    assert compose(table, SPEC, year=np.array([2021, 2020])).years == (2020, 2021)


def test_traces_lead_to_the_raw_rows(table):
    result = compose(table, SPEC, year=2021)
    trace = result.trace("08421")
    assert trace[["indicator", "value"]].to_numpy().tolist() == [["breitband", 60], ["ausfall", 5]]
    assert set(trace["file"]) == {"netze.csv"}
    rows = table.data.set_index(["unit", "year", "indicator"])["row"]
    for item in trace.itertuples():
        assert rows[(item.unit, item.year, item.indicator)] == item.row
    assert len(result.trace()) == 6
    assert [source.publisher for source in result.sources()] == ["Amt"]


def test_traces_hold_denominators(table):
    spec = SPEC.before("normalise", Step("denominate", "ratio"))
    spec = spec.with_element("ausfall", denominator="bevoelkerung")
    trace = compose(table, spec, year=2021).trace("08421")
    assert set(trace["indicator"]) == {"breitband", "ausfall", "bevoelkerung"}


def test_traces_of_a_frame_hold_its_values():
    trace = compose(WIDE, SPEC).trace("05315", 2020)
    assert trace[["indicator", "value", "row"]].to_numpy().tolist() == [["breitband", 80, 0]]


def test_provenance_covers_figures_and_specification(table):
    first = compose(table, SPEC)
    assert first.provenance.fingerprint == compose(table, SPEC).provenance.fingerprint
    other = compose(table, SPEC.replace(aggregate="minimum"))
    assert other.provenance.fingerprint != first.provenance.fingerprint
    changed = WIDE.assign(breitband=WIDE["breitband"] ** 2)
    frames = {compose(frame, SPEC).provenance.fingerprint for frame in (WIDE, changed)}
    assert len(frames) == 2
    assert first.specification["id"] == "netz"
    steps = [step.operation for step in first.provenance.steps()]
    assert steps[-1] == "compose"


def test_confidential_figures_make_a_confidential_index(table):
    node = table.provenance.then("read", confidentiality="confidential")
    result = compose(replace(table, provenance=node), SPEC)
    assert result.confidentiality == "confidential"
    with pytest.raises(DisclosureError):
        result.display()


@pytest.fixture(scope="module")
def framework():
    return load_framework("sdg_kommunen")


def test_an_index_of_a_framework_and_its_kpis(framework):
    spec = IndexSpec.of_framework(framework)
    scored = [item.id for item in spec.indicators]
    rng = np.random.default_rng(1)
    units = ["01001", "01002", "01003", "01004"]
    frame = pd.DataFrame(rng.uniform(1, 9, (4, len(scored))), columns=scored).assign(
        unit=units, year=2021
    )
    frame.columns = [framework[c].code if c in framework else c for c in frame]
    kpis = compute_kpis(frame, framework)
    result = compose(kpis, spec.without(*[s for s in scored if framework[s].code not in kpis.fed]))
    assert len(result.units) == 4
    trace = result.trace("01002")
    assert set(trace["kpi"]) == {item.id for item in result.spec.indicators}
    assert result.sources() == kpis.sources()


def test_a_framework_may_stand_for_its_index() -> None:
    framework = load_framework("sdg_kommunen")
    spec = IndexSpec.of_framework(framework)
    rng = np.random.default_rng(4)
    columns = {item.id: rng.random(5) + 1 for item in spec.indicators}
    frame = pd.DataFrame(columns, index=list("ABCDE"))
    found = compose(frame, framework, year=2023)
    assert found.spec.fingerprint == spec.fingerprint
    pd.testing.assert_frame_equal(found.table, compose(frame, spec, year=2023).table)
