"""Protecting and auditing the tables of a whole report, on the synthetic surveys of the project.

Aim: a report of 60 linked tables within 60 s.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import begleitforschung as bf

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def tables():
    """All columns of answers, each for all and by two variables, and a crossing of answers."""
    survey = bf.read_project(ROOT).survey("projekte")
    asked_of_all = [item.id for item in survey.codebook.items if not item.filter]
    kept = [name for name in asked_of_all if name not in ("anmerkung", "kontakt")]
    banner = bf.tabulate(survey, ["staffel", "programm_kategorie"], kept)
    return [banner, bf.estimate(survey, "stand", by="verstetigung")]


@pytest.mark.parametrize("policy", ["grouped", "strict"])
def test_protect_report(benchmark, tables, policy):
    safe = benchmark.pedantic(bf.protect, (tables, policy), {"seconds": 30.0}, rounds=1)
    columns = len(safe[0].questions)
    benchmark.extra_info["tables"] = 3 * columns + 1
    benchmark.extra_info["hidden"] = sum(result.protection.hidden for result in safe)
    assert 3 * columns >= 60


def test_audit_report(benchmark, tables):
    safe = bf.protect(tables, seconds=1.0)
    assert benchmark.pedantic(bf.audit, (safe,), rounds=3).ok
