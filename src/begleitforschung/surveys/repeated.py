"""Several answers of one municipality: an explicit rule says which one counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, UnknownCodeError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.surveys.instrument import Several
from begleitforschung.surveys.survey import ESTIMATED, Survey

RULES: dict[Several, Text] = {
    "latest": Text("die zuletzt abgegebene", "the one handed in last"),
    "first": Text("die zuerst abgegebene", "the one handed in first"),
    "complete": Text("die vollständige, sonst die letzte", "the complete one, else the last"),
    "most_answers": Text("die mit den meisten Antworten", "the one with the most answers"),
}


def repeated_units(survey: Survey) -> tuple[Finding, ...]:
    """Find municipalities that answered more than once.

    Parameters
    ----------
    survey : Survey
        The survey.

    Returns
    -------
    tuple of Finding
        At most one, a warning with the rows concerned.
    """
    unit = survey.cases["unit"]
    twice = (unit.duplicated(keep=False) & unit.notna()).to_numpy(bool)
    if not twice.any():
        return ()
    rows = survey.cases["row"].to_numpy()[twice]
    n = unit[twice].nunique()
    return (
        Finding(
            rule="survey.unit_twice",
            severity="warning",
            text=Text(
                f"{n} Kommunen haben mehrfach geantwortet", f"{n} units answered more than once"
            ),
            hint=Text(
                "Festlegen, welche Antwort zählt: several='latest', 'first', 'complete' oder "
                "'most_answers' (Codebuch: instrument: several).",
                "Say which answer counts: several='latest', 'first', 'complete' or "
                "'most_answers' (codebook: instrument: several).",
            ),
            file=survey.cases["file"].iloc[0],
            row=int(rows.min()),
            n=int(twice.sum()),
            rows=rows_concerned(rows),
        ),
    )


def one_per_unit(survey: Survey, rule: Several) -> Survey:
    """Keep one answer of each municipality; cases without a municipality are all kept.

    Parameters
    ----------
    survey : Survey
        The survey.
    rule : {"latest", "first", "complete", "most_answers"}
        Which answer counts. Time is that of handing in, else of the start, else the order of
        the file; an answer without a time loses. ``complete`` prefers a complete answer and
        takes the latest of equals, ``most_answers`` the one with the most answered columns.

    Returns
    -------
    Survey
        One case per municipality; a finding lists the rows left out, the provenance the rule.

    Raises
    ------
    UnknownCodeError
        If there is no such rule.
    """
    if rule not in RULES:
        raise UnknownCodeError(rule, RULES, "rules for several answers of one unit")
    unit = survey.cases["unit"]
    if not (unit.duplicated() & unit.notna()).any():
        return survey
    order = np.lexsort(_sort_keys(survey, rule)[::-1])
    last = ~unit.iloc[order].duplicated(keep="last") | unit.iloc[order].isna()
    mask = np.zeros(len(survey), dtype=bool)
    mask[order[last.to_numpy(bool)]] = True
    rows = survey.cases["row"].to_numpy()[~mask]
    remark = Finding(
        rule="survey.unit_left_out",
        severity="info",
        text=Text(
            f"weitere Antworten derselben Kommune weggelassen; es zählt {RULES[rule].de}",
            f"further answers of the same unit are left out; what counts is {RULES[rule].en}",
        ),
        file=survey.cases["file"].iloc[0],
        row=int(rows.min()),
        n=len(rows),
        rows=rows_concerned(rows),
    )
    return survey.keep(mask, reason=f"one answer per unit: {rule}", findings=[remark])


def _sort_keys(survey: Survey, rule: Several) -> list[NDArray[np.generic]]:
    """Keys of which the greatest one wins, the most important first."""
    cases = survey.cases
    when = cases["submitted"].fillna(cases["started"])
    known = when.notna().to_numpy(bool)
    at = when.fillna(pd.Timestamp(0)).to_numpy("datetime64[us]").astype(np.int64)
    row = cases["row"].to_numpy()
    if rule == "first":
        return [known, -at, -row]
    if rule == "complete":
        return [cases["complete"].to_numpy(bool), at, row]
    if rule == "most_answers":
        return [(survey.status.to_numpy() <= ESTIMATED).sum(axis=1), at, row]
    return [at, row]
