"""Changes between waves as they are printed, from tables made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.results.wave_change import WaveChange, change_table

from .made import ALL, HISTORY, MINUS, NBSP, SOURCE, dots, heads, printed, rows_of, written

QUESTIONS = {"q": Text("Nutzen?", "Benefit?"), "y": Text("Euro")}
ANSWERS = {("q", "1"): Text("ja", "yes"), ("q", "2"): Text("nein", "no"), ("y", ""): Text("")}
GROUPS = {("", ""): ALL, ("g", "k"): Text("klein", "small")}
EXACT = "Die Intervalle in Einheiten sind exakt"


def row(**more: Any) -> dict[str, Any]:
    given = {"question": "q", "column": "q", "statistic": "share", "category": "1", "by": "",
             "domain": "", "method": "t"}  # fmt: skip
    given |= {"before": 0.25, "after": 0.4, "change": 0.15, "low": 0.0349, "high": 0.2651}
    given |= {"n_before": 60, "n_after": 55, "n_both": 50, "count_before": 15, "count_after": 22}
    return given | more


def change(*rows: dict[str, Any], statistic: str = "share", **more: Any) -> WaveChange:
    panel = more.pop("panel", False)
    return WaveChange(
        table=change_table(rows),
        specification={"panel": panel, "statistic": statistic, "level": 0.95, "min_n": 10},
        provenance=HISTORY,
        waves=(Text("2023"), Text("2025")),
        questions=QUESTIONS,
        categories=ANSWERS,
        domains=GROUPS,
        **more,
    )


def test_both_levels_stand_beside_their_change_in_points() -> None:
    found = change(row(), row(category="2", before=0.75, after=0.6, change=-0.15, low=-0.2651,
                              high=-0.0349))  # fmt: skip
    assert heads(found) == [
        "Frage", "Antwort", "2023", "2025", "Veränderung", "95-%-Intervall", "n 2023", "n 2025",
        "n beide Wellen",
    ]  # fmt: skip
    assert printed(found) == [
        ["Nutzen?", "ja", f"25{NBSP}%", f"40{NBSP}%", "+15", "+3 bis +27", "60", "55", "50"],
        ["Nutzen?", "nein", f"75{NBSP}%", f"60{NBSP}%", f"{MINUS}15",
         f"{MINUS}27 bis {MINUS}3", "60", "55", "50"],
    ]  # fmt: skip
    assert printed(found, "en")[0][:6] == ["Benefit?", "yes", "25%", "40%", "+15", "+3 to +27"]
    assert "Veränderungen in Prozentpunkten." in found.display().notes
    assert found.display().source == SOURCE


def test_a_thousand_answers_both_times_carry_a_decimal() -> None:
    large = row(n_before=1000, n_after=2000)
    assert printed(change(large))[0][2:6] == [
        f"25,0{NBSP}%", f"40,0{NBSP}%", "+15,0", "+3,5 bis +26,5"
    ]  # fmt: skip
    # The smaller wave decides.
    assert printed(change(row(n_before=999, n_after=2000)))[0][4] == "+15"


@pytest.mark.parametrize("wave", ["n_before", "n_after"])
def test_a_small_wave_has_counts_and_no_change_in_points(wave: str) -> None:
    found = change(row(**{wave: 9, "count_before": 2, "count_after": 4}), row(category="2"))
    shown = printed(found)[0]
    assert shown[2 if wave == "n_before" else 3] == ("2 von 9" if wave == "n_before" else "4 von 9")
    assert shown[4:6] == ["–", ""]
    note = "Bei weniger als 10 Antworten stehen Anzahlen statt Prozent."
    assert note in found.display().notes
    english = "With fewer than 10 answers counts are shown instead of percent."
    assert english in found.display("en").notes
    assert note not in change(row()).display().notes
    assert len(dots(found.figure())) == 1
    assert "nicht dargestellt" in written(found.figure())


def test_a_panel_shows_one_base_and_the_net_change_of_a_full_population() -> None:
    exact = row(method="hypergeometric", count_low=-2, count_high=9, N=73.0)
    found = change(exact, panel=True)
    assert heads(found)[-2:] == ["netto in der Grundgesamtheit", "n beide Wellen"]
    assert printed(found)[0][-2:] == [f"{MINUS}2 bis +9 der 73", "50"]
    assert printed(found, "en")[0][-2] == f"{MINUS}2 to +9 of the 73"
    notes = found.display().notes
    assert notes[0].startswith("Veränderung bei denen, die in beiden Wellen geantwortet haben")
    assert any(note.startswith(EXACT) for note in notes)
    assert not any(note.startswith(EXACT) for note in change(row()).display().notes)
    assert "Qualité" in change(row()).display().notes[0]


def test_intervals_are_left_out_where_there_are_none() -> None:
    complete = change(row(method="complete", se=0.0, low=0.15, high=0.15))
    assert "95-%-Intervall" not in heads(complete)
    assert complete.alt_text() == "Veränderung 2023–2025 (Anteile). Nutzen?: ja: +15."
    still = change(row(method="", change=0.0, low=np.nan, high=np.nan))
    assert printed(still)[0][4] == "0"
    assert any(note.startswith("Ohne Intervall, wo") for note in still.display().notes)
    assert not any(note.startswith("Ohne Intervall, wo") for note in complete.display().notes)


def test_numbers_change_by_the_digits_of_their_error() -> None:
    euro = row(
        question="y", column="y", statistic="mean", category="", before=310.4, after=352.73,
        change=42.33, se=12.5, low=17.4, high=67.26, count_before=None, count_after=None, n_after=9,
    )  # fmt: skip
    fall = euro | {"by": "g", "domain": "k", "change": -0.4, "low": -25.4, "high": 24.6}
    found = change(euro, fall, statistic="mean", units={"y": "€"})
    assert heads(found)[:2] == ["Frage", "Gruppe"]
    # Below 30 cases the error is known to one digit: tens, printed without decimals.
    assert [row[4:6] for row in printed(found)] == [
        ["+42", "+17 bis +67"],
        ["0", f"{MINUS}25 bis +25"],
    ]
    assert not any("Prozentpunkt" in note for note in found.display().notes)
    figure = found.figure()
    assert figure.axes[0].get_xlabel() == "Veränderung 2023–2025 (Mittelwerte) in €"
    assert rows_of(change(euro | {"n_after": 12}, statistic="mean").figure()) == ["Euro\n(n = 12)"]


def test_corrected_p_stands_there_with_analytic_inference_only() -> None:
    assert "p korrigiert" not in heads(change(row()))
    found = change(row(p=0.0002, p_adjusted=0.0004), row(category="2", p=0.5, p_adjusted=0.5))
    column = heads(found).index("p korrigiert")
    assert [line[column] for line in printed(found)] == ["< 0,001", "0,500"]


def test_changes_are_drawn_in_points_around_none() -> None:
    found = change(row(), row(by="g", domain="k", change=-0.1, low=-0.3, high=0.1))
    figure = found.figure("en")
    assert dots(figure) == [pytest.approx((15, 3.49, 26.51)), pytest.approx((-10, -30, 10))]
    assert rows_of(figure) == ["Total\n(n = 55)", "small\n(n = 55)"]
    assert written(figure)[:2] == ["+15", f"{MINUS}10"]
    assert written(figure)[-1] == "no change: 0"
    assert figure.axes[0].get_xlabel() == "Change 2023–2025 (Shares) in percentage points"
    assert found.alt_text("en") == (
        f"Change 2023–2025 (Shares). Total: +15 (+3 to +27); small: {MINUS}10 ({MINUS}30 to +10)."
    )


def test_findings_about_waves_are_printed_and_others_are_not() -> None:
    remarks = tuple(
        Finding(rule=rule, severity="warning", text=Text(rule, rule), n=1)
        for rule in ("waves.changed", "estimate.else")
    )
    assert change(row(), findings=remarks).display().notes[-1] == "waves.changed."


def test_the_table_has_fixed_columns_and_keeps_whole_numbers() -> None:
    table = change_table([row(risen=5, fallen=2), row(category="2")])
    assert table["risen"].tolist()[0] == 5
    assert str(table["risen"].dtype) == "Int64"
    assert table["n_both"].dtype == np.int64
    assert table["df"].isna().all()
    assert list(change_table([]).columns) == list(table.columns)
