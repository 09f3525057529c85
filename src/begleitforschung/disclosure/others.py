"""Results that are no estimates: by which rules each kind of them is protected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from begleitforschung.disclosure.columns import Cost
from begleitforschung.disclosure.comparisons import protect_comparison
from begleitforschung.disclosure.cross_audit import audit_tables
from begleitforschung.disclosure.crossing import protect_tables
from begleitforschung.disclosure.earlier import registry_of
from begleitforschung.disclosure.mixed import Crossed, crossed_of, marks_of
from begleitforschung.disclosure.policies import Policy
from begleitforschung.disclosure.registry import Registry
from begleitforschung.disclosure.together import protect_together
from begleitforschung.errors import DisclosureError
from begleitforschung.results.base import Result
from begleitforschung.results.comparison import Comparison
from begleitforschung.results.cross_table import CrossTable
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.extrapolation import Extrapolation
from begleitforschung.surveys import Survey

_Any = TypeVar("_Any", bound=Result)


def protect_others(
    results: Sequence[_Any],
    policy: Policy | None,
    *,
    estimates: Callable[..., list[Estimate]],
    releases: bool,
    registry: Registry | None,
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
        How estimates are protected beside rows that can't be hidden, and rows that are.
    releases : bool
        Whether released answers were given, which are for estimates.
    registry : Registry, optional
        What was published of the wave before, for cross tables.
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
    if releases and not all(isinstance(one, Estimate | Extrapolation) for one in results):
        raise DisclosureError("releases= is for estimates and extrapolations; leave it out")
    if any(isinstance(result, Comparison) for result in results):
        require_one_kind(results, Comparison)
    tables = [result for result in results if isinstance(result, CrossTable)]
    if tables and len(tables) < len(results):
        options: dict[str, Any] = {"registry": registry, "cost": cost, "seconds": seconds}
        return _protect_mixed(results, policy, estimates, options)
    if tables:
        return list(protect_tables(tables, policy, registry=registry, cost=cost, seconds=seconds))  # type: ignore[arg-type]
    compared = [result for result in results if isinstance(result, Comparison)]
    if compared:
        return [protect_comparison(one, policy) for one in compared]  # type: ignore[misc]
    return protect_together(results, policy, estimates)


def _protect_mixed(
    results: Sequence[Any], policy: Policy | None, run: Any, options: dict[str, Any]
) -> list[Any]:
    """Protect cross tables by themselves, then what they tell beside all other results."""
    tables = [result for result in results if isinstance(result, CrossTable)]
    surveys = [table.origin for table in tables if isinstance(table.origin, Survey)]
    if any(registry_of(survey, options["registry"]) is not None for survey in surveys):
        raise DisclosureError(
            "cross tables and other results of a wave with a registry don't go into one call; "
            "protect them in calls of their own, each with other questions"
        )
    safe = iter(protect_tables(tables, policy, **options))
    given = [crossed_of(one, next(safe)) if isinstance(one, CrossTable) else one for one in results]
    crossed = [one for one in given if isinstance(one, Crossed)]
    made = protect_together(
        given, policy, lambda some, fixed: run(some, fixed, marks_of(crossed, some))
    )
    audit_tables([
        one for one in made if isinstance(one, CrossTable) and one.protected
    ]).require_safe()  # fmt: skip
    return made


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
            "audited. Protect each kind in a call of its own"
        )
