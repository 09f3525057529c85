"""Bases that answers decide, hidden: nothing of them is left in the protected estimate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.disclosure.feedback import _Book, profiles
from begleitforschung.disclosure.masking import masked
from begleitforschung.surveys import STATUSES

from .hidden_bases import PROTECTED, REST, SHOWN, by_answer, without_base

MISSINGS = list(STATUSES[1:])


def test_a_hidden_base_is_missing_and_the_others_stay_whole_numbers():
    made = by_answer(37)
    safe = without_base(made)
    gone = safe.table["domain"].isin(["1", "2"])
    assert made.table.loc[gone, "n"].tolist() == [37, REST - 37] * 3
    assert safe.table["n"].dtype == "Int64"
    assert safe.table.loc[gone, ["n", "N", *MISSINGS]].isna().to_numpy().all()
    assert safe.table.loc[~gone, "n"].equals(made.table.loc[~gone, "n"].astype("Int64"))


def test_where_no_base_is_hidden_the_column_stays_as_it_was():
    made = by_answer(37)
    assert masked(made, {}, (), {}, PROTECTED, 3).table["n"].equals(made.table["n"])


def test_what_the_other_groups_lack_does_not_tell_the_hidden_one():
    made = by_answer(37, silent=12)
    assert (made.table["no_answer"] >= 3).any()
    shown = without_base(made).table
    assert (made.table["N"].notna() & ~made.table["N_known"]).any()
    assert shown[MISSINGS].isna().to_numpy().all()
    assert shown.loc[~shown["N_known"], "N"].isna().all()


def test_two_hidden_bases_leave_equal_tables_and_findings():
    one, other = (without_base(by_answer(n)) for n in (37, 38))
    same = one.table["by"] == "q2"
    hidden = same & (one.table["domain"] == "1")
    pd.testing.assert_frame_equal(one.table[hidden], other.table[hidden])
    assert one.findings == other.findings
    assert all("q2" not in made.names for made in one.breakdowns)


def test_who_passes_a_filter_by_an_answer_is_not_kept_with_the_estimate():
    made = by_answer(37, by="staffel", where="q2 == 1")
    assert (made.breakdowns[0].codes >= 0).sum() == 37
    assert masked(made, {}, (), {}, PROTECTED, 3).breakdowns == ()


def test_a_row_that_is_shown_keeps_its_base():
    with pytest.raises(ValueError, match="shown"):
        masked(by_answer(37), {}, (), {}, PROTECTED, 3, baseless=[0])


@pytest.mark.parametrize("about", [{"by": "q2"}, {"by": "staffel", "filter_": "q2 == 1"}])
def test_profiles_do_not_show_a_group_whose_base_is_hidden(about):
    made = by_answer(37, "q3", **about)
    survey, printed = made.survey, [without_base(made)]
    found = profiles(survey, ["q3"], groups=[about["by"]], published=printed, colluding=1)
    first, last = (found.profiles[at].sections[0] for at in (0, -1))
    label = made.domains[about["by"], "2"].de
    assert first.table.formatted()[-1] == ["n", "110", "20"]
    assert last.table.formatted()[-1] == ["n", "110"]
    assert f"{label}: geheim gehalten, wie im Bericht." in last.table.notes
    others = by_answer(38, "q3", **about)
    again = profiles(
        others.survey, ["q3"], groups=[about["by"]], published=[without_base(others)], colluding=1
    )
    assert again.profiles[-1].sections[0].table.to_html() == last.table.to_html()


def test_of_two_questions_with_one_hidden_base_the_range_is_a_point():
    made = [by_answer(37, name) for name in ("q3", "land")]
    safe = [without_base(made[0]), masked(made[1], {}, (), {}, PROTECTED, 3)]
    book = _Book(made[0].survey, safe, ["q2"], "de")
    rows = [key for key in book._of if key[0] == "q3" or key[2] == "0"]
    table = book._table(rows, [("", ""), ("q2", "1")], [], frozenset())
    assert table.formatted()[-1] == ["n", "110", "."]


def test_beside_totals_a_size_has_no_more_digits_than_they_have():
    made = by_answer(37, statistic="total")
    shown = (made.table["domain"] == "0") & ~made.table["N_known"]
    true = 300 / 110 * SHOWN
    assert made.table.loc[shown, "N"].tolist() == pytest.approx([true] * 3)
    table = without_base(made).table
    assert table.loc[shown, "N"].tolist() == [np.ceil(true)] * 3  # steps of 1 up to 100 units
    assert table.loc[table["n"].isna(), "N"].isna().all()
