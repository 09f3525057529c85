"""`protect`: results in which nothing stands that must not be shown, audited before they leave."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
import pandas as pd

from begleitforschung.disclosure.among import in_one
from begleitforschung.disclosure.auditing import audit, known_cells
from begleitforschung.disclosure.choosing import required_policy, used_items
from begleitforschung.disclosure.collusion import collusion, errors_of
from begleitforschung.disclosure.columns import COSTS, Cost, Suppressed, suppress
from begleitforschung.disclosure.earlier import Earlier, earlier, registry_of
from begleitforschung.disclosure.families import families
from begleitforschung.disclosure.linking import Linked, Place
from begleitforschung.disclosure.masking import Veil, masked, sealed
from begleitforschung.disclosure.origins import by_survey
from begleitforschung.disclosure.others import protect_others, results_of
from begleitforschung.disclosure.policies import Policy, at_least, load_policy
from begleitforschung.disclosure.positions import edition_of
from begleitforschung.disclosure.publications import in_one_call
from begleitforschung.disclosure.registry import Registry
from begleitforschung.disclosure.releases import Releases
from begleitforschung.disclosure.structure import Bools, Secret, structure_of
from begleitforschung.disclosure.unlinked import bare_shares, unlinked
from begleitforschung.errors import DisclosureError, Finding, UnknownCodeError
from begleitforschung.results.base import Result
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.protection import Hidden, Protection
from begleitforschung.surveys import Survey

Progress = Callable[[int, int], None]
AnyResult = TypeVar("AnyResult", bound=Result)
_LEAST = 0.2
_WHOLE = -1  # number of what is hidden by breakdowns
_COSTS = ("cost", "bound")


@overload
def protect(results: AnyResult, policy: str | Path | Policy | None = None, *,
            releases: Releases | None = None, registry: Registry | None = None,
            cost: Cost = "log", seconds: float = 60.0,
            progress: Progress | None = None) -> AnyResult: ...  # fmt: skip
@overload
def protect(results: Sequence[AnyResult], policy: str | Path | Policy | None = None, *,
            releases: Releases | None = None, registry: Registry | None = None,
            cost: Cost = "log", seconds: float = 60.0,
            progress: Progress | None = None) -> list[AnyResult]: ...  # fmt: skip
def protect(
    results: AnyResult | Sequence[AnyResult],
    policy: str | Path | Policy | None = None,
    *,
    releases: Releases | None = None,
    registry: Registry | None = None,
    cost: Cost = "log",
    seconds: float = 60.0,
    progress: Progress | None = None,
) -> AnyResult | list[AnyResult]:
    """Hide what must not be shown, and what it could be worked out from.

    All results of one survey that are published together belong into one call: tables that share
    cells, margins or groups are protected as one, beside the sums that tests, models and scales
    tell (`disclosure.carriers`). What comes out was audited (`audit`). Estimates and cross tables
    are hidden cell by cell; tests and models are shown as a whole.

    Parameters
    ----------
    results : Result or sequence of Result
        What is to be shown: estimates, cross tables, or other results.
    policy : str, path or Policy, optional
        ``public``, ``grouped``, ``strict``, or a YAML file of your own; by default what was
        promised to the respondents requires. It may demand more, not less.
    releases : Releases, optional
        Answers that their municipalities released (`read_releases`): they hide nobody, and an
        attacker knows them.
    registry : Registry, optional
        What was published of this wave before (`read_registry`): it stays visible, or hidden, and
        is linked with what is shown now. By default that of the survey, where the project file
        names one.
    cost : {"cells", "counts", "log"}
        What a hidden cell costs: 1, its count, or the logarithm of one more than its count.
    seconds : float
        Time for all proofs that nothing cheaper is safe. What is found is safe in any case.
    progress : callable, optional
        Called with the number of columns done and of all.

    Returns
    -------
    Result or list of Result
        The same results, hidden rows marked in ``table["suppressed"]``, with ``protection``.
        They no longer hold answers. Public ones are returned as they are.

    Raises
    ------
    DisclosureError
        If no choice of cells protects the answers, the policy demands less than was promised, or
        results rest on the same answers with different weights.
    UnknownCodeError
        If policy or cost are unknown.

    Examples
    --------
    With a survey of your own::

        safe = bf.protect(bf.tabulate(survey, banner=["staffel", "groessenklasse"]))
        safe.part("q7").display()
    """
    if cost not in COSTS:
        raise UnknownCodeError(cost, COSTS, "costs of hidden cells")
    given = results_of(results)
    chosen = policy if policy is None or isinstance(policy, Policy) else load_policy(policy)
    options: dict[str, Any] = {"releases": releases, "registry": registry, "cost": cost,
                               "seconds": seconds, "progress": progress}  # fmt: skip
    if all(isinstance(result, Estimate) for result in given):
        made = _protected(given, chosen, {}, {}, **options)
    else:
        made = protect_others(
            given,
            chosen,
            estimates=lambda some, carried, gone={}: _protected(
                some, chosen, carried, gone, **options
            ),
            releases=releases is not None,
            registry=registry,
            cost=cost,
            seconds=seconds,
        )
    made = in_one_call(made, given)
    return made[0] if isinstance(results, Result) else made


def _protected(
    given: Sequence[Estimate],
    policy: Policy | None,
    carried: Mapping[int, frozenset[int]],
    gone: Mapping[int, frozenset[int]],
    *,
    releases: Releases | None,
    registry: Registry | None,
    **options: Any,
) -> list[Any]:
    """Protect estimates survey by survey; others tell rows that are `carried`, and hide `gone`."""
    made: list[Any] = list(given)
    for survey, numbers in by_survey(given):
        part = [given[number] for number in numbers]
        required, reason = required_policy(survey.codebook, used_items(survey, part))
        rule = required if policy is None else at_least(policy, required, reason)
        if rule.hides:
            also = {at: carried[n] for at, n in enumerate(numbers) if n in carried}
            before = earlier(survey, registry_of(survey, registry), part, also)
            run = _Run(
                survey=in_one([result.survey for result in (*part, *before.results)]),
                results=part,
                policy=rule,
                known=None if releases is None else releases.mask(survey),
                before=before,
                carried=also,
                gone=frozenset(
                    (at, row) for at, n in enumerate(numbers) for row in gone.get(n, ())
                ),
                **options,
            )
            for number, safe in zip(numbers, run.safe(), strict=True):
                made[number] = safe
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One protection of results of one survey."""

    survey: Survey
    results: Sequence[Estimate]
    policy: Policy
    known: pd.DataFrame | None
    before: Earlier
    carried: Mapping[int, frozenset[int]]
    gone: frozenset[Place]
    cost: Cost
    seconds: float
    progress: Progress | None

    def safe(self) -> list[Estimate]:
        """Return the protected results, audited together with what was published before."""
        everything = [*self.results, *self.before.results]
        secrets = [structure_of(result, result.survey) for result in everything]
        count = len(self.results)
        for number, rows in self.carried.items():
            secrets[number] = tuple(secret.only(rows) for secret in secrets[number])
        for number in range(len(self.before.results)):
            published = self.before.rows(number)
            secrets[count + number] = tuple(
                secret.only(published) for secret in secrets[count + number]
            )
        columns = list(dict.fromkeys(s.rows.column for made in secrets for s in made))
        linked = families(secrets)
        found = self._hidden(linked, {}, linked)
        made = self._all_masked(everything, found, secrets)
        if told := self._told(made, columns):  # weights or whole numbers tell more than sums
            again = [one for one in linked if set(told) & {*one.secrets, *one.variables}]
            found = self._hidden(linked, found, again)
            made = self._all_masked(everything, found, secrets, told)
            if errors := errors_of(self._singled_out(made, told)):
                found[_WHOLE] = Suppressed(rows=self._breakdowns(secrets, errors))
                made = self._all_masked(everything, found, secrets, told)
            audit(made).require_safe()
            if errors and (errors := errors_of(self._singled_out(made, told))):
                raise DisclosureError(
                    "single answers follow from what would be published; use coarser groups or "
                    "leave a breakdown out:",
                    findings=errors,
                )
        if known := known_cells(made) - self._settled()[1]:
            more = self._all_masked(everything, found, secrets, told, known)
            made = made if self._told(more, columns) else more
        return [sealed(result) for result in made[:count]]

    def _breakdowns(
        self, secrets: Sequence[tuple[Secret, ...]], errors: Sequence[Finding]
    ) -> dict[Place, Hidden]:
        """Return all rows of the breakdowns in which somebody is found out."""
        fixed, _ = self._settled()
        return {
            (number, row.at): "hidden"
            for number, made in enumerate(secrets)
            for rows in (secret.rows for secret in made)
            for row in rows.rows
            for error in errors
            if error.column == rows.column and row.by and f"{error.key} ".startswith(f"{row.by} ")
            and (number, row.at) not in fixed
        }  # fmt: skip

    def _told(self, made: Sequence[Estimate], columns: Sequence[str]) -> list[str]:
        """Return the columns about which more can be worked out than the policy allows."""
        seen = audit(made).table
        found = [*seen.loc[seen["verdict"] != "safe", "column"]]
        found += [item.column for item in errors_of(self._singled_out(made, columns))]
        return [column for column in columns if column in found]

    def _singled_out(self, made: Sequence[Estimate], columns: Sequence[str]) -> tuple[Finding, ...]:
        """Find single answers that follow, counts being whole numbers.

        Where groups that tell are hidden, a respondent who knows the own answer is an attacker too.
        """
        everybody = np.ones(len(self.survey), np.bool_)
        sensitive = _sensitive_columns(self.survey)
        telling = {"all": {*columns}, "sensitive": sensitive}.get(self.policy.telling, set())
        found: list[Finding] = []
        for size in (0, 1):
            about = [column for column in columns if (column in telling) == bool(size)]
            found += collusion(
                self.survey, about, made, recipients=everybody, size=size, known=self.known
            )
        return tuple(found)

    def _hidden(
        self, linked: Sequence[Linked], before: Mapping[int, Suppressed], due: Sequence[Linked]
    ) -> dict[int, Suppressed]:
        """Choose the hidden rows, one system after the other; what others hide stays hidden."""
        fixed, gone = self._settled()
        end = time.perf_counter() + self.seconds
        found = dict(before)
        shared = Counter(place for one in linked for place in one.every)
        sensitive = _sensitive_columns(self.survey)
        for done, one in enumerate(due):
            number = next(at for at, other in enumerate(linked) if other is one)
            left = (end - time.perf_counter()) / (len(due) - done)
            hidden = {place for made in found.values() for place in made.rows if shared[place] > 1}
            hidden |= {(n, -1 - at) for made in found.values() for n, at in made.bases}
            found[number] = suppress(
                one,
                self.survey.cases["unit"],
                self.policy,
                sensitive=sensitive,
                released=self._released({*one.secrets, *one.variables}),
                fixed=fixed,
                gone=gone | hidden,
                again=number in before,
                cost=self.cost,
                seconds=max(_LEAST, left),
            )
            if self.progress is not None:
                self.progress(done + 1, len(due))
        return found

    def _settled(self) -> tuple[frozenset[Place], frozenset[Place]]:
        """Return the rows that were shown, and those that were hidden, before."""
        fixed, gone = self.before.settled(self.results, self.carried)
        return fixed, gone | self.gone

    def _all_masked(
        self,
        everything: Sequence[Estimate],
        found: dict[int, Suppressed],
        secrets: Sequence[tuple[Secret, ...]],
        told: Sequence[str] = (),
        known: Collection[Place] = (),
    ) -> list[Estimate]:
        hidden = {
            place: why for one in found.values() for place, why in one.rows.items()
            if place not in known
        }  # fmt: skip
        bases = {place for one in found.values() for place in one.bases}
        hidden |= dict.fromkeys(bases, "hidden")
        partly = {
            s.rows.column
            for number, made in enumerate(secrets)
            for s in made
            if any((number, row.at) in hidden for row in s.rows.rows)
        }
        others = unlinked(everything, secrets, self.survey, self.policy, self.known, partly)
        hidden = others | hidden
        bare = bare_shares(everything, secrets, hidden)
        cost, bound = (sum(getattr(one, name) for one in found.values()) for name in _COSTS)
        gap = max(0.0, cost - bound) / cost if cost > 0 else 0.0
        veils = _veils(secrets, hidden, told)
        return [
            self._masked(result, number, hidden, secrets[number], veils, gap, bare, bases)
            for number, result in enumerate(everything)
        ]

    def _released(self, columns: Iterable[str]) -> dict[str, Bools]:
        known = self.known
        return (
            {} if known is None else {c: known[c].to_numpy(np.bool_) for c in columns if c in known}
        )

    def _masked(
        self,
        result: Estimate,
        number: int,
        hidden: dict[Place, Hidden],
        secrets: tuple[Secret, ...],
        veils: Mapping[str, Veil],
        gap: float,
        bare: frozenset[Place],
        bases: Collection[Place],
    ) -> Estimate:
        rows = {at: why for (of, at), why in hidden.items() if of == number}
        policy = self.policy
        protection = Protection(
            policy=policy.id,
            version=policy.version,
            title=policy.title.text,
            rule=policy.rule.text,
            cells=len(result.table),
            hidden=len(rows),
            min_base=policy.min_base,
            min_count=policy.min_count,
            min_count_crossed=policy.min_count_crossed,
            spare=None if policy.telling == "none" else policy.spare,
            sensitive=policy.telling == "sensitive",
            gap=gap,
            results=len(self.results) - len(self.carried),
            edition=edition_of(self.survey),
            known=self.before.registry is not None,
        )
        node = result.provenance.then(
            "protect",
            policy=policy.id,
            version=policy.version,
            hidden=len(rows),
            results=len(self.results) - len(self.carried),
        )
        counts = [at for of, at in bare if of == number]
        baseless = {at for of, at in bases if of == number}
        made = masked(
            result, rows, secrets, veils, protection, policy.min_count, counts, baseless=baseless
        )
        return replace(made, provenance=node)


def _sensitive_columns(survey: Survey) -> frozenset[str]:
    return frozenset(c for c, item in survey.codebook.columns().items() if item.sensitive)


def _veils(
    secrets: Sequence[tuple[Secret, ...]], hidden: Mapping[Place, Hidden], told: Sequence[str]
) -> dict[str, Veil]:
    """Gather whose answers are hidden, by column; of columns that told too much, all."""
    found: dict[str, Veil] = {}
    for number, made in enumerate(secrets):
        for rows in (secret.rows for secret in made):
            every = rows.column in told
            gone = [row for row in rows.rows if every or (number, row.at) in hidden]
            if gone:
                cases = np.logical_or.reduce([rows.groups[row.group] for row in gone])
                old = found.get(rows.column, Veil(scores=set(), cases=np.zeros_like(cases)))
                scores = old.scores | {row.scores for row in gone}
                found[rows.column] = Veil(scores=scores, cases=old.cases | cases)
    return found
