"""`ranking`: options by how often and how high they were ranked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from begleitforschung.errors import ValidationError
from begleitforschung.estimation.arguments import require_valid
from begleitforschung.estimation.blocks import Block
from begleitforschung.estimation.domains import answers_among, chosen, everybody, grouped
from begleitforschung.estimation.estimate import filter_text, filtered
from begleitforschung.estimation.rows import Request, rows_of
from begleitforschung.results.ranking import MEASURES, Ranking
from begleitforschung.stats.groups import Floats
from begleitforschung.surveys import STATUSES, Item, Survey, design

_ESTIMATED = STATUSES.index("estimated")
_KEPT = ["estimate", "se", "low", "high", "method", "df", "n", "count"]


def ranking(
    survey: Survey,
    question: str,
    by: str | Sequence[str] | None = None,
    *,
    top: int = 3,
    where: str | ArrayLike | None = None,
    level: float = 0.95,
    min_n: int = 10,
    allow_unprotected: bool = False,
) -> Ranking:
    """Estimate how often each option was ranked first and among the first, and its mean rank.

    Parameters
    ----------
    survey : Survey
        The survey.
    question : str
        Item of kind ``ranking``.
    by : str or sequence of str, optional
        Items or variables of the frame that figures are broken down by; several are crossed.
    top : int
        Up to which rank an option is among the first.
    where : str or array_like of bool, optional
        Cases that count, see `begleitforschung.estimate`.
    level : float
        Level of confidence.
    min_n : int
        Bases with fewer cases are shown as counts.
    allow_unprotected : bool
        Whether a confidential result may be shown although nothing is suppressed.

    Returns
    -------
    Ranking
        Shares of all who ranked something, and the mean rank among those who ranked the option;
        an option that stands twice counts with its better rank.

    Raises
    ------
    UnknownCodeError
        If the item or a variable is unknown.
    ValidationError
        If the item is no ranking, or `top` is no rank of it.

    Examples
    --------
    With a survey of your own::

        bf.ranking(survey, "hemmnisse", by="groessenklasse", top=2).display()
    """
    item = survey.codebook.item(question)
    if item.kind != "ranking" or question != item.id:
        raise ValidationError(f"{question!r} is no item of kind ranking")
    if not 1 <= top <= len(item.columns):
        raise ValidationError(f"top= lies between 1 and {len(item.columns)}, the ranks asked for")
    require_valid(Request(statistic="share", level=level), min_n)
    inside = chosen(survey, where)
    parts = [everybody(survey, inside), *([] if by is None else [grouped(survey, by, inside)])]
    plan = survey.design or design(survey, weights=np.ones(len(survey)), single="certainty")
    rows: list[dict[str, Any]] = []
    for measure, block in zip(MEASURES, _blocks(survey, item, top), strict=True):
        request = Request(statistic="mean" if measure == "mean_rank" else "share", level=level)
        made = [row for part in parts for row in rows_of([block], survey, part, request, plan)]
        rows += [{"measure": measure, **row, "option": row["category"]} for row in made]
    names = list(parts[-1].names)
    specification = {"question": question, "by": names, "top": top, "where": filter_text(where)}
    specification |= {"level": level, "min_n": min_n}
    used = [question, *names, *filtered(where)]
    node = survey.traced(answers_among(survey, used)).then("ranking", **specification)
    return Ranking(
        table=pd.DataFrame(rows)[["measure", "option", "by", "domain", *_KEPT]],
        specification=specification,
        provenance=node,
        findings=survey.findings,
        question=item.text.text,
        options={code.code: code.label.text for code in item.answers},
        domains={(p.by, k): t for p in parts for k, t in zip(p.keys, p.labels, strict=True)},
        survey=survey,
        allow_unprotected=allow_unprotected,
    )


def ranked(survey: Survey, item: Item) -> tuple[Floats, NDArray[np.int8]]:
    """Return at which rank each case ranked each option, and who ranked something.

    Parameters
    ----------
    survey : Survey
        The survey.
    item : Item
        Item of kind ``ranking``.

    Returns
    -------
    rank : numpy.ndarray, shape (n, options)
        Ranks from 1; NaN where an option was not ranked.
    status : numpy.ndarray of int8, shape (n,)
        An answer if anything was ranked, as position in `STATUSES`.
    """
    columns = survey.columns_of(item.id)
    codes = np.column_stack([survey.responses[c].cat.codes.to_numpy() for c in columns])
    options = range(len(item.answers))
    rank = np.column_stack([_best(codes == option) for option in options])
    status = survey.status[list(columns)].to_numpy(np.int8)
    given = (status <= _ESTIMATED).any(axis=1)
    whole = np.where(given, np.minimum(status.min(axis=1), _ESTIMATED), status[:, 0])
    return rank, whole.astype(np.int8)


def _blocks(survey: Survey, item: Item, top: int) -> list[Block]:
    """Return who ranked each option first, among the first, and at which rank."""
    rank, status = ranked(survey, item)
    given = status <= _ESTIMATED
    measures = [(rank == 1).astype(float), (rank <= top).astype(float), rank]
    for values in measures:
        values[~given] = np.nan
    return [
        Block(
            column=item.columns[0],
            categories=tuple(code.code for code in item.answers),
            labels=tuple(code.label.text for code in item.answers),
            values=values,
            status=status,
        )
        for values in measures
    ]


def _best(there: np.ndarray) -> Floats:
    """Return the first rank at which an option stands, NaN for none."""
    first = there.argmax(axis=1) + 1.0
    return np.where(there.any(axis=1), first, np.nan)
