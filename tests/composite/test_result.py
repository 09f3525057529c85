"""Scores as they are printed and drawn, and what a report asks of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.composite import compose
from begleitforschung.errors import CompositeError, ReportError, UnknownCodeError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Purpose, Step

SPEC = IndexSpec(
    id="teilhabe",
    title={"de": "Teilhabe", "en": "Participation"},
    indicators=(
        IndicatorSpec(id="breitband", parent="netz", title="Breitband", unit="%"),
        IndicatorSpec(id="mobilfunk", parent="netz"),
        IndicatorSpec(id="wegezeit", parent="wege", direction="lower", unit="min"),
    ),
    nodes=(
        NodeSpec(id="netz", parent="teilhabe", title={"de": "Netze", "en": "Networks"}),
        NodeSpec(id="wege", parent="teilhabe", title="Wege"),
        NodeSpec(id="teilhabe"),
    ),
    steps=(Step("impute", "mean"), Step("normalise", "minmax"), Step("aggregate", "arithmetic")),
)
PURPOSE = Purpose(
    purpose="Vergleich der Teilhabe",
    not_for="Verteilung von Fördermitteln",
    model="formative",
    concerns="Kommunen",
)
FRAME = pd.DataFrame(
    {
        "breitband": [50.0, 90, 70, np.nan],
        "mobilfunk": [1.0, 4, 3, 2],
        "wegezeit": [30.0, 10, 20, 20],
        "kreistyp": ["A", "A", "B", "B"],
    },
    index=["W", "X", "Y", "Z"],
)
NAMES = {"W": "Wedel", "X": "Xanten"}


@pytest.fixture(scope="module")
def result():
    return compose(FRAME, SPEC, year=2021, names=NAMES)


def test_without_a_purpose_it_shows_at_the_desk_and_in_no_report(result):
    assert "index.purpose" in {item.rule for item in result.findings}
    assert result.display().rows
    options = {"title": "Teilhabe 2021", "source": "eigene Daten"}
    with pytest.raises(ReportError, match=r"does not say what it is for.*Purpose\("):
        bf.table(result, id="tab-teilhabe", **options)
    with pytest.raises(ReportError, match="does not say what it is for"):
        bf.figure(result, id="abb-teilhabe", **options)
    with pytest.raises(ReportError, match="does not say what it is for"):
        bf.text("Spitze: {best}", best="X", results=[result])


def test_with_a_purpose_it_stands_in_reports(capsys):
    result = compose(FRAME, SPEC.replace(purpose=PURPOSE), year=2021)
    assert "index.purpose" not in {item.rule for item in result.findings}
    pytest.importorskip("IPython")
    bf.table(result, id="tab-teilhabe", title="Teilhabe 2021", source="eigene Daten")
    shown = result.display().below()
    assert any("Nicht geeignet für: Verteilung von Fördermitteln" in line for line in shown)
    assert "Verteilung" in capsys.readouterr().out


def test_printed_table(result):
    model = result.display()
    text = model.to_text()
    assert [column.label for column in model.columns] == [
        "Einheit",
        "Rang",
        "Punktwert",
        "Netze",
        "Wege",
        "vorhandene Indikatoren",
    ]
    rows = model.formatted()
    assert rows[0] == ["Xanten (X)", "1", "100,0", "100,0", "100,0", "100"]
    assert [row[0] for row in rows] == ["Xanten (X)", "Y", "Z", "Wedel (W)"]
    marks = [[cell.mark for cell in row] for row in model.cells()]
    assert [row[2] for row in marks] == ["", "", "a", ""]
    assert "a: enthält ergänzte Werte." in text
    assert "3 Indikatoren, arithmetisches Mittel" in text


def test_printed_table_in_english(result):
    model = result.display("en")
    assert [column.label for column in model.columns][:4] == ["Unit", "Rank", "Score", "Networks"]
    assert "a: contains imputed values." in model.to_text()
    assert "arithmetic mean" in model.to_text()


def test_a_unit_without_score_stands_last_without_rank():
    spec = SPEC.without_step("impute").replace(coverage=1.0)
    model = compose(FRAME, spec, year=2021).display()
    assert model.formatted()[-1][:3] == ["Z", "–", "–"]


def test_wide_tables_and_their_levels(result):
    assert list(result.scores()) == ["teilhabe", "netz", "wege"]
    assert list(result.scores("index")) == ["teilhabe"]
    assert list(result.scores("all"))[3:] == ["breitband", "mobilfunk", "wegezeit"]
    with pytest.raises(UnknownCodeError, match="nodes"):
        result.scores("node")
    assert result.ranks(within="kreistyp")["teilhabe"].tolist() == [2, 1, 1, 2]
    with pytest.raises(UnknownCodeError, match="kreistyp"):
        result.ranks(within="kreistypen")


def test_units_without_a_group_have_no_rank_in_one(result):
    groups = {"lage": {"W": "A", "X": "A"}}
    found = compose(FRAME, SPEC, year=2021, groups=groups).ranks("index", within="lage")
    assert found["teilhabe"].isna().tolist() == [False, False, True, True]


def test_a_unit_and_its_places(result):
    summary = result.unit_summary("Y", lang="en").set_index("node")
    assert list(summary.index) == ["teilhabe", "netz", "wege"]
    assert summary.loc["netz", ["title", "rank", "of"]].tolist() == ["Networks", 2, 4]
    best = result.strengths("W", 1)
    assert best[["indicator", "rank", "of", "unit"]].to_numpy().tolist() == [
        ["breitband", 3, 3, "%"]
    ]
    assert result.weaknesses("X", 3)["rank"].tolist() == [1, 1, 1]
    with pytest.raises(UnknownCodeError, match="'V'"):
        result.strengths("V")
    with pytest.raises(UnknownCodeError, match="2020"):
        result.unit_summary("W", 2020)


def test_stages_and_contributions_by_name(result):
    assert result.stage("raw").shape == (4, 3)
    with pytest.raises(UnknownCodeError, match="normalise"):
        result.stage("normalize")
    with pytest.raises(UnknownCodeError, match="netz"):
        result.contributions("netze")
    assert list(result.contributions("netz")) == ["breitband", "mobilfunk"]


def test_contributions_name_the_nodes_they_can_not_pass():
    spec = SPEC.with_element("netz", aggregate="borda").replace(aggregate="topsis")
    with pytest.raises(CompositeError, match=r"teilhabe \(topsis\)"):
        compose(FRAME, spec, year=2021).contributions()


def test_treatments_say_what_was_decided():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {"breitband": np.exp(rng.normal(0, 2, 80)), "mobilfunk": rng.normal(0, 1, 80)},
        index=[f"u{number:02d}" for number in range(80)],
    )
    spec = SPEC.without("wege").before("normalise", Step("treat", Method("winsorise", winmax=3)))
    result = compose(frame, spec, year=2021)
    told = result.treatments.set_index("indicator")
    assert told.loc["mobilfunk", ["passes_before", "transforms"]].tolist() == [True, ""]
    assert not told.loc["breitband", "passes_before"]
    assert told.loc["breitband", "transforms"] == "log_ct"
    assert set(result.treated["indicator"]) == {"breitband"}
    assert len(result.treated) == 80
    assert compose(frame, SPEC.without("wege"), year=2021).treated.empty
    assert compose(frame, SPEC.without("wege"), year=2021).treatments.empty
