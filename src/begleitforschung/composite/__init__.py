"""Composite indices: figures through the steps of a specification to scores."""

from begleitforschung.composite.composing import compose
from begleitforschung.composite.sensitivity_analysis import sensitivity
from begleitforschung.composite.sensitivity_choices import (
    Alternatives,
    NoisyWeights,
    Range,
    ValueErrors,
)

__all__ = ["Alternatives", "NoisyWeights", "Range", "ValueErrors", "compose", "sensitivity"]
