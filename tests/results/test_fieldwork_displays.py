"""Fieldwork as it is printed: who was asked, who answered, in whose place, with which weight."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.results.fieldwork import Delegation, FrameBalance, ResponseRates
from begleitforschung.results.nonresponse import NonresponseModel
from begleitforschung.results.weights import WeightReport

from .made import (
    ALL,
    HISTORY,
    MINUS,
    NBSP,
    SOURCE,
    SOURCE_EN,
    dots,
    heads,
    lengths,
    printed,
    rows_of,
    written,
)

GROUPS = {"all": ALL, "s": Text("Städte", "Cities"), "k": Text("Kreise", "Counties")}


@pytest.fixture
def rates() -> ResponseRates:
    columns = ["group", "invited", "reached", "complete", "partial", "refused",
               "rr1", "rr2", "rr5", "coop1", "ref1", "con1"]  # fmt: skip
    rows = [
        ("all", 1200, 800, 600, 48, 152, 0.5, 0.54, 0.545, 0.75, 152 / 1200, 800 / 1200),
        ("s", 0, 0, 0, 0, 0, *[np.nan] * 6),
    ]
    return ResponseRates(
        table=pd.DataFrame(rows, columns=columns), provenance=HISTORY, labels=GROUPS
    )


def test_response_rates_stand_beside_their_numbers(rates: ResponseRates) -> None:
    assert printed(rates)[0] == [
        "Insgesamt", "1.200", "800", "600", "48", "152",
        *(f"{percent}{NBSP}%" for percent in (50, 54, 55, 75, 13, 67)),
    ]  # fmt: skip
    assert printed(rates, "en")[0][1:7] == ["1,200", "800", "600", "48", "152", "50%"]
    assert heads(rates)[:3] == ["Gruppe", "eingeladen", "erreicht"]
    assert heads(rates, "en")[-1] == "Contact rate (CON1)"
    assert rates.display().source == SOURCE
    assert rates.display("en").source == SOURCE_EN
    assert rates.display("en").notes == ["Rates by AAPOR (2023), Standard Definitions."]


def test_a_group_of_which_nobody_was_asked_has_no_rate(rates: ResponseRates) -> None:
    assert printed(rates)[1] == ["Städte", *["0"] * 5, *["–"] * 6]
    assert rates.alt_text() == (
        f"Rücklauf mit unvollständigen (RR2): Insgesamt 54{NBSP}%; Städte –."
    )
    figure = rates.figure("en")
    assert lengths(figure) == [54.0]
    assert written(figure) == ["54", "–"]
    assert rows_of(figure) == ["Total\n(n = 1,200)", "Cities\n(n = 0)"]
    assert figure.axes[0].get_xlabel() == "Response rate with partial (RR2) in %"


def balance(*rows: tuple[object, ...], **more: object) -> FrameBalance:
    columns = ["variable", "category", "kind", "frame", "respondents", "weighted",
               "difference", "weighted_difference"]  # fmt: skip
    return FrameBalance(table=pd.DataFrame(rows, columns=columns), provenance=HISTORY, **more)


def test_shares_are_percent_and_means_are_numbers_in_a_balance() -> None:
    found = balance(
        ("staffel", "1", "share", 0.18, 0.25, 0.18, 0.182, 0.0),
        ("staffel", "2", "share", 0.82, 0.75, 0.82, -0.182, -0.004),
        ("einwohner", "", "mean", 48210.04, 61000.0, 47000.0, 0.2449, -0.2),
    )
    assert printed(found) == [
        ["Staffel", "1", f"18{NBSP}%", f"25{NBSP}%", f"18{NBSP}%", "+0,18", "0,00"],
        ["", "2", f"82{NBSP}%", f"75{NBSP}%", f"82{NBSP}%", f"{MINUS}0,18", "0,00"],
        ["Einwohner", "", "48.210,0", "61.000,0", "47.000,0", "+0,24", f"{MINUS}0,20"],
    ]
    assert [row[0] for row in printed(found, "en")] == ["Round", "", "Residents"]
    # The limit itself is worth mentioning.
    assert found.alt_text() == "1 von 3 Ausprägungen weichen um 0,2 oder mehr vom Rahmen ab."
    assert found.alt_text("en") == "1 of 3 classes differ from the frame by 0.2 or more."
    assert rows_of(found.figure()) == ["Staffel 1", "Staffel 2", "Einwohner"]
    assert lengths(found.figure()) == [0.0, -0.004, -0.2]


def test_what_was_remarked_stands_below_a_balance() -> None:
    remark = Finding(
        rule="balance.left_out", severity="warning", text=Text("fehlt", "is missing"), n=3
    )
    found = balance(("x", "a", "share", 1.0, 1.0, 1.0, 0.0, 0.0), findings=(remark,))
    assert "ein Test entfällt" in found.display().notes[0]
    assert found.display().notes[1:] == ["fehlt [3 Fälle]"]
    assert found.display("en").notes[1:] == ["is missing [3 cases]"]


@pytest.mark.parametrize(("answered", "cell", "drawn"), [(9, "", False), (10, f"50{NBSP}%", True)])
def test_delegation_has_a_share_from_ten_answers_on(answered: int, cell: str, drawn: bool) -> None:
    rows = [("all", answered, 5, answered - 5, 2, 0.5)]
    columns = ["group", "answered", "in_person", "delegated", "unknown", "share"]
    found = Delegation(table=pd.DataFrame(rows, columns=columns), provenance=HISTORY, labels=GROUPS)
    assert printed(found) == [["Insgesamt", str(answered), "5", str(answered - 5), "2", cell]]
    assert found.alt_text() == f"persönlich: Insgesamt 5 von {answered}."
    assert bool(lengths(found.figure())) is drawn
    assert ("nicht dargestellt" in written(found.figure())) is not drawn
    assert heads(found, "en") == [
        "Group", "answered", "in person", "delegated", "unknown", "Share in person"
    ]  # fmt: skip


@pytest.fixture
def model() -> NonresponseModel:
    columns = ["variable", "category", "kind", "odds_ratio", "low", "high", "p", "invited",
               "answered"]  # fmt: skip
    rows = [
        ("", "", "intercept", 0.8, 0.5, 1.3, 0.4, 1300, 700),
        ("groessenklasse", "klein", "reference", 1.0, np.nan, np.nan, np.nan, 900, 450),
        ("groessenklasse", "groß", "class", 1.756, 1.104, 2.795, 0.0174, 400, 250),
        ("einwohner", "", "number", 0.5, 0.25, 1.0, 0.0009999, 1300, 700),
    ]
    return NonresponseModel(
        table=pd.DataFrame(rows, columns=columns),
        provenance=HISTORY,
        propensities=pd.Series([0.4, 0.6, 0.8], index=["a", "b", "c"]),
        answered=pd.Series([True, False, True], index=["a", "b", "c"]),
        pseudo_r2=0.043,
        auc=0.6449,
    )


def test_odds_of_answering_are_printed_against_their_reference(model: NonresponseModel) -> None:
    assert printed(model) == [
        ["Größenklasse", "klein (Vergleichsklasse)", "1,00", "", "", "900", "450"],
        ["", "groß", "1,76", "1,10–2,80", "0,017", "400", "250"],
        ["Einwohner", "je Standardabweichung", "0,50", "0,25–1,00", "< 0,001", "1.300", "700"],
    ]
    assert printed(model, "en")[2][:5] == [
        "Residents", "per standard deviation", "0.50", "0.25–1.00", "< 0.001"
    ]  # fmt: skip
    (note,) = model.display().notes
    assert "(2 von 3)" in note
    assert "Pseudo-R² (McFadden) 0,04, AUC 0,64 (0,5:" in note
    assert "(2 of 3); odds ratio above 1: answers more often" in model.display("en").notes[0]
    assert model.display("en").source == SOURCE_EN


def test_the_reference_is_a_line_and_no_point(model: NonresponseModel) -> None:
    figure = model.figure()
    assert dots(figure) == [(1.756, 1.104, 2.795), (0.5, 0.25, 1.0)]
    assert rows_of(figure) == [
        "Größenklasse groß\n(n = 400)", "Einwohner je Standardabweichung\n(n = 1.300)"
    ]  # fmt: skip
    assert written(figure)[-1] == "Vergleichsklasse: 1,00"
    assert model.alt_text("en") == (
        "Odds ratio: Size class groß 1.76; Residents per standard deviation 0.50."
    )


def weights(*steps: tuple[object, ...]) -> WeightReport:
    columns = ["step", "by", "n", "total", "smallest", "largest", "ratio", "deff", "effective_n",
               "extreme", "error", "iterations"]  # fmt: skip
    return WeightReport(
        table=pd.DataFrame(steps, columns=columns),
        provenance=HISTORY,
        population=(Text("Stand 2024.", "As of 2024."),),
    )


FIRST = ("", "", 50, 10754.0, 215.08, 215.08, 1.0, 1.0, 50.0, 0, np.nan, np.nan)


def test_each_step_of_weighting_says_what_it_costs() -> None:
    raked = ("rake", "staffel, verband", 50, 10754.0, 12.345, 430.0, 34.83, 1.255, 39.84, 2)
    report = weights(FIRST, (*raked, 3.2e-9, 14))
    assert printed(report) == [
        ["Ausgangsgewichte", "", "50", "10.754", "215,08", "215,08", "1,0", "1,00", "50", "0"],
        [report.display().rows[1][0], "Staffel, verband", "50", "10.754", "12,35", "430,00",
         "34,8", "1,26", "40", "2"],
    ]  # fmt: skip
    assert report.display().notes[:2] == [
        f"Die Sollwerte sind auf weniger als 0,01{NBSP}% genau erreicht, nach höchstens 14 Runden.",
        "Stand 2024.",
    ]
    assert report.display("en").notes[:2] == [
        "Targets are met within less than 0.01% after 14 iterations at most.",
        "As of 2024.",
    ]
    rough = weights(FIRST, (*raked, 0.0042, 9)).display().notes[0]
    assert rough.startswith(f"Die Sollwerte sind auf 0,42{NBSP}% genau erreicht")
    assert lengths(report.figure()) == [50.0, 39.84]
    assert report.alt_text("en").startswith("effective n: Weights at first 50; ")
    assert report.alt_text().endswith(" 40.")


def test_without_targets_nothing_is_said_about_meeting_them() -> None:
    trimmed = ("trim", "", 50, 10754.0, 100.0, 300.0, 3.0, 1.1, 45.45, 0, np.nan, np.nan)
    notes = weights(FIRST, trimmed).display().notes
    assert notes[0] == "Stand 2024."
    assert notes[1].startswith("Deff: Verlust an Genauigkeit")
    assert weights(FIRST, trimmed).display().rows[1][0] == "Stutzung"
