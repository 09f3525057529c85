"""Estimates of a real survey against sums over its plain file, made with the standard library."""

from __future__ import annotations

import csv
import math
import statistics
from collections import Counter

import numpy as np
import pytest

import begleitforschung as bf


@pytest.fixture(scope="module")
def folder(shared):
    return shared / "data" / "survey" / "limesurvey_rse2017"


@pytest.fixture(scope="module")
def survey(folder):
    return bf.read_survey(folder / "de_public_data.csv", codebook=folder / "de_17_to_import.txt")


@pytest.fixture(scope="module")
def process(survey):
    """The same as draws from a process: with replacement, all with weight 1."""
    plan = bf.design(survey, weights=np.ones(len(survey)), inference="analytic")
    return survey.with_design(plan)


@pytest.fixture(scope="module")
def plain(folder):
    with (folder / "de_public_data.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    columns = zip(*rows, strict=True)
    return {
        name.partition(". ")[0]: [cell.replace("\ufeff", "").strip() for cell in column]
        for name, column in zip(header, columns, strict=True)
    }


@pytest.mark.parametrize("code", ["stability1", "socio2", "currentEmp1", "tool2"])
def test_shares_are_counts_by_answers(code, survey, plain):
    found = bf.estimate(survey, code).table
    labels = {c.code: c.label.en or c.label.de for c in survey.codebook.item(code).answers}
    said = Counter(cell for cell in plain[code] if cell in labels.values())
    assert found["n"].tolist() == [said.total()] * len(labels)
    for row in found.itertuples():
        assert row.estimate == pytest.approx(said[labels[row.category]] / said.total())
    assert found["se"].isna().all()


def test_mentions_are_shares_of_those_who_mentioned_something(survey, plain):
    found = bf.estimate(survey, "proj4can").table
    options = [name for name in plain if name.startswith("proj4can[")]
    touched = [i for i in range(325) if any(plain[name][i] == "Yes" for name in options)]
    assert set(found["n"]) == {len(touched)}
    shares = {
        name.replace("[", "_").rstrip("]"): sum(plain[name][i] == "Yes" for i in touched)
        for name in options
    }
    got = dict(zip(found["column"], found["estimate"], strict=True))
    assert got == pytest.approx({k: v / len(touched) for k, v in shares.items() if k in got})
    assert len(got) >= 4


def test_answers_as_base_add_up_to_one(survey):
    found = bf.estimate(survey, "proj4can", base="answers").table
    assert found["estimate"].sum() == pytest.approx(1)


@pytest.mark.parametrize("code", ["soft1can", "proj1can"])
def test_mean_and_standard_error_are_those_of_a_simple_random_sample(code, process, plain):
    values = [float(cell) for cell in plain[code] if cell]
    row = bf.estimate(process, code).table.iloc[0]
    assert row["estimate"] == pytest.approx(statistics.fmean(values))
    if len(values) == len(process):
        assert row["se"] == pytest.approx(statistics.stdev(values) / math.sqrt(len(values)))
    assert row["n"] == len(values)


def test_means_by_group(survey, plain):
    found = bf.estimate(survey, "soft1can", by="soft2can", total=False).table
    for label, code in (("Yes", "Y"), ("No", "N")):
        values = [
            float(years)
            for years, said in zip(plain["soft1can"], plain["soft2can"], strict=True)
            if said == label and years
        ]
        row = found[found["domain"] == code].iloc[0]
        assert (row["n"], row["estimate"]) == (
            len(values),
            pytest.approx(statistics.fmean(values)),
        )


def test_a_process_has_intervals_and_says_what_they_are_about(process, survey):
    with_design = bf.estimate(process, "stability1", allow_unprotected=True)
    assert with_design.table["low"].notna().all()
    assert "Superpopulation" in " ".join(with_design.display().notes)
    without = bf.estimate(survey, "stability1", allow_unprotected=True)
    assert "ungewichtet" in " ".join(without.display().notes)


def test_answers_of_persons_are_not_shown_unasked(survey):
    with pytest.raises(bf.DisclosureError):
        bf.estimate(survey, "socio3").display()
