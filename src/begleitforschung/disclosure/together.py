"""Estimates, extrapolations, trends, tests and models of surveys protected as one publication."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from begleitforschung.disclosure.among import units_behind
from begleitforschung.disclosure.carriers import Carrier, carriers, tells_sums
from begleitforschung.disclosure.choosing import required_policy, used_items
from begleitforschung.disclosure.classes import Shown, in_classes, told_columns
from begleitforschung.disclosure.mirrors import is_open, mirrored, sums_of
from begleitforschung.disclosure.mixed import Crossed
from begleitforschung.disclosure.origins import by_survey
from begleitforschung.disclosure.parts import Part, ways
from begleitforschung.disclosure.policies import Policy, at_least
from begleitforschung.disclosure.positions import BY_HAND
from begleitforschung.disclosure.told_again import told_positions
from begleitforschung.disclosure.whole import is_whole, passed, require_many
from begleitforschung.errors import DisclosureError
from begleitforschung.results.base import Result
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.factors import FactorResult
from begleitforschung.results.significance import Significance

Run = Callable[[list[Estimate], Mapping[int, frozenset[int]]], list[Estimate]]


def protect_together(results: Sequence[Any], policy: Policy | None, run: Run) -> list[Any]:
    """Protect results of surveys as one publication.

    Tests, models and types tell sums of answers (`carriers`). Those are rows of the same system as
    the tables: they can't be hidden, so others are hidden beside them; where that is not possible,
    the result is refused.

    Parameters
    ----------
    results : sequence of Result or Crossed
        Not yet protected; cross tables by themselves, with the estimates that stand for them.
    policy : Policy, optional
        The one asked for.
    run : callable
        Protects estimates, some of whose rows can't be hidden.

    Returns
    -------
    list of Result
        The same results.

    Raises
    ------
    DisclosureError
        If a result can't be shown, alone or beside the others; names it by its place in the call.
    """
    parts = [_part(at, result, policy) for at, result in enumerate(results)]
    parts, safe = _safe(parts, run)
    rows = iter(safe)
    made: list[Any] = []
    for part in parts:
        own = list(islice(rows, len(part.sums)))
        if isinstance(given := results[part.at], Crossed):
            made.append(given.masked(own, len(results)))
            continue
        result = part.result if part.policy is None else passed(part.result, part.policy)
        if isinstance(result, Significance) and (part.coarse or part.silent):
            result = in_classes(result, part.tests)
        made.append(_with_told(mirrored(result, part.sums, own, safe), part.told))
    return made


def _with_told(result: Any, told: Sequence[Carrier]) -> Any:
    """Note where the sums stand that a result tells."""
    if not told:
        return result
    return replace(result, protection=replace(result.protection, told=told_positions(told)))


def _part(at: int, result: Result | Crossed, policy: Policy | None) -> Part:
    if isinstance(result, Crossed):
        return Part(at=at, result=result.table, sums=tuple(p.estimate for p in result.parts))
    sums = sums_of(result)
    if is_open(result) or not is_whole(result):
        return Part(at=at, result=result, sums=sums)
    if result.specification.get("where") == BY_HAND and tells_sums(result):
        raise DisclosureError(
            f"this {type(result).__name__} rests on cases that were given one by one (where= as a "
            'list), and nobody can tell whom it leaves out; write where= as a filter, "q1 == 2"'
        )
    if getattr(result, "survey", None) is None and (
        tells_sums(result) or isinstance(result, FactorResult)
    ):
        raise DisclosureError(
            f"this {type(result).__name__} holds no answers, so that nobody can judge what it "
            "tells; make it again from the survey"
        )
    told = carriers(result)
    about = [*(one.estimate for one in told), *sums]
    rule = policy
    if about:
        survey = about[0].survey
        required, reason = required_policy(survey.codebook, used_items(survey, about))
        rule = required if policy is None else at_least(policy, required, reason)
    rule = require_many(result, rule, _few_units(told, sums))
    return Part(at=at, result=result, sums=sums, told=told, policy=rule)


def _few_units(told: Sequence[Carrier], sums: Sequence[Estimate]) -> Iterator[tuple[str, float]]:
    """Yield how many municipalities are behind each sum, as several answers of one count once."""
    for one in told:
        units = units_behind(one.estimate)
        domains = list(dict.fromkeys(one.estimate.table["domain"]))
        least: dict[str, float] = {}
        for at in sorted(one.rows):
            place = domains.index(one.estimate.table["domain"].iloc[at]) + 1
            least[f"{one.place}, group {place}"] = float(units[at])
        yield from least.items()
    for made in sums:
        yield ", ".join(made.questions), float(min(units_behind(made).values()))


def _safe(parts: list[Part], run: Run) -> tuple[list[Part], list[Estimate]]:
    """Protect all estimates beside what other results tell, giving up what has to be."""
    error: DisclosureError | None = None
    for way in ways(parts, lambda some: run(list(some), {})):
        parts = way
        try:
            made = _beside(way, run)
            _require_groups(way, made, run)
        except DisclosureError as found:
            error = error or found
        else:
            parts = _silenced(way, made)
            _require_some(parts)
            return parts, made
    raise _explained(parts, run, error) from None


def _require_groups(parts: Sequence[Part], made: Sequence[Estimate], run: Run) -> None:
    """Refuse results for which a table would lose a whole group."""
    if any(part.told for part in parts) and (gone := _lost(parts, made)):
        bare = [part for part in parts if part.sums]
        if gone - _lost(bare, _beside(bare, run)):
            raise DisclosureError("tables would lose a whole group")


def _require_some(parts: Sequence[Part]) -> None:
    """Refuse results of which nothing is left."""
    if mute := [f"{part.name}: {part.places}" for part in parts if part.mute]:
        raise DisclosureError(
            f"no test of these may be shown, not even by a bound of p: {'; '.join(mute)}. Join "
            'groups or answers, take method="mean" to test a scale, or leave them out'
        )


def _silenced(parts: list[Part], made: Sequence[Estimate]) -> list[Part]:
    """Leave out tests even a bound of whose p may tell a hidden count."""
    tables: list[tuple[Part, Estimate, frozenset[int] | None]]
    tables = [(part, one, None) for part in parts for one in part.sums]
    tables += [(part, one.estimate, one.rows) for part in parts for one in part.told]
    tables += [(part, one.estimate, one.rows) for part in parts for one in part.coarse]
    if not any(part.coarse for part in parts):
        return parts
    for survey, numbers in by_survey([one for _, one, _ in tables]):
        shown = [Shown(open=tables[at][1], safe=made[at], rows=tables[at][2]) for at in numbers]
        own = list(dict.fromkeys(tables[at][0].at for at in numbers))
        while told := told_columns(
            [parts[at].tests for at in own if parts[at].coarse], shown, survey
        ):
            parts = [part.silent_about(told) if part.at in own else part for part in parts]
    return parts


def _beside(parts: Sequence[Part], run: Run) -> list[Estimate]:
    """Protect the estimates of results beside what the others tell."""
    shown = [one for part in parts for one in part.sums]
    told = [one for part in parts for one in part.told]
    coarse = [one.estimate for part in parts for one in part.coarse]
    if not shown and not told and not coarse:
        return []
    fixed = {len(shown) + at: one.rows for at, one in enumerate(told)}
    made = run([*shown, *(one.estimate for one in told), *coarse], fixed)
    for one, safe in zip(told, made[len(shown) :], strict=False):
        if _hidden(safe) & one.rows:
            raise DisclosureError(f"{one.place} must not be shown")
    return made


def _hidden(made: Estimate) -> set[int]:
    return {at for at, mark in enumerate(made.table["suppressed"]) if mark}


def _lost(parts: Sequence[Part], made: Sequence[Estimate]) -> set[tuple[Any, ...]]:
    """Return the groups of which nothing is left: number of the estimate, column and group."""
    keys = ["column", "by", "domain"]
    found: set[tuple[Any, ...]] = set()
    owners = [part for part in parts for _ in part.sums]
    for number, (part, one) in enumerate(zip(owners, made, strict=False)):
        if part.policy is not None:  # the items of a scale, which nobody sees as a table
            continue
        hidden = one.table["suppressed"].ne("").groupby([one.table[key] for key in keys]).all()
        found |= {(number, *group) for group in hidden.index[hidden.to_numpy(bool)]}
    return found


def _explained(parts: Sequence[Part], run: Run, error: DisclosureError | None) -> DisclosureError:
    """Name the results that can't be shown: each by itself, else the first beside the others."""
    alone = [text for part in parts if part.told and (text := _by_itself(part, run))]
    if alone:
        return DisclosureError(
            f'{"; ".join(alone)}. Join groups or answers, take method="mean" to test a scale, or '
            "leave the result out"
        )
    bare = [part for part in parts if part.sums]
    if error is not None:
        try:
            _beside(bare, run)
        except DisclosureError as own:
            return own
    for part in (part for part in parts if part.told):
        try:
            made = _beside([*bare, part], run)
            if not _lost([*bare, part], made) - _lost(bare, _beside(bare, run)):
                bare.append(part)
                continue
        except DisclosureError:
            pass
        return DisclosureError(
            f"{part.name} tells sums ({part.places}) from which, beside the other results of the "
            "call, single answers would follow. Leave it out, or make all of the same cases and "
            'groups (where="answered(…)" in the tables, if few lack an answer that it needs)'
        )
    return error or DisclosureError("the results can't be shown beside each other")


def _by_itself(part: Part, run: Run) -> str:
    """Say why a result must not be shown at all; empty if it may."""
    try:
        made = run([one.estimate for one in part.told], {})
    except DisclosureError as error:
        return f"{part.name} tells sums ({part.places}) that can't be shown: {error}"
    places = [
        f"{one.place} ({_groups(safe, rows)})"
        for one, safe in zip(part.told, made, strict=True)
        if (rows := _hidden(safe) & one.rows)
    ]
    return f"{part.name} tells what must not be shown: {', '.join(places)}" if places else ""


def _groups(made: Estimate, rows: set[int]) -> str:
    """Name groups by their place, as which answer it is would tell that few gave it."""
    domains = list(dict.fromkeys(made.table["domain"]))
    places = sorted({domains.index(made.table["domain"].iloc[at]) + 1 for at in rows})
    return f"group{'s' if len(places) > 1 else ''} {', '.join(map(str, places))}"
