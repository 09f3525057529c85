"""Cross tables of a survey as estimates of the same sums, to be protected beside others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, product

import numpy as np

from begleitforschung.disclosure.among import named, with_variables
from begleitforschung.disclosure.structure import Bools
from begleitforschung.errors import DisclosureError
from begleitforschung.estimation.domains import grouped
from begleitforschung.estimation.estimate import estimate
from begleitforschung.estimation.figures import item_sample
from begleitforschung.results.cross_table import CrossTable
from begleitforschung.results.estimate import Estimate
from begleitforschung.surveys import Survey
from begleitforschung.surveys.sample_design import JOIN


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StandIn:
    """An estimate that tells some cells of a cross table.

    Parameters
    ----------
    estimate : Estimate
        Not protected.
    cells : tuple of int
        Cell of the cross table by row.
    bases : tuple of int
        Cell that is the base of each row.
    split : bool
        Whether answers decide the bases.
    """

    estimate: Estimate = field(repr=False)
    cells: tuple[int, ...]
    bases: tuple[int, ...]
    split: bool

    def gone(self, hidden: Bools) -> frozenset[int]:
        """Return rows that are hidden where cells are; bases as ``-1 - row``.

        Parameters
        ----------
        hidden : numpy.ndarray of bool
            Hidden cells.

        Returns
        -------
        frozenset of int
            Rows and bases.
        """
        rows = {at for at, cell in enumerate(self.cells) if hidden[cell]}
        bases = {-1 - at for at, cell in enumerate(self.bases) if self.split and hidden[cell]}
        return frozenset(rows | bases)

    def hidden(self, safe: Estimate) -> set[int]:
        """Return the cells that must be hidden as the protected estimate hides them.

        Parameters
        ----------
        safe : Estimate
            The same estimate, protected.

        Returns
        -------
        set of int
            Cells.
        """
        marks = safe.table["suppressed"].ne("").to_numpy()
        found = {cell for cell, gone in zip(self.cells, marks, strict=True) if gone}
        if self.split:
            baseless = safe.table["n"].isna().to_numpy()
            found |= {cell for cell, gone in zip(self.bases, baseless, strict=True) if gone}
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crossed:
    """A cross table that was protected by itself, and the estimates that stand for it.

    Parameters
    ----------
    table : CrossTable
        Protected.
    parts : tuple of StandIn
        Its sums; none where only known variables are counted, or it is public.
    """

    table: CrossTable
    parts: tuple[StandIn, ...]

    @property
    def gone(self) -> dict[int, frozenset[int]]:
        """Hidden rows by identity of the estimate."""
        hidden = np.isnan(self.table.values())
        return {id(part.estimate): part.gone(hidden) for part in self.parts}

    def masked(self, safe: Sequence[Estimate], results: int) -> CrossTable:
        """Return the table without the cells that the estimates hide.

        Parameters
        ----------
        safe : sequence of Estimate
            The estimates that stand for it, protected.
        results : int
            How many results were protected together.

        Returns
        -------
        CrossTable
            Protected.
        """
        table = self.table
        if not self.parts or table.protection is None:
            return table
        hidden = np.isnan(table.values())
        for part, one in zip(self.parts, safe, strict=True):
            hidden[list(part.hidden(one))] = True
        shown = table.table.assign(
            value=np.where(hidden, np.nan, table.values()),
            empty=table.table["empty"].to_numpy(bool) & ~hidden,
            suppressed=np.where(hidden, "hidden", ""),
        ).astype({"suppressed": "str"})
        protection = replace(table.protection, hidden=int(hidden.sum()), results=results)
        return replace(table, table=shown, protection=protection, beside=tuple(safe))


def crossed_of(table: CrossTable, safe: CrossTable) -> Crossed:
    """Return a cross table with the estimates that stand for it.

    Parameters
    ----------
    table : CrossTable
        Not protected.
    safe : CrossTable
        The same, protected by itself.

    Returns
    -------
    Crossed
        Both.

    Raises
    ------
    DisclosureError
        If it is not made of a survey, or can't be expressed as estimates.
    """
    if not safe.protected:
        return Crossed(table=safe, parts=())
    survey = table.origin
    if not isinstance(survey, Survey):
        raise DisclosureError(
            "a cross table of a table of your own and results of a survey don't go into one call: "
            "what they tell together is not audited; protect it in a call of its own"
        )
    _require_plain(table, survey)
    if table.kind == "count" and all(d.known for d in table.dimensions):
        return Crossed(table=safe, parts=())
    codes = [grouped(survey, d.name, None).codes for d in table.dimensions]
    inside = np.logical_and.reduce([own >= 0 for own in codes])
    value = table.specification.get("value")
    if value:
        inside = inside & ~np.isnan(survey.scores(str(value))[:, 0])
    parts = [
        _stand_in(table, survey, levels, inside, codes)
        for levels in _levels(table, counts=value is None)
    ]
    return Crossed(table=safe, parts=tuple(parts))


def _require_plain(table: CrossTable, survey: Survey) -> None:
    """Refuse what estimates can't express: joined answers, weights, answers of the frame."""
    if any(d.levels and not d.known for d in table.dimensions):
        raise DisclosureError(
            "a cross table with groups of answers (groups=) and other results don't go into one "
            "call; leave groups= of questions out, or join the answers before"
        )
    if _weighted(survey):
        raise DisclosureError(
            "cross tables are not weighted: beside weighted results of the same answers they can't "
            "be protected; make them in a call of their own, of another question"
        )
    secret = [d.name for d in table.dimensions if not d.known]
    if strange := [name for name in secret if name not in survey.responses.columns]:
        raise DisclosureError(
            f"{strange[0]} is no column of the answers; a cross table by it and other results "
            "don't go into one call"
        )


