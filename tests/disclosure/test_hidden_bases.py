"""Bases that answers decide, hidden: nothing of them is left in the protected estimate."""

from __future__ import annotations

import pandas as pd
import pytest

from begleitforschung.disclosure.masking import masked
from begleitforschung.surveys import STATUSES

from .hidden_bases import PROTECTED, REST, by_answer, without_base

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
