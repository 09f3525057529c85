"""Pure array functions with formula and reference; neither pandas nor YAML.

They raise ValueError where arrays do not fit each other: their callers check what users give.
"""

from begleitforschung.stats.describe import (
    count,
    iqr,
    mean,
    median,
    quartiles,
    sd,
    standardised_difference,
    weighted_mean,
)
from begleitforschung.stats.groups import (
    group_counts,
    group_means,
    group_ranges,
    group_sds,
    group_sums,
    group_weighted_means,
)
from begleitforschung.stats.quantiles import QuantileType, group_quantiles, quantiles
from begleitforschung.stats.shares import chain, follow, share_sums, whole_sources

__all__ = [
    "QuantileType",
    "chain",
    "count",
    "follow",
    "group_counts",
    "group_means",
    "group_quantiles",
    "group_ranges",
    "group_sds",
    "group_sums",
    "group_weighted_means",
    "iqr",
    "mean",
    "median",
    "quantiles",
    "quartiles",
    "sd",
    "share_sums",
    "standardised_difference",
    "weighted_mean",
    "whole_sources",
]
