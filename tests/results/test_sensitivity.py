"""What readers see of a sensitivity analysis: tables, pictures, words, in both languages."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import sensitivity
from begleitforschung.errors import CompositeError, DisclosureError, ReportError, UnknownCodeError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec

SPEC = IndexSpec(
    id="netz",
    indicators=tuple(IndicatorSpec(id=name, parent="netz") for name in ("a", "b", "c")),
    nodes=(NodeSpec(id="netz", title="Netz"),),
)
VARY = {
    "weights": 0.5,
    "normalise": ["minmax", "zscore"],
    "netz.coverage": [0.0, 0.5],
}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    values = np.random.default_rng(1).normal(size=(12, 3))
    values[11] = np.nan, np.nan, 1.0
    return pd.DataFrame(values, columns=["a", "b", "c"], index=[f"U{k:02d}" for k in range(12)])


@pytest.fixture(scope="module")
def sampled(frame):
    names = {"U00": "Ahlen"}
    return sensitivity(frame, SPEC, vary=VARY, year=2024, n=64, top=(3, 5), names=names)


@pytest.fixture(scope="module")
def exact(frame):
    vary = {key: VARY[key] for key in ("normalise", "netz.coverage")}
    return sensitivity(frame, SPEC, vary=vary, year=2024)


def test_table_is_tidy_and_complete(sampled):
    assert list(sampled.table.columns) == [
        *("unit", "year", "score", "rank", "n", "mean", "median", "low", "high"),
        *("top_3", "top_5"),
    ]
    ranked = sampled.table[sampled.table["n"] > 0]
    assert (ranked["low"] <= ranked["median"]).all()
    assert (ranked["median"] <= ranked["high"]).all()
    assert (ranked["top_3"] <= ranked["top_5"]).all()
    assert sampled.table["top_3"].sum() == pytest.approx(3, abs=0.5)
    # A unit with one of three values is ranked in about half of the runs.
    last = sampled.table.set_index("unit").loc["U11"]
    assert last["n"] == pytest.approx(64, abs=8)


def test_ranks_printed_in_german_and_english(sampled):
    shown = sampled.display()
    assert [column.label for column in shown.columns] == [
        *("Einheit", "Rang", "Median", "Spanne"),
        *("unter den ersten 3", "unter den ersten 5"),
    ]
    assert "Ahlen" in [row[0] for row in shown.rows]
    assert [row[1] for row in shown.rows] == list(range(1, 13))
    notes = " ".join(shown.notes)
    assert "Stichprobe von 320 Läufen" in notes
    assert "Gewichte; Normierung; Netz: Mindestanteil" in notes
    assert "Spanne: mittlere 90\u00a0%" in notes
    english = sampled.display("en")
    assert english.columns[3].label == "Interval"
    assert "Sample of 320 runs" in " ".join(english.notes)


def test_indices_printed_by_their_size(sampled, exact):
    shown = sampled.indices_display()
    table = sampled.indices.sort_values("total", ascending=False)
    assert [row[0] for row in shown.rows] == [sampled.label(c) for c in table["choice"]]
    keys = [column.key for column in shown.columns]
    assert keys == ["choice", "first", "first_interval", "total", "total_interval"]
    plain = exact.indices_display("en")
    assert [column.key for column in plain.columns] == ["choice", "first", "total"]
    assert "All 4 combinations of the choices" in " ".join(plain.notes)
    assert "Alle 4 Kombinationen" in " ".join(exact.indices_display().notes)


def test_pictures_and_their_words(sampled):
    axes = sampled.figure().axes[0]
    labels = [tick.get_text() for tick in axes.get_yticklabels()]
    assert "Ahlen" in labels
    assert len(labels) == 12
    some = sampled.figure(units=["U00", "U05"], highlight=["U00"])
    assert len(some.axes[0].get_yticklabels()) == 2
    bars = sampled.figure("en", kind="indices").axes[0]
    totals = sorted(sampled.indices["total"])
    ends = [patch.get_x() + patch.get_width() for patch in bars.patches]
    assert sorted(ends)[-1] == pytest.approx(totals[-1])
    assert "12 Einheiten über 128 Läufe" in sampled.alt_text()
    assert "Widest:" in sampled.alt_text("en")
    assert "Gewichte" in sampled.alt_text(kind="indices")


def test_unknown_figures_and_units_are_named(sampled):
    with pytest.raises(UnknownCodeError, match="Did you mean 'ranks'"):
        sampled.figure(kind="rank")
    for call in (sampled.figure, sampled.alt_text):
        with pytest.raises(UnknownCodeError, match="U99"):
            call(units=["U99"])
    for call in (
        sampled.dominance,
        sampled.rank_probabilities,
        lambda u: sampled.unit_indices(units=u),
    ):
        with pytest.raises(UnknownCodeError, match="U99"):
            call(["U99"])


def test_many_units_are_not_squeezed_into_one_figure():
    values = np.random.default_rng(1).normal(size=(61, 3))
    frame = pd.DataFrame(values, columns=["a", "b", "c"], index=[f"U{k:02d}" for k in range(61)])
    found = sensitivity(frame, SPEC, vary={"normalise": ["minmax", "zscore"]}, year=2024)
    with pytest.raises(ReportError, match="name up to 60"):
        found.figure()
    assert found.figure(units=["U07"]) is not None


def test_tables_of_all_pairs_have_a_limit(sampled, monkeypatch):
    monkeypatch.setattr("begleitforschung.results.sensitivity.MOST_PAIRS", 5)
    with pytest.raises(CompositeError, match="144 numbers"):
        sampled.dominance()
    assert sampled.dominance(["U00", "U01"]).shape == (2, 2)


def test_bootstrap_intervals_of_each_unit_can_be_left_out(sampled):
    with_intervals = sampled.unit_indices(units=["U00"])
    without = sampled.unit_indices(units=["U00"], intervals=False)
    assert with_intervals["total_low"].notna().all()
    assert without["total_low"].isna().all()
    pd.testing.assert_series_equal(with_intervals["total"], without["total"])


def test_nothing_confidential_is_shown(sampled):
    secret = dataclasses.replace(sampled, confidentiality="confidential")
    for call in (secret.display, secret.indices_display, secret.figure, secret.alt_text):
        with pytest.raises(DisclosureError):
            call()


def test_specification_and_provenance_say_what_was_done(sampled):
    vary = sampled.specification["vary"]
    assert vary["normalise"] == {"alternatives": ["minmax", "zscore"]}
    assert vary["weights"]["spread"] == 0.5
    assert sampled.specification["n"] == 64
    assert sampled.provenance.operation == "sensitivity"
    assert sampled.runs.shape == (320, 4)
