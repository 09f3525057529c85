"""Results that are no estimates: by which rules each kind of them is protected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, islice
from typing import Any, TypeGuard, TypeVar

import pandas as pd

from begleitforschung.disclosure.columns import Cost
from begleitforschung.disclosure.comparisons import protect_comparison
from begleitforschung.disclosure.crossing import protect_tables
from begleitforschung.disclosure.extrapolations import protect_extrapolations
from begleitforschung.disclosure.policies import Policy
from begleitforschung.disclosure.whole import protect_whole
from begleitforschung.errors import DisclosureError
from begleitforschung.results.base import Result
from begleitforschung.results.comparison import Comparison
from begleitforschung.results.cross_table import CrossTable
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.extrapolation import Extrapolation
from begleitforschung.results.wave_trend import WaveTrend

_ITEMS = ("question", "outcome", "items")
_CASES = ("where", "panel")
_Any = TypeVar("_Any", bound=Result)


def protect_others(
    results: Sequence[_Any],
    policy: Policy | None,
    *,
    estimates: Callable[[list[Estimate]], list[Estimate]],
    plain: bool,
    cost: Cost = "log",
    seconds: float = 60.0,
) -> list[_Any]:
    """Protect results that are no estimates, or refuse them.

    Parameters
    ----------
    results : sequence of Result
        Not all of them estimates.
    policy : Policy, optional
        The one asked for.
    estimates : callable
        How estimates are protected, for those inside of other results.
    plain : bool
        Whether neither releases nor a registry were given, which are for estimates.
    cost : {"cells", "counts", "log"}
        What a hidden cell costs.
    seconds : float
        Time for proofs.

    Returns
    -------
    list of Result
        The same results.

    Raises
    ------
    DisclosureError
        If kinds are mixed, or a result can't be protected.
    """
    if all(isinstance(result, Estimate | Extrapolation) for result in results):
        return list(protect_extrapolations(results, estimates))  # type: ignore[arg-type]
    if not plain:
        raise DisclosureError("releases= and registry= are for estimates; leave them out")
    for kind in (CrossTable, Estimate):
        if any(isinstance(result, kind) for result in results):
            require_one_kind(results, kind)
    tables = [result for result in results if isinstance(result, CrossTable)]
    if tables:
        return list(protect_tables(tables, policy, cost=cost, seconds=seconds))  # type: ignore[arg-type]
    _require_unrelated(results)
    made: list[Any] = []
    inside = [one for trend in results if _is_secret_trend(trend) for one in trend.estimates]
    safe = iter(estimates(inside) if inside else ())
    for result in results:
        if isinstance(result, Comparison):
            made.append(protect_comparison(result, policy))
        elif isinstance(result, WaveTrend):
            made.append(_trend(result, safe))
        else:
            made.append(protect_whole(result, policy))
    return made


def _is_secret_trend(result: Result) -> TypeGuard[WaveTrend]:
    secret = ("confidential", "personal")
    unsafe = isinstance(result, WaveTrend) and not result.protected
    return unsafe and result.confidentiality in secret


def results_of(given: object) -> list[Any]:
    """Return what is to be protected as a list.

    Parameters
    ----------
    given : Result or sequence of Result
        One result or several.

    Returns
    -------
    list of Result
        The results.

    Raises
    ------
    DisclosureError
        If anything else is given.
    """
    found = list(given) if isinstance(given, list | tuple) else [given]
    if strange := [type(one).__name__ for one in found if not isinstance(one, Result)]:
        raise DisclosureError(
            "bf.protect takes results, such as bf.estimate and bf.tabulate return, not "
            f"{strange[0]}"
        )
    return found


def _trend(trend: WaveTrend, protected: Iterator[Estimate]) -> WaveTrend:
    """Put the protected estimates of its waves, which come next, into a trend."""
    if not _is_secret_trend(trend):
        return trend
    safe = tuple(islice(protected, len(trend.estimates)))
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
        estimates=safe,
        protected=True,
        protection=told[-1].of(table["suppressed"]) if told else None,
        provenance=trend.provenance.then("protect", waves=len(safe)),
    )


def _require_unrelated(results: Sequence[Result]) -> None:
    """Refuse results of one kind about the same items and different cases."""
    for one, other in combinations(results, 2):
        if type(one) is not type(other) or isinstance(one, Comparison | WaveTrend):
            continue
        said = [result.specification for result in (one, other)]
        items = [{str(name) for key in _ITEMS for name in _listed(told.get(key))} for told in said]
        cases = [[told.get(key) for key in _CASES] for told in said]
        if items[0] & items[1] and cases[0] != cases[1]:
            named = ", ".join(sorted(items[0] & items[1]))
            raise DisclosureError(
                f"two results of the kind {type(one).__name__} about {named} and different cases "
                "(where, panel) tell by their difference what single respondents answered; publish "
                "one of them"
            )


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else [] if value is None else [value]


def require_one_kind(results: Sequence[object], kind: type[Result]) -> None:
    """Refuse a call for several kinds of results, as what they tell together is not seen.

    Parameters
    ----------
    results : sequence
        What was given.
    kind : type
        The kind that all should have.

    Raises
    ------
    DisclosureError
        If there is another one.
    """
    if odd := [type(result).__name__ for result in results if not isinstance(result, kind)]:
        raise DisclosureError(
            f"{odd[0]} and {kind.__name__} don't go into one call: what they tell together is not "
            "audited. Show a question either in estimates or in cross tables"
        )
