"""Groups of the units of an index, its default display where units are many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from begleitforschung.frameworks.index_entries import as_text
from begleitforschung.language import Text
from begleitforschung.results.analysis_groups import RankGroups, grouped_ranks

if TYPE_CHECKING:
    from begleitforschung.results.composite import CompositeResult
    from begleitforschung.results.sensitivity import SensitivityResult

MANY = 100  # units, above which groups are shown instead of single ranks


def groups_of_index(result: CompositeResult, n: int, year: int) -> RankGroups:
    """Put the units of an index in groups.

    Parameters
    ----------
    result : CompositeResult
        The index.
    n : int
        Number of groups.
    year : int
        Year.

    Returns
    -------
    RankGroups
        Units with their groups.
    """
    rows = result.table
    rows = rows[(rows["node"] == result.spec.root) & (rows["year"] == year)]
    ranked = rows.loc[rows["rank"].notna(), ["unit", "score", "rank"]].astype({"unit": "str"})
    return _groups(result, ranked, n, year, len(rows) - len(ranked), as_text(result.spec.title))


def groups_of_sensitivity(result: SensitivityResult, n: int, year: int) -> RankGroups:
    """Put the units of a sensitivity analysis in groups by their median rank.

    Parameters
    ----------
    result : SensitivityResult
        The analysis.
    n : int
        Number of groups.
    year : int
        Year.

    Returns
    -------
    RankGroups
        Units with their groups and rank intervals.
    """
    rows = result.table[result.table["year"] == year]
    ranked = rows.loc[rows["rank"].notna(), ["unit", "score", "rank", "low", "high"]]
    title = as_text(result.specification["index"]["title"])
    return _groups(result, ranked, n, year, len(rows) - len(ranked), title, result.interval)


def _groups(
    result: CompositeResult | SensitivityResult,
    ranked: pd.DataFrame,
    n: int,
    year: int,
    unranked: int,
    title: Text,
    interval: float | None = None,
) -> RankGroups:
    return RankGroups(
        table=grouped_ranks(ranked, n),
        specification={"analysis": "rank_groups", "n": n, "year": year},
        provenance=result.provenance.then("rank_groups", n=n, year=year),
        confidentiality=result.confidentiality,
        protected=result.protected,
        protection=result.protection,
        allow_unprotected=result.allow_unprotected,
        of=result,
        title=title,
        n=n,
        year=year,
        unranked=unranked,
        interval=interval,
        names=result.names,
    )
