"""Tests and regressions as they are printed, from tables made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import ReportError, UnknownCodeError
from begleitforschung.language import Text
from begleitforschung.results.regression import Regression, regression_table
from begleitforschung.results.significance import (
    Significance,
    significance_table,
    statistic_text,
)

from .made import HISTORY, MINUS, SOURCE_EN, dots, heads, printed, rows_of, written

WORDS = {"q": Text("Nutzen?", "Benefit?"), "f": Text("Feld A"), "g": Text("Größe", "Size")}
SIZES = {("g", "1"): Text("klein", "small"), ("g", "2"): Text("groß", "large")}


def made(kind: str, **more: Any) -> dict[str, Any]:
    given = {"question": "q", "column": "q", "by": "g", "test": kind, "n": 60, "n_min": 25}
    return given | {"groups": 2, "p": 0.5, "p_adjusted": 0.5} | more


def significance(*rows: dict[str, Any], adjust: str = "holm", shares: Any = ()) -> Significance:
    return Significance(
        table=significance_table(rows),
        specification={"adjust": adjust},
        provenance=HISTORY,
        wording=WORDS,
        groups=SIZES,
        bases=pd.DataFrame(),
        shares=frozenset(shares),
    )


MEANS = made(
    "mean", statistic="t", value=-2.345, ddf=58.0, p=0.02249, p_adjusted=0.04498, group="2",
    against="1", estimate=-0.4, low=-0.741, high=-0.059,
)  # fmt: skip
POINTS = MEANS | {"column": "f"}
TREND = made(
    "trend", statistic="t", value=1.5, ddf=58.0, p=0.139, p_adjusted=0.139, estimate=0.12,
    low=-0.04, high=0.28,
)  # fmt: skip
CHI = made("rao_scott", statistic="F", value=4.126, ndf=1.94, ddf=112.5, p=0.0004, p_adjusted=0.001)


@pytest.mark.parametrize(
    ("row", "german", "english"),
    [
        (("F", 4.126, 2.0, 118.0), "F(2; 118) = 4,13", "F(2; 118) = 4.13"),
        (("F", 4.126, 1.94, 1169.25), "F(1,9; 1.169,3) = 4,13", "F(1.9; 1,169.3) = 4.13"),
        (("F", 0.004, 3.0, np.inf), "F(3; ∞) = 0,00", "F(3; ∞) = 0.00"),
        (("t", -1.005, np.nan, 58.0), f"t(58) = {MINUS}1,01", f"t(58) = {MINUS}1.01"),
        (("X2", 12.5, 4.0, np.inf), "χ²(4) = 12,50", "χ²(4) = 12.50"),
        (("t", 2.0, np.nan, np.nan), "t = 2,00", "t = 2.00"),
        (("F", 1.0, 2.0000000001, 9.9999999999), "F(2; 10) = 1,00", "F(2; 10) = 1.00"),
        (("", np.nan, np.nan, np.nan), "–", "–"),
    ],
)
def test_statistics_are_written_with_their_degrees_of_freedom(
    row: tuple[Any, ...], german: str, english: str
) -> None:
    given = dict(zip(("statistic", "value", "ndf", "ddf"), row, strict=True))
    assert (statistic_text(given, "de"), statistic_text(given, "en")) == (german, english)


def test_differences_carry_sign_interval_and_unit() -> None:
    found = significance(MEANS, POINTS, TREND, CHI, shares=["f"])
    shown = [row[3] for row in printed(found)]
    assert shown == [
        f"groß − klein: {MINUS}0,40 [{MINUS}0,74; {MINUS}0,06]",
        f"groß − klein: {MINUS}40,0 Prozentpunkte [{MINUS}74,1; {MINUS}5,9]",
        f"je Stufe: +0,12 [{MINUS}0,04; +0,28]",
        "",
    ]
    english = printed(found, "en")
    assert english[0] == [
        "Benefit?", "Size", "Means", f"large − small: {MINUS}0.40 [{MINUS}0.74; {MINUS}0.06]",
        f"t(58) = {MINUS}2.35", "0.022", "0.045", "60", "25",
    ]  # fmt: skip
    assert english[1][0] == "Feld A"
    assert english[3][2:7] == ["Rao-Scott, second order", "", "F(1.9; 112.5) = 4.13", "< 0.001",
                               "0.001"]  # fmt: skip
    assert found.display("en").source == SOURCE_EN


def test_ranks_have_no_difference_to_print() -> None:
    rank = MEANS | {"test": "rank"}
    assert heads(significance(rank, rank)) == [
        "Frage", "Gruppen", "Test", "Prüfgröße", "p", "p korrigiert", "n", "n kleinste Gruppe",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("adjust", "column", "note"),
    [
        ("holm", True, "p nach Holm korrigiert über 2 Tests."),
        ("bh", True, "p nach Benjamini und Hochberg korrigiert über 2 Tests."),
        (
            "none", False,
            "p nicht korrigiert: von 2 Tests sind auch ohne jeden Unterschied einige auffällig.",
        ),
    ],
)  # fmt: skip
def test_how_p_was_corrected_is_said_over_the_tests_that_were_made(
    adjust: str, column: bool, note: str
) -> None:
    not_made = made("mean", p=np.nan, p_adjusted=np.nan)
    found = significance(MEANS, TREND, not_made, adjust=adjust)
    assert ("p korrigiert" in heads(found)) is column
    assert note in found.display().notes
    assert printed(found)[2][3:6] == ["", "–", "–"]


def test_one_test_needs_no_correction() -> None:
    found = significance(MEANS)
    assert "p korrigiert" not in heads(found)
    assert not any("korrigiert" in note for note in found.display().notes)


def test_each_kind_of_test_is_explained_once() -> None:
    kinds = ("rao_scott", "saddlepoint", "rao_scott_first", "wald_adjusted", "wald", "trend_rank")
    note = significance(*(made(kind) for kind in kinds)).display("en").notes[0]
    explained = [part.split(":")[0] for part in note.split("; ")]
    assert explained == ["Rao-Scott", "Wald", "Trend"]


def test_differences_are_drawn_around_no_difference() -> None:
    figure = significance(POINTS, POINTS | {"test": "trend", "group": ""}, shares=["f"]).figure()
    assert dots(figure) == [
        pytest.approx((-40.0, -74.1, -5.9)),
        pytest.approx((-40.0, -74.1, -5.9)),
    ]
    assert rows_of(figure) == ["Feld A: groß − klein\n(n = 60)", "Feld A: je Stufe\n(n = 60)"]
    assert written(figure)[0] == f"{MINUS}40,0"
    assert written(figure)[-1].startswith("kein Unterschied")
    assert figure.axes[0].get_xlabel() == "Unterschied in Prozentpunkte"
    assert significance(MEANS, CHI).alt_text("en") == (
        f"Difference: Benefit?: large − small: {MINUS}0.40 [{MINUS}0.74; {MINUS}0.06]."
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((CHI,), r"draw the estimates of the groups, bf\.estimate"),
        ((MEANS, POINTS), "test them ap"),
    ],
)
def test_what_has_no_common_axis_is_not_drawn(rows: Any, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        significance(*rows, shares=["f"]).figure()


# Regressions ------------------------------------------------------------------------------------

NOTHING = dict.fromkeys(("odds", "odds_low", "odds_high"), np.nan)
ROWS = [
    {"predictor": "", "category": "", "role": "intercept", "estimate": 2.5, "se": 0.31, "df": 57.0,
     "p": 0.0001, "low": 1.879, "high": 3.121, "n": 61, **NOTHING},
    {"predictor": "g", "category": "1", "role": "reference", "n": 41, **NOTHING},
    {"predictor": "g", "category": "2", "role": "category", "estimate": -0.6931, "se": 0.25,
     "df": 57.0, "p": 0.0075, "low": -1.19, "high": -0.19, "odds": 0.5, "odds_low": 0.3,
     "odds_high": 0.83, "n": 20},
    {"predictor": "x", "category": "", "role": "number", "estimate": 0.00012345, "se": 0.00004,
     "df": 57.0, "p": 0.0031, "low": 0.00004, "high": 0.0002, "odds": 1.0001, "odds_low": 1.0,
     "odds_high": 1.0002, "n": 61},
]  # fmt: skip
NONE = {"not_asked": [0, 0], "no_answer": [3, 3], "dont_know": [0, 5], "refused": [0, 0]}


def regression(family: str = "linear", dropped: Any = None, **more: Any) -> Regression:
    return Regression(
        table=regression_table(ROWS),
        specification={"family": family, "level": 0.95},
        provenance=HISTORY,
        outcome=Text("Nutzen", "Benefit"),
        wording={"g": WORDS["g"], "x": Text("Einwohner", "Residents")},
        categories={**SIZES, ("x", ""): Text("")},
        tests=pd.DataFrame(
            [("g", 7.688, 1.0, 57.0, 0.0004)], columns=["predictor", "value", "ndf", "ddf", "p"]
        ),
        cases=1070,
        dropped=pd.DataFrame(NONE if dropped is None else dropped),
        **more,
    )


def test_coefficients_have_two_digits_of_their_own_error() -> None:
    assert printed(regression()) == [
        ["Konstante", "", "2,50", "1,88 bis 3,12", "< 0,001", "61"],
        ["Größe", "klein", "Referenz", "", "", "41"],
        ["", "groß", f"{MINUS}0,69", f"{MINUS}1,19 bis {MINUS}0,19", "0,008", "20"],
        ["Einwohner", "", "0,000123", "0,000040 bis 0,000200", "0,003", "61"],
    ]
    assert heads(regression(), "en") == [
        "Predictor", "Category", "Coefficient", "95 % interval", "p", "n"
    ]  # fmt: skip


def test_a_logistic_regression_prints_odds_and_draws_logits() -> None:
    found = regression("logistic")
    assert heads(found)[2] == "Chancenverhältnis"
    assert printed(found)[2][2:4] == ["0,50", "0,30 bis 0,83"]
    figure = found.figure()
    assert figure.axes[0].get_xlabel() == "Koeffizient (Logit)"
    assert dots(figure) == [(-0.6931, -1.19, -0.19), (0.00012345, 0.00004, 0.0002)]
    assert rows_of(figure)[0] == "Größe: groß (gegen klein)\n(n = 20)"
    assert found.alt_text("en", terms=["g"]) == (
        "Odds ratio, Benefit: Size: large (against small) 0.50 [0.30; 0.83]."
    )


@pytest.mark.parametrize(("odds", "shown"), [(0.04, "0,040"), (4.0, "4,0"), (40.0, "40")])
def test_large_odds_have_fewer_digits(odds: float, shown: str) -> None:
    """The error of an odds ratio is 0.25 times itself, so it has two digits of that."""
    found = regression("logistic")
    table = found.table.assign(odds=odds)
    assert printed(replace(found, table=table))[2][2] == shown


def test_notes_of_a_regression_say_model_joint_tests_and_missing_cases() -> None:
    notes = regression().display().notes
    assert notes[0] == (
        "Lineare Regression von „Nutzen“ mit der Varianz des Stichprobenplans (Binder 1983), t mit "
        "57 Freiheitsgraden."
    )
    assert notes[1] == "Größe insgesamt: F(1; 57) = 7,69, p < 0,001."
    assert notes[2].endswith("keine Wirkungen.")
    assert notes[3] == (
        "61 von 1.070 Fällen haben alle Merkmale (es fehlen je Merkmal: ohne Antwort 3, weiß nicht "
        "0–5)."
    )
    english = regression().display("en").notes
    assert english[1] == "Size as a whole: F(1; 57) = 7.69, p < 0.001."
    assert english[3] == (
        "61 of 1,070 cases have all variables (missing per variable: no answer 3, don't know 0–5)."
    )
    complete = regression(dropped={name: [0] for name in NONE})
    assert complete.display().notes[-1] == "61 von 1.070 Fällen haben alle Merkmale."
    assert complete.display("en").notes[-1] == "61 of 1,070 cases have all variables."


def test_terms_of_a_figure_are_predictors() -> None:
    found = regression()
    assert dots(found.figure(terms=["x"])) == [(0.00012345, 0.00004, 0.0002)]
    for call in (found.figure, found.alt_text):
        with pytest.raises(UnknownCodeError, match=r"'h'.*predictors"):
            call(terms=["h"])
    assert found.n == 61
