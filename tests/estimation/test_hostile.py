"""Wrong calls and odd answers: a right number, or an error that says what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import BegleitforschungError, ValidationError
from begleitforschung.stats import sampling
from begleitforschung.stats.sampling import proportion_interval

from .inputs import apistrat, item, projects, survey_of

NONE = np.nan
ANSWERS = {
    "num": [1.0, 2.0, 3.0, 4.0, 5.0, NONE],
    "s": ["a", "a", "b", "b", "c", "c"],
    "g": ["x", "y", "x", "y", None, "x"],
    "pop": [3.0, 3.0, 2.0, 2.0, 5.0, 5.0],
}


def small(answers=None, **options):
    frame = pd.DataFrame(ANSWERS if answers is None else answers)
    kinds = {c: "number" if frame[c].dtype.kind == "f" else "single" for c in frame.columns}
    items = [item(c, frame[c], kind) for c, kind in kinds.items()]
    survey = survey_of(frame, items, units=[f"u{at}" for at in range(len(frame))])
    return survey.with_design(bf.design(survey, **options)) if options else survey


def only(result):
    assert len(result.table) == 1
    return result.table.iloc[0]


def wording(result):
    return " ".join(result.display().notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"question": []}, "question= names nothing"),
        ({"question": ["api00", "api00"]}, "names api00 more than once"),
        ({"by": []}, "by= names nothing"),
        ({"by": ["stype", "stype"]}, "names stype more than once"),
        ({"level": 95}, "0.95 for 95 %"),
        ({"level": float("nan")}, "level="),
        ({"statistic": "quantile", "prob": 0}, "prob= lies between 0 and 1"),
        ({"statistic": "median", "prob": 0.25}, 'statistic="quantile"'),
        ({"min_n": -1}, "min_n= is a whole number"),
        ({"min_n": "10"}, "min_n= is a whole number"),
        ({"interval": "wilson"}, "interval= goes with shares"),
        ({"statistic": "ratio", "denominator": "stype"}, "denominator='stype'"),
        ({"weight_by": "stype"}, "weight_by='stype'"),
        ({"question": "sch_wide", "weight_by": "api00", "base": "answers"}, "weight_by="),
    ],
)
def test_calls_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValidationError, match=message):
        bf.estimate(apistrat(), **({"question": "api00"} | options))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strata": "s", "population": {"a": 1, "b": 5, "c": 5}}, "more cases than units"),
        ({"strata": "s", "population": {"a": 5, "b": 5}}, "no count .* strata: c"),
        ({"strata": "s", "population": {"a": 5, "b": 5, "c": NONE}}, "no number of units .* c$"),
        ({"strata": "s", "population": {"a": "viele", "b": 5, "c": 5}}, "no number of units .* a$"),
        ({"population": -6}, "no number of units"),
        ({"population": float("inf")}, "no number of units"),
        ({"weights": np.zeros(6)}, "no weight is above 0"),
        ({"weights": [1, 1, NONE, 1, 1, 1]}, "1 weights are missing or below 0; rows 4"),
        ({"weights": ["1"] * 5 + ["x"]}, "something else than numbers"),
        ({"frame": [1, 2]}, "frame= is a table"),
        ({"psu": "s"}, "clusters need weights=, or population="),
    ],
)
def test_designs_that_contradict_themselves_are_refused(options, message):
    with pytest.raises(ValidationError, match=message):
        small(**options)


def test_a_frame_that_does_not_know_every_stratum_is_refused():
    frame = pd.DataFrame({"unit": [f"u{at}" for at in range(8)], "land": ["A"] * 7 + [None]})
    with pytest.raises(ValidationError, match="land is missing in 1 rows"):
        small(frame=frame, strata="land")


def test_replicates_of_other_cases_are_refused():
    with pytest.raises(ValidationError, match="describe 200 cases, the survey has 6"):
        small(replicates=sampling.jackknife(apistrat().design.sample))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: bf.poststratify(s, "s", {"a": 9, "b": 9, "c": 9, "d": 1}), r"a case \(s: d\)"),
        (lambda s: bf.rake(s, {"s": {"a": 9, "b": 9, "c": 9, "d": 1}}), r"a case \(s: d\)"),
        (lambda s: bf.calibrate(s, {}), "name nothing"),
        (lambda s: bf.calibrate(s, {"pop": "200"}), "total of 'pop' is a number"),
        (lambda s: bf.calibrate(s, {"s": 20.0}), "'s' has no numbers"),
        (lambda s: bf.tabulate(s, ["g", "g"]), "names g more than once"),
        (lambda s: bf.tabulate(s, ["g"], []), "questions= names nothing"),
    ],
)
def test_weights_and_tables_that_make_no_sense_are_refused(call, message):
    with pytest.raises(ValidationError, match=message):
        call(small(strata="s", population={"a": 9, "b": 9, "c": 9}))


def test_infinite_answers_are_named_by_row():
    with pytest.raises(ValidationError, match="'num' is infinite in rows 3"):
        bf.estimate(small({"num": [1.0, np.inf, 2.0]}), "num")


def test_a_survey_without_cases_is_refused():
    empty = small({"num": np.array([], dtype=float)})
    with pytest.raises(ValidationError, match="has no cases"):
        bf.estimate(empty, "num")


@pytest.mark.parametrize("statistic", ["mean", "total", "median"])
def test_nobody_who_answered_is_no_number(statistic):
    nobody = small({"num": [NONE] * 4, "s": ["a", "b", "a", "b"]}, population=9)
    row = only(bf.estimate(nobody, "num", statistic=statistic))
    assert row["n"] == 0
    assert row[["estimate", "se", "low", "high"]].isna().all()


def test_one_answer_without_a_design_is_counted():
    row = only(bf.estimate(small({"num": [3.0]}), "num"))
    assert (row["estimate"], row["n"]) == (3, 1)
    assert np.isnan(row["se"])


def test_a_ratio_to_nothing_is_no_number():
    nothing = small({"num": [1.0, 2.0], "den": [0.0, 0.0]}, population=5)
    result = bf.estimate(nothing, "num", statistic="ratio", denominator="den")
    assert np.isnan(only(result)["estimate"])
    assert "–" in str(result.display().formatted())


def test_numbers_may_be_strata_and_groups():
    found = bf.estimate(small(strata="pop", population={3: 3, 2: 4, 5: 5}), "num", by="pop").table
    assert found["domain"].tolist() == ["", "2", "3", "5"]
    assert found["N"].tolist() == [12, 4, 3, 5]


def test_counts_of_clusters_are_not_taken_for_units():
    answers = {"num": np.arange(12.0), "k": list("aaabbbcccddd")}
    for population, n in ((9, 27.0), (5, 15.0)):
        row = only(bf.estimate(small(answers, psu="k", population=population), "num"))
        assert row["N"] == pytest.approx(n)
        assert not row["N_known"]
        assert row["df"] == 3
    values = np.array([1.0, 4.0, 7.0, 10.0])  # means of the clusters, all of the same size
    row = only(bf.estimate(small(answers, psu="k", population=5), "num"))
    assert row["se"] == pytest.approx(np.sqrt((1 - 4 / 5) * values.var(ddof=1) / 4))


def test_all_intervals_of_shares_hold_for_one_and_for_many():
    survey, frame = projects()
    census = survey.with_design(bf.design(survey, kind="population", frame=frame, strata="typ"))
    row = bf.estimate(census, "mr_1", interval="likelihood").table.iloc[0]
    expected = proportion_interval(
        row["estimate"], row["se"] ** 2, method="likelihood", df=row["df"]
    )
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.ravel(expected)))
    assert len(bf.estimate(census, "lik1", by="typ", interval="likelihood").table) > 4


@pytest.mark.parametrize("statistic", ["mean", "median", "total"])
def test_where_all_answered_numbers_have_no_interval(statistic):
    answers = {"num": [1.0, 2.0, 4.0, 5.0], "s": list("aabb")}
    whole = small(answers, kind="population", strata="s", population={"a": 2, "b": 2})
    result = bf.estimate(whole, "num", statistic=statistic, by="s")
    assert (result.table["method"] == "complete").all()
    assert (result.table["low"] == result.table["estimate"]).all()
    assert "Alle haben geantwortet" in wording(result)
    assert "Intervall" not in str([column.label for column in result.display().columns])


def test_strata_in_which_nobody_answered_the_question_are_named():
    answers = {"num": [1.0, 2.0, NONE, NONE], "s": list("aabb")}
    survey = small(answers, kind="population", strata="s", population={"a": 5, "b": 4})
    result = bf.estimate(survey, "num", statistic="total")
    assert only(result)["estimate"] == pytest.approx(7.5)
    assert "num: keine Antwort in b (4 Einheiten)" in wording(result)


def test_cases_that_fall_out_are_counted_in_the_notes():
    assert "1 Fall ohne Angabe zu g steht in keiner Gruppe" in wording(
        bf.estimate(small(population=9), "num", by="g")
    )
    answers = {"num": [1.0, 2.0, 3.0], "einwohner": [NONE, 10.0, 20.0]}
    result = bf.estimate(small(answers, population=5), "num", weight_by="einwohner")
    assert only(result)["estimate"] == pytest.approx(80 / 30)
    assert "Bis zu 1 Antworten fehlen" in wording(result)


def test_every_statistic_of_every_kind_is_a_number_or_an_error_of_ours():
    survey = small(strata="s", population={"a": 9, "b": 9, "c": 9})
    for question in ANSWERS:
        for statistic in ("share", "top2", "mean", "median", "quantile", "total", "ratio"):
            for by in (None, "g", "s", ["g", "s"]):
                options = {"denominator": "pop"} if statistic == "ratio" else {}
                try:
                    made = bf.estimate(survey, question, by, statistic, **options)
                except BegleitforschungError:
                    continue
                made.display().formatted()
                assert made.alt_text()
                used = made.table["n"] > 0
                assert np.isfinite(made.table.loc[used, "estimate"]).all()


def test_labels_that_look_like_several_variables_are_kept_or_refused():
    answers = {"num": [1.0, 2.0, 3.0, 4.0], "k": ["Ost", "Ost", "Süd · 2", "Süd · 2"]}
    survey = small(answers, strata="k", population={"Ost": 4, "Süd · 2": 5})
    found = bf.estimate(survey, "num", by="k").table
    assert found.set_index("domain")["N"].to_dict() == {"": 9, "Ost": 4, "Süd · 2": 5}
    two = {**answers, "g": ["x", "y", "x", "y"]}
    with pytest.raises(ValidationError, match="labels of 'k' hold"):
        small(two, strata=["k", "g"], weights=np.ones(4))
    with pytest.raises(ValidationError, match="labels of 'k' hold"):
        bf.estimate(small(two), "num", by=["k", "g"])