def _weighted(survey: Survey) -> bool:
    if survey.design is None:
        return False
    sample, _ = item_sample(survey.design, np.zeros(len(survey), np.bool_))
    return not np.allclose(sample.weights, 1.0)


def _levels(table: CrossTable, *, counts: bool) -> Iterator[tuple[int, ...]]:
    """Yield which level of each dimension cells are of: -1 for its total."""
    secret = [axis for axis, d in enumerate(table.dimensions) if not d.known]
    subsets = chain.from_iterable(combinations(secret, size) for size in range(len(secret) + 1))
    choices = [
        range(-1, len(d.levels) + 1) if d.known else (None,) for d in table.dimensions
    ]  # fmt: skip
    for some in subsets:
        if counts and not some:
            continue
        for made in product(*choices):
            yield tuple(
                (0 if axis in some else -1) if level is None else level
                for axis, level in enumerate(made)
            )


def _stand_in(
    table: CrossTable,
    survey: Survey,
    levels: tuple[int, ...],
    inside: Bools,
    codes: Sequence[np.ndarray],
) -> StandIn:
    used = [axis for axis, level in enumerate(levels) if level >= 0]
    secret = [axis for axis in used if not table.dimensions[axis].known]
    value = table.specification.get("value")
    first = None if value else secret[0]
    column = str(value) if first is None else table.dimensions[first].name
    split = [axis for axis in secret if axis != first]
    known = [axis for axis in used if axis not in secret]
    extra: dict[str, np.ndarray] = {}
    axes: list[int | None] = []
    for axis in known:
        labels = np.where(inside, _labels(table, axis, levels[axis], codes[axis]), "")
        extra[named(labels)] = labels
        axes.append(axis)
    if not known and not (inside == survey.answered(column)).all():
        labels = np.where(inside, "\u2713", "")
        extra[named(labels)] = labels
        axes.append(None)
    by = [*extra, *(table.dimensions[axis].name for axis in split)]
    made = estimate(
        with_variables(survey, extra) if extra else survey,
        column,
        by or None,
        "share" if first is not None else "mean",
        total=not by,
    )
    places = _places(table, made, first, [*axes, *split])
    return StandIn(
        estimate=made,
        cells=tuple(cell for cell, _ in places),
        bases=tuple(base for _, base in places),
        split=bool(split) and first is not None,
    )


def _labels(table: CrossTable, axis: int, level: int, codes: np.ndarray) -> np.ndarray:
    """Return class or group of each case."""
    dimension = table.dimensions[axis]
    at, start = codes.copy(), 0
    for groups in dimension.levels[:level]:
        at = np.where(at >= 0, np.asarray(groups)[np.maximum(at, 0)], -1)
        start += len(groups)
    keys = np.array([*dimension.keys[start:], ""], dtype=object)
    return np.where(at >= 0, keys[np.maximum(at, 0)], "").astype(str)


def _places(
    table: CrossTable, made: Estimate, first: int | None, axes: Sequence[int | None]
) -> list[tuple[int, int]]:
    """Return the cell of each row, and that of its base."""
    totals = [len(d.keys) for d in table.dimensions]
    found = []
    for category, domain in zip(made.table["category"], made.table["domain"], strict=True):
        at = list(totals)
        for axis, key in zip(axes, str(domain).split(JOIN) if axes else (), strict=True):
            if axis is not None:
                at[axis] = table.dimensions[axis].keys.index(key)
        base = int(np.ravel_multi_index(at, table.shape))
        if first is not None:
            at[first] = table.dimensions[first].keys.index(str(category))
        found.append((int(np.ravel_multi_index(at, table.shape)), base))
    return found


def marks_of(
    crossed: Sequence[Crossed], estimates: Sequence[Estimate]
) -> Mapping[int, frozenset[int]]:
    """Return the rows that cross tables hide, by number of the estimate.

    Parameters
    ----------
    crossed : sequence of Crossed
        Cross tables of the call.
    estimates : sequence of Estimate
        All that is protected together.

    Returns
    -------
    mapping of int to frozenset of int
        Rows; bases as ``-1 - row``.
    """
    every = {key: rows for one in crossed for key, rows in one.gone.items()}
    return {at: every[id(one)] for at, one in enumerate(estimates) if id(one) in every}
