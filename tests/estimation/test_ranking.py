"""Rankings: edge cases by hand, what is printed and drawn, and what may not change them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import begleitforschung as bf
from begleitforschung.errors import DisclosureError, UnknownCodeError, ValidationError
from begleitforschung.surveys import Code, Item

from .inputs import item, survey_of

LABELS = {"a": ("Personal", "Staff"), "b": ("Geld", "Money"), "c": ("Recht", "Law")}
FIGURES = ["estimate", "se", "low", "high", "n", "count"]


def ranked(rows, *, confidentiality="public", codes="abc", **more):
    """A survey of a question for the first two of three obstacles, and of other columns."""
    frame = pd.DataFrame(rows, columns=["r_1", "r_2"], dtype="object").assign(**more)
    question = Item(
        id="r",
        kind="ranking",
        ranks=2,
        text={"de": "Was hindert?", "en": "What hinders?"},
        codes=tuple(
            Code(code=c, label=dict(zip(("de", "en"), LABELS[c], strict=True))) for c in codes
        ),
        confidentiality=confidentiality,
    )
    return survey_of(frame, [question, *(item(k, frame[k], "single") for k in more)])


ROWS = [("a", "b"), ("a", "b"), ("a", None), ("b", "a"), ("c", "b"), (None, None)]


def planned(survey, **options):
    return survey.with_design(bf.design(survey, **options))


def figures(result, measure):
    table = result.table
    return table[table["measure"] == measure].set_index(["domain", "option"])


def test_weights_count_in_shares_and_mean_ranks_and_not_in_counts():
    weights = np.array([1.0, 1.0, 2.0, 4.0, 2.0, 7.0])
    found = bf.ranking(planned(ranked(ROWS), weights=weights), "r", top=2)
    first, top, mean = (figures(found, name).loc[""] for name in ("first", "top", "mean_rank"))
    # Ten weigh those who ranked something; the seven of the silent one are in no base.
    assert first["estimate"].to_dict() == pytest.approx({"a": 0.4, "b": 0.4, "c": 0.2})
    assert top["estimate"].to_dict() == pytest.approx({"a": 0.8, "b": 0.8, "c": 0.2})
    # Rank of a: 1 for weights 1 + 1 + 2 and 2 for weight 4; of b: 2 for 1 + 1 + 2, 1 for 4.
    assert mean["estimate"].to_dict() == pytest.approx({"a": 12 / 8, "b": 12 / 8, "c": 1.0})
    assert first["count"].to_dict() == {"a": 3, "b": 1, "c": 1}
    assert first["n"].tolist() == [5, 5, 5]
    assert mean["n"].to_dict() == {"a": 4, "b": 4, "c": 1}


def test_an_option_that_nobody_ranked_has_a_share_of_nought_and_no_mean_rank():
    found = bf.ranking(planned(ranked([("a", None), ("a", "b")]), population=9), "r", top=2)
    assert figures(found, "first").loc[("", "c"), "estimate"] == 0
    row = figures(found, "mean_rank").loc[("", "c")]
    assert row["n"] == 0
    assert row[["estimate", "se", "low", "high"]].isna().all()
    cells = found.display().rows[2]
    assert (cells[0], cells[3]) == ("Recht", "–")


def test_an_option_that_stands_twice_counts_with_its_better_rank():
    twice = bf.ranking(ranked([("a", "a"), ("b", "a")]), "r", top=2).table
    once = bf.ranking(ranked([("a", None), ("b", "a")]), "r", top=2).table
    pd.testing.assert_frame_equal(twice, once)


def test_with_top_of_one_both_shares_are_the_same():
    found = bf.ranking(planned(ranked(ROWS), population=30), "r", top=1)
    pd.testing.assert_frame_equal(figures(found, "first"), figures(found, "top").assign(
        measure="first"))  # fmt: skip
    assert found.display().columns[2].label == "unter den ersten 1"


def test_nobody_who_ranked_anything_is_no_number():
    found = bf.ranking(planned(ranked([(None, None)] * 4), population=9), "r", top=2)
    assert found.table["estimate"].isna().all()
    assert (found.table["n"] == 0).all()
    assert all(row[1] == "–" for row in found.display().rows)


def test_groups_and_a_filter_are_those_of_the_cases():
    survey = ranked(ROWS, g=["x", "x", "y", "y", "x", "y"])
    by = figures(bf.ranking(survey, "r", by="g", top=2), "first")
    assert by.loc["x", "count"].to_dict() == {"a": 2, "b": 0, "c": 1}
    assert by.loc["y", "count"].to_dict() == {"a": 1, "b": 1, "c": 0}
    only = figures(bf.ranking(survey, "r", top=2, where="g == 'x'"), "first")
    assert only.loc["", FIGURES].equals(by.loc["x", FIGURES])
    assert bf.ranking(survey, "r", top=2, where="g == 'x'").specification["where"] == "g == 'x'"


@pytest.mark.parametrize(
    ("lang", "heads", "first", "note"),
    [
        ("de", ["Antwort", "auf Rang 1", "unter den ersten 2", "mittlerer Rang", "n"], "Personal",
         "Anteile an allen, die etwas eingeordnet haben (n); der mittlere Rang gilt für die, die "
         "diese Antwort eingeordnet haben, und ist zu günstig, wo nur wenige das taten."),
        ("en", ["Option", "ranked first", "among the first 2", "mean rank", "n"], "Staff",
         "Shares of all who ranked something (n); the mean rank is of those who ranked this "
         "option, and too favourable where few did."),
    ],
)  # fmt: skip
def test_it_is_printed_in_both_languages(lang, heads, first, note):
    shown = bf.ranking(ranked(ROWS), "r", top=2, min_n=1).display(lang)
    assert [column.label for column in shown.columns] == heads
    assert shown.rows[0][0] == first
    assert shown.rows[0][4] == 5
    assert list(shown.notes) == [note]


def test_small_bases_are_counts_and_others_percent():
    few = bf.ranking(ranked(ROWS), "r", top=2).display().rows[0]
    assert few[1:3] == ("3 von 5", "4 von 5")
    many = bf.ranking(ranked(ROWS * 5), "r", top=2).display().rows[0]
    assert few[0] == many[0]
    assert "%" in many[1]
    assert not any("[" in str(cell) for cell in many)  # without a design there is no interval


def test_the_figure_shows_the_share_among_the_first_in_percent():
    found = bf.ranking(planned(ranked(ROWS * 4), population=60), "r", top=2, min_n=5)
    axes = found.figure().axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert len(names) == 3
    assert all(
        any(name.startswith(word) for name in names) for word in ("Personal", "Geld", "Recht")
    )
    assert "unter den ersten 2" in axes.get_xlabel()
    drawn = {round(float(x), 6) for line in axes.lines for x in np.ravel(line.get_xdata())}
    drawn |= {round(float(x), 6) for dots in axes.collections for x in dots.get_offsets()[:, 0]}
    assert {80.0, 20.0} <= drawn
    assert "ranked" not in found.alt_text("de")
    assert found.alt_text("en").startswith("What hinders? among the first 2: Staff ")


def test_a_confidential_ranking_is_not_shown_unasked_and_says_where_it_is_from():
    found = bf.ranking(
        ranked(ROWS, confidentiality="confidential", g=list("xxyyxy")), "r", "g", top=2
    )
    with pytest.raises(DisclosureError):
        found.display()
    assert found.display(allow_unprotected=True).rows
    assert found.provenance.operation == "ranking"
    assert dict(found.provenance.parameters)["question"] == "r"
    answers = [step for step in found.provenance.steps() if step.operation == "answers"]
    assert "g" in str(dict(answers[-1].parameters)["items"])


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (("r_1",), {}, ValidationError, "'r_1' is no item of kind ranking"),
        (("r",), {"top": 0}, ValidationError, "top= lies between 1 and 2, the ranks asked for"),
        (("r",), {"level": 1.0}, ValidationError, "level= lies between 0 and 1"),
        (("r",), {"min_n": 2.5}, ValidationError, "min_n= is a whole number of cases"),
        (("rr",), {}, UnknownCodeError, "r"),
        (("r", "h"), {}, UnknownCodeError, "g"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, options, error, message):
    with pytest.raises(error, match=message):
        bf.ranking(ranked(ROWS, g=list("xxyyxy")), *arguments, **({"top": 2} | options))


PAIRS = st.lists(st.tuples(*[st.sampled_from(["a", "b", "c", None])] * 2), min_size=2, max_size=12)


@settings(max_examples=6, deadline=None)
@given(PAIRS, st.randoms(use_true_random=False), st.permutations("abc"))
def test_neither_the_order_of_cases_nor_that_of_options_matters(rows, random, codes):
    moved = list(rows)
    random.shuffle(moved)
    ours = bf.ranking(planned(ranked(rows), population=40), "r", top=2)
    theirs = bf.ranking(planned(ranked(moved, codes=codes), population=40), "r", top=2)
    for measure in ("first", "top", "mean_rank"):
        one, two = figures(ours, measure)[FIGURES], figures(theirs, measure)[FIGURES]
        pd.testing.assert_frame_equal(
            one.astype(float), two.loc[one.index].astype(float), atol=1e-12
        )


@settings(max_examples=15, deadline=None)
@given(PAIRS)
def test_shares_of_the_first_rank_add_up_to_those_who_gave_one(rows):
    found = bf.ranking(ranked(rows), "r", top=2)
    first, top = figures(found, "first"), figures(found, "top")
    assert first["count"].sum() == sum(row[0] is not None for row in rows)
    assert (top["count"] >= first["count"]).all()
    mean = figures(found, "mean_rank")["estimate"].dropna()
    assert mean.between(1, 2).all()
