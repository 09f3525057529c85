"""Tables of the cases that a model uses: those that answered all of its questions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from begleitforschung.disclosure.splitting import secret_variable
from begleitforschung.disclosure.structure import Bools, structure_of
from begleitforschung.estimation.blocks import Statistic
from begleitforschung.estimation.domains import Domains, chosen, grouped
from begleitforschung.estimation.estimate import estimate
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.published import EVERYBODY
from begleitforschung.surveys import Design, Survey, design
from begleitforschung.surveys.sample_design import JOIN

USED = "\u2713"  # those who are used, a group that the register knows as it knows who answered


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cases:
    """The cases of a model.

    Parameters
    ----------
    survey : Survey
        The survey.
    column : str
        Column of the answers that is summed up.
    where : str, optional
        Filter of the cases that count.
    used : numpy.ndarray of bool, shape (n,), optional
        Who has all answers that the model needs; by default all who gave this one.
    """

    survey: Survey
    column: str
    where: str | None = None
    used: Bools | None = field(default=None, repr=False)

    @property
    def filtered(self) -> Bools:
        """Cases that the filter lets through and that gave this answer."""
        answered, inside = self.survey.answered(self.column), chosen(self.survey, self.where)
        return answered if inside is None else np.asarray(answered & inside)

    @property
    def inside(self) -> Bools:
        """Cases of the model."""
        return self.filtered if self.used is None else self.filtered & self.used


def asked_of(survey: Survey, column: str, *, by_score: bool) -> Bools:
    """Return who gave an answer that a model can use.

    Parameters
    ----------
    survey : Survey
        The survey.
    column : str
        Column of the answers.
    by_score : bool
        Whether its score counts, which an answer such as "weiß nicht" may not have.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
        True for those.
    """
    if not by_score:
        return survey.answered(column)
    return np.asarray(~np.isnan(survey.scores(column)).any(axis=1))


def estimate_among(
    cases: Cases,
    statistic: Statistic,
    by: str = "",
    labels: np.ndarray | None = None,
    *,
    crossed: bool = False,
) -> Estimate:
    """Estimate a question among the cases of a model.

    Who answered which question is taken as known to everybody, so those cases are a group of the
    register: a variable of a copy of the frame.

    Parameters
    ----------
    cases : Cases
        The cases.
    statistic : {"share", "mean"}
        What is estimated.
    by : str
        Item or variable of the frame; empty for all cases together.
    labels : numpy.ndarray of str, shape (n,), optional
        Group of each case where `by` is no variable that groups can be made of; empty for none.
    crossed : bool
        Whether these groups are made of answers, or of several variables.

    Returns
    -------
    Estimate
        Not protected; only groups if `by` is given.

    Raises
    ------
    ValidationError
        If statistic and question do not fit.
    """
    survey, where = cases.survey, cases.where
    if labels is None and (cases.inside == cases.filtered).all():
        return estimate(survey, cases.column, by or None, statistic, where=where, total=not by)
    used = np.where(cases.inside, USED, "")
    if by and labels is None and not secret_variable(survey, by):
        labels = labels_of(grouped(survey, by, None))
    further = [by] if by and labels is None else []
    if labels is None:
        groups = [used]
    elif crossed:
        groups = [used, labels]
    else:  # one variable, as it is no more crossed than the table of all cases
        groups = [np.where(cases.inside, labels, "")]
    extra = {named(group): group for group in groups}
    made = with_variables(survey, extra)
    return estimate(made, cases.column, [*extra, *further], statistic, where=where, total=False)


def labels_of(part: Domains) -> np.ndarray:
    """Return the group of each case in words; empty for none.

    Parameters
    ----------
    part : Domains
        Groups.

    Returns
    -------
    numpy.ndarray of str, shape (n,)
        Their keys.
    """
    return np.array([*part.keys, ""])[part.codes]


def named(labels: np.ndarray) -> str:
    """Name a variable by what it says, so that equal ones of several models are one.

    Parameters
    ----------
    labels : numpy.ndarray of str, shape (n,)
        Group of each case.

    Returns
    -------
    str
        Its name.
    """
    return f"{USED} {hashlib.sha256(JOIN.join(labels).encode()).hexdigest()[:16]}"


def in_one(surveys: Sequence[Survey]) -> Survey:
    """Return a survey whose frame has the variables of several copies of it.

    Parameters
    ----------
    surveys : sequence of Survey
        The same answers.

    Returns
    -------
    Survey
        The first of them that has a design, with the variables of all.
    """
    planned = [(one, one.design) for one in surveys if one.design is not None]
    if not planned:
        return surveys[0]
    first, plan = planned[0]
    every = {str(name): other.variables[name] for _, other in planned for name in other.variables}
    more = {name: column for name, column in every.items() if name not in plan.variables}
    if not more:
        return first
    return replace(first, design=replace(plan, variables=plan.variables.assign(**more)))


def units_behind(made: Estimate) -> dict[int, int]:
    """Count the municipalities behind each row, as several answers of one count once.

    Parameters
    ----------
    made : Estimate
        Not yet protected.

    Returns
    -------
    dict of int to int
        Units by row of its table.
    """
    units = pd.factorize(made.survey.cases["unit"])[0].astype(np.int64)
    unknown = units < 0
    units[unknown] = len(units) + np.arange(unknown.sum())
    found = {}
    for secret in structure_of(made, made.survey):
        rows = secret.rows
        for row in rows.rows:
            inside = rows.groups[row.group] & rows.answered
            if row.part != EVERYBODY:
                inside = inside & (secret.parts[row.partition] == row.part)
            found[row.at] = len(np.unique(units[inside]))
    return found


def with_variables(survey: Survey, extra: dict[str, np.ndarray]) -> Survey:
    """Return the survey with further variables of the frame; empty labels are missing.

    Parameters
    ----------
    survey : Survey
        The survey.
    extra : dict of str to numpy.ndarray of str
        Variables by name.

    Returns
    -------
    Survey
        A copy.
    """
    plan: Design = survey.design or design(survey, weights=np.ones(len(survey)), single="certainty")
    columns = {
        name: pd.Series(labels, dtype="object").where(labels != "", None).to_numpy()
        for name, labels in extra.items()
    }
    return survey.with_design(replace(plan, variables=plan.variables.assign(**columns)))
