"""What is checked of a call before anything is estimated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.estimation.bounds import INTERVALS
from begleitforschung.estimation.rows import Request
from begleitforschung.stats.groups import Floats
from begleitforschung.surveys import Survey

_SHARES = ("share", "top2", "bottom2")


def names_of(given: str | Sequence[str], argument: str) -> tuple[str, ...]:
    """Return names as a tuple, each once.

    Parameters
    ----------
    given : str or sequence of str
        The names.
    argument : str
        What the argument is called.

    Returns
    -------
    tuple of str
        The names.

    Raises
    ------
    ValidationError
        If there is none, or one stands twice.
    """
    names = (given,) if isinstance(given, str) else tuple(given)
    if not names:
        raise ValidationError(f"{argument}= names nothing: give at least one")
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValidationError(f"{argument}= names {', '.join(twice)} more than once")
    return names


def require_level(level: float) -> None:
    """Check a level of confidence.

    Parameters
    ----------
    level : float
        The level.

    Raises
    ------
    ValidationError
        If it does not lie between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValidationError(_level(level))


def require_valid(request: Request, min_n: int) -> None:
    """Check the numbers of a call.

    Parameters
    ----------
    request : Request
        What is estimated.
    min_n : int
        Bases with fewer cases are shown as counts.

    Raises
    ------
    UnknownCodeError
        If the interval is unknown.
    ValidationError
        If a number is out of range, or an argument goes with another statistic.
    """
    if request.interval not in INTERVALS:
        raise UnknownCodeError(request.interval, INTERVALS, "intervals")
    found = []
    if not 0 < request.level < 1:
        found.append(_level(request.level))
    whole: object = min_n
    if isinstance(whole, bool) or not isinstance(whole, int | np.integer) or min_n < 0:
        found.append(f"min_n= is a whole number of cases, not {min_n!r}")
    if not 0 < request.prob < 1:
        found.append(f"prob= lies between 0 and 1, not {request.prob}")
    elif request.prob != 0.5 and request.statistic != "quantile":
        found.append('prob= goes with statistic="quantile"')
    if request.interval != "auto" and request.statistic not in (None, *_SHARES):
        found.append(f"interval= goes with shares, not with statistic={request.statistic!r}")
    if found:
        raise ValidationError("; ".join(found))


def _level(level: float) -> str:
    return f"level= lies between 0 and 1 (0.95 for 95 %), not {level}"


def number_of(survey: Survey, name: str, argument: str) -> Floats:
    """Return the number that figures are divided or weighted by, of frame or answers.

    Parameters
    ----------
    survey : Survey
        The survey.
    name : str
        Variable of the frame, or item with one column.
    argument : str
        What the argument is called.

    Returns
    -------
    numpy.ndarray, shape (n,)
        The numbers; NaN where missing.

    Raises
    ------
    ValidationError
        If it has several columns or no numbers, or a weight is negative.
    UnknownCodeError
        If the variable is unknown.
    """
    design = survey.design
    if design is not None and name in design.variables.columns:
        try:
            values = np.asarray(design.variables[name], dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ValidationError(f"{argument}={name!r}: the variable has no numbers") from error
    else:
        if len(survey.columns_of(name)) > 1:
            raise ValidationError(f"{argument}={name!r} has several columns; name one of them")
        if survey.codebook.item(name).cell_kind in ("text", "date"):
            raise ValidationError(f"{argument}={name!r} has no numbers")
        values = survey.scores(name)[:, 0]
    if np.isnan(values).all() or np.isinf(values).any():
        raise ValidationError(f"{argument}={name!r} has no numbers")
    if argument == "weight_by" and (values < 0).any():
        raise ValidationError(f"{argument}={name!r} is negative in {int((values < 0).sum())} cases")
    return values
