"""What the rows of estimates add up: groups of the register, parts by answers, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from begleitforschung.disclosure.bases import bases_of
from begleitforschung.disclosure.positions import BY_HAND
from begleitforschung.disclosure.splitting import (
    Axis,
    axes_of,
    parts_by_state,
    passing,
    secret_variable,
)
from begleitforschung.errors import DisclosureError
from begleitforschung.estimation.domains import Domains, chosen, grouped
from begleitforschung.estimation.figures import item_sample
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.published import Breakdown, ColumnRows, Row, Split
from begleitforschung.surveys import STATUSES, Item, Survey, parse_filter
from begleitforschung.surveys.sample_design import JOIN

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_SUMS = ("share", "top2", "bottom2", "mean", "total", "ratio")
_BOXES = {"top2": True, "bottom2": False}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Secret:
    """What nobody outside may know: the answers behind the rows of one column.

    Parameters
    ----------
    rows : ColumnRows
        What may be known.
    codes : numpy.ndarray of int, shape (n,)
        Answer of each case, -1 for none; all 0 of a number.
    values : numpy.ndarray, shape (n,)
        The numbers; NaN where missing or coded.
    parts : mapping of str to numpy.ndarray of int
        Part of each case by partition; the last part is that of no answer.
    told : mapping of str to numpy.ndarray of int
        Answer of each case to the questions that split groups or decide bases; the number of
        answers where there is none.
    counted_with : numpy.ndarray, shape (n,), optional
        What each case counts with in shares, such as its residents.
    """

    rows: ColumnRows
    codes: Ints = field(repr=False)
    values: Floats = field(repr=False)
    parts: Mapping[str, Ints] = field(repr=False)
    told: Mapping[str, Ints] = field(default_factory=dict, repr=False)
    counted_with: Floats | None = field(default=None, repr=False)

    def only(self, published: frozenset[int]) -> Secret:
        """Return the same with some rows only.

        Parameters
        ----------
        published : frozenset of int
            Rows of the table to keep.

        Returns
        -------
        Secret
            The same answers.
        """
        return replace(self, rows=self.rows.moved({at: at for at in published}))


@dataclass(frozen=True, slots=True)
class _Cut:
    """One group of a breakdown: its part that everybody can tell, and the part by answers."""

    known: Bools
    partition: str
    part: int
    crossed: bool


@dataclass(frozen=True, slots=True)
class _Partition:
    """Parts by answers: how answers make them, and which part each case is in."""

    split: Split
    axes: tuple[Axis, ...]
    parts: Ints


def structure_of(estimate: Estimate, survey: Survey) -> tuple[Secret, ...]:
    """Return what the rows of an estimate add up, column by column.

    Parameters
    ----------
    estimate : Estimate
        Not yet protected.
    survey : Survey
        Its survey.

    Returns
    -------
    tuple of Secret
        One for each column of the answers.

    Raises
    ------
    DisclosureError
        If it was estimated for cases that were given as a mask, whose groups nobody can name.
    """
    if estimate.specification.get("where") == BY_HAND:
        raise DisclosureError(
            "an estimate for cases that were given one by one (where= as a list) can't be "
            'protected, as nobody can tell whom it leaves out; write where= as a filter, "q1 == 2"'
        )
    parts: dict[str, _Partition] = {}
    cuts = {
        (JOIN.join(b.names), key): cut
        for b in estimate.breakdowns
        for key, cut in _cuts(survey, b, estimate.specification.get("where"), parts).items()
    }
    return tuple(_column(estimate, survey, column, cuts, parts) for column in estimate.questions)


def _column(
    estimate: Estimate,
    survey: Survey,
    column: str,
    cuts: Mapping[tuple[str, str], _Cut],
    parts: Mapping[str, _Partition],
) -> Secret:
    item = survey.codebook.item(column)
    answered = survey.answered(column)
    groups: dict[bytes, int] = {}
    rows = _rows(estimate, item, column, cuts, groups)
    n = len(survey)
    members = np.array(
        [np.unpackbits(np.frombuffer(packed, np.uint8))[:n] for packed in groups], np.bool_
    ).reshape(len(groups), n)
    used = {name: parts[name] for name in sorted({row.partition for row in rows} - {""})}
    bases, deciding = bases_of(estimate, survey, column, rows, members)
    axes = {a.variable.name: a for a in (*deciding, *(a for p in used.values() for a in p.axes))}
    known = ColumnRows(
        column=column,
        answers=_answers(item),
        answered=answered,
        groups=members,
        splits={name: partition.split for name, partition in used.items()},
        rows=rows,
        weights=_weights(survey, column),
        variables={name: axis.variable for name, axis in axes.items()},
        bases=bases,
        ranking=item.id if item.kind == "ranking" else "",
    )
    return Secret(
        rows=known,
        codes=_codes(survey, item, column, answered),
        values=np.full(n, np.nan) if item.coded else survey.scores(column)[:, 0],
        parts={name: partition.parts for name, partition in used.items()},
        told={name: axis.codes for name, axis in axes.items()},
        counted_with=_counted_with(estimate, survey, known.weights),
    )


def _rows(
    estimate: Estimate,
    item: Item,
    column: str,
    cuts: Mapping[tuple[str, str], _Cut],
    groups: dict[bytes, int],
) -> tuple[Row, ...]:
    """Return the rows about a column; groups of the register that they need are added."""
    table = estimate.table[estimate.table["column"] == column]
    names = ["statistic", "category", "by", "domain"]
    found = []
    for at, (statistic, category, by, domain) in zip(
        table.index, table[names].itertuples(index=False, name=None), strict=True
    ):
        cut = cuts[by, domain]
        made = Row(
            at=int(at),
            by=str(by),
            group=groups.setdefault(np.packbits(cut.known).tobytes(), len(groups)),
            partition=cut.partition,
            part=cut.part,
            scores=_scores(item, statistic, category) if statistic in _SUMS else (),
            crossed=cut.crossed,
        )
        found.append(made)
    return tuple(found)


def _counted_with(estimate: Estimate, survey: Survey, weights: Floats) -> Floats | None:
    """Return the weight of each case times the number that it counts with."""
    name = estimate.specification.get("weight_by")
    if not name:
        return None
    variables = None if survey.design is None else survey.design.variables
    if variables is not None and name in variables.columns:
        numbers = np.asarray(variables[name], np.float64)
    else:
        numbers = survey.scores(str(name))[:, 0]
    return np.asarray(np.nan_to_num(numbers) * weights)


def _weights(survey: Survey, column: str) -> Floats:
    """Return what each case weighs among those who answered."""
    weights = np.ones(len(survey))
    if survey.design is None:
        return weights
    asked = survey.status[column].to_numpy() != STATUSES.index("not_asked")
    sample, kept = item_sample(survey.design, asked & ~survey.answered(column))
    weights[kept] = sample.weights
    return weights


def _answers(item: Item) -> tuple[str, ...]:
    if not item.coded:
        return ()
    return ("0", "1") if item.kind == "multiple" else tuple(c.code for c in item.answers)


def _codes(survey: Survey, item: Item, column: str, answered: Bools) -> Ints:
    if not item.coded:
        return np.where(answered, 0, -1).astype(np.int64)
    return survey.responses[column].cat.codes.to_numpy().astype(np.int64)


def _scores(item: Item, statistic: str, category: str) -> tuple[float, ...]:
    """Return what each answer counts in a sum; a number counts itself."""
    if not item.coded:
        return (1.0,)
    if item.kind == "multiple":
        return (0.0, 1.0)
    codes = [code.code for code in item.answers]
    if statistic in _BOXES:
        last = _BOXES[statistic] == (item.direction == "ascending")
        box = codes[-2:] if last else codes[:2]
        return tuple(float(code in box) for code in codes)
    if statistic in ("share", "total"):
        return tuple(float(code == category) for code in codes)
    return tuple(code.score for code in item.answers)


def _cuts(
    survey: Survey, breakdown: Breakdown, where: object, parts: dict[str, _Partition]
) -> dict[str, _Cut]:
    """Take each group apart into what the register tells and what only the answers tell."""
    secret = [name for name in breakdown.names if secret_variable(survey, name)]
    known = [name for name in breakdown.names if name not in secret]
    filtered = isinstance(where, str) and where != ""
    by_answers = filtered and any(secret_variable(survey, c) for c in _columns(where))
    inside = chosen(survey, str(where)) if filtered else None
    partition, states, made = _partition(survey, secret, str(where) if by_answers else "", inside)
    if made is not None:
        parts[partition] = made
    filters = [] if by_answers or not filtered else list(_columns(where))
    crossed = bool(partition) or len({*known, *filters}) > 1
    register = grouped(survey, known, None) if known else None
    found = {}
    for key in breakdown.keys:
        pieces = dict(zip(breakdown.names, key.split(JOIN), strict=True)) if breakdown.names else {}
        mask = _register_mask(len(survey), register, JOIN.join(pieces[name] for name in known))
        if inside is not None and not by_answers:
            mask = mask & inside
        state = JOIN.join(pieces[name] for name in secret)
        part = states.index(state) if partition else -1
        found[key] = _Cut(known=mask, partition=partition, part=part, crossed=crossed)
    return found


def _partition(
    survey: Survey, secret: Sequence[str], where: str, inside: Bools | None
) -> tuple[str, list[str], _Partition | None]:
    """Return name and states of a partition by answers, and its parts."""
    name = " & ".join([*secret, *([f"[{where}]"] if where else [])])
    if not name:
        return "", [], None
    states, codes = [""], np.zeros(len(survey), np.int64)
    if secret:
        made = grouped(survey, list(secret), None)
        states, codes = list(made.keys), made.codes.copy()
    filters = [where] if where else []
    if where and inside is not None:
        codes = np.where(inside, codes, -1)
    axes = axes_of(survey, secret, filters)
    part_of = parts_by_state(axes, secret, states)
    part_of[~passing(axes, filters)] = len(states)
    split = Split(
        variables=tuple(axis.variable.name for axis in axes), part_of=part_of, parts=len(states) + 1
    )
    parts = np.where(codes < 0, len(states), codes)
    return name, [*states, "\0"], _Partition(split, axes, parts)


def _register_mask(n: int, register: Domains | None, key: str) -> Bools:
    if register is None:
        return np.ones(n, np.bool_)
    at = register.keys.index(key) if key in register.keys else -2
    return np.asarray(register.codes == at)


def _columns(where: object) -> tuple[str, ...]:
    return parse_filter(str(where)).compared
