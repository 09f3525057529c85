"""Scores of an index as tidy tables: ranks, coverage, share of imputed indicators."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.frameworks.index_tree import Tree
from begleitforschung.results.composite_marks import IMPUTED
from begleitforschung.results.composite_stages import Floats, Ints, Stage
from begleitforschung.stats.indices.ranking import competition_ranks


def score_table(
    stage: Stage, tree: Tree, unranked: NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """Return the scores of all nodes.

    Parameters
    ----------
    stage : Stage
        The aggregation.
    tree : Tree
        The tree.
    unranked : numpy.ndarray of bool, shape (rows,), optional
        Rows that have no rank, nor count for the others'.

    Returns
    -------
    pandas.DataFrame
        ``unit, year, node, score, rank, coverage, imputed``, from the root down: rank within the
        year (1 is the best, equal scores share the better rank), shares of the node's indicators
        that have a value, and whose value is imputed.
    """
    first, order = tree.n_indicators, tree.downward
    scores = stage.values[:, order]
    # Counts are whole numbers, which single precision holds exactly.
    below = tree.below()[np.array(order) - first].astype(np.float32)
    size = below.sum(axis=1).astype(np.float64)
    there = ~np.isnan(stage.values[:, :first])
    imputed = there & ((stage.marks & IMPUTED) > 0)
    covered = (there.astype(np.float32) @ below.T) / size
    filled = (imputed.astype(np.float32) @ below.T) / size
    nodes = [tree.ids[place] for place in order]
    rows = len(stage.unit)
    flat = np.repeat(np.arange(len(nodes)), rows)
    columns = {
        "unit": _categories(np.tile(stage.unit, len(nodes)), list(stage.units)),
        "year": np.tile(stage.year, len(nodes)),
        "node": _categories(flat, nodes),
        "score": scores.ravel(order="F"),
        "rank": _nullable(ranks_by_year(scores, stage.year, unranked).ravel(order="F")),
        "coverage": covered.ravel(order="F"),
        "imputed": filled.ravel(order="F"),
    }
    return pd.DataFrame(columns, copy=False)


def ranks_by_year(
    scores: Floats, year: Ints, unranked: NDArray[np.bool_] | None = None, *, exact: bool = False
) -> Ints:
    """Return the rank of each score within its column and year.

    Parameters
    ----------
    scores : numpy.ndarray, shape (rows, columns)
        Scores, NaN where missing.
    year : numpy.ndarray of int64, shape (rows,)
        Years, ascending.
    unranked : numpy.ndarray of bool, shape (rows,), optional
        Rows that have no rank, nor count for the others'.
    exact : bool
        Whether all bits count, as for values of indicators; the last ones of scores are noise.

    Returns
    -------
    numpy.ndarray of int64, shape (rows, columns)
        1 is the largest, equal scores share the better rank; 0 where missing.
    """
    if unranked is not None:
        scores = np.where(unranked[:, None], np.nan, scores)
    found = np.zeros(scores.shape, np.int64, order="F")
    starts = np.concatenate([np.unique(year, return_index=True)[1], [len(year)]])
    for start, end in pairwise(starts):
        found[start:end] = competition_ranks(scores[start:end].T, exact=exact).T
    return found


def rank_frame(stage: Stage, ranks: Ints, columns: list[str]) -> pd.DataFrame:
    """Return ranks as a wide table.

    Parameters
    ----------
    stage : Stage
        Rows.
    ranks : numpy.ndarray of int64, shape (rows, columns)
        Ranks, 0 where missing.
    columns : list of str
        Names.

    Returns
    -------
    pandas.DataFrame
        Index ``unit, year``; whole numbers, missing where there is no score.
    """
    index = pd.MultiIndex.from_arrays([stage.labels, stage.year], names=["unit", "year"])
    data = {name: _nullable(ranks[:, number]) for number, name in enumerate(columns)}
    return pd.DataFrame(data, index=index)


def _nullable(ranks: NDArray[Any]) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(ranks.astype(np.int64, copy=False), ranks == 0)


def _categories(codes: NDArray[Any], names: list[str]) -> pd.Categorical[Any]:
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(names))
