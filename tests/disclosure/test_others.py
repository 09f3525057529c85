"""Tests, models, scales, trends and comparisons: shown where enough units are behind them."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source
from begleitforschung.regions import programme
from begleitforschung.results.codes import CodeFrequencies
from begleitforschung.tables import Indicator, indicators

from .drawn import random_survey


def weighted(seed=1, n=90, inference="analytic"):
    survey = random_survey(seed, n, staffeln=2)
    return survey.with_design(bf.design(survey, population=400, inference=inference))


def in_wave(survey, wave):
    instrument = survey.codebook.instrument.model_copy(update={"wave": wave})
    return replace(survey, codebook=survey.codebook.model_copy(update={"instrument": instrument}))


RESULTS = {
    "significance": lambda s: bf.significance(s, "q1", "staffel"),
    "regression": lambda s: bf.regress(s, "q3", ["staffel", "q1"], as_numbers=["q1"]),
    "scale": lambda s: bf.scale(s, ["q1", "q2"]),
    "typology": lambda s: bf.typology(s, ["q1", "q2"], k=2, draws=5),
}


@pytest.mark.parametrize("name", RESULTS)
def test_what_many_are_behind_is_shown_without_answers(name):
    result = RESULTS[name](weighted())
    with pytest.raises(bf.DisclosureError, match="protect"):
        result.display()
    safe = bf.protect(result)
    assert safe.protected
    assert safe.protection.policy == "grouped"
    assert getattr(safe, "survey", None) is None or len(safe.survey) == 0
    shown = safe.table[result.table.columns]
    pd.testing.assert_frame_equal(shown, result.table, rtol=0.006, atol=0.005)
    assert safe.display("en").rows
    assert len(pickle.dumps(getattr(safe, "survey", None))) < 200_000
    if name == "scale":
        assert len(safe.survey) == len(safe.scores) == 0
    if name == "regression":
        assert safe.dropped.empty
    if name == "typology":
        figures = [safe.sizes["share"], safe.table["value"], safe.table["standardised"]]
        for values in figures:
            np.testing.assert_allclose(values, np.round(values, 2), atol=1e-12)


@pytest.mark.parametrize("name", ["significance", "regression"])
def test_few_units_are_refused_by_position(name):
    result = RESULTS[name](weighted(n=14))
    with pytest.raises(bf.DisclosureError, match=r"row \d|group \d|model") as error:
        bf.protect(result)
    assert "fewer than 10" in str(error.value)
    assert "Join groups" in str(error.value)


def test_a_model_with_as_many_predictors_as_cases_is_refused():
    survey = random_survey(2, 26, staffeln=2, laender=1)
    made = bf.regress(
        survey.with_design(bf.design(survey, population=99, inference="analytic")),
        "q3",
        ["staffel"],
    )
    bf.protect(made)
    tight = replace(made, table=made.table.assign(df=8.0))
    with pytest.raises(bf.DisclosureError, match="fewer than 10 residual degrees of freedom"):
        bf.protect(tight)
    flat = replace(made, table=made.table.assign(se=0.0))
    with pytest.raises(bf.DisclosureError, match="all gave one answer"):
        bf.protect(flat)


def test_changes_are_shown_for_all_together():
    waves = [in_wave(weighted(s, 60, "descriptive"), w) for s, w in ((1, "2023"), (2, "2025"))]
    made = bf.change(*waves, "q1", panel=False)
    counts = made.table[["count_before", "count_after"]].to_numpy(float)
    assert counts.min() >= 3
    assert bf.protect(made).display().rows


def coded(cases, group=""):
    table = pd.DataFrame({"group": group, "code": list("ab"), "parent": "", "depth": 0, "n": 30})
    table = table.assign(cases=cases, share=np.array(cases) / 30, passages=40)
    return CodeFrequencies(
        table=table.astype({"code": "str", "group": "str", "parent": "str"}),
        provenance=Provenance.of("read_codings", Source(publisher="eigene", title="Gespräche")),
        confidentiality="confidential",
        labels={"a": Text("Geld"), "b": Text("Personal")},
        n=30,
        passages=60,
        min_n=20,
    )


def test_frequencies_of_codes_are_shown_for_all_and_without_small_counts():
    assert bf.protect(coded([12, 3])).display().rows
    with pytest.raises(bf.DisclosureError, match="row 1, cases"):
        bf.protect(coded([12, 2]))
    with pytest.raises(bf.DisclosureError, match="row 0, cases"):
        bf.protect(coded([29, 5]))
    with pytest.raises(bf.DisclosureError, match="leave by= out"):
        bf.protect(coded([12, 4], ["", "Staffel 1"]))


def test_a_trend_is_hidden_wave_by_wave_as_its_estimates_are():
    waves = [
        in_wave(random_survey(s, 40, promise="anonym"), w) for s, w in ((3, "2023"), (4, "2025"))
    ]
    made = bf.trend(waves, "q2", by="staffel", waves=["2023", "2025"])
    safe = bf.protect(made)
    single = [bf.protect(bf.estimate(s, "q2", by="staffel")) for s in waves]
    both = pd.concat([part.table["suppressed"] for part in single], ignore_index=True)
    assert safe.table["suppressed"].tolist() == both.tolist()
    assert (both != "").any()
    hidden = safe.table["suppressed"] != ""
    assert safe.table.loc[hidden, ["estimate", "count"]].isna().to_numpy().all()
    assert sum(row.count(".") for row in safe.display().formatted()) == hidden.sum()
    assert "None" not in safe.alt_text(domain="0")
    assert all(len(part.survey) == 0 for part in safe.estimates)


def compared(values, against="all"):
    """Counties of three Laender, made confidential."""
    counties = programme.county_status()["unit"]
    units = [u for land in ("05", "09", "10") for u in counties if u.startswith(land)][
        : len(values)
    ]
    rate = Indicator(id="rate", title={"de": "Quote"}, aggregation="mean",
                     weight="pop", decimals=1)  # fmt: skip
    people = Indicator(id="pop", title={"de": "Bevölkerung"}, aggregation="sum")
    frame = pd.DataFrame({"unit": units, "year": 2021, "rate": values, "pop": 50_000.0})
    table = indicators(frame, indicators=(rate, people), gebietsstand="2021-12-31")
    made = bf.compare(table, by="bundesland", indicators="rate", against=against)
    return replace(made, confidentiality="confidential")


def draw(n):
    return np.round(np.random.default_rng(3).lognormal(3, 0.3, n), 1)


def counts():
    units = programme.county_status()["unit"]
    return {land: int(units.str.startswith(land).sum()) for land in ("05", "09", "10")}


def test_groups_of_a_comparison_keep_their_means_and_no_extremes():
    size = counts()
    made = compared(draw(size["05"] + size["09"]))
    safe = bf.protect(made)
    there = safe.table["n"] > 0
    assert (safe.table.loc[there, "suppressed"] == "hidden").all()
    pd.testing.assert_series_equal(safe.table["mean"], made.table["mean"])
    pd.testing.assert_series_equal(safe.table["difference"], made.table["difference"])
    assert safe.table[["min", "max"]].isna().to_numpy().all()
    assert safe.table.loc[there, "median"].notna().all()
    assert safe.members["value"].isna().all()
    assert safe.inputs.empty
    assert any("geheim gehalten" in note for note in safe.display().notes)
    assert safe.figure().axes
    assert "Punktwolken" not in safe.alt_text()


def test_a_small_group_takes_the_reference_along():
    size = counts()
    made = compared(draw(size["05"] + size["09"] + 3))
    table = bf.protect(made).table.set_index("group")
    small = table.index[table["n"].between(1, 4)]
    assert len(small) == 1
    assert table.loc[small, ["mean", "sd", "median"]].isna().to_numpy().all()
    assert table["reference_mean"].isna().all()
    assert table["difference"].isna().all()
    assert table["mean"].notna().sum() == 2


@pytest.mark.parametrize(
    ("position", "value"), [(0, 1e6), (slice(0, 52), 7.0)], ids=["dominant", "alike"]
)
def test_a_mean_that_tells_one_value_is_hidden(position, value):
    size = counts()
    values = draw(size["05"] + size["09"])
    values[position] = value
    table = bf.protect(compared(values)).table
    assert table.loc[table["n"] > 0, "mean"].isna().sum() == 1
    assert table["reference_mean"].isna().all()


def test_public_results_pass_and_other_kinds_are_refused():
    made = replace(compared(draw(60)), confidentiality="public")
    assert bf.protect(made) is made
    survey = weighted()
    audit = replace(bf.audit(bf.protect(bf.estimate(survey, "q1"))), protected=False)
    with pytest.raises(bf.DisclosureError, match="can't be protected"):
        bf.protect(replace(audit, confidentiality="confidential"))


def test_a_protected_model_keeps_no_digit_that_is_not_printed():
    result = RESULTS["regression"](weighted())
    safe = bf.protect(result)
    rows = safe.table["estimate"].notna()
    for estimate, error in safe.table.loc[rows, ["estimate", "se"]].itertuples(index=False):
        if estimate == 0:
            continue
        last = max(2 - np.floor(np.log10(abs(estimate))), 1 - np.floor(np.log10(error)))
        assert estimate == pytest.approx(round(estimate, int(last)), abs=1e-12)
    assert (safe.table.loc[rows, "estimate"] != result.table.loc[rows, "estimate"]).any()
    assert safe.table["n"].equals(result.table["n"])
