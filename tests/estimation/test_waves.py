"""Changes between waves: R where it applies, identities, full populations, changed questions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import (
    DisclosureError,
    ReportError,
    UnknownCodeError,
    ValidationError,
)
from begleitforschung.surveys import Code, Codebook, Item

from .inputs import item, survey_of
from .waves_input import changes, projects_twice, waves


def only(result, domain="", category=""):
    table = result.table
    return table[(table["domain"] == domain) & (table["category"] == category)].iloc[0]


@pytest.mark.parametrize("name", ["y", "q"])
@pytest.mark.parametrize(
    ("case", "which", "inference", "domain"),
    [
        ("full", "full", "descriptive", ""),
        ("full analytic", "full", "analytic", ""),
        ("full domain", "full", "descriptive", "x"),
        ("apart", "apart", "descriptive", ""),
    ],
)
def test_changes_are_those_of_r(name, case, which, inference, domain):
    result = bf.change(*waves(which, inference), name, by="g" if domain else None)
    row, theirs = only(result, domain, "1" if name == "q" else ""), changes()[f"{case} mean {name}"]
    assert row["change"] == pytest.approx(theirs["change"], rel=1e-10)
    assert row["se"] == pytest.approx(theirs["se"], rel=1e-9)
    if not domain:
        totals = bf.change(*waves(which, inference), name, statistic="total")
        row, theirs = only(totals, "", row["category"]), changes()[f"{case} total {name}"]
        assert row["change"] == pytest.approx(theirs["change"], rel=1e-10)
        assert row["se"] == pytest.approx(theirs["se"], rel=1e-9)


def test_levels_are_the_estimates_of_each_wave():
    one, two = waves("partial")
    result = bf.change(one, two, "q", by="g")
    for name, survey in (("before", one), ("after", two)):
        theirs = bf.estimate(survey, "q", by="g").table.set_index(["domain", "category"])
        ours = result.table.set_index(["domain", "category"])
        np.testing.assert_allclose(ours[name], theirs.loc[ours.index, "estimate"])
        assert ours[f"n_{name}"].tolist() == theirs.loc[ours.index, "n"].tolist()
        assert ours[f"count_{name}"].tolist() == theirs.loc[ours.index, "count"].tolist()
    np.testing.assert_allclose(ours["change"], ours["after"] - ours["before"])


def test_the_same_wave_twice_has_neither_change_nor_error():
    one = waves("partial")[0]
    for panel in (False, True):
        table = bf.change(one, one, "q", by="g", panel=panel).table
        assert (table["change"] == 0).all()
        assert (table["se"] == 0).all()
        assert (table["n_both"] == table["n_before"]).all()
        assert set(table["method"]) == {""}  # equal answers do not say how sure that is for all
        assert table["low"].isna().all()


def test_without_common_units_the_errors_add_up():
    one, two = waves("apart")
    row = only(bf.change(one, two, "y"))
    errors = [bf.estimate(s, "y").table["se"].iloc[0] for s in (one, two)]
    assert row["se"] == pytest.approx(np.hypot(*errors))
    assert row["n_both"] == 0
    # Two independent samples of 30 and 20 of 170 would share 3.5 units.
    assert [f.n for f in bf.change(one, two, "y").findings] == [4]
    analytic = bf.change(*waves("apart", "analytic"), "y")
    assert "waves.avoided" not in [f.rule for f in analytic.findings]
    with pytest.raises(ValidationError, match="no unit is a case of both waves"):
        bf.change(one, two, "y", panel=True)


def test_common_units_make_the_change_surer():
    row = only(bf.change(*waves("partial"), "y"))
    errors = [bf.estimate(s, "y").table["se"].iloc[0] for s in waves("partial")]
    assert row["se"] < 0.9 * np.hypot(*errors)
    assert row["n_both"] == 30


def test_a_panel_is_the_paired_difference():
    one, two = waves("partial", "analytic")
    row = only(bf.change(one, two, "y", panel=True))
    frame = (
        one.cases[["unit"]]
        .assign(y1=one.scores("y")[:, 0])
        .merge(two.cases[["unit"]].assign(y2=two.scores("y")[:, 0], w=two.design.sample.weights))
    )
    gap = np.average(frame["y2"] - frame["y1"], weights=frame["w"])
    assert row["change"] == pytest.approx(gap)
    assert (row["n_both"], row["n_before"]) == (30, 30)
    with pytest.raises(ValidationError, match="no figure of pairs"):
        bf.change(one, two, "y", statistic="total", panel=True)


def test_p_exists_with_analytic_inference_only():
    finite = bf.change(*waves("partial"), "q", by="g").table
    assert finite[["p", "p_adjusted"]].isna().all(axis=None)
    table = bf.change(*waves("partial", "analytic"), "q", by="g").table
    assert (table["p_adjusted"] >= table["p"]).all()
    raw = bf.change(*waves("partial", "analytic"), "q", by="g", adjust="none").table
    assert raw["p_adjusted"].tolist() == table["p"].tolist()


def test_a_full_population_asked_twice_has_exact_bounds():
    one, two = projects_twice()
    row = only(bf.change(one, two, "q"), category="j")
    yes = [dict(zip(s.cases["unit"], s.responses["q"] == "j", strict=True)) for s in (one, two)]
    both = sorted(set(yes[0]) & set(yes[1]))
    assert row["risen"] == sum(yes[1][u] and not yes[0][u] for u in both)
    assert row["fallen"] == sum(yes[0][u] and not yes[1][u] for u in both)
    assert row["n_both"] == len(both)
    assert row["change"] == pytest.approx((row["risen"] - row["fallen"]) / len(both))
    # Nobody fell: between 0 and as many as could hide among those who did not answer twice.
    assert row["method"] == "hypergeometric"
    assert row["count_low"] <= row["risen"] - row["fallen"] <= row["count_high"]
    assert row["low"] == row["count_low"] / 73
    text = bf.change(one, two, "q").display()
    assert any("der 73" in str(cell) for cell in text.rows[0])
    assert any("Vollerhebung" in note for note in text.notes)


def test_a_full_population_that_always_answered_has_no_error():
    row = only(bf.change(*projects_twice((73, 73)), "q"), category="j")
    assert (row["method"], row["se"], row["low"]) == ("complete", 0, row["change"])
    assert row["change"] == pytest.approx(15 / 73)
    crossed = only(bf.change(*projects_twice((73, 73)), "q", panel=False), category="j")
    assert (crossed["method"], crossed["se"]) == ("complete", 0)
    assert crossed["change"] == row["change"]


def test_strata_of_a_full_population_are_kept():
    one, two = projects_twice(strata=True)
    row = only(bf.change(one, two, "q"), category="j")
    assert row["method"] == "t"
    assert row["N"] == 73


def test_exact_bounds_hold_the_truth():
    """Of 40 units half are hidden; the bounds hold the net change of 1 in 95 of 100 draws."""
    draw = np.random.default_rng(1)
    units = [f"u{i}" for i in range(40)]
    frame = pd.DataFrame({"unit": units})
    before, after = np.arange(40) < 12, (np.arange(40) < 9) | (np.arange(40) > 35)
    asked = [item("q", pd.Series(["j", "n"]), "single")]

    def of(values, who):
        rows = pd.DataFrame({"q": np.where(values[who], "j", "n")})
        survey = survey_of(rows, asked, units=[units[i] for i in who])
        return survey.with_design(bf.design(survey, kind="population", frame=frame))

    held = 0
    for _ in range(25):
        who = np.sort(draw.permutation(40)[:20])
        row = only(bf.change(of(before, who), of(after, who), "q"), category="j")
        held += row["count_low"] <= 1 <= row["count_high"]
    assert held >= 24


def changed(survey, name, **more):
    return replace(survey, codebook=book_of(survey, name, **more))


def book_of(survey, name, **more):
    book = survey.codebook
    parts = [p.model_copy(update=more) if p.id == name else p for p in book.items]
    return Codebook(id=book.id, title=book.title, instrument=book.instrument, items=tuple(parts))


def test_a_changed_question_is_not_compared_unless_somebody_says_why():
    one, two = waves("partial")
    text = two.codebook.item("q").text.model_copy(update={"de": "Neue Frage?"})
    other = changed(two, "q", text=text)
    with pytest.raises(ValidationError, match="questions that changed") as caught:
        bf.change(one, other, "q")
    message = str(caught.value)
    assert "“Frage q?” → “Neue Frage?”" in message
    assert "confirmed=" in message
    assert bf.change(one, other, "y").table["n_both"].iloc[0] == 30
    result = bf.change(one, other, "q", confirmed={"q": "nur umformuliert"})
    expected = bf.change(one, two, "q").table
    pd.testing.assert_frame_equal(result.table, expected)
    assert any("nur umformuliert" in note for note in result.display().notes)
    step = result.provenance
    assert dict(step.parameters)["confirmed"] == ("dict", ("q", "nur umformuliert"))
    for wrong in ({"y": "gleich"}, {"qq": "gleich"}):
        with pytest.raises(UnknownCodeError, match="questions that are compared"):
            bf.change(one, other, "q", confirmed=wrong)
    with pytest.raises(ValidationError, match="needs a reason"):
        bf.change(one, other, "q", confirmed={"q": " "})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"statistic": "median"}, UnknownCodeError, "statistics of a change"),
        ({"adjust": "tukey"}, UnknownCodeError, "corrections"),
        ({"waves": ["2023"]}, ValidationError, "2 different names"),
        ({"waves": ["2023", "2023"]}, ValidationError, "2 different names"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        bf.change(*waves("partial"), "q", **arguments)


def test_designs_must_be_of_one_kind():
    one, two = waves("partial")
    with pytest.raises(ValidationError, match="inference is 'descriptive' in one wave"):
        bf.change(one, waves("partial", "analytic")[1], "q")
    with pytest.raises(ValidationError, match="kind is 'sample' in one wave"):
        bf.change(one, projects_twice()[0], "q")
    with pytest.raises(ValidationError, match="needs the design of both waves"):
        bf.change(replace(one, design=None), two, "q")


def test_units_that_moved_or_are_unknown_are_remarked():
    one, two = waves("partial")
    plain = two.with_design(bf.design(two, population=170))
    result = bf.change(one, plain, "y")
    found = {f.rule: f.n for f in result.findings}
    assert found["waves.strata"] == 30
    errors = [bf.estimate(s, "y").table["se"].iloc[0] for s in (one, plain)]
    assert only(result)["se"] == pytest.approx(np.hypot(*errors))
    units = two.cases["unit"].where(np.arange(len(two)) > 4)
    lost = replace(two, cases=two.cases.assign(unit=units))
    assert {f.rule: f.n for f in bf.change(one, lost, "y").findings}["waves.unit"] == 5


def test_clusters_share_no_units():
    one, two = waves("partial", "analytic")
    made = bf.design(two, weights=np.ones(len(two)), psu="g", inference="analytic")
    with pytest.raises(ValidationError, match="clusters"):
        bf.change(one, two.with_design(made), "y")


def test_both_waves_decide_who_may_see_it():
    one, two = waves("partial")
    hidden = changed(one, "q", confidentiality="confidential")
    result = bf.change(hidden, two, "q")
    assert result.confidentiality == "confidential"
    with pytest.raises(DisclosureError):
        result.display()
    assert result.display(allow_unprotected=True).rows


def test_it_is_printed_and_drawn():
    result = bf.change(*waves("partial"), "q", by="g", waves=["2023", "2025"])
    shown = result.display()
    assert [c.label for c in shown.columns] == [
        "Frage",
        "Gruppe",
        "Antwort",
        "2023",
        "2025",
        "Veränderung",
        "95-%-Intervall",
        "n 2023",
        "n 2025",
        "n beide Wellen",
    ]
    assert shown.rows[1][3:6] == ("47\xa0%", "62\xa0%", "+16")
    assert any("Qualité" in note for note in shown.notes)
    assert len(result.figure().axes[0].get_yticklabels()) == 6
    assert "2023–2025" in result.alt_text()
    small = bf.change(*waves("apart"), "q", by="g").display()
    assert "2 von 8" in [row[4] for row in small.rows]
    numbers = bf.change(*waves("partial"), "y", panel=True).display("en")
    assert numbers.rows[0][3].startswith("+0.3")
    assert [c.label for c in numbers.columns][-1] == "n both waves"


def test_a_trend_is_the_estimates_side_by_side():
    one, two = waves("partial")
    three = waves("full")[1]
    result = bf.trend([one, two, three], "q", by="g")
    for at, survey in enumerate((one, two, three), start=1):
        theirs = bf.estimate(survey, "q", by="g").table
        mine = result.table[result.table["wave"] == str(at)].reset_index(drop=True)
        pd.testing.assert_frame_equal(mine[theirs.columns], theirs)
    assert not result.table["changed"].any()
    shown = result.display()
    assert [c.label for c in shown.columns][2:] == [
        *(f"Welle {k}" for k in (1, 2, 3)),
        *(f"n Welle {k}" for k in (1, 2, 3)),
    ]
    assert len(shown.rows) == 6
    assert len(result.figure(category="1").axes[0].lines) == 3
    assert "Welle 3" in result.alt_text(category="1", domain="x")
    with pytest.raises(ReportError, match="choose with"):
        result.figure(domain="nothing")
    with pytest.raises(UnknownCodeError):
        result.figure(group="x")


def test_a_trend_is_broken_where_the_question_was_changed():
    one, two = waves("partial")
    text = two.codebook.item("q").text.model_copy(update={"de": "Neue Frage?"})
    three = changed(waves("full")[1], "q", text=text)
    with pytest.raises(ValidationError, match="questions that changed"):
        bf.trend([one, two, three], "q")
    result = bf.trend([one, two, three], "q", confirmed={"q": "gleicher Sinn"})
    assert result.table.groupby("wave")["changed"].first().tolist() == [False, False, True]
    lines = [line for line in result.figure().axes[0].lines if len(line.get_xdata()) != 2]
    assert len(lines) == 2  # the last wave of both answers stands alone
    notes = " ".join(result.display().notes)
    assert "a = Frage gegenüber der Welle davor geändert." in notes
    assert "gleicher Sinn" in notes
    with pytest.raises(ValidationError, match="two waves"):
        bf.trend([one], "q")


def test_options_of_a_multiple_choice_are_answers():
    frame = pd.DataFrame({"m_1": [1, 0, 1, 0, 1], "m_2": [0, 1, 1, 1, 0]})
    codes = tuple(Code(code=k, label={"de": f"Feld {k}"}) for k in "12")
    asked = Item(
        id="m",
        kind="multiple",
        text={"de": "Felder?"},
        codes=codes,
        confidentiality="public",
        untouched="none",
    )
    survey = survey_of(frame, [asked], units=list("abcde"))
    survey = survey.with_design(bf.design(survey, population=50))
    other = survey_of(1 - frame, [asked], units=list("efghi"))
    other = other.with_design(bf.design(other, population=50))
    result = bf.change(survey, other, "m", min_n=1)
    assert [row[:4] for row in result.display().rows] == [
        ("Felder?", "Feld 1", "3 von 5 (60\xa0%)", "2 von 5 (40\xa0%)"),
        ("Felder?", "Feld 2", "3 von 5 (60\xa0%)", "2 von 5 (40\xa0%)"),
    ]
    assert result.table["n_both"].tolist() == [1, 1]
    shown = bf.trend([survey, other], "m", min_n=1).display()
    assert [row[0] for row in shown.rows] == ["Feld 1", "Feld 2"]
