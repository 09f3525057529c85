"""What readers see of an index and its analyses: numbers by hand, words in both languages.

Three indicators of five units in two years; ``weg`` counts downwards, ``funk`` is unknown for E.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from begleitforschung import composite
from begleitforschung.errors import DisclosureError, ReportError, UnknownCodeError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec, Purpose, Step
from begleitforschung.results.analysis_groups import grouped_ranks
from begleitforschung.results.base import Result
from begleitforschung.results.composite import CompositeResult

SPEC = IndexSpec(
    id="lage",
    title={"de": "Lage", "en": "Situation"},
    indicators=(
        IndicatorSpec(id="netz", parent="technik", weight=3, title={"de": "Netz", "en": "Network"}),
        IndicatorSpec(id="funk", parent="technik", title={"de": "Funk", "en": "Radio"}),
        IndicatorSpec(id="weg", parent="lage", direction="lower", title={"de": "Weg", "en": "Way"}),
    ),
    nodes=(
        NodeSpec(id="lage"),
        NodeSpec(id="technik", parent="lage", title={"de": "Technik", "en": "Technology"}),
    ),
)
FRAME = pd.DataFrame(
    {
        "unit": list("ABCDE") * 2,
        "year": [2020] * 5 + [2022] * 5,
        "netz": [0.0, 25, 50, 75, 100, 100, 50, 25, 75, 0],
        "funk": [10.0, 20, 30, 50, np.nan] * 2,
        "weg": [5.0, 10, 15, 20, 25, 25, 20, 10, 15, 5],
    }
)
NAMES = {"A": "Aachen", "B": "Bonn"}


@pytest.fixture(scope="module")
def index() -> CompositeResult:
    return composite.compose(FRAME, SPEC, names=NAMES)


@pytest.fixture(scope="module")
def analyses(index: CompositeResult) -> Mapping[str, Result]:
    lowest = composite.compose(FRAME, SPEC.replace(aggregate="minimum"))
    return {
        "index": index,
        "statistics": composite.index_statistics(index),
        "availability": composite.availability(index),
        "correlations": composite.index_correlations(index, elements="all"),
        "reliability": composite.reliability(index),
        "components": composite.index_components(index),
        "importance": composite.importance(index),
        "removal": composite.remove_one(index),
        "variants": composite.compare_variants({"Mittel": index, "Minimum": lowest}),
        "trends": composite.index_trends(index),
        "change": composite.index_change(FRAME, SPEC, 2020, 2022, names=NAMES),
        "groups": composite.rank_groups(index, 2),
    }


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def rows(result: Result, lang: Any = "de") -> list[list[str]]:
    return [[plain(cell) for cell in row] for row in result.display(lang).formatted()]


# Scores: technik 2022 is (3 · netz + funk) / 4 on 0 to 100, E has netz alone; lage is the mean
# of technik and weg.
SHOWN = {
    "index": [
        ["D", "1", "65,6", "50,0", "81,3", "100"],
        ["C", "2", "53,1", "75,0", "31,3", "100"],
        ["E", "3", "50,0", "100,0", "0,0", "67"],
        ["Aachen (A)", "4", "37,5", "0,0", "75,0", "100"],
        ["Bonn (B)", "5", "34,4", "25,0", "43,8", "100"],
    ],
    "availability": [
        ["E", "2", "1", "1", "67"],
        ["Aachen (A)", "3", "0", "0", "100"],
        ["Bonn (B)", "3", "0", "0", "100"],
        ["C", "3", "0", "0", "100"],
        ["D", "3", "0", "0", "100"],
    ],
    "change": [
        ["D", "53,1", "65,6", "12,5", "12,5", "0,0", "0,0", "0"],
        ["C", "50,0", "53,1", "3,1", "3,1", "0,0", "0,0", "0"],
        ["E", "50,0", "50,0", "0,0", "0,0", "0,0", "0,0", "−1"],
        ["Aachen (A)", "50,0", "37,5", "−12,5", "−12,5", "0,0", "0,0", "−2"],
        ["Bonn (B)", "50,0", "34,4", "−15,6", "−15,6", "0,0", "0,0", "−3"],
    ],
    "groups": [
        ["1", "3", "1–3", "50,0–65,6", "C; D; E"],
        ["2", "2", "4–5", "34,4–37,5", "Aachen; Bonn"],
    ],
    "components": [["Weg", "0,94"], ["Technik", "−0,94"]],
    "correlations": [],
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_printed_numbers_are_those_computed_by_hand(analyses, name):
    assert rows(analyses[name]) == SHOWN[name]


# Headings, first note and alternative text, German and English.
WORDS: dict[str, tuple[str, str, str, str]] = {
    "index": (
        "Lage, 2022: 3 Indikatoren, arithmetisches Mittel; Rang 1 ist der beste",
        "Situation, 2022: 3 indicators, arithmetic mean; rank 1 is the best",
        "Balkendiagramm: Lage, 5 Einheiten von D (65,6) bis Bonn (34,4), gestapelt nach Weg, "
        "Technik.",
        "Bar chart: Situation, 5 units from D (65.6) to Bonn (34.4), stacked by Way, Technology.",
    ),
    "statistics": (
        "Lage: Werte nach Stufe „raw“; Std.-Abw. mit n − 1",
        "Situation: Values after stage 'raw'; std. dev. with n − 1",
        "Anteil vorhandener Werte von 3 Indikatoren; am wenigsten hat Funk mit 80 %.",
        "share of values available of 3 indicators; Radio has least, 80 %.",
    ),
    "availability": (
        "Lage: die 5 von 5 Einheiten mit den wenigsten Werten.",
        "Situation: the 5 of 5 units with the fewest values.",
        "am wenigsten hat E mit 67 %.",
        "E has least, 67 %.",
    ),
    "correlations": (
        "Lage: Pearson-Korrelation; 0 von 10 Paaren auf dem 5-%-Niveau von null verschieden, "
        "gezeigt sind die 0 stärksten; p nach Holm korrigiert.",
        "Situation: Pearson correlation; 0 of 10 pairs differ from zero at the 5 % level, the 0 "
        "strongest are shown; p corrected by Holm's method.",
        "von 10 Paaren, von Weg / Netz (−0,90) bis Technik / Netz (0,95).",
        "of 10 pairs, from Way / Network (−0.90) to Technology / Network (0.95).",
    ),
    "reliability": (
        "Lage.",
        "Situation.",
        "Cronbachs α von 2 Knoten, von Lage (−0,69) bis Technik (−0,45).",
        "Cronbach's α of 2 nodes, from Situation (−0.69) to Technology (−0.45).",
    ),
    "components": (
        "Eigenwert über 1 von „Lage“, 5 vollständige Einheiten",
        "eigenvalue above 1 of 'Situation', 5 complete units",
        "die erste erklärt 89 % der Varianz, 1 haben einen Eigenwert über 1.",
        "the first explains 89 % of the variance, 1 have an eigenvalue above 1.",
    ),
    "importance": (
        "Lage: Bedeutung: Anteil der Streuung der Punktwerte, den der Indikator erklärt",
        "Situation: Importance: share of the variance of the scores that the indicator explains",
        "am stärksten über seinem Gewicht liegt Weg (92,5 % / 50,0 %), am stärksten darunter Netz "
        "(7,5 % / 37,5 %).",
        "Way (92.5 % / 50.0 %) lies most above its weight, Network (7.5 % / 37.5 %) most below.",
    ),
    "removal": (
        "Lage: Verschiebung der Ränge (Betrag), wenn das Element fehlt",
        "Situation: Shift of ranks (absolute) if the element is left out",
        "3 von 3 Elementen, von Weg (1,60) bis Funk (0,60).",
        "3 of 3 elements, from Way (1.60) to Radio (0.60).",
    ),
    "variants": (
        "Lage: 2022; Verschiebung in Rängen.",
        "Situation: 2022; shift in ranks.",
        "Ränge der Einheiten in 2 Varianten (Mittel, Minimum), 2022; am weitesten auseinander: "
        "Mittel und Minimum, im Mittel 0,8 Ränge.",
        "furthest apart: Mittel and Minimum, 0.8 ranks on average.",
    ),
    "trends": (
        "Lage: Mediane der Einheiten; Veränderung vom ersten zum letzten Wert",
        "Situation: medians of the units; change from first to last value",
        "Liniendiagramm: Netz von 5 Einheiten, 2020–2022; bei 2 gestiegen.",
        "Slope chart: Network of 5 units, 2020–2022; grown in 2.",
    ),
    "change": (
        "Lage: die 5 von 5 Einheiten mit der größten Veränderung; eigene Werte + Vergleichsmaßstab",
        "Situation: the 5 of 5 units that changed most; own values + reference + weights = change",
        "Veränderung 2020–2022 nach Ursachen, 5 Einheiten, von D (+12,5) bis Bonn (B) (−15,6).",
        "change 2020–2022 by cause, 5 units, from D (+12.5) to Bonn (B) (−15.6).",
    ),
    "groups": (
        "Lage, 2022: 5 Einheiten in 2 Gruppen; innerhalb einer Gruppe ist die Reihenfolge nicht",
        "Situation, 2022: 5 units in 2 groups; no order is meant within a group.",
        "die erste beginnt bei 50,0, die letzte endet bei 37,5 Punkten.",
        "the first begins at a score of 50.0, the last ends at 37.5.",
    ),
}


@pytest.mark.parametrize("name", WORDS)
def test_notes_and_alternative_texts_say_it_in_both_languages(analyses, name):
    result, (note_de, note_en, alt_de, alt_en) = analyses[name], WORDS[name]
    assert note_de in plain(result.display("de").notes[0])
    assert note_en in plain(result.display("en").notes[0])
    assert plain(result.alt_text("de")).endswith(alt_de)
    assert plain(result.alt_text("en")).endswith(alt_en)


@pytest.mark.parametrize("name", WORDS)
def test_tables_are_sourced_and_differ_only_in_words(analyses, name):
    german, english = analyses[name].display("de"), analyses[name].display("en")
    assert "eigene Berechnung" in german.source
    assert "own calculation" in english.source
    assert [c.decimals for c in german.columns] == [c.decimals for c in english.columns]
    assert [c.unit for c in german.columns] == [c.unit for c in english.columns]
    assert [c.label for c in german.columns] != [c.label for c in english.columns]


# ---- defects kept away: each of these was shown wrong once


def test_titles_of_the_index_stand_in_pictures_as_in_tables(index):
    assert index.figure("en").axes[0].get_xlabel() == "Situation"
    assert plain(index.alt_text("de", kind="framework")).startswith("Baum des Index Lage mit 3")
    assert "Profil von Aachen" in index.alt_text("de", kind="profile", unit="A")
    assert "Situation 37.5 (50.0)" in plain(index.alt_text("en", kind="profile", unit="A"))


def test_limits_of_flags_are_printed_with_a_decimal_comma_in_german(index):
    found = composite.index_statistics(index, max_skewness=1.5, max_kurtosis=2.5)
    assert "|Schiefe| über 1,5 und Wölbung über 2,5" in found.display().notes[0]
    assert "|skewness| above 1.5 and kurtosis above 2.5" in found.display("en").notes[0]


def test_units_without_values_neither_grow_nor_count(index):
    frame = FRAME.assign(funk=[10.0, 20, 30, 50, np.nan, 20, 40, 60, 50, np.nan])
    found = composite.index_trends(composite.compose(frame, SPEC))
    (funk,) = [row for row in rows(found) if row[0] == "Funk"]
    assert (funk[1], funk[-1]) == ("4", "75,0")
    assert "Funk von 4 Einheiten, 2020–2022; bei 3 gestiegen" in found.alt_text(element="funk")


# ---- views of a unit, a variant, a group


def test_views_of_changes_and_trends_by_name(analyses):
    change, trends, variants = (analyses[name] for name in ("change", "trends", "variants"))
    assert change.of_node("technik").set_index("unit").loc["A", "change"] == 75
    shares = change.by_indicator().loc["A"]
    assert shares.to_dict() == pytest.approx({"netz": 37.5, "funk": 0, "weg": -50})
    assert trends.of_element("weg").set_index("unit").loc["A", "percent"] == 400
    assert variants.of_unit("E")["rank"].tolist() == [3, 4]
    assert variants.wide("places_gained").loc["E"].tolist() == [0, -1]
    assert variants.wide().index.tolist() == list("DCEAB")


UNKNOWN: list[tuple[str, Callable[[Any], Any], str]] = [
    ("change", lambda r: r.of_node("technk"), "technik"),
    ("change", lambda r: r.by_indicator("netz"), "nodes of the index"),
    ("trends", lambda r: r.of_element("nezt"), "netz"),
    ("variants", lambda r: r.of_unit("Z"), "units of the comparison"),
    ("variants", lambda r: r.wide("ranks"), "rank"),
    ("correlations", lambda r: r.matrix("p_adjust"), "p_adjusted"),
    ("index", lambda r: r.summary(2021), "2022"),
    ("index", lambda r: r.weaknesses("Z"), "units of the index"),
    ("index", lambda r: r.figure(kind="ranks"), "ranking"),
    ("index", lambda r: r.alt_text(kind="years", years=(2020, 2021)), "years of the index"),
]


@pytest.mark.parametrize(("name", "call", "near"), UNKNOWN)
def test_what_is_not_there_is_answered_with_the_nearest(analyses, name, call, near):
    with pytest.raises(UnknownCodeError, match=near):
        call(analyses[name])


def test_groups_that_are_not_there_and_ends_of_intervals():
    ranked = pd.DataFrame(
        {"unit": list("dcba"), "score": [1.0, 2, 3, 4], "rank": [4, 3, 2, 1],
         "low": [3.0, 2, 1, 1], "high": [4.0, 4, 2, 3]}
    )  # fmt: skip
    found = grouped_ranks(ranked, 2)
    assert found["unit"].tolist() == list("abcd")
    assert found["group"].tolist() == [1, 1, 2, 2]
    assert found["certain"].tolist() == [False, True, False, True]
    assert grouped_ranks(ranked.drop(columns=["low", "high"]), 2)["certain"].isna().all()


def test_a_group_that_does_not_exist_can_not_be_drawn(index):
    vary = {"normalise": ["minmax", "zscore"]}
    found = composite.rank_groups(composite.sensitivity(FRAME, SPEC, vary=vary, year=2022), 2)
    with pytest.raises(ReportError, match="no group 3; groups are 1 to 2"):
        found.figure(group=3)
    assert "Rangintervall: umfasst 90 % der Varianten." in plain(" ".join(found.display().notes))
    assert "encloses 90 % of the variants" in plain(" ".join(found.display("en").notes))


# ---- marks, purpose, confidentiality


def test_imputed_values_small_units_and_the_purpose_are_noted():
    purpose = Purpose(
        purpose="Zeigen",
        not_for={"de": "Mittel", "en": "Funds"},
        model="formative",
        concerns="Kreise",
    )
    frame = FRAME.assign(people=[100.0, 200, 300, 400, 500] * 2)
    spec = SPEC.replace(purpose=purpose).before("normalise", Step("impute", "mean"))
    result = composite.compose(frame, spec, exposure="people", min_exposure=200)
    model = result.display()
    marks = {row[0].value: row[2].mark for row in model.cells()}
    assert marks == {"A": "b", "B": "", "C": "", "D": "", "E": "a"}
    assert [row[1] for row in model.formatted()][-1] == "–"
    assert list(model.notes)[1:] == [
        "a: enthält ergänzte Werte.",
        "b: zu klein für einen Rang.",
        "Nicht geeignet für: Mittel",
    ]
    assert list(result.display("en").notes)[1:] == [
        "a: contains imputed values.",
        "b: too small for a rank.",
        "Not for: Funds",
    ]
    assert result.marks[["unit", "indicator", "mark"]].drop_duplicates().to_numpy().tolist() == [
        ["E", "funk", "ergänzt"]
    ]


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("grade", ["confidential", "personal"])
def test_nothing_confidential_is_shown_unless_protected(analyses, name, grade):
    secret = dataclasses.replace(analyses[name], confidentiality=grade)
    for show in (secret.display, secret.figure, secret.alt_text, secret._repr_html_):
        with pytest.raises(DisclosureError, match=f"is {grade} and not protected"):
            show()
    assert dataclasses.replace(secret, protected=True).alt_text()


def test_scores_that_are_nowhere_known_are_not_drawn():
    frame = FRAME.assign(netz=[1.0, np.nan] * 5, funk=[np.nan, 1.0] * 5)
    nothing = composite.compose(frame, SPEC.replace(coverage=1.0, normalise="none"))
    with pytest.raises(ReportError, match="'lage' has no scores that could be drawn"):
        nothing.figure()
    assert {row[1] for row in rows(nothing)} == {"–"}
    # No score is another reason for no rank than being too small, which mark b stands for.
    assert {row[2].mark for row in nothing.display().cells()} == {""}


def test_units_without_a_group_have_nothing_to_compare_with(index):
    grouped = composite.compose(FRAME, SPEC, groups={"typ": {"A": "Stadt", "B": "Stadt"}})
    with pytest.raises(ReportError, match="C has no group in 'typ'"):
        grouped.alt_text(kind="profile", unit="C", within="typ")
    words = plain(grouped.alt_text(kind="profile", unit="A", within="typ"))
    assert "der Median (Stadt, n = 2): Lage 37,5 (35,9)" in words
