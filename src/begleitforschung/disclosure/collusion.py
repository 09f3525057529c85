"""What recipients of profiles who put their own answers together learn from the published rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.disclosure.choosing import required_policy
from begleitforschung.disclosure.policies import Policy
from begleitforschung.display.numbers import is_missing
from begleitforschung.errors import Finding, ValidationError
from begleitforschung.estimation.domains import chosen, everybody, grouped
from begleitforschung.language import Text
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.estimate_words import SHARES
from begleitforschung.stats.suppression.coalitions import (
    Inferred,
    coalition_shortfalls,
    inferred_amounts,
    inferred_answers,
)
from begleitforschung.surveys import Item, Survey
from begleitforschung.surveys.sample_design import JOIN

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
_SUMS = ("mean", "total", "ratio")
_OF_ALL = "all"
_FINEST = 200  # classes up to which different weights are told apart
_EVEN = 1e-6
_ROUNDED = 0.005  # shares are printed in whole percent, means with two decimals at most


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """One published row: whom it is about, and what their answers count in it."""

    inside: Bools
    statistic: str
    category: str
    group: str
    apart: bool
    counted: bool
    valued: bool


def collusion(
    survey: Survey,
    columns: Sequence[str],
    published: Sequence[Estimate],
    *,
    recipients: Bools,
    size: int,
    known: pd.DataFrame | None = None,
) -> tuple[Finding, ...]:
    """Find answers that recipients who collude work out of published rows.

    Each of them knows his own answers. Everybody is taken to know who answered, and which cases a
    row is about, even where answers decide that. Of items that the policy lets groups agree on, it
    is no finding that all other members of a published group gave one answer.

    Parameters
    ----------
    survey : Survey
        The survey.
    columns : sequence of str
        Columns that profiles tell of.
    published : sequence of Estimate
        Protected estimates, all that is published about these columns.
    recipients : numpy.ndarray of bool, shape (n,)
        Cases that get a profile.
    size : int
        Largest coalition.
    known : pandas.DataFrame of bool, optional
        Answers that were released, see `Releases.mask`.

    Returns
    -------
    tuple of Finding
        Errors name question and group, never answers or recipients; a warning names medians and
        the like, which are not looked at.

    Raises
    ------
    ValidationError
        If a row was not made of these answers.
    """
    found: list[Finding] = []
    masks: dict[tuple[str, str, str], Bools] = {}
    for column in columns:
        policy = required_policy(survey.codebook, [column]).policy
        if not policy.hides:
            continue
        rows = list(_shown(survey, column, published, masks))
        if n := sum(row.statistic not in (*SHARES, *_SUMS) for row in rows):
            found.append(_unseen(column, n))
        secret = survey.answered(column)
        if known is not None and column in known:
            secret = secret & ~known[column].to_numpy()
        item = survey.codebook.item(column)
        used = [row for row in rows if row.statistic in (*SHARES, *_SUMS)]
        look = _of_codes if item.coded else _of_numbers
        found += look(
            survey,
            column,
            used,
            secret,
            recipients,
            size,
            policy,
            _weights(survey, column, published),
        )
    return _once(found)


def _once(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Say what several classes of one group share once, with their number."""
    numbers: dict[Finding, int] = {}
    for item in findings:
        numbers[item] = numbers.get(item, 0) + item.n
    return tuple(replace(item, n=n) for item, n in numbers.items())


