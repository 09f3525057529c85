"""Extrapolated totals are hidden where the sums of the same answers are."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.disclosure.earlier import earlier
from begleitforschung.disclosure.extrapolations import masked_extrapolation
from begleitforschung.disclosure.masking import masked
from begleitforschung.disclosure.registry import new_registry

from .drawn import codebook, survey_of
from .hidden_bases import PROTECTED

N = 48


@pytest.fixture(scope="module")
def survey():
    """Four groups: of 20, 20, 5 and 3 municipalities that answered, of twice as many."""
    draw = np.random.default_rng(7)
    groups = np.repeat([0, 1, 2, 3], [20, 20, 5, 3])
    columns = {"q3": draw.lognormal(5, 0.3, N), "q1": [0, 1] * (N // 2), "staffel": groups}
    made = survey_of(codebook(2), columns)
    frame = pd.DataFrame(
        {
            "unit": [f"{at:08d}" for at in range(2 * N)],
            "gruppe": [f"g{at}" for at in [*groups, *groups]],
            "einwohner": draw.integers(2_000, 90_000, 2 * N).astype(float),
        }
    )
    plan = bf.design(made, frame=frame, strata="gruppe")
    return made.with_design(plan)


def hidden(result):
    return set(result.table.loc[result.table["suppressed"] != "", "domain"])


def test_a_small_group_is_hidden_and_the_one_that_would_give_it_back(survey):
    made = bf.extrapolate(survey, "q3", by="gruppe", min_n=1)
    safe = bf.protect(made)
    assert hidden(safe) == {"g3", "g2"}
    gone = safe.table[safe.table["suppressed"] != ""]
    assert gone[["estimate", "se", "low", "high", "per_head"]].isna().to_numpy().all()
    assert gone["n"].tolist() == [5, 3]
    kept = safe.table[safe.table["suppressed"] == ""]
    before = made.table.loc[kept.index, "estimate"]
    assert np.allclose(kept["estimate"], before, rtol=0.02)
    assert (kept["estimate"] != before).all()  # no digit beyond those printed


def test_nothing_of_single_cases_is_left(survey):
    made = bf.extrapolate(survey, "q3", by="gruppe")
    safe = bf.protect(made)
    assert len(made.influence)
    assert safe.influence.empty
    assert safe.outliers.empty
    assert safe.sums is None
    assert not any("outlier" in finding.rule for finding in safe.findings)
    with pytest.raises(bf.DisclosureError, match="already"):
        bf.protect(safe)


def test_hidden_totals_are_points_and_said_aloud(survey):
    safe = bf.protect(bf.extrapolate(survey, "q3", by="gruppe", min_n=1))
    printed = safe.display().to_text()
    row = next(line for line in printed.splitlines() if line.startswith("g3"))
    assert row.split() == ["g3", ".", ".", ".", "3", *row.split()[5:]]
    assert "geheim gehalten" in printed
    assert "g3 geheim gehalten" in safe.alt_text()
    assert "g3 kept secret" in safe.alt_text("en")
    assert safe.figure().axes


def test_beside_other_results_of_the_question_nothing_is_extrapolated(survey):
    total = bf.extrapolate(survey, "q3", by="gruppe", min_n=1)
    mean = bf.estimate(survey, "q3", by="gruppe")
    safe, shown = bf.protect([total, mean])
    assert (safe.table["suppressed"] != "").all()
    assert shown.protected
    other, _ = bf.protect([total, bf.estimate(survey, "q1", by="gruppe")])
    assert hidden(other) == {"g3", "g2"}


def test_without_small_groups_all_is_shown(survey):
    safe = bf.protect(bf.extrapolate(survey, "q3"))
    assert hidden(safe) == set()
    assert safe.protection.hidden == 0
    assert safe.protection.policy == "grouped"


def test_a_group_whose_base_is_hidden_does_not_tell_how_many_answered(survey):
    made = bf.extrapolate(survey, "q3", by="gruppe", min_n=1)
    rows = [at for at, group in enumerate(made.sums.table["domain"]) if group in ("g2", "g3")]
    sums = masked(
        made.sums, dict.fromkeys(rows, "hidden"), (), {}, PROTECTED, 3, baseless=rows
    )  # fmt: skip
    safe = masked_extrapolation(made, sums, set())
    gone = safe.table["domain"].isin(["g2", "g3"])
    of_bases = ["n", "covered", "answered", "coverage", "empty", "tiny"]
    assert safe.table.loc[gone, of_bases].isna().to_numpy().all()
    assert set(safe.table["n"].array._data[gone.to_numpy()]) == {1}  # no number below the mark
    assert safe.table.loc[~gone, "n"].tolist() == made.table.loc[~gone, "n"].tolist()
    for row in safe.display().formatted():
        assert (row[1:] == ["."] * 5) == (row[0] in ("g2", "g3"))
    assert safe.alt_text().count("geheim gehalten") == 2
    labels = [text.get_text() for text in safe.figure().axes[0].get_yticklabels()]
    assert sum("(n = .)" in label for label in labels) == 2
    assert not any("tiny" in finding.rule for finding in safe.findings)


def test_beside_a_total_it_is_registered_and_protected_the_same_again(survey):
    made = [
        bf.extrapolate(survey, "q3", by="gruppe", min_n=1),
        bf.estimate(survey, "q3", by="gruppe", statistic="total"),
    ]
    safe = bf.protect(made, seconds=0.5)
    day = dt.date(2025, 9, 1)
    registry = new_registry(survey.codebook).with_published(safe, report="Erster", date=day)
    assert {p.statistic for p in registry.hidden()} == {"extrapolation", "total"}
    again = bf.protect(made, registry=registry, seconds=0.5)
    assert [hidden(one) for one in again] == [hidden(one) for one in safe]
    assert registry.with_published(again, report="Erster", date=day) == registry
    alone = bf.extrapolate(survey, "q3", by="gruppe", min_n=1)
    first = new_registry(survey.codebook).with_published(
        bf.protect(alone), report="Erster", date=day
    )
    now = [bf.estimate(survey, "q3", statistic="mean")]
    told = earlier(survey, first, now, {})
    assert {name for one in told.results for name in one.table["statistic"]} == {"total"}
    assert not told.hidden
