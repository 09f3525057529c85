"""Broader classes after which nothing is hidden, and no count in what is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf

from .drawn import random_survey


def drawn(seed, n=60):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({
        "land": rng.choice(list("abcdef"), n, p=[0.35, 0.25, 0.2, 0.1, 0.05, 0.05]),
        "stufe": pd.Categorical(rng.choice(["1", "2", "3", "4"], n, p=[0.5, 0.3, 0.15, 0.05]),
                                ["1", "2", "3", "4"], ordered=True),
        "eur": rng.lognormal(3, 0.5, n),
    })  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("value", [None, "eur"])
def test_after_the_merge_nothing_is_hidden(seed, value):
    frame = drawn(seed)
    found = bf.alternatives(bf.cross_table(frame, ["land", "stufe"], value, known=["land"]))
    rows = found.table.set_index("way")
    assert rows.loc["merge", "possible"]
    names = ["land", "stufe"]
    for name in ("land", "stufe"):
        if (0, name) in found.merged:
            new = frame[name].astype(str).map(found.merged[0, name])
            if (new == "").all():
                names.remove(name)
            order = list(dict.fromkeys(found.merged[0, name].values()))
            frame[name] = pd.Categorical(new, order)
    made = bf.cross_table(frame, names, value, known=["land"])
    assert len(made.table) == rows.loc["merge", "cells"]
    assert (bf.protect(made).table["suppressed"] == "").all()


def test_neighbours_of_an_order_are_merged():
    found = bf.alternatives(bf.cross_table(drawn(1), ["land", "stufe"], known=["land"]))
    groups = list(found.merged.get((0, "stufe"), {}).values())
    assert [g for at, g in enumerate(groups) if at == 0 or g != groups[at - 1]] == list(
        dict.fromkeys(groups)
    )


def test_rounding_moves_no_count_further_than_its_base():
    table = bf.alternatives(bf.cross_table(drawn(2), ["land", "stufe"])).table.set_index("way")
    assert table.loc["round_3", "furthest"] <= 3
    assert table.loc["round_5", "furthest"] <= 5
    assert table.loc["round_3", "mean"] <= table.loc["round_5", "mean"]


def test_a_safe_table_needs_nothing():
    frame = pd.DataFrame({"art": ["a"] * 20 + ["b"] * 20, "ja": ["1", "2"] * 20})
    found = bf.alternatives(bf.cross_table(frame, ["art", "ja"]))
    rows = found.table.set_index("way")
    assert rows.loc["suppress", "hidden"] == rows.loc["merge", "lost"] == 0
    assert not found.merged
    assert "Nothing has to be hidden." in found.display("en").notes


def test_questions_of_an_estimate_are_looked_at_and_others_named():
    survey = random_survey(3, 50)
    found = bf.alternatives([bf.estimate(survey, name, by="staffel") for name in ("q1", "q3")])
    assert len(found.titles) == 2
    model = found.display()
    assert model.columns[1].label == "Weg"
    assert found.protected
    filtered = bf.estimate(survey, "q1", by="staffel", where="q2 == 1")
    with pytest.raises(bf.DisclosureError, match="no question"):
        bf.alternatives(filtered)
