"""Scales, factors and types as they are printed, from figures made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import ReportError
from begleitforschung.language import Text
from begleitforschung.results.factors import FactorResult
from begleitforschung.results.typology import TypologyResult

from .made import HISTORY, MINUS, NBSP, SOURCE, heads, printed, rows_of, written

ITEMS = {"a": Text("Personal fehlt", "Staff"), "b": Text("Geld fehlt", "Money"), "c": Text("Recht")}
LOADINGS = {1: {"a": 0.81, "b": -0.74, "c": 0.104}, 2: {"a": 0.0, "b": 0.055, "c": 0.905}}


def factors(number: int = 2, **specification: Any) -> FactorResult:
    rows = [
        {"column": item, "factor": factor, "loading": loading, "communality": 0.665, "n": 1204}
        for factor, column in list(LOADINGS.items())[:number]
        for item, loading in column.items()
    ]
    given = {"rotation": "oblimin", "turned": [], "weighted": False} | specification
    return FactorResult(
        table=pd.DataFrame(rows),
        specification=given,
        provenance=HISTORY,
        labels=ITEMS,
        eigenvalues=pd.DataFrame(
            {"component": [1, 2, 3], "eigenvalue": [1.92, 1.005, 0.1], "random": [1.1, 1.02, 0.9]}
        ),
        correlations=np.array([[1.0, -0.256], [-0.256, 1.0]])[:number, :number],
        factors=number,
        suggested=1,
        n=1204,
        effective_n=1043.9,
    )


def test_loadings_stand_by_item_and_factor() -> None:
    found = factors()
    assert heads(found) == ["Item", "Faktor 1", "Faktor 2", "Kommunalität"]
    assert heads(found, "en") == ["Item", "Factor 1", "Factor 2", "Communality"]
    assert printed(found) == [
        ["Personal fehlt", "0,81", "0,00", "0,67"],
        ["Geld fehlt", f"{MINUS}0,74", "0,06", "0,67"],
        ["Recht", "0,10", "0,91", "0,67"],
    ]
    assert found.loadings().to_numpy().tolist() == [[0.81, 0.0], [-0.74, 0.055], [0.104, 0.905]]
    assert found.display().source == SOURCE


def test_how_many_factors_and_how_they_were_turned_is_said() -> None:
    notes = factors().display().notes
    assert notes == [
        "Faktorenanalyse (Maximum Likelihood), schiefwinklig rotiert (Oblimin), Faktoren dürfen "
        "korrelieren; n = 1.204 vollständige Fälle. Faktoren nach Parallelanalyse (Horn 1965): 1; "
        "Eigenwerte (bei Zufall): 1,92 (1,10); 1,01 (1,02); 0,10 (0,90).",
        f"Korrelationen der Faktoren: 1–2: {MINUS}0,26.",
    ]
    assert "n = 1,204 complete cases" in factors().display("en").notes[0]
    assert factors().display("en").notes[1] == f"Correlations of the factors: 1–2: {MINUS}0.26."
    straight = factors(rotation="varimax").display().notes
    assert "rechtwinklig rotiert (Varimax);" in straight[0]
    assert len(straight) == 1
    # One factor has nothing to turn, and eigenvalues are told up to the first that is not used.
    single = factors(1).display().notes
    assert "nicht rotiert; n" in single[0]
    assert single[0].endswith("1,92 (1,10); 1,01 (1,02).")


def test_turned_items_and_weights_are_named() -> None:
    notes = factors(turned=["b", "c"], weighted=True).display().notes
    assert notes[2] == "Umgepolt, damit mehr überall mehr heißt: Geld fehlt; Recht."
    # The effective number of cases is never rounded up.
    assert "effektive Fallzahl 1.043," in notes[3]
    english = factors(turned=["b"], weighted=True).display("en").notes
    assert english[2] == "Turned, so that more means more: Money."
    assert "effective n 1,043," in english[3]


def test_items_are_told_by_their_strongest_factor_whatever_its_sign() -> None:
    assert factors().alt_text() == (
        "Am stärksten laden auf Faktor 1: Personal fehlt; Geld fehlt. Faktor 2: Recht."
    )
    assert factors(1).alt_text("en") == "Strongest loadings on Factor 1: Staff; Money; Recht."
    figure = factors().figure()
    assert rows_of(figure) == ["Personal fehlt", "Geld fehlt", "Recht"]
    assert written(figure) == ["0,81", "0,00", f"{MINUS}0,74", "0,06", "0,10", "0,91"]


# Types ------------------------------------------------------------------------------------------

PROFILES = {("x", ""): Text("Alter", "Age"), ("q", "1"): Text("Stadt", "City")}
VALUES = [  # type, column, category, value, standardised
    (1, "x", "", 41.256, -0.44), (1, "q", "1", 0.254, 0.3),
    (2, "x", "", 60.0, 1.2), (2, "q", "1", 0.75, -0.8),
]  # fmt: skip


def typology(small: bool = False, tried: int = 2, **specification: Any) -> TypologyResult:
    table = pd.DataFrame(VALUES, columns=["type", "column", "category", "value", "standardised"])
    given = {"min_n": 10, "method": "k_means", "weighted": False} | specification
    return TypologyResult(
        table=table.assign(n=table["type"].map({1: 1200, 2: 8 if small else 40})),
        specification=given,
        provenance=HISTORY,
        labels=PROFILES,
        sizes=pd.DataFrame(
            {"type": [1, 2], "n": [1200, 8 if small else 40], "share": [0.945, 0.055],
             "small": [False, small]}
        ),
        selection=pd.DataFrame({"k": [2, 3][:tried], "silhouette": [0.405, 0.31][:tried]}),
        silhouette=0.405,
        stability=0.9249,
        n=1240,
        cases=1300,
    )  # fmt: skip


def test_types_are_printed_by_size_and_profile() -> None:
    found = typology()
    assert found.k == 2
    assert heads(found) == ["Antworten", "Typ 1 (n = 1.200)", "Typ 2 (n = 40)"]
    assert printed(found) == [
        ["Anteil der Fälle", f"95{NBSP}%", f"6{NBSP}%"],
        ["Alter", "41,26", "60,00"],
        ["Stadt", f"25{NBSP}%", f"75{NBSP}%"],
    ]
    assert printed(found, "en")[0] == ["Share of cases", "95%", "6%"]
    assert found.display("en").notes[:3] == [
        "k-means of standardised answers; 1,240 of 1,300 cases with answers to all questions.",
        "Silhouette 0.41 (up to 0.25 no structure, Kaufman & Rousseeuw 1990); stability 0.92 "
        "(adjusted Rand index over bootstrap samples: 1 always the same types, 0 chance).",
        "Silhouette by number of types: 2: 0.41; 3: 0.31.",
    ]


def test_one_number_of_types_is_no_choice_to_be_told() -> None:
    notes = typology(tried=1, weighted=True, method="gower").display().notes
    assert notes[0].startswith("Average Linkage auf Abständen nach Gower (1971); 1.240 von 1.300")
    assert not any("nach Zahl der Typen" in note for note in notes)
    assert notes[-1].endswith("ungewichtet; Anteile und Profile gewichtet.")


def test_small_types_have_no_profile_anywhere() -> None:
    found = typology(small=True)
    assert heads(found, "en")[2] == "Type 2 (n < 10)"
    assert [row[2] for row in printed(found)[1:]] == ["–", "–"]
    assert found.alt_text() == (
        "Am weitesten über und unter dem Durchschnitt. Typ 1 (n = 1.200): über Stadt, unter Alter."
    )
    figure = found.figure()
    assert written(figure) == [f"{MINUS}0,4", "0,3", "–", "–"]
    assert rows_of(figure) == ["Typ 1 (n = 1.200)", "Typ 2 (n < 10)"]
    assert typology().alt_text("en").endswith("Type 2 (n = 40): above Age, below City.")


def test_renaming_items_changes_words_only() -> None:
    found = typology()
    swapped = {key: Text(f"neu {text.de}") for key, text in PROFILES.items()}
    other = TypologyResult(**{**vars(found), "labels": swapped})
    assert [row[1:] for row in printed(other)] == [row[1:] for row in printed(found)]
    assert [row[0] for row in printed(other, "en")][1:] == ["neu Alter", "neu Stadt"]


def test_a_typology_without_items_is_refused_when_drawn() -> None:
    empty = TypologyResult(**{**vars(typology()), "labels": {}})
    with pytest.raises(ReportError, match="a value for each cell"):
        empty.figure()
