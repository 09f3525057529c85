"""Questions that tables cross belong together: families of sums that are protected as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from begleitforschung.disclosure.linking import Linked, Sum, link, needed
from begleitforschung.disclosure.structure import Secret
from begleitforschung.results.published import Split

_JOINT = 12_000  # unknowns of all questions of a family together
_RANKS = 40_000  # the same of a ranking, most combinations of which can't be
_About = list[tuple[int, Secret]]


def families(secrets: Sequence[Sequence[Secret]]) -> list[Linked]:
    """Gather the sums that tell of each other.

    Questions are linked if a table crosses them, filters one by the other, or has a base that
    answers to them decide. They are one system as long as all combinations of their answers are not
    too many; else each crossing is a system of its own, in which what others hide stays hidden.

    Parameters
    ----------
    secrets : sequence of sequence of Secret
        What the rows of each estimate add up.

    Returns
    -------
    list of Linked
        Every row and every base is in one of them at least.
    """
    flat = [(number, secret) for number, made in enumerate(secrets) for secret in made]
    coded = [
        (n, s if s.rows.answers else replace(s, rows=replace(s.rows, rows=()))) for n, s in flat
    ]
    found = [with_elements(link(coded, names)) for names in _systems(coded)]
    numbers: dict[str, _About] = {}
    for n, s in flat:
        if not s.rows.answers and s.rows.rows:
            numbers.setdefault(s.rows.column, []).append(
                (n, replace(s, rows=replace(s.rows, bases=())))
            )
    for about in numbers.values():
        found += [link(about, names) for names in _systems(about, of_number=True)]
    return found


def _systems(about: _About, *, of_number: bool = False) -> list[frozenset[str]]:
    """Return the questions of each system, in the order in which they come."""
    sets = dict.fromkeys(
        names
        for _, secret in about
        for names in (
            *(needed(secret, row) for row in secret.rows.rows),
            *(frozenset(base.variables) for base in secret.rows.bases),
        )
    )
    sets |= dict.fromkeys(() if of_number else _rankings(about))
    found: list[frozenset[str]] = []
    for joined in [frozenset().union(*sets)] if of_number else _connected(sets):
        inside = [names for names in sets if names <= joined]
        alone = len(inside) == 1 or joined in inside
        found += [joined] if alone or _unknowns(about, joined) <= _JOINT else _largest(inside)
    return found


def _rankings(about: _About) -> list[frozenset[str]]:
    """Return the ranks of each ranking, as nothing is ranked twice; pairs if they are many."""
    ranks: dict[str, set[str]] = {}
    for _, secret in about:
        if secret.rows.rows and secret.rows.ranking:
            ranks.setdefault(secret.rows.ranking, set()).add(secret.rows.column)
    found: list[frozenset[str]] = []
    for columns in map(frozenset, ranks.values()):
        few = _unknowns(about, columns) <= _RANKS
        pairs = map(frozenset, combinations(sorted(columns), 2))
        found += [columns] if few or len(columns) < 2 else list(pairs)
    return found


def _connected(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    found: list[frozenset[str]] = []
    for names in sets:
        touched = [old for old in found if old & names]
        found = [old for old in found if old not in touched]
        found.append(frozenset(names).union(*touched))
    return found


def _largest(sets: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    return [names for names in sets if not any(names < other for other in sets)]


def _unknowns(about: _About, names: frozenset[str]) -> int:
    """Return how many unknowns a system of all these questions has at most."""
    answers: dict[str, int] = {}
    masks = []
    for _, secret in about:
        rows = secret.rows
        answers |= {name: variable.answers for name, variable in rows.variables.items()}
        answers[rows.column] = len(rows.answers)
        masks += list(rows.groups[[row.group for row in rows.rows if needed(secret, row) <= names]])
        masks += [base.cases for base in rows.bases if names >= set(base.variables)]
    finest = np.unique(np.array(masks), axis=1).shape[1] if masks else 1
    return finest * int(np.prod([answers[name] + 1 for name in names]))


def with_elements(linked: Linked) -> Linked:
    """Add the crossings that filters leave over, though no table shows them.

    Of all cases less those that a filter lets through are left those who gave the other answers:
    with several filters, single answers crossed with what is shown.

    Parameters
    ----------
    linked : Linked
        Sums.

    Returns
    -------
    Linked
        With one sum for each answer in each part that the answers to a filter's questions make.
    """
    splits, parts = dict(linked.splits), dict(linked.parts)
    found: dict[Sum, None] = {}
    filtered = {(s.column, s.group, s.partition) for s in linked.sums if "[" in s.partition}
    for column, group, partition in sorted(filtered):
        secret = linked.secrets[column]
        variables = linked.splits[partition].variables
        name = f"= {' & '.join(variables)}"
        shape = linked.splits[partition].part_of.shape
        every = int(np.prod(shape))
        splits[name] = Split(
            variables=variables, part_of=np.arange(every).reshape(shape), parts=every + 1
        )
        parts[name] = np.ravel_multi_index(tuple(linked.told[v] for v in variables), shape)
        answers = len(secret.rows.answers)
        for part in range(every) if answers else ():
            for scores in np.eye(answers):
                found[Sum(group, name, part, tuple(scores.tolist()), True, column)] = None
    new = tuple(item for item in found if item not in linked.sums)
    return replace(linked, splits=splits, parts=parts, derived=(*linked.derived, *new))
