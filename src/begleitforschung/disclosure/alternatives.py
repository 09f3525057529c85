"""`alternatives`: broader classes and rounding instead of hidden cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from begleitforschung.disclosure.cross_needs import asked_of, shares
from begleitforschung.disclosure.cross_table import cross_table
from begleitforschung.disclosure.crossing import policy_of, protect_tables
from begleitforschung.disclosure.policies import Policy, load_policy
from begleitforschung.errors import DisclosureError, Finding
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.results.alternatives import WAYS, CoarserTables
from begleitforschung.results.cross_table import CrossTable, Dimension
from begleitforschung.results.estimate import Estimate
from begleitforschung.stats.suppression import (
    Coarsening,
    cell_table,
    controlled_rounding,
    fewest_merges,
    too_few,
)

_LEAST = (3, 5, 8, 12, 20, 35, 60)  # units per cell that are tried, one after the other
_SECONDS = 5.0
_JOIN = " + "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Merged:
    """A table with broader classes of which nothing has to be hidden."""

    groups: tuple[np.ndarray, ...]
    lost: int
    fewest: bool
    cells: int


def alternatives(
    result: Estimate | CrossTable | Sequence[Estimate | CrossTable],
    policy: str | Path | Policy | None = None,
) -> CoarserTables:
    """Propose what can be done instead of hiding cells, and say what each way loses.

    Classes of an ordered dimension are merged with their neighbours; of any other one the smallest
    become one rest. Groups of classes (``groups=``) are left out of the proposal. Rounding to
    multiples of 3 or 5 so that all sums hold (Cox 1987) is for counts.

    Parameters
    ----------
    result : Estimate, CrossTable, or a sequence of them
        Not yet protected. Each question of an estimate by each of its groups is a table.
    policy : str, path or Policy, optional
        As for `protect`.

    Returns
    -------
    CoarserTables
        Per table: how many cells `protect` hides; which classes to merge so that it hides none;
        how far rounding moves the counts. It holds no count, so it may be shown.

    Raises
    ------
    DisclosureError
        If a result is protected already, or nothing of it can be looked at.
    UnknownCodeError
        If the policy is unknown.

    Examples
    --------
    >>> frame = pd.DataFrame({"art": ["a"] * 9 + ["b"] * 9, "jahr": ([2023] * 4 + [2024] * 5) * 2})
    >>> frame.loc[0, "jahr"] = 2022
    >>> found = alternatives(cross_table(frame, ["art", "jahr"], known=["art"]))
    >>> found.merged[0, "jahr"]
    {'2022': '2022 + 2023', '2023': '2022 + 2023', '2024': '2024'}
    """
    given = [result] if isinstance(result, Estimate | CrossTable) else list(result)
    if any(one.protected for one in given):
        raise DisclosureError("alternatives are proposed for results that are not protected yet")
    chosen = policy if policy is None or isinstance(policy, Policy) else load_policy(policy)
    findings: list[Finding] = []
    tables: list[CrossTable] = []
    for one in given:
        tables += [one] if isinstance(one, CrossTable) else list(_tables(one, findings))
    if not tables:
        raise DisclosureError("there is no question with one answer by a group in these results")
    rows: list[dict[str, object]] = []
    merged: dict[tuple[int, str], dict[str, str]] = {}
    words: dict[tuple[int, str], Text] = {}
    for number, table in enumerate(tables):
        rule = policy_of([table], chosen) or load_policy("public")
        found = _coarser(table, rule)
        rows += _rows(number, table, rule, found)
        for d, groups in zip(table.dimensions, found.groups if found else (), strict=False):
            if groups.max() + 1 < d.classes:
                made = _dimension(d, groups)
                merged[number, d.name] = {
                    key: made.keys[g] if len(made.keys) > 1 else ""
                    for key, g in zip(d.keys, groups, strict=False)
                }
                words[number, d.name] = _words(d, groups)
    return CoarserTables(
        table=pd.DataFrame(rows),
        specification={"tables": len(tables)},
        provenance=Provenance.of("alternatives", *(table.provenance for table in tables)),
        protected=True,
        findings=tuple(dict.fromkeys(findings)),
        titles=tuple(table.title for table in tables),
        merged=merged,
        words=words,
    )


def _tables(estimate: Estimate, findings: list[Finding]) -> Iterator[CrossTable]:
    """Yield each question with one answer by each group of an estimate."""
    survey = estimate.survey
    filtered = bool(estimate.specification.get("where"))
    for column in estimate.questions:
        item = survey.codebook.item(column)
        single = item.coded and item.kind not in ("multiple", "ranking")
        if filtered or not (single or item.kind == "number"):
            findings.append(_passed(column))
            continue
        for breakdown in estimate.breakdowns:
            names = list(dict.fromkeys([*breakdown.names, *([column] if single else [])]))
            if breakdown.names:
                yield cross_table(survey, names, None if single else column)


def _passed(column: str) -> Finding:
    return Finding(
        rule="alternatives.not_seen",
        severity="info",
        text=Text(
            f"{column}: Mehrfachauswahl, Ränge und gefilterte Auswertungen sind nicht geprüft",
            f"{column}: multiple choice, ranks and filtered results are not looked at",
        ),
        column=column,
    )


def _coarser(table: CrossTable, policy: Policy) -> _Merged | None:
    """Find the fewest merges after which the policy hides nothing."""
    given = table.contributions
    assert given is not None  # it is not protected
    cells = given["cell"].to_numpy(np.int64)
    counts = np.bincount(cells, minlength=int(np.prod(table.interior))).reshape(table.interior)
    flat = tuple(np.arange(d.classes) for d in table.dimensions)
    if _safe(table, flat, policy):
        return _Merged(groups=flat, lost=0, fewest=True, cells=len(table.table))
    ordered = [d.ordered for d in table.dimensions]
    for number, least in enumerate(_LEAST):
        for zeros in (False, True):
            found = fewest_merges(counts, ordered, partial(too_few, minimum=least, zeros=zeros))
            if found is not None and _safe(table, found.groups, policy):
                first = number == 0 and not zeros
                return _proposal(found, first and least == _smallest(table, policy))
    whole = tuple(np.zeros(d.classes, np.int64) for d in table.dimensions)
    if _safe(table, whole, policy):
        return _Merged(
            groups=whole, lost=sum(d.classes - 1 for d in table.dimensions), fewest=False, cells=1
        )
    return None


def _smallest(table: CrossTable, policy: Policy) -> int:
    """Return the smallest count that may stand in a finest cell."""
    crossed = sum(not d.known for d in table.dimensions) > 1 or len(table.dimensions) > 2
    return policy.smallest_count(crossed=crossed)


def _proposal(found: Coarsening, fewest: bool) -> _Merged:
    shape = [n + 1 for n in found.counts.shape if n > 1]
    return _Merged(
        groups=found.groups,
        lost=found.merges,
        fewest=found.fewest and fewest,
        cells=int(np.prod(shape)),
    )


def _safe(table: CrossTable, groups: Sequence[np.ndarray], policy: Policy) -> bool:
    """Say whether nothing of a table with broader classes has to be hidden."""
    if not policy.hides:
        return True
    made = _with_classes(table, groups)
    asked = asked_of(made, shares(made), policy)
    return not (asked.primary | asked.along).any()


def _with_classes(table: CrossTable, groups: Sequence[np.ndarray]) -> CrossTable:
    """Return a table with broader classes, without dimensions of one class."""
    same = all(len(g) == int(g.max()) + 1 for g in groups)
    if same:
        return table
    given = table.contributions
    assert given is not None  # it is not protected
    at = np.unravel_index(given["cell"].to_numpy(np.int64), table.interior)
    axes = [axis for axis, g in enumerate(groups) if g.max() > 0] or [0]
    dimensions = tuple(_dimension(table.dimensions[axis], groups[axis]) for axis in axes)
    codes = tuple(groups[axis][at[axis]] for axis in axes)
    shape = tuple(d.classes for d in dimensions)
    cell = np.ravel_multi_index(codes, shape)
    inner = np.bincount(cell, given["value"], int(np.prod(shape))).reshape(shape)
    if len(axes) == 1 and groups[axes[0]].max() == 0:
        dimensions = (replace(dimensions[0], known=True),)  # one class tells nothing
    return replace(
        table,
        table=pd.DataFrame({"value": cell_table(inner).values}),
        dimensions=dimensions,
        contributions=given.assign(cell=cell),
    )


def _dimension(dimension: Dimension, groups: np.ndarray) -> Dimension:
    members = [np.flatnonzero(groups == g) for g in range(int(groups.max()) + 1)]
    return replace(
        dimension,
        keys=tuple(_JOIN.join(dimension.keys[i] for i in own) for own in members),
        labels=tuple(_joined(dimension, own) for own in members),
        levels=(),
    )


def _joined(dimension: Dimension, own: np.ndarray) -> Text:
    labels = [dimension.labels[i] for i in own]
    return Text(*(_JOIN.join(label.get(lang) for label in labels) for lang in ("de", "en")))


def _words(dimension: Dimension, groups: np.ndarray) -> Text:
    """Say which classes become one."""
    if groups.max() == 0:
        gone = Text("weglassen", "leave out")
        return Text(*(f"{dimension.title.get(lang)}: {gone.get(lang)}" for lang in ("de", "en")))
    numbers = [g for g in range(int(groups.max()) + 1) if (groups == g).sum() > 1]
    named = [_joined(dimension, np.flatnonzero(groups == g)) for g in numbers]
    return Text(
        *(
            f"{dimension.title.get(lang)}: {', '.join(text.get(lang) for text in named)}"
            for lang in ("de", "en")
        )
    )


def _rows(
    number: int, table: CrossTable, policy: Policy, found: _Merged | None
) -> list[dict[str, object]]:
    """Say of each way what it loses."""
    nothing = {"possible": True, "lost": np.nan, "cells": len(table.table), "hidden": np.nan,
               "mean": np.nan, "furthest": np.nan, "fewest": True}  # fmt: skip
    rows = []
    for way in WAYS:
        row = {"table": number, "way": way} | nothing
        if way == "suppress":
            row |= _hidden(table, policy)
        elif way == "merge":
            row |= {"possible": False} if found is None else {
                "lost": found.lost, "cells": found.cells, "hidden": 0, "fewest": found.fewest
            }  # fmt: skip
        elif table.kind == "sum":
            continue
        else:
            row |= _rounded(table, int(way.removeprefix("round_")))
        rows.append(row)
    return rows


def _hidden(table: CrossTable, policy: Policy) -> dict[str, object]:
    if not policy.hides:
        return {"hidden": 0}
    try:
        (safe,) = protect_tables([table], policy, seconds=_SECONDS)
    except DisclosureError:
        return {"possible": False}
    return {"hidden": 0 if safe.protection is None else safe.protection.hidden}


def _rounded(table: CrossTable, base: int) -> dict[str, object]:
    """Round a table with its margins; the mean distance is given to one decimal."""
    levels = {axis: d.levels for axis, d in enumerate(table.dimensions)}
    inner = table.values().reshape(table.shape)[tuple(slice(n) for n in table.interior)]
    try:
        found = controlled_rounding(cell_table(inner, levels), base, seconds=_SECONDS)
    except ValueError:
        return {"possible": False}
    return {"mean": round(found.loss / len(found.values), 1), "furthest": found.furthest}
