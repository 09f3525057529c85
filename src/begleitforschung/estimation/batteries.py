"""The items of a scale: answers as numbers, all turned the same way, and who answered them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.estimation.domains import chosen
from begleitforschung.language import Text
from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.surveys import Item, Survey

_ONE_ANSWER = 2  # codes of a single choice that are an order of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """Items of a scale.

    Parameters
    ----------
    columns : tuple of str
        Columns of the answers.
    labels : tuple of Text
        Their wording; within one array that of the row.
    values : numpy.ndarray, shape (n, k)
        Scores of all cases, turned so that more means more; NaN where there is no answer.
    inside : numpy.ndarray of bool, shape (n,)
        Cases that count.
    complete : numpy.ndarray of bool, shape (n,)
        Those of them that answered all items.
    weights : numpy.ndarray, shape (n,)
        Weights of the design, or 1.
    turned : tuple of str
        Columns whose scores were turned.
    findings : tuple of Finding
        Items without a declared direction.
    """

    columns: tuple[str, ...]
    labels: tuple[Text, ...]
    values: Floats
    inside: Mask
    complete: Mask
    weights: Floats
    turned: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def used(self) -> Floats:
        """Scores of the complete cases."""
        return self.values[self.complete]

    @property
    def used_weights(self) -> Floats:
        """Weights of the complete cases."""
        return self.weights[self.complete]

    @property
    def effective_n(self) -> float:
        """(sum w)² / sum w² of the complete cases (Kish 1992)."""
        w = self.used_weights
        return float(w.sum() ** 2 / (w**2).sum())


def columns_of(survey: Survey, items: str | Sequence[str]) -> tuple[str, ...]:
    """Return the columns of items, each once.

    Parameters
    ----------
    survey : Survey
        The survey.
    items : str or sequence of str
        Items or columns; of an array all its rows.

    Returns
    -------
    tuple of str
        Columns in the order given.

    Raises
    ------
    UnknownCodeError
        If there is no such item.
    """
    names = (items,) if isinstance(items, str) else tuple(items)
    return tuple(dict.fromkeys(column for name in names for column in survey.columns_of(name)))


def short_labels(survey: Survey, columns: Sequence[str]) -> tuple[Text, ...]:
    """Return wordings of columns, without the question where all are rows of one array.

    Parameters
    ----------
    survey : Survey
        The survey.
    columns : sequence of str
        Columns of the answers.

    Returns
    -------
    tuple of Text
        One for each column.

    Raises
    ------
    UnknownCodeError
        If there is no such column.
    """
    items = [survey.codebook.item(column) for column in columns]
    if len({item.id for item in items}) == 1 and items[0].kind == "array":
        rows = dict(zip(items[0].columns, items[0].rows, strict=True))
        return tuple(rows[column].text.text for column in columns)
    return tuple(survey.codebook.label(column) for column in columns)


def battery(
    survey: Survey,
    items: str | Sequence[str],
    *,
    reverse: str | Sequence[str] = (),
    where: str | ArrayLike | None = None,
    min_n: int = 10,
) -> Battery:
    """Return the answers to items as scores that all point the same way.

    Parameters
    ----------
    survey : Survey
        The survey.
    items : str or sequence of str
        Items or columns: scales, numbers, multiple choices, single choices of two answers.
    reverse : str or sequence of str
        Items or columns that are worded against the others. They are turned in addition to what
        the codebook says: items of direction ``descending`` are turned anyway.
    where : str or array_like of bool, optional
        Cases that count.
    min_n : int
        Least number of complete cases.

    Returns
    -------
    Battery
        The items; cases without weight don't count.

    Raises
    ------
    UnknownCodeError
        If there is no such item.
    ValidationError
        If an item has no scores, can't be turned or does not vary, or too few cases are complete.
    """
    columns = columns_of(survey, items)
    if len(columns) < 2:
        raise ValidationError("a scale has at least two items; of an array name the item")
    turned = _turned(survey, columns, reverse)
    values = np.column_stack([_scores(survey, name, turn=name in turned) for name in columns])
    inside, weights = cases_that_count(survey, where)
    complete = inside & ~np.isnan(values).any(axis=1)
    n = int(complete.sum())
    if n < max(min_n, 3):
        raise ValidationError(
            f"{n} cases answered all {len(columns)} items, at least {max(min_n, 3)} are needed "
            "(min_n=); leave out items that few answered"
        )
    flat = np.ptp(values[complete], axis=0) == 0
    if flat.any():
        named = ", ".join(np.array(columns)[flat])
        raise ValidationError(f"items without any variation among the complete cases: {named}")
    return Battery(
        columns=columns,
        labels=short_labels(survey, columns),
        values=values,
        inside=inside,
        complete=complete,
        weights=weights,
        turned=turned,
        findings=_undeclared(survey, columns),
    )


def cases_that_count(survey: Survey, where: str | ArrayLike | None) -> tuple[Mask, Floats]:
    """Return the cases that are chosen and have a weight, and the weights.

    Parameters
    ----------
    survey : Survey
        The survey.
    where : str or array_like of bool, optional
        Cases that count, as a filter.

    Returns
    -------
    inside : numpy.ndarray of bool, shape (n,)
        The cases.
    weights : numpy.ndarray, shape (n,)
        Weights of the design, or 1.

    Raises
    ------
    FormulaError
        If the filter can't be read.
    ValidationError
        If there is not one truth value for each case.
    """
    design = survey.design
    weights = np.ones(len(survey)) if design is None else np.asarray(design.sample.weights)
    among = chosen(survey, where)
    return (weights > 0 if among is None else (weights > 0) & among), weights


def _turned(
    survey: Survey, columns: Sequence[str], reverse: str | Sequence[str]
) -> tuple[str, ...]:
    named = columns_of(survey, reverse) if reverse else ()
    for name in named:
        if name not in columns:
            raise UnknownCodeError(name, columns, "items of the scale (reverse=)")
    down = {c for c in columns if survey.codebook.item(c).direction == "descending"}
    return tuple(c for c in columns if (c in down) != (c in named))


def _scores(survey: Survey, column: str, *, turn: bool) -> Floats:
    item = survey.codebook.item(column)
    scores = survey.scores(column)[:, 0] if _has_order(item) else np.full(len(survey), np.nan)
    if not _has_order(item) or np.isnan(scores[survey.answered(column)]).any():
        raise ValidationError(
            f"{column!r} has no scores: a scale is made of scales, numbers and choices of two "
            "answers; give codes that are no numbers a 'value' in the codebook"
        )
    if not turn:
        return scores
    low, high = _ends(item)
    if low is None or high is None:
        raise ValidationError(
            f"{column!r} can't be turned: declare 'min' and 'max' in the codebook"
        )
    return low + high - scores


def _has_order(item: Item) -> bool:
    dichotomous = item.cell_kind == "single" and len(item.answers) == _ONE_ANSWER
    return item.cell_kind in ("scale", "number", "multiple") or dichotomous


def _ends(item: Item) -> tuple[float | None, float | None]:
    if item.kind == "multiple":
        return 0.0, 1.0
    if item.coded:
        scores = [code.score for code in item.answers]
        return min(scores), max(scores)
    return item.min, item.max


def _undeclared(survey: Survey, columns: Sequence[str]) -> tuple[Finding, ...]:
    items = {survey.codebook.item(name).id: survey.codebook.item(name) for name in columns}
    found = [i.id for i in items.values() if i.cell_kind == "scale" and i.direction is None]
    if not found:
        return ()
    named = ", ".join(found)
    return (
        Finding(
            rule="scale.direction",
            severity="warning",
            text=Text(
                f"Richtung im Codebuch nicht erklärt, als aufsteigend genommen: {named}.",
                f"Direction not declared in the codebook, taken as ascending: {named}.",
            ),
            hint=Text("'direction' im Codebuch ergänzen.", "Add 'direction' to the codebook."),
            column=named,
            n=len(found),
        ),
    )
