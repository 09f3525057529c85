"""Results whose rows are sums of answers: hidden where an estimate of the same sums is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from begleitforschung.disclosure.changes import change_sums, masked_change
from begleitforschung.disclosure.extrapolations import masked_extrapolation, shared_columns
from begleitforschung.disclosure.rankings import masked_ranking, ranking_sums
from begleitforschung.disclosure.scales import item_sums, masked_factors, masked_scale
from begleitforschung.errors import DisclosureError
from begleitforschung.results.base import Result
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.extrapolation import Extrapolation
from begleitforschung.results.factors import FactorResult
from begleitforschung.results.ranking import Ranking
from begleitforschung.results.scale import ScaleResult
from begleitforschung.results.wave_change import WaveChange
from begleitforschung.results.wave_trend import WaveTrend

_SECRET = ("confidential", "personal")


def sums_of(result: Result) -> tuple[Estimate, ...]:
    """Return the estimates that a result is hidden row by row with.

    Parameters
    ----------
    result : Result
        Not yet protected.

    Returns
    -------
    tuple of Estimate
        An estimate itself, the sums of an extrapolation, the waves of a trend, the levels of a
        change, the counts of a ranking, the answers to the items of a scale; none of others.

    Raises
    ------
    DisclosureError
        If an extrapolation is protected already.
    """
    if isinstance(result, Estimate):
        return (result,)
    if isinstance(result, Extrapolation):
        if result.sums is None:
            raise DisclosureError("an extrapolation is protected already")
        return (result.sums,)
    if is_open(result):
        return ()
    if isinstance(result, ScaleResult | FactorResult):
        return item_sums(result)
    if isinstance(result, WaveTrend):
        return result.estimates
    if isinstance(result, Ranking):
        return ranking_sums(result)
    return change_sums(result) if isinstance(result, WaveChange) else ()


def is_open(result: Result) -> bool:
    """Say whether a result may be shown as it is.

    Parameters
    ----------
    result : Result
        A result.

    Returns
    -------
    bool
        Whether it is protected already, or not confidential.
    """
    return result.protected or result.confidentiality not in _SECRET


def mirrored(
    result: Any, sums: Sequence[Estimate], safe: Sequence[Estimate], every: Sequence[Estimate]
) -> Any:
    """Hide the rows of a result where those of its estimates are hidden.

    Parameters
    ----------
    result : Result
        Not yet protected.
    sums : sequence of Estimate
        What `sums_of` returned.
    safe : sequence of Estimate
        The same, protected.
    every : sequence of Estimate
        Those of all results of the call, protected.

    Returns
    -------
    Result
        The same kind of result.
    """
    if isinstance(result, ScaleResult):
        return masked_scale(result, safe)
    if isinstance(result, FactorResult):
        return masked_factors(result, sums, safe)
    if not sums:
        return result
    if isinstance(result, Extrapolation):
        return masked_extrapolation(result, safe[0], shared_columns(every))
    if isinstance(result, Ranking):
        return masked_ranking(result, safe, every)
    if isinstance(result, WaveChange):
        return masked_change(result, safe)
    return _trend(result, safe) if isinstance(result, WaveTrend) else safe[0]


def _trend(trend: WaveTrend, safe: Sequence[Estimate]) -> WaveTrend:
    """Put the protected estimates of its waves into a trend."""
    parts = [
        part.table.assign(wave=name).astype({"wave": "str"})
        for part, name in zip(safe, trend.specification["waves"], strict=True)
    ]
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(changed=trend.table["changed"].to_numpy())[list(trend.table.columns)]
    told = [part.protection for part in safe if part.protection is not None]
    lost = {f for part in trend.estimates for f in part.findings}
    lost -= {f for part in safe for f in part.findings}
    return replace(
        trend,
        table=table,
        findings=tuple(f for f in trend.findings if f not in lost),
        estimates=tuple(safe),
        protected=True,
        protection=told[-1].of(table["suppressed"]) if told else None,
        provenance=trend.provenance.then("protect", waves=len(safe)),
    )
