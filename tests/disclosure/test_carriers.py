"""What tests and models tell together with tables: an attacker who counts all tables that fit."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.carriers import carriers

from .drawn import codebook, random_survey, survey_of

ANONYMOUS = "Ihre Antworten bleiben anonym."


def analytic(columns, answers=3, **about):
    survey = survey_of(codebook(answers, **about), columns)
    return survey.with_design(bf.design(survey, population=400, inference="analytic"))


def columns_of(counts):
    """Answers with so many cases by group (row) and answer."""
    cells = [(group, code) for group, row in enumerate(counts) for code, n in enumerate(row)
             for _ in range(n)]  # fmt: skip
    groups, codes = zip(*cells, strict=True)
    return {"q1": list(codes), "staffel": list(groups)}


def test_of(counts):
    """The test of Rao & Scott between two groups with these counts."""
    survey = analytic(columns_of(counts), promise=ANONYMOUS)
    return bf.significance(survey, "q1", "staffel").table.iloc[0]


test_of.__test__ = False


def tables(bases):
    """All tables of two groups of this size and three answers."""
    rows = [
        [(a, b, size - a - b) for a in range(size + 1) for b in range(size + 1 - a)]
        for size in bases
    ]
    return product(*rows)


def fitting(counts, table):
    """All tables of the same bases with the counts that are shown, groups and totals."""
    open_ = table[table["suppressed"] == ""]
    rows = open_[["domain", "category", "count"]].itertuples(index=False, name=None)
    told = [(group, int(code), count) for group, code, count in rows]
    for made in tables([sum(row) for row in counts]):
        sums = {"": np.sum(made, axis=0), "0": made[0], "1": made[1]}
        if all(sums[group][code] == count for group, code, count in told):
            yield made


COUNTS = ((11, 6, 1), (4, 11, 9))


def test_with_its_digits_a_test_would_give_a_hidden_count_away():
    survey = analytic(columns_of(COUNTS), promise=ANONYMOUS)
    safe = bf.protect(bf.estimate(survey, "q1", by="staffel"))
    fits = list(fitting(COUNTS, safe.table))
    assert len(fits) > 1
    printed = round(float(test_of(COUNTS)["value"]), 2)
    assert [made for made in fits if round(float(test_of(made)["value"]), 2) == printed] == [COUNTS]


def test_a_bound_of_p_leaves_every_hidden_count_open():
    survey = analytic(columns_of(COUNTS), promise=ANONYMOUS)
    made = [bf.estimate(survey, "q1", by="staffel"), bf.significance(survey, "q1", "staffel")]
    table, test = bf.protect(made)
    row = test.table.iloc[0]
    assert row["suppressed"] == "hidden"
    assert test.table[["value", "ndf", "ddf", "estimate"]].isna().to_numpy().all()
    assert (row["p"], row["p_adjusted"]) == (0.01, 0.01)
    assert "< 0,01" in test.display().to_text()
    assert "Schwelle" in test.display().to_text()
    fits = [m for m in fitting(COUNTS, table.table) if 0.001 <= test_of(m)["p"] < 0.01]
    hidden = table.table[(table.table["suppressed"] != "") & (table.table["domain"] != "")]
    assert len(hidden)
    for group, code in hidden[["domain", "category"]].itertuples(index=False, name=None):
        true = COUNTS[int(group)][int(code)]
        others = {m[int(group)][int(code)] for m in fits}
        assert len(others) > 1
        assert true >= 3 or (min(others) < true < max(others))
    # alone it is shown so as well, as the table may be published tomorrow
    assert bf.protect(made[1]).table["suppressed"].tolist() == ["hidden"]


def test_adjusted_p_of_other_tests_are_bounds_too_as_they_may_be_made_of_it():
    columns = columns_of(((9, 8, 1), (11, 9, 4))) | {"q2": [0, 1, 2] * 14}
    survey = analytic(columns, promise=ANONYMOUS)
    safe = bf.protect(bf.significance(survey, ["q1", "q2"], "staffel", adjust="bh")).table
    assert safe["suppressed"].tolist() == ["hidden", ""]
    assert set(safe["p_adjusted"]) <= {0.001, 0.01, 0.05, 0.1, 1.0}
    assert safe["value"].isna().tolist() == [True, False]


def test_where_no_other_answers_are_searched_a_test_is_refused():
    survey = analytic(columns_of(COUNTS) | {"q2": [0, 1] * 21}, promise=ANONYMOUS)
    crossed = bf.estimate(survey, "q2", by="q1")
    bf.protect(bf.significance(survey, "q1", "staffel"))
    with pytest.raises(bf.DisclosureError, match=r"result 2 of the call.*q1 by staffel"):
        bf.protect([crossed, bf.significance(survey, "q1", "staffel")])
    with pytest.raises(bf.DisclosureError, match=r"result 1 of the call.*q1 by staffel"):
        bf.protect(bf.significance(survey, "q1", "staffel", "rank"))


def test_one_test_of_several_is_left_out_and_counts_as_no_finding():
    columns = columns_of(((17, 1), (4, 20))) | {"q2": [0, 1] * 21}
    survey = analytic(columns, answers=2, promise=ANONYMOUS)
    made = bf.significance(survey, ["q1", "q2"], "staffel")
    safe = bf.protect(made)
    told = safe.table
    assert told["suppressed"].tolist() == ["hidden", ""]
    assert told.loc[0, ["value", "p", "p_adjusted"]].isna().all()
    # of two tests with the smaller p left out, the larger one is taken twice, not once
    p = made.table["p"].iloc[1]
    assert told["p_adjusted"].iloc[1] == pytest.approx(round(min(1.0, 2 * p), 3))
    assert safe.display().formatted()[0].count(".") >= 2
    assert "None" not in safe.display().to_text()


def test_tables_are_hidden_so_that_they_go_with_a_test():
    # By land the counts are small; the test by staffel tells that table in full.
    draw = np.random.default_rng(3)
    columns = {
        "q1": draw.integers(0, 2, 60),
        "staffel": [0, 1] * 30,
        "land": draw.integers(0, 6, 60),
    }
    survey = analytic(columns, answers=2, promise=ANONYMOUS)
    test = bf.significance(survey, "q1", "staffel")
    safe, protected = bf.protect([bf.estimate(survey, "q1", by="land"), test])
    assert protected.protected
    assert protected.survey is None
    assert protected.protection.policy == "strict"
    assert (safe.table["suppressed"] != "").any()
    by = bf.estimate(survey, "q1", by="staffel")
    with_table = bf.protect([bf.estimate(survey, "q1", by="land"), by])[0]
    assert bf.audit([safe]).ok
    assert safe.table["suppressed"].tolist() == with_table.table["suppressed"].tolist()


def test_a_regression_of_fewer_cases_does_not_tell_those_left_out():
    survey = analytic(
        {"q1": [0, 1, 2] * 20, "q2": [None, None, *[0, 1] * 29], "staffel": [0, 1] * 30}
    )
    model = bf.regress(survey, "q1", ["q2"], as_numbers=["q2"])
    assert model.n == 58
    bf.protect(model)
    with pytest.raises(bf.DisclosureError, match=r"Regression \(result 1 of the call\)"):
        bf.protect([model, bf.estimate(survey, "q1")])
    same = bf.estimate(survey, "q1", where="answered(q2)")
    assert all(one.protected for one in bf.protect([model, same]))


@pytest.mark.parametrize("promise", ["Nur zusammengefasst.", ANONYMOUS])
def test_a_table_of_the_cases_of_a_model_goes_with_it_as_who_answered_is_known(promise):
    drawn = random_survey(1, 90, staffeln=2, silent=0.05, promise=promise)
    survey = drawn.with_design(bf.design(drawn, population=400, inference="analytic"))
    model = bf.regress(survey, "q1", ["staffel", "q2"])
    with pytest.raises(bf.DisclosureError, match=r"result 2 of the call.*where=\"answered"):
        bf.protect([bf.estimate(survey, "q1", by="staffel"), model])
    table = bf.estimate(survey, "q1", by="staffel", where="answered(q2)")
    assert (bf.protect([table, model])[0].table["suppressed"] == "").all()


def test_the_largest_number_of_a_group_does_not_follow_from_a_model_or_test():
    numbers = [10.0] * 29 + [9000.0] + [12.0, 14.0] * 15
    survey = analytic({"q3": numbers, "staffel": [0] * 30 + [1] * 30})
    for made in (bf.regress(survey, "q3", ["staffel"]), bf.significance(survey, "q3", "staffel")):
        with pytest.raises(bf.DisclosureError, match="q3 by staffel"):
            bf.protect(made)


def test_several_answers_of_one_municipality_count_once():
    survey = analytic({"q1": [0, 1, 2, 1] * 10, "staffel": [0] * 20 + [1] * 20})
    test = bf.significance(survey, "q1", "staffel")
    bf.protect(test)
    cases = survey.cases.assign(unit=[f"{at // 4:08d}" for at in range(40)])
    several = replace(test, survey=replace(survey, cases=cases.astype(survey.cases.dtypes)))
    with pytest.raises(bf.DisclosureError, match="fewer than 10 units"):
        bf.protect(several)


def test_carriers_are_the_sums_that_normal_equations_give():
    survey = random_survey(2, 80, staffeln=2, silent=0.1)
    survey = survey.with_design(bf.design(survey, population=400, inference="analytic"))
    model = bf.regress(survey, "q3", ["staffel"], where="q2 == 1")
    found = {one.place: one for one in carriers(model)}
    assert list(found) == ["q3", "q3 by staffel"]
    means = found["q3 by staffel"].estimate.table.set_index("domain")["estimate"]
    b0, b1 = model.table.loc[model.table["estimate"].notna(), "estimate"]
    assert means["0"] == pytest.approx(b0)
    assert means["1"] == pytest.approx(b0 + b1)


def test_cases_given_one_by_one_are_refused():
    survey = analytic({"q1": [0, 1, 2] * 20, "staffel": [0, 1] * 30})
    with pytest.raises(bf.DisclosureError, match="one by one"):
        bf.protect(bf.significance(survey, "q1", "staffel", where=np.arange(60) != 3))


def test_results_of_ordinary_surveys_pass_in_one_call():
    survey = random_survey(1, 90, staffeln=2)
    survey = survey.with_design(bf.design(survey, population=400, inference="analytic"))
    made = [
        bf.estimate(survey, "q1", by="staffel"),
        bf.significance(survey, ["q1", "q2", "q3"], "staffel"),
        bf.regress(survey, "q3", ["staffel", "q1"], as_numbers=["q1"]),
        bf.scale(survey, ["q1", "q2"]),
        bf.typology(survey, ["q1", "q2"], k=2, draws=2),
    ]
    safe = bf.protect(made)
    assert [type(one) for one in safe] == [type(one) for one in made]
    assert all(one.protected for one in safe)


def test_what_holds_no_answers_is_not_taken_for_safe():
    survey = random_survey(1, 90, staffeln=2)
    survey = survey.with_design(bf.design(survey, population=400, inference="analytic"))
    for made in (
        bf.significance(survey, "q1", "staffel"),
        bf.regress(survey, "q3", ["staffel"]),
        bf.typology(survey, ["q1", "q2"], k=2, draws=2),
        bf.factor_structure(survey, ["q1", "q2", "q3"], factors=1),
    ):
        with pytest.raises(bf.DisclosureError, match="holds no answers"):
            bf.protect(replace(made, survey=None))
