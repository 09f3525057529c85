"""Changes of one column of the answers between two waves, in all domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from begleitforschung.estimation.analytic import in_words
from begleitforschung.estimation.blocks import Block
from begleitforschung.estimation.domains import Domains
from begleitforschung.estimation.figures import item_sample
from begleitforschung.estimation.linking import Links
from begleitforschung.stats import sampling
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.surveys import Design

_SHARES = ("share", "top2", "bottom2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One wave: values of a column, groups, design.

    Parameters
    ----------
    block : Block
        Values, columns in the order of the answers that both waves have.
    part : Domains
        Groups.
    design : Design
        How the cases came about.
    """

    block: Block
    part: Domains
    design: Design

    @property
    def silent(self) -> Mask:
        """Who was asked and did not answer."""
        return self.block.asked & ~self.block.answered

    def members(self, key: str) -> Mask:
        """Return the cases of a group.

        Parameters
        ----------
        key : str
            The group.

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
            Its cases; none if the wave does not have it.
        """
        at = self.part.keys.index(key) if key in self.part.keys else -2
        return np.asarray(self.part.codes == at)

    def population(self, key: str) -> float:
        """Return the units of a group; NaN where unknown or not all were asked.

        Parameters
        ----------
        key : str
            The group.

        Returns
        -------
        float
            Their number.
        """
        if key not in self.part.keys or (self.members(key) & ~self.block.asked).any():
            return float("nan")
        return float(self.part.population[self.part.keys.index(key)])


def compared_waves(
    before: Side, after: Side, links: Links, statistic: str, key: str, level: float
) -> tuple[list[dict[str, Any]], Mask]:
    """Return the change of each answer between the cross-sections of two waves.

    Parameters
    ----------
    before, after : Side
        The waves.
    links : Links
        Cases that are the same unit.
    statistic : str
        Share, mean or total.
    key : str
        The group.
    level : float
        Level of confidence.

    Returns
    -------
    rows : list of dict
        One for each answer.
    capped : numpy.ndarray of bool
        Where few shared units gave a correlation beyond 1, and 1 was taken.

    Raises
    ------
    ValidationError
        If a stratum has one answer and the rule is to fail, or a design with clusters or replicate
        weights shares units.
    """
    kept: list[Mask] = []
    waves: list[sampling.Wave] = []
    for side in (before, after):
        sample, used = item_sample(side.design, side.silent)
        kept.append(used)
        with in_words(side.design, used, side.block.column):
            where = side.members(key)[used]
            total = statistic == "total"
            waves.append(sampling.wave(side.block.values[used], sample, where=where, total=total))
    with in_words(after.design, kept[1], after.block.column):
        found = sampling.change(waves[0], waves[1], links.within(*kept))
    both = _both(before, after, links, key)
    complete = all(_complete(side, key, int(w.n.max())) for side, w in
                   zip((before, after), waves, strict=True))  # fmt: skip
    columns = {
        "before": waves[0].values,
        "after": waves[1].values,
        "n_before": waves[0].n,
        "n_after": waves[1].n,
        "n_both": np.full(found.values.size, int(both.sum())),
    }
    columns |= _bounds(found, complete=complete, level=level)
    columns |= _hits(before, after, key)
    columns["N"] = np.full(found.values.size, after.population(key))
    return _as_rows(columns), found.capped


def compared_pairs(
    before: Side, after: Side, links: Links, statistic: str, key: str, level: float
) -> list[dict[str, Any]]:
    """Return the change of each answer among the units that answered both times.

    The differences of the pairs are estimated like any answer of the later wave; in a full
    population those who did not answer both times are its non-response.

    Parameters
    ----------
    before, after : Side
        The waves.
    links : Links
        Cases that are the same unit.
    statistic : str
        Share or mean.
    key : str
        The group, as the later wave knows it.
    level : float
        Level of confidence.

    Returns
    -------
    list of dict
        One for each answer.

    Raises
    ------
    ValidationError
        If a stratum has one answer and the rule is to fail.
    """
    earlier = np.full(after.block.values.shape, np.nan)
    earlier[links.second] = before.block.values[links.first]
    asked = after.block.asked.copy()
    asked[links.second] &= before.block.asked[links.first]
    difference = after.block.values - earlier
    paired = ~np.isnan(difference).any(axis=1)
    sample, kept = item_sample(after.design, asked & ~paired)
    where = (after.members(key) & paired)[kept]
    k = difference.shape[1]
    stacked = np.column_stack([earlier, after.block.values, difference])[kept]
    with in_words(after.design, kept, after.block.column):
        made = sampling.means(stacked, sample, where=where)
    n = int(where.sum())
    found = sampling.Change(
        values=made.values[2 * k :],
        variances=np.maximum(np.diag(made.covariance)[2 * k :], 0),
        df=made.df[2 * k :],
        capped=np.zeros(k, dtype=np.bool_),
    )
    size = np.nan if (after.members(key) & ~asked).any() else after.population(key)
    complete = after.design.finite and n == size
    columns = {"before": made.values[:k], "after": made.values[k : 2 * k]}
    columns |= {name: np.full(k, n) for name in ("n_before", "n_after", "n_both")}
    columns |= _bounds(found, complete=complete, level=level)
    columns["N"] = np.full(k, size)
    if statistic in _SHARES:
        moves = difference[after.members(key) & paired]
        columns |= {"risen": (moves > 0).sum(axis=0), "fallen": (moves < 0).sum(axis=0)}
        values = stacked[where]
        columns |= {"count_before": values[:, :k].sum(axis=0)}
        columns |= {"count_after": values[:, k : 2 * k].sum(axis=0)}
        if _exact(after, key) and np.isfinite(size) and n and not complete:
            columns |= _exact_bounds(columns["risen"], columns["fallen"], n, round(size), level)
    return _as_rows(columns)


