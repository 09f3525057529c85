"""Method sheets count by hand what became of the figures, and say it in both languages."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.errors import Finding
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step
from begleitforschung.language import Text
from begleitforschung.provenance import Source
from begleitforschung.reports.index_changes import (
    changes_table,
    data_lines,
    remark_lines,
    sources_table,
    transforms_words,
)
from begleitforschung.reports.index_structure import method_notes
from begleitforschung.reports.method_sheets import method_sheet
from begleitforschung.results.composite import CompositeResult

SPEC = IndexSpec(
    id="lage",
    title={"de": "Lage", "en": "Situation"},
    indicators=(
        IndicatorSpec(id="netz", parent="lage", weight=3, title={"de": "Netz", "en": "Network"}),
        IndicatorSpec(id="weg", parent="lage", direction="lower", title={"de": "Weg", "en": "Way"}),
        IndicatorSpec(id="bus", parent="lage", weight=0, title="Bus"),
    ),
    nodes=(NodeSpec(id="lage", title={"de": "Lage", "en": "Situation"}),),
    steps=(
        Step("screen", Method("coverage", min_share=0.5)),
        Step("impute", "mean"),
        Step("normalise", "minmax", years="pooled"),
        Step("aggregate", "arithmetic"),
    ),
)
# D has one value of three in 2020 and is dropped there; A lacks one in each year.
FRAME = pd.DataFrame(
    {
        "unit": list("ABCD") * 2,
        "year": [2020] * 4 + [2021] * 4,
        "netz": [np.nan, 1.0, 2, np.nan, np.nan, 3, 5, 7],
        "weg": [4.0, 3, 2, np.nan, 1, 2, 3, 4],
        "bus": [1.0, 2, 3, 4, 1, 2, 3, 4],
    }
)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.fixture(scope="module")
def result() -> CompositeResult:
    return compose(FRAME, SPEC, names={"D": "Dorf"})


LINES = {
    "de": [
        "4 Einheiten, 2020–2021; 7 Zeilen mit je 3 Indikatoren.",
        "Von 21 Werten sind 2 (9,5 %) ergänzt, 0 (0,0 %) gekappt, 0 (0,0 %) transformiert; "
        "0 (0,0 %) fehlen bis zum Schluss.",
        "Ausgeschlossen (in mindestens einem Jahr): 1 – Dorf (D).",
    ],
    "en": [
        "4 units, 2020–2021; 7 rows of 3 indicators.",
        "Of 21 values, 2 (9.5%) are imputed, 0 (0.0%) winsorised, 0 (0.0%) transformed; "
        "0 (0.0%) are missing to the end.",
        "Dropped (in at least one year): 1 – Dorf (D).",
    ],
}


@pytest.mark.parametrize("lang", ["de", "en"])
def test_what_came_in_and_what_became_of_it(result, lang):
    assert [plain(line) for line in data_lines(result, lang)] == LINES[lang]


@pytest.mark.parametrize(
    ("lang", "head", "title"),
    [
        ("de", ["Indikator", "ergänzt", "gekappt", "transformiert"], "Netz"),
        ("en", ["Indicator", "imputed", "winsorised", "transformed"], "Network"),
    ],
)
def test_only_indicators_with_changed_values_are_listed(result, lang, head, title):
    model = changes_table(result, lang)
    assert [column.label for column in model.columns] == head
    assert model.formatted() == [[title, "2", "0", "0"]]


def test_values_that_stay_missing_and_a_single_year_are_said():
    found = compose(FRAME[FRAME["year"] == 2021], SPEC.without_step("impute"))
    first, second, third = map(plain, data_lines(found, "de"))
    assert first == "4 Einheiten, 2021; 4 Zeilen mit je 3 Indikatoren."
    assert second.endswith("1 (8,3 %) fehlen bis zum Schluss.")
    assert third == "Keine Einheit wurde ausgeschlossen."
    assert data_lines(found, "en")[-1] == "No unit was dropped."
    assert changes_table(found, "de") is None


def test_more_than_forty_dropped_units_are_counted_not_listed():
    n = 45
    frame = pd.DataFrame({"netz": [1.0, 2, *[np.nan] * n], "weg": [1.0, 2, *[np.nan] * n],
                          "bus": np.arange(n + 2.0)},
                         index=[f"u{k:02d}" for k in range(n + 2)])  # fmt: skip
    found = compose(frame, SPEC, year=2020)
    german, english = (data_lines(found, lang)[-1] for lang in ("de", "en"))
    assert german.startswith("Ausgeschlossen (in mindestens einem Jahr): 45 – u02, u03")
    assert german.endswith("u41 und 5 weitere.")
    assert english.endswith("u41 and 5 more.")


def test_outliers_are_told_with_skewness_before_and_after():
    values = [*np.linspace(1, 2, 18), 90.0, 95.0]
    frame = pd.DataFrame({"netz": values, "weg": np.linspace(5, 9, 20), "bus": 1.0})
    frame["bus"] = frame["weg"]
    frame.index = pd.Index([f"u{k:02d}" for k in range(20)])
    spec = SPEC.without_step("screen", "impute").before(
        "normalise", Step("treat", Method("winsorise", winmax=2))
    )
    found = compose(frame, spec, year=2020)
    model = changes_table(found, "de")
    assert [column.label for column in model.columns][4:6] == ["Schiefe vorher", "Schiefe nachher"]
    (row,) = model.formatted()
    assert row[:4] == ["Netz", "0", "2", "0"]
    assert float(row[4].replace(",", ".")) == pytest.approx(pd.Series(values).skew(), abs=0.01)
    after = pd.Series([*values[:18], values[17], values[17]])
    assert float(row[5].replace(",", ".").replace("−", "-")) == pytest.approx(
        after.skew(), abs=0.01
    )
    assert not model.notes
    two = pd.concat([frame.assign(year=year, unit=frame.index) for year in (2020, 2021)])
    note = changes_table(compose(two.reset_index(drop=True), spec), "en").notes[0]
    assert note == (
        "Skewness is that of the last year; that of the others is in the workbook, "
        "sheet 'Outliers'."
    )


def test_transformations_are_called_by_their_labels_once():
    assert transforms_words("log,log, ,log", "de") == "Logarithmus"
    assert transforms_words("log,eigen", "de") == "Logarithmus, eigen"
    assert transforms_words("", "en") == ""


SOURCE = Source(
    publisher="Amt", title="Tabelle", edition="2023", retrieved="2026-11-02", licence="CC0",
    gebietsstand="unknown", file="a.csv", changes="Auswahl",
)  # fmt: skip


def test_sources_stand_in_the_dates_of_the_language_and_empty_columns_are_left_out():
    model = sources_table((SOURCE,), "de")
    assert [column.key for column in model.columns] == [
        *("title", "publisher", "edition", "retrieved", "licence", "file", "changes")
    ]
    assert plain(model.formatted()[0][3]) == "2. November 2026"
    english = sources_table((SOURCE,), "en", changes=False)
    assert plain(english.formatted()[0][3]) == "2 November 2026"
    assert "changes" not in [column.key for column in english.columns]
    odd = sources_table((replace(SOURCE, edition="", gebietsstand="Stand 2020"),), "de")
    assert [column.key for column in odd.columns][2:4] == ["retrieved", "territory"]
    assert odd.formatted()[0][3] == "Stand 2020"
    assert len(sources_table((), "de").columns) == 2


def finding(**more: Any) -> Finding:
    given = {"rule": "r", "severity": "warning", "text": Text("fehlt", "is missing")}
    return Finding(**(given | more))


@pytest.mark.parametrize(
    ("findings", "de", "en"),
    [
        ([finding()], [("Warnung", "fehlt")], [("warning", "is missing")]),
        ([finding(severity="info"), finding(severity="error")],
         [("Hinweis", "fehlt"), ("Fehler", "fehlt")],
         [("remark", "is missing"), ("error", "is missing")]),
        ([finding(column="a", key="x"), finding(column="a", key="y"), finding(column="b")],
         [("Warnung", "fehlt: a (x, y); b")], [("warning", "is missing: a (x, y); b")]),
        ([finding(key="x"), finding(key="y")],
         [("Warnung", "fehlt: x, y")], [("warning", "is missing: x, y")]),
        ([finding(column="a", value="7"), finding(column="b", value="7")],
         [("Warnung", "fehlt, 7: a; b")], [("warning", "is missing, 7: a; b")]),
        ([], [], []),
    ],
)  # fmt: skip
def test_remarks_are_gathered_by_what_they_say(findings, de, en):
    assert remark_lines(findings, "de") == de
    assert remark_lines(findings, "en") == en


def test_remarks_in_very_many_columns_end():
    ((_, line),) = remark_lines([finding(column=f"c{n}") for n in range(41)], "de")
    assert line.endswith("c39; …")
    ((_, line),) = remark_lines([finding(column=f"c{n}") for n in range(40)], "de")
    assert line.endswith("c39")


def test_notes_of_steps_are_numbered_lettered_and_frozen():
    spec = SPEC.with_element("weg", normalise=Method("rank")).with_element("weg", impute="median")
    notes = method_notes(spec, "en")
    assert [note.number for note in notes] == ["1", "2a", "2b", "3a", "3b", "4"]
    told = {note.number: dict(note.details) for note in notes}
    assert told["3a"]["Holds for"] == "all others"
    assert told["3b"]["Holds for"] == "Way"
    assert "Holds for" not in told["4"]
    assert told["3a"]["Reference years"] == "all years together"
    assert told["2a"]["Reference years"] == "each year for itself"
    assert "Reference years" not in told["4"]
    assert told["1"]["Settings"] == "minimum share of available values: 0.5"
    german = {note.number: dict(note.details) for note in method_notes(spec, "de")}
    assert german["3b"]["Gilt für"] == "Weg"
    assert german["1"]["Einstellungen"] == "Mindestanteil vorhandener Werte: 0,5"
    with pytest.raises(FrozenInstanceError):
        notes[0].number = "9"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("de", ["# Methodenblatt: Lage", "## Daten", "Netz | 75,0 | 75,0 | mehr", "| weniger",
                "je Jahr andere; gezeigt ist 2021"]),
        ("en", ["# Method sheet: Situation", "## Data", "Network | 75.0 | 75.0 | more", "| less",
                "Weights differ by year; shown is 2021"]),
    ],
)  # fmt: skip
def test_the_sheet_in_both_languages(result, lang, words):
    text = plain(method_sheet(result, lang=lang).to_markdown())
    for expected in words[:-1]:
        assert expected in text
    assert words[-1] not in text
    by_year = np.array([[1.0, 1, 0, 1], [3.0, 1, 0, 1]])
    other = replace(result, weights_by_year=by_year)
    found = plain(method_sheet(other, lang=lang).to_markdown())
    assert words[-1] in found
    assert words[2] in found
