"""Which results are made of the same answers, and which versions of them don't go together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from begleitforschung.errors import DisclosureError
from begleitforschung.results.estimate import Estimate
from begleitforschung.surveys import Survey


def by_survey(given: Sequence[Estimate]) -> list[tuple[Survey, list[int]]]:
    """Gather the results of each survey.

    Parameters
    ----------
    given : sequence of Estimate
        Results.

    Returns
    -------
    list of (Survey, list of int)
        Surveys and numbers of their results.

    Raises
    ------
    DisclosureError
        If a result is protected already, or they rest on two versions of the same survey or on
        different weights of the same answers.
    """
    found: list[tuple[Survey, list[int]]] = []
    for number, result in enumerate(given):
        if result.protected:
            raise DisclosureError(
                "an estimate is protected already; protect all that is published together in one "
                "call, from the estimates as bf.estimate and bf.tabulate return them"
            )
        for survey, numbers in found:
            if _same_answers(survey, result.survey):
                _require_same_weights(survey, result.survey)
                numbers.append(number)
                break
            _require_apart(survey, result.survey)
        else:
            found.append((result.survey, [number]))
    return found


def _same_answers(one: Survey, other: Survey) -> bool:
    """Say whether surveys hold the same answers, whatever their designs and weights are."""
    return one is other or (
        one.codebook == other.codebook
        and one.responses.equals(other.responses)
        and one.status.equals(other.status)
        and one.cases["unit"].equals(other.cases["unit"])
    )


def _require_apart(one: Survey, other: Survey) -> None:
    """Refuse two versions of one wave: their difference is what those answered who differ."""
    wave = [(s.codebook.id, s.codebook.instrument.wave) for s in (one, other)]
    if wave[0] == wave[1] and one.cases["unit"].dropna().isin(other.cases["unit"]).any():
        raise DisclosureError(
            "results of two versions of the same survey, with other cases or other answers, tell "
            "by their difference what single respondents answered; estimate all from one of them, "
            "parts of it with where="
        )


def _require_same_weights(one: Survey, other: Survey) -> None:
    """Refuse two weights of the same answers: what both tell together is not judged."""
    relative = [
        np.ones(len(survey))
        if survey.design is None
        else survey.design.sample.weights / survey.design.sample.weights.mean()
        for survey in (one, other)
    ]
    if one is not other and not np.allclose(relative[0], relative[1]):
        raise DisclosureError(
            "results of the same answers with different weights, or with and without weights, tell "
            "more together than either alone; publish one of them"
        )