def _shown(
    survey: Survey,
    column: str,
    published: Sequence[Estimate],
    masks: dict[tuple[str, str, str], Bools],
) -> Iterator[_Shown]:
    """Yield the visible rows about a column, checked against the answers."""
    answered = survey.answered(column)
    for result in published:
        table = result.table
        rows = table[(table["column"] == column) & (table["suppressed"] == "") & (table["n"] > 0)]
        where = str(result.specification.get("where") or "")
        apart = any(result.specification.get(name) for name in ("weight_by", "denominator"))
        for row in rows.to_dict("records"):
            by, domain = str(row["by"]), str(row["domain"])
            if (by, domain, where) not in masks:
                masks[by, domain, where] = _cases(survey, by, domain, where)
            inside = masks[by, domain, where] & answered
            if int(inside.sum()) != int(row["n"]):
                raise ValidationError(
                    f"{column}, {by} {domain}".strip() + ": the published base is not that of "
                    "this survey; give the survey that the estimates were made of"
                )
            yield _Shown(
                inside=inside,
                statistic=str(row["statistic"]),
                category=str(row["category"]),
                group=f"{by} {domain}".strip() or _OF_ALL,
                apart=apart,
                counted=not is_missing(row["count"]),
                valued=not is_missing(row["estimate"]),
            )


def _cases(survey: Survey, by: str, domain: str, where: str) -> Bools:
    inside = chosen(survey, where or None)
    made = grouped(survey, by.split(JOIN), inside) if by else everybody(survey, inside)
    if domain not in made.keys:
        raise ValidationError(f"the published group {by} {domain!r} is none of this survey")
    return np.asarray(made.codes == made.keys.index(domain))


def _weights(survey: Survey, column: str, published: Sequence[Estimate]) -> Floats:
    """Return what each case weighs in published figures about a column."""
    for result in published:
        for rows in result.published:
            if rows.column == column and len(rows.weights) == len(survey):
                return rows.weights
    return np.ones(len(survey))


