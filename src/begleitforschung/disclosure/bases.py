"""Bases that answers decide: who belongs to a group by answers, or was asked because of one.

Everybody may know who answered at all. But how many of a group answered "no" is told by the base of
a table broken down or filtered by that answer, and by that of a question asked only after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from begleitforschung.disclosure.positions import BY_HAND
from begleitforschung.disclosure.splitting import Axis, axes_of, passing, secret_variable
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.published import Base, Row
from begleitforschung.surveys import Survey, parse_filter
from begleitforschung.surveys.sample_design import JOIN

Bools = np.ndarray


def bases_of(
    estimate: Estimate, survey: Survey, column: str, rows: Sequence[Row], groups: Bools
) -> tuple[tuple[Base, ...], tuple[Axis, ...]]:
    """Return the bases of a column that answers decide.

    Parameters
    ----------
    estimate : Estimate
        Not yet protected.
    survey : Survey
        Its survey.
    column : str
        Column of the answers.
    rows : sequence of Row
        Rows of the table about it.
    groups : numpy.ndarray of bool, shape (groups, n)
        Groups of the register that they are about.

    Returns
    -------
    bases : tuple of Base
        Each once, with the rows that have it. Of a question that is asked after a filter there are
        two: how many answered, and how many were asked.
    axes : tuple of Axis
        Questions that decide them.
    """
    where = str(estimate.specification.get("where") or "")
    chosen_by = [where] if where and where != BY_HAND else []
    asked_after = survey.codebook.item(column).filter
    if asked_after and not _by_answers(survey, asked_after):
        asked_after = ""
    found: list[Base] = []
    axes: dict[str, Axis] = {}
    for (by, domain), of_domain in _by_domain(estimate, rows).items():
        first = of_domain[0]
        pieces = dict(zip(by.split(JOIN), domain.split(JOIN), strict=True)) if by else {}
        for filters in [chosen_by, [*chosen_by, asked_after]] if asked_after else [chosen_by]:
            secrets = {name: at for name, at in pieces.items() if secret_variable(survey, name)}
            decisive = [text for text in filters if _by_answers(survey, text)]
            if not secrets and not decisive:
                continue
            made = axes_of(survey, list(secrets), decisive)
            axes |= {axis.variable.name: axis for axis in made}
            answered = np.logical_and.reduce([axis.variable.answered for axis in made])
            could = groups[first.group] & answered
            exact = asked_after not in filters
            names = {*pieces, *(c for text in filters for c in parse_filter(text).compared)}
            deciding = [name for name in names if secret_variable(survey, name)]
            base = Base(
                rows=tuple(row.at for row in of_domain),
                name=f"{column} by {by or 'all'}",
                variables=tuple(axis.variable.name for axis in made),
                within=passing(made, decisive, secrets),
                cases=could & survey.answered(column) if exact else could,
                could=could,
                exact=exact,
                halves=not secrets,
                crossed=len(deciding) > 1 or len(names) - len(deciding) > 1,
            )
            found.append(base)
    return tuple(found), tuple(axes.values())


def _by_domain(estimate: Estimate, rows: Sequence[Row]) -> Mapping[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row, key in zip(
        rows, estimate.table.loc[[r.at for r in rows], ["by", "domain"]].to_numpy(), strict=True
    ):
        found.setdefault((str(key[0]), str(key[1])), []).append(row)
    return found


def _by_answers(survey: Survey, text: str) -> bool:
    return any(secret_variable(survey, name) for name in parse_filter(text).compared)
