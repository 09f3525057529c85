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

__all__ = [
    "QuantileType",
    "count",
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
    "standardised_difference",
    "weighted_mean",
]
