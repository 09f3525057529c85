"""What is left of an estimate that was protected: no hidden figure, no answer, no telling digit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.masking import without_answers
from begleitforschung.results.estimate import TELLING
from begleitforschung.surveys import STATUSES

from .drawn import codebook, random_survey, survey_of

MISSINGS = list(STATUSES[1:])


def safe(result, **about):
    return bf.protect(result, seconds=0.3, **about)


@pytest.fixture(scope="module")
def before():
    survey = random_survey(31, 60, laender=7, silent=0.1)
    units = [*survey.cases["unit"], *(f"{90_000_000 + at}" for at in range(60))]
    plan = bf.design(survey, frame=pd.DataFrame({"unit": units}))
    return bf.estimate(survey.with_design(plan), "q1", by="land")


@pytest.fixture(scope="module")
def after(before):
    return safe(before)


def test_hidden_rows_keep_their_place_and_their_base_and_nothing_else(before, after):
    gone = after.table["suppressed"] == "hidden"
    assert 0 < gone.sum() < len(after.table)
    telling = [name for name in TELLING if name in after.table]
    assert after.table.loc[gone, telling].isna().to_numpy().all()
    assert (before.table.loc[gone, "method"] != "").any()
    assert (after.table.loc[gone, "method"] == "").all()
    kept = ["column", "statistic", "category", "by", "domain", "n"]
    assert after.table[kept].equals(before.table[kept])


def test_rows_that_are_shown_are_those_of_the_estimate(before, after):
    shown = after.table["suppressed"] == ""
    names = ["estimate", "low", "high", "count", "n"]
    assert after.table.loc[shown, names].equals(before.table.loc[shown, names])


def test_what_was_asked_for_is_kept(before, after):
    assert after.specification == before.specification
    assert after.questions == before.questions


def test_the_estimate_itself_is_left_as_it_was(before, after):
    assert (before.table["suppressed"] == "").all()
    assert not before.protected
    assert len(before.survey) == 60
    assert after.table is not before.table


def test_protecting_again_from_the_start_gives_the_same(before, after):
    again = safe(before)
    assert again.table.equals(after.table)
    assert again.protection == after.protection


def test_no_answer_is_left_but_the_wording_and_the_sources(before, after):
    assert len(after.survey.responses) == len(after.survey.cases) == len(after.survey.status) == 0
    assert after.survey.codebook == before.survey.codebook
    assert list(after.survey.responses.columns) == list(before.survey.responses.columns)
    assert (after.survey.responses.dtypes == before.survey.responses.dtypes).all()
    assert after.sources() == before.sources()
    empty = without_answers(before.survey)
    assert empty.findings == ()
    assert empty.history == before.survey.history


def test_provenance_says_by_which_policy_and_of_how_many_results(after):
    (step,) = [s for s in after.provenance.steps() if s.operation == "protect"]
    told = dict(step.parameters)
    assert (told["policy"], told["version"], told["results"]) == ("grouped", "1", 1)


def test_breakdowns_by_answers_do_not_go_along_as_they_tell_who_is_in_which_group():
    survey = random_survey(3, 80)
    made = bf.estimate(survey, "q1", by="q2")
    assert any(b.names == ("q2",) for b in made.breakdowns)
    assert all(b.names != ("q2",) for b in safe(made).breakdowns)
    register = safe(bf.estimate(survey, "q1", by="staffel"))
    assert any(b.names == ("staffel",) for b in register.breakdowns)


def silent(counts, *, promise):
    """40 answers, and as many without as given by kind."""
    n = 40 + sum(counts.values())
    answers = [0, 1] * 20 + [None] * (n - 40)
    survey = survey_of(
        codebook(2, promise=promise), {"q1": answers, "staffel": [0] * n, "land": [0] * n}
    )
    marks = survey.status.copy()
    kinds = [STATUSES.index(kind) for kind, k in counts.items() for _ in range(k)]
    marks["q1"] = np.array([0] * 40 + kinds, "int8")
    return type(survey)(
        responses=survey.responses, status=marks, cases=survey.cases,
        codebook=survey.codebook, history=survey.history,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("promise", "refused", "told"),
    [("anonym", 1, False), ("anonym", 2, False), ("anonym", 3, True), ("nur Summen", 1, True)],
)
def test_few_who_refused_are_not_told_where_counts_of_one_and_two_are_not(promise, refused, told):
    survey = silent({"refused": refused, "dont_know": 6}, promise=promise)
    table = safe(bf.estimate(survey, "q1")).table
    if told:
        assert table["refused"].tolist() == [refused] * 2
        assert table["dont_know"].tolist() == [6] * 2
    else:  # all kinds, as their sum is known
        assert table[MISSINGS].isna().to_numpy().all()


def by_size(n, **about):
    draw = np.random.default_rng(5)
    columns = {
        "q1": [0, 1] * (n // 2),
        "q3": draw.integers(5_000, 9_000, n).astype(float),
        "staffel": [0] * n,
        "land": [0] * n,
    }
    survey = survey_of(codebook(2, q3={"confidentiality": "public"}), columns)
    return bf.estimate(survey, "q1", weight_by="q3", **about)


def test_a_share_by_residents_has_no_digit_that_is_not_printed():
    made = by_size(60)
    table = safe(made).table
    values, true = table["estimate"].to_numpy(), made.table["estimate"].to_numpy()
    assert values == pytest.approx(true, abs=0.005 + 1e-12)
    assert (100 * values) == pytest.approx(np.rint(100 * values), abs=1e-9)
    assert not np.allclose(values, true, atol=1e-6)
    assert table["deff"].isna().all()


def test_below_thirty_cases_a_share_by_residents_is_not_told_beside_the_count():
    table = safe(by_size(28)).table
    assert table[["estimate", "low", "high", "se"]].isna().to_numpy().all()
    assert table["count"].tolist() == [14, 14]


def test_figures_of_equal_weights_keep_their_digits():
    survey = random_survey(9, 61)
    made = bf.estimate(survey, "q1")
    assert safe(made).table["estimate"].equals(made.table["estimate"])


def stratified(n=60):
    survey = random_survey(17, n, staffeln=2, laender=2)
    units = [*survey.cases["unit"], *(f"{90_000_000 + at}" for at in range(n))]
    strata = [*("ab"[at % 3 == 0] for at in range(n)), *"a" * n]
    frame = pd.DataFrame({"unit": units, "schicht": strata})
    return survey.with_design(bf.design(survey, frame=frame, strata="schicht"))


def test_weighted_shares_are_rounded_as_printed_and_tell_no_count_of_their_strata():
    made = bf.estimate(stratified(), "q1")
    table = safe(made).table
    values = table["estimate"].to_numpy(float)
    assert (100 * values) == pytest.approx(np.rint(100 * values), abs=1e-9)
    assert values == pytest.approx(made.table["estimate"].to_numpy(float), abs=0.005 + 1e-12)
    assert made.table["se"].notna().all()
    assert table[["se", "deff"]].isna().to_numpy().all()


@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_protected_table_prints_points_and_says_how_many(after, lang):
    shown = after.display(lang)
    hidden = int((after.table["suppressed"] != "").sum())
    printed = [text for line in shown.formatted() for text in line]
    assert "." in printed
    notes = " ".join(shown.below())
    words = {"de": f"{hidden} von {len(after.table)} Feldern",
             "en": f"{hidden} of {len(after.table)} cells"}  # fmt: skip
    assert words[lang] in notes


def test_no_hidden_count_lies_below_the_mark_of_a_missing_one(before, after):
    gone = (after.table["suppressed"] == "hidden").to_numpy()
    assert (before.table.loc[gone, "count"] > 1).any()
    assert set(after.table["count"].array._data[gone]) == {1}  # what pandas writes there itself


@pytest.mark.parametrize("promise", ["anonym", "Ihre Angaben werden nur zusammengefasst."])
def test_in_strict_tables_count_and_weighted_share_of_a_row_do_not_stand_together(promise):
    survey = random_survey(3, 200, staffeln=2, laender=3, promise=promise)
    staffel = survey.responses["staffel"].astype(str).to_numpy()
    weights = np.where(staffel == "0", 2.0, 6.0)
    survey = survey.with_design(bf.design(survey, weights=weights, single="certainty"))
    table = bf.protect(bf.estimate(survey, "q1", by="land")).table
    both = table["count"].notna() & table["estimate"].notna() & (table["suppressed"] == "")
    assert both.any() == (promise != "anonym")
    assert (table.loc[table["n"] >= 30, "estimate"].notna() | (table["suppressed"] != "")).all()
