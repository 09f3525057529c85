"""Composite indices: figures through the steps of a specification to scores, and their analysis.

Every public name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from begleitforschung.composite.analysis_change import index_change as index_change
    from begleitforschung.composite.analysis_change import index_trends as index_trends
    from begleitforschung.composite.analysis_correlations import (
        denominator_correlations as denominator_correlations,
    )
    from begleitforschung.composite.analysis_correlations import (
        index_correlations as index_correlations,
    )
    from begleitforschung.composite.analysis_groups import rank_groups as rank_groups
    from begleitforschung.composite.analysis_rates import funnel as funnel
    from begleitforschung.composite.analysis_rates import stabilise as stabilise
    from begleitforschung.composite.analysis_removal import remove_one as remove_one
    from begleitforschung.composite.analysis_statistics import availability as availability
    from begleitforschung.composite.analysis_statistics import (
        index_statistics as index_statistics,
    )
    from begleitforschung.composite.analysis_structure import importance as importance
    from begleitforschung.composite.analysis_structure import (
        index_components as index_components,
    )
    from begleitforschung.composite.analysis_structure import reliability as reliability
    from begleitforschung.composite.analysis_variants import compare_variants as compare_variants
    from begleitforschung.composite.analysis_variants import what_if as what_if
    from begleitforschung.composite.budget import budget_allocation as budget_allocation
    from begleitforschung.composite.composing import compose as compose
    from begleitforschung.composite.composing import compose_each as compose_each
    from begleitforschung.composite.sensitivity_analysis import sensitivity as sensitivity
    from begleitforschung.composite.sensitivity_choices import Alternatives as Alternatives
    from begleitforschung.composite.sensitivity_choices import NoisyWeights as NoisyWeights
    from begleitforschung.composite.sensitivity_choices import Range as Range
    from begleitforschung.composite.sensitivity_choices import ValueErrors as ValueErrors
    from begleitforschung.composite.transformer_index import CompositeIndex as CompositeIndex
    from begleitforschung.composite.transformer_steps import Aggregator as Aggregator
    from begleitforschung.composite.transformer_steps import IndexImputer as IndexImputer
    from begleitforschung.composite.transformer_steps import Normaliser as Normaliser
    from begleitforschung.composite.transformer_steps import OutlierTreater as OutlierTreater

# Public name -> module of this room.
_PUBLIC = {
    "Aggregator": "transformer_steps",
    "Alternatives": "sensitivity_choices",
    "CompositeIndex": "transformer_index",
    "IndexImputer": "transformer_steps",
    "Normaliser": "transformer_steps",
    "OutlierTreater": "transformer_steps",
    "NoisyWeights": "sensitivity_choices",
    "Range": "sensitivity_choices",
    "ValueErrors": "sensitivity_choices",
    "availability": "analysis_statistics",
    "budget_allocation": "budget",
    "compare_variants": "analysis_variants",
    "compose": "composing",
    "compose_each": "composing",
    "denominator_correlations": "analysis_correlations",
    "funnel": "analysis_rates",
    "importance": "analysis_structure",
    "index_change": "analysis_change",
    "index_components": "analysis_structure",
    "index_correlations": "analysis_correlations",
    "index_statistics": "analysis_statistics",
    "index_trends": "analysis_change",
    "rank_groups": "analysis_groups",
    "reliability": "analysis_structure",
    "remove_one": "analysis_removal",
    "sensitivity": "sensitivity_analysis",
    "stabilise": "analysis_rates",
    "what_if": "analysis_variants",
}

__all__ = [
    "Aggregator",
    "Alternatives",
    "CompositeIndex",
    "IndexImputer",
    "NoisyWeights",
    "Normaliser",
    "OutlierTreater",
    "Range",
    "ValueErrors",
    "availability",
    "budget_allocation",
    "compare_variants",
    "compose",
    "compose_each",
    "denominator_correlations",
    "funnel",
    "importance",
    "index_change",
    "index_components",
    "index_correlations",
    "index_statistics",
    "index_trends",
    "rank_groups",
    "reliability",
    "remove_one",
    "sensitivity",
    "stabilise",
    "what_if",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
