"""Estimates from a survey and its design: shares, means, tests; still without content."""
