"""Composite indices: normalise, weight, aggregate, sensitivity; still without content."""