def _both(before: Side, after: Side, links: Links, key: str) -> Mask:
    """Tell which shared units answered both times and are in the group of the later wave."""
    there = before.block.answered[links.first] & after.block.answered[links.second]
    return np.asarray(there & after.members(key)[links.second])


def _complete(side: Side, key: str, n: int) -> bool:
    return side.design.finite and n == side.population(key)


def _bounds(found: sampling.Change, *, complete: bool, level: float) -> dict[str, np.ndarray]:
    """Return change, error and interval; where all answered there is no error.

    Equal values say nothing about how sure they are, so that there is no interval.
    """
    se = np.sqrt(found.variances)
    half = sampling.critical(level, found.df) * se
    unsure = (se > 0) | complete
    low = np.where(unsure, found.values - (0 if complete else half), np.nan)
    high = np.where(unsure, found.values + (0 if complete else half), np.nan)
    method = np.where(unsure, "complete" if complete else "t", "")
    return {
        "change": found.values,
        "se": se,
        "df": found.df,
        "low": low,
        "high": high,
        "method": method.astype(object),
    }


def _hits(before: Side, after: Side, key: str) -> dict[str, np.ndarray]:
    """Count the cases with each answer; 1 of values that are shares."""
    return {
        name: (side.block.values[side.members(key)] == 1).sum(axis=0)
        for name, side in (("count_before", before), ("count_after", after))
    }


def _exact(side: Side, key: str) -> bool:
    """Say whether those who answered are a random part of the group's units, without weights."""
    sample = side.design.sample
    simple = isinstance(sample, sampling.Design) and sample.stages[0].rows_are_units
    alone = key in side.part.keys and bool(side.part.one_stratum[side.part.keys.index(key)])
    return simple and alone and side.design.finite and side.design.as_drawn


def _exact_bounds(
    risen: np.ndarray, fallen: np.ndarray, n: int, size: int, level: float
) -> dict[str, np.ndarray]:
    """Return bounds of the net change in units of the population.

    Those who rose and those who fell have exact hypergeometric bounds of level 1 - (1 - level) / 2
    each, so that both hold together at the level (Bonferroni): the bounds are rather too wide.
    """
    each = 1 - (1 - level) / 2
    up, down = (
        [sampling.population_count_interval(int(hits), n, size, level=each) for hits in counts]
        for counts in (risen, fallen)
    )
    low = np.array([u[0] - d[1] for u, d in zip(up, down, strict=True)], dtype=np.float64)
    high = np.array([u[1] - d[0] for u, d in zip(up, down, strict=True)], dtype=np.float64)
    return {
        "count_low": low,
        "count_high": high,
        "low": low / size,
        "high": high / size,
        "method": np.full(low.size, "hypergeometric", dtype=object),
    }


def _as_rows(columns: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    size: int = columns["change"].size
    return [{name: values[k] for name, values in columns.items()} for k in range(size)]


def with_answers(block: Block, categories: Sequence[str]) -> Block:
    """Return a block with some answers only, in the order given.

    Parameters
    ----------
    block : Block
        Values of a column.
    categories : sequence of str
        Answers to keep.

    Returns
    -------
    Block
        Their columns.

    Raises
    ------
    ValueError
        If the block lacks an answer.
    """
    at = [block.categories.index(code) for code in categories]
    return Block(
        column=block.column,
        categories=tuple(categories),
        labels=tuple(block.labels[k] for k in at),
        values=block.values[:, at],
        status=block.status,
    )
