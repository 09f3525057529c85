"""Cross tables: right sums, and no hidden cell that an attacker finds out."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import begleitforschung as bf
from begleitforschung.disclosure.cross_links import cell_numbers, system
from begleitforschung.disclosure.cross_needs import asked_of, shares
from begleitforschung.disclosure.policies import load_policy
from begleitforschung.stats.suppression import attack, join_tables
from begleitforschung.stats.suppression.tables import CellTable

from .drawn import codebook, random_survey, survey_of

FEW = settings(max_examples=8, deadline=None)
NORTH = {"land": [{"a": "Nord", "b": "Nord", "c": "Süd", "d": "Süd"}]}


def drawn(seed, n, dims):
    """Cases by dimensions of which the first has groups, with an amount."""
    rng = np.random.default_rng(seed)
    frame = {"land": rng.choice(list("abcd"), n, p=[0.45, 0.3, 0.15, 0.1])}
    for at in range(1, dims):
        frame[f"d{at}"] = rng.choice(["x", "y", "z"][: 3 if dims < 4 else 2], n)
    frame["land"][:4] = list("abcd")
    frame["eur"] = np.round(rng.lognormal(3, 1, n), 2)
    frame["wem"] = rng.integers(0, max(4, n - 5), n)
    return pd.DataFrame(frame)


def inferred(tables):
    """What an attacker infers of each cell of linked tables, by the published cells alone."""
    ids = cell_numbers(tables)
    shown = np.full(max(own.max() for own in ids) + 1, np.nan)
    for table, own in zip(tables, ids, strict=True):
        seen = table.table["suppressed"].to_numpy() == ""
        shown[own[seen]] = table.values()[seen]
    parts = [system(table) for table in tables]
    empty = [CellTable(np.zeros(len(p.values)), p.relations, p.shape, p.margin) for p in parts]
    found = attack(join_tables(empty, ids).relations, shown)
    low, high = shown.copy(), shown.copy()
    low[found.cells], high[found.cells] = found.low, found.high
    return [(low[own], high[own]) for own in ids]


def true_cell(frame, table, at):
    """Cases of a cell, found in the data by the keys of the table."""
    inside = np.ones(len(frame), bool)
    for d in table.dimensions:
        key = table.table[d.name].iat[at]
        if key:
            column = frame[d.name]
            groups = column.map(NORTH["land"][0]) if d.name == "land" else column
            inside &= ((column == key) | (groups == key)).to_numpy()
    return frame[inside]


def test_cells_are_the_sums_of_the_data_with_groups_and_margins():
    frame = drawn(1, 40, 2)
    for value, unit in ((None, ""), ("eur", "EUR")):
        made = bf.cross_table(frame, ["land", "d1"], value, groups=NORTH, unit=unit)
        for at, shown in enumerate(made.values()):
            cases = true_cell(frame, made, at)
            assert shown == pytest.approx(len(cases) if value is None else cases["eur"].sum())


@given(seed=st.integers(0, 10_000), n=st.integers(15, 60), dims=st.integers(1, 4),
       known=st.booleans())  # fmt: skip
@FEW
def test_no_small_count_and_no_telling_group_follows(seed, n, dims, known):
    frame = drawn(seed, n, dims)
    names = ["land", *(f"d{at}" for at in range(1, dims))]
    made = bf.cross_table(frame, names, groups=NORTH, known=["land"] if known else [])
    try:
        safe = bf.protect(made, seconds=0.3)
    except bf.DisclosureError:
        event("refused as a whole")
        return
    ((low, high),) = inferred([safe])
    base = [d.known for d in made.dimensions]
    for at, true in enumerate(made.values()):
        keys = [made.table[d.name].iat[at] for d in made.dimensions]
        register = all(know or not key for know, key in zip(base, keys, strict=True))
        if register:  # everybody knows who answered
            continue
        assert low[at] - 1e-6 <= true <= high[at] + 1e-6
        if 0 < true < 3:
            assert low[at] <= true - 1 + 1e-6
        for axis, know in enumerate(base):
            if know or not keys[axis] or keys[axis] in ("Nord", "Süd"):
                continue
            total = np.unravel_index(at, made.shape)
            total = np.ravel_multi_index([*total[:axis], made.shape[axis] - 1, *total[axis + 1 :]],
                                         made.shape)  # fmt: skip
            members = made.values()[total]
            if members > 1 and true >= members - 1 and true > 1:
                assert low[at] < max(members - 1, min(members, 2)) - 1e-6
    assert safe.contributions is None
    assert bf.audit(safe).ok


@given(seed=st.integers(0, 10_000), n=st.integers(15, 60), dims=st.integers(1, 3))
@FEW
def test_no_amount_of_one_can_be_estimated(seed, n, dims):
    frame = drawn(seed, n, dims)
    names = ["land", *(f"d{at}" for at in range(1, dims))]
    made = bf.cross_table(frame, names, "eur", groups=NORTH, holdings="wem")
    try:
        safe = bf.protect(made, seconds=0.3)
    except bf.DisclosureError:
        event("refused as a whole")
        return
    ((low, high),) = inferred([safe])
    for at, total in enumerate(made.values()):
        cases = true_cell(frame, made, at)
        largest = np.sort(cases.groupby("wem")["eur"].sum().to_numpy())[::-1]
        assert low[at] - 1e-6 <= total <= high[at] + 1e-6
        if 0 < len(largest) < 5:
            assert high[at] >= total + 0.1 * largest[0] - 1e-6
        if len(largest):
            rest = total - largest[:2].sum()
            assert high[at] >= total + 0.1 * largest[0] - rest - 1e-6
    assert bf.audit(safe).ok


def test_hidden_cells_of_a_row_together_are_no_sum_of_few():
    frame = drawn(5, 60, 2)
    made = bf.cross_table(frame, ["land", "d1"], "eur")
    safe = bf.protect(made)
    shown = safe.values().reshape(safe.shape)
    for row, land in enumerate("abcd"):
        gone = np.isnan(shown[row, :-1])
        if gone.any() and not np.isnan(shown[row, -1]):
            told = frame[(frame["land"] == land) & frame["d1"].isin(np.array(list("xyz"))[gone])]
            assert len(told) >= 5 or len(told) == 0


def compositions(n, parts):
    """All ways to write n as a sum of whole numbers not below zero."""
    for bars in itertools.combinations(range(n + parts - 1), parts - 1):
        ends = np.array([-1, *bars, n + parts - 1])
        yield np.diff(ends) - 1


@pytest.mark.parametrize("seed", range(4))
def test_an_attacker_who_tries_all_tables_finds_no_small_count(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: rng.choice([0, 1], 10, p=[0.6, 0.4]) for name in "abc"})
    made = bf.cross_table(frame, list("abc"))
    safe = bf.protect(made)
    every = np.array(list(compositions(10, 8)), float).reshape(-1, 2, 2, 2)
    for axis in (1, 2, 3):
        every = np.concatenate([every, every.sum(axis=axis, keepdims=True)], axis=axis)
    every, shown = every.reshape(-1, 27), safe.values()
    seen = every[(np.isnan(shown) | (every == shown)).all(axis=1)]
    for at, true in enumerate(made.values()):
        assert true in seen[:, at]
        if 0 < true < 3:
            assert len(np.unique(seen[:, at])) > 1


def test_tables_that_share_a_margin_are_protected_together():
    frame = drawn(3, 70, 3)
    tables = [bf.cross_table(frame, ["land", name], known=["land"]) for name in ("d1", "d2")]
    tables.append(bf.cross_table(frame, ["land", "d1"], known=["land"], groups=NORTH))
    safe = bf.protect(tables)
    first, third = (t.table.set_index(["land", "d1"]) for t in (safe[0], safe[2]))
    same = third["suppressed"].reindex(first.index)
    assert (first["suppressed"] == "").equals(same == "")
    for table, (low, _) in zip(tables, inferred(safe), strict=True):
        small = (table.values() > 0) & (table.values() < 3) & (table.table.iloc[:, 1] != "")
        assert (low[small] <= table.values()[small] - 1 + 1e-6).all()
    assert bf.audit(safe).ok


def test_three_tables_tell_of_each_other_what_two_do_not():
    # a and b always agree, so the table of a and c is that of b and c.
    rows = [(1, 1, 1), (1, 1, 2), (2, 2, 1), (2, 2, 2)]
    frame = pd.DataFrame(
        [row for row, n in zip(rows, (2, 7, 6, 8), strict=True) for _ in range(n)],
        columns=list("abc"),
    )
    pairs = [["a", "b"], ["b", "c"], ["a", "c"]]
    made = [bf.cross_table(frame, names) for names in pairs]
    token = object()
    shown = [replace(table, protected=True, origin=token) for table in made]
    told = bf.protect(bf.cross_table(frame, ["a", "c"], known=["a"])).protection
    gone = [0, 1, 3, 4]
    table = shown[2].table.copy()
    table.loc[gone, "value"] = np.nan
    table.loc[gone, "suppressed"] = "hidden"
    shown[2] = replace(shown[2], table=table, protection=told)
    assert bf.audit(shown[2]).table["width"].min() >= 2
    assert bf.audit([shown[0], shown[2]]).table["width"].min() >= 2
    told_by_three = bf.audit(shown).table
    assert told_by_three["width"].max() == 0
    assert (told_by_three["verdict"] == "exact").sum() == 1  # the count of 2


def test_two_versions_of_a_survey_are_not_shown_together():
    survey = random_survey(4, 60)
    first = survey.keep(np.arange(60) > 0, reason="one less")
    tables = [bf.cross_table(s, ["staffel", "q1"]) for s in (survey, first)]
    with pytest.raises(bf.DisclosureError, match="two versions"):
        bf.protect(tables)
    again = survey.with_design(bf.design(survey, population=100))
    safe = bf.protect([tables[0], bf.cross_table(again, ["staffel", "q1"])])
    assert safe[0].table["suppressed"].equals(safe[1].table["suppressed"])


def test_a_shown_cell_that_gives_a_hidden_one_away_is_found():
    frame = drawn(7, 60, 2)
    made = bf.cross_table(frame, ["land", "d1"], known=["land"])
    safe = bf.protect(made)
    gone = np.flatnonzero(safe.table["suppressed"] != "")
    told = []
    for at in gone:
        table = safe.table.copy()
        table.loc[at, ["value", "suppressed"]] = [made.values()[at], ""]
        told.append(not bf.audit(replace(safe, table=table)).ok)
    assert len(gone)
    assert not told or any(told)


def test_answers_follow_the_promise_and_bases_stay():
    survey = random_survey(4, 60)
    made = bf.cross_table(survey, ["staffel", "q1"])
    assert made.confidentiality == "confidential"
    with pytest.raises(bf.DisclosureError, match="cells of staffel × q1"):
        made.display()
    safe = bf.protect(made)
    assert safe.protection.policy == "grouped"
    totals = safe.table["q1"] == ""
    assert (safe.table.loc[totals, "suppressed"] == "").all()
    small = safe.table[totals & (safe.table["value"] < 5)]
    for key in small["staffel"]:
        rows = safe.table[(safe.table["staffel"] == key) & ~totals]
        assert (rows["suppressed"] != "").all()


def test_a_hidden_cell_is_a_point_and_is_in_no_text():
    frame = drawn(2, 50, 3)
    safe = bf.protect(bf.cross_table(frame, ["land", "d1", "d2"], known=["land"], groups=NORTH))
    model = safe.display()
    assert [column.label for column in model.columns[:2]] == ["d2", "land"]
    hidden = int((safe.table["suppressed"] != "").sum())
    assert sum(row.count(".") for row in model.formatted()) == hidden
    assert any("geheim gehalten" in note for note in model.notes)
    assert "kept secret" in safe.alt_text("en")
    assert safe.figure().axes
    assert model.columns[2].label == "x"
    assert [str(row[1]) for row in model.formatted()[:4]] == ["Nord", "a", "b", "Süd"]


def test_the_sum_of_nobody_is_no_zero():
    frame = pd.DataFrame({"art": ["a", "a", "b"], "eur": [0.0, 0.0, None]})
    made = bf.cross_table(frame, "art", "eur", confidentiality="public")
    assert [row[1] for row in made.display().formatted()] == ["0,0", "–", "0,0"]
    assert made.findings[0].n == 1


def test_public_tables_are_shown_as_they_are():
    frame = drawn(2, 30, 2)
    made = bf.cross_table(frame, ["land", "d1"], confidentiality="public")
    assert bf.protect(made) is made
    assert made.display("en").formatted()[-1][-1] == "30"


def test_what_does_not_fit_is_refused():
    frame = drawn(2, 30, 2)
    with pytest.raises(bf.UnknownCodeError):
        bf.cross_table(frame, ["kreis"])
    with pytest.raises(bf.ValidationError, match="no group is given for c, d"):
        bf.cross_table(frame, ["land"], groups={"land": [{"a": "N", "b": "N"}]})
    made = bf.cross_table(frame, ["land", "d1"], known=["land"])
    safe = bf.protect(made)
    with pytest.raises(bf.DisclosureError, match="already"):
        bf.protect(safe)
    with pytest.raises(bf.DisclosureError, match="only protected"):
        bf.audit(made)
    survey = random_survey(1, 40)
    with pytest.raises(bf.DisclosureError, match="one call"):
        bf.protect([bf.estimate(survey, "q1"), made])


def test_who_answers_several_times_counts_once():
    frame = pd.DataFrame({"art": ["a"] * 9 + ["b"] * 9, "ja": ["1", "2", "3"] * 6,
                          "wem": [0, 0, 0, 1, 1, 1, 2, 2, 2, *range(3, 12)]})  # fmt: skip
    alone = bf.protect(bf.cross_table(frame, ["art", "ja"], known=["art"]))
    assert (alone.table["suppressed"] == "").all()
    frame.loc[:8, "wem"] = 0
    once = bf.protect(bf.cross_table(frame, ["art", "ja"], known=["art"], holdings="wem"))
    assert once.table.loc[[0, 1, 2], "suppressed"].eq("hidden").all()


def test_reference_cases_through_the_public_verbs(shared):
    text = (shared / "reference/survey/sdc/cases.json").read_text(encoding="utf-8")
    cases = {case["id"]: case for case in json.loads(text)}
    for name in ("rule_1_90_safe_but_close", "rule_p10_vs_2k"):
        case = cases[name]
        frame = pd.DataFrame({"art": "a", "eur": [float(amount) for amount in case["contrib"]]})
        made = bf.cross_table(frame, ["art"], "eur")
        policy = load_policy("strict").model_copy(
            update={"min_base": 0, "min_count": 0, "min_count_crossed": 0}
        )
        unsafe = asked_of(made, shares(made), policy).primary[0]
        assert bool(unsafe) == case["rules"]["p_percent_10"]


def test_tables_of_different_cases_are_apart_or_refused():
    frame = drawn(3, 60, 3)
    frame.loc[:6, "d1"] = None
    by_land = [bf.cross_table(frame, ["land", name], known=["land"]) for name in ("d1", "d2")]
    both = bf.cross_table(frame, ["d1", "d2"])
    for safe in bf.protect(by_land):
        alone = bf.protect(next(t for t in by_land if t.title == safe.title))
        assert (safe.table["suppressed"] == alone.table["suppressed"]).all()
    with pytest.raises(bf.DisclosureError, match="different cases"):
        bf.protect([*by_land, both])
    sums = [bf.cross_table(frame, ["land", name], "eur", known=["land"]) for name in ("d1", "d2")]
    with pytest.raises(bf.DisclosureError, match="different cases"):
        bf.protect(sums)


def test_tables_that_give_three_respondents_away_together_are_refused():
    columns = {
        "q1": [0, 1, 2] * 13 + [0],
        "q2": [0] * 40,
        "staffel": [0] * 20 + [1] * 20,
        "land": [0] * 17 + [1] * 23,
    }
    survey = survey_of(codebook(3), columns)
    each = [bf.cross_table(survey, [name, "q1"]) for name in ("staffel", "land")]
    for alone in each:
        bf.protect(alone)
    with pytest.raises(bf.DisclosureError, match="groups of fewer than 5"):
        bf.protect(each)
