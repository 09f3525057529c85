"""What was published before stays as it was, and is linked with what is shown now."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.earlier import earlier
from begleitforschung.disclosure.positions import positions
from begleitforschung.disclosure.registry import new_registry
from begleitforschung.disclosure.releases import Release, Releases

from .answers import protected
from .drawn import codebook, random_survey, survey_of

DAY = dt.date(2025, 9, 1)
STAFFEL = [0] * 20 + [1] * 12 + [2] * 8


@pytest.fixture
def survey():
    answers = {"q1": [0, 1] * 20, "q2": [0, 0, 1, 1] * 10}
    return survey_of(codebook(2), {**answers, "staffel": STAFFEL, "land": [0] * 17 + [1] * 23})


def by(survey, *names, **about):
    return bf.estimate(survey, "q1", by=list(names), **about)


def published(survey, *results):
    return new_registry(survey.codebook).with_published(list(results), report="Erster", date=DAY)


def test_without_a_registry_there_is_nothing_earlier(survey):
    made = earlier(survey, None, [by(survey, "staffel")], {})
    assert (made.results, made.shown, made.hidden) == ((), frozenset(), frozenset())
    assert earlier(survey, new_registry(survey.codebook), [by(survey, "land")], {}).results == ()


def test_published_tables_are_made_again_row_by_row(survey):
    first = protected(by(survey, "staffel"), lambda row: row["domain"] == "2")
    made = earlier(survey, published(survey, first), [by(survey, "land", total=False)], {})
    seen = set()
    for number, result in enumerate(made.results):
        names = [p.domain for p in positions(result)]
        assert {names[at] for of, at in made.hidden if of == number} <= {"2"}
        for at in made.rows(number):
            row = result.table.loc[at]
            same = first.table[(first.table["domain"] == row["domain"])
                               & (first.table["category"] == row["category"])]  # fmt: skip
            assert row["n"] == same["n"].iloc[0]
            seen.add((row["domain"], row["category"]))
    assert seen == {(d, c) for d in ("", "0", "1", "2") for c in ("0", "1")}
    assert len(made.hidden) == 2


def test_only_columns_that_are_shown_again_matter(survey):
    registry = published(survey, protected(by(survey, "staffel")))
    assert earlier(survey, registry, [bf.estimate(survey, "q2")], {}).results == ()
    crossed = bf.estimate(survey, "q2", by="q1")
    assert len(earlier(survey, registry, [crossed], {}).results) == 2


@pytest.mark.parametrize("about", [{"by": "bezirk"}, {"where": "q9 == '1'"}, {"where": "mask"}])
def test_a_table_that_can_not_be_made_again_is_told(survey, about):
    first = protected(by(survey, "staffel"))
    registry = published(survey, first)
    made = registry.publications[0]
    lost = made.shown[-1].model_copy(update=about)
    other = type(registry)(
        survey=registry.survey,
        wave=registry.wave,
        publications=(made.model_copy(update={"shown": (lost,)}),),
    )
    name = about.get("by", "staffel")
    with pytest.raises(bf.DisclosureError, match=rf"published before \(q1 by {name}\) can't"):
        bf.protect(by(survey, "land"), registry=other, seconds=0.3)


def test_what_was_hidden_stays_hidden_and_what_was_shown_stays_shown(survey):
    first = bf.protect(by(survey, "staffel"), seconds=0.3)
    assert (first.table["suppressed"] == "").all()
    kept = protected(by(survey, "staffel"), lambda row: row["domain"] in ("1", "2"))
    again = bf.protect(by(survey, "staffel"), registry=published(survey, kept), seconds=0.3)
    gone = again.table.loc[again.table["suppressed"] != "", "domain"]
    assert set(gone) == {"1", "2"}
    with pytest.raises(bf.DisclosureError, match="give registry="):
        published(survey, kept).with_published(first, report="Zweiter", date=DAY)
    both = published(survey, kept).with_published(again, report="Zweiter", date=DAY)
    assert both.shown().isdisjoint(both.hidden())


def test_a_difference_to_what_was_published_is_not_shown_now(survey):
    # Land 0 are 17 of the 20 of Staffel 0: the other 3 would follow from both.
    alone = bf.protect(by(survey, "land", total=False), seconds=0.3)
    assert (alone.table["suppressed"] == "").all()
    registry = published(survey, protected(by(survey, "staffel", total=False)))
    safe = bf.protect(by(survey, "land", total=False), registry=registry, seconds=0.3)
    hidden = set(safe.table.loc[safe.table["suppressed"] != "", "domain"])
    assert hidden == {"0", "1"}


def test_what_a_test_told_is_linked_with_a_later_table():
    groups = {"staffel": [0] * 20 + [1] * 20, "land": [0] * 17 + [1] * 23}
    survey = survey_of(codebook(2), {"q1": [0, 1] * 20, **groups})
    drawn = survey.with_design(bf.design(survey, population=400, inference="analytic"))
    test = bf.protect(bf.significance(drawn, "q1", "staffel"), seconds=0.3)
    table = bf.estimate(drawn, "q1", by="land", total=False)
    assert (bf.protect(table, seconds=0.3).table["suppressed"] == "").all()
    registry = published(survey, test)
    (made,) = registry.publications
    assert [one.kind for one in made.wholes] == ["Significance"]
    assert {p.domain for p in made.told} == {"0", "1"}
    safe = bf.protect(table, registry=registry, seconds=0.3)
    assert (safe.table["suppressed"] != "").all()
    assert registry.with_published(test, report="Erster", date=DAY) == registry


def test_what_a_model_of_fewer_cases_told_is_linked_too():
    # The model leaves out three of 40 who lack q3: beside a table of all, their sum would follow.
    survey = survey_of(
        codebook(2),
        {"q1": [0, 1] * 20, "q3": [*range(37), None, None, None], "staffel": [0] * 20 + [1] * 20},
    )
    drawn = survey.with_design(bf.design(survey, population=400, inference="analytic"))
    model = bf.protect(bf.regress(drawn, "q1", "q3"), seconds=0.3)
    table = bf.estimate(drawn, "q1", by="staffel", statistic="mean")
    assert (bf.protect(table, seconds=0.3).table["suppressed"] == "").all()
    registry = published(survey, model)
    (told,) = registry.publications[0].told
    assert (told.column, told.statistic, told.by) == ("q1", "mean", "\u2713")
    (again,) = earlier(drawn, registry, [table], {}).results
    assert again.table["n"].tolist() == [37]
    safe = bf.protect(table, registry=registry, seconds=0.3)
    assert safe.table.loc[safe.table["domain"] == "", "suppressed"].tolist() == ["hidden"]


def test_tables_are_made_again_with_weight_denominator_base_and_quantile():
    survey = random_survey(5, 60, laender=3)
    made = [
        bf.estimate(survey, "q1", weight_by="q3", by="land"),
        bf.estimate(survey, "q3", by="land", statistic="ratio", denominator="q3"),
        bf.estimate(survey, "q3", by="staffel", statistic="quantile", prob=0.25),
        bf.estimate(survey, "q1", by="land", where="staffel == '1'"),
    ]
    registry = published(survey, *(protected(one) for one in made))
    now = [bf.estimate(survey, ["q1", "q3"], by="staffel", statistic="mean", total=False)]
    again = earlier(survey, registry, now, {})
    told = {p for one in again.results for p in positions(one)}
    assert registry.shown() <= told
    assert {p.weight_by for p in told} == {"", "q3"}
    assert {p.prob for p in told} == {None, 0.25}
    assert {p.denominator for p in told} == {"", "q3"}
    for number, one in enumerate(again.results):
        want = {p: row for r in made for p, row in zip(positions(r), r.rows(), strict=True)}
        for at in again.rows(number):
            row, same = one.rows()[at], want[positions(one)[at]]
            assert row["estimate"] == pytest.approx(same["estimate"], nan_ok=True)


def test_what_everybody_knows_can_not_be_hidden_any_more():
    columns = {"q1": [1, 0] * 18, "staffel": [0] * 16 + [1] * 20, "land": [0] * 33 + [1] * 3}
    survey = survey_of(codebook(2), columns)
    registry = published(survey, protected(by(survey, "land")))  # 3 answers were shown
    with pytest.raises(bf.DisclosureError, match="were published before"):
        bf.protect(by(survey, "land"), registry=registry, seconds=0.3)


def test_the_result_tells_only_of_what_is_shown_now(survey):
    registry = published(survey, protected(by(survey, "staffel")))
    safe = bf.protect([by(survey, "land")], registry=registry, seconds=0.3)
    assert len(safe) == 1
    assert safe[0].protection.results == 1
    assert set(safe[0].table["by"]) == {"", "land"}


def releases(survey, *cases):
    entries = [
        Release(unit=survey.cases["unit"][at], item="q1", who="Amt", date=DAY) for at in cases
    ]
    return Releases(survey="probe", wave="2025", entries=tuple(entries), file="release.yaml")


def test_who_released_an_answer_does_not_hide_the_others_of_a_group(survey):
    plain = bf.protect(by(survey, "staffel"), seconds=0.3)
    assert (plain.table["suppressed"] == "").all()
    known = bf.protect(by(survey, "staffel"), releases=releases(survey, *range(32, 36)),
                       seconds=0.3)  # fmt: skip
    why = known.table.groupby("domain")["suppressed"].first()
    assert why["2"] != ""  # four of its eight are known: four are left
    assert (why != "").sum() > 1


def test_releases_of_others_change_nothing(survey):
    known = bf.protect(by(survey, "staffel"), releases=releases(survey, 0, 1), seconds=0.3)
    assert (known.table["suppressed"] == "").all()
    wrong = Releases(survey="probe", wave="2024", entries=())
    with pytest.raises(bf.ValidationError, match="wave '2024'; expected survey 'probe'"):
        bf.protect(by(survey, "staffel"), releases=wrong)


@pytest.mark.parametrize("cost", ["cells", "counts", "log"])
def test_every_cost_gives_a_safe_choice_and_says_how_far_from_the_best(cost):
    survey = random_survey(31, 50, laender=6)
    told = []
    made = bf.protect(bf.estimate(survey, ["q1", "q2"], by="land"), cost=cost, seconds=0.4,
                      progress=lambda done, of: told.append((done, of)))  # fmt: skip
    assert bf.audit(made).ok
    assert 0.0 <= made.protection.gap <= 1.0
    assert told[:2] == [(1, 2), (2, 2)]


def test_an_unknown_cost_is_refused_with_those_that_there_are(survey):
    with pytest.raises(bf.UnknownCodeError, match=r"costs of hidden cells.*cells, counts, log"):
        bf.protect(by(survey, "staffel"), cost="price")


def test_different_weights_of_the_same_answers_are_refused(survey):
    units = [*survey.cases["unit"], *(f"{90_000_000 + at}" for at in range(10))]
    frame = pd.DataFrame({"unit": units, "schicht": ["a"] * 10 + ["b"] * 30 + ["a"] * 10})
    weighted = survey.with_design(bf.design(survey, frame=frame, strata="schicht"))
    with pytest.raises(bf.DisclosureError, match="different weights"):
        bf.protect([by(survey, "staffel"), by(weighted, "land")], seconds=0.3)
