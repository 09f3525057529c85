"""Estimates whose bases answers decide, and the same with two of these bases hidden by hand.

Two numbers of such a base give equal figures for everybody and for the groups that stay visible.
"""

from __future__ import annotations

import pandas as pd

import begleitforschung as bf
from begleitforschung.disclosure.masking import masked
from begleitforschung.language import Text
from begleitforschung.results.protection import Protection

from .drawn import codebook, survey_of

SHOWN, REST = 20, 90  # cases of the group that stays visible, and of the two others
PROTECTED = Protection(
    policy="grouped", version="1", title=Text("Zusammengefasst", "Grouped"),
    rule=Text("Regel", "Rule"), cells=0, hidden=0,
)  # fmt: skip


def groups(n):
    """20 cases of group 0, n of group 1, the rest of group 2."""
    return [0] * SHOWN + [1] * n + [2] * (REST - n)


def split_survey(n, *, kind="invitation", filter_="", silent=0):
    """110 respondents of 300 units; q2 splits them, or only staffel does and q2 is a filter."""
    size = SHOWN + REST
    q1 = [at % 3 for at in range(size)]
    for at in range(silent):
        q1[at] = None
    columns = {
        "q1": q1,
        "q2": [1] * size if filter_ else groups(n),
        "q3": [100.0 + 7 * (at % 11) for at in range(size)],
        "staffel": groups(n) if filter_ else [0] * size,
        "land": [0] * size,
    }
    survey = survey_of(codebook(3, q3={"filter": filter_} if filter_ else {}), columns)
    if not kind:
        return survey
    units = [*survey.cases["unit"], *(f"{90_000_000 + at}" for at in range(190))]
    return survey.with_design(bf.design(survey, frame=pd.DataFrame({"unit": units}), kind=kind))


def by_answer(n, *questions, by="q2", **about):
    """Estimates broken down by an answer that n cases gave."""
    plan = {name: about.pop(name) for name in ("kind", "filter_", "silent") if name in about}
    return bf.estimate(split_survey(n, **plan), list(questions or ("q1",)), by=by, **about)


def without_base(made, *, secrets=()):
    """The same, its second and third group hidden with their bases."""
    hidden = [int(at) for at in made.table.index[made.table["domain"].isin(["1", "2"])]]
    rows = dict.fromkeys(hidden, "hidden")
    told = PROTECTED.of("hidden" if at in rows else "" for at in made.table.index)
    return masked(made, rows, secrets, {}, told, 3, baseless=hidden)
