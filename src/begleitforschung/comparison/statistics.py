"""Statistics of each group and its distance to a reference, for each indicator and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.stats import (
    group_counts,
    group_means,
    group_quantiles,
    group_ranges,
    group_sds,
    group_weighted_means,
)

SMALL = 3
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What groups are compared with.

    Parameters
    ----------
    kind : {"all", "rest", "group", "unit"}
        All compared units, all but the group itself, one group, or one unit.
    name : str
        Group or unit; empty for the others.
    values : mapping, optional
        Figure of the unit for each (indicator, year).
    incomparable : tuple of str
        Indicators whose figure of the unit says nothing about the groups.
    """

    kind: str
    name: str = ""
    values: Mapping[tuple[str, int], float] | None = None
    incomparable: tuple[str, ...] = ()


def summarise(
    members: pd.DataFrame, groups: Sequence[str], apart: frozenset[str], reference: Reference
) -> pd.DataFrame:
    """Describe each group and measure its distance to the reference.

    Parameters
    ----------
    members : pandas.DataFrame
        Columns ``group, year, indicator, value, weight, status, basis``, one row per unit.
    groups : sequence of str
        All groups in order; those without units get ``n = 0``.
    apart : frozenset of str
        Groups that are described but neither compared nor part of the reference.
    reference : Reference
        What groups are compared with.

    Returns
    -------
    pandas.DataFrame
        One row per indicator, year and group; the columns are described at
        `begleitforschung.results.comparison.Comparison`.
    """
    grid = members[["indicator", "year"]].drop_duplicates(ignore_index=True)
    cell = _positions(members[["indicator", "year"]], grid)
    code = pd.Index(groups).get_indexer(pd.Index(members["group"]))
    shape = (len(grid), len(groups))
    key = np.where(code >= 0, cell * len(groups) + code, -1)
    value, weight = members["value"].to_numpy(np.float64), members["weight"].to_numpy(np.float64)
    columns = _describe(value, weight, key, shape[0] * shape[1])
    for name, mask in (
        ("partial", members["status"] == "partial"),
        ("surrounding", members["basis"] == "surrounding"),
    ):
        marked = np.where(mask & members["value"].notna(), key, -1)
        columns[name] = group_counts(value, marked, shape[0] * shape[1])[0]
    refs = _references(value, cell, code, shape, groups, apart, reference, grid)
    frame = pd.DataFrame(
        {
            "indicator": np.repeat(grid["indicator"].to_numpy(object), shape[1]),
            "year": np.repeat(grid["year"].to_numpy(), shape[1]),
            "group": np.tile(np.array(groups, dtype=object), shape[0]),
            **columns,
            **{name: array.ravel() for name, array in refs.items()},
        }
    ).astype({"indicator": "str", "group": "str"})
    frame["apart"] = frame["group"].isin(apart)
    frame["small"] = frame["n"] < SMALL
    return _with_differences(frame)


def _describe(
    value: Floats, weight: Floats, key: Ints, size: int
) -> dict[str, NDArray[np.generic]]:
    n, missing = group_counts(value, key, size)
    weighted, _ = group_counts(value * np.where(weight > 0, 1.0, np.nan), key, size)
    quartiles = group_quantiles(value, key, size, [0.25, 0.5, 0.75])
    low, high = group_ranges(value, key, size)
    return {
        "n": n,
        "missing": missing,
        "mean": group_means(value, key, size),
        "weighted_mean": group_weighted_means(value, weight, key, size),
        "n_weighted": weighted,
        "q1": quartiles[:, 0],
        "median": quartiles[:, 1],
        "q3": quartiles[:, 2],
        "sd": group_sds(value, key, size),
        "min": np.where(n >= SMALL, low, np.nan),
        "max": np.where(n >= SMALL, high, np.nan),
    }


def _references(
    value: Floats,
    cell: Ints,
    code: Ints,
    shape: tuple[int, int],
    groups: Sequence[str],
    apart: frozenset[str],
    reference: Reference,
    grid: pd.DataFrame,
) -> dict[str, Floats]:
    """Return n, mean and sd of the reference of each cell and group."""
    found = {
        name: np.full(shape, np.nan) for name in ("reference_n", "reference_mean", "reference_sd")
    }
    if reference.kind == "unit":
        known = reference.values or {}
        keys = zip(grid["indicator"], grid["year"], strict=True)
        mean = np.array([known.get((i, int(y)), np.nan) for i, y in keys])
        found["reference_mean"][:] = mean[:, None]
        found["reference_n"][:] = (~np.isnan(mean)).astype(float)[:, None]
        return found
    compared = (code >= 0) & ~np.isin(code, [groups.index(name) for name in apart])
    named = groups.index(reference.name) if reference.kind == "group" else -1
    for position in range(len(groups)):
        inside = {
            "all": compared,
            "rest": compared & (code != position),
            "group": (code == named) & (code >= 0),
        }[reference.kind]
        key = np.where(inside, cell, -1)
        found["reference_n"][:, position] = group_counts(value, key, shape[0])[0]
        found["reference_mean"][:, position] = group_means(value, key, shape[0])
        found["reference_sd"][:, position] = group_sds(value, key, shape[0])
    return found


def _with_differences(frame: pd.DataFrame) -> pd.DataFrame:
    difference = (frame["mean"] - frame["reference_mean"]).where(~frame["apart"])
    spread = frame["reference_sd"].where(frame["reference_sd"] > 0)
    frame = frame.assign(difference=difference, standardised_difference=difference / spread)
    return frame.astype({"reference_n": "int64"})


def _positions(keys: pd.DataFrame, grid: pd.DataFrame) -> Ints:
    where = pd.MultiIndex.from_frame(grid).get_indexer(pd.MultiIndex.from_frame(keys))
    return np.asarray(where, np.int64)
