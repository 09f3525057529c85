"""One test of answers between groups: which values it takes, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from begleitforschung.estimation.analytic import in_words
from begleitforschung.estimation.blocks import Block
from begleitforschung.estimation.domains import Domains
from begleitforschung.estimation.figures import item_sample
from begleitforschung.stats import sampling
from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.stats.sampling.estimates import AnyDesign
from begleitforschung.stats.sampling.tables import Statistic as TableStatistic
from begleitforschung.surveys import Design

Method = Literal[
    "rao_scott", "rao_scott_first", "saddlepoint", "wald", "wald_adjusted", "score",
    "mean", "rank", "trend", "trend_rank",
]  # fmt: skip
METHODS: tuple[Method, ...] = get_args(Method)
OF_CODES: dict[str, TableStatistic] = {
    "rao_scott": "F",
    "rao_scott_first": "Chisq",
    "saddlepoint": "saddlepoint",
    "wald": "Wald",
    "wald_adjusted": "adjWald",
    "score": "score",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTest:
    """What a test found.

    Parameters
    ----------
    row : dict
        Figures of the test, keys as the columns of `Significance.table`.
    bases : tuple of (str, int)
        Groups and their cases.
    remark : {"", "constant", "singular"}
        Why there is no figure: one group or answer only, or too few units.
    """

    row: dict[str, Any]
    bases: tuple[tuple[str, int], ...]
    remark: Literal["", "constant", "singular"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """Codes or numbers of the answers, group and place of the group, and the sample."""

    values: Floats
    groups: Ints
    places: Floats
    sample: AnyDesign
    used: Mask


def compared(
    block: Block,
    part: Domains,
    method: str,
    plan: Design,
    *,
    places: Mapping[str, int] | None = None,
    level: float = 0.95,
) -> GroupTest:
    """Test one column of the answers between the groups of one variable.

    Parameters
    ----------
    block : Block
        Codes (as columns of 0 and 1) or numbers.
    part : Domains
        The groups.
    method : str
        One of `METHODS`.
    plan : Design
        How the cases came about.
    places : mapping of str to int, optional
        Place of each group from low to high, for trends; groups without one are left out.
    level : float
        Level of the interval.

    Returns
    -------
    GroupTest
        Figures and bases.

    Raises
    ------
    ValidationError
        If a stratum has one answer of several and the rule is to fail.
    """
    sample, kept = item_sample(plan, block.asked & ~block.answered)
    y, groups = block.values[kept], part.codes[kept]
    silent = np.isnan(y).any(axis=1)
    place = np.array([(places or {}).get(key, np.nan) for key in part.keys] + [np.nan])[groups]
    used = (groups >= 0) & ~silent & (sample.weights > 0)
    used = used if places is None else used & ~np.isnan(place)
    counts = np.bincount(groups[used], minlength=len(part.keys))
    levels = np.flatnonzero(counts)
    numbers = y[:, 0] if y.shape[1] == 1 else np.argmax(np.nan_to_num(y), axis=1)
    bases = tuple((part.keys[at], int(counts[at])) for at in levels)
    n_min = min((base[1] for base in bases), default=0)
    row: dict[str, Any] = {"n": int(used.sum()), "n_min": n_min, "groups": len(bases)}
    if levels.size < 2 or np.unique(numbers[used]).size < 2:
        return GroupTest(row=row, bases=bases, remark="constant")
    case = _Case(
        values=np.where(silent, np.nan, numbers),
        groups=np.where(used, np.searchsorted(levels, groups), -1),
        places=place,
        sample=sample,
        used=used,
    )
    with in_words(plan, kept, block.column):
        try:
            found = _CALLS[method](case, level)
        except sampling.SinglePSUError:
            raise
        except ValueError:  # the data are checked: what is left are too few units for so many cells
            return GroupTest(row=row, bases=bases, remark="singular")
    if levels.size == 2 and method in ("mean", "rank"):
        row |= {"group": part.keys[levels[1]], "against": part.keys[levels[0]]}
    return GroupTest(row=row | _described(found), bases=bases)


def _described(found: sampling.TestResult) -> dict[str, Any]:
    """Return a test as figures of a row; t has one degree of freedom in the numerator."""
    t = not np.isnan(found.estimate)
    name = "t" if t else "X2" if np.isinf(found.ddf) else "F"
    return {
        "statistic": name,
        "value": found.statistic,
        "ndf": 1.0 if t else found.df,
        "ddf": found.df if t else found.ddf,
        "p": found.p,
        "estimate": found.estimate,
        "low": found.lower,
        "high": found.upper,
    }


def _codes(statistic: TableStatistic) -> Callable[[_Case, float], sampling.TestResult]:
    def call(case: _Case, level: float) -> sampling.TestResult:  # noqa: ARG001
        codes = np.where(case.used, np.nan_to_num(case.values), -1).astype(np.int64)
        return sampling.independence(
            codes, case.groups, case.sample, statistic=statistic, where=case.used
        )

    return call


def _means(case: _Case, level: float) -> sampling.TestResult:
    """Two groups by t, more by the F test of a regression on them."""
    count = int(case.groups.max()) + 1
    if count == 2:
        return sampling.difference_test(
            case.values, case.groups, case.sample, where=case.used, level=level
        )
    x = np.column_stack([np.ones(case.groups.size), case.groups[:, None] == np.arange(1, count)])
    found = sampling.regression(case.values, x, case.sample, where=case.used)
    return sampling.joint_test(found, np.arange(1, count))


def _ranks(case: _Case, level: float) -> sampling.TestResult:
    return sampling.rank_test(case.values, case.groups, case.sample, where=case.used, level=level)


def _trend(*, ranks: bool) -> Callable[[_Case, float], sampling.TestResult]:
    def call(case: _Case, level: float) -> sampling.TestResult:
        return sampling.trend_test(
            case.values, case.places, case.sample, ranks=ranks, where=case.used, level=level
        )

    return call


_CALLS: dict[str, Callable[[_Case, float], sampling.TestResult]] = {
    **{method: _codes(statistic) for method, statistic in OF_CODES.items()},
    "mean": _means,
    "rank": _ranks,
    "trend": _trend(ranks=False),
    "trend_rank": _trend(ranks=True),
}
