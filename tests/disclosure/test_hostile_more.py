"""What a second attacker worked out of models, scales, trends and spreads, and must not again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.errors import ReportError

from .drawn import codebook, random_survey, survey_of

DRAW = np.random.default_rng(5)


def weighted(columns, answers=3, **about):
    survey = survey_of(codebook(answers, **about), columns)
    return survey.with_design(bf.design(survey, population=400, inference="analytic"))


def in_wave(survey, wave):
    instrument = survey.codebook.instrument.model_copy(update={"wave": wave})
    return replace(survey, codebook=survey.codebook.model_copy(update={"instrument": instrument}))


@pytest.mark.parametrize(
    ("first", "family"),
    [([0] * 12, "linear"), ([0] * 11 + [1], "logistic"), ([0] * 10 + [1] * 2, "linear")],
)
def test_coefficients_do_not_tell_how_a_small_group_answered(first, family):
    columns = {"q1": first + [0, 1] * 12, "staffel": [0] * 12 + [1] * 24}
    survey = weighted(columns, answers=2, promise="anonym")
    about = {"family": family, "event": "1"} if family == "logistic" else {}
    with pytest.raises(bf.DisclosureError, match="q1 by staffel"):
        bf.protect(bf.regress(survey, "q1", ["staffel"], **about))


@pytest.mark.parametrize("first", [[0] * 12, [0] * 11 + [1], [0] * 10 + [1] * 2])
@pytest.mark.parametrize("method", ["rao_scott", "mean"])
def test_a_test_of_two_answers_does_not_tell_the_counts_of_a_small_group(first, method):
    # Rao-Scott: F = 9.84 of groups of 12 and 24 leaves 0 or 12 of 12, and 12 of 24, only.
    columns = {"q1": first + [0, 1] * 12, "staffel": [0] * 12 + [1] * 24}
    survey = weighted(columns, answers=2, promise="anonym")
    with pytest.raises(bf.DisclosureError, match="q1 by staffel"):
        bf.protect(bf.significance(survey, "q1", "staffel", method))
    mixed = weighted(columns | {"q1": [0, 0, 1] * 4 + [0, 1] * 12}, answers=2, promise="anonym")
    made = bf.significance(mixed, "q1", "staffel", method)
    assert made.bases["n"].tolist() == [12, 24]
    assert bf.protect(made).survey is None


ITEMS = ["mean", "sd", "item_total", "without", "loading"]


@pytest.mark.parametrize(
    ("q1", "answers"), [([0] * 22 + [1] + [2] * 7, 3), ([0] * 29 + [1], 2)], ids=["three", "two"]
)
def test_mean_and_spread_of_an_item_do_not_tell_that_one_case_answered_differently(q1, answers):
    # 22, 1 and 7 cases are the only counts of 30 with this mean and this variance; alpha and the
    # variances of the other items give the variance of an item back.
    columns = {"q1": q1, "q2": [0, 1, answers - 1] * 10}
    made = bf.scale(weighted(columns, answers=answers, promise="anonym"), ["q1", "q2"])
    safe = bf.protect(made)
    assert safe.table[ITEMS].isna().to_numpy().all()
    assert (safe.table["suppressed"] == "hidden").all()
    assert np.isnan([safe.omega, safe.standardised_alpha]).all()
    assert (safe.alpha, safe.low, safe.high) == tuple(
        round(value, 2) for value in (made.alpha, made.low, made.high)
    )
    text = safe.display().to_text()
    assert "NaN" not in text
    assert "standardisiert" not in text
    assert "geheim gehalten" in text
    assert safe.alt_text() == safe.summary()
    with pytest.raises(ReportError, match="secret"):
        safe.figure()
    open_ = bf.protect(bf.scale(weighted(columns, answers=answers), ["q1", "q2"]))  # in summary
    assert open_.table["sd"].notna().all()


def test_items_of_filtered_cases_are_judged_by_their_answers():
    columns = {"q1": [0] * 22 + [1] + [2] * 7 + [1] * 9, "q2": [0, 1, 2] * 13,
               "staffel": [0] * 30 + [1] * 9}  # fmt: skip
    survey = weighted(columns, promise="anonym")
    for where in ("staffel == '0'", np.arange(39) < 30):
        table = bf.protect(bf.scale(survey, ["q1", "q2"], where=where)).table
        assert table[ITEMS].isna().to_numpy().all()
    assert bf.protect(bf.scale(survey, ["q1", "q2"])).table["sd"].notna().all()


def test_a_scale_beside_a_table_does_not_tell_the_few_who_left_an_item_out():
    columns = {"q1": [0, 1, 2, 1] * 10, "q2": [None, None, 1, *[0, 1, 2, 1, 2] * 7, 0, 2]}
    survey = weighted(columns)
    table, scale = bf.protect([bf.estimate(survey, "q1"), bf.scale(survey, ["q1", "q2"])])
    assert (table.table["suppressed"] == "").all()
    assert (scale.table["suppressed"] == "hidden").all()


def test_a_weighted_scale_keeps_only_the_digits_that_are_printed():
    survey = random_survey(1, 60)
    heavy = survey.with_design(bf.design(survey, weights=np.linspace(0.5, 1.7, 60)))
    made = bf.scale(heavy, ["q1", "q2"])
    safe = bf.protect(made)
    figures = safe.table[["mean", "sd", "item_total"]].to_numpy(float)
    assert np.allclose(figures * 100, np.round(figures * 100), atol=1e-9, equal_nan=True)
    assert np.allclose(safe.table["mean"], made.table["mean"], atol=0.005)


@pytest.mark.parametrize("statistic", ["sd", "variance"])
def test_a_spread_in_a_group_does_not_tell_a_count_of_one(statistic):
    columns = {"q1": [0] * 6 + [1] + [2] * 5 + [0, 1, 2] * 8, "staffel": [0] * 12 + [1] * 24}
    survey = survey_of(codebook(3, promise="anonym"), columns)
    means = bf.estimate(survey, "q1", by="staffel", statistic="mean")
    spread = bf.estimate(survey, "q1", by="staffel", statistic=statistic)
    safe = bf.protect([means, spread])[1].table
    assert safe.loc[safe["suppressed"] == "", "domain"].tolist() == [""]
    # with five answers, and more of each, other counts have the same mean and spread
    wide = survey_of(codebook(4, promise="anonym"), {"q1": [0] * 4 + [1] * 5 + [2] * 5 + [3]})
    assert (
        bf.protect(bf.estimate(wide, "q1", statistic=statistic)).table["suppressed"] == ""
    ).all()


def test_trends_of_one_call_are_linked_as_their_estimates_are():
    waves = [in_wave(random_survey(s, 40, promise="anonym"), w) for s, w in ((3, "a"), (4, "b"))]
    by = bf.trend(waves, "q2", by="staffel", waves=["a", "b"])
    part = bf.trend(waves, "q2", where="staffel != '2'", waves=["a", "b"])
    safe = bf.protect([by, part])
    for at in range(2):
        assert bf.audit([one.estimates[at] for one in safe]).ok
    alone = [bf.protect(one) for one in (by, part)]
    assert not all(bf.audit([one.estimates[at] for one in alone]).ok for at in range(2))


def test_a_trend_over_two_versions_of_one_wave_is_refused():
    survey = random_survey(3, 40)
    made = bf.trend(
        [survey, survey.keep(np.arange(40) != 3, reason="Test")], "q1", waves=["a", "b"]
    )
    with pytest.raises(bf.DisclosureError, match="two versions"):
        bf.protect(made)


def test_a_change_between_two_versions_of_one_wave_is_refused():
    survey = random_survey(3, 40)
    parts = [survey, survey.keep(np.arange(40) != 3, reason="Test")]
    designed = [part.with_design(bf.design(part, population=90)) for part in parts]
    with pytest.raises(bf.DisclosureError, match="two versions of one wave"):
        bf.protect(bf.change(*designed, "q1", panel=False))
