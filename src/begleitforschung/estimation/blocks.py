"""What of a question is estimated: one column of values for each answer, box or number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.language import Text
from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.surveys import STATUSES, Item, Survey

Statistic = Literal[
    "share", "top2", "bottom2", "mean", "median", "quantile", "total", "ratio", "variance", "sd",
]  # fmt: skip
STATISTICS: tuple[Statistic, ...] = get_args(Statistic)
_NOT_ASKED = STATUSES.index("not_asked")
_ESTIMATED = STATUSES.index("estimated")
_UNFIT = {
    "text": "leave it out, or code the answers (bf.read_passages, bf.code_frequencies)",
    "date": "leave it out, or add a number or classes made of it to the codebook",
}
_Found = tuple[tuple[str, ...], tuple[Text, ...], Floats]
_BOXES: dict[str, Text] = {
    "top2": Text("die beiden obersten Antworten", "the two top answers"),
    "bottom2": Text("die beiden untersten Antworten", "the two bottom answers"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Values of one column of the answers.

    Parameters
    ----------
    column : str
        Column of the answers.
    categories : tuple of str
        Code, box or nothing that each column of `values` is about.
    labels : tuple of Text
        Their wording.
    values : numpy.ndarray, shape (n, k)
        Values; NaN where there is no answer.
    status : numpy.ndarray of int8, shape (n,)
        What each value is, as position in `STATUSES`.
    """

    column: str
    categories: tuple[str, ...]
    labels: tuple[Text, ...]
    values: Floats
    status: np.ndarray

    @property
    def answered(self) -> Mask:
        """Who answered."""
        return np.asarray(self.status <= _ESTIMATED)

    @property
    def asked(self) -> Mask:
        """Who was asked."""
        return np.asarray(self.status != _NOT_ASKED)


def default_statistic(items: Sequence[Item]) -> Statistic:
    """Return what is estimated of questions by default.

    Parameters
    ----------
    items : sequence of Item
        The questions.

    Returns
    -------
    {"share", "mean"}
        Means of numbers, shares of all else.

    Raises
    ------
    ValidationError
        If a question has texts or dates, or numbers and codes are asked together.
    """
    for item in items:
        _refuse_unfit(item, item.id)
    kinds = {item.cell_kind for item in items}
    if "number" in kinds and len(kinds) > 1:
        raise ValidationError("estimate numbers and coded questions apart, or name a statistic")
    return "mean" if "number" in kinds else "share"


def _refuse_unfit(item: Item, name: str) -> None:
    if item.cell_kind in _UNFIT:
        kind = item.cell_kind
        raise ValidationError(
            f"answers of kind {kind} can't be estimated ({name!r}): {_UNFIT[kind]}"
        )


def blocks_of(survey: Survey, question: str, statistic: Statistic) -> list[Block]:
    """Return the values that a statistic needs, column by column.

    Parameters
    ----------
    survey : Survey
        The survey.
    question : str
        Item or column.
    statistic : str
        One of `STATISTICS`.

    Returns
    -------
    list of Block
        One per column; of a multiple choice one for each option.

    Raises
    ------
    UnknownCodeError
        If question or statistic is unknown.
    ValidationError
        If the statistic does not fit the question.
    """
    if statistic not in STATISTICS:
        raise UnknownCodeError(statistic, STATISTICS, "statistics")
    return [_block(survey, column, statistic) for column in survey.columns_of(question)]


def _block(survey: Survey, column: str, statistic: Statistic) -> Block:
    item = survey.codebook.item(column)
    _refuse_unfit(item, column)
    status = survey.status[column].to_numpy(np.int8)
    counted = statistic in ("share", "total", "top2", "bottom2") and item.coded
    if counted and item.kind == "multiple":
        at = item.columns.index(column)
        answer = item.answers[at]
        found: _Found = ((answer.code,), (answer.label.text,), survey.scores(column))
    elif counted:
        found = _codes(survey, item, column, statistic)
    elif statistic in ("share", "top2", "bottom2"):
        raise ValidationError(f"{statistic!r} needs a question with codes, {column!r} has numbers")
    else:
        scores = survey.scores(column)
        if item.coded and np.isnan(scores[status <= _ESTIMATED]).any():
            raise ValidationError(f"the codes of {column!r} are no numbers: give them a 'value'")
        if endless := np.flatnonzero(np.isinf(scores).any(axis=1)).tolist():
            rows = ", ".join(str(survey.cases["row"].iloc[at]) for at in endless[:10])
            raise ValidationError(f"{column!r} is infinite in rows {rows}; correct the answers")
        found = (("",), (Text(""),), scores)
    return Block(
        column=column, categories=found[0], labels=found[1], values=found[2], status=status
    )


def _codes(survey: Survey, item: Item, column: str, statistic: Statistic) -> _Found:
    """Return one column of 0 and 1 for each code, or one for the codes of a box."""
    answers = item.answers
    codes = survey.responses[column].cat.codes.to_numpy()
    values = (codes[:, None] == np.arange(len(answers))).astype(np.float64)
    values[codes < 0] = np.nan
    if statistic in ("share", "total"):
        return tuple(c.code for c in answers), tuple(c.label.text for c in answers), values
    if item.direction is None:
        raise ValidationError(
            f"{column!r}: declare 'direction' (ascending or descending) in the codebook, so that "
            "top and bottom are known"
        )
    last = (statistic == "top2") == (item.direction == "ascending")
    chosen = slice(-2, None) if last else slice(None, 2)
    named = [c.label.text for c in answers[chosen]]
    joined = {lang: ", ".join(text.get(lang) for text in named) for lang in ("de", "en")}
    head = _BOXES[statistic]
    label = Text(f"{head.de} ({joined['de']})", f"{head.en} ({joined['en']})")
    return (statistic,), (label,), values[:, chosen].sum(axis=1, keepdims=True)
