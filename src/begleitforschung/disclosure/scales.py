"""Scales and factors: figures of items are shown where the answers to every item may be.

Mean and spread of coded answers fit few distributions; alpha, item-total correlations, alpha
without an item and omega are made of the same variances, so that they give back one left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from begleitforschung.disclosure.among import Cases, estimate_among
from begleitforschung.disclosure.positions import BY_HAND
from begleitforschung.display.numbers import round_half_up
from begleitforschung.errors import DisclosureError
from begleitforschung.estimation.batteries import battery
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.factors import FactorResult
from begleitforschung.results.scale import ITEM_FIGURES, ScaleResult

_PLACES = 2  # that are printed
_ALPHA = ("alpha", "low", "high", "standardised_alpha", "omega")


def item_sums(result: ScaleResult | FactorResult) -> tuple[Estimate, ...]:
    """Return the answers to every item among the cases that answered all.

    Parameters
    ----------
    result : ScaleResult or FactorResult
        Not yet protected.

    Returns
    -------
    tuple of Estimate
        One for each item: how often each answer was given, of numbers their mean. None where the
        cases were given one by one, as nobody can tell whose answers these are.

    Raises
    ------
    ValidationError
        Never for a result of its verb.
    """
    survey, said = result.survey, result.specification
    if survey is None or said["where"] == BY_HAND:
        return ()
    used = battery(survey, said["items"], where=said["where"], min_n=0).complete
    made = []
    for column in said["items"]:
        cases = Cases(survey=survey, column=column, where=said["where"], used=used)
        coded = survey.codebook.item(column).coded
        made.append(estimate_among(cases, "share" if coded else "mean"))
    return tuple(made)


def masked_scale(result: ScaleResult, safe: Sequence[Estimate]) -> ScaleResult:
    """Leave alpha and its interval alone where the answers to an item must not be shown.

    Parameters
    ----------
    result : ScaleResult
        As it may be shown otherwise.
    safe : sequence of Estimate
        What `item_sums` returned, protected.

    Returns
    -------
    ScaleResult
        With the two digits that are printed.
    """
    table = result.table.copy()
    shown = bool(safe) and all((one.table["suppressed"] == "").all() for one in safe)
    for name in ITEM_FIGURES:
        table[name] = _printed(table[name]) if shown else np.nan
    table["suppressed"] = pd.Series("" if shown else "hidden", index=table.index, dtype="str")
    printed = _printed([getattr(result, name) for name in _ALPHA])
    figures: dict[str, Any] = dict(zip(_ALPHA, printed, strict=True))
    if not shown:
        figures |= {"standardised_alpha": np.nan, "omega": np.nan}
    told = result.protection
    return replace(
        result,
        table=table,
        protection=None if told is None else told.of(table["suppressed"]),
        findings=result.findings if shown else tuple(f for f in result.findings if not f.column),
        **figures,
    )


def masked_factors(
    result: FactorResult, sums: Sequence[Estimate], safe: Sequence[Estimate]
) -> FactorResult:
    """Keep the digits that are printed; refuse items with two answers that must not be shown.

    Loadings follow from correlations, which tell no sum and no spread. But the correlation of two
    items with two answers each is one with how often they were given together.

    Parameters
    ----------
    result : FactorResult
        As it may be shown otherwise.
    sums : sequence of Estimate
        What `item_sums` returned.
    safe : sequence of Estimate
        The same, protected.

    Returns
    -------
    FactorResult
        With the two digits that are printed.

    Raises
    ------
    DisclosureError
        If the answers to an item with two answers must not be shown.
    """
    for before, one in zip(sums, safe, strict=True):
        given = int((before.table["count"].fillna(0) > 0).sum())
        if given <= 2 and (one.table["suppressed"] != "").any():
            raise DisclosureError(
                f"this FactorResult tells how often the two answers to {', '.join(one.questions)} "
                "were given, which must not be shown; leave the item out"
            )
    table = result.table.copy()
    for name in ("loading", "communality"):
        table[name] = _printed(table[name])
    eigenvalues = result.eigenvalues.copy()
    for name in ("eigenvalue", "random"):
        eigenvalues[name] = _printed(eigenvalues[name])
    related = np.array(_printed(result.correlations.ravel())).reshape(result.correlations.shape)
    return replace(result, table=table, eigenvalues=eigenvalues, correlations=related)


def _printed(values: Sequence[float] | pd.Series | np.ndarray) -> list[float]:
    return [float(round_half_up(v, _PLACES)) if np.isfinite(v) else float(v) for v in values]
