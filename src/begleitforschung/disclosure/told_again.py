"""Sums that tests and models told in earlier reports, made again from what these were made by."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from begleitforschung.disclosure.among import USED
from begleitforschung.disclosure.carriers import Carrier, carriers
from begleitforschung.disclosure.positions import Position, WholePosition, positions
from begleitforschung.errors import BegleitforschungError, DisclosureError
from begleitforschung.estimation.regress import regress
from begleitforschung.estimation.significance import significance
from begleitforschung.estimation.typologies import typology
from begleitforschung.results.base import Result
from begleitforschung.results.estimate import Estimate
from begleitforschung.surveys import Survey

_MARKED = re.compile(rf"{USED} [0-9a-f]+")


def told_positions(told: Sequence[Carrier]) -> tuple[Position, ...]:
    """Return where the sums stand that a result tells.

    Parameters
    ----------
    told : sequence of Carrier
        Its sums.

    Returns
    -------
    tuple of Position
        Groups of those who answered all that a model needs are marked, and not named.
    """
    found = (
        place
        for one in told
        for at, place in enumerate(marked_positions(one.estimate))
        if at in one.rows
    )
    return tuple(dict.fromkeys(found))


def marked_positions(made: Estimate) -> list[Position]:
    """Return positions in which the cases of a model have no name.

    Parameters
    ----------
    made : Estimate
        An estimate.

    Returns
    -------
    list of Position
        One for each row.
    """
    return [
        place.model_copy(update={"by": _MARKED.sub(USED, place.by)}) if USED in place.by else place
        for place in positions(made)
    ]


def is_of_model(position: Position) -> bool:
    """Say whether a position is about the cases of a model.

    Parameters
    ----------
    position : Position
        A position.

    Returns
    -------
    bool
        Whether `sums_again` makes it again.
    """
    return USED in position.by


def sums_again(
    survey: Survey, made: Sequence[WholePosition], due: frozenset[Position]
) -> list[Estimate]:
    """Make the sums again that models told among their own cases.

    Parameters
    ----------
    survey : Survey
        The survey.
    made : sequence of WholePosition
        Tests and models that were published.
    due : frozenset of Position
        What they told.

    Returns
    -------
    list of Estimate
        Not protected.

    Raises
    ------
    DisclosureError
        If a test or model can't be made again from this survey.
    """
    found: list[Estimate] = []
    for one in made if due else ():
        if one.kind in _AGAIN:
            found += [
                told.estimate
                for told in carriers(_again(survey, one))
                if due.intersection(marked_positions(told.estimate))
            ]
    return found


def _again(survey: Survey, told: WholePosition) -> Result:
    try:
        return _AGAIN[told.kind](survey, json.loads(told.specification))
    except (BegleitforschungError, KeyError, ValueError) as error:
        raise DisclosureError(
            f"a {told.kind} published before can't be made again, so what it tells can't be linked "
            f"with what is to be shown now: {error}"
        ) from error


def _test(survey: Survey, said: dict[str, Any]) -> Result:
    return significance(survey, said["question"], said["by"], said["method"], where=said["where"])


def _regression(survey: Survey, said: dict[str, Any]) -> Result:
    return regress(
        survey,
        said["outcome"],
        said["predictors"],
        said["family"],
        event=said["event"] or None,
        reference=said["reference"],
        as_numbers=said["as_numbers"],
        as_categories=said["as_categories"],
        where=said["where"],
    )


def _types(survey: Survey, said: dict[str, Any]) -> Result:
    """Make types again; how many there are does not change what they add up to."""
    return typology(survey, said["items"], k=2, method=said["method"], where=said["where"], draws=2)


_AGAIN: dict[str, Callable[[Survey, dict[str, Any]], Result]] = {
    "Significance": _test,
    "Regression": _regression,
    "TypologyResult": _types,
}
