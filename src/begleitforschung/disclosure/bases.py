"""Bases that answers decide: who belongs to a group by answers, or was asked because of one.

Everybody may know who answered at all. But how many of a group answered "no" is told by the base of
a table broken down or filtered by that answer, and by that of a question asked only after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from begleitforschung.disclosure.choosing import is_secret
from begleitforschung.disclosure.groups import hidden_groups
from begleitforschung.disclosure.needs import telling_count
from begleitforschung.disclosure.policies import Policy
from begleitforschung.disclosure.structure import Bools, Secret
from begleitforschung.errors import DisclosureError
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.published import EVERYBODY, Row
from begleitforschung.surveys import STATUSES, Survey, parse_filter
from begleitforschung.surveys.sample_design import JOIN

_NAMED = 3


def require_safe_bases(
    results: Sequence[Estimate],
    secrets: Sequence[Sequence[Secret]],
    survey: Survey,
    policy: Policy,
) -> None:
    """Refuse results whose bases tell how single respondents answered.

    A base that answers decide is judged as a count of those answers: by the number of all who
    could belong to it, as a count of 1 or 2, and as a group that tells.

    Parameters
    ----------
    results : sequence of Estimate
        Not yet protected.
    secrets : sequence of sequence of Secret
        What they add up.
    survey : Survey
        The survey.
    policy : Policy
        The policy.

    Raises
    ------
    DisclosureError
        Which questions and breakdowns.
    """
    found: dict[str, None] = {}
    around: dict[tuple[str, ...], dict[bytes, str]] = {}
    for result, made in zip(results, secrets, strict=True):
        for secret in made:
            for row in secret.rows.rows:
                base = _Base.of(result, secret, row, survey)
                if not base.decided:
                    continue
                if base.tells(survey, policy):
                    found[base.name] = None
                around.setdefault(base.decided, {}).setdefault(base.could.tobytes(), base.name)
    for named in around.values():
        masks = np.array([np.frombuffer(mask, np.bool_) for mask in named])
        gone = hidden_groups(masks, np.ones(masks.shape[1]), policy.min_base)
        found |= dict.fromkeys(np.array(list(named.values()))[gone].tolist())
    if found:
        more = ", …" if len(found) > _NAMED else ""
        raise DisclosureError(
            f"bases would tell how single respondents answered, as answers decide who belongs to "
            f"them: {'; '.join(list(found)[:_NAMED])}{more}. Use coarser groups, or leave the "
            "question or the breakdown out"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Base:
    """The base of one row.

    Parameters
    ----------
    name : str
        Question and breakdown.
    decided : tuple of str
        Items whose answers decide who belongs to it; empty if the register does.
    halves : bool
        Whether only a filter does, so that the base also tells how many it left out.
    crossed : bool
        Whether several items, or several identifying variables, decide it.
    could : numpy.ndarray of bool, shape (n,)
        Who could belong to it, as everybody knows.
    inside : numpy.ndarray of bool, shape (n,)
        Who does.
    """

    name: str
    decided: tuple[str, ...]
    halves: bool
    crossed: bool
    could: Bools = field(repr=False)
    inside: Bools = field(repr=False)

    @classmethod
    def of(cls, result: Estimate, secret: Secret, row: Row, survey: Survey) -> _Base:
        """Read who decides the base of a row."""
        column, by = secret.rows.column, str(result.table.at[row.at, "by"])
        groups = by.split(JOIN) if by else []
        filters = [
            *_columns(str(result.specification.get("where") or "")),
            *_columns(survey.codebook.item(column).filter),
        ]
        secrets = [name for name in (*groups, *filters) if _secret(survey, name)]
        decided = tuple(sorted(set(secrets)))
        could = secret.rows.groups[row.group].copy()
        for name in decided:
            could &= survey.answered(_first(survey, name))
        asked = survey.status[column].to_numpy() != STATUSES.index("not_asked")
        inside = could & asked
        if row.part != EVERYBODY:
            inside = inside & (secret.parts[row.partition] == row.part)
        known = {name for name in (*groups, *filters) if name not in secrets}
        return cls(
            name=f"{column} by {by or 'all'}",
            decided=decided,
            halves=not any(name in secrets for name in groups),
            crossed=len(decided) > 1 or len(known) > 1,
            could=could,
            inside=inside,
        )

    def tells(self, survey: Survey, policy: Policy) -> bool:
        """Say whether it tells what the policy forbids to show of the answers that decide it."""
        units = survey.cases["unit"]
        size = len(units[self.could].unique())
        belong = int(self.inside.sum())
        counts = [belong, int(self.could.sum()) - belong] if self.halves else [belong]
        if 0 < size < policy.min_base:
            return True
        if any(0 < n < policy.smallest_count(crossed=self.crossed) for n in counts):
            return True
        sensitive = any(survey.codebook.item(name).sensitive for name in self.decided)
        telling = policy.telling == "all" or (policy.telling == "sensitive" and sensitive)
        return telling and size > 0 and max(counts) >= telling_count(size, policy.spare)


def _columns(text: str) -> tuple[str, ...]:
    return parse_filter(text).columns if text and text != "mask" else ()


def _first(survey: Survey, name: str) -> str:
    """Return the column that says whether an item was answered."""
    return name if name in survey.status else survey.codebook.item(name).columns[0]


def _secret(survey: Survey, name: str) -> bool:
    declared = {item.id for item in survey.codebook.items} | set(survey.codebook.columns())
    return name in declared and is_secret(survey.codebook.item(name))
