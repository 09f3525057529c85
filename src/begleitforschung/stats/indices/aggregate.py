"""All aggregations by name: ``f(x, w, **parameters)`` with one rule for missing values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from begleitforschung.stats.indices.distances import topsis, wroclaw
from begleitforschung.stats.indices.elements import BadCells, Floats, coverage
from begleitforschung.stats.indices.means import (
    arithmetic,
    geometric,
    harmonic,
    minimum,
    power,
)
from begleitforschung.stats.indices.outranking import borda, copeland
from begleitforschung.stats.indices.penalties import ampi, mean_min, mpi, owa

__all__ = [
    "AGGREGATIONS",
    "BadCells",
    "ampi",
    "arithmetic",
    "borda",
    "copeland",
    "coverage",
    "geometric",
    "harmonic",
    "mean_min",
    "minimum",
    "mpi",
    "owa",
    "power",
    "topsis",
    "wroclaw",
]

_FUNCTIONS: dict[str, Callable[..., Floats]] = {
    "ampi": ampi,
    "arithmetic": arithmetic,
    "borda": borda,
    "copeland": copeland,
    "geometric": geometric,
    "harmonic": harmonic,
    "mean_min": mean_min,
    "minimum": minimum,
    "mpi": mpi,
    "owa": owa,
    "power": power,
    "topsis": topsis,
    "wroclaw": wroclaw,
}
AGGREGATIONS: Mapping[str, Callable[..., Floats]] = MappingProxyType(_FUNCTIONS)
