"""Surveys as values: codebook, item, design and the responses; still without content."""
