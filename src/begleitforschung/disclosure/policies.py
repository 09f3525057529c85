"""Policies: what must not be shown, as named and versioned YAML."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from begleitforschung.catalogue import Entry, Label, Reference, parse_entry, read_yaml, resource
from begleitforschung.errors import DisclosureError, UnknownCodeError

POLICIES = ("public", "grouped", "strict")
Telling = Literal["none", "sensitive", "all"]
_Units = Annotated[int, pydantic.Field(ge=0)]
_TELLING: tuple[Telling, ...] = ("none", "sensitive", "all")


class Policy(Entry):
    """What must not be shown.

    Parameters
    ----------
    id : str
        Identifier.
    version : str
        Version; a change of any number is a new one.
    title : Label
        Name in words.
    rule : Label
        What it demands, for the method section of a report.
    min_base : int
        Fewest answering units behind anything that is shown.
    min_count : int
        Fewest units behind a count that is not 0; 0 allows all.
    min_count_crossed : int
        The same where two answers, or two identifying variables, are crossed.
    telling : {"none", "sensitive", "all"}
        Of which items groups are hidden whose members (all but `spare`) gave one answer.
    spare : int
        How many may differ.
    p_percent : float, optional
        Percent to which no contribution to a sum of numbers may be estimated (p % rule).
    model_units : int
        Fewest units behind a test, a model or a scale.
    reference : Reference
        Where the rules come from.
    """

    id: str = pydantic.Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: str
    title: Label
    rule: Label
    min_base: _Units
    min_count: _Units
    min_count_crossed: _Units
    telling: Telling
    spare: _Units = 0
    p_percent: float | None = pydantic.Field(default=None, gt=0, lt=100)
    model_units: _Units
    reference: Reference

    @property
    def hides(self) -> bool:
        """Whether the policy forbids anything."""
        return max(self.min_base, self.min_count, self.min_count_crossed) > 0

    def weaker_than(self, other: Policy) -> tuple[str, ...]:
        """Name the parts in which this policy demands less than another one.

        Parameters
        ----------
        other : Policy
            Another policy.

        Returns
        -------
        tuple of str
            Names of parameters; empty if it demands at least as much throughout.
        """
        found = [
            name
            for name in ("min_base", "min_count", "min_count_crossed", "model_units")
            if getattr(self, name) < getattr(other, name)
        ]
        if _TELLING.index(self.telling) < _TELLING.index(other.telling):
            found.append("telling")
        if other.telling != "none" and self.spare < other.spare:
            found.append("spare")
        if (self.p_percent or 0.0) < (other.p_percent or 0.0):
            found.append("p_percent")
        return tuple(found)

    def smallest_count(self, *, crossed: bool) -> int:
        """Return the smallest count that may be shown.

        Parameters
        ----------
        crossed : bool
            Whether two answers, or two identifying variables, are crossed.

        Returns
        -------
        int
            Units.
        """
        return max(self.min_count, self.min_count_crossed if crossed else 0)


def load_policy(name: str | Path) -> Policy:
    """Read a policy: a shipped one by its name, one of your own by its path.

    Parameters
    ----------
    name : str or pathlib.Path
        ``public``, ``grouped`` or ``strict``, or the path of a YAML file.

    Returns
    -------
    Policy
        The policy.

    Raises
    ------
    UnknownCodeError
        If there is neither a policy nor a file of this name.
    CatalogueError
        If the file is malformed.
    """
    if isinstance(name, str) and name in POLICIES:
        return _shipped(name)
    path = Path(name)
    if not path.is_file():
        raise UnknownCodeError(str(name), POLICIES, "policies (or paths of a YAML file)")
    content, lines = read_yaml(path)
    return parse_entry(content, Policy, file=path.name, lines=lines)


@lru_cache
def _shipped(name: str) -> Policy:
    file = resource("policies", f"{name}.yaml")
    content, lines = read_yaml(file)
    return parse_entry(content, Policy, file=file.name, lines=lines)


def at_least(policy: Policy, required: Policy, reason: str) -> Policy:
    """Return a policy if it demands what is required.

    Parameters
    ----------
    policy : Policy
        The one asked for.
    required : Policy
        The one that the promise requires.
    reason : str
        Why.

    Returns
    -------
    Policy
        The policy asked for.

    Raises
    ------
    DisclosureError
        If it demands less.
    """
    if weaker := policy.weaker_than(required):
        raise DisclosureError(
            f"the policy {policy.id!r} demands less than {required.id!r} ({', '.join(weaker)}), "
            f"which these answers need: {reason}. Leave policy= out, or correct the codebook if "
            "it says something else than what was promised."
        )
    return policy
