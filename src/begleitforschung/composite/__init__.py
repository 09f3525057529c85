"""Composite indices: figures through the steps of a specification to scores."""

from begleitforschung.composite.composing import compose

__all__ = ["compose"]
