"""Composite indices: figures through the steps of a specification to scores, and their analysis.

Every public name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from begleitforschung.composite.analysis_correlations import (
        denominator_correlations as denominator_correlations,
    )
    from begleitforschung.composite.analysis_correlations import (
        index_correlations as index_correlations,
    )
    from begleitforschung.composite.analysis_statistics import availability as availability
    from begleitforschung.composite.analysis_statistics import (
        index_statistics as index_statistics,
    )
    from begleitforschung.composite.analysis_structure import importance as importance
    from begleitforschung.composite.analysis_structure import (
        index_components as index_components,
    )
    from begleitforschung.composite.analysis_structure import reliability as reliability
    from begleitforschung.composite.composing import compose as compose
    from begleitforschung.composite.sensitivity_analysis import sensitivity as sensitivity
    from begleitforschung.composite.sensitivity_choices import Alternatives as Alternatives
    from begleitforschung.composite.sensitivity_choices import NoisyWeights as NoisyWeights
    from begleitforschung.composite.sensitivity_choices import Range as Range
    from begleitforschung.composite.sensitivity_choices import ValueErrors as ValueErrors

# Public name -> module of this room.
_PUBLIC = {
    "Alternatives": "sensitivity_choices",
    "NoisyWeights": "sensitivity_choices",
    "Range": "sensitivity_choices",
    "ValueErrors": "sensitivity_choices",
    "availability": "analysis_statistics",
    "compose": "composing",
    "denominator_correlations": "analysis_correlations",
    "importance": "analysis_structure",
    "index_components": "analysis_structure",
    "index_correlations": "analysis_correlations",
    "index_statistics": "analysis_statistics",
    "reliability": "analysis_structure",
    "sensitivity": "sensitivity_analysis",
}

__all__ = [
    "Alternatives",
    "NoisyWeights",
    "Range",
    "ValueErrors",
    "availability",
    "compose",
    "denominator_correlations",
    "importance",
    "index_components",
    "index_correlations",
    "index_statistics",
    "reliability",
    "sensitivity",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
