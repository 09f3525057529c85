"""Totals of the population and rankings as they are printed, from tables made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.results.extrapolation import Extrapolation
from begleitforschung.results.ranking import Ranking

from .made import ALL, HISTORY, NBSP, SOURCE_EN, dots, heads, printed, rows_of, written

GROUPS = {("", ""): ALL, ("g", "k"): Text("klein", "small")}


def total(**more: Any) -> dict[str, Any]:
    given = {"column": "invest", "by": "", "domain": "", "estimate": 12_345_678.9, "se": 45_000.0,
             "low": 12_257_000.0, "high": 12_434_000.0, "n": 40, "covered": 1000.0,
             "coverage": 0.255, "per_head": 12.3456, "per_head_se": 0.045}  # fmt: skip
    return given | more


def extrapolation(*rows: dict[str, Any], per: str = "einwohner", **more: Any) -> Extrapolation:
    specification = {"min_n": 10, "per": per, "level": 0.95, "how": "separate"}
    return Extrapolation(
        table=pd.DataFrame(rows),
        specification=specification | more.pop("specification", {}),
        provenance=HISTORY,
        influence=pd.DataFrame(),
        outliers=pd.DataFrame(),
        domains=GROUPS,
        questions=more.pop("questions", {"invest": Text("Invest", "Capital")}),
        units=more.pop("units", {"invest": "€"}),
        **more,
    )


def test_totals_are_rounded_to_two_digits_of_their_error() -> None:
    found = extrapolation(total())
    assert printed(found) == [
        ["Insgesamt", "12.346.000", "12.257.000 bis 12.434.000", "12,346", "40", f"26{NBSP}%"]
    ]
    assert printed(found, "en")[0][:4] == [
        "Total", "12,346,000", "12,257,000 to 12,434,000", "12.346"
    ]  # fmt: skip
    assert heads(found)[2:4] == ["95-%-Intervall", "je Einwohner"]
    assert [column.unit for column in found.display().columns] == ["", "€", "€", "€", "", ""]
    assert found.display("en").source == SOURCE_EN


def test_totals_of_few_cases_are_not_shown() -> None:
    found = extrapolation(
        total(n=9, coverage=0.004), total(n=0, coverage=0.0, estimate=np.nan, by="g", domain="k")
    )
    assert printed(found) == [
        ["Insgesamt", "/", "", "", "9", f"0{NBSP}%"],
        ["klein", "–", "", "", "0", f"0{NBSP}%"],
    ]
    assert "/: weniger als 10 Antworten, nicht sicher genug." in found.display().notes
    assert "/: fewer than 10 answers, not reliable enough." in found.display("en").notes
    assert not any(note.startswith("/") for note in extrapolation(total()).display().notes)
    assert found.alt_text() == "Hochrechnung: Insgesamt /; klein –."
    assert dots(found.figure()) == []
    assert "(n < 10)" in rows_of(found.figure())[0]


def test_a_total_without_error_is_rounded_to_whole_units_and_one_without_bounds_has_none() -> None:
    sure = total(se=0.0, low=np.nan, high=np.nan, per_head_se=np.nan)
    assert printed(extrapolation(sure))[0][1:4] == ["12.345.679", "", "12"]


def test_what_totals_are_related_to_is_named() -> None:
    area = extrapolation(total(), per="flaeche")
    assert heads(area)[3] == "je flaeche"
    assert heads(area, "en")[3] == "per flaeche"
    assert area.per == Text("flaeche", "flaeche")
    notes = extrapolation(total(), specification={"how": "combined"}).display("en").notes
    assert notes[0] == (
        "Estimated totals: known residents times weighted total of the answers by weighted "
        "residents of those who answered (combined ratio estimator)."
    )
    assert notes[1] == "Rounded to two digits of the standard error."
    separate = extrapolation(total()).display().notes[0]
    assert separate.startswith("Hochrechnung: bekannte Einwohner jeder Schicht mal Summe")


def test_several_questions_are_named_and_share_a_unit_only_if_it_is_the_same() -> None:
    words = {"invest": Text("Invest", "Capital"), "stellen": Text("Stellen", "Posts")}
    both = [total(), total(column="stellen")]
    mixed = extrapolation(*both, questions=words, units={"invest": "€", "stellen": "VZÄ"})
    assert [row[0] for row in printed(mixed, "en")] == ["Capital: Total", "Posts: Total"]
    assert {column.unit for column in mixed.display().columns} == {""}
    same = extrapolation(*both, questions=words, units={"invest": "€", "stellen": "€"})
    assert same.display().columns[1].unit == "€"


def test_amounts_per_head_are_drawn_with_the_bounds_of_the_total() -> None:
    figure = extrapolation(total()).figure("en")
    assert dots(figure) == [(12.3456, 12257.0, 12434.0)]
    assert figure.axes[0].get_xlabel() == "per inhabitant in €"


def test_remarks_about_other_things_are_not_printed() -> None:
    remarks = tuple(
        Finding(rule=rule, severity="warning", text=Text(rule)) for rule in ("extrapolate.a", "b")
    )
    notes = extrapolation(total(), findings=remarks).display().notes
    assert "extrapolate.a." in notes
    assert "b." not in notes


# Rankings ---------------------------------------------------------------------------------------


def ranked(option: str, by: str, n: int, count: int, top: int, mean: float) -> list[dict[str, Any]]:
    place = {"option": option, "by": by, "domain": "k" if by else "", "method": "wilson_kish"}
    share = {"se": 0.05, "low": 0.2, "high": 0.6, "df": 30.0, "n": n}
    return [
        {"measure": "first", "estimate": count / n, "count": count} | place | share,
        {"measure": "top", "estimate": top / n, "count": top} | place | share,
        {"measure": "mean_rank", "estimate": mean, "count": count} | place | share
        | {"low": mean - 0.1, "high": mean + 0.1, "n": max(n - 1, 1)},
    ]  # fmt: skip


def ranking(*groups: list[dict[str, Any]]) -> Ranking:
    table = pd.DataFrame([row for group in groups for row in group])
    places = dict.fromkeys(table[["by", "domain"]].itertuples(index=False, name=None))
    return Ranking(
        table=table,
        specification={"top": 3, "min_n": 10},
        provenance=HISTORY,
        question=Text("Was hemmt?", "What hinders?"),
        options={"1": Text("Geld", "Money"), "2": Text("Recht", "Law")},
        domains={place: GROUPS[place] for place in places},
    )


def test_an_option_has_one_row_with_three_measures() -> None:
    found = ranking(ranked("1", "", 40, 10, 22, 1.84), ranked("2", "", 12, 3, 6, 2.5))
    assert heads(found) == [
        "Antwort", "auf Rang 1", "unter den ersten 3", "mittlerer Rang", "n"
    ]  # fmt: skip
    assert printed(found) == [
        ["Geld", f"25{NBSP}% [20–60{NBSP}%]", f"55{NBSP}% [20–60{NBSP}%]", "1,84 [1,74 bis 1,94]",
         "40"],
        ["Recht", f"3 von 12 (25{NBSP}%) [20–60{NBSP}%]", f"6 von 12 (50{NBSP}%) [20–60{NBSP}%]",
         "2,50 [2,40 bis 2,60]", "12"],
    ]  # fmt: skip
    assert printed(found, "en")[0] == [
        "Money", "25% [20–60%]", "55% [20–60%]", "1.84 [1.74 to 1.94]", "40"
    ]  # fmt: skip
    assert heads(found, "en")[2] == "among the first 3"


def test_groups_are_named_once_and_small_ones_have_counts() -> None:
    found = ranking(
        ranked("1", "", 40, 10, 22, 1.84),
        ranked("1", "g", 9, 2, 4, 2.0),
        ranked("2", "g", 9, 0, 9, 3.0),
    )
    assert heads(found)[0] == "Gruppe"
    assert [row[0] for row in printed(found)] == ["Insgesamt", "klein", ""]
    assert printed(found)[1][2:4] == ["2 von 9", "4 von 9"]
    assert printed(found)[2][2:4] == ["0 von 9", "9 von 9"]
    # Figure and its text are about all cases together.
    assert dots(found.figure()) == [pytest.approx((55.0, 20.0, 60.0))]
    assert found.alt_text() == f"Was hemmt? unter den ersten 3: Geld 55{NBSP}% [20–60{NBSP}%]."
    assert written(found.figure("en")) == ["55"]
    assert found.figure("en").axes[0].get_xlabel() == "among the first 3 in %"
    assert rows_of(found.figure("en")) == ["Money\n(n = 40)"]
