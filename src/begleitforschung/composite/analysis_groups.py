"""Units in groups by rank."""

from __future__ import annotations

import numpy as np

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.results.analysis_groups import RankGroups
from begleitforschung.results.composite import CompositeResult
from begleitforschung.results.composite_groups import groups_of_index, groups_of_sensitivity
from begleitforschung.results.sensitivity import SensitivityResult


def rank_groups(
    result: CompositeResult | SensitivityResult, n: int = 5, *, year: int | None = None
) -> RankGroups:
    """Put units in groups of about the same size by rank, rather than in a league table.

    Neighbouring ranks of many units differ by chance and by choices of method. A sensitivity
    analysis says how much: its rank intervals stand beside the groups.

    Parameters
    ----------
    result : CompositeResult or SensitivityResult
        The index, or its sensitivity analysis.
    n : int
        Number of groups.
    year : int, optional
        Year; the last one by default.

    Returns
    -------
    RankGroups
        Units with group and, where known, rank interval.

    Raises
    ------
    UnknownCodeError
        If there is no such year.
    ValidationError
        If the number of groups is no whole number, or not at least 2.
    """
    given: object = n
    if isinstance(given, bool) or not isinstance(given, int | np.integer) or n < 2:
        raise ValidationError(f"at least two groups are made: a whole number from 2 on, not {n!r}")
    years = (
        result.years
        if isinstance(result, CompositeResult)
        else tuple(sorted({int(item) for item in result.table["year"]}))
    )
    when = years[-1] if year is None else year
    if when not in years:
        raise UnknownCodeError(when, map(str, years), "years of the index")
    if isinstance(result, CompositeResult):
        return groups_of_index(result, n, when)
    return groups_of_sensitivity(result, n, when)
