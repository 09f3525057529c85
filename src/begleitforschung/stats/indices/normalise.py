"""All normalisations by name: ``f(x, *, reference=None, **parameters)``, column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from begleitforschung.stats.indices.columns import Floats, constant_columns, lost_columns
from begleitforschung.stats.indices.linear import ampi, minmax, none, scaled, zscore
from begleitforschung.stats.indices.scales import bands, borda, percentile_rank, rank
from begleitforschung.stats.indices.targets import (
    dist2max,
    dist2ref,
    dist2targ,
    fracmax,
    goalposts,
    reversed_by_maximum,
    reversed_by_target,
)

__all__ = [
    "NORMALISATIONS",
    "ampi",
    "bands",
    "borda",
    "constant_columns",
    "dist2max",
    "dist2ref",
    "dist2targ",
    "fracmax",
    "goalposts",
    "lost_columns",
    "minmax",
    "none",
    "percentile_rank",
    "rank",
    "reversed_by_maximum",
    "reversed_by_target",
    "scaled",
    "zscore",
]

_FUNCTIONS: dict[str, Callable[..., Floats]] = {
    "ampi": ampi,
    "bands": bands,
    "borda": borda,
    "dist2max": dist2max,
    "dist2ref": dist2ref,
    "dist2targ": dist2targ,
    "fracmax": fracmax,
    "goalposts": goalposts,
    "minmax": minmax,
    "none": none,
    "percentile_rank": percentile_rank,
    "rank": rank,
    "scaled": scaled,
    "zscore": zscore,
}
NORMALISATIONS: Mapping[str, Callable[..., Floats]] = MappingProxyType(_FUNCTIONS)
