"""Estimates of a survey whose answers can be counted by hand: tables, notes, pictures, parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import DisclosureError, ReportError, UnknownCodeError, ValidationError
from begleitforschung.results.estimate import COLUMNS, Estimate, estimate_table
from begleitforschung.surveys import Code, Item

from ..estimation.inputs import item, survey_of
from .made import NBSP, dots, heads, printed, rows_of, written

# 10 times 1, 12 times 2, 18 times 3; every second case in group a, amounts 1 to 40.
ANSWERS = [*"1" * 10, *"2" * 12, *"3" * 18]
PLAIN = "Ausgezählt sind die Antworten, ungewichtet; ohne Stichprobenplan"


def survey(asked: int | None = None, kind: Any = "population", grade: Any = "public", **more: Any):
    frame = pd.DataFrame({"q": ANSWERS, "r": ANSWERS[::-1], "g": ["a", "b"] * 20})
    frame["y"] = np.arange(1.0, 41.0)
    frame["w"] = np.where(frame["g"] == "a", 3.0, 1.0)
    frame["mr_1"] = np.where(frame["q"] == "1", "1", "0")
    frame["mr_2"] = np.where(frame["q"] != "2", "1", "0")
    codes = tuple(Code(code=c, label={"de": f"Feld {c}", "en": f"Field {c}"}) for c in "12")
    items = [
        item("q", frame["q"], "scale", confidentiality=grade),
        item("r", frame["r"], "scale"),
        item("g", frame["g"], "single"),
        item("y", frame["y"], "number", unit="€"),
        item("w", frame["w"], "number"),
        Item(id="mr", kind="multiple", text={"de": "Felder?", "en": "Fields?"}, codes=codes,
             confidentiality="public", untouched="none"),
    ]  # fmt: skip
    units = [f"{k:08d}" for k in range(1001000, 1001000 + max(asked or 0, 40))]
    made = survey_of(frame, items, units=units[:40])
    if asked is None:
        return made
    register = pd.DataFrame({"unit": units, "typ": ["x", "z"] * (len(units) // 2)})
    return made.with_design(bf.design(made, kind=kind, frame=register, **more))


def q(result: Estimate, code: str) -> dict[str, Any]:
    return next(row for row in result.rows() if row["category"] == code)


def test_counted_answers_have_no_interval_and_say_so() -> None:
    found = bf.estimate(survey(), "q")
    assert heads(found) == ["Antwort", "Anteil der Kommunen", "n"]
    assert printed(found) == [
        ["Antwort 1", f"25{NBSP}%", "40"],
        ["Antwort 2", f"30{NBSP}%", "40"],
        ["Antwort 3", f"45{NBSP}%", "40"],
    ]
    assert found.display().notes[0].startswith(PLAIN)
    assert found.display("en").notes[0].startswith("Answers are counted, unweighted; without")
    assert found.alt_text() == (
        f"Anteil der Kommunen. Antwort 1: 25{NBSP}%; Antwort 2: 30{NBSP}%; Antwort 3: 45{NBSP}%."
    )
    with pytest.raises(ValidationError, match=r"need a design: survey\.with_design"):
        found.covariance()


@pytest.mark.parametrize(
    ("statistic", "head", "cell"),
    [
        ("top2", "Anteil der Kommunen mit einer der beiden obersten Antworten", f"75{NBSP}%"),
        ("bottom2", "Anteil der Kommunen mit einer der beiden untersten Antworten", f"55{NBSP}%"),
        ("mean", "Mittelwert", "2,20"),
    ],
)
def test_scales_have_shares_of_their_ends_and_means(statistic: Any, head: str, cell: str) -> None:
    found = bf.estimate(survey(), "q", statistic=statistic)
    assert head in heads(found)
    assert cell in printed(found)[0]


@pytest.mark.parametrize(
    ("statistic", "options", "german", "english", "value"),
    [
        ("mean", {}, "Mittelwert", "Mean", 20.5),
        ("median", {}, "Median", "Median", 20.0),
        ("quantile", {"prob": 0.9}, "Quantil 90 %", "Quantile 90 %", 36.0),
        ("quantile", {"prob": 0.125}, "Quantil 12,5 %", "Quantile 12.5 %", 5.0),
        ("variance", {}, "Varianz", "Variance", 40 * 41 / 12),
        ("sd", {}, "Standardabweichung", "Standard deviation", (40 * 41 / 12) ** 0.5),
        ("ratio", {"denominator": "w"}, "Verhältnis der Summen", "Ratio of totals", 820 / 80),
        ("total", {}, "Summe der Antworten", "Sum of answers", 820.0),
    ],
)
def test_numbers_have_the_name_and_unit_of_their_statistic(
    statistic: Any, options: dict[str, Any], german: str, english: str, value: float
) -> None:
    found = bf.estimate(survey(), "y", statistic=statistic, **options)
    assert found.table["estimate"].tolist() == pytest.approx([value])
    for lang, name in (("de", german), ("en", english)):
        model = found.display(lang)
        (column,) = [c for c in model.columns if c.key == "estimate"]
        assert column.label == name


@pytest.mark.parametrize(
    ("kind", "question", "head"),
    [
        ("sample", "y", "Summe der Antworten, gewichtet"),
        ("sample", "q", "Hochrechnung"),
        ("population", "y", "Hochrechnung"),
        ("population", "q", "Hochrechnung"),
    ],
)
def test_amounts_are_extrapolated_only_where_answers_stand_for_the_silent(
    kind: Any, question: str, head: str
) -> None:
    found = bf.estimate(survey(400, kind=kind), question, statistic="total")
    assert head in heads(found)
    assert head in found.alt_text()
    noted = [note for note in found.display().notes if note.startswith("Summe der Antworten")]
    assert len(noted) == (head == "Summe der Antworten, gewichtet")
    assert all("zählt als 0" in note and "bf.extrapolate" in note for note in noted)


def test_answers_of_a_population_of_unknown_size_are_numbers_of_answers() -> None:
    made = survey()
    weighted = made.with_design(bf.design(made, weights="w"))
    assert "Anzahl der Antworten, gewichtet" in heads(bf.estimate(weighted, "q", statistic="total"))
    assert "Anzahl der Antworten" in heads(bf.estimate(made, "q", statistic="total"))
    raked = bf.rake(weighted, {"g": {"a": 300.0, "b": 100.0}})
    assert "Hochrechnung" in heads(bf.estimate(raked, "q", statistic="total"))


def test_sums_have_two_digits_of_their_error_and_the_sum_of_what_was_said_all() -> None:
    counted = bf.estimate(survey(), "y", statistic="total")
    assert printed(counted)[0][1] == "820"
    found = bf.estimate(survey(400, kind="sample"), "y", statistic="total")
    # 820 times 10; the standard error is 400 · 11,69 / √40 · √0,9 = 701.
    assert found.table["se"].iloc[0] == pytest.approx(701, abs=1)
    assert printed(found)[0][1:3] == ["8.200", "6.780 bis 9.620"]


def test_plain_text_begins_with_the_question_that_all_rows_are_about() -> None:
    assert bf.estimate(survey(), "q").display().to_text().splitlines()[0] == "Frage q?"
    assert bf.estimate(survey(), "mr").display("en").to_text().splitlines()[0] == "Fields?"
    both = bf.estimate(survey(), ["q", "r"]).display()
    assert both.heading == ""
    assert "Frage q?" not in bf.estimate(survey(), "q").display().to_html()


@pytest.mark.parametrize(("lang", "unit"), [("de", "€ je w"), ("en", "€ per w")])
def test_the_unit_of_a_ratio_says_what_it_is_divided_by(lang: Any, unit: str) -> None:
    found = bf.estimate(survey(), "y", statistic="ratio", denominator="w")
    (column,) = [c for c in found.display(lang).columns if c.key == "estimate"]
    assert column.unit == unit
    by_group = bf.estimate(survey(), ["y", "w"], statistic="mean", by="g").display(lang)
    assert unit not in by_group.notes[0]


def test_everybody_answered_so_nothing_is_left_to_chance() -> None:
    found = bf.estimate(survey(40), "q")
    assert (found.table["se"] == 0).all()
    assert "95-%-Intervall" not in heads(found)
    assert found.display().notes[0] == (
        "Alle haben geantwortet: Es gibt keinen Stichprobenfehler, Messfehler bleiben."
    )
    missing = bf.estimate(survey(60), "q").display("en").notes[0]
    assert missing.startswith("Full population with non-response: the intervals (95 %) show")


def test_bounds_in_units_hold_all_who_did_not_answer() -> None:
    found = bf.estimate(survey(60), "q", level=0.9)
    row = q(found, "1")
    assert 10 <= row["count_low"] <= 15 <= row["count_high"] <= 30
    assert printed(found)[0][3] == f"{int(row['count_low'])} bis {int(row['count_high'])} der 60"
    assert heads(found)[2:4] == ["90-%-Intervall", "in der Grundgesamtheit"]
    # Shares of the answers that exclude each other add up to one, and so do their bounds of units.
    assert found.table["estimate"].sum() == pytest.approx(1.0)
    assert (found.table["count_low"].sum() <= 60 <= found.table["count_high"].sum()).item()


def test_groups_stand_beside_each_other_above_their_bases() -> None:
    found = bf.estimate(survey(), ["q", "r"], by="g")
    model = found.display()
    assert [c.label for c in model.columns] == [
        "Frage", "Antwort", "Insgesamt", "Antwort a", "Antwort b"
    ]  # fmt: skip
    assert printed(found)[0] == ["Frage q?", "Antwort 1", f"25{NBSP}%",
                                 f"5 von 20 (25{NBSP}%)", f"5 von 20 (25{NBSP}%)"]  # fmt: skip
    assert printed(found)[3] == ["", "n", "40", "20", "20"]
    assert [row[0] for row in printed(found)] == ["Frage q?", "", "", "", "Frage r?", "", "", ""]
    assert model.notes[0] == "Anteil der Kommunen."
    without = bf.estimate(survey(), "q", by="g", total=False)
    assert heads(without) == ["Antwort", "Antwort a", "Antwort b"]


def test_options_of_a_multiple_choice_have_the_wording_of_their_item() -> None:
    found = bf.estimate(survey(), "mr")
    assert printed(found, "en") == [["Field 1", "25%", "40"], ["Field 2", "70%", "40"]]
    of_answers = bf.estimate(survey(), "mr", base="answers")
    # 10 and 28 ticks.
    assert of_answers.table["estimate"].tolist() == pytest.approx([10 / 38, 28 / 38])
    assert heads(of_answers)[1] == "Anteil der Antworten"


def test_missing_answers_are_counted_with_separators() -> None:
    values = ["a"] * 12 + [None] * 1234
    made = survey_of(
        pd.DataFrame({"k": values, "m": ["a"] * 1246}),
        [item("k", ["a"], "single"), item("m", ["a"], "single")],
    )
    note = "Nicht enthalten: ohne Antwort 1.234."
    assert note in " ".join(bf.estimate(made, "k").display().notes)
    both = " ".join(bf.estimate(made, ["k", "m"]).display("en").notes)
    assert "Not included: no answer 0–1,234." in both


def test_below_the_minimum_counts_stand_instead_of_percent() -> None:
    found = bf.estimate(survey(), "q", by="g", min_n=21)
    assert printed(found)[0] == ["Antwort 1", f"25{NBSP}%", "5 von 20", "5 von 20"]
    note = "Bei weniger als 21 Antworten stehen Anzahlen statt Prozent."
    assert note in found.display().notes
    english = "With fewer than 21 answers counts are shown instead of percent."
    assert english in found.display("en").notes
    figure = found.figure(kind="intervals")
    assert sum("(n < 21)" in label for label in rows_of(figure)) == 6
    assert written(figure).count("nicht dargestellt") == 6
    assert "5 von 20" in found.alt_text()


# Pictures ---------------------------------------------------------------------------------------


def test_points_are_drawn_where_the_table_has_them() -> None:
    found = bf.estimate(survey(60), "q")
    figure = found.figure("en", kind="intervals")
    wanted = 100 * found.table[["estimate", "low", "high"]].to_numpy()
    assert np.array(dots(figure)) == pytest.approx(wanted)
    assert written(figure) == ["25", "30", "45"]
    assert rows_of(figure) == [f"Antwort {code}\n(n = 40)" for code in "123"]
    assert figure.axes[0].get_xlabel() == "Share of municipalities in %"


def test_bars_of_answers_end_at_one_hundred() -> None:
    found = bf.estimate(survey(), "q", by="g")
    axes = found.figure().axes[0]
    widths = np.array([p.get_width() for p in axes.patches]).reshape(3, 3)
    assert widths.sum(axis=0) == pytest.approx([100.0] * 3)
    assert [t.get_text() for t in axes.get_yticklabels()] == [
        f"Insgesamt (n{NBSP}={NBSP}40)", f"Antwort a (n{NBSP}={NBSP}20)",
        f"Antwort b (n{NBSP}={NBSP}20)",
    ]  # fmt: skip
    few = bf.estimate(survey(), "q", by="g", min_n=21).figure().axes[0]
    assert len(few.patches) == 3
    assert few.get_yticklabels()[1].get_text() == f"Antwort a (n{NBSP}<{NBSP}21)"


@pytest.mark.parametrize(
    ("question", "options", "kind", "message"),
    [
        ("q", {}, "pie", "kind= is one of intervals, stacked, not 'pie'"),
        ("y", {}, "stacked", "bars of answers need shares of questions with one answer"),
        ("mr", {}, "stacked", "bars of answers need shares"),
        ("q", {"statistic": "top2"}, "stacked", "bars of answers need shares"),
        (["q", "g"], {}, "stacked", "bars of answers need shares"),
    ],
)
def test_pictures_that_do_not_fit_are_refused(
    question: Any, options: dict[str, Any], kind: str, message: str
) -> None:
    with pytest.raises(ReportError, match=message):
        bf.estimate(survey(), question, **options).figure(kind=kind)


# Parts, frames, confidentiality -----------------------------------------------------------------


def test_a_part_has_the_same_figures_and_words_of_one_question_only() -> None:
    both = bf.estimate(survey(60), ["q", "r"])
    part = both.part("r")
    alone = bf.estimate(survey(60), "r")
    pd.testing.assert_frame_equal(part.table, alone.table)
    assert printed(part) == printed(alone)
    assert set(part.questions) == {column for column, _ in part.categories} == {"r"}
    assert part.specification["question"] == ["r"]
    assert part.provenance.operation == "part"
    assert part.provenance.inputs == (both.provenance,)
    pd.testing.assert_frame_equal(part.covariance(), alone.covariance())
    with pytest.raises(UnknownCodeError, match="'s'"):
        both.part("s")


def test_the_table_has_all_columns_and_needs_them() -> None:
    row = dict.fromkeys(COLUMNS, 1.0)
    words = {"question": "q", "column": "q", "statistic": "share", "category": "", "by": "",
             "domain": "", "method": "", "suppressed": "primary"}  # fmt: skip
    made = estimate_table([row | words])
    assert tuple(made.columns) == COLUMNS
    assert made["suppressed"].tolist() == ["primary"]
    assert estimate_table([{k: v for k, v in (row | words).items() if k != "suppressed"}])[
        "suppressed"
    ].tolist() == [""]


@pytest.mark.parametrize("show", ["display", "figure", "alt_text", "to_r", "covariance"])
def test_confidential_answers_are_shown_at_the_desk_only(show: str) -> None:
    found = bf.estimate(survey(60, grade="confidential"), "q")
    assert found.confidentiality == "confidential"
    with pytest.raises(DisclosureError) as caught:
        getattr(found, show)()
    message = str(caught.value)
    assert "is confidential and not protected" in message
    assert "3 cells, q (share, answer '1'); q (share, answer '2')" in message
    assert "allow_unprotected=True" in message
    assert not any(figure in message for figure in ("0.25", "25", "10 "))
    shown = getattr(found, show)(allow_unprotected=True)
    marked = {"display": lambda m: m.unprotected, "alt_text": lambda t: t.startswith("UNGESCH"),
              "to_r": lambda t: t.startswith("# UNPROTECTED"),
              "figure": lambda f: any("UNGESCH" in t.get_text() for t in f.texts)}  # fmt: skip
    assert marked.get(show, lambda _: True)(shown)


@pytest.fixture(scope="module")
def safe() -> Estimate:
    return bf.protect(bf.estimate(survey(60, grade="confidential"), ["q", "r"], by="g"))


@pytest.mark.parametrize("show", ["to_r", "covariance"])
def test_protection_allows_no_look_at_the_answers_themselves(safe: Estimate, show: str) -> None:
    assert not safe.display().unprotected
    with pytest.raises(DisclosureError, match="is confidential and not protected"):
        getattr(safe, show)()


def test_a_part_of_what_is_protected_is_audited_by_its_own_rows(safe: Estimate) -> None:
    part = safe.part("r")
    assert part.protected
    assert part.protection is not None
    assert part.protection.cells == len(part.table)
    assert {rows.column for rows in part.published} == {"r"}
    for rows in part.published:
        for row in rows.rows:
            assert part.table["by"][row.at] == row.by
    assert bf.audit([part]).ok
    assert printed(part)[-1] == printed(safe)[-1][1:]
