"""Codes, quotes and agreement as they are printed, from tables made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import DisclosureError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.results.coder_agreement import CoderAgreement
from begleitforschung.results.codes import CodeFrequencies
from begleitforschung.results.quotes import Quotes

from .made import HISTORY, SOURCE, SOURCE_EN, dots, heads, lengths, printed, rows_of, written

EM = "\u2003"
LABELS = {"h": Text("Hemmnisse", "Obstacles"), "g": Text("Geld", "Money"), "e": Text("Erfolge")}


def quotes(*rows: tuple[str, bool, str, str], **more: Any) -> Quotes:
    table = pd.DataFrame(rows, columns=["codes", "released", "text", "attribution"])
    return Quotes(
        table=table.assign(row=range(2, len(rows) + 2), released=table["released"].astype(bool)),
        provenance=HISTORY,
        labels=LABELS,
        file="stellen.csv",
        **more,
    )


def test_quotes_stand_in_the_quotation_marks_of_the_language() -> None:
    found = quotes(("h;g", True, "[Ort] spart", "Amt"), ("", True, "nichts", ""))
    assert heads(found) == ["Code", "Zitat", "Zuschreibung"]
    assert printed(found) == [
        ["Hemmnisse; Geld", "„[Ort] spart“", "Amt"],
        ["", "„nichts“", ""],
    ]
    assert printed(found, "en")[0][:2] == ["Obstacles; Money", "“[Ort] spart”"]
    assert found.display().source == SOURCE


def test_attributions_are_left_out_where_nobody_has_one() -> None:
    found = quotes(("h", True, "a", ""), ("g", True, "b", ""))
    assert heads(found, "en") == ["Code", "Quote"]
    assert printed(found) == [["Hemmnisse", "„a“"], ["Geld", "„b“"]]


@pytest.mark.parametrize(
    ("shown", "held", "german", "english"),
    [
        (1, 0, "1 Stelle, einzeln", "1 passage, released"),
        (2, 1, "Nicht freigegeben: 1 Stelle. Zitate", "Not released: 1 passage. Quotes"),
        (2, 1200, "Nicht freigegeben: 1.200 Stellen.", "Not released: 1,200 passages."),
    ],
)
def test_how_many_passages_are_held_back_is_said(
    shown: int, held: int, german: str, english: str
) -> None:
    found = quotes(*[("h", True, "a", "")] * shown, held_back=held)
    assert german in found.display().notes[0]
    assert english in found.display("en").notes[0]
    assert ("freigegeben:" in found.display().notes[0]) is bool(held)


def test_what_is_not_released_is_named_by_file_and_rows_only() -> None:
    found = quotes(*[("h", True, "frei", "")] * 2, *[("h", False, "geheimer Satz", "X")] * 21)
    for show in (found.display, found.figure, found.alt_text):
        with pytest.raises(DisclosureError) as caught:
            show(allow_unprotected=True)
        message = str(caught.value)
        assert message.startswith("21 of 23 passages are not released (stellen.csv, rows 4, 5, 6,")
        assert ", 23 and 1 more)" in message
        assert ".released()" in message
        assert "geheim" not in message


def test_releasing_twice_counts_those_held_back_once() -> None:
    found = quotes(("h", True, "a", ""), ("g", False, "b", ""), held_back=3)
    released = found.released()
    assert (len(released.table), released.held_back) == (1, 4)
    assert released.released().held_back == 4
    assert released.provenance.operation == "released"
    assert released.provenance.inputs == (HISTORY,)


def test_quotes_are_counted_by_code() -> None:
    found = quotes(("h;g", True, "a", ""), ("g", True, "b", ""), ("", True, "c", ""))
    assert found.alt_text() == "Freigegebene Zitate: Hemmnisse 1; Geld 2."
    assert found.alt_text("en") == "Quotes released: Obstacles 1; Money 2."
    assert lengths(found.figure()) == [1.0, 2.0]
    assert rows_of(found.figure()) == ["Hemmnisse", "Geld"]


# Frequencies ------------------------------------------------------------------------------------


def frequencies(n: int = 1200, min_n: int = 20, by: str = "", grade: Any = "public") -> Any:
    rows = [
        ("", "h", "", 0, n, 800, 1500), ("", "g", "h", 1, n, 300, 301),
        ("Stadt", "h", "", 0, 7, 5, 9), ("Stadt", "g", "h", 1, 7, 0, 0),
    ]  # fmt: skip
    columns = ["group", "code", "parent", "depth", "n", "cases", "passages"]
    table = pd.DataFrame(rows if by else rows[:2], columns=columns)
    return CodeFrequencies(
        table=table.assign(share=table["cases"] / table["n"]),
        provenance=HISTORY,
        labels=LABELS,
        n=n,
        passages=1801,
        by=by,
        min_n=min_n,
        confidentiality=grade,
    )


def test_codes_below_others_are_indented_and_groups_have_columns() -> None:
    found = frequencies(by="Typ")
    assert heads(found) == [
        "Code", "Fälle insgesamt (n = 1.200)", "Stadt (n = 7)", "Anteil", "Stellen"
    ]  # fmt: skip
    assert printed(found) == [
        ["Hemmnisse", "800", "5", "67", "1.500"],
        [f"{EM}Geld", "300", "0", "25", "301"],
    ]
    assert heads(found, "en")[1] == "All cases (n = 1,200)"
    assert found.display().notes == [
        "Zahl der Fälle mit mindestens einer Stelle zum Code; 1.200 Fälle, 1.801 Stellen. Ein Fall "
        "zählt je Code einmal, Oberbegriffe schließen ihre Untercodes ein. Spalten nach Typ. "
        "Auszählung der ausgewerteten Fälle, keine Stichprobe."
    ]
    assert "Columns by Typ. A count of the cases" in found.display("en").notes[0]
    assert found.display("en").source == SOURCE_EN


@pytest.mark.parametrize(("n", "share"), [(20, True), (19, False)])
def test_shares_are_shown_from_the_least_number_of_cases_on(n: int, share: bool) -> None:
    found = frequencies(n=n)
    assert ("Anteil" in heads(found)) is share
    assert ("Bei weniger als 20 Fällen ohne Anteile." in found.display().notes[0]) is not share
    assert ("No shares with fewer than 20 cases." in found.display("en").notes[0]) is not share


def test_a_figure_is_about_one_group_and_names_the_code_above() -> None:
    found = frequencies(by="Typ")
    assert found.alt_text() == "Fälle (n = 1.200): Hemmnisse 800; Hemmnisse: Geld 300."
    assert found.alt_text("en", group="Stadt") == (
        "Cases, Stadt (n = 7): Obstacles 5; Obstacles: Money 0."
    )
    figure = found.figure(group="Stadt")
    assert lengths(figure) == [5.0, 0.0]
    assert written(figure) == ["5", "0"]
    assert figure.axes[0].get_xlabel() == "Fälle, Stadt (n = 7)"
    assert rows_of(figure) == ["Hemmnisse", "Hemmnisse: Geld"]


def test_counts_of_confidential_passages_are_shown_at_the_desk_only() -> None:
    with pytest.raises(DisclosureError, match="CodeFrequencies is confidential"):
        frequencies(grade="confidential").display()
    assert frequencies(grade="confidential").display(allow_unprotected=True).unprotected


# Agreement --------------------------------------------------------------------------------------


def agreement(**specification: Any) -> CoderAgreement:
    rows = [("h", 1042, 0.805, 0.7449, 0.852, 0.925), ("e", 40, np.nan, np.nan, np.nan, 1.0)]
    given = {"confidence": 0.95, "level": "nominal", "draws": 1000, "scale": None}
    return CoderAgreement(
        table=pd.DataFrame(rows, columns=["code", "units", "alpha", "low", "high", "percent"]),
        specification=given | specification,
        provenance=Provenance.of("read_passages"),
        labels=LABELS,
        coders=3,
        cases=12,
    )


def test_agreement_is_printed_with_its_interval() -> None:
    found = agreement()
    assert heads(found) == ["Code", "Stellen", "Krippendorffs α", "von", "bis", "Übereinstimmung"]
    assert printed(found) == [
        ["Hemmnisse", "1.042", "0,81", "0,74", "0,85", "93"],
        ["Erfolge", "40", "–", "–", "–", "100"],
    ]
    assert found.display().columns[-1].unit == "%"
    assert heads(found, "en")[3:5] == ["from", "to"]
    assert found.display().source == ""


@pytest.mark.parametrize(
    ("given", "german", "english"),
    [
        (
            {},
            "Krippendorffs α (nominal; Code vergeben oder nicht) aus 1.042 von mindestens zwei "
            "Personen codierten Stellen in 12 Fällen, 3 Personen; 95-%-Intervall aus 1.000 "
            "Ziehungen der Stellen mit Zurücklegen.",
            "Krippendorff's α (nominal; code given or not) of 1,042 passages coded by at least two "
            "persons in 12 cases, 3 persons; 95% interval from 1,000 samples of the passages with "
            "replacement.",
        ),
        (
            {"scale": "note", "level": "interval", "confidence": 0.995},
            "(Intervall; Wert der Skala)",
            "(interval; value of the scale)",
        ),
        ({"confidence": 0.995}, "; 99,5-%-Intervall aus", "; 99.5% interval from"),
    ],
)
def test_what_was_compared_is_said(given: dict[str, Any], german: str, english: str) -> None:
    found = agreement(**given)
    assert german in found.summary()
    assert english in found.summary("en")
    assert found.summary("en") in found.display("en").notes
    assert found.alt_text("en").endswith(found.summary("en"))


def test_agreement_is_drawn_beside_the_limit_of_reliability() -> None:
    figure = agreement().figure()
    assert dots(figure) == [(0.805, 0.7449, 0.852)]
    assert written(figure) == ["0,81", "nicht dargestellt", "verlässlich: 0,80"]
    assert rows_of(figure) == ["Hemmnisse\n(n = 1.042)", "Erfolge\n(n = 40)"]
    assert agreement().alt_text().startswith("Krippendorffs α: Hemmnisse 0,81; Erfolge –. ")
