"""Cells of an export as answers: item after item, because filters look back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.surveys.codes_or_wordings import told_by_wording
from begleitforschung.loaders.surveys.export import Export
from begleitforschung.loaders.surveys.matching import Matched
from begleitforschung.loaders.surveys.values import Values, mentions_of, values_of
from begleitforschung.loaders.surveys.words import clean, words
from begleitforschung.surveys import Codebook, Item, parse_filter
from begleitforschung.surveys.codebook import MENTIONED, NOT_MENTIONED
from begleitforschung.surveys.survey import (
    ANSWERED,
    ESTIMATED,
    NO_ANSWER,
    NOT_ASKED,
    STATUSES,
)

Mask = NDArray[np.bool_]


@dataclass(slots=True)
class Coded:
    """Answers and statuses by column, and what fits nothing.

    Parameters
    ----------
    values : dict of str to pandas.Series
        Answers.
    status : dict of str to numpy.ndarray of int8
        Positions in `STATUSES`.
    problems : list of Finding
        Cells that fit nothing in the codebook; without values.
    findings : list of Finding
        What is doubtful.
    """

    values: dict[str, pd.Series] = field(default_factory=dict)
    status: dict[str, NDArray[np.int8]] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def frames(self, n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return answers and statuses as tables.

        Parameters
        ----------
        n : int
            Number of cases.

        Returns
        -------
        responses, status : pandas.DataFrame
            Columns in the order of the codebook.
        """
        index = pd.RangeIndex(n)
        return pd.DataFrame(self.values, index=index), pd.DataFrame(self.status, index=index)


def code(export: Export, codebook: Codebook, matched: Matched, complete: Mask) -> Coded:
    """Code all answers of an export.

    Parameters
    ----------
    export : Export
        The export.
    codebook : Codebook
        The codebook.
    matched : Matched
        Which column is which.
    complete : numpy.ndarray of bool
        Cases that were handed in, where every question was either shown or filtered.

    Returns
    -------
    Coded
        Answers and statuses. Who was not let through by a filter was ``not_asked``.
    """
    coded = Coded()
    wordings, doubts = told_by_wording(export, codebook, matched)
    coded.findings += doubts
    for item in codebook.items:
        found = [column for column in item.columns if column in matched.answers]
        if not found:
            continue
        parts = _multiple(export, item, matched) if item.kind == "multiple" else None
        if parts is None:
            cells = {column: export.cells[matched.answers[column]] for column in found}
            parts = {c: values_of(item, cells[c], wordings=wordings) for c in found}
        asked = _asked(item, coded, len(export.rows))
        for column, part in parts.items():
            status = _not_asked(part.status, asked, export, matched.answers[column], complete)
            coded.values[column] = part.values.rename(column)
            coded.status[column] = _estimates(export, item, status, matched)
            coded.problems += _strange(export, column, part.strange)
    return coded


def _multiple(export: Export, item: Item, matched: Matched) -> dict[str, Values]:
    """Code all options at once: an untouched battery is missing, not six "no"."""
    parts = {
        column: mentions_of(item, option, export.cells[matched.answers[column]])
        for column, option in zip(item.columns, item.answers, strict=True)
        if column in matched.answers
    }
    mentioned = np.any([(part.values == MENTIONED) for part in parts.values()], axis=0)
    written = np.any([part.values.notna() for part in parts.values()], axis=0)
    touched = written if item.untouched == "none" else mentioned
    declared = _declared(export, item, matched)
    found = {}
    for column, part in parts.items():
        values = part.values.where(~(touched & part.values.isna().to_numpy(bool)), NOT_MENTIONED)
        values = values.where(touched)
        status = np.where(touched, ANSWERED, NO_ANSWER).astype(np.int8)
        for kind, mask in declared.items():
            status[mask] = kind
            values = values.where(~mask)
        found[column] = Values(values, status, part.strange)
    return found


def _declared(export: Export, item: Item, matched: Matched) -> dict[int, Mask]:
    """Who mentioned an option that declares a missing, such as "weiß nicht"."""
    found = {}
    options = [option for option in item.codes if option.missing]
    for option, column in zip(options, item.missing_columns, strict=True):
        at = matched.answers.get(column)
        if option.missing and at is not None:
            mentioned = mentions_of(item, option, export.cells[at]).values == MENTIONED
            found[STATUSES.index(option.missing)] = mentioned.to_numpy(bool)
    return found


def _asked(item: Item, coded: Coded, n: int) -> Mask | None:
    """Who the filter lets through; None without a filter, or where its columns are not there."""
    if not item.filter:
        return None
    parsed = parse_filter(item.filter)
    if not set(parsed.columns) <= set(coded.values):
        return None
    return parsed.mask(coded.values.__getitem__, n)


def _not_asked(
    status: NDArray[np.int8], asked: Mask | None, export: Export, at: int, complete: Mask
) -> NDArray[np.int8]:
    status = status.copy()
    silent = status == NO_ANSWER
    if asked is not None:
        status[silent & ~asked] = NOT_ASKED
    elif export.not_shown is not None:
        status[silent & complete & export.not_shown[at].to_numpy(bool)] = NOT_ASKED
    return status


def _estimates(
    export: Export, item: Item, status: NDArray[np.int8], matched: Matched
) -> NDArray[np.int8]:
    at = matched.estimates.get(item.id)
    if at is None:
        return status
    marks = export.cells[at].map(lambda text: clean(text).casefold(), na_action="ignore")
    marked = marks.isin(words().mentioned | {"schätzwert", "estimate"}).to_numpy(bool)
    return np.where(marked & (status == ANSWERED), ESTIMATED, status).astype(np.int8)


def _strange(export: Export, column: str, strange: Mask) -> Iterator[Finding]:
    if strange.any():
        rows = export.rows[strange]
        yield Finding(
            rule="survey.strange_answer",
            severity="error",
            text=Text("Antwort passt nicht zum Codebuch", "answer does not fit the codebook"),
            hint=Text(
                "Code oder Wortlaut im Codebuch ergänzen, oder als Korrektur eintragen. Werte "
                "stehen hier nicht, weil Antworten vertraulich sind.",
                "Add the code or wording to the codebook, or enter a correction. Values are not "
                "shown because answers are confidential.",
            ),
            file=export.file,
            row=int(rows.min()),
            column=column,
            n=len(rows),
            rows=rows_concerned(rows),
        )
