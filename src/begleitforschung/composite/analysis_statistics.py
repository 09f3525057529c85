"""Statistics of the indicators at each stage, and how much of the data is there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from begleitforschung.composite.analysis_parts import stage_of
from begleitforschung.results.analysis_base import analysis_of
from begleitforschung.results.analysis_statistics import Availability, IndexStatistics
from begleitforschung.results.composite import CompositeResult
from begleitforschung.stats.indices.overview import column_overview

_SHARES = {"available": "n", "nonzero": "nonzero", "unique": "unique", "same": "same"}


def index_statistics(
    result: CompositeResult,
    stage: str = "raw",
    *,
    min_available: float = 0.65,
    min_nonzero: float = 0.5,
    min_unique: float = 0.5,
    max_skewness: float = 2.0,
    max_kurtosis: float = 3.5,
) -> IndexStatistics:
    """Describe the values of each indicator after one step, and flag what needs attention.

    Parameters
    ----------
    result : CompositeResult
        The index.
    stage : str
        ``"raw"``, or a name of `IndexSpec.stages`; after an aggregation the nodes as well.
    min_available : float
        Least share of units with a value.
    min_nonzero, min_unique : float
        Least shares, among the values there are, of values other than zero and of different ones.
    max_skewness, max_kurtosis : float
        A column is flagged as skewed if both |skewness| and excess kurtosis lie above.

    Returns
    -------
    IndexStatistics
        One row per year and element.

    Raises
    ------
    UnknownCodeError
        If there is no such stage.
    """
    chosen = stage_of(result, stage)
    frames = []
    for year in chosen.years:
        values = chosen.values[chosen.year == year]
        told = column_overview(values)
        counts = {name: told.pop(name).astype(np.int64) for name in _SHARES.values()}
        below = np.maximum(counts["n"], 1)
        shares = {
            f"share_{name}": counts[of] / (len(values) if name == "available" else below)
            for name, of in _SHARES.items()
        }
        flags = {
            "few_values": shares["share_available"] < min_available,
            "many_zeros": shares["share_nonzero"] < min_nonzero,
            "few_different": shares["share_unique"] < min_unique,
            "skewed": (np.abs(told["skewness"]) > max_skewness) & (told["kurtosis"] > max_kurtosis),
        }
        head = {"year": year, "element": list(chosen.columns)}
        frames.append(pd.DataFrame({**head, **told, **counts, **shares, **flags}))
    limits = {
        "min_available": min_available,
        "min_nonzero": min_nonzero,
        "min_unique": min_unique,
        "max_skewness": max_skewness,
        "max_kurtosis": max_kurtosis,
    }
    return IndexStatistics(
        table=pd.concat(frames, ignore_index=True),
        **analysis_of(result, "index_statistics", stage=chosen.name, **limits),
    )


def availability(result: CompositeResult, stage: str = "raw") -> Availability:
    """Count missing values and zeros of each unit, for the index and for each node.

    Parameters
    ----------
    result : CompositeResult
        The index.
    stage : str
        ``"raw"``, or a name of `IndexSpec.stages`.

    Returns
    -------
    Availability
        One row per year, node and unit, the index first.

    Raises
    ------
    UnknownCodeError
        If there is no such stage.
    """
    chosen, tree = stage_of(result, stage), result.spec.tree
    order = [place - tree.n_indicators for place in tree.downward]
    below = tree.below()[order].astype(np.int64)
    values = chosen.values[:, : tree.n_indicators]
    there = (~np.isnan(values)).astype(np.int64) @ below.T
    zeros = (values == 0).astype(np.int64) @ below.T
    size = below.sum(axis=1)
    nodes = [tree.nodes[number] for number in order]
    flat = {"n": there, "missing": size - there, "zeros": zeros}
    frame = pd.DataFrame(
        {
            "unit": np.tile(chosen.labels, len(nodes)),
            "year": np.tile(chosen.year, len(nodes)),
            "node": np.repeat(np.array(nodes, dtype=object), len(values)),
            **{name: counts.ravel(order="F") for name, counts in flat.items()},
        }
    )
    frame["share_available"] = frame["n"] / (frame["n"] + frame["missing"])
    nonzero = (frame["n"] - frame["zeros"]).to_numpy(np.float64)
    held = frame["n"].to_numpy(np.float64)
    frame["share_nonzero"] = np.divide(
        nonzero, held, out=np.full(len(held), np.nan), where=held > 0
    )
    return Availability(table=frame, **analysis_of(result, "availability", stage=chosen.name))
