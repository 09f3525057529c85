"""Where a figure stands, and whether data are the same: told without any value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.positions import Position, data_fingerprint, positions

from .answers import survey_of

Q1 = ["1", "2"] * 10
ART = ["A"] * 6 + ["B"] * 7 + ["C"] * 7


@pytest.fixture(scope="module")
def survey():
    return survey_of({"q1": Q1, "q2": Q1[::-1], "q3": np.arange(20.0), "art": ART})


def variants(result):
    names = ("prob", "denominator", "weight_by", "base")
    usual = Position(column="x", statistic="y")
    return {
        tuple((n, getattr(p, n)) for n in names if getattr(p, n) != getattr(usual, n))
        for p in positions(result)
    }


@pytest.mark.parametrize(
    ("position", "text"),
    [
        (Position(column="q1", statistic="share", category="2"), "q1, share 2, all cases"),
        (Position(column="q3", statistic="mean", by="art", domain="A"), "q3, mean, art A"),
        (
            Position(column="q3", statistic="mean", by="art", domain="A", where="q1 == '1'"),
            "q3, mean, art A, where q1 == '1'",
        ),
        (
            Position(column="q3", statistic="quantile", prob=0.9),
            "q3, quantile, all cases",
        ),
    ],
)
def test_a_position_is_named_as_messages_need_it(position, text):
    assert str(position) == text


def test_there_is_one_position_for_each_row_in_the_order_of_the_table(survey):
    made = bf.estimate(survey, "q1", by="art")
    found = positions(made)
    names = ["column", "statistic", "category", "by", "domain"]
    assert [[getattr(p, n) for n in names] for p in found] == made.table[names].to_numpy().tolist()
    assert len(set(found)) == len(made.table) == 8


def test_the_usual_figures_have_no_variant_and_others_tell_what_they_are(survey):
    quantile = {"statistic": "quantile"}
    assert variants(bf.estimate(survey, "q1")) == {()}
    assert variants(bf.estimate(survey, "q3", **quantile, prob=0.5)) == {()}
    assert variants(bf.estimate(survey, "q3", **quantile, prob=0.25)) == {(("prob", 0.25),)}
    assert variants(bf.estimate(survey, "q1", weight_by="q3")) == {(("weight_by", "q3"),)}
    per = bf.estimate(survey, "q3", statistic="ratio", denominator="q3")
    assert variants(per) == {(("denominator", "q3"),)}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", {}),
        ("prob=0.9", {"prob": 0.9}),
        ("prob=0.5", {}),
        ("weight_by=q3, base=answers", {"weight_by": "q3", "base": "answers"}),
        ("denominator=q3", {"denominator": "q3"}),
    ],
)
def test_variants_in_words_of_old_files_are_read(words, told):
    old = Position.model_validate({"column": "q3", "statistic": "quantile", "variant": words})
    assert old == Position(column="q3", statistic="quantile", **told)


def test_the_base_of_all_figures_of_a_group_is_one_position():
    about = {"column": "q1", "by": "art", "domain": "A"}
    bases = {Position(statistic="share", category=c, **about).of_base() for c in ("1", "2")} | {
        Position(statistic="quantile", prob=0.9, **about).of_base()
    }
    assert bases == {Position(statistic="base", **about)}


def test_a_filter_makes_another_position(survey):
    plain = positions(bf.estimate(survey, "q1"))
    filtered = positions(bf.estimate(survey, "q1", where="art == 'A'"))
    by_hand = positions(bf.estimate(survey, "q1", where=np.arange(20) < 6))
    assert not {*plain} & {*filtered}
    assert {p.where for p in by_hand} == {"mask"}


def test_a_fingerprint_is_that_of_the_data_whatever_is_made_of_them(survey):
    mark = data_fingerprint(survey)
    assert len(mark) == 16
    assert set(mark) <= set("0123456789abcdef")
    assert data_fingerprint(survey.select(["q3"])) == mark
    frame = survey.cases[["unit"]].assign(art=ART)
    assert data_fingerprint(survey.with_design(bf.design(survey, frame=frame))) == mark


def test_other_data_have_another_fingerprint(survey):
    fewer = [survey.keep(np.arange(20) != at, reason="withdrawn") for at in (0, 1)]
    other = survey_of({"q1": Q1}, sha256="cd" * 32)
    marks = [data_fingerprint(s) for s in (survey, *fewer, other)]
    assert len(set(marks[:2])) == 2
    assert len({marks[0], marks[3]}) == 2


def test_a_fingerprint_does_not_follow_from_the_answers(survey):
    # Whoever tries out all answers would find those that give the published fingerprint.
    flipped = replace(survey, responses=survey.responses.iloc[::-1].reset_index(drop=True))
    assert data_fingerprint(flipped) == data_fingerprint(survey)
