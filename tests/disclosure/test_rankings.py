"""Rankings: hidden row by row, also what several measures tell together."""

from __future__ import annotations

import numpy as np

import begleitforschung as bf
from begleitforschung.surveys import Code, Item

from .drawn import codebook, survey_of

ANONYMOUS = "Ihre Antworten bleiben anonym."
SHOWN = ["estimate", "low", "high", "count"]


def survey(rows, groups, *, promise=ANONYMOUS, options="abcd", ranks=3):
    """A survey of a ranking; the groups are known of everybody."""
    question = Item(
        id="r",
        kind="ranking",
        ranks=ranks,
        text={"de": "Was hindert?"},
        codes=tuple(Code(code=c, label={"de": c}) for c in options),
        confidentiality="confidential",
    )
    book = codebook(2, promise=promise)
    book = book.model_copy(update={"items": (*book.items, question)})
    columns = {f"r_{k + 1}": [row[k] for row in rows] for k in range(ranks)}
    made = survey_of(book, columns | {"staffel": groups})
    return made.with_design(bf.design(made, population=len(rows) + 20))


def drawn(n=60, seed=1, **about):
    random = np.random.default_rng(seed)
    rows = [list(random.permutation(list("abcd")))[:3] for _ in range(n)]
    return survey(rows, random.integers(0, 3, n), **about)


def counts(safe, measure, by="staffel"):
    table = safe.table[(safe.table["measure"] == measure) & (safe.table["by"] == by)]
    return table.set_index(["domain", "option"])


def test_a_ranking_promised_in_summary_is_shown_by_group():
    made = bf.ranking(drawn(promise="Nur zusammengefasst."), "r", by="staffel")
    safe = bf.protect(made)
    assert (safe.table["suppressed"] == "").all()
    assert safe.protection.policy == "grouped"
    assert safe.survey is None
    np.testing.assert_allclose(safe.table["estimate"], made.table["estimate"], atol=0.05)


def test_rows_are_hidden_and_printed_as_secret():
    rows = [["a", "b", "c"]] * 8 + [["b", "c", "d"]] * 6 + [["c", "d", "a"]] * 5 + [["d", "a", "b"]]
    rows += [["a", "b", "c"], ["b", "c", "d"], ["c", "d", "a"], ["d", "a", "b"]] * 5
    made = bf.ranking(survey(rows, [0] * 20 + [1] * 20), "r", by="staffel", top=2)
    safe = bf.protect(made)
    first = counts(safe, "first")
    assert first.loc[("0", "d"), "suppressed"] == "hidden"  # one of 20
    hidden = safe.table["suppressed"] != ""
    assert safe.table.loc[hidden, SHOWN].isna().to_numpy().all()
    # as all gave three ranks, the others would tell what is among the first
    for measure in ("top", "mean_rank"):
        assert counts(safe, measure)["suppressed"].nunique() == 1
    assert safe.display().to_text().count(" .") >= 3
    assert safe.figure().axes
    assert not (hidden & (safe.table["by"] == "") & (safe.table["measure"] == "first")).any()
    assert safe.table.loc[safe.table["measure"] == "mean_rank", "count"].isna().all()


def test_no_number_lies_below_the_mark_of_a_hidden_one():
    safe = bf.protect(bf.ranking(drawn(), "r", by="staffel"))
    for name in safe.table.select_dtypes("Int64"):
        gone = safe.table[name].isna().to_numpy(bool)
        assert set(safe.table[name].array._data[gone]) <= {1}  # what pandas writes there itself
    assert safe.table[["n", "count"]].isna().any().all()


def test_two_groups_of_one_ranking_do_not_give_a_third_away():
    made = drawn(36, 4)
    whole = bf.protect(bf.ranking(made, "r", by="staffel"))
    shares = counts(whole, "first")
    for option in "abcd":
        own = shares.xs(option, level="option")["suppressed"] != ""
        assert own.sum() != 1


def test_all_ranks_but_one_do_not_follow_from_a_mean():
    rows = [["a", "b"]] * 20 + [["b", "a"]] * 10 + [["c", "a"]]
    safe = bf.protect(bf.ranking(survey(rows, [0] * 31, options="abc", ranks=2), "r", top=1))
    table = safe.table.set_index(["measure", "option"])
    assert table.loc[("first", "c"), "suppressed"] == "hidden"
    assert (table.loc[["top", "mean_rank"], "suppressed"] == "hidden").all()


def test_a_ranking_does_not_give_back_hidden_ranks_that_stand_beside_it():
    rows = [["a", "b", "c"]] * 14 + [["b", "c", "a"]] * 9 + [["c", "a", "b"]] * 7
    made = survey([*rows, ["a", "d", "b"]], [0] * 20 + [1] * 11)
    ranks, *beside = bf.protect(
        [bf.estimate(made, "r"), bf.ranking(made, "r"), bf.ranking(made, "r", by="staffel")]
    )
    hidden = ranks.table[ranks.table["suppressed"] != ""]
    assert "d" in set(hidden["category"])  # one put it second
    for safe in beside:
        assert safe.table[SHOWN].isna().all(axis=None)


def test_a_ranking_is_shown_for_groups_of_which_all_ranks_are():
    rows = [["a", "b", "c"]] * 14 + [["b", "c", "a"]] * 9 + [["c", "a", "b"]] * 7
    rows += [["d", "a", "b"]] * 4 + [["a", "d", "b"]] * 4 + [["b", "a", "d"]] * 4
    made = survey(rows, [0] * 20 + [1] * 10 + [0, 1, 1, 1] * 3)
    ranks, total = bf.protect([bf.estimate(made, "r", by="staffel"), bf.ranking(made, "r")])
    every = ranks.table["by"] == ""
    assert (ranks.table.loc[~every, "suppressed"] != "").any()
    assert (ranks.table.loc[every, "suppressed"] == "").all()
    assert total.table.loc[total.table["measure"] == "first", "estimate"].notna().all()


def test_a_ranking_stays_where_nothing_of_its_ranks_is_hidden():
    made = drawn(promise="Nur zusammengefasst.")
    ranks, safe = bf.protect([bf.estimate(made, "r"), bf.ranking(made, "r")])
    assert (ranks.table["suppressed"] == "").all()
    assert (safe.table["suppressed"] == "").all()