def _classes(
    rows: Sequence[_Shown], secret: Bools, weights: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Return the class of each secret answer, those that no row tells apart, and its weight."""
    told = [row.inside[secret].astype(np.float64) for row in rows]
    heavy = np.round(weights[secret] / weights[secret].mean(), 6)
    for factor in (heavy, np.ones(len(heavy))):
        stacked = np.vstack([*told, factor])
        found, place = np.unique(stacked, axis=1, return_inverse=True)
        if found.shape[1] <= _FINEST:
            break
    return place.ravel().astype(np.int64), found[-1]


def _of_codes(
    survey: Survey,
    column: str,
    rows: Sequence[_Shown],
    secret: Bools,
    recipients: Bools,
    size: int,
    policy: Policy,
    weights: Floats,
) -> list[Finding]:
    item = survey.codebook.item(column)
    if not secret.any():
        return []
    classes, heavy = _classes(rows, secret, weights)
    codes = survey.responses[column].cat.codes.to_numpy()[secret]
    shape = len(heavy), len(survey.responses[column].cat.categories)
    counts, members = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    np.add.at(counts, (classes, codes), 1)
    np.add.at(members, (classes, codes), recipients[secret].astype(np.int64))
    inside = _inside(rows, secret, classes, len(heavy))
    size_of = inside @ (heavy * counts.sum(axis=1))  # in weights, as shares are of
    told = [
        (factors, room * size_of[at])
        for at, row in enumerate(rows)
        for factors, room in _told(item, row, inside[at], heavy)
    ]
    matrix = np.array([factors for factors, _ in told]).reshape(-1, *shape)
    slack = np.array([room for _, room in told])
    telling = policy.telling == "all" or (policy.telling == "sensitive" and item.sensitive)
    large = np.array([row.inside.sum() >= policy.min_base for row in rows], np.bool_)
    agreeing = None if telling else inside[large]
    found = inferred_answers(counts, matrix, members, size, agreeing, slack)
    return [_finding(column, one, inside, rows) for one in found]


def _inside(rows: Sequence[_Shown], secret: Bools, classes: NDArray[np.int64], count: int) -> Bools:
    """Say which classes each row is about."""
    found = np.zeros((len(rows), count), np.bool_)
    for at, row in enumerate(rows):
        found[at, classes[row.inside[secret]]] = True
    return found


def _told(
    item: Item, row: _Shown, inside: Bools, weights: Floats
) -> Iterator[tuple[Floats, float]]:
    """Yield what a row adds up, as a count and with its weights, and the room of rounding."""
    scores = _scores(item, row)
    even = bool(np.ptp(weights[inside]) < _EVEN) if inside.any() else True
    if (row.statistic in SHARES and (row.counted or even)) or (
        row.statistic in _SUMS and even and not row.apart
    ):
        yield np.outer(inside, scores), 0.0
    if not even and not row.apart and row.valued:
        yield np.outer(inside * weights, scores), _ROUNDED


def _scores(item: Item, row: _Shown) -> Floats:
    """Return what each code counts in a row; without a score it counts nothing."""
    if item.kind == "multiple":
        return np.array([0.0, 1.0])
    codes = item.answers
    if row.statistic in _SUMS and not row.category:
        return np.array([0.0 if np.isnan(code.score) else code.score for code in codes])
    if row.statistic in ("top2", "bottom2"):
        last = (row.statistic == "top2") == (item.direction == "ascending")
        at = np.arange(len(codes))
        return (at >= len(codes) - 2 if last else at < 2).astype(np.float64)
    return np.array([float(code.code == row.category) for code in codes])


def _of_numbers(
    survey: Survey,
    column: str,
    rows: Sequence[_Shown],
    secret: Bools,
    recipients: Bools,
    size: int,
    policy: Policy,
    weights: Floats,
) -> list[Finding]:
    if not secret.any() or not rows:
        return []
    classes, heavy = _classes(rows, secret, weights)
    sizes = np.bincount(classes, minlength=len(heavy))
    members = np.bincount(classes, recipients[secret], len(heavy)).astype(np.int64)
    inside = _inside(rows, secret, classes, len(heavy))
    found = [
        _finding(column, one, inside, rows)
        for one in inferred_amounts(sizes, inside * heavy, members, size)
    ]
    amounts = np.abs(survey.scores(column)[:, 0])
    for row in rows:
        of = row.inside & secret
        if policy.p_percent is not None and coalition_shortfalls(
            amounts[of], recipients[of], size, policy.p_percent
        ):
            found.append(_estimated(column, row.group, size, policy.p_percent))
    return found


def _finding(column: str, one: Inferred, inside: Bools, rows: Sequence[_Shown]) -> Finding:
    """Name the smallest published group that somebody is found out in."""
    around = [at for at in range(len(rows)) if inside[at, one.group]]
    least = min(around, key=lambda at: int(rows[at].inside.sum()), default=None)
    n = len(one.coalition)
    who = _who(n, Text(f"{n} Kommunen gemeinsam können", f"{n} recipients together can"))
    return Finding(
        rule="feedback.coalition",
        severity="error",
        text=Text(
            f"{who.de} die Antwort einer anderen Kommune ermitteln",
            f"{who.en} work out the answer of another municipality",
        ),
        column=column,
        key=_OF_ALL if least is None else rows[least].group,
    )


def _who(n: int, several: Text) -> Text:
    one = Text("eine Kommune kann", "one recipient can")
    return several if n > 1 else one if n else Text("jeder kann", "everybody can")


def _estimated(column: str, group: str, size: int, percent: float) -> Finding:
    several = Text(f"bis zu {size} Kommunen können gemeinsam", f"up to {size} recipients can")
    who = _who(size, several)
    return Finding(
        rule="feedback.estimate",
        severity="error",
        text=Text(
            f"{who.de} den Betrag einer anderen Kommune auf {percent:g} % genau schätzen",
            f"{who.en} estimate the amount of another municipality to within {percent:g} %",
        ),
        column=column,
        key=group,
    )


def _unseen(column: str, n: int) -> Finding:
    return Finding(
        rule="feedback.not_seen",
        severity="warning",
        text=Text(
            "Mediane und Quantile sind in der Prüfung gegen Absprachen nicht enthalten",
            "medians and quantiles are not part of the audit against collusion",
        ),
        column=column,
        n=n,
    )


def errors_of(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that forbid profiles.

    Parameters
    ----------
    findings : sequence of Finding
        What `collusion` found.

    Returns
    -------
    list of Finding
        Those of severity ``error``.
    """
    return [item for item in findings if item.severity == "error"]
