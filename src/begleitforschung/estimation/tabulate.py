"""`tabulate`: all questions of a survey against one head."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from begleitforschung.errors import ValidationError
from begleitforschung.estimation.arguments import names_of, require_valid
from begleitforschung.estimation.bounds import Interval
from begleitforschung.estimation.domains import chosen, everybody, grouped
from begleitforschung.estimation.estimate import assembled, filter_text, filtered
from begleitforschung.estimation.rows import Request
from begleitforschung.results.estimate import Estimate
from begleitforschung.surveys import Item, Survey

_LEFT_OUT = ("text", "date")


def tabulate(
    survey: Survey,
    banner: Sequence[str],
    questions: Sequence[str] | None = None,
    *,
    where: str | ArrayLike | None = None,
    interval: Interval = "auto",
    level: float = 0.95,
    min_n: int = 10,
    allow_unprotected: bool = False,
) -> Estimate:
    """Estimate all questions for all cases and for each variable of a head.

    Parameters
    ----------
    survey : Survey
        The survey.
    banner : sequence of str
        Variables of the head, one beside the other: items or variables of the frame.
    questions : sequence of str, optional
        Items; by default all answers in the order of the codebook, without texts and dates,
        identifying items and those of the head.
    where : str or array_like of bool, optional
        Cases that count, see `begleitforschung.estimate`.
    interval : str
        Interval of shares.
    level : float
        Level of confidence.
    min_n : int
        Bases with fewer cases are shown as counts, without percent.
    allow_unprotected : bool
        Whether a confidential result may be shown although no cells are suppressed.

    Returns
    -------
    Estimate
        Shares of coded questions and means of numbers; `Estimate.part` gives one question.

    Raises
    ------
    UnknownCodeError
        If a question or variable is unknown.
    ValidationError
        If there is no question, or a variable of the head has no groups.

    Examples
    --------
    With a survey of your own::

        bf.tabulate(survey, banner=["staffel", "groessenklasse"]).part("q7").display()
    """
    if isinstance(banner, str):
        raise ValidationError(f"banner= is a list of variables: banner=[{banner!r}]")
    heads = names_of(banner, "banner") if banner else ()
    names = names_of(_all_questions(survey, heads) if questions is None else questions, "questions")
    request = Request(statistic=None, interval=interval, level=level)
    require_valid(request, min_n)
    inside = chosen(survey, where)
    domains = [everybody(survey, inside), *(grouped(survey, name, inside) for name in heads)]
    return assembled(
        survey,
        names,
        domains,
        request,
        specification={
            "question": list(names),
            "by": list(heads),
            "where": filter_text(where),
            "min_n": min_n,
            **request.described(),
        },
        used=filtered(where),
        allow_unprotected=allow_unprotected,
    )


def _all_questions(survey: Survey, banner: Sequence[str]) -> list[str]:
    return [item.id for item in survey.codebook.items if _fits(item, survey, banner)]


def _fits(item: Item, survey: Survey, banner: Sequence[str]) -> bool:
    there = any(column in survey.responses.columns for column in item.columns)
    kept = item.id not in banner and item.role == "answer"
    return there and kept and item.cell_kind not in _LEFT_OUT
