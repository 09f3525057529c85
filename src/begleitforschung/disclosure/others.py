"""Results that are no estimates: by which rules each kind of them is protected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from begleitforschung.disclosure.columns import Cost
from begleitforschung.disclosure.crossing import protect_tables
from begleitforschung.disclosure.policies import Policy
from begleitforschung.errors import DisclosureError
from begleitforschung.results.base import Result
from begleitforschung.results.cross_table import CrossTable

_Any = TypeVar("_Any", bound=Result)


def protect_others(
    results: Sequence[_Any],
    policy: Policy | None,
    *,
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
    tables = [result for result in results if isinstance(result, CrossTable)]
    require_one_kind(results, CrossTable)
    if not plain:
        raise DisclosureError("releases= and registry= are for estimates; leave them out")
    safe = protect_tables(tables, policy, cost=cost, seconds=seconds)
    return list(safe)  # type: ignore[arg-type]


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
