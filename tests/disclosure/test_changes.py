"""Changes between waves: hidden row by row as the levels of both waves are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import begleitforschung as bf

from .drawn import random_survey
from .test_others import in_wave

PROMISE = "Ihre Antworten bleiben anonym."
LEVELS = ["before", "after", "change", "low", "high", "count_before", "count_after"]


def waves(n=60, **about):
    made = [
        in_wave(random_survey(s, n, promise=PROMISE, **about), w)
        for s, w in ((1, "2023"), (2, "2025"))
    ]
    return [s.with_design(bf.design(s, kind="population", population=n + 10)) for s in made]


def test_levels_by_group_are_hidden_where_the_estimates_of_either_wave_are():
    both = waves(answers=4)
    made = bf.change(*both, "q1", by="staffel", panel=False)
    safe = bf.protect(made)
    hidden = safe.table["suppressed"] != ""
    keys = ["by", "domain", "category"]
    apart = [bf.protect(bf.estimate(s, "q1", by="staffel")).table for s in both]
    told = {
        key
        for table in apart
        for key in table.loc[table["suppressed"] != "", keys].itertuples(index=False, name=None)
    }
    rows = safe.table[keys].itertuples(index=False, name=None)
    assert [key in told for key in rows] == hidden.tolist()
    assert 0 < hidden.sum() < len(hidden)
    assert safe.table.loc[hidden, LEVELS].isna().to_numpy().all()
    assert safe.surveys == ()
    assert safe.protection.hidden == hidden.sum()
    assert sum(row.count(".") for row in safe.display().formatted()) == 3 * hidden.sum()
    assert safe.figure().axes
    assert any("geheim gehalten" in note for note in safe.display().notes)


@pytest.mark.parametrize("question", ["q1", "q3"])
@pytest.mark.parametrize("panel", [True, False])
def test_a_figure_draws_what_is_printed(question, panel):
    safe = bf.protect(bf.change(*waves(), question, by="staffel", panel=panel))
    table = safe.table[safe.table["suppressed"] == ""]
    for name in ("before", "after", "change", "low", "high"):
        values = table[name].dropna().to_numpy() * 100
        assert np.allclose(values, np.round(values), atol=1e-9)
    assert question == "q3" or table["se"].isna().all()


def test_how_few_rose_is_told_neither_by_counts_nor_by_intervals():
    before, after = waves(answers=2)
    moved = before.responses["q1"].copy()
    moved[0] = "1" if moved[0] == "0" else "0"
    after = replace(after, responses=after.responses.assign(q1=moved))
    made = bf.change(before, after, "q1", panel=True)
    assert (made.table[["risen", "fallen"]].sum(axis=1) == 1).all()
    safe = bf.protect(made).table
    gone = ["risen", "fallen", "low", "high", "count_low", "count_high", "se"]
    assert safe[gone].isna().to_numpy().all()
    assert (safe["method"] == "secret").all()
    assert safe["change"].notna().all()


def test_no_move_lies_below_the_mark_of_a_hidden_one():
    safe = bf.protect(bf.change(*waves(answers=4), "q1", by="staffel", panel=True))
    for name in safe.table.select_dtypes("Int64"):
        gone = safe.table[name].isna().to_numpy(bool)
        assert set(safe.table[name].array._data[gone]) <= {1}  # what pandas writes there itself
    assert safe.table[["risen", "fallen"]].isna().any().all()


def test_units_that_answered_once_do_not_follow_from_a_change_beside_the_wave():
    before, after = waves(silent=0.04)
    pairs = bf.change(before, after, "q1", panel=True)
    left = after.answered("q1").sum() - pairs.table["n_both"].max()
    assert 0 < left < 5
    table, safe = bf.protect([bf.estimate(after, "q1"), pairs])
    one = table.table["suppressed"] == ""
    other = safe.table["suppressed"] == ""
    assert not (one.all() and other.all())


def test_groups_that_answers_decide_are_refused():
    with pytest.raises(bf.DisclosureError, match="answers decide"):
        bf.protect(bf.change(*waves(), "q1", by="q2", panel=False))
