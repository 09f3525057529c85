"""How comparisons are printed and drawn: what a reader must see stands there."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from begleitforschung.comparison import compare
from begleitforschung.regions import programme
from begleitforschung.tables import Indicator, indicators

MEANINGS = [
    Indicator(id="pop", title={"de": "Bevölkerung", "en": "Population"}, aggregation="sum"),
    Indicator(
        id="rate",
        title={"de": "Quote", "en": "Rate"},
        unit_of_measure="%",
        aggregation="mean",
        weight="pop",
        exposure="pop",
    ),
]


@pytest.fixture(scope="module")
def counties():
    units = programme.county_status()["unit"]
    frame = pd.DataFrame({"unit": units, "year": 2021, "pop": 100.0, "rate": np.arange(400) % 7})
    return indicators(frame, indicators=MEANINGS, gebietsstand="2021-12-31")


@pytest.fixture(scope="module")
def own_groups():
    frame = pd.DataFrame(
        {
            "unit": ["01001", "01002", "01003", "08421", "08111"],
            "year": 2021,
            "rate": [1.25, 2.0, 6.0, 4.0, math.nan],
        }
    )
    table = indicators(frame, indicators=MEANINGS, gebietsstand="2021-12-31")
    groups = {"01001": "A", "01002": "A", "01003": "A", "08421": "B", "08111": "B"}
    return compare(table, by=groups, against="rest")


def test_table_has_the_columns_of_the_field(own_groups):
    german = [column.label for column in own_groups.display("de").columns]
    assert german == [
        "Gruppe",
        "n",
        "fehlt",
        "Mittel",
        "Median",
        "unteres Quartil",
        "oberes Quartil",
        "gew. Mittel",
        "Std.-Abw.",
        "Differenz",
        "stand. Diff.",
    ]
    assert "Mean" in [column.label for column in own_groups.display("en").columns]


def test_numbers_are_printed_with_sign_and_rounded_half_up(own_groups):
    first = own_groups.display().formatted()[0]
    assert first[:5] == ["A", "3", "0", "3,1", "2,0"]
    assert first[9] == "−0,9"
    units = {column.key: column.unit for column in own_groups.display().columns}
    assert (units["mean"], units["difference"]) == ("%", "Prozentpunkte")


def test_small_groups_show_no_spread_and_say_so(own_groups):
    model = own_groups.display()
    second = list(model.cells())[1]
    shown = dict(zip([column.key for column in model.columns], second, strict=True))
    assert shown["mean"].value == 4.0
    for key in ("median", "q1", "q3", "sd"):
        assert shown[key].value is None
        assert shown[key].mark == "a"
    assert any(note.startswith("ᵃ") for note in model.notes)


def test_every_table_says_for_how_many_projects_the_figure_is_their_own(counties):
    for by in ("mpsc", "kreistyp", "staffel"):
        german = compare(counties, by=by, indicators="rate").display("de")
        assert german.notes[0] == "Ebene der Einheiten: Kreise und kreisfreie Städte."
        assert german.notes[1] == "Für 42 der 73 Projekte ist der Wert der eigene."
    english = compare(counties, by="mpsc", indicators="rate").display("en")
    assert english.notes[1].startswith("For 42 of the 73 projects")


def test_counties_kept_apart_are_marked(counties):
    model = compare(counties, by="mpsc", indicators="rate").display()
    heads = [row[0] for row in model.cells()]
    assert [head.mark for head in heads] == ["", "b", "", ""]
    assert heads[3].value == "Referenz: Selbst gefördert und Unberührt"
    note = next(line for line in model.notes if line.startswith("ᵇ"))
    assert "auf keiner Seite des Vergleichs" in note
    assert "nicht berechnet" in note
    assert any("S3-28" in line for line in model.notes)


def test_figures_of_surrounding_counties_are_marked(counties):
    model = compare(counties, by="staffel", indicators="rate", via="surrounding").display()
    marks = [row[1].mark for row in model.cells()][:3]
    assert all("d" in mark for mark in marks)
    assert any("30 Projekte mit dem Wert des umgebenden Kreises" in line for line in model.notes)


def test_several_indicators_and_years_get_their_columns(counties):
    frame = counties.to_frame().astype({"unit": "str", "indicator": "str", "status": "str"})
    both = pd.concat([frame, frame.assign(year=2022)])
    table = indicators(both, indicators=MEANINGS, gebietsstand="2021-12-31")
    model = compare(table, by="kreistyp").display()
    assert [column.key for column in model.columns][:3] == ["indicator", "group", "year"]
    assert len(model.rows) == 2 * 2 * (4 + 1)
    assert {row[0] for row in model.formatted()} == {"Bevölkerung", "Quote (%)"}


def test_units_below_the_least_exposure_are_mentioned(counties):
    model = compare(counties, by="kreistyp", indicators="rate", min_exposure=500).display()
    assert any(
        line.startswith("400 Einheiten liegen unter der Mindestgröße") for line in model.notes
    )


def test_source_line_names_publishers_and_own_calculation(counties):
    model = compare(counties, by="kreistyp", indicators="rate").display()
    assert "BBSR" in model.source
    assert "eigene Berechnung" in model.source


def test_figure_shows_groups_and_reference(counties):
    result = compare(counties, by="mpsc", indicators="rate")
    axes = result.figure().axes[0]
    labels = " ".join(label.get_text().replace("\n", " ") for label in axes.get_yticklabels())
    for words in ("Selbst gefördert", "n = 51", "n = 33", "n = 316"):
        assert words in labels
    assert "Quote 2021" in axes.get_xlabel()
    lines = compare(counties, by="mpsc", indicators="rate", against="rest").figure()
    assert len(lines.axes[0].lines) < len(axes.lines)  # no single reference


def test_alternative_text_says_what_the_figure_shows(counties):
    result = compare(counties, by="mpsc", indicators="rate")
    text = result.alt_text()
    assert "Quote 2021" in text
    assert "Selbst gefördert (n = 51, Median" in text
    assert "Funded themselves (n = 51, Median" in result.alt_text("en")


def test_notebooks_show_the_table(own_groups):
    assert "<table>" in own_groups._repr_html_()
