"""What is printed: counts for small bases, no empty digits, the uncertainty that is meant."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import ReportError
from begleitforschung.results.estimate_words import (
    counts_text,
    interval_text,
    number_text,
    share_text,
)

from .inputs import item, kommunen, projects, survey_of


def share(count, n, **more):
    low, high = more.pop("bounds", (0.1, 0.9))
    row = {"statistic": "share", "estimate": count / n if n else np.nan, "count": count, "n": n}
    return row | {"low": low, "high": high, "method": "wilson"} | more


@pytest.mark.parametrize(
    ("count", "n", "text"),
    [
        (0, 0, "–"),
        (4, 9, "4 von 9"),
        (4, 19, "4 von 19 (21\xa0%)"),
        (10, 30, "33\xa0%"),
        (333, 999, "33\xa0%"),
        (333, 1000, "33,3\xa0%"),
    ],
)
def test_the_base_decides_how_a_share_is_written(count, n, text):
    assert share_text(share(count, n), 10, "de") == text


def test_intervals_are_written_like_their_share():
    assert interval_text(share(4, 9), 10, "de") == ""
    assert interval_text(share(10, 30, bounds=(0.1234, 0.5)), 10, "de") == "12–50\xa0%"
    assert interval_text(share(10, 30, method="complete"), 10, "de") == ""
    assert interval_text(share(333, 1000, bounds=(0.1234, 0.5)), 10, "en") == "12.3–50.0%"
    number = {"statistic": "mean", "estimate": 3.14159, "se": 0.2, "n": 50, "method": "t"}
    assert interval_text(number | {"low": 2.74, "high": 3.54}, 10, "de") == "2,74 bis 3,54"


@pytest.mark.parametrize(
    ("value", "se", "text"),
    [
        (3.14159, 0.4, "3,14"),
        (314.159, 12.0, "314"),
        (3.14159, 1.2, "3,1"),
        (1e6, 2e4, "1.000.000"),
    ],
)
def test_numbers_have_the_digits_that_their_error_leaves(value, se, text):
    row = {"statistic": "mean", "estimate": value, "se": se, "n": 50}
    assert number_text(row, "estimate", "de") == text
    assert number_text(row | {"n": 0}, "estimate", "de") == "–"


def test_exact_counts_are_written_as_counts():
    row = {"count_low": 31.0, "count_high": 44.0, "N": 73.0}
    assert counts_text(row, "de") == "31 bis 44 der 73"
    assert counts_text(row, "en") == "31 to 44 of the 73"
    assert counts_text(row | {"count_high": 31.0}, "de") == "31 der 73"
    assert counts_text(row | {"count_low": np.nan}, "de") == ""


@pytest.fixture(scope="module")
def census():
    survey, frame = projects()
    return survey.with_design(bf.design(survey, kind="population", frame=frame, strata="staffel"))


def test_a_breakdown_has_a_column_for_each_domain_and_a_row_of_bases(census):
    shown = bf.estimate(census, "lik1", by="staffel", min_n=15).display()
    # The question stands in the title; several questions have a column.
    labels = [column.label for column in shown.columns]
    assert labels[:3] == ["Antwort", "Insgesamt", "staffel 1"]
    several = bf.tabulate(census, ["staffel"], ["lik1", "mr"], allow_unprotected=True).display()
    assert [column.label for column in several.columns][:2] == ["Frage", "Antwort"]
    last = shown.rows[-1]
    assert last[0] == "n"
    assert last[1] == census.answered("lik1").sum()
    assert shown.notes[0] == "Anteil der Kommunen; in Klammern: 95-%-Intervall."
    assert "Vollerhebung mit Antwortausfall" in shown.notes[1]
    assert any("stehen Anzahlen statt Prozent" in note for note in shown.notes)
    english = bf.estimate(census, "lik1", by="staffel").display("en")
    assert english.columns[1].label == "Total"
    assert "Full population with non-response" in english.notes[1]


def test_an_invitation_is_no_sample_and_shows_the_extremes():
    survey, frame = projects()
    invited = survey.with_design(bf.design(survey, kind="invitation", frame=frame))
    shown = bf.estimate(invited, "mr").display()
    assert "das ist keine Stichprobe" in shown.notes[0]
    assert "äußerste Werte" in [column.label for column in shown.columns]


def test_analytic_inference_says_so():
    survey, frame = projects()
    made = bf.design(survey, kind="population", frame=frame, inference="analytic")
    shown = bf.estimate(survey.with_design(made), "mr").display()
    assert "Superpopulation" in shown.notes[0]
    assert not any("der 73" in str(row) for row in shown.rows)


def test_missings_are_named_by_kind():
    frame = pd.DataFrame({"q": ["a", "b", None, None, None, "a"]})
    survey = survey_of(frame, [item("q", frame["q"], "single")])
    survey.status.loc[2, "q"] = 4
    survey.status.loc[3, "q"] = 2
    result = bf.estimate(survey, "q")
    assert result.table[["n", "no_answer", "dont_know", "not_asked"]].iloc[0].tolist() == [
        3,
        1,
        1,
        1,
    ]
    text = " ".join(result.display().notes)
    assert "Nicht enthalten: ohne Antwort 1, weiß nicht 1, nicht gefragt 1." in text


def test_figures_are_drawn_and_described(census):
    alone = bf.estimate(census, "mr")
    assert alone.figure().axes[0].get_xlabel() == "Anteil der Kommunen in %"
    assert "Feld 1" in alone.alt_text()
    likert = bf.estimate(census, ["lik1", "lik2"])
    assert len(likert.figure().axes[0].get_yticklabels()) == 2
    assert len(likert.figure(kind="intervals").axes[0].get_yticklabels()) == len(likert.table)
    numbers = bf.estimate(kommunen(), "invest", by="gk")
    assert len(numbers.figure().axes[0].get_yticklabels()) == len(numbers.table)
    with pytest.raises(ReportError, match="kind="):
        likert.figure(kind="pie")
    with pytest.raises(ReportError, match="bars of answers"):
        numbers.figure(kind="stacked")


def test_the_rse_survey_gives_plain_counts(shared):
    survey = bf.read_survey(
        shared / "data/survey/limesurvey_rse2017/de_public_data.csv",
        codebook=shared / "data/survey/limesurvey_rse2017/de_17_to_import.txt",
    )
    name = next(
        i.id for i in survey.codebook.items if i.kind == "single" and i.id in survey.responses
    )
    result = bf.estimate(survey, name)
    counts = survey.responses[name].value_counts(sort=False)
    assert result.table["count"].tolist() == counts.tolist()
    np.testing.assert_allclose(result.table["estimate"], counts / counts.sum())
    assert result.table["n"].unique().tolist() == [int(counts.sum())]


def test_an_invitation_labels_its_intervals_and_shows_the_extremes_beside_them():
    survey, frame = projects()
    invited = survey.with_design(bf.design(survey, kind="invitation", frame=frame))
    result = bf.estimate(invited, "lik1", by="staffel", min_n=15)
    row = result.table.iloc[0]
    low, high = (round(100 * row[key]) for key in ("worst_low", "worst_high"))
    shown = result.display()
    assert "95-%-Intervall (bei zufälligem Ausfall innerhalb der Klassen)" in shown.notes[0]
    extremes = shown.rows[1]
    assert extremes[-5:-3] == ("äußerste Werte", f"{low}–{high}\xa0%")
    few = result.table[result.table["domain"] == "1"].iloc[0]
    assert few["n"] < 15
    assert extremes[-3] == f"{few['count']} bis {few['count'] + 13 - few['n']} der 13"
    single = bf.estimate(invited, "mr_1")
    assert "bei zufälligem Ausfall" in str([column.label for column in single.display().columns])
    assert "bei zufälligem Ausfall" in single.figure().axes[0].get_xlabel().replace("\n", " ")
    assert "if non-response is random" in single.alt_text(lang="en")


def test_numbers_of_few_cases_have_one_digit_of_their_error_and_units_no_decimals(census):
    few = {"statistic": "mean", "category": "", "estimate": 30.73, "se": 7.3, "n": 7}
    assert number_text(few, "estimate", "de") == "31"
    assert number_text(few | {"n": 49}, "estimate", "de") == "30,7"
    total = bf.estimate(census, "lik1", statistic="total")
    assert all("," not in str(cell) for cell in total.display().rows[0][1:3])


def test_weighted_percentages_beside_counts_are_said_to_be_weighted(census):
    notes = " ".join(bf.estimate(census, "mr_1", by="staffel").display().notes)
    assert "Anzahlen sind die der Antworten, ungewichtet" in notes
    survey, frame = projects()
    equal = survey.with_design(bf.design(survey, kind="population", frame=frame))
    notes = " ".join(bf.estimate(equal, "mr_1", by="typ").display().notes)
    assert "ungewichtet" not in notes
