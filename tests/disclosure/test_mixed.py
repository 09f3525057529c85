"""Cross tables beside estimates in one call: a solver reads both and recovers no hidden cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

import begleitforschung as bf
from begleitforschung.errors import DisclosureError
from begleitforschung.results.cross_table import CrossTable

from .drawn import random_survey

QUESTIONS = ("q1", "q2", "land")


def _classes(table):
    return {d.name: list(d.keys) for d in table.dimensions}


def _printed(results, keys):
    """Each printed count as (where, value): where names a class of some of the questions."""
    for one in results:
        if isinstance(one, CrossTable):
            for row in one.table.to_dict("records"):
                where = {name: row[name] for name in keys if row.get(name)}
                yield where, row["value"], bool(row["suppressed"])
            continue
        for row in one.table.to_dict("records"):
            where = {row["by"]: row["domain"]} if row["by"] else {}
            told = where | {row["column"]: row["category"]}
            hidden = bool(row["suppressed"])
            yield told, np.nan if hidden else round(row["estimate"] * row["n"]), hidden
            if not pd.isna(row["n"]):
                yield where, row["n"], False


def _recovered(results, survey, keys):
    """Hidden counts of 1 or 2 of which whole numbers leave one value; printed ones contradicted."""
    shape = tuple(len(keys[name]) for name in QUESTIONS)
    place = np.indices(shape)

    def members(where):
        found = np.ones(shape)
        for axis, name in enumerate(QUESTIONS):
            if name in where:
                found *= place[axis] == keys[name].index(where[name])
        return found.ravel()

    land = survey.responses["land"].astype(str).value_counts()
    known = [(members({"land": key}), float(land.get(key, 0))) for key in keys["land"]]
    hidden = []
    for where, value, secret in _printed(results, keys):
        if secret:
            hidden.append(where)
        else:
            known.append((members(where), float(value)))
    rows = np.array([row for row, _ in known])
    values = np.array([value for _, value in known])
    rules = LinearConstraint(rows, values, values)
    found = []
    for where in [dict(one) for one in dict.fromkeys(tuple(sorted(h.items())) for h in hidden)]:
        wanted = members(where)
        ends = []
        for sign in (1.0, -1.0):
            made = milp(sign * wanted, constraints=rules, integrality=1, bounds=Bounds(0, np.inf))
            assert made.x is not None, made.message
            ends.append(round(float(wanted @ made.x)))
        if ends[0] == ends[1] and 0 < ends[0] < 3:
            found.append(where)
    return hidden, found


def _results(survey):
    return [
        bf.estimate(survey, "q1", by="q2"),
        bf.estimate(survey, "q2", by="q1"),
        bf.estimate(survey, "q1", by="land"),
        bf.cross_table(survey, ["q1", "q2"]),
    ]


@pytest.mark.parametrize("policy", ["grouped", "strict"])
@pytest.mark.parametrize("seed", range(2))
def test_a_solver_that_reads_both_kinds_recovers_no_hidden_cell(seed, policy):
    survey = random_survey(seed, 60 if policy == "grouped" else 120)
    given = _results(survey)
    safe = bf.protect(given, policy)
    keys = _classes(given[3]) | _classes(bf.cross_table(survey, ["land"]))
    _, found = _recovered(safe, survey, keys)
    assert not found
    assert bf.audit(safe).ok


@pytest.mark.parametrize("seed", range(2))
def test_what_a_cross_table_hides_no_estimate_shows(seed):
    survey = random_survey(seed, 40)
    safe = bf.protect(_results(survey))
    tables = safe[3].table.set_index(["q1", "q2"])["suppressed"].ne("")
    rows = safe[0].table[safe[0].table["by"] == "q2"]
    marks = rows["suppressed"].ne("")
    cells = [tables[at] for at in zip(rows["category"], rows["domain"], strict=True)]
    assert marks.tolist() == cells
    assert any(cells)


@pytest.mark.parametrize("order", [(3, 0, 1, 2), (2, 3, 1, 0)])
def test_the_order_of_the_results_does_not_matter_for_safety(order):
    survey = random_survey(0, 60)
    given = _results(survey)
    safe = bf.protect([given[at] for at in order])
    keys = _classes(given[3]) | _classes(bf.cross_table(survey, ["land"]))
    assert not _recovered(safe, survey, keys)[1]
    assert bf.audit(safe).ok


def test_a_cross_table_hides_at_least_what_it_hides_alone():
    survey = random_survey(0, 60)
    alone = bf.protect(bf.cross_table(survey, ["q1", "q2"]))
    beside = bf.protect(_results(survey))[3]
    hidden = alone.table["suppressed"].ne("")
    assert beside.table.loc[hidden, "suppressed"].ne("").all()


def test_sums_by_groups_of_the_register_stand_beside_means():
    survey = random_survey(1, 60)
    levels = [{"0": "A", "1": "A", "2": "B", "3": "B"}]
    table = bf.cross_table(survey, ["land"], "q3", groups={"land": levels})
    safe = bf.protect([bf.estimate(survey, "q3", by="land"), table])
    assert bf.audit(safe).ok


def test_groups_of_answers_are_refused_beside_others():
    survey = random_survey(1, 60)
    table = bf.cross_table(survey, ["q1"], groups={"q1": [{"0": "A", "1": "A", "2": "B"}]})
    with pytest.raises(DisclosureError, match="groups of answers"):
        bf.protect([bf.estimate(survey, "q2"), table])


def test_a_weighted_survey_is_refused():
    plain = random_survey(1, 60)
    survey = plain.with_design(bf.design(plain, weights=np.linspace(1, 3, 60), single="certainty"))
    with pytest.raises(DisclosureError, match="not weighted"):
        bf.protect([bf.estimate(survey, "q1"), bf.cross_table(survey, ["q1", "q2"])])
